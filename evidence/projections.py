"""The typed tables, one per kind, projected from the ledger: made, written, rebuilt, compared and read.

A row per version of a record: `_seq` is the entry that wrote it, `_until` the entry that replaced or withdrew it.
Which kinds and columns a store has, its shape, is kept in its table `meta`.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from shall.evidence.database import reported
from shall.evidence.ledger import PUT, Break, Revision, Shape
from shall.evidence.tables import OWN_TABLES, create_table, walk
from shall.texts.errors import StoreError

KEYS = ("organisation", "_seq", "_until")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


def create_projections(db: sqlite3.Connection, shape: Shape) -> None:
    """Make the empty table and index of every kind. Imports sqlite-utils."""
    for kind, columns in shape.items():
        own = {name: _storage(column_type) for name, column_type in columns.items()}
        every = {"organisation": str} | own | {"_seq": int, "_until": int}
        create_table(db, kind, every, "_seq", {"organisation", "id"})
        db.execute(f'CREATE INDEX "{kind}_current" ON "{kind}" (organisation, _until, id)')


def project(db: sqlite3.Connection, shape: Shape, revision: Revision) -> None:
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


def rebuild(path: Path, db: sqlite3.Connection, shape: Shape) -> None:
    """Make the projections anew, inside the caller's transaction; never from a broken chain."""
    for what, name in db.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
    ).fetchall():
        if name in shape:
            db.execute(f'DROP {what} "{name}"')
    create_projections(db, shape)
    for found in walk(db):
        if isinstance(found, Break):
            raise StoreError("store.broken", path=path, seq=found.seq)
        if not fits(shape, found):
            raise StoreError("store.entry_does_not_fit", path=path, seq=found.seq, kind=found.kind)
        project(db, shape, found)


def differs(db: sqlite3.Connection, copy: sqlite3.Connection, kind: str) -> bool:
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


@contextmanager
def scratch(shape: Shape) -> Iterator[sqlite3.Connection]:
    """Empty projections in a temporary database that spills to disk when it grows."""
    db = sqlite3.connect("", isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        create_projections(db, shape)
        yield db
    finally:
        db.close()


def fits(shape: Shape, revision: Revision) -> bool:
    """Whether the kind's table can hold the entry as it is."""
    columns = shape.get(revision.kind)
    return columns is not None and all(
        name in columns and _storage(columns[name]) is (int if isinstance(value, int) else str)
        for name, value in revision.body.items()
    )


def _storage(column_type: str) -> type:
    return int if column_type in ("flag", "integer") else str


def selected(columns: Mapping[str, str], names: Sequence[str]) -> str:
    """What to select for those names from a table called `p`; NULL for a column that it lacks."""
    return ", ".join(f'p."{n}"' if n in columns or n in KEYS else "NULL" for n in names)


def selection(wanted: str, source: str, known: int | None) -> tuple[str, tuple[int, ...]]:
    """The query for one organisation's versions that stand, and what to bind after the organisation."""
    stands, bound = standing(known)
    return f"SELECT {wanted} FROM {source} WHERE p.organisation = ? AND {stands} ORDER BY p.id", bound


def standing(known: int | None) -> tuple[str, tuple[int, ...]]:
    """The condition that a version stands, now or after the entry `known` was written, and what to bind to it."""
    if known is None:
        return "p._until IS NULL", ()
    return "p._seq <= ? AND (p._until IS NULL OR p._until > ?)", (known, known)


def read_shape(path: Path, db: sqlite3.Connection) -> Shape:
    """The kinds and columns the store says it has; StoreError where that cannot be trusted."""
    with reported(path):
        found = db.execute("SELECT value FROM meta WHERE key = 'columns'").fetchone()
    try:
        return sound_shape(path, json.loads(found[0] if found else ""))
    except ValueError as error:
        raise StoreError("store.damaged", path=path, detail="meta.columns") from error


def sound_shape(path: Path, shape: Any) -> Shape:
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


def united(path: Path, declared: Shape, stored: Shape) -> Shape:
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
