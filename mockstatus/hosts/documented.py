"""The documented response of a code, as a request to a virtual host wants it. Knows codes and controls; no endpoints."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mockstatus.answers import Answer, ReplyAnswer
from mockstatus.documents import LOCATIONS, Style
from mockstatus.hosts.asking import NO_CONTROLS, Controls, style_for
from mockstatus.messages import Noted
from mockstatus.replies import Reply, reply

if TYPE_CHECKING:
    from mockstatus.messages import Outcome, Request


class Answered(NamedTuple):
    """What a virtual host says to a request, and how a choice fell."""

    outcome: Outcome
    note: str = ""


def answered(answer: Answer, request: Request, timestamp: float, note: str = "") -> Answered:
    """What an answer gives to a request, with the note."""
    outcome = answer.give(request, timestamp)
    assert not isinstance(outcome, Noted), "the note is given beside it"
    return Answered(outcome, note)


def documented(code: int, controls: Controls, request: Request, *, delay: float = 0.0) -> Answer:
    """The documented response of a code as the request wants it; a plain one is made once for all."""
    style = controls.style or style_for(request.headers.get("Accept", ""))
    if controls == NO_CONTROLS and not delay:
        return _plaindocument(code, style)
    return document(code, style, controls, delay)


@lru_cache(maxsize=1024)
def _plaindocument(code: int, style: Style) -> Answer:
    return document(code, style, NO_CONTROLS, 0.0)


def document(code: int, style: Style, controls: Controls, delay: float) -> Answer:
    """The documented response of a code in a style; of a 1xx, that interim response and then a 200."""
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


def restyled(made: Reply, style: Style | None, request: Request) -> Reply:
    """A reply of another making in a style that was asked for: the status's own body, the fields that lead on kept."""
    if style is None or style == "documented":
        return made
    fields = made.render(request, 0.0).headers
    kept = {name: fields[name] for name in ("Location", "Retry-After", "Allow") if name in fields}
    return reply(made.status, style=style, headers=kept)


def extra_headers(controls: Controls) -> dict[str, str]:
    """The fields that controls ask for."""
    wanted = {"Retry-After": controls.retry_after, "Location": controls.location}
    return {name: value for name, value in wanted.items() if value is not None}
