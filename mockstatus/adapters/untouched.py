"""Whether methods of a client are as the client has them. Knows functions; must not know what they are for."""

from __future__ import annotations

import operator
from typing import Any

from mockstatus.adapters.patching import is_as_made


class Methods:
    """Some methods of a class of a client, by the client's package and their names."""

    __slots__ = ("_get", "_good", "_names", "_package")

    def __init__(self, package: str, *names: str) -> None:
        self._package = package
        self._names = names
        self._get = operator.attrgetter(*names)
        self._good: set[tuple[Any, ...]] = set()  # what they were, and were found to be untouched

    def of_class(self, kind: type) -> bool:
        """Whether a class has them from the package, a hook of ours around them or not."""
        try:
            found = self._get(kind)
        except AttributeError:
            return False
        if found in self._good:
            return True
        if not all(is_as_made(function, self._package) for function in found):
            return False
        self._good.add(found)
        return True

    def of(self, thing: Any) -> bool:
        """Whether an object has them so from its class, and none of its own."""
        return thing.__dict__.keys().isdisjoint(self._names) and self.of_class(type(thing))
