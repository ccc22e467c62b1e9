"""The text that a regular expression cannot match without, so that patterns can be found by it. Knows patterns only."""

from __future__ import annotations

import re
from typing import Any


def required_literals(pattern: re.Pattern[str]) -> list[str]:
    """Runs of characters that stand in every text the pattern is found in; none where that cannot be said."""
    try:
        from re import _parser  # type: ignore[attr-defined]
    except ImportError:
        return []
    if pattern.flags & re.IGNORECASE:
        return []
    runs: list[str] = []
    _collect(_parser.parse(pattern.pattern, pattern.flags), runs)
    return [run for run in runs if run]


def _collect(parsed: Any, runs: list[str]) -> None:
    """Add the runs of a sequence; a run ends wherever anything but a literal stands."""
    runs.append("")
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            runs[-1] += chr(argument)
        elif name == "AT":
            continue
        else:
            _collect_inner(name, argument, runs)
            runs.append("")


def _collect_inner(name: str, argument: Any, runs: list[str]) -> None:
    if name == "SUBPATTERN":
        _, added, _, inner = argument
        if not added & re.IGNORECASE:
            _collect(inner, runs)
    elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, inner = argument
        if least > 0:
            _collect(inner, runs)
    elif name == "ATOMIC_GROUP":
        _collect(argument, runs)


def grams(text: str, size: int) -> list[str]:
    """Every run of ``size`` characters in a text."""
    return [text[start : start + size] for start in range(len(text) - size + 1)]
