"""What an outcome is on the wire: status line, header section, framing, waits and endings, byte for byte."""

import pytest

import mockstatus
from mockstatus import dribble, exactly, reply, sse
from mockstatus.answers import FaultAnswer
from mockstatus.faults import FAULTS
from mockstatus.messages import Request, Timeouts
from mockstatus.streams import Pause
from mockstatus.wire import End, AsyncScript, phase_of, script
from mockstatus.urls import target_uri

AT = 1_795_342_530  # Sun, 22 Nov 2026 10:15:30 GMT
DATE = b"Date: Sun, 22 Nov 2026 10:15:30 GMT\r\n"
OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + DATE + b'Content-Length: 21\r\n\r\n{"status": "success"}'
)


def asked(method="GET"):
    return Request(method, target_uri("https", "api.example.com", 443, "/"), [], b"", "test", Timeouts())


def played(answer, method="GET"):
    """The script of a reply or a fault, neighbouring bytes joined."""
    if isinstance(answer, mockstatus.Reply):
        outcome = answer.render(asked(method), AT)
    else:
        outcome = answer.give(asked(method), AT)
    return joined(script(outcome))


def joined(events):
    found = []
    for event in events:
        if isinstance(event, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += event
        else:
            found.append(event)
    return found


def on_the_wire(made, method="GET"):
    """The bytes of a reply that is sent at once and whole."""
    events = [event for event in played(made, method) if event != End("close")]
    assert len(events) == 1
    return events[0]


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (reply(200), OK),
        (reply(204), b"HTTP/1.1 204 No Content\r\n" + DATE + b"\r\n"),
        (reply(205), b"HTTP/1.1 205 Reset Content\r\n" + DATE + b"Content-Length: 0\r\n\r\n"),
        (reply(304), b"HTTP/1.1 304 Not Modified\r\n" + DATE + b'ETag: "33a64df5"\r\n\r\n'),
        (reply(299, style="empty"), b"HTTP/1.1 299 \r\n" + DATE + b"Content-Length: 0\r\n\r\n"),
        (reply(200, content=b"", reason=""), b"HTTP/1.1 200 \r\n" + DATE + b"Content-Length: 0\r\n\r\n"),
        (
            reply(200, content=b"x" * 17, framing="chunked"),
            b"HTTP/1.1 200 OK\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + b"x" * 17 + b"\r\n0\r\n\r\n",
        ),
        (
            reply(200, stream=[b"ab", b"", "c"]),
            b"HTTP/1.1 200 OK\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        ),
        (
            reply(200, stream=[]),
            b"HTTP/1.1 200 OK\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            reply(205, framing="chunked"),
            b"HTTP/1.1 205 Reset Content\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ],
)
def test_an_answer_is_these_bytes_and_leaves_the_connection_open(made, expected):
    assert played(made) == [expected]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"framing": "close"}, b"HTTP/1.1 200 OK\r\n" + DATE + b"Connection: close\r\n\r\nab"),
        ({"http_version": "HTTP/1.0"}, b"HTTP/1.0 200 OK\r\n" + DATE + b"Content-Length: 2\r\n\r\nab"),
        ({"http_version": "HTTP/1.0", "framing": "close"}, b"HTTP/1.0 200 OK\r\n" + DATE + b"\r\nab"),
        ({"headers": {"Content-Length": None}}, b"HTTP/1.1 200 OK\r\n" + DATE + b"\r\nab"),
        ({"headers": exactly([("a", "caf\xe9")])}, b"HTTP/1.1 200 OK\r\na: caf\xe9\r\n\r\nab"),
    ],
    ids=str,
)
def test_an_answer_that_ends_with_the_connection_closes_it(arguments, expected):
    assert played(reply(200, content=b"ab", **arguments)) == [expected, End("close")]


@pytest.mark.parametrize(
    "made",
    [
        reply(200),
        reply(404, framing="chunked"),
        reply(200, stream=[b"abc"]),
        reply(200, stream=[b"abc"], framing="length"),
        reply(405),
        reply(206),
    ],
)
def test_head_is_answered_with_the_header_section_alone(made):
    get, head = on_the_wire(made, "GET"), on_the_wire(made, "HEAD")

    assert head == get.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


@pytest.mark.parametrize("code", [100, 101, 102, 103, 104, 150])
def test_an_interim_response_comes_first_without_length_coding_and_content(code):
    made = reply(200, interim=[code])

    interim, blank, final = on_the_wire(made).partition(b"\r\n\r\n")

    assert interim.startswith(b"HTTP/1.1 %d " % code)
    assert b"content-length" not in interim.lower()
    assert b"transfer-encoding" not in interim.lower()
    assert final == OK


@pytest.mark.parametrize(
    ("interim", "expected"),
    [
        ([100], b"HTTP/1.1 100 Continue\r\n\r\n"),
        ([101], b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        ([100, 102], b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"),
        ([(103, {"Link": "</a.css>"})], b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"),
        ([(103, {})], b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        ([199], b"HTTP/1.1 199 \r\n\r\n"),
    ],
)
def test_interim_responses_are_sent_in_order_with_their_own_fields(interim, expected):
    assert on_the_wire(reply(200, interim=interim)) == expected + OK


@pytest.mark.parametrize("code", [100, 101, 102, 103, 104])
def test_the_documented_reply_of_a_1xx_is_that_interim_and_then_the_200(code):
    interim, _, final = on_the_wire(mockstatus.catalog[code].reply()).partition(b"\r\n\r\n")

    assert interim.startswith(b"HTTP/1.1 %d " % code)
    assert final == OK


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (reply(204, text="no", lenient=True), b"no"),
        (reply(304, text="no", lenient=True), b"no"),
        (reply(99, lenient=True), b"HTTP/1.1 99 "),
        (reply(1000, lenient=True), b"HTTP/1.1 1000 "),
        (reply(103, lenient=True), b"HTTP/1.1 103 Early Hints"),
        (reply(200, headers={"A": "b\r\nC: d"}, lenient=True), b"A: b\r\nC: d\r\n"),
        (reply(200, headers={"A B": "c"}, lenient=True), b"A B: c\r\n"),
        (reply(200, headers={"A": "5 €"}, lenient=True), "A: 5 €\r\n".encode()),
        (reply(200, content=b"abc", headers={"Content-Length": 9}, lenient=True), b"Content-Length: 9\r\n\r\nabc"),
        (
            reply(200, content=b"a", headers=[("Content-Length", "1"), ("Content-Length", "2")], lenient=True),
            b"Content-Length: 1\r\nContent-Length: 2\r\n",
        ),
        (reply(204, headers={"Content-Length": 5}, lenient=True), b"Content-Length: 5\r\n"),
        (reply(200, reason="a\r\nb", lenient=True), b"200 a\r\nb\r\n"),
        (reply(200, reason="五", lenient=True), "200 五\r\n".encode()),
    ],
)
def test_a_lenient_reply_is_sent_with_what_is_wrong_about_it(made, part):
    assert part in on_the_wire(made)


# --- waits ------------------------------------------------------------------------------------------------------------


def test_a_delay_is_a_wait_before_the_first_byte():
    assert played(reply(200, delay=2)) == [Pause(2.0), OK]


def test_a_dribble_is_a_wait_before_each_piece():
    head, *rest = played(reply(200, stream=dribble(b"ab", every=3)))

    assert head.endswith(b"\r\n\r\n")
    assert rest == [Pause(3), b"1\r\na\r\n", Pause(3), b"1\r\nb\r\n0\r\n\r\n"]


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "events"),
    [
        ("read_timeout", [End("stall")]),
        ("connection_reset", [End("reset")]),
        ("empty_response", [End("close")]),
        ("malformed_response", [b"this is not HTTP\r\n\r\n", End("close")]),
    ],
)
def test_a_fault_instead_of_an_answer_is_how_the_connection_ends(fault, events):
    assert played(FaultAnswer(fault)) == events
    assert played(FaultAnswer(fault, delay=2)) == [Pause(2.0), *events]


@pytest.mark.parametrize(
    ("fault", "how"), [("truncated_body", "close"), ("stalled_body", "stall"), ("connection_reset", "reset")]
)
@pytest.mark.parametrize("after", [1, 4, 20])
def test_a_broken_answer_is_whole_up_to_the_break(fault, how, after):
    head, blank, body = OK.partition(b"\r\n\r\n")

    assert played(FaultAnswer(fault, after=after)) == [head + blank + body[:after], End(how)]


@pytest.mark.parametrize("fault", ["truncated_body", "stalled_body"])
def test_an_answer_that_breaks_before_its_body_has_its_header_section(fault):
    events = played(FaultAnswer(fault))

    assert events[0] == OK.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert isinstance(events[-1], End)


def test_a_reply_that_comes_in_pieces_breaks_inside_one():
    made = reply(200, stream=[b"abc", b"def"])

    head, end = played(FaultAnswer("truncated_body", after=4, reply_=made))

    assert head.endswith(b"\r\n\r\n3\r\nabc\r\n1\r\nd\r\n")
    assert end == End("close")


@pytest.mark.parametrize("made", [None, reply(200, text="hello"), reply(200, text="hello", framing="close")])
def test_a_malformed_chunk_comes_after_whole_chunks(made):
    head, end = played(FaultAnswer("malformed_chunk", after=3, reply_=made))

    assert b"Transfer-Encoding: chunked\r\n" in head
    assert b"Content-Length" not in head
    assert b"\r\n3\r\n" in head
    assert head.endswith(b"\r\nthis is no chunk size\r\n")
    assert end == End("close")


def test_bad_encoding_says_gzip_and_is_none():
    (sent,) = played(FaultAnswer("bad_encoding"))

    assert b"Content-Encoding: gzip\r\n" in sent
    assert sent.endswith(b'\r\n\r\n{"status": "success"}')


def test_a_stream_that_breaks_ends_without_its_last_chunk():
    events = played(sse("a", "connection_reset", "b"))

    assert events[0].endswith(b"data: a\n\n\r\n")
    assert events[1:] == [End("reset")]


def test_an_exception_ends_the_script_as_it_is():
    error = ZeroDivisionError("mine")

    assert played(FaultAnswer(error)) == [End(error)]
    assert played(sse("a", error))[-1] == End(error)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_happens_in_its_phase(fault):
    outcome = FaultAnswer(fault).give(asked(), AT)
    early = {"connect_timeout", "connection_refused", "dns_failure", "tls_failure", "pool_timeout", "write_timeout"}

    assert (phase_of(outcome) == "wait") == (fault not in early)


@pytest.mark.parametrize("fault", ["connection_refused", "pool_timeout", "write_timeout"])
def test_what_happens_before_anything_is_read_has_no_script(fault):
    with pytest.raises(mockstatus.InvalidReply, match="before anything is read"):
        played(FaultAnswer(fault))


# --- asynchronous -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        reply(200),
        reply(204),
        reply(200, text="x", framing="close", delay=1),
        reply(200, stream=dribble(b"ab", every=1)),
        reply(200, interim=[103]),
        FaultAnswer("truncated_body", after=5),
        FaultAnswer("empty_response"),
    ],
)
async def test_the_asynchronous_script_is_the_same(answer):
    give = answer.render if isinstance(answer, mockstatus.Reply) else answer.give

    events = [event async for event in AsyncScript(give(asked(), AT))]

    assert joined(events) == played(answer)


async def test_the_asynchronous_script_reads_an_asynchronous_stream():
    async def stream():
        yield b"ab"

    made = reply(200, stream=stream)

    events = [event async for event in AsyncScript(made.render(asked(), AT))]

    assert joined(events)[0].endswith(b"\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    with pytest.raises(mockstatus.InvalidReply, match="asynchronous"):
        played(made)
