"""The job is waited for as the server says, given up in time, and a failure is told."""

import httpx
import pytest

from examples.polling import run_job

pytestmark = pytest.mark.mock_router(base_url="https://api.example.com", time="virtual")


@pytest.fixture
def client(mock_router):
    with httpx.Client(base_url="https://api.example.com") as made:
        yield made


def test_the_result_is_returned_and_nobody_asked_too_early(mock_router, client):
    job = mock_router.job("/jobs", polls=3, retry_after=5, result={"rows": 7})

    assert run_job(client, patience=60) == {"rows": 7}
    assert job.early_polls == []
    assert 20 <= mock_router.clock.elapsed < 25


def test_a_job_that_takes_too_long_is_given_up(mock_router, client):
    mock_router.job("/jobs", duration=3600, retry_after=5)

    with pytest.raises(TimeoutError):
        run_job(client, patience=60)


def test_a_job_that_fails_is_told(mock_router, client):
    mock_router.job("/jobs", polls=1, fails_with=500)

    with pytest.raises(httpx.HTTPStatusError):
        run_job(client, patience=60)
