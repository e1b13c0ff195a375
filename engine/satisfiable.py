"""Whether a predicate can be true of any record at all: a search over the values at which its truth can change."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from shall.engine.trees import SCALE, Tree, bind, columns, usual_start
from shall.evidence.schema import Column, Kind

DAY = date(2026, 6, 30)
"""Stands for the day of the audit; which day it is makes no difference to whether a predicate can be true."""

OTHER = "\x00other"
"""A text that no predicate names."""

YES, NO, OPEN = 1, 2, 4
"""What a predicate can still come to, as bits: true, false, unknown."""

Row = Mapping[str, Any]


def never_true(tree: Tree, kind: Kind) -> bool:
    """True if no record of the kind can satisfy the predicate; False where one can or arithmetic leaves it open."""
    names = list(dict.fromkeys(columns(tree)))
    values = [_values(tree, _column(kind, name)) for name in names]
    return not _calculates(tree) and not _found(tree, names, values, {})


def _column(kind: Kind, name: str) -> Column:
    column = kind.column(name)
    assert column is not None, name
    return column


def _found(tree: Tree, names: Sequence[str], values: Sequence[Sequence[Any]], row: dict[str, Any]) -> bool:
    """Whether the columns not yet in the row can be filled in so that the tree is true."""
    reachable = _reach(tree, row)
    if not reachable & YES:
        return False
    if len(row) == len(names):
        return True
    name = names[len(row)]
    for value in values[len(row)]:
        row[name] = value
        if _found(tree, names, values, row):
            return True
        del row[name]
    return False


def _reach(tree: Tree, row: Row) -> int:
    """What the tree can come to whatever the columns missing from the row hold; never too little."""
    match tree:
        case ("true",):
            return YES
        case ("and", *parts):
            return _all_of([_reach(part, row) for part in parts], YES, NO)
        case ("or", *parts):
            return _all_of([_reach(part, row) for part in parts], NO, YES)
        case ("not", inner):
            found = _reach(inner, row)
            return (found & OPEN) | (YES if found & NO else 0) | (NO if found & YES else 0)
    if any(name not in row for name in columns(tree)):
        return YES | NO | OPEN
    return _atom(tree, row)


def _all_of(parts: Sequence[int], whole: int, broken: int) -> int:
    """Kleene's conjunction over sets of outcomes (`whole` is what all must be); the disjunction with them swapped."""
    reach = broken if any(p & broken for p in parts) else 0
    if all(p & whole for p in parts):
        reach |= whole
    if any(p & OPEN for p in parts) and all(p & (whole | OPEN) for p in parts):
        reach |= OPEN
    return reach


def _atom(tree: Tree, row: Row) -> int:
    match tree:
        case ("flag", name):
            return OPEN if row[name] is None else YES if row[name] else NO
        case ("null", inner):
            return YES if _value(inner, row) is None else NO
        case ("in", inner, literals):
            value = _value(inner, row)
            return OPEN if value is None else YES if value in [_value(v, row) for v in literals] else NO
        case ("cmp", op, left, right):
            pair = _value(left, row), _value(right, row)
            return OPEN if None in pair else YES if _COMPARE[op](*pair) else NO
    raise ValueError(tree)


_COMPARE: Mapping[str, Any] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _value(tree: Tree, row: Row) -> Any:
    match tree:
        case ("col", name):
            return row[name]
        case ("text" | "int", value):
            return value
        case ("param", name):
            return bind(name, DAY, usual_start(DAY))
        case ("*", left, right):
            pair = _value(left, row), _value(right, row)
            return None if None in pair else pair[0] * pair[1]
    raise ValueError(tree)


def _calculates(tree: Tree) -> bool:
    """Whether it adds, subtracts or multiplies by more than a change of scale: then the search is not complete."""
    if tree[0] in ("+", "-"):
        return True
    if tree[0] == "*" and ("int", 10**SCALE) not in tree[1:]:
        return True
    return any(_calculates(part) for part in tree[1:] if isinstance(part, tuple) and part)


def _values(tree: Tree, column: Column) -> list[Any]:
    """The values of a column that matter: those on either side of every value the predicate names, and none at all."""
    match column.type:
        case "flag":
            return [True, False, None]
        case "choice":
            return [*column.choices, None]
        case "date":
            return [*_days(tree), None]
        case "integer" | "decimal":
            return [*_numbers(tree), None]
    return [OTHER, *dict.fromkeys(_literals(tree, "text")), f"{OTHER} 2", None]


def _days(tree: Tree) -> list[str]:
    named = {DAY.isoformat(), *(v for v in _literals(tree, "text") if _is_day(v))}
    named |= {bind(name, DAY, usual_start(DAY)) for name in _literals(tree, "param")}
    days = {date.fromisoformat(text) + timedelta(days=n) for text in named for n in (-1, 0, 1)}
    return sorted(day.isoformat() for day in days)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _numbers(tree: Tree) -> list[int]:
    named = {0, *_literals(tree, "int")}
    named |= {value // 10**SCALE for value in named}
    return sorted({value + n for value in named for n in (-1, 0, 1)})


def _literals(tree: Tree, sort: str) -> Iterator[Any]:
    if tree[0] == sort:
        yield tree[1]
    for part in tree[1:]:
        for inner in (part,) if part and isinstance(part, tuple) and isinstance(part[0], str) else ():
            yield from _literals(inner, sort)
        if part and isinstance(part, tuple) and isinstance(part[0], tuple):
            for inner in part:
                yield from _literals(inner, sort)
