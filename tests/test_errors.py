"""The tree of errors: what each derives from, and what none derives from."""

import pickle

import httpx
import httpx2
import pytest
import requests
import urllib3

import mockstatus

BASES = {
    "UnmatchedRequest": AssertionError,
    "UnmetExpectation": AssertionError,
    "BlockedConnection": AssertionError,
    "WouldHang": AssertionError,
    "InvalidReply": ValueError,
    "InvalidRoute": ValueError,
    "InvalidSetting": ValueError,
    "UnsupportedClient": RuntimeError,
    "MockStatusWarning": UserWarning,
}
CLIENT_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.StreamError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    urllib3.exceptions.HTTPWarning,
)

every_error = pytest.mark.parametrize("name", [*BASES, "MockStatusError"])


@pytest.mark.parametrize(("name", "base"), BASES.items())
def test_every_error_is_a_mock_status_error_and_what_pytest_or_python_would_call_it(name, base):
    error = getattr(mockstatus, name)

    assert issubclass(error, mockstatus.MockStatusError)
    assert issubclass(error, base)


@every_error
def test_no_error_is_one_that_a_client_retries_or_swallows(name):
    error = getattr(mockstatus, name)

    assert not issubclass(error, (OSError, TimeoutError, *CLIENT_ERRORS))


@every_error
def test_an_error_survives_pickling_as_it_does_between_the_processes_of_a_test_run(name):
    error = getattr(mockstatus, name)("what was wrong")

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == "what was wrong"


def test_the_errors_are_the_only_exceptions_of_the_package():
    from mockstatus import errors

    defined = {name for name, value in vars(errors).items() if isinstance(value, type)}

    assert defined == {*BASES, "MockStatusError"}


def test_one_except_clause_catches_all_of_them():
    with pytest.raises(mockstatus.MockStatusError):
        mockstatus.reply(99)
    with pytest.raises(mockstatus.MockStatusError):
        mockstatus.Router().get("/relative")
    with pytest.raises(mockstatus.MockStatusError):
        mockstatus.activate(scope="world")
    with pytest.raises(mockstatus.MockStatusError):
        mockstatus.catalog[1000]


def test_an_unknown_code_is_a_key_error_too_whose_text_is_a_sentence():
    with pytest.raises(KeyError) as caught:
        mockstatus.catalog[1000]

    assert isinstance(caught.value, mockstatus.InvalidReply)
    assert str(caught.value).startswith("1000 is no HTTP status code")
