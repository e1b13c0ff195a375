"""A document as a workbook: sections as sheets, tables as cells, charts the workbook's own; every text stays a text."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from shall.engine.reports.charts import ems
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.document.blocks import (
    Blank,
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Facts,
    Figure,
    Para,
    Row,
    Section,
    Table,
    said,
    text_of,
)
from shall.engine.reports.workbook import CELL, FONT, height

GAINED, LOST, OPEN, FAINT = "#1D4E6B", "#B3391F", "#D9971A", "#E4EDF2"
NARROW, WIDE, WIDER, ACROSS = 9, 34, 64, 110
"""Characters: the narrowest and widest column, the widest of a table with few of them, a page across."""
PAPER = 150
"""Characters across of a document that is one sheet: printed on the width of a page it can still be read."""
FEW = 4
NAME = 31
"""Characters a sheet's name can have."""


def xlsx(document: Document) -> bytes:
    """The workbook as bytes, the same for the same document."""
    buffer = BytesIO()
    _Book(document, buffer).write()
    return buffer.getvalue()


class _Book:
    """One workbook while it is written."""

    def __init__(self, document: Document, target: BytesIO) -> None:
        options = {f"strings_to_{name}": False for name in ("formulas", "urls", "numbers")}
        self.several = any(section.sheet for section in document.sections)
        self.book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
        self.document = document
        base = {"font_name": FONT, "font_size": 10, "valign": "top", "text_wrap": True}
        cell = {**base, "border": 1, "border_color": "#D5DADE"}
        looks: dict[str, dict[str, Any]] = {
            "cell": cell,
            "literal": {**cell, "quote_prefix": True},
            "blank": {**cell, "italic": True, "font_color": "#5B6670"},
            "total": {**cell, "bold": True, "top": 2},
            "group": {**cell, "bold": True, "bg_color": "#F5F7F8", "font_color": GAINED},
            "head": {**cell, "bold": True, "bg_color": GAINED, "font_color": "#FFFFFF"},
            "label": {**cell, "font_color": "#5B6670"},
            "plain": base,
            "plain_literal": {**base, "quote_prefix": True},
            "note": {**base, "font_color": "#5B6670", "font_size": 9},
            "strong": {**base, "bold": True, "font_size": 13},
            "title": {"font_name": FONT, "font_size": 16, "bold": True},
            "h1": {"font_name": FONT, "font_size": 14, "bold": True, "font_color": GAINED},
            "h2": {"font_name": FONT, "font_size": 11, "bold": True},
            "h3": {"font_name": FONT, "font_size": 10, "bold": True, "font_color": GAINED},
            "warn": {**base, "bg_color": "#FDF6E7"},
            "good": {**base, "bg_color": "#EEF7F3"},
            "bad": {**base, "bg_color": "#FBEEEA"},
        }
        self.looks = {name: self.book.add_format(look) for name, look in looks.items()}
        self._base = cell
        self._figures: dict[tuple[int, bool], Any] = {}

    def write(self) -> None:
        """Every sheet, the first of them opened by the head of the document."""
        properties = {"title": self.document.title[:255], "comments": self.document.receipt}
        self.book.set_properties({**properties, "created": datetime.fromisoformat(self.document.on)})
        used: set[str] = set()
        for n, (name, sections) in enumerate(self._sheets()):
            _Sheet(self, _free(name, used), sections, first=n == 0).write()
        self.book.close()

    def _sheets(self) -> list[tuple[str, list[Section]]]:
        first = said("summary", self.document.lang) if self.several else self.document.title
        sheets: list[tuple[str, list[Section]]] = [(first, [])]
        for section in self.document.sections:
            if section.sheet:
                sheets.append((section.sheet, []))
            sheets[-1][1].append(section)
        return sheets

    def figure(self, text: str, total: bool) -> Any:
        """The look of a number with as many places as its text has."""
        places = len(text.partition(".")[2]) if text.replace(".", "").lstrip("-").isdigit() else 2
        key = places, total
        if key not in self._figures:
            form = "0" + ("." + "0" * places if places else "")
            look = {**self._base, "num_format": form, "bold": total, "align": "right"}
            self._figures[key] = self.book.add_format(look)
        return self._figures[key]


def _narrowed(widths: list[int]) -> list[int]:
    """The widths made less, the widest most, until together they fit the paper."""
    spare = sum(w - NARROW for w in widths)
    over = sum(widths) - PAPER
    if over <= 0 or not spare:
        return widths
    return [w - -(-min(over, spare) * (w - NARROW) // spare) for w in widths]


def _free(name: str, used: set[str]) -> str:
    """A name a sheet can have that no other has."""
    name = "".join(" " if c in "[]:*?/\\'" else c for c in name).strip()[:NAME] or "-"
    made, n = name, 2
    while made.lower() in used:
        made, n = f"{name[: NAME - 3]} {n}", n + 1
    used.add(made.lower())
    return made


class _Sheet:
    """One sheet while it is written: blocks one below the other."""

    def __init__(self, book: _Book, name: str, sections: Sequence[Section], *, first: bool) -> None:
        self.book, self.sections, self.first, self.row = book, sections, first, 0
        self.sheet = book.book.add_worksheet(name)
        self.widths = self._measured()
        self.across = max(
            2, next((n for n in range(1, 30) if sum(self.widths[:n]) >= ACROSS), len(self.widths))
        )

    def _measured(self) -> list[int]:
        """How wide each column must be for the tables that stand in it."""
        widths = [24, 30]
        for section in self.sections:
            for block in section.blocks:
                if not isinstance(block, Table):
                    continue
                for n, column in enumerate(block.columns):
                    cells = [text_of(r.cells[n]) for r in block.rows if r.tone != "group"]
                    widest = max((max((ems(t) for t in c.split("\n")), default=0) for c in cells), default=0)
                    limit = WIDER if len(block.columns) <= FEW else WIDE
                    need = min(
                        limit, max(NARROW, int(widest * 1.85) + 2, min(int(ems(column.head) * 1.1) + 2, 20))
                    )
                    if n < len(widths):
                        widths[n] = max(widths[n], need)
                    else:
                        widths.append(need)
        return widths if self.book.several else _narrowed(widths)

    def write(self) -> None:
        """The blocks, and how the sheet prints."""
        sheet, document = self.sheet, self.book.document
        for n, width in enumerate(self.widths):
            sheet.set_column(n, n, width)
        sheet.set_paper(9)
        if sum(self.widths) > ACROSS:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.8)
        sheet.set_footer(f"&L&8{_footer(document.running)}&R&8&P / &N")
        if self.first:
            self._line(document.title, "title")
            self._line(document.subtitle, "plain")
            self._facts(document.head)
            for notice in document.notices:
                self._line(notice.text, notice.tone)
            self.row += 1
        for section in self.sections:
            self._line(section.title, f"h{section.level}")
            for block in section.blocks:
                self._block(block)
        tables = [b for s in self.sections for b in s.blocks if isinstance(b, Table)]
        if len(tables) == 1 and not self.first:
            sheet.repeat_rows(self.head)
            sheet.autofilter(self.head, 0, max(self.row - 2, self.head), len(tables[0].columns) - 1)

    def _block(self, block: Block) -> None:
        match block:
            case Para():
                self._line(block.text, block.tone)
            case Facts():
                self._facts(block)
            case Table():
                self._table(block)
            case Chart():
                self._chart(block)

    def _line(self, text: str, tone: str) -> None:
        look = self.book.looks.get(tone, self.book.looks["plain"])
        if text.startswith(FORMULA_STARTS):
            look = self.book.looks["plain_literal"]
        if tone not in ("h1", "h2", "h3", "title"):
            self.sheet.merge_range(self.row, 0, self.row, self.across - 1, "", look)
            self.sheet.set_row(
                self.row, height(text, sum(self.widths[: self.across])) + (4 if tone == "strong" else 0)
            )
        self.sheet.write_string(self.row, 0, _cut(text, self.book.document.lang), look)
        self.row += 1

    def _facts(self, facts: Facts) -> None:
        last = max(self.across - 1, 1)
        for label, cell in facts.rows:
            self._put(self.row, 0, label, "label")
            look = self.book.looks["blank" if isinstance(cell, Blank) else "cell"]
            if last > 1:
                self.sheet.merge_range(self.row, 1, self.row, last, "", look)
            self._put(self.row, 1, cell, "cell")
            tall = max(height(text_of(cell), sum(self.widths[1 : last + 1])), height(label, self.widths[0]))
            self.sheet.set_row(self.row, tall)
            self.row += 1
        self.row += 1

    def _table(self, table: Table) -> None:
        if table.caption:
            self._line(table.caption, "h2")
        self.head = self.row
        self._heads(table.columns)
        for row in table.rows:
            self._cells(row, table.columns)
        if table.note:
            self._line(table.note, "note")
        self.row += 1

    def _heads(self, columns: Sequence[Column]) -> None:
        for n, column in enumerate(columns):
            self._put(self.row, n, column.head, "head")
        self.sheet.set_row(
            self.row, max(height(c.head, w) for c, w in zip(columns, self.widths, strict=False))
        )
        self.row += 1

    def _cells(self, row: Row, columns: Sequence[Column]) -> None:
        if row.tone == "group":
            if len(columns) > 1:
                self.sheet.merge_range(self.row, 0, self.row, len(columns) - 1, "", self.book.looks["group"])
            self._put(self.row, 0, row.cells[0], "group")
        else:
            for n, cell in enumerate(row.cells):
                self._put(self.row, n, cell, "total" if row.tone == "total" else "cell")
            pairs = zip(row.cells, self.widths, strict=False)
            self.sheet.set_row(self.row, max(height(text_of(c), w) for c, w in pairs))
        self.row += 1

    def _put(self, row: int, column: int, cell: Cell, look: str) -> None:
        """A number as a number where a workbook holds it to the last digit, all else as a text."""
        if isinstance(cell, Figure) and cell.number is not None and len(cell.number.as_tuple().digits) <= 15:
            form = self.book.figure(cell.text, look == "total")
            self.sheet.write_number(row, column, cell.number, form)
            return
        text = _cut(text_of(cell), self.book.document.lang)
        if isinstance(cell, Blank):
            look = "blank"
        elif look == "cell" and text.startswith(FORMULA_STARTS):
            look = "literal"
        self.sheet.write_string(row, column, text, self.book.looks[look])

    # --- charts ----------------------------------------------------------------------------------

    def _chart(self, chart: Chart) -> None:
        """The numbers of a chart as a small table, and the chart over them."""
        if not chart.points:
            return
        start = self._numbers(chart)
        end = self.row - 1
        if chart.kind == "heat":
            self.row += 1
            return
        made = self.book.book.add_chart(_KINDS[chart.kind])
        name, places = self.sheet.get_name(), {"categories": 0}
        shifted = 1 if chart.kind == "waterfall" else 0
        colours = (GAINED, LOST, OPEN) if chart.kind == "waterfall" else (GAINED, OPEN)
        for n in range(len(chart.series) + shifted):
            series: dict[str, Any] = {
                "name": [name, start - 1, n + 1],
                "categories": [name, start, places["categories"], end, 0],
                "values": [name, start, n + 1, end, n + 1],
                "fill": {"color": colours[n % len(colours)]},
                "gap": 40,
            }
            if chart.kind == "waterfall" and not n:
                ends = {"fill": {"color": GAINED}}
                faint = {"fill": {"color": FAINT}}
                series["points"] = [ends, *[faint] * (len(chart.points) - 2), ends]
            if chart.kind == "radar":
                series = {
                    **series,
                    "fill": {"none": True},
                    "line": {"color": colours[n], "width": 2},
                    "marker": {"type": "circle"},
                }
                if n:
                    series["line"]["dash_type"] = "dash"
            made.add_series(series)
        self._shaped(made, chart, end - start + 1)
        self.sheet.insert_chart(self.row, 0, made, {"description": chart.name})
        self.row += 18 if chart.kind == "radar" else max(8, (end - start + 1) * 2) + 4

    def _numbers(self, chart: Chart) -> int:
        """The table behind a chart; returns the row of its first point."""
        falling = chart.kind == "waterfall"
        series = (said("rest", self.book.document.lang), *chart.series) if falling else chart.series
        self._line(chart.name, "h2")
        for n, head in enumerate(("", *series)):
            self._put(self.row, n, head, "head")
        self.row += 1
        start, now = self.row, Decimal(0)
        for place, point in enumerate(chart.points):
            values = point.values
            if falling and place in (0, len(chart.points) - 1):
                now = values[0] or Decimal(0)
                values = (now, None, None)
            elif falling:
                now -= sum((v for v in values if v is not None), Decimal(0))
                values = (now, *values)
            self._put(self.row, 0, point.label, "cell")
            for n, value in enumerate(values, 1):
                self._put(self.row, n, "" if value is None else Figure(str(value), value), "cell")
            self.row += 1
        return start

    def _shaped(self, made: Any, chart: Chart, count: int) -> None:
        made.set_title({"name": chart.name, "name_font": {"size": 11}, "overlay": False})
        made.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
        if chart.kind == "radar":
            made.set_y_axis({"min": 0, "max": 100, "major_gridlines": {"visible": True}})
            made.set_size({"width": 620, "height": 350})
            return
        made.set_y_axis({"reverse": True, "num_font": {"size": 9}})
        made.set_x_axis({"min": 0} if chart.kind == "waterfall" else {})
        made.set_size({"width": 860, "height": max(150, 28 * count + 90)})


_KINDS: dict[str, dict[str, str]] = {
    "radar": {"type": "radar", "subtype": "with_markers"},
    "waterfall": {"type": "bar", "subtype": "stacked"},
    "bars": {"type": "bar"},
}


def _footer(text: str) -> str:
    """The running line of a page as a workbook takes it: 255 characters, the sign of its codes doubled."""
    return text.replace("&", "&&")[:200]


def _cut(text: str, lang: str) -> str:
    note = said("cut", lang)
    return text if len(text) <= CELL else text[: CELL - len(note)] + note
