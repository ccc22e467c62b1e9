"""The short way of reading usual URLs says the same as the long one, for any URL."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mockstatus import patterns
from mockstatus.errors import InvalidRoute
from tests.helpers import deterministic

ORIGINS = [
    "https://api.example.com",
    "http://a.b",
    "https://a.1",
    "https://a",
    "https://A.b.c",
    "https://-.x",
    "https://a..b",
]
SEGMENTS = [
    "a",
    "{x}",
    "{y}",
    "{x:path}",
    "",
    "A-b_~1",
    "{x}y",
    "{",
    "..",
    "{1}",
    "a.b",
    "{x:pat}",
    "a%20b",
    "*",
    "a?b=1",
]
BASES = [None, "https://api.example.com/v1", "https://api.example.com/", "https://api.example.com/{q}", "http://a"]


def result(read, url, base_url):
    """The target, or why there is none."""
    try:
        return read(url, base_url)
    except InvalidRoute as error:
        return str(error)


@settings(deterministic, max_examples=1500)
@given(
    origin=st.sampled_from(["", *ORIGINS]),
    segments=st.lists(st.sampled_from(SEGMENTS), max_size=4),
    base_url=st.sampled_from(BASES),
)
def test_a_usual_url_is_read_as_any_other(origin, segments, base_url):
    url = f"{origin}/{'/'.join(segments)}"

    assert result(patterns.parse_target, url, base_url) == result(patterns._parse_text, url, base_url)


def test_urls_with_whole_segments_as_templates_are_usual():
    """So that the test before compares two ways, and not one with itself."""
    for path in ("/users", "/users/{id}", "/{kind}/{id}/view", "/files/{name:path}"):
        assert patterns._parse_usual(f"https://api.example.com{path}") is not None
