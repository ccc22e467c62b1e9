"""Values as an error shows them: cut, and two of them side by side. Knows values; not where they are from."""

from __future__ import annotations

import difflib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from mockstatus.masking import MASK, is_secret, masked
from mockstatus.matchers import MISSING, Partial, json_fits, json_key

LONGEST: Final = 200  # characters of a value
_MOST_LINES: Final = 8  # of one comparison
_DEEPEST_PATH: Final = 1000  # characters of a path in JSON


def cut(text: str, longest: int = LONGEST) -> str:
    """A text, its end left out if it is long, with the length that it had."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def show(value: object, longest: int = LONGEST) -> str:
    """A value as Python writes it, cut if it is long; of a pattern, type or function, what it stands for."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, re.Pattern):
        return cut(f"something like /{value.pattern}/", longest)
    if isinstance(value, type):
        return f"any {value.__name__}"
    if callable(value) and type(value).__eq__ is object.__eq__:
        return cut(f"what {getattr(value, '__qualname__', None) or written(value)} accepts", longest)
    return cut(written(value), longest)


def written(value: object) -> str:
    """A value's ``repr``; a user's class whose ``repr`` fails is named."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - the user's own code, which must not hide what is being told
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def show_header(name: str, value: object) -> str:
    """What is expected or received of a header, masked where it must not stand in a log."""
    return _hide(value, lambda text: masked(name, text)) if is_secret(name) else show(value)


def show_cookie(value: object) -> str:
    """What is expected or received of a cookie, masked."""
    return _hide(value, lambda _: MASK)


def _hide(value: object, hide: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return repr(hide(value))
    if isinstance(value, (bytes, bytearray)):
        return repr(hide(value.decode("latin-1")).encode("latin-1"))
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_hide(one, hide) for one in value)}]"
    if isinstance(value, re.Pattern):
        return f"something like /{MASK}/"
    if value is None or value is MISSING or isinstance(value, type) or inspect.isroutine(value):
        return show(value)
    return f"{type(value).__name__}({MASK})"


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_differences(expected: object, actual: object) -> list[str]:
    """A line for each place in which two JSON values differ, with its path."""
    lines = list(islice(_json_lines("$", expected, actual, whole=True), 1000))
    hidden = len(lines) - _MOST_LINES
    return lines if hidden <= 0 else [*lines[:_MOST_LINES], f"and {hidden} more differences"]


def count_json_differences(expected: object, actual: object, *, at_most: int) -> int:
    """In how many places two JSON values differ, counted up to a number."""
    return sum(1 for _ in islice(_json_lines("$", expected, actual, whole=True), at_most))


def _json_lines(path: str, expected: object, actual: object, *, whole: bool) -> Iterator[str]:
    if isinstance(expected, Partial):
        expected, whole = expected.value, False
    if len(path) > _DEEPEST_PATH:
        yield from _leaf_lines(path, expected, actual)
    elif isinstance(expected, Mapping) and isinstance(actual, dict):
        yield from _object_lines(path, expected, actual, whole=whole)
    elif isinstance(expected, (list, tuple)) and isinstance(actual, list):
        yield from (_array_lines if whole else _subset_lines)(path, expected, actual)
    else:
        yield from _leaf_lines(path, expected, actual)


def _leaf_lines(path: str, expected: object, actual: object) -> Iterator[str]:
    try:
        fits = json_fits(expected, actual)
    except Exception as error:  # noqa: BLE001 - a predicate of the user's: a part of what is told, not its end
        yield f"{path}: expected {show(expected)}, which raised {written(error)} for {show(actual)}"
        return
    if not fits:
        yield _json_line(path, expected, actual)


def _json_line(path: str, expected: object, actual: object) -> str:
    plain = expected.value if isinstance(expected, Partial) else expected
    return f"{path}: expected {show(plain)}, received {show(actual)}"


def _object_lines(
    path: str, expected: Mapping[Any, object], actual: dict[str, object], *, whole: bool
) -> Iterator[str]:
    wanted = {json_key(key): value for key, value in expected.items()}
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
    start = 0
    for item in expected:
        found = next((place for place in range(start, len(actual)) if _fits_partly(item, actual[place])), None)
        if found is None:
            yield from _nearest_item(path, item, actual, start)
            return
        start = found + 1


def _nearest_item(path: str, item: object, actual: Sequence[object], start: int) -> Iterator[str]:
    """How the likeliest item differs from the one that is missing; all of them where none is like it."""
    plain = item.value if isinstance(item, Partial) else item
    if isinstance(plain, Mapping):
        nearest: list[str] = []
        for place in range(start, min(len(actual), start + 50)):
            if isinstance(actual[place], dict):
                lines = list(_json_lines(f"{path}[{place}]", plain, actual[place], whole=False))
                if len(lines) < len(plain) and (not nearest or len(lines) < len(nearest)):
                    nearest = lines
        if nearest:
            yield from nearest
            return
    yield f"{path}: expected {show(plain)} among its items in this order, received {show(actual)}"


def _fits_partly(item: object, candidate: object) -> bool:
    try:
        return json_fits(Partial(item) if isinstance(item, (Mapping, list, tuple)) else item, candidate)
    except Exception:  # noqa: BLE001 - a predicate of the user's that expects another kind of item
        return False


# --- text -------------------------------------------------------------------------------------------------------------


def text_difference(expected: str, actual: str) -> list[str]:
    """Two texts: their lines compared where there are several, else both from shortly before where they part."""
    wanted, came = expected.splitlines(), actual.splitlines()
    if max(len(wanted), len(came)) > 1 and wanted != came:
        found = difflib.unified_diff(wanted[:500], came[:500], "expected", "received", lineterm="", n=1)
        lines = [cut(line) for line in found]
        return lines if len(lines) <= 2 * _MOST_LINES else [*lines[: 2 * _MOST_LINES], f"and {len(lines)} lines in all"]
    start = _parting(expected, actual)
    begin = max(0, start - 40) if max(len(expected), len(actual)) > LONGEST else 0
    dots = "…" if begin else ""
    return [
        f"expected {dots}{show(expected[begin:])}",
        f"received {dots}{show(actual[begin:])}",
    ]


def place_of_difference(expected: bytes, actual: bytes) -> str:
    """Where two contents part, for those that are no text."""
    return f"they part at byte {_parting(expected, actual)}, of {len(expected)} and {len(actual)}"


def _parting(one: Sequence[object], other: Sequence[object]) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def show_body(content: bytes, content_type: str) -> str:
    """A request's body in one line."""
    if not content:
        return ""
    if "json" in content_type or content[:1] in (b"{", b"["):
        try:
            return show(json.loads(content))
        except (ValueError, RecursionError):
            pass
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"{len(content)} bytes, {show(content[:40])}{'…' if len(content) > 40 else ''}"
    return show(text)
