"""The short way of requests: a plain answer over a connection of ours, without what urllib3 does around it.

It is taken where nothing of what it leaves out can be seen: no retries, no proxy, no log, no certificate of one's own, no
method that anyone has replaced. Everything else goes the long way, with what the routers said in hand.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from queue import LifoQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import urllib3
from requests import PreparedRequest
from requests import Response as Result
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry

from mockstatus.adapters.http_client_lines import Stub
from mockstatus.adapters.untouched import Methods
from mockstatus.adapters.urllib3_calls import Frame, Offered, calls
from mockstatus.adapters.urllib3_incoming import Destination, HeaderPairs, Sent, incoming, is_usual, read_sent
from mockstatus.adapters.urllib3_lines import offer
from mockstatus.adapters.urllib3_outgoing import is_watched, respond
from mockstatus.adapters.urllib3_parking import UNREAD
from mockstatus.dispatch import View
from mockstatus.messages import Response, Timeouts
from mockstatus.urls import DEFAULT_PORTS

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

# What the short way leaves out, or has done as always.
_OF_ADAPTERS: Final = Methods(
    "requests",
    "add_headers",
    "build_connection_pool_key_attributes",
    "cert_verify",
    "get_connection_with_tls_context",
    "request_url",
)
_OF_POOLS: Final = Methods(
    "urllib3", "_get_conn", "_get_timeout", "_make_request", "_put_conn", "_validate_conn", "urlopen"
)
_OF_CONNECTIONS: Final = Methods("urllib3", "close", "connect", "getresponse", "request")

Place = tuple[str, str, int, bool | str]  # scheme, host, port, and what certificates are held against


def send(
    adapter: HTTPAdapter, request: PreparedRequest, options: Mapping[str, Any], view: View, long: Callable[[], Result]
) -> Result:
    """The response to a request of requests, by the short way where it cannot be told from ``long``."""
    call = _plain_call(adapter, request, **options)
    if call is None:
        return long()
    sent, destination, timeouts, verify = call
    place = (destination.scheme, destination.host, destination.port, verify)
    taken = _take(adapter.poolmanager, place) or _open(adapter, request, place, timeouts)
    if taken is None:
        return long()
    pool, conn = taken
    asked = incoming(sent, destination, "requests", timeouts)
    outcome: Any
    try:
        outcome = offer(view, asked)
    except BaseException as error:  # noqa: BLE001 - it is raised where the long way would have come upon it
        outcome = error
    if type(outcome) is Response and outcome.plain and not outcome.delay:
        pool.num_requests += 1
        conn.timeout = timeouts.read
        answer = respond(conn, outcome, sent, retries=adapter.max_retries, pool=pool, connection=conn)
        return adapter.build_response(request, answer)
    pool._put_conn(conn)  # noqa: SLF001 - it is the next to be taken out again
    calls.offered = Offered(asked, outcome)
    try:
        return long()
    finally:
        calls.offered = None


# --- the call ---------------------------------------------------------------------------------------------------------


class _Call(NamedTuple):
    """A call that urllib3 would make as it stands."""

    sent: Sent
    destination: Destination
    timeouts: Timeouts
    verify: bool | str


def _plain_call(
    adapter: HTTPAdapter,
    request: PreparedRequest,
    *,
    stream: bool = False,  # noqa: ARG001 - it makes no difference here
    timeout: Any = None,
    verify: Any = True,
    cert: Any = None,
    proxies: Any = None,
    **others: Any,
) -> _Call | None:
    """The call, if nothing about it is unusual."""
    body, headers, retries = request.body, request.headers, adapter.max_retries
    if (
        not (verify is True or type(verify) is str)
        or cert is not None
        or proxies
        or others
        or type(request) is not PreparedRequest
        or type(headers) is not CaseInsensitiveDict
        or type(retries) is not Retry
        or retries.total
        or retries.status_forcelist
        or not _OF_ADAPTERS.of(adapter)
        or _log.isEnabledFor(logging.DEBUG)
        or is_watched()
    ):
        return None
    if body is not None and (type(body) not in (bytes, str) or "Content-Length" not in headers):
        return None
    pairs = tuple(headers._store.values())  # noqa: SLF001 - its own items() takes as long as all of this
    timeouts = _timeouts(timeout)
    try:
        written = _written(request.method, request.url, pairs)
    except TypeError:  # a list for a value, say
        return None
    if timeouts is None or written is None:
        return None
    sent, destination = written
    if not (verify is True or verify in _BUNDLES or destination.scheme == "http" or os.path.exists(verify)):  # noqa: PTH110
        return None
    if body is not None:
        sent = read_sent(_Reader, sent.method, sent.url, body, HeaderPairs(pairs), _OPTIONS, chunked=False)
    return _Call(sent, destination, timeouts, verify)


# The machine's own certificates, which are not looked for with each call.
_BUNDLES: Final = frozenset(os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
_log: Final = logging.getLogger("urllib3.connectionpool")
_OPTIONS: Final[dict[str, Any]] = {  # how requests has urllib3 read a response
    "preload_content": False,
    "decode_content": False,
    "enforce_content_length": True,
}


class _Reader:
    """Stands for a connection where a body is read that is there already."""

    blocksize = 16384


def _timeouts(timeout: Any) -> Timeouts | None:
    """The timeouts that urllib3 makes of what requests was given; None where they are its business."""
    if timeout is None:
        return _FOREVER
    connect: Any
    read: Any
    connect, read = timeout if type(timeout) is tuple and len(timeout) == 2 else (timeout, timeout)
    return Timeouts(connect, read) if _is_limit(connect) and _is_limit(read) else None


_FOREVER: Final = Timeouts()


def _is_limit(seconds: Any) -> bool:
    return seconds is None or (type(seconds) in (int, float) and seconds > 0)


@lru_cache(maxsize=1024)
def _written(method: str, url: str, pairs: tuple[tuple[Any, Any], ...]) -> tuple[Sent, Destination] | None:
    """What is sent but for the body, and where it is going, if nothing of it is refused or rewritten on the way."""
    scheme, _, rest = url.partition("://")
    found = _REST.fullmatch(rest)
    if found is None or scheme not in DEFAULT_PORTS:
        return None
    host, port, target = found.groups()
    sent = read_sent(_Reader, method, target, None, HeaderPairs(pairs), _OPTIONS, chunked=False)
    if not is_usual(sent):
        return None
    return sent, Destination(scheme, host, int(port) if port else DEFAULT_PORTS[scheme], target)


_REST: Final = re.compile(
    r"([a-z0-9_.-]+)(?::([0-9]{1,5}))?(/(?:[A-Za-z0-9/\-._~!$&'()*+,;=:@?]|%[0-9A-F]{2})*)(?:#.*)?"
)


# --- the connection ---------------------------------------------------------------------------------------------------


Taken = tuple[Any, Any]


def _take(manager: Any, place: Place) -> Taken | None:
    """The pool for a place, and out of it a connection that is open and ours; None where there is none."""
    key = _keys.get(manager, place)
    if key is None:
        return None
    try:
        pool = manager.pools[key]
    except KeyError:  # it was dropped
        return None
    queue = pool.pool
    if type(queue) is not LifoQueue:  # closed, or of the user's own kind
        return None
    with queue.mutex:  # as its get() does; nobody waits for room in it, whom get() would wake
        idle = queue.queue
        return (pool, idle.pop()) if idle and _is_fit(pool, idle[-1]) else None


def _open(adapter: HTTPAdapter, request: PreparedRequest, place: Place, timeouts: Timeouts) -> Taken | None:
    """The same, where there has to be a new pool or connection, which requests and urllib3 make as always."""
    assert request.url is not None, "it is prepared"
    outer = calls.frame
    calls.frame = Frame(outer, "requests", None, None, None)
    try:
        pool: Any = adapter.get_connection_with_tls_context(request, place[3])
        adapter.cert_verify(pool, request.url, place[3], None)
        _keys.learn(adapter.poolmanager, place)
        if type(pool.pool) is not LifoQueue or not _is_own_pool(pool):
            return None
        conn = pool._get_conn()  # noqa: SLF001 - what urlopen does first
        conn.timeout = timeouts.connect
        pool._validate_conn(conn)  # noqa: SLF001 - which connects it, if it is to have TLS
        if conn.sock is None:
            conn.connect()
    except urllib3.exceptions.HTTPError:  # requests has its own words for it
        return None
    finally:
        calls.frame = outer
    if _is_fit(pool, conn):
        return pool, conn
    pool._put_conn(conn)  # noqa: SLF001 - it is the next to be taken out again
    return None


def _is_own_pool(pool: Any) -> bool:
    """Whether a pool does what urllib3's own do, without a proxy."""
    return type(pool) in _CONNECTIONS and pool.proxy is None and _OF_POOLS.of(pool)


def _is_fit(pool: Any, conn: Any) -> bool:
    """Whether a call over this connection of a pool takes nothing but writing and reading."""
    if conn is None or type(conn) is not _CONNECTIONS.get(type(pool)) or not _is_own_pool(pool):
        return False
    if type(conn.sock) is not Stub or conn.sock.has_something():
        return False
    unread = getattr(conn, UNREAD, None)
    return (
        (unread is None or unread.isclosed())
        and "mockstatus_pending" not in conn.__dict__
        and (type(pool) is HTTPConnectionPool or conn.is_verified)
        and _OF_CONNECTIONS.of(conn)
    )


_CONNECTIONS: Final[dict[Any, Any]] = {HTTPConnectionPool: HTTPConnection, HTTPSConnectionPool: HTTPSConnection}


class _Keys:
    """By what key a manager keeps its pool for a place, as long as it would make the same one again."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Any, tuple[dict[str, Any], dict[Place, Any]]] = WeakKeyDictionary()

    def get(self, manager: Any, place: Place) -> Any:
        """The key; None where it is not known."""
        known = self._known.get(manager)
        if known is None or known[0] != manager.connection_pool_kw:
            return None
        return known[1].get(place)

    def learn(self, manager: Any, place: Place) -> None:
        """Look the key up, where its pool has just been asked for; of two, nobody knows which it was."""
        if type(manager) is not urllib3.PoolManager:
            return
        found = [key for key in manager.pools.keys() if _place(key) == place]  # noqa: SIM118 - it is no dict
        known = self._known.get(manager)
        if known is None or known[0] != manager.connection_pool_kw:
            known = self._known[manager] = (dict(manager.connection_pool_kw), {})
        if len(found) == 1:
            known[1][place] = found[0]


_keys: Final = _Keys()


def _place(key: Any) -> Place | None:
    """What calls a pool is for; None where it is for those with certificates of their own, or unverified ones."""
    if key.key_cert_reqs != "CERT_REQUIRED" or key.key_cert_file is not None:
        return None
    return key.key_scheme, key.key_host, key.key_port, key.key_ca_certs or key.key_ca_cert_dir or True
