"""Fixtures: gateways and workers that end with their test and show their logs when it fails; a bound on every test."""

import signal
from pathlib import Path
from typing import Callable, Iterator

import pytest

from harness.gateway import Gateway
from harness.processes import Process
from harness.scripted import Script, ScriptedWorker
from harness.wire import Wire
from harness.worker import Worker, start_workers

TEST_SECONDS = 30
SHOWN_LOG_BYTES = 6000


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "seconds(limit): the longest this test may take")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Ends a test that takes too long, wherever it waits."""
    marker = item.get_closest_marker("seconds")
    limit = marker.args[0] if marker else TEST_SECONDS

    def out_of_time(*_: object) -> None:
        raise TimeoutError(f"the test took more than {limit} s")

    before = signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, limit)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Adds the logs of the test's processes to a failure."""
    report = (yield).get_result()
    if report.failed:
        for house in {id(value): value for value in item.funcargs.values() if isinstance(value, House)}.values():
            for process in house.processes:
                report.sections.append(
                    (f"{process.log_path.name} (pid {process.pid})", process.log()[-SHOWN_LOG_BYTES:])
                )


class House:
    """Starts processes and ends them all."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.processes: list[Process] = []
        self._closers: list[Callable[[], None]] = []
        self._crashed: list[str] = []

    def workers(self, count: int = 1, *flags: str, model: str = "sim-model") -> list[Worker]:
        """Engines in one process."""
        workers = start_workers(count, self._log_path("worker"), *flags, model=model)
        self.processes.append(workers[0].process)
        self._closers += [worker.close for worker in workers]
        return workers

    def worker(self, *flags: str, model: str = "sim-model") -> Worker:
        """An engine in a process of its own."""
        return self.workers(1, *flags, model=model)[0]

    def scripted(self, script: Script, model: str = "sim-model") -> ScriptedWorker:
        """A worker that does what a test says."""
        worker = ScriptedWorker(script, model)
        self._closers.append(worker.close)
        return worker

    def gateway(
        self,
        workers: list[Worker | ScriptedWorker] | None = None,
        *flags: str,
        ready: bool = True,
        **arguments: object,
    ) -> Gateway:
        """A gateway in front of `workers`, which it has seen alive when this returns."""
        workers = workers or []
        urls = [worker.url for worker in workers]
        gateway = Gateway(urls, self._log_path("gateway"), *flags, **arguments)
        self.processes.append(gateway)
        if ready:
            gateway.wait_ready(len(workers))
        return gateway

    def wire(self, gateway: Gateway, **arguments: object) -> Wire:
        """A connection by hand."""
        wire = Wire(gateway.connect(**arguments))
        self._closers.append(wire.close)
        return wire

    def on_close(self, action: Callable[[], None]) -> None:
        self._closers.append(action)

    def close(self) -> None:
        """Ends everything. A gateway that ended badly by itself fails the test."""
        for close in self._closers:
            close()
        for process in reversed(self.processes):
            was_alive = process.is_alive()
            code = process.stop()
            if isinstance(process, Gateway) and was_alive and code != 0:
                self._crashed.append(f"{process.log_path.name} ended with {code}:\n{process.log()[-SHOWN_LOG_BYTES:]}")
        assert not self._crashed, "\n".join(self._crashed)

    def _log_path(self, kind: str) -> Path:
        return self.directory / f"{kind}-{len(self.processes)}.log"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """For tests with processes of their own."""
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests of one module that leave the processes as they were."""
    house = House(tmp_path_factory.mktemp("shared"))
    yield house
    house.close()
