"""A programme as a plain value: the same bytes for the same records, rules, options and seed, in any language."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from shall.engine import __version__
from shall.engine.audit.programme.make import Cell, Programme, Visit, Why, days, half_days
from shall.engine.audit.programme.policy import FACTORS
from shall.engine.audit.programme.words import reasons, told
from shall.engine.evaluation import canonical
from shall.texts import LANGUAGES

PROGRAMME_FORMAT = 1


def result(programme: Programme) -> dict[str, Any]:
    """Everything the programme says, with its reasons in both languages."""
    situation, policy = programme.situation, programme.policy
    sequence, head = situation.position
    body: dict[str, Any] = {
        "format": PROGRAMME_FORMAT,
        "organisation": {"id": situation.organisation, "name": situation.name},
        "from": situation.on.isoformat(),
        "until": programme.rounds[-1].end.isoformat(),
        "years": programme.years,
        "seed": programme.seed,
        "standards": [
            {
                "key": k,
                "number": programme.plan.standards[k]["number"],
                "title": programme.plan.standards[k]["title"],
            }
            for k in programme.plan.asked
        ],
        "coverage": coverage(programme),
        "rounds": [_round(programme, n) for n in range(len(programme.rounds))],
        "visits": [_visit(programme, visit) for visit in programme.visits],
        "units": [_unit(programme, n) for n in range(len(situation.units))],
        "processes": [
            {**one._asdict(), "units": list(one.units), "rounds": list(one.rounds)}
            for one in programme.processes
        ],
        "focus": {name: [list(span) for span in spans] for name, spans in programme.focus.items()},
        "auditors": [
            {"id": a.id, "person": a.person, "name": a.name, "unit": a.unit, "why_not": a.why_not}
            for a in situation.auditors
        ],
        "risks": [_both(risk) for risk in programme.risks],
        "cells": [_cell(programme, cell) for cell in programme.cells],
    }
    body["receipt"] = {
        "software": f"shall {__version__}",
        "rulesets": {key: programme.plan.standards[key]["digest"] for key in programme.plan.asked},
        "rules": policy.head(),
        "ledger": {"position": sequence, "head": head},
        "emissions_from": situation.shares_from,
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }
    return body


def coverage(programme: Programme) -> dict[str, Any]:
    """What there is to cover and what is, counted from the visits themselves."""
    done = {(v.unit.id, c.matter.id) for v in programme.visits for c in v.cells}
    clauses = {matter.id for matter in programme.matters}
    audited = {matter for _, matter in done}
    covered = {
        "clauses": len(clauses),
        "clauses_done": len(clauses & audited),
        "cells": len(programme.cells),
        "cells_done": len(done),
        "processes": len(programme.processes),
        "processes_done": sum(p.complete for p in programme.processes),
        "focus": len(programme.focus),
        "focus_done": sum(all(spans) for spans in programme.focus.values()),
    }
    whole = all(covered[name] == covered[f"{name}_done"] for name in ("clauses", "cells", "processes"))
    return {**covered, "complete": whole, "missing": sorted(clauses - audited)}


def _both(why: Why) -> dict[str, Any]:
    return {"key": why[0].partition(".")[2], **{lang: told(why, lang) for lang in LANGUAGES}}


def _round(programme: Programme, n: int) -> dict[str, Any]:
    one = programme.rounds[n]
    minutes = programme.minutes[one.number]
    return {
        "number": one.number,
        "from": one.start.isoformat(),
        "until": one.end.isoformat(),
        "visits": sum(v.round == one.number for v in programme.visits),
        "minutes": minutes,
        "auditor_days": days(half_days(minutes, programme.policy.file.time.minutes_per_day)),
    }


def _visit(programme: Programme, visit: Visit) -> dict[str, Any]:
    return {
        "round": visit.round,
        "unit": visit.unit.id,
        "site": visit.unit.site,
        "clauses": by_standard(visit.cells),
        "focus": focus_of(visit.cells),
        "method": visit.method,
        "method_why": visit.method_why,
        "minutes": visit.minutes,
        "repeated_provisions": visit.repeats,
        "auditor": visit.auditor.id if visit.auditor else None,
    }


def by_standard(cells: Sequence[Cell]) -> dict[str, list[str]]:
    """The clauses by standard."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        found.setdefault(cell.matter.ruleset, []).append(cell.matter.clause)
    return found


def focus_of(cells: Sequence[Cell]) -> list[str]:
    """The points of attention that the cells touch."""
    return sorted({name for cell in cells for name in cell.matter.focus})


def _unit(programme: Programme, n: int) -> dict[str, Any]:
    situation = programme.situation
    unit = situation.units[n]
    share, data = situation.shares[unit.id], situation.data[unit.id]
    return {
        "id": unit.id,
        "name": unit.name,
        "site": unit.site,
        "function": unit.function,
        "emissions_hundredths_of_percent": share.hundredths,
        "emissions_partly_of_site": share.by_site,
        "data": {"count": data.count, "weak": data.weak, "weak_records": list(data.records)},
        "changes": [c.record for c in situation.changes.get(unit.id, ())],
        "findings": [f.record for f in situation.findings if f.unit == unit.id],
    }


def _cell(programme: Programme, cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {
        "unit": cell.unit.id,
        "ruleset": cell.matter.ruleset,
        "clause": cell.matter.clause,
        "rounds": cell.rounds,
        "level": cell.level,
        "every_months": cell.every,
        "score": cell.score,
        "points": dict(zip(FACTORS, cell.points, strict=True)),
        "last_audited": cell.last.isoformat() if cell.last else None,
        "overdue": cell.late,
        "findings": [one.record for one in cell.found],
        "focus": list(cell.matter.focus),
    }
    why: Mapping[str, Any] = {lang: "；".join(reasons(programme, cell, lang)) if lang == "zh" else
                              "; ".join(reasons(programme, cell, lang)) for lang in LANGUAGES}  # fmt: skip
    return {**found, "why": why}
