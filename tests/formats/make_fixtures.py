"""Makes the exports of annotation tools and the data sets that the tests read.

usage: make_fixtures.py FOLDER

The texts are invented. Made with label-studio-sdk 2.1.2 (its converter writes
JSON-MIN and CSV), argilla 2.8.0 and datasets 5.2.0; doccano's JSON Lines and
Prodigy's follow their documentation (doccano 1.8, Prodigy 1.15), since neither
can be installed beside the others.
"""

import json
import pathlib
import sys
import uuid

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
LABELS = ["Lob", "Klage"]
# Of 24 texts the last four are, in this order: skipped, a draft, not annotated,
# disputed 2 : 1.
COUNT = 24
text = lambda at: f"Vorgang {at}: die Lampe {['leuchtet', 'flackert'][at % 2]}, „wirklich“"
label = lambda at: LABELS[at % 2]


def label_studio():
    def annotation(number, choice, by, cancelled=False):
        result = [
            {
                "id": f"r{number}",
                "from_name": "eindruck",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": [choice]},
            }
        ]
        return {
            "id": number,
            "completed_by": by,
            "result": [] if cancelled else result,
            "was_cancelled": cancelled,
            "ground_truth": False,
            "created_at": f"2026-01-02T10:{number % 60:02}:00Z",
            "updated_at": f"2026-01-02T10:{number % 60:02}:00Z",
            "lead_time": 3.5,
        }

    tasks = []
    for at in range(COUNT):
        task = {"id": 100 + at, "data": {"text": text(at), "quelle": "post"}}
        task |= {"annotations": [], "drafts": [], "predictions": [], "total_annotations": 1}
        if at < COUNT - 4:
            task["annotations"] = [annotation(at, label(at), 1)]
        elif at == COUNT - 4:
            task["annotations"] = [annotation(at, label(at), 1, cancelled=True)]
        elif at == COUNT - 3:
            task["drafts"] = [{"id": 7, "result": annotation(at, label(at), 1)["result"]}]
        elif at == COUNT - 1:
            answers = [label(at), label(at), label(at + 1)]
            task["annotations"] = [
                annotation(at + by, answer, by) for by, answer in enumerate(answers)
            ]
        tasks.append(task)
    path = folder / "label_studio.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False))

    from label_studio_sdk.converter import Converter

    config = """<View><Text name="text" value="$text"/>
    <Choices name="eindruck" toName="text"><Choice value="Lob"/><Choice value="Klage"/></Choices>
    </View>"""
    converter = Converter(config, str(folder))
    out = folder / "converted"
    converter.convert_to_json_min(str(path), str(out), is_dir=False)
    (out / "result.json").rename(folder / "label_studio_min.json")
    converter.convert_to_csv(str(path), str(out), is_dir=False, sep=",", header=True)
    (out / "result.csv").rename(folder / "label_studio.csv")
    out.rmdir()


def argilla():
    import argilla as rg
    from argilla.records._io import GenericIO, JsonIO

    users = [uuid.UUID(int=number) for number in range(1, 4)]
    records = []
    for at in range(COUNT):
        answers = [(label(at), "submitted")]
        if at >= COUNT - 4:
            answers = {
                4: [(label(at), "discarded")],
                3: [(label(at), "draft")],
                2: [],
                1: [(label(at), "submitted"), (label(at), "submitted"), (label(at + 1), "submitted")],
            }[COUNT - at]
        records.append(
            rg.Record(
                id=f"a{at}",
                fields={"text": text(at)},
                metadata={"quelle": "post"},
                suggestions=[rg.Suggestion("eindruck", label(at + 1), score=0.5, agent="m")],
                responses=[
                    rg.Response("eindruck", value, user_id=user, status=status)
                    for (value, status), user in zip(answers, users)
                ],
            )
        )
    for name, flatten in [("argilla.json", False), ("argilla_flat.json", True)]:
        rows = GenericIO.to_list(records, flatten=flatten)
        for at, row in enumerate(rows):
            # The server says this; records that were never sent have nothing.
            row["status"] = "completed" if at < COUNT - 4 or at == COUNT - 1 else "pending"
        (folder / name).write_text(json.dumps(rows, ensure_ascii=False))
    import datasets

    flat = GenericIO.to_dict(records, flatten=True)
    datasets.Dataset.from_dict(flat).to_parquet(str(folder / "argilla.parquet"))


def doccano():
    lines = []
    for at in range(COUNT):
        labels = [label(at)] if at < COUNT - 4 else []
        lines.append({"id": at, "text": text(at), "label": labels, "Comments": []})
    write("doccano.jsonl", lines)


def prodigy():
    lines = []
    for at in range(COUNT):
        kept = {"ignore": COUNT - 4, "reject": COUNT - 3}
        answer = next((answer for answer, where in kept.items() if where == at), "accept")
        given = [label(at)] if at != COUNT - 2 else []
        answers = [given] if at != COUNT - 1 else [given, given, [label(at + 1)]]
        for by, accept in enumerate(answers):
            lines.append(
                {
                    "text": text(at),
                    "_input_hash": 1000 + at,
                    "_task_hash": 2000 + at,
                    "options": [{"id": name, "text": name.upper()} for name in LABELS],
                    "_view_id": "choice",
                    "accept": accept,
                    "config": {"choice_style": "single"},
                    "answer": answer,
                    "_session_id": f"set-{by}",
                    "_timestamp": 1767348000 + at,
                }
            )
    write("prodigy.jsonl", lines)


def saved():
    import datasets

    names = datasets.ClassLabel(names=LABELS)
    features = datasets.Features({"text": datasets.Value("string"), "label": names})
    rows = lambda part: [{"text": text(at), "label": LABELS.index(label(at))} for at in part]
    make = lambda part: datasets.Dataset.from_list(rows(part), features=features)
    splits = datasets.DatasetDict({"train": make(range(16)), "test": make(range(16, COUNT))})
    splits.save_to_disk(str(folder / "saved"), num_shards={"train": 2, "test": 1})
    (folder / "hub" / "data").mkdir(parents=True, exist_ok=True)
    for name, split in splits.items():
        split.to_parquet(str(folder / "hub" / "data" / f"{name}-00000-of-00001.parquet"))


def write(name, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / name).write_text(text)


label_studio()
argilla()
doccano()
prodigy()
saved()
