"""Bytes pass through: what the gateway does not own reaches the worker, and comes back, as it was."""

import hashlib
import json
import random

import pytest

from harness.gateway import Gateway
from harness.scripted import STREAM_HEAD, chunk, ok
from harness.wire import chat, chat_request, request

PATH = "/v1/chat/completions"

MESSAGES = b'"messages":[{"role":"user","content":"a"}]'
BODIES = {
    "unknown fields": b'{"model":"sim-model","messages":[{"role":"user","content":"a","x-mine":[1,{"y":null}]}],"zz":{}}',
    "whitespace": b' \n\t{ "model"\t:"sim-model" ,\r\n "messages" : [ { "role":"user","content":"a" } ]\n\n}  \n',
    "numbers": b"{%s," % MESSAGES + b'"n1":123456789012345678901234567890,"n2":1e400,"n3":-0.0,'
    b'"n4":1.0000000000000000000001,"seed":18446744073709551615}',
    "escapes": b'{"messages":[{"role":"user","content":'
    b'"\\u0041\\ud83d\\ude00\\/\\b \\u00e9 \xc3\xa9 \xf0\x9f\x98\x80"}]}',
    "order": b'{"stop":["x"],%s,"stream":false,"model":"sim-model","max_tokens":1}' % MESSAGES,
    "keys": b'{"m\\u006fdel":"sim-model",%s,"metadata":{"model":"b","stream":true}}' % MESSAGES,
    "long": b'{"messages":[{"role":"user","content":"' + b"0123456789" * 30_000 + b'"}],"tail":true}',
}


@pytest.fixture(scope="module")
def fleet(shared_house):
    worker = shared_house.worker()
    return shared_house.gateway([worker]), worker


def sent(gateway: Gateway, body: bytes, *fields: tuple[str, str], path: str = PATH):
    return gateway.http.post(path, content=body, headers=[("content-type", "application/json"), *fields])


@pytest.mark.parametrize("name", BODIES)
def test_request_bytes(fleet, name):
    gateway, worker = fleet
    body = BODIES[name]
    assert sent(gateway, body).status_code == 200
    seen = worker.stats()["last_request"]
    assert seen["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert seen["body_bytes"] == len(body)
    assert seen["target"] == PATH


def test_request_bytes_in_odd_pieces(fleet, house):
    """The body arrives cut anywhere: behind the head, byte by byte, in chunks of any size."""
    gateway, worker = fleet
    dice = random.Random(7)
    body = BODIES["escapes"]
    for _ in range(20):
        cuts = sorted(dice.sample(range(1, len(body)), 5))
        pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        with house.wire(gateway) as wire:
            wire.send(request("POST", PATH, b"", ("transfer-encoding", "chunked")))
            for piece in pieces:
                wire.send(chunk(piece))
            wire.send(b"0\r\n\r\n")
            assert wire.answer().status == 200
        assert worker.last_body() == body


def test_large_body_hash(fleet):
    gateway, worker = fleet
    noise = random.Random(1).randbytes(1 << 20).hex()
    body = json.dumps(chat(content=noise, max_tokens=1)).encode()
    assert sent(gateway, body).status_code == 200
    assert worker.stats()["last_request"]["body_sha256"] == hashlib.sha256(body).hexdigest()


ANSWER = b'{ "choices" : [ ],\n\n "odd":\t1e999, "u":"\\u0000\xc3\xa9" }\n'


def test_response_bytes(house):
    worker = house.scripted(lambda request: request.send(ok(ANSWER, "x-engine: one", "x-engine: two", 'etag: W/"a"')))
    gateway = house.gateway([worker])
    answer = gateway.http.post(PATH, json=chat())
    assert answer.content == ANSWER
    assert answer.headers.get_list("x-engine") == ["one", "two"]
    assert answer.headers["etag"] == 'W/"a"'


def test_stream_bytes(house):
    """Events, comments, odd line ends and half events: nothing is re-framed but the chunks."""
    pieces = [
        b': hi\n\ndata: {"a"',
        b":1}\r\n\r\nevent: x\ndata: 2\n",
        b"\n",
        b"data: \xf0\x9f",
        b"\x98\x80\n\ndata: [DONE]\n\n",
    ]

    def script(request):
        request.send(STREAM_HEAD)
        for piece in pieces:
            request.send(chunk(piece))
        request.send(b"0\r\n\r\n")

    gateway = house.gateway([house.scripted(script)])
    assert gateway.http.post(PATH, json=chat(stream=True)).content == b"".join(pieces)


def test_body_that_ends_with_the_connection(house):
    def script(request):
        request.send(b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + ANSWER)
        request.close()

    gateway = house.gateway([house.scripted(script)])
    assert gateway.http.post(PATH, json=chat()).content == ANSWER


def test_answers_without_a_body(house):
    gateway = house.gateway(
        [house.scripted(lambda request: request.send(b"HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n"))]
    )
    for _ in range(3):
        answer = gateway.http.post(PATH, json=chat())
        assert (answer.status_code, answer.content, answer.headers["x-a"]) == (204, b"", "b")


def test_status_and_error_body_of_the_worker(house):
    body = b'{"error":{"message":"no such adapter","code":"engine_says_so"}}'
    raw = b"HTTP/1.1 422 Unprocessable\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )
    worker = house.scripted(lambda request: request.send(raw))
    gateway = house.gateway([worker])
    answer = gateway.http.post(PATH, json=chat())
    assert (answer.status_code, answer.content) == (422, body)
    assert worker.received == 1


# Fields


def test_request_id_is_echoed_and_forwarded(fleet):
    gateway, worker = fleet
    for name in ("x-request-id", "x-correlation-id", "x-trace-id", "request-id"):
        answer = sent(gateway, BODIES["order"], (name, "mine-1"))
        assert answer.headers.get_list("x-request-id") == ["mine-1"]
        assert [value for key, value in worker.last_headers() if key == "x-request-id"] == ["mine-1"]
    made = [sent(gateway, BODIES["order"]).headers["x-request-id"] for _ in range(3)]
    assert len(set(made)) == 3 and all(identifier.startswith("chatcmpl-") for identifier in made)
    assert dict(worker.last_headers())["x-request-id"] == made[-1]


def test_an_absurd_request_id_is_replaced(fleet):
    gateway, _ = fleet
    answer = sent(gateway, BODIES["order"], ("x-request-id", "i" * 5000))
    assert answer.status_code == 200
    assert len(answer.headers["x-request-id"]) < 300


def test_hop_by_hop_fields_and_cookies_stay_here(fleet, house):
    gateway, worker = fleet
    body = BODIES["order"]
    with house.wire(gateway) as wire:
        wire.send(
            request(
                "POST",
                PATH,
                body,
                ("connection", "keep-alive, x-secret-hop"),
                ("x-secret-hop", "1"),
                ("keep-alive", "timeout=5"),
                ("te", "trailers"),
                ("upgrade", "websocket"),
                ("proxy-authorization", "Basic eA=="),
                ("proxy-connection", "close"),
                ("cookie", "session=1"),
                ("x-kept", "yes"),
                ("user-agent", "raw"),
                ("traceparent", "00-" + "1" * 32 + "-" + "2" * 16 + "-01"),
                ("accept-language", "de"),
                ("x-twice", "1"),
                ("x-twice", "2"),
            )
        )
        assert wire.answer().status == 200
    seen = worker.last_headers()
    names = {name for name, _ in seen}
    assert not names & {
        "x-secret-hop",
        "keep-alive",
        "te",
        "upgrade",
        "proxy-authorization",
        "proxy-connection",
        "cookie",
        "connection",
    }
    assert {
        ("x-kept", "yes"),
        ("user-agent", "raw"),
        ("accept-language", "de"),
        ("x-twice", "1"),
        ("x-twice", "2"),
    } <= set(seen)
    assert dict(seen)["host"] == worker.url.removeprefix("http://")
    assert "traceparent" in names
    assert [value for name, value in seen if name == "content-length"] == [str(len(body))]


def test_connection_cannot_take_away_what_matters(fleet, house):
    gateway, worker = fleet
    with house.wire(gateway) as wire:
        wire.send(
            request(
                "POST",
                PATH,
                BODIES["order"],
                ("connection", "authorization, content-type, x-request-id"),
                ("authorization", "Bearer mine"),
                ("x-request-id", "kept"),
            )
        )
        assert wire.answer().status == 200
    seen = dict(worker.last_headers())
    assert (seen["authorization"], seen["content-type"], seen["x-request-id"]) == (
        "Bearer mine",
        "application/json",
        "kept",
    )


def test_credentials_of_the_client_pass_when_the_gateway_has_no_key(fleet):
    gateway, worker = fleet
    sent(gateway, BODIES["order"], ("authorization", "Bearer client"), ("x-api-key", "client-too"))
    seen = dict(worker.last_headers())
    assert (seen["authorization"], seen["x-api-key"]) == ("Bearer client", "client-too")


def test_the_gateways_key_goes_to_the_workers(house):
    worker = house.worker("--api-key", "gate")
    gateway = house.gateway([worker], "--api-key", "gate", headers={"authorization": "Bearer gate"})
    assert sent(gateway, BODIES["order"], ("x-api-key", "other")).status_code == 200
    seen = worker.last_headers()
    assert [value for name, value in seen if name == "authorization"] == ["Bearer gate"]
    assert "x-api-key" not in dict(seen)


def test_a_workers_own_key_replaces_the_clients(house):
    worker = house.worker("--api-key", "engine")
    gateway = house.gateway([])
    gateway.http.post("/workers", json={"url": worker.url, "api_key": "engine"})
    gateway.wait_ready(1)
    assert sent(gateway, BODIES["order"], ("authorization", "Bearer client")).status_code == 200
    assert [value for name, value in worker.last_headers() if name == "authorization"] == ["Bearer engine"]


def test_hop_by_hop_fields_of_the_worker_stay_behind(house):
    fields = (
        "connection: keep-alive, x-hop",
        "x-hop: 1",
        "keep-alive: timeout=5",
        "proxy-authenticate: Basic",
        "x-kept: 1",
        "set-cookie: a=b",
        "x-request-id: the-engines-own",
        "date: Thu, 01 Jan 1970 00:00:00 GMT",
    )
    gateway = house.gateway([house.scripted(lambda request: request.send(ok(b"{}", *fields)))])
    answer = gateway.http.post(PATH, json=chat(), headers={"x-request-id": "mine"})
    assert not set(answer.headers) & {"x-hop", "keep-alive", "proxy-authenticate"}
    assert answer.headers["x-kept"] == "1"
    assert answer.headers.get_list("x-request-id") == ["mine"]
    assert len(answer.headers.get_list("date")) == 1 and "1970" not in answer.headers["date"]


def test_pipelined_requests_are_answered_in_order(fleet, house):
    gateway, _ = fleet
    with house.wire(gateway) as wire:
        wire.send(b"".join(chat_request(("x-request-id", f"p{number}"), max_tokens=number + 1) for number in range(8)))
        answers = [wire.answer() for _ in range(8)]
    assert [answer.header("x-request-id") for answer in answers] == [f"p{number}" for number in range(8)]
    assert [answer.json()["usage"]["completion_tokens"] for answer in answers] == list(range(1, 9))
