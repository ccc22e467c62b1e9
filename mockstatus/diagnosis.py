"""Why nothing fitted a request, in words. Asked only after a miss; knows routes; must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockstatus.errors import UnmatchedRequest

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.router import Router


def unmatched(request: Request, routers: Sequence[Router]) -> UnmatchedRequest:
    """The error for a request that no route of these routers fits."""
    return UnmatchedRequest(f"no route fits {request.method} {request.url}")
