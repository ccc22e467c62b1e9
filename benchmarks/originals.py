"""The clients' own functions, as they were before any mock: what one leaves behind would be measured with the others."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import httpx2
import requests.adapters
import requests.sessions
import urllib3.connection
import urllib3.connectionpool

_OWNERS: tuple[Any, ...] = (
    httpx.HTTPTransport,
    httpx.AsyncHTTPTransport,
    httpx2.HTTPTransport,
    httpx2.AsyncHTTPTransport,
    requests.adapters.HTTPAdapter,
    requests.sessions.Session,
    urllib3.connectionpool.HTTPConnectionPool,
    urllib3.connectionpool.HTTPSConnectionPool,
    urllib3.connection.HTTPConnection,
    urllib3.connection.HTTPSConnection,
    urllib3.util.Retry,
    socket.socket,
)
_BEFORE = {owner: dict(vars(owner)) for owner in _OWNERS}


def replaced() -> list[str]:
    """The attributes that are not what they were."""
    return [
        f"{owner.__module__}.{owner.__qualname__}.{name}"
        for owner, before in _BEFORE.items()
        for name in sorted({*before, *vars(owner)})
        if vars(owner).get(name) is not before.get(name)
    ]


def check(mock: str) -> None:
    """Raise AssertionError where a mock that was switched off has left something in place."""
    left = replaced()
    if left:
        raise AssertionError(f"{mock} has left behind {', '.join(left)}: nothing measured after it could be compared")
