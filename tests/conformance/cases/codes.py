"""Every status code of the catalogue, asked for with GET, HEAD and POST."""

from __future__ import annotations

from collections.abc import Callable

import mockstatus
from mockstatus import Route

from ..case import Body, Call, Case, Page
from ..documented import PHRASES, message

CALLS = (Call("GET"), Call("HEAD"), Call("POST", body=Body("bytes", b"sent")))


def _respond(code: int) -> Callable[[Route], Route]:
    if code < 200:
        return lambda route: route.respond(200, interim=[code])
    if code > 599:
        return lambda route: route.respond(mockstatus.reply(code, lenient=True))
    return lambda route: route.respond(code)


def _case(code: int) -> Case:
    pages = [Page(_respond(code), [(message(code, call.method),)], f"/{call.method}", call.method) for call in CALLS]
    calls = [Call(call.method, f"/{call.method}", body=call.body) for call in CALLS]
    return Case(f"status {code}", tuple(pages), tuple(calls), counts_sleep=True)


CASES = [_case(code) for code in PHRASES]
