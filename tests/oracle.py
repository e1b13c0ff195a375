"""A second, naive reading of every check, straight from its YAML form: what both executors are held against.

It shares nothing with the lowering or the executors: predicates are read from sqlglot's tree with True, False and
None, records are plain mappings, dates ISO texts, months are counted with the calendar.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp

from shall.engine import models

UNMET, NOTHING, UNKNOWN, MET = range(4)
Record = Mapping[str, Any]
Truth = bool | None


@dataclass(frozen=True)
class World:
    """One organisation's evidence, all of it valid, and the question."""

    records: Mapping[str, Sequence[Record]]
    on: str
    since: str

    def of(self, kind: str) -> Sequence[Record]:
        return self.records.get(kind, ())


def valid(record: Record, on: str) -> bool:
    """Evidence is what is approved (or says nothing) and within its validity on the day."""
    begun = record.get("valid_from") is None or record["valid_from"] <= on
    ended = record.get("valid_until") is not None and record["valid_until"] < on
    return record.get("status") in (None, "approved") and begun and not ended


def kleene_and(values: Iterable[Truth]) -> Truth:
    found = list(values)
    return False if False in found else None if None in found else True


def kleene_or(values: Iterable[Truth]) -> Truth:
    found = list(values)
    return True if True in found else None if None in found else False


def kleene_not(value: Truth) -> Truth:
    return None if value is None else not value


def truth(text: str | None, record: Record, world: World) -> Truth:
    if text is None:
        return True
    spelt = re.sub(r"'[^']*'|:(on|from)\b", lambda m: f":p_{m[1]}" if m[1] else m[0], text)
    with localcontext(Context(prec=100)):
        return _truth(sqlglot.parse_one(spelt), record, world)


def _truth(node: exp.Expression, record: Record, world: World) -> Truth:
    def value(part: exp.Expression) -> Any:
        return _value(part, record, world)

    match node:
        case exp.Paren():
            return _truth(node.this, record, world)
        case exp.And():
            return kleene_and([_truth(node.left, record, world), _truth(node.right, record, world)])
        case exp.Or():
            return kleene_or([_truth(node.left, record, world), _truth(node.right, record, world)])
        case exp.Not():
            return kleene_not(_truth(node.this, record, world))
        case exp.Boolean():
            return bool(node.this)
        case exp.Column():
            flag = record.get(node.name)
            return None if flag is None else bool(flag)
        case exp.Is():
            return value(node.this) is None
        case exp.In():
            return kleene_or(_same(value(node.this), value(v)) for v in node.expressions)
        case exp.Between():
            low, high = value(node.args["low"]), value(node.args["high"])
            return kleene_and([_ordered(low, value(node.this)), _ordered(value(node.this), high)])
    return _compared(type(node).__name__, value(node.this), value(node.expression))


def _same(left: Any, right: Any) -> Truth:
    return None if left is None or right is None else bool(left == right)


def _ordered(left: Any, right: Any) -> Truth:
    return None if left is None or right is None else bool(left <= right)


def _compared(operator: str, left: Any, right: Any) -> Truth:
    match operator:
        case "EQ":
            return _same(left, right)
        case "NEQ":
            return kleene_not(_same(left, right))
        case "LTE":
            return _ordered(left, right)
        case "GTE":
            return _ordered(right, left)
        case "LT":
            return kleene_not(_ordered(right, left))
        case "GT":
            return kleene_not(_ordered(left, right))
    raise AssertionError(operator)


def _value(node: exp.Expression, record: Record, world: World) -> Any:
    match node:
        case exp.Paren():
            return _value(node.this, record, world)
        case exp.Column():
            return _plain(record.get(node.name))
        case exp.Literal():
            return str(node.this) if node.is_string else Decimal(str(node.this))
        case exp.Neg():
            return -_value(node.this, record, world)
        case exp.Boolean():
            return int(bool(node.this))
        case exp.Placeholder():
            return {"p_on": world.on, "p_from": world.since}[str(node.this)]
        case exp.Anonymous():
            base, amount = (_value(part, record, world) for part in node.expressions)
            unit, _, way = str(node.this).lower().partition("_")
            return shifted(base, int(amount) * (-1 if way == "before" else 1), unit)
    return _arithmetic(
        type(node).__name__, _value(node.this, record, world), _value(node.expression, record, world)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return Decimal(value) if isinstance(value, int | Decimal) else value


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    return {"Add": lambda: left + right, "Sub": lambda: left - right, "Mul": lambda: left * right}[operator]()


def shifted(iso: str, amount: int, unit: str) -> str:
    """The day that many days or months later; the end of a shorter month stands in for a day it lacks."""
    day = date.fromisoformat(iso)
    if unit == "days":
        return (day + timedelta(days=amount)).isoformat()
    year, month = day.year, day.month
    for _ in range(abs(amount)):
        month += 1 if amount > 0 else -1
        if month in (0, 13):
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])).isoformat()


# Intervals.


def limits(interval: Any, world: World) -> list[tuple[int, str]] | None:
    """What an interval allows, as (amount, unit); None where the organisation has not defined it."""
    if not isinstance(interval, models.Defined):
        amount, unit = int(interval[1:-1]), interval[-1]
        return [({"Y": 12, "M": 1, "W": 7, "D": 1}[unit] * amount, "months" if unit in "YM" else "days")]
    own = [r for r in world.of("defined_interval") if r.get("subject") == interval.defined]
    shortest = []
    for unit in ("months", "days"):
        amounts = [r[unit] for r in own if r.get(unit) is not None]
        if amounts:
            shortest.append((min(amounts), unit))
    return shortest or None


def otherwise(interval: Any, world: World) -> str | None:
    """The period that counts instead, where the organisation has defined no interval and the rule gives one."""
    given = isinstance(interval, models.Defined) and limits(interval, world) is None
    return interval.otherwise if given else None


def before(period: str, world: World) -> str:
    """The day that lies a period before the day of the audit."""
    ((amount, unit),) = limits(period, world) or []
    return shifted(world.on, -amount, unit)


def too_long(earlier: str, later: str, allowed: list[tuple[int, str]]) -> bool:
    return any(later > shifted(earlier, amount, unit) for amount, unit in allowed)


# Checks: outcome of a requirement.


def outcome(check: models.Check, world: World) -> int:
    return _READINGS[type(check)](check, world)


def _truths(kind: str, world: World, *texts: str | None) -> list[Truth]:
    return [kleene_and(truth(text, r, world) for text in texts) for r in world.of(kind)]


def _some(check: models.Some, world: World) -> int:
    wanted = _truths(check.some, world, check.where, check.that)
    if wanted.count(True) >= check.at_least:
        return MET
    if wanted.count(True) + wanted.count(None) >= check.at_least:
        return UNKNOWN
    return UNMET if True in _truths(check.some, world, check.where) else NOTHING


def _every(check: models.Every, world: World) -> int:
    population = _truths(check.every, world, check.where)
    met = [
        kleene_or([kleene_not(inside), truth(check.that, r, world)])
        for inside, r in zip(population, world.of(check.every), strict=True)
    ]
    if False in met:
        return UNMET
    return UNKNOWN if None in met else MET if True in population else NOTHING


def _covers(check: models.Covers, world: World) -> int:
    population = _truths(check.covers, world, check.where)
    records = world.of(check.covers)
    found = [
        kleene_or(
            kleene_and([inside, _same(r.get(check.column), value)])
            for inside, r in zip(population, records, strict=True)
        )
        for value in check.values
    ]
    if all(found):
        return MET
    if True not in population and not any(f is None for f in found):
        return NOTHING
    return UNMET if False in found else UNKNOWN


def _dated(kind: str, where: str | None, column: str, world: World) -> tuple[list[str], bool]:
    """Days of the records that surely count, and whether there is one that might."""
    days, unsure = [], False
    for record in world.of(kind):
        inside, day = truth(where, record, world), record.get(column)
        if day is None:
            unsure = unsure or inside is not False
        elif day <= world.on:
            unsure = unsure or inside is None
            if inside:
                days.append(day)
    return days, unsure


def _fresh(check: models.Fresh, world: World) -> int:
    allowed = limits(check.within, world)

    def late(days: list[str]) -> bool:
        return too_long(max(days), world.on, allowed or [])

    return _timed(check.fresh, check.where, check.date, allowed, late, world, check.within)


def _kept_up(check: models.Recurring, world: World) -> int:
    """Each item by its own events, tried with every choice of the possible ones that could save it."""
    of, match = check.of or "", check.match or ""
    inside = _truths(of, world, check.of_where)
    if all(answer is False for answer in inside):
        return NOTHING
    if True not in inside:
        return UNKNOWN
    allowed, period = limits(check.interval, world), otherwise(check.interval, world)
    if allowed is None and period is None:
        return UNMET
    items = [item for item, answer in zip(world.of(of), inside, strict=True) if answer]
    kept = [
        _kept(check, match, item, allowed, world)
        if allowed
        else _kept_otherwise(check, match, item, period or "", world)
        for item in items
    ]
    if False in kept:
        return UNMET
    if None in kept or None in inside:
        return UNKNOWN
    return MET if _dated(check.recurring, check.where, check.date, world)[0] else NOTHING


def _kept_otherwise(check: models.Recurring, match: str, item: Record, period: str, world: World) -> Truth:
    """An event within the period, unless the item is younger than it."""
    start = before(period, world)
    if any(name and item.get(name) and item[name] >= start for name in ("valid_from", check.of_since)):
        return True
    events = world.of(check.recurring)
    if item.get(match.partition("=")[0].strip()) is None:
        held = [e for e in events if e.get(match.partition("=")[2].strip()) is not None]
        return None if any(_recent(check, e, start, world) is not False for e in held) else False
    return kleene_or(kleene_and([_matches(match, item, e), _recent(check, e, start, world)]) for e in events)


def _recent(check: models.Recurring, event: Record, start: str, world: World) -> Truth:
    day = event.get(check.date)
    return kleene_and([truth(check.where, event, world), None if day is None else start <= day <= world.on])


def _kept(
    check: models.Recurring, match: str, item: Record, allowed: list[tuple[int, str]], world: World
) -> Truth:
    begun = [r["system_since"] for r in world.of("organisation") if r.get("system_since")]
    begun += [item[name] for name in ("valid_from", check.of_since) if name and item.get(name)]
    start = max([world.since, *begun])
    certain, possible, undated = [], [], False
    for event in world.of(check.recurring):
        counts, day = truth(check.where, event, world), event.get(check.date)
        if counts is False or _matches(match, item, event) is not True:
            continue
        if day is None:
            undated = True
        elif day <= world.on:
            (certain if counts else possible).append(day)

    def kept(before: list[str], after: list[str]) -> bool:
        steps = [max(before, default=start), *sorted(after), world.on]
        return not any(too_long(a, b, allowed) for a, b in pairwise(steps))

    early, late = [d for d in certain if d <= start], [d for d in certain if d > start]
    if kept(early, late):
        return True
    if undated or item.get(match.partition("=")[0].strip()) is None:
        return None
    late += [d for d in possible if d > start]
    choices = [early] + [[*early, d] for d in possible if d <= start]
    return None if any(kept(choice, late) for choice in choices) else False


def _recurring(check: models.Recurring, world: World) -> int:
    if check.of:
        return _kept_up(check, world)
    allowed = limits(check.interval, world)
    begun = [r["system_since"] for r in world.of("organisation") if r.get("system_since")]
    start = max([world.since, *begun])

    def late(days: list[str]) -> bool:
        before = [day for day in days if day <= start]
        steps = [max(before) if before else start, *sorted(day for day in days if day > start), world.on]
        return any(too_long(steps[n], steps[n + 1], allowed or []) for n in range(len(steps) - 1))

    return _timed(check.recurring, check.where, check.date, allowed, late, world, check.interval)


def _timed(
    kind: str,
    where: str | None,
    column: str,
    allowed: Any,
    late: Callable[[list[str]], bool],
    world: World,
    interval: Any,
) -> int:
    days, unsure = _dated(kind, where, column, world)
    period = otherwise(interval, world)
    if period and days:
        old = too_long(max(days), world.on, limits(period, world) or [])
        return MET if not old else UNKNOWN if unsure else UNMET
    if allowed is None and not period and True in _truths(kind, world, where):
        return UNMET
    if not days:
        return UNKNOWN if unsure else NOTHING
    return MET if not late(days) else UNKNOWN if unsure else UNMET


def _answered(check: models.Answered, world: World) -> int:
    days, unsure = _dated(check.answered, check.where, check.date, world)
    if not days and not _possible(check, world):
        return NOTHING
    allowed = limits(check.within, world) if check.within else []
    if allowed is None:
        return UNMET
    answers = [
        _response(check, r, world, allowed)
        for r in world.of(check.answered)
        if truth(check.where, r, world) and r.get(check.date) and r[check.date] <= world.on
    ]
    if False in answers:
        return UNMET
    return UNKNOWN if unsure or None in answers else MET


def _possible(check: models.Answered, world: World) -> bool:
    return _dated(check.answered, check.where, check.date, world)[1]


def _response(check: models.Answered, event: Record, world: World, allowed: list[tuple[int, str]]) -> Truth:
    """Whether the event is answered, or its time is not yet over."""
    day = event[check.date]
    if check.grace and day >= before(check.grace, world):
        return True
    if allowed and not too_long(day, world.on, allowed):
        return True
    found = []
    for record in world.of(check.response):
        answered = record.get(check.response_date)
        timely: Truth = None
        if answered is not None:
            timely = day <= answered <= world.on and not too_long(day, answered, allowed)
        found.append(
            kleene_and(
                [truth(check.response_where, record, world), timely, _matches(check.match, event, record)]
            )
        )
    return kleene_or(found)


def _matches(match: str | None, left: Record, right: Record) -> Truth:
    if match is None:
        return True
    mine, other = (part.strip() for part in match.split("="))
    return False if right.get(other) is None else _same(left.get(mine), right.get(other))


def _linked(check: models.Linked, world: World) -> int:
    population = _truths(check.linked, world, check.where)
    if all(inside is False for inside in population):
        return NOTHING
    partners = [(truth(check.partner_where, p, world), p) for p in world.of(check.partner)]
    links = [
        kleene_or(kleene_and([wanted, _matches(check.match, r, p)]) for wanted, p in partners)
        for inside, r in zip(population, world.of(check.linked), strict=True)
        if inside
    ]
    if False in links:
        return UNMET
    return UNKNOWN if None in links or None in population else MET


def _compare(check: models.Compare, world: World) -> int:
    numbers: dict[str, Any] = {}
    population: list[Truth] = []
    for name, part in check.using.items():
        kind = part.count if isinstance(part, models.Count) else part.sum
        inside = _truths(kind, world, part.where)
        population += inside
        chosen = [r for i, r in zip(inside, world.of(kind), strict=True) if i]
        if isinstance(part, models.Count):
            numbers[name] = len(chosen)
        else:
            amounts = [_plain(r.get(part.column)) for r in chosen]
            population += [None for amount in amounts if amount is None]
            with localcontext(Context(prec=100)):
                numbers[name] = sum((a for a in amounts if a is not None), Decimal(0))
    if None in population:
        return UNKNOWN
    if True not in population:
        return NOTHING
    return MET if truth(check.compare, numbers, world) else UNMET


def _nothing(check: models.Nothing, world: World) -> int:
    bad = _truths(check.none, world, check.where)
    if True in bad:
        return UNMET
    looked = _some(check.looked, world)
    return UNKNOWN if None in bad else looked if looked in (MET, UNKNOWN) else NOTHING


def _any_of(check: models.AnyOf, world: World) -> int:
    return max(outcome(part, world) for part in check.any_of)


_READINGS: Mapping[type[models.Check], Callable[[Any, World], int]] = {
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


def looked_at(kinds: Sequence[str], world: World) -> int:
    """For what only a person can judge: is there anything to look at?"""
    return MET if any(world.of(kind) for kind in kinds) else NOTHING


def applies(when: models.When, world: World) -> int:
    """Whether a condition holds: MET, UNMET or UNKNOWN."""
    found = _truths(when.exists or "organisation", world, when.where or when.profile)
    if when.profile and not found:
        return UNKNOWN
    if when.or_exists:
        found = [*found, *_truths(when.or_exists, world, when.or_where)]
    return {True: MET, False: UNMET, None: UNKNOWN}[kleene_or(found)]
