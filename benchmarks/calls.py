"""What one call costs: with one route, and with as many as the other mocks can still bear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from itertools import cycle
from typing import Any

import mockstatus
from benchmarks import originals
from benchmarks.answer import STATUS, URL, check
from benchmarks.doors import DOORS, REQUESTS, REQUESTS_DEEP, Door, Wanted
from benchmarks.peers import peers_of
from benchmarks.rows import Row
from benchmarks.settings import Settings
from benchmarks.timing import Call, Contender, always, fastest

OURS, FLOOR = "ours", "floor"
Times = dict[tuple[str, str], float]


def one_route(settings: Settings) -> list[Row]:
    """Per call, with one route."""
    times = _measure([URL], [URL], settings.effort(100, 10, block=0.02))
    rows = []
    for door in DOORS:
        ours, floor = times[door.name, OURS], times[door.name, FLOOR]
        peers = _peer_times(times, door)
        if door is REQUESTS:
            rows.append(_requests_row(ours, floor, peers))
            deep = times[REQUESTS_DEEP.name, FLOOR]
            name = "one route, requests over urllib3-deep"
            holds = ours - deep <= 60e-6
            rows.append(Row(measure=name, ours=ours, floor=deep, peers=peers, goal="added ≤ 60 µs", holds=holds))
        elif door.client == "urllib3":
            goal, holds = "added ≤ 60 µs", ours - floor <= 60e-6
            rows.append(Row(measure="one route, urllib3", ours=ours, floor=floor, goal=goal, holds=holds))
        else:
            rows.append(_httpx_row(door, ours, floor, peers, times))
    return rows


def _httpx_row(door: Door, ours: float, floor: float, peers: dict[str, float], times: Times) -> Row:
    peers_floor = times[door.name.replace("httpx2", "httpx"), FLOOR]
    added = {name: time - peers_floor for name, time in peers.items()}
    notes = [f"added is 1/{time / (ours - floor):.1f} of {name}'s" for name, time in added.items() if ours > floor]
    if door.client == "httpx2" and peers:
        notes.append("which answers httpx")
    looks = "; each call looks whether somebody could tell that its task does not suspend" if door.awaits else ""
    return Row(
        measure=f"one route, {door.name}",
        ours=ours,
        floor=floor,
        peers=peers,
        goal="added ≤ 1/8 of each peer's",
        holds=all(ours - floor <= time / 8 for time in added.values()) if added else None,
        note=", ".join(notes) + looks,
        details={"peers_added": added},
    )


def _requests_row(ours: float, floor: float, peers: dict[str, float]) -> Row:
    return Row(
        measure="one route, requests",
        ours=ours,
        floor=floor,
        peers=peers,
        goal="≤ each peer",
        holds=ours <= min(peers.values()) if peers else None,
        note="the peers skip urllib3",
    )


def many_routes(settings: Settings) -> list[Row]:
    """Per call, with many routes, of which the first, the middle and the last are called."""
    count = settings.peers_many
    urls = [f"https://api.example.com/jobs/{10_000 + place}" for place in range(count)]
    hit = [urls[0], urls[count // 2], urls[-1]]
    times = _measure(urls, hit, settings.effort(80, 15))
    rows = []
    for door in DOORS:
        ours, peers = times[door.name, OURS], _peer_times(times, door)
        goal = "1/20 of each peer" if peers else ""
        ratios = [f"{time / ours:.0f}× faster than {name}" for name, time in peers.items()]
        if door.client == "httpx2" and peers:
            ratios.append("which answers httpx")
        floor = times[door.name, FLOOR]
        short = [name for name, time in peers.items() if time < floor * 20]
        if short and not settings.small:
            ratios.append(f"1/20 of {' and of '.join(short)} is less than the floor")
        rows.append(
            Row(
                measure=f"{count:,} routes, {door.name}",
                ours=ours,
                floor=floor,
                peers=peers,
                goal=goal,
                # with fewer routes than the goal is for, the peers have not slowed down by as much
                holds=ours * 20 <= min(peers.values()) if peers and not settings.small else None,
                note=", ".join(ratios),
            )
        )
    return rows


def _peer_times(times: Times, door: Door) -> dict[str, float]:
    """Of the peers on this client; none mocks httpx2, so there those of httpx stand in."""
    name, client = door.name.replace("httpx2", "httpx"), door.client.replace("httpx2", "httpx")
    return {peer.name: times[name, peer.name] for peer in peers_of(client)}


def _measure(urls: Sequence[str], hit: Sequence[str], effort: Any) -> Times:
    """The time of every contender behind every door, by the names of both; ``hit`` are the URLs that are called."""
    router = mockstatus.Router()
    for url in urls:
        router.get(url).respond(STATUS)
    mocks = {peer.name: peer.mock(urls) for door in DOORS for peer in peers_of(door.client)}
    contenders = []
    with ExitStack() as stack:
        for door in (*DOORS, REQUESTS_DEEP):
            add = partial(_contender, door, hit)
            floor = _made(stack, door, door.make_floor())
            contenders.append(add(FLOOR, always(_next_call(door, floor, hit))))
            if door is REQUESTS_DEEP:
                continue
            client = _made(stack, door, door.make())
            activate = partial(mockstatus.activate, router)
            for name, mock in ((OURS, activate), *((peer.name, mocks[peer.name]) for peer in peers_of(door.client))):
                contenders.append(add(name, _while_open(name, mock, door, client, hit)))
        return fastest(contenders, effort)


def _made(stack: ExitStack, door: Door, client: Any) -> Any:
    """The client, closed in the end."""
    stack.callback(door.close, client)
    return client


def _contender(door: Door, hit: Sequence[str], name: str, opened: Callable[[], Any]) -> Contender:
    return Contender(
        name=(door.name, name),
        opened=opened,
        awaits=door.awaits,
        period=len(hit),
        check=partial(check, f"{name} ({door.name})"),
    )


def _next_call(door: Door, client: Any, hit: Sequence[str]) -> Call:
    if len(hit) == 1:
        return door.call(client, Wanted(url=hit[0]))
    calls = cycle([door.call(client, Wanted(url=url)) for url in hit])
    return lambda: next(calls)()


def _while_open(
    name: str, mock: Callable[[], AbstractContextManager[Any]], door: Door, client: Any, hit: Sequence[str]
) -> Callable[[], AbstractContextManager[Call]]:
    call = _next_call(door, client, hit)

    @contextmanager
    def opened() -> Iterator[Call]:
        with mock():
            yield call
        originals.check(name)

    return opened
