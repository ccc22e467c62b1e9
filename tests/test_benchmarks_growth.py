"""The benchmark of growth says so where a call takes more among many routes."""

from dataclasses import dataclass

import pytest

from benchmarks import growth
from benchmarks.counting import instructions
from benchmarks.kinds import KINDS
from benchmarks.settings import Settings
from mockstatus import index


@dataclass(frozen=True)
class Short(Settings):
    """As few calls and routes as can tell a scan from a look-up."""

    repeats: int | None = 1

    @property
    def many(self):
        return 300


def ratios(kinds):
    """How many times the instructions of a call with one route it takes among many, by door."""
    compared = growth.compare(kinds, Short())
    return [found.ratio for (unit, _), found in compared.items() if unit == growth.INSTRUCTIONS.name]


def test_instructions_are_counted_and_the_same_each_time():
    def loop(times):
        for _ in range(times):
            pass

    instructions(lambda: loop(10))
    few, more = (instructions(lambda times=times: loop(times)) for times in (10, 1010))

    assert few == instructions(lambda: loop(10))
    assert more - few >= 1000


def test_a_call_among_many_routes_of_all_kinds_is_within_the_goal():
    assert max(ratios(KINDS)) <= growth.GROWTH


def test_a_scan_of_all_routes_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "_SPLIT_AT", 1_000_000)
    same_url = next(kind for kind in KINDS if kind.name == "same URL, params")

    assert min(ratios([same_url])) > growth.GROWTH
