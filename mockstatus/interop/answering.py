"""Routers that stand behind another library's mock: answers in a row, or a virtual host. Must not know clients."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Final

from mockstatus.errors import InvalidReply, InvalidRoute
from mockstatus.faults import FaultName
from mockstatus.hosts import HOSTS, Memory
from mockstatus.messages import Outcome, Request, Response, sent
from mockstatus.replies import Reply, reply
from mockstatus.router import Router
from mockstatus.urls import target_uri

AnswerLike = int | Reply | FaultName | BaseException | type[BaseException]

_SOMEWHERE: Final = target_uri("https", "mock.local", 443, "/")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def as_reply(status: int | Reply) -> Reply:
    """The documented reply of a status, or a reply as it stands. Raises InvalidReply."""
    return status if isinstance(status, Reply) else reply(status)


def example_of(reply_: Reply) -> Response:
    """What a reply is to some request, for whoever looks at it before there is one."""
    method = "HEAD" if reply_.unsized else "GET"
    return reply_.render(Request(method, _SOMEWHERE, [], b"", "", {}), time.time())


def router_of(answers: Sequence[AnswerLike]) -> Router:
    """A router that gives each call the next of these answers, whatever is asked; the last one repeats.

    Raises InvalidReply or InvalidRoute for what is no answer.
    """
    if not answers:
        raise InvalidRoute(
            "no answer was given: write one or more of a status, a reply, the name of a fault, an exception"
        )
    router = Router(hosts=(), history=0)
    route = router.any()
    for place, answer in enumerate(answers):
        if isinstance(answer, (int, Reply)):
            status = as_reply(answer)
            route = route.then(status) if place else route.respond(status)
        elif isinstance(answer, (str, BaseException, type)):
            route = route.then_fail(answer) if place else route.fail(answer)
        else:
            raise InvalidReply(
                f"{answer!r} is no answer: give a status, mockstatus.reply(…), the name of a fault or an exception"
            )
    return router


class StatusHost(Router):
    """A router of nothing but one virtual host, under a name: the host of that name, else all that mock.local answers.

    Raises InvalidRoute for what is no host name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(hosts=(), history=0)
        self.name: Final = _check_host(name)
        self._answer = HOSTS.get(self.name, HOSTS["mock.local"])
        self._remembered = Memory(self.clock)

    def host_answer(self, request: Request) -> Outcome | None:
        """The outcome of the virtual host; None for another host, and for what this one does not document."""
        if request.host != self.name:
            return None
        answered = self._answer(request, self._remembered, self.clock.read()[1])
        return None if answered is None else sent(answered.outcome)


def _check_host(name: object) -> str:
    if not isinstance(name, str) or not _HOST_NAME.fullmatch(name.lower()):
        raise InvalidRoute(f'host={name!r} is no host name: write it without scheme, port and path, as "mock.local"')
    return name.lower()
