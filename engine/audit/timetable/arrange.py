"""From the solver's choice to a timetable with clock times: sessions, travel and meetings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shall.engine.audit.timetable.problem import MORNING, Puzzle, Solved, Times


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timetable: `day` counts from 0, times are minutes since midnight.

    `kind` is opening, audit, travel, team or closing; `task` is given for audit; `site` is where it takes place, None
    from afar; for travel `origin` is where it starts.
    """

    kind: str
    day: int
    start: int
    end: int
    who: tuple[str, ...]
    site: str | None = None
    task: int | None = None
    origin: str | None = None


def arrange(puzzle: Puzzle, solved: Solved) -> list[Entry]:
    """The timetable in the order of time."""
    found: list[Entry] = []
    ready: list[int] = []
    last = len(puzzle.days) - 1
    for auditor in puzzle.auditors:
        for day in range(len(puzzle.days)):
            entries, at = _day(puzzle, solved, auditor, day)
            found += entries
            if day == last:
                ready.append(at)
    found += _meetings(puzzle, max(ready, default=puzzle.times.start))
    return sorted(found, key=lambda e: (e.day, e.start, e.end, e.who, e.task or 0))


class _Clock:
    """One auditor's day as it passes."""

    def __init__(self, auditor: str, day: int, now: int, at: str | None) -> None:
        self.auditor, self.day, self.now, self.at = auditor, day, now, at
        self.entries: list[Entry] = []

    def go(self, to: str | None, minutes: int, origin: str | None) -> None:
        if minutes:
            self.entries.append(
                Entry("travel", self.day, self.now, self.now + minutes, (self.auditor,), to, origin=origin)
            )
        self.now += minutes
        self.at = to

    def audit(self, task: int, site: str | None, minutes: int) -> None:
        self.entries.append(
            Entry("audit", self.day, self.now, self.now + minutes, (self.auditor,), site, task)
        )
        self.now += minutes


def _day(puzzle: Puzzle, solved: Solved, auditor: str, day: int) -> tuple[list[Entry], int]:
    """Sessions and travel of an auditor's day, and when the auditor is free for the closing meeting."""
    times, first, final = puzzle.times, day == 0, day == len(puzzle.days) - 1
    clock = _Clock(
        auditor, day, times.start + (times.opening if first else 0), puzzle.main if first else None
    )
    worked = False
    for part in (MORNING, 1):
        half = 2 * day + part
        mine = [t for t, (a, h) in sorted(solved.choice.items()) if (a, h) == (auditor, half)]
        afar = [t for t in mine if puzzle.tasks[t].site is None]
        route = _route(puzzle, solved, auditor, half, mine)
        if part == MORNING:
            _run(puzzle, clock, afar)
        elif not route:
            if final and clock.at is not None and puzzle.main is not None:
                _noon(puzzle, clock, puzzle.main)
        else:
            _noon(puzzle, clock, route[0])
        if part and mine:
            clock.now = max(clock.now, times.lunch_until)
        for site in route:
            clock.go(site, puzzle.distance(clock.at, site), clock.at)
            _run(puzzle, clock, [t for t in mine if puzzle.tasks[t].site == site])
        if part:
            _run(puzzle, clock, afar)
        worked = worked or bool(mine)
    if final and clock.at is not None:
        clock.go(puzzle.main, puzzle.distance(clock.at, puzzle.main), clock.at)
    return clock.entries, clock.now if worked or clock.entries else times.start


def _route(puzzle: Puzzle, solved: Solved, auditor: str, half: int, mine: Sequence[int]) -> list[str]:
    """The sites of a half day in order; where routes were not needed, the one site there is."""
    used = {puzzle.tasks[t].site for t in mine}
    planned = solved.routes.get((auditor, half))
    if planned is None:
        return sorted(site for site in used if site is not None)
    return [site for site in planned if site in used]


def _run(puzzle: Puzzle, clock: _Clock, tasks: Sequence[int]) -> None:
    for t in sorted(tasks, key=lambda t: (puzzle.tasks[t].unit, t)):
        clock.audit(t, puzzle.tasks[t].site, puzzle.tasks[t].minutes)


def _noon(puzzle: Puzzle, clock: _Clock, to: str) -> None:
    """Travel between the halves: as much as there is time for before lunch, the rest after it."""
    times, origin = puzzle.times, clock.at
    minutes = puzzle.distance(origin, to)
    if not minutes:
        clock.at = to
        return
    before = min(minutes, max(times.lunch_from - clock.now, 0))
    clock.go(to, before, origin)
    if minutes > before:
        clock.now = times.lunch_until
        clock.go(to, minutes - before, origin)


def _meetings(puzzle: Puzzle, ready: int) -> Iterator[Entry]:
    times, main = puzzle.times, puzzle.main
    final = len(puzzle.days) - 1

    def there(day: int) -> tuple[str, ...]:
        return tuple(a for a in puzzle.auditors if (a, day) not in puzzle.away)

    if times.opening:
        yield Entry("opening", 0, times.start, times.start + times.opening, there(0), main)
    for day in range(final):
        if times.team and there(day):
            yield Entry("team", day, times.until - times.team, times.until, there(day))
    now = ready + times.opening if ready == times.start and final == 0 else ready
    for kind, minutes in (("team", times.team), ("closing", times.closing)):
        now = _fitting(times, now, minutes)
        if minutes:
            yield Entry(kind, final, now, now + minutes, there(final), main)
        now += minutes


def _fitting(times: Times, now: int, minutes: int) -> int:
    """The first time from now on at which so many minutes fit beside lunch."""
    if now + minutes <= times.lunch_from or now >= times.lunch_until:
        return now
    return times.lunch_until
