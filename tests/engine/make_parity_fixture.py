#!/usr/bin/env python3
"""Makes tests/engine/parity.json: what PyTorch and transformers compute for 32 sentences.

    python3 -m venv .venv && .venv/bin/pip install torch transformers
    .venv/bin/python tests/engine/make_parity_fixture.py

The encoder is the embedded model in f32. Its file has no pooler and no classifier; both get weights
from a formula that the test repeats, so that the fixture stays small: element i of a tensor is
amplitude * sin(1 + i * step).
"""
import json
import pathlib

import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "assets" / "all-MiniLM-L6-v2"
FORMULA = {"dense": (0.05, 0.37), "classifier": (0.3, 0.61)}

WORDS = (
    "the camera work is superb but the story never quite finds its feet and by the time that the "
    "detective meets the old sailor again nobody in the audience seems to care what happened to "
    "either of them although the music by a young composer from lisbon is worth hearing on its own "
    "while the dialogue swings between wit and something close to embarrassment as if two writers "
    "had taken turns without ever reading what the other one had put down before going home"
).split()


def sentences():
    short = [
        "",
        "no",
        "Great!",
        "I would not say that I liked it.",
        "Déjà vu: naïve façade, jalapeño & crème brûlée.",
        "这部电影很好看",
        "emoji :-) and \U0001f600, tabs\tand  spaces",
        "http://example.org/a?b=c costs $12.50 (20% off!)",
    ]
    spans = []
    for i in range(24):
        length = 3 + (i * i * 7) % 160
        words = [WORDS[(i * 13 + j) % len(WORDS)] for j in range(length)]
        spans.append(" ".join(words).capitalize() + ".")
    return short + spans


def formula(tensor, amplitude, step):
    index = torch.arange(tensor.numel(), dtype=torch.float64)
    return (amplitude * torch.sin(1 + index * step)).reshape(tensor.shape).to(torch.float32)


def main():
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODEL)
    model = transformers.BertForSequenceClassification.from_pretrained(MODEL, num_labels=2, dtype=torch.float32)
    model.eval()
    with torch.no_grad():
        for name, layer in (("dense", model.bert.pooler.dense), ("classifier", model.classifier)):
            for tensor in (layer.weight, layer.bias):
                tensor.copy_(formula(tensor, *FORMULA[name]))
    rows = []
    for text in sentences():
        # One at a time: the peer's padding must not enter the comparison.
        tokens = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            states = model.bert(**tokens).last_hidden_state[0]
            logits = model(**tokens).logits[0]
        rows.append(
            {
                "text": text,
                "ids": tokens["input_ids"][0].tolist(),
                "logits": [round(float(x), 6) for x in logits],
                # Every eighth column of the mean is enough to see a difference.
                "embedding": [round(float(x), 6) for x in states.mean(dim=0)[::8]],
            }
        )
    made_with = f"torch {torch.__version__}, transformers {transformers.__version__}"
    out = ROOT / "tests" / "engine" / "parity.json"
    with open(out, "w", encoding="utf-8") as f:
        json.dump({"made_with": made_with, "rows": rows}, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")
    print(made_with, len(rows), "rows,", out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
