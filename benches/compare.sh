#!/usr/bin/env bash
# Runs Blindspot's engine and PyTorch in turn on the same sentences and prints their JSON lines.
#   benches/compare.sh PYTHON [ROUNDS] [EXAMPLES]
# PYTHON has torch and transformers. Take medians over the rounds; on a busy machine set OMP_NUM_THREADS
# and RAYON_NUM_THREADS to 1 and compare cpu_seconds instead of seconds.
set -eu
cd "$(dirname "$0")/.."
python=$1 rounds=${2:-5} examples=${3:-2000}
for _ in $(seq "$rounds"); do
    cargo bench --quiet --bench engine -- --only fit --train "$examples"
    for batching in shuffled grouped; do
        for words in "" --freeze-words; do
            "$python" benches/pytorch_peer.py --train "$examples" --batching "$batching" $words 2>/dev/null
        done
    done
    cargo bench --quiet --bench engine -- --only quick --train "$examples"
done
