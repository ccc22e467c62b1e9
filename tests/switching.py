"""What the tests of switching it on share: a real server, a call for each client, what stands in which attribute."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import aiohttp
import httpx
import httpx2
import pytest
import requests
import trio
import urllib3

import mockstatus

ROOT = Path(mockstatus.__file__).parents[1]
ACCEPTED = "https://mock.local/202"
API = "https://api.example.com"


# --- a real server on loopback ----------------------------------------------------------------------------------------


class Received(NamedTuple):
    """A request as it came, and the port of the socket it came from."""

    method: str
    target: str
    body: bytes
    peer: int


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each response
    server: Server

    def _answer(self) -> None:
        body = self._body()
        self.server.received.append(Received(self.command, self.path, body, self.client_address[1]))
        if self.path.startswith("/held"):
            self.server.asked.set()
            assert self.server.released.wait(10)
        content = b"real"
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Answers everything with 200 and ``real``; a path that begins with ``/held`` once it is ``released``."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.received: list[Received] = []
        self.asked = threading.Event()
        self.released = threading.Event()
        self._connections: list[socket.socket] = []

    def get_request(self) -> Any:
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.005,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        for connection in self._connections:
            with contextlib.suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of loopback where every connection is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def resolve_to_loopback(monkeypatch: Any, *names: str) -> None:
    """Have these names be looked up as loopback, as if the network's DNS said so."""
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return look_up("127.0.0.1" if name in names else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


# --- a call of each client --------------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """What a call gave."""

    status: int
    text: str


Call = Callable[..., Seen]
REAL = Seen(200, "real")


def _family(client: Any) -> Call:
    def call(url: str, method: str = "GET", body: Any = None) -> Seen:
        response = client.request(method, url, content=body, verify=False)  # certificates take long to load
        return Seen(response.status_code, response.text)

    return call


def _async_family(client: Any, run: Callable[..., Any]) -> Call:
    async def main(url: str, method: str, body: Any) -> Seen:
        async with client.AsyncClient(verify=False) as session:
            response = await session.request(method, url, content=body)
        return Seen(response.status_code, response.text)

    return lambda url, method="GET", body=None: run(main, url, method, body)


def _run_asyncio(main: Callable[..., Any], *arguments: Any) -> Any:
    return asyncio.run(main(*arguments))


async def _aiohttp_main(url: str, method: str, body: Any) -> Seen:
    async with aiohttp.ClientSession() as session, session.request(method, url, data=body, ssl=False) as response:
        return Seen(response.status, await response.text())


def _aiohttp(url: str, method: str = "GET", body: Any = None) -> Seen:
    return asyncio.run(_aiohttp_main(url, method, body))


def _requests(url: str, method: str = "GET", body: Any = None) -> Seen:
    response = requests.request(method, url, data=body)
    return Seen(response.status_code, response.text)


def _urllib3(url: str, method: str = "GET", body: Any = None) -> Seen:
    with urllib3.PoolManager() as pool:
        response = pool.request(method, url, body=body)
    return Seen(response.status, response.data.decode())


CLIENTS: dict[str, Call] = {
    "httpx": _family(httpx),
    "httpx2": _family(httpx2),
    "requests": _requests,
    "urllib3": _urllib3,
}
ASYNC: dict[str, Call] = {
    "httpx-asyncio": _async_family(httpx, _run_asyncio),
    "httpx-trio": _async_family(httpx, trio.run),
    "httpx2-asyncio": _async_family(httpx2, _run_asyncio),
    "httpx2-trio": _async_family(httpx2, trio.run),
    "aiohttp": _aiohttp,
}
DOORS: dict[str, Call] = {**CLIENTS, **ASYNC}


def status(url: str) -> int:
    """The status that a plain call gets."""
    return httpx.get(url, verify=False).status_code


def connect(host: str, port: int = 80, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> None:
    """Connect a plain socket, and close it."""
    with socket.socket(family, kind) as sock:
        sock.connect((host, port))


# --- what stands where ------------------------------------------------------------------------------------------------

_PATCHED = {"aiohttp", "httpx", "httpx2", "requests", "socket", "ssl", "urllib3"}
_WATCHED = _PATCHED | {
    "asyncio", "anyio", "http", "httpcore", "httpcore2", "selectors", "threading", "time", "trio"
}  # fmt: skip


def attributes(packages: Collection[str] = _WATCHED) -> dict[tuple[str, str], Any]:
    """Every callable in the modules and classes that could be patched, and the finders of imports."""
    found: dict[tuple[str, str], Any] = {
        ("sys.meta_path", str(place)): finder for place, finder in enumerate(sys.meta_path)
    }
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if name.partition(".")[0] in packages:
            found.update(_callables(name, module))
            for thing in list(vars(module).values()):
                if isinstance(thing, type) and thing.__module__ == name:
                    found.update(_callables(f"{name}.{thing.__qualname__}", thing))
    return found


def _callables(name: str, owner: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    for attribute, value in list(vars(owner).items()):
        if callable(value) or isinstance(value, (staticmethod, classmethod, property)):
            yield (name, attribute), value


def changes(before: dict[tuple[str, str], Any]) -> list[str]:
    """The attributes that are no longer what they were, and those of classes that are new."""
    now = attributes()
    classes = {owner for owner, _ in before if owner not in sys.modules}
    names = [key for key in now if before.get(key) is not now[key] and (key in before or key[0] in classes)]
    return sorted(".".join(key) for key in [*names, *(before.keys() - now.keys())])


def ours() -> set[str]:
    """The attributes that hold something of mockstatus, as they do while an activation is open."""
    found = attributes(_PATCHED)
    return {".".join(key) for key, value in found.items() if _home(value).partition(".")[0] == "mockstatus"}


def _home(value: Any) -> str:
    """The module where a function was written, whatever it says of itself; of anything else, that of its class."""
    namespace = getattr(value, "__globals__", None)
    return type(value).__module__ if namespace is None else namespace["__name__"]


@cache
def load_everything() -> None:
    """Have every module in place that a call imports when it is first made."""
    mockstatus.activate(load_everything)
    with mockstatus.activate():
        for call in DOORS.values():
            call(ACCEPTED)
    with Server() as server:
        for call in DOORS.values():
            call(server.url)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test of a module that imports this, nothing of ours is in place."""
    yield
    left = ours() - _told
    _told.update(left)
    assert not left, sorted(left)


_told: set[str] = set()  # what an earlier test has left: one complaint of it is enough


# --- other processes --------------------------------------------------------------------------------------------------


def python(code: str, *, path: Iterable[Path] = ()) -> str:
    """What a fresh interpreter prints that runs this code; it has to end well."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT)))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(code)], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    return done.stdout.strip()


# What such an interpreter begins with that is to say how each client is answered.
ASK = '''
import importlib, sys
import mockstatus

CLIENTS = ("httpx", "httpx2", "requests", "urllib3")
URL = "https://mock.local/202"

def ask(name, url=URL):
    """The status that a call of a client gets, or the name of its error."""
    client = importlib.import_module(name)
    options = {"verify": False} if name.startswith("httpx") else {}  # certificates take long to load
    try:
        response = client.request("GET", url, **options)
    except Exception as error:
        return type(error).__name__
    return response.status if name == "urllib3" else response.status_code

def ours():
    """Where something of mockstatus is in place."""
    found = [type(finder).__name__ for finder in sys.meta_path if type(finder).__module__.startswith("mockstatus")]
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").partition(".")[0] in (*CLIENTS, "socket"):
            for owner in [module, *[one for one in vars(module).values() if isinstance(one, type)]]:
                for name, value in list(vars(owner).items()):
                    if getattr(value, "__globals__", {}).get("__name__", "").startswith("mockstatus"):
                        found.append(f"{owner.__name__}.{name}")
    return sorted(set(found))

def forget(name):
    """Have the next import of a client be a new one."""
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]
'''
