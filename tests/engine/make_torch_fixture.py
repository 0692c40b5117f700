#!/usr/bin/env python3
"""Makes tests/engine/torch_files.json: one tiny classifier as people keep it in files of PyTorch.

    python3 -m venv .venv && .venv/bin/pip install torch transformers safetensors
    .venv/bin/python tests/engine/make_torch_fixture.py

Its weights are numbers that bfloat16 and float16 have too, so that every file gives the same model.
"""
import io
import json
import os
import pathlib

import safetensors.torch
import torch
import transformers

OUT = pathlib.Path(__file__).resolve().parent / "torch_files.json"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "good", "bad", "film"]


class Evil:
    """Would run a command where a reader runs what a pickle asks for."""

    def __reduce__(self):
        return os.system, ("touch blindspot-was-here",)


def saved(state, **settings):
    file = io.BytesIO()
    torch.save(state, file, **settings)
    return file.getvalue().hex()


def views(state):
    """The same tensors as parts of one storage, matrices the other way round in memory."""
    storage = torch.cat([t.T.contiguous().flatten() if t.dim() == 2 else t.flatten() for t in state.values()])
    found, start = {}, 0
    for name, tensor in state.items():
        part = storage[start : start + tensor.numel()]
        found[name] = part.view(tensor.shape[::-1]).T if tensor.dim() == 2 else part.view(tensor.shape)
        start += tensor.numel()
    return found


def main():
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, id2label={0: "bad", 1: "good"}, label2id={"bad": 0, "good": 1},
    )
    model = transformers.BertForSequenceClassification(config)
    state = {}
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            state[name] = (torch.randint(-64, 65, tensor.shape) / 64).contiguous()
    ids = {"bert.embeddings.position_ids": torch.arange(16).unsqueeze(0)}
    wrapped = {f"module._orig_mod.{name}": torch.nn.Parameter(tensor) for name, tensor in state.items()}
    names = list(state)
    half = len(names) // 2
    files = {
        "float32": saved(ids | state),
        "float16": saved({name: tensor.half() for name, tensor in state.items()}),
        "bfloat16": saved({name: tensor.bfloat16() for name, tensor in state.items()}),
        "nested": saved({"epoch": 3, "optimizer": {"lr": 0.1}, "state_dict": wrapped}),
        "views": saved(views(state)),
        "evil": saved(state | {"x": Evil()}),
        "others beside": saved(
            state | {"bert.mask": torch.ones(2, 3, dtype=torch.bool), "bert.small": torch.zeros(4).to(torch.float8_e4m3fn)}
        ),
        "whole numbers": saved(state | {"classifier.weight": state["classifier.weight"].to(torch.int32)}),
        "eight bits": saved(state | {"classifier.weight": state["classifier.weight"].to(torch.float8_e4m3fn)}),
        "old, true or false": saved(
            {"bert.mask": torch.ones(2, 3, dtype=torch.bool)}
            | state
            | {"classifier.bias": state["classifier.bias"] > 0},
            _use_new_zipfile_serialization=False,
        ),
        "old": saved(state, _use_new_zipfile_serialization=False),
        "first": saved({name: state[name] for name in names[:half]}),
        "second": saved({name: state[name] for name in names[half:]}),
    }
    index = {name: f"pytorch_model-0000{1 + (number >= half)}-of-00002.bin" for number, name in enumerate(names)}
    fixture = {
        "made_with": f"torch {torch.__version__}, transformers {transformers.__version__}",
        "config": json.loads(config.to_json_string(use_diff=False)) | {"architectures": ["BertForSequenceClassification"]},
        "vocabulary": VOCABULARY,
        "safetensors": safetensors.torch.save(state).hex(),
        "index": {"metadata": {}, "weight_map": index},
        "files": files,
    }
    OUT.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")
    print(fixture["made_with"], OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
