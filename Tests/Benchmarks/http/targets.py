"""What smg has to reach, and whether it does."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from scenarios import Figures, Results, is_noisy

SUBJECT = "smg"


@dataclass(frozen=True)
class Target:
    """One limit: the figure `measure` finds must be at least, or at most, `limit`."""

    scenario: str
    name: str
    limit: float
    unit: str
    at_least: bool
    measure: Callable[["Medians", str], float | None]

    def passes(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


class Medians:
    """Medians over the rounds of a run: over the undisturbed ones, if there are any."""

    def __init__(self, results: Results):
        self._samples = results.samples

    def value(self, scenario: str, peer: str, figure: str) -> float | None:
        rounds = _quiet([(sample,) for sample in self._samples.get(scenario, {}).get(peer, [])])
        return median(sample[figure] for (sample,) in rounds) if rounds else None

    def disturbed(self, scenario: str) -> bool:
        """Whether a peer of a scenario was never measured undisturbed."""
        peers = self._samples.get(scenario, {}).values()
        return any(all(map(is_noisy, samples)) for samples in peers)

    def added(self, scenario: str, peer: str, figure: str) -> float | None:
        """The median difference to direct of the same round."""
        own = self._samples.get(scenario, {}).get(peer, [])
        direct = self._samples.get(scenario, {}).get("direct", [])
        rounds = _quiet(list(zip(own, direct)))
        return median(a[figure] - b[figure] for a, b in rounds) if rounds else None


def _quiet(rounds: list[tuple[Figures, ...]]) -> list[tuple[Figures, ...]]:
    """The rounds in which nothing was disturbed; all of them if that is none."""
    return [samples for samples in rounds if not any(map(is_noisy, samples))] or rounds


def ratio(value: float | None, reference: float | None) -> float | None:
    return value / reference if value is not None and reference else None


def _against(scenario: str, figure: str, reference: str):
    def measure(medians: Medians, peer: str) -> float | None:
        return ratio(medians.value(scenario, peer, figure), medians.value(scenario, reference, figure))

    return measure


def _added_against(scenario: str, figure: str, reference: str):
    def measure(medians: Medians, peer: str) -> float | None:
        return ratio(medians.added(scenario, peer, figure), medians.added(scenario, reference, figure))

    return measure


def _added(scenario: str, figure: str):
    return lambda medians, peer: medians.added(scenario, peer, figure)


def _value(scenario: str, figure: str):
    return lambda medians, peer: medians.value(scenario, peer, figure)


TARGETS = [
    Target("chat", "requests/s against sglang-router", 5, "x", True, _against("chat", "rps", "sglang-router")),
    Target("chat", "requests/s against nginx", 0.9, "x", True, _against("chat", "rps", "nginx")),
    Target("chat", "CPU a request against nginx", 1.3, "x", False, _against("chat", "cpu_us", "nginx")),
    Target("single", "added p50 against nginx", 1.2, "x", False, _added_against("single", "p50_us", "nginx")),
    Target(
        "single", "added p50 against sglang-router", 0.3, "x", False,
        _added_against("single", "p50_us", "sglang-router"),
    ),
    Target("stream", "CPU a chunk against nginx", 1, "x", False, _against("stream", "cpu_us", "nginx")),
    Target("slow-stream", "CPU a chunk against nginx", 1, "x", False, _against("slow-stream", "cpu_us", "nginx")),
    Target("burst", "p50 against direct", 1.2, "x", False, _against("burst", "p50_ms", "direct")),
    Target("prompts", "added mean", 5, "ms", False, _added("prompts", "mean_ms")),
    Target("body", "peak growth, bodies per request in flight", 2, "", False, _value("body", "bodies")),
    Target("start", "idle memory", 25, "MB", False, _value("start", "idle_mb")),
    Target("start", "exec to ready", 100, "ms", False, _value("start", "ready_ms")),
]  # fmt: skip
LIBRARY_LIMIT_MB = 20
