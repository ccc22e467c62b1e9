"""What takes too long, and what comes to nothing before a byte is read: delays, timeouts, no connection to be had."""

from __future__ import annotations

from typing import Any

import mockstatus
from mockstatus import Route

from ..case import HTTPX, ONCE, URLLIB3, Body, Call, Case, Setup
from ..plain_http import OK, OK_BODY, chunk, head, sized
from ..server import End, Listening, Wait
from ..worlds import UNKNOWN_HOST
from .common import CHUNKED_OF_STREAM, KIND, PIECES, PLAIN, POST, READ, SHORT, TWO, page, situation

LONGER = 0.5  # a delay that no short timeout survives
SHORTER = 0.03  # and one that a client waits for that is patient
PATIENT = {"read": 2.0}
WHOLE = head(200, "OK", sized("application/json", OK_BODY)) + OK_BODY
EARLY_HINTS = head(103, "Early Hints", [("Link", "</style.css>; rel=preload; as=style")])
SHORT_404 = head(404, "Not Found", sized(KIND, b"no")) + b"no"
ONE_RETRY: dict[str, Any] = {"clients": URLLIB3, "retries": {"total": 2}, "timeout": READ}


def _late(route: Route) -> Route:
    return route.respond(delay=LONGER)


def _dribbled(every: float, timeout: float, read: Any) -> Case:
    steps = [step for piece in PIECES for step in (Wait(every), chunk(piece))]
    return situation(
        f"pieces every {every} seconds under a timeout of {timeout}, {read}",
        lambda route: route.respond(stream=mockstatus.dribble(PIECES, every=every), headers=[PLAIN]),
        (CHUNKED_OF_STREAM, *steps, b"0\r\n\r\n"),
        calls=[Call(read=read)],
        timeout={"read": timeout},
    )


LATE = (Wait(LONGER), WHOLE)
SOON = Wait(SHORTER)
TIMES = [
    situation("delay that is short enough", lambda route: route.respond(delay=SHORTER), (SOON, WHOLE), timeout=PATIENT),
    situation("delay without a timeout", lambda route: route.respond(delay=SHORTER), (SOON, WHOLE), timeout=None),
    situation(
        "delayed 404, streamed",
        lambda route: route.respond(404, text="no", delay=SHORTER),
        (SOON, SHORT_404),
        calls=[Call(read="pieces")],
    ),
    situation(
        "delayed interim response",
        lambda route: route.respond(200, interim=[103], delay=SHORTER),
        (SOON, EARLY_HINTS + WHOLE),
        timeout=PATIENT,
    ),
    situation("delay that is too long", _late, LATE, timeout=READ, retries=0),
    situation("delay of POST that is too long", _late, LATE, timeout=READ, calls=[POST]),
    situation("delay too long for the call", _late, LATE, calls=[Call(timeout=READ)], retries=0),
    situation(
        "delay too long once, then fine",
        lambda route: _late(route).then(200),
        LATE,
        OK,
        calls=[Call(timeout=READ), Call()],
    ),
    situation(
        "delay longer than the total",
        _late,
        LATE,
        timeout={"total": SHORT},
        clients=("urllib3", "aiohttp"),
        retries=False,
    ),
    situation(
        "delayed reset",
        lambda route: route.fail("connection_reset", delay=SHORTER),
        (SOON, End.RESET),
        timeout=PATIENT,
        retries=0,
    ),
    situation(
        "reset that is later than the timeout",
        lambda route: route.fail("connection_reset", delay=LONGER),
        (Wait(LONGER), End.RESET),
        timeout=READ,
        retries=0,
    ),
    situation(
        "read timeout, then fine, with Retry",
        lambda route: route.fail("read_timeout").then(200),
        (End.STALL,),
        OK,
        **ONE_RETRY,
    ),
    situation(
        "read timeout of POST with Retry",
        lambda route: route.fail("read_timeout").then(200),
        (End.STALL,),
        OK,
        calls=[POST],
        **ONE_RETRY,
    ),
    *(_dribbled(0.1, 0.28, read) for read in ("whole", "pieces")),
    *(_dribbled(LONGER, SHORT, read) for read in ("whole", "pieces")),
]

# --- connecting, sending, waiting for a connection --------------------------------------------------------------------

UPLOAD = Call("POST", body=Body("bytes", b"0" * 16_000_000))


def _untrusted(name: str, call: Call, **setup: Any) -> Case:
    clients = setup.pop("clients", ONCE)
    untrusted = page(lambda route: route.fail("tls_failure"))
    return Case(f"tls_failure {name}", (untrusted,), (call,), Setup(**setup), clients, scheme="https")


def _connect(fault: str, listening: Listening, setup: dict[str, Any], host: str = "127.0.0.1") -> list[Case]:
    def always(route: Route) -> Route:
        return route.fail(fault)

    def case(name: str, **more: Any) -> Case:
        return situation(f"{fault}{name}", always, **{"listening": listening, "host": host, **setup, **more})

    return [
        case(" of GET", clients=ONCE),
        case(" of GET without retries", clients=("urllib3",), retries=False),
        case(" of GET with retries", clients=URLLIB3, retries={"total": 1}),
        case(
            " of POST, streamed",
            calls=[Call("POST", body=Body("json", {"a": 1}), read="pieces")],
            clients=ONCE,
        ),
        case(" twice", calls=TWO, clients=ONCE),
    ]


CONNECTING = [
    *_connect("connection_refused", Listening.REFUSING, {}),
    *_connect("connect_timeout", Listening.FULL, {"timeout": {"connect": SHORT}}),
    *_connect("dns_failure", Listening.REFUSING, {}, UNKNOWN_HOST),
    _untrusted("of GET", Call()),
    _untrusted("of GET without retries", Call(), clients=("urllib3",), retries=False),
    _untrusted("of GET with retries", Call(), clients=URLLIB3, retries={"total": 1}),
    _untrusted("of POST, streamed", Call("POST", body=Body("json", {"a": 1}), read="pieces")),
    situation(
        "write timeout",
        lambda route: route.fail("write_timeout"),
        calls=[UPLOAD],
        clients=HTTPX,
        listening=Listening.DEAF,
        timeout={"write": SHORT},
    ),
    situation(
        "no connection left in a pool that blocks",
        lambda route: route.respond(200).then_fail("pool_timeout"),
        OK,
        calls=[Call(read="held"), Call(timeout={"pool": SHORT})],
        clients=("urllib3",),
        pool={"maxsize": 1, "block": True},
    ),
    situation(
        "no connection left in the pool",
        lambda route: route.respond(200).then_fail("pool_timeout"),
        OK,
        calls=[Call(read="held"), Call()],
        clients=HTTPX,
        timeout={"pool": SHORT},
        pool={"maxsize": 1},
    ),
]

CASES = [*TIMES, *CONNECTING]
