"""The evidence store: one SQLite file with the ledger, its projections and the attachments.

The ledger is the store. Each kind has a typed table projected from it in the same transaction: a row per
version of a record, `_seq` the entry that wrote it, `_until` the entry that replaced or withdrew it.

The rooms under it, each importing only those before: `database` (the SQLite file), `tables` (the ledger and what
else every store has), `projections` (the typed tables), `verification`.

Nothing here imports pydantic or sqlite-utils until a store is created, migrated, rebuilt or verified.
"""

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shall.evidence.database import (
    STORE_VERSION,
    all_or_nothing,
    move_into_place,
    opened,
    remove,
    reported,
    second,
)
from shall.evidence.ledger import (
    PUT,
    START,
    WITHDRAW,
    Attachment,
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
    stamp,
)
from shall.evidence.projections import (
    create_projections,
    project,
    read_shape,
    rebuild,
    scratch,
    selected,
    selection,
    sound_shape,
    standing,
    united,
)
from shall.evidence.tables import LEDGER, create_tables, put_meta
from shall.evidence.verification import verify
from shall.texts.errors import StoreError

PAGE = 1000
ATTACHMENT_BYTES = 500_000_000

ENTRIES = f"SELECT {', '.join(LEDGER)} FROM ledger"
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
        self._shape = read_shape(path, db)

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
            move_into_place(draft, path)
        finally:
            remove(draft)
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
        db = opened(path, write)
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

    def commits(self) -> int:
        """How often the ledger was written to: the entries of one commit bear one time."""
        return int(self._read("SELECT count(DISTINCT at) FROM ledger")[0][0])

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
        query, bound = selection(selected(self._shape[kind], tuple(columns)), f'"{kind}" AS p', known)
        return self._read(query, (organisation, *bound))

    def scan(self, kind: str, columns: Sequence[str], known: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The current records of a kind of all organisations, by organisation and id; the organisation comes first.

        Values, missing columns and `known` are as in `rows`. Read as it is consumed: until it is exhausted or
        closed, nobody else can finish a commit.
        """
        if kind not in self._shape:
            return
        wanted = selected(self._shape[kind], ("organisation", *columns))
        stands, bound = standing(known)
        query = f'SELECT {wanted} FROM "{kind}" AS p WHERE {stands} ORDER BY p.organisation, p.id'
        with reported(self.path), closing(self._db.execute(query, bound)) as cursor:
            yield from cursor

    def records(self, kind: str, organisation: str, *, known: int | None = None) -> list[dict[str, object]]:
        """The bodies of a kind's records, ordered by id, as JSON values; see `rows` for `known`."""
        if kind not in self._shape:
            return []
        query, bound = selection("l.body", f'"{kind}" AS p JOIN ledger AS l ON l.seq = p._seq', known)
        return [json.loads(body) for (body,) in self._read(query, (organisation, *bound))]

    def history(self, organisation: str, kind: str, record_id: str) -> list[Revision]:
        """Every entry about one record, oldest first."""
        where = "WHERE organisation = ? AND kind = ? AND record = ? ORDER BY seq"
        return [_revision(row) for row in self._read(f"{ENTRIES} {where}", (organisation, kind, record_id))]

    def entries(self, organisation: str, kind: str) -> list[int]:
        """The numbers of all entries about records of a kind, in order: between two of them no record changed."""
        query = "SELECT seq FROM ledger WHERE organisation = ? AND kind = ? ORDER BY seq"
        return [seq for (seq,) in self._read(query, (organisation, kind))]

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
        new: Collection[tuple[str, str]] = (),
    ) -> CommitSummary:
        """Write all changes and attachments, or, on any error, nothing.

        A put of what already stands and a withdrawal of what is withdrawn write nothing. `new` are records (kind
        and id) that no entry may name yet: StoreError where one does, so that of two who write the first wins.
        """
        check_name("organisation", organisation)
        check_name("actor", actor)
        time = stamp(at)
        bodies = self._checked(changes)
        with self._transaction() as db:
            for attachment in attachments:
                _attach(db, attachment)
            writer = _Writer(db, self._shape, organisation, actor, time)
            for kind, record in sorted(new):
                if db.execute(LATEST, (organisation, kind, record)).fetchone():
                    raise StoreError("store.not_new", kind=kind, record=record)
            for change, body in zip(changes, bodies, strict=True):
                writer.write(change, body)
        return CommitSummary({k: Counts(**counts) for k, counts in writer.counts.items()}, writer.head)

    def rebuild(self) -> None:
        """Make the projections anew from the ledger; StoreError where its chain is broken."""
        with self._transaction() as db:
            rebuild(self.path, db, self._shape)

    def verify(self, *, expect_head: Position | None = None) -> Verification:
        """Walk the chain, compare the projections with a rebuild, digest every attachment.

        `expect_head` is a position noted down earlier, outside the store: only with it can a ledger that
        was cut short, or written anew from some entry on, be told from a sound one.
        """
        with reported(self.path), second(self.path) as db, scratch(self._shape) as copy:
            return verify(db, copy, self._shape, expect_head)

    def _migrate(self) -> None:
        """Add what this software's kinds have and the store lacks; what only the store has stays."""
        declared, digest = declared_kinds()
        shape = united(self.path, declared, self._shape)
        if shape == self._shape and digest == self.kinds_digest:
            return
        with self._transaction() as db:
            put_meta(db, columns=json.dumps(shape), kinds_digest=digest)
            if shape != self._shape:
                rebuild(self.path, db, shape)
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
        with reported(self.path):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if not self._write:
            raise StoreError("store.opened_for_reading", path=self.path)
        with reported(self.path), all_or_nothing(self._db):
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
        project(self.db, self.shape, Revision(seq, *said[:6], body, previous, own))


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


def _write_new(draft: Path, actor_default: str, path: Path) -> None:
    shape, digest = declared_kinds()
    remove(draft)
    with reported(path):
        db = sqlite3.connect(draft, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = EXTRA")
            with all_or_nothing(db):
                create_tables(db)
                create_projections(db, sound_shape(path, shape))
                put_meta(
                    db,
                    store_version=str(STORE_VERSION),
                    actor_default=actor_default,
                    columns=json.dumps(shape),
                    kinds_digest=digest,
                )
        finally:
            db.close()
