"""What a document of an audit shows, as data: read with a context it gives a document, without one a template.

A label or title is a key of the texts; a path names a field of the context, by dots: `audit.lead`. Within a part
that is repeated a path that starts with `item.` names a field of the item, any other one of the context.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from shall.engine.grading import DEFAULT, Policy

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar

Context = dict[str, Any]
"""The fields of a paper: texts, lists of groups of fields, groups of fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled line."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Labelled lines, one below the other; left out where `when` names a field that is empty."""

    fields: tuple[Field, ...]
    when: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, left out where the field is empty."""

    path: str


@dataclass(frozen=True, slots=True)
class Col:
    """A column of a table: its head, the field of the row that it shows, its share of the width."""

    label: str
    path: str
    width: float = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """A table with a row for each item of a list; `empty` is said where the list has none."""

    path: str
    columns: tuple[Col, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to be signed by hand: who signs, with room for name, signature and day."""

    lines: tuple[str, ...]


Block = Fields | Text | Rows | Signatures


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it, repeated for each item of the list `each` where it names one.

    It is left out where `when` names a field that is empty.
    """

    title: str
    blocks: tuple[Block, ...]
    each: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole document: its name in the command, its title, its parts."""

    name: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a document is asked for: whose, on which day, as known when, and of which audit, finding or review.

    `settled` says that somebody chose the day; otherwise it is today and a report may take an earlier one.
    `since` starts the audit period, `known` is a position of the ledger (None: all of it); `standards` are keys of
    rulesets (empty: those the audit names). `policy` grades and sets the due dates, counted on `days` (None: the
    shipped calendars).
    """

    organisation: str
    on: date
    since: date | None = None
    known: int | None = None
    audit: str | None = None
    finding: str | None = None
    standards: tuple[str, ...] = ()
    review: str | None = None
    policy: Policy = DEFAULT
    days: "Calendar | None" = None
    settled: bool = True
