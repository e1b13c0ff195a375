"""Measures: effects through the formulas, the cheapest path against every subset, bad files, both engines, the page."""

import itertools
import json
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine import cli
from shall.engine.scoring import paths
from shall.engine.scoring.effects import Ground, Option, evidence_after, options
from shall.engine.scoring.measure_file import MeasureBook, MeasureProblems, read_measures
from shall.engine.scoring.numbers import exact
from shall.engine.scoring.paths import Solver, Target, Trial, Unreachable, cheapest, ladder
from shall.engine.scoring.quantities import Scorer, from_values
from shall.engine.scoring.scheme import WAYS
from shall.engine.scoring.score import score
from shall.engine.scoring.tables import Plan, State, depends, proved, tabulate
from shall.engine.scoring.values import KINDS, Values, read_values
from shall.engine.scoring.what_if import Asked, what_if
from shall.evidence.schema import schema
from shall.texts.errors import EvidenceError, ShallError, UsageError

ROOT = Path(__file__).resolve().parent.parent
SCORER = Scorer.of(files("shall.rulesets").joinpath("zero_carbon"))
PAGE = (ROOT / "docs" / "paths.md").read_text(encoding="utf-8")
VALUES: dict[str, Any] = {
    "organisation": "示例",
    "year": 2025,
    "base_year": 2024,
    "factory_year": [
        {
            "id": "Y5",
            "data_year": 2025,
            "value_added": 18500,
            "gross_emissions": 6500,
            "net_emissions": 6450,
            "residual_emissions": 6450,
            "comprehensive_energy": 2400,
        },
        {"id": "Y4", "data_year": 2024, "value_added": 17600, "gross_emissions": 6350, "net_emissions": 6300},
        {"id": "Y3", "data_year": 2023, "value_added": 17000},
        {"id": "Y2", "data_year": 2022, "value_added": 19000},
    ],
    "renewable_supply": [{"id": "R1", "data_year": 2025, "energy_source": "solar", "amount": 240}],
    "roof_area": [{"id": "RA", "usable_area": 5000, "pv_area": 1500}],
    "waste_energy": [{"id": "W", "data_year": 2025, "available": 200, "used": 60}],
    "energy_intensity": [
        {"id": "E5", "product": "P", "data_year": 2025, "energy": 800, "qualified_output": 4000,
         "measure_unit": "t", "quota_exists": True, "quota_grade": "3"},
        {"id": "E4", "product": "P", "data_year": 2024, "energy": 790, "qualified_output": 3900,
         "measure_unit": "t"},
    ],
    "offset": [],
    "technology": [{"id": "T", "catalogue": "energy_saving", "catalogue_edition": "1", "entry_number": "1",
                    "in_use": True}],
    "solid_waste": [{"id": "S5", "data_year": 2025, "generated": 900, "utilised": 500},
                    {"id": "S4", "data_year": 2024, "generated": 900, "utilised": 450}],
    "checklists": {"A.1/4": {"monitors": True, "metered": False, "shows": True, "analyses": False,
                             "adjusts": False}},
}  # fmt: skip


class Plain(yaml.SafeDumper):
    """Writes everything out, as the files want it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def ground(values: dict[str, Any] | None = None) -> Ground:
    return Ground(from_values(SCORER, Values.model_validate(values or VALUES).named()))


def book(tmp_path: Path, *measures: dict[str, Any]) -> MeasureBook:
    path = tmp_path / "measures.yaml"
    path.write_text(
        yaml.dump({"measures": list(measures)}, Dumper=Plain, allow_unicode=True), encoding="utf-8"
    )
    return read_measures(path)


def one(name: str, cost: Any = 1, *effects: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"id": name, "zh": name, "en": name, "cost": cost, "effects": list(effects), **more}
    return {k: v for k, v in body.items() if v not in (None, [])}


def plan_of(found: Sequence[Option]) -> Plan:
    levels: dict[str, list[Option]] = {}
    for option in found:
        levels.setdefault(option.measure.id, []).append(option)
    return Plan(tuple(tuple(some) for some in levels.values()))


def less(amount: int) -> dict[str, int]:
    return {f"{name}_emissions": -amount for name in ("gross", "net", "residual")}


EFFECTS: list[Any] = [
    lambda r: {"of": "factory_year", "add": {"comprehensive_energy": -r.choice([40, 110, 333, 901])}},
    lambda r: {"of": "factory_year", "add": less(r.choice([77, 130, 320, 511]))},
    lambda r: {"new": "renewable_supply",
               "values": {"energy_source": "wind", "amount": r.choice([51, 120, 300]),
                          "green_certificate": r.choice(["G1", "G2", "G3"])}},
    lambda r: {"of": "roof_area", "record": "RA", "add": {"pv_area": r.choice([700, 1500, 2600])}},
    lambda r: {"of": "waste_energy", "add": {"used": r.choice([30, 70, 110])}},
    lambda r: {"of": "energy_intensity", "multiply": {"energy": r.choice(["0.97", "0.985", "0.9"])}},
    lambda r: {"checklist": "A.1/4", "tick": r.sample(["metered", "analyses", "adjusts"], 2)},
    lambda r: {"of": "solid_waste", "add": {"utilised": r.choice([90, 170, 260])}},
    lambda r: {"of": "factory_year", "multiply": {"value_added": r.choice(["1.02", "1.05"])}},
    lambda r: {"new": "offset", "values": {"offset_type": "ccer", "quantity": r.choice([500, 2000]),
               "serial_number": r.choice(["a", "b"]), "cancelled_on": "2026-01-01", "cancellation_number": "c",
               "period_until": "2025-12-31"}},
]  # fmt: skip


def random_measures(seed: int, count: int) -> list[dict[str, Any]]:
    """Measures with levels, needs and exclusions, many of them alike in cost so that ties occur."""
    r = random.Random(seed)
    found: list[dict[str, Any]] = []
    names = [f"m{n}" for n in range(count)]
    for name in names:
        effects = [r.choice(EFFECTS)(r) for _ in range(r.choice([1, 1, 2]))]
        measure = one(name, r.choice([0, 1, 2, 5, 5, "7.25"]), *effects)
        if r.random() < 0.25:
            del measure["cost"]
            measure["levels"] = [
                {"id": str(n), "zh": str(n), "en": str(n), "cost": n * 3, "effects": [r.choice(EFFECTS)(r)]}
                for n in (1, 2)
            ]
        for part, odds in (("requires", 0.25), ("excludes", 0.15)):
            others = [o for o in names if o != name and o not in measure.get("requires", [])]
            if r.random() < odds:
                measure[part] = [r.choice(others)]
        found.append(measure)
    return found


Row = tuple[int, int, list[str], Fraction, dict[str, Fraction]]


def every_subset(at: Ground, found: Sequence[Option]) -> list[Row]:
    """Written anew from the definition: all sets that the file allows, each scored in full."""
    rows: list[Row] = []
    by_measure: dict[str, list[Option | None]] = {}
    for option in found:
        by_measure.setdefault(option.measure.id, [None]).append(option)
    for combination in itertools.product(*by_measure.values()):
        taken = [o for o in combination if o]
        names = {o.id for o in taken} | {o.measure.id for o in taken}
        if any(not set(o.measure.requires) <= names or set(o.measure.excludes) & names for o in taken):
            continue
        evidence = evidence_after(at, taken)
        if impossible(evidence.values):
            continue
        total = score(evidence, SCORER.table, SCORER.scheme)
        parts = {c.key: proved(total, c.key) for c in total.categories}
        rows.append(
            (sum(o.cost for o in taken), len(taken), sorted(o.id for o in taken), proved(total), parts)
        )
    return rows


def impossible(values: Values) -> bool:
    year = next(y for y in values.factory_year if y.data_year == 2025)
    numbers = (year.gross_emissions, year.net_emissions, year.comprehensive_energy, year.value_added)
    assert year.gross_emissions is not None and year.net_emissions is not None
    assert year.residual_emissions is not None
    return (
        any(n is not None and n < 0 for n in numbers)
        or max(year.net_emissions, year.residual_emissions) > year.gross_emissions
        or any((r.pv_area or 0) > (r.usable_area or 0) for r in values.roof_area)
        or any((w.used or 0) > (w.available or 0) for w in values.waste_energy)
        or any((w.utilised or 0) > (w.generated or 0) for w in values.solid_waste)
    )


def scored(seed: int, tmp_path: Path, count: int = 6) -> tuple[Ground, Plan, list[Row]]:
    at = ground()
    while True:
        try:
            found = options(book(tmp_path, *random_measures(seed, count)), at, SCORER.scheme)
            break
        except MeasureProblems:  # requires what it excludes
            seed += 1000
    return at, plan_of(found), every_subset(at, found)


@pytest.mark.parametrize("seed", range(12))
def test_the_path_is_the_cheapest_of_all_sets(seed: int, tmp_path: Path) -> None:
    at, plan, rows = scored(seed, tmp_path)
    grid = tabulate(at, SCORER, plan)
    totals = sorted({row[3] for row in rows})
    tried = [totals[0], totals[len(totals) // 2], totals[-2] if len(totals) > 1 else totals[0], totals[-1]]
    for engine in (Solver(grid, grid.nothing), Trial(grid, grid.nothing)):
        for total in tried:
            path = cheapest(grid, SCORER, engine, [Target(total)])
            best = min(row[:3] for row in rows if row[3] >= total)
            assert isinstance(path, paths.Path)
            assert (path.cost, len(path.options), [o.id for o in path.options]) == best
            assert path.total >= total
        assert engine.most(None, ()) == totals[-1]
        beyond = cheapest(grid, SCORER, engine, [Target(totals[-1] + Fraction(1, 10**30))])
        assert isinstance(beyond, Unreachable)
        assert beyond.most == totals[-1]


@pytest.mark.parametrize("seed", range(100, 106))
def test_targets_of_categories_hold_together(seed: int, tmp_path: Path) -> None:
    at, plan, rows = scored(seed, tmp_path)
    grid = tabulate(at, SCORER, plan)
    some = rows[len(rows) // 2]
    targets = [
        Target(some[4]["energy"], "energy"),
        Target(some[4]["reduction"], "reduction"),
        Target(some[3]),
    ]
    good = [
        row[:3]
        for row in rows
        if all((row[3] if t.category is None else row[4][t.category]) >= t.at_least for t in targets)
    ]
    most = max(r[4]["energy"] for r in rows if r[3] >= some[3])
    for engine in (Solver(grid, grid.nothing), Trial(grid, grid.nothing)):
        path = cheapest(grid, SCORER, engine, targets)
        assert isinstance(path, paths.Path)
        assert (path.cost, len(path.options), [o.id for o in path.options]) == min(good)
        assert engine.most("energy", [Target(some[3])]) == most


@pytest.mark.parametrize("seed", [1000, 1013, 2050, 3077])
def test_no_target_has_a_cheaper_set_than_the_one_found(seed: int, tmp_path: Path) -> None:
    """Every total in turn; with its presolve on, the solver called a dearer set optimal for the first of these."""
    at, plan, rows = scored(seed, tmp_path, 7)
    grid = tabulate(at, SCORER, plan)
    solver = Solver(grid, grid.nothing)
    for total in sorted({row[3] for row in rows})[::5]:
        path = cheapest(grid, SCORER, solver, [Target(total)])
        assert isinstance(path, paths.Path)
        best = min(row[:3] for row in rows if row[3] >= total)
        assert (path.cost, len(path.options), [o.id for o in path.options]) == best


def test_a_coarse_solver_is_still_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With integers too rough to tell the sets apart every answer rests on the exact check."""
    monkeypatch.setattr(paths, "SCALE", 2)
    for seed in (201, 202, 203):
        at, plan, rows = scored(seed, tmp_path, 5)
        grid = tabulate(at, SCORER, plan)
        solver = Solver(grid, grid.nothing)
        for total in sorted({row[3] for row in rows})[-6:]:
            path = cheapest(grid, SCORER, solver, [Target(total)])
            assert isinstance(path, paths.Path)
            assert (path.cost, len(path.options), [o.id for o in path.options]) == min(
                row[:3] for row in rows if row[3] >= total
            )
        assert solver.most(None, ()) == max(row[3] for row in rows)


def test_ties_go_to_fewer_measures_and_then_to_the_first_names(tmp_path: Path) -> None:
    add = {"of": "waste_energy", "add": {"used": 20}}
    both = {"of": "waste_energy", "add": {"used": 40}}
    measures = [one("d", 1, add), one("c", 1, add), one("b", 2, both), one("a", 2, both)]
    at = ground()
    plan = plan_of(options(book(tmp_path, *measures), at, SCORER.scheme))
    grid = tabulate(at, SCORER, plan)
    state = (0, 0, 1, 0)
    target = Target(grid.value(state, None))
    for engine in (Solver(grid, grid.nothing), Trial(grid, grid.nothing)):
        path = cheapest(grid, SCORER, engine, [target])
        assert isinstance(path, paths.Path)
        assert [o.id for o in path.options] == ["a"]


def test_a_ladder_rises_to_the_highest(tmp_path: Path) -> None:
    at, plan, rows = scored(7, tmp_path)
    grid = tabulate(at, SCORER, plan)
    step = Fraction(1)
    rungs = ladder(grid, SCORER, Solver(grid, grid.nothing), step)
    assert rungs == ladder(grid, SCORER, Trial(grid, grid.nothing), step)
    assert rungs[-1][0] == max(row[3] for row in rows)
    assert all(a[0] < b[0] and a[1].cost <= b[1].cost for a, b in itertools.pairwise(rungs))
    assert all(t % step == 0 and t > proved(grid.base) for t, _ in rungs[:-1])


def test_what_is_taken_is_kept(tmp_path: Path) -> None:
    measures = [
        one("dear", 9, {"of": "waste_energy", "add": {"used": 10}}),
        one("cheap", 1, {"of": "waste_energy", "add": {"used": 40}}),
    ]
    at = ground()
    found = book(tmp_path, *measures)
    asked = Asked(take=("dear",), targets=(Target(proved_with(at, found, "cheap")),))
    answer = what_if(SCORER, at.evidence, found, asked, {})
    assert [o["id"] for o in answer["outcome"]["options"]] == ["cheap", "dear"]
    assert answer["outcome"]["cost"] == "10"


def proved_with(at: Ground, found: MeasureBook, name: str) -> Fraction:
    taken = [o for o in options(found, at, SCORER.scheme) if o.id == name]
    return proved(score(evidence_after(at, taken), SCORER.table, SCORER.scheme))


def test_effects_go_through_the_formulas(tmp_path: Path) -> None:
    """B.5 by hand: set first, then factors, then additions, whatever the order of the file."""
    measures = [
        one("plus", 1, {"of": "factory_year", "add": {"net_emissions": -150, "gross_emissions": -150,
                                                     "residual_emissions": -150}}),
        one("times", 1, {"of": "factory_year", "multiply": {"net_emissions": "0.9", "gross_emissions": "0.9",
                                                           "residual_emissions": "0.9"}}),
        one("meter", 1, {"of": "factory_year", "set": {"net_emissions": 6400, "residual_emissions": 6400}}),
    ]  # fmt: skip
    at = ground()
    for order in itertools.permutations(measures):
        found = options(book(tmp_path, *order), at, SCORER.scheme)
        after = evidence_after(at, found)
        assert next(y for y in after.values.factory_year if y.data_year == 2025).net_emissions == Decimal(
            "5610.0"
        )
        total = score(after, SCORER.table, SCORER.scheme)
        mine = next(i for i in total.indicators() if i.address == "A.1/14")
        by_hand = (1 - (Fraction(5610) / 18500) / (Fraction(6300) / 17600)) * 100
        assert mine.products[0].part.computed.value == by_hand
        assert mine.fraction == min(1, by_hand / Fraction("3.6"))
    assert at.evidence.values == ground().evidence.values


@pytest.mark.parametrize("measure", sorted(WAYS))
def test_an_indicator_depends_on_nothing_that_is_not_named(measure: str, tmp_path: Path) -> None:
    """Columns that `depends` leaves out never move the indicator, whatever stands in them."""
    at = page_of_the_score(tmp_path)
    scheme = SCORER.scheme
    tried = (*scheme.rules, *(r.varied(a) for r in scheme.rules for a in r.alternatives))
    for rule in (r for r in tried if r.measure == measure):
        alone = scheme.model_copy(update={"indicators": (rule,), "extra": ()})
        kinds = depends(rule, scheme.choices)
        before = score(at.evidence, SCORER.table, alone)
        for kind, model in KINDS.items():
            for column in model.model_fields:
                known = kinds.get(kind, frozenset())
                if column == "id" or known is None or column in known:
                    continue
                for value in wild(kind, column):
                    update = {
                        kind: tuple(
                            line.model_copy(update={column: value})
                            for line in getattr(at.evidence.values, kind)
                        )
                    }
                    values = at.evidence.values.model_copy(update=update)
                    after = score(type(at.evidence)(values, at.evidence.items, {}, ()), SCORER.table, alone)
                    assert [i.low for i in after.indicators()] == [i.low for i in before.indicators()], (
                        kind,
                        column,
                    )


def wild(kind: str, column: str) -> list[Any]:
    known = schema()[kind].column(column)
    assert known is not None
    some: dict[str, list[Any]] = {
        "decimal": [None, Decimal(0), Decimal(17)],
        "integer": [None, 2024, 2025],
        "flag": [None, True, False],
        "date": [None, date(2025, 12, 31), date(2030, 1, 1)],
    }
    return some.get(known.type, [None, "other"])


def page_of_the_score(tmp_path: Path) -> Ground:
    """The evidence of the worked example of the score: nearly every indicator has a value there."""
    text = (ROOT / "docs" / "score.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- values -->\n\n```yaml\n(.*?)```", text, re.S)
    assert found is not None
    path = tmp_path / "values.yaml"
    path.write_text(found[1], encoding="utf-8")
    return Ground(from_values(SCORER, read_values(path)))


BAD: list[tuple[dict[str, Any], str]] = [
    (one("a", 1, {"of": "roof", "add": {"pv_area": 1}}), "paths.no_kind"),
    (one("a", 1, {"of": "roof_area", "add": {"pv": 1}}), "paths.no_column"),
    (one("a", 1, {"of": "roof_area", "record": "RX", "add": {"pv_area": 1}}), "paths.no_record"),
    (
        one("a", 1, {"of": "energy_intensity", "where": {"product": "Q"}, "add": {"energy": 1}}),
        "paths.no_match",
    ),
    (one("a", 1, {"of": "energy_intensity", "add": {"product": 1}}), "paths.no_number"),
    (one("a", 1, {"of": "roof_area", "set": {"pv_area": "much"}}), "paths.bad_value"),
    (
        one("a", 1, {"new": "roof_area", "values": {"pv_area": 9, "usable_area": 5}}),
        "paths.impossible_record",
    ),
    (one("a", 1, {"new": "roof_area", "values": {"id": "x", "pv_area": 9}}), "paths.own_id"),
    (one("a", 1, {"checklist": "A.1/1", "tick": ["x"]}), "paths.no_checklist"),
    (one("a", 1, {"checklist": "A.1/4", "tick": ["x"]}), "paths.no_item"),
    (one("a", 1, {"of": "solid_waste", "add": {"utilised_from_stock": 5}}), "paths.empty_cell"),
    (one("a", 1, {"checklist": "A.1/4", "tick": ["shows"]}, requires=["b"]), "paths.unknown"),
    (one("a", 1, {"checklist": "A.1/4", "tick": ["shows"]}, excludes=["a"]), "paths.itself"),
    (one("a", "0.00001", {"checklist": "A.1/4", "tick": ["shows"]}), "rules.bad_value"),
    (one("a", -1, {"checklist": "A.1/4", "tick": ["shows"]}), "rules.bad_value"),
    (one("a", None, {"checklist": "A.1/4", "tick": ["shows"]}), "rules.bad_value"),
    (one("a", 1), "rules.bad_value"),
    (one("a", 1, {"of": "roof_area", "tick": ["shows"]}), "rules.bad_value"),
    (one("a", 1, {"of": "roof_area", "multiply": {"pv_area": -1}}), "rules.bad_value"),
    (one("a", 1, {"of": "roof_area", "ad": {"pv_area": 1}}), "rules.unknown_key"),
]


@pytest.mark.parametrize(("measure", "key"), BAD, ids=[f"{n}-{k}" for n, (_, k) in enumerate(BAD)])
def test_a_bad_file_names_its_line(measure: dict[str, Any], key: str, tmp_path: Path) -> None:
    with pytest.raises(MeasureProblems) as caught:
        options(book(tmp_path, measure), ground(), SCORER.scheme)
    assert [p.key for p in caught.value.problems] == [key]
    assert caught.value.problems[0].line > 1
    assert "measures.yaml:" in caught.value.text("zh")


def test_two_measures_that_set_one_cell_must_exclude_each_other(tmp_path: Path) -> None:
    a, b = (
        one(n, 1, {"of": "energy_intensity", "set": {"quota_grade": g}}) for n, g in (("a", "1"), ("b", "2"))
    )
    with pytest.raises(MeasureProblems) as caught:
        options(book(tmp_path, a, b), ground(), SCORER.scheme)
    assert [p.key for p in caught.value.problems] == ["paths.set_twice"]
    options(book(tmp_path, a, b | {"excludes": ["a"]}), ground(), SCORER.scheme)


def test_what_cannot_be_had_together_is_refused_and_never_on_a_path(tmp_path: Path) -> None:
    measures = [one(n, 1, {"of": "roof_area", "add": {"pv_area": 2000}}) for n in "ab"]
    at, found = ground(), book(tmp_path, *measures)
    with pytest.raises(UsageError) as caught:
        what_if(SCORER, at.evidence, found, Asked(take=("a", "b")), {})
    assert caught.value.key == "paths.impossible"
    answer = what_if(SCORER, at.evidence, found, Asked(targets=(Target(Fraction(99)),)), {})
    assert answer["unreachable"]["most"]["exact"] == exact(proved_with(at, found, "a"))


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (Asked(take=("x",)), "paths.no_measure"),
        (Asked(take=("b",)), "paths.needs"),
        (Asked(take=("a", "c")), "paths.excluded"),
        (Asked(take=("d",)), "paths.which_level"),
        (Asked(take=("d:1", "d:2")), "paths.excluded"),
        (Asked(without=("x",)), "paths.no_measure"),
        (Asked(by=2020), "paths.none_left"),
    ],
)
def test_a_set_that_the_file_does_not_allow_is_refused(asked: Asked, key: str, tmp_path: Path) -> None:
    tick = {"checklist": "A.1/4", "tick": ["metered"]}
    levels = [{"id": n, "zh": n, "en": n, "cost": 1, "effects": [tick]} for n in ("1", "2")]
    measures = [
        one("a", 1, tick, from_year=2026),
        one("b", 1, tick, requires=["a"]),
        one("c", 1, tick, excludes=["a"], from_year=2026),
        one("d", None, levels=levels, from_year=2026),
    ]
    with pytest.raises(UsageError) as caught:
        what_if(SCORER, ground().evidence, book(tmp_path, *measures), asked, {})
    assert caught.value.key == key


def test_too_many_combinations_are_refused_by_name(tmp_path: Path) -> None:
    measures = [one(f"m{n}", 1, {"of": "waste_energy", "add": {"used": 1}}) for n in range(17)]
    at = ground()
    plan = plan_of(options(book(tmp_path, *measures), at, SCORER.scheme))
    with pytest.raises(EvidenceError) as caught:
        tabulate(at, SCORER, plan)
    assert caught.value.key == "paths.too_many"
    assert "m16" in caught.value.text("zh")


def test_without_the_solver_twenty_measures_are_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "solver_installed", lambda: False)
    measures = [one(f"m{n}", 1, {"checklist": "A.1/4", "tick": ["metered"]}) for n in range(2)]
    at, found = ground(), book(tmp_path, *measures)
    grid = tabulate(at, SCORER, plan_of(options(found, at, SCORER.scheme)))
    assert isinstance(paths.engine_for(grid, grid.nothing), Trial)
    monkeypatch.setattr(paths, "BRUTE", 1)
    with pytest.raises(EvidenceError) as caught:
        paths.engine_for(grid, grid.nothing).cheapest([Target(Fraction(99))])
    assert caught.value.key == "paths.no_solver"


@pytest.mark.parametrize("text", ["", "x", "101", "-1", "energy=", "power=5", "energy=nan", "1/0"])
def test_a_target_that_is_none(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        paths.parse_target(text, ["energy"])
    assert caught.value.key == "paths.bad_target"


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_tables_are_the_score(seed: int) -> None:
    """Any allowed set: the sum of the tables is the exact score of the quantities."""
    import tempfile

    at = ground()
    with tempfile.TemporaryDirectory() as folder:
        try:
            plan = plan_of(options(book(Path(folder), *random_measures(seed, 5)), at, SCORER.scheme))
        except MeasureProblems:
            return
    grid = tabulate(at, SCORER, plan)
    states: list[State] = list(plan.states(range(len(plan.options))))
    for state in random.Random(seed).sample(states, min(len(states), 6)):
        total = score(evidence_after(at, plan.taken(state)), SCORER.table, SCORER.scheme)
        assert grid.value(state, None) == proved(total)
        for category in total.categories:
            assert grid.value(state, category.key) == proved(total, category.key)


def test_what_a_person_judged_stays_and_is_said(tmp_path: Path) -> None:
    judged = {"A.1/4": {"fraction": "0.5", "by": "某某", "on": "2026-05-01", "because": "现场查看"}}
    at = ground(VALUES | {"fractions": judged})
    found = book(tmp_path, one("a", 1, {"checklist": "A.1/4", "tick": ["metered"]}))
    answer = what_if(SCORER, at.evidence, found, Asked(targets=(Target(Fraction(99)),)), {})
    assert [r["key"] for r in answer["remarks"]] == ["paths.stays_judged"]


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.shall, [str(w) for w in words])


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Path, Path]:
    values, measures = tmp_path / "values.yaml", tmp_path / "measures.yaml"
    values.write_text(block("values"), encoding="utf-8")
    measures.write_text(block("measures"), encoding="utf-8")
    read_values(values)
    return values, measures


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n\n```[a-z]*\n(.*?)```", PAGE, re.S)
    assert found is not None
    return found[1]


def test_the_page_shows_what_the_command_prints(prepared: tuple[Path, Path]) -> None:
    values, measures = prepared
    for mark, words in (
        ("alone", ()),
        ("take", ("--take", "heat")),
        ("target", ("--target", "energy=50")),
        ("ladder", ("--ladder", "2")),
    ):
        said = run("--lang", "en", "what-if", "--values", values, "--measures", measures, *words)
        assert said.exception is None, said.exception
        printed = [line.rstrip() for line in said.output.splitlines()]
        for line in block(mark).splitlines():
            assert line.rstrip() in printed, (mark, line)


def test_the_command_is_the_same_twice_and_says_when_it_cannot(prepared: tuple[Path, Path]) -> None:
    values, measures = prepared
    words = ("what-if", "--values", values, "--measures", measures, "--format", "json")
    first, second = (run(*words, "--target", "energy=50").output for _ in range(2))
    assert first == second
    assert json.loads(first)["receipt"]["measures"]
    asked = ("--lang", "zh", "what-if", "--values", values, "--measures", measures)
    assert "达到能源结构 50，最省的措施" in run(*asked, "--target", "energy=50").output
    bought = run(*asked, "--take", "certificates").output
    assert "→ 风能" in bought and "wind" not in bought, "a choice by what it is called"
    beyond = run("--lang", "zh", "what-if", "--values", values, "--measures", measures, "--target", "100")
    assert "达不到总分 100" in beyond.output
    error = run("what-if", "--measures", measures).exception
    assert isinstance(error, ShallError)
    assert error.key == "scoring.store_or_values"


def test_the_sample_has_measures_that_fit_it(tmp_path: Path) -> None:
    sample = ROOT / "samples" / "machinery_maker"
    store = tmp_path / "store.db"
    run("init", store)
    run("import", store, sample / "evidence")
    words = (
        "what-if",
        store,
        "--on",
        "2026-06-30",
        "--measures",
        sample / "measures.yaml",
        "--format",
        "json",
    )
    alone = json.loads(run(*words).output)
    assert 12 <= alone["measures"]["count"] <= 20
    assert not any(one["impossible"] for one in alone["alone"])
    path = json.loads(run(*words, "--target", "60").output)
    assert Fraction(path["outcome"]["total"]["exact"]) >= 60


def test_the_solver_is_loaded_only_for_a_path() -> None:
    code = "import sys, shall.engine.scoring.what_if, shall.engine.cli.score; print('ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
