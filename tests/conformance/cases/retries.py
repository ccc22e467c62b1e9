"""The clients' own retries: urllib3's Retry of every kind, under requests too, and httpx's attempts to connect."""

from __future__ import annotations

from typing import Any

from mockstatus import Route

from ..case import HTTPX, URLLIB3, Body, Call, Case, Page, Setup
from ..documented import message
from ..plain_http import OK
from ..server import Answer, End, Listening
from .common import POST, fine, page
from .redirects import moved, redirect


def statuses(*codes: int, **headers: str) -> Page:
    """A page with these statuses one after the other; the last repeats."""
    pairs = [(name.replace("_", "-").title(), value) for name, value in headers.items()]

    def mock(route: Route) -> object:
        for number, code in enumerate(codes):
            given = pairs if code >= 300 else None
            route = route.respond(code, headers=given) if number == 0 else route.then(code, headers=given)
        return route

    return page(mock, *(_wire(code, pairs) for code in codes))


def _wire(code: int, pairs: list[tuple[str, str]]) -> Answer:
    """The documented response, with a Retry-After that replaces its own."""

    def steps(received: Any) -> tuple[bytes]:
        sent = message(code, received.method, pairs if code >= 300 and code != 503 else ())
        for name, value in pairs if code == 503 else ():
            assert name == "Retry-After"
            sent = sent.replace(b"Retry-After: 300", f"Retry-After: {value}".encode())
        return (sent,)

    return steps


def _retry(name: str, pages: Page | tuple[Page, ...], call: Call | None = None, **retry: Any) -> Case:
    """A case with a Retry of urllib3."""
    return Case(
        f"Retry: {name}",
        pages if isinstance(pages, tuple) else (pages,),
        (call or Call(),),
        Setup(retries=retry),
        URLLIB3,
        counts_sleep=True,
    )


def broken(fault: str, end: End, times: int) -> Page:
    """A page where the connection breaks so often before it is fine."""
    return page(lambda route: route.fail(fault, times=times).then(200), *[(end,)] * times, OK)


ON_503: dict[str, Any] = {"status_forcelist": [503], "respect_retry_after_header": False}
RESET, EMPTY = ("connection_reset", End.RESET), ("empty_response", End.CLOSE)
LATE_RETRIES = {"total": 5, "backoff_factor": 0.15}  # pauses of 0, 0.3, … seconds


def _refused(times: int) -> Page:
    return page(lambda route: route.fail("connection_refused", times=times).then(200), OK)


CASES = [
    _retry("503, 503, 200", statuses(503, 503, 200), total=3, **ON_503),
    _retry("503 for ever", statuses(503), total=2, **ON_503),
    _retry("503 for ever, and no error", statuses(503), total=2, raise_on_status=False, **ON_503),
    _retry("a limit for statuses", statuses(503), total=5, status=1, **ON_503),
    _retry("backoff", statuses(503, 503, 503, 200), total=5, backoff_factor=0.5, **ON_503),
    _retry(
        "backoff with a maximum", statuses(503, 503, 503, 503, 200), total=5, backoff_factor=2, backoff_max=3, **ON_503
    ),
    _retry("a POST is not repeated", statuses(503), POST, total=3, **ON_503),
    _retry("a POST may be repeated", statuses(503, 200), POST, total=3, allowed_methods=None, **ON_503),
    _retry("a PUT is repeated", statuses(503, 200), Call("PUT", body=Body("json", {"a": 1})), total=3, **ON_503),
    _retry("a file is repeated", statuses(503, 200), Call("PUT", body=Body("file", b"content")), total=3, **ON_503),
    _retry(
        "a generator is repeated", statuses(503, 200), Call("PUT", body=Body("pieces", (b"a", b"b"))), total=3, **ON_503
    ),
    _retry("HEAD", statuses(503, 200), Call("HEAD"), total=3, **ON_503),
    _retry("a stream", statuses(503, 200), Call(read="pieces:7"), total=3, **ON_503),
    _retry("500, 502, 504, 200", statuses(500, 502, 504, 200), total=5, status_forcelist=[500, 502, 504]),
    _retry("a status that is not listed", statuses(502), total=3, status_forcelist=[500]),
    _retry("Retry-After of 0", statuses(503, 200, retry_after="0"), total=3),
    _retry("Retry-After in the past", statuses(503, 200, retry_after="Thu, 01 Jan 1970 00:00:00 GMT"), total=3),
    _retry("Retry-After that is malformed", statuses(503, 200, retry_after="soon"), total=3),
    _retry("Retry-After with 429 and POST", statuses(429), POST, total=3),
    _retry("Retry-After with 500", statuses(500, 200, retry_after="7"), total=3, status_forcelist=[500]),
    _retry("no retries at all", statuses(503), total=0, **ON_503),
    _retry("none because total is False", statuses(503), total=False, **ON_503),
    _retry("redirects count", (redirect(302, "/there"), fine("/there")), total=3),
    _retry("a limit for redirects", (redirect(302, "/page"),), total=5, redirect=1),
    _retry(
        "a limit for redirects, and no error", (redirect(302, "/page"),), total=5, redirect=1, raise_on_redirect=False
    ),
    _retry("no redirects", (redirect(302, "/there"), fine("/there")), total=5, redirect=False),
    _retry(
        "503, then a redirect",
        (
            page(
                lambda route: route.respond(503).then(302, headers={"Location": "/there"}),
                _wire(503, []),
                moved(302, "/there"),
            ),
            fine("/there"),
        ),
        total=5,
        **ON_503,
    ),
    *(
        _retry(f"{fault} {times} times, {more}", broken(fault, end, times), total=3, **more)
        for fault, end in (RESET, EMPTY)
        for times, more in (
            (1, {}),
            (2, {"read": 2}),
            (2, {"read": 1}),
            (1, {"read": 0}),
            (1, {"read": False}),
            (1, {"other": 0}),
        )
    ),
    _retry("a reset POST is not repeated", broken(*RESET, 1), POST, total=3),
    _retry("a reset POST may be repeated", broken(*RESET, 1), POST, total=3, allowed_methods=None),
    _retry(
        "reset, then 503",
        page(lambda route: route.fail("connection_reset").then(503).then(200), (End.RESET,), _wire(503, []), OK),
        total=5,
        **ON_503,
    ),
    Case("retries=False for urllib3", (broken(*RESET, 1),), setup=Setup(retries=False), clients=("urllib3",)),
    Case("a number of retries", (broken(*EMPTY, 2),), setup=Setup(retries=2), clients=URLLIB3),
    Case(
        "refused twice, then fine, with Retry",
        (_refused(2),),
        setup=Setup(retries=LATE_RETRIES),
        clients=URLLIB3,
        listening=Listening.LATE,
    ),
    Case(
        "refused POST twice, then fine, with Retry",
        (_refused(2),),
        (POST,),
        Setup(retries=LATE_RETRIES),
        URLLIB3,
        Listening.LATE,
    ),
    Case(
        "refused for ever, with Retry",
        (_refused(99),),
        setup=Setup(retries={"total": 2}),
        clients=URLLIB3,
        listening=Listening.REFUSING,
    ),
    Case(
        "refused for ever, a limit to connect",
        (_refused(99),),
        setup=Setup(retries={"total": 5, "connect": 1}),
        clients=URLLIB3,
        listening=Listening.REFUSING,
    ),
    Case(
        "refused twice, then fine, with retries",
        (_refused(2),),
        setup=Setup(retries=2),
        clients=HTTPX,
        listening=Listening.LATE,
    ),
    Case(
        "refused POST twice, then fine, with retries", (_refused(2),), (POST,), Setup(retries=2), HTTPX, Listening.LATE
    ),
    Case(
        "refused for ever, with retries",
        (_refused(99),),
        setup=Setup(retries=1),
        clients=HTTPX,
        listening=Listening.REFUSING,
    ),
    Case("reset, with retries", (broken(*RESET, 1),), setup=Setup(retries=2), clients=HTTPX),
]
