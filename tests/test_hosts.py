"""``mock.local``: every endpoint, for every client, on any scheme, port and method."""

import threading
from collections import Counter
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import requests
import urllib3

import mockstatus
from mockstatus import catalog

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
FINAL = [code for code in catalog if code >= 200]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE")


@pytest.fixture
def router():
    return mockstatus.Router(now=NOW)


@pytest.fixture
def client(router):
    """A client of the virtual host, without a timeout."""
    return client_of(router, base_url="https://mock.local", timeout=None)


def client_of(router, **options):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), **options)


# --- /{code} ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FINAL)
def test_every_code_answers_with_its_documented_response(client, code):
    response = client.get(f"/{code}")

    assert response.status_code == code
    assert response.reason_phrase == catalog[code].phrase
    assert response.headers["Date"] == "Sun, 22 Nov 2026 10:15:30 GMT"


@pytest.mark.parametrize("code", [299, 399, 432, 512])
def test_an_unlisted_legal_code_answers_too(client, code):
    assert client.get(f"/{code}").status_code == code


@pytest.mark.parametrize(
    "url",
    [
        "https://mock.local/202",
        "http://mock.local/202",
        "http://mock.local:8080/202",
        "https://MOCK.local:8443/202",
        "https://mock.local/202/",
        "https://mock.local/202/users/7",
        "https://mock.local/202?anything=else",
        "https://mock.local/%32%30%32",
        "https://mock.local/404/../202",
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_scheme_port_method_and_what_stands_below_a_code_do_not_matter(router, url, method):
    response = client_of(router).request(method, url)

    assert response.status_code == 202
    assert response.content == (b"" if method == "HEAD" else b'{"status": "accepted", "task_id": "abc-123"}')
    assert response.headers["Content-Length"] == "44"


@pytest.mark.parametrize("code", [201, 300, 301, 302, 303, 307, 308])
def test_a_location_is_sent_and_works_on_the_host(client, code):
    response = client.get(f"/{code}")

    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize("code", [code for code in FINAL if code not in (201, 300, 301, 302, 303, 307, 308)])
def test_no_other_code_sends_a_location(client, code):
    assert "Location" not in client.get(f"/{code}").headers


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_client_that_follows_redirects_arrives(client, code):
    response = client.get(f"/{code}", follow_redirects=True)

    assert response.status_code == 200
    assert [seen.status_code for seen in response.history] == [code]


# --- 1xx --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("code", [100, 102, 103, 104, 199])
def test_httpx_reads_on_to_the_200_behind_an_interim_response(library, code):
    with mockstatus.activate():
        assert library.get(f"https://mock.local/{code}").status_code == 200


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_httpx_refuses_a_101_that_it_did_not_ask_for(library):
    with mockstatus.activate(), pytest.raises(library.RemoteProtocolError):
        library.get("https://mock.local/101")


@pytest.mark.parametrize(("code", "seen"), [(100, 200), (101, 101), (102, 102), (103, 103), (104, 104)])
def test_requests_and_urllib3_take_an_interim_response_but_100_for_the_answer(code, seen):
    with mockstatus.activate():
        assert requests.get(f"https://mock.local/{code}").status_code == seen
        assert urllib3.PoolManager().request("GET", f"https://mock.local/{code}").status == seen


# --- /status/{codes} --------------------------------------------------------------------------------------------------


def draw(client, path, count):
    return [client.get(path).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("codes", "possible"),
    [
        ("404", {404}),
        ("200,503", {200, 503}),
        ("200,500-504", {200, 500, 501, 502, 503, 504}),
        ("500-500", {500}),
        ("200, 404", {200, 404}),
        ("200:1,503:1", {200, 503}),
        ("200:3,500-502:1", {200, 500, 501, 502}),
        ("783,999", {783, 999}),
    ],
)
def test_a_choice_comes_to_all_its_codes_and_no_others(client, codes, possible):
    assert set(draw(client, f"/status/{codes}", 200)) == possible


@pytest.mark.parametrize("codes", ["200:1,503:0", "503:0,200:1", "503:0,200:0.0001,404:0"])
def test_a_weight_of_0_is_never(client, codes):
    assert set(draw(client, f"/status/{codes}?seed=1", 300)) == {200}


def test_weights_are_shares(client):
    counts = Counter(draw(client, "/status/200:0.9,503:0.1?seed=7", 1000))

    assert 70 < counts[503] < 130
    assert counts[200] + counts[503] == 1000


def test_a_seeded_choice_is_the_same_sequence_in_every_router(client):
    path = "/status/200:0.5,503:0.5?seed=7"

    first = draw(client, path, 60)

    assert draw(client_of(mockstatus.Router(), base_url="https://mock.local"), path, 60) == first
    assert draw(client, path, 60) != first  # the router keeps it: this is how it goes on


def test_another_seed_is_another_sequence_that_goes_its_own_way(client):
    one, two = (f"/status/200,503?seed={seed}" for seed in (1, 2))

    alone = draw(client_of(mockstatus.Router(), base_url="https://mock.local"), one, 40)
    mixed = [(client.get(one).status_code, client.get(two).status_code) for _ in range(40)]

    assert [first for first, _ in mixed] == alone
    assert [second for _, second in mixed] != alone


def test_a_sequence_belongs_to_the_router_whatever_client_asks(router):
    expected = draw(client_of(mockstatus.Router(), base_url="https://mock.local"), "/status/200,503?seed=3", 20)

    seen = [client_of(router).get("https://mock.local/status/200,503?seed=3").status_code for _ in range(20)]

    assert seen == expected


def test_reset_begins_the_sequences_anew(router, client):
    path = "/status/200,404,503?seed=x"
    first = draw(client, path, 30)

    router.reset()

    assert draw(client, path, 30) == first


def test_no_draw_is_lost_or_repeated_when_many_threads_draw_at_once(router):
    path = "/status/200-208?seed=5"
    expected = draw(client_of(mockstatus.Router(), base_url="https://mock.local"), path, 640)
    seen = []

    def ask():
        seen.extend(draw(client_of(router, base_url="https://mock.local"), path, 20))

    threads = [threading.Thread(target=ask) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(seen) == Counter(expected)


def test_the_journal_says_how_a_choice_fell_and_with_what_seed(router, client):
    code = client.get("/status/200:0.9,503:0.1?seed=7").status_code

    assert "seed=7" in router.calls.last.note
    assert str(code) in router.calls.last.note.rpartition(":")[2]
    assert router.calls.last.route is None


def test_the_sequences_of_one_host_do_not_move_those_of_another(router, client):
    expected = draw(client_of(mockstatus.Router(), base_url="https://mock.local"), "/status/200,503", 20)

    mixed = []
    for _ in range(20):
        client.get("https://httpbin.org/status/200,503")
        mixed.append(client.get("/status/200,503").status_code)

    assert mixed == expected


# --- /delay/{duration} ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("2", 2), ("1.5s", 1.5), ("300ms", 0.3), ("0", 0), (".5", 0.5), ("2.", 2), ("0.5ms", 0.0005)],
)
def test_a_delay_passes_on_the_clock(router, client, duration, seconds):
    response = client.get(f"/delay/{duration}")

    assert response.status_code == 200
    assert router.clock.elapsed == pytest.approx(seconds)


def test_a_delay_beyond_the_timeout_of_the_client_is_its_timeout(router):
    with pytest.raises(httpx.ReadTimeout):
        client_of(router, timeout=1).get("https://mock.local/delay/5")


@pytest.mark.parametrize("code", [202, 204, 503, 999])
def test_a_delay_may_have_any_code(router, client, code):
    assert client.get(f"/delay/2/{code}").status_code == code
    assert router.clock.elapsed == 2


# --- /fault/{name} ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("connect_timeout", httpx.ConnectTimeout),
        ("connection_refused", httpx.ConnectError),
        ("read_timeout", httpx.ReadTimeout),
        ("connection_reset", httpx.ReadError),
        ("truncated_body", httpx.RemoteProtocolError),
        ("bad_encoding", httpx.DecodingError),
    ],
)
def test_a_fault_happens(router, name, error):
    with pytest.raises(error):
        client_of(router).get(f"https://mock.local/fault/{name}")


# --- /redirect/{n} ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 5, 20])
def test_so_many_redirects_come_before_the_200(client, count):
    response = client.get(f"/redirect/{count}", follow_redirects=True)

    assert response.status_code == 200
    assert [seen.status_code for seen in response.history] == [302] * count


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_the_redirects_may_have_any_code_that_redirects(client, code):
    response = client.post(f"/redirect/3?code={code}", content=b"x", follow_redirects=True)

    assert [seen.status_code for seen in response.history] == [code] * 3
    assert response.status_code == 200
    assert response.request.method == ("POST" if code in (307, 308) else "GET")


# --- /anything and / --------------------------------------------------------------------------------------------------


def test_anything_echoes_the_request(client):
    response = client.post(
        "/anything/deep/path?a=1&a=2&b=",
        json={"size": 3},
        headers={"X-Id": "7", "Cookie": "session=8f2a; theme=dark"},
    )
    echo = response.json()

    assert response.status_code == 200
    assert echo["method"] == "POST"
    assert echo["url"] == "https://mock.local/anything/deep/path?a=1&a=2&b="
    assert (echo["scheme"], echo["host"], echo["port"]) == ("https", "mock.local", 443)
    assert echo["path"] == "/anything/deep/path"
    assert echo["query"] == {"a": ["1", "2"], "b": ""}
    assert {name.lower(): value for name, value in echo["headers"].items()}["x-id"] == "7"
    assert echo["cookies"] == {"session": "8f2a", "theme": "dark"}
    assert echo["json"] == {"size": 3}
    assert echo["text"] == response.request.content.decode()


def test_anything_echoes_forms_and_files(client):
    form = client.post("/anything", data={"a": ["1", "2"], "b": "é"}).json()
    files = client.post("/anything", data={"a": "1"}, files={"upload": ("a.txt", b"hello")}).json()

    assert form["form"] == {"a": ["1", "2"], "b": "é"}
    assert files["form"] == {"a": "1"}
    assert files["files"] == {"upload": "hello"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"{broken", b"NaN", b'"\\ud800"', b"[" * 100_000],
    ids=["empty", "binary", "broken", "not a number", "half a character", "deep"],
)
def test_anything_echoes_a_body_that_cannot_be_read(client, content):
    response = client.post("/anything", content=content, headers={"Content-Type": "multipart/form-data"})

    assert response.status_code == 200
    assert response.json()["form"] == {}


def test_the_index_lists_endpoints_controls_and_styles(client):
    index = client.get("/").json()

    assert {"/{code}", "/status/{codes}", "/delay/{duration}", "/fault/{name}", "/redirect/{n}", "/anything"} <= set(
        index["endpoints"]
    )
    assert index["controls"]["query"] == ["delay", "retry_after", "location", "style", "fault"]
    assert index["controls"]["headers"] == [
        "X-Mock-Delay",
        "X-Mock-Retry-After",
        "X-Mock-Location",
        "X-Mock-Style",
        "X-Mock-Fault",
    ]
    assert index["styles"] == ["documented", "envelope", "problem", "text", "empty"]


@pytest.mark.parametrize("path", ["/", "/anything", "/404/x", "/status/200", "/delay/1", "/redirect/2", "/abc", "/a/b"])
def test_head_is_answered_with_what_get_says_and_no_content(client, path):
    get, head = client.get(path), client.head(path)

    assert head.status_code == get.status_code
    del get.headers["Date"], head.headers["Date"]
    assert head.headers == get.headers
    assert head.content == b""


# --- which hosts there are --------------------------------------------------------------------------------------------


def test_a_router_can_do_without_virtual_hosts():
    client = client_of(mockstatus.Router(hosts=()))

    for host in ("mock.local", "free.mockerapi.com", "httpbin.org"):
        with pytest.raises(mockstatus.UnmatchedRequest):
            client.get(f"https://{host}/status/200")


def test_a_router_can_have_one_virtual_host():
    client = client_of(mockstatus.Router(hosts=["httpbin.org"]))

    assert client.get("https://httpbin.org/status/204").status_code == 204
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get("https://mock.local/204")


@pytest.mark.parametrize(
    "url", ["https://mock.local.example.com/202", "https://api.mock.local/202", "https://mock/202"]
)
def test_a_host_of_another_name_is_none(router, url):
    with pytest.raises(mockstatus.UnmatchedRequest):
        client_of(router).get(url)


def test_a_route_comes_before_a_virtual_host(router, client):
    router.get("https://mock.local/202").respond(418)

    assert client.get("/202").status_code == 418
    assert client.post("/202").status_code == 202
