"""Methods that are made of functions: their name, text and signature as if they had been written out. Knows no routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter, signature
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
_SELF = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)


def made_of(method: F, function: Callable[..., Any], *, qualname: str, doc: str, without: str = "") -> F:
    """The method, shown by ``help`` and editors with the parameters of a function, except ``without``, and returning a Route."""
    update_wrapper(method, function)
    method.__qualname__ = qualname
    method.__name__ = qualname.rpartition(".")[2]
    method.__doc__ = doc
    asked = signature(function)
    parameters = [one for one in asked.parameters.values() if one.name not in ("self", without)]
    method.__signature__ = asked.replace(  # type: ignore[attr-defined] # what inspect.signature looks at first
        parameters=[_SELF, *parameters], return_annotation="Route"
    )
    annotations = {name: kind for name, kind in function.__annotations__.items() if name != without}
    method.__annotations__ = {**annotations, "return": "Route"}
    return method
