"""What an audit looked at, unit by unit: what the timetable planned, what results are on record, by whom."""

from collections.abc import Iterable, Sequence

from shall.engine.papers.audits import Audit, Item, clauses_of
from shall.engine.papers.wording import ordered, told
from shall.engine.reports.records import Record


def sampled(audit: Audit) -> list[Item]:
    """A row for each unit that the timetable or a result names, in the order of their first day.

    `clauses` are the planned ones, `seen` those with a result on record; what has no unit comes last.
    """
    planned = [s for s in audit.sessions if s.get("session_type") in (None, "audit")]
    units = dict.fromkeys(str(r.get("unit") or "") for r in (*planned, *audit.looked_at))
    rows = [
        _row(audit, unit, [s for s in planned if _of(s, unit)], [s for s in audit.looked_at if _of(s, unit)])
        for unit in units
    ]
    return sorted(rows, key=lambda row: row["unit"] == audit.t("no_unit"))


def _of(record: Record, unit: str) -> bool:
    return str(record.get("unit") or "") == unit


def _row(audit: Audit, unit: str, planned: Sequence[Record], seen: Sequence[Record]) -> Item:
    results = dict.fromkeys(told(audit, s["audit_result"]) for s in seen if s.get("audit_result"))
    days = sorted({str(s.get("audited_on")) for s in seen} - {"None"})
    days = days or sorted({str(s.get("held_on")) for s in planned} - {"None"})
    people = [audit.who(s.get("auditor")) for s in (seen or planned)]
    names = [n for s in planned for n in clauses_of(s)]
    return {
        "day": "\n".join(days) or audit.none,
        "unit": audit.records.label("unit", unit) if unit else audit.t("no_unit"),
        "clauses": _places(audit, names) or audit.t("not_planned"),
        "seen": _places(audit, [_seen(audit, s) for s in seen]) or audit.none,
        "auditor": audit.joined(people),
        "result": "\n".join(results) or audit.none,
    }


def _seen(audit: Audit, scope: Record) -> str:
    clause = str(scope.get("clause") or "")
    return clause or audit.records.word("audit_scope", scope, "focus")


def _places(audit: Audit, names: Iterable[str]) -> str:
    """Clauses by standard, the number of each standard once, in their order."""
    found: dict[str, list[str]] = {}
    for name in filter(None, names):
        key, _, clause = name.rpartition(":")
        found.setdefault(key, []).append(clause)
    comma = audit.t("comma")
    return "\n".join(f"{audit.number(key)} {comma.join(ordered(cs))}".strip() for key, cs in found.items())
