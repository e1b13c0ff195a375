"""One element of an annex as tables: its rows and columns filled with the records that the element names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from shall.engine.annexes import AnnexField, AnnexRow, Element
from shall.engine.reports.document.blocks import Block, Cell, Column, Facts, Figure, Row, Table, fitted
from shall.engine.reports.records import Record, Records, decimal_of, neat, of_year, rounded, total
from shall.engine.reports.review.series import SERIES, merged
from shall.texts import Lang, say

LONG = 60
"""Records of one list that are printed; the others are counted."""
TOTAL = "sum"
"""The group of a row that is the total of a table."""
SHARED = frozenset(("D.5.2/9",))
"""Tables that give shares of the emissions."""
YEARLY = frozenset(
    (
        "activity_datum",
        "product_output",
        "parameter_value",
        "carbon_inventory",
        "carbon_sink",
        "reduction_project",
    )
)
"""Kinds whose records are of a period; all others hold whenever they are valid."""
MEASURED: Mapping[str, str] = {"monitoring_result": "measured_on"}
ACCOUNTED = (None, "activity_level")
"""Categories of data that are activities; running hours, intensities and the like are not."""
TEXT_KIND = "review_report"
"""The kind that holds what a report says in words: one record is the report that is written."""


@dataclass
class Filler:
    """Fills elements for one review: its year, its report on record, the records of the organisation."""

    records: Records
    year: int
    report: Record | None
    lang: Lang
    _kept: dict[str, list[Record]] = field(default_factory=dict)

    def t(self, key: str, /, **fields: object) -> str:
        """A text of the report."""
        return say(f"review_report.{key}", self.lang, **fields)

    def name(self, pair: Any) -> str:
        """A text of the annex in this language."""
        return str(getattr(pair, self.lang)) if pair else ""

    def of(self, kind: str) -> list[Record]:
        """The records of a kind that belong to the year; of the reports, the one that is written.

        Amounts of periods are added up to those of the year.
        """
        if kind == TEXT_KIND:
            return [self.report] if self.report else []
        if kind not in self._kept:
            found = [r for r in self.records.of(kind) if self._belongs(kind, r)]
            if kind in SERIES:
                several = self.t("several", first="{first}", count="{count}")
                found = merged(found, self.year, several, self.t("gap"))
            self._kept[kind] = found
        return self._kept[kind]

    def _belongs(self, kind: str, record: Record) -> bool:
        """Whether a record is of the year; only figures and results are, not what holds for years on end."""
        if kind == "activity_datum" and record.get("category") not in ACCOUNTED:
            return False
        if kind == "carbon_review" and self.report and self.report.get("carbon_review"):
            return bool(record["id"] == self.report["carbon_review"])
        if kind in MEASURED:
            return str(record.get(MEASURED[kind]) or self.year)[:4] == str(self.year)
        if kind == "emission_source":
            inventory = self.records.one("carbon_inventory", record.get("carbon_inventory"))
            return of_year(inventory, self.year) if inventory else True
        return kind not in YEARLY or of_year(record, self.year)

    # --- sections --------------------------------------------------------------------------------

    def section(
        self, element: Element, tables: Mapping[str, str], left_out: Sequence[str] = ()
    ) -> list[Block]:
        """The topics of a section: what is one record's as facts, what is many records' as tables.

        Kinds that have a table of their own (`tables`, by title) are only referred to.
        """
        facts: list[tuple[str, Cell]] = []
        blocks: list[Block] = []
        for one in element.fields:
            kind = one.filled_by.kind
            if kind in left_out:
                continue
            if kind in tables:
                facts.append((self.name(one.name), self.t("see", title=tables[kind])))
            elif kind in (TEXT_KIND, "organisation") or not self.of(kind):
                facts.append((self.name(one.name), self._said(one)))
            else:
                blocks.append(self.listed(one))
        return [Facts(tuple(facts)), *blocks] if facts else blocks

    def _said(self, field: AnnexField) -> Cell:
        kind, columns = field.filled_by.kind, field.filled_by.columns
        found = self.of(kind)
        if not found:
            return self.records.blank()
        if len(columns) == 1:
            return self.records.cell(kind, found[0], columns[0])
        text = self.records.joined(kind, found[0], columns, named=not _flags(self.records, kind, columns))
        return text or self.records.blank()

    def listed(self, field: AnnexField) -> Table:
        """The records of a field in a table of their own, under the names of their columns."""
        kind = field.filled_by.kind
        known = {c.name: c for c in self.records.kinds[kind].columns}
        names = self._with_name(kind, field.filled_by.columns)
        columns = [
            Column(self.records.head(kind, c), 1, right=known[c].type in ("decimal", "integer"))
            for c in names
        ]
        found = self.of(kind)
        rows = [Row((*(self.records.cell(kind, r, c) for c in names), str(r["id"]))) for r in found[:LONG]]
        note = self.t("more", count=len(found) - LONG) if len(found) > LONG else ""
        heads = (*columns, Column(self.t("record"), 1))
        return Table(
            fitted(heads, rows), tuple(rows) or (self._none(len(heads)),), self.name(field.name), note
        )

    def _with_name(self, kind: str, columns: Sequence[str]) -> Sequence[str]:
        """The columns, behind what the figures are about where only figures are asked for."""
        known = {c.name: c for c in self.records.kinds[kind].columns}
        refs = [c.name for c in self.records.kinds[kind].columns if c.ref and not c.common]
        only = all(known[c].type in ("decimal", "integer") for c in columns)
        return (refs[0], *columns) if only and refs else columns

    def _none(self, count: int) -> Row:
        return Row((self.records.blank(), *[""] * (count - 1)))

    # --- tables ----------------------------------------------------------------------------------

    def table(self, element: Element) -> list[Block]:
        """A table as the standard prints it, a row per record; fields of kinds that nothing links follow it."""
        kind = element.row_kind
        assert kind is not None
        near = [f for f in element.fields if f.filled_by.kind == kind or self._by_row(kind, f.filled_by.kind)]
        apart = [f for f in element.fields if f not in near]
        rows = list(self._rows(element, kind, near))
        heads = [Column(self.name(f.name), 1.3 if len(f.filled_by.columns) > 1 else 1) for f in near]
        first = [Column(self.t("row"), 1.2)] if element.rows else []
        columns = (*first, *heads, *self._share_heads(element), Column(self.t("record"), 1))
        note = self.t("merged_note") if kind in SERIES else self._difference(element)
        made = Table(fitted(columns, rows), tuple(rows) or (self._none(len(columns)),), note=note)
        return [made, *(self.listed(f) for f in apart)]

    def _by_row(self, kind: str, other: str) -> bool:
        """Whether records of another kind belong to single rows, rather than one of them to all."""
        if not self.records.linked(kind, other):
            return False
        ours = [c.name for c in self.records.kinds[kind].columns if c.ref == other and not c.common]
        named = {str(r.get(c)) for r in self.of(kind) for c in ours if r.get(c)}
        return bool(self.records.naming(other, kind)) or len(named) != 1 or len(self.of(kind)) < 2

    def _difference(self, element: Element) -> str:
        """What the sources add up to against the total of the inventory on record, where the table has a total."""
        if element.row_kind != "emission_source" or not any(
            r.group and r.group.en == TOTAL for r in element.rows
        ):
            return ""
        sources = total(self.of("emission_source"), "emissions")
        for inventory in self.of("carbon_inventory"):
            if inventory.get("emissions") is not None and total([inventory], "emissions") != sources:
                fields = {"sum": neat(sources), "record": inventory["id"], "total": inventory["emissions"]}
                return self.t("total_differs", **fields)
        return ""

    def _share_heads(self, element: Element) -> list[Column]:
        return [Column(self.t("share"), 0.8, right=True)] if element.id in SHARED else []

    def _share(self, element: Element, records: Sequence[Record]) -> list[Cell]:
        """The share of these records in all recorded emissions, where the table asks for it."""
        if element.id not in SHARED:
            return []
        whole, part = (total(found, "emissions") for found in (self.of("emission_source"), records))
        return (
            [rounded(Fraction(part) * 100 / Fraction(whole))] if whole and records else [self.records.blank()]
        )

    def _sum(self, element: Element, fields: Sequence[AnnexField]) -> Iterator[Cell]:
        """The cells of a printed total: the recorded emissions added up."""
        found = self.of(str(element.row_kind))
        for one in fields:
            adds = found and "emissions" in one.filled_by.columns and one.filled_by.kind == element.row_kind
            whole = f"{neat(total(found, 'emissions'))} tCO2e"
            yield whole if adds else self.records.blank("to_fill")

    def _rows(self, element: Element, kind: str, fields: Sequence[AnnexField]) -> Iterator[Row]:
        records = self.of(kind)
        if not element.rows:
            yield from (Row((*self._cells(kind, r, fields), str(r["id"]))) for r in records)
            return
        group, seen = "", set[str]()
        by_id = {str(r["id"]): r for r in records}
        for row, ids in zip(element.rows, picked(element, records), strict=True):
            if row.group and self.name(row.group) != group:
                group = self.name(row.group)
                yield Row((group,), "group")
            seen.update(ids)
            yield from self._row(element, row, [by_id[i] for i in ids], fields)
        rest = [r for i, r in by_id.items() if i not in seen]
        if kind == "activity_datum":
            rest = [r for r in rest if r.get("source_class")]
        if rest:
            yield Row((self.t("elsewhere"),), "group")
            for r in rest:
                yield Row(("", *self._cells(kind, r, fields), *self._share(element, [r]), str(r["id"])))

    def _row(
        self, element: Element, row: AnnexRow, found: Sequence[Record], fields: Sequence[AnnexField]
    ) -> Iterator[Row]:
        """A printed row with its records; one without any is left empty, and says so."""
        label, kind = self.name(row), str(element.row_kind)
        if not found and not row.where and row.group and row.group.en == TOTAL:
            cells = tuple(self._sum(element, fields))
            yield Row((label, *cells, *self._share(element, self.of(kind)), ""), "total")
            return
        if not found:
            mark = self.records.blank() if row.where else self.records.blank("to_fill")
            shares = [mark] * len(self._share_heads(element))
            yield Row((label, *[mark] * len(fields), *shares, ""))
        for r in found:
            yield Row((label, *self._cells(kind, r, fields), *self._share(element, [r]), str(r["id"])))

    def _cells(self, kind: str, record: Record, fields: Sequence[AnnexField]) -> Iterator[Cell]:
        for one in fields:
            yield self._cell(kind, record, one.filled_by.kind, one.filled_by.columns)

    def _cell(self, kind: str, record: Record, other: str, columns: Sequence[str]) -> Cell:
        """The columns of the record, or of the records of another kind that belong to it; one per line."""
        if other == kind:
            if len(columns) == 1 and (number := self._number(kind, record, columns[0])):
                return number
            return self.records.joined(kind, record, columns) or self.records.blank()
        back = {c.name for c in self.records.kinds[other].columns if c.ref == kind}
        shown = [c for c in columns if c not in back]
        found = self.records.related(kind, record, other) or []
        lines = [self.records.joined(other, r, shown) for r in found if self._belongs(other, r)]
        return "\n".join(dict.fromkeys(line for line in lines if line)) or self.records.blank()

    def _number(self, kind: str, record: Record, column: str) -> Figure | None:
        known = self.records.kinds[kind].column(column)
        number = decimal_of(known, record) if known and not known.unit else None
        return Figure(str(number), number) if number is not None else None

    def chart_of_units(self) -> Block:
        """The units under those they belong to, as an indented list; a circle of units is listed flat."""
        units = self.records.of("unit")
        below: dict[str, list[Record]] = {}
        ids = {str(u["id"]) for u in units}
        for unit in units:
            parent = str(unit.get("parent") or "")
            below.setdefault(parent if parent in ids else "", []).append(unit)
        rows: list[Row] = []
        seen: set[str] = set()

        def add(unit: Record, depth: int) -> None:
            if str(unit["id"]) in seen:
                return
            seen.add(str(unit["id"]))
            name = "　" * depth + ("└ " if depth else "") + self.records.label("unit", unit["id"])
            cells = (self.records.cell("unit", unit, c) for c in ("head", "function_area"))
            rows.append(Row((name, *cells, str(unit["id"]))))
            for child in below.get(str(unit["id"]), ()):
                add(child, min(depth + 1, DEEPEST))

        for unit in [*below.get("", ()), *units]:
            add(unit, 0)
        heads = (
            self.t("unit_name"),
            self.records.head("unit", "head"),
            self.records.head("unit", "function_area"),
        )
        columns = (*(Column(h, 1.6) for h in heads), Column(self.t("record"), 0.8))
        return Table(columns, tuple(rows) or (self._none(4),), self.t("organisation_chart"))


DEEPEST = 12
"""Levels of units that are indented; deeper ones stand at the last."""


def _flags(records: Records, kind: str, columns: Sequence[str]) -> bool:
    known: Mapping[str, Any] = {c.name: c for c in records.kinds[kind].columns}
    return all(known[c].type == "flag" for c in columns)


def picked(element: Element, records: Sequence[Record]) -> list[list[str]]:
    """For each row of an element the ids of the records its predicate picks; a row without one picks none."""
    from datetime import date

    from shall.engine.compiler import counting_plan
    from shall.engine.executors.python import PythonExecutor, prepare
    from shall.engine.predicates import parse
    from shall.evidence.schema import schema

    kind, kinds = element.row_kind, schema()
    asked = [row for row in element.rows if row.where]
    if kind is None or not asked:
        return [[] for _ in element.rows]
    counting = counting_plan([(kind, parse(str(row.where), kinds[kind])) for row in asked], [], kinds)
    plan = counting.plan
    rows = [tuple(_stored(r.get(name)) for name in plan.columns[kind]) for r in records]
    on = date(2000, 1, 1)
    answers = PythonExecutor(plan).run({kind: prepare(kind, rows, plan)}, on, on)
    place = list(plan.columns[kind]).index("id")
    found: Any = (answers.aggregates[i] or () for i in counting.counts)
    ids = iter([[str(row[place]) for row in rows] for rows in found])
    return [next(ids) if row.where else [] for row in element.rows]


def _stored(value: Any) -> Any:
    """A value as a store gives it."""
    return int(value) if isinstance(value, bool) else value
