"""Judgements made about the same thing under another standard: named beside a provision, never taken over."""

from collections.abc import Iterator
from dataclasses import dataclass

from shall.engine.evaluation import Evaluation
from shall.engine.plan import Plan, PlannedProvision
from shall.engine.verdicts import Judgement, counting


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A judgement that counts about a provision of another standard, which asks the same.

    `reviewed`: people said that the two are equal; otherwise their concepts and compiled checks are.
    """

    provision: str
    judgement: Judgement
    reviewed: bool


def judged_elsewhere(evaluation: Evaluation, provision: PlannedProvision) -> list[Elsewhere]:
    """What persons decided about equal provisions of other standards; none where this one needs no person."""
    if provision.judged is None or provision.severity == "info":
        return []
    found = []
    for key, people in sorted(evaluation.people.items()):
        if key == provision.ruleset or not people.judgements:
            continue
        for other, reviewed in _equals(evaluation, provision, key):
            _, _, address = other.partition(":")
            said = counting(people, address, evaluation.question.mode)
            found += [Elsewhere(other, said[-1], reviewed)] if said else []
    return found


def _equals(evaluation: Evaluation, provision: PlannedProvision, key: str) -> Iterator[tuple[str, bool]]:
    """The provisions of another standard that ask the same, and whether people said so."""
    from shall.engine.compare.comparison import reviewed
    from shall.engine.compare.mapping import overruled
    from shall.engine.compare.relations import Standards

    plan = _both(evaluation, provision.ruleset, key)
    if plan is None:
        return
    standards = Standards(plan)
    walk = overruled(standards, standards.crosswalk(provision.ruleset, key), reviewed(plan))
    for one in walk.relations:
        if one.left == provision.id and one.relation == "equal" and not one.through:
            yield one.right, one.origin == "reviewed"


def _both(evaluation: Evaluation, own: str, other: str) -> Plan | None:
    """A plan of both standards; None where one of them is not at hand."""
    from shall.engine.cache import executor_for
    from shall.engine.shelf import shipped

    if {own, other} <= set(evaluation.plan.asked):
        return evaluation.plan
    if {own, other} <= set(shipped()):
        return executor_for((own, other)).plan
    return None
