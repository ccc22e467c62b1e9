"""When requests is answered the short way, and when not: whatever could see the difference leads to the long one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from unittest import mock

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

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


def test_plain_calls_of_a_session_go_the_short_way(taken: TakenShortly, session: requests.Session) -> None:
    """Also the first one, which opens the connection."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202, json={"id": 1})
        answers = [session.get(URL) for _ in range(3)]

    assert taken.times == 3
    assert [answer.json() for answer in answers] == [{"id": 1}] * 3
    assert len(router.calls) == 3


def test_what_is_sent_is_in_the_journal_as_it_would_have_been(
    taken: TakenShortly, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """URL, header fields, body, timeouts and the name of the client."""
    sent = []
    with mockstatus.activate() as router:
        router.any().respond(200)
        for way in (requests_short._plain_call, lambda *_, **__: None):  # noqa: SLF001
            monkeypatch.setattr(requests_short, "_plain_call", way)
            session.put(f"{BASE}/a%2Fb?q=1&q=%C3%A9", data="näme", headers={"X-One": "1"}, timeout=(1, 2.5))
            request = router.calls.last.request
            sent.append((request.url, request.headers.multi_items(), request.content, request.timeout, request.client))

    assert taken.times == 1
    assert sent[0] == sent[1]


# --- what leads to the long way ---------------------------------------------------------------------------------------

Spoil = Callable[[ExitStack, requests.Session, HTTPAdapter], dict[str, Any] | None]


def _retries(_: ExitStack, __: requests.Session, adapter: HTTPAdapter) -> None:
    adapter.max_retries = urllib3.Retry(1)


def _statuses(_: ExitStack, __: requests.Session, adapter: HTTPAdapter) -> None:
    adapter.max_retries = urllib3.Retry(0, status_forcelist=[202], raise_on_status=False)


def _log(stack: ExitStack, *_: Any) -> None:
    logger = logging.getLogger("urllib3")
    stack.callback(logger.setLevel, logger.level)
    logger.setLevel(logging.DEBUG)


def _of_the_adapter(name: str) -> Spoil:
    return lambda stack, _, adapter: (
        stack.enter_context(mock.patch.object(adapter, name, side_effect=getattr(adapter, name))) and None
    )


def _of_the_class(owner: Any, name: str) -> Spoil:
    return lambda stack, *_: (
        stack.enter_context(mock.patch.object(owner, name, autospec=True, side_effect=getattr(owner, name))) and None
    )


def _of_the_pool(stack: ExitStack, _: requests.Session, adapter: HTTPAdapter) -> None:
    pool = adapter.poolmanager.connection_from_url(URL, {"cert_reqs": "CERT_REQUIRED"})
    stack.enter_context(mock.patch.object(pool, "urlopen", side_effect=pool.urlopen))


def _kwargs(**options: Any) -> Spoil:
    return lambda *_: options


def _rewritten(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """What requests itself would have written in upper case."""
    request.url = f"{URL}?q=%c3%a9"
    return request


def _unsendable(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Header fields that requests itself would not have let pass."""
    request.headers["X-Number"] = 5  # type: ignore[assignment]
    return request


SPOILS: dict[str, Spoil] = {
    "retries": _retries,
    "statuses to retry": _statuses,
    "a log that is read": _log,
    "a chunked body": _kwargs(method="POST", data=iter([b"a"])),
    "a proxy": _kwargs(proxies={"https": "http://proxy.example.com:3128"}),
    "no verification": _kwargs(verify=False),
    "another timeout": _kwargs(timeout=urllib3.Timeout(3)),
    "a header that is a number": _kwargs(auth=_unsendable),
    "a URL that urllib3 would rewrite": _kwargs(auth=_rewritten),
    "a pool's own urlopen": _of_the_pool,
    **{
        f"an adapter's {name}": _of_the_adapter(name)
        for name in ("get_connection_with_tls_context", "cert_verify", "request_url", "add_headers")
    },
    **{
        f"{owner.__name__}.{name}": _of_the_class(owner, name)
        for owner, name in (
            (HTTPAdapter, "get_connection_with_tls_context"),
            (HTTPAdapter, "add_headers"),
            (HTTPConnectionPool, "_make_request"),
            (HTTPConnectionPool, "_get_conn"),
            (HTTPConnectionPool, "urlopen"),
            (HTTPSConnectionPool, "_validate_conn"),
            (HTTPConnection, "putrequest"),
            (HTTPConnection, "getresponse"),
            (urllib3.connection.HTTPConnection, "request"),
            (urllib3.connection.HTTPConnection, "getresponse"),
            (urllib3.connection.HTTPSConnection, "connect"),
        )
    },
}


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("name", SPOILS)
def test_whoever_could_see_the_short_way_leads_to_the_long_one(
    name: str, taken: TakenShortly, session: requests.Session
) -> None:
    """And the answer is the same."""
    adapter = session.get_adapter(URL)
    with mockstatus.activate() as router, ExitStack() as stack:
        router.any().respond(202)
        session.get(URL)
        options = SPOILS[name](stack, session, adapter) or {}  # type: ignore[arg-type] # it is an HTTPAdapter
        answer = session.request(**{"method": "GET", "url": URL, **options})

    assert taken.times == 1, "the one before"
    assert answer.status_code == 202


def test_who_had_replaced_the_adapters_own_method_before_sees_every_call(
    taken: TakenShortly, session: requests.Session
) -> None:
    """As tracing does that is switched on when a program starts."""
    with mock.patch.object(HTTPAdapter, "send", autospec=True, side_effect=HTTPAdapter.send) as send:
        with mockstatus.activate() as router:
            router.any().respond(202)
            statuses = [session.get(URL).status_code for _ in range(3)]

    assert statuses == [202] * 3
    assert send.call_count == 3
    assert taken.times == 0


def test_who_replaces_the_adapters_own_method_meanwhile_sees_every_call(session: requests.Session) -> None:
    """As another mock does that is switched on within."""
    with mockstatus.activate() as router:
        router.any().respond(202)
        session.get(URL)
        with mock.patch.object(HTTPAdapter, "send", autospec=True, side_effect=HTTPAdapter.send) as send:
            statuses = [session.get(URL).status_code for _ in range(3)]

    assert statuses == [202] * 3
    assert send.call_count == 3


def test_a_bundle_of_certificates_that_is_gone_is_missed(session: requests.Session, tmp_path: Any) -> None:
    """As it would be missed by requests, which looks each time."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("")
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        session.get(URL, verify=str(bundle))
        bundle.unlink()

        with pytest.raises(OSError, match="invalid path"):
            session.get(URL, verify=str(bundle))


def test_certificates_of_another_call_are_no_concern_of_this_one(
    taken: TakenShortly, session: requests.Session
) -> None:
    """Verified and unverified calls have pools of their own."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            session.get(URL, verify=False)
        assert taken.times == 0

        session.get(URL)
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            session.get(URL, verify=False)

    assert taken.times == 1


def test_a_header_that_cannot_be_sent_is_refused_as_always(session: requests.Session) -> None:
    """By http.client."""

    def spoil(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-List"] = ["a"]  # type: ignore[assignment]
        return request

    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        for _ in range(2):
            with pytest.raises(TypeError, match="expected string or bytes-like object"):
                session.get(URL, auth=spoil)
        assert not router.calls


# --- what goes on beside it -------------------------------------------------------------------------------------------


def test_the_outcome_of_a_call_is_asked_for_once(taken: TakenShortly, session: requests.Session) -> None:
    """Also where it turns out to be nothing for the short way."""
    asked = []

    def answer(request: mockstatus.Request) -> Any:
        asked.append(request.url)
        return mockstatus.reply(200, headers={"Connection": "close"}) if len(asked) == 2 else 202

    with mockstatus.activate() as router:
        router.get(URL).respond_with(answer)
        statuses = [session.get(URL).status_code for _ in range(3)]

    assert statuses == [202, 200, 202]
    assert len(asked) == len(router.calls) == 3
    assert taken.times == 2, "the plain ones"


def test_an_error_of_the_users_own_arrives_as_it_is(session: requests.Session) -> None:
    """And the next call is as any other."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202, times=1).then_with(lambda _: 1 / 0).then(204)
        session.get(URL)
        with pytest.raises(ZeroDivisionError) as caught:
            session.get(URL)

        assert session.get(URL).status_code == 204

    assert "raised while mockstatus answered" in caught.value.__notes__[0]


def test_a_miss_arrives_as_one(session: requests.Session) -> None:
    """It is remembered once."""
    router = mockstatus.Router()
    router.get(URL).respond(202)
    with pytest.raises(mockstatus.UnmatchedRequest), mockstatus.activate(router):
        session.get(URL)
        with pytest.raises(mockstatus.UnmatchedRequest):
            session.get(f"{BASE}/nothing")
        assert len(router.unmatched) == 1


def test_a_call_within_a_call_has_a_connection_of_its_own(taken: TakenShortly, session: requests.Session) -> None:
    """The one around it is taken."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        router.get(f"{BASE}/outer").respond_with(lambda _: session.get(URL).status_code)
        session.get(URL)
        statuses = [session.get(f"{BASE}/outer").status_code for _ in range(2)]

    assert statuses == [202, 202]
    assert taken.times == 5
    pool = session.get_adapter(URL).poolmanager.connection_from_url(URL, {"cert_reqs": "CERT_REQUIRED"})  # type: ignore[attr-defined]
    assert pool.num_connections == 2


def test_a_call_of_urllib3_within_a_call_is_one_of_urllib3(session: requests.Session) -> None:
    """Whoever answers requests may call with another client."""
    with mockstatus.activate() as router:
        router.get(URL).respond(202)
        router.get(f"{BASE}/outer").respond_with(lambda _: urllib3.request("GET", URL).status)
        for _ in range(2):
            session.get(f"{BASE}/outer")

    assert [call.request.client for call in router.calls] == ["requests", "urllib3"] * 2


def test_many_threads_share_a_session(taken: TakenShortly, session: requests.Session) -> None:
    """Each answer goes to whom it belongs."""
    session.mount("https://", HTTPAdapter(pool_maxsize=8))
    barrier = threading.Barrier(8)

    def call(number: int) -> list[str]:
        barrier.wait()
        return [session.get(f"{BASE}/{number}/{turn}").text for turn in range(50)]

    with mockstatus.activate() as router:
        router.any().respond_with(lambda request: mockstatus.reply(200, text=request.path))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(call, range(8)))

    assert found == [[f"/{number}/{turn}" for turn in range(50)] for number in range(8)]
    assert taken.times > 300
