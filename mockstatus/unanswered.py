"""What to say of a connection that Python's own HTTP client is about to make. Knows frames of calls; no sockets."""

from __future__ import annotations

import sys
from typing import Final

_ADVICE: Final = (
    " It was made by {name}, whose calls mockstatus does not answer: make the call with httpx, httpx2, requests, "
    "urllib3 or aiohttp, or serve what it needs on localhost, which is open to everyone."
)
_MOST_FRAMES: Final = 40  # between a connection and whoever asked for it


def advice_here() -> str:
    """What to do instead, where ``http.client`` itself is connecting; nothing where anything else is.

    urllib3, and what is built on it, stands on http.client too, but makes its connections itself.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - who asks is nowhere else to be seen
    connects = False
    for _ in range(_MOST_FRAMES):
        module = str(frame.f_globals.get("__name__"))
        if module == "urllib.request":
            return _ADVICE.format(name="urllib.request")
        connects = connects or (module == "http.client" and frame.f_code.co_name == "connect")
        if frame.f_back is None or not (connects or module in _BENEATH or module.startswith("mockstatus.")):
            break
        frame = frame.f_back
    return _ADVICE.format(name="http.client") if connects else ""


_BENEATH: Final = ("socket", "http.client")
