"""What each indicator is measured by: from values to computed numbers, one for the factory or one per product."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from shall.engine.scoring.claims import Counted, counted
from shall.engine.scoring.formulas import (
    ENERGY,
    MATERIAL,
    RECOVERABLE,
    Computed,
    Datum,
    Formula,
    Quantity,
    emission_reduction,
    energy_per_product,
    fall,
    footprint_reduction,
    index,
    kept_level,
    material_per_product,
    offset_ratio,
    ratio,
    recyclability,
    renewable_share,
    roof_coverage,
)
from shall.engine.scoring.numbers import HUNDRED, Said, said, total
from shall.engine.scoring.scheme import Choices, Rule
from shall.engine.scoring.scopes import scopes
from shall.engine.scoring.values import KINDS, Line, RoofArea, Values

CATALOGUES = (
    "energy_saving",
    "water_saving",
    "resource_use",
    "environmental",
    "green_technology",
    "low_carbon",
    "pollution_control",
    "restructuring",
)
"""The eight catalogues that the table names."""
LOW_ENERGY = ("ultra_low", "near_zero", "zero")
GRADES = {"1": 1, "2": 2, "3": 3, "none": 4}
_L = TypeVar("_L", bound=Line)


@dataclass(frozen=True, slots=True)
class Part:
    """One computed number: for the factory, or for a product, with what it weighs when products are joined."""

    label: str
    computed: Computed
    weight: Fraction | None = None
    weight_unit: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The parts of an indicator and what is to be said about them; no parts and `gap` where nothing is on record."""

    parts: tuple[Part, ...] = ()
    remarks: tuple[Said, ...] = ()
    gap: Said | None = None


@dataclass(frozen=True)
class Asked:
    """The values and the choices that bear on measuring."""

    values: Values
    base_year: str
    renewables: str
    green_power: tuple[str, ...]
    certificates: str
    emissions: str
    offset_base: str
    offset_counts: str
    offset_cap: Fraction | None

    @classmethod
    def of(cls, values: Values, choices: Choices) -> "Asked":
        """The values under a scheme's choices."""
        cap = choices.offset_cap.value
        return cls(
            values,
            choices.base_year.value,
            choices.renewables.value,
            choices.green_power.value,
            choices.certificates.value,
            choices.emissions.value,
            choices.offset_base.value,
            choices.offset_counts.value,
            None if cap is None else Fraction(cap),
        )

    @property
    def year(self) -> int:
        """The evaluation year."""
        return self.values.year

    @property
    def then(self) -> int | None:
        """The year compared with."""
        return self.year - 1 if self.base_year == "year_before" else self.values.base_year

    @property
    def years(self) -> int | None:
        """Years between base and evaluation year."""
        return None if self.then is None else self.year - self.then

    @cached_property
    def claims(self) -> Counted:
        """Green power and credits with each certificate counted once."""
        return counted(self.values, self.green_power, self.certificates, self.offset_counts)


def measure(rule: Rule, asked: Asked) -> Measured:
    """The numbers an indicator is scored by."""
    return _MEASURES[rule.measure](rule, asked)


def _datum(lines: Iterable[Line], name: str) -> Datum:
    """The sum of a column; nothing on record, or an empty cell, is no number."""
    lines = sorted(lines, key=lambda line: line.id or "")
    numbers = [getattr(line, name) for line in lines]
    refs = tuple(line.id or "" for line in lines)
    empty = tuple(r for r, v in zip(refs, numbers, strict=True) if v is None)
    label = _label(name)
    if not numbers:
        return Datum(None)
    if empty:
        return Datum(None, refs, said("scoring.empty_cell", name=label, records=empty))
    negative = [(r, v) for r, v in zip(refs, numbers, strict=True) if v < 0]
    if negative:
        ref, value = negative[0]
        return Datum(
            None, refs, said("scoring.negative_record", name=label, record=ref, value=Fraction(value))
        )
    return Datum(total([Fraction(v) for v in numbers]), refs)


def _label(column: str) -> Said:
    return said(f"scoring.column_{column}")


def _single(lines: Sequence[Line], name: str, years: tuple[Any, ...] = ()) -> Datum:
    """A column of the one record there must be."""
    if len(lines) > 1:
        records = tuple(sorted(line.id or "" for line in lines))
        return Datum(None, records, said("scoring.ambiguous", records=records))
    return _datum(lines, name)


def _year(asked: Asked, name: str, year: int | None) -> Datum:
    if year is None:
        return Datum(None, reason=said("scoring.no_base_year"))
    found = [y for y in asked.values.factory_year if y.data_year == year]
    if not found:
        return Datum(None, reason=said("scoring.year_missing", year=year, name=_label(name)))
    return _single(found, name)


def _of_year(lines: Iterable[_L], year: int | None) -> list[_L]:
    return [line for line in lines if getattr(line, "data_year", None) == year]


def _until(day: date | None, asked: Asked) -> bool:
    """Whether something dated has happened by the day of the evaluation, if one is set."""
    return asked.values.on is None or (day is not None and day <= asked.values.on)


def _one(computed: Computed, *remarks: Said) -> Measured:
    return Measured((Part("", computed),), remarks)


def _renewables(rule: Rule, asked: Asked) -> Measured:
    kept = [s for s in asked.claims.supplies if s.data_year == asked.year]
    every = asked.renewables == "non_fossil"
    unsaid = [s for s in kept if s.renewable is None and s.energy_source is None]
    counting = [s for s in kept if every or (s.renewable is not False and s.energy_source != "nuclear")]
    if unsaid and not every:
        records = tuple(s.id or "" for s in unsaid)
        amount = Datum(None, records, said("scoring.source_unsaid", records=records))
    elif kept and not counting:
        amount = Datum(Fraction(0), tuple(s.id or "" for s in kept))
    elif asked.claims.left_supplies and not kept:
        amount = Datum(Fraction(0), asked.claims.left_supplies)
    else:
        amount = _datum(counting, "amount")
    energy = _year(asked, "comprehensive_energy", asked.year)
    return _one(renewable_share(amount, energy), *asked.claims.remarks_renewable)


def _roofs(rule: Rule, asked: Asked) -> Measured:
    roofs = asked.values.roof_area
    laid = [r for r in roofs if r.pv_area is not None and _until(r.in_operation_since, asked)]
    usable = _datum(roofs, "usable_area")
    fitting = [_on_the_roof(r) for r in laid]
    area = _datum(fitting, "pv_area") if laid else Datum(Fraction(0) if roofs else None)
    waiting = tuple(r.id or "" for r in roofs if r.pv_area and r not in laid)
    remarks = [said("scoring.not_yet_running", records=waiting)] if waiting else []
    remarks += [
        said(
            "scoring.more_than_roof",
            record=r.id or "",
            found=Fraction(r.pv_area),
            usable=Fraction(r.usable_area),
        )
        for r, fits in zip(laid, fitting, strict=True)
        if r is not fits and r.pv_area is not None and r.usable_area is not None
    ]
    return _one(roof_coverage(area, usable), *remarks)


def _on_the_roof(roof: RoofArea) -> RoofArea:
    """The roof with no more modules than it has usable area: B.2 counts what lies on that area, a part of it."""
    if roof.pv_area is None or roof.usable_area is None or not 0 <= roof.usable_area < roof.pv_area:
        return roof
    return roof.model_copy(update={"pv_area": roof.usable_area})


def _products(lines: Sequence[Any]) -> list[str]:
    return sorted({line.product or "" for line in lines})


def _outputs(asked: Asked, product: str) -> tuple[Fraction | None, str]:
    """Output of a product in the evaluation year, with its unit, where the records agree on one."""
    energy = [
        (line.qualified_output, line.measure_unit or "")
        for line in _of_year(asked.values.energy_intensity, asked.year)
        if (line.product or "") == product and line.qualified_output is not None
    ]
    material = [
        (use.qualified_output, use.product_unit or "")
        for use in _of_year(asked.values.material_use, asked.year)
        if (use.product or "") == product and use.qualified_output is not None
    ]
    distinct = set(energy or material)
    if len(distinct) != 1:
        return None, ""
    amount, unit = distinct.pop()
    return Fraction(amount), unit


_TWO_YEARS: dict[tuple[str, str | None], Formula] = {
    ("B.3", "index"): index("B.3", *MATERIAL, down=True),
    ("B.3", "change"): fall("B.3", *MATERIAL),
    ("B.6", "index"): index("B.6", *ENERGY, down=True),
    ("B.6", "change"): fall("B.6", *ENERGY),
    ("B.4", "index"): index("B.4", *RECOVERABLE, down=False),
    ("B.4", "level_by_index"): kept_level("B.4", *RECOVERABLE),
}
WASTE = ("U", "utilised", "t"), ("G", "generated", "t")
_WASTE: dict[str | None, Formula] = {
    "level": ratio("", "%", *WASTE),
    "index": index("", *WASTE, down=False),
    "level_by_index": kept_level("", *WASTE),
}


def _per_product(
    rule: Rule,
    asked: Asked,
    lines: Sequence[Any],
    level: Formula,
    columns: tuple[str, str],
    group: Callable[[Any], tuple[str, ...]],
) -> Measured:
    """A quotient for each product, by itself or beside the base year."""
    now = _of_year(lines, asked.year)
    if not now:
        return Measured(gap=said("scoring.nothing_for_year", year=asked.year))
    earlier = _of_year(lines, asked.then)
    parts = []
    keys = sorted({group(line) for line in now})
    for key in keys:
        mine, before = ([x for x in some if group(x) == key] for some in (now, earlier))
        given = [_single(mine, c) for c in columns]
        if rule.way != "level":
            given += _earlier(before, columns, asked)
        given = [_same_units(mine, before, g) if rule.way != "level" else g for g in given]
        formula = level if rule.way == "level" else _TWO_YEARS[level.address, rule.way]
        unit = _unit(mine) if rule.way == "level" and level.unit != "%" else None
        output, measured_in = _outputs(asked, key[0])
        share = None if output is None else output / sum(k[0] == key[0] for k in keys)
        label = " · ".join(k for k in key if k)
        parts.append(Part(label, formula.over(tuple(given), unit), share, measured_in))
    gone = sorted({group(line) for line in earlier} - set(keys)) if rule.way != "level" else []
    shown = tuple(" · ".join(k for k in key if k) for key in gone)
    return Measured(tuple(parts), (said("scoring.gone", names=shown),) if shown else ())


def _unit(lines: Sequence[Any]) -> str:
    line = lines[0]
    above = line.measure_unit if hasattr(line, "product_unit") else "tce"
    below = line.product_unit if hasattr(line, "product_unit") else line.measure_unit
    return f"{above or '?'}/{below or '?'}"


def _same_units(mine: Sequence[Any], before: Sequence[Any], given: Datum) -> Datum:
    """Years measured in different units cannot be compared."""
    if not mine or not before or given.value is None:
        return given
    for name in ("measure_unit", "product_unit"):
        one, other = getattr(mine[0], name, None), getattr(before[0], name, None)
        if one != other:
            units = (one or "-", other or "-")
            return Datum(None, given.refs, said("scoring.other_unit", units=units))
    return given


def _earlier(before: Sequence[Any], columns: tuple[str, str], asked: Asked) -> list[Datum]:
    if asked.then is None:
        return [Datum(None, reason=said("scoring.no_base_year"))] * 2
    if not before:
        return [Datum(None, reason=said("scoring.nothing_for_base", year=asked.then))] * 2
    return [_single(before, c) for c in columns]


def _materials(rule: Rule, asked: Asked) -> Measured:
    return _per_product(
        rule,
        asked,
        asked.values.material_use,
        material_per_product,
        ("amount", "qualified_output"),
        lambda line: (line.product or "", line.material or ""),
    )


def _energy(rule: Rule, asked: Asked) -> Measured:
    columns = ("energy", "qualified_output")
    lines = asked.values.energy_intensity
    return _per_product(rule, asked, lines, energy_per_product, columns, lambda line: (line.product or "",))


def _recyclable(rule: Rule, asked: Asked) -> Measured:
    columns = ("recoverable_mass", "total_mass")
    lines = asked.values.recyclability
    return _per_product(rule, asked, lines, recyclability, columns, lambda line: (line.product or "",))


def _intensity(rule: Rule, asked: Asked) -> Measured:
    column = f"{asked.emissions}_emissions"
    given = [
        _year(asked, name, year) for year in (asked.year, asked.then) for name in (column, "value_added")
    ]
    return _one(emission_reduction(*given), *scopes(asked.values, asked.year, asked.then))


def _footprints_fell(rule: Rule, asked: Asked) -> Measured:
    wanted, remarks = _key_products(asked)
    if not wanted:
        return Measured(gap=said("scoring.nothing_for_year", year=asked.year))
    parts = []
    for product in wanted:
        mine = [f for f in asked.values.product_footprint if (f.product or "") == product]
        now, then = (
            [f for f in mine if f.footprint_year == y and y is not None and _until(f.completed_on, asked)]
            for y in (asked.year, asked.then)
        )
        given = [_single(now, "amount"), _single(then, "amount")]
        if asked.then is None:
            given[1] = Datum(None, reason=said("scoring.no_base_year"))
        elif not then:
            given[1] = Datum(None, reason=said("scoring.nothing_for_base", year=asked.then))
        units = {f.functional_unit for f in (*now, *then)}
        if len(units) > 1:
            shown = tuple(sorted(u or "-" for u in units))
            given[0] = Datum(None, given[0].refs, said("scoring.other_unit", units=shown))
        output, measured_in = _outputs(asked, product)
        parts.append(Part(product, footprint_reduction(*given), output, measured_in))
    return Measured(tuple(parts), remarks)


def _key_products(asked: Asked) -> tuple[list[str], tuple[Said, ...]]:
    """The products whose footprint counts: the marked ones, or, where none is marked, all with a footprint."""
    marked = sorted(_bare(p.id) for p in asked.values.product if p.key_industrial_product)
    if marked:
        return marked, ()
    of_year = [f for f in asked.values.product_footprint if f.footprint_year == asked.year]
    return _products(of_year), (said("scoring.no_key_products"),) if of_year else ()


def _bare(name: str | None) -> str:
    return (name or "").partition(":")[2] or (name or "")


def _offsets(rule: Rule, asked: Asked) -> Measured:
    kept, left = asked.claims.offsets, asked.claims.left_offsets
    amount = _datum(kept, "quantity") if kept else Datum(Fraction(0) if left else None, left)
    emissions = _year(asked, f"{asked.offset_base}_emissions", asked.year)
    found, remarks = offset_ratio(amount, emissions), list(asked.claims.remarks_offset)
    if asked.offset_cap is not None and found.value is not None and found.value > asked.offset_cap:
        remarks.append(said("scoring.capped", value=found.value, cap=asked.offset_cap))
        text = f"min({asked.offset_cap}, {found.text})"
        found = replace(found, value=asked.offset_cap, text=text)
    return _one(found, *remarks, *scopes(asked.values, asked.year))


waste_energy_share = ratio("", "%", ("U", "waste_used", "tce"), ("A", "waste_available", "tce"))
low_energy_share = ratio("", "%", ("A_low", "low_energy_area", "m2"), ("A", "floor_area", "m2"))
footprint_share = ratio("", "%", ("n", "products_with_footprint", ""), ("N", "products", ""))
value_growth = Formula(
    "",
    "%",
    "{V_t} ÷ (({V_1} + {V_2} + {V_3}) ÷ 3) × 100",
    (
        Quantity("V_t", "value_added_now", "万元"),
        Quantity("V_1", "value_added_1", "万元"),
        Quantity("V_2", "value_added_2", "万元"),
        Quantity("V_3", "value_added_3", "万元"),
    ),
    (),
    lambda now, a, b, c: now / ((a + b + c) / 3) * HUNDRED,
)
limit_grade = Formula("", "", "{g}", (Quantity("g", "limit_grade", ""),), (), lambda grade: grade)
catalogue_count = Formula("", "", "{n}", (Quantity("n", "catalogues", ""),), (), lambda n: n)
entry_count = Formula("", "", "{n}", (Quantity("n", "entries", ""),), (), lambda n: n)


def _waste_energy(rule: Rule, asked: Asked) -> Measured:
    lines = _of_year(asked.values.waste_energy, asked.year)
    idle = [w.id for w in lines if w.utilised is False and w.used is None]
    using = [w for w in lines if w.id not in idle]
    used = (
        _datum(using, "used") if using or not lines else Datum(Fraction(0), tuple(w.id or "" for w in lines))
    )
    return _one(waste_energy_share(used, _datum(lines, "available")))


def _grades(rule: Rule, asked: Asked) -> Measured:
    lines = [e for e in _of_year(asked.values.energy_intensity, asked.year) if e.quota_exists is not False]
    if not lines:
        return Measured(gap=said("scoring.nothing_for_year", year=asked.year))
    parts = []
    for product in _products(lines):
        mine = [e for e in lines if (e.product or "") == product]
        refs = tuple(sorted(e.id or "" for e in mine))
        grade = GRADES.get(mine[0].quota_grade or "") if len(mine) == 1 and mine[0].quota_exists else None
        reason = said("scoring.ambiguous", records=refs) if len(mine) > 1 else None
        output, measured_in = _outputs(asked, product)
        found = limit_grade(Datum(None if grade is None else Fraction(grade), refs, reason))
        parts.append(Part(product, found, output, measured_in))
    return Measured(tuple(parts))


def _footprints(rule: Rule, asked: Asked) -> Measured:
    products = [p for p in asked.values.product if not p.is_service]
    if not products:
        return Measured(gap=said("scoring.no_products"))
    done = [
        f
        for f in asked.values.product_footprint
        if f.amount is not None and f.accounting_standard and _until(f.completed_on, asked)
    ]
    names = {_bare(p.id) for p in products}
    have = sorted(f.id or "" for f in done if (f.product or "") in names)
    made = len({f.product for f in done if (f.product or "") in names})
    every = Datum(Fraction(len(products)), tuple(sorted(p.id or "" for p in products)))
    return _one(footprint_share(Datum(Fraction(made), tuple(have)), every))


def _catalogues(rule: Rule, asked: Asked) -> Measured:
    lines = asked.values.technology
    if not lines:
        return Measured(gap=said("scoring.nothing_recorded"))
    listed = [
        t for t in lines if t.catalogue in CATALOGUES and t.catalogue_edition and t.entry_number and t.in_use
    ]
    refs = tuple(sorted(t.id or "" for t in listed))
    if rule.way == "entries":
        entries = {(t.catalogue, t.catalogue_edition, t.entry_number) for t in listed}
        return _one(entry_count(Datum(Fraction(len(entries)), refs)))
    return _one(catalogue_count(Datum(Fraction(len({t.catalogue for t in listed})), refs)))


def _low_energy(rule: Rule, asked: Asked) -> Measured:
    lines = asked.values.building
    low = [
        b
        for b in lines
        if b.energy_class in LOW_ENERGY
        and (b.class_state == "building" or (b.class_state == "done" and b.class_proof))
    ]
    area = _datum(low, "floor_area") if low else Datum(Fraction(0) if lines else None)
    return _one(low_energy_share(area, _datum(lines, "floor_area")))


def _growth(rule: Rule, asked: Asked) -> Measured:
    years = [asked.year - n for n in range(4)]
    given = [_year(asked, "value_added", y) for y in years]
    earlier = [g.value for g in given[1:]]
    if None not in earlier and not any(earlier):
        given[1] = Datum(None, given[1].refs, said("scoring.zero_denominator", name=_label("value_added")))
    return _one(value_growth(*given))


def _solid_waste(rule: Rule, asked: Asked) -> Measured:
    given: list[Datum] = []
    for year in (asked.year, asked.then) if rule.way != "level" else (asked.year,):
        lines = _of_year(asked.values.solid_waste, year)
        if year is None or not lines:
            reason = (
                said("scoring.no_base_year") if year is None else said("scoring.nothing_for_year", year=year)
            )
            given += [Datum(None, reason=reason)] * 2
            continue
        made, stock = (
            _datum(lines, "generated"),
            _datum([w for w in lines if w.utilised_from_stock is not None], "utilised_from_stock"),
        )
        if made.value is not None:
            made = replace(made, value=made.value + (stock.value or 0), reason=None)
        if stock.reason is not None:
            made = stock
        given += [_datum(lines, "utilised"), made]
    return _one(_WASTE[rule.way](*given))


def _given(rule: Rule, asked: Asked) -> Measured:
    stated = asked.values.given.get(rule.address)
    if stated is None:
        return Measured(gap=said("scoring.not_given"))
    number = Formula("", "", "{x}", (Quantity("x", "given", ""),), (), lambda x: x)
    return _one(number(stated.value), said("scoring.given_because", because=stated.because))


_MEASURES: dict[str, Callable[[Rule, Asked], Measured]] = {
    "B.1": _renewables,
    "B.2": _roofs,
    "B.3": _materials,
    "B.4": _recyclable,
    "B.5": _intensity,
    "B.6": _energy,
    "B.7": _footprints_fell,
    "B.8": _offsets,
    "waste_energy": _waste_energy,
    "limit_grade": _grades,
    "footprints": _footprints,
    "catalogues": _catalogues,
    "low_energy": _low_energy,
    "value_growth": _growth,
    "solid_waste": _solid_waste,
    "given": _given,
}
assert set(KINDS) <= set(Values.model_fields)
