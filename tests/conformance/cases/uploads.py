"""Requests: bodies of every kind, header fields of the caller's own, and URLs that have to be written right."""

from __future__ import annotations

from ..case import HTTPX, Body, Call, Case, Setup
from .common import fine

NOWHERE = ("ftp://127.0.0.1/page", "http:///page", "http://[::1/page", "http://127.0.0.1:port/page")
LARGE = b"0123456789" * 20_000
BODIES = {
    "bytes": Body("bytes", b"some bytes \x00\xff"),
    "no bytes": Body("bytes", b""),
    "200 kB": Body("bytes", LARGE),
    "a generator": Body("pieces", (b"one ", b"two ", b"three")),
    "a generator of nothing": Body("pieces", ()),
    "a file": Body("file", b"from a file " * 100),
    "a form": Body("form", {"name": "a b&c", "accent": "\xe9", "plus": "1+1"}),
    "JSON": Body("json", {"text": "na\xefve", "list": [1, 2.5, None, True]}),
    "text as JSON": Body("json", "only text"),
    "multipart": Body(
        "multipart",
        (
            {"field": "value", "accent": "\xe9"},
            {"file": ("a.txt", b"content\r\n", "text/plain"), "raw": ("b.bin", b"\x00\x01", "application/x-raw")},
        ),
    ),
}


def _with_headers(name: str, headers: dict[str, str], method: str = "GET", body: Body | None = None) -> Case:
    return Case(f"request with {name}", (fine(),), (Call(method, headers=headers, body=body),))


def _to(name: str, path: str) -> Case:
    return Case(f"request to {name}", (fine(path.partition("?")[0].partition("#")[0]),), (Call(path=path),))


CASES = [
    *(
        Case(f"upload of {name}", (fine(),), (Call("POST", body=body), Call("PUT", body=body)))
        for name, body in BODIES.items()
    ),
    *(
        Case(f"upload of {name} with {method}", (fine(),), (Call(method, body=BODIES[name]),))
        for name, method in (
            ("bytes", "PATCH"),
            ("bytes", "DELETE"),
            ("JSON", "GET"),
            ("a generator", "DELETE"),
            ("a form", "QUERY"),
        )
    ),
    Case(
        "every method without a body",
        (fine(),),
        tuple(Call(method) for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "BREW")),
    ),
    Case(
        "upload twice on one connection",
        (fine(),),
        (Call("POST", body=BODIES["JSON"]), Call("PUT", body=BODIES["bytes"])),
    ),
    _with_headers("a type of its own", {"Content-Type": "application/vnd.own+json"}, "POST", Body("bytes", b"{}")),
    _with_headers("a length of its own", {"Content-Length": "5"}, "POST", Body("bytes", b"12345")),
    _with_headers("Transfer-Encoding", {"Transfer-Encoding": "chunked"}, "POST", Body("pieces", (b"12345",))),
    _with_headers("Expect", {"Expect": "100-continue"}, "POST", Body("bytes", b"12345")),
    _with_headers("a host of its own", {"Host": "example.com"}),
    _with_headers("a user agent of its own", {"User-Agent": "own/1.0"}),
    _with_headers("an encoding of its own", {"Accept-Encoding": "identity;q=0.5"}),
    _with_headers("Connection: close", {"Connection": "close"}),
    _with_headers("odd names and empty values", {"x-lower": "1", "X-UPPER": "", "Z": "3", "A": "4"}),
    _with_headers("credentials of its own", {"Authorization": "Bearer abc", "Cookie": "a=1; b=2"}),
    _with_headers("a value in Latin-1", {"X-Name": "caf\xe9"}),
    _with_headers("an injected line break", {"X-Name": "a\r\nX-Injected: b"}),
    _with_headers("a name with a space", {"X Name": "a"}),
    _with_headers("a value with spaces around it", {"X-Name": " a "}),
    Case(
        "headers of the client",
        (fine(),),
        (Call(headers={"X-B": "2", "X-A": "own"}),),
        Setup(headers={"X-A": "1", "X-C": "3"}),
    ),
    _to("a path with a query", "/page?a=1&b=2&a=3&empty=&flag"),
    _to("a query with spaces and accents", "/page?q=a b&name=\xe9&plus=1+1&done=%C3%A9"),
    _to("a fragment", "/page?a=1#part"),
    _to("a path with escapes", "/a%20b/%2Fuser"),
    _to("a path with a colon and an at sign", "/a:b/@me/c;d=1"),
    Case("request to a path with accents", (fine("/caf%C3%A9"),), (Call(path="/caf\xe9"),)),
    Case("request to a path with a space", (fine("/a%20b"),), (Call(path="/a b"),)),
    Case("request to an empty path", (fine("/"),), (Call(path=""), Call(path="?a=1"))),
    Case("request with a method in lower case", (fine(),), (Call("get"),)),
    Case("request with dots in its path", (fine("/page"), fine("/a/../page")), (Call(path="/a/../page"),)),
    Case("upload that breaks in the caller's hands", (fine(),), (Call("POST", body=Body("broken", b"one")), Call())),
    *(Case(f"request to {url!r}", (), (Call(url=url),)) for url in NOWHERE),
    *(Case(f"request with the method {method!r}", (fine(),), (Call(method),)) for method in ("GE T", "G\u00c9T", "")),
    Case("request of a client that could speak HTTP/2", (fine(),), setup=Setup(http2=True), clients=HTTPX),
    Case("request that is traced", (fine(),), (Call("POST", body=BODIES["JSON"], trace=True),), clients=HTTPX),
    Case("request over TLS", (fine(),), (Call(), Call(read="pieces:7")), Setup(trusts=True), scheme="https"),
    Case("request without timeouts", (fine(),), setup=Setup(timeout=None)),
]
