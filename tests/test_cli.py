"""The command line makes a real call, answered in the process, and prints what came."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from mockstatus.cli import main

CLIENTS = ("httpx", "httpx2", "requests", "urllib3", "aiohttp")
ACCEPTED = '{"status": "accepted", "task_id": "abc-123"}'


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "mockstatus", *arguments], capture_output=True, text=True, check=False)


def printed(capfdbinary, *arguments: str) -> tuple[list[str], str]:
    """Status line and header lines, and the body, of a call that goes well."""
    assert main(["get", *arguments]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    head, _, body = out.decode().partition("\n\n")
    return head.splitlines(), body


def test_the_command_of_the_readme_prints_the_documented_202():
    """Status line, header fields in the order sent, a blank line, the body."""
    ran = run("get", "https://mock.local/202")

    assert (ran.returncode, ran.stderr) == (0, "")
    status, kind, date, length, blank, body = ran.stdout.splitlines()
    assert (status, kind, length) == ("HTTP/1.1 202 Accepted", "Content-Type: application/json", "Content-Length: 44")
    assert date.startswith("Date: ")
    assert date.endswith(" GMT")
    assert (blank, body) == ("", ACCEPTED)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_prints_the_same(client, capfdbinary):
    """Apart from the date."""
    lines, body = printed(capfdbinary, "--client", client, "https://mock.local/503")

    assert lines[0] == "HTTP/1.1 503 Service Unavailable"
    assert [line.partition(":")[0] for line in lines[1:]] == ["Content-Type", "Date", "Retry-After", "Content-Length"]
    assert json.loads(body) == {"error": "service_unavailable", "retry_after": 300}


@pytest.mark.parametrize("client", CLIENTS)
def test_method_headers_and_body_are_sent_as_given(client, capfdbinary):
    """The echo of the virtual host says what arrived."""
    _, body = printed(
        capfdbinary, "--client", client, "-X", "put", "-H", "X-One: 1", "-d", '{"a": 1}', "https://mock.local/anything"
    )

    echo = json.loads(body)
    assert (echo["method"], echo["json"]) == ("PUT", {"a": 1})
    assert {name.lower(): value for name, value in echo["headers"].items()}["x-one"] == "1"
    assert {name.lower(): value for name, value in echo["headers"].items()}["content-type"] == "application/json"


def test_a_body_makes_it_a_post_and_a_form_unless_it_is_json(capfdbinary):
    """As curl has it."""
    _, body = printed(capfdbinary, "-d", "a=1&b=2", "https://mock.local/anything")

    echo = json.loads(body)
    assert (echo["method"], echo["form"]) == ("POST", {"a": "1", "b": "2"})


def test_the_answer_to_head_has_no_body(capfdbinary):
    """And the length that GET would have had."""
    lines, body = printed(capfdbinary, "-X", "HEAD", "https://mock.local/202")

    assert "Content-Length: 44" in lines
    assert body == ""


def test_an_error_status_is_an_answer(capfdbinary):
    """The call went well: exit status 0."""
    lines, _ = printed(capfdbinary, "https://mock.local/404")

    assert lines[0] == "HTTP/1.1 404 Not Found"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://api.example.com/me"], "no route fits GET https://api.example.com/me"),
        (["nonsense"], "httpx.UnsupportedProtocol: "),
        (["-H", "no colon", "https://mock.local/200"], "-H 'no colon' is not 'Name: value'"),
        (["https://mock.local/fault/connection_reset"], "ReadError"),
    ],
)
def test_what_goes_wrong_is_one_line_and_exit_status_1(arguments, said, capsys):
    """On standard error, and no traceback."""
    assert main(["get", "--client", "httpx", *arguments]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mockstatus: ")
    assert said in err
    assert len(err.splitlines()) == 1


def test_without_any_client_it_says_what_to_install(tmp_path):
    """In an environment that has none."""
    code = "import sys, importlib.util as u; u.find_spec = lambda name: None\nfrom mockstatus.cli import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", code, "get", "https://mock.local/202"], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert ran.stderr == "mockstatus: any HTTP client is missing: pip install httpx\n"


def test_a_closed_pipe_is_no_traceback():
    """As with ``mockstatus get … | head -1``."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "mockstatus", "get", "https://mock.local/202"],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)

    assert "Traceback" not in ran.stderr


def test_what_is_known_of_a_code_is_printed(capsys):
    """The catalogue on the command line."""
    assert main(["status", "429"]) == 0

    out = capsys.readouterr().out
    assert out.startswith("429 Too Many Requests\n")
    assert "RFC 6585" in out
    assert "Retry-After" in out


def test_words_find_codes(capsys):
    """All that mention them, the best first."""
    assert main(["status", "too", "many"]) == 0

    assert capsys.readouterr().out.startswith("429 Too Many Requests: ")


@pytest.mark.parametrize(("text", "said"), [("99", "99"), ("xyzzy", "no status code mentions 'xyzzy'")])
def test_an_unknown_code_is_one_line_and_exit_status_1(text, said, capsys):
    """It says which."""
    assert main(["status", text]) == 1

    assert said in capsys.readouterr().err


def test_unknown_arguments_are_a_usage_error():
    """Exit status 2, as with every command."""
    ran = run("get", "--nonsense", "https://mock.local/200")

    assert ran.returncode == 2
    assert "usage: mockstatus" in ran.stderr
