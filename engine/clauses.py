"""A clause as a whole, as the grading policy sees it: how much of it fails, counted by gaps; whether it is at work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shall.engine.executors.python import Answers
from shall.engine.incorporated import Raised
from shall.engine.joining import Gap, groups
from shall.engine.outcomes import MET
from shall.engine.plan import Plan
from shall.engine.verdicts import Decided

Key = tuple[str, str]
"""Ruleset and clause."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What `grading.Facts` tells of the clause; `decidable` and `failing` count its shall provisions."""

    decidable: int
    failing: int
    gaps: int
    faulty: int
    at_work: bool


def wholes(
    plan: Plan,
    answers: Answers,
    decided: Sequence[Decided],
    raised: Sequence[Raised],
    joinable: Sequence[Gap | None],
) -> Mapping[Key, Whole]:
    """Every clause in which something does not conform; `joinable` are the gaps as they may be joined."""
    clauses: dict[Key, list[Decided]] = {}
    for one in decided:
        clauses.setdefault((one.provision.ruleset, one.provision.clause), []).append(one)
    gap = _numbers(raised, joinable)
    return {
        key: _whole(plan, answers, clause, gap)
        for key, clause in clauses.items()
        if any(d.verdict == "nonconforming" for d in clause)
    }


def _numbers(raised: Sequence[Raised], joinable: Sequence[Gap | None]) -> Mapping[str, int]:
    """The gap each provision stands under, its own before one that only cites it.

    What stands on record separately is one gap all the same: how it was written down changes no grade.
    """
    found: dict[str, int] = {}
    joined = list(enumerate(groups([one and replace(one, on_record=()) for one in joinable])))
    for number, members in joined:
        found |= {raised[n].decided.provision.id: number for n in members}
    for number, members in joined:
        for name in (name for n in members for name in raised[n].cites):
            found.setdefault(name, number)
    return found


def _whole(plan: Plan, answers: Answers, clause: Sequence[Decided], gap: Mapping[str, int]) -> Whole:
    decidable = [
        d
        for d in clause
        if d.provision.severity == "shall" and d.verdict not in ("not_applicable", "needs_judgement")
    ]
    failing = [d for d in decidable if d.verdict == "nonconforming"]
    return Whole(
        decidable=len(decidable),
        failing=len(failing),
        gaps=len({gap.get(d.provision.id, d.provision.id) for d in failing}),
        faulty=len({record for d in failing for record in _offending(plan, answers, d)}),
        at_work=_at_work(plan, answers, clause),
    )


def _offending(plan: Plan, answers: Answers, one: Decided) -> set[tuple[str, str]]:
    """The records (kind, id) that offend against a provision."""
    found: set[tuple[str, str]] = set()
    for i in one.provision.requirements:
        if answers.requirements[i] != MET:
            for n in answers.part(plan.requirements[i]).offending:
                rows = answers.aggregates[n]
                kind = plan.aggregates[n][1]
                found |= {(kind, row[0]) for row in rows} if isinstance(rows, list) else set()
    return found


def _at_work(plan: Plan, answers: Answers, clause: Sequence[Decided]) -> bool:
    """Whether some record that a failing provision of the clause looked at is as it should be."""
    for one in clause:
        for i in one.provision.requirements if one.verdict == "nonconforming" else ():
            part = answers.part(plan.requirements[i])
            faulty = {row[0] for row in answers.records((*part.offending, *part.undecided))}
            if any(row[0] not in faulty for row in answers.records(part.population)):
                return True
    return False
