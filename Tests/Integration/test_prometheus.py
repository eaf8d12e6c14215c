"""/metrics as the reference parser reads it."""

from urllib.parse import quote

import httpx
import pytest

from harness.waiting import until
from harness.wire import chat, chat_request


@pytest.fixture
def fleet(house):
    workers = house.workers(2)
    return house.gateway(workers, "--drain-settle-secs", "0", "--policy", "round_robin"), workers


def post(gateway, **arguments) -> int:
    return gateway.http.post("/v1/chat/completions", json=chat(**arguments)).status_code


def test_counters_say_what_happened(fleet):
    gateway, workers = fleet
    assert [post(gateway, max_tokens=2) for _ in range(6)] == [200] * 6
    assert gateway.http.post("/v1/chat/completions", content=b"{").status_code == 400
    with gateway.http.stream("POST", "/v1/chat/completions", json=chat(stream=True, max_tokens=4)) as answer:
        answer.read()
    until(lambda: gateway.metrics().value("smg_http_responses_total", status_code="200") == 7, "seven answers counted")
    metrics = gateway.metrics()
    assert metrics.value("sgl_router_requests_total", route="/v1/chat/completions") == 7
    assert metrics.value("sgl_router_request_errors_total", error_type="json_parse_error") == 1
    assert metrics.value("smg_http_responses_total", path="/v1/chat/completions", status_code="400") == 1
    assert metrics.value("sgl_router_active_workers") == 2
    assert metrics.value("smg_worker_requests_active") == 0
    for worker in workers:
        assert metrics.value("smg_worker_health", worker=worker.url) == 1
        assert metrics.value("smg_worker_cb_state", worker=worker.url) == 0


def test_histograms_are_histograms(fleet):
    gateway, _ = fleet
    for _ in range(5):
        with gateway.http.stream("POST", "/v1/chat/completions", json=chat(stream=True, max_tokens=4)) as answer:
            answer.read()
    until(lambda: gateway.metrics().value("smg_router_ttft_seconds_count") == 5, "five streams counted")
    metrics = gateway.metrics()
    histograms = [family for family in metrics.families.values() if family.type == "histogram"]
    assert {"smg_router_request_duration_seconds", "smg_router_ttft_seconds"} <= {family.name for family in histograms}
    checked = 0
    for family in histograms:
        series: dict[tuple, list] = {}
        for sample in family.samples:
            key = tuple(sorted(item for item in sample.labels.items() if item[0] != "le"))
            series.setdefault(key, []).append(sample)
        for samples in series.values():
            buckets = [(float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket")]
            counts = [count for _, count in buckets]
            assert buckets == sorted(buckets) and counts == sorted(counts)
            assert buckets[-1][0] == float("inf")
            assert counts[-1] == next(s.value for s in samples if s.name.endswith("_count"))
            assert next(s.value for s in samples if s.name.endswith("_sum")) >= 0
            checked += 1
    assert checked >= 2


def test_every_family_is_declared_once(fleet):
    gateway, _ = fleet
    post(gateway, max_tokens=1)
    text = gateway.metrics().text
    for word in ("# HELP ", "# TYPE "):
        names = [line.split()[2] for line in text.splitlines() if line.startswith(word)]
        assert len(names) == len(set(names)) > 10
    answer = httpx.get(gateway.metrics_url + "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")


def test_series_of_a_removed_worker_vanish(fleet):
    gateway, workers = fleet
    for _ in range(4):
        post(gateway, max_tokens=1)
    gone, kept = workers
    assert gone.url in gateway.metrics().text
    gateway.http.delete("/workers/" + quote(gone.url, safe=""))
    until(lambda: gateway.worker(gone.url) is None, "the worker is forgotten")
    assert post(gateway, max_tokens=1) == 200
    # One last time, so that a dashboard sees the gauges fall.
    last = gateway.metrics()
    assert last.value("smg_worker_health", worker=gone.url) == 0
    assert last.value("smg_worker_requests_active", worker=gone.url) == 0
    text = gateway.metrics().text
    assert gone.url not in text
    assert kept.url in text


def test_a_request_that_outlives_its_worker_brings_no_series_back(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--drain-settle-secs", "0", "--shutdown-grace-period-secs", "0.1")
    worker.fault(stall_after_tokens=1)
    with house.wire(gateway) as wire:
        wire.send(chat_request(stream=True, max_tokens=5))
        wire.wait_for(b"data: ")
        gateway.http.delete("/workers/" + gateway.worker(worker.url)["id"])
        until(lambda: gateway.worker(worker.url) is None, "the worker is forgotten")
        until(lambda: worker.url not in gateway.metrics().text, "its series are gone")
        worker.kill()
        assert not wire.answer().is_whole
    until(lambda: gateway.metrics().value("sgl_router_request_errors_total") == 1, "the failure is counted")
    assert worker.url not in gateway.metrics().text


def test_model_names_of_clients_make_no_series(fleet):
    gateway, _ = fleet
    for number in range(20):
        post(gateway, model=f"made-up-{number}", max_tokens=1)
    assert "made-up" not in gateway.metrics().text
