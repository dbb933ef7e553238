#!/usr/bin/env bash
# Small source nets of two data sets, for `fewscan reproduce prior-update`: the hippocampus in T1 contrast, and the lateral ventricles in random contrasts.
# Usage: scripts/make-two-sources.sh LABEL_MAPS INTENSITIES WORK_FOLDER     (about 6 minutes of one idle core; goes on where it was stopped)
# Reduced against the shipped prior: 3 nets and 2 cycles of 40 steps in place of 8 and 5 of 200, crops of 32 x 40 x 32.
set -euo pipefail
maps=$1
intensities=$2
work=$3
root=$(cd "$(dirname "$0")/.." && pwd)
export FEWSCAN_HOME=$work/home
export TF_NUM_INTRAOP_THREADS=1
fewscan() { node "$root/dist/cli/fewscan.js" "$@"; }
make_set() { # NAME TARGET INTENSITIES SEED
  fewscan synthesize --labels "$maps" --priors "$intensities" --out "$work/$1" --count 60 --target "$2" --crop 32x40x32 --seed "$4" --intensities "$3"
  for member in 0 1 2; do
    fewscan train-source --images "$work/$1/images" --labels "$work/$1/labels" --merge-labels "$2" \
      --members 3 --cycles 2 --steps-per-cycle 40 --member $member --out "$work/$1-sources" --seed "$(($4 - 1))"
  done
}
make_set old 17,53 t1 1
make_set new 4,43 random 2
