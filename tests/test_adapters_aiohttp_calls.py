"""What comes of a call of aiohttp: bodies of every kind, faults at every moment, and time in every mode."""

from __future__ import annotations

import asyncio
import io
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

import mockstatus
from mockstatus.adapters import aiohttp as door

API = "https://api.example.com"
TIMED = aiohttp.ClientTimeout(total=5, sock_connect=2, sock_read=1)
CONNECTION_TIMEOUT = getattr(aiohttp, "ConnectionTimeoutError", aiohttp.ServerTimeoutError)  # the first since 3.10
READ_TIMEOUT = getattr(aiohttp, "SocketTimeoutError", aiohttp.ServerTimeoutError)
DNS_ERROR = getattr(aiohttp, "ClientConnectorDNSError", aiohttp.ClientConnectorError)


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    """A body that can be sent once."""
    for piece in given:
        yield piece


async def call(router: mockstatus.Router, method: str = "GET", path: str = "/", **options: Any) -> tuple[int, bytes]:
    """Status and body that a session with the router's connector gets."""
    timeout = options.pop("timeout", TIMED)
    time_mode = options.pop("time", "instant")
    connector = door.Connector(router, time=time_mode, **options.pop("connector", {}))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        async with session.request(method, API + path, **options) as response:
            return response.status, await response.read()


def always(fault: Any, **options: Any) -> mockstatus.Router:
    """A router where everything breaks."""
    router = mockstatus.Router()
    router.any().fail(fault, **options)
    return router


# --- bodies -----------------------------------------------------------------------------------------------------------


def multipart() -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("field", "value")
    form.add_field("file", b"content", filename="a.txt", content_type="text/plain")
    return form


BODIES: dict[str, tuple[Any, bytes]] = {
    "bytes": (lambda: {"data": b"body"}, b"body"),
    "text": (lambda: {"data": "b\xf6dy"}, "b\xf6dy".encode()),
    "JSON": (lambda: {"json": {"a": 1}}, b'{"a": 1}'),
    "a form": (lambda: {"data": {"a": "b c"}}, b"a=b+c"),
    "a file": (lambda: {"data": io.BytesIO(b"body")}, b"body"),
    "a stream": (lambda: {"data": pieces(b"bo", b"dy")}, b"body"),
    "expected": (lambda: {"data": b"body", "expect100": True}, b"body"),
    "an expected stream": (lambda: {"data": pieces(b"bo", b"dy"), "expect100": True}, b"body"),
    "chunks": (lambda: {"data": b"body", "chunked": True}, b"body"),
    "nothing": (dict, b""),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_of_any_kind_reaches_the_router_whole(name: str) -> None:
    """And is read once, before a route is asked."""
    make, content = BODIES[name]
    router = mockstatus.Router()
    router.post(f"{API}/", content=content).respond(201)

    status, _ = await call(router, "POST", **make())

    assert (status, router.calls.last.request.content) == (201, content)


async def test_a_multipart_body_has_its_fields_and_files() -> None:
    """As the router takes it apart."""
    router = mockstatus.Router()
    router.post(f"{API}/").respond(200)

    await call(router, "POST", data=multipart())

    request = router.calls.last.request
    (file,) = request.files()
    assert request.form() == [("field", "value")]
    assert (file.name, file.filename, file.content_type, file.content) == ("file", "a.txt", "text/plain", b"content")


async def test_a_compressed_body_is_as_it_goes_over_the_wire() -> None:
    """With the header that says so."""
    router = mockstatus.Router()
    router.post(f"{API}/").respond(200)

    await call(router, "POST", data=b"body" * 100, compress="deflate")

    request = router.calls.last.request
    assert zlib.decompress(request.content) == b"body" * 100
    assert request.headers["Content-Encoding"] == "deflate"


async def test_a_stream_that_breaks_in_the_callers_hands_is_offered_to_nobody() -> None:
    """The error is aiohttp's own."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("the caller's own body broke")

    router = mockstatus.Router()
    router.any().respond(200)

    with pytest.raises(aiohttp.ClientConnectionError, match="Failed to send bytes"):
        await call(router, "POST", data=broken())

    assert len(router.calls) == 0


@pytest.mark.parametrize("body", [None, b"abc"])
async def test_a_request_is_offered_with_the_header_fields_that_are_then_written(body: bytes | None) -> None:
    """Those that aiohttp adds while it sends included: read out of the bytes, they are the same."""
    router = mockstatus.Router()
    router.any().respond(200)
    options = {"data": body, "headers": {"X-Name": " caf\xe9 ", "x-lower": ""}, "cookies": {"a": "1"}}

    await call(router, "POST", **options)
    first = router.calls.last.request
    await call(router, "POST", **options, chunked=None, connector={"force_close": True})  # known only when written
    second = router.calls.last.request

    added = [("Connection", "close")] if ("Connection", "close") in second.headers.multi_items() else []
    assert sorted(first.headers.multi_items() + added) == sorted(second.headers.multi_items())
    assert first.content == second.content == (body or b"")


# --- answers ----------------------------------------------------------------------------------------------------------


async def test_an_answer_may_be_awaited() -> None:
    """By a function of the user's, whose errors reach the caller as they are."""

    async def answer(request: mockstatus.Request) -> Any:
        await asyncio.sleep(0)
        if request.path == "/broken":
            raise KeyError("the user's own")
        return mockstatus.reply(200, json={"path": request.path})

    router = mockstatus.Router()
    router.any().respond_with(answer)

    assert await call(router, path="/fine") == (200, b'{"path": "/fine"}')
    for options in ({}, {"data": pieces(b"x")}):
        with pytest.raises(KeyError, match="the user's own"):
            await call(router, "POST", "/broken", **options)


async def test_what_came_before_an_exception_in_a_stream_is_delivered() -> None:
    """Then it is raised as it is."""
    router = mockstatus.Router()
    router.get(f"{API}/").respond(mockstatus.sse("a", "b", ValueError("the user's own")))
    delivered = []

    async with aiohttp.ClientSession(connector=door.Connector(router)) as session:
        async with session.get(f"{API}/") as response:
            with pytest.raises(ValueError, match="the user's own"):
                async for piece in response.content.iter_any():
                    delivered.append(piece)

    assert b"".join(delivered) == b"data: a\n\ndata: b\n\n"


async def test_pieces_of_an_asynchronous_stream_arrive_as_they_are_made() -> None:
    """The second is not made before the first was read."""
    read = asyncio.Event()

    async def stream() -> AsyncIterator[bytes]:
        yield b"one"
        await read.wait()
        yield b"two"

    router = mockstatus.Router()
    router.get(f"{API}/").respond(stream=stream)

    async with aiohttp.ClientSession(connector=door.Connector(router)) as session:
        async with session.get(f"{API}/") as response:
            assert await response.content.readany() == b"one"
            read.set()
            assert await response.content.readany() == b"two"


async def test_a_connection_is_used_again_and_traced_like_it() -> None:
    """Names are looked up once, as aiohttp does with its cache."""
    told: list[str] = []
    config = aiohttp.TraceConfig()
    for name in ("dns_resolvehost_start", "dns_cache_miss", "connection_create_end", "connection_reuseconn"):

        async def tell(*_: object, name: str = name) -> None:
            told.append(name)

        getattr(config, f"on_{name}").append(tell)
    router = mockstatus.Router()
    router.any().respond(200)

    async with aiohttp.ClientSession(connector=door.Connector(router), trace_configs=[config]) as session:
        for _ in range(2):
            async with session.get(API) as response:
                await response.read()

    assert told == ["dns_cache_miss", "dns_resolvehost_start", "connection_create_end", "connection_reuseconn"]


# --- faults -----------------------------------------------------------------------------------------------------------

ERRORS: dict[str, type[BaseException]] = {
    "connect_timeout": CONNECTION_TIMEOUT,
    "connection_refused": aiohttp.ClientConnectorError,
    "dns_failure": DNS_ERROR,
    "tls_failure": aiohttp.ClientConnectorCertificateError,
    "pool_timeout": CONNECTION_TIMEOUT,
    "read_timeout": READ_TIMEOUT,
    "connection_reset": aiohttp.ClientOSError,
    "empty_response": aiohttp.ServerDisconnectedError,
    "malformed_response": aiohttp.ClientResponseError,
    "truncated_body": aiohttp.ClientPayloadError,
    "malformed_chunk": aiohttp.ClientResponseError,
    "stalled_body": READ_TIMEOUT,
}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("fault", ERRORS)
async def test_a_fault_is_the_error_that_aiohttp_has_for_it(fault: str, streams: bool) -> None:
    """Also where the request is known only when all of it was written."""
    data = pieces(b"x") if streams else b"x"
    timeout = aiohttp.ClientTimeout(connect=3, sock_connect=2, sock_read=1)

    with pytest.raises(ERRORS[fault]) as caught:
        await call(always(fault), "POST", data=data, timeout=timeout)

    assert type(caught.value) is ERRORS[fault]


@pytest.mark.parametrize("streams", [False, True])
async def test_a_refused_connection_says_where_it_was_refused(streams: bool) -> None:
    """The attributes that programs look at."""
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        await call(always("connection_refused"), "POST", data=pieces(b"x") if streams else b"x")

    error = caught.value
    assert (error.host, error.port, type(error.os_error)) == ("api.example.com", 443, ConnectionRefusedError)
    assert str(error).startswith("Cannot connect to host api.example.com:443 ssl:default [Connect call failed")


async def test_what_aiohttp_tries_again_by_itself_is_a_call_each_time() -> None:
    """A request that may be repeated, once; a POST is not."""
    router = mockstatus.Router()
    flaky = router.any().fail("connection_reset", times=1).then(200)

    assert (await call(router))[0] == 200
    assert flaky.call_count == 2
    router.reset()
    with pytest.raises(aiohttp.ClientOSError):
        await call(router, "POST", data=b"x")
    assert flaky.call_count == 1


@pytest.mark.parametrize(("fault", "nearest"), [("write_timeout", "read_timeout"), ("pool_timeout", "connect_timeout")])
async def test_a_fault_that_aiohttp_cannot_have_names_the_nearest(fault: str, nearest: str) -> None:
    """A connector without a limit has nobody wait."""
    with pytest.raises(mockstatus.InvalidRoute, match=f"{fault} .* cannot happen .* the nearest that can is {nearest}"):
        await call(always(fault), connector={"limit": 0})


async def test_tls_cannot_fail_where_there_is_none() -> None:
    """A plain http URL."""
    with pytest.raises(mockstatus.InvalidRoute, match="there is no TLS in it"):
        async with aiohttp.ClientSession(connector=door.Connector(always("tls_failure"))) as session:
            await session.get("http://api.example.com/")


OWN_ERRORS = [
    KeyError("own"),
    TimeoutError("own"),
    TimeoutError(110, "own"),
    OSError("own"),
    ConnectionResetError(104, "own"),
    aiohttp.ClientError("own"),
]


def raising(error: Exception, how: str) -> mockstatus.Router:
    """A router where an exception of the user's is raised: given to ``fail``, or by a function."""
    router = mockstatus.Router()

    def answer(request: mockstatus.Request) -> Any:
        raise error

    async def answer_later(request: mockstatus.Request) -> Any:
        raise error

    if how == "given":
        router.any().fail(error)
    else:
        router.any().respond_with({"by a function": answer, "by a coroutine": answer_later}[how])
    return router


@pytest.mark.parametrize("how", ["given", "by a function", "by a coroutine"])
@pytest.mark.parametrize("error", OWN_ERRORS, ids=repr)
@pytest.mark.parametrize("streams", [False, True])
async def test_an_exception_is_raised_as_it_is(error: Exception, streams: bool, how: str) -> None:
    """The very object, with nothing that was made of it on the way."""
    error.__context__ = None
    router = raising(error, how)

    with pytest.raises(type(error)) as caught:
        await call(router, "POST", data=pieces(b"x") if streams else b"x")

    assert caught.value is error
    assert (error.__context__, error.__cause__) == (None, None)
    assert router.calls.last.fault is error if how != "given" else len(router.calls) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_users_oserror_is_no_reason_to_try_again(method: str) -> None:
    """As aiohttp does with broken connections of its own."""
    router = always(ConnectionResetError(104, "own"))

    with pytest.raises(ConnectionResetError):
        await call(router, method)

    assert len(router.calls) == 1


async def test_traces_are_told_of_a_users_oserror_before_it_is_raised() -> None:
    """Once; by the error that aiohttp makes of it."""
    error = OSError("own")
    told: list[BaseException] = []
    config = aiohttp.TraceConfig()

    async def tell(session: object, context: object, params: aiohttp.TraceRequestExceptionParams) -> None:
        told.append(params.exception)

    config.on_request_exception.append(tell)
    async with aiohttp.ClientSession(connector=door.Connector(always(error)), trace_configs=[config]) as session:
        with pytest.raises(OSError, match="own") as caught:
            await session.get(API)

    assert caught.value is error
    assert [(type(one), one.__cause__) for one in told] == [(aiohttp.ClientOSError, error)]


async def test_a_middleware_that_tries_again_after_a_users_oserror_gets_an_answer() -> None:
    """Nothing is raised of what it has dealt with."""
    router = mockstatus.Router()
    router.any().fail(OSError("own"), times=1).then_fail("connection_refused", times=1).then(200)

    async def persist(request: Any, handler: Any) -> Any:
        try:
            return await handler(request)
        except OSError:
            return await handler(request)

    options: dict[str, Any] = {"middlewares": (persist,)}
    async with aiohttp.ClientSession(connector=door.Connector(router), **options) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(API)
        router.reset()
        router.routes[0].fail(OSError("own"), times=1).then(200)
        async with session.get(API) as response:
            assert response.status == 200


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["connect_timeout", "read_timeout", "stalled_body", "pool_timeout"])
async def test_a_call_without_timeouts_that_would_hang_says_what_was_missing(fault: str) -> None:
    """Instead of hanging."""
    with pytest.raises(mockstatus.WouldHang, match=r"pass timeout=aiohttp\.ClientTimeout\("):
        await call(always(fault), timeout=aiohttp.ClientTimeout(total=None))


@pytest.mark.parametrize("fault", ["connect_timeout", "read_timeout", "stalled_body", "pool_timeout"])
async def test_the_total_ends_whatever_is_under_way(fault: str) -> None:
    """With a bare TimeoutError, when all of it is spent and not before."""
    router = always(fault)

    with pytest.raises(asyncio.TimeoutError) as caught:
        await call(router, timeout=aiohttp.ClientTimeout(total=7))

    assert type(caught.value) is TimeoutError
    assert router.clock.elapsed == pytest.approx(7, abs=0.5)


async def test_the_total_is_that_of_all_redirects_together() -> None:
    """Two hops of 3 seconds are in time under a total of 7; a third is not. Nothing is really waited for."""
    router = mockstatus.Router()
    router.get(f"{API}/1").respond(302, headers={"Location": "/2"}, delay=3)
    router.get(f"{API}/2").respond(302, headers={"Location": "/3"}, delay=3)
    router.get(f"{API}/3").respond(200, delay=3)
    began = time.perf_counter()

    assert (await call(router, path="/2", timeout=aiohttp.ClientTimeout(total=7)))[0] == 200
    with pytest.raises(asyncio.TimeoutError):
        await call(router, path="/1", timeout=aiohttp.ClientTimeout(total=7))

    assert time.perf_counter() - began < 2
    assert router.clock.elapsed == pytest.approx(6 + 7, abs=0.5)


async def test_a_wait_counts_against_the_read_timeout_on_its_own() -> None:
    """Ten waits of 0.9 seconds are in time under one of a second; one of 1.1 is not."""
    router = mockstatus.Router()
    router.get(f"{API}/slow").respond(stream=mockstatus.dribble(b"0123456789", every=0.9))
    router.get(f"{API}/slower").respond(stream=mockstatus.dribble(b"0123456789", every=1.1))
    timeout = aiohttp.ClientTimeout(sock_read=1)

    assert await call(router, path="/slow", timeout=timeout) == (200, b"0123456789")
    with pytest.raises(READ_TIMEOUT):
        await call(router, path="/slower", timeout=timeout)


async def test_in_real_time_a_delay_is_waited_for() -> None:
    """And the client's own timer ends what takes too long."""
    router = mockstatus.Router()
    router.get(f"{API}/soon").respond(delay=0.1)
    router.get(f"{API}/late").respond(delay=30)
    began = time.perf_counter()

    await call(router, path="/soon", time="real")
    soon = time.perf_counter() - began
    with pytest.raises(READ_TIMEOUT):
        await call(router, path="/late", time="real", timeout=aiohttp.ClientTimeout(sock_read=0.1))

    assert soon >= 0.1
    assert 0.2 <= time.perf_counter() - began < 10


async def test_a_request_knows_its_timeouts() -> None:
    """Each phase also ends with the total."""
    router = mockstatus.Router()
    router.any().respond(200)

    await call(router, timeout=aiohttp.ClientTimeout(total=9, connect=8, sock_connect=3, sock_read=20))

    assert router.calls.last.request.timeout == (3, 9, 9, 8)


async def test_a_connection_that_never_comes_free_is_a_timeout_of_the_connector() -> None:
    """As on a real wire: the limit of the user's connector holds for what is answered."""
    router = mockstatus.Router()
    router.get(f"{API}/").respond(content=b"x" * 1_000_000)
    timeout = aiohttp.ClientTimeout(connect=0.05)
    with mockstatus.activate(router):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1), timeout=timeout) as session:
            async with session.get(f"{API}/"):
                with pytest.raises(CONNECTION_TIMEOUT):
                    await session.get(f"{API}/")
