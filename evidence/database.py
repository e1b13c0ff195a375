"""The SQLite file under a store: opening it, knowing it for ours, transactions, its errors in words of ours.

The file is kept in rollback-journal mode, so it is one file at rest and can be read from a read-only disk.
Every commit reaches the disk, its journal's removal included (`synchronous=EXTRA`), before it returns.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shall.texts.errors import StoreError

APPLICATION_ID = 0x7368616C
STORE_VERSION = 1
WAIT_SECONDS = 30.0


def opened(path: Path, write: bool) -> sqlite3.Connection:
    """A connection to a store of ours; what an interrupted write left is rolled back first."""
    with reported(path):
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
def second(path: Path) -> Iterator[sqlite3.Connection]:
    """One more connection, for reading, closed at the end; it shares no transaction with the first."""
    db = opened(path, write=False)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction, committed at the end and rolled back on any error, an interrupt included."""
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
def reported(path: Path) -> Iterator[None]:
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


def move_into_place(draft: Path, path: Path) -> None:
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


def remove(draft: Path) -> None:
    """Remove the draft if it is there; one that cannot be removed is left."""
    with suppress(OSError):
        draft.unlink(missing_ok=True)
