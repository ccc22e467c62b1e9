"""The router: the routes of a test, what was called, and what nothing fitted. Knows no client and never waits."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Protocol

from mockstatus.clock import Clock
from mockstatus.closeness import compare
from mockstatus.conditions import make_conditions, query_conditions
from mockstatus.diagnosis import counted
from mockstatus.errors import InvalidRoute, InvalidSetting, MockStatusError, UnmetExpectation
from mockstatus.hosts import HOSTS, Memory
from mockstatus.index import Index, drop
from mockstatus.journal import Call, Calls, Journal
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Deferred, Failure, Noted, Outcome, Request, Response, sent
from mockstatus.patterns import check_base_url, parse_target
from mockstatus.routes import Expected, Route, Snapshot
from mockstatus.signatures import made_of

if TYPE_CHECKING:
    from datetime import datetime

    from mockstatus.replies import Reply
    from mockstatus.scenarios.credentials import Protection
    from mockstatus.scenarios.gates import Gate, RateLimit
    from mockstatus.scenarios.job import Job
    from mockstatus.scenarios.jobs import JobState


P = ParamSpec("P")
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})
DEFAULT_HOSTS: Final = tuple(HOSTS)


def _verb(
    method: str, route: Callable[Concatenate[Router, str, P], Route], name: str = ""
) -> Callable[Concatenate[Router, P], Route]:
    """A method of the router for one HTTP method, with the other arguments of ``route``."""

    def verb(self: Router, /, *args: P.args, **kwargs: P.kwargs) -> Route:
        return route(self, method, *args, **kwargs)

    doc = f"A route for {method or 'requests of any method'}{' requests' if method else ''}; for the arguments see ``route``."
    return made_of(verb, route, qualname=f"Router.{name or method.lower()}", doc=doc, without="method")


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
        if history.__class__ is not int or history < 0:
            raise InvalidSetting(f"history={history!r}: give the number of calls to keep, 0 or more")
        self.expect_all: Final = bool(expect_all)
        self.clock: Final = Clock(now)
        self.unmatched: Final[list[MockStatusError]] = []
        self._lock = threading.RLock()
        self._routes: list[Route] = []
        self._index = Index()
        self._journal = Journal(history)

    gates: Sequence[PlacedGate] = ()
    _serial = 0  # of the next route
    _entries = 0  # activations of this router that are open
    _used = False  # whether it was ever entered, so that there may be something to forget
    _memory: Memory | None = None  # of the virtual hosts, once one is asked
    _scenarios: Sequence[Scenario] = ()
    _saved: Sequence[tuple[Route, Snapshot]] = ()
    _saved_scenarios: Sequence[tuple[Scenario, Any]] = ()
    _saved_gates: Sequence[PlacedGate] = ()
    _saved_memory: Any = None
    _said: Sequence[str] = ()  # the notes on the first miss

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
            route = Route(method, target, conditions, self._serial, self._journal, self._lock, _place_here())
            self._serial += 1
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
    any = _verb("", route, "any")

    def last_resort(self, url: str) -> Route:
        """A route for any method that answers only what no other route of this router fits, whenever they are made."""
        target = parse_target(url, self.base_url)
        with self._lock:
            self._serial += 1
            route = Route("", target, query_conditions(target), -self._serial, self._journal, self._lock, _place_here())
            self._routes.append(route)
            self._index.add(route)
        return route

    # --- scenarios ----------------------------------------------------------------------------------------------------

    def job(
        self,
        url: str,
        *,
        polls: int = 3,
        duration: float | None = None,
        result: object = UNSET,
        retry_after: int | None = None,
        status_url: str | None = None,
        body: Callable[[JobState], object] | None = None,
        redirect: bool = False,
        fails_with: int | Reply | None = None,
        expires: float | None = None,
        ids: Iterable[str] | None = None,
        webhook: str | Callable[[Any], object] | None = None,
    ) -> Job:
        """An asynchronous job: a POST to ``url`` is answered 202 with the ``Location`` where it is asked about.

        That place, ``status_url`` with ``{id}`` in it, says 202 ``polls`` times, or until ``duration`` seconds have
        passed on the clock; then 200 with ``result``, with ``redirect`` a 303 to where the result is, or with
        ``fails_with`` that status. ``expires`` seconds after the POST it is gone (410). ``body`` shapes what is sent.
        ``webhook``, a URL or a function, is told once when the job has ended. Raises InvalidRoute.
        """
        from mockstatus.scenarios.job import Job
        from mockstatus.scenarios.jobs import read_settings

        settings = read_settings(
            polls=polls,
            duration=duration,
            result=result,
            retry_after=retry_after,
            body=body,
            redirect=redirect,
            fails_with=fails_with,
            expires=expires,
            ids=ids,
        )
        job = Job(url, status_url, settings, webhook, self, self.clock)
        self._scenarios = [*self._scenarios, job]
        return job

    def rate_limit(
        self,
        url: str | re.Pattern[str] | None = None,
        *,
        limit: int,
        per: float,
        key: Callable[[Request], str] | None = None,
        x_headers: bool = False,
    ) -> RateLimit:
        """Let at most ``limit`` requests to a URL pass in each window of ``per`` seconds; refuse the rest with a 429.

        A gate: it comes before all routes. ``key`` says whose request it is, for a limit of their own each;
        ``x_headers`` adds the ``X-RateLimit-*`` triple. Raises InvalidRoute.
        """
        from mockstatus.scenarios.gates import RateLimit

        limiter = RateLimit(limit, per, key=key, x_headers=x_headers)
        self._place(limiter, url)
        return limiter

    def protect(
        self,
        url: str | re.Pattern[str] | None = None,
        *,
        basic: tuple[str, str] | None = None,
        bearer: str | None = None,
        digest: tuple[str, str] | None = None,
    ) -> Protection:
        """Refuse requests to a URL that do not bring these credentials, with a 401 and its challenge.

        A gate: it comes before all routes. Give one of ``basic``, ``bearer`` and ``digest``. Raises InvalidRoute.
        """
        from mockstatus.scenarios.credentials import protection

        made = protection(basic=basic, bearer=bearer, digest=digest)
        self._place(made, url)
        return made

    def resource(
        self,
        url: str,
        content: bytes | str,
        *,
        etag: str | None = None,
        content_type: str | None = None,
    ) -> Route:
        """A resource with an entity tag and a date: conditional requests, byte ranges, and PUT to replace it.

        ``etag`` None is one made of the content. Answers 200, 204, 206, 304, 405, 412 and 416. Raises InvalidRoute.
        """
        from mockstatus.scenarios.resources import Resource

        if not isinstance(content, (bytes, str)):
            raise InvalidRoute(f"resource({url!r}, {content!r}): give bytes or text")
        resource = Resource(content, etag=etag, content_type=content_type, modified=self.clock.timestamp())
        route = self.route("", url).respond_with(lambda request: resource.answer(request, self.clock.timestamp()))
        self._scenarios = [*self._scenarios, resource]
        return route

    def _place(self, gate: Gate, url: str | re.Pattern[str] | None) -> None:
        target = parse_target(url, self.base_url)
        route = Route("", target, query_conditions(target), 0, self._journal, self._lock)
        placed = PlacedGate(gate, route, self._refuse)
        with self._lock:
            self.gates = [*self.gates, placed]
            self._scenarios = [*self._scenarios, gate]

    def _refuse(self, request: Request, gate: Gate) -> Response | None:
        """A gate's refusal, entered in the journal; None where it lets the request pass."""
        elapsed, now = self.clock.read()
        refused = gate.refuse(request, elapsed)
        if refused is None:
            return None
        call = Call(request, None, elapsed, f"refused by {gate!r}")
        call.outcome = response = refused.render(request, now)
        with self._lock:
            self._journal.enter(call)
        return response

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
            self._note(first, [*counted(first, others), *(f"unmet expectation: {line}" for line in unmet)])
            return first
        if not unmet:
            return None
        if len(unmet) == 1:
            return UnmetExpectation(unmet[0])
        return UnmetExpectation("\n  ".join((f"{len(unmet)} routes were not called as expected:", *unmet)))

    def _note(self, error: MockStatusError, notes: list[str]) -> None:
        """Have these notes on an error, instead of those that it was given when it was last complained of."""
        kept = [note for note in getattr(error, "__notes__", ()) if note not in self._said]
        error.__notes__ = [*kept, *notes]
        self._said = notes

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
        self._memory = None
        with self._lock:
            self._journal.clear()
            for route in self._routes:
                route.rewind()
        self._rewind_scenarios()

    def _rewind_scenarios(self) -> None:
        for scenario in self._scenarios:
            scenario.rewind()

    def clear(self) -> None:
        """Forget routes, gates, calls and misses."""
        self._rewind_scenarios()  # so that nothing of a job that is forgotten happens later
        with self._lock:
            self.gates, self._scenarios = (), ()
            self._routes = []
            self._index = Index()
        self.reset()

    def begin(self) -> bool:
        """An activation of this router is entered; if it is the only one open, remember how everything stands."""
        with self._lock:
            self._entries += 1
            if self._entries > 1:
                return False
            if self._routes or self._scenarios:
                self._saved = [(route, route.snapshot()) for route in self._routes]
                self._saved_scenarios = [(scenario, scenario.snapshot()) for scenario in self._scenarios]
                self._saved_gates = self.gates
            if self._memory is not None:
                self._saved_memory = self._memory.snapshot()
            if self._used:
                self._journal.clear()
                self.unmatched.clear()
                self.clock.restart()
            self._used = True
        return True

    def end(self) -> MockStatusError | None:
        """An activation of this router is left: if it was the last, what is to be complained of, and stand as before."""
        with self._lock:
            self._entries -= 1
            if self._entries:
                return None
        complaint = self.complaint() if self._routes or self.unmatched else None
        if self._routes or self._saved or self._scenarios or self._saved_scenarios:
            self._stand_as_before()
        if self._memory is not None:
            if self._saved_memory is None:
                self._memory = None
            else:
                self._memory.restore(self._saved_memory)
                self._saved_memory = None
        return complaint

    def _stand_as_before(self) -> None:
        """Forget what was added since ``begin``, and rewind the rest to where it was."""
        with self._lock:
            for route, snapshot in self._saved:
                route.restore(snapshot)
            routes = [route for route, _ in self._saved]
            if routes != self._routes:
                self._routes = routes
                self._index = Index()
                for route in self._routes:
                    route.links = []
                    self._index.add(route)
                    if route.spent:
                        drop(route)
            saved = self._saved_scenarios
            self.gates, self._scenarios = self._saved_gates, [scenario for scenario, _ in saved]
            self._saved, self._saved_gates, self._saved_scenarios = (), (), ()
        for scenario, snapshot in saved:
            scenario.restore(snapshot)
        self.clock.silence()

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
                    if route.simple and request.path_params:
                        request.path_params = {}  # of a newer route that did not fit in the end
                    self._journal.enter(call)
                try:
                    given = answer.give(request, now)
                except BaseException as error:
                    _blame(error, call)
                    raise
                outcome: Outcome = given  # type: ignore[assignment] # noted ones are taken apart
                if type(given) is Noted:
                    outcome, call.note = given
                if type(outcome) is Deferred:
                    return Deferred(_settle_later(outcome, call))
                call.outcome = outcome
                return sent(outcome)
        return None

    def host_answer(self, request: Request) -> Outcome | None:
        """The outcome of a virtual host; None where the URL is none of this router's."""
        if request.host not in self.hosts:
            return None
        if self._memory is None:
            with self._lock:
                self._memory = self._memory or Memory(self.clock)
        elapsed, now = self.clock.read()
        answered = HOSTS[request.host](request, self._memory, now)
        if answered is None:
            return None
        call = Call(request, None, elapsed, answered.note)
        call.outcome = answered.outcome
        with self._lock:
            self._journal.enter(call)
        return sent(answered.outcome)

    def __repr__(self) -> str:
        base = f" base_url={self.base_url!r}" if self.base_url else ""
        missed = f", {len(self.unmatched)} unmatched" if self.unmatched else ""
        return f"<Router{base} with {len(self._routes)} routes, {self._journal.total} calls{missed}>"


class Scenario(Protocol):
    """Something that goes through states."""

    def rewind(self) -> None:
        """Begin anew."""
        ...

    def snapshot(self) -> Any:
        """How it stands, to be given to ``restore``."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot."""
        ...


class PlacedGate:
    """A gate in the way of some URLs."""

    __slots__ = ("_gate", "_index", "_refuse", "serial")

    def __init__(self, gate: Gate, route: Route, refuse: Callable[[Request, Gate], Response | None]) -> None:
        self._gate = gate
        self._refuse = refuse
        self._index = Index()
        self._index.add(route)
        self.serial = next(_gate_serials)

    def refuse(self, request: Request) -> Response | None:
        """The refusal of a request; None where it passes, or goes elsewhere."""
        for route in self._index.newest_first(request):
            if route.simple or route.fits(request):
                return self._refuse(request, self._gate)
        return None


_gate_serials = count()


async def _settle_later(deferred: Deferred, call: Call) -> Response | Failure:
    try:
        outcome = await deferred.coroutine
    except BaseException as error:
        _blame(error, call)
        raise
    call.outcome = outcome
    settled = sent(outcome)
    assert isinstance(settled, (Response, Failure))
    return settled


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
    if (
        isinstance(hosts, str)
        or not isinstance(hosts, Sequence)
        or not all(isinstance(name, str) and name in HOSTS for name in names)
    ):
        raise InvalidSetting(f"hosts={hosts!r}: give a list of any of {', '.join(HOSTS)}, or () for none")
    return names


def _got(route: Route) -> str:
    return {0: "no call", 1: "one call"}.get(route.call_count, f"{route.call_count} calls")
