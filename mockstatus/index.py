"""Finds the routes that may fit a request without looking at the others. Knows keys; must not know what routes answer.

Routes are kept in chains, from the newest back to the oldest. A chain is changed with the router's lock held and walked
without it: whoever stands on a link that is taken out still finds the way to the older ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeVar

from mockstatus.conditions import request_keys
from mockstatus.literals import pattern_keys
from mockstatus.patterns import Segment, Slot
from mockstatus.urls import Origin

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.named_conditions import Keys
    from mockstatus.routes import Route

ANY_METHOD: Final = ""
_SPLIT_AT = 8  # routes in a bucket from which it pays to file them by what they ask
_TOLD_BY = 8  # choices of a route that are looked at for what is common
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_serial = attrgetter("serial")


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


def walked(heads: list[Link]) -> Iterator[Route]:
    """The routes of the chains that begin with these links, newest first, each once."""
    while len(heads) > 1:
        newest = max([link.route for link in heads], key=_serial)
        yield newest
        rest = [link.older if link.route is newest else link for link in heads]
        heads = [link for link in rest if link is not None]
    link = heads[0] if heads else None
    while link is not None:
        yield link.route
        link = link.older


class Index:
    """All routes of a router, found by URL and method, and where many share these, by what else they ask."""

    __slots__ = ("_origins", "_others")

    def __init__(self) -> None:
        self._origins: dict[Origin, PathTable] = {}
        self._others: _Others | None = None  # routes that do not name their origin, if there are any

    def add(self, route: Route) -> None:
        """File a route, in time that does not depend on how many there are."""
        target = route.target
        if target.origin is not None and target.regex is None and target.host_suffix is None:
            _at(self._origins, target.origin, PathTable).add(route)
        else:
            if self._others is None:
                self._others = _Others()
            self._others.add(route)

    def newest_first(self, request: Request) -> Iterable[Route]:
        """The routes that may fit, newest first; which of them do is for each route to say."""
        uri = request.uri
        table = self._origins.get(uri.origin)
        # The usual case: no templates, no wildcards, no patterns.
        if self._others is None and (table is None or table.literal):
            bucket = None if table is None else table.buckets.get((request.method, uri.path))
            return () if bucket is None else bucket.only or bucket.newest_first(request)
        heads: list[Link] = []
        if table is not None:
            table.gather(request, heads)
        if self._others is not None:
            self._others.gather(request, heads)
        return walked(heads)


class _Others:
    """Routes that do not name their origin."""

    __slots__ = ("_anything", "_patterns", "_suffixes")

    def __init__(self) -> None:
        self._suffixes: dict[Origin, PathTable] = {}  # by scheme, host without its first labels, and port
        self._patterns: dict[str, Bucket] = {}  # by method
        self._anything: dict[str, Bucket] = {}  # by method

    def add(self, route: Route) -> None:
        """File a route."""
        target = route.target
        if target.regex is not None:
            _at(self._patterns, route.method, Bucket).add(route)
        elif target.origin is None:
            _at(self._anything, route.method, Bucket).add(route)
        else:
            scheme, _, port = target.origin
            _at(self._suffixes, (scheme, target.host_suffix or "", port), PathTable).add(route)

    def gather(self, request: Request, heads: list[Link]) -> None:
        """Add the beginnings of the chains that hold every route of these which may fit."""
        if self._suffixes:
            for suffix in _suffixes(request.host):
                table = self._suffixes.get((request.scheme, suffix, request.port))
                if table is not None:
                    table.gather(request, heads)
        if self._anything:
            _gather(self._anything, request, heads)
        if self._patterns:
            _gather(self._patterns, request, heads)


class Bucket(Chain):
    """Routes that a request may fit equally well, as far as method and URL can be looked up.

    They are in the chain that it is until there are enough to file; ``only`` is the route of one that has no other.
    """

    __slots__ = ("_filed", "only")

    def __init__(self) -> None:
        self.newest = None
        self.length = 0
        self.only: tuple[Route] | None = None
        self._filed: Filed | None = None

    def add(self, route: Route) -> None:
        """One more, or one again."""
        route.home = self
        if self._filed is not None:
            self._filed.add(route)
            return
        Chain.add(self, route)
        self.only = (route,) if self.length == 1 else None
        if self.length == _SPLIT_AT:
            self._filed = Filed(self)

    def remove(self, link: Link) -> None:
        """Take a link out."""
        Chain.remove(self, link)
        newest = self.newest
        self.only = (newest.route,) if newest is not None and newest.older is None and self._filed is None else None

    def newest_first(self, request: Request) -> Iterable[Route]:
        """The routes that may fit."""
        if self._filed is None:
            return self
        heads: list[Link] = []
        self._filed.gather(request, heads)
        return walked(heads)

    def gather(self, request: Request, heads: list[Link]) -> None:
        """Add the beginnings of the chains that hold every route which may fit."""
        if self._filed is not None:
            self._filed.gather(request, heads)
        elif self.newest is not None:
            heads.append(self.newest)


class Filed:
    """Many routes, each under one of its keys: what a request that fits it has."""

    __slots__ = ("_chains", "_common", "_fields", "_loose")

    def __init__(self, first: Iterable[Route]) -> None:
        choices = {route: _choices(route) for route in first}
        looked_at = {route: [*islice(some, _TOLD_BY)] for route, some in choices.items()}
        keys = Counter([key for some in looked_at.values() for choice in some for key in choice])
        self._common = {key: count for key, count in keys.items() if count > 1}  # and so likely that of later ones
        self._chains: dict[Hashable, Chain] = {}
        self._loose = Chain()  # routes without a key
        self._fields: tuple[Hashable, ...] = ()  # what the keys are of, in order of first use
        for route, rest in choices.items():
            self._put(route, chain(looked_at[route], rest))

    def add(self, route: Route) -> None:
        """One more, or one again."""
        self._put(route, _choices(route))

    def _put(self, route: Route, choices: Iterable[Keys]) -> None:
        """File a route under one of these."""
        keys = self._least_shared(choices)
        if keys is None:
            self._loose.add(route)
            return
        for key in keys:
            if key[0] not in self._fields:
                self._fields += (key[0],)
            _at(self._chains, key, Chain).add(route)

    def _least_shared(self, choices: Iterable[Keys]) -> Keys | None:
        """Of several choices of keys the first that no other route has, as far as is known, else one that few have."""
        best, least = None, 0
        for keys in choices:
            shared = 0
            for key in keys:
                chain = self._chains.get(key)
                if chain is not None:
                    shared += chain.length
                if key in self._common:
                    shared += self._common[key]
            if not shared:
                return keys
            if best is None or shared < least:
                best, least = keys, shared
        return best

    def gather(self, request: Request, heads: list[Link]) -> None:
        """Add the beginnings of the chains that hold every route which may fit."""
        chains = self._chains
        for key in chains.keys() & request_keys(request, self._fields):
            newest = chains[key].newest
            if newest is not None:
                heads.append(newest)
        if self._loose.newest is not None:
            heads.append(self._loose.newest)


def _choices(route: Route) -> Iterator[Keys]:
    """The keys under which a route may be filed; any one choice will do."""
    if route.target.regex is not None:
        yield from pattern_keys(route.target.regex)
    for condition in route.conditions:
        yield from condition.index_keys()


class PathTable:
    """Routes of one origin, by method and path."""

    __slots__ = ("_root", "buckets", "literal")

    def __init__(self) -> None:
        self.literal = True  # whether every route names its method and its whole path
        self.buckets: dict[tuple[str, str], Bucket] = {}
        self._root: Node | None = None

    def add(self, route: Route) -> None:
        """File a route."""
        target = route.target
        if target.segments is None:
            self.literal = self.literal and route.method != ANY_METHOD
            _at(self.buckets, (route.method, target.path or "/"), Bucket).add(route)
            return
        self.literal = False
        if self._root is None:
            self._root = Node()
        _at(self._root.leaf(target.segments), route.method, Bucket).add(route)

    def gather(self, request: Request, heads: list[Link]) -> None:
        """Add the beginnings of the chains for the request's method and path."""
        path = request.uri.path
        for key in ((request.method, path), (ANY_METHOD, path)):
            bucket = self.buckets.get(key)
            if bucket is not None:
                bucket.gather(request, heads)
        if self._root is not None:
            self._root.gather(path.split("/"), request, heads)


class Node:
    """One segment's place in the tree of templated paths."""

    __slots__ = ("children", "ends", "rest", "slot")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.slot: Node | None = None  # for {name}
        self.ends: dict[str, Bucket] | None = None  # paths that end here, by method
        self.rest: dict[str, Bucket] | None = None  # {name:path}, by method

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
                if node.rest is None:
                    node.rest = {}
                return node.rest
        if node.ends is None:
            node.ends = {}
        return node.ends

    def gather(self, parts: list[str], request: Request, heads: list[Link]) -> None:
        """Add the beginnings of the chains that these segments lead to."""
        nodes = [self]
        for part in parts:
            reached: list[Node] = []
            for node in nodes:
                if node.rest is not None:
                    _gather(node.rest, request, heads)
                if part in node.children:
                    reached.append(node.children[part])
                if node.slot is not None and part:
                    reached.append(node.slot)
            nodes = reached
        for node in nodes:
            if node.ends is not None:
                _gather(node.ends, request, heads)


def drop(route: Route) -> None:
    """Forget a used-up route; the caller holds the router's lock."""
    for link in route.links:
        link.chain.remove(link)
    route.links = []


def revive(route: Route) -> None:
    """Put a route that was dropped back in its place; the caller holds the router's lock."""
    if not route.links and route.home is not None:
        route.home.add(route)


def _at(found: dict[Key, Value], key: Key, make: Callable[[], Value]) -> Value:
    """What stands at a key, made if there is nothing."""
    value = found.get(key)
    if value is None:
        value = found[key] = make()
    return value


def _gather(buckets: dict[str, Bucket], request: Request, heads: list[Link]) -> None:
    """Add the beginnings of the chains for the request's method."""
    for method in (request.method, ANY_METHOD):
        bucket = buckets.get(method)
        if bucket is not None:
            bucket.gather(request, heads)


@lru_cache(maxsize=1024)
def _suffixes(host: str) -> list[str]:
    """The host without its first labels, down to nothing at all."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) + 1)]
