#!/usr/bin/env bash
# Quick's settings on a copy of the demo: layers × replayed rows, each with its training time, its primary
# endpoint and its accuracy on *check* (*final* stays shut), beside Full if asked for.
#   benches/quick_settings.sh FOLDER [SEEDS] [full]
# FOLDER is made anew and deleted. training_seconds is the median of the trainings, caches warm;
# whole_seconds is the whole command, caches cold.
set -eu
cd "$(dirname "$0")/.."
folder=$1 seeds=${2:-3} full=${3:-}
cargo build --quiet --release
run() { # NAME TOML-LINES MODE
    rm -rf "$folder" && cp -r projects/sentiment "$folder" && rm -rf "$folder/.blindspot"
    printf '\n[quick]\n%s\n' "$2" >> "$folder/project.toml"
    local began ended
    began=$(date +%s.%N)
    target/release/blindspot experiment "$folder" --arms base,all-lessons --seeds "$seeds" --mode "$3" \
        --quiet --json > "$folder/out.json"
    ended=$(date +%s.%N)
    python3 - "$1" "$folder" "$began" "$ended" <<'PY'
import json, statistics, sys
name, folder, began, ended = sys.argv[1:]
round_ = json.load(open(f"{folder}/out.json"))["rounds"][0]
said, runs = round_["check"], round_["runs"]
row = {
    "settings": name,
    "training_seconds": round(statistics.median(run["seconds"] for run in runs), 2),
    "steps": runs[0]["steps"],
    "whole_seconds": round(float(ended) - float(began), 1),
}
for table in said["slices"]:
    if not isinstance(table["slice"], dict) or "source" not in table["slice"]:
        continue
    for arm in table["arms"]:
        key = f'{table["slice"]["source"]}, {arm["arm"]}'
        row[key] = {"c": table["confident"], "errors": round(arm["matched_errors"], 1), "accuracy": round(100 * arm["accuracy"], 1)}
print(json.dumps(row), flush=True)
PY
}
for layers in 1 2 3; do
    for replay in 500 1000 1000000; do
        run "layers $layers, replay $replay" "epochs = 2
upper_layers = $layers
replay = $replay" quick
    done
done
if [ -n "$full" ]; then run full "" full; fi
rm -rf "$folder"
