"""What is audited: everything or what a programme plans, or the part of it that the request chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shall.engine.audit.programme.make import Matter, Programme
from shall.engine.audit.timetable.request import Request, parts_of
from shall.texts.errors import EvidenceError

Wanted = Mapping[str, Sequence[Matter]]
"""The clauses to audit by unit."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Units and clauses that no session is about, by the request's choice.

    A clause stands for all that lie below it where these are left out too.
    """

    units: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.units or self.clauses)


def everything(programme: Programme, request: Request) -> tuple[dict[str, list[Matter]], set[str]]:
    """Every clause in every unit it concerns, and the units audited from afar."""
    found: dict[str, list[Matter]] = {}
    for cell in programme.cells:
        found.setdefault(cell.unit.id, []).append(cell.matter)
    return found, set(request.file.remote)


def of_round(
    programme: Programme, request: Request, value: Any, number: int
) -> tuple[dict[str, list[Matter]], set[str]]:
    """What a programme's file plans for a round; raises EvidenceError where it does not fit these records."""
    matters = {m.id: m for m in programme.matters}
    units = {u.id for u in programme.situation.units}
    visits = value.get("visits") if isinstance(value, dict) else None
    if not isinstance(visits, list):
        raise EvidenceError("audit_plan.programme_broken")
    found: dict[str, list[Matter]] = {}
    remote = set(request.file.remote)
    for visit in visits:
        if not isinstance(visit, dict) or not isinstance(visit.get("clauses"), dict):
            raise EvidenceError("audit_plan.programme_broken")
        if not all(isinstance(listed, list) for listed in visit["clauses"].values()):
            raise EvidenceError("audit_plan.programme_broken")
        unit = str(visit.get("unit"))
        if visit.get("round") != number:
            continue
        named = [f"{key}:{clause}" for key, listed in visit["clauses"].items() for clause in listed]
        strange = [name for name in named if name not in matters] + ([] if unit in units else [unit])
        if strange:
            raise EvidenceError("audit_plan.programme_other", names=", ".join(strange[:10]))
        found.setdefault(unit, []).extend(matters[name] for name in named)
        if visit.get("method") == "remote":
            remote.add(unit)
    if not found:
        rounds = sorted({str(v.get("round")) for v in visits if isinstance(v, dict)})
        raise EvidenceError("audit_plan.programme_round", round=number, known=", ".join(rounds) or "-")
    return found, remote


def chosen(wanted: Wanted, request: Request) -> tuple[dict[str, list[Matter]], LeftOut]:
    """The part that the request asks for, and what it leaves out; raises EvidenceError where nothing is left."""
    only, listed = request.file.only, request.file.units
    kept: dict[str, list[Matter]] = {}
    for unit, matters in wanted.items():
        if (not listed or unit in listed) and (not only.units or unit in only.units):
            mine = [m for m in matters if only.has(m.id)]
            if mine:
                kept[unit] = mine
    if wanted and not kept:
        raise EvidenceError("audit_plan.only_nothing")
    stays = {part for matters in kept.values() for m in matters for part in parts_of(m.id)}
    every = {m.id: m for matters in wanted.values() for m in matters}
    gone = [m for m in sorted(every.values(), key=lambda m: m.place) if m.id not in stays]
    clauses = (next(p for p in reversed(parts_of(m.id)) if p not in stays) for m in gone)
    return kept, LeftOut(tuple(sorted(wanted.keys() - kept.keys())), tuple(dict.fromkeys(clauses)))
