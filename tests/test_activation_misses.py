"""What nothing answers: raised into the call, and again at exit unless an exception is on its way out."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import trio

import mockstatus
from tests.switching import ACCEPTED, API, DOORS, connect, nothing_left, status


def miss(path="", method="GET"):
    """Make a call that nothing answers, as code that swallows every exception would; what was raised into it."""
    try:
        httpx.request(method, f"{API}{path}", verify=False)
    except Exception as error:
        return error
    raise AssertionError("the call was answered")


def notes(error):
    return getattr(error, "__notes__", [])


# --- raised into the call, and at exit --------------------------------------------------------------------------------


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_miss_is_raised_into_the_call_as_an_assertion_error_with_method_url_and_a_way_out(call):
    with mockstatus.activate() as router:
        with pytest.raises(AssertionError) as missed:
            call(f"{API}/jobs?page=2", "POST", b"x")
        router.unmatched.clear()

    assert type(missed.value) is mockstatus.UnmatchedRequest
    assert isinstance(missed.value, mockstatus.MockStatusError)
    assert not isinstance(missed.value, OSError)
    assert f"POST {API}/jobs?page=2" in str(missed.value)
    assert "router.post(" in str(missed.value)


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_miss_that_was_swallowed_is_raised_at_exit(call):
    with pytest.raises(mockstatus.UnmatchedRequest) as at_exit, mockstatus.activate() as router:
        with pytest.raises(mockstatus.UnmatchedRequest) as in_call:
            call(API)
        assert list(router.unmatched) == [in_call.value]

    assert at_exit.value is in_call.value


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_miss_that_leaves_the_block_itself_leaves_it_once_and_gets_no_note(call):
    with pytest.raises(mockstatus.UnmatchedRequest) as left, mockstatus.activate():
        call(API)

    assert notes(left.value) == []


async def test_async_with_raises_a_swallowed_miss_too():
    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}"):
        async with mockstatus.activate(), httpx.AsyncClient(verify=False) as client:
            with contextlib.suppress(mockstatus.UnmatchedRequest):
                await client.get(API)


def test_under_trio_async_with_raises_a_swallowed_miss_too():
    async def main():
        async with mockstatus.activate(), httpx.AsyncClient(verify=False) as client:
            with contextlib.suppress(mockstatus.UnmatchedRequest):
                await client.get(API)

    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}"):
        trio.run(main)


@pytest.mark.parametrize(
    "swallow",
    [OSError, httpx.HTTPError, ValueError, RuntimeError],
    ids=lambda kind: kind.__name__,
)
def test_code_that_retries_the_errors_of_its_client_does_not_catch_a_miss(swallow):
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate() as router:
        with contextlib.suppress(swallow):
            httpx.get(API, verify=False)
        router.unmatched.clear()


# --- one error --------------------------------------------------------------------------------------------------------


def test_the_first_miss_is_raised_the_equal_ones_are_counted_and_the_others_named():
    with pytest.raises(mockstatus.UnmatchedRequest) as raised, mockstatus.activate():
        first = miss("/a")
        miss("/b")
        miss("/a")
        miss("/b", "POST")
        miss("/a")

    assert raised.value is first
    text = "\n".join(notes(raised.value))
    assert "2 more" in text
    assert f"GET {API}/b" in text
    assert f"POST {API}/b" in text
    assert f"GET {API}/a" not in text


def test_several_equal_misses_of_another_kind_are_named_once_with_their_number():
    with pytest.raises(mockstatus.UnmatchedRequest) as raised, mockstatus.activate():
        miss("/a")
        for _ in range(3):
            miss("/b")

    (note,) = notes(raised.value)
    assert f"GET {API}/b" in note
    assert "3 times" in note


def test_unmet_expectations_are_in_the_notes_of_a_miss():
    with pytest.raises(mockstatus.UnmatchedRequest) as raised, mockstatus.activate() as router:
        router.get(f"{API}/expected").expect(2)
        miss("/a")

    (note,) = notes(raised.value)
    assert f"GET {API}/expected" in note
    assert "twice" in note


def test_an_unmet_expectation_alone_is_raised_at_exit():
    with pytest.raises(mockstatus.UnmetExpectation, match="/expected"), mockstatus.activate() as router:
        router.get(f"{API}/expected").expect()


def test_misses_of_several_threads_are_all_in_the_one_error():
    with pytest.raises(mockstatus.UnmatchedRequest) as raised, mockstatus.activate() as router:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: miss(f"/{number}"), range(40)))
        assert len(router.unmatched) == 40

    told = "\n".join((str(raised.value), *notes(raised.value)))
    assert all(f"GET {API}/{number}" in told for number in range(40))


# --- an exception that is leaving is never masked ---------------------------------------------------------------------

LEAVING = [ValueError("the test's own"), AssertionError("1 == 2"), KeyboardInterrupt(), asyncio.CancelledError()]


@pytest.mark.parametrize("error", LEAVING, ids=lambda error: type(error).__name__)
def test_an_exception_that_is_leaving_stays_what_it_is_and_gets_a_note(error):
    with pytest.raises(type(error)) as left, mockstatus.activate():
        miss("/a")
        raise error

    assert left.value is error
    (note,) = notes(error)
    assert f"GET {API}/a" in note


def test_the_note_names_every_miss():
    with pytest.raises(ValueError, match="own") as left, mockstatus.activate():
        miss("/a")
        miss("/b")
        raise ValueError("the test's own")

    told = "\n".join(notes(left.value))
    assert f"GET {API}/a" in told
    assert f"GET {API}/b" in told


def test_an_exception_that_came_of_the_miss_gets_no_note():
    with pytest.raises(ValueError, match="own") as left, mockstatus.activate():
        try:
            status(API)
        except mockstatus.UnmatchedRequest as error:
            raise ValueError("the test's own") from error

    assert notes(left.value) == []


def test_a_second_miss_that_is_leaving_gets_a_note_of_the_first():
    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}/b") as left, mockstatus.activate():
        miss("/a")
        status(f"{API}/b")

    assert f"GET {API}/a" in "\n".join(notes(left.value))


def test_an_exception_that_is_leaving_gets_a_note_of_unmet_expectations():
    with pytest.raises(ValueError, match="own") as left, mockstatus.activate() as router:
        router.get(f"{API}/expected").expect()
        raise ValueError("the test's own")

    assert "/expected" in "\n".join(notes(left.value))


# --- which block ------------------------------------------------------------------------------------------------------


def test_a_miss_belongs_to_the_innermost_activation():
    with mockstatus.activate() as outer:
        with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate() as inner:
            miss()
            assert (len(outer.unmatched), len(inner.unmatched)) == (0, 1)


def test_a_miss_that_leaves_two_blocks_is_one_error_without_notes():
    with pytest.raises(mockstatus.UnmatchedRequest) as left, mockstatus.activate(), mockstatus.activate():
        status(API)

    assert notes(left.value) == []


def test_a_miss_that_was_raised_at_the_inner_exit_is_not_raised_again_at_the_outer_one():
    with mockstatus.activate():
        with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate():
            miss()


def test_of_two_open_entries_of_one_router_a_miss_is_raised_at_the_latest_at_the_last_exit():
    router = mockstatus.Router()
    with pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}"):
        with mockstatus.activate(router), mockstatus.activate(router):
            miss()


def test_a_miss_after_the_inner_block_was_left_belongs_to_the_outer_one():
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate() as outer:
        with mockstatus.activate():
            pass
        miss()
        assert len(outer.unmatched) == 1


# --- unmatched --------------------------------------------------------------------------------------------------------


def test_unmatched_lists_the_errors_in_their_order():
    with mockstatus.activate() as router:
        raised = [miss("/a"), miss("/b"), miss("/a")]

        assert list(router.unmatched) == raised
        assert len(router.unmatched) == 3
        router.unmatched.clear()
        assert not router.unmatched


def test_clearing_unmatched_accepts_the_misses_so_far_and_no_later_one():
    with (
        pytest.raises(mockstatus.UnmatchedRequest, match=f"GET {API}/later") as raised,
        mockstatus.activate() as router,
    ):
        miss("/a")
        router.unmatched.clear()
        miss("/later")

    assert notes(raised.value) == []


def test_verify_raises_at_once_what_the_exit_would():
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate() as router:
        missed = miss("/a")
        with pytest.raises(mockstatus.UnmatchedRequest) as verified:
            router.verify()
        assert verified.value is missed


def test_verifying_twice_says_nothing_twice():
    with pytest.raises(mockstatus.UnmatchedRequest) as raised, mockstatus.activate() as router:
        miss("/a")
        miss("/a")
        for _ in range(2):
            with pytest.raises(mockstatus.UnmatchedRequest):
                router.verify()

    assert len(notes(raised.value)) == 1


def test_blocked_connections_and_misses_are_remembered_together_in_their_order():
    with pytest.raises(mockstatus.BlockedConnection) as raised, mockstatus.activate() as router:
        with contextlib.suppress(mockstatus.BlockedConnection):
            connect("203.0.113.5")
        miss("/a")
        assert [type(error) for error in router.unmatched] == [
            mockstatus.BlockedConnection,
            mockstatus.UnmatchedRequest,
        ]

    assert f"GET {API}/a" in "\n".join(notes(raised.value))


def test_a_call_that_was_answered_leaves_nothing_to_complain_of():
    with mockstatus.activate() as router:
        status(ACCEPTED)
        assert list(router.unmatched) == []
        router.verify()


def test_a_tunnel_is_refused_as_a_miss():
    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.UnmatchedRequest, match="CONNECT"):
            httpx.request("CONNECT", API, verify=False)
        assert len(router.unmatched) == 1
        router.unmatched.clear()


def test_a_websocket_is_refused_as_a_miss():
    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.UnmatchedRequest, match="WebSocket"):
            httpx.get("ws://api.example.com/socket", verify=False)
        assert len(router.unmatched) == 1
        router.unmatched.clear()
