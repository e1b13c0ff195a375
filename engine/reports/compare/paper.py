"""A report that is tables: written once as rows, then as Markdown, CSV or a workbook. Every text stays a text."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from shall.engine.reports.columns import clipped, width
from shall.engine.reports.csv_report import FORMULA_STARTS, MARK, guarded
from shall.texts import say

CELL = 32_767
FONT = "Microsoft YaHei"
LINE, TALLEST = 14.5, 300.0
"""Height of a line and of the tallest row, in points."""
MADE = datetime(2026, 1, 1)
"""The day in the properties: the same report gives the same bytes."""
_PIPE = str.maketrans(
    {"|": "\\|", "\n": " ", "\r": " ", "<": "&lt;", "*": "\\*", "_": "\\_", "`": "'", "[": "\\["}
)
RECORDS = 8
"""Records a cell names before it says how many more there are."""
Value = str | int
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Section:
    """A table: its name, its columns as (key, heading, width in digits), its rows by key, and a colour per code.

    `code` names the hidden key of a row that picks the colour of its first cell.
    """

    name: str
    columns: Sequence[tuple[str, str, int]]
    rows: Sequence[Row]
    colours: Mapping[str, str] = field(default_factory=dict)
    code: str = ""

    def read(self) -> Sequence[tuple[str, str, int]]:
        """The columns a person reads: all but the code."""
        return [column for column in self.columns if column[0] != self.code]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report: title, what is said before the tables, the tables; `first` names the lines."""

    title: str
    lines: Sequence[str]
    sections: Sequence[Section]
    first: str


def told(refs: Sequence[str], kinds: Mapping[str, Mapping[str, str]], lang: str) -> str:
    """Some records, by kind in words and then by id, and how many more there are."""
    shown: dict[str, list[str]] = {}
    for ref in refs[:RECORDS]:
        kind, _, id = ref.partition(":")
        shown.setdefault(kind, []).append(id)
    parts = [f"{kinds[kind][lang] if kind in kinds else kind} {' '.join(ids)}" for kind, ids in shown.items()]
    if len(refs) > RECORDS:
        parts.append(say("delta.more_records", lang, count=len(refs) - RECORDS))
    return say("compare.list_sep", lang).join(parts)


def markdown(paper: Paper) -> str:
    """The report as Markdown."""
    out = [f"# {paper.title.translate(_PIPE)}", ""]
    out += [line.translate(_PIPE) + "  " for line in paper.lines]
    for section in paper.sections:
        columns = section.read()
        out += ["", f"## {section.name}", ""]
        out += [f"| {' | '.join(head for _, head, _ in columns)} |", "|---" * len(columns) + "|"]
        out += [
            f"| {' | '.join(str(row[key]).translate(_PIPE) for key, _, _ in columns)} |"
            for row in section.rows
        ]
    return "\n".join(out) + "\n"


def csv_text(paper: Paper) -> str:
    """The main table as CSV; texts that a spreadsheet would compute stay texts."""
    section = paper.sections[0]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([head for _, head, _ in section.columns])
    for row in section.rows:
        writer.writerow([guarded(str(row[key])) for key, _, _ in section.columns])
    return MARK + written.getvalue()


def terminal(paper: Paper, lang: str, *, most: int | None) -> str:
    """Title, lines, and of every table so many rows (None: all), each on one line per cell that says something."""
    out = [paper.title, *paper.lines]
    for section in paper.sections:
        out += ["", f"{section.name}: {len(section.rows)}"]
        shown = section.rows if most is None else section.rows[:most]
        out += [_line(section, row) for row in shown]
        if len(shown) < len(section.rows):
            out.append("  " + say("compare.more", lang, count=len(section.rows) - len(shown)))
    return "\n".join(out) + "\n"


def _line(section: Section, row: Row) -> str:
    cells = [str(row[key]).replace("\n", "; ") for key, _, _ in section.read()]
    return "  " + "  ".join(clipped(cell, 60) if width(cell) > 60 else cell for cell in cells if cell)


def xlsx(paper: Paper) -> bytes:
    """The report as a workbook: a sheet with the lines, then one for each table, ready to filter."""
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": paper.title, "created": MADE})
    _Sheets(book, paper)
    book.close()
    return buffer.getvalue()


class _Sheets:
    """The sheets of one workbook while it is written."""

    def __init__(self, book: Any, paper: Paper) -> None:
        self.book = book
        base = {"font_name": FONT, "font_size": 10, "valign": "top"}
        lined = {**base, "text_wrap": True, "border": 1, "border_color": "#D5DADE"}
        self.lined = lined
        self.cell = book.add_format(lined)
        self.literal = book.add_format({**lined, "quote_prefix": True})
        self.head = book.add_format({**lined, "bold": True, "bg_color": "#1D4E6B", "font_color": "#FFFFFF"})
        self.plain = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format({"font_name": FONT, "font_size": 16, "bold": True})
        self._first(paper)
        for section in paper.sections:
            self._section(section)

    def _first(self, paper: Paper) -> None:
        sheet = self._sheet(paper.first)
        sheet.set_column(0, 0, 110)
        self._text(sheet, 0, 0, paper.title, self.title)
        for n, line in enumerate(paper.lines, 2):
            sheet.set_row(n, _height(line, 110))
            self._text(sheet, n, 0, line, self.plain)

    def _section(self, section: Section) -> None:
        sheet = self._sheet(section.name)
        marks = {
            code: self.book.add_format({**self.lined, "bg_color": c}) for code, c in section.colours.items()
        }
        sheet.set_row(0, 2 * LINE + 3)
        for c, (_, head, wide) in enumerate(section.columns):
            sheet.set_column(c, c, wide)
            self._text(sheet, 0, c, head, self.head)
        for r, row in enumerate(section.rows, 1):
            sheet.set_row(r, max(_height(str(row[key]), wide) for key, _, wide in section.columns))
            for c, (key, _, _) in enumerate(section.columns):
                value = row[key]
                form = marks.get(str(row.get(section.code)), self.cell) if c == 0 else self.cell
                if isinstance(value, int):
                    sheet.write_number(r, c, value, form)
                else:
                    self._text(sheet, r, c, value, form)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(section.rows), 1), len(section.columns) - 1)
        sheet.repeat_rows(0)

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name[:31])
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _text(self, sheet: Any, row: int, column: int, text: str, form: Any) -> None:
        """A text as a text: never a formula, cut where a cell ends."""
        from shall.engine.reports.view import clean

        text = "\n".join(map(clean, text.split("\n")))[:CELL]
        if form is self.cell and text.startswith(FORMULA_STARTS):
            form = self.literal
        sheet.write_string(row, column, text, form)


def _height(text: str, wide: int) -> float:
    """Points a text needs in a column of that many digits."""
    lines = sum(max(1, math.ceil(width(part) * 1.1 / wide)) for part in text.split("\n"))
    return min(LINE * lines + 3, TALLEST)
