"""Conditions of an initial certification and of a recertification."""

from datetime import date
from typing import Any

from shall.engine.papers.precondition_facts import Facts, Outcome, Told
from shall.engine.trees import shift_months

RUNNING = 3
"""Months a system runs before certification."""


def stage_1(f: Facts) -> Told:
    """A stage 1 before it concluded that the organisation was ready."""
    start = f.audit.first_day or f.audit.last_day
    if f.audit.step is None or not start:
        return "unknown", ""
    before = [s for s in f.of_certificate if s.get("step") == "stage_1" and str(s["happened_on"]) <= start]
    if not before:
        return "not_met", ""
    outcomes: dict[Any, Outcome] = {True: "met", False: "not_met", None: "unknown"}
    return outcomes[before[-1].get("ready")], f"{before[-1]['id']} {before[-1]['happened_on']}"


def running(f: Facts) -> Told:
    """The system had run long enough when the audit began."""
    since, start = f.audit.organisation.get("system_since"), f.audit.first_day
    if not since or not start:
        return "unknown", str(since or "")
    enough = shift_months(date.fromisoformat(str(since)), RUNNING) <= date.fromisoformat(start)
    return ("met" if enough else "not_met"), str(since)


def internal_audit(f: Facts) -> Told:
    """An internal audit was carried out."""
    return _held(f, "internal_audit", "audited_on")


def management_review(f: Facts) -> Told:
    """A management review was held."""
    return _held(f, "management_review", "reviewed_on")


def _held(f: Facts, kind: str, column: str) -> Told:
    """Whether one was held by the last day of the audit; one that does not say when leaves it open."""
    end = f.audit.last_day or f.audit.records.on
    found = f.audit.records.of(kind)
    held = [str(r["id"]) for r in found if r.get(column) and str(r[column]) <= end]
    if held:
        return "met", f.names(held)
    undated = [str(r["id"]) for r in found if not r.get(column)]
    return ("unknown" if undated else "not_met"), f.names(undated)


def before_expiry(f: Facts) -> Told:
    """The recertification audit ended before the certificate expired."""
    expires, end = str((f.audit.certificate or {}).get("expires_on") or ""), f.audit.last_day
    if not expires or not end:
        return "unknown", expires
    return ("met" if end <= expires else "not_met"), expires


def decided_before_expiry(f: Facts) -> Told:
    """The decision was taken before the certificate expired, or still can be."""
    expires = str((f.audit.certificate or {}).get("expires_on") or "")
    if not expires:
        return "unknown", f.why("blank", names=f.audit.t("expires_on"))
    if f.decisions:
        day = str(f.decisions[0]["happened_on"])
        return ("met" if day <= expires else "not_met"), f"{day} / {expires}"
    return ("met" if f.audit.records.on <= expires else "not_met"), f.why("undecided", day=expires)
