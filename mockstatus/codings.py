"""Content codings: bodies as gzip, deflate, br and zstd put them (RFC 9110, Section 8.4.1). Knows bytes only."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from mockstatus.errors import InvalidReply


def encoded(content: bytes, codings: str) -> bytes:
    """The content with the codings of a Content-Encoding applied in order; content that already has them, as it is.

    A coding that nobody defined leaves it as it is. Raises InvalidReply where a coding needs a package that is missing.
    """
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if content and _decodes(content, names):
        return content
    for name in names:
        content = _encode(content, name)
    return content


def _decodes(content: bytes, names: list[str]) -> bool:
    known = [name for name in names if name in _DECODE]
    if not known:
        return True
    try:
        for name in reversed(known):
            content = _DECODE[name](content)
    except Exception:  # noqa: BLE001 - every codec has its own errors, and any of them says that it is not encoded
        return False
    return True


def _encode(content: bytes, name: str) -> bytes:
    return _ENCODE[name](content) if name in _ENCODE else content


def _inflate(content: bytes) -> bytes:
    machine = zlib.decompressobj()
    data = machine.decompress(content)
    if not machine.eof or machine.unused_data:
        raise zlib.error("not a whole zlib stream")
    return data


def _brotli() -> Any:
    return _package("br", "brotli", "brotlicffi")


def _zstd() -> Any:
    return _package("zstd", "zstandard")


def _package(coding: str, *names: str) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise InvalidReply(
        f"Content-Encoding: {coding} needs the package {names[0]} (pip install {names[0]}), or content= that is encoded already"
    )


_ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "x-gzip": lambda content: gzip.compress(content, mtime=0),
    "deflate": zlib.compress,  # the zlib format, as the specification says, not the raw one
    "br": lambda content: _brotli().compress(content),
    "zstd": lambda content: _zstd().ZstdCompressor().compress(content),
}
_DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _inflate,
    "br": lambda content: _brotli().decompress(content),
    "zstd": lambda content: _zstd().ZstdDecompressor().decompress(content, max_output_size=2**31 - 1),
}
