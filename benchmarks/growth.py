"""Whether a call, a registration or a miss costs more where there are many routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from contextvars import Context, copy_context
from functools import partial
from itertools import count
from statistics import fmean
from time import perf_counter
from typing import Any, NamedTuple

import mockstatus
from benchmarks.answer import STATUS
from benchmarks.counting import counted
from benchmarks.doors import DOORS, HTTPX, Door, Wanted
from benchmarks.kinds import KINDS, Kind
from benchmarks.peers import PEERS
from benchmarks.rows import Row, shown
from benchmarks.settings import Settings
from benchmarks.timing import Call, Contender, Effort, always, fastest, frozen, without_collections

GROWTH = 1.2  # what counts as the same
_BY_THE_CLOCK = 2.0  # what does not, on a machine that has other things to do
ALL = "a mix of all"


# --- calls ------------------------------------------------------------------------------------------------------------


class Compared(NamedTuple):
    """What a call takes behind one door, the mean over the kinds of a mix: with one route, and with many."""

    one: float
    newest: float
    oldest: float

    @property
    def ratio(self) -> float:
        """How much more it takes with many routes."""
        return max(self.newest, self.oldest) / self.one


class Unit(NamedTuple):
    """In what it is told how much a call takes."""

    name: str
    note: str
    measure: Callable[[Sequence[Contender], Effort], dict[Any, float]]


TIME = Unit("time", "", fastest)
INSTRUCTIONS = Unit("instructions", " in instructions", lambda contenders, _: counted(contenders))


def of_calls(settings: Settings) -> list[Row]:
    """Per call, with many routes against one, for every door and every kind of route."""
    mixes = {name: compare(kinds, settings) for name, kinds in _mixes()}
    rows = []
    for unit in (TIME, INSTRUCTIONS):
        for door in DOORS:
            found = {name: compared[unit.name, door.name] for name, compared in mixes.items()}
            ratios = {name: compared.ratio for name, compared in found.items()}
            worst = max(ratios, key=lambda name: ratios[name])
            rows.append(
                Row(
                    measure=f"{settings.many:,} routes against one{unit.note}, {door.name}",
                    ours=ratios[worst],
                    unit="×",
                    goal=f"≤ {GROWTH}×",
                    holds=ratios[worst] <= GROWTH,
                    structural=unit is INSTRUCTIONS,
                    note=f"the worst of {len(ratios)} mixes: {worst}",
                    details={"unit": unit.name, "ratios": ratios, "found": {k: v._asdict() for k, v in found.items()}},
                )
            )
    slowest = max(rows[: len(DOORS)], key=lambda row: row.ours)
    return [*rows, _loose_row(slowest, settings)]


def _loose_row(slowest: Row, settings: Settings) -> Row:
    """What the clock must say even of a busy machine: instructions do not tell of what is done in C."""
    return Row(
        measure=f"{settings.many:,} routes against one, any door",
        ours=slowest.ours,
        unit="×",
        goal=f"≤ {_BY_THE_CLOCK}×",
        holds=slowest.ours <= _BY_THE_CLOCK,
        structural=True,
        note=slowest.note,
    )


def _mixes() -> list[tuple[str, Sequence[Kind]]]:
    return [*((kind.name, [kind]) for kind in KINDS), (ALL, KINDS)]


def compare(kinds: Sequence[Kind], settings: Settings) -> dict[tuple[str, str], Compared]:
    """How much a call takes with routes of these kinds, by unit and door."""
    effort = settings.effort(10, 5, block=0.006)
    last = sorted(range(settings.many - len(kinds), settings.many), key=lambda place: place % len(kinds))  # one of each
    with ExitStack() as stack:
        crowded = _seen_by(stack, router_of(kinds, settings.many))
        alone = [_seen_by(stack, _alone(kind, newest)) for kind, newest in zip(kinds, last, strict=True)]
        contenders: list[Contender] = []
        for door in DOORS:
            client = door.make()
            stack.callback(door.close, client)
            for oldest, (kind, newest, one) in enumerate(zip(kinds, last, alone, strict=True)):
                add = partial(_contender, door, client, kind)
                contenders += [add("newest", crowded, newest), add("oldest", crowded, oldest), add("one", one, newest)]
        found = {unit.name: unit.measure(contenders, effort) for unit in (TIME, INSTRUCTIONS)}
    return {
        (unit, door.name): Compared(
            *(fmean(taken[door.name, which, kind.name] for kind in kinds) for which in Compared._fields)
        )
        for unit, taken in found.items()
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


def _contender(door: Door, client: Any, kind: Kind, which: str, context: Context, place: int) -> Contender:
    """One request again and again: with one route as with many, its way is what the processor's caches have in them."""
    call = door.call(client, kind.request(place))
    return Contender(name=(door.name, which, kind.name), opened=always(call), awaits=door.awaits, context=context)


def matrix(rows: Sequence[Row], unit: Unit) -> list[list[str]]:
    """The ratios of all mixes behind all doors, as lines of cells; the rows are those of ``of_calls``."""
    rows = [row for row in rows if row.details.get("unit") == unit.name]
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
    crowded = {name: _filled(register(), settings.peers_many) for name, register in adders.items()}
    best = {(name, size): float("inf") for name in adders for size in sizes}
    places = count(settings.peers_many)
    with frozen():
        for _ in range(min(effort.repeats, 40)):
            for name, register in adders.items():
                # Filling the one with few is what makes each of them warm, as those that are timed before it are others.
                for size, add in ((_FEW, _filled(register(), _FEW)), (settings.peers_many, crowded[name])):
                    calls = [partial(add, _url(next(places))) for _ in range(_BATCH // 4)]
                    best[name, size] = min(best[name, size], _per_call(calls))
    return [
        Row(
            measure=f"adding a route and its answer, at {size:,}",
            ours=best["ours", size],
            peers={peer.name: best[peer.name, size] for peer in PEERS},
            goal="≤ 15 µs",
            holds=best["ours", size] <= _LIMIT,
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
        for name, kinds in _mixes():
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
