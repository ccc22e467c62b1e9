"""The door of requests, which sends everything through urllib3: who is calling, and an adapter for explicit use."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import requests
import urllib3
from requests import adapters
from requests.adapters import DEFAULT_POOLBLOCK, DEFAULT_POOLSIZE, DEFAULT_RETRIES, HTTPAdapter

from mockstatus.adapters import requests_short
from mockstatus.adapters import urllib3 as urllib3_door
from mockstatus.adapters.patching import Patch, is_own
from mockstatus.adapters.urllib3 import PoolManager
from mockstatus.adapters.urllib3_calls import Carried, Frame, calls
from mockstatus.errors import UnsupportedClient
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.visibility import visible
from mockstatus.waiting import TimeMode


def patches() -> list[Patch]:
    """What is replaced in requests, and in the urllib3 beneath it. Raises UnsupportedClient where that is another one."""
    pools = vars(adapters).get("PoolManager")
    if isinstance(pools, type) and not issubclass(pools, urllib3.PoolManager):
        raise UnsupportedClient(
            "it was imported with another urllib3 than the one that is imported now; import both anew"
        )
    return [*urllib3_door.patches(), Patch(HTTPAdapter, "send", _send_hook)]


def _send_hook(original: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    may_be_short = is_own(original, "requests")  # or whoever replaced it would miss a call

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        sight = visible()
        if sight is None:
            return original(self, request, *args, **kwargs)

        def send_long() -> requests.Response:
            return send_as_requests(lambda: original(self, request, *args, **kwargs), request)

        if args or not may_be_short or not (sight.clients is None or "requests" in sight.clients):
            return send_long()
        return requests_short.send(self, request, kwargs, sight, send_long)

    return update_wrapper(send, original)


def send_as_requests(send: Callable[[], requests.Response], request: requests.PreparedRequest) -> requests.Response:
    """Call urllib3 as requests, and take a carried exception out, with the request on it where its class has one."""
    outer = calls.frame
    calls.frame = Frame(outer, "requests", None, None, None)
    try:
        return send()
    except Carried as carrier:
        error = carrier.error
    finally:
        calls.frame = outer
    if isinstance(error, requests.RequestException) and error.request is None:
        error.request = request
    raise error


clean_up = urllib3_door.clean_up


class Adapter(HTTPAdapter):
    """Answers from a router, inside an activation and without one: ``session.mount("https://", Adapter(router))``.

    ``network`` and ``time`` are as for ``mockstatus.activate``; the other arguments are those of ``HTTPAdapter``.
    """

    def __init__(
        self,
        router: Router,
        *,
        network: NetworkLike = "block",
        time: TimeMode = "instant",
        pool_connections: int = DEFAULT_POOLSIZE,
        pool_maxsize: int = DEFAULT_POOLSIZE,
        max_retries: Any = DEFAULT_RETRIES,
        pool_block: bool = DEFAULT_POOLBLOCK,
    ) -> None:
        self._router = router
        self._network: NetworkLike = network
        self._time: TimeMode = time
        super().__init__(pool_connections, pool_maxsize, max_retries, pool_block)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002
        """Make the pools that ask the router."""
        self.poolmanager = PoolManager(
            self._router,
            network=self._network,
            time=self._time,
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            **pool_kwargs,
        )

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """The same pools: nothing goes to a proxy."""
        return self.poolmanager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Answer from the router, through everything that requests and urllib3 do."""
        send = super().send
        return send_as_requests(lambda: send(request, *args, **kwargs), request)

    def __reduce__(self) -> Any:
        raise TypeError(f"{type(self).__name__} has a router, which cannot be pickled")
