"""Child processes: started with a log file, found by no port but the ones they report, ended by their own id."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from .waiting import WAIT_SECONDS, until

REPOSITORY = Path(__file__).resolve().parents[3]
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 10.0
_libc = ctypes.CDLL(None)


def binary() -> Path:
    """The executable under test: SMG_BINARY, or the release build, or the debug build."""
    if named := os.environ.get("SMG_BINARY"):
        return Path(named).resolve()
    built = [REPOSITORY / ".build/release/smg", REPOSITORY / ".build/debug/smg-cli"]
    for path in built:
        if path.exists():
            return path
    raise FileNotFoundError(f"no smg executable; build it or set SMG_BINARY (looked for {', '.join(map(str, built))})")


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's variables without those the executable reads, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SMG_")}
    return kept | (extra or {})


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One child with its output in `log_path`."""

    def __init__(self, arguments: list[str], log_path: Path, env: dict[str, str] | None = None):
        self.log_path = log_path
        self.arguments = [str(binary()), *arguments]
        with open(log_path, "ab") as log:
            self._child = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(env),
                preexec_fn=_die_with_parent,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def is_alive(self) -> bool:
        return self._child.poll() is None

    def exit_code(self, seconds: float = WAIT_SECONDS) -> int:
        """Waits for the end. Negative: the signal that ended it."""
        return self._child.wait(seconds)

    def send_signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def kill(self) -> None:
        """Ends it without a chance to say good-bye."""
        self._child.kill()
        self._child.wait(STOP_SECONDS)

    def stop(self) -> int:
        """Asks it to end, insists after a while; its exit code."""
        if self.is_alive():
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        return self._child.returncode

    def log_lines_with(self, text: str, count: int = 1, seconds: float = WAIT_SECONDS) -> list[str]:
        """Waits for `count` log lines that contain `text`."""

        def found() -> list[str] | None:
            if not self.is_alive():
                raise AssertionError(f"ended with {self._child.returncode}:\n{self.log()[-4000:]}")
            # The last line may still be half written.
            lines = [line for line in self.log().split("\n")[:-1] if text in line]
            return lines if len(lines) >= count else None

        return until(found, f"{count} log lines with {text!r}", seconds)

    def resident_bytes(self) -> int:
        """Memory in RAM now."""
        return self._status("VmRSS:")

    def descriptors(self) -> int:
        """Open files and sockets."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _status(self, field: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {field} in /proc/{self.pid}/status")


def run(
    arguments: list[str], env: dict[str, str] | None = None, seconds: float = WAIT_SECONDS
) -> subprocess.CompletedProcess:
    """Runs the executable to its end; output as text."""
    return subprocess.run(
        [str(binary()), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment(env),
    )
