"""The page on diagnosis: the output that it shows is the output of the code above it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "diagnosis.md"
BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def shown_and_said() -> list[tuple[str, str]]:
    """Each output on the page, with what the error of the code above it says."""
    text = PAGE.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    found = []
    for block in BLOCK.finditer(text):
        if block[1] == "python":
            begins = text[: block.start(2)].count("\n")
            exec(compile("\n" * begins + block[2], "test_api.py", "exec"), names)
        else:
            error = names["error"]
            assert isinstance(error, AssertionError)
            found.append((block[2], "\n".join([str(error), *getattr(error, "__notes__", ())]) + "\n"))
    return found


FOUND = shown_and_said()


@pytest.mark.parametrize(("shown", "said"), FOUND, ids=range(1, len(FOUND) + 1))
def test_the_output_on_the_page_is_the_real_one(shown: str, said: str) -> None:
    """Line numbers included: they are those of the page."""
    assert said == shown


def test_there_is_output_on_the_page() -> None:
    """So that a page without any proves nothing."""
    assert len(FOUND) >= 5
