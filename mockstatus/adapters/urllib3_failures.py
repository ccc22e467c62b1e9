"""What urllib3 raises where no connection comes about, in its own words. Knows its errors; reads nothing from a wire."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any, NoReturn

import urllib3
from urllib3.exceptions import ConnectTimeoutError, EmptyPoolError, NameResolutionError, NewConnectionError

from mockstatus.adapters.urllib3_calls import calls, carried
from mockstatus.dispatch import View
from mockstatus.errors import InvalidRoute, WouldHang
from mockstatus.messages import Failure, Request

_CERTIFICATE = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"


def no_connection(view: View, asked: Request) -> NoReturn:
    """Raise what a pool raises when all its connections are in use."""
    frame = calls.frame
    if frame is None or frame.client != "urllib3" or not frame.pool.block:
        why = "it waits for no connection, unless its pool was made with block=True"
        if asked.client == "requests":
            why = "it gives urllib3 no pool timeout"
        raise carried(impossible("pool_timeout", asked, "connect_timeout", why))
    if frame.pool_timeout is None:
        raise carried(WouldHang(hint(asked, "pool")))
    view.waiter.wait(frame.pool_timeout)
    error = EmptyPoolError(frame.pool, "Pool is empty and a new connection can't be opened due to blocking mode.")
    error.__suppress_context__ = True
    raise carried(error)


def cannot_connect(conn: Any, view: View, asked: Request, outcome: Failure) -> NoReturn:
    """Raise what ``connect`` raises when no connection can be made."""
    fault, delay, limit = outcome.fault, outcome.delay, conn.timeout
    if fault == "tls_failure" and asked.scheme == "http":
        raise carried(impossible("tls_failure", asked, "connection_reset", "there is no TLS in it"))
    if fault == "connect_timeout" or (limit is not None and delay > limit):
        if limit is None:
            raise carried(WouldHang(hint(asked, "connect")))
        view.waiter.wait(limit)
        late = TimeoutError("timed out")
        raise ConnectTimeoutError(conn, f"Connection to {conn.host} timed out. (connect timeout={limit})") from late
    view.waiter.wait(delay)
    if fault == "tls_failure":
        _refuse_certificate()
    if fault == "dns_failure":
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise NameResolutionError(conn.host, conn, unknown) from unknown
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    raise NewConnectionError(conn, f"Failed to establish a new connection: {refused}") from refused


def impossible(fault: object, asked: Request, nearest: str, why: str) -> InvalidRoute:
    """The error for a fault that this client cannot have."""
    return InvalidRoute(f"{fault} for {asked.client} cannot happen: {why}; the nearest that can is {nearest}")


def hint(asked: Request, kind: str) -> str:
    """What to say where a call would hang."""
    write = "pass timeout=5" if asked.client == "requests" else f"pass timeout=urllib3.Timeout({kind}=5)"
    if kind == "pool":
        write = "pass pool_timeout=5"
    return (
        f"{asked.method} {asked.url} would hang for ever, because {asked.client} was given no {kind} timeout: {write}"
    )


def _refuse_certificate() -> NoReturn:
    """As a pool makes it of what ``connect`` raises; without a pool, that itself."""
    error = ssl.SSLCertVerificationError(1, _CERTIFICATE)
    error.reason, error.library = "CERTIFICATE_VERIFY_FAILED", "SSL"
    error.verify_code, error.verify_message = 18, "self-signed certificate"
    frame = calls.frame
    if frame is None or frame.pool is None:
        raise error
    try:
        raise error
    except ssl.SSLError:
        raise urllib3.exceptions.SSLError(error)  # noqa: B904 - urllib3 does not say from
