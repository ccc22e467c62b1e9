"""The settings of an activation: what None takes over from the one around it, and what is refused at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import requests

import mockstatus
from tests.switching import ACCEPTED, API, CLIENTS, REAL, Server, nothing_left, status


@pytest.fixture
def server():
    with Server() as server:
        yield server


def in_a_new_thread(function, *arguments):
    """The result of a function that is called in a thread with an empty context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result(timeout=10)


# --- network ----------------------------------------------------------------------------------------------------------


def is_sent(server):
    """Whether a call that nothing answers really reaches the server; the miss is accepted if not."""
    with mockstatus.activate() as router:
        try:
            return httpx.get(server.url, verify=False).text == "real"
        except mockstatus.UnmatchedRequest:
            router.unmatched.clear()
            return False


@pytest.mark.parametrize(
    ("around", "sent"),
    [
        ([], False),
        (["allow"], True),
        (["block"], False),
        (["allow", None], True),
        (["allow", "block"], False),
        (["allow", "block", None], False),
        (["block", "allow"], True),
        (["block", None, "allow", None], True),
        ([["localhost"]], True),
        ([["localhost"], None], True),
        ([["localhost"], ["db.internal"]], False),
        ([["localhost"], "block"], False),
    ],
    ids=str,
)
def test_the_innermost_activation_that_says_something_decides_on_the_network(server, around, sent):
    activations = [mockstatus.activate(network=network) for network in around]
    for activation in activations:
        activation.start()
    try:
        assert is_sent(server) is sent
    finally:
        for activation in reversed(activations):
            activation.stop()


def test_when_the_inner_activation_is_left_the_outer_one_decides_again(server):
    with mockstatus.activate(network="allow"):
        with mockstatus.activate(network="block"):
            assert not is_sent(server)
        assert is_sent(server)


def test_when_the_outer_activation_is_left_first_its_network_no_longer_counts(server):
    outer, inner = mockstatus.activate(network="allow"), mockstatus.activate()
    outer.start()
    inner.start()
    outer.stop()
    try:
        assert not is_sent(server)
    finally:
        inner.stop()


# --- time -------------------------------------------------------------------------------------------------------------


def seconds_of(delay):
    """How long a call with this delay takes, and by how much it moves the router's clock."""
    with mockstatus.activate() as router:
        router.get(API).respond(200, delay=delay)
        began, elapsed = time.monotonic(), router.clock.elapsed
        httpx.get(API, timeout=None, verify=False)
        return time.monotonic() - began, router.clock.elapsed - elapsed


def test_outermost_a_delay_only_moves_the_clock():
    took, moved = seconds_of(3600)

    assert took < 5
    assert moved >= 3600


@pytest.mark.parametrize(
    ("around", "slept"),
    [(["real"], True), (["real", None], True), (["real", "instant"], False), (["instant", "real", None], True)],
    ids=str,
)
def test_the_innermost_activation_that_says_something_decides_on_time(around, slept):
    activations = [mockstatus.activate(time=mode) for mode in around]
    for activation in activations:
        activation.start()
    try:
        took, _ = seconds_of(0.05) if slept else seconds_of(3600)
    finally:
        for activation in reversed(activations):
            activation.stop()
    assert took >= 0.05 if slept else took < 5


# --- scope ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("around", "seen_everywhere"),
    [
        (["process", None], True),
        (["context", None], False),
        (["context", None, None], False),
        (["process", "context", None], False),
        (["context", "process", None], True),
    ],
    ids=str,
)
def test_none_takes_over_the_scope_of_the_activation_around_it(around, seen_everywhere):
    activations = [mockstatus.activate(scope=scope) for scope in around]
    routers = [activation.start() for activation in activations]
    routers[-1].get(API).respond(401)
    try:
        if seen_everywhere:
            assert in_a_new_thread(status, API) == 401
        else:
            with pytest.raises(mockstatus.UnmatchedRequest):
                in_a_new_thread(status, API)
    finally:
        for router in routers:
            router.unmatched.clear()
        for activation in reversed(activations):
            activation.stop()


def test_outermost_the_scope_is_the_whole_process():
    with mockstatus.activate():
        assert in_a_new_thread(status, ACCEPTED) == 202


# --- clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_limits_what_is_intercepted_to_these(server, name):
    """urllib3 is what requests sends through, so it is looked at from its own side."""
    with mockstatus.activate(clients=[name]) as router:
        router.get(server.url).respond(418)
        seen = {other: call(server.url) for other, call in CLIENTS.items() if (name, other) != ("urllib3", "requests")}

    assert seen.pop(name).status == 418
    assert set(seen.values()) == {REAL}


@pytest.mark.parametrize("around", [[None], [["requests"], None]], ids=str)
def test_whether_requests_is_intercepted_with_urllib3_alone_does_not_depend_on_what_is_around(server, around):
    def is_intercepted():
        with mockstatus.activate(clients=["urllib3"]) as router:
            router.get(server.url).respond(418)
            return requests.get(server.url).status_code == 418

    alone = is_intercepted()
    activations = [mockstatus.activate(clients=clients) for clients in around]
    for activation in activations:
        activation.start()
    try:
        assert is_intercepted() is alone
    finally:
        for activation in reversed(activations):
            activation.stop()


def test_no_clients_at_all_leaves_them_all_alone(server):
    with mockstatus.activate(clients=[]) as router:
        router.get(server.url).respond(418)

        assert {call(server.url) for call in CLIENTS.values()} == {REAL}


@pytest.mark.parametrize(
    ("around", "intercepted"),
    [
        ([["httpx"], None], ["httpx"]),
        ([["httpx"], ["requests"]], ["requests"]),
        ([["httpx"], ["httpx2", "requests"], None], ["httpx2", "requests"]),
        ([None, ["httpx2"]], ["httpx2"]),
    ],
    ids=str,
)
def test_the_innermost_activation_that_says_something_decides_on_clients(server, around, intercepted):
    activations = [mockstatus.activate(clients=clients) for clients in around]
    routers = [activation.start() for activation in activations]
    for router in routers:
        router.get(server.url).respond(418)
    try:
        seen = [name for name, call in CLIENTS.items() if call(server.url).status == 418]
    finally:
        for activation in reversed(activations):
            activation.stop()
    assert seen == intercepted


def test_clients_that_are_not_intercepted_are_guarded():
    with pytest.raises(mockstatus.BlockedConnection), mockstatus.activate(clients=["httpx"]):
        with pytest.raises(mockstatus.BlockedConnection, match=r"api\.example\.com"):
            requests.get(API)


def test_in_a_thread_that_sees_nothing_a_client_that_is_not_intercepted_is_left_alone(server):
    with mockstatus.activate(scope="context", clients=["httpx"]):
        assert in_a_new_thread(CLIENTS["requests"], server.url) == REAL


def test_in_a_thread_that_sees_nothing_only_what_a_blocking_context_intercepts_is_refused(server):
    """Another context may intercept more, and allow the network."""
    with mockstatus.activate(scope="context", network="allow"):
        with mockstatus.activate(scope="context", network="block", clients=["httpx"]) as router:
            assert in_a_new_thread(CLIENTS["requests"], server.url) == REAL
            with pytest.raises(mockstatus.UnmatchedRequest, match="carry"):
                in_a_new_thread(status, server.url)
            assert list(router.unmatched) == []


def test_in_a_thread_that_sees_nothing_a_context_does_not_block_that_takes_allow_over(server):
    with mockstatus.activate(scope="context", network="allow"), mockstatus.activate():
        assert in_a_new_thread(status, server.url) == 200


# --- what makes no sense ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"network": ""}, "network=''"),
        ({"network": 5}, "network=5"),
        ({"network": True}, "network=True"),
        ({"network": b"allow"}, "network=b'allow'"),
        ({"network": ["http://localhost"]}, "'http://localhost'"),
        ({"network": ["localhost/path"]}, "'localhost/path'"),
        ({"network": ["localhost:port"]}, "'localhost:port'"),
        ({"network": ["localhost:99999"]}, "'localhost:99999'"),
        ({"network": [""]}, "''"),
        ({"network": [5]}, "[5]"),
        ({"network": ["a b"]}, "'a b'"),
        ({"scope": "thread"}, "scope='thread'"),
        ({"scope": "Process"}, "scope='Process'"),
        ({"scope": 1}, "scope=1"),
        ({"scope": ["process"]}, "scope=['process']"),
        ({"time": "fast"}, "time='fast'"),
        ({"time": 0}, "time=0"),
        ({"time": True}, "time=True"),
        ({"clients": "httpx"}, "clients='httpx'"),
        ({"clients": 5}, "clients=5"),
        ({"base_url": "api.example.com"}, "'api.example.com'"),
        ({"base_url": "/v1"}, "'/v1'"),
        ({"base_url": "ftp://api.example.com"}, "'ftp://api.example.com'"),
        ({"base_url": ""}, "''"),
        ({"base_url": 5}, "5"),
        ({"router": API}, f"activate('{API}')"),
        ({"router": 5}, "activate(5)"),
        ({"router": mockstatus.Router(), "base_url": API}, "base_url="),
    ],
    ids=str,
)
def test_an_argument_that_makes_no_sense_is_refused_at_once_with_its_value(arguments, said):
    with pytest.raises(mockstatus.MockStatusError) as refused:
        mockstatus.activate(**arguments)

    assert isinstance(refused.value, ValueError)
    assert said in str(refused.value)


@pytest.mark.parametrize("clients", [["pycurl"], ["HTTPX"], ["httpx", "lynx"], [5], [["httpx"]]], ids=str)
def test_a_client_that_is_not_supported_is_refused_at_once_by_name(clients):
    with pytest.raises(mockstatus.UnsupportedClient, match="httpx, httpx2, requests, urllib3, aiohttp") as refused:
        mockstatus.activate(clients=clients)

    assert str(clients[-1]) in str(refused.value)


def test_an_argument_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="base"):
        mockstatus.activate(base="https://api.example.com")


def test_settings_are_keywords():
    with pytest.raises(TypeError):
        mockstatus.activate(None, API)
