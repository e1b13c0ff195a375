"""The report as a workbook in which a team answers the findings; every text stays a text."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from shall.engine.reports.charts import COLOURS, DARK_TEXT_ON, ems
from shall.engine.reports.context import Report
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.files import put_bytes
from shall.engine.reports.rows import (
    EXPIRING_COLUMNS,
    FILL_COLUMNS,
    FINDING_COLUMNS,
    PROVISION_COLUMNS,
    finding_rows,
    provision_rows,
)
from shall.engine.reports.view import View, clean, view
from shall.texts import say

CELL = 32_767
"""Characters a cell of a workbook can hold."""
FIRST_DAY = "1900-01-01"
"""The first day a workbook can count; an earlier one is written as a text."""
WIDTHS: Mapping[str, int] = {
    "finding_id": 18, "grade": 12, "clause": 7, "clause_title": 17, "address": 12, "gist": 28, "requirement": 34,
    "statement": 36, "cites": 22, "evidence": 24, "unit": 14, "ruleset": 11, "modality": 10, "severity": 8,
    "verdict": 12, "verdict_code": 15, "reason": 20, "outcome": 11, "offending": 26, "undecided": 26,
    "question": 28, "judgement": 26, "judged_by": 12, "judged_on": 11, "exclusion": 26, "reading": 34,
    "date": 11, "expiry.state": 10, "what": 18,
    "kind": 20, "record": 26, "site": 18, "fill.due": 12, "fill.owner": 12,
}  # fmt: skip
LINE, TALLEST = 14.5, 400.0
"""Height of a line and of the tallest row, in points."""
FILL_WIDTH = 24
FONT = "Microsoft YaHei"


def write_xlsx(report: Report, path: str | Path, lang: str) -> None:
    """Write the workbook; raises ReportError where it cannot be written."""
    buffer = BytesIO()
    _Book(report, buffer, lang).write()
    put_bytes(path, buffer.getvalue())


class _Book:
    """One workbook while it is written."""

    def __init__(self, report: Report, target: BytesIO, lang: str) -> None:
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(target, options)
        self.report, self.lang = report, lang
        self.shown: View = view(report, lang)
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        self.base = base
        self.cell = self.book.add_format({**base, "text_wrap": True, "border": 1, "border_color": "#D5DADE"})
        self.literal = self.book.add_format(
            {**base, "text_wrap": True, "border": 1, "border_color": "#D5DADE", "quote_prefix": True}
        )
        self.head = self.book.add_format(
            {
                **base,
                "bold": True,
                "text_wrap": True,
                "bg_color": "#1D4E6B",
                "font_color": "#FFFFFF",
                "border": 1,
            }
        )
        self.fill_head = self.book.add_format(
            {**base, "bold": True, "text_wrap": True, "bg_color": "#FDF3DC", "border": 1}
        )
        self.fill = self.book.add_format(
            {**base, "text_wrap": True, "bg_color": "#FFFBF0", "border": 1, "border_color": "#D5DADE"}
        )
        self.fill_date = self.book.add_format(
            {
                **base,
                "bg_color": "#FFFBF0",
                "border": 1,
                "border_color": "#D5DADE",
                "num_format": "yyyy-mm-dd",
            }
        )
        self.day = self.book.add_format(
            {**base, "border": 1, "border_color": "#D5DADE", "num_format": "yyyy-mm-dd"}
        )
        self.title = self.book.add_format({"font_name": FONT, "font_size": 16, "bold": True})
        self.plain = self.book.add_format({**base, "text_wrap": True})
        self.marks = {code: self._mark(code) for code in COLOURS}

    def t(self, key: str) -> str:
        """A text of the report."""
        return say(f"report.{key}", self.lang)

    def write(self) -> None:
        self.book.set_properties(
            {
                "title": clean(self.shown["page_title"])[:255],
                "created": datetime.fromisoformat(self.report.result["on"]),
                "comments": self.report.result["receipt"]["result"],
            }
        )
        self._summary()
        self._findings()
        self._provisions()
        self._expiring()
        self._receipt()
        self.book.close()

    # --- sheets ----------------------------------------------------------------------------------

    def _summary(self) -> None:
        sheet = self._sheet("summary", landscape=False)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 8, 12)
        self._text(sheet, 0, 0, self.shown["title"], self.title)
        row = 2
        for label, value in self.shown["head"]:
            self._text(sheet, row, 0, label, self.plain)
            sheet.merge_range(row, 1, row, 8, "", self.plain)
            self._text(sheet, row, 1, value, self.plain)
            sheet.set_row(row, height(value, 96))
            row += 1
        for notice in self.shown["notices"]:
            sheet.merge_range(row, 0, row, 8, "", self.plain)
            self._text(sheet, row, 0, notice["text"], self.plain)
            sheet.set_row(row, height(notice["text"], 130))
            row += 1
        for standard in self.shown["standards"]:
            row = self._counts(sheet, row + 1, standard)

    def _counts(self, sheet: Any, row: int, standard: View) -> int:
        """The table of verdicts by chapter; returns the row after it."""
        heads = [
            f"{standard['number']} {self.t('chapter')}",
            *(c["label"] for c in standard["counts"]),
            self.t("total"),
        ]
        sheet.set_row(row, 2 * LINE + 3)
        for column, head in enumerate(heads):
            self._text(sheet, row, column, head, self.head)
        for chapter in standard["chapters"]:
            row += 1
            self._text(sheet, row, 0, chapter["label"], self.cell)
            for column, number in enumerate([*chapter["counts"], chapter["total"]], 1):
                sheet.write_number(row, column, number, self.cell)
        row += 1
        self._text(sheet, row, 0, self.t("total"), self.head)
        for column, number in enumerate([*(c["count"] for c in standard["counts"]), standard["total"]], 1):
            sheet.write_number(row, column, number, self.head)
        told = (standard["findings_line"], standard["confirm_line"], standard["readiness"])
        lines = [line for line in told if line]
        for n, line in enumerate(lines, 1):
            self._text(sheet, row + n, 0, line, self.plain_line())
        return row + 1 + len(lines)

    def plain_line(self) -> Any:
        """A format for a line that runs on over the next cells."""
        return self.book.add_format(self.base)

    def _findings(self) -> None:
        rows = list(finding_rows(self.report, self.lang))
        sheet = self._sheet("findings")
        self._table(sheet, (*FINDING_COLUMNS, *FILL_COLUMNS), rows, filled=len(FINDING_COLUMNS))
        due = len(FINDING_COLUMNS) + FILL_COLUMNS.index("fill.due")
        if rows:
            rule = {
                "validate": "date",
                "criteria": ">=",
                "value": date(2000, 1, 1),
                "error_message": self.t("fill.date_wrong"),
            }
            sheet.data_validation(1, due, len(rows), due, rule)

    def _provisions(self) -> None:
        rows = list(provision_rows(self.report, self.lang))
        self._table(self._sheet("provisions"), PROVISION_COLUMNS, rows)

    def _expiring(self) -> None:
        names = {"expiry.state": "state", "record": "id"}
        rows = [{c: e[names.get(c, c)] for c in EXPIRING_COLUMNS} for e in self.shown["expiry"]["rows"]]
        self._table(self._sheet("expiring"), EXPIRING_COLUMNS, rows)

    def _receipt(self) -> None:
        sheet = self._sheet("receipt", landscape=False)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 72)
        for row, (label, value) in enumerate(self.shown["receipt"]["rows"]):
            self._text(sheet, row, 0, label, self.head)
            self._text(sheet, row, 1, value, self.cell)
        end = len(self.shown["receipt"]["rows"]) + 1
        for row, text in enumerate((self.t("receipt.note"), self.shown["receipt"]["command"]), end):
            sheet.merge_range(row, 0, row, 1, "", self.plain)
            self._text(sheet, row, 0, text, self.plain)
            sheet.set_row(row, height(text, 98))

    # --- tables and cells ------------------------------------------------------------------------

    def _sheet(self, name: str, *, landscape: bool = True) -> Any:
        """A sheet that prints: the wide tables on A3 across, the rest on A4."""
        sheet = self.book.add_worksheet(self.t(f"sheet.{name}"))
        sheet.set_paper(8 if name in ("findings", "provisions") else 9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(2 if name == "provisions" else 1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _table(
        self, sheet: Any, columns: Sequence[str], rows: Sequence[Mapping[str, str]], filled: int = 0
    ) -> None:
        """A headed table with filter and frozen head; columns from `filled` on are left for people."""
        sheet.set_row(0, 2 * LINE + 3)
        for c, name in enumerate(columns):
            sheet.set_column(c, c, WIDTHS.get(name, FILL_WIDTH))
            self._text(sheet, 0, c, self.t(name), self.fill_head if filled and c >= filled else self.head)
        for r, row in enumerate(rows, 1):
            sheet.set_row(r, max(height(row.get(name, ""), WIDTHS.get(name, FILL_WIDTH)) for name in columns))
            for c, name in enumerate(columns):
                if filled and c >= filled:
                    sheet.write_blank(r, c, None, self.fill_date if name == "fill.due" else self.fill)
                else:
                    self._value(sheet, r, c, name, row)
        sheet.freeze_panes(1, 2 if filled else 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.repeat_rows(0)

    def _value(self, sheet: Any, r: int, c: int, name: str, row: Mapping[str, str]) -> None:
        if name == "verdict" and "verdict_code" in row:
            self._text(sheet, r, c, row[name], self.marks[row["verdict_code"]])
        elif name in ("date", "judged_on") and row[name] >= FIRST_DAY:
            sheet.write_datetime(r, c, datetime.fromisoformat(row[name]), self.day)
        else:
            self._text(sheet, r, c, row[name], self.cell)

    def _text(self, sheet: Any, row: int, column: int, text: str, form: Any) -> None:
        """A text as a text: never a formula, cut where a cell ends, behind the mark that keeps it so on editing."""
        text = clean(text)
        if len(text) > CELL:
            note = self.t("cut")
            text = text[: CELL - len(note)] + note
        if text.startswith(FORMULA_STARTS):
            form = self.literal
        sheet.write_string(row, column, text, form)

    def _mark(self, code: str) -> Any:
        colour = "#1F2A33" if code in DARK_TEXT_ON else "#FFFFFF"
        return self.book.add_format(
            {
                **self.base,
                "bg_color": COLOURS[code],
                "font_color": colour,
                "border": 1,
                "border_color": "#D5DADE",
            }
        )


def height(text: str, width: float) -> float:
    """Points a text needs in a column of that many digits."""
    lines = sum(math.ceil(max(ems(line), 0.5) * 1.85 / width) for line in text.split("\n"))
    return min(LINE * lines + 3, TALLEST)


def sheet_names(lang: str) -> Iterable[str]:
    """The sheets of the workbook in their order."""
    return [
        say(f"report.sheet.{name}", lang)
        for name in ("summary", "findings", "provisions", "expiring", "receipt")
    ]
