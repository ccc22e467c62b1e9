"""OpenTelemetry's instrumentations of requests, urllib3 and httpx: they see the calls that mockstatus answers."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import requests
import urllib3
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import mockstatus

URL = "https://api.example.com/jobs"


def get_httpx(url):
    return httpx.get(url, verify=False, timeout=3).status_code


def get_async(url):
    async def main():
        async with httpx.AsyncClient(verify=False, timeout=3) as client:
            return (await client.get(url)).status_code

    return asyncio.run(main())


def get_urllib3(url):
    with urllib3.PoolManager(timeout=3, retries=False) as pool:
        return pool.request("GET", url).status


KINDS = {
    "requests": (RequestsInstrumentor, lambda url: requests.get(url, timeout=3).status_code, requests.ReadTimeout),
    "urllib3": (URLLib3Instrumentor, get_urllib3, urllib3.exceptions.ReadTimeoutError),
    "httpx": (HTTPXClientInstrumentor, get_httpx, httpx.ReadTimeout),
    "httpx-async": (HTTPXClientInstrumentor, get_async, httpx.ReadTimeout),
}
PLACES = [
    (requests.Session, "send"),
    (requests.adapters.HTTPAdapter, "send"),
    (urllib3.HTTPConnectionPool, "urlopen"),
    (urllib3.connection.HTTPConnection, "request"),
    (httpx.HTTPTransport, "handle_request"),
    (httpx.AsyncHTTPTransport, "handle_async_request"),
    (httpx.Client, "send"),
    (httpx.Client, "_transport_for_url"),
]


class Tracing:
    """One instrumentation, with the spans it makes."""

    def __init__(self, name):
        kind, self.get, self.timed_out = KINDS[name]
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.instrumentor = kind()
        self.is_on = False

    def begin(self):
        self.instrumentor.instrument(tracer_provider=self.provider)
        self.is_on = True

    def end(self):
        if self.is_on:
            self.instrumentor.uninstrument()
        self.is_on = False

    def statuses(self):
        """The statuses in the spans since the last time."""
        spans = self.exporter.get_finished_spans()
        self.exporter.clear()
        return [
            span.attributes.get("http.status_code", span.attributes.get("http.response.status_code")) for span in spans
        ]


@pytest.fixture(params=KINDS)
def tracing(request):
    tracing = Tracing(request.param)
    yield tracing
    tracing.end()


def stands():
    return [vars(owner).get(name) for owner, name in PLACES]


@pytest.fixture(autouse=True)
def all_is_as_it_was():
    """When both are off; after one more activation, which clears what was given back to a library out of order."""
    with mockstatus.activate():
        pass
    before = stands()
    yield
    with mockstatus.activate():
        pass
    assert stands() == before


def activate():
    router = mockstatus.Router()
    router.get(URL).respond(202)
    router.get(f"{URL}/slow").fail("read_timeout")
    return mockstatus.activate(router)


def both_work(tracing):
    assert [tracing.get(URL), tracing.get("https://mock.local/404")] == [202, 404]
    assert tracing.statuses() == [202, 404]
    with pytest.raises(tracing.timed_out):
        tracing.get(f"{URL}/slow")
    assert tracing.statuses() == [None]


def test_tracing_that_was_switched_on_before_sees_answered_calls(tracing):
    """As in a program that switches it on when it starts; a failed call has its span too."""
    tracing.begin()
    with activate():
        both_work(tracing)
    tracing.end()


def test_tracing_that_is_switched_on_inside_sees_answered_calls(tracing):
    """As in a test of code that switches it on."""
    with activate():
        tracing.begin()
        both_work(tracing)
        tracing.end()
        assert tracing.get(URL) == 202
        assert tracing.statuses() == []


def test_tracing_that_is_switched_off_inside_leaves_the_answers(tracing):
    """It was on before."""
    tracing.begin()
    with activate():
        both_work(tracing)
        tracing.end()
        assert tracing.get(URL) == 202


def test_tracing_that_stays_on_after_the_activation_goes_on(tracing):
    """It was switched on inside; the next activation is seen as well."""
    with activate():
        tracing.begin()
        both_work(tracing)
    with activate():
        both_work(tracing)
    tracing.end()
