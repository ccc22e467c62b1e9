"""What a request makes its answer depend on: preconditions and ranges (RFC 9110, Sections 13 and 14). No resources."""

from __future__ import annotations

import re
from calendar import timegm
from email.utils import parsedate
from typing import TYPE_CHECKING, NamedTuple

from mockstatus.errors import InvalidRoute

if TYPE_CHECKING:
    from mockstatus.messages import Request

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_ETAG_LIST = re.compile(rf"[\s,]*{_ETAG.pattern}(?:\s*,[\s,]*{_ETAG.pattern})*[\s,]*")
_RANGE = re.compile(r"bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*", re.IGNORECASE | re.ASCII)
_MOST_DIGITS = 19
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_LONG_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)"
_DATE = re.compile(
    rf"(?:{_DAYS}), \d\d (?:{_MONTHS}) \d{{4}} {_TIME} GMT"
    rf"|(?:{_LONG_DAYS}), \d\d-(?:{_MONTHS})-\d\d {_TIME} GMT"
    rf"|(?:{_DAYS}) (?:{_MONTHS}) [ \d]\d {_TIME} \d{{4}}",
    re.ASCII,
)


class Validators(NamedTuple):
    """How one version of a resource is told from another (RFC 9110, Section 8.8)."""

    etag: str
    modified: int  # seconds since 1970
    dated: bool = True  # whether no other version has this date

    def changed(self, etag: str, modified: int) -> Validators:
        """Those of the next version."""
        return Validators(etag, modified, modified > self.modified)


def check_etag(etag: object) -> str:
    """An entity tag, in quotes. Raises InvalidRoute."""
    if not isinstance(etag, str):
        raise InvalidRoute(f"etag={etag!r}: give text")
    quoted = etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'
    if not _ETAG.fullmatch(quoted):
        raise InvalidRoute(f"etag={etag!r}: an entity tag has no spaces or quotes inside (RFC 9110, Section 8.8.3)")
    return quoted


def precondition(request: Request, now: Validators) -> int | None:
    """304 or 412 where a condition of the request does not hold, in the order of RFC 9110, Section 13.2.2."""
    headers = request.headers
    if "If-Match" in headers:
        if not _names(headers["If-Match"], now.etag, strong=True):
            return 412
    elif "If-Unmodified-Since" in headers:
        since = read_date(headers["If-Unmodified-Since"])
        if since is not None and now.modified > since:
            return 412
    is_read = request.method in ("GET", "HEAD")
    if "If-None-Match" in headers:
        if _names(headers["If-None-Match"], now.etag, strong=False):
            return 304 if is_read else 412
    elif "If-Modified-Since" in headers and is_read:
        since = read_date(headers["If-Modified-Since"])
        if since is not None and now.modified <= since:
            return 304
    return None


def _names(listed: str, etag: str, *, strong: bool) -> bool:
    """Whether a tag is among those of a list, compared as Section 8.8.3.2 says; what is no list names nothing."""
    if listed.strip() == "*":
        return True
    tags = _ETAG.findall(listed) if _ETAG_LIST.fullmatch(listed) else []
    if strong:
        return not etag.startswith("W/") and etag in tags
    return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def is_current(validator: str, now: Validators) -> bool:
    """Whether an If-Range names what is there now: by a strong tag, or by a date that only this version has."""
    text = validator.strip()
    if text.startswith(('"', "W/")):
        return text == now.etag and not text.startswith("W/")
    return now.dated and read_date(text) == now.modified


def read_range(text: str, size: int) -> range | None:
    """The one range of bytes in a Range field, empty if nothing of it is there; None where the whole is the answer.

    That is so where the field cannot be read, is of another unit, or asks for several ranges: a server may ignore it
    (RFC 9110, Section 14.2).
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    first, last, length = (_read_number(digits) for digits in found.groups())
    if length is not None:
        return range(max(0, size - length), size) if size or not length else None
    assert first is not None
    if last is not None and last < first:
        return None
    return range(first, size if last is None else min(last + 1, size))


def _read_number(digits: str | None) -> int | None:
    """A number; one of very many digits is beyond the end of any content, and that is all that matters of it."""
    if not digits:
        return None
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < _MOST_DIGITS else 10**_MOST_DIGITS


def read_date(text: str) -> int | None:
    """Seconds since 1970 from a date in any of the three formats of RFC 9110, Section 5.6.7; None where it is none."""
    parts = parsedate(text) if _DATE.fullmatch(text.strip()) else None
    return None if parts is None else timegm(parts)
