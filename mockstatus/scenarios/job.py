"""A job as routes: what a router's ``job`` makes, and what a test asks of it. Knows routes by what they offer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.matchers import Exactly, exactly
from mockstatus.messages import Deferred, Noted, Request, Response
from mockstatus.patterns import parse_target
from mockstatus.replies import reply
from mockstatus.scenarios.jobs import EarlyPoll, JobBook, JobState, Record, Settings, Told
from mockstatus.scenarios.places import Place
from mockstatus.scenarios.webhooks import Delivery, Webhook, WebhookLike
from mockstatus.waiting import in_event_loop, in_thread

if TYPE_CHECKING:
    from mockstatus.clock import Clock
    from mockstatus.journal import Call
    from mockstatus.messages import Outcome
    from mockstatus.routes import Route


class RouteMaker(Protocol):
    """What makes a job's routes: a router."""

    @property
    def base_url(self) -> str | None:
        """What is put before relative URLs."""
        ...

    def route(self, method: str, url: str, *, params: Mapping[str, object] | Exactly | None = None) -> Route:
        """A route."""
        ...

    def last_resort(self, url: str) -> Route:
        """A route for what no other one of this router fits."""
        ...


class Answers:
    """One kind of request about a job, as the answer of a route."""

    __slots__ = ("_function", "_name")

    def __init__(self, name: str, function: Callable[[Request, float], Outcome | Noted]) -> None:
        self._name = name
        self._function = function

    def give(self, request: Request, timestamp: float) -> Outcome | Noted:
        return self._function(request, timestamp)

    def __repr__(self) -> str:
        return self._name


class Job:
    """A job behind a 202, as ``router.job`` makes it: its routes, how its jobs stand, and what came of it.

    ``states`` maps ids to how the jobs stand now, ``early_polls`` lists the polls that did not wait for Retry-After,
    ``deliveries`` what was sent to ``webhook``, ``calls`` everything that was asked. ``post_route``, ``get_route`` and
    ``delete_route`` are what answers; they can be told to ``expect`` or to be ``flaky`` as any route can.
    """

    def __init__(
        self,
        url: str,
        status_url: str | None,
        settings: Settings,
        webhook: WebhookLike | None,
        routes: RouteMaker,
        clock: Clock,
    ) -> None:
        if not isinstance(url, str):
            raise InvalidRoute(f"job({url!r}): give the URL as text")
        self.url = url
        self._place = Place(f"{url.partition('?')[0].rstrip('/')}/{{id}}" if status_url is None else status_url)
        self._result_place = self._place.below("/result")
        for one in (url, self._place.url, self._result_place.url):
            parse_target(one, routes.base_url)  # raises before there is any route
        self._clock = clock
        self._base_url = routes.base_url
        self._webhook = None if webhook is None else Webhook(webhook, self._base_url)
        self._book = JobBook(settings, self._locate_status, self._locate_result)
        self.post_route = routes.route("POST", url).answer_with(Answers("a new job", self._create))
        self.get_route = _make_route(routes, "GET", self._place, Answers("how the job stands", self._poll))
        self.delete_route = _make_route(routes, "DELETE", self._place, Answers("the job cancelled", self._cancel))
        self.routes = [self.post_route, self.get_route, self.delete_route, *self._make_others(routes)]

    @property
    def status_url(self) -> str:
        """The template of the URL where a job is asked about."""
        return self._place.text

    def _make_others(self, routes: RouteMaker) -> Sequence[Route]:
        """The routes for HEAD and the result, and the refusals of methods that mean nothing there."""
        result = Answers("the job's result", self._result)
        made = [
            _make_route(routes, "HEAD", self._place, Answers("how the job stands", self._poll)),
            _make_route(routes, "GET", self._result_place, result),
            _make_route(routes, "HEAD", self._result_place, result),
        ]
        for url, allowed in (
            (self.url, "POST"),
            (self._place.url, "GET, HEAD, DELETE"),
            (self._result_place.url, "GET, HEAD"),
        ):
            if "{id}" in url or url == self.url:  # where the id is in the query, the path alone is nobody's
                refusal = reply(405, headers={"Allow": allowed})
                made.append(routes.last_resort(url).respond(refusal).expect(at_least=0))
        return made

    # --- what came of it ----------------------------------------------------------------------------------------------

    @property
    def states(self) -> dict[str, JobState]:
        """How each job stands, by id, in the order they were taken on."""
        return self._book.states(self._clock.elapsed)

    @property
    def early_polls(self) -> list[EarlyPoll]:
        """The polls that did not wait for the Retry-After before them."""
        return list(self._book.early_polls)

    @property
    def deliveries(self) -> list[Delivery]:
        """What was sent to the webhook, and how that was answered."""
        return list(self._book.deliveries)

    @property
    def calls(self) -> list[Call]:
        """Every call of its routes, in the order they came."""
        return sorted((call for route in self.routes for call in route.calls), key=lambda call: call.at)

    def rewind(self) -> None:
        """Forget all jobs."""
        self._book.rewind()

    def snapshot(self) -> Any:
        """How all jobs stand, to be given to ``restore``."""
        return self._book.snapshot(self._clock.elapsed)

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot, with as much time to come as then; the clock calls for nothing of before."""
        self._book.restore(snapshot, self._clock.elapsed)
        for record in self._book.unfinished():
            self._set_alarm(record)

    # --- requests -----------------------------------------------------------------------------------------------------

    def _create(self, request: Request, timestamp: float) -> Outcome | Noted:
        made, state, record = self._book.create(request, self._clock.elapsed)
        self._set_alarm(record)
        return Noted(made.render(request, timestamp), _note(state))

    def _poll(self, request: Request, timestamp: float) -> Outcome | Noted:
        return self._tell(self._book.poll, request, timestamp, self._place)

    def _result(self, request: Request, timestamp: float) -> Outcome | Noted:
        return self._tell(self._book.result, request, timestamp, self._result_place)

    def _cancel(self, request: Request, timestamp: float) -> Outcome | Noted:
        return self._tell(self._book.cancel, request, timestamp, self._place)

    def _tell(
        self, ask: Callable[[Request, str, float], Told], request: Request, timestamp: float, place: Place
    ) -> Outcome | Noted:
        """What the book says about one job; if that is the first word of its end, once the webhook was told."""
        identity = place.identity(request)
        told = ask(request, identity, self._clock.elapsed)
        response = told.reply.render(request, timestamp)
        if told.state is None:
            return Noted(response, f"job {identity}: unknown")
        outcome: Response | Deferred = response
        if told.completes is not None:
            later = self._deliver(told.completes, awaits=request.awaits)
            if later is not None:
                outcome = Deferred(_after(later, response))
        return Noted(outcome, _note(told.state))

    def _locate_status(self, request: Request, identity: str) -> str:
        return self._place.locate(request, identity, self._base_url)

    def _locate_result(self, request: Request, identity: str) -> str:
        return self._result_place.locate(request, identity, self._base_url)

    # --- the webhook --------------------------------------------------------------------------------------------------

    def _set_alarm(self, record: Record) -> None:
        """Have the clock call when a job's time is over, if it has one and somebody is to be told."""
        duration = self._book.settings.duration
        if duration is not None and self._webhook is not None:
            self._clock.call_at(record.born + duration, lambda: self._deliver_if_due(record))

    def _deliver_if_due(self, record: Record) -> None:
        """The clock has passed a job's time."""
        if not self._book.is_due(record, self._clock.elapsed):
            return
        send = self._deliver(record, awaits=in_event_loop())
        if send is not None:
            threading.Thread(target=send, name=f"webhook of {record.id}", daemon=True).start()

    def _deliver(self, record: Record, *, awaits: bool) -> Callable[[], None] | None:
        if self._webhook is None:
            return None
        body = self._book.completion(record, self._clock.elapsed)
        return self._webhook.deliver(record.id, body, record.request.view, self._book.add_delivery, awaits=awaits)

    def __repr__(self) -> str:
        return f"<Job {self.url} with {len(self.states)} jobs>"


def _note(state: JobState) -> str:
    left = "" if state.polls_left is None or state.status != "running" else f", {state.polls_left} polls left"
    return f"job {state.id}: {state.status}{left}"


def _make_route(routes: RouteMaker, method: str, place: Place, answer: Answers) -> Route:
    """A route for a job that was taken on; nobody has to ask, also where every route is expected to be called."""
    params = None if place.params is None else exactly(place.params)
    return routes.route(method, place.url, params=params).answer_with(answer).expect(at_least=0)


async def _after(send: Callable[[], None], outcome: Response) -> Response:
    await in_thread(send)
    return outcome
