"""What a requirement asks, told apart from its number in a plan: equal content is equal in any plan."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shall.engine.plan import Plan, PlannedProvision, PlannedRequirement
from shall.engine.trees import Tree, columns


def expanded(plan: Plan, tree: Tree) -> Tree:
    """A decision with its aggregates written out in the place of their numbers."""
    if len(tree) == 2 and tree[0] == "agg":
        return ("agg", plan.aggregates[tree[1]])
    return tuple(expanded(plan, part) if isinstance(part, tuple) else part for part in tree)


def digest(value: Any, length: int = 12) -> str:
    """A short name for a plain value, the same wherever it is computed."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def aggregates_in(tree: Tree) -> Iterator[int]:
    """The numbers of the aggregates that a decision reads."""
    if len(tree) == 2 and tree[0] == "agg":
        yield tree[1]
        return
    for part in tree:
        if isinstance(part, tuple):
            yield from aggregates_in(part)


def columns_read(plan: Plan, requirement: PlannedRequirement) -> Mapping[str, tuple[str, ...]]:
    """The columns that a requirement reads of each kind, in the order in which it reads them."""
    found: dict[str, dict[str, None]] = {}
    for index in aggregates_in(requirement.decision):
        for kind, names in _reads(plan.aggregates[index]):
            found.setdefault(kind, {}).update(dict.fromkeys(names))
    return {kind: tuple(names) for kind, names in found.items()}


def _reads(aggregate: Tree) -> Iterator[tuple[str, list[str]]]:
    """What an aggregate reads, by kind; the compiler, which knows too, takes half a second to import."""
    match aggregate:
        case ("count", kind, predicate, _):
            yield kind, [*columns(predicate)]
        case ("sum" | "stale" | "gaps", kind, column, predicate, *_):
            yield kind, [column, *columns(predicate)]
        case ("unlinked", kind, predicate, column, partner, wanted, other, _):
            yield kind, [column, *columns(predicate)]
            yield partner, [other, *columns(wanted)]
        case ("unanswered", kind, predicate, column, partner, wanted, other, match, _, _):
            left, right = match or ("id", "id")
            yield kind, [column, left, *columns(predicate)]
            yield partner, [other, right, *columns(wanted)]
        case ("lapsed", kind, predicate, column, since, events, wanted, date, other, _, _):
            yield kind, [column, *([since] if since else []), *columns(predicate)]
            yield events, [date, other, *columns(wanted)]
        case _:
            raise ValueError(aggregate)


def own(plan: Plan, key: str) -> list[PlannedProvision]:
    """The provisions of one standard of a plan, in the order of its text."""
    return [p for p in plan.provisions if p.ruleset == key]


def binding(provisions: Iterable[PlannedProvision]) -> list[PlannedProvision]:
    """Those that require or recommend."""
    return [p for p in provisions if p.severity != "info"]


def incorporated(plan: Plan, p: PlannedProvision) -> list[PlannedProvision]:
    """The provisions that one incorporates, directly or through others."""
    found: dict[int, None] = {}
    waiting = list(p.incorporated)
    while waiting:
        n = waiting.pop(0)
        if n not in found:
            found[n] = None
            waiting += plan.provisions[n].incorporated
    return [plan.provisions[n] for n in found]
