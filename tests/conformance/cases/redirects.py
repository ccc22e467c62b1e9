"""Redirects: every kind, with and without bodies, followed and not, too many, and to places that are none."""

from __future__ import annotations

from collections.abc import Callable

from mockstatus import Route

from ..case import Body, Call, Case, Page, Setup
from ..documented import PHRASES
from ..plain_http import OK, answer, sized
from ..server import Answer
from .common import fine, page

CODES = (301, 302, 303, 307, 308)
BODIES = {"GET": None, "HEAD": None, "DELETE": None, "POST": Body("bytes", b"sent"), "PUT": Body("json", {"size": 3})}
AGENT = {"X-Kept": "yes", "Authorization": "Bearer secret", "Cookie": "a=1"}


def to(code: int, location: str | None) -> Callable[[Route], Route]:
    """The mock's redirect."""
    return lambda route: route.respond(code, headers={"Location": location})


def moved(code: int, location: str | None) -> Answer:
    """The real server's."""
    places = [] if location is None else [("Location", location)]
    return answer(code, PHRASES[code], sized(None, b"", *places))


def redirect(code: int, location: str | None, path: str = "/page") -> Page:
    """A page that redirects."""
    return page(to(code, location), moved(code, location), path=path)


def _kinds(code: int, method: str) -> Case:
    call = Call(method, body=BODIES[method], follow=True, headers={"X-Kept": "yes"})
    return Case(f"redirect {code} of {method}", (redirect(code, "/there"), fine("/there")), (call,))


def _bodied(code: int, body: Body) -> Case:
    call = Call("POST", body=body, follow=True)
    return Case(f"redirect {code} of {body.kind}", (redirect(code, "/there"), fine("/there")), (call,))


def _elsewhere(location: str) -> Callable[[int], tuple[Page, ...]]:
    def pages(port: int) -> tuple[Page, ...]:
        there = location.format(port=port)
        return redirect(302, there), fine("/there"), fine("/there", host="localhost")

    return pages


FOLLOWED = (Call(follow=True),)
CASES = [
    *(_kinds(code, method) for code in CODES for method in BODIES),
    *(
        _bodied(code, body)
        for code in (302, 307)
        for body in (
            Body("pieces", (b"one", b"two")),
            Body("file", b"from a file"),
            Body("form", {"a": "1", "b": "2 3"}),
            Body("multipart", ({"field": "1"}, {"file": ("a.txt", b"text", "text/plain")})),
        )
    ),
    *(
        Case(f"redirect {code} not followed", (redirect(code, "/there"),), (Call(follow=False, read=read),))
        for code, read in ((302, "whole"), (303, "pieces"), (308, "unread"))
    ),
    Case("redirect 302 by default", (redirect(302, "/there"), fine("/there"))),
    Case("redirect 302 of HEAD by default", (redirect(302, "/there"), fine("/there")), (Call("HEAD"),)),
    *(
        Case(f"location with {code}, which redirects nobody", (redirect(code, "/there"), fine("/there")), FOLLOWED)
        for code in (300, 305, 306)
    ),
    Case("redirect without a location", (redirect(302, None),), FOLLOWED),
    Case("redirect to an empty location", (redirect(302, ""),), FOLLOWED, Setup(redirects=2)),
    Case("redirect to a relative path", (redirect(302, "there?x=1#part"), fine("/there")), FOLLOWED),
    Case("redirect to a path with spaces and accents", (redirect(302, "/there?q=a b\xe9"), fine("/there")), FOLLOWED),
    Case("redirect to an absolute URL", _elsewhere("http://127.0.0.1:{port}/there"), FOLLOWED),
    Case("redirect to a URL without a scheme", _elsewhere("//127.0.0.1:{port}/there"), FOLLOWED),
    Case(
        "redirect to another host drops credentials",
        _elsewhere("http://localhost:{port}/there"),
        (Call(follow=True, headers=AGENT),),
    ),
    Case(
        "redirect to the same host keeps credentials",
        (redirect(302, "/there"), fine("/there")),
        (Call(follow=True, headers=AGENT),),
    ),
    Case("redirect to a URL with credentials", _elsewhere("http://me:pass@127.0.0.1:{port}/there"), FOLLOWED),
    Case("redirect to a port that is none", (redirect(302, "http://127.0.0.1:none/there"),), FOLLOWED),
    Case("redirect to an unknown scheme", (redirect(302, "ftp://127.0.0.1/there"),), FOLLOWED),
    Case("redirects in a ring", (redirect(302, "/page"),), FOLLOWED, Setup(redirects=2)),
    Case(
        "redirects until the end",
        (redirect(301, "/a"), redirect(302, "/b", "/a"), redirect(307, "/c", "/b"), fine("/c")),
        FOLLOWED,
        Setup(redirects=3),
    ),
    Case(
        "redirect that sets a cookie",
        (
            page(
                lambda route: route.respond(302, headers={"Location": "/there"}, cookies={"session": "abc"}),
                answer(302, "Found", sized(None, b"", ("Location", "/there"), ("Set-Cookie", "session=abc; Path=/"))),
            ),
            fine("/there"),
        ),
        FOLLOWED,
    ),
    Case(
        "redirect with content",
        (
            page(
                lambda route: route.respond(302, html="<p>moved", headers={"Location": "/there"}),
                answer(
                    302,
                    "Found",
                    sized("text/html; charset=utf-8", b"<p>moved", ("Location", "/there")),
                    b"<p>moved",
                ),
            ),
            fine("/there"),
        ),
        FOLLOWED,
    ),
    Case(
        "redirect to a 404, streamed",
        (
            redirect(303, "/there"),
            page(
                lambda route: route.respond(404, text="nothing here"),
                answer(404, "Not Found", sized("text/plain; charset=utf-8", b"nothing here"), b"nothing here"),
                path="/there",
            ),
        ),
        (Call(follow=True, read="pieces:7"),),
    ),
    Case(
        "redirect once, then no more",
        (
            page(
                lambda route: to(302, "/page")(route).then(200),
                moved(302, "/page"),
                OK,
            ),
        ),
        FOLLOWED,
    ),
]
