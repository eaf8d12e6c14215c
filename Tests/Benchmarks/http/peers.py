"""The programs compared: straight to the worker, nginx, the published sglang-router, and smg."""

import http.client
import json
import resource
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from processes import Child, Deadline, Pinning, StartFailed, free_port

HERE = Path(__file__).resolve().parent
READY_SECONDS = 60.0  # a proxy that has not answered by then has failed
POLL_SECONDS = 0.001  # between attempts to connect
CHAT_PATH = "/v1/chat/completions"
WORKERS = 4


@dataclass
class Setup:
    """What every scenario needs: programs, cores, time, folders."""

    worker: Path
    stream_load: Path
    wrk: str
    nginx: str
    sglang_router: Path | None
    smg: Path | None
    smg_arguments: list[str]
    gateway_log_level: str | None
    pinning: Pinning
    deadline: Deadline
    folder: Path


@dataclass
class Workers:
    """The mock workers, all in one process."""

    child: Child
    ports: list[int]

    @staticmethod
    def start(setup: Setup) -> "Workers":
        command = [str(setup.worker), "--ports", str(WORKERS)]
        child = Child(command, setup.pinning.load, stdout=subprocess.PIPE, text=True)
        words = child.process.stdout.readline().split()
        if words[:1] != ["ready"]:
            child.stop()
            raise StartFailed("the mock worker did not start")
        return Workers(child, [int(word) for word in words[1:]])

    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]


@dataclass
class Instance:
    """A running peer."""

    name: str
    port: int
    child: Child | None  # None for direct
    ready_ms: float = 0.0  # exec to the first answer of /health
    serving_ms: float = 0.0  # exec to the first chat completion

    def url(self, path: str = CHAT_PATH) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        return self.child.cpu_seconds() if self.child else 0.0

    def stop(self) -> None:
        if self.child:
            self.child.stop()


def start(name: str, setup: Setup, workers: Workers) -> Instance:
    """Starts a peer and waits until it answers a chat completion."""
    if name == "direct":
        return Instance(name, workers.ports[0], None)
    port = free_port()
    command = COMMANDS[name](setup, workers, port)
    instance = Instance(name, port, Child(command, setup.pinning.proxy, setup.folder / f"{name}-{port}.log"))
    try:
        instance.ready_ms = _wait(instance, setup.deadline, _is_healthy)
        instance.serving_ms = _wait(instance, setup.deadline, _answers_chat)
    except BaseException:
        instance.stop()
        raise
    return instance


def _nginx(setup: Setup, workers: Workers, port: int) -> list[str]:
    folder = setup.folder / f"nginx-{port}"
    folder.mkdir(mode=0o755)
    values = {
        "DIR": str(folder),
        "PORT": str(port),
        "FILES": str(resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
        "WORKERS": "\n".join(f"        server 127.0.0.1:{port};" for port in workers.ports),
    }
    text = (HERE / "nginx.conf.template").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (folder / "nginx.conf").write_text(text)
    return [setup.nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def _gateway_arguments(setup: Setup, workers: Workers, port: int) -> list[str]:
    """Flags that smg and sglang-router have in common."""
    log_level = ["--log-level", setup.gateway_log_level] if setup.gateway_log_level else []
    return [
        "launch", "--worker-urls", *workers.urls(), "--policy", "cache_aware",
        "--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(free_port()), *log_level,
    ]  # fmt: skip


def _sglang_router(setup: Setup, workers: Workers, port: int) -> list[str]:
    return [str(setup.sglang_router), *_gateway_arguments(setup, workers, port)]


def _smg(setup: Setup, workers: Workers, port: int) -> list[str]:
    return [str(setup.smg), *_gateway_arguments(setup, workers, port), "--event-loops", "1", *setup.smg_arguments]


COMMANDS = {"nginx": _nginx, "sglang-router": _sglang_router, "smg": _smg}
PEERS = ["direct", *COMMANDS]


def _wait(instance: Instance, deadline: Deadline, answers) -> float:
    """Asks until `answers(port)` is true. Returns the milliseconds since the process was started."""
    child = instance.child
    while not answers(instance.port):
        elapsed = time.monotonic() - child.started
        if not child.alive() or elapsed > READY_SECONDS:
            raise StartFailed(f"{instance.name} did not become ready\n{child.log_tail()}")
        deadline.check()
        time.sleep(POLL_SECONDS)
    return (time.monotonic() - child.started) * 1000


def _status(port: int, request: bytes) -> int:
    """Sends one request on a fresh connection. Returns the status of the answer, 0 for none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            answer.read()
            return answer.status
    except (OSError, http.client.HTTPException):
        return 0


def _is_healthy(port: int) -> bool:
    return _status(port, b"GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n") == 200


def _answers_chat(port: int) -> bool:
    body = json.dumps({"model": "bench", "messages": [{"role": "user", "content": "ready?"}]}).encode()
    head = (
        f"POST {CHAT_PATH} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return _status(port, head.encode() + body) == 200
