"""Tests of the webhook receiver: a job's webhook is delivered to it, and what it calls is answered."""

import json

import httpx
import pytest
from webhooks import Receiver, sign

import mockstatus

SECRET = b"s3cret"
BODY = json.dumps({"id": "evt-1", "type": "paid"}).encode()


@pytest.fixture
def router():
    with mockstatus.activate(base_url="https://api.example.com") as router:
        yield router


@pytest.fixture
def receiver():
    with httpx.Client() as client:
        yield Receiver(SECRET, client)


def test_a_signed_event_is_taken_once(router, receiver):
    confirm = router.post("/events/{id}/confirm").respond(204)
    assert [receiver.receive(BODY, sign(SECRET, BODY)) for _ in range(2)] == [204, 200]
    assert [call.request.path_params["id"] for call in confirm.calls] == ["evt-1"]


def test_another_signature_is_refused(router, receiver):
    assert receiver.receive(BODY, sign(b"other", BODY)) == 401
    assert len(router.calls) == 0


@pytest.mark.parametrize("fault", ["connection_refused", "read_timeout", "connection_reset"])
def test_an_event_that_cannot_be_confirmed_is_to_be_sent_again(router, receiver, fault):
    router.post("/events/{id}/confirm").fail(fault).then(204)
    assert [receiver.receive(BODY, sign(SECRET, BODY)) for _ in range(2)] == [503, 204]


def test_the_webhook_of_a_job_arrives(router, receiver):
    router.post("/events/{id}/confirm").respond(204)

    def take(request):
        body = json.dumps({"id": "evt-2", "told": request.json()}).encode()
        return receiver.receive(body, sign(SECRET, body))

    router.post("https://me.example/hook").respond_with(take)
    job = router.job("/jobs", polls=1, webhook="https://me.example/hook")
    place = httpx.post("https://api.example.com/jobs").headers["Location"]
    for _ in range(2):
        httpx.get(f"https://api.example.com{place}")
    assert len(job.deliveries) == 1
    assert list(receiver.events) == ["evt-2"]
