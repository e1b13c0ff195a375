"""The workbook people fill in: one sheet per kind, a guide in front; written here, read back in `sheets`.

Rows of a sheet: 1 the kind's name, label and help; 2 headers in Chinese; 3 headers in English;
4 column names; 5 help; then the records, in a template after one example row that is never imported.
Every text is written as text, so nothing that starts with =, +, - or @ becomes a formula.
"""

import io
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from shall.evidence.parse import (
    EXAMPLE,
    GUIDE,
    HELP_MARK,
    LISTS,
    NO_LABEL,
    YES_LABEL,
    choice_label,
    fold,
    header,
)
from shall.evidence.schema import Column, Kind, schema
from shall.texts import say
from shall.texts.errors import EvidenceError

EXCEL_ROWS = 1_048_576
EXCEL_SHEET_NAME = 31
EXCEL_LIST = 255
EXCEL_TEXT = 32_767
EXCEL_DIGITS = 15
FIRST_SAFE_DAY = date(1900, 3, 1)
"""Spreadsheets disagree on earlier days; those are written as text."""
ID_ROWS = 2_000
"""So many rows of another sheet are offered in the drop-down of a column that refers to it."""


@dataclass(frozen=True, slots=True)
class Need:
    """A provision, and the kinds of record that would answer it."""

    ruleset: str
    address: str
    gist: tuple[str, str]
    kinds: tuple[str, ...]


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
        what += say("import.in_unit", lang, unit=column.measure(lang))
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
