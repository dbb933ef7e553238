"""Writes tests/references/unet-two-steps.json: two Adam steps of the short residual U-Net in PyTorch.

Weights, image and labels come from formulas that the test repeats, so only results are stored.
Run: python scripts/make-unet-reference.py   (needs torch)
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
CHANNELS, BLOCKS, CLASSES, SIZE, RATE = [16, 32, 32, 64], [2, 2, 2], 3, (16, 24, 16), 1e-3


def layers():
    cubes, points, number = [("input", 1, CHANNELS[0], 3)], [], 0
    for level, count in enumerate(BLOCKS, start=1):
        for n in range(count):
            number += 1
            first = CHANNELS[level - 1] if n == 0 else CHANNELS[level]
            cubes += [(f"down-{number}/conv-1", first, CHANNELS[level], 3), (f"down-{number}/conv-2", CHANNELS[level], CHANNELS[level], 3)]
            if n == 0:
                points.append((f"down-{number}/shortcut", first, CHANNELS[level], 1))
    for number in (1, 2, 3):
        level = 3 - number
        points.append((f"up-{number}/reduce", CHANNELS[level + 1], CHANNELS[level], 1))
        cubes += [(f"up-{number}/conv-{c}", CHANNELS[level], CHANNELS[level], 3) for c in (1, 2)]
    return cubes + points + [("head", CHANNELS[0], CLASSES, 1)]


def filter_of(place, inside, outside, k):
    n = torch.arange(k**3 * inside * outside)
    values = torch.sin(0.7 * n + place) * math.sqrt(2 / (k**3 * inside)) * math.sqrt(2)
    # stored order is [k, k, k, in, out]; PyTorch wants [out, in, k, k, k]
    return values.reshape(k, k, k, inside, outside).permute(4, 3, 0, 1, 2).contiguous().requires_grad_()


def conv(x, w, stride):
    k = w.shape[-1]
    if k == 1:
        return F.conv3d(x, w, stride=stride)
    if stride == 1:
        return F.conv3d(x, w, padding=1)
    return F.conv3d(F.pad(x, (0, 1, 0, 1, 0, 1)), w, stride=2)  # even sides: the odd voxel of padding comes last


def forward(w, image):
    block = lambda name, x, stride=1: conv(F.relu(F.instance_norm(x, eps=1e-5)), w[name], stride)
    x, skips, number = conv(image, w["input"], 1), [], 0
    for count in BLOCKS:
        for n in range(count):
            number += 1
            name = f"down-{number}"
            if n == 0:
                skips.append(x)
            stride = 2 if n == 0 else 1
            inner = block(f"{name}/conv-2", block(f"{name}/conv-1", x, stride))
            x = inner + (block(f"{name}/shortcut", x, 2) if n == 0 else x)
    for number in (1, 2, 3):
        reduced = F.interpolate(block(f"up-{number}/reduce", x), scale_factor=2, mode="trilinear", align_corners=False)
        merged = reduced + skips.pop()
        x = block(f"up-{number}/conv-2", block(f"up-{number}/conv-1", merged)) + merged
    return conv(x, w["head"], 1)


def loss_of(logits, labels):
    log_p = F.log_softmax(logits, 1)
    p, truth = log_p.exp(), F.one_hot(labels, CLASSES).permute(0, 4, 1, 2, 3).double()
    axes = (2, 3, 4)
    dice = (2 * (p * truth).sum(axes) + 1e-3) / (p.sum(axes) + truth.sum(axes) + 1e-3)
    return 0.99 * (1 - dice[:, 1:].mean()) + 0.01 * -(log_p * truth).sum() / labels.numel()


voxels = SIZE[0] * SIZE[1] * SIZE[2]
n = torch.arange(voxels)
image = torch.cos(0.05 * n * (1 + n % 7)).reshape(1, 1, *SIZE)
labels = ((n // 96) % 3).reshape(1, *SIZE)
weights = {name: filter_of(place, i, o, k) for place, (name, i, o, k) in enumerate(layers())}
adam = torch.optim.Adam(list(weights.values()), lr=RATE)
losses, gradient_norms = [], {}
for step in range(3):
    adam.zero_grad()
    loss = loss_of(forward(weights, image), labels)
    losses.append(loss.item())
    if step == 2:
        break
    loss.backward()
    if step == 0:
        gradient_norms = {name: value.grad.norm().item() for name, value in weights.items()}
    adam.step()
logits = forward({name: filter_of(place, i, o, k).detach() for place, (name, i, o, k) in enumerate(layers())}, image)
out = {
    "torch": torch.__version__,
    "losses": losses,
    "firstLogits": logits.permute(0, 2, 3, 4, 1).flatten()[:: voxels * CLASSES // 40].tolist(),
    "gradientNorms": gradient_norms,
}
Path(__file__).parent.parent.joinpath("tests/references/unet-two-steps.json").write_text(json.dumps(out, indent=1) + "\n")
print(losses)
