"""What a request has to pass before any route is asked: rate limits and credentials. A gate can only refuse."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mockstatus.errors import InvalidRoute
from mockstatus.replies import Reply, reply
from mockstatus.scenarios.moments import is_before, whole_seconds, window_at

if TYPE_CHECKING:
    from mockstatus.clock import Clock
    from mockstatus.messages import Request


class Gate(Protocol):
    """Something in the way of requests."""

    def refuse(self, request: Request, elapsed: float) -> Reply | None:
        """The reply that turns a request away, ``elapsed`` seconds on the clock; None to let it pass."""
        ...

    def rewind(self) -> None:
        """Begin anew."""
        ...

    def snapshot(self) -> Any:
        """How it stands, to be given to ``restore``."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Stand as at the snapshot."""
        ...


class Violation(NamedTuple):
    """A request that came before the ``Retry-After`` of a refusal was over: how many seconds early, and when."""

    request: Request
    at: float
    early_by: float


class _Bucket:
    """What is known of one client: its window, how much of it is used, and until when it was told to wait."""

    __slots__ = ("lock", "used", "wait_until", "window")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.window = -1
        self.used = 0
        self.wait_until = 0.0


class RateLimit:
    """At most ``limit`` requests in each window of ``per`` seconds of the router's clock; the rest get a 429.

    ``violations`` lists the requests that did not wait as they were told to.
    """

    def __init__(
        self, limit: int, per: float, *, clock: Clock, key: Callable[[Request], str] | None, x_headers: bool
    ) -> None:
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise InvalidRoute(f"rate_limit(limit={limit!r}): give the number of requests in a window, 1 or more")
        if isinstance(per, bool) or not isinstance(per, (int, float)) or not 0 < per < float("inf"):
            raise InvalidRoute(f"rate_limit(per={per!r}): give the length of a window in seconds")
        self.limit = limit
        self.per = float(per)
        self._clock = clock
        self._key = key
        self._x_headers = x_headers
        self._buckets: dict[str, _Bucket] = {}
        self._violations: list[Violation] = []

    @property
    def violations(self) -> list[Violation]:
        """The requests that came too early after a refusal, in the order they came."""
        return list(self._violations)

    def refuse(self, request: Request, elapsed: float) -> Reply | None:
        bucket = self._buckets.setdefault("" if self._key is None else self._key(request), _Bucket())
        window = window_at(elapsed, self.per)
        with bucket.lock:
            if is_before(elapsed, bucket.wait_until):
                self._violations.append(Violation(request, elapsed, bucket.wait_until - elapsed))
            if window > bucket.window:
                bucket.window, bucket.used = window, 0
            if bucket.used < self.limit:
                bucket.used += 1
                return None
            seconds = whole_seconds((bucket.window + 1) * self.per - elapsed)
            if not is_before(elapsed, bucket.wait_until):
                bucket.wait_until = elapsed + seconds
        return reply(429, headers=self._headers(seconds))

    def _headers(self, seconds: int) -> dict[str, str]:
        """RFC 6585, Section 4; draft-ietf-httpapi-ratelimit-headers, Sections 3 and 4; and the older triple."""
        headers = {
            "Retry-After": str(seconds),
            "RateLimit": f'"default";r=0;t={seconds}',
            "RateLimit-Policy": f'"default";q={self.limit};w={math.ceil(self.per)}',
        }
        if self._x_headers:
            headers |= {
                "X-RateLimit-Limit": str(self.limit),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(seconds),
            }
        return headers

    def rewind(self) -> None:
        self.restore(({}, [], 0.0))

    def snapshot(self) -> Any:
        buckets = {key: (one.window, one.used, one.wait_until) for key, one in list(self._buckets.items())}
        return buckets, list(self._violations), self._clock.elapsed

    def restore(self, snapshot: Any) -> None:
        buckets, violations, elapsed = snapshot
        self._buckets = {}
        if self._clock.elapsed < elapsed:  # it has begun again, and so do its windows
            buckets = {}
        for key, (window, used, wait_until) in buckets.items():
            bucket = self._buckets[key] = _Bucket()
            bucket.window, bucket.used, bucket.wait_until = window, used, wait_until
        self._violations = list(violations)

    def __repr__(self) -> str:
        return f"rate_limit(limit={self.limit}, per={self.per:g})"
