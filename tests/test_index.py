"""Which route answers: held against a scan of a list, newest first, with routes and requests of every kind."""

import json
import random
import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from mockstatus import Router, exactly, partial
from tests.helpers import deterministic, make_request

# --- what is sent -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A request in its parts."""

    method: str
    scheme: str
    host: str
    port: int
    segments: tuple[str, ...]  # as written, escapes and all
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] | None = None
    json: object = None

    @property
    def url(self):
        port = "" if self.port == {"http": 80, "https": 443}[self.scheme] else f":{self.port}"
        query = "?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in self.query)
        return f"{self.scheme}://{self.host}{port}/{'/'.join(self.segments)}{query if self.query else ''}"

    def request(self):
        if self.form is not None:
            content = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in self.form)
            kind = ("Content-Type", "application/x-www-form-urlencoded")
        else:
            content, kind = json.dumps(self.json), ("Content-Type", "application/json")
        return make_request(self.method, self.url, headers=[kind, *self.headers], content=content)

    def values(self, asked, name):
        """All values of a name in the query, the headers or the form."""
        pairs = {"params": self.query, "headers": self.headers, "form": self.form or ()}[asked]
        return [value for one, value in pairs if one == name]


# --- what is asked ----------------------------------------------------------------------------------------------------
# Each part of a route says both how it is written for the router, and with the plainest code what it fits.


@dataclass(frozen=True)
class Asked:
    """A route in its parts; ``None`` for the host is a route for everything."""

    method: str
    host: str | None
    scheme: str = "https"
    port: int = 443
    path: tuple[str, ...] = ()  # segments; "{}" is a slot, "{}!" one with a literal after it, "{:path}" the rest
    regex: str | None = None
    conditions: tuple[tuple[str, object], ...] = ()
    limit: int | None = None

    def define(self, router):
        url = None if self.regex is None else re.compile(self.regex)
        if self.regex is None and self.host is not None:
            names = iter("abcdef")
            path = "/".join(re.sub(r"\{", lambda _: "{" + next(names), segment) for segment in self.path)
            port = "" if self.port == 443 and self.scheme == "https" else f":{self.port}"
            url = f"{self.scheme}://{self.host}{port}/{path}"
        route = router.route(self.method, url, **{name: as_typed(value) for name, value in self.conditions})
        return route if self.limit is None else route.limit(self.limit)

    def fits(self, sent):
        return (
            self.method in ("", sent.method)
            and self.fits_url(sent)
            and all(fits_condition(name, value, sent) for name, value in self.conditions)
        )

    def fits_url(self, sent):
        if self.regex is not None:
            return re.search(self.regex, sent.url) is not None
        if self.host is None:
            return True
        return (
            (self.scheme, self.port) == (sent.scheme, sent.port)
            and fits_host(self.host, sent.host)
            and fits_path(self.path, [plain(segment) for segment in sent.segments])
        )


def plain(segment):
    """A segment with its escapes decoded, but for those of a slash."""
    return "%2F".join(map(unquote, re.split("(?i)%2f", segment)))


def fits_host(asked, host):
    if "*" not in asked:
        return asked == host
    return re.fullmatch(asked.replace(".", r"\.").replace("*", ".+"), host) is not None


def fits_path(asked, segments):
    if not asked:
        return not segments
    if asked[0] == "{:path}":
        return bool(segments)
    if not segments:
        return False
    if asked[0] == "{}":
        first = segments[0] != ""
    elif asked[0] == "{}!":
        first = len(segments[0]) > 1 and segments[0].endswith("!")
    else:
        first = plain(asked[0]) == segments[0]
    return first and fits_path(asked[1:], segments[1:])


ANYTHING = ("anything",)  # a value that no index can file a route by


def as_typed(value):
    """A condition as a user types it."""
    if isinstance(value, tuple) and value and value[0] in ("exactly", "partial", "pairs"):
        kind, parts = value
        return {"exactly": exactly, "partial": partial, "pairs": lambda pairs: exactly(list(pairs))}[kind](
            as_typed(parts)
        )
    if isinstance(value, dict):
        return {name: as_typed(one) for name, one in value.items()}
    return str if value == ANYTHING else value


def fits_condition(name, value, sent):
    if name == "where":
        return value(sent)
    if name == "json":
        return sent.form is None and fits_json(value, sent.json)
    if isinstance(value, tuple) and value[0] == "pairs":
        return list(value[1]) == list(sent.query)
    only = isinstance(value, tuple)
    names = value[1] if only else value
    if only and {one for one, _ in (sent.query if name == "params" else sent.form or ())} - set(names):
        return False
    return all(fits_values(expected, sent.values(name, one), only) for one, expected in names.items())


def fits_values(expected, values, only):
    if expected is None:
        return values == []
    if isinstance(expected, list):
        return values == expected
    if only and len(values) > 1:
        return False
    if expected == ANYTHING:
        return values != []
    texts = (
        {True: ["true", "True"], False: ["false", "False"]}[expected] if isinstance(expected, bool) else [str(expected)]
    )
    return any(text in values for text in texts)


def fits_json(expected, actual):
    if isinstance(expected, tuple):
        return isinstance(actual, dict) and all(actual.get(key) == value for key, value in expected[1].items())
    return json.dumps(expected, sort_keys=True) == json.dumps(actual, sort_keys=True)


# --- what both are made of --------------------------------------------------------------------------------------------
# Drawn with a seeded generator: Hypothesis chooses the seed and the numbers, which is much faster than having it draw
# every part, and a request that is made for a route fits it often enough.

METHODS = ("GET", "POST")
HOSTS = ("a.example", "b.a.example", "c.b.a.example")
WILDCARDS = ("*.a.example", "*.example", "*", "b.*.example", "b*.example")
SEGMENTS = ("x", "y", "x!", "", "%7e", "~", "a%2fb")
REGEXES = (
    *(
        r"/x$",
        r"https://a\.example/",
        r"example/x\?p=1",
        r"(?i)/X",
        r"[?&]q=2",
        r"/y|/~",
        r"b\.a\.example/+x",
        "",
        "//$",
    ),
    *(r"http://[^/]+:443/", r"(?:example|test)/x(?!/)", r"/(?P<a>[xy]!?)(?:\?|$)"),
)
DOCUMENTS = ({"n": 1}, {"n": 2}, {"n": 1, "m": None}, [1], None, "1")
VALUES = ("1", "2", 1, 2, True, None, ANYTHING, ["1"], ["1", "2"], [])


def some_pairs(chance):
    return tuple(
        (chance.choice("pq"), chance.choice(("1", "1", "2", "2", "true", "True", "")))
        for _ in range(chance.choice((0, 0, 1, 2, 3)))
    )


def some_conditions(chance):
    made = {}
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        field_asked = chance.choice(("params", "params", "headers", "form", "json", "json"))
        names = {chance.choice("pq"): chance.choice(VALUES) for _ in range(chance.choice((1, 1, 2)))}
        if field_asked == "json":
            made["json"] = chance.choice((*DOCUMENTS, *DOCUMENTS, ("partial", {"n": 1}), ("partial", {})))
        elif field_asked == "headers" or chance.random() < 0.6:
            made[field_asked] = names
        elif field_asked == "params" and chance.random() < 0.4:
            made["params"] = ("pairs", some_pairs(chance))
        else:
            made[field_asked] = ("exactly", names)
    if "json" in made:
        made.pop("form", None)  # no body is both
    return tuple(made.items())


def some_route(chance, kind):
    method, limit = chance.choice((*METHODS, "")), chance.choice((None, None, None, 1, 1, 2))
    common = {"method": method, "conditions": some_conditions(chance), "limit": limit}
    if kind == "one url":
        return Asked(**{**common, "method": "POST"}, host="a.example", path=("x",))
    if kind == "regex":
        return Asked(**common, host="-", regex=chance.choice(REGEXES))
    if kind == "anything":
        return Asked(**common, host=None)
    path = [chance.choice((*SEGMENTS, "{}", "{}", "{}!", "{}!")) for _ in range(chance.choice((1, 1, 2, 3)))]
    if chance.random() < 0.2:
        path.append("{:path}")
    scheme, port = chance.choice((("https", 443), ("https", 443), ("https", 443), ("http", 80), ("http", 443)))
    return Asked(**common, host=chance.choice((*HOSTS, *WILDCARDS)), scheme=scheme, port=port, path=tuple(path))


def some_request(chance, route):
    """A request, in most respects one that the route fits."""
    scheme, port = chance.choice((("https", 443), ("https", 443), ("http", 80), ("http", 443)))
    made = Sent(
        method=chance.choice(METHODS),
        scheme=scheme,
        host=chance.choice(HOSTS),
        port=port,
        segments=tuple(chance.choice(SEGMENTS) for _ in range(chance.choice((1, 1, 2, 3)))),
        query=some_pairs(chance),
        headers=some_pairs(chance),
        form=chance.choice((None, some_pairs(chance))),
        json=chance.choice(DOCUMENTS),
    )
    if route.method and chance.random() < 0.9:
        made = replace(made, method=route.method)
    if route.path and chance.random() < 0.9:
        host = route.host.replace("*", chance.choice(("b", "b.a", "c.b.a")))
        segments = [
            segment.replace("{:path}", chance.choice(SEGMENTS)).replace("{}", chance.choice(SEGMENTS))
            for segment in route.path
        ]
        made = replace(made, scheme=route.scheme, port=route.port, host=host, segments=tuple(segments))
    for name, value in route.conditions:
        if chance.random() < 0.9:
            made = replace(made, **with_what_is_asked(name, value))
    return made


def with_what_is_asked(name, value):
    """The part of a request that such a condition fits."""
    parts = value[1] if isinstance(value, tuple) else value
    if name == "json":
        return {"json": parts, "form": None}
    if isinstance(parts, dict):
        lists = {one: wanted if isinstance(wanted, list) else [wanted] for one, wanted in parts.items()}
        parts = tuple(
            (one, sent_for(wanted)) for one, values in lists.items() for wanted in values if wanted is not None
        )
    return {"query" if name == "params" else name: parts}


def sent_for(value):
    return (
        {True: "true", ANYTHING: "1"}.get(value, str(value))
        if not isinstance(value, int) or value is True
        else str(value)
    )


# --- the scan ---------------------------------------------------------------------------------------------------------


@dataclass
class Scan:
    """Routes in a list, asked newest first; it says which of them answers by its place in the order of definition."""

    routes: list[Asked] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)

    def add(self, route):
        self.routes.append(route)
        self.taken.append(0)

    def handle(self, one):
        for place in range(len(self.routes) - 1, -1, -1):
            route = self.routes[place]
            if route.fits(one) and (route.limit is None or self.taken[place] < route.limit):
                self.taken[place] += 1
                return place
        return None

    def reset(self):
        self.taken = [0] * len(self.routes)


def answering(router, places, one):
    """The place of the route of a router that answers; None where none does."""
    before = len(router.calls)
    if router.handle(one.request()) is None:
        assert len(router.calls) == before
        return None
    return places[id(router.calls.last.route)]


def hold_against_the_scan(seed, kinds, routes, steps):
    """Define routes, then send requests, with some more routes and new beginnings between; how many were answered."""
    chance = random.Random(seed)
    router, scan, places, answered = Router(hosts=()), Scan(), {}, 0

    def add():
        route = some_route(chance, chance.choice(kinds))
        places[id(route.define(router))] = len(places)
        scan.add(route)

    for _ in range(routes):
        add()
    for _ in range(steps):
        what = chance.random()
        if what < 0.15:
            add()
        elif what < 0.25:
            router.reset()
            scan.reset()
        else:
            sent = some_request(chance, chance.choice(scan.routes))
            expected = scan.handle(sent)
            assert answering(router, places, sent) == expected, sent
            answered += expected is not None
    return answered


def many_runs(most_routes):
    """Random runs, that many routes at most at their beginning."""
    return lambda test: settings(deterministic, max_examples=120)(
        given(seed=st.integers(0, 2**64), routes=st.integers(1, most_routes), steps=st.integers(1, 40))(test)
    )


@many_runs(60)
def test_the_route_that_answers_is_the_one_a_scan_of_all_routes_finds(seed, routes, steps):
    hold_against_the_scan(seed, ("url", "url", "url", "url", "regex", "anything"), routes, steps)


@many_runs(60)
def test_the_same_holds_for_many_routes_on_one_url_that_differ_in_what_else_they_ask(seed, routes, steps):
    hold_against_the_scan(seed, ("one url",), routes, steps)


@many_runs(60)
def test_the_same_holds_for_many_regular_expressions(seed, routes, steps):
    hold_against_the_scan(seed, ("regex",), routes, steps)


@many_runs(60)
def test_the_same_holds_for_many_routes_without_a_url(seed, routes, steps):
    hold_against_the_scan(seed, ("anything",), routes, steps)


def test_the_random_requests_are_answered_often_enough_to_say_something():
    for kinds in (("url",), ("regex",), ("one url",), ("anything",)):
        assert sum(hold_against_the_scan(seed, kinds, 20, 20) for seed in range(5)) > 40
