"""Documented statuses, faults and the status host inside respx: what httpx's callers see there."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
import pytest
import respx

import mockstatus
from mockstatus.interop.respx import as_response, as_side_effect, mount
from tests.interop_expected import BEYOND, CODES, INTERIM, METHODS, expected, without_date

URL = "https://api.example.com/jobs"


@pytest.fixture(params=["httpcore", "httpx"])
def router(request):
    """A respx router, in both ways in which respx intercepts."""
    with respx.mock(using=request.param, assert_all_called=False) as router:
        yield router


@pytest.fixture(scope="module")
def client():
    """One client for many calls: to make one takes longer than a hundred of them."""
    with httpx.Client(timeout=3) as client:
        yield client


def seen(response):
    return without_date(response.headers.multi_items()), response.content


@pytest.mark.parametrize("method", METHODS)
def test_a_return_value_is_the_documented_response_of_every_code(router, client, method):
    """With HEAD, 204, 205 and 304 without a body, and the Allow of a 405 without the method."""
    for code in CODES:
        router.request(method, f"{URL}/{code}").mock(return_value=as_response(code))
    answers = {code: client.request(method, f"{URL}/{code}") for code in CODES}
    assert {code: answer.status_code for code, answer in answers.items()} == {code: code for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}


@pytest.mark.parametrize("method", METHODS)
def test_a_side_effect_is_the_documented_response_of_every_code(router, client, method):
    """The same, made for each call."""
    for code in CODES:
        router.request(method, f"{URL}/{code}").mock(side_effect=as_side_effect(code))
    answers = {code: client.request(method, f"{URL}/{code}") for code in CODES}
    assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code, method) for code in CODES}


@pytest.mark.parametrize("code", [*INTERIM, *BEYOND])
def test_a_reply_of_the_catalogue_is_answered_where_a_number_cannot_be(router, client, code):
    """An interim response comes before its 200; a number beyond 599 is sent as it is."""
    router.get(URL).mock(return_value=as_response(mockstatus.catalog[code].reply()))
    if code == 101:  # httpx takes it for the end of HTTP
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(URL)
        return
    response = client.get(URL)
    assert response.status_code == (code if code > 599 else 200)


def test_a_return_value_answers_an_asynchronous_client(router):
    """As a response of respx's own does."""
    router.get(URL).mock(return_value=as_response(202))

    async def main():
        async with httpx.AsyncClient() as client:
            return [await client.get(URL), await client.get(URL)]

    for response in asyncio.run(main()):
        assert seen(response) == expected(202)


def test_a_return_value_can_be_looked_at_before_it_is_used():
    """As any response of httpx."""
    response = as_response(202)
    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.json()) == (202, {"status": "accepted", "task_id": "abc-123"})
    assert response.headers["Content-Type"] == "application/json"


def test_the_percent_sign_of_respx_takes_it_too(router):
    """``route % response`` is how respx writes it short."""
    router.get(URL) % as_response(404)
    assert httpx.get(URL).json() == {"error": "not_found", "message": "Not Found"}


def test_repeated_fields_and_the_reason_arrive(router):
    """Two cookies are two fields."""
    reply = mockstatus.reply(200, json=1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], reason="Fine")
    router.get(URL).mock(return_value=as_response(reply))
    with httpx.Client() as client:
        response = client.get(URL)
        assert response.headers.get_list("Set-Cookie") == ["a=1", "b=2"]
        assert dict(client.cookies) == {"a": "1", "b": "2"}
        assert response.reason_phrase == "Fine"


def test_a_delay_counts_against_the_read_timeout(router):
    """Which no delay of respx does; and nobody sleeps."""
    router.get(URL).mock(return_value=as_response(mockstatus.reply(200, delay=5)))
    with pytest.raises(httpx.ReadTimeout) as caught:
        httpx.get(URL, timeout=1)
    assert caught.value.request.url == URL
    assert httpx.get(URL, timeout=9).status_code == 200


def test_a_side_effect_goes_through_its_answers_and_repeats_the_last(router):
    """No StopIteration comes at the end."""
    router.get(URL).mock(side_effect=as_side_effect(503, mockstatus.reply(429, json={}), 200))
    assert [httpx.get(URL).status_code for _ in range(5)] == [503, 429, 200, 200, 200]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("connect_timeout", httpx.ConnectTimeout),
        ("connection_refused", httpx.ConnectError),
        ("dns_failure", httpx.ConnectError),
        ("tls_failure", httpx.ConnectError),
        ("pool_timeout", httpx.PoolTimeout),
        ("write_timeout", httpx.WriteTimeout),
        ("read_timeout", httpx.ReadTimeout),
        ("connection_reset", httpx.ReadError),
        ("empty_response", httpx.RemoteProtocolError),
        ("malformed_response", httpx.RemoteProtocolError),
        ("truncated_body", httpx.RemoteProtocolError),
        ("malformed_chunk", httpx.RemoteProtocolError),
        ("stalled_body", httpx.ReadTimeout),
        ("bad_encoding", httpx.DecodingError),
    ],
)
def test_a_fault_is_the_exception_of_httpx(router, client, fault, kind):
    """Of every name, with the request on it, and recorded by respx."""
    route = router.post(URL).mock(side_effect=as_side_effect(fault, 201))
    with pytest.raises(kind) as caught:
        client.post(URL, content=b"x")
    assert type(caught.value) is kind
    assert caught.value.request.url == URL
    assert client.post(URL).status_code == 201
    assert route.call_count == 2


def test_an_exception_is_raised_as_it_is(router):
    """Of one's own too, an instance or a class."""
    router.get(URL).mock(side_effect=as_side_effect(httpx.ConnectError("down"), KeyError, 200))
    with pytest.raises(httpx.ConnectError, match="down"):
        httpx.get(URL)
    with pytest.raises(KeyError):
        httpx.get(URL)
    assert httpx.get(URL).status_code == 200


def test_a_stream_arrives_piece_by_piece_and_breaks_where_it_says(router):
    """Server-sent events through respx, the second of three lost."""
    router.get(URL).mock(side_effect=as_side_effect(mockstatus.sse({"n": 1}, "connection_reset", {"n": 3})))
    pieces = []
    with httpx.stream("GET", URL) as response, pytest.raises(httpx.ReadError):
        pieces.extend(response.iter_text())
    assert pieces == ['data: {"n": 1}\n\n']


def test_a_streamed_return_value_is_streamed_to_each_call(router):
    """The list of pieces is opened anew."""
    router.get(URL).mock(return_value=as_response(mockstatus.reply(200, stream=[b"a", b"b"])))
    assert [httpx.get(URL).content for _ in range(2)] == [b"ab", b"ab"]


def test_the_groups_of_a_pattern_do_not_disturb(router):
    """respx hands them to a side effect as keywords."""
    router.get(url__regex=r"https://api\.example\.com/(?P<kind>\w+)/(?P<id>\d+)").mock(side_effect=as_side_effect(202))
    assert httpx.get("https://api.example.com/jobs/7").status_code == 202


def test_the_whole_status_host_answers_inside_a_router(router):
    """Codes, choices, delays, redirects, faults, jobs and the echo."""
    mount(router)
    router.get(URL).mock(return_value=as_response(418))
    with httpx.Client(base_url="https://mock.local", timeout=2) as client:
        answers = {code: client.get(f"/{code}") for code in CODES if code not in (201, *range(300, 309))}
        assert {code: seen(answer) for code, answer in answers.items()} == {code: expected(code) for code in answers}
        assert client.get("/redirect/2", follow_redirects=True).json() == {"status": "success"}
        assert client.post("/anything?a=1", json={"b": 2}).json()["json"] == {"b": 2}
        with pytest.raises(httpx.ReadTimeout):
            client.get("/delay/5")
        with pytest.raises(httpx.ConnectError):
            client.get("/fault/connection_refused")
        made = client.post("/jobs?polls=1")
        assert [client.get(made.headers["Location"]).status_code for _ in range(2)] == [202, 200]
        assert client.get("/nothing/like-it").status_code == 404
    assert httpx.get(URL).status_code == 418


def test_the_host_has_the_name_it_is_given():
    """A name of one's own answers as mock.local does; http and any port too."""
    with respx.mock as router:
        mount(router, host="Status.Example")
        assert httpx.get("http://status.example:8080/204").status_code == 204
        with pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get("https://mock.local/204")


def test_what_a_public_service_does_not_document_is_no_match():
    """respx goes on to its other routes, as mockstatus does."""
    with respx.mock as router:
        mount(router, host="httpbin.org")
        router.get("https://httpbin.org/uuid").mock(return_value=as_response(200))
        assert httpx.get("https://httpbin.org/status/418").status_code == 418
        assert httpx.get("https://httpbin.org/uuid").json() == {"status": "success"}


def test_a_host_need_not_be_called_and_a_base_url_is_not_put_before_it():
    """assert_all_called is about the routes."""
    with respx.mock(base_url="https://api.example.com/v1") as router:
        host = mount(router)
        assert host.call_count == 0
        router.get("/jobs").mock(return_value=as_response(202))
        assert httpx.get("https://api.example.com/v1/jobs").status_code == 202
    with respx.mock(base_url="https://api.example.com/v1") as router:
        host = mount(router)
        assert httpx.get("https://mock.local/404").status_code == 404
        assert host.call_count == 1


@pytest.mark.parametrize("wrong", [99, 600, 103, True, "202", None, 2.5, "read_timeout", ValueError])
def test_no_response_can_be_made_of_something_else(wrong):
    """Found where it is written."""
    with pytest.raises(mockstatus.InvalidReply):
        as_response(wrong)


@pytest.mark.parametrize("wrong", [99, 600, 103, True, None, 2.5, [503]])
def test_no_answer_of_a_side_effect_can_be_something_else(wrong):
    """A status that no server sends, or a thing that is none."""
    with pytest.raises((mockstatus.InvalidReply, mockstatus.InvalidRoute)):
        as_side_effect(503, wrong)


@pytest.mark.parametrize("wrong", [["read_timeot"], []])
def test_an_unknown_fault_and_no_answer_at_all_are_refused(wrong):
    """With the nearest name, or what to write."""
    with pytest.raises(mockstatus.InvalidRoute, match="read_timeout|one or more"):
        as_side_effect(*wrong)


@pytest.mark.parametrize("wrong", ["https://mock.local", "mock.local/", "", "a b", None, "mock.local:80", ".local"])
def test_a_host_is_a_host_name(wrong):
    """Not a URL."""
    with respx.mock(assert_all_called=False) as router, pytest.raises(mockstatus.InvalidRoute, match="host name"):
        mount(router, host=wrong)


def test_only_a_router_is_mounted_on():
    """A module is none."""
    with pytest.raises(mockstatus.InvalidRoute, match=r"respx\.mock"):
        mount(respx)


def test_the_package_imports_no_library_until_one_is_named():
    """Each of them is in a file of its own."""
    code = (
        "import sys, mockstatus.interop as interop\n"
        "names = ('respx', 'responses', 'requests_mock', 'pytest_httpx', 'httpx', 'requests')\n"
        "assert not [name for name in names if name in sys.modules]\n"
        "assert interop.respx.as_response and 'respx' in sys.modules\n"
        "assert not [name for name in ('responses', 'requests_mock', 'pytest_httpx') if name in sys.modules]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
