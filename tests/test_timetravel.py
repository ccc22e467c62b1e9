"""``time="virtual"`` in threads and event loops: sleeping moves the router's clock, and the time functions follow it."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import datetime
import functools
import gc
import itertools
import os
import queue
import sys
import threading
import time
import types
import weakref
from time import monotonic as imported_monotonic
from time import sleep as imported_sleep

import anyio
import httpx
import pytest

import mockstatus

pytestmark = pytest.mark.timeout(30)  # of the minutes that are slept here, none is really slept

FUNCTIONS = ("sleep", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
BEFORE = tuple(getattr(time, name) for name in FUNCTIONS)  # what is in a tuple is not found: nothing could be put there
SLEEP, MONOTONIC = 0, 3


def now():
    """The machine's time, in seconds."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def standing():
    """What the names of the time functions stand for."""
    return tuple(getattr(time, name) for name in FUNCTIONS)


@pytest.fixture
def clock():
    with mockstatus.activate(time="virtual") as router:
        yield router.clock


# --- sleeping ---------------------------------------------------------------------------------------------------------


def test_sleeping_moves_the_clock_by_exactly_so_much(clock):
    time.sleep(3600)
    time.sleep(0.25)

    assert clock.elapsed == 3600.25


@pytest.mark.parametrize(("wrong", "error"), [(-1, ValueError), (float("nan"), ValueError), ("1", TypeError)])
def test_what_the_machine_refuses_to_sleep_is_refused(clock, wrong, error):
    with pytest.raises(error) as caught:
        time.sleep(wrong)

    with pytest.raises(error) as expected:
        BEFORE[SLEEP](wrong)
    assert str(caught.value) == str(expected.value)
    assert clock.elapsed == 0


def test_sleeping_for_no_time_is_only_a_chance_for_others(clock):
    time.sleep(0)

    assert clock.elapsed == 0


def test_who_sleeps_several_times_has_slept_for_no_less_than_their_sum():
    """Whatever the clocks of the machine say where it begins: that they are added to must not round anything down."""
    for _ in range(100):
        with mockstatus.activate(time="virtual"):
            before = time.monotonic(), time.perf_counter(), asyncio.run(loop_time())
            for _ in range(10):
                time.sleep(60)
            after = time.monotonic(), time.perf_counter(), asyncio.run(loop_time())

        assert [late - early for late, early in zip(after, before, strict=True)] == [600] * 3


async def loop_time():
    """What the event loop says."""
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "sleep"])
def test_every_clock_moves_with_sleeping_and_stands_without(clock, name):
    unit = 1_000_000_000 if name.endswith("_ns") else 1
    first = getattr(time, name)()

    assert getattr(time, name)() == first
    time.sleep(90)
    assert getattr(time, name)() - first == pytest.approx(90 * unit, rel=1e-6)
    clock.advance(10)
    assert getattr(time, name)() - first == pytest.approx(100 * unit, rel=1e-6)


def test_the_clocks_go_on_from_where_they_were():
    wall, steady, fine = time.time(), time.monotonic(), time.perf_counter()

    with mockstatus.activate(time="virtual"):
        assert 0 <= time.time() - wall < 10
        assert 0 <= time.monotonic() - steady < 10
        assert 0 <= time.perf_counter() - fine < 10


def test_the_time_is_that_of_the_router(clock):
    clock.advance(7)

    assert time.time() == clock.timestamp() == pytest.approx(clock.now.timestamp(), abs=1e-5)


# --- names that were bound before -------------------------------------------------------------------------------------


class Napping:
    bound = time.sleep
    static = staticmethod(time.sleep)

    def __init__(self):
        self.attribute = time.sleep


class Slotted:
    __slots__ = ("attribute",)

    def __init__(self):
        self.attribute = time.sleep


def default(seconds, sleep=time.sleep):
    sleep(seconds)


def keyword_default(seconds, *, sleep=time.sleep):
    sleep(seconds)


def closing_over(sleep):
    return lambda seconds: sleep(seconds)


def a_static_sleep():
    return lambda seconds: Napping().static(seconds)


def an_attribute():
    one = Napping()
    return lambda seconds: one.attribute(seconds)


def a_slot():
    one = Slotted()
    return lambda seconds: one.attribute(seconds)


def an_entry():
    found = {"sleep": time.sleep}
    return lambda seconds: found["sleep"](seconds)


def an_item():
    found = [time.sleep]
    return lambda seconds: found[0](seconds)


def a_namespace():
    one = types.SimpleNamespace(sleep=time.sleep)
    return lambda seconds: one.sleep(seconds)


SLEEPS = {
    "imported name": lambda: lambda seconds: imported_sleep(seconds),
    "default argument": lambda: default,
    "keyword default": lambda: keyword_default,
    "class attribute": lambda: lambda seconds: Napping.bound(seconds),
    "class attribute of an instance": lambda: lambda seconds: Napping().bound(seconds),
    "static method": a_static_sleep,
    "instance attribute": an_attribute,
    "slot": a_slot,
    "dict": an_entry,
    "list": an_item,
    "namespace": a_namespace,
    "closure": lambda: closing_over(time.sleep),
    "partial": lambda: functools.partial(time.sleep),
}


@pytest.mark.parametrize("way", SLEEPS)
def test_a_sleep_that_was_bound_before_is_virtual(way):
    sleep = SLEEPS[way]()
    for _ in range(3):
        with mockstatus.activate(time="virtual") as router:
            sleep(60)
        assert router.clock.elapsed == pytest.approx(60, abs=1)


@pytest.mark.parametrize("way", SLEEPS)
def test_a_sleep_that_was_bound_inside_is_real_afterwards_and_virtual_the_next_time(way):
    with mockstatus.activate(time="virtual"):
        sleep = SLEEPS[way]()

    sleep(0)
    for _ in range(3):
        with mockstatus.activate(time="virtual") as router:
            sleep(60)
        assert router.clock.elapsed == pytest.approx(60, abs=1)


def test_all_objects_are_searched_the_first_time_and_no_more_for_what_comes_and_goes(monkeypatch):
    with mockstatus.activate(time="virtual"):
        gc.collect()
    monkeypatch.setattr("mockstatus.referrers.gc.get_referrers", None)

    slept = []

    for _ in range(3):
        one = Napping()
        with mockstatus.activate(time="virtual") as router:
            another = Napping()
            one.attribute(60)
            another.attribute(60)
        slept.append((round(router.clock.elapsed), vars(one) == vars(another) == {"attribute": BEFORE[SLEEP]}))

    assert slept == [(120, True)] * 3


def test_nothing_is_kept_alive_by_having_been_found():
    one, another = Napping(), {"sleep": time.sleep, "more": Napping()}
    with mockstatus.activate(time="virtual"):
        made = Napping()
    found = [weakref.ref(one), weakref.ref(another["more"]), weakref.ref(made)]

    del one, another, made

    assert [one() for one in found] == [None, None, None]


def test_everything_refers_to_the_functions_of_the_machine_again_afterwards():
    holder = {"sleep": time.sleep, "also": [time.monotonic]}

    with mockstatus.activate(time="virtual"):
        assert holder["sleep"] is not BEFORE[SLEEP]
        inside = types.SimpleNamespace(sleep=time.sleep)
        made = functools.partial(time.sleep, 1)

    assert standing() == BEFORE
    assert holder == {"sleep": BEFORE[SLEEP], "also": [BEFORE[MONOTONIC]]}
    assert inside.sleep is made.func is imported_sleep is BEFORE[SLEEP]
    assert imported_monotonic is BEFORE[MONOTONIC]
    assert vars(Napping)["bound"] is vars(Napping)["static"].__func__ is BEFORE[SLEEP]
    assert default.__defaults__ == (BEFORE[SLEEP],)
    assert keyword_default.__kwdefaults__ == {"sleep": BEFORE[SLEEP]}


def test_nothing_stays_replaced_in_the_standard_library():
    places = [(threading.Condition, "wait"), (threading.Thread, "join"), (asyncio.BaseEventLoop, "time")]
    before = [vars(owner)[name] for owner, name in places]

    with mockstatus.activate(time="virtual"):
        assert all(vars(owner)[name] is not found for (owner, name), found in zip(places, before, strict=True))

    assert [vars(owner)[name] for owner, name in places] == before


def test_an_exception_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), mockstatus.activate(time="virtual"):
        1 / 0  # noqa: B018

    assert standing() == BEFORE


def test_activations_may_end_in_any_order():
    for order in itertools.permutations(range(3)):
        activations = [mockstatus.activate(time="virtual") for _ in range(3)]
        clocks = [one.start().clock for one in activations]
        for number in order:
            activations[number].stop()
            if number != order[-1]:
                innermost = max(set(range(3)) - set(order[: order.index(number) + 1]))
                moved = clocks[innermost].elapsed
                time.sleep(5)
                assert clocks[innermost].elapsed == moved + 5

        assert standing() == BEFORE


def test_what_another_library_has_put_there_since_is_not_touched(monkeypatch):
    activation = mockstatus.activate(time="virtual")
    activation.start()
    monkeypatch.setattr(time, "sleep", others := (lambda seconds: None))

    activation.stop()

    assert time.sleep is others
    monkeypatch.undo()
    time.sleep(0)


# --- loops that wait --------------------------------------------------------------------------------------------------


def test_a_deadline_loop_ends_as_in_real_time(clock):
    until = time.monotonic() + 60
    turns = 0
    while time.monotonic() < until:
        turns += 1
        time.sleep(7)

    assert (turns, clock.elapsed) == (9, 63)


@pytest.mark.parametrize("tell", ["time", "monotonic", "perf_counter"])
def test_a_loop_that_only_reads_the_clock_ends_too(clock, tell):
    until = getattr(time, tell)() + 300

    while getattr(time, tell)() < until:
        pass

    assert 300 <= clock.elapsed < 303


def test_calls_that_take_a_while_do_not_move_the_clock():
    with mockstatus.activate(time="virtual") as router, httpx.Client() as client:
        began = now()
        while now() - began < 0.6:
            assert client.get("https://mock.local/202").status_code == 202
        assert router.clock.elapsed == 0


# --- waiting for others -----------------------------------------------------------------------------------------------


def test_a_wait_for_what_never_comes_ends_at_its_timeout(clock):
    assert threading.Event().wait(60) is False
    assert clock.elapsed == pytest.approx(60)
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=60)
    assert clock.elapsed == pytest.approx(120)
    assert threading.Semaphore(0).acquire(timeout=60) is False
    assert clock.elapsed == pytest.approx(180)
    condition = threading.Condition()
    with condition:
        assert condition.wait_for(lambda: False, timeout=60) is False
    assert clock.elapsed == pytest.approx(240)
    with pytest.raises(threading.BrokenBarrierError):
        threading.Barrier(2).wait(60)
    assert clock.elapsed == pytest.approx(300)


def test_a_wait_ends_when_what_is_waited_for_comes(clock):
    event = threading.Event()
    threading.Thread(target=lambda: (time.sleep(20), event.set())).start()

    assert event.wait(60) is True
    assert clock.elapsed == 20


def test_a_wait_without_a_timeout_is_a_wait(clock):
    event = threading.Event()
    threading.Thread(target=lambda: (time.sleep(20), event.set())).start()

    assert event.wait() is True
    assert clock.elapsed == 20


def test_a_result_comes_late_or_in_time(clock):
    with concurrent.futures.ThreadPoolExecutor() as executor:
        future = executor.submit(lambda: (time.sleep(500), "done")[1])

        with pytest.raises(TimeoutError):
            future.result(timeout=5)
        assert clock.elapsed == pytest.approx(5)
        assert future.result(timeout=1000) == "done"
    assert clock.elapsed == pytest.approx(500)


def test_real_work_in_another_thread_is_waited_for(clock):
    def work():
        until = now() + 0.6
        while now() < until:
            sum(range(1000))
        return "done"

    with concurrent.futures.ThreadPoolExecutor() as executor:
        assert executor.submit(work).result(timeout=5) == "done"

    assert clock.elapsed < 5


def test_a_timer_rings_at_its_time(clock):
    rung = []
    timers = [threading.Timer(after, lambda after=after: rung.append((after, clock.elapsed))) for after in (50, 20, 70)]
    for timer in timers:
        timer.start()
    timers[2].cancel()

    for timer in timers:
        timer.join()

    assert rung == [(20, pytest.approx(20)), (50, pytest.approx(50))]


def test_joining_a_thread_ends_with_it_or_at_the_timeout(clock):
    thread = threading.Thread(target=time.sleep, args=(100,))
    thread.start()

    thread.join(30)
    assert thread.is_alive()
    assert clock.elapsed == 30
    thread.join(1000)
    assert not thread.is_alive()
    assert clock.elapsed == 100


# --- asyncio ----------------------------------------------------------------------------------------------------------


async def test_asyncio_sleeps_on_the_clock(clock):
    began = asyncio.get_running_loop().time()

    await asyncio.sleep(3600)

    assert clock.elapsed == pytest.approx(3600)
    assert asyncio.get_running_loop().time() - began == pytest.approx(3600)


async def test_timeouts_of_asyncio_end_where_they_would(clock):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.sleep(100)
    assert clock.elapsed == pytest.approx(5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.sleep(100), 7)
    assert clock.elapsed == pytest.approx(12)
    tasks = [asyncio.create_task(asyncio.sleep(after)) for after in (3, 30)]
    done, pending = await asyncio.wait(tasks, timeout=10)
    assert (len(done), len(pending)) == (1, 1)
    assert clock.elapsed == pytest.approx(22)
    await asyncio.gather(*pending)
    assert clock.elapsed == pytest.approx(42)


async def test_deadlines_of_anyio_end_where_they_would(clock):
    with anyio.move_on_after(4) as scope:
        await anyio.sleep(100)
    assert scope.cancelled_caught
    assert clock.elapsed == pytest.approx(4)
    with pytest.raises(TimeoutError), anyio.fail_after(6):
        await anyio.sleep(100)
    assert clock.elapsed == pytest.approx(10)


async def test_a_coroutine_that_only_asks_what_time_it_is_ends_too(clock):
    loop = asyncio.get_running_loop()
    until = loop.time() + 60

    while loop.time() < until:
        await asyncio.sleep(0)

    assert 60 <= clock.elapsed < 61


async def test_an_event_loop_waits_for_what_a_thread_is_at(clock):
    def work():
        until = now() + 0.5
        while now() < until:
            sum(range(1000))
        return "done"

    async with asyncio.timeout(60):
        assert await asyncio.to_thread(work) == "done"

    assert clock.elapsed < 60


async def test_a_sleep_in_a_thread_and_one_in_the_loop_keep_their_order(clock):
    order = []

    def in_thread():
        time.sleep(20)
        order.append("thread")

    async def in_loop(seconds):
        await asyncio.sleep(seconds)
        order.append(seconds)

    await asyncio.gather(asyncio.to_thread(in_thread), in_loop(10), in_loop(30))

    assert order == [10, "thread", 30]
    assert clock.elapsed == pytest.approx(30)


async def test_input_that_is_on_its_way_comes_before_a_timer(clock):
    async def serve(reader, writer):
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, asyncio.timeout(60):
        for _ in range(10):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            assert await reader.readline() == b"hello\n"
            writer.close()

    assert clock.elapsed == 0


# --- whose time it is -------------------------------------------------------------------------------------------------


def test_a_thread_that_ran_before_keeps_its_own_time():
    ask, told = queue.SimpleQueue(), queue.SimpleQueue()

    def older():
        ask.get()
        began = time.monotonic()
        time.sleep(0.05)
        told.put(time.monotonic() - began)

    thread = threading.Thread(target=older)
    thread.start()
    with mockstatus.activate(time="virtual") as router:
        router.clock.advance(1000)
        began = now()
        ask.put(None)
        slept = told.get()
        really = now() - began
    thread.join()

    assert 0.05 <= slept <= really + 0.01
    assert router.clock.elapsed == pytest.approx(1000, abs=5)


async def test_the_threads_of_an_event_loop_are_in_virtual_time_each_time_they_are_used():
    for sleep_in_thread in (asyncio.to_thread, anyio.to_thread.run_sync):
        for _ in range(3):
            with mockstatus.activate(time="virtual") as router:
                await sleep_in_thread(time.sleep, 60)
                assert router.clock.elapsed == 60


def test_a_thread_that_is_made_of_one_that_has_ended_is_in_virtual_time():
    """The machine gives a new thread the number of an old one."""
    go = threading.Event()
    older = [threading.Thread(target=go.wait) for _ in range(8)]
    for thread in older:
        thread.start()

    with mockstatus.activate(time="virtual") as router:
        go.set()
        for thread in older:
            thread.join()
        newer = [threading.Thread(target=time.sleep, args=(60,)) for _ in range(8)]
        for thread in newer:
            thread.start()
        for thread in newer:
            thread.join()
        assert router.clock.elapsed >= 60


def test_with_the_scope_of_a_context_only_what_was_given_it_is_in_virtual_time():
    seen = []

    def look():
        began = time.monotonic()
        time.sleep(0.02)
        seen.append(time.monotonic() - began)

    with mockstatus.activate(time="virtual", scope="context") as router:
        for function in (look, mockstatus.carry(look)):
            thread = threading.Thread(target=function)
            thread.start()
            thread.join()
        assert router.clock.elapsed == 0.02

    assert seen[0] >= 0.02
    assert seen[1] == pytest.approx(0.02)


def test_inside_another_mode_time_is_what_that_mode_says():
    with mockstatus.activate(time="virtual") as outer:
        with mockstatus.activate(time="instant"):
            began = time.monotonic()
            time.sleep(0.02)
            assert 0.02 <= time.monotonic() - began
        time.sleep(60)
        assert outer.clock.elapsed == 60


def test_the_inner_of_two_moves_both_clocks():
    with mockstatus.activate(time="virtual") as outer, mockstatus.activate() as inner:
        time.sleep(60)

        assert (outer.clock.elapsed, inner.clock.elapsed) == (60, 60)


def test_a_delay_is_slept_on_the_clock_and_compared_with_the_timeout(clock):
    with httpx.Client(timeout=1) as client, pytest.raises(httpx.ReadTimeout):
        client.get("https://mock.local/delay/5")
    assert clock.elapsed == 1
    with httpx.Client(timeout=10) as client:
        assert client.get("https://mock.local/delay/5").status_code == 200
    assert clock.elapsed == 6


# --- dates ------------------------------------------------------------------------------------------------------------


class Moment(datetime.datetime):
    pass


def test_the_date_is_that_of_the_router(clock):
    first = datetime.datetime.now(datetime.UTC)
    assert first.timestamp() == pytest.approx(time.time(), abs=1e-5)

    time.sleep(86_400)

    day = datetime.timedelta(days=1)
    assert datetime.datetime.now(datetime.UTC) - first == day
    assert datetime.datetime.now(tz=first.tzinfo) - first == day
    assert datetime.datetime.now().astimezone(datetime.UTC) - first == day
    assert datetime.datetime.today().astimezone(datetime.UTC) - first == day
    assert Moment.now(datetime.UTC) - first == day
    assert type(Moment.now()) is Moment
    assert datetime.date.today() == datetime.datetime.now().date()


def test_a_deadline_that_is_a_date_is_reached(clock):
    until = datetime.datetime.now() + datetime.timedelta(hours=1)
    while datetime.datetime.now() < until:
        time.sleep(60)

    assert clock.elapsed == 3600


def test_the_date_is_the_machine_s_again_afterwards():
    before = vars(datetime.datetime)["now"], vars(datetime.datetime)["utcnow"]

    with mockstatus.activate(time="virtual") as router:
        router.clock.advance(1e6)
        assert vars(datetime.datetime)["now"] is not before[0]

    assert (vars(datetime.datetime)["now"], vars(datetime.datetime)["utcnow"]) == before
    assert datetime.datetime.now().timestamp() == pytest.approx(time.time(), abs=1)


# --- threads that threading knows nothing of --------------------------------------------------------------------------


def sleeping(seconds):
    time.sleep(seconds)


def waiting_for_an_event(seconds):
    assert not threading.Event().wait(seconds)


def waiting_for_an_item(seconds):
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=seconds)


def waiting_in_an_event_loop(seconds):
    asyncio.run(asyncio.sleep(seconds))


@pytest.mark.parametrize("wait", [sleeping, waiting_for_an_event, waiting_for_an_item, waiting_in_an_event_loop])
def test_a_thread_of_somebody_s_own_making_is_not_waited_for(wait):
    """As the one that reads what a worker of pytest-xdist is told."""
    leave, left = os.pipe(), threading.Event()
    made = _thread.start_new_thread(lambda: (os.read(leave[0], 1), left.set()), ())
    while made not in sys._current_frames():
        time.sleep(0)
    try:
        for _ in range(5):
            began = now()
            with mockstatus.activate(time="virtual") as router:
                wait(600)
            assert router.clock.elapsed == pytest.approx(600, abs=1)
            assert now() - began < 0.2
    finally:
        os.write(leave[1], b"x")
        left.wait()
        os.close(leave[0])
        os.close(leave[1])
