"""Independent readers and writers for imaging-peers.test.ts: nibabel and SimpleITK.

Usage: imaging_peers.py FOLDER [SCAN ...]. Reads every image in FOLDER/ours, writes images into FOLDER/theirs, and
reads the SCANs. FOLDER/answers.json lists, for each, who read it, its affine (RAS+ mm), its shape, and the file with its
values (float64, first axis fastest).
"""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

folder = Path(sys.argv[1])
ours, theirs = folder / "ours", folder / "theirs"
answers = []


def answer(path, reader, affine, values, pair=None):
    dump = folder / f"{len(answers)}.f64"
    np.asarray(values, dtype="<f8").ravel(order="F").tofile(dump)
    answers.append(
        {
            "path": str(path),
            "pair": str(pair) if pair else None,
            "reader": reader,
            "affine": np.asarray(affine, dtype=float)[:3].tolist(),
            "shape": list(values.shape),
            "values": str(dump),
        }
    )


def read_nibabel(path, pair=None):
    image = nib.load(path)
    answer(path, "nibabel", image.affine, np.asanyarray(image.dataobj), pair)


def read_itk(path, pair=None):
    image = sitk.ReadImage(str(path))
    values = sitk.GetArrayFromImage(image)  # [k, j, i] or [k, j, i, component]
    many = image.GetNumberOfComponentsPerPixel() > 1
    values = values.transpose(2, 1, 0, 3) if many else values.T
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    answer(path, "SimpleITK", np.diag([-1, -1, 1, 1]) @ affine, values, pair)


def rotation(degrees, flip):
    a, b, c = np.radians(degrees)
    x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
    y = [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
    z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
    return np.array(x) @ np.array(y) @ np.array(z) @ np.diag([-1 if flip else 1, 1, 1])


def affine_of(degrees, flip):
    affine = np.eye(4)
    affine[:3, :3] = rotation(degrees, flip) * [1.0, 1.5, 2.25]
    affine[:3, 3] = [-31.5, 12.25, 7]
    return affine


def values_of(dtype, shape):
    kind = np.dtype(dtype)
    count = int(np.prod(shape))
    low = 0 if kind.kind == "u" else -count // 2
    values = (np.arange(count) + low) % 120 if kind.itemsize == 1 else (np.arange(count) + low) * 7
    return (values / 4 if kind.kind == "f" else values).astype(kind).reshape(shape)


types = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
oblique = affine_of([10, -25, 40], False)


def write_nibabel():
    for version, header_class, image_class, pair_class in [
        (1, nib.Nifti1Header, nib.Nifti1Image, nib.Nifti1Pair),
        (2, nib.Nifti2Header, nib.Nifti2Image, nib.Nifti2Pair),
    ]:
        for endianness in "<>":
            for dtype in types:
                data = values_of(dtype, (5, 4, 3))
                header = header_class(endianness=endianness)
                header.set_data_dtype(dtype)
                end = "little" if endianness == "<" else "big"
                path = theirs / f"{version}-{end}-{dtype}.nii{'.gz' if dtype == 'i2' else ''}"
                image_class(data, oblique, header, dtype=dtype).to_filename(path)
                read_nibabel(path)
            header = header_class(endianness=endianness)
            path = theirs / f"{version}-{end}-pair.hdr"
            pair_class(values_of("i2", (5, 4, 3)), oblique, header).to_filename(path)
            read_nibabel(path, path.with_suffix(".img"))
            header = header_class(endianness=endianness)
            header.set_data_dtype("i2")
            header.set_slope_inter(0.125, -3)
            path = theirs / f"{version}-{end}-slope.nii.gz"
            image_class(values_of("i2", (5, 4, 3)) * 0.125 - 3, oblique, header).to_filename(path)
            read_nibabel(path)
        path = theirs / f"{version}-4d.nii.gz"
        image_class(values_of("f4", (5, 4, 3, 6)), oblique).to_filename(path)
        read_nibabel(path)
    for n, degrees in enumerate([[0, 0, 0], [180, 0, 0], [0, 180, 0], [0, 0, 180], [90, 0, 90], [33, -70, 120]]):
        for flip in [False, True]:
            image = nib.Nifti1Image(values_of("i2", (5, 4, 3)), None)
            image.set_qform(affine_of(degrees, flip), 1)
            path = theirs / f"qform-{n}-{flip}.nii"
            image.to_filename(path)
            read_nibabel(path)
    for unit in ["meter", "mm", "micron"]:
        image = nib.Nifti1Image(values_of("i2", (5, 4, 3)), affine_of([0, 0, 90], True))
        image.set_qform(image.affine, 1)
        image.header.set_xyzt_units(unit)
        path = theirs / f"unit-{unit}.nii"
        image.to_filename(path)
        read_itk(path)


def itk_image(dtype, components):
    many = components > 1
    data = values_of(dtype, (3, 4, 5, components) if many else (3, 4, 5))
    image = sitk.GetImageFromArray(data, isVector=many)
    image.SetSpacing([1.0, 1.5, 2.25])
    image.SetDirection(rotation([10, -25, 40], False).ravel().tolist())
    image.SetOrigin([3.5, -4, 5])
    return image


def write_itk():
    for dtype in types:
        for compressed in [False, True]:
            path = theirs / f"itk-{dtype}-{compressed}.nrrd"
            sitk.WriteImage(itk_image(dtype, 1), str(path), useCompression=compressed)
            read_itk(path)
    path = theirs / "itk-vector.nrrd"
    sitk.WriteImage(itk_image("f4", 3), str(path))
    read_itk(path)
    for suffix, compressed in [("raw", False), ("raw.gz", True)]:
        path = theirs / f"itk-detached-{compressed}.nhdr"
        sitk.WriteImage(itk_image("i2", 1), str(path), useCompression=compressed)
        read_itk(path, path.with_suffix(f".{suffix}"))
    path = theirs / "itk.nii.gz"
    sitk.WriteImage(itk_image("f4", 1), str(path))
    read_itk(path)


theirs.mkdir()
for path in sorted(ours.iterdir()):
    if ".nii" in path.name:
        read_nibabel(path)
    if path.suffix in [".nrrd", ".nhdr"] or "-3d.nii" in path.name:
        read_itk(path)
write_nibabel()
write_itk()
for scan in sys.argv[2:]:
    read_nibabel(Path(scan))
(folder / "answers.json").write_text(json.dumps(answers))
