"""Attributes that other libraries wrap before, during and between activations: theirs stays, ours goes."""

from __future__ import annotations

import functools
import socket
import sys
from unittest import mock

import httpx
import httpx2
import pytest
import requests
import urllib3

import mockstatus
from tests.switching import ACCEPTED, DOORS, REAL, Server, attributes, changes, load_everything, nothing_left, python


@pytest.fixture
def before():
    """What stands where, once every module is loaded that a call needs."""
    load_everything()
    return attributes()


@pytest.fixture
def server():
    with Server() as server:
        yield server


PLACES = {
    "httpx": (httpx.HTTPTransport, "handle_request"),
    "httpx-asyncio": (httpx.AsyncHTTPTransport, "handle_async_request"),
    "httpx2": (httpx2.HTTPTransport, "handle_request"),
    "httpx2-trio": (httpx2.AsyncHTTPTransport, "handle_async_request"),
    "requests": (requests.adapters.HTTPAdapter, "send"),
    "urllib3-urlopen": (urllib3.HTTPConnectionPool, "urlopen"),
    "urllib3-connect": (urllib3.connection.HTTPConnection, "connect"),
    "urllib3-request": (urllib3.connection.HTTPConnection, "request"),
    "urllib3-getresponse": (urllib3.connection.HTTPConnection, "getresponse"),
    "urllib3-socket-connect": (socket.socket, "connect"),
    "urllib3-getaddrinfo": (socket, "getaddrinfo"),
}
places = pytest.mark.parametrize("door", PLACES)


class Wrapper:
    """Another library's instrumentation of one attribute, which counts the calls."""

    def __init__(self, owner, name):
        self.owner, self.name, self.count = owner, name, 0
        self.own = vars(owner).get(name)
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def wrapped(*arguments, **options):
            self.count += 1
            return inner(*arguments, **options)

        self.wrapped = wrapped
        setattr(owner, name, wrapped)

    def is_there(self):
        return vars(self.owner).get(self.name) is self.wrapped

    def remove(self):
        if self.own is None:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.own)


def call_of(door):
    return DOORS.get(door) or DOORS[door.partition("-")[0]]


@places
def test_an_attribute_that_was_wrapped_before_is_wrapped_afterwards_and_the_wrapper_works(before, server, door):
    wrapper = Wrapper(*PLACES[door])
    try:
        with mockstatus.activate():
            assert call_of(door)(ACCEPTED).status == 202
        assert wrapper.is_there()
        wrapper.count = 0
        assert call_of(door)(server.url) == REAL
        assert wrapper.count == 1
    finally:
        wrapper.remove()
    assert changes(before) == []


@places
def test_an_attribute_that_was_wrapped_since_the_last_activation_is_given_back_by_nested_ones_too(before, door):
    with mockstatus.activate():
        """Have mockstatus know what stood there then."""
    wrapper = Wrapper(*PLACES[door])
    try:
        with mockstatus.activate(), mockstatus.activate():
            assert call_of(door)(ACCEPTED).status == 202
        assert wrapper.is_there()
    finally:
        wrapper.remove()
    assert changes(before) == []


@pytest.mark.parametrize("door", [door for door in PLACES if not door.startswith("urllib3-")])
def test_a_wrapper_from_before_sees_answered_calls(door):
    """As instrumentation does that was switched on when the program started."""
    wrapper = Wrapper(*PLACES[door])
    try:
        with mockstatus.activate():
            assert call_of(door)(ACCEPTED).status == 202
    finally:
        wrapper.remove()
    assert wrapper.count == 1


@places
def test_an_attribute_that_is_wrapped_inside_is_not_touched_and_works_afterwards(before, server, door):
    call = call_of(door)
    with mockstatus.activate():
        wrapper = Wrapper(*PLACES[door])
        inside = call(ACCEPTED)
    try:
        assert inside.status == 202
        assert wrapper.is_there()
        wrapper.count = 0
        assert call(server.url) == REAL
        assert wrapper.count == 1
        with mockstatus.activate():
            assert call(ACCEPTED).status == 202
        assert wrapper.is_there()
        assert call(server.url) == REAL
    finally:
        wrapper.remove()
    assert call(server.url) == REAL
    with mockstatus.activate():
        assert call(ACCEPTED).status == 202
    assert changes(before) == []  # what the wrapper has put back was ours, from before it


@places
def test_an_attribute_that_is_wrapped_and_unwrapped_inside_is_as_it_was(before, door):
    with mockstatus.activate():
        wrapper = Wrapper(*PLACES[door])
        call_of(door)(ACCEPTED)
        wrapper.remove()
        assert call_of(door)(ACCEPTED).status == 202

    assert changes(before) == []


@places
def test_an_attribute_that_is_wrapped_between_two_exits_is_not_touched(before, server, door):
    outer, inner = mockstatus.activate(), mockstatus.activate()
    outer.start()
    inner.start()
    inner.stop()
    wrapper = Wrapper(*PLACES[door])
    outer.stop()
    try:
        assert wrapper.is_there()
        assert call_of(door)(server.url) == REAL
    finally:
        wrapper.remove()
        with mockstatus.activate():
            """The end of this one takes away what the wrapper has put back."""
    assert changes(before) == []


@pytest.mark.parametrize(
    "stand_in",
    [
        mock.Mock(return_value=[]),
        mock.MagicMock(return_value=[]),
        functools.partial(lambda *arguments, **options: []),
        lambda *arguments, **options: [],
    ],
    ids=["Mock", "MagicMock", "partial", "lambda"],
)
@pytest.mark.parametrize("name", ["getaddrinfo", "gethostbyname", "gethostbyaddr"])
def test_a_look_up_that_a_test_has_replaced_is_still_asked(monkeypatch, name, stand_in):
    monkeypatch.setattr(socket, name, stand_in)
    with mockstatus.activate():
        assert getattr(socket, name)("localhost", *([80] if name == "getaddrinfo" else [])) == []

    assert getattr(socket, name) is stand_in


def test_a_finder_that_was_put_before_ours_inside_stays(before):
    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return None

    finder = Finder()
    with mockstatus.activate():
        sys.meta_path.insert(0, finder)
    try:
        assert sys.meta_path[0] is finder
    finally:
        sys.meta_path.remove(finder)
    assert changes(before) == []


def test_a_finder_of_ours_that_somebody_has_removed_inside_is_not_missed():
    """As those do who put the list of finders back as they found it."""
    told = python("""
        import sys
        from tests.switching import attributes, changes, load_everything, mockstatus, status

        load_everything()
        before, found = attributes(), list(sys.meta_path)
        with mockstatus.activate():
            sys.meta_path[:] = found
            print(status("https://mock.local/202"))
        print(changes(before))
        """)

    assert told == "202\n[]"
