"""What the documented responses are, for the tests of other libraries' mocks: not from mockstatus's own tables."""

from __future__ import annotations

from mockstatus import catalog
from tests.conformance.documented import message

CODES = [code for code in catalog if 200 <= code <= 599]
BEYOND = [code for code in catalog if code > 599]
INTERIM = [code for code in catalog if code < 200]
METHODS = ("GET", "HEAD", "POST")


def expected(code: int, method: str = "GET") -> tuple[list[tuple[str, str]], bytes]:
    """Header fields, names in small letters and without the date, and the body that arrives."""
    head, _, body = message(code, method).partition(b"\r\n\r\n")
    return without_date([tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n")[1:]]), body


def without_date(pairs) -> list[tuple[str, str]]:
    """Header fields with their names in small letters, but for the date, which has to be there."""
    fields = [(name.lower(), value) for name, value in pairs]
    assert [name for name, _ in fields].count("date") == 1, fields
    return [pair for pair in fields if pair[0] != "date"]
