"""The fixtures, and what an answer was taken apart into."""

import dataclasses
import json
import pathlib

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures"


@dataclasses.dataclass
class Answer:
    """The parts of an answer: texts joined in their order, and (name, arguments as JSON text) of each call."""

    content: str = ""
    reasoning: str = ""
    calls: list = dataclasses.field(default_factory=list)

    def compared(self, other):
        """`same`, `spaces` where only whitespace at the ends of the texts differs, or `differs`.

        Arguments are compared as JSON values in their order, by their text where they are no JSON. No arguments are the
        same as `{}`.
        """
        if [self._call(call) for call in self.calls] != [other._call(call) for call in other.calls]:
            return "differs"
        ours, theirs = (self.content, self.reasoning), (other.content, other.reasoning)
        if ours == theirs:
            return "same"
        return "spaces" if [text.strip() for text in ours] == [text.strip() for text in theirs] else "differs"

    @staticmethod
    def _call(call):
        name, arguments = call
        try:
            return name, json.dumps(json.loads(arguments or "{}"))
        except ValueError:
            return name, arguments

    def __str__(self):
        reasoning = f" reasoning {self.reasoning!r}" if self.reasoning else ""
        return f"content {self.content!r}{reasoning} calls {self.calls}"


@dataclasses.dataclass
class Case:
    """One fixture. `started`: the prompt has opened the reasoning. `piece`: tokens in a piece of its stream."""

    name: str
    text: str
    expected: Answer
    tools: list
    piece: int
    started: bool = False


def offered(calls):
    """Tools for a fixture that names none, of unknown arguments: peers read no calls without any, and some drop a call
    of a name that is not offered.
    """
    names = dict.fromkeys(name for name, _ in calls) or ["an_unrelated_tool"]
    return [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in names]


def tool_cases(name, piece):
    """The fixtures of a format of tool calls, but for those that turn a call to an unknown name into content: peers can
    only drop such a call.
    """
    for file in sorted((FIXTURES / "parsers" / name).glob("*.json")):
        document = json.loads(file.read_text())
        for case in document["cases"]:
            if case.get("unknown"):
                continue
            calls = [(call["name"], call["arguments"]) for call in case["calls"]]
            tools = case.get("tools") or document.get("tools") or offered(calls)
            yield Case(case["name"], case["input"], Answer(case["content"], "", calls), tools, piece)


def reasoning_cases(name, piece, always_started):
    """The fixtures of a manner of reasoning."""
    for case in json.loads((FIXTURES / f"reasoning/{name}.json").read_text())["cases"]:
        expected = Answer(case["content"], case["reasoning"])
        yield Case(case["name"], case["input"], expected, [], piece, always_started or case.get("started", False))
