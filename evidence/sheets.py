"""Evidence workbooks read back: each sheet to a table of rows, and what keeps one from being read.

A file is looked over before it is opened: a password, macros or an archive that unpacks beyond all measure
refuse it. Cells come out as they stand; what they mean is decided column by column elsewhere. How a header
names columns and a title names a kind is the same for every file with rows, so it is told here once.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from shall.evidence.parse import (
    GUIDE,
    LISTS,
    Formula,
    Percent,
    Place,
    Problem,
    Unreadable,
    column_names,
    fold,
    shown,
)
from shall.evidence.schema import Kind

if TYPE_CHECKING:
    from openpyxl import Workbook as Opened

HEADER_ROWS = 10
"""The header is looked for in so many rows."""
MAX_ROWS = 200_000
MAX_FILE = 200 * 2**20
MAX_UNPACKED = 700 * 2**20
MAX_RATIO = 100
"""How many times larger an entry may unpack than it is packed, once it is larger than FREE_UNPACKED."""
FREE_UNPACKED = 16 * 2**20
MAX_ENTRIES = 5_000

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
        _refuse_entities(opening.archive)
        opening.read()
        if len(opening.parser.sheets) != len(opening.wb._sheets):  # type: ignore[attr-defined]
            raise ValueError("a sheet is missing")
    except BaseException:
        opening.archive.close()
        raise
    return opening.wb  # type: ignore[no-any-return, attr-defined, unused-ignore]


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Raises ValueError for a part that declares entities.

    The library reads whole parts with lxml where that happens to be installed, which passes over them silently;
    sheets and shared texts are read by us with a parser that refuses them.
    """
    from defusedxml.ElementTree import fromstring

    for name in archive.namelist():
        streamed = name.startswith("xl/worksheets/") or name == "xl/sharedStrings.xml"
        if name.endswith((".xml", ".rels")) and not streamed:
            fromstring(archive.read(name), forbid_dtd=True)


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
