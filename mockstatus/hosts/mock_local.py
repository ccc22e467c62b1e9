"""``mock.local``: the documented response of every status code, and what else it can be asked for. Knows no routers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from mockstatus.answers import Answer, FaultAnswer, ReplyAnswer
from mockstatus.documents import LOCATIONS, STYLES, problem
from mockstatus.faults import FAULTS
from mockstatus.hosts.asking import (
    CONTROLS,
    BadParameter,
    Controls,
    is_digits,
    read_choices,
    read_code,
    read_controls,
    read_duration,
    read_fault,
    read_number,
)
from mockstatus.hosts.documented import Answered, answered, documented, extra_headers, restyled
from mockstatus.hosts.echo import describe
from mockstatus.hosts.jobs import answer_jobs
from mockstatus.replies import Reply, reply
from mockstatus.statuses import catalog

if TYPE_CHECKING:
    from mockstatus.hosts.memory import Memory
    from mockstatus.messages import Request

_REDIRECTS = (301, 302, 303, 307, 308)

ENDPOINTS: Final = {
    "/{code}": "the documented response of a status code, at any path below it too",
    "/status/{codes}": "one of several: 200,500-504 or weighted 200:0.9,503:0.1; ?seed= begins a sequence of its own",
    "/delay/{duration}": "200 after a delay: 2, 1.5s or 300ms",
    "/delay/{duration}/{code}": "that status after a delay",
    "/fault/{name}": f"a fault: {', '.join(FAULTS)}",
    "/redirect/{n}": "n redirects, then 200; ?code= is the status of the redirects",
    "/jobs": "POST begins a job: ?polls=3&outcome=done|failed|expired&retry_after=2&redirect=1",
    "/jobs/{id}": "how a job stands; DELETE cancels it",
    "/jobs/{id}/result": "what a job that is done came to",
    "/anything": "200, echoing the request",
}


def answer_mock_local(request: Request, memory: Memory, timestamp: float) -> Answered:
    """``mock.local``: every endpoint, with the controls of the request; what cannot be read is a 400."""
    try:
        controls = read_controls(request)
        answer: Answer
        if controls.fault is not None:
            answer, note = FaultAnswer(controls.fault, delay=controls.delay), ""
        else:
            answer, note = _endpoint(request, controls, memory)
    except BadParameter as error:
        answer, note = _bad_request(error), ""
    return answered(answer, request, timestamp, note)


def _endpoint(request: Request, controls: Controls, memory: Memory) -> tuple[Answer, str]:
    name, *rest = [unquote(part) for part in request.uri.path.split("/")[1:]]
    if is_digits(name) or (name and not rest and name not in _BY_NAME):
        return documented(read_code("code", name), controls, request), ""
    endpoint = _BY_NAME.get(name)
    found = None if endpoint is None else endpoint(request, rest, controls, memory)
    return found or (_not_found(), "")


def _status(request: Request, rest: list[str], controls: Controls, memory: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    weights = read_choices(rest[0])
    if len(weights) == 1:
        return documented(next(iter(weights)), controls, request), ""
    seed = request.query.get("seed", "0")
    code = memory.draw(rest[0], seed, weights)
    return documented(code, controls, request), f"/status/{rest[0]}, seed={seed}: {code}"


def _delay(request: Request, rest: list[str], controls: Controls, _: Memory) -> tuple[Answer, str] | None:
    if len(rest) not in (1, 2) or not rest[0]:
        return None
    code = read_code("code", rest[1]) if len(rest) == 2 else 200
    return documented(code, controls, request, delay=read_duration("duration", rest[0])), ""


def _fault(_: Request, rest: list[str], controls: Controls, __: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    return FaultAnswer(read_fault("name", rest[0]), delay=controls.delay), ""


def _redirect(request: Request, rest: list[str], controls: Controls, _: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    left = read_number("n", rest[0])
    given = request.query.get("code", "302")
    code = read_code("code", given)
    if code not in _REDIRECTS:
        raise BadParameter("code", f"{code} redirects nobody: the codes that do are {', '.join(map(str, _REDIRECTS))}")
    if left == 0:
        return documented(200, controls, request), ""
    onward = f"/redirect/{left - 1}" + (f"?code={code}" if "code" in request.query else "")
    target = controls.location or (onward if left > 1 else LOCATIONS[302])
    return documented(code, controls._replace(location=target), request), ""


def _anything(request: Request, _: list[str], controls: Controls, __: Memory) -> tuple[Answer, str]:
    return _finished(reply(200, json=describe(request)), controls, request)


def _index(request: Request, rest: list[str], controls: Controls, __: Memory) -> tuple[Answer, str] | None:
    if rest:
        return None
    return _finished(reply(200, json=_INDEX), controls, request)


def _finished(made: Reply, controls: Controls, request: Request) -> tuple[Answer, str]:
    """A reply that is of no documented response, with what the controls ask of it."""
    shaped = restyled(made, controls.style, request)
    return ReplyAnswer(shaped.altered(delay=controls.delay, headers=extra_headers(controls))), ""


_BY_NAME: dict[str, Callable[[Request, list[str], Controls, Memory], tuple[Answer, str] | None]] = {
    "": _index,
    "status": _status,
    "delay": _delay,
    "fault": _fault,
    "redirect": _redirect,
    "anything": _anything,
    "jobs": answer_jobs,
}
_INDEX = {
    "endpoints": ENDPOINTS,
    "controls": {
        "query": list(CONTROLS),
        "headers": [f"X-Mock-{name.replace('_', '-').title()}" for name in CONTROLS],
    },
    "styles": list(STYLES),
}


def _not_found() -> Answer:
    body = problem(catalog[404], "There is no such endpoint.") | {"endpoints": ENDPOINTS}
    return ReplyAnswer(reply(404, json=body, headers={"Content-Type": "application/problem+json"}))


def _bad_request(error: BadParameter) -> Answer:
    body = problem(catalog[400], f"{error.parameter}: {error}") | {"parameter": error.parameter}
    return ReplyAnswer(reply(400, json=body, headers={"Content-Type": "application/problem+json"}))
