"""Standards compared: every pair of them, reviewed, with chains, the matrix and the coverage, as one plain value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from shall.engine.compare.mapping import Reviewed, chain, overruled, read_mappings, shipped_mappings
from shall.engine.compare.matrix import Coverage, Row, chapter_of, coverage, rows
from shall.engine.compare.relations import RELATIONS, Crosswalk, Name, Standards
from shall.engine.plan import Plan, PlannedProvision
from shall.texts.errors import UsageError

NONE = Reviewed()
"""Nothing reviewed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The standards asked for, in their order, and everything found between them."""

    keys: tuple[str, ...]
    standards: Standards
    walks: tuple[Crosswalk, ...]
    rows: tuple[Row, ...]
    coverage: tuple[Coverage, ...]

    @property
    def plan(self) -> Plan:
        """The plan it was made from."""
        return self.standards.plan

    def provision(self, id: str) -> PlannedProvision:
        """The provision of that full name."""
        return self.standards.provisions[id]

    def titles(self, key: str) -> Mapping[str, Mapping[str, str]]:
        """The titles of the clauses of a standard."""
        found: Mapping[str, Mapping[str, str]] = self.plan.standards[key].get("clauses", {})
        return found


def compare(
    names: Sequence[str], files: Sequence[Path] = (), *, shipped: bool = True, chains: bool = True
) -> Comparison:
    """Compare these rulesets (keys or folders), each with each.

    `files` are mapping files of the user's own, which stand beside the shipped ones unless `shipped` is False.
    Raises RulesetError, MappingProblems, and UsageError for fewer than two standards.
    """
    plan, keys = plan_of(names)
    if len(keys) < 2:
        raise UsageError("compare.two")
    return comparison(Standards(plan), keys, reviewed(plan, files, shipped=shipped), chains=chains)


def plan_of(names: Sequence[str]) -> tuple[Plan, tuple[str, ...]]:
    """One plan of these rulesets with all of those that they incorporate, and the keys that were asked for.

    Whole, so that what is found of a pair does not depend on which others are compared.
    """
    from shall.engine.cache import executor_for

    plan = executor_for(tuple(names)).plan
    keys = plan.asked
    others = tuple(key for key in plan.standards if key not in keys)
    return (executor_for((*names, *others)).plan if others else plan), keys


def reviewed(plan: Plan, files: Sequence[Path] = (), *, shipped: bool = True) -> Reviewed:
    """The reviewed statements about the standards of a plan; raises MappingProblems."""
    from shall.engine.shelf import shipped as on_shelf

    sources = [*(shipped_mappings() if shipped else ()), *files]
    if not sources:
        return Reviewed()
    known: dict[str, set[str]] = {key: set() for key in plan.standards}
    for p in plan.provisions:
        known[p.ruleset].add(p.address)
    return read_mappings(sources, known, on_shelf())


def comparison(
    standards: Standards, keys: Sequence[str], said: Reviewed = NONE, *, chains: bool = True
) -> Comparison:
    """Every pair of these standards, what was reviewed in its place, and chains where they say something new."""
    direct = {(a, b): overruled(standards, standards.crosswalk(a, b), said) for a, b in combinations(keys, 2)}
    if chains:
        both = direct | {(b, a): walk.inverse() for (a, b), walk in direct.items()}
        for a, b in combinations(keys, 2):
            for third in keys:
                if third not in (a, b):
                    direct[a, b] = chain(standards, direct[a, b], both[a, third], both[third, b])
    walks = tuple(direct.values())
    return Comparison(
        tuple(keys), standards, walks, tuple(rows(standards, keys)), tuple(coverage(standards, walks))
    )


def counts(comparison: Comparison, walk: Crosswalk) -> dict[str, Counter[Name]]:
    """How many relations of each name stand in each chapter of the left standard; `no_match` counts its provisions.

    The chapters of the right standard whose provisions have no counterpart follow behind a `>`.
    """
    found: dict[str, Counter[Name]] = {}
    for one in comparison.standards.of(walk.left):
        found.setdefault(chapter_of(comparison.provision(one.id)), Counter())
    for relation in walk.relations:
        found[chapter_of(comparison.provision(relation.left))][relation.relation] += 1
    for alone in walk.only_left:
        found[chapter_of(comparison.provision(alone.provision))]["no_match"] += 1
    for alone in walk.only_right:
        chapter = chapter_of(comparison.provision(alone.provision))
        found.setdefault(f">{chapter}", Counter())["no_match"] += 1
    return found


def total(tallies: Mapping[str, Counter[Name]]) -> Counter[Name]:
    """All chapters of the left standard together."""
    return sum((c for chapter, c in tallies.items() if not chapter.startswith(">")), Counter[Name]())


def as_plain(found: Comparison) -> dict[str, Any]:
    """The comparison as dicts, lists and texts, without any wording of its own: what the JSON adds words to."""
    return {
        "standards": [_standard(found, key) for key in found.keys],
        "plan": found.plan.digest,
        "relations": list(RELATIONS),
        "pairs": [_pair(found, walk) for walk in found.walks],
        "coverage": [
            {"standard": c.standard, "chapter": c.chapter, "other": c.other, "met": c.met, "of": c.of}
            for c in found.coverage
        ],
        "matrix": [
            {
                "concept": row.concept,
                "modality_changes": row.changes,
                "provisions": {key: [one.id for one in cell.provisions] for key, cell in row.cells.items()},
            }
            for row in found.rows
        ],
        "provisions": {
            id: {
                "ruleset": p.ruleset,
                "address": p.address,
                "clause": p.clause,
                "modality": p.modality,
                "severity": p.severity,
                "gist": dict(p.gist),
                "concepts": list(p.concepts),
            }
            for id, p in found.standards.provisions.items()
            if p.ruleset in found.keys
        },
    }


def _standard(found: Comparison, key: str) -> dict[str, Any]:
    head = found.plan.standards[key]
    return {name: head.get(name) for name in ("key", "number", "title", "edition", "status")} | {"key": key}


def _pair(found: Comparison, walk: Crosswalk) -> dict[str, Any]:
    tallies = counts(found, walk)
    return {
        "left": walk.left,
        "right": walk.right,
        "counts": {name: total(tallies)[name] for name in RELATIONS if name != "no_match"},
        "only_left": [_alone(one) for one in walk.only_left],
        "only_right": [_alone(one) for one in walk.only_right],
        "relations": [
            {
                "left": one.left,
                "right": one.right,
                "relation": one.relation,
                "strength": one.strength,
                "origin": one.origin,
                "through": one.through or None,
                "computed": one.computed,
                "review": one.review._asdict() if one.review else None,
                "reasons": [reason._asdict() for reason in one.reasons],
            }
            for one in walk.relations
        ],
    }


def _alone(one: Any) -> dict[str, Any]:
    return {
        "provision": one.provision,
        "reasons": [reason._asdict() for reason in one.reasons],
        "near": list(one.near),
        "origin": one.origin,
        "review": one.review._asdict() if one.review else None,
    }
