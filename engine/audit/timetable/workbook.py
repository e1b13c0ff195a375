"""A plan as a workbook: the grid of day and time by auditor, the list, the head and the remarks."""

from datetime import datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import xlsxwriter

from shall.engine.audit.timetable.page import columns, rows
from shall.engine.audit.timetable.words import View, clock
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.view import clean
from shall.engine.reports.workbook import CELL, FONT, height

WIDTHS = (12, 13, 16, 24, 20, 46, 30, 18)
LANE = 34


def workbook(view: View) -> bytes:
    """The workbook as bytes; the same plan always gives the same."""
    buffer = BytesIO()
    _Book(view, buffer).write()
    return buffer.getvalue()


class _Book:
    """One workbook while it is written."""

    def __init__(self, view: View, target: BytesIO) -> None:
        plain = {f"strings_to_{name}": False for name in ("formulas", "urls", "numbers")}
        self.book = xlsxwriter.Workbook(target, {"in_memory": True, **plain})
        self.view = view
        base = {"font_name": FONT, "font_size": 10, "valign": "top", "text_wrap": True}
        boxed = {**base, "border": 1, "border_color": "#D5DADE"}
        looks: dict[str, dict[str, Any]] = {
            "cell": boxed,
            "plain": base,
            "title": {"font_name": FONT, "font_size": 16, "bold": True},
            "head": {**boxed, "bold": True, "bg_color": "#1D4E6B", "font_color": "#FFFFFF"},
            "time": {**boxed, "bold": True},
            "audit": {**boxed, "bg_color": "#E4EDF2"},
            "travel": {**boxed, "bg_color": "#FDF6E7", "italic": True},
            "away": {**boxed, "bg_color": "#E9ECEE", "bold": True, "align": "center"},
            "meeting": {**boxed, "bg_color": "#D5DADE", "bold": True},
        }
        self.looks = {name: self.book.add_format(look) for name, look in looks.items()}
        self.literal = {
            name: self.book.add_format({**look, "quote_prefix": True}) for name, look in looks.items()
        }

    def write(self) -> None:
        """Write every sheet."""
        day = self.view.made.facts.days[0]
        created = datetime(day.year, day.month, day.day)
        self.book.set_properties(
            {"title": self.view.t("title"), "created": created, "comments": self.view.digest}
        )
        self._grid()
        self._list()
        self._head()
        self.book.close()

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _look(self, text: str, name: str) -> tuple[str, Any]:
        text = clean(text.replace("\n", " / ")) if name == "cell" else "\n".join(map(clean, text.split("\n")))
        return text[:CELL], (self.literal if text.startswith(FORMULA_STARTS) else self.looks)[name]

    def _text(self, sheet: Any, row: int, column: int, text: str, name: str = "cell") -> None:
        shown, look = self._look(text, name)
        sheet.write_string(row, column, shown, look)

    def _grid(self) -> None:
        """A column for each of the team; a row from each time at which anything begins or ends to the next."""
        view, made = self.view, self.view.made
        sheet = self._sheet(view.t("grid"))
        team = view.columns()
        sheet.set_column(0, 0, 13)
        sheet.set_column(1, len(team), LANE)
        row = 0
        for number, day in enumerate(made.facts.days):
            title = view.t("day", number=number + 1, day=day, weekday=view.t(f"weekday_{day.weekday()}"))
            self._text(sheet, row, 0, title, "title")
            row += 1
            for c, name in enumerate([view.t("c_time"), *map(view.column, team)]):
                self._text(sheet, row, c, name, "head")
            row += 1
            row = self._day(sheet, row, number) + 1

    def _day(self, sheet: Any, row: int, number: int) -> int:
        view, made = self.view, self.view.made
        today = [e for e in made.entries if e.day == number]
        cuts = sorted({t for e in today for t in (e.start, e.end)})
        place = {t: row + n for n, t in enumerate(cuts)}
        need = dict.fromkeys(range(row, row + max(len(cuts) - 1, 0)), 16.0)
        for a, b in pairwise(cuts):
            self._text(sheet, place[a], 0, f"{clock(a)}–{clock(b)}", "time")
            for c in range(len(view.columns())):
                sheet.write_blank(place[a], c + 1, None, self.looks["cell"])
        for c, member in enumerate(view.columns(), 1):
            if cuts and member in view.away(number):
                self._span(sheet, (place[cuts[0]], place[cuts[-1]] - 1), c, view.t("absent"), "away")
                continue
            for e in today:
                if member not in view.who(e):
                    continue
                parts = [view.what(e), view.place(e) if e.kind != "travel" else "", view.short(e)]
                text = "\n".join(part for part in parts if part)
                name = e.kind if e.kind in ("audit", "travel") else "meeting"
                first, last = place[e.start], place[e.end] - 1
                share = height(text, LANE) / (last - first + 1)
                need |= {r: max(need[r], share) for r in range(first, last + 1)}
                self._span(sheet, (first, last), c, text, name)
        for r, points in need.items():
            sheet.set_row(r, points)
        return row + max(len(cuts) - 1, 0)

    def _span(self, sheet: Any, rows: tuple[int, int], column: int, text: str, name: str) -> None:
        """A text over the rows from the first to the last."""
        first, last = rows
        if last > first:
            shown, look = self._look(text, name)
            sheet.merge_range(first, column, last, column, "", look)
            sheet.write_string(first, column, shown, look)
        else:
            self._text(sheet, first, column, text, name)

    def _list(self) -> None:
        view = self.view
        sheet = self._sheet(view.t("list"))
        for c, (name, width) in enumerate(zip(columns(view), WIDTHS, strict=True)):
            sheet.set_column(c, c, width)
            self._text(sheet, 0, c, name, "head")
        listed = rows(view)
        for r, row in enumerate(listed, 1):
            sheet.set_row(r, max(height(text, w) for text, w in zip(row, WIDTHS, strict=True)))
            for c, text in enumerate(row):
                self._text(sheet, r, c, text)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(listed), 1), len(WIDTHS) - 1)

    def _head(self) -> None:
        view = self.view
        sheet = self._sheet(view.t("about"))
        sheet.set_column(0, 0, 120)
        self._text(sheet, 0, 0, view.t("title"), "title")
        for r, line in enumerate([*view.head(), "", view.t("notes"), *(view.notes() or ["-"])], 1):
            sheet.set_row(r, height(line, 120))
            self._text(sheet, r, 0, line, "plain")
