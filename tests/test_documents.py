"""The documented response of every status: its body in all five styles, and the header fields it cannot go without."""

import json
import re
from datetime import UTC, datetime

import httpx
import pytest

import mockstatus
from mockstatus import catalog

URL = "https://api.example.com/orders/7?page=2"
NOW = datetime(2026, 11, 22, 10, 15, 30, 125_000, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 10:15:30 GMT"

STYLES = ("documented", "envelope", "problem", "text", "empty")
FINAL = [code for code in catalog if code >= 200]  # a 1xx is never the whole answer
WITHOUT_CONTENT = (204, 205, 304)
WITH_CONTENT = [code for code in FINAL if code not in WITHOUT_CONTENT]

BODIES = {
    200: b'{"status": "success"}',
    201: b'{"status": "success"}',
    202: b'{"status": "accepted", "task_id": "abc-123"}',
    203: b'{"status": "success"}',
    206: b'{"status": "success"}',
    207: b'{"status": "success"}',
    208: b'{"status": "success"}',
    226: b'{"status": "success"}',
    218: b'{"status": "success"}',
    400: b'{"error": "bad_request", "message": "Bad Request"}',
    404: b'{"error": "not_found", "message": "Not Found"}',
    413: b'{"error": "content_too_large", "message": "Content Too Large"}',
    431: b'{"error": "request_header_fields_too_large", "message": "Request Header Fields Too Large"}',
    451: b'{"error": "unavailable_for_legal_reasons", "message": "Unavailable For Legal Reasons"}',
    500: b'{"error": "internal_server_error", "message": "Internal Server Error"}',
    502: b'{"error": "bad_gateway", "message": "Upstream server error"}',
    503: b'{"error": "service_unavailable", "retry_after": 300}',
    504: b'{"error": "gateway_timeout", "message": "Upstream server timed out"}',
    505: b'{"error": "http_version_not_supported", "message": "HTTP Version Not Supported"}',
    511: b'{"error": "network_authentication_required", "message": "Network Authentication Required"}',
    529: b'{"error": "site_is_overloaded", "message": "Site Is Overloaded"}',
}
LENGTHS = {202: 44, 502: 60, 503: 52, 504: 68, **dict.fromkeys((200, 201, 203, 206, 207, 208, 218, 226), 21)}

every_code = pytest.mark.parametrize("code", FINAL)
every_style = pytest.mark.parametrize("style", STYLES)


def answer(code, method="GET", style=None):
    """What was sent for a route that answers a status, as the journal keeps it."""
    router = mockstatus.Router(now=NOW)
    router.any(URL).respond(mockstatus.reply(code, style=style, lenient=code > 599))
    with httpx.Client(transport=mockstatus.adapters.httpx.Transport(router)) as client:
        client.request(method, URL)
    return router.calls.last.response


def names(response):
    return [name for name, _ in response.headers.multi_items()]


# --- the documented style ---------------------------------------------------------------------------------------------


def test_202_is_the_documented_one_to_the_byte():
    response = answer(202)

    assert response.status == 202
    assert response.reason == "Accepted"
    assert response.content == b'{"status": "accepted", "task_id": "abc-123"}'
    assert response.headers.multi_items() == [
        ("Content-Type", "application/json"),
        ("Date", DATE),
        ("Content-Length", "44"),
    ]


def test_503_has_its_retry_after_between_date_and_length():
    assert answer(503).headers.multi_items() == [
        ("Content-Type", "application/json"),
        ("Date", DATE),
        ("Retry-After", "300"),
        ("Content-Length", "52"),
    ]


@pytest.mark.parametrize(("code", "body"), BODIES.items())
def test_the_documented_body_is_this(code, body):
    assert answer(code).content == body


@pytest.mark.parametrize(("code", "length"), LENGTHS.items())
def test_the_documented_body_has_so_many_bytes(code, length):
    response = answer(code)

    assert len(response.content) == length
    assert response.headers["Content-Length"] == str(length)


@pytest.mark.parametrize("code", [code for code in FINAL if 300 <= code < 400])
def test_a_redirection_is_documented_without_a_body(code):
    assert answer(code).content == b""


@pytest.mark.parametrize("code", [code for code in WITH_CONTENT if code >= 400 and code not in (502, 503, 504)])
def test_an_error_names_itself_in_snake_case_and_in_words(code):
    body = answer(code).json()

    assert list(body) == ["error", "message"]
    assert body["message"] == catalog[code].phrase
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", body["error"])


@pytest.mark.parametrize("code", [299, 399, 432, 512])
def test_an_unlisted_code_has_the_body_of_its_class(code):
    response = answer(code)

    assert response.reason == ""
    if code < 300:
        assert response.content == b'{"status": "success"}'
    elif code < 400:
        assert response.content == b""
    else:
        assert str(code) in response.json()["message"]


# --- every code in every style ----------------------------------------------------------------------------------------


@every_code
def test_what_is_sent_is_framed_and_dated_truly_in_every_style(code):
    for style in STYLES:
        response = answer(code, style=style)

        assert response.status == code
        assert response.reason == catalog[code].phrase
        assert response.headers.get_list("Date") == [DATE]
        assert len(names(response)) == len({name.lower() for name in names(response)})
        assert "Transfer-Encoding" not in response.headers
        if code in (204, 304):
            assert "Content-Length" not in response.headers
        else:
            assert response.headers["Content-Length"] == str(len(response.content))
            assert names(response)[-1] == "Content-Length"


@every_code
def test_the_type_of_content_is_named_first_and_only_where_there_is_content(code):
    for style in STYLES:
        response = answer(code, style=style)

        if response.content:
            assert names(response)[:2] == ["Content-Type", "Date"]
        else:
            assert names(response)[0] == "Date"
            assert "Content-Type" not in response.headers


@every_style
@pytest.mark.parametrize("code", WITHOUT_CONTENT)
def test_no_style_gives_content_to_a_code_that_has_none(code, style):
    assert answer(code, style=style).content == b""


@every_style
def test_205_says_that_its_length_is_0(style):
    assert answer(205, style=style).headers["Content-Length"] == "0"


@every_style
def test_a_head_answer_has_the_header_fields_of_get_and_no_content(style):
    for code in FINAL:
        get, head = answer(code, "GET", style), answer(code, "HEAD", style)

        assert head.content == b""
        assert head.status == get.status
        assert head.headers.multi_items() == get.headers.multi_items(), code


@pytest.mark.parametrize("code", [code for code in FINAL if 200 <= code < 300 and code not in (204, 205)])
@every_style
def test_a_success_has_a_body_but_in_the_empty_style(code, style):
    assert bool(answer(code, style=style).content) == (style != "empty")


# --- one style after another ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", WITH_CONTENT)
def test_a_problem_document_tells_the_status_it_is_sent_with(code):
    response = answer(code, style="problem")
    body = response.json()

    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "detail"]
    assert body["type"] == "about:blank"
    assert body["title"] == catalog[code].phrase
    assert body["status"] == code
    assert body["detail"] == catalog[code].summary


@pytest.mark.parametrize("code", WITH_CONTENT)
def test_text_is_code_and_phrase(code):
    response = answer(code, style="text")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text == f"{code} {catalog[code].phrase}"


@pytest.mark.parametrize("code", WITH_CONTENT)
def test_empty_is_a_length_of_0_and_no_type(code):
    response = answer(code, style="empty")

    assert response.content == b""
    assert response.headers["Content-Length"] == "0"
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("code", WITH_CONTENT)
def test_an_envelope_wraps_the_status_and_tells_the_request(code):
    response = answer(code, "POST", style="envelope")
    body = response.json()

    assert response.headers["Content-Type"] == "application/json"
    assert list(body) == ["success", "status", "statusText", "timestamp", "request"]
    assert body["success"] is (code < 400)
    assert body["status"] == code
    assert body["statusText"].startswith("Unprocessable Entity" if code == 422 else catalog[code].phrase)
    assert body["timestamp"] == "2026-11-22T10:15:30.125Z"
    assert body["request"] == {"method": "POST", "url": "/orders/7?page=2", "fullUrl": URL}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (201, "Created - Request succeeded and led to the creation of a resource"),
        (202, "Accepted - The request has been accepted for processing, but processing is not complete"),
        (308, "Permanent Redirect - The resource is now permanently located at another URI"),
        (400, "Bad Request - The server cannot process the request due to client error"),
        (422, "Unprocessable Entity"),
    ],
)
def test_an_envelope_has_the_words_of_the_service_where_it_documents_them(code, text):
    assert answer(code, style="envelope").json()["statusText"] == text


def test_json_is_sent_without_a_charset():
    for style in ("documented", "envelope", "problem"):
        assert "charset" not in answer(404, style=style).headers["Content-Type"]


@every_style
@pytest.mark.parametrize("code", [299, 432, 512])
def test_an_unlisted_code_can_be_had_in_every_style(code, style):
    response = answer(code, style=style)

    assert response.status == code
    if style in ("documented", "envelope", "problem"):
        assert json.loads(response.content)


@pytest.mark.parametrize("style", ["json", "Documented", "", 3])
def test_a_style_that_does_not_exist_is_refused_at_once_with_those_that_do(style):
    with pytest.raises(mockstatus.InvalidReply) as caught:
        mockstatus.reply(202, style=style)

    for word in (repr(style), *STYLES):
        assert word in str(caught.value)


# --- what a status cannot go without ----------------------------------------------------------------------------------


@every_style
@pytest.mark.parametrize(("code", "name"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_a_challenge_names_a_scheme_and_a_realm(code, name, style):
    assert re.fullmatch(r'(Basic|Bearer|Digest) realm="[^"]+"', answer(code, style=style).headers[name])


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "PURGE"]
)
@every_style
def test_405_allows_methods_but_not_the_one_just_refused(method, style):
    allowed = answer(405, method, style).headers["Allow"].split(", ")

    assert allowed
    assert method not in allowed
    assert len(set(allowed)) == len(allowed)


@pytest.mark.parametrize("style", ["documented", "envelope", "problem", "text"])
def test_206_says_which_bytes_it_has(style):
    response = answer(206, style=style)
    first, last, whole = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers["Content-Range"]).groups())

    assert last - first + 1 == len(response.content)
    assert last < whole


@every_style
def test_416_says_how_long_the_whole_is(style):
    whole = len(answer(200).content)

    assert answer(416, style=style).headers["Content-Range"] == f"bytes */{whole}"


@every_style
def test_426_says_what_to_upgrade_to(style):
    headers = answer(426, style=style).headers

    assert headers["Upgrade"] == "TLS/1.2, HTTP/1.1"
    assert headers["Connection"] == "Upgrade"


@every_style
@pytest.mark.parametrize("code", [429, 503])
def test_what_passes_says_when_to_come_back(code, style):
    assert answer(code, style=style).headers["Retry-After"].isdigit()


@every_style
def test_304_has_a_validator(style):
    assert re.fullmatch(r'"[^"]+"', answer(304, style=style).headers["ETag"])


def test_451_says_who_blocks():
    assert 'rel="blocked-by"' in answer(451).headers["Link"]


@every_code
def test_a_location_is_never_invented_for_ones_own_urls(code):
    for style in STYLES:
        assert "Location" not in answer(code, style=style).headers
