"""Bodies that come in pieces: their waits, their breaks, server-sent events. Knows pieces; not how they are framed."""

from __future__ import annotations

import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from typing import Final, Literal, NamedTuple

from mockstatus.errors import InvalidReply
from mockstatus.faults import FAULTS, make_exception

StreamFault = Literal["connection_reset", "truncated_body", "stalled_body", "read_timeout", "malformed_chunk"]
STREAM_FAULTS: Final = frozenset(
    {"connection_reset", "truncated_body", "stalled_body", "read_timeout", "malformed_chunk"}
)


class Pause(NamedTuple):
    """A wait of so many seconds; it counts against the read timeout on its own."""

    seconds: float


class Break(NamedTuple):
    """The stream ends here in a fault, or in an exception that is raised as it is."""

    fault: str | BaseException


Piece = bytes | Pause | Break
Pieces = Iterator[Piece] | AsyncIterator[Piece]


class Dribble:
    """A slow body: a wait before every piece. Made by ``dribble``."""

    __slots__ = ("every", "pieces")

    def __init__(self, pieces: Sequence[Piece], every: float) -> None:
        self.pieces = tuple(pieces)
        self.every = every

    def __iter__(self) -> Iterator[Piece]:
        for piece in self.pieces:
            if self.every:
                yield Pause(self.every)
            yield piece

    def __repr__(self) -> str:
        return f"dribble({len(self.pieces)} pieces, every={self.every})"


StreamLike = (
    bytes
    | Sequence[bytes | str]
    | Iterator[bytes | str]
    | AsyncIterator[bytes | str]
    | Callable[[], Iterable[bytes | str] | AsyncIterable[bytes | str]]
    | Dribble
)


def dribble(content: bytes | bytearray | str | Sequence[bytes | str], *, every: float, chunk_size: int = 1) -> Dribble:
    """A body for ``stream=`` that arrives slowly: a wait of ``every`` seconds before each piece.

    ``content`` is cut into pieces of ``chunk_size`` bytes, or is a list of pieces already. Raises InvalidReply for a
    negative wait or an empty piece size.
    """
    check_wait("dribble", every)
    if isinstance(chunk_size, bool) or not isinstance(chunk_size, int) or chunk_size < 1:
        raise InvalidReply(f"dribble(chunk_size={chunk_size!r}): a piece has at least 1 byte")
    if isinstance(content, (bytes, bytearray, memoryview, str)):
        data = to_bytes(content)
        return Dribble([data[start : start + chunk_size] for start in range(0, len(data), chunk_size)], every)
    if not isinstance(content, Sequence):
        raise InvalidReply(f"dribble({content!r}): give bytes, text, or a list of pieces")
    return Dribble([to_bytes(piece) for piece in content], every)


def check_wait(name: str, every: object) -> None:
    """Raise InvalidReply for what is no wait."""
    if isinstance(every, bool) or not isinstance(every, (int, float)) or not 0 <= every < float("inf"):
        raise InvalidReply(f"{name}(every={every!r}): a wait is a finite number of seconds, 0 or more")


def to_bytes(piece: object) -> bytes:
    """A piece as bytes; text is UTF-8. Raises InvalidReply for anything else."""
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, str):
        return piece.encode()
    if isinstance(piece, (bytearray, memoryview)):
        return bytes(piece)
    raise InvalidReply(f"a piece of a stream is bytes or text, not {piece!r}")


class Source:
    """What a streamed body comes from; ``open`` begins it for one answer."""

    __slots__ = ("_kind", "_used", "body")

    def __init__(self, body: StreamLike) -> None:
        if isinstance(body, (bytes, bytearray, str)):
            body = [to_bytes(body)]
        elif not isinstance(body, Dribble) and not callable(body) and isinstance(body, Sequence):
            body = [to_bytes(piece) for piece in body]
        elif not (isinstance(body, (Dribble, Iterator, AsyncIterator)) or callable(body)):
            raise InvalidReply(
                f"stream={body!r}: give bytes, a list of pieces, a function that makes an iterator, or dribble(…)"
            )
        self.body = body
        self._used = False

    @property
    def length(self) -> int | None:
        """The number of bytes, where it is known beforehand."""
        if isinstance(self.body, Dribble):
            return sum(len(piece) for piece in self.body.pieces if isinstance(piece, bytes))
        return sum(map(len, self.body)) if isinstance(self.body, list) else None

    def open(self) -> Pieces:
        """The pieces of one answer. Raises InvalidReply when an iterator that serves one answer is asked for a second."""
        body = self.body
        if isinstance(body, (Dribble, list)):
            return _checked(body)
        if isinstance(body, (Iterator, AsyncIterator)):
            if self._used:
                raise InvalidReply(
                    f"stream={body!r} is an iterator, which serves one answer: give a list, or a function that makes a new one"
                )
            self._used = True
            made: object = body
        else:
            made = body()
        if isinstance(made, AsyncIterable):
            return AsyncPieces(made)
        if isinstance(made, Iterable):
            return _checked(made)
        raise InvalidReply(f"stream={body!r} made {made!r}, which is no iterator")


def _checked(pieces: Iterable[object]) -> Iterator[Piece]:
    try:
        for piece in pieces:
            yield piece if isinstance(piece, (Pause, Break)) else to_bytes(piece)
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


class AsyncPieces:
    """The checked pieces of an asynchronous stream; no generator, which an event loop would want to see finished."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: AsyncIterable[object]) -> None:
        self._pieces = aiter(pieces)

    def __aiter__(self) -> AsyncPieces:
        return self

    async def __anext__(self) -> Piece:
        piece = await anext(self._pieces)
        return piece if isinstance(piece, (Pause, Break)) else to_bytes(piece)

    async def aclose(self) -> None:
        """Close what the pieces come from, where that can be closed."""
        if isinstance(self._pieces, AsyncGenerator):
            await self._pieces.aclose()


def event_pieces(events: Iterable[object], every: float) -> Dribble:
    """Server-sent events as pieces (WHATWG HTML, Section 9.2): an event each, or a break."""
    check_wait("sse", every)
    return Dribble([_event_piece(event) for event in events], every)


def _event_piece(event: object) -> Piece:
    if isinstance(event, BaseException) or (isinstance(event, type) and issubclass(event, BaseException)):
        return Break(event if isinstance(event, BaseException) else make_exception(event))
    if isinstance(event, str) and event in STREAM_FAULTS:
        return Break(event)
    if isinstance(event, str) and event in FAULTS:
        raise InvalidReply(
            f"sse(…, {event!r}): that cannot break a stream; what can is {', '.join(sorted(STREAM_FAULTS))}"
        )
    name, data = event if isinstance(event, tuple) and len(event) == 2 else (None, event)
    if not (name is None or isinstance(name, str)) or (name and ("\n" in name or "\r" in name)):
        raise InvalidReply(f"sse(…, {event!r}): an event's name is one line of text")
    try:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidReply(f"sse(…, {event!r}): {data!r} cannot be written as JSON: {error}") from error
    lines = [] if name is None else [f"event: {name}"]
    lines += [f"data: {line}" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode()
