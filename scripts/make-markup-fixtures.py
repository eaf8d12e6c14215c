"""Writes Tests/Fixtures/parsers/<format>/common.json: the same calls in the tags of every format.

The expected arguments are Python's own JSON of the values the calls were written from, so they prove the parsers against
something that is not a parser. Cases of one format alone are kept by hand in own.json beside it.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent / "Tests/Fixtures/parsers"


def text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def xml(value):
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        value = value.replace(plain, entity)
    return value


class Format:
    """How one format writes calls. `marker` is text of its own tags that ends nothing inside a value."""

    section = ("", "")
    separator = "\n"
    per_call = False
    marker = ""

    def calls(self, calls):
        written = [self.call(name, arguments) for name, arguments in calls]
        if self.per_call:
            return self.separator.join(self.section[0] + call + self.section[1] for call in written)
        return self.section[0] + self.separator.join(written) + self.section[1]


class QwenCoder(Format):
    names = ["qwen_coder"]
    section = ("<tool_call>\n", "\n</tool_call>")
    per_call = True
    marker = "<tool_call>\n<function=a>\n<parameter=b>\n1\n</parameter> </tool_call and </function>\n</parameter>x"

    def call(self, name, arguments):
        written = "".join(f"<parameter={k}>\n{text(v)}\n</parameter>\n" for k, v in arguments.items())
        return f"<function={name}>\n{written}</function>"


class MinimaxM2(Format):
    names = ["minimax_m2"]
    section = ("<minimax:tool_call>\n", "\n</minimax:tool_call>")
    marker = "<minimax:tool_call><invoke name=\"x\"> & &lt; <parameter name=\"y\"></invoke></parameter>z"

    def call(self, name, arguments):
        written = "".join(f'<parameter name="{k}">{self.value(v)}</parameter>\n' for k, v in arguments.items())
        return f'<invoke name="{name}">\n{written}</invoke>'

    def value(self, value):
        written = xml(text(value))
        # The newlines at the ends that are the value's.
        return f"\n{written}\n" if written.startswith("\n") or written.endswith("\n") else written


class Step3(Format):
    names = ["step3"]
    section = ("<｜tool_calls_begin｜>\n", "\n<｜tool_calls_end｜>")
    marker = "<｜tool_calls_begin｜> </steptml:invoke> <｜tool_call_end｜></steptml:parameter>."

    def call(self, name, arguments):
        written = "".join(
            f'<steptml:parameter name="{k}">{self.value(v)}</steptml:parameter>\n' for k, v in arguments.items()
        )
        return (
            f'<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="{name}">\n'
            f"{written}</steptml:invoke><｜tool_call_end｜>"
        )

    def value(self, value):
        written = text(value)
        return f"\n{written}\n" if written.startswith("\n") or written.endswith("\n") else written


class DeepSeek(Format):
    tag = "function_calls"
    marker = "</｜DSML｜invoke> <｜DSML｜parameter name=\"x\" </｜DSML｜parameter>a</｜DSML｜parameter > &amp;"

    def __init__(self, name, tag):
        self.names = [name]
        self.section = (f"<｜DSML｜{tag}>\n", f"\n</｜DSML｜{tag}>")

    def call(self, name, arguments):
        written = "".join(
            f'<｜DSML｜parameter name="{k}" string="{str(isinstance(v, str)).lower()}">{text(v)}'
            "</｜DSML｜parameter>\n"
            for k, v in arguments.items()
        )
        return f'<｜DSML｜invoke name="{name}">\n{written}</｜DSML｜invoke>'


class GLM(Format):
    names = ["glm45_moe"]
    section = ("<tool_call>", "</tool_call>")
    per_call = True
    marker = "<tool_call>x <arg_key>k</arg_key> </tool_call></arg_value> and <arg_value>"

    def call(self, name, arguments):
        written = "".join(f"<arg_key>{k}</arg_key>\n<arg_value>{text(v)}</arg_value>\n" for k, v in arguments.items())
        return f"{name}\n{written}"


class GLM47(GLM):
    names = ["glm47_moe"]
    separator = ""

    def call(self, name, arguments):
        return super().call(name, arguments).replace("\n<arg", "<arg") if arguments else name

    def calls(self, calls):
        return super().calls(calls).replace("\n</tool_call>", "</tool_call>")


class KimiK3(Format):
    names = ["kimi_k3"]
    section = ("<|open|>tools<|sep|>", "<|close|>tools<|sep|>")
    separator = ""
    marker = "<|open|>argument <|close|>call <|sep|> <|close|>argument<|sep|>! &amp;"
    kinds = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}

    def calls(self, calls):
        self.number = 0
        return super().calls(calls)

    def call(self, name, arguments):
        self.number += 1
        written = "".join(
            f'<|open|>argument key="{k}" type="{self.kinds.get(type(v), "null")}"<|sep|>{text(v)}'
            "<|close|>argument<|sep|>"
            for k, v in arguments.items()
        )
        return f'<|open|>call tool="{name}" index="{self.number}"<|sep|>{written}<|close|>call<|sep|>'


FORMATS = [
    QwenCoder(), MinimaxM2(), Step3(), DeepSeek("deepseek32", "function_calls"),
    DeepSeek("deepseek_v4", "tool_calls"), GLM(), GLM47(), KimiK3(),
]


def tool(name, **types):
    properties = {k: t if isinstance(t, dict) else {"type": t} for k, t in types.items()}
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": properties}}}


TOOLS = [
    tool("get_weather", city="string", days="integer", unit={"enum": ["c", "f"]}),
    tool(
        "run", code="string", options="object", paths="array", ratio="number", dry="boolean",
        note={"anyOf": [{"type": "string"}, {"type": "null"}]}, either={"type": ["integer", "string"]},
        shape={"oneOf": [{"type": "object"}, {"type": "array"}]}, other={"$ref": "#/$defs/other"},
    ),
    tool("now"),
]
WEATHER = ("get_weather", {"city": "Berlin", "days": 3, "unit": "c"})
CODE = 'def f(a):\n    """Says \\"hi\\"."""\n\treturn a < 1 and a > 0 or [\'\\n\', {"k": 1}]\n'


def cases(form):
    long = "Ein langer Text, der weiter geht. " * 6
    rows = [
        ("plain", "", [WEATHER], ""),
        ("text around", "Let me look.\n", [WEATHER], "\nDone.\n"),
        ("two calls", "", [WEATHER, ("get_weather", {"city": "Rome"})], ""),
        ("three calls and text", "a", [("now", {}), WEATHER, ("now", {})], " b"),
        ("no arguments", "", [("now", {})], ""),
        ("numbers", "", [("run", {"ratio": -0.25, "either": 7, "other": 12})], ""),
        ("booleans", "", [("run", {"dry": True, "other": False})], ""),
        ("null", "", [("run", {"note": None, "other": None})], ""),
        ("nested", "", [("run", {"options": {"a": [1, {"b": "x, y"}], "c": {}}, "paths": ["a b", []]})], ""),
        ("either shape", "", [("run", {"shape": {"a": 1}}), ("run", {"shape": [1, 2]})], ""),
        ("program", "", [("run", {"code": CODE, "dry": False})], ""),
        ("newlines at the ends", "", [("run", {"code": "\n\n x \n\n"})], ""),
        ("empty text", "", [("run", {"code": "", "note": ""})], ""),
        ("whitespace text", "", [("run", {"code": "  \t "})], ""),
        ("long text of open type", "", [("run", {"note": long, "either": long})], ""),
        ("control characters", "", [("run", {"code": "a\u0001\b\f\r\n\u001f\u007f"})], ""),
        ("quotes inside", "", [("run", {"code": 'say "yes" \\ no', "note": 'a "b"'})], ""),
        ("text that looks like JSON", "", [("run", {"code": '{"a": [1, 2]}'}), ("run", {"code": "null"})], ""),
        ("characters", "Grüße 🙂 ", [("get_weather", {"city": "Zürich 🇨🇭 \u2028 e\u0301"})], " 终"),
        ("chinese", "我来查询。", [("get_weather", {"city": "杭州，上海", "days": 2})], "请稍等。"),
        ("tags of other formats", "<b>x</b> <tools> [TOOL_CALLS", [("run", {"code": "<a href='x'>y</a>]]>"})], "</i>"),
        ("tags of the format in a value", "", [("run", {"code": form.marker, "dry": True})], "!"),
        ("values not in the schema", "", [("run", {"new": "text", "more": [1, "a"], "count": 4})], ""),
        ("a function that is not offered", "", [("other", {"a": "b c"})], ""),
    ]
    for name, before, calls, after in rows:
        yield {
            "name": name,
            "input": before + form.calls(calls) + after,
            "content": before + after,
            "calls": [
                {"name": n, "arguments": json.dumps(a, ensure_ascii=False, separators=(",", ":"))} for n, a in calls
            ],
        }


def main():
    for form in FORMATS:
        for name in form.names:
            folder = ROOT / name
            folder.mkdir(parents=True, exist_ok=True)
            rows = [json.dumps(case, ensure_ascii=False) for case in cases(form)]
            head = '{"tools": ' + json.dumps(TOOLS) + ',\n"cases": [\n'
            (folder / "common.json").write_text(head + ",\n".join(rows) + "\n]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
