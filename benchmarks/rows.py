"""What a measure has found, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PEER_NAMES = ("respx", "pytest-httpx", "responses", "requests-mock")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line; times are in seconds, whatever unit they are shown in.

    ``holds`` is None for a line without a goal. ``structural`` says that the goal holds on any machine, so that it can
    be enforced. ``details`` are the numbers behind the line, for the JSON.
    """

    measure: str
    ours: float
    unit: str = "µs"
    floor: float | None = None
    peers: Mapping[str, float] = field(default_factory=dict)
    goal: str = ""
    holds: bool | None = None
    structural: bool = False
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def added(self) -> float | None:
        """Ours minus the floor, of times."""
        return None if self.floor is None or self.unit == "×" else self.ours - self.floor

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "measure": self.measure,
            "unit": _BASE_UNITS.get(self.unit, self.unit),
            "ours": self.ours,
            "floor": self.floor,
            "added": self.added,
            "peers": dict(self.peers),
            "goal": self.goal,
            "holds": self.holds,
            "structural": self.structural,
            "note": self.note,
            "details": dict(self.details),
        }


_BASE_UNITS = {"µs": "s", "ms": "s"}
_FACTORS = {"µs": 1e6, "ms": 1e3}


def shown(value: float | None, unit: str) -> str:
    """A number with its unit; empty for none."""
    if value is None:
        return ""
    if unit == "×":
        return f"{value:.2f}×"
    scaled = value * _FACTORS.get(unit, 1)
    digits = 0 if unit == "" or abs(scaled) >= 1000 else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:,.{digits}f} {unit}".strip()


def table(rows: Sequence[Row]) -> str:
    """The rows as a table, in Markdown and aligned."""
    peers = [name for name in PEER_NAMES if any(name in row.peers for row in rows)]
    lines = [["measure", "ours", *peers, "floor", "added", "goal", "holds?", "note"]]
    for row in rows:
        holds = {None: "", True: "yes", False: "**no**"}[row.holds]
        cells = [shown(row.peers.get(name), row.unit) for name in peers]
        added = shown(row.added, row.unit)
        ours = shown(row.ours, row.unit)
        lines.append([row.measure, ours, *cells, shown(row.floor, row.unit), added, row.goal, holds, row.note])
    numbers = range(1, 4 + len(peers))
    return aligned(lines, right=numbers)


def aligned(lines: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Lines of cells as a Markdown table; the first line is the header."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]

    def line(cells: Sequence[str]) -> str:
        fitted = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(fitted)} |"

    rule = [("-" * (width - 1) + ":") if column in right else "-" * width for column, width in enumerate(widths)]
    return "\n".join([line(lines[0]), line(rule), *(line(cells) for cells in lines[1:])])
