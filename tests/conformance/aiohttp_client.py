"""Makes the calls of a case with aiohttp, and says all that the caller could see, what its traces tell included."""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

import mockstatus

from .case import Body, Call, Case, Setup
from .seen import Seen, attempt, class_name, failure, masked
from .server import CERTIFICATE
from .worlds import MockWorld, World

_TRACED = (
    "request_start",
    "request_end",
    "request_exception",
    "request_redirect",
    "request_headers_sent",
    "request_chunk_sent",
    "response_chunk_received",
    "connection_queued_start",
    "connection_queued_end",
    "connection_create_start",
    "connection_create_end",
    "connection_reuseconn",
    "dns_resolvehost_start",
    "dns_resolvehost_end",
    "dns_cache_hit",
    "dns_cache_miss",
)


def observe(client: str, case: Case, world: World) -> Seen:
    """What the caller of aiohttp sees."""
    return asyncio.run(_observe(case, world))


async def _observe(case: Case, world: World) -> Seen:
    seen: Seen = {}
    with world.around():
        async with _session(case.setup, world) as session:
            for number, call in enumerate(case.calls, 1):
                found: Seen = {}
                await _call(session, case.setup, call, world.url(case, call), found)
                found["jar of the session"] = _jar(session.cookie_jar)
                seen |= {f"call {number}: {name}": value for name, value in found.items()}
    return seen


def _session(setup: Setup, world: World) -> aiohttp.ClientSession:
    options: dict[str, Any] = {}
    if setup.trusts:
        options["ssl"] = ssl.create_default_context(cafile=str(CERTIFICATE))
    if setup.pool:
        options["limit"] = setup.pool["maxsize"]
    if isinstance(world, MockWorld) and world.explicit:
        connector: aiohttp.TCPConnector = mockstatus.adapters.aiohttp.Connector(world.router, **options)
    else:
        connector = aiohttp.TCPConnector(**options)
    return aiohttp.ClientSession(
        connector=connector,
        headers={**(setup.headers or {}), **_authorization(setup.auth)},
        cookies=setup.cookies,
        cookie_jar=aiohttp.CookieJar(unsafe=True),  # one that also takes those of addresses
        timeout=_timeout(setup.timeout),
        middlewares=_middlewares(setup.auth),
        trace_configs=[_trace_config()],
    )


def _authorization(auth: tuple[str, str, str] | None) -> dict[str, str]:
    if auth is None or auth[0] == "digest":
        return {}
    return {"Authorization": aiohttp.encode_basic_auth(*auth[1:])}


def _middlewares(auth: tuple[str, str, str] | None) -> tuple[Any, ...]:
    return (aiohttp.DigestAuthMiddleware(*auth[1:]),) if auth is not None and auth[0] == "digest" else ()


def _timeout(timeout: Any) -> aiohttp.ClientTimeout:
    if not isinstance(timeout, dict):
        return aiohttp.ClientTimeout(total=timeout)
    return aiohttp.ClientTimeout(
        total=timeout.get("total"),
        connect=timeout.get("pool"),
        sock_connect=timeout.get("connect", 5.0),
        sock_read=timeout.get("read", 5.0),
    )


def _trace_config() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    for name in _TRACED:
        getattr(config, f"on_{name}").append(_tell(name))
    return config


def _tell(name: str) -> Any:
    async def tell(session: aiohttp.ClientSession, context: Any, params: Any) -> None:
        chunk = getattr(params, "chunk", None)
        told = getattr(params, "exception", None)
        context.trace_request_ctx.append(
            (name, *([] if chunk is None else [chunk]), *([] if told is None else [class_name(told)]))
        )

    return tell


async def _call(session: aiohttp.ClientSession, setup: Setup, call: Call, url: str, found: Seen) -> None:
    options: dict[str, Any] = {} if call.follow is None else {"allow_redirects": call.follow}
    if setup.redirects is not None:
        options["max_redirects"] = setup.redirects
    if call.timeout is not None:
        options["timeout"] = _timeout(call.timeout)
    if call.auth is not None:
        options["middlewares"] = _middlewares(call.auth)
    found["trace"] = trace = []
    try:
        response = await session.request(
            call.method,
            url,
            headers={**(call.headers or {}), **_authorization(call.auth)},
            cookies=call.cookies,
            auto_decompress=not call.read.startswith("raw"),
            trace_request_ctx=trace,
            **_body(call.body),
            **options,
        )
    except Exception as error:
        found |= _failure(error)
        return
    found |= _head(response)
    if call.read == "held":
        return
    try:
        await _read(response, call.read, found)
    except Exception as error:
        found |= _failure(error)
    found["state after reading"] = _state(response)
    await _rest(response, found)


def _body(body: Body | None) -> dict[str, Any]:
    if body is None:
        return {}
    if body.kind == "multipart":
        form = aiohttp.FormData()
        data, files = body.value
        for name, value in data.items():
            form.add_field(name, value)
        for name, (filename, content, kind) in files.items():
            form.add_field(name, content, filename=filename, content_type=kind)
        return {"data": form}
    if body.kind == "json":
        return {"json": body.value}
    made = {"pieces": _pieces, "file": io.BytesIO, "broken": _broken}.get(body.kind, lambda value: value)
    return {"data": made(body.value)}


async def _pieces(pieces: Any) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _broken(content: bytes) -> AsyncIterator[bytes]:
    yield content
    raise LookupError("the caller's own body broke")


# --- what is seen -----------------------------------------------------------------------------------------------------


def _failure(error: Exception) -> Seen:
    found = failure(error)
    for name in ("status", "message", "headers", "request_info", "history", "host", "port", "ssl", "os_error"):
        if hasattr(error, name):
            found[f"error {name}"] = masked(repr(getattr(error, name)))
    return found


def _head(response: aiohttp.ClientResponse) -> Seen:
    return {
        "class": class_name(response),
        "status": response.status,
        "reason": response.reason,
        "version": response.version,
        "headers": list(response.headers.items()),
        "raw headers": response.raw_headers,
        "method": response.method,
        "url": (str(response.url), str(response.real_url), response.host),
        "history": [(one.status, str(one.url), one.closed, _state(one)) for one in response.history],
        "cookies": response.cookies.output(),
        "ok": response.ok,
        "content type": (response.content_type, response.charset, response.content_length),
        "disposition": attempt(lambda: response.content_disposition),
        "links": attempt(lambda: str(response.links)),
        "request": masked(repr(response.request_info)),
        "class of the content": class_name(response.content),
        "state before": _state(response),
    }


def _state(response: aiohttp.ClientResponse) -> tuple[Any, ...]:
    error = response.content.exception()
    return (
        response.closed,
        response.connection is None,
        response.content.is_eof(),
        None if error is None else class_name(error),
    )


async def _read(response: aiohttp.ClientResponse, read: str, found: Seen) -> None:
    kind, _, size = read.partition(":")
    if kind == "whole":
        found["content"] = await response.read()
    elif kind == "text":
        found["delivered"] = await response.text()
    elif kind != "unread":
        await _each(response, kind, size, found, "delivered")
        if kind == "twice":
            await _each(response, kind, size, found, "delivered again")


async def _each(response: aiohttp.ClientResponse, kind: str, size: str, found: Seen, field: str) -> None:
    found[field] = delivered = []
    content = response.content
    pieces = content if kind == "lines" else content.iter_chunked(int(size)) if size else content.iter_any()
    try:
        async for piece in pieces:
            delivered.append(piece)
            if kind == "first":
                break
    finally:
        if kind == "joined" or size == "1000":  # where they are cut is the network's business
            found[field] = b"".join(delivered)


async def _rest(response: aiohttp.ClientResponse, found: Seen) -> None:
    for name, see in (("content at the end", response.read), ("text", response.text), ("json", response.json)):
        try:
            found[name] = await see()
        except Exception as error:
            found[name] = f"raises {class_name(error)}: {masked(error)}"
    found["raise_for_status"] = attempt(response.raise_for_status)
    found["repr"] = repr(response)
    response.release()
    found["state at the end"] = _state(response)


def _jar(jar: aiohttp.abc.AbstractCookieJar) -> list[tuple[str, ...]]:
    return sorted((one.key, one.value, one["domain"], one["path"], one["secure"], one["expires"]) for one in jar)
