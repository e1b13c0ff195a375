"""An audit plan from a store: facts, sessions, solution, second look; or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shall.engine.audit.programme.make import Programme, kinds_of, make
from shall.engine.audit.programme.policy import Policy
from shall.engine.audit.programme.situation import read
from shall.engine.audit.timetable.arrange import Entry, arrange
from shall.engine.audit.timetable.conflicts import Conflict, before_solving, explain
from shall.engine.audit.timetable.gather import Facts, audit_file, gather
from shall.engine.audit.timetable.problem import Solved, room
from shall.engine.audit.timetable.request import Request, check_names
from shall.engine.audit.timetable.solve import possible, solve, solver_version
from shall.engine.audit.timetable.verify import cost, faults, people_faults
from shall.engine.audit.timetable.wanted import chosen, everything, of_round
from shall.engine.audit.timetable.when import span
from shall.engine.audit.timetable.work import Work, prepare
from shall.engine.plan import Plan
from shall.engine.trees import shift_months
from shall.evidence.store import Store


@dataclass(frozen=True)
class Made:
    """A plan, or the conflicts that stand against any; `status` as the solver's, and every line was verified."""

    facts: Facts
    request: Request
    programme: Programme
    work: Work
    status: str
    seed: int
    entries: Sequence[Entry] = ()
    cost: int = 0
    bound: int = 0
    conflicts: Sequence[Conflict] = ()
    solver: str = ""


@dataclass(frozen=True)
class Asked:
    """What the command asks for; a first day or a number of days of None is the audit file's, else `today`'s."""

    audit: str
    team: Sequence[str]
    start: date | None
    days: int | None
    today: date
    seed: int = 0
    programme: Any = None
    round: int = 1


TIGHT = 85
"""From so many percent of the room on, sessions are short from the start: long ones would leave gaps."""


def _shorter(request: Request, minutes: int) -> Request:
    """The request with shorter sessions, which fit where longer ones do not."""
    return replace(request, file=request.file.model_copy(update={"session_minutes": minutes}))


def make_plan(
    store: Store,
    organisation: str,
    plan: Plan,
    policy: Policy,
    request: Request,
    asked: Asked,
    known: int | None,
) -> Made:
    """The plan of an audit, or the conflicts; raises UsageError, EvidenceError, FileProblems."""
    position = (store.position() if known is None else store.position_at(known))[0]
    audit = audit_file(store, organisation, asked.audit, position)
    scales = policy.file.scales
    months = (scales.changes_within_months, scales.data_within_months)
    when = span(audit, asked.start, asked.days, asked.today)
    until = shift_months(when.start, 12)
    situation = read(store, organisation, when.start, until, plan, kinds_of(plan), months, position)
    programme = make(plan, policy, situation, 1, asked.seed)
    check_names(
        request,
        units=(u.id for u in situation.units),
        auditors=(a.id for a in situation.auditors),
        sites=situation.sites,
        clauses=(m.id for m in programme.matters),
    )
    facts = gather(store, situation, audit, asked.team, when, request)
    if asked.programme is None:
        wanted, remote = everything(programme, request)
    else:
        wanted, remote = of_round(programme, request, asked.programme, asked.round)
    wanted, left_out = chosen(wanted, request)
    work = prepare(facts, programme, request, wanted, remote, left_out)
    if work.planned * 100 > TIGHT * room(work.puzzle):
        request = _shorter(request, min(2 * request.file.slot_minutes, request.file.session_minutes))
        work = prepare(facts, programme, request, wanted, remote, left_out)
    version = solver_version()
    conflicts = before_solving(facts, request, work.puzzle)
    solved = Solved("infeasible") if conflicts else solve(work.puzzle, asked.seed)
    if not conflicts and not solved.choice:
        solved = Solved("unknown")
        if possible(work.puzzle) is False and not possible(work.puzzle, again=True):
            solved, conflicts = Solved("infeasible"), [explain(facts, work.puzzle)]
        for length in sorted({request.file.slot_minutes, 2 * request.file.slot_minutes}, reverse=True):
            if not conflicts and not solved.choice and length < request.file.session_minutes:
                work = prepare(facts, programme, _shorter(request, length), wanted, remote, left_out)
                solved = solve(work.puzzle, asked.seed)
        if not solved.choice and not conflicts:
            solved = Solved("unknown")
    if not solved.choice:
        return Made(
            facts, request, programme, work, solved.status, asked.seed, conflicts=conflicts, solver=version
        )
    entries = arrange(work.puzzle, solved)
    wrong = [
        *faults(work.puzzle, entries),
        *people_faults(facts, request, wanted, remote, work.puzzle, entries),
    ]
    price = cost(work.puzzle, entries)
    if wrong or price < solved.bound:
        raise AssertionError("the plan does not keep its rules", wrong, price, solved.bound)
    return Made(
        facts,
        request,
        programme,
        work,
        solved.status,
        asked.seed,
        entries,
        price,
        solved.bound,
        solver=version,
    )
