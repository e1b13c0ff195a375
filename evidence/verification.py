"""Whether a store is what it was: its chain, its projections, its attachments, its triggers, its file."""

import re
import sqlite3

from shall.evidence.ledger import START, Attachment, Break, Position, Shape, Verification
from shall.evidence.projections import differs, fits, project
from shall.evidence.tables import triggers, walk

DIGEST = re.compile(r"[0-9a-f]{64}")


def verify(
    db: sqlite3.Connection, copy: sqlite3.Connection, shape: Shape, known: Position | None
) -> Verification:
    """Everything that is not as it was, in one state of the store; `known` is a position noted down earlier.

    `copy` holds empty projections, filled here from the ledger to compare with. `db` is left in a transaction.
    """
    db.execute("BEGIN")
    head, broken, odd, cited = START, None, set(), set()
    for found in walk(db):
        if isinstance(found, Break):
            broken = found
            break
        head = (found.seq, found.hash)
        if known and known[0] == head[0] and known != head:
            broken = Break(head[0], "rewritten")
            break
        cited.add(found.body.get("document"))
        if fits(shape, found):
            project(copy, shape, found)
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
        else tuple(sorted(odd | {kind for kind in shape if differs(db, copy, kind)})),
        attachments=altered,
        triggers=_other_triggers(db),
        damage=tuple(str(line) for (line,) in db.execute("PRAGMA integrity_check") if line != "ok"),
        missing=tuple(
            sorted(d for d in cited if isinstance(d, str) and DIGEST.fullmatch(d) and d not in held)
        ),
    )


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
    ours = {name: statement.removesuffix(";") for name, statement in triggers().items()}
    return tuple(sorted(name for name in found.keys() | ours.keys() if found.get(name) != ours.get(name)))
