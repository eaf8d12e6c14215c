"""SMG, a gateway for LLM inference engines, with its tokenizers and parsers.

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
    ParserError,
    SMGError,
    StateError,
    TimedOutError,
    TokenizerError,
    WorkerError,
)
from .parser import Parser, parse, parser_names
from .router import Router
from .tokenizer import StreamDecoder, Tokenizer

__all__ = [
    "ArgumentError",
    "ConfigError",
    "InternalError",
    "LibraryError",
    "LimitError",
    "NetworkError",
    "Parser",
    "ParserError",
    "Router",
    "SMGError",
    "StateError",
    "StreamDecoder",
    "TimedOutError",
    "Tokenizer",
    "TokenizerError",
    "WorkerError",
    "build_info",
    "config_schema",
    "parse",
    "parser_names",
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
