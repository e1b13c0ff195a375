"""A checklist as a workbook: protected but for the cells to fill in, with drop-downs, for Excel, WPS and LibreOffice.

Sheets: a guide, the list itself, what could not be merged (only after a merge), and two hidden ones: the words of the
drop-downs, and the base, which is the whole checklist as it was issued, in pieces that a cell can hold.
Row 3 of the list, hidden, names the columns for the machine; column A, hidden, the line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from shall.engine.audit.checklist.form import FILLED, FIXED, FOR_SHALL, FOR_SHOULD, VERDICTS, Form, Line
from shall.engine.reports.csv_report import FORMULA_STARTS
from shall.engine.reports.files import put_bytes
from shall.engine.reports.view import clean
from shall.engine.reports.workbook import FONT, LINE, height
from shall.evidence.parse import choice_label
from shall.texts import LANGUAGES, say

BASE_MARK, LIST_MARK, CONFLICTS_MARK = "shall:base", "shall:checklist", "shall:conflicts"
"""What the first cell of these sheets holds."""
HEADING = "#"
"""Stands in column A of a row that is a heading and asks nothing."""
PREFIX = "q:"
"""Before the names of columns in the row for the machine."""
PIECE = 30_000
CELL = 32_767
EXCEL_ROWS = 1_048_576
NAMES_ROW, HEAD_ROW, FIRST_ROW = 2, 3, 4
"""Rows of the list, counted from 0."""
SPARE = 200
"""So many rows below the drop-down list of auditors are left for auditors who are not on record yet."""

LAST = "evidence"
"""What the records say stands behind what the auditor fills in, in grey: it is to be compared, not copied."""
COLUMNS = ("id", *(name for name in FIXED if name != LAST), *FILLED, LAST)
WIDTHS: Mapping[str, int] = {
    "id": 12, "no": 5, "unit": 13, "address": 19, "ask": 42, "whom": 17, "evidence": 14, "records": 25,
    "sample": 26, "earlier": 26, "verdict": 16, "statement": 32, "seen": 27, "auditor": 13, "date": 11,
}  # fmt: skip
SPARED = ("unit", "earlier")
"""Columns that are hidden where nothing stands in them."""
EXCEL_FIRST_DAY = date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the sheet of what could not be merged; `line` and `column` name its cell, where it has one."""

    line: str | None
    column: str | None
    text: str


def write_checklist(
    form: Form,
    path: Path,
    lang: str,
    values: Mapping[str, Mapping[str, str]] | None = None,
    notes: Sequence[Note] = (),
) -> None:
    """Write the workbook; raises ReportError where it cannot be written.

    `values` are what is filled in, by line and column. Cells that a note names are marked.
    """
    import xlsxwriter

    buffer = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    _Book(book, form, lang, values or {}, notes).write()
    book.close()
    put_bytes(path, buffer.getvalue())


class _Book:
    """One workbook while it is written."""

    def __init__(
        self,
        book: Any,
        form: Form,
        lang: str,
        values: Mapping[str, Mapping[str, str]],
        notes: Sequence[Note],
    ) -> None:
        self.book, self.form, self.lang, self.values, self.notes = book, form, lang, values, notes
        self.marked = {(n.line, n.column) for n in notes}
        base = {"font_name": FONT, "font_size": 10, "valign": "top", "text_wrap": True}
        edge = {**base, "border": 1, "border_color": "#D5DADE"}
        fill = {**edge, "bg_color": "#FFFBF0", "locked": False}
        looks: dict[str, dict[str, Any]] = {
            "plain": base,
            "line": {"font_name": FONT, "font_size": 10},
            "title": {"font_name": FONT, "font_size": 16, "bold": True},
            "cell": edge,
            "literal": {**edge, "quote_prefix": True},
            "aside": {**edge, "font_color": "#8A949B", "font_size": 9},
            "head": {**edge, "bold": True, "bg_color": "#1D4E6B", "font_color": "#FFFFFF"},
            "fill_head": {**edge, "bold": True, "bg_color": "#FDF3DC"},
            "heading": {"font_name": FONT, "font_size": 10, "bold": True, "bg_color": "#E8EEF2"},
            "fill": fill,
            "fill_literal": {**fill, "quote_prefix": True},
            "fill_date": {**fill, "num_format": "yyyy-mm-dd"},
            "clash": {**fill, "bg_color": "#F9D6D2"},
            "clash_date": {**fill, "bg_color": "#F9D6D2", "num_format": "yyyy-mm-dd"},
            "machine": {"font_name": FONT, "font_size": 8, "font_color": "#8A949B"},
        }
        self.looks = {name: book.add_format(look) for name, look in looks.items()}

    def t(self, key: str, **fields: object) -> str:
        """A text of the checklist."""
        return say(f"checklist.{key}", self.lang, **fields)

    def write(self) -> None:
        self.book.set_properties({"title": self.t("title"), "created": datetime.fromisoformat(self.form.on)})
        guide = self.book.add_worksheet(self.t("sheet_guide"))
        sheet = self.book.add_worksheet(self.t("sheet_list"))
        conflicts = self.book.add_worksheet(self.t("sheet_conflicts")) if self.notes else None
        lists, base = self.book.add_worksheet("_lists"), self.book.add_worksheet("_base")
        self._guide(guide)
        self._lists(lists)
        self._list(sheet)
        if conflicts:
            self._conflicts(conflicts)
        self._base(base)
        for hidden in (lists, base):
            hidden.protect()
            hidden.very_hidden()
        (conflicts or sheet).activate()

    def _guide(self, sheet: Any) -> None:
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 84)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        self._text(sheet, 0, 0, self.t("title"), "title")
        row = 2
        for label, value in guide_head(self.form, self.lang):
            self._text(sheet, row, 0, label, "head")
            self._text(sheet, row, 1, value, "cell")
            sheet.set_row(row, height(value, 78))
            row += 1
        row += 1
        self._text(sheet, row, 0, self.t("how"), "title")
        sheet.set_row(row, 24)
        for n, text in enumerate(self.t("guide").splitlines(), row + 1):
            sheet.merge_range(n, 0, n, 1, "", self.looks["plain"])
            self._text(sheet, n, 0, text, "plain")
            sheet.set_row(n, height(text, 98))
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _lists(self, sheet: Any) -> None:
        """Words of the drop-downs: for a shall, for a should, the auditors."""
        for column, codes in enumerate((FOR_SHALL, FOR_SHOULD)):
            for row, code in enumerate(codes):
                self._text(sheet, row, column, choice_label(VERDICTS[code]), "line")
        for row, (record, name) in enumerate(self.form.auditors):
            self._text(sheet, row, 2, f"{record} {name}".strip(), "line")

    def _list(self, sheet: Any) -> None:
        self._text(sheet, 0, 0, LIST_MARK, "machine")
        self._text(sheet, 0, 1, self.t("list_title", name=self.form.name or self.form.organisation), "title")
        sheet.set_row(0, 26)
        self._text(sheet, 1, 1, self.t("list_hint"), "line")
        for n, name in enumerate(COLUMNS):
            hide = {"hidden": True} if name == "id" or (name in SPARED and not self._any(name)) else {}
            sheet.set_column(n, n, WIDTHS[name], None, hide)
            self._text(sheet, NAMES_ROW, n, PREFIX + name, "machine")
            self._text(sheet, HEAD_ROW, n, self.t(f"col_{name}"), "fill_head" if name in FILLED else "head")
        sheet.set_row(NAMES_ROW, 12, None, {"hidden": True})
        sheet.set_row(HEAD_ROW, 2 * LINE + 3)
        row, heading = FIRST_ROW, ""
        for line in self.form.lines:
            if line.heading != heading:
                heading = line.heading
                self._text(sheet, row, 0, HEADING, "machine")
                for n in range(1, len(COLUMNS)):
                    sheet.write_blank(row, n, None, self.looks["heading"])
                self._text(sheet, row, 1, heading, "heading")
                sheet.set_row(row, LINE + 4)
                row += 1
            self._line(sheet, row, line)
            row += 1
        self._rules(sheet, row)
        self._page(sheet, row)

    def _any(self, name: str) -> bool:
        return any(line.cells[name] for line in self.form.lines)

    def _line(self, sheet: Any, row: int, line: Line) -> None:
        values = self.values.get(line.id, {})
        texts = {"id": line.id, **line.cells, **(values or suggested(line, self.marked))}
        for n, name in enumerate(COLUMNS):
            text = texts.get(name, "")
            if name == "id":
                self._text(sheet, row, n, text, "machine")
            elif name in FIXED:
                self._text(sheet, row, n, text, "aside" if name == LAST else "cell")
            else:
                self._filled(sheet, row, n, name, text, (line.id, name) in self.marked)
        sheet.set_row(row, max(height(texts.get(name, ""), WIDTHS[name]) for name in COLUMNS[1:]))
        rule = f"=_lists!$A$1:$A${len(FOR_SHALL)}" if line.firm else f"=_lists!$B$1:$B${len(FOR_SHOULD)}"
        column = COLUMNS.index("verdict")
        sheet.data_validation(
            row,
            column,
            row,
            column,
            {
                "validate": "list",
                "source": rule,
                "error_title": self.t("refused"),
                "error_message": self.t("refused_verdict"),
            },
        )

    def _filled(self, sheet: Any, row: int, n: int, name: str, text: str, clash: bool) -> None:
        look = "clash" if clash else "fill"
        if name == "date":
            day = _day(text)
            if day is not None:
                sheet.write_datetime(
                    row, n, datetime(day.year, day.month, day.day), self.looks[look + "_date"]
                )
                return
            look += "_date"
        if name == "verdict" and text in VERDICTS:
            text = choice_label(VERDICTS[text])
        if text:
            self._text(sheet, row, n, text, look)
        else:
            sheet.write_blank(row, n, None, self.looks[look])

    def _rules(self, sheet: Any, end: int) -> None:
        auditor, day = COLUMNS.index("auditor"), COLUMNS.index("date")
        if end <= FIRST_ROW:
            return
        last = max(len(self.form.auditors), 1) + SPARE
        sheet.data_validation(
            FIRST_ROW,
            auditor,
            end - 1,
            auditor,
            {"validate": "list", "source": f"=_lists!$C$1:$C${last}", "show_error": False},
        )
        sheet.data_validation(
            FIRST_ROW,
            day,
            end - 1,
            day,
            {
                "validate": "date",
                "criteria": ">=",
                "value": date.fromisoformat(self.form.since),
                "error_title": self.t("refused"),
                "error_message": self.t("refused_date", since=self.form.since),
            },
        )

    def _page(self, sheet: Any, end: int) -> None:
        sheet.freeze_panes(FIRST_ROW, COLUMNS.index("ask") + 1)
        sheet.autofilter(HEAD_ROW, 1, max(end - 1, FIRST_ROW), len(COLUMNS) - 1)
        sheet.set_paper(8)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD_ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L{self.form.digest[:12]}&R&P / &N")
        sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})

    def _conflicts(self, sheet: Any) -> None:
        self._text(sheet, 0, 0, CONFLICTS_MARK, "machine")
        sheet.set_row(0, 12, None, {"hidden": True})
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 1, 24)
        sheet.set_column(2, 2, 14)
        sheet.set_column(3, 3, 100)
        for n, key in enumerate(("no", "address", "cell", "what")):
            self._text(sheet, 1, n, self.t(f"col_{key}"), "head")
        for row, note in enumerate(self.notes, 2):
            line = self.form.line(note.line or "")
            cells = (
                line.cells["no"] if line else "",
                line.cells["address"] if line else "",
                self.t(f"col_{note.column}") if note.column in COLUMNS else note.column or "",
                note.text,
            )
            for n, text in enumerate(cells):
                self._text(sheet, row, n, text, "cell")
            sheet.set_row(row, max(height(cells[1], 24), height(note.text, 100)))
        sheet.freeze_panes(2, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _base(self, sheet: Any) -> None:
        text = self.form.to_json()
        pieces = [BASE_MARK, self.form.digest, *(text[n : n + PIECE] for n in range(0, len(text), PIECE))]
        for row, piece in enumerate(pieces):
            sheet.write_string(row, 0, piece)

    def _text(self, sheet: Any, row: int, column: int, text: str, look: str) -> None:
        """A text as a text: never a formula, cut where a cell ends."""
        text = clean(text)
        if len(text) > CELL:
            note = say("report.cut", self.lang)
            text = text[: CELL - len(note)] + note
        if text.startswith(FORMULA_STARTS) and look in ("cell", "fill"):
            look = "literal" if look == "cell" else "fill_literal"
        sheet.write_string(row, column, text, self.looks[look])


def suggested(line: Line, marked: Collection[tuple[str | None, str | None]]) -> dict[str, str]:
    """Who is to audit a line that nobody has filled in; nobody where a cell is open to be decided."""
    if not line.auditor or any((line.id, name) in marked for name in FILLED):
        return {}
    return {"auditor": line.auditor}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= EXCEL_FIRST_DAY else None


def guide_head(form: Form, lang: str) -> list[tuple[str, str]]:
    """What the guide says about this checklist."""

    def t(key: str, **fields: object) -> str:
        return say(f"checklist.{key}", lang, **fields)

    rule = t(f"size_{form.size}") if form.size in ("root", "all") else t("size_n", n=form.size)
    layout = t(f"by_{form.by}") + (t("one_unit", unit=form.unit) if form.unit else "")
    head = {
        "organisation": f"{form.name or ''} {form.organisation}".strip(),
        "part": form.part,
        "day": f"{form.on} ({form.since} – {form.on})",
        "standards": "\n".join(f"{s['number']} ({s['key']}) {s['digest'][:16]}" for s in form.standards),
        "layout": layout,
        "count": str(len(form.lines)),
        "sampling": t("sampling_text", rule=rule, seed=form.seed),
        "position": f"{form.known} {form.head}",
        "base": form.digest,
    }
    told = [(t(f"head_{key}"), value) for key, value in head.items() if value]
    return told + [(t("head_loose"), text) for text in form.loose]


def own_texts(form: Form) -> set[str]:
    """Every text that we put beside the lines, in either language, blanks folded: what else is there was added."""
    texts = [f"{record} {name}" for record, name in form.auditors]
    texts += [choice_label(labels) for labels in VERDICTS.values()]
    for lang in LANGUAGES:
        texts += [text for pair in guide_head(form, lang) for text in pair]
        texts += say("checklist.guide", lang).splitlines()
        texts += [say(f"checklist.{key}", lang) for key in ("title", "how", "list_hint")]
        texts += [say(f"checklist.col_{name}", lang) for name in COLUMNS]
        texts.append(say("checklist.list_title", lang, name=form.name or form.organisation))
    return {" ".join(text.split()) for text in (LIST_MARK, *(PREFIX + name for name in COLUMNS), *texts)}
