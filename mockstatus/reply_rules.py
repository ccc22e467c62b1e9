"""What a conforming server can send, checked where a test defines it. Knows the rules of HTTP; not how a reply is sent."""

from __future__ import annotations

import json as _json
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from mockstatus.documents import Style, check_style, headers_of
from mockstatus.errors import InvalidReply
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Head, HTTPVersion
from mockstatus.statuses import catalog
from mockstatus.streams import Source

HeaderValue = str | int | float | None
HeadersLike = Mapping[str, HeaderValue] | Sequence[tuple[str, HeaderValue]] | Exactly
ReplyFraming = Literal["length", "chunked", "close"]
InterimLike = int | tuple[int, Mapping[str, str]]
Given = list[tuple[str, str | None]]
Items = list[tuple[str, str] | None]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COOKIE_VALUE = re.compile(r'"?[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"?')
NO_CONTENT: Final = frozenset({*range(100, 200), 204, 304})


def check_seconds(name: str, seconds: float) -> float:
    """A finite number of seconds, 0 or more. Raises InvalidReply."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
        raise InvalidReply(f"{name}={seconds!r}: give a finite number of seconds, 0 or more")
    return float(seconds)


def check_status(status: object, *, lenient: bool) -> int:
    """A status code that ends an exchange. Raises InvalidReply."""
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


def check_style_and_body(style: Style | None, **bodies: object) -> Style:
    """The style of the documented body, which is the only body given. Raises InvalidReply."""
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


def make_body(
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


_encode: Final = _json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _write_json(value: object) -> bytes:
    try:
        text = _encode(value)
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


def check_content_allowed(code: int, body: tuple[str | None, bytes | None] | None) -> None:
    """Raise InvalidReply for content where the status has none."""
    if body is None or body[1] == b"" or catalog[code].body_allowed:
        return
    rule = {
        204: "a 204 ends with its header section and has no content (RFC 9110, Section 15.3.5)",
        205: "a server must not send content in a 205 (RFC 9110, Section 15.3.6)",
        304: "a 304 ends with its header section and has no content (RFC 9110, Section 15.4.5)",
    }[code]
    raise InvalidReply(f"status {code} with a body: {rule}; mockstatus.reply({code}, …, lenient=True) sends it anyway")


def check_version(version: object) -> HTTPVersion:
    """A version of HTTP that is spoken. Raises InvalidReply."""
    if version == "HTTP/1.1":
        return "HTTP/1.1"
    if version == "HTTP/1.0":
        return "HTTP/1.0"
    raise InvalidReply(f'http_version={version!r}: answers are "HTTP/1.1" or "HTTP/1.0"')


def check_reason(code: int, reason: object, *, lenient: bool) -> str:
    """A reason phrase, the registered one where none is given. Raises InvalidReply."""
    if reason is None:
        return catalog[code].phrase if code in catalog else ""
    if not isinstance(reason, str):
        raise InvalidReply(f"reason={reason!r} is not text")
    if not lenient and (_FORBIDDEN_IN_VALUE.search(reason) or not _is_latin_1(reason)):
        raise InvalidReply(
            f"reason={reason!r}: a reason phrase is one line of printable Latin-1 text (RFC 9112, Section 4)"
        )
    return reason if _is_latin_1(reason) else reason.encode().decode("latin-1")


def check_framing(
    framing: ReplyFraming | None, version: HTTPVersion, source: Source | None, given: Given | Exactly, *, lenient: bool
) -> ReplyFraming | None:
    """How the end of the content is to be found, as far as it was said or is known. Raises InvalidReply."""
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


def check_framing_fields(code: int, version: HTTPVersion, given: Given, framing: object) -> None:
    """Raise InvalidReply for fields that contradict each other about where the content ends."""
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
    if (code in NO_CONTENT and codings and code != 304) or (code == 204 and lengths):
        name = "Transfer-Encoding" if codings else "Content-Length"
        raise InvalidReply(
            f"{name} on a {code}: a server must not send it (RFC 9110, Section 8.6; RFC 9112, Section 6.1)"
        )


def given_fields(headers: HeadersLike | None, cookies: Mapping[str, str] | None, *, lenient: bool) -> Given:
    """Header fields and cookies as they are sent. Raises InvalidReply."""
    given: Given = [] if headers is None else read_headers(headers, lenient=lenient)
    for name, value in (cookies or {}).items():
        given.append(("Set-Cookie", f"{name}={value}" if lenient else _set_cookie(name, value)))
    return given


def pairs_of(headers: Exactly, lenient: bool) -> Items:  # noqa: FBT001
    """The fields of ``exactly(…)``, those that are left out apart."""
    return [(name, value) for name, value in read_headers(headers.items, lenient=lenient) if value is not None]


def read_headers(headers: object, *, lenient: bool) -> Given:
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


def read_interim(interim: object, *, lenient: bool) -> list[Head]:
    """The heads of interim responses. Raises InvalidReply."""
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
    pairs = headers_of(code, body_given=False) if headers is None else read_headers(headers, lenient=lenient)
    framing = [name for name, _ in pairs if name.lower() in ("content-length", "transfer-encoding")]
    if framing and not lenient:
        raise InvalidReply(f"interim=[{one!r}]: {framing[0]} on a 1xx, which has no content (RFC 9110, Section 8.6)")
    phrase = catalog[code].phrase if code in catalog else ""
    return Head(code, phrase, "HTTP/1.1", [(name, value) for name, value in pairs if value is not None])
