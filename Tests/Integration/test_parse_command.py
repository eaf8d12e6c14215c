"""`smg parse`: answers taken apart, and what it says about mistakes."""

import json
import re
import subprocess

import pytest

from harness.processes import binary, run

CALL = "<tool_call>\n<function=get_weather>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>"
ANSWER = f"<think>Hm.</think>Let me look: ☂.\n{CALL}"
SCHEMA = {"properties": {"days": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]


@pytest.fixture
def answer(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_text(ANSWER)
    return str(path)


def parse(*arguments):
    done = run(["parse", *arguments])
    assert done.returncode == 0 and done.stderr == "", done
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_whole_answer_is_one_line(answer):
    [result] = parse("--tool-call-parser", "qwen_coder", "--reasoning-parser", "qwen3", "--input", answer)
    assert result["content"] == "Let me look: ☂.\n"
    assert result["reasoning_content"] == "Hm."
    assert result["complete"] is True
    [call] = result["tool_calls"]
    assert re.fullmatch("call_[0-9a-f]{24}", call["id"])
    assert call["function"] == {"name": "get_weather", "arguments": '{"days":3}'}


def test_events_come_one_a_line(answer, tmp_path):
    tools = tmp_path / "tools.json"
    for document in (TOOLS, {"model": "x", "tools": TOOLS}):
        tools.write_text(json.dumps(document))
        events = parse("--model", "Qwen/Qwen3-Coder-480B", "--tools", str(tools), "--stream", "--input", answer)
        assert [event["type"] for event in events] == [
            "reasoning", "content", "tool_call", "tool_arguments", "tool_call_end",
        ]
        assert events[3]["json"] == '{"days":"3"}'


def test_events_are_printed_before_the_answer_ends(answer):
    process = subprocess.Popen([binary(), "parse", "--stream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for text in ("one ", "two"):
        process.stdin.write(text.encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"type": "content", "text": text}
    process.stdin.close()
    assert process.stdout.read() == b"" and process.wait() == 0


def test_without_parsers_everything_is_content(answer):
    [result] = parse("--input", answer)
    assert result == {"content": ANSWER, "reasoning_content": "", "tool_calls": [], "complete": True}


def test_a_cut_call_is_not_complete(tmp_path):
    path = tmp_path / "cut.txt"
    path.write_text(ANSWER[:-45])
    [result] = parse("--model", "qwen3-coder", "--input", str(path))
    assert result["complete"] is False and result["tool_calls"][0]["function"]["name"] == "get_weather"


def test_help_and_list():
    assert "--tool-call-parser NAME" in run(["parse", "--help"]).stdout
    listed = run(["parse", "--list"]).stdout
    assert "qwen_coder, qwen_xml" in listed and "deepseek_r1" in listed


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--tool-call-parser", "nope"], "--tool-call-parser"),
        (["--reasoning-parser", "nope"], "--reasoning-parser"),
        (["--tools", "/nowhere.json"], "--tools"),
        (["--tools", __file__], "not JSON"),
        (["--input", "/nowhere.txt"], "--input"),
        (["--input", "/"], "is a directory"),
        (["--unknown-tools", "drop"], "--unknown-tools"),
        (["--strem"], "did you mean --stream?"),
        (["stray"], "stray"),
    ],
)
def test_mistakes_are_one_line(arguments, said):
    done = run(["parse", *arguments])
    assert done.returncode == 2 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("smg parse: ") and said in line
