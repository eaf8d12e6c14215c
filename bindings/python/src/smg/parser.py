"""Parsers: tool calls and reasoning in a model's answer."""

from __future__ import annotations

import ctypes
import json
import weakref
from typing import Any, Mapping, Sequence

from . import _ffi, _library
from .tokenizer import Text, _bytes, _document


def _destroy(handle: int) -> None:
    _library.library().smg_parser_destroy(handle)


def _options(
    tool_call_parser: str | None,
    reasoning_parser: str | None,
    model: str | None,
    tools: Sequence[Mapping[str, Any]] | None,
) -> bytes:
    options = {
        "tool_call_parser": tool_call_parser,
        "reasoning_parser": reasoning_parser,
        "model": model,
        "tools": None if tools is None else list(tools),
    }
    return _document({key: value for key, value in options.items() if value is not None})


def parser_names() -> dict[str, list[str]]:
    """The names that parsers go by: ``tool_call_parsers`` and ``reasoning_parsers``."""
    return json.loads(_library.library().smg_parser_names())


def parse(
    text: Text,
    *,
    tool_call_parser: str | None = None,
    reasoning_parser: str | None = None,
    model: str | None = None,
    tools: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Takes a whole answer apart: ``content``, ``reasoning`` and ``tool_calls`` as the OpenAI API has them.

    Args:
        tool_call_parser, reasoning_parser: names of formats, see ``parser_names``.
        model: the model's id, from which the formats that are not named follow.
        tools: the request's tools, for the types of parameters.
    """
    parsed = _ffi.smg_buffer()
    _library.call(
        "smg_parser_parse",
        _library.borrowed(_options(tool_call_parser, reasoning_parser, model, tools)),
        _library.borrowed(_bytes(text)),
        ctypes.byref(parsed),
    )
    return json.loads(_library.taken(parsed))


class Parser:
    """Takes one answer apart while it comes.

        parser = smg.Parser(model="Qwen/Qwen3-32B")
        for delta in stream:
            for event in parser.feed(delta):
                ...
        for event in parser.finish():
            ...

    Events are dictionaries with a ``type``: ``content``, ``reasoning``, ``tool_call``, ``tool_arguments``,
    ``tool_call_end``. Arguments are those of ``parse``. For one thread at a time.
    """

    def __init__(
        self,
        *,
        tool_call_parser: str | None = None,
        reasoning_parser: str | None = None,
        model: str | None = None,
        tools: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        handle = ctypes.c_void_p()
        options = _library.borrowed(_options(tool_call_parser, reasoning_parser, model, tools))
        _library.call("smg_parser_create", options, ctypes.byref(handle))
        self._handle = handle.value
        self._finalizer = weakref.finalize(self, _destroy, handle.value)

    def feed(self, text: Text) -> list[dict[str, Any]]:
        """The events of the next piece of the answer, which may be cut anywhere."""
        events = _ffi.smg_buffer()
        _library.call("smg_parser_feed", self._handle, _library.borrowed(_bytes(text)), ctypes.byref(events))
        return json.loads(_library.taken(events))

    def finish(self) -> list[dict[str, Any]]:
        """Ends the answer: the events of what was held back."""
        events = _ffi.smg_buffer()
        _library.call("smg_parser_finish", self._handle, ctypes.byref(events))
        return json.loads(_library.taken(events))
