"""Where a job is asked about: a URL with the job's id in its path or query. Knows URLs; no jobs and no router."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mockstatus.errors import InvalidRoute
from mockstatus.urls import parse_query

if TYPE_CHECKING:
    from mockstatus.messages import Request

_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*")
_STAYS = "!#$%&'()*+,/:;=?@[]~{}"  # what means something in a URL, or in a template of one
_ID = "{id}"
_SOME_TEXT = re.compile(r"(?s).+")


class Place:
    """A template of a URL, ``/jobs/{id}`` or ``/status?job={id}``.

    ``url`` and ``params`` are what a route is made of that fits it.
    """

    __slots__ = ("_name", "params", "text", "url")

    def __init__(self, text: object) -> None:
        if not isinstance(text, str) or _ID not in text:
            raise InvalidRoute(f"status_url={text!r} has no {{id}}: it is where each job is asked about")
        self.text: Final = text.partition("#")[0]
        path, _, query = self.text.partition("?")
        self._name: str | None = None  # of the parameter that is the id
        self.url = self.text
        self.params: Mapping[str, object] | None = None
        if _ID in query:
            self.url, self._name, self.params = path, *_read_query(query, self.text)

    def below(self, path: str) -> Place:
        """A place further down the path, with the same query."""
        above, mark, query = self.text.partition("?")
        return Place(f"{above.rstrip('/')}{path}{mark}{query}")

    def identity(self, request: Request) -> str:
        """The id that a request asks about."""
        return request.path_params["id"] if self._name is None else request.query[self._name]

    def locate(self, request: Request, identity: str, base_url: str | None) -> str:
        """The URL of one job, with the values that stand in the URL of the request that began it."""
        values = {**request.path_params, "id": identity}

        def fill(found: re.Match[str]) -> str:
            value = values.get(found[1])
            return found[0] if value is None else quote(value, safe="")

        filled = _FIELD.sub(fill, quote(self.text, safe=_STAYS))
        origin = _ORIGIN.match(filled)
        if origin is not None:
            return filled[origin.end() :] if "*" in origin[0] else filled
        if base_url is None:
            return filled
        base_path = quote("/".join(base_url.split("/")[3:]).strip("/"), safe=_STAYS)
        return f"/{base_path}/{filled.lstrip('/')}" if base_path else f"/{filled.lstrip('/')}"


def _read_query(query: str, text: str) -> tuple[str, dict[str, object]]:
    """Which parameter is the id, and what a request has to have in its query."""
    pairs = parse_query(query)
    names = [name for name, value in pairs if value == _ID]
    if len(names) != 1 or len({name for name, _ in pairs}) != len(pairs):
        raise InvalidRoute(
            f"status_url={text!r}: in a query, {{id}} is the whole value of one parameter, as ?job={{id}}"
        )
    return names[0], {name: _SOME_TEXT if value == _ID else value for name, value in pairs}
