"""Which two URLs are the same one (RFC 3986, Section 6.2.2; WHATWG URL). Knows text; must not know routes or clients."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from mockstatus.errors import InvalidRoute

DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?://|\Z)")
_RELATIVE = re.compile(r"([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(?:(?P<user>.*)@)?(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>[0-9]*))?")
# A path that is its own canonical form: no escapes, nothing to escape, no segment "." or "..".
_PLAIN_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9\-._~!$&'()*+,;=:@]*)+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPED_DOT = re.compile(r"(?i)%2e")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = "%:/@!$&'()*+,;=-._~"  # everything that RFC 3986 lets stand in a path; the rest is percent-encoded
_IPV4_LAST = re.compile(r"(?i)(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)\.?")
_SAFE_HOST = re.compile(r"[a-z0-9_\-.]+")
_NO_HOST = re.compile(r"[\x00-\x20\x7f\"#%/<>?@\[\\\]^`{|}]")  # what the URL standard forbids, and clients refuse

Origin = tuple[str, str, int]


class SplitURL(NamedTuple):
    """An absolute URL in comparable pieces; ``query`` is None where there is no ``?``."""

    scheme: str
    host: str
    port: int
    path: str
    query: str | None

    @property
    def origin(self) -> Origin:
        """Scheme, host and port (RFC 6454, Section 4)."""
        return (self.scheme, self.host, self.port)


class TargetURI:
    """Where a request is going (RFC 9110, Section 7.1), taken apart once for all requests that go there.

    ``host`` is in comparable form; ``target`` is path and query as they are sent; ``path`` is in comparable form, and
    ``query`` as it is sent, None without a question mark.
    """

    __slots__ = ("_url", "host", "origin", "path", "port", "query", "scheme", "target")

    _url: str

    def __init__(self, scheme: str, host: str, port: int, target: str) -> None:
        self.scheme: Final = scheme
        self.host: Final = host
        self.port: Final = port
        self.target: Final = target
        self.origin: Final[Origin] = (scheme, host, port)
        path, mark, query = target.partition("?")
        self.path: Final = canonical_path(path)
        self.query: Final = query if mark else None

    @property
    def url(self) -> str:
        """All of it, as it is sent."""
        try:
            return self._url
        except AttributeError:
            self._url = f"{self.scheme}://{authority_of(self.scheme, self.host, self.port)}{self.target}"
            return self._url

    @property
    def canonical_url(self) -> str:
        """All of it, with its path in comparable form."""
        url = f"{self.scheme}://{authority_of(self.scheme, self.host, self.port)}{self.path}"
        return url if self.query is None else f"{url}?{self.query}"

    def with_target(self, target: str) -> TargetURI:
        """The same place on another path."""
        return target_uri(self.scheme, self.host, self.port, target)


@lru_cache(maxsize=1024)
def target_uri(scheme: str, host: str, port: int, target: str) -> TargetURI:
    """Where a request is going, from its pieces: the host in comparable form."""
    return TargetURI(scheme, host, port, target)


def split(url: str) -> SplitURL:
    """Take an absolute http or https URL apart; the path is left as written. Raises InvalidRoute."""
    found = _URL.fullmatch(url)
    if found is None:
        raise InvalidRoute(
            f"{url!r} is not an absolute URL: write it with scheme and host, as https://api.example.com/path"
        )
    scheme, authority, path, query = found.groups()
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise InvalidRoute(f"{url!r} has the scheme {scheme!r}: only http and https are answered")
    host, port = split_authority(authority, scheme, url)
    return SplitURL(scheme, host, port, path, query)


def split_authority(authority: str, scheme: str, url: str) -> tuple[str, int]:
    """Host and port of a URL's authority, the scheme's default port filled in. Raises InvalidRoute."""
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise InvalidRoute(f"{url!r} has the authority {authority!r}, which is not host or host:port")
    if found["user"] is not None:
        raise InvalidRoute(
            f'{url!r} has user info, which is never part of a request: match it with headers={{"Authorization": …}}'
        )
    if not found["host"]:
        raise InvalidRoute(f"{url!r} has no host")
    port = int(found["port"]) if found["port"] else DEFAULT_PORTS[scheme]
    if port > 65535:
        raise InvalidRoute(f"{url!r} has the port {port}: the highest is 65535")
    host = canonical_host(found["host"])
    forbidden = None if ":" in host else _NO_HOST.search(host)
    if forbidden is not None:
        raise InvalidRoute(f"{url!r} has {forbidden[0]!r} in its host, which no host has")
    return host, port


def split_relative(url: str) -> tuple[str, str | None]:
    """Path and query of a relative URL."""
    found = _RELATIVE.fullmatch(url)
    assert found is not None, "the pattern fits any text"
    return found[1], found[2]


def is_absolute(url: str) -> bool:
    """Whether the URL names its own scheme and host."""
    return _URL.fullmatch(url) is not None


def has_scheme(url: str) -> bool:
    """Whether the URL begins with a scheme, whatever comes then."""
    return _SCHEME.match(url) is not None


def authority_of(scheme: str, host: str, port: int) -> str:
    """Host and port as a URL and a Host header write them: the default port left out, IPv6 in brackets."""
    shown = f"[{host}]" if ":" in host else host
    return shown if DEFAULT_PORTS.get(scheme) == port else f"{shown}:{port}"


@lru_cache(maxsize=4096)
def canonical_path(path: str) -> str:
    """The comparable form of a path: RFC 3986, Sections 6.2.2.1 to 6.2.2.3, and ``/`` for an empty one."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return without_dots(canonical_escapes(path)) or "/"


def canonical_escapes(text: str) -> str:
    """Escapes of unreserved characters decoded, the rest in upper case; what may not stand as it is, escaped."""
    text = _STRAY_PERCENT.sub("%25", text)
    return _ESCAPE.sub(_normal_escape, quote(text, safe=_KEPT, errors="replace"))


def _normal_escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


def without_dots(path: str) -> str:
    """The path without its segments ``.`` and ``..``, escaped or not (RFC 3986, Section 5.2.4)."""
    path = _ESCAPED_DOT.sub(".", path)
    if "." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == ".":
            if last:
                kept.append("")
        elif segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


@lru_cache(maxsize=1024)
def canonical_host(host: str) -> str:
    """The comparable form of a host: lower case, IDNA in ASCII, IP addresses as the URL standard writes them."""
    host = host.lower()
    if "%" in host:
        host = unquote(host).lower()
    if host.startswith("[") or ":" in host:
        return _canonical_ipv6(host.strip("[]"))
    if _SAFE_HOST.fullmatch(host):
        return _canonical_ipv4(host) if _IPV4_LAST.fullmatch(host) else host
    if host.isascii():
        return host
    return _to_ascii(host)


def _canonical_ipv6(host: str) -> str:
    import ipaddress

    address, _, zone = host.partition("%")
    try:
        plain = str(ipaddress.IPv6Address(address))
    except ValueError:
        return host
    return f"{plain}%{zone}" if zone else plain


def _canonical_ipv4(host: str) -> str:
    """The IPv4 forms of the URL standard: 127.1, 0x7f.0.0.1, 2130706433."""
    numbers = []
    for part in host.removesuffix(".").split("."):
        number = _ipv4_number(part)
        if number is None:
            return host
        numbers.append(number)
    *front, last = numbers
    if len(front) > 3 or any(number > 255 for number in front) or last >= 256 ** (4 - len(front)):
        return host
    value = last + sum(number << (8 * (3 - position)) for position, number in enumerate(front))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv4_number(part: str) -> int | None:
    """Hexadecimal after 0x, octal after 0, else decimal."""
    if part.startswith("0x"):
        digits, base = part[2:] or "0", 16
    elif part.startswith("0") and len(part) > 1:
        digits, base = part[1:], 8
    else:
        digits, base = part, 10
    allowed = "0123456789abcdef"[:base]
    return int(digits, base) if digits and len(digits) < 20 and set(digits) <= set(allowed) else None


def _to_ascii(host: str) -> str:
    """IDNA 2008 where the ``idna`` package is there (as the clients do it), else the standard library's 2003."""
    try:
        import idna
    except ImportError:
        codec = "idna"
    else:
        try:
            return idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            codec = "idna"
    try:
        return host.encode(codec).decode("ascii")
    except UnicodeError:
        return host


def parse_query(query: str) -> list[tuple[str, str]]:
    """The pairs of an ``application/x-www-form-urlencoded`` text, empty values kept (URL standard, Section 5.1)."""
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((_decode(name), _decode(value)))
    return pairs


def _decode(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    return unquote_to_bytes(text).decode("utf-8", "replace") if "%" in text else text
