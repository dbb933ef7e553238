"""Compares volumes that Fewscan made of DICOM (NIfTI files listed in a JSON) with independent readers; prints the list with differences.

Each entry has `ours`, and either `reference` (a NIfTI file) with `index` along its fourth axis, or `files` (the series' DICOM files, read by SimpleITK).
"""

import json
import sys

import nibabel
import numpy
import SimpleITK


def as_canonical(image):
    image = nibabel.as_closest_canonical(image)
    return numpy.asarray(image.dataobj), image.affine


def differences(ours, theirs):
    (values, affine), (other, other_affine) = ours, theirs
    if values.shape != other.shape:
        return {"shapes": [values.shape, other.shape]}
    return {
        "affineMm": float(numpy.abs(affine - other_affine).max()),
        "voxels": float(numpy.abs(values.astype(float) - other.astype(float)).max()),
    }


def by_simpleitk(files):
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(files)
    image = reader.Execute() if len(files) > 1 else SimpleITK.ReadImage(files[0])
    values = SimpleITK.GetArrayFromImage(image).transpose(2, 1, 0)
    lps = numpy.eye(4)
    lps[:3, :3] = numpy.array(image.GetDirection()).reshape(3, 3) * numpy.array(image.GetSpacing())
    lps[:3, 3] = image.GetOrigin()
    return as_canonical(nibabel.Nifti1Image(values.astype(float), numpy.diag([-1, -1, 1, 1]) @ lps))


entries = json.load(open(sys.argv[1]))
for entry in entries:
    ours = as_canonical(nibabel.load(entry["ours"]))
    if "reference" in entry:
        image = nibabel.load(entry["reference"])
        values, affine = as_canonical(image)
        theirs = (values[..., entry["index"]] if values.ndim == 4 else values, affine)
    else:
        theirs = by_simpleitk(entry["files"])
    entry["difference"] = differences(ours, theirs)
json.dump(entries, sys.stdout)
