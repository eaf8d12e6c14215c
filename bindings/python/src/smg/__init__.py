"""SMG, a gateway for LLM inference engines.

    import smg

    with smg.Router(worker_urls=["http://10.0.0.1:8000"], port=30000) as router:
        print(router.url)
        router.wait()
"""

from __future__ import annotations

import json
from typing import Any

from . import _library
from .errors import (
    ArgumentError,
    ConfigError,
    InternalError,
    LibraryError,
    LimitError,
    NetworkError,
    SMGError,
    StateError,
    TimedOutError,
    WorkerError,
)
from .router import Router

__all__ = [
    "ArgumentError",
    "ConfigError",
    "InternalError",
    "LibraryError",
    "LimitError",
    "NetworkError",
    "Router",
    "SMGError",
    "StateError",
    "TimedOutError",
    "WorkerError",
    "build_info",
    "config_schema",
    "version",
]


def version() -> str:
    """The version of the library."""
    return _library.library().smg_version().decode()


def build_info() -> dict[str, Any]:
    """What the library was built from and how."""
    return json.loads(_library.library().smg_build_info())


def config_schema() -> dict[str, Any]:
    """The JSON Schema of a router's options."""
    return json.loads(_library.library().smg_config_schema())
