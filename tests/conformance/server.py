"""A real server on a loopback socket that does exactly what a script says, and keeps what it received.

Knows sockets and the syntax of requests; nothing of mockstatus and of clients.
"""

from __future__ import annotations

import contextlib
import enum
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Wait(NamedTuple):
    """A real delay before the next step."""

    seconds: float


class End(enum.Enum):
    """How a connection ends: closed in order, reset, or open and silent until the client leaves."""

    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"


class Received(NamedTuple):
    """One request as it came, its body without the framing."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Step = bytes | Wait | End
Answer = Sequence[Step] | Callable[[Received], Sequence[Step]]


class Listening(enum.Enum):
    """Whether the port takes connections, and what becomes of them."""

    OPEN = "at once"
    REFUSING = "never"
    LATE = "after a while"
    FULL = "not any more: the backlog is full"
    DEAF = "at once, but nothing is read from them"


LATE = 0.2  # seconds until a late server listens; clients that try again wait longer than that
_BACKLOG_FILLERS = 3  # more than a backlog of 0 takes on any system


class Server:
    """Answers each path with its answers in order, the last for ever; ``received`` are the requests as they came.

    It has its port from the beginning, and listens when it is entered. ``edit`` changes all bytes just before they go;
    with ``tls`` it has a certificate that vouches for itself.
    """

    def __init__(self, listening: Listening, edit: Callable[[bytes], bytes], *, tls: bool) -> None:
        self._edit = edit
        self._tls = _tls() if tls else None
        self.pages: Mapping[str, Sequence[Answer]] = {}
        self.received: list[Received] = []
        self.problems: list[str] = []  # what happened that no script provides for
        self._listening = listening
        self._positions: dict[str, int] = {}
        self._lock = threading.Lock()
        self._leaving, self._left = socket.socketpair()
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._fillers: list[socket.socket] = []

    def __enter__(self) -> Server:
        if self._listening is Listening.FULL:
            self._fill_backlog()
        elif self._listening is not Listening.REFUSING:
            if self._listening is Listening.DEAF:
                self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            if self._listening is not Listening.LATE:
                self._listener.listen()
            self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()  # wakes everything that waits
        for thread in self._threads:  # grows no more once the accepting thread, which is the first, has ended
            thread.join()
        for sock in (self._listener, self._leaving, *self._fillers):
            sock.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _fill_backlog(self) -> None:
        self._listener.listen(0)
        for _ in range(_BACKLOG_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fillers.append(filler)

    # --- connections --------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        if self._listening is Listening.LATE:
            if self._closing(LATE):
                return
            self._listener.listen()
        while self._readable(self._listener):
            sock, _ = self._listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._converse, sock)

    def _closing(self, seconds: float | None) -> bool:
        """Wait for so long, None for ever; whether the server is to end before."""
        return bool(select.select([self._leaving], [], [], seconds)[0])

    def _readable(self, sock: socket.socket) -> bool:
        """Wait until there is something to read; whether there is, or the server is to end, which is read before."""
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        return sock in select.select([sock, self._leaving], [], [])[0]

    def _converse(self, sock: socket.socket) -> None:
        if self._listening is Listening.DEAF:
            with sock:
                self._closing(None)
            return
        with sock, contextlib.suppress(ConnectionError, ssl.SSLError):  # the client left: its business
            with nullcontext(sock) if self._tls is None else self._tls.wrap_socket(sock, server_side=True) as line:
                reader = _Reader(line, self._readable)
                while (received := reader.request()) is not None:
                    if not self._play(line, self._answer(received), reader):
                        return

    def _answer(self, received: Received) -> Sequence[Step]:
        path = received.target.partition("?")[0]
        with self._lock:
            self.received.append(received)
            position = self._positions.get(path, 0)
            self._positions[path] = position + 1
        answers = self.pages.get(path)
        if not answers:
            self.problems.append(f"no page for {received.method} {received.target}")
            return (End.CLOSE,)
        answer = answers[min(position, len(answers) - 1)]
        return answer(received) if callable(answer) else answer

    def _play(self, sock: socket.socket, steps: Sequence[Step], reader: _Reader) -> bool:
        """Do what the steps say; whether the connection is still open."""
        for step in _at_once(steps):
            if isinstance(step, bytes):
                sock.sendall(self._edit(step))
            elif isinstance(step, Wait):
                if self._closing(step.seconds):
                    return False
            else:
                self._end(sock, step, reader)
                return False
        return True

    def _end(self, sock: socket.socket, end: End, reader: _Reader) -> None:
        if end is End.RESET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif end is End.STALL:
            reader.wait_for_end()


def _at_once(steps: Sequence[Step]) -> list[Step]:
    """The steps, with bytes that follow each other sent as one: how they come to be cut is not left to chance."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += step
        else:
            found.append(step)
    return found


CERTIFICATE = Path(__file__).with_name("self_signed.pem")


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


class _Reader:
    """Reads requests from a connection, by the syntax of RFC 9112."""

    def __init__(self, sock: socket.socket, readable: Callable[[socket.socket], bool]) -> None:
        self._sock = sock
        self._readable = readable
        self._buffer = b""

    def request(self) -> Received | None:
        """The next request; None where the client or the server ends the connection instead."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        line, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        headers = tuple(_field(one) for one in lines)
        named = {name.lower(): value for name, value in headers}
        if named.get("expect", "").lower() == "100-continue":  # RFC 9110, Section 10.1.1
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._body(named)
        return None if body is None else Received(method, target, headers, body)

    def wait_for_end(self) -> None:
        """Read on until the client leaves, or the server is to end."""
        while self._more():
            pass

    def _body(self, headers: Mapping[str, str]) -> bytes | None:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            chunks = list(self._chunks())
            return None if None in chunks else b"".join(chunk for chunk in chunks if chunk)
        return self._exactly(int(headers.get("content-length", 0)))

    def _chunks(self) -> Iterator[bytes | None]:
        while True:
            line = self._until(b"\r\n")
            chunk = None if line is None else self._exactly(int(line, 16) + 2)
            yield None if chunk is None else chunk[:-2]
            if chunk is None or chunk == b"\r\n":
                return

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._buffer:
            if not self._more():
                return None
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _exactly(self, count: int) -> bytes | None:
        while len(self._buffer) < count:
            if not self._more():
                return None
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def _more(self) -> bool:
        if not self._readable(self._sock):
            return False
        data = self._sock.recv(65_536)
        self._buffer += data
        return bool(data)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip(" \t")
