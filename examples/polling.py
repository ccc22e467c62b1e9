"""Waits for a job that a server does in its own time."""

from __future__ import annotations

import time

import httpx


def run_job(client: httpx.Client, *, patience: float) -> dict[str, object]:
    """Begin a job and return its result. Raises TimeoutError when ``patience`` seconds are over."""
    end = time.monotonic() + patience
    response = client.post("/jobs")
    status_url = response.headers["Location"]
    while time.monotonic() < end:
        time.sleep(int(response.headers.get("Retry-After", "1")))
        response = client.get(status_url)
        if response.status_code == 200:
            result: dict[str, object] = response.json()
            return result
        response.raise_for_status()
    raise TimeoutError(f"{status_url} was not done after {patience} seconds")
