"""Makes the calls of a case with httpx or httpx2, synchronous or not, and says all that the caller could see.

The course of a call is written once, as a coroutine; a synchronous client runs it without an event loop.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, aclosing, closing
from importlib import import_module
from typing import Any

import httpcore
import httpcore2
import httpx
import httpx2
import trio

import mockstatus

from .case import Body, Call, Case, Setup
from .seen import Seen, attempt, class_name, failure, is_duration, jar, text_pairs
from .server import CERTIFICATE
from .worlds import MockWorld, World

_CORES = {"httpx": httpcore, "httpx2": httpcore2}
_CLIENTS = {"httpx": httpx, "httpx2": httpx2}
_TRUSTS_NOBODY = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # making the usual one takes longer than all the rest of a case


def _tls(setup: Setup) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE)) if setup.trusts else _TRUSTS_NOBODY


class Blocking:
    """How a synchronous client is called."""

    client = "Client"
    transport = "HTTPTransport"
    explicit = "Transport"
    stream = "NetworkStream"

    @staticmethod
    async def call(owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(owner, name)(*args, **kwargs)

    @staticmethod
    async def each(response: Any, name: str, *args: Any) -> AsyncIterator[Any]:
        with closing(getattr(response, f"iter_{name}")(*args)) as pieces:
            for piece in pieces:
                yield piece

    @staticmethod
    async def enter(stack: AsyncExitStack, manager: Any) -> Any:
        return stack.enter_context(manager)

    @staticmethod
    def pieces(body: Body) -> Iterator[bytes]:
        yield from body.value

    @staticmethod
    def broken(body: Body) -> Iterator[bytes]:
        yield body.value
        raise LookupError("the caller's own body broke")

    @staticmethod
    def file(body: Body) -> Any:
        return io.BytesIO(body.value)

    @staticmethod
    def tracer(events: list[str]) -> Callable[[str, Any], None]:
        return lambda name, info: events.append(name)


class Awaiting:
    """How an asynchronous client is called."""

    client = "AsyncClient"
    transport = "AsyncHTTPTransport"
    explicit = "AsyncTransport"
    stream = "AsyncNetworkStream"

    @staticmethod
    async def call(owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return await getattr(owner, {"close": "aclose", "read": "aread"}.get(name, name))(*args, **kwargs)

    @staticmethod
    async def each(response: Any, name: str, *args: Any) -> AsyncIterator[Any]:
        async with aclosing(getattr(response, f"aiter_{name}")(*args)) as pieces:
            async for piece in pieces:
                yield piece

    @staticmethod
    async def enter(stack: AsyncExitStack, manager: Any) -> Any:
        return await stack.enter_async_context(manager)

    @staticmethod
    async def pieces(body: Body) -> AsyncIterator[bytes]:
        for piece in body.value:
            yield piece

    @staticmethod
    async def broken(body: Body) -> AsyncIterator[bytes]:
        yield body.value
        raise LookupError("the caller's own body broke")

    @staticmethod
    async def file(body: Body) -> AsyncIterator[bytes]:
        yield body.value

    @staticmethod
    def tracer(events: list[str]) -> Callable[[str, Any], Coroutine[Any, Any, None]]:
        async def trace(name: str, info: Any) -> None:
            events.append(name)

        return trace


def _run_directly(main: Callable[[], Coroutine[Any, Any, Seen]]) -> Seen:
    """Run a coroutine that never waits."""
    try:
        main().send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a synchronous client waited")


_RUNNERS: dict[str, tuple[Any, Callable[..., Seen]]] = {
    "": (Blocking, _run_directly),
    "asyncio": (Awaiting, lambda main: asyncio.run(main())),
    "trio": (Awaiting, trio.run),
}


def observe(client: str, case: Case, world: World) -> Seen:
    """What the caller of one of the six clients sees."""
    name, _, loop = client.partition("-")
    style, run = _RUNNERS[loop]
    return run(Course(name, style, case, world).main)


class Course:
    """The calls of one case in one world."""

    def __init__(self, name: str, style: Any, case: Case, world: World) -> None:
        self.module: Any = _CLIENTS[name]
        self.core = _CORES[name]
        self.adapters = name
        self.style = style
        self.case = case
        self.world = world
        self.seen: Seen = {}

    async def main(self) -> Seen:
        """Make all calls."""
        async with AsyncExitStack() as stack:
            if isinstance(self.world, MockWorld) and not self.world.explicit:
                await self.style.enter(stack, mockstatus.activate(self.world.router))
            client = await self.style.enter(stack, self._client(self.case.setup))
            for number, call in enumerate(self.case.calls, 1):
                found: Seen = {}
                await self._call(client, call, found)
                found["jar of the client"] = jar(client.cookies.jar)
                self.seen |= {f"call {number}: {name}": value for name, value in found.items()}
        return self.seen

    def _client(self, setup: Setup) -> Any:
        more: dict[str, Any] = {} if setup.redirects is None else {"max_redirects": setup.redirects}
        if setup.pool:
            more["limits"] = self.module.Limits(max_connections=setup.pool["maxsize"])
        return getattr(self.module, self.style.client)(
            transport=self._transport(setup),
            verify=_tls(setup),
            http2=setup.http2,
            trust_env=False,
            headers=setup.headers,
            cookies=setup.cookies,
            auth=None if setup.auth is None else self._auth(setup.auth),
            timeout=self._timeout(setup.timeout),
            **more,
        )

    def _timeout(self, timeout: Any) -> Any:
        return timeout if timeout is None or isinstance(timeout, float) else self.module.Timeout(5.0, **timeout)

    def _transport(self, setup: Setup) -> Any:
        retries = setup.retries or 0
        if isinstance(self.world, MockWorld) and self.world.explicit:
            door = import_module(f"mockstatus.adapters.{self.adapters}")
            return getattr(door, self.style.explicit)(self.world.router, retries=retries)
        return getattr(self.module, self.style.transport)(verify=_tls(setup), retries=retries) if retries else None

    def _auth(self, auth: tuple[str, str, str]) -> Any:
        kind, user, password = auth
        return self.module.DigestAuth(user, password) if kind == "digest" else (user, password)

    async def _call(self, client: Any, call: Call, found: Seen) -> None:
        options: dict[str, Any] = {} if call.follow is None else {"follow_redirects": call.follow}
        if call.auth is not None:
            options["auth"] = self._auth(call.auth)
        try:
            request = self._request_for(client, call)
            if call.trace:
                request.extensions["trace"] = self.style.tracer(found.setdefault("trace", []))
            response = await self.style.call(client, "send", request, stream=call.read != "whole", **options)
        except Exception as error:
            found |= failure(error)
            return
        self._head(response, found)
        if call.read != "whole":
            await self._read(response, call.read, found)
        if call.read != "held":
            self._rest(response, found)

    def _request_for(self, client: Any, call: Call) -> Any:
        timeout = {} if call.timeout is None else {"timeout": self._timeout(call.timeout)}
        url = self.world.url(self.case, call)
        return client.build_request(call.method, url, headers=call.headers, **timeout, **self._body(call.body))

    def _body(self, body: Body | None) -> dict[str, Any]:
        if body is None:
            return {}
        if body.kind == "multipart":
            data, files = body.value
            return {"data": data, "files": files}
        given = {"pieces": self.style.pieces, "file": self.style.file, "broken": self.style.broken}.get(body.kind)
        name = {"form": "data", "json": "json"}.get(body.kind, "content")
        return {name: body.value if given is None else given(body)}

    # --- what is seen -------------------------------------------------------------------------------------------------

    def _head(self, response: Any, found: Seen) -> None:
        extensions = response.extensions
        found |= {
            "class": class_name(response),
            "status": response.status_code,
            "reason": response.reason_phrase,
            "version": response.http_version,
            "raw headers": list(response.headers.raw),
            "headers": response.headers.multi_items(),
            "encoding": response.encoding,
            "charset": response.charset_encoding,
            "cookies": jar(response.cookies.jar),
            "url": str(response.url),
            "links": response.links,
            "history": [self._past(one) for one in response.history],
            "next request": None if response.next_request is None else self._request(response.next_request),
            "raise_for_status": attempt(lambda: response.raise_for_status() is response),
            "request": self._request(response.request),
            "extensions": sorted(extensions),
            "extension http_version": extensions.get("http_version"),
            "extension reason_phrase": extensions.get("reason_phrase"),
            "network_stream": isinstance(extensions.get("network_stream"), getattr(self.core, self.style.stream)),
            "state before": self._state(response),
        }

    def _past(self, response: Any) -> tuple[Any, ...]:
        return response.status_code, str(response.url), response.content, self._state(response)

    @staticmethod
    def _request(request: Any) -> tuple[Any, ...]:
        return request.method, str(request.url), text_pairs(request.headers.raw), sorted(request.extensions)

    @staticmethod
    def _pickled(response: Any) -> tuple[Any, ...]:
        again = pickle.loads(pickle.dumps(response))
        return again.status_code, again.headers.raw, again.content, again.num_bytes_downloaded

    @staticmethod
    def _state(response: Any) -> tuple[Any, ...]:
        return response.is_closed, response.is_stream_consumed, response.num_bytes_downloaded

    async def _read(self, response: Any, read: str, found: Seen) -> None:
        if read == "held":
            return
        try:
            if read != "unread":
                await self._each(response, read, found, "delivered")
            if read == "twice":
                await self._each(response, read, found, "delivered again")
        except Exception as error:
            found |= failure(error)
        found["state after reading"] = self._state(response)
        await self.style.call(response, "close")

    async def _each(self, response: Any, read: str, found: Seen, field: str) -> None:
        found[field] = delivered = []
        kind, _, size = read.partition(":")
        kind = {"pieces": "bytes", "joined": "bytes", "first": "bytes", "twice": "bytes"}.get(kind, kind)
        async with aclosing(self.style.each(response, kind, *([int(size)] if size else []))) as pieces:
            async for piece in pieces:
                delivered.append(piece)
                if read.startswith("first"):
                    break
        if read == "joined":
            found[field] = b"".join(delivered)

    def _rest(self, response: Any, found: Seen) -> None:
        found |= {
            "content": attempt(lambda: response.content),
            "content again": attempt(lambda: response.content),
            "text": attempt(lambda: response.text),
            "json": attempt(response.json),
            "elapsed": attempt(lambda: is_duration(response.elapsed)),
            "repr": repr(response),
            "pickled": attempt(lambda: self._pickled(response)),
            "state after": self._state(response),
        }
