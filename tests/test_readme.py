"""README's two set-up commands are one line each, and the second is what the continuous integration runs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = re.findall(r"```console\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_there_are_two_commands_of_one_line_each() -> None:
    """The one that does the main job, and the one that passes the tests."""
    main, tests = COMMANDS[:2]

    assert "\n" not in main + tests
    assert main.endswith("-m mockstatus get https://mock.local/202")
    assert "-m pytest" in tests


def test_the_command_that_passes_the_tests_is_the_one_that_is_checked() -> None:
    """It stands in the script of the gates as it stands in README."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert COMMANDS[1] in lines
    assert lines[1] == "set -euo pipefail"
