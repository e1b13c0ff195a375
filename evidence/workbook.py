"""The workbook people fill in: one sheet per kind, a guide in front; written by us, read back by us.

Rows of a sheet: 1 the kind's name, label and help; 2 headers in Chinese; 3 headers in English;
4 column names; 5 help; then the records, in a template after one example row that is never imported.
Every text is written as text, so nothing that starts with =, +, - or @ becomes a formula.
"""

import io
import os
import re
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from shall.evidence.parse import (
    NO_LABEL,
    YES_LABEL,
    Formula,
    Percent,
    Place,
    Problem,
    Unreadable,
    choice_label,
    column_names,
    fold,
    header,
    shown,
)
from shall.evidence.schema import Column, Kind, schema
from shall.texts import say
from shall.texts.errors import EvidenceError

if TYPE_CHECKING:
    from openpyxl import Workbook as Opened

EXAMPLE = "示例/EXAMPLE"
"""An id that starts so marks the template's example row."""
HELP_MARK = "【说明/help】"
"""The id column's help starts so: that is how a reader knows the help row."""
LISTS = "_lists"
GUIDE = ("说明", "Guide")

HEADER_ROWS = 10
"""The header is looked for in so many rows."""
MAX_ROWS = 200_000
MAX_FILE = 200 * 2**20
MAX_UNPACKED = 700 * 2**20
MAX_RATIO = 100
"""How many times larger an entry may unpack than it is packed, once it is larger than FREE_UNPACKED."""
FREE_UNPACKED = 16 * 2**20
MAX_ENTRIES = 5_000
EXCEL_ROWS = 1_048_576
EXCEL_SHEET_NAME = 31
EXCEL_LIST = 255
EXCEL_TEXT = 32_767
EXCEL_DIGITS = 15
FIRST_SAFE_DAY = date(1900, 3, 1)
"""Spreadsheets disagree on earlier days; those are written as text."""
ID_ROWS = 2_000
"""So many rows of another sheet are offered in the drop-down of a column that refers to it."""

CHUNK = 2**14
"""Larger pieces make the parser hold more at a time, which is slower."""
MOST_KEPT = 2**22
STRICT = b"purl.oclc.org/ooxml/spreadsheetml"
"""The namespace of a variant of the format in which the library would see an empty sheet."""
EMPTY_ROW = re.compile(rb'<row\s[^<>]*\br="[^<>]*(?:/>|>(?:<c\s[^<>]*/>)*</row>)')

BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the libraries raise on a workbook that is damaged: theirs, so the list is long."""


@dataclass(frozen=True, slots=True)
class Need:
    """A provision, and the kinds of record that would answer it."""

    ruleset: str
    address: str
    gist: tuple[str, str]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it stands in a file: its cells by column, empty ones left out."""

    number: int
    cells: Mapping[str, object]


@dataclass(slots=True)
class Table:
    """The records of one kind in one place of one file.

    `columns` are those the file speaks of; a record keeps what it had in the others. `letters` names the
    spreadsheet's columns. Where each record speaks for itself (JSON), `columns` is None.
    """

    kind: Kind
    file: str
    sheet: str | None
    rows: list[Row]
    columns: frozenset[str] | None
    letters: Mapping[str, str] = field(default_factory=dict)
    counts: str = "row"

    def place(self, row: int | None = None, column: str | None = None) -> Place:
        """A place in this table."""
        return Place(
            self.file, self.sheet, row, self.kind.name, column, self.letters.get(column or ""), self.counts
        )


def write_template(path: Path, kinds: Sequence[Kind], needs: Sequence[Need], *, lang: str = "zh") -> None:
    """Write an empty workbook for these kinds, with an example row on each sheet."""
    _write(path, kinds, needs, None, lang)


def write_filled(
    path: Path,
    kinds: Sequence[Kind],
    needs: Sequence[Need],
    records: Mapping[str, Sequence[Mapping[str, object]]],
    *,
    lang: str = "zh",
) -> None:
    """Write the same workbook with these records (bodies as in the ledger), which imports as unchanged."""
    _write(path, kinds, needs, records, lang)


def sheet_names(kinds: Sequence[Kind], lang: str) -> dict[str, str]:
    """A sheet name for each kind: its label, cut and made unique where a spreadsheet needs that."""
    taken = {fold(name) for name in (*GUIDE, LISTS, "History")}
    names = {}
    for kind in kinds:
        label = re.sub(r"[\[\]:*?/\\]", "-", kind.zh if lang == "zh" else kind.en).strip("' ")
        name = label[:EXCEL_SHEET_NAME]
        if fold(name) in taken or name != label or not name:
            name = f"{label[: max(0, EXCEL_SHEET_NAME - len(kind.name) - 1)]} {kind.name}".strip()[
                :EXCEL_SHEET_NAME
            ]
        taken.add(fold(name))
        names[kind.name] = name
    return names


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place in one step: a full disk leaves what stood there before."""
    handle, temporary = -1, ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        raise EvidenceError(
            "import.cannot_write", path=str(path), reason=error.strerror or str(error)
        ) from error


@cache
def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


# --- writing -------------------------------------------------------------------------------------


def _write(
    path: Path,
    kinds: Sequence[Kind],
    needs: Sequence[Need],
    records: Mapping[str, Sequence[Mapping[str, object]]] | None,
    lang: str,
) -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": say("import.title", lang), "created": datetime(2000, 1, 1)})
    writer = _Writer(book, kinds, needs, lang)
    writer.guide()
    for kind in kinds:
        writer.sheet(kind, None if records is None else records.get(kind.name, ()))
    writer.finish()
    book.close()
    write_whole(path, buffer.getvalue())


class _Writer:
    """The formats, names and lists that the sheets of one workbook share."""

    def __init__(self, book: Any, kinds: Sequence[Kind], needs: Sequence[Need], lang: str) -> None:
        self.book, self.kinds, self.needs, self.lang = book, kinds, needs, lang
        self.names = sheet_names(kinds, lang)
        self.guide_name = GUIDE[lang != "zh"]
        self.guide_sheet = book.add_worksheet(self.guide_name)
        self.sheets = {kind.name: book.add_worksheet(self.names[kind.name]) for kind in kinds}
        self.lists = book.add_worksheet(LISTS)
        self.lists.hide()
        self.listed: dict[tuple[str, ...], str] = {}
        self.formats = {name: book.add_format(_base(**look)) for name, look in _LOOKS.items()}

    def guide(self) -> None:
        """The first sheet: how to fill in, and which provision needs which sheets."""
        sheet, look, lang = self.guide_sheet, self.formats, self.lang
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 3, 46)
        widest = max((len(self._linked(need)) for need in self.needs), default=1)
        sheet.set_column(4, 3 + max(widest, 1), 20)
        sheet.write_string(0, 0, say("import.title", lang), look["title"])
        lines = say("import.guide", lang).splitlines()
        for number, line in enumerate(lines, 1):
            sheet.write_string(number, 0, line, look["plain"])
        top = len(lines) + 2
        heads = say("import.guide_heads", lang).split("|")
        for index, head in enumerate(heads):
            sheet.write_string(top, index, head, look["head"])
        for index in range(len(heads), 4 + widest):
            sheet.write_blank(top, index, None, look["head"])
        for number, need in enumerate(self.needs, top + 1):
            self._need(number, need, widest)
        if self.needs:
            sheet.autofilter(top, 0, top + len(self.needs), 3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)

    def _linked(self, need: Need) -> list[str]:
        return [kind for kind in need.kinds if kind in self.sheets]

    def _need(self, number: int, need: Need, widest: int) -> None:
        sheet, look = self.guide_sheet, self.formats
        first, second = need.gist if self.lang == "zh" else reversed(need.gist)
        for index, text in enumerate((need.ruleset, need.address, first, second)):
            sheet.write_string(number, index, text, look["grid"])
        linked = self._linked(need)
        for index in range(widest):
            if index < len(linked):
                name = self.names[linked[index]]
                sheet.write_url(number, 4 + index, f"internal:{_quoted(name)}!A1", look["link"], string=name)
            else:
                sheet.write_blank(number, 4 + index, None, look["grid"])

    def sheet(self, kind: Kind, records: Sequence[Mapping[str, object]] | None) -> None:
        """One kind: five rows of headers and help, then the example or the records."""
        sheet = self.sheets[kind.name]
        first = 6 if records is None else 5
        count = 0 if records is None else len(records)
        if first + count > EXCEL_ROWS:
            raise EvidenceError(
                "import.too_many_rows_to_write", kind=kind.name, count=count, limit=EXCEL_ROWS - first
            )
        self._heads(sheet, kind)
        for index, column in enumerate(kind.columns):
            self._column(sheet, index, column)
        if records is None:
            self._record(sheet, 5, kind, example(kind), "example_")
        for row, body in enumerate(records or (), first):
            self._record(sheet, row, kind, body, "")
        sheet.freeze_panes(5, 1)
        sheet.autofilter(4, 0, max(first + count - 1, 5), len(kind.columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(1, 3)
        sheet.repeat_columns(0)

    def _heads(self, sheet: Any, kind: Kind) -> None:
        look = self.formats
        link = f"internal:{_quoted(self.guide_name)}!A1"
        sheet.write_url(0, 0, link, look["name"], string=kind.name, tip=self.guide_name)
        used = [f"{need.ruleset}:{need.address}" for need in self.needs if kind.name in need.kinds]
        sheet.write_string(0, 1, self._about(kind, used), look["about"])
        sheet.set_row(0, 24)
        sheet.set_row(1, 28)
        sheet.set_row(2, 26)
        sheet.set_row(3, 13)
        sheet.set_row(4, 56)
        for index, column in enumerate(kind.columns):
            common = "common_" if column.common and column.name != "id" else ""
            sheet.write_string(1, index, header(column, "zh"), look[common + "head"])
            sheet.write_string(2, index, header(column, "en"), look[common + "head_en"])
            sheet.write_string(3, index, column.name, look["machine"])
            sheet.write_string(4, index, help_text(column, self.lang), look["help"])

    def _about(self, kind: Kind, used: Sequence[str]) -> str:
        zh = self.lang == "zh"
        own, other = (kind.zh, kind.en) if zh else (kind.en, kind.zh)
        text = f"{own} {other} · {kind.help[not zh]}"
        if used:
            more = " …" if len(used) > 6 else ""
            text += f" · {say('import.used_by', self.lang, provisions=', '.join(used[:6]) + more)}"
        return text

    def _column(self, sheet: Any, index: int, column: Column) -> None:
        look = self.formats
        plain = {"date": look["date"], "integer": look["number"], "decimal": look["number"]}
        sheet.set_column(index, index, _width(column), plain.get(column.type, look["text"]))
        rule = self._rule(column)
        if rule:
            title = (column.zh if self.lang == "zh" else column.en)[:32]
            rule |= {
                "input_title": title,
                "input_message": help_text(column, self.lang, mark=False)[:EXCEL_LIST],
            }
            sheet.data_validation(5, index, EXCEL_ROWS - 1, index, rule)

    def _rule(self, column: Column) -> dict[str, object]:
        zh = self.lang == "zh"
        refused = {
            "error_title": say("import.refused", self.lang),
            "error_message": say("import.refused_help", self.lang),
        }
        if column.type == "choice":
            labels = tuple(choice_label(pair) for pair in column.choices.values())
            return {"validate": "list", "source": self._source(labels), **refused}
        if column.type == "flag":
            return {"validate": "list", "source": [YES_LABEL[not zh], NO_LABEL[not zh]], **refused}
        if column.type == "date":
            day = {"validate": "date", "criteria": ">=", "minimum": date(1900, 1, 1)}
            return {
                **day,
                "error_title": refused["error_title"],
                "error_message": say("import.refused_date", self.lang),
            }
        if column.ref in self.sheets:
            source = f"={_quoted(self.names[column.ref])}!$A$6:$A${ID_ROWS}"
            return {"validate": "list", "source": source, "show_error": False}
        return {"validate": "any"}

    def _source(self, labels: tuple[str, ...]) -> object:
        """The labels themselves, or their place on the hidden sheet where they are too long for a rule."""
        if len(",".join(labels)) <= EXCEL_LIST and not any("," in label for label in labels):
            return list(labels)
        if labels not in self.listed:
            at = len(self.listed)
            for row, label in enumerate(labels):
                self.lists.write_string(row, at, label)
            from xlsxwriter.utility import xl_col_to_name

            letter = xl_col_to_name(at)
            self.listed[labels] = f"={LISTS}!${letter}$1:${letter}${len(labels)}"
        return self.listed[labels]

    def _record(self, sheet: Any, row: int, kind: Kind, body: Mapping[str, object], look: str) -> None:
        for index, column in enumerate(kind.columns):
            value = body.get(column.name)
            if value is not None:
                self._cell(sheet, (row, index), column, value, look)
            elif look:
                sheet.write_blank(row, index, None, self.formats[look + "text"])

    def _cell(self, sheet: Any, at: tuple[int, int], column: Column, value: object, look: str) -> None:
        text = self.formats[look + "text"]
        if column.type == "date" and (day := date.fromisoformat(str(value))) >= FIRST_SAFE_DAY:
            sheet.write_datetime(*at, datetime.combine(day, time()), self.formats[look + "date"])
        elif column.type in ("integer", "decimal") and _survives(number := Decimal(str(value))):
            sheet.write_number(*at, number, self.formats[look + "number"])
        elif column.type == "flag":
            sheet.write_string(*at, (YES_LABEL if value else NO_LABEL)[self.lang != "zh"], text)
        elif column.type == "choice" and value in column.choices:
            sheet.write_string(*at, choice_label(column.choices[str(value)]), text)
        elif sheet.write_string(*at, str(value), text) != 0:
            raise EvidenceError("import.text_too_long_to_write", column=column.name, limit=EXCEL_TEXT)

    def finish(self) -> None:
        """Show the guide first when the workbook is opened."""
        self.guide_sheet.activate()


def example(kind: Kind) -> dict[str, object]:
    """The template's example record, as a body."""
    body: dict[str, object] = {c.name: c.example for c in kind.columns if c.example is not None}
    return {**body, "id": f"{EXAMPLE}-1"}


def help_text(column: Column, lang: str, *, mark: bool = True) -> str:
    """What a person is told about a column: what to write, and the help the kind gives."""
    zh = lang == "zh"
    target = schema().get(column.ref or "")
    refs = {"ref_zh": target.zh if target else column.ref, "ref_en": target.en if target else column.ref}
    what = say(f"import.type_{'ref' if column.ref else column.type}", lang, **refs)
    if column.type in ("integer", "decimal") and column.unit:
        what += say("import.in_unit", lang, unit=column.unit)
    said = column.help[not zh] if column.help else ""
    text = say("import.help", lang, what=what, help=said) if said else what
    return HELP_MARK + text if mark and column.name == "id" else text


def _survives(number: Decimal) -> bool:
    """Whether a spreadsheet's number keeps every digit."""
    return (
        len(number.normalize().as_tuple().digits) <= EXCEL_DIGITS and abs(number.adjusted()) <= EXCEL_DIGITS
    )


def _quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


def _width(column: Column) -> int:
    wide = max(len(header(column, "zh").encode("gb18030")) + 2, len(header(column, "en")) // 2 + 4)
    least = {"date": 13, "flag": 9, "integer": 11, "decimal": 13, "text": 18, "choice": 18}[column.type]
    return max(least, 22 if column.name == "id" else 0, min(wide, 26))


def _base(**look: object) -> dict[str, object]:
    return {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter", **look}


_GRID = {"border": 1, "border_color": "#D5DBE1"}
_HEAD = {**_GRID, "bold": True, "text_wrap": True, "bg_color": "#1F4E5F", "font_color": "#FFFFFF"}
_EXAMPLE = {"italic": True, "font_color": "#808890", "bg_color": "#F4F5F6"}
_LOOKS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16, "font_color": "#1F4E5F"},
    "plain": {},
    "name": {"font_size": 8, "font_color": "#808890"},
    "about": {"bold": True, "font_color": "#1F4E5F"},
    "head": _HEAD,
    "head_en": {**_HEAD, "bold": False, "font_size": 9},
    "common_head": {**_HEAD, "bg_color": "#6B7F8A"},
    "common_head_en": {**_HEAD, "bold": False, "font_size": 9, "bg_color": "#6B7F8A"},
    "machine": {**_GRID, "font_size": 7, "font_color": "#9AA3AB", "bg_color": "#EEF2F4"},
    "help": {
        **_GRID,
        "font_size": 8,
        "font_color": "#5B6770",
        "bg_color": "#EEF2F4",
        "text_wrap": True,
        "valign": "top",
    },
    "grid": {**_GRID, "text_wrap": True, "valign": "top", "num_format": "@"},
    "link": {**_GRID, "font_color": "#0B5FA5", "underline": 1, "valign": "top", "text_wrap": True},
    "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    "number": {"valign": "top"},
    "example_text": {**_EXAMPLE, "num_format": "@", "valign": "top", "text_wrap": True},
    "example_date": {**_EXAMPLE, "num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    "example_number": {**_EXAMPLE, "valign": "top"},
}


# --- reading -------------------------------------------------------------------------------------


def read_workbook(path: Path, kinds: Mapping[str, Kind]) -> tuple[list[Table], list[Problem]]:
    """Every sheet that holds records, and everything about the file that keeps it from being read."""
    file = path.name
    refused = unsafe(path)
    if refused:
        return [], [refused]
    tables: list[Table] = []
    problems: list[Problem] = []
    with path.open("rb") as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = _open(source)
        except BROKEN as error:
            return [], [Problem(Place(file), "import.broken_workbook", {"reason": _reason(error)})]
        try:
            _read_sheets(book, file, kinds, tables, problems)
        finally:
            book.close()
    return tables, problems


def unsafe(path: Path) -> Problem | None:
    """Why this file is not opened at all: not a workbook, a password, macros, or a bomb."""
    place = Place(path.name)
    with path.open("rb") as file:
        start = file.read(8)
    size = path.stat().st_size
    if start == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Problem(place, "import.old_or_encrypted")
    if size > MAX_FILE:
        return Problem(
            place, "import.file_too_large", {"size": _megabytes(size), "limit": _megabytes(MAX_FILE)}
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except BROKEN as error:
        return Problem(place, "import.broken_workbook", {"reason": _reason(error)})
    return _unsafe_entries(place, entries)


def _unsafe_entries(place: Place, entries: Sequence[zipfile.ZipInfo]) -> Problem | None:
    names = {entry.filename.casefold() for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        return Problem(place, "import.old_or_encrypted")
    if place.file.casefold().endswith((".xlsm", ".xltm")) or any(
        name.endswith("vbaproject.bin") for name in names
    ):
        return Problem(place, "import.macros")
    if len(entries) > MAX_ENTRIES or len(names) < len(entries):
        return Problem(place, "import.too_many_entries", {"count": len(entries), "limit": MAX_ENTRIES})
    bomb = any(
        e.file_size > FREE_UNPACKED and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries
    )
    if bomb or unpacked > MAX_UNPACKED:
        return Problem(
            place, "import.bomb", {"size": _megabytes(unpacked), "limit": _megabytes(MAX_UNPACKED)}
        )
    return None


def _open(source: BinaryIO) -> "Opened":
    """The workbook with its sheets still unread.

    Its texts are read here, not by the library, which drops `x005F_` from them and leaves `_x000D_` in.
    """
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
            if part is not None:
                with self.archive.open(part.PartName[1:]) as texts:
                    self.shared_strings = list(_strings(texts))

    opening = Reader(source, read_only=True, data_only=False, keep_links=False)
    try:
        opening.read()
        if len(opening.parser.sheets) != len(opening.wb._sheets):  # type: ignore[attr-defined]
            raise ValueError("a sheet is missing")
    except BaseException:
        opening.archive.close()
        raise
    return opening.wb  # type: ignore[no-any-return, attr-defined, unused-ignore]


def _strings(source: Any) -> Iterator[str]:
    """The shared texts in their order, without reading aids above the characters."""
    from defusedxml.ElementTree import iterparse
    from openpyxl.utils.escape import unescape
    from openpyxl.xml.constants import SHEET_MAIN_NS

    item, text, run = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "t", "r"))
    for _event, node in iterparse(source):
        if node.tag == item:
            parts = [
                part
                for child in node
                for part in ([child] if child.tag == text else child if child.tag == run else [])
            ]
            yield unescape("".join(part.text or "" for part in parts if part.tag == text))
            node.clear()


def _read_sheets(
    book: "Opened", file: str, kinds: Mapping[str, Kind], tables: list[Table], problems: list[Problem]
) -> None:
    percent = {i for i, s in enumerate(book._cell_styles) if "%" in _format_of(book, s.numFmtId)}  # type: ignore[attr-defined]
    for sheet in book._sheets:  # type: ignore[attr-defined]
        if not hasattr(sheet, "_get_source"):
            continue
        table = _Sheet(sheet, file, kinds, percent)
        try:
            table.read()
        except BROKEN as error:
            table.problems.append(
                Problem(Place(file, sheet.title), "import.broken_sheet", {"reason": _reason(error)})
            )
        problems.extend(table.problems)
        if table.table is not None:
            tables.append(table.table)


def _format_of(book: Any, number: int) -> str:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    if number < BUILTIN_FORMATS_MAX_SIZE:
        return BUILTIN_FORMATS.get(number, "")
    custom = book._number_formats
    index = number - BUILTIN_FORMATS_MAX_SIZE
    return re.sub(r'"[^"]*"|\\.', "", custom[index]) if index < len(custom) else ""


class _Sheet:
    """One sheet on its way to a table: first the header is looked for, then each row with a value taken."""

    def __init__(self, sheet: Any, file: str, kinds: Mapping[str, Kind], percent: set[int]) -> None:
        self.sheet, self.file, self.kinds, self.percent = sheet, file, kinds, percent
        self.problems: list[Problem] = []
        self.table: Table | None = None

    def read(self) -> None:
        """Fill `table` and `problems`."""
        from openpyxl.utils import get_column_letter

        parser = _row_parser(self.sheet)
        rows = ((number, cells) for number, cells in parser.parse() if cells)
        top: list[tuple[int, list[Any]]] = []
        follows: tuple[int, list[Any]] | None = None
        for number, cells in rows:
            if number > HEADER_ROWS:
                follows = (number, cells)
                break
            top.append((number, cells))
        if not top and follows is None:
            return
        kind = self._kind(top)
        found = find_header(kind, _said(top)) if kind else None
        if kind is None or found is None:
            self._no_table(kind, top)
            return
        at, columns = found
        names = dict(columns.items())
        letters = {name: get_column_letter(index) for index, name in names.items()}
        self.problems.extend(
            header_problems(
                kind,
                self._place(kind, top[at][0]),
                [(get_column_letter(c["column"]), c["value"]) for c in top[at][1]],
                names,
                letters,
            )
        )
        self.table = Table(kind, self.file, self.sheet.title, [], frozenset(names.values()), letters)
        self._rows(self.table, names, (*top[at + 1 :], *((follows,) if follows else ())), rows)
        self._merged(parser, self.table, top[at][0])

    def _rows(
        self,
        table: Table,
        names: Mapping[int, str],
        first: Iterable[tuple[int, list[Any]]],
        rest: Iterable[tuple[int, list[Any]]],
    ) -> None:
        from itertools import chain

        percent, problems = self.percent, self.problems
        stray: set[int] = set()
        for number, cells in chain(first, rest):
            values: dict[str, object] = {}
            for cell in cells:
                value = cell["value"]
                if value is None:
                    continue
                kind_of_cell = cell["data_type"]
                if kind_of_cell != "s" or not isinstance(value, str):
                    value = _special(cell, percent)
                name = names.get(cell["column"])
                if name is not None:
                    values[name] = value
                elif cell["column"] not in stray and str(value).strip():
                    stray.add(cell["column"])
                    problems.append(_stray(table, number, cell["column"], value))
            if not values or _is_blank(values):
                continue
            if len(table.rows) >= MAX_ROWS:
                problems.append(Problem(table.place(number), "import.too_many_rows", {"limit": MAX_ROWS}))
                return
            table.rows.append(Row(number, values))

    def _kind(self, top: Sequence[tuple[int, list[Any]]]) -> Kind | None:
        """The kind named in A1, else the one the sheet is called after."""
        corner = next((c["value"] for n, cells in top for c in cells if n == 1 and c["column"] == 1), None)
        return stated_kind(corner, self.sheet.title, _said(top), self.kinds)

    def _place(self, kind: Kind | None, row: int | None) -> Place:
        return Place(self.file, self.sheet.title, row, kind.name if kind else None)

    def _no_table(self, kind: Kind | None, top: Sequence[tuple[int, list[Any]]]) -> None:
        if not any(c["value"] is not None for _n, cells in top for c in cells):
            return
        if kind is None and self.sheet.title in (*GUIDE, LISTS):
            return
        if kind is None:
            fields = {"found": self.sheet.title, "nearest": nearest_kind(self.sheet.title, self.kinds)}
            self.problems.append(Problem(self._place(None, None), "import.unknown_sheet", fields))
        else:
            self.problems.append(Problem(self._place(kind, None), "import.no_header", {"rows": HEADER_ROWS}))

    def _merged(self, parser: Any, table: Table, header_row: int) -> None:
        from openpyxl.utils import get_column_letter

        for merged in parser.merged_cells.mergeCell if parser.merged_cells else ():
            if merged.max_row > header_row:
                letter = get_column_letter(merged.min_col)
                name = next((n for n, at in table.letters.items() if at == letter), letter)
                place = Place(self.file, self.sheet.title, merged.min_row, table.kind.name, name, letter)
                self.problems.append(Problem(place, "import.merged", {"range": merged.coord}))


def _row_parser(sheet: Any) -> Any:
    """The library's parser of one sheet, without the rows that hold nothing.

    The sheet's declared size is not asked: where it is wrong the library would drop rows without a word.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    class Parser(WorkSheetParser):
        def parse_formula(self, element: Any) -> str:
            return "=" + (element.findtext(f"{{{_main()}}}f") or "")

    book = sheet.parent
    return Parser(
        _Dense(sheet._get_source()),
        sheet._shared_strings,
        data_only=False,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )


class _Dense:
    """A sheet's XML without rows that are formatted but empty: a million of them would cost gigabytes.

    Text holds no bare `<` unless it is CDATA, so a match is markup; from the first CDATA on nothing is cut.
    """

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.kept, self.cut, self.begun = source, b"", True, False

    def read(self, _size: int = -1) -> bytes:
        """The next piece, of any length; empty at the end only."""
        while True:
            piece = self.source.read(CHUNK)
            if not self.begun and STRICT in piece:
                raise ValueError("Strict Open XML Spreadsheet")
            self.begun = True
            text = self.kept + piece
            end = max(text.rfind(b"</row>") + 6, text.rfind(b">") + 1 if b"</row>" not in text else 0)
            if not piece or len(text) > MOST_KEPT:
                end, self.cut = len(text), self.cut and not piece
            text, self.kept = text[:end], text[end:]
            self.cut = self.cut and b"<![CDATA[" not in text
            text = EMPTY_ROW.sub(b"", text) if self.cut else text
            if text or not piece:
                return text


@cache
def _main() -> str:
    from openpyxl.xml.constants import SHEET_MAIN_NS

    return SHEET_MAIN_NS


def _special(cell: Mapping[str, Any], percent: set[int]) -> object:
    """What is neither plain text nor plain number."""
    value, kind = cell["value"], cell["data_type"]
    if kind == "f":
        return Formula(str(value))
    if kind == "e" or isinstance(value, time | timedelta):
        return Unreadable(str(value))
    if kind == "n" and cell["style_id"] in percent:
        return Percent(float(value))
    return value


def _is_blank(values: Mapping[str, object]) -> bool:
    return all(isinstance(value, str) and not value.strip() for value in values.values())


def _stray(table: Table, row: int, column: int, value: object) -> Problem:
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    return Problem(
        Place(table.file, table.sheet, row, None, letter, letter),
        "import.no_header_above",
        {"found": shown(value)},
    )


def _said(top: Sequence[tuple[int, list[Any]]]) -> list[list[tuple[int, object]]]:
    return [[(c["column"], c["value"]) for c in cells] for _number, cells in top]


def stated_kind(
    corner: object, title: str, top: Sequence[Sequence[tuple[int, object]]], kinds: Mapping[str, Kind]
) -> Kind | None:
    """The kind named in the first cell, else the one the title names.

    Some columns are called after a kind (`site`): a first cell that is part of the header names no kind.
    """
    named = kinds.get(corner.strip()) if isinstance(corner, str) else None
    titled = kind_called(title, kinds)
    if named is None:
        return titled
    found = find_header(named, top)
    return named if (found and found[0] > 0) or titled is None else titled


def kind_called(name: str, kinds: Mapping[str, Kind]) -> Kind | None:
    """The kind of that name or label, or with the name after the label as in a shortened sheet name."""
    wanted = fold(name)
    for kind in kinds.values():
        if wanted in (fold(kind.name), fold(kind.zh), fold(kind.en), fold(f"{kind.zh} {kind.name}")):
            return kind
    return None


def nearest_kind(name: str, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    """The kind whose name or label is most like this one, by its label and name."""
    words = {fold(word): kind for kind in kinds.values() for word in (kind.name, kind.zh, kind.en)}
    found = nearest(fold(name), words)
    if not found:
        return ("—", "—")
    kind = words[found[0]]
    return (f"{kind.zh} ({kind.name})", f"{kind.en} ({kind.name})")


def nearest(word: str, words: Iterable[str], count: int = 1) -> list[str]:
    """Known words most like this one, none where nothing is like it."""
    from difflib import get_close_matches

    return get_close_matches(word, list(words), count, 0.6)


def find_header(kind: Kind, top: Sequence[Sequence[tuple[int, object]]]) -> tuple[int, dict[int, str]] | None:
    """The last of the first rows that names the id and mostly columns of the kind, and what it names."""
    names = column_names(kind)
    best = None
    for at, cells in enumerate(top):
        said = [
            (index, names.get(fold(text))) for index, text in cells if isinstance(text, str) and text.strip()
        ]
        known = {index: name for index, name in said if name}
        if "id" in known.values() and 2 * len(known) >= len(said):
            best = (at, known)
    return best


def header_problems(
    kind: Kind,
    place: Place,
    cells: Iterable[tuple[str | None, object]],
    names: Mapping[int, str],
    letters: Mapping[str, str],
) -> list[Problem]:
    """Columns the kind does not have, columns named twice, and required ones that are missing."""
    known = column_names(kind)
    problems = []
    for letter, text in cells:
        if text is not None and str(text).strip() and not (isinstance(text, str) and fold(text) in known):
            problems.append(unknown_column(kind, place, letter, str(text)))
    said = list(names.values())
    for name in sorted({name for name in said if said.count(name) > 1}):
        at = Place(place.file, place.sheet, place.row, kind.name, name, letters.get(name))
        problems.append(Problem(at, "import.column_twice"))
    for column in kind.columns:
        if column.required and column.name not in said:
            problems.append(Problem(place, "import.column_missing", {"column": _both(kind, column.name)}))
    return problems


def unknown_column(kind: Kind, place: Place, letter: str | None, text: str) -> Problem:
    """A column that the kind does not have, with the one most like it."""
    known = column_names(kind)
    close = nearest(fold(text), known)
    fields = {"found": shown(text), "nearest": _both(kind, known[close[0]] if close else None)}
    return Problem(replace(place, column=shown(text), letter=letter), "import.unknown_column", fields)


def _both(kind: Kind, name: str | None) -> tuple[str, str]:
    column = kind.column(name) if name else None
    return (f"{column.zh} ({column.name})", f"{column.en} ({column.name})") if column else ("—", "—")


def _reason(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
