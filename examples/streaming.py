"""Reads what a language model writes, as it writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx

URL = "https://llm.example.com/v1/chat/completions"


def write(prompt: str) -> Iterator[str]:
    """The pieces of the answer. Raises RuntimeError if it breaks off."""
    with httpx.stream("POST", URL, json={"prompt": prompt, "stream": True}, timeout=20) as response:
        response.raise_for_status()
        try:
            for line in response.iter_lines():
                data = line.removeprefix("data: ")
                if data == "[DONE]":
                    return
                if data:
                    yield json.loads(data)["text"]
        except httpx.TransportError as error:
            raise RuntimeError("the answer broke off") from error
    raise RuntimeError("the answer broke off")
