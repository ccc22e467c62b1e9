"""What is no intercepted client does not reach the network: blocked before a packet leaves, and remembered."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import functools
import gc
import http.client
import re
import smtplib
import socket
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
import trio

import mockstatus
from tests.switching import ACCEPTED, API, connect, nothing_left, status

ADDRESS = "203.0.113.5"  # of a network for documentation: nobody's
NAME = "api.example.com"


@pytest.fixture(autouse=True)
def no_packets(monkeypatch):
    """Stand where packets would leave: a look-up or connection that comes so far is an error of its own."""
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):  # these send nothing for an address
        monkeypatch.setattr(socket, name, _stay(getattr(socket, name), "example"))
    for name in ("gethostbyaddr", "getnameinfo"):
        monkeypatch.setattr(socket, name, _stay(getattr(socket, name), "example", ADDRESS))
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        public = ("example", ADDRESS, "2001:db8")
        monkeypatch.setattr(socket.socket, name, _stay(getattr(socket.socket, name), *public), raising=False)


def _stay(original, *public):
    @functools.wraps(original)
    def call(*arguments, **options):
        if any(host in f"{arguments}{options}" for host in public) and not _sends_nothing(original, *arguments):
            raise AssertionError(f"this would have left: {arguments}")
        return original(*arguments, **options)

    return call


def _sends_nothing(original, subject, *arguments):
    """A look-up that only an address will do for, and connecting a datagram socket to an address."""
    if original.__name__ == "connect" and subject.type == socket.SOCK_DGRAM:
        return "example" not in f"{arguments}"
    return original.__name__ == "getaddrinfo" and bool([*arguments, 0, 0, 0, 0, 0][4] & socket.AI_NUMERICHOST)


@contextlib.contextmanager
def blocking(*said, network=None, scope=None):
    """An activation inside which a blocked connection is expected that says this, in the call and at exit."""
    with pytest.raises(mockstatus.BlockedConnection) as at_exit:
        with mockstatus.activate(network=network, scope=scope) as router:
            with pytest.raises(mockstatus.BlockedConnection) as in_call:
                yield router
            assert list(router.unmatched)[:1] == [in_call.value]
    assert at_exit.value is in_call.value
    assert [text for text in (*said, "network=") if text not in str(in_call.value)] == []


# --- connections ------------------------------------------------------------------------------------------------------


def test_a_connection_to_a_public_address_is_blocked_naming_host_port_and_the_way_out():
    with blocking(f"{ADDRESS}:80", 'network="allow"', f'network=["{ADDRESS}"]'):
        connect(ADDRESS, 80)


def test_connect_ex_is_blocked_too():
    with blocking(f"{ADDRESS}:443"), socket.socket() as sock:
        sock.connect_ex((ADDRESS, 443))


def test_a_connection_that_does_not_block_is_blocked_too():
    with blocking(f"{ADDRESS}:443"), socket.socket() as sock:
        sock.setblocking(False)
        sock.connect((ADDRESS, 443))


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8", "192.0.2.1", "198.51.100.7", ADDRESS, "100.64.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1",
        "224.0.0.1", "240.0.0.1", "203.113.5", "3405803781", "0xcb.0.0x71.5", "0313.0.0161.5",
    ],
)  # fmt: skip
def test_no_public_address_is_reached_however_it_is_written(host):
    with blocking(f"{host}:80"):
        connect(host)


@pytest.mark.parametrize("host", ["2001:db8::1", "2606:4700:4700::1111", "::ffff:203.0.113.5", "ff02::1", "64:ff9b::1"])
def test_no_public_address_of_ipv6_is_reached(host):
    with blocking(host):
        connect(host, 80, socket.AF_INET6)


@pytest.mark.parametrize(
    "host", [NAME, "API.Example.COM", f"{NAME}.", "example.com", "bücher.example", "localhost.example.com"]
)
def test_no_public_name_is_connected_to_or_looked_up(host):
    with blocking(host):
        connect(host)
    with blocking(host):
        socket.getaddrinfo(host, 443)


def test_a_name_given_as_bytes_is_blocked_too():
    with blocking(NAME):
        socket.getaddrinfo(NAME.encode(), 443)


@pytest.mark.usefixtures("quick_collections")
def test_create_connection_is_blocked_with_a_name_and_with_an_address():
    with blocking(NAME):
        socket.create_connection((NAME, 443))
    with blocking(f"{ADDRESS}:443"):
        with contextlib.closing(socket.create_connection((ADDRESS, 443))):
            """Not reached."""
    gc.collect()


@pytest.mark.usefixtures("quick_collections")
def test_create_connection_that_is_blocked_leaves_no_socket_open():
    """The standard library closes its socket only for an OSError, which this is not."""
    gc.collect()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with mockstatus.activate() as router:
            with contextlib.suppress(mockstatus.BlockedConnection):
                socket.create_connection((ADDRESS, 443))
            router.unmatched.clear()
        gc.collect()

    assert [str(warning.message) for warning in warned] == []


def test_what_is_sent_to_a_public_address_without_a_connection_is_blocked():
    with blocking(f"{ADDRESS}:53"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", (ADDRESS, 53))
    with blocking(f"{ADDRESS}:53"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", 0, (ADDRESS, 53))
    with blocking(f"{ADDRESS}:53"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendmsg([b"x"], [], 0, (ADDRESS, 53))


@pytest.mark.parametrize("send", ["send", "sendall", "sendmsg"])
def test_what_is_sent_over_a_datagram_socket_that_is_connected_to_a_public_address_is_blocked(send):
    """Connecting it sends nothing, and so is open."""
    with blocking(f"{ADDRESS}:53"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((ADDRESS, 53))
        getattr(sock, send)([b"x"] if send == "sendmsg" else b"x")
    assert "send" not in vars(socket.socket)


def test_a_datagram_socket_that_is_connected_anew_to_loopback_sends_again():
    with mockstatus.activate(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((ADDRESS, 53))
            sock.connect(receiver.getsockname())
            sock.send(b"x")

        assert receiver.recv(10) == b"x"


def test_what_asyncio_sends_to_a_public_address_without_a_connection_is_remembered():
    """The loop keeps the exception to itself."""

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(ADDRESS, 53))
        transport.sendto(b"x")
        transport.close()
        await asyncio.sleep(0)

    with pytest.raises(mockstatus.BlockedConnection, match=f"{ADDRESS}:53"), mockstatus.activate():
        asyncio.run(main())


# --- look-ups ---------------------------------------------------------------------------------------------------------

LOOK_UPS = {
    "getaddrinfo": lambda: socket.getaddrinfo(NAME, 443),
    "getaddrinfo by name": lambda: socket.getaddrinfo(host=NAME, port=443, type=socket.SOCK_STREAM),
    "gethostbyname": lambda: socket.gethostbyname(NAME),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex(NAME),
    "gethostbyaddr": lambda: socket.gethostbyaddr(NAME),
    "getfqdn": lambda: socket.getfqdn(NAME),
    "datagram connect": lambda: connect(NAME, 53, kind=socket.SOCK_DGRAM),
}


@pytest.mark.parametrize("look_up", LOOK_UPS.values(), ids=LOOK_UPS)
def test_every_look_up_of_a_public_name_is_blocked_by_name(look_up):
    with blocking(NAME):
        look_up()


@pytest.mark.parametrize(
    "look_up",
    [
        lambda: socket.gethostbyaddr(ADDRESS),
        lambda: socket.getnameinfo((ADDRESS, 80), 0),
        lambda: socket.getfqdn(ADDRESS),
    ],
    ids=["gethostbyaddr", "getnameinfo", "getfqdn"],
)
def test_asking_for_the_name_of_a_public_address_is_blocked(look_up):
    with blocking(ADDRESS):
        look_up()


# --- what is built on sockets -----------------------------------------------------------------------------------------

BUILT_ON = {
    "urllib": lambda host: urllib.request.urlopen(f"http://{host}/", timeout=5),
    "urllib https": lambda host: urllib.request.urlopen(f"https://{host}/", timeout=5),
    "http.client": lambda host: _with_closing(http.client.HTTPConnection(host)),
    "ftplib": lambda host: ftplib.FTP(host, timeout=5),
    "smtplib": lambda host: smtplib.SMTP(host, timeout=5),
    "asyncio": lambda host: asyncio.run(asyncio.open_connection(host, 443)),
    "anyio": lambda host: anyio.run(anyio.connect_tcp, host, 443),
    "anyio trio": lambda host: anyio.run(anyio.connect_tcp, host, 443, backend="trio"),
    "trio": lambda host: trio.run(trio.open_tcp_stream, host, 443),
}


def _with_closing(connection):
    with contextlib.closing(connection):
        connection.request("GET", "/")


@pytest.mark.parametrize("use", BUILT_ON.values(), ids=BUILT_ON)
def test_everything_built_on_sockets_is_blocked_when_it_looks_a_name_up(use, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with mockstatus.activate() as router:
        error = _blocked(use, NAME)
        assert list(router.unmatched) == [error]
        router.unmatched.clear()

    assert NAME in str(error)


@pytest.mark.parametrize("name", ["asyncio", "anyio", "anyio trio", "trio"])
def test_event_loops_are_blocked_when_they_connect_to_an_address(name):
    with mockstatus.activate() as router:
        error = _blocked(BUILT_ON[name], ADDRESS)
        router.unmatched.clear()

    assert f"{ADDRESS}:443" in str(error)


@pytest.mark.parametrize("name", ["asyncio", "anyio", "anyio trio", "trio"])
@pytest.mark.parametrize("host", [NAME, ADDRESS], ids=["name", "address"])
def test_what_an_event_loop_does_for_a_context_is_blocked_and_remembered_by_that_context(name, host):
    """Event loops look names up in threads of their own, which see no context."""
    with mockstatus.activate(scope="context") as router:
        error = _blocked(BUILT_ON[name], host)
        remembered = list(router.unmatched)
        router.unmatched.clear()

    assert host in str(error)
    assert remembered == [error]


def _blocked(use, host):
    """The error that is raised, alone or in a group of one."""
    try:
        use(host)
    except mockstatus.BlockedConnection as error:
        return error
    except ExceptionGroup as group:
        found, rest = group.split(mockstatus.BlockedConnection)
        assert rest is None
        return found.exceptions[0]
    raise AssertionError(f"{host} was reached")


# --- what comes of it -------------------------------------------------------------------------------------------------


def test_a_blocked_connection_is_an_assertion_error_and_none_that_code_expects_of_the_network():
    assert issubclass(mockstatus.BlockedConnection, AssertionError)
    assert issubclass(mockstatus.BlockedConnection, mockstatus.MockStatusError)
    assert not issubclass(mockstatus.BlockedConnection, OSError)


def test_one_that_was_swallowed_is_raised_at_exit_with_equal_ones_counted():
    with pytest.raises(mockstatus.BlockedConnection) as raised, mockstatus.activate():
        for host in (ADDRESS, ADDRESS, "192.0.2.1"):
            with contextlib.suppress(Exception):
                connect(host)

    assert ADDRESS in str(raised.value)
    told = "\n".join(raised.value.__notes__)
    assert "1 more" in told
    assert "192.0.2.1" in told


def test_an_exception_that_is_leaving_is_not_masked_and_gets_a_note():
    with pytest.raises(LookupError, match="own") as left, mockstatus.activate():
        with contextlib.suppress(mockstatus.BlockedConnection):
            connect(ADDRESS)
        raise LookupError("own")

    assert ADDRESS in left.value.__notes__[0]


def test_one_that_leaves_the_block_is_raised_once():
    with pytest.raises(mockstatus.BlockedConnection) as left, mockstatus.activate():
        connect(ADDRESS)

    assert getattr(left.value, "__notes__", []) == []


def test_clearing_unmatched_accepts_it():
    with mockstatus.activate() as router:
        with contextlib.suppress(mockstatus.BlockedConnection):
            connect(ADDRESS)
        router.unmatched.clear()


def test_it_belongs_to_the_innermost_activation():
    with mockstatus.activate() as outer:
        with pytest.raises(mockstatus.BlockedConnection), mockstatus.activate():
            with contextlib.suppress(mockstatus.BlockedConnection):
                connect(ADDRESS)
        assert list(outer.unmatched) == []


def test_in_a_new_thread_it_is_blocked_and_remembered():
    with blocking(ADDRESS), ThreadPoolExecutor(1) as pool:
        pool.submit(connect, ADDRESS).result(timeout=10)


def test_where_nothing_is_visible_it_is_blocked_while_a_context_blocks():
    with mockstatus.activate(scope="context"), ThreadPoolExecutor(1) as pool:
        with pytest.raises(mockstatus.BlockedConnection, match=re.escape(ADDRESS)):
            pool.submit(connect, ADDRESS).result(timeout=10)


def test_answered_calls_are_not_what_is_guarded():
    with mockstatus.activate() as router:
        router.get(API).respond(401)
        assert (status(API), status(ACCEPTED)) == (401, 202)


@pytest.mark.parametrize("host", [NAME, ADDRESS, "2001:db8::1"])
def test_the_way_out_that_is_named_is_one(host):
    """What stands in the message can be pasted, and lets the same connection through."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.BlockedConnection) as blocked:
            connect(host, 80, family)
        router.unmatched.clear()
    pasted = re.search(r'activate\(network=\["[^"]+"\]\)', str(blocked.value)).group()

    with eval(f"mockstatus.{pasted}"), pytest.raises(AssertionError, match="this would have left"):
        connect(host, 80, family)


def test_a_look_up_in_a_helper_thread_of_trio_from_before_is_remembered_like_any_other():
    """trio keeps its threads for a while: they work for whoever asks them to."""
    trio.run(trio.to_thread.run_sync, int)
    with blocking(NAME):
        trio.run(trio.socket.getaddrinfo, NAME, 443)
