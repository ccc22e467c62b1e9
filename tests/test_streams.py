"""Bodies that come in pieces: what a stream may be made of, slow ones, and server-sent events."""

import io
import json
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import requests
import trio

import mockstatus
from mockstatus import dribble, reply, sse

URL = "https://api.example.com/events"
NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)


def client_of(router, **options):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), **options)


def async_client_of(router):
    return httpx.AsyncClient(transport=mockstatus.adapters.httpx.AsyncTransport(router))


def routed(answer):
    """A router with one route for everything, and a client of it."""
    router = mockstatus.Router()
    router.any(URL).respond(answer)
    return router, client_of(router)


async def asynchronous_pieces():
    yield b"hel"
    yield "lo"


# --- what a stream may be made of -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"hello", id="bytes"),
        pytest.param("hello", id="text"),
        pytest.param(bytearray(b"hello"), id="bytearray"),
        pytest.param([b"hel", "lo"], id="list"),
        pytest.param((b"hel", b"lo"), id="tuple"),
        pytest.param([], id="empty list"),
        pytest.param(lambda: [b"hel", b"lo"], id="function of a list"),
        pytest.param(lambda: iter([b"hel", "lo"]), id="function of an iterator"),
        pytest.param(lambda: (piece for piece in (b"hel", b"lo")), id="function of a generator"),
        pytest.param(dribble(b"hello", every=0), id="dribble"),
    ],
)
def test_a_stream_serves_every_answer_from_its_beginning(stream):
    router, client = routed(reply(200, stream=stream))

    seen = [client.get(URL).content for _ in range(3)]

    assert seen == [b"" if stream == [] else b"hello"] * 3
    assert [call.response.content for call in router.calls] == seen


def test_the_pieces_are_those_that_the_caller_receives():
    _, client = routed(reply(200, stream=[b"a", b"", b"bc"]))

    with client.stream("GET", URL) as response:
        assert list(response.iter_raw()) == [b"a", b"bc"]


@pytest.mark.parametrize(
    "make", [lambda: iter([b"hel", b"lo"]), lambda: (piece for piece in [b"hello"]), lambda: io.BytesIO(b"hello")]
)
def test_a_bare_iterator_serves_one_answer_and_a_second_is_refused(make):
    router, client = routed(reply(200, stream=make()))

    assert client.get(URL).content == b"hello"
    with pytest.raises(mockstatus.InvalidReply, match="an iterator, which serves one answer"):
        client.get(URL)
    assert len(router.calls) == 2


def test_a_head_answer_leaves_a_bare_iterator_for_the_get():
    _, client = routed(reply(200, stream=iter([b"hello"])))

    assert client.head(URL).content == b""
    assert client.get(URL).content == b"hello"


@pytest.mark.parametrize("stream", [5, 1.5, {"a": b"b"}, {b"a"}, object])
def test_what_is_no_stream_is_refused_when_it_is_defined_or_opened(stream):
    with pytest.raises(mockstatus.InvalidReply):
        routed(reply(200, stream=stream))[1].get(URL)


@pytest.mark.parametrize("piece", [5, None, ["a"]])
def test_a_piece_is_bytes_or_text(piece):
    with pytest.raises(mockstatus.InvalidReply, match="a piece of a stream is bytes or text"):
        reply(200, stream=[b"a", piece])
    with pytest.raises(mockstatus.InvalidReply, match="a piece of a stream is bytes or text"):
        routed(reply(200, stream=lambda: [b"a", piece]))[1].get(URL)


def test_the_exception_of_a_stream_reaches_the_caller_as_it_is():
    def stream():
        yield b"hello"
        raise ZeroDivisionError("mine")

    _, client = routed(reply(200, stream=stream))

    with pytest.raises(ZeroDivisionError, match="mine"):
        client.get(URL)


# --- asynchronous streams ---------------------------------------------------------------------------------------------


async def test_a_function_of_an_asynchronous_iterator_serves_an_asynchronous_client():
    router = mockstatus.Router()
    router.get(URL).respond(200, stream=asynchronous_pieces)

    async with async_client_of(router) as client:
        seen = [(await client.get(URL)).content for _ in range(2)]

    assert seen == [b"hello", b"hello"]
    assert router.calls.last.response.content == b"hello"


async def test_a_bare_asynchronous_iterator_serves_one_answer():
    router = mockstatus.Router()
    router.get(URL).respond(200, stream=asynchronous_pieces())

    async with async_client_of(router) as client:
        assert (await client.get(URL)).content == b"hello"
        with pytest.raises(mockstatus.InvalidReply, match="serves one answer"):
            await client.get(URL)


async def test_a_plain_stream_serves_an_asynchronous_client_too():
    router = mockstatus.Router()
    router.get(URL).respond(200, stream=[b"hel", b"lo"])

    async with async_client_of(router) as client:
        async with client.stream("GET", URL) as response:
            assert [piece async for piece in response.aiter_raw()] == [b"hel", b"lo"]


def test_trio_reads_an_asynchronous_stream_as_asyncio_does():
    router = mockstatus.Router()
    router.get(URL).respond(200, stream=asynchronous_pieces)

    async def main():
        async with async_client_of(router) as client:
            return (await client.get(URL)).content

    assert trio.run(main) == b"hello"


def test_an_asynchronous_stream_is_refused_to_a_synchronous_client():
    _, client = routed(reply(200, stream=asynchronous_pieces))

    with pytest.raises(mockstatus.InvalidReply, match="asynchronous"):
        client.get(URL)


# --- dribble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "chunk_size", "pieces"),
    [
        (b"abc", 1, [b"a", b"b", b"c"]),
        (b"abcde", 2, [b"ab", b"cd", b"e"]),
        ("né", 1, [b"n", b"\xc3", b"\xa9"]),
        (bytearray(b"abc"), 2, [b"ab", b"c"]),
        ([b"ab", "cde"], 1, [b"ab", b"cde"]),
        (b"", 1, []),
    ],
)
def test_dribble_cuts_content_into_pieces_of_a_size_or_takes_the_pieces_it_is_given(content, chunk_size, pieces):
    _, client = routed(reply(200, stream=dribble(content, every=1, chunk_size=chunk_size)))

    with client.stream("GET", URL) as response:
        assert list(response.iter_raw()) == pieces


def test_dribble_waits_before_each_piece_on_the_clock_and_not_in_the_test():
    router = mockstatus.Router(now=NOW)
    router.get(URL).respond(200, stream=dribble(b"abcdef", every=2, chunk_size=2))

    client_of(router, timeout=3).get(URL)

    assert router.clock.elapsed == 6


def test_each_wait_of_a_dribble_counts_against_the_read_timeout_on_its_own():
    router, _ = routed(reply(200, stream=dribble(b"abc", every=2)))

    assert client_of(router, timeout=2.5).get(URL).content == b"abc"
    with pytest.raises(httpx.ReadTimeout):
        client_of(router, timeout=1.5).get(URL)


def test_what_came_before_a_timeout_has_been_delivered():
    router, _ = routed(reply(200, stream=lambda: [b"abc", *dribble(b"x", every=9)]))
    received = []

    with pytest.raises(httpx.ReadTimeout):
        with client_of(router, timeout=5).stream("GET", URL) as response:
            received.extend(response.iter_raw())

    assert received == [b"abc"]
    assert router.calls.last.response.content == b"abc"


@pytest.mark.parametrize(
    "arguments",
    [
        {"every": -1},
        {"every": float("inf")},
        {"every": float("nan")},
        {"every": "1"},
        {"every": 1, "chunk_size": 0},
        {"every": 1, "chunk_size": -1},
        {"every": 1, "chunk_size": 1.5},
        {"every": 1, "chunk_size": True},
    ],
    ids=str,
)
def test_a_dribble_that_makes_no_sense_is_refused(arguments):
    with pytest.raises(mockstatus.InvalidReply, match="dribble"):
        dribble(b"abc", **arguments)


@pytest.mark.parametrize("content", [5, None, [5]])
def test_a_dribble_is_of_bytes_or_text(content):
    with pytest.raises(mockstatus.InvalidReply):
        dribble(content, every=1)


def test_the_length_of_a_dribble_is_known():
    _, client = routed(reply(200, stream=dribble(["é", b"abc"], every=1), framing="length"))

    assert client.get(URL).headers["Content-Length"] == "5"


# --- server-sent events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "written"),
    [
        ("hello", b"data: hello\n\n"),
        ("", b"data: \n\n"),
        ("two\nlines", b"data: two\ndata: lines\n\n"),
        ("a\r\nb\rc", b"data: a\ndata: b\ndata: c\n\n"),
        ("na\xefve", b"data: na\xc3\xafve\n\n"),
        ({"n": 1, "é": None}, '{"n": 1, "é": null}'.join(("data: ", "\n\n")).encode()),
        ([1, 2], b"data: [1, 2]\n\n"),
        (7, b"data: 7\n\n"),
        (None, b"data: null\n\n"),
        (("done", "bye"), b"event: done\ndata: bye\n\n"),
        (("delta", {"n": 1}), b'event: delta\ndata: {"n": 1}\n\n'),
        (("message", "read_timeout"), b"event: message\ndata: read_timeout\n\n"),
    ],
)
def test_an_event_is_written_as_the_specification_says(event, written):
    _, client = routed(sse(event))

    assert client.get(URL).content == written


def test_events_are_a_stream_that_no_cache_keeps():
    router, client = routed(sse("a", "b"))

    with client.stream("GET", URL) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert list(response.iter_raw()) == [b"data: a\n\n", b"data: b\n\n"]
    assert router.calls.last.response.content == b"data: a\n\ndata: b\n\n"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_events_are_read_by_the_sse_of_httpx2(method):
    router, _ = routed(sse("hello", ("done", {"n": 1})))
    client = httpx2.Client(transport=mockstatus.adapters.httpx2.Transport(router))

    with client.sse(URL, method=method) as source:
        events = [(event.event, event.data) for event in source]

    assert events == [("message", "hello"), ("done", '{"n": 1}')]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_events_are_read_line_by_line_by_httpx_and_requests(method):
    lines = ["data: hello", "", "event: done", 'data: {"n": 1}', ""]
    with mockstatus.activate() as router:
        router.any(URL).respond(sse("hello", ("done", {"n": 1})))

        with httpx.stream(method, URL) as response:
            assert list(response.iter_lines()) == lines
        with requests.request(method, URL, stream=True) as response:
            assert list(response.iter_lines(decode_unicode=True)) == lines


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("connection_reset", httpx.ReadError),
        ("truncated_body", httpx.RemoteProtocolError),
        ("malformed_chunk", httpx.RemoteProtocolError),
        ("stalled_body", httpx.ReadTimeout),
        ("read_timeout", httpx.ReadTimeout),
        (ZeroDivisionError("mine"), ZeroDivisionError),
        (ZeroDivisionError, ZeroDivisionError),
        (httpx.ReadError, httpx.ReadError),
    ],
    ids=str,
)
def test_a_fault_or_an_exception_among_the_events_breaks_the_stream_there(fault, error):
    router, client = routed(sse("one", "two", fault, "three"))
    received = []

    with pytest.raises(error):
        with client.stream("GET", URL) as response:
            received.extend(response.iter_bytes())

    assert b"".join(received) == b"data: one\n\ndata: two\n\n"


@pytest.mark.parametrize("fault", ["connection_refused", "dns_failure", "write_timeout", "empty_response"])
def test_a_fault_that_cannot_break_a_stream_is_refused_with_those_that_can(fault):
    with pytest.raises(mockstatus.InvalidReply) as caught:
        sse("one", fault)

    assert fault in str(caught.value)
    assert "stalled_body" in str(caught.value)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({1, 2}, "cannot be written as JSON"),
        (float("nan"), "cannot be written as JSON"),
        (("two\nlines", "x"), "one line of text"),
        (("a\rb", "x"), "one line of text"),
        ((5, "x"), "one line of text"),
    ],
)
def test_an_event_that_cannot_be_written_is_refused(event, said):
    with pytest.raises(mockstatus.InvalidReply, match=said):
        sse(event)


def test_events_come_with_a_wait_before_each():
    router = mockstatus.Router(now=NOW)
    router.get(URL).respond(sse("a", "b", "c", every=1.5))

    client_of(router).get(URL)

    assert router.clock.elapsed == 4.5


@pytest.mark.parametrize("every", [-1, float("inf"), "1"])
def test_a_wait_between_events_is_a_finite_number_of_seconds(every):
    with pytest.raises(mockstatus.InvalidReply, match="every="):
        sse("a", every=every)


def test_the_same_events_are_sent_again_to_the_next_caller():
    _, client = routed(sse({"n": 1}))

    assert [json.loads(client.get(URL).text.removeprefix("data: ")) for _ in range(3)] == [{"n": 1}] * 3
