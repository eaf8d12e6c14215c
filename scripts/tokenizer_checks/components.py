"""Random tokenizers: components of every kind in chains that no real model has, over a model that shows where pieces begin."""

import json
import random

from . import families, texts

NORMALIZERS = [
    {"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "StripAccents"}, {"type": "Nmt"},
    {"type": "ByteLevel"}, {"type": "Strip", "strip_left": True, "strip_right": False}, {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "Strip", "strip_left": False, "strip_right": True},
    # No empty Prepend: tokenizers 0.23 doubles the first character behind it, or panics, once accents are stripped.
    {"type": "Prepend", "prepend": "▁"}, {"type": "Prepend", "prepend": "ab "},
    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "Replace", "pattern": {"String": "ab"}, "content": ""},
    {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}, {"type": "Replace", "pattern": {"Regex": r"\d"}, "content": "0"},
    # Empty matches are left to the checks of single components: the reference repeats what was put in there when a later
    # component rewrites it.
]
PATTERNS = [
    r"\s+", r"\w+", r"\W", r"\d{2}", r"[^\s\w]", r"\p{Lu}", r"\p{L}+", r"\p{N}{1,3}", r"\p{P}", r"\p{Han}+", r"(?i:the|QU)", r"\s+(?!\S)", r" ?\p{L}+",
    r"(?<=a)b?", r"\b", r"\B", r"^.", r".$", r"(?m:.)+", r"[a-z&&[^aeiou]]+", r"[[:punct:]]", r"[[:alpha:]]+", r"[[:space:]]", r"\h+", r"\H", r"a|ab|abc",
    r"(?>a+)b", r"a++b?", r"a{,2}b", r"(?i)x|É", r"\R", r"[\u4e00-\u9fff]+", r"\x{e9}|\t", r"[^\p{L}]", r"\P{L}+", r"\p{^N}", r"[\s\S]{3}", r"(a)(b)?",
    r"x{2}+", r"[\]\[-]", r"\p{Alpha}\p{Digit}?", r"\S+\s?", r"[^\n]+\n?", r"\p{Latin}+|\p{Cyrillic}+", r"(?=[A-Z])", r"",
    families.CL100K, families.QWEN, families.O200K, families.TEKKEN, families.KIMI] + families.DEEPSEEK
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
PRE_TOKENIZERS = [
    {"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {"type": "BertPreTokenizer"}, {"type": "UnicodeScripts"},
    {"type": "Digits", "individual_digits": True}, {"type": "Digits", "individual_digits": False},
    {"type": "CharDelimiterSplit", "delimiter": "a"}, {"type": "CharDelimiterSplit", "delimiter": "é"},
    {"type": "FixedLength", "length": 3},
]


def pre_tokenizer(r):
    kind = r.random()
    if kind < 0.35:
        pattern = {"Regex": r.choice(PATTERNS)} if r.random() < 0.85 else {"String": r.choice([" ", "a", "ab", "▁", "", "。"])}
        return {"type": "Split", "pattern": pattern, "behavior": r.choice(BEHAVIORS), "invert": r.random() < 0.3}
    if kind < 0.45:
        return {"type": "Punctuation", "behavior": r.choice(BEHAVIORS)}
    if kind < 0.6:
        return {"type": "Metaspace", "replacement": r.choice(["▁", "▁", "_"]), "prepend_scheme": r.choice(["always", "first", "never"]),
                "split": r.random() < 0.7}
    if kind < 0.7:
        return {"type": "ByteLevel", "add_prefix_space": r.random() < 0.5, "trim_offsets": True, "use_regex": r.random() < 0.5}
    return r.choice(PRE_TOKENIZERS)


def normalizer(r):
    if r.random() < 0.2:
        return {"type": "BertNormalizer", "clean_text": r.random() < 0.7, "handle_chinese_chars": r.random() < 0.7,
                "strip_accents": r.choice([None, True, False]), "lowercase": r.random() < 0.6}
    return r.choice(NORMALIZERS)


def decoder(r):
    return r.choice([
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": r.choice(["always", "first", "never"]), "split": True},
        {"type": "WordPiece", "prefix": r.choice(["##", "a"]), "cleanup": r.random() < 0.5},
        {"type": "BPEDecoder", "suffix": r.choice(["</w>", "a", "##"])},
        {"type": "CTC", "pad_token": r.choice(["[PAD]", "a"]), "word_delimiter_token": r.choice(["|", "##b"]), "cleanup": r.random() < 0.5},
        {"type": "Replace", "pattern": r.choice([{"String": "▁"}, {"String": "##"}, {"Regex": "a+"}, {"String": "ab"}]), "content": r.choice([" ", "", "xy"])},
        {"type": "Strip", "content": r.choice([" ", "a", "#"]), "start": r.choice([0, 1, 2]), "stop": 0},
    ])


def chain(r, part, name, key, most):
    parts = [part(r) for _ in range(r.choice(range(most + 1)))]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and r.random() < 0.5 else {"type": "Sequence", key: parts}


def added_tokens(r, start):
    tokens = []
    for content in r.sample(["<s>", "ab", "a", " x", "x ", "é", "É", "ﬁ", "[M]", "the", "▁", "  ", "\n", "<mask>", "1", "中", "ab c", "İ"], r.choice([0, 1, 3, 6])):
        token = {"id": start + len(tokens), "content": content, "single_word": r.random() < 0.25, "lstrip": r.random() < 0.3,
                 "rstrip": r.random() < 0.3, "normalized": r.random() < 0.5, "special": r.random() < 0.5}
        # A special token in another form than its own is not skipped by the reference; here it is.
        token["normalized"] = token["normalized"] and not token["special"]
        tokens.append(token)
    return tokens


def post_processor(r):
    A, B = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    S, X = {"SpecialToken": {"id": "S", "type_id": 0}}, {"SpecialToken": {"id": "X", "type_id": 0}}
    specials = {"S": {"id": "S", "ids": [1], "tokens": ["[PAD]"]}, "X": {"id": "X", "ids": [2, 3], "tokens": ["a", "b"]}}

    def one():
        kind = r.random()
        if kind < 0.2:
            return {"type": "BertProcessing", "sep": ["a", 2], "cls": ["b", 3]}
        if kind < 0.4:
            return {"type": "RobertaProcessing", "sep": ["a", 2], "cls": ["b", 3], "trim_offsets": True, "add_prefix_space": False}
        if kind < 0.5:
            return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
        return {"type": "TemplateProcessing", "single": r.choice([[A], [S, A], [S, A, X], [A, X], [X, A, S]]),
                "pair": r.choice([[A, B], [S, A, B], [B, S, A], [A, X, B, X]]), "special_tokens": specials}
    kind = r.random()
    if kind < 0.3:
        return None
    if kind < 0.7:
        return one()
    return {"type": "Sequence", "processors": [one(), one()]}


def vocabulary():
    characters = sorted({c for line in texts.LANGUAGES + texts.CODE + texts.PUNCTUATION + texts.DIGITS + texts.MARKS + texts.SPACES for c in line}
                        | set(families.BYTES()) | set("▁-_^0"))
    vocab = {"[UNK]": 0, "[PAD]": 1}
    for token in ["a", "b"] + characters + ["##" + c for c in characters] + ["<0x41>", "<0xE4>", "<0xBD>", "<0xA0>", "|", "</w>", " .", "do not", "ab</w>"]:
        vocab.setdefault(token, len(vocab))
    return vocab


def document(seed):
    """A tokenizer.json."""
    r = random.Random(f"components {seed}")
    vocab = vocabulary()
    truncation = padding = None
    if r.random() < 0.15:
        truncation = {"direction": r.choice(["Left", "Right"]), "max_length": r.choice([0, 1, 3, 8]), "strategy": r.choice(["LongestFirst", "OnlyFirst"]), "stride": 0}
    if r.random() < 0.15:
        padding = {"strategy": r.choice(["BatchLongest", {"Fixed": 9}]), "direction": r.choice(["Left", "Right"]),
                   "pad_to_multiple_of": r.choice([None, 4]), "pad_id": 1, "pad_type_id": 0, "pad_token": "[PAD]"}
    normalizers = chain(r, normalizer, "normalizer", "normalizers", 3)
    pre_tokenizers = chain(r, pre_tokenizer, "pre_tokenizer", "pretokenizers", 3)
    added = added_tokens(r, len(vocab))
    if '"first"' in json.dumps(pre_tokenizers) and any(w in json.dumps(normalizers) for w in ("Prepend", "chinese_chars\": true")):
        # What is put in front of a text counts as its start, for the reference also behind the first piece.
        normalizers = None
    if '"Strip"' in json.dumps(normalizers) or '"content": ""' in json.dumps(normalizers):
        # A token whose normal form is empty is found everywhere by the reference.
        for token in added:
            token["normalized"] = False
    return json.dumps({
        "version": "1.0", "truncation": truncation, "padding": padding, "added_tokens": added,
        "normalizer": normalizers, "pre_tokenizer": pre_tokenizers,
        "post_processor": post_processor(r), "decoder": chain(r, decoder, "decoder", "decoders", 3),
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab}})
