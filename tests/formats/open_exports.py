"""Opens what Blindspot wrote with the libraries that it is for, and prints it.

usage: open_exports.py FOLDER RECORDS

FOLDER is a folder of splits for Hugging Face `datasets`, RECORDS a file of
records for Argilla. Made with datasets 5.2.0 and argilla 2.8.0; where argilla
is not installed, `argilla` is null in the answer.
"""

import json
import sys

import datasets

folder, records = sys.argv[1:3]
datasets.disable_progress_bars()
splits = datasets.load_from_disk(folder)
answer = {
    "splits": {
        name: {
            "names": split.features["label"].names,
            "columns": split.column_names,
            "rows": split.to_list(),
        }
        for name, split in splits.items()
    },
    "argilla": None,
}
# Its splits also join, sort and are mapped: the files and what is said of them agree.
joined = datasets.concatenate_datasets(list(splits.values()))
answer["joined"] = len(joined.map(lambda row: {"length": len(row["text"])}).sort("length"))

try:
    from argilla.records._io import JsonIO

    read = JsonIO._records_from_json(records)
    answer["argilla"] = [record.to_dict() for record in read]
except ImportError:
    pass
print(json.dumps(answer))
