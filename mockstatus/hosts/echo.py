"""A request told as JSON, for ``/anything``. Knows requests only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockstatus.fields import Fields

if TYPE_CHECKING:
    from mockstatus.messages import Request


def describe(request: Request) -> dict[str, object]:
    """A request as JSON: what stands in it, and its body in every way it can be read."""
    described: dict[str, object] = {
        "method": "GET" if request.method == "HEAD" else request.method,  # a HEAD says what GET would have sent
        "url": request.url,
        "scheme": request.scheme,
        "host": request.host,
        "port": request.port,
        "path": request.path,
        "query": _flat(request.query),
        "headers": _flat(request.headers),
        "cookies": _flat(request.cookies),
        "text": request.text,
        "json": None,
        "form": {},
        "files": {},
    }
    for name, read in _READERS.items():
        try:
            value = read(request)
            json.dumps(value, allow_nan=False)
        except (ValueError, RecursionError):
            continue
        described[name] = value
    return described


def _flat(fields: Fields) -> dict[str, str | list[str]]:
    lists = {name: fields.get_list(name) for name in fields}
    return {name: values[0] if len(values) == 1 else values for name, values in lists.items()}


_READERS: dict[str, Callable[[Request], object]] = {
    "json": lambda request: request.json(),
    "form": lambda request: _flat(Fields(request.form())),
    "files": lambda request: _flat(
        Fields([(part.name, part.content.decode("utf-8", "replace")) for part in request.files()])
    ),
}
