"""C text of tables: compact, stable, and the same for the same contents."""

from collections.abc import Iterable, Sequence

COLUMNS = 118
BLOCK_BITS = 7
BLOCK = 1 << BLOCK_BITS


def numbers(values: Iterable[int]) -> str:
    """Values with commas, in lines."""
    lines, line = [], ""
    for value in values:
        text = f"{value},"
        if len(line) + len(text) > COLUMNS:
            lines.append(line)
            line = ""
        line += text
    return "\n".join([*lines, line] if line else lines)


class Tables:
    """The arrays of one C file and their declarations."""

    def __init__(self) -> None:
        self.definitions = ""
        self.declarations = ""

    def array(self, bits: int, name: str, values: Sequence[int]) -> None:
        """An array, with functions for its start and its count: Swift imports a long C array as a tuple, which no
        compiler enjoys."""
        kind = f"uint{bits}_t"
        assert min(values) >= 0 and max(values) >> bits == 0, name
        self.definitions += f"const {kind} cunicodedata_{name}[{len(values)}] = {{\n{numbers(values)}\n}};\n"
        self.declarations += (
            f"extern const {kind} cunicodedata_{name}[];\n"
            f"static inline const {kind} *cunicode_{name}(void) {{ return cunicodedata_{name}; }}\n"
            f"static inline uint32_t cunicode_{name}_count(void) {{ return {len(values)}; }}\n"
        )


class Blocks:
    """Blocks of values that the second stages of several tables share."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.places: dict[tuple[int, ...], int] = {}

    def index(self, table: Sequence[int]) -> list[int]:
        """The first stage for `table`: the block of each run of BLOCK scalars, without the zeros at the end."""
        stage = []
        for start in range(0, len(table), BLOCK):
            block = tuple(table[start : start + BLOCK])
            if block not in self.places:
                self.places[block] = len(self.places)
                self.values += block
            stage.append(self.places[block])
        while stage and not any(self.block(stage[-1])):
            stage.pop()
        return stage

    def block(self, place: int) -> Sequence[int]:
        return self.values[place * BLOCK : (place + 1) * BLOCK]
