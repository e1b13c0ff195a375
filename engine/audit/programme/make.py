"""A programme from a situation, a plan and the rules: cells of unit and clause, how often each, when, how, by whom.

No clock, no chance: what is equal is told apart by a digest of the seed and the name. Points and minutes are whole.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from shall.engine.audit.programme.policy import FACTORS, ORDER, Name, Policy
from shall.engine.audit.programme.situation import WHOLE, Audited, Auditor, Found, Situation, Unit
from shall.engine.plan import Plan, PlannedProvision, kinds_read
from shall.engine.trees import shift_months

Why = tuple[str, Mapping[str, object]]
"""A reason: its key among the texts, and what it tells."""

DAYS_AT_ONCE = 2
"""Loads of rounds that differ by less than so many days count as equal; then fewer visits decide."""


@dataclass(frozen=True, slots=True)
class Round:
    """A span of the cycle in which a set of audits takes place."""

    number: int
    start: date
    end: date


@dataclass(frozen=True)
class Matter:
    """A clause of a standard with its duties; `place` is its number in the order of the standards asked for."""

    ruleset: str
    clause: str
    title: Mapping[str, str]
    provisions: Sequence[PlannedProvision]
    kinds: frozenset[str]
    concepts: frozenset[str]
    focus: tuple[str, ...]
    on_site: bool
    place: int = 0

    @property
    def id(self) -> str:
        """The clause with its standard."""
        return f"{self.ruleset}:{self.clause}"

    @property
    def area(self) -> str:
        """What it is about, roughly; clauses of one area are audited together whatever their standard."""
        return min(self.concepts, default="-").partition(".")[0]


@dataclass(slots=True)
class Cell:
    """A clause in a unit: why it is there, how it scores, and the rounds in which it is audited."""

    unit: Unit
    matter: Matter
    basis: list[Why]
    points: tuple[int, ...] = ()
    score: int = 0
    level: Name = "low"
    raised: str | None = None
    every: int = 0
    found: tuple[Found, ...] = ()
    last: date | None = None
    latest: int = 0
    late: bool = False
    timing: str = "balance"
    rounds: list[int] = field(default_factory=list)
    for_focus: dict[int, str] = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, int]:
        """Unit, then clause: nothing depends on the order in which records were read."""
        return self.unit.id, self.matter.place


@dataclass(slots=True)
class Visit:
    """A unit in a round: what is audited, for how long, how, by whom."""

    round: int
    unit: Unit
    cells: list[Cell]
    minutes: int
    repeats: int
    method: str
    method_why: str
    auditor: Auditor | None = None


class Covered(NamedTuple):
    """A process: the unit and clauses by which it is audited, and the rounds in which that happens."""

    process: str
    name: str
    stage: str | None
    units: tuple[str, ...]
    clauses: int
    rounds: tuple[int, ...]
    complete: bool


@dataclass(frozen=True)
class Programme:
    """A programme with all that it was made from."""

    plan: Plan
    policy: Policy
    situation: Situation
    seed: int
    years: int
    per_year: int
    rounds: Sequence[Round]
    matters: Sequence[Matter]
    cells: Sequence[Cell]
    visits: Sequence[Visit]
    focus: Mapping[str, Sequence[tuple[int, ...]]]
    processes: Sequence[Covered]
    minutes: Mapping[int, int]
    risks: Sequence[Why]


def make(plan: Plan, policy: Policy, situation: Situation, years: int, seed: int = 0) -> Programme:
    """The programme for so many years from the situation's day on."""
    maker = Maker(plan, policy, situation, years, seed)
    return maker.make()


def concerned(plan: Plan, policy: Policy, situation: Situation) -> list[Cell]:
    """Which clauses concern which units, each with its reasons; neither weighed nor scheduled."""
    maker = Maker(plan, policy, situation, 1, 0)
    cells = maker._concerns()
    maker._process_cells(cells)
    return sorted(cells.values(), key=lambda c: c.order)


def is_in(clause: str, where: str) -> bool:
    """Whether a clause is that one or lies below it."""
    return clause == where or clause.startswith(where + ".")


def matters(plan: Plan, policy: Policy) -> list[Matter]:
    """The clauses of the standards asked for that hold a shall or a should, in the order of their standard."""
    held: dict[tuple[str, str], list[PlannedProvision]] = {}
    for one in plan.provisions:
        if one.ruleset in plan.asked and one.severity in ("shall", "should"):
            held.setdefault((one.ruleset, one.clause), []).append(one)
    found = [_matter(plan, policy, key, provisions) for key, provisions in held.items()]
    found.sort(key=lambda m: (plan.asked.index(m.ruleset), _numeric(m.clause)))
    return [replace(matter, place=n) for n, matter in enumerate(found)]


def _numeric(clause: str) -> tuple[tuple[int, int | str], ...]:
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in clause.split("."))


def _matter(
    plan: Plan, policy: Policy, key: tuple[str, str], provisions: Sequence[PlannedProvision]
) -> Matter:
    ruleset, clause = key
    concepts = frozenset(concept for p in provisions for concept in p.concepts)
    kinds = frozenset(kind for p in provisions for r in p.requirements for kind in plan.requirements[r].kinds)
    focus = tuple(n for n, listed in policy.file.focus.items() if any(_under(c, listed) for c in concepts))
    titles = plan.standards[ruleset].get("clauses") or {}
    title = titles.get(clause) or titles.get(clause.partition(".")[0]) or {"zh": clause, "en": clause}
    on_site = any(_under(c, policy.file.methods.on_site) for c in concepts)
    return Matter(ruleset, clause, title, provisions, kinds, concepts, focus, on_site)


def kinds_of(plan: Plan) -> set[str]:
    """The kinds that the plan reads."""
    return {kind for aggregate in plan.aggregates for kind in kinds_read(aggregate)}


def _under(concept: str, listed: Iterable[str]) -> bool:
    return any(concept == one or concept.startswith(one + ".") for one in listed)


class Maker:
    """One programme while it is made."""

    def __init__(self, plan: Plan, policy: Policy, situation: Situation, years: int, seed: int) -> None:
        self.plan, self.policy, self.situation = plan, policy, situation
        self.years, self.seed = years, seed
        self.rules = policy.file
        self.matters = matters(plan, policy)
        self.units = {unit.id: unit for unit in situation.units}
        self.per_year = self._rounds_per_year()
        self.months = 12 // self.per_year
        self.rounds = [self._round(n) for n in range(years * self.per_year)]
        self.risks: list[Why] = []

    def make(self) -> Programme:
        """The whole programme, its parts in the order in which each needs the one before."""
        cells = self._concerns()
        process_cells = self._process_cells(cells)
        for cell in cells.values():
            self._weigh(cell)
        chosen = sorted(cells.values(), key=lambda c: c.order)
        self._schedule(chosen)
        focus = self._focus(chosen)
        visits = self._visits(chosen)
        self._assign(visits)
        covered = self._covered(process_cells)
        minutes = {r.number: 0 for r in self.rounds}
        for visit in visits:
            minutes[visit.round] += visit.minutes
        extra = 100 + self.rules.time.prepare_and_report_percent
        minutes = {number: -(-spent * extra // 100) for number, spent in minutes.items()}
        self._tell_risks(chosen, visits, focus, covered, minutes)
        return Programme(
            plan=self.plan,
            policy=self.policy,
            situation=self.situation,
            seed=self.seed,
            years=self.years,
            per_year=self.per_year,
            rounds=self.rounds,
            matters=self.matters,
            cells=chosen,
            visits=visits,
            focus=focus,
            processes=covered,
            minutes=minutes,
            risks=self.risks,
        )

    def _rounds_per_year(self) -> int:
        own = self.situation.own_interval
        wanted = max(self.rules.rounds_per_year, -(-12 // own) if own else 1)
        return next(n for n in (1, 2, 3, 4, 6, 12) if n >= min(wanted, 12))

    def _round(self, n: int) -> Round:
        start = shift_months(self.situation.on, n * self.months)
        return Round(n + 1, start, shift_months(self.situation.on, (n + 1) * self.months) - timedelta(1))

    def _tie(self, *names: object) -> str:
        return hashlib.sha256("\0".join(map(str, (self.seed, *names))).encode()).hexdigest()

    # --- who is concerned ------------------------------------------------------------------------

    def _concerns(self) -> dict[tuple[str, str], Cell]:
        """A cell for each clause and unit it concerns; every clause concerns somebody."""
        duties = self.rules.responsibilities
        silent = set(duties.kinds_that_do_not_tell)
        nobody = self._fallback()
        cells: dict[tuple[str, str], Cell] = {}
        alone = 0
        for matter in self.matters:
            held = False
            for unit in self.situation.units:
                basis = self._basis(unit, matter, silent)
                if basis:
                    cells[unit.id, matter.id] = Cell(unit, matter, basis)
                    held = True
            if not held:
                alone += nobody.id != WHOLE
                why = "programme.basis_whole" if nobody.id == WHOLE else "programme.basis_nobody"
                cells[nobody.id, matter.id] = Cell(nobody, matter, [(why, {})])
        if alone:
            self.risks.append(("programme.risk_nobody", {"count": alone, "unit": nobody.name}))
        return cells

    def _fallback(self) -> Unit:
        for function in self.rules.responsibilities.nobody:
            for unit in self.situation.units:
                if unit.function == function:
                    return unit
        return self.situation.units[0]

    def _basis(self, unit: Unit, matter: Matter, silent: set[str]) -> list[Why]:
        duties = self.rules.responsibilities
        own = duties.units.get(unit.id)
        if own and _named(matter, own.remove):
            return []
        found: list[Why] = []
        records = {
            kind: count
            for kind in sorted(matter.kinds - silent)
            if (count := self.situation.records.get(kind, {}).get(unit.id))
        }
        if records and not all(_under(c, duties.records_do_not_tell_for) for c in matter.concepts):
            found.append(("programme.basis_records", {"kinds": records}))
        if own and _named(matter, own.add):
            found.append(("programme.basis_own", {}))
        if unit.function and _named(matter, duties.functions.get(unit.function, ())):
            found.append(("programme.basis_function", {"function": unit.function}))
        if _named(matter, duties.everyone) and unit.id != WHOLE:
            found.append(("programme.basis_everyone", {}))
        return found

    def _process_cells(self, cells: dict[tuple[str, str], Cell]) -> dict[str, list[Cell]]:
        """The cells by which each process is audited; where its unit has none of its clauses, they are added."""
        found: dict[str, list[Cell]] = {}
        for process in self.situation.processes:
            wanted = self.rules.processes.own.get(
                process.id, self.rules.processes.stages.get(process.stage or "", ())
            )
            about = [matter for matter in self.matters if _named(matter, wanted)]
            if not about:
                found[process.id] = []
                continue
            units = [u for u in process.units if u in self.units] or [self._fallback().id]
            held = [cells[u, m.id] for u in units for m in about if (u, m.id) in cells]
            if not any(cell.unit.id == units[0] for cell in held):
                for matter in about:
                    cell = Cell(self.units[units[0]], matter, [])
                    cells[units[0], matter.id] = cell
                    held.append(cell)
            for cell in held:
                cell.basis.append(("programme.basis_process", {"process": process.id}))
            found[process.id] = held
        return found

    # --- how often -------------------------------------------------------------------------------

    def _weigh(self, cell: Cell) -> None:
        unit, matter = cell.unit, cell.matter
        cell.found = tuple(
            one
            for one in self._found.get(unit.id, ())
            if matter.ruleset in one.standards and is_in(matter.clause, one.clause)
        )
        cell.last = max(
            (
                one.on
                for one in self._audited.get(unit.id, ())
                if matter.ruleset in one.standards and is_in(matter.clause, one.clause)
            ),
            default=None,
        )
        points = (*self._unit_points[unit.id], self._finding_points(cell), self._time_points(cell))
        cell.points = points
        weights = [self.rules.weights[name].weight for name in FACTORS]
        cell.score = sum(w * p for w, p in zip(weights, points, strict=True)) // sum(weights)
        level = self.policy.by_score(cell.score).name
        for n, rule in enumerate(self.rules.at_least):
            if ORDER.index(rule.level) > ORDER.index(level) and self._holds(rule.when, rule.value, cell):
                level, cell.raised = rule.level, str(n)
        cell.level, cell.every = level, self.policy.level(level).every_months
        self._when_due(cell)

    def _when_due(self, cell: Cell) -> None:
        """The last round in which the first audit may be: gaps stay within the level's months."""
        step = self._step(cell)
        cell.latest = min(step, len(self.rounds)) - 1
        cell.timing = "level" if step == 1 else "balance"
        if any(one.state.startswith("open_") for one in cell.found):
            cell.latest, cell.timing = 0, "open"
        elif cell.last is not None:
            due = shift_months(cell.last, cell.every)
            in_time = [n for n, r in enumerate(self.rounds) if r.end <= due]
            cell.late = due < self.rounds[0].start
            if not in_time or in_time[-1] < cell.latest:
                cell.latest = in_time[-1] if in_time else 0
                cell.timing = "due"

    def _step(self, cell: Cell) -> int:
        return max(1, cell.every // self.months)

    def _holds(self, when: str, value: int | None, cell: Cell) -> bool:
        if when == "emissions_percent":
            share = self.situation.shares[cell.unit.id].hundredths
            return cell.unit.id != WHOLE and share is not None and share >= (value or 0) * 100
        return any(one.state == when for one in cell.found)

    @cached_property
    def _unit_points(self) -> Mapping[str, tuple[int, int, int]]:
        return {unit.id: self._points_of(unit) for unit in self.situation.units}

    def _points_of(self, unit: Unit) -> tuple[int, int, int]:
        scales = self.rules.scales
        share = self.situation.shares[unit.id].hundredths
        emissions = scales.unknown
        if share is not None:
            emissions = min(100, share // scales.emissions_full_at_percent)
        data = self.situation.data[unit.id]
        silent = scales.unknown if share is None or share else 0
        quality = 100 * data.weak // data.count if data.count else silent
        changed = self.situation.changes.get(unit.id, ())
        changes = max(
            (scales.changes.significant if c.significant else scales.changes.other for c in changed),
            default=0,
        )
        return emissions, quality, changes

    @cached_property
    def _found(self) -> Mapping[str, Sequence[Found]]:
        """Earlier findings by unit; one that names no unit counts for each."""
        return {
            unit.id: [f for f in self.situation.findings if f.unit in (unit.id, None) or unit.id == WHOLE]
            for unit in self.situation.units
        }

    @cached_property
    def _audited(self) -> Mapping[str, Sequence[Audited]]:
        found: dict[str, list[Audited]] = {}
        for one in self.situation.audits:
            found.setdefault(one.unit, []).append(one)
        return found

    def _finding_points(self, cell: Cell) -> int:
        scale = self.rules.scales.findings
        if cell.found:
            return max(int(getattr(scale, one.state)) for one in cell.found)
        own = any(one.unit == cell.unit.id for one in self._found.get(cell.unit.id, ()))
        return scale.elsewhere_in_unit if own else 0

    def _time_points(self, cell: Cell) -> int:
        scales = self.rules.scales
        if cell.last is None:
            return scales.never_audited
        on = self.situation.on
        months = (on.year - cell.last.year) * 12 + on.month - cell.last.month
        return min(100, 100 * max(months, 0) // scales.full_after_months)

    # --- when ------------------------------------------------------------------------------------

    def _schedule(self, cells: Sequence[Cell]) -> None:
        """Cells of a unit that go together, into rounds: in time first, then even, then in few visits."""
        groups: dict[tuple[str, str, int, int], list[Cell]] = {}
        for cell in cells:
            key = (cell.unit.id, cell.matter.area, self._step(cell), cell.latest)
            groups.setdefault(key, []).append(cell)
        spent = {key: self._minutes(held)[0] for key, held in groups.items()}
        load = [0] * len(self.rounds)
        visited: set[tuple[str, int]] = set()
        for key in sorted(groups, key=lambda k: (k[3], -spent[k], self._tie(*k))):
            unit, _, step, latest = key
            offset = min(
                range(latest + 1),
                key=lambda o: self._cost(key, range(o, len(load), step), spent, load, visited),
            )
            chosen = range(offset, len(load), step)
            for n in chosen:
                load[n] += spent[key] + self._new(unit, n, visited)
                visited.add((unit, n))
            for cell in groups[key]:
                cell.rounds = [n + 1 for n in chosen]

    def _new(self, unit: str, n: int, visited: set[tuple[str, int]]) -> int:
        return 0 if (unit, n) in visited else self.rules.time.visit_minutes

    def _cost(
        self,
        key: tuple[str, str, int, int],
        chosen: range,
        spent: Mapping[tuple[str, str, int, int], int],
        load: Sequence[int],
        visited: set[tuple[str, int]],
    ) -> tuple[int, int, int, str]:
        highest = max(load[n] + spent[key] + self._new(key[0], n, visited) for n in chosen)
        trips = sum((key[0], n) not in visited for n in chosen)
        unit = DAYS_AT_ONCE * self.rules.time.minutes_per_day
        return highest // unit, trips, highest, self._tie(*key, chosen.start)

    def _focus(self, cells: Sequence[Cell]) -> dict[str, list[tuple[int, ...]]]:
        """Each point of attention in each span: the rounds that look at it; where none does, one is added."""
        span = min(max(1, self.rules.focus_every_months // self.months), len(self.rounds))
        spans = [range(n, min(n + span, len(self.rounds) + 1)) for n in range(1, len(self.rounds) + 1, span)]
        found: dict[str, list[tuple[int, ...]]] = {}
        for name in self.rules.focus:
            about = [cell for cell in cells if name in cell.matter.focus]
            found[name] = []
            for window in spans:
                held = sorted({n for cell in about for n in cell.rounds if n in window})
                if not held and about:
                    best = min(about, key=lambda c: (-c.score, self._tie(name, c.unit.id, c.matter.id)))
                    busy = [n for c in cells if c.unit.id == best.unit.id for n in c.rounds if n in window]
                    number = min(busy, default=window[0])
                    best.rounds = sorted({*best.rounds, number})
                    best.for_focus[number] = name
                    held = [number]
                found[name].append(tuple(held))
        return found

    # --- visits ----------------------------------------------------------------------------------

    def _minutes(self, cells: Iterable[Cell]) -> tuple[int, int]:
        """Minutes for these cells in one visit, and how many provisions are repeats of another standard's."""
        time, spent, repeats = self.rules.time, 0, 0
        first: dict[str, str] = {}
        for cell in cells:
            own = cell.matter.ruleset
            for one in cell.matter.provisions:
                if one.concepts and all(first.get(c, own) != own for c in one.concepts):
                    spent, repeats = spent + time.repeat_minutes, repeats + 1
                else:
                    spent += time.shall_minutes if one.severity == "shall" else time.should_minutes
                for concept in one.concepts:
                    first.setdefault(concept, own)
        return spent, repeats

    def _visits(self, cells: Sequence[Cell]) -> list[Visit]:
        held: dict[tuple[int, str], list[Cell]] = {}
        for cell in cells:
            for number in cell.rounds:
                held.setdefault((number, cell.unit.id), []).append(cell)
        visits = [self._visit(number, found) for (number, _), found in sorted(held.items())]
        seen = {visit.unit.id for visit in visits if visit.method == "on_site"}
        for visit in visits:
            if visit.unit.id not in seen:
                seen.add(visit.unit.id)
                visit.method, visit.method_why = "on_site", "once"
                visit.minutes = self._spent(visit.cells, remote=False)[0]
        return visits

    def _visit(self, number: int, cells: list[Cell]) -> Visit:
        limit = self.rules.methods.remote_up_to
        method, why = "remote", "records"
        if any(cell.matter.on_site for cell in cells):
            method, why = "on_site", "seen"
        elif limit is None:
            method, why = "on_site", "never_remote"
        elif any(ORDER.index(cell.level) > ORDER.index(limit) for cell in cells):
            method, why = "on_site", "level"
        minutes, repeats = self._spent(cells, remote=method == "remote")
        return Visit(number, cells[0].unit, cells, minutes, repeats, method, why)

    def _spent(self, cells: Sequence[Cell], *, remote: bool) -> tuple[int, int]:
        spent, repeats = self._minutes(cells)
        percent = self.rules.time.remote_percent if remote else 100
        return -(-spent * percent // 100) + self.rules.time.visit_minutes, repeats

    def _assign(self, visits: Sequence[Visit]) -> None:
        """The auditor with the least to do in the year among those entitled, not the same one twice running."""
        load: dict[tuple[str, int], int] = {}
        before: dict[str, str] = {}
        for visit in sorted(visits, key=lambda v: (v.round, -v.minutes, self._tie(v.unit.id))):
            entitled = [a for a in self.situation.auditors if self.may_audit(a, visit.unit) is None]
            if not entitled:
                continue
            year = (visit.round - 1) // self.per_year
            unit = visit.unit.id

            def cost(one: Auditor, year: int = year, unit: str = unit) -> tuple[int, bool, str]:
                busy = load.get((one.id, year), 0) // self.rules.time.minutes_per_day
                return busy, before.get(unit) == one.id, self._tie(one.id, unit, year)

            visit.auditor = min(entitled, key=cost)
            key = (visit.auditor.id, year)
            load[key] = load.get(key, 0) + visit.minutes
            before[unit] = visit.auditor.id

    def may_audit(self, auditor: Auditor, unit: Unit) -> str | None:
        """None, or why this auditor may not audit that unit."""
        if auditor.why_not:
            return auditor.why_not
        if auditor.unit is not None and auditor.unit == unit.id:
            return "own_unit"
        if auditor.person is None:
            return None
        if any(one.head == auditor.person for one in self._up(unit)):
            return "heads_it"
        if auditor.person in self.situation.owners.get(unit.id, ()):
            return "own_process"
        return None

    def _up(self, unit: Unit) -> Iterator[Unit]:
        """The unit and those it belongs to; a ring of parents is gone round once."""
        seen: set[str] = set()
        now: Unit | None = unit
        while now is not None and now.id not in seen:
            yield now
            seen.add(now.id)
            now = self.units.get(now.parent or "")

    # --- what it comes to ------------------------------------------------------------------------

    def _covered(self, process_cells: Mapping[str, Sequence[Cell]]) -> list[Covered]:
        found = []
        for process in self.situation.processes:
            held = process_cells[process.id]
            rounds = tuple(sorted({n for cell in held for n in cell.rounds}))
            complete = bool(held) and all(cell.rounds for cell in held)
            units = tuple(dict.fromkeys(cell.unit.id for cell in held))
            found.append(Covered(process.id, process.name, process.stage, units, len(held), rounds, complete))
        return found

    def _tell_risks(
        self,
        cells: Sequence[Cell],
        visits: Sequence[Visit],
        focus: Mapping[str, Sequence[tuple[int, ...]]],
        covered: Sequence[Covered],
        minutes: Mapping[int, int],
    ) -> None:
        """What may keep the programme from its purpose, each with what to do."""
        situation, tell = self.situation, self.risks.append
        if any(unit.id == WHOLE for unit in situation.units):
            tell(("programme.risk_no_units", {}))
        without = sorted({v.unit.id for v in visits if v.auditor is None})
        if without:
            tell(("programme.risk_no_auditor", {"units": ", ".join(without), "count": len(without)}))
        refused = [a for a in situation.auditors if a.why_not and a.why_not != "expert"]
        for auditor in refused:
            fields = {"auditor": auditor.id, "name": auditor.name, "why": f"@programme.not_{auditor.why_not}"}
            tell(("programme.risk_auditor", fields))
        if situation.shares_from == "nothing":
            tell(("programme.risk_no_emissions", {}))
        elif situation.unplaced:
            tell(("programme.risk_unplaced", {"amount": f"{situation.unplaced:,.1f}"}))
        shared = sum(share.by_site for share in situation.shares.values())
        if shared:
            tell(("programme.risk_by_site", {"count": shared}))
        if not situation.audits:
            tell(("programme.risk_never_audited", {}))
        if situation.unnamed:
            tell(("programme.risk_unnamed", {"count": situation.unnamed}))
        strange = sorted(set(self.rules.responsibilities.units) - set(self.units))
        strange += sorted(set(self.rules.processes.own) - {p.id for p in situation.processes})
        if strange:
            tell(("programme.risk_rules", {"names": ", ".join(strange)}))
        late = [cell for cell in cells if cell.late]
        if late:
            tell(("programme.risk_late", {"count": len(late)}))
        missing = [f"@programme.focus_{name}" for name, spans in focus.items() if not all(spans)]
        if missing:
            tell(("programme.risk_focus", {"names": missing}))
        bare = [one.process for one in covered if not one.complete]
        if bare:
            tell(("programme.risk_process", {"processes": ", ".join(bare)}))
        remote = sum(v.method == "remote" for v in visits)
        if remote:
            tell(("programme.risk_remote", {"count": remote, "all": len(visits)}))
        self._tell_too_much(visits, minutes)

    def _tell_too_much(self, visits: Sequence[Visit], minutes: Mapping[int, int]) -> None:
        """Years with more work than days; nothing is dropped."""
        time = self.rules.time
        able = {a.id for a in self.situation.auditors if a.why_not is None}
        for year in range(self.years):
            numbers = range(year * self.per_year + 1, (year + 1) * self.per_year + 1)
            needed = sum(half_days(minutes[n], time.minutes_per_day) for n in numbers)
            if time.days_per_auditor_and_year is None or not able:
                continue
            there = 2 * time.days_per_auditor_and_year * len(able)
            if needed > there:
                fields = {"year": year + 1, "needed": days(needed), "there": days(there), "count": len(able)}
                self.risks.append(("programme.risk_too_much", fields))
        for year in range(self.years):
            mine: dict[str, int] = {}
            for visit in visits:
                if visit.auditor and (visit.round - 1) // self.per_year == year:
                    mine[visit.auditor.id] = mine.get(visit.auditor.id, 0) + visit.minutes
            total = sum(mine.values())
            for auditor, spent in sorted(mine.items()):
                if len(able) > 1 and spent * 100 > 70 * total:
                    fields = {"auditor": auditor, "year": year + 1, "percent": spent * 100 // total}
                    self.risks.append(("programme.risk_one_auditor", fields))


def _named(matter: Matter, listed: Sequence[str]) -> bool:
    """Whether a list of concepts and `ruleset:clause` names the clause."""
    for one in listed:
        ruleset, colon, clause = one.partition(":")
        if colon:
            if ruleset == matter.ruleset and is_in(matter.clause, clause):
                return True
        elif any(_under(concept, (one,)) for concept in matter.concepts):
            return True
    return False


def half_days(minutes: int, per_day: int) -> int:
    """Half days that so many minutes take, begun ones counted whole."""
    return -(-2 * minutes // per_day)


def days(halves: int) -> str:
    """Half days as days with one decimal."""
    return f"{halves // 2}.{5 * (halves % 2)}"
