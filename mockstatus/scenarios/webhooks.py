"""Where completions are sent: a function, or a URL by way of the routers and then the network. Knows no jobs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple

from mockstatus.errors import InvalidRoute, UnmatchedRequest
from mockstatus.messages import Failure, PassThrough, Response
from mockstatus.sending import make_post, offer, really_send

if TYPE_CHECKING:
    from mockstatus.messages import Request

WebhookLike = str | Callable[[Any], object]


class Delivery(NamedTuple):
    """A completion that was sent: where to, what, and the status of the answer; or the fault or exception it met."""

    id: str
    to: str
    body: Any
    status: int | None = None
    error: BaseException | str | None = None


class Webhook:
    """Sends completions, and says of each what came of it."""

    def __init__(self, target: WebhookLike, base_url: str | None) -> None:
        if inspect.iscoroutinefunction(target):
            raise _no_coroutine(target)
        if not callable(target) and not isinstance(target, str):
            raise InvalidRoute(f"webhook={target!r}: give a URL or a function of what is sent")
        if isinstance(target, str):
            make_post(target, base_url, b"")  # raises where it is no URL
        self._target = target
        self._base_url = base_url

    def deliver(
        self, identity: str, body: Any, view: object, enter: Callable[[Delivery], None], *, awaits: bool
    ) -> Callable[[], None] | None:
        """Send a completion; where that would block an event loop (``awaits``), give back what does it instead.

        ``view`` is what the call saw that began the job, ``enter`` takes what came of it. Raises what the user's own
        functions raise; a miss is remembered and raised at exit.
        """
        if not isinstance(self._target, str):
            self._call(self._target, Delivery(identity, repr(self._target), body), enter)
            return None
        post = make_post(self._target, self._base_url, json.dumps(body).encode())
        delivery = Delivery(identity, post.url, body)
        try:
            outcome = offer(post, view)
        except UnmatchedRequest as error:
            enter(delivery._replace(error=error))
            return None
        except Exception as error:
            enter(delivery._replace(error=error))
            raise
        if isinstance(outcome, PassThrough):
            if awaits:
                return lambda: enter(_send(post, delivery))
            enter(_send(post, delivery))
        elif isinstance(outcome, Failure):
            enter(delivery._replace(error=outcome.fault))
        elif isinstance(outcome, Response):
            enter(delivery._replace(status=outcome.status))
        return None

    @staticmethod
    def _call(function: Callable[[Any], object], delivery: Delivery, enter: Callable[[Delivery], None]) -> None:
        try:
            _call_plain(function, delivery.body)
        except Exception as error:
            enter(delivery._replace(error=error))
            error.add_note(f"raised by the webhook of {delivery.id}")
            raise
        enter(delivery)

    def __repr__(self) -> str:
        return f"webhook {self._target!r}"


def _send(post: Request, delivery: Delivery) -> Delivery:
    try:
        return delivery._replace(status=really_send(post))
    except (OSError, HTTPException) as error:
        return delivery._replace(error=error)


def _call_plain(function: Callable[[Any], object], body: Any) -> None:
    result = function(body)
    if inspect.iscoroutine(result):
        result.close()
        raise _no_coroutine(function)


def _no_coroutine(function: object) -> InvalidRoute:
    return InvalidRoute(f"webhook={function!r} is a coroutine function, which nobody would await: give a plain one")
