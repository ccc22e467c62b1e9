"""What URLs a route answers: literal ones, templates, hosts with wildcards, and regular expressions."""

import re

import httpx
import pytest

from mockstatus import InvalidRoute, Router, exactly
from mockstatus.patterns import parse_target
from tests.helpers import API, SENDERS, fits, make_request, params_seen

every_client = pytest.mark.parametrize("client", SENDERS)


def got(path):
    """A GET request for a path of the API."""
    return make_request(url=API + path)


# --- literal URLs -----------------------------------------------------------------------------------------------------


def test_a_route_without_a_url_fits_everything():
    assert fits(got("/x?a=1"))
    assert fits(make_request("DELETE", "http://[::1]:8000/"))


def test_a_route_fits_its_method_only_and_any_fits_all():
    assert fits(make_request("POST", API), API, method="post")
    assert not fits(make_request("HEAD", API), API, method="GET")
    assert fits(make_request("PURGE", API), API, method="purge")
    assert fits(make_request("PURGE", API), API)


@pytest.mark.parametrize(
    "url",
    [
        f"{API}/x",
        f"{API}/{{name}}",
        f"{API}/{{rest:path}}",
        f"{API}/x{{rest:path}}",
        "https://*.example.com/x",
        "https://api.*/x",
        re.compile("/x"),
        None,
    ],
)
def test_a_route_fits_its_method_only_whatever_its_url_is(url):
    assert fits(make_request("POST", f"{API}/x"), url, method="POST")
    assert not fits(make_request("POST", f"{API}/x"), url, method="GET")


def test_a_url_without_a_query_fits_any_query():
    assert fits(got("/x"), f"{API}/x")
    assert fits(got("/x?a=1&a=2"), f"{API}/x")


@pytest.mark.parametrize(
    ("route", "request_query", "fit"),
    [
        ("a=1", "a=1", True),
        ("a=1&b=2", "b=2&a=1", True),
        ("a=1", "a=1&b=2", False),
        ("a=1&b=2", "a=1", False),
        ("a=1", "", False),
        ("a=1&a=2", "a=1&a=2", True),
        ("a=1&a=2", "a=2&a=1", False),
        ("a=1", "a=1&a=1", False),
        ("a=1&b=0&a=2", "a=1&a=2&b=0", True),
        ("a=", "a", True),
        ("a", "a=", True),
        ("a=", "", False),
        ("q=a+b", "q=a%20b", True),
        ("q=a b", "q=a+b", True),
        ("q=a%2Bb", "q=a+b", False),
        ("q=é", "q=%c3%a9", True),
        ("q=1/2?3", "q=1%2F2%3F3", True),
        ("q=a%26b=c", "q=a&b=c", False),
        ("", "", True),
        ("", "a=1", False),
    ],
)
def test_a_query_in_the_url_means_these_parameters_and_no_others(route, request_query, fit):
    assert fits(got(f"/x?{request_query}"), f"{API}/x?{route}") is fit


def test_a_query_in_the_url_is_the_same_as_params_exactly():
    request = got("/x?b=2&a=1")

    assert fits(request, f"{API}/x?a=1&b=2") is fits(request, f"{API}/x", params=exactly({"a": 1, "b": 2})) is True


def test_a_star_in_a_path_is_a_star():
    assert fits(got("/*"), f"{API}/*")
    assert not fits(got("/x"), f"{API}/*")


def test_fragments_are_ignored():
    assert fits(got("/x#b"), f"{API}/x#a")
    assert fits(got("/x?q=1"), f"{API}/x?q=1#a?b")
    assert fits(got("/"), f"{API}#a/b")


@pytest.mark.parametrize("url", [httpx.URL(f"{API}/x?a=1"), httpx.URL("/x?a=1")])
def test_an_object_that_writes_itself_as_a_url_is_one(url):
    assert fits(got("/x?a=1"), url, base_url=API)


@pytest.mark.parametrize("url", [5, b"https://api.example.com", ["/x"], {"url": "/x"}, re.compile(b"x")])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(InvalidRoute, match="text|absolute URL"):
        Router(API).get(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://api.example.com/x", "only http and https"),
        ("wss://api.example.com/x", "only http and https"),
        ("https://user:pw@api.example.com/x", "user info"),
        ("https:///x", "no host"),
        ("https://api.example.com:99999/x", "65535"),
        ("https://api.example.com:x/", "host:port"),
        ("//api.example.com/x", "no scheme"),
        ("https://{host}/x", r"in a host write \*"),
        ("https://api.example.com:{port}/x", r"\*"),
        ("https://api.example.com/x?id={id}", "params="),
        ("https://api.example.com/{id", "brace"),
        ("https://api.example.com/id}", "brace"),
        ("https://api.example.com/{}", "name"),
        ("https://api.example.com/{1}", "name"),
        ("https://api.example.com/{a b}", "name"),
        ("https://api.example.com/{id:int}", "name"),
        ("https://api.example.com/{a.b}", "name"),
        ("https://api.example.com/{{id}}", "brace"),
        ("https://api.example.com/{id}/{id}", "twice"),
        ("https://api.example.com/{id}-{id}", "twice"),
        ("https://api.example.com/{rest:path}/x", "rest of the path"),
        ("https://api.example.com/{a:path}/{b:path}", "rest of the path"),
        ("https://api.example.com/{rest:path}.json", "rest of the path"),
    ],
)
def test_a_url_that_cannot_mean_anything_is_refused_with_what_to_write(url, says):
    with pytest.raises(InvalidRoute, match=says):
        Router().get(url)


@pytest.mark.parametrize("url", ["/x", "x", "", "?a=1", "api.example.com/x", "/{id}"])
def test_a_relative_url_without_a_base_url_is_refused_with_both_ways_out(url):
    with pytest.raises(InvalidRoute, match="base_url=") as caught:
        Router().get(url)

    assert "https://" in str(caught.value)


# --- templates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "path", "params"),
    [
        ("/users/{id}", "/users/7", {"id": "7"}),
        ("/users/{id}", "/users/7?a=1", {"id": "7"}),
        ("/users/{id}", "/users/a%20b", {"id": "a b"}),
        ("/users/{id}", "/users/caf%C3%A9", {"id": "café"}),
        ("/users/{id}", "/users/a%2Fb", {"id": "a/b"}),
        ("/users/{id}", "/users/a+b", {"id": "a+b"}),
        ("/users/{id}", "/users/%257", {"id": "%7"}),
        ("/users/{id}", "/users/x/../7", {"id": "7"}),
        ("/users/{id}", "/users/", None),
        ("/users/{id}", "/users", None),
        ("/users/{id}", "/users/7/", None),
        ("/users/{id}", "/users/7/8", None),
        ("/users/{id}", "/Users/7", None),
        ("/users/{id}/", "/users/7/", {"id": "7"}),
        ("/{a}/{b}", "/1/2", {"a": "1", "b": "2"}),
        ("/{a}/x/{b}", "/1/x/2", {"a": "1", "b": "2"}),
        ("/{a}/x/{b}", "/1/y/2", None),
        ("/{a}//{b}", "/1//2", {"a": "1", "b": "2"}),
        ("/{_a1}", "/7", {"_a1": "7"}),
        ("/caf%C3%A9/{id}", "/café/7", {"id": "7"}),
        ("/é/{id}", "/%c3%a9/7", {"id": "7"}),
        ("/%7Eme/{id}", "/~me/7", {"id": "7"}),
        ("/a%2fb/{id}", "/a%2Fb/7", {"id": "7"}),
        ("/a%2fb/{id}", "/a/b/7", None),
        ("/v1/../{id}", "/7", {"id": "7"}),  # dot segments go, beside templates as elsewhere
        ("/./{id}", "/7", {"id": "7"}),
        ("/v1/%2E%2e/{id}", "/7", {"id": "7"}),
        ("/{id}/.", "/7/", {"id": "7"}),
        ("/a[0]/{id}", "/a%5B0%5D/7", {"id": "7"}),
        ("/files/{rest:path}", "/files/a/b.txt", {"rest": "a/b.txt"}),
        ("/files/{rest:path}", "/files/", {"rest": ""}),
        ("/files/{rest:path}", "/files/a/", {"rest": "a/"}),
        ("/files/{rest:path}", "/files//a", {"rest": "/a"}),
        ("/files/{rest:path}", "/files/a%2Fb/c%20d", {"rest": "a/b/c d"}),
        ("/files/{rest:path}", "/file/a", None),
        ("/{rest:path}", "/", {"rest": ""}),
        ("/{rest:path}", "/a/b?c=d", {"rest": "a/b"}),
        ("/{user}/{rest:path}", "/me/a/b", {"user": "me", "rest": "a/b"}),
        ("/{user}/{rest:path}", "/", None),
        ("/models/{name}:generate", "/models/m1:generate", {"name": "m1"}),
        ("/models/{name}:generate", "/models/m1:generate?alt=sse", {"name": "m1"}),
        ("/models/{name}:generate", "/models/m1:stop", None),
        ("/models/{name}:generate", "/models/:generate", None),
        ("/models/{name}:generate", "/models/a/b:generate", None),
        ("/models/{name}:generate", "/models/a:b:generate", {"name": "a:b"}),
        ("/models/{name}:generate", "/models/a%2Fb:generate", {"name": "a/b"}),
        ("/{id}.json", "/7.json", {"id": "7"}),
        ("/{id}.json", "/7xjson", None),
        ("/{a}-{b}", "/1-2", {"a": "1", "b": "2"}),
        ("/v{version}/{rest:path}", "/v2/a/b", {"version": "2", "rest": "a/b"}),
        ("/v{version}/{rest:path}", "/v2/", {"version": "2", "rest": ""}),
        ("/x-{rest:path}", "/x-a/b", {"rest": "a/b"}),
        ("/é{id}", "/%C3%A97", {"id": "7"}),
        ("/v1/../x{id}", "/x7", {"id": "7"}),
        ("/users({id})", "/users(7)", {"id": "7"}),
        ("/a.b/{id}", "/axb/7", None),
        ("/{id}?full=1", "/7?full=1", {"id": "7"}),
        ("/{id}?full=1", "/7", None),
        ("/x{id}?full=1", "/x7?full=1", {"id": "7"}),
        ("/x{id}?full=1", "/x7?full=2", None),
    ],
)
def test_a_template_fits_a_path_and_says_what_its_names_stand_for(template, path, params):
    assert params_seen(got(path), API + template) == params


@every_client
def test_what_a_template_stands_for_is_what_the_user_put_into_the_url(client):
    request = SENDERS[client]("GET", f"{API}/users/J%C3%BCrgen%20M%2FS/notes/1+1")

    assert params_seen(request, f"{API}/users/{{name}}/notes/{{note}}") == {"name": "Jürgen M/S", "note": "1+1"}


def test_a_route_without_names_gives_no_path_params():
    assert params_seen(got("/users/7"), f"{API}/users/7") == {}


def test_the_names_of_a_route_that_did_not_fit_after_all_are_forgotten():
    router = Router(API)
    seen = []
    router.get("/users/7").respond_with(lambda request: seen.append(dict(request.path_params)) or 200)
    router.get("/users/{id}", params={"full": 1})

    router.handle(got("/users/7"))

    assert seen == [{}]


def test_braces_that_are_escaped_are_braces():
    assert fits(got("/%7Bid%7D"), f"{API}/%7bid%7d")
    assert not fits(got("/7"), f"{API}/%7bid%7d")


# --- hosts with wildcards ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "url", "fit"),
    [
        ("https://*.example.com/x", "https://api.example.com/x", True),
        ("https://*.example.com/x", "https://a.b.example.com/x", True),
        ("https://*.example.com/x", "https://example.com/x", False),
        ("https://*.example.com/x", "https://badexample.com/x", False),
        ("https://*.example.com/x", "https://api.example.com.evil/x", False),
        ("https://*.example.com/x", "http://api.example.com/x", False),
        ("https://*.example.com/x", "https://api.example.com:8443/x", False),
        ("https://*.example.com:8443/x", "https://api.example.com:8443/x", True),
        ("https://*.example.com:443/x", "https://api.example.com/x", True),
        ("https://*.EXAMPLE.com/x", "https://api.example.com/x", True),
        ("https://*.example.com/x", "https://api.example.com/y", False),
        ("https://*.example.com", "https://api.example.com/", True),
        ("https://*.example.com/{id}", "https://api.example.com/7", True),
        ("https://*.example.com/m{id}", "https://api.example.com/m7", True),
        ("https://*.example.com/x?a=1", "https://api.example.com/x?a=1", True),
        ("https://*.example.com/x?a=1", "https://api.example.com/x", False),
        ("https://*.bücher.example/x", "https://api.xn--bcher-kva.example/x", True),
        ("https://*/x", "https://localhost/x", True),
        ("https://*/x", "https://a.b.c/x", True),
        ("https://*/x", "https://127.0.0.1/x", True),
        ("https://*/x", "https://[::1]/x", True),
        ("https://*/x", "http://localhost/x", False),
        ("http://*:8000/x", "http://localhost:8000/x", True),
        ("http://*:8000/x", "http://localhost/x", False),
        ("https://api.*.example.com/x", "https://api.eu.example.com/x", True),
        ("https://api.*.example.com/x", "https://api.a.b.example.com/x", True),
        ("https://api.*.example.com/x", "https://api.example.com/x", False),
        ("https://api.*/x", "https://api.example.com/x", True),
        ("https://api.*/x", "https://api/x", False),
        ("https://api-*.example.com/x", "https://api-1.example.com/x", True),
        ("https://api-*.example.com/x", "https://api.example.com/x", False),
        ("https://*.*.example.com/x", "https://a.b.example.com/x", True),
        ("https://*.*.example.com/x", "https://a.example.com/x", False),
        ("https://*api.example.com/x", "https://myapi.example.com/x", True),
        ("https://api-*.example.com:8443/v1/../x", "https://api-1.example.com:8443/x", True),
        ("http://10.0.*/x", "http://10.0.1.2/x", True),
    ],
)
def test_a_wildcard_in_a_host_is_one_label_or_more(route, url, fit):
    assert fits(make_request(url=url), route) is fit


# --- regular expressions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "url", "fit"),
    [
        (r"/users/\d+$", f"{API}/users/7", True),
        (r"/users/\d+$", f"{API}/users/7?a=1", False),
        (r"^https://api\.", f"{API}/x", True),
        (r"^http://", f"{API}/x", False),
        (r"https://cdn\..*", "https://cdn.example.com/x", True),
        (r"[?&]page=2(&|$)", f"{API}/x?a=1&page=2", True),
        (r"(?i)/USERS", f"{API}/users", True),
        (r"example\.com:8443/", "https://api.example.com:8443/", True),
        (r"example\.com/$", "https://api.example.com:443", True),
        (r"", "https://api.example.com/", True),
        (r"\[::1\]:8000", "http://[0::1]:8000/", True),
        (r"a%20b", f"{API}/a%20b", True),
    ],
)
def test_a_regular_expression_is_searched_in_the_whole_url(pattern, url, fit):
    assert fits(make_request(url=url), re.compile(pattern)) is fit


def test_the_named_groups_of_a_regular_expression_are_path_params():
    request = got("/users/J%C3%BCrgen/7")

    assert params_seen(request, re.compile(r"/users/(?P<name>[^/]+)/(?P<id>\d+)(?P<more>/.*)?$")) == {
        "name": "Jürgen",
        "id": "7",
        "more": "",
    }


def test_a_regular_expression_needs_no_base_url_and_ignores_it():
    assert fits(make_request(url="https://other.example/x"), re.compile("/x$"), base_url=API)


def test_a_parsed_url_shows_what_was_written():
    assert parse_target("/users/{id}", f"{API}/v1").text == f"{API}/v1/users/{{id}}"
    assert parse_target(re.compile("a+b"), None).text == "a+b"
