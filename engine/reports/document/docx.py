"""A document as an editable Word file: real headings, real tables with repeated heads, charts as pictures."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

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
    Table,
    plain,
    said,
    text_of,
)
from shall.texts.errors import ReportError

FONT, LATIN = "Microsoft YaHei", "Arial"
INK, MUTED, ACCENT, WASH, RULE = "1F2A33", "5B6670", "1D4E6B", "F5F7F8", "C9CED3"
TONES = {"warn": "D9971A", "good": "1C7A5A", "bad": "B3391F"}
TWIPS = 9860
"""Width of the text between the margins of an A4 page, in twentieths of a point."""
FIXED = (1980, 1, 1, 0, 0, 0)
"""The time every part of the file carries, so that the same document gives the same bytes."""
FEW = 4
"""A heat map of so few places is set as small as a radar."""
SIZES = {1: 15, 2: 12.5, 3: 10.5}


def docx(document: Document) -> bytes:
    """The file as bytes, the same for the same document; raises ReportError where the library is missing."""
    try:
        import docx as library
    except ImportError:
        raise ReportError("document.no_docx") from None
    made = library.Document()
    _Writer(made, document).write()
    buffer = io.BytesIO()
    made.save(buffer)
    return _repacked(buffer.getvalue())


def _repacked(content: bytes) -> bytes:
    """The same archive without the times at which its parts were written."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(target, "w") as written:
        for name in read.namelist():
            part = zipfile.ZipInfo(name, FIXED)
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, read.read(name))
    return target.getvalue()


class _Writer:
    """One Word file while it is written."""

    def __init__(self, made: Any, document: Document) -> None:
        self.made, self.document = made, document
        self.pictures = pictures(document)

    def write(self) -> None:
        self._page()
        self._styles()
        self._properties()
        self.made.add_paragraph(self.document.title, style="Title")
        self.made.add_paragraph(self.document.subtitle, style="Subtitle")
        self._facts(self.document.head)
        for notice in self.document.notices:
            self._para(notice)
        for section in self.document.sections:
            self.made.add_heading(section.title, section.level)
            for block in section.blocks:
                self._block(block)

    # --- the page, the styles --------------------------------------------------------------------

    def _page(self) -> None:
        from docx.shared import Mm

        section = self.made.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(18)
        section.top_margin, section.bottom_margin = Mm(18), Mm(20)
        section.header_distance = section.footer_distance = Mm(9)
        header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
        header.text = f"{self.document.title}\t{self.document.day}"
        footer.text = f"{self.document.running}\t"
        self._tabs()
        before, _, rest = said("page", self.document.lang, page="{page}", pages="{pages}").partition("{page}")
        between, _, after = rest.partition("{pages}")
        footer.add_run(before)
        _field(footer, "PAGE")
        footer.add_run(between)
        _field(footer, "NUMPAGES")
        footer.add_run(after)

    def _tabs(self) -> None:
        """In header and footer one stop, at the right margin; those of the library stand for another page."""
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Twips

        for name in ("Header", "Footer"):
            stops = self.made.styles[name].paragraph_format.tab_stops
            stops.clear_all()
            stops.add_tab_stop(Twips(TWIPS), WD_TAB_ALIGNMENT.RIGHT)

    def _styles(self) -> None:
        from docx.enum.style import WD_STYLE_TYPE

        styles = self.made.styles
        _font(styles["Normal"], 9.5, INK)
        _spaced(styles["Normal"], 0, 4)
        _font(styles["Title"], 20, INK, bold=True)
        _font(styles["Subtitle"], 12, MUTED)
        for name in ("Title", "Subtitle"):
            _plain(styles[name])
        for level, size in SIZES.items():
            _font(styles[f"Heading {level}"], size, ACCENT if level != 2 else INK, bold=True)
            _spaced(styles[f"Heading {level}"], 16 if level == 1 else 10, 4)
        for name in ("Header", "Footer"):
            _font(styles[name], 7.5, MUTED)
        _font(styles["Caption"], 9.5, INK, bold=True)
        _spaced(styles["Caption"], 8, 3)
        styles["Caption"].paragraph_format.keep_with_next = True
        for name, size, colour in (("Remark", 8.5, MUTED), ("Cell", 8.5, INK), ("Notice", 9, INK)):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = styles["Normal"]
            _font(style, size, colour)
            _spaced(style, 0, 0 if name == "Cell" else 5)

    def _properties(self) -> None:
        properties, on = self.made.core_properties, datetime.fromisoformat(self.document.on)
        properties.title, properties.subject = self.document.title[:255], self.document.subtitle[:255]
        properties.author, properties.comments = "shall", self.document.receipt
        properties.created = properties.modified = on
        properties.language = "zh-CN" if self.document.lang == "zh" else "en-GB"

    # --- blocks ----------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        match block:
            case Para():
                self._para(block)
            case Facts():
                self._facts(block)
            case Table():
                self._table(block)
            case Chart():
                self._chart(block)

    def _para(self, para: Para) -> None:
        from docx.shared import Pt

        if para.tone in TONES:
            made = self.made.add_paragraph(para.text, style="Notice")
            _edge(made, TONES[para.tone])
            return
        made = self.made.add_paragraph(style="Remark" if para.tone == "note" else "Normal")
        run = made.add_run(para.text)
        if para.tone == "strong":
            run.bold = True
            run.font.size = Pt(13)

    def _facts(self, facts: Facts) -> None:
        rows = tuple(Row((label, cell)) for label, cell in facts.rows)
        self._grid((Column("", 1), Column("", 3.2)), rows, headed=False)
        self._gap()

    def _table(self, table: Table) -> None:
        if table.caption:
            self.made.add_paragraph(table.caption, style="Caption")
        self._grid(table.columns, table.rows, headed=True, together=table.together)
        if table.note:
            self.made.add_paragraph(table.note, style="Remark")
        self._gap()

    def _gap(self) -> None:
        """A small empty line, without which two tables would grow together."""
        from docx.shared import Pt

        made = self.made.add_paragraph(style="Remark")
        made.paragraph_format.space_after = Pt(0)
        made.paragraph_format.line_spacing = Pt(6)

    def _grid(
        self, columns: Sequence[Column], rows: Sequence[Row], *, headed: bool, together: bool = False
    ) -> None:
        grid = _Grid(columns)
        if headed:
            grid.row([c.head for c in columns], head=True)
        for row in rows:
            if row.tone == "group":
                grid.group(text_of(row.cells[0]))
            else:
                grid.row(row.cells, strong=row.tone == "total", faint=not headed)
        if together:
            grid.keep()
        body = self.made.element.body
        body.insert(len(body) - 1, grid.element)

    def _chart(self, chart: Chart) -> None:
        from docx.shared import Mm

        picture = self.pictures.get(id(chart))
        if picture is None:
            columns = (Column("", 3), *(Column(s, 1, right=True) for s in chart.series))
            rows = tuple(
                Row((p.label, *("" if v is None else Figure(str(v)) for v in p.values))) for p in chart.points
            )
            self._table(Table(columns, rows, chart.name))
        else:
            self.made.add_paragraph(chart.name, style="Caption")
            made = self.made.add_paragraph()
            made.alignment = 1
            small = chart.kind == "radar" or (chart.kind == "heat" and len(chart.series) <= FEW)
            shape = made.add_run().add_picture(io.BytesIO(picture), width=Mm(120 if small else 172))
            shape._inline.docPr.set("descr", chart.name)
        if chart.note:
            self.made.add_paragraph(chart.note, style="Remark")


def pictures(document: Document) -> dict[int, bytes]:
    """The charts as PNG by the identity of their block; none where typst or a font is missing."""
    from shall.engine.reports.document.drawing import drawn
    from shall.engine.reports.pdf import rendered

    shown = plain(document)
    made = rendered(shown, drawn)
    return {id(chart): png for chart, png in zip(document.charts(), made, strict=False)}


class _Grid:
    """A table as WordprocessingML, written directly: a thousand rows in the time of one."""

    def __init__(self, columns: Sequence[Column]) -> None:
        from docx.oxml import OxmlElement

        self.new, self.columns = OxmlElement, columns
        whole = sum(c.width for c in columns)
        self.widths = [int(TWIPS * c.width / whole) for c in columns]
        self.element = self._with("w:tbl")
        properties = self._with("w:tblPr", self.element)
        self._with("w:tblW", properties, w=str(TWIPS), type="dxa")
        borders = self._with("w:tblBorders", properties)
        for side in ("top", "bottom", "insideH"):
            self._with(f"w:{side}", borders, val="single", sz="4", space="0", color=RULE)
        self._with("w:tblLayout", properties, type="fixed")
        margins = self._with("w:tblCellMar", properties)
        for side in ("left", "right"):
            self._with(f"w:{side}", margins, w="70", type="dxa")
        grid = self._with("w:tblGrid", self.element)
        for width in self.widths:
            self._with("w:gridCol", grid, w=str(width))

    def _with(self, tag: str, parent: Any = None, **attributes: str) -> Any:
        from docx.oxml.ns import qn

        made = self.new(tag)
        for name, value in attributes.items():
            made.set(qn(f"w:{name}"), value)
        if parent is not None:
            parent.append(made)
        return made

    def row(
        self, cells: Sequence[Cell], *, head: bool = False, strong: bool = False, faint: bool = False
    ) -> None:
        """A row; a head is repeated on every page; `faint` makes the first cell a label."""
        row = self._with("w:tr", self.element)
        properties = self._with("w:trPr", row)
        if sum(len(text_of(c)) for c in cells) < 600:
            self._with("w:cantSplit", properties)
        if head:
            self._with("w:tblHeader", properties)
        for n, (cell, width) in enumerate(zip(cells, self.widths, strict=True)):
            right = self.columns[n].right and not isinstance(cell, Blank)
            muted = head or (faint and n == 0)
            self._cell(
                row, cell, width, right=right, bold=head or strong, muted=muted, fill=WASH if head else ""
            )

    def keep(self) -> None:
        """Every row but the last on the page of the next one."""
        from docx.oxml.ns import qn

        for row in self.element.findall(qn("w:tr"))[:-1]:
            for style in row.iter(qn("w:pPr")):
                style.insert(1, self._with("w:keepNext"))

    def group(self, text: str) -> None:
        """A heading row over all columns."""
        row = self._with("w:tr", self.element)
        properties = self._with("w:trPr", row)
        self._with("w:cantSplit", properties)
        self._cell(row, text, sum(self.widths), span=len(self.widths), bold=True, colour=ACCENT, fill=WASH)

    def _cell(
        self,
        row: Any,
        cell: Cell,
        width: int,
        *,
        span: int = 1,
        right: bool = False,
        bold: bool = False,
        muted: bool = False,
        colour: str = "",
        fill: str = "",
    ) -> None:
        made = self._with("w:tc", row)
        properties = self._with("w:tcPr", made)
        self._with("w:tcW", properties, w=str(width), type="dxa")
        if span > 1:
            self._with("w:gridSpan", properties, val=str(span))
        if fill:
            self._with("w:shd", properties, val="clear", color="auto", fill=fill)
        blank = isinstance(cell, Blank)
        colour = colour or (MUTED if muted or blank else "")
        for line in text_of(cell).split("\n"):
            paragraph = self._with("w:p", made)
            style = self._with("w:pPr", paragraph)
            self._with("w:pStyle", style, val="Cell")
            if right:
                self._with("w:jc", style, val="right")
            self._run(paragraph, line, bold, blank, colour)

    def _run(self, paragraph: Any, line: str, bold: bool, italic: bool, colour: str) -> None:
        run = self._with("w:r", paragraph)
        properties = self._with("w:rPr", run)
        if bold:
            self._with("w:b", properties)
        if italic:
            self._with("w:i", properties)
        if colour:
            self._with("w:color", properties, val=colour)
        text = self._with("w:t", run)
        text.text = line
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _font(style: Any, size: float, colour: str, *, bold: bool | None = None) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor.from_string(colour)
    style.font.bold, style.font.italic = bold, False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), FONT)


def _spaced(style: Any, before: float, after: float) -> None:
    from docx.shared import Pt

    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.15


def _plain(style: Any) -> None:
    """Without the rule that the library's own title has below it."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    _spaced(style, 0, 4)


def _edge(paragraph: Any, colour: str) -> None:
    """A coloured line to the left of a paragraph, and a wash behind it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = paragraph._p.get_or_add_pPr()
    borders, left, shade = (OxmlElement(f"w:{name}") for name in ("pBdr", "left", "shd"))
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", colour)):
        left.set(qn(f"w:{name}"), value)
    borders.append(left)
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", WASH)):
        shade.set(qn(f"w:{name}"), value)
    style = properties.find(qn("w:pStyle"))
    place = 0 if style is None else 1
    properties.insert(place, borders)
    properties.insert(place + 1, shade)


def _field(paragraph: Any, name: str) -> None:
    """A page number, which only the program that lays the file out knows."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
