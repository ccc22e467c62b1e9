"""Calls of httpx and httpx2 that are more than a plain answer: played to their own httpcore, or really sent.

Whatever the client makes of a scripted connection is its own doing: retries, errors, interim responses, broken bodies.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cache
from typing import Any

from mockstatus.adapters.httpcore_lines import Attempts, ReallySend, Rehearsal, Sent
from mockstatus.adapters.httpcore_pools import pool_class
from mockstatus.adapters.httpx_family import Family
from mockstatus.dispatch import View
from mockstatus.errors import InvalidRoute, UnsupportedClient, WouldHang
from mockstatus.messages import Failure, Outcome, PassThrough, Request
from mockstatus.passage import passing


class Network:
    """The client's own way to the network: a transport, and the function that really sends with it."""

    __slots__ = ("_client", "_send", "_transport")

    def __init__(self, client: Any, send: Callable[[Any, Any], Any], transport: Any) -> None:
        self._client = client
        self._transport = transport
        self._send = send

    def send(self, request: Any) -> Any:
        """Really send; to be awaited where the client is asynchronous."""
        return self._send(self._transport, request)

    def retries(self) -> int:
        """How often it tries to connect, which is nowhere public. Raises UnsupportedClient if that has moved."""
        client = self._client
        try:
            return int(self._transport._pool._retries)  # noqa: SLF001
        except AttributeError:
            raise UnsupportedClient(
                f"{client.__name__} {client.__version__}: its transport no longer says how often it tries to connect "
                "(_pool._retries); please report this to mockstatus"
            ) from None

    def proxy(self) -> str | None:
        """The host of its proxy, which is nowhere public; None where it has none, or no longer says so."""
        pool = getattr(self._transport, "_pool", None)
        url = getattr(pool, "_proxy_url", None) or getattr(getattr(pool, "_proxy", None), "url", None)
        return url.host.decode("ascii") if url is not None else None


class _Exchange:
    """One call, with all that is needed to play it."""

    def __init__(self, family: Family, incoming: Request, request: Any, view: View, network: Network) -> None:
        self.family = family
        self.incoming = incoming
        self.request = request
        self.view = view
        self.network = network

    def _hosts(self) -> list[str]:
        """Where a request that is really sent is going."""
        return [host for host in (self.incoming.host, self.network.proxy()) if host is not None]

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
        with passing(*self._hosts()):
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
        return family.from_core(response, family.played(response.stream, pool))

    def rehearse(self) -> Sent:
        """What the client really sends. Raises what it raises for a request that it does not send."""
        family = self.family
        rehearsal = Rehearsal(self.incoming, self.view.waiter)
        with family.errors():
            self._pool(pool_class(family.core), family.lines.backend(rehearsal)).handle_request(self._core_request())
        return rehearsal.sent()


class AsyncExchange(_Exchange):
    """Such a call of an asynchronous client."""

    async def carry_out(self, outcome: Outcome) -> Any:
        """The response for an outcome, or its error."""
        if not isinstance(outcome, PassThrough):
            try:
                return await self.play(outcome)
            except ReallySend:
                pass
        with passing(*self._hosts()):
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
        return family.from_core(response, family.async_played(response.stream, pool))

    async def rehearse(self) -> Sent:
        """What the client really sends. Raises what it raises for a request that it does not send."""
        family = self.family
        rehearsal = Rehearsal(self.incoming, self.view.waiter)
        pool = self._pool(pool_class(family.core, "Async"), family.lines.async_backend(rehearsal))
        with family.errors():
            await pool.handle_async_request(self._core_request())
        return rehearsal.sent()


@cache
def _no_tls() -> ssl.SSLContext:
    """A context for handshakes that are never made: httpcore wants one, and its own takes long to load."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
