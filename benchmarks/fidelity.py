"""How much of what callers see is as on a real wire, of ours and of the other mocks: ``python -m benchmarks.fidelity``.

Takes the situations of the conformance suite, tells each mock what the real server says there, as far as it can be told
that, and counts the fields in which the caller sees the same. Knows the suite; what a field is, is the suite's business.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import requests

from benchmarks import peers
from benchmarks.rows import aligned
from tests.conformance.case import Case
from tests.conformance.cases import CASES
from tests.conformance.comparing import (
    Door,
    _see,
    _sleeps_counted,
    count_fields,
    differences,
    see_mock,
    see_reality,
    without_chance,
)
from tests.conformance.seen import Seen, kept_logs
from tests.conformance.server import Answer, End, Listening, Received
from tests.conformance.worlds import World

_NOT_SEEN = re.compile(  # what is of a journal or a clock, and what a test that has an error raised would dictate
    r"requests|slept|call \d+: error (text|chain|contexts|notes)"
)
_SMALL = 12  # every which situation is enough to see that the command works


# --- what can be told to any mock -------------------------------------------------------------------------------------


class Told(NamedTuple):
    """A whole answer."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


Trouble = End | Listening
_MESSAGE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ([^\r\n]*)\r\n((?:[!-9;-~]+: [^\r\n]*\r\n)*)\r\n(.*)", re.DOTALL)
_ASKED = [Received(method, "/page", (), b"") for method in ("GET", "HEAD")]


def told_by(answer: Answer, asked: Received = _ASKED[0]) -> Told | Trouble | None:
    """What the server says or does, where it is one whole answer or no answer at all; None for anything between."""
    steps = [*(answer(asked) if callable(answer) else answer)]
    if len(steps) == 1 and isinstance(steps[0], End):
        return steps[0]
    if steps and steps[-1] is End.CLOSE:
        steps.pop()
    if not all(isinstance(step, bytes) for step in steps):
        return None
    return _whole(b"".join(step for step in steps if isinstance(step, bytes)), asked.method)


def _whole(message: bytes, method: str) -> Told | None:
    found = _MESSAGE.fullmatch(message)
    if found is None or int(found[1]) < 200:
        return None
    lines = found[3].decode("latin-1").split("\r\n")[:-1]
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    names = {name.lower(): value for name, value in headers}
    body: bytes | None = found[4]
    if names.get("transfer-encoding") == "chunked":
        body = _without_chunks(found[4])
    elif names.get("content-length") != str(len(found[4])) and found[4]:
        return None
    nothing = method == "HEAD" or found[1] in (b"204", b"304")
    if body is None or (not body and not nothing and names.get("content-length", "0") != "0"):
        return None
    return Told(int(found[1]), found[2].decode("latin-1"), headers, body)


def _without_chunks(coded: bytes) -> bytes | None:
    """The content of a chunked body; None where the coding is broken."""
    content = b""
    while coded:
        size, _, coded = coded.partition(b"\r\n")
        if not re.fullmatch(rb"[0-9a-f]+", size):
            return None
        if int(size, 16) == 0:
            return content if coded == b"\r\n" else None
        content, coded = content + coded[: int(size, 16)], coded[int(size, 16) + 2 :]
    return None


def can_be_told(case: Case) -> bool:
    """Whether the situation is one of whole answers and of connections that never answer, at the server's own URLs."""
    if case.listening not in (Listening.OPEN, Listening.REFUSING, Listening.FULL):
        return False
    pages = case.pages_at(80)
    if not pages or any(call.url is not None for call in case.calls):
        return False
    answers = [answer for page in pages for answer in page.wire]
    return all(any(told_by(answer, asked) is not None for asked in _ASKED) for answer in answers)


class Script:
    """What each request is answered, by its path, one answer after the other, the last for ever: as the server does."""

    def __init__(self, case: Case, port: int) -> None:
        self._pages = {page.path: page.wire for page in case.pages_at(port)}
        self._listening = case.listening
        self._positions: dict[str, int] = {}
        self.is_told = True  # whether there were words for all that was asked

    def next(self, asked: Received) -> Told | Trouble:
        """The next answer. Raises LookupError where it cannot be told."""
        if self._listening is not Listening.OPEN:
            return self._listening
        path = asked.target.partition("?")[0]
        position = self._positions.get(path, 0)
        self._positions[path] = position + 1
        answers = self._pages[path]
        told = told_by(answers[min(position, len(answers) - 1)], asked)
        if told is None:
            self.is_told = False
            raise LookupError(f"{asked.method} {asked.target} has an answer that cannot be told")
        return told


# --- the mocks, each told by a function, which all of them take -------------------------------------------------------

# What their documentation has the test raise, since nothing breaks by itself: the class that the real client would raise.
_HTTPX_ERRORS: dict[Trouble, type[httpx.TransportError]] = {
    End.RESET: httpx.ReadError,
    End.CLOSE: httpx.RemoteProtocolError,
    End.STALL: httpx.ReadTimeout,
    Listening.REFUSING: httpx.ConnectError,
    Listening.FULL: httpx.ConnectTimeout,
}
_REQUESTS_ERRORS: dict[Trouble, type[requests.RequestException]] = {
    End.RESET: requests.ConnectionError,
    End.CLOSE: requests.ConnectionError,
    End.STALL: requests.ReadTimeout,
    Listening.REFUSING: requests.ConnectionError,
    Listening.FULL: requests.ConnectTimeout,
}


def _httpx_answer(script: Script, request: httpx.Request) -> httpx.Response:
    told = script.next(Received(request.method, request.url.raw_path.decode("ascii"), (), b""))
    if not isinstance(told, Told):
        raise _HTTPX_ERRORS[told]("broken", request=request)
    reason = {"reason_phrase": told.reason.encode("latin-1")}
    return httpx.Response(told.status, headers=told.headers, stream=httpx.ByteStream(told.body), extensions=reason)


def _requests_told(script: Script, request: requests.PreparedRequest) -> Told:
    told = script.next(Received(str(request.method), request.path_url, (), b""))
    if not isinstance(told, Told):
        raise _REQUESTS_ERRORS[told]("broken", request=request)
    return told


@contextmanager
def _respx(script: Script) -> Iterator[None]:
    import respx

    with respx.mock(assert_all_called=False) as router:
        router.route().mock(side_effect=lambda request: _httpx_answer(script, request))
        yield


@contextmanager
def _pytest_httpx(script: Script) -> Iterator[None]:
    mock = peers._httpx_mock()
    mock.add_callback(lambda request: _httpx_answer(script, request))
    with peers._patched(mock):
        yield


@contextmanager
def _responses(script: Script) -> Iterator[None]:
    import responses

    def answer(request: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        told = _requests_told(script, request)
        return told.status, told.headers, told.body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            mock.add_callback(method, re.compile(".*"), answer, content_type=None)
        yield


@contextmanager
def _requests_mock(script: Script) -> Iterator[None]:
    import requests_mock

    def answer(request: Any) -> requests.Response:
        told = _requests_told(script, request._request)
        return requests_mock.create_response(
            request, status_code=told.status, reason=told.reason, headers=dict(told.headers), content=told.body
        )

    with requests_mock.Mocker() as mock:
        mock.add_matcher(answer)
        yield


_OPENED: dict[str, Callable[[Script], AbstractContextManager[None]]] = {
    "respx": _respx,
    "pytest-httpx": _pytest_httpx,
    "responses": _responses,
    "requests-mock": _requests_mock,
}
_CLIENTS = {"httpx": ("httpx", "httpx-asyncio", "httpx-trio"), "requests": ("requests",)}


# --- counting ---------------------------------------------------------------------------------------------------------


class Score(NamedTuple):
    """What came of some situations."""

    cases: int = 0
    faithful: int = 0  # situations in which every field is equal
    fields: int = 0
    equal: int = 0

    def plus(self, real: Seen, mock: Seen) -> Score:
        """With one situation more."""
        real, mock = _of_caller(real), _of_caller(mock)
        fields = count_fields(real)
        wrong = min(len(differences(real, mock)), fields)
        return Score(self.cases + 1, self.faithful + (not wrong), self.fields + fields, self.equal + fields - wrong)


def _of_caller(seen: Seen) -> Seen:
    return {name: value for name, value in seen.items() if not _NOT_SEEN.fullmatch(name)}


def see_peer(name: str, client: str, case: Case, port: int) -> Seen | None:
    """Make the calls of a case with a client under another mock; None where it could not be told all that was asked."""
    script = Script(case, port)
    slept: list[float] = []
    with kept_logs() as logs, _sleeps_counted(slept) if case.counts_sleep else nullcontext():
        try:
            with _OPENED[name](script):
                seen = _see(client, case, World(port), logs)
        except Exception as error:
            seen = {"left": f"{type(error).__name__} left the mock: {error}"}  # as a test would see it, which fails
    return without_chance(seen) if script.is_told else None


def measure(cases: Sequence[Case]) -> dict[str, Score]:
    """The score of every peer, and under its name with "ours" that of mockstatus in the same situations."""
    scores: dict[str, Score] = {}
    for case in cases:
        for kind, clients in _CLIENTS.items():
            for client in clients:
                if client not in case.clients:
                    continue
                with kept_logs() as logs:
                    real = see_reality(client, case, logs)
                ours = see_mock(Door(client, "activate"), case, real.port)
                for peer in peers.peers_of(kind):
                    theirs = see_peer(peer.name, client, case, real.port)
                    if theirs is None:
                        continue
                    for name, seen in ((peer.name, theirs), (f"ours beside {peer.name}", ours)):
                        scores[name] = scores.get(name, Score()).plus(real.seen, seen)
    return scores


def table(scores: dict[str, Score]) -> str:
    """One line for each peer, with ours in the same situations beside it."""
    heads = ["mock", "situations", "all equal", "fields", "equal", "share", "mockstatus", "share"]
    lines = [heads]
    for peer in peers.PEERS:
        if peer.name in scores:
            theirs, ours = scores[peer.name], scores[f"ours beside {peer.name}"]
            counts = [theirs.cases, theirs.faithful, theirs.fields, theirs.equal]
            lines.append(
                [peer.name, *(f"{count:,}" for count in counts), _share(theirs), f"{ours.equal:,}", _share(ours)]
            )
    return aligned(lines, right=range(1, len(heads)))


def _share(score: Score) -> str:
    return f"{100 * score.equal / score.fields:.1f} %" if score.fields else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few of the situations")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    options = parser.parse_args(arguments)
    about = [case for case in CASES if {*case.clients} & {"requests", *_CLIENTS["httpx"]}]
    told = [case for case in about if can_be_told(case)]
    scores = measure(told[::_SMALL] if options.small else told)
    print(
        f"{len(told)} of {len(about)} situations can be told to a mock that has no wire; a situation counts per client.\n"
    )
    print(table(scores))
    if options.json is not None:
        options.json.write_text(json.dumps({name: score._asdict() for name, score in scores.items()}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
