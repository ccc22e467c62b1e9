"""requests used in ways of its own – streams, sessions, adapters of one's own – beside a real server on loopback."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry, Timeout

import mockstatus

from .beside_real import Scenario, kept, mocked, plain, really, scenario_into, state, told

SCENARIOS: dict[str, Scenario] = {}
scenario = scenario_into(SCENARIOS)


def session(adapter: HTTPAdapter | None = None) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    if adapter is not None:
        made.mount("http://", adapter)
    return made


def pool_of(made: requests.Session, url: str) -> Any:
    return made.get_adapter(url).poolmanager.connection_from_url(url)


@scenario
def plain_calls(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with session() as made:
        for path in ("/digits", "/big", "/chunked", "/204", "/cookies", "/close", "/moved", "/404"):
            response = made.get(url + path)
            raw = response.raw
            seen += [response.status_code, response.content, state(raw), raw.geturl(), raw.retries.history]
            seen += [dict(made.cookies), len(raw.headers), raw.getheader("Date"), kept(pool_of(made, url))]
            seen += [[(one.status_code, one.raw.closed) for one in response.history], raw.headers.getlist("Set-Cookie")]
    return seen


@scenario
def streams(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with session() as made:
        for path in ("/digits", "/chunked", "/lines"):
            response = made.get(url + path, stream=True)
            pieces = response.iter_content(4)
            seen += [next(pieces), state(response.raw), kept(pool_of(made, url)), list(pieces), state(response.raw)]
            seen += [told(lambda response=response: response.content), kept(pool_of(made, url))]
            response = made.get(url + path, stream=True)
            lines = response.iter_lines(chunk_size=3)
            seen += [next(lines), told(lambda lines=lines: list(lines))]
            response = made.get(url + path, stream=True)
            next(response.iter_content(2))
            response.close()
            seen += [state(response.raw), told(lambda response=response: response.content), kept(pool_of(made, url))]
        with made.get(f"{url}/digits", stream=True) as response:
            seen += [response.raw.read(5, decode_content=True), list(response.iter_lines())]
    return seen


@scenario
def pickled(url: str, host: str, port: int) -> list[Any]:
    with session() as made:
        again = pickle.loads(pickle.dumps(made.get(f"{url}/cookies")))
        with pickle.loads(pickle.dumps(made)) as other:
            return [again.content, again.raw, dict(again.cookies), other.get(f"{url}/digits").status_code]


@scenario
def timeouts(url: str, host: str, port: int) -> list[Any]:
    kinds: list[Any] = [None, 0, -1, "x", (1,), (1, 2), (None, 0), (1, 2, 3), Timeout(total=3), True]
    with session() as made:
        return [told(lambda kind=kind: made.get(f"{url}/digits", timeout=kind).status_code) for kind in kinds]


@scenario
def hooks(url: str, host: str, port: int) -> list[Any]:
    seen: list[Any] = []
    with session() as made:
        made.hooks["response"].append(
            lambda response, **options: seen.append((response.status_code, sorted(options), response.raw.closed))
        )
        made.get(f"{url}/moved")
        made.get(f"{url}/digits", stream=True).close()
    return seen


@scenario
def bodies(url: str, host: str, port: int) -> list[Any]:
    kinds: list[Any] = [
        iter([b"a", b"b"]),
        (one for one in ["a"]),
        io.BytesIO(b"file"),
        io.StringIO("text"),
        "caf\u00e9",
    ]
    kinds += [b"", {"a": ["1", "2"]}, [("a", "1"), ("a", "2")], b"bytes"]
    with session() as made:
        seen = [told(lambda kind=kind: made.put(f"{url}/204", data=kind).status_code) for kind in kinds]
        return [*seen, told(lambda: made.post(f"{url}/moved", data=iter([b"gone"])).status_code)]


@scenario
def adapters_of_ones_own(url: str, host: str, port: int) -> list[Any]:
    class Marking(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
            request.headers["X-Marked"] = "yes"
            response = super().send(request, *args, **options)
            response.reason = f"{response.reason}, marked"
            return response

    with session(Marking(max_retries=Retry(2, status_forcelist=[404]))) as made:
        return [
            made.get(f"{url}/digits").reason,
            told(lambda: made.get(f"{url}/404")),
            told(lambda: made.get(f"{url}/reset")),
        ]


@scenario
def pools_that_block(url: str, host: str, port: int) -> list[Any]:
    with session(HTTPAdapter(pool_connections=1, pool_maxsize=1, pool_block=True)) as made:
        seen: list[Any] = [
            made.get(f"{url}{path}").status_code for path in ("/digits", "/204", "/moved", "/404", "/chunked")
        ]
        return [*seen, kept(pool_of(made, url))]


@pytest.mark.parametrize("name", SCENARIOS)
def test_requests_used_by_hand_shows_what_it_shows_of_a_real_server(name: str) -> None:
    """Every value, every request that arrives, and every line of urllib3's log."""
    port, real = really(SCENARIOS[name])

    assert plain(mocked(SCENARIOS[name], port), port) == plain(real, port)


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "https://user:secret@proxy.example:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_proxy_the_target_is_asked_and_nothing_goes_to_the_proxy(
    proxy: str, scheme: str, recwarn: pytest.WarningsRecorder
) -> None:
    """Not even its credentials."""
    with mockstatus.activate() as router, session() as made:
        route = router.get(f"{scheme}://api.example.com/a").respond(200, text="answered")
        assert made.get(f"{scheme}://api.example.com/a", proxies={scheme: proxy}).text == "answered"

    request = route.calls.last.request
    assert (request.url, request.headers["Host"]) == (f"{scheme}://api.example.com/a", "api.example.com")
    assert not [name for name in request.headers if name.lower().startswith("proxy-")]


def test_only_a_call_that_verifies_nothing_is_warned_of() -> None:
    """And each such call is, as on a real wire."""
    with mockstatus.activate(), session() as made:
        made.get("https://mock.local/200")
        with pytest.warns(requests.packages.urllib3.exceptions.InsecureRequestWarning) as warned:
            made.get("https://mock.local/200", verify=False)
            made.get("https://mock.local/200", verify=False)

    assert len(warned) == 2


@pytest.mark.parametrize("argument", ["verify", "cert"])
def test_a_certificate_that_is_not_there_is_refused_by_requests_itself(argument: str) -> None:
    """Before anybody is asked for an answer."""
    with mockstatus.activate() as router, session() as made:
        with pytest.raises(OSError, match="invalid path"):
            made.get("https://mock.local/200", **{argument: "/no/such/file"})

    assert len(router.calls) == 0
