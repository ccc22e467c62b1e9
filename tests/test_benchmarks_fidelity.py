"""The published comparison of fidelity: what can be told to other mocks, and that the command counts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import fidelity

from .conformance.cases import CASES
from .conformance.plain_http import OK, OK_BODY, chunks, coded, head, sized
from .conformance.server import End, Wait

WHOLE = head(200, "OK", sized("text/plain", b"hello")) + b"hello"
IN_CHUNKS = head(200, "OK", coded("text/plain")) + chunks([b"he", b"llo"])


@pytest.mark.parametrize(
    ("steps", "body"),
    [
        ((WHOLE,), b"hello"),
        ((WHOLE, End.CLOSE), b"hello"),
        ((IN_CHUNKS,), b"hello"),
        ((IN_CHUNKS[:90], IN_CHUNKS[90:]), b"hello"),
    ],
)
def test_a_whole_answer_can_be_told_however_it_is_sent(steps: tuple[bytes | End, ...], body: bytes) -> None:
    """Its content without the framing."""
    told = fidelity.told_by(steps)

    assert isinstance(told, fidelity.Told)
    assert (told.status, told.reason, told.body) == (200, "OK", body)


@pytest.mark.parametrize(
    "steps",
    [
        (Wait(1), WHOLE),
        (WHOLE[:-1],),
        (WHOLE[:-1], End.RESET),
        (IN_CHUNKS[:-2],),
        (head(103, "Early Hints", []) + WHOLE,),
        (WHOLE.replace(b"200", b"999"),),
        (),
    ],
)
def test_what_is_no_whole_answer_cannot_be_told(steps: tuple[bytes | Wait | End, ...]) -> None:
    """Half an answer, a late one, an interim one: the other mocks have no words for them."""
    assert fidelity.told_by(steps) is None


def test_an_answer_that_never_begins_can_be_told_as_an_error() -> None:
    """The test has the mock raise what the client would raise."""
    assert fidelity.told_by((End.RESET,)) is End.RESET


def test_the_command_counts_the_same_situations_for_ours_and_for_each_peer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And finds in ours every field of a plain situation equal, in the others not."""
    plain = [case for case in CASES if case.name in ("status 200", "status 404")]
    assert [case for case in plain if fidelity.can_be_told(case)] == plain != []
    monkeypatch.setattr(fidelity, "CASES", plain)

    assert fidelity.main(["--json", str(tmp_path / "scores.json")]) == 0

    shown = capsys.readouterr().out
    scores = json.loads((tmp_path / "scores.json").read_text())
    for peer in ("respx", "pytest-httpx", "responses", "requests-mock"):
        assert f"| {peer}" in shown
        theirs, ours = scores[peer], scores[f"ours beside {peer}"]
        assert (theirs["cases"], theirs["fields"]) == (ours["cases"], ours["fields"])
        assert ours["equal"] == ours["fields"] > theirs["equal"] > theirs["fields"] / 2


def test_the_servers_answer_to_everything_can_be_told() -> None:
    """Its callable form too."""
    told = fidelity.told_by(OK)

    assert isinstance(told, fidelity.Told)
    assert told.body == OK_BODY
