"""What pydicom and highdicom read in a DICOM parametric map, beside the image that it was made of and the images that it refers to, as JSON.

Usage: read_parametric_map.py MAP.dcm IMAGE.nii.gz SOURCE_FOLDER
"""

import json
import sys

import highdicom
import nibabel
import numpy
import pydicom
from derived_dicom import Sources, lps_to_ras

path, image_path, source_folder = sys.argv[1:]
made = pydicom.dcmread(path)
sources = Sources(source_folder)
image = nibabel.load(image_path)
wanted = numpy.asarray(image.dataobj, numpy.float32)
inverse = numpy.linalg.inv(image.affine)


def differing(values, places):
    """Of values at voxel places of the image."""
    assert numpy.abs(places - numpy.round(places)).max() < 1e-3
    return int((wanted[tuple(numpy.round(places).astype(int).T)] != values).sum())


# frame by frame, each voxel to its place in the world
shared = made.SharedFunctionalGroupsSequence[0]
row, column = numpy.reshape(numpy.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float), (2, 3))
row_spacing, column_spacing = (float(x) for x in shared.PixelMeasuresSequence[0].PixelSpacing)
rows, columns = (index.ravel() for index in numpy.mgrid[: made.Rows, : made.Columns])
wrong = 0
for frame, group in zip(made.pixel_array, made.PerFrameFunctionalGroupsSequence):
    position = numpy.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
    lps = position + numpy.outer(columns * column_spacing, row) + numpy.outer(rows * row_spacing, column)
    world = lps * [-1, -1, 1]
    wrong += differing(frame.ravel(), world @ inverse[:3, :3].T + inverse[:3, 3])

# the same as one volume, by highdicom's own geometry and value mapping
volume = highdicom.imread(path).get_volume(apply_real_world_transform=True)
indices = numpy.array(list(numpy.ndindex(*volume.array.shape)))
places = (inverse @ lps_to_ras @ volume.affine @ numpy.c_[indices, numpy.ones(len(indices))].T)[:3].T
mapping = shared.RealWorldValueMappingSequence[0]
print(
    json.dumps(
        {
            "values": int(wanted.size),
            "largest": float(wanted.max()),
            "differing": wrong,
            "byHighdicom": int(wanted.size) - differing(volume.array.ravel().astype(numpy.float32), places),
            "unit": str(mapping.MeasurementUnitsCodeSequence[0].CodeValue),
            "quantity": str(mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0].CodeMeaning),
            "mapped": [mapping.DoubleFloatRealWorldValueFirstValueMapped, mapping.DoubleFloatRealWorldValueLastValueMapped],
            "sourceDistanceMm": sources.distance_mm(made),
            "unlikeSource": sources.unlike(made),
        }
    )
)
