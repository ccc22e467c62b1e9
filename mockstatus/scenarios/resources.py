"""A resource with validators: conditional requests and byte ranges (RFC 9110, Sections 13 and 14). Knows one resource."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, NamedTuple

from mockstatus.clock import http_date
from mockstatus.replies import Reply, reply
from mockstatus.scenarios.conditional import Validators, check_etag, is_current, precondition, read_range

if TYPE_CHECKING:
    from mockstatus.messages import Request

_ALLOW = "GET, HEAD, PUT, OPTIONS"


class Version(NamedTuple):
    """What a resource is at some time."""

    content: bytes
    content_type: str
    validators: Validators


class Resource:
    """Something that is fetched whole or in part, only if it changed, and replaced only if it did not."""

    def __init__(self, content: bytes | str, *, etag: str | None, content_type: str | None, modified: float) -> None:
        if isinstance(content, str):
            data, usual_type = content.encode(), "text/plain; charset=utf-8"
        else:
            data, usual_type = content, "application/octet-stream"
        tag = make_etag(data) if etag is None else check_etag(etag)
        self._lock = threading.Lock()
        self._first = Version(data, content_type or usual_type, Validators(tag, int(modified)))
        self._now = self._first

    @property
    def etag(self) -> str:
        """The entity tag of what is there now."""
        return self._now.validators.etag

    @property
    def content(self) -> bytes:
        """What is there now."""
        return self._now.content

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

    def snapshot(self) -> Version:
        """What is there now, to be given to ``restore``."""
        return self._now

    def restore(self, snapshot: Version) -> None:
        """Have there be what was there."""
        self._now = snapshot

    def _get(self, request: Request) -> Reply:
        content, content_type, validators = self._now
        fields = {"ETag": validators.etag, "Last-Modified": http_date(validators.modified)}
        status = precondition(request, validators)
        if status is not None:
            return reply(status, headers=fields if status == 304 else None)
        headers = {"Content-Type": content_type, **fields, "Accept-Ranges": "bytes"}
        span = self._span(request, validators, len(content))
        if span is None:
            return reply(200, content=content, headers=headers)
        if not span:
            return reply(416, headers={"Content-Range": f"bytes */{len(content)}", "Accept-Ranges": "bytes"})
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{len(content)}"
        return reply(206, content=content[span.start : span.stop], headers=headers)

    @staticmethod
    def _span(request: Request, validators: Validators, size: int) -> range | None:
        """The bytes that are asked for, none if there is nothing of them; None for all, which only GET can choose from."""
        headers = request.headers
        if request.method != "GET" or "Range" not in headers:
            return None
        if "If-Range" in headers and not is_current(headers["If-Range"], validators):
            return None
        return read_range(headers["Range"], size)

    def _put(self, request: Request, timestamp: float) -> Reply:
        if "Content-Range" in request.headers:
            return reply(400)  # a part, which this server does not put together (RFC 9110, Section 14.5)
        with self._lock:
            _, content_type, validators = self._now
            if precondition(request, validators) is not None:
                return reply(412)
            changed = validators.changed(make_etag(request.content), int(timestamp))
            self._now = Version(request.content, request.headers.get("Content-Type", content_type), changed)
        return reply(204, headers={"ETag": changed.etag})


def make_etag(content: bytes) -> str:
    """A strong entity tag for some content."""
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'
