"""Whether memory stays flat over a great many calls, each of which differs from all before. Run in its own process."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import mockstatus
from benchmarks.doors import DOORS, Wanted
from benchmarks.rows import Row
from benchmarks.settings import Settings

_ROOT = Path(__file__).resolve().parent.parent
_STATUS = Path("/proc/self/status")
_MB = 1_000_000
_LIMIT = 5 * _MB
_BATCH = 50  # calls of one door before it is the next one's turn


def memory(settings: Settings) -> list[Row]:
    """How much a process grows over many calls through all doors, after the journal has reached its bound."""
    calls = settings.calls
    history = 1_000 if settings.small else 10_000
    command = [sys.executable, "-m", "benchmarks.endurance", str(calls), str(history)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    samples: list[tuple[int, float]] = json.loads(done.stdout)
    grown = max(size for _, size in samples) - samples[0][1]
    return [
        Row(
            measure=f"growth over {calls:,} calls, all doors",
            ours=grown / _MB,
            unit="MB",
            goal="≤ 5 MB",
            holds=grown <= _LIMIT,
            structural=True,
            note=f"{'VmRSS' if _STATUS.exists() else 'tracemalloc'}, {samples[0][1] / _MB:.0f} MB after {samples[0][0]:,} calls",
            details={"samples": samples},
        )
    ]


def main() -> None:
    """Make the calls, and print how much memory there was after how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int)
    parser.add_argument("history", type=int)
    options = parser.parse_args()
    if not _STATUS.exists():
        tracemalloc.start()  # what Python has allocated; it makes everything slower
    print(json.dumps(list(_samples(options.calls, options.history))))


def _samples(calls: int, history: int) -> Iterator[tuple[int, float]]:
    """Bytes after some number of calls, at twenty points after the journal and all caches are full."""
    full = max(2 * history, 16_000)
    with _calling(history) as make_calls:
        made = make_calls(full)
        yield made, _bytes()
        for _ in range(20):
            made += make_calls(calls // 20)
            yield made, _bytes()


def _bytes() -> float:
    gc.collect()
    if not _STATUS.exists():
        return tracemalloc.get_traced_memory()[0]
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@contextmanager
def _calling(history: int) -> Iterator[Any]:
    """A function that makes a number of calls, and returns how many; all doors in turns, no two calls alike."""
    router = mockstatus.Router(history=history)
    router.post("https://api.example.com/items/{item}", json=mockstatus.partial({"kind": "a"})).respond(202)
    router.post("https://api.example.com/items/{item}", headers={"X-Shop": str}).respond_with(lambda request: 202)
    numbers = iter(range(sys.maxsize))
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        clients = [(door, door.make()) for door in DOORS]
        for door, client in clients:
            stack.callback(door.close, client)
        stack.enter_context(mockstatus.activate(router))

        async def await_all(calls: list[Any]) -> None:
            for call in calls:
                await call()

        def make_calls(total: int) -> int:
            rounds = max(1, total // (_BATCH * len(clients)))
            for _ in range(rounds):
                for door, client in clients:
                    calls = [door.call(client, _wanted(n)) for n in islice(numbers, _BATCH)]
                    if door.awaits:
                        runner.run(await_all(calls))
                        continue
                    for call in calls:
                        call()
            return rounds * _BATCH * len(clients)

        yield make_calls


def _wanted(n: int) -> Wanted:
    return Wanted("POST", f"https://api.example.com/items/{n}", {"X-Shop": str(n)}, {"kind": "ab"[n % 2], "size": n})


if __name__ == "__main__":
    main()
