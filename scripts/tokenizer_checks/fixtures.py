"""Writes Tests/Fixtures/tokenizers: one file a family, with a small tokenizer and what the reference makes of texts."""

import json
import pathlib

from tokenizers import Tokenizer

from . import families, texts

TARGET = pathlib.Path("Tests/Fixtures/tokenizers")
VOCABULARY = 420
TEXTS = 40
# A charsmap has 300 KB: what needs one is compared at test time (scripts/conformance-tokenizers).
LEFT_OUT = families.NEEDS_CHARSMAP


def cases(text, source, count):
    """Texts with ids, with and without special tokens, and the ids' text, with and without special tokens."""
    reference = Tokenizer.from_str(text)
    rows = []
    for line in source.texts(count):
        ids = reference.encode(line).ids
        plain = reference.encode(line, add_special_tokens=False).ids
        rows.append([line, ids, plain, reference.decode(ids, skip_special_tokens=False), reference.decode(ids)])
    return rows


def write(name, text, rows):
    document = {"tokenizer": json.loads(text), "cases": rows}
    (TARGET / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    corpus = texts.corpus()
    for name in families.FAMILIES:
        if name in LEFT_OUT:
            continue
        text = families.make(name, corpus, VOCABULARY, None)
        write(name, text, cases(text, texts.TextSource(f"fixture {name}", families.special_tokens(text)), TEXTS))
        print(name, (TARGET / f"{name}.json").stat().st_size)


if __name__ == "__main__":
    main()
