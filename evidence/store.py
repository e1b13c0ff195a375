"""The evidence store: one SQLite file with the ledger, its projections and the attachments.

The ledger is the store. Each kind has a typed table projected from it in the same transaction: a row per
version of a record, `_seq` the entry that wrote it, `_until` the entry that replaced or withdrew it.

The file is kept in rollback-journal mode, so it is one file at rest and can be read from a read-only disk.
Every commit reaches the disk, its journal's removal included (`synchronous=EXTRA`), before it returns.

Nothing here imports pydantic or sqlite-utils until a store is created, migrated, rebuilt or verified.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shall.evidence.ledger import (
    PUT,
    START,
    WITHDRAW,
    Attachment,
    Break,
    Change,
    CommitSummary,
    Counts,
    Position,
    Revision,
    Shape,
    Value,
    Verification,
    canonical,
    check_name,
    checked_body,
    entry_hash,
    follow,
    stamp,
)
from shall.texts.errors import StoreError

APPLICATION_ID = 0x7368616C
STORE_VERSION = 1
WAIT_SECONDS = 30.0
PAGE = 1000
ATTACHMENT_BYTES = 500_000_000
OWN_TABLES = ("meta", "ledger", "attachment")
LEDGER = ("seq", "at", "actor", "organisation", "kind", "record", "action", "body", "previous", "hash")
KEYS = ("organisation", "_seq", "_until")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
DIGEST = re.compile(r"[0-9a-f]{64}")

ENTRIES = f"SELECT {', '.join(LEDGER)} FROM ledger"
RAW_ENTRIES = (
    "SELECT seq, "
    + ", ".join(f"iif(typeof({name}) = 'text', CAST({name} AS BLOB), 0)" for name in LEDGER[1:])
    + " FROM ledger ORDER BY seq"
)
LATEST = (
    "SELECT seq, action, body FROM ledger WHERE organisation = ? AND kind = ? AND record = ? "
    "ORDER BY seq DESC LIMIT 1"
)
APPEND = f"INSERT INTO ledger ({', '.join(LEDGER)}) VALUES ({', '.join('?' * len(LEDGER))})"
ATTACH = "INSERT INTO attachment (sha256, size, name, media_type, content) VALUES (?, ?, ?, ?, ?)"
ORGANISATIONS = """
    WITH RECURSIVE seen(name) AS (
        SELECT min(organisation) FROM ledger
        UNION ALL
        SELECT (SELECT min(organisation) FROM ledger WHERE organisation > name)
        FROM seen WHERE name IS NOT NULL
    ) SELECT name FROM seen WHERE name IS NOT NULL"""


def declared_kinds() -> tuple[Shape, str]:
    """The kinds this software knows and their digest. Imports pydantic: for writing only."""
    from shall.evidence.schema import schema, schema_digest

    shape = {
        kind.name: {c.name: "text" if c.type == "choice" else c.type for c in kind.columns}
        for kind in schema().values()
    }
    return shape, schema_digest()


class Store:
    """A store open for reading, or for reading and writing.

    Each call reads one state of the file, two calls may read two: another process may commit in between.
    Who needs one state across calls reads `position` first and hands its number on as `known`.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, *, write: bool) -> None:
        self.path = path
        self._db = db
        self._write = write
        self._shape = _read_shape(path, db)

    @classmethod
    def create(cls, path: str | Path, *, actor_default: str = "shall") -> Self:
        """A new, empty store at a path where nothing is yet; all of it or nothing is written."""
        path = Path(path)
        check_name("actor", actor_default)
        if path.exists() or path.is_symlink():
            raise StoreError("store.exists", path=path)
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            _write_new(draft, actor_default, path)
            _move_into_place(draft, path)
        finally:
            _remove(draft)
        return cls.open(path, write=True)

    @classmethod
    def open(cls, path: str | Path, *, write: bool = False) -> Self:
        """The store at `path`. For writing, kinds and columns it lacks are added first."""
        path = Path(path)
        if not path.exists():
            raise StoreError("store.missing", path=path)
        if not path.is_file():
            raise StoreError("store.not_a_file", path=path)
        if write and not os.access(path, os.W_OK):
            raise StoreError("store.read_only", path=path)
        db = _opened(path, write)
        try:
            store = cls(path, db, write=write)
            if write:
                store._migrate()
        except BaseException:
            db.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file; the store cannot be used afterwards."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def shape(self) -> Shape:
        """The kinds, columns and column types the store has."""
        return self._shape

    @property
    def kinds_digest(self) -> str:
        """`schema_digest` of the software that last opened the store for writing."""
        return self._meta("kinds_digest")

    @property
    def actor_default(self) -> str:
        """Who acts where a caller names nobody, as chosen when the store was created."""
        return self._meta("actor_default")

    def organisations(self) -> list[str]:
        """Every organisation the ledger names, sorted, also those whose records are all withdrawn."""
        return [name for (name,) in self._read(ORGANISATIONS)]

    def position(self) -> Position:
        """The head of the ledger."""
        return next(iter(self._read("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")), START)

    def position_at(self, seq: int) -> Position:
        """Number and hash of that entry, StoreError where the ledger has none."""
        if seq == START[0]:
            return START
        found = self._read("SELECT seq, hash FROM ledger WHERE seq = ?", (seq,))
        if not found:
            raise StoreError("store.no_position", path=self.path, seq=seq, head=self.position()[0])
        seq, own = found[0]
        return seq, own

    def rows(
        self, kind: str, organisation: str, columns: Sequence[str], *, known: int | None = None
    ) -> list[tuple[Any, ...]]:
        """The current records of a kind, whatever their status, ordered by id, values as SQLite stores them.

        Flags are 0 or 1, decimals and dates text. A column that the store lacks is None throughout, a
        kind that it lacks has no records. With `known`, what stood after that entry was written.
        """
        if kind not in self._shape:
            return []
        if not columns:
            return [()] * len(self.rows(kind, organisation, ("id",), known=known))
        query, bound = _selection(_selected(self._shape[kind], tuple(columns)), f'"{kind}" AS p', known)
        return self._read(query, (organisation, *bound))

    def records(self, kind: str, organisation: str, *, known: int | None = None) -> list[dict[str, object]]:
        """The bodies of a kind's records, ordered by id, as JSON values; see `rows` for `known`."""
        if kind not in self._shape:
            return []
        query, bound = _selection("l.body", f'"{kind}" AS p JOIN ledger AS l ON l.seq = p._seq', known)
        return [json.loads(body) for (body,) in self._read(query, (organisation, *bound))]

    def history(self, organisation: str, kind: str, record_id: str) -> list[Revision]:
        """Every entry about one record, oldest first."""
        where = "WHERE organisation = ? AND kind = ? AND record = ? ORDER BY seq"
        return [_revision(row) for row in self._read(f"{ENTRIES} {where}", (organisation, kind, record_id))]

    def revisions(self, start: int = 1) -> Iterator[Revision]:
        """The ledger's entries from number `start` on, read page by page so that nobody waits."""
        while page := self._read(f"{ENTRIES} WHERE seq >= ? ORDER BY seq LIMIT {PAGE}", (start,)):
            yield from map(_revision, page)
            start = page[-1][0] + 1

    def attachment(self, sha256: str) -> Attachment | None:
        """The document of that digest; StoreError where its content has another."""
        found = self._read("SELECT name, media_type, content FROM attachment WHERE sha256 = ?", (sha256,))
        if not found:
            return None
        attachment = Attachment(*found[0])
        if not isinstance(attachment.content, bytes) or attachment.sha256 != sha256:
            raise StoreError("store.attachment_altered", path=self.path, sha256=sha256, name=attachment.name)
        return attachment

    def commit(
        self,
        organisation: str,
        changes: Sequence[Change],
        *,
        actor: str,
        at: datetime,
        attachments: Sequence[Attachment] = (),
    ) -> CommitSummary:
        """Write all changes and attachments, or, on any error, nothing.

        A put of what already stands and a withdrawal of what is withdrawn write nothing.
        """
        check_name("organisation", organisation)
        check_name("actor", actor)
        time = stamp(at)
        bodies = self._checked(changes)
        with self._transaction() as db:
            for attachment in attachments:
                _attach(db, attachment)
            writer = _Writer(db, self._shape, organisation, actor, time)
            for change, body in zip(changes, bodies, strict=True):
                writer.write(change, body)
        return CommitSummary({k: Counts(**counts) for k, counts in writer.counts.items()}, writer.head)

    def rebuild(self) -> None:
        """Make the projections anew from the ledger; StoreError where its chain is broken."""
        with self._transaction() as db:
            _rebuild(self.path, db, self._shape)

    def verify(self, *, expect_head: Position | None = None) -> Verification:
        """Walk the chain, compare the projections with a rebuild, digest every attachment.

        `expect_head` is a position noted down earlier, outside the store: only with it can a ledger that
        was cut short, or written anew from some entry on, be told from a sound one.
        """
        with _reported(self.path), _second(self.path) as db, _scratch(self._shape) as copy:
            return _verify(db, copy, self._shape, expect_head)

    def _migrate(self) -> None:
        """Add what this software's kinds have and the store lacks; what only the store has stays."""
        declared, digest = declared_kinds()
        shape = _united(self.path, declared, self._shape)
        if shape == self._shape and digest == self.kinds_digest:
            return
        with self._transaction() as db:
            _put_meta(db, columns=json.dumps(shape), kinds_digest=digest)
            if shape != self._shape:
                _rebuild(self.path, db, shape)
        self._shape = shape

    def _checked(self, changes: Sequence[Change]) -> list[dict[str, Value]]:
        seen: set[tuple[str, str]] = set()
        bodies = []
        for change in changes:
            check_name("record", change.record_id)
            if change.action not in (PUT, WITHDRAW):
                raise ValueError(f"{change.action} is neither {PUT} nor {WITHDRAW}")
            if change.kind not in self._shape:
                raise StoreError(
                    "store.unknown_kind", kind=change.kind, allowed=", ".join(sorted(self._shape))
                )
            if (change.kind, change.record_id) in seen:
                raise StoreError("store.twice", kind=change.kind, record=change.record_id)
            seen.add((change.kind, change.record_id))
            bodies.append(checked_body(change, self._shape[change.kind]))
        return bodies

    def _meta(self, key: str) -> str:
        found = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else ""

    def _read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with _reported(self.path):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if not self._write:
            raise StoreError("store.opened_for_reading", path=self.path)
        with _reported(self.path), _all_or_nothing(self._db):
            yield self._db


class _Writer:
    """Appends the changes of one commit to the ledger and the projections, inside its transaction."""

    def __init__(self, db: sqlite3.Connection, shape: Shape, organisation: str, actor: str, at: str) -> None:
        self.db, self.shape = db, shape
        self.organisation, self.actor, self.at = organisation, actor, at
        self.counts: dict[str, dict[str, int]] = {}
        head = db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        self.head: Position = head or START

    def write(self, change: Change, body: Mapping[str, Value]) -> None:
        text = canonical(body)
        latest = self.db.execute(LATEST, (self.organisation, change.kind, change.record_id)).fetchone()
        done = _effect(change, text, latest)
        counts = self.counts.setdefault(change.kind, {})
        counts[done] = counts.get(done, 0) + 1
        if done != "unchanged":
            self._append(change, body, text)

    def _append(self, change: Change, body: Mapping[str, Value], text: str) -> None:
        seq, previous = self.head[0] + 1, self.head[1]
        said = (
            self.at,
            self.actor,
            self.organisation,
            change.kind,
            change.record_id,
            change.action,
            text,
            previous,
        )
        own = entry_hash(part.encode() for part in (str(seq), *said))
        self.db.execute(APPEND, (seq, *said, own))
        self.head = (seq, own)
        _project(self.db, self.shape, Revision(seq, *said[:6], body, previous, own))


def _effect(change: Change, text: str, latest: tuple[int, str, str] | None) -> str:
    """What the change does to the record whose latest entry is given: new, changed, unchanged, withdrawn."""
    standing = latest is not None and latest[1] == PUT
    if change.action == PUT:
        if latest is None or not standing:
            return "new"
        return "unchanged" if latest[2] == text else "changed"
    if latest is None:
        raise StoreError("store.nothing_to_withdraw", kind=change.kind, record=change.record_id)
    return "withdrawn" if standing else "unchanged"


def _attach(db: sqlite3.Connection, attachment: Attachment) -> None:
    if attachment.size > ATTACHMENT_BYTES:
        raise StoreError(
            "store.attachment_too_big", name=attachment.name, found=attachment.size, allowed=ATTACHMENT_BYTES
        )
    if not db.execute("SELECT 1 FROM attachment WHERE sha256 = ?", (attachment.sha256,)).fetchone():
        row = (attachment.sha256, attachment.size, attachment.name, attachment.media_type, attachment.content)
        db.execute(ATTACH, row)


def _revision(row: Sequence[Any]) -> Revision:
    seq, at, actor, organisation, kind, record, action, body, previous, own = row
    return Revision(seq, at, actor, organisation, kind, record, action, json.loads(body), previous, own)


def _selected(columns: Mapping[str, str], names: Sequence[str]) -> str:
    return ", ".join(f'p."{n}"' if n in columns or n in KEYS else "NULL" for n in names)


def _selection(selected: str, source: str, known: int | None) -> tuple[str, tuple[int, ...]]:
    """The query for one organisation's versions that stand, and what to bind after the organisation."""
    if known is None:
        return (
            f"SELECT {selected} FROM {source} WHERE p.organisation = ? AND p._until IS NULL ORDER BY p.id",
            (),
        )
    stood = "p._seq <= ? AND (p._until IS NULL OR p._until > ?)"
    return f"SELECT {selected} FROM {source} WHERE p.organisation = ? AND {stood} ORDER BY p.id", (
        known,
        known,
    )


def _project(db: sqlite3.Connection, shape: Shape, revision: Revision) -> None:
    """Carry one entry over to its kind's table."""
    ends = f'UPDATE "{revision.kind}" SET _until = ? WHERE organisation = ? AND id = ? AND _until IS NULL'
    db.execute(ends, (revision.seq, revision.organisation, revision.record_id))
    if revision.action == PUT:
        columns = tuple(shape[revision.kind])
        values = (revision.organisation, *(revision.body.get(c) for c in columns), revision.seq)
        db.execute(_insertion(revision.kind, columns), values)


@cache
def _insertion(kind: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{c}"' for c in ("organisation", *columns, "_seq"))
    return f'INSERT INTO "{kind}" ({names}) VALUES ({", ".join("?" * (len(columns) + 2))})'


def _fits(shape: Shape, revision: Revision) -> bool:
    """Whether the kind's table can hold the entry as it is."""
    columns = shape.get(revision.kind)
    return columns is not None and all(
        name in columns and _storage(columns[name]) is (int if isinstance(value, int) else str)
        for name, value in revision.body.items()
    )


def _storage(column_type: str) -> type:
    return int if column_type in ("flag", "integer") else str


def _walk(db: sqlite3.Connection) -> Iterator[Revision | Break]:
    """The entries in order, up to the first break, which is the last thing told."""
    head = START
    try:
        for row in db.execute(RAW_ENTRIES):
            found = follow(head, row)
            yield found
            if isinstance(found, Break):
                return
            head = (found.seq, found.hash)
    except sqlite3.DatabaseError:
        yield Break(head[0] + 1, "unreadable")


def _write_new(draft: Path, actor_default: str, path: Path) -> None:
    shape, digest = declared_kinds()
    _remove(draft)
    with _reported(path):
        db = sqlite3.connect(draft, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = EXTRA")
            with _all_or_nothing(db):
                _create_tables(db)
                _create_projections(db, _sound_shape(path, shape))
                _put_meta(
                    db,
                    store_version=str(STORE_VERSION),
                    actor_default=actor_default,
                    columns=json.dumps(shape),
                    kinds_digest=digest,
                )
        finally:
            db.close()


def _create_tables(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {STORE_VERSION}")
    entry = {name: int if name == "seq" else str for name in LEDGER}
    attachment = {"sha256": str, "size": int, "name": str, "media_type": str, "content": bytes}
    _create_table(db, "meta", {"key": str, "value": str}, "key", {"value"})
    _create_table(db, "ledger", entry, "seq", set(LEDGER[1:]))
    _create_table(db, "attachment", attachment, "sha256", set(attachment) - {"sha256"})
    db.execute("CREATE INDEX ledger_record ON ledger (organisation, kind, record)")
    for statement in _triggers().values():
        db.execute(statement)


def _create_projections(db: sqlite3.Connection, shape: Shape) -> None:
    for kind, columns in shape.items():
        own = {name: _storage(column_type) for name, column_type in columns.items()}
        every = {"organisation": str} | own | {"_seq": int, "_until": int}
        _create_table(db, kind, every, "_seq", {"organisation", "id"})
        db.execute(f'CREATE INDEX "{kind}_current" ON "{kind}" (organisation, _until, id)')


def _create_table(
    db: sqlite3.Connection, name: str, columns: Mapping[str, type], key: str, not_null: set[str]
) -> None:
    """Run what sqlite-utils writes: some of its releases end our transaction when they run it themselves."""
    from sqlite_utils import Database

    made = Database(db, execute_plugins=False)
    db.execute(made.create_table_sql(name, dict(columns), pk=key, not_null=not_null))


def _rebuild(path: Path, db: sqlite3.Connection, shape: Shape) -> None:
    """Make the projections anew, inside the caller's transaction; never from a broken chain."""
    for what, name in db.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
    ).fetchall():
        if name in shape:
            db.execute(f'DROP {what} "{name}"')
    _create_projections(db, shape)
    for found in _walk(db):
        if isinstance(found, Break):
            raise StoreError("store.broken", path=path, seq=found.seq)
        if not _fits(shape, found):
            raise StoreError("store.entry_does_not_fit", path=path, seq=found.seq, kind=found.kind)
        _project(db, shape, found)


def _verify(
    db: sqlite3.Connection, copy: sqlite3.Connection, shape: Shape, known: Position | None
) -> Verification:
    db.execute("BEGIN")
    head, broken, odd, cited = START, None, set(), set()
    for found in _walk(db):
        if isinstance(found, Break):
            broken = found
            break
        head = (found.seq, found.hash)
        if known and known[0] == head[0] and known != head:
            broken = Break(head[0], "rewritten")
            break
        cited.add(found.body.get("document"))
        if _fits(shape, found):
            _project(copy, shape, found)
        else:
            odd.add(found.kind)
    if not broken and known and known[0] > head[0]:
        broken = Break(head[0] + 1, "shorter")
    altered, held = _digested(db)
    return Verification(
        head=head,
        broken=broken,
        projections=()
        if broken
        else tuple(sorted(odd | {kind for kind in shape if _differs(db, copy, kind)})),
        attachments=altered,
        triggers=_other_triggers(db),
        damage=tuple(str(line) for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"),
        missing=tuple(
            sorted(d for d in cited if isinstance(d, str) and DIGEST.fullmatch(d) and d not in held)
        ),
    )


def _differs(db: sqlite3.Connection, copy: sqlite3.Connection, kind: str) -> bool:
    """Whether the kind's table is not what a rebuild makes, shape, index or rows."""
    try:
        return _table(db, kind) != _table(copy, kind) or any(
            mine != other for mine, other in zip_longest(_versions(db, kind), _versions(copy, kind))
        )
    except sqlite3.DatabaseError:
        return True


def _table(db: sqlite3.Connection, kind: str) -> list[list[Any]]:
    return [
        db.execute("SELECT type FROM sqlite_master WHERE name = ?", (kind,)).fetchall(),
        db.execute("SELECT * FROM pragma_table_xinfo(?)", (kind,)).fetchall(),
        db.execute("SELECT * FROM pragma_index_xinfo(?)", (f"{kind}_current",)).fetchall(),
    ]


def _versions(db: sqlite3.Connection, kind: str) -> Iterable[tuple[Any, ...]]:
    return db.execute(f'SELECT * FROM "{kind}" ORDER BY _seq')


def _digested(db: sqlite3.Connection) -> tuple[tuple[str, ...], set[object]]:
    """The names of attachments that are not what they were, and the digests of all."""
    altered, held = [], set()
    for sha256, size, name, media_type, content in db.execute(
        "SELECT sha256, size, name, media_type, content FROM attachment ORDER BY sha256"
    ):
        held.add(sha256)
        attachment = Attachment(name, media_type, content if isinstance(content, bytes) else b"")
        if (attachment.sha256, attachment.size) != (sha256, size):
            altered.append(f"{name} ({sha256})")
    return tuple(altered), held


def _other_triggers(db: sqlite3.Connection) -> tuple[str, ...]:
    """The triggers that are missing, changed or not ours."""
    found = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    ours = {name: statement.removesuffix(";") for name, statement in _triggers().items()}
    return tuple(sorted(name for name in found.keys() | ours.keys() if found.get(name) != ours.get(name)))


@cache
def _triggers() -> Mapping[str, str]:
    text = files("shall.evidence").joinpath("tables.sql").read_text(encoding="utf-8")
    return {m[1]: m[0] for m in re.finditer(r"^CREATE TRIGGER (\w+).*?END;$", text, re.DOTALL | re.MULTILINE)}


def _put_meta(db: sqlite3.Connection, **values: str) -> None:
    db.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", values.items())


def _read_shape(path: Path, db: sqlite3.Connection) -> Shape:
    with _reported(path):
        found = db.execute("SELECT value FROM meta WHERE key = 'columns'").fetchone()
    try:
        return _sound_shape(path, json.loads(found[0] if found else ""))
    except ValueError as error:
        raise StoreError("store.damaged", path=path, detail="meta.columns") from error


def _sound_shape(path: Path, shape: Any) -> Shape:
    """The shape if its names can stand in SQL and its types are known: a store may come from anywhere."""
    types = ("text", "flag", "integer", "decimal", "date")
    sound = isinstance(shape, dict) and all(
        IDENTIFIER.fullmatch(kind)
        and kind not in OWN_TABLES
        and isinstance(columns, dict)
        and "id" in columns
        and all(IDENTIFIER.fullmatch(c) and c not in KEYS and t in types for c, t in columns.items())
        for kind, columns in shape.items()
    )
    if not sound:
        raise StoreError("store.damaged", path=path, detail="meta.columns")
    found: Shape = shape
    return found


def _united(path: Path, declared: Shape, stored: Shape) -> Shape:
    """All kinds and columns of both; StoreError where they differ about a column's type."""
    for kind, columns in declared.items():
        for name, column_type in columns.items():
            held = stored.get(kind, {}).get(name, column_type)
            if held != column_type:
                raise StoreError(
                    "store.type_changed", path=path, kind=kind, column=name, found=held, allowed=column_type
                )
    both = [*declared, *(kind for kind in stored if kind not in declared)]
    return {kind: {**declared.get(kind, {}), **stored.get(kind, {})} for kind in both}


def _opened(path: Path, write: bool) -> sqlite3.Connection:
    """A connection to a store of ours; what an interrupted write left is rolled back first."""
    with _reported(path):
        try:
            return _connect(path, write)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        _connect(path, write=True).close()
        return _connect(path, write)


def _connect(path: Path, write: bool) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    db = sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None, cached_statements=512)
    try:
        for setting in ("trusted_schema = OFF", "recursive_triggers = ON", "synchronous = EXTRA"):
            db.execute(f"PRAGMA {setting}")
        _check_identity(path, db)
        if write:
            db.execute("PRAGMA journal_mode = DELETE")
    except BaseException:
        db.close()
        raise
    return db


def _check_identity(path: Path, db: sqlite3.Connection) -> None:
    ((application,),) = db.execute("PRAGMA application_id").fetchall()
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    if application != APPLICATION_ID:
        raise StoreError("store.not_a_store", path=path)
    if version > STORE_VERSION:
        raise StoreError("store.newer", path=path, found=version, allowed=STORE_VERSION)


@contextmanager
def _second(path: Path) -> Iterator[sqlite3.Connection]:
    db = _opened(path, write=False)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _scratch(shape: Shape) -> Iterator[sqlite3.Connection]:
    """Empty projections in a temporary database that spills to disk when it grows."""
    db = sqlite3.connect("", isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        _create_projections(db, shape)
        yield db
    finally:
        db.close()


@contextmanager
def _all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


REPORTED = {
    sqlite3.SQLITE_FULL: "store.disk_full",
    sqlite3.SQLITE_READONLY: "store.read_only",
    sqlite3.SQLITE_CANTOPEN: "store.cannot_open",
    sqlite3.SQLITE_PERM: "store.cannot_open",
    sqlite3.SQLITE_BUSY: "store.busy",
    sqlite3.SQLITE_LOCKED: "store.busy",
    sqlite3.SQLITE_NOTADB: "store.not_a_store",
    sqlite3.SQLITE_IOERR: "store.disk_error",
    sqlite3.SQLITE_TOOBIG: "store.too_big",
}
"""Keys of the messages by SQLite's primary result code; any other is `store.damaged`."""


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Tell what SQLite could not do in words of ours; misuse of the library stays a bug."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        key = REPORTED.get(code & 0xFF, "store.damaged")
        if code == sqlite3.SQLITE_READONLY_ROLLBACK:
            key = "store.interrupted"
        raise StoreError(key, path=path, detail=str(error)) from error


def _move_into_place(draft: Path, path: Path) -> None:
    """Give the draft its name, never over a file that came to be meanwhile."""
    try:
        try:
            os.link(draft, path)
        except FileExistsError:
            raise
        except OSError:
            if path.exists():
                raise FileExistsError from None
            draft.rename(path)
    except FileExistsError as error:
        raise StoreError("store.exists", path=path) from error


def _remove(draft: Path) -> None:
    with suppress(OSError):
        draft.unlink(missing_ok=True)
