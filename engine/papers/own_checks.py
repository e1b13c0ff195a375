"""The internal audits and management reviews of the audited organisation, as an audit for a certificate tells them."""

from collections.abc import Sequence

from shall.engine.papers.audits import Audit, Item
from shall.engine.reports.document.blocks import said
from shall.engine.reports.records import Record

KEPT = 2
"""So many of each, the latest, are told."""
CHECKS = (
    (
        "internal_audit",
        "audited_on",
        "audited_scope",
        ("conforms_standard", "conforms_own", "implemented_effectively", "performance_improving"),
    ),
    (
        "management_review",
        "reviewed_on",
        "chaired_by",
        ("suitable", "adequate", "effective", "aligned_with_strategy", "overall_conclusion"),
    ),
)
"""Kinds of record, each with the columns of its day, of what it was about, and of what it concluded."""


def own_checks(audit: Audit) -> list[Item]:
    """The latest that were held by the last day of the audit, internal audits first, by day."""
    until = audit.last_day or audit.records.on
    rows = []
    for kind, on, about, concluded in CHECKS:
        held = [r for r in audit.records.of(kind) if r.get(on) and str(r[on]) <= min(until, audit.records.on)]
        held.sort(key=lambda r: (str(r[on]), str(r["id"])))
        rows += [_row(audit, kind, r, on, about, concluded) for r in held[-KEPT:]]
    return rows


def _row(audit: Audit, kind: str, record: Record, on: str, about: str, concluded: Sequence[str]) -> Item:
    words = audit.records
    found = [
        said("named", audit.lang, name=words.head(kind, column), value=text)
        for column in concluded
        if (text := words.word(kind, record, column))
    ]
    matter = words.word(kind, record, about)
    named = said("named", audit.lang, name=words.head(kind, about), value=matter)
    return {
        "record": audit.t("record_named", kind=words.kind(kind), id=record["id"], name="").strip(),
        "day": str(record[on]),
        "about": named if matter else audit.none,
        "found": audit.t("semicolon").join(found) or audit.none,
    }
