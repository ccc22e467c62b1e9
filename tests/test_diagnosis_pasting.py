"""The line to paste: whatever a client sends, the line of its miss answers it when it is pasted."""

from __future__ import annotations

import httpx
import httpx2
import pytest
import requests
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mockstatus
from mockstatus.dispatch import make_view
from mockstatus.pasting import line_to_paste
from tests.helpers import API, deterministic, make_request

# --- what is sent -----------------------------------------------------------------------------------------------------

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "PURGE", "M-SEARCH"]
HOSTS = [
    "api.example.com",
    "API.Example.COM:443",
    "api.example.com:8443",
    "localhost:5000",
    "127.0.0.1",
    "[::1]:8080",
    "bücher.example",
    "a_b.example.com",
    "mock.local.example",
]
PIECES = st.sampled_from(
    [
        "users",
        "7",
        "a b",
        "ü",
        "{id}",
        "{a:path}",
        "}",
        "*",
        "%2F",
        "%7Bx%7D",
        "%25",
        ".",
        "..",
        "",
        "a;b=c",
        "'",
        '"',
        "\\",
        "(x)",
        "$",
        "+",
        "a:b",
        "@",
        "[1]",
        "|",
        "^",
        "`",
        "~",
        "%zz",
        "A",
    ]
)
TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=12)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=4)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RAW_QUERIES = st.sampled_from(
    [
        "",
        "a",
        "a=",
        "=b",
        "a=1&a=2",
        "&&",
        "a=1&&b",
        "a=%zz",
        "q={x}",
        "q=%7B",
        "a+b=c%20d",
        "a==b",
        "?",
        "a=1;b=2",
        "%FF=%FE",
    ]
)


@st.composite
def sendings(draw):
    """A URL, a method, and the arguments that httpx and requests have in common."""
    path = "/" + "/".join(draw(st.lists(PIECES, max_size=4)))
    url = (
        draw(st.sampled_from(["http", "https"]))
        + "://"
        + draw(st.sampled_from(HOSTS))
        + path.replace("?", "").replace("#", "")
    )
    arguments = {
        "headers": draw(
            st.dictionaries(
                st.sampled_from(["X-A", "Accept", "Authorization", "Cookie"]),
                st.sampled_from(["1", "a b", "x=y"]),
                max_size=2,
            )
        )
    }
    if draw(st.booleans()):
        url += "?" + draw(RAW_QUERIES)
    else:
        arguments["params"] = draw(PAIRS)
    kind = draw(st.sampled_from(["none", "json", "form", "files", "bytes", "text", "broken"]))
    if kind == "json":
        arguments["json"] = draw(JSON)
    elif kind == "form":
        arguments["data"] = draw(st.dictionaries(TEXT.filter(bool), st.lists(TEXT, min_size=1, max_size=3), max_size=3))
    elif kind == "files":
        arguments["data"] = draw(st.dictionaries(st.sampled_from(["a", "b c", 'd"e']), TEXT, max_size=2))
        content = draw(st.binary(max_size=80))
        arguments["files"] = [
            (name, (filename, content))
            for name, filename in draw(
                st.lists(
                    st.tuples(st.sampled_from(["f", "g"]), st.sampled_from(["a.txt", "b ü.bin", 'q"x'])),
                    min_size=1,
                    max_size=3,
                )
            )
        ]
    elif kind == "bytes":
        arguments["data" if draw(st.booleans()) else "content"] = draw(st.binary(max_size=400))
    elif kind == "text":
        arguments["content"] = draw(TEXT).encode()
        arguments["headers"]["Content-Type"] = draw(
            st.sampled_from(
                [
                    "text/plain",
                    "application/json",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                    "multipart/form-data; boundary=b",
                ]
            )
        )
    elif kind == "broken":
        arguments["content"] = draw(
            st.sampled_from(
                [b"NaN", b"[1e999]", b"{", b'{"a": NaN}', b'"\\ud800"', b"[" * 150 + b"]" * 150, b"--b\r\n\r\n--b--"]
            )
        )
        arguments["headers"]["Content-Type"] = draw(
            st.sampled_from(["application/json", "multipart/form-data; boundary=b"])
        )
    return draw(st.sampled_from(METHODS)), url, arguments


def send_httpx(client):
    def send(method, url, arguments):
        arguments = dict(arguments)
        data = arguments.get("data")
        if isinstance(data, bytes):
            arguments["content"] = arguments.pop("data")
        return client.request(method, url, **arguments).status_code

    return send


def send_requests(method, url, arguments):
    arguments = dict(arguments)
    if "content" in arguments:
        arguments["data"] = arguments.pop("content")
    return requests.request(method, url, **arguments).status_code


def send_urllib3(method, url, arguments):
    headers = dict(arguments["headers"])
    body = arguments.get("content")
    fields = None
    if "json" in arguments:
        return urllib3.request(method, url, headers=headers, json=arguments["json"]).status
    if "files" in arguments:
        fields = [*arguments["data"].items(), *((name, value) for name, value in arguments["files"])]
        return urllib3.PoolManager().request_encode_body(method, url, fields=fields, headers=headers).status
    data = arguments.get("data")
    return urllib3.request(method, url, headers=headers, body=data if isinstance(data, bytes) else body).status


SENDERS = {
    "httpx": send_httpx(httpx.Client()),
    "httpx2": send_httpx(httpx2.Client()),
    "requests": send_requests,
    "urllib3": send_urllib3,
}
REFUSED = (  # by the client itself, before anything is sent
    ValueError,
    TypeError,
    httpx.InvalidURL,
    httpx2.InvalidURL,
    httpx.UnsupportedProtocol,
    urllib3.exceptions.HTTPError,
    requests.RequestException,
    UnicodeError,
)


@pytest.mark.parametrize("name", SENDERS)
@settings(deterministic, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(sending=sendings())
def test_the_line_of_any_miss_answers_the_same_request(name, sending):
    """Through each client itself: method, URL, query, header fields and bodies of all kinds."""
    send = SENDERS[name]
    with mockstatus.activate(mockstatus.Router(hosts=())) as router:
        try:
            send(*sending)
        except mockstatus.UnmatchedRequest as error:
            miss = error
        except REFUSED:
            return
        router.unmatched.clear()

        exec(str(miss).splitlines()[-1].strip(), {"router": router})

        assert send(*sending) == 200
        assert router.calls.last.route is router.routes[-1]


def test_most_clients_send_most_of_these():
    """What the clients refuse would prove nothing: it is a small part of what is tried."""
    sent = []

    @settings(deterministic, max_examples=100)
    @given(sending=sendings())
    def count(sending):
        with mockstatus.activate(mockstatus.Router(hosts=())) as router:
            router.any()
            for send in SENDERS.values():
                try:
                    sent.append(send(*sending) == 200)
                except REFUSED:
                    sent.append(False)

    count()

    assert sum(sent) / len(sent) > 0.6


# --- what the line says -----------------------------------------------------------------------------------------------

LINES = {
    "a verb and the whole URL": (
        make_request("GET", API + "/users?page=2&tag=a&tag=b"),
        "router.get('https://api.example.com/users?page=2&tag=a&tag=b').respond(200)",
    ),
    "a method of one's own": (make_request("PURGE", API + "/x"), f"router.route('PURGE', '{API}/x').respond(200)"),
    "a method in lower case": (make_request("get", API + "/x"), f"router.any('{API}/x').respond(200)"),
    "braces, which are no templates": (make_request("GET", API + "/{a}"), f"router.get('{API}/%7Ba%7D').respond(200)"),
    "braces in the query": (make_request("GET", API + "/?q={a}"), f"router.get('{API}/?q=%7Ba%7D').respond(200)"),
    "JSON": (
        make_request("POST", API + "/x", headers={"Content-Type": "application/json"}, content='{"a": [1, null]}'),
        f"router.post('{API}/x', json={{'a': [1, None]}}).respond(200)",
    ),
    "JSON that is no Python": (
        make_request("POST", API + "/x", headers={"Content-Type": "application/json"}, content="[1e999]"),
        f"router.post('{API}/x').respond(200)",
    ),
    "a form with repeats": (
        make_request(
            "POST",
            API + "/x",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content="a=1&b=x+y&a=2",
        ),
        f"router.post('{API}/x', form={{'a': ['1', '2'], 'b': 'x y'}}).respond(200)",
    ),
    "text": (
        make_request("PUT", API + "/x", headers={"Content-Type": "text/plain"}, content="hello"),
        f"router.put('{API}/x', content=b'hello').respond(200)",
    ),
    "a long body, left out": (
        make_request("PUT", API + "/x", content="a" * 400),
        f"router.put('{API}/x').respond(200)",
    ),
}


@pytest.mark.parametrize(("request_", "line"), LINES.values(), ids=LINES)
def test_the_line_says_what_was_asked_for(request_, line):
    """With the body, where it is short and can be written."""
    assert line_to_paste(request_) == line


def test_a_pasted_line_is_the_newest_and_so_wins_over_all_that_nearly_fitted():
    """Even where the router has a base_url and a route for everything that is used up."""
    router = mockstatus.Router(API + "/v2")
    router.any().limit(1)
    view = make_view(router, "block", "instant")
    request = make_request("GET", API + "/v1/users")
    view.offer(request)
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        view.offer(request)

    exec(str(caught.value).splitlines()[-1].strip(), {"router": router})

    assert view.offer(request).status == 200
