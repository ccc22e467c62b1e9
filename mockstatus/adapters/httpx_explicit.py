"""Transports of httpx and httpx2 with a router of their own, for use without an activation. Must not know what is visible."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from mockstatus.adapters.httpx_calls import answering, answering_async
from mockstatus.adapters.httpx_exchange import Network
from mockstatus.adapters.httpx_family import Family
from mockstatus.dispatch import make_view
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.waiting import TimeMode


class _Through(Network):
    """The transport's way to the network, of which it was told how often it is tried; its proxy is its own business."""

    __slots__ = ()

    def retries(self) -> int:
        """How often it tries to connect."""
        return int(self._transport._retries)  # noqa: SLF001

    def proxy(self) -> None:
        """None that is known here."""


class _Explicit:
    """What the transports with a router of their own have in common."""

    family: Family
    _answering: Callable[..., Callable[[Any, Any], Any]]

    def _set_up(self, router: Router, network: NetworkLike, time: TimeMode, retries: int, through: Any) -> None:
        self._view = make_view(router, network, time)
        self._answer = self._answering(self.family, attrgetter("_view"), self._network)
        self._through = through
        self._retries = retries

    def _network(self, transport: Any) -> _Through:
        return _Through(self.family.client, lambda _, request: self._really_send(request), transport)

    def _really_send(self, request: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} of {self._view.routers[0]!r}>"


class Explicit(_Explicit):
    """A synchronous one; its own connections are opened when something is really sent."""

    _answering = staticmethod(answering)

    def handle_request(self, request: Any) -> Any:
        """Answer from the router."""
        return self._answer(self, request)

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

    _answering = staticmethod(answering_async)

    async def handle_async_request(self, request: Any) -> Any:
        """Answer from the router."""
        return await self._answer(self, request)

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
