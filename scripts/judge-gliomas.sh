#!/usr/bin/env bash
# Target D of docs/results/protocol.md: whole tumour, leave one out, each modality by itself, with a prior from multiple-sclerosis lesions. A fold is a seed.
# Usage: scripts/judge-gliomas.sh GLIOMA MS-LESIONS WORK_FOLDER OUT [METHODS [STEPS]]     (about 4 hours of one core; goes on where it was stopped)
# Writes OUT/glioma-flair and OUT/glioma-t1c. Reduced against the shipped prior, as three scans allow: 3 nets and 4 cycles of 100 steps.
set -euo pipefail
glioma=$1
lesions=$2
work=$3
out=$4
methods=${5:-ri,pr,dwp}
steps=${6:-400}
root=$(cd "$(dirname "$0")/.." && pwd)
export FEWSCAN_HOME=$work/home
export TF_NUM_INTRAOP_THREADS=1
fewscan() { node "$root/dist/cli/fewscan.js" "$@"; }

node "$root/scripts/make-targets.mjs" ms-lesions "$lesions" "$work/ms-lesions"
for member in 0 1 2; do
  fewscan train-source --images "$work/ms-lesions/images" --labels "$work/ms-lesions/labels" --members 3 --cycles 4 --steps-per-cycle 100 \
    --member $member --out "$work/sources" --seed 0
done
[ -e "$FEWSCAN_HOME/priors/ms-lesions" ] || fewscan learn-prior --sources "$work/sources" --out ms-lesions --seed 0
for modality in flair t1c; do
  node "$root/scripts/make-targets.mjs" glioma-$modality "$glioma" "$work/glioma-$modality"
  for fold in 1 2 3 4 5 6; do
    others=$(seq -s, 1 6 | sed "s/\b$fold\b,\?//; s/,$//")
    fewscan compare --images "$work/glioma-$modality/images" --labels "$work/glioma-$modality/labels" --prior ms-lesions \
      --methods "$methods" --scans 5 --seeds $fold --steps "$steps" --train-from "$others" --test-on $fold --out "$out/glioma-$modality"
  done
done
