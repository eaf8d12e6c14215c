#!/usr/bin/env python3
"""Compares smg with nginx, the published sglang-router and no proxy at all, over HTTP, on one machine.

Peers are measured in turn in every round, with the same workers and the same load, and figures are medians over the
rounds. Where two cores exist the proxy has one to itself and everything else shares another, so that requests/s mean
what one core of proxy can do; the CPU time per request is the steadier figure. Needs nothing but Python, a C compiler
and, for what is missing, apt and pip. `stream_load.c`, `mock_worker.c` and `chat.lua` say what the load is.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report
import tools
from peers import PEERS, Setup, Workers
from processes import Deadline, Pinning
from scenarios import SCENARIOS, Results, Runner

QUICK_LIMIT_SECONDS = 180.0  # a bound, not the usual time: about 90 s
FULL_LIMIT_SECONDS = 660.0  # about 8 minutes usually
WANTED_FILES = 65536


def parse_arguments() -> argparse.Namespace:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about 90 s instead of 8 minutes")
    parser.add_argument("--only", type=_list_of(names), default=names, metavar="NAMES", help=", ".join(names))
    parser.add_argument("--peers", type=_list_of(PEERS), default=PEERS, metavar="NAMES", help=", ".join(PEERS))
    parser.add_argument("--rounds", type=int, help="rounds of every scenario")
    parser.add_argument("--smg", type=Path, default=tools.ROOT / ".build/release/smg", help="the smg to measure")
    parser.add_argument("--smg-arguments", default="", metavar="TEXT", help="more flags for smg launch")
    parser.add_argument("--gateway-log-level", metavar="LEVEL", help="of smg and sglang-router")
    library = tools.ROOT / ".build/release/libsmg.so"
    parser.add_argument("--library", type=Path, default=library, help="to weigh")
    parser.add_argument("--pin", choices=["split", "none"], default="split", help="cores of proxy and load")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="end the run then, with what there is")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a target is missed")
    parser.add_argument("--keep", action="store_true", help="keep logs and configurations of the peers")
    return parser.parse_args()


def _list_of(known: list[str]):
    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)} (known: {', '.join(known)})")
        return [name for name in known if name in names]

    return parse


def available_peers(wanted: list[str], smg: Path, notes: list[str]) -> tuple[list[str], Path | None]:
    """The peers that can be run, and the router's command; what cannot be run is noted."""
    peers = list(wanted)
    router = tools.ensure_sglang_router() if "sglang-router" in peers else None
    if "sglang-router" in peers and router is None:
        peers.remove("sglang-router")
        notes.append("sglang-router was left out: it could not be installed")
    if "smg" in peers and not os.access(smg, os.X_OK):
        peers.remove("smg")
        notes.append(f"smg was left out: there is no program {_short(smg)}")
    return peers, router


def _short(path: Path) -> str:
    return str(path.relative_to(tools.ROOT) if path.is_relative_to(tools.ROOT) else path)


def make_setup(arguments: argparse.Namespace, router: Path | None, folder: Path) -> Setup:
    limit = arguments.time_limit or (QUICK_LIMIT_SECONDS if arguments.quick else FULL_LIMIT_SECONDS)
    return Setup(
        worker=tools.build("mock_worker"),
        stream_load=tools.build("stream_load"),
        wrk=tools.find_command("wrk"),
        nginx=tools.find_command("nginx"),
        sglang_router=router,
        smg=arguments.smg,
        smg_arguments=arguments.smg_arguments.split(),
        gateway_log_level=arguments.gateway_log_level,
        pinning=Pinning.choose(arguments.pin),
        deadline=Deadline(limit),
        folder=folder,
    )


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=tools.ROOT)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return ((done.stdout + done.stderr).strip().splitlines() or ["unknown"])[0]


def describe_machine(setup: Setup, arguments: argparse.Namespace, seconds: float) -> dict[str, str]:
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "machine": f"{cpu.partition(':')[2].strip() or platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, {platform.libc_ver()[0]} {platform.libc_ver()[1]}",
        "cores": setup.pinning.describe(),
        "versions": f"{_output([setup.nginx, '-v']).rpartition(' ')[2]}, {tools.SGLANG_ROUTER.replace('==', '/')}",
        "commit": _output(["git", "describe", "--always", "--dirty"]),
        "gateways": f"policy cache_aware, log level {setup.gateway_log_level or 'default'}, logs to a file",
        "command": "scripts/bench " + " ".join(sys.argv[1:]),
        "taken": f"{time.strftime('%Y-%m-%d', time.gmtime())}, {seconds:.0f} s, load average {os.getloadavg()[2]:.1f}",
    }


def raise_file_limit() -> None:
    """For the peers, which inherit it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def measure(setup: Setup, peers: list[str], arguments: argparse.Namespace) -> Results:
    if setup.pinning.load is not None:
        os.sched_setaffinity(0, setup.pinning.load)
    workers = Workers.start(setup)
    try:
        runner = Runner(setup, workers, peers, arguments.quick, arguments.rounds)
        return runner.run([scenario for scenario in SCENARIOS if scenario.name in arguments.only])
    finally:
        workers.child.stop()


def _end(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)


def main() -> int:
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, _end)
    raise_file_limit()
    tools.ensure_commands(["nginx", "wrk"])
    notes: list[str] = []
    peers, router = available_peers(arguments.peers, arguments.smg, notes)
    tools.CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=tools.CACHE))
    began = time.monotonic()
    try:
        setup = make_setup(arguments, router, folder)
        results = measure(setup, peers, arguments)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
    results.notes[:0] = notes

    machine = describe_machine(setup, arguments, time.monotonic() - began)
    library_mb = tools.stripped_megabytes(arguments.library)
    print(report.markdown(results, machine, library_mb))
    missed = report.failed_targets(results, library_mb)
    if arguments.json:
        document = {"machine": machine, "samples": results.samples, "library_mb": library_mb}
        arguments.json.write_text(json.dumps(document | {"missed": missed, "notes": results.notes}, indent=1) + "\n")
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
