"""What a request to ``mock.local`` asks for beside its path: controls, content negotiation; and what cannot be read."""

from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from mockstatus import catalog
from mockstatus.messages import Failure, Response
from tests.helpers import deterministic, make_request

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
HTTP_DATE = "Sun, 22 Nov 2026 10:17:30 GMT"
ENDPOINTS = ("/404", "/status/404", "/status/200,404", "/delay/1/404", "/redirect/2", "/anything", "/")
STYLES = {
    "documented": "application/json",
    "envelope": "application/json",
    "problem": "application/problem+json",
    "text": "text/plain; charset=utf-8",
    "empty": None,
}


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    transport = mockstatus.adapters.httpx.Transport(router)
    return httpx.Client(transport=transport, base_url="https://mock.local", timeout=None)


def controlled(client, path, name, value, *, by):
    """A request with a control, in its query or as a header."""
    if by == "header":
        return client.get(path, headers={"x-mock-" + name.replace("_", "-"): value})
    return client.get(path, params={name: value})


either_way = pytest.mark.parametrize("by", ["query", "header"])
everywhere = pytest.mark.parametrize("path", ENDPOINTS)


# --- controls ---------------------------------------------------------------------------------------------------------


@either_way
@everywhere
def test_delay_passes_on_the_clock_before_the_answer(router, client, path, by):
    controlled(client, path, "delay", "2.5", by=by)

    assert router.clock.elapsed == (3.5 if path.startswith("/delay/1") else 2.5)


@either_way
@everywhere
@pytest.mark.parametrize("value", ["0", "120", HTTP_DATE])
def test_retry_after_is_sent_as_it_is_given(client, path, value, by):
    assert controlled(client, path, "retry_after", value, by=by).headers.get_list("Retry-After") == [value]


@either_way
def test_retry_after_takes_the_place_of_the_documented_one(client, by):
    assert controlled(client, "/503", "retry_after", "7", by=by).headers["Retry-After"] == "7"


@either_way
@everywhere
@pytest.mark.parametrize("value", ["/jobs/7", "https://api.example.com/x?y=1#z", "../up"])
def test_location_is_sent_as_it_is_given(client, path, value, by):
    assert controlled(client, path, "location", value, by=by).headers.get_list("Location") == [value]


@either_way
def test_location_takes_the_place_of_the_documented_one(client, by):
    assert controlled(client, "/302", "location", "/204", by=by).headers["Location"] == "/204"


@either_way
@pytest.mark.parametrize("path", ["/404", "/status/404", "/delay/1/404"])
@pytest.mark.parametrize(("style", "kind"), STYLES.items())
def test_style_shapes_the_body(client, path, style, kind, by):
    response = controlled(client, path, "style", style, by=by)

    assert response.status_code == 404
    assert response.headers.get("Content-Type") == kind
    assert bool(response.content) == (style != "empty")


@either_way
@pytest.mark.parametrize("path", ["/anything", "/", "/anything/below?x=1"])
@pytest.mark.parametrize(("style", "kind"), STYLES.items())
def test_style_takes_the_place_of_an_echo_and_of_the_index_too(client, path, style, kind, by):
    plain, styled = client.get(path), controlled(client, path, "style", style, by=by)

    assert styled.status_code == 200
    assert styled.headers.get("Content-Type") == kind
    assert styled.headers["Content-Length"] == str(len(styled.content))
    if style == "documented":
        assert styled.json().keys() == plain.json().keys()
    else:
        assert styled.content == client.get("/200", params={"style": style}).content or style == "envelope"


@either_way
@everywhere
@pytest.mark.parametrize(
    ("fault", "error"), [("connection_refused", httpx.ConnectError), ("truncated_body", httpx.RemoteProtocolError)]
)
def test_fault_happens_instead(router, client, path, fault, error, by):
    with pytest.raises(error):
        controlled(client, path, "fault", fault, by=by)
    assert router.calls.last.fault == fault


def test_a_delay_comes_before_a_fault(router, client):
    with pytest.raises(httpx.ConnectError):
        client.get("/200?fault=connection_refused&delay=3")

    assert router.clock.elapsed == 3


def test_several_controls_go_together_whatever_the_case_of_a_header(client, router):
    response = client.get(
        "/503?delay=1", headers={"X-Mock-Retry-After": "9", "x-MOCK-style": "text", "X-Mock-Location": "/200"}
    )

    assert response.text == "503 Service Unavailable"
    assert (response.headers["Retry-After"], response.headers["Location"]) == ("9", "/200")
    assert router.clock.elapsed == 1


@pytest.mark.parametrize(
    ("name", "query", "header"), [("retry_after", "1", "2"), ("location", "/1", "/2"), ("style", "text", "empty")]
)
def test_the_query_wins_over_the_header(client, name, query, header):
    field = "X-Mock-" + name.replace("_", "-").title()
    both, alone = (client.get("/503", params={name: query}, headers=headers) for headers in ({field: header}, {}))

    assert both.headers == alone.headers
    assert both.content == alone.content


def test_other_parameters_and_headers_are_nobodys(client):
    response = client.get("/202?page=2&Delay=x", headers={"X-Mock-Nothing": "-1", "X-Delay": "-1"})

    assert response.json() == {"status": "accepted", "task_id": "abc-123"}


# --- negotiation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "style"),
    [
        ("application/problem+json", "problem"),
        ("Application/Problem+JSON", "problem"),
        ("text/plain", "text"),
        ("text/*", "text"),
        ("text/plain; charset=utf-8", "text"),
        ("application/json", "documented"),
        ("*/*", "documented"),
        ("", "documented"),
        ("text/html", "documented"),
        ("image/png, */*;q=0.1", "documented"),
        ("application/json, application/problem+json", "documented"),
        ("application/problem+json, application/json", "problem"),
        ("application/json;q=0.5, application/problem+json", "problem"),
        ("application/json;q=0.5, text/plain;q=0.6", "text"),
        ("text/plain;q=0, */*;q=0.1", "documented"),
        ("text/plain ; q=0.9 , application/problem+json ; q=0.8", "text"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "documented"),
        (",,;q=1,text/plain", "text"),
    ],
)
@pytest.mark.parametrize("path", ["/404", "/status/404", "/delay/0/404"])
def test_accept_chooses_the_style_it_likes_best(client, path, accept, style):
    response = client.get(path, headers={"Accept": accept})

    assert response.headers["Content-Type"] == STYLES[style]


def test_two_accept_lines_are_one_list(client):
    response = client.get("/404", headers=[("Accept", "text/plain;q=0.2"), ("Accept", "application/problem+json")])

    assert response.headers["Content-Type"] == "application/problem+json"


def test_style_wins_over_accept(client):
    assert client.get("/404?style=text", headers={"Accept": "application/problem+json"}).text == "404 Not Found"


# --- what cannot be read ----------------------------------------------------------------------------------------------

UNREADABLE = {
    "/abc": "code",
    "/99": "code",
    "/600": "code",
    "/1000": "code",
    "/-5": "code",
    "/20x": "code",
    "/%C2%B2": "code",
    "/%D9%A2%D9%A0%D9%A2": "code",
    "/00202": "code",
    "/99/users": "code",
    "/" + "9" * 5000: "code",
    "/status/200:x": "codes",
    "/status/abc": "codes",
    "/status/99": "codes",
    "/status/600": "codes",
    "/status/200,,503": "codes",
    "/status/,": "codes",
    "/status/504-500": "codes",
    "/status/200-": "codes",
    "/status/200:-1": "codes",
    "/status/200:nan": "codes",
    "/status/200:inf": "codes",
    "/status/200:": "codes",
    "/status/200:0,503:0": "codes",
    "/status/200:1e308,201:1e308": "codes",
    "/status/500-999": "codes",
    "/delay/-1": "duration",
    "/delay/abc": "duration",
    "/delay/1h": "duration",
    "/delay/inf": "duration",
    "/delay/nan": "duration",
    "/delay/1e3": "duration",
    "/delay/%D9%A2": "duration",
    "/delay/" + "9" * 400: "duration",
    "/delay/1/99": "code",
    "/delay/1/abc": "code",
    "/fault/nothing": "name",
    "/redirect/abc": "n",
    "/redirect/-1": "n",
    "/redirect/%C2%B2": "n",
    "/redirect/" + "9" * 5000: "n",
    "/redirect/2?code=200": "code",
    "/redirect/2?code=304": "code",
    "/redirect/2?code=abc": "code",
    "/redirect/2?code=": "code",
}
for given_name, values in {
    "delay": ("-1", "", "abc", "1h", "inf", "1,5", "+1"),
    "retry_after": ("-1", "", "soon", "1.5", "\xb2", "Mon, 99 Foo"),
    "location": ("", "a b", "/caf\xe9", "a\nb", "\x7f"),
    "style": ("xml", "", "Problem"),
    "fault": ("nothing", ""),
}.items():
    UNREADABLE |= {f"/202?{given_name}={quote(value)}": given_name for value in values}
UNREADABLE |= {
    "/503?retry_after=Sun,%0A22%20Nov%202026%2010:15:30%20GMT": "retry_after",
    "/503?retry_after=Sun,%2022%20Nov%2099999999999%2010:15:30%20GMT": "retry_after",
    "/503?retry_after=1%20Jan%202020%2099999999999:00:00%20GMT": "retry_after",
    "/503?retry_after=22%20Nov%202026%2010:15:30%20%2B99999999999999999999": "retry_after",
    "/503?retry_after=Sun,%2022%20Nov%202026%2010:15:30%20%2B0200": "retry_after",
    "/503?retry_after=22%20Nov%202026": "retry_after",
}


@pytest.mark.parametrize(("path", "parameter"), UNREADABLE.items(), ids=lambda text: text[:60])
def test_what_cannot_be_read_is_a_400_problem_that_names_the_parameter(client, path, parameter):
    response = client.get(path)
    body = response.json()

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "detail", "parameter"]
    assert (body["type"], body["title"], body["status"]) == ("about:blank", "Bad Request", 400)
    assert body["parameter"] == parameter
    assert body["detail"].startswith(f"{parameter}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [("delay", "-1"), ("retry-after", "soon"), ("location", "a b"), ("style", "xml"), ("fault", "no")],
)
@pytest.mark.parametrize("path", ["/202", "/anything", "/", "/redirect/1"])
def test_a_header_that_cannot_be_read_is_refused_as_a_parameter_is(client, path, name, value):
    response = client.get(path, headers={f"X-Mock-{name}": value})

    assert response.status_code == 400
    assert response.json()["parameter"] == name.replace("-", "_")


@pytest.mark.parametrize(
    "path",
    [
        *("/status", "/status/", "/delay", "/delay/", "/fault", "/fault/", "/redirect", "/redirect/"),
        *("/delay/1/200/x", "/status/200/x", "/fault/read_timeout/x", "/redirect/1/2", "/abc/def"),
        "//202",
    ],
)
def test_an_unknown_path_is_a_404_that_lists_the_endpoints(client, path):
    response = client.get("https://mock.local" + path)
    body = response.json()

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == 404
    assert set(body["endpoints"]) == set(client.get("/").json()["endpoints"])


some_text = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "200",
        "99",
        "2",
        "1.5s",
        "300ms",
        "200:0.9,503:0.1",
        "500-504",
        "abc",
        "-1",
        "read_timeout",
        "problem",
        "²",
        "٢",
        "9" * 5000,
        HTTP_DATE,
    ]
)
some_path = st.lists(
    st.sampled_from(["status", "delay", "fault", "redirect", "anything", "", "202"]) | some_text, max_size=4
)
some_query = st.dictionaries(
    st.sampled_from(["delay", "retry_after", "location", "style", "fault", "code", "seed"]), some_text, max_size=3
)


@pytest.mark.parametrize("host", ["mock.local", "free.mockerapi.com", "httpbin.org"])
@deterministic
@given(
    path=some_path,
    query=some_query,
    delay=st.sampled_from(["300", "²", "9" * 400]) | st.text(st.characters(codec="latin-1"), max_size=8),
)
def test_no_request_to_a_virtual_host_breaks(host, path, query, delay):
    target = "/" + "/".join(quote(part, safe="") for part in path)
    target += "?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
    request = make_request("GET", f"https://{host}{target}", headers={"X-Delay": delay, "X-Mock-Retry-After": delay})

    mockstatus.Router().host_answer(request)


every_path = pytest.mark.parametrize(
    "path",
    [
        *("/", "/202", "/404/users/7", "/100", "/204", "/405", "/999", "/status/200,503", "/delay/1", "/delay/1/503"),
        *("/fault/read_timeout", "/redirect/2", "/jobs", "/jobs/x", "/jobs/x/result", "/jobs/x/y/z", "/anything/a/b"),
        *("/abc", "/abc/def", "//", "/jobs/", "/%ff", "/anything/%ff%00", "/202?style=xml", "/jobs?polls=x"),
    ],
)


@every_path
@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "BREW"]
)
@pytest.mark.parametrize("origin", ["http://mock.local", "https://mock.local:8443"])
def test_every_method_is_answered_at_every_path(router, path, method, origin):
    """With an answer or the fault that was asked for, never with an exception."""
    outcome = router.host_answer(
        make_request(method, origin + path, content="{", headers={"Content-Type": "multipart/x"})
    )

    assert isinstance(outcome, Failure) == path.startswith("/fault")
    if isinstance(outcome, Response):
        assert outcome.status in catalog
        assert (outcome.framing == "none") == (method == "HEAD" or not catalog[outcome.status].body_allowed) or (
            outcome.status == 205
        )
