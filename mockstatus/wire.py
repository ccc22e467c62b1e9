"""What an outcome looks like on the wire: bytes, waits and endings, in order. Knows HTTP/1.1 framing; not who reads it.

An asynchronous stream makes the script asynchronous; everything else about the two is the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Final, Literal, NamedTuple

from mockstatus.errors import InvalidReply
from mockstatus.faults import FAULTS
from mockstatus.messages import Failure, Head, Response, sent
from mockstatus.streams import AsyncPieces, Break, Pause, Piece, Pieces

Ending = Literal["close", "reset", "stall"]


class End(NamedTuple):
    """The connection ends here: closed, reset, or open and silent for ever; or an exception is raised as it is."""

    how: Ending | BaseException


Event = bytes | Pause | End
_CLOSE: Final = End("close")
_RESET: Final = End("reset")
_STALL: Final = End("stall")
_NO_STATUS_LINE: Final = b"this is not HTTP\r\n\r\n"
_NO_CHUNK_SIZE: Final = b"this is no chunk size\r\n"
_STREAM_ENDS: Final[dict[str, Ending]] = {
    "connection_reset": "reset",
    "truncated_body": "close",
    "malformed_chunk": "close",
    "stalled_body": "stall",
    "read_timeout": "stall",
}


def phase_of(outcome: Response | Failure) -> str:
    """When the outcome first differs from an answer: ``pool``, ``connect``, ``send``, or ``wait`` for all that follows."""
    if isinstance(outcome, Failure) and isinstance(outcome.fault, str):
        phase = FAULTS[outcome.fault].phase
        return "wait" if phase == "body" else phase
    return "wait"


def head_bytes(head: Head, date: str) -> bytes:
    """Status line and header section (RFC 9112, Sections 4 and 5)."""
    status = f"{head.http_version} {head.status} {head.reason}".encode("latin-1")
    lines = [status, *(name + b": " + value for name, value in head.raw_pairs(date)), b"", b""]
    return b"\r\n".join(lines)


def script(outcome: Response | Failure) -> Generator[Event]:
    """What a client reads after it has sent its request. Closing it closes the stream of the user's."""
    writer = Writer(outcome)
    pieces = () if writer.response is None else writer.response.pieces()
    if isinstance(pieces, AsyncIterator):
        raise InvalidReply("stream= is asynchronous, and the client was called synchronously: give a plain iterator")
    yield from writer.start()
    if writer.response is None:
        return
    try:
        for piece in pieces:
            yield from writer.piece(piece)
            if writer.ended:
                return
        yield from writer.finish()
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


class AsyncScript:
    """What an asynchronous client reads after it has sent its request.

    No generator: one that is left unfinished, as when a caller reads half a body, would be an event loop's to complain of.
    """

    __slots__ = ("_ended", "_events", "_pieces", "_writer")

    def __init__(self, outcome: Response | Failure) -> None:
        self._writer = Writer(outcome)
        self._events = self._writer.start()
        self._pieces: Pieces | None = None  # opened when the first is wanted
        self._ended = False

    def __aiter__(self) -> AsyncScript:
        return self

    async def __anext__(self) -> Event:
        while True:
            event = next(self._events, None)
            if event is not None:
                return event
            if self._ended or self._writer.ended or self._writer.response is None:
                raise StopAsyncIteration
            self._events = await self._go_on(self._writer.response)

    async def _go_on(self, response: Response) -> Iterator[Event]:
        """The events of the next piece, or of the end."""
        if self._pieces is None:
            self._pieces = response.pieces()
        pieces = self._pieces
        piece = await anext(pieces, None) if isinstance(pieces, AsyncIterator) else next(pieces, None)
        if piece is not None:
            return self._writer.piece(piece)
        self._ended = True
        return self._writer.finish()

    async def aclose(self) -> None:
        """End it before its end: an asynchronous stream of the user's is closed."""
        self._ended = True
        if isinstance(self._pieces, AsyncPieces):
            await self._pieces.aclose()


class Writer:
    """Puts one answer on the wire, piece by piece, and breaks it off where a fault says so."""

    __slots__ = ("_fault", "_left", "_outcome", "ended", "response")

    def __init__(self, failing: Response | Failure) -> None:
        outcome = sent(failing)
        self._outcome = outcome
        self.ended = False
        if isinstance(outcome, Failure):
            self.response = outcome.reply
            self._fault: str | BaseException | None = outcome.fault
            self._left: int | None = outcome.after
            if self.response is not None:
                self.response.sent = []
        else:
            self.response = outcome
            self._fault = None
            self._left = None  # bytes of content until the fault

    def start(self) -> Iterator[Event]:
        """Everything before the content."""
        outcome = self._outcome
        response = self.response
        delay = outcome.delay or (0.0 if response is None else response.delay)
        if delay:
            yield Pause(delay)
        if response is None:
            yield from _without_answer(self._fault)
            return
        head = b"".join(head_bytes(interim, response.date) for interim in response.interim)
        yield head + head_bytes(response.head, response.date)
        if self._left == 0:
            yield from self._break(self._fault)

    def piece(self, piece: Piece) -> Iterator[Event]:
        """One piece of content, framed."""
        assert self.response is not None
        if self.ended:
            return
        if isinstance(piece, Pause):
            yield piece
            return
        if isinstance(piece, Break):
            yield from self._break(piece.fault)
            return
        if self._left is not None:
            piece = piece[: self._left]
            self._left -= len(piece)
        if piece:
            if self.response.sent is not None:
                self.response.sent.append(piece)
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if self.response.framing == "chunked" else piece
        if self._left == 0:
            yield from self._break(self._fault)

    def finish(self) -> Iterator[Event]:
        """Everything after the content."""
        assert self.response is not None
        if self._fault is not None:
            yield from self._break(self._fault)
        elif self.response.framing == "chunked":
            yield b"0\r\n\r\n"
        if self.response.framing == "close" or self.response.http_version == "HTTP/1.0":
            yield _CLOSE

    def _break(self, fault: str | BaseException | None) -> Iterator[Event]:
        self.ended = True
        if isinstance(fault, BaseException):
            yield End(fault)
            return
        if fault == "malformed_chunk":
            yield _NO_CHUNK_SIZE
        yield End(_STREAM_ENDS[fault or "truncated_body"])


def _without_answer(fault: str | BaseException | None) -> Iterator[Event]:
    if isinstance(fault, BaseException):
        yield End(fault)
    elif fault == "read_timeout":
        yield _STALL
    elif fault == "connection_reset":
        yield _RESET
    elif fault == "malformed_response":
        yield _NO_STATUS_LINE
        yield _CLOSE
    elif fault == "empty_response":
        yield _CLOSE
    else:
        raise InvalidReply(f"{fault!r} happens before anything is read")
