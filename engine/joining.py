"""Which nonconformities are one gap: told as one finding with several criteria, while every verdict stays as it is.

Two are one gap where they count in the same standards, the same records offend (the very same set, nothing else being
amiss), and they share a concept, or lie in one clause, or lack the same counterpart (no calibration, say) in one field
of concepts. What rests on nothing found, on an interval that is not defined or on a person's word is never joined,
and what stands on record separately stays separate.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from shall.engine.executors.python import Answers
from shall.engine.grading import GRADES, Earlier
from shall.engine.incorporated import Raised
from shall.engine.outcomes import MET, UNKNOWN, UNMET
from shall.engine.plan import Plan
from shall.engine.statements import undefined_interval
from shall.engine.verdicts import Decided


@dataclass(frozen=True, slots=True)
class Gap:
    """A nonconformity as it may be joined: the records that offend, and the open findings that it stands under.

    `lacks` says which counterparts are lacking (check and the kinds it links), where that is all that is amiss.
    """

    raised: Raised
    records: frozenset[tuple[str, str]]
    on_record: tuple[str, ...]
    lacks: frozenset[tuple[str, ...]] = frozenset()

    @property
    def key(self) -> Hashable:
        """What has to be the same for two to be one gap."""
        return self.raised.standards, self.records, self.on_record


def gap_of(plan: Plan, answers: Answers, raised: Raised, earlier: Sequence[Earlier]) -> Gap | None:
    """The nonconformity with the records that offend; None where something else than records is amiss."""
    if raised.decided.verdict != "nonconforming" or raised.softened:
        return None
    records = offending_alone(plan, answers, raised.decided)
    if not records:
        return None
    on_record = sorted(e.record for e in earlier if e.closed_on is None)
    return Gap(raised, records, tuple(on_record), _lacking(plan, answers, raised.decided))


def _lacking(plan: Plan, answers: Answers, one: Decided) -> frozenset[tuple[str, ...]]:
    failing = [plan.requirements[i] for i in one.provision.requirements if answers.requirements[i] != MET]
    parts = [answers.part(requirement) for requirement in failing]
    links = {(part.check, *part.kinds) for part in parts if part.check in ("linked", "answered")}
    return frozenset(links) if all(part.check in ("linked", "answered") for part in parts) else frozenset()


def offending_alone(plan: Plan, answers: Answers, one: Decided) -> frozenset[tuple[str, str]]:
    """The records (kind, id) that offend, where they are all that keeps a provision from being met; else none."""
    none: frozenset[tuple[str, str]] = frozenset()
    offending: set[tuple[str, str]] = set()
    open_: set[tuple[str, str]] = set()
    if one.judgement is not None:
        return none
    for i in one.provision.requirements:
        outcome, part = answers.requirements[i], answers.part(plan.requirements[i])
        if outcome == MET:
            continue
        found = _records(plan, answers, part.offending)
        if outcome == UNMET and found and not undefined_interval(answers, part):
            offending |= found
        elif outcome == UNKNOWN and (undecided := _records(plan, answers, part.undecided)):
            open_ |= undecided
        else:
            return none
    return frozenset(offending) if open_ <= offending else none


def _records(plan: Plan, answers: Answers, indexes: Iterable[int]) -> set[tuple[str, str]]:
    return {
        (plan.aggregates[i][1], row[0])
        for i in indexes
        if isinstance(rows := answers.aggregates[i], list)
        for row in rows
    }


def groups(gaps: Sequence[Gap | None]) -> list[list[int]]:
    """The gaps by place, those that are one together; groups in the order of their first, None always alone."""
    group: dict[int, list[int]] = {}
    alike: dict[Hashable, list[list[int]]] = {}
    for n, one in enumerate(gaps):
        if one is None:
            group[n] = [n]
            continue
        near = [g for g in alike.get(one.key, []) if any(_meet(one, gaps[i]) for i in g)]
        joined = sorted([n, *(i for g in near for i in g)])
        apart = [g for g in alike.get(one.key, []) if g not in near]
        alike[one.key] = [*apart, joined]
        for i in joined:
            group[i] = joined
    return [members for n, members in sorted(group.items()) if members[0] == n]


def _meet(one: Gap, other: Gap | None) -> bool:
    """Whether two share a concept, lie in one clause, or lack the same counterpart in one field."""
    if other is None:
        return False
    a, b = one.raised.decided.provision, other.raised.decided.provision
    if (a.ruleset, a.clause) == (b.ruleset, b.clause) or not set(a.concepts).isdisjoint(b.concepts):
        return True
    fields = [{_field(concept) for concept in p.concepts} for p in (a, b)]
    return one.lacks == other.lacks != frozenset() and not fields[0].isdisjoint(fields[1])


def _field(concept: str) -> str:
    """The concept above one that has three parts or more: `evaluation.metering` of `evaluation.metering.accuracy`."""
    return concept.rpartition(".")[0] if concept.count(".") > 1 else concept


def highest(grades: Sequence[str]) -> int:
    """The place of the gravest grade, the first of equals."""
    order: list[str] = list(GRADES)
    return min(range(len(grades)), key=lambda n: (order.index(grades[n]), n))


def told(texts: Sequence[str]) -> list[str]:
    """Each text once, and none that another one contains."""
    once = list(dict.fromkeys(t for t in texts if t))
    return [t for t in once if not any(t != other and t in other for other in once)]


# --- on record -------------------------------------------------------------------------------------------

_FURTHER = re.compile(r"^([a-z][a-z0-9_]*:\S+) ", re.MULTILINE)


def criterion_text(gist: str, further: Sequence[tuple[str, str]]) -> str:
    """What a finding's `criterion` says on record: the gist, then each further criterion (name, gist) on its line."""
    return "\n".join([gist, *(f"{name} {says}" for name, says in further)])


def further_text(names: Sequence[str]) -> str | None:
    """What a finding's `further` says on record: its further criteria, separated by semicolons."""
    return "; ".join(names) or None


def further_criteria(text: str | None, named: str | None = None) -> tuple[str, ...]:
    """The further criteria (`ruleset:address`) of a finding on record: those its `further` column names.

    Where the column is empty, those at the head of a later line of `criterion`: findings of old stand there.

    >>> further_criteria(None, "t_ccaa_39:6.3/a; machinery:6.3#2")
    ('t_ccaa_39:6.3/a', 'machinery:6.3#2')
    >>> further_criteria("gist\\nt_ccaa_39:6.3/a another")
    ('t_ccaa_39:6.3/a',)
    """
    if named and (names := [name.strip() for name in re.split("[;；]", named)]):
        return tuple(dict.fromkeys(name for name in names if name))
    _, _, later = (text or "").partition("\n")
    return tuple(dict.fromkeys(_FURTHER.findall(later)))


def merged(one: Raised, others: Sequence[Raised]) -> Raised:
    """The first gap with all provisions the others stand under as well."""
    cites = dict.fromkeys((*one.cites, *(name for other in others for name in other.cites)))
    return replace(one, cites=tuple(cites))
