"""The network and its loss in PyTorch. Filters by layer name, [out, in, k, k, k]; images [B, C, D, H, W]."""

import torch
import torch.nn.functional as F
from worker import down_blocks


def convolve(x, filter, stride=1):
    if filter.shape[2] == 1:
        return F.conv3d(x, filter, stride=stride)
    if stride == 1:
        return F.conv3d(x, filter, padding=1)
    return F.conv3d(F.pad(x, (0, 1, 0, 1, 0, 1)), filter, stride=2)  # `same` of even sides pads after the last voxel


def unet_logits(x, layer):
    """`layer(name, x, stride)` is a layer's convolution."""

    def normalised(x):
        return F.relu(F.instance_norm(x, eps=1e-5))

    def block(name, x):
        return layer(name, normalised(x), 1)

    x = layer("input", x, 1)
    skips = []
    for name, halves in down_blocks():
        if halves:
            skips.append(x)
            active = normalised(x)
            first, around = layer(name + "/conv-1", active, 2), layer(name + "/shortcut", active, 2)
        else:
            first, around = block(name + "/conv-1", x), x
        x = block(name + "/conv-2", first) + around
    for n in (1, 2, 3):
        up = F.interpolate(block(f"up-{n}/reduce", x), scale_factor=2, mode="trilinear", align_corners=False)
        merged = up + skips.pop()
        x = block(f"up-{n}/conv-2", block(f"up-{n}/conv-1", merged)) + merged
    return layer("head", x, 1)


def segmentation_loss(logits, truth):
    log_probability = F.log_softmax(logits, 1, dtype=torch.promote_types(logits.dtype, torch.float32))
    probability = log_probability.exp()
    space = (2, 3, 4)
    dice = (2 * (probability * truth).sum(space) + 1e-3) / (probability.sum(space) + truth.sum(space) + 1e-3)
    return 0.99 * (1 - dice[:, 1:].mean()) - 0.01 * (log_probability * truth).sum(1).mean()
