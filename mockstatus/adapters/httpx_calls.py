"""A call of httpx or httpx2 from its request to its response: what is plain is answered here, the rest is played.

Knows a view and the family of the client; must not know how the call came to be intercepted.
"""

from __future__ import annotations

from typing import Any

from mockstatus.adapters.httpx_exchange import AsyncExchange, Exchange, Network
from mockstatus.adapters.httpx_family import Family
from mockstatus.adapters.usual import usual_fields
from mockstatus.dispatch import View
from mockstatus.messages import AsyncRequest, Deferred, RawHeaders, Request, Response
from mockstatus.turns import is_alone
from mockstatus.waiting import checkpoint


def send(family: Family, request: Any, view: View, network: Network) -> Any:
    """What a synchronous transport gives for a request."""
    destination = family.destination(request.url)
    if destination is None or request.method == "CONNECT":
        _decline(family, request, view)
        return network.send(request)
    content = b"".join(request.stream)
    headers: RawHeaders = request.headers.raw
    fields = usual_fields(request.method, headers, content)
    if fields is not None and "target" not in request.extensions:
        headers = fields
    else:
        incoming = family.incoming(Request, request, destination, headers, content)
        target, headers = Exchange(family, incoming, request, view, network).rehearse()
        destination = (*destination[:3], target)
    incoming = family.incoming(Request, request, destination, headers, content)
    outcome = view.offer(incoming)
    if type(outcome) is Response and outcome.plain and "trace" not in request.extensions:
        delay = outcome.delay
        if delay:
            if _is_too_long(incoming, delay):
                return Exchange(family, incoming, request, view, network).play(outcome)
            view.waiter.wait(delay)
        return family.plain(outcome, family.lines.stream(incoming))
    return Exchange(family, incoming, request, view, network).carry_out(outcome)


async def send_async(family: Family, request: Any, view: View, network: Network) -> Any:
    """What an asynchronous transport gives for a request."""
    destination = family.destination(request.url)
    if destination is None or request.method == "CONNECT":
        _decline(family, request, view)
        return await network.send(request)
    stream = request.stream
    content = b"".join(stream if isinstance(stream, family.byte_stream) else [part async for part in stream])
    headers: RawHeaders = request.headers.raw
    fields = usual_fields(request.method, headers, content)
    if fields is not None and "target" not in request.extensions:
        headers = fields
    else:
        incoming = family.incoming(AsyncRequest, request, destination, headers, content)
        target, headers = await AsyncExchange(family, incoming, request, view, network).rehearse()
        destination = (*destination[:3], target)
    incoming = family.incoming(AsyncRequest, request, destination, headers, content)
    outcome = view.offer(incoming)
    if type(outcome) is Deferred:
        outcome = await outcome.coroutine
    if type(outcome) is Response and outcome.plain and "trace" not in request.extensions:
        delay = outcome.delay
        if delay:
            if _is_too_long(incoming, delay):
                return await AsyncExchange(family, incoming, request, view, network).play(outcome)
            await view.waiter.await_(delay)
        elif view.time != "instant" or not is_alone():
            await checkpoint()
        return family.plain(outcome, family.lines.async_stream(incoming))
    return await AsyncExchange(family, incoming, request, view, network).carry_out(outcome)


def _decline(family: Family, request: Any, view: View) -> None:
    """Raise for what is not mocked; nothing for a scheme that the client itself will refuse."""
    refusal = family.refusal(request)
    if refusal is not None and not view.network.allow_all:
        raise view.refuse(refusal)


def _is_too_long(incoming: Request, delay: float) -> bool:
    """Whether the client gives up before a delay is over."""
    limit = incoming.timeout.read
    return limit is not None and delay > limit
