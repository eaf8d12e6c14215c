"""``python -m smg launch …``: the command line's ``smg launch``, inside Python."""

from __future__ import annotations

import shutil
import signal
import sys

from .errors import SMGError
from .router import Router
from . import version

_USAGE = """\
usage: smg launch [options]

Starts the gateway in front of inference workers. 'smg launch --help' shows the options."""


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; returns the process's exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    command = arguments[0] if arguments else None
    if command in ("--version", "-V", "version"):
        print(f"smg {version()}")
        return 0
    if command in ("--help", "-h", "help"):
        print(_USAGE)
        return 0
    if command not in ("launch", "start"):
        print(_USAGE if command is None else f"smg: unknown command '{command}'\n\n{_USAGE}", file=sys.stderr)
        return 2
    try:
        router = Router.from_arguments(arguments[1:], columns=shutil.get_terminal_size().columns)
    except SMGError as error:
        print(f"smg launch: {error}", file=sys.stderr)
        return 2
    if isinstance(router, str):
        print(router)
        return 0
    return _serve(router)


def _serve(router: Router) -> int:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    # SIGINT too: a process started in the background by a shell begins with it ignored.
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    try:
        router.start()
        router.wait()
    except KeyboardInterrupt:
        # A second signal ends the process at once: whoever sends it has waited enough.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        router.stop()
    except SMGError as error:
        print(f"smg launch: {error}", file=sys.stderr)
        return 1
    finally:
        router.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
