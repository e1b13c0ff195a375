"""The executor for one organisation, which also names the records that decided.

Every kind is walked once by a function generated from the plan (`render.py`) that sorts its records into
selections; aggregates, decisions and conditions are computed from these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from types import CodeType
from typing import Any, TypeAlias

from shall.engine.outcomes import INTERVAL_KIND, MET, NOTHING, PROFILE, UNKNOWN, UNMET, decide_tree
from shall.engine.plan import Part, Plan, PlannedRequirement, interval_of, kinds_read
from shall.engine.trees import SCALE, Tree, bind, month_key

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of each kind, columns as the plan lists them, dates as ISO texts, flags as 0 and 1."""

Answer: TypeAlias = list[Row] | int | None
Scan: TypeAlias = Callable[[Sequence[Row], Mapping[str, str]], list[list[Row]]]
Decision: TypeAlias = Callable[[Any], int]
"""A requirement's outcome from the aggregates as numbers, by index."""

_EXACT = Context(prec=60)
"""Decimals have up to 34 digits; the usual context would round them to 28."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the evidence says to every aggregate, requirement and condition of a plan."""

    aggregates: list[Answer]
    requirements: list[int]
    conditions: list[int]
    selections: list[list[Row]] = field(default_factory=list)

    def number(self, index: int) -> int | None:
        """An aggregate as a number."""
        answer = self.aggregates[index]
        return len(answer) if isinstance(answer, list) else answer

    def part(self, requirement: PlannedRequirement) -> Part:
        """The check that tells most of a requirement: of alternatives the one that comes nearest, the first of equals.

        Where none is met, one whose records say no tells more than one that found nothing.
        """
        if len(requirement.parts) == 1:
            return requirement.parts[0]
        telling = {MET: 3, UNKNOWN: 2, UNMET: 1, NOTHING: 0}
        return max(requirement.parts, key=lambda part: telling[self.outcome(part)])

    def outcome(self, part: Part) -> int:
        """The outcome of one check by itself."""
        return decide_tree(part.decision, self.number)

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
        self.code = code or _compiled(plan)
        space: dict[str, Any] = {"__builtins__": _BUILTINS}
        exec(self.code, space)
        self._scans: list[tuple[str, Scan, int, int]] = space["SCANS"]
        self._counted: list[int] = space["COUNTED"]
        self._aggregates: list[Callable[..., Answer] | None] = space["AGGREGATES"]
        self._decisions: list[Decision] = space["DECISIONS"]
        self._conditions: list[Decision] = space["CONDITIONS"]
        self._nothing: list[list[Row]] = [[] for _ in range(sum(count for *_, count in self._scans))]

    @cached_property
    def _readers(self) -> "Readers":
        return _readers(self.plan)

    def run(self, rows: Rows, on: date, since: date) -> Answers:
        """Answer every aggregate; `rows` are those valid on the day, `since` begins the audit period."""
        scope = self._scope(rows, on, since)
        found = list(self._nothing)
        for kind, scan, first, count in self._scans:
            if kind in rows:
                found[first : first + count] = scan(rows[kind], scope.values)
        answers: list[Answer] = [
            found[at] if function is None else function(found, scope)
            for at, function in zip(self._counted, self._aggregates, strict=True)
        ]
        numbers = [len(a) if isinstance(a, list) else a for a in answers]
        decided, applying = [d(numbers) for d in self._decisions], [c(numbers) for c in self._conditions]
        return Answers(answers, decided, applying, found)

    def update(self, before: Answers, kind: str, rows: Rows, on: date, since: date) -> Answers:
        """Answers after the rows of one kind changed: only what reads that kind is computed again."""
        scope = self._scope(rows, on, since)
        found, answers = list(before.selections), list(before.aggregates)
        for name, scan, first, count in self._scans:
            if name == kind:
                found[first : first + count] = scan(rows.get(kind, ()), scope.values)
        aggregates, requirements, conditions = self._readers.get(kind, ((), (), ()))
        for i in aggregates:
            function = self._aggregates[i]
            answers[i] = found[self._counted[i]] if function is None else function(found, scope)
        numbers = _Numbers(answers)
        decided, applying = list(before.requirements), list(before.conditions)
        for i in requirements:
            decided[i] = self._decisions[i](numbers)
        for i in conditions:
            applying[i] = self._conditions[i](numbers)
        return Answers(answers, decided, applying, found)

    def _scope(self, rows: Rows, on: date, since: date) -> "_Scope":
        return _Scope({name: bind(name, on, since) for name in self.plan.params}, on, self._index, rows)


def _compiled(plan: Plan) -> CodeType:
    from shall.engine.executors.render import module

    return compile(module(plan), "<plan>", "exec")


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


@lru_cache(maxsize=4096)
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


def lapsed(
    items: list[Row],
    columns: tuple[int, int | None],
    certain: list[Row],
    possible: list[Row],
    event: tuple[int, int],
    interval: Sequence[Any],
    generous: bool,
    scope: _Scope,
) -> list[Row] | None:
    """The items whose own events leave too long a gap; None where the interval is not defined.

    `columns` are an item's key and the date it begins on, beside its valid_from; `event` those of an event's key and
    date. With `generous` an item lapses only if it does so however the possible events turn out: those before its
    start, which could only lengthen the gap, are left out where no certain one is; an undated one or an item
    without a key keeps it from lapsing.
    """
    length = scope.interval(interval)
    if length is None:
        return None
    sure, all_of_them = _days_by_key(certain, *event), _days_by_key(possible, *event)
    first = scope.start()

    def lapses(item: Row) -> bool:
        key = item[columns[0]]
        days = all_of_them.get(key, set()) if key is not None else set()
        if generous and (key is None or None in days):
            return False
        begins = (item[-2], item[columns[1]] if columns[1] is not None else None)
        start = max([first, *(day for day in begins if day is not None)])
        anchored = any(day is not None and day <= start for day in sure.get(key, ()))
        dates = sorted(day for day in days if day is not None)
        earlier = [day for day in dates if day <= start] if anchored else []
        steps = [earlier[-1] if earlier else start, *(day for day in dates if day > start), scope.on]
        return any(scope.exceeds(a, b, length) for a, b in pairwise(steps))

    return [item for item in items if lapses(item)]


def _days_by_key(events: list[Row], key: int, day: int) -> dict[Any, set[str | None]]:
    found: dict[Any, set[str | None]] = {}
    for row in events:
        if row[key] is not None:
            found.setdefault(row[key], set()).add(row[day])
    return found


def unlinked(rows: list[Row], column: int, partners: list[Row], other: int, generous: bool) -> list[Row]:
    """The rows whose value no partner carries.

    A row without a value may belong to any partner, surely to none: with `generous` it counts as linked if
    there is a partner at all. A partner without a value refers to nothing.
    """
    linked = {p[other] for p in partners}
    linked.discard(None)
    if generous and linked:
        linked.add(None)
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

    A response counts from the day of the event on; with `generous` one without a date might. An event without
    a value to match may belong to any response, surely to none; a response without one refers to nothing.
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
        if key is not None:
            return by_key.get(key, [])
        return [day for held, days in by_key.items() if held is not None for day in days] if generous else []

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


_BUILTINS: Mapping[str, object] = {
    "stale": stale,
    "gaps": gaps,
    "unlinked": unlinked,
    "unanswered": unanswered,
    "lapsed": lapsed,
    "sum": sum,
    "len": len,
    "max": max,
    "min": min,
}
"""All that the generated code can call."""


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
    decisions = [r.decision for r in plan.requirements], [c.decision for c in plan.conditions]
    for place, trees in enumerate(decisions, 1):
        for n, tree in enumerate(trees):
            for kind in {k for i in _aggregates_in(tree) for k in reads[i]}:
                readers[kind][place].append(n)
    return readers


def _kinds_behind(aggregate: Tree) -> set[str]:
    """The kinds an aggregate reads, those that only say how often or since when included."""
    kinds = set(kinds_read(aggregate))
    if aggregate[0] in ("gaps", "lapsed"):
        kinds.add(PROFILE)
    interval = interval_of(aggregate)
    if interval and interval[0] == "defined":
        kinds.add(INTERVAL_KIND)
    return kinds
