"""For tests in respx: documented responses for its routes, answers in a row, and the status host inside its router."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import respx

from mockstatus.errors import InvalidReply, InvalidRoute
from mockstatus.interop.answering import AnswerLike, StatusHost, as_reply, example_of, router_of
from mockstatus.interop.httpx_answers import Answers
from mockstatus.replies import Reply

__all__ = ["as_response", "as_side_effect", "mount"]


def as_response(status: int | Reply = 200) -> httpx.Response:
    """The documented response of a status, or a reply: ``respx.get(url).mock(return_value=as_response(202))``.

    Each request gets it anew: a HEAD without the body, a 405 with an ``Allow`` that does not name the method, a delay
    against its read timeout. Raises InvalidReply for what no server could send, and for a fault, which is a side effect.
    """
    if isinstance(status, (str, BaseException, type)):
        raise InvalidReply(
            f"{status!r} is no response: a fault is a side effect, side_effect=as_side_effect({status!r})"
        )
    return DocumentedResponse(as_reply(status))


def as_side_effect(*answers: AnswerLike) -> Callable[..., httpx.Response]:
    """Answers in a row, of which the last repeats: ``respx.get(url).mock(side_effect=as_side_effect(503, 503, 200))``.

    An answer is a status, a reply, the name of a fault (what httpx raises when it happens) or an exception. Raises
    InvalidReply or InvalidRoute for anything else.
    """
    made = Answers(router_of(answers))

    def side_effect(request: httpx.Request, **_: Any) -> httpx.Response:  # the groups of the URL's pattern
        response = made.answer(request)
        response.request = request
        return response

    return side_effect


def mount(respx_mock: respx.Router, host: str = "mock.local") -> respx.Route:
    """Have a virtual host answer inside a respx router: all of mock.local, under this name.

    Of several routes that fit the first one answers, as ever in respx. It need not be called. Raises InvalidRoute.
    """
    if not isinstance(respx_mock, respx.Router):
        raise InvalidRoute(f"mount({respx_mock!r}): give a respx router, such as respx.mock or the respx_mock fixture")
    status_host = StatusHost(host)
    made = Answers(status_host)

    def side_effect(request: httpx.Request) -> httpx.Response | None:
        response = made.answer_or_none(request)
        if response is not None:
            response.request = request
        return response

    route = StatusHostRoute(host=status_host.name)
    route.side_effect = side_effect
    return respx_mock.routes.add(route)


class DocumentedResponse(httpx.Response):
    """A response that is another for each request: respx copies what a route returns, and the copy is the answer."""

    def __init__(self, reply: Reply) -> None:
        self._answers = Answers(router_of([reply]))
        self._copies: WeakKeyDictionary[httpx.Request, httpx.Response] = WeakKeyDictionary()
        self._own: dict[str, Any] = {}
        example = example_of(reply)
        super().__init__(
            example.status, headers=example.headers.multi_items(), stream=httpx.ByteStream(example.content)
        )
        self.read()

    def _part(self, name: str) -> Any:
        frame = sys._getframe(2)  # noqa: SLF001 - respx says nowhere else for which request it copies
        request = frame.f_locals.get("request")
        if not isinstance(request, httpx.Request) or not frame.f_globals["__name__"].startswith("respx."):
            return self._own[name]
        if name == "headers":  # the first that is read
            self._copies[request] = self._answers.answer(request)
        return getattr(self._copies[request], name)

    @property
    def headers(self) -> httpx.Headers:
        """Its header fields."""
        headers: httpx.Headers = self._part("headers")
        return headers

    @headers.setter
    def headers(self, value: httpx.Headers) -> None:
        self._own["headers"] = value

    @property
    def stream(self) -> Any:
        """Its body."""
        return self._part("stream")

    @stream.setter
    def stream(self, value: Any) -> None:
        self._own["stream"] = value

    @property
    def extensions(self) -> dict[str, Any]:
        """What else is known of it."""
        extensions: dict[str, Any] = self._part("extensions")
        return extensions

    @extensions.setter
    def extensions(self, value: dict[str, Any]) -> None:
        self._own["extensions"] = value


class StatusHostRoute(respx.Route):
    """A virtual host as a route of respx; ``calls`` and ``call_count`` say what was asked of it."""

    @property
    def called(self) -> bool:
        """True, so that ``assert_all_called`` lets it be: a host is there to be asked, or not."""
        return True
