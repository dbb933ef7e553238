"""PyTorch's side of adaptation.mjs: the same adaptation. Usage: adaptation_peer.py FOLDER contiguous|last THREADS [--check]

Kernels are held as [slices, 27] in PyTorch's order of a layer's slices (out, in), so that each filter is a view.
"""

import json
import math
import os
import resource
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch_net import convolve, segmentation_loss, unet_logits
from worker import read_arrays

folder, layout, threads = sys.argv[1:4]
torch.set_num_threads(int(threads))
memory_format = torch.channels_last_3d if layout == "last" else torch.contiguous_format
with open(os.path.join(folder, "plan.json")) as file:
    plan = json.load(file)
arrays = {name: torch.from_numpy(value.copy()) for name, value in read_arrays(os.path.join(folder, "start"), numpy).items()}
D, H, W = plan["patch"]
voxels, batch, classes = D * H * W, plan["batch"], plan["classes"]
LATENT = 6
dtype = torch.float32


def order():
    """Column of Fewscan's [27, slices] for each row of ours."""
    columns = [one["from"] + torch.arange(one["inChannels"] * one["outChannels"]).view(one["inChannels"], one["outChannels"]).T.reshape(-1) for one in plan["cubes"]]
    return torch.cat(columns)


column = order()
row = torch.argsort(column)


def point_filters(points):
    filters, place = {}, 0
    for one in plan["points"]:
        count = one["inChannels"] * one["outChannels"]
        filters[one["name"]] = points[place : place + count].view(one["inChannels"], one["outChannels"]).T.reshape(one["outChannels"], one["inChannels"], 1, 1, 1)
        place += count
    return filters


def channels_first(value):
    """tfjs's filter [k, k, k, in, out] as PyTorch's [out, in, k, k, k]; others stay."""
    return value.permute(4, 3, 0, 1, 2).contiguous() if value.dim() == 5 else value


def kernel_rows(value):
    return value[:, column].T.contiguous()


parameters = {
    "kernels": kernel_rows(arrays["kernels"]),
    "logVariance": kernel_rows(arrays["logVariance"]),
    "points": arrays["points"],
    **{name: channels_first(value) for name, value in arrays.items() if name.startswith("prior/")},
}
parameters = {name: value.requires_grad_() for name, value in parameters.items()}
decoders = {name: channels_first(value) for name, value in arrays.items() if name.startswith("group-")}


def filters_of(kernels):
    filters = {one["name"]: kernels[one["from"] : one["to"]].view(one["outChannels"], one["inChannels"], 3, 3, 3) for one in plan["cubes"]}
    filters.update(point_filters(parameters["points"]))
    return {name: value.contiguous(memory_format=memory_format) for name, value in filters.items()}


def network(filters, image):
    return unet_logits(image, lambda name, x, stride: convolve(x, filters[name], stride))


def log_bound(group, weights, noise):
    """log p(w|z) - KL(r(z|w) || N(0, I)) of each slice, for one z."""
    encoder = {name.split("/")[-1]: value for name, value in parameters.items() if name.startswith(f"prior/group-{group}/")}
    decoder = {name.split("/")[-1]: value for name, value in decoders.items() if name.startswith(f"group-{group}/decoder/")}
    scale = decoders[f"group-{group}/scale"]
    n = weights.shape[0]
    x = F.elu(F.conv3d((weights / scale).view(n, 1, 3, 3, 3), encoder["conv-1"], encoder["bias-1"], padding=1))
    x = F.elu(F.conv3d(F.avg_pool3d(x, 2, 1), encoder["conv-2"], encoder["bias-2"], padding=1))
    x = F.elu(F.avg_pool3d(x, 2, 1).view(n, -1) @ encoder["dense-3"] + encoder["bias-3"])
    mean, log_variance = (x @ encoder["heads"] + encoder["heads-bias"]).split(LATENT, 1)
    z = mean + torch.exp(0.5 * log_variance) * noise
    divergence = 0.5 * (log_variance.exp() + mean**2 - log_variance - 1).sum(1)
    x = F.elu(z @ decoder["dense-1"] + decoder["bias-1"])
    x = (x @ decoder["dense-2"]).view(n, 8, -1).transpose(1, 2).reshape(n, -1, 2, 2, 2)
    x = F.elu(x + decoder["bias-2"].view(1, -1, 1, 1, 1))
    x = F.elu(F.conv3d(x, decoder["conv-3"], decoder["bias-3"], padding=1))
    heads = F.conv3d(x, decoder["heads"], decoder["heads-bias"], padding=1).view(n, 2, 27)
    variance = heads[:, 1].exp() * scale**2 + 1e-8
    likelihood = -0.5 * ((weights - heads[:, 0] * scale) ** 2 / variance + variance.log() + math.log(2 * math.pi)).sum(1)
    return likelihood - divergence


def divergence(draws):
    mean, log_variance = parameters["kernels"], parameters["logVariance"]
    total = -0.5 * (log_variance + math.log(2 * math.pi * math.e)).sum()
    for one in plan["groups"]:
        size, group = one["to"] - one["from"], one["group"]
        count = min(size, math.ceil(plan["slicesPerStep"] * size / mean.shape[0]))
        if draws:
            rows = row[draws[f"group-{group}/slices"].long()]
            noise, latent = draws[f"group-{group}/weights"], draws[f"group-{group}/latent"]
        else:
            rows = torch.randint(one["from"], one["to"], (count,))  # a group's rows are its columns, in another order
            noise, latent = torch.randn(count, 27), torch.randn(count, LATENT)
        weights = mean[rows] + torch.exp(0.5 * log_variance[rows]) * noise
        total = total - log_bound(group, weights, latent).sum() * (size / count)
    return total


def examples(step):
    first = step * batch * voxels
    image = numpy.fromfile(os.path.join(folder, "images.f32"), "<f4", batch * voxels, offset=4 * first)
    labels = numpy.fromfile(os.path.join(folder, "labels.u8"), "u1", batch * voxels, offset=first)
    for n in range(batch):
        part = slice(n * voxels, (n + 1) * voxels)
        truth = F.one_hot(torch.from_numpy(labels[part]).long(), classes).T.reshape(1, classes, D, H, W).to(dtype)
        yield torch.from_numpy(image[part]).to(dtype).view(1, 1, D, H, W).contiguous(memory_format=memory_format), truth


def losses(step, draws=None):
    """Data loss and weighted KL; their gradients are left in the parameters."""
    mean, log_variance = parameters["kernels"], parameters["logVariance"]
    with torch.no_grad():
        noise = kernel_rows(draws["weights"]) if draws else torch.randn_like(mean)
        shift = torch.exp(0.5 * log_variance) * noise
    kl = divergence(draws) * plan["klWeight"]
    kl.backward()
    data = 0.0
    for place, (image, truth) in enumerate(examples(step)):
        signed = shift if place % 2 == 0 else -shift
        kernels = (mean.detach() + signed).requires_grad_()  # a leaf of its own, so that one example's graph lives at a time
        loss = segmentation_loss(network(filters_of(kernels), image), truth) / batch
        loss.backward()
        with torch.no_grad():
            mean.grad += kernels.grad
            log_variance.grad += 0.5 * kernels.grad * signed
        data += loss.item()
    return data, kl.item()


def judged_scans():
    judged = read_arrays(os.path.join(folder, "judged"), numpy)
    return [(torch.from_numpy(judged[f"{n}/image"].copy())[None, None], judged[f"{n}/labels"]) for n in range(plan["judged"])]


@torch.inference_mode()
def dice(scans):
    filters, total = filters_of(parameters["kernels"]), 0
    for image, labels in scans:
        d, h, w = labels.shape
        found = network(filters, image).argmax(1)[0, :d, :h, :w].numpy()
        for k in range(1, classes):
            mass = (found == k).sum() + (labels == k).sum()
            total += 2 * ((found == k) & (labels == k)).sum() / mass if mass else 1
    return float(total) / (len(scans) * (classes - 1))


def say(**answer):
    print(json.dumps({**answer, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)


if "--check" in sys.argv:
    draws = {name: torch.from_numpy(value.copy()) for name, value in read_arrays(os.path.join(folder, "noise"), numpy).items()}
    data, kl = losses(0, draws)
    start_dice = dice(judged_scans())
    theirs = {name: value.grad.double() for name, value in parameters.items()}
    given = {name: torch.from_numpy(value.copy()) for name, value in read_arrays(os.path.join(folder, "gradient"), numpy).items()}
    ours = {name: (kernel_rows(value) if name in ("kernels", "logVariance") else channels_first(value)).double() for name, value in given.items()}
    dtype = torch.float64  # both against twice the precision: what differs by more than rounding would show
    parameters = {name: value.detach().double().requires_grad_() for name, value in parameters.items()}
    decoders = {name: value.double() for name, value in decoders.items()}
    losses(0, {name: value.double() for name, value in draws.items()})
    exact = {name: value.grad for name, value in parameters.items()}

    def apart(a, b):
        return {name: float((a[name] - b[name]).norm() / exact[name].norm()) for name in exact}

    differences = {"fewscanTorch": apart(ours, theirs), "fewscanExact": apart(ours, exact), "torchExact": apart(theirs, exact)}
    print(json.dumps({"dataLoss": data, "kl": kl, "startDice": start_dice, "differences": differences}))
else:
    optimiser = torch.optim.Adam(parameters.values(), plan["rate"], fused=True)
    scans, step = judged_scans(), 0
    print("ready", flush=True)
    for line in sys.stdin:
        begun, used = time.perf_counter(), time.process_time()
        if line.strip() == "dice":
            value = dice(scans)
            say(dice=value, ms=(time.perf_counter() - begun) * 1e3)
            continue
        for _ in range(int(line)):
            for group in optimiser.param_groups:
                group["lr"] = plan["rate"] * 0.5 * (1 + math.cos(math.pi * step / plan["steps"]))
            optimiser.zero_grad()
            losses(step)
            optimiser.step()
            step += 1
        say(stepMs=(time.perf_counter() - begun) * 1e3, cpuMs=(time.process_time() - used) * 1e3)
