"""Runs a module of tests in a pytest of its own, for what only pytest itself can show."""

from __future__ import annotations

import pytest

from tests.switching import ROOT, load_everything

HEADER = """
import contextlib
import httpx, pytest, pytest_asyncio
import mockstatus
from mockstatus import Router

API = "https://api.example.com"

def status(url="https://mock.local/202"):
    return httpx.get(url, verify=False).status_code

def swallow(url=API):
    with contextlib.suppress(Exception):
        status(url)

async def ask(url="https://mock.local/202"):
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.get(url)).status_code
"""


@pytest.fixture(scope="session")
def loaded():
    """Have everything imported before ``pytester`` notes which modules there are, as it forgets the others."""
    load_everything()


@pytest.fixture
def run(loaded, pytester, monkeypatch):
    """Run a module of tests in a pytest of its own, where no plugin has a fixture of the router's name."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(source, *, in_a_process_of_its_own=False):
        pytester.makepyfile(HEADER + source)
        start = pytester.runpytest_subprocess if in_a_process_of_its_own else pytester.runpytest_inprocess
        return start(
            "-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider", "--tb=short",
            "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function",
        )  # fmt: skip

    return run
