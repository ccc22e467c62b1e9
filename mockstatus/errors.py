"""Every error and warning that mockstatus raises, in one tree.

None derives from ``OSError`` or from a client's own exception, so no client retries or swallows one by its class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockstatus.messages import Request


class MockStatusError(Exception):
    """The root of everything raised by mockstatus itself."""


class InvalidRoute(MockStatusError, ValueError):
    """A route, matcher or fault that cannot mean anything, found where it is defined."""


class InvalidReply(MockStatusError, ValueError):
    """A reply that no conforming server could send, found where it is defined."""


class InvalidSetting(MockStatusError, ValueError):
    """An argument of ``activate``, ``Router`` or the pytest plugin that makes no sense."""


class UnmatchedRequest(MockStatusError, AssertionError):
    """A request that no route, virtual host or ``network`` pattern fits: ``request``, where there is one."""

    request: Request | None = None


class UnmetExpectation(MockStatusError, AssertionError):
    """A route that was called less or more often than ``expect`` said."""


class BlockedConnection(MockStatusError, AssertionError):
    """A connection or name look-up that ``network`` does not allow."""


class WouldHang(MockStatusError, AssertionError):
    """A wait without end: the client set no timeout for it."""


class UnsupportedClient(MockStatusError, RuntimeError):
    """A client that is unknown, too old, or has moved something that must be patched."""


class MockStatusWarning(MockStatusError, UserWarning):
    """Something that was noticed and could not be raised where it happened."""
