"""The ini options: what they set where no activation says anything, and what is refused."""

from __future__ import annotations

import pytest

import mockstatus
from mockstatus import visibility

HEAD = """
import httpx
import pytest
import mockstatus
from mockstatus import visibility

def held():
    sight = visibility.visible()
    return sight.network.text, sight.time, sight.routers[0].expect_all

"""
ALL_THREE = """
mockstatus_network = localhost *.internal
mockstatus_time = real
mockstatus_expect_all = true
"""


def test_without_them_the_network_is_blocked_time_is_instant_and_routes_are_optional(run_inside):
    result = run_inside(f"{HEAD}\ndef test_it(mock_router):\n    assert held() == ('block', 'instant', False)\n")

    result.assert_outcomes(passed=1)


def test_they_hold_for_the_fixture_the_marker_and_an_activation_by_hand(run_inside):
    result = run_inside(
        HEAD
        + """
EXPECTED = (["localhost", "*.internal"], "real", True)

def test_fixture(mock_router):
    assert held() == EXPECTED

@pytest.mark.mock_router
def test_marker():
    assert held() == EXPECTED

def test_by_hand():
    with mockstatus.activate():
        assert held() == EXPECTED

@mockstatus.activate
def test_decorator():
    assert held() == EXPECTED
""",
        ini=ALL_THREE,
    )

    result.assert_outcomes(passed=4)


def test_what_an_activation_says_goes_before_them(run_inside):
    result = run_inside(
        HEAD
        + """
@pytest.mark.mock_router(network="block", time="instant", expect_all=False)
def test_marker():
    assert held() == ("block", "instant", False)

def test_by_hand():
    with mockstatus.activate(network="allow", time="virtual"):
        assert held() == ("allow", "virtual", True)
""",
        ini=ALL_THREE,
    )

    result.assert_outcomes(passed=2)


def test_expect_all_fails_the_tests_that_left_a_route_uncalled(run_inside):
    result = run_inside(
        HEAD
        + """
def test_fixture(mock_router):
    mock_router.get("https://api.example.com/me")

def test_by_hand():
    with mockstatus.activate() as router:
        router.get("https://api.example.com/me")
""",
        ini="mockstatus_expect_all = yes\n",
    )

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["E *UnmetExpectation: GET https://api.example.com/me*"] * 2)


NETWORKS = {
    "block": ("block", "block"),
    "allow": ("allow", "allow"),
    "one pattern": ("*.internal", "*.internal"),
    "several, by spaces": ("localhost 127.0.0.1:8000", ["localhost", "127.0.0.1:8000"]),
    "several, by commas": ("localhost, 127.0.0.1:8000", ["localhost", "127.0.0.1:8000"]),
    "several, by lines": ("\n    localhost\n    '*.internal'", ["localhost", "*.internal"]),
    "empty": ("", []),
}


@pytest.mark.parametrize(("given", "network"), NETWORKS.values(), ids=NETWORKS)
def test_the_network_is_block_allow_or_host_patterns(run_inside, given, network):
    result = run_inside(
        f"{HEAD}\ndef test_it(mock_router):\n    assert held()[0] == {network!r}\n",
        ini=f"mockstatus_network = {given}\n",
    )

    result.assert_outcomes(passed=1)


def test_they_can_be_given_on_the_command_line(run_inside):
    result = run_inside(
        f"{HEAD}\ndef test_it(mock_router):\n    assert held() == ('allow', 'real', True)\n",
        *("-o", "mockstatus_network=allow", "-o", "mockstatus_time=real", "-o", "mockstatus_expect_all=1"),
    )

    result.assert_outcomes(passed=1)


PYPROJECT = """
[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
mockstatus_network = {network}
mockstatus_time = "real"
mockstatus_expect_all = true
"""


@pytest.mark.parametrize("network", ['["localhost", "*.internal"]', "\"localhost '*.internal'\""], ids=["list", "text"])
def test_they_can_stand_in_pyproject_toml(pytester, kept_modules, network):
    pytester.makepyprojecttoml(PYPROJECT.format(network=network))
    pytester.makepyfile(
        f"{HEAD}\ndef test_it(mock_router):\n    assert held() == (['localhost', '*.internal'], 'real', True)\n"
    )

    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_they_are_gone_when_the_run_is_over(run_inside):
    before = (visibility.defaults.network, visibility.defaults.time, visibility.defaults.expect_all)

    run_inside(f"{HEAD}\ndef test_it(mock_router):\n    assert held()[1] == 'real'\n", ini=ALL_THREE).assert_outcomes(
        passed=1
    )

    assert (visibility.defaults.network, visibility.defaults.time, visibility.defaults.expect_all) == before
    with mockstatus.activate() as router:
        assert visibility.visible().time == "instant"
        assert router.expect_all is False


REFUSED = {
    "network": ("mockstatus_network = http://a.test", "network: network='http://a.test' is no host pattern: *"),
    "allow among hosts": ("mockstatus_network = allow localhost", 'network: *"allow" and "block" stand alone*'),
    "time": ("mockstatus_time = slow", "time: time='slow': give one of instant, real, virtual"),
    "expect_all": ("mockstatus_expect_all = perhaps", "expect_all: *'perhaps'*"),
}


@pytest.mark.parametrize(("line", "text"), REFUSED.values(), ids=REFUSED)
def test_a_value_that_makes_no_sense_is_a_usage_error(run_inside, line, text):
    result = run_inside("def test_it(): print('has run')\n", "-s", ini=f"{line}\n")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: ini option mockstatus_{text}"])
    result.stdout.no_fnmatch_line("*has run*")
    assert visibility.defaults.network.text == "block"


def test_pytests_help_describes_them(run_inside):
    result = run_inside("", "--help")

    result.stdout.fnmatch_lines_random(
        [
            "  mockstatus_network (args):*",
            "  mockstatus_time (string):*",
            "  mockstatus_expect_all (bool):*",
        ]
    )
