"""The two public services whose examples run offline: what they document is answered, and nothing else is."""

import re
import textwrap
from datetime import UTC, datetime

import httpx
import pytest
import requests

import mockstatus
from mockstatus import catalog
from tests.switching import DOORS

NOW = datetime(2026, 11, 22, 10, 15, 30, 125_000, tzinfo=UTC)
MOCKER = "https://free.mockerapi.com"
HTTPBIN = "https://httpbin.org"
FINAL = [code for code in catalog if code >= 200]
REDIRECTS = (301, 302, 303, 305, 307)


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), timeout=None)


# --- free.mockerapi.com -----------------------------------------------------------------------------------------------


def test_a_script_for_the_service_runs_as_it_is_and_says_what_the_service_would():
    """With requests, without a word about mocking in it, and no network."""
    script = textwrap.dedent("""
        import requests

        answer = requests.get("https://free.mockerapi.com/202")
        told = answer.json()
    """)
    names = {}

    with mockstatus.activate(time="real") as router:
        exec(compile(script, "script", "exec"), names)
        now = router.clock.now

    assert names["answer"].status_code == 202
    assert list(names["told"]) == ["success", "status", "statusText", "timestamp", "request"]
    assert names["told"]["success"] is True
    assert names["told"]["status"] == 202
    assert names["told"]["statusText"].startswith("Accepted - ")
    assert names["told"]["request"] == {"method": "GET", "url": "/202", "fullUrl": f"{MOCKER}/202"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", names["told"]["timestamp"])
    assert abs(now - datetime.fromisoformat(names["told"]["timestamp"])).total_seconds() < 60


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("url", ["free.mockerapi.com/503", "httpbin.org/status/503", "httpbin.org:8443/status/503"])
def test_every_client_is_answered_on_any_scheme_and_port(door, scheme, url):
    """By POST, which urllib3 does not repeat."""
    with mockstatus.activate():
        assert DOORS[door](f"{scheme}://{url}", "POST").status == 503


@pytest.mark.parametrize("path", ["/{}", "/status/{}"])
@pytest.mark.parametrize("code", FINAL)
def test_a_code_is_answered_in_an_envelope(client, code, path):
    response = client.get(MOCKER + path.format(code))

    assert response.status_code == code
    if catalog[code].body_allowed:
        body = response.json()
        assert (body["success"], body["status"]) == (code < 400, code)
        assert body["timestamp"] == "2026-11-22T10:15:30.125Z"
        assert body["request"]["url"] == path.format(code)
    else:
        assert response.content == b""


@pytest.mark.parametrize(("duration", "seconds"), [("0", 0), ("2", 2), ("1.5", 1.5)])
def test_a_delay_is_answered_with_200_after_so_many_seconds(router, client, duration, seconds):
    response = client.get(f"{MOCKER}/delay/{duration}")

    assert response.json()["status"] == 200
    assert router.clock.elapsed == seconds


@pytest.mark.parametrize(
    ("path", "delay", "seconds"), [("/503", "250", 0.25), ("/status/503", "1000", 1), ("/delay/2", "500", 2.5)]
)
def test_the_header_x_delay_is_in_milliseconds(router, client, path, delay, seconds):
    client.get(MOCKER + path, headers={"x-delay": delay})

    assert router.clock.elapsed == seconds


@pytest.mark.parametrize("delay", ["", "soon", "-1", "1.5", b"\xb2", "9" * 5000, "9" * 400])
def test_an_x_delay_that_cannot_be_read_is_none(router, client, delay):
    response = client.get(f"{MOCKER}/200", headers=[("x-delay", delay)])

    assert response.status_code == 200
    assert router.clock.elapsed == 0


@pytest.mark.parametrize("code", [201, 301, 302, 303, 307, 308])
def test_a_location_works_on_the_host(client, code):
    response = client.get(f"{MOCKER}/{code}")

    if "Location" in response.headers:
        assert client.get(response.url.join(response.headers["Location"])).status_code == 200


def test_what_mock_local_understands_means_nothing_here(router, client):
    response = client.get(f"{MOCKER}/404?delay=9&style=text&fault=read_timeout", headers={"Accept": "text/plain"})

    assert response.json()["status"] == 404
    assert router.clock.elapsed == 0


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/abc", "/99", "/600", "/202/users", "/status", "/status/abc", "/status/200,503", "/status/200/x"),
        *("/delay", "/delay/", "/delay/abc", "/delay/1/503", "/anything", "/redirect/2", "/users/7"),
    ],
)
def test_what_the_service_does_not_document_is_nobodys(client, path):
    with pytest.raises(mockstatus.UnmatchedRequest, match="free.mockerapi.com"):
        client.get(MOCKER + path)


# --- httpbin.org ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FINAL)
def test_a_status_is_answered_without_a_body(client, code):
    response = client.get(f"{HTTPBIN}/status/{code}")

    assert response.status_code == code
    assert response.content == b""
    assert response.headers.get("Content-Length") == (None if code in (204, 304) else "0")


@pytest.mark.parametrize("code", REDIRECTS)
def test_a_redirect_leads_to_an_answer(client, code):
    response = client.get(f"{HTTPBIN}/status/{code}")

    assert response.headers["Location"] == "/redirect/1"
    assert client.get(f"{HTTPBIN}/redirect/1", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("code", [code for code in FINAL if code not in REDIRECTS])
def test_no_other_status_has_a_location(client, code):
    assert "Location" not in client.get(f"{HTTPBIN}/status/{code}").headers


@pytest.mark.parametrize(("code", "name"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_a_challenge_is_that_of_the_service(client, code, name):
    assert client.get(f"{HTTPBIN}/status/{code}").headers[name] == 'Basic realm="Fake Realm"'


def test_a_choice_of_statuses_may_be_weighted(client):
    equal = {client.get(f"{HTTPBIN}/status/200,404,500").status_code for _ in range(100)}
    weighted = [client.get(f"{HTTPBIN}/status/200:0.9,500:0.1").status_code for _ in range(500)]
    certain = {client.get(f"{HTTPBIN}/status/200:0,500:1").status_code for _ in range(50)}

    assert equal == {200, 404, 500}
    assert 20 < weighted.count(500) < 90
    assert certain == {500}


def test_a_delay_is_answered_with_200_without_a_body(router, client):
    response = client.get(f"{HTTPBIN}/delay/3")

    assert response.status_code == 200
    assert router.clock.elapsed == 3


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_the_method_does_not_matter(client, method):
    assert client.request(method, f"{HTTPBIN}/status/418").status_code == 418


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/get",
            "/post",
            "/anything",
            "/status",
            "/status/",
            "/status/abc",
            "/status/99",
            "/status/200/x",
            "/202",
        ),
        *("/delay", "/delay/abc", "/delay/1/2", "/redirect/0", "/redirect/x", "/redirect/-1", "/cookies/set"),
        "/redirect/%C2%B2",
        "/redirect/" + "9" * 5000,
    ],
    ids=lambda path: path[:40],
)
def test_what_httpbin_has_beyond_that_is_nobodys(client, path):
    with pytest.raises(mockstatus.UnmatchedRequest, match=r"httpbin\.org"):
        client.get(HTTPBIN + path)


@pytest.mark.parametrize("host", [MOCKER, HTTPBIN])
def test_what_is_nobodys_goes_on_to_the_network(router, host):
    sent = []
    through = httpx.MockTransport(lambda request: sent.append(str(request.url)) or httpx.Response(200, text="real"))
    transport = mockstatus.adapters.httpx.Transport(router, network="allow", through=through)

    response = httpx.Client(transport=transport).get(f"{host}/nobodys/path")

    assert response.text == "real"
    assert sent == [f"{host}/nobodys/path"]


def test_requests_follows_the_redirects_of_httpbin():
    with mockstatus.activate():
        response = requests.get(f"{HTTPBIN}/status/302")

    assert response.status_code == 200
    assert [seen.status_code for seen in response.history] == [302, 302]
