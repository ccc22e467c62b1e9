"""Floors: each client over a stub that builds a fresh response with the same header fields and bytes for each call.

What a floor takes is the client's own; a mock cannot be faster without leaving out something that the client does.
"""

from __future__ import annotations

from http.client import HTTPMessage
from io import BytesIO
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPSConnectionPool

from benchmarks.answer import BODY, HEADERS, RAW_HEADERS, REASON, STATUS


def httpx_transport(client: Any) -> Any:
    """For httpx and httpx2, sync and async: a ``MockTransport`` whose handler builds the response."""

    def handle(request: Any) -> Any:
        return client.Response(STATUS, headers=RAW_HEADERS, stream=client.ByteStream(BODY))

    return client.MockTransport(handle)


class Adapter(HTTPAdapter):
    """For requests: builds urllib3's response and the requests response around it. urllib3's own code does not run."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = urllib3.HTTPResponse(
            body=BytesIO(BODY),
            headers=HEADERS,
            status=STATUS,
            version=11,
            reason=REASON,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
            request_url=request.url,
        )
        return self.build_response(request, response)


class Pool(HTTPSConnectionPool):
    """For urllib3: ``_make_request`` builds the response; what ``urlopen`` does around it is urllib3's own."""

    keeps_original = False

    def _make_request(self, conn: Any, method: str, url: str, **options: Any) -> Any:
        return urllib3.HTTPResponse(
            body=BytesIO(BODY),
            headers=HEADERS,
            status=STATUS,
            version=11,
            reason=REASON,
            preload_content=options["preload_content"],
            decode_content=options["decode_content"],
            enforce_content_length=options.get("enforce_content_length", True),
            original_response=Finished() if self.keeps_original else None,
            pool=self,
            connection=options["response_conn"],
            request_method=method,
            request_url=url,
            retries=options["retries"],
        )


class Finished:
    """What requests needs of http.client's response: its header fields for the cookie jar, and that it is read.

    Without it the pool would not get its connection back, and would make a new one for every call.
    """

    def __init__(self) -> None:
        self.msg = HTTPMessage()
        for name, value in HEADERS:
            self.msg.set_raw(name, value)

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


class DeepPool(Pool):
    """The same for requests, which does not preload its responses."""

    keeps_original = True


def urllib3_manager() -> urllib3.PoolManager:
    """urllib3 over the stub."""
    manager = urllib3.PoolManager()
    manager.pool_classes_by_scheme = {"https": Pool}
    return manager


def requests_session() -> requests.Session:
    """requests over the stub: the least that an answer can cost."""
    session = requests.Session()
    session.mount("https://", Adapter())
    return session


def requests_deep_session() -> requests.Session:
    """requests over urllib3 over the stub ("urllib3-deep"): the least that keeps retries, pools and errors working."""
    session = requests.Session()
    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = {"https": DeepPool}
    session.mount("https://", adapter)
    return session
