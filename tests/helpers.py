"""Requests as a router sees them: made by hand, or of what a real client has prepared; and what they fit."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import requests
import urllib3
from hypothesis import settings

import mockstatus
from mockstatus.messages import Request
from mockstatus.urls import canonical_host, target_uri

API = "https://api.example.com"
PORTS = {"http": 80, "https": 443}

deterministic = settings(derandomize=True, deadline=None, database=None)


# --- requests ---------------------------------------------------------------------------------------------------------


def make_request(method="GET", url=API + "/", *, headers=(), content=b"", client="test") -> Request:
    """A request just as written; only the host is brought into the form in which the doors give it."""
    scheme, authority, target = re.fullmatch(r"(?i)(https?)://([^/?#]*)([^#]*)(?:#.*)?", url).groups()
    scheme = scheme.lower()
    host, port = re.fullmatch(r"(\[.*\]|[^:]*)(?::(\d*))?", authority).groups()
    pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    return Request(
        method,
        target_uri(
            scheme,
            canonical_host(host),
            int(port) if port else PORTS[scheme],
            target if target.startswith("/") else "/" + target,
        ),
        [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        content.encode() if isinstance(content, str) else content,
        client,
        {},
    )


def from_httpx(method, url, **arguments) -> Request:
    """What httpx would send for these arguments of ``httpx.Request``."""
    prepared = httpx.Request(method, url, **arguments)
    prepared.read()
    at = prepared.url
    return Request(
        prepared.method,
        target_uri(at.scheme, canonical_host(at.raw_host.decode()), at.port or PORTS[at.scheme], at.raw_path.decode()),
        prepared.headers.raw,
        prepared.content,
        "httpx",
        {},
    )


def from_requests(method, url, **arguments) -> Request:
    """What requests would send for these arguments of ``requests.Request``."""
    prepared = requests.Request(method, url, **arguments).prepare()
    at = urllib3.util.parse_url(prepared.url)
    body = prepared.body or b""
    pairs = [(as_bytes(name), as_bytes(value)) for name, value in prepared.headers.items()]
    return Request(
        prepared.method,
        target_uri(at.scheme, canonical_host(at.host), at.port or PORTS[at.scheme], prepared.path_url),
        pairs,
        body.encode() if isinstance(body, str) else body,
        "requests",
        {},
    )


def from_urllib3(method, url) -> Request:
    """What urllib3 would send for a URL."""
    at = urllib3.util.parse_url(url)
    port = at.port or PORTS[at.scheme]
    return Request(method, target_uri(at.scheme, canonical_host(at.host), port, at.request_uri), [], b"", "urllib3", {})


def as_bytes(text):
    """A header's name or value as it goes over the wire."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


SENDERS: dict[str, Callable[..., Request]] = {
    "httpx": from_httpx,
    "requests": from_requests,
    "urllib3": from_urllib3,
}
BODY_SENDERS = {name: SENDERS[name] for name in ("httpx", "requests")}


# --- routes -----------------------------------------------------------------------------------------------------------


def fits(request: Request, url=None, *, method="", base_url=None, **asked) -> bool:
    """Whether a route that asks for this fits the request."""
    router = mockstatus.Router(base_url, hosts=())
    router.route(method, url, **asked)
    return router.handle(request) is not None


def fits_among_many(request: Request, **asked) -> bool:
    """The same for a route without a URL that stands among many others, which the index files by what they ask."""
    router = mockstatus.Router(hosts=())
    wanted = router.any(**asked)
    for number in range(40):
        router.any(json={"unlikely": number})
        router.any(headers={"x-unlikely": number})
    return router.handle(request) is not None and wanted.called


def params_seen(request: Request, url, **options) -> Mapping[str, str] | None:
    """The ``path_params`` that the answer to a request is made with; None where the route does not fit."""
    router = mockstatus.Router(options.pop("base_url", None), hosts=())
    seen = []
    router.any(url, **options).respond_with(lambda request: seen.append(dict(request.path_params)) or 200)
    router.handle(request)
    return seen[0] if seen else None


class TakenShortly:
    """How many calls of requests went the short way: stands for what makes their responses."""

    def __init__(self) -> None:
        self.times = 0
        from mockstatus.adapters import requests_short

        self._respond = requests_short.respond

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.times += 1
        return self._respond(*args, **options)
