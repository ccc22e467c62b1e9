"""What pytest shows of two things of a journal that are not equal. Knows fields and calls; not pytest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockstatus.fields import Fields, Headers
from mockstatus.journal import Calls
from mockstatus.urls import parse_query


def explain(left: object, right: object) -> list[str] | None:
    """Where headers, query, cookies or calls differ from what they were compared with; None where neither side is any."""
    if not any(isinstance(side, (Fields, Calls)) for side in (left, right)):
        return None
    on_left, on_right = Counter(_lines(left, right)), Counter(_lines(right, left))
    lines = [f"only left:  {line}" for line in (on_left - on_right).elements()]
    lines += [f"only right: {line}" for line in (on_right - on_left).elements()]
    return [f"{_cut(left)} == {_cut(right)}", *(lines or ["the same on both sides, in another order or spelling"])]


def _lines(value: object, other: object) -> list[str]:
    """A line for each item of a side of a comparison; for each name and value, where both sides have names."""
    if not (isinstance(value, (Mapping, str)) and isinstance(other, (Mapping, str))):
        items = value.multi_items() if isinstance(value, Fields) else value
        return [repr(item) for item in items] if isinstance(items, Sequence) else [repr(items)]
    pairs: Iterable[tuple[Any, object]]
    if isinstance(value, str):
        pairs = parse_query(value)
    elif isinstance(value, Fields) and isinstance(other, (Fields, str)):
        pairs = value.multi_items()
    else:  # a mapping has one value for each name
        pairs = value.items()
    ignore_case = isinstance(value, Headers) or isinstance(other, Headers)
    return [f"{str(name).lower() if ignore_case else name}: {item!r}" for name, item in pairs]


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 70 else f"{text[:67]}..."
