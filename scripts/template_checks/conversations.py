"""Conversations made from a seed: roles, tools, calls, parts, empty and odd contents, documents, kwargs."""

import random
from typing import Any

TEXTS = [
    "", "Hello", "  padded \n", "Zürich, naïve café", "你好，世界", "🙂👩‍👩‍👧 emoji", "line\none\r\ntwo\ttab", '"quotes" & <tags> \\ back',
    "{{ not a template }}", "a" * 300, "<think>deep</think>answer", "<tool_response>x</tool_response>", "مرحبا", "1e5", "\u2028 sep", "İ ß ǆ",
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather", "description": "Weather at a place.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Ort"}, "days": {"type": "integer", "default": 3},
                    "unit": {"type": "string", "enum": ["c", "f"]}, "more": {"type": "array", "items": {"type": "number"}},
                    "any": {"type": ["string", "null"]},
                },
                "required": ["city"],
            },
        },
    },
    {"type": "function", "function": {"name": "now", "description": "é", "parameters": {"type": "object", "properties": {}}}},
]
ARGUMENTS: list[Any] = [{"city": "Bern", "days": 2}, {}, {"x": [1, 2.5, None, True], "y": {"z": "é"}}, '{"city": "Bern"}']
KWARGS: list[dict[str, Any]] = [
    {}, {}, {}, {"enable_thinking": False}, {"enable_thinking": True}, {"reasoning_effort": "high"},
    {"date_string": "1 Jan 2020"}, {"controls": {"length": "short", "n": 1}},
]


def content(pick: random.Random) -> Any:
    kind = pick.random()
    if kind < 0.82:
        return pick.choice(TEXTS)
    if kind < 0.9:
        return [{"type": "text", "text": pick.choice(TEXTS)}, {"type": "image"}]
    return pick.choice([None, [], 7, 1.5, {"a": 1}])


def message(pick: random.Random, role: str) -> dict[str, Any]:
    made: dict[str, Any] = {"role": role, "content": content(pick)}
    if role == "assistant" and pick.random() < 0.3:
        calls = [
            {"id": f"call{n:05}", "type": "function", "function": {"name": "weather", "arguments": pick.choice(ARGUMENTS)}}
            for n in range(pick.randint(1, 2))
        ]
        made["tool_calls"] = calls
    if role == "assistant" and pick.random() < 0.2:
        made["reasoning_content"] = pick.choice(TEXTS)
    if role == "tool":
        made["tool_call_id"] = "call00000"
    if pick.random() < 0.05:
        made["name"] = "n"
    return made


def conversation(pick: random.Random) -> dict[str, Any]:
    roles = ["system"] if pick.random() < 0.4 else []
    if pick.random() < 0.6:
        roles += ["user", "assistant"] * pick.randint(0, 4) + ["user"]
    else:
        roles += [pick.choice(["user", "assistant", "tool", "system", "ipython"]) for _ in range(pick.randint(1, 7))]
    request: dict[str, Any] = {
        "messages": [message(pick, role) for role in roles],
        "add_generation_prompt": pick.random() < 0.5,
        "kwargs": pick.choice(KWARGS),
        "tokens": {"bos_token": "<s>", "eos_token": "</s>"},
    }
    if pick.random() < 0.35:
        request["tools"] = TOOLS[: pick.randint(1, 2)]
    if pick.random() < 0.15:
        request["documents"] = [{"title": "T", "text": "é text"}, {"title": 2, "text": ""}]
    return request
