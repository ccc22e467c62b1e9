"""The suite itself: what differs is found, what is listed has to be there, and the server does what a script says."""

from __future__ import annotations

import socket

import pytest

from .comparing import MISSING, Difference, Door, differences
from .differences import KNOWN, unknown
from .scoreboard import main
from .server import End, Listening, Received, Server

DOOR = Door("httpx", "activate")


def test_a_field_with_another_value_is_a_difference() -> None:
    """With both values, and inside a field that has fields the one that differs."""
    real = {"status": 200, "raw": {"version": 11, "reason": "OK"}}

    found = differences(real, {"status": 201, "raw": {"version": 10, "reason": "OK"}})

    assert found == [Difference("status", 200, 201), Difference("raw, version", 11, 10)]


@pytest.mark.parametrize(("real", "mock"), [({"error": "X"}, {}), ({}, {"error": "X"})])
def test_a_field_on_one_side_only_is_a_difference(real: dict[str, str], mock: dict[str, str]) -> None:
    """An error that only one of the two raises, for one."""
    (found,) = differences(real, mock)

    assert found == Difference("error", real.get("error", MISSING), mock.get("error", MISSING))


def test_a_difference_that_is_not_listed_is_wrong() -> None:
    """And its text names the field and both values."""
    (wrong,) = unknown(DOOR, "a case", [Difference("status", 200, 201)])

    assert wrong == "status\n    real: 200\n    mock: 201"


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.cases[:40])
def test_a_listed_difference_that_is_gone_is_wrong(known: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the table would only ever grow."""
    monkeypatch.setattr(type(known), "covers", lambda self, door, case: self is known)

    (wrong,) = unknown(DOOR, "a case", [])

    assert wrong.startswith("no longer differs")


def test_the_scoreboard_counts_cases_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for every door, and one for all."""
    ended = main(["status 204"])

    heading, *lines, together = capsys.readouterr().out.splitlines()
    assert heading.split() == ["door", "cases", "fields", "equal", "share", "listed", "wrong"]
    assert [line.split()[1] for line in lines] == ["1"] * 18
    assert together.startswith("all, of 1 situations")
    assert ended == (0 if together.split()[-1] == "0" else 1)


def _talk(server: Server, sent: bytes) -> bytes:
    """Send bytes to a server, and read until it closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(sent)
        found = b""
        while piece := sock.recv(65_536):
            found += piece
    return found


def _server(*answers: object) -> Server:
    server = Server(Listening.OPEN, lambda sent: sent, tls=False)
    server.pages = {"/page": answers}
    return server


def test_the_server_sends_the_bytes_of_its_script_and_keeps_the_request() -> None:
    """One answer after the other, on one connection."""
    with _server((b"first ",), (b"second", End.CLOSE)) as server:
        found = _talk(
            server, b"PUT /page?a=1 HTTP/1.1\r\nContent-Length: 3\r\n\r\noneGET /page HTTP/1.1\r\nX-A: 1\r\n\r\n"
        )

    assert found == b"first second"
    assert server.received == [
        Received("PUT", "/page?a=1", (("Content-Length", "3"),), b"one"),
        Received("GET", "/page", (("X-A", "1"),), b""),
    ]


def test_the_server_takes_the_chunks_off_a_body() -> None:
    """So that it can be compared with the body that was given."""
    with _server((End.CLOSE,)) as server:
        _talk(server, b"POST /page HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n2\r\nto\r\n0\r\n\r\n")

    assert [received.body for received in server.received] == [b"oneto"]


def test_the_server_resets_a_connection() -> None:
    """Which a client sees as ConnectionResetError."""
    with _server((End.RESET,)) as server, pytest.raises(ConnectionResetError):
        _talk(server, b"GET /page HTTP/1.1\r\n\r\n")


def test_the_server_tells_of_a_path_that_has_no_script() -> None:
    """A case that is written wrongly does not pass by chance."""
    with _server() as server:
        assert _talk(server, b"GET /other HTTP/1.1\r\n\r\n") == b""

    assert server.problems == ["no page for GET /other"]


def test_a_server_that_refuses_does_not_listen() -> None:
    """The port is taken, so that nobody else does."""
    with Server(Listening.REFUSING, lambda sent: sent, tls=False) as server, pytest.raises(ConnectionRefusedError):
        _talk(server, b"")
