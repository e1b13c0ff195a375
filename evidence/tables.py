"""The tables a store has whatever its kinds are: meta, the ledger and the attachments, with their triggers.

Imports sqlite-utils only while a table is created.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from shall.evidence.database import APPLICATION_ID, STORE_VERSION
from shall.evidence.ledger import START, Break, Revision, follow

OWN_TABLES = ("meta", "ledger", "attachment")
LEDGER = ("seq", "at", "actor", "organisation", "kind", "record", "action", "body", "previous", "hash")
RAW_ENTRIES = (
    "SELECT seq, "
    + ", ".join(f"iif(typeof({name}) = 'text', CAST({name} AS BLOB), 0)" for name in LEDGER[1:])
    + " FROM ledger ORDER BY seq"
)


def create_tables(db: sqlite3.Connection) -> None:
    """Mark the file as a store of this version and make its own tables, their index and triggers."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {STORE_VERSION}")
    entry = {name: int if name == "seq" else str for name in LEDGER}
    attachment = {"sha256": str, "size": int, "name": str, "media_type": str, "content": bytes}
    create_table(db, "meta", {"key": str, "value": str}, "key", {"value"})
    create_table(db, "ledger", entry, "seq", set(LEDGER[1:]))
    create_table(db, "attachment", attachment, "sha256", set(attachment) - {"sha256"})
    db.execute("CREATE INDEX ledger_record ON ledger (organisation, kind, record)")
    for statement in triggers().values():
        db.execute(statement)


def create_table(
    db: sqlite3.Connection, name: str, columns: Mapping[str, type], key: str, not_null: set[str]
) -> None:
    """Run what sqlite-utils writes: some of its releases end our transaction when they run it themselves."""
    from sqlite_utils import Database

    made = Database(db, execute_plugins=False)
    db.execute(made.create_table_sql(name, dict(columns), pk=key, not_null=not_null))


@cache
def triggers() -> Mapping[str, str]:
    """The statements of our triggers by name."""
    text = files("shall.evidence").joinpath("tables.sql").read_text(encoding="utf-8")
    return {m[1]: m[0] for m in re.finditer(r"^CREATE TRIGGER (\w+).*?END;$", text, re.DOTALL | re.MULTILINE)}


def put_meta(db: sqlite3.Connection, **values: str) -> None:
    """Set what the store says about itself, over what it said before."""
    db.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", values.items())


def walk(db: sqlite3.Connection) -> Iterator[Revision | Break]:
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
