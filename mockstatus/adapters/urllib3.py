"""The door of urllib3, and of what is built on it: what its connections do while an activation is open.

Pools, retries, redirects and errors are urllib3's own. A plain answer to a usual request is handed to it as http.client
would have read it; everything else http.client really reads, from a scripted socket.
"""

from __future__ import annotations

import copy
import errno
import inspect
import re
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, update_wrapper
from http.client import HTTPConnection as PlainConnection
from http.client import HTTPMessage
from http.client import HTTPResponse as ParsedResponse
from importlib.metadata import version
from typing import Any, NamedTuple, NoReturn

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, EmptyPoolError, NameResolutionError, NewConnectionError
from urllib3.util import SKIP_HEADER, Retry, Timeout, parse_url
from urllib3.util.request import body_to_chunks
from urllib3.util.ssl_ import resolve_cert_reqs

from mockstatus.adapters.http_client_lines import Answer, Scripted, Stub, close_descriptor
from mockstatus.adapters.patching import Patch, Plan
from mockstatus.adapters.playing import Play
from mockstatus.dispatch import View, make_view
from mockstatus.errors import InvalidRoute, UnmatchedRequest, WouldHang
from mockstatus.messages import Failure, PassThrough, Request, Response, Timeouts
from mockstatus.passage import passing
from mockstatus.policy import NetworkLike
from mockstatus.router import Router
from mockstatus.urls import DEFAULT_PORTS, canonical_host
from mockstatus.visibility import visible
from mockstatus.waiting import TimeMode
from mockstatus.wire import phase_of

_CERTIFICATE = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"


class Carried(BaseException):
    """Takes an exception of the user's or ours through urllib3, which would treat it as one of the network's.

    No Exception, so that nothing on the way catches it; the outermost hook takes the exception out again.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


# --- what is known of the call that is being made ---------------------------------------------------------------------


class Frame:
    """A call of ``urlopen`` in this thread: what a connection is not told."""

    __slots__ = ("client", "outer", "pool", "pool_timeout", "timeout")

    def __init__(self, outer: Frame | None, client: str, pool: Any, timeout: Any, pool_timeout: float | None) -> None:
        self.outer = outer
        self.client = client
        self.pool = pool
        self.timeout = timeout
        self.pool_timeout = pool_timeout

    def timeouts(self) -> Timeouts:
        """The timeouts of the call, as far as they can be said before it begins."""
        timeout = self.timeout
        if timeout is None or isinstance(timeout, (int, float)):
            timeout = Timeout.from_float(timeout)
        elif not isinstance(timeout, Timeout):
            timeout = self.pool.timeout
        timeout = timeout.clone()
        timeout.start_connect()
        resolve = Timeout.resolve_default_timeout
        return Timeouts(
            connect=resolve(timeout.connect_timeout), read=resolve(timeout.read_timeout), pool=self.pool_timeout
        )


class _Calls(threading.local):
    """The calls that are under way in this thread, the innermost one."""

    frame: Frame | None = None


calls = _Calls()


@contextmanager
def calling(client: str) -> Iterator[None]:
    """Around a call of a client that is built on urllib3: it takes carried exceptions out itself."""
    outer = calls.frame
    calls.frame = Frame(outer, client, None, None, None)
    try:
        yield
    finally:
        calls.frame = outer


def client_here() -> str:
    """Which client is calling in this thread."""
    frame = calls.frame
    return "urllib3" if frame is None else frame.client


# --- incoming ---------------------------------------------------------------------------------------------------------


class Sent(NamedTuple):
    """The arguments of ``HTTPConnection.request``, with the body read."""

    method: str
    url: str
    headers: Sequence[tuple[Any, Any]]
    body: bytes | None
    content_length: int | None
    chunked: bool
    options: dict[str, bool]

    def body_again(self) -> Any:
        """The body to be sent once more, framed as the one that was read."""
        return iter((self.body,)) if self.body is not None and self.content_length is None else self.body


class Pending(NamedTuple):
    """A plain answer that waits for ``getresponse``."""

    response: Response
    sent: Sent
    view: View


def read_sent(
    conn: Any, method: str, url: str, body: Any, headers: Any, options: dict[str, bool], *, chunked: bool
) -> Sent:
    """The arguments of a request, the body read once."""
    pairs = () if headers is None else tuple(headers.items())
    chunks, length = body_to_chunks(body, method=method, blocksize=conn.blocksize)
    content = None if chunks is None else b"".join([to_bytes(chunk) for chunk in chunks])
    return Sent(method, url, pairs, content, length, chunked, options)


def to_bytes(chunk: Any) -> bytes:
    """A chunk of a body as urllib3 sends it."""
    return chunk.encode("utf-8") if isinstance(chunk, str) else bytes(chunk)


def incoming(conn: Any, sent: Sent) -> Request:
    """The request as a router sees it: to the origin, whatever proxy there is."""
    scheme, host, port, target = _destination(conn, sent.url)
    frame = calls.frame
    return Request(
        sent.method,
        scheme,
        canonical_host(host),
        port,
        target,
        lambda: _wire_headers(conn, sent, scheme, host.rstrip("."), port),
        sent.body or b"",
        "urllib3" if frame is None else frame.client,
        Timeouts(connect=conn.timeout) if frame is None or frame.pool is None else frame.timeouts,
    )


def _destination(conn: Any, url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and target of where a request is going."""
    if url[:1] == "/":
        tunnel = conn._tunnel_host  # noqa: SLF001 - what set_tunnel was told is nowhere else
        if tunnel:
            return "https", tunnel, conn._tunnel_port or 443, url  # noqa: SLF001
        scheme = "https" if conn.default_port == 443 else "http"
        host = getattr(conn, "_dns_host", conn.host)  # with the dot at its end that conn.host leaves out
        return scheme, host, conn.port or conn.default_port, url
    parts = parse_url(url)
    scheme = parts.scheme or "http"
    return scheme, parts.host or conn.host, parts.port or DEFAULT_PORTS.get(scheme, 80), parts.request_uri


def _wire_headers(conn: Any, sent: Sent, scheme: str, host: str, port: int) -> list[tuple[str, str]]:
    """The header fields that urllib3 and http.client send for these arguments, in their order."""
    given = [(_text(name), _text(value)) for name, value in sent.headers if value != SKIP_HEADER]
    names = {_text(name).lower() for name, _ in sent.headers}
    found: list[tuple[str, str]] = []
    if "host" not in names:
        shown = f"[{host.strip('[]')}]" if ":" in host else host
        found.append(("Host", shown if port == DEFAULT_PORTS.get(scheme) else f"{shown}:{port}"))
    if "accept-encoding" not in names:
        found.append(("Accept-Encoding", "identity"))
    if sent.chunked:
        if "transfer-encoding" not in names:
            found.append(("Transfer-Encoding", "chunked"))
    elif "content-length" not in names and "transfer-encoding" not in names:
        if sent.content_length is not None:
            found.append(("Content-Length", str(sent.content_length)))
        elif sent.body is not None:
            found.append(("Transfer-Encoding", "chunked"))
    if "user-agent" not in names:
        found.append(("User-Agent", _DEFAULT_USER_AGENT))
    forwarded = conn.proxy is not None and conn.proxy_is_forwarding
    return found + [pair for pair in given if not (forwarded and pair[0].lower().startswith("proxy-"))]


_DEFAULT_USER_AGENT = f"python-urllib3/{version('urllib3')}"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- which requests are usual -----------------------------------------------------------------------------------------

_METHOD = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_URL = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\u0100-\U0010ffff]*")
_known_fields: set[tuple[Any, Any]] = set()
_MOST_KNOWN = 4096


def is_usual(sent: Sent) -> bool:
    """Whether http.client would send the request as it stands."""
    if not (_METHOD.fullmatch(sent.method) and _URL.fullmatch(sent.url)):
        return False
    return all(pair in _known_fields or _learn(pair) for pair in sent.headers)


def _learn(pair: tuple[Any, Any]) -> bool:
    """Look at a header field."""
    name, value = pair
    if not isinstance(name, str) or not isinstance(value, (str, bytes, int)):
        return False
    if name.lower() == "expect" or not (_NAME.fullmatch(name) and _VALUE.fullmatch(_text(value))):
        return False
    if len(_known_fields) > _MOST_KNOWN:
        _known_fields.clear()
    _known_fields.add(pair)
    return True


# --- a call -----------------------------------------------------------------------------------------------------------


def connect(conn: Any) -> None:
    """Stand for a connection; whether a real one is needed is known with the request."""
    if not isinstance(conn.sock, Stub):
        park(conn)
    conn.sock = Stub(conn.host, conn.port)
    stubbed.add(conn)
    is_tls = isinstance(conn, HTTPSConnection)
    if is_tls:
        verified = resolve_cert_reqs(conn.cert_reqs) == ssl.CERT_REQUIRED or bool(conn.assert_fingerprint)
        conn.is_verified = verified and not conn.proxy_is_forwarding
    if conn.proxy is not None:
        conn._has_connected_to_proxy = True  # noqa: SLF001 - only a real connect() sets it
        conn.proxy_is_verified = is_tls and conn.is_verified if conn.proxy.scheme == "https" else False


def request(conn: Any, view: View, send: Callable[..., None], sent: Sent) -> None:
    """Offer a request, and have its outcome wait for ``getresponse``; or really send it."""
    if sent.method == "CONNECT":
        raise carried(view.refuse(UnmatchedRequest(f"CONNECT {sent.url}: tunnels are not mocked")))
    if not is_usual(sent):
        _rehearse(conn, send, sent)
    asked = incoming(conn, sent)
    try:
        outcome = view.offer(asked)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not the network's
        raise carried(error) from None
    if conn.sock is None and not isinstance(outcome, PassThrough):
        connect(conn)
    if type(outcome) is Response and outcome.plain:
        conn.mockstatus_pending = Pending(outcome, sent, view)
    elif isinstance(outcome, PassThrough):
        _really_send(conn, send, sent)
    else:
        _play(conn, view, send, sent, asked, outcome)


def get_response(conn: Any, receive: Callable[[], Any]) -> Any:
    """The response to the request before."""
    pending: Pending | None = conn.__dict__.pop("mockstatus_pending", None)
    if pending is not None:
        return _respond(conn, pending)
    playing = conn.sock
    if not isinstance(playing, Scripted):
        return receive()
    try:
        return receive()
    except Exception as error:
        if error is playing.raised:
            raise carried(error) from None
        raise


def carried(error: BaseException) -> BaseException:
    """The exception, so that urllib3 lets it through; as it is where no hook is there to take it out."""
    return error if calls.frame is None else Carried(error)


def _respond(conn: Any, pending: Pending) -> Any:
    """A plain answer as urllib3's response around http.client's, as reading it from a socket would have made them."""
    response, sent, view = pending
    delay = response.delay
    if delay:
        limit = conn.timeout
        if limit is not None and delay > limit:
            view.waiter.wait(limit)
            raise TimeoutError("timed out")
        view.waiter.wait(delay)
    head = response.head
    pairs = head.pairs(response.date)
    message = HTTPMessage()
    for name, value in pairs:
        message.set_raw(name, value)
    parsed = ParsedResponse(Answer(response.content), method=sent.method)  # type: ignore[arg-type] # a file is all it wants
    parsed.headers = parsed.msg = message
    parsed.version = 11
    parsed.code = parsed.status = head.status  # type: ignore[attr-defined]
    parsed.reason = head.reason
    parsed.chunked = False
    parsed.will_close = False
    parsed.length = 0 if response.framing == "none" else len(response.content)
    make: Any = urllib3.HTTPResponse
    return make(
        body=parsed,
        headers=urllib3.HTTPHeaderDict(pairs),
        status=head.status,
        version=11,
        reason=head.reason,
        original_response=parsed,
        request_method=sent.method,
        request_url=sent.url,
        **_newer_arguments(conn),
        **sent.options,
    )


_ARGUMENTS = frozenset(inspect.signature(urllib3.HTTPResponse).parameters)


def _newer_arguments(conn: Any) -> dict[str, Any]:
    """Arguments that not every version of urllib3's response takes."""
    newer = {"version_string": "HTTP/1.1", "sock_shutdown": conn.sock.shutdown}
    return {name: value for name, value in newer.items() if name in _ARGUMENTS}


def _rehearse(conn: Any, send: Callable[..., None], sent: Sent) -> None:
    """Let http.client refuse the request, if it does, before anybody is asked for an answer."""
    before = conn.sock
    conn.sock = Stub(conn.host, conn.port)
    try:
        _send(send, sent)
    finally:
        conn.sock = before
        _forget_request(conn)


def _forget_request(conn: Any) -> None:
    """Have http.client begin anew, as ``close`` does, without the other things that it does."""
    sock, conn.sock = conn.sock, None
    PlainConnection.close(conn)
    conn.sock = sock


def _send(send: Callable[..., None], sent: Sent) -> None:
    send(
        sent.method,
        sent.url,
        body=sent.body_again(),
        headers=HeaderPairs(sent.headers),
        chunked=sent.chunked,
        **sent.options,
    )


class HeaderPairs:
    """Header fields as ``request`` reads them: names, and items with repeats."""

    def __init__(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[Any]:
        return iter([name for name, _ in self._pairs])

    def items(self) -> Sequence[tuple[Any, Any]]:
        """All pairs."""
        return self._pairs


def _really_send(conn: Any, send: Callable[..., None], sent: Sent) -> None:
    """Send the request to where it is going, over a real connection, which is made now."""
    conn.mockstatus_passing = True
    try:
        with passing():
            if isinstance(conn.sock, Stub):
                stubbed.discard(conn)
                conn.sock = None
                if not unpark(conn):
                    _really_connect(conn)
            _send(send, sent)
    finally:
        del conn.mockstatus_passing


def _really_connect(conn: Any) -> None:
    try:
        conn.connect()
    except ConnectionError as error:  # the pool would take it for one that came after the request was sent
        raise urllib3.exceptions.ProtocolError("Connection aborted.", error) from error


def _play(conn: Any, view: View, send: Callable[..., None], sent: Sent, asked: Request, outcome: Any) -> None:
    """Have an outcome happen to the connection."""
    if isinstance(outcome, Failure):
        if isinstance(outcome.fault, BaseException):
            view.waiter.wait(outcome.delay)
            raise carried(outcome.fault)
        phase = phase_of(outcome)
        if phase == "pool":
            _no_connection(view, asked)
        if phase == "connect":
            _cannot_connect(conn, view, asked, outcome)
        if phase == "send":
            raise carried(_impossible(outcome.fault, asked, "read_timeout", "its sending is not timed"))
    park(conn)
    conn.sock = Scripted(conn.host, conn.port, Play(outcome, view.waiter, _hint(asked, "read")))
    stubbed.add(conn)
    _send(send, sent)


def _no_connection(view: View, asked: Request) -> NoReturn:
    """Every connection of the pool is in use."""
    frame = calls.frame
    if frame is None or frame.client != "urllib3" or not frame.pool.block:
        why = "it waits for no connection, unless its pool was made with block=True"
        if asked.client == "requests":
            why = "it gives urllib3 no pool timeout"
        raise carried(_impossible("pool_timeout", asked, "connect_timeout", why))
    if frame.pool_timeout is None:
        raise carried(WouldHang(_hint(asked, "pool")))
    view.waiter.wait(frame.pool_timeout)
    error = EmptyPoolError(frame.pool, "Pool is empty and a new connection can't be opened due to blocking mode.")
    error.__suppress_context__ = True
    raise carried(error)


def _cannot_connect(conn: Any, view: View, asked: Request, outcome: Failure) -> NoReturn:
    """The connection could not be made, in the words of ``HTTPConnection.connect``."""
    fault, delay, limit = outcome.fault, outcome.delay, conn.timeout
    if fault == "tls_failure" and asked.scheme == "http":
        raise carried(_impossible("tls_failure", asked, "connection_reset", "there is no TLS in it"))
    if fault == "connect_timeout" or (limit is not None and delay > limit):
        if limit is None:
            raise carried(WouldHang(_hint(asked, "connect")))
        view.waiter.wait(limit)
        late = TimeoutError("timed out")
        raise ConnectTimeoutError(conn, f"Connection to {conn.host} timed out. (connect timeout={limit})") from late
    view.waiter.wait(delay)
    if fault == "tls_failure":
        raise ssl.SSLCertVerificationError(1, _CERTIFICATE)
    if fault == "dns_failure":
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise NameResolutionError(conn.host, conn, unknown) from unknown
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    raise NewConnectionError(conn, f"Failed to establish a new connection: {refused}") from refused


def _impossible(fault: object, asked: Request, nearest: str, why: str) -> InvalidRoute:
    return InvalidRoute(f"{fault} for {asked.client} cannot happen: {why}; the nearest that can is {nearest}")


def _hint(asked: Request, kind: str) -> str:
    write = "pass timeout=5" if asked.client == "requests" else f"pass timeout=urllib3.Timeout({kind}=5)"
    if kind == "pool":
        write = "pass pool_timeout=5"
    return (
        f"{asked.method} {asked.url} would hang for ever, because {asked.client} was given no {kind} timeout: {write}"
    )


# --- connections of the user's that were open before ------------------------------------------------------------------

stubbed: weakref.WeakSet[Any] = weakref.WeakSet()  # connections with a stub for a socket


class Parked(NamedTuple):
    """A real socket that was taken out of a connection, what was known of it, and what closes it with the connection."""

    sock: Any
    is_verified: bool
    proxy_is_verified: bool | None
    close: weakref.finalize[Any, Any]


_parked: weakref.WeakKeyDictionary[Any, Parked] = weakref.WeakKeyDictionary()


def park(conn: Any) -> None:
    """Put a real socket aside, where an answer is to be read from the connection."""
    sock = conn.sock
    if sock is not None and not isinstance(sock, Stub):
        close = weakref.finalize(conn, sock.close)
        _parked[conn] = Parked(sock, conn.is_verified, conn.proxy_is_verified, close)


def unpark(conn: Any) -> bool:
    """Give a connection its real socket back; whether it had one."""
    parked = _parked.pop(conn, None)
    if parked is None:
        return False
    parked.close.detach()
    conn.sock, conn.is_verified, conn.proxy_is_verified = parked[:3]
    return True


def clean_up() -> None:
    """Leave nothing of ours in any pool."""
    if not _Inner.applied:
        return
    with _Inner.lock:
        _inner_plan().undo()
        _Inner.applied = False
    for conn in list(stubbed):
        conn.__dict__.pop("mockstatus_pending", None)
        if isinstance(conn.sock, Stub):
            conn.close()
    stubbed.clear()
    for conn in list(_parked):
        if conn.sock is None:
            unpark(conn)
    close_descriptor()


# --- hooks ------------------------------------------------------------------------------------------------------------


@cache
def patches() -> tuple[Patch, ...]:
    """What is replaced in urllib3, the same for requests: where a call begins; the rest when the first one does.

    Raises UnsupportedClient where something is missing.
    """
    _inner_plan()
    return (
        Patch(HTTPConnectionPool, "urlopen", _urlopen_hook),
        Patch(HTTPConnection, "request", _request_hook),
    )


@cache
def _inner_plan() -> Plan:
    """What is replaced once there is a call."""
    return Plan(
        (
            Patch(HTTPConnection, "connect", _connect_hook),
            Patch(HTTPSConnection, "connect", _connect_hook),
            Patch(HTTPConnection, "getresponse", _getresponse_hook),
            Patch(Retry, "sleep", _sleep_hook),
            Patch(Retry, "sleep_for_retry", _sleep_for_retry_hook),
        )
    )


class _Inner:
    """Whether the inner hooks are in place."""

    applied = False
    lock = threading.Lock()


def _apply_inner() -> None:
    with _Inner.lock:
        if not _Inner.applied:
            _inner_plan().apply()
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
        if not _Inner.applied:
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
        if not _Inner.applied:
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


def skip_sleep(retry: Retry, response: Any, view: View) -> None:
    """Spend the pause between two attempts, as long as ``Retry.sleep`` would have made it."""
    if retry.respect_retry_after_header and response and retry.sleep_for_retry(response):
        return
    seconds = retry.get_backoff_time()
    if seconds > 0:
        view.waiter.wait(seconds)


def skip_retry_after(retry: Retry, response: Any, view: View) -> bool:
    """Spend what a Retry-After asks for; a date is one on the router's clock."""
    seconds = retry.get_retry_after(response)
    if not seconds:
        return False
    if not str(response.headers.get("Retry-After", "")).strip().isdigit() and view.routers:
        seconds = max(0.0, seconds - view.routers[0].clock.lead())
    view.waiter.wait(seconds)
    return True


# --- explicit use -----------------------------------------------------------------------------------------------------


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


class SkippingRetry:
    """Retries that spend their pauses as a view says."""

    mockstatus_view: View

    def sleep(self, response: Any = None) -> None:
        """Spend the pause between two attempts."""
        skip_sleep(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too

    def sleep_for_retry(self, response: Any) -> bool:
        """Spend what a Retry-After asks for."""
        return skip_retry_after(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too
