"""The door of aiohttp: what its connectors do while an activation is open, and a connector for explicit use.

A connection that is answered is one of ours, made by a connector that aiohttp's own code runs; what is written to it,
what is read from it, and all that comes of that, is aiohttp's own doing.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final, Unpack
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from mockstatus.adapters.aiohttp_calls import Budget, Call
from mockstatus.adapters.aiohttp_failures import Failing, Nowhere, fail_before, no_sockets
from mockstatus.adapters.aiohttp_lines import Loop
from mockstatus.adapters.patching import Patch
from mockstatus.dispatch import View, make_view
from mockstatus.errors import UnmatchedRequest, UnsupportedClient
from mockstatus.messages import Failure, PassThrough, Response
from mockstatus.passage import passing
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.urls import canonical_host
from mockstatus.visibility import visible
from mockstatus.waiting import TimeMode

if TYPE_CHECKING:
    from mockstatus.adapters.aiohttp_options import ConnectorOptions

# --- connectors -------------------------------------------------------------------------------------------------------


class Lines(aiohttp.TCPConnector):
    """A connector whose connections are scripted ones, with the limits of the one that it stands in for."""

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        self.loop_of_lines = Loop(asyncio.get_running_loop())
        loop: Any = self.loop_of_lines
        super().__init__(
            loop=loop,
            resolver=Nowhere(),
            limit=connector.limit,
            limit_per_host=connector.limit_per_host,
            force_close=connector.force_close,
            **no_sockets(),
        )

    def __del__(self, *_: Any) -> None:
        """It holds nothing that has to be closed, and nobody is to be told that it was not."""

    def hang_up(self) -> None:
        """End all connections."""
        for line in list(self.loop_of_lines.lines):
            line.hang_up()


_lock = threading.Lock()
_lines: WeakKeyDictionary[aiohttp.BaseConnector, Lines] = WeakKeyDictionary()


def lines_of(connector: aiohttp.BaseConnector) -> Lines:
    """The connector that stands in for another where it is answered."""
    found = _lines.get(connector)
    if found is None:
        found = Lines(connector)
        with _lock:
            _lines[connector] = found
    return found


def close_lines_of(connector: aiohttp.BaseConnector) -> Awaitable[None] | None:
    """Close what stands in for a connector that is being closed; what is left to be waited for."""
    with _lock:
        found = _lines.pop(connector, None)
    if found is None:
        return None
    found.hang_up()
    return found.close()


def clean_up() -> None:
    """Leave nothing of ours behind."""
    if not _lines:
        return
    with _lock:
        for connector in list(_lines):
            if not isinstance(connector, Connector):
                del _lines[connector]


# --- incoming ---------------------------------------------------------------------------------------------------------

_LINE_BREAK = re.compile(r"[\r\n\x00]")
_WITH_BODY: Final = ("PATCH", "POST", "PUT")


def is_usual(request: Any, connector: aiohttp.BaseConnector) -> bool:
    """Whether all that will be written of a request is known before: its body is there, and as it will be sent."""
    kind = type(request)
    headers = request.headers
    if kind.send is not aiohttp.ClientRequest.send or kind.write_bytes is not aiohttp.ClientRequest.write_bytes:
        return False
    if request.body and not isinstance(request.body, aiohttp.BytesPayload):
        return False
    if request.chunked or request.compress or connector.force_close or request.version != aiohttp.HttpVersion11:
        return False
    if "Expect" in headers or "Transfer-Encoding" in headers:
        return False
    if headers.get("Content-Length", "0") != str(request.body.size if request.body else 0):
        return False
    return not any(map(_LINE_BREAK.search, (*headers.keys(), *headers.values())))


class Collector(AbstractStreamWriter):
    """Takes in what a body writes."""

    def __init__(self) -> None:
        self.content = b""

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Take in a part."""
        self.content += bytes(chunk)

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Take in the last part."""
        self.content += chunk

    async def drain(self) -> None:
        """There is nothing to wait for."""

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """A body that is sent as it is asks for none."""

    def enable_chunking(self) -> None:
        """Nor for that."""

    async def write_headers(self, status_line: str, headers: Any) -> None:
        """A body has none."""


async def content_of(request: Any) -> bytes:
    """The body of a usual request."""
    if not request.body:
        return b""
    collector = Collector()
    await request.body.write(collector)
    return collector.content


def headers_of(request: Any) -> list[tuple[bytes, bytes]]:
    """The header fields of a usual request as they will be written: aiohttp adds one while it sends."""
    pairs = [(name.encode(), value.strip(" \t").encode()) for name, value in request.headers.items()]
    typed = "Content-Type" in request.headers or "Content-Type" in request.skip_auto_headers
    if request.method in _WITH_BODY and not typed:
        pairs.append((b"Content-Type", b"application/octet-stream"))
    return pairs


def refusal(request: Any) -> UnmatchedRequest | None:
    """Why this is nothing that can be answered; None for an ordinary request."""
    url = request.url
    if url.scheme in ("ws", "wss") or "Sec-WebSocket-Key" in request.headers:
        return UnmatchedRequest(
            f"{request.method} {url}: WebSockets are not mocked; let the host be called, with network=, or give the "
            "session a connector of its own for them"
        )
    if request.method == "CONNECT":
        return UnmatchedRequest(
            f"CONNECT {url}: tunnels are not mocked; a request through a proxy is matched by where it is going"
        )
    return None


# --- a call -----------------------------------------------------------------------------------------------------------

_budgets: WeakKeyDictionary[Any, tuple[Any, Budget]] = WeakKeyDictionary()  # by task: the request that it is at


def budget_of(traces: Any) -> Budget:
    """The time that a session's request has spent; its attempts have the list of its traces in common."""
    task = asyncio.current_task()
    known = _budgets.get(task)
    if known is None or known[0] is not traces:
        known = (traces, Budget())
        with _lock:
            _budgets[task] = known
    return known[1]


async def answer(
    connector: aiohttp.BaseConnector,
    really: Callable[[], Awaitable[Any]],
    request: Any,
    traces: Any,
    timeout: Any,
    view: View,
) -> Any:
    """A connection that will answer a request; or a real one for it."""
    refused = refusal(request)
    if refused is not None:
        if not view.network.allows(canonical_host(request.url.raw_host), request.url.port):
            raise view.refuse(refused)
        with passing():
            return await really()
    is_limited = bool(connector.limit or connector.limit_per_host)
    call = Call(request, view, timeout, traces, budget_of(traces), really, is_limited)
    if is_usual(request, connector):
        asked = call.incoming(request.method, request.url.raw_path_qs, headers_of(request), await content_of(request))
        outcome: Response | Failure | PassThrough
        try:
            outcome = await call.offer(asked)
        except OSError as error:  # of the user's, which aiohttp would take for its connector's
            outcome = Failure(error)
        if isinstance(outcome, PassThrough):
            with passing():
                return await really()
        call.outcome = await fail_before(call, outcome, traces) if isinstance(outcome, Failure) else outcome
    connection = await lines_of(connector).connect(call.without_proxy(), traces, timeout)
    connection.transport.expect(call)  # type: ignore[union-attr] # a line of ours
    return connection


# --- hooks ------------------------------------------------------------------------------------------------------------


def patches() -> list[Patch]:
    """What is replaced in aiohttp. Raises UnsupportedClient where something is missing."""
    taken = inspect.signature(aiohttp.TCPConnector.__init__).parameters
    for name in ("loop", "resolver", "limit", "limit_per_host", "force_close"):
        if name not in taken:
            raise UnsupportedClient(f"aiohttp {aiohttp.__version__}: its TCPConnector takes no {name}=")
    return [
        Patch(aiohttp.TCPConnector, "connect", _connect_hook, own=False),
        Patch(aiohttp.TCPConnector, "close", _close_hook, own=False),
    ]


def _connect_hook(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
        sight = None if isinstance(self, _OURS) else visible()
        if sight is None or (sight.clients is not None and "aiohttp" not in sight.clients):
            return await original(self, req, traces, timeout)
        return await answer(self, lambda: original(self, req, traces, timeout), req, traces, timeout, sight)

    return update_wrapper(connect, original)


def _close_hook(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    def close(self: Any, *args: Any, **kwargs: Any) -> Awaitable[None]:
        left = None if isinstance(self, _OURS) else close_lines_of(self)
        done = original(self, *args, **kwargs)
        return done if left is None else _both(left, done)

    return update_wrapper(close, original)


async def _both(first: Awaitable[None], second: Awaitable[None]) -> None:
    await first
    await second


# --- explicit use -----------------------------------------------------------------------------------------------------


class Connector(aiohttp.TCPConnector):
    """Answers from a router, inside an activation and without one: ``ClientSession(connector=Connector(router))``.

    ``network`` and ``time`` are as for ``mockstatus.activate``; the other arguments are those of
    ``aiohttp.TCPConnector``, and serve what is really sent.
    """

    def __init__(
        self,
        router: Router,
        *,
        network: NetworkLike = "block",
        time: TimeMode = "instant",
        **options: Unpack[ConnectorOptions],
    ) -> None:
        view = make_view(router, network, time)
        super().__init__(**options)
        self._view = view

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
        """Ask the router."""
        really = super().connect
        return await answer(self, lambda: really(req, traces, timeout), req, traces, timeout, self._view)

    def close(self, **options: Any) -> Any:
        """End every connection."""
        left = close_lines_of(self)
        done = super().close(**options)
        return done if left is None else _both(left, done)

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} of {self._view.routers[0]!r}>"


_OURS: Final = (Connector, Lines, Failing)
