"""An auditor words a statement that was made from the records, before the audited side answers it."""

from datetime import date, datetime

from shall.engine.audit.history import FINDING, GENERATED, actor_of, one
from shall.engine.audit.lifecycle import Event, check_wording
from shall.engine.audit.people import People
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts.errors import UsageError

WORDED = "由 {by} 于 {on} 改写 / worded by {by} on {on}"
"""Stands in the note of a finding afterwards."""


def word(
    store: Store,
    organisation: str,
    record: str,
    statement: str,
    evidence: str | None,
    by: str,
    on: date,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Put a statement (and evidence, where given) in place of the one on record; the ledger keeps what stood.

    Raises Refused where the finding has been answered, or `by` may take no auditor's step on it on that day.
    """
    if not statement.strip():
        raise UsageError("audit.no_words")
    standing = one(store, organisation, record)
    who = actor_of(People(store, organisation, None), by, on, standing.raw)
    check_wording(standing.case, Event(record, "worded", on, who))
    body = next(b for b in store.records(FINDING, organisation) if b["id"] == record)
    kept = str(body.get("note") or "").replace(GENERATED, "").strip("; ")
    note = "; ".join(part for part in (kept, WORDED.format(by=who.name, on=on)) if part)
    told = {"description": statement, "evidence": evidence or body.get("evidence"), "note": note}
    worded = {k: v for k, v in {**body, **told}.items() if v is not None}
    store.commit(organisation, [Change(PUT, FINDING, record, worded)], actor=actor, at=at)
