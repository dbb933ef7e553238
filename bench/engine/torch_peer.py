"""PyTorch on the same network, weights and data. Usage: torch_peer.py WORK DATA contiguous|last float32|bfloat16 THREADS [--check]"""

import json
import sys

import numpy
import torch
import torch.nn.functional as F
from worker import down_blocks, read_weights, serve

work, data, layout, precision, threads = sys.argv[1:6]
torch.set_num_threads(int(threads))
memory_format = torch.channels_last_3d if layout == "last" else torch.contiguous_format
arrays, image, truth = read_weights(data, numpy)
weights = {
    name: torch.from_numpy(numpy.ascontiguousarray(value.transpose(4, 3, 0, 1, 2))).to(memory_format=memory_format).requires_grad_()
    for name, value in arrays.items()
}
x = torch.from_numpy(numpy.ascontiguousarray(image.transpose(0, 4, 1, 2, 3))).to(memory_format=memory_format)
t = torch.from_numpy(numpy.ascontiguousarray(truth.transpose(0, 4, 1, 2, 3)))
log_variance = {n: torch.full_like(w, -6.0, requires_grad=True) for n, w in weights.items() if w.shape[2] == 3} if work == "local" else {}


def convolve(x, w, stride):
    if w.shape[2] == 1:
        return F.conv3d(x, w, stride=stride)
    if stride == 1:
        return F.conv3d(x, w, padding=1)
    return F.conv3d(F.pad(x, (0, 1, 0, 1, 0, 1)), w, stride=2)  # `same` of even sides pads after the last voxel


def logits(x, spread):
    def layer(name, x, stride=1):
        mean = convolve(x, weights[name], stride)
        if name not in spread:
            return mean
        return mean + torch.sqrt(convolve(x * x, spread[name], stride) + 1e-12) * torch.randn_like(mean)

    def normalised(x):
        return F.relu(F.instance_norm(x, eps=1e-5))

    def block(name, x):
        return layer(name, normalised(x))

    x = layer("input", x)
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
    return layer("head", x)


def loss_of(logits):
    log_probability = F.log_softmax(logits.float(), 1)
    probability = log_probability.exp()
    space = (2, 3, 4)
    dice = (2 * (probability * t).sum(space) + 1e-3) / (probability.sum(space) + t.sum(space) + 1e-3)
    return 0.99 * (1 - dice[:, 1:].mean()) - 0.01 * (log_probability * t).sum(1).mean()


def step():
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        if work == "inference":
            with torch.inference_mode():
                return F.softmax(logits(x, {}).float(), 1)
        loss = loss_of(logits(x, {name: value.exp() for name, value in log_variance.items()}))
    gradients = torch.autograd.grad(loss, list(weights.values()) + list(log_variance.values()))
    return loss, gradients


if "--check" in sys.argv:
    loss, gradients = step()
    norms = {name: float(gradient.norm()) for name, gradient in zip(weights, gradients)}
    print(json.dumps({"loss": float(loss), "gradientNorms": norms}))
else:
    serve(step)
