#!/usr/bin/env python3
"""The peer of `benches/engine.rs`: PyTorch + transformers on the same sentences.

--model takes made-up weights of another family's usual size, with the same tokenizer; --only quick trains the
two upper blocks, the lower ones frozen and run anew at each step.

    python3 -m venv .venv && .venv/bin/pip install torch transformers
    .venv/bin/python benches/pytorch_peer.py [--batching shuffled|grouped] [--freeze-words]
        [--bf16]

Same rows, steps, head, truncation, dropout, learning rate, warm-up, weight decay, clipping; prints one
JSON object per measurement. --freeze-words trains the same parameters as Blindspot does by default.
Threads: as many as the machine has, or OMP_NUM_THREADS.
"""
import argparse
import csv
import json
import pathlib
import random
import resource
import time

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODEL = ROOT / "assets" / "all-MiniLM-L6-v2"
USUAL_SIZES = {
    "distilbert": {"vocab_size": 30522},
    "roberta-base": {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1},
}
DATA = ROOT / "projects" / "sentiment" / "data" / "film.csv"


def rows():
    """In the order of the benchmark's counterpart (the file is sorted by rating)."""
    with open(DATA, newline="", encoding="utf-8") as f:
        all_rows = [(r["text"], int(r["label"] == "positive")) for r in csv.DictReader(f)]
    order = sorted(range(len(all_rows)), key=lambda i: i * 2654435761 % 2**32)  # Knuth's multiplicative hash
    return [all_rows[i] for i in order]


def batches(lengths, size, how, rng):
    """'shuffled'; 'grouped' = sorted by length inside shuffled groups of 50 batches; 'sorted'; 'in-order'."""
    order = list(range(len(lengths)))
    if how == "sorted":
        order.sort(key=lengths.__getitem__)
    elif how != "in-order":
        rng.shuffle(order)
    if how == "grouped":
        group = size * 50
        parts = [sorted(order[i : i + group], key=lengths.__getitem__) for i in range(0, len(order), group)]
        order = [i for part in parts for i in part]
    out = [order[i : i + size] for i in range(0, len(order), size)]
    if how == "grouped":
        rng.shuffle(out)
    return out


def tensors(ids, chosen):
    width = max(len(ids[i]) for i in chosen)
    x = torch.zeros(len(chosen), width, dtype=torch.long)
    mask = torch.zeros_like(x)
    for row, i in enumerate(chosen):
        x[row, : len(ids[i])] = torch.tensor(ids[i])
        mask[row, : len(ids[i])] = 1
    return x, mask


def say(**figures):
    figures["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(figures), flush=True)


def optimiser(model, steps):
    """No weight decay on biases and LayerNorms, as in Blindspot."""
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    plain = [p for n, p in trained if n.endswith(".bias") or "LayerNorm" in n]
    decayed = [p for n, p in trained if not (n.endswith(".bias") or "LayerNorm" in n)]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    warm = max(1, -(-steps // 10))
    adam = torch.optim.AdamW(groups, lr=5e-5, fused=True)
    rate = lambda s: min(1.0, (s + 1) / warm, (steps - s) / max(1, steps - warm))
    return adam, torch.optim.lr_scheduler.LambdaLR(adam, rate)


def load(name):
    if name == "minilm":
        # f32 said aloud: transformers 5 keeps the file's f16, which would be a slow, unfair peer.
        return AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=2, dtype=torch.float32)
    config = AutoConfig.for_model(name.split("-")[0], num_labels=2, **USUAL_SIZES[name])
    return AutoModelForSequenceClassification.from_config(config, dtype=torch.float32)


def freeze_lower(model, upper):
    """All but the upper blocks and the head."""
    body = model.base_model
    blocks = (body.encoder if hasattr(body, "encoder") else body.transformer).layer
    for part in [body.embeddings, *blocks[: len(blocks) - upper]]:
        part.requires_grad_(False)


def fine_tune(model, ids, labels, a):
    rng = random.Random(a.seed)
    lengths = [len(x) for x in ids]
    plan = [b for _ in range(a.epochs) for b in batches(lengths, 32, a.batching, rng)]
    adam, schedule = optimiser(model, len(plan))
    parameters = [p for p in model.parameters() if p.requires_grad]
    model.train()
    start, busy = time.perf_counter(), time.process_time()
    for chosen in plan:
        x, mask = tensors(ids, chosen)
        adam.zero_grad(set_to_none=True)
        right = torch.tensor([labels[i] for i in chosen])
        with torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
            loss = model(input_ids=x, attention_mask=mask, labels=right).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        schedule.step()
    took = time.perf_counter() - start
    say(what="quick" if a.only == "quick" else "fine-tune", model=a.model, engine="pytorch " + torch.__version__, batching=a.batching, freeze_words=a.freeze_words,
        precision="bfloat16" if a.bf16 else "float32", seed=a.seed,
        threads=torch.get_num_threads(), examples=len(ids) * a.epochs, tokens=sum(lengths) * a.epochs,
        cpu_seconds=round(time.process_time() - busy, 2), seconds=round(took, 3),
        examples_per_s=round(len(ids) * a.epochs / took, 2))


def score(model, ids, labels, name):
    model.eval()
    with torch.no_grad():
        for how in ("sorted", "in-order"):
            right = 0
            start, busy = time.perf_counter(), time.process_time()
            for chosen in batches([len(x) for x in ids], 32, how, None):
                x, mask = tensors(ids, chosen)
                answer = model(input_ids=x, attention_mask=mask).logits.argmax(-1)
                right += int((answer == torch.tensor([labels[i] for i in chosen])).sum())
            took = time.perf_counter() - start
            say(what="score", model=name, engine="pytorch " + torch.__version__, batching=how, examples=len(ids),
                cpu_seconds=round(time.process_time() - busy, 2),
                seconds=round(took, 3), examples_per_s=round(len(ids) / took, 2), accuracy=round(right / len(ids), 4))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--train", type=int, default=2000)
    p.add_argument("--held-out", type=int, default=1000)
    p.add_argument("--epochs", type=int, default=1)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--batching", choices=["shuffled", "grouped"], default="shuffled")
    p.add_argument("--freeze-words", action="store_true")
    p.add_argument("--bf16", action="store_true", help="products in bfloat16 (autocast), fine-tuning only")
    p.add_argument("--model", choices=["minilm", *USUAL_SIZES], default="minilm")
    p.add_argument("--only", choices=["", "fit", "score", "quick"], default="", help="nothing: fit and score")
    a = p.parse_args()
    torch.manual_seed(a.seed)
    data = rows()
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    ids = tokenizer([t for t, _ in data], truncation=True, max_length=128)["input_ids"]
    labels = [label for _, label in data]
    model = load(a.model)
    model.get_input_embeddings().weight.requires_grad = not a.freeze_words
    end = a.held_out + a.train
    if a.only == "quick":
        freeze_lower(model, 2)
        a.epochs = 2
    if a.only != "score":
        fine_tune(model, ids[a.held_out : end], labels[a.held_out : end], a)
    if a.only in ("", "score"):
        score(model, ids[: a.held_out], labels[: a.held_out], a.model)


if __name__ == "__main__":
    main()
