"""sglang's parsers. They look at text alone: besides streams with whole markers they get some that are cut anywhere."""

import importlib
import json
import types

from .cases import Answer
from .formats import ARRAY
from .standins import WheelImporter
from .tokenizer import pieces

REAL = ["sglang.srt.function_call", "sglang.srt.parser"]


class Tool:
    """As much of sglang's tool as its parsers look at."""

    def __init__(self, tool):
        self.type = "function"
        self.function = types.SimpleNamespace(**({"strict": False, "description": ""} | tool["function"]))


def install(wheel):
    WheelImporter(wheel, "sglang", REAL, absent=["transformers", "torch", "xgrammar"]).install()


class ToolPeer:
    """One of sglang's tool-call parsers by its name. ARRAY: the one it reads a required call with, streamed alone."""

    def __init__(self, name, markers):
        self.name = name
        self.markers = markers
        self.kind = importlib.import_module("sglang.srt.function_call.function_call_parser").FunctionCallParser
        if name == ARRAY:
            array = importlib.import_module("sglang.srt.function_call.json_array_parser")
            self.kind.ToolCallParserEnum[name] = array.JsonArrayParser
            self.whole = None

    def _make(self, case):
        return self.kind([Tool(tool) for tool in case.tools], self.name)

    def whole(self, case):
        content, calls = self._make(case).parse_non_stream(case.text)
        return Answer(content or "", "", [(call.name or "", call.parameters) for call in calls])

    def streamed(self, case):
        return self._streamed(case, self.markers)

    def cut(self, case):
        return self._streamed(case, [])

    def _streamed(self, case, markers):
        parser = self._make(case)
        results = [parser.parse_stream_chunk("".join(piece)) for piece in pieces(case.text, case.piece, markers)]
        results.append(parser.parse_stream_end())
        calls = {}
        for _, items in results:
            for item in items:
                call = calls.setdefault(item.tool_index, ["", ""])
                call[0] += item.name or ""
                call[1] += item.parameters or ""
        self._add_unsent(parser.detector, calls)
        return Answer("".join(text or "" for text, _ in results), "", [tuple(call) for call in calls.values()])


    @staticmethod
    def _add_unsent(detector, calls):
        """sglang's server, not its parser, sends what a stream's end leaves unsent of the last call's arguments."""
        number = len(getattr(detector, "prev_tool_call_arr", None) or ()) - 1
        sent = getattr(detector, "streamed_args_for_tool", None) or ()
        if not 0 <= number < len(sent):
            return
        arguments = detector.prev_tool_call_arr[number].get("arguments", {})
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if arguments.startswith(sent[number]):
            calls.setdefault(number, ["", ""])[1] += arguments[len(sent[number]):]


class ReasoningPeer:
    """One of sglang's reasoning parsers by its name."""

    def __init__(self, name, markers):
        self.name = name
        self.markers = markers
        self.kind = importlib.import_module("sglang.srt.parser.reasoning_parser").ReasoningParser

    def _make(self, case):
        # Our parser leaves the calls in the content, for the tool-call parser behind it: so must the peer's.
        return self.kind(self.name, force_reasoning=case.started or None, tool_call_parser_active=True)

    def whole(self, case):
        reasoning, content = self._make(case).parse_non_stream(case.text)
        return Answer(content or "", reasoning or "")

    def streamed(self, case):
        return self._streamed(case, self.markers)

    def cut(self, case):
        return self._streamed(case, [])

    def _streamed(self, case, markers):
        parser = self._make(case)
        results = [parser.parse_stream_chunk("".join(piece)) for piece in pieces(case.text, case.piece, markers)]
        results.append(parser.parse_stream_end())
        return Answer("".join(text or "" for _, text in results), "".join(text or "" for text, _ in results))
