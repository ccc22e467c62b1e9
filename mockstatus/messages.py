"""The values that travel between clients and router: Request, and the three ways a call can end. Nothing edits one."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, overload
from urllib.parse import unquote

from mockstatus.fields import Cookies, Headers, Query, parse_cookies
from mockstatus.urls import TargetURI, parse_query

if TYPE_CHECKING:
    from mockstatus.bodies import Part
    from mockstatus.streams import Pieces

RawHeaders = Sequence[tuple[bytes, bytes]]
Framing = Literal["length", "chunked", "close", "none"]
HTTPVersion = Literal["HTTP/1.1", "HTTP/1.0"]


class Timeouts(NamedTuple):
    """How long a client waits, in seconds; None is for ever, or a phase that the client does not time."""

    connect: float | None = None
    read: float | None = None
    write: float | None = None
    pool: float | None = None


class Request:
    """One request as it would have gone over the wire: HTTP/1.1, to the origin, nothing of a proxy in it.

    ``url`` is absolute, without fragment and user info, escaped as it was sent; ``path`` is its path, decoded;
    ``port`` is always a number. ``path_params`` are the values the route's ``{name}`` stood for, decoded.
    ``headers`` are all that the client sends, those it adds while sending included; ``content`` is the whole body.
    ``timeout`` holds the client's timeouts in seconds and ``client`` its name.
    """

    __slots__ = (
        "_cookies",
        "_headers",
        "_json",
        "_query",
        "_raw",
        "_timeout",
        "client",
        "content",
        "method",
        "path_params",
        "uri",
        "view",
    )

    awaits = False  # whether a coroutine may be its answer

    method: Final[str]
    uri: Final[TargetURI]
    content: Final[bytes]
    client: Final[str]
    path_params: Mapping[str, str]
    view: Any  # what the call saw, for further requests that come of it; None until it is offered
    _cookies: Cookies
    _headers: Headers
    _json: Any
    _query: Query

    def __init__(
        self,
        method: str,
        uri: TargetURI,
        headers: RawHeaders | Callable[[], Sequence[tuple[str, str]]],
        content: bytes,
        client: str,
        timeout: Timeouts | Mapping[str, float | None] | Callable[[], Timeouts],
    ) -> None:
        self.method = method
        self.uri = uri
        self._raw = headers
        self.content = content
        self.client = client
        self._timeout = timeout
        self.path_params = _NO_PARAMS
        self.view = None

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return self.uri.scheme

    @property
    def host(self) -> str:
        """The host: lower case, IDNA in ASCII, IPv6 without brackets."""
        return self.uri.host

    @property
    def port(self) -> int:
        """The port, that of the scheme filled in."""
        return self.uri.port

    @property
    def target(self) -> str:
        """Path and query as they were sent (RFC 9112, Section 3.2.1)."""
        return self.uri.target

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.uri.origin

    @property
    def url(self) -> str:
        """The absolute URL, escaped as it was sent."""
        return self.uri.url

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> Query:
        """The query's parameters, decoded; its ``str`` is the text as it was sent."""
        try:
            return self._query
        except AttributeError:
            raw = self.uri.query or ""
            self._query = Query(parse_query(raw), raw)
            return self._query

    @property
    def headers(self) -> Headers:
        """The header fields, in the order sent."""
        try:
            return self._headers
        except AttributeError:
            raw = self._raw
            if callable(raw):
                self._headers = Headers(raw())
            else:
                self._headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])
            return self._headers

    @property
    def cookies(self) -> Cookies:
        """The cookies of the ``Cookie`` header."""
        try:
            return self._cookies
        except AttributeError:
            self._cookies = parse_cookies(self.headers.get_list("Cookie"))
            return self._cookies

    @property
    def timeout(self) -> Timeouts:
        """The client's timeouts for this call, in seconds."""
        timeout = self._timeout
        if not isinstance(timeout, Timeouts):
            timeout = self._timeout = timeout() if callable(timeout) else Timeouts(**timeout)
        return timeout

    @property
    def text(self) -> str:
        """The body, decoded by its charset, else as UTF-8; what cannot be decoded is replaced."""
        from mockstatus.bodies import decode

        return decode(self.content, self.headers.get("Content-Type"))

    def json(self) -> Any:
        """The body as JSON, whatever its Content-Type. Raises ValueError if it is not JSON."""
        try:
            return self._json
        except AttributeError:
            self._json = _load_json(self.content)
            return self._json

    def form(self) -> list[tuple[str, str]]:
        """The text fields of an urlencoded or multipart body. Raises ValueError if it is neither."""
        from mockstatus.bodies import form_of

        return form_of(self)

    def files(self) -> list[Part]:
        """The file parts of a multipart body. Raises ValueError if it is not multipart."""
        from mockstatus.bodies import files_of

        return files_of(self)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"


def _load_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("JSON that is nested too deep to be read") from None


class AsyncRequest(Request):
    """A request of an asynchronous client, whose answer may be awaited."""

    __slots__ = ()
    awaits = True


_NO_PARAMS: Mapping[str, str] = {}


class Head:
    """The status line and header fields that many responses share; only the date differs from one to the next.

    ``items`` holds None in the place of the date.
    """

    __slots__ = ("_raw", "http_version", "items", "raw_reason", "reason", "slot", "status")

    def __init__(
        self, status: int, reason: str, http_version: HTTPVersion, items: Sequence[tuple[str, str] | None]
    ) -> None:
        self.status = status
        self.reason = reason
        self.raw_reason = reason.encode("latin-1")
        self.http_version: HTTPVersion = http_version
        self.items = tuple(items)
        self.slot = self.items.index(None) if None in self.items else -1
        self._raw: list[tuple[bytes, bytes] | None] | None = None

    def pairs(self, date: str) -> list[tuple[str, str]]:
        """The header fields as text."""
        found = list(self.items)
        if self.slot >= 0:
            found[self.slot] = ("Date", date)
        return found  # type: ignore[return-value] # the one None is filled

    def raw_pairs(self, date: str) -> list[tuple[bytes, bytes]]:
        """The header fields as bytes."""
        if self._raw is None:
            self._raw = [
                None if item is None else (item[0].encode("latin-1"), item[1].encode("latin-1")) for item in self.items
            ]
        found = self._raw.copy()
        if self.slot >= 0:
            found[self.slot] = (b"Date", date.encode("ascii"))
        return found  # type: ignore[return-value] # the one None is filled


class Response:
    """An answer: what a client receives, and what stands in the journal.

    ``content`` is the body as sent, before a client decodes it; of a streamed one, the bytes delivered so far.
    ``plain`` says that nothing about it is unusual on the wire: HTTP/1.1, its length given, all there at once.
    """

    __slots__ = (
        "_content",
        "_headers",
        "_pieces",
        "date",
        "delay",
        "framing",
        "head",
        "interim",
        "plain",
        "sent",
        "shape",
        "stream",
    )

    _headers: Headers
    _pieces: Pieces

    def __init__(
        self,
        head: Head,
        date: str,
        content: bytes,
        framing: Framing = "length",
        delay: float = 0.0,
        interim: Sequence[Head] = (),
        stream: Callable[[], Pieces] | None = None,
        plain: bool = False,  # noqa: FBT001, FBT002 - positional: one is made for every call
    ) -> None:
        self.head: Final = head
        self.date: Final = date
        self._content = content
        self.framing: Final = framing
        self.delay: Final = delay
        self.interim: Final = interim
        self.stream: Final = stream
        self.plain: Final = plain
        self.shape: Any = None  # what a door made of it, to be used again
        self.sent: list[bytes] | None = None if stream is None else []  # what a stream delivered so far

    @property
    def status(self) -> int:
        """The status code."""
        return self.head.status

    @property
    def reason(self) -> str:
        """The reason phrase, which may be empty."""
        return self.head.reason

    @property
    def http_version(self) -> HTTPVersion:
        """``HTTP/1.1`` or ``HTTP/1.0``."""
        return self.head.http_version

    @property
    def headers(self) -> Headers:
        """The header fields, in the order sent."""
        try:
            return self._headers
        except AttributeError:
            self._headers = Headers(self.head.pairs(self.date))
            return self._headers

    @property
    def content(self) -> bytes:
        """The body as sent, before a client decodes it; of a stream or a broken reply, what was delivered so far."""
        return self._content if self.sent is None else b"".join(self.sent)

    def pieces(self) -> Pieces:
        """The content in the pieces in which it is sent; a stream is opened once for each response."""
        if self.stream is None:
            return iter((self._content,))
        try:
            return self._pieces
        except AttributeError:
            self._pieces = self.stream()
            return self._pieces

    @property
    def text(self) -> str:
        """The body, decoded by its charset, else as UTF-8; what cannot be decoded is replaced."""
        from mockstatus.bodies import decode

        return decode(self.content, self.headers.get("Content-Type"))

    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is not JSON."""
        return _load_json(self.content)

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>" if self.reason else f"<Response {self.status}>"


class Failure(NamedTuple):
    """A call that ends without a whole answer, named after what happens on the wire; or an exception to raise as it is.

    ``delay`` is in seconds and comes first. ``reply`` is the answer that is broken off after ``after`` bytes.
    """

    fault: str | BaseException
    delay: float = 0.0
    after: int = 0
    reply: Response | None = None


class PassThrough(NamedTuple):
    """The request is really sent."""


class Deferred(NamedTuple):
    """A user's coroutine has to be awaited first; it returns the outcome."""

    coroutine: Coroutine[Any, Any, Response | Failure]


class Noted(NamedTuple):
    """An outcome, with what is to stand in the journal about how it came to be."""

    outcome: Response | Failure | Deferred
    note: str


PASS_THROUGH: Final = PassThrough()
Outcome = Response | Failure | PassThrough | Deferred


@overload
def sent(outcome: Response | Failure) -> Response | Failure: ...
@overload
def sent(outcome: Outcome) -> Outcome: ...


def sent(outcome: Outcome) -> Outcome:
    """What is sent for an outcome: of the fault that is a whole answer, one that is not what it says, that answer."""
    if type(outcome) is Failure and outcome.fault == "bad_encoding" and outcome.reply is not None:
        return outcome.reply
    return outcome
