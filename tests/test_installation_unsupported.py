"""A client that is too old, or has moved what must be patched, is named at once, and nothing is left half done."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.switching import python

CLIENTS = ("httpx", "httpx2", "requests", "urllib3")
OLDEST = {"httpx": "0.27.0", "httpx2": "2.0.0", "requests": "2.32.0", "urllib3": "2.0.0"}
TOO_OLD = {"httpx": "0.26.9", "httpx2": "1.99.0", "requests": "2.31.0", "urllib3": "1.26.20"}

FORKS = '''
import os, sys, types
import httpx, httpx2, requests, urllib3, requests.adapters, urllib3.connection, urllib3.util
import mockstatus
from tests.switching import CLIENTS, attributes, changes, ours

URL = "https://mock.local/202"

def each(function, cases):
    """Call a function for each case in a process of its own, which has not activated anything yet."""
    for case in cases:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                print(*case, "->", function(*case))
            except BaseException as error:
                print(*case, "->", repr(error))
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)

def set_version(name, version):
    sys.modules[name].__version__ = version

def refused(clients, *said):
    """What is not as it should be when an activation is refused: what is not said, and what is left in place."""
    before = attributes()
    try:
        mockstatus.activate(clients=clients).start()
    except mockstatus.UnsupportedClient as error:
        return [text for text in said if text not in str(error)] + changes(before)
    return "activated"
'''


def told_of(function, cases):
    """What each case gives, by the case."""
    told = python(f"{FORKS}{dedent(function)}\neach(check, {cases!r})")
    return dict(line.split(" -> ", 1) for line in told.splitlines())


def by_case(cases, value):
    return {" ".join(map(str, case)): value for case in cases}


# --- too old ----------------------------------------------------------------------------------------------------------


def test_a_client_that_is_too_old_is_named_by_activate_with_its_version_and_nothing_is_left():
    cases = [(name, TOO_OLD[name], True) for name in CLIENTS] + [("urllib3", "1.26.20", False)]
    told = told_of(
        """
        def check(name, version, alone):
            set_version(name, version)
            return refused([name] if alone else None, f"{name} {version}")
        """,
        cases,
    )

    assert told == by_case(cases, "[]")


def test_the_oldest_version_and_any_later_one_is_accepted():
    cases = [*OLDEST.items(), *zip(CLIENTS, ("99.0.0.dev1", "99.0rc1", "99", "99.0.0"))]
    told = told_of(
        """
        def check(name, version):
            set_version(name, version)
            with mockstatus.activate(clients=[name]):
                return CLIENTS[name](URL).status
        """,
        cases,
    )

    assert told == by_case(cases, "202")


def test_the_urllib3_beneath_requests_has_to_be_new_enough_too():
    told = told_of(
        """
        def check(name, version):
            set_version(name, version)
            return refused(["requests"], f"{name} {version}")
        """,
        [("urllib3", "1.26.20")],
    )

    assert told == {"urllib3 1.26.20": "[]"}


def test_a_client_that_is_left_out_may_be_as_old_as_it_likes_and_the_others_can_still_be_activated():
    told = told_of(
        """
        def check(refuse_first):
            set_version("requests", "1.0.0")
            if refuse_first:
                assert refused(None, "requests 1.0.0") == []
            with mockstatus.activate(clients=["httpx", "urllib3"]):
                return CLIENTS["httpx"](URL).status, CLIENTS["urllib3"](URL).status
        """,
        [(True,), (False,)],
    )

    assert told == {"True": "(202, 202)", "False": "(202, 202)"}


def test_a_refused_activation_inside_another_leaves_that_one_as_it_was():
    told = told_of(
        """
        def check(name):
            set_version(name, "1.0.0")
            with mockstatus.activate(clients=["httpx"]) as router:
                wrong = refused(None, f"{name} 1.0.0")
                return wrong, CLIENTS["httpx"](URL).status, len(router.calls)
        """,
        [("urllib3",), ("httpx2",)],
    )

    assert told == {"urllib3": "([], 202, 1)", "httpx2": "([], 202, 1)"}


def test_what_a_refused_activation_wanted_is_not_wanted_by_the_one_around_it():
    """Else an import inside the outer one would be hooked, or refused, for a client that it never asked for."""
    told = told_of(
        """
        def check(name):
            for module in [one for one in sys.modules if one.partition(".")[0] == "httpx2"]:
                del sys.modules[module]
            set_version(name, "1.0.0")
            with mockstatus.activate(clients=["httpx"]):
                refused(None, f"{name} 1.0.0")
                import httpx2
                return [hook for hook in ours() if hook.startswith("httpx2")]
        """,
        [("urllib3",)],
    )

    assert told == {"urllib3": "[]"}


# --- something is missing ---------------------------------------------------------------------------------------------

MISSING = [
    ("httpx", "httpx", "HTTPTransport"),
    ("httpx", "httpx", "AsyncHTTPTransport"),
    ("httpx2", "httpx2", "HTTPTransport"),
    ("httpx2", "httpx2", "AsyncHTTPTransport"),
    ("requests", "requests.adapters", "HTTPAdapter"),
    ("requests", "requests.adapters.HTTPAdapter", "send"),
    ("urllib3", "urllib3.connection", "HTTPSConnection"),
    ("urllib3", "urllib3.HTTPConnectionPool", "urlopen"),
    ("urllib3", "urllib3.Retry", "sleep"),
    ("urllib3", "urllib3.Retry", "sleep_for_retry"),
]


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among all"])
def test_a_client_without_something_that_must_be_patched_is_named_by_activate_and_nothing_is_left(alone):
    told = told_of(
        f"""
        def check(name, owner, attribute):
            delattr(eval(owner), attribute)
            version = sys.modules[name].__version__
            return refused([name] if {alone} else None, f"{{name}} {{version}}", attribute)
        """,
        MISSING,
    )

    assert told == by_case(MISSING, "[]")


def test_a_transport_that_no_longer_says_its_retries_is_named():
    """At entry or in the call that would need them, but never by doing without."""
    told = told_of(
        """
        def check(name):
            client = sys.modules[name]
            set_up = client.HTTPTransport.__init__

            def moved(self, *arguments, **options):
                set_up(self, *arguments, **options)
                self._connections = vars(self).pop("_pool")

            client.HTTPTransport.__init__ = moved
            try:
                with mockstatus.activate() as router:
                    router.get(URL).fail("connection_refused")
                    client.Client(transport=client.HTTPTransport(verify=False)).get(URL)
            except mockstatus.UnsupportedClient as error:
                return f"{name} {client.__version__}" in str(error)
        """,
        [("httpx",), ("httpx2",)],
    )

    assert told == {"httpx": "True", "httpx2": "True"}


def test_a_module_that_only_bears_the_name_of_a_client_is_named():
    cases = [(name, "99.1.2") for name in ("httpx", "httpx2", "urllib3")]
    told = told_of(
        """
        def check(name, version):
            sys.modules[name] = types.ModuleType(name)
            set_version(name, version)
            return refused([name], f"{name} {version}")
        """,
        cases,
    )

    assert told == by_case(cases, "[]")


# --- from the import --------------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path):
    """Write a client of a given name and version that is found before the real one."""

    def write(name, version, source=""):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"__version__ = {version!r}\n{dedent(source)}")
        return [tmp_path]

    return write


IMPORT = """
    import sys
    import mockstatus
    kept = list(sys.meta_path)
    with mockstatus.activate() as router:
        import urllib3
        for _ in range(2):
            try:
                import {name}
            except mockstatus.UnsupportedClient as error:
                print({version!r} in str(error), "{name}" in str(error), "{name}" in sys.modules)
        print(urllib3.request("GET", "https://mock.local/202").status)
    import {name}
    print({name}.__version__, sys.meta_path == kept)
    """


@pytest.mark.parametrize(
    ("name", "version", "source"),
    [
        ("httpx", "0.26.9", ""),
        ("httpx2", "1.9", ""),
        ("requests", "2.31.0", ""),
        ("httpx", "0.99.0", "HTTPTransport = object"),
        ("httpx2", "9.0", "class HTTPTransport: pass"),
        ("requests", "9.0", ""),
    ],
)
def test_a_client_that_is_imported_inside_and_cannot_be_answered_is_named_by_its_import(package, name, version, source):
    told = python(IMPORT.format(name=name, version=version), path=package(name, version, source))

    assert told == f"True True False\nTrue True False\n202\n{version} True"


def test_a_client_that_was_imported_before_and_is_too_old_is_named_by_activate(package):
    told = python(
        """
        import sys
        import httpx, mockstatus
        kept = list(sys.meta_path)
        for _ in range(2):
            try:
                mockstatus.activate().start()
            except mockstatus.UnsupportedClient as error:
                print("httpx 0.26.9" in str(error), "clients=" in str(error), sys.meta_path == kept)
        """,
        path=package("httpx", "0.26.9"),
    )

    assert told == "True True True\nTrue True True"


def test_a_client_that_another_thread_is_importing_and_that_is_too_old_is_named_there(package):
    slow = """
        import builtins
        builtins.reached.set()
        assert builtins.go_on.wait(10)
        """
    told = python(
        """
        import builtins, sys, threading
        import mockstatus
        builtins.reached, builtins.go_on = threading.Event(), threading.Event()
        errors = []

        def work():
            try:
                import httpx
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        assert reached.wait(10)
        with mockstatus.activate():
            go_on.set()
            thread.join()
            print([type(error).__name__ for error in errors], "httpx 0.26.9" in str(errors[0]))
            try:
                import httpx
            except mockstatus.UnsupportedClient as error:
                print("httpx 0.26.9" in str(error))
        import httpx
        print(httpx.__version__)
        """,
        path=package("httpx", "0.26.9", slow),
    )

    assert told == "['UnsupportedClient'] True\nTrue\n0.26.9"
