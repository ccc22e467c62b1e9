"""Prints how much of what callers see is as on a real wire: ``python -m tests.conformance.scoreboard [names]``."""

from __future__ import annotations

import fnmatch
import sys
from collections import Counter
from typing import NamedTuple

from .case import Case
from .cases import CASES
from .comparing import DOORS, Door, Reality, count_fields, differences, see_mock, see_realities
from .differences import unknown


class Score(NamedTuple):
    """What came of some cases through some doors."""

    cases: int = 0
    fields: int = 0
    equal: int = 0
    listed: int = 0  # differences that have a reason
    wrong: int = 0  # cases with differences that have none

    def plus(self, other: Score) -> Score:
        """Both together."""
        return Score(*map(sum, zip(self, other, strict=True)))

    def line(self, name: str) -> str:
        """A row of the table."""
        share = 100 * self.equal / self.fields if self.fields else 0
        return f"{name:26}{self.cases:7}{self.fields:9}{self.equal:9}{share:9.3f}%{self.listed:8}{self.wrong:7}"


HEADING = f"{'door':26}{'cases':>7}{'fields':>9}{'equal':>9}{'share':>10}{'listed':>8}{'wrong':>7}"


def score(door: Door, case: Case, reality: Reality) -> Score:
    """What comes of one case through one door."""
    found = differences(reality.seen, see_mock(door, case, reality.port))
    fields = count_fields(reality.seen)
    wrong = bool(unknown(door, case.name, found))
    return Score(1, fields, fields - len(found), 0 if wrong else len(found), int(wrong))


def main(patterns: list[str]) -> int:
    """Print the table for the cases whose names fit, or for all; 1 if something is wrong."""
    scores = {door: Score() for door in DOORS}
    names: Counter[str] = Counter()
    for case in CASES:
        if patterns and not any(fnmatch.fnmatch(case.name, pattern) for pattern in patterns):
            continue
        realities = see_realities(case)
        for door in DOORS:
            if door.client in case.clients:
                one = score(door, case, realities[door.client])
                scores[door] = scores[door].plus(one)
                names[case.name] += one.wrong
    print(HEADING)
    for door, total in scores.items():
        print(total.line(str(door)))
    together = Score()
    for total in scores.values():
        together = together.plus(total)
    print(together.line(f"all, of {len(names)} situations"))
    for name, doors in names.items():
        if doors:
            print(f"wrong through {doors} doors: {name}")
    return int(together.wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
