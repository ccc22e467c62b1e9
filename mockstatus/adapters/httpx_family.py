"""What httpx and httpx2 share: their requests coming in, outcomes going out as their own responses and errors.

Knows the public classes of both; must not know routers, nor when a call is intercepted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from mockstatus.adapters.httpcore_lines import Lines
from mockstatus.errors import UnmatchedRequest
from mockstatus.messages import Response
from mockstatus.urls import DEFAULT_PORTS, TargetURI, canonical_host, target_uri

_MOST_KNOWN: Final = 1024  # URLs
READ_SIZE: Final = 65_536  # what httpcore reads at once


class Family:
    """One of the two clients: its modules, and the classes that are made on theirs."""

    def __init__(self, client: Any, core: Any) -> None:
        self.client = client
        self.core = core
        self.name: str = client.__name__
        self.lines = Lines(core)
        self.idle = self.lines.idle
        self.async_idle = self.lines.async_idle
        self._uris: dict[Any, TargetURI] = {}
        self._response = client.Response
        self._headers = client.Headers
        self.byte_stream = client.ByteStream
        bases = client.SyncByteStream, client.AsyncByteStream
        self._piece: Any = type("PieceStream", (PieceStream, client.ByteStream), {})
        self._pieces: Any = type("BodyStream", (BodyStream, *bases), {})
        self.played: Any = type("ResponseStream", (PlayedStream, bases[0]), {"family": self})
        self.async_played: Any = type("AsyncResponseStream", (AsyncPlayedStream, bases[1]), {"family": self})

    # --- incoming -----------------------------------------------------------------------------------------------------

    def uri(self, url: Any) -> TargetURI | None:
        """Where a request is going; None where that is no origin of HTTP."""
        key = getattr(url, "_uri_reference", url)  # its own hash is that of its text, which is made anew each time
        found = self._uris.get(key)
        if found is None:
            scheme = url.scheme
            if scheme not in DEFAULT_PORTS:
                return None
            port = DEFAULT_PORTS[scheme] if url.port is None else url.port
            host = canonical_host(url.raw_host.decode("ascii"))
            if len(self._uris) > _MOST_KNOWN:
                self._uris.clear()
            found = self._uris[key] = target_uri(scheme, host, port, url.raw_path.decode("ascii"))
        return found

    def refusal(self, request: Any) -> UnmatchedRequest | None:
        """Why this is nothing that can be answered; None for an ordinary request."""
        if request.url.scheme in ("ws", "wss"):
            return UnmatchedRequest(
                f"{request.method} {request.url}: WebSockets are not mocked; give the client a transport of its own for them"
            )
        if request.method == "CONNECT":
            return UnmatchedRequest(
                f"CONNECT {request.url}: tunnels are not mocked; a request through a proxy is matched by where it is going"
            )
        return None

    # --- outgoing -----------------------------------------------------------------------------------------------------

    def plain(self, response: Response, stream: Any) -> Any:
        """A plain answer as the client's own response."""
        shape = response.shape
        if shape is None or shape[0] is not self:
            headers = self._headers(response.head.raw_pairs(response.date))
            shape = response.shape = (self, headers, self._body(response.content))
        head = response.head
        return self._response(
            head.status,
            headers=shape[1],
            stream=shape[2],
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": head.raw_reason, "network_stream": stream},
        )

    def _body(self, content: bytes) -> Any:
        return self._piece(content) if 0 < len(content) <= READ_SIZE else self._pieces(content)

    def from_core(self, response: Any, stream: Any) -> Any:
        """A response of httpcore as the client's own, with a stream around its body."""
        return self._response(response.status, headers=response.headers, stream=stream, extensions=response.extensions)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn httpcore's errors into the client's of the same name."""
        try:
            yield
        except Exception as error:
            kind = type(error)
            wanted = (
                getattr(self.client, kind.__name__, None) if getattr(self.core, kind.__name__, None) is kind else None
            )
            if wanted is None:
                raise
            raise wanted(str(error)) from error


# --- bodies -----------------------------------------------------------------------------------------------------------
#
# None of the asynchronous ones is a generator of ours: an event loop complains of a generator that is left unfinished, as
# when a caller reads half a body, and would name mockstatus.


class PieceStream:
    """A body that a client would receive in one piece, on the client's own stream of bytes; it can be read any number of times."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)  # type: ignore[call-arg] # the client's
        self._piece = (content,)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._piece)


class BodyStream:
    """A body in the pieces in which a client on a real wire would receive it; it can be read any number of times."""

    def __init__(self, content: bytes) -> None:
        self._pieces = tuple(content[start : start + READ_SIZE] for start in range(0, len(content), READ_SIZE))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncPieces(iter(self._pieces))


class _AsyncPieces:
    """Pieces that are there already, for whoever awaits them."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


class PlayedStream:
    """The body of a played response, with httpcore's errors turned into the client's; the pool is its own."""

    family: Family

    def __init__(self, stream: Any, pool: Any = None) -> None:
        self._stream = stream
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        with self.family.errors():
            yield from self._stream

    def close(self) -> None:
        """End the exchange, and the connection on which it was played."""
        self._stream.close()
        if self._pool is not None:
            self._pool.close()


class AsyncPlayedStream:
    """The same, read asynchronously."""

    family: Family

    def __init__(self, stream: Any, pool: Any = None) -> None:
        self._stream = stream
        self._pool = pool
        self._parts: AsyncIterator[bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._parts = aiter(self._stream)
        return self

    async def __anext__(self) -> bytes:
        assert self._parts is not None
        with self.family.errors():
            return await anext(self._parts)

    async def aclose(self) -> None:
        """End the exchange, and the connection on which it was played."""
        await self._stream.aclose()
        if self._pool is not None:
            await self._pool.aclose()
