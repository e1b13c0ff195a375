"""What lapses or falls due: read from the columns that are declared to say so, never guessed from their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shall.engine.trees import shift_months
from shall.evidence.schema import Column, Kind, schema
from shall.evidence.store import Store

LAPSES = "valid_until"
"""The one expiry date every kind has: the record stops being evidence on the day after it."""

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Expiring:
    """One date on which a record lapses or something it promises falls due; sorted by date first."""

    date: str
    kind: str
    id: str
    column: str
    site: str | None
    unit: str | None
    overdue: bool


def expiring(
    store: Store, organisation: str, on: date, horizon_months: int = 12, known: int | None = None
) -> list[Expiring]:
    """What is overdue on the day or comes due within so many months of it, the earliest first.

    Drafts and withdrawn records promise nothing. A duty that a later column settles is left out, and so is a
    validity that ended more than `horizon_months` before the day: that is history, not work.
    """
    bounds = (shift_months(on, -horizon_months).isoformat(), shift_months(on, horizon_months).isoformat())
    found = [
        entry
        for kind in schema().values()
        for column in kind.columns
        if column.expires
        for entry in _of(store, organisation, kind, column, on.isoformat(), bounds, known)
    ]
    return sorted(found, key=lambda e: (e.date, e.kind, e.id, e.column))


def _of(
    store: Store,
    organisation: str,
    kind: Kind,
    column: Column,
    on: str,
    bounds: tuple[str, str],
    known: int | None,
) -> Iterator[Expiring]:
    earliest, latest = bounds
    for row in _latest(_promises(store, organisation, kind, column, on, known), column):
        day = row[column.name]
        settled = column.settled_by is not None and row[column.settled_by] not in (None, 0)
        history = column.name == LAPSES and day < earliest
        if day <= latest and not settled and not history:
            yield Expiring(day, kind.name, row["id"], column.name, row["site"], row["unit"], day < on)


def _promises(
    store: Store, organisation: str, kind: Kind, column: Column, on: str, known: int | None
) -> list[Entry]:
    """The records in force that carry the date; one that has lapsed counts only for the lapse itself."""
    names = ["id", "site", "unit", "status", LAPSES, column.name]
    names += [name for name in (column.settled_by, column.latest_per) if name]
    rows = [
        dict(zip(names, row, strict=True)) for row in store.rows(kind.name, organisation, names, known=known)
    ]
    return [
        row
        for row in rows
        if row[column.name]
        and row["status"] in (None, "approved")
        and (column.name == LAPSES or not row[LAPSES] or row[LAPSES] >= on)
    ]


def _latest(rows: Sequence[Entry], column: Column) -> Sequence[Entry]:
    """Where only the newest record of each subject counts, those; else all."""
    if column.latest_per is None:
        return rows
    newest: dict[Any, Entry] = {}
    for row in rows:
        subject = row[column.latest_per]
        if subject not in newest or newest[subject][column.name] < row[column.name]:
            newest[subject] = row
    return list(newest.values())
