"""Receives webhooks: checks who signed them, takes each once, and confirms it to the service that sent it."""

from __future__ import annotations

import hashlib
import hmac
import json

import httpx

CONFIRM = "https://api.example.com/events/{id}/confirm"


class Receiver:
    """What a web framework's route would call with the body and the signature of a request."""

    def __init__(self, secret: bytes, client: httpx.Client) -> None:
        self._secret = secret
        self._client = client
        self.events: dict[str, dict] = {}

    def receive(self, body: bytes, signature: str) -> int:
        """The status to answer: 204 taken, 200 known already, 401 not signed, 503 not confirmed, to be sent again."""
        if not hmac.compare_digest(sign(self._secret, body), signature):
            return 401
        event = json.loads(body)
        if event["id"] in self.events:
            return 200
        try:
            self._client.post(CONFIRM.format(id=event["id"])).raise_for_status()
        except httpx.HTTPError:
            return 503
        self.events[event["id"]] = event
        return 204


def sign(secret: bytes, body: bytes) -> str:
    """The signature of a body."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
