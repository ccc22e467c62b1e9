"""What the transports of httpx and httpx2 do while an activation is open. Knows what is visible; not how it is answered."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from functools import partial, update_wrapper
from typing import Any

from mockstatus.adapters.httpx_calls import answering, answering_async
from mockstatus.adapters.httpx_exchange import Network
from mockstatus.adapters.httpx_family import Family
from mockstatus.adapters.patching import Patch, wraps_own
from mockstatus.dispatch import View
from mockstatus.visibility import seen_by, visible


def sync_hook(family: Family, original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """What ``HTTPTransport.handle_request`` does while an activation is open."""
    view_of = seen_by(family.name)
    if not wraps_own(original, family.name):
        return update_wrapper(answering(family, view_of, partial(Network, family.client, original)), original)

    def handle_request(self: Any, request: Any) -> Any:
        sight = view_of()
        return original(self if sight is None else _beneath(self, RoutedPool(family, self, sight)), request)

    return update_wrapper(handle_request, original)


def async_hook(family: Family, original: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    """What ``AsyncHTTPTransport.handle_async_request`` does while an activation is open."""
    view_of = seen_by(family.name)
    if not wraps_own(original, family.name):
        return update_wrapper(answering_async(family, view_of, partial(Network, family.client, original)), original)

    async def handle_async_request(self: Any, request: Any) -> Any:
        sight = view_of()
        return await original(self if sight is None else _beneath(self, AsyncRoutedPool(family, self, sight)), request)

    return update_wrapper(handle_async_request, original)


def mending_hook(patch: Patch, original: Callable[..., Any]) -> Callable[..., Any]:
    """What ``Client.send`` does: see to it that the transport is hooked, before it comes to it."""

    def send(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not patch.stands() and visible() is not None:
            patch.mend()
        return original(self, *args, **kwargs)

    return update_wrapper(send, original)


def async_mending_hook(patch: Patch, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """What ``AsyncClient.send`` does."""

    async def send(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not patch.stands() and visible() is not None:
            patch.mend()
        return await original(self, *args, **kwargs)

    return update_wrapper(send, original)


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

    def _network(self, _: Any) -> Network:
        return Network(self.family.client, lambda _, request: self._really_send(request), self.transport)

    def _view_of(self, _: Any) -> View:
        return self.view

    def _really_send(self, request: Any) -> Any:
        raise NotImplementedError

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
        answer = answering(self.family, self._view_of, self._network)
        return self._response(answer(self, self._from_core(request)))

    def _really_send(self, request: Any) -> Any:
        with self.family.errors():
            response = self.transport._pool.handle_request(self._to_core(request))  # noqa: SLF001
        return self.family.from_core(response, self.family.played(response.stream))


class AsyncRoutedPool(_RoutedPool):
    """Such a pool of an asynchronous transport."""

    async def handle_async_request(self, request: Any) -> Any:
        """The answer of a router as httpcore's response."""
        answer = answering_async(self.family, self._view_of, self._network)
        return self._response(await answer(self, self._from_core(request)))

    async def _really_send(self, request: Any) -> Any:
        with self.family.errors():
            response = await self.transport._pool.handle_async_request(self._to_core(request))  # noqa: SLF001
        return self.family.from_core(response, self.family.async_played(response.stream))
