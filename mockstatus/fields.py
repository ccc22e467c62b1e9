"""Named values that may repeat: header fields, query parameters, cookies. Knows names and order; not what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


class Fields(Mapping[str, str]):
    """A read-only mapping of names to values that keeps order and repeats.

    ``fields["a"]`` is the first value, ``get_list("a")`` all of them, ``multi_items()`` every pair as it came.
    """

    __slots__ = ("_index", "_pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)
        self._index: dict[str, list[str]] | None = None

    @staticmethod
    def _key(name: str) -> str:
        return name

    def _values(self) -> dict[str, list[str]]:
        if self._index is None:
            index: dict[str, list[str]] = {}
            for name, value in self._pairs:
                index.setdefault(self._key(name), []).append(value)
            self._index = index
        return self._index

    def __getitem__(self, name: str) -> str:
        return self._values()[self._key(name)][0]

    def get_list(self, name: str) -> list[str]:
        """All values of a name, in order; an empty list where there is none."""
        return list(self._values().get(self._key(name), ()))

    def multi_items(self) -> list[tuple[str, str]]:
        """Every pair in the order it came, names spelled as they were."""
        return list(self._pairs)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._key(name) in self._values()

    def __iter__(self) -> Iterator[str]:
        seen = set()
        for name, _ in self._pairs:
            key = self._key(name)
            if key not in seen:
                seen.add(key)
                yield name

    def __len__(self) -> int:
        return len(self._values())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Fields):
            return self._comparable() == other._comparable()
        if isinstance(other, Mapping):
            return {self._key(str(name)): value for name, value in other.items()} == {
                self._key(name): self[name] for name in self
            }
        if isinstance(other, (list, tuple)):
            return list(self._pairs) == list(other)
        return NotImplemented

    def _comparable(self) -> dict[str, list[str]]:
        return self._values()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._pairs)!r})"


class Headers(Fields):
    """Header fields: names ignore case, ``headers["a"]`` joins repeats with ``", "`` (RFC 9110, Section 5.3)."""

    __slots__ = ()

    @staticmethod
    def _key(name: str) -> str:
        return name.lower()

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values()[name.lower()])


class Query(Fields):
    """Query parameters, decoded; ``str(query)`` is the text as it was sent, and equals it."""

    __slots__ = ("_raw",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = (), raw: str = "") -> None:
        super().__init__(pairs)
        self._raw = raw

    def __eq__(self, other: object) -> bool:
        return self._raw == other if isinstance(other, str) else super().__eq__(other)

    __hash__ = None

    def __str__(self) -> str:
        return self._raw


class Cookies(Fields):
    """The cookies of a request, in the order sent (RFC 6265, Section 4.2.1)."""

    __slots__ = ()


def parse_cookies(lines: Iterable[str]) -> Cookies:
    """The cookies of ``Cookie`` header lines; a pair without ``=`` has an empty name, as browsers read it."""
    pairs = []
    for line in lines:
        for piece in line.split(";"):
            text = piece.strip()
            if text:
                name, equals, value = text.partition("=")
                pairs.append((name.strip(), value.strip()) if equals else ("", text))
    return Cookies(pairs)
