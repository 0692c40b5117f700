#!/usr/bin/env python3
"""Loads an exported model in transformers and prints its answers: MODEL_DIR TEXT..."""
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, texts = sys.argv[1], sys.argv[2:]
tokenizer = AutoTokenizer.from_pretrained(folder)
model, report = AutoModelForSequenceClassification.from_pretrained(
    folder, dtype=torch.float32, output_loading_info=True
)
assert not report["missing_keys"] and not report["unexpected_keys"], report
model.eval()
answers = []
for text in texts:
    with torch.no_grad():
        logits = model(**tokenizer(text, truncation=True, max_length=128, return_tensors="pt")).logits[0]
    answers.append({"label": model.config.id2label[int(logits.argmax())], "logits": logits.tolist()})
print(json.dumps(answers))
