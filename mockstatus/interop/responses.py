"""For tests in responses: documented responses, answers in a row for callbacks, and the status host inside a mock."""

from __future__ import annotations

import inspect
import io
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import responses

from mockstatus.errors import InvalidRoute
from mockstatus.interop.answering import AnswerLike, StatusHost, router_of
from mockstatus.interop.requests_answers import Answers, Send
from mockstatus.replies import Reply
from mockstatus.router import Router

if TYPE_CHECKING:
    import urllib3

__all__ = ["as_callback", "as_response", "mount"]

# responses stands in the place of HTTPAdapter.send while it is active; this is what it lets requests through by
_REAL_SEND: Final[Send] = inspect.signature(responses.RequestsMock).parameters["real_adapter_send"].default
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
Matchers = Iterable[Callable[..., tuple[bool, str]]]
Answered = tuple[int, "Fields", io.BufferedReader]


def as_response(
    method: str, url: str | re.Pattern[str], status: AnswerLike = 200, *, match: Matchers = ()
) -> responses.BaseResponse:
    """A documented response for a URL, or a reply or fault: ``responses.add(as_response("GET", url, 202))``.

    Each request gets it anew: a HEAD without the body, a 405 with an ``Allow`` that does not name the method, a delay
    against its read timeout. A fault is what requests raises when it happens. Raises InvalidReply or InvalidRoute.
    """
    return DocumentedResponse(_check_method(method), _check_url(url), status, match)


def as_callback(*answers: AnswerLike) -> Callable[[Any], Answered]:
    """Answers in a row, of which the last repeats, for ``responses.add_callback("GET", url, …)``.

    An answer is a status, a reply, the name of a fault (what requests raises when it happens) or an exception. The
    reason phrase is the one that responses gives a status. Raises InvalidReply or InvalidRoute for anything else.
    """
    made = Answers(router_of(answers), _REAL_SEND)

    def callback(request: Any) -> Answered:
        raw = made.answer(request, request.req_kwargs.get("timeout"))
        raw.decode_content = False
        return raw.status, Fields(raw.headers), io.BufferedReader(raw)

    return callback


def mount(rsps: responses.RequestsMock, host: str = "mock.local") -> responses.BaseResponse:
    """Have a virtual host answer inside a mock of responses: all of mock.local, under this name.

    A response of one's own for one of its URLs comes before it. Raises InvalidRoute.
    """
    if not isinstance(rsps, responses.RequestsMock):
        raise InvalidRoute(f"mount({rsps!r}): give a mock of responses, such as responses.mock or RequestsMock()")
    return rsps.add(StatusHostResponse(rsps, StatusHost(host)))


class Fields(dict[str, str]):
    """Header fields with their repeats, to which responses is to add no Content-Type of its own."""

    def __init__(self, fields: urllib3.HTTPHeaderDict) -> None:
        super().__init__(fields)
        self._pairs = list(fields.iteritems())

    def __contains__(self, name: object) -> bool:
        return name == "Content-Type" or super().__contains__(name)

    def items(self) -> Any:
        """All pairs."""
        return self._pairs


class AnsweredResponse(responses.BaseResponse):
    """A response that a router gives; for each request another."""

    def __init__(self, method: str, url: str | re.Pattern[str], match: Matchers, router: Router) -> None:
        super().__init__(method, url, match=match)
        self._answers = Answers(router, _REAL_SEND)

    def get_response(self, request: Any) -> urllib3.HTTPResponse:
        """The answer to a request. Raises requests' own errors."""
        return self._answers.answer(request, request.req_kwargs.get("timeout"))


class DocumentedResponse(AnsweredResponse):
    """A documented response, a reply or a fault."""

    def __init__(self, method: str, url: str | re.Pattern[str], status: AnswerLike, match: Matchers) -> None:
        super().__init__(method, url, match, router_of([status]))
        self._given = (method, url, status, match)
        self.status = status.status if isinstance(status, Reply) else status if isinstance(status, int) else 0

    def __deepcopy__(self, memo: Any) -> DocumentedResponse:  # what is added twice is copied by responses
        return DocumentedResponse(*self._given)

    def __repr__(self) -> str:
        method, url, status, _ = self._given
        return f"as_response({method!r}, {url!r}, {status!r})"


class StatusHostResponse(AnsweredResponse):
    """A virtual host; ``calls`` says what was asked of it."""

    def __init__(self, rsps: responses.RequestsMock, status_host: StatusHost) -> None:
        super().__init__("GET", re.compile(f"^https?://{re.escape(status_host.name)}"), (), status_host)
        self._rsps = rsps
        self._name = status_host.name

    def matches(self, request: Any) -> tuple[bool, str]:
        """Whether a request is for the host, and for nothing that is registered beside it."""
        if urlsplit(request.url).hostname != self._name:
            return False, f"it is not for {self._name}"
        for other in self._rsps.registered():
            if not isinstance(other, StatusHostResponse) and other.matches(request)[0]:
                return False, f"{other!r} comes before {self._name}"
        return True, ""

    def get_response(self, request: Any) -> urllib3.HTTPResponse:
        """The answer of the host. Raises requests' own errors."""
        return super().get_response(request)

    @property
    def call_count(self) -> int:
        """At least 1, so that ``assert_all_requests_are_fired`` lets it be: a host is there to be asked, or not."""
        return len(self.calls) or 1

    def __repr__(self) -> str:
        return f"mount(…, {self._name!r})"


def _check_method(method: object) -> str:
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise InvalidRoute(f"method {method!r}: give the name of an HTTP method, such as GET")
    return method.upper()


def _check_url(url: object) -> str | re.Pattern[str]:
    if isinstance(url, re.Pattern):
        return url
    if isinstance(url, str) and url.lower().startswith(("http://", "https://")) and urlsplit(url).hostname:
        return url
    raise InvalidRoute(f"url {url!r}: give an absolute URL, as https://api.example.com/jobs, or a pattern")
