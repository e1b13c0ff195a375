"""A plan as a plain value: the same bytes for the same records, request and seed, in any language."""

import hashlib
from typing import Any

from shall.engine import __version__
from shall.engine.audit.timetable.arrange import Entry
from shall.engine.audit.timetable.conflicts import Tell
from shall.engine.audit.timetable.make import Made
from shall.engine.audit.timetable.words import View, clock
from shall.engine.audit.timetable.work import absent_on
from shall.engine.evaluation import canonical
from shall.texts import LANGUAGES, Lang

PLAN_FORMAT = 1


def result(made: Made) -> dict[str, Any]:
    """Everything the plan says."""
    facts, plan = made.facts, made.programme.plan
    views = {lang: View(made, "", lang) for lang in LANGUAGES}

    def both(tell: Tell) -> dict[str, str]:
        return {"key": tell[0].partition(".")[2], **{lang: view.told(tell) for lang, view in views.items()}}

    body: dict[str, Any] = {
        "format": PLAN_FORMAT,
        "audit": {"id": facts.audit, "title": facts.title, "internal": facts.internal},
        "organisation": {"id": facts.organisation, "name": facts.name},
        "days": [day.isoformat() for day in facts.days],
        "standards": list(plan.asked),
        "team": [
            {"id": m.id, "name": m.name, "role": "lead" if m.id == facts.lead else m.role, "counts": m.counts,
             "lacks": list(m.lacks), "absent": [str(d) for d in facts.days if absent_on(facts, m.id, d)]}
            for m in facts.members
        ],
        "status": made.status,
        "minutes": {"estimated": made.work.estimated, "required": made.work.required, "planned": made.work.planned},
        "left_out": {"units": list(made.work.left_out.units), "clauses": list(made.work.left_out.clauses)},
        "entries": [_entry(views["zh"], entry) for entry in made.entries],
        "notes": [both(note) for note in made.work.notes],
        "conflicts": [
            {"conditions": [both(c) for c in one.conditions], "helps": [both(h) for h in one.helps],
             "minimal": one.minimal}
            for one in made.conflicts
        ],
    }  # fmt: skip
    if made.entries:
        body["cost"] = {"found": made.cost, "no_plan_below": made.bound}
    body["receipt"] = {
        "software": f"shall {__version__}",
        "solver": f"ortools {made.solver}",
        "seed": made.seed,
        "request": made.request.digest,
        "rules": made.programme.policy.head(),
        "rulesets": {key: plan.standards[key]["digest"] for key in plan.asked},
        "ledger": {"position": facts.position[0], "head": facts.position[1]},
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }
    return body


def _entry(view: View, entry: Entry) -> dict[str, Any]:
    made = view.made
    task = made.work.puzzle.tasks[entry.task] if entry.task is not None else None
    found: dict[str, Any] = {
        "type": entry.kind,
        "day": made.facts.days[entry.day].isoformat(),
        "starts": clock(entry.start),
        "ends": clock(entry.end),
        "auditors": list(entry.who),
        "accompanied_by": view.company(entry),
        "site": entry.site,
    }
    if task is not None:
        found |= {"unit": task.unit, "clauses": view.clauses(entry), "remote": task.site is None}
    if entry.kind == "travel":
        found["from_site"] = entry.origin
    return found


def view_of(made: Made, lang: Lang) -> tuple[View, dict[str, Any]]:
    """The plan in one language, and its value."""
    value = result(made)
    return View(made, value["receipt"]["result"], lang), value
