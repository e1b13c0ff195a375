"""A comparison as a workbook: counts, relations to filter, what has no match, the matrix and the coverage."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from shall.engine.compare.comparison import Comparison, counts, total
from shall.engine.compare.relations import RELATIONS
from shall.engine.reports.charts import ems
from shall.engine.reports.compare.words import COLUMNS, Words
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.view import clean
from shall.engine.reports.workbook import CELL, FONT

WIDTHS: Mapping[str, int] = {
    "left_standard": 11, "left": 11, "left_clause": 18, "left_modality": 9, "left_gist": 38, "relation": 10,
    "right_standard": 11, "right": 11, "right_clause": 18, "right_modality": 9, "right_gist": 38, "reasons": 56,
    "strength": 7, "origin": 8, "through": 16, "computed": 10, "author": 12, "date": 11, "rationale_head": 36,
    "relation_code": 13,
}  # fmt: skip
COLOURS: Mapping[str, str] = {
    "no_match": "#f4d9d2", "looser": "#f9e6c4", "stricter": "#e6dcf2", "narrower": "#fdf3dc", "broader": "#efe9f7",
    "overlapping": "#eef1f3", "incorporates": "#d8e9f3", "incorporated": "#d8e9f3", "equal": "#d9eee4",
}  # fmt: skip
LINE, TALLEST = 14.5, 400.0
"""Height of a line and of the tallest row, in points."""
MADE = datetime(2026, 1, 1)
"""The day in the properties: the same comparison gives the same bytes."""


def xlsx(found: Comparison, lang: str) -> bytes:
    """The workbook as bytes."""
    buffer = BytesIO()
    book = _Book(found, buffer, lang)
    book.summary()
    book.relations()
    book.matrix()
    book.coverage()
    book.book.close()
    return buffer.getvalue()


class _Book:
    """One workbook while it is written; every text stays a text."""

    def __init__(self, found: Comparison, target: BytesIO, lang: str) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(target, options)
        self.found, self.words = found, Words(found, lang)
        self.base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        lined = {**self.base, "text_wrap": True, "border": 1, "border_color": "#D5DADE"}
        self.cell = self.book.add_format(lined)
        self.literal = self.book.add_format({**lined, "quote_prefix": True})
        self.head = self.book.add_format(
            {**lined, "bold": True, "bg_color": "#1D4E6B", "font_color": "#FFFFFF"}
        )
        self.title = self.book.add_format({"font_name": FONT, "font_size": 16, "bold": True})
        self.plain = self.book.add_format(self.base)
        self.marks = {name: self.book.add_format({**lined, "bg_color": c}) for name, c in COLOURS.items()}
        self.book.set_properties(
            {"title": self.words.t("title"), "created": MADE, "comments": found.plan.digest}
        )

    def summary(self) -> None:
        """What is compared, and how many relations of each sort."""
        sheet = self._sheet("summary")
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 12, 11)
        self._text(sheet, 0, 0, self.words.t("title"), self.title)
        row = 2
        for line in (*(f"{key}  {self.words.title(key)}" for key in self.found.keys), self.words.t("reads")):
            self._text(sheet, row, 0, line, self.plain)
            row += 1
        for walk in self.found.walks:
            row += 1
            self._text(sheet, row, 0, self.words.t("heading", left=walk.left, right=walk.right), self.head)
            for c, name in enumerate(RELATIONS, 1):
                self._text(sheet, row, c, self.words.relation(name), self.head)
            tallies = counts(self.found, walk)
            for chapter, tally in tallies.items():
                row += 1
                key = walk.right if chapter.startswith(">") else walk.left
                label = f"{key} {self.words.chapter(key, chapter.lstrip('>'))}"
                self._counts(sheet, row, label, [tally[name] for name in RELATIONS], self.cell)
            whole, row = total(tallies), row + 1
            label = f"{walk.left} {self.words.t('total')}"
            self._counts(sheet, row, label, [whole[name] for name in RELATIONS], self.head)
            row += 1
        row += 1
        for name in reversed(RELATIONS):
            self._text(sheet, row, 0, self.words.relation(name), self.marks[name])
            self._text(sheet, row, 1, self.words.t(f"means.{name}"), self.plain)
            row += 1

    def _counts(self, sheet: Any, row: int, label: str, numbers: Sequence[int], form: Any) -> None:
        self._text(sheet, row, 0, label, form)
        for column, number in enumerate(numbers, 1):
            sheet.write_number(row, column, number, form)

    def relations(self) -> None:
        """Every relation, and every provision that stands alone, to filter."""
        sheet = self._sheet("relations")
        heads = [self.words.t(f"col.{name}") for name in COLUMNS]
        rows = [row for walk in self.found.walks for row in self.words.rows(walk)]
        self._heads(sheet, heads, [WIDTHS[name] for name in COLUMNS], len(rows), 2)
        for r, row in enumerate(rows, 1):
            sheet.set_row(r, max(_height(row[name], WIDTHS[name]) for name in COLUMNS))
            for c, name in enumerate(COLUMNS):
                form = self.marks[row["relation_code"]] if name == "relation" else self.cell
                if name == "strength" and row[name]:
                    sheet.write_number(r, c, int(row[name]), form)
                else:
                    self._text(sheet, r, c, row[name], form)

    def matrix(self) -> None:
        """The standards side by side by concept."""
        sheet = self._sheet("matrix")
        keys = self.found.keys
        heads = [
            self.words.t("col.concept"),
            self.words.t("col.concept_code"),
            self.words.t("col.changes"),
            *keys,
        ]
        widths = [28, 34, 9, *(30 for _ in keys)]
        self._heads(sheet, heads, widths, len(self.found.rows), 2)
        for r, row in enumerate(self.found.rows, 1):
            texts = [self.words.concept(row.concept), row.concept, "≠" if row.changes else ""]
            texts += [self.words.cell(row, key) for key in keys]
            sheet.set_row(r, max(_height(text, width) for text, width in zip(texts, widths, strict=True)))
            for c, text in enumerate(texts):
                self._text(sheet, r, c, text, self.cell)

    def coverage(self) -> None:
        """How far each chapter is answered, as numbers with a colour scale."""
        sheet = self._sheet("coverage")
        names = ("standard", "chapter", "other", "met", "of", "percent")
        rows = self.found.coverage
        self._heads(
            sheet, [self.words.t(f"col.{name}") for name in names], [14, 36, 14, 12, 8, 10], len(rows), 2
        )
        for r, one in enumerate(rows, 1):
            for c, text in enumerate(
                (one.standard, self.words.chapter(one.standard, one.chapter), one.other)
            ):
                self._text(sheet, r, c, text, self.cell)
            for c, number in enumerate((one.met, one.of, one.percent), 3):
                sheet.write_number(r, c, number, self.cell)
        if rows:
            scale = {
                "type": "2_color_scale",
                "min_type": "num",
                "max_type": "num",
                "min_value": 0,
                "max_value": 100,
            }
            sheet.conditional_format(
                1, 5, len(rows), 5, scale | {"min_color": "#FFFFFF", "max_color": "#7FC4A0"}
            )

    # --- sheets and cells ------------------------------------------------------------------------

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(self.words.t(f"sheet.{name}"))
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _heads(self, sheet: Any, heads: Sequence[str], widths: Sequence[int], rows: int, frozen: int) -> None:
        sheet.set_row(0, 2 * LINE + 3)
        for c, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(c, c, width)
            self._text(sheet, 0, c, head, self.head)
        sheet.freeze_panes(1, frozen)
        sheet.autofilter(0, 0, max(rows, 1), len(heads) - 1)
        sheet.repeat_rows(0)

    def _text(self, sheet: Any, row: int, column: int, text: str, form: Any) -> None:
        """A text as a text: never a formula, and cut where a cell ends."""
        text = clean(text)[:CELL]
        if form is self.cell and text.startswith(FORMULA_STARTS):
            form = self.literal
        sheet.write_string(row, column, text, form)


def _height(text: str, width: int) -> float:
    """Points a text needs in a column of that many digits."""
    lines = sum(math.ceil(max(ems(line), 0.5) * 1.85 / width) for line in text.split("\n"))
    return min(LINE * lines + 3, TALLEST)
