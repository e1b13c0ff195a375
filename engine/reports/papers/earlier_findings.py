"""What earlier audits left open, as the plan of an audit and its report show it: taken from the carry-over."""

from collections.abc import Iterator

from shall.engine.audit.carried import Entry, What
from shall.engine.audit.carry_view import reason
from shall.engine.reports.papers.audits import Audit, Item
from shall.engine.reports.records import Record

VERIFIED: tuple[What, ...] = ("open_finding", "unverified_action", "dispute", "recurrence")
"""What an audit has to verify of earlier ones: their nonconformities not closed, or not seen to stay away."""


def earlier(audit: Audit) -> Iterator[tuple[Entry, Record]]:
    """Nonconformities of other audits that entered this one, in the order of their ids, each with why."""
    for entry in sorted(audit.carried.of(*VERIFIED), key=lambda e: e.record):
        raised = audit.records.one("audit_finding", entry.record)
        if raised is not None and not audit.owns(raised):
            yield entry, raised


def to_verify(audit: Audit) -> list[Item]:
    """Those of the units that the timetable visits, and those of no unit; all where it names no unit."""
    units = _visited(audit)
    return [_row(audit, *one) for one in earlier(audit) if not units or one[0].unit in (None, *units)]


def elsewhere(audit: Audit) -> str:
    """Those of units that the timetable does not visit, with the unit; empty where there are none."""
    units = _visited(audit)
    left = [entry for entry, _ in earlier(audit) if units and entry.unit not in (None, *units)]
    told = [audit.t("of_unit", id=e.record, unit=audit.records.label("unit", e.unit)) for e in left]
    return audit.t("to_verify_elsewhere", names=audit.joined(told)) if told else ""


def _visited(audit: Audit) -> set[str]:
    return {str(s["unit"]) for s in audit.sessions if s.get("unit")}


def _row(audit: Audit, entry: Entry, raised: Record) -> Item:
    word = audit.records.word
    return {
        "id": entry.record,
        "criterion": audit.criterion(raised) or audit.none,
        "grade": word("audit_finding", {"grade": entry.grade}, "grade") or audit.none,
        "unit": word("audit_finding", raised, "unit") or audit.none,
        "statement": str(raised.get("description") or audit.none),
        "why": reason(entry, audit.lang),
        "due": _due(audit, entry),
    }


def _due(audit: Audit, entry: Entry) -> str:
    if entry.due is None:
        return audit.none
    return audit.t("late_since", on=entry.due) if entry.overdue else entry.due.isoformat()
