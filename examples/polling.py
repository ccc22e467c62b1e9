"""Starts a job at a service and waits until it is done: 202, a place to ask, a time to wait."""

from __future__ import annotations

import time
from typing import Any

import httpx

API = "https://api.example.com"


class JobFailed(Exception):
    """The service says that the job came to nothing."""


def run_job(client: httpx.Client, order: dict[str, Any], *, patience: float = 60) -> Any:
    """The result of a job. Raises JobFailed, TimeoutError after ``patience`` seconds, or an error of httpx."""
    answer = client.post(f"{API}/jobs", json=order).raise_for_status()
    place = httpx.URL(API).join(answer.headers["Location"])
    deadline = time.monotonic() + patience
    while answer.status_code == 202:
        pause = float(answer.headers.get("Retry-After", 1))
        if time.monotonic() + pause > deadline:
            raise TimeoutError(f"{place} was not done after {patience} seconds")
        time.sleep(pause)
        answer = client.get(place)
    if answer.status_code != 200:
        raise JobFailed(f"{place}: {answer.status_code} {answer.reason_phrase}")
    return answer.json()
