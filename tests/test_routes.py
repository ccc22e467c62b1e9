"""A route's answers in order, how often it fits, and how often it should be called."""

import re

import httpx
import pytest

import mockstatus
from mockstatus import reply

URL = "https://api.example.com/jobs"


@pytest.fixture
def router():
    return mockstatus.Router()


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router))


def statuses(client, count, url=URL):
    return [client.get(url).status_code for _ in range(count)]


# --- sequences --------------------------------------------------------------------------------------------------------


def test_a_route_answers_the_documented_200_from_the_moment_it_is_made(router, client):
    router.get(URL)

    response = client.get(URL)

    assert response.status_code == 200
    assert response.content == b'{"status": "success"}'


def test_one_answer_is_given_for_ever(router, client):
    router.get(URL).respond(202)

    assert statuses(client, 5) == [202] * 5


def test_answers_come_in_order_and_the_last_one_repeats(router, client):
    router.get(URL).respond(503).then(429).then(200)

    assert statuses(client, 6) == [503, 429, 200, 200, 200, 200]


def test_times_is_for_how_many_calls_an_answer_is(router, client):
    router.get(URL).respond(202, times=3).then(429, times=2).then(200)

    assert statuses(client, 8) == [202, 202, 202, 429, 429, 200, 200, 200]


def test_the_last_answer_repeats_whatever_its_times(router, client):
    router.get(URL).respond(503).then(200, times=2)

    assert statuses(client, 6) == [503, 200, 200, 200, 200, 200]


def test_a_sequence_may_mix_replies_faults_and_functions(router, client):
    route = (
        router.get(URL).fail("connection_reset", times=2).then_with(lambda request: 201).then_fail(KeyError).then(200)
    )
    seen = []

    for _ in range(6):
        try:
            seen.append(client.get(URL).status_code)
        except (httpx.ReadError, KeyError) as error:
            seen.append(type(error))

    assert seen == [httpx.ReadError, httpx.ReadError, 201, KeyError, 200, 200]
    assert route.call_count == 6


def test_a_retrying_client_sees_its_success_on_the_third_attempt(router):
    router.get(URL).respond(503).then(503).then(200, json={"done": True})
    with mockstatus.activate(router):
        import urllib3

        retry = urllib3.Retry(3, status_forcelist=[503], backoff_factor=1)
        response = urllib3.PoolManager(retries=retry).request("GET", URL)

        assert response.json() == {"done": True}
        assert [attempt.status for attempt in response.retries.history] == [503, 503]
        assert [call.response.status for call in router.calls] == [503, 503, 200]


@pytest.mark.parametrize(
    "begin",
    [
        lambda route: route.respond(201).then(202),
        lambda route: route.respond_with(lambda request: 201).then(202),
        lambda route: route.fail(KeyError).then(202),
        lambda route: route.respond(reply(201)).then(202),
    ],
    ids=["respond", "respond_with", "fail", "reply"],
)
@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_a_first_answer_begins_the_routes_answer_anew(router, client, begin, before):
    route = router.get(URL).respond(503).then(503).then(500)
    statuses(client, before)
    seen = []

    begin(route)
    for _ in range(3):
        try:
            seen.append(client.get(URL).status_code)
        except KeyError:
            seen.append(201)

    assert seen == [201, 202, 202]


@pytest.mark.parametrize("before", [[503], [503, 429]])
def test_an_answer_that_is_added_later_follows_those_that_were_given(router, client, before):
    route = router.get(URL).respond(before[0])
    for status in before[1:]:
        route.then(status)
    given = statuses(client, len(before))

    route.then(200)

    assert given == before
    assert statuses(client, 2) == [200, 200]


def test_then_alone_follows_the_documented_200(router, client):
    router.get(URL).then(503)

    assert statuses(client, 3) == [200, 503, 503]


def test_pass_through_really_sends(router):
    sent = []
    through = httpx.MockTransport(lambda request: sent.append(request.url) or httpx.Response(203))
    client = httpx.Client(transport=mockstatus.adapters.httpx.Transport(router, through=through))
    route = router.get(URL).pass_through()

    assert client.get(URL).status_code == 203
    assert sent == [URL]
    assert route.call_count == 1
    assert (route.calls.last.response, route.calls.last.fault) == (None, None)
    assert "sent" in repr(route.calls.last)


def test_every_method_that_defines_a_route_returns_it(router):
    route = router.get(URL)

    assert all(
        defined is route
        for defined in (
            route.respond(200),
            route.then(200),
            route.fail("read_timeout"),
            route.then_fail("read_timeout"),
            route.respond_with(lambda request: 200),
            route.then_with(lambda request: 200),
            route.pass_through(),
            route.flaky(0.5, 503),
            route.limit(3),
            route.expect(3),
        )
    )


@pytest.mark.parametrize("times", [0, -1, 1.5, "3", True, None])
def test_times_is_a_number_from_1_up(router, times):
    route = router.get(URL)

    for define in (
        lambda: route.respond(200, times=times),
        lambda: route.then(200, times=times),
        lambda: route.fail("read_timeout", times=times),
        lambda: route.then_fail("read_timeout", times=times),
        lambda: route.respond_with(lambda request: 200, times=times),
        lambda: route.then_with(lambda request: 200, times=times),
    ):
        with pytest.raises(mockstatus.InvalidRoute, match=re.escape(f"times={times!r}")):
            define()
    assert route.answers == "200"


# --- limit ------------------------------------------------------------------------------------------------------------


def test_after_its_limit_a_route_no_longer_fits_and_an_older_one_answers(router, client):
    router.get(URL).respond(200)
    router.get(URL).respond(503).limit(2)

    assert statuses(client, 4) == [503, 503, 200, 200]


def test_after_its_limit_a_route_alone_leaves_a_miss(router, client):
    route = router.get(URL).limit(1)
    client.get(URL)

    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get(URL)

    assert route.call_count == 1
    assert len(router.unmatched) == 1


def test_limits_on_several_routes_are_used_up_newest_first(router, client):
    for status in (201, 202, 203):
        router.get(URL).respond(status).limit(1)

    assert statuses(client, 3) == [203, 202, 201]


def test_a_limit_counts_answers_of_a_sequence_too(router, client):
    router.any().respond(404)
    router.get(URL).respond(503).then(429).then(200).limit(2)

    assert statuses(client, 3) == [503, 429, 404]


def test_a_limit_that_comes_after_the_calls_counts_them(router, client):
    router.any().respond(404)
    route = router.get(URL)
    statuses(client, 2)

    route.limit(3)

    assert statuses(client, 3) == [200, 404, 404]


def test_a_limit_that_is_raised_lets_the_route_fit_again(router, client):
    router.any().respond(404)
    route = router.get(URL).limit(1)
    assert statuses(client, 2) == [200, 404]

    route.limit(3)

    assert statuses(client, 3) == [200, 200, 404]


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True, None])
def test_a_limit_is_a_number_from_1_up(router, count):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(f"limit({count!r})")):
        router.get(URL).limit(count)


# --- expect -----------------------------------------------------------------------------------------------------------

NEVER, ONCE = range(1), range(1, 2)
OFTEN = 100
# The arguments of expect(…), how it says what was wanted, and the numbers of calls with which it holds.
EXPECTATIONS = [
    ((), {}, "at least once", range(1, OFTEN)),
    ((0,), {}, "never", NEVER),
    ((1,), {}, "once", ONCE),
    ((2,), {}, "twice", range(2, 3)),
    ((3,), {}, "3 times", range(3, 4)),
    ((), {"at_least": 2}, "at least twice", range(2, OFTEN)),
    ((), {"at_most": 1}, "at most once", range(2)),
    ((), {"at_most": 0}, "never", NEVER),
    ((), {"at_least": 1, "at_most": 2}, "(1 to 2 times|once or twice)", range(1, 3)),
    ((), {"at_least": 0, "at_most": 3}, "at most 3 times", range(4)),
    ((), {"at_least": 2, "at_most": 3}, "2 to 3 times", range(2, 4)),
    ((), {"at_least": 2, "at_most": 2}, "twice", range(2, 3)),
]


@pytest.mark.parametrize("calls", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("count", "bounds", "words", "right"), EXPECTATIONS)
def test_an_expectation_holds_or_says_what_was_wanted_and_what_came(router, client, count, bounds, words, right, calls):
    route = router.get(URL).expect(*count, **bounds)
    statuses(client, calls)

    if calls in right:
        router.verify()
        return
    came = {0: "no call", 1: "one call"}.get(calls, f"{calls} calls")
    with pytest.raises(mockstatus.UnmetExpectation, match=rf"GET {re.escape(URL)}.*: expected {words}, got {came}"):
        router.verify()
    assert route.call_count == calls


def test_the_latest_expectation_is_the_one(router, client):
    router.get(URL).expect(3).expect(1)

    client.get(URL)

    router.verify()


def test_a_route_without_an_expectation_is_optional(router):
    router.get(URL).respond(503)

    router.verify()


@pytest.mark.parametrize(
    ("count", "arguments", "said"),
    [
        (-1, {}, "expect=-1"),
        (1.5, {}, "expect=1.5"),
        (True, {}, "expect=True"),
        ("2", {}, "expect='2'"),
        (None, {"at_least": -1}, "at_least=-1"),
        (None, {"at_most": "3"}, "at_most='3'"),
        (2, {"at_least": 1}, "expect(2) with at_least"),
        (2, {"at_most": 3}, "expect(2) with at_least"),
        (None, {"at_least": 3, "at_most": 2}, "can never hold"),
    ],
)
def test_an_expectation_that_makes_no_sense_is_refused(router, count, arguments, said):
    with pytest.raises(mockstatus.InvalidRoute, match=re.escape(said)):
        router.get(URL).expect(count, **arguments)


# --- what counts ------------------------------------------------------------------------------------------------------


def test_a_call_counts_whatever_comes_of_it(router, client):
    route = router.get(URL).fail("read_timeout").then_fail(KeyError("mine")).then_with(lambda request: None).then(500)

    for error in (httpx.ReadTimeout, KeyError, mockstatus.InvalidReply):
        with pytest.raises(error):
            client.get(URL)
    client.get(URL)

    assert route.called
    assert route.call_count == 4


def test_each_step_of_a_redirect_is_a_call(router, client):
    route = router.get(URL).respond(302, headers={"Location": "/jobs"}).then(200)

    client.get(URL, follow_redirects=True)

    assert [call.response.status for call in route.calls] == [302, 200]


def test_a_call_counts_from_the_moment_it_is_claimed(router, client):
    counts = []
    route = router.get(URL).respond_with(lambda request: counts.append(route.call_count) or 200)

    statuses(client, 3)

    assert counts == [1, 2, 3]


def test_a_route_that_was_not_asked_was_not_called(router, client):
    route, other = router.get(URL), router.get(URL + "/7")

    client.get(URL)

    assert (route.called, route.call_count, len(route.calls)) == (True, 1, 1)
    assert (other.called, other.call_count, len(other.calls)) == (False, 0, 0)


# --- how it shows itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda router: router.get(URL), f"<Route GET {URL} -> 200>"),
        (lambda router: router.any(), "<Route ANY anything -> 200>"),
        (lambda router: router.post(URL).respond(202, times=3).then(200), f"<Route POST {URL} -> 202 x3, then 200>"),
        (
            lambda router: router.get(re.compile(r"\.png$")).fail("read_timeout"),
            r"<Route GET /\.png$/ -> read_timeout>",
        ),
        (lambda router: router.put(URL).limit(2), f"<Route PUT {URL} -> 200, limit 2>"),
        (lambda router: router.get(URL).pass_through(), f"<Route GET {URL} -> the network>"),
        (lambda router: router.route("PURGE", URL).respond(204), f"<Route PURGE {URL} -> 204>"),
    ],
)
def test_a_route_shows_what_it_fits_and_what_it_answers(router, make, shown):
    assert repr(make(router)) == shown


def test_a_route_has_no_other_attributes_that_a_slip_of_the_pen_could_set(router):
    with pytest.raises(AttributeError):
        router.get(URL).resond = 202
    with pytest.raises(AttributeError):
        _ = router.get(URL).calls.lst
