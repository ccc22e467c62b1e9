"""moto and mockstatus at once: moto answers botocore where it knows the service, mockstatus everything else."""

from __future__ import annotations

import boto3
import botocore.awsrequest
import pytest
import requests
from moto import mock_aws

import mockstatus

OTHER = "https://api.example.com/jobs"


CONFIG = {"core": {"passthrough": {"urls": [r"https://(api\.example\.com|mock\.local)/.*"]}}}


def mine():
    router = mockstatus.Router()
    router.get(OTHER).respond(202)
    return mockstatus.activate(router)


def both_answer():
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"Hello")
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"Hello"
    mine_answers()


def mine_answers():
    assert requests.get(OTHER).status_code == 202
    assert requests.get("https://mock.local/404").status_code == 404


def test_with_moto_outside_both_answer():
    """mockstatus inside."""
    with mock_aws(), mine():
        both_answer()


def test_with_mockstatus_outside_both_answer():
    """moto inside; what it does not know of goes on to mockstatus."""
    with mine():
        with mock_aws(config=CONFIG):
            both_answer()
        mine_answers()


@pytest.mark.parametrize("moto_first", [True, False])
def test_out_of_order_the_one_that_is_left_goes_on(moto_first):
    """Whichever was entered first is left first."""
    moto = mock_aws(config=CONFIG)
    mock = mine()
    first, second = (moto, mock) if moto_first else (mock, moto)
    begin = {moto: moto.start, mock: mock.start}
    begin[first]()
    begin[second]()
    both_answer()
    first.stop()
    if moto_first:
        mine_answers()
    second.stop()


def test_afterwards_everything_is_as_it_was():
    """No attribute of requests or botocore is another."""
    with mine():
        mine_answers()  # clears what was given back to moto out of order
    with mock_aws(), mine():
        both_answer()  # have moto put in place what it keeps for ever
    before = dict(vars(requests.adapters.HTTPAdapter)), dict(vars(botocore.awsrequest.AWSConnection))
    with mock_aws(), mine():
        both_answer()
    with mine(), mock_aws(config=CONFIG):
        both_answer()
    assert (dict(vars(requests.adapters.HTTPAdapter)), dict(vars(botocore.awsrequest.AWSConnection))) == before
