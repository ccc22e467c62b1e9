"""The catalogue: its rows against the registry, ``http.HTTPStatus`` and the rules of RFC 9110; look-up and search."""

import dataclasses
import re
from http import HTTPStatus

import pytest

import mockstatus
from mockstatus import catalog

# Where the catalogue differs from the enumeration of Python 3.13, and why.
MISSING_IN_PYTHON = {
    104: "a temporary registration, of which Python takes none",
    306: "reserved as (Unused), which Python leaves out",
}
OTHER_PHRASE_IN_PYTHON = {
    418: ("I'm a teapot", "I'm a Teapot"),  # the case of RFC 2324 and of httpx; the registry says (Unused)
}
# The phrases that RFC 9110 changed, which Python has since 3.13.
RENAMED_IN_3_13 = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
# What the registry writes beside a phrase and no server sends.
ANNOTATED_IN_REGISTRY = {
    306: ("(Unused)", "Unused"),
    418: ("(Unused)", "I'm a teapot"),
    510: ("Not Extended (OBSOLETED)", "Not Extended"),
}

# Which fields a response must have, and where that is written; those that depend on the 200 apart.
REQUIRED_FIELDS = {
    101: {"Upgrade", "Connection"},
    206: {"Content-Range"},
    401: {"WWW-Authenticate"},
    405: {"Allow"},
    407: {"Proxy-Authenticate"},
    426: {"Upgrade", "Connection"},
}

every_row = pytest.mark.parametrize("row", catalog.values(), ids=str)


# --- the mapping ------------------------------------------------------------------------------------------------------


def test_the_catalogue_is_a_mapping_in_numeric_order():
    assert list(catalog) == sorted(catalog)
    assert len(catalog) == 98
    assert [row.code for row in catalog.values()] == list(catalog)
    assert dict(catalog)[202] is catalog[202]


def test_the_catalogue_and_its_rows_cannot_be_changed():
    with pytest.raises(TypeError):
        catalog[200] = catalog[404]
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog[200].phrase = "Fine"


# --- against http.HTTPStatus ------------------------------------------------------------------------------------------


def test_only_these_registered_codes_are_missing_in_python():
    registered = {row.code for row in catalog.values() if row.registered}

    assert registered - {status.value for status in HTTPStatus} == set(MISSING_IN_PYTHON)


def test_python_has_no_code_that_the_catalogue_lacks():
    assert {status.value for status in HTTPStatus} <= set(catalog)


@pytest.mark.parametrize("status", HTTPStatus, ids=lambda status: str(status.value))
def test_a_phrase_is_that_of_python_or_a_difference_that_is_named(status):
    ours = catalog[status.value].phrase
    named = {status.phrase}
    if status.value in OTHER_PHRASE_IN_PYTHON:
        named = {OTHER_PHRASE_IN_PYTHON[status.value][0]}
        assert status.phrase == OTHER_PHRASE_IN_PYTHON[status.value][1]
    elif status.value in RENAMED_IN_3_13 and status.phrase == RENAMED_IN_3_13[status.value]:
        named = {"Content Too Large", "URI Too Long", "Range Not Satisfiable", "Unprocessable Content"}

    assert ours in named


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        (413, "Content Too Large"),
        (414, "URI Too Long"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Content"),
        (104, "Upload Resumption Supported"),
        *((code, phrase) for code, (_, phrase) in ANNOTATED_IN_REGISTRY.items()),
        (419, "Page Expired"),
        (499, "Client Closed Request"),
        (520, "Web Server Returned an Unknown Error"),
        (999, "Request Denied"),
    ],
)
def test_a_phrase_that_others_write_otherwise_is_the_one_sent_on_the_wire(code, phrase):
    assert catalog[code].phrase == phrase


@every_row
def test_a_phrase_can_be_sent_as_a_reason_phrase(row):
    assert row.phrase
    assert row.phrase.isascii()
    assert row.phrase.isprintable()
    assert row.phrase == row.phrase.strip()


# --- against RFC 9110 -------------------------------------------------------------------------------------------------


@every_row
def test_the_first_digit_is_the_class(row):
    classes = {1: "informational", 2: "success", 3: "redirection", 4: "client_error", 5: "server_error"}

    assert row.category == classes.get(row.code // 100, "invalid")


def test_content_is_forbidden_with_these_codes_only():
    forbidden = {row.code for row in catalog.values() if not row.body_allowed}

    assert forbidden == {100, 101, 102, 103, 104, 204, 205, 304}


@pytest.mark.parametrize(("code", "names"), REQUIRED_FIELDS.items())
def test_the_fields_that_a_response_must_have_are_among_its_headers(code, names):
    required = {fact.name for fact in catalog[code].headers if fact.level == "must"}

    assert names <= required


@pytest.mark.parametrize("code", [100, 101, 102, 103, 104, 204])
def test_no_length_and_no_coding_is_sent_where_the_end_is_known(code):
    refused = {fact.name for fact in catalog[code].headers if fact.level == "must not"}

    assert {"Content-Length", "Transfer-Encoding"} <= refused


@pytest.mark.parametrize("code", [201, 300, 301, 302, 303, 307, 308])
def test_a_location_belongs_to_creation_and_redirects(code):
    assert "Location" in {fact.name for fact in catalog[code].headers if fact.level in ("must", "should")}


@pytest.mark.parametrize("code", [413, 429, 503])
def test_retry_after_belongs_to_what_passes(code):
    assert "Retry-After" in {fact.name for fact in catalog[code].headers}


# --- each row ---------------------------------------------------------------------------------------------------------


@every_row
def test_a_registered_row_names_the_section_that_defines_it_and_another_its_user(row):
    pattern = r"RFC \d{4}, Section \d+(\.\d+)*( and Section [\d.]+)?|draft-.+" if row.registered else r".{3,}"

    assert re.fullmatch(pattern, row.reference)


@every_row
def test_a_row_tells_what_it_means_whence_it_comes_and_what_to_do(row):
    assert row.summary.endswith(".")
    assert row.client_should.endswith(".")
    assert 1 <= len(row.causes)
    assert 1 <= len(row.use_cases)
    assert all(text == text.strip() and len(text) > 8 for text in (*row.causes, *row.use_cases))
    assert len({*row.causes, *row.use_cases}) == len(row.causes) + len(row.use_cases)


def test_no_two_rows_have_the_same_prose():
    for field in ("summary", "client_should", "phrase"):
        texts = [getattr(row, field) for row in catalog.values()]
        repeated = {text for text in texts if texts.count(text) > 1}
        # 401 and the one of the load balancer share the phrase, and have nothing else in common
        assert repeated <= {"Unauthorized"}, field


@every_row
def test_related_codes_exist_and_are_others(row):
    assert set(row.related) <= set(catalog)
    assert row.code not in row.related
    assert len(set(row.related)) == len(row.related)


@every_row
def test_a_header_of_a_row_could_be_sent_with_its_example(row):
    for fact in row.headers:
        assert re.fullmatch(r"[A-Za-z-]+", fact.name)
        assert fact.section
        if fact.level in ("must", "should", "may"):
            reply = mockstatus.reply(200, headers=mockstatus.exactly([(fact.name, fact.example)]), lenient=True)
            assert fact.example, fact
            assert fact.example == fact.example.strip()
            assert fact.example.isascii()
            assert reply.status == 200


@every_row
def test_a_row_makes_its_documented_reply(row):
    reply = row.reply()

    assert isinstance(reply, mockstatus.Reply)
    assert reply.status == (200 if row.code < 200 else row.code)


@every_row
def test_a_row_shows_its_code_and_phrase(row):
    assert repr(row) == f"<Status {row.code} {row.phrase}>"


# --- looking up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "category", "body_allowed"),
    [
        (199, "informational", False),
        (299, "success", True),
        (399, "redirection", True),
        (432, "client_error", True),
        (512, "server_error", True),
    ],
)
def test_an_unknown_legal_code_has_the_defaults_of_its_class(code, category, body_allowed):
    row = catalog[code]

    assert (row.code, row.category, row.body_allowed) == (code, category, body_allowed)
    assert row.phrase == ""
    assert not row.registered
    assert row.related == (code // 100 * 100,)
    assert str(code // 100 * 100) in row.client_should


def test_an_unknown_code_is_not_in_the_catalogue():
    assert 299 not in catalog
    assert 202 in catalog
    assert "202" not in catalog


@pytest.mark.parametrize("code", [99, 600, 0, -1, 1000, True, "202", 202.5, None])
def test_what_is_no_status_code_is_refused_with_what_was_received(code):
    with pytest.raises(mockstatus.InvalidReply, match=re.escape(repr(code))):
        catalog[code]
    assert catalog.get(code) is None


def test_an_enumeration_member_is_looked_up_as_its_number():
    assert catalog[HTTPStatus.ACCEPTED] is catalog[202]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("too many", 429),
        ("TEAPOT", 418),
        ("503", 503),
        ("accepted", 202),
        ("not  found", 404),
        ("gateway timeout", 504),
        ("cloudflare ssl handshake", 525),
    ],
)
def test_find_puts_the_best_first(text, first):
    assert catalog.find(text)[0].code == first


def test_find_wants_all_the_words():
    one, both = ({row.code for row in catalog.find(text)} for text in ("proxy", "proxy authentication"))

    assert 407 in both
    assert both < one


@pytest.mark.parametrize("text", ["", "   ", "xylophone"])
def test_find_finds_nothing_where_nothing_is_said(text):
    assert catalog.find(text) == []
