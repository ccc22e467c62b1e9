"""The text that a regular expression cannot match without: never too much of it, and enough to find patterns by."""

import random
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockstatus.literals import _RARE, _parsed, _scanned, pattern_keys, required_literals, url_keys
from tests.helpers import API, deterministic, make_request

# --- random expressions -----------------------------------------------------------------------------------------------
# Each rule of the grammar gives an expression together with a text in which it is usually found, so that most of them
# say something: a random expression is found in a random text too seldom.

LETTERS = "abAB/.ſsKk"  # with the long s and the Kelvin sign, which are s and k where case is ignored
CLASSES = (("[ab]", "a"), ("[^a]", "b"), (r"\w", "b"), (".", "A"), ("[a-b]", "b"), ("[a]", "a"), ("[^/]+", "ab"))
ANCHORS = (r"\b", r"\B", "^", "$", r"\A", r"\Z", "")
AROUND = (  # before, after, and the text in which it is found, given that of what stands between
    ("(", ")", lambda text: text),
    ("(?:", ")", lambda text: text),
    ("(?>", ")", lambda text: text),
    ("(?i:", ")", str.swapcase),
    ("(?-i:", ")", lambda text: text),
    ("(?s-i:", ")", lambda text: text),
    ("(?:", ")+", lambda text: text * 2),
    ("(?:", "){2}", lambda text: text * 2),
    ("(?:", "){1,3}?", lambda text: text),
    ("(?:", ")++", lambda text: text),
    ("(?:", ")?", lambda text: ""),
    ("(?:", ")*?", lambda text: ""),
    ("(?:", "){0,2}", lambda text: ""),
    ("(?:", ")*+", lambda text: ""),
    ("(?:", "|)", lambda text: ""),
    ("(?:|", ")", lambda text: ""),
    ("(?=", ")", lambda text: ""),
    ("(?!", ")", lambda text: ""),
    ("(?<!", ")", lambda text: ""),
    ("(?:(a)|B)(?(1)", "|b)", lambda text: "Bb"),
)
FLAGS = (0, 0, 0, 0, re.IGNORECASE, re.MULTILINE, re.DOTALL, re.ASCII, re.VERBOSE, re.IGNORECASE | re.ASCII)


def expression(chance, depth):
    """A random expression, and a text in which it is usually found."""
    rule = chance.random()
    if depth == 0 or rule < 0.3:
        text = "".join(chance.choices(LETTERS, k=chance.randint(1, 3)))
        return re.escape(text), text
    if rule < 0.4:
        return chance.choice(CLASSES)
    if rule < 0.45:
        return chance.choice(ANCHORS), ""
    if rule < 0.6:
        (one, _), (other, text) = expression(chance, depth - 1), expression(chance, depth - 1)
        return f"(?:{one}|{other})", text
    if rule < 0.8:
        before, after, text = chance.choice(AROUND)
        inner = expression(chance, depth - 1)
        return before + inner[0] + after, text(inner[1])
    parts = [expression(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    return "".join(regex for regex, _ in parts), "".join(text for _, text in parts)


def found_in(seed):
    """A random pattern, and a text in which it is found; None where there is no such text or no such pattern."""
    chance = random.Random(seed)
    regex, text = expression(chance, 4)
    text = "".join(chance.choices(LETTERS, k=chance.randint(0, 2))) + text + chance.choice(LETTERS)
    try:
        pattern = re.compile(regex, chance.choice(FLAGS))
    except re.error:  # a look-behind of no fixed width
        return None
    text = chance.choice((text, text, text.swapcase()))
    return (pattern, text) if pattern.search(text) else None


EXAMPLES = [example for example in map(found_in, range(5000)) if example is not None]


def test_every_required_literal_is_in_every_text_in_which_the_expression_is_found():
    wrong = [
        (pattern, text, literal)
        for pattern, text in EXAMPLES
        for literal in required_literals(pattern)
        if literal not in text
    ]

    assert wrong == []


def test_the_random_expressions_require_something_often_enough_to_say_something():
    assert len([pattern for pattern, _ in EXAMPLES if required_literals(pattern)]) > 1000


def test_no_required_literal_is_empty():
    assert all(all(required_literals(pattern)) for pattern, _ in EXAMPLES)


@pytest.mark.parametrize(
    ("regex", "flags", "text"),
    [
        ("(?i:ab)c", 0, "ABc"),
        ("a(?i:b)(?i:(?-i:c))", 0, "aBc"),
        ("ab|abc", 0, "ab"),
        ("a b # c", re.VERBOSE, "ab"),
        ("ſ", re.IGNORECASE, "S"),
        (r"a\Bb", 0, "ab"),
        (r"(a)?(?(1)b|c)", 0, "c"),
        (r"(?<!a)b", 0, "b"),
        (r"(?P<x>ab)(?P=x)?c", 0, "abc"),
        (r"(?:ab){0}c", 0, "c"),
        (r"a$\nb", re.MULTILINE, "a\nb"),
        (r"[a]bc", re.IGNORECASE, "ABC"),
    ],
)
def test_what_is_required_is_there_in_the_corners_of_the_syntax(regex, flags, text):
    pattern = re.compile(regex, flags)

    assert pattern.search(text)
    assert all(literal in text for literal in required_literals(pattern))


@deterministic
@given(st.text(min_size=1, max_size=12))
def test_an_escaped_text_is_wholly_required(text):
    assert required_literals(re.compile(re.escape(text))) == [text]


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regex", "required"),
    [
        (r"https://api\.example\.com/users/\d+", ["https://api.example.com/users/"]),
        (r"/users/\d+/orders$", ["/users/", "/orders"]),
        (r"^https?://cdn\.", ["http", "://cdn."]),
        (r"/(users|groups)/7", ["/", "/7"]),
        (r"/users/(?P<id>[^/]+)/x", ["/users/", "/x"]),
        (r"(?:abc)+d", ["abc", "d"]),
        (r"(?:abc){2,}", ["abc"]),
        (r"a(bc)d", ["a", "bc", "d"]),
        (r"(?:abc)?d", ["d"]),
        (r"(?:abc)*", []),
        (r"a|b", []),
        (r".*", []),
        (r"", []),
        (r"(?i)abc", []),
        (r"a(?i:bc)d", ["a", "d"]),
        (r"abc(?!def)", ["abc"]),
        (r"(?>abc)d", ["abc", "d"]),
        (r"(?x) a b # c", ["ab"]),
    ],
)
def test_the_text_that_an_expression_cannot_match_without_is_found(regex, required):
    assert required_literals(re.compile(regex)) == required


def test_where_case_is_ignored_nothing_is_required():
    assert required_literals(re.compile("abc", re.IGNORECASE)) == []


# --- the quick reading ------------------------------------------------------------------------------------------------
# Most expressions are read without Python's parser of them, which takes ten times as long. It is what the reading is
# held against.

SYNTAX = (
    *(
        "a",
        "b",
        "/",
        "ab",
        "#",
        " ",
        "\n",
        "_",
        "-",
        "\u00e9",
        ".",
        "^",
        "$",
        "|",
        "(",
        ")",
        "(?:",
        "(?P<n>",
        "(?=",
        "(?!",
    ),
    *("(?>", "(?i:", "(?-i:", "(?s:", "*", "+", "?", "{2}", "{0,1}", "{,2}", "{1,}", "{", "}", "{}", "{,}", "[", "]"),
    *(
        "[a]",
        "[^a]",
        "[]a]",
        "[^]]",
        "[a-z|]",
        "[(]",
        r"[\]]",
        r"\.",
        r"\/",
        r"\-",
        r"\_",
        "\\\u00e9",
        r"\(",
        r"\)",
        r"\|",
    ),
    *(r"\d", r"\w", r"\b", r"\A", r"\Z", r"\1", r"\n", r"\\"),
)


def random_pattern(seed):
    """Any row of pieces of syntax that is an expression; None for one that is not."""
    chance = random.Random(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sets within sets
        try:
            pattern = re.compile("".join(chance.choices(SYNTAX, k=chance.randint(1, 9))))
        except re.error:
            return None
        return None if pattern.flags & (re.IGNORECASE | re.VERBOSE) else pattern


def both_readings(pattern):
    """The runs that the quick reading finds, None where it does not understand, and those that the parser finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _scanned(pattern.pattern), _parsed(pattern)


PATTERNS = [pattern for pattern in map(random_pattern, range(30_000)) if pattern is not None]


def test_the_quick_reading_never_requires_more_than_the_parser():
    wrong = [
        (pattern, quick, thorough)
        for pattern in (*PATTERNS, *(pattern for pattern, _ in EXAMPLES if not pattern.flags & _RARE))
        for quick, thorough in [both_readings(pattern)]
        if not all(any(run in one for one in thorough) for run in quick or ())
    ]

    assert wrong == []


def test_the_quick_reading_understands_enough_of_the_random_expressions_to_say_something():
    assert len([pattern for pattern in PATTERNS if _scanned(pattern.pattern)]) > 3000


@pytest.mark.parametrize(
    ("regex", "runs"),
    [
        (r"^https://api\.example\.com/users/\d+$", ["https://api.example.com/users/"]),
        (r"/users/(?P<id>[^/]+)/x", ["/users/", "/x"]),
        (r"/users/(\d+|me)/x\?page=\d", ["/users/", "/x?page="]),
        (r"/a(?:\.json)?b", ["/a", "b"]),
        (r"\Ahttps://[^/:?\#]+\.example/m:(?P<verb>[^/?]+)(?:\?.*)?\Z", ["https://", ".example/m:"]),
        (r"/v[12]/\w{2,3}x*y", ["/v", "/", "y"]),
        (r"[]/]a[^]/]b", ["a", "b"]),
        (r"^https?://cdn\.", ["http", "://cdn."]),
    ],
)
def test_what_is_usual_is_understood_at_once(regex, runs):
    assert _scanned(regex) == runs


@pytest.mark.parametrize("regex", ["a|b", "(a)b", "(a(b)|c)", r"(.)\1", "(?=a)", "(?i:a|b)", "a{b", r"a\n", r"a\\"])
def test_what_is_not_usual_is_left_to_the_parser(regex):
    assert _scanned(regex) is None


@pytest.mark.parametrize("text", ["(" + "." * 60 + "(", "(a" + "b.|" * 60 + "(", "a" * 60 + "{", r"\." * 60 + "*("])
def test_the_quick_reading_gives_up_in_linear_time(text):
    """A nested repetition would take longer than anybody waits for it."""
    assert _scanned(text) is None


# --- keys -------------------------------------------------------------------------------------------------------------


def keys_of(regex):
    """The keys that a pattern can be filed under, in the order of preference."""
    return [key for (key,) in pattern_keys(re.compile(regex))]


def test_words_between_other_characters_come_first_and_the_end_of_a_literal_before_its_beginning():
    keys = keys_of(r"^https://api\.test/users/7/ord\d+/last$")

    assert [word for field, word in keys if field == "word"] == ["7", "users", "test", "api"]
    assert keys[4:6] == [("run of 8", "rs/7/ord"), ("run of 8", "ers/7/or")]


def test_a_word_that_may_go_on_is_no_word_of_the_url():
    assert ("word", "7") not in keys_of("/users/7")
    assert ("word", "7") in keys_of("/users/7/")


def test_where_no_literal_is_long_there_are_short_runs_and_where_none_is_there_is_nothing():
    assert keys_of("abcde") == [("run of 4", "bcde"), ("run of 4", "abcd")]
    assert keys_of("abc") == []


def test_a_url_has_its_words_as_they_were_sent_and_in_comparable_form():
    found = url_keys(make_request(url=f"{API}/%7euser/x"), "word")

    assert {("word", "7euser"), ("word", "user")} <= set(found)
    assert len(url_keys(make_request(url=f"{API}/user/x"), "word")) < len(found)


def test_a_url_has_every_key_of_every_pattern_that_is_found_in_it():
    wrong = []
    for pattern, text in EXAMPLES:
        request = make_request(url=f"{API}/ab/%7e/{text}b/Ab/{text}")
        if pattern.search(request.url) or pattern.search(request.uri.canonical_url):
            keys = [key for (key,) in pattern_keys(pattern)]
            missed = [key for key in keys if key not in url_keys(request, key[0])]
            wrong += [(pattern, request, missed)] if missed else []

    assert wrong == []


def test_patterns_that_are_found_in_urls_have_keys_often_enough_to_say_something():
    asked = [pattern for pattern, text in EXAMPLES if pattern.search(f"{API}/ab/%7e/{text}b/Ab/{text}")]

    assert len([pattern for pattern in asked if list(pattern_keys(pattern))]) > 100
