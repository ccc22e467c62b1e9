"""The command line: a call answered in the process, and the catalogue to look things up in. Knows every door by name."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from mockstatus import activate, catalog
from mockstatus.errors import MockStatusError
from mockstatus.statuses import Status


class Answer(NamedTuple):
    """A response as it is printed."""

    http_version: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    content: bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status: 0, or 1 with a line on standard error that says why."""
    parser = _make_parser()
    options = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mockstatus", description="HTTP answers without a network.")
    commands = parser.add_subparsers(required=True, metavar="command")

    get = commands.add_parser("get", help="make a call, answered in the process, and print the response")
    get.add_argument("url", help="such as https://mock.local/202")
    get.add_argument("-X", "--request", metavar="METHOD", help="the method (default: GET, or POST with -d)")
    get.add_argument("-H", "--header", action="append", default=[], metavar="'NAME: VALUE'", help="a header field")
    get.add_argument("-d", "--data", metavar="TEXT", help="the body")
    get.add_argument(
        "--client", choices=sorted(_CALLERS), help="the client that makes the call (default: any there is)"
    )
    get.set_defaults(run=_get)

    status = commands.add_parser("status", help="print what is known of a status code")
    status.add_argument("text", nargs="+", help="a code, or words to search for")
    status.set_defaults(run=_status)
    return parser


# --- get --------------------------------------------------------------------------------------------------------------


def _get(options: argparse.Namespace) -> int:
    client = options.client or next((name for name in _CALLERS if find_spec(name) is not None), None)
    if client is None or find_spec(client) is None:
        return _complain(f"{client or 'any HTTP client'} is missing: pip install {client or 'httpx'}")
    headers = {}
    for line in options.header:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            return _complain(f"-H {line!r} is not 'Name: value'")
        headers[name.strip()] = value.strip()
    text: str | None = options.data
    data = None if text is None else text.encode()
    if text is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json" if _is_json(text) else "application/x-www-form-urlencoded"
    method = (options.request or ("GET" if data is None else "POST")).upper()
    try:
        with activate():
            answer = _CALLERS[client](method, options.url, headers, data)
    except MockStatusError as error:
        return _complain(str(error).partition("\n")[0])
    except Exception as error:  # noqa: BLE001 - each client has its own, and the caller is told which it was
        return _complain(f"{type(error).__module__}.{type(error).__qualname__}: {' '.join(str(error).split())}")
    lines = [f"{answer.http_version} {answer.status} {answer.reason}".rstrip()]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    head = "".join(f"{line}\n" for line in [*lines, ""])
    body = answer.content.rstrip(b"\n") + b"\n" if answer.content else b""
    return _write(head.encode("latin-1") + body)


def _write(output: bytes) -> int:
    """Print bytes as they are, to whoever still reads them."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # what reads has seen enough; Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _complain(line: str) -> int:
    print(f"mockstatus: {line}", file=sys.stderr)
    return 1


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _call_httpx(method: str, url: str, headers: dict[str, str], data: bytes | None, name: str = "httpx") -> Answer:
    client: Any = __import__(name)
    response = client.request(method, url, headers=headers, content=data)
    pairs = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in response.headers.raw]
    return Answer(response.http_version, response.status_code, response.reason_phrase, pairs, response.content)


def _call_httpx2(method: str, url: str, headers: dict[str, str], data: bytes | None) -> Answer:
    return _call_httpx(method, url, headers, data, "httpx2")


def _call_requests(method: str, url: str, headers: dict[str, str], data: bytes | None) -> Answer:
    import requests

    response = requests.request(method, url, headers=headers, data=data, timeout=60, allow_redirects=False)
    raw = response.raw
    return Answer(_version(raw.version), raw.status, raw.reason or "", list(raw.headers.items()), response.content)


def _call_urllib3(method: str, url: str, headers: dict[str, str], data: bytes | None) -> Answer:
    import urllib3

    response = urllib3.request(method, url, headers=headers, body=data, redirect=False, retries=False)
    pairs = list(response.headers.items())
    return Answer(_version(response.version), response.status, response.reason or "", pairs, response.data)


def _call_aiohttp(method: str, url: str, headers: dict[str, str], data: bytes | None) -> Answer:
    import asyncio

    import aiohttp

    async def call() -> Answer:
        options: dict[str, Any] = {"headers": headers, "data": data, "allow_redirects": False}
        async with aiohttp.ClientSession() as session, session.request(method, url, **options) as response:
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
            version = "HTTP/1.1" if response.version is None else "HTTP/{}.{}".format(*response.version)
            return Answer(version, response.status, response.reason or "", pairs, await response.read())

    return asyncio.run(call())


def _version(number: int) -> str:
    return f"HTTP/{number // 10}.{number % 10}"


_CALLERS = {
    "httpx": _call_httpx,
    "httpx2": _call_httpx2,
    "requests": _call_requests,
    "urllib3": _call_urllib3,
    "aiohttp": _call_aiohttp,
}


# --- status -----------------------------------------------------------------------------------------------------------


def _status(options: argparse.Namespace) -> int:
    text = " ".join(options.text)
    if text.isdigit():
        try:
            print(_describe(catalog[int(text)]))
        except MockStatusError as error:
            return _complain(str(error))
        return 0
    found = catalog.find(text)
    if not found:
        return _complain(f"no status code mentions {text!r}")
    for status in found:
        print(f"{status.code} {status.phrase}: {status.summary}")
    return 0


def _describe(status: Status) -> str:
    lines = [f"{status.code} {status.phrase}".strip(), status.summary, f"Defined in: {status.reference}"]
    lines += [status.note] if status.note else []
    lines += ["", "Sent when:", *(f"  - {cause}" for cause in status.causes)]
    lines += ["", f"Advice: {status.client_should}"]
    lines += ["", "Tests:", *(f"  - {use}" for use in status.use_cases)]
    if status.headers:
        lines += ["", "Header fields:"]
        for fact in status.headers:
            example = f": {fact.example}" if fact.example else ""
            when = f", {fact.when}" if fact.when else ""
            lines.append(f"  {fact.name}{example} ({fact.level}{when})")
    if status.related:
        lines += ["", "See also: " + ", ".join(map(str, status.related))]
    return "\n".join(lines)
