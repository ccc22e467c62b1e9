"""The plugin in company: what loading it imports, xdist, the plugins of other mocks, pytest's own help."""

from __future__ import annotations

import json
import sys
from importlib.metadata import entry_points

import pytest

HEAD = """
import httpx
import pytest
import requests
import mockstatus

"""


# --- loading it -------------------------------------------------------------------------------------------------------

# Prints which modules there are at the end of a run in which no other plugin was loaded.
TELL_MODULES = """
import json, sys
def pytest_unconfigure():
    print("\\nMODULES " + json.dumps(sorted(sys.modules)))
"""


def modules_after_a_run(pytester: pytest.Pytester, source: str, *options: str) -> set[str]:
    pytester.makeconftest(TELL_MODULES)
    pytester.makepyfile(test_it=source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "mockstatus.pytest_plugin",
        *options,
    ]
    run = pytester.run(*command)
    assert run.ret == 0
    return set(json.loads(next(line for line in run.outlines if line.startswith("MODULES "))[8:]))


CLIENTS = {"httpx", "httpx2", "requests", "urllib3", "aiohttp", "httpcore", "respx", "responses"}


@pytest.fixture
def alone(monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_loading_the_plugin_imports_no_client_and_nothing_else_of_mockstatus(pytester, alone):
    modules = modules_after_a_run(pytester, "def test_it():\n    assert {'a': 1} == {'a': 1}\n")

    assert {name for name in modules if name.startswith("mockstatus")} == {"mockstatus", "mockstatus.pytest_plugin"}
    assert not modules & CLIENTS


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("def test_it(mock_router): pass", ()),
        ("import pytest\n@pytest.mark.mock_router(network='allow')\ndef test_it(): pass", ()),
        ("def test_it(): pass", ("-o", "mockstatus_network=localhost", "-o", "mockstatus_time=real")),
    ],
    ids=["fixture", "marker", "ini options"],
)
def test_using_the_plugin_imports_no_client_either(pytester, alone, source, options):
    modules = modules_after_a_run(pytester, source, *options)

    assert "mockstatus.visibility" in modules
    assert not modules & CLIENTS


def test_an_installed_mockstatus_is_found_by_pytest_under_its_name():
    found = {entry.name: entry.value for entry in entry_points(group="pytest11")}

    assert found["mockstatus"] == "mockstatus.pytest_plugin"


def test_pytest_loads_it_without_being_told(run_inside):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router): pass\n")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["plugins: *mockstatus-*"])


def test_strict_markers_know_the_marker(run_inside):
    result = run_inside(f"{HEAD}\n@pytest.mark.mock_router\ndef test_it(): pass\n", "--strict-markers", "-Werror")

    result.assert_outcomes(passed=1)


def test_pytests_help_on_fixtures_describes_ours_in_a_paragraph_and_hides_what_is_behind_it(run_inside):
    result = run_inside("", "--fixtures")

    start = next(at for at, line in enumerate(result.outlines) if line.startswith("mock_router -- "))
    paragraph = result.outlines[start + 1 : result.outlines.index("", start)]
    assert "A mockstatus.Router that answers the HTTP calls" in paragraph[0]
    assert "@pytest.mark.mock_router(" in " ".join(paragraph)
    assert "_mockstatus_activation" not in result.stdout.str()


# --- xdist ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def run_on_two_workers(pytester, alone):
    def run(source: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        plugins = ("-p", "no:cacheprovider", "-p", "xdist.plugin", "-p", "mockstatus.pytest_plugin")
        return pytester.run(sys.executable, "-m", "pytest", *plugins, "-n", "2", "-o", "mockstatus_time=real")

    return run


def test_under_xdist_every_worker_answers_and_verifies_with_the_ini_options_on(run_on_two_workers):
    result = run_on_two_workers(
        HEAD
        + """
from mockstatus import visibility

@pytest.mark.parametrize("code", [200, 202, 204, 404, 503, 504])
@pytest.mark.mock_router(base_url="https://api.example.com")
def test_it(mock_router, code):
    assert visibility.visible().time == "real"
    mock_router.get("/me").respond(code).expect(2 if code == 503 else 1)
    assert httpx.get("https://api.example.com/me").status_code == code
"""
    )

    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["E *UnmetExpectation: GET https://api.example.com/me*expected twice, got one call"])


def test_under_xdist_a_wrong_marker_is_an_error_of_its_test(run_on_two_workers):
    result = run_on_two_workers(
        HEAD
        + """
@pytest.mark.mock_router(nework="allow")
def test_wrong(): raise SystemExit("has run")

def test_right(): pass
"""
    )

    result.assert_outcomes(passed=1, errors=1)
    line = "test_it.py::test_wrong: @pytest.mark.mock_router has no argument nework= (did you mean network=?): *"
    result.stdout.fnmatch_lines([line])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


# --- other mocks ------------------------------------------------------------------------------------------------------

OTHERS = {
    "respx": ("respx_mock", "respx_mock.get(URL).respond(418)", "httpx"),
    "pytest-httpx": ("httpx_mock", "httpx_mock.add_response(url=URL, status_code=418)", "httpx"),
    "requests-mock": ("requests_mock", "requests_mock.get(URL, status_code=418)", "requests"),
    "responses": ("rsps", "rsps.get(URL, status=418)", "requests"),
}


@pytest.mark.parametrize(("fixture", "arrange", "client"), OTHERS.values(), ids=OTHERS)
def test_the_fixtures_of_other_mocks_work_before_after_and_beside_ours(run_inside, fixture, arrange, client):
    other = f"""
    def test_other_{{}}(self, {fixture}):
        {arrange}
        assert {client}.get(URL).status_code == 418
"""
    ours = f"""
    def test_ours_{{}}(self, mock_router):
        mock_router.get(URL).respond(202)
        assert {client}.get(URL).status_code == 202
"""
    result = run_inside(
        HEAD
        + """
import responses
URL = "https://api.example.com/tea"

@pytest.fixture
def rsps():
    with responses.RequestsMock() as mock:
        yield mock

class TestIt:
"""
        + ours.format(1)
        + other.format(1)
        + ours.format(2)
        + other.format(2)
    )

    result.assert_outcomes(passed=4)


def test_no_fixture_or_marker_of_another_mock_is_taken(run_inside):
    names = ["respx_mock", "httpx_mock", "requests_mock", "mock_router"]

    result = run_inside("", "--fixtures")

    for name in names:
        assert sum(line.startswith(f"{name} -- ") or line.startswith(f"{name} [") for line in result.outlines) == 1


# --- what a failed comparison shows -----------------------------------------------------------------------------------

COMPARISONS = {
    "headers and a dict": (
        "request.headers == {'host': 'mock.local', 'x-a': '2', 'X-C': '3'}",
        ["E *assert Headers(*) == {*", "E *only left:  x-a: '1'", "E *only right: x-a: '2'", "E *only right: x-c: '3'"],
        "*: host: *",
    ),
    "a dict and headers": ("{'X-A': '1'} == request.headers", ["E *only right: host: 'mock.local'"], "*: x-a: *"),
    "headers and pairs": (
        "request.headers == [('Host', 'mock.local'), ('x-a', '1')]",
        ["E *only left:  ('X-A', '1')", "E *only right: ('x-a', '1')"],
        "*('Host', 'mock.local')",
    ),
    "query and text": (
        "request.query == 'a=1&b=3'",
        ["E *only left:  b: '2'", "E *only right: b: '3'"],
        "*: a: *",
    ),
    "query in another order": (
        "request.query == 'b=2&a=1'",
        ["E *the same on both sides, in another order*"],
        "*only*",
    ),
    "query and a dict": ("request.query == {'a': '1'}", ["E *only left:  b: '2'"], "*: a: *"),
    "calls and a list": ("mock_router.calls == []", ["E *only left:  <Call GET https://mock.local/202*>"], "*right*"),
    "headers and none": ("request.headers == None", ["E *only right: None"], "*same*"),
}


@pytest.mark.parametrize(("comparison", "lines", "never"), COMPARISONS.values(), ids=COMPARISONS)
def test_a_failed_comparison_shows_only_what_differs(run_inside, comparison, lines, never):
    result = run_inside(
        HEAD
        + f"""
def test_it(mock_router):
    httpx.get("https://mock.local/202?a=1&b=2", headers={{"X-A": "1"}})
    request = mock_router.calls.last.request
    request.headers._pairs = request.headers._pairs[:1] + request.headers._pairs[-1:]  # without what httpx adds
    assert {comparison}
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(lines)
    result.stdout.no_fnmatch_line(f"E {never}")


def test_a_route_that_was_not_called_is_shown(run_inside):
    result = run_inside(
        HEAD
        + """
def test_it(mock_router):
    route = mock_router.get("https://api.example.com/me").respond(401)
    assert route.called
"""
    )

    result.stdout.fnmatch_lines(["E *where False = <Route GET https://api.example.com/me -> 401>.called"])


def test_comparisons_without_any_value_of_ours_are_left_to_pytest(run_inside):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    assert {{'a': 1}} == {{'a': 2}}\n")

    result.stdout.fnmatch_lines(["E *Differing items:"])
