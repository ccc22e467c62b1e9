"""What a user may write: mypy and pyright have nothing to say about it, and know what it is."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, assert_type

import aiohttp

import mockstatus
from mockstatus import Call, FaultName, Reply, Request, Response, Route, Router, exactly, partial
from mockstatus.adapters import aiohttp as door

# --- routes -----------------------------------------------------------------------------------------------------------

router = Router("https://api.example.com", hosts=("mock.local",), history=10, expect_all=True)
router = Router()
assert_type(router.get("/users"), Route)
assert_type(router.any(), Route)
assert_type(router.route("PURGE", "/cache"), Route)
for verb in (router.get, router.head, router.post, router.put, router.patch, router.delete, router.options):
    assert_type(verb("/x", params={"a": 1}, headers={"X": None}), Route)
assert_type(router.query("/x", json={"a": 1}), Route)
assert_type(router.trace(re.compile("x")), Route)


def signed(request: Request) -> bool | str:
    return "X-Signature" in request.headers or "no signature"


router.post(
    "/x",
    params=exactly({"a": [1, 2], "b": re.compile("x")}),
    headers={"Accept": "text/plain", "X-Debug": None},
    cookies=exactly([("a", "b")]),
    json=partial({"a": {"b": int}}),
    where=signed,
)
router.post("/x", form={"a": "1"}, files={"f": ("a.txt", b"1")}, where=lambda request: request.method == "POST")
router.post("/x", content=b"1")
router.post("/x", json=None)

# --- answers ----------------------------------------------------------------------------------------------------------

route = router.get("/users")
assert_type(route.respond(202), Route)
assert_type(route.respond(503, times=2).then(200, json={"done": True}).expect(3).limit(3), Route)
assert_type(route.fail("read_timeout").then_fail(OSError).then_fail(OSError("no"), times=2), Route)
assert_type(route.fail("truncated_body", after=3, reply=mockstatus.reply(200, text="abcdef"), delay=0.5), Route)
assert_type(route.pass_through(), Route)
assert_type(route.flaky(0.5, "read_timeout", 503, mockstatus.reply(200), seed=3), Route)
assert_type(route.expect(at_least=1, at_most=2), Route)
route.respond(200, headers={"X": "1", "Y": None}, cookies={"a": "b"}, reason="Fine", http_version="HTTP/1.0")
route.respond(200, headers=[("X", "1"), ("X", "2")], framing="chunked", interim=[103, (103, {"Link": "<x>"})])
route.respond(200, headers=exactly([("X", "1")]), text="abc", delay=1.5, times=2)
route.respond(200, stream=[b"a", "b"]).then(200, stream=lambda: iter([b"a"])).then(200, style="problem")
route.respond(mockstatus.sse("a", ("name", {"b": 1}), "connection_reset", every=0.5))
route.respond(200, stream=mockstatus.dribble(b"abc", every=0.1, chunk_size=2))


def answer(request: Request) -> int | Reply | str:
    return mockstatus.reply(200, json={"id": request.path_params["id"]})


async def answer_later(request: Request) -> Reply:
    return mockstatus.reply(200, text=request.text)


route.respond_with(answer).then_with(answer_later, times=2)
route.respond_with(lambda request: 202)
route.respond_with(lambda request: "read_timeout")
assert_type(mockstatus.reply(200, json=[1], lenient=True), Reply)
name: FaultName = "connection_reset"
route.fail(name)

# --- the journal ------------------------------------------------------------------------------------------------------

call = router.calls.last
assert_type(call, Call)
assert_type(call.request, Request)
assert_type(call.response, Response | None)
assert_type(call.route, Route | None)
assert_type(call.at, float)
assert_type(router.calls[0], Call)
assert_type(len(route.calls), int)
assert_type(route.called, bool)
assert_type(call.request.url, str)
assert_type(call.request.headers["X"], str)
assert_type(call.request.form(), list[tuple[str, str]])
assert_type(call.request.files()[0].filename, str | None)
router.unmatched.clear()
router.reset()
router.clear()
router.verify()

# --- switching it on --------------------------------------------------------------------------------------------------

with mockstatus.activate() as active:
    assert_type(active, Router)
with mockstatus.activate(router, network=["localhost"], scope="context", time="virtual", clients=["httpx"]) as same:
    assert_type(same, Router)
assert_type(mockstatus.activate(base_url="https://api.example.com", network="allow").start(), Router)


async def switch_on() -> None:
    async with mockstatus.activate() as active:
        assert_type(active, Router)


@mockstatus.activate
def plain(number: int, *, text: str = "") -> bool:
    return bool(number and text)


@mockstatus.activate(time="real")
async def later(number: int) -> str:
    return str(number)


@mockstatus.activate
def fixture() -> Iterator[int]:
    yield 1


@mockstatus.activate()
async def later_fixture() -> AsyncIterator[int]:
    yield 1


@mockstatus.activate
class Tests:
    def test_it(self) -> int:
        return 1


plain_as: Callable[[int], bool] = plain
assert_type(plain(1, text="a"), bool)
assert_type(fixture(), Iterator[int])
assert_type(later_fixture(), AsyncIterator[int])
assert_type(Tests().test_it(), int)


async def decorated() -> None:
    assert_type(await later(1), str)


carried = mockstatus.carry(plain)
assert_type(carried(1, text="a"), bool)

# --- doors for explicit use -------------------------------------------------------------------------------------------


async def through_aiohttp() -> None:
    plain_one = door.Connector(router, network="allow", time="real", limit=5, force_close=True, ssl=False)
    full = door.Connector(router, keepalive_timeout=None, local_addr=("127.0.0.1", 0), family=socket.AF_INET)
    async with aiohttp.ClientSession(connector=plain_one), aiohttp.ClientSession(connector=full):
        assert_type(plain_one.limit, int)


# --- what is Any on purpose -------------------------------------------------------------------------------------------

body: Any = call.request.json()
