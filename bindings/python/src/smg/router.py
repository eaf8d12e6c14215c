"""A router: one gateway in this process."""

from __future__ import annotations

import ctypes
import json
import logging
import math
import threading
import time
import weakref
from types import TracebackType
from typing import Any, Callable, Iterable, Mapping, Union

from . import _ffi, _library
from .errors import TimedOutError

LogTarget = Union[logging.Logger, Callable[[int, str], None]]

# How long a wait stays in the library before Python looks for signals.
_SLICE_SECONDS = 0.2
# The library's levels in the words of `logging`.
_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
# Keeps callbacks alive until the library says it is done with them.
_callbacks: dict[int, Any] = {}
_callback_lock = threading.Lock()


@_ffi.smg_release_fn
def _release(key: int | None) -> None:
    with _callback_lock:
        _callbacks.pop(key or 0, None)


def _destroy(handle: int) -> None:
    _library.library().smg_gateway_destroy(handle)


def _milliseconds(seconds: float) -> int:
    # Rounded up: a wait must not end before its time.
    return max(0, math.ceil(min(seconds, 3e9) * 1000))


class Router:
    """A gateway in front of inference workers, on threads of its own.

    The keyword arguments are the options of ``smg launch`` with underscores; ``smg.config_schema()`` lists them.
    Options that are ``None`` have their defaults. A wrong option raises ``ConfigError`` here, not at the start.

        with smg.Router(worker_urls=["http://10.0.0.1:8000"], policy="cache_aware", port=30000) as router:
            print(router.url)
            router.wait()

    Every method may be called from any thread. None of them holds the interpreter lock while it waits.

    Args:
        worker_urls: the workers known from the start.
        policy: how the worker of a request is chosen.
        host: address or name to listen on.
        port: port to listen on; 0 takes any free one, see `port`.
        log: gets the log in place of standard output: a ``logging.Logger``, or a function of level and line. It runs on
            a thread of the library and must not start, stop or close the router.
        **options: any other option.
    """

    def __init__(
        self,
        worker_urls: Iterable[str] = (),
        policy: str | None = None,
        host: str | None = None,
        port: int | None = None,
        *,
        log: LogTarget | None = None,
        **options: Any,
    ) -> None:
        if isinstance(worker_urls, str):
            worker_urls = [worker_urls]
        config = {"worker_urls": list(worker_urls), "policy": policy, "host": host, "port": port, **options}
        document = json.dumps({key: value for key, value in config.items() if value is not None})
        handle = ctypes.c_void_p()
        _library.call("smg_gateway_create", _library.borrowed(document.encode()), ctypes.byref(handle))
        self._adopt(handle, log)

    @classmethod
    def from_arguments(cls, arguments: Iterable[str], columns: int = 80) -> Router | str:
        """A router from the arguments behind ``smg launch``; unlike the constructor it reads the environment too.

        Returns text to print instead if that is what the arguments ask for (``--help``, ``--version``,
        ``--check-config``, ``--print-config``).
        """
        encoded = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
        handle, text = ctypes.c_void_p(), _ffi.smg_buffer()
        _library.call(
            "smg_gateway_create_from_arguments",
            (ctypes.c_char_p * len(encoded))(*encoded),
            len(encoded),
            columns,
            ctypes.byref(handle),
            ctypes.byref(text),
        )
        if not handle.value:
            return _library.taken(text).decode()
        router = cls.__new__(cls)
        router._adopt(handle, None)
        return router

    def _adopt(self, handle: ctypes.c_void_p, log: LogTarget | None) -> None:
        self._handle = handle.value
        # Also runs at the interpreter's exit, so that no thread of the router outlives it.
        self._finalizer = weakref.finalize(self, _destroy, handle.value)
        if log is not None:
            self._set_log(log)

    def _set_log(self, target: LogTarget) -> None:
        if isinstance(target, logging.Logger):
            # Below the logger's level nothing is even formatted.
            threshold = target.getEffectiveLevel()
            level = next((index for index, known in enumerate(_LEVELS) if known >= threshold), len(_LEVELS) - 1)
            take: Callable[[int, str], Any] = target.log
        else:
            level, take = _ffi.SMG_LOG_DEBUG, target

        @_ffi.smg_log_fn
        def receive(level: int, line: _ffi.smg_bytes, _: int | None) -> None:
            text = ctypes.string_at(line.data, line.len).decode("utf-8", "replace") if line.len else ""
            take(_LEVELS[level], text)

        key = id(receive)
        with _callback_lock:
            _callbacks[key] = receive
        try:
            _library.call("smg_gateway_set_log", self._handle, level, receive, key, _release)
        except BaseException:
            _release(key)
            raise

    # Life

    def start(self) -> Router:
        """Opens the sockets and starts the threads. Does not wait for workers."""
        _library.call("smg_gateway_start", self._handle)
        return self

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the router is stopped, from another thread. False when ``timeout`` seconds were over first.

        Ctrl-C and other signals are handled while it waits.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _SLICE_SECONDS if deadline is None else deadline - time.monotonic()
            try:
                _library.call("smg_gateway_wait", self._handle, _milliseconds(min(left, _SLICE_SECONDS)))
                return True
            except TimedOutError:
                if deadline is not None and time.monotonic() >= deadline:
                    return False

    def stop(self, grace: float | None = None) -> None:
        """Refuses new requests, lets the others finish for ``grace`` seconds, then ends all threads.

        Args:
            grace: None stands for the option ``shutdown_grace_period_secs``; 0 cuts all requests.
        """
        grace_ms = _ffi.SMG_CONFIGURED_GRACE if grace is None else _milliseconds(grace)
        failure: list[BaseException] = []

        def run() -> None:
            try:
                _library.call("smg_gateway_stop", self._handle, grace_ms)
            except BaseException as error:  # noqa: BLE001 - handed to the caller
                failure.append(error)

        # On a thread of its own, so that Ctrl-C ends the waiting.
        thread = threading.Thread(target=run, name="smg-stop", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_SLICE_SECONDS)
        if failure:
            raise failure[0]

    def close(self) -> None:
        """Ends the router, without grace if it still runs. May be called again."""
        self._finalizer()

    def __enter__(self) -> Router:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # Whoever leaves with an exception does not want to wait.
            self.stop(None if kind is None else 0)
        finally:
            self.close()

    # Addresses

    @property
    def port(self) -> int:
        """The port clients connect to; 0 for a Unix socket."""
        return self._port("smg_gateway_port")

    @property
    def metrics_port(self) -> int:
        """The port where Prometheus reads ``/metrics``."""
        return self._port("smg_gateway_metrics_port")

    def _port(self, name: str) -> int:
        port = getattr(_library.library(), name)(self._handle)
        if port < 0:
            raise _library.status_error(port, "the router does not run")
        return port

    @property
    def address(self) -> str:
        """Where the router listens: ``127.0.0.1:30000``, ``[::1]:30000`` or ``unix:/run/smg.sock``."""
        return self._document("smg_gateway_address").decode()

    @property
    def url(self) -> str:
        """Where clients on this machine reach the router: ``http://127.0.0.1:30000``, or ``unix:`` and a path."""
        address = self.address
        if address.startswith("unix:"):
            return address
        host, _, port = address.rpartition(":")
        host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
        return f"{'https' if self.stats()['tls'] else 'http'}://{host}:{port}"

    # Workers

    def add_worker(
        self,
        url: str,
        api_key: str | None = None,
        model_id: str | None = None,
        priority: int | None = None,
        cost: float | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Adds a worker and returns it, with its ``id``. It gets requests from its first passed health check on."""
        values = {
            "url": url,
            "api_key": api_key,
            "model_id": model_id,
            "priority": priority,
            "cost": cost,
            "labels": dict(labels) if labels is not None else None,
        }
        document = json.dumps({key: value for key, value in values.items() if value is not None})
        added = _ffi.smg_buffer()
        _library.call(
            "smg_gateway_worker_add", self._handle, _library.borrowed(document.encode()), ctypes.byref(added)
        )
        return json.loads(_library.taken(added))

    def remove_worker(self, id_or_url: str) -> None:
        """Removes a worker; requests it has may finish."""
        _library.call("smg_gateway_worker_remove", self._handle, _library.borrowed(id_or_url.encode()))

    def workers(self) -> list[dict[str, Any]]:
        """All workers: those of ``status`` ``ready`` get requests."""
        return json.loads(self._document("smg_gateway_workers"))["workers"]

    def stats(self) -> dict[str, Any]:
        """What the router does now and has done so far; ``smg_gateway_stats`` in smg.h lists the members."""
        return json.loads(self._document("smg_gateway_stats"))

    def _document(self, name: str) -> bytes:
        buffer = _ffi.smg_buffer()
        _library.call(name, self._handle, ctypes.byref(buffer))
        return _library.taken(buffer)

    def __repr__(self) -> str:
        port = _library.library().smg_gateway_port(self._handle)
        return f"<smg.Router {self.address}>" if port >= 0 else "<smg.Router, not running>"
