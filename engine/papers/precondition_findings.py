"""Conditions about findings: what became of them, who verified it, and by when."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from shall.engine.audit.lifecycle import AUDITOR, Case, Event
from shall.engine.papers.earlier_findings import earlier
from shall.engine.papers.precondition_facts import Facts, Told, says_none
from shall.engine.trees import shift_months

VERIFIED = ("effectiveness_verified", "closed", "withdrawn")
"""States in which the effect of what was done has been verified, or nothing is left to do."""
PLANNED = ("accepted", "implemented", "implementation_verified", *VERIFIED)
"""States in which the plan of a nonconformity has been accepted."""
STAGE_2 = 6
"""Months after stage 2 within which majors are verified."""


def majors(f: Facts) -> Told:
    """Majors of this audit are verified."""
    return _states(f, lambda case: case.grade == "major", VERIFIED)


def minors(f: Facts) -> Told:
    """Minors of this audit have an accepted plan."""
    return _states(f, lambda case: case.grade == "minor", PLANNED)


def _states(f: Facts, which: Callable[[Case], bool], enough: Sequence[str]) -> Told:
    found = {record: case for record, case in f.standing.items() if which(case)}
    short = [record for record, case in found.items() if case.state not in enough]
    if short:
        return "not_met", f.names(short)
    lost = _lost(f)
    return ("unknown", f.names(lost)) if lost else ("met", f.names(list(found)))


def _lost(f: Facts) -> list[str]:
    """Nonconformities of this audit of which no steps can be told, because the record lacks what that takes."""
    graded = [x for x in f.audit.findings if x.get("grade") in ("major", "minor", None)]
    return [str(x["id"]) for x in graded if str(x["id"]) not in f.audit.cases]


def disputes(f: Facts) -> Told:
    """No dispute waits for its decision, and the file says that no issue is left unresolved."""
    open_ones = [record for record, case in f.standing.items() if case.state == "disputed"]
    if open_ones:
        return "not_met", f.names(open_ones)
    if not f.file.get("unresolved"):
        return "unknown", f.why("blank", names=f.audit.t("unresolved"))
    return ("met" if says_none(f.file["unresolved"]) else "unknown"), f.audit.word("unresolved")


def earlier_ones(f: Facts) -> Told:
    """Majors of earlier audits are verified, minors at least planned for; before a recertification verified too."""
    cases = {str(raised["id"]): f.audit.cases[str(raised["id"])] for _, raised in earlier(f.audit)}
    external = {record for record in cases if _external(f, record)} if f.kind == "recertification" else set()
    short = [
        record
        for record, case in cases.items()
        if case.state not in (VERIFIED if case.grade == "major" else PLANNED)
        or (record in external and not _seen(case))
    ]
    return ("not_met", f.names(short)) if short else ("met", f.names(list(cases)))


def _external(f: Facts, record: str) -> bool:
    raised = f.audit.records.one("audit_finding", record) or {}
    return raised.get("origin") != "internal" and not raised.get("internal_audit")


def _seen(case: Case) -> bool:
    """Whether somebody verified what was done, or there was nothing to do in the end."""
    events = ("implementation_verified", "effectiveness_verified")
    kept = case.state in (*events, *VERIFIED)
    return case.state == "withdrawn" or (
        kept and any(s.event in events and s.outcome == "confirmed" for s in case.steps)
    )


def verifiers(f: Facts) -> Told:
    """Whatever an auditor decided about a major was decided by the body's people, free of ties."""
    cases = {record: case for record, case in f.raised.items() if case.was_major}
    for _, raised in earlier(f.audit):
        record, case = str(raised["id"]), f.audit.cases[str(raised["id"])]
        if case.was_major and _external(f, record):
            cases[record] = case
    told = [
        _entitled(f, record, s) for record, case in cases.items() for s in case.steps if s.event in AUDITOR
    ]
    if cases and not told:
        return "unknown", f.audit.none
    return f.weighed(told, f.names(list(cases)))


def _entitled(f: Facts, record: str, step: Event) -> Told:
    """Whether a step on a finding was taken by somebody of the body: a member of one of its teams, free of ties."""
    name = step.actor.name
    rows = [str(r["id"]) for r in f.audit.records.of("auditor") if name in (r["id"], r.get("person"))]
    named = f"{record} {f.audit.who(name)}"
    if not rows:
        return "not_met", f.why("no_auditor", who=named)
    day = step.on.isoformat() if step.on else f.audit.records.on
    for auditor in rows:
        if ties := f.ties(auditor, named, day, day):
            return "not_met", f.audit.t("semicolon").join(ties)
    whose = [own for auditor in rows if (own := f.own_people(auditor, named))]
    if whose:
        return f.weighed(whose)
    return ("met", "") if f.body_people & set(rows) else ("unknown", f.why("no_team_of_body", who=named))


# --- in time -------------------------------------------------------------------------------------


def six_months(f: Facts) -> Told:
    """Majors are verified within six months of the last day of stage 2, or may still be."""
    if not any(case.grade == "major" for case in f.standing.values()):
        return "met", ""
    if not f.audit.last_day:
        return "unknown", ""
    return _verified_by(f, shift_months(date.fromisoformat(f.audit.last_day), STAGE_2))


def majors_before_expiry(f: Facts) -> Told:
    """Majors of a recertification are verified before the certificate expires, or may still be."""
    expires = str((f.audit.certificate or {}).get("expires_on") or "")
    if not expires:
        return "unknown", f.why("blank", names=f.audit.t("expires_on"))
    return _verified_by(f, date.fromisoformat(expires))


def _verified_by(f: Facts, limit: date) -> Told:
    days = [_verified_on(case) for case in f.standing.values() if case.grade == "major"]
    if any((day or f.audit.ask.on) > limit for day in days):
        return "not_met", limit.isoformat()
    return ("unknown" if None in days else "met"), limit.isoformat()


def _verified_on(case: Case) -> date | None:
    """The day the effect of a nonconformity's actions was verified."""
    if case.state not in VERIFIED:
        return None
    steps: Iterator[date | None] = (
        s.on for s in case.steps if s.event == "effectiveness_verified" and s.outcome == "confirmed"
    )
    return max((day for day in steps if day), default=case.closed_on)
