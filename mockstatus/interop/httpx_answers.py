"""What mocks of httpx are given: responses and errors that httpx itself made of an answer. Knows httpx; no mock."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any

import httpx

from mockstatus.adapters.httpx import Transport
from mockstatus.adapters.httpx_family import BodyStream
from mockstatus.errors import UnmatchedRequest
from mockstatus.router import Router

ANY_REQUEST = httpx.Request("GET", "https://mock.local/")
_FAR = 16  # frames between a stream and the response that is read


class Answers:
    """A router's answers as httpx's own responses and errors; delays count against the client's timeouts, unslept."""

    def __init__(self, router: Router) -> None:
        self._transport = Transport(router)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The response to a request whose body was read. Raises httpx's own errors."""
        response: httpx.Response = self._transport.handle_request(request)
        stream = response.stream
        response.stream = httpx.ByteStream(b"".join(stream)) if isinstance(stream, BodyStream) else EitherStream(stream)
        return response

    def answer_or_none(self, request: httpx.Request) -> httpx.Response | None:
        """The same; None where nothing answers."""
        try:
            return self.answer(request)
        except UnmatchedRequest:
            return None


class EitherStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is there without waiting, for synchronous and asynchronous clients."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._stream:
            yield piece

    def close(self) -> None:
        """End the exchange."""
        self._stream.close()

    async def aclose(self) -> None:
        """End the exchange."""
        self._stream.close()


def request_that_is_answered() -> httpx.Request | None:
    """The request for which a mock is making a response right now: the nearest one among its variables.

    A mock that is given a finished response does not say for which request it uses it, and yet a HEAD has no body.
    """
    return _look_back(lambda frame: frame.f_locals.get("request"))


def request_that_is_read() -> httpx.Request | None:
    """The request to which the response belongs that is being read right now."""
    return _look_back(lambda frame: getattr(frame.f_locals.get("self"), "_request", None))


def _look_back(found: Callable[[FrameType], object]) -> httpx.Request | None:
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - as the logging module finds its callers
    for _ in range(_FAR):
        if frame is None:
            return None
        request = found(frame)
        if isinstance(request, httpx.Request):
            return request
        frame = frame.f_back
    return None
