"""Every Unicode scalar, and what the reference engines say of each."""

import functools

import regex
import tiktoken
from tokenizers import Regex, pre_tokenizers

LIMIT = 0x110000
SCALARS = [scalar for scalar in range(LIMIT) if not 0xD800 <= scalar <= 0xDFFF]
# One call on all scalars would make the engines' offset tables slow.
CHUNK = 4096


def chunks() -> list[list[int]]:
    return [SCALARS[start : start + CHUNK] for start in range(0, len(SCALARS), CHUNK)]


def oniguruma(pattern: str) -> set[int]:
    """The scalars that `pattern`, a class of one scalar, matches in the patterns of a tokenizer.json."""
    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    found: set[int] = set()
    for chunk in chunks():
        for _, (start, end) in split.pre_tokenize_str("".join(map(chr, chunk))):
            found.update(chunk[start:end])
    return found


def rust(pattern: str) -> set[int]:
    """The same in tiktoken's patterns. What its pattern does not match, tiktoken leaves out."""
    bytewise = {bytes([byte]): byte for byte in range(256)}
    encoding = tiktoken.Encoding("probe", pat_str=pattern, mergeable_ranks=bytewise, special_tokens={})
    found: set[int] = set()
    for chunk in chunks():
        tokens = encoding.encode_ordinary("".join(map(chr, chunk)))
        found.update(map(ord, encoding.decode_bytes(tokens).decode()))
    return found


def newest(pattern: str) -> set[int]:
    """The same in the Python package `regex`, which follows Unicode closely."""
    compiled = regex.compile(pattern)
    return {scalar for scalar in SCALARS if compiled.match(chr(scalar))}


@functools.cache
def general_categories() -> list[str]:
    """The newest general category of every scalar."""
    import unicodedata2

    return [unicodedata2.category(chr(scalar)) for scalar in range(LIMIT)]
