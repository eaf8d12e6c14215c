"""Keys are in no log, no metric, no listing and no error."""

import json

import pytest

from harness.processes import run
from harness.wire import chat, request

KEY = "sk-gateway-7f3a9c51d2"
ENGINE_KEY = "sk-engine-b04e88aa17"
WRONG_KEY = "sk-wrong-99c0ffee42"
PROMPT = "confidential-prompt-5d1e"


@pytest.mark.parametrize("given", ["flag", "variable", "file"])
def test_keys_and_prompts_show_nowhere(house, tmp_path, given):
    worker, engine = house.worker("--api-key", KEY), house.worker("--api-key", ENGINE_KEY)
    flags, env = {
        "flag": (["--api-key", KEY], None),
        "variable": ([], {"SMG_API_KEY": KEY}),
        "file": (["--config", str(tmp_path / "a.json")], None),
    }[given]
    (tmp_path / "a.json").write_text(json.dumps({"api_key": KEY}))
    gateway = house.gateway(
        [worker],
        *flags,
        "--retry-initial-backoff-ms",
        "1",
        "--cb-failure-threshold",
        "2",
        env=env,
        headers={"authorization": f"Bearer {KEY}"},
    )
    seen = []

    def keep(answer) -> None:
        seen.append(answer.text + str(answer.headers))

    keep(gateway.http.post("/workers", json={"url": engine.url, "api_key": ENGINE_KEY}))
    keep(gateway.http.post("/workers", json={"url": engine.url, "api_key": ENGINE_KEY}))
    keep(gateway.http.post("/workers", content=b'{"url":"x","api_key":"' + ENGINE_KEY.encode()))
    gateway.wait_ready(2)
    for _ in range(4):
        keep(gateway.http.post("/v1/chat/completions", json=chat(content=PROMPT, max_tokens=1)))
    keep(gateway.http.post("/v1/chat/completions", content=b'{"messages":"' + PROMPT.encode()))
    keep(gateway.http.post("/v1/chat/completions", json=chat(), headers={"authorization": f"Bearer {WRONG_KEY}"}))
    keep(gateway.http.get("/workers", headers={"x-api-key": WRONG_KEY, "authorization": ""}))
    for fault in ({"status": 500}, {"malformed_head": True}, {"cut_after_tokens": 0, "reset": True}):
        worker.fault(**fault)
        engine.fault(**fault)
        keep(gateway.http.post("/v1/chat/completions", json=chat(content=PROMPT)))
    engine.kill()
    worker.fault()
    for path in ("/workers", "/get_loads", "/get_server_info", "/v1/models", "/readiness", "/get_model_info"):
        keep(gateway.http.get(path))
    keep(gateway.http.post("/flush_cache"))
    keep(gateway.http.post("/v1/chat/completions", json=chat(content=PROMPT)))
    seen.append(gateway.metrics().text)
    assert gateway.stop() == 0
    seen.append(gateway.log())
    for secret in (KEY, ENGINE_KEY, WRONG_KEY, PROMPT):
        assert not [text for text in seen if secret in text]


def test_the_wrong_key_opens_nothing(house):
    worker = house.worker("--api-key", KEY)
    gateway = house.gateway([worker], "--api-key", KEY, headers={"authorization": f"Bearer {KEY}"})
    guarded = [
        ("POST", "/v1/chat/completions"),
        ("POST", "/generate"),
        ("GET", "/workers"),
        ("POST", "/workers"),
        ("DELETE", "/workers/x"),
        ("GET", "/get_loads"),
        ("POST", "/flush_cache"),
    ]
    wrong = [
        [],
        [("authorization", "")],
        [("authorization", "Bearer ")],
        [("authorization", f"Basic {KEY}")],
        [("authorization", KEY)],
        [("authorization", f"Bearer {KEY}\t x")],
        [("authorization", f"Bearer{KEY}")],
        [("x-api-key", "no")],
        [("x-api-key", KEY[:-1])],
        [("cookie", f"authorization=Bearer {KEY}")],
    ]
    with house.wire(gateway) as wire:
        for method, path in guarded:
            for fields in wrong:
                wire.send(request(method, path, None, *fields))
                assert wire.answer().status == 401, (method, path, fields)
    for path in ("/health", "/readiness", "/v1/models"):
        assert gateway.http.get(path, headers={"authorization": ""}).status_code == 200
    assert gateway.http.get("/workers", headers={"authorization": f"bearer {KEY}"}).status_code == 200
    assert worker.stats()["received"] == 0


def test_urls_with_passwords_are_refused_and_not_repeated():
    done = run(["launch", "--worker-urls", f"http://user:{KEY}@127.0.0.1:1"])
    assert done.returncode == 2
    assert KEY not in done.stderr


def test_the_key_is_not_in_the_binarys_errors(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(f"api_key: [{KEY}]\n")
    done = run(["launch", "--config", str(path), "--check-config"])
    assert done.returncode == 2
    assert KEY not in done.stdout + done.stderr
