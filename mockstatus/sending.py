"""Requests of our own: completions that are sent to a URL. Knows the routers of a call, and http.client."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockstatus.messages import Request, Timeouts
from mockstatus.passage import passing
from mockstatus.patterns import join
from mockstatus.urls import authority_of, is_absolute, split, target_uri

if TYPE_CHECKING:
    from mockstatus.messages import Outcome

_STAYS = "!#$%&'()*+,/:;=?@[]~"  # what means something in a URL
_PATIENCE = 10.0  # seconds that a real receiver has to answer


def make_post(url: str, base_url: str | None, body: bytes) -> Request:
    """A POST of JSON to a URL. Raises InvalidRoute where it is none."""
    if not is_absolute(url) and base_url is not None:
        url = join(base_url, url)
    parts = split(url)
    target = quote((parts.path or "/") + ("" if parts.query is None else f"?{parts.query}"), safe=_STAYS)
    headers = [
        ("Host", authority_of(*parts.origin)),
        ("User-Agent", "mockstatus"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    uri = target_uri(*parts.origin, target)
    return Request("POST", uri, lambda: headers, body, "mockstatus", Timeouts(*(_PATIENCE,) * 4))


def offer(request: Request, view: object) -> Outcome:
    """What the routers of a call make of a request of ours. Raises UnmatchedRequest."""
    outcome: Outcome = view.offer(request)  # type: ignore[attr-defined] # a view
    return outcome


def really_send(request: Request) -> int:
    """Send a request over the network; the status of the answer. Raises OSError or HTTPException."""
    kind = http.client.HTTPSConnection if request.scheme == "https" else http.client.HTTPConnection
    with passing():
        connection = kind(request.host, request.port, timeout=_PATIENCE)
        try:
            headers = dict(request.headers.multi_items())
            connection.request(request.method, request.target, body=request.content, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()
