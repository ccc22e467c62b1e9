"""When a value fits what a test expects. Knows values and wrappers; must not know requests or routes."""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Final, TypeGuard

from mockstatus.errors import InvalidRoute

PLAIN: Final = (str, int, float)  # values of these kinds stand for themselves, so there is nothing to check about them


class Exactly:
    """These names and values and no others. Made by ``exactly``."""

    __slots__ = ("items",)

    def __init__(self, items: Mapping[str, object] | Iterable[tuple[str, object]]) -> None:
        self.items: Mapping[str, object] | list[tuple[str, object]]
        if isinstance(items, Mapping):
            self.items = {str(name): value for name, value in items.items()}
        else:
            self.items = _pairs(items)

    def __repr__(self) -> str:
        return f"exactly({self.items!r})"


class Partial:
    """A deep subset of a JSON value. Made by ``partial``."""

    __slots__ = ("value",)

    def __init__(self, value: Mapping[str, object] | Sequence[object]) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"partial({self.value!r})"


def exactly(items: Mapping[str, object] | Iterable[tuple[str, object]]) -> Exactly:
    """These and no others: for ``params``, ``cookies``, ``form`` and ``files`` of a route, ``headers`` of a reply.

    A mapping ignores order between names; a list of pairs keeps it. Raises InvalidRoute for anything else.
    """
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise InvalidRoute(f"exactly({items!r}) takes a mapping or a list of pairs")
    return Exactly(items)


def partial(value: Mapping[str, object] | Sequence[object]) -> Partial:
    """A deep subset, for ``json``: a mapping's keys among others, a list's items in this order among others.

    Raises InvalidRoute for a value that has no parts.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, (Mapping, Sequence)):
        raise InvalidRoute(f"partial({value!r}) takes a mapping or a list: anything else is matched as it stands")
    return Partial(value)


def _pairs(items: Iterable[object]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise InvalidRoute(f"exactly([…]) takes (name, value) pairs, not {item!r}")
        found.append((str(item[0]), item[1]))
    return found


class Unset:
    """No value was given, where None is one."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class Missing:
    """In a comparison: there is nothing here."""

    def __repr__(self) -> str:
        return "(absent)"


MISSING: Final = Missing()


# --- one text ---------------------------------------------------------------------------------------------------------


def literal_text(expected: object) -> tuple[str, ...] | None:
    """The texts that a plain value stands for, as clients write it; None where only a comparison can tell."""
    if isinstance(expected, str):
        return (expected,)
    if type(expected) is int:  # the usual number, and no bool
        return (str(expected),)
    if expected is True:
        return ("true", "True")
    if expected is False:
        return ("false", "False")
    if isinstance(expected, int):
        return (str(int(expected)),)
    if isinstance(expected, float):
        return (repr(expected), str(int(expected))) if expected.is_integer() else (repr(expected),)
    if isinstance(expected, bytes):
        return tuple(dict.fromkeys((expected.decode("utf-8", "replace"), expected.decode("latin-1"))))
    return None


def text_fits(expected: object, actual: str) -> bool:
    """Whether a text fits: a plain value, a pattern, a type, a predicate, or anything whose ``==`` decides."""
    texts = literal_text(expected)
    if texts is not None:
        return actual in texts
    if isinstance(expected, re.Pattern):
        return _search(expected, actual)
    if _is_plain_type(expected):
        return expected is str or _reads_as(expected, actual)
    if is_predicate(expected):
        return bool(expected(actual))
    if expected == actual or (_is_written_as_text(expected) and str(expected) == actual):
        return True
    number = _number(actual)
    return number is not None and bool(expected == number)


_WRITTEN_AS_TEXT = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid"})  # clients send str() of these


def _is_written_as_text(value: object) -> bool:
    return type(value).__module__.partition(".")[0] in _WRITTEN_AS_TEXT  # of pathlib._local from Python 3.13


def _search(pattern: re.Pattern[Any], actual: str | bytes) -> bool:
    if isinstance(pattern.pattern, bytes):
        data = actual.encode() if isinstance(actual, str) else actual
        return pattern.search(data) is not None
    text = actual.decode("utf-8", "replace") if isinstance(actual, bytes) else actual
    return pattern.search(text) is not None


def is_predicate(expected: object) -> TypeGuard[Callable[[Any], object]]:
    """A function, not an object that happens to be callable and compares itself (as mock.ANY and dirty-equals do)."""
    return callable(expected) and (
        inspect.isroutine(expected)
        or isinstance(expected, functools.partial)
        or (not isinstance(expected, type) and type(expected).__eq__ is object.__eq__)
    )


def _is_plain_type(expected: object) -> TypeGuard[type]:
    """A class that stands for its instances, not one that compares itself (as dirty-equals' do uncalled)."""
    return isinstance(expected, type) and type(expected).__eq__ is type.__eq__


def _reads_as(kind: type, actual: str) -> bool:
    if kind is bool:
        return actual.lower() in ("true", "false")
    number = _number(actual)
    return isinstance(number, int) if kind is int else number is not None


_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 4000  # digits that Python turns into a number


def _number(text: str) -> int | float | None:
    if len(text) > _LONGEST_NUMBER:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else None


def check_text_value(where: str, value: object) -> None:
    """Raise InvalidRoute for what no text could fit."""
    if _is_plain_type(value) and value not in (str, int, float, bool):
        raise InvalidRoute(f"{where}={value!r}: the types that a text can have are str, int, float and bool")
    if isinstance(value, (list, tuple)):
        for one in value:
            if one is None:
                raise InvalidRoute(
                    f"{where}={value!r}: None says that a name is absent, and cannot be one of its values"
                )
            check_text_value(where, one)


# --- names and values -------------------------------------------------------------------------------------------------


def values_fit(expected: object, actual: Sequence[str]) -> bool:
    """Whether the values of one name fit: None wants none, a list all repeats in order, anything else one of them."""
    if expected is None:
        return not actual
    if isinstance(expected, (list, tuple)):
        return len(expected) == len(actual) and all(map(text_fits, expected, actual))
    texts = literal_text(expected)
    if texts is None:
        return any(text_fits(expected, value) for value in actual)
    return not set(texts).isdisjoint(actual)


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_fits(expected: object, actual: object) -> bool:
    """Whether a JSON value fits: 1 is 1.0, ``true`` is not 1, the order of keys does not matter."""
    if isinstance(expected, Partial):
        return _partial_fits(expected.value, actual)
    if isinstance(expected, Mapping):
        return (
            isinstance(actual, dict)
            and len(expected) == len(actual)
            and all(key in actual and json_fits(value, actual[key]) for key, value in _json_items(expected))
        )
    if isinstance(expected, (list, tuple)):
        return isinstance(actual, list) and len(expected) == len(actual) and all(map(json_fits, expected, actual))
    return scalar_fits(expected, actual)


def _json_items(expected: Mapping[Any, object]) -> Iterable[tuple[str, object]]:
    """A mapping's items with the keys as JSON writes them."""
    return ((key if isinstance(key, str) else json_key(key), value) for key, value in expected.items())


def json_key(key: object) -> str:
    """A mapping's key as ``json.dumps`` would write it. Raises InvalidRoute for what JSON cannot have."""
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise InvalidRoute(f"{key!r} cannot be a key of a JSON object: keys are text")


def check_json_value(where: str, value: object) -> None:
    """Raise InvalidRoute for what no JSON value could fit."""
    if isinstance(value, Partial):
        value = value.value
    if isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            name = key if isinstance(key, str) else json_key(key)
            if not isinstance(item, PLAIN):
                check_json_value(f"{where}[{name!r}]", item)
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            if not isinstance(item, PLAIN):
                check_json_value(f"{where}[{place}]", item)
    elif isinstance(value, (set, frozenset, bytes, bytearray)):
        raise InvalidRoute(
            f"{where}={value!r}: a JSON body has no {type(value).__name__}; a list is in order, text is str"
        )


def scalar_fits(expected: object, actual: object) -> bool:
    """Whether a value without parts fits, or one that compares itself."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        if isinstance(expected, bool) and isinstance(actual, bool):
            return expected is actual
        if expected is None or isinstance(expected, (int, float, str)):
            return False
    if expected is None:
        return actual is None
    if isinstance(expected, (int, float, str)):
        return type(actual) is not bool and expected == actual
    if isinstance(expected, re.Pattern):
        return isinstance(actual, str) and _search(expected, actual)
    if expected is Any or isinstance(expected, UnionType) or _is_plain_type(expected):
        return _is_of_type(expected, actual)
    if is_predicate(expected):
        return bool(expected(actual))
    return bool(expected == actual)


def _is_of_type(kind: Any, actual: object) -> bool:
    if isinstance(kind, UnionType):
        return any(_is_of_type(one, actual) for one in kind.__args__)
    if kind is Any:
        return True
    if kind is int:
        return isinstance(actual, int) and not isinstance(actual, bool)
    if kind is float:
        return isinstance(actual, (int, float)) and not isinstance(actual, bool)
    return isinstance(actual, kind)


def _partial_fits(expected: object, actual: object) -> bool:
    if isinstance(expected, Partial):
        expected = expected.value
    if isinstance(expected, Mapping):
        return isinstance(actual, dict) and all(
            key in actual and _partial_fits(value, actual[key]) for key, value in _json_items(expected)
        )
    if isinstance(expected, (list, tuple)):
        return isinstance(actual, list) and _in_order(expected, actual)
    return scalar_fits(expected, actual)


def _in_order(expected: Sequence[object], actual: Sequence[object]) -> bool:
    """Each expected item fits an actual one after the one before. The first that fits is as good as any later one."""
    rest = iter(actual)
    return all(any(_partial_fits(item, candidate) for candidate in rest) for item in expected)


# --- bytes ------------------------------------------------------------------------------------------------------------


def content_fits(expected: object, actual: bytes) -> bool:
    """Whether a body fits: bytes or text as they stand, a pattern, a type, a predicate (of bytes), or ``==``."""
    if isinstance(expected, (bytes, bytearray)):
        return expected == actual
    if isinstance(expected, str):
        return expected.encode() == actual
    if isinstance(expected, re.Pattern):
        return _search(expected, actual)
    if _is_plain_type(expected):
        return isinstance(actual, expected)
    if is_predicate(expected):
        return bool(expected(actual))
    return bool(expected == actual)


# --- definition -------------------------------------------------------------------------------------------------------


def refuse_wrappers(where: str, value: object, *, partial_allowed: bool = False) -> None:
    """Raise InvalidRoute if a wrapper stands where it means nothing."""
    if isinstance(value, Exactly):
        raise InvalidRoute(
            f"{where}={value!r}: exactly() means nothing here; it belongs around the whole of params, cookies, form or files"
        )
    if isinstance(value, Partial):
        if not partial_allowed:
            raise InvalidRoute(f"{where}={value!r}: partial() is for json=")
        value = value.value
    if isinstance(value, (dict, Mapping)):
        for key, item in value.items():
            if not isinstance(item, PLAIN):
                refuse_wrappers(f"{where}[{key!r}]", item, partial_allowed=partial_allowed)
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            if not isinstance(item, PLAIN):
                refuse_wrappers(f"{where}[{position}]", item, partial_allowed=partial_allowed)
