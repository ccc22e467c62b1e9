"""The doors of httpx and httpx2, held against the same clients before a real server: what the table of cases cannot say."""

from __future__ import annotations

import gc
import re
from importlib import import_module
from typing import Any

import httpx
import httpx2
import pytest

import mockstatus
from tests.conformance.plain_http import OK, answer, chunk, coded, head, sized
from tests.httpx_sites import FLAVOURS, WAYS, Hand, Page, run, see_both

doors = pytest.mark.parametrize(("flavour", "way"), [(flavour, way) for flavour in FLAVOURS for way in WAYS])
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'http(x|core)2?\\.")

FINE = Page(lambda route: route, [OK])
TEXT = b"0123456789" * 5
LINES = b"one\ntwo\r\nthree\n\nlast"
PLAIN = "text/plain; charset=utf-8"


def text_page(body: bytes = TEXT) -> Page:
    return Page(
        lambda route: route.respond(text=body.decode()),
        [answer(200, "OK", sized(PLAIN, body), body)],
    )


def chunk_page(*pieces: bytes) -> Page:
    sent = head(200, "OK", coded(PLAIN)) + b"".join(map(chunk, pieces)) + b"0\r\n\r\n"
    return Page(
        lambda route: route.respond(stream=list(pieces), headers=mockstatus.exactly(coded(PLAIN))), [lambda _: (sent,)]
    )


# --- streams ----------------------------------------------------------------------------------------------------------


@doors
@pytest.mark.parametrize("path", ["/text", "/chunks", "/big"])
@pytest.mark.parametrize("iterator", [("bytes", 7), ("raw", 7), ("text", 3), ("lines",)])
def test_a_stream_that_is_read_in_part_and_closed_leaves_what_a_real_one_does(
    flavour: Any, way: str, path: str, iterator: tuple[Any, ...]
) -> None:
    """The bytes counted, the state of the response, and a next call that is fine."""
    big = b"x" * 300_000
    site = {
        "/text": text_page(),
        "/chunks": chunk_page(b"01234", b"56789", b"abc"),
        "/big": text_page(big),
        "/ok": FINE,
    }

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            async def reading(response: Any) -> None:
                hand.seen.append(response.num_bytes_downloaded)
                if path != "/big" or iterator[0] != "lines":
                    hand.seen.append(await hand.pieces(response, *iterator, most=2))
                if path != "/big":  # how much of it has come is the network's business
                    hand.seen.append(response.num_bytes_downloaded)
                hand.seen.append((response.is_closed, response.is_stream_consumed))

            await hand.within(client.stream("GET", path), reading)
            response = await hand.do(client, "get", "/ok")
            hand.seen.append((response.status_code, response.content))

        await hand.within(hand.client(), calls)

    both = see_both(flavour, way, site, course)

    assert both.mock == both.real


@doors
def test_a_response_may_be_closed_twice_and_is_not_read_after_it(flavour: Any, way: str) -> None:
    """Reading a closed stream, reading it twice, and asking for content that was not read fail as ever."""

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            for path in ("/text", "/chunks"):
                response = await hand.do(client, "send", client.build_request("GET", path), stream=True)
                try:
                    response.content
                except Exception as error:
                    hand.seen.append(type(error))
                await hand.do(response, "close")
                await hand.do(response, "close")
                await hand.failing(hand.do(response, "read"))
                await hand.failing(hand.pieces(response, "bytes"))
                response = await hand.do(client, "send", client.build_request("GET", path), stream=True)
                hand.seen.append(b"".join(await hand.pieces(response, "raw")))
                await hand.failing(hand.pieces(response, "raw"))
                hand.seen.append(
                    (response.is_closed, response.num_bytes_downloaded, response.elapsed.total_seconds() < 5)
                )

        await hand.within(hand.client(), calls)

    both = see_both(flavour, way, {"/text": text_page(), "/chunks": chunk_page(b"ab", b"cd")}, course)

    assert both.mock == both.real


@doors
def test_a_caller_that_leaves_a_stream_early_closes_the_stream_of_the_route(flavour: Any, way: str) -> None:
    """Its generator is closed with the connection, not when it happens to be collected."""
    name, loop = flavour
    ended = []

    def endless():
        try:
            while True:
                yield b"again and again"
        finally:
            ended.append("closed")

    async def endless_async():
        try:
            while True:
                yield b"again and again"
        finally:
            ended.append("closed")

    stream = endless_async if loop else endless

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            async def reading(response: Any) -> None:
                await hand.pieces(response, "bytes", 40, most=3)

            await hand.within(client.stream("GET", "/endless"), reading)
            hand.seen.append(list(ended))

        await hand.within(hand.client(), calls)

    wire = [lambda _: (head(200, "OK", coded(None)), *[chunk(b"again and again")] * 9)]
    both = see_both(flavour, way, {"/endless": Page(lambda route: route.respond(stream=stream), wire)}, course)

    assert both.mock == [["closed"]]


# --- hooks, auth, redirects, cookies ----------------------------------------------------------------------------------


@doors
def test_event_hooks_see_each_request_and_each_response_of_a_chain(flavour: Any, way: str) -> None:
    """In their order, before the body is read, redirects included."""
    site = {
        "/from": Page(
            lambda route: route.respond(
                302, headers=mockstatus.exactly([("Location", "/to"), ("Content-Length", "0")])
            ),
            [answer(302, "Found", [("Location", "/to"), ("Content-Length", "0")])],
        ),
        "/to": text_page(),
    }

    async def course(hand: Hand) -> None:
        def note(name: str) -> Any:
            def seen(message: Any) -> None:
                status = getattr(message, "status_code", None)
                closed = getattr(message, "is_closed", None)
                hand.seen.append(
                    (name, str(message.url).replace(hand.base, ""), status, closed, type(message).__module__)
                )

            async def seen_async(message: Any) -> None:
                seen(message)

            return seen_async if hand.loop else seen

        async def calls(client: Any) -> None:
            response = await hand.do(client, "get", "/from", follow_redirects=True)
            hand.seen.append([one.status_code for one in response.history])

        hooks = {"request": [note("request")], "response": [note("response")]}
        await hand.within(hand.client(event_hooks=hooks), calls)

    both = see_both(flavour, way, site, course)

    assert both.mock == both.real


@doors
def test_an_error_in_a_hook_closes_the_response_and_reaches_the_caller(flavour: Any, way: str) -> None:
    """``raise_for_status`` in a hook, for one."""

    async def course(hand: Hand) -> None:
        kept: list[Any] = []

        def check(response: Any) -> None:
            kept.append(response)
            response.raise_for_status()

        async def check_async(response: Any) -> None:
            check(response)

        async def calls(client: Any) -> None:
            await hand.failing(hand.do(client, "get", "/gone"))
            hand.seen.append(kept[0].is_closed)

        await hand.within(hand.client(event_hooks={"response": [check_async if hand.loop else check]}), calls)

    gone = Page(lambda route: route.respond(410, text="gone"), [answer(410, "Gone", sized(PLAIN, b"gone"), b"gone")])
    both = see_both(flavour, way, {"/gone": gone}, course)

    assert both.mock == both.real


@doors
def test_a_flow_of_credentials_reads_bodies_where_it_asks_for_them(flavour: Any, way: str) -> None:
    """``requires_request_body`` and ``requires_response_body``, and more than one round."""

    async def course(hand: Hand) -> None:
        class Flow(hand.module.Auth):
            requires_request_body = True
            requires_response_body = True

            def auth_flow(self, request: Any) -> Any:
                request.headers["X-Digest"] = str(len(request.content))
                response = yield request
                hand.seen.append((response.status_code, response.text))
                if response.status_code == 401:
                    request.headers["Authorization"] = response.text
                    response = yield request
                    hand.seen.append((response.status_code, response.text))

        def upload() -> Any:
            yield b"a"
            yield b"bc"

        async def upload_async() -> Any:
            yield b"a"
            yield b"bc"

        async def calls(client: Any) -> None:
            content = upload_async() if hand.loop else upload()
            response = await hand.do(client, "post", "/me", content=content, auth=Flow())
            hand.seen.append((response.status_code, [one.status_code for one in response.history]))

        await hand.within(hand.client(), calls)

    site = {
        "/me": Page(
            lambda route: route.respond(401, text="key").then(200, text="in"),
            [
                answer(401, "Unauthorized", sized(PLAIN, b"key"), b"key"),
                answer(200, "OK", sized(PLAIN, b"in"), b"in"),
            ],
        )
    }
    both = see_both(flavour, way, site, course)

    assert both.mock == both.real
    arrived = [(one.method, one.body, dict(one.headers).get("X-Digest")) for one in both.server.received]
    assert [
        (call.request.method, call.request.content, call.request.headers.get("X-Digest")) for call in both.router.calls
    ] == arrived


# --- extensions -------------------------------------------------------------------------------------------------------


@doors
def test_the_network_stream_of_a_response_can_be_asked_about_itself(flavour: Any, way: str) -> None:
    """Both addresses are pairs, and it is no longer readable once the answer is there."""

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            response = await hand.do(client, "get", "/ok")
            stream = response.extensions["network_stream"]
            hand.seen.append(sorted(response.extensions))
            kind = hand.core.AsyncNetworkStream if hand.loop else hand.core.NetworkStream
            hand.seen.append(isinstance(stream, kind))
            hand.seen.append(
                [type(stream.get_extra_info(info)) for info in ("server_addr", "client_addr", "ssl_object")]
            )
            hand.seen.append(stream.get_extra_info("server_addr")[1] == int(hand.base.rpartition(":")[2]))
            hand.seen.append(stream.get_extra_info("nothing of the kind"))

        await hand.within(hand.client(), calls)

    both = see_both(flavour, way, {"/ok": FINE}, course)

    assert both.mock == both.real


@pytest.mark.parametrize("package", [httpx, httpx2], ids=lambda package: package.__name__)
def test_each_network_stream_knows_its_own_port(package: Any) -> None:
    """Also where one reply answers for several servers."""
    with mockstatus.activate() as router, package.Client() as client:
        router.get(re.compile("/jobs")).respond(202)
        urls = [f"https://api.example.com{port}/jobs" for port in ("", ":8443", ":9443", "")]
        streams = [client.get(url).extensions["network_stream"] for url in urls]

    assert [stream.get_extra_info("server_addr")[1] for stream in streams] == [443, 8443, 9443, 443]


@doors
def test_a_target_in_the_extensions_is_what_is_asked_for(flavour: Any, way: str) -> None:
    """``OPTIONS *`` can be written in no other way."""

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            request = client.build_request("OPTIONS", "/", extensions={"target": b"/star?x=1"})
            response = await hand.do(client, "send", request)
            hand.seen.append((response.status_code, str(response.url) == f"{hand.base}/"))

        await hand.within(hand.client(), calls)

    both = see_both(flavour, way, {"/star": FINE}, course)

    assert both.mock == both.real
    assert both.router.calls.last.request.target == both.server.received[0].target == "/star?x=1"


@doors
def test_a_trace_tells_what_httpcore_told(flavour: Any, way: str) -> None:
    """The events of a call that opens its connection, and what they carry, by name."""

    async def course(hand: Hand) -> None:
        def told(name: str, info: Any) -> None:
            value = info.get("return_value")
            shown = value if name.endswith("receive_response_headers.complete") else type(value).__name__
            hand.seen.append((name, sorted(info), shown if "scripted" not in str(shown).lower() else "stream"))

        async def told_async(name: str, info: Any) -> None:
            told(name, info)

        async def calls(client: Any) -> None:
            await hand.do(client, "post", "/ok", json={"a": 1}, extensions={"trace": told_async if hand.loop else told})

        await hand.within(hand.client(), calls)

    both = see_both(flavour, way, {"/ok": FINE}, course)
    real = [(name, keys, "stream" if str(shown).endswith("Stream") else shown) for name, keys, shown in both.real]
    mock = [(name, keys, "stream" if str(shown).endswith("Stream") else shown) for name, keys, shown in both.mock]

    assert mock == real


# --- clients made in other ways ---------------------------------------------------------------------------------------


@doors
def test_a_base_url_params_headers_and_cookies_of_the_client_are_sent(flavour: Any, way: str) -> None:
    """Merged with those of the call as the client does it."""

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            await hand.do(client, "get", "page", params={"b": ["2", "3"]}, headers={"X-Call": "1"})
            await hand.do(client, "get", "/page?c=4")

        made = hand.client(
            base_url=f"{hand.base}/v1/", params={"a": "1"}, headers={"X-Client": "é".encode()}, cookies={"k": "v"}
        )
        await hand.within(made, calls)

    both = see_both(flavour, way, {"/v1/page": FINE}, course)

    assert [(call.request.target, call.request.headers.multi_items()) for call in both.router.calls] == [
        (one.target, list(one.headers)) for one in both.server.received
    ]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "options",
    [
        {"proxy": "http://user:pw@proxy.test:3128"},
        {"proxy": "https://proxy.test"},
        {"mounts": "a transport for all"},
        {"transport": "with a Unix socket"},
        {"limits": "none at all"},
        {"http2": True},
        {"http1": True, "http2": True},
        {"transport": "from a local address"},
    ],
    ids=str,
)
def test_a_client_made_in_any_way_is_answered(flavour: Any, options: dict[str, Any]) -> None:
    """Nothing goes to a proxy, a Unix socket or another interface."""
    hand = Hand(*flavour, 1, None)
    kind = hand.module.AsyncHTTPTransport if hand.loop else hand.module.HTTPTransport
    made = {
        "a transport for all": lambda: {"all://": kind()},
        "with a Unix socket": lambda: kind(uds="/nowhere/at/all.sock"),
        "none at all": lambda: hand.module.Limits(max_connections=None, max_keepalive_connections=0),
        "from a local address": lambda: kind(local_address="192.0.2.77"),
    }
    given = {name: made[value]() if value in made else value for name, value in options.items()}
    seen: list[Any] = []

    async def main() -> None:
        async def calls(client: Any) -> None:
            for scheme in ("http", "https"):
                response = await hand.do(client, "get", f"{scheme}://api.example.com/x")
                seen.append((response.status_code, response.http_version))

        await hand.within(hand.client(**given), calls)

    with mockstatus.activate() as router:
        router.get(url="http://api.example.com/x").respond(202)
        router.get(url="https://api.example.com/x").respond(203)
        run(hand.loop, main)

    assert seen == [(202, "HTTP/1.1"), (203, "HTTP/1.1")]
    assert [call.request.url for call in router.calls] == ["http://api.example.com/x", "https://api.example.com/x"]


# --- faults -----------------------------------------------------------------------------------------------------------


@doors
@pytest.mark.parametrize("fault", ["connect_timeout", "read_timeout", "write_timeout", "pool_timeout", "stalled_body"])
@pytest.mark.parametrize("given", ["none", "other phases only"])
def test_a_wait_without_its_timeout_would_hang(flavour: Any, way: str, fault: str, given: str) -> None:
    """And the error names the phase that has none."""
    name, loop = flavour
    kind = {"stalled_body": "read"}.get(fault, fault.partition("_")[0])
    module = import_module(name)
    timeout = None if given == "none" else module.Timeout(1.0, **{kind: None})
    router = mockstatus.Router()
    router.post("http://api.example.com/x").fail(fault)
    door = import_module(f"mockstatus.adapters.{name}")
    transport = {"transport": (door.AsyncTransport if loop else door.Transport)(router)} if way == "explicit" else {}
    hand = Hand(name, loop, 1, None)

    async def main() -> None:
        async def calls(client: Any) -> None:
            with pytest.raises(mockstatus.WouldHang, match=f"no {kind} timeout"):
                await hand.do(client, "post", "http://api.example.com/x", content=b"abc")

        await hand.within(hand.client(timeout=timeout, **transport), calls)

    with mockstatus.activate(router):
        run(loop, main)


@doors
@pytest.mark.parametrize(
    "made", ["class", "instance", "TimeoutError", "ConnectionResetError", "in a stream", "in events"]
)
def test_an_exception_given_to_a_route_reaches_the_caller_as_it_is(flavour: Any, way: str, made: str) -> None:
    """Also where it is one that a network raises; with the client's request on it where its class has one."""
    name, loop = flavour
    module = import_module(name)
    router = mockstatus.Router()
    route = router.get("http://api.example.com/x")
    mine = TimeoutError("mine")

    def breaking() -> Any:
        yield b"abc"
        raise mine

    error: Any = {
        "class": module.ReadError,
        "instance": module.ConnectTimeout("mine"),
        "TimeoutError": TimeoutError,
        "ConnectionResetError": ConnectionResetError(104, "mine"),
        "in a stream": mine,
        "in events": mine,
    }[made]
    if made == "in a stream":
        route.respond(stream=breaking)
    elif made == "in events":
        route.respond(mockstatus.sse("one", mine))
    else:
        route.fail(error)
    door = import_module(f"mockstatus.adapters.{name}")
    transport = {"transport": (door.AsyncTransport if loop else door.Transport)(router)} if way == "explicit" else {}
    hand = Hand(name, loop, 1, None)
    caught: list[Any] = []

    async def main() -> None:
        async def calls(client: Any) -> None:
            with pytest.raises(error if isinstance(error, type) else type(error)) as found:
                await hand.do(client, "get", "http://api.example.com/x")
            caught.append(found.value)

        await hand.within(hand.client(**transport), calls)

    with mockstatus.activate(router):
        run(loop, main)

    assert type(caught[0]) is (error if isinstance(error, type) else type(error))
    assert isinstance(error, type) or caught[0] is error
    if isinstance(caught[0], module.RequestError):
        assert str(caught[0].request.url) == "http://api.example.com/x"


@pytest.mark.usefixtures("quick_collections")
@doors
def test_what_is_left_unread_makes_no_noise(flavour: Any, way: str, recwarn: pytest.WarningsRecorder) -> None:
    """No warning of ours when a half-read response is dropped."""

    async def course(hand: Hand) -> None:
        async def calls(client: Any) -> None:
            for path in ("/text", "/chunks"):
                response = await hand.do(client, "send", client.build_request("GET", path), stream=True)
                await hand.pieces(response, "bytes", 2, most=1)
                del response
                gc.collect()

        await hand.within(hand.client(), calls)

    see_both(flavour, way, {"/text": text_page(), "/chunks": chunk_page(b"abcd", b"efgh")}, course)
    gc.collect()

    assert [str(one.message) for one in recwarn if "mockstatus" in str(one.message)] == []
