"""What the solver is given: sessions to place, days, auditors, sites. Minutes and numbers only, no store, no text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import gcd

Condition = tuple[str, ...]
"""A named rule that could be given up to see what it forbids: what it is, then whom or what it is about."""

HOURS: Condition = ("hours",)
TRAVEL: Condition = ("travel",)
MORNING, AFTERNOON = 0, 1


@dataclass(frozen=True, slots=True)
class Task:
    """A session to be placed: the clauses of one unit that one auditor audits in one go.

    `site` is None for what is audited from afar. `blocked` names, by auditor, each condition that keeps this auditor
    from it; who is not named may audit it. `early` is True where the unit is to come soon.
    """

    unit: str
    site: str | None
    minutes: int
    cells: tuple[tuple[str, str], ...] = ()
    areas: tuple[str, ...] = ()
    blocked: Mapping[str, frozenset[Condition]] = field(default_factory=dict)
    early: bool = False

    def open_to(self, auditor: str, relaxed: frozenset[Condition] = frozenset()) -> bool:
        """Whether the auditor may audit it, some conditions given up."""
        return self.blocked.get(auditor, frozenset()) <= relaxed


@dataclass(frozen=True, slots=True)
class Times:
    """Clock times in minutes since midnight, lengths in minutes."""

    start: int = 540
    lunch_from: int = 720
    lunch_until: int = 780
    until: int = 1050
    opening: int = 30
    team: int = 30
    closing: int = 30
    most: int = 480

    @property
    def morning(self) -> int:
        """Minutes before lunch."""
        return self.lunch_from - self.start

    @property
    def afternoon(self) -> int:
        """Minutes after lunch."""
        return self.until - self.lunch_until


@dataclass(frozen=True, slots=True)
class Pinned:
    """A unit's sessions are on this day, in this half, by this auditor, each where given."""

    unit: str
    day: int | None = None
    half: int | None = None
    auditor: str | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What makes a plan worse, per minute, auditor or half day."""

    end: int = 1
    travel: int = 2
    balance: int = 1
    another: int = 60
    early: int = 20


@dataclass(frozen=True)
class Puzzle:
    """Everything the solver knows. `away` are auditors and numbers of days; `travel` has both directions."""

    tasks: Sequence[Task]
    auditors: Sequence[str]
    days: Sequence[date]
    main: str | None
    times: Times = Times()
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    away: frozenset[tuple[str, int]] = frozenset()
    pinned: Sequence[Pinned] = ()
    order: Sequence[tuple[str, str]] = ()
    cost: Cost = Cost()
    effort: int = 4
    slot: int = 30

    def distance(self, start: str | None, to: str | None) -> int:
        """Minutes from site to site; nothing where one of them is no place."""
        if start is None or to is None or start == to:
            return 0
        return self.travel[start, to]

    def room(self, half: int) -> int:
        """Minutes for sessions and travel in a half day, numbered from 0 through all days."""
        day, part = divmod(half, 2)
        if part == MORNING:
            return self.times.morning - (self.times.opening if day == 0 else 0)
        last = day == len(self.days) - 1
        return self.times.afternoon - self.times.team - (self.times.closing if last else 0)

    def work(self, day: int) -> int:
        """Minutes of sessions that a day may hold beside its meetings."""
        first, last = day == 0, day == len(self.days) - 1
        times = self.times
        return times.most - times.team - (times.opening if first else 0) - (times.closing if last else 0)


def room(
    puzzle: Puzzle,
    auditors: Sequence[str] | None = None,
    day: int | None = None,
    half: int | None = None,
) -> int:
    """Minutes that auditors have for sessions and travel beside the meetings, in whole slots.

    Those of all auditors, days and halves of the day, or only of those given.
    """
    days = range(len(puzzle.days)) if day is None else (day,)
    return sum(
        _day_room(puzzle, one, half)
        for auditor in (puzzle.auditors if auditors is None else auditors)
        for one in days
        if (auditor, one) not in puzzle.away
    )


def _day_room(puzzle: Puzzle, day: int, half: int | None) -> int:
    """Minutes of a day or of a half of it; what is less than a slot holds nothing."""
    slot = gcd(puzzle.slot, *(t.minutes for t in puzzle.tasks))
    halves = (MORNING, AFTERNOON) if half is None else (half,)
    held = sum(puzzle.room(2 * day + part) // slot * slot for part in halves)
    return max(0, min(held, puzzle.work(day) // slot * slot))


Choice = Mapping[int, tuple[str, int]]
"""By task: the auditor, and the half day counted through all days."""


@dataclass(frozen=True)
class Solved:
    """What the solver says: optimal, feasible, infeasible or unknown; `bound` is below every plan's cost."""

    status: str
    choice: Choice = field(default_factory=dict)
    routes: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    cost: int = 0
    bound: int = 0
    checked: bool = False
