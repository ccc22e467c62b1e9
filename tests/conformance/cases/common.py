"""What the cases of several subjects are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockstatus import Route

from ..case import CLIENTS, Body, Call, Case, Page, Setup
from ..plain_http import DATE, OK, head
from ..server import Answer, Listening

Mock = Callable[[Route], object]


def page(mock: Mock | None, *wire: Answer, path: str = "/page", host: str | None = None) -> Page:
    """A page with its answers in order."""
    return Page(mock, wire, path, host=host)


def documented_200(route: Route) -> Route:
    """What a route answers that is told nothing."""
    return route


def fine(path: str = "/page", host: str | None = None) -> Page:
    """A page with the documented 200."""
    return page(documented_200, OK, path=path, host=host)


def sliced(body: bytes, size: int) -> Sequence[bytes]:
    """A body in pieces."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def situation(
    name: str, mock: Mock, *wire: Answer, calls: Sequence[Call] = (Call(),), host: str = "127.0.0.1", **setup: Any
) -> Case:
    """A case with one page; what is left over says how the client is made."""
    listening = setup.pop("listening", Listening.OPEN)
    clients = setup.pop("clients", CLIENTS)
    return Case(name, (page(mock, *wire),), tuple(calls), Setup(**setup), clients, listening, host)


POST = Call("POST", body=Body("bytes", b"sent"))
TWO = (Call(), Call())
SHORT = 0.2  # seconds of a timeout that is meant to pass, and not before what comes in time on a slow machine
READ = {"read": SHORT}

TEXT = b"one line\nand another\r\n\r\nthe last, with \xc3\xa9"
PLAIN = ("Content-Type", "text/plain; charset=utf-8")
KIND = PLAIN[1]
DIGITS = b"0123456789" * 3
PIECES = sliced(DIGITS, 10)
CHUNKED_OF_STREAM = head(200, "OK", [("Date", DATE), PLAIN, ("Transfer-Encoding", "chunked")])
