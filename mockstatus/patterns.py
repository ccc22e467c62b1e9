"""What URLs a route answers: literal, templated, with a wildcard host, or a regular expression. Knows URLs only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote

from mockstatus.errors import InvalidRoute
from mockstatus.urls import (
    DEFAULT_PORTS,
    Origin,
    authority_of,
    canonical_escapes,
    canonical_path,
    has_scheme,
    is_absolute,
    parse_query,
    split,
    split_authority,
    split_relative,
    without_dots,
)

_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:path)?")
_HTTP_URL = re.compile(  # the usual URL: canonical as it stands
    r"(https?)://((?:\*\.)?[a-z0-9.\-]+)((?:/(?:[A-Za-z0-9\-_~]*|\{[A-Za-z_][A-Za-z0-9_]*(?::path)?\}))+)"
)


class Tail(NamedTuple):
    """``{name:path}``: the rest of the path."""

    name: str


class Slot(NamedTuple):
    """``{name}``: one whole segment."""

    name: str


Segment = str | Slot | Tail


class Target(NamedTuple):
    """A parsed route URL. Just one of ``path``, ``segments`` and ``regex`` says which paths or URLs fit.

    ``host_suffix`` is set for ``*.example.com`` (and empty for ``*``); ``query`` holds the pairs of a query. A ``regex``
    with an ``origin`` was made from a template and is for canonical URLs, one without is the user's own.
    """

    text: str
    origin: Origin | None = None
    path: str | None = None
    segments: tuple[Segment, ...] | None = None
    regex: re.Pattern[str] | None = None
    names: tuple[str, ...] = ()
    host_suffix: str | None = None
    query: list[tuple[str, str]] | None = None

    def values(self, parts: list[str]) -> list[str]:
        """What the templates stand for in a path that fits, split at its slashes."""
        assert self.segments is not None
        return [
            "/".join(parts[place:]) if isinstance(segment, Tail) else parts[place]
            for place, segment in enumerate(self.segments)
            if not isinstance(segment, str)
        ]


EVERYTHING: Final = Target("")


def parse_target(url: str | re.Pattern[str] | None, base_url: str | None) -> Target:
    """Read a route's URL; relative ones are appended to ``base_url`` as httpx does. Raises InvalidRoute."""
    if isinstance(url, str):
        absolute = join(base_url, url) if base_url is not None and url[:1] == "/" and url[:2] != "//" else url
        return _parse_usual(absolute) or _parse_text(url, base_url)
    if url is None:
        return EVERYTHING
    if isinstance(url, re.Pattern):
        if not isinstance(url.pattern, str):
            raise InvalidRoute(f"{url!r} is a pattern of bytes: URLs are text")
        return Target(url.pattern, regex=url)
    if type(url).__name__ == "URL":  # httpx's, yarl's: whatever writes itself as one
        return _parse_text(str(url), base_url)
    raise InvalidRoute(f"{url!r} is no URL: give text or a compiled regular expression")


@lru_cache(maxsize=1024)  # many routes may share a URL, and many tests a route
def _parse_usual(url: str) -> Target | None:
    """A URL that is canonical as it stands, whole segments of its path being templates or not; None for all others."""
    found = _HTTP_URL.fullmatch(url)
    if found is None:
        return None
    scheme, host, path = found.groups()
    if "//" in path or "." not in host or not host.rpartition(".")[2].isalpha():
        return None
    origin = (scheme, host, DEFAULT_PORTS[scheme])
    suffix = host[2:] if host[0] == "*" else None
    if "{" not in path:
        return Target(url, origin, path, host_suffix=suffix)
    segments = tuple([_usual_segment(text) if "{" in text else text for text in path.split("/")])
    names = tuple([segment.name for segment in segments if not isinstance(segment, str)])
    if len(set(names)) < len(names) or -1 < path.find(":path}") < len(path) - len(":path}"):
        return None  # to be refused with its reason
    return Target(url, origin, segments=segments, names=names, host_suffix=suffix)


def _usual_segment(text: str) -> Segment:
    name = text[1:-1]
    return Tail(name[:-5]) if name.endswith(":path") else Slot(name)


def join(base_url: str, path: str) -> str:
    """Append a relative path to a base URL, with one slash between."""
    return base_url + ("" if base_url.endswith("/") else "/") + path.lstrip("/")


def check_base_url(base_url: object) -> str:
    """The base URL, if it is an absolute one. Raises InvalidRoute."""
    if not isinstance(base_url, str):
        base_url = str(base_url)
    parts = split(base_url)
    if parts.query is not None:
        raise InvalidRoute(
            f"base_url={base_url!r} has a query: a route's URL is appended to it, so it ends with a path"
        )
    return base_url.partition("#")[0]


def _parse_text(url: str, base_url: str | None) -> Target:
    absolute = _absolute(url, base_url)
    scheme, _, rest = absolute.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path, query = split_relative(rest[len(authority) :])
    if "{" in authority:
        raise InvalidRoute(f"{url!r}: a {{name}} stands for a segment of the path; in a host write *")
    if query and _FIELD.search(query):
        raise InvalidRoute(f"{url!r}: a {{name}} stands for a segment of the path; match the query with params=")
    if scheme.lower() not in DEFAULT_PORTS:
        split(absolute)  # raises
    host, port = split_authority(authority.replace("*", _WILDCARD), scheme.lower(), absolute)
    host = host.replace(_WILDCARD, "*")
    pairs = None if query is None else parse_query(query)
    target = Target(absolute, (scheme.lower(), host, port), query=pairs)
    _check_fields(path, absolute)
    segments = _segments(path, absolute)
    if segments is None or "*" in host.removeprefix("*."[: len(host)]):
        path_part, names = _path_regex(path, absolute)
        return target._replace(regex=re.compile(_origin_regex(target.origin) + path_part), names=names)
    if host.startswith("*"):
        target = target._replace(host_suffix=host[2:])
    names = tuple(segment.name for segment in segments if not isinstance(segment, str))
    return target._replace(segments=segments, names=names) if names else target._replace(path=canonical_path(path))


_WILDCARD = "xxwildcardxx"  # stands for * while the host is read: letters, so that nothing is done to it


def _absolute(url: str, base_url: str | None) -> str:
    if is_absolute(url):
        return url
    if has_scheme(url):
        split(url)  # raises
    if url.startswith("//") and not url.startswith("///"):
        raise InvalidRoute(f"{url!r} has no scheme: write https:{url}")
    if base_url is None:
        raise InvalidRoute(
            f"{url!r} is relative and there is no base_url: write https://…{url if url.startswith('/') else '/' + url}, "
            "or give Router(base_url=…) or activate(base_url=…)"
        )
    path, query = split_relative(url)
    return join(base_url, path) + ("" if query is None else "?" + query)


def _segments(path: str, url: str) -> tuple[Segment, ...] | None:
    """The path's segments; None where one is only partly a template, as in ``/models/{name}:generate``."""
    segments: list[Segment] = []
    for text in without_dots(path).split("/"):
        found = _FIELD.fullmatch(text)
        if found is not None:
            name, is_rest = _split_field(found[1], url)
            segments.append(Tail(name) if is_rest else Slot(name))
        elif "{" in text:
            return None
        else:
            segments.append(canonical_escapes(text))
    return tuple(segments)


def _origin_regex(origin: Origin | None) -> str:
    assert origin is not None
    scheme, host, port = origin
    return r"\A" + re.escape(f"{scheme}://{authority_of(scheme, host, port)}").replace(r"\*", r"[^/:?#]+")


def _path_regex(path: str, url: str) -> tuple[str, tuple[str, ...]]:
    """A pattern for a canonical URL from its path on, and the names in it."""
    pieces: list[str] = []
    names: list[str] = []
    position = 0
    path = without_dots(path)
    for found in _FIELD.finditer(path):
        name, is_rest = _split_field(found[1], url)
        names.append(name)
        pieces.append(re.escape(canonical_escapes(path[position : found.start()])))
        pieces.append(f"(?P<{name}>[^?]*)" if is_rest else f"(?P<{name}>[^/?]+)")
        position = found.end()
    pieces.append(re.escape(canonical_escapes(path[position:]) if names else canonical_path(path)))
    return "".join(pieces) + r"(?:\?.*)?\Z", tuple(names)


def _check_fields(path: str, url: str) -> None:
    if "{" in _FIELD.sub("", path) or "}" in _FIELD.sub("", path):
        raise InvalidRoute(
            f"{url!r} has a brace without its other half: write {{name}}, or %7B and %7D for braces themselves"
        )
    names = [_split_field(found[1], url) for found in _FIELD.finditer(path)]
    seen = [name for name, _ in names]
    for name in seen:
        if seen.count(name) > 1:
            raise InvalidRoute(f"{url!r} has {{{name}}} twice: each name stands for one value")
    rest = [name for name, is_rest in names if is_rest]
    if rest and not path.endswith(f"{{{rest[-1]}:path}}"):
        raise InvalidRoute(f"{url!r}: {{{rest[-1]}:path}} is the rest of the path, so nothing can follow it")
    if len(rest) > 1:
        raise InvalidRoute(f"{url!r}: {{{rest[0]}:path}} is the rest of the path, so nothing can follow it")


def _split_field(text: str, url: str) -> tuple[str, bool]:
    found = _NAME.fullmatch(text)
    if found is None:
        raise InvalidRoute(f"{url!r}: {{{text}}} is not {{name}} or {{name:path}}, with a name such as job_id")
    return found[1], found[2] is not None


def decode_params(names: tuple[str, ...], values: list[str]) -> dict[str, str]:
    """The values that templates stood for, decoded, by name."""
    return {name: unquote(value) if "%" in value else value for name, value in zip(names, values, strict=True)}
