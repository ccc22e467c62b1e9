"""Finds the routes that may fit a request without looking at the others. Knows keys; must not know what routes answer.

Lists of routes only grow at their end, or lose used-up routes there, so they are read without a lock.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Hashable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeVar

from mockstatus.conditions import request_keys
from mockstatus.literals import grams, required_literals
from mockstatus.patterns import Segment, Slot
from mockstatus.urls import Origin

if TYPE_CHECKING:
    import re

    from mockstatus.messages import Request
    from mockstatus.routes import Route

ANY_METHOD: Final = ""
_SPLIT_AT = 16  # routes in a bucket from which it pays to file them by their conditions
_GRAM_SIZES = (8, 4)
Key = TypeVar("Key", bound=Hashable)
_newest = attrgetter("serial")
Routes = list["Route"]


class Index:
    """All routes of a router, found by URL and method, and where many share these, by what else they ask."""

    __slots__ = ("_anything", "_origins", "_patterns", "_suffixes", "literal")

    def __init__(self) -> None:
        self.literal = True  # whether every route names its origin
        self._origins: dict[Origin, PathTable] = {}
        self._suffixes: dict[Origin, PathTable] | None = None  # by scheme, host without its first labels, and port
        self._patterns: PatternTable | None = None
        self._anything: dict[str, Bucket] | None = None  # by method

    def add(self, route: Route) -> None:
        """File a route, in time that does not depend on how many there are."""
        target = route.target
        if target.regex is not None or target.host_suffix is not None or target.origin is None:
            self.literal = False
        if target.regex is not None:
            if self._patterns is None:
                self._patterns = PatternTable()
            self._patterns.add(route, target.regex)
        elif target.host_suffix is not None and target.origin is not None:
            if self._suffixes is None:
                self._suffixes = {}
            scheme, _, port = target.origin
            _table(self._suffixes, (scheme, target.host_suffix, port)).add(route)
        elif target.origin is not None:
            _table(self._origins, target.origin).add(route)
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
        return merged(self._lists(request, table))

    def _lists(self, request: Request, table: PathTable | None) -> list[Routes]:
        """The lists that hold every route that may fit."""
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
        lists = [routes for bucket in found for routes in bucket.lists(request)]
        if self._patterns is not None:
            lists += self._patterns.lists(request)
        return lists


class Bucket:
    """Routes for the same method and URL, oldest first. Where they are many, each is filed under one of its keys."""

    __slots__ = ("_fields", "_keyed", "_loose", "routes")

    def __init__(self) -> None:
        self.routes: Routes = []
        self._keyed: dict[Hashable, Routes] | None = None
        self._loose: Routes = []  # those without a key
        self._fields: dict[Hashable, None] = {}  # the fields that keys are of, in order of first use

    def add(self, route: Route) -> None:
        _put(self.routes, route)
        if self._keyed is not None:
            self._file(route, self._keyed)
        elif len(self.routes) == _SPLIT_AT:
            keyed: dict[Hashable, Routes] = {}
            for one in self.routes:
                self._file(one, keyed)
            self._keyed = keyed

    def _file(self, route: Route, keyed: dict[Hashable, Routes]) -> None:
        """Put the route under that of its keys which fewest others share."""
        keys = [key for condition in route.conditions for key in condition.index_keys()]
        if not keys:
            _put(self._loose, route)
            return
        key = min(keys, key=lambda one: len(keyed.get(one, ())))
        self._fields[key[0]] = None
        _put(keyed.setdefault(key, []), route)

    def newest_first(self, request: Request) -> Iterable[Route]:
        if self._keyed is None:
            return self.routes[::-1]
        return merged(self.lists(request))

    def lists(self, request: Request) -> list[Routes]:
        """The lists that hold every route that may fit."""
        keyed = self._keyed
        if keyed is None:
            return [self.routes]
        found = [routes for key in request_keys(request, tuple(self._fields)) if (routes := keyed.get(key))]
        return [*found, self._loose] if self._loose else found


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
                node = node.children.setdefault(segment, Node())
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
        self._all: Routes = []
        self._loose: Routes = []
        self._tables: dict[int, dict[str, Routes]] = {}  # by the length of the pieces, and the piece

    def add(self, route: Route, regex: re.Pattern[str]) -> None:
        _put(self._all, route)
        literals = required_literals(regex)
        for size in _GRAM_SIZES:
            pieces = sorted({piece for literal in literals for piece in grams(literal, size)})
            if pieces:
                table = self._tables.setdefault(size, {})
                _put(table.setdefault(min(pieces, key=lambda piece: len(table.get(piece, ()))), []), route)
                return
        _put(self._loose, route)

    def lists(self, request: Request) -> list[Routes]:
        """The lists that hold every route whose expression may be found in the URL."""
        if len(self._all) < _SPLIT_AT:
            return [self._all]
        found = [self._loose] if self._loose else []
        url, canonical = request.url, request.canonical_url
        for size, table in self._tables.items():
            pieces = set(grams(url, size))
            if canonical != url:
                pieces.update(grams(canonical, size))
            found += [table[piece] for piece in table.keys() & pieces]
        return found


def merged(lists: list[Routes]) -> Iterator[Route]:
    """The routes of several lists that are each oldest first, newest first."""
    if not lists:
        return iter(())
    if len(lists) == 1:
        return _backwards(lists[0])
    return heapq.merge(*map(_backwards, lists), key=_newest, reverse=True)


def _backwards(routes: Routes) -> Iterator[Route]:
    for position in range(len(routes) - 1, -1, -1):
        try:
            yield routes[position]
        except IndexError:  # used up and dropped by another thread
            continue


def _put(routes: Routes, route: Route) -> None:
    if routes and routes[-1].serial > route.serial:  # a last resort, older than all others
        insort(routes, route, key=_newest)
    else:
        routes.append(route)
    route.homes.append(routes)


def revive(route: Route) -> None:
    """Put a route that was dropped back in its places."""
    for routes in route.homes:
        if route not in routes:
            insort(routes, route, key=_newest)


def drop(route: Route) -> None:
    """Forget a used-up route, and others before it, where each search would begin with it."""
    for routes in route.homes:
        while routes and routes[-1].spent:
            routes.pop()


def _table(tables: dict[Origin, PathTable], origin: Origin) -> PathTable:
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
