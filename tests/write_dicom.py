"""Writes a scan as NIfTI of whole numbers and as DICOM, straight and oblique: `straight.nii.gz`, `straight-classic/` (a file a slice in
shuffled order), `straight-enhanced/` (one multi-frame file), and the same of `oblique`.

Usage: write_dicom.py SCAN.nii.gz FOLDER
"""

import pathlib
import sys

import nibabel
import numpy
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

classic_class = "1.2.840.10008.5.1.4.1.1.4"
enhanced_class = "1.2.840.10008.5.1.4.1.1.4.1"


def text(values):
    return [f"{value:.10g}" for value in values]


def base(sop_class, uid, shape):
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid(entropy_srcs=[uid])
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=["series", sop_class])
    dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=["frame"])
    dataset.Modality = "MR"
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName, dataset.PatientID = "Müller^Jörg", "0"
    dataset.PatientBirthDate, dataset.PatientSex = "19490321", "O"
    dataset.StudyID, dataset.StudyDate, dataset.StudyTime = "12", "20260102", "030405"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "A-7", "Ærlig^Åse"
    dataset.SeriesNumber = 3
    dataset.Columns, dataset.Rows = shape[0], shape[1]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    return dataset


def item(**attributes):
    dataset = Dataset()
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def write(voxels, affine, out, kind):
    lps = numpy.diag([-1, -1, 1, 1]) @ affine
    spacing = numpy.linalg.norm(lps[:3, :3], axis=0)
    unit = lps[:3, :3] / spacing
    orientation = text([*unit[:, 0], *unit[:, 1]])
    pixel_spacing = text([spacing[1], spacing[0]])
    positions = [text((lps @ [0, 0, k, 1])[:3]) for k in range(voxels.shape[2])]
    slices = [voxels[:, :, k].T.tobytes() for k in range(voxels.shape[2])]
    out.mkdir(parents=True)
    order = numpy.random.default_rng(0).permutation(len(slices))
    if kind == "classic":
        for n, k in enumerate(order):
            dataset = base(classic_class, f"slice {k}", voxels.shape)
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
            dataset.ImagePositionPatient, dataset.ImageOrientationPatient = positions[k], orientation
            dataset.PixelSpacing, dataset.SliceThickness = pixel_spacing, text([spacing[2]])[0]
            dataset.InstanceNumber = int(n + 1)
            dataset.PixelData = slices[k]
            dataset.save_as(out / f"{n:04d}", enforce_file_format=True)
        return
    dataset = base(enhanced_class, "volume", voxels.shape)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    dataset.NumberOfFrames = len(slices)
    shared = Dataset()
    shared.PlaneOrientationSequence = Sequence([item(ImageOrientationPatient=orientation)])
    shared.PixelMeasuresSequence = Sequence([item(PixelSpacing=pixel_spacing, SliceThickness=text([spacing[2]])[0])])
    shared.PixelValueTransformationSequence = Sequence([item(RescaleSlope="1", RescaleIntercept="0", RescaleType="US")])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for k in order:
        position = item(ImagePositionPatient=positions[k])
        content = item(StackID="1", InStackPositionNumber=int(k + 1))
        frames.append(item(PlanePositionSequence=Sequence([position]), FrameContentSequence=Sequence([content])))
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.PixelData = b"".join(slices[k] for k in order)
    dataset.save_as(out / "volume.dcm", enforce_file_format=True)


def turned(affine, degrees):
    """The affine turned about all three axes of the world."""
    for axis in range(3):
        angle = numpy.radians(degrees)
        turn = numpy.eye(4)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turn[a, a] = turn[b, b] = numpy.cos(angle)
        turn[a, b], turn[b, a] = -numpy.sin(angle), numpy.sin(angle)
        affine = turn @ affine
    return affine


scan, folder = sys.argv[1:]
image = nibabel.load(scan)
whole = numpy.rint(numpy.asarray(image.dataobj)).astype("<u2")
for name, affine in ("straight", image.affine), ("oblique", turned(image.affine, 7)):
    nifti = nibabel.Nifti1Image(whole, affine)
    nifti.header.set_xyzt_units("mm")
    nibabel.save(nifti, pathlib.Path(folder) / f"{name}.nii.gz")
    for kind in "classic", "enhanced":
        write(whole, affine, pathlib.Path(folder) / f"{name}-{kind}", kind)
