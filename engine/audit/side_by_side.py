"""Two audits side by side: what only one found, what both found, what came back, and what the verdicts were then.

Findings meet under the same criterion, else the same clause, else a concept that their provisions share; each meets
one other at most, in the same unit before any other. An audit held against itself shows no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shall.engine.audit.lifecycle import Case
from shall.engine.audit.on_record import Audit, Looked
from shall.engine.audit.programme.situation import clause_of
from shall.engine.compare.relations import vocabulary
from shall.engine.compare.results import Shifts, shifts
from shall.engine.evaluation import Question, evaluate, result
from shall.engine.executors.python import PythonExecutor
from shall.engine.grading import Policy
from shall.engine.plan import Plan
from shall.evidence.store import Store

Meets = Literal["same", "criterion", "clause", "concept"]
"""How two findings meet: one record, one address, one clause, or one concept."""
GRADES = ("opportunity", "minor", "major")


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding of the one audit and one of the other that are about the same; `concepts` where these tell so."""

    old: Case
    new: Case
    meets: Meets
    concepts: tuple[str, ...] = ()

    @property
    def grade(self) -> int:
        """Above 0 where the grade went up, below where it went down."""
        return GRADES.index(self.new.grade) - GRADES.index(self.old.grade)

    @property
    def came_back(self) -> bool:
        """Whether the earlier one was closed before the later one was found."""
        closed = self.old.closed_on
        return self.old.state == "closed" and closed is not None and closed <= self.new.finding.found_on


@dataclass(frozen=True)
class Sides:
    """Two audits with what lies between them; `verdicts` is None where an audit has no day to be evaluated on."""

    old: Audit
    new: Audit
    only_old: tuple[Case, ...]
    only_new: tuple[Case, ...]
    pairs: tuple[Pair, ...]
    same: tuple[Case, ...]
    verdicts: Shifts | None

    @property
    def units(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Units that only the one audit looked at, and only the other."""
        return _apart(self.old.units, self.new.units)

    @property
    def clauses(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Clauses that only the one audit looked at, and only the other."""
        return _apart(clauses_of(self.old), clauses_of(self.new))

    @property
    def team(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Members of the team who were only in the one, and only in the other."""
        return _apart(self.old.team, self.new.team)

    @property
    def empty(self) -> bool:
        """Whether the two differ in nothing."""
        apart = (self.only_old, self.only_new, self.pairs, *self.units, *self.clauses, *self.team)
        return not any(apart) and not (self.verdicts and self.verdicts.shifts)


def _apart(a: Sequence[str], b: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(x for x in a if x not in b), tuple(x for x in b if x not in a)


def clauses_of(audit: Audit) -> tuple[str, ...]:
    """The clauses an audit looked at, each with its standard where one is known."""
    return _named(audit.proven)


def planned_clauses(audit: Audit) -> tuple[str, ...]:
    """Those of them of which only the timetable tells."""
    seen = set(_named([one for one in audit.proven if one.proof != "session"]))
    return tuple(clause for clause in clauses_of(audit) if clause not in seen)


def _named(looked: Sequence[Looked]) -> tuple[str, ...]:
    found = {(standard, one.clause) for one in looked if one.clause for standard in (one.standards or ("",))}
    ordered = sorted(found, key=lambda f: (f[0], [(not p.isdigit(), p.zfill(4)) for p in f[1].split(".")]))
    return tuple(f"{standard}:{clause}" if standard else clause for standard, clause in ordered)


def side_by_side(
    old: Audit,
    new: Audit,
    store: Store,
    organisation: str,
    executor: PythonExecutor,
    policy: Policy,
    known: int | None = None,
) -> Sides:
    """Hold two audits against each other; verdicts are those of each audit's last day, as known at one position."""
    same = tuple(case for case in old.cases if case in new.cases)
    left = [case for case in old.cases if case not in same]
    right = [case for case in new.cases if case not in same]
    pairs = list(_pairs(left, right, executor.plan))
    met = {id(case) for pair in pairs for case in (pair.old, pair.new)}
    verdicts = None
    if old.last and new.last:
        found = [_result(executor, store, organisation, day, policy, known) for day in (old.last, new.last)]
        verdicts = shifts(*found)
    return Sides(
        old=old,
        new=new,
        only_old=tuple(case for case in left if id(case) not in met),
        only_new=tuple(case for case in right if id(case) not in met),
        pairs=tuple(sorted(pairs, key=lambda p: (p.new.finding.record, p.old.finding.record))),
        same=same,
        verdicts=verdicts,
    )


def _result(
    executor: PythonExecutor, store: Store, organisation: str, on: date, policy: Policy, known: int | None
) -> Mapping[str, Any]:
    return result(evaluate(executor, store, Question.of(organisation, on, known=known), policy))


LEVELS: tuple[Meets, ...] = ("criterion", "clause", "concept")


def _pairs(left: Sequence[Case], right: Sequence[Case], plan: Plan) -> Iterator[Pair]:
    """The closest pairs first; of equally close ones those of one unit, then by id. Withdrawn findings meet nobody."""
    index = _Criteria(plan)
    chosen: set[str] = set()
    found = []
    for a in left:
        for b in right:
            if "withdrawn" in (a.state, b.state):
                continue
            meets, concepts = index.meet(a, b)
            if meets:
                apart = a.finding.unit != b.finding.unit
                key = (LEVELS.index(meets), apart, -len(concepts), b.finding.record, a.finding.record)
                found.append((key, Pair(a, b, meets, concepts)))
    for _, pair in sorted(found, key=lambda f: f[0]):
        names = (f"old {pair.old.finding.record}", f"new {pair.new.finding.record}")
        if chosen.isdisjoint(names):
            chosen.update(names)
            yield pair


class _Criteria:
    """What findings are about: by address, by clause, by the concepts of a provision that name a thing, not a field."""

    def __init__(self, plan: Plan) -> None:
        names = vocabulary()
        fields = {n.rpartition(".")[0] for n in names}
        self.concepts = {
            (p.ruleset, p.address): frozenset(c for c in p.concepts if c not in fields)
            for p in plan.provisions
        }

    def meet(self, a: Case, b: Case) -> tuple[Meets | None, tuple[str, ...]]:
        """How two findings meet, if they do."""
        x, y = a.finding, b.finding
        if x.address and (x.ruleset, x.address) == (y.ruleset, y.address):
            return "criterion", ()
        one_standard = x.ruleset == y.ruleset or None in (x.ruleset, y.ruleset)
        if one_standard and self._clause(a) and self._clause(a) == self._clause(b):
            return "clause", ()
        shared = self._of(a) & self._of(b)
        return ("concept", tuple(sorted(shared))) if shared else (None, ())

    def _clause(self, case: Case) -> str:
        f = case.finding
        text = f.clause or f.address or ""
        return clause_of(text, ())[0] if text else ""

    def _of(self, case: Case) -> frozenset[str]:
        return self.concepts.get((case.finding.ruleset or "", case.finding.address or ""), frozenset())
