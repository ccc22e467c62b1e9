"""The router: the routes of a test, what was called, and what nothing fitted. Knows no client and never waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from mockstatus.clock import Clock
from mockstatus.closeness import compare
from mockstatus.diagnosis import counted
from mockstatus.errors import InvalidSetting, MockStatusError, UnmetExpectation
from mockstatus.hosts import HOSTS, Memory
from mockstatus.index import Index, drop
from mockstatus.journal import Call, Calls, Journal
from mockstatus.messages import Deferred, Failure, Noted, Outcome, Request, Response, sent
from mockstatus.routes import Expected, Route, Snapshot
from mockstatus.verbs import PlacedGate, Scenario, Verbs

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_HOSTS: Final = tuple(HOSTS)


class Router(Verbs):
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
        self.hosts: Final = hosts if hosts is DEFAULT_HOSTS else _check_hosts(hosts)
        if history.__class__ is not int or history < 0:
            raise InvalidSetting(f"history={history!r}: give the number of calls to keep, 0 or more")
        self.expect_all: Final = bool(expect_all)
        super().__init__(base_url, Journal(history), Clock(now))
        self.unmatched: Final[list[MockStatusError]] = []

    _entries = 0  # activations of this router that are open
    _used = False  # whether it was ever entered, so that there may be something to forget
    _memory: Memory | None = None  # of the virtual hosts, once one is asked
    _saved: Sequence[tuple[Route, Snapshot]] = ()
    _saved_scenarios: Sequence[tuple[Scenario, Any]] = ()
    _saved_gates: Sequence[PlacedGate] = ()
    _saved_memory: Any = None
    _said: Sequence[str] = ()  # the notes on the first miss

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
                self.restart_clock()
            self._used = True
        return True

    def begin_new(self) -> bool:
        """The same for a router that was just made, and that nobody else has yet."""
        self._entries, self._used = 1, True
        return True

    def restart_clock(self, *, standing: bool = False) -> None:
        """Have the clock begin again; what goes through states stands as before, and what is to come of it comes."""
        stood = [(scenario, scenario.snapshot()) for scenario in self._scenarios]
        self.clock.restart(standing=standing)
        for scenario, snapshot in stood:
            scenario.restore(snapshot)

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
        self.clock.silence()
        for scenario, snapshot in saved:
            scenario.restore(snapshot)

    # --- the way of a match -------------------------------------------------------------------------------------------

    def handle(self, request: Request, *, resorts: bool | None = None) -> Outcome | None:
        """The outcome of the newest route that fits; None where none does.

        ``resorts`` asks for routes that are a last resort, or for the others; None for all.
        """
        for route in self._index.newest_first(request):
            if resorts is not None and (route.serial < 0) is not resorts:
                continue
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
                if type(given) is Response:
                    call.outcome = given
                    return given
                outcome: Outcome = given  # type: ignore[assignment] # noted ones are taken apart
                if type(given) is Noted:
                    outcome, call.note = given
                if type(outcome) is Deferred:
                    return Deferred(_settle_later(outcome, call))
                call.outcome = outcome
                return sent(outcome) if type(outcome) is Failure else outcome
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
