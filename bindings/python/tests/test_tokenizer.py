"""Tokenizers, decoders and parsers from Python."""

from __future__ import annotations

import base64
import gc
import json
import threading
from pathlib import Path

import pytest
import smg

WORDS = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "normalizer": None,
    "decoder": None,
    "added_tokens": [
        {"id": 1, "content": "<s>", "special": True, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False}
    ],
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
    },
    "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "<s>": 1, "hello": 2, "世界": 3}},
}
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    "{% if tools %}{{ tools | tojson }}{% endif %}{{ flavour }}{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "tokenizer.json").write_text(json.dumps(WORDS))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "chat_template": TEMPLATE}))
    return tmp_path


@pytest.fixture
def tokenizer(model: Path) -> smg.Tokenizer:
    return smg.Tokenizer.from_file(model)


def test_text_to_ids_and_back(tokenizer: smg.Tokenizer) -> None:
    assert tokenizer.encode("hello 世界 x") == [1, 2, 3, 0]
    assert tokenizer.encode("hello", add_special_tokens=False) == [2]
    assert tokenizer.encode("") == [1]
    assert tokenizer.encode(b"hello \xff") == [1, 2, 0]
    assert tokenizer.encode("\ud800")[0] == 1
    assert tokenizer.count_tokens("hello hello") == 3
    assert tokenizer.encode_batch(["hello", "", "世界 世界"]) == [[1, 2], [1], [1, 3, 3]]
    assert tokenizer.encode_batch([]) == []
    assert tokenizer.decode([1, 2, 3]) == "hello 世界"
    assert tokenizer.decode([1, 2, 3], skip_special_tokens=False) == "<s> hello 世界"
    with pytest.raises(ValueError):
        tokenizer.decode([-1])


def test_vocabulary(tokenizer: smg.Tokenizer) -> None:
    assert tokenizer.token_to_id("世界") == 3 and tokenizer.token_to_id("none") is None
    assert tokenizer.id_to_token(3) == "世界" and tokenizer.id_to_token(99) is None and tokenizer.id_to_token(-1) is None
    assert tokenizer.vocab() == {"<unk>": 0, "<s>": 1, "hello": 2, "世界": 3}
    assert tokenizer.vocab_size == 4
    assert tokenizer.info["bos"] == {"text": "<s>", "id": 1}
    assert "huggingface" in repr(tokenizer)


def test_chat_template(tokenizer: smg.Tokenizer) -> None:
    messages = [{"role": "user", "content": "hi"}]
    assert tokenizer.apply_chat_template(messages) == "<s>[user]hi[assistant]"
    assert tokenizer.apply_chat_template(messages, add_generation_prompt=False, flavour="é") == "<s>[user]hié"
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"ü": 1.0}}}]
    rendered = tokenizer.apply_chat_template(messages, tools, add_generation_prompt=False)
    assert rendered == "<s>[user]hi" + json.dumps(tools, ensure_ascii=False)
    parts = [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]
    assert tokenizer.apply_chat_template(parts) == "<s>[user]a\nb[assistant]"


def test_templates_that_fail_say_why(model: Path) -> None:
    failing = smg.Tokenizer.from_file(model, chat_template="{{ raise_exception('no roles') }}")
    with pytest.raises(smg.TokenizerError, match="no roles") as raised:
        failing.apply_chat_template([{"role": "user", "content": "x"}])
    assert raised.value.code == "chat_template_error"
    endless = smg.Tokenizer.from_file(
        model, chat_template="{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
    )
    with pytest.raises(smg.TokenizerError):
        endless.apply_chat_template([{"role": "user", "content": "x"}])


def test_stream_decoder(tokenizer: smg.Tokenizer) -> None:
    decoder = tokenizer.stream_decoder()
    assert "".join(decoder.step(id) for id in [1, 2, 3]) + decoder.finish() == "hello 世界"
    stopping = tokenizer.stream_decoder(stop="世", stop_token_ids=[0])
    assert stopping.step([1, 2]) == "hello" and not stopping.stopped
    assert stopping.step([3, 2]) == " " and stopping.stopped
    stopping.finish()
    assert stopping.step([2, 0, 3]) == "hello" and stopping.stopped
    del tokenizer
    gc.collect()
    assert decoder.step(2) == "hello"


def test_tiktoken_files(tmp_path: Path) -> None:
    ranks = [bytes([byte]) for byte in range(256)] + [b"he", b"llo", b"hello", b" w"]
    path = tmp_path / "small.tiktoken"
    path.write_text("".join(f"{base64.b64encode(token).decode()} {rank}\n" for rank, token in enumerate(ranks)))
    tokenizer = smg.Tokenizer.from_tiktoken(path, pattern="cl100k_base", special_tokens={"<|end|>": 300})
    assert tokenizer.encode("hello w<|end|>") == [258, 259, 300]
    assert tokenizer.decode([258, 259, 300], skip_special_tokens=False) == "hello w<|end|>"
    assert tokenizer.decode([0xE4, 0xB8]) == "\ufffd"
    assert smg.Tokenizer.from_tiktoken(path, pattern=r"\w+|\s+", special_tokens={}).encode("hello hello") == [258, 32, 258]
    with pytest.raises(smg.TokenizerError):
        tokenizer.decode([299])


def test_what_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(smg.TokenizerError, match="nowhere") as raised:
        smg.Tokenizer.from_file(tmp_path / "nowhere")
    assert raised.value.code == "tokenizer_source_not_found"
    with pytest.raises(smg.TokenizerError, match="no model of that name"):
        smg.Tokenizer.from_pretrained("no-such-org/no-such-model")
    for content in ["{}", "{", "[1,2]", '{"model": {"type": "Magic"}}']:
        (tmp_path / "tokenizer.json").write_text(content)
        with pytest.raises(smg.TokenizerError):
            smg.Tokenizer.from_file(tmp_path / "tokenizer.json")
    with pytest.raises(TypeError):
        smg.Tokenizer()


def test_models_are_found_in_the_hub_cache(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hub" / "models--org--small"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0a1b2c")
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "0a1b2c").symlink_to(model)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert smg.Tokenizer.from_pretrained("org/small").encode("hello") == [1, 2]


def test_many_threads_share_one(tokenizer: smg.Tokenizer) -> None:
    failures = []

    def work() -> None:
        for _ in range(500):
            if tokenizer.encode("hello 世界 x") != [1, 2, 3, 0]:
                failures.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}}}]
ANSWER = '<think>why</think>So: <tool_call>\n{"name": "f", "arguments": {"a": 1, "b": "ü"}}\n</tool_call>'


def test_parse() -> None:
    parsed = smg.parse(ANSWER, tool_call_parser="qwen", reasoning_parser="qwen3", tools=TOOLS)
    assert parsed["content"] == "So: " and parsed["reasoning"] == "why"
    (call,) = parsed["tool_calls"]
    assert call["type"] == "function" and call["id"].startswith("call_")
    assert call["function"]["name"] == "f" and json.loads(call["function"]["arguments"]) == {"a": 1, "b": "ü"}
    assert smg.parse(ANSWER, model="Qwen/Qwen3-32B")["reasoning"] == "why"
    assert smg.parse("plain", model="unheard-of")["content"] == "plain"


def test_parser_gives_the_same_for_every_split() -> None:
    whole = smg.parse(ANSWER, tool_call_parser="qwen", reasoning_parser="qwen3")
    data = ANSWER.encode()
    for cut in range(len(data) + 1):
        parser = smg.Parser(tool_call_parser="qwen", reasoning_parser="qwen3")
        events = parser.feed(data[:cut]) + parser.feed(data[cut:]) + parser.finish()
        texts = {kind: "".join(e.get("text", e.get("json", "")) for e in events if e["type"] == kind)
                 for kind in ("content", "reasoning", "tool_arguments")}
        assert texts["content"] == whole["content"] and texts["reasoning"] == whole["reasoning"]
        assert texts["tool_arguments"] == whole["tool_calls"][0]["function"]["arguments"]
        assert events[-1] == {"type": "tool_call_end", "index": 0, "complete": True}
        with pytest.raises(smg.StateError):
            parser.feed("more")


def test_parser_names() -> None:
    names = smg.parser_names()
    assert {"json", "qwen", "llama", "mistral", "pythonic", "deepseek"} <= set(names["tool_call_parsers"])
    assert {"deepseek_r1", "qwen3"} <= set(names["reasoning_parsers"])
    with pytest.raises(smg.ParserError):
        smg.Parser(tool_call_parser="none")
    with pytest.raises(TypeError):
        smg.Parser(tools=7)  # type: ignore[arg-type]
