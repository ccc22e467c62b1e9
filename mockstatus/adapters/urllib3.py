"""The door of urllib3, and of what is built on it: pools for explicit use, and the hooks of an activation.

Pools, retries, redirects and errors are urllib3's own; only what its connections do is not.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry

from mockstatus.adapters.urllib3_hooks import call, clean_up, patches
from mockstatus.adapters.urllib3_incoming import read_sent
from mockstatus.adapters.urllib3_lines import connect, get_response, request
from mockstatus.adapters.urllib3_waits import SkippingRetry
from mockstatus.dispatch import View, make_view
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.waiting import TimeMode

__all__ = ["PoolManager", "clean_up", "patches"]


class PoolManager(urllib3.PoolManager):
    """Answers from a router, inside an activation and without one: ``PoolManager(router).request("GET", url)``.

    ``network`` and ``time`` are as for ``mockstatus.activate``; the other arguments are those of ``urllib3.PoolManager``.
    """

    def __init__(
        self,
        router: Router,
        *,
        network: NetworkLike = "block",
        time: TimeMode = "instant",
        num_pools: int = 10,
        headers: Mapping[str, str] | None = None,
        **connection_pool_kw: Any,
    ) -> None:
        view = make_view(router, network, time)
        super().__init__(num_pools, headers, **connection_pool_kw)
        self.pool_classes_by_scheme = {
            "http": _pool_class(HTTPConnectionPool, HTTPConnection, view),
            "https": _pool_class(HTTPSConnectionPool, HTTPSConnection, view),
        }


def _pool_class(pool: type, connection: type, view: View) -> Any:
    """A pool whose connections ask the routers of a view."""
    own = {"mockstatus_view": view}
    connections = type(connection.__name__, (ExplicitConnection, connection), own)
    return type(pool.__name__, (ExplicitPool, pool), {**own, "ConnectionCls": connections})


class ExplicitConnection:
    """A connection with a view of its own."""

    mockstatus_view: View

    def connect(self) -> None:
        """Stand for a connection; or really make one, for a request that is let through."""
        if "mockstatus_passing" in vars(self):
            super().connect()  # type: ignore[misc]
        else:
            connect(self)

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
        **options: bool,
    ) -> None:
        """Ask the router."""
        sent = read_sent(self, method, url, body, headers, options, chunked=chunked)
        request(self, self.mockstatus_view, super().request, sent)  # type: ignore[misc]

    def getresponse(self) -> Any:
        """The router's answer."""
        return get_response(self, super().getresponse)  # type: ignore[misc]


class ExplicitPool:
    """A pool with a view of its own."""

    mockstatus_view: View
    retries: Any

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Make a request; its pauses are spent as the view says."""
        given: list[Any] = [*args, None, None, None]
        body, headers, retries = given[:3]
        rest = args[3:]
        retries = kwargs.pop("retries", retries)
        if self.mockstatus_view.time == "instant":
            redirect = kwargs.get("redirect", rest[0] if rest else True)
            retries = self._skipping(retries, redirect=redirect)
        if len(args) < 2:
            headers = kwargs.pop("headers", headers)
            body = kwargs.pop("body", body)

        def urlopen(_: Any, *args: Any, **kwargs: Any) -> Any:
            return super(ExplicitPool, self).urlopen(*args, **kwargs)  # type: ignore[misc]

        return call(self, urlopen, method, url, (body, headers, retries, *rest), kwargs)

    def _skipping(self, retries: Any, *, redirect: Any) -> Any:
        """The retries, with pauses that are not slept."""
        if not isinstance(retries, Retry):
            retries = Retry.from_int(retries, redirect=redirect, default=self.retries)
        if isinstance(retries, SkippingRetry):
            return retries
        kind = type(retries)
        skipping = copy.copy(retries)
        skipping.__class__ = type(  # pyright: ignore[reportAttributeAccessIssue]
            kind.__name__, (SkippingRetry, kind), {"mockstatus_view": self.mockstatus_view}
        )
        return skipping
