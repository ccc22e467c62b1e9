"""Credentials that a request has to bring: basic, bearer and digest. Knows the schemes; not where they are asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
from itertools import count
from typing import TYPE_CHECKING, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.replies import Reply, reply

if TYPE_CHECKING:
    from mockstatus.messages import Request

REALM = "mockstatus"
_DIGEST_PART = re.compile(r'([A-Za-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Scheme(Protocol):
    """One way of showing credentials."""

    def accepts(self, request: Request, credentials: str) -> bool:
        """Whether what stands behind the scheme's name in ``Authorization`` will do."""
        ...

    def challenge(self, *, wrong: bool) -> str:
        """What ``WWW-Authenticate`` asks for; ``wrong`` if there were credentials that would not do."""
        ...


class Basic:
    """A name and a password (RFC 7617)."""

    def __init__(self, pair: tuple[str, str]) -> None:
        self._wanted = base64.b64encode(":".join(pair).encode()).decode()

    def accepts(self, request: Request, credentials: str) -> bool:
        return hmac.compare_digest(credentials.strip(), self._wanted)

    def challenge(self, *, wrong: bool) -> str:
        return f'Basic realm="{REALM}", charset="UTF-8"'


class Bearer:
    """A token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._wanted = token

    def accepts(self, request: Request, credentials: str) -> bool:
        return hmac.compare_digest(credentials.strip().encode(), self._wanted.encode())

    def challenge(self, *, wrong: bool) -> str:
        return f'Bearer realm="{REALM}"' + (', error="invalid_token"' if wrong else "")


class Digest:
    """A name and a password that are proved and not sent (RFC 7616), with MD5, which every client knows."""

    def __init__(self, pair: tuple[str, str]) -> None:
        self._user, self._password = pair
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._nonces: set[str] = set()

    def accepts(self, request: Request, credentials: str) -> bool:
        given = {name.lower(): quoted or plain for name, quoted, plain in _DIGEST_PART.findall(credentials)}
        algorithm = _HASHES.get(given.get("algorithm", "MD5").upper())
        if algorithm is None or given.get("nonce") not in self._nonces or given.get("uri") != request.target:
            return False

        def digest(*parts: str) -> str:
            return algorithm(":".join(parts).encode()).hexdigest()

        secret = digest(self._user, REALM, self._password)
        subject = digest(request.method, request.target)
        if given.get("qop") == "auth":
            proof = digest(secret, given["nonce"], given.get("nc", ""), given.get("cnonce", ""), "auth", subject)
        else:
            proof = digest(secret, given["nonce"], subject)
        return given.get("username") == self._user and hmac.compare_digest(given.get("response", ""), proof)

    def challenge(self, *, wrong: bool) -> str:
        with self._lock:
            nonce = hashlib.sha256(f"{REALM} {next(self._numbers)}".encode()).hexdigest()[:32]
            self._nonces.add(nonce)
        return f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5'


class Protection:
    """Turns away requests that do not bring the right credentials, with a 401 and what it asks for."""

    def __init__(self, name: str, scheme: Scheme) -> None:
        self._name = name
        self._scheme = scheme

    def refuse(self, request: Request, elapsed: float) -> Reply | None:
        name, _, credentials = request.headers.get("Authorization", "").partition(" ")
        shown = name.lower() == self._name
        if shown and self._scheme.accepts(request, credentials):
            return None
        return reply(401, headers={"WWW-Authenticate": self._scheme.challenge(wrong=shown)})

    def rewind(self) -> None:
        """There is nothing to begin anew: what was given out stays good."""

    def snapshot(self) -> None:
        """Nothing changes."""

    def restore(self, snapshot: None) -> None:
        """Nothing has changed."""

    def __repr__(self) -> str:
        return f"protect({self._name})"


def protection(*, basic: tuple[str, str] | None, bearer: str | None, digest: tuple[str, str] | None) -> Protection:
    """The protection that one of these asks for. Raises InvalidRoute for none, several, or what is no credentials."""
    given = [name for name, value in (("basic", basic), ("bearer", bearer), ("digest", digest)) if value is not None]
    if len(given) != 1:
        raise InvalidRoute(
            f"protect({', '.join(f'{name}=…' for name in given)}): give one of "
            'basic=("user", "password"), bearer="token", digest=("user", "password")'
        )
    if bearer is not None:
        if not isinstance(bearer, str) or not bearer:
            raise InvalidRoute(f"bearer={bearer!r}: give the token")
        return Protection("bearer", Bearer(bearer))
    if digest is not None:
        return Protection("digest", Digest(_pair("digest", digest)))
    assert basic is not None
    return Protection("basic", Basic(_pair("basic", basic)))


def _pair(name: str, value: object) -> tuple[str, str]:
    if not isinstance(value, (tuple, list)) or len(value) != 2 or not all(isinstance(part, str) for part in value):
        raise InvalidRoute(f'{name}={value!r}: give ("user", "password")')
    return value[0], value[1]
