"""Bodies: read in every way, encoded, in chunks, until the connection closes, large, empty, and in other charsets."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence

import brotli
import zstandard

import mockstatus

from ..case import Call, Case
from ..plain_http import DATE, answer, chunks, sized
from ..server import End
from .common import KIND, PLAIN, TEXT, page, sliced

READS = (
    "whole",
    "pieces",
    "pieces:1",
    "pieces:7",
    "pieces:1000",
    "raw",
    "raw:7",
    "text",
    "lines",
    "twice",
    "unread",
    "first:7",
)
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
    "nobody-knows": bytes,
    "deflate, gzip": lambda body: gzip.compress(zlib.compress(body), mtime=0),
}
LONG = b"".join(b"line %05d of a long text\n" % number for number in range(8_000))  # 200 kB
PIECES = [b"the first ", b"and the second", b"\n", b"then \xc3", b"\xa9 cut in two"]


def _encoded(coding: str, read: str) -> Case:
    body = ENCODERS[coding](TEXT)
    return Case(
        f"{coding} body, {read}",
        (
            page(
                lambda route: route.respond(content=TEXT, headers=[PLAIN, ("Content-Encoding", coding)]),
                answer(
                    200,
                    "OK",
                    [("Date", DATE), PLAIN, ("Content-Encoding", coding), ("Content-Length", str(len(body)))],
                    body,
                ),
            ),
        ),
        (Call(read=read),),
    )


def _plain(read: str) -> Case:
    sent = answer(200, "OK", sized(KIND, TEXT), TEXT)
    return Case(f"text, {read}", (page(lambda route: route.respond(text=TEXT.decode()), sent),), (Call(read=read),))


def _chunked(read: str, pieces: Sequence[bytes] = PIECES, name: str = "chunked body") -> Case:
    sent = answer(200, "OK", [("Date", DATE), PLAIN, ("Transfer-Encoding", "chunked")], chunks(pieces))
    return Case(
        f"{name}, {read}",
        (page(lambda route: route.respond(stream=pieces, headers=[PLAIN]), sent),),
        (Call(read=read),),
    )


def _close(read: str) -> Case:
    sent = answer(200, "OK", [("Content-Type", KIND), ("Date", DATE), ("Connection", "close")], TEXT)
    return Case(
        f"body until the connection closes, {read}",
        (
            page(
                lambda route: route.respond(text=TEXT.decode(), framing="close"),
                lambda received: (*sent(received), End.CLOSE),
            ),
        ),
        (Call(read=read), Call()),
    )


def _old(read: str, framing: str) -> Case:
    fields = [("Content-Type", KIND), ("Date", DATE)]
    fields += [("Content-Length", str(len(TEXT)))] if framing == "length" else []
    sent = answer(200, "OK", fields, TEXT, version="HTTP/1.0")
    return Case(
        f"HTTP/1.0, {framing}, {read}",
        (
            page(
                lambda route: route.respond(text=TEXT.decode(), http_version="HTTP/1.0", framing=framing),
                lambda received: (*sent(received), End.CLOSE),
            ),
        ),
        (Call(read=read), Call()),
    )


def _large(read: str, coding: str | None) -> Case:
    body = LONG if coding is None else ENCODERS[coding](LONG)
    codings = [] if coding is None else [("Content-Encoding", coding)]
    fields = [("Date", DATE), PLAIN, *codings, ("Content-Length", str(len(body)))]
    return Case(
        f"200 kB, {coding}, {read}",
        (page(lambda route: route.respond(content=LONG, headers=[PLAIN, *codings]), answer(200, "OK", fields, body)),),
        (Call(read=read),),
    )


def _charset(kind: str, body: bytes) -> Case:
    sent = answer(200, "OK", [("Date", DATE), ("Content-Type", kind), ("Content-Length", str(len(body)))], body)
    return Case(
        f"content of type {kind!r}, {body!r}",
        (page(lambda route: route.respond(content=body, headers={"Content-Type": kind}), sent),),
    )


EVENTS = (b"data: tick\n\n", b'event: done\ndata: {"ok": true}\n\n')
STREAM = ("Content-Type", "text/event-stream")


def _events(read: str) -> Case:
    fields = [("Date", DATE), STREAM, ("Cache-Control", "no-store"), ("Transfer-Encoding", "chunked")]
    return Case(
        f"server-sent events, {read}",
        (
            page(
                lambda route: route.respond(mockstatus.sse("tick", ("done", {"ok": True}))),
                answer(200, "OK", fields, chunks(EVENTS)),
            ),
        ),
        (Call(read=read),),
    )


def _gzip_in_chunks(read: str) -> Case:
    pieces = sliced(gzip.compress(LONG[:4_000], mtime=0), 100)
    codings = [PLAIN, ("Content-Encoding", "gzip")]
    fields = [("Date", DATE), *codings, ("Transfer-Encoding", "chunked")]
    return Case(
        f"gzip in chunks, {read}",
        (page(lambda route: route.respond(stream=pieces, headers=codings), answer(200, "OK", fields, chunks(pieces))),),
        (Call(read=read),),
    )


def _sized_stream(read: str) -> Case:
    body = b"".join(PIECES)
    fields = [("Date", DATE), PLAIN, ("Content-Length", str(len(body)))]
    return Case(
        f"stream with a length, {read}",
        (
            page(
                lambda route: route.respond(stream=PIECES, headers=[PLAIN, ("Content-Length", str(len(body)))]),
                answer(200, "OK", fields, body),
            ),
        ),
        (Call(read=read),),
    )


CASES = [
    *map(_plain, READS),
    *(_encoded(coding, read) for coding in ENCODERS for read in ("whole", "pieces")),
    *(_encoded(coding, "raw") for coding in ("gzip", "br")),
    *(_encoded("gzip", read) for read in ("pieces:1", "pieces:7", "raw:7", "text", "lines", "twice", "unread")),
    *map(_chunked, READS),
    _chunked("whole", [], "empty body in chunks"),
    _chunked("pieces", [], "empty body in chunks"),
    *(_close(read) for read in ("whole", "pieces", "pieces:7", "raw:7", "lines", "unread")),
    *(_old(read, framing) for framing in ("length", "close") for read in ("whole", "pieces", "raw:7")),
    *(_large(read, coding) for coding in (None, "gzip") for read in ("whole", "joined", "pieces:1000", "lines")),
    *(_chunked(read, sliced(LONG, 5_000), "200 kB in chunks") for read in ("whole", "joined", "pieces:1000")),
    *map(_gzip_in_chunks, ("whole", "pieces:7", "raw:7", "text", "lines")),
    *map(_events, ("whole", "pieces", "lines", "text")),
    *map(_sized_stream, ("whole", "joined", "pieces:7")),
    _charset("text/plain; charset=iso-8859-1", "naïve".encode("latin-1")),
    _charset("text/html; charset=nobody-knows", "naïve".encode()),
    _charset("text/plain", "naïve".encode()),
    _charset("application/json", '{"name": "naïve"}'.encode("utf-16")),
    _charset("application/json; charset=utf-8", b'\xef\xbb\xbf{"name": 1}'),
    _charset("application/json", b"{broken"),
    _charset("", b"\x00\xff\xfe"),
    _charset("text/html", b""),
    Case(
        "content for HEAD with its length",
        (
            page(
                lambda route: route.respond(content=LONG, headers=[PLAIN]),
                answer(200, "OK", [("Date", DATE), PLAIN, ("Content-Length", str(len(LONG)))], LONG),
            ),
        ),
        (Call("HEAD"), Call("HEAD", read="pieces"), Call()),
    ),
    Case(
        "chunked content for HEAD",
        (
            page(
                lambda route: route.respond(stream=PIECES, headers=[PLAIN]),
                answer(200, "OK", [("Date", DATE), PLAIN, ("Transfer-Encoding", "chunked")], chunks(PIECES)),
            ),
        ),
        (Call("HEAD"), Call()),
    ),
    Case(
        "gzip content for HEAD",
        (
            page(
                lambda route: route.respond(content=TEXT, headers=[PLAIN, ("Content-Encoding", "gzip")]),
                answer(
                    200,
                    "OK",
                    [
                        ("Date", DATE),
                        PLAIN,
                        ("Content-Encoding", "gzip"),
                        ("Content-Length", str(len(ENCODERS["gzip"](TEXT)))),
                    ],
                    ENCODERS["gzip"](TEXT),
                ),
            ),
        ),
        (Call("HEAD"), Call()),
    ),
    Case(
        "empty gzip content",
        (
            page(
                lambda route: route.respond(content=b"", headers=[("Content-Encoding", "gzip")]),
                answer(200, "OK", [("Date", DATE), ("Content-Encoding", "gzip"), ("Content-Length", "0")]),
            ),
        ),
    ),
]
