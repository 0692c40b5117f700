#!/usr/bin/env python3
"""Loads an exported model in transformers and prints its answers: MODEL_DIR TEXT...

With MODEL_DIR --rows FILE the texts are token ids and types in a JSON list, for models without a tokenizer."""
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, texts = sys.argv[1], sys.argv[2:]
model, report = AutoModelForSequenceClassification.from_pretrained(
    folder, dtype=torch.float32, output_loading_info=True
)
assert not report["missing_keys"] and not report["unexpected_keys"], report
model.eval()
if texts[:1] == ["--rows"]:
    with open(texts[1], encoding="utf-8") as f:
        rows = json.load(f)
    inputs = [{"input_ids": torch.tensor([row["ids"]])} for row in rows]
    if getattr(model.config, "type_vocab_size", 0) > 1:
        for tokens, row in zip(inputs, rows):
            tokens["token_type_ids"] = torch.tensor([row["types"]])
    for tokens in inputs:  # padding that stands in a text counts as any token
        tokens["attention_mask"] = torch.ones_like(tokens["input_ids"])
else:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = [tokenizer(text, truncation=True, max_length=128, return_tensors="pt") for text in texts]
answers = []
for tokens in inputs:
    with torch.no_grad():
        logits = model(**tokens).logits[0]
    answers.append({"label": model.config.id2label[int(logits.argmax())], "logits": logits.tolist()})
print(json.dumps(answers))
