"""Header values without what must not stand in a log. Knows header names only."""

from __future__ import annotations

_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
_MASK = "***"


def is_secret(name: str) -> bool:
    """Whether a header's value must not stand in a log."""
    return name.lower() in _SECRET


def masked(name: str, value: str) -> str:
    """A header's value with what is secret in it hidden: the scheme of credentials and the names of cookies stay."""
    if not is_secret(name):
        return value
    if name.lower() in ("cookie", "set-cookie"):
        return "; ".join(f"{piece.strip().partition('=')[0]}={_MASK}" for piece in value.split(";"))
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {_MASK}" if space else _MASK
