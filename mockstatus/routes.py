"""A route: which requests it fits, what it answers in which order, and how often it should be called."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec

from mockstatus.answers import (
    Answer,
    Flaky,
    PassAnswer,
    ReplyAnswer,
    Step,
    fault_step,
    function_step,
    reply_step,
)
from mockstatus.errors import InvalidRoute
from mockstatus.index import Bucket, Link, drop, revive
from mockstatus.messages import Request
from mockstatus.patterns import Target, decode_params
from mockstatus.replies import reply
from mockstatus.signatures import made_of

if TYPE_CHECKING:
    from mockstatus.journal import Calls, Journal
    from mockstatus.named_conditions import Condition

P = ParamSpec("P")
_DEFAULT_ANSWER = ReplyAnswer(reply(200))
_DEFAULT = (Step(_DEFAULT_ANSWER, 1),)
_DEFAULT_ENDS = [1]


class Expected(NamedTuple):
    """How often a route should be called; ``at_most`` None is without limit."""

    at_least: int
    at_most: int | None

    def holds(self, count: int) -> bool:
        """Whether a number of calls is as expected."""
        return self.at_least <= count and (self.at_most is None or count <= self.at_most)

    def __str__(self) -> str:
        if self.at_most is None:
            return f"at least {_times(self.at_least)}"
        if self.at_least == self.at_most:
            return _times(self.at_most)
        return f"at most {_times(self.at_most)}" if not self.at_least else f"{self.at_least} to {self.at_most} times"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


class Snapshot(NamedTuple):
    """How a route stood at some time."""

    steps: tuple[Step, ...]
    position: int
    taken: int
    limit: int | None
    expected: Expected | None
    flaky: Flaky | None
    chance: object
    spent: bool


def _starting(make: Callable[P, Step], name: str, doc: str) -> Callable[Concatenate[Route, P], Route]:
    """A method that begins the route's answer anew with a step."""

    def method(self: Route, /, *args: P.args, **kwargs: P.kwargs) -> Route:
        self._answer((make(*args, **kwargs),))
        return self

    return made_of(method, make, qualname=f"Route.{name}", doc=doc)


def _continuing(make: Callable[P, Step], name: str, doc: str) -> Callable[Concatenate[Route, P], Route]:
    """A method that continues the route's answer with a step."""

    def method(self: Route, /, *args: P.args, **kwargs: P.kwargs) -> Route:
        self._answer((*self._steps, make(*args, **kwargs)), anew=False)
        return self

    return made_of(method, make, qualname=f"Route.{name}", doc=doc)


class Route:
    """A route of a router, made by its verbs; it answers the documented 200 from the moment it is made.

    The methods that define it return the route, so that they can be chained; wrong arguments raise InvalidReply
    (about what a server can send) or InvalidRoute (about anything else) and change nothing.
    """

    __slots__ = (
        "_always",
        "_ends",
        "_expected",
        "_flaky",
        "_journal",
        "_limit",
        "_lock",
        "_place",
        "_position",
        "_steps",
        "_taken",
        "conditions",
        "home",
        "links",
        "method",
        "note",
        "serial",
        "simple",
        "spent",
        "target",
    )

    def __init__(
        self,
        method: str,
        target: Target,
        conditions: tuple[Condition, ...],
        serial: int,
        journal: Journal,
        lock: threading.RLock,
        place: tuple[str, int] | None = None,
    ) -> None:
        self.method = method  # in upper case; empty for any
        self.target = target
        self.conditions = conditions
        self.serial = serial
        self.simple = not conditions and target.regex is None and not target.names  # found by the index is fitting
        self.links: list[Link] = []  # its places in the index
        self.home: Bucket | None = None  # what gave it these
        self.spent = False  # its limit is reached: it fits no more
        self.note = ""  # how the last choice fell
        self._journal = journal
        self._lock = lock  # the router's
        self._place = place
        self._always: Answer | None = _DEFAULT_ANSWER  # the answer to every call; None where there are several
        self._steps: tuple[Step, ...] = _DEFAULT
        self._ends = _DEFAULT_ENDS  # up to which position each step answers
        self._position = 0
        self._taken = 0
        self._limit: int | None = None
        self._expected: Expected | None = None
        self._flaky: Flaky | None = None

    # --- what it answers ----------------------------------------------------------------------------------------------

    respond = _starting(
        reply_step,
        "respond",
        """Answer with a status or a reply, beginning the route's answer anew.

        What is not given comes from the documented response of the status; arguments are those of
        ``mockstatus.reply``. ``times`` is for how many calls, if another answer follows; the last one repeats.
        """,
    )
    then = _continuing(reply_step, "then", "Answer so after the answers before; arguments are those of ``respond``.")
    fail = _starting(
        fault_step,
        "fail",
        """Break the call, beginning the route's answer anew: with a fault by name, or an exception as it is.

        ``after`` bytes of ``reply`` arrive first, where the fault breaks off a reply; ``delay`` is in seconds.
        """,
    )
    then_fail = _continuing(
        fault_step, "then_fail", "Break so after the answers before; arguments are those of ``fail``."
    )
    respond_with = _starting(
        function_step,
        "respond_with",
        """Answer with what a function of the request returns: a status, a reply or the name of a fault.

        It may be a coroutine function under an asynchronous client; what it raises reaches the caller as it is.
        """,
    )
    then_with = _continuing(function_step, "then_with", "Answer with a function's result after the answers before.")

    def answer_with(self, answer: Answer) -> Route:
        """Answer with an object of one's own that has ``give(request, timestamp)``."""
        self._answer((Step(answer, 1),))
        return self

    def pass_through(self) -> Route:
        """Really send the requests that fit."""
        self._answer((Step(PassAnswer(), 1),))
        return self

    def flaky(self, rate: float, *faults_or_replies: object, seed: int = 0) -> Route:
        """Give this share of the calls one of these instead; the others get the route's own answer.

        The choice is seeded: the same in every run. 0 is never, 1 always.
        """
        flaky = Flaky(rate, faults_or_replies, seed)
        with self._lock:
            self._flaky = flaky
            self.note = ""
            self._look()
        return self

    def _answer(self, steps: tuple[Step, ...], *, anew: bool = True) -> None:
        with self._lock:
            self._steps = steps
            self._ends = list(accumulate(step.times for step in steps)) if len(steps) > 1 else _DEFAULT_ENDS
            if anew:
                self._position = 0
            self._look()

    def _look(self) -> None:
        """See whether it is the same answer to every call."""
        is_one = len(self._steps) == 1 and self._limit is None and self._flaky is None
        self._always = self._steps[0].answer if is_one else None

    # --- how often ----------------------------------------------------------------------------------------------------

    def limit(self, count: int) -> Route:
        """Fit no more after so many answers."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InvalidRoute(
                f"limit({count!r}): give the number of answers after which the route no longer fits, 1 or more"
            )
        with self._lock:
            self._limit = count
            self._look()
            self._set_spent(spent=self._taken >= count)
        return self

    def expect(self, count: int | None = None, *, at_least: int | None = None, at_most: int | None = None) -> Route:
        """Have it checked at exit that the route was called so often; without arguments, once or more."""
        for name, value in (("expect", count), ("at_least", at_least), ("at_most", at_most)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
                raise InvalidRoute(f"{name}={value!r}: give a number of calls, 0 or more")
        if count is not None and (at_least is not None or at_most is not None):
            raise InvalidRoute(f"expect({count}) with at_least or at_most: give the exact number or the bounds")
        if at_least is not None and at_most is not None and at_least > at_most:
            raise InvalidRoute(f"expect(at_least={at_least}, at_most={at_most}) can never hold")
        if count is not None:
            self._expected = Expected(count, count)
        else:
            self._expected = Expected(1 if at_least is None and at_most is None else at_least or 0, at_most)
        return self

    def unmet(self, *, expect_all: bool) -> Expected | None:
        """What was expected of the route and did not happen; None where all is well."""
        expected = self._expected or (Expected(1, None) if expect_all else None)
        return None if expected is None or expected.holds(self.call_count) else expected

    # --- what came ----------------------------------------------------------------------------------------------------

    @property
    def calls(self) -> Calls:
        """The calls it answered, as far as the router's ``history`` keeps them."""
        return self._journal.calls_of(self)

    @property
    def called(self) -> bool:
        """Whether it was called at all."""
        return self.call_count > 0

    @property
    def call_count(self) -> int:
        """How often it was called, calls that are no longer kept included."""
        return self._journal.count(self)

    # --- the way of a match -------------------------------------------------------------------------------------------

    def fits(self, request: Request) -> bool:
        """Whether a request that the index found fits in every respect; sets its ``path_params``."""
        if self.target.names or self.target.regex is not None:
            params = self.params_of(request)
            if params is None:
                return False
            request.path_params = params
        elif request.path_params:
            request.path_params = {}
        try:
            return all(condition.fits(request) for condition in self.conditions)
        except Exception as error:
            error.add_note(f"raised while mockstatus matched {request!r} against {self!r}")
            raise

    def params_of(self, request: Request) -> dict[str, str] | None:
        """What the templates of the URL stand for in a request that the index found; None where an expression fails."""
        target = self.target
        if target.regex is not None:
            found = target.regex.search(request.url if target.origin is None else request.uri.canonical_url)
            if found is None:
                return None
            names = found.re.groupindex
            return decode_params(tuple(names), [found[name] or "" for name in names])
        if target.segments is None:
            return {}
        parts = request.uri.path.split("/")
        return decode_params(target.names, target.values(parts))

    def take(self) -> Answer | None:
        """The next answer; None where the limit is reached. The caller holds the router's lock, and claims a call."""
        if self._always is not None:
            self._taken += 1
            self._position += 1
            return self._always
        taken = self._taken
        if self._limit is not None:
            if taken >= self._limit:
                return None
            if taken + 1 == self._limit:
                self._set_spent(spent=True)
        self._taken = taken + 1
        if self._flaky is not None:
            drawn = self._flaky.draw()
            self.note = self._flaky.note(drawn)
            if drawn is not None:
                return drawn
        position = self._position
        self._position = position + 1
        steps = self._steps
        return steps[min(bisect_right(self._ends, position), len(steps) - 1)].answer

    def _set_spent(self, *, spent: bool) -> None:
        if spent != self.spent:
            self.spent = spent
            (drop if spent else revive)(self)

    # --- going back ---------------------------------------------------------------------------------------------------

    def rewind(self) -> None:
        """Begin sequence, limit and chance anew."""
        with self._lock:
            self._position = self._taken = 0
            self._set_spent(spent=False)
            if self._flaky is not None:
                self._flaky.restore(None)

    def snapshot(self) -> Snapshot:
        """All that changes in a route, to be given to ``restore``."""
        with self._lock:
            chance = None if self._flaky is None else self._flaky.state()
            return Snapshot(
                self._steps, self._position, self._taken, self._limit, self._expected, self._flaky, chance, self.spent
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Stand as at the snapshot."""
        self._answer(snapshot.steps)
        self.note = ""
        with self._lock:
            self._position = snapshot.position
            self._taken = snapshot.taken
            self._limit = snapshot.limit
            self._expected = snapshot.expected
            self._flaky = snapshot.flaky
            self._set_spent(spent=snapshot.spent)
            self._look()
            if self._flaky is not None:
                self._flaky.restore(snapshot.chance)

    def __repr__(self) -> str:
        return f"<Route {self.description} -> {self.answers}>"

    @property
    def description(self) -> str:
        """Method, URL and conditions, as a line."""
        url = "anything" if self.target.origin is None and self.target.regex is None else self.target.text
        if self.target.regex is not None and self.target.origin is None:
            url = f"/{self.target.text}/"
        asked = "".join(f" {condition!r}" for condition in self.conditions if not condition.implied)
        return f"{self.method or 'ANY'} {url}{asked}"

    @property
    def limit_text(self) -> str:
        """The limit, as part of a sentence."""
        return "1 answer" if self._limit == 1 else f"{self._limit} answers"

    @property
    def place(self) -> str:
        """Where the route was defined, in parentheses; nothing where that is not known."""
        return f"({self._place[0].rpartition('/')[2]}:{self._place[1]})" if self._place else ""

    @property
    def answers(self) -> str:
        """The answers in order, as a line."""
        shown = [f"{step.answer!r} x{step.times}" if step.times > 1 else repr(step.answer) for step in self._steps]
        limit = f", limit {self._limit}" if self._limit is not None else ""
        return ", then ".join(shown) + limit
