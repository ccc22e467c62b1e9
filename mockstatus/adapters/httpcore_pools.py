"""httpcore's pools as httpcore wrote them, whatever another library has put into them. Knows modules; no requests.

Mocks of httpx (respx, for one) replace ``handle_request`` in httpcore's classes: an outcome that is played to a pool of
these would be theirs to answer. Where they did, the modules are executed once more, and the classes taken from that.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import FunctionType, ModuleType
from typing import Any


def pool_class(core: Any, prefix: str = "") -> Any:
    """``ConnectionPool`` of httpcore or httpcore2; with the prefix ``Async`` the asynchronous one."""
    pool, connection = getattr(core, f"{prefix}ConnectionPool"), getattr(core, f"{prefix}HTTPConnection")
    if _is_own(pool, core) and _is_own(connection, core):
        return pool
    return _executed_again(pool, connection)


def _is_own(kind: type, core: ModuleType) -> bool:
    """Whether what handles requests in a class is the library's own function."""
    handlers = [value for name in ("handle_request", "handle_async_request") if (value := vars(kind).get(name))]
    return all(
        type(value) is FunctionType and value.__globals__["__name__"].partition(".")[0] == core.__name__
        for value in handlers
    )


@cache
def _executed_again(pool: type, connection: type) -> Any:
    """The same class, from its module executed once more, with connections from theirs."""
    pools, connections = _executed(pool), _executed(connection)
    setattr(pools, connection.__name__, getattr(connections, connection.__name__))
    return getattr(pools, pool.__name__)


def _executed(kind: Any) -> ModuleType:
    name = kind.__init__.__globals__["__name__"]  # its ``__module__`` is the package, by which it is known outside
    spec = spec_from_file_location(name, sys.modules[name].__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
