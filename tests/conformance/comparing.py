"""Runs a case in both worlds and names every field in which what the caller saw differs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from email.utils import format_datetime
from os.path import commonprefix
from types import SimpleNamespace
from typing import Any, NamedTuple

import urllib3.util.retry

from mockstatus.faults import FAULTS

from . import aiohttp_client, httpx_clients, requests_client, urllib3_client
from .case import CLIENTS, Case
from .plain_http import DATE
from .seen import Logs, Seen, kept_logs
from .server import Received, Server
from .worlds import NOW, MockWorld, WarmWorld, World, names_of

WAYS = ("activate", "explicit")


class Door(NamedTuple):
    """One way into mockstatus: a client, and how it is given the routes."""

    client: str
    way: str

    def __str__(self) -> str:
        return f"{self.client}-{self.way}"


DOORS = [Door(client, way) for client in CLIENTS for way in WAYS]

_observe: dict[str, Callable[[str, Case, World], Seen]] = {
    "requests": requests_client.observe,
    "urllib3": urllib3_client.observe,
    "aiohttp": aiohttp_client.observe,
}


def _see(client: str, case: Case, world: World, logs: Logs) -> Seen:
    seen = _observe.get(client, httpx_clients.observe)(client, case, world)
    seen["log"] = logs.of_this_thread()
    return seen


# --- the two worlds ---------------------------------------------------------------------------------------------------


class Reality(NamedTuple):
    """What a client saw of a real server, and at which port."""

    port: int
    seen: Seen


def see_realities(case: Case) -> dict[str, Reality]:
    """Make the calls of a case to real servers, with every client that it is for.

    All at once, so that what they wait for is waited for once; but where something is replaced for them, one by one.
    """
    with kept_logs() as logs:
        if case.counts_sleep or case.host != "127.0.0.1":
            return {client: see_reality(client, case, logs) for client in case.clients}
        with ThreadPoolExecutor(len(case.clients)) as pool:
            seen = pool.map(lambda client: see_reality(client, case, logs), case.clients)
            return dict(zip(case.clients, seen, strict=True))


def see_reality(client: str, case: Case, logs: Logs) -> Reality:
    """Make the calls of a case to a real server."""
    slept: list[float] = []
    server = Server(
        case.listening,
        lambda sent: sent.replace(DATE.encode(), _date_after(sum(slept)).encode()),
        tls=case.scheme == "https",
    )
    server.pages = {page.path: page.wire for page in case.pages_at(server.port)}
    with server:
        named = nullcontext() if case.host == "127.0.0.1" else names_of(case.host)
        with named, _sleeps_counted(slept) if case.counts_sleep else nullcontext():
            seen = _see(client, case, World(server.port), logs)
    assert not server.problems, server.problems
    seen["requests"] = [_listed(received) for received in server.received]  # also what was read after the client left
    if case.counts_sleep:
        seen["slept"] = sum(slept)
    return Reality(server.port, without_chance(seen))


def see_mock(door: Door, case: Case, port: int) -> Seen:
    """Make the calls of a case through mockstatus, to the URLs that the real server had."""
    world = MockWorld(case, port, explicit=door.way == "explicit")
    with kept_logs() as logs:
        seen = _see(door.client, case, world, logs)
    arrived = [call.request for call in world.router.calls if not _unheard(call.fault)]
    seen["requests"] = [
        _listed(Received(one.method, one.target, tuple(one.headers.multi_items()), one.content)) for one in arrived
    ]
    if case.counts_sleep:
        seen["slept"] = world.router.clock.elapsed
    return without_chance(seen)


def see_unlogged(case: Case, world: MockWorld) -> Seen:
    """The same with requests, and nobody looks at what is logged."""
    with kept_logs(logging.WARNING) as logs:
        seen = _see("requests", case, world, logs)
    seen["requests"] = [(call.request.method, call.request.url, call.fault) for call in world.router.calls]
    seen["slept"] = world.router.clock.elapsed
    return without_chance(seen)


def _listed(received: Received) -> tuple[Any, ...]:
    return received.method, received.target, list(received.headers), received.body


def _date_after(seconds: float) -> str:
    """The date of a server whose clock went on while the client would have slept."""
    return format_datetime(NOW + timedelta(seconds=int(seconds)), usegmt=True)


def _unheard(fault: object) -> bool:
    """Whether no server would have received the whole request, which the journal has all the same."""
    return isinstance(fault, str) and FAULTS[fault].phase in ("pool", "connect", "send")


@contextmanager
def _sleeps_counted(slept: list[float]) -> Iterator[None]:
    """Have urllib3's pauses between attempts counted instead of slept: some are minutes."""
    clock = urllib3.util.retry.time
    urllib3.util.retry.time = SimpleNamespace(sleep=slept.append, time=clock.time)
    try:
        yield
    finally:
        urllib3.util.retry.time = clock


# --- what differs by chance -------------------------------------------------------------------------------------------

_CHANCE = (  # what clients draw: the boundary of a multipart body, a digest's nonce and with it the digest
    (re.compile("(boundary=|--)[0-9a-f]{32}"), r"\1…"),
    (re.compile(r'\b(cnonce|response)="[0-9a-f]+"'), r"\1=…"),
)


def without_chance(value: Any) -> Any:
    """What was seen, without what the client draws by chance."""
    if isinstance(value, str):
        for pattern, shown in _CHANCE:
            value = pattern.sub(shown, value)
        return value
    if isinstance(value, bytes):
        return without_chance(value.decode("latin-1")).encode("latin-1", "replace") if b"--" in value else value
    if isinstance(value, dict):
        return {name: without_chance(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(without_chance, value)) if type(value) in (list, tuple) else without_chance(tuple(value))
    return value


# --- comparing --------------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """One field that the mock got wrong."""

    field: str
    real: object
    mock: object

    def __str__(self) -> str:
        real, mock = repr(self.real), repr(self.mock)
        start = max(0, len(commonprefix([real, mock])) - 60)
        return f"{self.field}\n    real: {_cut(real, start)}\n    mock: {_cut(mock, start)}"


def _cut(text: str, start: int) -> str:
    """A part of a text that begins shortly before where it is of interest."""
    end = start + 400
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


MISSING = "(there is no such field)"


def differences(real: Seen, mock: Seen) -> list[Difference]:
    """Every field that is not equal, in the order in which the caller would meet them."""
    names = dict.fromkeys([*real, *mock])
    pairs = [Difference(name, real.get(name, MISSING), mock.get(name, MISSING)) for name in names]
    return [one for pair in pairs if pair.real != pair.mock for one in _narrowed(pair)]


def _narrowed(pair: Difference) -> list[Difference]:
    """Of a field that has fields, those that differ."""
    if not (isinstance(pair.real, dict) and isinstance(pair.mock, dict) and pair.real.keys() == pair.mock.keys()):
        return [pair]
    return [
        Difference(f"{pair.field}, {name}", pair.real[name], pair.mock[name])
        for name in pair.real
        if pair.real[name] != pair.mock[name]
    ]


def count_fields(seen: Seen) -> int:
    """How many fields there are to compare."""
    return sum(len(value) if isinstance(value, dict) and value else 1 for value in seen.values())
