"""What each kind of answer, and none at all, is taken for."""

import asyncio

from examples.status_page import check


def test_each_service_is_shown_as_it_is(mock_router):
    mock_router.get("https://broken.example").fail("dns_failure")
    mock_router.get("https://late.example").respond(200, delay=5)
    urls = ["https://mock.local/200", "https://mock.local/404", "https://mock.local/500", "https://late.example", "https://broken.example"]

    found = asyncio.run(check(urls))

    assert list(found.values()) == ["up", "up", "down", "slow", "down"]
