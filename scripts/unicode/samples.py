"""Texts at random, of what the references treat specially, and what the references make of them."""

import functools
import random
import unicodedata

import regex
import unicodedata2
from tokenizers import normalizers

from . import properties, scalars

# Fields of the files stand between tabs, records between line ends.
RESERVED = {0x09, 0x0A}


@functools.cache
def interesting() -> dict[str, list[int]]:
    """Kinds of scalars that rules of normalization speak of."""
    kinds = {
        "mark": [s for s in scalars.SCALARS if unicodedata2.combining(chr(s))],
        "canonical": [s for s in scalars.SCALARS if unicodedata2.normalize("NFD", chr(s)) != chr(s) and s < 0xAC00],
        "compatible": [s for s in scalars.SCALARS if unicodedata2.normalize("NFKD", chr(s)) != chr(s) and s < 0xAC00],
        "astral": [s for s in scalars.SCALARS if unicodedata2.normalize("NFKD", chr(s)) != chr(s) and s > 0xFFFF],
        "jamo": [*range(0x1100, 0x1200), *range(0xAC00, 0xD7A4, 97), *range(0xAC00, 0xD7A4, 28 * 13)],
        "second": sorted({
            ord(unicodedata2.normalize("NFD", chr(s))[-1])
            for s in scalars.SCALARS if unicodedata2.normalize("NFD", chr(s)) != chr(s)
        }),
        "first": sorted({
            ord(unicodedata2.normalize("NFD", chr(s))[0])
            for s in scalars.SCALARS if unicodedata2.normalize("NFD", chr(s)) != chr(s) and s < 0xAC00
        }),
        "plain": [*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x4E00, 0x4E80), *range(0x3041, 0x30FF)],
        "any": scalars.SCALARS,
    }  # fmt: skip
    return {name: [s for s in kind if s not in RESERVED] for name, kind in kinds.items()}


def text(source: random.Random, kinds: dict[str, list[int]], longest: int) -> str:
    weights = source.choice([None, [1, *[0.3] * (len(kinds) - 1)], [*[0.3] * (len(kinds) - 1), 1]])
    names = source.choices(list(kinds), weights, k=source.randint(1, longest))
    return "".join(chr(source.choice(kinds[name])) for name in names)


def normalization(count: int, seed: int) -> list[str]:
    """Lines of a text and its four forms."""
    source = random.Random(seed)
    forms = [getattr(normalizers, form)() for form in ["NFC", "NFD", "NFKC", "NFKD"]]
    lines = []
    for _ in range(count):
        sample = text(source, interesting(), 16)
        lines.append("\t".join([sample, *(form.normalize_str(sample) for form in forms)]))
    return [line for line in lines if line.count("\t") == 4 and "\n" not in line]


def known(sample: str) -> bool:
    """Whether this Python's own tables, which `str` goes by, have every scalar of `sample`."""
    return all(unicodedata.category(c) != "Cn" for c in sample)


def case(count: int, seed: int) -> list[str]:
    """Lines of a text and what lower, upper, title and capitalize make of it."""
    source = random.Random(seed)
    changing = [s for s in scalars.SCALARS if chr(s).swapcase() != chr(s)]
    marks = [0x27, 0x2E, 0xAD, 0x301, 0x345, 0x2B0, 0x10FF, 0x20]
    kinds = {"sigma": [0x3A3, 0x3C3, 0x3C2], "ignored": marks, "changing": changing, "plain": [*range(0x20, 0x7F)]}
    lines = []
    while len(lines) < count:
        sample = text(source, kinds, 12)
        changed = [sample.lower(), sample.upper(), sample.title(), sample.capitalize()]
        if known(sample) and all(map(known, changed)):
            lines.append("\t".join([sample, *changed]))
    return lines


def graphemes(count: int, seed: int) -> list[str]:
    """Lines of a text and the lengths of its clusters in scalars, with spaces between."""
    source = random.Random(seed)
    breaks = properties.cluster_breaks()
    kinds: dict[str, list[int]] = {}
    for scalar in scalars.SCALARS:
        if scalar not in RESERVED and scalar not in properties.newer_than_reference():
            kinds.setdefault(str(breaks[scalar]), []).append(scalar)
    clusters = regex.compile(r"\X")
    lines = []
    for _ in range(count):
        sample = text(source, kinds, 12)
        lines.append(f"{sample}\t{' '.join(str(len(cluster)) for cluster in clusters.findall(sample))}")
    return lines
