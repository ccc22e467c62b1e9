"""What a connection of urllib3 does with an outcome.

A plain answer to a usual request is handed to urllib3 as http.client would have read it; everything else http.client
really reads, from a scripted socket. Knows connections; must not know how they came to be ours.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from http.client import CannotSendRequest
from http.client import HTTPConnection as PlainConnection
from typing import Any, Final, NamedTuple

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.util.ssl_ import resolve_cert_reqs

from mockstatus.adapters.http_client_lines import Scripted, Stub
from mockstatus.adapters.playing import Play
from mockstatus.adapters.urllib3_calls import calls, carried
from mockstatus.adapters.urllib3_failures import cannot_connect, hint, impossible, no_connection
from mockstatus.adapters.urllib3_incoming import (
    HeaderPairs,
    Sent,
    asks_leave,
    destination_of,
    forwards,
    incoming,
    is_usual,
)
from mockstatus.adapters.urllib3_outgoing import is_watched, respond
from mockstatus.adapters.urllib3_parking import give_up, park, put, take_out, unpark
from mockstatus.dispatch import View
from mockstatus.errors import UnmatchedRequest
from mockstatus.messages import Failure, Outcome, PassThrough, Request, Response, Timeouts
from mockstatus.passage import passing
from mockstatus.wire import phase_of


class Pending(NamedTuple):
    """A plain answer that waits for ``getresponse``."""

    response: Response
    sent: Sent
    view: View


def connect(conn: Any) -> None:
    """Stand for a connection; whether a real one is needed is known with the request."""
    if not isinstance(conn.sock, Stub):
        park(conn)
    put(Stub(conn.host, conn.port), conn)
    _shake_hands(conn)


def _shake_hands(conn: Any) -> None:
    """Leave on the connection what connecting leaves there of proxies and of certificates, which are all good."""
    proxy = conn.proxy
    if proxy is not None:
        conn._has_connected_to_proxy = True  # noqa: SLF001 - only a real connect() sets it
        conn.proxy_is_verified = False
    if isinstance(conn, HTTPSConnection):
        forwards = getattr(conn, "proxy_is_forwarding", False)  # urllib3 2.0 makes no difference
        conn.is_verified = not forwards and _verifies(conn.cert_reqs, conn.assert_fingerprint)
        if proxy is not None and (forwards or proxy.scheme == "https"):
            config = conn.proxy_config
            context = config.ssl_context if config is not None else None
            required = conn.cert_reqs if context is None else context.verify_mode
            conn.proxy_is_verified = _verifies(required, config.assert_fingerprint if config is not None else None)


def _verifies(required: Any, fingerprint: str | None) -> bool:
    """Whether a connection with these settings is refused unless the certificate is the right one."""
    return resolve_cert_reqs(required) == ssl.CERT_REQUIRED or bool(fingerprint)


def request(conn: Any, view: View, send: Callable[..., None], sent: Sent) -> None:
    """Offer a request, and have its outcome wait for ``getresponse``; or really send it."""
    try:
        _request(conn, view, send, sent)
    except BaseException:
        give_up(conn)
        raise


def _request(conn: Any, view: View, send: Callable[..., None], sent: Sent) -> None:
    if "mockstatus_pending" in conn.__dict__:
        raise CannotSendRequest("Request-sent")
    if sent.method == "CONNECT":
        raise carried(view.refuse(UnmatchedRequest(f"CONNECT {sent.url}: tunnels are not mocked")))
    if not is_usual(sent):
        _rehearse(conn, send, sent)
    asked, outcome = _ask(conn, view, sent)
    if conn.sock is None and not isinstance(outcome, PassThrough):
        connect(conn)
    if type(outcome) is Response and outcome.plain and not is_watched():
        conn.mockstatus_pending = Pending(outcome, sent, view)
    elif isinstance(outcome, PassThrough):
        _really_send(conn, send, sent)
    else:
        _play(conn, view, send, sent, asked, outcome)


def _ask(conn: Any, view: View, sent: Sent) -> tuple[Request, Outcome]:
    """The request as the routers see it, and what they say; they are asked once."""
    offered, calls.offered = calls.offered, None
    try:
        if offered is None:
            asked = _incoming(conn, sent)
            return asked, offer(view, asked)
        return offered.request, offered.settle()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not the network's
        raise carried(error) from None


def offer(view: View, asked: Request) -> Outcome:
    """What the routers say. A call that the user's own function makes meanwhile is no part of this one."""
    outer, calls.frame = calls.frame, None
    try:
        return view.offer(asked)
    finally:
        calls.frame = outer


def _incoming(conn: Any, sent: Sent) -> Request:
    """The request as the routers see it."""
    frame = calls.frame
    return incoming(
        sent,
        destination_of(conn, sent.url),
        "urllib3" if frame is None else frame.client,
        Timeouts(connect=conn.timeout) if frame is None or frame.pool is None else frame.timeouts(),
        is_forwarded=forwards(conn),
    )


def get_response(conn: Any, receive: Callable[[], Any]) -> Any:
    """The response to the request before."""
    pending: Pending | None = conn.__dict__.pop("mockstatus_pending", None)
    playing = conn.sock
    if pending is None and not isinstance(playing, Scripted):
        return receive()
    try:
        if pending is None:
            return receive()
        if pending.response.delay:
            _wait(conn, pending)
        return respond(conn, pending.response, pending.sent)
    except BaseException as error:
        give_up(conn)
        if isinstance(playing, Scripted) and error is playing.raised and isinstance(error, Exception):
            raise carried(error) from None
        raise


def _wait(conn: Any, pending: Pending) -> None:
    """Spend the delay of an answer. Raises TimeoutError where it is longer than the client waits."""
    delay, limit = pending.response.delay, conn.timeout
    if limit is not None and delay > limit:
        pending.view.waiter.wait(limit)
        raise TimeoutError("timed out")
    pending.view.waiter.wait(delay)


def _rehearse(conn: Any, send: Callable[..., None], sent: Sent) -> None:
    """Let http.client refuse the request, if it does, before anybody is asked for an answer."""
    before = conn.sock
    conn.sock = Stub(conn.host, conn.port)
    try:
        _send(conn, send, sent)
    finally:
        conn.sock = before
        _forget_request(conn)


def _forget_request(conn: Any) -> None:
    """Have http.client begin anew, as ``close`` does, without the other things that it does."""
    sock, conn.sock = conn.sock, None
    PlainConnection.close(conn)
    conn.sock = sock


def _send(conn: Any, send: Callable[..., None], sent: Sent) -> None:
    """Have http.client send the request; who waits for leave to send the body, as botocore does, is given it."""
    line = conn.sock
    if isinstance(line, Stub) and asks_leave(sent):
        line.says = _CONTINUE
    try:
        send(
            sent.method,
            sent.url,
            body=sent.body_again(),
            headers=HeaderPairs(sent.headers),
            chunked=sent.chunked,
            **sent.options,
        )
    finally:
        if isinstance(line, Stub):
            line.says = b""


_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


def _really_send(conn: Any, send: Callable[..., None], sent: Sent) -> None:
    """Send the request to where it is going, over a real connection, which is made now."""
    conn.mockstatus_passing = True
    try:
        with passing():
            if isinstance(conn.sock, Stub):
                take_out(conn)
                if not unpark(conn):
                    _really_connect(conn)
            _send(conn, send, sent)
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
            no_connection(view, asked)
        if phase == "connect":
            cannot_connect(conn, view, asked, outcome)
        if phase == "send":
            raise carried(impossible(outcome.fault, asked, "read_timeout", "its sending is not timed"))
    park(conn)
    put(Scripted(conn.host, conn.port, Play(outcome, view.waiter, hint(asked, "read"))), conn)
    _send(conn, send, sent)
