"""The shape of the package: who may import whom, and what importing it must not do. ARCHITECTURE.md is the picture."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import mockstatus

PACKAGE = Path(mockstatus.__file__).parent
CLIENTS = ("aiohttp", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "urllib3")

# From the bottom up. A module imports from its own level and those below; within a level nothing goes in a circle.
LEVELS = {
    "values": "signatures errors fields literals masking urls passage messages bodies",
    "facts": "statuses faults codings clock documents",
    "small callables": "matchers patterns named_conditions body_conditions conditions streams reply_rules recipes replies answers showing policy turns waiting wire",
    "scenarios": "sending scenarios hosts",
    "the flow": "index journal closeness hints pasting diagnosis routes verbs router dispatch",
    "edges": "visibility unanswered guard installation dates referrers rebinding sleepers timeline timetravel asyncio_time trio_time activation decoration unittest_cases adapters",
    "programs": "pytest_plugin pytest_markers pytest_comparison cli __main__ interop",
}


class Import(NamedTuple):
    """One import of a module of ours: whether it happens when the importing module is imported."""

    module: str
    at_import: bool


def modules() -> dict[str, Path]:
    """Every module by its dotted name below the package; a package by its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


def imports_of(tree: ast.AST, *, at_import: bool = True) -> Iterator[tuple[str, bool]]:
    """The modules that a source imports, with whether that is at import; what is for type checkers is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module, at_import
            yield from ((f"{node.module}.{alias.name}", at_import) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, at_import) for alias in node.names)
        inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from imports_of(node, at_import=at_import and not inside)


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def own_imports(name: str) -> set[Import]:
    """The modules of ours that a module imports."""
    found = set()
    for imported, at_import in imports_of(TREES[name]):
        inner = imported.removeprefix("mockstatus.")
        if inner in MODULES and imported != inner and inner != name:
            found.add(Import(inner, at_import))
    return found


def level_of(name: str) -> int:
    """The level on which a module stands."""
    room = name.partition(".")[0]
    for number, names in enumerate(LEVELS.values()):
        if room in names.split():
            return number
    raise AssertionError(f"{name} is on no level: say in tests/test_shape.py where it belongs")


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_a_module_imports_only_from_its_own_level_and_below(name: str) -> None:
    """So that a newcomer who reads from the top down never meets a name that is not yet explained."""
    too_high = {one.module for one in own_imports(name) if level_of(one.module) > level_of(name) and one.at_import}

    assert too_high == set()


def test_no_import_goes_in_a_circle() -> None:
    """At import: what is imported inside a function has its reason beside it."""
    waiting = {name: {one.module for one in own_imports(name) if one.at_import} for name in MODULES}
    while waiting:
        ready = {name for name, needs in waiting.items() if not needs & waiting.keys()}
        assert ready, f"these import each other in a circle: {sorted(waiting)}"
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_every_module_says_what_it_is_for(name: str) -> None:
    """In a docstring, first thing."""
    assert ast.get_docstring(TREES[name])


def test_only_doors_and_interop_import_clients() -> None:
    """Everything else reaches a client through them."""
    importing = {
        name
        for name, tree in TREES.items()
        for imported, at_import in imports_of(tree)
        if at_import and imported.partition(".")[0] in CLIENTS
    }

    assert {name.partition(".")[0] for name in importing} <= {"adapters", "interop"}


def test_every_function_is_short() -> None:
    """None is over 40 lines, docstring and signature apart."""
    long = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1
                if lines > 40:
                    long.append(f"{name}.{node.name}: {lines} lines")

    assert long == []


def run_python(source: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout


def test_importing_the_package_imports_no_client() -> None:
    """Nor anything that takes long: the names are found when they are asked for."""
    printed = run_python(f"import sys, mockstatus; print(sorted(set({CLIENTS!r}) & sys.modules.keys()))")

    assert printed.strip() == "[]"


def test_activating_imports_no_client_that_nobody_imported() -> None:
    """Nor does loading the pytest plugin."""
    printed = run_python(
        "import sys, mockstatus, mockstatus.pytest_plugin\n"
        "with mockstatus.activate(): pass\n"
        f"print(sorted(set({CLIENTS!r}) & sys.modules.keys()))"
    )

    assert printed.strip() == "[]"


def test_every_public_name_is_there_and_listed() -> None:
    """What ``dir()`` shows can be had."""
    for name in mockstatus.__all__:
        assert getattr(mockstatus, name) is not None
        assert name in dir(mockstatus)
