"""What a run needs on the machine: system packages, the published peer in its own environment, the C programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".cache" / "bench"
PEER_ENVIRONMENT = ROOT / ".venv-peer"
SGLANG_ROUTER = "sglang-router==0.2.4"

CFLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra"]
PROGRAMS = {
    "mock_worker": ["mock_worker.c", "mock_request.c", "mock_answers.c"],
    "stream_load": ["stream_load.c", "load_request.c", "response.c"],
}
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk"}


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def find_command(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def ensure_commands(names: list[str]) -> None:
    """Installs the Debian packages of commands that are missing."""
    missing = [PACKAGES[name] for name in names if not find_command(name)]
    if not missing:
        return
    progress(f"installing {' '.join(missing)}")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    # RUNLEVEL=1 keeps the package from starting a service.
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    command = [*sudo, *environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)


def ensure_sglang_router() -> Path | None:
    """The published router's command, installed if it is not; None, with a note, if that fails."""
    command = PEER_ENVIRONMENT / "bin" / "sglang-router"
    if command.exists():
        return command
    progress(f"installing {SGLANG_ROUTER} in {PEER_ENVIRONMENT.name}")
    steps = [
        [sys.executable, "-m", "venv", str(PEER_ENVIRONMENT)],
        [str(PEER_ENVIRONMENT / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", SGLANG_ROUTER],
    ]
    try:
        for step in steps:
            subprocess.run(step, check=True, stdout=subprocess.DEVNULL, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        progress(f"sglang-router cannot be installed: {error}")
        return None
    return command if command.exists() else None


def build(name: str) -> Path:
    """Compiles one of the C programs, unless it is newer than its sources."""
    CACHE.mkdir(parents=True, exist_ok=True)
    output = CACHE / name
    sources = [HERE / source for source in PROGRAMS[name]]
    newest = max(path.stat().st_mtime for path in [*sources, *HERE.glob("*.h"), Path(__file__)])
    if output.exists() and output.stat().st_mtime > newest:
        return output
    progress(f"building {name}")
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, *CFLAGS, *map(str, sources), "-o", str(output)], check=True, timeout=120)
    return output


def stripped_megabytes(library: Path) -> float | None:
    """Size of a library without symbols, in 10^6 bytes; None if there is none."""
    if not library.exists():
        return None
    CACHE.mkdir(parents=True, exist_ok=True)
    copy = CACHE / "stripped.so"
    subprocess.run(["strip", "-o", str(copy), str(library)], check=True, timeout=60)
    size = copy.stat().st_size
    copy.unlink()
    return size / 1e6
