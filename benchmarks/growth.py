"""Whether a call, a registration or a miss costs more where there are many routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from contextvars import Context, copy_context
from functools import partial
from itertools import count, cycle
from time import perf_counter
from typing import Any

import mockstatus
from benchmarks.answer import STATUS
from benchmarks.doors import DOORS, HTTPX, Door, Wanted
from benchmarks.kinds import KINDS, Kind
from benchmarks.peers import PEERS
from benchmarks.rows import Row, shown
from benchmarks.settings import Settings
from benchmarks.timing import Call, Contender, Effort, always, fastest, frozen, without_collections

GROWTH = 1.2  # what counts as the same
_NOT_FILED = tuple(kind.name for kind in KINDS if not kind.filed)
ALL = " but ".join(("a mix of all", *_NOT_FILED))


# --- calls ------------------------------------------------------------------------------------------------------------


def of_calls(settings: Settings) -> list[Row]:
    """Per call, with many routes against one, for every door and every kind of route."""
    found: dict[str, dict[str, dict[str, float]]] = {door.name: {} for door in DOORS}
    for name, kinds in _mixes(settings):
        for door, times in _compare(kinds, settings).items():
            found[door][name] = times
    rows = []
    for door, mixes in found.items():
        ratios = {name: max(times["newest"], times["oldest"]) / times["one"] for name, times in mixes.items()}
        filed = {name: ratio for name, ratio in ratios.items() if name not in _NOT_FILED}
        worst = max(filed, key=lambda name: filed[name])
        rows.append(
            Row(
                measure=f"{settings.many:,} routes against one, {door}",
                ours=ratios[worst],
                unit="×",
                goal=f"≤ {GROWTH}×",
                holds=ratios[worst] <= GROWTH,
                structural=True,
                note=f"the worst of {len(filed)} mixes: {worst}",
                details={"ratios": ratios, "times": mixes},
            )
        )
    unfiled = [name for name in _NOT_FILED if name in rows[0].details["ratios"]]
    return [*rows, *(_unfiled_row(name, rows, settings) for name in unfiled)]


def _unfiled_row(name: str, rows: Sequence[Row], settings: Settings) -> Row:
    """A kind of route that the index does not find by itself: told, and not enforced."""
    worst = max(row.details["ratios"][name] for row in rows)
    measure = f"{settings.many:,} routes against one, {name}"
    holds = worst <= GROWTH
    return Row(measure=measure, ours=worst, unit="×", goal=f"≤ {GROWTH}×", holds=holds, note="the worst of all doors")


def _mixes(settings: Settings) -> list[tuple[str, Sequence[Kind]]]:
    filed = [kind for kind in KINDS if kind.filed]
    return [*((kind.name, [kind]) for kind in (filed if settings.small else KINDS)), (ALL, filed)]


def _compare(kinds: Sequence[Kind], settings: Settings) -> dict[str, dict[str, float]]:
    """By door, seconds per call: with one route (the mean over the kinds), and with many, the newest and the oldest."""
    many = settings.many
    last = sorted(range(many - len(kinds), many), key=lambda place: place % len(kinds))  # one of each kind
    effort = settings.effort(100, 10, block=0.0015)
    with ExitStack() as stack:
        crowded = _seen_by(stack, router_of(kinds, many))
        alone = [_seen_by(stack, _alone(kind, place)) for kind, place in zip(kinds, last, strict=True)]
        contenders: list[Contender] = []
        for door in DOORS:
            client = door.make()
            stack.callback(door.close, client)
            add = partial(_contender, door, client)
            contenders.append(add("newest", crowded, [k.request(p) for k, p in zip(kinds, last, strict=True)]))
            contenders.append(add("oldest", crowded, [k.request(p) for p, k in enumerate(kinds)]))
            for kind, place, context in zip(kinds, last, alone, strict=True):
                contenders.append(add(f"one {kind.name}", context, [kind.request(place)]))
        times = fastest(contenders, effort)
    return {
        door.name: {
            "one": sum(times[door.name, f"one {kind.name}"] for kind in kinds) / len(kinds),
            "newest": times[door.name, "newest"],
            "oldest": times[door.name, "oldest"],
        }
        for door in DOORS
    }


def router_of(kinds: Sequence[Kind], many: int) -> mockstatus.Router:
    """A router with many routes of these kinds in turns."""
    router = mockstatus.Router()
    for place in range(many):
        kinds[place % len(kinds)].adder(router, place)()
    return router


def _alone(kind: Kind, place: int) -> mockstatus.Router:
    router = mockstatus.Router()
    kind.adder(router, place)()
    return router


def _seen_by(stack: ExitStack, router: mockstatus.Router) -> Context:
    """A context in which the router answers. So many are open side by side that entering each time would take hours."""
    context = copy_context()
    activation = mockstatus.activate(router, scope="context")
    context.run(activation.start)
    stack.callback(context.run, activation.stop)
    return context


def _contender(door: Door, client: Any, name: str, context: Context, requests: Sequence[Wanted]) -> Contender:
    calls = cycle([door.call(client, wanted) for wanted in requests])
    return Contender(
        name=(door.name, name),
        opened=always(lambda: next(calls)()),
        awaits=door.awaits,
        period=len(requests),
        context=context,
    )


def matrix(rows: Sequence[Row]) -> list[list[str]]:
    """The ratios of all mixes behind all doors, as lines of cells; the rows are those of ``of_calls``."""
    rows = [row for row in rows if row.details]
    names = list(rows[0].details["ratios"])
    lines = [["routes", *(row.measure.rpartition(", ")[2] for row in rows)]]
    return [*lines, *([name, *(shown(row.details["ratios"][name], "×") for row in rows)] for name in names)]


# --- registration -----------------------------------------------------------------------------------------------------

_BATCH = 20
_FEW = 10
_LIMIT = 15e-6


def of_registration(settings: Settings) -> list[Row]:
    """Adding a route, where there are few and where there are many."""
    effort = settings.effort(150, 40)
    kinds = list(KINDS)
    few = {kind.name: float("inf") for kind in kinds}
    many = dict(few)
    crowded = {kind.name: router_of([kind], settings.many) for kind in kinds}
    places = count(settings.many)
    with frozen():
        for _ in range(effort.repeats):
            for kind in kinds:
                sparse = router_of([kind], _FEW)
                few[kind.name] = min(few[kind.name], _adding(kind, sparse, places))
                many[kind.name] = min(many[kind.name], _adding(kind, crowded[kind.name], places))
    rows = [
        Row(
            measure=f"adding a route, {kind.name}, at {settings.many:,}",
            ours=many[kind.name],
            goal="≤ 15 µs",
            holds=many[kind.name] <= _LIMIT,
            note=f"{shown(few[kind.name], 'µs')} at {_FEW}",
        )
        for kind in kinds
    ]
    ratios = {name: many[name] / few[name] for name in few}
    worst = max(ratios, key=lambda name: ratios[name])
    rows.append(
        Row(
            measure=f"adding a route, at {settings.many:,} against at {_FEW}",
            ours=ratios[worst],
            unit="×",
            goal=f"≤ {GROWTH}×",
            holds=ratios[worst] <= GROWTH,
            structural=True,
            note=f"the worst of {len(ratios)} kinds: {worst}",
            details={"ratios": ratios, "few": few, "many": many},
        )
    )
    return [*rows, *_with_answers(settings, effort)]


def _adding(kind: Kind, router: mockstatus.Router, places: Iterator[int]) -> float:
    """Seconds for a route."""
    return _per_call([kind.adder(router, next(places) % 90_000) for _ in range(_BATCH)])


def _per_call(calls: Sequence[Call]) -> float:
    with without_collections():
        started = perf_counter()
        for call in calls:
            call()
        return (perf_counter() - started) / len(calls)


def _with_answers(settings: Settings, effort: Effort) -> list[Row]:
    """Adding a route with what it answers, beside the others, which have no routes without."""
    sizes = (_FEW, settings.peers_many)
    adders = {"ours": _ours, **{peer.name: peer.register for peer in PEERS}}
    crowded = {(name, size): _filled(register(), size) for name, register in adders.items() for size in sizes}
    best = dict.fromkeys(crowded, float("inf"))
    places = count(max(sizes))
    with frozen():
        for _ in range(min(effort.repeats, 40)):
            for key, add in crowded.items():
                calls = [partial(add, _url(next(places))) for _ in range(_BATCH // 4)]
                best[key] = min(best[key], _per_call(calls))
    return [
        Row(
            measure=f"adding a route and its answer, at {size:,}",
            ours=best["ours", size],
            peers={peer.name: best[peer.name, size] for peer in PEERS},
        )
        for size in sizes
    ]


def _ours() -> Callable[[str], object]:
    router = mockstatus.Router()
    return lambda url: router.get(url).respond(STATUS)


def _url(place: int) -> str:
    return f"https://api.example.com/jobs/{10_000 + place}"


def _filled(add: Callable[[str], object], size: int) -> Callable[[str], object]:
    for place in range(size):
        add(_url(place))
    return add


# --- misses -----------------------------------------------------------------------------------------------------------


def of_misses(settings: Settings) -> list[Row]:
    """A request that nothing fits among many routes, until its error is there with its whole text."""
    limit = 20e-3 * settings.many / 10_000
    lengths: dict[str, int] = {}
    contenders = []
    with ExitStack() as stack:
        client = stack.enter_context(HTTPX.make())
        for name, kinds in _mixes(settings):
            router = router_of(kinds, settings.many)
            context = _seen_by(stack, router)
            miss = _missing(router, HTTPX.call(client, kinds[-1].request(80_000)))
            lengths[name] = len(context.run(miss))
            contenders.append(Contender(name=name, opened=always(miss), context=context))
        times = fastest(contenders, settings.effort(40, 6))
    return [
        Row(
            measure=f"a miss among {settings.many:,} routes, {name}",
            ours=time,
            unit="ms",
            goal=f"≤ {shown(limit, 'ms')}",
            holds=time <= limit,
            note=f"{lengths[name]:,} characters",
        )
        for name, time in times.items()
    ]


def _missing(router: mockstatus.Router, call: Call) -> Callable[[], str]:
    """A function that makes a request which nothing fits and returns what the error says."""

    def miss() -> str:
        try:
            response = call()
        except mockstatus.UnmatchedRequest as error:
            text = str(error)
        else:
            raise AssertionError(f"{response.request.url} was to be missed and was answered {response.status_code}")
        router.unmatched.clear()
        return text

    return miss
