"""Workers at run time, loads, caches, readiness, and what the gateway says to requests that go nowhere."""

from urllib.parse import quote

import httpx
import pytest

from harness.gateway import Gateway
from harness.waiting import until
from harness.wire import chat, request


@pytest.fixture
def empty(house) -> Gateway:
    """A gateway without workers that forgets removed ones at once."""
    return house.gateway([], "--drain-settle-secs", "0")


def test_readiness_follows_the_workers(house, empty):
    answer = empty.http.get("/readiness")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "reason": "insufficient healthy workers",
        "healthy_workers": 0,
        "total_workers": 0,
    }
    assert empty.http.get("/health").status_code == empty.http.get("/liveness").status_code == 200
    worker = house.worker()
    empty.http.post("/workers", json={"url": worker.url})
    empty.wait_ready(1)
    answer = empty.http.get("/readiness")
    assert (answer.status_code, answer.json()["status"], answer.json()["total_workers"]) == (200, "ready", 1)


def test_no_workers_is_503_with_advice(empty):
    answer = empty.http.post("/v1/chat/completions", json=chat())
    assert answer.status_code == 503
    assert answer.headers["x-smg-error-code"] == answer.json()["error"]["code"] == "no_workers"
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("by", ["id", "url", "url with slash"])
def test_worker_life(house, empty, by):
    worker = house.worker()
    added = empty.http.post("/workers", json={"url": worker.url, "labels": {"zone": "a"}, "priority": 7, "cost": 1.5})
    assert added.status_code == 202
    assert added.headers["location"] == added.json()["location"] == "/workers/" + added.json()["worker_id"]
    empty.wait_ready(1)
    key = {"id": added.json()["worker_id"], "url": worker.url, "url with slash": worker.url + "/"}[by]
    path = "/workers/" + quote(key, safe="")
    shown = empty.http.get(path).json()
    assert shown["url"] == worker.url
    assert (shown["id"], shown["model_id"], shown["status"]) == (added.json()["worker_id"], "sim-model", "ready")
    assert (shown["priority"], shown["cost"], shown["metadata"]["zone"]) == (7, 1.5, "a")
    listed = empty.http.get("/workers").json()
    assert listed["total"] == 1 and listed["workers"] == [shown]
    again = empty.http.post("/workers", json={"url": worker.url})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "worker_already_exists")
    assert empty.http.delete(path).status_code == 202
    until(lambda: empty.http.get(path).status_code == 404, "the worker is forgotten")
    assert empty.http.get("/workers").json()["total"] == 0
    # The same worker may come back.
    assert empty.http.post("/workers", json={"url": worker.url}).status_code == 202
    empty.wait_ready(1)
    assert empty.http.post("/v1/chat/completions", json=chat(max_tokens=1)).status_code == 200


def test_a_worker_that_never_answers_stays_pending(house):
    gateway = house.gateway([], "--worker-startup-timeout-secs", "1")
    unreachable = "http://127.0.0.1:9"
    added = gateway.http.post("/workers", json={"url": unreachable}).json()
    shown = gateway.worker(unreachable)
    assert (shown["id"], shown["is_healthy"], shown["status"]) == (added["worker_id"], False, "pending")
    until(lambda: gateway.worker(unreachable)["status"] == "failed", "registration given up")
    assert gateway.worker(unreachable)["job_status"]["status"] == "failed"
    assert gateway.http.delete("/workers/" + added["worker_id"]).status_code == 202
    assert gateway.worker(unreachable) is None


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b"{", 400, "json_parse_error"),
        (b"[]", 400, "invalid_request"),
        (b"{}", 400, "missing_required_parameter"),
        (b'{"url":"ftp://x"}', 400, "invalid_request"),
        (b'{"url":"http://user:pw@h:1"}', 400, "invalid_request"),
        (b'{"url":"http://h:1","worker_type":"prefill"}', 400, "invalid_request"),
        (b'{"url":"http://h:99999"}', 400, "invalid_request"),
    ],
)
def test_bad_worker_descriptions(empty, body, status, code):
    answer = empty.http.post("/workers", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "pw" not in answer.text
    assert empty.http.get("/workers").json()["total"] == 0


def test_descriptions_that_do_not_arrive(house):
    gateway = house.gateway([], "--body-read-stall-timeout-secs", "0.2")
    large = gateway.http.post("/workers", content=b" " * (2 << 20))
    assert (large.status_code, large.json()["error"]["code"]) == (413, "payload_too_large")
    with house.wire(gateway) as wire:
        wire.send(request("POST", "/workers", b"", ("content-length", "50")) + b"{")
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (408, "request_body_timeout")


def test_unknown_workers(empty):
    for key in ("nobody", quote("http://127.0.0.1:1", safe="")):
        for method in ("GET", "DELETE"):
            answer = empty.http.request(method, f"/workers/{key}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "worker_not_found")
    assert empty.http.get("/workers/%zz").status_code == 400


def test_loads_and_cache_flush(house):
    workers = house.workers(2)
    gateway = house.gateway(workers)
    for number in range(4):
        gateway.http.post("/v1/chat/completions", json=chat(content=f"{number} " * 200, max_tokens=4))
    loads = gateway.http.get("/get_loads").json()["workers"]
    assert {entry["worker"]: entry["load"] for entry in loads} == {worker.url: 0 for worker in workers}
    assert sum(worker.stats()["cached_blocks"] for worker in workers) > 0
    flushed = gateway.http.post("/flush_cache")
    assert (flushed.status_code, flushed.json()["status"], flushed.json()["workers_flushed"]) == (200, "success", 2)
    assert sum(worker.stats()["cached_blocks"] for worker in workers) == 0


def test_loads_and_cache_flush_with_a_dead_worker(house):
    alive, dead = house.worker(), house.worker()
    gateway = house.gateway([alive, dead])
    dead.kill()
    loads = gateway.http.get("/get_loads").json()["workers"]
    assert {entry["worker"]: entry["load"] for entry in loads} == {alive.url: 0, dead.url: -1}
    flushed = gateway.http.post("/flush_cache")
    assert (flushed.status_code, flushed.json()["status"]) == (206, "partial_success")
    assert flushed.json()["successful"] == [alive.url]
    assert [entry["worker"] for entry in flushed.json()["failed"]] == [dead.url]


def test_server_and_model_info(house):
    gateway = house.gateway([house.worker()])
    info = gateway.http.get("/get_server_info").json()
    assert (info["workers_count"], info["models"], info["policy"]) == (1, ["sim-model"], "cache_aware")
    assert gateway.http.get("/get_model_info").json()["model_path"] == "sim-model"
    assert gateway.http.get("/health_generate").status_code == 200


def test_unknown_route(empty):
    answer = empty.http.get("/v2/nothing?x=1")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert (error["code"], error["type"]) == ("unknown_url", "not_found_error")
    assert "/v2/nothing" in error["message"]


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/workers", "GET, POST"),
        ("PUT", "/workers/x", "GET, DELETE"),
        ("POST", "/health", "GET, HEAD"),
        ("GET", "/flush_cache", "POST"),
        ("POST", "/get_loads", "GET"),
    ],
)
def test_wrong_method(empty, method, path, allowed):
    answer = empty.http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["error"]["code"] == "method_not_allowed"


def preflight(gateway: Gateway, origin: str) -> httpx.Response:
    return gateway.http.options(
        "/v1/chat/completions",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization, content-type",
        },
    )


def test_cors_for_everybody(house):
    gateway = house.gateway([house.worker()])
    answer = preflight(gateway, "https://chat.example")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization, content-type"
    answer = gateway.http.post("/v1/chat/completions", json=chat(), headers={"origin": "https://chat.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


def test_cors_for_one_origin(house):
    gateway = house.gateway([house.worker()], "--cors-allowed-origins", "https://chat.example")
    assert preflight(gateway, "https://chat.example").headers["access-control-allow-origin"] == "https://chat.example"
    assert "access-control-allow-origin" not in preflight(gateway, "https://evil.example").headers
    for origin, allowed in (("https://chat.example", True), ("https://evil.example", False)):
        answer = gateway.http.post("/v1/chat/completions", json=chat(max_tokens=1), headers={"origin": origin})
        assert answer.status_code == 200
        assert ("access-control-allow-origin" in answer.headers) == allowed
