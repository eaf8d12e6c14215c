"""Finds and loads libsmg.so, and turns its statuses, buffers and errors into Python's."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import threading
from pathlib import Path
from typing import Any

from . import _ffi
from .errors import LibraryError, SMGError, error_class

_HERE = Path(__file__).resolve().parent
_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None


def candidates() -> list[str]:
    """Where the library is looked for, in this order. ``SMG_LIBRARY`` names the only place when it is set."""
    chosen = os.environ.get("SMG_LIBRARY")
    if chosen:
        return [chosen]
    places = [_HERE / "_native" / "libsmg.so"]
    # In a checkout: <root>/bindings/python/src/smg.
    root = _HERE.parents[3] if len(_HERE.parents) > 3 else _HERE
    if (root / "include" / "smg.h").exists():
        places += [root / ".build" / build / "libsmg.so" for build in ("release", "debug")]
    return [str(place) for place in places if place.exists()] + ["libsmg.so.1", "libsmg.so"]


def _open() -> ctypes.CDLL:
    tried = []
    for name in candidates():
        try:
            library = ctypes.CDLL(name)
        except OSError as error:
            tried.append(f"  {name}: {error}")
            continue
        try:
            _ffi.declare(library)
        except AttributeError as error:
            raise LibraryError(f"{name} does not fit this package: {error}", code="library_mismatch") from None
        abi = library.smg_abi_version()
        if abi != _ffi.SMG_ABI_VERSION:
            raise LibraryError(
                f"{name} has interface {abi}, this package needs {_ffi.SMG_ABI_VERSION}", code="library_mismatch"
            )
        return library
    raise LibraryError(
        "libsmg.so was not found; build it (swift build --product smg) or set SMG_LIBRARY. Tried:\n" + "\n".join(tried),
        code="library_not_found",
    )


def library() -> ctypes.CDLL:
    """The library, loaded on first use."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _open()
    return _loaded


def borrowed(data: bytes) -> _ffi.smg_bytes:
    """``data`` as the library takes it. Valid as long as the result lives."""
    result = _ffi.smg_bytes(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
    result._keep = data  # the structure itself holds an address only
    return result


def taken(buffer: _ffi.smg_buffer) -> bytes:
    """The bytes of a buffer, which is ended."""
    try:
        return ctypes.string_at(buffer.data, buffer.len) if buffer.len else b""
    finally:
        library().smg_buffer_destroy(ctypes.byref(buffer))


def make_error(status: int, error: ctypes.c_void_p) -> SMGError:
    """The exception for an error object, which is ended."""
    lib = library()
    try:
        code = lib.smg_error_name(error).decode()
        message = lib.smg_error_message(error).decode()
        detail: dict[str, Any] = json.loads(lib.smg_error_detail_json(error))
        return error_class(status)(message, code, status, bool(lib.smg_error_retryable(error)), detail)
    finally:
        lib.smg_error_destroy(error)


def status_error(status: int, what: str) -> SMGError:
    """The exception for a status without an error object."""
    name = library().smg_status_name(status).decode()
    return error_class(status)(f"{what}: {name}", name, status)


def call(name: str, *arguments: Any) -> None:
    """Calls a function whose last parameter is an error, and raises what it reports."""
    error = ctypes.c_void_p()
    status = getattr(library(), name)(*arguments, ctypes.byref(error))
    if status != _ffi.SMG_OK:
        raise make_error(status, error)
