"""Fixtures: simulated workers in a process of their own, and routers that end with their test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "bindings" / "python" / "src"
sys.path.insert(0, str(SOURCE))

import smg  # noqa: E402 - after its place is known

MODEL = "sim-model"


def pytest_report_header() -> str:
    return f"libsmg: {smg.build_info()}"


def executable() -> str:
    """The native command, for its simulated worker."""
    places = [ROOT / ".build" / build / "smg-cli" for build in ("release", "debug")]
    chosen = os.environ.get("SMG_EXECUTABLE")
    for place in [Path(chosen)] if chosen else places:
        if place.exists():
            return str(place)
    pytest.fail("the simulated worker is missing: swift build --product smg-cli")


class Workers:
    """Simulated engines: `urls`, until `stop()`."""

    def __init__(self, count: int, *flags: str) -> None:
        command = [executable(), "worker", "--port", "0", "--count", str(count), "--model", MODEL, *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.urls: list[str] = []
        assert self.process.stdout is not None
        while len(self.urls) < count:
            line = self.process.stdout.readline()
            assert line, "the simulated worker ended"
            if match := re.search(r"listening on (\S+)", line):
                self.urls.append(match[1])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Two workers for the whole run."""
    workers = Workers(2)
    yield workers
    workers.stop()


@pytest.fixture
def make_router() -> Iterator[Callable[..., smg.Router]]:
    """Makes routers that listen on free ports of this machine only, and closes them."""
    made: list[smg.Router] = []

    def make(**options: Any) -> smg.Router:
        defaults = {
            "host": "127.0.0.1",
            "port": 0,
            "prometheus_host": "127.0.0.1",
            "prometheus_port": 0,
            "event_loops": 1,
            "log_level": "error",
            "drain_settle_secs": 0,
        }
        router = smg.Router(**{**defaults, **options})
        made.append(router)
        return router

    yield make
    for router in made:
        router.close()


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """The condition's value once it is true; it is asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def ready(router: smg.Router, count: int) -> None:
    """Waits until `count` workers get requests."""
    until(lambda: [worker["status"] for worker in router.workers()].count("ready") == count)
