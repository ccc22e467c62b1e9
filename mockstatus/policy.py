"""Which hosts may really be called. Knows names and addresses; must not know who asks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from mockstatus.errors import InvalidSetting
from mockstatus.urls import canonical_host

NetworkLike = str | Sequence[str]
_PATTERN = re.compile(r"(\[[^\]]*\]|[^:/\s\[\]]+)(?::(\d{1,5}))?")


class Policy:
    """What ``network`` says: nothing, everything, or the hosts that fit one of its patterns."""

    __slots__ = ("_patterns", "allow_all", "text")

    def __init__(self, network: NetworkLike) -> None:
        self.allow_all: Final = network == "allow"
        self._patterns = () if network in ("allow", "block") else _read_patterns(network)
        self.text: Final = network if isinstance(network, str) else list(network)

    def allows(self, host: str, port: int | None) -> bool:
        """Whether a host may be called; without a port, whether it may on any."""
        return self.allow_all or (
            bool(self._patterns) and any(pattern.fits(canonical_host(host), port) for pattern in self._patterns)
        )

    def __repr__(self) -> str:
        return f"network={self.text!r}"


class HostPattern:
    """One pattern: a host, ``*`` for one label or more, ``localhost`` for loopback in every spelling, and a port."""

    __slots__ = ("_loopback", "_port", "_regex")

    def __init__(self, text: str) -> None:
        found = _PATTERN.fullmatch(
            f"[{text}]" if ":" in text and "[" not in text and read_address(text) is not None else text
        )
        if found is None:
            raise InvalidSetting(f"network={text!r} is no host pattern: {_ADVICE}")
        host, port = found.groups()
        self._port = None if port is None else int(port)
        if self._port is not None and self._port > _HIGHEST_PORT:
            raise InvalidSetting(f"network={text!r}: the highest port is {_HIGHEST_PORT}; {_ADVICE}")
        self._loopback = host.lower() == "localhost"
        plain = canonical_host(host.replace("*", _STAR)).replace(_STAR, "*").rstrip(".")
        self._regex = re.compile(re.escape(plain).replace(r"\*", ".+"))

    def fits(self, host: str, port: int | None) -> bool:
        if self._port is not None and port is not None and port != self._port:
            return False
        return self._regex.fullmatch(host.rstrip(".")) is not None or (self._loopback and is_loopback(host))


_STAR = "xxstarxx"
_ADVICE = 'give "block", "allow", or hosts such as "localhost", "*.internal", "127.0.0.1:8000"'
_HIGHEST_PORT = 65535


def _read_patterns(network: NetworkLike) -> tuple[HostPattern, ...]:
    if isinstance(network, str):
        return (HostPattern(network),)
    if not isinstance(network, (Sequence, set, frozenset)) or not all(isinstance(one, str) for one in network):
        raise InvalidSetting(f"network={network!r}: {_ADVICE}")
    alone = [one for one in network if one in ("allow", "block")]
    if alone:
        raise InvalidSetting(f"network={network!r}: {alone[0]!r} stands alone; a list is of host patterns")
    return tuple(HostPattern(one) for one in network)


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether a host is this machine, in any spelling (RFC 6761, Section 6.3)."""
    host = host.lower()
    if host in ("localhost", "localhost.") or host.endswith((".localhost", ".localhost.")):
        return True
    address = read_address(host)
    return address is not None and (address.is_loopback or _mapped(address).is_loopback)


@lru_cache(maxsize=1024)
def is_local(host: str) -> bool:
    """Whether a host is loopback, on a private network, or a name of one label, as databases and brokers are."""
    address = read_address(host)
    if address is None:
        return is_loopback(host) or "." not in host.rstrip(".")
    plain = _mapped(address)
    return plain.is_unspecified or any(plain in network for network in _LOCAL_NETWORKS)


# Loopback, link-local and private use (RFC 1122, RFC 1918, RFC 3927, RFC 4193, RFC 4291). What the ipaddress module calls
# private is more: the addresses for documentation, for one, which nobody's database has.
_LOCAL_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


def read_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host is; None for a name."""
    try:
        return ipaddress.ip_address(canonical_host(host).partition("%")[0])
    except ValueError:
        return None


def _mapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address written as IPv6, as the IPv4 address it is."""
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
