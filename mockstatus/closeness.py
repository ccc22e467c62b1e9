"""Which routes a request nearly fits, and in which fields it differs. Asked only after a miss; changes nothing."""

from __future__ import annotations

import difflib
import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from mockstatus.body_conditions import JSONCondition, NotJSON
from mockstatus.conditions import Said, WhereCondition
from mockstatus.matchers import Missing, Partial
from mockstatus.named_conditions import Difference
from mockstatus.patterns import Slot, Tail, Target
from mockstatus.showing import count_json_differences

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.routes import Route

_SHOWN: Final = 3  # routes
_LOOKED_AT: Final = 24  # routes of which every field is compared
_FEW: Final = 100  # different URLs that need no search before they are estimated
_HITS: Final = 40  # URLs that are looked at because of one piece of the request's
_PLACES: Final = 32  # different URLs that are compared letter by letter
_WEIGHED: Final = 3000  # routes of one URL that are weighed by the body they ask for, newest first

# What a difference costs. A body or header that differs is never as far as the method, nor that as another host.
_METHOD: Final = 15.0
_SCHEME: Final = 6.0
_PORT: Final = 8.0
_SLASH: Final = 4.0
_CONDITIONS_AT_MOST: Final = 13.0


class Near(NamedTuple):
    """A route that the request nearly fits: in which fields it differs, and what else is to be said."""

    cost: float
    route: Route
    differences: list[Difference]
    remarks: list[str]


class Place(NamedTuple):
    """How far a route's URL is from a request's, and in which parts it differs."""

    cost: float
    differences: list[Difference]


def closest_routes(request: Request, routes: Sequence[Route]) -> list[Near]:
    """The routes nearest to a request, best first: the URL weighs more than the method, and that more than the rest.

    ``routes`` are newest first; of two that are equally near, the newer is named first.
    """
    texts = list(dict.fromkeys([route.target.text for route in routes]))
    candidates = set(texts if len(texts) <= _FEW else _found_by_pieces(request, texts))
    there: dict[str, list[Route]] = {}
    for route in [route for route in routes if route.target.text in candidates]:
        there.setdefault(route.target.text, []).append(route)
    rough = _rough_distance(request)
    near = heapq.nsmallest(_PLACES, there, key=lambda text: rough(text, there[text][0].target))
    places = {text: compare_place(request, there[text][0].target) for text in near}
    found: list[Near] = []
    for text in sorted(near, key=lambda text: places[text].cost):
        if len(found) >= _LOOKED_AT:
            break
        found += [compare(request, route, places[text]) for route in _likeliest(request, there[text])]
    return sorted(found, key=lambda near: near.cost)[:_SHOWN]


def _found_by_pieces(request: Request, texts: list[str]) -> list[str]:
    """Of very many URLs, those that have a piece of the request's in them; found in one text of all, for speed."""
    blob = "\n".join(texts).lower()
    if blob.count("\n") >= len(texts):  # expressions of several lines
        blob = "\n".join([text.replace("\n", " ") for text in texts]).lower()
    ends = list(accumulate(map((1).__add__, map(len, blob.split("\n")))))
    path = request.uri.path.lower()
    blob += "\n"
    pieces = [f"{path}\n", f"{path}?", f"{path.rstrip('/')}/\n", f"//{request.host}", f"{path.rstrip('/')}\n"]
    for segment in path.split("/"):
        if segment:
            pieces += [f"/{segment}/", f"/{segment}\n", f"/{segment}"]
    pieces += [_longest(blob, path, lambda length: path[:length])]
    pieces += [_longest(blob, path, lambda length: f"{path[-length:]}\n")]
    found = {texts[place]: None for piece in dict.fromkeys(pieces) for place in _places_of(piece, blob, ends)}
    return [*found, *texts[:_SHOWN], ""]


def _longest(blob: str, path: str, piece: Callable[[int], str]) -> str:
    """The longest piece of a path that stands anywhere in the text of all URLs."""
    low, high = 1, len(path)
    while low < high:
        middle = (low + high + 1) // 2
        if piece(middle) in blob:
            low = middle
        else:
            high = middle - 1
    return piece(low)


def _places_of(piece: str, blob: str, ends: list[int]) -> Iterator[int]:
    """The first lines in which a piece stands."""
    at = blob.find(piece)
    for _ in range(_HITS):
        if at < 0:
            return
        place = bisect_right(ends, at)
        yield place
        at = blob.find(piece, ends[place])


def _rough_distance(request: Request) -> Callable[[str, Target], float]:
    """A quick estimate of how far a URL is from a request's, for the choice of those that are looked at closely."""
    origin, host, path = request.origin, request.host, request.uri.path
    segments = [segment for segment in path.split("/") if segment]
    pieces = [f"/{segment}/" for segment in segments]
    another_path = len(pieces) * 3 + 6

    def distance(text: str, target: Target) -> float:
        estimate = 0 if target.origin == origin else _rough_origin(target, host)
        if target.path == path or (target.origin is None and target.regex is None):
            return estimate
        if target.segments is not None:
            parts = target.segments
            same = sum(segment in parts for segment in segments) + (len(parts) == len(segments) + 1)
        else:
            slashed = f"{text}/"
            same = sum(piece in slashed for piece in pieces)
        return estimate + another_path - 3 * same - 4 * _common_part(text if target.path is None else target.path, path)

    return distance


def _common_part(text: str, path: str) -> float:
    """Which part of a path stands in a text, from its beginning or from its end, from 0 to 1."""
    start = next((length for length in range(len(path), 0, -1) if path[:length] in text), 0)
    end = next((length for length in range(len(path) - start, 0, -1) if text.endswith(path[-length:])), 0)
    return (start + end) / len(path)


def _rough_origin(target: Target, host: str) -> int:
    """What another origin costs in the estimate."""
    if target.origin is None:
        return 0
    if target.host_suffix is not None:
        return 1
    return 4 if target.origin[1] == host else 12


def _likeliest(request: Request, routes: list[Route]) -> list[Route]:
    """Of the routes of one URL, so many that each can be compared in every field."""
    if len(routes) <= _LOOKED_AT:
        return routes
    method = request.method
    try:
        body = request.json()
    except ValueError:
        body = None
    fields = body if isinstance(body, dict) else {}
    query = dict(request.query.multi_items())

    def unlikeness(route: Route) -> int:
        cost = 0 if route.method in (method, "") else 5
        for condition in route.conditions:
            kind = condition.field
            if kind == "json":
                assert isinstance(condition, JSONCondition)
                cost += 4 - _alike(condition.expected, fields)
            elif kind == "params":
                cost += 4 - _alike(getattr(condition, "expected", None), query)
            else:
                cost += 4
        return cost

    return heapq.nsmallest(_LOOKED_AT, routes[:_WEIGHED], key=unlikeness)


def _alike(expected: object, received: Mapping[str, object]) -> int:
    """How many of the plain values that are expected were received, up to four."""
    if isinstance(expected, Partial):
        expected = expected.value
    if not isinstance(expected, Mapping):
        return 0
    same = 0
    for name, value in expected.items():
        actual = received.get(name)
        if (isinstance(value, (str, int, float)) and value == actual) or str(value) == actual:
            same += 1
    return min(same, 4)


# --- every field ------------------------------------------------------------------------------------------------------


def compare(request: Request, route: Route, place: Place | None = None) -> Near:
    """A route held against a request in every field."""
    place = place or compare_place(request, route.target)
    cost, differences = place.cost, list(place.differences)
    if route.method not in ("", request.method):
        differences.insert(0, Difference("method", route.method, request.method))
        cost += _METHOD
    found = _compare_conditions(request, route, elsewhere=bool(differences))
    cost += _at_most(sum(map(_weight, found)), _CONDITIONS_AT_MOST)
    differences += found
    return Near(cost, route, differences, [] if differences else [_why_not_taken(route)])


def _at_most(weight: float, limit: float) -> float:
    """Rises with the weight, the slower the nearer it comes to the limit."""
    return limit * weight / (weight + limit)


def _why_not_taken(route: Route) -> str:
    if route.spent:
        return f"it fits, and is used up: its limit of {route.limit_text} is reached"
    return "it fits now that it is asked again: it was made or freed meanwhile, or its function has changed its mind"


def _compare_conditions(request: Request, route: Route, *, elsewhere: bool) -> list[Difference]:
    """How a request differs from what a route asks for besides method and URL; ``elsewhere`` says that these differ."""
    before = request.path_params
    if not elsewhere:
        request.path_params = route.params_of(request) or {}
    found: list[Difference] = []
    try:
        for condition in route.conditions:
            if elsewhere and isinstance(condition, WhereCondition):
                continue  # it was never asked about such requests, and may not expect them
            try:
                found += condition.differences(request)
            except Exception as error:  # noqa: BLE001 - the user's own code, shown instead of the miss it would hide
                found.append(Difference(condition.field, "an answer", Said(f"raised {error!r}")))
    finally:
        request.path_params = before
    return found


def _weight(difference: Difference) -> float:
    """How much a difference says that another route was meant, from 2 to 4."""
    field, expected, received = difference
    if isinstance(received, (Missing, NotJSON)) or isinstance(expected, Missing):
        return 3.5
    if field == "json":
        return 2 + count_json_differences(expected, received, at_most=8) / 4
    if field == "content" and isinstance(received, bytes) and isinstance(expected, (str, bytes)):
        wanted = expected.encode() if isinstance(expected, str) else expected
        return 4 - 2 * difflib.SequenceMatcher(None, wanted[:200], received[:200]).ratio()
    return 3


# --- the URL ----------------------------------------------------------------------------------------------------------


def compare_place(request: Request, target: Target) -> Place:
    """How the URL of a route differs from a request's."""
    if target.regex is not None:
        url = request.url if target.origin is None else request.uri.canonical_url
        if target.regex.search(url) is not None:
            return Place(0.0, [])
        expected = target.regex if target.origin is None else target.text
        return Place(60 - 40 * _ratio(target.text, url), [Difference("url", expected, url)])
    if target.origin is None:
        return Place(0.0, [])
    cost, found = 0.0, []
    for one in _compare_origin(request, target):
        cost += one.cost
        found += one.differences
    path, wanted = request.uri.path, path_text(target)
    if wanted != path if target.segments is None else not _fits_segments(target.segments, path):
        cost += _path_cost(wanted, path)
        found.append(Difference("path", wanted, path))
    return Place(cost, found)


def _compare_origin(request: Request, target: Target) -> Iterator[Place]:
    assert target.origin is not None
    scheme, host, port = target.origin
    if scheme != request.scheme:
        yield Place(_SCHEME, [Difference("scheme", scheme, request.scheme)])
    if target.host_suffix is None:
        fits = request.host == host
    else:
        host = f"*.{target.host_suffix}" if target.host_suffix else "*"
        fits = request.host.endswith(f".{target.host_suffix}") or not target.host_suffix
    if not fits:
        yield Place(60 - 20 * _ratio(host, request.host), [Difference("host", host, request.host)])
    if port != request.port and scheme == request.scheme:
        yield Place(_PORT, [Difference("port", port, request.port)])


def path_text(target: Target) -> str:
    """The path of a route's URL, with its templates."""
    if target.segments is None:
        return target.path or "/"
    shown = {Slot: "{%s}", Tail: "{%s:path}"}
    return "/".join(
        segment if isinstance(segment, str) else shown[type(segment)] % segment.name for segment in target.segments
    )


def _fits_segments(segments: Sequence[object], path: str) -> bool:
    parts = path.split("/")
    if isinstance(segments[-1], Tail):
        parts, segments = parts[: len(segments) - 1], segments[:-1]
    return len(parts) == len(segments) and all(
        (isinstance(segment, Slot) and part != "") or segment == part
        for segment, part in zip(segments, parts, strict=True)
    )


def _path_cost(expected: str, received: str) -> float:
    if expected.rstrip("/") == received.rstrip("/"):
        return _SLASH
    if "{" in expected:
        expected, received = _without_what_templates_stand_for(expected, received)
    return 10 + 30 * (1 - _ratio(expected, received))


def _without_what_templates_stand_for(expected: str, received: str) -> tuple[str, str]:
    """Both paths with the same text in the places of templates, as far as they have the same number of segments."""
    wanted, came = expected.split("/"), received.split("/")
    for place, segment in enumerate(wanted[: len(came)]):
        if segment.startswith("{"):
            wanted[place] = came[place] = "{}"
    return "/".join(wanted), "/".join(came)


def _ratio(expected: str, received: str) -> float:
    """How alike two texts are, from 0 to 1; of long ones, their first 200 characters."""
    return difflib.SequenceMatcher(None, received[:200], expected[:200], autojunk=False).ratio()
