"""Runs a course of calls with httpx or httpx2 twice, against a real server and through mockstatus, for comparison.

A course is a coroutine function of a `Hand`, which calls a synchronous or an asynchronous client alike. Knows the real
server and the plain messages of the conformance suite.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any, NamedTuple

import trio

import mockstatus
from tests.conformance.server import Answer, Listening, Server
from tests.conformance.worlds import NOW

FLAVOURS = [(name, loop) for name in ("httpx", "httpx2") for loop in ("", "asyncio", "trio")]
WAYS = ("activate", "explicit")
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # making the usual one takes longer than a whole course


class Page(NamedTuple):
    """What a route is told, and what the real server says there, answer after answer."""

    mock: Callable[[mockstatus.Route], object]
    wire: Sequence[Answer]


class Hand:
    """Does with a client of either kind what a course asks for, and keeps what is seen."""

    def __init__(self, name: str, loop: str, port: int, transport: Any) -> None:
        self.module = import_module(name)
        self.core = import_module(name.replace("httpx", "httpcore"))
        self.loop = loop
        self.base = f"http://127.0.0.1:{port}"
        self._transport = transport
        self.seen: list[Any] = []

    def client(self, **options: Any) -> Any:
        """A client that is not yet entered."""
        kind = self.module.AsyncClient if self.loop else self.module.Client
        given = {"trust_env": False, "verify": _NO_TLS, "base_url": self.base, **options}
        if self._transport is not None and "transport" not in given:
            given["transport"] = self._transport()
        return kind(**given)

    async def do(self, owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method; `close` and `read` have other names where they are awaited."""
        if not self.loop:
            return getattr(owner, name)(*args, **kwargs)
        return await getattr(owner, {"close": "aclose", "read": "aread"}.get(name, name))(*args, **kwargs)

    async def pieces(self, response: Any, name: str, *args: Any, most: int | None = None) -> list[Any]:
        """What an iterator of a response gives, at most so many pieces of it."""
        found: list[Any] = []
        if not self.loop:
            for piece in getattr(response, f"iter_{name}")(*args):
                found.append(piece)
                if len(found) == most:
                    break
            return found
        iterator = getattr(response, f"aiter_{name}")(*args)
        async for piece in iterator:
            found.append(piece)
            if len(found) == most:
                await iterator.aclose()
                break
        return found

    async def within(self, manager: Any, body: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine function inside a manager."""
        if self.loop:
            async with manager as entered:
                return await body(entered)
        with manager as entered:
            return await body(entered)

    async def failing(self, call: Coroutine[Any, Any, Any]) -> None:
        """Keep the class and text of the error that a call ends with."""
        try:
            await call
        except Exception as error:
            self.seen.append((type(error), str(error).replace(self.base, "")))
        else:
            self.seen.append("no error")


Course = Callable[[Hand], Coroutine[Any, Any, None]]


def run(loop: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine under an event loop, or to its end without one."""
    if loop == "asyncio":
        asyncio.run(main())
    elif loop == "trio":
        trio.run(main)
    else:
        try:
            main().send(None)
        except StopIteration:
            return
        raise AssertionError("a synchronous client waited")


class Both(NamedTuple):
    """What was seen in both worlds, with the router of the one and the server of the other."""

    real: list[Any]
    mock: list[Any]
    router: mockstatus.Router
    server: Server


def see_both(
    flavour: tuple[str, str],
    way: str,
    site: dict[str, Page],
    course: Course,
) -> Both:
    """Run a course against a real server and through mockstatus, with the same URLs."""
    name, loop = flavour
    server = Server(Listening.OPEN, lambda sent: sent, tls=False)
    server.pages = {path: page.wire for path, page in site.items()}
    with server:
        hand = Hand(name, loop, server.port, None)
        run(loop, lambda: course(hand))
    assert not server.problems, server.problems
    router = mockstatus.Router(now=NOW)
    for path, page in site.items():
        page.mock(router.any(f"http://127.0.0.1:{server.port}{path}"))
    door = import_module(f"mockstatus.adapters.{name}")
    made = door.AsyncTransport if loop else door.Transport
    explicit = way == "explicit"
    mocked = Hand(name, loop, server.port, (lambda: made(router)) if explicit else None)
    with nullcontext() if explicit else mockstatus.activate(router):
        run(loop, lambda: course(mocked))
    return Both(hand.seen, mocked.seen, router, server)
