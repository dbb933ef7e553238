#!/usr/bin/env bash
# Makes the prior hippocampus-snapshots, for the arm `lowrank`: the shipped prior's source net 2 trained anew with many short cycles, whose later
# ten ends of cycles are the snapshots that a Gaussian of low rank goes through; net 6 is held out, as learn-prior asks for. The same synthetic
# scans, seed and number of steps as the shipped prior (scripts/build-resources.sh), in cycles of 50 steps instead of 200.
# Usage: scripts/make-snapshot-prior.sh LABEL_MAPS WORK_FOLDER     (about 40 minutes on 2 cores; goes on where it was stopped)
# The prior lies in the data folder that FEWSCAN_HOME names, or in the user's own.
set -euo pipefail
maps=$1
work=$2
root=$(cd "$(dirname "$0")/.." && pwd)
export TF_NUM_INTRAOP_THREADS=1
fewscan() { node "$root/dist/cli/fewscan.js" "$@"; }

fewscan synthesize --labels "$maps" --out "$work/synthetic" --count 600 --target 17,53 --crop 40x56x40 --seed 0
member() {
  fewscan train-source --images "$work/synthetic/images" --labels "$work/synthetic/labels" --merge-labels 17,53 \
    --members 8 --cycles 20 --steps-per-cycle 50 --member "$1" --out "$work/snapshots" --seed 0
}
member 2 & first=$!
member 6 & second=$!
wait $first
wait $second
fewscan learn-prior --sources "$work/snapshots" --out hippocampus-snapshots --seed 0
