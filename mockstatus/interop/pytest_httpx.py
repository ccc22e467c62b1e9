"""For tests in pytest-httpx: documented responses for ``add_response``, answers in a row, and the status host."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from pytest_httpx import HTTPXMock

from mockstatus.errors import InvalidReply, InvalidRoute
from mockstatus.interop.answering import AnswerLike, StatusHost, as_reply, example_of, router_of
from mockstatus.interop.httpx_answers import ANY_REQUEST, Answers, request_that_is_answered, request_that_is_read
from mockstatus.replies import Reply

__all__ = ["as_callback", "as_response", "mount"]


def as_response(status: int | Reply = 200) -> dict[str, Any]:
    """The documented response of a status, or a reply: ``httpx_mock.add_response(**as_response(202))``.

    Each request gets it anew: a HEAD without the body, a 405 with an ``Allow`` that does not name the method, a delay
    against its read timeout. Raises InvalidReply for what no server could send, and for a fault, which is a callback.
    """
    if isinstance(status, (str, BaseException, type)):
        raise InvalidReply(f"{status!r} is no response: a fault is a callback, add_callback(as_callback({status!r}))")
    reply = as_reply(status)
    made = Made(Answers(router_of([reply])))
    return {
        "status_code": reply.status,
        "http_version": example_of(reply).http_version,
        "headers": MadeHeaders(made),
        "stream": MadeStream(made),
    }


def as_callback(*answers: AnswerLike) -> Callable[[httpx.Request], httpx.Response]:
    """Answers in a row, of which the last repeats: ``httpx_mock.add_callback(as_callback("read_timeout", 200))``.

    An answer is a status, a reply, the name of a fault (what httpx raises when it happens) or an exception. Say
    ``is_reusable=True`` for more than one call. Raises InvalidReply or InvalidRoute for anything else.
    """
    return Answers(router_of(answers)).answer


def mount(httpx_mock: HTTPXMock, host: str = "mock.local") -> None:
    """Have a virtual host answer inside a pytest-httpx mock: all of mock.local, under this name. Raises InvalidRoute."""
    if not isinstance(httpx_mock, HTTPXMock):
        raise InvalidRoute(f"mount({httpx_mock!r}): give the httpx_mock fixture")
    status_host = StatusHost(host)
    url = re.compile(rf"^https?://{re.escape(status_host.name)}(:\d+)?(/|$|\?)")
    httpx_mock.add_callback(Answers(status_host).answer_or_none, url=url, is_optional=True, is_reusable=True)


class Made:
    """The responses that were made for requests, and not yet read."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._waiting: WeakKeyDictionary[httpx.Request, httpx.Response] = WeakKeyDictionary()

    def for_any(self) -> httpx.Response:
        """The response to a GET."""
        return self._answers.answer(ANY_REQUEST)

    def begin(self, request: httpx.Request | None) -> httpx.Response:
        """A new response to a request; its body is kept for whoever reads it."""
        if request is None:
            return self.for_any()
        response = self._waiting[request] = self._answers.answer(request)
        return response

    def take(self, request: httpx.Request | None) -> httpx.Response:
        """The response that was made for a request."""
        waiting = None if request is None else self._waiting.pop(request, None)
        return self.begin(request) if waiting is None else waiting


class MadeHeaders(list[tuple[str, str]]):
    """Header fields that are another for each request; httpx reads them when a response to it is made."""

    def __init__(self, made: Made) -> None:
        super().__init__()
        self._made = made

    def __iter__(self) -> Iterator[tuple[str, str]]:
        raw = self._made.begin(request_that_is_answered()).headers.raw
        return iter([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])


class MadeStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is another for each request."""

    def __init__(self, made: Made) -> None:
        self._made = made

    def __iter__(self) -> Iterator[bytes]:
        yield from self._made.take(request_that_is_read()).stream  # type: ignore[misc] # a synchronous one

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._made.take(request_that_is_read()).stream:  # type: ignore[union-attr] # a synchronous one
            yield piece
