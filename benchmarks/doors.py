"""The clients that are measured, each with its floor, and how a request is made with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import httpx
import httpx2
import requests
import urllib3

from benchmarks import floors
from benchmarks.answer import URL


class Wanted(NamedTuple):
    """A request to be made."""

    method: str = "GET"
    url: str = URL
    headers: dict[str, str] | None = None
    json: Any = None


PLAIN = Wanted()


@dataclass(frozen=True)
class Door:
    """A client, sync or async."""

    name: str
    client: str  # its package
    make: Callable[[], Any]
    make_floor: Callable[[], Any]
    awaits: bool = False

    def call(self, made: Any, wanted: Wanted = PLAIN) -> Callable[[], Any]:
        """A function that makes a request with a client of this door, and nothing else."""
        given = {
            name: value for name, value in (("headers", wanted.headers), ("json", wanted.json)) if value is not None
        }
        return partial(made.request, wanted.method, wanted.url, **given)

    def close(self, made: Any) -> None:
        """Close a client."""
        if self.awaits:
            asyncio.run(made.aclose())
        else:
            getattr(made, "clear" if self.client == "urllib3" else "close")()


HTTPX = Door("httpx", "httpx", httpx.Client, lambda: httpx.Client(transport=floors.httpx_transport(httpx)))
HTTPX_ASYNC = Door(
    "httpx async",
    "httpx",
    httpx.AsyncClient,
    lambda: httpx.AsyncClient(transport=floors.httpx_transport(httpx)),
    awaits=True,
)
HTTPX2 = Door("httpx2", "httpx2", httpx2.Client, lambda: httpx2.Client(transport=floors.httpx_transport(httpx2)))
HTTPX2_ASYNC = Door(
    "httpx2 async",
    "httpx2",
    httpx2.AsyncClient,
    lambda: httpx2.AsyncClient(transport=floors.httpx_transport(httpx2)),
    awaits=True,
)
REQUESTS = Door("requests", "requests", requests.Session, floors.requests_session)
REQUESTS_DEEP = Door("requests, urllib3-deep", "requests", requests.Session, floors.requests_deep_session)
URLLIB3 = Door("urllib3", "urllib3", urllib3.PoolManager, floors.urllib3_manager)

DOORS = (HTTPX, HTTPX_ASYNC, HTTPX2, HTTPX2_ASYNC, REQUESTS, URLLIB3)
SYNC_DOORS = tuple(door for door in DOORS if not door.awaits)
ASYNC_DOORS = tuple(door for door in DOORS if door.awaits)
