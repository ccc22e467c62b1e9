"""What is known about one status code. Knows the shape of a row; must not know which codes exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mockstatus.replies import Reply

Category = Literal["informational", "success", "redirection", "client_error", "server_error", "invalid"]
BodyRule = Literal["forbidden", "typical", "optional"]
Level = Literal["must", "should", "may", "must not", "should not"]

_CATEGORIES: dict[int, Category] = {
    1: "informational",
    2: "success",
    3: "redirection",
    4: "client_error",
    5: "server_error",
}


def category_of(code: int) -> Category:
    """The class of a status code, from its first digit (RFC 9110, Section 15)."""
    return _CATEGORIES.get(code // 100, "invalid")


@dataclass(frozen=True, slots=True)
class HeaderFact:
    """A header field that a status code requires, invites or forbids.

    ``example`` is a value that may be sent as it stands; ``section`` says where the rule is written.
    """

    name: str
    level: Level
    example: str = ""
    when: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One status code: what it means, what it carries, what a client should do about it.

    ``phrase`` is the reason phrase as sent on the wire; ``reference`` is the section that defines the code, or
    the vendor that uses it; ``cacheable`` means cacheable without explicit freshness (RFC 9110, Section 15.1);
    ``body`` is ``"forbidden"``, ``"typical"`` or ``"optional"``.
    """

    code: int
    phrase: str
    reference: str
    summary: str
    causes: tuple[str, ...]
    use_cases: tuple[str, ...]
    client_should: str
    related: tuple[int, ...] = ()
    headers: tuple[HeaderFact, ...] = ()
    body: BodyRule = "typical"
    cacheable: bool = False
    registered: bool = True
    note: str = ""
    vendor: str = ""
    category: Category = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "category", category_of(self.code))

    @property
    def body_allowed(self) -> bool:
        """False where content must not be sent: 1xx, 204, 205 and 304 (RFC 9110, Section 6.4.1)."""
        return self.body != "forbidden"

    def reply(self) -> Reply:
        """The documented reply of this code, as ``mockstatus.reply(code)`` gives it."""
        from mockstatus.replies import documented

        return documented(self.code)

    def __repr__(self) -> str:
        return f"<Status {self.code} {self.phrase}>"
