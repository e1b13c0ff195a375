"""Filled workbooks read back: the base they were copied from, every line with what is filled in, and all the rest.

Nothing is dropped: what cannot be read, stands where nothing belongs or was written over is kept with its place.
"""

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shall.engine.audit.checklist.book import BASE_MARK, CONFLICTS_MARK, HEADING, LIST_MARK, PREFIX, own_texts
from shall.engine.audit.checklist.filled import (
    Filled,
    NotOpened,
    Read,
    Stray,
    base_of,
    plain,
    value_of,
    without_suggestion,
)
from shall.engine.audit.checklist.form import FILLED, FIXED, Form
from shall.engine.audit.checklist.word_reading import comments, is_word, read_word
from shall.evidence.sheets import BROKEN, _open, _row_parser, _special, unsafe
from shall.texts import say
from shall.texts.errors import EvidenceError

MAX_ROWS = 100_000
"""Rows with content that a sheet may have."""


def read_checklist(path: Path) -> Read:
    """The workbook or Word file at `path`; raises EvidenceError where it cannot be opened, holds no base or no list."""
    if is_word(path):
        return read_word(path)
    refused = unsafe(path)
    if refused:
        raise NotOpened(refused)
    sheets: dict[str, dict[int, dict[int, object]]] = {}
    joined: dict[str, list[str]] = {}
    with path.open("rb") as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = _open(source)
        except BROKEN as error:
            raise _broken(path, error) from None
        try:
            for sheet in book._sheets:  # type: ignore[attr-defined]
                if hasattr(sheet, "_get_source"):
                    sheets[sheet.title], joined[sheet.title] = _cells(path, sheet)
        except BROKEN as error:
            raise _broken(path, error) from None
        finally:
            book.close()
    return _read(path, sheets, joined)


def _broken(path: Path, error: BaseException) -> EvidenceError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return EvidenceError("checklist.broken", path=path, reason=reason)


def _cells(path: Path, sheet: Any) -> tuple[dict[int, dict[int, object]], list[str]]:
    """The cells that hold something, and the ranges that were joined to one cell."""
    rows: dict[int, dict[int, object]] = {}
    parser = _row_parser(sheet)
    for number, cells in parser.parse():
        held = {c["column"]: _special(c, set()) for c in cells if c["value"] is not None}
        if held:
            rows[number] = held
            if len(rows) > MAX_ROWS:
                raise EvidenceError("checklist.too_many_rows", path=path, limit=MAX_ROWS)
    return rows, [m.coord for m in parser.merged_cells.mergeCell] if parser.merged_cells else []


def _read(
    path: Path,
    sheets: Mapping[str, Mapping[int, Mapping[int, object]]],
    joined: Mapping[str, Sequence[str]],
) -> Read:
    form: Form | None = None
    digest, lists, strays = "", [], []
    for title, rows in sheets.items():
        corner = rows.get(1, {}).get(1)
        if corner == BASE_MARK:
            form, digest = _base(rows)
        elif corner == LIST_MARK or _names(rows):
            lists.append((title, rows))
        elif corner != CONFLICTS_MARK:
            strays.append((title, rows))
    if not digest:
        raise EvidenceError("checklist.no_base", path=path)
    if len(lists) != 1:
        raise EvidenceError("checklist.not_one_list", path=path, count=len(lists))
    title, rows = lists[0]
    top = _names(rows)
    if top is None:
        raise EvidenceError("checklist.no_columns", path=path, sheet=title)
    at, names = top
    known = set(names.values())
    missing = tuple(n for n in ("id", *FILLED) if n not in known)
    if "id" in missing:
        raise EvidenceError("checklist.no_columns", path=path, sheet=title)
    filled, outside = _rows(title, rows, at, names)
    if form is not None:
        filled = [without_suggestion(row, form.line(row.id)) for row in filled]
    ours = own_texts(form) if form else set()
    above = {number: cells for number, cells in rows.items() if number <= at + 1}
    extra = [s for name, found in ((title, above), *strays) for s in _strays(name, found, ours)]
    return Read(
        str(path),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        form,
        digest,
        tuple(filled),
        missing,
        (*outside, *extra, *_joined(title, joined[title], form.lang if form else "zh"), *comments(path)),
    )


def _base(rows: Mapping[int, Mapping[int, object]]) -> tuple[Form | None, str]:
    """The checklist as issued, None where the hidden sheet was altered, and the digest it claims."""
    claimed = str(rows.get(2, {}).get(1, ""))
    text = "".join(str(cells.get(1, "")) for row, cells in sorted(rows.items()) if row > 2)
    return base_of(claimed, text), claimed


def _names(rows: Mapping[int, Mapping[int, object]]) -> tuple[int, dict[int, str]] | None:
    """The row that names the columns for the machine, wherever it moved, and what it names."""
    for number in sorted(rows)[:50]:
        named = {
            column: text[len(PREFIX) :]
            for column, text in rows[number].items()
            if isinstance(text, str) and text.startswith(PREFIX)
        }
        if "id" in named.values():
            return number, named
    return None


def _rows(
    title: str, rows: Mapping[int, Mapping[int, object]], at: int, names: Mapping[int, str]
) -> tuple[list[Filled], list[Stray]]:
    filled, outside = [], []
    for number, cells in sorted(rows.items()):
        if number <= at + 1:
            continue
        held = {names[c]: v for c, v in cells.items() if c in names}
        key = plain(held.get("id"))
        if key != HEADING:
            values = {n: value_of(n, held.get(n)) for n in FILLED}
            fixed = {n: plain(held.get(n)) for n in FIXED}
            if key or any(values.values()) or any(fixed.values()):
                filled.append(Filled(number, key, values, fixed))
        wrong = {c: v for c, v in cells.items() if c not in names or (key == HEADING and names[c] in FILLED)}
        outside += [Stray(_place(title, number, c), t) for c, v in wrong.items() if (t := plain(v))]
    return filled, outside


def _place(title: str, row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{title}!{get_column_letter(column)}{row}"


def _joined(title: str, ranges: Sequence[str], lang: str) -> list[Stray]:
    """Cells joined to one: what it holds was read as the first one's alone."""
    return [Stray(f"{title}!{area}", say("checklist.joined", lang)) for area in ranges]


def _strays(title: str, rows: Mapping[int, Mapping[int, object]], ours: set[str]) -> Iterator[Stray]:
    """What somebody added to a sheet, or wrote over on it."""
    for number, cells in sorted(rows.items()):
        for column, value in sorted(cells.items()):
            text = plain(value)
            if text and " ".join(text.split()) not in ours:
                yield Stray(_place(title, number, column), text)
