"""Why nothing fitted a request, in words. Asked only after a miss; reads routes and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockstatus.bodies import media_type
from mockstatus.body_conditions import NotJSON
from mockstatus.closeness import Near, closest_routes
from mockstatus.conditions import Said
from mockstatus.errors import MockStatusError, UnmatchedRequest
from mockstatus.hints import hints_about
from mockstatus.masking import masked
from mockstatus.named_conditions import Difference
from mockstatus.pasting import line_to_paste
from mockstatus.showing import (
    cut,
    json_differences,
    place_of_difference,
    show,
    show_body,
    show_cookie,
    show_header,
    text_difference,
    written,
)

if TYPE_CHECKING:
    from mockstatus.bodies import Part
    from mockstatus.messages import Request
    from mockstatus.router import Router

_LONGEST_URL = 500
_LONGEST_HEADER = 120


def unmatched(request: Request, routers: Sequence[Router]) -> UnmatchedRequest:
    """The error for a request that no route of these routers fits, with everything that helps to find out why."""
    routes = [route for router in routers for route in reversed(router.routes)]
    closest = closest_routes(request, routes)
    lines = [f"no route fits {request.method} {cut(request.url, _LONGEST_URL)}", *_about(request), ""]
    if closest:
        lines.append(f"The closest of {len(routes)} routes:" if len(routes) > len(closest) else "The closest routes:")
        for rank, near in enumerate(closest, 1):
            lines += _about_route(rank, near)
    else:
        lines.append("There are no routes.")
    hints = hints_about(request, closest, routers)
    if hints:
        lines += ["", *(f"Hint: {hint}" for hint in hints)]
    lines += ["", "To answer it:", f"  {line_to_paste(request)}"]
    error = UnmatchedRequest("\n".join(lines))
    error.request = request
    return error


def _about(request: Request) -> list[str]:
    """The request's header fields and body, secrets masked."""
    lines = [f"  {name}: {header_line(name, value)}" for name, value in request.headers.multi_items()]
    body = _body_line(request)
    return [*lines, f"  body: {body}"] if body else lines


def _body_line(request: Request) -> str:
    """The body in a line; of a multipart one its fields and files, without the boundary that changes every time."""
    kind = request.headers.get("Content-Type", "")
    if media_type(kind) == "multipart/form-data":
        try:
            fields, files = request.form(), request.files()
        except ValueError:
            return show_body(request.content, kind)
        shown = [f"{name}={show(value)}" for name, value in fields]
        shown += [f"{part.name}=file {part.filename!r} of {len(part.content)} bytes" for part in files]
        return cut(", ".join(shown), 500)
    return show_body(request.content, kind)


def header_line(name: str, value: str) -> str:
    """A header's value in a line, masked and cut."""
    shown = masked(name, value)
    return cut(shown if shown.isprintable() else repr(shown), _LONGEST_HEADER)


def _about_route(rank: int, near: Near) -> list[str]:
    route = near.route
    lines = [f"  {rank}. {route.description} -> {route.answers} {route.place}".rstrip()]
    for difference in near.differences:
        lines += [f"       {line}" for line in describe(difference)]
    return lines + [f"       {remark}" for remark in near.remarks]


def describe(difference: Difference) -> list[str]:
    """A difference in lines: the field, what was expected of it and what came."""
    field, expected, received = difference
    if isinstance(received, Said):
        answer = received.answer
        return [
            f"{field}: {cut(answer, 500)}" if isinstance(answer, str) else f"{field}: {expected}, said {show(answer)}"
        ]
    if isinstance(received, NotJSON):
        what = f"{show(received.content)}, which is not JSON" if received.content else "no body"
        return [f"{field}: expected {cut(written(expected))}, received {what}"]
    if field == "json":
        return [f"{field}: {line}" for line in json_differences(expected, received)]
    if field == "content" and isinstance(received, bytes) and isinstance(expected, (str, bytes)):
        return _describe_content(expected, received)
    if field.startswith(("headers[", "cookies")):
        return [_describe_secret(field, expected, received)]
    if field.startswith("files[") and isinstance(received, list):
        return [f"{field}: expected {show(expected)}, received {cut(' and '.join(map(_describe_file, received)), 500)}"]
    return [f"{field}: expected {show(expected)}, received {show(received)}"]


def _describe_content(expected: str | bytes, received: bytes) -> list[str]:
    if not received:
        return [f"content: expected {show(expected)}, received no body"]
    try:
        wanted, came = expected if isinstance(expected, str) else expected.decode(), received.decode()
    except UnicodeDecodeError:
        data = expected.encode() if isinstance(expected, str) else expected
        return [f"content: expected {show(data)}, received {show(received)}: {place_of_difference(data, received)}"]
    return [f"content: {line}" for line in text_difference(wanted, came)]


def _describe_file(part: Part) -> str:
    """A file that came, as a route's matcher would have to be written."""
    return f"({part.filename!r}, {show(part.content)}, {part.content_type!r})"


def _describe_secret(field: str, expected: object, received: object) -> str:
    kind, _, rest = field.partition("[")
    if kind == "cookies":
        wanted, came = (_cookies(expected), _cookies(received)) if not rest else map(show_cookie, (expected, received))
    else:
        wanted, came = (show_header(rest.strip("]'\""), value) for value in (expected, received))
    same = " (masked; they differ)" if wanted == came else ""
    return f"{field}: expected {wanted}, received {came}{same}"


def _cookies(pairs: object) -> str:
    """Pairs of cookies, masked."""
    assert isinstance(pairs, list)
    return f"[{', '.join(f'({name!r}, {show_cookie(value)})' for name, value in pairs)}]"


# --- several misses ---------------------------------------------------------------------------------------------------


def counted(first: MockStatusError, others: Sequence[MockStatusError]) -> list[str]:
    """A line for each error besides the first, equal ones together."""
    counts = Counter(map(_kind_of, (first, *others)))
    alike = Counter(line for line, _ in counts)
    again = counts.pop(_kind_of(first)) - 1
    lines = [f"and {again} more like it"] if again else []
    for (line, content), times in counts.items():
        body = f" with the body {show_body(content, '')}" if content and alike[line] > 1 else ""
        lines.append(f"also: {line}{body}" + (f" ({times} times)" if times > 1 else ""))
    return lines


def _kind_of(error: MockStatusError) -> tuple[str, bytes]:
    """What equal errors have in common: what they say in a line, and the body of the request."""
    request = error.request if isinstance(error, UnmatchedRequest) else None
    return str(error).partition("\n")[0], b"" if request is None else request.content
