#!/usr/bin/env bash
# Made-up weights of the usual size of two families: Blindspot and PyTorch in turn on the same sentences, medians
# as a table. About ten minutes on two cores that do nothing else.
#   benches/families.sh PYTHON [ROUNDS] [EXAMPLES]
# PYTHON has torch and transformers.
set -eu
cd "$(dirname "$0")/.."
python=$1 rounds=${2:-2} examples=${3:-256}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
sizes="--train $examples --held-out $examples"
peer() { "$python" benches/pytorch_peer.py --model "$model" --freeze-words $sizes "$@" 2>/dev/null; }
for _ in $(seq "$rounds"); do
    for model in distilbert roberta-base; do
        cargo bench --quiet --bench engine -- --model "$model" $sizes
        peer --batching shuffled
        peer --batching grouped --only fit
        peer --batching grouped --only quick
    done
done | tee "$lines" >&2
"$python" - "$lines" <<'PY'
import json, statistics, sys

seen = {}
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    if row["what"] not in ("fine-tune", "quick", "score"):
        continue
    # Blindspot's Quick includes the pass through the frozen blocks, which PyTorch makes at each step.
    seconds = row["seconds"] + row.get("cache_seconds", 0.0)
    who = "Blindspot" if row["engine"] == "blindspot" else "PyTorch " + row["batching"]
    seen.setdefault((row["model"], row["what"], who), []).append((row["examples"] / seconds, row["peak_rss_mib"]))
print("| model | work | | examples a second | Blindspot is faster by | peak memory, MiB |\n|---|---|---|---|---|---|")
for (model, what, who), found in seen.items():
    rate = statistics.median(rate for rate, _ in found)
    ours = statistics.median(rate for rate, _ in seen[model, what, "Blindspot"])
    print(f"| {model} | {what} | {who} | {rate:.1f} | {ours / rate:.1f} × | {max(memory for _, memory in found)} |")
PY
