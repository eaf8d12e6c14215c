"""Child processes of a benchmark: start on given cores, CPU and memory from /proc, and a certain end."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 2.0  # a process asked to end has this long before it is killed
MEGABYTE = 1_000_000


class OutOfTime(Exception):
    """The time allowed for the whole run is over."""


class StartFailed(Exception):
    """A program ended, or did not answer, before it was ready."""


class Deadline:
    """The end of the time allowed for a run."""

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return self._end - time.monotonic()

    def check(self, needed: float = 0.0) -> None:
        """Raises `OutOfTime` unless `needed` seconds are left."""
        if self.left() < needed:
            raise OutOfTime()


@dataclass(frozen=True)
class Pinning:
    """The cores of the proxy under test, and those of load generators and workers; None leaves it to the kernel.

    With many connections the proxy needs a core of its own. With one connection nothing runs at the same time, and the
    load generator goes to the proxy's core: then the way to the worker leads to another core with a proxy and without,
    as it would lead to another machine, and what is added is the proxy's work and not one more wake-up of a core.
    """

    proxy: frozenset[int] | None
    load: frozenset[int] | None

    @staticmethod
    def choose(wanted: str) -> "Pinning":
        """`split`: the last core for the proxy, the one before it for everything else; `none`: no pinning."""
        cores = sorted(os.sched_getaffinity(0))
        if wanted == "none" or len(cores) < 2:
            return Pinning(None, None)
        return Pinning(frozenset(cores[-1:]), frozenset(cores[-2:-1]))

    def describe(self) -> str:
        if self.proxy is None or self.load is None:
            return "none"
        proxy, load = min(self.proxy), min(self.load)
        return f"proxy on {proxy}, workers on {load}, load generator on {load} or, with 1 connection, on {proxy}"


def free_port() -> int:
    """A port nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Child:
    """One started process with its descendants. Ends with this program, however this program ends."""

    def __init__(self, command: list[str], cores: frozenset[int] | None, log: Path | None = None, **popen: object):
        libc = ctypes.CDLL(None)
        parent = os.getpid()

        def prepare() -> None:
            if cores is not None:
                os.sched_setaffinity(0, cores)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        self.command = command
        self.log = log
        output = open(log, "ab") if log else None
        try:
            popen.setdefault("stdout", output or subprocess.DEVNULL)
            popen.setdefault("stderr", output or subprocess.DEVNULL)
            self.started = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=prepare, **popen)
        finally:
            if output:
                output.close()

    def pids(self) -> list[int]:
        """The process and its descendants."""
        found = [self.process.pid]
        for pid in found:
            found.extend(_children(pid))
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all threads and processes, 10 ms fine."""
        return sum(_cpu_ticks(pid) for pid in self.pids()) / CLOCK_TICKS

    def resident_mb(self) -> float:
        return self._status("VmRSS:")

    def peak_mb(self) -> float:
        """The most resident memory since the start or since `reset_peak`."""
        return self._status("VmHWM:")

    def reset_peak(self) -> bool:
        """Makes the present memory the peak; false where the kernel does not allow it."""
        try:
            for pid in self.pids():
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        except OSError:
            return False
        return True

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Ends the process and every descendant, each by its id."""
        pids = self.pids() if self.alive() else []
        if pids:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for pid in pids[1:]:
            if _has_parent_in(pid, pids + [1]):
                _kill(pid)
        self.process.wait()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines the process wrote."""
        if not self.log or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _status(self, name: str) -> float:
        return sum(_status_kilobytes(pid, name) for pid in self.pids()) * 1024 / MEGABYTE


def machine_busy_seconds() -> float:
    """CPU time of everything on the machine since its start, and what its host took away."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / CLOCK_TICKS


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(child) for child in (task / "children").read_text().split())
    except OSError:
        pass  # it ended meanwhile
    return found


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second may hold blanks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_ticks(pid: int) -> int:
    fields = _stat_fields(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _has_parent_in(pid: int, parents: list[int]) -> bool:
    """Whether the id still belongs to the process we knew: its parent is one of ours, or init after that one's end."""
    fields = _stat_fields(pid)
    return bool(fields) and int(fields[1]) in parents


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _status_kilobytes(pid: int, name: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
