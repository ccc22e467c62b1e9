"""Requests of our own: what stands in them, who is asked first, and how they are really sent."""

import json
import socket
import ssl
import threading

import pytest

import mockstatus
from mockstatus.dispatch import make_view
from mockstatus.sending import make_post, offer, really_send
from tests.helpers import API
from tests.switching import Server, closed_port


@pytest.mark.parametrize(
    ("url", "base_url", "origin", "target", "host"),
    [
        (f"{API}/hook", None, ("https", "api.example.com", 443), "/hook", "api.example.com"),
        ("http://api.example.com:8080", None, ("http", "api.example.com", 8080), "/", "api.example.com:8080"),
        (f"{API}/hook?a=1#top", None, ("https", "api.example.com", 443), "/hook?a=1", "api.example.com"),
        (
            f"{API}/a b/é?q=%20ü",
            None,
            ("https", "api.example.com", 443),
            "/a%20b/%C3%A9?q=%20%C3%BC",
            "api.example.com",
        ),
        ("http://[::1]:8080/x", None, ("http", "[::1]", 8080), "/x", "[::1]:8080"),
        ("hook", f"{API}/v1", ("https", "api.example.com", 443), "/v1/hook", "api.example.com"),
        ("/hook", f"{API}/v1/", ("https", "api.example.com", 443), "/v1/hook", "api.example.com"),
        ("http://other/hook", API, ("http", "other", 80), "/hook", "other"),
    ],
)
def test_a_post_is_a_request_of_json_to_a_url(url, base_url, origin, target, host):
    post = make_post(url, base_url, b'{"a": 1}')

    assert (post.method, post.origin[0], post.origin[2], post.target) == ("POST", origin[0], origin[2], target)
    assert post.origin[1].strip("[]") == origin[1].strip("[]")
    assert post.headers.multi_items() == [
        ("Host", host),
        ("User-Agent", "mockstatus"),
        ("Content-Type", "application/json"),
        ("Content-Length", "8"),
    ]
    assert post.json() == {"a": 1}
    assert post.client == "mockstatus"


@pytest.mark.parametrize("url", ["ftp://example.com/", "/hook", "hook", "http://", "http://u:p@example.com/", ""])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(mockstatus.InvalidRoute):
        make_post(url, None, b"")


def test_it_is_offered_to_the_routers_of_a_call():
    router = mockstatus.Router()
    router.post(f"{API}/hook").respond(204)
    view = make_view(router, "block", "instant")

    assert offer(make_post(f"{API}/hook", None, b""), view).status == 204
    with pytest.raises(mockstatus.UnmatchedRequest):
        offer(make_post(f"{API}/other", None, b""), view)


def test_it_is_really_sent_past_everything_that_is_intercepted_or_guarded():
    with Server() as server, mockstatus.activate():
        assert really_send(make_post(f"{server.url}/hook?x=1", None, b'{"a": 1}')) == 200

    (received,) = server.received
    assert (received.method, received.target, json.loads(received.body)) == ("POST", "/hook?x=1", {"a": 1})


def test_it_is_sent_over_ipv6_too():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        heads = []

        def serve():
            connection, _ = listener.accept()
            with connection:
                heads.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno")

        thread = threading.Thread(target=serve)
        thread.start()

        assert really_send(make_post(f"http://[::1]:{port}/hook", None, b"")) == 503

        thread.join()
    assert f"Host: [::1]:{port}\r\n".encode() in heads[0]
    assert heads[0].count(b"Host:") == 1


def test_an_error_of_the_network_is_the_callers():
    with closed_port() as port, pytest.raises(ConnectionRefusedError):
        really_send(make_post(f"http://127.0.0.1:{port}/", None, b""))


def test_https_is_spoken_where_it_is_asked_for():
    """To a server that does not speak it, which is how it is seen without a certificate."""
    with Server() as server, pytest.raises((ssl.SSLError, ConnectionError)):
        really_send(make_post(f"https://127.0.0.1:{server.port}/", None, b""))
