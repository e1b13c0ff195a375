"""Every plan is read again against every rule, from its lines and the facts alone: nothing of the solver is used."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from itertools import pairwise

from shall.engine.audit.calendar import calendar
from shall.engine.audit.timetable.arrange import Entry
from shall.engine.audit.timetable.gather import EMPLOYED, Facts, Member
from shall.engine.audit.timetable.problem import Puzzle
from shall.engine.audit.timetable.request import Request
from shall.engine.audit.timetable.wanted import Wanted
from shall.engine.audit.timetable.work import covers

Fault = tuple[str, str]
"""The rule that is broken, and by what."""


def faults(puzzle: Puzzle, plan: Sequence[Entry]) -> list[Fault]:
    """What is wrong with the times and places of a plan; nothing where it keeps every rule."""
    return [*_sessions(puzzle, plan), *_clock(puzzle, plan), *_places(puzzle, plan), *_meetings(puzzle, plan)]


def _sessions(puzzle: Puzzle, plan: Sequence[Entry]) -> Iterator[Fault]:
    """Each session once, whole, by one who may and is there, where and when it is pinned, in order."""
    audits = [e for e in plan if e.kind == "audit" and e.task is not None]
    if sorted(e.task or 0 for e in audits) != list(range(len(puzzle.tasks))):
        yield "once", "-"
        return
    for e in audits:
        task, name = puzzle.tasks[e.task or 0], f"{e.task}"
        if len(e.who) != 1 or e.who[0] not in puzzle.auditors:
            yield "auditor", name
        if task.blocked.get(e.who[0]):
            yield "may_not", name
        if e.end - e.start != task.minutes:
            yield "length", name
        if e.site != task.site:
            yield "site", name
        for pin in puzzle.pinned:
            half = int(e.start >= puzzle.times.lunch_until)
            if pin.unit == task.unit and not (
                pin.day in (None, e.day) and pin.half in (None, half) and pin.auditor in (None, e.who[0])
            ):
                yield "fixed", name
    for before, after in puzzle.order:
        done = [(e.day, e.end) for e in audits if puzzle.tasks[e.task or 0].unit == before]
        next_ = [(e.day, e.start) for e in audits if puzzle.tasks[e.task or 0].unit == after]
        if done and next_ and max(done) > min(next_):
            yield "order", f"{before} {after}"
    for e in plan:
        if any((a, e.day) in puzzle.away for a in e.who):
            yield "absent", f"{e.kind} {e.day}"


def _clock(puzzle: Puzzle, plan: Sequence[Entry]) -> Iterator[Fault]:
    """Within working hours, beside lunch, on the days asked for, never more than the day's work."""
    times = puzzle.times
    work: dict[tuple[str, int], int] = {}
    for e in plan:
        if not 0 <= e.day < len(puzzle.days):
            yield "day", e.kind
        morning = times.start <= e.start <= e.end <= times.lunch_from
        if not morning and not times.lunch_until <= e.start <= e.end <= times.until:
            yield "hours", f"{e.kind} {e.day} {e.start}"
        if e.kind != "travel":
            for a in e.who:
                work[a, e.day] = work.get((a, e.day), 0) + e.end - e.start
    yield from (("work", f"{a} {day}") for (a, day), spent in work.items() if spent > times.most)


def _places(puzzle: Puzzle, plan: Sequence[Entry]) -> Iterator[Fault]:
    """One thing at a time, and time enough to get from place to place; a team meeting may be held by telephone."""
    times = puzzle.times
    lunch = times.lunch_until - times.lunch_from
    for auditor in puzzle.auditors:
        for day in range(len(puzzle.days)):
            mine = sorted(
                (e for e in plan if auditor in e.who and e.day == day), key=lambda e: (e.start, e.end)
            )
            if any(a.end > b.start for a, b in pairwise(mine)):
                yield "twice", f"{auditor} {day}"
            placed = [e for e in mine if e.kind != "travel" and e.site is not None]
            for a, b in pairwise(placed):
                between = [e for e in mine if e.kind != "travel" and a.end <= e.start and e.end <= b.start]
                gap = b.start - a.end - sum(e.end - e.start for e in between)
                if a.end <= times.lunch_from and b.start >= times.lunch_until:
                    gap -= lunch
                if a.site != b.site and gap < puzzle.travel[a.site or "", b.site or ""]:
                    yield "travel", f"{auditor} {day} {a.site} {b.site}"


def _meetings(puzzle: Puzzle, plan: Sequence[Entry]) -> Iterator[Fault]:
    """Opening first and closing last, with everybody who is there; a team meeting every day."""
    times, last = puzzle.times, len(puzzle.days) - 1

    def there(day: int) -> set[str]:
        return {a for a in puzzle.auditors if (a, day) not in puzzle.away}

    for kind, minutes, day in (("opening", times.opening, 0), ("closing", times.closing, last)):
        held = [e for e in plan if e.kind == kind]
        if not minutes:
            continue
        if len(held) != 1 or held[0].day != day or set(held[0].who) != there(day):
            yield kind, "-"
            continue
        one, others = held[0], [e for e in plan if e.kind != kind]
        if kind == "opening" and any((e.day, e.start) < (0, one.end) for e in others):
            yield kind, "first"
        if kind == "closing" and any((e.day, e.end) > (last, one.start) for e in others):
            yield kind, "last"
    for day in range(len(puzzle.days)):
        held = [e for e in plan if e.kind == "team" and e.day == day]
        if times.team and there(day) and (len(held) != 1 or set(held[0].who) != there(day)):
            yield "team", f"{day}"


def cost(puzzle: Puzzle, plan: Sequence[Entry]) -> int:
    """What a plan costs, counted from its lines."""
    times, weights = puzzle.times, puzzle.cost
    last = len(puzzle.days) - 1
    audits = [e for e in plan if e.kind == "audit"]
    busy = [e for e in plan if e.kind in ("audit", "travel")]
    begin = times.start + (times.opening if last == 0 else 0)
    ends = [e.end - (begin if e.end <= times.lunch_from else times.lunch_until - (times.lunch_from - begin))
            for e in busy if e.day == last]  # fmt: skip
    load = {a: sum(e.end - e.start for e in audits if a in e.who) for a in puzzle.auditors}
    pairs = {(puzzle.tasks[e.task or 0].unit, e.who) for e in audits}
    units = {unit for unit, _ in pairs}
    early = sum(
        2 * e.day + int(e.start >= times.lunch_until) for e in audits if puzzle.tasks[e.task or 0].early
    )
    return (
        weights.end * max(ends, default=0)
        + weights.travel * sum(e.end - e.start for e in plan if e.kind == "travel")
        + weights.balance * (max(load.values(), default=0) - min(load.values(), default=0))
        + weights.another * (len(pairs) - len(units))
        + weights.early * early
    )


def people_faults(
    facts: Facts, request: Request, wanted: Wanted, remote: set[str], puzzle: Puzzle, plan: Sequence[Entry]
) -> list[Fault]:
    """What is wrong with who audits what, looked up in the records again; every clause wanted is there."""
    found: list[Fault] = []
    matters = {(unit, m.ruleset, m.clause): m for unit, listed in wanted.items() for m in listed}
    members = {m.id: m for m in facts.members}
    covered = set()
    for e in plan:
        if e.kind != "audit" or e.task is None:
            continue
        task, member = puzzle.tasks[e.task], members[e.who[0]]
        if (e.site is None) != (task.unit in remote):
            found.append(("remote", task.unit))
        if not member.counts or member.why_not is not None:
            found.append(("person", member.id))
        if _own(facts, member, task.unit):
            found.append(("own", f"{member.id} {task.unit}"))
        found += (("tie", t) for t in _ties(facts, request, member.id, task.unit))
        for key in task.cells:
            covered.add((task.unit, *key))
            scopes = [s for s in facts.scopes if s.auditor == member.id]
            fits = [
                s
                for s in scopes
                if (not s.standard or s.standard == key[0])
                and covers(s.group, matters[task.unit, *key])
                and (not s.sector or s.sector.casefold() == (facts.sector or "").casefold())
                and not (s.evaluated and s.evaluated > facts.days[0])
            ]
            if scopes and not fits:
                found.append(("scope", f"{member.id} {task.unit} {key[1]}"))
        if any(a == member.id and x <= facts.days[e.day] <= y for a, x, y in facts.absences):
            found.append(("absent", member.id))
    found += (("missing", " ".join(key)) for key in sorted(set(matters) - covered))
    works = calendar().works
    found += (("calendar", str(day)) for day in facts.days if not works(day))
    if facts.lead is None or not members[facts.lead].counts:
        found.append(("lead", "-"))
    if request.file.meetings.everybody:
        for day in (facts.days[0], facts.days[-1]):
            away = [m.id for m in facts.counting for a, x, y in facts.absences if a == m.id and x <= day <= y]
            found += (("everybody", a) for a in away)
    return found


def _own(facts: Facts, member: Member, unit: str) -> bool:
    """Own unit, a unit they head or one below it, or where they run a process."""
    if member.unit == unit:
        return True
    if member.person is None:
        return False
    chain: list[str] = []
    now: str | None = unit
    while now is not None and now in facts.units and now not in chain:
        chain.append(now)
        now = facts.units[now].parent
    headed = any(facts.units[one].head == member.person for one in chain)
    return headed or member.person in facts.owners.get(unit, frozenset())


def _ties(facts: Facts, request: Request, auditor: str, unit: str) -> Iterator[str]:
    """Ties that ended less than so many months before the first day, counted in months and days."""
    first, months = facts.days[0], request.file.impartiality_months
    for t in facts.ties:
        if t.auditor != auditor or t.unit not in (None, unit):
            continue
        if facts.internal and t.unit is None and t.what in EMPLOYED:
            continue
        if t.began and t.began > facts.days[-1]:
            continue
        if t.ended is None:
            yield t.record
            continue
        apart = (first.year - t.ended.year) * 12 + first.month - t.ended.month
        whole = first.day >= t.ended.day or monthrange(first.year, first.month)[1] == first.day
        if apart < months or (apart == months and not whole):
            yield t.record
