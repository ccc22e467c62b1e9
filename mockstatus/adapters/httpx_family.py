"""What httpx and httpx2 share: their requests coming in, outcomes going out, and what their transports do instead.

A plain answer to a usual request becomes a response at once. Everything else is played to the client's own httpcore
over a scripted connection, so that whatever it makes of it is its own doing.
"""

from __future__ import annotations

import copy
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache, update_wrapper
from typing import Any, NamedTuple

from mockstatus.adapters.httpcore_lines import Attempts, Lines, ReallySend
from mockstatus.adapters.httpcore_pools import pool_class
from mockstatus.adapters.patching import wraps_own
from mockstatus.dispatch import View, make_view
from mockstatus.errors import InvalidRoute, UnmatchedRequest, UnsupportedClient, WouldHang
from mockstatus.messages import AsyncRequest, Deferred, Failure, Head, Outcome, PassThrough, Request, Response
from mockstatus.passage import passing
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.urls import DEFAULT_PORTS, canonical_host
from mockstatus.visibility import visible
from mockstatus.waiting import TimeMode, checkpoint

READ_SIZE = 65_536  # what httpcore reads at once
_VALUE = re.compile(rb"[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# What is known of a header field, once it has been looked at: bits, and for a Content-Length its number above them.
_UNUSUAL, _HOST, _CODED, _SIZED = 1, 2, 4, 8
_known_fields: dict[tuple[bytes, bytes], int] = {}
_MOST_KNOWN = 4096


class Family:
    """One of the two clients: its modules, and the classes that are made on theirs."""

    def __init__(self, client: Any, core: Any) -> None:
        self.client = client
        self.core = core
        self.name: str = client.__name__
        self.lines = Lines(core)
        self._response = client.Response
        self.byte_stream = client.ByteStream
        bases = client.SyncByteStream, client.AsyncByteStream
        self._body: Any = type("BodyStream", (BodyStream, *bases), {})
        self.played: Any = type("ResponseStream", (PlayedStream, bases[0]), {"family": self})
        self.async_played: Any = type("AsyncResponseStream", (AsyncPlayedStream, bases[1]), {"family": self})

    # --- incoming -----------------------------------------------------------------------------------------------------

    def incoming(self, kind: type[Request], request: Any, headers: Any, content: bytes) -> Request:
        """The request as a router sees it."""
        url = request.url
        scheme = url.scheme
        port = url.port
        return kind(
            request.method,
            scheme,
            canonical_host(url.raw_host.decode("ascii")),
            DEFAULT_PORTS[scheme] if port is None else port,
            url.raw_path.decode("ascii"),
            headers,
            content,
            self.name,
            request.extensions.get("timeout") or _NO_TIMEOUTS,
        )

    def refusal(self, request: Any) -> UnmatchedRequest | None:
        """Why this is nothing that can be answered; None for an ordinary request."""
        if request.url.scheme in ("ws", "wss"):
            return UnmatchedRequest(
                f"{request.method} {request.url}: WebSockets are not mocked; give the client a transport of its own for them"
            )
        if request.method == "CONNECT":
            return UnmatchedRequest(
                f"CONNECT {request.url}: tunnels are not mocked; a request through a proxy is matched by where it is going"
            )
        return None

    # --- outgoing -----------------------------------------------------------------------------------------------------

    def plain(self, response: Response, stream: Any) -> Any:
        """A plain answer as the client's own response."""
        shape = response.shape
        if shape is None or shape[0] is not self:
            headers = self.client.Headers(response.head.raw_pairs(response.date))
            shape = response.shape = (self, headers, self._body(response.content))
        head = response.head
        return self._response(
            head.status,
            headers=shape[1],
            stream=shape[2],
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": head.raw_reason, "network_stream": stream},
        )

    def from_core(self, response: Any, stream: type) -> Any:
        """A response of httpcore as the client's own."""
        return self._response(
            response.status, headers=response.headers, stream=stream(response.stream), extensions=response.extensions
        )

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn httpcore's errors into the client's of the same name."""
        try:
            yield
        except Exception as error:
            kind = type(error)
            wanted = (
                getattr(self.client, kind.__name__, None) if getattr(self.core, kind.__name__, None) is kind else None
            )
            if wanted is None:
                raise
            raise wanted(str(error)) from error

    # --- a call -------------------------------------------------------------------------------------------------------

    def send(self, request: Any, view: View, network: Network) -> Any:
        """What a synchronous transport gives for a request."""
        if request.url.scheme not in DEFAULT_PORTS or request.method == "CONNECT":
            self._decline(request, view)
            return network.send(request)
        content = b"".join(request.stream)
        headers = request.headers.raw
        if not _is_usual(headers, content):
            Exchange(self, self.incoming(Request, request, headers, content), request, view, network).rehearse()
        incoming = self.incoming(Request, request, headers, content)
        outcome = view.offer(incoming)
        if type(outcome) is Response and outcome.plain and "trace" not in request.extensions:
            delay = outcome.delay
            if delay and _limits(incoming, delay):
                return Exchange(self, incoming, request, view, network).play(outcome)
            if delay:
                view.waiter.wait(delay)
            return self.plain(outcome, self.lines.stream(incoming))
        return Exchange(self, incoming, request, view, network).carry_out(outcome)

    async def send_async(self, request: Any, view: View, network: Network) -> Any:
        """What an asynchronous transport gives for a request."""
        if request.url.scheme not in DEFAULT_PORTS or request.method == "CONNECT":
            self._decline(request, view)
            return await network.send(request)
        stream = request.stream
        content = b"".join(stream if isinstance(stream, self.byte_stream) else [part async for part in stream])
        headers = request.headers.raw
        if not _is_usual(headers, content):
            incoming = self.incoming(AsyncRequest, request, headers, content)
            await AsyncExchange(self, incoming, request, view, network).rehearse()
        incoming = self.incoming(AsyncRequest, request, headers, content)
        outcome = view.offer(incoming)
        if type(outcome) is Deferred:
            outcome = await outcome.coroutine
        if type(outcome) is Response and outcome.plain and "trace" not in request.extensions:
            delay = outcome.delay
            if delay and _limits(incoming, delay):
                return await AsyncExchange(self, incoming, request, view, network).play(outcome)
            await (view.waiter.await_(delay) if delay else checkpoint())
            return self.plain(outcome, self.lines.async_stream(incoming))
        return await AsyncExchange(self, incoming, request, view, network).carry_out(outcome)

    def _decline(self, request: Any, view: View) -> None:
        """Raise for what is not mocked; nothing for a scheme that the client itself will refuse."""
        refusal = self.refusal(request)
        if refusal is not None and not view.network.allow_all:
            raise view.refuse(refusal)


class Network(NamedTuple):
    """The client's own way to the network: how often it tries to connect, and the function that really sends."""

    retries: Callable[[], int]
    send: Callable[[Any], Any]


class _Exchange:
    """One call that is played to the client's own httpcore over a scripted connection, or really sent."""

    def __init__(self, family: Family, incoming: Request, request: Any, view: View, network: Network) -> None:
        self.family = family
        self.incoming = incoming
        self.request = request
        self.view = view
        self.network = network

    def _attempts(self, outcome: Any) -> Attempts:
        if isinstance(outcome, Failure) and outcome.fault == "tls_failure" and self.incoming.scheme == "http":
            raise InvalidRoute(
                f"tls_failure for {self.incoming.url}, which has no TLS: the nearest that can happen is connection_reset"
            )
        return Attempts(outcome, self.incoming, self.view.waiter, lambda: self.view.offer(self.incoming))

    def _wait_for_pool(self, attempts: Attempts) -> float | None:
        """How long the client waits for a connection that never comes free; None where it gets one."""
        if attempts.fault_in("pool") is None:
            return None
        limit = self.incoming.timeout.pool
        if limit is None:
            raise WouldHang(attempts.hint("pool"))
        return limit

    def _core_request(self, *, no_connection: bool = False) -> Any:
        request = self.request
        url = request.url
        core = self.family.core
        extensions = request.extensions
        if no_connection:  # the time is spent already
            extensions = {**extensions, "timeout": {**extensions["timeout"], "pool": 0.0}}
        return core.Request(
            method=request.method,
            url=core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=self.family.byte_stream(self.incoming.content),
            extensions=extensions,
        )

    def _pool(self, kind: Any, backend: Any, *, no_connection: bool = False) -> Any:
        return kind(
            ssl_context=_no_tls(),
            max_connections=0 if no_connection else 1,
            retries=self.network.retries(),
            network_backend=backend,
        )

    def _again(self) -> Any:
        """The request with its body to be read once more."""
        return self.family.client.Request(
            self.request.method,
            self.request.url,
            headers=self.request.headers,
            stream=self.family.byte_stream(self.incoming.content),
            extensions=self.request.extensions,
        )


class Exchange(_Exchange):
    """Such a call of a synchronous client."""

    def carry_out(self, outcome: Outcome) -> Any:
        """The response for an outcome, or its error."""
        if not isinstance(outcome, PassThrough):
            try:
                return self.play(outcome)
            except ReallySend:
                pass
        with passing():
            return self.network.send(self._again())

    def play(self, outcome: Any) -> Any:
        """What the client makes of an outcome."""
        family, waiter = self.family, self.view.waiter
        if isinstance(outcome, Failure) and isinstance(outcome.fault, BaseException):
            waiter.wait(outcome.delay)
            raise outcome.fault
        attempts = self._attempts(outcome)
        seconds = self._wait_for_pool(attempts)
        if seconds is not None:
            waiter.wait(seconds)
        missing = seconds is not None
        pool = self._pool(pool_class(family.core), family.lines.backend(attempts), no_connection=missing)
        with family.errors():
            response = pool.handle_request(self._core_request(no_connection=missing))
        return family.from_core(response, family.played)

    def rehearse(self) -> None:
        """Let the client's own parser refuse the request, if it does."""
        attempts = Attempts(_REHEARSAL, self.incoming, self.view.waiter, lambda: _REHEARSAL)
        with self.family.errors():
            self._pool(pool_class(self.family.core), self.family.lines.backend(attempts)).handle_request(
                self._core_request()
            )


class AsyncExchange(_Exchange):
    """Such a call of an asynchronous client."""

    async def carry_out(self, outcome: Outcome) -> Any:
        """The response for an outcome, or its error."""
        if not isinstance(outcome, PassThrough):
            try:
                return await self.play(outcome)
            except ReallySend:
                pass
        with passing():
            return await self.network.send(self._again())

    async def play(self, outcome: Any) -> Any:
        """What the client makes of an outcome."""
        family, waiter = self.family, self.view.waiter
        if isinstance(outcome, Failure) and isinstance(outcome.fault, BaseException):
            await waiter.await_(outcome.delay)
            raise outcome.fault
        attempts = self._attempts(outcome)
        seconds = self._wait_for_pool(attempts)
        if seconds is not None:
            await waiter.await_(seconds)
        missing = seconds is not None
        pool = self._pool(pool_class(family.core, "Async"), family.lines.async_backend(attempts), no_connection=missing)
        with family.errors():
            response = await pool.handle_async_request(self._core_request(no_connection=missing))
        return family.from_core(response, family.async_played)

    async def rehearse(self) -> None:
        """Let the client's own parser refuse the request, if it does."""
        attempts = Attempts(_REHEARSAL, self.incoming, self.view.waiter, lambda: _REHEARSAL)
        pool = self._pool(pool_class(self.family.core, "Async"), self.family.lines.async_backend(attempts))
        with self.family.errors():
            await pool.handle_async_request(self._core_request())


_REHEARSAL = Response(Head(200, "OK", "HTTP/1.1", [("Content-Length", "0")]), "", b"")
_NO_TIMEOUTS: dict[str, float | None] = {}


@cache
def _no_tls() -> ssl.SSLContext:
    """A context for handshakes that are never made: httpcore wants one, and its own takes long to load."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class PlayedStream:
    """The body of a played response, with httpcore's errors turned into the client's."""

    family: Family

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with self.family.errors():
            yield from self._stream

    def close(self) -> None:
        """End the exchange."""
        self._stream.close()


class AsyncPlayedStream:
    """The same, read asynchronously."""

    family: Family

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self.family.errors():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        """End the exchange."""
        await self._stream.aclose()


class BodyStream:
    """A body in the pieces in which a client on a real wire would receive it; it can be read any number of times."""

    def __init__(self, content: bytes) -> None:
        self._pieces = tuple(content[start : start + READ_SIZE] for start in range(0, len(content), READ_SIZE))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


# --- which requests are usual -----------------------------------------------------------------------------------------


def _is_usual(headers: list[tuple[bytes, bytes]], content: bytes) -> bool:
    """Whether the client's own parser would send the request as it stands."""
    known = 0
    length = -1
    for field in headers:
        fact = _known_fields.get(field)
        if fact is None:
            fact = _learn(field)
        known |= fact & 7
        if fact & _SIZED:
            length = fact >> 4
    if known & _UNUSUAL or not known & _HOST:
        return False
    return length == len(content) if length >= 0 else not content or bool(known & _CODED)


def _learn(field: tuple[bytes, bytes]) -> int:
    """Look at a header field: what h11 would not send is unusual."""
    name, value = field[0].lower(), field[1]
    fact = 0 if _NAME.fullmatch(name) and (not value or _VALUE.fullmatch(value)) else _UNUSUAL
    if name == b"host":
        fact |= _HOST
    elif name == b"transfer-encoding":
        fact |= _CODED
    elif name == b"content-length":
        fact = _SIZED | int(value) << 4 if value.isdigit() else _UNUSUAL
    if len(_known_fields) > _MOST_KNOWN:
        _known_fields.clear()
    _known_fields[field] = fact
    return fact


def _limits(incoming: Request, delay: float) -> bool:
    """Whether the client gives up before a delay is over."""
    limit = incoming.timeout.read
    return limit is not None and delay > limit


# --- hooks ------------------------------------------------------------------------------------------------------------


def retries_of(transport: Any, client: Any) -> int:
    """How often a transport tries to connect, which is nowhere public. Raises UnsupportedClient if it has moved."""
    try:
        return int(transport._pool._retries)  # noqa: SLF001
    except AttributeError:
        raise UnsupportedClient(
            f"{client.__name__} {client.__version__}: its transport no longer says how often it tries to connect "
            "(_pool._retries); please report this to mockstatus"
        ) from None


def sync_hook(family: Family, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """What ``HTTPTransport.handle_request`` does while an activation is open."""
    wrapped = wraps_own(original, family.name)

    def handle_request(self: Any, request: Any) -> Any:
        sight = visible()
        if sight is None or (sight.clients is not None and family.name not in sight.clients):
            return original(self, request)
        if wrapped:
            return original(_beneath(self, RoutedPool(family, self, sight)), request)
        return family.send(
            request, sight, Network(lambda: retries_of(self, family.client), lambda again: original(self, again))
        )

    return update_wrapper(handle_request, original)


def async_hook(family: Family, original: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    """What ``AsyncHTTPTransport.handle_async_request`` does while an activation is open."""
    wrapped = wraps_own(original, family.name)

    async def handle_async_request(self: Any, request: Any) -> Any:
        sight = visible()
        if sight is None or (sight.clients is not None and family.name not in sight.clients):
            return await original(self, request)
        if wrapped:
            return await original(_beneath(self, AsyncRoutedPool(family, self, sight)), request)
        network = Network(lambda: retries_of(self, family.client), lambda again: original(self, again))
        return await family.send_async(request, sight, network)

    return update_wrapper(handle_async_request, original)


def _beneath(transport: Any, pool: Any) -> Any:
    """A stand-in for a transport whose wrapped method is to be called as it is, so that tracing sees the call."""
    stand_in = copy.copy(transport)
    stand_in._pool = pool  # noqa: SLF001
    return stand_in


class _RoutedPool:
    """Stands where a transport keeps its connections, and asks the routers instead."""

    def __init__(self, family: Family, transport: Any, view: View) -> None:
        self.family = family
        self.transport = transport
        self.view = view

    def _retries(self) -> int:
        return retries_of(self.transport, self.family.client)

    def _from_core(self, request: Any) -> Any:
        client, url = self.family.client, request.url
        return client.Request(
            request.method.decode("ascii"),
            client.URL(scheme=url.scheme.decode(), host=url.host.decode(), port=url.port, raw_path=url.target),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    def _to_core(self, request: Any) -> Any:
        core, url = self.family.core, request.url
        return core.Request(
            method=request.method,
            url=core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )

    def _response(self, response: Any) -> Any:
        return self.family.core.Response(
            response.status_code, headers=response.headers.raw, content=response.stream, extensions=response.extensions
        )


class RoutedPool(_RoutedPool):
    """Such a pool of a synchronous transport."""

    def handle_request(self, request: Any) -> Any:
        """The answer of a router as httpcore's response."""
        network = Network(self._retries, self._really_send)
        return self._response(self.family.send(self._from_core(request), self.view, network))

    def _really_send(self, request: Any) -> Any:
        with self.family.errors():
            response = self.transport._pool.handle_request(self._to_core(request))  # noqa: SLF001
        return self.family.from_core(response, self.family.played)


class AsyncRoutedPool(_RoutedPool):
    """Such a pool of an asynchronous transport."""

    async def handle_async_request(self, request: Any) -> Any:
        """The answer of a router as httpcore's response."""
        network = Network(self._retries, self._really_send)
        return self._response(await self.family.send_async(self._from_core(request), self.view, network))

    async def _really_send(self, request: Any) -> Any:
        with self.family.errors():
            response = await self.transport._pool.handle_async_request(self._to_core(request))  # noqa: SLF001
        return self.family.from_core(response, self.family.async_played)


# --- explicit use -----------------------------------------------------------------------------------------------------


class _Explicit:
    """What the transports with a router of their own have in common."""

    family: Family

    def _set_up(self, router: Router, network: NetworkLike, time: TimeMode, retries: int, through: Any) -> None:
        self._view = make_view(router, network, time)
        self._through = through
        self._retries = retries
        self._network = Network(lambda: self._retries, self._really_send)

    def _really_send(self, request: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} of {self._view.routers[0]!r}>"


class Explicit(_Explicit):
    """A synchronous one; its own connections are opened when something is really sent."""

    def handle_request(self, request: Any) -> Any:
        """Answer from the router."""
        return self.family.send(request, self._view, self._network)

    def _really_send(self, request: Any) -> Any:
        if self._through is None:
            self._through = self.family.client.HTTPTransport(retries=self._retries)
        return self._through.handle_request(request)

    def close(self) -> None:
        """Close the transport for what is really sent."""
        if self._through is not None:
            self._through.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncExplicit(_Explicit):
    """An asynchronous one."""

    async def handle_async_request(self, request: Any) -> Any:
        """Answer from the router."""
        return await self.family.send_async(request, self._view, self._network)

    async def _really_send(self, request: Any) -> Any:
        if self._through is None:
            self._through = self.family.client.AsyncHTTPTransport(retries=self._retries)
        return await self._through.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the transport for what is really sent."""
        if self._through is not None:
            await self._through.aclose()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
