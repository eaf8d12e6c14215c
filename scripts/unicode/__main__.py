"""Writes the C tables; see scripts/gen-unicode."""

import importlib
import pathlib
import sys

from . import digests

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "CUnicodeTables"
MODULES = ["traits", "normalization", "properties"]
NOTE = "/* Written by scripts/gen-unicode. Do not edit. */\n"


def main() -> None:
    names = sys.argv[1:] or MODULES
    for name in names:
        tables = importlib.import_module(f"unicode.{name}").generate()
        (TARGET / f"{name}.c").write_text(f'{NOTE}#include "cunicode_{name}.h"\n\n{tables.definitions}')
        header = f"{NOTE}#pragma once\n#include <stdint.h>\n\n{tables.declarations}"
        (TARGET / "include" / f"cunicode_{name}.h").write_text(header)
        print(f"{name}: {len(tables.definitions) // 1024} KiB of text")
    digests.write()  # a minute
    headers = sorted((TARGET / "include").glob("cunicode_*.h"))
    umbrella = "".join(f'#include "{header.name}"\n' for header in headers)
    (TARGET / "include" / "cunicodetables.h").write_text(f"{NOTE}#pragma once\n{umbrella}")


if __name__ == "__main__":
    main()
