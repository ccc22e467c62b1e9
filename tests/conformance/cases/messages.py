"""Status lines, header fields and interim responses, usual and not; and what they mean for the next call."""

from __future__ import annotations

from collections.abc import Sequence

import mockstatus

from ..case import Call, Case
from ..documented import PHRASES, message
from ..plain_http import OK_BODY, answer, head, json_answer, sized
from ..server import End
from .common import TWO, fine, page

MANY = [(f"X-Field-{number}", str(number)) for number in range(96)]  # with type, date and length: 99


def _reason(name: str, reason: str) -> Case:
    return Case(
        f"{name} reason phrase",
        (page(lambda route: route.respond(200, reason=reason), json_answer(200, reason, OK_BODY)),),
    )


def _fields(name: str, pairs: Sequence[tuple[str, str]]) -> Case:
    return Case(name, (page(lambda route: route.respond(headers=pairs), json_answer(200, "OK", OK_BODY, *pairs)),))


LINK = ("Link", "</app.css>; rel=preload")


def _interim(name: str, given: Sequence[object], before: bytes, *calls: Call) -> Case:
    sent = answer(200, "OK", sized("application/json", OK_BODY), OK_BODY, before=before)
    return Case(name, (page(lambda route: route.respond(200, interim=given), sent),), calls or (Call(),))


def _said(code: int, *fields: tuple[str, str]) -> bytes:
    return head(code, PHRASES[code], fields)


def _closing(name: str, code: int, method: str) -> Case:
    def wire(received: object) -> tuple[bytes, End]:
        return message(code, method, [("Connection", "close")]), End.CLOSE

    return Case(
        name,
        (page(lambda route: route.respond(code, headers={"Connection": "close"}), wire),),
        (Call(method), Call(method)),
    )


def _sequence(name: str, codes: Sequence[int], *calls: Call) -> Case:
    def mock(route: mockstatus.Route) -> object:
        for code in codes:
            route = route.then(code) if code != codes[0] else route.respond(code)
        return route

    def wire(code: int, method: str) -> tuple[bytes]:
        return (message(code, method),)

    wires = [wire(code, call.method) for code, call in zip(codes, calls, strict=True)]
    return Case(name, (page(mock, *wires),), calls)


CASES = [
    _reason("empty", ""),
    _reason("unusual", "Quite all right, thank you"),
    _reason("Latin-1", "Tr\xe8s bien"),
    _reason("numeric", "200 200"),
    _fields("repeated header fields", [("X-A", "1"), ("X-B", "2"), ("X-A", "3"), ("x-a", "4")]),
    _fields("header names in odd case", [("x-lower", "1"), ("X-UPPER", "2"), ("x-MiXed", "3")]),
    _fields("empty header value", [("X-Empty", ""), ("X-Other", "1")]),
    _fields("header value in Latin-1", [("X-Name", "caf\xe9")]),
    _fields("header value with commas and quotes", [("X-List", 'a, "b, c"; d=1'), ("Link", '</2>; rel="next"')]),
    _fields("header value with tabs and colons", [("X-Odd", "a\tb: c"), ("X-Number", "007")]),
    _fields("99 header fields", MANY),
    _fields("cache fields", [("ETag", 'W/"1"'), ("Cache-Control", "max-age=60"), ("Vary", "*"), ("Age", "0")]),
    _fields("long header value", [("X-Long", "x" * 40_000)]),
    Case(
        "no date",
        (
            page(
                lambda route: route.respond(headers={"Date": None, "X-A": "1"}),
                answer(
                    200, "OK", [("Content-Type", "application/json"), ("X-A", "1"), ("Content-Length", "21")], OK_BODY
                ),
            ),
        ),
    ),
    Case(
        "only these header fields",
        (
            page(
                lambda route: route.respond(
                    content=b"abc", headers=mockstatus.exactly([("content-length", "3"), ("X-A", "1"), ("x-a", "2")])
                ),
                answer(200, "OK", [("content-length", "3"), ("X-A", "1"), ("x-a", "2")], b"abc"),
            ),
        ),
        TWO,
    ),
    Case(
        "no header fields at all",
        (
            page(
                lambda route: route.respond(content=b"abc", headers=mockstatus.exactly([])),
                (head(200, "OK", []) + b"abc", End.CLOSE),
            ),
        ),
        TWO,
    ),
    _interim("100 before the answer", [100], _said(100)),
    _interim("103 with fields of its own", [(103, {"Link": LINK[1]})], _said(103, LINK)),
    _interim("100 and 103 before the answer", [100, (103, {"Link": LINK[1]})], _said(100) + _said(103, LINK)),
    _interim(
        "103 twice before the answer",
        [103, 103],
        _said(103, LINK_OF_103 := ("Link", "</style.css>; rel=preload; as=style")) * 2,
    ),
    _interim("100 before the answer, streamed", [100], _said(100), Call(read="pieces:7")),
    _interim("103 before the answer, streamed", [103], _said(103, LINK_OF_103), Call(read="pieces:7")),
    _interim("103 before the answer, twice", [103], _said(103, LINK_OF_103), *TWO),
    _interim("102 before the answer to POST, twice", [102], _said(102), Call("POST"), Call("POST")),
    Case(
        "101 that was asked for",
        (
            page(
                lambda route: route.respond(200, interim=[101]),
                answer(
                    200,
                    "OK",
                    sized("application/json", OK_BODY),
                    OK_BODY,
                    before=_said(101, ("Upgrade", "websocket"), ("Connection", "Upgrade")),
                ),
            ),
        ),
        (Call(headers={"Upgrade": "websocket", "Connection": "Upgrade"}),),
    ),
    Case("three calls on one connection", (fine(),), (Call(), Call("POST"), Call("HEAD"))),
    Case("calls that leave the body unread", (fine(),), (Call(read="unread"), Call(read="unread"), Call())),
    Case("a call while a body is unread", (fine(),), (Call(read="held"), Call())),
    _closing("connection closed after the answer", 200, "GET"),
    _closing("connection closed after a 404", 404, "GET"),
    _closing("connection closed after a 204", 204, "GET"),
    _closing("connection closed after HEAD", 200, "HEAD"),
    Case(
        "connection said to be kept",
        (
            page(
                lambda route: route.respond(headers={"Connection": "keep-alive", "Keep-Alive": "timeout=5"}),
                json_answer(200, "OK", OK_BODY, ("Connection", "keep-alive"), ("Keep-Alive", "timeout=5")),
            ),
        ),
        TWO,
    ),
    Case(
        "HTTP/1.0 that keeps the connection",
        (
            page(
                lambda route: route.respond(http_version="HTTP/1.0", headers={"Connection": "keep-alive"}),
                answer(
                    200,
                    "OK",
                    sized("application/json", OK_BODY, ("Connection", "keep-alive")),
                    OK_BODY,
                    version="HTTP/1.0",
                ),
            ),
        ),
        TWO,
    ),
    _sequence("204, then 200", [204, 200], *TWO),
    _sequence("304, then 200", [304, 200], *TWO),
    _sequence("205, then 200", [205, 200], *TWO),
    _sequence("404 to HEAD, then 200", [404, 200], Call("HEAD"), Call()),
    _sequence("201, 409, 410", [201, 409, 410], Call("POST"), Call("POST"), Call()),
    Case(
        "a date of one's own",
        (
            page(
                lambda route: route.respond(headers={"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}),
                answer(
                    200,
                    "OK",
                    [
                        ("Content-Type", "application/json"),
                        ("Date", "Mon, 01 Jan 2024 00:00:00 GMT"),
                        ("Content-Length", "21"),
                    ],
                    OK_BODY,
                ),
            ),
        ),
    ),
]
