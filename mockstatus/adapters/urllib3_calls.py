"""What is known of the call of urllib3 that is under way in this thread. Knows pools' timeouts; no routers."""

from __future__ import annotations

import threading
from typing import Any

from urllib3.util import Timeout

from mockstatus.messages import Timeouts


class Carried(BaseException):
    """Takes an exception of the user's or ours through urllib3, which would treat it as one of the network's.

    No Exception, so that nothing on the way catches it; the outermost hook takes the exception out again.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class Frame:
    """A call of ``urlopen`` in this thread: what a connection is not told."""

    __slots__ = ("client", "outer", "pool", "pool_timeout", "timeout")

    def __init__(self, outer: Frame | None, client: str, pool: Any, timeout: Any, pool_timeout: float | None) -> None:
        self.outer = outer
        self.client = client
        self.pool = pool
        self.timeout = timeout
        self.pool_timeout = pool_timeout

    def timeouts(self) -> Timeouts:
        """The timeouts of the call, as far as they can be said before it begins."""
        timeout = self.timeout
        if timeout is None or isinstance(timeout, (int, float)):
            timeout = Timeout.from_float(timeout)
        elif not isinstance(timeout, Timeout):
            timeout = self.pool.timeout
        timeout = timeout.clone()
        timeout.start_connect()
        resolve = Timeout.resolve_default_timeout
        return Timeouts(
            connect=resolve(timeout.connect_timeout), read=resolve(timeout.read_timeout), pool=self.pool_timeout
        )


class _Calls(threading.local):
    """The calls that are under way in this thread, the innermost one."""

    frame: Frame | None = None


calls = _Calls()


def client_here() -> str:
    """Which client is calling in this thread."""
    frame = calls.frame
    return "urllib3" if frame is None else frame.client


def carried(error: BaseException) -> BaseException:
    """The exception, so that urllib3 lets it through; as it is where no hook is there to take it out."""
    return error if calls.frame is None else Carried(error)
