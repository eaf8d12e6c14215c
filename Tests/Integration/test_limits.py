"""Limits: concurrency, queue, body and head sizes."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.gateway import MEGABYTE
from harness.waiting import until
from harness.wire import chat, chat_request, request

PATH = "/v1/chat/completions"


def test_two_run_one_waits_the_fourth_is_refused(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-concurrent-requests", "2", "--queue-size", "1")
    worker.fault(stall_before_head=True)
    wires = [house.wire(gateway) for _ in range(3)]
    for wire in wires:
        wire.send(chat_request(max_tokens=1))
    until(lambda: gateway.metrics().value("smg_requests_running") == 2, "two run")
    until(lambda: gateway.metrics().value("smg_queue_depth") == 1, "one waits")
    worker.wait(active=2)
    refused = gateway.http.post(PATH, json=chat())
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "queue_full")
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert int(refused.headers["retry-after"]) >= 1
    assert gateway.metrics().value("smg_http_rate_limit_total", result="queue_full") == 1
    # Other paths need no permit.
    assert gateway.http.get("/v1/models").status_code == 200
    worker.fault()
    assert [wire.answer().status for wire in wires] == [200, 200, 200]
    assert worker.stats()["received"] == 3
    until(lambda: gateway.metrics().value("smg_requests_running") == 0, "all permits are back")


def test_waiting_too_long(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-concurrent-requests", "1", "--queue-timeout-secs", "0.3")
    worker.fault(stall_before_head=True)
    first = house.wire(gateway)
    first.send(chat_request(max_tokens=1))
    worker.wait(active=1)
    late = gateway.http.post(PATH, json=chat())
    assert (late.status_code, late.json()["error"]["code"]) == (408, "queue_timeout")
    worker.fault()
    assert first.answer().status == 200
    assert worker.stats()["received"] == 1


def test_leaving_the_queue_frees_the_place(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-concurrent-requests", "1", "--queue-size", "1")
    worker.fault(stall_before_head=True)
    first, waiting = house.wire(gateway), house.wire(gateway)
    first.send(chat_request(max_tokens=1))
    worker.wait(active=1)
    waiting.send(chat_request(max_tokens=1))
    until(lambda: gateway.metrics().value("smg_queue_depth") == 1, "one waits")
    waiting.reset()
    until(lambda: gateway.metrics().value("smg_queue_depth") == 0, "the place is free")
    third = house.wire(gateway)
    third.send(chat_request(max_tokens=1))
    until(lambda: gateway.metrics().value("smg_queue_depth") == 1, "the next one waits")
    worker.fault()
    assert first.answer().status == third.answer().status == 200
    assert worker.stats()["received"] == 2


def test_the_queue_loses_nobody(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-concurrent-requests", "2", "--queue-size", "200")
    worker.fault(delay_ms=5)
    peak, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            peak[0] = max(peak[0], worker.stats()["active"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: gateway.http.post(PATH, json=chat(max_tokens=2)).status_code, range(150)))
    stop.set()
    watcher.join()
    assert statuses == [200] * 150
    assert 1 <= peak[0] <= 2
    assert gateway.metrics().value("smg_requests_running") == 0


def test_a_pace_with_bursts(house):
    worker = house.worker()
    gateway = house.gateway(
        [worker], "--max-concurrent-requests", "3", "--rate-limit-tokens-per-second", "1", "--queue-size", "0"
    )
    statuses = [gateway.http.post(PATH, json=chat(max_tokens=1)).status_code for _ in range(8)]
    assert statuses[:3] == [200] * 3
    assert 429 in statuses[3:]


# Sizes


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_too_large(house, framing):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-payload-size", "100000")
    fitting = json.dumps(chat(content="x" * 90_000, max_tokens=1)).encode()
    assert gateway.http.post(PATH, content=fitting).status_code == 200
    body = json.dumps(chat(content="x" * 200_000)).encode()
    with house.wire(gateway) as wire:
        if framing == "length":
            wire.send(request("POST", PATH, b"", ("content-length", str(len(body)))))
        else:
            wire.send(request("POST", PATH, b"", ("transfer-encoding", "chunked")))
            wire.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (413, "payload_too_large")
        assert wire.is_closed()
    assert worker.stats()["received"] == 1


def test_body_too_large_is_refused_before_it_is_sent(house):
    gateway = house.gateway([house.worker()], "--max-payload-size", "1000")
    with house.wire(gateway) as wire:
        wire.send(request("POST", PATH, b"", ("content-length", "5000000"), ("expect", "100-continue")))
        answer = wire.answer()
        assert answer.status == 413
        assert b"100 Continue" not in answer.raw


def test_large_bodies_pass_with_bounded_memory(house):
    worker = house.worker("--kv-blocks", "2000000")
    gateway = house.gateway([worker])
    body = json.dumps(chat(content="m" * 16 * MEGABYTE, max_tokens=1)).encode()
    before = gateway.resident_bytes()
    for _ in range(4):
        assert gateway.http.post(PATH, content=body).status_code == 200
        assert worker.stats()["last_request"]["body_bytes"] == len(body)
    # One body, doubled while it grows, and not four.
    assert gateway.resident_bytes() - before < 56 * MEGABYTE


def test_announced_bytes_cost_nothing_until_they_come(house):
    gateway = house.gateway([house.worker()])
    before = gateway.resident_bytes()
    wires = [house.wire(gateway) for _ in range(20)]
    for wire in wires:
        wire.send(request("POST", PATH, b"", ("content-length", str(500 * MEGABYTE))) + b"{")
    until(lambda: gateway.metrics().value("smg_http_connections_active") >= 20, "twenty uploads")
    assert gateway.resident_bytes() - before < 40 * MEGABYTE


@pytest.mark.parametrize(
    "flood, status, code",
    [
        (b"x-a: b\r\n" * 5000, 431, "too_many_fields"),
        (b"x-a: " + b"b" * 100_000 + b"\r\n", 431, "head_too_large"),
        (b"x" * 500 + b": b\r\n", 431, "field_name_too_long"),
        (b"".join(b"x-%d: %s\r\n" % (n, b"b" * 900) for n in range(100)), 431, "head_too_large"),
    ],
    ids=["many", "long value", "long name", "much"],
)
def test_header_flood(house, flood, status, code):
    gateway = house.gateway([house.worker()])
    with house.wire(gateway) as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + flood + b"\r\n")
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (status, code)
        assert wire.is_closed()


def test_target_too_long(house):
    gateway = house.gateway([])
    with house.wire(gateway) as wire:
        wire.send(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: a\r\n\r\n")
        assert wire.answer().status == 414
        assert wire.is_closed()
