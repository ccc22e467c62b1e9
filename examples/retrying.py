"""Reads a price list from a service that is sometimes away: tries again, waits as it is told, gives up in the end."""

from __future__ import annotations

import time

import requests

URL = "https://prices.example.com/today"
AGAIN = {429, 502, 503, 504}


def read_prices(session: requests.Session, *, attempts: int = 4) -> dict[str, float]:
    """Prices by name. Raises the last error of requests when every attempt has failed."""
    for attempt in range(1, attempts + 1):
        pause = 2.0 ** (attempt - 1)
        try:
            answer = session.get(URL, timeout=(3, 10))
            if answer.status_code not in AGAIN or attempt == attempts:
                answer.raise_for_status()
                return answer.json()
            pause = float(answer.headers.get("Retry-After", pause))
        except (requests.ConnectionError, requests.Timeout):
            if attempt == attempts:
                raise
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")
