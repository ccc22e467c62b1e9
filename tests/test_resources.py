"""A resource with validators, asked for whole, in part, if it changed, and replaced if it did not (RFC 9110)."""

import re
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from tests.helpers import API, deterministic

NOW = datetime(2026, 11, 22, 10, 15, 30, 700_000, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 10:15:30 GMT"
BEFORE = "Sun, 22 Nov 2026 10:15:29 GMT"
AFTER = "Sun, 22 Nov 2026 10:15:31 GMT"
FILE = f"{API}/file"
CONTENT = b"0123456789"
OPEN_RANGE = "bytes=5-"


@pytest.fixture
def router():
    return mockstatus.Router(API, now=NOW)


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API)


@pytest.fixture
def resource(router):
    return router.resource("/file", CONTENT, etag="v1")


def ask(client, method="GET", content=None, **fields):
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.request(method, "/file", headers=headers, content=content)


# --- the whole --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("resource")
def test_the_whole_comes_with_its_validators(client):
    response = ask(client)

    assert (response.status_code, response.content) == (200, CONTENT)
    assert dict(response.headers) == {
        "content-type": "application/octet-stream",
        "date": DATE,
        "etag": '"v1"',
        "last-modified": DATE,
        "accept-ranges": "bytes",
        "content-length": "10",
    }


@pytest.mark.usefixtures("resource")
def test_head_says_what_get_says_without_content(client):
    get, head = ask(client), ask(client, "HEAD")

    assert head.headers == get.headers
    assert head.content == b""


@pytest.mark.parametrize(
    ("content", "given", "kind"),
    [
        ("é", None, "text/plain; charset=utf-8"),
        (b"\x00", None, "application/octet-stream"),
        ("{}", "application/json", "application/json"),
    ],
)
def test_a_resource_is_bytes_or_text_of_a_type(router, client, content, given, kind):
    router.resource("/file", content, content_type=given)

    response = ask(client)

    assert response.headers["Content-Type"] == kind
    assert response.content == (content if isinstance(content, bytes) else content.encode())


def test_without_an_etag_it_is_one_of_the_content(router, client):
    for number, content in enumerate((b"a", b"b", b"a")):
        router.resource(f"/{number}", content)
    one, two, three = (client.get(f"/{number}").headers["ETag"] for number in range(3))

    assert one == three != two
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', one)


@pytest.mark.parametrize(("given", "sent"), [("v1", '"v1"'), ('"v1"', '"v1"'), ('W/"v1"', 'W/"v1"'), ("", '""')])
def test_an_etag_is_sent_in_quotes(router, client, given, sent):
    router.resource("/file", CONTENT, etag=given)

    assert ask(client).headers["ETag"] == sent


@pytest.mark.parametrize("etag", ["a b", 'a"b', '"open', 'W/"a" "b"', "a\n", 7, b"v1"])
def test_an_etag_that_cannot_be_sent_is_refused(router, etag):
    with pytest.raises(mockstatus.InvalidRoute, match="etag="):
        router.resource("/file", CONTENT, etag=etag)


@pytest.mark.parametrize("content", [None, 7, {"a": 1}, ["a"]])
def test_content_that_is_none_is_refused(router, content):
    with pytest.raises(mockstatus.InvalidRoute, match="bytes or text"):
        router.resource("/file", content)


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "QUERY"])
def test_a_method_that_means_nothing_is_a_405_whatever_its_conditions(client, method):
    response = ask(client, method, If_Match='"other"')

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "PUT", "OPTIONS"}


@pytest.mark.usefixtures("resource")
def test_options_says_what_can_be_done(client):
    response = ask(client, "OPTIONS")

    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, PUT, OPTIONS")


# --- conditions -------------------------------------------------------------------------------------------------------

OLD_FORMS = ["Sunday, 22-Nov-26 10:15:30 GMT", "Sun Nov 22 10:15:30 2026"]
NO_DATES = [
    "yesterday",
    "",
    "2026-11-22T10:15:30Z",
    "Sun, 22 Nov 2026 10:15:30",
    "Sun, 22 Nov 2026 10:15:30 +0000",
    f"{DATE}, {DATE}",
    "1",
]

# fields of the request: status of a GET of "v1", which was last modified at DATE (RFC 9110, Sections 13.1 and 13.2.2)
CONDITIONS = [
    # If-None-Match compares weakly
    ({"If_None_Match": '"v1"'}, 304),
    ({"If_None_Match": 'W/"v1"'}, 304),
    ({"If_None_Match": "*"}, 304),
    ({"If_None_Match": '"a", "v1"'}, 304),
    ({"If_None_Match": '"a" ,,"v1" ,'}, 304),
    ({"If_None_Match": '"a,b", W/"v1"'}, 304),
    ({"If_None_Match": '"v2"'}, 200),
    ({"If_None_Match": '"V1"'}, 200),
    ({"If_None_Match": "v1"}, 200),
    ({"If_None_Match": 'w/"v1"'}, 200),
    ({"If_None_Match": ""}, 200),
    ({"If_None_Match": '"x"v1"'}, 200),
    # If-Modified-Since
    ({"If_Modified_Since": DATE}, 304),
    ({"If_Modified_Since": AFTER}, 304),
    ({"If_Modified_Since": BEFORE}, 200),
    *(({"If_Modified_Since": date}, 304) for date in OLD_FORMS),
    *(({"If_Modified_Since": date}, 200) for date in NO_DATES),
    # If-None-Match goes before it
    ({"If_None_Match": '"v2"', "If_Modified_Since": AFTER}, 200),
    ({"If_None_Match": '"v1"', "If_Modified_Since": BEFORE}, 304),
    # If-Match compares strongly
    ({"If_Match": '"v1"'}, 200),
    ({"If_Match": "*"}, 200),
    ({"If_Match": '"a", "v1"'}, 200),
    ({"If_Match": '"v2"'}, 412),
    ({"If_Match": 'W/"v1"'}, 412),
    ({"If_Match": "v1"}, 412),
    # If-Unmodified-Since
    ({"If_Unmodified_Since": DATE}, 200),
    ({"If_Unmodified_Since": AFTER}, 200),
    ({"If_Unmodified_Since": BEFORE}, 412),
    *(({"If_Unmodified_Since": date}, 200) for date in [*OLD_FORMS, *NO_DATES]),
    # If-Match goes before it, and both before the others
    ({"If_Match": '"v1"', "If_Unmodified_Since": BEFORE}, 200),
    ({"If_Match": '"v2"', "If_Unmodified_Since": AFTER}, 412),
    ({"If_Match": '"v1"', "If_None_Match": '"v1"'}, 304),
    ({"If_Match": '"v2"', "If_None_Match": '"v1"'}, 412),
    ({"If_Match": '"v1"', "If_None_Match": '"v2"'}, 200),
    ({"If_Unmodified_Since": BEFORE, "If_None_Match": '"v1"'}, 412),
    ({"If_Unmodified_Since": AFTER, "If_Modified_Since": AFTER}, 304),
    # and all of them before a range
    ({"If_None_Match": '"v1"', "Range": OPEN_RANGE}, 304),
    ({"If_None_Match": '"v2"', "Range": OPEN_RANGE}, 206),
    ({"If_Match": '"v2"', "Range": OPEN_RANGE}, 412),
    ({"If_Match": '"v1"', "Range": OPEN_RANGE}, 206),
    ({"If_Match": '"v2"', "Range": "bytes=90-"}, 412),
]


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize(("fields", "status"), CONDITIONS)
def test_conditions_are_judged_in_the_order_of_the_rfc(client, fields, status):
    get, head = ask(client, **fields), ask(client, "HEAD", **fields)

    assert get.status_code == status
    assert head.status_code == (200 if status == 206 else status)
    assert (get.content == CONTENT) == (status == 200)


@pytest.mark.usefixtures("resource")
def test_a_304_has_the_validators_and_nothing_that_describes_content(client):
    response = ask(client, If_None_Match='"v1"')

    assert dict(response.headers) == {"date": DATE, "etag": '"v1"', "last-modified": DATE}
    assert response.content == b""


@pytest.mark.usefixtures("resource")
def test_a_412_is_the_documented_one(client):
    assert ask(client, If_Match='"v2"').json() == client.get("https://mock.local/412").json()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If_None_Match": '"v1"'}, 304),
        ({"If_None_Match": 'W/"v1"'}, 304),
        ({"If_Match": 'W/"v1"'}, 412),
        ({"If_Match": '"v1"'}, 412),
        ({"If_Match": "*"}, 200),
    ],
)
def test_a_weak_tag_never_matches_strongly(router, client, fields, status):
    router.resource("/file", CONTENT, etag='W/"v1"')

    assert ask(client, **fields).status_code == status


def test_two_lines_of_a_field_are_one_list(router, client, resource):
    response = client.get("/file", headers=[("If-None-Match", '"a"'), ("If-None-Match", '"v1"')])

    assert response.status_code == 304


# --- ranges -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-4", 2, 4),
        ("bytes=5-", 5, 9),
        ("bytes=0-", 0, 9),
        ("bytes=9-", 9, 9),
        ("bytes=9-9", 9, 9),
        ("bytes=2-10", 2, 9),
        ("bytes=2-999999", 2, 9),
        ("bytes=2-" + "9" * 5000, 2, 9),
        ("bytes=0" + "0" * 5000 + "2-4", 2, 4),
        ("bytes=-1", 9, 9),
        ("bytes=-3", 7, 9),
        ("bytes=-10", 0, 9),
        ("bytes=-999", 0, 9),
        ("bytes=-" + "9" * 5000, 0, 9),
        ("BYTES=2-4", 2, 4),
        ("bytes= 2-4", 2, 4),
    ],
    ids=lambda text: str(text)[:20],
)
def test_a_range_is_sent_with_where_it_stands(client, asked, first, last):
    response = ask(client, Range=asked)

    assert response.status_code == 206
    assert response.content == CONTENT[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/10"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert (response.headers["ETag"], response.headers["Last-Modified"]) == ('"v1"', DATE)


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=99-", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_a_range_beyond_the_end_is_a_416_that_says_how_long_it_is(client, asked):
    response = ask(client, Range=asked)

    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */10"
    assert "ETag" not in response.headers


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize(
    "asked",
    [
        *(
            "bytes=4-2",
            "bytes=-",
            "bytes=",
            "bytes",
            "",
            "bytes=a-b",
            "bytes=1",
            "bytes=1-2-3",
            "bytes=--1",
            "bytes=1.0-2",
        ),
        *("items=0-1", "bytes:0-1", "bytes =0-1", "2-4", "bytes=\xb2-4"),
        *("bytes=0-1,3-4", "bytes=0-1, -1", "bytes=0-1,99-", "bytes=99-,100-"),
    ],
)
def test_what_is_no_single_range_of_bytes_is_answered_whole(client, asked):
    """A server may ignore Range; several are answered whole too (RFC 9110, Section 14.2)."""
    response = ask(client, Range=asked.encode("latin-1"))

    assert (response.status_code, response.content) == (200, CONTENT)
    assert "Content-Range" not in response.headers


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS"])
def test_only_get_has_ranges(client, method):
    assert ask(client, method, Range="bytes=99-").status_code in (200, 204)


@pytest.mark.parametrize(
    ("asked", "status"), [("bytes=0-", 416), ("bytes=0-0", 416), ("bytes=-5", 200), ("bytes=-0", 416)]
)
def test_nothing_of_nothing(router, client, asked, status):
    """A suffix of an empty resource is the whole of it; nothing else is there (RFC 9110, Section 14.1.2)."""
    router.resource("/file", b"")

    response = ask(client, Range=asked)

    assert response.status_code == status
    assert response.headers.get("Content-Range") == ("bytes */0" if status == 416 else None)


@pytest.mark.usefixtures("resource")
@pytest.mark.parametrize(
    ("validator", "status"),
    [
        ('"v1"', 206),
        ('"v2"', 200),
        ('W/"v1"', 200),
        ('"v1", "v2"', 200),
        ("*", 200),
        ("v1", 200),
        ("", 200),
        (DATE, 206),
        (BEFORE, 200),
        (AFTER, 200),
        *((date, 206) for date in OLD_FORMS),
        *((date, 200) for date in NO_DATES),
    ],
)
def test_if_range_sends_the_part_only_of_what_the_client_has(client, validator, status):
    response = ask(client, Range=OPEN_RANGE, If_Range=validator)

    assert response.status_code == status
    assert response.content == (CONTENT[5:] if status == 206 else CONTENT)


@pytest.mark.usefixtures("resource")
def test_if_range_of_another_version_makes_nothing_of_a_range_beyond_the_end(client):
    assert ask(client, Range="bytes=99-", If_Range='"v2"').status_code == 200
    assert ask(client, Range="bytes=99-", If_Range='"v1"').status_code == 416


@pytest.mark.usefixtures("resource")
def test_if_range_without_a_range_means_nothing(client):
    assert ask(client, If_Range='"v2"').status_code == 200


def test_a_weak_tag_is_no_if_range(router, client):
    router.resource("/file", CONTENT, etag='W/"v1"')

    assert ask(client, Range=OPEN_RANGE, If_Range='W/"v1"').status_code == 200


@deterministic
@given(
    content=st.binary(max_size=40),
    first=st.none() | st.integers(0, 50),
    last=st.none() | st.integers(0, 50),
)
def test_any_range_is_the_slice_of_python(content, first, last):
    router = mockstatus.Router(now=NOW)
    router.resource(FILE, content)
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))
    asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"

    response = client.get(FILE, headers={"Range": asked})

    if first is None:
        part = None if last is None else content[-last:] if last else b""
    elif last is None:
        part = content[first:]
    else:
        part = None if last < first else content[first : last + 1]
    if part is None or (first is None and not content and last):
        assert (response.status_code, response.content) == (200, content)
    elif part:
        assert (response.status_code, response.content) == (206, part)
        start, stop, size = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers["Content-Range"]).groups()
        assert content[int(start) : int(stop) + 1] == part
        assert int(size) == len(content)
    else:
        assert response.status_code == 416


def test_a_download_that_is_resumed_in_pieces_comes_to_the_whole():
    content = bytes(range(256)) * 10
    with mockstatus.activate() as router:
        router.resource(FILE, content)
        got = b""
        tag = None
        while len(got) < len(content):
            headers = {"Range": f"bytes={len(got)}-{len(got) + 99}"} | ({"If-Range": tag} if tag else {})
            response = requests.get(FILE, headers=headers)
            assert response.status_code == 206
            tag = response.headers["ETag"]
            got += response.content

    assert got == content


@pytest.mark.parametrize("name", ["httpx", "httpx2", "requests", "urllib3"])
def test_every_client_gets_a_part_and_a_304(name):
    with mockstatus.activate() as router:
        router.resource(FILE, CONTENT, etag="v1")

        def get(**headers):
            if name == "urllib3":
                response = urllib3.PoolManager().request("GET", FILE, headers=headers)
                return response.status, response.data
            library = {"httpx": httpx, "httpx2": httpx2, "requests": requests}[name]
            response = library.get(FILE, headers=headers)
            return response.status_code, response.content

        assert get(Range="bytes=2-4") == (206, b"234")
        assert get(**{"If-None-Match": '"v1"'}) == (304, b"")


# --- replacing it -----------------------------------------------------------------------------------------------------


def test_put_replaces_it_and_says_its_new_tag(router, client, resource):
    router.clock.advance(60)

    put = ask(client, "PUT", b"new", Content_Type="text/csv", If_Match='"v1"')
    get = ask(client)

    assert put.status_code == 204
    assert put.headers["ETag"] == get.headers["ETag"] != '"v1"'
    assert (get.content, get.headers["Content-Type"]) == (b"new", "text/csv")
    assert get.headers["Last-Modified"] == "Sun, 22 Nov 2026 10:16:30 GMT"
    assert resource.call_count == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 204),
        ({"If_Match": '"v1"'}, 204),
        ({"If_Match": "*"}, 204),
        ({"If_Match": '"v2"'}, 412),
        ({"If_Match": 'W/"v1"'}, 412),
        ({"If_None_Match": "*"}, 412),
        ({"If_None_Match": '"v1"'}, 412),
        ({"If_None_Match": '"v2"'}, 204),
        ({"If_Unmodified_Since": BEFORE}, 412),
        ({"If_Unmodified_Since": DATE}, 204),
        ({"If_Modified_Since": AFTER}, 204),
        ({"Content_Range": "bytes 0-2/10"}, 400),
    ],
)
@pytest.mark.usefixtures("resource")
def test_put_replaces_only_what_the_client_knows(client, fields, status):
    response = ask(client, "PUT", b"new", **fields)

    assert response.status_code == status
    assert ask(client).content == (b"new" if status == 204 else CONTENT)


@pytest.mark.usefixtures("resource")
def test_of_two_who_know_the_same_version_one_replaces_it(client):
    """The lost update that If-Match is for (RFC 9110, Section 13.1.1)."""
    tag = ask(client).headers["ETag"]

    assert [ask(client, "PUT", text, If_Match=tag).status_code for text in (b"mine", b"yours")] == [204, 412]
    assert ask(client).content == b"mine"


@pytest.mark.usefixtures("resource")
def test_a_date_that_two_versions_have_is_no_if_range(router, client):
    """It is a weak validator then (RFC 9110, Section 8.8.2.2)."""
    ask(client, "PUT", b"0123456789x")
    assert ask(client, Range=OPEN_RANGE, If_Range=DATE).status_code == 200

    router.clock.advance(1)
    ask(client, "PUT", b"0123456789y")

    assert ask(client, Range=OPEN_RANGE, If_Range=AFTER).status_code == 206


def test_reset_and_leaving_an_activation_bring_the_content_back():
    router = mockstatus.Router(API)
    router.resource("/file", CONTENT, etag="v1")
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API)
    ask(client, "PUT", b"kept")

    with mockstatus.activate(router):
        requests.put(FILE, data=b"forgotten")
        assert requests.get(FILE).content == b"forgotten"

    assert ask(client).content == b"kept"
    router.reset()
    assert (ask(client).content, ask(client).headers["ETag"]) == (CONTENT, '"v1"')
