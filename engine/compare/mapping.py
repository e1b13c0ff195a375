"""Reviewed mappings: what people who read both texts decided, over what is computed; and chains over a third standard.

A file holds two lists. `mappings`: pairs with a relation of the closed list, a strength from 1 to 10, author, date
and rationale in both languages; `no_match` as a relation says that a pair is none although it shares a concept.
`no_counterpart`: provisions that nothing in a standard answers. What a review overrules stays visible beside it.

Errors, each with file and line: unknown keys, provisions that do not exist, a pair within one standard, a pair
mapped twice, a `no_counterpart` beside a relation to the same standard, and cycles of stricter (with what is equal
taken together).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shall.engine.compare.relations import (
    INVERSE,
    MIXED,
    Crosswalk,
    Name,
    Reason,
    Relation,
    Review,
    Standards,
    Unmatched,
    joined,
    relation_of,
    ruleset_of,
)
from shall.texts import say
from shall.texts.errors import RulesetError

if TYPE_CHECKING:
    from shall.engine.loader import Problem, Source

FOLDER = "mappings"
Chosen = Literal["equal", "stricter", "looser", "broader", "narrower", "overlapping", "no_match"]


class MappingProblems(RulesetError):
    """A mapping file that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: "Iterable[Problem]") -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("compare.problems", count=len(self.problems))

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems)])


@dataclass(frozen=True, slots=True)
class ReviewedPair:
    """One reviewed pair; `left` and `right` are provisions with their rulesets."""

    left: str
    right: str
    relation: Name
    strength: int
    review: Review


@dataclass(frozen=True, slots=True)
class Alone:
    """One reviewed statement that a provision has no counterpart in a standard."""

    provision: str
    standard: str
    review: Review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """All reviewed statements at hand."""

    mappings: tuple[ReviewedPair, ...] = ()
    alone: tuple[Alone, ...] = ()

    def between(self, left: str, right: str) -> Iterator[ReviewedPair]:
        """Those of two standards, turned so that they read from left to right."""
        for one in self.mappings:
            match (ruleset_of(one.left), ruleset_of(one.right)):
                case (a, b) if (a, b) == (left, right):
                    yield one
                case (a, b) if (a, b) == (right, left):
                    yield replace(one, left=one.right, right=one.left, relation=INVERSE[one.relation])


def shipped_mappings() -> list[Traversable]:
    """The mapping files that come with the project, by name."""
    folder = files("shall.rulesets").joinpath(FOLDER)
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)


def read_mappings(
    sources: Sequence[Traversable | Path], known: Mapping[str, Collection[str]], others: Collection[str] = ()
) -> Reviewed:
    """The statements of these files about the standards in `known` (addresses by ruleset).

    Those about the rulesets in `others`, which exist but are not at hand, are left out. Raises MappingProblems.
    """
    problems: list[Problem] = []
    found: list[tuple[ReviewedPair | Alone, Source, tuple[str, int]]] = []
    for entry in sources:
        found += _read(entry, known, others, problems)
    _contradictions(found, problems)
    _cycles(found, problems)
    if problems:
        raise MappingProblems(problems)
    kept = [one for one, _, _ in found]
    return Reviewed(
        tuple(one for one in kept if isinstance(one, ReviewedPair)),
        tuple(one for one in kept if isinstance(one, Alone)),
    )


def _shape() -> Any:
    """The model of a file; pydantic stays out of a comparison that has no file to read."""
    from pydantic import Field

    from shall.engine.models import Both, Shape, Text

    class Line(Shape):
        author: Text
        date: date
        rationale: Both

    class Pair(Line):
        from_: Text = Field(alias="from")
        to: Text
        relation: Chosen
        strength: int = Field(ge=1, le=10)

    class Single(Line):
        provision: Text
        standard: Text

    class File(Shape):
        mappings: tuple[Pair, ...] = ()
        no_counterpart: tuple[Single, ...] = ()

    return File


def _read(
    entry: Traversable | Path,
    known: Mapping[str, Collection[str]],
    others: Collection[str],
    problems: "list[Problem]",
) -> "Iterator[tuple[ReviewedPair | Alone, Source, tuple[str, int]]]":
    from shall.engine.loader import Problem, Source, validated
    from shall.engine.wrong import unreadable
    from shall.engine.yaml_lines import YamlProblem, load

    try:
        source = Source(entry.name, *load(entry.read_text(encoding="utf-8")))
    except YamlProblem as error:
        problems.append(Problem(entry.name, error.line, error.key, error.fields))
        return
    except (OSError, UnicodeDecodeError) as error:
        fields = {"name": entry.name, "why": unreadable(error)}
        problems.append(Problem(entry.name, 1, "rules.file_unreadable", fields))
        return
    shape = validated(_shape(), source, (), problems) if isinstance(source.value, dict) else None
    if shape is None:
        if not isinstance(source.value, dict):
            problems.append(Problem(entry.name, 1, "compare.not_a_mapping", {}))
        return
    for list_, items in (("mappings", shape.mappings), ("no_counterpart", shape.no_counterpart)):
        for n, item in enumerate(items):
            line = source.line(list_, n)
            review = Review(
                item.author,
                item.date.isoformat(),
                {"zh": item.rationale.zh, "en": item.rationale.en},
                entry.name,
                line,
            )
            names = (item.from_, item.to) if list_ == "mappings" else (item.provision,)
            wrong = list(_unknown(names, getattr(item, "standard", None), known, others))
            problems += [Problem(entry.name, line, key, fields) for key, fields in wrong]
            if wrong or any(ruleset_of(name) not in known for name in names):
                continue
            if list_ == "mappings":
                yield (
                    ReviewedPair(item.from_, item.to, item.relation, item.strength, review),
                    source,
                    (list_, n),
                )
            elif item.standard in known:
                yield Alone(item.provision, item.standard, review), source, (list_, n)


def _unknown(
    names: Sequence[str], standard: str | None, known: Mapping[str, Collection[str]], others: Collection[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    shown = ", ".join([*known, *(key for key in others if key not in known)])
    for name in names:
        ruleset, _, address = name.partition(":")
        if ruleset in known and address not in known[ruleset]:
            yield "compare.unknown_provision", {"name": name}
        elif ruleset not in known and ruleset not in others:
            yield "compare.unknown_standard", {"name": name, "known": shown}
    if standard is not None and standard not in known and standard not in others:
        yield "compare.unknown_standard", {"name": standard, "known": shown}
    sides = [ruleset_of(name) for name in names] + ([standard] if standard is not None else [])
    if len(set(sides)) < len(sides):
        yield "compare.one_standard", {"name": names[0]}


def _contradictions(
    found: "Sequence[tuple[ReviewedPair | Alone, Source, tuple[str, int]]]", problems: "list[Problem]"
) -> None:
    from shall.engine.loader import Problem

    pairs: dict[frozenset[str], Review] = {}
    related: dict[tuple[str, str], Review] = {}
    for one, _, _ in found:
        if not isinstance(one, ReviewedPair):
            continue
        pair = frozenset((one.left, one.right))
        if pair in pairs:
            fields = {"left": one.left, "right": one.right, **_place(pairs[pair])}
            problems.append(Problem(one.review.file, one.review.line, "compare.pair_twice", fields))
        pairs.setdefault(pair, one.review)
        if one.relation != "no_match":
            for id, other in ((one.left, one.right), (one.right, one.left)):
                related.setdefault((id, ruleset_of(other)), one.review)
    seen: dict[tuple[str, str], Review] = {}
    for one, _, _ in found:
        if not isinstance(one, Alone):
            continue
        key = (one.provision, one.standard)
        fields = {"name": one.provision, "standard": one.standard}
        if key in seen:
            fields |= _place(seen[key])
            problems.append(Problem(one.review.file, one.review.line, "compare.alone_twice", fields))
        elif key in related:
            fields |= _place(related[key])
            problems.append(Problem(one.review.file, one.review.line, "compare.alone_but_related", fields))
        seen.setdefault(key, one.review)


def _place(review: Review) -> dict[str, str]:
    return {"file": review.file, "line": str(review.line)}


def _cycles(
    found: "Sequence[tuple[ReviewedPair | Alone, Source, tuple[str, int]]]", problems: "list[Problem]"
) -> None:
    """A provision that is stricter than itself by way of others."""
    from shall.engine.loader import Problem

    ways: dict[str, list[str]] = defaultdict(list)
    strict: list[tuple[str, str, Review]] = []
    first = {
        frozenset((one.left, one.right)): one
        for one, _, _ in reversed(found)
        if isinstance(one, ReviewedPair)
    }
    for one in first.values():
        left, right = (one.right, one.left) if one.relation == "looser" else (one.left, one.right)
        if one.relation in ("stricter", "looser", "equal"):
            ways[left].append(right)
        if one.relation == "equal":
            ways[right].append(left)
        elif one.relation in ("stricter", "looser"):
            strict.append((left, right, one.review))
    for left, right, review in strict:
        if way := _way(ways, right, left):
            fields = {"cycle": " > ".join([left, *way])}
            problems.append(Problem(review.file, review.line, "compare.cycle", fields))


def _way(ways: Mapping[str, Sequence[str]], start: str, end: str) -> list[str] | None:
    """The shortest way from start to end, both named; None if there is none."""
    before: dict[str, str | None] = {start: None}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        if name == end:
            found: list[str] = []
            step: str | None = name
            while step is not None:
                found.append(step)
                step = before[step]
            return found[::-1]
        for after in ways.get(name, ()):
            if after not in before:
                before[after] = name
                waiting.append(after)
    return None


# --- what a review changes -----------------------------------------------------------------------------


def overruled(standards: Standards, walk: Crosswalk, reviewed: Reviewed) -> Crosswalk:
    """The crosswalk with what was reviewed in the place of what was computed, which stays named beside it."""
    said = {(one.left, one.right): one for one in reviewed.between(walk.left, walk.right)}
    alone = {(one.provision, one.standard): one for one in reviewed.alone}
    if not said and not alone:
        return walk
    relations: list[Relation] = []
    replaced: set[tuple[str, str]] = set()
    for one in walk.relations:
        pair = (one.left, one.right)
        if (one.left, walk.right) in alone or (one.right, walk.left) in alone or pair in replaced:
            continue
        if pair in said:
            replaced.add(pair)
        relations.append(_replaced(one, said[pair]) if pair in said else one)
    relations += [_added(one) for pair, one in said.items() if pair not in replaced]
    made = standards.completed(walk.left, walk.right, relations)
    return replace(
        made,
        only_left=tuple(_stated(one, alone) for one in made.only_left),
        only_right=tuple(_stated(one, alone) for one in made.only_right),
    )


def _replaced(one: Relation, stated: ReviewedPair) -> Relation:
    reason = Reason("mapping", 0, "mapping.overrules", one.relation, stated.relation)
    return replace(
        one,
        relation=stated.relation,
        reasons=(reason, *one.reasons),
        strength=stated.strength,
        origin="reviewed",
        computed=one.relation,
        review=stated.review,
    )


def _added(stated: ReviewedPair) -> Relation:
    reason = Reason("mapping", 0, "mapping.adds")
    return Relation(
        stated.left,
        stated.right,
        stated.relation,
        (reason,),
        stated.strength,
        "reviewed",
        computed="no_match",
        review=stated.review,
    )


def _stated(one: Unmatched, alone: Mapping[tuple[str, str], Alone]) -> Unmatched:
    stated = alone.get((one.provision, one.standard))
    return replace(one, origin="reviewed", review=stated.review) if stated else one


# --- chains ----------------------------------------------------------------------------------------------

LINK = 4
"""The least strength from which something follows."""
_SIGNS: Mapping[Name, tuple[int, int]] = {
    "equal": (0, 0),
    "stricter": (0, 1),
    "looser": (0, -1),
    "broader": (1, 0),
    "narrower": (-1, 0),
}


def chained(first: Name, second: Name) -> Name | None:
    """What follows for A and C from A to B and B to C; None where nothing follows.

    >>> chained("equal", "looser"), chained("stricter", "broader"), chained("stricter", "looser")
    ('looser', 'broader', None)
    """
    if first not in _SIGNS or second not in _SIGNS:
        return None
    content = joined((_SIGNS[first][0], _SIGNS[second][0]))
    strength = joined((_SIGNS[first][1], _SIGNS[second][1]))
    found = relation_of(content, strength)
    return None if MIXED in (content, strength) or found == "overlapping" else found


def _carries(one: Relation) -> bool:
    """Whether a relation can be a link: of the two provisions themselves, and on more than a shared field."""
    return not one.through and one.strength >= LINK


def chain(standards: Standards, direct: Crosswalk, first: Crosswalk, second: Crosswalk) -> Crosswalk:
    """The direct crosswalk with what follows over a third standard for provisions that have no relation of their own.

    `first` reads from the left to the third standard, `second` from there to the right. Relations that go through an
    incorporated provision, or weaker than `LINK`, are no links. A derived relation is as
    strong as the weaker of its two links, and of several ways the strongest is kept.
    """
    onward: dict[str, list[Relation]] = defaultdict(list)
    for one in second.relations:
        if _carries(one):
            onward[one.left].append(one)
    has = {(one.left, one.right) for one in direct.relations}
    best: dict[tuple[str, str], Relation] = {}
    stated = {u.provision for u in (*direct.only_left, *direct.only_right) if u.origin == "reviewed"}
    for one in first.relations:
        for other in onward.get(one.right, ()) if _carries(one) else ():
            pair = (one.left, other.right)
            name = chained(one.relation, other.relation)
            if name is None or pair in has or stated & set(pair):
                continue
            strength = min(one.strength, other.strength)
            if pair not in best or best[pair].strength < strength:
                reason = Reason("mapping", 0, "mapping.chain", one.relation, other.relation)
                best[pair] = Relation(*pair, name, (reason,), strength, "derived", one.right)
    return (
        standards.completed(direct.left, direct.right, [*direct.relations, *best.values()])
        if best
        else direct
    )
