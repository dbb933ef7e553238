"""DeepMind's surface-distance package beside ours: reads pairs of masks, writes HD95 and ASSD.

Usage: surface_peer.py FILE. FILE is JSON: [{"size": [i, j, k], "spacingMm": [..], "truth": [..], "predicted": [..]}],
masks with the first axis fastest; the answers go to standard output.
"""

import json
import sys

import numpy as np
import surface_distance

answers = []
for pair in json.load(open(sys.argv[1])):
    masks = [np.array(pair[name], dtype=bool).reshape(pair["size"], order="F") for name in ("truth", "predicted")]
    found = surface_distance.compute_surface_distances(*masks, spacing_mm=pair["spacingMm"])
    areas = [found["surfel_areas_gt"], found["surfel_areas_pred"]]
    distances = [found["distances_gt_to_pred"], found["distances_pred_to_gt"]]
    moment = sum(float(np.sum(d * a)) for d, a in zip(distances, areas))
    answers.append(
        {
            "hd95Mm": float(surface_distance.compute_robust_hausdorff(found, 95)),
            "assdMm": moment / float(sum(np.sum(a) for a in areas)),
        }
    )
print(json.dumps(answers))
