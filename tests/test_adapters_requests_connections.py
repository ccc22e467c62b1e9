"""What the short way of requests does with pools and connections: the same as urllib3."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

import mockstatus
from mockstatus.adapters import requests_short
from tests.helpers import TakenShortly

URL = "https://api.example.com/jobs"
BASE = "https://api.example.com"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> TakenShortly:
    """Counts the calls that go the short way."""
    counter = TakenShortly()
    monkeypatch.setattr(requests_short, "respond", counter)
    return counter


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A session that knows nothing of this machine's proxies and certificates."""
    with requests.Session() as made:
        made.trust_env = False
        yield made


def pool_of(session: requests.Session) -> Any:
    return session.get_adapter(URL).poolmanager.connection_from_url(URL, {"cert_reqs": "CERT_REQUIRED"})  # type: ignore[attr-defined]


def test_a_connection_has_the_timeout_of_its_call(session: requests.Session) -> None:
    """While a body is read, that for reading."""
    with mockstatus.activate() as router:
        router.get(URL).respond(200)
        timeouts = [
            session.get(URL, timeout=timeout, stream=True).raw.connection.timeout for timeout in ((1, 2), 3, None)
        ]

    assert timeouts == [2, 3, None]


def test_an_answer_that_is_not_plain_comes_over_the_connection_that_is_there(session: requests.Session) -> None:
    """It was taken out of the pool to be asked about, and is put back."""
    with mockstatus.activate() as router:
        router.get(URL).respond(200).then(200, text="late", delay=1).then(200, text="in chunks", framing="chunked")
        texts = [session.get(URL).text for _ in range(3)]
        pool = pool_of(session)

    assert texts[1:] == ["late", "in chunks"]
    assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_a_connection_with_something_left_in_it_is_opened_again(session: requests.Session) -> None:
    """Whoever closes a response halfway leaves the rest of its body in the socket."""
    with mockstatus.activate() as router:
        router.get(URL).respond(200, content=b"x" * 100_000)
        unread = session.get(URL, stream=True).raw
        line = unread.connection.sock
        unread._original_response.close()  # noqa: SLF001
        unread.release_conn()
        session.get(URL)

        assert pool_of(session).pool.queue[-1].sock is not line


@pytest.mark.parametrize("read", [0, 5_000])
def test_a_connection_that_was_given_back_before_its_body_was_read_is_opened_again(
    read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool finds something to read on it. Small bodies are in a buffer by then, so http.client refuses the next call."""
    outcomes = []
    for way in (requests_short._plain_call, lambda *_, **__: None):  # noqa: SLF001
        monkeypatch.setattr(requests_short, "_plain_call", way)
        for size in (100_000, 10):
            with mockstatus.activate() as router, requests.Session() as made:
                made.trust_env = False
                router.get(URL).respond(200, content=b"x" * size)
                unread = made.get(URL, stream=True)
                unread.raw.read(min(read, size - 1))
                unread.raw.release_conn()
                try:
                    outcomes.append((made.get(URL).content, pool_of(made).num_requests))
                except requests.ConnectionError as error:
                    outcomes.append((str(error), pool_of(made).num_requests))

    assert outcomes[:2] == outcomes[2:]
    assert outcomes[0] == (b"x" * 100_000, 2)
    assert "Request-sent" in str(outcomes[1][0])


def test_a_connection_that_was_not_verified_is_warned_of(session: requests.Session) -> None:
    """Each time that it is used."""
    with mockstatus.activate() as router:
        router.get(URL).respond(200)
        session.get(URL)
        idle = pool_of(session).pool.queue[-1]
        idle.is_verified = False
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            session.get(URL)


def test_where_requests_alone_is_intercepted_its_connections_are_too(
    taken: TakenShortly, session: requests.Session
) -> None:
    """They are opened for requests."""
    with mockstatus.activate(clients=["requests"]) as router:
        router.get(URL).respond(202)
        statuses = [session.get(URL).status_code for _ in range(2)]

    assert statuses == [202, 202]
    assert taken.times == 2


def test_a_body_that_is_not_read_keeps_its_connection(taken: TakenShortly, session: requests.Session) -> None:
    """So the next call opens another."""
    with mockstatus.activate() as router:
        router.get(URL).respond(200, content=b"x" * 100_000)
        session.get(URL)
        with session.get(URL, stream=True) as unread:
            session.get(URL)
            assert unread.raw.read(10) == b"x" * 10
        pool = pool_of(session)

    assert taken.times == 3
    assert (pool.num_connections, pool.num_requests) == (2, 3)


def test_pools_are_dropped_in_the_order_of_their_use(taken: TakenShortly, session: requests.Session) -> None:
    """A call the short way is a use."""
    adapter = HTTPAdapter(pool_connections=2)
    session.mount("https://", adapter)
    with mockstatus.activate() as router:
        router.any().respond(202)
        for host in ("a", "b", "a", "c", "a"):
            session.get(f"https://{host}.example.com/")
        kept = {key.key_host for key in adapter.poolmanager.pools.keys()}  # noqa: SIM118

    assert taken.times == 5
    assert kept == {"a.example.com", "c.example.com"}


def test_pools_that_were_cleared_and_settings_that_were_changed_make_new_pools(
    taken: TakenShortly, session: requests.Session
) -> None:
    """As always; what was known of the old ones is of no use."""
    adapter = HTTPAdapter()
    session.mount("https://", adapter)
    pools = []
    with mockstatus.activate() as router:
        router.any().respond(202)
        for change in (
            lambda: None,
            adapter.poolmanager.clear,
            lambda: adapter.poolmanager.connection_pool_kw.update(maxsize=3),
            adapter.close,
        ):
            change()
            pools += [session.get(URL).raw._pool for _ in range(2)]  # noqa: SLF001

    assert taken.times == 8
    assert [(pool.num_requests, pool.num_connections) for pool in pools] == [(2, 1)] * 8
    assert len(set(map(id, pools))) == 4
    assert pools[-1].pool.maxsize == 3


def test_nothing_of_a_call_is_kept_but_what_the_journal_shows(session: requests.Session) -> None:
    """A session that is gone takes its pools and connections with it."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        with requests.Session() as brief:
            brief.get(URL)
            pool = weakref.ref(brief.get(URL).raw._pool)  # noqa: SLF001
        del brief
        gc.collect()

        assert pool() is None
        assert len(router.calls) == 2
