"""Replies: what a test says an answer is, checked against what a conforming server can send. Must not know clients."""

from __future__ import annotations

import copy
import json as _json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from mockstatus.clock import http_date
from mockstatus.codings import encoded
from mockstatus.documents import Style, allow_without, body_of, check_style, envelope, headers_of
from mockstatus.errors import InvalidReply
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Framing, Head, HTTPVersion, Response
from mockstatus.statuses import catalog
from mockstatus.streams import Source, StreamLike, event_pieces

if TYPE_CHECKING:
    from mockstatus.messages import Request


HeaderValue = str | int | float | None
HeadersLike = Mapping[str, HeaderValue] | Sequence[tuple[str, HeaderValue]] | Exactly
ReplyFraming = Literal["length", "chunked", "close"]
InterimLike = int | tuple[int, Mapping[str, str]]
Given = list[tuple[str, str | None]]
Items = list[tuple[str, str] | None]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_VALUE = re.compile(r'"?[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"?')
_MOST_HEADERS = 100  # http.client refuses more, and longer lines; what is refused has to go through the client's parser
_LONGEST_LINE = 65_000


class Reply:
    """An answer as it was defined: given to ``respond``, ``then`` and ``flaky``, or returned from a function.

    Made by ``mockstatus.reply(…)``, ``mockstatus.sse(…)`` and ``catalog[code].reply()``.
    """

    __slots__ = (
        "_content",
        "_head",
        "_last",
        "_recipe",
        "delay",
        "framing",
        "interim",
        "plain",
        "source",
        "status",
        "unsized",
    )

    def __init__(self, recipe: Recipe, *, source: Source | None, interim: Sequence[Head], delay: float) -> None:
        self._recipe = recipe
        self.status: Final = recipe.status
        self.delay: Final = delay
        self.source = source
        self.interim = interim
        self._head, self._content = recipe.mix(None)
        self.framing: Final = recipe.framing_of(self._head)
        self.plain: Final = source is None and not interim and recipe.usual and _is_usual(self._head, self.framing)
        self.unsized: Final = recipe.unsized
        self._last: Response | None = None

    def in_chunks(self) -> Reply:
        """The same reply, its content sent in chunks."""
        if self.framing == "chunked":
            return self
        return Reply(self._recipe.in_chunks(), source=self.source, interim=self.interim, delay=self.delay)

    def altered(self, *, delay: float = 0.0, headers: Mapping[str, str] | None = None) -> Reply:
        """The same reply, later, and with other values of some header fields."""
        if not delay and not headers:
            return self
        recipe = self._recipe.with_headers(headers or {})
        return Reply(recipe, source=self.source, interim=self.interim, delay=self.delay + delay)

    @property
    def size(self) -> int | None:
        """The number of bytes of content; None where it is not known beforehand."""
        if self.source is not None:
            return self.source.length
        return len(self._content) if self._recipe.fixed else None

    def render(self, request: Request, timestamp: float) -> Response:
        """The answer to one request; within a second, the same one to all that get it whole.

        Raises InvalidReply where only the request shows that it is impossible.
        """
        date = http_date(timestamp)
        last = self._last
        if last is not None and last.date == date and request.method != "HEAD":
            return last
        response = self._render(request, timestamp, date)
        if self._recipe.fixed and self.source is None and request.method != "HEAD":
            self._last = response
        return response

    def render_anew(self, request: Request, timestamp: float) -> Response:
        """The answer to one request that is to be broken off."""
        return self._render(request, timestamp, http_date(timestamp))

    def _render(self, request: Request, timestamp: float, date: str) -> Response:
        head, content = (self._head, self._content) if self._recipe.fixed else self._recipe.mix((request, timestamp))
        if request.method == "HEAD":
            return Response(head, date, b"", "none", self.delay, self.interim, None, self.plain)
        if self.unsized:
            raise InvalidReply(
                f"{self!r} has a Content-Length for {request.method} and no content of that length: {_LENGTH_RULE}"
            )
        stream = None if self.source is None else self.source.open
        return Response(head, date, content, self.framing, self.delay, self.interim, stream, self.plain)

    def __repr__(self) -> str:
        return f"<Reply {self.status} {self._head.reason}>" if self._head.reason else f"<Reply {self.status}>"


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
        if self.status in _NO_CONTENT or isinstance(self.given, Exactly) or self.version == "HTTP/1.0":
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
            exact = _pairs_of(self.given, self.lenient)
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
        if self.status in _NO_CONTENT and not (self.lenient and content):
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
            raise InvalidReply(f"Content-Length: {length} with content of {known} bytes: {_LENGTH_RULE}")
        self.unsized = True  # right for HEAD alone, which is only known with the request

    def framing_of(self, head: Head) -> Framing:
        """How the recipient finds the end of the content."""
        if self.status in _NO_CONTENT:
            return "none"
        if "chunked" in (_value(head.items, "transfer-encoding") or "").lower():
            return "chunked"
        return "close" if _value(head.items, "content-length") is None else "length"


_RANGE_PLACE: Final = ("Content-Range", "")  # filled in when it is known how long the content is
_NO_CONTENT: Final = frozenset({*range(100, 200), 204, 304})
_LENGTH_RULE: Final = "a Content-Length is the number of bytes that follow (RFC 9110, Section 8.6)"


def _is_usual(head: Head, framing: Framing) -> bool:
    """Whether every client reads this head the same way without its parser being asked."""
    names = [item[0].lower() for item in head.items if item is not None]
    return (
        framing in ("length", "none")
        and "connection" not in names
        and len(names) < _MOST_HEADERS
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


# --- definition -------------------------------------------------------------------------------------------------------


def reply(
    status: int = 200,
    *,
    json: object = UNSET,
    text: str | None = None,
    html: str | None = None,
    content: bytes | str | None = None,
    stream: StreamLike | None = None,
    headers: HeadersLike | None = None,
    cookies: Mapping[str, str] | None = None,
    reason: str | None = None,
    http_version: HTTPVersion = "HTTP/1.1",
    framing: ReplyFraming | None = None,
    interim: Sequence[InterimLike] = (),
    delay: float = 0,
    style: Style | None = None,
    lenient: bool = False,
) -> Reply:
    """An answer; what is not given comes from the documented response of the status.

    One of ``json``, ``text``, ``html``, ``content`` and ``stream`` is the body. ``headers`` is a mapping or a list of
    pairs, whose names replace documented ones (None leaves one out); ``exactly([…])`` sends these and nothing else.
    ``framing`` is how the end of the body is found, ``interim`` the 1xx responses sent before (a code, or a code with
    headers), ``delay`` the seconds before the first byte. ``lenient`` sends what no conforming server would.
    Raises InvalidReply for what such a server could not send.
    """
    code = _check_status(status, lenient=lenient)
    chosen = _check_style_and_body(style, json=json, text=text, html=html, content=content, stream=stream)
    source = None if stream is None else Source(stream)
    body = _body(json=json, text=text, html=html, content=content, source=source)
    version = _check_version(http_version)
    given = headers if isinstance(headers, Exactly) else _given(headers, cookies, lenient=lenient)
    if isinstance(headers, Exactly) and cookies:
        raise InvalidReply("headers=exactly(…) sends these and nothing else: write the cookies there, as Set-Cookie")
    fields = _read_headers(given.items, lenient=lenient) if isinstance(given, Exactly) else given
    if not lenient:
        _check_content_allowed(code, body)
        _check_framing_fields(code, version, fields, framing)
    recipe = Recipe(
        code,
        body=body,
        source_length=None if source is None else source.length,
        style=chosen,
        given=given,
        in_order=not isinstance(headers, Mapping),
        reason=_check_reason(code, reason, lenient=lenient),
        version=version,
        framing=_check_framing(framing, version, source, given, lenient=lenient),
        lenient=lenient,
    )
    return Reply(
        recipe, source=source, interim=_read_interim(interim, lenient=lenient), delay=check_seconds("delay", delay)
    )


def documented(code: int) -> Reply:
    """The documented reply of a code of the catalogue; of a 1xx, that interim response and then the 200."""
    if 100 <= code < 200:
        return reply(200, interim=[code])
    return reply(code, lenient=code > 599)


def sse(*events: object, every: float = 0) -> Reply:
    """A reply of server-sent events (WHATWG HTML, Section 9.2), with a wait of ``every`` seconds before each.

    An event is its data (text as it is, anything else as JSON) or a pair of name and data. The name of a fault, or an
    exception, breaks the stream there.
    """
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    return reply(200, stream=event_pieces(events, every), headers=headers)


def check_seconds(name: str, seconds: float) -> float:
    """A finite number of seconds, 0 or more. Raises InvalidReply."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
        raise InvalidReply(f"{name}={seconds!r}: give a finite number of seconds, 0 or more")
    return float(seconds)


def _check_status(status: object, *, lenient: bool) -> int:
    if isinstance(status, bool) or not isinstance(status, int):
        raise InvalidReply(f"status {status!r}: give a whole number, as respond(202)")
    if lenient and 0 <= status <= 9999:
        return int(status)
    if 100 <= status < 200:
        raise InvalidReply(
            f"status {int(status)}: a 1xx is never the whole answer, a final one follows (RFC 9110, Section 15.2): "
            f"write respond(200, interim=[{int(status)}])"
        )
    if not 200 <= status <= 599:
        raise InvalidReply(
            f"status {int(status)}: status codes are numbers from 100 to 599 (RFC 9110, Section 15); "
            f"mockstatus.reply({int(status)}, lenient=True) sends it anyway"
        )
    return int(status)


def _check_style_and_body(style: Style | None, **bodies: object) -> Style:
    given = [name for name, body in bodies.items() if body is not None and body is not UNSET]
    if bodies["json"] is None:
        given.append("json")
    if len(given) > 1:
        raise InvalidReply(f"{' and '.join(f'{name}=' for name in given)} together: a reply has one body")
    if style is None:
        return "documented"
    if given:
        raise InvalidReply(
            f"style={style!r} with {given[0]}=: a style shapes the documented body, which {given[0]}= replaces"
        )
    return check_style(style)


def _body(
    *, json: object, text: str | None, html: str | None, content: bytes | str | None, source: Source | None
) -> tuple[str | None, bytes | None] | None:
    """Content-Type and content of a body that was given; None for the documented one."""
    if json is not UNSET:
        return "application/json", _write_json(json)
    if text is not None:
        return "text/plain; charset=utf-8", _write_text("text", text)
    if html is not None:
        return "text/html; charset=utf-8", _write_text("html", html)
    if content is not None:
        if isinstance(content, str):
            return None, content.encode()
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise InvalidReply(f"content={content!r}: give bytes or text; a value goes into json=, pieces into stream=")
        return None, bytes(content)
    return None if source is None else (None, None)


def _write_json(value: object) -> bytes:
    try:
        text = _json.dumps(value, ensure_ascii=False, allow_nan=False)
        try:
            return text.encode()
        except UnicodeEncodeError:  # half a surrogate pair, which only an escape can write
            return _json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidReply(f"json={value!r} cannot be written as JSON: {error}") from error


def _write_text(name: str, text: object) -> bytes:
    if not isinstance(text, str):
        raise InvalidReply(f"{name}={text!r} is not text: bytes go into content=, a value into json=")
    return text.encode()


def _check_content_allowed(code: int, body: tuple[str | None, bytes | None] | None) -> None:
    if body is None or body[1] == b"" or catalog[code].body_allowed:
        return
    rule = {
        204: "a 204 ends with its header section and has no content (RFC 9110, Section 15.3.5)",
        205: "a server must not send content in a 205 (RFC 9110, Section 15.3.6)",
        304: "a 304 ends with its header section and has no content (RFC 9110, Section 15.4.5)",
    }[code]
    raise InvalidReply(f"status {code} with a body: {rule}; mockstatus.reply({code}, …, lenient=True) sends it anyway")


def _check_version(version: object) -> HTTPVersion:
    if version == "HTTP/1.1":
        return "HTTP/1.1"
    if version == "HTTP/1.0":
        return "HTTP/1.0"
    raise InvalidReply(f'http_version={version!r}: answers are "HTTP/1.1" or "HTTP/1.0"')


def _check_reason(code: int, reason: object, *, lenient: bool) -> str:
    if reason is None:
        return catalog[code].phrase if code in catalog else ""
    if not isinstance(reason, str):
        raise InvalidReply(f"reason={reason!r} is not text")
    if not lenient and (_FORBIDDEN_IN_VALUE.search(reason) or not _is_latin_1(reason)):
        raise InvalidReply(
            f"reason={reason!r}: a reason phrase is one line of printable Latin-1 text (RFC 9112, Section 4)"
        )
    return reason if _is_latin_1(reason) else reason.encode().decode("latin-1")


def _check_framing(
    framing: ReplyFraming | None, version: HTTPVersion, source: Source | None, given: Given | Exactly, *, lenient: bool
) -> ReplyFraming | None:
    if framing not in (None, "length", "chunked", "close"):
        raise InvalidReply(f'framing={framing!r}: give "length", "chunked" or "close"')
    if framing == "chunked" and version == "HTTP/1.0" and not lenient:
        raise InvalidReply("framing='chunked' with HTTP/1.0, which has no chunks (RFC 9112, Section 6.1): use 'close'")
    sized = isinstance(given, list) and any(
        name.lower() == "content-length" and value is not None for name, value in given
    )
    if source is None or isinstance(given, Exactly):
        return framing
    if framing is None and not sized:
        return "chunked" if version == "HTTP/1.1" else "close"
    if framing == "length" and source.length is None and not sized:
        raise InvalidReply("framing='length' of a stream whose length nobody knows: add a Content-Length header")
    return framing


def _check_framing_fields(code: int, version: HTTPVersion, given: Given, framing: object) -> None:
    lengths = {value for name, value in given if name.lower() == "content-length" and value is not None}
    codings = [value for name, value in given if name.lower() == "transfer-encoding" and value is not None]
    if len(lengths) > 1:
        raise InvalidReply(
            f"Content-Length {' and '.join(sorted(lengths))}: two different ones are an error (RFC 9112, Section 6.3)"
        )
    for length in lengths:
        if not (length.isascii() and length.isdigit()):
            raise InvalidReply(f"Content-Length: {length} is not a number of bytes (RFC 9110, Section 8.6)")
    if lengths and codings:
        raise InvalidReply("Content-Length and Transfer-Encoding together: a sender must not (RFC 9112, Section 6.2)")
    if codings and version == "HTTP/1.0":
        raise InvalidReply("Transfer-Encoding with HTTP/1.0, which has none (RFC 9112, Section 6.1)")
    if (lengths and framing in ("chunked", "close")) or (codings and framing in ("length", "close")):
        name = "Content-Length" if lengths else "Transfer-Encoding"
        raise InvalidReply(
            f"{name} with framing={framing!r}: the two say different things about where the content ends "
            "(RFC 9112, Section 6.2)"
        )
    if codings and codings != ["chunked"]:
        raise InvalidReply(f"Transfer-Encoding: {', '.join(codings)}: only chunked is sent (RFC 9112, Section 6.1)")
    if (code in _NO_CONTENT and codings and code != 304) or (code == 204 and lengths):
        name = "Transfer-Encoding" if codings else "Content-Length"
        raise InvalidReply(
            f"{name} on a {code}: a server must not send it (RFC 9110, Section 8.6; RFC 9112, Section 6.1)"
        )


def _given(headers: HeadersLike | None, cookies: Mapping[str, str] | None, *, lenient: bool) -> Given:
    given: Given = [] if headers is None else _read_headers(headers, lenient=lenient)
    for name, value in (cookies or {}).items():
        given.append(("Set-Cookie", f"{name}={value}" if lenient else _set_cookie(name, value)))
    return given


def _pairs_of(headers: Exactly, lenient: bool) -> Items:  # noqa: FBT001
    return [(name, value) for name, value in _read_headers(headers.items, lenient=lenient) if value is not None]


def _read_headers(headers: object, *, lenient: bool) -> Given:
    """Names and values as they are sent. Raises InvalidReply for what a header field cannot be."""
    if isinstance(headers, Mapping):
        pairs = list(headers.items())
    elif isinstance(headers, Sequence) and not isinstance(headers, (str, bytes)):
        pairs = list(headers)
    else:
        raise InvalidReply(f"headers={headers!r}: give a mapping or a list of (name, value) pairs")
    return [_header(pair, lenient=lenient) for pair in pairs]


def _header(pair: object, *, lenient: bool) -> tuple[str, str | None]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise InvalidReply(f"headers=[…]: {pair!r} is not a (name, value) pair")
    name, value = pair
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(name, str) or (not lenient and not _TOKEN.fullmatch(name)):
        raise InvalidReply(
            f"header name {name!r}: a name is letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, Section 5.1)"
        )
    if value is None:
        return name, None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidReply(
            f"header {name}: {value!r} is not text; write it as it should be sent, or None to leave it out"
        )
    text = str(value)
    if not lenient and _FORBIDDEN_IN_VALUE.search(text):
        raise InvalidReply(f"header {name}: {text!r} has a line break or control character (RFC 9110, Section 5.5)")
    if not _is_latin_1(text):
        if not lenient:
            raise InvalidReply(
                f"header {name}: {text!r} has characters beyond Latin-1, which no header can carry (RFC 9110, Section 5.5)"
            )
        text = text.encode().decode("latin-1")
    return name, text if lenient else text.strip(" \t")


def _set_cookie(name: object, value: object) -> str:
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise InvalidReply(
            f"cookie name {name!r}: a name is letters, digits and !#$%&'*+-.^_`|~ (RFC 6265, Section 4.1.1)"
        )
    if not isinstance(value, str) or not _COOKIE_VALUE.fullmatch(value):
        raise InvalidReply(
            f"cookie {name}={value!r}: a value has no spaces, commas, semicolons or quotes inside (RFC 6265, Section 4.1.1); "
            f'attributes go into headers=[("Set-Cookie", "{name}=…; HttpOnly")]'
        )
    return f"{name}={value}; Path=/"


def _is_latin_1(text: str) -> bool:
    return text.isascii() or all(ord(char) < 256 for char in text)


def _read_interim(interim: object, *, lenient: bool) -> list[Head]:
    if not isinstance(interim, Sequence) or isinstance(interim, (str, bytes)):
        raise InvalidReply(f"interim={interim!r}: give a list of codes from 100 to 199, as interim=[103]")
    return [_interim(one, lenient=lenient) for one in interim]


def _interim(one: object, *, lenient: bool) -> Head:
    code, headers = one if isinstance(one, tuple) and len(one) == 2 else (one, None)
    if (
        isinstance(code, bool)
        or not isinstance(code, int)
        or not (100 <= code <= 199 or (lenient and 0 <= code <= 999))
    ):
        raise InvalidReply(f"interim=[{one!r}]: an interim response is a code from 100 to 199 (RFC 9110, Section 15.2)")
    pairs = headers_of(code, body_given=False) if headers is None else _read_headers(headers, lenient=lenient)
    framing = [name for name, _ in pairs if name.lower() in ("content-length", "transfer-encoding")]
    if framing and not lenient:
        raise InvalidReply(f"interim=[{one!r}]: {framing[0]} on a 1xx, which has no content (RFC 9110, Section 8.6)")
    phrase = catalog[code].phrase if code in catalog else ""
    return Head(code, phrase, "HTTP/1.1", [(name, value) for name, value in pairs if value is not None])
