"""SIGTERM under load: what was accepted is answered, nothing new is, and the process ends with 0."""

import json
import signal
import threading
from dataclasses import dataclass, field

import h2.connection
import httpx
import pytest

from harness.gateway import Gateway
from harness.scripted import STREAM_HEAD, ScriptedRequest, chunk, ok
from harness.waiting import until
from harness.wire import Wire, chat, chat_request

DATA, GO_AWAY, END_STREAM = 0, 7, 1
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'


def read_frame(wire: Wire) -> tuple[int, int, bytes]:
    """The next HTTP/2 frame: type, flags, payload."""
    head = wire.receive_exactly(9)
    return head[3], head[4], wire.receive_exactly(int.from_bytes(head[:3], "big"))


class RecordingWorker:
    """Remembers the id of every request it saw; streams wait for `release` in their middle."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.streams = 0
        self.release = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, request: ScriptedRequest) -> None:
        with self._lock:
            self.seen.add(request.header("x-request-id"))
        if not json.loads(request.body)["stream"]:
            return request.send(ok(b'{"choices":[]}'))
        request.send(STREAM_HEAD + chunk(EVENT))
        with self._lock:
            self.streams += 1
        self.release.wait(20)
        request.send(chunk(EVENT) + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")


@dataclass
class Client:
    """Sends short requests one after the other until the gateway takes no more connections."""

    gateway: Gateway
    number: int
    keeps_connections: bool
    answered: set[str] = field(default_factory=set)
    #: Requests whose connection ended without a byte of an answer, with the number of answers it had given before.
    unanswered: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        try:
            count = 0
            while (wire := self._connect()) is not None:
                count += 1
                self._use(wire, f"c{self.number}-{count}")
        except Exception as error:
            self.faults.append(repr(error))

    def _connect(self) -> Wire | None:
        try:
            return Wire(self.gateway.connect())
        except ConnectionRefusedError:
            return None

    def _use(self, wire: Wire, name: str) -> None:
        fields = () if self.keeps_connections else (("connection", "close"),)
        with wire:
            for count in range(1_000_000):
                identifier = f"{name}-{count}"
                try:
                    wire.send(chat_request(("x-request-id", identifier), *fields))
                    answer = wire.answer()
                except (ConnectionError, BrokenPipeError):
                    if wire.buffer:
                        self.faults.append(f"{identifier}: cut in its head: {wire.buffer!r}")
                    self.unanswered[identifier] = count
                    return
                if not answer.is_whole or answer.status != 200:
                    self.faults.append(f"{identifier}: {answer}")
                self.answered.add(identifier)
                if answer.header("connection") == "close":
                    return


@pytest.mark.seconds(60)
def test_sigterm_under_load_loses_nothing(house):
    script = RecordingWorker()
    gateway = house.gateway([house.scripted(script)], "--upstream-pool-idle-timeout-secs", "60")
    streams = [house.wire(gateway) for _ in range(50)]
    for number, wire in enumerate(streams):
        wire.send(chat_request(("x-request-id", f"s{number}"), stream=True))
    until(lambda: script.streams == 50, "fifty streams")
    clients = [Client(gateway, number, keeps_connections=number % 2 == 0) for number in range(8)]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    until(lambda: all(len(client.answered) > 20 for client in clients), "load on all connections")

    gateway.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(15)
        assert not thread.is_alive()
    # It takes nothing new, says so where it still can be asked, and goes on with the streams.
    answer = httpx.get(gateway.metrics_url + "/readiness")
    assert (answer.status_code, answer.json()["reason"]) == (503, "draining")
    assert gateway.is_alive()
    script.release.set()
    for wire in streams:
        answer = wire.answer()
        assert answer.is_whole and answer.events[-1] == "[DONE]"
    assert gateway.exit_code() == 0
    assert "requests_cut=0" in gateway.log()

    for client in clients:
        assert client.faults == []
        # What the worker has seen was answered, and a new connection that was accepted got its first answer.
        assert script.seen.isdisjoint(client.unanswered)
        assert all(earlier > 0 for earlier in client.unanswered.values())


def test_a_connection_opened_before_is_served_once(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_after_tokens=1)
    stream, early = house.wire(gateway), house.wire(gateway)
    stream.send(chat_request(stream=True, max_tokens=3))
    worker.wait(active=1, faults=1)
    gateway.send_signal(signal.SIGTERM)
    gateway.log_lines_with("gateway stopping")
    until(lambda: httpx.get(gateway.metrics_url + "/readiness").status_code == 503, "draining")
    early.send(b"GET /readiness HTTP/1.1\r\nhost: a\r\n\r\n")
    answer = early.answer("GET")
    assert (answer.status, answer.json()["reason"], answer.header("connection")) == (503, "draining", "close")
    worker.fault()
    assert stream.answer().is_whole
    assert gateway.exit_code() == 0


def test_idle_connections_end_at_once(house):
    gateway = house.gateway([house.worker()])
    wires = [house.wire(gateway) for _ in range(20)]
    for wire in wires:
        wire.send(chat_request(max_tokens=1))
        assert wire.answer().status == 200
    gateway.send_signal(signal.SIGTERM)
    assert gateway.exit_code(5) == 0
    assert all(wire.is_closed() for wire in wires)


def test_http2_connections_are_told(house):
    """GOAWAY at once, then the streams that are open run to their end."""
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_after_tokens=1)
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.send_headers(
        1, [(":method", "POST"), (":path", "/v1/chat/completions"), (":scheme", "http"), (":authority", "a")]
    )
    client.send_data(1, json.dumps(chat(stream=True, max_tokens=4)).encode(), end_stream=True)
    wire = house.wire(gateway)
    wire.send(client.data_to_send())
    worker.wait(active=1, faults=1)
    gateway.send_signal(signal.SIGTERM)
    # Not with h2's own reader: that takes GOAWAY for the end of everything.
    frames = []
    while GO_AWAY not in [kind for kind, _, _ in frames]:
        frames.append(read_frame(wire))
    worker.fault()
    while not (frames[-1][0] == DATA and frames[-1][1] & END_STREAM):
        frames.append(read_frame(wire))
    assert b"".join(payload for kind, _, payload in frames if kind == DATA).endswith(b"data: [DONE]\n\n")
    assert gateway.exit_code() == 0


def test_grace_period_ends(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--shutdown-grace-period-secs", "0.3")
    worker.fault(stall_after_tokens=1)
    wire = house.wire(gateway)
    wire.send(chat_request(stream=True, max_tokens=4))
    worker.wait(active=1, faults=1)
    gateway.send_signal(signal.SIGTERM)
    assert not wire.answer().is_whole
    assert gateway.exit_code(5) == 0
    assert "requests_cut=1" in gateway.log()
    worker.wait(cancelled=1, active=0)


def test_a_second_signal_ends_it(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_after_tokens=1)
    wire = house.wire(gateway)
    wire.send(chat_request(stream=True, max_tokens=4))
    worker.wait(active=1, faults=1)
    gateway.send_signal(signal.SIGTERM)
    gateway.log_lines_with("gateway stopping")
    until(lambda: httpx.get(gateway.metrics_url + "/readiness").status_code == 503, "draining")
    gateway.send_signal(signal.SIGTERM)
    assert gateway.exit_code(3) == -signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_with_0_without_load(house, number):
    gateway = house.gateway([house.worker()])
    gateway.send_signal(number)
    assert gateway.exit_code(5) == 0
    assert f"signal={number.name}" in gateway.log()


def test_ends_while_workers_are_missing(house):
    gateway = house.gateway([], ready=False)
    gateway.http.post("/workers", json={"url": "http://127.0.0.1:9"})
    gateway.send_signal(signal.SIGTERM)
    assert gateway.exit_code(5) == 0
