"""The virtual hosts: mock.local and two public services' examples. Knows their endpoints; must not know routers."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from mockstatus.answers import Answer, FaultAnswer, ReplyAnswer
from mockstatus.documents import LOCATIONS, STYLES, Style, problem
from mockstatus.faults import FAULTS
from mockstatus.fields import Fields
from mockstatus.matchers import UNSET
from mockstatus.messages import Noted
from mockstatus.replies import reply
from mockstatus.scenarios.jobs import JobBook, Settings, Told
from mockstatus.statuses import catalog

if TYPE_CHECKING:
    from mockstatus.clock import Clock
    from mockstatus.messages import Outcome, Request

_DURATION = re.compile(r"(\d{1,9}(?:\.\d*)?|\.\d+)(ms|s)?")
_CHOICE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?(?::([^:]*))?")
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
CONTROLS: Final = ("delay", "retry_after", "location", "style", "fault")


class Memory:
    """What the virtual hosts of one router remember from one request to the next."""

    __slots__ = ("_lock", "_sequences", "clock", "jobs")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.jobs: dict[str, JobBook] = {}
        self._lock = threading.Lock()
        self._sequences: dict[tuple[str, str], random.Random] = {}

    def add_job(self, make: Callable[[str], JobBook]) -> JobBook:
        """One more job, with an id of its own."""
        with self._lock:
            identity = f"job-{len(self.jobs) + 1}"
            book = self.jobs[identity] = make(identity)
        return book

    def draw(self, name: str, seed: str, weights: dict[int, float]) -> int:
        """The next code of the sequence that belongs to a name and a seed."""
        with self._lock:
            sequence = self._sequences.get((name, seed))
            if sequence is None:
                sequence = self._sequences[name, seed] = random.Random(seed)  # noqa: S311 - chance, not secrecy
            return sequence.choices(list(weights), list(weights.values()))[0]

    def snapshot(self) -> Any:
        """How everything stands, to be given to ``restore``."""
        with self._lock:
            sequences = {key: sequence.getstate() for key, sequence in self._sequences.items()}
            return sequences, {identity: (book, book.snapshot()) for identity, book in self.jobs.items()}

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot."""
        sequences, jobs = snapshot
        with self._lock:
            self._sequences = {}
            for key, state in sequences.items():
                self._sequences[key] = random.Random()  # noqa: S311 - chance, not secrecy
                self._sequences[key].setstate(state)
            self.jobs = {identity: book for identity, (book, _) in jobs.items()}
        for book, state in jobs.values():
            book.restore(state)


class Answered(NamedTuple):
    """What a virtual host says to a request, and how a choice fell."""

    outcome: Outcome
    note: str = ""


def _answered(answer: Answer, request: Request, timestamp: float, note: str = "") -> Answered:
    outcome = answer.give(request, timestamp)
    assert not isinstance(outcome, Noted), "the note is given beside it"
    return Answered(outcome, note)


class BadParameter(Exception):
    """Something in a request to a virtual host that cannot be read."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


class Controls(NamedTuple):
    """What a request asks of the response beside its path."""

    delay: float = 0.0
    retry_after: str | None = None
    location: str | None = None
    style: Style | None = None
    fault: str | None = None


_NO_CONTROLS = Controls()


# --- mock.local -------------------------------------------------------------------------------------------------------


def answer_mock_local(request: Request, memory: Memory, timestamp: float) -> Answered:
    """``mock.local``: every endpoint, with the controls of the request; what cannot be read is a 400."""
    try:
        controls = _controls(request)
        answer: Answer
        if controls.fault is not None:
            answer, note = FaultAnswer(controls.fault, delay=controls.delay), ""
        else:
            answer, note = _endpoint(request, controls, memory)
    except BadParameter as error:
        answer, note = _bad_request(error), ""
    return _answered(answer, request, timestamp, note)


def _endpoint(request: Request, controls: Controls, memory: Memory) -> tuple[Answer, str]:
    name, *rest = [unquote(part) for part in request.canonical_path.split("/")[1:]]
    if _is_digits(name) or (name and not rest and name not in _BY_NAME):
        return _documented(read_code("code", name), controls, request), ""
    endpoint = _BY_NAME.get(name)
    found = None if endpoint is None else endpoint(request, rest, controls, memory)
    return found or (_not_found(), "")


def _documented(code: int, controls: Controls, request: Request, *, delay: float = 0.0) -> Answer:
    """The documented response of a code as the request wants it; a plain one is made once for all."""
    style = controls.style or style_for(request.headers.get("Accept", ""))
    if controls == _NO_CONTROLS and not delay:
        return _plain_document(code, style)
    return _document(code, style, controls, delay)


@lru_cache(maxsize=1024)
def _plain_document(code: int, style: Style) -> Answer:
    return _document(code, style, _NO_CONTROLS, 0.0)


def _document(code: int, style: Style, controls: Controls, delay: float) -> Answer:
    headers = {"Location": LOCATIONS[code]} if code in LOCATIONS else {}
    if controls.location is not None:
        headers["Location"] = controls.location
    if controls.retry_after is not None:
        headers["Retry-After"] = controls.retry_after
    interim = [code] if code < 200 else []
    made = reply(
        200 if interim else code, style=style, headers=headers, interim=interim, delay=delay, lenient=code > 599
    )
    return ReplyAnswer(made.altered(delay=controls.delay))


def _status(request: Request, rest: list[str], controls: Controls, memory: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    weights = read_choices(rest[0])
    if len(weights) == 1:
        return _documented(next(iter(weights)), controls, request), ""
    seed = request.query.get("seed", "0")
    code = memory.draw(rest[0], seed, weights)
    return _documented(code, controls, request), f"/status/{rest[0]}, seed={seed}: {code}"


def _delay(request: Request, rest: list[str], controls: Controls, _: Memory) -> tuple[Answer, str] | None:
    if len(rest) not in (1, 2) or not rest[0]:
        return None
    code = read_code("code", rest[1]) if len(rest) == 2 else 200
    return _documented(code, controls, request, delay=read_duration("duration", rest[0])), ""


def _fault(_: Request, rest: list[str], controls: Controls, __: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    return FaultAnswer(_read_fault("name", rest[0]), delay=controls.delay), ""


def _redirect(request: Request, rest: list[str], controls: Controls, _: Memory) -> tuple[Answer, str] | None:
    if len(rest) != 1 or not rest[0]:
        return None
    left = _read_number("n", rest[0])
    given = request.query.get("code", "302")
    code = read_code("code", given)
    if code not in _REDIRECTS:
        raise BadParameter("code", f"{code} redirects nobody: the codes that do are {', '.join(map(str, _REDIRECTS))}")
    if left == 0:
        return _documented(200, controls, request), ""
    onward = f"/redirect/{left - 1}" + (f"?code={code}" if "code" in request.query else "")
    target = controls.location or (onward if left > 1 else LOCATIONS[302])
    return _documented(code, controls._replace(location=target), request), ""


def _anything(request: Request, _: list[str], controls: Controls, __: Memory) -> tuple[Answer, str]:
    made = reply(200, json=describe(request), headers=_extra_headers(controls), delay=controls.delay)
    return ReplyAnswer(made), ""


def _index(_: Request, rest: list[str], controls: Controls, __: Memory) -> tuple[Answer, str] | None:
    if rest:
        return None
    return ReplyAnswer(reply(200, json=_INDEX, headers=_extra_headers(controls), delay=controls.delay)), ""


# --- jobs -------------------------------------------------------------------------------------------------------------

_OUTCOMES = {"done": None, "failed": 500, "expired": 410}


def _jobs(request: Request, rest: list[str], controls: Controls, memory: Memory) -> tuple[Answer, str] | None:
    method = request.method
    if not rest or rest == [""]:
        told = _new_job(request, memory) if method == "POST" else Told(reply(405, headers={"Allow": "POST"}), None)
    elif len(rest) > 2 or (len(rest) == 2 and rest[1] != "result"):
        return None
    else:
        told = _old_job(request, rest, memory)
    note = "" if told.state is None else f"job {told.state.id}: {told.state.status}"
    extra = _extra_headers(controls._replace(retry_after=None)) if method == "POST" else _extra_headers(controls)
    return ReplyAnswer(told.reply.altered(delay=controls.delay, headers=extra)), note


def _new_job(request: Request, memory: Memory) -> Told:
    query = request.query
    polls = _read_number("polls", query.get("polls", "3"))
    outcome = query.get("outcome", "done")
    if outcome not in _OUTCOMES:
        raise BadParameter("outcome", f"{outcome!r} is none of {', '.join(_OUTCOMES)}")
    wait = query.get("retry_after", request.headers.get("X-Mock-Retry-After"))
    redirect = query.get("redirect", "0").lower()
    if redirect not in ("0", "1", "false", "true"):
        raise BadParameter("redirect", f"{redirect!r} is neither 1 nor 0")
    settings = Settings(
        polls=polls,
        duration=None,
        result=UNSET,
        retry_after=None if wait is None else _read_retry_after(wait),
        body=None,
        redirect=redirect in ("1", "true"),
        fails_with=_OUTCOMES[outcome],
        expires=None,
        ids=iter(()),
    )
    book = memory.add_job(
        lambda identity: JobBook(
            settings._replace(ids=iter((identity,))),
            lambda _, one: f"/jobs/{one}",
            lambda _, one: f"/jobs/{one}/result",
        )
    )
    made, state, _ = book.create(request, memory.clock.elapsed)
    return Told(made, state)


def _old_job(request: Request, rest: list[str], memory: Memory) -> Told:
    book, elapsed = memory.jobs.get(rest[0]), memory.clock.elapsed
    allowed = ("GET", "HEAD") if len(rest) == 2 else ("GET", "HEAD", "DELETE")
    if request.method not in allowed:
        return Told(reply(405, headers={"Allow": ", ".join(allowed)}), None)
    if book is None:
        return Told(reply(404), None)
    if len(rest) == 2:
        return book.result(request, rest[0], elapsed)
    if request.method == "DELETE":
        return book.cancel(rest[0], elapsed)
    return book.poll(request, rest[0], elapsed)


def _read_number(parameter: str, text: str) -> int:
    if not _is_digits(text) or len(text) > 9:
        raise BadParameter(parameter, f"{text[:20]!r} is not a whole number from 0 up")
    return int(text)


def _extra_headers(controls: Controls) -> dict[str, str]:
    wanted = {"Retry-After": controls.retry_after, "Location": controls.location}
    return {name: value for name, value in wanted.items() if value is not None}


_BY_NAME: dict[str, Callable[[Request, list[str], Controls, Memory], tuple[Answer, str] | None]] = {
    "": _index,
    "status": _status,
    "delay": _delay,
    "fault": _fault,
    "redirect": _redirect,
    "anything": _anything,
    "jobs": _jobs,
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


def describe(request: Request) -> dict[str, object]:
    """A request as JSON: what stands in it, and its body in every way it can be read."""
    described: dict[str, object] = {
        "method": "GET" if request.method == "HEAD" else request.method,  # a HEAD says what GET would have sent
        "url": request.url,
        "scheme": request.scheme,
        "host": request.host,
        "port": request.port,
        "path": request.path,
        "query": _flat(request.query),
        "headers": _flat(request.headers),
        "cookies": _flat(request.cookies),
        "text": request.text,
        "json": None,
        "form": {},
        "files": {},
    }
    for name, read in _READERS.items():
        try:
            value = read(request)
            json.dumps(value, allow_nan=False)
        except (ValueError, RecursionError):
            continue
        described[name] = value
    return described


def _flat(fields: Fields) -> dict[str, str | list[str]]:
    lists = {name: fields.get_list(name) for name in fields}
    return {name: values[0] if len(values) == 1 else values for name, values in lists.items()}


_READERS: dict[str, Callable[[Request], object]] = {
    "json": lambda request: request.json(),
    "form": lambda request: _flat(Fields(request.form())),
    "files": lambda request: _flat(
        Fields([(part.name, part.content.decode("utf-8", "replace")) for part in request.files()])
    ),
}


# --- the two public services ------------------------------------------------------------------------------------------


def answer_mocker_api(request: Request, _: Memory, timestamp: float) -> Answered | None:
    """``free.mockerapi.com``: a code or a delay, with a body that wraps the status; None for what it does not document."""
    parts = request.canonical_path.split("/")[1:]
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
    if _is_digits(milliseconds) and len(milliseconds) < 10:
        delay += int(milliseconds) / 1000
    return _answered(
        _document(code, "envelope", _LOCATION_THERE if code == 201 else _NO_CONTROLS, delay), request, timestamp
    )


_LOCATION_THERE = Controls(location="/200")  # a place that this host has


def answer_httpbin(request: Request, memory: Memory, timestamp: float) -> Answered | None:
    """``httpbin.org``: a choice of statuses, delays and redirects, without bodies; None for everything else."""
    parts = [unquote(part) for part in request.canonical_path.split("/")[1:]]
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
        elif name == "redirect" and _read_number("n", value) > 0:
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

VirtualHost = Callable[["Request", Memory, float], Answered | None]
HOSTS: Final[dict[str, VirtualHost]] = {
    "mock.local": answer_mock_local,
    "free.mockerapi.com": answer_mocker_api,
    "httpbin.org": answer_httpbin,
}


# --- reading ----------------------------------------------------------------------------------------------------------


def read_code(parameter: str, text: str) -> int:
    """A status code: from 100 to 599, or one of the catalogue. Raises BadParameter."""
    if not _is_digits(text):
        raise BadParameter(parameter, f"{text!r} is not a status code, which is a number from 100 to 599")
    code = int(text[:9])
    if len(text) > 4 or not (100 <= code <= 599 or code in catalog):
        raise BadParameter(parameter, f"{text[:20]} is not a status code, which is a number from 100 to 599")
    return code


def read_duration(parameter: str, text: str) -> float:
    """Seconds, from ``2``, ``1.5s`` or ``300ms``. Raises BadParameter."""
    found = _DURATION.fullmatch(text)
    if found is None or not text.isascii():
        raise BadParameter(parameter, f"{text!r} is not a duration such as 2, 1.5s or 300ms")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def read_choices(text: str) -> dict[int, float]:
    """Codes with their weights, from ``200,500-504`` or ``200:0.9,503:0.1``. Raises BadParameter."""
    weights: dict[int, float] = {}
    for piece in text.split(","):
        found = _CHOICE.fullmatch(piece.strip())
        if found is None:
            raise BadParameter("codes", f"{piece!r} is not a code, a range as 500-504, or a weighted one as 503:0.1")
        first, last = read_code("codes", found[1]), read_code("codes", found[2] or found[1])
        if last < first:
            raise BadParameter("codes", f"the range {piece!r} runs backwards")
        weight = 1.0 if found[3] is None else _read_weight(found[3])
        for code in range(first, last + 1):
            read_code("codes", str(code))
            weights[code] = weights.get(code, 0.0) + weight
    if not any(weights.values()):
        raise BadParameter("codes", f"{text!r} gives every code the weight 0")
    return weights


_HEAVIEST = 1_000_000


def _read_weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= _HEAVIEST:
        raise BadParameter("codes", f"{text!r} is not a weight, which is a number from 0 to {_HEAVIEST}")
    return weight


def _controls(request: Request) -> Controls:
    given: dict[str, str] = {}
    for name, value in request.headers.multi_items():
        if name[:7].lower() == "x-mock-":
            given[name[7:].lower().replace("-", "_")] = value
    if request.query_text:
        given |= {name: value for name, value in request.query.items() if name in CONTROLS}
    if not given:
        return _NO_CONTROLS
    style = given.get("style")
    if style is not None and style not in STYLES:
        raise BadParameter("style", f"{style!r} does not exist: the styles are {', '.join(STYLES)}")
    return Controls(
        delay=read_duration("delay", given["delay"]) if "delay" in given else 0.0,
        retry_after=_read_retry_after(given["retry_after"]) if "retry_after" in given else None,
        location=_read_location(given["location"]) if "location" in given else None,
        style=style,
        fault=_read_fault("fault", given["fault"]) if "fault" in given else None,
    )


_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"(?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d GMT",
    re.ASCII,
)


def _read_retry_after(text: str) -> str:
    """Seconds or an HTTP-date (RFC 9110, Section 10.2.3)."""
    if (_is_digits(text) and len(text) < 20) or _HTTP_DATE.fullmatch(text):
        return text
    raise BadParameter("retry_after", f"{text!r} is not a whole number of seconds or an HTTP-date")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _read_location(text: str) -> str:
    if not text or not text.isascii() or any(ord(char) <= 32 or ord(char) == 127 for char in text):
        raise BadParameter("location", f"{text!r} is not a URI reference")
    return text


def _read_fault(parameter: str, text: str) -> str:
    if text not in FAULTS:
        raise BadParameter(parameter, f"{text!r} is no fault: they are {', '.join(FAULTS)}")
    return text


_PREFERENCE = re.compile(r"\s*([^;\s]+)\s*(?:;.*?\bq\s*=\s*([0-9.]+))?")
_NEGOTIATED: dict[str, Style] = {
    "application/problem+json": "problem",
    "text/plain": "text",
    "text/*": "text",
    "application/json": "documented",
    "application/*": "documented",
    "*/*": "documented",
}


@lru_cache(maxsize=256)
def style_for(accept: str) -> Style:
    """The style that an ``Accept`` header likes best (RFC 9110, Section 12.5.1); on a tie, the first that is named."""
    best: tuple[float, Style] = (0.0, "documented")
    for preference in accept.split(","):
        found = _PREFERENCE.match(preference)
        style = None if found is None else _NEGOTIATED.get(found[1].lower())
        if found is None or style is None:
            continue
        try:
            quality = 1.0 if found[2] is None else float(found[2])
        except ValueError:
            quality = 0.0
        if quality > best[0]:
            best = (quality, style)
    return best[1]
