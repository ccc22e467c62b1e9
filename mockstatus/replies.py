"""Replies: what a test says an answer is, checked against what a conforming server can send. Must not know clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mockstatus.clock import http_date
from mockstatus.documents import Style
from mockstatus.errors import InvalidReply
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Framing, Head, HTTPVersion, Response
from mockstatus.recipes import LENGTH_RULE, Recipe, is_usual
from mockstatus.reply_rules import (
    HeadersLike,
    InterimLike,
    ReplyFraming,
    check_content_allowed,
    check_framing,
    check_framing_fields,
    check_reason,
    check_seconds,
    check_status,
    check_style_and_body,
    check_version,
    given_fields,
    make_body,
    read_headers,
    read_interim,
)
from mockstatus.streams import Source, StreamLike, event_pieces

if TYPE_CHECKING:
    from mockstatus.messages import Request


class Mix(NamedTuple):
    """What a reply has for everybody."""

    head: Head
    content: bytes
    framing: Framing
    plain: bool


class Reply:
    """An answer as it was defined: given to ``respond``, ``then`` and ``flaky``, or returned from a function.

    Made by ``mockstatus.reply(…)``, ``mockstatus.sse(…)`` and ``catalog[code].reply()``.
    """

    __slots__ = ("_last", "_mix", "_recipe", "delay", "interim", "source", "status")

    def __init__(self, recipe: Recipe, *, source: Source | None, interim: Sequence[Head], delay: float) -> None:
        self._recipe = recipe
        self.status: Final = recipe.status
        self.delay: Final = delay
        self.source = source
        self.interim = interim
        self._mix: Mix | None = None
        self._last: tuple[int, Response] | None = None  # and the second that it was for
        if recipe.given:  # a field that was given may be wrong
            self._mixed()

    def _mixed(self) -> Mix:
        """Head and content as far as they are known beforehand, made when they are needed first."""
        if self._mix is None:
            recipe = self._recipe
            head, content = recipe.mix(None)
            framing = recipe.framing_of(head)
            plain = self.source is None and not self.interim and recipe.usual and is_usual(head, framing)
            self._mix = Mix(head, content, framing, plain)
        return self._mix

    @property
    def framing(self) -> Framing:
        """How the recipient finds the end of the content."""
        return self._mixed().framing

    @property
    def unsized(self) -> bool:
        """Whether it has the length of content that is not there, which is right for HEAD alone."""
        return self._recipe.unsized

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
        return len(self._mixed().content) if self._recipe.fixed else None

    def render(self, request: Request, timestamp: float) -> Response:
        """The answer to one request; within a second, the same one to all that get it whole.

        Raises InvalidReply where only the request shows that it is impossible.
        """
        second, last = int(timestamp), self._last
        if last is not None and last[0] == second and request.method != "HEAD":
            return last[1]
        response = self.render_anew(request, timestamp)
        if self._recipe.fixed and self.source is None and request.method != "HEAD":
            self._last = second, response
        return response

    def render_anew(self, request: Request, timestamp: float) -> Response:
        """The answer to one request, and to no other."""
        date = http_date(timestamp)
        head, content, framing, plain = self._mixed()
        if not self._recipe.fixed:
            head, content = self._recipe.mix((request, timestamp))
        if request.method == "HEAD":
            return Response(head, date, b"", "none", self.delay, self.interim, None, plain)
        if self.unsized:
            raise InvalidReply(
                f"{self!r} has a Content-Length for {request.method} and no content of that length: {LENGTH_RULE}"
            )
        stream = None if self.source is None else self.source.open
        return Response(head, date, content, framing, self.delay, self.interim, stream, plain)

    def __repr__(self) -> str:
        return f"<Reply {self.status} {self._recipe.reason}>" if self._recipe.reason else f"<Reply {self.status}>"


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
    unusual = (headers, cookies, stream, style, reason, framing) != (None,) * 6
    if not (unusual or lenient or interim != () or http_version != "HTTP/1.1" or delay != 0 or delay is False):
        return _plain(check_status(status, lenient=False), json, text, html, content)
    code = check_status(status, lenient=lenient)
    chosen = check_style_and_body(style, json=json, text=text, html=html, content=content, stream=stream)
    source = None if stream is None else Source(stream)
    body = make_body(json=json, text=text, html=html, content=content, source=source)
    version = check_version(http_version)
    given = headers if isinstance(headers, Exactly) else given_fields(headers, cookies, lenient=lenient)
    if isinstance(headers, Exactly) and cookies:
        raise InvalidReply("headers=exactly(…) sends these and nothing else: write the cookies there, as Set-Cookie")
    fields = read_headers(given.items, lenient=lenient) if isinstance(given, Exactly) else given
    if not lenient:
        check_content_allowed(code, body)
        check_framing_fields(code, version, fields, framing)
    recipe = Recipe(
        code,
        body=body,
        source_length=None if source is None else source.length,
        style=chosen,
        given=given,
        in_order=not isinstance(headers, Mapping),
        reason=check_reason(code, reason, lenient=lenient),
        version=version,
        framing=check_framing(framing, version, source, given, lenient=lenient),
        lenient=lenient,
    )
    return Reply(
        recipe, source=source, interim=read_interim(interim, lenient=lenient), delay=check_seconds("delay", delay)
    )


def _plain(code: int, json: object, text: str | None, html: str | None, content: bytes | str | None) -> Reply:
    """An answer with nothing but a body."""
    if json is UNSET and text is None and html is None and content is None:
        return _documented(code)
    check_style_and_body(None, json=json, text=text, html=html, content=content)
    body = make_body(json=json, text=text, html=html, content=content, source=None)
    check_content_allowed(code, body)
    return _made_of(code, body)


@cache
def _documented(code: int) -> Reply:
    """The documented answer of a status: one for all who ask for it, as nothing about it can change."""
    return _made_of(code, None)


def _made_of(code: int, body: tuple[str | None, bytes | None] | None) -> Reply:
    recipe = Recipe(
        code,
        body=body,
        source_length=None,
        style="documented",
        given=[],
        in_order=True,
        reason=check_reason(code, None, lenient=False),
        version="HTTP/1.1",
        framing=None,
        lenient=False,
    )
    return Reply(recipe, source=None, interim=(), delay=0.0)


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
