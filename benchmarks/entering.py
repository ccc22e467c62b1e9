"""What it costs to switch a mock on and off, and to import ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import mockstatus
from benchmarks import originals
from benchmarks.peers import PEERS
from benchmarks.rows import Row
from benchmarks.settings import Settings
from benchmarks.timing import Call, Contender, always, fastest

_SHARES = {"respx": 20, "responses": 2}
_ROOT = Path(__file__).resolve().parent.parent


def activation(settings: Settings) -> list[Row]:
    """``with activate(): pass`` beside the same of the others; all four clients are imported."""
    mocks = {"ours": mockstatus.activate, **{peer.name: peer.enter() for peer in PEERS}}
    contenders = [Contender(name=name, opened=always(_through(mock))) for name, mock in mocks.items()]
    with mockstatus.activate():
        pass
    left = originals.replaced()
    times = fastest(contenders, settings.effort(300, 60))
    ours = times.pop("ours")
    judged = [ours <= times[name] / share for name, share in _SHARES.items() if name in times]
    return [
        Row(
            measure="with activate(): pass",
            ours=ours,
            peers=times,
            goal="1/20 of respx, 1/2 of responses",
            holds=all(judged) if judged else None,
            note=", ".join(f"1/{times[name] / ours:.1f} of {name}" for name in _SHARES if name in times),
        ),
        _count("functions left replaced by it", len(left), 0, ", ".join(left)),
    ]


def _through(mock: Callable[[], AbstractContextManager[Any]]) -> Call:
    def enter_and_leave() -> None:
        with mock():
            pass

    return enter_and_leave


# --- import -----------------------------------------------------------------------------------------------------------

_PLAIN = "import mockstatus"
_WITH_USE = "import mockstatus, and what a test uses of it"
_IMPORTS = {
    "import logging": "import logging",
    _PLAIN: "import mockstatus",
    _WITH_USE: "from mockstatus import Router, activate, catalog, reply",
}
_CLIENTS = ("aiohttp", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "urllib3")
_MOST_MODULES = 20  # the package, and what its annotations and its first look at the others need
_LIMIT = 15e-3


def imports(settings: Settings) -> list[Row]:
    """``import mockstatus`` in a new process, and what a test needs of it, beside ``import logging``."""
    repeats = settings.effort(30, 6).repeats
    best = {name: float("inf") for name in _IMPORTS}
    modules: dict[str, list[str]] = {}
    for _ in range(repeats):
        for name, code in _IMPORTS.items():
            seconds, modules[name] = _import(code)
            best[name] = min(best[name], seconds)
    logging = best.pop("import logging")
    known = set(modules["import logging"])
    new = {name: sorted(set(modules[name]) - known) for name in best}
    rows = [
        Row(
            measure=name,
            ours=seconds,
            unit="ms",
            floor=logging,
            goal="added ≤ 15 ms" if name == _PLAIN else "",
            holds=seconds - logging <= _LIMIT if name == _PLAIN else None,
            note=f"{len(new[name])} modules more than import logging, which is the floor",
            details={"modules": new[name]},
        )
        for name, seconds in best.items()
    ]
    clients = [name for name in modules[_WITH_USE] if name in _CLIENTS]
    rows.append(_count("clients imported by either", len(clients), 0, ", ".join(clients)))
    rows.append(_count("modules imported by import mockstatus, beyond logging", len(new[_PLAIN]), _MOST_MODULES, ""))
    return rows


def _count(measure: str, found: int, most: int, note: str) -> Row:
    goal = f"at most {most}" if most else "none"
    return Row(measure=measure, ours=found, unit="", goal=goal, holds=found <= most, structural=True, note=note)


def _import(code: str) -> tuple[float, list[str]]:
    """How long it takes, and the modules that are there then and were not before."""
    script = (
        "import sys, time\n"
        "before = set(sys.modules)\n"
        "started = time.perf_counter()\n"
        f"{code}\n"
        "seconds = time.perf_counter() - started\n"
        "after = sorted(set(sys.modules) - before)\n"
        "import json\n"
        "print(json.dumps([seconds, after]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_ROOT)
    seconds, modules = json.loads(done.stdout)
    return seconds, modules
