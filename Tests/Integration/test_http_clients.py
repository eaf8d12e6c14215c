"""Other clients: httpx over HTTP/2, and curl with what it does by itself."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.gateway import Gateway
from harness.wire import chat
from harness.worker import Worker

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")


@pytest.fixture(scope="module")
def workers(shared_house) -> list[Worker]:
    return shared_house.workers(1)


@pytest.fixture(scope="module")
def gateway(shared_house, workers) -> Gateway:
    return shared_house.gateway(workers)


@pytest.fixture
def http2(gateway) -> httpx.Client:
    with httpx.Client(base_url=gateway.url, http1=False, http2=True, timeout=20) as client:
        yield client


def test_http2_chat(http2):
    answer = http2.post("/v1/chat/completions", json=chat(max_tokens=4))
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
    assert answer.json()["usage"]["completion_tokens"] == 4


def test_http2_stream(http2):
    with http2.stream("POST", "/v1/chat/completions", json=chat(stream=True, max_tokens=5)) as answer:
        lines = [line for line in answer.iter_lines() if line]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert lines[-1] == "data: [DONE]"


def test_http2_large_body_passes_flow_control(http2, workers):
    body = json.dumps(chat(content="x" * 3_000_000, max_tokens=1)).encode()
    assert http2.post("/v1/chat/completions", content=body).status_code == 200
    assert workers[0].stats()["last_request"]["body_bytes"] == len(body)


def test_http2_many_requests_on_one_connection(http2):
    def one(number: int) -> int:
        return http2.post("/v1/chat/completions", json=chat(content=f"number {number}", max_tokens=2)).status_code

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(100))) == [200] * 100


def test_http2_errors_and_admin(http2):
    assert http2.get("/nothing").json()["error"]["code"] == "unknown_url"
    assert http2.get("/workers").json()["total"] == 1
    assert http2.get("/v1/chat/completions").status_code == 405
    assert http2.head("/health").status_code == 200


def curl(gateway: Gateway, *arguments: str, data: bytes | None = None) -> tuple[str, str]:
    """Head and body that curl shows."""
    command = ["curl", "-sS", "-D", "/dev/stderr", "--max-time", "20", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, timeout=25)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode(), done.stdout.decode()


@needs_curl
@pytest.mark.parametrize(
    "flags, protocol",
    [(["--http1.1"], "HTTP/1.1"), (["--http1.0"], "HTTP/1.1"), (["--http2-prior-knowledge"], "HTTP/2")],
    ids=["1.1", "1.0", "2"],
)
def test_curl_versions(gateway, flags, protocol):
    url = gateway.url + "/v1/chat/completions"
    head, body = curl(
        gateway, *flags, "-H", "content-type: application/json", "-d", json.dumps(chat(max_tokens=3)), url
    )
    assert head.startswith(protocol + " 200")
    assert json.loads(body)["usage"]["completion_tokens"] == 3
    head, body = curl(gateway, *flags, "-N", "-d", json.dumps(chat(stream=True, max_tokens=3)), url)
    assert body.rstrip().endswith("data: [DONE]")
    if flags == ["--http1.0"]:
        assert "transfer-encoding" not in head.lower()


@needs_curl
def test_curl_expects_continue(gateway, workers):
    data = json.dumps(chat(content="c" * 200_000, max_tokens=1)).encode()
    head, body = curl(
        gateway,
        "--http1.1",
        "-H",
        "expect: 100-continue",
        "--expect100-timeout",
        "15",
        "--data-binary",
        "@-",
        gateway.url + "/v1/chat/completions",
        data=data,
    )
    assert head.startswith("HTTP/1.1 100 Continue")
    assert "HTTP/1.1 200 OK" in head
    assert json.loads(body)["usage"]["completion_tokens"] == 1
    assert "expect" not in dict(workers[0].last_headers())


@needs_curl
def test_curl_chunked_upload(gateway, workers):
    data = json.dumps(chat(content="chunky " * 30_000, max_tokens=1)).encode()
    _, body = curl(
        gateway,
        "--http1.1",
        "-H",
        "transfer-encoding: chunked",
        "--data-binary",
        "@-",
        gateway.url + "/v1/chat/completions",
        data=data,
    )
    assert json.loads(body)["usage"]["completion_tokens"] == 1
    headers = dict(workers[0].last_headers())
    assert headers["content-length"] == str(len(data))
    assert "transfer-encoding" not in headers
    assert workers[0].last_body() == data
