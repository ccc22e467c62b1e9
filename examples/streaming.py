"""Reads an answer of a language model as it is written, and begins again where the connection was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx

URL = "https://llm.example.com/v1/chat"


def words(client: httpx.Client, question: str) -> Iterator[str]:
    """The pieces of one answer. Raises an error of httpx where it breaks off."""
    with client.stream("POST", URL, json={"question": question, "stream": True}) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line == "data: [DONE]":
                return
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))["text"]


def ask(client: httpx.Client, question: str, *, attempts: int = 2) -> str:
    """A whole answer; one that broke off is asked for again. Raises the last error of httpx."""
    for attempt in range(1, attempts + 1):
        try:
            return "".join(words(client, question))
        except httpx.TransportError:
            if attempt == attempts:
                raise
    raise AssertionError("the last attempt returns or raises")
