"""Runs calls through one door, for a profiler: what of a call is ours, and where it goes.

``--adapter`` leaves out what the client does around its adapter, so that an instruction count is about our code;
``--count`` takes that count with valgrind, as the difference between two runs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
if not __package__:
    sys.path[0] = str(_ROOT)  # this folder would give cProfile this file for the standard library's profile

import mockstatus
from benchmarks.answer import STATUS, URL
from benchmarks.doors import DOORS, Door
from benchmarks.kinds import KINDS
from benchmarks.peers import PEERS
from benchmarks.timing import Call

_DOORS = {door.name.replace(" ", "-"): door for door in DOORS}
_SORTS = ("tottime", "cumtime", "ncalls")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and return the exit status."""
    options = _parse(arguments)
    if options.count:
        return _count(options)
    door = _DOORS[options.door]
    client = door.make_floor() if options.floor else door.make()
    call = _adapter_call(door, client) if options.adapter else door.call(client)
    with _mock(options), asyncio.Runner() as runner:
        run = _runner(door, runner, call)
        run(10)
        gc.collect()
        gc.disable()
        if options.profile:
            _profile(run, options)
        else:
            started = perf_counter()
            run(options.calls)
            print(f"{(perf_counter() - started) / options.calls * 1e6:.1f} µs per call")
    door.close(client)
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("door", choices=_DOORS)
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--routes", type=int, default=1, help="how many routes there are, of every kind")
    parser.add_argument("--floor", action="store_true", help="the stub in the place of mockstatus")
    parser.add_argument("--peer", choices=[peer.name for peer in PEERS], help="another mock in the place of mockstatus")
    parser.add_argument(
        "--adapter", action="store_true", help="nothing but the client's adapter, with a finished request"
    )
    parser.add_argument("--profile", action="store_true", help="with cProfile; otherwise the calls are only timed")
    parser.add_argument("--sort", choices=_SORTS, default="tottime")
    parser.add_argument("--lines", type=int, default=40, help="of the profile")
    parser.add_argument("--count", action="store_true", help="instructions per call, counted by valgrind")
    return parser.parse_args(arguments)


def _mock(options: argparse.Namespace) -> AbstractContextManager[Any]:
    if options.floor:
        return nullcontext()
    if options.peer is None:
        return mockstatus.activate(_router(options.routes))
    return next(peer for peer in PEERS if peer.name == options.peer).mock([URL])()


def _router(routes: int) -> mockstatus.Router:
    router = mockstatus.Router()
    for place in range(routes - 1):
        KINDS[place % len(KINDS)].adder(router, place)()
    router.get(URL).respond(STATUS)
    return router


def _runner(door: Door, runner: asyncio.Runner, call: Call) -> Callable[[int], None]:
    async def await_all(times: int) -> None:
        for _ in range(times):
            await call()

    def call_all(times: int) -> None:
        for _ in range(times):
            call()

    return (lambda times: runner.run(await_all(times))) if door.awaits else call_all


def _profile(run: Callable[[int], None], options: argparse.Namespace) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    run(options.calls)
    profile.disable()
    pstats.Stats(profile).strip_dirs().sort_stats(options.sort).print_stats(options.lines)


# --- nothing but the adapter ------------------------------------------------------------------------------------------


def _adapter_call(door: Door, client: Any) -> Call:
    """The adapter's part of a call: what the client hands a finished request to."""
    if door.client == "urllib3":
        return _connection_call(client)
    if door.client == "requests":
        import requests

        prepared = client.prepare_request(requests.Request("GET", URL))
        adapter = client.get_adapter(URL)
        return lambda: adapter.send(prepared).content
    request = client.build_request("GET", URL)
    transport = client._transport
    if door.awaits:
        return lambda: transport.handle_async_request(request)
    return lambda: transport.handle_request(request)


def _connection_call(manager: Any) -> Call:
    """Of urllib3, what a pool asks of a connection; the floor has its stub in the pool and asks for nothing less."""
    pool = manager.connection_from_url(URL)
    path = "/" + URL.split("/", 3)[3]
    if hasattr(type(pool), "keeps_original"):
        options = {"preload_content": True, "decode_content": True, "enforce_content_length": True}
        return lambda: pool._make_request(None, "GET", path, response_conn=None, retries=None, **options).data
    connection = pool._new_conn()

    def call() -> bytes:
        connection.request("GET", path)
        return connection.getresponse().data

    return call


# --- instructions -----------------------------------------------------------------------------------------------------


def _count(options: argparse.Namespace) -> int:
    """Print how many instructions a call takes: twice the calls less once the calls, start and imports apart."""
    calls = min(options.calls, 500)
    counted = [_instructions(options, times) for times in (calls, 2 * calls)]
    print(f"{(counted[1] - counted[0]) / calls:,.0f} instructions per call")
    return 0


def _instructions(options: argparse.Namespace, calls: int) -> int:
    command = [
        "valgrind",
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        sys.executable,
        "-m",
        "benchmarks.profile",
    ]
    command += [options.door, f"--calls={calls}", f"--routes={options.routes}"]
    command += [] if options.peer is None else [f"--peer={options.peer}"]
    command += [flag for flag, on in (("--floor", options.floor), ("--adapter", options.adapter)) if on]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # the same dictionaries in both runs
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(f"valgrind did not say how many instructions it saw:\n{done.stderr}")
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main())
