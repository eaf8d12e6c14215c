"""One record per kind of scalar: what Hugging Face's normalizers and pre-tokenizers, Python's `str` and the rules of
grapheme clusters ask of it. A table gives the record of every scalar."""

import functools
import unicodedata
from collections.abc import Callable

import regex
import unicodedata2
from tokenizers import normalizers, pre_tokenizers

from . import emit, scalars

CONTROLS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# The order of GraphemeClass.swift.
CLUSTER_BREAKS = ["CR", "LF", "Control", "Extend", "ZWJ", "RI", "Prepend", "SpacingMark", "L", "V", "T", "LV", "LVT"]
CONJUNCT_BREAKS = ["Consonant", "Linker", "Extend"]
# Set in a mapping that is no distance but the place of several scalars.
EXPANDED = 1 << 31


def where(holds: Callable[[str], bool]) -> set[int]:
    return {scalar for scalar in scalars.SCALARS if holds(chr(scalar))}


# MARK: tokenizers


def pieces(pre_tokenizer, text: str) -> int:
    return len(pre_tokenizer.pre_tokenize_str(text))


def bert(**on: bool):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**(off | on)).normalize_str


@functools.cache
def hugging_face() -> list[set[int]]:
    """The sets of scalars of HuggingFaceTraits.swift, in the order of their bits."""
    digits, punctuation = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation()
    clean, chinese, accents = bert(clean_text=True), bert(handle_chinese_chars=True), bert(strip_accents=True)
    strip, words = normalizers.StripAccents().normalize_str, pre_tokenizers.Whitespace()
    return [
        where(lambda c: pieces(digits, f"a{c}a") == 3),
        where(lambda c: pieces(punctuation, f"a{c}a") == 3),
        where(lambda c: clean(f"a{c}a") == "aa"),
        where(lambda c: chinese(c) == f" {c} "),
        where(lambda c: accents(f"a{c}") == "a"),
        where(lambda c: strip(f"a{c}") == "a"),
        where(lambda c: pieces(words, f"a{c}a") == 1),
    ]


@functools.cache
def script_classes() -> list[int]:
    """Numbers such that the UnicodeScripts pre-tokenizer parts two scalars when theirs differ and none is 0."""
    parts = pre_tokenizers.UnicodeScripts()
    classes = [0] * scalars.LIMIT
    examples = ["1", "A"]
    assert pieces(parts, "1A") == 2
    likely = 1
    for scalar in scalars.SCALARS:
        text = chr(scalar)
        if all(pieces(parts, example + text) == 1 for example in examples[:2]):
            continue
        # The last one is the likeliest to be alike.
        numbers = [likely, *range(1, len(examples) + 1)]
        found = next((n for n in numbers if pieces(parts, examples[n - 1] + text) == 1), None)
        if not found:
            examples.append(text)
            found = len(examples)
        classes[scalar] = likely = found
    return classes


# MARK: Python


@functools.cache
def python() -> list[set[int]]:
    """The sets of scalars of PythonTraits.swift, in the order of their bits."""
    category = scalars.general_categories()
    return [
        {s for s in scalars.SCALARS if category[s][0] == "L"},
        where(lambda c: unicodedata2.decimal(c, None) is not None),
        where(lambda c: unicodedata2.digit(c, None) is not None),
        where(lambda c: unicodedata2.numeric(c, None) is not None),
        scalars.newest(r"\p{Uppercase}"),
        scalars.newest(r"\p{Lowercase}"),
        {s for s in scalars.SCALARS if category[s] == "Lt"},
        {s for s in scalars.SCALARS if s == 0x20 or category[s] not in CONTROLS},
        scalars.newest(r"\p{Cased}"),
        scalars.newest(r"\p{Case_Ignorable}"),
    ]


# MARK: Grapheme clusters


@functools.cache
def cluster_breaks() -> list[int]:
    """The break class in four bits, then whether it is a pictograph, then its part in conjuncts in two."""
    values = [0] * scalars.LIMIT
    for number, name in enumerate(CLUSTER_BREAKS, 1):
        for scalar in scalars.newest(rf"\p{{GCB={name}}}"):
            values[scalar] = number
    for scalar in scalars.newest(r"\p{Extended_Pictographic}"):
        values[scalar] |= 1 << 4
    for number, name in enumerate(CONJUNCT_BREAKS, 1):
        for scalar in scalars.newest(rf"\p{{InCB={name}}}"):
            values[scalar] |= number << 5
    for scalar in newer_than_reference():
        values[scalar] &= 1 << 4
    return values


@functools.cache
def newer_than_reference() -> set[int]:
    """Scalars that the reference's Unicode does not have: no part of clusters to it."""
    category = scalars.general_categories()
    return {scalar for scalar in scalars.oniguruma(r"\p{Cn}") if category[scalar] != "Cn"}


# MARK: Case


class Cases:
    """Distances to the other cases, and scalars for what becomes several."""

    def __init__(self) -> None:
        self.expansions: list[int] = []
        self.places: dict[str, int] = {}

    def mapping(self, scalar: int, text: str) -> int:
        if len(text) == 1:
            return (ord(text) - scalar) & 0x7FFFFFFF
        if text not in self.places:
            self.places[text] = len(self.expansions)
            self.expansions += [len(text), *map(ord, text)]
        return EXPANDED | self.places[text]


@functools.cache
def lowercase() -> dict[int, str]:
    """Of Rust, which has no rule that looks around; other scalars stay."""
    lower = normalizers.Lowercase().normalize_str
    return {s: lower(chr(s)) for s in scalars.SCALARS if lower(chr(s)) != chr(s)}


def uppercase(method: Callable[[str], str]) -> dict[int, str]:
    """Of Python; for letters newer than this Python, the way back from lower case."""
    known = {s: method(chr(s)) for s in scalars.SCALARS if method(chr(s)) != chr(s)}
    for upper, text in lowercase().items():
        new = unicodedata.category(chr(upper)) == "Cn" or unicodedata.category(text[0]) == "Cn"
        if new and len(text) == 1:
            known.setdefault(ord(text), chr(upper))
    return known


def generate() -> emit.Tables:
    cases = Cases()
    mappings = [lowercase(), uppercase(str.upper), uppercase(str.title)]
    scripts, breaks = script_classes(), cluster_breaks()
    bits = []
    for sets in [hugging_face(), python()]:
        table = [0] * scalars.LIMIT
        for bit, members in enumerate(sets):
            for scalar in members:
                table[scalar] |= 1 << bit
        bits.append(table)
    records: dict[tuple[int, ...], int] = {(0,) * 7: 0}
    numbers = [0] * scalars.LIMIT
    for scalar in scalars.SCALARS:
        distances = [cases.mapping(scalar, mapping.get(scalar, chr(scalar))) for mapping in mappings]
        record = (bits[0][scalar], bits[1][scalar], scripts[scalar], breaks[scalar], *distances)
        numbers[scalar] = records.setdefault(record, len(records))
    blocks, tables = emit.Blocks(), emit.Tables()
    tables.array(16, "records", blocks.index(numbers))
    tables.array(16, "record_blocks", blocks.values)
    columns = list(zip(*records))
    names = ["hugging_face", "python", "script", "cluster", "lower", "upper", "title"]
    for width, name, column in zip([8, 16, 8, 8, 32, 32, 32], names, columns):
        tables.array(width, f"record_{name}", column)
    tables.array(32, "case_expansions", cases.expansions)
    return tables
