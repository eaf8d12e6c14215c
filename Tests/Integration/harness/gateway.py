"""The gateway as a process: where it listens, what it says of itself."""

import re
import socket
from pathlib import Path
from urllib.parse import quote

import httpx
from prometheus_client.parser import text_string_to_metric_families

from .processes import Process
from .waiting import until

MEGABYTE = 1 << 20


class Gateway(Process):
    """`smg launch` on free ports, with debug logs, until `stop`."""

    def __init__(
        self,
        worker_urls: list[str],
        log_path: Path,
        *flags: str,
        host: str = "127.0.0.1",
        env: dict[str, str] | None = None,
        scheme: str = "http",
        headers: dict[str, str] | None = None,
        verify: object = True,
        unix_socket: Path | None = None,
    ):
        listen = ["--unix-socket", str(unix_socket)] if unix_socket else ["--host", host, "--port", "0"]
        workers = ["--worker-urls", *worker_urls] if worker_urls else []
        level = [] if "--log-level" in flags else ["--log-level", "debug"]
        super().__init__(
            ["launch", *workers, *listen, "--prometheus-host", "127.0.0.1", "--prometheus-port", "0", *level, *flags],
            log_path,
            env,
        )
        try:
            line = self.log_lines_with('"listening"' if "--log-json" in flags else "gateway listening")[0]
        except BaseException:
            self.kill()
            raise
        self.address = _field(line, "address")
        self.metrics_url = "http://" + _field(line, "metrics")
        transport = httpx.HTTPTransport(uds=str(unix_socket)) if unix_socket else None
        self.url = f"{scheme}://localhost" if unix_socket else f"{scheme}://{self.address}"
        self.http = httpx.Client(base_url=self.url, headers=headers, verify=verify, timeout=30, transport=transport)

    @property
    def host(self) -> str:
        return self.address.rsplit(":", 1)[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def connect(self, timeout: float = 10, receive_buffer: int | None = None) -> socket.socket:
        """A plain TCP connection to it."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(timeout)
        connection.connect((self.host, self.port))
        return connection

    def stop(self) -> int:
        self.http.close()
        return super().stop()

    # What it says of itself

    def wait_ready(self, workers: int) -> "Gateway":
        """Waits until exactly `workers` are healthy."""

        def ready() -> bool:
            return self.http.get("/readiness").json()["healthy_workers"] == workers

        until(ready, f"{workers} healthy workers")
        return self

    def workers(self) -> list[dict]:
        return self.http.get("/workers").json()["workers"]

    def worker(self, url: str) -> dict | None:
        """One worker's description, None if there is none of that URL."""
        answer = self.http.get("/workers/" + quote(url, safe=""))
        return answer.json() if answer.status_code == 200 else None

    def load(self) -> int:
        """Requests at all workers now."""
        return sum(worker["load"] for worker in self.workers())

    def wait_idle(self) -> None:
        until(lambda: self.load() == 0, "load back to 0")

    def metrics(self) -> "Metrics":
        return Metrics(httpx.get(self.metrics_url + "/metrics", timeout=10).text)


def _field(line: str, name: str) -> str:
    """A field of a log line, text or JSON."""
    return re.search(rf'\b{name}(?:=|":)"?([^\s",]+)', line).group(1)


class Metrics:
    """One scrape, parsed by the reference parser."""

    def __init__(self, text: str):
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def samples(self, name: str, **labels: str) -> list:
        """All samples of that exact name whose labels include `labels`."""
        return [
            sample
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def value(self, name: str, **labels: str) -> float:
        """The sum of those samples, 0 if there are none."""
        return sum(sample.value for sample in self.samples(name, **labels))
