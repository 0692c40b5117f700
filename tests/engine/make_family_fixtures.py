#!/usr/bin/env python3
"""Makes tests/engine/families/*.json: what PyTorch and transformers compute with tiny models of each family.

    python3 -m venv .venv && .venv/bin/pip install torch transformers
    .venv/bin/python tests/engine/make_family_fixtures.py

Weights come from a formula that the tests repeat, so that the files stay small: see `noise`. Of each
tensor's gradient a file holds the length and the products with a few directions from the same formula.
"""
import json
import pathlib

import numpy
import torch
import transformers

OUT = pathlib.Path(__file__).resolve().parent / "families"
VOCABULARY = 64
LABELS = {0: "negative", 1: "neutral", 2: "positive"}
DIRECTIONS = 4
BATCH = [0, 3, 9, 17, 26, 31]
RATE, DECAY, CLIP = 1e-3, 0.01, 1.0

SIZES = dict(
    vocab_size=VOCABULARY,
    hidden_size=32,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=48,
    max_position_embeddings=160,
    pad_token_id=0,
    bos_token_id=2,
    eos_token_id=3,
)
AFTER_PADDING = dict(max_position_embeddings=162, pad_token_id=1, type_vocab_size=1, layer_norm_eps=1e-5)
MODERN = dict(max_position_embeddings=1024, num_hidden_layers=4, local_attention=16, cls_token_id=2, sep_token_id=3)
DEBERTA = dict(relative_attention=True, max_relative_positions=-1, layer_norm_eps=1e-7)
MODELS = {
    "bert": ("bert", dict(hidden_act="gelu_new")),
    "distilbert": ("distilbert", dict(activation="relu")),
    "roberta": ("roberta", AFTER_PADDING),
    "xlm-roberta": ("xlm-roberta", dict(AFTER_PADDING, hidden_act="gelu_fast")),
    "camembert": ("camembert", dict(AFTER_PADDING, hidden_act="silu")),
    "electra": ("electra", dict(embedding_size=24)),
    "electra-wide": ("electra", dict(embedding_size=32, hidden_act="gelu_pytorch_tanh")),
    "mpnet": ("mpnet", dict(max_position_embeddings=162, pad_token_id=1)),
    "deberta-v3": (
        "deberta-v2",
        dict(
            DEBERTA,
            position_buckets=32,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
            type_vocab_size=0,
        ),
    ),
    "deberta-v2": (
        "deberta-v2",
        dict(
            DEBERTA,
            share_att_key=False,
            pos_att_type=["c2p", "p2c"],
            position_biased_input=True,
            type_vocab_size=2,
            max_relative_positions=40,
            pooler_hidden_act="tanh",
        ),
    ),
    "deberta-c2p": (
        "deberta-v2",
        dict(DEBERTA, position_buckets=16, share_att_key=False, pos_att_type="c2p", position_biased_input=False),
    ),
    "deberta-conv": (
        "deberta-v2",
        dict(
            DEBERTA,
            position_buckets=32,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type="p2c|c2p",
            position_biased_input=False,
            type_vocab_size=0,
            conv_kernel_size=3,
            conv_act="gelu",
        ),
    ),
    "deberta-conv-one": (
        "deberta-v2",
        dict(DEBERTA, pos_att_type=["c2p"], share_att_key=True, num_hidden_layers=1, conv_kernel_size=5),
    ),
    "modernbert": ("modernbert", MODERN),
    "modernbert-mean": (
        "modernbert",
        dict(
            MODERN,
            classifier_pooling="mean",
            norm_bias=True,
            attention_bias=True,
            mlp_bias=True,
            classifier_bias=True,
            hidden_activation="silu",
            classifier_activation="relu",
        ),
    ),
}


def noise(length, stream):
    """Numbers from -1 to 1 by mixing the bits of their index and their stream."""
    x = numpy.arange(length, dtype=numpy.uint32) * numpy.uint32(2654435761) + numpy.uint32(stream) * numpy.uint32(97003)
    x ^= x >> numpy.uint32(16)
    x *= numpy.uint32(2246822519)
    x ^= x >> numpy.uint32(13)
    x *= numpy.uint32(3266489917)
    x ^= x >> numpy.uint32(16)
    return x.astype(numpy.float64) / 2.0**31 - 1.0


def is_norm(name):
    return name.split(".")[-2].lower().endswith("norm")


def fill(model):
    """Sets all parameters, in the order of their names; gives that list with what the formula needs."""
    tensors = []
    parameters = sorted(model.named_parameters())
    for stream, (name, tensor) in enumerate(parameters):
        scale = is_norm(name) and name.endswith("weight")
        offset, amplitude = (1.0, 0.25) if scale else (0.0, 0.3)
        values = offset + amplitude * noise(tensor.numel(), stream)
        with torch.no_grad():
            tensor.copy_(torch.tensor(values, dtype=torch.float64).reshape(tensor.shape).to(torch.float32))
        tensors.append({"name": name, "shape": list(tensor.shape), "offset": offset, "amplitude": amplitude})
    return tensors


def texts(config):
    """Texts and pairs of mixed length; some hold the padding token, as a text may."""
    generator = numpy.random.default_rng(7)
    lengths = [1, 2, 3, 5, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 66, 100, 127, 128, 129, 150, 160]
    lengths += [int(generator.integers(4, 60)) for _ in range(32 - len(lengths))]
    if config.max_position_embeddings >= 1000:
        lengths[30] = 1000
    types = getattr(config, "type_vocab_size", 0) > 1
    rows = []
    for number, length in enumerate(lengths):
        low = 0 if number % 4 == 0 else 4
        ids = generator.integers(low, VOCABULARY, length).tolist()
        border = length // 2 if types and number % 2 else length
        rows.append({"ids": ids, "types": [int(i >= border) for i in range(length)]})
    return rows


def inputs(row, config):
    tokens = {"input_ids": torch.tensor([row["ids"]]), "attention_mask": torch.ones(1, len(row["ids"]), dtype=torch.long)}
    if getattr(config, "type_vocab_size", 0) > 1:
        tokens["token_type_ids"] = torch.tensor([row["types"]])
    return tokens


def rounded(values):
    return [float(f"{x:.7g}") for x in values]


def answers(model, rows):
    """One text at a time: the peer's padding must not enter the comparison."""
    for row in rows:
        with torch.no_grad():
            tokens = inputs(row, model.config)
            states = model.base_model(**tokens).last_hidden_state[0]
            row["logits"] = rounded(model(**tokens).logits[0])
            row["embedding"] = rounded(states.mean(dim=0))


def decays(name):
    return not (is_norm(name) or name.endswith("bias") or name.endswith("attention_bias.weight"))


def step(model, rows):
    """Gradients of the mean loss over a batch, and the answers after one step of AdamW."""
    batch = [rows[i] for i in BATCH]
    labels = torch.tensor([i % len(LABELS) for i in range(len(batch))])
    logits = torch.cat([model(**inputs(row, model.config)).logits for row in batch])
    loss = torch.nn.functional.cross_entropy(logits, labels)
    model.zero_grad()
    loss.backward()
    gradients = {}
    for stream, (name, tensor) in enumerate(sorted(model.named_parameters())):
        gradient = (torch.zeros_like(tensor) if tensor.grad is None else tensor.grad).double().flatten().numpy()
        products = [float(gradient @ noise(gradient.size, 1000 * (k + 1) + stream)) for k in range(DIRECTIONS)]
        gradients[name] = rounded([float(numpy.linalg.norm(gradient)), *products])
    words = model.base_model.get_input_embeddings().weight
    trained = [(name, tensor) for name, tensor in model.named_parameters() if tensor is not words]
    words.grad = None
    for _, tensor in trained:
        if tensor.grad is None:
            tensor.grad = torch.zeros_like(tensor)
    torch.nn.utils.clip_grad_norm_([tensor for _, tensor in trained], CLIP)
    groups = [
        {"params": [tensor for name, tensor in trained if decays(name) == on], "weight_decay": DECAY if on else 0.0}
        for on in (True, False)
    ]
    torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8).step()
    after = []
    with torch.no_grad():
        for row in rows[::4]:
            after.append(rounded(model(**inputs(row, model.config)).logits[0]))
    return {"batch": BATCH, "labels": labels.tolist(), "loss": float(loss), "gradients": gradients, "after": after}


def main():
    OUT.mkdir(exist_ok=True)
    made_with = f"torch {torch.__version__}, transformers {transformers.__version__}"
    for name, (family, changes) in MODELS.items():
        settings = {**SIZES, **changes}
        if family == "distilbert":
            names = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads"}
            names["intermediate_size"] = "hidden_dim"
            settings = {names.get(key, key): value for key, value in settings.items()}
        config = transformers.AutoConfig.for_model(family, **settings)
        config.id2label = LABELS
        config.label2id = {label: number for number, label in LABELS.items()}
        model = transformers.AutoModelForSequenceClassification.from_config(config, attn_implementation="eager")
        model.eval()
        tensors = fill(model)
        rows = texts(config)
        answers(model, rows)
        fixture = {
            "made_with": made_with,
            "config": json.loads(model.config.to_json_string()) | {"architectures": [type(model).__name__]},
            "tensors": tensors,
            "rows": rows,
            "step": step(model, rows),
        }
        path = OUT / f"{name}.json"
        path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")
        print(name, len(tensors), "tensors,", path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
