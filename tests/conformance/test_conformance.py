"""What a caller sees through mockstatus is what a real server would have made it see."""

from __future__ import annotations

from functools import cache

import pytest

import mockstatus

from .case import Case
from .cases import CASES
from .comparing import DOORS, Door, Reality, differences, see_mock, see_realities
from .differences import KNOWN, unknown
from .documented import PHRASES

# Under trio, httpx and httpcore leave generators of their own unfinished where a call breaks; on a real wire they do.
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'http(x|core)2?\\.")

MOST_SHOWN = 6  # differences in the text of a failure: where an error is missing, a whole response is too much
BY_NAME = {case.name: case for case in CASES}
PAIRS = [(door, case) for case in CASES for door in DOORS if door.client in case.clients]


@cache
def realities(name: str) -> dict[str, Reality]:
    """What the clients saw of real servers; asked once for all ways into mockstatus."""
    return see_realities(BY_NAME[name])


@pytest.mark.parametrize(
    ("door", "case"),
    [
        pytest.param(door, case, id=f"{case.name}-{door}", marks=pytest.mark.xdist_group(case.name))
        for door, case in PAIRS
    ],
)
def test_a_caller_sees_what_a_real_server_would_have_made_it_see(door: Door, case: Case) -> None:
    """Every field is equal, but for the known differences, and those are there."""
    port, real = realities(case.name)[door.client]
    wrong = unknown(door, case.name, differences(real, see_mock(door, case, port)))
    if wrong:  # a machine that stands still for a moment makes a real client give up where it would not
        port, real = see_realities(case)[door.client]
        wrong = unknown(door, case.name, differences(real, see_mock(door, case, port)))

    assert not wrong, "\n".join([f"{case.name}, through {door}, in {len(wrong)} fields:", *wrong[:MOST_SHOWN]])


def test_every_status_code_of_the_catalogue_has_its_cases() -> None:
    """The catalogue's codes and no others are asked for with GET, HEAD and POST."""
    asked = {name: [call.method for call in case.calls] for name, case in BY_NAME.items() if name.startswith("status ")}

    for code in mockstatus.catalog:
        assert asked[f"status {code}"][:3] == ["GET", "HEAD", "POST"]
    assert set(PHRASES) == set(mockstatus.catalog)


def test_every_case_has_a_name_of_its_own() -> None:
    """Or one would hide the other."""
    assert len(BY_NAME) == len(CASES)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.cases)
def test_every_known_difference_is_about_some_case(known: object) -> None:
    """A row that fits nothing would say nothing."""
    assert any(known.covers(door, case.name) for door, case in PAIRS)
