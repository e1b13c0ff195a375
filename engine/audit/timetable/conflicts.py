"""Why there is no plan: a set of conditions none of which can be left out, and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shall.engine.audit.calendar import calendar
from shall.engine.audit.timetable.gather import Facts
from shall.engine.audit.timetable.problem import (
    AFTERNOON,
    HOURS,
    MORNING,
    TRAVEL,
    Condition,
    Pinned,
    Puzzle,
    Task,
    room,
)
from shall.engine.audit.timetable.request import Request
from shall.engine.audit.timetable.solve import possible
from shall.engine.audit.timetable.work import absent_on

Tell = tuple[str, Mapping[str, object]]
MORE_DAYS = 3
"""So many days more are tried."""
ANOTHER = "+"
"""The auditor that would help."""


@dataclass(frozen=True)
class Conflict:
    """Conditions that cannot hold together, those the sessions are about, and changes each of which would do.

    `minimal` is False where the effort did not suffice to try every condition.
    """

    conditions: tuple[Tell, ...]
    tasks: tuple[int, ...] = ()
    helps: tuple[Tell, ...] = ()
    minimal: bool = True


def before_solving(facts: Facts, request: Request, puzzle: Puzzle) -> list[Conflict]:
    """Conflicts that show without a search: no lead, nobody entitled, somebody away at a meeting for all."""
    found: list[Conflict] = []
    if not puzzle.auditors:
        return [Conflict((("audit_plan.because_nobody", {}),), helps=(("audit_plan.help_team", {}),))]
    if facts.lead is None:
        why = (
            "audit_plan.because_lead",
            {"name": request.file.lead or "-", "team": _listed(puzzle.auditors)},
        )
        found.append(Conflict((why,), helps=(("audit_plan.help_lead", {}),)))
    for kind, day in (("opening", facts.days[0]), ("closing", facts.days[-1])):
        away = [m.id for m in facts.counting if absent_on(facts, m.id, day)]
        held = puzzle.times.opening if kind == "opening" else puzzle.times.closing
        nobody = len(away) == len(facts.counting)
        if held and away and (nobody or request.file.meetings.everybody):
            fields = {"names": _listed(away), "day": day}
            meeting = (f"audit_plan.because_{kind}" + "_held" * nobody, {"day": day})
            help_ = ("audit_plan.help_days_other", {}) if nobody else ("audit_plan.help_everybody", fields)
            found.append(Conflict((meeting, ("audit_plan.because_away", fields)), helps=(help_,)))
    groups: dict[tuple[tuple[str, Condition], ...], list[int]] = {}
    for n, task in enumerate(puzzle.tasks):
        if not any(task.open_to(a) for a in puzzle.auditors):
            key = tuple((a, min(task.blocked[a])) for a in puzzle.auditors)
            groups.setdefault(tuple((a, c[:2] if c[0] == "own" else c) for a, c in key), []).append(n)
    for numbers in groups.values():
        task = puzzle.tasks[numbers[0]]
        reasons = tuple(dict.fromkeys(min(task.blocked[a]) for a in puzzle.auditors))
        helps: tuple[Tell, ...] = (("audit_plan.help_auditor", {"work": ("tasks", tuple(numbers))}),)
        found.append(
            Conflict(
                (
                    ("audit_plan.because_work", {"work": ("tasks", tuple(numbers))}),
                    *map(_tell(facts, puzzle), reasons),
                ),
                tuple(numbers),
                helps,
            )
        )
    return found


def explain(facts: Facts, puzzle: Puzzle) -> Conflict:
    """A set of conditions that cannot hold together, found by leaving out one after the other."""
    conditions = _conditions(puzzle)
    kept, given_up, minimal = list(conditions), frozenset[Condition](), True
    for condition in conditions:
        answer = possible(puzzle, given_up | {condition})
        if answer is False:
            given_up |= {condition}
            kept.remove(condition)
        elif answer is None:
            minimal = False
    tell = _tell(facts, puzzle)
    return Conflict(tuple(tell(c) for c in kept), helps=tuple(_helps(puzzle)), minimal=minimal)


def _conditions(puzzle: Puzzle) -> list[Condition]:
    """What may be given up, the most deeply rooted last, so that it is named where it matters."""
    blocking = sorted({c for t in puzzle.tasks for held in t.blocked.values() for c in held})
    away = sorted({("absent", a) for a, _ in puzzle.away})
    fixed: list[Condition] = [("fixed", str(n)) for n in range(len(puzzle.pinned))]
    order: list[Condition] = [("order", str(n)) for n in range(len(puzzle.order))]
    travel = [TRAVEL] if any(puzzle.travel.values()) else []
    return [*order, *travel, *blocking, *fixed, *away, HOURS]


def _helps(puzzle: Puzzle) -> list[Tell]:
    """Small changes each of which makes a plan possible."""
    found: list[Tell] = []
    works = calendar().works
    days, day = list(puzzle.days), puzzle.days[-1]
    for extra in range(1, MORE_DAYS + 1):
        day += timedelta(1)
        while not works(day):
            day += timedelta(1)
        days.append(day)
        if possible(replace(puzzle, days=tuple(days))):
            found.append(("audit_plan.help_days", {"count": extra, "until": day}))
            break
    more = replace(puzzle, auditors=(*puzzle.auditors, ANOTHER))
    if possible(more):
        areas = sorted({area for t in puzzle.tasks if _scarce(t, puzzle) for area in t.areas})
        found.append(("audit_plan.help_another", {"areas": ("areas", tuple(areas))}))
    for n, _ in enumerate(puzzle.pinned):
        if possible(puzzle, [("fixed", str(n))]):
            found.append(("audit_plan.help_fixed", {"unit": puzzle.pinned[n].unit}))
        wider = _any_half(puzzle, n)
        if wider is not None and possible(wider):
            found.append(("audit_plan.help_fixed_day", {"unit": puzzle.pinned[n].unit}))
    for n, (before, after) in enumerate(puzzle.order):
        if possible(puzzle, [("order", str(n))]):
            found.append(("audit_plan.help_order", {"before": before, "after": after}))
    return found


def _any_half(puzzle: Puzzle, number: int) -> Puzzle | None:
    """The puzzle with a unit fixed to its day only; None where no half of a day is fixed."""
    pinned = list(puzzle.pinned)
    if pinned[number].day is None or pinned[number].half is None:
        return None
    pinned[number] = replace(pinned[number], half=None)
    return replace(puzzle, pinned=tuple(pinned))


def _scarce(task: Task, puzzle: Puzzle) -> bool:
    """Whether as few may audit it as anything else."""
    fewest = min(sum(t.open_to(a) for a in puzzle.auditors) for t in puzzle.tasks)
    return sum(task.open_to(a) for a in puzzle.auditors) == fewest


def _listed(names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    return "names", tuple(names)


def _tell(facts: Facts, puzzle: Puzzle) -> "_Teller":
    return _Teller(facts, puzzle)


class _Teller:
    """A condition as a text's key and fields."""

    def __init__(self, facts: Facts, puzzle: Puzzle) -> None:
        self.facts, self.puzzle = facts, puzzle

    def __call__(self, condition: Condition) -> Tell:
        facts, puzzle = self.facts, self.puzzle
        kind = condition[0]
        about = condition[1] if len(condition) > 1 else ""
        key = f"audit_plan.because_{kind}"
        match kind:
            case "absent":
                days = tuple(str(d) for n, d in enumerate(puzzle.days) if (about, n) in puzzle.away)
                return key, {"auditor": about, "days": ("names", days)}
            case "person":
                return key, {"auditor": about, "why": ("key", f"programme.not_{condition[2]}")}
            case "own":
                unit = facts.units.get(condition[2])
                fields = {"auditor": about, "unit": condition[2], "name": unit.name if unit else "-"}
                return key, {**fields, "why": ("key", f"audit_plan.own_{condition[3]}")}
            case "tie":
                tie = next(t for t in facts.ties if t.record == condition[2])
                return key, {"auditor": about, "record": tie.record, "ended": str(tie.ended or "-")}
            case "scope":
                rows = [s for s in facts.scopes if s.auditor == about]
                listed = tuple(
                    " ".join(x for x in (s.standard, s.group, s.sector) if x) or s.record for s in rows
                )
                return key, {"auditor": about, "listed": ("names", listed)}
            case "fixed":
                pin = puzzle.pinned[int(about)]
                return key, {**_pin(puzzle, pin), "unit": pin.unit, "auditor": pin.auditor or "-"}
            case "order":
                before, after = puzzle.order[int(about)]
                return key, {"before": before, "after": after}
            case "hours":
                return _hours_told(puzzle)
        return key, {}


def _pin(puzzle: Puzzle, pin: Pinned) -> dict[str, object]:
    """When a unit is fixed, how long its sessions take, and how much there is room for then."""
    work = sum(t.minutes for t in puzzle.tasks if t.unit == pin.unit)
    who = [a for a in puzzle.auditors if pin.auditor in (None, a)]
    return {
        "day": "-" if pin.day is None else str(puzzle.days[pin.day]),
        "half": ("key", f"audit_plan.half_{HALVES[pin.half]}"),
        "work": _in_hours(work),
        "room": _in_hours(room(puzzle, who, pin.day, pin.half)),
    }


HALVES: Mapping[int | None, str] = {MORNING: "morning", AFTERNOON: "afternoon", None: "any"}


def _hours_told(puzzle: Puzzle) -> Tell:
    """That there is too little time in all; where there is enough in all, what the half days hold."""
    work, held = sum(t.minutes for t in puzzle.tasks), room(puzzle)
    if held < work:
        counted = {"days": len(puzzle.days), "count": len(puzzle.auditors)}
        return "audit_plan.because_hours", {**counted, "work": _in_hours(work), "room": _in_hours(held)}
    halves = range(2 * len(puzzle.days))
    mornings, afternoons = (
        [puzzle.room(h) for h in halves if h % 2 == part] for part in (MORNING, AFTERNOON)
    )
    return "audit_plan.because_half_days", {
        "morning": _in_hours(max(mornings)), "first": _in_hours(mornings[0]),
        "afternoon": _in_hours(max(afternoons)), "last": _in_hours(afternoons[-1]),
        "most": _in_hours(puzzle.times.most),
    }  # fmt: skip


def _in_hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"
