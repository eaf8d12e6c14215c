"""Clients that leave, dawdle or never stop: what they cost must be bounded and must end."""

import asyncio
import json
import socket
import time

import h2.connection
import h2.errors
import h2.events
import pytest

from harness.gateway import MEGABYTE, Gateway
from harness.scripted import STREAM_HEAD, chunk
from harness.waiting import settled, until
from harness.wire import chat_request, request

PATH = "/v1/chat/completions"
#: So long after its answer has begun, a client that ends its sending direction is taken to have left.
HALF_CLOSE_SECONDS = 0.12


def http2_request() -> h2.connection.H2Connection:
    """A client whose first bytes are a streaming chat request on stream 1."""
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), (":path", PATH), (":scheme", "http"), (":authority", "smg.test")])
    client.send_data(1, b'{"messages":[{"role":"user","content":"a"}],"stream":true}', end_stream=True)
    return client


# Clients that leave


@pytest.mark.parametrize("how", ["close", "reset"])
def test_leaving_a_stream_stops_the_engine(house, how):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_after_tokens=2)
    wire = house.wire(gateway)
    wire.send(chat_request(stream=True, max_tokens=50))
    wire.receive_until(b"data:")
    worker.wait(active=1, faults=1)
    assert gateway.load() == 1
    answered = time.monotonic()
    # A client that ends its sending direction sooner may be one that half-closes.
    until(lambda: time.monotonic() - answered > HALF_CLOSE_SECONDS, "the half-close window is over")
    getattr(wire, how)()
    worker.wait(cancelled=1, active=0, seconds=3)
    gateway.wait_idle()
    assert gateway.metrics().value("smg_client_disconnects_total") == 1
    assert gateway.worker(worker.url)["circuit_breaker"] == "closed"


def test_leaving_before_the_answer_stops_the_engine(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_before_head=True)
    wire = house.wire(gateway)
    wire.send(chat_request())
    worker.wait(active=1)
    wire.reset()
    worker.wait(cancelled=1, active=0, seconds=3)
    gateway.wait_idle()


@pytest.mark.parametrize("how", ["reset stream", "close connection"])
def test_leaving_over_http2_stops_the_engine(house, how):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(stall_after_tokens=2)
    client = http2_request()
    wire = house.wire(gateway)
    wire.send(client.data_to_send())
    wire.receive_until(b"data: ")
    worker.wait(active=1, faults=1)
    if how == "reset stream":
        client.reset_stream(1, h2.errors.ErrorCodes.CANCEL)
        wire.send(client.data_to_send())
    else:
        wire.close()
    worker.wait(cancelled=1, active=0, seconds=3)
    gateway.wait_idle()


def test_half_closing_after_the_request_is_not_leaving(house):
    """`printf … | nc` ends its sending direction at once and waits for the answer."""
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(delay_ms=100)
    with house.wire(gateway) as wire:
        wire.send(chat_request(max_tokens=3))
        wire.socket.shutdown(socket.SHUT_WR)
        answer = wire.answer()
        assert answer.status == 200 and answer.is_whole


def test_fifty_clients_leave_at_once(house):
    workers = house.workers(2)
    gateway = house.gateway(workers)
    for worker in workers:
        worker.fault(stall_after_tokens=3)
    wires = [house.wire(gateway) for _ in range(50)]
    for wire in wires:
        wire.send(chat_request(stream=True, max_tokens=50))
    until(lambda: sum(worker.stats()["active"] for worker in workers) == 50, "fifty streams")
    until(lambda: gateway.load() == 50, "load 50")
    for wire in wires:
        wire.reset()
    gateway.wait_idle()
    for worker in workers:
        worker.wait(active=0, seconds=3)
    assert sum(worker.stats()["cancelled"] for worker in workers) == 50
    # The descriptors go too.
    until(lambda: gateway.metrics().value("smg_http_connections_active") <= 1, "connections closed")


def test_leaving_in_the_middle_of_a_body(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--max-concurrent-requests", "1")
    wire = house.wire(gateway)
    wire.send(request("POST", PATH, b"", ("content-length", "1000")) + b'{"messages"')
    until(lambda: gateway.metrics().value("smg_requests_running") == 1, "the request runs")
    wire.close()
    until(lambda: gateway.metrics().value("smg_requests_running") == 0, "the permit is given back")
    assert worker.stats()["received"] == 0


# Clients that are slow


@pytest.mark.seconds(60)
def test_a_slow_reader_costs_no_memory(house):
    """The worker pushes 200 MB as fast as it can; a client that does not read stops it within a few buffers."""
    total, piece = 200 * MEGABYTE, chunk(b"data: " + b"x" * (256 * 1024 - 8) + b"\n\n")
    sent = [0]

    def script(exchange):
        exchange.send(STREAM_HEAD)
        while sent[0] < total:
            exchange.send(piece)
            sent[0] += 256 * 1024
        exchange.send(b"0\r\n\r\n")

    worker = house.scripted(script)
    gateway = house.gateway([worker])
    before = gateway.resident_bytes()
    wire = house.wire(gateway, receive_buffer=65536)
    wire.send(chat_request(stream=True))
    held = settled(lambda: sent[0], "the worker's sending")
    assert 0 < held < 24 * MEGABYTE
    assert gateway.resident_bytes() - before < 16 * MEGABYTE
    wire.head()
    received, peak = 0, 0
    for data in wire.chunks():
        received += len(data)
        peak = max(peak, gateway.resident_bytes()) if received % (8 * MEGABYTE) < len(data) else peak
    assert received == sent[0]
    assert peak - before < 16 * MEGABYTE
    gateway.wait_idle()


def test_slow_reader_over_http2_costs_no_memory(house):
    total, piece = 50 * MEGABYTE, chunk(b"x" * (256 * 1024))
    sent = [0]

    def script(exchange):
        exchange.send(STREAM_HEAD)
        while sent[0] < total:
            exchange.send(piece)
            sent[0] += 256 * 1024
        exchange.send(b"0\r\n\r\n")

    gateway = house.gateway([house.scripted(script)])
    before = gateway.resident_bytes()
    client = http2_request()
    wire = house.wire(gateway)
    wire.send(client.data_to_send())
    assert 0 < settled(lambda: sent[0], "the worker's sending") < 24 * MEGABYTE
    assert gateway.resident_bytes() - before < 16 * MEGABYTE
    received = 0
    while received < total:
        data = wire.socket.recv(1 << 20)
        assert data, "cut"
        for event in client.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                received += len(event.data)
                client.acknowledge_received_data(event.flow_controlled_length, 1)
        wire.send(client.data_to_send())
    assert received == total == sent[0]
    assert gateway.resident_bytes() - before < 16 * MEGABYTE


def test_slow_head_is_refused(house):
    gateway = house.gateway([house.worker()], "--header-read-timeout-secs", "0.5")
    with house.wire(gateway) as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n")
        # Progress does not help: the limit is for the whole head.
        wire.socket.settimeout(0.05)
        line = b"x: y\r\n"
        for _ in range(200):
            try:
                wire.send(line)
                wire.receive()
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
            if wire.buffer or wire.ended:
                break
        wire.socket.settimeout(5)
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (408, "request_header_timeout")
        assert answer.header("connection") == "close"
        assert wire.receive_to_end() == b""


def test_connections_that_never_speak_are_closed(house):
    gateway = house.gateway(
        [house.worker()], "--header-read-timeout-secs", "0.3", "--idle-connection-timeout-secs", "0.3"
    )
    silent, used = house.wire(gateway), house.wire(gateway)
    used.send(chat_request(max_tokens=1))
    assert used.answer().status == 200
    assert silent.is_closed()
    assert used.is_closed()


def test_stalled_body_is_refused(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--body-read-stall-timeout-secs", "0.3")
    with house.wire(gateway) as wire:
        wire.send(request("POST", PATH, b"", ("content-length", "100")) + b"{")
        answer = wire.answer()
        assert (answer.status, answer.error["code"]) == (408, "request_body_timeout")
        assert wire.is_closed()
    with house.wire(gateway) as wire:
        wire.send(request("POST", PATH, b"", ("transfer-encoding", "chunked")) + b"5\r\n{")
        assert wire.answer().status == 408
        assert wire.is_closed()
    assert worker.stats()["received"] == 0
    gateway.wait_idle()


def test_a_client_that_never_reads_is_cut(house):
    """The write-stall limit is the stream-stall limit: a client that takes nothing for that long is gone."""
    worker = house.scripted(
        lambda exchange: [exchange.send(STREAM_HEAD), *(exchange.send(chunk(b"x" * 65536)) for _ in range(2000))]
    )
    gateway = house.gateway([worker], "--stream-body-stall-timeout-secs", "0.5")
    wire = house.wire(gateway, receive_buffer=65536)
    wire.send(chat_request(stream=True))
    until(lambda: gateway.load() == 1, "the request runs")
    gateway.wait_idle()
    assert gateway.metrics().value("smg_client_disconnects_total") == 1


# Many clients


async def stream_once(gateway: Gateway, payload: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(gateway.host, gateway.port)
    writer.write(payload)
    received = await reader.read(-1)
    writer.close()
    return received


@pytest.mark.seconds(60)
def test_a_thousand_streams_at_once(house):
    workers = house.workers(2, "--max-running", "2000")
    gateway = house.gateway(workers, "--policy", "round_robin")
    for worker in workers:
        worker.fault(stall_after_tokens=3)
    payload = chat_request(("connection", "close"), stream=True, max_tokens=10)

    async def everybody() -> list[bytes]:
        streams = [asyncio.create_task(stream_once(gateway, payload)) for _ in range(1000)]
        loop = asyncio.get_running_loop()
        for worker in workers:
            await loop.run_in_executor(None, lambda: worker.wait(active=500, seconds=20))
        assert await loop.run_in_executor(None, gateway.load) == 1000
        for worker in workers:
            await loop.run_in_executor(None, worker.fault)
        return await asyncio.gather(*streams)

    answers = asyncio.run(everybody())
    assert len(answers) == 1000
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert answer.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert answer.count(b'"content":') >= 10
    gateway.wait_idle()
    assert sum(worker.stats()["completed"] for worker in workers) == 1000


def test_more_connections_than_allowed(house):
    gateway = house.gateway([house.worker()], "--max-connections", "4", "--event-loops", "1")
    gateway.http.close()
    until(lambda: gateway.metrics().value("smg_http_connections_active") == 0, "the fixture's connection is gone")
    wires = [house.wire(gateway) for _ in range(4)]
    for wire in wires:
        wire.send(chat_request(max_tokens=1))
        assert wire.answer().status == 200
    extra = house.wire(gateway)
    answer = extra.answer()
    assert (answer.status, answer.header("retry-after")) == (503, "1")
    assert extra.is_closed()
    wires[0].close()
    until(lambda: gateway.metrics().value("smg_http_connections_active") == 3, "a place is free")
    wires[0] = house.wire(gateway)
    wires[0].send(chat_request(max_tokens=1))
    assert wires[0].answer().status == 200


def test_a_body_of_json_arrays_all_the_way_down(house):
    gateway = house.gateway([house.worker()])
    deep = b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = gateway.http.post(PATH, content=deep)
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"]["code"] == "json_parse_error"
