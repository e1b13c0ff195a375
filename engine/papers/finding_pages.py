"""What papers say about a nonconformity: as it was raised, as it stands, with every step and who took it.

Nothing here comes from anybody but the records: what the audited side has not answered yet stays empty, because whoever
audits suggests neither a cause nor a solution.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from shall.engine.audit.deadlines import DueNext, action_due, close_due, due, extensions
from shall.engine.audit.history import Followed
from shall.engine.audit.lifecycle import Case, Event, fold
from shall.engine.audit.records import action_id
from shall.engine.papers.criteria import split
from shall.engine.papers.desk import Desk
from shall.evidence.ledger import PUT
from shall.texts import say

CITED = 40
"""So many records of a finding's evidence are shown one by one."""

_REFERENCE = re.compile(r"(?<![\w:])([a-z_]+):([^\s,，;；、]+)")


def audit_name(desk: Desk, case: Case) -> str:
    """The audit a finding came from."""
    raised = desk.raised[case.finding.record]
    return desk.named("internal_audit", raised["internal_audit"]) or desk.named("audit_file", raised["audit"])


def page(desk: Desk, standing: Followed) -> dict[str, Any]:
    """Everything on record about one nonconformity, as named fields."""
    case, says = standing.case, desk.says
    finding, raised = case.finding, desk.raised[case.finding.record]
    answered = _last(case, "answered")
    grade = say(f"audit.grade_{case.grade}", desk.lang)
    heading = " ".join(part for part in (finding.record, finding.address or finding.clause, grade) if part)
    return {
        "heading": heading,
        "number": finding.record,
        "audit": audit_name(desk, case),
        **_criterion(desk, case),
        "statement": _statement(desk, case),
        "evidence": finding.evidence or says("not_on_record"),
        "evidence_records": list(_cited(desk, finding.record, finding.evidence or "")),
        "unit": desk.named("unit", finding.unit) or says("no_unit"),
        "site": desk.named("site", raised["site"]) or says("not_on_record"),
        "auditor": desk.who(finding.auditor) or says("not_on_record"),
        "found_on": finding.found_on.isoformat(),
        **_grade(desk, case),
        "state": say(f"audit.state_{case.state}", desk.lang),
        "acknowledged": _acknowledged(desk, case, answered),
        "dispute": _dispute(desk, case),
        "due": _dues(desk, case),
        "answer": _answer(desk, answered),
        "review": _step(desk, case, "reviewed"),
        "implemented": _step(desk, case, "implemented"),
        "implementation": _step(desk, case, "implementation_verified"),
        "effectiveness": _step(desk, case, "effectiveness_verified"),
        "closed": _closed(desk, case),
        "own": list(_own(desk, case)),
        "history": list(_history(desk, standing)),
        "irregular": _irregular(desk, standing),
    }


def _statement(desk: Desk, case: Case) -> str:
    """What was found; told where it was made from the records and no auditor has worded it."""
    text = case.finding.description or desk.says("not_on_record")
    return f"{text}\n{desk.says('generated')}" if case.finding.generated else text


def _criterion(desk: Desk, case: Case) -> dict[str, Any]:
    finding = case.finding
    plan = desk.plan(finding.ruleset) if finding.ruleset else None
    head = plan.standards[finding.ruleset] if plan and finding.ruleset else {}
    provision = plan.provision(finding.ruleset or "", finding.address or "") if plan else None
    gist = provision.gist if provision else {}
    kept, further = split(finding.criterion, finding.further)
    clause = provision.clause if provision else finding.clause or ""
    titles = head.get("clauses", {}).get(clause)
    missing = desk.says("not_on_record")
    return {
        "standard": {
            "number": head.get("number") or finding.ruleset or missing,
            "title": head["title"][desk.lang] if head else missing,
            "edition": head.get("edition") or missing,
        },
        "address": finding.address or finding.clause or missing,
        "clause": f"{clause} {titles[desk.lang]}" if titles else clause or missing,
        "asks": "\n".join(gist[desk.lang] if line in gist.values() else line for line in kept.split("\n"))
        or gist.get(desk.lang, missing),
        "further": "\n".join(_further(desk, *one) for one in further) or desk.says("no_further"),
    }


def _further(desk: Desk, ruleset: str, address: str, asks: str) -> str:
    """A further criterion with what it asks, in the language of the paper where it is one of our gists."""
    plan = desk.plan(ruleset)
    provision = plan.provision(ruleset, address) if plan else None
    if provision and asks in ("", *provision.gist.values()):
        asks = provision.gist[desk.lang]
    number = plan.standards[ruleset]["number"] if plan else ruleset
    return desk.says("further_told", place=f"{number} {address}".strip(), asks=asks).rstrip(": ：")


def _cited(desk: Desk, finding: str, evidence: str) -> Iterator[dict[str, str]]:
    """The records an engine-made evidence names (`kind:id`), as they stood when the finding was put on record."""
    ask, store, records = desk.ask, desk.store, desk.records
    raised = store.history(ask.organisation, "audit_finding", finding)[0].seq
    seen = dict.fromkeys((kind, name) for kind, name in _REFERENCE.findall(evidence) if kind in records.kinds)
    for kind, name in list(seen)[:CITED]:
        entries = store.history(ask.organisation, kind, name)
        entries = [e for e in entries if e.action == PUT and e.seq <= (ask.known or e.seq)]
        if entries:
            entry = next((e for e in reversed(entries) if e.seq <= raised), entries[-1])
            own = [c.name for c in records.kinds[kind].columns if not c.common]
            yield {
                "record": desk.says("named", name=records.kind(kind), id=name),
                "says": records.joined(kind, entry.body, own, named=True),
                "unit": desk.named("unit", str(entry.body.get("unit") or "")),
                "site": desk.named("site", str(entry.body.get("site") or "")),
                "document": records.word(kind, entry.body, "document"),
            }


def _grade(desk: Desk, case: Case) -> dict[str, Any]:
    finding, says = case.finding, desk.says
    key, _, name = (finding.graded_by or "").partition(":")
    rule = next((r for r in desk.policy.rules if key == desk.policy.key and r.name == name), None)
    regrade = _last(case, "regraded")
    return {
        "grade": say(f"audit.grade_{case.grade}", desk.lang),
        "raised_as": say(f"audit.grade_{finding.grade}", desk.lang),
        "graded_by": _graded_by(desk, finding.graded_by),
        "rule": rule.says[desk.lang] if rule else says("no_rule") if key in ("", "checklist") else "",
        "regrade": _told(desk, regrade, says("not_regraded")),
    }


def _graded_by(desk: Desk, code: str | None) -> str:
    if code is None:
        return desk.says("graded_by_auditor")
    return desk.says("graded_on_checklist") if code.startswith("checklist:") else code


def _last(case: Case, event: str) -> Event | None:
    return next((s for s in reversed(case.steps) if s.event == event), None)


def _told(desk: Desk, event: Event | None, absent: str = "") -> dict[str, str]:
    """A step's day, who took it, what came of it and why, and all of it in one text; empty where it was not taken."""
    if event is None:
        return {
            "said": absent or desk.says("not_yet"),
            **dict.fromkeys(("on", "by", "outcome", "reason"), ""),
        }
    outcome = say(f"audit.outcome_{event.outcome}", desk.lang).lstrip("：: ") if event.outcome else ""
    outcome = say(f"audit.grade_{event.grade}", desk.lang) if event.grade else outcome
    on, by = event.on.isoformat() if event.on else "", desk.who(event.actor.name)
    return {
        "said": _said(desk, outcome, on, by, event.reason),
        "on": on,
        "by": by,
        "outcome": outcome,
        "reason": event.reason or "",
    }


def _said(desk: Desk, outcome: str, on: str, by: str, reason: str | None) -> str:
    short = say("document.comma", desk.lang).join(part for part in (outcome, on, by) if part)
    return f"{short}\n{reason}" if reason else short


def _step(desk: Desk, case: Case, event: str) -> dict[str, str]:
    """The last such step since the answer that stands: an earlier answer's review says nothing about this one."""
    answers = [n for n, s in enumerate(case.steps) if s.event == "answered"]
    since = case.steps[answers[-1] :] if answers else case.steps
    return _told(desk, next((s for s in reversed(since) if s.event == event), None))


def _closed(desk: Desk, case: Case) -> dict[str, str]:
    told = _step(desk, case, "closed")
    if case.closed_on and not told["on"] and case.state == "closed":
        on, why = case.closed_on.isoformat(), desk.says("closed_by_organisation")
        told |= {"said": _said(desk, "", on, "", why), "on": on, "reason": why}
    return told


def superseded(case: Case) -> set[str]:
    """Corrective actions of answers that no longer stand: sent back, replaced, or for a withdrawn finding."""
    answers = sum(s.event == "answered" for s in case.steps)
    standing = answers if case.state not in ("rejected", "withdrawn") else 0
    return {action_id(case.finding.record, n) for n in range(1, answers + 1) if n != standing}


def _own(desk: Desk, case: Case) -> Iterator[dict[str, str]]:
    """What the organisation wrote about it itself: its nonconformity, with the actions joined in one text."""
    records, gone, finding = desk.records, superseded(case), case.finding.record
    for record in records.of("nonconformity"):
        if record.get("audit_finding") != finding:
            continue
        word = {name: records.word("nonconformity", record, name) for name in OWN}
        actions = [a for a in records.of("corrective_action") if a.get("nonconformity") == record["id"]]
        told = [_action(desk, a) for a in actions]
        lines = [
            desk.says("action_gone" if a["id"] in gone else "action_told", id=a["id"], text=text)
            for a, text in zip(actions, told, strict=True)
        ]
        yield {"record": str(record["id"]), **word, "actions": "\n".join(lines)}


def _action(desk: Desk, action: Mapping[str, Any]) -> str:
    """An action in one text; whether it was effective is said with yes or no."""
    parts = [desk.records.joined("corrective_action", action, ACTION, named=True)]
    if effective := desk.records.word("corrective_action", action, "effective"):
        parts.append(desk.says("effective_told", answer=effective))
    return say("document.comma", desk.lang).join(part for part in parts if part)


OWN = (
    "correction",
    "corrected_on",
    "cause",
    "has_consequences",
    "consequences",
    "consequences_handled",
    "similar_checked_on",
    "similar_result",
    "system_change_needed",
    "closed_on",
)
ACTION = ("measure", "responsible", "due_on", "completed_on", "result", "effect_reviewed_on")


def _answer(desk: Desk, answered: Event | None) -> dict[str, str]:
    names = ("correction", "cause", "action")
    return {
        **{name: (getattr(answered, name) or "") if answered else "" for name in names},
        "owner": desk.who(answered.owner) if answered else "",
        "due_on": answered.due_on.isoformat() if answered and answered.due_on else "",
        **{name: _told(desk, answered)[name] for name in ("said", "on", "by")},
    }


def _acknowledged(desk: Desk, case: Case, answered: Event | None) -> str:
    if case.state == "disputed":
        return desk.says("acknowledged_disputed")
    if answered:
        told = _told(desk, answered)
        return desk.says("acknowledged_answered", on=told["on"], by=told["by"])
    return desk.says("acknowledged_not")


def _dispute(desk: Desk, case: Case) -> dict[str, str]:
    """The last dispute and what was decided about it."""
    disputed = _last(case, "disputed")
    later = case.steps[case.steps.index(disputed) :] if disputed else ()
    decided = next((s for s in later if s.event == "dispute_decided"), None)
    key = "none" if not disputed else "open" if not decided else str(decided.outcome)
    made, told = _told(desk, disputed), _told(desk, decided)
    lines = [desk.says(f"dispute_{key}")]
    lines += [desk.says("dispute_made", said=made["said"])] if disputed else []
    lines += [desk.says("dispute_settled", said=told["said"])] if decided else []
    return {
        "open": desk.says("dispute_open") if key == "open" else "",
        "said": "\n".join(lines),
        **{name: made[name] for name in ("on", "by", "reason")},
        **{f"decided_{name}": told[name] for name in ("on", "by", "reason")},
    }


def _dues(desk: Desk, case: Case) -> dict[str, str]:
    """When the answer, its review, the action and the close are or were due; what is next and whether it is late."""
    answers = [n for n, s in enumerate(case.steps) if s.event == "answered"]
    before = case.steps[: answers[-1]] if answers else case.steps
    reply = due(fold(case.finding, before).case, desk.policy, desk.days)
    review = (
        due(fold(case.finding, case.steps[: answers[-1] + 1]).case, desk.policy, desk.days)
        if answers
        else None
    )
    action = action_due(case)
    waits = desk.says("after_dispute")
    reply = reply if reply and reply.what == "answer" else None
    return {
        "answer": waits if case.state == "disputed" else _day(desk, reply),
        "review": _day(desk, review),
        "action": action.isoformat() if action and case.state != "rejected" else "",
        "close": "" if case.state == "withdrawn" else _day(desk, close_due(case, desk.policy, desk.days)),
        "extended": _extended(desk, case),
        "next": next_due(desk, case),
    }


def _extended(desk: Desk, case: Case) -> str:
    """Every extension: by whom and when, from which day to which, whether it was asked late, and why."""
    told = [
        desk.says(
            "extension",
            on=one.step.on,
            by=desk.who(one.step.actor.name),
            told=one.text(desk.lang),
            reason=one.step.reason,
        )
        for one in extensions(case, desk.policy, desk.days)
    ]
    return "\n".join(told) or desk.says("not_extended")


def _day(desk: Desk, when: DueNext | None) -> str:
    if when is None:
        return ""
    return desk.says("assumed", on=when.on) if when.assumed else when.on.isoformat()


def next_due(desk: Desk, case: Case) -> str:
    """What is due next and when, with how late it is."""
    coming = due(case, desk.policy, desk.days)
    if coming is None:
        return desk.says("nothing_due")
    told = desk.says("next", what=say(f"audit.due_{coming.what}", desk.lang), on=_day(desk, coming))
    late = (desk.ask.on - coming.on).days
    return told + say("audit.overdue", desk.lang, days=late) if late > 0 else told


def _history(desk: Desk, standing: Followed) -> Iterator[dict[str, str]]:
    finding = standing.case.finding
    entries = desk.store.history(desk.ask.organisation, "audit_finding", finding.record)
    put_off = {
        one.step.record: one.text(desk.lang) for one in extensions(standing.case, desk.policy, desk.days)
    }
    yield {
        "number": "0",
        "on": finding.found_on.isoformat(),
        "by": desk.who(finding.auditor) or desk.says("not_on_record"),
        "step": say("audit.event_raised", desk.lang),
        "brought": say(f"audit.grade_{finding.grade}", desk.lang),
        "entry": str(entries[0].seq),
    }
    for number, event in enumerate(standing.case.steps, 1):
        outcome = say(f"audit.outcome_{event.outcome}", desk.lang) if event.outcome else ""
        yield {
            "number": str(number),
            "on": event.on.isoformat() if event.on else "",
            "by": desk.who(event.actor.name),
            "step": say(f"audit.event_{event.event}", desk.lang) + outcome,
            "brought": "\n".join([*_brought(desk, event), *filter(None, [put_off.get(event.record)])]) or "—",
            "entry": str(event.seq),
        }


def _brought(desk: Desk, event: Event) -> Iterator[str]:
    texts: Mapping[str, str | date | None] = {
        "correction": event.correction,
        "cause": event.cause,
        "action": event.action,
        "owner": desk.who(event.owner),
        "due_on": event.due_on,
        "grade": say(f"audit.grade_{event.grade}", desk.lang) if event.grade else None,
        "reason": event.reason,
    }
    yield from (say(f"audit.has_{name}", desk.lang, text=text) for name, text in texts.items() if text)


def _irregular(desk: Desk, standing: Followed) -> str:
    """Steps on record that were not allowed, and entries that changed what is fixed: told, never counted."""
    lines: Sequence[str] = [
        say("audit.page_refused", desk.lang, record=event.record, why=error.text(desk.lang)).strip()
        for event, error in standing.folded.refused
    ]
    if standing.altered:
        entries = ", ".join(map(str, standing.altered))
        lines = [*lines, say("audit.page_altered", desk.lang, entries=entries).strip()]
    return "\n".join(lines)
