"""Sessions into half days by CP-SAT: one worker, a fixed seed, no presolve, effort in deterministic units.

An auditor's half day is a route (sites in order, none twice, at most ROUTE of them) and the sessions along it, so the
order within it is free and is not searched. Like in scoring/paths.py presolve stays off, since OR-Tools 9.15 called
worse results optimal with it; a second run with other settings has to find nothing better, or else its plan counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise, permutations
from math import gcd
from random import Random
from typing import Any

from shall.engine.audit.timetable.problem import AFTERNOON, HOURS, TRAVEL, Condition, Puzzle, Solved, Task
from shall.engine.audit.timetable.search import search
from shall.texts.errors import EvidenceError

ROUTE, FEW_SITES = 3, 4
"""Sites in a half day: three where there are at most four sites, else two."""
AMPLE = 100_000
_SURE: Mapping[str, Any] = {"num_workers": 1, "cp_model_presolve": False, "linearization_level": 2}
_ANEW: Mapping[str, Any] = {**_SURE, "linearization_level": 1}
_ANY: Mapping[str, Any] = {**_SURE, "linearization_level": 0}
"""How the solver runs: for the best, for the second opinion, for any plan at all."""
WHOLE, PARTS, STEP = Fraction(3, 10), Fraction(5, 10), Fraction(1, 40)
"""Of the effort: for the whole at once, for bettering parts of the plan, for each such part; the rest checks."""


def solver_version() -> str:
    """The version of the solver; raises EvidenceError where it is not installed."""
    try:
        return version("ortools")
    except PackageNotFoundError:
        raise EvidenceError("audit_plan.no_solver") from None


def solve(puzzle: Puzzle, seed: int = 0) -> Solved:
    """The best plan, the best found with a bound below every plan, or that there is none.

    What is called optimal or infeasible was found so twice, with different settings (`checked`).
    """
    model = Model(puzzle)
    first = model.run(seed, _SURE, WHOLE * puzzle.effort)
    rest = (1 - WHOLE - PARTS) * puzzle.effort
    if first.status == "infeasible":
        again = Model(puzzle).run(seed + 1, _ANEW, rest)
        return again if again.choice else Solved("infeasible", checked=again.status == "infeasible")
    if not first.choice:
        start = _any(puzzle, frozenset(), seed, rest)
        if not start.choice:
            return start
        first = replace(start, status="feasible", cost=AMPLE * AMPLE, bound=first.bound)
    if first.status == "feasible":
        first = _bettered(model, first, seed)
    while first.cost == first.bound:
        again = Model(puzzle, below=first.cost).run(seed + 1, _ANEW, rest)
        if not again.choice:
            proved = again.status == "infeasible"
            return replace(first, status="optimal" if proved else "feasible", checked=proved)
        first = again
    return replace(first, status="feasible")


def _bettered(model: "Model", best: Solved, seed: int) -> Solved:
    """Part after part of the plan is placed anew while the others stay, as long as the effort lasts."""
    puzzle, chance = model.puzzle, Random(seed)
    step, left = float(STEP * puzzle.effort), float(PARTS * puzzle.effort)
    number = 0
    while left > 0 and best.cost > best.bound:
        free = _part(puzzle, best, chance, number)
        number += 1
        left -= 0.002 * puzzle.effort
        found, spent = model.around(best, free, seed + number, min(step, left))
        left -= spent
        if found.choice and found.cost < best.cost:
            best = replace(found, status="feasible", bound=best.bound)
    return best


def _part(puzzle: Puzzle, best: Solved, chance: Random, number: int) -> frozenset[int]:
    """Sessions that may move: those of two auditors, of two half days, or of some units."""
    everything = range(len(puzzle.tasks))
    if number == 0:
        return frozenset()
    pair = chance.sample(list(puzzle.auditors), min(2, len(puzzle.auditors)))
    some = chance.sample(range(len(puzzle.days)), min(2, len(puzzle.days)))
    units = sorted({task.unit for task in puzzle.tasks})
    people: dict[str, set[str]] = {}
    for t, (auditor, _) in best.choice.items():
        people.setdefault(puzzle.tasks[t].unit, set()).add(auditor)
    split = [unit for unit in units if len(people[unit]) > 1]
    chosen = chance.sample(split if len(split) > 2 else units, min(len(units), 3))
    match number % 3:
        case 0:
            return frozenset(t for t in everything if puzzle.tasks[t].unit in chosen)
        case 1:
            return frozenset(
                t for t in everything if best.choice[t][0] in pair and best.choice[t][1] // 2 in some
            )
    return frozenset(
        t for t in everything if best.choice[t][1] // 2 in some[:1] or best.choice[t][0] == pair[0]
    )


def _any(puzzle: Puzzle, relaxed: frozenset[Condition], seed: int, effort: float | Fraction) -> Solved:
    """Any plan: at first one with a single site in each half day, which is found sooner, then any."""
    found = Model(puzzle, relaxed, priced=False, route=1).run(seed, _ANY, effort)
    if not found.choice:
        found = Model(puzzle, relaxed, priced=False).run(seed, _ANY, effort)
    return found


def possible(puzzle: Puzzle, relaxed: Iterable[Condition] = (), *, again: bool = False) -> bool | None:
    """Whether there is any plan, its sessions divided at will into slots, with these conditions given up.

    None where the effort did not suffice to tell; `again` asks for a second opinion.
    """
    model = Model(merged(puzzle), frozenset(relaxed), priced=False, divisible=True)
    for how in (_ANEW, _ANY) if again else (_SURE, _ANY):
        found = model.run(int(again), how, Fraction(puzzle.effort, 10))
        if found.status != "unknown":
            return found.status != "infeasible"
    return None


def merged(puzzle: Puzzle) -> Puzzle:
    """The same work with one task for what the same people may audit in one unit."""
    held: dict[tuple[object, ...], Task] = {}
    for task in puzzle.tasks:
        key = (task.unit, task.site, tuple(sorted((a, tuple(sorted(c))) for a, c in task.blocked.items())))
        first = held.get(key)
        areas = dict.fromkeys((*first.areas, *task.areas)) if first else dict.fromkeys(task.areas)
        minutes = task.minutes + (first.minutes if first else 0)
        held[key] = replace(task, minutes=minutes, areas=tuple(areas))
    return replace(puzzle, tasks=tuple(held.values()))


class Model:
    """The constraints of a puzzle."""

    def __init__(
        self,
        puzzle: Puzzle,
        relaxed: frozenset[Condition] = frozenset(),
        *,
        priced: bool = True,
        below: int | None = None,
        route: int = ROUTE,
        divisible: bool = False,
    ) -> None:
        solver_version()
        from ortools.sat.python import cp_model

        self.cp, self.model = cp_model, cp_model.CpModel()
        self.puzzle, self.relaxed, self.route = puzzle, relaxed, route
        self.slot = gcd(puzzle.slot, *(t.minutes for t in puzzle.tasks)) if divisible else 0
        self.halves = range(2 * len(puzzle.days))
        self.last = len(puzzle.days) - 1
        self.x = self._sessions()
        self.moves: list[Any] = []
        self.routes = self._routes()
        self.load = {a: self._work(a, self.halves) for a in puzzle.auditors}
        self.end = self.model.new_int_var(0, AMPLE, "end")
        for a in puzzle.auditors:
            for day in range(len(puzzle.days)):
                self._day(a, day)
        self._ordered()
        self.price: Any = None
        if priced or below is not None:
            self.price = self._price()
        if below is not None:
            self.model.add(self.price < below)
        elif priced:
            self.model.minimize(self.price)

    def _distance(self, start: str | None, to: str | None) -> int:
        return 0 if TRAVEL in self.relaxed else self.puzzle.distance(start, to)

    def _sessions(self) -> dict[tuple[int, str, int], Any]:
        """Each session once, in a half day of somebody who may audit it and is there."""
        found = {}
        for t, task in enumerate(self.puzzle.tasks):
            pins = [
                pin
                for n, pin in enumerate(self.puzzle.pinned)
                if pin.unit == task.unit and ("fixed", str(n)) not in self.relaxed
            ]
            mine = []
            for a in self.puzzle.auditors:
                if not task.open_to(a, self.relaxed) or any(p.auditor not in (None, a) for p in pins):
                    continue
                for h in self.halves:
                    day, part = divmod(h, 2)
                    if (a, day) in self.puzzle.away and ("absent", a) not in self.relaxed:
                        continue
                    if any(p.day not in (None, day) or p.half not in (None, part) for p in pins):
                        continue
                    found[t, a, h] = self.model.new_int_var(0, self._parts(t), f"x{t}.{a}.{h}")
                    mine.append(found[t, a, h])
            self.model.add(sum(mine) == self._parts(t)) if mine else self.model.add_bool_or([])
        return found

    def _parts(self, task: int) -> int:
        """How many pieces a session has: one, or its slots where it may be divided."""
        return self.puzzle.tasks[task].minutes // self.slot if self.slot else 1

    def _sites(self) -> list[str]:
        return sorted({task.site for task in self.puzzle.tasks if task.site is not None})

    def _routes(self) -> dict[tuple[str, int], dict[tuple[str, ...], Any]]:
        """A route for each half day of each auditor; the empty one is taken where nothing is audited on a site."""
        sites = self._sites()
        most = min(self.route if len(sites) <= FEW_SITES else 2, self.route, len(sites))
        if not any(self._distance(self.puzzle.main, s) for s in sites) and len(sites) <= 1:
            return {}
        found: dict[tuple[str, int], dict[tuple[str, ...], Any]] = {}
        for a in self.puzzle.auditors:
            mine = sorted({self.puzzle.tasks[t].site or "" for t, who, _ in self.x if who == a} - {""})
            for h in self.halves:
                listed = [r for n in range(min(most, len(mine)) + 1) for r in permutations(mine, n)]
                held = {r: self.model.new_bool_var("") for r in listed}
                self.model.add_exactly_one(held.values())
                found[a, h] = held
        for (t, a, h), placed in self.x.items():
            site = self.puzzle.tasks[t].site
            if site is not None:
                there = sum(var for r, var in found[a, h].items() if site in r)
                self.model.add(placed <= self._parts(t) * there)
        return found

    def _work(self, auditor: str, halves: Iterable[int]) -> Any:
        held = set(halves)
        tasks = self.puzzle.tasks
        return sum(
            (self.slot or tasks[t].minutes) * x
            for (t, a, h), x in self.x.items()
            if a == auditor and h in held
        )

    def _inner(self, auditor: str, half: int) -> Any:
        """Travel within a half day, from the opening meeting and to the closing one."""
        puzzle, terms = self.puzzle, []
        for r, var in self.routes.get((auditor, half), {}).items():
            spent = sum(self._distance(a, b) for a, b in pairwise(r))
            if r and half == 0:
                spent += self._distance(puzzle.main, r[0])
            if r and half == self.halves[-1]:
                spent += self._distance(r[-1], puzzle.main)
            if spent:
                terms.append(spent * var)
        return sum(terms)

    def _at(self, auditor: str, half: int, site: str, which: int) -> Any:
        """Whether a route begins (0) or ends (-1) at a site; who has nothing to do is where the meeting is."""
        puzzle = self.puzzle
        meets = site == puzzle.main and half in (0, self.halves[-1])
        return sum(v for r, v in self.routes[auditor, half].items() if (r[which] == site if r else meets))

    def _noon(self, auditor: str, day: int) -> Any:
        """Minutes of travel between the morning's last site and the afternoon's first."""
        if not self.routes:
            return 0
        sites = sorted({*self._sites(), *([self.puzzle.main] if self.puzzle.main else [])})
        far = max(self._distance(a, b) for a in sites for b in sites)
        moved = self.model.new_int_var(0, far, "")
        for a in sites:
            for b in sites:
                if spent := self._distance(a, b):
                    both = self._at(auditor, 2 * day, a, -1) + self._at(auditor, 2 * day + 1, b, 0)
                    self.model.add(moved >= spent * (both - 1))
        return moved

    def _day(self, auditor: str, day: int) -> None:
        """What a day of an auditor can hold; travel at noon may be before or after lunch, never in it."""
        puzzle, model = self.puzzle, self.model
        moved = self._noon(auditor, day)
        first = model.new_int_var(0, puzzle.times.morning, "") if self.routes else 0
        loads = [self._work(auditor, [h]) + self._inner(auditor, h) for h in (2 * day, 2 * day + 1)]
        loads = [loads[0] + first, loads[1] + moved - first]
        if self.routes:
            model.add(first <= moved)
        if HOURS not in self.relaxed:
            for part, load in enumerate(loads):
                if not isinstance(load, int):
                    model.add(load <= puzzle.room(2 * day + part))
            work = self._work(auditor, (2 * day, 2 * day + 1))
            if not isinstance(work, int):
                model.add(work <= puzzle.work(day))
        self.moves += [self._inner(auditor, 2 * day), self._inner(auditor, 2 * day + 1), moved]
        if day == self.last:
            model.add(self.end >= loads[0])
            used = model.new_bool_var("")
            model.add(loads[AFTERNOON] <= AMPLE * used)
            model.add(self.end >= puzzle.room(2 * day) * used + loads[AFTERNOON])

    def _ordered(self) -> None:
        for n, (before, after) in enumerate(self.puzzle.order):
            if ("order", str(n)) in self.relaxed:
                continue
            border = self.model.new_int_var(0, len(self.halves), "")
            for (t, _, h), x in self.x.items():
                held = self.model.new_bool_var("")
                self.model.add(x <= self._parts(t) * held)
                if self.puzzle.tasks[t].unit == before:
                    self.model.add(border >= h + 1).only_enforce_if(held)
                if self.puzzle.tasks[t].unit == after:
                    self.model.add(border <= h).only_enforce_if(held)

    def _price(self) -> Any:
        """What the plan costs; see Cost."""
        puzzle, model, cost = self.puzzle, self.model, self.puzzle.cost
        most, least = model.new_int_var(0, AMPLE, ""), model.new_int_var(0, AMPLE, "")
        for load in self.load.values():
            model.add(most >= load)
            model.add(least <= load)
        others = []
        for unit in sorted({task.unit for task in puzzle.tasks}):
            flags = []
            for a in puzzle.auditors:
                mine = [x for (t, b, _), x in self.x.items() if a == b and puzzle.tasks[t].unit == unit]
                if mine:
                    flag = model.new_bool_var("")
                    for x in mine:
                        model.add_implication(x, flag)
                    flags.append(flag)
            if flags:
                model.add(sum(flags) >= 1)
                others.append(sum(flags) - 1)
        late = sum(h * x for (t, _, h), x in self.x.items() if puzzle.tasks[t].early)
        return (
            cost.end * self.end
            + cost.travel * sum(self.moves)
            + cost.balance * (most - least)
            + cost.another * sum(others)
            + cost.early * late
        )

    def run(self, seed: int, how: Mapping[str, Any], effort: float | Fraction) -> Solved:
        """Solve within that effort."""
        return self._run(self.model, seed, how, float(effort))[0]

    def around(self, best: Solved, free: frozenset[int], seed: int, effort: float) -> tuple[Solved, float]:
        """A cheaper plan that differs in the free sessions only, and the effort it took."""
        model = self.model.clone()
        for t, (a, h) in best.choice.items():
            if t not in free:
                model.add(self.x[t, a, h] == 1)
        model.add(self.price < best.cost)
        return self._run(model, seed, _SURE, effort)

    def _run(self, model: Any, seed: int, how: Mapping[str, Any], effort: float) -> tuple[Solved, float]:
        solver = self.cp.CpSolver()
        for name, value in {**how, "random_seed": seed, "max_deterministic_time": effort}.items():
            setattr(solver.parameters, name, value)
        status = search(solver, model)
        spent = float(solver.response_proto.deterministic_time)
        named = {self.cp.OPTIMAL: "optimal", self.cp.FEASIBLE: "feasible", self.cp.INFEASIBLE: "infeasible"}
        if named.get(status) is None or named[status] == "infeasible":
            bound = max(0, -int(-solver.best_objective_bound // 1)) if status == self.cp.UNKNOWN else 0
            return Solved(named.get(status, "unknown"), bound=bound), spent
        choice = {t: (a, h) for (t, a, h), x in self.x.items() if solver.value(x)}
        routes = {at: next(r for r, v in held.items() if solver.value(v)) for at, held in self.routes.items()}
        cost = 0 if self.price is None else int(solver.value(self.price))
        bound = min(cost, -int(-solver.best_objective_bound // 1))
        return Solved(named[status], choice, routes, cost, bound), spent
