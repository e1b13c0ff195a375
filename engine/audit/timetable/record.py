"""A plan as evidence: the sessions and the team in the ledger, in one commit."""

import re
from datetime import datetime

from shall.engine.audit.programme.situation import WHOLE
from shall.engine.audit.timetable.words import View, clock
from shall.evidence.ledger import PUT, WITHDRAW, Change
from shall.evidence.store import Store
from shall.texts.errors import UsageError


def record(store: Store, view: View, *, actor: str, at: datetime, replace: bool) -> tuple[int, int]:
    """Write the plan; returns rows written and rows withdrawn, neither where it is on record as it is.

    Raises UsageError where another plan is recorded.
    """
    made = view.made
    facts, audit = made.facts, made.facts.audit
    sessions = {str(b["id"]): b for b in store.records("audit_session", facts.organisation)}
    members = {str(b["id"]): b for b in store.records("audit_team_member", facts.organisation)}
    others = {n for n, b in sessions.items() if b.get("audit_file") != audit}
    rows = _sessions(view, others, audit)
    old = sorted(n for n, b in sessions.items() if b.get("audit_file") == audit)
    same = {n: sessions[n] for n in old} == rows
    if old and not same and not replace:
        raise UsageError("audit_plan.recorded", audit=audit, count=len(old))
    changes = [Change(WITHDRAW, "audit_session", n) for n in old if n not in rows]
    changes += [
        Change(PUT, "audit_session", n, {k: v for k, v in b.items() if k != "id"})
        for n, b in rows.items()
        if sessions.get(n) != b
    ]
    team = {str(b.get("auditor")): n for n, b in members.items() if b.get("audit_file") == audit}
    taken = set(members)
    if replace:
        gone = sorted(n for a, n in team.items() if a not in {"None", *(m.id for m in facts.members)})
        changes += [Change(WITHDRAW, "audit_team_member", n) for n in gone]
    for m in facts.members:
        role = "lead" if m.id == facts.lead else "auditor" if m.counts else m.role
        kept = dict(members[team[m.id]]) if m.id in team else {"audit_file": audit, "auditor": m.id}
        kept.pop("id", None)
        if kept.get("team_role") == role:
            continue
        name = team.get(m.id) or _free(f"{audit}-{m.id}", taken)
        taken.add(name)
        changes.append(Change(PUT, "audit_team_member", name, {**kept, "team_role": role}))
    if changes:
        store.commit(facts.organisation, changes, actor=actor, at=at)
    withdrawn = sum(c.action == WITHDRAW for c in changes)
    return len(changes) - withdrawn, withdrawn


def _free(name: str, taken: set[str]) -> str:
    """An id that no other record has."""
    name = re.sub(r"\s+", "-", name)
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}.{number}"
    return found


def _sessions(view: View, others: set[str], audit: str) -> dict[str, dict[str, object]]:
    """The rows of the plan: one for each line and each of those who take part as auditors."""
    made, found = view.made, {}
    number = 0
    for entry in made.entries:
        task = made.work.puzzle.tasks[entry.task] if entry.task is not None else None
        for auditor in entry.who:
            number += 1
            while f"{audit}-{number:03}" in others:
                number += 1
            name = f"{audit}-{number:03}"
            body: dict[str, object] = {
                "id": name,
                "audit_file": audit,
                "held_on": made.facts.days[entry.day].isoformat(),
                "starts": clock(entry.start),
                "ends": clock(entry.end),
                "session_type": entry.kind,
                "auditor": auditor,
            }
            if entry.site is not None and entry.site in made.facts.sites:
                body["site"] = entry.site
            if task is not None:
                if task.unit != WHOLE:
                    body["unit"] = task.unit
                body |= {"clauses": "; ".join(view.clauses(entry)), "remote": task.site is None}
            found[name] = body
    return found
