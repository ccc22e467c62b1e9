"""Values as an error shows them: cut, masked, and two of them side by side. Knows values; not where they are from."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockstatus.matchers import MISSING, Partial, json_fits

LONGEST: Final = 200  # characters of a value
_MOST_LINES = 8  # of one comparison


def show(value: object, longest: int = LONGEST) -> str:
    """A value as Python writes it, cut in the middle of nowhere if it is long, with its length."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, re.Pattern):
        text = f"something like /{value.pattern}/"
    elif isinstance(value, type):
        text = f"any {value.__name__}"
    elif callable(value) and type(value).__eq__ is object.__eq__:
        text = f"what {getattr(value, '__qualname__', repr(value))} accepts"
    else:
        text = repr(value)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def json_differences(expected: object, actual: object) -> list[str]:
    """A line for each place in which two JSON values differ, with its path."""
    lines = list(_json_lines("$", expected, actual, whole=True))
    hidden = len(lines) - _MOST_LINES
    return lines if hidden <= 0 else [*lines[:_MOST_LINES], f"and {hidden} more differences"]


def _json_lines(path: str, expected: object, actual: object, *, whole: bool) -> Iterator[str]:
    if isinstance(expected, Partial):
        expected, whole = expected.value, False
    if isinstance(expected, Mapping) and isinstance(actual, dict):
        yield from _object_lines(path, expected, actual, whole=whole)
    elif isinstance(expected, (list, tuple)) and isinstance(actual, list):
        yield from (_array_lines if whole else _subset_lines)(path, expected, actual)
    elif not json_fits(expected, actual):
        yield _json_line(path, expected, actual)


def _json_line(path: str, expected: object, actual: object) -> str:
    plain = expected.value if isinstance(expected, Partial) else expected
    return f"{path}: expected {show(plain)}, received {show(actual)}"


def _object_lines(
    path: str, expected: Mapping[Any, object], actual: dict[str, object], *, whole: bool
) -> Iterator[str]:
    wanted = {str(key): value for key, value in expected.items()}
    for key in (*wanted, *(key for key in actual if whole and key not in wanted)):
        inner = f"{path}.{key}" if key.isidentifier() else f"{path}[{key!r}]"
        if key in wanted and key in actual:
            yield from _json_lines(inner, wanted[key], actual[key], whole=whole)
        else:
            yield _json_line(inner, wanted.get(key, MISSING), actual.get(key, MISSING))


def _array_lines(path: str, expected: Sequence[object], actual: Sequence[object]) -> Iterator[str]:
    for place in range(max(len(expected), len(actual))):
        inner = f"{path}[{place}]"
        if place < len(expected) and place < len(actual):
            yield from _json_lines(inner, expected[place], actual[place], whole=True)
        else:
            wanted = expected[place] if place < len(expected) else MISSING
            yield _json_line(inner, wanted, actual[place] if place < len(actual) else MISSING)


def _subset_lines(path: str, expected: Sequence[object], actual: Sequence[object]) -> Iterator[str]:
    """For items that should stand among others in this order: the first one that is not there."""
    rest = iter(actual)
    for item in expected:
        wanted = Partial(item) if isinstance(item, (Mapping, list, tuple)) else item
        if not any(json_fits(wanted, candidate) for candidate in rest):
            plain = item.value if isinstance(item, Partial) else item
            yield f"{path}: expected {show(plain)} among its items in this order, received {show(actual)}"
            return


def text_difference(expected: str, actual: str) -> list[str]:
    """Two texts: their lines compared where there are several, else both from shortly before where they part."""
    if "\n" in expected or "\n" in actual:
        lines = list(
            difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected", "received", lineterm="", n=1)
        )
        return lines if len(lines) <= 2 * _MOST_LINES else [*lines[: 2 * _MOST_LINES], f"and {len(lines)} lines in all"]
    start = 0
    while start < min(len(expected), len(actual)) and expected[start] == actual[start]:
        start += 1
    begin = max(0, start - 40) if max(len(expected), len(actual)) > LONGEST else 0
    dots = "…" if begin else ""
    return [
        f"expected {dots}{show(expected[begin:])}",
        f"received {dots}{show(actual[begin:])}",
    ]


def show_body(content: bytes, content_type: str) -> str:
    """A request's body in one line."""
    if not content:
        return ""
    if "json" in content_type or content[:1] in (b"{", b"["):
        try:
            return show(json.loads(content))
        except ValueError:
            pass
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"{len(content)} bytes, {show(content[:40])}…"
    return show(text)
