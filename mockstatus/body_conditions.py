"""What a route asks of a request's body: JSON, files, bytes. Knows requests and matchers; must not know routes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockstatus.errors import InvalidRoute
from mockstatus.matchers import (
    MISSING,
    Exactly,
    Partial,
    check_json_value,
    content_fits,
    is_predicate,
    json_fits,
    json_key,
    refuse_wrappers,
    text_fits,
    values_fit,
)
from mockstatus.named_conditions import Difference, Key, Keys, named_items
from mockstatus.showing import cut, show, written

if TYPE_CHECKING:
    from mockstatus.bodies import Part
    from mockstatus.messages import Request


class FilesCondition:
    """On the files of a multipart form."""

    __slots__ = ("expected", "field", "implied", "only")

    def __init__(self, expected: Mapping[str, object] | Exactly) -> None:
        self.field = "files"
        self.implied = False
        self.only = isinstance(expected, Exactly)
        items = named_items("files", expected)
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
    if value is None or isinstance(value, bool):  # which is 0 or 1 otherwise
        return ("=", value)
    if isinstance(value, (str, int, float)):
        return value
    try:
        if isinstance(value, (dict, Mapping)):
            items = tuple(map(frozen_json, value.values()))
            return None if None in items else ("o", frozenset(zip(map(json_key, value), items, strict=True)))
        if isinstance(value, (list, tuple)):
            items = tuple(map(frozen_json, value))
            return None if None in items else ("a", items)
    except RecursionError:  # nested deeper than anybody's keys should be
        return None
    return None


_DEEPEST = 8  # levels of a JSON value that are looked at for keys


def json_values(value: object, path: str = "$", depth: int = 0) -> list[tuple[str, Hashable]]:
    """The plain values inside objects, in a hashable form, with where they stand."""
    if depth and (value is None or isinstance(value, (str, int, float))):
        return [(path, frozen_json(value))]
    if isinstance(value, Partial):
        value = value.value
    if depth == _DEEPEST or not isinstance(value, (dict, Mapping)):
        return []
    return [found for key, item in value.items() for found in json_values(item, f"{path}.{json_key(key)}", depth + 1)]


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


def json_keys(request: Request, *, whole: bool) -> list[Key]:
    """The keys of a body that is JSON: of the whole of it, or of each plain value in it."""
    try:
        body = request.json()
    except ValueError:
        return []
    if not whole:
        return [("json value", path, value) for path, value in json_values(body)]
    frozen = frozen_json(body)
    return [] if frozen is None else [("json", frozen)]
