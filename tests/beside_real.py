"""Clients used by hand, beside a real server on loopback: the same function is run in both worlds, and all it saw compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mockstatus

from .conformance.plain_http import DATE, chunks, head, sized
from .conformance.seen import kept_logs, masked
from .conformance.server import End, Listening, Server
from .conformance.worlds import NOW

Scenario = Callable[[str, str, int], list[Any]]  # with URL, host and port of the server
KIND = "text/plain; charset=utf-8"
DIGITS = b"0123456789" * 3
BIG = b"0123456789abcdef" * 4096
FIELDS = [("Date", DATE), ("Content-Type", KIND)]
CHUNKED = head(200, "OK", [*FIELDS, ("Transfer-Encoding", "chunked")]) + chunks([b"0123456789"] * 3)
MOVED = head(302, "Found", [("Content-Type", KIND), ("Date", DATE), ("Location", "/digits"), ("Content-Length", "0")])


def whole(body: bytes, *more: tuple[str, str], status: int = 200, reason: str = "OK") -> bytes:
    return head(status, reason, sized(KIND, body, *more)) + body


PAGES = {
    "/digits": (lambda route: route.respond(text=DIGITS.decode()), (whole(DIGITS),)),
    "/big": (lambda route: route.respond(text=BIG.decode()), (whole(BIG),)),
    "/lines": (lambda route: route.respond(text="a\nb\r\n\r\nlast"), (whole(b"a\nb\r\n\r\nlast"),)),
    "/chunked": (
        lambda route: route.respond(
            stream=[b"0123456789"] * 3, headers=mockstatus.exactly([*FIELDS, ("Transfer-Encoding", "chunked")])
        ),
        (CHUNKED,),
    ),
    "/404": (lambda route: route.respond(404, text="no"), (whole(b"no", status=404, reason="Not Found"),)),
    "/cookies": (
        lambda route: route.respond(text="c", headers=[("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]),
        (whole(b"c", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")),),
    ),
    "/204": (lambda route: route.respond(204), (head(204, "No Content", [("Date", DATE)]),)),
    "/moved": (lambda route: route.respond(302, text="", headers={"Location": "/digits"}), (MOVED,)),
    "/reset": (lambda route: route.fail("connection_reset"), (End.RESET,)),
    "/close": (
        lambda route: route.respond(text="bye", headers={"Connection": "close"}),
        (whole(b"bye", ("Connection", "close")), End.CLOSE),
    ),
}


def told(see: Callable[[], Any]) -> Any:
    """What a call gives, or its error."""
    try:
        return see()
    except Exception as error:
        return f"{type(error).__name__}: {masked(error)}"


def state(response: Any) -> tuple[Any, ...]:
    return (
        response.status,
        response.reason,
        (response.version, response.version_string),
        (response.closed, response.isclosed(), response.connection is None),
        (response.tell(), response.length_remaining),
    )


def kept(pool: Any) -> tuple[Any, ...]:
    """How many connections and requests a pool has made, and of each that it keeps whether it is open."""
    return (
        pool.num_connections,
        pool.num_requests,
        [None if one is None else not one.is_closed for one in pool.pool.queue],
    )


def plain(seen: list[Any], port: int) -> list[str]:
    return [masked(repr(one)).replace(str(port), "PORT") for one in seen]


def really(run: Scenario) -> tuple[int, list[Any]]:
    server = Server(Listening.OPEN, lambda sent: sent, tls=False)
    server.pages = {path: [wire] for path, (_, wire) in PAGES.items()}
    with server, kept_logs() as logs:
        seen = run(f"http://127.0.0.1:{server.port}", "127.0.0.1", server.port)
        log = logs.of_this_thread()
    asked = [(one.method, one.target, one.headers, one.body) for one in server.received]
    return server.port, [*seen, *asked, *log]


def mocked(run: Scenario, port: int) -> list[Any]:
    url = f"http://127.0.0.1:{port}"
    with mockstatus.activate(mockstatus.Router(now=NOW)) as router, kept_logs() as logs:
        for path, (mock, _) in PAGES.items():
            mock(router.any(url + path))
        seen = run(url, "127.0.0.1", port)
        log = logs.of_this_thread()
    requests = [call.request for call in router.calls]
    asked = [(one.method, one.target, tuple(one.headers.multi_items()), one.content) for one in requests]
    return [*seen, *asked, *log]


def scenario_into(scenarios: dict[str, Scenario]) -> Callable[[Scenario], Scenario]:
    """A decorator that keeps a scenario under its name."""

    def keep(function: Scenario) -> Scenario:
        scenarios[function.__name__.replace("_", " ")] = function
        return function

    return keep
