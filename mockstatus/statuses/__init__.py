"""The catalogue: every registered status code and the well-known others. Knows facts; must not know replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockstatus.errors import InvalidReply
from mockstatus.statuses import client_error, informational, redirection, server_error, success, unregistered
from mockstatus.statuses.status import BodyRule, HeaderFact, Status, category_of

__all__ = ["Catalog", "HeaderFact", "Status", "catalog"]


class UnknownCode(InvalidReply, KeyError):
    """A number that is no status code: outside 100 to 599, and none of the well-known ones beyond."""

    __str__ = Exception.__str__


class Catalog(Mapping[int, Status]):
    """The known status codes in numeric order; ``catalog[299]`` of a legal unknown one is its class's default."""

    def __init__(self, rows: Mapping[int, Status]) -> None:
        self._rows = rows

    def __getitem__(self, code: int) -> Status:
        row = self._rows.get(code)
        return unlisted(code) if row is None else row

    def __contains__(self, code: object) -> bool:
        return code in self._rows

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, text: str) -> list[Status]:
        """The statuses that mention all words of ``text``, best first: in the phrase, then in the prose."""
        words = text.lower().split()
        if not words:
            return []
        ranked = [(rank, row) for row in self._rows.values() if (rank := _rank(row, words)) is not None]
        return [row for _, row in sorted(ranked, key=lambda pair: (pair[0], pair[1].code))]

    def __repr__(self) -> str:
        return f"<Catalog of {len(self)} status codes>"


def _rank(row: Status, words: list[str]) -> int | None:
    """0 for a phrase or number with all the words, 1 for a summary, 2 for the rest; None for no such row."""
    seen = ""
    prose = (*row.causes, *row.use_cases, row.client_should, row.note, row.vendor, row.reference)
    for rank, text in enumerate((f"{row.code} {row.phrase}", row.summary, " ".join(prose))):
        seen += " " + text.lower()
        if all(word in seen for word in words):
            return rank
    return None


def unlisted(code: int) -> Status:
    """What holds for a legal code that nobody listed: the meaning of its class (RFC 9110, Section 15)."""
    if isinstance(code, bool) or not isinstance(code, int) or not 100 <= code <= 599:
        raise UnknownCode(
            f"{code!r} is no HTTP status code: they are whole numbers from 100 to 599 (RFC 9110, Section 15)"
        )
    kind = category_of(code)
    body: BodyRule = "forbidden" if code < 200 else "optional"
    return Status(
        code,
        "",
        reference="RFC 9110, Section 15",
        summary=f"Not listed anywhere; clients treat it as {code // 100 * 100} ({kind.replace('_', ' ')}).",
        causes=("An application made the number up",),
        use_cases=(f"Check that an unknown code is treated as {code // 100}00",),
        client_should=f"Act as on {code // 100}00.",
        related=(code // 100 * 100,),
        body=body,
        registered=False,
    )


catalog = Catalog(
    {
        row.code: row
        for row in sorted(
            (
                *informational.ROWS,
                *success.ROWS,
                *redirection.ROWS,
                *client_error.ROWS,
                *server_error.ROWS,
                *unregistered.ROWS,
            ),
            key=lambda row: row.code,
        )
    }
)
