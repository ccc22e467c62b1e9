"""urllib3 used in ways of its own – pools, connections and responses by hand – beside a real server on loopback."""

from __future__ import annotations

import gc
import io
import select
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import CannotSendRequest
from http.client import HTTPConnection as PlainConnection
from typing import Any

import pytest
import urllib3
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import SKIP_HEADER, Retry, Timeout

import mockstatus

from .beside_real import Scenario, kept, mocked, plain, really, scenario_into, state, told

SCENARIOS: dict[str, Scenario] = {}
scenario = scenario_into(SCENARIOS)

# --- responses that are read by hand ----------------------------------------------------------------------------------


@scenario
def unread_and_given_back(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager(retries=False) as manager:
        response = manager.request("GET", f"{url}/digits", preload_content=False)
        response.release_conn()
        again = told(lambda: manager.request("GET", f"{url}/204").status)
        return [again, kept(manager.connection_from_url(url)), told(response.read)]


@scenario
def unread_and_given_back_with_retries(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager() as manager:
        response = manager.request("GET", f"{url}/digits", preload_content=False)
        response.release_conn()
        return [told(lambda: manager.request("GET", f"{url}/204").status), kept(manager.connection_from_url(url))]


@scenario
def too_much_unread_to_be_given_back(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager(retries=False) as manager:
        response = manager.request("GET", f"{url}/big", preload_content=False)
        select.select([response.connection.sock], [], [], 5)  # the rest has come
        response.release_conn()
        return [told(lambda: manager.request("GET", f"{url}/204").status), kept(manager.connection_from_url(url))]


@scenario
def unread_and_forgotten(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with urllib3.PoolManager(retries=False) as manager:
        for path in ("/digits", "/big"):
            response = manager.request("GET", url + path, preload_content=False)
            if path == "/big":
                select.select([response.connection.sock], [], [], 5)
            response.release_conn()
            del response
            gc.collect()
            seen += [told(lambda: manager.request("GET", f"{url}/204").status), kept(manager.connection_from_url(url))]
    return seen


@scenario
def drained(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with urllib3.PoolManager() as manager:
        for path in ("/digits", "/chunked", "/big"):
            response = manager.request("GET", url + path, preload_content=False)
            begun = response.read(3)
            response.drain_conn()
            seen += [begun, state(response), kept(manager.connection_from_url(url)), told(response.read)]
    return seen


@scenario
def read_in_every_way(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with urllib3.PoolManager() as manager:
        for path in ("/digits", "/chunked", "/204", "/big"):
            response = manager.request("GET", url + path, preload_content=False)
            room = bytearray(5)
            seen += [told(lambda response=response, room=room: response.readinto(room)), bytes(room)]
            seen += [told(lambda response=response, size=size: response.read(size)) for size in (2, 0)]
            seen += [told(lambda response=response: response.read1(4)), response.readable(), state(response)]
            seen += [
                told(lambda response=response: next(response.stream(3), None)),
                told(response.read),
                state(response),
                told(lambda response=response: response.data),
            ]
            response.close()
    return seen


@scenario
def read_as_text(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager() as manager:
        response = manager.request("GET", f"{url}/lines", preload_content=False)
        response.auto_close = False
        lines = list(io.TextIOWrapper(response, encoding="utf-8"))
        return [lines, list(manager.request("GET", f"{url}/lines", preload_content=False))]


@scenario
def read_by_chunks(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with urllib3.PoolManager() as manager:
        for path in ("/chunked", "/digits"):
            response = manager.request("GET", url + path, preload_content=False)
            seen += [response.supports_chunked_reads(), told(lambda response=response: list(response.read_chunked(4)))]
            response.close()
    return seen


@scenario
def closed_half_read(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager() as manager:
        response = manager.request("GET", f"{url}/digits", preload_content=False)
        response.read(4)
        response.close()
        pool = manager.connection_from_url(url)
        seen = [state(response), told(response.read), kept(pool)]
        response.release_conn()
        return [*seen, kept(pool), manager.request("GET", f"{url}/204").status, kept(pool)]


@scenario
def what_http_client_made_of_it(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager() as manager:
        made = manager.request("GET", f"{url}/digits")._original_response
        names = (
            "status",
            "reason",
            "version",
            "code",
            "chunked",
            "chunk_left",
            "length",
            "will_close",
            "fp",
            "debuglevel",
        )
        message = made.msg
        parsed = [message.items(), message.get_payload(), message.defects, message.get_content_charset(), str(message)]
        seen = [getattr(made, name) for name in names]
        return [
            *seen,
            made.getheaders(),
            made.isclosed(),
            told(made.read),
            sorted(vars(made)),
            *parsed,
            sorted(vars(message)),
        ]


# --- pools and connections that are used by hand ----------------------------------------------------------------------


@scenario
def a_pool_without_a_manager(url: str, host: str, port: int) -> list[Any]:
    with HTTPConnectionPool(host, port, maxsize=2) as pool:
        seen = [
            state(pool.request("GET", "/digits")),
            told(lambda: pool.request("GET", "http://other.example/")),
            told(lambda: pool.request("GET", "/moved").status),
            told(lambda: pool.request("GET", "/moved", redirect=False).get_redirect_location()),
            kept(pool),
        ]
    return [*seen, told(lambda: pool.request("GET", "/digits"))]


@scenario
def a_pool_that_blocks(url: str, host: str, port: int) -> list[Any]:
    with HTTPConnectionPool(host, port, maxsize=1, block=True) as pool:
        response = pool.request("GET", "/digits", preload_content=False)
        refused = told(lambda: pool.request("GET", "/204", pool_timeout=0.01))
        response.read()
        return [refused, told(lambda: pool.request("GET", "/204", pool_timeout=0.01).status), kept(pool)]


@scenario
def a_pool_that_is_too_small(url: str, host: str, port: int) -> list[Any]:
    with HTTPConnectionPool(host, port, maxsize=1) as pool:
        both = [pool.request("GET", "/digits", preload_content=False) for _ in range(2)]
        return [[one.read() for one in both], kept(pool), [one.connection is None for one in both]]


@scenario
def a_server_that_closes(url: str, host: str, port: int) -> list[Any]:
    with urllib3.PoolManager() as manager:
        pool = manager.connection_from_url(url)
        closing_one = state(manager.request("GET", f"{url}/close"))
        return [closing_one, kept(pool), manager.request("GET", f"{url}/digits").status, kept(pool)]


@scenario
def a_connection_by_hand(url: str, host: str, port: int) -> list[Any]:
    with closing(HTTPConnection(host, port)) as connection:
        seen = [told(connection.getresponse)]
        connection.request("GET", "/digits")
        seen.append(told(lambda: connection.request("GET", "/204")))
        response = connection.getresponse()
        seen += [state(response), response.data, told(connection.getresponse), connection.is_connected]
        connection.request("GET", "/digits", preload_content=False)
        response = connection.getresponse()
        seen += [told(lambda: connection.request("GET", "/204")), told(connection.getresponse), told(response.read)]
        connection.close()
        connection.request("GET", "/204")
        return [*seen, connection.getresponse().status]


@scenario
def a_connection_that_is_connected_first(url: str, host: str, port: int) -> list[Any]:
    with closing(HTTPConnection(host, port)) as connection:
        connection.connect()
        seen = [connection.is_closed, connection.is_connected, connection.sock.getpeername() == (host, port)]
        connection.request("GET", "/digits")
        return [*seen, connection.getresponse().data]


# --- what is asked for ------------------------------------------------------------------------------------------------


@scenario
def retries_of_every_kind(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    kinds: list[dict[str, Any]] = [
        {"total": 3, "backoff_jitter": 0.0},
        {"total": 2, "status_forcelist": [404]},
        {"total": 2, "status_forcelist": [404], "raise_on_status": False},
        {"total": None, "connect": 1, "read": 1, "redirect": 1},
        {"total": 3, "other": 0},
        {"total": 1, "redirect": 0, "raise_on_redirect": False},
    ]
    with urllib3.PoolManager() as manager:
        for kind in kinds:
            for path in ("/404", "/reset", "/moved"):
                made = told(lambda kind=kind, path=path: manager.request("GET", url + path, retries=Retry(**kind)))
                seen.append(made if isinstance(made, str) else (state(made), made.retries.history, made.geturl()))
    return seen


@scenario
def timeouts_of_every_kind(url: str, host: str, port: int) -> list[Any]:
    kinds = [None, 0, -1, "x", Timeout(connect=1, read=2), Timeout(total=5), Timeout(read=None), True]
    with urllib3.PoolManager() as manager:
        return [told(lambda kind=kind: manager.request("GET", f"{url}/digits", timeout=kind).status) for kind in kinds]


@scenario
def arguments_that_are_unusual(url: str, host: str, port: int) -> list[Any]:
    kinds: list[dict[str, Any]] = [
        {"headers": {"X-A": "a\nb"}},
        {"headers": {"X-A": 1}},
        {"headers": {"X-A": 1.0}},
        {"headers": {"X-A": True}},
        {"headers": {"X-A": None}},
        {"headers": {5: "a"}},
        {"headers": {"X-A": b"bytes"}},
        {"headers": {"X-A": ["a", "b"]}},
        {"headers": {"X-A": SKIP_HEADER}},
        {"headers": {"User-Agent": SKIP_HEADER, "Accept-Encoding": SKIP_HEADER}},
        {"headers": {"Content-Length": "3"}, "body": "abc"},
        {"headers": {"Transfer-Encoding": "chunked"}, "body": "abc"},
        {"headers": {"Expect": "100-continue"}, "body": "abc"},
        {"headers": {"Host": "other.example"}},
        {"body": 5},
        {"body": "caf\u00e9"},
        {"body": iter(["a", b"b", ""])},
        {"body": io.StringIO("text")},
        {"body": memoryview(b"view")},
        {"body": b"abc", "chunked": True},
        {"json": {"a": 1}},
    ]
    with urllib3.PoolManager(retries=False) as manager:
        return [told(lambda kind=kind: manager.request("POST", f"{url}/204", **kind).status) for kind in kinds]


@scenario
def urls_that_are_unusual(url: str, host: str, port: int) -> list[Any]:
    urls = [
        f"{url}/digits#part",
        f"{url}/digits?q=a b&c=%zz",
        url.replace("http", "HTTP") + "/digits",
        f"{url}/./a/../digits",
        url.replace("//", "//user:secret@") + "/digits",
        "/digits",
        "ftp://host/",
        "http://",
    ]
    with urllib3.PoolManager(retries=False) as manager:
        return [told(lambda one=one: manager.request("GET", one).status) for one in urls]


@scenario
def without_any_pool_of_ones_own(url: str, host: str, port: int) -> list[Any]:
    response = urllib3.request("GET", f"{url}/moved", headers={"X-A": "b"})
    pool = urllib3.connection_from_url(url)
    seen = [state(response), response.geturl(), response.url, response.retries.history, response.data]
    seen += [pool.request("GET", "/digits").data, kept(pool)]
    pool.close()
    urllib3._DEFAULT_POOL.clear()
    return seen


@pytest.mark.usefixtures("quick_collections")
@pytest.mark.parametrize("name", SCENARIOS)
def test_urllib3_used_by_hand_shows_what_it_shows_of_a_real_server(name: str) -> None:
    """Every value, every request that arrives, and every line of its log."""
    port, real = really(SCENARIOS[name])

    assert plain(mocked(SCENARIOS[name], port), port) == plain(real, port)


def test_threads_that_share_a_pool_get_each_its_own_answer() -> None:
    """And the pool makes no more connections than it has threads."""
    seen: list[tuple[int, int]] = []

    def call(manager: urllib3.PoolManager, number: int) -> None:
        for _ in range(20):
            seen.append((number, int(manager.request("GET", f"https://api.example.com/{number}").data)))

    with mockstatus.activate() as router, urllib3.PoolManager(maxsize=8) as manager:
        router.get("https://api.example.com/{n}").respond_with(
            lambda request: mockstatus.reply(200, text=request.path_params["n"])
        )
        threads = [threading.Thread(target=call, args=(manager, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made = manager.connection_from_url("https://api.example.com").num_connections

    assert len(seen) == 160
    assert all(asked == got for asked, got in seen)
    assert made <= 8


@pytest.mark.parametrize("year", [2020, 2035])
@pytest.mark.parametrize(("day", "waited"), [(1, 10), (5, 6 * 60 * 60)])
def test_a_date_to_retry_at_is_one_on_the_routers_clock(year: int, day: int, waited: int) -> None:
    """In the past or future of this machine's, and no later than urllib3 waits at most."""
    date = datetime(year, 1, day, 0, 0, 10, tzinfo=UTC)
    with mockstatus.activate(mockstatus.Router(now=datetime(year, 1, 1, tzinfo=UTC))) as router:
        later = {"Retry-After": format_datetime(date, usegmt=True)}
        router.get("https://api.example.com/").respond(503, headers=later).then(200)
        response = urllib3.request("GET", "https://api.example.com/", retries=Retry(1))

    assert (response.status, router.clock.elapsed) == (200, waited)


class Expecting(HTTPConnection):
    """A connection that waits for leave to send a body, as botocore's does."""

    said = b""

    def _send_output(self, *args: Any, **kwargs: Any) -> None:
        super()._send_output(*args, **kwargs)
        if urllib3.util.wait_for_read(self.sock, 5):
            with self.sock.makefile("rb", 0) as file:
                type(self).said = file.readline()


def test_who_waits_for_leave_to_send_the_body_is_given_it_at_once() -> None:
    """In every kind of answer, and the answer is not mixed up with it."""
    with mockstatus.activate() as router, HTTPConnectionPool("api.example.com") as pool:
        pool.ConnectionCls = Expecting
        router.put("http://api.example.com/k").respond(200, text="plain").then(200, stream=[b"in ", b"pieces"])
        for expected in (b"plain", b"in pieces"):
            Expecting.said = b""
            response = pool.request("PUT", "/k", body=b"sent", headers={"Expect": "100-continue"})
            assert (response.data, Expecting.said) == (expected, b"HTTP/1.1 100 Continue\r\n")

    assert [call.request.content for call in router.calls] == [b"sent"] * 2


def test_a_second_request_before_the_response_is_refused_as_http_client_refuses_it() -> None:
    """Not answered in the place of the first."""
    with mockstatus.activate(), closing(HTTPSConnection("mock.local")) as connection:
        connection.request("GET", "/202")
        with pytest.raises(CannotSendRequest):
            connection.request("GET", "/200")


def test_who_watches_http_client_sees_answered_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """As tracing does that replaces its methods: a plain answer is then read by http.client itself."""
    seen: list[str] = []
    put, get = PlainConnection.putrequest, PlainConnection.getresponse

    def putrequest(self: Any, *args: Any, **kwargs: Any) -> None:
        seen.append("request")
        put(self, *args, **kwargs)

    def getresponse(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append("response")
        return get(self, *args, **kwargs)

    monkeypatch.setattr(PlainConnection, "putrequest", putrequest)
    monkeypatch.setattr(PlainConnection, "getresponse", getresponse)
    with mockstatus.activate(), urllib3.PoolManager() as manager:
        assert manager.request("GET", "https://mock.local/202").json()["task_id"] == "abc-123"

    assert seen == ["request", "response"]


@pytest.mark.parametrize("target", ["http", "https"])
@pytest.mark.parametrize(
    ("proxy", "required", "verified"),
    [
        ("http", "CERT_REQUIRED", {"http": (False, False), "https": (True, False)}),
        ("https", "CERT_REQUIRED", {"http": (False, True), "https": (True, True)}),
        ("https", "CERT_NONE", {"http": (False, False), "https": (False, False)}),
    ],
)
def test_what_is_verified_behind_a_proxy_is_known_as_after_a_handshake(
    target: str, proxy: str, required: str, verified: dict[str, tuple[bool, bool]]
) -> None:
    """Of the target and of the proxy; and only what is neither is warned of."""
    warns = required == "CERT_NONE"
    with mockstatus.activate(), urllib3.ProxyManager(f"{proxy}://proxy.example:3128", cert_reqs=required) as manager:
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning) if warns else _no_warning():
            assert manager.request("GET", f"{target}://mock.local/202").status == 202
        connection = manager.connection_from_url(f"{target}://mock.local").pool.queue[-1]
        seen = (connection.is_verified, connection.proxy_is_verified)

    assert seen == verified[target]


@contextmanager
def _no_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", urllib3.exceptions.InsecureRequestWarning)
        yield


def test_header_fields_outside_a_mapping_are_refused_by_the_connection_as_always():
    """urllib3 asks them for what a mapping has."""
    with mockstatus.activate() as router:
        router.any().respond(200)
        connection = urllib3.connection.HTTPConnection("api.example.com")
        with pytest.raises(AttributeError, match="'tuple' object has no attribute"):
            connection.request("GET", "/", headers=(("A", "b"),))

        assert not router.calls
