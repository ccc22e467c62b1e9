"""A call of httpx or httpx2 from its request to its response: what is plain is answered here, the rest is played.

Knows a view and the family of the client; must not know how the call came to be intercepted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from mockstatus.adapters.httpx_exchange import AsyncExchange, Exchange, Network
from mockstatus.adapters.httpx_family import Family
from mockstatus.adapters.usual import usual_fields
from mockstatus.dispatch import View
from mockstatus.messages import AsyncRequest, Deferred, RawHeaders, Request, Response
from mockstatus.turns import is_alone
from mockstatus.waiting import checkpoint

ViewOf = Callable[[Any], View | None]  # what a transport sees; None where nothing intercepts it
NetworkOf = Callable[[Any], Network]  # a transport's own way to the network, made where it is needed
_NO_TIMEOUTS: Final[dict[str, float | None]] = {}


def answering(family: Family, view_of: ViewOf, network_of: NetworkOf) -> Callable[[Any, Any], Any]:
    """What handles the requests of synchronous transports: with the view of one, or where it has none, really."""

    def handle_request(transport: Any, request: Any) -> Any:
        view = view_of(transport)
        if view is None:
            return network_of(transport).send(request)
        method, extensions = request.method, request.extensions
        uri = family.uri(request.url)
        if uri is None or method == "CONNECT":
            _decline(family, request, view)
            return network_of(transport).send(request)
        content = b"".join(request.stream)
        headers: RawHeaders = request.headers.raw
        timeouts = extensions.get("timeout") or _NO_TIMEOUTS
        fields: RawHeaders | None = usual_fields(method, headers, content)
        if fields is None or "target" in extensions:
            incoming = Request(method, uri, headers, content, family.name, timeouts)
            target, fields = Exchange(family, incoming, request, view, network_of(transport)).rehearse()
            uri = uri.with_target(target)
        incoming = Request(method, uri, fields, content, family.name, timeouts)
        outcome = view.offer(incoming)
        if type(outcome) is Response and outcome.plain and "trace" not in extensions:
            delay = outcome.delay
            if delay:
                if _is_too_long(incoming, delay):
                    return Exchange(family, incoming, request, view, network_of(transport)).play(outcome)
                view.waiter.wait(delay)
            return family.plain(outcome, family.idle[uri.port])
        return Exchange(family, incoming, request, view, network_of(transport)).carry_out(outcome)

    return handle_request


def answering_async(family: Family, view_of: ViewOf, network_of: NetworkOf) -> Callable[[Any, Any], Awaitable[Any]]:
    """What handles the requests of asynchronous transports."""

    async def handle_async_request(transport: Any, request: Any) -> Any:
        view = view_of(transport)
        if view is None:
            return await network_of(transport).send(request)
        method, extensions = request.method, request.extensions
        uri = family.uri(request.url)
        if uri is None or method == "CONNECT":
            _decline(family, request, view)
            return await network_of(transport).send(request)
        stream = request.stream
        content = b"".join(stream if isinstance(stream, family.byte_stream) else [part async for part in stream])
        headers: RawHeaders = request.headers.raw
        timeouts = extensions.get("timeout") or _NO_TIMEOUTS
        fields: RawHeaders | None = usual_fields(method, headers, content)
        if fields is None or "target" in extensions:
            incoming = AsyncRequest(method, uri, headers, content, family.name, timeouts)
            target, fields = await AsyncExchange(family, incoming, request, view, network_of(transport)).rehearse()
            uri = uri.with_target(target)
        incoming = AsyncRequest(method, uri, fields, content, family.name, timeouts)
        outcome = view.offer(incoming)
        if type(outcome) is Deferred:
            outcome = await outcome.coroutine
        if type(outcome) is Response and outcome.plain and "trace" not in extensions:
            delay = outcome.delay
            if delay:
                if _is_too_long(incoming, delay):
                    return await AsyncExchange(family, incoming, request, view, network_of(transport)).play(outcome)
                await view.waiter.await_(delay)
            elif view.time != "instant" or not is_alone():
                await checkpoint()
            return family.plain(outcome, family.async_idle[uri.port])
        return await AsyncExchange(family, incoming, request, view, network_of(transport)).carry_out(outcome)

    return handle_async_request


def _decline(family: Family, request: Any, view: View) -> None:
    """Raise for what is not mocked; nothing for a scheme that the client itself will refuse."""
    refusal = family.refusal(request)
    if refusal is not None and not view.network.allow_all:
        raise view.refuse(refusal)


def _is_too_long(incoming: Request, delay: float) -> bool:
    """Whether the client gives up before a delay is over."""
    limit = incoming.timeout.read
    return limit is not None and delay > limit
