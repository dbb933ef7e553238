"""Scans with three known marks, and where painted labels are.

Usage: orientation_marks.py write FOLDER   writes left-handed.nii.gz, oblique.nii.gz and marks.json
       orientation_marks.py read LABELS    prints the world position (RAS mm) of the middle of the labelled voxels
"""

import json
import pathlib
import sys

import nibabel
import numpy

shape = (44, 52, 40)
middle = numpy.array([12.0, -20.0, 31.0])  # of the scan, mm
# one mark in each plane through the middle: (R, A, S) from there
marks = {"axial": [11, 9, 0], "sagittal": [0, -12, 8], "coronal": [-10, 0, -9]}


def turned(degrees):
    a, b = numpy.radians(degrees), numpy.radians(degrees / 2)
    about_z = [[numpy.cos(a), -numpy.sin(a), 0], [numpy.sin(a), numpy.cos(a), 0], [0, 0, 1]]
    about_x = [[1, 0, 0], [0, numpy.cos(b), -numpy.sin(b)], [0, numpy.sin(b), numpy.cos(b)]]
    return numpy.array(about_z) @ numpy.array(about_x)


def scan(axes):
    affine = numpy.eye(4)
    affine[:3, :3] = axes
    affine[:3, 3] = middle - axes @ ((numpy.array(shape) - 1) / 2)
    voxel = numpy.stack(numpy.meshgrid(*map(numpy.arange, shape), indexing="ij"), -1)
    world = voxel @ axes.T + affine[:3, 3]
    values = numpy.random.default_rng(0).integers(80, 120, shape)
    for offset in marks.values():
        values[numpy.linalg.norm(world - (middle + offset), axis=-1) < 3.2] = 1000
    return nibabel.Nifti1Image(values.astype(numpy.int16), affine)


if sys.argv[1] == "write":
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    spacing = numpy.diag([1.1, 0.9, 1.3])
    nibabel.save(scan(numpy.diag([-1.0, 1, 1]) @ spacing), folder / "left-handed.nii.gz")
    nibabel.save(scan(turned(17) @ spacing), folder / "oblique.nii.gz")
    with open(folder / "marks.json", "w") as file:
        json.dump({plane: (middle + offset).tolist() for plane, offset in marks.items()}, file)
else:
    labels = nibabel.load(sys.argv[2])
    voxels = numpy.argwhere(numpy.asarray(labels.dataobj) > 0)
    print(json.dumps({"count": len(voxels), "middle": nibabel.affines.apply_affine(labels.affine, voxels.mean(0)).tolist() if len(voxels) else None}))
