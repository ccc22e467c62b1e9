"""Has everything that refers to a function refer to another, and back. Knows no time, and not where references are found.

A search goes through all objects there are, which takes some tenths of a second where there are a million. So what was
found is remembered, and the number of references tells whether anything else has come.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from mockstatus.referrers import Place, find, find_young

_IMMORTAL: Final = 1 << 28  # reference counts above this are none


class Known:
    """A function, the places that refer to it, and how many references there were when all was last in order."""

    __slots__ = ("_count", "function", "places")

    def __init__(self, function: Any) -> None:
        self.function = function
        self.places: dict[tuple[int, Any], Place] = {}  # by where they are
        self._count = -1

    def add(self, places: Iterable[Place]) -> None:
        """These refer to it too."""
        self.places |= {place.where: place for place in places}

    def settle(self) -> None:
        """All is in order: take down how many references there are."""
        self._forget_the_dead()
        self._count = self._references()

    def bury(self) -> None:
        """Forget the places that are no more since, which have taken their references with them."""
        gone = self._forget_the_dead()
        if self._count >= 0:
            self._count -= gone

    def _forget_the_dead(self) -> int:
        gone = [where for where, place in self.places.items() if place.is_gone()]
        for where in gone:
            del self.places[where]
        return len(gone)

    def has_all(self) -> bool:
        """Whether nothing else refers to the function than did the last time."""
        return self._references() == self._count and self._all_refer_to_it()

    def has_all_with(self, young: Iterable[Place]) -> bool:
        """Learn places that are new; whether they are all that refers to the function and did not the last time."""
        new = {place.where: place for place in young if place.where not in self.places}
        if self._references() < 0 or self._references() != self._count + len(new) or not self._all_refer_to_it():
            return False
        self.add(new.values())
        self.settle()
        return True

    def _all_refer_to_it(self) -> bool:
        return all(place.here() is self.function for place in self.places.values())

    def _references(self) -> int:
        """How many references to the function there are; -1 where it is not counted."""
        count = sys.getrefcount(self.function)
        return count if count < _IMMORTAL else -1


class Names:
    """The places that refer to some functions, to be changed to their replacements and back, again and again."""

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}  # by function
        self._replacements: dict[int, Known] = {}
        self._changed: list[tuple[Place, Known]] = []  # what each place referred to before
        self._wrappers: tuple[Any, ...] = ()

    def look_over(self) -> None:
        """Forget what is no longer right; all stands as it was."""
        uncertain = _not_whole(self._known.values(), self._wrappers)
        for known in uncertain:
            del self._known[id(known.function)]
        self._wrappers = ()

    def change(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Have everything that refers to the first of a pair refer to the second."""
        changes = {id(old): (Known(old), Known(new)) for old, new in pairs}
        unknown = [old.function for ident, (old, _) in changes.items() if ident not in self._known]
        self._wrappers = tuple(dict.fromkeys((*self._wrappers, *(new.function for _, new in changes.values()))))
        found = find(unknown, self._wrappers)
        for ident, (old, new) in changes.items():
            known = self._known.setdefault(ident, old)
            known.add(found.get(ident, ()))
            replacement = self._replacements.setdefault(id(new.function), new)
            replacement.add(known.places.values())
            for place in known.places.values():
                place.change(new.function)
                self._changed.append((place, known))

    def changed(self) -> None:
        """Everything that refers to a replacement does so because of ``change``."""
        for known in self._replacements.values():
            known.settle()

    def look_for_strangers(self) -> None:
        """Find what else has come to refer to a replacement; everything else still stands as ``changed`` saw it."""
        uncertain = _not_whole(self._replacements.values())
        for ident, places in find([known.function for known in uncertain]).items():
            self._replacements[ident].add(places)

    def change_back(self, original: Callable[[Any, Any], Any]) -> None:
        """Have what refers to a replacement refer to what ``original`` says, given both.

        The second is the replacement itself where something has come to refer to it since.
        """
        seen = {place.where for place, _ in self._changed}
        for replacement in self._replacements.values():
            strange = [place for where, place in replacement.places.items() if where not in seen]
            self._changed.extend([(place, replacement) for place in strange])
        for place, before in self._changed:
            here = place.here()
            if id(here) in self._replacements:
                function = original(here, before.function)
                place.change(function)
                if id(function) in self._known:
                    self._known[id(function)].add([place])
        self._changed, self._replacements = [], {}

    def settle(self) -> None:
        """Everything stands as it was again: what would be kept alive by being remembered is not."""
        for known in self._known.values():
            known.settle()
        self._known = {
            ident: known
            for ident, known in self._known.items()
            if not any(place.is_kept_alive for place in known.places.values())
        }


def _not_whole(several: Collection[Known], wrappers: Iterable[Any] = ()) -> list[Known]:
    """Those of which not all places are known, after a look at what has come lately."""
    for known in several:
        known.bury()
    uncertain = [known for known in several if not known.has_all()]
    if not uncertain:
        return []
    young = find_young([known.function for known in uncertain], wrappers)
    return [known for known in uncertain if not known.has_all_with(young[id(known.function)])]
