"""What the documented response of each status carries: its header fields and its body in every style.

Knows the catalogue and the formats of the reference services; must not know routes or how anything is sent.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, get_args

from mockstatus.errors import InvalidReply
from mockstatus.statuses import Status, catalog

if TYPE_CHECKING:
    from mockstatus.messages import Request

Style = Literal["documented", "envelope", "problem", "text", "empty"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)

REPRESENTATION: Final = json.dumps({"status": "success"}).encode()  # what the documented 200 is a response about
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ETAG = '"33a64df5"'

_BODIES: dict[int, object] = {
    202: {"status": "accepted", "task_id": "abc-123"},
    502: {"error": "bad_gateway", "message": "Upstream server error"},
    503: {"error": "service_unavailable", "retry_after": 300},
    504: {"error": "gateway_timeout", "message": "Upstream server timed out"},
}

# What a conforming response of the status cannot go without, or what the reference pages show.
_HEADERS: dict[int, tuple[tuple[str, str], ...]] = {
    101: (("Upgrade", "websocket"), ("Connection", "Upgrade")),
    103: (("Link", "</style.css>; rel=preload; as=style"),),
    104: (("Upload-Offset", "0"),),
    203: (("Via", "1.1 mock.local"),),
    226: (("IM", "feed"), ("ETag", _ETAG)),
    304: (("ETag", _ETAG),),
    401: (("WWW-Authenticate", 'Bearer realm="mockstatus"'),),
    407: (("Proxy-Authenticate", 'Basic realm="mockstatus"'),),
    416: (("Content-Range", f"bytes */{len(REPRESENTATION)}"),),
    426: (("Upgrade", "TLS/1.2, HTTP/1.1"), ("Connection", "Upgrade")),
    429: (("Retry-After", "60"),),
    451: (("Link", '<https://mock.local/451>; rel="blocked-by"'),),
    503: (("Retry-After", "300"),),
}
_DESCRIBE_ANOTHER_BODY = frozenset({"etag", "im", "last-modified"})  # not sent beside a body that was given

# Where the documented response points on a virtual host: a place that answers there.
LOCATIONS: Final[dict[int, str]] = {201: "/anything/abc-123", **dict.fromkeys((300, 301, 302, 303, 307, 308), "/200")}


def check_style(style: str) -> Style:
    """The style by its name. Raises InvalidReply for an unknown one."""
    if style not in STYLES:
        raise InvalidReply(f"style={style!r} does not exist: the styles are {', '.join(STYLES)}")
    return style


def headers_of(code: int, *, body_given: bool) -> list[tuple[str, str]]:
    """The status's own header fields, but for what depends on the request or describes the content."""
    pairs = _HEADERS.get(code, ())
    return [pair for pair in pairs if not (body_given and pair[0].lower() in _DESCRIBE_ANOTHER_BODY)]


def allow_without(method: str) -> str:
    """An ``Allow`` for a 405: every usual method but the one just refused (RFC 9110, Section 15.5.6)."""
    refused = {"GET", "HEAD"} if method in ("GET", "HEAD") else {method}
    return ", ".join(name for name in _METHODS if name not in refused)


def body_of(code: int, style: Style) -> tuple[str, bytes] | None:
    """Content-Type and content of the documented body; None where there is none. Not for ``envelope``."""
    status = catalog[code]
    if style == "empty" or not status.body_allowed:
        return None
    if style == "text":
        return "text/plain; charset=utf-8", f"{code} {status.phrase}".strip().encode()
    if style == "problem":
        return "application/problem+json", json.dumps(problem(status)).encode()
    if status.category == "redirection":
        return None
    return "application/json", json.dumps(_document(status)).encode()


def _document(status: Status) -> object:
    if status.code in _BODIES:
        return _BODIES[status.code]
    if status.category == "success":
        return {"status": "success"}
    phrase = status.phrase or f"Status {status.code}"
    return {"error": snake_case(phrase), "message": phrase}


def snake_case(phrase: str) -> str:
    """``Not Found`` as ``not_found``."""
    return re.sub(r"[^a-z0-9]+", "_", phrase.lower().replace("'", "")).strip("_")


def problem(status: Status, detail: str | None = None) -> dict[str, object]:
    """A problem document; without a ``type`` the title is the phrase (RFC 9457, Section 4.2.1)."""
    return {
        "type": "about:blank",
        "title": status.phrase or f"Status {status.code}",
        "status": status.code,
        "detail": status.summary if detail is None else detail,
    }


_ENVELOPE_TEXTS = {
    201: "Created - Request succeeded and led to the creation of a resource",
    202: "Accepted - The request has been accepted for processing, but processing is not complete",
    308: "Permanent Redirect - The resource is now permanently located at another URI",
    400: "Bad Request - The server cannot process the request due to client error",
    422: "Unprocessable Entity",
}


def envelope(code: int, request: Request, timestamp: float) -> tuple[str, bytes] | None:
    """Content-Type and content in the style that wraps the status and echoes the request; None without a body."""
    status = catalog[code]
    if not status.body_allowed:
        return None
    text = _ENVELOPE_TEXTS.get(code) or f"{status.phrase} - {status.summary.rstrip('.')}".lstrip(" -")
    moment = datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds")
    body = {
        "success": code < 400,
        "status": code,
        "statusText": text,
        "timestamp": moment.replace("+00:00", "Z"),
        "request": {
            "method": "GET" if request.method == "HEAD" else request.method,
            "url": request.target,
            "fullUrl": request.url,
        },
    }
    return "application/json", json.dumps(body, ensure_ascii=False).encode()
