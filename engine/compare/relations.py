"""How the provisions of two standards relate, computed from what a plan says of them and from nothing else.

Who takes part: every provision that binds (shall, should), and any other that carries a concept. Two provisions
are compared where they share a concept, where a concept of one lies above a concept of the other, or where one
incorporates the other. A pair is looked at in two ways, each with a sign: + the left asks more, - the right
asks more, 0 no difference, x each asks something the other does not, or they differ in a way that has no more
and no less.

**Content**, what is asked:

concept
    Same leaf concepts: 0. One set holds the other: + or -. Sets that share some: x. A concept that has others
    below it names a field, not a thing: shared alone it is x, standing above a concept of the other + or -, and
    it never makes two provisions equal. Where a standard spreads a concept over several provisions, one of them
    is only a part: against a single provision of the other standard -, against several x; unless the compiled
    checks, or the words of the summary, show that the two are the same.
requirement
    Sets of compiled checks, which are equal when they ask the evidence the same, numbers and intervals aside:
    same set 0, one holds the other + or -, some shared x, none shared x where the concepts are the same, else 0
    (the concepts tell). Only one asks the evidence: 0 where the other does not bind (the modality tells), + or -
    never, x where the other is left to a person's judgement.

**Strength**, how hard it is asked. Where only one of two provisions binds, the modality alone tells. Otherwise:

modality
    What the engine makes of it: shall > should > may, can > statement.
documented
    Documented information asked for; maintained or retained is more than merely written; maintained against
    retained is x.
interval
    A number > one that the organisation defines > planned, periodic or a frequency to be named > none; of two
    numbers the shorter.
trigger
    A named event that sets the duty off > none; two different events x.
scope
    Always > under a condition; two different conditions x.
number
    A higher least number of records; any other number that differs x.

Then: any x, or + and - among the signs of one way, makes that way x. Content 0: equal, stricter (strength +),
looser (-). Content +: broader, -: narrower, unless the strength points the other way. Everything else is overlapping.
The relation of right to left is always the inverse. Each relation has a strength from 1 to 10: how much of it rests
on equal compiled checks rather than on concepts alone.

A provision that incorporates a clause relates to every binding provision of that clause as `incorporates`. To a third
standard it relates through each of them: as that provision would, held to the force of the one that incorporates it;
such a relation names the provision it goes through.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from shall.engine.plan import Plan, PlannedProvision

Name = Literal[
    "equal", "stricter", "looser", "broader", "narrower", "overlapping", "incorporates", "incorporated", "no_match"
]  # fmt: skip
RELATIONS: tuple[Name, ...] = (
    "no_match", "looser", "stricter", "narrower", "broader", "overlapping", "incorporates", "incorporated", "equal",
)  # fmt: skip
"""Every relation, in the order reports list them: what asks for attention first."""
INVERSE: Mapping[Name, Name] = {
    "equal": "equal",
    "stricter": "looser",
    "looser": "stricter",
    "broader": "narrower",
    "narrower": "broader",
    "overlapping": "overlapping",
    "incorporates": "incorporated",
    "incorporated": "incorporates",
    "no_match": "no_match",
}
Origin = Literal["computed", "reviewed", "derived"]

LESS, SAME, MORE, MIXED = -1, 0, 1, 2
"""Signs: the left asks less, the same, more, or it cannot be said which."""


_TURNED = {
    "left": "right", "left_only": "right_only", "more": "less", "above": "below",
    "right": "left", "right_only": "left_only", "less": "more", "below": "above",
}  # fmt: skip
"""Codes that name a side, and what they are called from the other one."""


class Reason(NamedTuple):
    """Why: what was looked at, its sign, and a key of the catalogue with what the left and the right say."""

    kind: str
    sign: int
    code: str
    left: Any = None
    right: Any = None

    def inverse(self) -> "Reason":
        """The same reason with the sides exchanged."""
        head, _, tail = self.code.partition(".")
        left, right = self.right, self.left
        if self.kind == "mapping":
            left, right = (INVERSE.get(side) for side in (left, right))
            left, right = (right, left) if tail == "overrules" else (left, right)
        code = f"{head}.{_TURNED.get(tail, tail)}" if tail else head
        return Reason(self.kind, inverse_sign(self.sign), code, left, right)


class Review(NamedTuple):
    """Who decided a relation, when and why."""

    author: str
    date: str
    rationale: Mapping[str, str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Relation:
    """How the left provision relates to the right one, with its reasons.

    `through` is the incorporated or intermediate provision it goes by. `computed` is what a reviewer overruled.
    """

    left: str
    right: str
    relation: Name
    reasons: tuple[Reason, ...]
    strength: int
    origin: Origin = "computed"
    through: str = ""
    computed: Name | None = None
    review: Review | None = None

    def inverse(self) -> "Relation":
        """How the right one relates to the left one."""
        return replace(
            self,
            left=self.right,
            right=self.left,
            relation=INVERSE[self.relation],
            reasons=tuple(r.inverse() for r in self.reasons),
            computed=INVERSE[self.computed] if self.computed else None,
        )


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A provision without counterpart in another standard; `near` stand under the same heading there."""

    provision: str
    standard: str
    reasons: tuple[Reason, ...]
    near: tuple[str, ...] = ()
    origin: Origin = "computed"
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Two standards side by side: the relations of the left to the right, and what stands alone on either side."""

    left: str
    right: str
    relations: tuple[Relation, ...]
    only_left: tuple[Unmatched, ...]
    only_right: tuple[Unmatched, ...]

    def inverse(self) -> "Crosswalk":
        """The right beside the left."""
        turned = tuple(r.inverse() for r in self.relations)
        return Crosswalk(self.right, self.left, turned, self.only_right, self.only_left)


def ruleset_of(id: str) -> str:
    """The ruleset in a provision's full name."""
    return id.partition(":")[0]


def inverse_sign(sign: int) -> int:
    """The sign seen from the other side."""
    return sign if sign == MIXED else -sign


def joined(signs: Iterable[int]) -> int:
    """Several signs in one: any doubt, or both directions, is MIXED."""
    found = set(signs) - {SAME}
    if not found:
        return SAME
    return found.pop() if len(found) == 1 else MIXED


def relation_of(content: int, strength: int) -> Name:
    """The relation that the two signs make."""
    match content, strength:
        case (0, 0):
            return "equal"
        case (0, 1):
            return "stricter"
        case (0, -1):
            return "looser"
        case (1, 0 | 1):
            return "broader"
        case (-1, 0 | -1):
            return "narrower"
    return "overlapping"


# --- what is compared ------------------------------------------------------------------------------


class Requirement(NamedTuple):
    """A compiled requirement: what it asks with numbers and intervals left out, those, and its least number."""

    shape: int
    numbers: tuple[Any, ...]
    at_least: int


class Traits(NamedTuple):
    """What of a provision is compared."""

    id: str
    ruleset: str
    concepts: frozenset[str]
    gist: str
    modality: str
    severity: str
    documented: frozenset[str]
    interval: tuple[int, int]
    interval_word: str
    trigger: str
    trigger_words: Mapping[str, str] | None
    scope: Any
    scope_words: Mapping[str, str] | None
    requirements: tuple[Requirement, ...]
    judged: bool

    @property
    def rank(self) -> int:
        """3 shall, 2 should, 1 may or can, 0 statement."""
        if self.severity != "info":
            return 3 if self.severity == "shall" else 2
        return 1 if self.modality in ("may", "can") else 0

    @property
    def force(self) -> str:
        """The modality, with the severity a reading gave it behind a stroke."""
        implied = self.modality if self.modality in ("shall", "should") else "info"
        return self.modality if implied == self.severity else f"{self.modality}/{self.severity}"

    @property
    def shapes(self) -> frozenset[int]:
        """The requirements with numbers and intervals left out."""
        return frozenset(r.shape for r in self.requirements)


_PERIODS = ("months", "days", "defined")
_CONCEPT = re.compile(r"^([a-z][a-z0-9_.]*):", re.M)


def vocabulary() -> tuple[str, ...]:
    """The names of all shipped concepts in their order, read without a YAML parser: every comparison does it."""
    text = files("shall.rulesets").joinpath("concepts.yaml").read_text(encoding="utf-8")
    return tuple(_CONCEPT.findall(text))


def takes_part(p: PlannedProvision) -> bool:
    """Whether a provision is compared at all."""
    return p.severity != "info" or bool(p.concepts)


@dataclass
class Standards:
    """The standards of a plan made ready to be compared; what two provisions have in common is found by concept."""

    plan: Plan
    names: tuple[str, ...] = field(default_factory=vocabulary)
    """All concepts there are: whether one has others below it does not depend on the standards at hand."""

    def __post_init__(self) -> None:
        self._aggregates: dict[int, tuple[Any, tuple[Any, ...]]] = {}
        self._shapes: dict[Any, int] = {}
        self.provisions = {p.id: p for p in self.plan.provisions if takes_part(p)}
        self.traits = {id: self._traits(p) for id, p in self.provisions.items()}
        self._carriers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for one in self.traits.values():
            for concept in sorted(one.concepts):
                self._carriers[concept][one.ruleset].append(one.id)

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of every provision in its text."""
        return {p.id: n for n, p in enumerate(self.plan.provisions)}

    @cached_property
    def fields(self) -> frozenset[str]:
        """Concepts that have others below them."""
        above: set[str] = set()
        for name in {*self.names, *self._carriers}:
            above.update(_ancestors(name))
        return frozenset(above)

    @cached_property
    def _above(self) -> Mapping[str, tuple[str, ...]]:
        """The carried concepts above each carried one."""
        return {name: tuple(a for a in _ancestors(name) if a in self._carriers) for name in self._carriers}

    def crosswalk(self, left: str, right: str) -> Crosswalk:
        """How each provision of the left standard relates to those of the right one; keys of rulesets."""
        found = [*self._incorporated(left, right)]
        found += [r.inverse() for r in self._incorporated(right, left)]
        through = {(r.left, r.right) for r in found}
        pairs = (pair for pair in self._pairs(left, right) if pair not in through)
        found += [self.relation(self.traits[a], self.traits[b]) for a, b in pairs]
        return self.completed(left, right, found)

    def completed(self, left: str, right: str, relations: Iterable[Relation]) -> Crosswalk:
        """A crosswalk of these relations in the order of the left text, with what they leave alone on either side."""
        place = self.order
        found = sorted(relations, key=lambda r: (place[r.left], place[r.right], place.get(r.through, -1)))
        met = {one for r in found if r.relation != "no_match" for one in (r.left, r.right)}
        alone = {
            key: tuple(self._alone(one, other) for one in self.of(key) if one.id not in met)
            for key, other in ((left, right), (right, left))
        }
        kept = tuple(r for r in found if r.relation != "no_match" or r.origin == "reviewed")
        return Crosswalk(left, right, kept, alone[left], alone[right])

    def of(self, key: str) -> Iterator[Traits]:
        """What takes part of a standard, in the order of its text."""
        return (one for one in self.traits.values() if one.ruleset == key)

    def relation(self, a: Traits, b: Traits, through: str = "") -> Relation:
        """How one provision relates to another that it meets in a concept."""
        concept, field_only = self._concept(a, b)
        requirement = _requirement(a, b)
        content = [*concept, *_in_doubt(requirement, concept)]
        strength = [*_strength(a, b)]
        name = relation_of(joined(r.sign for r in content), joined(r.sign for r in strength))
        if field_only and name in ("equal", "stricter", "looser"):
            name = "overlapping"
        reasons = (*concept, requirement, *strength)
        return Relation(
            a.id, b.id, name, reasons, _certainty(concept, requirement, field_only), "computed", through
        )

    # --- pairs ---------------------------------------------------------------------------------------

    def _pairs(self, left: str, right: str) -> Iterator[tuple[str, str]]:
        """Pairs that share a concept, or stand above and below one another; each once."""
        pairs: dict[tuple[str, str], None] = {}
        for concept, carriers in self._carriers.items():
            for a in carriers.get(left, ()):
                pairs.update(dict.fromkeys((a, b) for b in carriers.get(right, ())))
            for above in self._above[concept]:
                over = self._carriers[above]
                for a in carriers.get(left, ()):
                    pairs.update(dict.fromkeys((a, b) for b in over.get(right, ())))
                for a in over.get(left, ()):
                    pairs.update(dict.fromkeys((a, b) for b in carriers.get(right, ())))
        return iter(pairs)

    def _incorporated(self, left: str, right: str) -> Iterator[Relation]:
        """What the left standard's incorporating provisions say of the right standard."""
        for one in list(self.of(left)):
            reached = self._reached(self.provisions[one.id])
            for other in reached:
                if other.ruleset == right:
                    reason = Reason("incorporation", SAME, "incorporation", other.id, None)
                    yield Relation(one.id, other.id, "incorporates", (reason,), 10)
            if any(other.ruleset == right for other in reached):
                continue
            for other in reached:
                yield from self._through(one, self.traits[other.id], right)

    def _through(self, one: Traits, other: Traits, right: str) -> Iterator[Relation]:
        held = (
            other if other.rank <= one.rank else other._replace(modality=one.modality, severity=one.severity)
        )
        if one.scope is not None:
            held = held._replace(scope=one.scope, scope_words=one.scope_words)
        for _, b in self._partners(other.id, right):
            found = self.relation(held, self.traits[b], other.id)
            why = Reason("incorporation", SAME, "incorporation.through", other.id, None)
            yield replace(found, left=one.id, reasons=(why, *found.reasons))

    def _partners(self, id: str, right: str) -> Iterator[tuple[str, str]]:
        found: dict[str, None] = {}
        for concept in sorted(self.traits[id].concepts):
            found.update(dict.fromkeys(self._carriers[concept].get(right, ())))
        return ((id, b) for b in found)

    def _reached(self, p: PlannedProvision) -> list[PlannedProvision]:
        """The binding provisions that one incorporates, directly or through others."""
        found: dict[int, None] = {}
        waiting = list(p.incorporated)
        while waiting:
            n = waiting.pop(0)
            if n not in found:
                found[n] = None
                waiting += self.plan.provisions[n].incorporated
        return [self.plan.provisions[n] for n in found]

    def _alone(self, one: Traits, other: str) -> Unmatched:
        if not one.concepts:
            return Unmatched(one.id, other, (Reason("concept", SAME, "concept.unclassified"),))
        reason = Reason("concept", SAME, "concept.none", tuple(sorted(one.concepts)), other)
        return Unmatched(one.id, other, (reason,), self._near(one, other))

    def _near(self, one: Traits, other: str, most: int = 4) -> tuple[str, ...]:
        heads = {concept.rpartition(".")[0] for concept in one.concepts}
        found: dict[str, None] = {}
        for head in sorted(heads):
            for concept in self._siblings.get(head, ()):
                found.update(dict.fromkeys(self._carriers[concept].get(other, ())))
        return tuple(sorted(found, key=lambda id: self.order[id]))[:most]

    @cached_property
    def _siblings(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for concept in self._carriers:
            found[concept.rpartition(".")[0]].append(concept)
        return found

    # --- content -------------------------------------------------------------------------------------

    def _concept(self, a: Traits, b: Traits) -> tuple[list[Reason], bool]:
        """What the concepts say, and whether nothing but a field is shared."""
        shared = a.concepts & b.concepts
        things = shared - self.fields
        if not things:
            return [self._field(a, b, shared)], True
        if a.concepts == b.concepts:
            return [self._spread(a, b)], False
        sign = MORE if a.concepts > b.concepts else LESS if a.concepts < b.concepts else MIXED
        code = {MORE: "concept.more", LESS: "concept.less", MIXED: "concept.some"}[sign]
        return [
            Reason("concept", sign, code, _names(a.concepts - b.concepts), _names(b.concepts - a.concepts))
        ], False

    def _field(self, a: Traits, b: Traits, shared: frozenset[str]) -> Reason:
        """Two provisions that meet only in a field, or above and below one another."""
        over = {x for x in a.concepts if any(_below(y, x) for y in b.concepts)}
        under = {y for y in b.concepts if any(_below(x, y) for x in a.concepts)}
        if shared or (over and under):
            return Reason("concept", MIXED, "concept.field", _names(shared or over), _names(shared or under))
        if over:
            return Reason("concept", MORE, "concept.above", _names(over), _names(b.concepts))
        return Reason("concept", LESS, "concept.below", _names(a.concepts), _names(under))

    def _spread(self, a: Traits, b: Traits) -> Reason:
        """Same concepts: the same thing, unless one standard or both say it in several places."""
        left = max(len(self._carriers[c][a.ruleset]) for c in a.concepts)
        right = max(len(self._carriers[c][b.ruleset]) for c in b.concepts)
        alike = a.gist == b.gist or (a.requirements and a.shapes == b.shapes)
        if alike or (left == right == 1):
            return Reason("concept", SAME, "concept.same", _names(a.concepts), _names(b.concepts))
        sign = MIXED if left > 1 and right > 1 else LESS if left > 1 else MORE
        return Reason("concept", sign, "concept.spread", left, right)

    # --- traits --------------------------------------------------------------------------------------

    def _traits(self, p: PlannedProvision) -> Traits:
        requirements = tuple(dict.fromkeys(self._requirement(n) for n in p.requirements))
        months = [
            _days(n) for r in requirements for n in r.numbers if isinstance(n, tuple) and n[0] != "defined"
        ]
        condition = self.plan.conditions[p.when] if p.when is not None else None
        scope = (
            self._expanded(condition.decision) if condition else p.condition["zh"] if p.condition else None
        )
        return Traits(
            id=p.id,
            ruleset=p.ruleset,
            concepts=frozenset(p.concepts),
            gist=p.gist["zh"],
            modality=p.modality,
            severity=p.severity,
            documented=_closed(p.doc_info),
            interval=(3, -min(months)) if months else (_INTERVALS.get(p.interval or "", 0), 0),
            interval_word="number" if months else p.interval or "none",
            trigger=p.trigger["zh"] if p.trigger else "",
            trigger_words=p.trigger,
            scope=scope,
            scope_words=condition.says if condition else p.condition,
            requirements=requirements,
            judged=p.judged is not None,
        )

    def _requirement(self, n: int) -> Requirement:
        planned = self.plan.requirements[n]
        numbers: list[Any] = []
        shape = self._bare(planned.decision, numbers)
        least = max((int(part.wording.get("at_least", 0)) for part in planned.parts), default=0)
        return Requirement(self._shapes.setdefault(shape, len(self._shapes)), tuple(numbers), least)

    def _bare(self, tree: Any, numbers: list[Any]) -> Any:
        """A tree with its aggregates written out and its numbers and intervals put aside."""
        if not isinstance(tree, tuple):
            return tree
        if len(tree) == 2 and tree[0] == "agg":
            if tree[1] not in self._aggregates:
                aside: list[Any] = []
                self._aggregates[tree[1]] = (self._bare(self.plan.aggregates[tree[1]], aside), tuple(aside))
            bare, put = self._aggregates[tree[1]]
            numbers += put
            return bare
        if len(tree) == 2 and (tree[0] in ("int", "dec") or tree[0] in _PERIODS):
            numbers.append(tree if tree[0] in _PERIODS else tree[1])
            return (tree[0] if tree[0] in ("int", "dec") else "interval",)
        return tuple(self._bare(part, numbers) for part in tree)

    def _expanded(self, tree: Any) -> Any:
        if not isinstance(tree, tuple):
            return tree
        if len(tree) == 2 and tree[0] == "agg":
            return self.plan.aggregates[tree[1]]
        return tuple(self._expanded(part) for part in tree)


_INTERVALS = {"defined": 2, "planned": 1, "periodic": 1, "frequency": 1}


def _days(interval: tuple[str, int]) -> int:
    """A period in days, near enough to say which of two is shorter."""
    return interval[1] * 30 if interval[0] == "months" else interval[1]


def _closed(asked: Sequence[str]) -> frozenset[str]:
    """Documented information asked for, with the writing that maintaining and retaining imply."""
    return frozenset(asked) | ({"document"} if asked else set())


def _names(concepts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(concepts))


def _below(name: str, above: str) -> bool:
    return name.startswith(f"{above}.")


def _ancestors(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _requirement(a: Traits, b: Traits) -> Reason:
    """What the compiled checks say."""
    left, right = a.shapes, b.shapes
    if not left and not right:
        code = "requirement.judged" if a.judged and b.judged else "requirement.none"
        return Reason("requirement", SAME, code)
    if not left or not right:
        empty, code = (b, "requirement.left_only") if left else (a, "requirement.right_only")
        doubt = empty.severity != "info"
        return Reason("requirement", MIXED if doubt else SAME, code, len(left), len(right))
    if left == right:
        return Reason("requirement", SAME, "requirement.same", len(left), len(right))
    common = len(left & right)
    sign = MORE if left > right else LESS if left < right else MIXED
    code = {MORE: "requirement.more", LESS: "requirement.less", MIXED: "requirement.some"}[sign]
    return Reason("requirement", sign, code if common else "requirement.apart", len(left), len(right))


def _in_doubt(requirement: Reason, concept: Sequence[Reason]) -> list[Reason]:
    """The requirement's reason where it counts: checks that have nothing in common say nothing where concepts tell."""
    tells = any(r.sign in (MORE, LESS) for r in concept)
    silent = requirement.code in ("requirement.apart", "requirement.left_only", "requirement.right_only")
    return [] if tells and silent else [requirement]


def _certainty(concept: Sequence[Reason], requirement: Reason, field_only: bool) -> int:
    """From 1 to 10: how much rests on equal checks."""
    base = {"same": 9, "more": 7, "less": 7, "some": 5, "none": 5, "judged": 5}.get(
        requirement.code.partition(".")[2], 4
    )
    base -= sum(2 if r.sign == MIXED else 1 if r.sign else 0 for r in concept)
    return max(1, base - (2 if field_only else 0))


# --- strength ------------------------------------------------------------------------------------------


def _strength(a: Traits, b: Traits) -> Iterator[Reason]:
    """Every difference in how hard it is asked; what binds nobody is asked less, whatever else it says."""
    if a.rank != b.rank:
        yield Reason("modality", _sign(a.rank, b.rank), "modality", a.force, b.force)
    if (a.severity == "info") != (b.severity == "info"):
        return
    if a.documented != b.documented:
        sign = MORE if a.documented > b.documented else LESS if a.documented < b.documented else MIXED
        yield Reason("documented", sign, "documented", _names(a.documented), _names(b.documented))
    if a.interval != b.interval:
        yield Reason("interval", _sign(a.interval, b.interval), "interval", _interval(a), _interval(b))
    yield from _circumstance("trigger", a.trigger, b.trigger, a.trigger_words, b.trigger_words, given=MORE)
    yield from _circumstance("scope", a.scope, b.scope, a.scope_words, b.scope_words, given=LESS)
    yield from _numbers(a, b)


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _interval(one: Traits) -> str:
    return f"{one.interval_word} {-one.interval[1]}" if one.interval[0] == 3 else one.interval_word


def _circumstance(kind: str, left: Any, right: Any, says: Any, other: Any, *, given: int) -> Iterator[Reason]:
    """A trigger or a condition: `given` is the sign where only the left has one."""
    if left == right:
        return
    sign = MIXED if left and right else given if left else -given
    code = f"{kind}.differs" if left and right else f"{kind}.left" if left else f"{kind}.right"
    yield Reason(kind, sign, code, dict(says) if says else None, dict(other) if other else None)


def _numbers(a: Traits, b: Traits) -> Iterator[Reason]:
    """Checks that are equal but for a number; intervals are told apart by themselves."""
    left, right = _by_shape(a), _by_shape(b)
    for shape in sorted(left.keys() & right.keys()):
        one, other = left[shape], right[shape]
        if {_plain(r) for r in one} != {_plain(r) for r in other}:
            sign, shown = _higher(one, other)
            yield Reason("number", sign, "number", *shown)
        elif {_defined(r) for r in one} != {_defined(r) for r in other} and a.interval == b.interval:
            yield Reason("interval", MIXED, "interval.subject", _shown(one), _shown(other))


def _by_shape(one: Traits) -> dict[int, set[Requirement]]:
    found: dict[int, set[Requirement]] = defaultdict(set)
    for requirement in one.requirements:
        found[requirement.shape].add(requirement)
    return found


def _higher(left: set[Requirement], right: set[Requirement]) -> tuple[int, tuple[str, str]]:
    """Which of two checks asks for more records, where that is all they differ in."""
    if len(left) == len(right) == 1:
        (one,), (other,) = left, right
        apart = {pair for pair in zip(_plain(one), _plain(other), strict=True) if pair[0] != pair[1]}
        if apart == {(one.at_least, other.at_least)}:
            return _sign(one.at_least, other.at_least), (str(one.at_least), str(other.at_least))
    return MIXED, (_shown(left), _shown(right))


def _plain(one: Requirement) -> tuple[Any, ...]:
    """The numbers of a check without its intervals."""
    return tuple(n for n in one.numbers if not isinstance(n, tuple))


def _defined(one: Requirement) -> tuple[Any, ...]:
    return tuple(n for n in one.numbers if isinstance(n, tuple))


def _shown(requirements: set[Requirement]) -> str:
    """The numbers and intervals of some checks, for a person."""
    return " | ".join(
        sorted(
            ", ".join(str(n[1]) if isinstance(n, tuple) else str(n) for n in r.numbers) for r in requirements
        )
    )
