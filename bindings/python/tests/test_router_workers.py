"""Workers that come and go, and the openai package in front of them."""

import urllib.request

import pytest

import smg
from conftest import MODEL, Workers, ready, until

MESSAGES = [{"role": "user", "content": "Tell me about gateways."}]


def test_add_list_remove(make_router, workers):
    router = make_router().start()
    first = router.add_worker(workers.urls[0], labels={"rack": "7"}, priority=60, cost=0.5)
    second = router.add_worker(workers.urls[1], api_key="secret", model_id="other-name")
    assert first["url"] == workers.urls[0] and first["status"] == "pending"
    ready(router, 2)
    by_url = {worker["url"]: worker for worker in router.workers()}
    assert by_url[workers.urls[0]]["id"] == first["id"]
    assert by_url[workers.urls[0]]["metadata"]["rack"] == "7"
    assert by_url[workers.urls[0]]["priority"] == 60 and by_url[workers.urls[0]]["cost"] == 0.5
    assert by_url[workers.urls[0]]["model_id"] == MODEL
    assert by_url[workers.urls[1]]["model_id"] == "other-name"
    assert all(worker["is_healthy"] for worker in by_url.values())
    assert "secret" not in str(router.workers()) + str(router.stats())
    router.remove_worker(first["id"])
    router.remove_worker(workers.urls[1] + "/")
    until(lambda: router.workers() == [])
    assert second["id"] != first["id"]


def test_refused_workers(make_router):
    router = make_router().start()
    with pytest.raises(smg.WorkerError) as raised:
        router.add_worker("gopher://x")
    assert raised.value.detail["param"] == "url" and raised.value.detail["http_status"] == 400
    router.add_worker("http://127.0.0.1:1")
    with pytest.raises(smg.WorkerError) as raised:
        router.add_worker("http://127.0.0.1:1")
    assert raised.value.code == "worker_already_exists" and raised.value.status == -402
    with pytest.raises(smg.WorkerError) as raised:
        router.remove_worker("no-such")
    assert raised.value.code == "worker_not_found"


def test_workers_need_a_running_router(make_router):
    router = make_router()
    for call in (router.workers, router.stats, lambda: router.add_worker("http://127.0.0.1:1")):
        with pytest.raises(smg.StateError) as raised:
            call()
        assert raised.value.code == "not_started"


def test_worker_that_dies_is_seen(make_router):
    engine = Workers(1)
    router = make_router(worker_urls=engine.urls, health_check_interval_secs=0.1, health_failure_threshold=1).start()
    ready(router, 1)
    engine.stop()
    until(lambda: not router.workers()[0]["is_healthy"])
    assert router.stats()["workers"][0]["is_available"] is False


@pytest.fixture
def served(make_router, workers):
    openai = pytest.importorskip("openai")
    router = make_router(worker_urls=workers.urls, policy="round_robin").start()
    ready(router, 2)
    with openai.OpenAI(base_url=router.url + "/v1", api_key="none", max_retries=0) as client:
        yield router, client


def test_openai_client_and_statistics(served):
    router, client = served
    for _ in range(4):
        answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=5)
        assert answer.choices[0].message.content
        assert answer.usage.completion_tokens == 5
    stats = until(lambda: (stats := router.stats())["requests"]["succeeded"] == 4 and stats)
    assert stats["requests"]["failed"] == 0
    assert [worker["processed"] for worker in stats["workers"]] == [2, 2]
    until(lambda: [worker["load"] for worker in router.stats()["workers"]] == [0, 0])


def test_openai_client_streams(served):
    router, client = served
    stream = client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=8, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text
    until(lambda: router.stats()["requests"]["stream_events"] >= 8)


def test_stop_lets_a_stream_finish(make_router):
    openai = pytest.importorskip("openai")
    engine = Workers(1, "--decode-tokens-per-sec", "40")
    router = make_router(worker_urls=engine.urls).start()
    ready(router, 1)
    with openai.OpenAI(base_url=router.url + "/v1", api_key="none", max_retries=0) as client:
        stream = iter(client.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=20, stream=True))
        chunks = [next(stream)]
        import threading

        stopper = threading.Thread(target=router.stop, args=(20,))
        stopper.start()
        chunks += list(stream)
        stopper.join(20)
    assert chunks[-1].choices[0].finish_reason == "length"
    assert router.wait(timeout=10)
    engine.stop()


def test_api_key_is_asked_for(make_router, workers):
    router = make_router(worker_urls=workers.urls, api_key="sk-test").start()
    ready(router, 2)
    body = b'{"model": "sim-model", "messages": []}'
    request = urllib.request.Request(router.url + "/v1/chat/completions", body, {"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=10)
    assert raised.value.code == 401
    raised.value.close()
