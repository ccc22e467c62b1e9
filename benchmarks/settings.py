"""How much is measured: all of it, or a small part of it on a machine that has other things to do."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.timing import Effort


@dataclass(frozen=True)
class Settings:
    """The sizes of one run."""

    small: bool = False
    repeats: int | None = None
    again: int = 1  # a line that did not hold is measured once more, with so many times the repeats

    def effort(self, full: int, small: int, *, block: float = 0.002) -> Effort:
        """How often and how long to measure, for a measure that has so many repeats by itself."""
        repeats = self.repeats if self.repeats is not None else small if self.small else full
        return Effort(repeats * self.again, block)

    @property
    def many(self) -> int:
        """How many routes are many."""
        return 2_000 if self.small else 10_000

    @property
    def peers_many(self) -> int:
        """How many routes are many for the other mocks."""
        return 200 if self.small else 1_000

    @property
    def calls(self) -> int:
        """How many calls it takes to see whether memory stays flat."""
        return 16_000 if self.small else 1_000_000
