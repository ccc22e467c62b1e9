"""The other mocks, each as its documentation shows it, answering the same as we do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from benchmarks.answer import BODY, HEADERS, STATUS

Opened = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Peer:
    """A mock with routes for GET of some URLs: made once, opened around each block of calls."""

    name: str
    module: str
    client: str
    mock: Callable[[Sequence[str]], Opened]
    enter: Callable[[], Callable[[], AbstractContextManager[Any]]]  # as a test would, with a fresh mock
    register: Callable[[], Callable[[str], object]]  # a fresh mock, as a function that adds a route for a URL

    @property
    def installed(self) -> bool:
        return find_spec(self.module) is not None


# --- respx ------------------------------------------------------------------------------------------------------------


def _respx(urls: Sequence[str]) -> Opened:
    import respx

    router = respx.mock(assert_all_called=False)
    add = _respx_adder(router)
    for url in urls:
        add(url)

    @contextmanager
    def opened() -> Iterator[None]:
        with router:  # forgets its calls when it is left
            yield

    return opened


def _respx_adder(router: Any) -> Callable[[str], object]:
    import httpx

    return lambda url: router.get(url).mock(return_value=httpx.Response(STATUS, headers=HEADERS, content=BODY))


def _respx_enter() -> Callable[[], Any]:
    import respx

    return respx.mock


def _respx_register() -> Callable[[str], object]:
    import respx

    return _respx_adder(respx.mock(assert_all_called=False))


# --- pytest-httpx -----------------------------------------------------------------------------------------------------


def _httpx_mock() -> Any:
    from pytest_httpx import HTTPXMock
    from pytest_httpx._options import _HTTPXMockOptions

    return HTTPXMock(_HTTPXMockOptions(can_send_already_matched_responses=True))


def _pytest_httpx_adder(mock: Any) -> Callable[[str], object]:
    headers = dict(HEADERS)
    return lambda url: mock.add_response(method="GET", url=url, status_code=STATUS, headers=headers, content=BODY)


@contextmanager
def _patched(mock: Any) -> Iterator[None]:
    """What the fixture ``httpx_mock`` does around a test, its question whether to mock included."""
    import httpx
    import pytest

    options = mock._options
    real, real_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(transport: Any, request: Any) -> Any:
        if options.should_mock(request):
            return mock._handle_request(transport, request)
        return real(transport, request)

    async def handle_async_request(transport: Any, request: Any) -> Any:
        if options.should_mock(request):
            return await mock._handle_async_request(transport, request)
        return await real_async(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
        patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)
        yield


def _pytest_httpx(urls: Sequence[str]) -> Opened:
    mock = _httpx_mock()
    add = _pytest_httpx_adder(mock)
    for url in urls:
        add(url)

    @contextmanager
    def opened() -> Iterator[None]:
        mock._requests.clear()
        with _patched(mock):
            yield

    return opened


def _pytest_httpx_enter() -> Callable[[], Any]:
    return lambda: _patched(_httpx_mock())


# --- responses --------------------------------------------------------------------------------------------------------


def _responses_adder(mock: Any) -> Callable[[str], object]:
    headers = {name: value for name, value in HEADERS if name != "Content-Type"}
    kind = dict(HEADERS)["Content-Type"]
    return lambda url: mock.add("GET", url, body=BODY, status=STATUS, headers=headers, content_type=kind)


def _responses(urls: Sequence[str]) -> Opened:
    import responses

    mock = responses.RequestsMock(assert_all_requests_are_fired=False)
    add = _responses_adder(mock)
    for url in urls:
        add(url)

    @contextmanager
    def opened() -> Iterator[None]:
        mock.calls.reset()
        mock.start()
        try:
            yield
        finally:
            mock.stop(allow_assert=False)

    return opened


def _responses_enter() -> Callable[[], Any]:
    import responses

    return responses.RequestsMock


def _responses_register() -> Callable[[str], object]:
    import responses

    return _responses_adder(responses.RequestsMock(assert_all_requests_are_fired=False))


# --- requests-mock ----------------------------------------------------------------------------------------------------


def _requests_mock_adder(mock: Any) -> Callable[[str], object]:
    headers = dict(HEADERS)
    return lambda url: mock.get(url, status_code=STATUS, headers=headers, content=BODY)


def _requests_mock(urls: Sequence[str]) -> Opened:
    import requests_mock

    mock = requests_mock.Mocker()
    add = _requests_mock_adder(mock)
    for url in urls:
        add(url)

    @contextmanager
    def opened() -> Iterator[None]:
        mock.reset_mock()
        with mock:
            yield

    return opened


def _requests_mock_enter() -> Callable[[], Any]:
    import requests_mock

    return requests_mock.Mocker


def _requests_mock_register() -> Callable[[str], object]:
    import requests_mock

    return _requests_mock_adder(requests_mock.Mocker())


ALL = (
    Peer("respx", "respx", "httpx", _respx, _respx_enter, _respx_register),
    Peer(
        "pytest-httpx",
        "pytest_httpx",
        "httpx",
        _pytest_httpx,
        _pytest_httpx_enter,
        lambda: _pytest_httpx_adder(_httpx_mock()),
    ),
    Peer("responses", "responses", "requests", _responses, _responses_enter, _responses_register),
    Peer("requests-mock", "requests_mock", "requests", _requests_mock, _requests_mock_enter, _requests_mock_register),
)
PEERS = tuple(peer for peer in ALL if peer.installed)


def peers_of(client: str) -> tuple[Peer, ...]:
    """The peers that mock a client."""
    return tuple(peer for peer in PEERS if peer.client == client)
