"""Makes data/*.csv from the source distribution of vaderSentiment 3.3.2.

    pip download vaderSentiment==3.3.2 --no-deps --no-binary :all:
    python prepare.py vaderSentiment-3.3.2.tar.gz

Python 3.9 or newer, nothing but its standard library. The same input gives
the same bytes on every machine: rows are drawn by the SHA-256 of seed and id,
not by a random number generator. SOURCE.md says what is done and why.
"""

import csv
import hashlib
import html
import io
import re
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

SEED = 0
SHARES = {"discovery": 0.4, "check": 0.2, "final": 0.4}
FILM_COUNTS = {"train": 6000, "reserve": 500, "check": 1000, "final": 2000}
SOURCES = {
    "film": "movieReviewSnippets_GroundTruth.txt",
    "tweet": "tweets_GroundTruth.txt",
    "product": "amazonReviewSnippets_GroundTruth.txt",
}


def read_rated(sdist):
    """(source, id, rating, text) of every rated sentence."""
    inner_name = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
    with tarfile.open(sdist) as outer:
        inner_bytes = outer.extractfile(inner_name).read()
    with tarfile.open(fileobj=io.BytesIO(inner_bytes)) as inner:
        for source, name in SOURCES.items():
            content = inner.extractfile(f"hutto_ICWSM_2014/{name}").read()
            for line in content.decode("utf-8").splitlines():
                number, rating, text = line.split("\t", 2)
                yield source, number, float(rating), html.unescape(text).strip()


def folded(text):
    """Equal for texts that differ in case, spaces and punctuation only."""
    return " ".join(re.findall(r"[^\W_]+", text.lower())) or text


def join_groups(rows):
    """Number of the group of each row: sentences of one product review, and
    rows with equal folded texts, belong together (union-find)."""
    parent = list(range(len(rows)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first_with = {}
    for i, row in enumerate(rows):
        marks = [("text", folded(row["text"]))]
        if row["source"] == "product":
            marks.append(("review", row["review"]))
        for mark in marks:
            a, b = root(i), root(first_with.setdefault(mark, i))
            parent[max(a, b)] = min(a, b)
    return [root(i) for i in range(len(rows))]


def assign(groups, targets):
    """Gives each group a role, in hashed order: the one whose labels are
    furthest below their target. Yields (group, role)."""
    total = sum(targets.values())
    labels = defaultdict(int)
    for group in groups:
        for row in group:
            labels[row["label"]] += 1
    want = {
        (role, label): targets[role] * labels[label] / total
        for role in targets
        for label in labels
    }
    have = defaultdict(int)
    filled = defaultdict(int)

    def shortfall(role, group):
        return sum(1 - have[role, row["label"]] / want[role, row["label"]] for row in group)

    for group in groups:
        open_roles = [r for r in targets if filled[r] + len(group) <= targets[r]]
        role = max(open_roles or targets, key=lambda r: shortfall(r, group))
        filled[role] += len(group)
        for row in group:
            have[role, row["label"]] += 1
        yield group, role


def main(sdist):
    rows = [
        {
            "source": source,
            "id": f"{source}-{number}",
            "review": f"review-{number.split('_')[0]}",
            "text": text,
            "label": "positive" if rating > 0 else "negative",
        }
        for source, number, rating, text in read_rated(sdist)
        if abs(rating) >= 0.5
    ]
    groups = defaultdict(list)
    for row, group in zip(rows, join_groups(rows)):
        groups[group].append(row)

    def hashed(group):
        return hashlib.sha256(f"{SEED} {group[0]['id']}".encode()).hexdigest()

    for source in SOURCES:
        own = [g for g in groups.values() if {row["source"] for row in g} == {source}]
        own.sort(key=hashed)
        count = sum(len(group) for group in own)
        if source == "film":
            targets = {**FILM_COUNTS, "validation": count - sum(FILM_COUNTS.values())}
        else:
            targets = {role: share * count for role, share in SHARES.items()}
        for group, role in assign(own, targets):
            for row in group:
                row["role"] = role
    for group in groups.values():
        # The two texts that occur in several sources stay together where
        # every source has rows.
        if len({row["source"] for row in group}) > 1:
            for row in group:
                row["role"] = "check"

    for source, name in [("film", "film"), ("tweet", "tweets"), ("product", "products")]:
        columns = ["id", "text", "label", "role"]
        if source == "product":
            columns.insert(3, "review")
        path = Path(__file__).parent / "data" / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row["source"] == source)
        print(hashlib.sha256(path.read_bytes()).hexdigest(), f"data/{name}.csv")


if __name__ == "__main__":
    main(sys.argv[1])
