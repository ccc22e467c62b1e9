"""The door of aiohttp: which calls are answered, from which sessions, and what is left of it afterwards."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

import mockstatus
from mockstatus.adapters import aiohttp as door

API = "https://api.example.com"
REAL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal"


class Server:
    """Answers everything with 200 and ``real``; ``received`` are the bytes of each connection."""

    def __init__(self) -> None:
        self.received: list[bytearray] = []
        self.url = ""
        self.connected: list[asyncio.StreamWriter] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.append(writer)
        received = bytearray()
        self.received.append(received)
        while data := await reader.read(65_536):
            received += data
            if data.endswith((b"\r\n\r\n", b"last")):
                writer.write(REAL)
        writer.close()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self.connected:
            writer.close()


async def text(session: aiohttp.ClientSession, url: str, method: str = "GET", **options: Any) -> str:
    """The body of an answer."""
    async with session.request(method, url, **options) as response:
        return await response.text()


# --- which sessions ---------------------------------------------------------------------------------------------------


async def test_a_session_from_before_is_answered_and_its_open_connection_neither_used_nor_closed() -> None:
    """The server hears nothing of the call between, and the next goes over the same connection."""
    async with Server() as server, aiohttp.ClientSession() as session:
        assert await text(session, server.url) == "real"
        with mockstatus.activate() as router:
            router.get(server.url).respond(text="mock")
            assert await text(session, server.url) == "mock"
        assert await text(session, server.url) == "real"

    (received,) = server.received
    assert received.count(b"GET / HTTP/1.1") == 2


async def test_a_session_from_inside_really_calls_again_afterwards() -> None:
    """Nothing of ours is left in its pool."""
    async with Server() as server:
        with mockstatus.activate() as router:
            router.get(server.url).respond(text="mock")
            session = aiohttp.ClientSession()
            assert await text(session, server.url) == "mock"
        async with session:
            assert await text(session, server.url) == "real"


async def test_clients_names_who_is_intercepted() -> None:
    """A session is left to the network where aiohttp is not among them."""
    async with Server() as server, aiohttp.ClientSession() as session:
        with mockstatus.activate(clients=["aiohttp"]) as router:
            router.get(server.url).respond(text="mock")
            assert await text(session, server.url) == "mock"
        with mockstatus.activate(clients=["httpx"]) as router:
            router.get(server.url).respond(text="mock")
            assert await text(session, server.url) == "real"


async def test_a_connector_of_another_kind_is_left_alone(tmp_path: Any) -> None:
    """As the user's own transports are."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(REAL)
        writer.close()

    path = str(tmp_path / "socket")
    async with await asyncio.start_unix_server(serve, path):
        with mockstatus.activate() as router:
            router.any().respond(text="mock")
            async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
                assert await text(session, API) == "real"


async def test_a_subclass_of_the_connector_is_answered_through_its_own_connect() -> None:
    """It sees the call, as it does on a real wire."""
    seen = []

    class Own(aiohttp.TCPConnector):
        async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
            seen.append(req.method)
            return await super().connect(req, traces, timeout)

    with mockstatus.activate():
        async with aiohttp.ClientSession(connector=Own()) as session:
            assert "accepted" in await text(session, "https://mock.local/202")

    assert seen == ["GET"]


async def test_of_two_contexts_each_sees_its_own_routes() -> None:
    """Of one session, at the same time."""
    together = asyncio.Barrier(2)

    async def call(session: aiohttp.ClientSession, word: str) -> str:
        with mockstatus.activate(scope="context") as router:
            router.get(API).respond(text=word)
            await together.wait()
            found = await text(session, API)
            await together.wait()
            return found

    async with aiohttp.ClientSession() as session:
        assert await asyncio.gather(call(session, "one"), call(session, "two")) == ["one", "two"]


def test_event_loops_in_many_threads_are_answered_at_once() -> None:
    """Each call once."""
    found: list[str] = []

    async def main(name: str) -> None:
        async with aiohttp.ClientSession() as session:
            calls = [text(session, f"{API}/{name}/{number}") for number in range(20)]
            found.extend(await asyncio.gather(*calls))

    with mockstatus.activate() as router:
        router.get(f"{API}/{{name}}/{{number}}").respond_with(
            lambda request: mockstatus.reply(200, text="{name}-{number}".format(**request.path_params))
        )
        threads = [threading.Thread(target=lambda name=str(n): asyncio.run(main(name))) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(found) == sorted(f"{name}-{number}" for name in range(8) for number in range(20))
    assert router.calls.last.request.client == "aiohttp"


# --- the explicit connector -------------------------------------------------------------------------------------------


async def test_a_connector_answers_from_its_router_without_an_activation() -> None:
    """And the rest is refused."""
    router = mockstatus.Router()
    router.get(API).respond(text="mock")
    async with aiohttp.ClientSession(connector=door.Connector(router)) as session:
        assert await text(session, API) == "mock"
        with pytest.raises(mockstatus.UnmatchedRequest, match="POST https://api.example.com"):
            await session.post(API)

    assert [error for error in router.unmatched] != []


async def test_a_connector_inside_an_activation_is_intercepted_once() -> None:
    """By its own router."""
    own = mockstatus.Router()
    own.get(API).respond(text="own")
    with mockstatus.activate() as router:
        router.get(API).respond(text="other")
        async with aiohttp.ClientSession(connector=door.Connector(own)) as session:
            assert await text(session, API) == "own"

    assert (own.calls.last.route is not None, len(router.calls)) == (True, 0)


async def test_a_connector_really_sends_what_network_names() -> None:
    """Also under a blocking activation, where the guard watches."""
    async with Server() as server:
        with mockstatus.activate():
            connector = door.Connector(mockstatus.Router(), network=["localhost"])
            async with aiohttp.ClientSession(connector=connector) as session:
                assert await text(session, server.url) == "real"


async def test_a_connector_takes_what_aiohttp_takes() -> None:
    """Its limit holds for what is answered."""
    router = mockstatus.Router()
    open_now = most = 0

    async def answer(request: mockstatus.Request) -> int:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.001)
        open_now -= 1
        return 200

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    router.post(API).respond_with(answer)
    async with aiohttp.ClientSession(connector=door.Connector(router, limit=2)) as session:
        await asyncio.gather(*[text(session, API, "POST", data=body()) for _ in range(10)])

    assert most == 2
    assert router.calls.last.response is not None


async def test_a_connector_says_whose_it_is() -> None:
    """A failing test may print it."""
    async with door.Connector(mockstatus.Router()) as connector:
        assert repr(connector).startswith("<mockstatus.adapters.aiohttp.Connector of <")


# --- what is nobody's -------------------------------------------------------------------------------------------------


async def test_a_miss_reaches_the_caller_as_itself_and_is_raised_again_at_exit() -> None:
    """Aiohttp makes no error of its own of it, whatever the body."""

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    for data in (None, b"x", body()):
        with pytest.raises(mockstatus.UnmatchedRequest, match="POST https://api.example.com/jobs"):
            with mockstatus.activate():
                async with aiohttp.ClientSession() as session:
                    with pytest.raises(mockstatus.UnmatchedRequest):
                        await session.post(f"{API}/jobs", data=data)


@pytest.mark.parametrize("scheme", ["wss", "https"])
async def test_a_websocket_is_a_miss_that_says_so(scheme: str) -> None:
    """Under either spelling of its URL."""
    with mockstatus.activate() as router:
        router.any().respond(200)
        async with aiohttp.ClientSession() as session:
            with pytest.raises(mockstatus.UnmatchedRequest, match="WebSockets are not mocked"):
                await session.ws_connect(f"{scheme}://api.example.com/socket")
        router.unmatched.clear()


async def test_a_tunnel_is_a_miss_that_says_so() -> None:
    """CONNECT is no request to an origin."""
    with mockstatus.activate() as router:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(mockstatus.UnmatchedRequest, match="tunnels are not mocked"):
                await session.request("CONNECT", API)
        router.unmatched.clear()


@pytest.mark.parametrize("url", [f"{API}/page", "http://api.example.com/page"])
@pytest.mark.parametrize("streams", [False, True])
async def test_a_request_through_a_proxy_is_matched_by_its_target(url: str, streams: bool) -> None:
    """Nothing goes to the proxy, which is nowhere."""

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    with mockstatus.activate() as router:
        router.post(url).respond(text="mock")
        async with aiohttp.ClientSession() as session:
            options = {"proxy": "http://proxy.example.org:3128", "data": body() if streams else None}
            assert await text(session, url, "POST", **options) == "mock"

    assert router.calls.last.request.url == url


# --- what is really sent ----------------------------------------------------------------------------------------------


async def test_a_stream_that_is_let_through_arrives_as_it_was_written() -> None:
    """In its chunks, and the connection is closed afterwards."""

    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async with Server() as server:
        with mockstatus.activate(network=["localhost"]):
            async with aiohttp.ClientSession() as session:
                assert await text(session, server.url, "POST", data=body()) == "real"
                assert await text(session, server.url, "POST", data=body()) == "real"

    first, second = server.received
    assert first.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    assert first == second


async def test_a_stream_that_is_let_through_to_nobody_fails_as_it_does() -> None:
    """With the error of aiohttp's own connector."""

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with mockstatus.activate(network=["localhost"]):
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.post(f"http://127.0.0.1:{taken.getsockname()[1]}", data=body())


async def test_a_session_that_is_closed_while_something_is_let_through_closes_that_too() -> None:
    """Without waiting for ever."""

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    async with Server() as server:
        with mockstatus.activate(network=["localhost"]):
            async with aiohttp.ClientSession() as session:
                response = await session.post(server.url, data=body())
                assert response.status == 200
                assert session.connector is not None
            assert session.connector is None


# --- what is left -----------------------------------------------------------------------------------------------------


async def test_nothing_is_left_and_nothing_warns() -> None:
    """No patch, no task, and nothing that complains when it is collected."""
    before = dict(vars(aiohttp.TCPConnector))
    with mockstatus.activate() as router:
        router.get(API).respond(200).then(200, stream=[b"a", b"b"]).then_fail("stalled_body", after=2)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=1)) as session:
            await text(session, API)
            await text(session, API)
            with pytest.raises(asyncio.TimeoutError):
                await text(session, API)
    gc.collect()

    assert dict(vars(aiohttp.TCPConnector)) == before
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(door._lines) == 0


async def test_a_body_that_is_unread_when_the_session_is_closed_cannot_be_read_as_on_a_real_wire() -> None:
    """With the same error."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 5_000_000)
        writer.close()

    async def error_of(url: str) -> tuple[type[BaseException], str]:
        async with aiohttp.ClientSession() as session:
            response = await session.get(url)
        with pytest.raises(Exception) as caught:
            await response.read()
        return type(caught.value), str(caught.value)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        real = await error_of(url)
        with mockstatus.activate() as router:
            router.get(url).respond(content=b"x" * 5_000_000)
            mock = await error_of(url)

    assert mock == real


async def test_a_large_body_waits_until_it_is_read() -> None:
    """As a socket does: what nobody reads is not taken out of the stream."""
    taken = 0

    def pieces() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 65_536

    with mockstatus.activate() as router:
        router.get(API).respond(stream=pieces)
        async with aiohttp.ClientSession() as session, session.get(API) as response:
            assert await response.content.readexactly(10) == b"x" * 10
            for _ in range(100):
                await asyncio.sleep(0)
            assert taken < 20
            assert len(await response.content.readexactly(10_000_000)) == 10_000_000
            assert taken > 150


async def test_a_version_whose_connector_takes_no_loop_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so, instead of letting calls through."""

    def init(self: Any, *, limit: int = 100) -> None:
        """Take less than this version does."""

    monkeypatch.setattr(aiohttp.TCPConnector, "__init__", init)

    with pytest.raises(mockstatus.UnsupportedClient, match="takes no loop="):
        door.patches()
