"""What a company with a system for one standard still needs for another, given the evidence it has.

Every binding provision of the target gets a state, the first that fits:

not_applicable
    A condition that is not there, or an approved exclusion.
carried
    It conforms: by existing records, or by a judgement on file.
judge
    The evidence is there, a person must decide.
new
    The standard already held has no provision about it.
stricter
    What it has asks the same less hard.
more
    What it has asks the same, or part of it, or other things beside it, but the evidence does not meet the target.

Without evidence the plain difference takes its place: a provision counts as carried if the held standard asks every
one of its checks at least as hard and under no condition of its own, or, where it has no checks, if the relation says
that the held standard asks as much. That is what conformity with the held standard would leave to be done, and no more.

A missing piece of evidence is a requirement that is not met; requirements with equal compiled checks are one piece,
whatever number of provisions ask for it. Gaps of an incorporated provision count for the one that incorporates it.
`owed` pieces are asked by the held standard too: a gap there already, not a difference. Pieces come in the order of
what they unlock: how many provisions would be met by this piece alone, then how many ask for it at all.

Hours: a kind of record of which there is none yet costs `start` once, at the first piece that needs it; every record
that falls short, or lacks its counterpart, costs `each` once per class of work. The sum is a range.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from shall.engine.compare.comparison import NONE, Comparison, comparison, plan_of, reviewed
from shall.engine.compare.content import binding, columns_read, digest, expanded, incorporated, own
from shall.engine.compare.effort import NO_HOURS, Effort, Hours, summed
from shall.engine.compare.mapping import Reviewed
from shall.engine.compare.relations import SAME, Reason, Relation, Standards
from shall.engine.evaluation import Evaluation, Question, evaluate, references
from shall.engine.grading import DEFAULT
from shall.engine.outcomes import INTERVAL_KIND, MET, NOTHING, OUTCOMES
from shall.engine.plan import Plan, PlannedProvision, PlannedRequirement
from shall.engine.trees import Tree
from shall.engine.verdicts import VERDICTS
from shall.evidence.store import Store

State = Literal["new", "stricter", "more", "judge", "carried", "not_applicable"]
STATES: tuple[State, ...] = ("new", "stricter", "more", "judge", "carried", "not_applicable")
"""Every state, in the order reports list them: what asks for work first."""
OPEN: tuple[State, ...] = ("new", "stricter", "more", "judge")
AS_MUCH = ("equal", "stricter", "broader", "incorporates", "incorporated")
"""Relations of the held standard to the target by which it asks no less."""
_NEAREST = (*AS_MUCH, "looser", "narrower", "overlapping")
_FINE = ("conforming", "not_applicable", "noted")


@dataclass(frozen=True, slots=True)
class Piece:
    """One missing piece of evidence: a check, what it expects, what is there, and the provisions it would serve.

    `kind` is that of the records which are missing or fall short; `columns` all that the check reads, by kind.
    `serves` are provisions of the target, `alone` those that miss nothing else; `owed` provisions of the held standard.
    """

    id: str
    check: str
    expects: tuple[Mapping[str, str], ...]
    kinds: tuple[str, ...]
    kind: str
    work: str
    outcome: str
    offending: tuple[str, ...]
    there: tuple[str, ...]
    interval: str | None
    columns: Mapping[str, tuple[str, ...]]
    serves: tuple[str, ...]
    alone: tuple[str, ...]
    owed: tuple[str, ...]
    hours: Hours = NO_HOURS


@dataclass(frozen=True, slots=True)
class Item:
    """A binding provision of the target: its state and why, what relates it to the held standard, what is missing.

    `verdict` and `reason` are None without evidence. `through` are the incorporated provisions whose gaps it has.
    """

    provision: PlannedProvision
    state: State
    verdict: str | None
    reason: str | None
    nearest: Relation | None
    others: tuple[Relation, ...]
    near: tuple[str, ...]
    records: tuple[str, ...]
    missing: tuple[str, ...]
    through: tuple[str, ...]
    questions: tuple[Mapping[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The provision's full name."""
        return self.provision.id


@dataclass(frozen=True, slots=True)
class Delta:
    """What stands between two standards for one company, or for none (`question` None)."""

    start: str
    target: str
    comparison: Comparison
    question: Question | None
    name: str | None
    position: tuple[int, str] | None
    items: tuple[Item, ...]
    pieces: tuple[Piece, ...]
    held: Mapping[str, int] | None
    effort: Effort

    @property
    def plan(self) -> Plan:
        """The plan it was made from."""
        return self.comparison.plan

    def counts(self) -> dict[State, int]:
        """How many provisions are in each state."""
        found = Counter(item.state for item in self.items)
        return {state: found[state] for state in STATES}

    def hours(self, *, owed: bool | None = None) -> Hours:
        """The hours of all pieces, or only of those that the held standard asks too (or does not)."""
        return summed(p.hours for p in self.pieces if owed is None or bool(p.owed) is owed)

    def judging(self) -> Hours:
        """The hours of what a person must decide."""
        asked = sum(item.state == "judge" for item in self.items)
        return Hours(*self.effort.judge.hours).times(asked)

    def owes(self, item: Item) -> Literal["all", "some", "none", ""]:
        """How much of what is missing the held standard asks too."""
        owed = {piece.id for piece in self.pieces if piece.owed}
        hit = sum(name in owed for name in item.missing)
        return "" if not item.missing else "all" if hit == len(item.missing) else "some" if hit else "none"


def delta(
    start: str,
    target: str,
    effort: Effort,
    store: Store | None = None,
    question: Question | None = None,
    *,
    mappings: Sequence[Path] = (),
    name: str | None = None,
) -> Delta:
    """What the holder of `start` needs for `target` (rulesets or their folders); raises RulesetError.

    Without a store, or where the organisation has no record at all, this is the plain difference.
    """
    plan, keys = plan_of((start, target))
    found = evaluated((start, target), plan, store, question) if store and question else None
    said = reviewed(plan, mappings)
    return delta_of(plan, keys[0], keys[-1], effort, found, said=said, name=name)


def evaluated(names: Sequence[str], plan: Plan, store: Store, question: Question) -> Evaluation | None:
    """The organisation's evidence held against the whole plan; None where it has no record that the plan reads."""
    from shall.engine.cache import executor_for

    others = [key for key in plan.standards if key not in executor_for(names).plan.asked]
    found = evaluate(executor_for((*names, *others)), store, question, DEFAULT)
    return found if any(found.rows.values()) or any(found.invalid.values()) else None


def delta_of(
    plan: Plan,
    start: str,
    target: str,
    effort: Effort,
    found: Evaluation | None = None,
    *,
    said: Reviewed = NONE,
    name: str | None = None,
) -> Delta:
    """The same from values: keys of two standards of this plan and, where there is evidence, its evaluation."""
    compared = comparison(Standards(plan), (start, target), said, chains=False)
    near = _Relations(compared, start, target)
    reader = _Evidence(plan, found) if found else _Nothing(plan, start)
    items = [_item(p, near, reader) for p in binding(own(plan, target))]
    missing = {item.id: reader.missing(item.provision) for item in items if item.state in OPEN}
    pieces = _pieces(plan, start, effort, reader, missing)
    done = [
        replace(
            item, missing=tuple(pieces[plan.requirements[n].decision].id for n in missing.get(item.id, ()))
        )
        for item in items
    ]
    return Delta(
        start,
        target,
        compared,
        found.question if found else None,
        name,
        found.position if found else None,
        tuple(done),
        tuple(pieces.values()),
        _held(start, found) if found else None,
        effort,
    )


def _held(start: str, found: Evaluation) -> dict[str, int]:
    """How the organisation stands in the standard it has: how many provisions have each verdict."""
    counted = Counter(d.verdict for d in found.decided if d.provision.ruleset == start)
    return {verdict: counted[verdict] for verdict in VERDICTS}


# --- relations -------------------------------------------------------------------------------------------


class _Relations:
    """What relates the target's provisions to those of the held standard, the nearest first."""

    def __init__(self, compared: Comparison, start: str, target: str) -> None:
        self.start, self.target = start, target
        self.found: dict[str, list[Relation]] = {}
        self.near: dict[str, tuple[str, ...]] = {}
        if start == target:
            return
        walk = compared.walks[0]
        for one in walk.relations:
            if one.relation != "no_match":
                self.found.setdefault(one.right, []).append(one)
        for relations in self.found.values():
            relations.sort(key=lambda r: (_NEAREST.index(r.relation), -r.strength))
        self.near = {one.provision: one.near for one in walk.only_right}

    def of(self, p: PlannedProvision) -> list[Relation]:
        """All relations of a provision of the target; to itself where both standards are one."""
        if self.start == self.target:
            reason = Reason("concept", SAME, "concept.same", p.concepts, p.concepts)
            return [Relation(p.id, p.id, "equal", (reason,), 10)]
        return self.found.get(p.id, [])


def _state(relations: Sequence[Relation]) -> State:
    """The state of a provision that is not met."""
    if not relations:
        return "new"
    return "stricter" if relations[0].relation == "looser" else "more"


# --- with and without evidence ---------------------------------------------------------------------------


class _Evidence:
    """What the evidence says to the provisions of the target."""

    def __init__(self, plan: Plan, found: Evaluation) -> None:
        self.plan, self.answers, self.rows = plan, found.answers, found.rows
        self.decided = {d.provision.id: d for d in found.decided}

    def state(self, p: PlannedProvision, relations: Sequence[Relation]) -> State:
        match self.decided[p.id].verdict:
            case "not_applicable":
                return "not_applicable"
            case "conforming":
                return "carried"
            case "needs_judgement":
                return "judge"
        return _state(relations)

    def verdict(self, p: PlannedProvision) -> tuple[str | None, str | None]:
        decided = self.decided[p.id]
        return decided.verdict, decided.reason

    def missing(self, p: PlannedProvision) -> list[int]:
        """The requirements that are not met: its own, then those of what it incorporates; equal checks once."""
        found = (n for one in (p, *self.inner(p)) for n in one.requirements)
        return _once(self.plan, (n for n in found if self.answers.requirements[n] != MET))

    def inner(self, p: PlannedProvision) -> list[PlannedProvision]:
        """The incorporated provisions that keep this one from being met; what they only recommend where all do."""
        inside = [self.decided[self.plan.provisions[n].id] for n in p.incorporated]
        counting = [d for d in inside if d.provision.severity == "shall"] or inside
        short = [d.provision for d in counting if d.verdict not in _FINE]
        return list({one.id: one for q in short for one in (q, *self.inner(q))}.values())

    def records(self, p: PlannedProvision) -> tuple[str, ...]:
        """The records that answer the provision's own checks."""
        parts = [self.answers.part(self.plan.requirements[n]) for n in p.requirements]
        indexes = [i for part in parts for i in (*part.population, *part.supporting)]
        return tuple(references(indexes, self.plan, self.answers))

    def outcome(self, n: int) -> str:
        return OUTCOMES[self.answers.requirements[n]]

    def shown(self, requirement: PlannedRequirement) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
        """Records that fall short, records that are there, and the subject of an interval nobody has set."""
        part = self.answers.part(requirement)
        short = references((*part.offending, *part.undecided), self.plan, self.answers)
        there = references(part.population, self.plan, self.answers)
        unset = part.interval and not self.answers.number(part.interval[1])
        return tuple(short), tuple(there), part.interval[0] if part.interval and unset else None

    def has(self, kind: str) -> bool:
        """Whether there is any valid record of a kind."""
        return bool(self.rows.get(kind))


class _Nothing:
    """What conformity with the held standard would say to the provisions of the target."""

    def __init__(self, plan: Plan, start: str) -> None:
        self.plan, self.start = plan, start
        self.asked: dict[Tree, list[tuple[int, frozenset[int]]]] = {}
        for p, inner in _asked(plan, start):
            rank = min(_rank(p), _rank(inner))
            when = frozenset(one.when for one in (p, inner) if one.when is not None)
            for n in inner.requirements:
                self.asked.setdefault(plan.requirements[n].decision, []).append((rank, when))

    def state(self, p: PlannedProvision, relations: Sequence[Relation]) -> State:
        if p.ruleset == self.start:
            return "carried"
        if p.requirements or p.incorporated:
            enough = not self.missing(p)
        else:
            enough = bool(relations) and relations[0].relation in AS_MUCH
        if enough:
            return "judge" if p.judged else "carried"
        return _state(relations)

    def verdict(self, _: PlannedProvision) -> tuple[None, None]:
        return None, None

    def missing(self, p: PlannedProvision) -> list[int]:
        """The checks that the held standard does not ask, or not as hard, or only under a condition of its own."""
        if p.ruleset == self.start:
            return []
        found = (n for one in (p, *self.inner(p)) for n in one.requirements)
        return _once(self.plan, (n for n in found if not self._holds(n, p)))

    def _holds(self, n: int, p: PlannedProvision) -> bool:
        held = self.asked.get(self.plan.requirements[n].decision, ())
        return any(rank >= _rank(p) and when <= {p.when} for rank, when in held)

    def inner(self, p: PlannedProvision) -> list[PlannedProvision]:
        """The incorporated provisions of standards other than the held one."""
        inside = [self.plan.provisions[n] for n in p.incorporated]
        short = [q for q in inside if q.ruleset != self.start]
        return list({one.id: one for q in short for one in (q, *self.inner(q))}.values())

    def records(self, _: PlannedProvision) -> tuple[str, ...]:
        return ()

    def outcome(self, _: int) -> str:
        return OUTCOMES[NOTHING]

    def shown(self, requirement: PlannedRequirement) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
        part = requirement.parts[0]
        return (), (), part.interval[0] if part.interval else None

    def has(self, _: str) -> bool:
        return False


def _rank(p: PlannedProvision) -> int:
    return {"shall": 2, "should": 1}.get(p.severity, 0)


_Reader = _Evidence | _Nothing


def _asked(plan: Plan, key: str) -> Iterator[tuple[PlannedProvision, PlannedProvision]]:
    """Every binding provision of a standard with itself and with all that it incorporates."""
    for p in binding(own(plan, key)):
        for inner in (p, *incorporated(plan, p)):
            yield p, inner


def _once(plan: Plan, requirements: Iterable[int]) -> list[int]:
    """The first of these requirements with each compiled check."""
    found: dict[Tree, int] = {}
    for n in requirements:
        found.setdefault(plan.requirements[n].decision, n)
    return list(found.values())


def _item(p: PlannedProvision, near: _Relations, reader: _Reader) -> Item:
    relations = near.of(p)
    state = reader.state(p, relations)
    verdict, reason = reader.verdict(p)
    inner = reader.inner(p) if state in OPEN else []
    asked = [one.judged for one in (p, *inner) if one.judged] if state in OPEN else []
    return Item(
        p,
        state,
        verdict,
        reason,
        relations[0] if relations else None,
        tuple(relations[1:]),
        near.near.get(p.id, ()),
        reader.records(p),
        (),
        tuple(one.id for one in inner if state == "judge" or reader.verdict(one)[0] != "needs_judgement"),
        tuple(asked),
    )


# --- pieces ----------------------------------------------------------------------------------------------


def _pieces(
    plan: Plan, start: str, effort: Effort, reader: _Reader, missing: Mapping[str, Sequence[int]]
) -> dict[Tree, Piece]:
    """Every missing check once, in the order of what it unlocks, with its hours in that order."""
    owed: dict[Tree, list[str]] = {}
    for p, inner in _asked(plan, start):
        for n in inner.requirements:
            owed.setdefault(plan.requirements[n].decision, []).append(p.id)
    serves: dict[Tree, list[tuple[str, int]]] = {}
    for id, requirements in missing.items():
        for n in requirements:
            serves.setdefault(plan.requirements[n].decision, []).append((id, n))
    found: dict[Tree, Piece] = {}
    for decision, asked in serves.items():
        alone = [id for id, _ in asked if len(missing[id]) == 1]
        found[decision] = _piece(plan, effort, reader, asked, alone, owed.get(decision, ()))
    order = sorted(found, key=lambda d: (-len(found[d].alone), -len(found[d].serves)))
    return _priced({d: found[d] for d in order}, effort, reader)


def _piece(
    plan: Plan,
    effort: Effort,
    reader: _Reader,
    asked: Sequence[tuple[str, int]],
    alone: Sequence[str],
    owed: Sequence[str],
) -> Piece:
    n = asked[0][1]
    requirement = plan.requirements[n]
    expects = {r.expects["zh"]: r.expects for r in (plan.requirements[m] for _, m in asked)}
    part = reader.answers.part(requirement) if isinstance(reader, _Evidence) else requirement.parts[0]
    short, there, interval = reader.shown(requirement)
    kind = INTERVAL_KIND if interval and there else _wanted(part.check, part.kinds, part.wording)
    return Piece(
        digest(expanded(plan, requirement.decision)),
        requirement.check,
        tuple(expects.values()),
        requirement.kinds,
        kind,
        effort.work_of(kind, part.check).id,
        reader.outcome(n),
        short,
        there,
        interval,
        columns_read(plan, requirement),
        tuple(id for id, _ in asked),
        tuple(alone),
        tuple(dict.fromkeys(owed)),
    )


def _wanted(check: str, kinds: Sequence[str], wording: Mapping[str, Any]) -> str:
    """The kind of which a record is missing: the partner or the response, else what the check counts."""
    name = {"linked": "partner", "answered": "response", "none": "looked"}.get(check, check)
    said = wording.get(name)
    if isinstance(said, Mapping):
        said = said.get("some")
    return str(said) if said in kinds else kinds[0]


def _priced(pieces: Mapping[Tree, Piece], effort: Effort, reader: _Reader) -> dict[Tree, Piece]:
    """The pieces with their hours; what an earlier one pays for, a later one has for nothing."""
    begun: set[str] = set()
    paid: set[tuple[str, str]] = set()
    found: dict[Tree, Piece] = {}
    classes = {work.id: work for work in effort.work}
    for decision, piece in pieces.items():
        work = classes[piece.work]
        hours = NO_HOURS
        if not reader.has(piece.kind) and piece.kind not in begun:
            hours = Hours(*work.start)
        begun.add(piece.kind)
        fresh = {(work.id, record) for record in piece.offending} - paid
        paid |= fresh
        count = len(fresh) or int(not piece.offending and hours == NO_HOURS)
        found[decision] = replace(piece, hours=hours.plus(Hours(*work.each).times(count)))
    return found
