"""A checklist as a Word file: one table for each question, below it content controls to fill in, the base inside.

Written directly as WordprocessingML: a thousand questions in the time a library takes for ten. A control's tag is
`shall:<line>:<column>`; the base, the same text as in the workbook's hidden sheet, is a part of custom XML.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from shall.engine.audit.checklist.book import Note, guide_head, suggested
from shall.engine.audit.checklist.form import VERDICTS, Form, Line
from shall.engine.audit.checklist.word_parts import BASE_SPACE, HEAD, SPACE, parts
from shall.engine.reports.files import put_bytes
from shall.engine.reports.view import clean
from shall.evidence.parse import choice_label
from shall.texts import say

TAG = "shall:"
CONFLICTS = TAG + "conflicts"
"""Tag of the table of what could not be merged: nothing in it is read back."""
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
WIDTHS = (1150, 2300, 950, 2260, 850, 2350)
"""Columns of a question in twentieths of a point, together the width of the text on an A4 page."""
WASH, FILL, CLASH = "E8EEF2", "FFFBF0", "F9D6D2"


def write_word(
    form: Form,
    path: Path,
    lang: str,
    values: Mapping[str, Mapping[str, str]] | None = None,
    notes: Sequence[Note] = (),
) -> None:
    """Write the Word file; raises ReportError where it cannot be written.

    `values` are what is filled in, by line and column. Cells that a note names are marked.
    """
    body = _Word(form, lang, values or {}, notes).document()
    put_bytes(path, _packed({"word/document.xml": body, **parts(form, lang, _base(form))}))


def _packed(contents: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(contents, key=lambda n: (n != "[Content_Types].xml", n)):
            part = zipfile.ZipInfo(name, FIXED_TIME)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, contents[name].encode())
    return buffer.getvalue()


def _base(form: Form) -> str:
    return f'{HEAD}<base xmlns="{BASE_SPACE}" digest="{form.digest}">{escape(form.to_json())}</base>'


def placeholder(column: str, lang: str) -> str:
    """What stands in an empty control."""
    kind = {"verdict": "verdict", "auditor": "verdict", "date": "date"}.get(column, "text")
    return say(f"checklist.fill_{kind}", lang)


class _Word:
    """The text of one Word file while it is written."""

    def __init__(
        self, form: Form, lang: str, values: Mapping[str, Mapping[str, str]], notes: Sequence[Note]
    ) -> None:
        self.form, self.lang, self.values, self.notes = form, lang, values, notes
        self.marked = {(n.line, n.column) for n in notes}
        self.number = 0
        names = [f"{record} {name}".strip() for record, name in form.auditors]
        self.auditors = "<w:comboBox>" + "".join(map(_item, dict.fromkeys(names))) + "</w:comboBox>"
        self.verdicts: dict[tuple[str, ...], str] = {}
        self.labels = {name: self.t(f"col_{name}") for name in LABELS}
        self.empty = {name: placeholder(name, lang) for name in ("verdict", "statement", "date")}

    def t(self, key: str, **fields: object) -> str:
        """A text of the checklist."""
        return say(f"checklist.{key}", self.lang, **fields)

    def document(self) -> str:
        """The main part."""
        page = (
            '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/>'
            '<w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/>'
            '<w:pgMar w:top="1020" w:right="1020" w:bottom="1020" w:left="1020" w:header="510" w:footer="510"'
            ' w:gutter="0"/></w:sectPr>'
        )
        pieces = (*self._front(), *self._questions())
        return f"{HEAD}<w:document {SPACE}><w:body>{''.join(pieces)}{page}</w:body></w:document>"

    def _front(self) -> Iterator[str]:
        name = self.form.name or self.form.organisation
        yield _paragraph(self.t("title"), "Title") + _paragraph(name, "Subtitle")
        grid = (1800, 8060)
        rows = [
            _row(_cell(a, grid[0], "Label"), _cell(b, grid[1])) for a, b in guide_head(self.form, self.lang)
        ]
        yield _table(grid, rows) + _paragraph(self.t("how"), "Heading2")
        yield from (_paragraph(text, "Normal") for text in self.t("word_guide").splitlines())
        if self.notes:
            yield from self._conflicts()

    def _conflicts(self) -> Iterator[str]:
        yield _paragraph(self.t("sheet_conflicts"), "Heading1")
        grid = (700, 2200, 1300, 5660)
        self.number += 1
        mark = (
            f'<w:sdt><w:sdtPr><w:tag w:val="{CONFLICTS}"/><w:id w:val="{self.number}"/>'
            f'<w:lock w:val="sdtContentLocked"/></w:sdtPr><w:sdtContent>{_runs(self.t("col_no"))}'
            "</w:sdtContent></w:sdt>"
        )
        heads = [_filled_cell(mark, grid[0], WASH, "Label")]
        heads += [
            _cell(self.t(f"col_{key}"), width, "Label", fill=WASH)
            for key, width in zip(("address", "cell", "what"), grid[1:], strict=True)
        ]
        rows = [_row(*heads, head=True)]
        for note in self.notes:
            line = self.form.line(note.line or "")
            texts = (
                line.cells["no"] if line else "",
                line.cells["address"] if line else "",
                self.t(f"col_{note.column}") if note.column in LABELS else note.column or "",
                note.text,
            )
            rows.append(_row(*(_cell(text, width) for text, width in zip(texts, grid, strict=True))))
        yield _table(grid, rows)

    def _questions(self) -> Iterator[str]:
        heading = ""
        for line in self.form.lines:
            if line.heading != heading:
                style = "Heading1" if heading else "First"
                heading = line.heading
                yield _paragraph(heading, style)
            yield self._question(line) + GAP

    def _question(self, line: Line) -> str:
        cells, wide = line.cells, sum(WIDTHS[1:])
        top = _row(
            _cell(cells["no"], WIDTHS[0], "Number", fill=WASH),
            _cell(cells["address"], sum(WIDTHS[1:4]), "Number", 3, fill=WASH),
            _cell(cells["unit"], sum(WIDTHS[4:]), "Number", 2, fill=WASH),
        )
        rows = [top, self._pair(line, "ask", wide, 5)]
        rows.append(
            _row(
                _cell(self.labels["whom"], WIDTHS[0], "Label"),
                _cell(cells["whom"], sum(WIDTHS[1:4]), span=3),
                _cell(self.labels["evidence"], WIDTHS[4], "Label"),
                _cell(cells["evidence"], WIDTHS[5], "Label"),
            )
        )
        rows += [self._pair(line, n, wide, 5) for n in ("records", "sample", "earlier") if cells[n]]
        return _table(WIDTHS, [*rows, *self._form(line)])

    def _pair(self, line: Line, name: str, width: int, span: int) -> str:
        return _row(_cell(self.labels[name], WIDTHS[0], "Label"), _cell(line.cells[name], width, span=span))

    def _form(self, line: Line) -> Iterator[str]:
        given = self.values.get(line.id, {})
        values = given or suggested(line, self.marked)

        def pair(name: str, at: int, span: int = 1) -> str:
            fill = CLASH if (line.id, name) in self.marked else FILL
            control = self._control(line, name, values.get(name, ""))
            label = _cell(self.labels[name], WIDTHS[at], "Label", fill=FILL)
            return label + _filled_cell(control, sum(WIDTHS[at + 1 : at + 1 + span]), fill, "Cell", span)

        yield _row(pair("verdict", 0), pair("auditor", 2), pair("date", 4))
        yield _row(pair("statement", 0, 5), tall=560)
        yield _row(pair("seen", 0, 5), tall=560)

    def _control(self, line: Line, name: str, value: str) -> str:
        self.number += 1
        if name == "verdict" and value in VERDICTS:
            value = choice_label(VERDICTS[value])
        kind = '<w:text w:multiLine="1"/>'
        if name == "verdict":
            kind = self._choice(line.allowed)
        elif name == "auditor":
            kind = self.auditors
        elif name == "date":
            day = f' w:fullDate="{value}T00:00:00Z"' if _iso(value) else ""
            kind = f'<w:date{day}><w:dateFormat w:val="yyyy-MM-dd"/><w:calendar w:val="gregorian"/></w:date>'
        hint = "" if value else "<w:showingPlcHdr/>"
        empty = self.empty[EMPTY.get(name, "statement")]
        shown = _runs(clean(value)) if value else f"<w:r>{HINT}<w:t>{escape(empty)}</w:t></w:r>"
        return (
            f'<w:sdt><w:sdtPr><w:alias w:val="{escape(self.labels[name])}"/>'
            f'<w:tag w:val="{TAG}{escape(line.id)}:{name}"/><w:id w:val="{self.number}"/>'
            f'<w:lock w:val="sdtLocked"/>{hint}{kind}</w:sdtPr><w:sdtContent>{shown}</w:sdtContent></w:sdt>'
        )

    def _choice(self, allowed: tuple[str, ...]) -> str:
        if allowed not in self.verdicts:
            items = "".join(_item(choice_label(VERDICTS[code])) for code in allowed)
            self.verdicts[allowed] = f"<w:dropDownList>{items}</w:dropDownList>"
        return self.verdicts[allowed]


LABELS = ("no", "unit", "address", "ask", "whom", "evidence", "records", "sample", "earlier",
          "verdict", "statement", "seen", "auditor", "date")  # fmt: skip
EMPTY = {"verdict": "verdict", "auditor": "verdict", "date": "date"}
HINT = '<w:rPr><w:rStyle w:val="PlaceholderText"/></w:rPr>'
GAP = '<w:p><w:pPr><w:pStyle w:val="Gap"/></w:pPr></w:p>'


def _iso(value: str) -> bool:
    return len(value) == 10 and value.replace("-", "").isdigit() and value.isascii()


def _item(text: str) -> str:
    shown = escape(text)
    return f'<w:listItem w:displayText="{shown}" w:value="{shown}"/>'


def _runs(text: str) -> str:
    lines = escape(text).split("\n")
    return "<w:r>" + "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines) + "</w:r>"


def _paragraph(text: str, style: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_runs(clean(text))}</w:p>'


def _cell(text: str, width: int, style: str = "Cell", span: int = 1, fill: str = "") -> str:
    return f"<w:tc>{_shape(width, span, fill)}{_paragraph(text, style)}</w:tc>"


def _filled_cell(control: str, width: int, fill: str, style: str, span: int = 1) -> str:
    paragraph = f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{control}</w:p>'
    return f"<w:tc>{_shape(width, span, fill)}{paragraph}</w:tc>"


def _shape(width: int, span: int, fill: str) -> str:
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{shade}</w:tcPr>'


def _row(*cells: str, head: bool = False, tall: int = 0) -> str:
    least = f'<w:trHeight w:val="{tall}"/>' if tall else ""
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{least}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _table(widths: Sequence[int], rows: Sequence[str]) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Question"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )
