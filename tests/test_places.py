"""Where a job is asked about: what a template fits, and what it is for one job."""

import pytest

import mockstatus
from mockstatus.scenarios.places import Place
from tests.helpers import API, make_request


def request_with(path_params=(), url=f"{API}/jobs"):
    request = make_request("GET", url)
    request.path_params = dict(path_params)
    return request


@pytest.mark.parametrize(
    ("template", "below"),
    [
        ("/jobs/{id}", "/jobs/{id}/result"),
        ("/jobs/{id}/", "/jobs/{id}/result"),
        ("/jobs/{id}?v=1", "/jobs/{id}/result?v=1"),
        ("/jobs/{id}#top", "/jobs/{id}/result"),
        ("/status?job={id}", "/status/result?job={id}"),
    ],
)
def test_what_is_below_has_the_same_query(template, below):
    assert Place(template).below("/result").text == below


@pytest.mark.parametrize(
    ("template", "params", "base_url", "located"),
    [
        ("/jobs/{id}", {}, None, "/jobs/7"),
        ("jobs/{id}", {}, None, "jobs/7"),
        ("jobs/{id}", {}, API, "/jobs/7"),
        ("jobs/{id}", {}, f"{API}/", "/jobs/7"),
        ("/jobs/{id}", {}, f"{API}/a b/v1/", "/a%20b/v1/jobs/7"),
        (f"{API}/jobs/{{id}}", {}, "https://elsewhere.example.com/x", f"{API}/jobs/7"),
        ("http://*:8080/jobs/{id}", {}, None, "/jobs/7"),
        ("/{user}/jobs/{id}", {"user": "a/b é?"}, None, "/a%2Fb%20%C3%A9%3F/jobs/7"),
        ("/{user}/jobs/{id}", {}, None, "/{user}/jobs/7"),
        ("/100%25/{id}", {}, None, "/100%25/7"),
        ("/status?a=1&job={id}", {}, None, "/status?a=1&job=7"),
    ],
)
def test_a_job_is_located_with_what_is_known_of_it(template, params, base_url, located):
    assert Place(template).locate(request_with(params), "7", base_url) == located


@pytest.mark.parametrize(
    ("template", "request_", "identity"),
    [
        ("/jobs/{id}", request_with({"id": "a/b"}), "a/b"),
        ("/status?job={id}", request_with(url=f"{API}/status?job=a%2Fb"), "a/b"),
        ("/status?v=1&job={id}", request_with(url=f"{API}/status?job=7&v=1"), "7"),
    ],
)
def test_a_request_says_which_job_it_is_about(template, request_, identity):
    assert Place(template).identity(request_) == identity


@pytest.mark.parametrize("template", [None, 7, "", "/jobs", "/jobs/{job}", "/jobs/{ID}", "/jobs#{id}"[:5]])
def test_a_place_without_an_id_is_none(template):
    with pytest.raises(mockstatus.InvalidRoute, match=r"has no \{id\}"):
        Place(template)
