"""The one table of known differences between mockstatus and a real server, each with its reason.

A difference that is listed here and no longer there is an error, as is one that is there and not listed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .comparing import Difference, Door


class Known(NamedTuple):
    """Fields that differ, by regular expressions for whole names; in every case and door that fit, something must."""

    cases: str
    doors: str
    fields: str
    reason: str

    def covers(self, door: Door, case: str) -> bool:
        """Whether it is about a case through a door."""
        return bool(re.fullmatch(self.doors, str(door)) and re.fullmatch(self.cases, case))


KNOWN = (
    Known(
        r".*(read_timeout|connect_timeout|stalled_body|write timeout|delay.* too long|later than the timeout"
        r"|under a timeout of 0\.2,).*",
        r"httpx2?-(asyncio|trio)-.*",
        r"call \d+: error cancellations",
        "An event loop ends a wait that has taken too long by a cancellation, which stays among the contexts of the "
        "error. mockstatus knows beforehand that the wait is too long: it does not begin, and nothing is cancelled.",
    ),
    Known(
        r"204 with a body, twice|short Content-Length, then another call",
        r"httpx.*",
        r"call 2: .*|log",
        "Bytes that a broken server sends too many spoil the next call on that connection, if they come in the same "
        "TCP segment as the rest. mockstatus makes each call on a connection of its own: no answer reaches another.",
    ),
)


def unknown(door: Door, case: str, found: list[Difference]) -> list[str]:
    """What is wrong: differences that are not listed, and listed ones that are not there."""
    about = [known for known in KNOWN if known.covers(door, case)]
    new = [str(one) for one in found if not any(re.fullmatch(known.fields, one.field) for known in about)]
    gone = [
        f"no longer differs, so take it out of the table: {known.fields} ({known.reason})"
        for known in about
        if not any(re.fullmatch(known.fields, one.field) for one in found)
    ]
    return new + gone
