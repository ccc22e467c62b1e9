"""The door of httpx: what its transports do while an activation is open, and transports for explicit use."""

from __future__ import annotations

import httpcore
import httpx

from mockstatus.adapters.httpx_explicit import AsyncExplicit, Explicit
from mockstatus.adapters.httpx_family import Family
from mockstatus.adapters.httpx_hooks import async_hook, async_mending_hook, mending_hook, sync_hook
from mockstatus.adapters.patching import Patch
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.waiting import TimeMode

family = Family(httpx, httpcore)


def patches() -> list[Patch]:
    """What is replaced in httpx. Raises UnsupportedClient where something is missing."""
    patch = Patch(httpx.HTTPTransport, "handle_request", lambda original: sync_hook(family, original))
    async_patch = Patch(httpx.AsyncHTTPTransport, "handle_async_request", lambda original: async_hook(family, original))
    return [
        patch,
        async_patch,
        Patch(httpx.Client, "send", lambda original: mending_hook(patch, original), mends=patch),
        Patch(httpx.AsyncClient, "send", lambda original: async_mending_hook(async_patch, original), mends=async_patch),
    ]


class Transport(Explicit, httpx.HTTPTransport):
    """Answers from a router: ``httpx.Client(transport=Transport(router))``, inside an activation and without one.

    ``network`` and ``time`` are as for ``mockstatus.activate``; ``retries`` is how often a connection is tried again;
    ``through`` is the transport for what is really sent, by default a new ``httpx.HTTPTransport``.
    """

    family = family

    def __init__(
        self,
        router: Router,
        *,
        network: NetworkLike = "block",
        time: TimeMode = "instant",
        retries: int = 0,
        through: httpx.BaseTransport | None = None,
    ) -> None:
        self._set_up(router, network, time, retries, through)


class AsyncTransport(AsyncExplicit, httpx.AsyncHTTPTransport):
    """The same for ``httpx.AsyncClient``, under asyncio and trio."""

    family = family

    def __init__(
        self,
        router: Router,
        *,
        network: NetworkLike = "block",
        time: TimeMode = "instant",
        retries: int = 0,
        through: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._set_up(router, network, time, retries, through)
