"""Clients that are imported before, during and after an activation, each in a fresh interpreter."""

from __future__ import annotations

import pytest

from tests.switching import ASK, python

CLIENTS = ("httpx", "httpx2", "requests", "urllib3")
LOADED = f"sorted({CLIENTS!r} & sys.modules.keys())"


# --- importing mockstatus ---------------------------------------------------------------------------------------------


def test_importing_mockstatus_imports_no_client_and_takes_under_25_ms():
    """Of the processor's time, which does not depend on what else the machine is doing."""
    code = f"""
        import sys, time
        began = time.process_time()
        import mockstatus
        print(time.process_time() - began, {LOADED}, "asyncio" in sys.modules)
        """
    told = [python(code).split(" ", 1) for _ in range(5)]

    assert {loaded for _, loaded in told} == {"[] False"}
    assert min(float(seconds) for seconds, _ in told) < 0.025


def test_no_public_name_imports_a_client():
    told = python(f"""
        import sys
        import mockstatus
        for name in mockstatus.__all__:
            getattr(mockstatus, name)
        from mockstatus import *
        print({LOADED})
        """)

    assert told == "[]"


def test_an_activation_imports_no_client_that_nobody_imported():
    told = python(f"""
        import sys
        import mockstatus
        with mockstatus.activate() as router:
            router.get("https://api.example.com/jobs").respond(202)
            print({LOADED})
        import urllib3
        with mockstatus.activate():
            urllib3.request("GET", "https://mock.local/202")
            print({LOADED})
        """)

    assert told == "[]\n['urllib3']"


# --- before, during, after --------------------------------------------------------------------------------------------


def test_clients_imported_before_and_what_was_taken_from_them_before_are_answered():
    told = python(
        ASK
        + """
import httpx, httpx2, requests, urllib3
from httpx import get
from requests import Session
client, session, pool = httpx.Client(verify=False), Session(), urllib3.PoolManager()
with mockstatus.activate():
    print([ask(name) for name in CLIENTS])
    print(client.get(URL).status_code, session.get(URL).status_code, pool.request("GET", URL).status)
    print(get(URL, verify=False).status_code)
print(ours())
"""
    )

    assert told == "[202, 202, 202, 202]\n202 202 202\n202\n[]"


@pytest.mark.parametrize("order", [CLIENTS, CLIENTS[::-1]], ids=["alphabetical", "reversed"])
def test_clients_imported_during_an_activation_are_answered_in_it_and_in_the_next(order):
    told = python(
        ASK
        + f"""
with mockstatus.activate():
    print([ask(name) for name in {order}])
print(ours())
with mockstatus.activate():
    print([ask(name) for name in {order}])
print(ours())
"""
    )

    assert told == "[202, 202, 202, 202]\n[]\n[202, 202, 202, 202]\n[]"


def test_clients_imported_after_an_activation_are_answered_in_the_next():
    told = python(
        ASK
        + """
with mockstatus.activate():
    pass
import httpx, httpx2, requests, urllib3
print(ours())
with mockstatus.activate():
    print([ask(name) for name in CLIENTS])
print(ours())
"""
    )

    assert told == "[]\n[202, 202, 202, 202]\n[]"


def test_a_client_is_answered_whichever_of_its_modules_is_imported_first():
    told = python(
        ASK
        + """
with mockstatus.activate():
    from urllib3.poolmanager import PoolManager
    from requests.sessions import Session
    from httpx._client import Client
    import httpx2._transports.default
    print(PoolManager().request("GET", URL).status, Session().get(URL).status_code)
    print(Client(verify=False).get(URL).status_code)
    print(ask("httpx2"))
print(ours())
"""
    )

    assert told == "202 202\n202\n202\n[]"


def test_a_client_imported_in_another_thread_is_answered():
    told = python(
        ASK
        + """
import threading
seen = []
with mockstatus.activate():
    threads = [threading.Thread(target=lambda name=name: seen.append(ask(name))) for name in CLIENTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(seen, ours())
"""
    )

    assert told == "[202, 202, 202, 202] []"


def test_only_the_clients_that_are_named_are_hooked_when_they_are_imported():
    told = python(
        ASK
        + """
with mockstatus.activate(clients=["httpx"]):
    import httpx, httpx2, requests, urllib3
    print(sorted({name.partition(".")[0] for name in ours()} - {"socket"}))
    print(ask("httpx"))
print(ours())
"""
    )

    assert told == "['AsyncHTTPTransport', 'HTTPTransport', '_Watch']\n202\n[]"


# --- unusual imports --------------------------------------------------------------------------------------------------


def test_clients_that_are_imported_anew_inside_are_answered():
    """Test suites that clear ``sys.modules`` have two of each then."""
    told = python(
        ASK
        + """
import httpx, httpx2, requests, urllib3
with mockstatus.activate() as router:
    print([ask(name) for name in CLIENTS])
    for name in CLIENTS:
        forget(name)
    print([ask(name) for name in CLIENTS], httpx is not sys.modules["httpx"])
    router.unmatched.clear()
print(ours())
"""
    )

    assert told == "[202, 202, 202, 202]\n[202, 202, 202, 202] True\n[]"


def test_clients_that_are_imported_anew_between_two_activations_are_answered():
    """pytest's own ``pytester`` clears ``sys.modules`` of what was first imported in the runs that it makes."""
    told = python(
        ASK
        + """
with mockstatus.activate():
    print([ask(name) for name in CLIENTS])
for name in CLIENTS:
    forget(name)
with mockstatus.activate() as router:
    print([ask(name) for name in CLIENTS])
    router.unmatched.clear()
print(ours())
"""
    )

    assert told == "[202, 202, 202, 202]\n[202, 202, 202, 202]\n[]"


def test_clients_that_were_imported_anew_are_answered_like_those_that_somebody_still_has():
    told = python(
        ASK
        + """
import httpx, httpx2, requests, urllib3
old = httpx.get, httpx2.get, requests.get, lambda url: urllib3.request("GET", url)

def ask_old():
    return [getattr(answer, "status_code", None) or answer.status for answer in [get(URL) for get in old]]

with mockstatus.activate():
    for name in CLIENTS:
        forget(name)
    print([ask(name) for name in CLIENTS], ask_old())
with mockstatus.activate():
    print([ask(name) for name in CLIENTS], ask_old())
print(ours())
"""
    )

    assert told == "[202, 202, 202, 202] [202, 202, 202, 202]\n" * 2 + "[]"


def test_requests_that_was_imported_with_another_urllib3_is_named():
    """Its calls could not be seen."""
    told = python(
        ASK
        + """
import requests
forget("urllib3")
import urllib3
try:
    mockstatus.activate().start()
except mockstatus.UnsupportedClient as error:
    print(f"requests {requests.__version__}" in str(error), "another urllib3" in str(error))
with mockstatus.activate(clients=["urllib3"]):
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "True True\n202\n[]"


def test_a_client_that_is_reloaded_inside_is_answered():
    told = python(
        ASK
        + """
import httpx, urllib3
with mockstatus.activate():
    importlib.reload(httpx)
    importlib.reload(urllib3)
    print(ask("httpx"), ask("urllib3"))
print(ours())
"""
    )

    assert told == "202 202\n[]"


def test_looking_for_a_client_does_not_import_it_and_what_was_found_can_be_loaded_afterwards():
    told = python(
        ASK
        + """
import importlib.util
with mockstatus.activate():
    spec = importlib.util.find_spec("urllib3")
    print("urllib3" in sys.modules)
module = importlib.util.module_from_spec(spec)
sys.modules["urllib3"] = module
spec.loader.exec_module(module)
print(ours())
with mockstatus.activate():
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "False\n[]\n202\n[]"


def test_a_client_is_answered_that_a_finder_of_somebody_else_finds_first():
    """As the import hooks of coverage, typeguard and tracers do, which may be put in front after us."""
    told = python(
        ASK
        + """
from importlib.machinery import PathFinder

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, path, target)

with mockstatus.activate():
    sys.meta_path.insert(0, Finder)
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "202\n[]"


def test_a_client_is_answered_that_a_finder_from_before_finds():
    told = python(
        ASK
        + """
from importlib.machinery import PathFinder

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, path, target)

sys.meta_path.insert(0, Finder)
with mockstatus.activate():
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "202\n[]"


def test_an_import_that_fails_fails_as_it_does_without_us_and_may_be_tried_again():
    told = python(
        ASK
        + """
sys.modules["idna"] = None  # not to be imported
sys.modules["urllib3.connection"] = None
with mockstatus.activate():
    for _ in range(2):
        try:
            import urllib3
        except ImportError as error:
            print(type(error).__name__, "urllib3" in sys.modules)
    del sys.modules["urllib3.connection"]
    forget("urllib3")
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "ModuleNotFoundError False\nModuleNotFoundError False\n202\n[]"


def test_a_client_that_is_not_installed_is_not_missed():
    told = python(
        ASK
        + """
for name in ("httpx", "httpx2", "requests"):
    sys.modules[name] = None
with mockstatus.activate():
    print(ask("urllib3"))
with mockstatus.activate(clients=["httpx", "urllib3"]):
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "202\n202\n[]"
