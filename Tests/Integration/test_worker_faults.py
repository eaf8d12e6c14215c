"""Workers that die, stall, lie or refuse: nothing is lost silently, and the client is told what happened."""

import json
import threading

import httpx
import openai
import pytest

from harness.gateway import Gateway
from harness.scripted import STREAM_HEAD, chunk, ok
from harness.waiting import until
from harness.wire import LAST_CHUNK, chat, chat_request, request
from harness.worker import MODEL

PATH = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "Hello"}]
#: Pauses between attempts that cost no time.
FAST_RETRIES = ["--retry-initial-backoff-ms", "1", "--retry-max-backoff-ms", "2"]


def post(gateway: Gateway, **arguments: object) -> httpx.Response:
    return gateway.http.post(PATH, json=chat(**arguments))


def assert_error(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["x-smg-error-code"]) == (status, code), answer.text
    assert answer.json()["error"]["code"] == code


def assert_broken_stream(answer, code: str, tokens: int) -> None:
    """All tokens that came, then an error event, then a cut: never an end that looks clean."""
    assert answer.status == 200
    assert not answer.is_whole
    assert "[DONE]" not in answer.events
    *events, last = answer.events
    assert json.loads(last)["error"]["code"] == code
    texts = [json.loads(event)["choices"][0]["delta"].get("content") for event in events]
    assert len([text for text in texts if text]) == tokens


# Broken streams


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
def test_worker_breaks_a_stream(house, reset):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(cut_after_tokens=3, reset=reset)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=10))
        answer = wire.answer()
        assert wire.ended and not wire.buffer.endswith(LAST_CHUNK)
    # A reset may overtake what was sent before it; what did come must be told from a whole answer all the same.
    assert_broken_stream(answer, "worker_stream_broken", len(answer.events) - 2 if reset else 3)
    until(lambda: gateway.load() == 0, "no load")
    assert gateway.metrics().value("sgl_router_request_errors_total", error_type="worker_stream_broken") == 1


def test_openai_client_raises_when_a_stream_breaks(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(cut_after_tokens=3)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key="none", max_retries=0)
    seen = []
    with pytest.raises(openai.APIError) as caught:
        for part in client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, max_tokens=10):
            seen.append(part)
    assert "broke off" in str(caught.value)
    assert len(seen) >= 3


def test_http2_client_sees_a_reset_stream(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(cut_after_tokens=3)
    received = b""
    with httpx.Client(base_url=gateway.url, http1=False, http2=True) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            with client.stream("POST", PATH, json=chat(stream=True, max_tokens=10)) as answer:
                for piece in answer.iter_raw():
                    received += piece
        assert b'"worker_stream_broken"' in received
        worker.fault()
        assert client.post(PATH, json=chat(max_tokens=1)).status_code == 200


def test_http10_client_sees_a_reset(house):
    """Without chunks and without a length only a reset tells a cut from an end."""
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(cut_after_tokens=3)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=10).replace(b"HTTP/1.1", b"HTTP/1.0"))
        answer = wire.answer()
        assert answer.header("transfer-encoding") is None
        assert not answer.is_whole


def test_worker_is_killed_in_the_middle_of_streams(house):
    victim, other = house.worker(), house.worker()
    gateway = house.gateway([victim, other], "--policy", "round_robin")
    for worker in (victim, other):
        worker.fault(stall_after_tokens=4)
    wires = [house.wire(gateway) for _ in range(6)]
    for wire in wires:
        wire.send(chat_request(stream=True, max_tokens=8))
    victim.wait(active=3)
    other.wait(active=3)
    for wire in wires:
        wire.head()
    victim.kill()
    other.fault()
    broken = whole = 0
    for wire in wires:
        pieces = []
        try:
            pieces.extend(wire.chunks())
            assert b"[DONE]" in b"".join(pieces)
            whole += 1
        except ConnectionError:
            assert wire.ended
            broken += 1
    assert (broken, whole) == (3, 3)
    # The dead worker is left alone, its clients' next requests are served.
    assert [post(gateway, max_tokens=1).status_code for _ in range(20)] == [200] * 20
    gateway.wait_idle()


def test_anthropic_stream_breaks(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(cut_after_tokens=2)
    with house.wire(gateway) as wire:
        body = json.dumps({"model": MODEL, "max_tokens": 9, "stream": True, "messages": MESSAGES}).encode()
        wire.send(request("POST", "/v1/messages", body))
        answer = wire.answer()
    assert not answer.is_whole
    assert json.loads(answer.events[-1])["error"]["code"] == "worker_stream_broken"


def test_an_event_cut_in_the_middle_does_not_swallow_the_error(house):
    def script(request):
        request.send(STREAM_HEAD + chunk(b'data: {"a":1}\n\ndata: {"half'))
        request.close()

    gateway = house.gateway([house.scripted(script)])
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True))
        answer = wire.answer()
    assert not answer.is_whole
    assert json.loads(answer.events[-1])["error"]["code"] == "worker_stream_broken"
    assert answer.events[0] == '{"a":1}'


def test_stream_stalls(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--stream-body-stall-timeout-secs", "0.4")
    worker.fault(stall_after_tokens=2)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=5))
        answer = wire.answer()
    assert_broken_stream(answer, "worker_stream_stalled", 2)
    worker.wait(cancelled=1, active=0)


def test_silence_is_filled_with_comments_that_clients_do_not_see(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--sse-keepalive-secs", "0.1")
    worker.fault(stall_after_tokens=2)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=5))
        for _ in range(3):
            wire.receive_until(b": keep-alive\n\n")
        worker.fault()
        rest = wire.receive_until(LAST_CHUNK)
    assert b"data: [DONE]" in rest

    worker.fault(stall_after_tokens=2)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key="none", max_retries=0)
    comments = threading.Timer(0.4, worker.fault)
    comments.start()
    parts = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, max_tokens=5))
    assert sum(1 for part in parts if part.choices and part.choices[0].delta.content) == 5
    comments.join()


def test_a_request_may_not_take_for_ever(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--request-timeout-secs", "0.6", "--sse-keepalive-secs", "0.1")
    worker.fault(stall_after_tokens=2)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=5))
        assert_broken_stream(wire.answer(), "worker_timeout", 2)
    worker.wait(cancelled=1, active=0)


# Broken whole answers


def test_answer_shorter_than_announced(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(length_mismatch=True)
    with house.wire(gateway) as wire:
        wire.send(chat_request(max_tokens=2))
        answer = wire.answer()
        assert answer.status == 200 and not answer.is_whole
    with pytest.raises(httpx.RemoteProtocolError):
        post(gateway, max_tokens=2)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=2))
        assert not wire.answer().is_whole
    gateway.wait_idle()


def test_malformed_head(house):
    workers = house.workers(2)
    gateway = house.gateway(workers, *FAST_RETRIES, "--policy", "round_robin")
    workers[0].fault(malformed_head=True)
    assert [post(gateway, max_tokens=1).status_code for _ in range(10)] == [200] * 10
    workers[1].fault(malformed_head=True)
    assert_error(post(gateway, max_tokens=1), 502, "worker_malformed_response")


BAD_ANSWERS = {
    "no http": b"hello there\r\n\r\n",
    "http/0.9": b"<html>",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-le",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "length and chunks": b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
    "folded field": b"HTTP/1.1 200 OK\r\na: b\r\n c\r\ncontent-length: 0\r\n\r\n",
    "space before colon": b"HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n",
    "nul": b"HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000 + b"\r\n",
    "status 99": b"HTTP/1.1 99 Low\r\ncontent-length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_answers_that_are_not_http(house, name):
    def script(request):
        request.send(BAD_ANSWERS[name])
        request.close()

    gateway = house.gateway([house.scripted(script)], *FAST_RETRIES)
    answer = post(gateway)
    assert_error(answer, 502, "worker_malformed_response")
    assert "http://127.0.0.1" in answer.json()["error"]["message"]
    gateway.wait_idle()


BAD_CHUNKS = {
    "no size": b"zz\r\nabc\r\n",
    "huge size": b"ffffffffffffffffff\r\nabc\r\n",
    "no line end": b"3\r\nabcXX",
    "bare line feed": b"3\nabc\n",
    "missing end": chunk(b"abc"),
    "negative": b"-1\r\n",
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_bad_chunks_are_never_passed_off_as_whole(house, name):
    def script(request):
        request.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        request.send(chunk(b'{"a":') + BAD_CHUNKS[name])
        request.close()

    gateway = house.gateway([house.scripted(script)])
    with house.wire(gateway) as wire:
        wire.send(chat_request())
        assert not wire.answer().is_whole
    gateway.wait_idle()


def test_informational_answers_are_passed_over(house):
    script = lambda request: request.send(  # noqa: E731
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + ok(b'{"fine":1}')
    )
    gateway = house.gateway([house.scripted(script)])
    assert post(gateway).json() == {"fine": 1}
    assert post(gateway).json() == {"fine": 1}


def test_bytes_behind_an_answer_reach_nobody(house):
    def script(request):
        request.send(ok(b'{"n":%d}' % request.number) + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")

    gateway = house.gateway([house.scripted(script)], "--event-loops", "1")
    for _ in range(5):
        assert post(gateway).json() == {"n": 1}


def test_worker_dribbles_its_head(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    worker.fault(slow_head_ms=1)
    assert post(gateway, max_tokens=2).json()["usage"]["completion_tokens"] == 2


# Connections that were kept


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
def test_kept_connections_that_break_are_nobodys_failure(house, reset):
    worker = house.worker()
    gateway = house.gateway([worker], "--event-loops", "1", "--disable-retries", "--cb-failure-threshold", "1")
    worker.fault(close_reused=True, reset=reset)
    assert [post(gateway, max_tokens=1).status_code for _ in range(200)] == [200] * 200
    metrics = gateway.metrics()
    assert worker.stats()["faults"] >= 50
    assert metrics.value("smg_worker_cb_state", worker=worker.url) == 0
    assert metrics.value("smg_upstream_errors_total") == 0
    assert gateway.load() == 0


def test_kept_connections_the_worker_closed_while_idle(house):
    """The engine's own keep-alive limit passes between two requests."""
    worker = house.scripted(lambda request: (request.send(ok(b"{}")), request.close()))
    gateway = house.gateway([worker], "--disable-retries")
    assert [post(gateway).status_code for _ in range(100)] == [200] * 100


# Silence before the head


def test_first_byte_timeout(house):
    workers = house.workers(2)
    gateway = house.gateway(workers, "--first-byte-timeout-secs", "0.3", *FAST_RETRIES)
    for worker in workers:
        worker.fault(stall_before_head=True)
    assert_error(post(gateway), 504, "worker_timeout")
    # Not tried again: a worker that has the request may be at work on it.
    assert sum(worker.stats()["received"] for worker in workers) == 1
    until(lambda: sum(worker.stats()["cancelled"] for worker in workers) == 1, "the worker was told")
    gateway.wait_idle()


# Workers that are gone or ill


def test_all_workers_down(house):
    workers = [house.worker(), house.worker()]
    gateway = house.gateway(workers, *FAST_RETRIES)
    for worker in workers:
        worker.kill()
    answer = post(gateway)
    assert_error(answer, 503, "no_available_workers")
    assert int(answer.headers["retry-after"]) >= 1
    until(lambda: gateway.http.get("/readiness").status_code == 503, "not ready")
    assert_error(post(gateway), 503, "no_available_workers")


def test_one_worker_down_costs_no_request(house):
    dead, alive = house.worker(), house.worker()
    gateway = house.gateway([dead, alive], *FAST_RETRIES, "--policy", "round_robin")
    dead.kill()
    assert [post(gateway, max_tokens=1).status_code for _ in range(50)] == [200] * 50
    until(lambda: gateway.worker(dead.url)["status"] != "ready", "the dead worker is noticed")
    assert alive.stats()["completed"] == 50


def test_a_worker_that_comes_back_is_used_again(house):
    worker, other = house.worker(), house.worker()
    gateway = house.gateway(
        [worker, other],
        *FAST_RETRIES,
        "--policy",
        "round_robin",
        "--health-check-interval-secs",
        "0.2",
        "--health-failure-threshold",
        "1",
        "--health-success-threshold",
        "1",
    )
    worker.fault(unhealthy=True)
    gateway.wait_ready(1)
    assert gateway.worker(worker.url)["status"] == "not_ready"
    before = worker.stats()["received"]
    assert [post(gateway, max_tokens=1).status_code for _ in range(10)] == [200] * 10
    assert worker.stats()["received"] == before
    worker.fault()
    gateway.wait_ready(2)
    for _ in range(4):
        post(gateway, max_tokens=1)
    assert worker.stats()["received"] == before + 2


def test_errors_of_one_worker_stay_hidden_and_open_its_breaker(house):
    workers = house.workers(3)
    gateway = house.gateway(
        workers,
        *FAST_RETRIES,
        "--policy",
        "round_robin",
        "--cb-failure-threshold",
        "2",
        "--cb-timeout-duration-secs",
        "3600",
    )
    ill = workers[0]
    ill.fault(error_rate=0.5)
    assert [post(gateway, max_tokens=1).status_code for _ in range(150)] == [200] * 150
    metrics = gateway.metrics()
    assert metrics.value("smg_worker_cb_state", worker=ill.url) == 1
    assert gateway.worker(ill.url)["circuit_breaker"] == "open"
    for worker in workers[1:]:
        assert metrics.value("smg_worker_cb_state", worker=worker.url) == 0
    before = ill.stats()["received"]
    assert before < 50
    assert [post(gateway, max_tokens=1).status_code for _ in range(20)] == [200] * 20
    assert ill.stats()["received"] == before


def test_a_breaker_closes_again(house):
    ill, well = house.workers(2)
    gateway = house.gateway(
        [ill, well],
        *FAST_RETRIES,
        "--policy",
        "round_robin",
        "--cb-failure-threshold",
        "1",
        "--cb-success-threshold",
        "2",
        "--cb-timeout-duration-secs",
        "0.3",
    )
    ill.fault(status=500)
    post(gateway, max_tokens=1), post(gateway, max_tokens=1)
    assert gateway.worker(ill.url)["circuit_breaker"] == "open"
    ill.fault()

    def closed() -> bool:
        assert post(gateway, max_tokens=1).status_code == 200
        return gateway.worker(ill.url)["circuit_breaker"] == "closed"

    until(closed, "the breaker closes")


def test_when_all_fail_the_last_answer_is_the_clients(house):
    workers = house.workers(2)
    gateway = house.gateway(workers, *FAST_RETRIES)
    for worker in workers:
        worker.fault(status=503)
    answer = post(gateway)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "simulated_failure"
    assert sum(worker.stats()["received"] for worker in workers) == 5
    assert gateway.metrics().value("sgl_router_retries_total") == 4


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_what_the_client_did_wrong_is_neither_retried_nor_held_against_the_worker(house, status):
    worker = house.worker()
    gateway = house.gateway([worker], *FAST_RETRIES, "--cb-failure-threshold", "1")
    worker.fault(status=status)
    assert [post(gateway).status_code for _ in range(3)] == [status] * 3
    assert worker.stats()["received"] == 3
    assert gateway.worker(worker.url)["circuit_breaker"] == "closed"


def test_nothing_is_tried_again_after_the_first_byte(house):
    workers = house.workers(3)
    gateway = house.gateway(workers, *FAST_RETRIES)
    for worker in workers:
        worker.fault(cut_after_tokens=1)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=5))
        assert not wire.answer().is_whole
    assert sum(worker.stats()["received"] for worker in workers) == 1


def test_retries_go_to_other_workers_first(house):
    workers = house.workers(4)
    gateway = house.gateway(workers, *FAST_RETRIES, "--retry-max-retries", "4", "--policy", "random")
    for worker in workers:
        worker.fault(status=500, count=1)
    assert post(gateway).status_code == 500
    assert [worker.stats()["received"] for worker in workers] == [1, 1, 1, 1]


def test_removal_under_load_fails_no_request(house):
    leaving, staying = house.worker(), house.worker()
    gateway = house.gateway([leaving, staying], "--policy", "round_robin", "--drain-settle-secs", "0.2")
    leaving.fault(delay_ms=20)
    stop = threading.Event()
    statuses: list[int] = []

    def load() -> None:
        with httpx.Client(base_url=gateway.url, timeout=10) as client:
            while not stop.is_set():
                statuses.append(client.post(PATH, json=chat(max_tokens=2)).status_code)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    leaving.wait(completed=10)
    assert gateway.http.delete("/workers/" + gateway.worker(leaving.url)["id"]).status_code == 202
    until(lambda: gateway.worker(leaving.url) is None, "the worker is forgotten")
    last = leaving.wait(active=0)["received"]
    staying.wait(completed=staying.stats()["completed"] + 50)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200}
    assert leaving.stats()["received"] == last
    assert leaving.stats()["completed"] == last


def test_a_stream_outlives_the_removal_of_its_worker(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--drain-settle-secs", "0")
    worker.fault(stall_after_tokens=2)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=6))
        worker.wait(active=1, faults=1)
        gateway.http.delete("/workers/" + gateway.worker(worker.url)["id"])
        until(lambda: gateway.worker(worker.url)["status"] == "draining", "the worker drains")
        assert post(gateway).status_code == 503
        worker.fault()
        assert wire.answer().is_whole
    until(lambda: gateway.worker(worker.url) is None, "the worker is forgotten")
