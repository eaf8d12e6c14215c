"""Tokenizers from the hub: fetched by us, kept where Hugging Face's own client finds them, and the other way round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest
import smg
from conftest import until
from hub_server import COMMIT, Hub
from test_tokenizer import TEMPLATE, WORDS

TOKEN = "hf_secretOfTheTest"
NAME = "owner/words-1.0"
MODEL = {
    ".gitattributes": b"x",
    "README.md": b"x",
    "config.json": b'{"model_type": "words"}',
    "model-00001-of-00002.safetensors": b"weights",
    "tokenizer.json": json.dumps(WORDS).encode(),
    "tokenizer_config.json": b'{"bos_token": "<s>"}',
    "chat template 1.jinja": TEMPLATE.encode(),
    "nested/tokenizer.json": b"{}",
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub({NAME: dict(MODEL), "bare": dict(MODEL)})
    for name in ("HF_HUB_CACHE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    yield hub
    hub.close()


def fetched(home: Path, name: str = NAME) -> Path:
    return home / "home/hub" / f"models--{name.replace('/', '--')}"


def hugging_face(code: str) -> str:
    """What Hugging Face's client prints; a process of its own, for it reads the environment once."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=25, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", [NAME, "bare"])
def test_a_model_is_fetched_once(hub: Hub, tmp_path: Path, name: str) -> None:
    tokenizer = smg.Tokenizer.from_pretrained(name)
    assert tokenizer.encode("hello 世界 x") == [1, 2, 3, 0]
    assert "[user]hello" in tokenizer.apply_chat_template([{"role": "user", "content": "hello"}])
    assert sorted(os.listdir(fetched(tmp_path, name) / "snapshots" / COMMIT)) == [
        "chat template 1.jinja", "config.json", "tokenizer.json", "tokenizer_config.json",
    ]
    assert (fetched(tmp_path, name) / "refs/main").read_text() == COMMIT
    assert len(hub.paths("store")) == 1, "the one large file"
    asked = len(hub.requests)
    assert smg.Tokenizer.from_pretrained(name).encode("hello") == [1, 2]
    assert len(hub.requests) == asked


def test_hugging_face_finds_what_we_fetched(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    smg.Tokenizer.from_pretrained(NAME)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    path = hugging_face(
        "from huggingface_hub import hf_hub_download, scan_cache_dir\n"
        f"print(hf_hub_download({NAME!r}, 'tokenizer.json'))\n"
        "assert not scan_cache_dir().warnings, scan_cache_dir().warnings"
    )
    assert json.loads(Path(path).read_text()) == WORDS


def test_we_find_what_hugging_face_fetched(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hugging_face(f"from huggingface_hub import snapshot_download; snapshot_download({NAME!r})")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = len(hub.requests)
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    assert len(hub.requests) == asked


def test_what_others_left_out_is_fetched(hub: Hub) -> None:
    hugging_face(f"from huggingface_hub import hf_hub_download; hf_hub_download({NAME!r}, 'config.json')")
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    assert hub.paths("hub").count(f"/{NAME}/resolve/{COMMIT}/config.json") <= 1


def test_the_token_goes_to_the_hub_alone(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.token = TOKEN
    with pytest.raises(smg.SMGError, match="set HF_TOKEN if it needs an account"):
        smg.Tokenizer.from_pretrained(NAME)
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    with pytest.raises(smg.SMGError, match="HF_TOKEN does not open it") as caught:
        smg.Tokenizer.from_pretrained(NAME)
    assert "hf_another" not in str(caught.value)
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home/token").write_text(TOKEN + "\n")
    hub.requests.clear()
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    assert {(server, key) for server, _, key in hub.requests} == {("hub", f"Bearer {TOKEN}"), ("store", None)}


@pytest.mark.parametrize(
    "faults",
    [["500"], ["429", "503"], ["cut"], ["store cut", "store 500"]],
    ids=lambda faults: "+".join(faults),
)
def test_what_passes_is_tried_again(hub: Hub, faults: list[str]) -> None:
    hub.failing["tokenizer.json"] = faults
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    assert faults == []


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (["500"] * 3, "answered 500 to 'tokenizer.json' of the model"),
        (["cut"] * 3, "'tokenizer.json' of the model .* the answer broke off"),
        (["404"], "has not got 'tokenizer.json'"),
        (["loop"] * 9, "redirects too often"),
        (["to mailto:x"], "redirects to no address"),
        (["to http://127.0.0.1:1/x"] * 3, "cannot connect"),
    ],
)
def test_what_fails_says_so_and_leaves_nothing_half(
    hub: Hub, tmp_path: Path, faults: list[str], message: str
) -> None:
    hub.failing["tokenizer.json"] = faults
    with pytest.raises(smg.SMGError, match=message):
        smg.Tokenizer.from_pretrained(NAME)
    assert not (fetched(tmp_path) / "refs/main").exists()
    assert not list(fetched(tmp_path).rglob("tokenizer.json*"))
    hub.failing.clear()
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]


def test_names_that_are_none_never_leave_this_machine(hub: Hub) -> None:
    for name in ("a/b/c", "../x/y", "owner/..", "owner/", "a b", "x?y", "é"):
        with pytest.raises(smg.SMGError):
            smg.Tokenizer.from_pretrained(name)
    assert hub.requests == []
    with pytest.raises(smg.SMGError, match="has not got the model 'owner/nothing'"):
        smg.Tokenizer.from_pretrained("owner/nothing")
    hub.models["owner/weights"] = {"model.safetensors": b"x", "config.json": b"{}"}
    with pytest.raises(smg.SMGError, match="holds no tokenizer file"):
        smg.Tokenizer.from_pretrained("owner/weights")


def test_paths_from_the_hub_stay_in_the_cache(hub: Hub, tmp_path: Path) -> None:
    hub.models[NAME] |= {"../../../../evil.json": b"x", "../tokenizer.model": b"x", "..": b"x", "original/../x.model": b""}
    assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    assert not list(tmp_path.rglob("evil*")) and not list(tmp_path.rglob("*.model"))


def test_the_original_folder_is_looked_into(hub: Hub) -> None:
    hub.models["owner/original"] = {"config.json": b"{}", "original/tokenizer.json": MODEL["tokenizer.json"]}
    assert smg.Tokenizer.from_pretrained("owner/original").encode("hello") == [1, 2]


def test_offline_asks_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(smg.SMGError, match="HF_HUB_OFFLINE is set"):
        smg.Tokenizer.from_pretrained(NAME)
    assert hub.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_cannot_be_written_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o500)
    with pytest.raises(smg.SMGError, match="cannot be written: Permission denied"):
        smg.Tokenizer.from_pretrained(NAME)


def test_a_cache_in_the_way_of_a_file_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(smg.SMGError, match="home/hub cannot be written: Not a directory"):
        smg.Tokenizer.from_pretrained(NAME)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_over_tls_the_certificate_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tmp_path / "hub.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", pem],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip
    hub = Hub({NAME: dict(MODEL)}, tls=pem)
    try:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        with pytest.raises(smg.SMGError, match="certificate"):
            smg.Tokenizer.from_pretrained(NAME)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        hub.failing["config.json"] = ["to http://127.0.0.1:1/x"]
        with pytest.raises(smg.SMGError, match="from https to http"):
            smg.Tokenizer.from_pretrained(NAME)
        assert smg.Tokenizer.from_pretrained(NAME).encode("hello") == [1, 2]
    finally:
        hub.close()


def test_a_gateway_fetches_its_model(hub: Hub, make_router, workers) -> None:
    import urllib.request

    router = make_router(worker_urls=workers.urls, model_path=NAME).start()

    def tokens() -> list[int] | None:
        request = urllib.request.Request(f"{router.url}/v1/tokenize", json.dumps({"prompt": "hello"}).encode())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)["tokens"]
        except urllib.error.HTTPError:
            return None

    assert until(tokens) == [1, 2]
