"""What is carried over, as plain values: the sorts of entries, where each must appear, and all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from shall.engine.audit.on_record import Audit

What = Literal[
    "open_finding",
    "unverified_action",
    "dispute",
    "recurrence",
    "issue",
    "unfinished",
    "uncovered",
    "never_drawn",
    "opportunity",
    "consequence",
    "certification",
]
Place = Literal["programme", "plan", "checklist"]

PLACES: Mapping[What, tuple[Place, ...]] = {
    "open_finding": ("programme", "checklist"),
    "unverified_action": ("programme", "plan", "checklist"),
    "dispute": ("plan",),
    "recurrence": ("checklist",),
    "issue": ("programme", "plan"),
    "unfinished": ("plan", "checklist"),
    "uncovered": ("programme", "plan", "checklist"),
    "never_drawn": ("programme", "plan"),
    "opportunity": ("checklist",),
    "consequence": ("programme", "checklist"),
    "certification": ("programme", "plan"),
}
"""What is carried, in the order of a list, and where it must appear."""

Value = str | int | date | Mapping[str, str] | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the catalogue inside another."""

    key: str


@dataclass(frozen=True, slots=True)
class Says:
    """A sentence: its key and what it tells. A mapping is a text in both languages; user texts stay as they are."""

    key: str
    fields: Mapping[str, Value | Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something carried: the record it is about, what it is, why it is carried, from which audit, until when.

    `due` rests on an assumed calendar where `assumed`. `who` is the id of a person or unit. `repeats` are earlier
    findings under the same criterion. `of` is kind and id of what a follow-up duty came of.
    """

    what: What
    record: str
    is_: Says
    why: Says
    audit: str | None = None
    who: str | None = None
    due: date | None = None
    assumed: bool = False
    overdue: bool = False
    unit: str | None = None
    ruleset: str | None = None
    clauses: tuple[str, ...] = ()
    state: str | None = None
    grade: str | None = None
    repeats: tuple[str, ...] = ()
    of: tuple[str, str] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it must appear."""
        return PLACES[self.what]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A site with the audits in which it was visited, as far as the records tell."""

    site: str
    name: str
    audits: tuple[str, ...]
    last: date | None


@dataclass(frozen=True)
class Carried:
    """Everything that enters the next audit after `after`; `settled` was closed since and seen to work.

    `unread` are findings without grade or day, which nothing can be said about. `others` counts by certificate the
    duties of the cycles that the next audit is not about.
    """

    organisation: str
    name: str | None
    on: date
    position: tuple[int, str]
    after: Audit | None
    entries: tuple[Entry, ...]
    drawn: tuple[Drawn, ...]
    settled: tuple[str, ...]
    unread: tuple[str, ...]
    standards: Mapping[str, str]
    people: Mapping[str, str]
    units: Mapping[str, str]
    receipt: Mapping[str, Any]
    others: Mapping[str, int] = field(default_factory=dict)

    def of(self, *what: What) -> tuple[Entry, ...]:
        """The entries of some sorts."""
        return tuple(one for one in self.entries if one.what in what)

    def at(self, place: Place) -> tuple[Entry, ...]:
        """The entries that must appear in the programme, the plan or the checklist."""
        return tuple(one for one in self.entries if place in one.places)
