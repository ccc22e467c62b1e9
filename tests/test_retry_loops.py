"""Retry loops with minutes of sleeping end at once in virtual time, and the clock says how long they would have taken."""

from __future__ import annotations

import asyncio
import threading
import time

import anyio
import backoff
import httpx
import pytest
import requests
import stamina
import tenacity
import trio
import urllib3

import mockstatus

pytestmark = pytest.mark.timeout(30)

URL = "https://api.example.com/jobs/7"


@pytest.fixture
def router():
    with mockstatus.activate(time="virtual") as router:
        yield router


def get():
    response = httpx.get(URL)
    response.raise_for_status()
    return response.json()


async def get_later():
    async with httpx.AsyncClient() as client:
        response = await client.get(URL)
    response.raise_for_status()
    return response.json()


def failing(router, times):
    return router.get(URL).respond(503, times=times).then(200, json="done").expect(times + 1)


def test_tenacity_waits_on_the_clock(router):
    failing(router, 6)
    retrying = tenacity.Retrying(wait=tenacity.wait_exponential(), stop=tenacity.stop_after_attempt(10))

    assert retrying(get) == "done"

    assert router.clock.elapsed == 1 + 2 + 4 + 8 + 16 + 32


def test_tenacity_stops_after_the_delay_it_was_given(router):
    router.get(URL).respond(503)
    retrying = tenacity.Retrying(wait=tenacity.wait_fixed(60), stop=tenacity.stop_after_delay(600))

    with pytest.raises(tenacity.RetryError):
        retrying(get)

    assert router.clock.elapsed == 600
    assert len(router.calls) == 11


def test_tenacity_sleeps_with_an_event(router):
    failing(router, 3)
    event = threading.Event()

    assert tenacity.Retrying(wait=tenacity.wait_fixed(60), sleep=tenacity.sleep_using_event(event))(get) == "done"

    assert router.clock.elapsed == pytest.approx(180)


async def test_tenacity_awaits_on_the_clock(router):
    failing(router, 5)

    assert await tenacity.AsyncRetrying(wait=tenacity.wait_fixed(60))(get_later) == "done"

    assert router.clock.elapsed == pytest.approx(300)


def test_stamina_waits_on_the_clock(router):
    failing(router, 4)
    retry = stamina.retry(on=httpx.HTTPError, attempts=10, timeout=None, wait_initial=60, wait_max=3600, wait_jitter=0)

    assert retry(get)() == "done"

    assert router.clock.elapsed == 60 + 120 + 240 + 480


def test_stamina_gives_up_after_its_timeout(router):
    router.get(URL).respond(503)
    retry = stamina.retry(on=httpx.HTTPError, attempts=None, timeout=600, wait_initial=60, wait_max=60, wait_jitter=0)

    with pytest.raises(httpx.HTTPStatusError):
        retry(get)()

    assert 480 <= router.clock.elapsed <= 600


@pytest.mark.parametrize("run", [lambda function: asyncio.run(function()), trio.run], ids=["asyncio", "trio"])
def test_stamina_awaits_on_the_clock(router, run):
    failing(router, 3)
    retry = stamina.retry(on=httpx.HTTPError, attempts=10, timeout=None, wait_initial=60, wait_max=60, wait_jitter=0)

    assert run(retry(get_later)) == "done"

    assert router.clock.elapsed == pytest.approx(180)


def test_backoff_waits_on_the_clock(router):
    failing(router, 5)

    assert backoff.on_exception(backoff.expo, httpx.HTTPError, jitter=None, factor=10)(get)() == "done"

    assert router.clock.elapsed == 10 + 20 + 40 + 80 + 160


def test_backoff_gives_up_at_its_most_time(router):
    router.get(URL).respond(503)

    with pytest.raises(httpx.HTTPStatusError):
        backoff.on_exception(backoff.constant, httpx.HTTPError, jitter=None, interval=60, max_time=600)(get)()

    assert router.clock.elapsed == pytest.approx(600)


def test_a_poll_by_hand_follows_retry_after(router):
    router.job("https://api.example.com/jobs", polls=10, retry_after=30)
    location = httpx.post("https://api.example.com/jobs").headers["Location"]
    deadline = time.monotonic() + 3600

    while time.monotonic() < deadline:
        response = httpx.get(location)
        if response.status_code == 200:
            break
        time.sleep(int(response.headers["Retry-After"]))

    assert response.status_code == 200
    assert router.clock.elapsed == 300


def test_a_poll_that_never_ends_reaches_its_deadline(router):
    router.get(URL).respond(202)
    deadline = time.monotonic() + 3600

    while time.monotonic() < deadline:
        httpx.get(URL)
        time.sleep(30)

    assert len(router.calls) == 120
    assert router.clock.elapsed == 3600


async def test_polls_of_many_tasks_run_side_by_side(router):
    router.get(URL).respond(202)

    async def poll(every):
        count = 0
        with anyio.move_on_after(600):
            while True:
                await get_later()
                count += 1
                await anyio.sleep(every)
        return count

    counts = await asyncio.gather(*(poll(every) for every in (100, 60, 7)))

    assert counts == [6, 10, 86]
    assert router.clock.elapsed == pytest.approx(600)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_urllib3_backs_off_on_the_clock(mode):
    retries = urllib3.Retry(4, status_forcelist=[503], backoff_factor=10, respect_retry_after_header=False)
    with mockstatus.activate(time=mode) as router:
        failing(router, 4)
        assert urllib3.PoolManager().request("GET", URL, retries=retries).status == 200
        assert router.clock.elapsed == pytest.approx(20 + 40 + 80, abs=9)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_requests_waits_as_long_as_retry_after_says_on_the_clock(mode):
    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(3, status_forcelist=[503])))
    with mockstatus.activate(time=mode) as router:
        router.get(URL).respond(503, headers={"Retry-After": "120"}, times=2).then(200)
        assert session.get(URL).status_code == 200
        assert router.clock.elapsed == pytest.approx(240, abs=5)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_httpx_tries_to_connect_again_on_the_clock(mode):
    with mockstatus.activate(time=mode) as router:
        router.get(URL).fail("connection_refused", times=3).then(200)
        with httpx.Client(transport=httpx.HTTPTransport(retries=3)) as client:
            assert client.get(URL).status_code == 200
        assert router.clock.elapsed == pytest.approx(0 + 0.5 + 1, abs=0.5)


def test_a_client_s_total_timeout_is_compared_with_the_clock(router):
    router.get(URL).respond(200, delay=7)
    timeout = urllib3.Timeout(total=5)

    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        urllib3.PoolManager().request("GET", URL, timeout=timeout, retries=False)

    assert router.clock.elapsed == pytest.approx(5)


def test_a_pool_that_is_used_up_is_waited_for_on_the_clock(router):
    router.get(URL).respond(200, delay=10)
    pool = urllib3.HTTPSConnectionPool("api.example.com", maxsize=1, block=True)
    first = threading.Thread(target=pool.request, args=("GET", URL), kwargs={"timeout": 60})
    first.start()
    while not router.calls:
        time.sleep(0.001)

    with pytest.raises(urllib3.exceptions.EmptyPoolError):
        pool.request("GET", URL, pool_timeout=5, timeout=60, retries=False)
    assert router.clock.elapsed == pytest.approx(5, abs=0.5)
    first.join()
    assert router.clock.elapsed == pytest.approx(10, abs=0.5)
