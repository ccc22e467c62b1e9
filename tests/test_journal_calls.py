"""How many calls the journal keeps, and the calls as a sequence."""

import httpx
import pytest

import mockstatus

URL = "https://api.example.com/jobs"


@pytest.fixture
def router():
    return mockstatus.Router()


@pytest.fixture
def client(router):
    return client_of(router)


def client_of(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))


# --- how many are kept ------------------------------------------------------------------------------------------------


def test_the_oldest_calls_are_dropped_beyond_the_history_and_counted():
    router = mockstatus.Router(history=3)
    route, other = router.get(URL + "/{id}"), router.post(URL)
    client = client_of(router)

    client.post(URL)
    for number in range(5):
        client.get(f"{URL}/{number}")

    assert [call.request.path for call in router.calls] == ["/jobs/2", "/jobs/3", "/jobs/4"]
    assert (len(router.calls), router.calls.dropped) == (3, 3)
    assert (len(route.calls), route.calls.dropped, route.call_count) == (3, 2, 5)
    assert (len(other.calls), other.calls.dropped, other.call_count, other.called) == (0, 1, 1, True)
    assert "3 no longer kept" in repr(router.calls)


def test_the_history_is_10_000_calls_where_nobody_says_more():
    router = mockstatus.Router()
    route = router.any()
    client = client_of(router)
    client.get(URL)
    request = router.calls.last.request

    for _ in range(10_004):
        router.handle(request)

    assert len(router.calls) == 10_000
    assert router.calls.dropped == 5
    assert route.call_count == 10_005


def test_a_history_of_0_keeps_nothing_and_still_counts():
    router = mockstatus.Router(history=0)
    route = router.get(URL).expect(2)
    client = client_of(router)

    client.get(URL)
    client.get(URL)

    assert list(router.calls) == []
    assert route.call_count == 2
    router.verify()
    with pytest.raises(AssertionError, match=r"no calls.*2.*history="):
        _ = router.calls.last


@pytest.mark.parametrize("history", [-1, 1.5, "10", True, None])
def test_a_history_is_a_number_of_calls(history):
    with pytest.raises(mockstatus.InvalidSetting, match=f"history={history!r}"):
        mockstatus.Router(history=history)


# --- calls as a sequence ----------------------------------------------------------------------------------------------


def test_calls_are_a_sequence_that_grows_with_each_call(router, client):
    route = router.get(URL + "/{id}")
    calls, own = router.calls, route.calls
    assert not calls

    for number in range(4):
        client.get(f"{URL}/{number}")
    client.get("https://mock.local/200")

    assert (len(calls), len(own)) == (5, 4)
    assert [call.request.path for call in calls[1:3]] == ["/jobs/1", "/jobs/2"]
    assert calls[0] is own[0]
    assert calls[-1] is calls.last
    assert own.last.request.path == "/jobs/3"
    assert calls == list(calls)
    assert own == calls[:4]
    assert own != calls
    assert calls.last not in own


@pytest.mark.parametrize("made", [lambda router: router, lambda router: router.get(URL)], ids=["router", "route"])
def test_the_last_of_no_calls_is_an_assertion_error(router, made):
    with pytest.raises(AssertionError, match="has no calls"):
        _ = made(router).calls.last


def test_an_index_beyond_the_calls_says_how_many_there_are(router, client):
    router.get(URL)
    client.get(URL)

    with pytest.raises(IndexError, match="1 calls, none at 1"):
        router.calls[1]


@pytest.mark.parametrize("slip", ["lsat", "called", "assert_called_once", "call_count"])
def test_a_slip_of_the_pen_is_an_attribute_error(router, slip):
    with pytest.raises(AttributeError):
        getattr(router.calls, slip)


def test_the_calls_of_a_route_that_is_gone_stay_readable():
    router = mockstatus.Router()
    with mockstatus.activate(router):
        route = router.get(URL)
        httpx.get(URL)

    assert router.routes == ()
    assert (route.call_count, len(route.calls), len(router.calls)) == (1, 1, 1)
    with mockstatus.activate(router):
        assert (route.call_count, len(router.calls)) == (0, 0)
