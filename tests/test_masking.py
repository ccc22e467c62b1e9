"""What of a header must not stand in a log."""

import pytest

from mockstatus.masking import is_secret, masked

MASKED = {
    ("Authorization", "Bearer sesame"): "Bearer ***",
    ("authorization", "Basic dTpw"): "Basic ***",
    ("AUTHORIZATION", 'Digest username="u", response="sesame"'): "Digest ***",
    ("Authorization", "  Token sesame"): "Token ***",
    ("Authorization", "sesame"): "***",
    ("Authorization", "sesame open"): "***",
    ("Authorization", ""): "***",
    ("Proxy-Authorization", "Basic dTpw"): "Basic ***",
    ("Cookie", "a=1; b=2"): "a=***; b=***",
    ("Cookie", "sesame"): "***",
    ("Cookie", "a=b=c"): "a=***",
    ("Set-Cookie", "a=1; HttpOnly"): "a=***; ***",
    ("X-Request-Id", "Bearer 7"): "Bearer 7",
    ("Accept", "a=1; b=2"): "a=1; b=2",
}


@pytest.mark.parametrize(("name", "value"), MASKED, ids=map(" ".join, MASKED))
def test_what_is_secret_is_hidden_and_nothing_else(name, value):
    assert masked(name, value) == MASKED[name, value]


@pytest.mark.parametrize("name", ["Authorization", "cookie", "PROXY-AUTHORIZATION", "Set-Cookie"])
def test_the_names_of_secrets_ignore_case(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["Accept", "Authorization-Info", "X-Cookie", ""])
def test_other_names_are_no_secrets(name):
    assert not is_secret(name)
