"""Faults: their names, how a route is told to have one, and what is refused when it is told."""

import asyncio
import re
from typing import get_args

import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus
from mockstatus import reply
from mockstatus.faults import FAULTS, check_fault

URL = "https://api.example.com/jobs"
NAMES = (
    "connect_timeout",
    "connection_refused",
    "dns_failure",
    "tls_failure",
    "pool_timeout",
    "write_timeout",
    "read_timeout",
    "connection_reset",
    "empty_response",
    "malformed_response",
    "truncated_body",
    "malformed_chunk",
    "stalled_body",
    "bad_encoding",
)
BREAKING = ("connection_reset", "truncated_body", "malformed_chunk", "stalled_body")
SEEN_BY_HTTPX = {
    "connect_timeout": httpx.ConnectTimeout,
    "connection_refused": httpx.ConnectError,
    "dns_failure": httpx.ConnectError,
    "tls_failure": httpx.ConnectError,
    "pool_timeout": httpx.PoolTimeout,
    "write_timeout": httpx.WriteTimeout,
    "read_timeout": httpx.ReadTimeout,
    "connection_reset": httpx.ReadError,
    "empty_response": httpx.RemoteProtocolError,
    "malformed_response": httpx.RemoteProtocolError,
    "truncated_body": httpx.RemoteProtocolError,
    "malformed_chunk": httpx.RemoteProtocolError,
    "stalled_body": httpx.ReadTimeout,
    "bad_encoding": httpx.DecodingError,
}


def route():
    return mockstatus.Router().get(URL)


def failing(*fault, **arguments):
    """A router whose one route fails, and a client of it."""
    router = mockstatus.Router()
    router.any(URL).fail(*fault, **arguments)
    return router, httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))


# --- names ------------------------------------------------------------------------------------------------------------


def test_these_are_the_faults():
    assert tuple(FAULTS) == NAMES == get_args(mockstatus.FaultName)


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_says_in_words_what_happens(name):
    assert re.fullmatch(r"[a-z][^.]{10,}", FAULTS[name].what)
    assert FAULTS[name].breaks_reply == (name in BREAKING)


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_can_be_named_and_is_named_in_the_journal(name):
    router, client = failing(name)

    with pytest.raises(SEEN_BY_HTTPX[name]) as caught:
        client.get(URL)

    assert caught.value.request.url == URL
    call = router.calls.last
    assert call.fault == name
    assert name == "bad_encoding" or name in repr(call)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("read_timout", "read_timeout"), ("timeout_read", "read_timeout"), ("dns", "dns_failure"), ("reset", None)],
)
def test_a_name_that_is_none_is_refused_with_the_nearest_and_all_of_them(wrong, right):
    with pytest.raises(mockstatus.InvalidRoute) as caught:
        route().fail(wrong)

    text = str(caught.value)
    assert repr(wrong) in text
    assert right is None or f"did you mean {right!r}" in text
    assert all(name in text for name in NAMES)


@pytest.mark.parametrize("fault", [None, 5, "", b"read_timeout", ["read_timeout"], True, object()])
def test_what_is_no_fault_is_refused_with_what_was_received(fault):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(repr(fault))):
        check_fault(fault)
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(repr(fault))):
        route().fail(fault)


# --- exceptions -------------------------------------------------------------------------------------------------------


def test_an_exception_is_raised_as_it_is():
    error = ZeroDivisionError("mine")
    router, client = failing(error)

    with pytest.raises(ZeroDivisionError) as caught:
        client.get(URL)

    assert caught.value is error
    assert router.calls.last.fault is error
    assert router.calls.last.response is None


def test_a_class_is_raised_as_a_new_instance_for_each_call():
    router, client = failing(ZeroDivisionError)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            client.get(URL)

    first, second = (call.fault for call in router.calls)
    assert first is not second


def test_an_exception_of_the_client_has_the_request_on_it():
    _, client = failing(httpx.ReadTimeout("slow"))

    with pytest.raises(httpx.ReadTimeout, match="slow") as caught:
        client.get(URL)

    assert caught.value.request.url == URL


@pytest.mark.parametrize("kind", [httpx.ReadTimeout, requests.ConnectionError, KeyboardInterrupt])
def test_a_class_that_wants_a_message_gets_one(kind):
    _, client = failing(kind)

    with pytest.raises(kind):
        client.get(URL)


class NeedsTwo(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


@pytest.mark.parametrize("kind", [NeedsTwo, int, dict, mockstatus.Router])
def test_a_class_of_which_no_exception_can_be_made_is_refused(kind):
    with pytest.raises(mockstatus.InvalidRoute, match=kind.__name__):
        route().fail(kind)


# --- after and reply --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BREAKING])
@pytest.mark.parametrize(("arguments", "said"), [({"after": 3}, "after="), ({"reply": reply(200)}, "reply=")])
def test_a_fault_that_breaks_no_reply_takes_none(name, arguments, said):
    with pytest.raises(mockstatus.InvalidRoute) as caught:
        route().fail(name, **arguments)

    assert said in str(caught.value)
    assert all(able in str(caught.value) for able in BREAKING)


@pytest.mark.parametrize("error", [ZeroDivisionError, ZeroDivisionError("mine")])
def test_an_exception_breaks_no_reply(error):
    with pytest.raises(mockstatus.InvalidRoute, match="after="):
        route().fail(error, after=3)


@pytest.mark.parametrize("after", [-1, 1.5, True, "3", None])
def test_after_is_a_number_of_bytes(after):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(f"after={after!r}")):
        route().fail("truncated_body", after=after)


@pytest.mark.parametrize("name", ["truncated_body", "connection_reset", "stalled_body"])
@pytest.mark.parametrize("after", [0, 1, 10])
def test_exactly_so_many_bytes_are_delivered_before_the_break(name, after):
    if name == "connection_reset" and after == 0:
        after = 5  # without a number, it is reset before the answer
    router, client = failing(name, after=after, reply=reply(200, text="hello world"))
    received = []

    with pytest.raises(SEEN_BY_HTTPX[name]), client.stream("GET", URL) as response:
        received.extend(response.iter_raw())

    assert b"".join(received) == b"hello world"[:after]
    assert router.calls.last.response.content == b"hello world"[:after]
    assert router.calls.last.response.status == 200
    assert router.calls.last.fault == name


def test_what_breaks_off_without_a_reply_is_the_documented_200():
    router, client = failing("truncated_body", after=9)

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(URL)

    assert router.calls.last.response.content == b'{"status"'


@pytest.mark.parametrize("name", ["truncated_body", "stalled_body", "connection_reset"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"after": 21},
        {"after": 1000},
        {"after": 5, "reply": reply(200, text="hello")},
        {"after": 1, "reply": reply(204)},
    ],
    ids=str,
)
def test_a_break_after_the_end_of_a_body_is_refused_because_nothing_would_be_missing(name, arguments):
    with pytest.raises(mockstatus.InvalidRoute, match=f"after={arguments['after']}"):
        route().fail(name, **arguments)


def test_a_reply_that_depends_on_the_request_can_be_broken_off():
    router, client = failing("truncated_body", after=5, reply=reply(200, style="envelope"))

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(URL)

    assert router.calls.last.response.content == b'{"suc'


@pytest.mark.parametrize("made", [reply(204), reply(304), reply(200, http_version="HTTP/1.0")])
def test_what_cannot_be_sent_in_chunks_has_no_malformed_one(made):
    with pytest.raises(mockstatus.InvalidReply, match="chunks"):
        route().fail("malformed_chunk", reply=made)


def test_a_malformed_chunk_turns_its_reply_into_chunks():
    router, client = failing("malformed_chunk", after=5, reply=reply(200, text="hello world"))
    received = []

    with pytest.raises(httpx.RemoteProtocolError), client.stream("GET", URL) as response:
        received.extend(response.iter_raw())

    assert b"".join(received) == b"hello"
    assert router.calls.last.response.headers["Transfer-Encoding"] == "chunked"


# --- delay ------------------------------------------------------------------------------------------------------------


def test_a_delay_passes_on_the_clock_before_the_fault():
    router, client = failing("connection_reset", delay=3)

    with pytest.raises(httpx.ReadError):
        client.get(URL)

    assert 3 <= router.clock.elapsed < 4


@pytest.mark.parametrize("delay", [-1, float("inf"), float("nan"), "1", True, None])
def test_a_delay_is_a_finite_number_of_seconds(delay):
    with pytest.raises(mockstatus.MockStatusError, match="delay="):
        route().fail("read_timeout", delay=delay)


def test_a_refused_fault_leaves_the_route_as_it_was():
    made = route().respond(201)

    with pytest.raises(mockstatus.InvalidRoute):
        made.fail("nothing")
    with pytest.raises(mockstatus.InvalidRoute):
        made.then_fail("nothing")

    assert made.answers == "201"


# --- every client -----------------------------------------------------------------------------------------------------

SECURE = "https://api.example.com/x"
LIMITS = {"connect": 3, "read": 4, "write": 5, "pool": 6}


def async_call(module, run):
    async def call():
        async with module.AsyncClient(timeout=module.Timeout(**LIMITS)) as client:
            return await client.get(SECURE)

    return lambda: run(call)


def with_urllib3(**arguments):
    pool = urllib3.PoolManager(block=True)
    return pool.request("GET", SECURE, timeout=urllib3.Timeout(connect=3, read=4), retries=False, **arguments)


CALLS = {
    "httpx": lambda: httpx.get(SECURE, timeout=httpx.Timeout(**LIMITS)),
    "httpx2": lambda: httpx2.get(SECURE, timeout=httpx2.Timeout(**LIMITS)),
    "httpx async": async_call(httpx, lambda call: asyncio.run(call())),
    "httpx2 async": async_call(httpx2, lambda call: asyncio.run(call())),
    "httpx trio": async_call(httpx, trio.run),
    "httpx2 trio": async_call(httpx2, trio.run),
    "requests": lambda: requests.get(SECURE, timeout=(3, 4)),
    "urllib3": lambda: with_urllib3(pool_timeout=6),
}

# What each raises, and how many seconds have passed by then.
SEEN = {
    "connect_timeout": ("ConnectTimeout", requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError, 3),
    "connection_refused": ("ConnectError", requests.ConnectionError, urllib3.exceptions.NewConnectionError, 0),
    "dns_failure": ("ConnectError", requests.ConnectionError, urllib3.exceptions.NameResolutionError, 0),
    "tls_failure": ("ConnectError", requests.exceptions.SSLError, urllib3.exceptions.SSLError, 0),
    "pool_timeout": ("PoolTimeout", None, urllib3.exceptions.EmptyPoolError, 6),
    "write_timeout": ("WriteTimeout", None, None, 5),
    "read_timeout": ("ReadTimeout", requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, 4),
    "connection_reset": ("ReadError", requests.ConnectionError, urllib3.exceptions.ProtocolError, 0),
    "empty_response": ("RemoteProtocolError", requests.ConnectionError, urllib3.exceptions.ProtocolError, 0),
    "malformed_response": ("RemoteProtocolError", requests.ConnectionError, urllib3.exceptions.ProtocolError, 0),
    "truncated_body": (
        "RemoteProtocolError",
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.ProtocolError,
        0,
    ),
    "malformed_chunk": (
        "RemoteProtocolError",
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.ProtocolError,
        0,
    ),
    "stalled_body": ("ReadTimeout", requests.ConnectionError, urllib3.exceptions.ReadTimeoutError, 4),
    "bad_encoding": (
        "DecodingError",
        requests.exceptions.ContentDecodingError,
        urllib3.exceptions.DecodeError,
        0,
    ),
}
NEAREST = {"pool_timeout": "connect_timeout", "write_timeout": "read_timeout"}


def seen_by(client, name):
    family, of_requests, of_urllib3, _ = SEEN[name]
    if client == "requests":
        return of_requests
    if client == "urllib3":
        return of_urllib3
    return getattr(httpx2 if client.startswith("httpx2") else httpx, family)


@pytest.mark.parametrize("client", CALLS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")  # httpx leaves its own to the collector
def test_every_client_raises_its_own_exception_at_its_own_time(name, client):
    expected = seen_by(client, name)

    with mockstatus.activate(time="virtual") as router:
        router.get(SECURE).fail(name)
        with pytest.raises(expected or mockstatus.InvalidRoute) as caught:
            CALLS[client]()
        elapsed = router.clock.elapsed

    assert type(caught.value) is (expected or mockstatus.InvalidRoute)
    if expected is None:
        assert name in str(caught.value)
        assert f"the nearest that can is {NEAREST[name]}" in str(caught.value)
        assert elapsed == 0
    else:
        assert elapsed == pytest.approx(SEEN[name][3], abs=1e-6)


@pytest.mark.parametrize("client", CALLS)
def test_a_delay_of_a_fault_that_is_over_the_timeout_is_that_timeout(client):
    with mockstatus.activate(time="virtual") as router:
        router.get(SECURE).fail("connection_reset", delay=60)
        with pytest.raises(seen_by(client, "read_timeout")):
            CALLS[client]()
        assert router.clock.elapsed == pytest.approx(4)


@pytest.mark.parametrize("client", CALLS)
def test_a_fault_for_so_many_calls_is_over_after_them(client):
    with mockstatus.activate() as router:
        route = router.get(SECURE).fail("connection_reset", times=2).then(200)
        for _ in range(2):
            with pytest.raises(seen_by(client, "connection_reset")):
                CALLS[client]()
        response = CALLS[client]()
        assert getattr(response, "status_code", None) or response.status == 200
        assert route.call_count == 3


HANGS = {
    ("httpx", "connect_timeout"): (lambda: httpx.get(SECURE, timeout=httpx.Timeout(5, connect=None)), "connect="),
    ("httpx", "read_timeout"): (lambda: httpx.get(SECURE, timeout=None), "read="),
    ("httpx", "stalled_body"): (lambda: httpx.get(SECURE, timeout=httpx.Timeout(5, read=None)), "read="),
    ("httpx", "write_timeout"): (lambda: httpx.get(SECURE, timeout=httpx.Timeout(5, write=None)), "write="),
    ("httpx", "pool_timeout"): (lambda: httpx.get(SECURE, timeout=httpx.Timeout(5, pool=None)), "pool="),
    ("httpx2", "read_timeout"): (lambda: httpx2.get(SECURE, timeout=None), "read="),
    ("requests", "connect_timeout"): (lambda: requests.get(SECURE, timeout=(None, 5)), "timeout="),
    ("requests", "read_timeout"): (lambda: requests.get(SECURE), "timeout="),
    ("requests", "stalled_body"): (lambda: requests.get(SECURE, timeout=(5, None)), "timeout="),
    ("urllib3", "connect_timeout"): (lambda: urllib3.PoolManager().request("GET", SECURE), "connect="),
    ("urllib3", "read_timeout"): (lambda: urllib3.request("GET", SECURE, timeout=urllib3.Timeout(connect=5)), "read="),
    ("urllib3", "pool_timeout"): (with_urllib3, "pool_timeout="),
}


@pytest.mark.parametrize(("client", "name"), HANGS)
def test_a_client_without_that_timeout_would_hang_and_is_told_what_was_missing(client, name):
    call, missing = HANGS[client, name]
    with mockstatus.activate() as router:
        router.get(SECURE).fail(name)
        with pytest.raises(mockstatus.WouldHang) as caught:
            call()

    assert "would hang" in str(caught.value)
    assert client in str(caught.value)
    assert missing in str(caught.value)
    assert SECURE in str(caught.value)


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (httpx.ReadError("mine"), CALLS["httpx"]),
        (httpx2.ReadError("mine"), CALLS["httpx2"]),
        (httpx.ReadError("mine"), CALLS["httpx async"]),
        (requests.ConnectionError("mine"), CALLS["requests"]),
    ],
)
def test_an_exception_of_a_client_s_class_has_that_client_s_request_on_it(error, call):
    with mockstatus.activate() as router:
        router.get(SECURE).fail(error)
        with pytest.raises(type(error)) as caught:
            call()

    assert caught.value is error
    assert str(error.request.url) == SECURE


@pytest.mark.parametrize("client", CALLS)
@pytest.mark.parametrize("error", [ZeroDivisionError("mine"), OSError("mine"), TimeoutError("mine")])
def test_an_exception_of_any_class_reaches_any_client_as_it_is(client, error):
    with mockstatus.activate() as router:
        router.get(SECURE).fail(error)
        with pytest.raises(type(error)) as caught:
            CALLS[client]()

    assert caught.value is error
