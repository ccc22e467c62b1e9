"""Transports that a user passes are left alone, and those with a router of their own are never intercepted twice."""

from __future__ import annotations

import asyncio
import io

import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus
from tests.switching import ACCEPTED, API, REAL, Seen, Server, nothing_left, resolve_to_loopback

families = pytest.mark.parametrize("client", [httpx, httpx2], ids=["httpx", "httpx2"])


@pytest.fixture
def server():
    with Server() as server:
        yield server


# --- the client's own and the user's ----------------------------------------------------------------------------------


@families
def test_a_mock_transport_answers_itself(client):
    transport = client.MockTransport(lambda request: client.Response(418))
    with mockstatus.activate() as router, client.Client(transport=transport) as session:
        router.any().respond(500)

        assert session.get(ACCEPTED).status_code == 418
        assert len(router.calls) == 0


@families
async def test_an_asynchronous_mock_transport_answers_itself(client):
    transport = client.MockTransport(lambda request: client.Response(418))
    async with mockstatus.activate() as router, client.AsyncClient(transport=transport) as session:
        assert (await session.get(ACCEPTED)).status_code == 418
        assert len(router.calls) == 0


@families
async def test_an_asgi_application_answers_itself(client):
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = client.ASGITransport(app=application)
    async with mockstatus.activate() as router, client.AsyncClient(transport=transport) as session:
        assert (await session.get(ACCEPTED)).status_code == 418
        assert len(router.calls) == 0


@families
def test_a_wsgi_application_answers_itself(client):
    def application(environ, start_response):
        start_response("418 Teapot", [])
        return [b""]

    with mockstatus.activate() as router, client.Client(transport=client.WSGITransport(app=application)) as session:
        assert session.get(ACCEPTED).status_code == 418
        assert len(router.calls) == 0


@families
def test_one_mounted_transport_leaves_the_others_intercepted(client):
    mounts = {"all://own.example.com": client.MockTransport(lambda request: client.Response(418))}
    with mockstatus.activate() as router, client.Client(mounts=mounts, verify=False) as session:
        assert [session.get(url).status_code for url in ("https://own.example.com", ACCEPTED)] == [418, 202]
        assert len(router.calls) == 1


def test_an_adapter_of_the_users_own_answers_itself():
    class Teapot(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            response = requests.Response()
            response.status_code, response.raw, response.request = 418, io.BytesIO(), request
            return response

        def close(self):
            """Hold nothing."""

    with mockstatus.activate() as router, requests.Session() as session:
        session.mount("https://own.example.com", Teapot())

        assert [session.get(url).status_code for url in ("https://own.example.com", ACCEPTED)] == [418, 202]
        assert len(router.calls) == 1


@families
def test_a_transport_built_on_the_clients_own_is_intercepted_once(client):
    class Retrying(client.BaseTransport):
        def __init__(self):
            self.inner = client.HTTPTransport(verify=False)

        def handle_request(self, request):
            response = self.inner.handle_request(request)
            return response if response.status_code < 500 else self.inner.handle_request(request)

    with mockstatus.activate() as router, client.Client(transport=Retrying()) as session:
        router.get(API).respond(503).then(200)

        assert session.get(API).status_code == 200
        assert len(router.calls) == 2


@families
def test_a_subclass_of_the_clients_own_transport_is_intercepted_once(client):
    class Marking(client.HTTPTransport):
        def handle_request(self, request):
            request.headers["X-Marked"] = "yes"
            return super().handle_request(request)

    with mockstatus.activate() as router, client.Client(transport=Marking(verify=False)) as session:
        session.get(ACCEPTED)

        assert [call.request.headers.get("X-Marked") for call in router.calls] == ["yes"]


def test_an_adapter_built_on_that_of_requests_is_intercepted_once():
    class Marking(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            request.headers["X-Marked"] = "yes"
            return super().send(request, **options)

    with mockstatus.activate() as router, requests.Session() as session:
        session.mount("https://", Marking())
        session.get(ACCEPTED)

        assert [(call.request.headers.get("X-Marked"), call.request.client) for call in router.calls] == [
            ("yes", "requests")
        ]


def test_a_pool_with_connections_of_its_own_kind_is_intercepted_once():
    """As botocore makes them: a mixin before urllib3's connection, in a pool class of its own."""

    class Mixin:
        def request(self, *arguments, **options):
            self.asked = True
            return super().request(*arguments, **options)

    class Connection(Mixin, urllib3.connection.HTTPSConnection):
        pass

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    with mockstatus.activate() as router, Pool("mock.local") as pool:
        assert pool.urlopen("GET", "/202").status == 202
        assert len(router.calls) == 1


# --- those with a router of their own ---------------------------------------------------------------------------------


def _family_explicit(client, door):
    def call(url, router, **options):
        with client.Client(transport=door().Transport(router, **options)) as session:
            response = session.get(url)
        return Seen(response.status_code, response.text)

    return call


def _async_explicit(client, door, run):
    async def main(url, router, options):
        async with client.AsyncClient(transport=door().AsyncTransport(router, **options)) as session:
            response = await session.get(url)
        return Seen(response.status_code, response.text)

    return lambda url, router, **options: run(main, url, router, options)


def _requests_explicit(url, router, **options):
    with requests.Session() as session:
        session.mount(url, mockstatus.adapters.requests.Adapter(router, **options))
        response = session.get(url)
    return Seen(response.status_code, response.text)


def _urllib3_explicit(url, router, **options):
    with mockstatus.adapters.urllib3.PoolManager(router, **options) as pool:
        response = pool.request("GET", url)
    return Seen(response.status, response.data.decode())


def _asyncio(main, *arguments):
    return asyncio.run(main(*arguments))


EXPLICIT = {
    "httpx": _family_explicit(httpx, lambda: mockstatus.adapters.httpx),
    "httpx2": _family_explicit(httpx2, lambda: mockstatus.adapters.httpx2),
    "requests": _requests_explicit,
    "urllib3": _urllib3_explicit,
    "httpx-asyncio": _async_explicit(httpx, lambda: mockstatus.adapters.httpx, _asyncio),
    "httpx-trio": _async_explicit(httpx, lambda: mockstatus.adapters.httpx, trio.run),
    "httpx2-asyncio": _async_explicit(httpx2, lambda: mockstatus.adapters.httpx2, _asyncio),
    "httpx2-trio": _async_explicit(httpx2, lambda: mockstatus.adapters.httpx2, trio.run),
}
explicit = pytest.mark.parametrize("call", EXPLICIT.values(), ids=EXPLICIT)


@pytest.fixture
def own():
    router = mockstatus.Router()
    router.get(API).respond(418, text="own")
    return router


@explicit
def test_an_explicit_transport_needs_no_activation(own, call):
    assert call(API, own) == Seen(418, "own")
    assert call(ACCEPTED, own).status == 202
    assert len(own.calls) == 2


@explicit
@pytest.mark.parametrize("scope", ["process", "context"])
def test_inside_an_activation_its_own_router_is_asked_and_no_other(own, call, scope):
    with mockstatus.activate(scope=scope) as router:
        router.any().respond(500)

        assert call(API, own) == Seen(418, "own")
        assert (len(own.calls), len(router.calls)) == (1, 0)


@explicit
def test_inside_an_activation_of_the_same_router_it_is_asked_once(own, call):
    with mockstatus.activate(own):
        assert call(API, own) == Seen(418, "own")
        assert len(own.calls) == 1


@explicit
def test_its_misses_are_raised_and_belong_to_its_own_router(own, call):
    with mockstatus.activate() as router:
        router.any().respond(500)
        with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}/missed"):
            call(f"{API}/missed", own)

        assert (len(own.unmatched), len(router.unmatched), len(router.calls)) == (1, 0, 0)


@explicit
def test_what_it_lets_through_is_really_sent_and_not_intercepted_on_its_way(server, own, call):
    with mockstatus.activate() as router:
        router.any().respond(500)

        assert call(server.url, own, network=["localhost"]) == REAL
        assert (len(server.received), len(router.calls)) == (1, 0)


@explicit
def test_what_a_route_of_its_own_passes_through_is_really_sent_and_not_intercepted_on_its_way(server, own, call):
    own.get(server.url).pass_through()
    with mockstatus.activate() as router:
        router.any().respond(500)

        assert call(server.url, own) == REAL
        assert (len(server.received), len(own.calls), len(router.calls)) == (1, 1, 0)


@explicit
def test_what_it_lets_through_is_not_blocked_by_the_guard(server, own, call, monkeypatch):
    resolve_to_loopback(monkeypatch, "api.example.net")
    with mockstatus.activate():
        assert call(f"http://api.example.net:{server.port}", own, network=["api.example.net"]) == REAL


@explicit
def test_its_own_network_decides_whatever_the_activation_says(server, own, call):
    with mockstatus.activate(network="allow"):
        with pytest.raises(mockstatus.UnmatchedRequest):
            call(server.url, own, network="block")

    assert server.received == []


@pytest.mark.parametrize("call", EXPLICIT.values(), ids=EXPLICIT)
@pytest.mark.parametrize(
    ("router", "options"),
    [("https://api.example.com", {}), (mockstatus.Router(), {"network": 5}), (mockstatus.Router(), {"time": "fast"})],
    ids=["router", "network", "time"],
)
def test_an_argument_that_makes_no_sense_is_refused_at_once(call, router, options):
    with pytest.raises(ValueError, match=r"https://api\.example\.com|5|fast") as refused:
        call(API, router, **options)

    assert isinstance(refused.value, mockstatus.MockStatusError)
