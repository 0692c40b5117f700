#!/usr/bin/env python3
"""Compares exported tokenizers with the fixture in transformers: PLACE, with a folder for each case by its number."""
import json
import pathlib
import sys

import transformers
from transformers import AutoTokenizer

transformers.logging.set_verbosity_error()
fixture = json.loads((pathlib.Path(__file__).parent / "tokenizers.json").read_text(encoding="utf-8"))
wrong = 0
for number, case in enumerate(fixture["cases"]):
    tokenizer = AutoTokenizer.from_pretrained(str(pathlib.Path(sys.argv[1]) / str(number)))
    found = [tokenizer(text)["input_ids"] for text in fixture["texts"]]
    for first, second in fixture["pairs"]:
        found.append(tokenizer([first], [second])["input_ids"][0])
    for ours, theirs in zip(found, case["ids"] + [pair["ids"] for pair in case["pairs"]], strict=True):
        if ours != theirs:
            print(case["name"], ours, theirs)
            wrong += 1
sys.exit(wrong > 0)
