"""Tells subscribers of an event, each of them on its own."""

from __future__ import annotations

from collections.abc import Sequence

import httpx


def notify(urls: Sequence[str], event: dict[str, object]) -> dict[str, str]:
    """Send an event to each URL; for every one, ``delivered`` or why it was not."""
    outcome = {}
    with httpx.Client(timeout=10) as client:
        for url in urls:
            try:
                response = client.post(url, json=event)
            except httpx.TransportError as error:
                outcome[url] = type(error).__name__
            else:
                outcome[url] = "delivered" if response.is_success else f"refused with {response.status_code}"
    return outcome
