"""The two worlds of a case: a real server, and mockstatus through one of its ways in. Clients cannot tell which."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import mockstatus

from .case import Call, Case

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


class World:
    """Nothing is replaced: requests go to the server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, case: Case, call: Call) -> str:
        """Where a call goes."""
        return case.url(call, self.port)

    def around(self) -> AbstractContextManager[Any]:
        """What a client is made and used in."""
        return nullcontext()

    def begin(self, case: Case, get: Callable[[str], object]) -> None:
        """What a client is used for before the first call."""


class MockWorld(World):
    """The routes of a case, for the URLs of the real server; entered with ``activate`` or given as a transport."""

    def __init__(self, case: Case, port: int, *, explicit: bool) -> None:
        super().__init__(port)
        self.explicit = explicit
        self.router = mockstatus.Router(now=NOW)
        for page in case.pages_at(port):
            url = f"{case.scheme}://{page.host or case.host}:{port}{page.path}"
            if page.mock is not None:
                page.mock(self.router.route(page.method, url) if page.method else self.router.any(url))

    def around(self) -> AbstractContextManager[Any]:
        """What a client is made and used in."""
        return nullcontext() if self.explicit else mockstatus.activate(self.router)


class WarmWorld(MockWorld):
    """The same, entered with ``activate``, with a connection that is open already when the first call is made."""

    def __init__(self, case: Case, port: int) -> None:
        super().__init__(case, port, explicit=False)

    def begin(self, case: Case, get: Callable[[str], object]) -> None:
        """Have the client open a connection."""
        url = f"{case.scheme}://{case.host}:{self.port}/warm-up"
        self.router.get(url).respond(204)
        get(url)


UNKNOWN_HOST = "nobody.invalid"


@contextmanager
def names_of(host: str) -> Iterator[None]:
    """Have a host's name lead to this machine, so that a server here can be reached by it; or nowhere, as names do."""
    look_up = socket.getaddrinfo

    def getaddrinfo(name: Any, *args: Any, **kwargs: Any) -> Any:
        if name not in (host, host.encode()):
            return look_up(name, *args, **kwargs)
        if host == UNKNOWN_HOST:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up("127.0.0.1", *args, **kwargs)

    socket.getaddrinfo = getaddrinfo
    try:
        yield
    finally:
        socket.getaddrinfo = look_up
