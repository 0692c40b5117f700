#!/usr/bin/env python3
"""Makes tests/engine/tokenizers.json: how transformers cuts a page of nasty texts with tokenizers of every kind.

    python3 -m venv .venv && .venv/bin/pip install transformers tokenizers sentencepiece protobuf
    .venv/bin/python tests/engine/make_tokenizer_fixture.py

The fixture names the versions that it was made with. The vocabularies are tiny and trained on the sentences below; each folder is written as people
have it, so that the test reads the same files as transformers did.
"""
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile

import sentencepiece
import tokenizers
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests" / "engine" / "tokenizers.json"
transformers.logging.set_verbosity_error()

SENTENCES = [
    "The quick brown fox jumps over the lazy dog, again and again and again.",
    "Déjà vu: naïve café, crème brûlée; the façade is rather odd, isn't it?",
    "Die Größe drückt auf die Straße, ÄÖÜ äöü ß, und der Hund bellt.",
    "Привет, мир! Как дела? Всё хорошо, ёлка стоит.",
    "这部电影很好看。我喜欢它 这 部 电 影",
    "今日は良い天気ですね。カタカナ ひらがな",
    "שלום עולם مرحبا بالعالم สวัสดีชาวโลก",
    "I would not say that I liked it: 3 of 10, or 12.50 at most (20% off!).",
    "good film bad film great story poor story fine end weak end",
] * 6

TEXTS = [
    "",
    " ",
    "no",
    "Hello World, HELLO world",
    "  several   spaces    here  ",
    "tabs\tand\nnew\r\nlines\n\n and \u00a0 no-break\u2003em",
    "caf\u00e9 cafe\u0301 CAFE\u0301 \u00c5 A\u030a \u212b \ufb01n \uff21\uff22\uff43 \u00bd \u2460",
    "Gr\u00f6\u00dfe dr\u00fcckt Stra\u00dfe STRASSE \u0130stanbul \u0131",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0419 \u0438\u0306 \u0451\u043b\u043a\u0430",
    "emoji \U0001f600\U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \u2764\ufe0f \U0001f1e9\U0001f1ea done",
    "\u8fd9\u90e8\u7535\u5f71\u5f88\u597d\u770b\u3002good\u7535\u5f71film",
    "\u4eca\u65e5\u306f\u826f\u3044\u5929\u6c17\u3067\u3059\u306d \u30ab\u30bf\u30ab\u30ca \u30cf\u309a \uff76\uff80",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627 \u0661\u0662\u0663",
    "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u05e2\u05d5\u05dc\u05dd",
    "control \x01\x02 bell\x07 nul\x00 esc\x1b[31m del\x7f \x85 next",
    "zero\u200bwidth \u200c\u200d\ufeff joiner \u00adsoft\u00ad \u2028 line \u2029 para",
    "inside [SEP] and [CLS] [MASK] [PAD][UNK] </s> <s> <mask> <pad> <unk> \u2581 ##ing",
    "a [MASK]  b <mask>  c[SEP]d</s>e",
    "FOO foo Foo fOo <x> <extra> <sep>",
    "http://example.org/a?b=c costs $12.50 (20% off!) -- it's, don't; \u201cquoted\u201d \u2026",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \u0928\u092e\u0938\u094d\u0924\u0947 \u03a3\u03c2",
    "x" * 120 + " yyy",
    "\U00020000 \U0001d4d0\U0001d4d1 \ufffd \ue000 \u0378",
    "\n",
    " leading",
    "trailing \t ",
    "\u0301a \u0301",
]
PAIRS = [
    ["good film", "bad end"],
    ["", "only the second"],
    ["only the first", ""],
    ["\u8fd9\u90e8 a [SEP] b", " caf\u00e9 </s> "],
    ["one two three four five six seven eight nine ten", "short"],
]


def long_text():
    words = "the quick brown fox caf\u00e9 \u7535\u5f71 good \u043c\u0438\u0440 1250 naïve".split()
    return " ".join(words[(i * i + i // 7) % len(words)] for i in range(10_000))


def checksum(ids):
    total = 0
    for place, number in enumerate(ids):
        total = (total * 31 + number + place) % 2147483647
    return [len(ids), total]


def word_pieces(folder, special):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    cased = SENTENCES + [normalizers.BertNormalizer().normalize_str(s) for s in SENTENCES]
    trainer = trainers.WordPieceTrainer(vocab_size=420, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(cased, trainer=trainer)
    vocabulary = tokenizer.get_vocab()
    words = "".join(f"{word}\n" for word in sorted(vocabulary, key=vocabulary.get))
    (folder / "vocab.txt").write_text(words, encoding="utf-8")


def byte_pairs(folder, special):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=special, initial_alphabet=sorted(alphabet), show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer=trainer)
    tokenizer.model.save(str(folder))


def sentence_pieces(path, **settings):
    # A small table of characters: the usual one of NFKC would be most of the fixture.
    rules = [("ﬁ", "fi"), ("Ａ", "A"), ("Ｂ", "B"), ("ｃ", "c"), ("½", "1/2"), ("①", "1"), ("\u00a0", " "),
             ("\u2003", " "), ("\t", " "), ("\n", " "), ("\r", " "), ("e\u0301", "é"), ("\u200b", " "),
             ("\u0001", ""), ("\u00ad", ""), ("…", "...")]
    table = "".join(
        f"{' '.join(f'{ord(c):X}' for c in old)}\t{' '.join(f'{ord(c):X}' for c in new)}\n" for old, new in rules
    )
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as file:
        file.write(table)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, vocab_size=300, hard_vocab_limit=False,
        minloglevel=2, normalization_rule_tsv=file.name, character_coverage=1.0, num_threads=1, **settings
    )
    os.unlink(file.name)
    path.write_bytes(model.getvalue())


BRACKETS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ANGLES = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
DEBERTA = dict(pad_id=0, unk_id=3, bos_id=1, eos_id=2, pad_piece="[PAD]", unk_piece="[UNK]", bos_piece="[CLS]",
               eos_piece="[SEP]")
PLAIN = {"single_word": False, "lstrip": False, "rstrip": False}


def token(content, **flags):
    return {"content": content, **PLAIN, "normalized": False, "special": True, **flags}


class Folders:
    """Writes folders of models under a temporary place, one a kind."""

    def __init__(self, place):
        self.place = place
        self.names = []

    def new(self, name, model_type, **files):
        folder = self.place / name
        folder.mkdir()
        self.names.append(name)
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        for stem, content in files.items():
            (folder / f"{stem}.json").write_text(json.dumps(content))
        return folder

    def copy(self, source, name, model_type, wanted, **files):
        folder = self.new(name, model_type, **files)
        for file in wanted:
            shutil.copy(self.place / source / file, folder)
        return folder

    def saved(self, source, name):
        model_type = json.loads((self.place / source / "config.json").read_text())["model_type"]
        folder = self.new(name, model_type)
        AutoTokenizer.from_pretrained(str(self.place / source)).save_pretrained(str(folder))


def write(folders):
    new, copy, saved = folders.new, folders.copy, folders.saved
    # WordPiece
    word_pieces(new("vocab.txt, silent", "bert"), BRACKETS)
    words = ["vocab.txt"]
    source = "vocab.txt, silent"
    settings = {
        "cased": {"do_lower_case": False},
        "accents stay": {"do_lower_case": True, "strip_accents": False, "tokenizer_class": "BertTokenizer"},
        "cased without accents": {"do_lower_case": False, "strip_accents": True},
        "Chinese stays whole": {"tokenize_chinese_chars": False, "tokenizer_class": "BertTokenizerFast"},
        "special tokens are split": {"split_special_tokens": True},
    }
    for name, fields in settings.items():
        copy(source, f"vocab.txt, {name}", "bert", words, tokenizer_config=fields)
    copy(source, "DistilBERT", "distilbert", words, tokenizer_config={"tokenizer_class": "DistilBertTokenizer"})
    copy(source, "ELECTRA", "electra", words,
         tokenizer_config={"tokenizer_class": "ElectraTokenizer", "strip_accents": False})
    copy(source, "RoBERTa with a BERT tokenizer", "roberta", words, tokenizer_config={"tokenizer_class": "BertTokenizer"})
    copy(source, "added_tokens.json", "bert", words, tokenizer_config={}, added_tokens={"FOO": 420, "<x>": 421},
         special_tokens_map={"additional_special_tokens": ["<x>"], "mask_token": token("[MASK]", lstrip=True)})
    copy(source, "added_tokens_decoder", "bert", words, tokenizer_config={
        "do_lower_case": False, "additional_special_tokens": ["<extra>"],
        "added_tokens_decoder": {"0": token("[PAD]"), "4": token("[MASK]", lstrip=True, rstrip=True),
                                 "420": token("fOo", special=False, normalized=True, single_word=True)}})
    word_pieces(new("MPNet", "mpnet"), ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    # tokenizer.json and what overrides it
    saved("vocab.txt, cased", "saved, cased")
    saved("vocab.txt, accents stay", "saved, accents stay")
    file = ["tokenizer.json"]
    copy("saved, cased", "silent settings override", "bert", file, tokenizer_config={"model_max_length": 512})
    copy("saved, cased", "strip_accents overrides", "bert", file,
         tokenizer_config={"do_lower_case": True, "strip_accents": False, "tokenizer_class": "BertTokenizer"})
    copy("saved, cased", "a fast tokenizer is as written", "bert", file, tokenizer_config={
        "tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": True, "additional_special_tokens": ["<extra>"],
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        "added_tokens_decoder": {"4": token("[MASK]", lstrip=True)}})
    saved("added_tokens_decoder", "saved, added tokens")
    copy("saved, cased", "added_tokens_decoder over a file", "bert", file, tokenizer_config={
        "do_lower_case": False, "tokenizer_class": "BertTokenizer",
        "added_tokens_decoder": {str(i): token(t) for i, t in enumerate(BRACKETS)} | {"420": token("FOO", special=False)}})
    saved("MPNet", "saved, MPNet")
    # Byte pairs
    byte_pairs(new("RoBERTa", "roberta"), ANGLES)
    pairs = ["vocab.json", "merges.txt"]
    copy("RoBERTa", "RoBERTa with a space in front", "roberta", pairs, tokenizer_config={"add_prefix_space": True})
    copy("RoBERTa", "RoBERTa with its mask", "roberta", pairs,
         tokenizer_config={"mask_token": token("<mask>", lstrip=True, __type="AddedToken")})
    saved("RoBERTa with its mask", "saved, RoBERTa")
    copy("saved, RoBERTa", "ModernBERT", "modernbert", file, tokenizer_config={
        "tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": ["input_ids", "attention_mask"]})
    # Sentencepiece
    sentence_pieces(new("XLM-RoBERTa", "xlm-roberta") / "sentencepiece.bpe.model")
    sentence_pieces(new("XLM-RoBERTa with pieces of its own", "xlm-roberta") / "sentencepiece.bpe.model",
                    user_defined_symbols=["<sep>", "foo"])
    copy("XLM-RoBERTa", "CamemBERT", "camembert", ["sentencepiece.bpe.model"])
    saved("XLM-RoBERTa", "saved, XLM-RoBERTa")
    saved("CamemBERT", "saved, CamemBERT")
    sentence_pieces(new("DeBERTa-v3", "deberta-v2", tokenizer_config={"do_lower_case": False, "vocab_type": "spm"},
                        added_tokens={"[MASK]": 128000}) / "spm.model", **DEBERTA)
    copy("DeBERTa-v3", "DeBERTa-v3 in lower case", "deberta-v2", ["spm.model"],
         tokenizer_config={"do_lower_case": True, "split_by_punct": True})
    sentence_pieces(new("DeBERTa-v2", "deberta-v2", tokenizer_config={"do_lower_case": False}) / "spm.model",
                    user_defined_symbols="[MASK]", **DEBERTA)
    saved("DeBERTa-v3", "saved, DeBERTa-v3")


def answers(folder):
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    told = "token_type_ids" in tokenizer.model_input_names
    pairs = []
    for first, second in PAIRS:
        # As a batch: alone, a pair with an empty second text would be taken for one text.
        both = tokenizer([first], [second])
        cut = tokenizer([first], [second], truncation=True, max_length=11)
        ids = both["input_ids"][0]
        types = both["token_type_ids"][0] if told else [0] * len(ids)
        pairs.append({"ids": ids, "types": types, "cut": cut["input_ids"][0]})
    return {"ids": [tokenizer(text)["input_ids"] for text in TEXTS], "pairs": pairs,
            "long": checksum(tokenizer(long_text())["input_ids"])}


def content(path):
    data = path.read_bytes()
    return {"hex": data.hex()} if path.suffix == ".model" else {"text": data.decode("utf-8")}


def main():
    with tempfile.TemporaryDirectory() as place:
        folders = Folders(pathlib.Path(place))
        write(folders)
        contents, cases = [], []
        for name in folders.names:
            files = {}
            for path in sorted((folders.place / name).iterdir()):
                if path.name.endswith(".py"):
                    continue
                file = content(path)
                if file not in contents:
                    contents.append(file)
                files[path.name] = contents.index(file)
            cases.append({"name": name, "files": files, **answers(folders.place / name)})
    made_with = (f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}, "
                 f"sentencepiece {sentencepiece.__version__}")
    fixture = {"made_with": made_with, "texts": TEXTS, "pairs": PAIRS, "contents": contents,
               "cases": cases}
    OUT.write_text(json.dumps(fixture, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="utf-8")
    print(made_with, len(cases), "folders,", OUT.stat().st_size, "bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
