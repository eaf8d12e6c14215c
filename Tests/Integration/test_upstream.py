"""Connections to workers: limits, early answers, restarts, HTTP/2, and gateways behind gateways."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.gateway import Gateway
from harness.scripted import ok
from harness.waiting import until
from harness.wire import Wire, chat, chat_request

PATH = "/v1/chat/completions"
FAST_RETRIES = ["--retry-initial-backoff-ms", "1", "--retry-max-backoff-ms", "2"]


def post(gateway: Gateway, **arguments: object) -> httpx.Response:
    return gateway.http.post(PATH, json=chat(**arguments))


class Load:
    """Clients that send short requests and streams until told to stop; anything but a whole 200 is noted."""

    def __init__(self, gateway: Gateway, clients: int = 8):
        self.gateway = gateway
        self.answered = 0
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        with httpx.Client(base_url=self.gateway.url, timeout=10) as client:
            while not self._stop.is_set():
                try:
                    answer = client.post(
                        PATH, json=chat(content=f"client {number}", stream=number % 2 == 0, max_tokens=3)
                    )
                    if answer.status_code != 200 or (
                        number % 2 == 0 and not answer.content.endswith(b"data: [DONE]\n\n")
                    ):
                        self.faults.append(f"{answer.status_code} {answer.text[-300:]}")
                except httpx.HTTPError as error:
                    self.faults.append(repr(error))
                self.answered += 1

    def wait(self, more: int) -> None:
        """Waits for `more` further answers."""
        goal = self.answered + more
        until(lambda: self.answered >= goal, f"{more} more answers")

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def load(house):
    loads = []

    def start(gateway: Gateway, clients: int = 8) -> Load:
        loads.append(Load(gateway, clients))
        return loads[-1]

    yield start
    for each in loads:
        each.stop()


# Pools


def test_connections_are_kept(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--event-loops", "1")
    before = worker.stats()["connections_accepted"]
    for _ in range(50):
        post(gateway, max_tokens=1)
    assert worker.stats()["connections_accepted"] - before <= 2


def test_requests_wait_for_a_free_connection(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--event-loops", "1", "--upstream-max-connections", "2")
    worker.fault(delay_ms=10)
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda _: post(gateway, max_tokens=1).status_code, range(60))) == [200] * 60
    assert worker.stats()["completed"] == 60
    gateway.wait_idle()


def test_no_connection_comes_free(house):
    worker = house.worker()
    gateway = house.gateway(
        [worker],
        "--event-loops",
        "1",
        "--upstream-max-connections",
        "1",
        "--connect-timeout-secs",
        "0.2",
        *FAST_RETRIES,
        "--cb-failure-threshold",
        "1",
    )
    worker.fault(stall_before_head=True)
    first = house.wire(gateway)
    first.send(chat_request(max_tokens=1))
    worker.wait(active=1)
    refused = post(gateway)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "worker_connections_exhausted")
    assert gateway.worker(worker.url)["circuit_breaker"] == "closed"
    worker.fault()
    assert first.answer().status == 200
    assert post(gateway, max_tokens=1).status_code == 200


def test_waiting_clients_that_leave_free_their_place(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--event-loops", "1", "--upstream-max-connections", "1")
    worker.fault(stall_before_head=True)
    first, leaving, last = house.wire(gateway), house.wire(gateway), house.wire(gateway)
    first.send(chat_request(max_tokens=1))
    worker.wait(active=1)
    leaving.send(chat_request(max_tokens=1))
    until(lambda: gateway.load() == 2, "two requests")
    last.send(chat_request(max_tokens=1))
    until(lambda: gateway.load() == 3, "three requests")
    leaving.reset()
    until(lambda: gateway.load() == 2, "one left")
    worker.fault()
    assert first.answer().status == last.answer().status == 200
    assert worker.stats()["received"] == 2


def test_connecting_takes_too_long(house):
    """A listener whose queue is full answers no handshake."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        blockers = []
        for _ in range(8):
            blocker = socket.socket()
            blocker.setblocking(False)
            blocker.connect_ex(full.getsockname())
            blockers.append(blocker)
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        gateway = house.gateway(
            [],
            "--disable-health-check",
            "--connect-timeout-secs",
            "0.2",
            "--disable-retries",
            "--worker-startup-timeout-secs",
            "1",
        )
        gateway.http.post("/workers", json={"url": url, "model_id": "sim-model"})
        until(lambda: gateway.http.get("/readiness").json()["healthy_workers"] == 1, "registered unseen", seconds=25)
        answer = post(gateway)
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "worker_timeout")
        for blocker in blockers:
            blocker.close()


# Answers before the request is done


@pytest.mark.parametrize("megabytes", [0, 8])
def test_a_worker_that_answers_before_it_has_read_the_body(house, megabytes):
    body = b'{"error":{"message":"too long for me","code":"engine_limit"}}'

    def script(request):
        request.send(b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        request.wire.socket.shutdown(socket.SHUT_WR)

    worker = house.scripted(script)
    worker.answers_early = True
    gateway = house.gateway([worker])
    answer = gateway.http.post(PATH, json=chat(content="x" * (megabytes << 20)))
    assert (answer.status_code, answer.content) == (413, body)
    gateway.wait_idle()


def test_a_worker_behind_a_path(house):
    targets = []

    def script(request):
        targets.append(request.head.split(b" ")[1])
        request.send(ok(b"{}"))

    worker = house.scripted(script)
    worker.url += "/engines/a"
    gateway = house.gateway([worker])
    assert post(gateway).status_code == 200
    assert targets == [b"/engines/a/v1/chat/completions"]


# Restarts


def test_a_worker_restarts_on_its_port(house):
    worker = house.worker()
    gateway = house.gateway(
        [worker], *FAST_RETRIES, "--health-check-interval-secs", "0.2", "--health-success-threshold", "1"
    )
    assert post(gateway, max_tokens=1).status_code == 200
    worker.kill()
    until(lambda: post(gateway, max_tokens=1).status_code == 503, "the worker is missed")
    again = house.worker("--port", str(worker.port))
    assert again.url == worker.url
    until(lambda: post(gateway, max_tokens=1).status_code == 200, "the worker is back")
    assert [post(gateway, max_tokens=1).status_code for _ in range(20)] == [200] * 20


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1", "HTTP/2"])
@pytest.mark.seconds(60)
def test_upstream_gateways_restart_one_after_the_other(house, load, http2):
    """Two gateways as workers of a third: each ends by SIGTERM under load and no client notices."""
    engine = house.worker()
    inner = [house.gateway([engine]) for _ in range(2)]
    outer = house.gateway(
        inner,
        *FAST_RETRIES,
        "--policy",
        "round_robin",
        "--health-check-interval-secs",
        "0.2",
        "--health-failure-threshold",
        "1",
        *(["--upstream-http2"] if http2 else []),
    )
    clients = load(outer)
    clients.wait(100)
    for gateway in inner:
        assert gateway.stop() == 0
        successor = house.gateway([engine])
        assert outer.http.post("/workers", json={"url": successor.url}).status_code == 202
        until(lambda: (outer.worker(successor.url) or {}).get("is_healthy"), "the successor is used")
        outer.http.delete("/workers/" + outer.worker(gateway.url)["id"])
        clients.wait(100)
    clients.stop()
    assert clients.faults == []
    assert clients.answered >= 300


@pytest.mark.seconds(60)
def test_workers_come_and_go_under_load(house, load):
    workers = house.workers(6)
    gateway = house.gateway(workers[:3], "--drain-settle-secs", "0", "--policy", "cache_aware", *FAST_RETRIES)
    clients = load(gateway)
    for turn in range(12):
        comes, goes = workers[(turn + 3) % 6], workers[turn % 6]
        assert gateway.http.post("/workers", json={"url": comes.url}).status_code == 202
        until(lambda: (gateway.worker(comes.url) or {}).get("is_healthy"), "a worker came")
        assert gateway.http.delete("/workers/" + gateway.worker(goes.url)["id"]).status_code == 202
        until(lambda: gateway.worker(goes.url) is None, "a worker went")
        gateway.metrics()
        clients.wait(20)
    clients.stop()
    assert clients.faults == []
    gateway.wait_idle()
    assert gateway.http.get("/workers").json()["total"] == 3


# HTTP/2 to workers


def test_http2_upstream_multiplexes_and_cancels(house):
    engine = house.worker()
    inner = house.gateway([engine])
    outer = house.gateway([inner], "--upstream-http2", "--event-loops", "1")
    engine.fault(stall_after_tokens=2)
    wires = [house.wire(outer) for _ in range(40)]
    for wire in wires:
        wire.send(chat_request(stream=True, max_tokens=5))
    engine.wait(active=40)
    # 40 streams share one connection, though they all began while it was being opened.
    assert inner.metrics().value("smg_http_connections_active") <= 3
    for wire in wires[:20]:
        wire.reset()
    engine.wait(cancelled=20, seconds=5)
    engine.fault()
    for wire in wires[20:]:
        assert wire.answer().is_whole
    outer.wait_idle()
    inner.wait_idle()


def test_http2_upstream_large_bodies(house):
    engine = house.worker("--kv-blocks", "2000000")
    outer = house.gateway([house.gateway([engine])], "--upstream-http2")
    body = json.dumps(chat(content="x" * 4_000_000, max_tokens=1)).encode()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: outer.http.post(PATH, content=body).status_code, range(8)))
    assert statuses == [200] * 8
    assert engine.stats()["last_request"]["body_bytes"] == len(body)


def test_http2_upstream_dies(house):
    engine = house.worker()
    inner = house.gateway([engine])
    outer = house.gateway([inner], "--upstream-http2", *FAST_RETRIES)
    engine.fault(stall_after_tokens=2)
    wire = house.wire(outer)
    wire.send(chat_request(stream=True, max_tokens=5))
    wire.wait_for(b"data: ")
    inner.kill()
    answer = wire.answer()
    assert not answer.is_whole
    assert json.loads(answer.events[-1])["error"]["code"] == "worker_stream_broken"
    outer.wait_idle()


# For long


@pytest.mark.seconds(60)
def test_nothing_piles_up(house):
    """Thousands of requests, failures and departures later: the same memory, the same descriptors."""
    worker, ill = house.worker(), house.worker()
    gateway = house.gateway([worker, ill], *FAST_RETRIES, "--policy", "round_robin", "--disable-circuit-breaker")
    ill.fault(error_rate=0.3)

    def once(number: int) -> None:
        for turn in range(25):
            with Wire(gateway.connect()) as wire:
                wire.send(chat_request(content=f"{number} {turn}", stream=turn % 2 == 0, max_tokens=8))
                if turn % 5:
                    assert wire.answer().status == 200
                else:
                    wire.receive()
                    wire.reset()

    def round_of_requests() -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(once, range(40)))
        gateway.wait_idle()

    round_of_requests()
    resident = gateway.resident_bytes()
    descriptors = gateway.descriptors()
    for _ in range(2):
        round_of_requests()
    assert gateway.resident_bytes() - resident < 8 << 20
    until(lambda: gateway.descriptors() <= descriptors + 20, "descriptors are closed")
