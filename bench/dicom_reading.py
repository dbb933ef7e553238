"""Peers of bench/dicom-reading.mjs.

make FOLDER SLICE COUNT: writes a series of slices made of one real CT slice. read FOLDER READER: reads them once more than timed, prints milliseconds.
"""

import pathlib
import sys
import time

import numpy
import pydicom


def make(folder, source, count):
    dataset = pydicom.dcmread(source)
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.9.1"
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    pixels = dataset.pixel_array
    folder.mkdir(parents=True)
    for k in range(count):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.9.1.{k + 1}"
        dataset.ImagePositionPatient = [-200, -200, 1.5 * k]
        dataset.InstanceNumber = k + 1
        dataset.PixelData = numpy.roll(pixels, k, axis=0).tobytes()
        dataset.save_as(folder / f"{k:05d}.dcm")


def by_simpleitk(folder):
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return SimpleITK.GetArrayFromImage(reader.Execute())


def by_pydicom(folder):
    slices = [pydicom.dcmread(path) for path in folder.iterdir()]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    rescaled = [one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept) for one in slices]
    return numpy.stack(rescaled).astype(numpy.int16)


verb, folder, what = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
if verb == "make":
    make(folder, what, int(sys.argv[4]))
else:
    read = {"SimpleITK": by_simpleitk, "pydicom": by_pydicom}[what]
    read(folder)
    started = time.perf_counter()
    values = read(folder)
    print(round(1000 * (time.perf_counter() - started)), int(values.astype(numpy.int64).sum()))
