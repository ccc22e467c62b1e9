"""The whole text of a miss, pinned for each situation in tests/golden; MOCKSTATUS_GOLDEN=write writes it anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import mockstatus
from mockstatus import Router, exactly, partial
from mockstatus.dispatch import make_view
from tests.helpers import API, make_request

GOLDEN = Path(__file__).parent / "golden"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=bb"}
ORDER = '{"customer": "ann", "items": [{"price": 5}, {"price": 7}, {"price": 8}], "note": null}'
UPLOAD = (
    b'--bb\r\nContent-Disposition: form-data; name="title"\r\n\r\nplan\r\n'
    b'--bb\r\nContent-Disposition: form-data; name="report"; filename="b.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\n1,2\r\n--bb--\r\n"
)

Situation = Callable[[Router], dict]
SITUATIONS: dict[str, Situation] = {}


def situation(define: Situation) -> Situation:
    """Routes that are defined, and the request that misses them, as the arguments of ``make_request``."""
    SITUATIONS[define.__name__] = define
    return define


# --- the URL ----------------------------------------------------------------------------------------------------------


@situation
def no_routes(router):
    return {"url": API + "/users?page=2"}


@situation
def trailing_slash(router):
    router.get("/users/")
    return {"url": API + "/users"}


@situation
def case_of_the_path(router):
    router.get("/Users/Ann")
    return {"url": API + "/users/ann"}


@situation
def doubled_slash(router):
    router.get("/v1/users")
    return {"url": API + "//v1/users"}


@situation
def encoded_twice(router):
    router.get("/files/a%20b")
    return {"url": API + "/files/a%2520b"}


@situation
def a_slip_among_many_routes(router):
    for number in range(50):
        router.get(f"/items/{number}", params={"page": number})
    return {"url": API + "/itmes/17?page=17"}


@situation
def a_template_that_wants_another_segment(router):
    router.get("/users/{id}/orders")
    router.get("/users/{id}")
    router.get("/files/{name:path}")
    return {"url": API + "/users/7/order"}


@situation
def another_method(router):
    router.get("/users")
    router.delete("/users/7")
    return {"method": "POST", "url": API + "/users", "headers": JSON, "content": '{"name": "ann"}'}


@situation
def a_method_in_lower_case(router):
    router.get("/users")
    return {"method": "get", "url": API + "/users"}


@situation
def a_method_of_ones_own(router):
    router.any("/cache/{key}")
    return {"method": "PURGE", "url": API + "/caches/7"}


@situation
def another_host(router):
    router.get("/users")
    return {"url": "https://api.example.org/users"}


@situation
def another_scheme(router):
    router.get("/users")
    return {"url": "http://api.example.com/users"}


@situation
def another_port(router):
    router.get("http://localhost:8000/users")
    return {"url": "http://localhost:8080/users"}


@situation
def a_wildcard_host(router):
    router.get("https://*.example.net/users")
    return {"url": "https://example.net/users"}


@situation
def the_right_body_elsewhere_is_farther_than_another_body_here(router):
    router.post("/orders", json={"size": 3})
    router.post("https://api.example.org/orders", json={"size": 4})
    return {"method": "POST", "url": API + "/orders", "headers": JSON, "content": '{"size": 4}'}


@situation
def an_expression_with_the_query_in_another_order(router):
    router.get(re.compile(r"/search\?q=a&page=2$"))
    return {"url": API + "/search?page=2&q=a"}


@situation
def an_expression(router):
    router.get(re.compile(r"https://cdn\d\.example\.com/.*\.png"))
    return {"url": "https://cdn.example.com/logo.png"}


@situation
def a_long_url(router):
    router.get("/" + "b" * 300)
    return {"url": API + "/" + "a" * 600}


# --- query, headers, cookies ------------------------------------------------------------------------------------------


@situation
def params(router):
    router.get("/search", params={"q": "cats", "page": 2, "sort": None, "tag": ["a", "b"]})
    return {"url": API + "/search?q=dogs&sort=up&tag=a&tag=c"}


@situation
def a_query_in_the_url_means_no_others(router):
    router.get("/search?q=cats")
    return {"url": API + "/search?q=cats&page=2"}


@situation
def repeats_in_another_order(router):
    router.get("/search", params={"tag": ["a", "b"]})
    return {"url": API + "/search?tag=b&tag=a"}


@situation
def exact_pairs_in_another_order(router):
    router.get("/search", params=exactly([("q", "cats"), ("page", 2)]))
    return {"url": API + "/search?page=2&q=cats"}


@situation
def all_kinds_of_matchers(router):
    def is_long(text):
        return len(text) > 5

    router.get("/search", params={"a": re.compile("^x+$"), "b": int, "c": is_long, "d": True, "e": 1.5})
    return {"url": API + "/search?a=y&b=z&c=short&d=yes&e=1"}


@situation
def headers(router):
    router.get("/users", headers={"Accept": "application/json", "X-Tenant": "acme", "X-Debug": None})
    return {"url": API + "/users", "headers": {"Accept": "*/*", "X-Debug": "1"}}


@situation
def secrets_are_masked(router):
    router.get(
        "/users",
        headers={"Authorization": "Bearer sesame", "Proxy-Authorization": re.compile("sesame")},
        cookies={"session": "sesame", "theme": "dark"},
    )
    router.get("/users", headers={"Authorization": ["Basic sesame", b"sesame"], "Cookie": "a=sesame; sesame"})
    router.get("/users", cookies=exactly([("session", "sesame")]))
    sent = {"Authorization": "Bearer simsim", "Cookie": "session=simsim; simsim", "Proxy-Authorization": "simsim x"}
    return {"url": API + "/users", "headers": sent}


# --- the body ---------------------------------------------------------------------------------------------------------


@situation
def json_differs(router):
    router.post(
        "/orders", json={"customer": "ann", "items": [{"price": 5}, {"price": 7}, {"price": 9}], "gift-wrap": True}
    )
    return {"method": "POST", "url": API + "/orders", "headers": JSON, "content": ORDER}


@situation
def partial_json_differs(router):
    router.post("/orders", json=partial({"items": [{"price": 7}, {"price": 9}]}))
    router.post("/orders", json={"customer": str, "items": partial([{"price": 7, "size": 1}]), "note": None})
    return {"method": "POST", "url": API + "/orders", "headers": JSON, "content": ORDER}


@situation
def more_json_than_asked_for(router):
    router.post("/orders", json={"customer": "ann"})
    return {"method": "POST", "url": API + "/orders", "headers": JSON, "content": '{"customer": "ann", "size": 3}'}


@situation
def json_of_a_get(router):
    router.get("/users", json=[{"name": "ann"}])
    return {"url": API + "/users"}


@situation
def a_body_that_is_not_json(router):
    router.post("/orders", json={"size": 3})
    return {"method": "POST", "url": API + "/orders", "headers": FORM, "content": "size=3"}


@situation
def much_json(router):
    router.post("/orders", json={f"key{number}": "a" * 300 for number in range(12)})
    body = "{" + ", ".join(f'"key{number}": "{"b" * 300}"' for number in range(12)) + "}"
    return {"method": "POST", "url": API + "/orders", "headers": JSON, "content": body}


@situation
def a_form(router):
    router.post("/login", form={"user": "ann", "remember": True, "role": ["a", "b"]})
    router.post("/login", params={"user": "bob"})
    return {"method": "POST", "url": API + "/login", "headers": FORM, "content": "user=bob&role=a"}


@situation
def json_where_a_form_is_asked_for(router):
    router.post("/login", form={"user": "ann"})
    return {"method": "POST", "url": API + "/login", "headers": JSON, "content": '{"user": "ann"}'}


@situation
def files(router):
    router.post("/reports", form={"title": "budget"}, files={"report": ("a.csv", b"1,2", "text/csv"), "logo": bytes})
    return {"method": "POST", "url": API + "/reports", "headers": MULTIPART, "content": UPLOAD}


@situation
def lines_of_text(router):
    router.put("/notes/1", content="one\ntwo\nthree\nfour\n")
    return {"method": "PUT", "url": API + "/notes/1", "content": "one\ntwo\n3\nfour\n"}


@situation
def a_long_text(router):
    router.put("/notes/1", content="a" * 250 + "b" + "a" * 250)
    return {"method": "PUT", "url": API + "/notes/1", "content": "a" * 500}


@situation
def bytes_that_are_no_text(router):
    router.put("/blobs/1", content=b"\xff\x00\x01")
    return {"method": "PUT", "url": API + "/blobs/1", "content": b"\xff\x00\x02" * 20}


@situation
def no_body(router):
    router.post("/orders", json={"size": 3})
    router.post("/orders", content="size")
    return {"method": "POST", "url": API + "/orders"}


# --- functions, limits, hosts -----------------------------------------------------------------------------------------


@situation
def where_says_why_not(router):
    def has_a_signature(request):
        return "X-Signature" in request.headers or "there is no X-Signature"

    def is_even(request):
        return int(request.path_params["number"]) % 2 == 0

    router.get("/signed/{number}", where=has_a_signature)
    router.get("/signed/{number}", where=is_even)
    return {"url": API + "/signed/7"}


@situation
def a_route_that_is_used_up(router):
    router.get("/users").limit(1)
    make_view(router, "block", "instant").offer(make_request(url=API + "/users"))
    return {"url": API + "/users"}


@situation
def a_base_url_that_is_in_the_route_as_well(router):
    inner = Router(API + "/v1")
    inner.get("/v1/users")
    router.routes_of = inner
    return {"url": API + "/v1/users"}


@situation
def a_request_without_the_path_of_the_base_url(router):
    inner = Router(API + "/v1")
    inner.get("/users")
    router.routes_of = inner
    return {"url": API + "/users"}


@situation
def a_virtual_host_that_is_switched_off(router):
    router.get("/202")
    router.routes_of = Router(API, hosts=())
    return {"url": "https://mock.local/202"}


@situation
def a_path_that_httpbin_does_not_document(router):
    return {"url": "https://httpbin.org/forms/post"}


class Patched(Router):
    """A router of which a situation may say that another one is asked."""

    routes_of: Router | None = None


def text_of(define: Situation) -> str:
    """What the miss says, without the lines of this file in it."""
    router = Patched(API)
    arguments = define(router)
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        make_view(router.routes_of or router, "block", "instant").offer(make_request(**arguments))
    return stable(str(caught.value))


def stable(text: str) -> str:
    """A text without line numbers and names of this file."""
    text = re.sub(r"\(test_diagnosis_golden\.py:\d+\)", "(test_api.py:1)", text)
    return re.sub(r"[\w.]+\.<locals>\.", "", text) + "\n"


def check(name: str, text: str) -> None:
    """Compare with what is written down, or write it down."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("MOCKSTATUS_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_text_of_a_miss_is_as_written_down(name):
    """Word for word: it is what users read most."""
    check(name, text_of(SITUATIONS[name]))


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_line_to_paste_answers_the_request_of_every_situation(name):
    """Pasted as the newest route of the same router."""
    router = Patched(API)
    arguments = SITUATIONS[name](router)
    router = router.routes_of or router
    request = make_request(**arguments)
    view = make_view(router, "block", "instant")
    with pytest.raises(mockstatus.UnmatchedRequest) as caught:
        view.offer(request)

    exec(str(caught.value).splitlines()[-1].strip(), {"router": router})

    assert view.offer(make_request(**arguments)).status == 200


def test_no_secret_stands_in_any_text():
    """Neither of the request nor of the routes' own matchers."""
    text = text_of(secrets_are_masked)

    assert "sesame" not in text
    assert "simsim" not in text


# --- at exit ----------------------------------------------------------------------------------------------------------


def complaint(prepare: Callable[[Router], None]) -> str:
    """What is raised at exit, with its notes."""
    router = Router(API)
    prepare(router)
    with pytest.raises(mockstatus.MockStatusError) as caught:
        router.verify()
    return stable("\n".join([str(caught.value), *(f"note: {note}" for note in getattr(caught.value, "__notes__", ()))]))


def call(router: Router, method: str, path: str, **options: object) -> None:
    """A call, answered or not."""
    try:
        make_view(router, "block", "instant").offer(make_request(method, API + path, **options))
    except mockstatus.UnmatchedRequest:
        pass  # it is remembered, and that is what is looked at


def several_misses(router):
    router.get("/me").expect(2)
    for _ in range(3):
        call(router, "GET", "/users")
    call(router, "POST", "/users", content="a=1")
    call(router, "POST", "/users", content="a=2")
    call(router, "GET", "/other")
    call(router, "GET", "/other")


def misses_with_other_bodies(router):
    for body in ('{"a": 1}', '{"a": 1}', '{"a": 2}'):
        call(router, "POST", "/users", headers=JSON, content=body)


def one_unmet_expectation(router):
    router.get("/me", params={"a": 1}).expect(2)
    call(router, "GET", "/me?a=1")


def several_unmet_expectations(router):
    router.get("/me").expect()
    router.post("/jobs").expect(at_least=1, at_most=3)
    router.delete("/jobs/{id}").expect(0)
    router.put("/fine").expect()
    call(router, "DELETE", "/jobs/7")
    call(router, "DELETE", "/jobs/8")
    call(router, "PUT", "/fine")


def calls_that_a_newer_route_took(router):
    router.get("/users/{id}").expect(2)
    router.get("/users/7")
    call(router, "GET", "/users/7")
    call(router, "GET", "/users/7")


@pytest.mark.parametrize(
    "prepare",
    [
        several_misses,
        misses_with_other_bodies,
        one_unmet_expectation,
        several_unmet_expectations,
        calls_that_a_newer_route_took,
    ],
    ids=lambda prepare: prepare.__name__,
)
def test_what_is_raised_at_exit_is_as_written_down(prepare):
    """One error, the rest in its notes."""
    check(prepare.__name__, complaint(prepare))


def test_nothing_is_written_down_that_no_situation_is_about():
    """A situation that was renamed takes its file along."""
    at_exit = {
        "several_misses",
        "misses_with_other_bodies",
        "one_unmet_expectation",
        "several_unmet_expectations",
        "calls_that_a_newer_route_took",
    }

    assert {path.stem for path in GOLDEN.glob("*.txt")} == SITUATIONS.keys() | at_exit
