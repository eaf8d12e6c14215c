"""Waiting on conditions. Tests never sleep for a fixed time: they poll for what has to become true, with a bound."""

import threading
import time
from typing import Callable, TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01
# Generous: the machine may have two busy cores. A passing test never waits this long.
WAIT_SECONDS = 15.0

_pause = threading.Event()  # never set: waits without spinning


def until(condition: Callable[[], T], what: str, seconds: float = WAIT_SECONDS) -> T:
    """The first truthy value of `condition()`; fails with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not in {seconds:g} s: {what} (last value: {value!r})")
        _pause.wait(POLL_SECONDS)


def settled(value: Callable[[], T], what: str, still_seconds: float = 0.3, seconds: float = WAIT_SECONDS) -> T:
    """`value()` once it has stayed the same for `still_seconds`."""
    deadline = time.monotonic() + seconds
    last, since = value(), time.monotonic()
    while time.monotonic() - since < still_seconds:
        if time.monotonic() >= deadline:
            raise AssertionError(f"not in {seconds:g} s: {what} came to rest (last value: {last!r})")
        _pause.wait(POLL_SECONDS)
        now = value()
        if now != last:
            last, since = now, time.monotonic()
    return last
