"""What README and the pages of docs/ show is true: every page is run as one test module, with the lines it has there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [page for page in PAGES if "```python" in page.read_text(encoding="utf-8")]
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def code_of(text: str) -> str:
    """The Python blocks of a page, each line where it stands on the page; all else is blank."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            inside = line.strip() == "```python" and not inside
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines) + "\n"


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the test modules of a folder as a reader would, with warnings as errors."""
    loop_scope = "asyncio_default_fixture_loop_scope=function"  # pytest-asyncio warns where this is not said
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-W", "error", "-o", loop_scope]
    command = [sys.executable, "-m", "pytest", *options, str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110, check=False)


def test_what_the_pages_show_runs(tmp_path: Path) -> None:
    """The blocks of each run from top to bottom as one module, and its test functions pass."""
    for page in SHOWN:
        name = re.sub(r"[^a-z0-9]", "_", str(page.relative_to(ROOT)).lower())
        (tmp_path / f"test_{name}.py").write_text(code_of(page.read_text(encoding="utf-8")), encoding="utf-8")

    run = run_pytest(tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr


def test_a_block_that_fails_is_seen(tmp_path: Path) -> None:
    """With the line of the page in what is said of it."""
    module = tmp_path / "test_page.py"
    module.write_text(code_of("# Title\n\n```python\nassert 1 == 2\n```\n"), encoding="utf-8")

    run = run_pytest(tmp_path)

    assert run.returncode != 0
    assert "test_page.py:4" in run.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file of the repository."""
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []
