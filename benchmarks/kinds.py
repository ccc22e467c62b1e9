"""Routes of every kind, any number of them, and for each the one request that only it fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import mockstatus
from benchmarks.doors import Wanted

BASE = "https://api.example.com"


class Asked(NamedTuple):
    """The arguments of a route."""

    url: str | re.Pattern[str]
    method: str = "GET"
    matchers: dict[str, Any] = {}


class Kind(NamedTuple):
    """A kind of route; ``number`` is another for each, always of five digits, so that requests are equally long."""

    name: str
    asked: Callable[[int], Asked]
    wanted: Callable[[int], Wanted]

    def adder(self, router: mockstatus.Router, place: int) -> Callable[[], Any]:
        """A function that adds one route; what its arguments are made of is not its business."""
        asked = self.asked(number(place))
        return partial(router.route, asked.method, asked.url, **asked.matchers)

    def request(self, place: int) -> Wanted:
        """The request for the route at that place."""
        return self.wanted(number(place))


def number(place: int) -> int:
    """The number of a route."""
    return 10_000 + place


def _template(n: int) -> Asked:
    """Half of them differ before the part that varies, half behind it."""
    return Asked(f"{BASE}/shops/{n}/items/{{item}}" if n % 2 else f"{BASE}/shops/{{shop}}/items/{n}")


def _regex(n: int) -> Asked:
    """Half of them say how the URL begins, half only what is in it."""
    text = rf"^https://api\.example\.com/pictures/{n}/\w+\.png$" if n % 2 else rf"/pictures/{n}/[a-z]+\.(png|jpg)"
    return Asked(re.compile(text))


def _same(n: int, **matchers: Any) -> Asked:
    return Asked(f"{BASE}/search", "POST" if {"json", "form"} & set(matchers) else "GET", matchers)


def _post(**body: Any) -> Wanted:
    return Wanted("POST", f"{BASE}/search", json=body)


KINDS = (
    Kind("literal", lambda n: Asked(f"{BASE}/items/{n}"), lambda n: Wanted(url=f"{BASE}/items/{n}")),
    Kind("templated", _template, lambda n: Wanted(url=f"{BASE}/shops/{n}/items/{n}")),
    Kind("regular expression", _regex, lambda n: Wanted(url=f"{BASE}/pictures/{n}/sunset.png")),
    Kind(
        "wildcard host",
        lambda n: Asked(f"https://*.shop{n}.example.com/items"),
        lambda n: Wanted(url=f"https://eu.shop{n}.example.com/items"),
    ),
    Kind(
        "same URL, params",
        lambda n: _same(n, params={"sort": "name", "page": n}),
        lambda n: Wanted(url=f"{BASE}/search?sort=name&page={n}"),
    ),
    Kind("same URL, json", lambda n: _same(n, json={"kind": "a", "size": n}), lambda n: _post(kind="a", size=n)),
    Kind(
        "same URL, partial json",
        lambda n: _same(n, json=mockstatus.partial({"size": n})),
        lambda n: _post(kind="b", size=n),
    ),
    Kind(
        "same URL, headers",
        lambda n: _same(n, headers={"X-Shop": n}),
        lambda n: Wanted(url=f"{BASE}/search", headers={"X-Shop": str(n)}),
    ),
)
