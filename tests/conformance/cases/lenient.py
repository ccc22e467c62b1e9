"""What no conforming server would send: bodies where there are none, lengths that lie, status codes that are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mockstatus

from ..case import Call, Case
from ..plain_http import DATE, OK, OK_BODY, chunks, head, sized
from ..server import End, Step
from .common import KIND, TWO, page

BODY = b"hello"


def _lenient(
    name: str,
    arguments: dict[str, Any],
    *wire: Step,
    status: int = 200,
    calls: Sequence[Call] = (Call(),),
    then: bool = False,
) -> Case:
    """An answer that only ``lenient=True`` allows; ``then`` has a 200 follow it."""

    def mock(route: mockstatus.Route) -> object:
        route.respond(mockstatus.reply(status, lenient=True, **arguments))
        return route.then(200) if then else route

    return Case(name, (page(mock, wire, *([OK] if then else [])),), tuple(calls))


def _with_body(status: int, reason: str, *fields: tuple[str, str]) -> bytes:
    return head(status, reason, [("Date", DATE), *fields]) + BODY


def _many(count: int) -> Case:
    pairs = [(f"X-Field-{number}", str(number)) for number in range(count - 3)]
    return Case(
        f"{count} header fields",
        (
            page(
                lambda route: route.respond(headers=pairs),
                (head(200, "OK", sized("application/json", OK_BODY, *pairs)) + OK_BODY,),
            ),
        ),
    )


def _status(status: int, reason: str) -> Case:
    sent = head(status, reason, [("Content-Type", KIND), ("Date", DATE), ("Content-Length", "5")]) + BODY
    return _lenient(
        f"lenient status {status}, {reason!r}", {"text": "hello", "reason": reason}, sent, End.CLOSE, status=status
    )


def _fields(name: str, pairs: Sequence[tuple[str, str]], *, calls: Sequence[Call] = (Call(),)) -> Case:
    sent = head(200, "OK", [("Date", DATE), *pairs, ("Content-Length", "5")]) + BODY
    return _lenient(name, {"content": BODY, "headers": pairs}, sent, End.CLOSE, calls=calls)


def _lengths(name: str, pairs: Sequence[tuple[str, str]], read: Any = "whole") -> Case:
    chunked = any("chunked" in value for _, value in pairs)
    sent = head(200, "OK", [("Date", DATE), *pairs]) + (chunks([BODY]) if chunked else BODY)
    return _lenient(f"{name}, {read}", {"content": BODY, "headers": pairs}, sent, End.CLOSE, calls=[Call(read=read)])


CASES = [
    *(
        _lenient(
            f"{status} with a body{', twice' if then else ''}",
            {"content": BODY},
            _with_body(status, reason, ("Content-Length", "5")),
            status=status,
            calls=TWO if then else (Call(),),
            then=then,
        )
        for status, reason in ((204, "No Content"), (205, "Reset Content"), (304, "Not Modified"))
        for then in (False, True)
        if status != 304
    ),
    _status(99, "Too Low"),
    _status(600, "Too High"),
    _status(999, "Request Denied"),
    _status(1000, "Four Digits"),
    _status(0, "Nothing"),
    _status(200, "line\r\nbreak"),
    _lenient("unknown but legal status", {}, head(299, "", sized("application/json", OK_BODY)) + OK_BODY, status=299),
    _fields("header with a line break", [("X-Name", "a\r\nX-Injected: b")]),
    _fields("header with a bare line feed", [("X-Name", "a\nX-Injected: b")]),
    _fields("header with a folded line", [("X-Name", "a\r\n b")]),
    _fields("header with a control character", [("X-Name", "a\x01b")]),
    _fields("header with a null", [("X-Name", "a\x00b")]),
    _fields("header name with a space", [("X Name", "a")]),
    _fields("header name with a colon", [("X:Name", "a")]),
    _fields("header without a name", [("", "a")]),
    _fields("header with spaces around its value", [("X-Name", "  a  ")]),
    _fields("header in UTF-8", [("X-Name", "\u20ac".encode().decode("latin-1"))]),
    _fields("two locations", [("Location", "/a"), ("Location", "/b")]),
    *(
        _lengths("Content-Length that is too long", [("Content-Length", "9")], read=read)
        for read in ("whole", "pieces", "raw:7")
    ),
    *(
        _lengths("Content-Length that is too short", [("Content-Length", "3")], read=read)
        for read in ("whole", "pieces", "raw:7")
    ),
    _lengths("two different Content-Lengths", [("Content-Length", "5"), ("Content-Length", "6")]),
    _lengths("the same Content-Length twice", [("Content-Length", "5"), ("Content-Length", "5")]),
    _lengths("Content-Length twice in one field", [("Content-Length", "5, 5")]),
    _lengths("Content-Length that is negative", [("Content-Length", "-5")]),
    _lengths("Content-Length that is no number", [("Content-Length", "five")]),
    _lengths("empty Content-Length", [("Content-Length", "")]),
    _lengths("Content-Length and chunks", [("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
    _lengths("gzip and chunked as transfer codings", [("Transfer-Encoding", "gzip, chunked")]),
    _lengths("an unknown transfer coding", [("Transfer-Encoding", "nobody-knows")]),
    _lengths("Content-Encoding that lies", [("Content-Encoding", "gzip"), ("Content-Length", "5")]),
    _lengths("Content-Encoding br that lies", [("Content-Encoding", "br"), ("Content-Length", "5")]),
    _lenient(
        "short Content-Length, then another call",
        {"content": BODY, "headers": {"Content-Length": "3"}},
        head(200, "OK", [("Date", DATE), ("Content-Length", "3")]) + BODY,
        calls=TWO,
        then=True,
    ),
    _lenient(
        "HTTP/1.0 in chunks",
        {"stream": [b"he", b"llo"], "http_version": "HTTP/1.0", "framing": "chunked"},
        head(200, "OK", [("Date", DATE), ("Transfer-Encoding", "chunked")], version="HTTP/1.0")
        + chunks([b"he", b"llo"]),
        End.CLOSE,
    ),
    _many(100),
    _many(101),
    _many(150),
    Case(
        "header line of 70 kB",
        (
            page(
                lambda route: route.respond(headers={"X-Long": "x" * 70_000}),
                (head(200, "OK", sized("application/json", OK_BODY, ("X-Long", "x" * 70_000))) + OK_BODY,),
            ),
        ),
    ),
    Case(
        "reason phrase of 70 kB",
        (
            page(
                lambda route: route.respond(reason="x" * 70_000),
                (head(200, "x" * 70_000, sized("application/json", OK_BODY)) + OK_BODY,),
            ),
        ),
    ),
    Case(
        "header fields of 120 kB",
        (
            page(
                lambda route: route.respond(headers=[(f"X-{number}", "x" * 30_000) for number in range(4)]),
                (
                    head(
                        200,
                        "OK",
                        sized("application/json", OK_BODY, *[(f"X-{number}", "x" * 30_000) for number in range(4)]),
                    )
                    + OK_BODY,
                ),
            ),
        ),
    ),
]
