"""Cookies that are set, overwritten, expired and sent back; credentials that are sent, asked for and refused."""

from __future__ import annotations

from ..case import Call, Case, Page, Setup
from ..plain_http import OK, OK_BODY, json_answer, sized, answer
from .common import TWO, fine, page


def setting(*lines: str, path: str = "/page") -> Page:
    """A page that sets cookies."""
    pairs = [("Set-Cookie", line) for line in lines]
    return page(lambda route: route.respond(200, headers=pairs), json_answer(200, "OK", OK_BODY, *pairs), path=path)


THEN_OTHER = (Call(), Call(path="/other"), Call(path="/deep/down"))
CHALLENGE = 'Digest realm="here", nonce="abc123", qop="auth", algorithm={}, opaque="o"'
ONCE = 'Digest realm="here", nonce="abc123"'
DENIED = b'{"error": "unauthorized", "message": "Unauthorized"}'


def challenging(challenge: str, *, lets_in: bool = True) -> Page:
    """A page that asks for credentials first, and then lets in whoever has any."""
    refused = json_answer(401, "Unauthorized", DENIED, ("WWW-Authenticate", challenge))
    headers = {"WWW-Authenticate": challenge}
    if lets_in:
        return page(lambda route: route.respond(401, headers=headers).then(200), refused, OK)
    return page(lambda route: route.respond(401, headers=headers), refused)


BASIC = ("basic", "user", "pass word")
DIGEST = ("digest", "user", "secret")
CASES = [
    Case("cookie set and sent back", (setting("a=1"),), TWO),
    Case(
        "cookies set by name",
        (
            page(
                lambda route: route.respond(200, cookies={"a": "1", "b": "2"}),
                json_answer(200, "OK", OK_BODY, ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")),
            ),
        ),
        TWO,
    ),
    Case("two cookies in their order", (setting("b=2; HttpOnly", "a=1; SameSite=Lax"),), TWO),
    Case(
        "cookie for a path",
        (setting("a=1; Path=/deep", "b=2; Path=/"), fine("/other"), fine("/deep/down")),
        THEN_OTHER,
    ),
    Case("cookie that lives an hour", (setting("a=1; Max-Age=3600"),), TWO),
    Case("cookie with a date of expiry", (setting("a=1; Expires=Wed, 22 Nov 2090 10:15:30 GMT"),), TWO),
    Case("cookie that is expired", (setting("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),), TWO),
    Case(
        "cookie that is deleted",
        (setting("a=1", path="/page"), setting("a=; Max-Age=0; Path=/", path="/other"), fine("/deep/down")),
        THEN_OTHER,
    ),
    Case(
        "cookie that is overwritten",
        (setting("a=1; Path=/"), setting("a=2; Path=/", path="/other"), fine("/deep/down")),
        THEN_OTHER,
    ),
    Case("cookie for secure connections", (setting("a=1; Secure"),), TWO),
    Case("cookie for another domain", (setting("a=1; Domain=example.com"),), TWO),
    Case("cookie with quotes and an equals sign", (setting('a="x y"; Version=1', "b=c=d"),), TWO),
    Case("cookie without a value", (setting("a", "=b", "c="),), TWO),
    Case("cookies of the client", (setting("b=2"),), TWO, Setup(cookies={"a": "1"})),
    Case("cookies of the call", (fine(),), (Call(cookies={"a": "1"}), Call()), clients=("requests", "aiohttp")),
    Case(
        "cookie set on a 404",
        (
            page(
                lambda route: route.respond(404, text="no", cookies={"a": "1"}),
                answer(
                    404, "Not Found", sized("text/plain; charset=utf-8", b"no", ("Set-Cookie", "a=1; Path=/")), b"no"
                ),
            ),
        ),
        TWO,
    ),
    Case("basic credentials of the client", (fine(),), setup=Setup(auth=BASIC)),
    Case("basic credentials of the call", (fine(),), (Call(auth=BASIC), Call())),
    Case("basic credentials refused", (challenging('Basic realm="here"', lets_in=False),), setup=Setup(auth=BASIC)),
    Case("digest", (challenging(CHALLENGE.format("MD5")),), setup=Setup(auth=DIGEST)),
    Case("digest with SHA-256", (challenging(CHALLENGE.format("SHA-256")),), setup=Setup(auth=DIGEST)),
    Case("digest without qop", (challenging(ONCE),), setup=Setup(auth=DIGEST)),
    Case("digest refused", (challenging(CHALLENGE.format("MD5"), lets_in=False),), setup=Setup(auth=DIGEST)),
    Case("digest for two calls", (challenging(CHALLENGE.format("MD5")),), TWO, Setup(auth=DIGEST)),
    Case("digest with another challenge", (challenging('Bearer realm="here"'),), setup=Setup(auth=DIGEST)),
]
