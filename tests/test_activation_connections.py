"""Connections that were open before: neither used nor closed by answered calls, and in use again afterwards."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import warnings
from concurrent.futures import ThreadPoolExecutor

import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus
from tests.switching import ACCEPTED, API, Server, nothing_left


@pytest.fixture
def server():
    with Server() as server:
        yield server


def family_session(client):
    def make():
        session = client.Client(verify=False)
        return session, lambda url: session.get(url).status_code

    return make


def requests_session():
    session = requests.Session()
    return session, lambda url: session.get(url).status_code


def small_requests_session():
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=1, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session, lambda url: session.get(url).status_code


def urllib3_session(**options):
    def make():
        pool = urllib3.PoolManager(**options)
        return pool, lambda url: pool.request("GET", url, retries=False).status

    return make


SESSIONS = {
    "httpx": family_session(httpx),
    "httpx2": family_session(httpx2),
    "requests": requests_session,
    "requests-of-one": small_requests_session,
    "urllib3": urllib3_session(),
    "urllib3-of-one": urllib3_session(maxsize=1, block=True),
}
sessions = pytest.mark.parametrize("make", SESSIONS.values(), ids=SESSIONS)


def peers(server):
    """The ports that the server's requests came from."""
    return [received.peer for received in server.received]


# --- a connection from before -----------------------------------------------------------------------------------------


@sessions
@pytest.mark.parametrize("scope", ["process", "context"])
def test_an_open_connection_is_not_used_by_answered_calls_and_is_used_again_afterwards(server, make, scope):
    session, get = make()
    with session:
        assert get(server.url) == 200
        with mockstatus.activate(scope=scope) as router:
            router.get(server.url).respond(418)
            assert [get(server.url) for _ in range(3)] == [418] * 3
            assert len(server.received) == 1
        assert get(server.url) == 200

    assert len(set(peers(server))) == 1


@sessions
def test_it_is_in_use_again_after_an_exception_has_left_the_block(server, make):
    session, get = make()
    with session:
        get(server.url)
        with pytest.raises(ZeroDivisionError), mockstatus.activate() as router:
            router.get(server.url).respond(418)
            get(server.url)
            raise ZeroDivisionError
        get(server.url)

    assert len(set(peers(server))) == 1


@pytest.mark.usefixtures("quick_collections")
@sessions
@pytest.mark.parametrize("fault", ["connection_refused", "connection_reset", "empty_response", "malformed_response"])
def test_after_a_broken_call_the_client_goes_on_and_no_socket_is_lost(server, make, fault):
    """Whether the client keeps its connection or gives it up, as it would a broken one, is its own business."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        session, get = make()
        with session:
            get(server.url)
            with mockstatus.activate() as router:
                router.get(server.url).fail(fault)
                with pytest.raises(Exception, match=".") as broken:
                    get(server.url)
            assert get(server.url) == 200
        del broken, session, get
        gc.collect()

    assert [str(warning.message) for warning in warned] == []


@sessions
def test_answered_calls_and_calls_that_are_let_through_may_alternate(server, make):
    session, get = make()
    with session:
        get(server.url)
        with mockstatus.activate(network=["localhost"]) as router:
            router.get(f"{server.url}/mine").respond(418)
            seen = [get(server.url + path) for path in ("/mine", "/", "/mine", "/mine", "/", "/")]
        get(server.url)

    assert seen == [418, 200, 418, 418, 200, 200]
    assert len(server.received) == 5


@sessions
def test_nested_activations_leave_it_alone_too(server, make):
    session, get = make()
    with session:
        get(server.url)
        with mockstatus.activate() as outer:
            outer.get(server.url).respond(418)
            get(server.url)
            with mockstatus.activate():
                get(server.url)
            get(server.url)
        get(server.url)

    assert len(server.received) == 2
    assert len(set(peers(server))) == 1


@pytest.mark.parametrize("client", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_open_connection_of_an_asynchronous_client_is_in_use_again_afterwards(server, client, backend):
    async def main():
        async with client.AsyncClient(verify=False) as session:
            await session.get(server.url)
            async with mockstatus.activate() as router:
                router.get(server.url).respond(418)
                assert (await session.get(server.url)).status_code == 418
            await session.get(server.url)

    if backend == "trio":
        trio.run(main)
    else:
        asyncio.run(main())

    assert len(server.received) == 2
    assert len(set(peers(server))) == 1


def test_a_pool_that_two_contexts_share_serves_each_its_own(server):
    """One thread is answered, the other sees nothing and really calls, through one pool of one connection."""
    with urllib3.PoolManager(maxsize=1, block=True) as pool, ThreadPoolExecutor(1) as elsewhere:

        def get():
            return pool.request("GET", server.url, retries=False, pool_timeout=5).status

        get()
        with mockstatus.activate(scope="context", network="allow") as router:
            router.get(server.url).respond(418)
            seen = [(get(), elsewhere.submit(get).result(timeout=10)) for _ in range(3)]
        get()

    assert seen == [(418, 200)] * 3
    assert len(set(peers(server))) == 1


# --- nothing of ours stays --------------------------------------------------------------------------------------------


def sockets_of(session):
    """What stands for a connection in the pools of a session of urllib3 or requests, left over between calls."""
    managers = [session] if isinstance(session, urllib3.PoolManager) else []
    managers += [adapter.poolmanager for adapter in set(getattr(session, "adapters", {}).values())]
    pools = [manager.pools[key] for manager in managers for key in manager.pools.keys()]
    waiting = [conn for pool in pools for conn in list(pool.pool.queue) if conn is not None]
    assert not [name for conn in waiting for name in vars(conn) if "mockstatus" in name]
    return [conn.sock for conn in waiting if conn.sock is not None]


@sessions
@pytest.mark.parametrize("url", [ACCEPTED, "http://mock.local/202"])
def test_a_session_that_made_its_first_calls_inside_has_nothing_of_ours_afterwards(server, make, url):
    session, get = make()
    with session:
        with mockstatus.activate() as router:
            router.get(server.url).respond(418).then_fail("truncated_body", reply=mockstatus.reply(200, text="abc"))
            get(url)
            get(server.url)
        if isinstance(session, (httpx.Client, httpx2.Client)):
            assert session._transport._pool.connections == []
        else:
            assert sockets_of(session) == []
        assert get(server.url) == 200


@sessions
def test_a_session_that_was_used_before_has_only_real_sockets_afterwards(server, make):
    session, get = make()
    with session:
        get(server.url)
        with mockstatus.activate() as router:
            router.get(server.url).respond(418)
            get(server.url)
        if isinstance(session, (httpx.Client, httpx2.Client)):
            assert len(session._transport._pool.connections) == 1
        else:
            assert [type(sock) for sock in sockets_of(session)] == [socket.socket]


@sessions
def test_no_file_descriptor_is_left(make):
    def use():
        session, get = make()
        with session, mockstatus.activate() as router:
            router.get(API).respond(200).then(200, stream=[b"a", b"b"]).then_fail("connection_refused")
            get(ACCEPTED)
            get(API)
            get(API)

    use()
    before = set(os.listdir("/dev/fd"))
    use()

    assert len(os.listdir("/dev/fd")) == len(before)


def test_a_response_that_is_still_being_read_at_exit_can_be_read_to_its_end(server):
    with urllib3.PoolManager(maxsize=1) as pool:
        with mockstatus.activate() as router:
            router.get(server.url).respond(200, text="answered")
            response = pool.request("GET", server.url, preload_content=False)
            begun = response.read(4)
        assert begun + response.read() == b"answered"
        response.release_conn()

        assert pool.request("GET", server.url).data == b"real"
        assert [type(sock) for sock in sockets_of(pool)] == [socket.socket]


def test_a_real_response_that_is_being_read_at_entry_can_be_read_to_its_end(server):
    with httpx.Client(verify=False) as client, client.stream("GET", server.url) as response:
        with mockstatus.activate():
            assert client.get(ACCEPTED).status_code == 202
            assert response.read() == b"real"


def test_a_real_response_of_urllib3_that_is_being_read_at_entry_can_be_read_to_its_end(server):
    with urllib3.PoolManager(maxsize=1) as pool:
        response = pool.request("GET", server.url, preload_content=False)
        with mockstatus.activate():
            assert pool.request("GET", ACCEPTED).status == 202
            assert response.read() == b"real"
            response.release_conn()
        assert pool.request("GET", server.url).data == b"real"

    assert len(set(peers(server))) == 1
