"""The command: measures, prints a table, writes JSON, and with ``--check`` fails where a structural line does not hold."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

if not __package__:
    # As a script: the repository, not this folder, is where imports begin, or the profile.py here would be taken for
    # the standard library's.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import calls, crowds, endurance, entering, growth
from benchmarks.rows import Row, aligned, table
from benchmarks.settings import Settings

MEASURES: dict[str, Callable[[Settings], list[Row]]] = {
    "one-route": calls.one_route,
    "many-routes": calls.many_routes,
    "growth": growth.of_calls,
    "registration": growth.of_registration,
    "activation": entering.activation,
    "import": entering.imports,
    "miss": growth.of_misses,
    "memory": endurance.memory,
    "threads": crowds.threads,
    "event-loop": crowds.event_loop,
}
_PACKAGES = ("httpx", "httpx2", "requests", "urllib3", "respx", "pytest-httpx", "responses", "requests-mock")
_ATTEMPTS = 3  # a structural line has failed when it did so this often, each time with more repeats


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and return the exit status."""
    options = _parse(arguments)
    settings = Settings(small=options.small, repeats=options.repeats)
    results: dict[str, list[Row]] = {}
    machine = _machine()  # before we make it busy ourselves
    started = time.perf_counter()
    for name in options.only or MEASURES:
        print(f"{name} …", end=" ", file=sys.stderr, flush=True)
        before = time.perf_counter()
        results[name] = _measure(MEASURES[name], settings, check=options.check)
        print(f"{time.perf_counter() - before:.0f} s", file=sys.stderr)
    rows = [row for found in results.values() for row in found]
    print(f"{_machine_line(machine)}; {'small' if options.small else 'full'}, {time.perf_counter() - started:.0f} s\n")
    print(table(rows))
    if "growth" in results:
        for unit in (growth.TIME, growth.INSTRUCTIONS):
            print(
                f"\n{unit.name.capitalize()} per call with many routes, the worse of newest and oldest, by that with one:\n"
            )
            lines = growth.matrix(results["growth"], unit)
            print(aligned(lines, right=range(1, len(lines[0]))))
    if options.json is not None:
        options.json.write_text(json.dumps(_as_json(machine, results, settings), indent=1) + "\n")
    failed = [row for row in rows if row.structural and row.holds is False]
    if options.check:
        for row in failed:
            print(f"does not hold: {row.measure}: goal {row.goal}; {row.note}", file=sys.stderr)
        return 1 if failed else 0
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer routes, calls and repeats: about a minute")
    parser.add_argument("--check", action="store_true", help="exit status 1 where a structural line does not hold")
    parser.add_argument("--only", action="append", choices=MEASURES, help="measure this; may be given again")
    parser.add_argument("--repeats", type=_positive, help="blocks of each contender; the fastest one counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there as well")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def _measure(measure: Callable[[Settings], list[Row]], settings: Settings, *, check: bool) -> list[Row]:
    """The rows; where a structural one is to be enforced and did not hold, those of another, longer attempt."""
    rows = measure(settings)
    for attempt in range(2, _ATTEMPTS + 1):
        if not check or all(row.holds is not False for row in rows if row.structural):
            break
        again = measure(Settings(small=settings.small, repeats=settings.repeats, again=attempt))
        held = {row.measure: row for row in rows if row.holds}
        rows = [row if row.holds else held.get(row.measure, row) for row in again]
    return rows


def _machine_line(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return f"{machine['python']} on {machine['system']}, {machine['processors']} processors, load {machine['load']}; {versions}"


def _machine() -> dict[str, Any]:
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "packages": packages,
    }


def _as_json(machine: dict[str, Any], results: dict[str, list[Row]], settings: Settings) -> dict[str, Any]:
    return {
        "machine": machine,
        "small": settings.small,
        "repeats": settings.repeats,
        "measures": {name: [row.as_json() for row in rows] for name, rows in results.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
