"""Everything that can break: each fault as a real server or network does it, whole and streamed, once and for ever."""

from __future__ import annotations

import gzip
from typing import Any

import mockstatus
from mockstatus import Route

from ..case import ONCE, URLLIB3, Call, Case, Setup
from ..plain_http import DATE, OK, OK_BODY, answer, chunk, coded, head, sized
from ..server import End, Step, Wait
from .common import CHUNKED_OF_STREAM, DIGITS, KIND, PIECES, POST, READ, TWO, fine, page, situation
from .redirects import moved, redirect

NOT_HTTP = b"this is not HTTP\r\n\r\n"
SETTLED = Wait(0.1)  # until the client has read what came before the end


def _simple(fault: str, *steps: Step) -> list[Case]:
    """A fault without a reply: to GET, to POST, without retries, and once, after which all is well."""
    stalls = steps == (End.STALL,)
    setup: dict[str, Any] = {"timeout": READ} if stalls else {}
    bounded = Call(timeout=READ) if stalls else Call()

    def always(route: Route) -> Route:
        return route.fail(fault)

    def once(route: Route) -> Route:
        return route.fail(fault).then(200)

    return [
        situation(f"{fault} of GET", always, steps, clients=ONCE, **setup),
        situation(f"{fault} of GET without retries", always, steps, clients=("urllib3",), retries=False, **setup),
        situation(
            f"{fault} of GET for ever, with retries", always, steps, clients=URLLIB3, retries={"total": 1}, **setup
        ),
        situation(f"{fault} of POST", always, steps, calls=[POST], **setup),
        situation(f"{fault} of HEAD, streamed", always, steps, calls=[Call("HEAD", read="pieces")], **setup),
        situation(f"{fault} once, then fine", once, steps, OK, calls=[bounded, Call()]),
        situation(
            f"fine once, then {fault}",
            lambda route: route.respond(200).then_fail(fault),
            OK,
            steps,
            calls=[Call(), bounded],
        ),
    ]


# --- faults that break off a reply ------------------------------------------------------------------------------------

SIZED = head(200, "OK", sized(KIND, DIGITS))
CHUNKED = head(200, "OK", coded(KIND))
READS = ("whole", "pieces", "pieces:7", "raw:7", "lines", "twice")


def _text() -> mockstatus.Reply:
    return mockstatus.reply(text=DIGITS.decode())


def _stream() -> mockstatus.Reply:
    return mockstatus.reply(stream=PIECES, headers=[("Content-Type", KIND)])


ENDS = {
    "truncated_body": (End.CLOSE,),
    "connection_reset": (SETTLED, End.RESET),
    "stalled_body": (End.STALL,),
    "malformed_chunk": (b"this is no chunk size\r\n", End.CLOSE),
}


def _broken(fault: str, after: int, read: Any, *, chunked: bool) -> Case:
    """A reply that breaks off after so many bytes of its body."""
    if chunked:
        sent = CHUNKED_OF_STREAM + b"".join(map(chunk, _until(after)))
    else:
        sent = SIZED + DIGITS[:after]
    framing = "chunks" if chunked else "a length"
    return situation(
        f"{fault} after {after} bytes with {framing}, {read}",
        lambda route: route.fail(fault, after=after, reply=_stream() if chunked else _text()),
        (sent, *ENDS[fault]),
        calls=[Call(read=read)],
        timeout=READ if fault == "stalled_body" else 5.0,
    )


def _until(after: int) -> list[bytes]:
    found = []
    for piece in PIECES:
        found.append(piece[:after])
        after -= len(found[-1])
    return [piece for piece in found if piece]


def _default(fault: str) -> Case:
    """A fault that breaks off the documented 200."""
    if fault == "malformed_chunk":
        start = head(200, "OK", coded("application/json"))
    else:
        start = head(200, "OK", sized("application/json", OK_BODY))
    return situation(
        f"{fault} of the documented 200",
        lambda route: route.fail(fault),
        (start, *ENDS[fault]),
        timeout=READ if fault == "stalled_body" else 5.0,
    )


BROKEN = [
    *(
        _broken(fault, after, read, chunked=chunked)
        for fault in ENDS
        for chunked in (False, True)
        if chunked or fault != "malformed_chunk"
        for after, reads in (
            (15, READS if fault != "stalled_body" else ("whole", "pieces", "raw:7")),
            (0, ("whole", "pieces")),
        )
        for read in reads
        if not (fault == "connection_reset" and after == 0)
    ),
    *(_default(fault) for fault in ("truncated_body", "stalled_body", "malformed_chunk")),
    situation(
        "malformed_chunk of a reply that has a length",
        lambda route: route.fail("malformed_chunk", after=10, reply=_text()),
        (CHUNKED + chunk(DIGITS[:10]), *ENDS["malformed_chunk"]),
    ),
    situation(
        "truncated body once, then fine",
        lambda route: route.fail("truncated_body", after=15, reply=_text()).then(200),
        (SIZED + DIGITS[:15], End.CLOSE),
        OK,
        calls=TWO,
    ),
]


def _gzip_case(read: Any) -> Case:
    packed = gzip.compress(DIGITS * 9, mtime=0)
    fields = [("Date", DATE), ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]
    return situation(
        f"truncated gzip body, {read}",
        lambda route: route.fail(
            "truncated_body", after=20, reply=mockstatus.reply(content=DIGITS * 9, headers={"Content-Encoding": "gzip"})
        ),
        (head(200, "OK", fields) + packed[:20], End.CLOSE),
        calls=[Call(read=read)],
    )


def _events(fault: str, read: Any) -> Case:
    """Server-sent events with a fault among them."""
    fields = [("Date", DATE), ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]
    start = head(200, "OK", [*fields, ("Transfer-Encoding", "chunked")])
    return situation(
        f"{fault} among server-sent events, {read}",
        lambda route: route.respond(mockstatus.sse("one", "two", fault, "three")),
        (start + chunk(b"data: one\n\n") + chunk(b"data: two\n\n"), *ENDS[fault]),
        calls=[Call(read=read)],
        timeout=READ if fault == "stalled_body" else 5.0,
    )


def _cut(name: str, reply: mockstatus.Reply, sent: bytes, *calls: Call) -> Case:
    """A reply of some special kind, of which the connection closes after 15 bytes."""
    return situation(
        f"truncated {name}",
        lambda route: route.fail("truncated_body", after=15, reply=reply).then(200),
        (sent + DIGITS[:15], End.CLOSE),
        OK,
        calls=calls or (Call(read="pieces:7"), Call()),
    )


BOUNDLESS = [("Content-Type", KIND), ("Date", DATE)]
SPECIAL = [
    *(_events(fault, read) for fault in ENDS for read in ("pieces", "lines")),
    _cut("404", mockstatus.reply(404, text=DIGITS.decode()), head(404, "Not Found", sized(KIND, DIGITS))),
    _cut(
        "body until the connection closes",
        mockstatus.reply(text=DIGITS.decode(), framing="close"),
        head(200, "OK", [*BOUNDLESS, ("Connection", "close")]),
    ),
    _cut(
        "HTTP/1.0",
        mockstatus.reply(text=DIGITS.decode(), http_version="HTTP/1.0"),
        head(200, "OK", [*BOUNDLESS, ("Content-Length", str(len(DIGITS)))], version="HTTP/1.0"),
    ),
    _cut(
        "answer after 100",
        mockstatus.reply(text=DIGITS.decode(), interim=[100]),
        head(100, "Continue", []) + SIZED,
    ),
    _cut(
        "answer with a cookie",
        mockstatus.reply(text=DIGITS.decode(), cookies={"a": "1"}),
        head(200, "OK", sized(KIND, DIGITS, ("Set-Cookie", "a=1; Path=/"))),
    ),
    Case(
        "redirect to a page that is reset",
        (redirect(302, "/there"), page(lambda route: route.fail("connection_reset"), (End.RESET,), path="/there")),
        (Call(follow=True),),
        Setup(retries=0),
    ),
    Case(
        "reset, then a redirect",
        (
            page(
                lambda route: route.fail("connection_reset").then(302, headers={"Location": "/there"}),
                (End.RESET,),
                moved(302, "/there"),
            ),
            fine("/there"),
        ),
        (Call(follow=True), Call(follow=True)),
    ),
]


def _bad_encoding(read: Any) -> Case:
    fields = [("Date", DATE), ("Content-Encoding", "gzip"), ("Content-Length", str(len(OK_BODY)))]
    return situation(
        f"bad encoding, {read}",
        lambda route: route.fail("bad_encoding"),
        answer(200, "OK", fields, OK_BODY),
        calls=[Call(read=read), Call("HEAD")],
        retries=0,
    )


CASES = [
    *_simple("connection_reset", End.RESET),
    *_simple("empty_response", End.CLOSE),
    *_simple("malformed_response", NOT_HTTP, End.CLOSE),
    *_simple("read_timeout", End.STALL),
    *BROKEN,
    *map(_gzip_case, ("whole", "pieces")),
    *SPECIAL,
    *map(_bad_encoding, ("whole", "pieces", "raw", "unread")),
]
