"""Filled checklists read back: the base they were copied from, every line with what is filled in, and all the rest.

Nothing is dropped: what cannot be read, stands where nothing belongs or was written over is kept with its place.
"""

import hashlib
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shall.engine.audit.checklist.book import BASE_MARK, CONFLICTS_MARK, HEADING, LIST_MARK, PREFIX, own_texts
from shall.engine.audit.checklist.form import FILLED, FIXED, VERDICTS, Form, form_from_json
from shall.evidence.parse import CellError, Problem, choice_label, fold, read_date, read_text, shown
from shall.evidence.sheets import BROKEN, _open, _row_parser, _special, unsafe
from shall.texts import say
from shall.texts.errors import EvidenceError

MAX_ROWS = 100_000
"""Rows with content that a sheet may have."""
WORDS = {
    word: code
    for code, labels in VERDICTS.items()
    for word in {fold(code), *map(fold, labels), fold(choice_label(labels))}
}


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be read: what it holds and why it cannot."""

    found: str
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def why(self, lang: str) -> str:
        """Why, in that language."""
        told = {k: v[lang != "zh"] if isinstance(v, tuple) else v for k, v in self.fields.items()}
        return say(self.key, lang, **told)


@dataclass(frozen=True, slots=True)
class Filled:
    """A row as it came back. `values` are by column of those to fill in, "" where empty; `fixed` as they stand."""

    row: int
    id: str
    values: Mapping[str, str | Bad]
    fixed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stray:
    """Something outside the cells to fill in: a note in the margin, on a sheet of one's own, a comment."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """A workbook read: `digest` of its base, its rows in order, columns to fill in that are gone, and strays."""

    file: str
    sha256: str
    form: Form | None
    digest: str
    rows: tuple[Filled, ...]
    missing: tuple[str, ...]
    strays: tuple[Stray, ...]


class NotOpened(EvidenceError):
    """A file that is not even opened: no workbook, a password, macros, an archive that unpacks beyond measure."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.key)
        self.problem = problem

    def text(self, lang: str) -> str:
        """The message of the problem."""
        return self.problem.text(lang)


def read_checklist(path: Path) -> Read:
    """The workbook at `path`; raises EvidenceError where it cannot be opened, holds no base or no list."""
    refused = unsafe(path)
    if refused:
        raise NotOpened(refused)
    sheets: dict[str, dict[int, dict[int, object]]] = {}
    with path.open("rb") as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = _open(source)
        except BROKEN as error:
            raise _broken(path, error) from None
        try:
            for sheet in book._sheets:  # type: ignore[attr-defined]
                if hasattr(sheet, "_get_source"):
                    sheets[sheet.title] = _cells(path, sheet)
        except BROKEN as error:
            raise _broken(path, error) from None
        finally:
            book.close()
    return _read(path, sheets)


def _broken(path: Path, error: BaseException) -> EvidenceError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return EvidenceError("checklist.broken", path=path, reason=reason)


def _cells(path: Path, sheet: Any) -> dict[int, dict[int, object]]:
    rows: dict[int, dict[int, object]] = {}
    for number, cells in _row_parser(sheet).parse():
        held = {c["column"]: _special(c, set()) for c in cells if c["value"] is not None}
        if held:
            rows[number] = held
            if len(rows) > MAX_ROWS:
                raise EvidenceError("checklist.too_many_rows", path=path, limit=MAX_ROWS)
    return rows


def _read(path: Path, sheets: Mapping[str, Mapping[int, Mapping[int, object]]]) -> Read:
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
        (*outside, *extra, *_comments(path)),
    )


def _base(rows: Mapping[int, Mapping[int, object]]) -> tuple[Form | None, str]:
    """The checklist as issued, None where the hidden sheet was altered, and the digest it claims."""
    claimed = str(rows.get(2, {}).get(1, ""))
    text = "".join(str(cells.get(1, "")) for row, cells in sorted(rows.items()) if row > 2)
    try:
        form = form_from_json(text)
    except EvidenceError as error:
        if error.key == "checklist.other_format":
            raise
        return None, claimed
    return (form, claimed) if form.digest == claimed else (None, claimed)


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
        key = _plain(held.get("id"))
        if key != HEADING:
            values = {n: _value(n, held.get(n)) for n in FILLED}
            fixed = {n: _plain(held.get(n)) for n in FIXED}
            if key or any(values.values()) or any(fixed.values()):
                filled.append(Filled(number, key, values, fixed))
        wrong = {c: v for c, v in cells.items() if c not in names or (key == HEADING and names[c] in FILLED)}
        outside += [Stray(_place(title, number, c), t) for c, v in wrong.items() if (t := _plain(v))]
    return filled, outside


def _place(title: str, row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{title}!{get_column_letter(column)}{row}"


def _plain(value: object) -> str:
    """A cell as text, whatever it holds."""
    try:
        return read_text(value) or "" if value is not None else ""
    except CellError:
        return shown(value)


def _value(name: str, value: object) -> str | Bad:
    """A cell to fill in: a code for the verdict, an ISO day, an auditor's id, a text; Bad where it is none."""
    if value is None:
        return ""
    try:
        if name == "date":
            day = read_date(value)
            return day.isoformat() if day else ""
        text = read_text(value) or ""
    except CellError as error:
        return Bad(shown(value), error.key, error.fields)
    if name == "verdict" and text:
        code = WORDS.get(fold(text))
        if code is None:
            allowed = tuple("、".join(label[n] for label in VERDICTS.values()) for n in (0, 1))
            return Bad(text, "checklist.bad_verdict", {"found": shown(text), "allowed": allowed})
        return code
    if name == "auditor" and text:
        return " ".join(text.split())
    return text


def _strays(title: str, rows: Mapping[int, Mapping[int, object]], ours: set[str]) -> Iterator[Stray]:
    """What somebody added to a sheet, or wrote over on it."""
    for number, cells in sorted(rows.items()):
        for column, value in sorted(cells.items()):
            text = _plain(value)
            if text and " ".join(text.split()) not in ours:
                yield Stray(_place(title, number, column), text)


def _comments(path: Path) -> Iterator[Stray]:
    """Comments on cells, old style and threaded."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            low = name.casefold()
            if not low.endswith(".xml") or ("comments" not in low and "threadedcomment" not in low):
                continue
            for node in fromstring(archive.read(name), forbid_dtd=True).iter():
                if node.tag.rpartition("}")[2] in ("comment", "threadedComment"):
                    text = "".join(node.itertext()).strip()
                    if text:
                        yield Stray(f"{name.rpartition('/')[2]} {node.get('ref', '')}".strip(), text)
