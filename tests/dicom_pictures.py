"""Colours of DICOM files by SimpleITK, or by pydicom where samples have more than 8 bits, which SimpleITK 2 mixes up.

dicom_pictures.py LIST: LIST is JSON, [{"file": DICOM file, "planes": raw file of our red, green and blue planes, picture by picture}].
Prints each with the greatest difference of a value.
"""

import json
import pathlib
import sys

import numpy
import pydicom
import SimpleITK


def by_simpleitk(file):
    return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(file))


def by_pydicom(file):
    return pydicom.dcmread(file, force=True).pixel_array


def greatest_difference(read, file, planes):
    header = pydicom.dcmread(file, stop_before_pixels=True, force=True)
    ours = numpy.fromfile(planes, numpy.uint8).reshape((-1, 3, header.Rows, header.Columns)).transpose(0, 2, 3, 1)
    values = read(file)
    is_palette = header.PhotometricInterpretation == "PALETTE COLOR"
    bits = 8 * values.dtype.itemsize if is_palette else header.BitsStored
    theirs = values.reshape((-1, *values.shape[-3:])).astype(numpy.int64) >> max(0, bits - 8)
    if theirs.shape != ours.shape:
        raise ValueError(f"{theirs.shape} against {ours.shape}")
    return int(numpy.abs(theirs - ours).max())


entries = json.loads(pathlib.Path(sys.argv[1]).read_text())
for entry in entries:
    header = pydicom.dcmread(entry["file"], stop_before_pixels=True, force=True)
    read = by_pydicom if header.SamplesPerPixel == 3 and header.BitsAllocated > 8 else by_simpleitk
    entry["most"] = greatest_difference(read, entry["file"], entry["planes"])
print(json.dumps(entries))
