"""HTTP answers for the clients of this process, as a real server would give them. Here are the names; nothing happens."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockstatus import adapters as adapters
    from mockstatus.activation import activate as activate
    from mockstatus.clock import Clock as Clock
    from mockstatus.errors import BlockedConnection as BlockedConnection
    from mockstatus.errors import InvalidReply as InvalidReply
    from mockstatus.errors import InvalidRoute as InvalidRoute
    from mockstatus.errors import InvalidSetting as InvalidSetting
    from mockstatus.errors import MockStatusError as MockStatusError
    from mockstatus.errors import MockStatusWarning as MockStatusWarning
    from mockstatus.errors import UnmatchedRequest as UnmatchedRequest
    from mockstatus.errors import UnmetExpectation as UnmetExpectation
    from mockstatus.errors import UnsupportedClient as UnsupportedClient
    from mockstatus.errors import WouldHang as WouldHang
    from mockstatus.faults import FaultName as FaultName
    from mockstatus.journal import Call as Call
    from mockstatus.matchers import exactly as exactly
    from mockstatus.matchers import partial as partial
    from mockstatus.messages import Request as Request
    from mockstatus.messages import Response as Response
    from mockstatus.replies import Reply as Reply
    from mockstatus.replies import reply as reply
    from mockstatus.replies import sse as sse
    from mockstatus.router import Router as Router
    from mockstatus.routes import Route as Route
    from mockstatus.statuses import Status as Status
    from mockstatus.statuses import catalog as catalog
    from mockstatus.streams import dribble as dribble
    from mockstatus.visibility import carry as carry

__version__ = "0.1.0"

_HOMES = {
    "BlockedConnection": "errors",
    "Call": "journal",
    "Clock": "clock",
    "FaultName": "faults",
    "InvalidReply": "errors",
    "InvalidRoute": "errors",
    "InvalidSetting": "errors",
    "MockStatusError": "errors",
    "MockStatusWarning": "errors",
    "Reply": "replies",
    "Request": "messages",
    "Response": "messages",
    "Route": "routes",
    "Router": "router",
    "Status": "statuses",
    "UnmatchedRequest": "errors",
    "UnmetExpectation": "errors",
    "UnsupportedClient": "errors",
    "WouldHang": "errors",
    "activate": "activation",
    "carry": "visibility",
    "catalog": "statuses",
    "dribble": "streams",
    "exactly": "matchers",
    "partial": "matchers",
    "reply": "replies",
    "sse": "replies",
}
__all__ = [
    "BlockedConnection",
    "Call",
    "Clock",
    "FaultName",
    "InvalidReply",
    "InvalidRoute",
    "InvalidSetting",
    "MockStatusError",
    "MockStatusWarning",
    "Reply",
    "Request",
    "Response",
    "Route",
    "Router",
    "Status",
    "UnmatchedRequest",
    "UnmetExpectation",
    "UnsupportedClient",
    "WouldHang",
    "__version__",
    "activate",
    "adapters",
    "carry",
    "catalog",
    "dribble",
    "exactly",
    "partial",
    "reply",
    "sse",
]

if not TYPE_CHECKING:  # a checker knows the names from above, and is to refuse all others

    def __getattr__(name: str) -> object:
        """Import what is asked for when it is first asked for, so that importing the package costs next to nothing."""
        if name == "adapters":
            return import_module("mockstatus.adapters")
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'mockstatus' has no attribute {name!r}")
        value = getattr(import_module(f"mockstatus.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
