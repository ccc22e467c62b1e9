"""The text that a regular expression cannot match without: never too much of it, and enough to find patterns by."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockstatus.literals import grams, required_literals
from tests.helpers import deterministic

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


# --- pieces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size", "pieces"),
    [("abcd", 2, ["ab", "bc", "cd"]), ("abcd", 4, ["abcd"]), ("abc", 4, []), ("", 1, []), ("aaa", 2, ["aa", "aa"])],
)
def test_a_text_is_cut_into_all_its_runs_of_a_size(text, size, pieces):
    assert grams(text, size) == pieces
