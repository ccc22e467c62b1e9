"""Incoming: what a connection of urllib3 is asked to send, as a request. Knows what http.client adds; no routers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from importlib.metadata import version
from typing import Any, NamedTuple

from urllib3.util import SKIP_HEADER, SKIPPABLE_HEADERS, parse_url
from urllib3.util.request import body_to_chunks

from mockstatus.messages import Request, Timeouts
from mockstatus.urls import DEFAULT_PORTS, canonical_host, target_uri


class Sent(NamedTuple):
    """The arguments of ``HTTPConnection.request``, with the body read."""

    method: str
    url: str
    headers: tuple[tuple[Any, Any], ...]
    body: bytes | None
    content_length: int | None
    chunked: bool
    options: dict[str, Any]

    def body_again(self) -> Any:
        """The body to be sent once more, framed as the one that was read."""
        return iter((self.body,)) if self.body is not None and self.content_length is None else self.body


def read_sent(
    conn: Any, method: str, url: str, body: Any, headers: Any, options: dict[str, Any], *, chunked: bool
) -> Sent:
    """The arguments of a request, the body read once."""
    pairs = () if headers is None else tuple(headers.items())
    if body is None:
        return Sent(method, url, pairs, None, _length_of_nothing(method), chunked, options)
    chunks, length = body_to_chunks(body, method=method, blocksize=conn.blocksize)
    content = None if chunks is None else b"".join([to_bytes(chunk) for chunk in chunks])
    return Sent(method, url, pairs, content, length, chunked, options)


@lru_cache(maxsize=64)
def _length_of_nothing(method: str) -> int | None:
    """The Content-Length that urllib3 gives a request without a body; None where it gives none."""
    return body_to_chunks(None, method=method, blocksize=1).content_length


def to_bytes(chunk: Any) -> bytes:
    """A chunk of a body as urllib3 sends it."""
    return chunk.encode("utf-8") if isinstance(chunk, str) else bytes(chunk)


class Destination(NamedTuple):
    """Where a request is going, whatever proxy there is."""

    scheme: str
    host: str  # as the client writes it
    port: int
    target: str


def incoming(
    sent: Sent,
    destination: Destination,
    client: str,
    timeouts: Timeouts | Callable[[], Timeouts],
    *,
    is_forwarded: bool = False,
) -> Request:
    """The request as a router sees it: to the origin. ``is_forwarded`` says that a proxy reads it, and passes it on."""
    scheme, host, port, target = destination
    return Request(
        sent.method,
        target_uri(scheme, canonical_host(host), port, target),
        partial(_wire_headers, sent, destination, is_forwarded=is_forwarded),
        sent.body or b"",
        client,
        timeouts,
    )


def forwards(conn: Any) -> bool:
    """Whether a proxy reads what is sent over the connection, and passes it on."""
    return conn.proxy is not None and not conn._tunnel_host  # noqa: SLF001 - not every urllib3 has proxy_is_forwarding


def destination_of(conn: Any, url: str) -> Destination:
    """Where a request is going that is sent over a connection."""
    if url[:1] == "/":
        tunnel = conn._tunnel_host  # noqa: SLF001 - what set_tunnel was told is nowhere else
        if tunnel:
            return Destination("https", tunnel, conn._tunnel_port or 443, url)  # noqa: SLF001
        scheme = "https" if conn.default_port == 443 else "http"
        host = getattr(conn, "_dns_host", conn.host)  # with the dot at its end that conn.host leaves out
        return Destination(scheme, host, conn.port or conn.default_port, url)
    parts = parse_url(url)
    scheme = parts.scheme or "http"
    port = parts.port or DEFAULT_PORTS.get(scheme, 80)
    return Destination(scheme, parts.host or conn.host, port, parts.request_uri)


def _wire_headers(sent: Sent, destination: Destination, *, is_forwarded: bool) -> list[tuple[str, str]]:
    """The header fields that urllib3 and http.client send for these arguments, in their order."""
    scheme, host, port = destination.scheme, destination.host.rstrip("."), destination.port
    given = [(_text(name), _text(value).strip(" \t")) for name, value in sent.headers if value != SKIP_HEADER]
    names = {_text(name).lower() for name, _ in sent.headers}
    found: list[tuple[str, str]] = []
    if "host" not in names:
        shown = f"[{host.strip('[]')}]" if ":" in host else host
        found.append(("Host", shown if port == DEFAULT_PORTS.get(scheme) else f"{shown}:{port}"))
    if "accept-encoding" not in names:
        found.append(("Accept-Encoding", "identity"))
    if sent.chunked:
        if "transfer-encoding" not in names:
            found.append(("Transfer-Encoding", "chunked"))
    elif "content-length" not in names and "transfer-encoding" not in names:
        if sent.content_length is not None:
            found.append(("Content-Length", str(sent.content_length)))
        elif sent.body is not None:
            found.append(("Transfer-Encoding", "chunked"))
    if "user-agent" not in names:
        found.append(("User-Agent", _DEFAULT_USER_AGENT))
    return found + [pair for pair in given if not (is_forwarded and pair[0].lower().startswith("proxy-"))]


_DEFAULT_USER_AGENT = f"python-urllib3/{version('urllib3')}"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- which requests are usual -----------------------------------------------------------------------------------------

_METHOD = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_URL = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\u0100-\U0010ffff]*")
_known_fields: set[tuple[str, str]] = set()
_known_heads: set[tuple[object, ...]] = set()
_MOST_KNOWN = 4096  # fields
_MOST_HEADS = 256


def is_usual(sent: Sent) -> bool:
    """Whether http.client would send the request as it stands."""
    if not (_METHOD.fullmatch(sent.method) and _URL.fullmatch(sent.url)):
        return False
    try:
        return sent.headers in _known_heads or _look(sent.headers)
    except TypeError:  # a list for a value, say
        return False


def _look(head: tuple[tuple[Any, Any], ...]) -> bool:
    for pair in head:
        name, value = pair
        if type(name) is not str or type(value) is not str:
            return False
        if pair not in _known_fields and not _learn(name, value):
            return False
    if len(_known_heads) > _MOST_HEADS:
        _known_heads.clear()
    _known_heads.add(head)
    return True


def asks_leave(sent: Sent) -> bool:
    """Whether the request waits for a 100 before its body (RFC 9110, Section 10.1.1)."""
    return any(
        _text(name).lower() == "expect" and _text(value).strip().lower() == "100-continue"
        for name, value in sent.headers
    )


def _learn(name: str, value: str) -> bool:
    """Look at a header field."""
    if name.lower() == "expect" or not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
        return False
    if value == SKIP_HEADER and name.lower() not in SKIPPABLE_HEADERS:
        return False
    if len(_known_fields) > _MOST_KNOWN:
        _known_fields.clear()
    _known_fields.add((name, value))
    return True


class HeaderPairs:
    """Header fields as ``request`` reads them: names, and items with repeats."""

    def __init__(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[Any]:
        return iter([name for name, _ in self._pairs])

    def items(self) -> Sequence[tuple[Any, Any]]:
        """All pairs."""
        return self._pairs
