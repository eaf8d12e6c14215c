"""Requests no client should send: malformed ones, and ones made to be understood differently by two servers."""

import socket

import pytest

from harness.gateway import Gateway
from harness.waiting import until
from harness.wire import chat_request
from harness.worker import Worker

POST = b"POST /v1/chat/completions HTTP/1.1\r\n"
BODY = b'{"messages":[{"role":"user","content":"a"}]}'
SMUGGLED = b"POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def worker(shared_house) -> Worker:
    return shared_house.worker()


@pytest.fixture(scope="module")
def gateway(shared_house, worker) -> Gateway:
    return shared_house.gateway([worker])


def post(*lines: bytes, body: bytes = BODY) -> bytes:
    return POST + b"\r\n".join((b"host: a", *lines)) + b"\r\n\r\n" + body


LENGTH = b"content-length: %d" % len(BODY)
CHUNKED = b"transfer-encoding: chunked"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

#: name: (bytes, status)
REFUSED = {
    # Framing that two readers may take differently
    "length and chunked": (post(LENGTH, CHUNKED, body=CHUNKS + SMUGGLED), 400),
    "chunked and length": (post(CHUNKED, LENGTH, body=CHUNKS + SMUGGLED), 400),
    "two lengths": (post(LENGTH, b"content-length: 1"), 400),
    "two equal lengths": (post(LENGTH, LENGTH), 400),
    "list of lengths": (post(b"content-length: 5, 5", body=b"{}{}{"), 400),
    "negative length": (post(b"content-length: -1"), 400),
    "plus length": (post(b"content-length: +5", body=b"{}{}{"), 400),
    "hex length": (post(b"content-length: 0x10"), 400),
    "length with letters": (post(b"content-length: 44a"), 400),
    "empty length": (post(b"content-length: "), 400),
    "huge length": (post(b"content-length: 99999999999999999999999"), 400),
    "chunked twice": (post(CHUNKED, CHUNKED, body=CHUNKS), 400),
    "chunked, chunked": (post(b"transfer-encoding: chunked, chunked", body=CHUNKS), 501),
    "gzip, chunked": (post(b"transfer-encoding: gzip, chunked", body=CHUNKS), 501),
    "chunked, identity": (post(b"transfer-encoding: chunked, identity", body=CHUNKS), 501),
    "identity": (post(b"transfer-encoding: identity", body=BODY), 501),
    "xchunked": (post(b"transfer-encoding: xchunked", body=CHUNKS), 501),
    "chunked with tab before": (post(b"transfer-encoding:\x0bchunked", body=CHUNKS), 400),
    "space before colon": (post(b"transfer-encoding : chunked", body=CHUNKS), 400),
    "folded field": (post(b"x: a\r\n b", LENGTH), 400),
    "folded framing": (post(b"transfer-encoding:\r\n chunked", body=CHUNKS), 501),
    "underscore twin": (post(b"content_length: 0", CHUNKED, LENGTH, body=CHUNKS), 400),
    "chunked in 1.0": (post(CHUNKED, body=CHUNKS).replace(b"HTTP/1.1", b"HTTP/1.0", 1), 400),
    # Lines
    "bare line feeds": (post(LENGTH).replace(b"\r\n", b"\n"), 400),
    "bare carriage return": (post(b"x: a\rb", LENGTH), 400),
    "nul in a value": (post(b"x: a\0b", LENGTH), 400),
    "nul in a name": (post(b"x\0: a", LENGTH), 400),
    "no colon": (post(b"nonsense", LENGTH), 400),
    "empty name": (post(b": x", LENGTH), 400),
    "space in a name": (post(b"a b: x", LENGTH), 400),
    # Request lines
    "two spaces": (b"GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "no version": (b"GET /\r\nhost: a\r\n\r\n", 400),
    "http/0.9": (b"GET /\r\n\r\n", 400),
    "version 2.0": (b"GET / HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    "version 1.2": (b"GET / HTTP/1.2\r\nhost: a\r\n\r\n", 505),
    "lower-case http": (b"GET / http/1.1\r\nhost: a\r\n\r\n", 400),
    "tab for a space": (b"GET\t/ HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "control in target": (b"GET /\x01 HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "relative target": (b"GET v1/models HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "connect": (b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n", 501),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    "host with a path": (b"GET /health HTTP/1.1\r\nhost: a/b\r\n\r\n", 400),
    "tls hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), 400),
    "binary": (bytes(range(128, 256)), 400),
    "unknown expectation": (post(b"expect: a-miracle", LENGTH), 417),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(house, gateway, worker, name):
    data, status = REFUSED[name]
    before = worker.stats()["received"]
    with house.wire(gateway, timeout=5) as wire:
        wire.send(data)
        answer = wire.answer()
        assert answer.status == status, answer
        assert answer.error["code"] == answer.header("x-smg-error-code")
        assert answer.header("connection") == "close"
        # Nothing behind it is looked at.
        assert wire.is_closed()
    assert worker.stats()["received"] == before


BAD_CHUNKS = {
    "letters": b"zz\r\n{}\r\n0\r\n\r\n",
    "negative": b"-2\r\n{}\r\n0\r\n\r\n",
    "0x": b"0x2\r\n{}\r\n0\r\n\r\n",
    "space": b" 2\r\n{}\r\n0\r\n\r\n",
    "empty size": b"\r\n{}\r\n0\r\n\r\n",
    "overflow": b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "longer than said": b"1\r\n{}\r\n0\r\n\r\n",
    "bare line feed": b"2\n{}\n0\n\n",
    "line feed in extension": b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "framing in trailers": b"2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n",
    "endless extension": b"2;" + b"a" * 70_000 + b"\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_bad_chunks(house, gateway, worker, name):
    before = worker.stats()["received"]
    with house.wire(gateway, timeout=5) as wire:
        wire.send(post(CHUNKED, body=BAD_CHUNKS[name]))
        answer = wire.answer()
        assert answer.status in (400, 413)
        assert wire.is_closed()
    assert worker.stats()["received"] == before


def test_what_looks_like_a_second_request_inside_a_body_stays_a_body(house, gateway, worker):
    body = (
        b'{"messages":[{"role":"user","content":"' + SMUGGLED.replace(b"\r\n", b"\\r\\n").replace(b'"', b"") + b'"}]}'
    )
    before = worker.stats()["received"]
    with house.wire(gateway) as wire:
        wire.send(post(b"content-length: %d" % len(body), body=body))
        assert wire.answer().status == 200
    assert worker.stats()["received"] == before + 1
    assert worker.last_body() == body


def test_trailers_do_not_become_fields(house, gateway, worker):
    with house.wire(gateway) as wire:
        wire.send(post(CHUNKED, body=CHUNKS[:-2] + b"x-late: 1\r\n\r\n"))
        assert wire.answer().status == 200
    assert "x-late" not in dict(worker.last_headers())


#: Odd, but allowed.
ACCEPTED = {
    "no spaces": post(LENGTH.replace(b": ", b":")),
    "tabs and spaces": post(LENGTH.replace(b": ", b": \t  ") + b" \t"),
    "upper case": post(LENGTH.upper()),
    "absolute target": post(LENGTH).replace(b"POST /v1", b"POST http://a/v1", 1),
    "query": post(LENGTH).replace(b"completions HTTP", b"completions?a=b&c HTTP", 1),
    "empty line first": b"\r\n" + post(LENGTH),
    "chunk extensions": post(CHUNKED, body=CHUNKS.replace(b"\r\n", b';a="b";c\r\n', 1)),
    "zeros before a chunk size": post(CHUNKED, body=b"0000" + CHUNKS),
    "empty value": post(b"x:", LENGTH),
    "latin-1 value": post(b"x: \xe9", LENGTH),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_odd_but_allowed(house, gateway, name):
    with house.wire(gateway) as wire:
        wire.send(ACCEPTED[name])
        assert wire.answer().status == 200
        wire.send(chat_request(max_tokens=1))
        assert wire.answer().status == 200


def test_every_split_of_a_request(house, gateway):
    """Cut at every byte into two writes, on one connection."""
    data = post(LENGTH)
    with house.wire(gateway) as wire:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(1, len(data), 3):
            wire.send(data[:at])
            wire.send(data[at:])
            assert wire.answer().status == 200


def test_garbage_leaves_nothing_behind(house, gateway):
    before = gateway.descriptors()
    for data, _ in REFUSED.values():
        with house.wire(gateway) as wire:
            wire.send(data)
    until(lambda: gateway.descriptors() <= before + 2, "descriptors are closed")
    assert gateway.load() == 0
