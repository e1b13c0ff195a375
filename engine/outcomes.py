"""The closed list of outcomes, and names the plan, the executors and the verdicts share."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from shall.engine.trees import Tree

UNMET, NOTHING, UNKNOWN, MET = range(4)
"""Outcome codes. Their order is Kleene's: `and` is the least, `or` the greatest; nothing found is a kind of unknown."""

OUTCOMES = ("unmet", "nothing_found", "unknown", "met")
"""Names of the outcomes, by code."""

INTERVAL_KIND = "defined_interval"
"""The kind in which an organisation records how often it has decided to do things."""

PROFILE = "organisation"
"""The kind of the organisation's own profile."""

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPUTE: Mapping[str, Callable[[Any, Any], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def decide_tree(tree: Tree, number: Callable[[int], int | None]) -> int:
    """The outcome of a decision tree; `number` gives an aggregate as a number by its index."""
    match tree:
        case ("case", branches, otherwise):
            found: int = next((outcome for test, outcome in branches if _holds(test, number)), otherwise)
            return found
        case ("max" | "min" as name, *parts):
            outcomes = [decide_tree(part, number) for part in parts]
            return max(outcomes) if name == "max" else min(outcomes)
    raise ValueError(tree)


def _holds(test: Tree, number: Callable[[int], int | None]) -> bool:
    match test:
        case ("and", *parts):
            return all(_holds(part, number) for part in parts)
        case ("or", *parts):
            return any(_holds(part, number) for part in parts)
        case ("is", decision, outcome):
            return bool(decide_tree(decision, number) == outcome)
        case ("cmp", op, left, right):
            return _COMPARE[op](_value(left, number), _value(right, number))
    raise ValueError(test)


def _value(tree: Tree, number: Callable[[int], int | None]) -> int | None:
    match tree:
        case ("agg", index):
            return number(index)
        case ("int", value):
            return int(value)
        case (op, left, right):
            return _COMPUTE[op](_value(left, number), _value(right, number))
    raise ValueError(tree)
