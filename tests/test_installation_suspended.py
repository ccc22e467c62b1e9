"""An activation that is entered while another thread is in the midst of importing a client."""

from __future__ import annotations

from tests.switching import ASK, python

SUSPENDED = (
    ASK
    + '''
import threading
from importlib.machinery import PathFinder

class Suspend:
    """Holds the import of one module up until it may go on."""

    def __init__(self, name):
        self.name, self.reached, self.go_on = name, threading.Event(), threading.Event()

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            self.reached.set()
            assert self.go_on.wait(10)
            execute(module)

        spec.loader.exec_module = exec_module
        return spec

def suspended(name, inner):
    """Import a client in another thread, and stop half-way; what lets it go on and waits for it, and its error."""
    gate = Suspend(inner)
    sys.meta_path.insert(0, gate)
    errors = []

    def work():
        try:
            importlib.import_module(name)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert gate.reached.wait(10)

    def finish():
        gate.go_on.set()
        thread.join()
        sys.meta_path.remove(gate)
        return errors

    return finish
'''
)
HALF_WAY = {
    "urllib3": "urllib3.connection",
    "requests": "requests.adapters",
    "httpx": "httpx._transports.default",
    "httpx2": "httpx2._transports.default",
}


def test_clients_that_another_thread_is_importing_are_answered_as_soon_as_they_are_there():
    told = python(
        SUSPENDED
        + f"""
for name, inner in {HALF_WAY}.items():
    finish = suspended(name, inner)
    with mockstatus.activate():
        first = finish(), ask(name)
    with mockstatus.activate():
        print(name, *first, ask(name))
    print(ours())
"""
    )

    assert told == "\n".join(f"{name} [] 202 202\n[]" for name in HALF_WAY)


def test_imports_that_end_after_the_activation_leave_nothing_of_ours():
    told = python(
        SUSPENDED
        + f"""
for name, inner in {HALF_WAY}.items():
    finish = suspended(name, inner)
    with mockstatus.activate():
        pass
    print(name, finish(), ours(), type(sys.modules[name].__spec__).__name__)
    with mockstatus.activate():
        print(ask(name))
    print(ours())
"""
    )

    assert told == "\n".join(f"{name} [] [] ModuleSpec\n202\n[]" for name in HALF_WAY)


def test_an_import_that_is_under_way_when_two_activations_begin_and_one_ends_is_answered():
    told = python(
        SUSPENDED
        + """
finish = suspended("urllib3", "urllib3.connection")
first, second = mockstatus.activate(), mockstatus.activate()
first.start()
second.start()
first.stop()
print(finish(), ask("urllib3"))
second.stop()
print(ours())
"""
    )

    assert told == "[] 202\n[]"


def test_an_import_that_began_in_one_activation_and_ends_in_the_next_is_answered():
    told = python(
        SUSPENDED
        + """
first = mockstatus.activate()
first.start()
finish = suspended("urllib3", "urllib3.connection")
first.stop()
with mockstatus.activate():
    print(finish(), ask("urllib3"))
print(ours())
"""
    )

    assert told == "[] 202\n[]"


def test_an_import_that_another_thread_breaks_off_leaves_nothing_of_ours():
    told = python(
        SUSPENDED
        + """
finish = suspended("urllib3", "urllib3.connection")
with mockstatus.activate():
    sys.modules["urllib3.connectionpool"] = None  # what comes next cannot be imported
    print([ImportError.__name__ for error in finish() if isinstance(error, ImportError)], "urllib3" in sys.modules)
    del sys.modules["urllib3.connectionpool"]
    forget("urllib3")
    print(ask("urllib3"))
print(ours())
"""
    )

    assert told == "['ImportError'] False\n202\n[]"
