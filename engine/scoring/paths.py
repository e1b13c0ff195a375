"""The cheapest measures that reach a score: found by a solver, or one by one, and proved with exact fractions.

The solver sees integers that are never smaller than the exact figures. What it finds cheapest is therefore never
dearer than the truth; it is then checked exactly, and an outcome that misses the target is ruled out and sought anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib.util import find_spec
from math import ceil, floor, lcm
from typing import Any, Protocol

from shall.engine.scoring.effects import Option, evidence_after
from shall.engine.scoring.numbers import HUNDRED
from shall.engine.scoring.quantities import Scorer
from shall.engine.scoring.score import score
from shall.engine.scoring.tables import Grid, State, Tabulated, proved
from shall.texts.errors import EvidenceError, UsageError

SCALE = 10**6
"""Finest grain of the solver's integers; finer differences are settled by the exact check."""
_SURE: Mapping[str, Any] = {
    "num_workers": 1,
    "random_seed": 0,
    "cp_model_presolve": False,
    "linearization_level": 0,
}
_ANEW: Mapping[str, Any] = {**_SURE, "random_seed": 1, "linearization_level": 1}
"""How the solver runs: with presolve OR-Tools 9.15 called dearer sets optimal in 2 of 100 random cases, and without
linear relaxation it is far quicker. The second run, with it, must find nothing better than the first."""
BRUTE = 20
"""Measures that are tried out one by one where the solver is not installed."""
TRIED = 2**20
_CHUNK = 40


@dataclass(frozen=True, slots=True)
class Target:
    """At least so much of the total, or of the 100 points of a category."""

    at_least: Fraction
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Measures with what they cost together, in 元, and the total they lead to."""

    state: State
    options: tuple[Option, ...]
    cost: int
    total: Fraction


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A target that no measures reach beside those before it, and the most that can be reached."""

    target: Target
    beside: tuple[Target, ...]
    most: Fraction


class Engine(Protocol):
    """A way to search a grid."""

    def cheapest(self, targets: Sequence[Target]) -> State | None:
        """The cheapest state that reaches every target; fewer measures, then their names, break ties."""

    def most(self, category: str | None, beside: Sequence[Target]) -> Fraction | None:
        """The highest total or score of a category with the other targets reached."""


def parse_target(text: str, categories: Sequence[str]) -> Target:
    """`75`, or `energy=60` for a category; raises UsageError."""
    name, equals, number = text.rpartition("=")
    try:
        value = Fraction(number.strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError("paths.bad_target", text=text, known=", ".join(categories)) from None
    if (equals and name not in categories) or not 0 <= value <= HUNDRED:
        raise UsageError("paths.bad_target", text=text, known=", ".join(categories))
    return Target(value, name if equals else None)


def parse_step(text: str) -> Fraction:
    """The step of a ladder in points; raises UsageError."""
    try:
        step = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise UsageError("paths.bad_step", text=text) from None
    if not Fraction(1, 10) <= step <= HUNDRED:
        raise UsageError("paths.bad_step", text=text)
    return step


Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""


def solver_installed() -> bool:
    """Whether the solver is there."""
    return find_spec("ortools") is not None


def engine_for(grid: Grid, taken: State) -> Engine:
    """The solver, or else trial of every combination; raises EvidenceError where that would be too many."""
    if solver_installed():
        return Solver(grid, taken)
    return Trial(grid, taken)


def cheapest(grid: Grid, scorer: Scorer, engine: Engine, targets: Sequence[Target]) -> Path | Unreachable:
    """The cheapest way to all targets, or the first that cannot be reached."""
    state = engine.cheapest(targets)
    if state is not None:
        return walked(grid, scorer, state)
    for n, target in enumerate(targets):
        alone = engine.most(target.category, ())
        if alone is None:
            raise EvidenceError("paths.nothing_possible")
        if alone < target.at_least:
            return Unreachable(target, (), alone)
        reached = engine.most(target.category, targets[:n])
        if reached is not None and reached < target.at_least:
            return Unreachable(target, tuple(targets[:n]), reached)
    raise AssertionError(targets)


def ladder(
    grid: Grid,
    scorer: Scorer,
    engine: Engine,
    step: Fraction,
    beside: Sequence[Target] = (),
    done: Progress | None = None,
) -> list[tuple[Fraction, Path]]:
    """The cheapest way to each multiple of the step above the present total, and to the most that can be reached.

    `done` is told the rungs found and how many there are.
    """
    top = engine.most(None, beside)
    if top is None:
        raise EvidenceError("paths.nothing_possible")
    now = proved(grid.base)
    rungs = [step * n for n in range(floor(now / step) + 1, ceil(top / step))]
    found = []
    wanted = [*rungs, top] if top > now else [top]
    for n, rung in enumerate(wanted):
        if done:
            done(n, len(wanted))
        path = cheapest(grid, scorer, engine, [*beside, Target(rung)])
        assert isinstance(path, Path)
        found.append((rung, path))
    return found


def walked(grid: Grid, scorer: Scorer, state: State) -> Path:
    """A state as measures, its total computed once more from the quantities."""
    taken = tuple(sorted(grid.plan.taken(state), key=lambda o: o.id))
    total = score(evidence_after(grid.ground, taken), scorer.table, scorer.scheme)
    if proved(total) != grid.value(state, None):
        raise AssertionError("the tables and the score disagree", [o.id for o in taken])
    return Path(state, taken, sum(o.cost for o in taken), proved(total))


def _key(grid: Grid, state: State) -> tuple[int, int, list[str]]:
    taken = grid.plan.taken(state)
    return sum(o.cost for o in taken), len(taken), sorted(o.id for o in taken)


def _reaches(grid: Grid, state: State, targets: Sequence[Target]) -> bool:
    return all(grid.value(state, t.category) >= t.at_least for t in targets)


@dataclass(frozen=True)
class Trial:
    """Every combination tried."""

    grid: Grid
    taken: State

    @cached_property
    def states(self) -> list[State]:
        """What is allowed and possible, the cheapest first."""
        plan = self.grid.plan
        if len(plan.options) > BRUTE:
            raise EvidenceError("paths.no_solver", count=len(plan.options), limit=BRUTE)
        found = plan.listed("*", range(len(plan.options)), TRIED)
        held = [s for s in found if all(t in (0, n) for t, n in zip(self.taken, s, strict=True))]
        return sorted((s for s in held if self.grid.possible(s)), key=lambda s: _key(self.grid, s))

    def cheapest(self, targets: Sequence[Target]) -> State | None:
        """See Engine."""
        return next((s for s in self.states if _reaches(self.grid, s, targets)), None)

    def most(self, category: str | None, beside: Sequence[Target]) -> Fraction | None:
        """See Engine."""
        return max(
            (self.grid.value(s, category) for s in self.states if _reaches(self.grid, s, beside)),
            default=None,
        )


class Solver:
    """CP-SAT over tables: one worker, a fixed seed, every answer proved optimal."""

    def __init__(self, grid: Grid, taken: State) -> None:
        from ortools.sat.python import cp_model

        self.grid, self.cp = grid, cp_model
        self.model = cp_model.CpModel()
        plan = grid.plan
        self.levels = [self.model.new_int_var(0, len(some), f"m{m}") for m, some in enumerate(plan.options)]
        self.bools: dict[tuple[int, int], Any] = {}
        for m, some in enumerate(plan.options):
            for n in range(1, len(some) + 1):
                self.bools[m, n] = self._is(self.levels[m], n)
            if taken[m]:
                self.model.add(self.levels[m] == taken[m])
        for needing, offered in plan.needs:
            self.model.add_bool_or([self.bools[needing].Not(), *(self.bools[o] for o in offered)])
        for a, b in plan.clashes:
            self.model.add_bool_or([self.bools[a].Not(), self.bools[b].Not()])
        for rule in grid.ruled:
            self.model.add_forbidden_assignments(
                [self.levels[m] for m in rule.members], sorted(rule.forbidden)
            )
        self.values = [sorted(set(t.fractions.values())) for t in grid.tables]
        self.places = [self._place(t, v) for t, v in zip(grid.tables, self.values, strict=True)]
        self.sums: dict[str | None, tuple[Any, int]] = {}
        by_name = sorted((o.id, grid.plan.place[o.id]) for o in plan.all)
        self.named = [self.bools[place] for _, place in by_name]
        self.cost = sum(o.cost * self.bools[plan.place[o.id]] for o in plan.all)
        self.count = sum(self.bools.values())

    def _is(self, var: Any, value: int) -> Any:
        """A flag that is up exactly where the variable has that value."""
        flag = self.model.new_bool_var("")
        self.model.add(var == value).only_enforce_if(flag)
        self.model.add(var != value).only_enforce_if(flag.Not())
        return flag

    def _place(self, table: Tabulated, values: Sequence[Fraction]) -> Any:
        """The place of an indicator's fraction among all it can have."""
        place = {v: n for n, v in enumerate(values)}
        var = self.model.new_int_var(0, len(values) - 1, "")
        rows = [(*state, place[fraction]) for state, fraction in table.fractions.items()]
        self.model.add_allowed_assignments([*(self.levels[m] for m in table.members), var], rows)
        return var

    def _sum(self, category: str | None) -> tuple[Any, int]:
        """The scaled sum of what measures touch, rounded up part by part, and its scale."""
        if category not in self.sums:
            parts = [
                [self.grid.weight(t, category) * v for v in values]
                for t, values in zip(self.grid.tables, self.values, strict=True)
            ]
            common = lcm(*(p.denominator for some in parts for p in some))
            scale = min(common, SCALE)
            terms = []
            for place, some in zip(self.places, parts, strict=True):
                scaled = [ceil(p * scale) for p in some]
                if any(scaled):
                    var = self.model.new_int_var(0, max(scaled), "")
                    self.model.add_element(place, scaled, var)
                    terms.append(var)
            self.sums[category] = sum(terms) if terms else 0, scale
        return self.sums[category]

    def _at_least(self, model: Any, target: Target) -> None:
        """The target, or what is a little easier than it."""
        found, scale = self._sum(target.category)
        self._bound(model, found, ceil((target.at_least - self.grid.fixed(target.category)) * scale))

    def _bound(self, model: Any, expression: Any, least: int) -> None:
        if isinstance(expression, int):
            if expression < least:
                model.add_bool_or([])
            return
        model.add(expression >= least)

    def _solve(self, model: Any, how: Mapping[str, Any] = _SURE) -> State | None:
        solver = self.cp.CpSolver()
        for name, value in how.items():
            setattr(solver.parameters, name, value)
        status = solver.solve(model)
        if status == self.cp.INFEASIBLE:
            return None
        # No limit is set: only an interruption stops it here.
        if status in (self.cp.UNKNOWN, self.cp.FEASIBLE):
            raise KeyboardInterrupt
        if status != self.cp.OPTIMAL:
            raise EvidenceError("paths.unsolved", status=solver.status_name(status))
        return tuple(solver.value(var) for var in self.levels)

    def _rule_out(self, model: Any, state: State) -> None:
        """Not this outcome again: at least one indicator comes out otherwise."""
        flags = []
        for table, values, var in zip(self.grid.tables, self.values, self.places, strict=True):
            flag = model.new_bool_var("")
            model.add(var != values.index(table.part(state))).only_enforce_if(flag)
            flags.append(flag)
        model.add_bool_or(flags)

    def _seek(
        self, model: Any, holds: Callable[[State], bool], how: Mapping[str, Any] = _SURE
    ) -> State | None:
        while (state := self._solve(model, how)) is not None and not holds(state):
            self._rule_out(model, state)
        return state

    def _clone(self, targets: Sequence[Target]) -> Any:
        for target in targets:
            self._sum(target.category)
        model = self.model.clone()
        for target in targets:
            self._at_least(model, target)
        return model

    def cheapest(self, targets: Sequence[Target]) -> State | None:
        """See Engine."""

        def holds(state: State) -> bool:
            return _reaches(self.grid, state, targets)

        price = self.cost * (len(self.named) + 1) + self.count
        model = self._clone(targets)
        model.minimize(price)
        state = self._seek(model, holds)
        while True:
            other = self._clone(targets)
            if state is not None:
                cost, count, _ = _key(self.grid, state)
                other.add(price < cost * (len(self.named) + 1) + count)
            better = self._seek(other, holds, _ANEW)
            if better is None:
                break
            state = better
        if state is None:
            return None
        model = self._clone(targets)
        model.add(self.cost == cost)
        model.add(self.count == count)
        for start in range(0, len(self.named), _CHUNK):
            chunk = self.named[start : start + _CHUNK]
            first = sum(2 ** (len(chunk) - 1 - n) * flag for n, flag in enumerate(chunk))
            model.maximize(first)
            state = self._seek(model, holds)
            assert state is not None
            for flag, place in zip(chunk, self._places(start, len(chunk)), strict=True):
                model.add(flag == int(state[place[0]] == place[1]))
        return state

    def _places(self, start: int, count: int) -> list[tuple[int, int]]:
        names = sorted(o.id for o in self.grid.plan.all)[start : start + count]
        return [self.grid.plan.place[name] for name in names]

    def most(self, category: str | None, beside: Sequence[Target]) -> Fraction | None:
        """See Engine."""
        found, scale = self._sum(category)
        model = self._clone(beside)
        if not isinstance(found, int):
            model.maximize(found)
        best: Fraction | None = None
        while (state := self._solve(model) or self._solve(model, _ANEW)) is not None:
            if _reaches(self.grid, state, beside):
                reached = self.grid.value(state, category)
                best = reached if best is None else max(best, reached)
                least = floor((best - self.grid.fixed(category)) * scale) + 1
                self._bound(model, found, least)
            self._rule_out(model, state)
        return best
