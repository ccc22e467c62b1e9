"""A line of Python that answers a request when it is pasted into a test. Knows requests and what fits them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from mockstatus.bodies import media_type
from mockstatus.closeness import compare_place
from mockstatus.conditions import make_conditions
from mockstatus.errors import InvalidRoute
from mockstatus.matchers import UNSET
from mockstatus.patterns import parse_target

if TYPE_CHECKING:
    from mockstatus.messages import Request

_VERBS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})
_LONGEST_BODY: Final = 300  # bytes that are still written into a line
_LONGEST_FILE: Final = 60


def line_to_paste(request: Request) -> str:
    """A line that answers the request: the first of several ways to write one that is seen to fit it."""
    for url in _urls(request):
        for matcher in _bodies(request):
            if _fits(request, url, matcher):
                return _line(request, [repr(url), *(f"{name}={value!r}" for name, value in matcher.items())])
    return _line(request, [])  # a URL that no route can be written for


def _line(request: Request, arguments: list[str]) -> str:
    method = request.method
    if method in _VERBS:
        return f"router.{method.lower()}({', '.join(arguments)}).respond(200)"
    if method == method.upper():
        return f"router.route({', '.join([repr(method), *arguments])}).respond(200)"
    return f"router.any({', '.join(arguments)}).respond(200)"  # methods are told apart by case, and routes' are upper


def _urls(request: Request) -> Iterator[str]:
    """The URL as it is, then without its query."""
    url = request.url.replace("{", "%7B").replace("}", "%7D")
    yield url
    if "?" in url:
        yield url.partition("?")[0]


def _bodies(request: Request) -> Iterator[dict[str, Any]]:
    """Matchers of the body, the one that says most first; none at last."""
    if request.content and len(request.content) <= _LONGEST_BODY:
        kind = media_type(request.headers.get("Content-Type"))
        try:
            if "json" in kind or (not kind and request.content[:1] in b'{["'):
                yield {"json": request.json()}
            elif kind == "application/x-www-form-urlencoded":
                yield {"form": _form(request)}
        except ValueError:
            pass
        if kind.startswith("text/") or not kind:
            yield {"content": request.content}
    if request.content and media_type(request.headers.get("Content-Type")) == "multipart/form-data":
        yield from _multipart(request)
    yield {}


def _form(request: Request) -> dict[str, object]:
    """The text fields as a mapping, the repeats of a name as a list."""
    found: dict[str, list[str]] = {}
    for name, value in request.form():
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _multipart(request: Request) -> Iterator[dict[str, Any]]:
    try:
        fields, files = _form(request), request.files()
    except ValueError:
        return
    if len(repr(fields)) > _LONGEST_BODY or len(files) > 3:
        return
    matcher: dict[str, Any] = {"form": fields} if fields else {}
    names = [part.name for part in files]
    if files and len(set(names)) == len(names):
        matcher["files"] = {
            part.name: (part.filename, part.content if len(part.content) <= _LONGEST_FILE else None) for part in files
        }
    if matcher:
        yield matcher


def _fits(request: Request, url: str, given: dict[str, Any]) -> bool:
    """Whether a route made of these fits, and each of them can be written as Python to be pasted."""
    try:
        target = parse_target(url, None)
        conditions = make_conditions(
            target.query,
            params=None,
            headers=None,
            cookies=None,
            json=given.get("json", UNSET),
            form=given.get("form"),
            files=given.get("files"),
            content=given.get("content", UNSET),
            where=None,
        )
        if not _is_literal(given):
            return False
    except (InvalidRoute, RecursionError):
        return False
    return not compare_place(request, target).differences and all(one.fits(request) for one in conditions)


def _is_literal(value: object) -> bool:
    """Whether a value's ``repr`` is Python for it: all that JSON and forms have is, but for the floats beyond numbers.

    Python's own reader is not asked: before Python 3.12, threads that ask it at once break it.
    """
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_literal, value.values()))
    return not isinstance(value, (list, tuple)) or all(map(_is_literal, value))
