"""One audit for several standards: every check asked once with all addresses it serves; what applies and why.

Two provisions share a question where their compiled checks are equal. A provision that incorporates a clause is served
by the questions of that clause. What a person must judge is asked once where it is asked in the same words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shall.engine.compare.content import binding, digest, expanded, incorporated, own
from shall.engine.evaluation import Evaluation, Question, counts, references
from shall.engine.outcomes import MET, OUTCOMES, UNMET
from shall.engine.plan import Plan, PlannedProvision
from shall.engine.verdicts import covers
from shall.evidence.store import Store

Asks = Literal["evidence", "person", "incorporates"]
Applies = Literal["applies", "not_applicable", "unknown", "information"]


@dataclass(frozen=True, slots=True)
class Served:
    """A provision that a question serves; `through` is the incorporated provision whose question it is."""

    provision: PlannedProvision
    through: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the checklist: what to see or to judge, for whom, and what the evidence says so far.

    `outcome` is None without evidence and for what a person judges.
    """

    id: str
    asks: Asks
    texts: tuple[Mapping[str, str], ...]
    kinds: tuple[str, ...]
    serves: tuple[Served, ...]
    outcome: str | None = None
    offending: tuple[str, ...] = ()
    records: tuple[str, ...] = ()

    @property
    def standards(self) -> tuple[str, ...]:
        """The standards it serves."""
        return tuple(dict.fromkeys(one.provision.ruleset for one in self.serves))

    @property
    def firm(self) -> bool:
        """Whether any provision it serves is a shall."""
        return any(one.provision.severity == "shall" for one in self.serves)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The questions of several standards in the order of the first text that asks each.

    `separately` is how many there would be if each standard were audited by itself.
    """

    plan: Plan
    lines: tuple[Asked, ...]
    separately: int
    question: Question | None = None

    @property
    def shared(self) -> int:
        """How many questions serve more than one standard."""
        return sum(len(line.standards) > 1 for line in self.lines)


def checklist(plan: Plan, found: Evaluation | None = None) -> Checklist:
    """The integrated checklist of the standards that a plan reports on."""
    asked: dict[object, list[tuple[Served, int | Mapping[str, str]]]] = {}
    each = 0
    for key in plan.asked:
        seen: set[object] = set()
        for served, what, name in _questions(plan, key):
            asked.setdefault(name, []).append((served, what))
            seen.add(name)
        each += len(seen)
    lines = tuple(_line(plan, name, uses, found) for name, uses in asked.items())
    return Checklist(plan, lines, each, found.question if found else None)


def _questions(plan: Plan, key: str) -> Iterator[tuple[Served, int | Mapping[str, str], object]]:
    """Everything a standard asks, each with the provision it serves and a name that equal questions share."""
    for p in binding(own(plan, key)):
        for one in (p, *incorporated(plan, p)):
            served = Served(p, "" if one is p else one.id)
            for n in one.requirements:
                yield served, n, plan.requirements[n].decision
            if one.judged:
                yield served, one.judged, ("judged", one.judged["zh"])
        if not (p.requirements or p.judged or p.incorporated):
            yield Served(p), p.gist, ("gist", p.id)


def _line(
    plan: Plan,
    name: object,
    uses: Sequence[tuple[Served, int | Mapping[str, str]]],
    found: Evaluation | None,
) -> Asked:
    """The question with everything it serves, each provision once, rather directly than through another."""
    serves: dict[str, Served] = {}
    for one, _ in uses:
        serves.setdefault(one.provision.id, one)
    first = uses[0][1]
    if not isinstance(first, int):
        kinds = tuple(dict.fromkeys(k for one, _ in uses for k in one.provision.look_at))
        return Asked(digest(["person", first["zh"]]), "person", (first,), kinds, tuple(serves.values()))
    requirement = plan.requirements[first]
    texts = {
        plan.requirements[n].expects["zh"]: plan.requirements[n].expects
        for _, n in uses
        if isinstance(n, int)
    }
    line = Asked(
        digest(expanded(plan, requirement.decision)),
        "evidence",
        tuple(texts.values()),
        requirement.kinds,
        tuple(serves.values()),
    )
    return _answered(line, plan, first, found) if found else line


def _answered(line: Asked, plan: Plan, n: int, found: Evaluation) -> Asked:
    part = found.answers.part(plan.requirements[n])
    short = references((*part.offending, *part.undecided), plan, found.answers)
    there = references((*part.population, *part.supporting), plan, found.answers)
    outcome = OUTCOMES[found.answers.requirements[n]]
    return Asked(line.id, line.asks, line.texts, line.kinds, line.serves, outcome, tuple(short), tuple(there))


# --- what applies ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """Whether a provision applies, and why: always, a condition, or an exclusion with who approved it and when.

    `says` is the condition in words. `verdict` is how far what applies is met.
    """

    provision: PlannedProvision
    applies: Applies
    reason: Literal[
        "always", "condition_met", "condition_absent", "condition_unknown", "excluded", "information"
    ]
    says: Mapping[str, str] | None
    verdict: str
    record: str = ""
    justification: str = ""
    approved_by: str = ""
    approved_on: str = ""


@dataclass(frozen=True, slots=True)
class Disregarded:
    """An exclusion on record that does not count: not valid on the day, without something it needs, or for nothing."""

    record: str
    ruleset: str
    address: str
    why: Literal["not_valid", "incomplete", "later", "no_provision"]
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applicability:
    """The statement of applicability of one organisation on one day."""

    plan: Plan
    question: Question
    name: str | None
    statements: tuple[Statement, ...]
    disregarded: tuple[Disregarded, ...]


def applicability(found: Evaluation, store: Store, name: str | None = None) -> Applicability:
    """What applies of the standards asked for, every provision, and which exclusions do not count."""
    stated = tuple(
        _statement(found, n) for n, d in enumerate(found.decided) if d.provision.ruleset in found.plan.asked
    )
    return Applicability(found.plan, found.question, name, stated, tuple(_disregarded(found, store)))


def _statement(found: Evaluation, n: int) -> Statement:
    decided = found.decided[n]
    p = decided.provision
    when = None if p.when is None else found.answers.conditions[p.when]
    says = found.plan.conditions[p.when].says if p.when is not None else p.condition
    if decided.exclusion:
        e = decided.exclusion
        told = (e.record, e.justification, e.approved_by, e.approved_on)
        return Statement(p, "not_applicable", "excluded", says, decided.verdict, *told)
    if p.severity == "info":
        return Statement(p, "information", "information", says, decided.verdict)
    if when is None:
        return Statement(p, "applies", "always", says, decided.verdict)
    if when == MET:
        return Statement(p, "applies", "condition_met", says, decided.verdict)
    if when == UNMET:
        return Statement(p, "not_applicable", "condition_absent", says, decided.verdict)
    return Statement(p, "unknown", "condition_unknown", says, decided.verdict)


_NEEDED = ("ruleset", "address", "justification", "approved_by", "approved_on")


def _disregarded(found: Evaluation, store: Store) -> Iterator[Disregarded]:
    question = found.question
    on = question.on.isoformat()
    columns = ["id", *_NEEDED, "status", "valid_from", "valid_until"]
    for row in store.rows("exclusion", question.organisation, columns, known=question.known):
        record, values = row[0], dict(zip(_NEEDED, row[1:6], strict=True))
        ruleset, address = values["ruleset"] or "", values["address"] or ""
        if ruleset and ruleset not in found.plan.asked:
            continue
        lacks = tuple(name for name, value in values.items() if not value)
        if lacks:
            yield Disregarded(record, ruleset, address, "incomplete", lacks)
        elif not counts(row, on):
            yield Disregarded(record, ruleset, address, "not_valid")
        elif values["approved_on"] > on:
            yield Disregarded(record, ruleset, address, "later")
        elif not any(p.severity != "info" and covers(address, p.address) for p in own(found.plan, ruleset)):
            yield Disregarded(record, ruleset, address, "no_provision")
