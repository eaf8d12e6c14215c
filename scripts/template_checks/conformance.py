"""Compares this project's renderings with those of transformers: text byte for byte, errors by being errors.

Constants are not folded on the reference's side: folding turns some errors into undefined values, depending on whether an
operand is spelled out. A printed iterator shows its address, and has not run yet: such texts are counted and not compared.
"""

import argparse
import collections
import datetime
import json
import random
import subprocess
import sys
import warnings
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment
from transformers.utils import chat_template_utils as reference

from .conversations import conversation
from .expressions import expression
from .templates import TEMPLATES

NOW = 1_750_000_000


class FixedTime(datetime.datetime):
    """The clock of `strftime_now` during a comparison."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc)


def rendered(request: dict[str, Any]) -> str | None:
    """The reference's text; None where it raises."""
    try:
        texts, _ = reference.render_jinja_template(
            conversations=[reference._normalize_chat_messages(request["messages"])], tools=request.get("tools"), documents=request.get("documents"),
            chat_template=request["template"], add_generation_prompt=request["add_generation_prompt"],
            **request["tokens"], **request["kwargs"],
        )
        return texts[0]
    except Exception:
        return None


def requests(conversations: int, expressions: int, pick: random.Random) -> list[dict[str, Any]]:
    made = []
    names = list(TEMPLATES)
    for number in range(conversations):
        name = names[number % len(names)]
        made.append({"name": name, "template": TEMPLATES[name], "now": NOW, **conversation(pick)})
    values = {"x": 5, "s": "abcab", "l": [3, 1, 2], "d": {"a": 1, "z": "ü"}}
    for _ in range(expressions):
        # The output of a constant is folded whatever the environment says.
        source = "{% set v = " + expression(pick) + " %}{{ v }}"
        made.append({
            "name": source, "template": source, "messages": [{"role": "user", "content": "hi"}], "now": NOW,
            "add_generation_prompt": False, "kwargs": values, "tokens": {},
        })
    return made


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--expressions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    reference.datetime = FixedTime
    # The environment is transformers' own but for the folding.
    plain = ImmutableSandboxedEnvironment.__init__
    ImmutableSandboxedEnvironment.__init__ = lambda *a, **k: plain(*a, **{**k, "optimized": False})
    asked = requests(options.conversations, options.expressions, random.Random(options.seed))
    lines = "".join(json.dumps(request, ensure_ascii=False) + "\n" for request in asked)
    run = subprocess.run([options.program, "render"], input=lines, text=True, stdout=subprocess.PIPE, check=True)
    answers = run.stdout.split("\n")[:-1]
    if len(answers) != len(asked):
        print(f"{len(answers)} answers to {len(asked)} requests")
        return 1
    differences, outcomes = 0, collections.Counter()
    for request, line in zip(asked, answers):
        ours, theirs = json.loads(line), rendered(request)
        if theirs is not None and " at 0x" in theirs:
            outcomes["generator"] += 1
            continue
        outcomes["error" if theirs is None else "text"] += 1
        if ours.get("text") == theirs:
            continue
        differences += 1
        if differences <= options.show:
            print(f"{request['name']}\n  ours   {ours!r:.300}\n  theirs {theirs!r:.300}")
    print(f"{len(asked)} renderings ({outcomes['text']} texts, {outcomes['error']} errors, "
          f"{outcomes['generator']} not compared), {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
