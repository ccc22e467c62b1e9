"""Makes the calls of a case with requests, and says all that the caller could see."""

from __future__ import annotations

import io
import pickle
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

import mockstatus

from .case import Body, Call, Case, Setup
from .seen import Seen, attempt, class_name, failure, is_duration, jar, text_pairs
from .server import CERTIFICATE
from .urllib3_client import broken, history, pools, read_pieces
from .worlds import MockWorld, World

_AUTH = {"basic": HTTPBasicAuth, "digest": HTTPDigestAuth}


def observe(client: str, case: Case, world: World) -> Seen:
    """What the caller of requests sees."""
    seen: Seen = {}
    with world.around(), _session(case.setup, world) as session:
        world.begin(case, session.get)
        for number, call in enumerate(case.calls, 1):
            found: Seen = {}
            url = world.url(case, call)
            _call(session, call, case.setup, url, found)
            found["jar of the session"] = jar(session.cookies)
            found["pool"] = attempt(lambda: pools(session.get_adapter(url).poolmanager, url))
            seen |= {f"call {number}: {name}": value for name, value in found.items()}
    return seen


def _session(setup: Setup, world: World) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.update(setup.headers or {})
    session.cookies.update(setup.cookies or {})
    session.auth = None if setup.auth is None else _AUTH[setup.auth[0]](*setup.auth[1:])
    if setup.trusts:
        session.verify = str(CERTIFICATE)
    if setup.redirects is not None:
        session.max_redirects = setup.redirects
    options = {f"pool_{name}": value for name, value in setup.pool.items()}
    if setup.retries is not None:
        options["max_retries"] = setup.retries if isinstance(setup.retries, int) else Retry(**setup.retries)
    if isinstance(world, MockWorld) and world.explicit:
        adapter: HTTPAdapter = mockstatus.adapters.requests.Adapter(world.router, **options)
    else:
        adapter = HTTPAdapter(**options)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _call(session: requests.Session, call: Call, setup: Setup, url: str, found: Seen) -> None:
    options: dict[str, Any] = {} if call.follow is None else {"allow_redirects": call.follow}
    if call.auth is not None:
        options["auth"] = _AUTH[call.auth[0]](*call.auth[1:])
    if call.follow is None and call.method == "HEAD":
        options["allow_redirects"] = False  # the default of session.head, but not of session.request
    try:
        response = session.request(
            call.method,
            url,
            headers=call.headers,
            cookies=call.cookies,
            timeout=_timeout(setup.timeout if call.timeout is None else call.timeout),
            stream=call.read != "whole",
            **_body(call.body),
            **options,
        )
    except Exception as error:
        found |= failure(error)
        return
    _head(response, found)
    if call.read != "whole":
        _read(response, call.read, found)
    if call.read != "held":
        _rest(response, found)


def _timeout(timeout: Any) -> Any:
    return (timeout.get("connect", 5.0), timeout.get("read", 5.0)) if isinstance(timeout, dict) else timeout


def _body(body: Body | None) -> dict[str, Any]:
    if body is None:
        return {}
    if body.kind == "multipart":
        data, files = body.value
        return {"data": data, "files": files}
    if body.kind == "json":
        return {"json": body.value}
    return {
        "data": {"pieces": iter, "file": io.BytesIO, "broken": broken}.get(body.kind, lambda value: value)(body.value)
    }


# --- what is seen -----------------------------------------------------------------------------------------------------


def _head(response: requests.Response, found: Seen) -> None:
    found |= {
        "class": class_name(response),
        "status": response.status_code,
        "reason": response.reason,
        "headers": list(response.headers.items()),
        "encoding": response.encoding,
        "cookies": jar(response.cookies),
        "url": response.url,
        "links": response.links,
        "ok": response.ok,
        "redirect": (response.is_redirect, response.is_permanent_redirect),
        "history": [(one.status_code, one.url, one.content, one.raw.closed) for one in response.history],
        "next": None if response.next is None else _request(response.next),
        "raise_for_status": attempt(response.raise_for_status),
        "request": _request(response.request),
        "elapsed": is_duration(response.elapsed),
        **_raw(response.raw, "before reading"),
    }


def _request(request: requests.PreparedRequest) -> tuple[Any, ...]:
    return request.method, request.url, text_pairs(request.headers.items())


def _raw(raw: Any, when: str) -> Seen:
    original = raw._original_response  # noqa: SLF001 - what requests' own cookie jar reads
    return {
        f"raw {when}": {
            "class": class_name(raw),
            "status": raw.status,
            "reason": raw.reason,
            "version": (raw.version, raw.version_string),
            "headers": list(raw.headers.items()),
            "history": history(raw.retries),
            "closed": (raw.closed, attempt(raw.isclosed)),
            "told": attempt(raw.tell),
            "left": raw.length_remaining,
            "chunked": raw.chunked,
            "original": None if original is None else (original.isclosed(), original.msg.items()),
        }
    }


def _pickled(response: requests.Response) -> tuple[Any, ...]:
    again = pickle.loads(pickle.dumps(response))
    return again.status_code, list(again.headers.items()), again.content, jar(again.cookies), again.url


def _read(response: requests.Response, read: str, found: Seen) -> None:
    if read == "held":
        return
    try:
        if read != "unread":
            _each(response, read, found, "delivered")
        if read == "twice":
            _each(response, read, found, "delivered again")
    except Exception as error:
        found |= failure(error)
    found |= _raw(response.raw, "after reading")
    response.close()


def _each(response: requests.Response, read: str, found: Seen, field: str) -> None:
    kind, _, given = read.partition(":")
    size = int(given) if given else None
    found[field] = delivered = []
    if kind == "raw":
        read_pieces(lambda: response.raw.read(size), delivered)
    elif kind == "lines":
        delivered += response.iter_lines()
    else:
        for piece in response.iter_content(size or (1 if kind == "text" else None), decode_unicode=kind == "text"):
            delivered.append(piece)
            if kind == "first":
                break
    if read == "joined":
        found[field] = b"".join(delivered)


def _rest(response: requests.Response, found: Seen) -> None:
    found |= {
        "content": attempt(lambda: response.content),
        "content again": attempt(lambda: response.content),
        "text": attempt(lambda: response.text),
        "json": attempt(response.json),
        "apparent encoding": attempt(lambda: response.apparent_encoding),
        "repr": repr(response),
        "pickled": attempt(lambda: _pickled(response)),
        **_raw(response.raw, "at the end"),
    }
