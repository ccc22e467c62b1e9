"""Every SDK in every situation: what it returns or raises, how often it asks, and that nobody sleeps."""

from __future__ import annotations

import time

import pytest

import mockstatus
from tests.sdk.sdks import SDKS, TIMEOUT

AGENTS = "https://huggingface.co/api/agent-harnesses"  # which huggingface_hub asks for once in a process

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the SDKs' own
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def router():
    """A router in virtual time; a test that takes a second has really slept."""
    begun = time.perf_counter()
    with mockstatus.activate(time="virtual") as router:
        router.get(AGENTS).respond(404)
        yield router
        assert router.unmatched == []
    assert time.perf_counter() - begun < 5


@pytest.fixture(params=SDKS)
def sdk(request):
    return SDKS[request.param]


def tell(sdk):
    return sdk.told(sdk.call(sdk.make()))


def assert_attempts(sdk, route, what):
    expected = sdk.attempts.get(what, 1)
    assert route.call_count == expected if expected else route.call_count > 1


def test_a_success_is_what_the_sdk_makes_of_it(sdk, router):
    """One call, of the client that the SDK is built on."""
    route = sdk.route(router).respond(sdk.reply())
    assert tell(sdk) == sdk.expected
    assert (route.call_count, route.calls.last.request.client) == (1, sdk.client)
    assert router.clock.elapsed == 0


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_an_error_is_the_sdks_own_exception_after_its_own_attempts(sdk, router, status):
    """As often as it is set to try; http_backoff returns what it is not told to try again."""
    if status not in sdk.kinds:
        route = sdk.route(router).respond(sdk.reply(status))
        assert sdk.call(sdk.make()).status_code == status
    else:
        route = sdk.route(router).respond(sdk.reply(status))
        with pytest.raises(sdk.kinds[status]):
            tell(sdk)
    assert_attempts(sdk, route, status)


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_is_waited_for_and_then_it_succeeds(sdk, router, status):
    """In virtual time; an SDK that does not try again by itself raises, and succeeds when it is called again."""
    route = sdk.route(router).respond(sdk.reply(status, headers={"Retry-After": "3"})).then(sdk.reply())
    if status in sdk.retries:
        assert tell(sdk) == sdk.expected
        assert router.clock.elapsed > 0
    else:
        with pytest.raises(sdk.kinds[status]):
            tell(sdk)
        assert tell(sdk) == sdk.expected
    assert route.call_count == 2


@pytest.mark.parametrize("name", ["openai", "anthropic", "mistralai", "http_backoff", "PyGithub", "twilio"])
def test_the_sdks_that_read_a_retry_after_wait_that_long(router, name):
    """Seconds of the router's clock."""
    sdk = SDKS[name]
    sdk.route(router).respond(sdk.reply(429, headers={"Retry-After": "3"})).then(sdk.reply())
    tell(sdk)
    assert 3 <= router.clock.elapsed <= 4


def test_a_read_timeout_is_the_sdks_own_exception_and_lasts_as_long_as_the_client_waits(sdk, router):
    """Each attempt takes the timeout that the client was given."""
    route = sdk.route(router).fail("read_timeout")
    with pytest.raises(sdk.timed_out):
        tell(sdk)
    assert_attempts(sdk, route, "read_timeout")
    assert router.clock.elapsed >= TIMEOUT * route.call_count


def test_a_reset_connection_is_the_sdks_own_exception(sdk, router):
    """After the attempts that it makes for one."""
    route = sdk.route(router).fail("connection_reset")
    with pytest.raises(sdk.reset):
        tell(sdk)
    assert_attempts(sdk, route, "connection_reset")


def test_a_delay_longer_than_the_timeout_is_a_timeout(sdk, router):
    """The answer would have come."""
    sdk.route(router).respond(mockstatus.reply(200, delay=TIMEOUT + 1, **sdk.success))
    with pytest.raises(sdk.timed_out):
        tell(sdk)
