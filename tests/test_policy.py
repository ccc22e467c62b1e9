"""Which hosts may really be called: patterns, loopback in every spelling, and what is local."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mockstatus
from mockstatus.errors import InvalidSetting
from mockstatus.policy import Policy, is_local, is_loopback
from tests.helpers import SENDERS, deterministic

LOOPBACK = [
    "localhost",
    "LocalHost",
    "localhost.",
    "app.localhost",
    "a.b.LOCALHOST.",
    "127.0.0.1",
    "127.255.0.9",
    "127.1",
    "127.0.0.1.",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "[0000::0001]",
    "::ffff:127.0.0.1",
    "::FFFF:7f00:1",
]
NOT_LOOPBACK = [
    "localhost.example.com",
    "mylocalhost",
    "localhost2",
    "128.0.0.1",
    "126.255.255.255",
    "1.127.0.0",
    "127.0.0.1.example.com",
    "::2",
    "::ffff:128.0.0.1",
    "::127.0.0.1.example.com",
    "10.0.0.1",
    "",
]

# --- loopback and local -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", LOOPBACK)
def test_localhost_is_loopback_in_every_spelling(host):
    assert is_loopback(host)
    assert is_local(host)
    assert Policy(["localhost"]).allows(host, 80)


@pytest.mark.parametrize("host", NOT_LOOPBACK)
def test_what_only_looks_like_loopback_is_not(host):
    assert not is_loopback(host)
    assert not Policy(["localhost"]).allows(host, 80)


@deterministic
@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_loopback_if_and_only_if_it_begins_with_127(value):
    address = ipaddress.IPv4Address(value)
    loopback = str(address).startswith("127.")

    assert is_loopback(str(address)) is is_loopback(f"::ffff:{address}") is is_loopback(hex(value)) is loopback


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "app.localhost"]
)
def test_the_host_that_a_client_calls_is_recognised_as_loopback(client, host):
    request = SENDERS[client]("GET", f"http://{host}:8000/x")

    assert Policy("localhost").allows(request.host, request.port)
    assert Policy("localhost:8000").allows(request.host, request.port)
    assert not Policy("localhost:8001").allows(request.host, request.port)


@pytest.mark.parametrize(
    "host",
    [
        "db",
        "redis.",
        "RABBIT",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
    ],
)
def test_private_addresses_and_names_of_one_label_are_local(host):
    assert is_local(host)
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "db.internal",
        "8.8.8.8",
        "134744072",
        "172.32.0.1",
        "172.15.255.255",
        "192.169.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "2001:db8::1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "[2606:4700::1111]",
    ],
)
def test_public_addresses_and_names_are_not_local(host):
    assert not is_local(host)


# --- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "host", "port", "allowed"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("api.example.com", "api.example.com", 8443, True),
        ("api.example.com", "x.api.example.com", 443, False),
        ("api.example.com", "api.example.com.evil", 443, False),
        ("api.example.com", "apixexample.com", 443, False),
        ("API.Example.com", "api.example.com", 443, True),
        ("api.example.com", "API.EXAMPLE.COM", 443, True),  # a socket call may spell a name in any case
        ("*.internal", "db.internal", 1, True),
        ("*.internal", "a.b.internal", 1, True),
        ("*.internal", "db.internal.", 1, True),
        ("db.internal.", "db.internal", 1, True),
        ("*.INTERNAL", "db.internal", 1, True),
        ("*.internal", "DB.Internal", 1, True),
        ("*.internal", "internal", 1, False),
        ("*.internal", "db.internal.example.com", 1, False),
        ("*.internal", "dbinternal", 1, False),
        ("db-*.internal", "db-1.internal", 1, True),
        ("db-*.internal", "db-.internal", 1, False),
        ("10.0.*", "10.0.1.2", 1, True),
        ("10.0.*", "10.1.0.2", 1, False),
        ("*", "anything.example.com", 1, True),
        ("*:8000", "anything.example.com", 8000, True),
        ("*:8000", "anything.example.com", 80, False),
        ("127.0.0.1:8000", "127.0.0.1", 8000, True),
        ("127.0.0.1:8000", "127.0.0.1", 8001, False),
        ("127.0.0.1:8000", "127.0.0.1", None, True),
        ("127.0.0.1", "127.0.0.2", 80, False),
        ("127.1", "127.0.0.1", 80, True),
        ("127.0.0.1", "localhost", 80, False),
        ("[::1]", "::1", 80, True),
        ("[::1]:8000", "::1", 8000, True),
        ("[::1]:8000", "::1", 80, False),
        ("[0:0::1]", "::1", 80, True),
        ("localhost:8000", "::1", 8000, True),
        ("localhost:8000", "127.0.0.1", 80, False),
        ("bücher.example", "xn--bcher-kva.example", 443, True),
        ("*.bücher.example", "api.xn--bcher-kva.example", 443, True),
    ],
)
def test_a_pattern_allows_a_host_and_port_or_not(pattern, host, port, allowed):
    assert Policy([pattern]).allows(host, port) is allowed
    assert Policy(pattern).allows(host, port) is allowed
    assert Policy(["other.example", pattern]).allows(host, port) is allowed


def test_block_allows_nothing_and_allow_everything():
    assert not Policy("block").allows("localhost", 80)
    assert Policy("allow").allows("api.example.com", 443)
    assert not Policy([]).allows("localhost", 80)


@pytest.mark.parametrize(
    "network",
    [
        "",
        " ",
        "http://localhost:8000",
        "localhost/path",
        "localhost:",
        "localhost:http",
        "localhost:65536",  # ports end at 65535
        "localhost:99999",
        "a b",
        ":8000",
        "[::1",
        "::1]",
        [""],
        ["localhost", "http://a.example"],
        [5],
        [None],
        5,
        b"allow",
        {"localhost": True},
        True,
    ],
)
def test_a_network_that_makes_no_sense_is_refused_with_what_it_may_be(network):
    for set_up in (Policy, lambda network: mockstatus.activate(network=network)):
        with pytest.raises(InvalidSetting, match='"block", "allow", or') as caught:
            set_up(network)

        assert "network=" in str(caught.value)


def test_a_policy_shows_what_was_given():
    assert repr(Policy("block")) == "network='block'"
    assert repr(Policy(("localhost", "*.internal"))) == "network=['localhost', '*.internal']"
