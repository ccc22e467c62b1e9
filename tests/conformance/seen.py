"""What a caller can see of a response or an error, as plain values under names. Knows no client."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.cookiejar import CookieJar
from typing import Any

import trio

Seen = dict[str, Any]
_BY_CHANCE = re.compile(r"(?<= at 0x)[0-9a-fA-F]+|(?<=[0-9]\.)[0-9]{6,}|(?<=_ssl\.c:)[0-9]+")
_DAY = 86_400


def masked(text: object) -> str:
    """Text without what differs from one run to the next: addresses of objects, measured times, lines of _ssl.c."""
    return _BY_CHANCE.sub("…", str(text))


def class_name(value: object) -> str:
    """The class of a value, with its module."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def attempt(see: Callable[[], Any]) -> Any:
    """What an attribute or call gives, or which error it raises."""
    try:
        return see()
    except Exception as error:
        return f"raises {class_name(error)}: {masked(error)}"


def failure(error: BaseException) -> Seen:
    """All that a caller can find out about an error, its causes included.

    The chain is what a traceback shows. Behind it may be contexts that ``from`` hides, of which the classes are told;
    and anywhere the cancellations with which an event loop ends what has taken too long.
    """
    shown, hidden, cancellations = _chain(error)
    return {
        "error": class_name(error),
        "error text": masked(error),
        "error chain": [
            (class_name(link), masked(link), getattr(link, "errno", None), _arguments(link)) for link in shown
        ],
        "error contexts": [class_name(link) for link in hidden],
        "error cancellations": [class_name(link) for link in cancellations],
        "error request": attempt(lambda: _request(error)),
        "error response": attempt(lambda: class_name(error.response)),
        "error notes": getattr(error, "__notes__", []),
    }


def _chain(error: BaseException) -> tuple[list[BaseException], list[BaseException], list[BaseException]]:
    shown: list[BaseException] = []
    hidden: list[BaseException] = []
    cancellations: list[BaseException] = []
    found = shown
    link: BaseException | None = error
    while link is not None and not any(link is one for one in (*shown, *hidden, *cancellations)):  # one mock's go round
        (cancellations if _is_cancellation(link) else found).append(link)
        if link.__cause__ is None and link.__suppress_context__:
            found = hidden
        link = link.__cause__ or link.__context__
    return shown, hidden, cancellations


def _is_cancellation(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_cancellation, error.exceptions))
    return isinstance(error, (asyncio.CancelledError, trio.Cancelled))


def _request(error: Any) -> tuple[str, str, str]:
    request = error.request
    return class_name(request), request.method, str(request.url)


def _arguments(error: BaseException) -> list[Any]:
    """The classes of the arguments, and of the reason that urllib3 keeps in some."""
    found: list[Any] = [type(argument).__qualname__ for argument in error.args]
    reason = getattr(error, "reason", None)
    return found if reason is None else [*found, ("reason", class_name(reason), masked(reason))]


def jar(cookies: CookieJar) -> list[tuple[Any, ...]]:
    """The cookies of a jar, by name; an expiry within a day was counted from now, and is only told to be there."""
    found = [
        (one.name, one.value, one.domain, one.path, one.secure, _expiry(one.expires), sorted(one._rest))  # noqa: SLF001
        for one in cookies
    ]
    return sorted(found, key=repr)


def _expiry(expires: int | None) -> object:
    if expires is None:
        return "at the end of the session"
    return "within a day" if abs(expires - time.time()) <= _DAY else expires


def is_duration(value: object) -> bool:
    """Whether a value is a time that something took."""
    return isinstance(value, timedelta) and value >= timedelta(0)


def text_pairs(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
    """Header fields as text."""
    return [(_text(name), _text(value)) for name, value in pairs]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- what clients log -------------------------------------------------------------------------------------------------

_LOGGERS = ("httpx", "httpx2", "urllib3", "aiohttp")


class Logs(logging.Handler):
    """What clients log, each in its own thread."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int | None, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        line = f"{record.levelname} {record.name}: {masked(record.getMessage())}"
        self._lines.setdefault(record.thread, []).append(line)

    def of_this_thread(self) -> list[str]:
        """What was logged here since the last time that somebody asked."""
        return self._lines.pop(threading.get_ident(), [])


@contextmanager
def kept_logs(level: int = logging.DEBUG) -> Iterator[Logs]:
    """Have clients log everything they can from that level on, to here and nowhere else."""
    logs = Logs()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(logs)
        logger.setLevel(level)
        logger.propagate = False
    try:
        yield logs
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(logs)
            logger.setLevel(level)
            logger.propagate = propagate
