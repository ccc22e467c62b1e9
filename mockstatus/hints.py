"""What a difference between a request and a route is most likely about. Knows both; changes neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Final

from mockstatus.bodies import media_type
from mockstatus.body_conditions import JSONCondition
from mockstatus.fields import Fields
from mockstatus.matchers import MISSING
from mockstatus.named_conditions import Difference, Named
from mockstatus.urls import authority_of, canonical_path, split

if TYPE_CHECKING:
    from mockstatus.closeness import Near
    from mockstatus.messages import Request
    from mockstatus.router import Router

_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})
_MOST_PERMUTED: Final = 4  # parameters of a query
_VERBS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})


def hints_about(request: Request, closest: Sequence[Near], routers: Sequence[Router]) -> list[str]:
    """What is worth a thought, each once, the closest route's first."""
    bases = [router.base_url for router in routers if router.base_url is not None]
    found: list[str] = []
    for near in closest:
        fields = {difference.field: difference for difference in near.differences}
        found += _about_path(fields, bases)
        found += _about_origin(request, near, fields)
        found += _about_method(request, near, fields)
        found += _about_query(request, near, fields)
        found += _about_body(request, near, fields)
    return list(dict.fromkeys([*found, *_about_hosts(request, routers)]))


Differing = dict[str, Difference]


def _about_path(fields: Differing, bases: Sequence[str]) -> Iterator[str]:
    path = fields.get("path")
    if path is None or fields.keys() & {"host", "scheme", "port"}:
        return
    expected, received = str(path.expected), str(path.received)
    both = f"{expected!r} and {received!r}"
    if expected.rstrip("/") == received.rstrip("/"):
        yield f"{both} differ in the slash at the end, and are two paths"
    elif expected.lower() == received.lower():
        yield f"{both} differ in case, and are two paths"
    elif expected.replace("//", "/") == received.replace("//", "/"):
        yield f"{both} differ in a doubled slash, and are two paths"
    elif canonical_path(expected.replace("%25", "%")) == canonical_path(received.replace("%25", "%")):
        yield f"of {both}, one is percent-encoded once more than the other"
    for base_url in bases:
        base = split(base_url).path.rstrip("/")
        if base and expected == base + received:
            if received.startswith(f"{base}/"):
                yield f"base_url={base_url!r} ends with {base!r} already: a route's URL is appended to it"
            else:
                yield f"the request's path is without {base!r}, with which base_url={base_url!r} begins every route's"


def _about_origin(request: Request, near: Near, fields: Differing) -> Iterator[str]:
    elsewhere = fields.keys() & {"host", "port", "scheme"}
    if elsewhere and not fields.keys() & {"path", "url"}:
        yield (
            f"the path is right, only where it is asked for differs: the request goes to {_origin_of(request.origin)}, "
            f"and {_origin_of(near.route.target.origin)} is what the route has, as its URL or base_url"
        )


def _origin_of(origin: tuple[str, str, int] | None) -> str:
    assert origin is not None
    scheme, host, port = origin
    return f"{scheme}://{authority_of(scheme, host, port)}"


def _about_method(request: Request, near: Near, fields: Differing) -> Iterator[str]:
    if request.method.upper() in _VERBS and request.method not in _VERBS:
        yield f"the method {request.method!r} is not {request.method.upper()!r}: methods are told apart by case; any() fits"
    elif set(fields) == {"method"}:
        verb = request.method.lower() if request.method in _VERBS else f"route({request.method!r}, …)"
        write = f"{verb}(…)" if request.method in _VERBS else verb
        yield (
            f"the URL is right, the method is not: {near.route.method.lower()}() is for {near.route.method} alone; "
            f"write {write}, or any(…) for all methods"
        )


# --- the query --------------------------------------------------------------------------------------------------------


def _about_query(request: Request, near: Near, fields: Differing) -> Iterator[str]:
    yield from _order_of_values(fields)
    yield from _order_of_names(fields)
    yield from _order_in_expression(request, near, fields)
    extra = [name for name, one in fields.items() if name.startswith("params[") and one.expected is MISSING]
    if extra and all(name in extra for name in fields):
        by_url = any(condition.implied for condition in near.route.conditions)
        what = "a query in a route's URL" if by_url else "params=exactly(…)"
        yield f"{what} means these parameters and no others; params={{…}} means at least these"


def _order_of_values(fields: Differing) -> Iterator[str]:
    """The values of one name are all there, in another order than a list asks for."""
    for name, (_, expected, received) in fields.items():
        if (
            name.startswith("params[")
            and isinstance(expected, list)
            and isinstance(received, list)
            and expected != received
            and sorted(map(str, expected)) == sorted(received)
        ):
            yield f"the values of {name} are all there, in another order: a list means this order"


def _order_of_names(fields: Differing) -> Iterator[str]:
    """``exactly`` with a list of pairs asks for their order."""
    for name in ("params", "form", "cookies"):
        if name not in fields:
            continue
        _, expected, received = fields[name]
        if (
            isinstance(expected, list)
            and isinstance(received, list)
            and sorted((key, str(value)) for key, value in expected) == sorted(received)
        ):
            yield f"{name} are all there, in another order: exactly([…]) means this order, exactly({{…}}) any"


def _order_in_expression(request: Request, near: Near, fields: Differing) -> Iterator[str]:
    """A regular expression fits the same parameters in another order."""
    regex = near.route.target.regex
    url, mark, query = request.url.partition("?")
    pieces = query.split("&")
    if "url" not in fields or regex is None or not mark or not 1 < len(pieces) <= _MOST_PERMUTED:
        return
    if any(regex.search(f"{url}?{'&'.join(order)}") for order in permutations(pieces)):
        yield "the expression fits the same parameters in another order: leave the query to params=, which ignores it"


# --- the body ---------------------------------------------------------------------------------------------------------


def _about_body(request: Request, near: Near, fields: Differing) -> Iterator[str]:
    asked = {condition.field for condition in near.route.conditions}
    if "json" in asked and near.route.method in _BODILESS and not request.content:
        yield (
            f"json= of {near.route.method.lower()}() asks for a JSON body in the request; "
            "the body of the answer goes into respond(json=…)"
        )
    kind = media_type(request.headers.get("Content-Type"))
    if any(name.startswith("form[") for name in fields) and _is_json(request):
        yield "the request's body is JSON: json= is the matcher for it, form= is for HTML forms"
    if "json" in fields and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        yield "the request's body is a form: form= is the matcher for it, json= is for JSON"
    if any(name.startswith("params[") for name in fields) and kind == "application/x-www-form-urlencoded":
        yield from _in_the_form(request, near)
    if any(isinstance(one, JSONCondition) for one in near.route.conditions) and "json" in fields:
        yield from _more_than_asked(fields["json"])


def _is_json(request: Request) -> bool:
    try:
        return isinstance(request.json(), (dict, list))
    except ValueError:
        return False


def _in_the_form(request: Request, near: Near) -> Iterator[str]:
    """The parameters that are asked for stand in the body."""
    form = Fields(request.form())
    for condition in near.route.conditions:
        if condition.field == "params" and isinstance(condition, Named) and isinstance(condition.expected, dict):
            names = [name for name in condition.expected if name in form and name not in request.query]
            if names:
                yield f"{', '.join(map(repr, names))} came in the body: params= is the query of the URL, form= the body"


def _more_than_asked(difference: Difference) -> Iterator[str]:
    """All that ``json=`` asks for is there, and more."""
    expected, received = difference.expected, difference.received
    if isinstance(expected, dict) and isinstance(received, dict) and expected:
        same = all(name in received and received[name] == value for name, value in expected.items())
        if same and len(received) > len(expected):
            yield "all that is asked for is there, and more: json= is equality, json=partial(…) is at least this"


# --- hosts ------------------------------------------------------------------------------------------------------------


def _about_hosts(request: Request, routers: Sequence[Router]) -> list[str]:
    if request.host in ("httpbin.org", "free.mockerapi.com") and any(
        request.host in router.hosts for router in routers
    ):
        return [f"of {request.host}, only what its pages document is answered; the rest is as any other host"]
    if request.host == "mock.local":
        return ["mock.local is not among this router's hosts: Router(hosts=…)"]
    return []
