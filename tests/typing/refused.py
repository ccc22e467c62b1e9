"""What a user must not write: every line that is marked is refused by mypy and by pyright, and no other."""

from __future__ import annotations

import mockstatus
from mockstatus import FaultName, Reply, Request, Router, exactly, partial
from mockstatus.adapters import aiohttp as door

# --- routes -----------------------------------------------------------------------------------------------------------

router = Router("https://api.example.com")
Router(base_uri="https://api.example.com")  # refused
Router(history="many")  # refused
Router(hosts=5)  # refused
router.get("/x", jsn={"a": 1})  # refused
router.post("/x", jsn={"a": 1})  # refused
router.any("/x", jsn={"a": 1})  # refused
router.route("GET", "/x", jsn={"a": 1})  # refused
router.get(5)  # refused
router.get(b"/x")  # refused
router.get("/x", {"a": 1})  # refused
router.get("/x", params="a=1")  # refused
router.put("/x", params=[("a", "1")])  # refused
router.delete("/x", headers=["X"])  # refused
router.patch("/x", headers=exactly({"X": "1"}))  # refused
router.post("/x", form="a=1")  # refused
router.post("/x", files=b"1")  # refused
router.post("/x", cookies="a=1")  # refused
router.get("/x", where=True)  # refused
router.get("/x", where=lambda request: request.no_such_thing)  # refused
router.route("/x", method=5)  # refused
router.gett("/x")  # refused
exactly(5)  # refused
partial(5)  # refused

# --- answers ----------------------------------------------------------------------------------------------------------

route = router.get("/x")
route.respond("202")  # refused
route.respond(202, jsn={"a": 1})  # refused
route.respond(202, text=b"a")  # refused
route.respond(202, html=5)  # refused
route.respond(202, content={"a": 1})  # refused
route.respond(202, framing="gzip")  # refused
route.respond(202, http_version="HTTP/2")  # refused
route.respond(202, style="xml")  # refused
route.respond(202, delay="1s")  # refused
route.respond(202, times="2")  # refused
route.respond(202, headers="X: 1")  # refused
route.respond(202, interim=103)  # refused
route.respond(202, lenient=True)  # refused
route.then(202, jsn={"a": 1})  # refused
route.fail("red_timeout")  # refused
route.fail(5)  # refused
route.fail("read_timeout", afer=3)  # refused
route.then_fail("no_such_fault")  # refused
route.fail("read_timeout", reply=200)  # refused
route.respond_with(202)  # refused
route.respond_with(lambda: 202)  # refused
route.respond_with(lambda request: 2.5)  # refused
route.then_with(lambda request: 202, time=3)  # refused
route.limit("2")  # refused
route.expect("2")  # refused
route.expect(atleast=2)  # refused
route.flaky("half", 503)  # refused
route.pass_through(200)  # refused
mockstatus.reply(200, jsn={"a": 1})  # refused
mockstatus.reply("200")  # refused
mockstatus.sse("a", evry=1)  # refused
mockstatus.sse("a", every="1")  # refused
mockstatus.dribble(b"a")  # refused
mockstatus.dribble(5, every=1)  # refused
name: FaultName = "red_timeout"  # refused


def answer(request: Request) -> Reply:
    return mockstatus.reply(request.path_params)  # refused


# --- the journal ------------------------------------------------------------------------------------------------------

router.calls.lst  # refused
router.calls.last.requests  # refused
route.calls.assert_called_once()  # refused
route.call_count += 1  # refused
router.calls.last.request.url.host  # refused
router.calls.last.response.status  # refused

# --- switching it on --------------------------------------------------------------------------------------------------

mockstatus.activate(tmie="real")  # refused
mockstatus.activate(time="fast")  # refused
mockstatus.activate(scope="thread")  # refused
mockstatus.activate(router, "https://api.example.com")  # refused
mockstatus.activate(network=5)  # refused
mockstatus.activate(clients=5)  # refused
mockstatus.activate("https://api.example.com")  # refused


# --- doors for explicit use -------------------------------------------------------------------------------------------

door.Connector()  # refused
door.Connector(router, limits=5)  # refused
door.Connector(router, limit="5")  # refused
door.Connector(router, resolver="8.8.8.8")  # refused
door.Connector(router, ssl="no")  # refused
door.Connector(router, time="fast")  # refused

# --- decorated functions ----------------------------------------------------------------------------------------------


@mockstatus.activate
def plain(number: int) -> bool:
    return bool(number)


@mockstatus.activate(time="real")
async def later(number: int) -> str:
    return str(number)


plain("1")  # refused
plain(1).upper()  # refused
later(1).upper()  # refused
mockstatus.carry(plain)("1")  # refused
mockstatus.no_such_name  # refused
