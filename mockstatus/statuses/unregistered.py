"""The rows of codes that IANA does not list but vendors use: facts only, no behaviour."""

from mockstatus.statuses.status import HeaderFact as H
from mockstatus.statuses.status import Status

# What Cloudflare puts on every error page of its own; only the value of cf-error-type differs from code to code.
_CLOUDFLARE = (
    H("Server", "may", "cloudflare", "", "vendor practice"),
    H("CF-RAY", "may", "9a1b2c3d4e5f6a7b-AMS", "", "vendor practice"),
    H(
        "cf-error-origin",
        "may",
        "edge",
        "on pages made by Cloudflare itself; names the system at fault, the value here is invented",
        "Cloudflare docs: error diagnostic headers",
    ),
    H(
        "Cache-Control",
        "may",
        "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0",
        "",
        "vendor practice",
    ),
)
_CLOUDFLARE_52X = (
    *_CLOUDFLARE,
    H(
        "cf-error-type",
        "may",
        "52x",
        "on pages made by Cloudflare itself, never on errors passed on from the origin",
        "Cloudflare docs: error diagnostic headers",
    ),
)

ROWS = (
    Status(
        218,
        "This is fine",
        reference="Apache HTTP Server / cPanel (per community lists)",
        summary="The proxy says all is well and passes the body on untouched, even if that body describes an error.",
        causes=(
            "A backend behind Apache picks a 2xx number so that ProxyErrorOverride does not replace its error page",
            "A shared-hosting setup answers with a leftover catch-all number",
            "Somebody wires the burning-room meme into a demo endpoint",
        ),
        use_cases=(
            "Check that a 2xx number missing from every enum is handled like 200",
            "Check that an error hidden in a successful response is still noticed",
        ),
        client_should="Handle the status like 200 and read the body before trusting that the call worked.",
        related=(200, 203, 500),
        body="optional",
        registered=False,
        note="Low confidence: known only from community lists, which credit Apache HTTP Server or cPanel.",
        vendor="Apache HTTP Server / cPanel (per community lists)",
    ),
    Status(
        419,
        "Page Expired",
        reference="Laravel",
        summary="The form's CSRF token is absent or too old, so Laravel refuses to process the submission.",
        causes=(
            "A visitor leaves a form open past the session lifetime and then submits it",
            "A script posts without the CSRF header or the hidden form field",
            "The session cookie is not sent back because its domain or SameSite setting is wrong",
            "A third-party webhook calls a route that still checks for a token",
        ),
        use_cases=(
            "Check that a stale token is fetched again and the form is sent once more",
            "Check that unsaved input survives when the session lapses",
        ),
        client_should="Fetch a fresh page or token, then resend the submission a single time.",
        related=(401, 403, 440),
        body="optional",
        registered=False,
        note=(
            "Older uses of the number exist: some servers meant 'Authentication Timeout', and WebDAV in its first "
            "drafts 'Insufficient Space on Resource'."
        ),
        vendor="Laravel",
    ),
    Status(
        420,
        "Enhance Your Calm",
        reference="Twitter API v1 (rate limiting)",
        summary="You are calling too fast; slow down before the next request (Twitter's number before 429).",
        causes=(
            "A client uses up its quota on the search or trends endpoints of Twitter's first API",
            "A recorded fixture or an outdated client library still carries the number",
            "A server borrows the name from the HTTP/2 error code that has the same pun",
        ),
        use_cases=(
            "Check that an old rate-limit branch backs off just as it does for 429",
            "Check that an unlisted 4xx falls back to the handling of 400",
        ),
        client_should="Pause as if the answer were 429, for as long as Retry-After says when it is there.",
        related=(429, 423),
        headers=(H("Retry-After", "may", "60", "when the server knows how long to pause", "RFC 9110, Section 10.2.3"),),
        body="optional",
        registered=False,
        note=(
            "Twitter has since moved to 429; Spring once had 420 as 'Method Failure' (deprecated there), and Shopify "
            "answered with it for locked stores until it changed to 423 on 2018-08-30."
        ),
        vendor="Twitter API v1 (rate limiting)",
    ),
    Status(
        430,
        "Shopify Security Rejection",
        reference="Shopify",
        summary="Shopify's security rules suspect an attack and turn the request away.",
        causes=(
            "Visits to a storefront follow the pattern of a bot",
            "A checkout script sends no believable User-Agent",
            "One client asks for a large number of URLs within moments",
        ),
        use_cases=(
            "Check that a storefront client stops instead of hammering after a security refusal",
            "Check that the refusal is reported differently from an exhausted rate limit",
        ),
        client_should="Lower the request rate and remove whatever makes the traffic resemble an attack.",
        related=(403, 429, 431),
        body="optional",
        registered=False,
        note=(
            "Shopify's older documentation calls 430 'Request Header Fields Too Large' and describes it as the answer "
            "to a burst of requests."
        ),
        vendor="Shopify",
    ),
    Status(
        440,
        "Login Time-out",
        reference="Microsoft IIS / Exchange Outlook Web App",
        summary="Your session has run out; sign in before you continue.",
        causes=(
            "An Outlook Web App or ActiveSync session passes its time limit",
            "An IIS application with session logic of its own discards the login",
            "A browser tab wakes up after hours in the background and polls",
        ),
        use_cases=(
            "Check that a lost session starts the sign-in flow although the code is not 401",
            "Check that an overnight sync job signs in again and carries on from where it stopped",
        ),
        client_should="Get a new session by signing in, and only then resend what was refused.",
        related=(401, 419),
        body="optional",
        registered=False,
        vendor="Microsoft IIS / Exchange Outlook Web App",
    ),
    Status(
        444,
        "No Response",
        reference="nginx",
        summary="nginx hangs up on purpose: the connection ends and not one byte of a response is sent.",
        causes=(
            "The default server block is configured to hang up on host names it does not serve",
            "A rule cuts off vulnerability scanners without giving them an answer",
            "An operator sheds abusive traffic at the lowest possible cost",
        ),
        use_cases=(
            "Check that a log parser understands a 444 entry",
            "Compare a literal 444 with a really dropped connection, which clients report as an exception",
        ),
        client_should="Expect an aborted connection rather than this number, and repeat only idempotent requests.",
        related=(400, 499),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire, because nginx closes the connection instead of answering; "
            "mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        449,
        "Retry With",
        reference="[MS-WDV] 3.1.5.5 and 2.2",
        summary="The server cannot decide yet: it needs further details from the client before it will answer.",
        causes=(
            "An Exchange ActiveSync device has not accepted the current policy and must provision first",
            "A server with Microsoft's WebDAV extensions lacks details about the client",
            "A replayed recording of an old intranet application contains the code",
        ),
        use_cases=(
            "Check that the client provisions itself and then repeats the request",
            "Check that a second 449 does not start an endless loop",
        ),
        client_should="Collect the missing details and reissue the request one time, with Ms-Echo-Reply under MS-WDV.",
        related=(401, 403, 428),
        headers=(H("Ms-Echo-Request", "must", 'opaque="7f3a91c4"', "", "[MS-WDV]"),),
        body="optional",
        registered=False,
        note=(
            "Under MS-WDV a request that carries Ms-Echo-Reply is already the second attempt, so it never gets "
            "another 449."
        ),
        vendor="Microsoft (MS-WDV)",
    ),
    Status(
        450,
        "Blocked by Windows Parental Controls",
        reference="Microsoft",
        summary="The page is off limits: the parental controls of this Windows machine stop it from loading.",
        causes=(
            "The family filter installed on the PC objects to the site",
            "A proxy that filters content imitates the Windows answer",
            "A classroom or kiosk computer runs with content rules enabled",
        ),
        use_cases=(
            "Check that the error message names the local filter rather than the remote site",
            "Check that a blocked page is not requested again and again",
        ),
        client_should="Tell the user that a filter on this machine stopped the page, and do not try again.",
        related=(403, 451),
        body="optional",
        registered=False,
        vendor="Microsoft",
    ),
    Status(
        460,
        "Client Closed Connection",
        reference="AWS ELB User Guide, Troubleshoot your Application Load Balancers",
        summary="The load balancer records that the client hung up while the idle timeout was still running.",
        causes=(
            "The caller stops waiting sooner than the load balancer would",
            "The user closes the page while a slow answer is pending",
            "A phone moves from Wi-Fi to mobile data in the middle of a request",
        ),
        use_cases=(
            "Check that an access-log parser counts abandoned requests correctly",
            "Check that a dashboard keeps abandoned requests apart from server failures",
        ),
        client_should="Allow more time than the slowest expected answer takes; this status leaves nothing to handle.",
        related=(408, 499, 504),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire: it exists only in the load balancer's log, and AWS gives it no "
            "phrase; mockstatus serves the number literally."
        ),
        vendor="AWS Application Load Balancer",
    ),
    Status(
        463,
        "Too Many Forwarded IPs",
        reference="AWS ELB User Guide, Troubleshoot your Application Load Balancers",
        summary="X-Forwarded-For holds more addresses than the load balancer accepts (its limit is 30).",
        causes=(
            "A request crosses so many proxies, each adding an address, that the list overflows",
            "Two proxies forward to each other in a circle",
            "A caller forges an overlong X-Forwarded-For header",
        ),
        use_cases=(
            "Check that one more proxy hop does not push the header over the limit",
            "Check that a forwarding loop raises an alarm instead of being retried",
        ),
        client_should="Repair the chain of proxies, since sending the same request again changes nothing.",
        related=(400, 431, 508),
        body="optional",
        registered=False,
        note="AWS lists only the number, without a phrase; Alibaba Cloud's ALB sends 463 when proxies form a loop.",
        vendor="AWS Application Load Balancer",
    ),
    Status(
        464,
        "Incompatible Protocol",
        reference="AWS ELB User Guide (current edition; seen second-hand)",
        summary="The load balancer cannot pass this HTTP version on to the chosen target group.",
        causes=(
            "An HTTP/1.1 client calls a service whose targets speak only HTTP/2 or gRPC",
            "A gRPC target group receives something other than a gRPC POST",
            "A health probe is hard-wired to the wrong protocol version",
        ),
        use_cases=(
            "Check that a gRPC client shows a helpful error when it is downgraded to HTTP/1.1",
            "Check that a misconfigured probe is not mistaken for a dead service",
        ),
        client_should="Switch to the protocol version for which the targets are configured.",
        related=(426, 505),
        body="optional",
        registered=False,
        note="AWS lists 464 as a bare number; it assigns no phrase.",
        vendor="AWS Application Load Balancer",
    ),
    Status(
        494,
        "Request Header Too Large",
        reference="nginx",
        summary="The request headers are larger than the buffers nginx sets aside for them.",
        causes=(
            "Cookies for the site accumulate until they outgrow the header buffer",
            "An oversized JWT travels in the Authorization header",
            "Every aborted single sign-on attempt leaves one more state cookie behind",
        ),
        use_cases=(
            "Check that the client sheds cookies and succeeds on the next attempt",
            "Check that the handler for oversized headers accepts 494 as well as 431",
        ),
        client_should="Shrink the cookies or other headers before sending the request again.",
        related=(400, 431),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire: nginx answers 400 with a page about a large header or cookie and "
            "keeps 494 for its log and error_page rules; mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        495,
        "SSL Certificate Error",
        reference="nginx ngx_http_special_response.c",
        summary="nginx checked the certificate that the client presented and does not accept it.",
        causes=(
            "The certificate of the client is past its expiry date",
            "The certificate was issued by a CA that the server does not trust",
            "The certificate appears on a revocation list",
            "A clock that is far off makes a good certificate seem expired or not yet valid",
        ),
        use_cases=(
            "Rehearse the replacement of an expired client certificate",
            "Check that a rejected certificate is reported as such and not as a bad request",
        ),
        client_should="Switch to a certificate that is still valid and comes from an issuer the server trusts.",
        related=(400, 401, 403, 496),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire: nginx turns it into 400 before answering; "
            "mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        496,
        "SSL Certificate Required",
        reference="nginx ngx_http_special_response.c",
        summary="nginx insists on a client certificate, and the TLS handshake brought none.",
        causes=(
            "A client without any certificate connects to a server that has ssl_verify_client switched on",
            "The settings of the client ask for mutual TLS but name no certificate file",
            "The user closes the browser's certificate dialog without choosing one",
        ),
        use_cases=(
            "Check that onboarding tells the user to install a certificate",
            "Check that a missing certificate and a rejected one (495) lead to different messages",
        ),
        client_should="Load a certificate into its TLS settings and connect again.",
        related=(400, 401, 495),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire: what nginx sends in its place is 400; "
            "mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        497,
        "HTTP Request Sent to HTTPS Port",
        reference="nginx ngx_http_special_response.c",
        summary="This port of nginx speaks TLS only, and the request came in unencrypted.",
        causes=(
            "A URL combines the http scheme with port 443",
            "A health check is set up without TLS by mistake",
            "A load balancer ends TLS itself and forwards to a port that expects it",
        ),
        use_cases=(
            "Check that a base URL with the wrong scheme produces a clear error",
            "Check that the client follows the redirect to https that some servers set up here",
        ),
        client_should="Repeat the request with an https URL.",
        related=(400, 301, 426),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire: nginx answers 400 with a page about plain HTTP on an HTTPS port, or "
            "redirects where an error_page rule for 497 says so; mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        498,
        "Invalid Token",
        reference="Esri ArcGIS for Server",
        summary="ArcGIS does not accept the token that came with this request.",
        causes=(
            "The lifetime of the token is over",
            "The token was issued for a different referer",
            "A restart of the server wipes out short-lived tokens",
        ),
        use_cases=(
            "Check that a refused token is replaced and the call is repeated once",
            "Check that an error object inside a 200 response is not taken for data",
        ),
        client_should="Obtain another token and try the call one more time.",
        related=(401, 499),
        body="optional",
        registered=False,
        note=(
            "Practically never reaches a client on the wire: ArcGIS answers 200 and puts 498 into the JSON body, and "
            "nginx has an unrelated internal 498; mockstatus serves the number literally."
        ),
        vendor="Esri ArcGIS for Server",
    ),
    Status(
        499,
        "Client Closed Request",
        reference="nginx",
        summary="nginx notes that the client disconnected while the answer was still in the making.",
        causes=(
            "The caller runs into its timeout or aborts before the response is ready",
            "A balancer in front of nginx loses patience earlier than nginx does",
            "A visitor moves on to another page while the request is running",
        ),
        use_cases=(
            "Check that an aborted call is logged as abandoned and not as a server fault",
            "Check that log tooling groups 499 with other client disconnects",
            "Check that a gateway turns a gRPC status of CANCELLED into 499",
        ),
        client_should="Do nothing, having left already; if a gateway does send 499, treat the call as aborted.",
        related=(408, 444, 460, 504),
        body="optional",
        registered=False,
        note=(
            "Never reaches a client on the wire from nginx, which only logs it; a few gateways do send it for aborted "
            "calls, ASP.NET Core has a constant for it, and ArcGIS means 'Token Required' by it (as a rule in the "
            "body of a 200); mockstatus serves the number literally."
        ),
        vendor="nginx",
    ),
    Status(
        509,
        "Bandwidth Limit Exceeded",
        reference="Apache bw_limited / cPanel hosting",
        summary="The site is cut off until its hosting plan gets a new bandwidth allowance.",
        causes=(
            "An account on shared hosting reaches its monthly transfer quota",
            "Other sites embed large images or videos straight from this one",
            "A burst of visitors is more than a small plan covers",
        ),
        use_cases=(
            "Check that the client does not retry this 5xx within seconds",
            "Check that a site without bandwidth gets its own message on a status page",
        ),
        client_should="Leave the site alone until the quota renews, or for as long as Retry-After says.",
        related=(429, 503, 507),
        headers=(
            H(
                "Retry-After",
                "may",
                "86400",
                "when the host knows the moment of renewal",
                "RFC 9110, Section 10.2.3",
            ),
        ),
        body="optional",
        registered=False,
        vendor="Apache bw_limited / cPanel hosting",
    ),
    Status(
        520,
        "Web Server Returned an Unknown Error",
        reference="Cloudflare",
        summary="What Cloudflare got from the origin was blank or broken, so there is no answer to pass on.",
        causes=(
            "The origin reads the request and then hangs up without a word",
            "The response headers of the origin are oversized or not valid HTTP",
            "The application process dies halfway through a response",
        ),
        use_cases=(
            "Check that an HTML error page from the CDN does not break the JSON parser",
            "Check that the retry policy knows which 52x codes are worth another attempt",
        ),
        client_should="Try again with growing pauses, but only calls that are safe to repeat.",
        related=(502, 521, 522),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        521,
        "Web Server Is Down",
        reference="Cloudflare",
        summary="Cloudflare knocked at the origin server and was turned away.",
        causes=(
            "The web server at the origin is not running",
            "A firewall rejects the address ranges of Cloudflare",
            "A rate limiter in front of the application bans the CDN after a surge",
        ),
        use_cases=(
            "Check that an outage triggers the failover to a standby host",
            "Check that the client waits longer after each failure",
        ),
        client_should="Wait, then try again at increasing intervals.",
        related=(502, 503, 522),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        522,
        "Connection Timed Out",
        reference="Cloudflare",
        summary="Cloudflare tried to reach the origin over TCP and gave up waiting for the connection.",
        causes=(
            "The origin is too busy to accept another connection",
            "A firewall silently discards packets from the CDN",
            "The DNS record still holds an address the origin has left",
        ),
        use_cases=(
            "Check that the list of codes worth retrying includes 522",
            "Check that the pauses between attempts grow up to their cap",
        ),
        client_should="Make another attempt later, and lengthen the pause after every failure.",
        related=(504, 521, 524),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        523,
        "Origin Is Unreachable",
        reference="Cloudflare",
        summary="Cloudflare finds no network path that leads to the origin server.",
        causes=(
            "The DNS entry for the origin contains a wrong address",
            "A provider stops announcing the network of the origin",
            "The machine that hosted the site no longer exists",
        ),
        use_cases=(
            "Check that traffic moves to a backup origin",
            "Check that an unreachable origin raises an alert for the operators",
        ),
        client_should="Hold off for a while, and longer each time, before another attempt.",
        related=(502, 522, 530),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        524,
        "A Timeout Occurred",
        reference="Cloudflare docs, Error 524",
        summary="The origin accepted the connection but did not answer within Cloudflare's time limit.",
        causes=(
            "A report takes longer than the 120 seconds that are allowed by default",
            "A database query or an LLM call behind the proxy is too slow",
            "A write to the origin makes no progress for 30 seconds",
        ),
        use_cases=(
            "Check that a POST is not repeated blindly when nobody knows whether it took effect",
            "Check that long work is moved to a job that answers 202 and is polled",
        ),
        client_should="Start long work as a job and poll it, and repeat only what is safe to repeat.",
        related=(504, 522, 202),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        525,
        "SSL Handshake Failed",
        reference="Cloudflare",
        summary="Cloudflare and the origin could not agree on a TLS connection.",
        causes=(
            "The origin presents no certificate on its HTTPS port",
            "The two sides share no cipher suite, or disagree about the server name",
            "The origin offers only TLS versions that are no longer accepted",
        ),
        use_cases=(
            "Check that the client counts this 5xx among those not worth retrying",
            "Check that a TLS failure behind the CDN reaches the people on call",
        ),
        client_should="Tell the operator of the site rather than retrying in a loop.",
        related=(502, 526, 495),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        526,
        "Invalid SSL Certificate",
        reference="Cloudflare",
        summary="Cloudflare runs in strict mode and does not trust the certificate that the origin presents.",
        causes=(
            "The certificate at the origin is self-signed or past its expiry date",
            "The certificate covers a different host name",
            "The origin does not send the intermediate certificate",
        ),
        use_cases=(
            "Check that the error points to the origin and not to the client's own trust store",
            "Check that the retry loop ends at once",
        ),
        client_should="Stop, and alert the operator, who has to put the certificate right.",
        related=(502, 525),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        vendor="Cloudflare",
    ),
    Status(
        527,
        "Railgun Listener to Origin Error",
        reference="Cloudflare",
        summary="The Railgun link from Cloudflare to the origin broke; the product itself is history.",
        causes=(
            "A log archive from the Railgun years is replayed",
            "A dashboard still has a panel for the code",
            "A test reuses a response recorded while the product existed",
        ),
        use_cases=(
            "Check that fixtures from years ago still load",
            "Check that an unlisted 5xx falls back to the handling of 500",
        ),
        client_should="Handle it the way it handles 502.",
        related=(520, 502),
        headers=_CLOUDFLARE_52X,
        body="optional",
        registered=False,
        note="Deprecated: Cloudflare has withdrawn Railgun and no longer documents the code.",
        vendor="Cloudflare",
    ),
    Status(
        529,
        "Site Is Overloaded",
        reference="Qualys SSL Labs; Anthropic API (overloaded_error)",
        summary="Everybody's requests are too much for the service at the moment; your own quota is not the issue.",
        causes=(
            "A provider of language models runs out of capacity",
            "The SSL Labs scanner has too many assessments running",
            "A worldwide surge in demand hits a popular API",
        ),
        use_cases=(
            "Check that overload (529) and rate limiting (429) take different retry paths",
            "Check that calls move to another model or region",
        ),
        client_should=(
            "Retry with pauses that grow exponentially and vary at random, then turn to a fallback or a queue."
        ),
        related=(429, 503),
        headers=(
            H("Retry-After", "may", "15", "when the service suggests a pause", "RFC 9110, Section 10.2.3"),
            H("request-id", "may", "req_018EeWyXxfu5pfWkrYcMdjWG", "", "vendor practice"),
        ),
        body="optional",
        registered=False,
        note="Several vendors: Qualys SSL Labs uses the number, and the Anthropic API sends it as overloaded_error.",
        vendor="Qualys SSL Labs; Anthropic API (overloaded_error)",
    ),
    Status(
        530,
        "Origin Error (1xxx)",
        reference="Cloudflare (carrier for 1xxx errors); Pantheon 'Site Is Frozen'; Shopify 'Origin DNS Error'",
        summary="Cloudflare could not serve the site; the 1xxx code in the page says why.",
        causes=(
            "DNS has no address for the origin (error 1016)",
            "No connector of a Cloudflare Tunnel is running (error 1033)",
            "A sandbox at Pantheon is frozen after a spell without visitors",
        ),
        use_cases=(
            "Check that the client reads the 1xxx code from the page or from cf-error-type",
            "Check that a passing DNS problem is retried and a lasting mistake is not",
        ),
        client_should="Look up the 1xxx code and try again only if that error tends to pass.",
        related=(502, 523),
        headers=(
            *_CLOUDFLARE,
            H(
                "cf-error-type",
                "may",
                "1016",
                "on pages made by Cloudflare itself; the 1xxx code of the error",
                "Cloudflare docs: error diagnostic headers",
            ),
        ),
        body="optional",
        registered=False,
        note=(
            "Several vendors: the summary is Cloudflare's meaning; Shopify's is 'Origin DNS Error', and a site hosted "
            "by Pantheon sends it while asleep ('Site Is Frozen')."
        ),
        vendor="Cloudflare (carrier for 1xxx errors); Pantheon 'Site Is Frozen'; Shopify 'Origin DNS Error'",
    ),
    Status(
        540,
        "Temporarily Disabled",
        reference="Shopify",
        summary="This endpoint is out of service for a while, by Shopify's own decision.",
        causes=(
            "Shopify shuts off part of its API to contain an incident",
            "A costly feature is paused while a flash sale runs",
            "An endpoint due for removal goes through a planned outage",
        ),
        use_cases=(
            "Check that the rest of the app keeps working when one endpoint is off",
            "Check that the feature comes back without a restart once the endpoint answers again",
        ),
        client_should="Do without the feature for now and try again after some time.",
        related=(503,),
        body="optional",
        registered=False,
        vendor="Shopify",
    ),
    Status(
        561,
        "Unauthorized",
        reference="AWS ELB User Guide, Troubleshoot your Application Load Balancers",
        summary="The load balancer could not sign the user in: the identity provider reported an error.",
        causes=(
            "The OIDC or Cognito settings of the listener are wrong",
            "The user refuses consent on the page of the provider",
            "The provider that handles logins is down",
        ),
        use_cases=(
            "Check that this 5xx is shown as a sign-in problem and not as a crash",
            "Check that a failing login does not go round in circles",
        ),
        client_should="Begin the sign-in from the start, and avoid automatic retries.",
        related=(401, 403, 502),
        body="optional",
        registered=False,
        vendor="AWS Application Load Balancer",
    ),
    Status(
        598,
        "Network Read Timeout Error",
        reference="some HTTP proxies (informal)",
        summary="The proxy gave up waiting for data from its upstream server.",
        causes=(
            "An old corporate proxy stops waiting for the next bytes",
            "A client library makes up a status for its own read timeout",
            "A monitoring tool files a probe that ran out of time under this number",
        ),
        use_cases=(
            "Check that it is mapped to the same timeout error as 504",
            "Check that charts and alerts accept a number outside the registry",
        ),
        client_should="Handle it the way it handles 504.",
        related=(504, 599),
        body="optional",
        registered=False,
        note="Low confidence: an informal convention of some proxies, known from secondary sources only.",
        vendor="some HTTP proxies (informal)",
    ),
    Status(
        599,
        "Network Connect Timeout Error",
        reference="some HTTP proxies; Tornado's HTTP client (internal)",
        summary="No connection came about in time, or Tornado's client ended up with no response of any kind.",
        causes=(
            "A proxy cannot reach the server behind it in time",
            "Tornado's HTTP client gives up and fills in 599 by itself",
            "A monitoring tool stores an unanswered probe under this number",
        ),
        use_cases=(
            "Check that a made-up status is treated as a transport failure",
            "Check that code moving away from Tornado no longer waits for 599",
        ),
        client_should="Treat it as a failed connection, not as an answer from the application.",
        related=(504, 522, 598),
        body="optional",
        registered=False,
        note="In Tornado the client itself sets the number, so it never travels on the wire; some proxies do send it.",
        vendor="some HTTP proxies; Tornado's HTTP client (internal)",
    ),
    Status(
        783,
        "Unexpected Token",
        reference="Shopify",
        summary="Shopify cannot parse the JSON that the client sent.",
        causes=(
            "A stray comma or quote makes the body invalid JSON",
            "The body is cut short on its way to the server",
            "The client posts form fields to an endpoint that wants JSON",
        ),
        use_cases=(
            "Check what the stack does with a status above 599: httpx raises in raise_for_status, requests does not",
            "Check that an enum of status codes does not crash on 783",
        ),
        client_should="Correct the body before sending it again, and count the number among the server errors.",
        related=(400, 422),
        body="optional",
        registered=False,
        note=(
            "Low confidence, and outside 100-599 and so not a valid HTTP status; the meaning attributed to Shopify "
            "was not confirmed at the source."
        ),
        vendor="Shopify",
    ),
    Status(
        999,
        "Request Denied",
        reference="LinkedIn",
        summary="LinkedIn suspects an automated visitor and will not show the page.",
        causes=(
            "A link checker follows a URL to a LinkedIn profile",
            "A request comes from a cloud provider's network without the usual browser headers",
            "A recording from the days when Yahoo limited traffic with the same number is replayed",
        ),
        use_cases=(
            "Check that a link checker lists such pages as unverified rather than dead",
            "Check that code relying on the ok flag of requests, which stays true here, still sees the refusal",
        ),
        client_should="Accept the refusal and move on without another attempt.",
        related=(403, 429),
        body="optional",
        registered=False,
        note=(
            "Low confidence, and outside 100-599 and so not a valid HTTP status; the use by LinkedIn is general "
            "knowledge that was not confirmed at a source."
        ),
        vendor="LinkedIn",
    ),
)
