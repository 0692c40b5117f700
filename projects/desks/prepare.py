"""Makes data/*.csv from the requests that SOURCE.md names, one file each for
the known kinds, the new kinds and the spoken commands (columns id, text,
label, intent, role).

    python prepare.py FOLDER

Python 3.9 or newer, nothing but its standard library. Two things are done:
ids that repeat are numbered, and requests that are nearly the same get one
group and one role, so that nothing is measured on what was taught; a request
that an earlier file has already is left out. The same input gives the same
bytes on every machine.
"""

import csv
import hashlib
import sys
from collections import defaultdict
from pathlib import Path

FILES = ["known.csv", "new.csv", "spoken.csv"]
SAME = 0.75
SEED = 0


def pieces(text):
    """The three-letter pieces of a text, without regard to case and signs."""
    letters = "".join(c if c.isalnum() else " " for c in text.lower())
    folded = f" {' '.join(letters.split())} "
    return frozenset(folded[i : i + 3] for i in range(len(folded) - 2))


def nearly_the_same(sets):
    """Pairs of sets whose common pieces are at least SAME of all of theirs.

    Two such sets share a piece among the rarest few of each, so only those are
    looked up (prefix filter of Chaudhuri, Ganti and Kaushik, ICDE 2006).
    """
    often = defaultdict(int)
    for pieces_of in sets:
        for piece in pieces_of:
            often[piece] += 1
    seen = defaultdict(list)
    for i, pieces_of in enumerate(sets):
        rare_first = sorted(pieces_of, key=lambda piece: (often[piece], piece))
        rarest = rare_first[: len(rare_first) - int(SAME * len(rare_first)) + 1]
        others = {j for piece in rarest for j in seen[piece]}
        for j in sorted(others):
            common = len(pieces_of & sets[j])
            if common >= SAME * (len(pieces_of) + len(sets[j]) - common):
                yield j, i
        for piece in rarest:
            seen[piece].append(i)


def groups_of(rows):
    """Number of the group of each row (union-find)."""
    parent = list(range(len(rows)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for j, i in nearly_the_same([pieces(row["text"]) for row in rows]):
        a, b = root(j), root(i)
        parent[max(a, b)] = min(a, b)
    return [root(i) for i in range(len(rows))]


def digest(row):
    return hashlib.sha256(f"{SEED} {row['id']}".encode()).hexdigest()


def main():
    folder = Path(sys.argv[1])
    rows = []
    times = defaultdict(int)
    for file in FILES:
        with open(folder / file, newline="", encoding="utf-8") as source:
            for row in csv.DictReader(source):
                times[row["id"]] += 1
                if times[row["id"]] > 1:
                    row["id"] += f"~{times[row['id']]}"
                rows.append({**row, "file": file})
    members = defaultdict(list)
    for row, group in zip(rows, groups_of(rows)):
        members[group].append(row)
    moved, kept = 0, set()
    for group in members.values():
        group = [row for row in group if row["file"] == group[0]["file"]]
        first = min(group, key=digest)
        for row in group:
            moved += row["role"] != first["role"]
            row["group"], row["role"] = first["id"], first["role"]
            kept.add(row["id"])
    out = Path(__file__).parent / "data"
    out.mkdir(exist_ok=True)
    for file in FILES:
        with open(out / file, "w", newline="", encoding="utf-8") as target:
            columns = ["id", "text", "label", "intent", "group", "role"]
            writer = csv.DictWriter(target, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(row for row in rows if row["file"] == file and row["id"] in kept)
    print(f"{len(kept)} of {len(rows)} rows, {len(members)} groups, {moved} rows changed their role")


if __name__ == "__main__":
    main()
