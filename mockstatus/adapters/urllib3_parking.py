"""Real sockets of the user's that are put aside while answers are read from their connections. Knows no routers."""

from __future__ import annotations

import weakref
from typing import Any, Final, NamedTuple

from mockstatus.adapters.http_client_lines import Stub

UNREAD: Final = "_HTTPConnection__response"  # where http.client keeps a response until it is read
_stubbed: weakref.WeakSet[Any] = weakref.WeakSet()  # connections with a stub for a socket


class _Left:
    anything = False


def leaves_something() -> bool:
    """Whether there may be stubs in connections."""
    return _Left.anything


def put(stub: Stub, conn: Any) -> None:
    """Have a connection have a stub for its socket."""
    conn.sock = stub
    _stubbed.add(conn)
    _Left.anything = True


def take_out(conn: Any) -> None:
    """Have it have none."""
    conn.sock = None
    _stubbed.discard(conn)


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


def give_up(conn: Any) -> None:
    """Close the real socket of a connection that its pool gives up, as it does where anything goes wrong."""
    parked = _parked.pop(conn, None)
    if parked is not None:
        parked.close()


def leave_nothing() -> None:
    """Take all stubs out of their connections, and give the real sockets back."""
    _Left.anything = False  # first, so that what another thread puts meanwhile is not forgotten
    for conn in list(_stubbed):
        conn.__dict__.pop("mockstatus_pending", None)
        if isinstance(conn.sock, Stub):
            setattr(conn, UNREAD, None)  # whoever is still reading reads on
            conn.close()
    _stubbed.clear()
    for conn in list(_parked):
        if conn.sock is None:
            unpark(conn)
