"""The documented response of every status code for a user's own URL, from the reference pages and RFC 9110.

Nothing here comes from mockstatus, so that a wrong row on either side shows.
"""

from __future__ import annotations

import json
import re

from .plain_http import DATE, Fields, head

PHRASES = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    104: "Upload Resumption Supported",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    208: "Already Reported",
    218: "This is fine",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    306: "Unused",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    419: "Page Expired",
    420: "Enhance Your Calm",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    430: "Shopify Security Rejection",
    431: "Request Header Fields Too Large",
    440: "Login Time-out",
    444: "No Response",
    449: "Retry With",
    450: "Blocked by Windows Parental Controls",
    451: "Unavailable For Legal Reasons",
    460: "Client Closed Connection",
    463: "Too Many Forwarded IPs",
    464: "Incompatible Protocol",
    494: "Request Header Too Large",
    495: "SSL Certificate Error",
    496: "SSL Certificate Required",
    497: "HTTP Request Sent to HTTPS Port",
    498: "Invalid Token",
    499: "Client Closed Request",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    509: "Bandwidth Limit Exceeded",
    510: "Not Extended",
    511: "Network Authentication Required",
    520: "Web Server Returned an Unknown Error",
    521: "Web Server Is Down",
    522: "Connection Timed Out",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred",
    525: "SSL Handshake Failed",
    526: "Invalid SSL Certificate",
    527: "Railgun Listener to Origin Error",
    529: "Site Is Overloaded",
    530: "Origin Error (1xxx)",
    540: "Temporarily Disabled",
    561: "Unauthorized",
    598: "Network Read Timeout Error",
    599: "Network Connect Timeout Error",
    783: "Unexpected Token",
    999: "Request Denied",
}

_ETAG = ("ETag", '"33a64df5"')
_OWN_FIELDS: dict[int, tuple[tuple[str, str], ...]] = {
    101: (("Upgrade", "websocket"), ("Connection", "Upgrade")),
    103: (("Link", "</style.css>; rel=preload; as=style"),),
    104: (("Upload-Offset", "0"),),
    203: (("Via", "1.1 mock.local"),),
    226: (("IM", "feed"), _ETAG),
    304: (_ETAG,),
    401: (("WWW-Authenticate", 'Bearer realm="mockstatus"'),),
    407: (("Proxy-Authenticate", 'Basic realm="mockstatus"'),),
    416: (("Content-Range", "bytes */21"),),
    426: (("Upgrade", "TLS/1.2, HTTP/1.1"), ("Connection", "Upgrade")),
    429: (("Retry-After", "60"),),
    451: (("Link", '<https://mock.local/451>; rel="blocked-by"'),),
    503: (("Retry-After", "300"),),
}
_ALLOWED = {  # without the method that was just refused (RFC 9110, Section 15.5.6)
    "GET": "POST, PUT, PATCH, DELETE, OPTIONS",
    "HEAD": "POST, PUT, PATCH, DELETE, OPTIONS",
    "POST": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
}
_OWN_BODIES = {
    202: b'{"status": "accepted", "task_id": "abc-123"}',
    502: b'{"error": "bad_gateway", "message": "Upstream server error"}',
    503: b'{"error": "service_unavailable", "retry_after": 300}',
    504: b'{"error": "gateway_timeout", "message": "Upstream server timed out"}',
}


def message(code: int, method: str, more: Fields = ()) -> bytes:
    """All the bytes of the documented response: of a 1xx, that interim response and then the 200."""
    if code < 200:
        return head(code, PHRASES[code], _OWN_FIELDS.get(code, ())) + message(200, method, more)
    body = _body(code)
    sent = head(code, PHRASES[code], _fields(code, method, body, more))
    return sent if method == "HEAD" or body is None else sent + body


def _body(code: int) -> bytes | None:
    """The body; None where the status has none at all, not even an empty one."""
    if code in (204, 304):
        return None
    if code == 205 or 300 <= code < 400:
        return b""
    if code in _OWN_BODIES:
        return _OWN_BODIES[code]
    if code < 300:
        return b'{"status": "success"}'
    snake = re.sub("[^a-z0-9]+", "_", PHRASES[code].lower().replace("'", "")).strip("_")
    return json.dumps({"error": snake, "message": PHRASES[code]}).encode()


def _fields(code: int, method: str, body: bytes | None, more: Fields) -> Fields:
    fields = [("Content-Type", "application/json")] if body else []
    fields += [("Date", DATE), *_OWN_FIELDS.get(code, ())]
    if code == 405:
        fields.append(("Allow", _ALLOWED[method]))
    if code == 206 and body:
        fields.append(("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}"))
    fields += more
    return fields if body is None else [*fields, ("Content-Length", str(len(body)))]
