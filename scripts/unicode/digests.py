"""What `swift test` compares with: digests of what the references say of every scalar, and some texts."""

import pathlib
from collections.abc import Iterable

from tokenizers import normalizers

from . import properties, samples, scalars, traits

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "unicode"
SEED = 20260101


def fnv(values: Iterable[int]) -> str:
    """FNV-1a, 64 bits, over bytes."""
    state = 0xCBF29CE484222325
    for value in values:
        state = (state ^ value) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def texts(value) -> str:
    """Of a text for every scalar; each ends with a byte that is in no text."""
    return fnv(byte for scalar in scalars.SCALARS for byte in value(chr(scalar)).encode() + b"\xff")


def lines() -> dict[str, str]:
    """Property to digest of its values, one byte per number below 0x110000 or one text per scalar."""
    found = {
        "traits.oniguruma": fnv(traits.table(scalars.oniguruma)),
        "traits.rust": fnv(traits.table(scalars.rust)),
        "traits.newest": fnv(traits.table(scalars.newest)),
    }
    for form in ["NFC", "NFD", "NFKC", "NFKD"]:
        found[f"normalization.{form.lower()}"] = texts(getattr(normalizers, form)().normalize_str)
    found["case.rust"] = texts(normalizers.Lowercase().normalize_str)
    for name, method in [("upper", str.upper), ("title", str.title)]:
        mapping = properties.uppercase(method)
        found[f"case.{name}"] = texts(lambda c: mapping.get(ord(c), c))
    for name, sets in [("hugging_face", properties.hugging_face()), ("python", properties.python())]:
        for bit, members in enumerate(sets):
            found[f"{name}.{bit}"] = fnv(int(number in members) for number in range(scalars.LIMIT))
    found["scripts"] = fnv(properties.script_classes())
    return found


def write() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "digests.txt").write_text("".join(f"{name} {digest}\n" for name, digest in lines().items()))
    for kind in [samples.normalization, samples.case, samples.graphemes]:
        (TARGET / f"{kind.__name__}.txt").write_text("\n".join(kind(300, SEED)) + "\n")
