"""Errors of the gateway, one class for each group of statuses."""

from __future__ import annotations

from typing import Any


class SMGError(Exception):
    """A call failed.

    Attributes:
        code: what went wrong as one stable word, such as ``"unknown_option"``.
        status: the status of the C interface, such as ``-202``; its hundreds are the group.
        retryable: whether the same call may succeed later without any change.
        detail: what else is known, such as ``{"option": "cache-threshold", "line": 3}``.
    """

    def __init__(
        self,
        message: str,
        code: str = "internal",
        status: int = -700,
        retryable: bool = False,
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.retryable = retryable
        self.detail = detail or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code, self.status, self.retryable, self.detail)


class ArgumentError(SMGError, ValueError):
    """An argument of the call is malformed."""


class StateError(SMGError, RuntimeError):
    """The router is not in the state that the call needs, or belongs to another process."""


class ConfigError(SMGError, ValueError):
    """The configuration is refused."""


class NetworkError(SMGError, OSError):
    """The router could not open its sockets, or use its certificates."""

    # OSError's own printing looks at errno, which there is none of.
    __str__ = Exception.__str__


class WorkerError(SMGError):
    """A change to the workers is refused."""


class LimitError(SMGError, RuntimeError):
    """A bound is reached: routers in the process, open files, threads."""


class TimedOutError(SMGError, TimeoutError):
    """The time given to the call is over."""

    __str__ = Exception.__str__


class InternalError(SMGError):
    """A fault of the library."""


class TokenizerError(SMGError, ValueError):
    """A tokenizer cannot be made, or cannot do what it was asked."""


class ParserError(SMGError, ValueError):
    """There is no such parser."""


class LibraryError(SMGError, ImportError):
    """libsmg.so was not found, or does not fit this package."""


_GROUPS: dict[int, type[SMGError]] = {
    1: ArgumentError,
    2: ConfigError,
    3: NetworkError,
    4: WorkerError,
    5: LimitError,
    6: TimedOutError,
    7: InternalError,
    8: TokenizerError,
    9: ParserError,
}
_ARGUMENT_STATUS = -100


def error_class(status: int) -> type[SMGError]:
    """The class for a status of the C interface."""
    group = -status // 100
    if group == 1 and status != _ARGUMENT_STATUS:
        return StateError
    return _GROUPS.get(group, SMGError)
