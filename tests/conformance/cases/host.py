"""The virtual host: every code, redirects, faults and the controls of a request, also at a real server of that name."""

from __future__ import annotations

from collections.abc import Sequence

from ..case import Body, Call, Case, Page, Setup
from ..documented import PHRASES, message
from ..plain_http import OK, answer, sized
from ..server import Answer, End
from .common import page
from .redirects import moved

HOST = "mock.local"
LOCATIONS = {201: "/anything/abc-123", **dict.fromkeys((300, 301, 302, 303, 307, 308), "/200")}


def _at(path: str, *wire: Answer, more: Sequence[Page] = (), **call: object) -> Case:
    setup = call.pop("setup", Setup())
    clients = call.pop("clients", None)
    chosen = {} if clients is None else {"clients": clients}
    own = page(None, *wire, path=path.partition("?")[0])
    return Case(f"mock.local {path} {call or ''}", (own, *more), (Call(path=path, **call),), setup, host=HOST, **chosen)


def _codes(name: str, first: int, last: int) -> Case:
    codes = [code for code in PHRASES if first <= code <= last]
    pages = [page(None, (message(code, "GET", _places(code)),), path=f"/{code}") for code in codes]
    calls = [Call(path=f"/{code}", follow=True) for code in codes]
    return Case(f"mock.local, {name}", (*pages, *FINE), tuple(calls), host=HOST, counts_sleep=True)


def _places(code: int) -> list[tuple[str, str]]:
    return [("Location", LOCATIONS[code])] if code in LOCATIONS else []


FINE = [page(None, OK, path="/200")]  # where the redirects lead


def _text(code: int, *more: tuple[str, str]) -> Answer:
    body = f"{code} {PHRASES[code]}".encode()
    return answer(code, PHRASES[code], sized("text/plain; charset=utf-8", body, *more), body)


CASES = [
    *(_codes(f"status {code}", code, code) for code in (101, 102, 103, 104)),  # what comes after them may be garbled
    _codes("100", 100, 100),
    _codes("successes", 200, 299),
    _codes("redirections", 300, 399),
    _codes("clients' errors", 400, 499),
    _codes("servers' errors", 500, 599),
    _codes("codes that are none", 600, 999),
    _at("/404/users/7", (message(404, "GET"),)),
    _at("/202", (message(202, "POST"),), method="POST", body=Body("json", {"a": 1})),
    _at("/204", (message(204, "DELETE"),), method="DELETE"),
    _at("/404?style=text", _text(404)),
    _at(
        "/503",
        _text(503, ("Retry-After", "0")),
        headers={"Accept": "text/plain", "X-Mock-Retry-After": "0"},
        method="POST",
    ),
    _at(
        "/redirect/2",
        moved(302, "/redirect/1"),
        more=[page(None, moved(302, "/200"), path="/redirect/1"), page(None, OK, path="/200")],
        follow=True,
    ),
    _at("/fault/connection_reset", (End.RESET,), method="POST"),
    _at("/fault/read_timeout", (End.STALL,), method="POST", setup=Setup(timeout={"read": 0.1})),
    _at("/200?fault=empty_response", (End.CLOSE,), method="POST"),
]
