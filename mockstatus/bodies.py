"""What a request's body says: its charset, its form fields, its files. Knows encodings; must not know routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockstatus.fields import Headers
from mockstatus.urls import parse_query

if TYPE_CHECKING:
    from mockstatus.messages import Request

_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body: ``filename`` and ``content_type`` are None where the part names none."""

    name: str
    filename: str | None
    content_type: str | None
    headers: Headers
    content: bytes


def media_type(content_type: str | None) -> str:
    """The type and subtype in lower case, without parameters; empty where there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def decode(content: bytes, content_type: str | None) -> str:
    """The text of a body: by the charset that its type names, if that is one, else as UTF-8; the rest is replaced."""
    charset = _parameters(content_type or "").get("charset", "utf-8")
    try:
        return content.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        return content.decode("utf-8", "replace")


def form_of(request: Request) -> list[tuple[str, str]]:
    """The text fields of an urlencoded or multipart body, in order. Raises ValueError if it is neither."""
    content_type = request.headers.get("Content-Type")
    kind = media_type(content_type)
    if kind == "application/x-www-form-urlencoded":
        return parse_query(request.content.decode("utf-8", "replace"))
    if kind == "multipart/form-data":
        return [
            (part.name, decode(part.content, part.content_type))
            for part in parse_multipart(content_type or "", request.content)
            if part.filename is None
        ]
    raise ValueError(f"the body of {request!r} is no form: its Content-Type is {content_type!r}")


def files_of(request: Request) -> list[Part]:
    """The parts of a multipart body that have a file name. Raises ValueError if it is not multipart."""
    content_type = request.headers.get("Content-Type")
    if media_type(content_type) != "multipart/form-data":
        raise ValueError(f"the body of {request!r} has no files: its Content-Type is {content_type!r}")
    return [part for part in parse_multipart(content_type or "", request.content) if part.filename is not None]


def parse_multipart(content_type: str, content: bytes) -> list[Part]:
    """The parts of a multipart body (RFC 2046, Section 5.1; RFC 7578). Raises ValueError if it is broken."""
    boundary = _parameters(content_type).get("boundary")
    if not boundary:
        raise ValueError(f"a multipart body without a boundary: the Content-Type is {content_type!r}")
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    _, *pieces = (b"\r\n" + content).split(delimiter)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError(f"a multipart body without its closing boundary {boundary!r}")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise ValueError(f"a part of a multipart body without a blank line after its headers: {piece[:80]!r}")
    pairs = []
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        pairs.append((name.strip(), value.strip()))
    headers = Headers(pairs)
    disposition = _parameters(headers.get("Content-Disposition", ""))
    filename = disposition.get("filename")
    if "filename*" in disposition:
        charset, _, rest = disposition["filename*"].partition("'")
        filename = unquote(rest.partition("'")[2], charset or "utf-8")
    return Part(
        _unescape(disposition.get("name", "")),
        None if filename is None else _unescape(filename),
        headers.get("Content-Type"),
        headers,
        content,
    )


def _unescape(text: str) -> str:
    """Undo what browsers and clients escape in names (WHATWG HTML, multipart/form-data encoding)."""
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _parameters(header: str) -> dict[str, str]:
    found = {}
    for name, value in _PARAMETER.findall(header):
        text = value.strip()
        if text.startswith('"'):
            text = re.sub(
                r'\\([\\"])', r"\1", text[1:-1]
            )  # no other backslash is an escape: some clients send them raw
        found[name.lower()] = text
    return found
