"""The 1xx rows of the catalogue: facts only, no behaviour."""

from mockstatus.statuses.status import HeaderFact as H
from mockstatus.statuses.status import Status

ROWS = (
    Status(
        100,
        "Continue",
        reference="RFC 9110, Section 15.2.1",
        summary="Nothing in the request headers stands in the way, so the body can now be sent.",
        causes=(
            "An upload with Expect: 100-continue passes its authentication and size checks",
            "curl holds back a big POST body until it hears from the server",
            "A proxy in front of an old HTTP/1.0 backend gives the go-ahead in its place",
            "A server emits 100 although the request carried no Expect header",
        ),
        use_cases=(
            "Check that several 100s before the final status leave the result unchanged",
            "Check that a client holding its body back stops waiting after its own timeout",
            "Check that the request log counts one exchange, not two, when a 100 comes first",
        ),
        client_should="Start or continue with the body, drop the 100 itself and read on until a final status comes.",
        related=(101, 413, 417),
        headers=(
            H("Content-Length", "must not", "", "", "RFC 9110, Section 8.6"),
            H("Transfer-Encoding", "must not", "", "", "RFC 9112, Section 6.1"),
        ),
        body="forbidden",
    ),
    Status(
        101,
        "Switching Protocols",
        reference="RFC 9110, Section 15.2.2",
        summary="The connection leaves HTTP: all bytes after these headers belong to a protocol the client offered.",
        causes=(
            "A WebSocket opening handshake goes through",
            "A container runtime turns docker exec or kubectl attach into a raw byte stream",
            "An old cleartext HTTP/2 setup moves the connection to h2c, a route RFC 9113 deprecates",
        ),
        use_cases=(
            "Run a WebSocket client through its handshake, with a right and a wrong Sec-WebSocket-Accept",
            "Check that a plain HTTP client raises a clear error when a 101 comes unasked",
            "Check that a subprotocol nobody offered makes the client close the connection",
        ),
        client_should="Compare the protocol with its offer, for WebSocket also the accept key, then leave HTTP.",
        related=(100, 200, 426),
        headers=(
            H("Upgrade", "must", "websocket", "", "RFC 9110, Section 7.8"),
            H("Connection", "must", "Upgrade", "", "RFC 9110, Section 7.8"),
            H(
                "Sec-WebSocket-Accept",
                "must",
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "for WebSocket",
                "RFC 6455, Section 4.2.2",
            ),
            H(
                "Sec-WebSocket-Protocol",
                "may",
                "chat",
                "WebSocket, and the subprotocol is on the client's list",
                "RFC 6455, Section 4.2.2",
            ),
            H(
                "Sec-WebSocket-Extensions",
                "may",
                "permessage-deflate",
                "WebSocket, and the client proposed the extension",
                "RFC 6455, Section 4.2.2",
            ),
            H("Content-Length", "must not", "", "", "RFC 9110, Section 8.6"),
            H("Transfer-Encoding", "must not", "", "", "RFC 9112, Section 6.1"),
        ),
        body="forbidden",
    ),
    Status(
        102,
        "Processing",
        reference="RFC 2518, Section 10.1",
        summary="A WebDAV server is still busy with a long operation and asks the client not to give up.",
        causes=(
            "Copying or moving a deep WebDAV folder takes more than about 20 seconds",
            "A slow report would otherwise trip the idle timeout of a load balancer",
            "An application server sends one every few seconds as a home-made heartbeat",
        ),
        use_cases=(
            "Check that the caller receives the final status and not the 102",
            "Send several 102s with pauses and check when the read timeout fires",
            "Check that a second request over the same socket gets its own answer",
        ),
        client_should="Count it as a sign of life for timeouts and otherwise act as if it had not been sent.",
        related=(100, 103, 202, 207),
        headers=(
            H(
                "Status-URI",
                "may",
                "200 <https://dav.example.com/docs/a.txt>",
                "reports how far a single resource has got",
                "RFC 2518, Section 9.7",
            ),
            H("Content-Length", "must not", "", "", "RFC 9110, Section 8.6"),
            H("Transfer-Encoding", "must not", "", "", "RFC 9112, Section 6.1"),
        ),
        body="forbidden",
        note="Deprecated: RFC 4918 took the place of RFC 2518 and dropped the code, but its registration remains.",
    ),
    Status(
        103,
        "Early Hints",
        reference="RFC 8297, Section 2",
        summary="Some headers of the coming answer, mostly Link preloads, are sent ahead while it is being made.",
        causes=(
            "A CDN repeats the Link headers it remembers for a page while it asks the origin",
            "A web framework can name a page's stylesheets before its queries have run",
            "A proxy is set up to announce preload links ahead of the page",
        ),
        use_cases=(
            "Send a 103 two or three times and check that the page itself still arrives",
            "Check that a Link seen only in the hints is missing from the headers of the result",
            "Show how a client built on http.client takes the 103 for the answer",
        ),
        client_should="Preload what looks useful if it can, and build the result from the final response alone.",
        related=(100, 102, 200),
        headers=(
            H(
                "Link",
                "may",
                "</static/app.css>; rel=preload; as=style",
                "the normal case; one field or several",
                "RFC 8297, Section 2",
            ),
            H("Content-Length", "must not", "", "", "RFC 9110, Section 8.6"),
            H("Transfer-Encoding", "must not", "", "", "RFC 9112, Section 6.1"),
        ),
        body="forbidden",
    ),
    Status(
        104,
        "Upload Resumption Supported",
        reference='draft-ietf-httpbis-resumable-upload, section "Status Code 104" (-15 published 2026-11-02)',
        summary="If this upload breaks off, it can be continued; the headers say where, or how far it has got.",
        causes=(
            "A client begins an upload in resumable form and is given a place for it",
            "A long PATCH is arriving and the server tells how much it has handled",
            "The URL loader of an operating system tests whether resuming is on offer",
        ),
        use_cases=(
            "Cut the transfer once the 104 is out and check that the client asks for the offset, then sends the rest",
            "Feed a progress bar with rising Upload-Offset values",
            "Check that a client without support for the code waits for the final status",
        ),
        client_should="Keep the address and the offset for a later attempt, and read on until the final response.",
        related=(100, 201, 204, 308, 409, 413),
        headers=(
            H(
                "Location",
                "must",
                "https://example.com/upload/b530ce8ff",
                "a new upload resource is announced; left out of progress reports",
                "draft-ietf-httpbis-resumable-upload, Upload Creation / Server Behavior",
            ),
            H(
                "Upload-Offset",
                "should",
                "23456789",
                "the server reports progress",
                "draft-ietf-httpbis-resumable-upload, Upload Append / Server Behavior",
            ),
            H(
                "Upload-Limit",
                "may",
                "max-size=1234567890, max-age=3600",
                "has to go with Location if the server sets limits",
                "draft-ietf-httpbis-resumable-upload, Limits",
            ),
            H("Content-Length", "must not", "", "", "RFC 9110, Section 8.6"),
            H("Transfer-Encoding", "must not", "", "", "RFC 9112, Section 6.1"),
        ),
        body="forbidden",
        note=(
            "Provisional: the registry as seen on 2025-09-15 lists it as temporary until 2026-11-13, "
            "and it is not known whether that date was extended."
        ),
    ),
)
