"""Streamed chat completions through ``mockstatus.sse``, whole and broken off in the middle."""

from __future__ import annotations

import asyncio
import time

import anthropic
import httpx2
import openai
import pytest

import mockstatus

OPENAI = "https://api.openai.com/v1/chat/completions"
ANTHROPIC = "https://api.anthropic.com/v1/messages"
QUESTION = [{"role": "user", "content": "Hi"}]


def chunk(text):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5", "choices": [choice]}


def pieces_of(text):
    return (
        "content_block_delta",
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
    )


BEGIN = (
    "message_start",
    {
        "type": "message_start",
        "message": {
            "id": "m1", "type": "message", "role": "assistant", "model": "claude", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 0},
        },
    },
)  # fmt: skip


@pytest.fixture
def router():
    with mockstatus.activate(time="virtual") as router:
        yield router


def test_a_completion_of_openai_arrives_in_its_chunks(router):
    """A second before each, of which nobody waits any."""
    router.post(OPENAI, json=mockstatus.partial({"stream": True})).respond(
        mockstatus.sse(chunk("Hel"), chunk("lo"), "[DONE]", every=1)
    )
    begun = time.perf_counter()
    stream = openai.OpenAI(api_key="k").chat.completions.create(model="gpt-5", messages=QUESTION, stream=True)
    assert [part.choices[0].delta.content for part in stream] == ["Hel", "lo"]
    assert 2 <= router.clock.elapsed <= 3
    assert time.perf_counter() - begun < 5


def test_a_completion_of_openai_that_breaks_off_keeps_what_came(router):
    """The connection is reset after the first chunk: an error of the client beneath, after one attempt."""
    route = router.post(OPENAI).respond(mockstatus.sse(chunk("Hel"), "connection_reset", chunk("lo")))
    stream = openai.OpenAI(api_key="k").chat.completions.create(model="gpt-5", messages=QUESTION, stream=True)
    got = []
    with pytest.raises((openai.APIConnectionError, httpx2.ReadError)):
        got.extend(part.choices[0].delta.content for part in stream)
    assert (got, route.call_count) == (["Hel"], 1)


def test_a_completion_of_openai_that_stalls_is_a_timeout(router):
    """The client gives up after its read timeout, in virtual time."""
    router.post(OPENAI).respond(mockstatus.sse(chunk("Hel"), "stalled_body"))
    client = openai.OpenAI(api_key="k", timeout=7)
    got = []
    with pytest.raises((openai.APITimeoutError, httpx2.ReadTimeout)):
        got.extend(
            part.choices[0].delta.content
            for part in client.chat.completions.create(model="gpt-5", messages=QUESTION, stream=True)
        )
    assert got == ["Hel"]
    assert router.clock.elapsed == 7


def test_an_asynchronous_completion_arrives_too(router):
    """Under asyncio, in virtual time."""
    router.post(OPENAI).respond(mockstatus.sse(chunk("Hel"), chunk("lo"), "[DONE]", every=1))

    async def main():
        client = openai.AsyncOpenAI(api_key="k")
        stream = await client.chat.completions.create(model="gpt-5", messages=QUESTION, stream=True)
        return [part.choices[0].delta.content async for part in stream]

    assert asyncio.run(main()) == ["Hel", "lo"]


def test_a_message_of_anthropic_arrives_in_named_events(router):
    """Events with names, as its API sends them."""
    end = [
        ("content_block_stop", {"type": "content_block_stop", "index": 0}),
        (
            "message_delta",
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        ),
        ("message_stop", {"type": "message_stop"}),
    ]
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    router.post(ANTHROPIC).respond(
        mockstatus.sse(BEGIN, ("content_block_start", block), pieces_of("Hel"), pieces_of("lo"), *end)
    )
    client = anthropic.Anthropic(api_key="k")
    with client.messages.stream(model="claude", max_tokens=9, messages=QUESTION) as stream:
        assert "".join(stream.text_stream) == "Hello"
        assert stream.get_final_message().stop_reason == "end_turn"


def test_a_message_of_anthropic_that_breaks_off_keeps_what_came(router):
    """And the SDK does not ask again."""
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    route = router.post(ANTHROPIC).respond(
        mockstatus.sse(BEGIN, ("content_block_start", block), pieces_of("Hel"), "connection_reset")
    )
    got = []
    with pytest.raises((anthropic.APIConnectionError, httpx2.ReadError)):
        with anthropic.Anthropic(api_key="k").messages.stream(
            model="claude", max_tokens=9, messages=QUESTION
        ) as stream:
            got.extend(stream.text_stream)
    assert (got, route.call_count) == (["Hel"], 1)
