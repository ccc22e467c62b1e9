"""How a reply's head and content are put together from what was given and what is documented. Must not know clients."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mockstatus.codings import encoded
from mockstatus.documents import Style, allow_without, body_of, envelope, headers_of
from mockstatus.errors import InvalidReply
from mockstatus.matchers import Exactly
from mockstatus.messages import Framing, Head, HTTPVersion
from mockstatus.reply_rules import NO_CONTENT, Given, Items, ReplyFraming, pairs_of
from mockstatus.statuses import catalog

if TYPE_CHECKING:
    from mockstatus.messages import Request

_MOST_HEADERS = 100  # http.client refuses more, and longer lines; what is refused has to go through the client's parser
_LONGEST_LINE = 65_000
_RANGE_PLACE: Final = ("Content-Range", "")  # filled in when it is known how long the content is
LENGTH_RULE: Final = "a Content-Length is the number of bytes that follow (RFC 9110, Section 8.6)"


class Recipe:
    """How a reply's head and content are put together, again for each request where they depend on it."""

    __slots__ = (
        "body",
        "fixed",
        "framing",
        "given",
        "in_order",
        "lenient",
        "reason",
        "source_length",
        "status",
        "style",
        "unsized",
        "usual",
        "version",
    )

    def __init__(
        self,
        status: int,
        *,
        body: tuple[str | None, bytes | None] | None,
        source_length: int | None,
        style: Style,
        given: Given | Exactly,
        in_order: bool,
        reason: str,
        version: HTTPVersion,
        framing: ReplyFraming | None,
        lenient: bool,
    ) -> None:
        self.status = status
        self.body = body  # None: the documented one; content None: a stream
        self.source_length = source_length
        self.style: Style = style
        self.given = given
        self.in_order = in_order  # whether the given fields are a list
        self.reason = reason
        self.version: HTTPVersion = version
        self.framing = framing
        self.lenient = lenient
        self.unsized = False
        self.fixed = isinstance(given, Exactly) or (status != 405 and (style != "envelope" or body is not None))
        self.usual = not lenient and 200 <= status <= 599 and version == "HTTP/1.1" and reason.isascii()

    def with_headers(self, headers: Mapping[str, str]) -> Recipe:
        """The same recipe, with other values of some header fields."""
        assert not isinstance(self.given, Exactly), "only what is documented is altered"
        names = {name.lower() for name in headers}
        recipe = copy.copy(self)
        recipe.given = [*(pair for pair in self.given if pair[0].lower() not in names), *headers.items()]
        return recipe

    def in_chunks(self) -> Recipe:
        """The same recipe, with chunks for a Content-Length. Raises InvalidReply where there is nothing to send in them."""
        if self.status in NO_CONTENT or isinstance(self.given, Exactly) or self.version == "HTTP/1.0":
            raise InvalidReply(f"status {self.status} in {self.version} as it was given cannot be sent in chunks")
        recipe = copy.copy(self)
        recipe.given = [pair for pair in self.given if pair[0].lower() not in ("content-length", "transfer-encoding")]
        recipe.framing = "chunked"
        recipe.unsized = False
        return recipe

    def mix(self, about: tuple[Request, float] | None) -> tuple[Head, bytes]:
        """Head and content for a request at a time; for none in particular, as far as they are known beforehand."""
        kind, content = self._body(about)
        if isinstance(self.given, Exactly):
            exact = pairs_of(self.given, self.lenient)
            self._check_length(exact, content)
            return self._head(exact), content or b""
        items: Items = [] if kind is None else [("Content-Type", kind)]
        items.append(None)
        items += headers_of(self.status, body_given=self.body is not None)
        if self.status == 405:
            items.append(("Allow", allow_without("" if about is None else about[0].method)))
        if self.status == 206:
            items.append(_RANGE_PLACE)
        _merge(items, self.given, in_order=self.in_order)
        if content:
            content = self._encode(items, content)
        if _RANGE_PLACE in items:
            place = items.index(_RANGE_PLACE)
            size = self.source_length if content is None else len(content)
            items[place : place + 1] = [("Content-Range", f"bytes 0-{size - 1}/{size}")] if size else []
        self._frame(items, content, {name.lower() for name, _ in self.given})
        return self._head(items), content or b""

    def _head(self, items: Items) -> Head:
        return Head(self.status, self.reason, self.version, items)

    def _body(self, about: tuple[Request, float] | None) -> tuple[str | None, bytes | None]:
        """Content-Type and content; the content of a stream is None."""
        if self.body is not None:
            return self.body
        if not 100 <= self.status <= 599 and self.status not in catalog:
            return None, b""
        if self.style != "envelope":
            return body_of(self.status, self.style) or (None, b"")
        if about is None:
            return "application/json" if catalog[self.status].body_allowed else None, b""
        return envelope(self.status, *about) or (None, b"")

    def _encode(self, items: Items, content: bytes) -> bytes:
        codings = _value(items, "content-encoding")
        return content if codings is None or self.lenient else encoded(content, codings)

    def _frame(self, items: Items, content: bytes | None, given: set[str]) -> None:
        """Add the field that says where the content ends (RFC 9112, Section 6), unless it was given or left out."""
        if self.status in NO_CONTENT and not (self.lenient and content):
            return
        if "content-length" in given or "transfer-encoding" in given:
            self._check_length(items, content)
            return
        if self.framing == "chunked":
            items.append(("Transfer-Encoding", "chunked"))
        elif self.framing == "close":
            if self.version == "HTTP/1.1" and _value(items, "connection") is None:
                items.append(("Connection", "close"))
        else:
            length = self.source_length if content is None else len(content)
            items.append(("Content-Length", str(length)))

    def _check_length(self, items: Items, content: bytes | None) -> None:
        length = _value(items, "content-length")
        known = self.source_length if content is None else len(content)
        if length is None or self.lenient or known is None or length == str(known):
            return
        if self.body is not None:
            raise InvalidReply(f"Content-Length: {length} with content of {known} bytes: {LENGTH_RULE}")
        self.unsized = True  # right for HEAD alone, which is only known with the request

    def framing_of(self, head: Head) -> Framing:
        """How the recipient finds the end of the content."""
        if self.status in NO_CONTENT:
            return "none"
        if "chunked" in (_value(head.items, "transfer-encoding") or "").lower():
            return "chunked"
        return "close" if _value(head.items, "content-length") is None else "length"


def is_usual(head: Head, framing: Framing) -> bool:
    """Whether every client reads this head the same way without its parser being asked."""
    names = [item[0].lower() for item in head.items if item is not None]
    return (
        framing in ("length", "none")
        and "connection" not in names
        and len(head.items) < _MOST_HEADERS
        and len(head.reason) < _LONGEST_LINE
        and all(item is None or len(item[1]) < _LONGEST_LINE for item in head.items)
    )


def _value(items: Sequence[tuple[str, str] | None], name: str) -> str | None:
    for item in items:
        if item is not None and item[0].lower() == name:
            return item[1]
    return None


def _merge(items: Items, given: Given, *, in_order: bool) -> None:
    """Have the given fields stand for the documented ones of the same name.

    Those of a mapping take their places, each behind the other where there is none; a list stays a list, behind them.
    """
    groups: dict[str, Given] = {}
    for name, value in given:
        groups.setdefault(name.lower(), []).append((name, value))
    for key, group in groups.items():
        places = [place for place, item in enumerate(items) if ("date" if item is None else item[0].lower()) == key]
        at = places[0] if places else len(items)
        for place in reversed(places):
            del items[place]
        if not in_order:
            items[at:at] = [(name, value) for name, value in group if value is not None]
    if in_order:
        items += [(name, value) for name, value in given if value is not None]
