"""The scenarios: each measures one peer once and returns its figures; `Runner` repeats them in turn."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from load import LoadFailed, Meter, run_stream_load, run_wrk
from peers import Instance, Setup, Workers, start
from processes import OutOfTime, StartFailed, machine_busy_seconds
from tools import progress

CHAT_CONNECTIONS = 64
STREAMS = 512
STREAM_SECONDS = 1.0  # length of one paced stream
BURST_CHUNKS = 65
PROMPT_BYTES = 220_000
PROMPT_CONNECTIONS = 150
PROMPT_ENGINE_MS = 250  # the worker's time for a long prompt: the connections wait for it, as they would for an engine
BODY_BYTES = 16 * 1024 * 1024
BODY_CONNECTIONS = 8
BODY_REQUESTS = 24
BODY_ENGINE_MS = 300
NOISY_CORES = 0.1  # with other programs using more, a measurement is disturbed
SETTLE_SECONDS = 1.0  # before idle memory is read

Figures = dict[str, float]


@dataclass(frozen=True)
class Scenario:
    """One thing to measure."""

    name: str
    title: str
    measure: Callable[[Setup, Workers, Instance, float], Figures]
    columns: list[str]  # figures in the table, in this order
    seconds: tuple[float, float]  # of one measurement: quick, full
    rounds: tuple[int, int]  # quick, full
    fresh: bool = False  # every measurement on a process of its own
    direct: bool = True  # measured without a proxy too


@dataclass
class Results:
    """Figures by scenario and peer, one entry a round, and what did not work."""

    samples: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
        progress(f"  note: {text}")


def is_noisy(figures: Figures) -> bool:
    """Whether other programs disturbed a measurement."""
    return figures["foreign_cores"] > NOISY_CORES


def _chat(connections: int):
    def measure(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
        meter = Meter(instance)
        result = run_wrk(setup, instance, connections, seconds, meter)
        requests = max(1, result["requests"])
        return {
            "rps": requests / (result["duration_us"] / 1e6),
            "mean_us": result["mean_us"],
            "p50_us": result["p50_us"],
            "p99_us": result["p99_us"],
            "cpu_us": meter.cpu_seconds * 1e6 / requests,
            "peak_mb": meter.peak_mb,
            "errors": result["errors"],
        }

    return measure


def _streams(interval_ms: int):
    chunks = int(STREAM_SECONDS * 1000 / interval_ms)

    def measure(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
        meter = Meter(instance)
        result = run_stream_load(
            setup, instance, seconds, meter, warmup=STREAM_SECONDS + 0.3,
            stream=True, connections=STREAMS, chunks=chunks, interval_ms=interval_ms,
        )  # fmt: skip
        events = max(1, result["events"])
        return {
            "chunks_s": events / result["wall_s"],
            "chunks_read": events / max(1, result["reads"]),
            "cpu_us": meter.cpu_seconds * 1e6 / events,
            "first_p50_us": result["first_us"]["p50"],
            "first_p99_us": result["first_us"]["p99"],
            "gap_p50_us": result["gap_us"]["p50"],
            "gap_p99_us": result["gap_us"]["p99"],
            "peak_mb": meter.peak_mb,
            "errors": result["errors"],
        }

    return measure


def _burst(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
    result = run_stream_load(setup, instance, seconds, stream=True, chunks=BURST_CHUNKS, interval_ms=0, split=1)
    latency = result["latency_us"]
    return {
        "mean_ms": latency["mean"] / 1e3,
        "p50_ms": latency["p50"] / 1e3,
        "p99_ms": latency["p99"] / 1e3,
        "errors": result["errors"],
    }


def _prompts(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
    meter = Meter(instance)
    result = run_stream_load(
        setup, instance, seconds, meter, warmup=0.8,
        connections=PROMPT_CONNECTIONS, body_bytes=PROMPT_BYTES, delay_ms=PROMPT_ENGINE_MS,
    )  # fmt: skip
    latency = result["latency_us"]
    requests = max(1, result["requests"])
    return {
        "rps": requests / result["wall_s"],
        "mean_ms": latency["mean"] / 1e3,
        "p50_ms": latency["p50"] / 1e3,
        "p99_ms": latency["p99"] / 1e3,
        "cpu_us": meter.cpu_seconds * 1e6 / requests,
        "peak_mb": meter.peak_mb,
        "errors": result["errors"],
    }


def _bodies(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
    run_stream_load(setup, instance, 0.5, connections=BODY_CONNECTIONS)  # what the first requests cost is not a body's
    before = instance.child.resident_mb()
    meter = Meter(instance)
    result = run_stream_load(
        setup, instance, seconds, meter, warmup=0, requests=BODY_REQUESTS,
        connections=BODY_CONNECTIONS, body_bytes=BODY_BYTES, delay_ms=BODY_ENGINE_MS,
    )  # fmt: skip
    growth = instance.child.peak_mb() - before
    return {
        "before_mb": before,
        "growth_mb": growth,
        "bodies": growth * 1e6 / BODY_BYTES / BODY_CONNECTIONS,
        "after_mb": instance.child.resident_mb(),
        "errors": result["errors"],
    }


def _start(setup: Setup, workers: Workers, instance: Instance, seconds: float) -> Figures:
    time.sleep(seconds)
    return {
        "ready_ms": instance.ready_ms,
        "serving_ms": instance.serving_ms,
        "idle_mb": instance.child.resident_mb(),
        "errors": 0,
    }


SCENARIOS = [
    Scenario(
        "chat", f"Chat completions of 700 bytes, {CHAT_CONNECTIONS} connections", _chat(CHAT_CONNECTIONS),
        ["rps", "p50_us", "p99_us", "cpu_us", "peak_mb"], (2, 5), (2, 5),
    ),
    Scenario(
        "single", "Chat completions of 700 bytes, 1 connection", _chat(1),
        ["rps", "mean_us", "p50_us", "p99_us"], (1, 3), (2, 5),
    ),
    Scenario(
        "stream", f"{STREAMS} streams, a chunk every 5 ms", _streams(5),
        ["chunks_s", "chunks_read", "cpu_us", "first_p50_us", "first_p99_us", "gap_p50_us", "gap_p99_us", "peak_mb"],
        (1.5, 4), (1, 4),
    ),
    Scenario(
        "slow-stream", f"{STREAMS} streams, a chunk every 20 ms", _streams(20),
        ["chunks_s", "chunks_read", "cpu_us", "first_p50_us", "first_p99_us", "gap_p50_us", "gap_p99_us", "peak_mb"],
        (1.5, 4), (1, 3),
    ),
    Scenario(
        "burst", f"Streams of {BURST_CHUNKS} chunks written one by one without a pause, 1 connection", _burst,
        ["mean_ms", "p50_ms", "p99_ms"], (1, 2), (2, 5),
    ),
    Scenario(
        "prompts",
        f"Prompts of {PROMPT_BYTES // 1000} KB, {PROMPT_CONNECTIONS} connections, {PROMPT_ENGINE_MS} ms engine time",
        _prompts, ["rps", "mean_ms", "p50_ms", "p99_ms", "cpu_us", "peak_mb"], (1.5, 4), (1, 3),
    ),
    Scenario(
        "body", f"Bodies of 16 MiB, {BODY_CONNECTIONS} in flight", _bodies,
        ["before_mb", "growth_mb", "bodies", "after_mb"], (20, 30), (1, 2), fresh=True, direct=False,
    ),
    Scenario(
        "start", "Start and idle", _start, ["ready_ms", "serving_ms", "idle_mb"],
        (SETTLE_SECONDS, SETTLE_SECONDS), (2, 3), fresh=True, direct=False,
    ),
]  # fmt: skip


class Neighbours:
    """What programs that are not ours take from the machine while something is measured."""

    def __init__(self, workers: Workers, instance: Instance):
        self._workers = workers
        self._instance = instance
        self._began = time.monotonic()
        self._before = self._foreign_seconds()

    def cores(self) -> float:
        """Cores they used since the start, on average."""
        elapsed = max(0.001, time.monotonic() - self._began)
        return max(0.0, self._foreign_seconds() - self._before) / elapsed

    def _foreign_seconds(self) -> float:
        own = self._workers.child.cpu_seconds() + self._instance.cpu_seconds()
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):  # this program, and the load generators that ended
            usage = resource.getrusage(who)
            own += usage.ru_utime + usage.ru_stime
        return machine_busy_seconds() - own


class Runner:
    """Measures scenarios with the peers in turn, one after another in every round."""

    def __init__(self, setup: Setup, workers: Workers, peers: list[str], quick: bool, rounds: int | None):
        self._setup = setup
        self._workers = workers
        self._peers = list(peers)
        self._mode = 0 if quick else 1
        self._rounds = rounds
        self._instances: dict[str, Instance] = {}
        self.results = Results()

    def run(self, scenarios: list[Scenario]) -> Results:
        """Runs them all; what does not work, or has no time left, becomes a note."""
        try:
            for scenario in scenarios:
                if scenario.fresh:
                    self.stop()  # idle peers would take a little of the memory and of the start
                self._run_scenario(scenario)
        except OutOfTime:
            self.results.note("the time allowed was over before everything was measured")
        finally:
            self.stop()
        return self.results

    def stop(self) -> None:
        while self._instances:
            self._instances.popitem()[1].stop()

    def _run_scenario(self, scenario: Scenario) -> None:
        rounds = self._rounds or scenario.rounds[self._mode]
        for number in range(rounds):
            progress(f"{scenario.name}: round {number + 1} of {rounds}, {self._setup.deadline.left():.0f} s left")
            for peer in list(self._peers):
                if peer != "direct" or scenario.direct:
                    self._measure(scenario, peer)

    def _measure(self, scenario: Scenario, peer: str) -> None:
        try:
            instance = self._instance(peer)
            neighbours = Neighbours(self._workers, instance)
            figures = scenario.measure(self._setup, self._workers, instance, scenario.seconds[self._mode])
            figures["foreign_cores"] = neighbours.cores()
        except StartFailed as error:
            self._peers.remove(peer)
            self.results.note(f"{peer} was left out: {error}")
            return
        except LoadFailed as error:
            self.results.note(f"{peer}, {scenario.name}: {error}")
            return
        finally:
            if scenario.fresh and peer in self._instances:
                self._instances.pop(peer).stop()
        self.results.samples.setdefault(scenario.name, {}).setdefault(peer, []).append(figures)
        shown = "  ".join(f"{name} {figures[name]:.4g}" for name in scenario.columns)
        noise = f"  ({figures['foreign_cores']:.2f} cores used by others)" if is_noisy(figures) else ""
        progress(f"  {peer:14} {shown}{noise}")
        if figures["errors"]:
            self.results.note(f"{peer}, {scenario.name}: {figures['errors']:.0f} requests failed")

    def _instance(self, peer: str) -> Instance:
        """The running peer, started if it is not, or no longer."""
        instance = self._instances.get(peer)
        if instance and instance.child and not instance.child.alive():
            self.results.note(f"{peer} ended by itself and was started again\n{instance.child.log_tail()}")
            self._instances.pop(peer).stop()
            instance = None
        if instance is None:
            instance = self._instances[peer] = start(peer, self._setup, self._workers)
        return instance
