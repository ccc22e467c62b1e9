"""Makes the calls of a case with urllib3, and says all that the caller could see."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import urllib3
from urllib3.util import Retry, Timeout, make_headers

import mockstatus

from .case import Body, Call, Case, Setup
from .seen import Seen, attempt, class_name, failure
from .server import CERTIFICATE
from .worlds import MockWorld, World


def observe(client: str, case: Case, world: World) -> Seen:
    """What the caller of urllib3 sees."""
    seen: Seen = {}
    with world.around(), _manager(case.setup, world) as manager:
        for number, call in enumerate(case.calls, 1):
            found: Seen = {}
            url = world.url(case, call)
            _call(manager, call, url, found)
            found["pool"] = attempt(lambda: pools(manager, url))
            seen |= {f"call {number}: {name}": value for name, value in found.items()}
    return seen


def _manager(setup: Setup, world: World) -> urllib3.PoolManager:
    options: dict[str, Any] = {"timeout": _timeout(setup.timeout), **setup.pool}
    headers = {**(setup.headers or {}), **_authorization(setup.auth)}
    if setup.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in setup.cookies.items())
    if headers:
        options["headers"] = headers
    if setup.trusts:
        options["ca_certs"] = str(CERTIFICATE)
    retries = setup.retries if setup.redirects is None else {**(setup.retries or {}), "redirect": setup.redirects}
    if retries is not None:
        options["retries"] = retries if isinstance(retries, (bool, int)) else Retry(**retries)
    if isinstance(world, MockWorld) and world.explicit:
        return mockstatus.adapters.urllib3.PoolManager(world.router, **options)
    return urllib3.PoolManager(**options)


def _authorization(auth: tuple[str, str, str] | None) -> dict[str, str]:
    return {} if auth is None else make_headers(basic_auth=f"{auth[1]}:{auth[2]}")


def _timeout(timeout: Any) -> Timeout:
    return Timeout(**timeout) if isinstance(timeout, dict) else Timeout(timeout)


def _call(manager: urllib3.PoolManager, call: Call, url: str, found: Seen) -> None:
    options: dict[str, Any] = {} if call.follow is None else {"redirect": call.follow}
    if call.timeout is not None and "pool" in call.timeout:
        options["pool_timeout"] = call.timeout["pool"]
    elif call.timeout is not None:
        options["timeout"] = _timeout(call.timeout)
    headers = {**(call.headers or {}), **_authorization(call.auth)}
    try:
        response = manager.request(
            call.method,
            url,
            headers={**manager.headers, **headers} if headers else None,
            preload_content=call.read == "whole",
            **_body(call.body),
            **options,
        )
    except Exception as error:
        found |= failure(error)
        return
    found |= _look(response, "before reading")
    if call.read != "whole":
        _read(response, call.read, found)
    if call.read == "held":
        return
    found |= _look(response, "at the end")
    found |= {
        "data": attempt(lambda: response.data),
        "data again": attempt(lambda: response.data),
        "json": attempt(response.json),
    }


def _body(body: Body | None) -> dict[str, Any]:
    if body is None:
        return {}
    if body.kind == "multipart":
        data, files = body.value
        return {"fields": {**data, **files}}
    if body.kind == "form":
        return {"fields": body.value, "encode_multipart": False}
    if body.kind == "json":
        return {"json": body.value}
    return {
        "body": {"pieces": iter, "file": io.BytesIO, "broken": broken}.get(body.kind, lambda value: value)(body.value)
    }


def broken(content: bytes) -> Iterator[bytes]:
    """A body whose second piece never comes."""
    yield content
    raise LookupError("the caller's own body broke")


# --- what is seen -----------------------------------------------------------------------------------------------------


def _look(response: Any, when: str) -> Seen:
    original = response._original_response  # noqa: SLF001 - what cookie jars read
    return {
        f"response {when}": {
            "class": class_name(response),
            "status": response.status,
            "reason": response.reason,
            "version": (response.version, response.version_string),
            "headers": list(response.headers.items()),
            "geturl": response.geturl(),
            "url": response.url,
            "history": history(response.retries),
            "closed": (response.closed, attempt(response.isclosed)),
            "told": attempt(response.tell),
            "left": response.length_remaining,
            "chunked": response.chunked,
            "location": attempt(response.get_redirect_location),
            "connection": response.connection is None,
            "original": None if original is None else (original.isclosed(), original.msg.items()),
        }
    }


def history(retries: Any) -> Any:
    """The attempts that urllib3 made, and how many it has left."""
    if not isinstance(retries, Retry):
        return repr(retries)
    attempts = [
        (one.method, one.url, None if one.error is None else class_name(one.error), one.status, one.redirect_location)
        for one in retries.history
    ]
    return attempts, (retries.total, retries.connect, retries.read, retries.redirect, retries.status, retries.other)


def pools(manager: Any, url: str) -> tuple[int, ...]:
    """How many connections and requests the pool of a URL has made, how many it keeps, and how many pools there are."""
    pool = manager.connection_from_url(url)
    kept = [one for one in pool.pool.queue if one is not None]
    return pool.num_connections, pool.num_requests, len(kept), len(manager.pools)


def _read(response: Any, read: str, found: Seen) -> None:
    if read == "held":
        return
    try:
        if read != "unread":
            _each(response, read, found, "delivered")
        if read == "twice":
            _each(response, read, found, "delivered again")
    except Exception as error:
        found |= failure(error)
    found |= _look(response, "after reading")
    response.release_conn()
    response.close()


def _each(response: Any, read: str, found: Seen, field: str) -> None:
    kind, _, given = read.partition(":")
    size = int(given) if given else None
    found[field] = delivered = []
    if kind == "raw":
        read_pieces(lambda: response.read(size, decode_content=False), delivered)
    elif kind == "text":
        read_pieces(lambda: response.read1(size), delivered)
    elif kind == "lines":
        delivered += list(response)
    else:
        for piece in response.stream(size or 2**16):
            delivered.append(piece)
            if kind == "first":
                break
    if read == "joined":
        found[field] = b"".join(delivered)


def read_pieces(read: Callable[[], bytes], delivered: list[bytes]) -> None:
    """Read until there is no more."""
    while piece := read():
        delivered.append(piece)
