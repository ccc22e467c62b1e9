"""Builds the environment of the SDKs, ``.venv-sdk`` beside the project, and runs their tests there.

``python tests/sdk/run.py`` with any arguments of pytest. The environment is built anew when pyproject.toml changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-sdk"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def build() -> None:
    """Install the project and its dependency group ``sdk``, unless they are."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "built-for"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True, cwd=ROOT)  # the first that knows groups
    subprocess.run([*pip, "--editable", ".", "--group", "sdk"], check=True, cwd=ROOT)
    stamp.write_text(wanted)


def main(arguments: list[str]) -> int:
    """Run the tests; pytest's own last line says how many there were, and none at all is a failure."""
    build()
    command = [str(PYTHON), "-m", "pytest", "tests/sdk", *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env={**os.environ, "MOCKSTATUS_SDK": "1"}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
