"""Outgoing: a plain answer as urllib3's response around http.client's, as reading it from a socket would have made them.

Knows what the two parsers set; must not know who asked. Whatever is not plain is read by http.client itself.
"""

from __future__ import annotations

import inspect
from functools import partial
from http.client import HTTPConnection, HTTPMessage, HTTPResponse, ResponseNotReady
from io import DEFAULT_BUFFER_SIZE
from typing import Any, Final

import urllib3
from urllib3 import HTTPHeaderDict

from mockstatus.adapters.http_client_lines import Answer
from mockstatus.adapters.untouched import Methods
from mockstatus.adapters.urllib3_incoming import Sent
from mockstatus.adapters.urllib3_parking import UNREAD
from mockstatus.messages import Response

_Made: Any = urllib3.HTTPResponse
_ARGUMENTS: Final = frozenset(inspect.signature(urllib3.HTTPResponse).parameters)
_SAYS_VERSION: Final = "version_string" in _ARGUMENTS  # urllib3 2.1 and newer
_SHUTS_DOWN: Final = "sock_shutdown" in _ARGUMENTS  # urllib3 2.3 and newer
_SEEN_AT_ONCE: Final = DEFAULT_BUFFER_SIZE // 2  # a body that fits into one reading together with any usual head


_STEPS: Final = Methods("http", "putrequest", "putheader", "endheaders", "send", "getresponse")


def is_watched() -> bool:
    """Whether somebody has replaced what http.client does, as tracing does, and would miss a call that it has no part in."""
    return not _STEPS.of_class(HTTPConnection)


def respond(conn: Any, response: Response, sent: Sent, **links: Any) -> Any:
    """The response, with ``links`` to where it is from. Raises ResponseNotReady where the one before is not read yet."""
    unread = getattr(conn, UNREAD, None)
    if unread is not None and not unread.isclosed():
        raise ResponseNotReady("Request-sent")
    head = response.head
    pairs = head.pairs(response.date)
    headers = HTTPHeaderDict()
    for name, value in pairs:
        headers.add(name, value)
    parsed = _parsed(response, sent.method, pairs)
    setattr(conn, UNREAD, parsed)
    if len(response.content) > _SEEN_AT_ONCE:
        conn.sock.has_more = partial(_has_more, parsed, _size(response, pairs))
    if _SAYS_VERSION:
        links["version_string"] = "HTTP/1.1"
    if _SHUTS_DOWN:
        links["sock_shutdown"] = conn.sock.shutdown
    return _Made(
        body=parsed,
        headers=headers,
        status=head.status,
        version=11,
        reason=head.reason,
        original_response=parsed,
        request_method=sent.method,
        request_url=sent.url,
        **sent.options,
        **links,
    )


def _size(response: Response, pairs: list[tuple[str, str]]) -> int:
    """How many bytes the answer has on the wire."""
    lines = sum(len(name) + len(value) + 4 for name, value in pairs)
    return len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n") + lines + len(response.content)


def _has_more(parsed: HTTPResponse, size: int) -> bool:
    """Whether something of a response would still be in the socket, and not in the buffer of http.client's file.

    What is closed before it has been read leaves it there as well.
    """
    consumed = size - (parsed.length or 0)
    return -(-consumed // DEFAULT_BUFFER_SIZE) * DEFAULT_BUFFER_SIZE < size


def _parsed(response: Response, method: str, pairs: list[tuple[str, str]]) -> HTTPResponse:
    """What http.client makes of the answer."""
    message = HTTPMessage()
    for name, value in pairs:
        message.set_raw(name, value)
    message.set_payload("")
    head = response.head
    content = response.content
    parsed = HTTPResponse(Answer(content), method=method)  # type: ignore[arg-type] # a file is all it wants
    parsed.headers = parsed.msg = message
    parsed.version = 11
    parsed.code = parsed.status = head.status  # type: ignore[attr-defined]
    parsed.reason = head.reason
    parsed.chunked = parsed.will_close = False
    parsed.length = 0 if response.framing == "none" else len(content)
    return parsed
