"""What mocks of requests are given: responses and errors that urllib3 and requests made of an answer. Knows no mock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import requests

from mockstatus.adapters.requests import Adapter, send_as_requests
from mockstatus.errors import UnmatchedRequest
from mockstatus.router import Router

if TYPE_CHECKING:
    import urllib3

Send = Callable[..., requests.Response]


class Answers:
    """A router's answers as urllib3's responses and requests' errors; delays count against timeouts, unslept.

    ``send`` is the ``HTTPAdapter.send`` that is requests' own, where a mock has put another in its place.
    """

    def __init__(self, router: Router, send: Send | None = None) -> None:
        adapter = Adapter(router)
        self._send: Send = adapter.send if send is None else lambda *args, **options: send(adapter, *args, **options)

    def answer(self, request: Any, timeout: Any = None) -> urllib3.HTTPResponse:
        """The response to a prepared request, not yet read. Raises requests' own errors."""
        answered = send_as_requests(lambda: self._send(request, stream=True, timeout=timeout), request)
        raw: urllib3.HTTPResponse = answered.raw
        return raw

    def answer_or_none(self, request: Any, timeout: Any = None) -> urllib3.HTTPResponse | None:
        """The same; None where nothing answers."""
        try:
            return self.answer(request, timeout)
        except UnmatchedRequest:
            return None
