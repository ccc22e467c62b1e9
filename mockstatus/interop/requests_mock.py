"""For tests in requests-mock: documented responses for its routes, and the status host inside a mock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter

from mockstatus.errors import InvalidRoute
from mockstatus.interop.answering import AnswerLike, StatusHost, router_of
from mockstatus.interop.requests_answers import Answers
from mockstatus.replies import Reply

if TYPE_CHECKING:
    import requests
    import requests_mock
    import urllib3

__all__ = ["as_response", "mount"]


def as_response(status: AnswerLike = 200) -> dict[str, Any]:
    """The documented response of a status, or a reply or fault: ``m.get(url, **as_response(202))``.

    Each request gets it anew: a HEAD without the body, a 405 with an ``Allow`` that does not name the method, a delay
    against its read timeout. A fault is what requests raises when it happens. In a row, the last repeating:
    ``m.get(url, [as_response(503), as_response(200)])``. Raises InvalidReply or InvalidRoute.
    """
    made = Answers(router_of([status]))

    def raw(request: Any, _: Any) -> urllib3.HTTPResponse:
        return made.answer(request, request.timeout)

    code = status.status if isinstance(status, Reply) else status if isinstance(status, int) else None
    return {"raw": raw} if code is None else {"status_code": code, "raw": raw}


def mount(
    mocker: requests_mock.Mocker | requests_mock.Adapter, host: str = "mock.local"
) -> Callable[[Any], requests.Response | None]:
    """Have a virtual host answer inside a mock or adapter of requests-mock: all of mock.local, under this name.

    Of several matchers that fit the newest one answers, as ever in requests-mock. Raises InvalidRoute.
    """
    if not callable(getattr(mocker, "add_matcher", None)):
        raise InvalidRoute(f"mount({mocker!r}): give a requests_mock.Mocker, the requests_mock fixture or an adapter")
    status_host = StatusHost(host)
    made, build = Answers(status_host), HTTPAdapter().build_response

    def matcher(request: Any) -> requests.Response | None:
        if urlsplit(request.url).hostname != status_host.name:
            return None
        raw = made.answer_or_none(request, request.timeout)
        return None if raw is None else build(request, raw)

    mocker.add_matcher(matcher)
    return matcher
