"""How routes, gates and scenarios are defined: the verbs of a router. Knows what is asked; not what is answered."""

from __future__ import annotations

import re
import sys
from _thread import RLock  # what threading.RLock gives, without a function around it
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Protocol

from mockstatus.clock import Clock
from mockstatus.conditions import make_conditions
from mockstatus.errors import InvalidRoute
from mockstatus.index import Index
from mockstatus.journal import Call, Journal
from mockstatus.matchers import UNSET, Exactly
from mockstatus.messages import Request, Response
from mockstatus.named_conditions import query_conditions
from mockstatus.patterns import check_base_url, parse_target
from mockstatus.routes import Route
from mockstatus.signatures import made_of

if TYPE_CHECKING:
    from mockstatus.replies import Reply
    from mockstatus.scenarios.credentials import Protection
    from mockstatus.scenarios.gates import Gate, RateLimit
    from mockstatus.scenarios.job import Job
    from mockstatus.scenarios.jobs import JobState


P = ParamSpec("P")
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE"})


def _verb(
    method: str, route: Callable[Concatenate[Verbs, str, P], Route], name: str = ""
) -> Callable[Concatenate[Verbs, P], Route]:
    """A method of the router for one HTTP method, with the other arguments of ``route``."""

    def verb(self: Verbs, /, *args: P.args, **kwargs: P.kwargs) -> Route:
        return route(self, method, *args, **kwargs)

    doc = f"A route for {method or 'requests of any method'}{' requests' if method else ''}; for the arguments see ``route``."
    return made_of(verb, route, qualname=f"Router.{name or method.lower()}", doc=doc, without="method")


class Verbs:
    """What a router is defined by; ``Router`` adds what happens to a request."""

    def __init__(self, base_url: str | None, journal: Journal, clock: Clock) -> None:
        self.base_url: Final = None if base_url is None else check_base_url(base_url)
        self.clock: Final = clock
        self._lock = RLock()
        self._routes: list[Route] = []
        self._index = Index()
        self._journal = journal
        self.gates: Sequence[PlacedGate] = ()  # of each router itself, as every call looks at them

    _serial = 0  # of the next route
    has_resorts = False  # whether a route of it is a last resort
    _scenarios: Sequence[Scenario] = ()

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
        """A route for any method that answers only what no other route fits, of this router or another."""
        target = parse_target(url, self.base_url)
        with self._lock:
            self._serial += 1
            self.has_resorts = True
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

        limiter = RateLimit(limit, per, clock=self.clock, key=key, x_headers=x_headers)
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
