"""All that a route asks of a request besides method and URL, in one place. Knows conditions; must not know routes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mockstatus.body_conditions import ContentCondition, FilesCondition, JSONCondition, json_keys
from mockstatus.errors import InvalidRoute
from mockstatus.literals import RUN_SIZES, WORD, url_keys
from mockstatus.matchers import UNSET, Exactly
from mockstatus.named_conditions import (
    Condition,
    Difference,
    Key,
    Keys,
    cookies_condition,
    form_condition,
    form_fields,
    grouped,
    header_pairs,
    headers_condition,
    params_condition,
    query_condition,
)

if TYPE_CHECKING:
    from mockstatus.messages import Request


class WhereCondition:
    """On whatever the user's own function says; a text it returns says why not."""

    __slots__ = ("field", "function", "implied")

    def __init__(self, function: Callable[[Request], bool | str]) -> None:
        if not callable(function):
            raise InvalidRoute(f"where={function!r} is not a function: write where=lambda request: …")
        if inspect.iscoroutinefunction(function):
            raise InvalidRoute(f"where={_name_of(function)} is a coroutine function, which matching does not wait for")
        self.field = "where"
        self.implied = False
        self.function = function

    def fits(self, request: Request) -> bool:
        answer = self.function(request)
        return not isinstance(answer, str) and bool(answer)

    def index_keys(self) -> Sequence[Keys]:
        return ()

    def differences(self, request: Request) -> list[Difference]:
        answer = self.function(request)
        agreed = not isinstance(answer, str) and answer
        return [] if agreed else [Difference("where", f"{_name_of(self.function)} to agree", Said(answer))]

    def __repr__(self) -> str:
        return f"where={_name_of(self.function)}"


class Said(NamedTuple):
    """In a comparison: what a user's function answered instead of yes."""

    answer: object


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", None) or repr(function)


def make_conditions(
    query: list[tuple[str, str]] | None,
    *,
    params: Mapping[str, object] | Exactly | None,
    headers: Mapping[str, object] | None,
    cookies: Mapping[str, object] | Exactly | None,
    json: object,
    form: Mapping[str, object] | Exactly | None,
    files: Mapping[str, object] | Exactly | None,
    content: object,
    where: Callable[[Request], bool | str] | None,
) -> tuple[Condition, ...]:
    """The conditions of a route, from the query of its URL and the arguments of its verb. Raises InvalidRoute."""
    if query is not None and params is not None:
        raise InvalidRoute("the URL has a query, and params= is given too: write all of it in one of them")
    found: list[Condition] = [] if query is None else [query_condition(query)]
    named = zip(_NAMED, (params, headers, cookies, form, files), strict=True)
    found += [make(expected) for make, expected in named if expected is not None]
    if json is not UNSET:
        found.append(JSONCondition(json))
    if content is not UNSET:
        found.append(ContentCondition(content))
    if where is not None:
        found.append(WhereCondition(where))  # last: it may rely on all the others
    return tuple(found)


_NAMED: tuple[Callable[[Any], Condition], ...] = (
    params_condition,
    headers_condition,
    cookies_condition,
    form_condition,
    FilesCondition,
)


def request_keys(request: Request, fields: Iterable[Hashable]) -> list[Key]:
    """The keys under which routes may have been filed by these fields that this request fits; some of them twice."""
    found: list[Key] = []
    for field in fields:
        found += _KEYS[field](request)
    return found


def _header_keys(request: Request) -> list[Key]:
    found: list[Key] = [("headers", name.lower(), value) for name, value in request.headers.multi_items()]
    if len({key[1] for key in found}) < len(found):
        several = grouped(header_pairs(request)).items()
        found += [("headers", name, ", ".join(values)) for name, values in several if len(values) > 1]
    return found


_KEYS: dict[Hashable, Callable[[Request], Iterable[Key]]] = {
    "params": lambda request: [("params", name, value) for name, value in request.query.multi_items()],
    "headers": _header_keys,
    "cookies": lambda request: [("cookies", name, value) for name, value in request.cookies.multi_items()],
    "form": lambda request: [("form", name, value) for name, value in form_fields(request)],
    "content": lambda request: [("content", request.content)],
    "json": lambda request: json_keys(request, whole=True),
    "json value": lambda request: json_keys(request, whole=False),
    **{field: partial(url_keys, field=field) for field in (WORD, *RUN_SIZES)},
}
