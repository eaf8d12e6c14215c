"""What the policies achieve on simulated engines with prefix caches."""

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.gateway import Gateway
from harness.waiting import until
from harness.wire import chat, chat_request
from harness.worker import Worker

PATH = "/v1/chat/completions"


def post(gateway: Gateway, **arguments: object) -> httpx.Response:
    answer = gateway.http.post(PATH, json=chat(**arguments))
    assert answer.status_code == 200, answer.text
    return answer


def served(workers: list[Worker]) -> list[int]:
    return [worker.stats()["received"] for worker in workers]


# Conversations


GROUPS, TURNS, SESSIONS = 20, 4, 2


def conversations() -> list[list[dict]]:
    """All requests, interleaved: groups share a system prompt, sessions repeat what was said before."""
    dice = random.Random(11)

    def words(count: int) -> str:
        return " ".join(f"{dice.randrange(1 << 24):06x}" for _ in range(count))

    histories = []
    for _ in range(GROUPS):
        system = {"role": "system", "content": words(200)}
        histories += [[system, {"role": "user", "content": words(20)}] for _ in range(SESSIONS)]
    requests = []
    for _ in range(TURNS):
        dice.shuffle(histories)
        for history in histories:
            requests.append(list(history))
            history += [{"role": "assistant", "content": words(30)}, {"role": "user", "content": words(20)}]
    return requests


def cached_share(house, policy: str) -> tuple[float, list[int]]:
    """The share of prompt tokens that came from the engines' caches, and the requests each of four engines got."""
    workers = house.workers(4)
    gateway = house.gateway(workers, "--policy", policy)
    for messages in conversations():
        answer = gateway.http.post(PATH, json={"model": "sim-model", "messages": messages, "max_tokens": 8})
        assert answer.status_code == 200
    stats = [worker.stats() for worker in workers]
    cached, prompt = (sum(each[name] for each in stats) for name in ("cached_tokens", "prompt_tokens"))
    return cached / prompt, [each["received"] for each in stats]


def test_cache_aware_keeps_conversations_together(house):
    aware, loads = cached_share(house, "cache_aware")
    blind = {policy: cached_share(house, policy)[0] for policy in ("random", "round_robin")}
    print(f"cached share: cache_aware {aware:.3f}, {blind}; requests {loads}")  # shown when it fails
    assert sum(loads) == GROUPS * TURNS * SESSIONS
    for share in blind.values():
        assert aware > share + 0.15
    assert aware > 0.7
    # Nobody idles and nobody is buried.
    assert min(loads) > 0
    assert max(loads) <= 3 * min(loads)


def test_cache_aware_spreads_one_hot_prefix_when_it_must(house):
    """A prefix that everybody sends may not pile up on one engine."""
    workers = house.workers(4)
    gateway = house.gateway(
        workers, "--policy", "cache_aware", "--balance-abs-threshold", "4", "--balance-rel-threshold", "1.1"
    )
    for worker in workers:
        worker.fault(stall_before_head=True)
    wires = [house.wire(gateway) for _ in range(80)]
    for number, wire in enumerate(wires):
        wire.send(chat_request(content="the same long beginning " * 50 + str(number), max_tokens=1))
    until(lambda: sum(served(workers)) == 80, "all requests at the engines")
    loads = served(workers)
    assert min(loads) >= 8
    assert max(loads) <= 40
    for worker in workers:
        worker.fault()
    assert [wire.answer().status for wire in wires] == [200] * 80


def test_cache_aware_follows_usage_of_the_client(house):
    """The same prompt twice: the second answer says that it was cached."""
    gateway = house.gateway(house.workers(4))
    content = "a prompt that is long enough to fill several blocks of the cache " * 10
    first = post(gateway, content=content, max_tokens=1).json()["usage"]
    second = post(gateway, content=content, max_tokens=1).json()["usage"]
    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    assert second["prompt_tokens_details"]["cached_tokens"] > 0.8 * second["prompt_tokens"]
    metrics = gateway.metrics()
    assert metrics.value("sgl_router_cache_hits_total") == 1
    assert metrics.value("sgl_router_cache_misses_total") == 1


# Rotation


def test_round_robin_is_an_exact_rotation(house):
    workers = house.workers(3)
    gateway = house.gateway(workers, "--policy", "round_robin")
    names = [post(gateway, max_tokens=1).headers["x-sim-worker"] for _ in range(30)]
    assert len(set(names[:3])) == 3
    assert names == names[:3] * 10


def test_round_robin_is_fair_to_concurrent_clients(house):
    workers = house.workers(3)
    gateway = house.gateway(workers, "--policy", "round_robin")
    with ThreadPoolExecutor(8) as pool:
        names = Counter(pool.map(lambda _: post(gateway, max_tokens=1).headers["x-sim-worker"], range(120)))
    assert sorted(names.values()) == [40, 40, 40]


def test_round_robin_skips_the_worker_that_left(house):
    workers = house.workers(3)
    gateway = house.gateway(workers, "--policy", "round_robin", "--drain-settle-secs", "0")
    gateway.http.delete("/workers/" + gateway.worker(workers[1].url)["id"])
    names = [post(gateway, max_tokens=1).headers["x-sim-worker"] for _ in range(10)]
    assert names == names[:2] * 5
    assert served(workers)[1] == 0


def test_random_reaches_everybody(house):
    workers = house.workers(4)
    gateway = house.gateway(workers, "--policy", "random")
    for _ in range(120):
        post(gateway, max_tokens=1)
    # 30 expected each; fewer than 8 has a probability below one in a million.
    assert min(served(workers)) >= 8


# Load


def test_power_of_two_avoids_the_slow_worker(house):
    """One engine keeps its first request for ever: it loses every later comparison with an idle one."""
    slow, *fast = house.workers(4)
    gateway = house.gateway([slow, *fast], "--policy", "power_of_two")
    slow.fault(stall_before_head=True)
    wires = []
    for _ in range(100):
        wires.append(house.wire(gateway))
        wires[-1].send(chat_request(max_tokens=1))
        until(lambda: sum(served([slow, *fast])) == len(wires), "the request is at an engine")
        until(lambda: gateway.load() == slow.stats()["active"], "the fast engines are done")
    assert slow.stats()["received"] == 1
    assert min(served(fast)) >= 10
    slow.fault()
    assert [wire.answer().status for wire in wires] == [200] * 100


@pytest.mark.parametrize("policy", ["power_of_two", "cache_aware"])
def test_load_is_balanced(house, policy):
    """Requests that all take long, no common prefix: the engines get near equal numbers."""
    workers = house.workers(4)
    gateway = house.gateway(workers, "--policy", policy)
    for worker in workers:
        worker.fault(stall_before_head=True)
    wires = [house.wire(gateway) for _ in range(120)]
    dice = random.Random(3)
    for wire in wires:
        wire.send(chat_request(content=dice.randbytes(200).hex(), max_tokens=1))
    until(lambda: sum(served(workers)) == 120, "all requests at the engines")
    loads = served(workers)
    assert max(loads) - min(loads) <= 12
    for worker in workers:
        worker.fault()
    assert [wire.answer().status for wire in wires] == [200] * 120
    gateway.wait_idle()


def test_models_have_workers_of_their_own(house):
    alphas, betas = house.workers(2, model="alpha"), house.workers(2, model="beta")
    gateway = house.gateway([*alphas, *betas], "--policy", "round_robin")
    for _ in range(10):
        post(gateway, model="alpha", max_tokens=1)
    for _ in range(6):
        post(gateway, model="beta", max_tokens=1)
    assert served(alphas) == [5, 5] and served(betas) == [3, 3]


def test_every_endpoint_reaches_a_worker(house):
    worker = house.worker()
    gateway = house.gateway([worker])
    bodies = {
        "/v1/chat/completions": chat(max_tokens=1),
        "/v1/completions": {"prompt": "a", "max_tokens": 1},
        "/generate": {"text": "a", "sampling_params": {"max_new_tokens": 1}},
        "/v1/embeddings": {"input": "a"},
        "/v1/classify": {"input": "a"},
        "/rerank": {"query": "a", "documents": ["b", "c"]},
        "/v1/rerank": {"query": "a", "documents": ["b", "c"]},
        "/v1/responses": {"input": "a", "max_output_tokens": 1},
        "/v1/messages": {"messages": [{"role": "user", "content": "a"}], "max_tokens": 1},
    }
    for path, body in bodies.items():
        answer = gateway.http.post(path, json={"model": "sim-model", **body})
        assert answer.status_code == 200, (path, answer.text)
        json.loads(answer.content)
        target = worker.stats()["last_request"]["target"]
        assert target == ("/v1/rerank" if path == "/rerank" else path)
