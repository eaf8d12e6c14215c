"""The tables of normalization, as the `normalizers` of tokenizers see it: an older Unicode than everything else there.

Everything is asked of the library itself: decompositions, combining classes by what it reorders, compositions by what it
joins. Only the candidates come from a newer Unicode.
"""

import unicodedata

import unicodedata2
from tokenizers import normalizers

from . import emit, scalars

# Bits of NormalizationData.swift, above the combining class.
NOT_NFC, NOT_NFD, NOT_NFKC, NOT_NFKD, JOINED, JOINED_COMPATIBLY, COMBINES = (1 << bit for bit in range(8, 15))
HANGUL = range(0xAC00, 0xD7A4)
# Jamo that join the syllable or consonant before them.
JAMO = {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
SLOTS = 2048


def normalized(form: str) -> list[str]:
    normalizer = getattr(normalizers, form)()
    results = [""] * scalars.LIMIT
    for scalar in scalars.SCALARS:
        results[scalar] = normalizer.normalize_str(chr(scalar))
    return results


def combining_classes(nfd: list[str]) -> list[int]:
    """Classes of scalars that stay as they are; those of others do not matter."""
    order = normalizers.NFD().normalize_str
    old = unicodedata.ucd_3_2_0.combining
    marks = {old(chr(s)): chr(s) for s in scalars.SCALARS if old(chr(s)) and nfd[s] == chr(s)}
    classes = [0] * scalars.LIMIT
    for scalar in scalars.SCALARS:
        text = chr(scalar)
        if nfd[scalar] != text:
            continue
        if order(f"a{text}{marks[1]}") == f"a{text}{marks[1]}" and order(f"a{marks[230]}{text}")[1] != text:
            continue
        found = unicodedata2.combining(text)
        for other, mark in marks.items():
            expected = f"a{mark}{text}" if other < found else f"a{text}{mark}"
            if order(f"a{text}{mark}") != expected:
                raise SystemExit(f"gen-unicode: the combining class of U+{scalar:04X} is not {found}")
        classes[scalar] = found
    return classes


def compositions() -> dict[tuple[int, int], int]:
    compose = normalizers.NFC().normalize_str
    pairs = {}
    for scalar in scalars.SCALARS:
        parts = unicodedata2.decomposition(chr(scalar)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            pair = int(parts[0], 16), int(parts[1], 16)
            if compose(chr(pair[0]) + chr(pair[1])) == chr(scalar):
                pairs[pair] = scalar
    return pairs


def slot(first: int, second: int) -> int:
    """Where the search for a pair begins; the same in NormalizationData.swift."""
    return ((first * 0x9E3779B1 ^ second * 0x85EBCA6B) & 0xFFFFFFFF) >> 21


def hashed(pairs: dict[tuple[int, int], int]) -> list[int]:
    """An open table of three numbers a slot."""
    slots: list[tuple[int, int, int]] = [(0, 0, 0)] * SLOTS
    for (first, second), composite in sorted(pairs.items()):
        place = slot(first, second)
        while slots[place][2]:
            place = (place + 1) % SLOTS
        slots[place] = (first, second, composite)
    return [number for entry in slots for number in entry]


class Pool:
    """Decompositions as UTF-16 behind their lengths; equal ones are kept once. Offset 0 says that there is none."""

    def __init__(self) -> None:
        self.units = [0]
        self.places: dict[str, int] = {}

    def offset(self, text: str) -> int:
        if text not in self.places:
            encoded = text.encode("utf-16-le")
            self.places[text] = len(self.units)
            self.units += [len(encoded) // 2]
            self.units += [encoded[i] | encoded[i + 1] << 8 for i in range(0, len(encoded), 2)]
        return self.places[text]


def generate() -> emit.Tables:
    forms = {form: normalized(form) for form in ["NFC", "NFD", "NFKC", "NFKD"]}
    classes, pairs = combining_classes(forms["NFD"]), compositions()
    seconds = {second for _, second in pairs} | JAMO
    properties = [0] * scalars.LIMIT
    canonical, compatible = [0] * scalars.LIMIT, [0] * scalars.LIMIT
    pool = Pool()
    for scalar in scalars.SCALARS:
        bits = classes[scalar] | (COMBINES if scalar in seconds else 0)
        for form, bit in [("NFC", NOT_NFC), ("NFD", NOT_NFD), ("NFKC", NOT_NFKC), ("NFKD", NOT_NFKD)]:
            if forms[form][scalar] != chr(scalar) or (form[-1] == "C" and scalar in seconds):
                bits |= bit
        for form, bit in [("NFD", JOINED), ("NFKD", JOINED_COMPATIBLY)]:
            first = ord(forms[form][scalar][0])
            if classes[first] or first in seconds:
                bits |= bit
        properties[scalar] = bits
        if scalar in HANGUL:
            continue
        if forms["NFD"][scalar] != chr(scalar):
            canonical[scalar] = pool.offset(forms["NFD"][scalar])
        if forms["NFKD"][scalar] != forms["NFD"][scalar]:
            compatible[scalar] = pool.offset(forms["NFKD"][scalar])
    tables = emit.Tables()
    for name, table in [("properties", properties), ("canonical", canonical), ("compatible", compatible)]:
        blocks = emit.Blocks()
        tables.array(16, f"normalization_{name}", blocks.index(table))
        tables.array(16, f"normalization_{name}_blocks", blocks.values)
    tables.array(16, "normalization_pool", pool.units)
    tables.array(32, "normalization_pairs", hashed(pairs))
    return tables
