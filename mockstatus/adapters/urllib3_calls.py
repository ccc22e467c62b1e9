"""What is known of the call of urllib3 that is under way in this thread. Knows pools' timeouts; no routers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from urllib3.util import Timeout

from mockstatus.messages import Outcome, Request, Timeouts


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

    def timeouts(self) -> Callable[[], Timeouts]:
        """What says the timeouts of the call, and holds nothing else of it."""
        timeout = self.timeout
        if timeout is not None and not isinstance(timeout, (int, float, Timeout)):
            timeout = self.pool.timeout
        return partial(_timeouts, timeout, self.pool_timeout)


def _timeouts(timeout: Timeout | float | None, pool_timeout: float | None) -> Timeouts:
    """The timeouts as far as they can be said before a call begins."""
    timeout = timeout.clone() if isinstance(timeout, Timeout) else Timeout.from_float(timeout)
    timeout.start_connect()
    resolve = Timeout.resolve_default_timeout
    return Timeouts(connect=resolve(timeout.connect_timeout), read=resolve(timeout.read_timeout), pool=pool_timeout)


class Offered(NamedTuple):
    """A request that the routers were asked about already, and what they said or raised."""

    request: Request
    outcome: Outcome | BaseException

    def settle(self) -> Outcome:
        """What they said. Raises what they raised."""
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


class _Calls(threading.local):
    """The calls that are under way in this thread, the innermost one."""

    frame: Frame | None = None
    offered: Offered | None = None  # for the next request that is sent


calls = _Calls()


def client_here() -> str:
    """Which client is calling in this thread."""
    frame = calls.frame
    return "urllib3" if frame is None else frame.client


def carried(error: BaseException) -> BaseException:
    """The exception, so that urllib3 lets it through; as it is where no hook is there to take it out."""
    return error if calls.frame is None else Carried(error)
