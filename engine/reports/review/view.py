"""The carbon review report as a document."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine.annexes import Element
from shall.engine.models import Ruleset
from shall.engine.reports.document.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Facts,
    Figure,
    Para,
    Point,
    Row,
    Section,
    Table,
    fitted,
)
from shall.engine.reports.records import Record, Records, neat, of_year
from shall.engine.reports.review.fill import Filler
from shall.engine.reports.view import clean
from shall.engine.scoring.numbers import shown
from shall.texts import Lang, say

ANNEX: Mapping[str, str] = {"machinery": "D", "hunan": "E"}
"""The annex of each standard that lays down what a carbon review report says."""
CHART_OF_UNITS: Mapping[str, str] = {"machinery": "D.4", "hunan": "E.4"}
SOURCES: Mapping[str, str] = {"machinery": "D.5.2", "hunan": "E.5.2"}
"""Where the chart of units and that of the sources stand."""
GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "machinery": {"D.2": ("purpose_scope", ""), "D.3": ("method", ""), "D.5": ("review", "")},
    "hunan": {"E.2": ("purpose_scope", ""), "E.3": ("method", ""), "E.5": ("review", "")},
}
"""Headings that the annex has only through the sections below them."""


def report_of(records: Records, year: int) -> Record | None:
    """The content of a report on record for the organisation and year, the latest if there are several."""
    found = [
        r for r in records.of("review_report")
        if r.get("level") in (None, "organisation") and of_year(r, year)
    ]  # fmt: skip
    return max(found, key=lambda r: (str(r.get("period_until") or ""), str(r["id"])), default=None)


def years_of(records: Records) -> list[int]:
    """The years that reports on record cover."""
    found = (r.get("period_until") for r in records.of("review_report"))
    return sorted({int(str(day)[:4]) for day in found if day})


def review_report(
    elements: Sequence[Element],
    ruleset: Ruleset,
    records: Records,
    year: int,
    lang: Lang,
    receipt: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    inventory: Mapping[str, Any] | None = None,
) -> Document:
    """The report of one organisation and year after the annex of a standard.

    `tables` are those an inventory fills, by element, as plain values; the others are filled from records.
    """
    filler = Filler(records, year, report_of(records, year), lang)
    made = _Paper(filler, ruleset, clean(tables or {}), clean(inventory))
    return made.document([e for e in elements if e.id.split(".")[0] == ANNEX[ruleset.standard.key]], receipt)


class _Paper:
    """One report while it is put together."""

    def __init__(
        self,
        filler: Filler,
        ruleset: Ruleset,
        tables: Mapping[str, Sequence[Mapping[str, Any]]],
        inventory: Mapping[str, Any] | None,
    ) -> None:
        self.filler, self.ruleset, self.tables, self.inventory = filler, ruleset, tables, inventory
        self.records, self.lang, self.t = filler.records, filler.lang, filler.t
        self.key = ruleset.standard.key

    def document(self, elements: Sequence[Element], receipt: Mapping[str, Any]) -> Document:
        """All of it; `elements` are those of the annex, in its order."""
        self.elements = elements
        standard, on = self.ruleset.standard, self.records.on
        title = str(getattr(standard.title, self.lang))
        profile = next(iter(self.records.of("organisation")), None)
        name = str((profile or {}).get("name") or self.records.organisation)
        running = self.t(
            "running", number=standard.number, position=receipt["position"], head=receipt["head"][:12]
        )
        return Document(
            lang=self.lang,
            title=name,
            subtitle=self.t("subtitle", year=self.filler.year, number=standard.number, title=title),
            on=on,
            day=on,
            running=running,
            head=Facts(tuple(self._head(name))),
            notices=tuple(self._notices()),
            sections=(*self._sections(elements), self._receipt(receipt)),
            receipt=receipt["head"],
        )

    def _head(self, name: str) -> list[tuple[str, Cell]]:
        report = self.filler.report
        return [
            (self.t("organisation"), name),
            (self.t("year"), str(self.filler.year)),
            (self.t("report"), str(report["id"]) if report else self.records.blank()),
            (self.t("as_of"), self.records.on),
            (self.t("accounting"), self._accounting()),
        ]

    def _accounting(self) -> Cell:
        if not self.inventory:
            return self.t("as_recorded")
        basis = self.inventory["basis"]
        return self.t(
            "computed", title=basis["title"][self.lang], key=basis["methodology"], edition=basis["edition"]
        )

    def _notices(self) -> list[Para]:
        found = [Para(self.t("machine_notice"))]
        if self.ruleset.standard.status == "draft":
            found.append(Para(self.t("draft_notice", number=self.ruleset.standard.number), "warn"))
        if not self.filler.report:
            found.append(Para(self.t("no_report", year=self.filler.year), "warn"))
        return found

    # --- sections --------------------------------------------------------------------------------

    def _sections(self, elements: Sequence[Element]) -> Iterator[Section]:
        opened = ""
        for element in elements:
            parts = element.id.partition("/")[0].split(".")
            chapter = ".".join(parts[:2])
            if chapter != opened:
                opened = chapter
                yield from self._chapter(chapter, element)
            if element.id != chapter:
                yield Section(
                    self._title(element), 3 if element.kind == "table" else 2, tuple(self._blocks(element))
                )

    def _chapter(self, chapter: str, element: Element) -> Iterator[Section]:
        """The heading of a chapter, with its own element where it has one."""
        if element.id == chapter:
            yield Section(self._title(element), 1, tuple(self._blocks(element)), chapter)
        else:
            title = self.t(f"chapter_{GROUPS[self.key][chapter][0]}")
            yield Section(f"{chapter} {title}", 1, (), chapter)

    def _title(self, element: Element) -> str:
        title = self.filler.name(element.title)
        return title if element.kind == "table" else f"{element.id} {title}"

    def _blocks(self, element: Element) -> Iterator[Block]:
        if element.id in self.tables:
            yield from (self._computed(table) for table in self.tables[element.id])
        elif element.kind == "table":
            yield from self.filler.table(element)
        else:
            units = ("unit",) if element.id == CHART_OF_UNITS[self.key] else ()
            yield from self.filler.section(element, self._own_tables(element), units)
        if element.id == CHART_OF_UNITS.get(self.key):
            yield self.filler.chart_of_units()
        if element.id == SOURCES.get(self.key) and (chart := self._chart()):
            yield chart
        if element.reading:
            yield Para(self.t("reading", text=self.filler.name(element.reading)), "note")

    def _own_tables(self, section: Element) -> dict[str, str]:
        """The kinds that tables below a section show, with the title of the table."""
        below = [e for e in self.elements if e.id.startswith(f"{section.id}/") and e.kind == "table"]
        return {str(e.row_kind): self.filler.name(e.title) for e in reversed(below)}

    def _computed(self, table: Mapping[str, Any]) -> Table:
        """A table of the inventory; its cells are texts or pairs of texts."""
        heads = [str(c[self.lang]) for c in table["columns"]]
        rows = [[cell if isinstance(cell, str) else cell[self.lang] for cell in row] for row in table["rows"]]
        used = [n for n in range(len(heads)) if not rows or any(row[n] for row in rows)]
        heads, rows = [heads[n] for n in used], [[row[n] for n in used] for row in rows]
        numeric = [
            all(_number(r[n]) is not None or r[n] in ("", "-") or not isinstance(r[n], str) for r in rows)
            and any(_number(r[n]) is not None for r in rows)
            for n in range(len(heads))
        ]
        columns = [Column(h, right=right) for h, right in zip(heads, numeric, strict=True)]
        empty = [say("inventory.cell_empty", self.lang)]
        made = tuple(Row(tuple(self._cell(c, empty) for c in row)) for row in rows)
        return Table(fitted(columns, made), made or (Row((self.records.blank(), *[""] * (len(heads) - 1))),))

    def _cell(self, text: str, empty: Sequence[str]) -> Cell:
        if text in empty:
            return self.records.blank()
        number = _number(text)
        return Figure(neat(number), number) if number is not None and "." in text else text

    def _chart(self) -> Chart | None:
        """Emissions by class of source: of the inventory, else as recorded with the sources."""
        if self.inventory:
            bars = [
                (str(p["label"][self.lang]), Decimal(p["emission"]))
                for p in self.inventory["breakdown"].get("source_class", ())
            ]
        else:
            sums: dict[str, Decimal] = {}
            for source in self.filler.of("emission_source"):
                inventory = self.records.one("carbon_inventory", source.get("carbon_inventory"))
                if source.get("emissions") is not None and (
                    inventory is None or of_year(inventory, self.filler.year)
                ):
                    name = self.records.word("emission_source", source, "source_class") or str(source["id"])
                    sums[name] = sums.get(name, Decimal(0)) + Decimal(str(source["emissions"]))
            bars = list(sums.items())
        if not bars:
            return None
        bars.sort(key=lambda bar: -bar[1])
        points = tuple(Point(label, (value,), f"{shown(Fraction(value), 1)} tCO2e") for label, value in bars)
        return Chart("bars", self.t("sources_chart"), ("tCO2e",), points)

    def _receipt(self, receipt: Mapping[str, Any]) -> Section:
        rows: list[tuple[str, Cell]] = [
            (self.t("software"), receipt["software"]),
            (
                self.t("position"),
                self.t("position_line", **{k: receipt[k] for k in ("organisation", "position", "head")}),
            ),
            (self.t("ruleset"), receipt["ruleset"]),
        ]
        if self.inventory:
            rows.append((self.t("inventory"), self.inventory["receipt"]["result"]))
            rows += [(self.t("factor_set", name=k), v) for k, v in self.inventory["receipt"]["sets"].items()]
        return Section(self.t("receipt"), 1, (Facts(tuple(rows)),), self.t("receipt"))


def _number(text: str) -> Decimal | None:
    body = text[1:] if text.startswith("-") else text
    return Decimal(text) if body and body.replace(".", "", 1).isdigit() and body.isascii() else None
