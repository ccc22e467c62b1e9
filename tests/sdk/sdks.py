"""The SDKs: how each is called, what its real service answers, and what the SDK itself makes of it.

What is expected stands here as the SDKs document it: the classes of their errors, and how many attempts they make.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import anthropic
import botocore.config
import botocore.exceptions
import botocore.session
import github
import httpx2
import huggingface_hub
import huggingface_hub.errors
import huggingface_hub.utils
import mistralai.client
import mistralai.client.errors
import mistralai.client.utils
import openai
import requests
import stripe
from google import genai
from google.genai import errors as genai_errors
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client as TwilioClient
from urllib3.util import Retry

import mockstatus

TIMEOUT = 7.0  # the read timeout that every client is given, in seconds
PHRASES = {401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 500: "Internal", 503: "Unavailable"}


@dataclass(frozen=True)
class Sdk:
    """One SDK: ``make`` its client, ``call`` it, and tell by ``told`` that the answer has arrived."""

    client: str
    method: str
    url: str
    make: Callable[[], Any]
    call: Callable[[Any], Any]
    success: Mapping[str, Any]
    told: Callable[[Any], object]
    expected: object
    error: Callable[[int], Mapping[str, Any]]
    kinds: Mapping[int, type[Exception]]
    timed_out: type[Exception]
    reset: type[Exception]
    attempts: Mapping[int | str, int]  # by status or fault; where it is not named, 1; 0 for several, by chance
    retries: Collection[int] = (429, 503)  # the statuses after which it tries again by itself

    def reply(self, status: int = 200, *, headers: Mapping[str, str] | None = None) -> mockstatus.Reply:
        """What the service answers; an error says when to come back only where a test says so."""
        if status == 200:
            return mockstatus.reply(200, **self.success)
        error = dict(self.error(status))
        headers = {"Retry-After": None, **error.pop("headers", {}), **(headers or {})}
        return mockstatus.reply(status, headers=headers, **error)

    def route(self, router: mockstatus.Router) -> mockstatus.Route:
        """The route of the call."""
        return router.route(self.method, self.url)


def _object(kinds: Mapping[int, str]) -> Callable[[int], Mapping[str, Any]]:
    def error(status: int) -> Mapping[str, Any]:
        return {"json": {"error": {"message": PHRASES[status], "type": kinds[status], "param": None, "code": None}}}

    return error


# --- openai and anthropic, over httpx2 --------------------------------------------------------------------------------

COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "gpt-5",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
QUESTION = [{"role": "user", "content": "Hi"}]

OPENAI = Sdk(
    client="httpx2",
    method="POST",
    url="https://api.openai.com/v1/chat/completions",
    make=lambda: openai.OpenAI(api_key="sk-test", timeout=TIMEOUT, max_retries=2),
    call=lambda client: client.chat.completions.create(model="gpt-5", messages=QUESTION),
    success={"json": COMPLETION},
    told=lambda completion: completion.choices[0].message.content,
    expected="Hello",
    error=_object(
        {
            401: "invalid_request_error",
            404: "invalid_request_error",
            429: "rate_limit_exceeded",
            500: "server_error",
            503: "server_error",
        }
    ),
    kinds={
        401: openai.AuthenticationError,
        404: openai.NotFoundError,
        429: openai.RateLimitError,
        500: openai.InternalServerError,
        503: openai.InternalServerError,
    },
    timed_out=openai.APITimeoutError,
    reset=openai.APIConnectionError,
    attempts={429: 3, 500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
ANTHROPIC_KINDS = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
}

ANTHROPIC = Sdk(
    client="httpx2",
    method="POST",
    url="https://api.anthropic.com/v1/messages",
    make=lambda: anthropic.Anthropic(api_key="sk-test", timeout=TIMEOUT, max_retries=2),
    call=lambda client: client.messages.create(model="claude", max_tokens=9, messages=QUESTION),
    success={"json": MESSAGE},
    told=lambda message: message.content[0].text,
    expected="Hello",
    error=lambda status: {
        "json": {"type": "error", "error": {"type": ANTHROPIC_KINDS[status], "message": PHRASES[status]}}
    },
    kinds={
        401: anthropic.AuthenticationError,
        404: anthropic.NotFoundError,
        429: anthropic.RateLimitError,
        500: anthropic.InternalServerError,
        503: anthropic.InternalServerError,
    },
    timed_out=anthropic.APITimeoutError,
    reset=anthropic.APIConnectionError,
    attempts={429: 3, 500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)


# --- google-genai and mistralai ---------------------------------------------------------------------------------------


def _make_genai() -> Any:
    retries = genai.types.HttpRetryOptions(attempts=3, initial_delay=1.0, http_status_codes=[429, 500, 503])
    options = genai.types.HttpOptions(timeout=int(TIMEOUT * 1000), retry_options=retries)
    return genai.Client(api_key="test", http_options=options)


GENAI = Sdk(
    client="httpx2",
    method="POST",
    url="https://generativelanguage.googleapis.com/{version}/models/gemini:generateContent",
    make=_make_genai,
    call=lambda client: client.models.generate_content(model="gemini", contents="Hi"),
    success={"json": {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}}]}},
    told=lambda answer: answer.text,
    expected="Hello",
    error=lambda status: {
        "json": {"error": {"code": status, "message": PHRASES[status], "status": PHRASES[status].upper()}}
    },
    kinds={
        401: genai_errors.ClientError,
        404: genai_errors.ClientError,
        429: genai_errors.ClientError,
        500: genai_errors.ServerError,
        503: genai_errors.ServerError,
    },
    timed_out=httpx2.ReadTimeout,
    reset=httpx2.ReadError,
    attempts={429: 3, 500: 3, 503: 3, "read_timeout": 3},
)


def _make_mistral() -> Any:
    backoff = mistralai.client.utils.BackoffStrategy(500, 4000, 2.0, 5000)
    retries = mistralai.client.utils.RetryConfig("backoff", backoff, retry_connection_errors=True)
    return mistralai.client.Mistral(api_key="test", timeout_ms=int(TIMEOUT * 1000), retry_config=retries)


MISTRAL = Sdk(
    client="httpx2",
    method="POST",
    url="https://api.mistral.ai/v1/chat/completions",
    make=_make_mistral,
    call=lambda client: client.chat.complete(model="mistral", messages=QUESTION),
    success={"json": COMPLETION},
    told=lambda completion: completion.choices[0].message.content,
    expected="Hello",
    error=lambda status: {"json": {"object": "error", "message": PHRASES[status], "type": "error", "code": status}},
    kinds=dict.fromkeys((401, 404, 429, 500, 503), mistralai.client.errors.SDKError),
    timed_out=httpx2.ReadTimeout,
    reset=httpx2.ReadError,
    attempts={429: 0, 500: 0, 503: 0, "connection_reset": 0},  # until 5 s have passed
)


# --- huggingface_hub --------------------------------------------------------------------------------------------------

HUB = Sdk(
    client="httpx2",
    method="GET",
    url="https://huggingface.co/api/models/org/model",
    make=lambda: huggingface_hub.HfApi(token="hf_test"),
    call=lambda api: api.model_info("org/model", timeout=TIMEOUT),
    success={"json": {"id": "org/model", "siblings": [], "tags": [], "private": False, "downloads": 3}},
    told=lambda info: info.downloads,
    expected=3,
    error=lambda status: {
        "json": {"error": PHRASES[status]},
        "headers": {"X-Error-Code": "RepoNotFound"} if status == 404 else {},
    },
    kinds={
        401: huggingface_hub.errors.HfHubHTTPError,
        404: huggingface_hub.errors.RepositoryNotFoundError,
        429: huggingface_hub.errors.HfHubHTTPError,
        500: huggingface_hub.errors.HfHubHTTPError,
        503: huggingface_hub.errors.HfHubHTTPError,
    },
    timed_out=httpx2.ReadTimeout,
    reset=httpx2.ReadError,
    attempts={},
    retries=(),
)

HUB_BACKOFF = Sdk(
    client="httpx2",
    method="GET",
    url="https://huggingface.co/org/model/resolve/main/config.json",
    make=lambda: huggingface_hub.utils.http_backoff,
    call=lambda backoff: backoff(
        "GET",
        "https://huggingface.co/org/model/resolve/main/config.json",
        max_retries=2,
        retry_on_status_codes=(429, 500, 503),
        timeout=TIMEOUT,
    ),
    success={"json": {"hidden_size": 8}},
    told=lambda response: response.json()["hidden_size"],
    expected=8,
    error=HUB.error,
    kinds=dict.fromkeys((429, 500, 503), huggingface_hub.errors.HfHubHTTPError),
    timed_out=httpx2.ReadTimeout,
    reset=httpx2.ReadError,
    attempts={429: 3, 500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)


# --- over requests: stripe, PyGithub, twilio --------------------------------------------------------------------------

STRIPE_TYPES = {
    401: "invalid_request_error",
    404: "invalid_request_error",
    429: "invalid_request_error",
    500: "api_error",
    503: "api_error",
}

STRIPE = Sdk(
    client="requests",
    method="GET",
    url="https://api.stripe.com/v1/customers/cus_1",
    make=lambda: stripe.StripeClient(
        "sk_test_1", max_network_retries=2, http_client=stripe.RequestsClient(timeout=TIMEOUT)
    ),
    call=lambda client: client.v1.customers.retrieve("cus_1"),
    success={"json": {"id": "cus_1", "object": "customer", "email": "a@example.com"}},
    told=lambda customer: customer.email,
    expected="a@example.com",
    error=lambda status: {"json": {"error": {"message": PHRASES[status], "type": STRIPE_TYPES[status]}}},
    kinds={
        401: stripe.AuthenticationError,
        404: stripe.InvalidRequestError,
        429: stripe.RateLimitError,
        500: stripe.APIError,
        503: stripe.APIError,
    },
    timed_out=stripe.APIConnectionError,
    reset=stripe.APIConnectionError,
    attempts={500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
    retries=(503,),  # a 429 is the caller's to wait for
)

GITHUB_MESSAGES = {401: "Bad credentials", 429: "API rate limit exceeded for user ID 1."}

GITHUB = Sdk(
    client="requests",
    method="GET",
    url="https://api.github.com/users/octocat",
    make=lambda: github.Github(
        auth=github.Auth.Token("ghp_test"),
        timeout=int(TIMEOUT),
        retry=github.GithubRetry(total=2),
        seconds_between_requests=0,
    ),
    call=lambda client: client.get_user("octocat"),
    success={"json": {"login": "octocat", "id": 1, "url": "https://api.github.com/users/octocat"}},
    told=lambda user: user.login,
    expected="octocat",
    error=lambda status: {
        "json": {
            "message": GITHUB_MESSAGES.get(status, PHRASES[status]),
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
    },
    kinds={
        401: github.BadCredentialsException,
        404: github.UnknownObjectException,
        429: github.GithubException,
        500: requests.exceptions.RetryError,
        503: requests.exceptions.RetryError,
    },
    timed_out=requests.ConnectionError,
    reset=requests.ConnectionError,
    attempts={500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)


def _make_twilio() -> Any:
    retries = Retry(total=2, status_forcelist=[429, 503], allowed_methods=None, backoff_factor=1, raise_on_status=False)
    return TwilioClient("AC1", "token", http_client=TwilioHttpClient(timeout=TIMEOUT, max_retries=retries))


TWILIO = Sdk(
    client="requests",
    method="POST",
    url="https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
    make=_make_twilio,
    call=lambda client: client.messages.create(to="+15550001", from_="+15550002", body="Hi"),
    success={"json": {"sid": "SM1", "status": "queued"}},
    told=lambda message: message.sid,
    expected="SM1",
    error=lambda status: {
        "json": {"code": 20003, "message": PHRASES[status], "more_info": "https://www.twilio.com", "status": status}
    },
    kinds=dict.fromkeys((401, 404, 429, 500, 503), TwilioRestException),
    timed_out=requests.ConnectionError,
    reset=requests.ConnectionError,
    attempts={429: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)


# --- over pools of its own: botocore ----------------------------------------------------------------------------------


def _make_s3() -> Any:
    session = botocore.session.Session()
    session.set_credentials("key", "secret")
    config = botocore.config.Config(read_timeout=TIMEOUT, retries={"mode": "standard", "total_max_attempts": 3})
    return session.create_client("s3", region_name="us-east-1", config=config)


def _s3_error(status: int) -> Mapping[str, Any]:
    code = {401: "Unauthorized", 404: "NoSuchKey", 429: "SlowDown", 500: "InternalError", 503: "SlowDown"}[status]
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{PHRASES[status]}</Message></Error>"
    return {"content": text.encode(), "headers": {"Content-Type": "application/xml"}}


BOTOCORE = Sdk(
    client="urllib3",
    method="GET",
    url="https://bucket.s3.amazonaws.com/key",
    make=_make_s3,
    call=lambda client: client.get_object(Bucket="bucket", Key="key"),
    success={"content": b"Hello", "headers": {"ETag": '"1"'}},
    told=lambda answer: answer["Body"].read(),
    expected=b"Hello",
    error=_s3_error,
    kinds=dict.fromkeys((401, 404, 429, 500, 503), botocore.exceptions.ClientError),
    timed_out=botocore.exceptions.ReadTimeoutError,
    reset=botocore.exceptions.ConnectionClosedError,
    attempts={429: 3, 500: 3, 503: 3, "read_timeout": 3, "connection_reset": 3},
)

SDKS = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "google-genai": GENAI,
    "mistralai": MISTRAL,
    "huggingface_hub": HUB,
    "http_backoff": HUB_BACKOFF,
    "stripe": STRIPE,
    "PyGithub": GITHUB,
    "twilio": TWILIO,
    "botocore": BOTOCORE,
}
