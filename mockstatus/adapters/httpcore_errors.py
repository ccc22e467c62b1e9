"""What httpcore's own backends raise where a network fails: the same errors, with the same causes behind them.

Knows sockets, asyncio and trio as far as httpcore shows what they raise; must not know outcomes.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any, Final, NoReturn

from mockstatus.messages import Request
from mockstatus.waiting import in_trio

_CERTIFICATE: Final = (
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1000)"
)


def timed_out(core: Any, kind: str, *, is_async: bool) -> NoReturn:
    """Raise the core's timeout of a kind: ``Connect``, ``Read`` or ``Write``."""
    seen: Exception = TimeoutError() if is_async else TimeoutError("timed out")
    if is_async and in_trio():
        import trio

        seen = trio.TooSlowError()
    _raise(getattr(core, f"{kind}Timeout"), seen)


def connect_failed(core: Any, fault: str, request: Request, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a refused connection or a name that nobody knows."""
    if fault == "dns_failure":
        _raise(core.ConnectError, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    if not is_async:
        _raise(core.ConnectError, refused)
    if in_trio():
        host = f"[{request.host}]" if ":" in request.host else request.host
        text = f"all attempts to connect to {host}:{request.port} failed"
        _raise(core.ConnectError, _caused(OSError(text), ExceptionGroup(text, [refused])))
    _raise(core.ConnectError, _caused(OSError("All connection attempts failed"), refused))


def tls_failed(core: Any, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a certificate that is not to be trusted."""
    seen: Exception = ssl.SSLCertVerificationError(1, _CERTIFICATE)
    if is_async and in_trio():
        import trio

        seen = _caused(trio.BrokenResourceError(), seen)
    _raise(core.ConnectError, seen)


def read_failed(core: Any, reset: ConnectionResetError, *, is_async: bool) -> NoReturn:
    """Raise what the core makes of a connection that is reset while it is read."""
    if not is_async:
        _raise(core.ReadError, reset)
    if in_trio():
        import trio

        _raise(core.ReadError, _caused(trio.BrokenResourceError(f"socket connection broken: {reset}"), reset))
    import anyio

    _raise(core.ReadError, _caused(anyio.BrokenResourceError(), reset))


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def _raise(kind: type[Exception], seen: Exception) -> NoReturn:
    """Raise the core's error while what its backend saw is handled, so that this is its cause and its context.

    Pools raise it again ``from None``: only the context is left then.
    """
    try:
        raise seen  # noqa: TRY301 - raising it is the point
    except Exception as error:
        raise kind(error) from error
