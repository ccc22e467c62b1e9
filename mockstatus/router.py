"""The router: the routes of a test, what was called, and what nothing fitted. Knows no client and never waits."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from itertools import count
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec

from mockstatus.clock import Clock
from mockstatus.conditions import make_conditions
from mockstatus.diagnosis import compare
from mockstatus.errors import InvalidRoute, InvalidSetting, MockStatusError, UnmetExpectation
from mockstatus.hosts import HOSTS, Memory
from mockstatus.index import Index
from mockstatus.journal import Call, Calls, Journal
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Deferred, Failure, Outcome, Request, Response
from mockstatus.patterns import check_base_url, parse_target
from mockstatus.routes import Expected, Route, Snapshot

if TYPE_CHECKING:
    from datetime import datetime


P = ParamSpec("P")
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})
DEFAULT_HOSTS: Final = tuple(HOSTS)


def _verb(method: str, route: Callable[Concatenate[Router, str, P], Route]) -> Callable[Concatenate[Router, P], Route]:
    """A method of the router for one HTTP method, with the other arguments of ``route``."""

    def verb(self: Router, /, *args: P.args, **kwargs: P.kwargs) -> Route:
        return route(self, method, *args, **kwargs)

    update_wrapper(verb, route)
    verb.__name__ = method.lower()
    verb.__qualname__ = f"Router.{verb.__name__}"
    verb.__doc__ = f"A route for {method} requests; the other arguments are those of ``route``."
    return verb


class Misses(list[MockStatusError]):
    """The errors of requests and connections that nothing fitted, oldest first; ``clear()`` accepts them."""


class Router:
    """Routes, the journal of their calls and a clock; serves any number of clients, threads and tasks at once.

    ``base_url`` is put before relative URLs. ``hosts`` are the virtual hosts that it answers. ``history`` is how many
    calls are kept. ``expect_all`` makes it an error at exit if a route was not called. ``now`` freezes the clock.
    Raises InvalidRoute for a ``base_url`` that is none, InvalidSetting for the rest.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        hosts: Sequence[str] = DEFAULT_HOSTS,
        history: int = 10_000,
        expect_all: bool = False,
        now: datetime | None = None,
    ) -> None:
        self.base_url: Final = None if base_url is None else check_base_url(base_url)
        self.hosts: Final = hosts if hosts is DEFAULT_HOSTS else _check_hosts(hosts)
        if isinstance(history, bool) or not isinstance(history, int) or history < 0:
            raise InvalidSetting(f"history={history!r}: give the number of calls to keep, 0 or more")
        self.expect_all: Final = bool(expect_all)
        self.clock: Final = Clock(now)
        self.unmatched: Final = Misses()
        self._lock = threading.RLock()
        self._routes: list[Route] = []
        self._index = Index()
        self._journal = Journal(history)
        self._memory = Memory()
        self._serials = count()
        self._entries = 0
        self._saved: list[tuple[Route, Snapshot]] = []

    # --- routes -------------------------------------------------------------------------------------------------------

    def route(
        self,
        method: str,
        url: str | re.Pattern[str] | None = None,
        *,
        params: Mapping[str, object] | Exactly | None = None,
        headers: Mapping[str, object] | None = None,
        cookies: Mapping[str, object] | Exactly | None = None,
        json: object = UNSET,
        form: Mapping[str, object] | Exactly | None = None,
        files: Mapping[str, object] | Exactly | None = None,
        content: object = UNSET,
        where: Callable[[Request], bool | str] | None = None,
    ) -> Route:
        """A route for a method and URL; it answers the documented 200 until it is told otherwise.

        ``url`` is absolute or relative to ``base_url``, with ``{name}`` for a segment and ``{name:path}`` for the rest;
        ``*`` in its host is one label or more; a regular expression is searched in the whole URL. A mapping asks for at
        least these names, ``exactly(…)`` for no others; None means that a name is absent. ``where`` says yes, no, or
        in a text why not. The newest route that fits answers. Raises InvalidRoute for what cannot mean anything.
        """
        if method not in _VERBS:
            method = _check_method(method)
        target = parse_target(url, self.base_url)
        conditions = make_conditions(
            target.query,
            params=params,
            headers=headers,
            cookies=cookies,
            json=json,
            form=form,
            files=files,
            content=content,
            where=where,
        )
        with self._lock:
            route = Route(method, target, conditions, next(self._serials), self._journal, self._lock, _place_here())
            self._routes.append(route)
            self._index.add(route)
        return route

    get = _verb("GET", route)
    head = _verb("HEAD", route)
    post = _verb("POST", route)
    put = _verb("PUT", route)
    patch = _verb("PATCH", route)
    delete = _verb("DELETE", route)
    options = _verb("OPTIONS", route)
    query = _verb("QUERY", route)
    trace = _verb("TRACE", route)
    any = _verb("", route)

    # --- what came ----------------------------------------------------------------------------------------------------

    @property
    def calls(self) -> Calls:
        """The calls that this router answered, as far as ``history`` keeps them."""
        return self._journal.calls()

    @property
    def routes(self) -> Sequence[Route]:
        """The routes, oldest first."""
        return tuple(self._routes)

    def verify(self) -> None:
        """Raise what would be raised at exit: the first unmatched request, else UnmetExpectation."""
        error = self.complaint()
        if error is not None:
            raise error

    def complaint(self) -> MockStatusError | None:
        """The error that ``verify`` raises, with everything else that is wrong in its notes; None where all is well."""
        unmet = [self._unmet_line(route, wanted) for route, wanted in self._unmet()]
        if self.unmatched:
            first, *others = self.unmatched
            for note in (*_counted(first, others), *(f"unmet expectation: {line}" for line in unmet)):
                _add_once(first, note)
            return first
        if not unmet:
            return None
        if len(unmet) == 1:
            return UnmetExpectation(unmet[0])
        return UnmetExpectation("\n  ".join((f"{len(unmet)} routes were not called as expected:", *unmet)))

    def _unmet_line(self, route: Route, wanted: Expected) -> str:
        line = f"{route.description} {route.place}: expected {wanted}, got {_got(route)}".replace(" :", ":")
        later = [call for call in self.calls if call.route is not None and call.route.serial > route.serial]
        taken = [call for call in later if not compare(call.request, route).differences]
        if not taken:
            return line
        newer = taken[0].route
        assert newer is not None
        return f"{line}; {len(taken)} that would fit it went to the newer {newer.description} {newer.place}".rstrip()

    def _unmet(self) -> list[tuple[Route, Expected]]:
        found = [(route, route.unmet(expect_all=self.expect_all)) for route in self._routes]
        return [(route, wanted) for route, wanted in found if wanted is not None]

    # --- going back ---------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget calls and misses; begin sequences, limits and jobs anew. Routes stay."""
        self.unmatched.clear()
        self._memory.forget()
        with self._lock:
            self._journal.clear()
            for route in self._routes:
                route.rewind()

    def clear(self) -> None:
        """Forget routes, calls and misses."""
        with self._lock:
            self._routes = []
            self._index = Index()
        self.reset()

    def begin(self) -> bool:
        """An activation of this router is entered; if it is the only one open, remember how everything stands."""
        with self._lock:
            self._entries += 1
            if self._entries > 1:
                return False
            self._saved = [(route, route.snapshot()) for route in self._routes]
            self._journal.clear()
        self.unmatched.clear()
        self.clock.restart()
        return True

    def end(self) -> MockStatusError | None:
        """An activation of this router is left: if it was the last, what is to be complained of, and stand as before."""
        with self._lock:
            self._entries -= 1
            if self._entries:
                return None
        complaint = self.complaint()
        with self._lock:
            for route, snapshot in self._saved:
                route.restore(snapshot)
            if len(self._saved) != len(self._routes):
                self._routes = [route for route, _ in self._saved]
                self._index = Index()
                for route in self._routes:
                    route.homes.clear()
                    self._index.add(route)
            self._saved = []
        self._memory.forget()
        return complaint

    # --- the way of a match -------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Outcome | None:
        """The outcome of the newest route that fits; None where none does."""
        for route in self._index.newest_first(request):
            if route.simple or route.fits(request):
                with self._lock:
                    answer = route.take()
                    if answer is None:
                        continue
                    elapsed, now = self.clock.read()
                    call = Call(request, route, elapsed, route.note)
                    self._journal.enter(call)
                try:
                    outcome = answer.give(request, now)
                except BaseException as error:
                    _blame(error, call)
                    raise
                if type(outcome) is Deferred:
                    return Deferred(_settle_later(outcome, call))
                call.outcome = outcome
                return outcome
        return None

    def host_answer(self, request: Request) -> Outcome | None:
        """The outcome of a virtual host; None where the URL is none of this router's."""
        if request.host not in self.hosts:
            return None
        elapsed, now = self.clock.read()
        answered = HOSTS[request.host](request, self._memory, now)
        if answered is None:
            return None
        call = Call(request, None, elapsed, answered.note)
        call.outcome = answered.outcome
        with self._lock:
            self._journal.enter(call)
        return answered.outcome

    def __repr__(self) -> str:
        base = f" base_url={self.base_url!r}" if self.base_url else ""
        missed = f", {len(self.unmatched)} unmatched" if self.unmatched else ""
        return f"<Router{base} with {len(self._routes)} routes, {self._journal.total} calls{missed}>"


async def _settle_later(deferred: Deferred, call: Call) -> Response | Failure:
    try:
        outcome = await deferred.coroutine
    except BaseException as error:
        _blame(error, call)
        raise
    call.outcome = outcome
    return outcome


def _blame(error: BaseException, call: Call) -> None:
    """Enter an exception of the user's own code, and say which route it is from."""
    call.outcome = error
    error.add_note(f"raised while mockstatus answered {call.request!r} with {call.route!r}")


def _place_here() -> tuple[str, int] | None:
    """File and line of the user's code that is defining a route."""
    frame = sys._getframe(2)  # noqa: SLF001 - as the logging module finds its callers
    while frame.f_globals.get("__name__", "").startswith("mockstatus."):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _check_method(method: object) -> str:
    if not isinstance(method, str) or not (method == "" or _METHOD.fullmatch(method)):
        raise InvalidRoute(f"method {method!r}: give the name of an HTTP method, such as GET, or use any()")
    if method.upper() == "CONNECT":
        raise InvalidRoute("CONNECT is not answered: requests through a proxy are matched by where they are going")
    return method.upper()


def _check_hosts(hosts: object) -> tuple[str, ...]:
    names = () if isinstance(hosts, str) or not isinstance(hosts, Sequence) else tuple(hosts)
    if isinstance(hosts, str) or not isinstance(hosts, Sequence) or not all(name in HOSTS for name in names):
        raise InvalidSetting(f"hosts={hosts!r}: give a list of any of {', '.join(HOSTS)}, or () for none")
    return names


def _got(route: Route) -> str:
    return {0: "no call", 1: "one call"}.get(route.call_count, f"{route.call_count} calls")


def _counted(first: MockStatusError, others: Sequence[MockStatusError]) -> list[str]:
    """A line for each error besides the first, equal ones together."""
    counts: dict[str, int] = {}
    for error in (first, *others):
        line = str(error).partition("\n")[0]
        counts[line] = counts.get(line, 0) + 1
    lines = []
    for line, times in counts.items():
        if line == str(first).partition("\n")[0]:
            lines += [f"and {times - 1} more like it"] if times > 1 else []
        else:
            lines.append(f"also: {line}" + (f" ({times} times)" if times > 1 else ""))
    return lines


def _add_once(error: BaseException, note: str) -> None:
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
