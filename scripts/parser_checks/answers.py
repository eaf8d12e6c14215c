"""Answers with reasoning and a call, for both kinds of parsers one behind the other: ours are run by `smg parse`.

Models now and then call a function without ending their reasoning: each call stands behind it once, and once in it.
"""

import json
import subprocess
from functools import partial

from . import sglang_peer, vllm_peer
from .cases import Answer, Case, offered
from .formats import REASONING, STARTED, TOOLS

QWEN_CODER = "<tool_call>\n<function=f>\n<parameter=a>\nx\n</parameter>\n</function>\n</tool_call>"
DEEPSEEK = ('<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{"a": "x"}\n```'
            '<｜tool▁call▁end｜><｜tool▁calls▁end｜>')
DEEPSEEK_V4 = ('<｜DSML｜tool_calls><｜DSML｜invoke name="f"><｜DSML｜parameter name="a" string="true">x</｜DSML｜parameter>'
               '</｜DSML｜invoke></｜DSML｜tool_calls>')
KIMI_K2 = ('<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{"a": "x"}'
           '<|tool_call_end|><|tool_calls_section_end|>')
KIMI_K3 = ('<|open|>tools<|sep|><|open|>call tool="f" index="1"<|sep|><|open|>argument key="a" type="string"<|sep|>x'
           '<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>')
STEP3 = ('<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="f"><steptml:parameter '
         'name="a">x</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>')
COHERE = '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "f", "parameters": {"a": "x"}}]<|END_ACTION|>'

# Our reasoning and tool-call parsers, the end of the reasoning, the call.
ANSWERS = [
    ("qwen3", "qwen", "</think>", '<tool_call>\n{"name": "f", "arguments": {"a": "x"}}\n</tool_call>'),
    ("qwen3", "qwen_coder", "</think>", QWEN_CODER),
    ("nano_v3", "qwen_coder", "</think>", QWEN_CODER),
    ("glm45", "glm45_moe", "</think>", "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>x</arg_value>\n</tool_call>"),
    ("kimi_thinking", "kimik2", "</think>", KIMI_K2),
    ("kimi_k3", "kimi_k3", "<|close|>think<|sep|>", KIMI_K3),
    ("minimax", "minimax_m2", "</think>",
     '<minimax:tool_call><invoke name="f"><parameter name="a">x</parameter></invoke></minimax:tool_call>'),
    ("deepseek_r1", "deepseek", "</think>", DEEPSEEK),
    ("deepseek_v31", "deepseek_v4", "</think>", DEEPSEEK_V4),
    ("step3", "step3", "</think>", STEP3),
    ("mistral", "mistral", "[/THINK]", '[TOOL_CALLS]f[ARGS]{"a": "x"}'),
    ("cohere_cmd", "cohere", "<|END_THINKING|>", COHERE),
    ("inkling", "inkling", "<|end_message|>",
     '<|message_model|>f<|content_invoke_tool_json|>{"name":"f","args":{"a":"x"}}<|end_message|>'),
]
# The peers' own reasoning parsers for DeepSeek V4, which we read as we read V3.1.
V4 = {"sglang": "deepseek-v4", "vllm": "deepseek_v4"}


class Chain:
    """sglang's reasoning parser and its tool-call parser behind it."""

    def __init__(self, reasoning, tools, markers):
        self.first = sglang_peer.ReasoningPeer(reasoning, markers)
        self.second = sglang_peer.ToolPeer(tools, markers)

    def whole(self, case):
        first = self.first.whole(case)
        second = self.second.whole(Case(case.name, first.content, case.expected, case.tools, case.piece))
        return Answer(second.content, first.reasoning, second.calls)


def ours(program, reasoning, tools, text):
    command = [program, "parse", "--reasoning-parser", reasoning, "--tool-call-parser", tools]
    result = json.loads(subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout)
    calls = [(call["function"]["name"], call["function"]["arguments"]) for call in result["tool_calls"]]
    return Answer(result["content"], result["reasoning_content"], calls)


def jobs(program, only, piece):
    """As of `compare.jobs`: what is parsed, our parsers, peer, its parsers, how to make them, the cases."""
    for reasoning, tools, end, call in ANSWERS:
        if only and not {reasoning, tools} & set(only):
            continue
        theirs, others, markers, opening = REASONING[reasoning]
        markers = list(dict.fromkeys(markers + TOOLS[tools][2]))
        start = "" if reasoning in STARTED else opening
        cases = []
        for name, text in (("behind the reasoning", f"{start}R{end}{call}"), ("in the reasoning", f"{start}R{call}")):
            expected = ours(program, reasoning, tools, text)
            cases.append(Case(name, text, expected, offered([("f", "")]), piece, reasoning in STARTED))
        v4 = V4 if tools == "deepseek_v4" else {}
        first, second = v4.get("sglang", theirs[-1]), TOOLS[tools][0][0]
        label = f"{reasoning}, {tools}"
        yield "answers", label, "sglang", f"{first}, {second}", partial(Chain, first, second, markers), cases
        first, second = v4.get("vllm", others[-1]), TOOLS[tools][1][-1]
        make = partial(vllm_peer.Peer, markers, tools=second, reasoning=first, opening=opening)
        yield "answers", label, "vllm", f"{first}, {second}", make, cases
