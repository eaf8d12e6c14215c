"""Times renderings: ours and jinja2's with Hugging Face's environment, template compiled, in one run, in turn."""

import json
import random
import statistics
import subprocess
import sys
import time
from typing import Any

from transformers.utils import chat_template_utils as reference

from .conformance import NOW
from .conversations import TOOLS
from .templates import TEMPLATES

ROUNDS, REPEATS = 5, 300
CASES = [("llama3", 20, False), ("chatml", 20, False), ("llama31", 20, True), ("qwen25", 20, True), ("qwen3", 20, False)]


def request(name: str, turns: int, tools: bool) -> dict[str, Any]:
    pick = random.Random(7)
    words = "the gateway chose a worker for this request and streamed its answer back in time".split()
    text = lambda: " ".join(pick.choice(words) for _ in range(40))  # noqa: E731
    messages = [{"role": ("user", "assistant")[n % 2], "content": text()} for n in range(turns)]
    made = {"template": TEMPLATES[name], "messages": messages, "now": NOW, "add_generation_prompt": True, "kwargs": {},
            "tokens": {"bos_token": "<s>", "eos_token": "</s>"}}
    return {**made, "tools": TOOLS} if tools else made


def theirs(case: dict[str, Any]) -> float:
    template = reference._compile_jinja_template(case["template"])
    values = {"messages": case["messages"], "tools": case.get("tools"), "documents": None, "add_generation_prompt": True,
              **case["tokens"]}
    spans = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        template.render(**values)
        spans.append(time.perf_counter() - start)
    return statistics.median(spans)


def ours(program: str, case: dict[str, Any]) -> float:
    run = subprocess.run([program, "time", str(REPEATS)], input=json.dumps(case) + "\n", text=True, capture_output=True, check=True)
    return statistics.median(json.loads(run.stdout))


def main() -> None:
    print(f"Medians of {ROUNDS} rounds of {REPEATS} renderings, in turn.\n\n| template | messages | smg µs | jinja2 µs | ratio |\n|---|---:|---:|---:|---:|")
    for name, turns, tools in CASES:
        case = request(name, turns, tools)
        pairs = [(ours(sys.argv[1], case), theirs(case)) for _ in range(ROUNDS)]
        mine, peer = (statistics.median(column) * 1e6 for column in zip(*pairs))
        print(f"| {name}{' with tools' if tools else ''} | {turns} | {mine:.1f} | {peer:.1f} | {peer / mine:.1f} |")


if __name__ == "__main__":
    main()
