"""Keeps everything that is no intercepted client from the network. Knows sockets; must not know HTTP.

Connections and look-ups made through Python's ``socket`` module are judged by what is visible where they are made.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Final

from mockstatus.adapters.patching import Patch
from mockstatus.errors import BlockedConnection
from mockstatus.passage import lets_look_up
from mockstatus.policy import is_local, read_address
from mockstatus.unanswered import advice_here
from mockstatus.visibility import Outside, Sight, open_contexts, visible

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
_MOST_REMEMBERED = 4096
_resolved: dict[str, set[str]] = {}  # which names an address was looked up by


def patches() -> list[Patch]:
    """What is replaced in the ``socket`` module."""
    return [
        Patch(socket.socket, "connect", _guard_connect, own=False),
        Patch(socket.socket, "connect_ex", _guard_connect, own=False),
        Patch(socket.socket, "sendto", _guard_send, own=False),
        Patch(socket.socket, "sendmsg", _guard_send_message, own=False),
        Patch(socket, "getaddrinfo", _guard_look_up),
        Patch(socket, "gethostbyname", _guard_look_up),
        Patch(socket, "gethostbyname_ex", _guard_look_up),
        Patch(socket, "gethostbyaddr", _guard_look_up),
        Patch(socket, "getnameinfo", _guard_name),
    ]


def _guard_connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, /) -> Any:
        if self.family in _INTERNET:
            _check_address(
                address, sends=self.type != socket.SOCK_DGRAM
            )  # a datagram socket sends nothing by connecting
        return original(self, address)

    return update_wrapper(connect, original)


def _guard_send(original: Callable[..., Any]) -> Callable[..., Any]:
    def sendto(self: socket.socket, *arguments: Any) -> Any:
        if self.family in _INTERNET and arguments:
            _check_address(arguments[-1], sends=True)
        return original(self, *arguments)

    return update_wrapper(sendto, original)


def _guard_send_message(original: Callable[..., Any]) -> Callable[..., Any]:
    def sendmsg(self: socket.socket, *arguments: Any) -> Any:
        if self.family in _INTERNET and len(arguments) > 3 and arguments[3] is not None:
            _check_address(arguments[3], sends=True)
        return original(self, *arguments)

    return update_wrapper(sendmsg, original)


def _guard_look_up(original: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        name = _text(host)
        reverse = original.__name__ == "gethostbyaddr"
        if name and (reverse or read_address(name) is None):
            _check(name, None, looks_up=True)
        found = original(host, *arguments, **named)
        if name and original.__name__ == "getaddrinfo":
            _remember(name, [entry[4][0] for entry in found])
        return found

    return update_wrapper(look_up, original)


def _guard_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def getnameinfo(address: Any, flags: int, /) -> Any:
        if not flags & socket.NI_NUMERICHOST:
            _check(_text(address[0]), None, looks_up=True)
        return original(address, flags)

    return update_wrapper(getnameinfo, original)


def _text(host: object) -> str:
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("utf-8", "replace")
    return host if isinstance(host, str) else ""


def _remember(name: str, addresses: list[Any]) -> None:
    if len(_resolved) > _MOST_REMEMBERED:
        _resolved.clear()
    for address in addresses:
        _resolved.setdefault(str(address), set()).add(name)


def _check_address(address: Any, *, sends: bool) -> None:
    if isinstance(address, tuple) and len(address) >= 2:
        host = _text(address[0])
        if sends or read_address(host) is None:
            _check(host, address[1] if isinstance(address[1], int) else None, looks_up=False)


def _check(host: str, port: int | None, *, looks_up: bool) -> None:
    """Raise BlockedConnection, and remember it for the exit, unless the host may be reached from here."""
    if not host or is_local(host) or host == socket.gethostname():
        return
    sight = visible()
    if sight is None or (looks_up and lets_look_up()) or _is_allowed(sight, host, port, looks_up=looks_up):
        return
    names = " (" + ", ".join(sorted(_resolved[host])) + ")" if host in _resolved else ""
    where = f"{host}{names}" if port is None else f"{host}:{port}{names}"
    what = f"the look-up of {where}" if looks_up else f"a connection to {where}"
    error = BlockedConnection(
        f"mockstatus blocked {what}: while an activation is open, only intercepted clients and local services are reached. "
        f'To let it through, name it: activate(network=["{host}"]), or network="allow" for everything.{advice_here()}'
    )
    if isinstance(sight, Sight):
        sight.entries[0].record(error)
    raise error


def _is_allowed(sight: Sight | Outside, host: str, port: int | None, *, looks_up: bool) -> bool:
    """Whether ``network`` names the host, or a name that the address was looked up by."""
    names = [host, *_resolved.get(host, ())]
    if any(name != host and is_local(name) for name in names):
        return True
    if isinstance(sight, Outside) and looks_up:  # perhaps for a context that an event loop's thread does not know
        return any(entry.network is not None and entry.network.allows(host, port) for entry in open_contexts())
    return any(sight.network.allows(name, port) for name in names)
