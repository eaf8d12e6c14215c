"""HTTP/2 connections no client should make, and limits one connection meets."""

import json
import struct

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import pytest

from harness.gateway import MEGABYTE, Gateway
from harness.scripted import STREAM_HEAD, chunk
from harness.waiting import settled, until
from harness.wire import Wire, chat
from harness.worker import Worker

PATH = "/v1/chat/completions"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BODY = json.dumps(chat(max_tokens=2)).encode()


@pytest.fixture(scope="module")
def worker(shared_house) -> Worker:
    return shared_house.worker()


@pytest.fixture(scope="module")
def gateway(shared_house, worker) -> Gateway:
    return shared_house.gateway([worker], "--body-read-stall-timeout-secs", "0.5")


class Client:
    """One HTTP/2 connection that checks nothing of what it sends."""

    def __init__(self, wire: Wire, **settings: int):
        self.wire = wire
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        )
        self.h2.initiate_connection()
        if settings:
            self.h2.update_settings(
                {getattr(h2.settings.SettingCodes, name): value for name, value in settings.items()}
            )
        self.events: list = []
        self.flush()

    def flush(self) -> None:
        self.wire.send(self.h2.data_to_send())

    def request(
        self,
        stream: int,
        body: bytes = BODY,
        *fields: tuple[str, str],
        end: bool = True,
        path: str = PATH,
    ) -> None:
        head = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", path), *fields]
        self.h2.send_headers(stream, head)
        self.h2.send_data(stream, body, end_stream=end)
        self.flush()

    def receive(self) -> bool:
        data = self.wire.socket.recv(65536)
        if not data:
            return False
        self.events += self.h2.receive_data(data)
        self.flush()
        return True

    def wait(self, kind: type, stream: int | None = None) -> object:
        """The first event of that kind (on that stream)."""
        while True:
            for event in self.events:
                if isinstance(event, kind) and stream in (None, getattr(event, "stream_id", None)):
                    return event
            assert self.receive(), f"ended without {kind.__name__}: {self.events}"

    def status(self, stream: int) -> int:
        headers = dict(self.wait(h2.events.ResponseReceived, stream).headers)
        return int(headers[b":status"])


@pytest.fixture
def client(house, gateway) -> Client:
    return Client(house.wire(gateway))


def test_requests_one_after_the_other_and_at_once(client, worker):
    before = worker.stats()["completed"]
    for stream in range(1, 81, 2):
        client.request(stream)
    for stream in range(1, 81, 2):
        assert client.status(stream) == 200
        client.wait(h2.events.StreamEnded, stream)
    assert worker.stats()["completed"] == before + 40


@pytest.mark.parametrize("length", [len(BODY) + 5, len(BODY) - 5])
def test_content_length_that_lies(client, worker, length):
    before = worker.stats()["received"]
    client.request(1, BODY, ("content-length", str(length)))
    assert client.wait(h2.events.StreamReset, 1).error_code == h2.errors.ErrorCodes.PROTOCOL_ERROR
    # The connection goes on.
    client.request(3)
    assert client.status(3) == 200
    assert worker.stats()["received"] == before + 1


BAD_FIELDS = {
    "upper case": ("X-Upper", "a"),
    "connection": ("connection", "close"),
    "transfer-encoding": ("transfer-encoding", "chunked"),
    "upgrade": ("upgrade", "h2c"),
    "te": ("te", "gzip"),
    "line feed": ("x", "a\nb: c"),
    "carriage return": ("x", "a\rb"),
    "nul": ("x", "a\0b"),
    "space in name": ("x y", "a"),
    "colon in name": ("x:y", "a"),
    "empty name": ("", "a"),
    "unknown pseudo field": (":proto", "a"),
    "second path": (":path", "/"),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_fields_that_could_split_a_request(client, worker, name):
    before = worker.stats()["received"]
    client.request(1, BODY, BAD_FIELDS[name])
    while not any(
        isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated | h2.events.ResponseReceived)
        for event in client.events
    ):
        if not client.receive():
            break
    responses = [event for event in client.events if isinstance(event, h2.events.ResponseReceived)]
    assert all(int(dict(event.headers)[b":status"]) == 400 for event in responses)
    assert worker.stats()["received"] == before


@pytest.mark.parametrize("path", ["v1/chat", "", "http://a/v1"])
def test_paths_that_are_none(client, path):
    client.request(1, BODY, path=path)
    while not any(isinstance(event, h2.events.StreamReset | h2.events.ResponseReceived) for event in client.events):
        assert client.receive()


def test_body_too_large(house):
    gateway = house.gateway([house.worker()], "--max-payload-size", "1000")
    client = Client(house.wire(gateway))
    client.request(1, b"{" + b" " * 5000 + b"}")
    assert client.status(1) == 413
    client.request(3, BODY)
    assert client.status(3) == 200


def test_body_that_stalls(client, worker):
    before = worker.stats()["received"]
    client.request(1, b'{"messages"', end=False)
    assert client.status(1) == 408
    assert worker.stats()["received"] == before


def test_fields_without_end(client):
    client.request(1, BODY, *[(f"x-{number}", "v" * 1000) for number in range(100)])
    while not any(
        isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated | h2.events.ResponseReceived)
        for event in client.events
    ):
        assert client.receive()
    for event in client.events:
        if isinstance(event, h2.events.ResponseReceived):
            assert int(dict(event.headers)[b":status"]) == 431


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


SETTINGS = frame(4, 0, 0, b"")
FLOODS = {
    "rapid reset": lambda n: b"".join(
        frame(1, 4, 2 * i + 1, b"\x83\x86\x44\x01/\x41\x01a") + frame(3, 0, 2 * i + 1, struct.pack(">I", 8))
        for i in range(n)
    ),
    "pings": lambda n: frame(6, 0, 0, b"12345678") * n,
    "settings": lambda n: frame(4, 0, 0, b"") * n,
    "empty data": lambda n: frame(1, 4, 1, b"\x83\x86\x44\x01/\x41\x01a") + frame(0, 0, 1, b"") * n,
    "continuations": lambda n: frame(1, 0, 1, b"\x83\x86\x44\x01/\x41\x01a") + frame(9, 0, 1, b"") * n,
    "window updates of nothing": lambda n: frame(8, 0, 0, struct.pack(">I", 0)) * n,
    "not frames": lambda n: b"\xff" * 9 * n,
}


@pytest.mark.parametrize("name", FLOODS)
def test_floods_end_the_connection(house, gateway, name):
    """The connection is ended, memory stays where it was, and others are served meanwhile."""
    before = gateway.resident_bytes()
    wire = house.wire(gateway, timeout=20)
    try:
        wire.send(PREFACE + SETTINGS)
        for _ in range(50):
            wire.send(FLOODS[name](2000))
        # What was sent before the end is answered; the end has to come.
        while wire.receive():
            wire.buffer = b""
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert gateway.http.post(PATH, json=chat(max_tokens=1)).status_code == 200
    assert gateway.resident_bytes() - before < 16 * MEGABYTE
    gateway.wait_idle()


def test_a_client_that_gives_no_window(house):
    """Streams whose client lets nothing through hold back their workers, and are cut after the write-stall limit."""
    sent = [0]

    def script(exchange):
        exchange.send(STREAM_HEAD)
        for _ in range(400):
            exchange.send(chunk(b"x" * 65536))
            sent[0] += 65536

    gateway = house.gateway([house.scripted(script)], "--stream-body-stall-timeout-secs", "1")
    before = gateway.resident_bytes()
    client = Client(house.wire(gateway), INITIAL_WINDOW_SIZE=0)
    for stream in (1, 3, 5):
        client.request(stream)
    assert client.status(5) == 200
    assert 0 < settled(lambda: sent[0], "the worker's sending") < 24 * MEGABYTE
    assert gateway.resident_bytes() - before < 16 * MEGABYTE
    until(lambda: gateway.load() == 0, "the streams are cut")


def test_a_client_is_told_how_many_streams_it_may_open(client):
    changed = client.wait(h2.events.RemoteSettingsChanged).changed_settings
    limit = changed.get(h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS)
    assert limit is not None and 100 <= limit.new_value <= 10_000
