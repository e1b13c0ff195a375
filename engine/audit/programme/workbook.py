"""A programme as a workbook: overview, rounds, visits, the coverage of each standard, the reasons."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from shall.engine.audit.programme.view import Table, View
from shall.engine.reports.charts import HEAT
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.files import put_bytes
from shall.engine.reports.view import clean
from shall.engine.reports.workbook import CELL, FONT, height

GRID = "#D5DADE"


def write_xlsx(view: View, path: str | Path) -> None:
    """Write the workbook; raises ReportError where it cannot be written."""
    put_bytes(path, workbook(view))


def workbook(view: View) -> bytes:
    """The workbook as bytes; the same programme always gives the same."""
    buffer = BytesIO()
    _Book(view, buffer).write()
    return buffer.getvalue()


class _Book:
    """One workbook while it is written."""

    def __init__(self, view: View, target: BytesIO) -> None:
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(target, {"in_memory": True, **plain})
        self.view = view
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        boxed = {**base, "border": 1, "border_color": GRID}
        self.cell = self.book.add_format({**boxed, "text_wrap": True})
        self.number = self.book.add_format({**boxed, "align": "center"})
        self.literal = self.book.add_format({**boxed, "text_wrap": True, "quote_prefix": True})
        head = {**boxed, "bold": True, "text_wrap": True, "bg_color": "#1D4E6B", "font_color": "#FFFFFF"}
        self.head = self.book.add_format(head)
        self.turned = self.book.add_format({**head, "rotation": 90, "text_wrap": False, "valign": "bottom"})
        self.title = self.book.add_format({"font_name": FONT, "font_size": 16, "bold": True})
        self.plain = self.book.add_format({**base, "text_wrap": True})
        self.none = self.book.add_format({**boxed, "bg_color": "#F4F6F7"})
        self.heat = [
            self.book.add_format(
                {
                    **boxed,
                    "align": "center",
                    "bg_color": colour,
                    "font_color": "#FFFFFF" if n >= 3 else "#1F2A33",
                }
            )
            for n, colour in enumerate(HEAT)
        ]
        self.taken: set[str] = set()

    def write(self) -> None:
        """Write every sheet."""
        p = self.view.programme
        created = datetime(p.situation.on.year, p.situation.on.month, p.situation.on.day)
        self.book.set_properties(
            {"title": self.view.t("title"), "created": created, "comments": self.view.digest}
        )
        self._overview()
        tables = {table.key: table for table in self.view.tables()}
        for key in ("rounds", "visits"):
            self._table(tables.pop(key))
        for standard in p.plan.asked:
            self._matrix(standard)
        for table in tables.values():
            self._table(table)
        self.book.close()

    def _sheet(self, name: str) -> Any:
        """A sheet that prints across an A3 page; names that a workbook cannot hold are mended."""
        for sign in "[]:*?/\\":
            name = name.replace(sign, " ")
        name = short = name.strip("' ")[:31]
        number = 2
        while name.casefold() in self.taken:
            name, number = f"{short[:27]} {number}", number + 1
        self.taken.add(name.casefold())
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _text(self, sheet: Any, row: int, column: int, text: str, form: Any) -> None:
        text = clean(text)[:CELL]
        sheet.write_string(row, column, text, self.literal if text.startswith(FORMULA_STARTS) else form)

    def _overview(self) -> None:
        sheet = self._sheet(self.view.t("t_overview"))
        sheet.set_column(0, 0, 120)
        self._text(sheet, 0, 0, self.view.t("title"), self.title)
        lines = [*self.view.head(), "", self.view.t("t_objectives"), self.view.t("objectives"), ""]
        risks = self.view.risks()
        lines += [self.view.t("t_risks"), *(risks or ["-"])]
        headings = {self.view.t("t_objectives"), self.view.t("t_risks")}
        for row, line in enumerate(lines, 1):
            self._text(sheet, row, 0, line, self.head if line in headings else self.plain)
            sheet.set_row(row, height(line, 120))

    def _table(self, table: Table) -> None:
        sheet = self._sheet(table.title)
        sheet.set_row(0, 32)
        for c, (name, width) in enumerate(table.columns):
            sheet.set_column(c, c, width)
            self._text(sheet, 0, c, name, self.head)
        for r, row in enumerate(table.rows, 1):
            sheet.set_row(r, _tallest(row, table.columns))
            for c, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(r, c, value, self.number)
                else:
                    self._text(sheet, r, c, value, self.cell)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        if table.note:
            self._text(sheet, len(table.rows) + 2, 0, table.note, self.book.add_format({"font_name": FONT}))

    def _matrix(self, standard: str) -> None:
        """Clauses by unit; a cell holds the rounds in which the clause is audited there, the colour how often."""
        view, p = self.view, self.view.programme
        sheet = self._sheet(f"{view.t('t_matrix')} {standard}")
        heads = [view.t("c_clause"), view.t("c_title"), "★", *(f"{u.id} {u.name}" for u in p.situation.units)]
        for c, name in enumerate(heads):
            self._text(sheet, 0, c, name, self.turned if c > 2 else self.head)
        sheet.set_row(0, 130)
        sheet.set_column(0, 0, 9)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 2, 4)
        sheet.set_column(3, len(heads) - 1, 6)
        rows = [m for m in p.matters if m.ruleset == standard]
        held = {(c.matter.id, c.unit.id): c.rounds for c in p.cells if c.matter.ruleset == standard}
        most = max((len(rounds) for rounds in held.values()), default=1)
        for r, matter in enumerate(rows, 1):
            self._text(sheet, r, 0, matter.clause, self.cell)
            self._text(sheet, r, 1, matter.title[view.lang], self.cell)
            self._text(sheet, r, 2, "★" if matter.focus else "", self.cell)
            sheet.set_row(r, height(matter.title[view.lang], 34))
            for c, unit in enumerate(p.situation.units, 3):
                rounds = held.get((matter.id, unit.id))
                if not rounds:
                    sheet.write_blank(r, c, None, self.none)
                    continue
                form = self.heat[min((len(rounds) * len(HEAT) - 1) // most, len(HEAT) - 1)]
                self._text(sheet, r, c, "·".join(map(str, rounds)), form)
        sheet.freeze_panes(1, 3)
        sheet.repeat_rows(0)
        sheet.write_string(len(rows) + 2, 0, view.t("heat_note"), self.book.add_format({"font_name": FONT}))


def _tallest(row: Sequence[str | int], columns: Sequence[tuple[str, int]]) -> float:
    return max(height(str(value), width) for value, (_, width) in zip(row, columns, strict=True))
