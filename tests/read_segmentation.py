"""What pydicom and highdicom read in a DICOM segmentation, beside the label image that it was made of and the images that it refers to, as JSON.

Usage: read_segmentation.py SEGMENTATION.dcm LABELS.nii.gz SOURCE_FOLDER
"""

import json
import sys

import highdicom
import nibabel
import numpy
import pydicom
from derived_dicom import Sources, lps_to_ras

path, labels_path, source_folder = sys.argv[1:]
made = pydicom.dcmread(path)
sources = Sources(source_folder)

# frame by frame: each voxel of a structure to its place in the world, then to the label image
image = nibabel.load(labels_path)
wanted = numpy.asarray(image.dataobj)
inverse = numpy.linalg.inv(image.affine)
shared = made.SharedFunctionalGroupsSequence[0]
row, column = numpy.reshape(numpy.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float), (2, 3))
row_spacing, column_spacing = (float(x) for x in shared.PixelMeasuresSequence[0].PixelSpacing)
label_of = {int(s.SegmentNumber): int(s.SegmentDescription.split()[1]) for s in made.SegmentSequence}
pixels = made.pixel_array if made.NumberOfFrames > 1 else made.pixel_array[None]
found = numpy.zeros_like(wanted)
for frame, group in zip(pixels, made.PerFrameFunctionalGroupsSequence):
    position = numpy.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    segment = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    rows, columns = numpy.nonzero(frame)
    lps = position + numpy.outer(columns * column_spacing, row) + numpy.outer(rows * row_spacing, column)
    world = lps * [-1, -1, 1]
    ijk = world @ inverse[:3, :3].T + inverse[:3, 3]
    assert numpy.abs(ijk - numpy.round(ijk)).max() < 1e-3
    found[tuple(numpy.round(ijk).astype(int).T)] = label_of[segment]

# the same as one volume, by highdicom's own geometry
volume = highdicom.seg.segread(path).get_volume(combine_segments=True)
overlap = 0
for index in numpy.argwhere(volume.array > 0):
    ijk = inverse @ lps_to_ras @ volume.affine @ [*index, 1]
    overlap += wanted[tuple(numpy.round(ijk[:3]).astype(int))] == label_of[int(volume.array[tuple(index)])]

print(
    json.dumps(
        {
            "labelled": int((wanted > 0).sum()),
            "differing": int((found != wanted).sum()),
            "byHighdicom": int(overlap),
            "structures": [str(segment.SegmentLabel) for segment in made.SegmentSequence],
            "frames": int(made.NumberOfFrames),
            "framesWithSource": sum("DerivationImageSequence" in g for g in made.PerFrameFunctionalGroupsSequence),
            "sourceDistanceMm": sources.distance_mm(made),
            "references": len(made.ReferencedSeriesSequence[0].ReferencedInstanceSequence),
            "sources": len(sources.by_uid),
            "unlikeSource": sources.unlike(made),
        }
    )
)
