"""Simulated engines: `smg worker`, its counters and its faults."""

import re
from pathlib import Path

import httpx

from .processes import Process

MODEL = "sim-model"


class Worker:
    """One simulated engine. Several may share a process."""

    def __init__(self, url: str, process: Process):
        self.url = url
        self.process = process
        self._control = httpx.Client(base_url=url, timeout=10)

    def close(self) -> None:
        self._control.close()

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stats(self) -> dict:
        """What it has seen: counters, requests by path, the last inference request."""
        return self._control.get("/sim/stats").json()

    def fault(self, **plan: object) -> None:
        """From now on it misbehaves like this; without arguments it behaves."""
        answer = self._control.post("/sim/fault", json=plan)
        assert answer.status_code == 200, answer.text

    def wait(self, seconds: float = 10, **counters: int) -> dict:
        """Waits until each counter has at least its value (0: exactly none); the counters then."""
        query = counters | {"timeout_ms": int(seconds * 1000)}
        answer = self._control.get("/sim/wait", params=query, timeout=seconds + 5)
        assert answer.status_code == 200, f"{self.url}: not reached {counters}: {answer.text}"
        return answer.json()

    def last_body(self) -> bytes:
        return self._control.get("/sim/last_body").content

    def last_headers(self) -> list[tuple[str, str]]:
        """Fields of the last inference request, names in lower case."""
        return [(name, value) for name, value in self.stats()["last_request"]["headers"]]

    def kill(self) -> None:
        """SIGKILL to its process."""
        self.process.kill()


def start_workers(count: int, log_path: Path, *flags: str, model: str = MODEL) -> list[Worker]:
    """`count` engines in one new process."""
    arguments = ["worker", "--count", str(count), "--model", model, *flags]
    process = Process(arguments, log_path)
    try:
        lines = process.log_lines_with("listening on", count)
    except BaseException:
        process.kill()
        raise
    urls = [re.search(r"listening on (\S+)", line).group(1) for line in lines]
    return [Worker(url, process) for url in urls]
