"""Keeps everything that is no intercepted client from the network. Knows sockets; must not know HTTP.

Connections and look-ups made through Python's ``socket`` module are judged by what is visible where they are made.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterable
from functools import update_wrapper
from types import ModuleType
from typing import Any, Final
from weakref import WeakSet

from mockstatus.adapters.patching import Patch, Plan
from mockstatus.errors import BlockedConnection
from mockstatus.passage import lets_look_up, passage_here
from mockstatus.policy import is_local, read_address
from mockstatus.unanswered import advice_here
from mockstatus.visibility import Outside, Sight, open_contexts, visible

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)
_MOST_REMEMBERED: Final = 4096
_resolved: Final[dict[str, set[str]]] = {}  # which names an address was looked up by, since the first activation began
_silent: Final[WeakSet[socket.socket]] = WeakSet()  # datagram sockets whose peer nothing may be sent to

LOOPS: Final = "asyncio.base_events"  # the module of the event loops, which look names up in threads without context


def patches() -> list[Patch]:
    """What is replaced in the ``socket`` module."""
    return [
        Patch(socket.socket, "connect", _guard_connect, own=False),
        Patch(socket.socket, "connect_ex", _guard_connect, own=False),
        Patch(socket.socket, "sendto", _guard_send_to, own=False),
        Patch(socket.socket, "sendmsg", _guard_send_message, own=False),
        Patch(socket, "getaddrinfo", _guard_look_up),
        Patch(socket, "gethostbyname", _guard_host_by_name),
        Patch(socket, "gethostbyname_ex", _guard_host_by_name),
        Patch(socket, "gethostbyaddr", _guard_host_by_address),
        Patch(socket, "getnameinfo", _guard_name),
    ]


def loop_patches(module: ModuleType) -> list[Patch]:
    """What is replaced in asyncio's event loops."""
    return [Patch(module.BaseEventLoop, "getaddrinfo", _guard_loop_look_up)]


def clean_up() -> None:
    """Forget what was looked up: names have other addresses tomorrow."""
    _resolved.clear()
    while _late:
        _late.pop().undo()
        _silent.clear()


# --- connections ------------------------------------------------------------------------------------------------------


def _guard_connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, /) -> Any:
        if self.family in _INTERNET:
            try:
                _check_connection(self, address)
            except BlockedConnection:
                if _is_create_connection(sys._getframe(1)):  # noqa: SLF001 - which closes its socket for an OSError alone
                    self.close()
                raise
        return original(self, address)

    return update_wrapper(connect, original)


def _check_connection(sock: socket.socket, address: Any) -> None:
    if sock.type != socket.SOCK_DGRAM:
        _check_address(address)
        return
    _silent.discard(sock)
    host = _host_of(address)
    if host is None:
        return
    if read_address(host) is None:
        _check_address(address)
    elif not is_local(host):  # connecting sends nothing: it is how programs find out their own address
        _silent.add(sock)
        with _lock:
            if not _sending.is_in_place():
                _sending.apply()
                _late.append(_sending)


def _is_create_connection(frame: Any) -> bool:
    """Whether a socket was made by a function such as ``socket.create_connection``, that keeps it to itself."""
    for _ in range(4):  # another library may have wrapped what we have replaced
        if frame is None:
            return False
        if frame.f_code.co_name == "create_connection":
            return True
        frame = frame.f_back
    return False


def _guard_send(original: Callable[..., Any]) -> Callable[..., Any]:
    def send(self: socket.socket, *arguments: Any) -> Any:
        if _silent and self in _silent:
            _check_peer(self)
        return original(self, *arguments)

    return update_wrapper(send, original)


_lock: Final = threading.Lock()
_late: Final[list[Plan]] = []  # what was applied since the first activation began
_sending: Final = Plan(  # in place once there is such a socket, as all sockets pay for it
    [Patch(socket.socket, "send", _guard_send, own=False), Patch(socket.socket, "sendall", _guard_send, own=False)]
)


def _guard_send_to(original: Callable[..., Any]) -> Callable[..., Any]:
    def sendto(self: socket.socket, *arguments: Any) -> Any:
        if self.family in _INTERNET and arguments:
            _check_address(arguments[-1])
        return original(self, *arguments)

    return update_wrapper(sendto, original)


def _guard_send_message(original: Callable[..., Any]) -> Callable[..., Any]:
    def sendmsg(self: socket.socket, *arguments: Any) -> Any:
        if self.family in _INTERNET and len(arguments) > 3 and arguments[3] is not None:
            _check_address(arguments[3])
        elif _silent and self in _silent:
            _check_peer(self)
        return original(self, *arguments)

    return update_wrapper(sendmsg, original)


def _check_peer(sock: socket.socket) -> None:
    try:
        peer = sock.getpeername()
    except OSError:  # it is not connected any more, and sending will say so
        return
    _check_address(peer)


def _host_of(address: Any) -> str | None:
    """The host of an address of the internet; None for what is no such address, which fails by itself."""
    return _text(address[0]) if isinstance(address, tuple) and len(address) >= 2 else None


def _check_address(address: Any) -> None:
    host = _host_of(address)
    if host is not None:
        _check(host, address[1] if isinstance(address[1], int) else None, looks_up=False)


# --- look-ups ---------------------------------------------------------------------------------------------------------


class _Vouched(str):
    """A name that an event loop has been allowed to look up, on its way to the thread that does."""

    __slots__ = ()


def _guard_look_up(original: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        name = _text(host)
        if isinstance(host, _Vouched):
            host = str(host)
        elif _sends(name, named.get("flags", arguments[4] if len(arguments) > 4 else 0)):
            _check(name, None, looks_up=True)
        found = original(host, *arguments, **named)
        _remember(name, found)
        return found

    return update_wrapper(getaddrinfo, original)


def _guard_loop_look_up(original: Callable[..., Any]) -> Callable[..., Any]:
    """Judged where it is asked for: the thread that will do it has no context."""

    async def getaddrinfo(self: Any, host: Any, *arguments: Any, **named: Any) -> Any:
        name = _text(host)
        if _sends(name, named.get("flags", 0)):
            _check(name, None, looks_up=True)
            host = _Vouched(name)
        found = await original(self, host, *arguments, **named)
        _remember(name, found)
        return found

    return update_wrapper(getaddrinfo, original)


def _guard_host_by_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyname(host: Any, /) -> Any:
        name = _text(host)
        if _sends(name, 0):
            _check(name, None, looks_up=True)
        found = original(host)
        if isinstance(found, str):
            _remember_addresses(name, [found])
        elif isinstance(found, tuple) and len(found) == 3:  # of gethostbyname_ex
            _remember_addresses(name, found[2])
        return found

    return update_wrapper(gethostbyname, original)


def _guard_host_by_address(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyaddr(host: Any, /) -> Any:
        _check(_text(host), None, looks_up=True)
        return original(host)

    return update_wrapper(gethostbyaddr, original)


def _guard_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def getnameinfo(address: Any, flags: int, /) -> Any:
        host = _host_of(address)
        if host is not None and not flags & socket.NI_NUMERICHOST:
            _check(host, None, looks_up=True)
        return original(address, flags)

    return update_wrapper(getnameinfo, original)


def _sends(name: str, flags: int) -> bool:
    """Whether a look-up may send something: not of an address, and not if only an address will do."""
    return bool(name) and not flags & socket.AI_NUMERICHOST and read_address(name) is None


def _text(host: object) -> str:
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("utf-8", "replace")
    return host if isinstance(host, str) else ""


def _remember(name: str, found: object) -> None:
    """Remember which addresses a look-up has found."""
    if name and isinstance(found, list) and read_address(name) is None:  # a test may have replaced what finds it
        _remember_addresses(name, [entry[4][0] for entry in found])


def _remember_addresses(name: str, addresses: Iterable[Any]) -> None:
    plain = [_canonical(str(address)) for address in addresses]
    if len(_resolved) > _MOST_REMEMBERED:
        _resolved.clear()
    for address in plain:
        _resolved.setdefault(address, set()).add(str(name))
    passage = passage_here()
    if passage is not None:
        passage.resolve(_canonical(name), plain)


def _canonical(host: str) -> str:
    """A host in the one spelling in which it is remembered."""
    address = read_address(host)
    return host.lower().rstrip(".") if address is None else str(address)


# --- judging ----------------------------------------------------------------------------------------------------------


def _check(host: str, port: int | None, *, looks_up: bool) -> None:
    """Raise BlockedConnection, and remember it for the exit, unless the host may be reached from here."""
    if not host or is_local(host) or host == socket.gethostname():
        return
    plain = _canonical(host)
    passage = passage_here()
    if (passage is not None and passage.lets(plain)) or (looks_up and lets_look_up(plain)):
        return
    sight = visible()
    names = _resolved.get(plain, set())
    if sight is None or _is_allowed(sight, [host, *names], port, looks_up=looks_up):
        return
    raise _blocked(sight, host, port, names, looks_up=looks_up)


def _is_allowed(sight: Sight | Outside, names: list[str], port: int | None, *, looks_up: bool) -> bool:
    """Whether ``network`` names the host, or a name that the address was looked up by."""
    if any(is_local(name) for name in names[1:]):
        return True
    if isinstance(sight, Outside) and looks_up:  # perhaps for a context that an event loop's thread does not know
        return any(entry.network is not None and entry.network.allows(names[0], port) for entry in open_contexts())
    return any(sight.network.allows(name, port) for name in names)


def _blocked(
    sight: Sight | Outside, host: str, port: int | None, names: Iterable[str], *, looks_up: bool
) -> BlockedConnection:
    """The error for a connection or look-up, remembered for the exit of the innermost activation."""
    known = f" ({', '.join(sorted(names))})" if names else ""
    where = f"{host}{known}" if port is None else f"{f'[{host}]' if ':' in host else host}:{port}{known}"
    what = f"the look-up of {where}" if looks_up else f"a connection to {where}"
    error = BlockedConnection(
        f"mockstatus blocked {what}: while an activation is open, only intercepted clients and local services are reached. "
        f'To let it through, name it: activate(network=["{host}"]), or network="allow" for everything.{advice_here()}'
    )
    if isinstance(sight, Sight):
        sight.entries[0].record(error)
    else:
        error.add_note(
            'No activation is visible here, while one with scope="context" is open: mockstatus.carry(function) gives the '
            "function of a thread or callback the context it was made in."
        )
    return error
