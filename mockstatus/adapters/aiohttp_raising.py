"""How an exception of the user's comes out of a session of aiohttp as it is. Knows what a session tells its traces."""

from __future__ import annotations

from typing import Any

import aiohttp


def keep(error: BaseException, traces: list[Any]) -> None:
    """See to it that a session that is about to meet an exception of the user's raises that, and no other.

    aiohttp raises a ``ClientOSError`` for every ``OSError`` that is none of its own classes.
    """
    if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError):
        traces.append(AsItIs(error))


class AsItIs:
    """Stands last among the traces of a request, is told how it ends, and raises an exception in place of what was made of it.

    Where the session ends in something else, as after a middleware that has dealt with it, nothing is raised.
    """

    def __init__(self, error: OSError) -> None:
        self._error = error

    async def send_request_exception(self, method: str, url: Any, headers: Any, exception: BaseException) -> None:
        """The request has failed: the last that a session does before it raises."""
        error = self._error
        if exception.__cause__ is not error:
            return
        context = error.__context__
        try:
            raise error
        finally:
            error.__context__ = context

    def __getattr__(self, name: str) -> Any:
        """Of everything else it takes no notice."""
        if not name.startswith("send_"):
            raise AttributeError(name)
        return _take_no_notice


async def _take_no_notice(*_: object) -> None:
    """Nothing is done."""
