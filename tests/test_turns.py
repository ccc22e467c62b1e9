"""An asynchronous call lets others run wherever they could tell; a turn of the loop that nobody waits for is left out."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import httpx2
import pytest
import trio
import uvloop

import mockstatus
from mockstatus.adapters import httpx_calls
from mockstatus.turns import is_alone

URL = "https://api.example.com/jobs"
ENOUGH = 2_000  # calls, after which something should have happened that had to happen at once or soon
Get = Callable[[], Coroutine[Any, Any, Any]]


@pytest.fixture(autouse=True)
def _answers() -> Iterator[None]:
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        yield


@pytest.fixture(params=[httpx, httpx2], ids=lambda client: client.__name__)
def client(request: pytest.FixtureRequest) -> Any:
    """One of the two packages."""
    return request.param


def run(client: Any, function: Callable[[Get], Coroutine[Any, Any, Any]]) -> Any:
    """Call a function with a way to make a call, in asyncio's loop."""

    async def main() -> Any:
        async with client.AsyncClient() as made:
            return await function(lambda: made.get(URL))

    return asyncio.run(main())


async def until(happened: Callable[[], bool], get: Get) -> int:
    """Make calls and nothing else until something has happened; how many it took."""
    for calls in range(ENOUGH):
        if happened():
            return calls
        await get()
    raise AssertionError(f"nothing happened in {ENOUGH} calls")


def test_most_calls_of_a_task_that_is_alone_take_no_turn(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what this is for."""
    turns = 0

    async def checkpoint() -> None:
        nonlocal turns
        turns += 1
        await asyncio.sleep(0)

    monkeypatch.setattr(httpx_calls, "checkpoint", checkpoint)
    monkeypatch.setattr("mockstatus.turns._UNSEEN", 60.0)

    async def calls(get: Get) -> None:
        for _ in range(330):
            await get()

    run(client, calls)

    assert turns == 1


def test_the_first_call_of_a_task_suspends_it(client: Any) -> None:
    """So it is not done where it has only begun."""

    async def main(get: Get) -> bool:
        await get()
        task = asyncio.create_task(get())
        await asyncio.sleep(0)
        done = task.done()
        await task
        return done

    assert run(client, main) is False


def test_tasks_take_turns(client: Any) -> None:
    """Each call of one lets the others make theirs."""

    async def main(get: Get) -> list[int]:
        made: list[int] = []

        async def calls(number: int) -> None:
            for _ in range(20):
                await get()
                made.append(number)

        await asyncio.gather(*(calls(number) for number in range(3)))
        return made

    assert run(client, main) == [0, 1, 2] * 20


def test_what_is_to_be_called_soon_is_called_in_the_next_call(client: Any) -> None:
    """As it would be while a server answers."""

    async def main(get: Get) -> int:
        await get()
        happened = asyncio.Event()
        asyncio.get_running_loop().call_soon(happened.set)
        return await until(happened.is_set, get)

    assert run(client, main) == 1


def test_what_is_due_is_called_in_the_next_turn(client: Any) -> None:
    """Which is in the next call; the loop runs whoever was ready before first."""

    async def main(get: Get) -> int:
        await get()
        happened = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.call_at(loop.time() - 1, happened.set)
        return await until(happened.is_set, get)

    assert run(client, main) <= 2


def test_another_thread_comes_to_its_turn_in_the_next_call(client: Any) -> None:
    """What it has the loop call."""

    async def main(get: Get) -> int:
        await get()
        happened = asyncio.Event()
        thread = threading.Thread(target=asyncio.get_running_loop().call_soon_threadsafe, args=[happened.set])
        thread.start()
        thread.join()
        return await until(happened.is_set, get)

    assert run(client, main) == 1


def test_what_comes_from_outside_is_looked_at_before_long(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that can be read, within four milliseconds."""
    moments = count(step=0.000_1)
    monkeypatch.setattr("mockstatus.turns.Machine", SimpleNamespace(monotonic=lambda: next(moments)))

    async def main(get: Get) -> int:
        await get()
        here, there = socket.socketpair()
        with here, there:
            happened = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(here, happened.set)
            there.send(b".")
            calls = await until(happened.is_set, get)
            loop.remove_reader(here)
        return calls

    assert run(client, main) <= 42


def test_a_signal_is_seen_before_long(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop hears of it through a socket, and calls the handler in the turn after that."""
    moments = count(step=0.000_1)
    monkeypatch.setattr("mockstatus.turns.Machine", SimpleNamespace(monotonic=lambda: next(moments)))

    async def main(get: Get) -> int:
        await get()
        happened = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, happened.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        calls = await until(happened.is_set, get)
        loop.remove_signal_handler(signal.SIGUSR1)
        return calls

    assert run(client, main) <= 43


def test_where_nothing_comes_from_outside_there_is_a_turn_every_twentieth_of_a_second(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no more, however often it is looked; so that a loop in debug mode does not complain."""
    moments = count(step=0.001)
    monkeypatch.setattr("mockstatus.turns.Machine", SimpleNamespace(monotonic=lambda: next(moments)))
    turns: list[float] = []

    async def checkpoint() -> None:
        turns.append(next(moments))
        await asyncio.sleep(0)

    monkeypatch.setattr(httpx_calls, "checkpoint", checkpoint)

    async def calls(get: Get) -> None:
        for _ in range(400):
            await get()

    run(client, calls)

    pauses = [later - earlier for earlier, later in itertools.pairwise(turns)]
    assert pauses
    assert all(0.045 < pause < 0.06 for pause in pauses)


def test_a_task_that_makes_calls_for_ever_can_be_cancelled(client: Any) -> None:
    """By another task, and by a timeout."""

    async def main(get: Get) -> str:
        async def for_ever() -> None:
            while True:
                await get()

        task = asyncio.create_task(for_ever())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await for_ever()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(for_ever(), 0.01)
        return "all"

    assert run(client, main) == "all"


def test_a_task_that_has_cancelled_itself_is_so_in_the_next_call(client: Any) -> None:
    """And not a call later."""

    async def main(get: Get) -> int:
        async def calls() -> None:
            await get()
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await get()
            made.append("one too many")

        made: list[str] = []
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(calls())
        return len(made)

    assert run(client, main) == 0


def test_a_scope_of_anyios_that_is_cancelled_ends_in_the_next_call(client: Any) -> None:
    """By its own task, before it is entered, or by its deadline."""

    async def main(get: Get) -> list[int]:
        ended = []
        await get()
        with anyio.CancelScope() as scope:
            await get()
            scope.cancel()
            ended.append(await until(lambda: False, get))
        with anyio.CancelScope() as scope:
            scope.cancel()
            ended.append(await until(lambda: False, get))
        with anyio.move_on_after(0):
            ended.append(await until(lambda: False, get))
        with anyio.move_on_after(0.01):
            ended.append(await until(lambda: False, get))
        return ended

    assert run(client, main) == []


def test_a_loop_that_was_stopped_stops_in_the_next_call(client: Any) -> None:
    """And the call is answered when it runs again."""
    loop = asyncio.new_event_loop()
    made = 0

    async def calls() -> None:
        nonlocal made
        async with client.AsyncClient() as one:
            await one.get(URL)
            loop.stop()
            await one.get(URL)
            made += 1

    task = loop.create_task(calls())
    loop.run_forever()
    assert made == 0
    loop.run_until_complete(task)
    loop.close()

    assert made == 1


async def _count_turns(get: Get) -> int:
    """In how many of fifty calls another task had a turn."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.sleep(0)

    async with anyio.create_task_group() as group:
        group.start_soon(others)
        for _ in range(50):
            await get()
        group.cancel_scope.cancel()
    return turns


@pytest.mark.parametrize("backend", ["asyncio", "trio", "uvloop"])
def test_every_kind_of_loop_lets_another_task_run_in_each_call(client: Any, backend: str) -> None:
    """Whether or not it says what waits in it."""

    async def main() -> int:
        async with client.AsyncClient() as made:
            return await _count_turns(lambda: made.get(URL))

    options = {"use_uvloop": True} if backend == "uvloop" else {}
    turns = anyio.run(main, backend="trio" if backend == "trio" else "asyncio", backend_options=options)

    assert turns >= 48, "it has begun in the first one, and need not be the first of those that are ready"


def test_nobody_is_alone_where_the_loop_does_not_say_what_waits() -> None:
    """In uvloop, in trio, in trio as a guest, and where no loop runs at all."""

    async def ask() -> list[bool]:
        return [is_alone() for _ in range(3)]

    async def host() -> list[bool]:
        done = asyncio.get_running_loop().create_future()
        trio.lowlevel.start_guest_run(
            ask,
            run_sync_soon_threadsafe=asyncio.get_running_loop().call_soon_threadsafe,
            done_callback=done.set_result,
        )
        outcome: list[bool] = (await done).unwrap()
        return outcome

    assert [is_alone() for _ in range(3)] == [False] * 3
    assert trio.run(ask) == [False] * 3
    assert asyncio.run(host()) == [False] * 3
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == [False] * 3
    assert asyncio.run(ask()) == [False, True, True]


def test_a_task_that_is_gone_is_not_kept() -> None:
    """Only whose calls they were is remembered, not the task."""
    import gc
    import weakref

    async def main() -> bool:
        inner = asyncio.create_task(ask())
        await inner
        gone = weakref.ref(inner)
        del inner
        await asyncio.sleep(0)  # the loop still has what woke this task
        gc.collect()
        return gone() is None

    async def ask() -> None:
        is_alone()

    assert asyncio.run(main())


def test_a_thread_is_not_taken_for_the_task_of_another() -> None:
    """Neither one without a loop nor one with a loop of its own, while the task that made the last call is at work."""
    seen: list[list[bool]] = []

    async def ask() -> list[bool]:
        return [is_alone() for _ in range(3)]

    async def main() -> None:
        seen.append(await ask())
        for work in (lambda: [is_alone() for _ in range(2)], lambda: asyncio.run(ask())):
            thread = threading.Thread(target=lambda work=work: seen.append(work()))
            thread.start()
            thread.join()
        seen.append(await ask())

    asyncio.run(main())

    assert seen == [[False, True, True], [False, False], [False, True, True], [False, True, True]]


def test_a_task_whose_loop_runs_another_task_is_not_taken_for_that_one() -> None:
    """Tasks that take each other's place each take a turn first."""

    async def ask() -> list[bool]:
        first = [is_alone() for _ in range(2)]
        await asyncio.sleep(0)
        return [*first, *(is_alone() for _ in range(2))]

    async def main() -> list[list[bool]]:
        return [*await asyncio.gather(ask(), ask()), [is_alone() for _ in range(3)]]

    assert asyncio.run(main()) == [[False] * 4, [False] * 4, [False, True, True]]


if hasattr(asyncio, "eager_task_factory"):

    def test_a_task_that_begins_at_once_is_not_done_at_once(client: Any) -> None:
        """Its first call suspends it, as one on a wire would (Python 3.12 and newer)."""

        async def main(get: Get) -> list[bool]:
            await get()
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            tasks = [asyncio.create_task(get()) for _ in range(3)]
            done = [task.done() for task in tasks]
            await asyncio.gather(*tasks)
            return done

        assert run(client, main) == [False] * 3
