"""Many calls at once on one client of httpx or httpx2, and calls that are cancelled in the middle."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from time import monotonic
from typing import Any

import anyio
import pytest

import mockstatus

CLIENTS = ("httpx", "httpx2")
LOOPS = ("asyncio", "trio")
URL = "https://api.example.com/items"
every_loop = pytest.mark.parametrize(("name", "loop"), [(name, loop) for name in CLIENTS for loop in LOOPS])


def run(loop: str, main: Any) -> Any:
    return anyio.run(main, backend=loop)


def echo(router: mockstatus.Router) -> None:
    """Each item answers with its number: plain, in chunks, or broken off, by turns."""

    def give(request: mockstatus.Request) -> mockstatus.Reply:
        number = request.path_params["id"]
        if int(number) % 3 == 0:
            return mockstatus.reply(200, stream=[number, "!"])
        return mockstatus.reply(200, text=f"{number}!")

    router.get(f"{URL}/{{id}}").respond_with(give)


@pytest.mark.parametrize("name", CLIENTS)
def test_threads_that_share_a_client_each_get_their_own_answers(name: str) -> None:
    """Nobody's bytes reach another, whether an answer is plain or played."""
    module = import_module(name)
    with mockstatus.activate() as router, module.Client() as client, ThreadPoolExecutor(16) as pool:
        echo(router)
        got = list(pool.map(lambda number: client.get(f"{URL}/{number}").text, range(600)))

    assert got == [f"{number}!" for number in range(600)]
    assert len(router.calls) == 600


@every_loop
def test_tasks_that_share_a_client_each_get_their_own_answers(name: str, loop: str) -> None:
    """The same for tasks, of which each lets the others go on."""
    module = import_module(name)
    got: dict[int, str] = {}

    async def main() -> None:
        async with mockstatus.activate() as router, module.AsyncClient() as client:
            echo(router)

            async def ask(number: int) -> None:
                got[number] = (await client.get(f"{URL}/{number}")).text

            async with anyio.create_task_group() as group:
                for number in range(300):
                    group.start_soon(ask, number)

    run(loop, main)

    assert got == {number: f"{number}!" for number in range(300)}


@every_loop
@pytest.mark.parametrize("answer", ["plain", "streamed", "broken"])
def test_a_call_that_is_cancelled_while_it_waits_ends_at_once_and_leaves_the_client_fit(
    name: str, loop: str, answer: str
) -> None:
    """With time that is real; what was being answered is in the journal, and the next call is fine."""
    module = import_module(name)

    async def main() -> None:
        async with mockstatus.activate(time="real") as router, module.AsyncClient(timeout=60) as client:
            route = router.get(URL)
            if answer == "plain":
                route.respond(200, delay=30)
            elif answer == "streamed":
                route.respond(stream=mockstatus.dribble(b"abc", every=30))
            else:
                route.fail("connection_reset", delay=30)
            route.then(204)
            with anyio.move_on_after(0.05) as scope:
                await client.get(URL)
            assert scope.cancelled_caught
            assert (await client.get(URL)).status_code == 204
            assert len(router.calls) == 2

    started = monotonic()
    run(loop, main)
    assert monotonic() - started < 25


@every_loop
def test_a_call_lets_others_run_and_can_be_cancelled_though_nothing_is_waited_for(name: str, loop: str) -> None:
    """As every call on a real wire does, a plain answer too."""
    module = import_module(name)

    async def main() -> None:
        async with mockstatus.activate() as router, module.AsyncClient() as client:
            router.get(URL)
            with anyio.CancelScope() as scope:
                scope.cancel()
                await client.get(URL)
            assert scope.cancelled_caught

    run(loop, main)


@pytest.mark.usefixtures("quick_collections")
@every_loop
def test_a_stream_that_is_cancelled_closes_what_the_route_sends(name: str, loop: str) -> None:
    """The user's own asynchronous generator is closed with the connection, in the task that read it."""
    module = import_module(name)
    ended: list[str] = []

    async def endless() -> Any:
        try:
            while True:
                yield b"again"
                await anyio.sleep(0)
        finally:
            ended.append("closed")

    async def main() -> None:
        async with mockstatus.activate() as router, module.AsyncClient() as client:
            router.get(URL).respond(stream=endless)
            with anyio.move_on_after(0.05):
                async with client.stream("GET", URL) as response:
                    async for _ in response.aiter_raw():
                        pass
            assert ended == ["closed"]

    run(loop, main)
    gc.collect()
