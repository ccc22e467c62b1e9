"""What the markers of a test say: read, checked, and made an activation of. Knows pytest's marks; not when a test runs.

The plugin imports it for the first test that asks for a router.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mockstatus.activation import Activation
from mockstatus.errors import InvalidSetting, MockStatusError
from mockstatus.pytest_plugin import MARKER
from mockstatus.router import Router
from mockstatus.visibility import defaults

if TYPE_CHECKING:
    import pytest


def activation_of(item: pytest.Item) -> Activation:
    """The activation that the markers of a test ask for, in which there are no problems."""
    return _make(_settings(item))


def problems(item: pytest.Item) -> list[str]:
    """What is wrong with the markers of a test, and where."""
    found = []
    for node, mark in _marks(item):
        problem = _problem(mark)
        if problem is not None:
            found.append(f"{node.nodeid}: @pytest.mark.mock_router {problem}")
    if not found:
        problem = _refusal(_settings(item))
        if problem is not None:
            found.append(f"{item.nodeid}: the mock_router markers together: {problem}")
    return found


def _problem(mark: pytest.Mark) -> str | None:
    """What is wrong with one marker by itself."""
    known = sorted({*_parameters(Activation), *_parameters(Router)})
    if mark.args:
        return f"takes named arguments only, not {mark.args[0]!r}: name it, as one of {', '.join(known)}"
    for name in mark.kwargs:
        if name not in known:
            nearest = get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f" (did you mean {nearest[0]}=?)" if nearest else ""
            return f"has no argument {name}={hint}: they are {', '.join(known)}"
    return _refusal(mark.kwargs)


def _refusal(given: Mapping[str, Any]) -> str | None:
    """What the activation with these settings would say against them."""
    try:
        _make(given)
    except MockStatusError as error:
        return str(error)
    return None


def _parameters(kind: type) -> Mapping[str, inspect.Parameter]:
    """The parameters of a class."""
    return inspect.signature(kind).parameters


def _settings(item: pytest.Item) -> dict[str, Any]:
    """The arguments of a test's markers, the closest one's for each."""
    found: dict[str, Any] = {}
    for _, mark in _marks(item):
        found = {**mark.kwargs, **found}
    return found


def _marks(item: pytest.Item) -> list[tuple[Any, pytest.Mark]]:
    """The markers of a test with the nodes that have them, closest first.

    pytest has those of a base class before those of the class itself; they are farther away.
    """
    by_node = groupby(item.iter_markers_with_node(MARKER), key=itemgetter(0))
    return [pair for _, pairs in by_node for pair in sorted(pairs, key=_inheritance)]


def _inheritance(pair: tuple[Any, pytest.Mark]) -> int:
    """How far up its bases a class has a mark from; before 0 for one that no class has."""
    node, mark = pair
    for distance, cls in enumerate(getattr(getattr(node, "obj", None), "__mro__", ())):
        marks = vars(cls).get("pytestmark", ())
        marks = marks if isinstance(marks, (list, tuple)) else [marks]
        if any(getattr(one, "mark", one) is mark for one in marks):
            return distance
    return -1


def _make(given: Mapping[str, Any]) -> Activation:
    """The activation with the settings of markers. Raises MockStatusError for those that make no sense."""
    of_router = {name: given[name] for name in _parameters(Router) if name in given}
    router = given.get("router")
    if router is None:
        router = Router(**{"expect_all": defaults.expect_all, **of_router})
    elif of_router:
        raise InvalidSetting(f"{'=, '.join(of_router)}= with router={router!r}, which has settings of its own")
    return Activation(router, None, given.get("network"), given.get("scope"), given.get("time"), given.get("clients"))
