"""Asks many services how they are, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx


async def check(urls: Sequence[str]) -> dict[str, str]:
    """``up``, ``down`` or ``slow`` for each URL."""
    async with httpx.AsyncClient(timeout=2) as client:
        return dict(zip(urls, await asyncio.gather(*(_one(client, url) for url in urls)), strict=True))


async def _one(client: httpx.AsyncClient, url: str) -> str:
    try:
        response = await client.get(url)
    except httpx.TimeoutException:
        return "slow"
    except httpx.TransportError:
        return "down"
    return "down" if response.is_server_error else "up"
