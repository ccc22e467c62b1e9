"""The hooks of urllib3 while an activation is open: where a call begins, and what its connections do.

Knows what is visible; what a connection does with an answer is the business of its line.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache, update_wrapper
from typing import Any

from urllib3 import connectionpool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Retry, Timeout

from mockstatus.adapters.http_client_lines import Scripted, Stub, descriptors
from mockstatus.adapters.patching import Patch, Plan
from mockstatus.adapters.urllib3_calls import Carried, Frame, calls, client_here
from mockstatus.adapters.urllib3_incoming import read_sent
from mockstatus.adapters.urllib3_lines import connect, get_response, request
from mockstatus.adapters.urllib3_parking import leave_nothing, leaves_something, unpark
from mockstatus.adapters.urllib3_waits import skip_retry_after, skip_sleep
from mockstatus.dispatch import View
from mockstatus.visibility import visible


@cache
def patches() -> tuple[Patch, ...]:
    """What is replaced in urllib3, the same for requests: where a call begins; the rest when the first one does.

    Raises UnsupportedClient where something is missing.
    """
    _inner_plan()
    return (
        Patch(HTTPConnectionPool, "urlopen", _urlopen_hook),
        Patch(HTTPConnection, "connect", _connect_hook),
        Patch(HTTPSConnection, "connect", _connect_hook),
        Patch(HTTPConnection, "request", _request_hook),
    )


@cache
def _inner_plan() -> Plan:
    """What is replaced once there is a call."""
    patches = [
        Patch(HTTPConnection, "getresponse", _getresponse_hook),
        Patch(Retry, "sleep", _sleep_hook),
        Patch(Retry, "sleep_for_retry", _sleep_for_retry_hook),
    ]
    if hasattr(connectionpool, "is_connection_dropped"):  # it only saves time
        patches.append(Patch(connectionpool, "is_connection_dropped", _dropped_hook))
    return Plan(patches)


class _Inner:
    """Whether the inner hooks have been put in place."""

    applied = False
    lock = threading.Lock()


def _apply_inner() -> None:
    """Put the inner hooks in place, also where somebody has taken them away again."""
    plan = _inner_plan()
    if _Inner.applied and plan.is_in_place():
        return
    with _Inner.lock:
        plan.apply()
        _Inner.applied = True


def view_of(conn: Any) -> View | None:
    """What a connection's call sees; None where it is not intercepted, or is by the pool that made the connection."""
    sight = visible()
    if sight is None or (sight.clients is not None and client_here() not in sight.clients):
        return None
    return None if getattr(conn, "mockstatus_view", None) is not None else sight


def _urlopen_hook(original: Callable[..., Any]) -> Callable[..., Any]:
    def urlopen(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if visible() is None:
            return original(self, method, url, *args, **kwargs)
        _apply_inner()
        return call(self, original, method, url, args, kwargs)

    return update_wrapper(urlopen, original)


def call(
    pool: Any, urlopen: Callable[..., Any], method: str, url: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call ``urlopen``, with what connections are not told at hand, and take a carried exception out."""
    outer = calls.frame
    timeout = kwargs.get("timeout", args[5] if len(args) > 5 else Timeout.DEFAULT_TIMEOUT)
    client = "urllib3" if outer is None else outer.client
    calls.frame = Frame(outer, client, pool, timeout, kwargs.get("pool_timeout"))
    try:
        return urlopen(pool, method, url, *args, **kwargs)
    except Carried as carrier:
        if client != "urllib3":  # its own hook is further out
            raise
        error = carrier.error
    finally:
        calls.frame = outer
    raise error


def _connect_hook(original: Callable[..., None]) -> Callable[..., None]:
    def connect_(self: Any) -> None:
        if view_of(self) is None:
            original(self)
        else:
            connect(self)

    return update_wrapper(connect_, original)


def _request_hook(original: Callable[..., None]) -> Callable[..., None]:
    def request_(
        self: Any,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
        **options: bool,
    ) -> None:
        view = view_of(self)
        if view is None:
            if isinstance(self.sock, Stub) and not isinstance(self.sock, Scripted) and not _is_explicit(self):
                self.sock = None  # left from an activation that is not visible here
                unpark(self)
            original(self, method, url, body=body, headers=headers, chunked=chunked, **options)
            return
        if calls.frame is None:  # no urlopen has done it
            _apply_inner()
        sent = read_sent(self, method, url, body, headers, options, chunked=chunked)
        request(self, view, lambda *args, **named: original(self, *args, **named), sent)

    return update_wrapper(request_, original)


def _is_explicit(conn: Any) -> bool:
    return getattr(conn, "mockstatus_view", None) is not None


def _getresponse_hook(original: Callable[..., Any]) -> Callable[..., Any]:
    def getresponse(self: Any) -> Any:
        return get_response(self, lambda: original(self))

    return update_wrapper(getresponse, original)


def _dropped_hook(original: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a pool finds an idle connection closed: of a stub that is known without asking the system."""

    def is_connection_dropped(conn: Any) -> bool:
        line = conn.sock
        return line.has_something() if type(line) is Stub else original(conn)

    return update_wrapper(is_connection_dropped, original)


def _sleep_hook(original: Callable[..., None]) -> Callable[..., None]:
    def sleep(self: Retry, response: Any = None) -> None:
        sight = visible()
        if sight is None or sight.time != "instant":
            original(self, response)
        else:
            skip_sleep(self, response, sight)

    return update_wrapper(sleep, original)


def _sleep_for_retry_hook(original: Callable[..., bool]) -> Callable[..., bool]:
    def sleep_for_retry(self: Retry, response: Any) -> bool:
        sight = visible()
        if sight is None or sight.time != "instant":
            return original(self, response)
        return skip_retry_after(self, response, sight)

    return update_wrapper(sleep_for_retry, original)


def clean_up() -> None:
    """Leave nothing of ours in any pool."""
    if not _Inner.applied and not leaves_something():
        return
    with _Inner.lock:
        _inner_plan().undo()
        _Inner.applied = False
    leave_nothing()
    descriptors.close()
