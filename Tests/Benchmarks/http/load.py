"""Runs the load generators and reads their results."""

import json
import subprocess
import threading
from pathlib import Path

from peers import Instance, Setup
from processes import Child

HERE = Path(__file__).resolve().parent
SLACK_SECONDS = 15.0  # above its planned time a load generator is ended
MAX_FAILED_PART = 0.001  # of the requests of a measurement


class LoadFailed(Exception):
    """A load generator gave no result."""


class Meter:
    """CPU time and peak memory of a peer between `start` and `stop`."""

    def __init__(self, instance: Instance):
        self._instance = instance
        self._before = 0.0
        self.cpu_seconds = 0.0
        self.peak_mb = 0.0
        if instance.child:
            instance.child.reset_peak()

    def start(self) -> None:
        self._before = self._instance.cpu_seconds()

    def stop(self) -> None:
        self.cpu_seconds = self._instance.cpu_seconds() - self._before
        if self._instance.child:
            self.peak_mb = self._instance.child.peak_mb()


def run_wrk(setup: Setup, instance: Instance, connections: int, seconds: float, meter: Meter) -> dict:
    """Chat requests with wrk for a whole number of seconds. Returns what chat.lua reports."""
    command = [
        setup.wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "--latency",
        "-s", str(HERE / "chat.lua"), instance.url("/"),
    ]  # fmt: skip
    meter.start()
    result = _run(setup, command, seconds, {}, connections == 1)
    meter.stop()
    failed = result["failed"] + result["non_2xx"]
    why = f"{result['non_2xx']} were answered with an error"
    return result | {"errors": _tolerable(failed, result["requests"], why)}


def run_stream_load(
    setup: Setup,
    instance: Instance,
    seconds: float,
    meter: Meter | None = None,
    *,
    warmup: float = 0.2,
    connections: int = 1,
    **options,
) -> dict:
    """One run of stream_load; options by their names there, `True` for a switch."""
    command = [str(setup.stream_load), "--url", instance.url(), "--seconds", str(seconds), "--warmup", str(warmup)]
    command += ["--connections", str(connections)]
    for name, value in options.items():
        command.append("--" + name.replace("_", "-"))
        if value is not True:
            command.append(str(value))
    marks = {"MEASURE": meter.start, "END": meter.stop} if meter else {}
    result = _run(setup, command, seconds + warmup, marks, connections == 1)
    return result | {"errors": _tolerable(result["all_errors"], result["requests"], result["first_error"])}


def _tolerable(failed: int, requests: int, why: str) -> int:
    """The failed requests; too many mean that something else was measured than what was asked for."""
    if requests == 0 or failed > requests * MAX_FAILED_PART:
        raise LoadFailed(f"{failed} requests failed, {requests} did not: {why or 'no answer'}")
    return failed


def _run(setup: Setup, command: list[str], seconds: float, marks: dict, beside_proxy: bool) -> dict:
    """Runs a load generator, calls `marks` at their lines, and returns the object of its RESULT line."""
    setup.deadline.check(seconds)
    cores = setup.pinning.proxy if beside_proxy else setup.pinning.load
    child = Child(command, cores, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    timer = threading.Timer(seconds + SLACK_SECONDS, child.process.kill)
    timer.start()
    result, other = None, []
    try:
        for line in child.process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word in marks:
                marks[word]()
            elif word == "RESULT":
                result = json.loads(rest)
            else:
                other.append(line)
    finally:
        timer.cancel()
        child.stop()
        child.process.stdout.close()
    if result is None:
        raise LoadFailed(f"{Path(command[0]).name} gave no result\n{''.join(other[-10:])}")
    return result
