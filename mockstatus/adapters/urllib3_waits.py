"""Pauses between urllib3's attempts, spent as a view says. Knows Retry and its Retry-After; makes no attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockstatus.dispatch import View

if TYPE_CHECKING:
    from urllib3.util import Retry


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
    if not seconds:
        return False
    if not str(response.headers.get("Retry-After", "")).strip().isdigit() and view.routers:
        seconds = max(0.0, seconds - view.routers[0].clock.lead())
    view.waiter.wait(seconds)
    return True


class SkippingRetry:
    """Retries that spend their pauses as a view says."""

    mockstatus_view: View

    def sleep(self, response: Any = None) -> None:
        """Spend the pause between two attempts."""
        skip_sleep(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too

    def sleep_for_retry(self, response: Any) -> bool:
        """Spend what a Retry-After asks for."""
        return skip_retry_after(self, response, self.mockstatus_view)  # type: ignore[arg-type] # a Retry too
