"""Random expressions of the template language over a few variables.

Filters that give iterators are consumed at once: what an iterator that nobody asks would raise is not compared.
Without `escape`: the reference's result shows its class inside of lists, ours is a string like any other.
"""

import random

ATOMS = [
    "1", "0", "-3", "2.5", "1e3", "'abc'", "'Ab c'", "''", "true", "false", "none", "[1, 2, 3]", "[]", "{'a': 1, 'b': [2]}", "('x', 2)",
    "x", "s", "l", "d", "missing", "messages", "range(4)",
]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"]
FILTERS = [
    "length", "upper", "lower", "title", "capitalize", "trim", "first", "last", "list", "string", "int", "float", "abs", "sum", "min", "max",
    "sort", "unique | list", "reverse | list", "join(',')", "join", "default('D')", "default('D', true)", "tojson", "replace('a', 'Z')", "round", "round(1)",
    "items | list", "dictsort", "count", "indent", "center(9)", "wordcount", "truncate(5)", "batch(2) | list", "slice(2) | list", "map('string') | list",
    "select('odd') | list", "reject('none') | list", "urlencode", "format(1)",
]
TESTS = [
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "true", "false",
    "odd", "even", "divisibleby(2)", "eq(1)", "in([1, 'abc'])", "lower", "upper", "callable",
]
METHODS = [
    "strip()", "upper()", "split()", "split('b')", "split('b', 1)", "startswith('a')", "endswith(('c', 'x'))", "find('b')", "count('a')",
    "replace('b', 'B')", "title()", "keys()", "values()", "items()", "get('a')", "get('z', 5)", "join(['p', 'q'])", "isdigit()", "rstrip('c')",
    "lstrip()", "zfill(5)", "index('b')", "splitlines()", "partition('b')", "format(1)", "ljust(6, '.')", "swapcase()", "isupper()",
]


def expression(pick: random.Random, depth: int = 3) -> str:
    if depth == 0 or pick.random() < 0.15:
        return pick.choice(ATOMS)
    inner = lambda: expression(pick, depth - 1)  # noqa: E731
    kind = pick.randrange(9)
    if kind <= 1:
        return f"({inner()} {pick.choice(BINARY)} {inner()})"
    if kind == 2:
        return f"({inner()} | {pick.choice(FILTERS)})"
    if kind == 3:
        return f"({inner()} is {pick.choice(['', 'not '])}{pick.choice(TESTS)})"
    if kind == 4:
        return f"({inner()}).{pick.choice(METHODS)}"
    if kind == 5:
        return f"({inner()} if {inner()} else {inner()})"
    if kind == 6:
        return f"({inner()})[{pick.choice(['0', '-1', '1:', ':-1', '::-1', '::2', repr('a'), '5'])}]"
    if kind == 7:
        return f"(not {inner()})"
    return f"[{inner()}, {inner()}]"
