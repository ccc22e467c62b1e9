"""``/jobs`` of ``mock.local``: jobs that are begun, asked about, fetched and cancelled. Knows how they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mockstatus.answers import Answer, ReplyAnswer
from mockstatus.hosts.asking import BadParameter, Controls, read_number, read_retry_after, style_for
from mockstatus.hosts.documented import extra_headers, restyled
from mockstatus.matchers import UNSET
from mockstatus.replies import reply
from mockstatus.scenarios.jobs import JobBook, Settings, Status, Told

if TYPE_CHECKING:
    from mockstatus.documents import Style
    from mockstatus.hosts.memory import Memory
    from mockstatus.messages import Request

# By what it is called: the status that it fails with, and how it ends if it does not fail.
_OUTCOMES: Final[Mapping[str, tuple[int | None, Status]]] = {
    "done": (None, "done"),
    "failed": (500, "done"),
    "expired": (None, "expired"),
}


def answer_jobs(request: Request, rest: list[str], controls: Controls, memory: Memory) -> tuple[Answer, str] | None:
    """What is said to a request at ``/jobs`` and below; None where there is no such place. Raises BadParameter."""
    method = request.method
    if not rest or rest == [""]:
        told = _new_job(request, memory) if method == "POST" else Told(reply(405, headers={"Allow": "POST"}), None)
    elif len(rest) > 2 or (len(rest) == 2 and rest[1] != "result"):
        return None
    else:
        told = _old_job(request, rest, memory)
    note = "" if told.state is None else f"job {told.state.id}: {told.state.status}"
    extra = extra_headers(controls._replace(retry_after=None)) if method == "POST" else extra_headers(controls)
    shaped = restyled(told.reply, _style(controls, told.reply.status, request), request)
    return ReplyAnswer(shaped.altered(delay=controls.delay, headers=extra)), note


def _style(controls: Controls, status: int, request: Request) -> Style | None:
    """The style asked for; what a client would rather have makes a difference to errors only, not to news of a job."""
    return controls.style or (style_for(request.headers.get("Accept", "")) if status >= 400 else None)


def _new_job(request: Request, memory: Memory) -> Told:
    query = request.query
    polls = read_number("polls", query.get("polls", "3"))
    outcome = query.get("outcome", "done")
    if outcome not in _OUTCOMES:
        raise BadParameter("outcome", f"{outcome!r} is none of {', '.join(_OUTCOMES)}")
    wait = query.get("retry_after", request.headers.get("X-Mock-Retry-After"))
    redirect = query.get("redirect", "0").lower()
    if redirect not in ("0", "1", "false", "true"):
        raise BadParameter("redirect", f"{redirect!r} is neither 1 nor 0")
    fails_with, end = _OUTCOMES[outcome]
    settings = Settings(
        polls=polls,
        duration=None,
        result=UNSET,
        retry_after=None if wait is None else read_retry_after(wait),
        body=None,
        redirect=redirect in ("1", "true"),
        fails_with=fails_with,
        expires=None,
        ids=iter(()),
        end=end,
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
        return book.cancel(request, rest[0], elapsed)
    return book.poll(request, rest[0], elapsed)
