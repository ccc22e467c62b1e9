"""What is special about botocore: connections of its own that wait for a 100, bodies with checksums, signed requests."""

from __future__ import annotations

import io

import botocore.exceptions
import pytest

import mockstatus
from tests.sdk.sdks import BOTOCORE

URL = "https://bucket.s3.amazonaws.com/key"


@pytest.fixture
def s3():
    return BOTOCORE.make()


@pytest.mark.parametrize("interim", [(), (100,)], ids=["without-a-100", "with-a-100"])
def test_an_upload_that_expects_a_100_arrives_whole(s3, interim):
    """Whether the server sends one, or answers at once."""
    with mockstatus.activate(time="virtual") as router:
        route = router.put(URL).respond(mockstatus.reply(200, content=b"", headers={"ETag": '"9"'}, interim=interim))
        answer = s3.put_object(Bucket="bucket", Key="key", Body=io.BytesIO(b"x" * 100_000))
    assert answer["ETag"] == '"9"'
    request = route.calls.last.request
    assert request.headers["Expect"] == "100-continue"
    assert b"x" * 1000 in request.content
    assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256")


def test_an_upload_that_is_refused_at_once_is_the_services_error(s3):
    """A 403 instead of the 100."""
    denied = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    with mockstatus.activate() as router:
        router.put(URL).respond(403, content=denied)
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            s3.put_object(Bucket="bucket", Key="key", Body=b"x" * 100_000)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


def test_a_body_that_is_cut_is_read_to_the_cut(s3):
    """As botocore says it, while its caller reads."""
    with mockstatus.activate() as router:
        router.get(URL).fail("truncated_body", after=5, reply=mockstatus.reply(200, content=b"0123456789"))
        body = s3.get_object(Bucket="bucket", Key="key")["Body"]
        with pytest.raises((botocore.exceptions.IncompleteReadError, botocore.exceptions.ResponseStreamingError)):
            body.read()


def test_what_nothing_fits_reaches_the_test_though_botocore_wraps_it(s3):
    """The miss is raised again at exit."""
    with pytest.raises(mockstatus.UnmatchedRequest, match="bucket"), mockstatus.activate():
        with pytest.raises(Exception):
            s3.get_object(Bucket="bucket", Key="key")
