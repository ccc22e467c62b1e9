"""Why nothing fitted a request, in words. Asked only after a miss; reads routes and changes nothing."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mockstatus.conditions import Difference, JSONCondition, NotJSON, Said, WhereCondition
from mockstatus.errors import UnmatchedRequest
from mockstatus.fields import Fields
from mockstatus.masking import is_secret, masked
from mockstatus.matchers import Missing
from mockstatus.patterns import Slot, Tail
from mockstatus.showing import json_differences, show, show_body, text_difference
from mockstatus.urls import authority_of, parse_query

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.router import Router
    from mockstatus.routes import Route

_SHOWN: Final = 3  # routes
_LOOKED_AT: Final = 24  # routes of which every field is compared
_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


def unmatched(request: Request, routers: Sequence[Router]) -> UnmatchedRequest:
    """The error for a request that no route of these routers fits, with everything that helps to find out why."""
    routes = [route for router in routers for route in reversed(router.routes)]
    closest = closest_routes(request, routes)
    lines = [f"no route fits {request.method} {request.url}", *_about(request)]
    if closest:
        lines += ["", f"The closest of {len(routes)} routes:" if len(routes) > len(closest) else "The closest routes:"]
        for rank, near in enumerate(closest, 1):
            lines += [f"  {rank}. {near.route.description} -> {near.route.answers} {near.route.place}".rstrip()]
            lines += [f"       {line}" for difference in near.differences for line in describe(difference)]
            lines += [f"       {line}" for line in near.remarks]
    else:
        lines += ["", "There are no routes."]
    hints = [hint for near in closest for hint in hints_for(request, near)] + _general_hints(request, routers)
    if hints:
        lines += ["", *(f"Hint: {hint}" for hint in dict.fromkeys(hints))]
    lines += ["", "To answer it:", f"  {line_to_paste(request)}"]
    error = UnmatchedRequest("\n".join(lines))
    error.request = request
    return error


def _about(request: Request) -> list[str]:
    """The request's header fields and body, secrets masked."""
    lines = [f"  {name}: {show_header(name, value)}" for name, value in request.headers.multi_items()]
    body = show_body(request.content, request.headers.get("Content-Type", ""))
    return [*lines, f"  body: {body}"] if body else lines


def show_header(name: str, value: str) -> str:
    """A header's value in a line, masked and cut."""
    shown = masked(name, value)
    return shown if len(shown) <= 120 else f"{shown[:120]}… ({len(shown)} characters)"


# --- which routes are close -------------------------------------------------------------------------------------------


class Near(NamedTuple):
    """A route that the request nearly fits: in which fields it differs, and what else is to be said."""

    cost: float
    route: Route
    differences: list[Difference]
    remarks: list[str]


def closest_routes(request: Request, routes: Iterable[Route]) -> list[Near]:
    """The routes nearest to a request, best first: the URL weighs more than the method, and that more than the rest."""
    rough = _rough_costs(request)
    candidates = heapq.nsmallest(_LOOKED_AT, routes, key=rough)
    return sorted((compare(request, route) for route in candidates), key=lambda near: near.cost)[:_SHOWN]


def _rough_costs(request: Request) -> Callable[[Route], int]:
    """A quick estimate of how far routes are from a request, for the choice of those that are looked at closely."""
    origin, method = request.origin, request.method
    path = request.canonical_path
    bare = path.rstrip("/").lower()
    first = path.split("/", 2)[1]

    def cost(route: Route) -> int:
        target = route.target
        estimate = 0 if route.method in (method, "") else 2
        if target.origin != origin and target.origin is not None:
            estimate += 2 if target.host_suffix is not None or target.origin[1] == origin[1] else 8
        if target.path is not None:
            if target.path != path:
                estimate += (
                    1 if target.path.rstrip("/").lower() == bare else 3 if target.path.split("/", 2)[1] == first else 5
                )
        elif target.segments is not None:
            estimate += 0 if _fits_segments(target.segments, path) else 4
        return estimate

    return cost


def _fits_segments(segments: Sequence[object], path: str) -> bool:
    parts = path.split("/")
    if isinstance(segments[-1], Tail):
        parts, segments = parts[: len(segments) - 1], segments[:-1]
    return len(parts) == len(segments) and all(
        (isinstance(segment, Slot) and part != "") or segment == part
        for segment, part in zip(segments, parts, strict=True)
    )


def compare(request: Request, route: Route) -> Near:
    """A route held against a request in every field."""
    cost, differences = _compare_url(request, route)
    if route.method not in ("", request.method):
        differences.insert(0, Difference("method", route.method, request.method))
        cost += 15
    elsewhere = bool(differences)
    for condition in route.conditions:
        if elsewhere and isinstance(condition, WhereCondition):
            continue  # it was never asked about such requests, and may not expect them
        try:
            found = condition.differences(request)
        except Exception as error:  # noqa: BLE001 - the user's own code, shown instead of the miss it would hide
            found = [Difference(condition.field, "an answer", Said(f"raised {error!r}"))]
        differences += found
        cost += 3 * len(found)
    remarks = []
    if not differences:
        cost += 1
        if route.spent:
            remarks.append(f"it fits, and is used up: its limit of {route.limit_text} is reached")
    return Near(cost, route, differences, remarks)


def _compare_url(request: Request, route: Route) -> tuple[float, list[Difference]]:
    target = route.target
    if target.regex is not None:
        url = request.url if target.origin is None else request.canonical_url
        if target.regex.search(url) is not None:
            return 0.0, []
        return _url_cost(target.text, url), [
            Difference("url", target.regex if target.origin is None else target.text, url)
        ]
    if target.origin is None:
        return 0.0, []
    cost, found = 0.0, []
    scheme, host, port = target.origin
    if scheme != request.scheme:
        found.append(Difference("scheme", scheme, request.scheme))
        cost += 6
    wanted = host if target.host_suffix is None else f"*.{target.host_suffix}" if target.host_suffix else "*"
    fits_host = request.host == host if target.host_suffix is None else _under(request.host, target.host_suffix)
    if not fits_host:
        found.append(Difference("host", wanted, request.host))
        cost += 60 - 20 * difflib.SequenceMatcher(None, wanted, request.host).ratio()
    if port != request.port and scheme == request.scheme:
        found.append(Difference("port", port, request.port))
        cost += 8
    path = request.canonical_path
    if target.path is not None and target.path != path:
        found.append(Difference("path", target.path, path))
        cost += _path_cost(target.path, path)
    elif target.segments is not None and not _fits_segments(target.segments, path):
        template = "/".join(
            segment if isinstance(segment, str) else f"{{{segment.name}}}" for segment in target.segments
        )
        found.append(Difference("path", template, path))
        cost += _path_cost(template, path)
    return cost, found


def _under(host: str, suffix: str) -> bool:
    return host.endswith(f".{suffix}") if suffix else True


def _path_cost(expected: str, received: str) -> float:
    if expected.rstrip("/") == received.rstrip("/"):
        return 4
    return 10 + 30 * (1 - difflib.SequenceMatcher(None, expected, received).ratio())


def _url_cost(expected: str, received: str) -> float:
    return 60 - 40 * difflib.SequenceMatcher(None, expected, received).ratio()


# --- in words ---------------------------------------------------------------------------------------------------------


def describe(difference: Difference) -> list[str]:
    """A difference in lines: the field, what was expected of it and what came."""
    field, expected, received = difference
    if isinstance(received, Said):
        return [
            f"{field}: {received.answer}"
            if isinstance(received.answer, str)
            else f"{field}: {expected}, said {received.answer!r}"
        ]
    if isinstance(received, NotJSON):
        what = f"{show(received.content)}, which is not JSON" if received.content else "no body"
        return [f"{field}: expected {show(expected)}, received {what}"]
    if field == "json":
        return [f"{field}: {line}" for line in json_differences(expected, received)]
    if field == "content" and isinstance(received, bytes) and isinstance(expected, (str, bytes)):
        return _describe_content(expected, received)
    if field.startswith(("headers[", "cookies[")):
        return [_describe_secret(field, expected, received)]
    return [f"{field}: expected {show(expected)}, received {show(received)}"]


def _describe_content(expected: str | bytes, received: bytes) -> list[str]:
    wanted = expected if isinstance(expected, str) else expected.decode("utf-8", "backslashreplace")
    return [f"content: {line}" for line in text_difference(wanted, received.decode("utf-8", "backslashreplace"))]


def _describe_secret(field: str, expected: object, received: object) -> str:
    kind, _, rest = field.partition("[")
    name = rest.strip("]'\"")
    if kind == "cookies" or is_secret(name):
        hidden = "Cookie" if kind == "cookies" else name
        expected, received = _hide(hidden, expected), _hide(hidden, received)
        same = " (masked; they differ)" if expected == received else ""
        return f"{field}: expected {expected}, received {received}{same}"
    return f"{field}: expected {show(expected)}, received {show(received)}"


def _hide(name: str, value: object) -> str:
    if isinstance(value, Missing):
        return "nothing"
    if isinstance(value, str):
        return repr("***" if name == "Cookie" else masked(name, value))
    return show(value) if not isinstance(value, list) else f"{len(value)} values"


# --- hints ------------------------------------------------------------------------------------------------------------


def hints_for(request: Request, near: Near) -> list[str]:
    """What a difference is most likely about."""
    found = []
    fields = {difference.field: difference for difference in near.differences}
    path = fields.get("path")
    if path is not None and len(fields) == 1:
        expected, received = str(path.expected), str(path.received)
        if expected.rstrip("/") == received.rstrip("/"):
            found.append(f"{expected!r} and {received!r} differ in the slash at the end, and are two paths")
        elif expected.lower() == received.lower():
            found.append(f"{expected!r} and {received!r} differ in case, and are two paths")
    if fields.keys() <= {"host", "port", "scheme"} and fields and near.route.target.path == request.canonical_path:
        found.append(
            f"the path is right, only where it is asked for differs: {_origin_text(near.route)} is what the route has, as its URL or base_url"
        )
    found += _query_order(near)
    for condition in near.route.conditions:
        if isinstance(condition, JSONCondition) and near.route.method in _BODILESS and not request.content:
            found.append(
                f"json= of {near.route.method.lower()}() asks for a JSON body in the request; "
                f"the body of the answer goes into respond(json=…)"
            )
    return found


def _query_order(near: Near) -> list[str]:
    """Parameters that are all there, in another order than that of the repeats asked for."""
    for difference in near.differences:
        if difference.field.startswith("params["):
            expected, received = difference.expected, difference.received
            if (
                isinstance(expected, list)
                and isinstance(received, list)
                and sorted(map(str, expected)) == sorted(received)
            ):
                return [f"the values of {difference.field} are all there, in another order: a list means this order"]
    return []


def _origin_text(route: Route) -> str:
    assert route.target.origin is not None
    scheme, host, port = route.target.origin
    return f"{scheme}://{authority_of(scheme, host, port)}"


def _general_hints(request: Request, routers: Sequence[Router]) -> list[str]:
    if request.host in ("httpbin.org", "free.mockerapi.com") and any(
        request.host in router.hosts for router in routers
    ):
        return [f"of {request.host}, only what its pages document is answered; the rest is as any other host"]
    if request.host == "mock.local":
        return ["mock.local is not among this router's hosts: Router(hosts=…)"]
    return []


# --- a way out --------------------------------------------------------------------------------------------------------


def line_to_paste(request: Request) -> str:
    """A line of Python that answers the request, and fits it when it is pasted."""
    verb = request.method.lower()
    call = f"router.{verb}(" if verb in _VERBS else f"router.route({request.method!r}, "
    arguments = [repr(request.url.replace("{", "%7B").replace("}", "%7D")), *_body_argument(request)]
    if "?" in request.target and not _is_exact(request):
        arguments[0] = repr(request.url.partition("?")[0])
    return f"{call}{', '.join(arguments)}).respond(200)"


_VERBS: Final = frozenset({"get", "head", "post", "put", "patch", "delete", "options", "query", "trace"})


def _is_exact(request: Request) -> bool:
    """Whether the query can be asked for as it stands."""
    return (
        "{" not in request.target
        and Fields(parse_query(request.target.partition("?")[2])).multi_items() == request.query.multi_items()
    )


def _body_argument(request: Request) -> list[str]:
    """The body as a matcher, where it is short and says something."""
    if not request.content or len(request.content) > 300:
        return []
    try:
        return [f"json={request.json()!r}"]
    except ValueError:
        pass
    try:
        form = dict(request.form())
    except ValueError:
        return []
    return [f"form={form!r}"] if form and len(form) == len(request.form()) else []
