"""What is let through is really sent, by every client and whatever its body; proxies do not matter."""

from __future__ import annotations

import contextlib

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3

import mockstatus
from tests.switching import (
    ACCEPTED, API, ASYNC, CLIENTS, DOORS, REAL, Server, closed_port, connect, nothing_left, resolve_to_loopback, status,
)  # fmt: skip

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def server(monkeypatch):
    for name in (*PROXY_VARIABLES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as server:
        yield server


@pytest.fixture
def dead_proxy(monkeypatch):
    """The environment says that there is a proxy, which refuses every connection."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with closed_port() as port:
        for name in PROXY_VARIABLES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def pass_through():
    with mockstatus.activate() as router:
        router.any().pass_through()
        yield router


# --- really sent ------------------------------------------------------------------------------------------------------

WAYS = {
    "allow": lambda server: mockstatus.activate(network="allow"),
    "address": lambda server: mockstatus.activate(network=["127.0.0.1"]),
    "text": lambda server: mockstatus.activate(network="127.0.0.1"),
    "localhost": lambda server: mockstatus.activate(network=["localhost"]),
    "port": lambda server: mockstatus.activate(network=[f"127.0.0.1:{server.port}"]),
    "pass_through": lambda server: pass_through(),
    "context": lambda server: mockstatus.activate(network="allow", scope="context"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_what_is_let_through_reaches_the_server_once_as_it_was_sent(server, call, way):
    with way(server):
        assert call(f"{server.url}/jobs?page=2", "PUT", b"content") == REAL

    assert [received[:3] for received in server.received] == [("PUT", "/jobs?page=2", b"content")]


def chunks():
    yield b"first,"
    yield b"second"


async def async_chunks():
    for chunk in chunks():
        yield chunk


@pytest.mark.parametrize("way", ["allow", "pass_through"])
@pytest.mark.parametrize(
    ("call", "body"),
    [(call, chunks) for call in CLIENTS.values()] + [(call, async_chunks) for call in ASYNC.values()],
    ids=[*CLIENTS, *ASYNC],
)
def test_a_generator_as_the_body_is_really_sent_whole(server, call, body, way):
    with WAYS[way](server):
        assert call(server.url, "POST", body()) == REAL

    assert server.received[0].body == b"first,second"


@pytest.mark.parametrize("call", CLIENTS.values(), ids=CLIENTS)
def test_a_file_as_the_body_is_really_sent_whole(server, call, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"x" * 100_000)

    with mockstatus.activate(network="allow"), path.open("rb") as file:
        assert call(server.url, "POST", file) == REAL

    assert server.received[0].body == b"x" * 100_000


def test_a_call_that_a_route_passes_through_is_in_the_journal_without_a_response(server):
    with mockstatus.activate() as router:
        route = router.get(server.url).pass_through()
        status(server.url)

        assert (route.call_count, router.calls.last.response, router.calls.last.fault) == (1, None, None)


def test_routes_answer_before_the_network_does(server):
    with mockstatus.activate(network="allow") as router:
        router.get(f"{server.url}/mine").respond(418)

        assert (status(f"{server.url}/mine"), status(f"{server.url}/other")) == (418, 200)
    assert [received.target for received in server.received] == ["/other"]


def test_virtual_hosts_answer_before_the_network_does():
    with mockstatus.activate(network="allow"):
        assert status(ACCEPTED) == 202


def test_one_sequence_may_answer_and_let_through(server):
    with mockstatus.activate() as router:
        router.get(server.url).respond(503).then_with(lambda request: 418)
        router.get(f"{server.url}/real").pass_through()

        seen = [status(server.url), status(f"{server.url}/real"), status(server.url), status(f"{server.url}/real")]
    assert seen == [503, 200, 418, 200]


REFUSED = {
    "httpx": httpx.ConnectError,
    "httpx2": httpx2.ConnectError,
    "requests": requests.ConnectionError,
    "urllib3": urllib3.exceptions.MaxRetryError,
    "aiohttp": aiohttp.ClientConnectorError,
}


@pytest.mark.parametrize("name", DOORS)
def test_a_call_that_is_let_through_fails_as_the_client_itself_does(name):
    with closed_port() as port, mockstatus.activate(network=["localhost"]):
        with pytest.raises(REFUSED[name.partition("-")[0]]):
            DOORS[name](f"http://127.0.0.1:{port}")
        with pytest.raises(mockstatus.BlockedConnection), mockstatus.activate():
            connect("203.0.113.5")  # the guard is on again


# --- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("localhost", "127.0.0.1"),
        ("localhost", "localhost"),
        ("localhost", "LocalHost"),
        ("LOCALHOST", "localhost"),
        ("localhost:{port}", "127.0.0.1"),
        ("127.0.0.1:{port}", "127.0.0.1"),
        ("*", "api.internal.example"),
        ("*.internal.example", "db.internal.example"),
        ("*.internal.example", "a.b.internal.example"),
        ("*.Internal.Example", "db.internal.example"),
        ("db.*.example", "db.internal.example"),
        ("db.internal.example", "DB.internal.example"),
        ("db.internal.example:{port}", "db.internal.example"),
    ],
)
def test_a_host_that_fits_a_pattern_is_really_called(server, monkeypatch, pattern, host):
    resolve_to_loopback(monkeypatch, host, host.lower())
    with mockstatus.activate(network=[pattern.format(port=server.port)]):
        seen = {call(f"http://{host}:{server.port}/") for call in DOORS.values()}

    assert seen == {REAL}


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("localhost", "api.internal.example"),
        ("localhost:1", "127.0.0.1"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.1"),
        ("*.internal.example", "internal.example"),
        ("*.internal.example", "db.internal.example.com"),
        ("internal.example", "db.internal.example"),
        ("db.internal.example:1", "db.internal.example"),
        ("db?internal.example", "db.internal.example"),
        ("db.internal.example", "dbxinternal.example"),
    ],
)
def test_a_host_that_fits_no_pattern_is_a_miss(server, pattern, host):
    with mockstatus.activate(network=[pattern]) as router:
        for call in DOORS.values():
            with pytest.raises(mockstatus.UnmatchedRequest):
                call(f"http://{host}:{server.port}/")
        router.unmatched.clear()

    assert server.received == []


def test_loopback_itself_is_not_called_unless_it_is_named(server):
    """It is open to everything but intercepted clients."""
    with mockstatus.activate() as router:
        connect("127.0.0.1", server.port)
        for call in DOORS.values():
            with pytest.raises(mockstatus.UnmatchedRequest):
                call(server.url)
        router.unmatched.clear()

    assert server.received == []


# --- proxies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [ACCEPTED, "http://mock.local/202", "http://mock.local:8080/202"])
@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_proxy_of_the_environment_does_not_matter_to_an_answered_call(dead_proxy, call, url):
    with mockstatus.activate() as router:
        assert call(url).status == 202
        assert router.calls.last.request.url == url


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_behind_a_proxy_a_miss_names_where_the_request_was_going(dead_proxy, call):
    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}/me"):
            call(f"{API}/me")
        router.unmatched.clear()


@pytest.mark.parametrize("url", [ACCEPTED, "http://mock.local/202"])
def test_a_proxy_that_is_given_to_the_client_does_not_matter_either(dead_proxy, url):
    proxies = {"http": dead_proxy, "https": dead_proxy}
    with mockstatus.activate() as router:
        with urllib3.ProxyManager(dead_proxy, proxy_headers={"Proxy-Authorization": "Basic dTpw"}) as pool:
            assert pool.request("GET", url).status == 202
        assert requests.get(url, proxies=proxies).status_code == 202
        assert httpx.get(url, proxy=dead_proxy, verify=False).status_code == 202
        assert httpx2.get(url, proxy=dead_proxy, verify=False).status_code == 202

        assert {call.request.url for call in router.calls} == {url}
        assert not any("Proxy-Authorization" in call.request.headers for call in router.calls)


@pytest.mark.parametrize("name", ["httpx", "httpx2", "requests", "httpx-asyncio", "httpx-trio"])
def test_a_call_that_is_let_through_goes_through_its_proxy_whose_name_nobody_has_to_allow(server, monkeypatch, name):
    resolve_to_loopback(monkeypatch, "proxy.example.net")
    monkeypatch.setenv("HTTP_PROXY", f"http://proxy.example.net:{server.port}")
    monkeypatch.setenv("http_proxy", f"http://proxy.example.net:{server.port}")

    with mockstatus.activate(network=["api.example.com"]):
        assert DOORS[name]("http://api.example.com/jobs") == REAL

    assert [received.target for received in server.received] == ["http://api.example.com/jobs"]


def test_the_proxy_is_not_what_network_is_compared_with(dead_proxy):
    with mockstatus.activate(network=["127.0.0.1"]) as router:
        for call in DOORS.values():
            with pytest.raises(mockstatus.UnmatchedRequest, match="api.example.com"):
                call("http://api.example.com/jobs")
        router.unmatched.clear()
