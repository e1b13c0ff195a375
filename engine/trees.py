"""Expression trees: what a predicate is after parsing, the same for every executor.

A tree is nested tuples, so that it can be hashed (equal aggregates are computed once), written as JSON and
printed. Numbers are integers only: a decimal column holds its value times 10**10, and the compiler brings
both sides of a comparison to one scale. Dates are ISO texts, which compare as text.

    ("and", a, b, ...)  ("or", a, b, ...)  ("not", a)           over predicates
    ("flag", column)                                            a flag column by itself
    ("cmp", op, a, b)                                           op: = <> < <= > >=
    ("in", column, (literal, ...))  ("null", column)
    ("col", name)  ("text", value)  ("int", value)  ("param", name)
    ("+", a, b)  ("-", a, b)  ("*", a, b)                       over integers
    ("true",)                                                   no condition
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

Tree: TypeAlias = tuple[Any, ...]

TRUE: Tree = ("true",)
SCALE = 10
"""Places that decimal columns carry: a stored 1.5 is the integer 15_000_000_000."""


def both(*parts: Tree) -> Tree:
    """The conjunction of the parts, flat and without trivial ones."""
    flat = [p for part in parts for p in (part[1:] if part[0] == "and" else (part,)) if p != TRUE]
    return TRUE if not flat else flat[0] if len(flat) == 1 else ("and", *flat)


def implies(condition: Tree, then: Tree) -> Tree:
    """Kleene's `not condition or then`."""
    return then if condition == TRUE else ("or", ("not", condition), then)


def columns(tree: Tree) -> Iterator[str]:
    """The names of the columns a tree reads."""
    match tree:
        case ("col" | "flag" | "null", str(name)):
            yield name
        case ("null", inner):
            yield from columns(inner)
        case ("in", inner, _):
            yield from columns(inner)
        case (_, *parts):
            for part in parts:
                if isinstance(part, tuple):
                    yield from columns(part)


def params(tree: Tree) -> Iterator[str]:
    """The names of the parameters a tree reads."""
    if tree[0] == "param":
        yield tree[1]
    else:
        for part in tree[1:]:
            if isinstance(part, tuple):
                yield from params(part)


def shift_months(day: date, months: int) -> date:
    """The day that many months later (earlier if negative); the end of a shorter month stands in for a day it lacks."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_of_next - timedelta(days=1)).day))


def usual_start(on: date) -> date:
    """First day of the usual audit period: the twelve months that end with the day."""
    return shift_months(on, -12) + timedelta(days=1)


@lru_cache(maxsize=4096)
def month_key(iso: str) -> int:
    """An integer with `key(later) <= key(earlier) + 32 * n` exactly if `later` is within n months of `earlier`."""
    return (int(iso[:4]) * 12 + int(iso[5:7])) * 32 + int(iso[8:10])


def bind(name: str, on: date, since: date) -> str:
    """The value of a parameter as an ISO date: `on`, `from`, or one of these shifted (`on-12m`, `from+30d`)."""
    base = on if name.startswith("on") else since
    rest = name.removeprefix("on").removeprefix("from")
    if not rest:
        return base.isoformat()
    amount = int(rest[:-1])
    shifted = shift_months(base, amount) if rest[-1] == "m" else base + timedelta(days=amount)
    return shifted.isoformat()


def show(tree: Tree) -> str:
    """The tree as a predicate a person can read."""
    match tree:
        case ("true",):
            return "true"
        case ("flag" | "col", name):
            return str(name)
        case ("text", value):
            return f"'{value}'"
        case ("int", value):
            return str(value)
        case ("param", name):
            return f":{name}"
        case ("null", inner):
            return f"{show(inner)} is null"
        case ("in", inner, values):
            return f"{show(inner)} in ({', '.join(show(v) for v in values)})"
        case ("not", inner):
            return f"not ({show(inner)})"
        case ("and" | "or" as word, *parts):
            return _joined(f" {word} ", parts)
        case ("cmp", op, left, right):
            return f"{show(left)} {op} {show(right)}"
        case ("+" | "-" | "*" as op, left, right):
            return f"({show(left)} {op} {show(right)})"
    raise ValueError(tree)


def _joined(word: str, parts: Sequence[Tree]) -> str:
    return word.join(f"({show(p)})" if p[0] in ("and", "or") else show(p) for p in parts)
