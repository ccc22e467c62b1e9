"""The asynchronous job behind a 202: taken on, asked about, finished, fetched, cancelled, expired. Knows no router.

Each job has a lock and a state of its own; nothing here waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mockstatus.errors import InvalidRoute
from mockstatus.matchers import UNSET
from mockstatus.replies import Reply, reply
from mockstatus.reply_rules import check_seconds
from mockstatus.scenarios.moments import is_before

if TYPE_CHECKING:
    from mockstatus.messages import Request
    from mockstatus.scenarios.webhooks import Delivery

Status = Literal["accepted", "running", "done", "failed", "cancelled", "expired"]
ENDED = frozenset({"done", "failed", "cancelled", "expired"})


class JobState(NamedTuple):
    """How one job stands: what ``body`` is given.

    ``progress`` goes from 0 to 1; ``polls`` is how often it was asked about, ``polls_left`` how often it will still
    say 202 (None where time decides); ``age`` is in seconds on the router's clock; ``result`` is there when it is done.
    """

    id: str
    status: Status
    progress: float
    polls: int
    polls_left: int | None
    age: float
    result: Any


class EarlyPoll(NamedTuple):
    """A poll that was made before the ``Retry-After`` of the answer before was over: by how many seconds, and when."""

    id: str
    at: float
    early_by: float
    request: Request


class Settings(NamedTuple):
    """What ``job`` was told."""

    polls: int
    duration: float | None
    result: Any
    retry_after: int | str | None  # seconds; or text, of which nobody can be too early
    body: Callable[[JobState], Any] | None
    redirect: bool
    fails_with: int | Reply | None
    expires: float | None
    ids: Iterator[str]
    end: Status = "done"  # of a job that does not fail


def read_settings(
    *,
    polls: int,
    duration: float | None,
    result: Any,
    retry_after: int | None,
    body: Callable[[JobState], Any] | None,
    redirect: bool,
    fails_with: int | Reply | None,
    expires: float | None,
    ids: Iterable[str] | None,
) -> Settings:
    """The settings of a job, checked. Raises InvalidRoute or InvalidReply."""
    if isinstance(polls, bool) or not isinstance(polls, int) or polls < 0:
        raise InvalidRoute(f"polls={polls!r}: give how often the job says 202 when it is asked about, 0 or more")
    if duration is not None:
        check_seconds("duration", duration)
    if expires is not None:
        check_seconds("expires", expires)
    if retry_after is not None and (
        isinstance(retry_after, bool) or not isinstance(retry_after, int) or retry_after < 0
    ):
        raise InvalidRoute(
            f"retry_after={retry_after!r}: a Retry-After is a whole number of seconds (RFC 9110, Section 10.2.3)"
        )
    if body is not None and not callable(body):
        raise InvalidRoute(f"body={body!r}: give a function of the job's state that returns what is sent as JSON")
    if fails_with is not None and not isinstance(fails_with, Reply):
        reply(fails_with)
        if fails_with < 400:
            raise InvalidRoute(f"fails_with={fails_with}: a job that fails says so with a status from 400 up")
    if ids is not None and (isinstance(ids, str) or not isinstance(ids, Iterable)):
        raise InvalidRoute(f"ids={ids!r}: give several, as a list or a generator")
    if body is None and result is not UNSET and not isinstance(result, Reply):
        reply(200, json=result)  # raises where it is no JSON
    return Settings(
        polls,
        duration,
        result,
        retry_after,
        body,
        redirect,
        fails_with,
        expires,
        (f"job-{number}" for number in count(1)) if ids is None else iter(ids),
    )


class Standing(NamedTuple):
    """How a job stands at some moment: how old it is, how long its poller is still to wait, and what has come of it."""

    age: float
    wait: float | None
    polls: int
    finished: bool
    cancelled: bool


class Record:
    """One job. Its lock is held while its state changes, and never while somebody else's code runs."""

    __slots__ = ("born", "cancelled", "finished", "id", "lock", "polls", "request", "wait_until")

    def __init__(self, identity: str, born: float, request: Request) -> None:
        self.id = identity
        self.born = born
        self.request = request  # which began it
        self.lock = threading.Lock()
        self.polls = 0
        self.wait_until: float | None = None  # as the last Retry-After said
        self.finished = False  # somebody was told that it has ended
        self.cancelled = False

    def snapshot(self, elapsed: float) -> Standing:
        """How the job stands."""
        with self.lock:
            wait = None if self.wait_until is None else self.wait_until - elapsed
            return Standing(elapsed - self.born, wait, self.polls, self.finished, self.cancelled)

    def restore(self, standing: Standing, elapsed: float) -> None:
        """Stand as at the snapshot, and be as old as then."""
        age, wait, polls, finished, cancelled = standing
        with self.lock:
            self.born, self.wait_until = elapsed - age, None if wait is None else elapsed + wait
            self.polls, self.finished, self.cancelled = polls, finished, cancelled


class Told(NamedTuple):
    """A reply about a job, how the job stands, and the job itself if this is the first word of its end."""

    reply: Reply
    state: JobState | None
    completes: Record | None = None


class JobBook:
    """The jobs of one ``job`` route, or of one virtual host: answers what is asked about them."""

    def __init__(
        self,
        settings: Settings,
        status_url: Callable[[Request, str], str],
        result_url: Callable[[Request, str], str],
    ) -> None:
        self.settings = settings
        self._status_url = status_url
        self._result_url = result_url
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()  # for the dictionary
        self._ids_lock = threading.Lock()  # a generator can only run once at a time
        self.early_polls: list[EarlyPoll] = []
        self.deliveries: list[Delivery] = []

    # --- requests -----------------------------------------------------------------------------------------------------

    def create(self, request: Request, elapsed: float) -> tuple[Reply, JobState, Record]:
        """Take a job on. Raises InvalidRoute when the ids have run out."""
        with self._ids_lock:
            identity = next(self.settings.ids, None)
        if identity is None:
            raise InvalidRoute("ids= has run out: give as many as there are jobs, or a generator")
        record = Record(str(identity), elapsed, request)
        self._remind(record, elapsed)
        with self._lock:
            self._records[record.id] = record
        state = self._make(record, elapsed, "accepted")
        headers = {"Location": self._status_url(request, record.id), **self._retry_after()}
        return self._reply(202, state, headers), state, record

    def poll(self, request: Request, identity: str, elapsed: float) -> Told:
        """Say how a job stands; being asked with GET is what brings a job on that counts polls."""
        record = self._find(request, identity)
        if record is None:
            return Told(reply(404), None)
        with record.lock:
            status = self._status(record, elapsed)
            completes = self._is_first_word(record, status)
            if request.method == "GET":
                self._note_if_early(record, request, elapsed)
                if status in ("accepted", "running"):
                    record.polls += 1
                    status = "running"
                    self._remind(record, elapsed)
            state = self._make(record, elapsed, status)
        return Told(self._answer(request, state), state, record if completes else None)

    def result(self, request: Request, identity: str, elapsed: float) -> Told:
        """Give the result of a job that is done; there is none before."""
        record = self._find(request, identity)
        if record is None:
            return Told(reply(404), None)
        with record.lock:
            status = self._status(record, elapsed)
            completes = self._is_first_word(record, status)
            state = self._make(record, elapsed, status)
        if status == "done":
            made = self._final(state)
        else:
            made = self._answer(request, state) if status in ENDED else reply(404)
        return Told(made, state, record if completes else None)

    def cancel(self, request: Request, identity: str, elapsed: float) -> Told:
        """Cancel a job, or forget one that has ended."""
        record = self._find(request, identity)
        if record is None:
            return Told(reply(404), None)
        with record.lock:
            gone = self._status(record, elapsed) in ("expired", "cancelled")
            record.cancelled, record.wait_until = True, None
            state = self._make(record, elapsed, self._status(record, elapsed))
        return Told(reply(410 if gone else 204), state)

    def _find(self, request: Request, identity: str) -> Record | None:
        """The job of an id, where it was begun: the URLs may have more in them that says whose it is."""
        record = self._records.get(identity)
        if record is None:
            return None
        whose = record.request.path_params
        same = all(whose.get(name, value) == value for name, value in request.path_params.items() if name != "id")
        return record if same else None

    @staticmethod
    def _is_first_word(record: Record, status: Status) -> bool:
        """Whether an answer is the first that says that the job has ended. The caller holds the job's lock."""
        if record.finished or status not in ("done", "failed"):
            return False
        record.finished = True
        return True

    # --- states -------------------------------------------------------------------------------------------------------

    def states(self, elapsed: float) -> dict[str, JobState]:
        """How all jobs stand, in the order they were taken on."""
        found = {}
        for record in list(self._records.values()):
            with record.lock:
                found[record.id] = self._make(record, elapsed, self._status(record, elapsed))
        return found

    def is_due(self, record: Record, elapsed: float) -> bool:
        """Whether a job has ended and nobody knows; from here on, somebody does."""
        with record.lock:
            known = self._records.get(record.id) is record  # not forgotten since
            return known and self._is_first_word(record, self._status(record, elapsed))

    def add_delivery(self, delivery: Delivery) -> None:
        """A completion was sent."""
        self.deliveries.append(delivery)

    def completion(self, record: Record, elapsed: float) -> Any:
        """What is sent when a job has ended."""
        with record.lock:
            state = self._make(record, elapsed, self._status(record, elapsed))
        if self.settings.body is not None:
            return self.settings.body(state)
        told: dict[str, Any] = {"status": state.status, "task_id": state.id}
        return told | {"result": state.result} if state.status == "done" else told

    def _status(self, record: Record, elapsed: float) -> Status:
        settings = self.settings
        if settings.expires is not None and not is_before(elapsed, record.born + settings.expires):
            return "expired"
        if record.cancelled:
            return "cancelled"
        if settings.duration is None:
            over = record.polls >= settings.polls
        else:
            over = not is_before(elapsed, record.born + settings.duration)
        if over:
            return settings.end if settings.fails_with is None else "failed"
        return "running" if record.polls else "accepted"

    def _make(self, record: Record, elapsed: float, status: Status) -> JobState:
        settings = self.settings
        age = elapsed - record.born
        left = None
        if settings.duration is None:
            progress = record.polls / (settings.polls + 1)
            left = settings.polls - record.polls
        else:
            progress = age / settings.duration if settings.duration else 1.0
        progress = 1.0 if status in ("done", "failed") else min(progress, 1.0)
        result = self._result_value() if status == "done" else None
        return JobState(record.id, status, progress, record.polls, left, age, result)

    def _result_value(self) -> Any:
        result = self.settings.result
        if isinstance(result, Reply):
            return None
        return {"status": "success"} if result is UNSET else result

    def _note_if_early(self, record: Record, request: Request, elapsed: float) -> None:
        """Enter a poll that comes before it was asked for. The caller holds the job's lock."""
        if record.wait_until is not None and is_before(elapsed, record.wait_until):
            self.early_polls.append(EarlyPoll(record.id, elapsed, record.wait_until - elapsed, request))
        record.wait_until = None

    def _remind(self, record: Record, elapsed: float) -> None:
        """Remember until when a poller is told to wait."""
        wait = self.settings.retry_after
        record.wait_until = elapsed + wait if isinstance(wait, int) else None

    # --- replies ------------------------------------------------------------------------------------------------------

    def _answer(self, request: Request, state: JobState) -> Reply:
        if state.status == "done":
            if self.settings.redirect:
                return reply(303, headers={"Location": self._result_url(request, state.id)})
            return self._final(state)
        if state.status == "failed":
            fails_with = self.settings.fails_with
            assert fails_with is not None
            return fails_with if isinstance(fails_with, Reply) else self._reply(fails_with, state)
        if state.status in ("cancelled", "expired"):
            return self._reply(410, state)
        return self._reply(202, state, self._retry_after())

    def _final(self, state: JobState) -> Reply:
        result = self.settings.result
        if isinstance(result, Reply):
            return result
        return self._reply(200, state) if self.settings.body is not None else reply(200, json=state.result)

    def _reply(self, status: int, state: JobState, headers: Mapping[str, str] | None = None) -> Reply:
        if self.settings.body is not None:
            return reply(status, json=self.settings.body(state), headers=headers)
        if status == 202:
            return reply(202, json={"status": "accepted", "task_id": state.id}, headers=headers)
        return reply(status, headers=headers)

    def _retry_after(self) -> dict[str, str]:
        wait = self.settings.retry_after
        return {} if wait is None else {"Retry-After": str(wait)}

    def snapshot(self, elapsed: float) -> Any:
        """How all jobs stand, to be given to ``restore``."""
        with self._lock:
            records = {identity: (record, record.snapshot(elapsed)) for identity, record in self._records.items()}
            return records, list(self.early_polls), list(self.deliveries)

    def restore(self, snapshot: Any, elapsed: float) -> None:
        """Stand as at the snapshot; the jobs are as old as then, whatever the clock says now."""
        records, early_polls, deliveries = snapshot
        with self._lock:
            self._records = {identity: record for identity, (record, _) in records.items()}
            self.early_polls, self.deliveries = list(early_polls), list(deliveries)
        for record, standing in records.values():
            record.restore(standing, elapsed)

    def unfinished(self) -> list[Record]:
        """The jobs of whose end nobody was told."""
        with self._lock:
            return [record for record in self._records.values() if not record.finished]

    def rewind(self) -> None:
        """Forget all jobs. Ids go on where they were: a generator cannot be turned back."""
        with self._lock:
            self._records = {}
            self.early_polls = []
            self.deliveries = []
