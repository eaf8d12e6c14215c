"""The tables of ScalarTraits, for the engines whose patterns tokenizers are written for."""

from . import emit, scalars

# The bits of ScalarTraits.swift.
BITS = {
    r"\p{Lu}": 0, r"\p{Lt}": 0, r"\p{Ll}": 1, r"\p{Lm}": 2, r"\p{Lo}": 2, r"\p{M}": 3, r"\p{N}": 4, r"\s": 5,
    r"\p{P}": 6, r"\p{S}": 6, r"\p{Han}": 7,
}  # fmt: skip


def table(engine) -> list[int]:
    values = [0] * scalars.LIMIT
    for pattern, bit in BITS.items():
        for scalar in engine(pattern):
            values[scalar] |= 1 << bit
    return values


def generate() -> emit.Tables:
    oniguruma = table(scalars.oniguruma)
    if oniguruma != table(scalars.rust):
        raise SystemExit("gen-unicode: the engines differ now: give ScalarTable.rust a table of its own")
    blocks, tables = emit.Blocks(), emit.Tables()
    # In this order: the first block, which scanners use alone for ASCII, is that of U+0000.
    tables.array(16, "traits_engines", blocks.index(oniguruma))
    tables.array(16, "traits_newest", blocks.index(table(scalars.newest)))
    tables.array(8, "traits_blocks", blocks.values)
    return tables
