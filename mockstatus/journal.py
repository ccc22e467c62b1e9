"""What was called, and what came of it. Knows calls; must not know how a call was matched."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, overload

from mockstatus.messages import Failure, Request, Response

if TYPE_CHECKING:
    from mockstatus.routes import Route


class Call:
    """One request and what came of it.

    ``response`` is what was sent, or ``fault`` the name of what happened instead, or the exception that was raised;
    both are None for a request that was really sent. ``at`` is the time on the router's clock, in seconds. ``note``
    says which way a random choice fell, and with what seed.
    """

    __slots__ = ("at", "note", "outcome", "request", "route")

    def __init__(self, request: Request, route: Route | None, at: float, note: str = "") -> None:
        self.request = request
        self.route = route
        self.at = at
        self.note = note
        self.outcome: object = None  # or the exception of a user's own function

    @property
    def response(self) -> Response | None:
        """The answer; None where there was none."""
        outcome = self.outcome
        if isinstance(outcome, Failure):
            return outcome.reply
        return outcome if isinstance(outcome, Response) else None

    @property
    def fault(self) -> str | BaseException | None:
        """The name of the fault, or the exception; None where there was an answer."""
        outcome = self.outcome
        if isinstance(outcome, Failure):
            return outcome.fault
        return outcome if isinstance(outcome, BaseException) else None

    def __repr__(self) -> str:
        came = self.fault if self.fault is not None else self.response
        shown = "sent" if came is None else came if isinstance(came, str) else repr(came)
        note = f" ({self.note})" if self.note else ""
        return f"<Call {self.request.method} {self.request.url} -> {shown}{note}>"


class Calls(Sequence[Call]):
    """Calls in the order they came, the oldest dropped beyond the router's ``history``; ``dropped`` says how many."""

    __slots__ = ("_dropped", "_items", "_of")

    def __init__(self, items: Callable[[], Sequence[Call]], dropped: Callable[[], int], of: str) -> None:
        self._items = items
        self._dropped = dropped
        self._of = of

    @property
    def last(self) -> Call:
        """The latest call. Raises AssertionError when there is none."""
        items = self._items()
        if not items:
            raise AssertionError(f"{self._of} has no calls{self._why_none()}")
        return items[-1]

    @property
    def dropped(self) -> int:
        """How many calls are no longer kept."""
        return self._dropped()

    def _why_none(self) -> str:
        return f": the {self.dropped} it had are no longer kept (history=)" if self.dropped else ""

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        items = self._items()
        try:
            return items[index]
        except IndexError:
            raise IndexError(f"{self._of} has {len(items)} calls, none at {index}") from None

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Call]:
        return iter(self._items())

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, (Calls, list, tuple)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        dropped = f", and {self.dropped} no longer kept" if self.dropped else ""
        return f"<Calls {list(self)!r}{dropped}>"


class Journal:
    """The calls of one router, at most ``history`` of them, and how many there were in all.

    ``enter`` is called with the router's lock held, so that calls stand in the order in which they were claimed.
    """

    __slots__ = ("_calls", "_counts", "total")

    def __init__(self, history: int) -> None:
        self._calls: deque[Call] = deque((), history)  # noqa: RUF037 - with a name it takes twice as long, at every entry
        self._counts: dict[Route, int] = {}
        self.total = 0

    def enter(self, call: Call) -> None:
        """Add a call."""
        self.total += 1
        self._calls.append(call)
        route = call.route
        if route is not None:
            try:
                self._counts[route] += 1
            except KeyError:
                self._counts[route] = 1

    def count(self, route: Route) -> int:
        """How often a route was called, dropped calls included."""
        return self._counts.get(route, 0)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()
        self._counts.clear()
        self.total = 0

    def calls(self) -> Calls:
        """All calls that are kept."""
        return Calls(self._snapshot, lambda: self.total - len(self._calls), "the router")

    def calls_of(self, route: Route) -> Calls:
        """The calls of one route that are kept."""

        def kept() -> list[Call]:
            return [call for call in self._snapshot() if call.route is route]

        return Calls(kept, lambda: self.count(route) - len(kept()), repr(route))

    def _snapshot(self) -> list[Call]:
        while True:
            try:
                return list(self._calls)
            except RuntimeError:  # a call came in from another thread meanwhile
                continue
