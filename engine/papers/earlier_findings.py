"""What earlier audits left open, as the plan of an audit and its report show it: taken from the carry-over."""

from collections.abc import Iterator

from shall.engine.audit.carried import Entry, What
from shall.engine.audit.carry_view import reason
from shall.engine.papers.audits import Audit, Item
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
    rows = [_row(audit, *one) for one in earlier(audit) if _meets(one[0].unit, units)]
    rows += [_action(audit, *one) for one in actions(audit) if _meets(_unit(*one), units)]
    return sorted(rows, key=lambda row: row["id"])


def elsewhere(audit: Audit) -> str:
    """Those of units that the timetable does not visit, with the unit; empty where there are none."""
    units = _visited(audit)
    left = [(e.record, e.unit) for e, _ in earlier(audit) if not _meets(e.unit, units)]
    left += [(_name(audit, *one), _unit(*one)) for one in actions(audit) if not _meets(_unit(*one), units)]
    told = [
        audit.t("of_unit", id=name, unit=audit.records.label("unit", unit)) for name, unit in sorted(left)
    ]
    return audit.t("to_verify_elsewhere", names=audit.joined(told)) if told else ""


def _visited(audit: Audit) -> set[str]:
    return {str(s["unit"]) for s in audit.sessions if s.get("unit")}


def _meets(unit: str | None, units: set[str]) -> bool:
    """Whether something of a unit is verified by a timetable that visits these; one that names none visits all."""
    return not units or unit in (None, *units)


# --- actions of the organisation's own nonconformities ---------------------------------------------


def actions(audit: Audit) -> list[tuple[Record, Record]]:
    """Corrective actions with their nonconformity, known before the audit, whose effect nobody had reviewed.

    Those of findings are left out: findings are followed themselves.
    """
    day, found = audit.carried.on.isoformat(), []
    for action in audit.records.of("corrective_action"):
        cause = audit.records.one("nonconformity", action.get("nonconformity"))
        if cause is None or cause.get("audit_finding") or str(cause.get("found_on") or "") > day:
            continue
        reviewed = action.get("effect_reviewed_on")
        if not reviewed or str(reviewed) > day:
            found.append((action, cause))
    return sorted(found, key=lambda pair: str(pair[0]["id"]))


def _unit(action: Record, cause: Record) -> str | None:
    return cause.get("unit") or action.get("unit")


def _name(audit: Audit, action: Record, cause: Record) -> str:
    return audit.t("of_unit", id=action["id"], unit=cause["id"])


def _about(audit: Audit, action: Record, cause: Record) -> Item:
    day, done = audit.carried.on.isoformat(), action.get("completed_on")
    why = audit.t("action_done", on=done) if done and str(done) <= day else audit.t("action_open")
    said = (cause.get("nature"), action.get("measure"))
    return {
        "id": _name(audit, action, cause),
        "criterion": str(cause.get("clause") or audit.none),
        "grade": audit.records.word("nonconformity", cause, "grade") or audit.none,
        "statement": audit.t("semicolon").join(str(text) for text in said if text) or audit.none,
        "why": why,
    }


def _action(audit: Audit, action: Record, cause: Record) -> Item:
    due, unit = action.get("due_on"), _unit(action, cause)
    late = bool(due) and str(due) < audit.carried.on.isoformat() and not action.get("completed_on")
    return {
        **_about(audit, action, cause),
        "unit": audit.records.label("unit", unit) if unit else audit.none,
        "due": audit.t("late_since", on=due) if late else str(due or audit.none),
    }


def actions_verified(audit: Audit) -> list[Item]:
    """The same actions as a report tells them: where they stand now, and who reviewed their effect."""
    return [{**_about(audit, *one), **_standing(audit, one[0])} for one in actions(audit)]


def _standing(audit: Audit, action: Record) -> Item:
    day = audit.records.on
    done, reviewed = (str(action.get(name) or "") for name in ("completed_on", "effect_reviewed_on"))
    finished = bool(done) and done <= day
    effect = audit.records.word("corrective_action", action, "effective")
    who = audit.who(action.get("effect_reviewed_by"))
    told = audit.t("effect_reviewed", on=reviewed, who=who, effect=effect or audit.none)
    return {
        "state": audit.t("action_done", on=done) if finished else audit.t("action_open"),
        "verified": told if reviewed and reviewed <= day else audit.none,
    }


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
