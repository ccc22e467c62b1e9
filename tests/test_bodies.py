"""What a request's body says: forms and files as httpx and requests really write them, and as nobody should."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockstatus.bodies import decode, media_type, parse_multipart
from tests.helpers import API, BODY_SENDERS, deterministic, fits, from_httpx, from_requests, make_request

both_clients = pytest.mark.parametrize("send", BODY_SENDERS.values(), ids=BODY_SENDERS)
FORM = "application/x-www-form-urlencoded"


def multipart(content, content_type="multipart/form-data; boundary=X"):
    """A request with a multipart body, line ends as they should be."""
    return make_request("POST", headers={"Content-Type": content_type}, content=content.replace("\n", "\r\n"))


# --- types and charsets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" text/plain ;charset=x", "text/plain"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_media_type_is_told_from_its_parameters(content_type, kind):
    assert media_type(content_type) == kind


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/plain; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/plain; charset="utf-16"', "utf-16"),
        ("text/plain; format=flowed; CHARSET=cp1252", "cp1252"),
        ("text/plain", "utf-8"),
        ("text/plain; charset=klingon", "utf-8"),
        ("text/plain; charset=", "utf-8"),
        (None, "utf-8"),
    ],
)
def test_a_body_is_decoded_by_the_charset_named_if_python_knows_it(content_type, charset):
    assert decode("naïve".encode(charset), content_type) == "naïve"


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "undefined", "idna"])
def test_a_charset_that_cannot_decode_text_still_leaves_a_text(charset):
    """Python has codecs that turn no bytes into text, and a request may name any of them."""
    request = make_request(headers={"Content-Type": f"text/plain; charset={charset}"}, content="caf\xe9")

    assert request.text == "café"


def test_text_that_cannot_be_decoded_has_replacements():
    assert make_request(content=b"a\xffb").text == "a\ufffdb"


# --- urlencoded forms -------------------------------------------------------------------------------------------------

FIELDS = {
    "plain": "value",
    "two words": "a b",
    "signs": "1+1=2&3%",
    "language": "Ü漢😀",
    "empty": "",
    "list": ["1", "2"],
}
FIELD_PAIRS = [(name, one) for name, value in FIELDS.items() for one in (value if isinstance(value, list) else [value])]


@both_clients
def test_an_urlencoded_form_is_read_back_as_it_was_given(send):
    assert send("POST", API, data=FIELDS).form() == FIELD_PAIRS


@both_clients
@pytest.mark.parametrize(("value", "text"), [(7, "7"), (1.5, "1.5"), ("", "")])
def test_a_form_holds_the_text_that_a_client_makes_of_a_value(send, value, text):
    assert send("POST", API, data={"a": value}).form() == [("a", text)]


@pytest.mark.parametrize(
    "content_type", [FORM, FORM.upper(), f"{FORM}; charset=utf-8", f"{FORM};charset=UTF-8", f" {FORM} ; a=b"]
)
def test_the_parameters_and_case_of_the_content_type_do_not_matter(content_type):
    request = make_request("POST", headers={"Content-Type": content_type}, content="a=1&a=2&b=%C3%BC+")

    assert request.form() == [("a", "1"), ("a", "2"), ("b", "ü ")]


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "multipart/mixed; boundary=X"])
def test_a_body_of_another_type_is_no_form(content_type):
    request = make_request("POST", headers={"Content-Type": content_type}, content="a=1")

    with pytest.raises(ValueError, match="no form"):
        request.form()
    with pytest.raises(ValueError, match="no files"):
        request.files()


def test_a_body_without_a_content_type_is_no_form():
    with pytest.raises(ValueError, match="no form"):
        make_request("POST", content="a=1").form()


def test_an_urlencoded_form_has_no_files():
    with pytest.raises(ValueError, match="no files"):
        from_httpx("POST", API, data={"a": "1"}).files()


# --- multipart forms, as clients write them ---------------------------------------------------------------------------


@both_clients
def test_a_multipart_form_is_read_back_as_it_was_given(send):
    request = send("POST", API, data=FIELDS, files={"upload": ("photo.png", b"\x89PNG\r\n\x1a\n\x00", "image/png")})

    (part,) = request.files()

    assert request.form() == FIELD_PAIRS
    assert (part.name, part.filename, part.content_type) == ("upload", "photo.png", "image/png")
    assert part.content == b"\x89PNG\r\n\x1a\n\x00"
    assert part.headers["content-type"] == "image/png"
    assert "form-data" in part.headers["Content-Disposition"]


@both_clients
def test_several_files_of_one_name_keep_their_order(send):
    request = send("POST", API, files=[("f", ("1.txt", b"one")), ("g", ("2.txt", b"two")), ("f", ("3.txt", b"three"))])

    assert [(part.name, part.filename, part.content) for part in request.files()] == [
        ("f", "1.txt", b"one"),
        ("g", "2.txt", b"two"),
        ("f", "3.txt", b"three"),
    ]


@both_clients
def test_a_part_without_a_file_name_is_a_field(send):
    request = send("POST", API, files={"note": (None, "text"), "f": ("a.txt", "content")})

    assert request.form() == [("note", "text")]
    assert [part.name for part in request.files()] == ["f"]


@both_clients
def test_a_file_object_is_read_by_the_client_and_found_in_the_body(send):
    request = send("POST", API, files={"f": io.BytesIO(b"from a file")})

    assert request.files()[0].content == b"from a file"


@both_clients
@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b"\r\n\r\n", b"--", b"a\r\n--\r\nb", b"\r\n--X--\r\n", b"ends with\r", b"ends with\r\n", bytes(256)],
)
def test_any_content_of_a_file_is_read_back(send, content):
    request = send("POST", API, files={"f": ("a.bin", content)})

    assert request.files()[0].content == content


NAMES = [
    "a b.txt",
    "ü漢😀.txt",
    'say "hi".txt',
    "it's.txt",
    "a;b.txt",
    'a"; filename="b.txt',
    "a=b; name=c",
    "C:\\dir\\file.txt",  # requests sends a backslash as it is, httpx doubles it
    "100%.txt",
    "line\nbreak.txt",
    ".hidden",
]


@both_clients
@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_and_of_a_field_is_read_back(send, name):
    request = send("POST", API, data={name: "value"}, files={name: (name, b"content")})

    assert request.form() == [(name, "value")]
    assert [(part.name, part.filename) for part in request.files()] == [(name, name)]


@deterministic
@given(
    st.dictionaries(
        st.text(alphabet="ab;=\"'ü \n", min_size=1, max_size=8), st.text(alphabet="ab\r\n-ü", max_size=12), max_size=4
    ),
    st.binary(max_size=30),
)
def test_multipart_forms_of_both_clients_are_read_back(fields, content):
    for send in (from_httpx, from_requests):
        request = send("POST", API, data=fields, files={"f": ("a", content)})

        assert request.form() == list(fields.items())
        assert [part.content for part in request.files()] == [content]


@both_clients
def test_matching_sees_the_same_form_urlencoded_and_multipart(send):
    asked = {"form": {"a": "1", "b": ["2", "3"]}}

    assert fits(send("POST", API, data={"a": "1", "b": ["2", "3"]}), **asked)
    assert fits(send("POST", API, data={"a": "1", "b": ["2", "3"]}, files={"f": b"x"}), **asked)


# --- multipart forms, as others write them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=X",
        'multipart/form-data; boundary="X"',
        "Multipart/Form-Data; charset=utf-8; Boundary=X",
        "multipart/form-data;boundary=X",
    ],
)
def test_a_boundary_may_be_quoted_and_stand_anywhere_among_the_parameters(content_type):
    request = multipart('--X\nContent-Disposition: form-data; name="a"\n\n1\n--X--\n', content_type)

    assert request.form() == [("a", "1")]


def test_text_before_the_first_boundary_and_after_the_last_is_ignored():
    request = multipart('preamble\n--X\nContent-Disposition: form-data; name="a"\n\n1\n--X--\nepilogue')

    assert request.form() == [("a", "1")]


def test_names_may_stand_without_quotes_and_headers_in_any_case_and_order():
    request = multipart(
        "--X\ncontent-type: text/plain\nCONTENT-DISPOSITION: form-data; filename=b.txt; NAME=a\n\n1\n--X--"
    )

    (part,) = request.files()

    assert (part.name, part.filename, part.content_type) == ("a", "b.txt", "text/plain")


def test_a_file_name_in_the_extended_form_wins():
    """RFC 8187; RFC 7578 tells forms not to use it, and some clients do."""
    request = multipart(
        "--X\nContent-Disposition: form-data; name=a; filename=\"e.txt\"; filename*=UTF-8''%E2%82%AC.txt\n\n1\n--X--"
    )

    assert request.files()[0].filename == "€.txt"


def test_an_empty_file_name_is_that_of_a_file():
    """As a browser sends an upload field in which nothing was chosen."""
    request = multipart('--X\nContent-Disposition: form-data; name="a"; filename=""\n\n\n--X--')

    assert request.form() == []
    assert request.files()[0].filename == ""


def test_a_field_is_decoded_by_the_charset_of_its_part():
    content = (
        b'--X\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n'
        b"caf\xe9\r\n--X--\r\n"
    )
    request = make_request("POST", headers={"Content-Type": "multipart/form-data; boundary=X"}, content=content)

    assert request.form() == [("a", "café")]


def test_a_multipart_form_without_parts_is_empty():
    assert parse_multipart("multipart/form-data; boundary=X", b"--X--\r\n") == []


@pytest.mark.parametrize(
    ("content", "content_type", "says"),
    [
        ("--X\n\n1\n--X--", "multipart/form-data", "boundary"),
        ("--X\n\n1\n--X--", "multipart/form-data; boundary=", "boundary"),
        ("", "multipart/form-data; boundary=X", "closing boundary"),
        ('--X\nContent-Disposition: form-data; name="a"\n\n1', "multipart/form-data; boundary=X", "closing boundary"),
        ("--Y\n\n1\n--Y--", "multipart/form-data; boundary=X", "closing boundary"),
        ("--X\nno blank line\n--X--", "multipart/form-data; boundary=X", "blank line"),
    ],
)
def test_a_broken_multipart_body_is_no_form_and_says_why(content, content_type, says):
    request = multipart(content, content_type)

    with pytest.raises(ValueError, match=says):
        request.form()
    with pytest.raises(ValueError, match=says):
        request.files()


def test_a_broken_multipart_body_fits_no_form_and_breaks_no_call():
    broken = multipart("--X\nno blank line\n--X--")

    assert not fits(broken, form={"a": "1"})
    assert not fits(broken, files={"f": b""})
    assert fits(broken, form={"a": None}, files={"f": None})
