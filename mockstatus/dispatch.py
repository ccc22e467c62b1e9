"""Who is asked for an answer, in which order, and what happens when nobody has one. Knows routers; no clients.

A view is what one intercepted call sees: the routers of the activations around it, or the one router of a transport.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockstatus.diagnosis import unmatched
from mockstatus.errors import InvalidSetting, MockStatusError, UnmatchedRequest
from mockstatus.messages import PASS_THROUGH, Outcome, Request
from mockstatus.policy import NetworkLike, Policy
from mockstatus.router import Router
from mockstatus.waiting import TimeMode, Waiter, check_time, make_waiter


class Recorder(Protocol):
    """Where a miss is remembered, to be raised again at exit."""

    def record(self, error: MockStatusError) -> None:
        """Remember a miss."""
        ...


class View:
    """Routers, innermost first, with what holds for what they do not answer and for waits."""

    __slots__ = ("_only", "network", "recorder", "routers", "time", "waiter")

    def __init__(
        self, routers: Sequence[Router], network: Policy, time: TimeMode, recorder: Recorder | None = None
    ) -> None:
        self.routers = tuple(dict.fromkeys(routers))
        self._only = self.routers[0] if len(self.routers) == 1 else None  # as is usual
        self.network = network
        self.time: TimeMode = time
        self.recorder = recorder
        self.waiter: Waiter = make_waiter(time, [router.clock for router in self.routers])

    def offer(self, request: Request) -> Outcome:
        """The outcome of a request: of a route, else of a virtual host, else as ``network`` says.

        Raises UnmatchedRequest, or whatever the user's own functions raise.
        """
        request.view = self
        only = self._only
        if only is not None and not only.gates:
            outcome = only.handle(request)
        else:
            outcome = self._refusal(request)
            if outcome is None:
                outcome = self._of_a_route(request)
        if outcome is not None:
            return outcome
        for router in self.routers:
            outcome = router.host_answer(request)
            if outcome is not None:
                return outcome
        if self.network.allows(request.host, request.port):
            return PASS_THROUGH
        raise self.miss(request)

    def _of_a_route(self, request: Request) -> Outcome | None:
        """What the first route that fits says, innermost first; those that are a last resort come after all others."""
        if self._only is not None:
            return self._only.handle(request)
        for resorts in (False, True) if any(router.has_resorts for router in self.routers) else (None,):
            for router in self.routers:
                outcome = router.handle(request, resorts=resorts)
                if outcome is not None:
                    return outcome
        return None

    def _refusal(self, request: Request) -> Outcome | None:
        """What the first gate in the way of a request says, the oldest first; None where all let it pass."""
        gates = sorted((gate for router in self.routers for gate in router.gates), key=lambda gate: gate.serial)
        for gate in gates:
            refused = gate.refuse(request)
            if refused is not None:
                return refused
        return None

    def miss(self, request: Request) -> UnmatchedRequest:
        """The error for a request that nothing fits, remembered for the exit."""
        return self.refuse(unmatched(request, self.routers))

    def refuse(self, error: UnmatchedRequest) -> UnmatchedRequest:
        """An error for a request, remembered for the exit."""
        if self.recorder is not None:
            self.recorder.record(error)
        elif self.routers:
            self.routers[0].unmatched.append(error)
        return error


def make_view(router: Router, network: NetworkLike, time: TimeMode) -> View:
    """What a transport with a router of its own sees. Raises InvalidSetting for settings that make no sense."""
    if not isinstance(router, Router):
        raise InvalidSetting(f"{router!r} is no router: give mockstatus.Router()")
    return View([router], Policy(network), check_time(time))
