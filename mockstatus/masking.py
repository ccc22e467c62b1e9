"""Header values without what must not stand in a log. Knows header names only."""

from __future__ import annotations

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
_COOKIES = frozenset({"cookie", "set-cookie"})
# Of credentials, the scheme may be shown; what is no known scheme may be the secret itself.
_SCHEMES = frozenset(
    {"apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "hawk", "negotiate", "ntlm", "oauth", "token"}
)
MASK = "***"


def is_secret(name: str) -> bool:
    """Whether a header's value must not stand in a log."""
    return name.lower() in _SECRET


def masked(name: str, value: str) -> str:
    """A header's value with what is secret in it hidden: the scheme of credentials and the names of cookies stay."""
    if not is_secret(name):
        return value
    if name.lower() in _COOKIES:
        return "; ".join(_masked_cookie(piece.strip()) for piece in value.split(";"))
    scheme, space, _ = value.strip().partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in _SCHEMES else MASK


def _masked_cookie(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}={MASK}" if equals else MASK
