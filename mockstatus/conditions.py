"""What a route asks of a request besides method and URL. Knows requests and matchers; must not know routes.

A condition says whether a request fits, under which keys an index may file it, and how a request differs from it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.matchers import (
    MISSING,
    UNSET,
    Exactly,
    Partial,
    check_json_value,
    check_text_value,
    content_fits,
    is_predicate,
    json_fits,
    json_key,
    literal_text,
    refuse_wrappers,
    text_fits,
    values_fit,
)
from mockstatus.showing import cut, show, show_cookie, show_header, written

if TYPE_CHECKING:
    from mockstatus.bodies import Part
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


def _items(field: str, expected: object) -> Mapping[str, object] | list[tuple[str, object]]:
    """The names and values that are expected. Raises InvalidRoute for what is no mapping."""
    if not isinstance(expected, (Exactly, Mapping)):
        raise InvalidRoute(f"{field}={expected!r}: give a mapping of names to values, or exactly(…)")
    items = expected.items if isinstance(expected, Exactly) else expected
    refuse_wrappers(field, items)
    for name, value in items.items() if isinstance(items, Mapping) else items:
        (check_file_value if field == "files" else check_text_value)(f"{field}[{name!r}]", value)
    return items


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


class Named:
    """Names with values: query parameters, headers, cookies, form fields."""

    __slots__ = ("_key", "_pairs", "expected", "field", "implied", "only")

    def __init__(
        self,
        field: str,
        expected: Mapping[str, object] | Exactly,
        pairs: Callable[[Request], Pairs],
        *,
        key: Callable[[str], str] = str,
        implied: bool = False,
    ) -> None:
        self.field = field
        self.implied = implied
        self._pairs = pairs
        self._key = key
        self.only = isinstance(expected, Exactly)
        items = _items(field, expected)
        self.expected: Mapping[str, object] | list[tuple[str, object]] = (
            {key(str(name)): value for name, value in items.items()}
            if isinstance(items, Mapping)
            else [(key(name), value) for name, value in items]
        )

    def _received(self, request: Request) -> list[tuple[str, str]]:
        return [(self._key(name), value) for name, value in self._pairs(request)]

    def fits(self, request: Request) -> bool:
        received = self._received(request)
        if isinstance(self.expected, list):
            return len(received) == len(self.expected) and all(
                name == wanted and text_fits(value, actual)
                for (wanted, value), (name, actual) in zip(self.expected, received, strict=True)
            )
        grouped = _grouped(received)
        if self.only and not grouped.keys() <= self.expected.keys():
            return False
        return all(self._name_fits(value, grouped.get(name, ())) for name, value in self.expected.items())

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
        received = self._received(request)
        if isinstance(self.expected, list):
            return [] if self.fits(request) else [Difference(self.field, self.expected, received)]
        grouped = _grouped(received)
        found = []
        for name, expected in self.expected.items():
            values = grouped.get(name, [])
            if not self._name_fits(expected, values):
                shown = MISSING if not values else values[0] if len(values) == 1 else values
                found.append(Difference(f"{self.field}[{name!r}]", MISSING if expected is None else expected, shown))
        if self.only:
            for name, values in grouped.items():
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
    return Named("params", Exactly(_grouped(pairs)), _query_pairs, implied=True)


def query_conditions(target: Target) -> tuple[Condition, ...]:
    """What a URL alone asks for."""
    return () if target.query is None else (query_condition(target.query),)


def _query_pairs(request: Request) -> Pairs:
    return request.query.multi_items()


def headers_condition(expected: Mapping[str, object]) -> Named:
    """On the header fields; names ignore case, and repeats are seen one by one and joined."""
    if isinstance(expected, Exactly):
        raise InvalidRoute(
            "headers=exactly(…) of a route: every client adds headers of its own, so no request would fit"
        )
    return _HeadersCondition("headers", expected, lambda request: request.headers.multi_items(), key=str.lower)


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


class FilesCondition:
    """On the files of a multipart form."""

    __slots__ = ("expected", "field", "implied", "only")

    def __init__(self, expected: Mapping[str, object] | Exactly) -> None:
        self.field = "files"
        self.implied = False
        self.only = isinstance(expected, Exactly)
        items = _items("files", expected)
        self.expected: dict[str, object] = dict(items) if isinstance(items, Mapping) else _gather(items)

    def fits(self, request: Request) -> bool:
        return not self.differences(request)

    def index_keys(self) -> Sequence[Keys]:
        return ()

    def differences(self, request: Request) -> list[Difference]:
        try:
            parts = request.files()
        except ValueError:
            parts = []
        grouped: dict[str, list[Part]] = {}
        for part in parts:
            grouped.setdefault(part.name, []).append(part)
        found = []
        for name, expected in self.expected.items():
            received = grouped.pop(name, [])
            if not _files_fit(expected, received, only=self.only):
                found.append(
                    Difference(f"files[{name!r}]", MISSING if expected is None else expected, received or MISSING)
                )
        if self.only:
            found += [Difference(f"files[{name!r}]", MISSING, received) for name, received in grouped.items()]
        return found

    def __repr__(self) -> str:
        shown = show(self.expected)
        return f"files=exactly({shown})" if self.only else f"files={shown}"


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


def _gather(items: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, list[object]] = {}
    for name, value in items:
        found.setdefault(name, []).append(value)
    return dict(found)


def _files_fit(expected: object, received: Sequence[Part], *, only: bool) -> bool:
    if expected is None:
        return not received
    if isinstance(expected, list):
        return len(expected) == len(received) and all(map(_file_fits, expected, received))
    if only and len(received) != 1:
        return False
    return any(_file_fits(expected, part) for part in received)


def _file_fits(expected: object, part: Part) -> bool:
    """Content, or a tuple of file name, content and, as clients take it, content type and headers; None for any.

    A predicate is given the part.
    """
    if isinstance(expected, tuple):
        filename, content, *rest = expected
        return (
            (filename is None or text_fits(filename, part.filename or ""))
            and (content is None or content_fits(content, part.content))
            and (not rest or rest[0] is None or text_fits(rest[0], part.content_type or ""))
            and all(values_fit(value, part.headers.get_list(name)) for name, value in (rest[1:] or [{}])[0].items())
        )
    if is_predicate(expected):
        return bool(expected(part))
    return content_fits(expected, part.content)


class JSONCondition:
    """On the body as JSON, whatever its Content-Type."""

    __slots__ = ("expected", "field", "implied")

    def __init__(self, expected: object) -> None:
        self.field = "json"
        self.implied = False
        refuse_wrappers("json", expected, partial_allowed=True)
        check_json_value("json", expected)
        self.expected = expected

    def fits(self, request: Request) -> bool:
        try:
            actual = request.json()
        except ValueError:
            return False
        return json_fits(self.expected, actual)

    def index_keys(self) -> Sequence[Keys]:
        frozen = frozen_json(self.expected)
        if frozen is not None:
            return [[("json", frozen)]]
        whole = self.expected.value if isinstance(self.expected, Partial) else self.expected
        return [[("json value", path, value)] for path, value in json_values(whole)]

    def differences(self, request: Request) -> list[Difference]:
        try:
            actual = request.json()
        except ValueError:
            return [Difference("json", self.expected, NotJSON(request.content))]
        return [] if json_fits(self.expected, actual) else [Difference("json", self.expected, actual)]

    def __repr__(self) -> str:
        return f"json={cut(written(self.expected))}"


class NotJSON(NamedTuple):
    """In a comparison: a body that cannot be read as JSON."""

    content: bytes


def frozen_json(value: object) -> Hashable | None:
    """A hashable form in which equal JSON values are equal; None for what only a comparison can tell."""
    if value is None or isinstance(value, str):
        return ("=", value)
    if isinstance(value, bool):
        return ("b", value)
    if isinstance(value, (int, float)):
        return ("n", value)
    try:
        if isinstance(value, Mapping):
            pairs = [(json_key(key), frozen_json(item)) for key, item in value.items()]
            return None if any(item is None for _, item in pairs) else ("o", frozenset(pairs))
        if isinstance(value, (list, tuple)):
            items = tuple(map(frozen_json, value))
            return None if None in items else ("a", items)
    except RecursionError:  # nested deeper than anybody's keys should be
        return None
    return None


_DEEPEST = 8  # levels of a JSON value that are looked at for keys


def json_values(value: object, path: str = "$", depth: int = 0) -> Iterator[tuple[str, Hashable]]:
    """The plain values inside objects, in a hashable form, with where they stand."""
    if isinstance(value, Partial):
        value = value.value
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, item in value.items():
            yield from json_values(item, f"{path}.{json_key(key)}", depth + 1)
    elif depth and (value is None or isinstance(value, (bool, int, float, str))):
        frozen = frozen_json(value)
        assert frozen is not None
        yield path, frozen


class ContentCondition:
    """On the bytes of the body."""

    __slots__ = ("expected", "field", "implied")

    def __init__(self, expected: object) -> None:
        if expected is None:
            raise InvalidRoute('content=None: give bytes or text; content=b"" asks for no body')
        self.field = "content"
        self.implied = False
        refuse_wrappers("content", expected)
        self.expected = expected

    def fits(self, request: Request) -> bool:
        return content_fits(self.expected, request.content)

    def index_keys(self) -> Sequence[Keys]:
        if isinstance(self.expected, str):
            return [[("content", self.expected.encode())]]
        return [[("content", bytes(self.expected))]] if isinstance(self.expected, (bytes, bytearray)) else ()

    def differences(self, request: Request) -> list[Difference]:
        return [] if self.fits(request) else [Difference("content", self.expected, request.content)]

    def __repr__(self) -> str:
        return f"content={cut(written(self.expected))}"


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
    makers: dict[Callable[[Any], Condition], Any] = {
        params_condition: params,
        headers_condition: headers,
        cookies_condition: cookies,
        form_condition: form,
        FilesCondition: files,
    }
    found += [make(expected) for make, expected in makers.items() if expected is not None]
    if json is not UNSET:
        found.append(JSONCondition(json))
    if content is not UNSET:
        found.append(ContentCondition(content))
    if where is not None:
        found.append(WhereCondition(where))  # last: it may rely on all the others
    return tuple(found)


def request_keys(request: Request, fields: Iterable[Hashable]) -> Iterable[Key]:
    """The keys under which conditions on these fields may have been filed that this request fits."""
    for field in fields:
        if field == "params":
            yield from (("params", name, value) for name, value in request.query.multi_items())
        elif field == "headers":
            for name, values in _grouped(
                (name.lower(), value) for name, value in request.headers.multi_items()
            ).items():
                yield from (("headers", name, value) for value in values)
                if len(values) > 1:
                    yield ("headers", name, ", ".join(values))
        elif field == "cookies":
            yield from (("cookies", name, value) for name, value in request.cookies.multi_items())
        elif field == "form":
            yield from (("form", name, value) for name, value in form_fields(request))
        elif field == "content":
            yield ("content", request.content)
        else:
            yield from _json_keys(request, whole=field == "json")


def _json_keys(request: Request, *, whole: bool) -> Iterable[Key]:
    try:
        body = request.json()
    except ValueError:
        return
    if not whole:
        yield from (("json value", path, value) for path, value in json_values(body))
        return
    frozen = frozen_json(body)
    if frozen is not None:
        yield ("json", frozen)
