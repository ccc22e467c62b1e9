"""Basic, bearer and digest: who is let through, and what the others are asked for."""

import base64
import hashlib
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import requests
import trio
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

import mockstatus
from tests.helpers import API

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
ME = f"{API}/me"


@pytest.fixture
def router():
    router = mockstatus.Router(API, now=NOW)
    router.any("/me")
    router.any("/other")
    return router


@pytest.fixture
def client(router):
    return httpx.Client(transport=mockstatus.adapters.httpx.Transport(router), base_url=API)


def ask(client, authorization=None, url="/me", method="GET"):
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.request(method, url, headers=headers)
    return response.status_code, response.headers.get("WWW-Authenticate")


# --- basic and bearer -------------------------------------------------------------------------------------------------

BASIC_CHALLENGE = 'Basic realm="mockstatus", charset="UTF-8"'


def basic(pair):
    return base64.b64encode(pair if isinstance(pair, bytes) else pair.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Basic {basic('ann:secret')}", 200),
        (f"basic {basic('ann:secret')}", 200),
        (f"BASIC   {basic('ann:secret')}", 200),
        (None, 401),
        ("", 401),
        ("Basic", 401),
        ("Basic !!!", 401),
        (f"Basic {basic('ann:wrong')}", 401),
        (f"Basic {basic('Ann:secret')}", 401),
        (f"Basic {basic('ann:secret ')}", 401),
        (f"Basic {basic('annsecret')}", 401),
        (f"Bearer {basic('ann:secret')}", 401),
        (basic("ann:secret"), 401),
        ("Basic \xe9", 401),
    ],
)
def test_basic_lets_through_who_has_the_name_and_the_password(router, client, authorization, status):
    router.protect("/me", basic=("ann", "secret"))
    shown = None if authorization is None else authorization.encode("latin-1")

    assert ask(client, shown) == (status, None if status == 200 else BASIC_CHALLENGE)


@pytest.mark.parametrize("pair", [("ann", "secret"), ("ann", ""), ("", ""), ("ann", "a:b"), ("jürg", "gehe:im €")])
def test_the_clients_own_basic_passes(pair):
    """requests writes text in Latin-1, which is not what the challenge asks for: give it bytes for other letters."""
    with mockstatus.activate() as router:
        router.get(ME)
        router.protect(ME, basic=pair)

        assert httpx.get(ME, auth=pair, verify=False).status_code == 200
        assert httpx2.get(ME, auth=pair, verify=False).status_code == 200
        assert requests.get(ME, auth=HTTPBasicAuth(*(part.encode() for part in pair))).status_code == 200
        assert requests.get(ME, auth=("somebody", "else")).status_code == 401


@pytest.mark.parametrize(
    ("authorization", "status", "challenge"),
    [
        ("Bearer t0ken", 200, None),
        ("bearer t0ken", 200, None),
        (None, 401, 'Bearer realm="mockstatus"'),
        ("Basic t0ken", 401, 'Bearer realm="mockstatus"'),
        ("t0ken", 401, 'Bearer realm="mockstatus"'),
        ("Bearer t0ke", 401, 'Bearer realm="mockstatus", error="invalid_token"'),
        ("Bearer T0KEN", 401, 'Bearer realm="mockstatus", error="invalid_token"'),
        ("Bearer \xe9", 401, 'Bearer realm="mockstatus", error="invalid_token"'),
    ],
)
def test_bearer_lets_through_who_has_the_token(router, client, authorization, status, challenge):
    router.protect("/me", bearer="t0ken")
    shown = None if authorization is None else authorization.encode("latin-1")

    assert ask(client, shown) == (status, challenge)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_every_method_is_asked_for_credentials(router, client, method):
    router.protect("/me", bearer="t")

    response = client.request(method, "/me")

    assert response.status_code == 401
    assert (response.content == b"") == (method == "HEAD")


def test_only_the_url_that_is_protected_is(router, client):
    router.protect("/me", bearer="t")

    assert ask(client, url="/other")[0] == 200


def test_the_refusal_is_the_documented_401(router, client):
    router.protect("/me", bearer="t")

    assert client.get("/me").json() == client.get("https://mock.local/401").json()


# --- digest -----------------------------------------------------------------------------------------------------------

DIGEST_PAIRS = [("ann", "secret"), ("ann", ""), ("a b", "c:d,e")]


def httpx_digest(library):
    def call(url, pair, method="GET", **sent):
        with library.Client(auth=library.DigestAuth(*pair), verify=False) as client:
            return [client.request(method, url, **sent).status_code for _ in range(3)]

    return call


def httpx_digest_async(url, pair, method="GET", **sent):
    async def main():
        async with httpx.AsyncClient(auth=httpx.DigestAuth(*pair), verify=False) as client:
            return [(await client.request(method, url, **sent)).status_code for _ in range(3)]

    return trio.run(main)


def requests_digest(url, pair, method="GET", **sent):
    with requests.Session() as session:
        session.auth = HTTPDigestAuth(*pair)
        if "content" in sent:
            sent["data"] = sent.pop("content")
        return [session.request(method, url, **sent).status_code for _ in range(3)]


DIGESTS = {
    "httpx": httpx_digest(httpx),
    "httpx2": httpx_digest(httpx2),
    "httpx async": httpx_digest_async,
    "requests": requests_digest,
}


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("pair", DIGEST_PAIRS)
def test_the_clients_own_digest_passes(name, pair):
    """With one refusal for three calls: a client goes on with the nonce it has."""
    with mockstatus.activate() as router:
        route = router.get(ME)
        router.protect(ME, digest=pair)

        assert DIGESTS[name](ME, pair) == [200, 200, 200]
        assert [call.response.status for call in router.calls] == [401, 200, 200, 200]
        assert route.call_count == 3


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("url", ["/me?a=1&b=%20c", "/me?q=é", "/a%2Fb/c%20d", "/"])
def test_digest_goes_by_the_target_as_it_was_sent(name, url):
    with mockstatus.activate() as router:
        router.any()
        router.protect(digest=("ann", "secret"))

        assert DIGESTS[name](API + url, ("ann", "secret")) == [200, 200, 200]


@pytest.mark.parametrize("name", DIGESTS)
def test_digest_passes_with_a_body(name):
    with mockstatus.activate() as router:
        route = router.post(ME)
        router.protect(ME, digest=("ann", "secret"))

        assert DIGESTS[name](ME, ("ann", "secret"), "POST", content=b"body") == [200, 200, 200]
        assert [call.request.content for call in route.calls] == [b"body"] * 3


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("pair", [("ann", "wrong"), ("bob", "secret")])
def test_the_clients_own_digest_with_the_wrong_password_does_not_pass(name, pair):
    with mockstatus.activate() as router:
        route = router.get(ME)
        router.protect(ME, digest=("ann", "secret"))

        assert DIGESTS[name](ME, pair) == [401, 401, 401]
        assert not route.called


def challenge_of(client, url="/me", **sent):
    return dict(
        part.split("=", 1)
        for part in client.get(url, **sent).headers["WWW-Authenticate"].removeprefix("Digest ").split(", ")
    )


def prove(challenge, *, algorithm="MD5", method="GET", uri="/me", user="ann", password="secret", qop="auth", **changes):
    """Digest credentials as RFC 7616, Section 3.4, has them, and then changed."""

    def digest(*parts):
        return hashlib.new(algorithm.replace("-", ""), ":".join(parts).encode()).hexdigest()

    nonce = challenge["nonce"].strip('"')
    secret, subject = digest(user, "mockstatus", password), digest(method, uri)
    numbers = ("00000001", "0a4f113b")
    proof = digest(secret, nonce, *numbers, qop, subject) if qop else digest(secret, nonce, subject)
    fields = {
        "username": f'"{user}"',
        "realm": '"mockstatus"',
        "nonce": f'"{nonce}"',
        "uri": f'"{uri}"',
        "algorithm": algorithm,
        "response": f'"{proof}"',
        **({"qop": qop, "nc": numbers[0], "cnonce": f'"{numbers[1]}"'} if qop else {}),
        **changes,
    }
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields.items() if value is not None)


@pytest.fixture
def digest_client(router, client):
    router.protect("/me", digest=("ann", "secret"))
    return client


def test_the_challenge_is_one_that_every_client_can_answer(digest_client):
    challenge = challenge_of(digest_client)

    assert list(challenge) == ["realm", "nonce", "qop", "algorithm"]
    assert (challenge["realm"], challenge["qop"], challenge["algorithm"]) == ('"mockstatus"', '"auth"', "MD5")
    assert challenge_of(digest_client)["nonce"] != challenge["nonce"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"algorithm": "SHA-256"},
        {"algorithm": "MD5", "qop": None},
        {"qop": "auth", "extra": '"a, b=c"'},
    ],
)
def test_a_proof_is_taken_in_every_form_that_the_rfcs_have(digest_client, given):
    assert ask(digest_client, prove(challenge_of(digest_client), **given))[0] == 200


@pytest.mark.parametrize(
    "given",
    [
        {"password": "wrong"},
        {"user": "bob"},
        {"username": '"bob"'},
        {"method": "POST"},
        {"uri": "/other"},
        {"uri": "/me?x=1"},
        {"realm": '"elsewhere"'},
        {"response": '"00000000000000000000000000000000"'},
        {"response": '"\xe9"'},
        {"response": None},
        {"nonce": None},
        {"cnonce": '"other"'},
        {"nc": "00000002"},
        {"qop": "auth-int"},
        {"algorithm": "MD5", "username": None},
    ],
)
def test_a_proof_of_anything_else_is_none(digest_client, given):
    shown = prove(challenge_of(digest_client), **given).encode("latin-1")

    status, challenge = ask(digest_client, shown)

    assert status == 401
    assert "stale" not in challenge


def test_an_unknown_algorithm_is_refused(digest_client):
    assert ask(digest_client, prove(challenge_of(digest_client)).replace("MD5", "CRC32"))[0] == 401


def test_a_right_proof_for_an_unknown_nonce_is_told_that_it_is_stale(digest_client):
    """So that a client tries again with the password it has, and does not ask somebody (RFC 7616, Section 3.3)."""
    status, challenge = ask(digest_client, prove({"nonce": "f" * 32}))

    assert status == 401
    assert challenge.endswith(", stale=true")
    assert ask(digest_client, prove({"nonce": "f" * 32}, password="wrong"))[1].endswith("algorithm=MD5")


@pytest.mark.parametrize("name", ["httpx", "requests"])
def test_a_client_with_a_nonce_of_another_gate_comes_through_with_a_new_one(name):
    """As after a restart of the server: the second activation does not know what the first gave out."""
    auth = httpx.DigestAuth("ann", "secret") if name == "httpx" else HTTPDigestAuth("ann", "secret")
    get = httpx.Client(verify=False).get if name == "httpx" else requests.get
    seen = []
    for _ in range(2):
        with mockstatus.activate() as router:
            router.get(ME)
            router.protect(ME, digest=("ann", "secret"))
            assert get(ME, auth=auth).status_code == 200
            seen.append([call.response.headers.get("WWW-Authenticate", "")[-11:] for call in router.calls])

    assert [len(one) for one in seen] == [2, 2]
    assert seen[1][0] == " stale=true"


def test_a_nonce_stays_good_when_a_router_is_reset(router, digest_client):
    challenge = challenge_of(digest_client)

    router.reset()

    assert ask(digest_client, prove(challenge))[0] == 200


# --- wrong arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"basic": ("u", "p"), "bearer": "t"},
        {"basic": "u:p"},
        {"basic": ("u",)},
        {"basic": ("u", 7)},
        {"basic": ("u:v", "p")},
        {"digest": ("u", "p", "r")},
        {"digest": {"u": "p"}},
        {"bearer": ""},
        {"bearer": 7},
        {"bearer": ("t",)},
    ],
)
def test_what_is_no_credentials_is_refused(router, arguments):
    with pytest.raises(mockstatus.InvalidRoute):
        router.protect("/me", **arguments)

    assert not router.gates
