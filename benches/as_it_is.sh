#!/usr/bin/env bash
# The demo's base, exported and opened as it is: as a project without a single row of *train*, and beside it with
# them. Both are taught the same lessons and retrained Quick, every control with them; figures of *check*.
#   benches/as_it_is.sh FOLDER [LESSONS] [SEEDS]
# FOLDER is made anew and deleted. LESSONS is what `import-lessons` takes: the demo's own when left out.
set -eu
cd "$(dirname "$0")/.."
folder=$1 lessons=${2:-projects/sentiment/lessons.jsonl} seeds=${3:-3}
cargo build --quiet --release
blindspot=target/release/blindspot
rm -rf "$folder" && mkdir -p "$folder"
"$blindspot" export projects/sentiment --round 0 --out "$folder/export" --state-dir "$folder/state" --quiet > "$folder/log"
python3 - "$folder" <<'PY'
import csv, pathlib, shutil, sys

demo, folder = pathlib.Path("projects/sentiment"), pathlib.Path(sys.argv[1])
text = (demo / "project.toml").read_text(encoding="utf-8").replace('base = "builtin"', 'base = "model"')
text = text[: text.index("[fit]")] + text[text.index("[discovery]") :]
for name, left_out in (("without", {"train", "reserve"}), ("with", set())):
    project = folder / name
    shutil.copytree(folder / "export" / "model", project / "model")
    (project / "data").mkdir()
    (project / "project.toml").write_text(text, encoding="utf-8")
    for file in (demo / "data").glob("*.csv"):
        with open(file, newline="", encoding="utf-8") as f, open(project / "data" / file.name, "w", newline="", encoding="utf-8") as out:
            rows = csv.DictReader(f)
            writer = csv.DictWriter(out, rows.fieldnames)
            writer.writeheader()
            writer.writerows(row for row in rows if row["role"] not in left_out)
PY
for name in without with; do
    "$blindspot" discover "$folder/$name" --quiet >> "$folder/log"
    "$blindspot" import-lessons "$folder/$name" "$lessons" --quiet >> "$folder/log"
    "$blindspot" experiment "$folder/$name" --seeds "$seeds" --quiet --json > "$folder/$name.json"
done
python3 - "$folder" <<'PY'
import json, sys

print("| rows of *train* | source, c | arm | added | errors in c | unknown unknowns | accuracy |\n|---|---|---|---|---|---|---|")
for name in ("without", "with"):
    with open(f"{sys.argv[1]}/{name}.json", encoding="utf-8") as f:
        round_ = json.load(f)["rounds"][0]
    added = max(run["added"] for run in round_["runs"])
    for table in round_["check"]["slices"]:
        if not isinstance(table["slice"], dict) or "source" not in table["slice"]:
            continue
        for arm in table["arms"]:
            which = arm["arm"] if isinstance(arm["arm"], str) else "lessons"
            of_arm = 0 if which in ("untouched", "base") else added
            print(
                f'| {name} | {table["slice"]["source"]}, {table["confident"]} | {which} | {of_arm} | '
                f'{arm["matched_errors"]:.1f} | {arm["unknown_unknowns"]:.1f} | {100 * arm["accuracy"]:.1f} % |'
            )
PY
rm -rf "$folder"
