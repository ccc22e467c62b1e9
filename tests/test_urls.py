"""Which URLs are the same one, as RFC 3986 and the URL standard say, and as three clients send what a user types."""

import ipaddress
import string
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockstatus import InvalidRoute
from mockstatus.urls import (
    authority_of,
    canonical_host,
    canonical_path,
    is_absolute,
    parse_query,
    split,
    split_relative,
    target_uri,
)
from tests.helpers import API, SENDERS, deterministic, fits, make_request

every_client = pytest.mark.parametrize("client", SENDERS)

# --- paths ------------------------------------------------------------------------------------------------------------

SAME_PATHS = [
    ("", "/"),
    ("/%7euser", "/~user"),
    ("/%7Euser", "/~user"),
    ("/%61%2D%2e%5F", "/a-._"),
    ("/a%2fb", "/a%2Fb"),
    ("/caf%c3%a9", "/café"),
    ("/a b", "/a%20b"),
    ("/a|b", "/a%7Cb"),
    ("/a[0]", "/a%5B0%5D"),  # both stand for themselves nowhere in a path (RFC 3986, Section 3.3)
    ('/a"b', "/a%22b"),
    ("/100%", "/100%25"),
    ("/%zz", "/%25zz"),
    ("/a/./b", "/a/b"),
    ("/a/../b", "/b"),
    ("/a/..", "/"),
    ("/a/.", "/a/"),
    ("/../../a", "/a"),
    ("/a/%2e%2E/b", "/b"),
    ("/a/%2e/b", "/a/b"),
    ("/a//../b", "/a/b"),
]
DIFFERENT_PATHS = [
    ("/a", "/A"),
    ("/a", "/a/"),
    ("/a/b", "/a%2Fb"),
    ("/a/b", "/a//b"),
    ("/a+b", "/a%20b"),
    ("/a+b", "/a%2Bb"),
    ("/a:b", "/a%3Ab"),
    ("/a;b", "/a%3Bb"),
    ("/a=b", "/a%3Db"),
    ("/a@b", "/a%40b"),
    ("/a%2520b", "/a%20b"),
    ("/%25zz", "/zz"),
    ("/...", "/"),
    ("/.a", "/a"),
    ("/a..", "/"),
    ("//a", "/a"),
    ("/é", "/e\u0301"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PATHS)
def test_paths_that_are_the_same_have_one_canonical_form(one, other):
    assert canonical_path(one) == canonical_path(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT_PATHS)
def test_paths_that_differ_have_different_canonical_forms(one, other):
    assert canonical_path(one) != canonical_path(other)


@pytest.mark.parametrize(("one", "other"), [*SAME_PATHS, *((other, one) for one, other in SAME_PATHS)])
def test_a_route_with_one_of_two_equal_paths_fits_a_request_with_the_other(one, other):
    assert fits(make_request(url=API + other), API + one)


@pytest.mark.parametrize(("one", "other"), [*DIFFERENT_PATHS, *((other, one) for one, other in DIFFERENT_PATHS)])
def test_a_route_with_one_of_two_different_paths_does_not_fit_the_other(one, other):
    assert not fits(make_request(url=API + other), API + one)


path_texts = st.text(alphabet="aB0~-._%/+:;=@[]|é 2eEfF", max_size=20).map(lambda text: "/" + text)


@deterministic
@given(path_texts)
@example("/%2")
@example("/%%32e")
@example("/%2%45")
def test_a_canonical_path_is_its_own_canonical_form(path):
    once = canonical_path(path)

    assert canonical_path(once) == once


@deterministic
@given(st.text(alphabet=string.ascii_letters + string.digits + "-._~", min_size=1, max_size=12), st.data())
def test_escaping_unreserved_characters_never_changes_which_path_it_is(text, data):
    escaped = "".join(f"%{ord(char):02x}" if data.draw(st.booleans()) else char for char in text)

    assert canonical_path(f"/x/{escaped}/y") == canonical_path(f"/x/{text}/y")


def remove_dot_segments(path):
    """RFC 3986, Section 5.2.4, step by step as it stands there."""
    output = ""
    while path:
        if path.startswith("/./"):
            path = path[2:]
        elif path == "/.":
            path = "/"
        elif path.startswith("/../"):
            path, output = path[3:], output.rpartition("/")[0]
        elif path == "/..":
            path, output = "/", output.rpartition("/")[0]
        else:
            end = path.find("/", 1)
            end = len(path) if end < 0 else end
            output, path = output + path[:end], path[end:]
    return output


@deterministic
@given(st.lists(st.sampled_from(["", ".", "..", "a", "b", "...", ".a"]), min_size=1, max_size=8))
def test_dot_segments_are_removed_as_rfc_3986_says_step_by_step(segments):
    path = "/" + "/".join(segments)

    assert canonical_path(path) == remove_dot_segments(path)


PRINTABLE = [*string.printable[:95], "é", "漢", "😀"]


def missed(client, urls):
    """Those of the URLs of which what a client sends does not fit a route with that same URL."""
    return [url for url in urls if not fits(SENDERS[client]("GET", url), url)]


@every_client
def test_what_a_client_sends_for_a_path_fits_a_route_typed_alike(client):
    assert missed(client, [f"{API}/a{char}b/c" for char in PRINTABLE if char not in "?#{}"]) == []


@every_client
@pytest.mark.parametrize("form", ["%{:02X}", "%{:02x}"])
def test_what_a_client_sends_for_an_escape_fits_a_route_typed_alike(client, form):
    assert missed(client, [f"{API}/a{form.format(code)}b/c" for code in range(256)]) == []


@every_client
def test_what_a_client_sends_for_a_query_fits_a_route_typed_alike(client):
    chars = [char for char in PRINTABLE if char not in "#{}"]

    assert missed(client, [f"{API}/p?q=a{char}b" for char in chars]) == []
    assert missed(client, [f"{API}/p?a{char}b=q" for char in chars]) == []


# --- hosts and ports --------------------------------------------------------------------------------------------------

SAME_ORIGINS = [
    ("https://api.example.com", "https://API.Example.COM"),
    ("HTTPS://api.example.com", "https://api.example.com"),
    ("https://api.example.com:443", "https://api.example.com"),
    ("http://api.example.com:80", "http://api.example.com"),
    ("https://api.example.com:", "https://api.example.com"),
    ("https://api.example.com:00443", "https://api.example.com"),
    ("https://%61pi.example.com", "https://api.example.com"),
    ("https://bücher.example", "https://xn--bcher-kva.example"),
    ("https://BÜCHER.example", "https://bücher.example"),
    ("https://bu\u0308cher.example", "https://bücher.example"),
    ("https://b%C3%BCcher.example", "https://bücher.example"),
    ("https://faß.example", "https://xn--fa-hia.example"),
    ("https://例え。jp", "https://例え.jp"),
    ("https://foo_bar.example.com", "https://FOO_bar.example.com"),
    ("http://127.1", "http://127.0.0.1"),
    ("http://0x7f.1", "http://127.0.0.1"),
    ("http://0177.0.0.1", "http://127.0.0.1"),
    ("http://2130706433", "http://127.0.0.1"),
    ("http://0x7F000001", "http://127.0.0.1"),
    ("http://127.0.0.1.", "http://127.0.0.1"),  # neither a dot at the end nor a hexadecimal last number hides it
    ("http://127.1.", "http://127.0.0.1"),
    ("http://127.0.0.0x1f", "http://127.0.0.31"),
    ("http://[::1]", "http://[0:0:0:0:0:0:0:1]"),
    ("http://[2001:DB8::A]", "http://[2001:db8:0:0::a]"),
    ("http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]"),
    ("http://[fe80::1%25eth0]", "http://[FE80::1%25eth0]"),
]
DIFFERENT_ORIGINS = [
    ("http://api.example.com", "https://api.example.com"),
    ("https://api.example.com:80", "https://api.example.com"),
    ("https://api.example.com:8443", "https://api.example.com"),
    ("http://api.example.com:443", "https://api.example.com"),
    ("https://example.com", "https://api.example.com"),
    ("https://example.com", "https://example.com."),
    ("https://xexample.com", "https://example.com"),
    ("http://127.0.0.1", "http://localhost"),
    ("http://[::1]", "http://127.0.0.1"),
    ("http://[::1]", "http://[::2]"),
    ("http://1.2.3.4.5", "http://1.2.3.4"),
    ("http://[fe80::1%25eth0]", "http://[fe80::1%25eth1]"),
]


@pytest.mark.parametrize(("one", "other"), [*SAME_ORIGINS, *((other, one) for one, other in SAME_ORIGINS)])
def test_spellings_of_one_origin_are_the_same(one, other):
    assert split(one).origin == split(other).origin
    assert fits(make_request(url=other + "/x"), one + "/x")


@pytest.mark.parametrize(("one", "other"), [*DIFFERENT_ORIGINS, *((other, one) for one, other in DIFFERENT_ORIGINS)])
def test_different_origins_are_not_the_same(one, other):
    assert split(one).origin != split(other).origin
    assert not fits(make_request(url=other + "/x"), one + "/x")


def test_a_zone_is_the_same_with_its_percent_sign_escaped_and_plain():
    """RFC 6874 writes it ``%25eth0`` in a URL; urllib3 hands on the decoded form, httpx the escaped one."""
    assert canonical_host("fe80::1%eth0") == canonical_host("[fe80::1%25eth0]")


@every_client
@pytest.mark.parametrize(
    "url",
    [
        "http://[fe80::1%25eth0]/x",
        "http://127.0.0.0x1f/x",
        "http://127.1./x",
        "https://bücher.example:8443/x",
        "http://LOCALHOST:8000/x",
        "http://[::FFFF:1.2.3.4]:8000/x",
    ],
)
def test_what_a_client_sends_to_a_host_fits_a_route_typed_alike(client, url):
    assert fits(SENDERS[client]("GET", url), url)


def ipv4_spellings(value):
    """One address in some of the forms that the URL standard reads, by how many numbers it has and their base."""
    a, b, c, d = value.to_bytes(4, "big")
    for form in ("{}", "{:#x}", "0{:o}"):
        for numbers in ([a, b, c, d], [a, b, c << 8 | d], [a, b << 16 | c << 8 | d], [value]):
            yield ".".join(form.format(number) for number in numbers)


@deterministic
@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_in_any_spelling_is_its_dotted_form(value):
    assert {canonical_host(text) for text in ipv4_spellings(value)} == {str(ipaddress.IPv4Address(value))}


@deterministic
@given(st.integers(0, 2**128 - 1))
def test_an_ipv6_address_in_any_spelling_is_one_host(value):
    address = ipaddress.IPv6Address(value)
    spellings = [address.exploded, address.compressed, address.exploded.upper(), f"[{address}]"]

    assert len({canonical_host(text) for text in spellings}) == 1


@pytest.mark.parametrize(
    "host",
    ["1.2.3.4.5", "256.256.256.256", "1.2.3.256", "4294967296", "1.2.3.09", "1_0.0.0.1", "-1.2.3.4", "1..2", "a.1"],
)
def test_a_host_that_only_looks_like_an_ipv4_address_stays_what_it_is(host):
    """Python reads ``1_0`` and ``-1`` as numbers, the URL standard does not."""
    assert canonical_host(host) == host


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("https", "a.example", 443), "a.example"),
        (("http", "a.example", 80), "a.example"),
        (("https", "a.example", 80), "a.example:80"),
        (("https", "::1", 443), "[::1]"),
        (("http", "::1", 8000), "[::1]:8000"),
    ],
)
def test_an_authority_leaves_out_the_default_port_and_brackets_ipv6(parts, text):
    assert authority_of(*parts) == text


# --- whole URLs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://api.example.com/x", "ftp"),
        ("ws://api.example.com/x", "ws"),
        ("file:///etc/passwd", "file"),
        ("https://user@api.example.com/x", "user info"),
        ("https://user:secret@api.example.com/x", "user info"),
        ("https:///x", "host"),
        ("https://:443/x", "host"),
        ("https://api.example.com:port/x", "host:port"),
        ("https://api.example.com:65536/x", "65535"),
        ("https://[::1/x", "host"),
        ("https://api example.com/x", "' ' in its host"),
        ("https://api%20example.com/x", "' ' in its host"),
        ("https://api|example.com/x", r"'\|' in its host"),
        ("https://a<b>/x", "'<' in its host"),
        ("https:/api.example.com/x", "absolute"),
        ("api.example.com/x", "absolute"),
        ("//api.example.com/x", "absolute"),
        ("", "absolute"),
    ],
)
def test_a_url_that_no_client_could_call_is_refused_with_what_is_wrong(url, says):
    with pytest.raises(InvalidRoute, match=says):
        split(url)


def test_a_fragment_is_no_part_of_a_url():
    assert split("https://a.example/x#/y?z=1") == split("https://a.example/x")
    assert split("https://a.example#x").path == ""
    assert split_relative("x?a=1#b?c") == ("x", "a=1")


def test_a_query_is_told_from_an_empty_one_and_from_none():
    assert split("https://a.example/x").query is None
    assert split("https://a.example/x?").query == ""
    assert split("https://a.example?a=1/2?3").query == "a=1/2?3"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("https://a.example", True),
        ("HTTPS://a.example/x", True),
        ("ftp://a.example", True),
        ("/x", False),
        ("x", False),
        ("//a.example/x", False),
        ("/login?next=https://b.example/", False),
        ("/proxy/https://b.example/", False),
    ],
)
def test_a_url_is_absolute_only_if_it_begins_with_scheme_and_host(url, absolute):
    assert is_absolute(url) is absolute
    assert is_absolute(url) is httpx.URL(url).is_absolute_url


# --- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=2&a=1", [("a", "2"), ("a", "1")]),
        ("a=&b", [("a", ""), ("b", "")]),
        ("=1", [("", "1")]),
        ("a=b=c", [("a", "b=c")]),
        ("a+b=c+d", [("a b", "c d")]),
        ("a%20b=c%20d", [("a b", "c d")]),
        ("a=1%2B1", [("a", "1+1")]),
        ("a%3Db=%26", [("a=b", "&")]),
        ("a=caf%C3%A9", [("a", "café")]),
        ("a=café", [("a", "café")]),
        ("a=%FF", [("a", "\ufffd")]),
        ("a=100%", [("a", "100%")]),
        ("a=1;b=2", [("a", "1;b=2")]),
        ("&&a=1&", [("a", "1")]),
    ],
)
def test_a_query_is_read_as_the_url_standard_says(query, pairs):
    assert parse_query(query) == pairs


@deterministic
@given(st.text(alphabet="ab=&+%20Cé;3/?", max_size=30))
def test_a_query_is_read_as_the_standard_library_reads_it(query):
    assert parse_query(query) == parse_qsl(query, keep_blank_values=True)


encodable_texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=6)


@deterministic
@given(st.dictionaries(encodable_texts, st.lists(encodable_texts, min_size=1, max_size=3), max_size=4))
def test_what_httpx_writes_as_a_query_is_read_back_unchanged(params):
    pairs = [(name, value) for name, values in params.items() for value in values]

    assert parse_query(str(httpx.QueryParams(params))) == pairs


# --- where a request is going -----------------------------------------------------------------------------------------


def test_where_a_request_is_going_is_taken_apart_once():
    uri = target_uri("https", "api.example.com", 8443, "/a%7eb/../c?x=1&x=2")

    assert uri.origin == ("https", "api.example.com", 8443)
    assert (uri.path, uri.query) == ("/c", "x=1&x=2")
    assert uri.url == "https://api.example.com:8443/a%7eb/../c?x=1&x=2"
    assert uri.canonical_url == "https://api.example.com:8443/c?x=1&x=2"
    assert target_uri("https", "api.example.com", 8443, "/a%7eb/../c?x=1&x=2") is uri


@pytest.mark.parametrize(("target", "query"), [("/", None), ("/?", ""), ("/?a?b", "a?b")])
def test_a_query_may_be_absent_empty_or_contain_a_question_mark(target, query):
    uri = target_uri("http", "::1", 80, target)

    assert (uri.path, uri.query, uri.url) == ("/", query, f"http://[::1]{target}")


def test_a_place_on_another_path_is_in_the_same_origin():
    uri = target_uri("http", "a.example", 81, "/x").with_target("*")

    assert (uri.origin, uri.target, uri.query) == (("http", "a.example", 81), "*", None)
