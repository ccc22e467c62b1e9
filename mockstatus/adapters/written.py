"""Reads one HTTP/1.1 request out of the bytes that a client writes. Knows the syntax of RFC 9112; no client."""

from __future__ import annotations

from typing import Final

_END_OF_HEAD: Final = b"\r\n\r\n"
_LINE: Final = b"\r\n"


class Written:
    """A request as far as it has been written; ``raw`` are all its bytes, ``content`` is its body without the framing."""

    __slots__ = (
        "_chunked",
        "_length",
        "_read",
        "content",
        "expects",
        "headers",
        "is_complete",
        "method",
        "raw",
        "target",
    )

    def __init__(self) -> None:
        self.raw = bytearray()
        self.method = ""
        self.target = ""
        self.headers: list[tuple[bytes, bytes]] | None = None  # None until the head is complete
        self.content = bytearray()
        self.expects = False  # whether the client waits for a 100 before it sends the body
        self.is_complete = False
        self._read = 0  # how many bytes are understood
        self._length = 0
        self._chunked = False

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take in what was written next."""
        self.raw += data
        if self.headers is None:
            self._read_head()
        if self.headers is not None and not self.is_complete:
            self._read_body()

    def _read_head(self) -> None:
        end = self.raw.find(_END_OF_HEAD)
        if end < 0:
            return
        first, *lines = bytes(self.raw[:end]).split(_LINE)
        method, _, rest = first.partition(b" ")
        self.method = method.decode("latin-1")
        self.target = rest.rpartition(b" ")[0].decode("latin-1")
        self.headers = []
        for line in lines:
            name, _, value = line.partition(b":")
            self._take_field(name, value.strip(b" \t"))
        self._read = end + len(_END_OF_HEAD)

    def _take_field(self, name: bytes, value: bytes) -> None:
        assert self.headers is not None
        self.headers.append((name, value))
        kind = name.lower()
        if kind == b"transfer-encoding":
            self._chunked = value.lower().endswith(b"chunked")
        elif kind == b"content-length" and value.isdigit():
            self._length = int(value)
        elif kind == b"expect":
            self.expects = value.lower() == b"100-continue"

    def _read_body(self) -> None:
        if self._chunked:
            while not self.is_complete and self._read_chunk():
                pass
        elif len(self.raw) - self._read >= self._length:
            self.content = self.raw[self._read : self._read + self._length]
            self.is_complete = True

    def _read_chunk(self) -> bool:
        """Read a chunk, if it is all there; whether it was (RFC 9112, Section 7.1)."""
        end = self.raw.find(_LINE, self._read)
        if end < 0:
            return False
        size = int(self.raw[self._read : end].partition(b";")[0], 16)
        start = end + len(_LINE)
        if len(self.raw) < start + size + len(_LINE):
            return False
        self.content += self.raw[start : start + size]
        self._read = start + size + len(_LINE)
        self.is_complete = not size
        return True
