"""What a route asks of names with values: query, headers, cookies, form fields. Knows requests; must not know routes.

A condition says whether a request fits, under which keys an index may file it, and how a request differs from it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.matchers import (
    MISSING,
    PLAIN,
    Exactly,
    check_text_value,
    literal_text,
    refuse_wrappers,
    text_fits,
    values_fit,
)
from mockstatus.showing import cut, show, show_cookie, show_header

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.patterns import Target

Key = tuple[Hashable, ...]  # the field, and what there is of it
Keys = Sequence[Key]  # a fitting request has one of them


class Difference(NamedTuple):
    """One field in which a request is not what a route expects."""

    field: str
    expected: object
    received: object


class Condition(Protocol):
    """One requirement of a route; ``implied`` by its URL, or written beside it."""

    field: str
    implied: bool

    def fits(self, request: Request) -> bool:
        """Whether the request fits."""
        ...

    def index_keys(self) -> Sequence[Keys]:
        """Choices of keys, any of which will do to find a request that fits; none where none can be named."""
        ...

    def differences(self, request: Request) -> list[Difference]:
        """Every respect in which the request does not fit."""
        ...


Pairs = Iterable[tuple[str, str]]


def named_items(field: str, expected: object) -> Mapping[str, object] | list[tuple[str, object]]:
    """The names and values that are expected. Raises InvalidRoute for what is no mapping."""
    if not isinstance(expected, (dict, Exactly, Mapping)):
        raise InvalidRoute(f"{field}={expected!r}: give a mapping of names to values, or exactly(…)")
    items = expected.items if isinstance(expected, Exactly) else expected
    check = check_file_value if field == "files" else check_text_value
    for name, value in items.items() if isinstance(items, (dict, Mapping)) else items:
        if not isinstance(value, PLAIN):
            refuse_wrappers(f"{field}[{name!r}]", value)
            check(f"{field}[{name!r}]", value)
    return items


def check_file_value(where: str, value: object) -> None:
    """Raise InvalidRoute for what no file could fit."""
    if isinstance(value, tuple) and not 2 <= len(value) <= 4:
        raise InvalidRoute(
            f"{where}={value!r}: give content, or (filename, content), with a content type and headers if need be"
        )
    if isinstance(value, tuple) and len(value) == 4 and not isinstance(value[3], Mapping):
        raise InvalidRoute(f"{where}={value!r}: the fourth of a file is a mapping of its headers")
    if isinstance(value, list):
        for one in value:
            check_file_value(where, one)


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    """The values of each name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in found:
            found[name].append(value)
        else:
            found[name] = [value]
    return found


class Named:
    """Names with values: query parameters, headers, cookies, form fields."""

    __slots__ = ("_pairs", "expected", "field", "implied", "only")

    def __init__(
        self,
        field: str,
        expected: Mapping[str, object] | Exactly,
        pairs: Callable[[Request], list[tuple[str, str]]],
        *,
        key: Callable[[str], str] = str,
        implied: bool = False,
    ) -> None:
        self.field = field
        self.implied = implied
        self._pairs = pairs  # of a request, the names spelled as the expected ones
        self.only = isinstance(expected, Exactly)
        items = named_items(field, expected)
        self.expected: Mapping[str, object] | list[tuple[str, object]] = (
            {key(str(name)): value for name, value in items.items()}
            if isinstance(items, (dict, Mapping))
            else [(key(name), value) for name, value in items]
        )

    def fits(self, request: Request) -> bool:
        received = self._pairs(request)
        if isinstance(self.expected, list):
            return len(received) == len(self.expected) and all(
                name == wanted and text_fits(value, actual)
                for (wanted, value), (name, actual) in zip(self.expected, received, strict=True)
            )
        values_of = grouped(received)
        if self.only and not values_of.keys() <= self.expected.keys():
            return False
        return all(self._name_fits(value, values_of.get(name, ())) for name, value in self.expected.items())

    def _name_fits(self, expected: object, values: Sequence[str]) -> bool:
        if self.only and len(values) > 1 and not isinstance(expected, (list, tuple)):
            return False
        return values_fit(expected, values)

    def index_keys(self) -> Sequence[Keys]:
        items = self.expected if isinstance(self.expected, list) else self.expected.items()
        found = []
        for name, value in items:
            texts = literal_text(value[0] if isinstance(value, (list, tuple)) and value else value)
            if texts is not None:
                found.append([(self.field, name, text) for text in texts])
        return found

    def differences(self, request: Request) -> list[Difference]:
        received = self._pairs(request)
        if isinstance(self.expected, list):
            return [] if self.fits(request) else [Difference(self.field, self.expected, received)]
        values_of = grouped(received)
        found = []
        for name, expected in self.expected.items():
            values = values_of.get(name, [])
            if not self._name_fits(expected, values):
                shown = MISSING if not values else values[0] if len(values) == 1 else values
                found.append(Difference(f"{self.field}[{name!r}]", MISSING if expected is None else expected, shown))
        if self.only:
            for name, values in values_of.items():
                if name not in self.expected:
                    found.append(
                        Difference(f"{self.field}[{name!r}]", MISSING, values[0] if len(values) == 1 else values)
                    )
        return found

    def _show(self, name: str, value: object) -> str:
        return show_cookie(value) if self.field == "cookies" else show(value)

    def __repr__(self) -> str:
        if isinstance(self.expected, list):
            shown = f"[{', '.join(f'({name!r}, {self._show(name, value)})' for name, value in self.expected)}]"
        else:
            shown = f"{{{', '.join(f'{name!r}: {self._show(name, value)}' for name, value in self.expected.items())}}}"
        return f"{self.field}=exactly({cut(shown)})" if self.only else f"{self.field}={cut(shown)}"


def params_condition(expected: Mapping[str, object] | Exactly) -> Named:
    """On the query's parameters."""
    return Named("params", expected, _query_pairs)


def query_condition(pairs: Pairs) -> Named:
    """On the query that stands in a route's URL: these parameters and no others, repeats in this order."""
    return Named("params", Exactly(grouped(pairs)), _query_pairs, implied=True)


def query_conditions(target: Target) -> tuple[Condition, ...]:
    """What a URL alone asks for."""
    return () if target.query is None else (query_condition(target.query),)


def _query_pairs(request: Request) -> list[tuple[str, str]]:
    return request.query.multi_items()


def headers_condition(expected: Mapping[str, object]) -> Named:
    """On the header fields; names ignore case, and repeats are seen one by one and joined."""
    if isinstance(expected, Exactly):
        raise InvalidRoute(
            "headers=exactly(…) of a route: every client adds headers of its own, so no request would fit"
        )
    return _HeadersCondition("headers", expected, header_pairs, key=str.lower)


def header_pairs(request: Request) -> list[tuple[str, str]]:
    """The header fields, their names in lower case."""
    return [(name.lower(), value) for name, value in request.headers.multi_items()]


class _HeadersCondition(Named):
    __slots__ = ()

    def _show(self, name: str, value: object) -> str:
        return show_header(name, value)

    def _name_fits(self, expected: object, values: Sequence[str]) -> bool:
        if values_fit(expected, values):
            return True
        return len(values) > 1 and not isinstance(expected, (list, tuple)) and values_fit(expected, [", ".join(values)])


def cookies_condition(expected: Mapping[str, object] | Exactly) -> Named:
    """On the cookies sent."""
    return Named("cookies", expected, lambda request: request.cookies.multi_items())


def form_condition(expected: Mapping[str, object] | Exactly) -> Named:
    """On the text fields of a form, urlencoded or multipart; a body that is no form has none."""
    return Named("form", expected, form_fields)


def form_fields(request: Request) -> list[tuple[str, str]]:
    """The text fields of a form; none where the body is no form."""
    try:
        return request.form()
    except ValueError:
        return []
