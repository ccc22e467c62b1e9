"""Sockets that play an outcome to http.client, and sockets that only stand for a connection. Knows no urllib3."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from typing import Any, Final

from mockstatus.adapters.playing import Play


class Stub:
    """A connection that is open and silent: what an answered call leaves in a client's pool while an activation lasts."""

    def __init__(self, host: str, port: int) -> None:
        self._peer = (host, port)
        self.timeout: float | None = None
        self.says = b""  # what can be read while a request is being sent
        self.has_more: Callable[[], bool] | None = None  # whether there is something to read after all

    def settimeout(self, timeout: float | None) -> None:
        """Remember how long a read may take, in seconds."""
        self.timeout = timeout

    def gettimeout(self) -> float | None:
        """How long a read may take, in seconds."""
        return self.timeout

    def has_something(self) -> bool:
        """Whether there is something to read, as there is not in an idle connection."""
        return bool(self.says) or (self.has_more is not None and self.has_more())

    def fileno(self) -> int:
        """A file descriptor that has something to read, or nothing."""
        return descriptors.loud() if self.has_something() else descriptors.quiet()

    def makefile(self, *_: Any, **__: Any) -> io.BufferedIOBase:
        """What is said while a request is being sent, once."""
        said, self.says = self.says, b""
        return io.BytesIO(said)

    def sendall(self, data: Any) -> None:
        """Take what is sent."""

    def getpeername(self) -> tuple[str, int]:
        """The host and port of the URL."""
        return self._peer

    def getsockname(self) -> tuple[str, int]:
        """Some address of this machine."""
        return ("127.0.0.1", 49152)

    def setsockopt(self, *_: Any) -> None:
        """Take any option."""

    def getpeercert(self, binary_form: bool = False) -> Any:  # noqa: FBT001, FBT002 - as sockets have it
        """No certificate was shown."""
        return b"" if binary_form else {}

    def selected_alpn_protocol(self) -> str | None:
        """No protocol was chosen."""
        return None

    def version(self) -> str:
        """The version of TLS that a real connection would most likely have."""
        return "TLSv1.3"

    def shutdown(self, how: int) -> None:
        """End the connection, which holds nothing."""

    def close(self) -> None:
        """End the connection, which holds nothing."""


class Scripted(Stub):
    """A connection on which an outcome is played to whoever reads from its file."""

    def __init__(self, host: str, port: int, play: Play) -> None:
        super().__init__(host, port)
        self._play = play
        self.raised: BaseException | None = None  # what reading raised that no network would

    def makefile(self, *_: Any, **__: Any) -> io.BufferedIOBase:
        """The file that http.client reads from."""
        if self.says:
            return super().makefile()
        return io.BufferedReader(_Reader(self))

    def read(self, most: int) -> bytes:
        """The next bytes."""
        try:
            return self._play.read(most, self.timeout)
        except (TimeoutError, ConnectionResetError):
            raise
        except BaseException as error:
            self.raised = error
            raise


class _Reader(io.RawIOBase):
    """The raw file under the one that http.client reads from; like a socket's, it is of no use after a timeout."""

    def __init__(self, connection: Scripted) -> None:
        self._connection = connection
        self._timed_out = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._timed_out:
            raise OSError("cannot read from timed out object")
        try:
            data = self._connection.read(len(buffer))
        except TimeoutError:
            self._timed_out = True
            raise
        buffer[: len(data)] = data
        return len(data)


class Answer:
    """Stands for the socket of an answer that is all there: a file with its content."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: Any) -> io.BytesIO:
        """The content."""
        return io.BytesIO(self._content)


class Descriptors:
    """Two pipes that stand for what a socket has to read: nothing, and something. Open while they are needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipes: dict[bytes, tuple[int, int]] = {}

    def quiet(self) -> int:
        """The end of a pipe that nobody writes to."""
        return self._open(b"")

    def loud(self) -> int:
        """The end of a pipe with a byte in it that nobody reads."""
        return self._open(b".")

    def _open(self, content: bytes) -> int:
        with self._lock:
            pipe = self._pipes.get(content)
            if pipe is None:
                pipe = self._pipes[content] = os.pipe()
                if content:
                    os.write(pipe[1], content)
            return pipe[0]

    def close(self) -> None:
        """Close both; they are opened again when they are needed again."""
        with self._lock:
            for pipe in self._pipes.values():
                for end in pipe:
                    os.close(end)
            self._pipes.clear()


descriptors: Final = Descriptors()
