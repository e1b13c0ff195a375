"""What each indicator earns under every combination of the measures that touch it, in exact fractions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import TypeAlias

from shall.engine.scoring.effects import (
    GIVEN,
    WHOLES,
    Ground,
    Option,
    broken_by,
    evidence_after,
    excluding,
    lines_after,
    numeric,
)
from shall.engine.scoring.numbers import Said, said
from shall.engine.scoring.quantities import Scorer
from shall.engine.scoring.scheme import Choices, Rule, Scheme
from shall.engine.scoring.score import IndicatorScore, Total, score
from shall.engine.scoring.values import Line
from shall.texts.errors import EvidenceError

LIMIT = 2**16
"""Combinations tabulated for one indicator at the most."""
State: TypeAlias = tuple[int, ...]
"""For each of some measures the level taken, counted from 1; 0 is not taken."""
_OUTPUTS: dict[str, frozenset[str] | None] = {
    "energy_intensity": frozenset({"product", "data_year", "qualified_output", "measure_unit"}),
    "material_use": frozenset({"product", "data_year", "qualified_output", "product_unit"}),
}
_ALL: Mapping[str, tuple[str, ...]] = {
    "B.1": ("renewable_supply", "green_certificate"),
    "B.2": ("roof_area",),
    "B.3": ("material_use",),
    "B.4": ("recyclability",),
    "B.6": ("energy_intensity",),
    "B.7": ("product_footprint", "product"),
    "B.8": ("offset",),
    "waste_energy": ("waste_energy",),
    "limit_grade": ("energy_intensity",),
    "footprints": ("product", "product_footprint"),
    "catalogues": ("technology",),
    "low_energy": ("building",),
    "solid_waste": ("solid_waste",),
}
_JOINED = ("B.3", "B.4", "B.6", "B.7", "limit_grade")


def depends(rule: Rule, choices: Choices) -> Mapping[str, frozenset[str] | None]:
    """The kinds an indicator is computed from, with the columns, None for all of them."""
    found: dict[str, frozenset[str] | None] = dict(_OUTPUTS) if rule.measure in _JOINED else {}
    found |= dict.fromkeys(_ALL.get(rule.measure, ()))
    years = {
        "B.1": ("comprehensive_energy",),
        "B.5": (f"{choices.emissions.value}_emissions", "value_added"),
        "B.8": (f"{choices.offset_base.value}_emissions",),
        "value_growth": ("value_added",),
    }
    if rule.measure in years:
        found["factory_year"] = frozenset((*years[rule.measure], "data_year"))
    if rule.measure == "B.1":
        found["offset"] = frozenset({"green_certificate"})
    if rule.measure == "given":
        found[GIVEN] = None
    return found


def narrowed(option: Option, rule: Rule, choices: Choices) -> Option | None:
    """What of an option bears on an indicator, None where nothing does."""
    kinds = depends(rule, choices)

    def bears(kind: str, record: str, column: str) -> bool:
        if kind == GIVEN and record != f"{GIVEN}:{rule.address}":
            return False
        columns = kinds.get(kind, frozenset())
        return columns is None or column in columns

    parts = [{c: v for c, v in d.items() if bears(*c)} for d in (option.adds, option.factors, option.sets)]
    news = tuple((k, line) for k, line in option.news if k in kinds and _filled(line, kinds[k]))
    asked = rule.measure == "checklist"
    ticks = {c: v for c, v in option.ticks.items() if asked and c[0] == rule.address}
    if not (any(parts) or news or ticks):
        return None
    adds, factors, sets = parts
    return replace(option, adds=adds, factors=factors, sets=sets, news=news, ticks=ticks)


def _filled(line: Line, columns: frozenset[str] | None) -> bool:
    return columns is None or any(getattr(line, c) is not None for c in columns)


@dataclass(frozen=True)
class Plan:
    """The measures that may be taken, each with its options, and what the file says goes together."""

    options: tuple[tuple[Option, ...], ...]

    @cached_property
    def all(self) -> list[Option]:
        """Every option."""
        return [option for levels in self.options for option in levels]

    @cached_property
    def place(self) -> Mapping[str, tuple[int, int]]:
        """Measure and level of each option."""
        return {o.id: (m, n) for m, levels in enumerate(self.options) for n, o in enumerate(levels, 1)}

    @cached_property
    def needs(self) -> Sequence[tuple[tuple[int, int], Sequence[tuple[int, int]]]]:
        """Options with what each needs: one of these. Measure and level."""
        found = []
        for option in self.all:
            for name in option.measure.requires:
                offered = [self.place[o.id] for o in self.all if name in (o.id, o.measure.id)]
                found.append((self.place[option.id], offered))
        return found

    @cached_property
    def clashes(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
        """Options of different measures that exclude each other."""
        return [
            (self.place[a.id], self.place[b.id])
            for n, a in enumerate(self.all)
            for b in self.all[:n]
            if a.measure.id != b.measure.id and excluding(a, b)
        ]

    def taken(self, state: State) -> list[Option]:
        """The options of a state of all measures."""
        return [self.options[m][level - 1] for m, level in enumerate(state) if level]

    def listed(self, what: str, members: Sequence[int], limit: int) -> list[State]:
        """Every combination of these measures that the file allows; raises EvidenceError above the limit."""
        found = list(islice(self.states(members), limit + 1))
        if len(found) > limit:
            names = ", ".join(self.options[m][0].measure.id for m in members)
            raise EvidenceError("paths.too_many", what=what, count=len(members), names=names, limit=limit)
        return found

    def states(self, members: Sequence[int]) -> Iterator[State]:
        """Every combination of these measures that the file allows."""
        at = {m: n for n, m in enumerate(members)}
        clashes = [(a, b) for a, b in self.clashes if a[0] in at and b[0] in at]
        needs = [(a, some) for a, some in self.needs if a[0] in at and all(b[0] in at for b in some)]
        against: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for a, b in clashes:
            later, earlier = (a, b) if at[a[0]] > at[b[0]] else (b, a)
            against.setdefault(later, []).append(earlier)

        def grow(state: State) -> Iterator[State]:
            m = len(state)
            if m == len(members):
                yield state
                return
            for level in range(len(self.options[members[m]]) + 1):
                rivals = against.get((members[m], level), ()) if level else ()
                if not any(state[at[r]] == lv for r, lv in rivals):
                    yield from grow((*state, level))

        for state in grow(()):
            if all(
                state[at[a[0]]] != a[1] or any(state[at[b[0]]] == b[1] for b in some) for a, some in needs
            ):
                yield state


@dataclass(frozen=True)
class Tabulated:
    """An indicator: the fraction of its points for each combination of the measures that touch it."""

    address: str
    category: str
    members: tuple[int, ...]
    fractions: Mapping[State, Fraction]
    available: Fraction
    most: Fraction

    def part(self, state: State) -> Fraction:
        """The fraction under a state of all measures."""
        return self.fractions[tuple(state[m] for m in self.members)]


@dataclass(frozen=True)
class Ruled:
    """Measures whose combinations can end in what cannot be, and those combinations."""

    members: tuple[int, ...]
    forbidden: frozenset[State]


def proved(total: Total, category: str | None = None) -> Fraction:
    """What of the total, or of a category's 100 points, the evidence shows; what is unknown earns nothing."""
    return total.low if category is None else next(c.low for c in total.categories if c.key == category)


@dataclass(frozen=True)
class Grid:
    """Everything a search needs to know, tabulated; `base` is the score before any measure."""

    ground: Ground
    plan: Plan
    base: Total
    tables: tuple[Tabulated, ...]
    ruled: tuple[Ruled, ...]
    remarks: tuple[Said, ...]

    def fixed(self, category: str | None) -> Fraction:
        """What the indicators that no measure touches contribute."""
        mine = sum((self.weight(t, category) * t.part(self.nothing) for t in self.tables), Fraction(0))
        return proved(self.base, category) - mine

    @cached_property
    def nothing(self) -> State:
        """No measure taken."""
        return (0,) * len(self.plan.options)

    def weight(self, table: Tabulated, category: str | None) -> Fraction:
        """What the whole of an indicator adds to the total, or to a category's 100 points."""
        if category is None:
            return table.most
        return table.available if table.category == category else Fraction(0)

    def value(self, state: State, category: str | None) -> Fraction:
        """The total, or a category out of 100, under a state of all measures."""
        parts = (self.weight(t, category) * t.part(state) for t in self.tables)
        return self.fixed(category) + sum(parts, Fraction(0))

    def possible(self, state: State) -> bool:
        """Whether no record ends in what cannot be."""
        return not any(tuple(state[m] for m in r.members) in r.forbidden for r in self.ruled)


def tabulate(ground: Ground, scorer: Scorer, plan: Plan, limit: int = LIMIT) -> Grid:
    """The tables of all indicators that a measure touches; raises EvidenceError above the limit."""
    base = score(ground.evidence, scorer.table, scorer.scheme)
    tables, remarks = [], []
    ruled = tuple(_ruled(ground, plan, limit))
    for one in base.indicators():
        bearing = {o.id: n for o in plan.all if (n := narrowed(o, one.rule, scorer.scheme.choices))}
        if not bearing:
            continue
        if one.state in ("judged", "inapplicable"):
            names = tuple(sorted(bearing))
            remarks.append(said(f"paths.stays_{one.state}", address=one.address, names=names))
            continue
        table = _tabulated(ground, scorer, plan, one, bearing, limit)
        if len(set(table.fractions.values())) > 1:
            tables.append(table)
    return Grid(ground, plan, base, tuple(tables), ruled, tuple(remarks))


def _tabulated(
    ground: Ground,
    scorer: Scorer,
    plan: Plan,
    one: IndicatorScore,
    bearing: Mapping[str, Option],
    limit: int,
) -> Tabulated:
    members = _members(plan, bearing)
    alone = _alone(scorer.scheme, one.rule)
    known: dict[tuple[str, ...], Fraction] = {}
    fractions: dict[State, Fraction] = {}
    for state in plan.listed(one.address, members, limit):
        taken = [plan.options[m][n - 1].id for m, n in zip(members, state, strict=True) if n]
        mine = tuple(name for name in taken if name in bearing)
        if mine not in known:
            evidence = evidence_after(ground, [bearing[name] for name in mine])
            found = score(evidence, scorer.table, alone).indicators()
            known[mine] = next(i.low for i in found if i.address == one.address)
        fractions[state] = known[mine]
    return Tabulated(one.address, one.category, members, fractions, one.available, one.most)


def _members(plan: Plan, names: Mapping[str, object] | set[str]) -> tuple[int, ...]:
    return tuple(m for m, levels in enumerate(plan.options) if any(o.id in names for o in levels))


def _alone(scheme: Scheme, rule: Rule) -> Scheme:
    """The scheme with that one indicator."""
    parts = {
        part: tuple(r for r in getattr(scheme, part) if r.address == rule.address)
        for part in ("indicators", "extra")
    }
    return scheme.model_copy(update=parts)


def _ruled(ground: Ground, plan: Plan, limit: int) -> Iterator[Ruled]:
    """For each record that measures change, the combinations that would make it impossible."""
    records = sorted({cell[:2] for option in plan.all for cell in option.cells})
    for kind, record in records:
        for columns in _watched(kind, ground, record):
            cells = {(kind, record, c) for c in columns}
            bearing = {o.id: o for o in plan.all if o.cells & cells}
            if not bearing or _safe(ground, list(bearing.values()), cells, kind):
                continue
            members = _members(plan, bearing)
            before = ground.lines[kind][record]
            forbidden = set()
            name = f"{record} ({', '.join(sorted(columns))})"
            for state in plan.listed(name, members, limit):
                taken = [plan.options[m][n - 1] for m, n in zip(members, state, strict=True) if n]
                after = lines_after(ground, taken).get(kind, {}).get(record, before)
                if broken_by(kind, after, before, columns):
                    forbidden.add(state)
            if forbidden:
                yield Ruled(members, frozenset(forbidden))


def _watched(kind: str, ground: Ground, record: str) -> Iterator[set[str]]:
    """Columns of a record that are bound together, and each number by itself."""
    if kind == GIVEN:
        return
    for part, whole in WHOLES.get(kind, ()):
        yield {part, *whole}
    columns = type(ground.lines[kind][record]).model_fields
    yield from ({column} for column in columns if column != "id" and numeric(kind, column))


def _safe(ground: Ground, bearing: Sequence[Option], cells: set[tuple[str, str, str]], kind: str) -> bool:
    """Whether additions alone can be seen to break nothing, so that no table is needed."""
    if any(cells & {*o.factors, *o.sets} for o in bearing):
        return False
    if any(ground.cell(cell) is None for cell in cells):
        return False
    if len(cells) == 1:
        (cell,) = cells
        return bool(ground.cell(cell) + sum(min(o.adds.get(cell, 0), 0) for o in bearing) >= 0)
    for part, whole in WHOLES[kind]:
        if {c[2] for c in cells} == {part, *whole}:
            for option in bearing:
                added = {c[2]: option.adds.get(c, 0) for c in cells}
                if sum(added[w] for w in whole) < added[part]:
                    return False
    return True
