"""How a base URL is put before the relative URL of a route: as httpx puts its own."""

import httpx
import pytest

from mockstatus import InvalidRoute, Router
from tests.helpers import API, fits, from_httpx, make_request, params_seen

BASES = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://api.example.com/v1",
    "https://api.example.com/v1/",
    "https://api.example.com/v1//",  # both slashes stay
    "https://api.example.com/a/../v1",
    "https://api.example.com/~me/a%20b",
    "https://api.example.com/v1#section",  # the path does not become part of the fragment
    "HTTPS://API.Example.com:443/V1",
    "http://api.example.com:8080/v1",
    "https://bücher.example/é",
    "http://[::1]:8000/v1",
]
RELATIVE = [
    "",
    "/",
    "users",
    "/users",
    "users/",
    "/users/7",
    "users//7",
    "../up",
    "./here",
    "a/./b/../c",
    "%2e%2e/up",
    "users/../",
    "?q=1",
    "/?q=1",
    "users?q=1&q=2&r=",
    "users?",
    "users#part",
    "users?q=1#part",
    "/v1:batch",
    "a%2Fb",
    "é",
    "a b+c",
    "@me",
    "/a;b=1,2",
    "/login?next=https://other.example/",  # what has :// inside is no absolute URL yet
    "/proxy/https://other.example/x",
]


def sent_by_httpx(base_url, url):
    """What ``httpx.Client(base_url=…).get(url)`` sends."""
    with httpx.Client(base_url=base_url, transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        return from_httpx("GET", client._merge_url(url))


def one_path_further(request):
    """The request with another path."""
    before, mark, query = request.url.partition("?")
    return make_request(url=f"{before}~{mark}{query}")


@pytest.mark.parametrize("url", RELATIVE)
def test_a_relative_url_is_appended_to_the_base_url_as_httpx_appends_it(url):
    sent = {base_url: sent_by_httpx(base_url, url) for base_url in BASES}

    assert [base_url for base_url in BASES if not fits(sent[base_url], url, base_url=base_url)] == []
    assert [base_url for base_url in BASES if fits(one_path_further(sent[base_url]), url, base_url=base_url)] == []


@pytest.mark.parametrize("url", ["users/{id}", "/users/{id}"])
@pytest.mark.parametrize("base_url", BASES)
def test_a_template_is_appended_to_the_base_url_alike(base_url, url):
    sent = sent_by_httpx(base_url, url.replace("{id}", "7"))

    assert params_seen(sent, url, base_url=base_url) == {"id": "7"}


def test_an_absolute_url_ignores_the_base_url():
    assert fits(make_request(url="https://other.example/x"), "https://other.example/x", base_url=f"{API}/v1")


@pytest.mark.parametrize(
    ("base_url", "says"),
    [
        ("api.example.com", "absolute"),
        ("/v1", "absolute"),
        ("", "absolute"),
        ("ftp://api.example.com", "http and https"),
        ("https://user@api.example.com", "user info"),
        ("https://api.example.com?key=1", "query"),
        (5, "absolute"),
    ],
)
def test_a_base_url_that_is_none_is_refused(base_url, says):
    with pytest.raises(InvalidRoute, match=says):
        Router(base_url)


def test_a_base_url_may_have_a_wildcard_in_its_host():
    assert fits(make_request(url="https://eu.example.com/v1/x"), "/x", base_url="https://*.example.com/v1")
