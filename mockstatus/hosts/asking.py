"""What a request to a virtual host asks for: codes, durations, choices, controls. Knows how they are written only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mockstatus.documents import STYLES, Style
from mockstatus.faults import FAULTS
from mockstatus.statuses import catalog

if TYPE_CHECKING:
    from mockstatus.messages import Request

CONTROLS: Final = ("delay", "retry_after", "location", "style", "fault")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d*)?|\.\d+)(ms|s)?")
_CHOICE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?(?::([^:]*))?")


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


NO_CONTROLS = Controls()


def read_code(parameter: str, text: str) -> int:
    """A status code: from 100 to 599, or one of the catalogue. Raises BadParameter."""
    if not is_digits(text):
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


def read_controls(request: Request) -> Controls:
    """What the query and the ``X-Mock-*`` headers ask for; the query wins. Raises BadParameter."""
    given: dict[str, str] = {}
    for name, value in request.headers.multi_items():
        if name[:7].lower() == "x-mock-":
            given[name[7:].lower().replace("-", "_")] = value
    if request.uri.query:
        given |= {name: value for name, value in request.query.items() if name in CONTROLS}
    if not given:
        return NO_CONTROLS
    style = given.get("style")
    if style is not None and style not in STYLES:
        raise BadParameter("style", f"{style!r} does not exist: the styles are {', '.join(STYLES)}")
    return Controls(
        delay=read_duration("delay", given["delay"]) if "delay" in given else 0.0,
        retry_after=read_retry_after(given["retry_after"]) if "retry_after" in given else None,
        location=read_location(given["location"]) if "location" in given else None,
        style=style,
        fault=read_fault("fault", given["fault"]) if "fault" in given else None,
    )


_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"(?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d GMT",
    re.ASCII,
)


def read_retry_after(text: str) -> str:
    """Seconds or an HTTP-date (RFC 9110, Section 10.2.3), as it was given. Raises BadParameter."""
    if (is_digits(text) and len(text) < 20) or _HTTP_DATE.fullmatch(text):
        return text
    raise BadParameter("retry_after", f"{text!r} is not a whole number of seconds or an HTTP-date")


def is_digits(text: str) -> bool:
    """Whether a text is ASCII digits, at least one."""
    return text.isascii() and text.isdigit()


def read_location(text: str) -> str:
    """A URI reference, as far as a header can carry one. Raises BadParameter."""
    if not text or not text.isascii() or any(ord(char) <= 32 or ord(char) == 127 for char in text):
        raise BadParameter("location", f"{text!r} is not a URI reference")
    return text


def read_fault(parameter: str, text: str) -> str:
    """The name of a fault. Raises BadParameter."""
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


def read_number(parameter: str, text: str) -> int:
    """A whole number from 0 up. Raises BadParameter."""
    if not is_digits(text) or len(text) > 9:
        raise BadParameter(parameter, f"{text[:20]!r} is not a whole number from 0 up")
    return int(text)
