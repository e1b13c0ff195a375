"""Evidence from files into the store: workbook, CSV, JSON, YAML, or a folder of them with attachments.

An import is all or nothing. Reading a file never stops at the first problem: what comes back holds every
record that could be read and every problem, and only a batch without problems reaches the store.

A sheet or CSV file that lacks a column says nothing about it: a record keeps what it had there. An empty
cell says that the value is unknown. A record in JSON or YAML is complete: what it leaves out is unknown.
What an import empties so is counted in what it returns; with `fill` it keeps what is on record instead.
"""

import mimetypes
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from shall.evidence.kinds.base import DECIMAL_PLACES, MAX_DIGITS, Record
from shall.evidence.ledger import PUT, WITHDRAW, Attachment, Change, CommitSummary, canonical_decimal
from shall.evidence.parse import (
    EXAMPLE,
    HELP_MARK,
    CellError,
    Place,
    Problem,
    reader,
    shown,
)
from shall.evidence.plain_files import decoded, read_csv, read_json, read_yaml
from shall.evidence.schema import Kind, models, schema
from shall.evidence.sheets import Row, Table, nearest, read_workbook
from shall.evidence.workbook import example
from shall.texts import say
from shall.texts.errors import EvidenceError

if TYPE_CHECKING:
    from shall.evidence.store import Store

FORMATS = (".xlsx", ".csv", ".json", ".yaml", ".yml")
OTHER_TABLES = (".xls", ".xlsm", ".xlsb", ".xltx", ".xltm", ".ods", ".et")
"""Spreadsheets we do not read: in a folder they are named as a problem, unless a record cites them."""
ATTACHMENTS = "attachments"
MAX_TEXT_FILE = 100 * 2**20
MAX_YAML = 20 * 2**20
MAX_ATTACHMENT = 100 * 2**20
MAX_ATTACHMENTS = 1000 * 2**20
NEAREST_AMONG = 5_000
NEAREST_FOR = 50
"""The ids most like a wrong reference are looked for among so many ids, for so many wrong references."""
DIGEST = re.compile(r"[0-9a-f]{64}")
PLAIN: Mapping[type, Callable[[Any], object]] = {date: date.isoformat, Decimal: canonical_decimal}
"""How a value stands in a body, where it is no JSON value itself."""


@dataclass(frozen=True, slots=True)
class ParsedRecord:
    """One record as the ledger would hold it. `columns` as in `Table`."""

    id: str
    body: Mapping[str, object]
    place: Place
    columns: frozenset[str] | None = None
    letters: Mapping[str, str] = field(default_factory=dict)

    def at(self, column: str) -> Place:
        """The place of one of its cells."""
        return replace(self.place, column=column, letter=self.letters.get(column))


@dataclass(slots=True)
class Batch:
    """What one import brings: records by kind, attachments by digest, and all that is wrong.

    `ids` are all ids met, also of records with problems; a kind that a file speaks of stands there even
    where it has no records. `cited` are digests that stand in place of a file name.
    """

    source: str
    records: dict[str, list[ParsedRecord]] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ids: dict[str, dict[str, Place]] = field(default_factory=dict)
    cited: list[tuple[Place, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Imported(CommitSummary):
    """What an import wrote; `emptied` are the columns that had a value before and have none now, by kind and id."""

    emptied: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """How many values were emptied."""
        return sum(map(len, self.emptied.values()))


class ImportProblems(EvidenceError):
    """Nothing was imported; `problems` says why, all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("import.problems", count=len(problems))
        self.problems = tuple(problems)

    def text(self, lang: str) -> str:
        """How many problems, then one line for each."""
        lines = (f"- {problem.text(lang)}" for problem in self.problems)
        return "\n".join((say(self.key, lang, **self.fields), *lines))


def read_evidence(path: Path) -> Batch:
    """Everything a file or folder holds, read and checked as far as that needs no store."""
    batch = Batch(path.name)
    try:
        files = _evidence_files(path) if path.is_dir() else [path]
        base = path if path.is_dir() else path.parent
        if not path.exists():
            raise EvidenceError("import.missing_file", path=str(path))
        parts = [(file, *read_tables(file)) for file in files]
    except OSError as error:
        raise EvidenceError(
            "import.cannot_read", path=str(path), reason=error.strerror or str(error)
        ) from error
    documents = _Documents(base)
    for _file, tables, _problems in parts:
        for table in tables:
            _parse_table(table, batch, documents)
    for file, tables, problems in parts:
        if any(table.rows for table in tables) or not documents.holds(file):
            batch.problems.extend(problems)
    batch.attachments = documents.attachments
    if path.is_dir() and not files:
        batch.problems.append(Problem(Place(path.name), "import.empty_folder", {"allowed": _allowed()}))
    batch.problems.sort(key=_order([file.name for file in files]))
    return batch


def import_batch(
    store: "Store",
    organisation: str,
    batch: Batch,
    *,
    actor: str,
    at: datetime,
    withdraw_missing: bool = False,
    fill: bool = False,
) -> Imported:
    """Write the batch in one commit, or raise ImportProblems with everything that is wrong and write nothing.

    With `withdraw_missing` the batch is all there is of each kind it speaks of: records of those kinds
    that it does not hold are withdrawn. With `fill` a record keeps every value on record that the batch does not give.
    """
    standing = _Standing(store, organisation)
    problems = list(batch.problems)
    gone = (
        {k: sorted(standing.ids(k) - set(seen)) for k, seen in batch.ids.items()} if withdraw_missing else {}
    )
    bodies = [
        (kind, r, _merged(kind, r, standing, problems, fill))
        for kind, rs in batch.records.items()
        for r in rs
    ]
    problems += _bad_references(bodies, batch, standing, gone)
    problems += _left_behind(batch, standing, gone)
    problems += [
        Problem(place, "import.unknown_digest", {"found": digest})
        for place, digest in batch.cited
        if digest not in batch.attachments and store.attachment(digest) is None
    ]
    if problems:
        raise ImportProblems(problems)
    changes = [Change(PUT, kind, record.id, body) for kind, record, body in bodies]
    changes += [Change(WITHDRAW, kind, record_id) for kind, ids in gone.items() for record_id in ids]
    emptied = _emptied(bodies, standing)
    done = store.commit(
        organisation, changes, actor=actor, at=at, attachments=tuple(batch.attachments.values())
    )
    return Imported(done.kinds, done.position, emptied)


def read_tables(path: Path) -> tuple[list[Table], list[Problem]]:
    """The tables of one file, by its format."""
    suffix = path.suffix.casefold()
    kinds = schema()
    if suffix == ".xlsx" or suffix in OTHER_TABLES:
        if suffix in (".xlsx", ".xlsm", ".xltm", ".xls"):
            return read_workbook(path, kinds)
        return [], [Problem(Place(path.name), "import.unknown_format", {"allowed": _allowed()})]
    read = {".csv": read_csv, ".json": read_json, ".yaml": read_yaml, ".yml": read_yaml}.get(suffix)
    if read is None:
        return [], [Problem(Place(path.name), "import.unknown_format", {"allowed": _allowed()})]
    limit = MAX_YAML if read is read_yaml else MAX_TEXT_FILE
    size = path.stat().st_size
    if size > limit:
        fields = {"size": f"{size / 2**20:.0f} MB", "limit": f"{limit / 2**20:.0f} MB"}
        return [], [Problem(Place(path.name), "import.file_too_large", fields)]
    text = decoded(path.read_bytes())
    if text is None:
        return [], [Problem(Place(path.name), "import.encoding")]
    return read(path, text, kinds)


def _allowed() -> str:
    return ", ".join(FORMATS)


def _evidence_files(folder: Path) -> list[Path]:
    found = (p for p in folder.iterdir() if p.suffix.casefold() in FORMATS + OTHER_TABLES and p.is_file())
    return sorted(p for p in found if not p.name.startswith((".", "~$")))


def _order(files: Sequence[str]) -> Any:
    """Sorts problems by file and row; sheets stay in the order in which they were read."""
    at = {name: index for index, name in enumerate(files)}
    sheets: dict[tuple[str, str | None], int] = {}

    def key(problem: Problem) -> tuple[int, int, int]:
        place = problem.place
        sheet = sheets.setdefault((place.file, place.sheet), len(sheets))
        return (at.get(place.file, -1), sheet, place.row or 0)

    return key


# --- rows to records -----------------------------------------------------------------------------


def _parse_table(table: Table, batch: Batch, documents: "_Documents") -> None:
    """Read every row of the table into the batch."""
    kind = table.kind
    model = models()[kind.name]
    readers = {column.name: reader(column) for column in kind.columns}
    records = batch.records.setdefault(kind.name, [])
    seen = batch.ids.setdefault(kind.name, {})
    problems = batch.problems
    columns = table.columns if table.columns and len(table.columns) < len(kind.columns) else None
    for row in table.rows:
        values: dict[str, Any] = {}
        before = len(problems)
        if _is_help(row) or _is_example(kind, row, readers):
            continue
        for name, raw in row.cells.items():
            try:
                value = readers[name](raw)
            except CellError as bad:
                problems.append(Problem(table.place(row.number, name), bad.key, bad.fields))
            else:
                if value is not None:
                    values[name] = value
        place = table.place(row.number)
        _check_id(table, place, row, values, seen, problems=problems)
        if "document" in values:
            _document(table, row, values, batch, documents)
        if len(problems) > before:
            continue
        body = _validated(model, values, place, table, problems)
        if body is not None:
            records.append(ParsedRecord(values["id"], body, place, columns, table.letters))


def _is_help(row: Row) -> bool:
    said = row.cells.get("id")
    return isinstance(said, str) and said.startswith(HELP_MARK)


def _is_example(kind: Kind, row: Row, readers: Mapping[str, Any]) -> bool:
    """Whether this is the template's example as we wrote it; one that was written over is not passed by."""
    said = row.cells.get("id")
    if not isinstance(said, str) or not said.startswith(EXAMPLE):
        return False
    return _read_all(row.cells, readers) == _read_all(example(kind), readers)


def _read_all(cells: Mapping[str, object], readers: Mapping[str, Any]) -> dict[str, object] | None:
    try:
        return {name: value for name, raw in cells.items() if (value := readers[name](raw)) is not None}
    except CellError:
        return None


def _check_id(
    table: Table,
    place: Place,
    row: Row,
    values: Mapping[str, Any],
    seen: dict[str, Place],
    *,
    problems: list[Problem],
) -> None:
    """Note the id; one that is missing, used twice or still the example's is a problem."""
    record_id = values.get("id")
    if record_id is None:
        if "id" not in row.cells or not str(row.cells["id"]).strip():
            problems.append(Problem(table.place(row.number, "id"), "import.required"))
    elif record_id.startswith(EXAMPLE):
        problems.append(
            Problem(table.place(row.number, "id"), "import.example_kept", {"found": shown(record_id)})
        )
    elif record_id in seen:
        first = seen[record_id]
        fields: dict[str, object] = {"found": shown(record_id), "other": (first.text("zh"), first.text("en"))}
        problems.append(Problem(table.place(row.number, "id"), "import.id_twice", fields))
    else:
        seen[record_id] = place


def _validated(
    model: type[Record], values: Mapping[str, Any], place: Place, table: Table | None, problems: list[Problem]
) -> dict[str, object] | None:
    """The body of the record, or None with what the kind's own rules find wrong among the problems."""
    try:
        record = model.model_validate(values)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False):
            column, key, fields = _complaint(model, found["loc"], found["type"], found["msg"])
            letter = table.letters.get(column or "") if table else None
            problems.append(Problem(replace(place, column=column, letter=letter), key, fields))
        return None
    said = ((name, value) for name, value in record.__dict__.items() if value is not None)
    return {name: PLAIN[type(value)](value) if type(value) in PLAIN else value for name, value in said}


def _complaint(
    model: type[Record], where: Sequence[object], kind_of_error: str, message: str
) -> tuple[str | None, str, dict[str, object]]:
    """What a model found wrong, in words of the catalogue: column, key, fields."""
    kind = schema()[model.kind]
    column = str(where[0]) if where else None
    said = message.removeprefix("Value error, ")
    named, colon, rest = said.partition(": ")
    if colon and kind.column(named):
        column, said = named, rest
    if kind_of_error == "missing":
        return column, "import.required", {}
    if said.startswith("before ") and (other := kind.column(said.removeprefix("before "))):
        return column, "import.before", {"other": (other.zh, other.en)}
    if said.startswith(("at most", "not a finite")):
        return (
            column,
            "import.too_many_places",
            {"found": "—", "places": DECIMAL_PLACES, "digits": MAX_DIGITS},
        )
    return column, "import.breaks_rule", {"rule": ("", f" ({said})")}


# --- attachments ---------------------------------------------------------------------------------


class _Documents:
    """Files that records cite, found beside the evidence or in its folder `attachments`, never outside."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.attachments: dict[str, Attachment] = {}
        self.digests: dict[Path, str] = {}
        self.size = 0

    def digest(self, name: str) -> str | None:
        """The SHA-256 of the file of that name, None where there is none. Raises CellError."""
        path = self._find(name)
        if path is None:
            return None
        if path not in self.digests:
            size = path.stat().st_size
            self.size += size
            if size > MAX_ATTACHMENT or self.size > MAX_ATTACHMENTS:
                limit = MAX_ATTACHMENT if size > MAX_ATTACHMENT else MAX_ATTACHMENTS
                raise CellError("import.document_too_large", found=shown(name), limit=f"{limit // 2**20} MB")
            media_type = mimetypes.MimeTypes().guess_type(path.name)[0] or "application/octet-stream"
            attachment = Attachment(path.name, media_type, path.read_bytes())
            self.attachments[attachment.sha256] = attachment
            self.digests[path] = attachment.sha256
        return self.digests[path]

    def holds(self, path: Path) -> bool:
        """Whether a record cites this file."""
        return path.resolve() in self.digests

    def near(self, name: str) -> list[str]:
        """Names of files that are there and look like this one."""
        folders = (self.base, self.base / ATTACHMENTS)
        there = [p.name for folder in folders if folder.is_dir() for p in folder.iterdir() if p.is_file()]
        return nearest(PurePosixPath(name).name, there[:NEAREST_AMONG], 3)

    def _find(self, name: str) -> Path | None:
        given = PurePosixPath(name.replace("\\", "/"))
        if given.is_absolute() or ".." in given.parts or ":" in name[:2]:
            raise CellError("import.document_outside", found=shown(name))
        base = self.base.resolve()
        if not given.parts:
            return None
        for folder in (base, base / ATTACHMENTS):
            try:
                path = (folder / given).resolve()
                if not path.is_file():
                    continue
            except (OSError, RuntimeError):
                continue
            if not path.is_relative_to(base):
                raise CellError("import.document_outside", found=shown(name))
            return path
        return None


def _document(table: Table, row: Row, values: dict[str, Any], batch: Batch, documents: _Documents) -> None:
    """Put the digest of the cited file in place of its name."""
    place = table.place(row.number, "document")
    name = values["document"]
    try:
        digest = documents.digest(name)
    except CellError as bad:
        batch.problems.append(Problem(place, bad.key, bad.fields))
        return
    except OSError as error:
        fields = {"path": shown(name), "reason": error.strerror or str(error)}
        batch.problems.append(Problem(place, "import.cannot_read", fields))
        return
    if digest is not None:
        values["document"] = digest
    elif DIGEST.fullmatch(name.lower()):
        values["document"] = name.lower()
        batch.cited.append((place, name.lower()))
    else:
        near = _similar("similar_files", documents.near(name))
        batch.problems.append(
            Problem(place, "import.document_missing", {"found": shown(name), "nearest": near})
        )


# --- against the store ---------------------------------------------------------------------------


class _Standing:
    """What the store holds of one organisation now, read once and only as far as it is asked for."""

    def __init__(self, store: "Store", organisation: str) -> None:
        self.store, self.organisation = store, organisation
        self._ids: dict[str, set[str]] = {}
        self._bodies: dict[str, dict[str, dict[str, object]]] = {}

    def ids(self, kind: str) -> set[str]:
        """Ids of the current records of a kind."""
        if kind not in self._ids:
            self._ids[kind] = {row[0] for row in self.store.rows(kind, self.organisation, ("id",))}
        return self._ids[kind]

    def body(self, kind: str, record_id: str) -> Mapping[str, object]:
        """A current record's body, empty where there is none."""
        if kind not in self._bodies:
            self._bodies[kind] = {str(b["id"]): b for b in self.store.records(kind, self.organisation)}
        return self._bodies[kind].get(record_id, {})

    def was(self, kind: str, record_id: str) -> bool:
        """Whether there ever was such a record."""
        return bool(self.store.history(self.organisation, kind, record_id))


def _merged(
    kind: str, record: ParsedRecord, standing: _Standing, problems: list[Problem], fill: bool
) -> Mapping[str, object]:
    """The record with what the store has in columns that its file does not speak of; all it does not give to `fill`."""
    if record.columns is None and not fill:
        return record.body
    old = standing.body(kind, record.id)
    spoken = record.body if fill else record.columns or ()
    kept = {name: value for name, value in old.items() if name not in spoken}
    if not kept:
        return record.body
    known = {name: value for name, value in kept.items() if schema()[kind].column(name)}
    body = _validated(models()[kind], {**known, **record.body}, record.place, None, problems)
    return {**kept, **(body or {})}


Written = tuple[str, ParsedRecord, Mapping[str, object]]


def _emptied(bodies: Iterable[Written], standing: _Standing) -> dict[tuple[str, str], tuple[str, ...]]:
    """Columns by record that have a value on record and none in what is to be written."""
    found = {}
    for kind, record, body in bodies:
        old = standing.body(kind, record.id)
        gone = tuple(name for name, value in old.items() if value is not None and body.get(name) is None)
        if gone:
            found[kind, record.id] = gone
    return found


def _bad_references(
    bodies: Iterable[Written], batch: Batch, standing: _Standing, gone: Mapping[str, Sequence[str]]
) -> list[Problem]:
    """References to records that are neither in the batch nor in the store."""
    problems: list[Problem] = []
    referring = {k.name: [(c.name, c.ref) for c in k.columns if c.ref] for k in schema().values()}
    there: dict[str, set[str]] = {}
    for kind, record, body in bodies:
        for column, ref in referring[kind]:
            value = body.get(column)
            if value is None:
                continue
            if ref not in there:
                there[ref] = standing.ids(ref) - set(gone.get(ref, ())) | set(batch.ids.get(ref, ()))
            if value not in there[ref]:
                near = there[ref] if len(problems) < NEAREST_FOR else set()
                problems.append(_bad_reference(record.at(column), str(value), ref, near, standing))
    return problems


def _bad_reference(place: Place, value: str, ref: str, there: Iterable[str], standing: _Standing) -> Problem:
    target = schema().get(ref)
    kind = (f"{target.zh} ({ref})", f"{target.en} ({ref})") if target else (ref, ref)
    close = _similar("similar_ids", nearest(value, sorted(there)[:NEAREST_AMONG], 3))
    key = "import.withdrawn_reference" if standing.was(ref, value) else "import.bad_reference"
    return Problem(place, key, {"found": shown(value), "kind": kind, "nearest": close})


def _similar(key: str, names: Sequence[str]) -> tuple[str, str]:
    """A sentence in zh and en that names what is like the thing not found; empty where nothing is."""
    if not names:
        return ("", "")
    said = ", ".join(map(shown, names))
    return (say(f"import.{key}", "zh", names=said), say(f"import.{key}", "en", names=said))


def _left_behind(batch: Batch, standing: _Standing, gone: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Records that stay in the store and refer to one that would be withdrawn."""
    problems = []
    for kind in schema().values():
        for column in kind.columns:
            lost = set(gone.get(column.ref or "", ()))
            if not lost:
                continue
            stays = standing.ids(kind.name) - set(gone.get(kind.name, ())) - set(batch.ids.get(kind.name, ()))
            for record_id, value in standing.store.rows(
                kind.name, standing.organisation, ("id", column.name)
            ):
                if value in lost and record_id in stays:
                    place = Place(batch.source, None, None, kind.name, column.name)
                    fields = {"kind": (kind.zh, kind.en), "record": record_id, "found": value}
                    problems.append(Problem(place, "import.still_referred", fields))
    return problems
