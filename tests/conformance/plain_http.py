"""Writes HTTP/1.1 messages the plain way: status line, fields, body. Made for the real server alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .server import Received, Step

DATE = "Sun, 22 Nov 2026 10:15:30 GMT"  # of every answer that is not sent later than another
Fields = Sequence[tuple[str, str]]


def head(status: int, reason: str, fields: Fields, *, version: str = "HTTP/1.1") -> bytes:
    """A status line with the space that the grammar demands, then the fields and a blank line."""
    lines = [f"{version} {status} {reason}", *(f"{name}: {value}" for name, value in fields)]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"


def sized(kind: str | None, body: bytes, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The fields of a body with its length, in the order of the reference pages: type, date, others, length."""
    kinds = [] if kind is None else [("Content-Type", kind)]
    return [*kinds, ("Date", DATE), *more, ("Content-Length", str(len(body)))]


def coded(kind: str | None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The fields of a body in chunks."""
    kinds = [] if kind is None else [("Content-Type", kind)]
    return [*kinds, ("Date", DATE), *more, ("Transfer-Encoding", "chunked")]


def chunk(piece: bytes) -> bytes:
    """One chunk."""
    return f"{len(piece):x}".encode() + b"\r\n" + piece + b"\r\n"


def chunks(pieces: Iterable[bytes]) -> bytes:
    """Chunks, and the last one."""
    return b"".join(map(chunk, pieces)) + b"0\r\n\r\n"


def answer(
    status: int, reason: str, fields: Fields, body: bytes = b"", *, before: bytes = b"", version: str = "HTTP/1.1"
) -> Callable[[Received], Sequence[Step]]:
    """A whole answer, to HEAD without its body; ``before`` goes first."""

    def steps(received: Received) -> Sequence[Step]:
        sent = before + head(status, reason, fields, version=version)
        return (sent if received.method == "HEAD" else sent + body,)

    return steps


def json_answer(status: int, reason: str, body: bytes, *more: tuple[str, str]) -> Callable[[Received], Sequence[Step]]:
    """An answer with a JSON body that is written out."""
    return answer(status, reason, sized("application/json", body, *more), body)


OK_BODY = b'{"status": "success"}'
OK = json_answer(200, "OK", OK_BODY)  # the documented 200
