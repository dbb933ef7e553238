"""MONAI's residual U-Net with the transforms of its tutorials, trained for a number of minutes, then run over the test scans.

Usage: monai_unet.py TASK.json, as bench/rivals.mjs writes it; prints {steps, trainMs, predictMs, peakBytes}.
"""
import json
import math
import resource
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
import torch
from monai.data import CacheDataset, DataLoader
from monai.inferers import SlidingWindowInferer
from monai.losses import DiceCELoss
from monai.networks.nets import UNet
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    LoadImaged,
    NormalizeIntensityd,
    Rand3DElasticd,
    RandAdjustContrastd,
    RandGaussianNoised,
    RandSpatialCropd,
    SpatialPadd,
)
from monai.utils import set_determinism

task = json.loads(Path(sys.argv[1]).read_text())
patch = task["patch"]
torch.set_num_threads(task["threads"])
set_determinism(task["seed"])

read = [
    LoadImaged(["image", "label"]),
    EnsureChannelFirstd(["image", "label"]),
    NormalizeIntensityd("image"),
    SpatialPadd(["image", "label"], patch),
]
change = [
    Rand3DElasticd(
        ["image", "label"],
        sigma_range=(5, 8),
        magnitude_range=(0, 40),
        prob=0.5,
        rotate_range=(0.26, 0.26, 0.26),
        scale_range=(0.15, 0.15, 0.15),
        mode=("bilinear", "nearest"),
        padding_mode="border",
    ),
    RandSpatialCropd(["image", "label"], patch, random_size=False),
    RandAdjustContrastd("image", prob=0.5, gamma=(0.7, 1.5)),
    RandGaussianNoised("image", prob=0.5, std=0.1),
]
files = [{"image": image, "label": label} for image, label in zip(task["images"], task["labels"])]
loader = DataLoader(CacheDataset(files, Compose(read + change), progress=False), batch_size=2, shuffle=True)
net = UNet(3, 1, task["classes"], channels=(16, 32, 64, 128), strides=(2, 2, 2), num_res_units=2, norm="instance")
loss_of = DiceCELoss(to_onehot_y=True, softmax=True)
optimiser = torch.optim.AdamW(net.parameters(), 1e-3)

started = time.monotonic()
seconds = 60 * task["minutes"]
steps = 0
while time.monotonic() - started < seconds:
    for batch in loader:
        share = (time.monotonic() - started) / seconds
        if share >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * 0.5 * (1 + math.cos(math.pi * share))
        optimiser.zero_grad()
        loss_of(net(batch["image"].as_tensor()), batch["label"].as_tensor()).backward()
        optimiser.step()
        steps += 1
trained = time.monotonic()

net.eval()
infer = SlidingWindowInferer(patch, sw_batch_size=2, overlap=0.5, mode="gaussian")
normalise = NormalizeIntensityd("image")
with torch.no_grad():
    for path in task["testImages"]:
        image = nibabel.load(path)
        values = normalise({"image": torch.from_numpy(np.asarray(image.dataobj, np.float32))[None]})["image"]
        labels = infer(torch.as_tensor(values)[None], net).argmax(1)[0].numpy().astype(np.uint8)
        nibabel.save(nibabel.Nifti1Image(labels, image.affine), Path(task["out"]) / Path(path).name)
print(
    json.dumps(
        {
            "steps": steps,
            "trainMs": 1000 * (trained - started),
            "predictMs": 1000 * (time.monotonic() - trained),
            "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
    )
)
