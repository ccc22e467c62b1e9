"""The text that a regular expression cannot match without, so that patterns can be found by it. Knows patterns and URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.urls import TargetURI

# --- what is required -------------------------------------------------------------------------------------------------


def required_literals(pattern: re.Pattern[str]) -> list[str]:
    """Runs of characters that stand in every text the pattern is found in; none where that cannot be said."""
    if not pattern.flags & _RARE:
        found = _scanned(pattern.pattern)
        if found is not None:
            return found
    return [] if pattern.flags & re.IGNORECASE else _parsed(pattern)


# A quick reading of what most expressions are made of. Possessive wherever it can be, so that it takes linear time.
_RARE: Final = (re.IGNORECASE | re.VERBOSE).value
_SYNTAX: Final = frozenset("\\*+?{}[]()|")
_LITERAL = r"[^\\.^$*+?{}\[\]()|]"
_ESCAPED = r"\\[^a-zA-Z0-9\\]"
_REPEATED = r"(?:[*+?]|\{[0-9]*,?[0-9]*\})[+?]?"
_CLASS = r"\[\^?+\]?+(?:[^\]\\]|\\.)*+\]"
_ANY_OF = rf"(?:\\[dDsSwW]|\.|{_CLASS})(?:{_REPEATED})?"
_INSIDE = rf"(?:[^()\[\]\\|]|\\.|{_CLASS})*+"
_GROUP = (  # without groups in it, and nothing in it that is required
    r"\((?:\?:|\?P<\w+>|(?!\?))"
    rf"(?:{_ANY_OF}\)|{_INSIDE}(?:\|{_INSIDE})++\)|{_INSIDE}\)(?=[*?]))(?:{_REPEATED})?"
)
_RUN = rf"(?:{_LITERAL}+(?![*+?{{])|{_ESCAPED}(?![*+?{{]))+"
_PIECE = re.compile(rf"{_ANY_OF}|{_GROUP}|\\[AZbB]|[\^$]|(?:{_LITERAL}|{_ESCAPED}){_REPEATED}|({_RUN}|.)", re.DOTALL)


def _scanned(text: str) -> list[str] | None:
    """The runs of an expression of the usual kind, those inside groups left out; None for any other expression."""
    found = _PIECE.findall(text)
    return [run.replace("\\", "") for run in found if run] if _SYNTAX.isdisjoint(found) else None


def _parsed(pattern: re.Pattern[str]) -> list[str]:
    """The runs that Python's own parser of expressions tells of."""
    try:
        from re import _parser  # type: ignore[attr-defined]
    except ImportError:
        return []
    runs: list[str] = []
    _collect(_parser.parse(pattern.pattern, pattern.flags), runs)
    return [run for run in runs if run]


def _collect(parsed: Any, runs: list[str]) -> None:
    """Add the runs of a sequence; a run ends wherever anything but a literal stands."""
    runs.append("")
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            runs[-1] += chr(argument)
        elif name == "AT":
            continue
        else:
            _collect_inner(name, argument, runs)
            runs.append("")


def _collect_inner(name: str, argument: Any, runs: list[str]) -> None:
    if name == "SUBPATTERN":
        _, added, _, inner = argument
        if not added & re.IGNORECASE:
            _collect(inner, runs)
    elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, inner = argument
        if least > 0:
            _collect(inner, runs)
    elif name == "ATOMIC_GROUP":
        _collect(argument, runs)


# --- keys -------------------------------------------------------------------------------------------------------------
# A word between two characters that are none is a word of the URL as well: there are few of these, so they are looked at
# first. Of everything else there are the runs of 8 or of 4 characters.

WORD: Final = "word"
RUN_SIZES: Final = {"run of 8": 8, "run of 4": 4}
_BETWEEN_WORDS = re.compile(r"\W+")

URLKey = tuple[str, str]


def pattern_keys(pattern: re.Pattern[str]) -> Iterator[tuple[URLKey]]:
    """Keys that every URL has in which the pattern is found, each by itself; from the end, where URLs differ most."""
    literals = required_literals(pattern)[::-1]
    for literal in literals:
        for word in _BETWEEN_WORDS.split(literal)[-2:0:-1]:
            yield ((WORD, word),)
    for field, size in RUN_SIZES.items():
        long = [literal for literal in literals if len(literal) >= size]
        for literal in long:
            for start in range(len(literal) - size, -1, -1):
                yield ((field, literal[start : start + size]),)
        if long:
            return


def url_keys(request: Request, field: str) -> list[URLKey]:
    """The keys of a request's URL, as it was sent and in comparable form."""
    return _keys_of(request.uri, field)


@lru_cache(maxsize=1024)
def _keys_of(uri: TargetURI, field: str) -> list[URLKey]:
    text = uri.url
    if uri.target.partition("?")[0] != uri.path:
        text = f"{text} {uri.canonical_url}"
    if field == WORD:
        return [(WORD, word) for word in _BETWEEN_WORDS.split(text)]
    size = RUN_SIZES[field]
    return [(field, text[start : start + size]) for start in range(len(text) - size + 1)]
