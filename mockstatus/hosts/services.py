"""Two public services whose own examples run offline: what they document, and nothing else. Must not know mock.local."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockstatus.hosts.asking import (
    NO_CONTROLS,
    BadParameter,
    Controls,
    is_digits,
    read_choices,
    read_code,
    read_duration,
    read_number,
)
from mockstatus.hosts.documented import Answered, answered, document
from mockstatus.replies import reply

if TYPE_CHECKING:
    from mockstatus.hosts.memory import Memory
    from mockstatus.messages import Request


def answer_mocker_api(request: Request, _: Memory, timestamp: float) -> Answered | None:
    """``free.mockerapi.com``: a code or a delay, with a body that wraps the status; None for what it does not document."""
    parts = request.uri.path.split("/")[1:]
    try:
        if len(parts) == 1 or (len(parts) == 2 and parts[0] == "status"):
            code, delay = read_code("code", parts[-1]), 0.0
        elif len(parts) == 2 and parts[0] == "delay":
            code, delay = 200, read_duration("seconds", parts[1])
        else:
            return None
    except BadParameter:
        return None
    milliseconds = request.headers.get("x-delay", "")
    if is_digits(milliseconds) and len(milliseconds) < 10:
        delay += int(milliseconds) / 1000
    return answered(
        document(code, "envelope", _LOCATION_THERE if code == 201 else NO_CONTROLS, delay), request, timestamp
    )


_LOCATION_THERE = Controls(location="/200")  # a place that this host has


def answer_httpbin(request: Request, memory: Memory, timestamp: float) -> Answered | None:
    """``httpbin.org``: a choice of statuses, delays and redirects, without bodies; None for everything else."""
    parts = [unquote(part) for part in request.uri.path.split("/")[1:]]
    if len(parts) != 2 or not parts[1]:
        return None
    name, value = parts
    delay, note = 0.0, ""
    headers: dict[str, str] = {}
    try:
        if name == "status":
            weights = read_choices(value)
            code = memory.draw(f"{request.host} {value}", "0", weights)
            headers = _HTTPBIN_HEADERS.get(code, {})
            note = f"/status/{value}, seed=0: {code}" if len(weights) > 1 else ""
        elif name == "delay":
            code, delay = 200, read_duration("seconds", value)
        elif name == "redirect" and read_number("n", value) > 0:
            code = 302
            headers = {"Location": f"/redirect/{int(value) - 1}" if int(value) > 1 else "/status/200"}
        else:
            return None
    except BadParameter:
        return None
    interim = [code] if code < 200 else []
    made = reply(
        200 if interim else code, style="empty", headers=headers, interim=interim, delay=delay, lenient=code > 599
    )
    return Answered(made.render(request, timestamp), note)


_HTTPBIN_HEADERS = {
    **{code: {"Location": "/redirect/1"} for code in (301, 302, 303, 305, 307)},
    401: {"WWW-Authenticate": 'Basic realm="Fake Realm"'},
    407: {"Proxy-Authenticate": 'Basic realm="Fake Realm"'},
}
