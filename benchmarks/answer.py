"""The one answer that every contender gives: same URL, status, header fields and body."""

from __future__ import annotations

from typing import Any, NamedTuple

URL = "https://api.example.com/jobs/7"
STATUS = 202
REASON = "Accepted"
BODY = b'{"status": "accepted", "task_id": "abc-123"}'
HEADERS = [
    ("Content-Type", "application/json"),
    ("Date", "Tue, 01 Jan 2030 00:00:00 GMT"),
    ("Content-Length", str(len(BODY))),
]
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS]


class Seen(NamedTuple):
    """What a caller has of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def seen(response: Any) -> Seen:
    """What any client's response says; the Date is another in every answer of ours, so it only has to be there."""
    status = response.status if hasattr(response, "data") else response.status_code
    body = response.data if hasattr(response, "data") else response.content
    headers = {name.lower(): "" if name.lower() == "date" else value for name, value in response.headers.items()}
    return Seen(status, headers, body)


EXPECTED = Seen(STATUS, {name.lower(): "" if name == "Date" else value for name, value in HEADERS}, BODY)


def check(name: str, response: Any) -> None:
    """Raise AssertionError where a contender gives another answer than the others."""
    received = seen(response)
    if received != EXPECTED:
        raise AssertionError(f"{name} answers {received}, the others {EXPECTED}: they cannot be compared")
