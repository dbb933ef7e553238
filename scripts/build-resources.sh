#!/usr/bin/env bash
# Rebuilds what resources/ ships: the prior hippocampus-synthetic from brain label maps, and the model hippocampus-demo.
# Usage: scripts/build-resources.sh LABEL_MAPS WORK_FOLDER     (about 2 hours and a half on 2 cores; goes on where it was stopped)
# LABEL_MAPS is the folder of SynthSeg's training label maps (Apache-2.0) with its intensity priors beside it.
set -euo pipefail
maps=$1
work=$2
root=$(cd "$(dirname "$0")/.." && pwd)
export FEWSCAN_HOME=$work/home
# one thread a process, two processes: faster on two cores than two threads, and the number of threads decides the last bits
export TF_NUM_INTRAOP_THREADS=1
fewscan() { node "$root/dist/cli/fewscan.js" "$@"; }

node "$root/scripts/set-up.mjs"
fewscan synthesize --labels "$maps" --out "$work/synthetic" --count 600 --target 17,53 --crop 40x56x40 --seed 0
members() {
  for member in "$@"; do
    fewscan train-source --images "$work/synthetic/images" --labels "$work/synthetic/labels" --merge-labels 17,53 \
      --members 8 --cycles 5 --steps-per-cycle 200 --member "$member" --out "$work/sources" --seed 0
  done
}
members 0 1 2 3 & first=$!
members 4 5 6 7 & second=$!
wait $first
wait $second
# the net that methods start from was trained for longer than those whose kernels the prior learns
fewscan train-source --images "$work/synthetic/images" --labels "$work/synthetic/labels" --merge-labels 17,53 \
  --members 8 --member 0 --cycles 8 --steps-per-cycle 600 --out "$work/start" --seed 0
fewscan learn-prior --sources "$work/sources" --start "$work/start" --out hippocampus-synthetic --seed 0
node "$root/scripts/ship-resources.mjs" prior hippocampus-synthetic
# a data folder without a prior of that name: the model is made from the prior as it ships; its version counts on from the shipped model's
export FEWSCAN_HOME=$work/model-home
unset TF_NUM_INTRAOP_THREADS
fewscan adapt --images "$root/resources/demo" --prior hippocampus-synthetic --method dwp --name hippocampus-demo --steps 600 --hold-out 0 --seed 0
node "$root/scripts/ship-resources.mjs" model hippocampus-demo
