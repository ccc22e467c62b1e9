"""What several test files need."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from pkgutil import walk_packages

import pytest

import mockstatus

pytest_plugins = ["pytester"]

# A client of httpx or httpx2 reads all certificate authorities when it is made, for ten milliseconds and more. Nothing
# here wants to verify a server: one is enough.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "nobody.pem")

# A run inside this process forgets the modules that it was the first to import: these must not be among them, for they
# patch each other, or exist once in a process.
_KEPT = (
    "aiohttp",
    "anyio._backends._asyncio",
    "anyio._backends._trio",
    "anyio.pytest_plugin",
    "httpx",
    "httpx2",
    "hypothesis",
    "pytest_asyncio",
    "pytest_httpx",
    "requests_mock",
    "responses",
    "respx",
    "trio",
)
_INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for runs that are to be short."""
    parser.addoption("--one-in", type=int, default=1, metavar="N", help="of the cases of each test, run one in N")


def pytest_configure(config: pytest.Config) -> None:
    """Make a marker known that is pytest-xdist's, which may be missing."""
    config.addinivalue_line("markers", "xdist_group(name): of what belongs together, for --one-in all or nothing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what ``--one-in`` says: of each test with cases the first is run, and every Nth; of groups likewise."""
    step = config.getoption("--one-in")
    numbers = defaultdict[str, Iterator[int]](count)
    groups: dict[str, int] = {}
    taken, left_out = [], []
    for item in items:
        test = item.nodeid.partition("[")[0]
        mark = item.get_closest_marker("xdist_group")
        if mark is None:
            number = next(numbers[test])
        else:
            number = groups[mark.args[0]] = groups.get(mark.args[0], len(groups))
        (left_out if number % step else taken).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = taken


@pytest.fixture
def quick_collections() -> Iterator[None]:
    """Have the garbage collector go through what a test makes, and not through all tests there are."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def kept_modules() -> None:
    """Have them imported before ``pytester`` notes which modules there are."""
    ours = (
        module.name for module in walk_packages(mockstatus.__path__, "mockstatus.") if "__main__" not in module.name
    )
    for name in (*_KEPT, *ours):
        import_module(name)


@pytest.fixture
def run_inside(kept_modules: None, pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run pytest on a test file, inside this process."""

    def run(source: str, *options: str, ini: str = "", conftest: str = "") -> pytest.RunResult:
        pytester.makeini(_INI + ini)
        if conftest:
            pytester.makeconftest(conftest)
        pytester.makepyfile(test_it=source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return run
