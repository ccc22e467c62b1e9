"""The arguments of aiohttp's own connectors, by name and type; what is not given has the default of the aiohttp there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import asyncio
    import socket
    from ssl import SSLContext

    from aiohttp import Fingerprint, SocketFactoryType
    from aiohttp.abc import AbstractResolver


class BaseOptions(TypedDict, total=False):
    """Those of ``aiohttp.BaseConnector``."""

    keepalive_timeout: float | None
    force_close: bool
    limit: int
    limit_per_host: int
    enable_cleanup_closed: bool
    loop: asyncio.AbstractEventLoop | None
    timeout_ceil_threshold: float


class ConnectorOptions(BaseOptions, total=False):
    """Those of ``aiohttp.TCPConnector``; an older aiohttp refuses what it does not know."""

    verify_ssl: bool
    fingerprint: bytes | None
    use_dns_cache: bool
    ttl_dns_cache: int | None
    dns_cache_max_size: int
    family: socket.AddressFamily
    ssl_context: SSLContext | None
    ssl: bool | Fingerprint | SSLContext
    local_addr: tuple[str, int] | None
    resolver: AbstractResolver | None
    happy_eyeballs_delay: float | None
    interleave: int | None
    socket_factory: SocketFactoryType | None
    ssl_shutdown_timeout: float | None
