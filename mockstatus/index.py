"""Finds the routes that may fit a request without looking at the others. Knows keys; must not know what routes answer.

Routes are kept in chains, from the newest back to the oldest. A chain is changed with the router's lock held and walked
without it: whoever stands on a link that is taken out still finds the way to the older ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeVar

from mockstatus.conditions import request_keys
from mockstatus.literals import grams, required_literals
from mockstatus.patterns import Segment, Slot
from mockstatus.urls import Origin

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.routes import Route

ANY_METHOD: Final = ""
_SPLIT_AT = 16  # routes in a bucket from which it pays to file them by their conditions
_GRAM_SIZES = (8, 4)
Key = TypeVar("Key", bound=Hashable)
_newest = attrgetter("serial")


class Link:
    """A route's place in a chain."""

    __slots__ = ("chain", "newer", "older", "route")

    def __init__(self, route: Route, chain: Chain, older: Link | None, newer: Link | None) -> None:
        self.route = route
        self.chain = chain
        self.older = older
        self.newer = newer


class Chain:
    """Routes in the order of their age."""

    __slots__ = ("length", "newest")

    def __init__(self) -> None:
        self.newest: Link | None = None
        self.length = 0

    def add(self, route: Route) -> None:
        """Put a route in its place, which is the newest's unless it was there before, or is a last resort."""
        newer: Link | None = None
        older = self.newest
        while older is not None and older.route.serial > route.serial:
            newer, older = older, older.older
        link = Link(route, self, older, newer)
        if older is not None:
            older.newer = link
        if newer is None:
            self.newest = link
        else:
            newer.older = link
        self.length += 1
        route.links.append(link)

    def remove(self, link: Link) -> None:
        """Take a link out."""
        if link.older is not None:
            link.older.newer = link.newer
        if link.newer is None:
            self.newest = link.older
        else:
            link.newer.older = link.older
        self.length -= 1

    def __iter__(self) -> Iterator[Route]:
        link = self.newest
        while link is not None:
            yield link.route
            link = link.older


class Index:
    """All routes of a router, found by URL and method, and where many share these, by what else they ask."""

    __slots__ = ("_anything", "_origins", "_patterns", "_suffixes", "literal")

    def __init__(self) -> None:
        self.literal = True  # whether every route names its origin
        self._origins: dict[Origin, PathTable] = {}
        self._suffixes: dict[Origin, PathTable] | None = None  # by scheme, host without its first labels, and port
        self._patterns: dict[str, PatternTable] | None = None  # by method
        self._anything: dict[str, Bucket] | None = None  # by method

    def add(self, route: Route) -> None:
        """File a route, in time that does not depend on how many there are."""
        target = route.target
        if target.regex is not None or target.host_suffix is not None or target.origin is None:
            self.literal = False
        if target.regex is not None:
            if self._patterns is None:
                self._patterns = {}
            table = self._patterns.get(route.method)
            if table is None:
                table = self._patterns[route.method] = PatternTable()
            table.add(route)
        elif target.host_suffix is not None and target.origin is not None:
            if self._suffixes is None:
                self._suffixes = {}
            scheme, _, port = target.origin
            _paths(self._suffixes, (scheme, target.host_suffix, port)).add(route)
        elif target.origin is not None:
            _paths(self._origins, target.origin).add(route)
        else:
            if self._anything is None:
                self._anything = {}
            _bucket(self._anything, route.method).add(route)

    def newest_first(self, request: Request) -> Iterable[Route]:
        """The routes that may fit, newest first; which of them do is for each route to say."""
        table = self._origins.get((request.scheme, request.host, request.port))
        if self.literal and (table is None or table.literal):  # the usual case: no templates, no wildcards, no patterns
            bucket = None if table is None else table.buckets.get((request.method, request.canonical_path))
            return () if bucket is None else bucket.newest_first(request)
        return merged(self._chains(request, table))

    def _chains(self, request: Request, table: PathTable | None) -> list[Chain]:
        """The chains that hold every route that may fit."""
        method, path = request.method, request.canonical_path
        found: list[Bucket] = []
        if table is not None:
            table.collect(method, path, found)
        if self._suffixes is not None:
            for origin in _suffix_keys(request):
                table = self._suffixes.get(origin)
                if table is not None:
                    table.collect(method, path, found)
        if self._anything is not None:
            _collect(self._anything, method, found)
        chains = [chain for bucket in found for chain in bucket.chains(request)]
        if self._patterns is not None:
            for key in (method, ANY_METHOD):
                if key in self._patterns:
                    chains += self._patterns[key].chains(request)
        return chains


class Bucket:
    """Routes for the same method and URL. Where they are many, each is filed under one of its keys as well."""

    __slots__ = ("_all", "_fields", "_keyed", "_loose")

    def __init__(self) -> None:
        self._all = Chain()
        self._keyed: dict[Hashable, Chain] | None = None
        self._loose = Chain()  # routes without a key
        self._fields: dict[Hashable, None] = {}  # the fields that keys are of, in order of first use

    @property
    def length(self) -> int:
        """How many there are."""
        return self._all.length

    def add(self, route: Route) -> None:
        """One more, or one again."""
        route.home = self
        self._all.add(route)
        if self._keyed is not None:
            self._file(route, self._keyed)
        elif self._all.length == _SPLIT_AT:
            keyed: dict[Hashable, Chain] = {}
            for one in self._all:
                self._file(one, keyed)
            self._keyed = keyed

    def _file(self, route: Route, keyed: dict[Hashable, Chain]) -> None:
        """Put the route under those of its keys which fewest others share: a request that fits has one of them."""
        choices = [keys for condition in route.conditions for keys in condition.index_keys()]
        if not choices:
            self._loose.add(route)
            return
        for key in min(choices, key=lambda keys: sum(_length(keyed.get(key)) for key in keys)):
            self._fields[key[0]] = None
            chain = keyed.get(key)
            if chain is None:
                chain = keyed[key] = Chain()
            chain.add(route)

    def newest_first(self, request: Request) -> Iterable[Route]:
        newest = self._all.newest
        if newest is None:
            return ()
        if newest.older is None:
            return (newest.route,)
        return self._all if self._keyed is None else merged(self.chains(request))

    def chains(self, request: Request) -> list[Chain]:
        """The chains that hold every route that may fit."""
        keyed = self._keyed
        if keyed is None:
            return [self._all]
        keys = dict.fromkeys(request_keys(request, tuple(self._fields)))
        found = [chain for key in keys if (chain := keyed.get(key)) is not None]
        return [*found, self._loose]


def _length(chain: Chain | None) -> int:
    return 0 if chain is None else chain.length


class PathTable:
    """Routes of one origin, by method and path."""

    __slots__ = ("_root", "buckets", "literal")

    def __init__(self) -> None:
        self.literal = True  # whether every route names its method and its whole path
        self.buckets: dict[tuple[str, str], Bucket] = {}
        self._root: Node | None = None

    def add(self, route: Route) -> None:
        target = route.target
        if target.segments is None:
            self.literal = self.literal and route.method != ANY_METHOD
            _bucket(self.buckets, (route.method, target.path or "/")).add(route)
            return
        self.literal = False
        if self._root is None:
            self._root = Node()
        _bucket(self._root.leaf(target.segments), route.method).add(route)

    def collect(self, method: str, path: str, found: list[Bucket]) -> None:
        """Add the buckets for a method and path to ``found``."""
        for key in ((method, path), (ANY_METHOD, path)):
            bucket = self.buckets.get(key)
            if bucket is not None:
                found.append(bucket)
        if self._root is not None:
            self._root.collect(path.split("/"), 0, method, found)


class Node:
    """One segment's place in the tree of templated paths."""

    __slots__ = ("children", "ends", "rest", "slot")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.slot: Node | None = None  # for {name}
        self.ends: dict[str, Bucket] = {}  # paths that end here, by method
        self.rest: dict[str, Bucket] = {}  # {name:path}, by method

    def leaf(self, segments: tuple[Segment, ...]) -> dict[str, Bucket]:
        """Where routes with these segments are kept, by method."""
        node = self
        for segment in segments:
            if isinstance(segment, str):
                child = node.children.get(segment)
                if child is None:
                    child = node.children[segment] = Node()
                node = child
            elif isinstance(segment, Slot):
                node.slot = node = node.slot or Node()
            else:
                return node.rest
        return node.ends

    def collect(self, parts: list[str], at: int, method: str, found: list[Bucket]) -> None:
        if at == len(parts):
            _collect(self.ends, method, found)
            return
        _collect(self.rest, method, found)
        child = self.children.get(parts[at])
        if child is not None:
            child.collect(parts, at + 1, method, found)
        if self.slot is not None and parts[at]:
            self.slot.collect(parts, at + 1, method, found)


class PatternTable:
    """Routes by regular expression, filed by a piece of text that the expression cannot match without."""

    __slots__ = ("_all", "_loose", "_tables")

    def __init__(self) -> None:
        self._all = Chain()
        self._loose = Bucket()
        self._tables: dict[int, dict[str, Bucket]] = {}  # by the length of the pieces, and the piece

    def add(self, route: Route) -> None:
        """One more, or one again."""
        self._bucket_for(route).add(route)
        self._all.add(route)
        route.home = self

    def _bucket_for(self, route: Route) -> Bucket:
        assert route.target.regex is not None
        literals = required_literals(route.target.regex)
        for size in _GRAM_SIZES:
            pieces = sorted({piece for literal in literals for piece in grams(literal, size)})
            if pieces:
                table = self._tables.setdefault(size, {})
                return _bucket(table, min(pieces, key=lambda piece: table[piece].length if piece in table else 0))
        return self._loose

    def chains(self, request: Request) -> list[Chain]:
        """The chains that hold every route whose expression may be found in the URL."""
        if self._all.length < _SPLIT_AT:
            return [self._all]
        buckets = [self._loose]
        url, canonical = request.url, request.canonical_url
        for size, table in self._tables.items():
            pieces = set(grams(url, size))
            if canonical != url:
                pieces.update(grams(canonical, size))
            buckets += [table[piece] for piece in table.keys() & pieces]
        return [chain for bucket in buckets for chain in bucket.chains(request)]


def merged(chains: list[Chain]) -> Iterable[Route]:
    """The routes of several chains, newest first, each once."""
    chains = [chain for chain in chains if chain.newest is not None]
    if len(chains) < 2:
        return chains[0] if chains else ()
    return _each_once(heapq.merge(*chains, key=_newest, reverse=True))


def _each_once(routes: Iterable[Route]) -> Iterator[Route]:
    last: Route | None = None
    for route in routes:
        if route is not last:
            last = route
            yield route


def drop(route: Route) -> None:
    """Forget a used-up route; the caller holds the router's lock."""
    for link in route.links:
        link.chain.remove(link)
    route.links = []


def revive(route: Route) -> None:
    """Put a route that was dropped back in its place; the caller holds the router's lock."""
    if not route.links and route.home is not None:
        route.home.add(route)


def _paths(tables: dict[Origin, PathTable], origin: Origin) -> PathTable:
    table = tables.get(origin)
    if table is None:
        table = tables[origin] = PathTable()
    return table


def _bucket(buckets: dict[Key, Bucket], key: Key) -> Bucket:
    bucket = buckets.get(key)
    if bucket is None:
        bucket = buckets[key] = Bucket()
    return bucket


def _collect(buckets: dict[str, Bucket], method: str, found: list[Bucket]) -> None:
    for key in (method, ANY_METHOD):
        bucket = buckets.get(key)
        if bucket is not None:
            found.append(bucket)


def _suffix_keys(request: Request) -> Iterator[Origin]:
    """The host without its first labels, down to nothing at all."""
    rest = request.host
    while rest:
        _, dot, rest = rest.partition(".")
        yield request.scheme, rest if dot else "", request.port
