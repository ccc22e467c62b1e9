"""Tests of the polling program: jobs of mockstatus, in virtual time."""

import httpx
import pytest
from polling import API, JobFailed, run_job

import mockstatus


@pytest.fixture
def router():
    with mockstatus.activate(time="virtual") as router:
        yield router


@pytest.fixture
def client():
    with httpx.Client() as client:
        yield client


def test_the_result_comes_after_three_polls(router, client):
    job = router.job(f"{API}/jobs", polls=3, retry_after=5, result={"rows": 7})
    assert run_job(client, {"size": 3}) == {"rows": 7}
    assert router.clock.elapsed == 20  # five seconds before each poll, and before the one that finds it done
    assert job.early_polls == []


def test_a_job_that_fails_is_an_error(router, client):
    router.job(f"{API}/jobs", polls=1, fails_with=500)
    with pytest.raises(JobFailed, match="500 Internal Server Error"):
        run_job(client, {})


def test_patience_ends(router, client):
    router.job(f"{API}/jobs", duration=3600, retry_after=10)
    with pytest.raises(TimeoutError):
        run_job(client, {}, patience=60)
    assert router.clock.elapsed <= 60


def test_a_refused_order_is_the_clients_error(router, client):
    router.post(f"{API}/jobs").respond(422)
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        run_job(client, {})
