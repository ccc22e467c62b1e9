"""A resource with validators: conditional requests and byte ranges (RFC 9110, Sections 13 and 14). Knows one resource."""

from __future__ import annotations

import hashlib
import re
import threading
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from mockstatus.clock import http_date
from mockstatus.errors import InvalidRoute
from mockstatus.replies import Reply, reply

if TYPE_CHECKING:
    from mockstatus.messages import Request

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.IGNORECASE)
_ALLOW = "GET, HEAD, PUT, OPTIONS"


class Resource:
    """Something that is fetched whole or in part, only if it changed, and replaced only if it did not."""

    def __init__(self, content: bytes | str, *, etag: str | None, content_type: str | None, modified: float) -> None:
        data, default_type = (
            (content, "application/octet-stream")
            if isinstance(content, bytes)
            else (
                content.encode(),
                "text/plain; charset=utf-8",
            )
        )
        self._lock = threading.Lock()
        self._modified = float(int(modified))
        self._first = (
            data,
            content_type or default_type,
            _check_etag(etag) if etag is not None else make_etag(data),
            self._modified,
        )
        self._now = self._first

    @property
    def etag(self) -> str:
        """The entity tag of what is there now."""
        return self._now[2]

    @property
    def content(self) -> bytes:
        """What is there now."""
        return self._now[0]

    def answer(self, request: Request, timestamp: float) -> Reply:
        """The reply to any request."""
        if request.method in ("GET", "HEAD"):
            return self._get(request)
        if request.method == "PUT":
            return self._put(request, timestamp)
        if request.method == "OPTIONS":
            return reply(204, headers={"Allow": _ALLOW})
        return reply(405, headers={"Allow": _ALLOW})

    def rewind(self) -> None:
        """Stand as in the beginning."""
        self._now = self._first

    def snapshot(self) -> Any:
        """What is there now, to be given to ``restore``."""
        return self._now

    def restore(self, snapshot: Any) -> None:
        """Have there be what was there."""
        self._now = snapshot

    def _get(self, request: Request) -> Reply:
        content, kind, etag, modified = self._now
        validators = {"ETag": etag, "Last-Modified": http_date(modified)}
        status = self._precondition(request, etag, modified)
        if status is not None:
            return reply(status, headers=validators if status == 304 else None)
        headers = {"Content-Type": kind, **validators, "Accept-Ranges": "bytes"}
        span = self._span(request, etag, modified, len(content)) if request.method == "GET" else None
        if span is None:
            return reply(200, content=content, headers=headers)
        start, stop = span
        if start >= stop:
            return reply(416, headers={"Content-Range": f"bytes */{len(content)}", **validators})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return reply(206, content=content[start:stop], headers=headers)

    def _put(self, request: Request, timestamp: float) -> Reply:
        with self._lock:
            _, kind, etag, modified = self._now
            if self._precondition(request, etag, modified) is not None:
                return reply(412)
            etag = make_etag(request.content)
            self._now = (request.content, request.headers.get("Content-Type", kind), etag, float(int(timestamp)))
        return reply(204, headers={"ETag": etag})

    def _precondition(self, request: Request, etag: str, modified: float) -> int | None:
        """304 or 412 where a condition of the request does not hold, in the order of RFC 9110, Section 13.2.2."""
        headers = request.headers
        if "If-Match" in headers:
            if not _matches(headers["If-Match"], etag, strong=True):
                return 412
        elif "If-Unmodified-Since" in headers:
            since = _date(headers["If-Unmodified-Since"])
            if since is not None and modified > since:
                return 412
        is_read = request.method in ("GET", "HEAD")
        if "If-None-Match" in headers:
            if _matches(headers["If-None-Match"], etag, strong=False):
                return 304 if is_read else 412
        elif "If-Modified-Since" in headers and is_read:
            since = _date(headers["If-Modified-Since"])
            if since is not None and modified <= since:
                return 304
        return None

    def _span(self, request: Request, etag: str, modified: float, size: int) -> tuple[int, int] | None:
        """Where the one range asked for begins and ends, empty if there is nothing of it; None for the whole."""
        found = _RANGE.fullmatch(request.headers.get("Range", ""))
        if found is None or not (found[1] or found[2]):
            return None
        if "If-Range" in request.headers and not _is_current(request.headers["If-Range"], etag, modified):
            return None
        if not found[1]:
            return (max(0, size - int(found[2])), size) if int(found[2]) else (size, size)
        start = int(found[1])
        if found[2] and int(found[2]) < start:
            return None
        return (start, min(int(found[2]) + 1, size)) if found[2] else (start, size)


def make_etag(content: bytes) -> str:
    """A strong entity tag for some content."""
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def _check_etag(etag: object) -> str:
    if not isinstance(etag, str):
        raise InvalidRoute(f"etag={etag!r}: give text")
    quoted = etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'
    if not _ETAG.fullmatch(quoted):
        raise InvalidRoute(f"etag={etag!r}: an entity tag has no spaces or quotes inside (RFC 9110, Section 8.8.3)")
    return quoted


def _matches(listed: str, etag: str, *, strong: bool) -> bool:
    if listed.strip() == "*":
        return True
    tags = _ETAG.findall(listed)
    if strong:
        return not etag.startswith("W/") and etag in tags
    return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def _is_current(validator: str, etag: str, modified: float) -> bool:
    """Whether an If-Range names what is there now; only a strong tag or the exact date will do."""
    if validator.startswith(('"', "W/")):
        return _matches(validator, etag, strong=True)
    return _date(validator) == modified


def _date(text: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.timestamp()
