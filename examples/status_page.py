"""Looks after several services at once and says how each is: up, slow, down, or answering with an error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import httpx

SLOW = 2.0  # seconds


async def look(client: httpx.AsyncClient, url: str) -> str:
    """How one service is."""
    begun = time.monotonic()
    try:
        answer = await client.get(url, follow_redirects=True)
    except httpx.TimeoutException:
        return "down: no answer"
    except httpx.TransportError as error:
        return f"down: {type(error).__name__}"
    if answer.is_error:
        return f"error: {answer.status_code} {answer.reason_phrase}"
    return "slow" if time.monotonic() - begun > SLOW else "up"


async def look_at_all(urls: Iterable[str]) -> dict[str, str]:
    """How each service is, by its URL; they are asked all at once."""
    places = list(urls)
    async with httpx.AsyncClient(timeout=10) as client:
        found = await asyncio.gather(*(look(client, url) for url in places))
    return dict(zip(places, found, strict=True))
