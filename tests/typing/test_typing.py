"""Editors and type checkers: what is right is accepted, what is wrong is refused on its line, by mypy and by pyright."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

import mockstatus
from mockstatus import Route, Router
from mockstatus.adapters.aiohttp import Connector
from mockstatus.adapters.aiohttp_options import BaseOptions, ConnectorOptions

HERE = Path(__file__).parent
ACCEPTED, REFUSED = FILES = HERE / "accepted.py", HERE / "refused.py"
VERBS = ["get", "head", "post", "put", "patch", "delete", "options", "query", "trace", "any"]
MATCHERS = ["params", "headers", "cookies", "json", "form", "files", "content", "where"]


def marked(file: Path) -> set[int]:
    """The lines that are to be refused."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# refused")}


def run(where: Path, *command: str) -> str:
    """What a type checker prints."""
    finished = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    return finished.stdout


def mypy(where: Path) -> dict[str, dict[int, str]]:
    """The errors of mypy in the files there, by name and line."""
    (where / "mypy.ini").write_text("[mypy]\nstrict = true\n", encoding="utf-8")
    printed = run(where, sys.executable, "-m", "mypy", "--no-error-summary", *(file.name for file in FILES))
    found: dict[str, dict[int, str]] = {file.name: {} for file in FILES}
    for name, line, text in re.findall(r"(?m)^(.*?):(\d+): error: (.*)$", printed):
        found[name][int(line)] = text
    return found


def pyright(where: Path) -> dict[str, dict[int, str]]:
    """The errors of pyright in the files there, by name and line."""
    unknown = ["UnusedExpression", "UnusedVariable", "UnusedCoroutine", "UnusedFunction", "UnusedClass"]
    unknown += ["UnknownMemberType", "UnknownLambdaType", "UnknownVariableType", "UnknownArgumentType"]
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11"} | {f"report{name}": False for name in unknown}
    (where / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    printed = json.loads(run(where, sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable))
    assert printed["summary"]["filesAnalyzed"] == len(FILES)
    found: dict[str, dict[int, str]] = {file.name: {} for file in FILES}
    for one in printed["generalDiagnostics"]:
        if one["severity"] == "error":
            found[Path(one["file"]).name][one["range"]["start"]["line"] + 1] = one["message"]
    return found


@pytest.fixture(scope="module", params=[mypy, pyright], ids=["mypy", "pyright"])
def errors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    """What a type checker says of the two files, each in its strict mode."""
    where = tmp_path_factory.mktemp("checker")
    for file in FILES:
        shutil.copy(file, where)
    return request.param(where)


@pytest.mark.timeout(400)
def test_what_is_right_is_accepted(errors: dict[str, dict[int, str]]) -> None:
    """And known for what it is: the file says so with ``assert_type``."""
    assert errors[ACCEPTED.name] == {}


@pytest.mark.timeout(400)
def test_what_is_wrong_is_refused_on_its_line(errors: dict[str, dict[int, str]]) -> None:
    """Every line that is marked, and no other."""
    refused = errors[REFUSED.name]

    assert marked(REFUSED) - refused.keys() == set()
    assert {line: text for line, text in refused.items() if line not in marked(REFUSED)} == {}


def test_most_of_what_can_be_misspelt_is_among_what_is_refused() -> None:
    """So that an empty file proves nothing."""
    assert len(marked(REFUSED)) > 70


# --- what help() and editors show -------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_the_signature_of_route_without_the_method(verb: str) -> None:
    """For ``help``, for notebooks, and for what completes arguments while a program runs."""
    method = getattr(Router, verb)
    asked = inspect.signature(Router.route)

    assert list(inspect.signature(method).parameters) == [name for name in asked.parameters if name != "method"]
    assert list(inspect.signature(getattr(Router(), verb)).parameters) == ["url", *MATCHERS]
    assert (method.__name__, method.__qualname__) == (verb, f"Router.{verb}")
    assert method.__doc__
    assert "method" not in method.__annotations__


@pytest.mark.parametrize("name", ["respond", "then", "fail", "then_fail", "respond_with", "then_with"])
def test_a_method_of_a_route_has_a_signature_that_returns_a_route(name: str) -> None:
    """Though it is made of a function that returns something else."""
    signature = inspect.signature(getattr(Route, name))

    assert next(iter(signature.parameters)) == "self"
    assert signature.return_annotation == "Route"
    assert "times" in signature.parameters


def test_no_public_function_takes_arguments_that_it_does_not_name() -> None:
    """``**kwargs`` would swallow ``jsn=``."""
    public = [getattr(mockstatus, name) for name in mockstatus.__all__ if name not in ("__version__", "adapters")]
    functions = [one for one in public if inspect.isfunction(one)]
    for owner in (Router, Route):
        functions += [one for name, one in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_")]
    swallowing = {
        one.__qualname__
        for one in functions
        for parameter in inspect.signature(one).parameters.values()
        if parameter.kind is inspect.Parameter.VAR_KEYWORD
    }

    assert len(functions) > 40
    assert swallowing == set()


def test_the_options_of_the_connector_are_those_of_aiohttps_own() -> None:
    """None is left out; those that this version of aiohttp does not have, others do."""
    for kind, options in ((aiohttp.BaseConnector, BaseOptions), (aiohttp.TCPConnector, ConnectorOptions)):
        own = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
        assert [name for name in own if name not in options.__annotations__] == []
    assert "**options: 'Unpack[ConnectorOptions]'" in str(inspect.signature(Connector))


def test_help_shows_a_verb_as_if_it_had_been_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    """With its arguments."""
    help(Router.get)

    assert re.search(r"get\(self, url: .* json: .*\) -> '?Route'?", capsys.readouterr().out)
