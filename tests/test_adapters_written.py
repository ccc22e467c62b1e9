"""Requests read out of the bytes that a client writes, however these are cut."""

from __future__ import annotations

import pytest

from mockstatus.adapters.written import Written

POST = b"POST /jobs?a=1 HTTP/1.1\r\nHost: api.example.com\r\nX-A:  two words \r\n"
CHUNKS = b"3\r\none\r\n5;name=value\r\ntwo\r\n\r\n0\r\n\r\n"


def read(*parts: bytes) -> Written:
    """A request after these parts were written."""
    written = Written()
    for part in parts:
        written.feed(part)
    return written


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("sent", "content"),
    [
        (POST + b"\r\n", b""),
        (POST + b"Content-Length: 5\r\n\r\nab\r\nc", b"ab\r\nc"),
        (POST + b"Content-Length: 0\r\n\r\n", b""),
        (POST + b"transfer-encoding: Chunked\r\n\r\n" + CHUNKS, b"onetwo\r\n"),
    ],
    ids=["no body", "a length", "a length of nothing", "chunks"],
)
def test_a_request_is_complete_with_its_last_byte_however_it_is_cut(sent: bytes, content: bytes, size: int) -> None:
    """And not with the one before."""
    written = read(*[sent[start : start + size] for start in range(0, len(sent), size)])

    assert not read(sent[:-1]).is_complete
    assert (written.is_complete, written.method, written.target) == (True, "POST", "/jobs?a=1")
    assert bytes(written.content) == content
    assert bytes(written.raw) == sent


def test_header_fields_are_as_they_were_written_without_the_spaces_around_values() -> None:
    """Names in their case, in their order."""
    assert read(POST, b"\r\n").headers == [(b"Host", b"api.example.com"), (b"X-A", b"two words")]


def test_a_client_that_waits_for_a_100_is_known_by_its_head() -> None:
    """Before it has written the body."""
    written = read(POST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n")

    assert written.expects
    assert not written.is_complete


def test_what_is_no_request_yet_has_no_head() -> None:
    """Half a line, for one."""
    assert read(b"GET / HT").headers is None
