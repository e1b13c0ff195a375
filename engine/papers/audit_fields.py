"""Fields of an audit that its plan, its report and the recommendation share."""

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

from shall.engine.audit.carry_view import reason
from shall.engine.audit.lifecycle import Case, Event
from shall.engine.papers import audit_days
from shall.engine.papers.audits import TEMPORARY, Audit, Item, clauses_of, steps_of
from shall.engine.papers.criteria import split
from shall.engine.papers.earlier_findings import actions_verified, earlier
from shall.engine.papers.wording import graded_by, ordered, told
from shall.engine.reports.records import Record
from shall.texts import say


def about(audit: Audit) -> Item:
    """What the file says of the audit as a whole, in words."""
    word, profile = audit.word, audit.organisation
    return {
        "id": audit.id,
        "title": word("title"),
        "type": word("audit_type"),
        "body": word("body"),
        "objectives": word("objectives"),
        "standards": audit.joined(_standard(audit, key) for key in audit.standards),
        "criteria": word("criteria"),
        "scope": word("audited_scope"),
        "units": audit.joined(
            audit.records.label("unit", s["unit"]) for s in _entries(audit) if s.get("unit")
        ),
        "integration": word("integration"),
        "first_day": audit.first_day or audit.none,
        "last_day": audit.last_day or audit.none,
        "days_planned": audit_days.planned(audit),
        "days_spent": word("days_spent"),
        "days_on_site": audit_days.on_site(audit),
        "lead": audit.lead,
        "reported_on": word("reported_on"),
        "recommendation": word("recommendation"),
        "recommended_by": audit.who(audit.file.get("recommended_by")) or audit.none,
        "recommended_on": word("recommended_on"),
        "client": {
            "name": str(profile.get("name") or audit.ask.organisation),
            "address": str(profile.get("address") or audit.none),
            "credit_code": str(profile.get("credit_code") or audit.none),
            "representative": word("client_representative"),
        },
    }


def _standard(audit: Audit, key: str) -> str:
    return audit.number(key) if key in audit.numbers else audit.t("unknown_standard", key=key)


def _entries(audit: Audit) -> Sequence[Record]:
    """Where the audit went: its timetable, else its records of checks."""
    return audit.sessions or audit.looked_at


MEETINGS = ("opening", "team", "closing", "travel")
"""Entries of a timetable that audit nothing: whether they are held remotely, and clauses, need not be said."""
SAME = ("held_on", "starts", "ends", "session_type", "site", "unit", "clauses", "remote")
"""Columns by which entries of several auditors are one line of the timetable."""


def timetable(audit: Audit, types: Container[str] | None = None) -> list[Item]:
    """The lines of the timetable, or those of some types: one for all auditors who do the same at one time."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for s in audit.sessions:
        if types is None or s.get("session_type") in types:
            found.setdefault(tuple(s.get(column) for column in SAME), []).append(s)
    return [_line(audit, entries) for entries in found.values()]


def _line(audit: Audit, entries: Sequence[Record]) -> Item:
    one, word, dash = entries[0], audit.records.word, audit.t("dash")
    absent = dash if one.get("session_type") in MEETINGS else audit.none
    return {
        "day": str(one.get("held_on") or audit.none),
        "time": dash.join(str(one[c]) for c in ("starts", "ends") if one.get(c)),
        "place": word("audit_session", one, "site") or dash,
        "unit": word("audit_session", one, "unit") or dash,
        "what": word("audit_session", one, "session_type"),
        "clauses": _clauses(audit, one) or absent,
        "auditor": audit.joined(audit.at_work(e.get("auditor")) for e in entries),
        "how": _how(audit, one) or absent,
    }


def days(audit: Audit) -> list[Item]:
    """The timetable day by day."""
    found: dict[str, list[Item]] = {}
    for line in timetable(audit):
        found.setdefault(line["day"], []).append(line)
    return [{"heading": _weekday(audit, day), "day": day, "lines": lines} for day, lines in found.items()]


def _weekday(audit: Audit, day: str) -> str:
    if day == audit.none:
        return audit.t("no_day")
    return f"{day} {say(f'audit_plan.weekday_{date.fromisoformat(day).weekday()}', audit.lang)}"


def _clauses(audit: Audit, session: Record) -> str:
    """Clauses by standard, the number of each standard once."""
    found: dict[str, list[str]] = {}
    for name in clauses_of(session):
        key, _, clause = name.rpartition(":")
        found.setdefault(key, []).append(clause)
    comma = audit.t("comma")
    return "\n".join(f"{audit.number(key)} {comma.join(ordered(cs))}".strip() for key, cs in found.items())


def _how(audit: Audit, entry: Record) -> str:
    """On site or remote; empty where that is not on record."""
    remote = entry.get("remote") if "audit_file" in entry else None
    return "" if remote is None else audit.t("remote" if remote else "on_site")


def places(audit: Audit) -> list[Item]:
    """Where and when the audit was, by site; a part held remotely at no site is a place of its own."""
    found: dict[str, list[Record]] = {}
    for entry in _entries(audit):
        if entry.get("site") or entry.get("remote"):
            found.setdefault(str(entry.get("site") or ""), []).append(entry)
    return [_place(audit, site, entries) for site, entries in sorted(found.items())]


def _place(audit: Audit, site: str, entries: Sequence[Record]) -> Item:
    record = audit.records.one("site", site) or {}
    days = sorted({str(e.get("held_on") or e.get("audited_on")) for e in entries} - {"None"})
    purpose = record.get("purpose")
    kind = audit.none if not purpose else audit.t("temporary" if purpose in TEMPORARY else "permanent")
    return {
        "site": audit.records.label("site", site) if site else audit.t("no_site"),
        "address": str(record.get("address") or audit.none),
        "kind": kind,
        "purpose": audit.records.word("site", record, "purpose") or audit.none,
        "days": "\n".join(days) or audit.none,
        "how": audit.joined(_how(audit, e) for e in entries),
    }


def unvisited(audit: Audit) -> str:
    """Sites within the boundary where the audit was not; nothing can be said where it is not on record where it was."""
    been = {e.get("site") for e in _entries(audit)} - {None}
    sites = [s for s in audit.records.of("site") if s.get("in_boundary") is not False]
    if not been or not sites:
        return audit.none
    missed = (audit.records.label("site", s["id"]) for s in sites if s["id"] not in been)
    return audit.t("comma").join(missed) or audit.t("all_visited")


# --- findings ------------------------------------------------------------------------------------


def finding(audit: Audit, raised: Record) -> Item:
    """One finding with where it stands and what was answered."""
    case = audit.cases.get(str(raised["id"]))
    word = audit.records.word
    answer = case.answer if case else None
    kept, further = split(raised.get("criterion"), audit.further(raised))
    address = str(raised.get("address") or raised.get("clause") or "")
    asks = asked(audit, str(raised.get("ruleset") or ""), address, kept)
    return {
        "id": str(raised["id"]),
        "heading": f"{raised['id']}  {audit.criterion(raised).splitlines()[0]}".strip(),
        "grade": _grade(audit, raised, case),
        "standard": audit.number(str(raised["ruleset"])) if raised.get("ruleset") else audit.none,
        "address": address or audit.none,
        "criterion": asks or audit.none,
        "further": "\n".join(_further(audit, *one) for one in further) or audit.t("no_further"),
        "statement": told(audit, raised.get("description") or audit.none),
        "evidence": told(audit, raised.get("evidence") or audit.none),
        "unit": word("audit_finding", raised, "unit") or audit.none,
        "site": word("audit_finding", raised, "site") or audit.none,
        "auditor": audit.who(raised.get("auditor")) or audit.none,
        "found_on": str(raised.get("found_on") or audit.none),
        "graded_by": _graded_by(audit, raised, case),
        "state": audit.t("not_followed") if case is None else state(audit, case),
        "correction": (answer.correction if answer else "") or audit.none,
        "cause": (answer.cause if answer else "") or audit.none,
        "action": (answer.action if answer else "") or audit.none,
        "owner": audit.who(answer.owner if answer else "") or audit.none,
        "due_on": _due(case) or audit.none,
        "verified": verified(audit, case),
    }


def asked(audit: Audit, ruleset: str, address: str, kept: str) -> str:
    """What a criterion asks: our words in the language of the paper, else the words that were written down.

    In Chinese, the language findings are written in, the words of the auditor go before ours; further lines stay.
    """
    gist = audit.gist(ruleset, address)
    first, _, rest = kept.partition("\n")
    if gist and (audit.lang != "zh" or first in ("", *gist.values())):
        first = gist[audit.lang]
    return "\n".join(part for part in (first, rest) if part)


def _further(audit: Audit, ruleset: str, address: str, asks: str) -> str:
    place = f"{audit.number(ruleset)} {address}".strip()
    asks = asked(audit, ruleset, address, asks)
    return audit.t("colon").join(part for part in (place, asks) if part)


def _grade(audit: Audit, raised: Record, case: Case | None) -> str:
    """The grade that counts, and the one it was raised with where they differ."""
    word = audit.records.word
    first = word("audit_finding", raised, "grade") or audit.none
    if case is None or case.grade == case.finding.grade:
        return first
    return audit.t("regraded", now=word("audit_finding", {"grade": case.grade}, "grade"), first=first)


def _graded_by(audit: Audit, raised: Record, case: Case | None) -> str:
    regrade = case.regrade if case else None
    if regrade is None:
        return graded_by(audit, str(raised.get("graded_by") or ""))
    return audit.t("regraded_by", who=audit.who(regrade.actor.name), on=regrade.on, reason=regrade.reason)


def _due(case: Case | None) -> str:
    """The day by which the action is due, moved by an extension."""
    day = case.extended.get("action") or (case.answer.due_on if case.answer else None) if case else None
    return day.isoformat() if day else ""


def state(audit: Audit, case: Case) -> str:
    """Where a finding stands, with the day."""
    word = say(f"audit.state_{case.state}", audit.lang)
    since = case.closed_on if not case.open else case.since
    return audit.t("since", state=word, on=since) if since else word


def verified(audit: Audit, case: Case | None) -> str:
    """The steps that verified its actions, with who, when, the outcome and what was looked at."""
    steps = steps_of(case, "implementation_verified", "effectiveness_verified")
    return "\n".join(step_text(audit, step) for step in steps) or audit.none


def step_text(audit: Audit, step: Event) -> str:
    """One step in words."""
    word = audit.records.word
    what = word("finding_event", {"event": step.event}, "event")
    outcome = word("finding_event", {"outcome": step.outcome}, "outcome")
    said = audit.t("colon").join(t for t in (outcome, told(audit, step.reason or "")) if t)
    return audit.t("step", on=step.on, what=what, who=audit.who(step.actor.name), said=said).rstrip()


def disputes(audit: Audit, findings: Sequence[Record]) -> list[Item]:
    """Findings that the audited side disputed or that were withdrawn, with what was said and what was decided."""
    found = []
    for raised in findings:
        case = audit.cases.get(str(raised["id"]))
        disputed, decided = steps_of(case, "disputed"), steps_of(case, "dispute_decided", "withdrawn")
        if case and (disputed or audit.withdrawn(raised)):
            found.append(
                {
                    "id": str(raised["id"]),
                    "criterion": audit.criterion(raised),
                    "grade": _grade(audit, raised, case),
                    "statement": told(audit, raised.get("description") or audit.none),
                    "dispute": "\n".join(step_text(audit, s) for s in disputed) or audit.t("dash"),
                    "decision": "\n".join(step_text(audit, s) for s in decided) or audit.t("undecided"),
                }
            )
    return found


def earlier_rows(audit: Audit) -> list[Item]:
    """What earlier audits left: what was found, why it entered this audit, where it stands, how it was verified."""
    keep = ("id", "grade", "statement", "state", "verified")
    rows = actions_verified(audit)
    for entry, raised in earlier(audit):
        row = finding(audit, raised)
        more = {"criterion": audit.criterion(raised), "why": reason(entry, audit.lang)}
        rows.append({**{name: row[name] for name in keep}, **more})
    return sorted(rows, key=lambda row: row["id"])
