"""Python's own HTTP client is not answered, and its blocked connections say what to do instead."""

from __future__ import annotations

import http.client
import socket
import urllib.request
from collections.abc import Callable

import pytest
import urllib3

import mockstatus

NAME, ADDRESS = "api.example.com", "203.0.113.5"


def by_http_client(host: str) -> None:
    http.client.HTTPConnection(host, timeout=1).request("GET", "/")


def by_https_client(host: str) -> None:
    http.client.HTTPSConnection(host, timeout=1).request("GET", "/")


def by_urllib(host: str) -> None:
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{host}/", timeout=1)


def by_socket(host: str) -> None:
    socket.create_connection((host, 80), timeout=1)


def by_urllib3(host: str) -> None:
    urllib3.PoolManager(retries=False).request("GET", f"http://{host}/", timeout=1)


def text_of(call: Callable[[str], None], host: str) -> str:
    """What a blocked call says."""
    with mockstatus.activate(clients=["httpx"]) as router:
        with pytest.raises(mockstatus.BlockedConnection) as caught:
            call(host)
        router.unmatched.clear()
    return str(caught.value)


@pytest.mark.parametrize("host", [NAME, ADDRESS])
@pytest.mark.parametrize(
    ("call", "name"),
    [(by_http_client, "http.client"), (by_https_client, "http.client"), (by_urllib, "urllib.request")],
)
def test_a_blocked_call_of_pythons_own_client_says_what_to_do(
    call: Callable[[str], None], name: str, host: str
) -> None:
    """And still which host it was, and how to let it through."""
    text = text_of(call, host)

    assert f"made by {name}, whose calls mockstatus does not answer: make the call with httpx" in text
    assert f'activate(network=["{host}"])' in text


@pytest.mark.parametrize("host", [NAME, ADDRESS])
@pytest.mark.parametrize("call", [by_socket, by_urllib3])
def test_others_are_not_taken_for_it(call: Callable[[str], None], host: str) -> None:
    """Neither a plain socket, nor a client that stands on http.client and was left out."""
    assert "does not answer" not in text_of(call, host)
