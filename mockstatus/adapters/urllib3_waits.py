"""Pauses between urllib3's attempts, spent as a view says. Knows Retry and its Retry-After; makes no attempts."""

from __future__ import annotations

from email.utils import mktime_tz, parsedate_tz
from typing import Any, Final

from urllib3.util import Retry

from mockstatus.dispatch import View


def skip_sleep(retry: Retry, response: Any, view: View) -> None:
    """Spend the pause between two attempts, as long as ``Retry.sleep`` would have made it."""
    if retry.respect_retry_after_header and response and retry.sleep_for_retry(response):
        return
    seconds = retry.get_backoff_time()
    if seconds > 0:
        view.waiter.wait(seconds)


def skip_retry_after(retry: Retry, response: Any, view: View) -> bool:
    """Spend what a Retry-After asks for; a date is one on the router's clock."""
    seconds = retry.get_retry_after(response)
    if seconds is not None and view.routers and type(retry).parse_retry_after is _PARSE:
        moment = parsedate_tz(response.headers["Retry-After"])
        if moment is not None:
            left = mktime_tz(moment) - view.routers[0].clock.timestamp()
            seconds = max(0.0, min(left, getattr(retry, "retry_after_max", left)))  # not before urllib3 2.6
    if not seconds:
        return False
    view.waiter.wait(seconds)
    return True


_PARSE: Final = Retry.parse_retry_after


class SkippingRetry:
    """Retries that spend their pauses as a view says."""

    mockstatus_view: View

    def sleep(self, response: Any = None) -> None:
        """Spend the pause between two attempts."""
        skip_sleep(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too

    def sleep_for_retry(self, response: Any) -> bool:
        """Spend what a Retry-After asks for."""
        return skip_retry_after(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too
