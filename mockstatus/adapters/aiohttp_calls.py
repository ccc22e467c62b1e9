"""What is known of one call of aiohttp: its request, timeouts, who is asked. Knows ClientRequest, ClientTimeout."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import ref

import aiohttp

from mockstatus.dispatch import View
from mockstatus.messages import AsyncRequest, Deferred, Failure, Outcome, PassThrough, Request, Response
from mockstatus.urls import DEFAULT_PORTS, canonical_host, target_uri

SERVER: Final = "192.0.2.1"  # an address for documentation, which nobody has (RFC 5737)


class Budget:
    """The seconds that one request of a session has waited so far, over all its redirects and attempts."""

    __slots__ = ("spent",)

    def __init__(self) -> None:
        self.spent = 0.0


class Call:
    """One request that is on its way: whom it is to be offered to, how long it may take, how it is really sent."""

    __slots__ = (
        "_request",
        "_response",
        "budget",
        "is_limited",
        "method",
        "outcome",
        "really",
        "timeout",
        "traces",
        "url",
        "view",
    )

    def __init__(
        self,
        request: Any,
        view: View,
        timeout: Any,
        traces: Any,
        budget: Budget,
        really: Callable[[], Awaitable[Any]],
        is_limited: bool,  # noqa: FBT001 - positional: one is made for every call
    ) -> None:
        self._request: Any = request  # None when its answer has begun
        self._response: Callable[[], Any] = lambda: request.response
        self.method: str = request.method
        self.url = request.url
        self.view = view
        self.timeout = timeout
        self.traces = traces
        self.budget = budget
        self.really = really
        self.is_limited = is_limited  # whether its connector makes so many connections and no more
        self.outcome: Response | Failure | None = None  # None until it is offered, when all of it is written

    def incoming(self, method: str, target: str, headers: Any, content: bytes) -> AsyncRequest:
        """The request as a router sees it."""
        url = self.url
        port = url.port or DEFAULT_PORTS[url.scheme]
        uri = target_uri(url.scheme, canonical_host(url.raw_host), port, target)
        return AsyncRequest(method, uri, headers, content, "aiohttp", limits_of(self.timeout))

    async def offer(self, asked: Request) -> Response | Failure | PassThrough:
        """What the routers say."""
        outcome: Outcome = self.view.offer(asked)
        return await outcome.coroutine if isinstance(outcome, Deferred) else outcome

    def total_left(self) -> float | None:
        """The seconds until the whole request has taken too long; None where it never has."""
        total = self.timeout.total
        return max(0.0, total - self.budget.spent) if total else None

    async def wait(self, seconds: float) -> None:
        """Spend a wait."""
        self.budget.spent += seconds
        await self.view.waiter.await_(seconds)

    def begin(self) -> None:
        """Let go of all but the answer, if that has begun: who drops it unread is to lose its connection with it."""
        response = self.response()
        if self._request is not None and response is not None and response.content is not None:
            self._request, self._response = None, ref(response)
            self.really, self.traces = _never, []

    def response(self) -> Any:
        """The client's response; None before the request is written, and where nobody holds it any more."""
        return self._response()

    def without_proxy(self) -> Any:
        """The request, as one that needs no proxy: what is answered goes to none."""
        request = self._request
        if request.proxy is None:
            return request
        request = copy.copy(request)
        request.proxy = None
        return request

    def connection_timeout(self) -> Exception:
        """What a session makes of a connection that could not be had in time."""
        kind: Any = getattr(aiohttp, "ConnectionTimeoutError", aiohttp.ServerTimeoutError)  # since 3.10
        error: Exception = kind(f"Connection timeout to host {self.url}")
        return error

    def hint(self, kind: str) -> str:
        """What was not given, so that the call would never end."""
        return (
            f"{self.method} {self.url} would hang for ever, because aiohttp was given no timeout: "
            f"pass timeout=aiohttp.ClientTimeout({kind}=5), or total=5"
        )


async def _never() -> Any:
    raise AssertionError("an answer has begun")


def least(*limits: float | None) -> float | None:
    """The shortest of some timeouts; aiohttp takes 0 and None for none."""
    return min((limit for limit in limits if limit), default=None)


def limits_of(timeout: Any) -> dict[str, float | None]:
    """A ClientTimeout as the timeouts of a request: each phase also ends with the total."""
    total = timeout.total
    return {
        "connect": least(timeout.sock_connect, timeout.connect, total),
        "read": least(timeout.sock_read, total),
        "write": least(total),
        "pool": least(timeout.connect, total),
    }


def out_of_time() -> TimeoutError:
    """What a request ends with that has used up its total: aiohttp cancels what is under way."""
    error = TimeoutError()
    error.__cause__ = asyncio.CancelledError()
    return error
