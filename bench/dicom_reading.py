"""Peers of bench/dicom-reading.mjs.

make FOLDER SLICE COUNT: writes a series of slices made of one real CT slice. read FOLDER READER: reads them once more than timed, prints milliseconds on the clock, those of the processor, and the sum of the values.
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
    started, used = time.perf_counter(), time.process_time()
    values = read(folder)
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    print(round(1000 * elapsed), round(1000 * used), int(values.astype(numpy.int64).sum()))
