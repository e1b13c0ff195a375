"""A plan's trees as Python source.

Names are columns of the declared schema, values are literals written by `repr`; nothing else of a ruleset
reaches the source. A predicate is rendered twice, as "certainly true" and "certainly false"; what is
neither is unknown. That is Kleene's logic without a third value.

All predicates over one kind become one function that walks its rows once:

    def scan_7(rows, values):
        s0 = []; s1 = []
        for r in rows:
            c1 = r[1]; c4 = r[4]
            if c4 == 1: s0.append(r)
            ...
        return [s0, s1]
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from shall.engine.plan import Plan
from shall.engine.trees import TRUE, Tree, columns, params

Selection: TypeAlias = tuple[str, Tree, str]
"""Kind, predicate and rails: the records for which the predicate is on one of the rails."""

Index: TypeAlias = Mapping[str, Mapping[str, int]]


def selections(aggregate: Tree) -> tuple[Selection, ...]:
    """The selections an aggregate is computed from, its own records first."""
    match aggregate:
        case ("count", kind, predicate, rail):
            return ((kind, predicate, rail),)
        case ("sum" | "stale" | "gaps", kind, _, predicate, *_):
            return ((kind, predicate, "t"),)
        case ("unlinked" | "unanswered", kind, predicate, _, partner, wanted, *_):
            return ((kind, predicate, "t"), (partner, wanted, aggregate[-1]))
        case ("lapsed", kind, predicate, _, _, events, wanted, *_):
            return ((kind, predicate, "t"), (events, wanted, "t"), (events, wanted, aggregate[-1]))
    raise ValueError(aggregate)


def by_kind(plan: Plan) -> dict[str, list[Selection]]:
    """Every selection of a plan once, grouped by kind: the order in which scans return them."""
    found: dict[str, dict[Selection, None]] = {}
    for aggregate in plan.aggregates:
        for selection in selections(aggregate):
            found.setdefault(selection[0], {})[selection] = None
    return {kind: list(group) for kind, group in found.items()}


def module(plan: Plan) -> str:
    """The source of a plan.

    SCANS are (kind, function, number of its first selection, how many); COUNTED is the selection that an
    aggregate counts (-1 for others); AGGREGATES their functions (None for a count); DECISIONS, CONDITIONS.
    """
    index = {kind: {name: n for n, name in enumerate(names)} for kind, names in plan.columns.items()}
    groups = by_kind(plan)
    numbers = {s: n for n, s in enumerate(s for group in groups.values() for s in group)}
    scans = "\n".join(_scan(n, group, index[kind]) for n, (kind, group) in enumerate(groups.items()))
    named = ", ".join(
        f"({kind!r}, scan_{n}, {numbers[group[0]]}, {len(group)})"
        for n, (kind, group) in enumerate(groups.items())
    )
    aggregates = ",\n".join(_aggregate(a, numbers, index) for a in plan.aggregates)
    decisions = ",\n".join(f"lambda a: {_decision(r.decision)}" for r in plan.requirements)
    conditions = ",\n".join(f"lambda a: {_decision(c.decision)}" for c in plan.conditions)
    counted = [numbers[selections(a)[0]] if a[0] == "count" else -1 for a in plan.aggregates]
    return (
        f"{scans}\nSCANS = [{named}]\nCOUNTED = {counted}\nAGGREGATES = [{aggregates}]\n"
        f"DECISIONS = [{decisions}]\nCONDITIONS = [{conditions}]\n"
    )


def _scan(number: int, group: Sequence[Selection], at: Mapping[str, int]) -> str:
    read = sorted({at[name] for _, predicate, _ in group for name in columns(predicate)})
    bound = sorted({name for _, predicate, _ in group for name in params(predicate)})
    lines = [f"def scan_{number}(rows, values):"]
    lines += [f"    {parameter(name)} = values[{name!r}]" for name in bound]
    lines += [f"    s{n} = []" for n in range(len(group))]
    lines += ["    for r in rows:", *(f"        c{n} = r[{n}]" for n in read)]
    lines += [f"        if {_test_of(s, at)}: s{n}.append(r)" for n, s in enumerate(group)]
    returned = ", ".join(f"s{n}" for n in range(len(group)))
    return "\n".join([*lines, f"    return [{returned}]"])


def _test_of(selection: Selection, at: Mapping[str, int]) -> str:
    _, predicate, rails = selection
    if predicate == TRUE:
        return str("t" in rails)
    if rails == "t":
        return _sure(predicate, at, True)
    if rails == "tu":
        return f"not {_sure(predicate, at, False)}"
    return f"not ({_sure(predicate, at, True)} or {_sure(predicate, at, False)})"


def parameter(name: str) -> str:
    """The name of a local variable for a parameter such as `on-12m`."""
    return "v_" + name.replace("-", "_less_").replace("+", "_plus_")


def _aggregate(aggregate: Tree, numbers: Mapping[Selection, int], index: Index) -> str:
    found = [f"s[{numbers[selection]}]" for selection in selections(aggregate)]
    match aggregate:
        case ("count", *_):
            return "None"
        case ("sum", kind, column, _):
            at = index[kind][column]
            return f"lambda s, scope: sum([r[{at}] for r in {found[0]} if r[{at}] is not None])"
        case ("stale" | "gaps" as name, kind, column, _, interval):
            return f"lambda s, scope: {name}({found[0]}, {index[kind][column]}, {interval!r}, scope)"
        case ("unlinked", kind, _, column, partner, _, other, rails):
            columns_of = f"{index[kind][column]}, {found[1]}, {index[partner][other]}"
            return f"lambda s, scope: unlinked({found[0]}, {columns_of}, {'u' in rails})"
        case ("unanswered", kind, _, column, partner, _, other, match, interval, rails):
            pair = (index[kind][match[0]], index[partner][match[1]]) if match else None
            return (
                f"lambda s, scope: unanswered({found[0]}, {index[kind][column]}, {found[1]}, "
                f"{index[partner][other]}, {pair!r}, {interval!r}, {'u' in rails}, scope)"
            )
        case ("lapsed", kind, _, column, since, events, _, date, other, interval, rails):
            names, begin = index[events], index[kind][since] if since else None
            return (
                f"lambda s, scope: lapsed({found[0]}, ({index[kind][column]}, {begin}), {found[1]}, {found[2]}, "
                f"({names[other]}, {names[date]}), {interval!r}, {'u' in rails}, scope)"
            )
    raise ValueError(aggregate)


def _sure(tree: Tree, at: Mapping[str, int], wanted: bool) -> str:
    """Python for "this predicate is certainly true" (or, if not wanted, certainly false)."""
    match tree:
        case ("true",):
            return str(wanted)
        case ("and" | "or" as word, *parts):
            word = word if wanted else {"and": "or", "or": "and"}[word]
            return "(" + f" {word} ".join(_sure(p, at, wanted) for p in parts) + ")"
        case ("not", inner):
            return _sure(inner, at, not wanted)
        case ("flag", name):
            return f"c{at[name]} == {int(wanted)}"
        case ("null", ("col", name)):
            return f"c{at[name]} is {'' if wanted else 'not '}None"
        case ("in", ("col", name), values):
            listed = "(" + "".join(f"{_value(v, at)}, " for v in values) + ")"
            if wanted:
                return f"c{at[name]} in {listed}"
            return f"(c{at[name]} is not None and c{at[name]} not in {listed})"
        case ("cmp", op, left, right):
            return _comparison(op if wanted else _OPPOSITE[op], left, right, at)
    raise ValueError(tree)


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
_PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _comparison(op: str, left: Tree, right: Tree, at: Mapping[str, int]) -> str:
    guards = [f"c{at[name]} is not None" for side in (left, right) for name in _columns_of(side)]
    test = f"{_value(left, at)} {_PYTHON[op]} {_value(right, at)}"
    return "(" + " and ".join([*dict.fromkeys(guards), test]) + ")"


def _columns_of(tree: Tree) -> list[str]:
    if tree[0] == "col":
        return [tree[1]]
    return [name for part in tree[1:] if isinstance(part, tuple) for name in _columns_of(part)]


def _value(tree: Tree, at: Mapping[str, int]) -> str:
    match tree:
        case ("col", name):
            return f"c{at[name]}"
        case ("text" | "int", value):
            return repr(value)
        case ("param", name):
            return parameter(name)
        case ("+" | "-" | "*" as op, left, right):
            return f"({_value(left, at)} {op} {_value(right, at)})"
    raise ValueError(tree)


def _decision(tree: Tree) -> str:
    """Python for a decision tree over `a`, the aggregates as numbers."""
    match tree:
        case ("case", branches, otherwise):
            return "".join(f"{outcome} if {_test(test)} else " for test, outcome in branches) + str(otherwise)
        case ("max" | "min" as name, *parts):
            return f"{name}({', '.join(_decision(p) for p in parts)})"
    raise ValueError(tree)


def _test(tree: Tree) -> str:
    match tree:
        case ("and" | "or" as word, *parts):
            return "(" + f" {word} ".join(_test(p) for p in parts) + ")"
        case ("is", decision, outcome):
            return f"({_decision(decision)}) == {outcome}"
        case ("cmp", op, left, right):
            return f"{_number(left)} {_PYTHON[op]} {_number(right)}"
    raise ValueError(tree)


def _number(tree: Tree) -> str:
    match tree:
        case ("agg", index):
            return f"a[{index}]"
        case ("int", value):
            return repr(value)
        case ("+" | "-" | "*" as op, left, right):
            return f"({_number(left)} {op} {_number(right)})"
    raise ValueError(tree)
