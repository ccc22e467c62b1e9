"""Content codings: content is sent encoded, with the encoded length, and every client decodes it."""

import gzip
import sys
import zlib

import brotli
import httpx
import pytest
import requests
import urllib3
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from mockstatus.codings import encoded
from tests.helpers import deterministic

URL = "https://api.example.com/page"
TEXT = "<p>naïve café</p> " * 40
CONTENT = TEXT.encode()
DECODE = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
    "zstd": lambda content: zstandard.ZstdDecompressor().decompressobj().decompress(content),
}
BY_ALL = ("gzip", "deflate", "br")
every_coding = pytest.mark.parametrize("coding", DECODE)


@every_coding
def test_content_is_encoded_so_that_its_codec_reads_it(coding):
    sent = encoded(CONTENT, coding)

    assert sent != CONTENT
    assert len(sent) < len(CONTENT)
    assert DECODE[coding](sent) == CONTENT


@every_coding
@deterministic
@given(content=st.binary(min_size=2))
def test_what_is_sent_can_always_be_decoded_and_is_the_content_unless_that_was_encoded_already(coding, content):
    sent = encoded(content, coding)

    assert DECODE[coding](sent) == content or sent == content


@every_coding
def test_content_that_is_encoded_already_is_sent_as_it_is(coding):
    once = encoded(CONTENT, coding)

    assert encoded(once, coding) == once


def test_several_codings_are_applied_in_the_order_they_are_named():
    sent = encoded(CONTENT, "deflate, gzip")

    assert zlib.decompress(gzip.decompress(sent)) == CONTENT


def test_a_coding_is_named_in_any_case():
    assert gzip.decompress(encoded(CONTENT, " GZip ")) == CONTENT


@pytest.mark.parametrize("codings", ["identity", "rot13", "", " , "])
def test_a_coding_that_nobody_defined_leaves_content_as_it_is(codings):
    assert encoded(CONTENT, codings) == CONTENT


def test_the_same_content_is_the_same_bytes_each_time():
    assert encoded(CONTENT, "gzip") == encoded(CONTENT, "gzip")


@pytest.mark.parametrize(("coding", "modules"), [("br", ["brotli", "brotlicffi"]), ("zstd", ["zstandard"])])
def test_a_coding_whose_package_is_missing_says_which(coding, modules, monkeypatch):
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(mockstatus.InvalidReply, match=f"Content-Encoding: {coding} needs the package {modules[0]}"):
        mockstatus.reply(200, text=TEXT, headers={"Content-Encoding": coding})


# --- through clients --------------------------------------------------------------------------------------------------


def read_by_httpx():
    response = httpx.get(URL)
    return response.headers, response.text


def read_by_requests():
    response = requests.get(URL)
    response.encoding = "utf-8"
    return response.headers, response.text


def read_by_urllib3():
    response = urllib3.PoolManager().request("GET", URL)
    return response.headers, response.data.decode()


# Without Python 3.14 or the package backports.zstd, urllib3 and so requests hand zstd over as it came.
@pytest.mark.parametrize(
    ("read", "coding"),
    [
        *((read, coding) for read in (read_by_httpx, read_by_requests, read_by_urllib3) for coding in BY_ALL),
        (read_by_httpx, "zstd"),
    ],
)
def test_every_client_decodes_what_was_sent_and_still_sees_the_encoded_length(read, coding):
    with mockstatus.activate() as router:
        router.get(URL).respond(200, text=TEXT, headers={"Content-Encoding": coding})

        headers, text = read()

        sent = router.calls.last.response
    assert text == TEXT
    assert headers["Content-Encoding"] == coding
    assert headers["Content-Length"] == str(len(sent.content)) != str(len(CONTENT))
    assert DECODE[coding](sent.content) == CONTENT


def test_the_documented_body_is_encoded_too():
    with mockstatus.activate() as router:
        router.get(URL).respond(202, headers={"Content-Encoding": "gzip"})

        assert httpx.get(URL).json() == {"status": "accepted", "task_id": "abc-123"}
        assert gzip.decompress(router.calls.last.response.content) == b'{"status": "accepted", "task_id": "abc-123"}'


def test_a_head_answer_says_the_encoded_length():
    with mockstatus.activate() as router:
        router.any(URL).respond(200, text=TEXT, headers={"Content-Encoding": "gzip"})

        assert httpx.head(URL).headers["Content-Length"] == httpx.get(URL).headers["Content-Length"]


def test_a_lenient_reply_is_sent_as_it_was_given():
    reply = mockstatus.reply(200, content=b"not gzip", headers={"Content-Encoding": "gzip"}, lenient=True)
    with mockstatus.activate() as router:
        router.get(URL).respond(reply)

        with pytest.raises(httpx.DecodingError):
            httpx.get(URL)
        assert router.calls.last.response.content == b"not gzip"


def test_the_range_of_encoded_content_is_of_the_encoded_bytes():
    with mockstatus.activate() as router:
        router.get(URL).respond(206, text=TEXT, headers={"Content-Encoding": "gzip"})

        headers = httpx.get(URL).headers

    length = int(headers["Content-Length"])
    assert headers["Content-Range"] == f"bytes 0-{length - 1}/{length}"
