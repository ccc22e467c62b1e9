"""The journal: what was called and what came of it, as values that stay readable, bounded by ``history``."""

import gc

import httpx
import pytest
import requests
import urllib3

import mockstatus

URL = "https://api.example.com/jobs"


@pytest.fixture
def router():
    return mockstatus.Router()


@pytest.fixture
def client(router):
    return client_of(router)


def client_of(router, **options):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), **options)


# --- a call -----------------------------------------------------------------------------------------------------------


def test_a_call_has_the_request_as_it_went_over_the_wire(router):
    route = router.post(URL + "/{kind}")
    client = client_of(router, cookies={"session": "8f2a"}, auth=("u", "p"), timeout=httpx.Timeout(3, read=7))

    client.post("https://u:p@API.example.com:443/jobs/b%20c?a=1&a=2&b=#part", json={"size": 3}, headers={"X-Id": "7"})

    request = router.calls.last.request
    assert request.method == "POST"
    assert request.url == "https://api.example.com/jobs/b%20c?a=1&a=2&b="
    assert (request.scheme, request.host, request.port) == ("https", "api.example.com", 443)
    assert request.path == "/jobs/b c"
    assert request.path_params == {"kind": "b c"}
    assert request.query.multi_items() == [("a", "1"), ("a", "2"), ("b", "")]
    assert request.headers["x-id"] == "7"
    assert request.headers["Host"] == "api.example.com"
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.cookies == {"session": "8f2a"}
    assert request.json() == {"size": 3}
    assert request.content == request.text.encode()
    assert request.headers["Content-Length"] == str(len(request.content))
    assert (request.timeout.connect, request.timeout.read) == (3, 7)
    assert request.client == "httpx"
    assert router.calls.last.route is route


def test_a_call_has_the_response_as_it_was_sent(router, client):
    router.get(URL).respond(201, json={"id": 7}, headers=[("X-Id", "1"), ("X-Id", "2")], reason="Made")

    client.get(URL)

    call = router.calls.last
    assert (call.response.status, call.response.reason) == (201, "Made")
    assert call.response.headers.get_list("x-id") == ["1", "2"]
    assert call.response.json() == {"id": 7}
    assert call.response.text == '{"id": 7}'
    assert call.response.content == b'{"id": 7}'
    assert call.fault is None


def test_the_content_of_a_response_is_as_it_was_encoded(router, client):
    router.get(URL).respond(200, text="hello" * 100, headers={"Content-Encoding": "gzip"})

    assert client.get(URL).text == "hello" * 100

    response = router.calls.last.response
    assert response.content[:2] == b"\x1f\x8b"
    assert len(response.content) == int(response.headers["Content-Length"])


def test_a_call_that_broke_has_a_fault(router, client):
    error = KeyError("mine")
    router.get(URL).fail("connection_refused").then_fail(error)

    for kind in (httpx.ConnectError, KeyError):
        with pytest.raises(kind):
            client.get(URL)

    first, second = router.calls
    assert (first.fault, first.response) == ("connection_refused", None)
    assert (second.fault, second.response) == (error, None)


def test_a_call_says_when_it_was_on_the_clock(router, client):
    router.get(URL).respond(200, delay=2)
    router.clock.stand()

    client.get(URL)
    router.clock.advance(10)
    client.get(URL)

    first, second = (call.at for call in router.calls)
    assert second - first == 12


def test_each_attempt_is_a_call(router):
    router.get(URL).respond(503).then(200)
    with mockstatus.activate(router):
        urllib3.PoolManager(retries=urllib3.Retry(2, status_forcelist=[503])).request("GET", URL)

        assert [call.response.status for call in router.calls] == [503, 200]


def test_a_call_of_a_virtual_host_has_no_route(router, client):
    client.get("https://mock.local/202")

    assert router.calls.last.route is None
    assert router.calls.last.response.status == 202


def test_a_miss_is_no_call(router, client):
    with pytest.raises(mockstatus.UnmatchedRequest):
        client.get(URL)

    assert len(router.calls) == 0
    assert len(router.unmatched) == 1


def test_a_call_is_in_the_journal_of_the_router_that_answered_it():
    with mockstatus.activate() as outer:
        outer.get(URL).respond(201)
        outer.get(URL + "/outer")
        with mockstatus.activate() as inner:
            inner.get(URL).respond(202)

            httpx.get(URL)
            httpx.get(URL + "/outer")
            httpx.get("https://mock.local/404")

            assert [call.request.path for call in inner.calls] == ["/jobs", "/404"]
            assert [call.request.path for call in outer.calls] == ["/jobs/outer"]


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (lambda route: route.respond(202), f"<Call GET {URL} -> <Response 202 Accepted>>"),
        (lambda route: route.fail("read_timeout"), f"<Call GET {URL} -> read_timeout>"),
        (lambda route: route.fail(httpx.ReadTimeout("x")), f"<Call GET {URL} -> ReadTimeout('x')>"),
        (
            lambda route: route.flaky(1, 503, seed=5),
            f"<Call GET {URL} -> <Response 503 Service Unavailable> (flaky(1, seed=5): 503)>",
        ),
    ],
    ids=["reply", "fault", "exception", "chance"],
)
def test_a_call_shows_what_came_of_it(router, client, answer, shown):
    answer(router.get(URL))
    try:
        client.get(URL)
    except httpx.ReadTimeout:
        pass

    assert repr(router.calls.last) == shown


def test_a_note_is_about_its_own_call():
    router = mockstatus.Router()
    router.get(URL)
    with mockstatus.activate(router):
        router.routes[0].flaky(1, 503)
        assert httpx.get(URL).status_code == 503

    client_of(router).get(URL)

    assert router.calls.last.note == ""


# --- values that stay -------------------------------------------------------------------------------------------------


def upload():
    yield b"hel"
    yield b"lo"


def sent_by_httpx():
    with httpx.Client() as client:
        client.post(URL, content=upload())


def sent_by_requests():
    with requests.Session() as session:
        session.post(URL, data=upload())


def sent_by_urllib3():
    with urllib3.PoolManager() as pool:
        pool.request("POST", URL, body=upload())


async def sent_by_async_httpx():
    async def pieces():
        yield b"hel"
        yield b"lo"

    async with httpx.AsyncClient() as client:
        await client.post(URL, content=pieces())


@pytest.mark.usefixtures("quick_collections")
@pytest.mark.parametrize("send", [sent_by_httpx, sent_by_requests, sent_by_urllib3])
def test_a_streamed_upload_stays_readable_after_its_client_is_closed(send):
    with mockstatus.activate() as router:
        router.post(URL).respond(200, json={"ok": True})

        send()
        gc.collect()

        request, response = router.calls.last.request, router.calls.last.response
    assert request.content == b"hello"
    assert request.headers["Transfer-Encoding"] == "chunked"
    assert response.json() == {"ok": True}


async def test_an_asynchronous_upload_stays_readable_after_its_client_is_closed():
    with mockstatus.activate() as router:
        router.post(URL)

        await sent_by_async_httpx()

    assert router.calls.last.request.content == b"hello"


def test_an_uploaded_file_stays_readable_after_it_is_closed(router, client, tmp_path):
    path = tmp_path / "upload.txt"
    path.write_bytes(b"hello")
    router.post(URL)

    with path.open("rb") as file:
        client.post(URL, files={"upload": file}, data={"kind": "text"})
    client.close()

    (part,) = router.calls.last.request.files()
    assert (part.name, part.filename, part.content_type, part.content) == (
        "upload",
        "upload.txt",
        "text/plain",
        b"hello",
    )
    assert router.calls.last.request.form() == [("kind", "text")]


def test_a_response_that_the_caller_never_read_stays_readable(router, client):
    router.get(URL).respond(200, text="hello")

    with client.stream("GET", URL):
        pass
    client.close()

    assert router.calls.last.response.text == "hello"


def test_of_a_streamed_response_stays_what_was_delivered(router, client):
    router.get(URL).respond(200, stream=[b"one", b"two", b"three"])

    with client.stream("GET", URL) as response:
        assert next(response.iter_raw()) == b"one"
    client.close()

    assert router.calls.last.response.content.startswith(b"one")
    assert not router.calls.last.response.content.endswith(b"three")


def test_what_the_caller_changes_on_its_own_objects_changes_nothing_here(router, client):
    router.get(URL).respond(200, headers={"X-Id": "7"})

    response = client.get(URL, headers={"X-Sent": "1"})
    response.headers["X-Id"] = "changed"
    response.request.headers["X-Sent"] = "changed"

    assert router.calls.last.response.headers["X-Id"] == "7"
    assert router.calls.last.request.headers["X-Sent"] == "1"


def test_values_cannot_be_edited(router, client):
    client.post("https://mock.local/202?a=1", headers={"Cookie": "b=2"})
    call = router.calls.last

    for fields in (call.request.headers, call.request.query, call.request.cookies, call.response.headers):
        with pytest.raises(TypeError):
            fields["a"] = "changed"


@pytest.mark.parametrize("read", ["json", "form", "files"])
def test_a_body_that_is_something_else_is_a_value_error(router, client, read):
    router.post(URL)

    client.post(URL, content=b"hello")

    with pytest.raises(ValueError):
        getattr(router.calls.last.request, read)()
