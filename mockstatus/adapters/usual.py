"""Which requests httpcore would send exactly as they stand. Knows what h11 asks of a request; no client and no router."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_USUAL_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(rb"[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?")

# What a header section says of the content: its length, or one of these.
_NO_CONTENT: Final = -1
_ANY_CONTENT: Final = -2  # it comes in chunks
_NEVER_SENT_SO: Final = -3

Fields = tuple[tuple[bytes, bytes], ...]
_known_heads: Final[dict[tuple[str, Fields], tuple[int, Fields]]] = {}

# What is known of a header field, once it has been looked at: bits, and for a Content-Length its number above them.
_UNUSUAL, _HOST, _CODED, _SIZED = 1, 2, 4, 8
_known_fields: Final[dict[tuple[bytes, bytes], int]] = {}
_MOST_KNOWN: Final = 1024  # of either: clients that send another identifier with each request leave little behind


def usual_fields(method: str, headers: Sequence[tuple[bytes, bytes]], content: bytes) -> Fields | None:
    """The header fields of a request that is sent as it stands; None where something is refused, moved or rewritten.

    Equal ones are the same object, so that many requests that are kept take little room.
    """
    fields = tuple(headers)
    known = _known_heads.get((method, fields))
    if known is None:
        if len(_known_heads) > _MOST_KNOWN:
            _known_heads.clear()
        known = _known_heads[method, fields] = (_look(method, fields), fields)
    said, fields = known
    if said == len(content) if said >= 0 else said == _ANY_CONTENT or (said == _NO_CONTENT and not content):
        return fields
    return None


def _look(method: str, headers: Fields) -> int:
    """What a request's head says of its content."""
    if method not in _USUAL_METHODS and not _TOKEN.fullmatch(method):
        return _NEVER_SENT_SO
    if not headers or headers[0][0].lower() != b"host":  # which h11 sends first
        return _NEVER_SENT_SO
    seen = 0
    for field in headers:
        fact = _known_fields.get(field)
        if fact is None:
            fact = _learn(field)
        if fact & (seen | _UNUSUAL) & 15:
            return _NEVER_SENT_SO
        seen |= fact
    if seen & _SIZED:
        return _NEVER_SENT_SO if seen & _CODED else seen >> 4
    return _ANY_CONTENT if seen & _CODED else _NO_CONTENT


def _learn(field: tuple[bytes, bytes]) -> int:
    """Look at a header field."""
    name, value = field[0].lower(), field[1]
    if not _NAME.fullmatch(name) or (value and not _VALUE.fullmatch(value)):
        fact = _UNUSUAL
    elif name == b"host":
        fact = _HOST
    elif name == b"transfer-encoding":
        fact = _CODED if value == b"chunked" else _UNUSUAL
    elif name == b"content-length":
        fact = _SIZED | int(value) << 4 if value.isdigit() and len(value) < _LONGEST_LENGTH else _UNUSUAL
    else:
        fact = 0
    if len(_known_fields) > _MOST_KNOWN:
        _known_fields.clear()
    _known_fields[field] = fact
    return fact


_LONGEST_LENGTH: Final = 20  # digits
