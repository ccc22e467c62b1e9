"""Many callers at once: threads on one router, and tasks on one event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from time import perf_counter
from typing import Any

import mockstatus
from benchmarks.answer import STATUS, URL
from benchmarks.doors import ASYNC_DOORS, SYNC_DOORS, Door
from benchmarks.growth import router_of
from benchmarks.kinds import KINDS
from benchmarks.rows import Row, shown
from benchmarks.settings import Settings
from benchmarks.timing import frozen, without_collections

_THREADS = 8
_SAME = 1.1  # threads of a pure Python program take turns, which is not free
Mock = Callable[[], AbstractContextManager[Any]]


# --- threads ----------------------------------------------------------------------------------------------------------


def threads(settings: Settings) -> list[Row]:
    """Per call, where eight threads call at once and where one does; and that no lock is held in the user's code."""
    repeats, calls = settings.effort(40, 8).repeats, 240 if settings.small else 800
    return [*(_threads_row(door, repeats, calls) for door in SYNC_DOORS), _unlocked()]


def _threads_row(door: Door, repeats: int, calls: int) -> Row:
    router = mockstatus.Router()
    router.get(URL).respond(STATUS)
    best: dict[str, float] = {}
    with ExitStack() as stack, frozen():
        crowds: list[tuple[str, Mock, list[Any]]] = []
        for name, mock, make in (
            ("ours", partial(mockstatus.activate, router), door.make),
            ("floor", nullcontext, door.make_floor),
        ):
            clients = [make() for _ in range(_THREADS)]
            for client in clients:
                stack.callback(door.close, client)
            crowds += [(f"{name} 1", mock, clients[:1]), (f"{name} {_THREADS}", mock, clients)]
        for _ in range(repeats):
            for name, mock, clients in crowds:
                with mock():
                    best[name] = min(best.get(name, float("inf")), _time_threads(door, clients, calls))
    ratio = best[f"ours {_THREADS}"] / best["ours 1"]
    floor = best[f"floor {_THREADS}"] / best["floor 1"]
    return Row(
        measure=f"{_THREADS} threads against one, {door.name}",
        ours=ratio,
        unit="×",
        floor=floor,
        goal=f"≤ {_SAME}×",
        holds=ratio <= _SAME,
        note=f"{shown(best[f'ours {_THREADS}'], 'µs')} and {shown(best['ours 1'], 'µs')} per call"
        + ("; so is the client over the stub" if floor > _SAME else ""),
        details=best,
    )


def _time_threads(door: Door, clients: Sequence[Any], total: int) -> float:
    """Seconds per call of as many threads as there are clients, which share the calls."""
    each = total // len(clients)
    start = threading.Barrier(len(clients) + 1)
    end = threading.Barrier(len(clients) + 1)

    def work(call: Callable[[], Any]) -> None:
        try:
            call()
            start.wait()
            for _ in range(each):
                call()
            end.wait()
        except BaseException:
            start.abort()  # or the others would wait for ever
            end.abort()
            raise

    workers = [threading.Thread(target=work, args=(door.call(client),)) for client in clients]
    with without_collections():
        for worker in workers:
            worker.start()
        start.wait()
        started = perf_counter()
        end.wait()
        spent = perf_counter() - started
        for worker in workers:
            worker.join()
    return spent / (each * len(clients))


def _unlocked() -> Row:
    """All threads are inside the user's functions at the same time, which they could not be if a lock were held."""
    router = mockstatus.Router()
    meeting = threading.Barrier(_THREADS)
    met: list[str] = []

    def where(request: mockstatus.Request) -> bool:
        meeting.wait(10)
        met.append("where")
        return True

    def respond(request: mockstatus.Request) -> int:
        meeting.wait(10)
        router.get("https://api.example.com/another")  # and none that the router itself would need
        met.append("respond_with")
        return STATUS

    router.get(URL, where=where).respond_with(respond)
    door = SYNC_DOORS[0]
    with door.make() as client, mockstatus.activate(router):
        callers = [threading.Thread(target=_quietly, args=(door.call(client),)) for _ in range(_THREADS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    return Row(
        measure=f"{_THREADS} threads inside where= and respond_with at once",
        ours=min(met.count("where"), met.count("respond_with")),
        unit="",
        goal=f"all {_THREADS}",
        holds=len(met) == 2 * _THREADS,
        structural=True,
        note="no lock is held while user code runs",
    )


def _quietly(call: Callable[[], Any]) -> None:
    """Make a call; that the others did not come is what is counted, and no news of its own."""
    try:
        call()
    except threading.BrokenBarrierError:
        return


# --- tasks ------------------------------------------------------------------------------------------------------------

_LIMIT = 5e-3


def event_loop(settings: Settings) -> list[Row]:
    """The longest that the event loop was held up while very many calls were under way.

    A heart beats between every two of them: the longest pause between beats is the longest step of one call. Of each
    pause the shortest of all repeats counts: what a call does it does every time, what the machine does it does not.
    """
    tasks, repeats = (200 if settings.small else 1_000), settings.effort(30, 8).repeats
    rows = []
    for door in ASYNC_DOORS:
        floor, client = door.make_floor(), door.make()
        crowded = router_of(KINDS, settings.many)
        plain = mockstatus.Router()
        plain.get(URL).respond(STATUS)
        contenders: dict[str, tuple[Mock, Callable[[], Any]]] = {
            "floor": (nullcontext, door.call(floor)),
            "one route": (partial(mockstatus.activate, plain), door.call(client)),
            "many routes": (partial(mockstatus.activate, crowded), door.call(client, KINDS[0].request(8))),
            "respond_with": (partial(mockstatus.activate, _asynchronous()), door.call(client)),
        }
        pauses: dict[str, list[list[float]]] = {name: [] for name in contenders}
        with frozen():
            for _ in range(repeats):
                for name, (mock, call) in contenders.items():
                    with mock(), without_collections():
                        pauses[name].append(asyncio.run(_pauses(call, tasks)))
        door.close(floor)
        door.close(client)
        longest = {name: max(map(min, zip(*runs, strict=False))) for name, runs in pauses.items()}
        lowest = longest.pop("floor")
        worst = max(longest, key=lambda name: longest[name])
        rows.append(
            Row(
                measure=f"event loop held up by {tasks:,} calls at once, {door.name}",
                ours=longest[worst],
                unit="ms",
                floor=lowest,
                goal="≤ 5 ms",
                holds=longest[worst] <= _LIMIT,
                note=f"the longest: {worst}",
                details=longest,
            )
        )
    return rows


def _asynchronous() -> mockstatus.Router:
    router = mockstatus.Router()

    async def respond(request: mockstatus.Request) -> int:
        await asyncio.sleep(0)
        return STATUS

    router.get(URL).respond_with(respond)
    return router


async def _pauses(call: Callable[[], Any], tasks: int) -> list[float]:
    """The times between two beats, with one beat between every two calls."""
    loop = asyncio.get_running_loop()
    await call()  # the first of an event loop is another matter
    beats = []
    beating = True

    def beat() -> None:
        beats.append(perf_counter())
        if beating:
            loop.call_soon(beat)

    started = []
    for _ in range(tasks):
        started.append(asyncio.create_task(call()))
        loop.call_soon(beat)
    results = await asyncio.gather(*started)
    beating = False
    assert all(result.is_success for result in results)
    return [later - earlier for earlier, later in zip(beats, beats[1:], strict=False)]
