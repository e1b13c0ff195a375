"""Records of the evidence in a reader's words: which are valid, what they are called, how they belong together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from shall.engine.evaluation import VALIDITY, counts
from shall.engine.reports.document.blocks import Blank, Cell, Figure, said
from shall.engine.reports.view import clean
from shall.engine.scoring.numbers import shown
from shall.evidence.schema import Column, Kind, schema
from shall.evidence.store import Store

Record = Mapping[str, Any]
NAMES = ("name", "title", "certificate_number", "serial_number", "item", "what", "product_name")
"""Columns that say what a record is called, the first that is filled in wins."""


@dataclass
class Records:
    """The records of one organisation that are evidence on a day, read kind by kind when asked for.

    Without a store there are none, and `present` is false.
    """

    store: Store | None
    organisation: str
    on: str
    known: int | None
    lang: str
    _read: dict[str, list[Record]] = field(default_factory=dict)
    _by_id: dict[str, dict[str, Record]] = field(default_factory=dict)
    _named: dict[tuple[str, str], dict[str, list[Record]]] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether there is a store at all."""
        return self.store is not None

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind."""
        return schema()

    def of(self, kind: str) -> list[Record]:
        """The valid records of a kind, by id, hidden characters made visible."""
        if kind not in self._read:
            self._read[kind] = list(self._valid(kind))
        return self._read[kind]

    def _valid(self, kind: str) -> Iterator[Record]:
        if self.store is None:
            return
        for record in self.store.records(kind, self.organisation, known=self.known):
            if counts(tuple(record.get(name) for name in VALIDITY), self.on):
                yield clean(record)

    def one(self, kind: str, name: Any) -> Record | None:
        """The valid record of that id."""
        return self._index(kind).get(str(name)) if name else None

    def _index(self, kind: str) -> Mapping[str, Record]:
        if kind not in self._by_id:
            self._by_id[kind] = {str(r["id"]): r for r in self.of(kind)}
        return self._by_id[kind]

    # --- words -----------------------------------------------------------------------------------

    def head(self, kind: str, column: str) -> str:
        """What a column is called, with its unit."""
        unit = self.measure(kind, column)
        return f"{self._name(kind, column)} ({unit})" if unit else self._name(kind, column)

    def kind(self, name: str) -> str:
        """What a kind is called."""
        kind = self.kinds[name]
        return kind.zh if self.lang == "zh" else kind.en

    def _column(self, kind: str, column: str) -> Column:
        found = self.kinds[kind].column(column)
        assert found is not None, f"{kind}.{column}"
        return found

    def word(self, kind: str, record: Record, column: str) -> str:
        """A value in words: a choice by its label, a reference by its name, a flag by yes or no; empty if none."""
        value, found = record.get(column), self._column(kind, column)
        if value is None:
            return ""
        if found.choices:
            pair = found.choices.get(str(value))
            return (pair[0] if self.lang == "zh" else pair[1]) if pair else str(value)
        if isinstance(value, bool):
            return said("yes" if value else "no", self.lang)
        if column == "document" and self.store is not None:
            kept = self.store.attachment(str(value))
            return str(clean(kept.name)) if kept else str(value)
        return self.label(found.ref, value) if found.ref else str(value)

    def label(self, kind: str, name: Any) -> str:
        """What the record of that id is called, its id where it has no name."""
        record = self.one(kind, name)
        if record is not None:
            known = {c.name for c in self.kinds[kind].columns}
            for column in NAMES:
                if column in known and record.get(column):
                    return str(record[column])
        return str(name)

    def cell(self, kind: str, record: Record | None, column: str) -> Cell:
        """A value as a cell: numbers as figures, nothing as a marked blank."""
        text = self.word(kind, record, column) if record else ""
        if not text:
            return self.blank()
        number = decimal_of(self._column(kind, column), record)
        return Figure(text, number) if number is not None else text

    def blank(self, key: str = "blank") -> Blank:
        """The cell that says that there is no record."""
        return Blank(said(key, self.lang))

    def joined(self, kind: str, record: Record, columns: Sequence[str], *, named: bool = False) -> str:
        """Several columns of a record in one text; flags by the name of their column, those not set left out.

        A unit follows its amount, and a period is one text from first to last day.
        """
        parts: list[str] = []
        for n, column in enumerate(columns):
            value = record.get(column)
            if value is True:
                parts.append(self._name(kind, column))
            elif value is not None and value is not False:
                text = f"{self.word(kind, record, column)} {self.measure(kind, column)}".strip()
                before = columns[n - 1] if n else ""
                if column == "measure_unit" and record.get(before) is not None and self._amount(kind, before):
                    parts[-1] += f" {text}"
                elif column == "period_until" and before == "period_from" and record.get(before):
                    parts[-1] += f" – {text}"
                else:
                    name = self._name(kind, column)
                    parts.append(said("named", self.lang, name=name, value=text) if named else text)
        return said("comma", self.lang).join(parts)

    def _amount(self, kind: str, column: str) -> bool:
        return self._column(kind, column).type in ("decimal", "integer")

    def measure(self, kind: str, column: str) -> str:
        """The unit of a column; those that are words in the reader's language."""
        unit = self._column(kind, column).measure(self.lang)
        return (
            said("months", self.lang)
            if unit == "months"
            else said("years", self.lang)
            if unit == "a"
            else unit
        )

    def _name(self, kind: str, column: str) -> str:
        found = self._column(kind, column)
        return found.zh if self.lang == "zh" else found.en

    # --- belonging -------------------------------------------------------------------------------

    def related(self, kind: str, record: Record, other: str) -> list[Record] | None:
        """The records of another kind that this one names, or that name it; None where the kinds name each other not.

        Where only the latest of a series counts (of the calibrations of a meter, say), only that one.
        """
        ours = [c.name for c in self.kinds[kind].columns if c.ref == other and not c.common]
        theirs = self.naming(other, kind)
        if not ours and not theirs:
            return None
        named = [self.one(other, record.get(c)) for c in ours if record.get(c)]
        found = [r for r in named if r is not None]
        for column in theirs:
            mine = self._naming(other, column).get(str(record["id"]), [])
            found += [r for r in (mine[-1:] if self._latest(other, column) else mine) if r not in found]
        return found

    def linked(self, kind: str, other: str) -> bool:
        """Whether one kind names the other."""
        return any(c.ref == other and not c.common for c in self.kinds[kind].columns) or bool(
            self.naming(other, kind)
        )

    def naming(self, other: str, kind: str) -> list[str]:
        """The columns of another kind that name this one."""
        return [c.name for c in self.kinds[other].columns if c.ref == kind and not c.common]

    def _naming(self, other: str, column: str) -> Mapping[str, list[Record]]:
        if (other, column) not in self._named:
            groups: dict[str, list[Record]] = {}
            for record in sorted(self.of(other), key=_when):
                if record.get(column):
                    groups.setdefault(str(record[column]), []).append(record)
            self._named[other, column] = groups
        return self._named[other, column]

    def _latest(self, kind: str, column: str) -> bool:
        return any(c.latest_per == column for c in self.kinds[kind].columns)


def _when(record: Record) -> tuple[str, str]:
    day = record.get("performed_on") or record.get("period_until") or record.get("due_on") or ""
    return str(day), str(record["id"])


def decimal_of(column: Column, record: Record | None) -> Decimal | None:
    """The number in a column of numbers, if there is one."""
    value = record.get(column.name) if record else None
    if value is None or column.type not in ("decimal", "integer"):
        return None
    return Decimal(str(value))


def of_year(record: Record, year: int) -> bool:
    """Whether a record's period touches the year; a record without a period belongs to every year."""
    start, end = record.get("period_from"), record.get("period_until")
    return (not start or str(start)[:4] <= str(year)) and (not end or str(end)[:4] >= str(year))


def total(records: Iterable[Record], column: str) -> Decimal:
    """The sum of a column of numbers, exactly."""
    return sum((Decimal(str(r[column])) for r in records if r.get(column) is not None), Decimal(0))


def rounded(value: Fraction, places: int = 2) -> Figure:
    """A fraction worked out for a report, rounded half away from zero."""
    text = shown(value, places)
    return Figure(text, Decimal(text))


def neat(value: Decimal) -> str:
    """All digits, without idle zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
