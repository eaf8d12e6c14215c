"""The life of a router, its errors and its log."""

import gc
import json
import logging
import os
import socket
import threading
import time
import urllib.request
import weakref

import pytest

import smg
from conftest import until


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_unknown_option_names_it_and_suggests():
    with pytest.raises(smg.ConfigError) as raised:
        smg.Router(cache_treshold=0.5)
    assert raised.value.code == "unknown_option"
    assert raised.value.detail["option"] == "cache_treshold"
    assert "cache_threshold" in str(raised.value)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("options", "code", "option"),
    [
        ({"cache_threshold": 1.7}, "out_of_range", "cache-threshold"),
        ({"policy": "no_such"}, "invalid_value", "policy"),
        ({"port": "many"}, "invalid_value", "port"),
        ({"worker_urls": ["ftp://x"]}, "invalid_value", "worker-urls"),
        ({"tls_cert_path": "/no/cert", "tls_key_path": "/no/key"}, "unreadable_file", "tls-cert-path"),
    ],
)
def test_wrong_values(options, code, option):
    with pytest.raises(smg.ConfigError) as raised:
        smg.Router(**options)
    assert raised.value.code == code
    assert raised.value.detail["option"] == option


def test_none_is_the_default():
    smg.Router(policy=None, cache_threshold=None).close()


def test_start_serve_stop(make_router):
    router = make_router()
    with pytest.raises(smg.StateError) as raised:
        router.port
    assert raised.value.status == -101
    assert router.start() is router
    assert router.port > 0
    assert router.metrics_port not in (0, router.port)
    assert router.url == f"http://127.0.0.1:{router.port}"
    assert router.address == f"127.0.0.1:{router.port}"
    assert str(router.port) in repr(router)
    assert status(router.url + "/health") == 200
    assert status(f"http://127.0.0.1:{router.metrics_port}/metrics") == 200
    router.stop()
    assert router.wait() is True
    assert "not running" in repr(router)
    router.stop()
    with pytest.raises(smg.StateError) as raised:
        router.start()
    assert raised.value.code == "stopped"
    router.close()
    router.close()
    with pytest.raises(smg.ArgumentError):
        router.start()


def test_context_manager_starts_and_stops(make_router):
    with make_router() as router:
        url = router.url
        assert status(url + "/health") == 200
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url + "/health", timeout=5)


def test_context_manager_lets_exceptions_through(make_router):
    with pytest.raises(RuntimeError, match="mine"):
        with make_router():
            raise RuntimeError("mine")


def test_wait_times_out(make_router):
    router = make_router().start()
    begin = time.monotonic()
    assert router.wait(timeout=0.25) is False
    assert 0.25 <= time.monotonic() - begin < 5
    assert router.wait(timeout=0) is False


def test_wait_ends_with_stop_from_another_thread(make_router):
    router = make_router().start()
    thread = threading.Timer(0.05, router.stop)
    thread.start()
    assert router.wait(timeout=20) is True
    thread.join()


def test_address_in_use_can_be_tried_again(make_router):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        router = make_router(port=taken.getsockname()[1])
        with pytest.raises(smg.NetworkError) as raised:
            router.start()
        assert raised.value.code == "address_in_use"
        assert raised.value.retryable
        assert "address" in str(raised.value).lower()
    router.start()
    assert status(router.url + "/health") == 200


def test_unix_socket(make_router, tmp_path):
    path = str(tmp_path / "smg.sock")
    router = make_router(host=None, port=None, unix_socket=path).start()
    assert router.port == 0
    assert router.url == f"unix:{path}"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_stats(make_router):
    stats = make_router(max_concurrent_requests=7).start().stats()
    assert stats["version"] == smg.version()
    assert stats["uptime_seconds"] >= 0
    assert stats["policy"] == "cache_aware"
    assert stats["tls"] is False
    assert stats["limiter"] == {"enabled": True, "max_concurrent": 7, "running": 0, "queued": 0}
    assert stats["workers"] == [] and stats["pending_workers"] == 0
    assert set(stats["requests"]) == {
        "active", "succeeded", "failed", "retries", "client_disconnects", "stream_events",
    }


def test_log_function(make_router):
    lines = []
    with make_router(log=lambda level, line: lines.append((level, line))) as router:
        router.add_worker("http://127.0.0.1:1")
        until(lambda: any(level == logging.DEBUG for level, _ in lines))
    assert any(level == logging.INFO and "listening" in line for level, line in lines)
    assert any("stopped" in line for _, line in lines)


def test_log_to_a_logger(make_router, caplog):
    logger = logging.getLogger("smg.test")
    logger.setLevel(logging.INFO)
    with make_router(log=logger, log_json=True):
        pass
    records = [json.loads(record.message) for record in caplog.records if record.name == "smg.test"]
    assert {"listening", "stopped"} <= {record["message"] for record in records}
    assert all(record["level"] != "debug" for record in records)


def test_log_function_is_let_go(make_router):
    class Sink:
        def take(self, level, line):
            pass

    sink = Sink()
    gone = weakref.ref(sink)
    router = make_router(log=sink.take)
    del sink
    with router:
        assert gone() is not None
    router.close()
    gc.collect()
    assert gone() is None


def test_forgotten_routers_end(make_router):
    threads = len(os.listdir("/proc/self/task"))
    options = dict(host="127.0.0.1", port=0, prometheus_host="127.0.0.1", prometheus_port=0, log_level="error")
    for _ in range(10):
        smg.Router(**options, event_loops=1).start()
    gc.collect()
    until(lambda: len(os.listdir("/proc/self/task")) <= threads)


def test_many_threads_on_one_router(make_router):
    router = make_router().start()
    faults = []

    def use(number: int) -> None:
        try:
            for turn in range(20):
                added = router.add_worker(f"http://127.0.0.1:1/{number}/{turn}")
                assert added["id"] in [worker["id"] for worker in router.workers()]
                router.stats()
                router.remove_worker(added["id"])
                gc.collect(0)
        except BaseException as error:  # noqa: BLE001 - reported below
            faults.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    until(lambda: router.workers() == [])
    router.stop(grace=0)
