"""The executor for one organisation, which also names the records that decided.

Every aggregate becomes a small function, generated from the plan's trees only: names are columns of the
declared schema, values are literals written by `repr`. A predicate is rendered twice, as "certainly true"
and "certainly false"; what is neither is unknown. That is Kleene's logic without a third value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import cached_property
from itertools import pairwise
from types import CodeType
from typing import Any, TypeAlias

from shall.engine.outcomes import INTERVAL_KIND, PROFILE, decide_tree
from shall.engine.plan import Part, Plan, PlannedRequirement, kinds_read
from shall.engine.trees import SCALE, TRUE, Tree, bind, month_key

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of each kind, columns as the plan lists them, dates as ISO texts, flags as 0 and 1."""

Answer: TypeAlias = list[Row] | int | None
Decision: TypeAlias = Callable[[Any], int]
"""A requirement's outcome from the aggregates as numbers, by index."""

_EXACT = Context(prec=60)
"""Decimals have up to 34 digits; the usual context would round them to 28."""
_BUILTINS: dict[str, object] = {"__builtins__": {}}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the evidence says to every aggregate, requirement and condition of a plan."""

    aggregates: list[Answer]
    requirements: list[int]
    conditions: list[int]

    def number(self, index: int) -> int | None:
        """An aggregate as a number."""
        answer = self.aggregates[index]
        return len(answer) if isinstance(answer, list) else answer

    def part(self, requirement: PlannedRequirement) -> Part:
        """The check that decides a requirement: of alternatives the one that comes nearest, the first of equals."""
        if len(requirement.parts) == 1:
            return requirement.parts[0]
        return max(requirement.parts, key=lambda part: decide_tree(part.decision, self.number))

    def records(self, indexes: Sequence[int]) -> list[Row]:
        """The records behind these aggregates, each once, in order of id."""
        found = {row[0]: row for i in indexes if isinstance(rows := self.aggregates[i], list) for row in rows}
        return [found[key] for key in sorted(found)]


class PythonExecutor:
    """A plan made ready to run; reusable for any organisation and any day."""

    def __init__(self, plan: Plan, code: CodeType | None = None) -> None:
        self.plan = plan
        self._index = {
            kind: {name: n for n, name in enumerate(names)} for kind, names in plan.columns.items()
        }
        self.code = code or compile(_module(plan), "<plan>", "exec")
        space: dict[str, Any] = dict(_BUILTINS)
        exec(self.code, space)
        self._aggregates: list[Callable[..., Answer]] = space["AGGREGATES"]
        self._decisions: list[Decision] = space["DECISIONS"]
        self._conditions: list[Decision] = space["CONDITIONS"]
        self._unasked: list[Answer] = [_OF_NOTHING.get(a[0], []) for a in plan.aggregates]
        self._asked: dict[str | None, list[tuple[int, Callable[..., Answer]]]] = {}
        for i, aggregate in enumerate(plan.aggregates):
            kind = None if aggregate[0] == "gaps" else aggregate[1]
            self._asked.setdefault(kind, []).append((i, self._aggregates[i]))

    @cached_property
    def _readers(self) -> "Readers":
        return _readers(self.plan)

    def run(self, rows: Rows, on: date, since: date) -> Answers:
        """Answer every aggregate; `rows` are those valid on the day, `since` begins the audit period."""
        scope = self._scope(rows, on, since)
        answers = list(self._unasked)
        for kind in self._asked:
            if kind is None or kind in rows:
                for i, function in self._asked[kind]:
                    answers[i] = function(rows, scope)
        return self._decide(answers)

    def update(self, before: Answers, kind: str, rows: Rows, on: date, since: date) -> Answers:
        """Answers after the rows of one kind changed: only what reads that kind is computed again."""
        scope = self._scope(rows, on, since)
        aggregates, requirements, conditions = self._readers.get(kind, ((), (), ()))
        answers = list(before.aggregates)
        for i in aggregates:
            answers[i] = self._aggregates[i](rows, scope)
        numbers = _Numbers(answers)
        decided, applying = list(before.requirements), list(before.conditions)
        for i in requirements:
            decided[i] = self._decisions[i](numbers)
        for i in conditions:
            applying[i] = self._conditions[i](numbers)
        return Answers(answers, decided, applying)

    def _decide(self, answers: list[Answer]) -> Answers:
        numbers = [len(a) if isinstance(a, list) else a for a in answers]
        return Answers(answers, [d(numbers) for d in self._decisions], [c(numbers) for c in self._conditions])

    def _scope(self, rows: Rows, on: date, since: date) -> "_Scope":
        return _Scope({name: bind(name, on, since) for name in self.plan.params}, on, self._index, rows)


_OF_NOTHING: Mapping[str, Answer] = {"sum": 0, "stale": None}
"""What an aggregate answers for an organisation without a record of its kind; those that count records: none."""


class _Numbers:
    """Aggregates as numbers, counted only when asked: an update looks at few of them."""

    def __init__(self, answers: list[Answer]) -> None:
        self._answers = answers

    def __getitem__(self, index: int) -> int | None:
        answer = self._answers[index]
        return len(answer) if isinstance(answer, list) else answer


class _Scope:
    """What aggregates may ask beside the rows: parameters, the day, the organisation's own intervals."""

    def __init__(
        self, values: Mapping[str, str], on: date, index: Mapping[str, Mapping[str, int]], rows: Rows
    ) -> None:
        self.values = values
        self.on = values["on"]
        self.ordinal = on.toordinal()
        self._index = index
        self._rows = rows

    def interval(self, interval: Sequence[Any] | None) -> tuple[int | None, int | None] | None:
        """(months, days) of an interval, the shortest where several are recorded; None if none is."""
        if interval is None:
            return None
        if interval[0] != "defined":
            return (interval[1], None) if interval[0] == "months" else (None, interval[1])
        at = self._index[INTERVAL_KIND]
        found = [r for r in self._rows.get(INTERVAL_KIND, ()) if r[at["subject"]] == interval[1]]
        months = [r[at["months"]] for r in found if r[at["months"]] is not None]
        days = [r[at["days"]] for r in found if r[at["days"]] is not None]
        return (min(months, default=None), min(days, default=None)) if months or days else None

    def start(self) -> str:
        """First day that counts: of the audit period, or of the system if it is younger."""
        at = self._index[PROFILE]["system_since"]
        since = [r[at] for r in self._rows.get(PROFILE, ()) if r[at] is not None]
        first: str = max([self.values["from"], *since])
        return first

    def exceeds(self, earlier: str, later: str, interval: tuple[int | None, int | None]) -> bool:
        """Whether more time than the interval lies between two ISO days."""
        months, days = interval
        if months is not None and month_key(later) > month_key(earlier) + 32 * months:
            return True
        return days is not None and _ordinal(later) - _ordinal(earlier) > days


def _ordinal(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


def prepare(kind: str, rows: Sequence[Row], plan: Plan) -> list[Row]:
    """Rows as a store gives them, decimal columns turned into scaled integers."""
    decimals = plan.decimals.get(kind, ())
    if not decimals:
        return list(rows)
    places = [plan.columns[kind].index(name) for name in decimals]
    out = []
    for row in rows:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = int(Decimal(values[place]).scaleb(SCALE, _EXACT))
        out.append(tuple(values))
    return out


# Aggregates over pairs of kinds and over time: called by the generated code.


def stale(rows: list[Row], column: int, interval: Sequence[Any], scope: _Scope) -> int | None:
    """1 if the newest row is older than the interval on the day, 0 if not; None if that cannot be told."""
    length = scope.interval(interval)
    dates = [r[column] for r in rows]
    if length is None or not dates:
        return None
    return int(scope.exceeds(max(dates), scope.on, length))


def gaps(rows: list[Row], column: int, interval: Sequence[Any], scope: _Scope) -> int | None:
    """How many gaps of the audit period exceed the interval; None where no interval is defined."""
    length = scope.interval(interval)
    if length is None:
        return None
    dates = sorted({r[column] for r in rows})
    start = scope.start()
    earlier = [d for d in dates if d <= start]
    days = [earlier[-1] if earlier else start, *(d for d in dates if d > start), scope.on]
    return sum(scope.exceeds(a, b, length) for a, b in pairwise(days))


def unlinked(rows: list[Row], column: int, partners: list[Row], other: int) -> list[Row]:
    """The rows whose value no partner carries."""
    linked = {p[other] for p in partners}
    linked.discard(None)
    return [r for r in rows if r[column] not in linked]


def unanswered(
    rows: list[Row],
    column: int,
    responses: list[Row],
    other: int,
    match: tuple[int, int] | None,
    interval: Sequence[Any] | None,
    generous: bool,
    scope: _Scope,
) -> list[Row] | None:
    """The events whose time is over without a response; None where the interval is not defined.

    A response counts from the day of the event on; with `generous` one without a date might. Where either
    side of `match` is not filled in, they possibly belong together, never surely.
    """
    length = scope.interval(interval)
    if interval is not None and length is None:
        return None
    by_key: dict[Any, list[str | None]] = {}
    for response in responses:
        by_key.setdefault(response[match[1]] if match else None, []).append(response[other])

    def days(event: Row) -> list[str | None]:
        key = event[match[0]] if match else None
        if match is None:
            return by_key.get(None, [])
        if not generous:
            return by_key.get(key, []) if key is not None else []
        every = [*by_key] if key is None else [key, None]
        return [day for held in every for day in by_key.get(held, ())]

    def answers(event: Row) -> bool:
        for day in days(event):
            if day is None:
                if generous:
                    return True
            elif event[column] <= day <= scope.on and not (
                length and scope.exceeds(event[column], day, length)
            ):
                return True
        return False

    def due(event: Row) -> bool:
        return length is None or scope.exceeds(event[column], scope.on, length)

    return [event for event in rows if due(event) and not answers(event)]


# Rendering of trees as Python source.


def _module(plan: Plan) -> str:
    index = {kind: {name: n for n, name in enumerate(names)} for kind, names in plan.columns.items()}
    aggregates = ",\n".join(f"lambda rows, scope: {_aggregate(a, index)}" for a in plan.aggregates)
    decisions = ",\n".join(f"lambda a: {_decision(r.decision)}" for r in plan.requirements)
    conditions = ",\n".join(f"lambda a: {_decision(c.decision)}" for c in plan.conditions)
    return f"AGGREGATES = [{aggregates}]\nDECISIONS = [{decisions}]\nCONDITIONS = [{conditions}]\n"


_BUILTINS["__builtins__"] = {
    "stale": stale,
    "gaps": gaps,
    "unlinked": unlinked,
    "unanswered": unanswered,
    "sum": sum,
    "max": max,
    "min": min,
}


def _aggregate(aggregate: Tree, index: Mapping[str, Mapping[str, int]]) -> str:
    match aggregate:
        case ("count", kind, predicate, rail):
            return _select(kind, predicate, rail, index)
        case ("sum", kind, column, predicate):
            at = index[kind][column]
            return f"sum([r[{at}] for r in {_select(kind, predicate, 't', index)} if r[{at}] is not None])"
        case ("stale" | "gaps" as name, kind, column, predicate, interval):
            rows = _select(kind, predicate, "t", index)
            return f"{name}({rows}, {index[kind][column]}, {interval!r}, scope)"
        case ("unlinked", kind, predicate, column, partner, wanted, other, rails):
            rows, partners = _select(kind, predicate, "t", index), _select(partner, wanted, rails, index)
            return f"unlinked({rows}, {index[kind][column]}, {partners}, {index[partner][other]})"
        case ("unanswered", kind, predicate, column, partner, wanted, other, match, interval, rails):
            rows, partners = _select(kind, predicate, "t", index), _select(partner, wanted, rails, index)
            pair = (index[kind][match[0]], index[partner][match[1]]) if match else None
            return (
                f"unanswered({rows}, {index[kind][column]}, {partners}, {index[partner][other]}, "
                f"{pair!r}, {interval!r}, {'u' in rails}, scope)"
            )
    raise ValueError(aggregate)


def _select(kind: str, predicate: Tree, rails: str, index: Mapping[str, Mapping[str, int]]) -> str:
    """A list comprehension over the kind's rows: those for which the predicate is on one of the rails."""
    if predicate == TRUE:
        return f"[*rows.get({kind!r}, ())]" if "t" in rails else "[]"
    at = index[kind]
    test = {
        "t": lambda: _sure(predicate, at, True),
        "u": lambda: f"not ({_sure(predicate, at, True)} or {_sure(predicate, at, False)})",
        "tu": lambda: f"not {_sure(predicate, at, False)}",
    }[rails]()
    return f"[r for r in rows.get({kind!r}, ()) if {test}]"


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
            return f"r[{at[name]}] == {int(wanted)}"
        case ("null", ("col", name)):
            return f"r[{at[name]}] is {'' if wanted else 'not '}None"
        case ("in", ("col", name), values):
            listed = "(" + "".join(f"{_value(v, at)}, " for v in values) + ")"
            if wanted:
                return f"r[{at[name]}] in {listed}"
            return f"(r[{at[name]}] is not None and r[{at[name]}] not in {listed})"
        case ("cmp", op, left, right):
            return _comparison(op if wanted else _OPPOSITE[op], left, right, at)
    raise ValueError(tree)


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
_PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _comparison(op: str, left: Tree, right: Tree, at: Mapping[str, int]) -> str:
    guards = [f"r[{at[name]}] is not None" for side in (left, right) for name in _columns_of(side)]
    test = f"{_value(left, at)} {_PYTHON[op]} {_value(right, at)}"
    return "(" + " and ".join([*dict.fromkeys(guards), test]) + ")"


def _columns_of(tree: Tree) -> list[str]:
    if tree[0] == "col":
        return [tree[1]]
    return [name for part in tree[1:] if isinstance(part, tuple) for name in _columns_of(part)]


def _value(tree: Tree, at: Mapping[str, int]) -> str:
    match tree:
        case ("col", name):
            return f"r[{at[name]}]"
        case ("text" | "int", value):
            return repr(value)
        case ("param", name):
            return f"scope.values[{name!r}]"
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


def _aggregates_in(tree: Tree) -> set[int]:
    if tree and tree[0] == "agg":
        return {tree[1]}
    return {i for part in tree if isinstance(part, tuple) for i in _aggregates_in(part)}


Readers: TypeAlias = Mapping[str, tuple[list[int], list[int], list[int]]]


def _readers(plan: Plan) -> Readers:
    """For each kind: the aggregates, requirements and conditions that read it."""
    reads = [_kinds_behind(aggregate) for aggregate in plan.aggregates]
    readers: dict[str, tuple[list[int], list[int], list[int]]] = {k: ([], [], []) for k in plan.columns}
    for n, kinds in enumerate(reads):
        for kind in kinds:
            readers[kind][0].append(n)
    for place, planned in ((1, plan.requirements), (2, plan.conditions)):
        for n, one in enumerate(planned):
            for kind in set().union(*(reads[i] for i in _aggregates_in(one.decision))):
                readers[kind][place].append(n)
    return readers


def _kinds_behind(aggregate: Tree) -> set[str]:
    """The kinds an aggregate reads, those that only say how often or since when included."""
    kinds = set(kinds_read(aggregate))
    if aggregate[0] == "gaps":
        kinds.add(PROFILE)
    interval = aggregate[8] if aggregate[0] == "unanswered" else aggregate[-1]
    if aggregate[0] in ("gaps", "stale", "unanswered") and interval and interval[0] == "defined":
        kinds.add(INTERVAL_KIND)
    return kinds
