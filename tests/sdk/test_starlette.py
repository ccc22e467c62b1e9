"""starlette's TestClient has a transport of its own, which calls the application: it is left alone."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import mockstatus


async def status(request):
    """An application that asks another service."""
    async with httpx2.AsyncClient() as client:
        answer = await client.get("https://api.example.com/health")
    return JSONResponse({"upstream": answer.status_code}, status_code=200 if answer.is_success else 502)


APP = Starlette(routes=[Route("/status", status)])


@pytest.mark.parametrize(("upstream", "expected"), [(200, 200), (503, 502)])
def test_the_application_is_called_and_what_it_calls_is_answered(upstream, expected):
    """The request to the test server is nobody's miss."""
    with mockstatus.activate() as router:
        router.get("https://api.example.com/health").respond(upstream)
        answer = TestClient(APP).get("/status")
    assert (answer.status_code, answer.json()) == (expected, {"upstream": upstream})
    assert len(router.calls) == 1
