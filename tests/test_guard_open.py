"""What the guard leaves open: this machine, private networks, what ``network`` names, and requests let through."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import trio

import mockstatus
from tests.switching import API, DOORS, REAL, Server, connect, nothing_left, resolve_to_loopback, status

ADDRESS = "203.0.113.5"  # of a network for documentation: nobody's
NAME = "api.example.com"
V6 = socket.AF_INET6


@pytest.fixture
def server():
    with Server() as server:
        yield server


@pytest.fixture
def network(monkeypatch):
    """Stand for the network: everything that comes so far is entered, and nothing is done."""
    arrived = []
    for name, answer in ANSWERS.items():
        monkeypatch.setattr(socket, name, _arrive(arrived, name, getattr(socket, name), answer))
    for name in ("connect", "connect_ex", "sendto"):
        stand_in = _arrive(arrived, name, getattr(socket.socket, name), lambda *_: None)
        monkeypatch.setattr(socket.socket, name, stand_in, raising=False)
    return arrived


OF_DB = "198.51.100.9"
ANSWERS = {
    "getaddrinfo": lambda host, *_: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ADDRESS if host == NAME else OF_DB, 80))
    ],
    "gethostbyname": lambda host: host,
    "gethostbyaddr": lambda host: (host, [], []),
    "getnameinfo": lambda address, flags: address,
}


def _arrive(arrived, name, original, answer):
    @functools.wraps(original)
    def function(*arguments):
        arrived.append(name)
        return answer(*arguments)

    return function


def looked_up(host):
    """The address that a look-up of a host gives."""
    ((*_, (address, _)),) = socket.getaddrinfo(host, 443)
    return address


# --- local things -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", socket.AF_INET), ("127.9.9.9", socket.AF_INET), ("localhost", socket.AF_INET),
        ("LOCALHOST", socket.AF_INET), ("api.localhost", socket.AF_INET), ("127.1", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET), ("", socket.AF_INET), ("10.1.2.3", socket.AF_INET), ("172.16.0.1", socket.AF_INET),
        ("172.31.255.255", socket.AF_INET), ("192.168.1.1", socket.AF_INET), ("169.254.169.254", socket.AF_INET),
        ("db", socket.AF_INET), ("redis.", socket.AF_INET), ("DB", socket.AF_INET),
        (socket.gethostname(), socket.AF_INET),
        ("::1", V6), ("::", V6), ("fc00::1", V6), ("fd12:3456::1", V6), ("fe80::1", V6), ("fe80::1%lo", V6),
        ("::ffff:127.0.0.1", V6), ("::ffff:10.0.0.1", V6),
    ],
)  # fmt: skip
def test_this_machine_private_networks_and_hosts_of_one_label_are_reached(network, host, family):
    with mockstatus.activate() as router:
        connect(host, 5432, family)
        socket.getaddrinfo(host, 5432)
        assert list(router.unmatched) == []

    assert network == ["connect", "getaddrinfo"]


def test_connecting_a_datagram_socket_is_open_as_it_sends_nothing(network):
    """It is how programs find out their own address."""
    with mockstatus.activate():
        connect(ADDRESS, 53, kind=socket.SOCK_DGRAM)
        connect("2001:db8::1", 53, V6, socket.SOCK_DGRAM)

    assert len(network) == 2


def test_look_ups_that_send_nothing_are_open(network):
    with mockstatus.activate():
        socket.getaddrinfo(ADDRESS, 80)
        socket.getaddrinfo(None, 80)
        socket.getaddrinfo("", 80)
        socket.gethostbyname(ADDRESS)
        socket.getnameinfo((ADDRESS, 80), socket.NI_NUMERICHOST)
        socket.getfqdn("127.0.0.1")
        socket.getfqdn()

    assert len(network) == 7


def test_a_look_up_that_only_an_address_will_do_for_is_open(network):
    """``AI_NUMERICHOST``: for a name it fails, and sends nothing."""
    with mockstatus.activate() as router:
        socket.getaddrinfo(NAME, 443, 0, 0, 0, socket.AI_NUMERICHOST)
        assert list(router.unmatched) == []

    assert network == ["getaddrinfo"]


def test_a_public_address_is_reached_that_a_host_of_one_label_has(network):
    """A database in a container whose name somebody's DNS resolves."""
    with mockstatus.activate():
        connect(looked_up("db"), 5432)

    assert network == ["getaddrinfo", "connect"]


def test_a_public_address_is_reached_that_gethostbyname_gave_for_a_host_of_one_label(network, monkeypatch):
    monkeypatch.setattr(socket, "gethostbyname", lambda host: OF_DB)
    with mockstatus.activate():
        connect(socket.gethostbyname("db"), 5432)

    assert network == ["connect"]


def test_a_real_server_on_loopback_is_reached_by_everything_built_on_sockets(server):
    async def with_asyncio():
        reader, writer = await asyncio.open_connection("localhost", server.port)
        writer.close()
        await writer.wait_closed()

    async def with_trio():
        await (await trio.open_tcp_stream("localhost", server.port)).aclose()

    with mockstatus.activate():
        socket.create_connection(("localhost", server.port)).close()
        asyncio.run(with_asyncio())
        trio.run(with_trio)


def test_unix_sockets_and_socket_pairs_are_open():
    with tempfile.TemporaryDirectory() as folder, mockstatus.activate():
        path = os.path.join(folder, "s")
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.bind(path)
            listener.listen()
            client.connect(path)
        one, other = socket.socketpair()
        with one, other:
            one.sendall(b"x")
            assert other.recv(1) == b"x"


def test_datagrams_on_loopback_are_really_sent():
    with (
        mockstatus.activate(),
        socket.socket(type=socket.SOCK_DGRAM) as one,
        socket.socket(type=socket.SOCK_DGRAM) as two,
    ):
        one.bind(("127.0.0.1", 0))
        two.sendto(b"a", one.getsockname())
        two.sendto(b"b", 0, one.getsockname())
        two.sendmsg([b"c"], [], 0, one.getsockname())
        two.connect(one.getsockname())
        two.sendmsg([b"d"])

        assert [one.recv(10) for _ in range(4)] == [b"a", b"b", b"c", b"d"]


def test_an_address_that_makes_no_sense_fails_as_it_does_without_us(server):
    def failures():
        found = []
        for address in (
            ("127.0.0.1",),
            "text",
            None,
            ("127.0.0.1", "80"),
            ("127.0.0.1", 99999),
            (b"127.0.0.1", server.port),
        ):
            with socket.socket() as sock:
                try:
                    sock.connect(address)
                    found.append(None)
                except Exception as error:
                    found.append((type(error), str(error)))
        return found

    without = failures()
    with mockstatus.activate():
        assert failures() == without


# --- what network names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network_setting", ["allow", [NAME], ["*.example.com"], [f"{NAME}:443"], [f"{NAME}:443", "db.internal"]], ids=str
)
def test_a_host_that_network_names_is_looked_up_and_connected_to(network, network_setting):
    with mockstatus.activate(network=network_setting):
        connect(looked_up(NAME), 443)
        connect(NAME, 443)

    assert network == ["getaddrinfo", "connect", "connect"]


@pytest.mark.parametrize(
    ("network_setting", "host", "port"),
    [
        ([NAME], "www.example.com", 443),
        ([f"{NAME}:443"], NAME, 80),
        (["localhost"], NAME, 443),
        (["*.example.com"], "example.com", 443),
        ([ADDRESS], "192.0.2.1", 443),
        ([f"{ADDRESS}:443"], ADDRESS, 80),
    ],
    ids=str,
)
def test_what_network_does_not_name_stays_blocked(network, network_setting, host, port):
    with mockstatus.activate(network=network_setting) as router:
        with pytest.raises(mockstatus.BlockedConnection, match=host):
            connect(host, port)
        router.unmatched.clear()

    assert network == []


@pytest.mark.parametrize("host", [NAME, "db"])
def test_an_address_that_was_looked_up_in_an_earlier_activation_is_blocked_in_a_later_one(network, host):
    with mockstatus.activate(network=[NAME]):
        address = looked_up(host)
    with mockstatus.activate() as router:
        with pytest.raises(mockstatus.BlockedConnection, match=f"{address}:443"):
            connect(address, 443)
        router.unmatched.clear()


def test_a_blocked_address_is_told_with_the_name_that_it_was_looked_up_by(network):
    with mockstatus.activate(network=[f"{NAME}:443"]) as router:
        with pytest.raises(mockstatus.BlockedConnection, match=NAME):
            connect(looked_up(NAME), 80)
        router.unmatched.clear()


def test_the_innermost_activation_that_says_something_decides(network):
    with mockstatus.activate(network="allow"):
        with mockstatus.activate():
            connect(ADDRESS)
        with mockstatus.activate(network="block") as router:
            with pytest.raises(mockstatus.BlockedConnection):
                connect(ADDRESS)
            router.unmatched.clear()
        connect(ADDRESS)

    assert len(network) == 2


def test_after_the_last_exit_everything_is_open(network):
    with mockstatus.activate():
        """Guard, and stop."""
    connect(ADDRESS)
    socket.getaddrinfo(NAME, 80)

    assert len(network) == 2


def test_while_only_contexts_that_allow_the_network_are_open_everything_else_is_open(network):
    with mockstatus.activate(scope="context", network="allow"), ThreadPoolExecutor(1) as pool:
        pool.submit(connect, ADDRESS).result(timeout=10)

    assert len(network) == 1


# --- requests that are let through ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["process", "context"])
@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_request_that_a_route_lets_through_may_look_its_host_up_and_connect(server, monkeypatch, call, scope):
    resolve_to_loopback(monkeypatch, NAME)
    url = f"http://{NAME}:{server.port}/"
    with mockstatus.activate(scope=scope) as router:
        router.get(url).pass_through()

        assert call(url) == REAL
        assert list(router.unmatched) == []


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_after_a_request_that_was_let_through_the_guard_is_as_before(server, call):
    with mockstatus.activate(network=["localhost"]) as router:
        call(server.url)
        with pytest.raises(mockstatus.BlockedConnection):
            connect(ADDRESS)
        with pytest.raises(mockstatus.BlockedConnection):
            socket.getaddrinfo(NAME, 80)
        router.unmatched.clear()


@pytest.mark.parametrize(
    "attempt", [lambda: socket.getaddrinfo(NAME, 80), lambda: connect(ADDRESS)], ids=["look-up", "connection"]
)
@pytest.mark.parametrize("scope", ["process", "context"])
@pytest.mark.parametrize("door", ["httpx", "urllib3", "httpx-asyncio"])
def test_while_a_request_is_under_way_that_was_let_through_others_are_guarded(
    server, network_is_closed, attempt, scope, door
):
    """The request waits at the server meanwhile; the others are another thread's."""
    with mockstatus.activate(network=["localhost"], scope=scope) as router, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(mockstatus.carry(DOORS[door]), f"{server.url}/held")
        assert server.asked.wait(10)
        try:
            with pytest.raises(mockstatus.BlockedConnection):
                in_a_new_thread(attempt)
        finally:
            server.released.set()
        assert under_way.result(timeout=10) == REAL
        router.unmatched.clear()


@pytest.fixture
def network_is_closed(monkeypatch):
    """A look-up or connection of the two that comes through is an error of its own."""
    look_up, join = socket.getaddrinfo, socket.socket.connect

    def getaddrinfo(host, *arguments, **options):
        assert host != NAME, "this would have left"
        return look_up(host, *arguments, **options)

    def connect_(self, address):
        assert address[0] != ADDRESS, "this would have left"
        return join(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect_, raising=False)


def in_a_new_thread(function):
    errors = []

    def work():
        try:
            function()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


@pytest.mark.parametrize("call", DOORS.values(), ids=DOORS)
def test_a_function_that_answers_is_guarded_like_everything_else(call):
    def answer(request):
        with pytest.raises(mockstatus.BlockedConnection):
            connect(ADDRESS)
        return 401

    with mockstatus.activate() as router:
        router.get(API).respond_with(answer)

        assert call(API).status == 401
        router.unmatched.clear()


def test_a_task_that_is_started_while_a_request_is_let_through_is_guarded(server):
    """What a call starts and leaves behind is not the call."""
    started = []

    async def later():
        await asyncio.sleep(0)
        connect(ADDRESS)

    async def main():
        async def trace(name, info):
            if name == "http11.send_request_headers.started":
                started.append(asyncio.create_task(later()))

        async with httpx.AsyncClient(verify=False) as client:
            await client.get(server.url, extensions={"trace": trace})
        with pytest.raises(mockstatus.BlockedConnection):
            await started[0]

    with mockstatus.activate(network=["localhost"]) as router:
        asyncio.run(main())
        router.unmatched.clear()


PROXY = "203.0.113.9"


@pytest.mark.parametrize("call", ["httpx-asyncio", "httpx-trio", "httpx2-asyncio", "httpx2-trio", "httpx", "requests"])
@pytest.mark.parametrize("proxy", [PROXY, "proxy.example.net"], ids=["address", "name"])
def test_a_request_that_is_let_through_may_connect_to_its_proxy(monkeypatch, call, proxy):
    """Tasks that a client makes for its attempts to connect are part of the request."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://{proxy}:3128")
    reached = []
    look_up = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return look_up(PROXY if name == "proxy.example.net" else host, *arguments, **options)

    def connect_(self, address):
        reached.append(address[0])
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect_, raising=False)
    with mockstatus.activate() as router:
        router.get("http://api.example.com/").pass_through()
        with pytest.raises(Exception, match="."):
            DOORS[call]("http://api.example.com/")
        assert list(router.unmatched) == []

    assert set(reached) == {PROXY}


def test_status_of_what_is_answered_needs_no_network(network):
    with mockstatus.activate():
        assert status("https://mock.local/202") == 202

    assert network == []
