"""PyTorch on the same network, weights and data. Usage: torch_peer.py WORK DATA contiguous|last float32|bfloat16 THREADS [--check]"""

import json
import sys

import numpy
import torch
import torch.nn.functional as F
from torch_net import convolve, segmentation_loss, unet_logits
from worker import read_weights, serve

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
spread = {}


def layer(name, x, stride):
    mean = convolve(x, weights[name], stride)
    if name not in spread:
        return mean
    return mean + torch.sqrt(convolve(x * x, spread[name], stride) + 1e-12) * torch.randn_like(mean)


def step():
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        if work == "inference":
            with torch.inference_mode():
                return F.softmax(unet_logits(x, layer).float(), 1)
        spread.update({name: value.exp() for name, value in log_variance.items()})
        loss = segmentation_loss(unet_logits(x, layer), t)
    gradients = torch.autograd.grad(loss, list(weights.values()) + list(log_variance.values()))
    return loss, gradients


if "--check" in sys.argv:
    loss, gradients = step()
    norms = {name: float(gradient.norm()) for name, gradient in zip(weights, gradients)}
    print(json.dumps({"loss": float(loss), "gradientNorms": norms}))
else:
    serve(step)
