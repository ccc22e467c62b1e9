"""The registered 5xx rows of the catalogue: facts only, no behaviour."""

from mockstatus.statuses.status import HeaderFact as H
from mockstatus.statuses.status import Status

ROWS = (
    Status(
        500,
        "Internal Server Error",
        reference="RFC 9110, Section 15.6.1",
        summary="Something has broken on the server's side, and it has no better word for it.",
        causes=(
            "An exception escapes from the request handler",
            "A new release starts with a setting missing",
            "The database rejects a statement and the framework gives up",
            "The worker process dies in the middle of the request",
        ),
        use_cases=(
            "Check that a GET is tried again and a POST is not",
            "Hand the JSON parser an HTML stack trace",
            "Verify that the request id ends up in the error report",
        ),
        client_should="The client repeats idempotent calls only, with ever longer pauses, then reports the fault.",
        related=(502, 503, 504),
    ),
    Status(
        501,
        "Not Implemented",
        reference="RFC 9110, Section 15.6.2",
        summary="The server has no code for what is asked; most often it has never heard of the method.",
        causes=(
            "The method is an invention that no part of the server recognizes",
            "Python's http.server is sent a PATCH",
            "A load balancer cannot decode the given Transfer-Encoding",
            "The endpoint is announced but still an empty shell",
        ),
        use_cases=(
            "Check that the client takes a simpler route when a feature is missing",
            "Verify that this 5xx is left out of the retry policy",
        ),
        client_should="The client finds another way or does without, since waiting changes nothing.",
        related=(405, 505),
        cacheable=True,
    ),
    Status(
        502,
        "Bad Gateway",
        reference="RFC 9110, Section 15.6.3",
        summary="The proxy in front is fine, but what it received from the machine behind makes no sense.",
        causes=(
            "The application dies or cuts the connection before its answer is complete",
            "The backend emits a header that is broken or too big for the proxy",
            "The backend closes idle connections sooner than the balancer expects",
            "Old instances shut down during a rollout while requests still reach them",
        ),
        use_cases=(
            "Check that reads are repeated after a growing delay",
            "Parse the HTML page that the proxy sends in place of JSON",
            "Handle an order that may or may not have been placed",
        ),
        client_should="The client repeats idempotent calls shortly after and assumes nothing about the others.",
        related=(500, 503, 504, 520),
        headers=(
            H("Via", "may", "1.1 gw.example.com", "", "RFC 9110, Section 7.6.3"),
            H("Proxy-Status", "may", "gw.example.com; error=http_protocol_error", "", "RFC 9209, Section 2"),
        ),
    ),
    Status(
        503,
        "Service Unavailable",
        reference="RFC 9110, Section 15.6.4",
        summary="The service is overloaded or down for maintenance and should be back before long.",
        causes=(
            "The operators take the site down for an update",
            "Every instance behind the balancer fails its health check",
            "An open circuit breaker or a load shedder turns traffic away",
            "New instances are still booting",
        ),
        use_cases=(
            "Check both forms of Retry-After, the number and the date",
            "Keep urllib3 from truly sleeping during the test run",
            "Trip the circuit breaker and see it recover",
        ),
        client_should="The client comes back when Retry-After has passed, or after pauses that grow each time.",
        related=(429, 500, 502, 504, 529),
        headers=(
            H("Retry-After", "may", "300", "a number of seconds, or a date", "RFC 9110, Section 15.6.4"),
            H("RateLimit", "may", '"hourly";r=0;t=120', "", "draft-ietf-httpapi-ratelimit-headers-11, Section 4"),
        ),
    ),
    Status(
        504,
        "Gateway Timeout",
        reference="RFC 9110, Section 15.6.5",
        summary="The proxy in front has waited long enough for the machine behind it and stops waiting.",
        causes=(
            "A report query runs on after the balancer's sixty seconds are over",
            "Two backend threads block each other for good",
            "The address of the backend does not resolve, or nothing picks up there",
            "A cache is told only-if-cached and has nothing stored",
        ),
        use_cases=(
            "Check that an order is looked up before it is placed again",
            "Tell this answer from the client's own timeout",
        ),
        client_should="The client repeats idempotent calls, and looks up what became of the rest before it acts.",
        related=(408, 502, 503, 522, 524),
        headers=(
            H("Via", "may", "1.1 gw.example.com", "", "RFC 9110, Section 7.6.3"),
            H("Proxy-Status", "may", "gw.example.com; error=connection_timeout", "", "RFC 9209, Section 2"),
        ),
    ),
    Status(
        505,
        "HTTP Version Not Supported",
        reference="RFC 9110, Section 15.6.6",
        summary="This major version of HTTP is one that the server cannot use, or has decided not to.",
        causes=(
            "A client opens with HTTP/2 on an unencrypted HTTP/1.1 port",
            "The version in the request line is garbled",
            "An appliance from another decade answers",
        ),
        use_cases=(
            "Check that the client steps down to HTTP/1.1",
            "Put an outdated proxy in between and read the message the user gets",
        ),
        client_should="The client asks again in a major version that the server knows.",
        related=(426, 501),
    ),
    Status(
        506,
        "Variant Also Negotiates",
        reference="RFC 2295, Section 8.1",
        summary="The server is set up wrongly: the version it picks asks for another round of negotiation.",
        causes=(
            "Type maps of Apache mod_negotiation refer to each other in a circle",
            "A type map names its own file among the choices",
            "An entry in the list of variants is wrong",
        ),
        use_cases=(
            "Watch the fallback for server errors that the client has no branch for",
            "Verify that a setup fault on the server is not tried again",
        ),
        client_should="The client tells the operator and does not try again.",
        related=(300, 406, 500, 508),
        headers=(
            H("TCN", "may", "list", "says how the negotiation went", "RFC 2295, Section 8.5"),
            H(
                "Alternates",
                "may",
                '{"paper.1" 0.9 {type text/html} {language en}}',
                "",
                "RFC 2295, Section 8.3",
            ),
        ),
    ),
    Status(
        507,
        "Insufficient Storage",
        reference="RFC 4918, Section 11.5",
        summary="The server has run out of room, for the time being, to keep what the request needs kept.",
        causes=(
            "A Nextcloud user has filled the space allotted to the account",
            "Nothing more fits into the mail account or the storage bucket",
            "The result of a WebDAV SEARCH does not fit in temporary space",
        ),
        use_cases=(
            "Check that the sync job halts and does not run in circles",
            "Tell the user how much room is left and how to get more",
        ),
        client_should="The client stops, has room made or bought, and tries again only when the user says so.",
        related=(413, 423, 503),
        headers=(
            H(
                "Content-Type",
                "should",
                'application/xml; charset="utf-8"',
                "the body can state the reason, e.g. DAV:quota-not-exceeded",
                "RFC 4918, Section 8.7",
            ),
        ),
    ),
    Status(
        508,
        "Loop Detected",
        reference="RFC 5842, Section 7.2",
        summary="The server breaks off a walk of unlimited depth because a collection leads back into itself.",
        causes=(
            "A PROPFIND of infinite depth meets a folder bound inside itself",
            "A shared host shows its resource limit page under this number",
            "Requests circle between two deployments on a platform such as Vercel",
        ),
        use_cases=(
            "Check that a recursive directory walk ends",
            "Recognize two proxies that forward to each other",
        ),
        client_should="The client asks for fewer levels at once, or has the cycle taken out.",
        related=(207, 208, 506),
        note="Shared hosts and Vercel use the number unofficially for resource limits and forwarding loops.",
    ),
    Status(
        510,
        "Not Extended",
        reference="RFC 2774, Section 7",
        summary="The request lacks an HTTP extension the server insists on, in a scheme that is now history.",
        causes=(
            "Hardly any live server sends it",
            "An API misuses it to say that a feature is switched off",
            "A test runs through every number in the registry",
        ),
        use_cases=(
            "Check how the client deals with a 5xx it has no branch for",
            "Verify that an enum of statuses covers withdrawn numbers too",
        ),
        client_should="The client handles it the way it handles 500, without another attempt.",
        related=(417, 501),
        note="The IANA registry flags it OBSOLETED, and RFC 2774 itself has Historic status.",
    ),
    Status(
        511,
        "Network Authentication Required",
        reference="RFC 6585, Section 6",
        summary="The local network, not the site, holds the request back until the user has logged in there.",
        causes=(
            "A traveller opens the first page after joining the Wi-Fi of a hotel",
            "A visitor has yet to agree to the rules of the guest network",
            "A mobile plan is out of credit and its portal steps in",
        ),
        use_cases=(
            "Check that the portal's HTML never reaches the API parser",
            "Run the connectivity probe and see it report a portal",
        ),
        client_should="The client shows the user the way to the login page and holds its calls until that is done.",
        related=(302, 401, 407),
        headers=(
            H(
                "Cache-Control",
                "may",
                "no-store",
                "a reminder; storing it is ruled out already",
                "RFC 9111, Section 5.2.2.5",
            ),
        ),
    ),
)
