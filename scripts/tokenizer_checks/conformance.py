"""Compares the engine with the reference in bulk. Ends non-zero when anything differs."""

import argparse
import os
import pathlib
import random
import sys
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

from tokenizers import Tokenizer

from . import charsmap, components, families, texts
from .engine import Engine, EngineError

CACHE = pathlib.Path(".cache/tokenizers")
BATCH = 2000
SHOWN = 3
VOCABULARY = 1500


def document(name):
    """The tokenizer.json of a family; trained once for each version of what it is made from."""
    sources = [pathlib.Path(module.__file__) for module in (charsmap, families, texts)]
    path = CACHE / f"{name}.json"
    newest = max(source.stat().st_mtime for source in sources)
    if not path.exists() or path.stat().st_mtime < newest:
        CACHE.mkdir(parents=True, exist_ok=True)
        rules = None
        if name in families.NEEDS_CHARSMAP:
            blob = CACHE / "nmt_nfkc.bin"
            if not blob.exists():
                blob.write_bytes(charsmap.nmt_nfkc())
            rules = blob.read_bytes()
        path.write_text(families.make(name, texts.corpus(), VOCABULARY, rules))
    return path.read_text()


def attempt(function):
    """What `function` returns; None where the reference panics."""
    try:
        return function()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


class Comparison:
    def __init__(self, name, engine, reference):
        self.name, self.engine, self.reference = name, engine, reference
        self.differences = 0

    def report(self, what, subject, ours, expected):
        self.differences += 1
        if self.differences <= SHOWN:
            print(f"{self.name}: {what} of {subject!a}\n  ours      {ours!a}\n  reference {expected!a}")

    def reference_ids(self, batch, special):
        def rows():
            if self.reference.padding:
                return [self.reference.encode(text, add_special_tokens=special).ids for text in batch]
            return [e.ids for e in self.reference.encode_batch_fast(batch, add_special_tokens=special)]
        found = attempt(rows)
        if found is not None:
            return found
        return [attempt(lambda: self.reference.encode(text, add_special_tokens=special).ids) for text in batch]

    def encode(self, batch, special):
        expected = self.reference_ids(batch, special)
        ours = self.engine.encode(batch, special)
        for text, mine, theirs in zip(batch, ours, expected):
            if theirs is not None and mine != theirs:
                self.report("ids" if special else "ids without special tokens", text, mine, theirs)
        for text, mine, count in zip(batch, ours, self.engine.count(batch, special)):
            if (None if mine is None else len(mine)) != count:
                self.report("count", text, count, mine)
        return [row for row in expected if row is not None]

    def decode(self, rows):
        for skip in (True, False):
            expected = attempt(lambda: self.reference.decode_batch(rows, skip_special_tokens=skip))
            if expected is None:
                expected = [attempt(lambda: self.reference.decode(row, skip_special_tokens=skip)) for row in rows]
            for stream in (False, True):
                for row, mine, theirs in zip(rows, self.engine.decode(rows, skip, stream), expected):
                    if theirs is not None and mine != theirs:
                        self.report("streamed text" if stream else "text", row, mine, theirs)


def random_rows(source, vocabulary, count):
    """Ids in no order a model would give, some of them not there."""
    limit = max(vocabulary.values()) + 3
    favourites = [vocabulary[token] for token in ("<0xE4>", "<0xBD>", "<0xA0>", "<0x41>", "##a", "▁", "a") if token in vocabulary]
    return [[source.choice(favourites) if favourites and source.random() < 0.4 else source.randrange(limit)
             for _ in range(source.randrange(12))] for _ in range(count)]


def compare(name, engine, text, count, seed, special):
    """Differences over `count` texts; None when the engine does not load the tokenizer."""
    reference = Tokenizer.from_str(text)
    try:
        engine.load(text)
    except EngineError as error:
        print(f"{name}: not loaded: {error}")
        return None
    comparison = Comparison(name, engine, reference)
    source = texts.TextSource(f"{name} {seed}", special)
    vocabulary = reference.get_vocab()
    done = 0
    while done < count:
        batch = source.texts(min(BATCH, count - done))
        rows = comparison.encode(batch, True)
        comparison.encode(batch[::8], False)
        comparison.decode(rows[::6] + random_rows(source.random, vocabulary, len(batch) // 8))
        done += len(batch)
    return comparison.differences


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--texts", type=int, default=1_000_000)
    arguments.add_argument("--pipelines", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("families", nargs="*")
    options = arguments.parse_args()
    engine = Engine(options.program)
    failed = 0
    for name in options.families or families.FAMILIES:
        start = time.monotonic()
        text = document(name)
        differences = compare(name, engine, text, options.texts, options.seed, families.special_tokens(text))
        failed += differences != 0
        print(f"{name:20} {options.texts} texts, {differences} differences, {time.monotonic() - start:.0f} s", flush=True)
    if not options.families:
        failed += pipelines(engine, options.pipelines, options.seed)
    engine.close()
    sys.exit(1 if failed else 0)


def pipelines(engine, count, seed):
    """Random chains of components; returns how many differ."""
    failed = refused = 0
    # The reference prints every panic.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for number in range(count):
        text = components.document(f"{seed} {number}")
        special = ["<s>", "ab", "the", " x", "İ", "ﬁ", "[M]"]
        differences = compare(f"pipeline {seed} {number}", engine, text, 300, seed, special)
        if differences is None:
            # Templates over three sequences, where the reference panics when it encodes.
            refused += 1
        failed += bool(differences)
    print(f"{count} random pipelines, {failed} with differences, {refused} refused", flush=True)
    return failed


if __name__ == "__main__":
    main()
