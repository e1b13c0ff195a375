"""What measures do, as a plain value: quantities before and after, points before and after, cost."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine import __version__
from shall.engine.evaluation import canonical
from shall.engine.models import Both
from shall.engine.scoring.effects import (
    GIVEN,
    Cell,
    Ground,
    Option,
    broken_by,
    cells_after,
    evidence_after,
    lines_after,
    options,
)
from shall.engine.scoring.measure_file import YUAN, MeasureBook
from shall.engine.scoring.numbers import exact
from shall.engine.scoring.paths import (
    Path,
    Progress,
    Target,
    Unreachable,
    cheapest,
    engine_for,
    ladder,
    solver_installed,
)
from shall.engine.scoring.quantities import Scorer
from shall.engine.scoring.result import figures, said_both
from shall.engine.scoring.score import Evidence, IndicatorScore, Product, Total, claim, score
from shall.engine.scoring.tables import Grid, Plan, proved, tabulate
from shall.evidence.schema import schema
from shall.texts.errors import UsageError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the measures: which are taken, which left out, by what year, what is to be reached."""

    take: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    by: int | None = None
    targets: tuple[Target, ...] = ()
    step: Fraction | None = None


def what_if(
    scorer: Scorer,
    evidence: Evidence,
    book: MeasureBook,
    asked: Asked,
    receipt: Mapping[str, Any],
    name: str | None = None,
    done: Progress | None = None,
) -> dict[str, Any]:
    """The answer in one value, the same bytes for the same inputs; raises UsageError, EvidenceError.

    `done` is told how far a ladder is.
    """
    ground = Ground(evidence)
    every = options(book, ground, scorer.scheme)
    plan = _plan(every, asked)
    taken = _taken(plan, asked.take)
    base = score(evidence, scorer.table, scorer.scheme)
    tell = _Teller(scorer, ground, base)
    values = evidence.values
    body: dict[str, Any] = {
        "format": FORMAT,
        "organisation": {"id": values.organisation, "name": name},
        "year": values.year,
        "base_year": values.base_year,
        "scheme": {
            "key": scorer.scheme.key,
            "edition": scorer.scheme.edition,
            "title": _both(scorer.scheme.title),
            "digest": scorer.scheme_file.digest,
        },
        "measures": {
            "file": book.source.name,
            "digest": book.digest,
            "title": _both(book.title) if book.title else None,
            "count": len(book.measures),
            "left_out": sorted({o.id for o in every} - {o.id for o in plan.all}),
        },
        "by": asked.by,
        "claim": claim(evidence.gates),
        "gates": [{"address": g.address, "met": g.met} for g in evidence.gates],
        "before": tell.totals(base),
        "remarks": [],
    }
    if asked.targets or asked.step:
        grid = tabulate(ground, scorer, plan)
        body["remarks"] = [said_both(r) for r in grid.remarks]
        body |= _searched(grid, scorer, plan, taken, asked, tell, done)
    elif asked.take:
        chosen = [plan.options[m][n - 1] for m, n in sorted(taken.items())]
        _together(plan, ground, chosen)
        body["outcome"] = tell.outcome(chosen)
    else:
        body["alone"] = [_by_itself(plan, ground, option, tell) for option in plan.all]
    body["receipt"] = {
        "software": f"shall {__version__}",
        "table": scorer.loaded.digest,
        "scheme": scorer.scheme_file.digest,
        "measures": book.digest,
        **receipt,
    }
    body["receipt"]["result"] = hashlib.sha256(canonical(body).encode()).hexdigest()
    return body


def _both(text: Both) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _plan(every: Sequence[Option], asked: Asked) -> Plan:
    """The options that can be had: by the year, and not left out."""
    known = {name for o in every for name in (o.id, o.measure.id)}
    for name in asked.without:
        if name not in known:
            raise UsageError("paths.no_measure", name=name, known=", ".join(o.id for o in every))
    kept = [
        o
        for o in every
        if not {o.id, o.measure.id} & set(asked.without)
        and not (asked.by and o.measure.from_year and o.measure.from_year > asked.by)
    ]
    while True:
        offered = {name for o in kept for name in (o.id, o.measure.id)}
        able = [o for o in kept if offered.issuperset(o.measure.requires)]
        if len(able) == len(kept):
            break
        kept = able
    if not kept:
        raise UsageError("paths.none_left")
    levels: dict[str, list[Option]] = {}
    for option in kept:
        levels.setdefault(option.measure.id, []).append(option)
    return Plan(tuple(tuple(some) for some in levels.values()))


def _taken(plan: Plan, names: Iterable[str]) -> dict[int, int]:
    """Measure and level of each option named; raises UsageError."""
    found: dict[int, int] = {}
    for name in names:
        if name not in plan.place:
            levels = [o.id for o in plan.all if o.measure.id == name]
            if levels:
                raise UsageError("paths.which_level", name=name, known=", ".join(levels))
            raise UsageError("paths.no_measure", name=name, known=", ".join(plan.place))
        m, n = plan.place[name]
        if found.get(m, n) != n:
            raise UsageError("paths.excluded", one=plan.options[m][found[m] - 1].id, other=name)
        found[m] = n
    for needing, offered in plan.needs:
        one = plan.options[needing[0]][needing[1] - 1]
        if found.get(needing[0]) == needing[1] and not any(found.get(m) == n for m, n in offered):
            needed = ", ".join(plan.options[m][n - 1].id for m, n in offered)
            raise UsageError("paths.needs", name=one.id, needed=needed)
    for a, b in plan.clashes:
        if found.get(a[0]) == a[1] and found.get(b[0]) == b[1]:
            first, second = (plan.options[m][n - 1].id for m, n in (b, a))
            raise UsageError("paths.excluded", one=first, other=second)
    return found


def _broken(ground: Ground, taken: Sequence[Option]) -> tuple[str, str, str] | None:
    """A record that these options would make impossible, with what would be above what."""
    for kind, records in lines_after(ground, taken).items():
        for record, line in records.items():
            if broken := broken_by(kind, line, ground.lines[kind][record]):
                return (record, *broken)
    return None


def _together(plan: Plan, ground: Ground, taken: Sequence[Option]) -> None:
    if broken := _broken(ground, taken):
        record, part, whole = broken
        cells = {c for o in taken for c in o.cells if c[1] == record}
        names = ", ".join(o.id for o in taken if o.cells & cells)
        raise UsageError("paths.impossible", record=record, part=part, whole=whole, names=names)


def _by_itself(plan: Plan, ground: Ground, option: Option, tell: "_Teller") -> dict[str, Any]:
    """One option with what it requires, by itself."""
    chosen = {option.measure.id: option}
    wanted = list(option.measure.requires)
    while wanted:
        name = wanted.pop(0)
        offered = [o for o in plan.all if name in (o.id, o.measure.id)]
        if not any(o in chosen.values() for o in offered):
            least = min(offered, key=lambda o: (o.cost, o.id))
            chosen.setdefault(least.measure.id, least)
            wanted += least.measure.requires
    taken = list(chosen.values())
    found = tell.named(option)
    found["with"] = sorted(o.id for o in taken if o is not option)
    found["cost_together"] = _yuan(sum(o.cost for o in taken))
    broken = _broken(ground, taken)
    found["impossible"] = (
        None if broken is None else {"record": broken[0], "part": broken[1], "whole": broken[2]}
    )
    outcome = None if broken else tell.outcome(taken)
    found["total"] = outcome and outcome["total"]
    found["moves"] = outcome and outcome["moves"]
    found["indicators"] = [] if outcome is None else [i["address"] for i in outcome["indicators"]]
    return found


def _searched(
    grid: Grid,
    scorer: Scorer,
    plan: Plan,
    taken: Mapping[int, int],
    asked: Asked,
    tell: "_Teller",
    done: Progress | None,
) -> dict[str, Any]:
    """The cheapest path, or the ladder, or what cannot be reached."""
    engine = engine_for(grid, tuple(taken.get(m, 0) for m in range(len(plan.options))))
    found: dict[str, Any] = {"engine": "cp-sat" if solver_installed() else "trial"}
    found["targets"] = [tell.target(t) for t in asked.targets]
    if asked.targets:
        path = cheapest(grid, scorer, engine, asked.targets)
        if isinstance(path, Unreachable):
            found["unreachable"] = {
                "target": tell.target(path.target),
                "beside": [tell.target(t) for t in path.beside],
                "most": tell.figure(path.most),
            }
            return found
        found["outcome"] = tell.outcome(path.options)
    if asked.step:
        rungs = ladder(grid, scorer, engine, asked.step, asked.targets, done)
        found["ladder"] = [tell.rung(target, path) for target, path in rungs]
    return found


def _yuan(cost: int) -> str:
    """元 as 万元."""
    return exact(Fraction(cost, YUAN))


@dataclass(frozen=True)
class _Teller:
    """Puts scores and quantities into plain values."""

    scorer: Scorer
    ground: Ground
    base: Total

    def figure(self, value: Fraction | None) -> dict[str, str] | None:
        return figures(value, self.scorer.scheme.choices.rounding.value)

    def target(self, target: Target) -> dict[str, Any]:
        return {"category": target.category, "at_least": exact(target.at_least)}

    def totals(self, total: Total) -> dict[str, Any]:
        return {
            "total": self.figure(proved(total)),
            "categories": [
                {
                    "key": c.key,
                    "name": _both(c.name),
                    "weight": self.figure(c.weight),
                    "score": self.figure(c.low),
                }
                for c in total.categories
            ],
        }

    def named(self, option: Option) -> dict[str, Any]:
        level = option.level
        return {
            "id": option.id,
            "name": _both(option.measure),
            "level": _both(level) if level else None,
            "cost": _yuan(option.cost),
            "from_year": option.measure.from_year,
            "requires": list(option.measure.requires),
            "because": _both(option.measure.because) if option.measure.because else None,
        }

    def rung(self, target: Fraction, path: Path) -> dict[str, Any]:
        return {
            "target": self.figure(target),
            "total": self.figure(path.total),
            "cost": _yuan(path.cost),
            "options": [self.named(o) for o in path.options],
        }

    def outcome(self, taken: Sequence[Option]) -> dict[str, Any]:
        """The score with these options beside that without."""
        evidence = evidence_after(self.ground, taken)
        total = score(evidence, self.scorer.table, self.scorer.scheme)
        before = {i.address: i for i in self.base.indicators()}
        pairs = [(before[i.address], i) for i in total.indicators()]
        return {
            "options": [self.named(o) for o in sorted(taken, key=lambda o: o.id)],
            "cost": _yuan(sum(o.cost for o in taken)),
            **self.totals(total),
            "moves": self.figure(proved(total) - proved(self.base)),
            "quantities": self._quantities(taken),
            "indicators": [self._indicator(a, b) for a, b in pairs if _differs(a, b)],
        }

    def _quantities(self, taken: Sequence[Option]) -> list[dict[str, Any]]:
        found = []
        for cell, after in sorted(cells_after(self.ground, taken).items()):
            names = sorted(o.id for o in taken if cell in o.cells)
            found.append(self._cell(cell, self.ground.cell(cell), after, names))
        for option in taken:
            for kind, line in option.news:
                for column in type(line).model_fields:
                    value = getattr(line, column)
                    if column != "id" and value is not None:
                        found.append(self._cell((kind, line.id or "", column), None, value, [option.id]))
        rules = {r.address: r for r in self.scorer.scheme.rules}
        for option in taken:
            for (address, key), after in sorted(option.ticks.items()):
                items = getattr(rules[address].curve, "checklist", ())
                item = next(i for i in items if i.key == key)
                was = self.ground.evidence.items.get(address, {}).get(key, (None, ()))[0]
                found.append(
                    {
                        "record": address,
                        "column": key,
                        "name": _both(item),
                        "unit": None,
                        "before": _plain(was),
                        "after": _plain(after),
                        "by": [option.id],
                    }
                )
        return found

    def _cell(self, cell: Cell, before: Any, after: Any, names: Sequence[str]) -> dict[str, Any]:
        kind, record, column = cell
        known = None if kind == GIVEN else schema()[kind].column(column)
        return {
            "record": record,
            "column": column,
            "name": {"zh": known.zh, "en": known.en} if known else {"zh": column, "en": column},
            "unit": known.unit if known else None,
            "before": _plain(before),
            "after": _plain(after),
            "by": list(names),
        }

    def _indicator(self, before: IndicatorScore, after: IndicatorScore) -> dict[str, Any]:
        return {
            "address": after.address,
            "name": _both(after.name),
            "available": self.figure(after.available),
            **{
                when: {
                    "state": one.state,
                    "fraction": self.figure(one.low),
                    "earned": self.figure(one.low * one.available),
                    "products": [self._product(p) for p in one.products],
                    "items": [{"name": _both(i.name), "present": i.present} for i in one.items],
                }
                for when, one in (("before", before), ("after", after))
            },
            "moves": self.figure(after.low * after.most - before.low * before.most),
        }

    def _product(self, product: Product) -> dict[str, Any]:
        found = product.part.computed
        return {
            "label": product.part.label,
            "text": found.symbols,
            "substituted": found.substituted,
            "value": self.figure(found.value),
            "unit": found.unit or None,
            "reason": said_both(found.reason) if found.reason else None,
            "segment": said_both(product.segment) if product.segment and found.value is not None else None,
        }


def _differs(before: IndicatorScore, after: IndicatorScore) -> bool:
    """Whether anything of an indicator came out otherwise, be it that its points did not."""
    values = [[p.part.computed.value for p in one.products] for one in (before, after)]
    ticks = [[i.present for i in one.items] for one in (before, after)]
    return (
        (before.low, before.high) != (after.low, after.high) or values[0] != values[1] or ticks[0] != ticks[1]
    )


def _plain(value: Any) -> str | bool | int | None:
    if isinstance(value, Decimal):
        return exact(Fraction(value))
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, str | bool | int), value
    return value
