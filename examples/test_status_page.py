"""Tests of the status page: mock.local has an answer for everything that can be the matter."""

import asyncio

import mockstatus
from status_page import look_at_all

EXPECTED = {
    "https://mock.local/200": "up",
    "https://mock.local/204": "up",
    "https://mock.local/redirect/2": "up",
    "https://mock.local/delay/3": "slow",
    "https://mock.local/delay/30": "down: no answer",
    "https://mock.local/503": "error: 503 Service Unavailable",
    "https://mock.local/404": "error: 404 Not Found",
    "https://mock.local/fault/connection_refused": "down: ConnectError",
    "https://mock.local/fault/read_timeout": "down: no answer",
    "https://mock.local/fault/empty_response": "down: RemoteProtocolError",
}


def test_every_state_is_told():
    with mockstatus.activate(time="virtual"):
        assert asyncio.run(look_at_all(EXPECTED)) == EXPECTED


def test_a_service_of_ones_own_is_looked_after_too():
    with mockstatus.activate(time="virtual") as router:
        router.get("https://shop.example.com/health").respond(200, delay=2.5)
        assert asyncio.run(look_at_all(["https://shop.example.com/health"])) == {
            "https://shop.example.com/health": "slow"
        }
