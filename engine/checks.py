"""How each check is lowered: from YAML's words to aggregates and a decision over them.

An aggregate is a question to one kind (or a pair of kinds) whose answer is a number of records; equal
aggregates of different provisions are one. A decision reads those numbers and says met, unmet, unknown or
nothing found. The lowering is all an executor needs: none of them knows the checks by name.

    ("count", kind, predicate, rail)              records where the predicate is true ("t") or unknown ("u")
    ("sum", kind, column, predicate)              sum of a number column where the predicate is true
    ("stale", kind, column, predicate, interval)  1 if the newest dated record is older than the interval
    ("gaps", kind, column, predicate, interval)   gaps of the audit period that exceed the interval
    ("unlinked", kind, predicate, column, partner, predicate, column, rails)
    ("unanswered", kind, predicate, column, partner, predicate, column, match, interval, rails)
    ("lapsed", kind, predicate, column, since, events, predicate, date, column, interval, rails)

The second and third last count records without a partner or response: with rails "t" without a certain one, with
"tu" without even a possible one. The last counts records whose own events leave too long a gap in the audit period:
with "t" by their certain events, with "tu" whichever of the possible ones happened. A record begins on its valid_from
and on the date in its column `since` (None for no such column).

An interval is ("months", n), ("days", n) or ("defined", subject).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shall.engine import models
from shall.engine.outcomes import INTERVAL_KIND, MET, NOTHING, UNKNOWN, UNMET
from shall.engine.predicates import PredicateError, parse, parse_arithmetic
from shall.engine.trees import SCALE, TRUE, Tree, both, implies
from shall.evidence.schema import Column, Kind


@dataclass(frozen=True, slots=True)
class Lowered:
    """A requirement after lowering: the decision tree and which aggregates a person wants to see.

    `parts` are the alternatives of an `any_of`; `values` those a `covers` asks for, with their labels, in the
    order of `supporting`.
    """

    decision: Tree
    population: tuple[Tree, ...] = ()
    supporting: tuple[Tree, ...] = ()
    offending: tuple[Tree, ...] = ()
    undecided: tuple[Tree, ...] = ()
    interval: tuple[str, Tree] | None = None
    parts: tuple["Lowered", ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What lowering may look at: the vocabulary of kinds."""

    kinds: Mapping[str, Kind]
    problems: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def kind(self, name: str) -> Kind:
        """The kind of that name; raises PredicateError."""
        if name not in self.kinds:
            import difflib

            near = ", ".join(difflib.get_close_matches(name, self.kinds, n=3)) or "-"
            raise PredicateError("rules.unknown_kind", kind=name, near=near)
        return self.kinds[name]

    def predicate(self, kind: Kind, text: str | None) -> Tree:
        """The checked tree of a predicate; no text is no condition."""
        return TRUE if text is None else parse(text, kind)

    def column(self, kind: Kind, name: str, *types: str) -> Column:
        """The column of that name if it is of one of the types; raises PredicateError."""
        column = kind.column(name)
        if column is None:
            import difflib

            near = ", ".join(difflib.get_close_matches(name, [c.name for c in kind.columns], n=3)) or "-"
            raise PredicateError("rules.predicate_column", column=name, kind=kind.name, near=near)
        if types and column.type not in types:
            raise PredicateError("rules.column_type", column=name, type=column.type, allowed=", ".join(types))
        return column


def lower(check: models.Check, context: Context) -> Lowered:
    """The lowered form of a check; raises PredicateError where it names what does not exist."""
    return _LOWERINGS[type(check)](check, context)


def agg(*parts: Any) -> Tree:
    """A reference to an aggregate, to stand in a decision."""
    return ("agg", tuple(parts))


def _at_least(aggregate: Tree, n: int = 1) -> Tree:
    return ("cmp", ">=", aggregate, ("int", n))


def _none(aggregate: Tree) -> Tree:
    return ("cmp", "=", aggregate, ("int", 0))


def _case(*branches: tuple[Tree, int], otherwise: int) -> Tree:
    return ("case", branches, otherwise)


def _some(check: models.Some, context: Context) -> Lowered:
    kind = context.kind(check.some)
    where = context.predicate(kind, check.where)
    return _some_of(kind.name, where, context.predicate(kind, check.that), check.at_least)


def _some_of(kind: str, where: Tree, that: Tree, at_least: int = 1) -> Lowered:
    wanted = both(where, that)
    sure, maybe, population = (
        agg("count", kind, wanted, "t"),
        agg("count", kind, wanted, "u"),
        agg("count", kind, where, "t"),
    )
    decision = _case(
        (_at_least(sure, at_least), MET),
        (_at_least(("+", sure, maybe), at_least), UNKNOWN),
        (_none(population), NOTHING),
        otherwise=UNMET,
    )
    return Lowered(decision, (population,), (sure,), (), (maybe,))


def _every(check: models.Every, context: Context) -> Lowered:
    kind = context.kind(check.every)
    where, that = context.predicate(kind, check.where), context.predicate(kind, check.that)
    bad = agg("count", kind.name, ("not", implies(where, that)), "t")
    maybe = agg("count", kind.name, implies(where, that), "u")
    population = agg("count", kind.name, where, "t")
    decision = _case(
        (_at_least(bad), UNMET), (_at_least(maybe), UNKNOWN), (_none(population), NOTHING), otherwise=MET
    )
    return Lowered(decision, (population,), (population,), (bad,), (maybe,))


def _covers(check: models.Covers, context: Context) -> Lowered:
    kind = context.kind(check.covers)
    where = context.predicate(kind, check.where)
    column = context.column(kind, check.column, "choice", "text")
    for value in check.values:
        if column.type == "choice" and value not in column.choices:
            raise PredicateError(
                "rules.predicate_choice", value=value, column=column.name, allowed=", ".join(column.choices)
            )
    wanted = [both(where, ("cmp", "=", ("col", column.name), ("text", value))) for value in check.values]
    sure = [agg("count", kind.name, w, "t") for w in wanted]
    maybe = [agg("count", kind.name, w, "u") for w in wanted]
    population = agg("count", kind.name, where, "t")
    missing = tuple(("and", _none(s), _none(m)) for s, m in zip(sure, maybe, strict=True))
    decision = _case(
        (_all(*map(_at_least, sure)), MET),
        (_all(_none(population), *map(_none, maybe)), NOTHING),
        (_any(*missing), UNMET),
        otherwise=UNKNOWN,
    )
    labels = tuple((v, *column.choices.get(v, (v, v))) for v in check.values)
    return Lowered(decision, (population,), tuple(sure), (), tuple(maybe), values=labels)


def _all(*parts: Tree) -> Tree:
    return parts[0] if len(parts) == 1 else ("and", *parts)


def _any(*parts: Tree) -> Tree:
    return parts[0] if len(parts) == 1 else ("or", *parts)


def _dated(kind: Kind, where: Tree, column: str) -> tuple[Tree, Tree]:
    """The records of the population whose date is not after the day, and those without a date."""
    past: Tree = ("cmp", "<=", ("col", column), ("param", "on"))
    return both(where, past), both(where, ("null", ("col", column)))


def _ago(period: str) -> Tree:
    """The day that lies a period before the day of the audit, as a parameter."""
    unit, n = models.period_value(period)
    return ("param", f"on-{n}{unit[0]}")


def _otherwise(interval: models.Interval) -> str | None:
    return interval.otherwise if isinstance(interval, models.Defined) else None


def _interval_defined(interval: Tree, context: Context) -> tuple[str, Tree] | None:
    """Subject and the aggregate that counts the organisation's own records of it; None for a fixed interval."""
    if interval[0] != "defined":
        return None
    kind = context.kind(INTERVAL_KIND)
    subject = context.column(kind, "subject").choices
    if subject and interval[1] not in subject:
        raise PredicateError(
            "rules.predicate_choice", value=interval[1], column="subject", allowed=", ".join(subject)
        )
    return str(interval[1]), agg("count", INTERVAL_KIND, defined_interval(str(interval[1])), "t")


def defined_interval(subject: str) -> Tree:
    """The predicate for the usable interval records of a subject."""
    filled: Tree = ("or", ("not", ("null", ("col", "months"))), ("not", ("null", ("col", "days"))))
    return ("and", ("cmp", "=", ("col", "subject"), ("text", subject)), filled)


def _fresh(check: models.Fresh, context: Context) -> Lowered:
    kind = context.kind(check.fresh)
    where = context.predicate(kind, check.where)
    column = context.column(kind, check.date, "date").name
    interval = models.interval_value(check.within)
    past, undated = _dated(kind, where, column)
    late = agg("stale", kind.name, column, past, interval)
    return _timed(
        kind,
        where,
        past,
        undated,
        late,
        interval,
        context,
        _stale_otherwise(kind, column, past, check.within),
    )


def _stale_otherwise(kind: Kind, column: str, past: Tree, interval: models.Interval) -> Tree | None:
    """1 if the newest is older than the period that counts where the organisation has recorded none."""
    period = _otherwise(interval)
    return agg("stale", kind.name, column, past, models.period_value(period)) if period else None


def _recurring(check: models.Recurring, context: Context) -> Lowered:
    kind = context.kind(check.recurring)
    where = context.predicate(kind, check.where)
    column = context.column(kind, check.date, "date").name
    interval = models.interval_value(check.interval)
    past, undated = _dated(kind, where, column)
    if check.of and check.match:
        return _recurring_of(check, kind, past, column, interval, context)
    late = agg("gaps", kind.name, column, past, interval)
    return _timed(
        kind,
        where,
        past,
        undated,
        late,
        interval,
        context,
        _stale_otherwise(kind, column, past, check.interval),
    )


def _recurring_of(
    check: models.Recurring, kind: Kind, past: Tree, column: str, interval: Tree, context: Context
) -> Lowered:
    """Each item by its own events: an undated or undecided event decides for no item, only keeps it from lapsing."""
    item = context.kind(check.of or "")
    wanted = context.predicate(item, check.of_where)
    left, right = _match(check.match or "", item, kind, context)
    since = context.column(item, check.of_since, "date").name if check.of_since else None
    population, unsure = agg("count", item.name, wanted, "t"), agg("count", item.name, wanted, "u")
    events = agg("count", kind.name, past, "t")
    sure, maybe = (
        agg("lapsed", item.name, wanted, left, since, kind.name, past, column, right, interval, rails)
        for rails in ("tu", "t")
    )
    defined = _interval_defined(interval, context)
    branches: list[tuple[Tree, int]] = [
        (("and", _none(population), _none(unsure)), NOTHING),
        (_none(population), UNKNOWN),
    ]
    period = _otherwise(check.interval)
    if defined and period:
        branches += _each_otherwise(
            kind, item, wanted, (left, right), since, past, column, period, defined[1]
        )
    elif defined:
        branches.append((_none(defined[1]), UNMET))
    branches += [
        (_at_least(sure), UNMET),
        (_at_least(("+", maybe, unsure)), UNKNOWN),
        (_none(events), NOTHING),
    ]
    return Lowered(
        _case(*branches, otherwise=MET),
        (population,),
        (population, events),
        (sure,),
        (maybe, unsure),
        defined,
    )


def _each_otherwise(
    kind: Kind,
    item: Kind,
    wanted: Tree,
    match: tuple[str, str],
    since: str | None,
    past: Tree,
    column: str,
    period: str,
    defined: Tree,
) -> list[tuple[Tree, int]]:
    """Branches for where no interval is recorded: an event within the period for each item that is not younger."""
    start = _ago(period)
    recent = both(past, ("cmp", ">=", ("col", column), start))
    old = wanted
    for begins in ("valid_from", *([since] if since else [])):
        day: Tree = ("col", begins)
        old = both(old, ("or", ("null", day), ("cmp", "<", day, start)))
    sure, maybe = (
        agg("unlinked", item.name, old, match[0], kind.name, recent, match[1], rails) for rails in ("tu", "t")
    )
    undecided = agg("count", item.name, wanted, "u")
    events = agg("count", kind.name, past, "t")
    return [
        (("and", _none(defined), _at_least(sure)), UNMET),
        (("and", _none(defined), _at_least(("+", maybe, undecided))), UNKNOWN),
        (("and", _none(defined), _at_least(events)), MET),
        (_none(defined), NOTHING),
    ]


def _timed(
    kind: Kind,
    where: Tree,
    past: Tree,
    undated: Tree,
    late: Tree,
    interval: Tree,
    context: Context,
    otherwise: Tree | None = None,
) -> Lowered:
    """The decision over events pooled; `otherwise` is what counts as late where no interval is recorded."""
    events = agg("count", kind.name, past, "t")
    nameless = agg("count", kind.name, undated, "t")
    unsure = agg("count", kind.name, past, "u")
    defined = _interval_defined(interval, context)
    population = agg("count", kind.name, where, "t")
    branches: list[tuple[Tree, int]] = []
    if defined and otherwise is None:
        branches.append((("and", _at_least(population), _none(defined[1])), UNMET))
    branches += [
        (("and", _none(events), _at_least(("+", nameless, unsure))), UNKNOWN),
        (_none(events), NOTHING),
    ]
    if defined and otherwise is not None:
        branches += [
            (("and", _none(defined[1]), _none(otherwise)), MET),
            (("and", _none(defined[1]), _none(("+", nameless, unsure))), UNMET),
            (_none(defined[1]), UNKNOWN),
        ]
    branches += [
        (_none(late), MET),
        (_at_least(("+", nameless, unsure)), UNKNOWN),
    ]
    supporting = (events,)
    return Lowered(
        _case(*branches, otherwise=UNMET),
        (population,),
        supporting,
        (late,),
        (nameless, unsure),
        defined,
    )


def _answered(check: models.Answered, context: Context) -> Lowered:
    kind, partner = context.kind(check.answered), context.kind(check.response)
    where, answer = context.predicate(kind, check.where), context.predicate(partner, check.response_where)
    date = context.column(kind, check.date, "date").name
    response_date = context.column(partner, check.response_date, "date").name
    match = _match(check.match, kind, partner, context) if check.match else None
    interval = models.interval_value(check.within) if check.within else None
    past, undated = _dated(kind, where, date)
    due = both(past, ("cmp", "<", ("col", date), _ago(check.grace))) if check.grace else past
    events = agg("count", kind.name, past, "t")
    unsure, nameless = agg("count", kind.name, past, "u"), agg("count", kind.name, undated, "t")
    sure, maybe = (
        agg("unanswered", kind.name, due, date, partner.name, answer, response_date, match, interval, rails)
        for rails in ("tu", "t")
    )
    branches: list[tuple[Tree, int]] = [
        (("and", _none(events), _none(("+", unsure, nameless))), NOTHING),
    ]
    defined = _interval_defined(interval, context) if interval else None
    if defined:
        branches.append((_none(defined[1]), UNMET))
    branches += [(_at_least(sure), UNMET), (_at_least(("+", ("+", unsure, nameless), maybe)), UNKNOWN)]
    population = agg("count", kind.name, where, "t")
    supporting = (events, agg("count", partner.name, answer, "t"))
    return Lowered(
        _case(*branches, otherwise=MET),
        (population,),
        supporting,
        (sure,),
        (unsure, nameless, maybe),
        defined,
    )


def _match(text: str, kind: Kind, partner: Kind, context: Context) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not equals:
        raise PredicateError("rules.match_form", text=text)
    mine, other = context.column(kind, left.strip()), context.column(partner, right.strip())
    if _MATCHES_AS.get(mine.type, mine.type) != _MATCHES_AS.get(other.type, other.type):
        raise PredicateError(
            "rules.predicate_types",
            left=mine.name,
            left_type=mine.type,
            right=other.name,
            right_type=other.type,
        )
    return mine.name, other.name


_MATCHES_AS = {"choice": "text"}
"""Columns are matched within one type; a choice is a text."""


def _linked(check: models.Linked, context: Context) -> Lowered:
    kind, partner = context.kind(check.linked), context.kind(check.partner)
    where, wanted = context.predicate(kind, check.where), context.predicate(partner, check.partner_where)
    left, right = _match(check.match, kind, partner, context)
    population, unsure = agg("count", kind.name, where, "t"), agg("count", kind.name, where, "u")
    sure, maybe = (
        agg("unlinked", kind.name, where, left, partner.name, wanted, right, rails) for rails in ("tu", "t")
    )
    decision = _case(
        (("and", _none(population), _none(unsure)), NOTHING),
        (_at_least(sure), UNMET),
        (_at_least(("+", maybe, unsure)), UNKNOWN),
        otherwise=MET,
    )
    return Lowered(
        decision,
        (population,),
        (population, agg("count", partner.name, wanted, "t")),
        (sure,),
        (maybe, unsure),
    )


def _compare(check: models.Compare, context: Context) -> Lowered:
    numbers: dict[str, tuple[Tree, int]] = {}
    found: list[Tree] = []
    unsure: list[Tree] = []
    for name, part in check.using.items():
        kind = context.kind(part.count if isinstance(part, models.Count) else part.sum)
        where = context.predicate(kind, part.where)
        found.append(agg("count", kind.name, where, "t"))
        unsure.append(agg("count", kind.name, where, "u"))
        if isinstance(part, models.Count):
            numbers[name] = found[-1], 0
        else:
            column = context.column(kind, part.column, "integer", "decimal")
            unsure.append(agg("count", kind.name, both(where, ("null", ("col", column.name))), "t"))
            numbers[name] = (
                agg("sum", kind.name, column.name, where),
                SCALE if column.type == "decimal" else 0,
            )

    def value_of(name: str) -> tuple[Tree, int]:
        if name not in numbers:
            raise PredicateError("rules.compare_name", name=name, allowed=", ".join(numbers))
        return numbers[name]

    op, left, right = parse_arithmetic(check.compare, value_of)
    decision = _case(
        (_any(*map(_at_least, unsure)), UNKNOWN),
        (_all(*map(_none, found)), NOTHING),
        (("cmp", op, left, right), MET),
        otherwise=UNMET,
    )
    return Lowered(decision, tuple(found), tuple(found), (), tuple(unsure))


def _nothing(check: models.Nothing, context: Context) -> Lowered:
    kind = context.kind(check.none)
    where = context.predicate(kind, check.where)
    looked = _some(check.looked, context)
    bad, maybe = agg("count", kind.name, where, "t"), agg("count", kind.name, where, "u")
    decision = _case((_at_least(bad), UNMET), (_at_least(maybe), UNKNOWN), otherwise=NOTHING)
    decided: Tree = (
        "case",
        (*decision[1], (("is", looked.decision, MET), MET), (("is", looked.decision, UNKNOWN), UNKNOWN)),
        NOTHING,
    )
    return Lowered(decided, looked.population, looked.supporting, (bad,), (maybe, *looked.undecided))


def _any_of(check: models.AnyOf, context: Context) -> Lowered:
    parts = tuple(lower(part, context) for part in check.any_of)
    return Lowered(("max", *(part.decision for part in parts)), parts=parts)


def something_to_look_at(kinds: tuple[str, ...], context: Context) -> Lowered:
    """For a provision that only a person can judge: is there any record to look at?"""
    found = tuple(agg("count", context.kind(name).name, TRUE, "t") for name in kinds)
    return Lowered(_case((_any(*map(_at_least, found)), MET), otherwise=NOTHING), found, found)


_LOWERINGS: Mapping[type[models.Check], Callable[[Any, Context], Lowered]] = {
    models.Some: _some,
    models.Every: _every,
    models.Covers: _covers,
    models.Fresh: _fresh,
    models.Recurring: _recurring,
    models.Answered: _answered,
    models.Linked: _linked,
    models.Compare: _compare,
    models.Nothing: _nothing,
    models.AnyOf: _any_of,
}
