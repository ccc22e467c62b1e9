"""The catalogue against the registry of HTTP status codes as of 15 September 2025, row by row."""

import pytest

from mockstatus import catalog

# The phrase that is sent, the section that defines the code, and whether a response has content.
REGISTRY = {
    100: ("Continue", "RFC 9110, Section 15.2.1", "forbidden"),
    101: ("Switching Protocols", "RFC 9110, Section 15.2.2", "forbidden"),
    102: ("Processing", "RFC 2518, Section 10.1", "forbidden"),
    103: ("Early Hints", "RFC 8297, Section 2", "forbidden"),
    104: (
        "Upload Resumption Supported",
        'draft-ietf-httpbis-resumable-upload, section "Status Code 104" (-15 published 2026-11-02)',
        "forbidden",
    ),
    200: ("OK", "RFC 9110, Section 15.3.1", "typical"),
    201: ("Created", "RFC 9110, Section 15.3.2", "typical"),
    202: ("Accepted", "RFC 9110, Section 15.3.3", "typical"),
    203: ("Non-Authoritative Information", "RFC 9110, Section 15.3.4", "typical"),
    204: ("No Content", "RFC 9110, Section 15.3.5", "forbidden"),
    205: ("Reset Content", "RFC 9110, Section 15.3.6", "forbidden"),
    206: ("Partial Content", "RFC 9110, Section 15.3.7", "typical"),
    207: ("Multi-Status", "RFC 4918, Section 11.1 and Section 13", "typical"),
    208: ("Already Reported", "RFC 5842, Section 7.1", "optional"),
    226: ("IM Used", "RFC 3229, Section 10.4.1", "typical"),
    300: ("Multiple Choices", "RFC 9110, Section 15.4.1", "typical"),
    301: ("Moved Permanently", "RFC 9110, Section 15.4.2", "typical"),
    302: ("Found", "RFC 9110, Section 15.4.3", "typical"),
    303: ("See Other", "RFC 9110, Section 15.4.4", "typical"),
    304: ("Not Modified", "RFC 9110, Section 15.4.5", "forbidden"),
    305: ("Use Proxy", "RFC 9110, Section 15.4.6", "optional"),
    306: ("Unused", "RFC 9110, Section 15.4.7", "optional"),
    307: ("Temporary Redirect", "RFC 9110, Section 15.4.8", "typical"),
    308: ("Permanent Redirect", "RFC 9110, Section 15.4.9", "typical"),
    400: ("Bad Request", "RFC 9110, Section 15.5.1", "typical"),
    401: ("Unauthorized", "RFC 9110, Section 15.5.2", "typical"),
    402: ("Payment Required", "RFC 9110, Section 15.5.3", "typical"),
    403: ("Forbidden", "RFC 9110, Section 15.5.4", "typical"),
    404: ("Not Found", "RFC 9110, Section 15.5.5", "typical"),
    405: ("Method Not Allowed", "RFC 9110, Section 15.5.6", "typical"),
    406: ("Not Acceptable", "RFC 9110, Section 15.5.7", "typical"),
    407: ("Proxy Authentication Required", "RFC 9110, Section 15.5.8", "typical"),
    408: ("Request Timeout", "RFC 9110, Section 15.5.9", "typical"),
    409: ("Conflict", "RFC 9110, Section 15.5.10", "typical"),
    410: ("Gone", "RFC 9110, Section 15.5.11", "typical"),
    411: ("Length Required", "RFC 9110, Section 15.5.12", "typical"),
    412: ("Precondition Failed", "RFC 9110, Section 15.5.13", "typical"),
    413: ("Content Too Large", "RFC 9110, Section 15.5.14", "typical"),
    414: ("URI Too Long", "RFC 9110, Section 15.5.15", "typical"),
    415: ("Unsupported Media Type", "RFC 9110, Section 15.5.16", "typical"),
    416: ("Range Not Satisfiable", "RFC 9110, Section 15.5.17", "typical"),
    417: ("Expectation Failed", "RFC 9110, Section 15.5.18", "typical"),
    418: ("I'm a teapot", "RFC 9110, Section 15.5.19", "optional"),
    421: ("Misdirected Request", "RFC 9110, Section 15.5.20", "typical"),
    422: ("Unprocessable Content", "RFC 9110, Section 15.5.21", "typical"),
    423: ("Locked", "RFC 4918, Section 11.3", "typical"),
    424: ("Failed Dependency", "RFC 4918, Section 11.4", "typical"),
    425: ("Too Early", "RFC 8470, Section 5.2", "typical"),
    426: ("Upgrade Required", "RFC 9110, Section 15.5.22", "typical"),
    428: ("Precondition Required", "RFC 6585, Section 3", "typical"),
    429: ("Too Many Requests", "RFC 6585, Section 4", "typical"),
    431: ("Request Header Fields Too Large", "RFC 6585, Section 5", "typical"),
    451: ("Unavailable For Legal Reasons", "RFC 7725, Section 3", "typical"),
    500: ("Internal Server Error", "RFC 9110, Section 15.6.1", "typical"),
    501: ("Not Implemented", "RFC 9110, Section 15.6.2", "typical"),
    502: ("Bad Gateway", "RFC 9110, Section 15.6.3", "typical"),
    503: ("Service Unavailable", "RFC 9110, Section 15.6.4", "typical"),
    504: ("Gateway Timeout", "RFC 9110, Section 15.6.5", "typical"),
    505: ("HTTP Version Not Supported", "RFC 9110, Section 15.6.6", "typical"),
    506: ("Variant Also Negotiates", "RFC 2295, Section 8.1", "typical"),
    507: ("Insufficient Storage", "RFC 4918, Section 11.5", "typical"),
    508: ("Loop Detected", "RFC 5842, Section 7.2", "typical"),
    510: ("Not Extended", "RFC 2774, Section 7", "typical"),
    511: ("Network Authentication Required", "RFC 6585, Section 6", "typical"),
}
# Codes that nobody registered, with the phrase that is sent or under which they are known.
WELL_KNOWN = {
    218: "This is fine",
    419: "Page Expired",
    420: "Enhance Your Calm",
    430: "Shopify Security Rejection",
    440: "Login Time-out",
    444: "No Response",
    449: "Retry With",
    450: "Blocked by Windows Parental Controls",
    460: "Client Closed Connection",
    463: "Too Many Forwarded IPs",
    464: "Incompatible Protocol",
    494: "Request Header Too Large",
    495: "SSL Certificate Error",
    496: "SSL Certificate Required",
    497: "HTTP Request Sent to HTTPS Port",
    498: "Invalid Token",
    499: "Client Closed Request",
    509: "Bandwidth Limit Exceeded",
    520: "Web Server Returned an Unknown Error",
    521: "Web Server Is Down",
    522: "Connection Timed Out",
    523: "Origin Is Unreachable",
    524: "A Timeout Occurred",
    525: "SSL Handshake Failed",
    526: "Invalid SSL Certificate",
    527: "Railgun Listener to Origin Error",
    529: "Site Is Overloaded",
    530: "Origin Error (1xxx)",
    540: "Temporarily Disabled",
    561: "Unauthorized",
    598: "Network Read Timeout Error",
    599: "Network Connect Timeout Error",
    783: "Unexpected Token",
    999: "Request Denied",
}
# Codes that no client ever receives where they come from; here they are served as any other.
NEVER_SENT = (444, 460, 494, 495, 496, 497, 498, 499)
CACHEABLE = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501}  # RFC 9110, Section 15.1
CACHEABLE_BY_OTHERS = {451}  # RFC 7725, Section 3
NEVER_STORED = {428, 429, 431, 511}  # RFC 6585, Sections 3 to 6


def test_the_registry_and_the_well_known_codes_are_the_catalogue():
    assert len(REGISTRY) == 64
    assert len(WELL_KNOWN) == 34
    assert list(catalog) == sorted({**REGISTRY, **WELL_KNOWN})


@pytest.mark.parametrize(("code", "facts"), REGISTRY.items())
def test_a_registered_row_says_what_the_registry_and_its_specification_say(code, facts):
    row = catalog[code]

    assert (row.phrase, row.reference, row.body) == facts
    assert row.registered


@pytest.mark.parametrize(("code", "phrase"), WELL_KNOWN.items())
def test_an_unregistered_row_says_how_the_code_is_known_and_that_it_is_not_registered(code, phrase):
    row = catalog[code]

    assert row.phrase == phrase
    assert not row.registered
    assert row.vendor or row.reference
    assert row.body == "optional"  # nobody has the right to forbid it, and what is never sent has no rule


@pytest.mark.parametrize("code", NEVER_SENT)
def test_a_code_that_no_client_receives_from_its_inventor_says_so(code):
    assert "never reaches a client on the wire" in catalog[code].note.lower()


def test_these_codes_and_no_others_are_cacheable_without_explicit_freshness():
    assert {row.code for row in catalog.values() if row.cacheable} == CACHEABLE | CACHEABLE_BY_OTHERS
    assert not {code for code in NEVER_STORED if catalog[code].cacheable}


def test_421_is_no_longer_cacheable_by_default_as_it_was_in_http_2():
    assert not catalog[421].cacheable
