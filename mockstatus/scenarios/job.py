"""A job as routes: what a router's ``job`` makes, and what a test asks of it. Knows routes by what they offer."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from mockstatus.errors import InvalidRoute, MockStatusError
from mockstatus.messages import Deferred, Failure, Noted, PassThrough, Request, Response
from mockstatus.replies import reply
from mockstatus.scenarios.jobs import Delivery, EarlyPoll, JobBook, JobState, Record, Settings
from mockstatus.sending import make_post, offer, really_send
from mockstatus.waiting import in_event_loop, in_thread

if TYPE_CHECKING:
    from mockstatus.clock import Clock
    from mockstatus.journal import Call
    from mockstatus.messages import Outcome
    from mockstatus.routes import Route

_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::path)?\}")


class RouteMaker(Protocol):
    """What makes a job's routes: a router."""

    @property
    def base_url(self) -> str | None:
        """What is put before relative URLs."""
        ...

    def route(self, method: str, url: str) -> Route:
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
    ``deliveries`` what was sent to ``webhook``, ``calls`` everything that was asked.
    """

    def __init__(
        self,
        url: str,
        status_url: str | None,
        settings: Settings,
        webhook: str | Callable[[Any], object] | None,
        routes: RouteMaker,
        clock: Clock,
    ) -> None:
        if not isinstance(url, str):
            raise InvalidRoute(f"job({url!r}): give the URL as text")
        self.url = url
        self.status_url = f"{url.partition('?')[0].rstrip('/')}/{{id}}" if status_url is None else status_url
        if "{id}" not in self.status_url:
            raise InvalidRoute(f"status_url={status_url!r} has no {{id}}: it is where each job is asked about")
        self._clock = clock
        self._base_url = routes.base_url
        self._webhook = webhook
        self._book = JobBook(settings, self._locate_status, self._locate_result)
        if webhook is not None and not callable(webhook):
            make_post(webhook, self._base_url, b"")  # raises where it is no URL
        self.routes = self._make_routes(routes)

    def _make_routes(self, routes: RouteMaker) -> Sequence[Route]:
        result_url = f"{self.status_url}/result"
        made = [
            routes.route("POST", self.url).answer_with(Answers("a new job", self._create)),
            routes.route("GET", self.status_url).answer_with(Answers("how the job stands", self._poll)),
            routes.route("HEAD", self.status_url).answer_with(Answers("how the job stands", self._poll)),
            routes.route("DELETE", self.status_url).answer_with(Answers("the job cancelled", self._cancel)),
            routes.route("GET", result_url).answer_with(Answers("the job's result", self._result)),
            routes.route("HEAD", result_url).answer_with(Answers("the job's result", self._result)),
        ]
        for url, allowed in ((self.url, "POST"), (self.status_url, "GET, HEAD, DELETE"), (result_url, "GET, HEAD")):
            refusal = reply(405, headers={"Allow": allowed})
            made.append(routes.last_resort(url).respond(refusal))
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
        return self._book.snapshot()

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot."""
        self._book.restore(snapshot)

    # --- requests -----------------------------------------------------------------------------------------------------

    def _create(self, request: Request, timestamp: float) -> Outcome | Noted:
        made, state, record = self._book.create(request, self._clock.elapsed)
        duration = self._book.settings.duration
        if duration is not None and self._webhook is not None:
            self._clock.call_at(record.born + duration, lambda: self._deliver_if_due(record))
        return Noted(made.render(request, timestamp), _note(state))

    def _poll(self, request: Request, timestamp: float) -> Outcome | Noted:
        told = self._book.poll(request, request.path_params["id"], self._clock.elapsed)
        response = told.reply.render(request, timestamp)
        outcome: Response | Deferred = response
        if told.completes is not None and self._webhook is not None:
            later = self._deliver(told.completes, awaits=request.awaits)
            if later is not None:
                outcome = Deferred(_after(later, response))
        return outcome if told.state is None else Noted(outcome, _note(told.state))

    def _result(self, request: Request, timestamp: float) -> Outcome | Noted:
        told = self._book.result(request, request.path_params["id"], self._clock.elapsed)
        outcome = told.reply.render(request, timestamp)
        return outcome if told.state is None else Noted(outcome, _note(told.state))

    def _cancel(self, request: Request, timestamp: float) -> Outcome | Noted:
        told = self._book.cancel(request.path_params["id"], self._clock.elapsed)
        outcome = told.reply.render(request, timestamp)
        return outcome if told.state is None else Noted(outcome, _note(told.state))

    def _locate_status(self, request: Request, identity: str) -> str:
        return _locate(self.status_url, request, identity, self._base_url)

    def _locate_result(self, request: Request, identity: str) -> str:
        return _locate(f"{self.status_url}/result", request, identity, self._base_url)

    # --- the webhook --------------------------------------------------------------------------------------------------

    def _deliver_if_due(self, record: Record) -> None:
        """The clock has passed a job's time."""
        if not self._book.is_due(record, self._clock.elapsed):
            return
        send = self._deliver(record, awaits=in_event_loop())
        if send is not None:
            threading.Thread(target=send, name=f"webhook of {record.id}", daemon=True).start()

    def _deliver(self, record: Record, *, awaits: bool) -> Callable[[], None] | None:
        """Send a completion; where that would block an event loop, give back what does it instead."""
        body = self._book.completion(record, self._clock.elapsed)
        if callable(self._webhook):
            self._call(self._webhook, record, body)
            return None
        assert isinstance(self._webhook, str)
        post = make_post(self._webhook, self._base_url, json.dumps(body, ensure_ascii=False).encode())
        try:
            outcome = offer(post, record.request.view)
        except MockStatusError as error:
            self._deliveries(record, post.url, body, error=error)
            return None
        if isinstance(outcome, PassThrough):

            def send() -> None:
                try:
                    self._deliveries(record, post.url, body, status=really_send(post))
                except (OSError, HTTPException) as error:
                    self._deliveries(record, post.url, body, error=error)

            if awaits:
                return send
            send()
        elif isinstance(outcome, Failure):
            self._deliveries(record, post.url, body, error=outcome.fault)
        elif isinstance(outcome, Response):
            self._deliveries(record, post.url, body, status=outcome.status)
        return None

    def _call(self, webhook: Callable[[Any], object], record: Record, body: Any) -> None:
        try:
            webhook(body)
        except Exception as error:
            self._deliveries(record, repr(webhook), body, error=error)
            error.add_note(f"raised by the webhook of {record.id}")
            raise
        self._deliveries(record, repr(webhook), body)

    def _deliveries(
        self, record: Record, to: str, body: Any, *, status: int | None = None, error: BaseException | str | None = None
    ) -> None:
        self._book.deliveries.append(Delivery(record.id, to, body, status, error))

    def __repr__(self) -> str:
        return f"<Job {self.url} with {len(self.states)} jobs>"


def _note(state: JobState) -> str:
    left = "" if state.polls_left is None or state.status != "running" else f", {state.polls_left} polls left"
    return f"job {state.id}: {state.status}{left}"


def _locate(template: str, request: Request, identity: str, base_url: str | None) -> str:
    """A URL of a job: its template with the values of the request that began it, and its id."""
    values = {**request.path_params, "id": identity}
    filled = _FIELD.sub(lambda found: quote(values.get(found[1], found[0]), safe=""), template)
    if "://" in filled or base_url is None:
        return filled
    base_path = "/".join(base_url.split("/")[3:]).strip("/")
    return f"/{base_path}/{filled.lstrip('/')}" if base_path else f"/{filled.lstrip('/')}"


async def _after(send: Callable[[], None], outcome: Response) -> Response:
    await in_thread(send)
    return outcome
