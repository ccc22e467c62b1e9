"""requests is answered in two ways, a short one and a long one, and no caller can tell which it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockstatus.adapters import requests_short

from .case import Case
from .cases import CASES
from .comparing import see_unlogged
from .worlds import MockWorld, WarmWorld

PORT = 49_999  # nothing is there, and nothing is asked
BY_NAME = {case.name: case for case in CASES if "requests" in case.clients}


WORLDS = {
    "no connection yet": lambda case: MockWorld(case, PORT, explicit=False),
    "a connection": lambda case: WarmWorld(case, PORT),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("name", BY_NAME)
def test_a_caller_cannot_tell_the_short_way_from_the_long_one(
    name: str, world: Callable[[Case], MockWorld], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every field is equal: responses, errors, what is raw, cookies, pools, warnings, what the router received."""
    case = BY_NAME[name]
    short = see_unlogged(case, world(case))
    monkeypatch.setattr(requests_short, "_plain_call", lambda *_, **__: None)
    long = see_unlogged(case, world(case))

    assert short == long


def test_the_short_way_is_taken_by_all_calls_of_most_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the test above would compare the long way with itself."""
    taken = 0

    def respond(*args: object, **options: object) -> object:
        nonlocal taken
        taken += 1
        return original(*args, **options)  # type: ignore[arg-type]

    original = requests_short.respond
    monkeypatch.setattr(requests_short, "respond", respond)
    shares = {}
    for name in ("status 200", "status 404", "status 503"):
        taken = 0
        see_unlogged(BY_NAME[name], WORLDS["no connection yet"](BY_NAME[name]))
        shares[name] = taken

    assert shares == {name: len(BY_NAME[name].calls) for name in shares}
