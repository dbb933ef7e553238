"""What the Python peers share."""

import json
import resource
import sys
import time


def serve(step):
    """Says `ready`, then times one step for each line read and tells peak memory."""
    step()
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        step()
        print(json.dumps({"ms": (time.perf_counter() - started) * 1e3, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)


def read_arrays(path, numpy):
    """Float32 arrays by name, as the driver wrote them."""
    with open(path + ".json") as file:
        layout = json.load(file)
    values = numpy.fromfile(path + ".bin", "<f4")
    arrays, place = {}, 0
    for name, shape in layout:
        count = int(numpy.prod(shape))
        arrays[name] = values[place : place + count].reshape(shape)
        place += count
    return arrays


def read_weights(path, numpy):
    """Filters by layer name, [k, k, k, in, out], as the driver wrote them; then image [B, D, H, W, 1] and truth [B, D, H, W, 2]."""
    arrays = read_arrays(path, numpy)
    image, truth = arrays.pop("#image"), arrays.pop("#truth")
    return arrays, image, truth


def down_blocks():
    return [("down-%d" % n, n % 2 == 1) for n in range(1, 7)]
