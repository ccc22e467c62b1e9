"""What a case is made of: the calls of a client, the pages they meet in both worlds, what the client is told first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mockstatus import Route

from .server import Answer, Listening

HTTPX = ("httpx", "httpx-asyncio", "httpx-trio", "httpx2", "httpx2-asyncio", "httpx2-trio")
URLLIB3 = ("requests", "urllib3")
CLIENTS = (*HTTPX, *URLLIB3, "aiohttp")
ONCE = (*HTTPX, "requests", "aiohttp")  # those that try again only where they are told to, or as their nature is

# How a body is read: at once; in pieces as they come; or named by the method of the client, with its argument.
# "joined" is in pieces as they come, but where they are cut is the network's business; "first" stops after one piece;
# "held" is not read at all, and stays open until the client is closed.
Read = Literal[
    "whole",
    "pieces",
    "pieces:1",
    "pieces:7",
    "pieces:1000",
    "joined",
    "first:7",
    "raw",
    "raw:7",
    "text",
    "lines",
    "twice",
    "unread",
    "held",
]
BodyKind = Literal["bytes", "pieces", "file", "form", "json", "multipart", "broken"]


@dataclass(frozen=True)
class Body:
    """A request's body, as the client is given it."""

    kind: BodyKind
    value: Any


@dataclass(frozen=True)
class Call:
    """One call of a client; what is None is left to the client's own default."""

    method: str = "GET"
    path: str = "/page"
    headers: Mapping[str, str] | None = None
    body: Body | None = None
    follow: bool | None = None
    read: Read = "whole"
    auth: tuple[str, str, str] | None = None  # basic or digest, user, password
    cookies: Mapping[str, str] | None = None
    timeout: Mapping[str, float] | None = None
    url: str | None = None  # instead of the path, where it is none of the server's
    trace: bool = False  # whether httpx is asked to tell what its connections do


@dataclass(frozen=True)
class Page:
    """A path: how the mock's route for it is defined, and what the real server says there, answer after answer."""

    mock: Callable[[Route], object] | None  # None: a virtual host answers
    wire: Sequence[Answer]
    path: str = "/page"
    method: str = ""  # any
    host: str | None = None  # None: that of the case


@dataclass(frozen=True)
class Setup:
    """What the client is told when it is made."""

    headers: Mapping[str, str] | None = None
    cookies: Mapping[str, str] | None = None
    auth: tuple[str, str, str] | None = None
    timeout: float | Mapping[str, float] | None = 5.0
    retries: Mapping[str, Any] | int | None = None  # the arguments of a Retry; a number, for httpx to connect
    redirects: int | None = None  # the most that are followed
    pool: Mapping[str, Any] = field(default_factory=dict)
    trusts: bool = False  # the server's certificate
    http2: bool = False


@dataclass(frozen=True)
class Case:
    """One situation; ``host`` is where the pages are, 127.0.0.1 or a name, on whatever port the server has."""

    name: str
    pages: tuple[Page, ...] | Callable[[int], tuple[Page, ...]]  # a function where the port stands in them
    calls: tuple[Call, ...] = (Call(),)
    setup: Setup = Setup()
    clients: tuple[str, ...] = CLIENTS
    listening: Listening = Listening.OPEN
    host: str = "127.0.0.1"
    scheme: str = "http"
    counts_sleep: bool = False  # whether urllib3's pauses are counted and compared, and not slept

    def pages_at(self, port: int) -> tuple[Page, ...]:
        """The pages on a server at this port."""
        return self.pages(port) if callable(self.pages) else self.pages

    def url(self, call: Call, port: int) -> str:
        """Where a call goes."""
        return f"{self.scheme}://{self.host}:{port}{call.path}" if call.url is None else call.url
