"""Credentials that a request has to bring: basic, bearer and digest. Knows the schemes; not where they are asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.replies import Reply, reply

if TYPE_CHECKING:
    from mockstatus.messages import Request

REALM = "mockstatus"
_DIGEST_PART = re.compile(r'([A-Za-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_ESCAPED = re.compile(r"\\(.)")
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class Scheme(Protocol):
    """One way of showing credentials."""

    def challenge(self, request: Request, shown: str | None) -> str | None:
        """What ``WWW-Authenticate`` asks for, where what stands behind the scheme's name will not do; None where it does.

        ``shown`` is None where there was nothing of this scheme.
        """
        ...


class Basic:
    """A name and a password (RFC 7617), in UTF-8, as the challenge says."""

    def __init__(self, pair: tuple[str, str]) -> None:
        if ":" in pair[0]:
            raise InvalidRoute(f"basic={pair!r}: a name has no colon, which ends it (RFC 7617, Section 2)")
        self._wanted = base64.b64encode(":".join(pair).encode())

    def challenge(self, request: Request, shown: str | None) -> str | None:
        if shown is not None and _is_same(shown, self._wanted):
            return None
        return f'Basic realm="{REALM}", charset="UTF-8"'


class Bearer:
    """A token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._wanted = token.encode()

    def challenge(self, request: Request, shown: str | None) -> str | None:
        if shown is None:
            return f'Bearer realm="{REALM}"'
        return None if _is_same(shown, self._wanted) else f'Bearer realm="{REALM}", error="invalid_token"'


class Digest:
    """A name and a password that are proved and not sent (RFC 7616).

    Asks for MD5, which every client knows, and takes SHA-256 too. A nonce is good for as long as the gate stands.
    """

    def __init__(self, pair: tuple[str, str]) -> None:
        self._user, self._password = pair
        self._numbers = count(1)
        self._secret = secrets.token_hex(8)  # so that a nonce of another gate is none of this one
        self._lock = threading.Lock()
        self._nonces: set[str] = set()

    def challenge(self, request: Request, shown: str | None) -> str | None:
        given = {} if shown is None else _read_parts(shown)
        proved = shown is not None and self._proves(request, given)
        if proved and given["nonce"] in self._nonces:
            return None
        stale = ", stale=true" if proved else ""  # right, but for a nonce that is not known (any more)
        return f'Digest realm="{REALM}", nonce="{self._new_nonce()}", qop="auth", algorithm=MD5{stale}'

    def _proves(self, request: Request, given: Mapping[str, str]) -> bool:
        """Whether the response is what only somebody who knows the password can have computed."""
        algorithm = _HASHES.get(given.get("algorithm", "MD5").upper())
        if algorithm is None or given.get("uri") != request.target or given.get("realm") != REALM:
            return False

        def digest(*parts: str) -> str:
            return algorithm(":".join(parts).encode()).hexdigest()

        secret = digest(self._user, REALM, self._password)
        subject = digest(request.method, request.target)
        nonce, names = given.get("nonce", ""), (self._user, self._user.encode().decode("latin-1"))
        if "qop" in given:
            proof = digest(secret, nonce, given.get("nc", ""), given.get("cnonce", ""), given["qop"], subject)
        else:
            proof = digest(secret, nonce, subject)
        usable = given.get("qop", "auth") == "auth" and given.get("username") in names
        return usable and _is_same(given.get("response", ""), proof.encode())

    def _new_nonce(self) -> str:
        with self._lock:
            nonce = hashlib.sha256(f"{self._secret} {next(self._numbers)}".encode()).hexdigest()[:32]
            self._nonces.add(nonce)
        return nonce


class Protection:
    """Turns away requests that do not bring the right credentials, with a 401 and what it asks for."""

    def __init__(self, name: str, scheme: Scheme) -> None:
        self._name = name
        self._scheme = scheme

    def refuse(self, request: Request, elapsed: float) -> Reply | None:
        name, _, credentials = request.headers.get("Authorization", "").partition(" ")
        shown = credentials.strip() if name.lower() == self._name else None
        challenge = self._scheme.challenge(request, shown)
        return None if challenge is None else reply(401, headers={"WWW-Authenticate": challenge})

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


def _read_parts(credentials: str) -> dict[str, str]:
    """The parameters of digest credentials, by their names in lower case."""
    found = _DIGEST_PART.findall(credentials)
    return {name.lower(): _ESCAPED.sub(r"\1", quoted) if quoted else plain for name, quoted, plain in found}


def _is_same(shown: str, wanted: bytes) -> bool:
    return hmac.compare_digest(shown.encode("latin-1", "replace"), wanted)
