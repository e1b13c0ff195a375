"""How much tCO2e one unit of an activity is: the method, the factor, the arithmetic. Exact fractions throughout.

A rate depends only on what is measured, in which unit and by which factor, never on the amount: the same rate serves
the exact inventory and the columnar one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from shall.engine.accounts.activity import Activity, Evidence, Record, Said, amount, factor_named, said
from shall.engine.accounts.factor_sets import CONFIDENCE, folded
from shall.engine.accounts.factors import (
    DENSITY,
    Basis,
    Factor,
    factor,
)
from shall.engine.accounts.units import decimal, exact, factor_between, unit
from shall.texts.errors import EvidenceError

COUNTED, EXPORTED, BIOGENIC, REMOVAL, MONTREAL = "counted", "exported", "biogenic", "removal", "montreal"
PARTS = (COUNTED, EXPORTED, BIOGENIC, REMOVAL, MONTREAL)
"""Where a line stands: only `counted` lines make the total; the others are told apart and never netted."""

GASES = {"hfcs": "HFCs", "pfcs": "PFCs", "sf6": "SF6", "nf3": "NF3", "ch4": "CH4", "n2o": "N2O", "co2": "CO2"}
_PERFLUORO = re.compile(r"^(CF4|C\d|cC4F8)")

MOLAR_VOLUME = Fraction(224, 10)
"""Litres of an ideal gas per mole at 0 degrees Celsius and 101.325 kPa, as the sector guidelines round it."""
MOLAR_MASS = {"carbon_dioxide": Fraction(44), "acetylene": Fraction(26)}
"""Grams per mole, rounded as the guidelines do."""
ACETYLENE_TO_CO2 = Fraction(2 * 44, 26)
"""C2H2 + 2.5 O2 = 2 CO2 + H2O."""

FACTOR_PERCENT: Mapping[str, Decimal] = {
    "high": Decimal(5), "medium-high": Decimal(5), "medium": Decimal(10), "low": Decimal(20),
    "measured": Decimal(2), "supplier": Decimal(5), "national": Decimal(5), "provincial": Decimal(5),
    "sector": Decimal(10), "international": Decimal(15), "database": Decimal(30), "stoichiometry": Decimal(1),
}  # fmt: skip
"""Half-width at 95 %, in percent, that we assume of a factor by confidence or origin; this project's own choice."""
UNKNOWN_PERCENT = Decimal(30)


HEAT = ("purchased_heat", "exported_heat")
MOST_HEAT = Decimal(4)
"""GJ in a tonne of steam beyond which the unit must be another: superheated steam of the hottest plants has 3.7."""


@dataclass(frozen=True, slots=True)
class Used:
    """The factor a line was made with, as the result keeps it."""

    key: str
    value: Fraction
    unit: str
    name: Mapping[str, str]
    source: Mapping[str, str]
    confidence: str
    year: int | None = None
    region: str | None = None

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "key": self.key,
            "value": format(decimal(self.value), "f"),
            "unit": self.unit,
            "name": dict(self.name),
            "source": dict(self.source),
            "confidence": self.confidence,
            "year": self.year,
            "region": self.region,
        }


@dataclass(frozen=True, slots=True)
class Rate:
    """tCO2e of one unit of measure; `by` says what the quantity is still multiplied with.

    `steps` is what follows the quantity in the arithmetic. `market` is the market-based rate of purchased electricity,
    `supplier` says that it is a supplier's own factor, which no certificate can improve.
    """

    per: Fraction
    method: str
    gas: str
    steps: str
    used: Used
    percent: Decimal
    part: str = COUNTED
    by: str = "quantity"
    market: Fraction | None = None
    market_used: Used | None = None
    supplier: bool = False
    readings: tuple[Said, ...] = ()


@dataclass
class Rates:
    """The rates of one basis and one organisation's own factors, each worked out once."""

    basis: Basis
    evidence: Evidence
    gas_at_standard: bool = False
    _known: dict[tuple[Any, ...], Rate | EvidenceError] = field(default_factory=dict)
    _names: list[tuple[str, str]] = field(default_factory=list)

    def key(self, activity: Activity) -> tuple[Any, ...]:
        """All that a rate depends on."""
        named = factor_named(self.evidence, activity)
        gas = self.refrigerant(activity) if activity.substance in ("refrigerant", "sf6") else None
        return (activity.source_class, activity.substance, activity.measure_unit, named, gas)

    def rate(self, activity: Activity) -> Rate:
        """The rate of an activity; raises EvidenceError where no factor fits or units do not."""
        key = self.key(activity)
        found = self._known.get(key)
        if found is None:
            try:
                found = self._made(activity, key[3], key[4])
            except EvidenceError as error:
                found = error
            self._known[key] = found
        if isinstance(found, EvidenceError):
            raise found
        return found

    def between(self, source: str, target: str) -> Fraction:
        """How many `target` one `source` is; gas volumes are read as standard only where that was stated."""
        return factor_between(source, target, gas_as_standard=self.gas_at_standard)

    def refrigerant(self, activity: Activity) -> str | None:
        """The fluorinated gas that name or note of a datum names, the longest name first."""
        if activity.substance == "sf6":
            return "SF6"
        text = folded(f"{activity.name} {activity.note or ''}")
        if not self._names:
            self._names = sorted(self._gas_names(), key=lambda pair: (-len(pair[0]), pair[0]))
        return next((what for name, what in self._names if name in text), None)

    def _gas_names(self) -> Iterable[tuple[str, str]]:
        for use in ("blend", "gwp"):
            chosen = self.basis.chosen.get(use)
            for value in chosen.set.values if chosen else ():
                if value.what not in ("CO2", "CH4", "N2O"):
                    yield from ((name, value.what) for name in value.names if len(name) > 2)

    def _made(self, activity: Activity, named: str | None, gas: str | None) -> Rate:
        if named is not None:
            own = self.evidence.one("emission_factor", named)
            if own is None:
                raise EvidenceError("inventory.unknown_factor", found=named)
            return self._own(activity, own, gas)
        return self._default(activity, gas)

    # The organisation's own factors.

    def _own(self, activity: Activity, own: Record, gas: str | None) -> Rate:
        """By a factor on record: its amount, else its parts, else its potential."""
        value, parts = amount(own.get("amount")), self._parts(own)
        if value is None and parts is None and activity.source_class in HEAT and own.get("heating_value"):
            return self._by_enthalpy(activity, own)
        measured = own.get("measure_unit")
        potential = amount(own.get("global_warming_potential"))
        if value is None and parts is None and potential is not None:
            value, measured = potential, "kgCO2e/kg"
        if value is not None and value < 0:
            raise EvidenceError("inventory.negative_factor", factor=own["id"], found=value)
        if value is None and parts is None:
            raise EvidenceError("inventory.empty_factor", factor=own["id"])
        if not measured:
            raise EvidenceError("inventory.factor_unit", factor=own["id"], found="-")
        above, below = _split(str(measured), str(own["id"]))
        product = parts[0] if parts else None
        if value is not None and product is not None:
            _agree(own, value, product)
        chosen = exact(value) if value is not None else product
        assert chosen is not None
        mass, kind, readings, potential_used = self._numerator(activity, own, above, gas)
        method = "own_factor" if value is not None else "own_parts"
        if potential_used is not None:
            method = "own_mass_of_gas"
        per, by, way = self._activity_in(activity, below)
        method = way or method
        told = f"× {_shown(value)} {measured}" if value is not None else parts[1] if parts else ""
        if potential_used is not None:
            told += f" × GWP {_shown(decimal(potential_used))}"
        source = {"zh": str(own.get("source_title") or own.get("name") or own["id"])}
        source["en"] = source["zh"]
        name = {lang: str(own.get("name") or own["id"]) for lang in ("zh", "en")}
        origin = str(own.get("factor_source") or "unknown")
        used = Used(
            f"emission_factor:{own['id']}",
            chosen,
            str(measured),
            name,
            source,
            origin,
            own.get("factor_year"),
        )
        part = self._part(activity, kind, own)
        readings = (*readings, *self._grid_differs(activity, used))
        market, market_used, supplier = self._market(activity, per * chosen * mass, used, origin)
        rate = Rate(
            per * chosen * mass, method, kind, told, used, FACTOR_PERCENT.get(origin, UNKNOWN_PERCENT), part, by,
            market, market_used, supplier, readings,
        )  # fmt: skip
        if supplier and activity.source_class == "purchased_electricity":
            return self._located(activity, rate)
        return rate

    def _by_enthalpy(self, activity: Activity, own: Record) -> Rate:
        """Steam by mass: the heat of a unit of it, on record as the heating value in GJ, times the factor of heat."""
        heat, measured = amount(own["heating_value"]), str(own.get("measure_unit") or "")
        below = _split(measured, str(own["id"]))[1] if measured else ""
        if heat is None or not 0 < heat <= MOST_HEAT or below != "t":
            fields = {"factor": own["id"], "found": heat, "unit": measured or "-", "most": MOST_HEAT}
            raise EvidenceError("inventory.enthalpy", **fields)
        made = self._set_rate(replace(activity, measure_unit="GJ"), factor(self.basis, "heat"), "heat")
        per = self.between(str(activity.measure_unit), "t") * exact(heat)
        told = f"× {_shown(heat)} GJ/t {made.steps}"
        remark = said("by_enthalpy", factor=own["id"], value=f"{_shown(heat)} GJ/t")
        return replace(made, per=per * made.per, steps=told, readings=(*made.readings, remark))

    def _parts(self, own: Record) -> tuple[Fraction, str] | None:
        """NCV x carbon x oxidation x 44/12 of a factor on record, where all three are there."""
        numbers = [amount(own.get(key)) for key in ("heating_value", "carbon_content", "oxidation_rate")]
        if any(n is None for n in numbers):
            return None
        ncv, carbon, oxidation = (n for n in numbers if n is not None)
        if not 50 <= oxidation <= 100:
            raise EvidenceError("inventory.oxidation", factor=own["id"], found=oxidation)
        _, _, below = str(own.get("measure_unit") or "").partition("/")
        told = f"× {_shown(ncv)} GJ/{below or '?'} × {_shown(carbon)} tC/GJ × {_shown(oxidation)}% × 44/12"
        return exact(ncv) * exact(carbon) * exact(oxidation) / 100 * Fraction(44, 12), told

    def _numerator(
        self, activity: Activity, own: Record, above: str, gas: str | None
    ) -> tuple[Fraction, str, tuple[Said, ...], Fraction | None]:
        """tCO2e of one unit above the line, the gas, readings, and the potential where a mass of gas is counted."""
        stated = own.get("gas")
        measures = dict(unit(above).dimension)
        if measures == {"co2": 1}:
            if stated not in (None, "co2"):
                raise EvidenceError("inventory.gas_and_unit", factor=own["id"], gas=stated, unit=above)
            return factor_between(above, "tCO2") * self._gwp("CO2"), "CO2", (), None
        if measures == {"co2e": 1}:
            if stated == "co2":
                raise EvidenceError("inventory.gas_and_unit", factor=own["id"], gas=stated, unit=above)
            kind = _group(gas) if gas else GASES.get(str(stated), "CO2e")
            return factor_between(above, "tCO2e"), kind, tuple(self._potential_differs(own, gas)), None
        if measures == {"mass": 1} and stated not in (None, "co2e"):
            potential = amount(own.get("global_warming_potential"))
            if potential is None:
                symbol = {"co2": "CO2", "ch4": "CH4", "n2o": "N2O", "sf6": "SF6", "nf3": "NF3"}.get(
                    str(stated), gas
                )
                if symbol is None:
                    raise EvidenceError("inventory.which_gas", name=activity.name)
                found = self._gwp(symbol)
            else:
                found = exact(potential)
            return factor_between(above, "t") * found, GASES[str(stated)], (), found
        raise EvidenceError("inventory.factor_unit", factor=own["id"], found=own.get("measure_unit"))

    def _potential_differs(self, own: Record, gas: str | None) -> Iterable[Said]:
        value = amount(own.get("global_warming_potential"))
        if gas is None or value is None:
            return
        try:
            ours = factor(self.basis, "gwp", gas)
        except EvidenceError:
            return
        if ours.exact != exact(value):
            fields = {"factor": own["id"], "found": _shown(value), "gas": gas, "ours": _shown(ours.value)}
            yield said("own_potential", **fields, set=f"{ours.set}@{ours.edition}")

    def _grid_differs(self, activity: Activity, used: Used) -> Iterable[Said]:
        """The remark that an own electricity factor stands in for another one of the methodology."""
        if activity.source_class not in ("purchased_electricity", "exported_electricity"):
            return
        if used.confidence == "supplier":
            return
        try:
            ours = factor(self.basis, "electricity_location")
        except EvidenceError:
            return
        if (ours.exact, ours.unit) != (used.value, used.unit):
            fields = {"factor": used.key, "found": f"{_shown(decimal(used.value))} {used.unit}"}
            yield said(
                "own_grid_factor",
                **fields,
                ours=f"{_shown(ours.value)} {ours.unit}",
                set=f"{ours.set}@{ours.edition}",
            )

    def _activity_in(self, activity: Activity, below: str) -> tuple[Fraction, str, str | None]:
        """How many of the factor's units one unit of measure is, what multiplies it, and the method that follows."""
        wanted = dict(unit(below).dimension)
        if activity.source_class == "transport" and activity.measure_unit:
            ours = dict(unit(activity.measure_unit).dimension)
            if wanted == {"mass": 1, "length": 1} and ours == {"mass": 1}:
                return (
                    factor_between(activity.measure_unit, "t") * factor_between("tkm", below),
                    "distance",
                    ("tonne_kilometres"),
                )
            if wanted == {"length": 1} and ours != wanted:
                return factor_between("km", below), "trips", "kilometres"
        if not activity.measure_unit:
            raise EvidenceError("inventory.no_unit", found="-")
        return self.between(activity.measure_unit, below), "quantity", None

    def _part(self, activity: Activity, gas: str, own: Record | None = None) -> str:
        match activity.source_class:
            case "exported_electricity" | "exported_heat":
                return EXPORTED
            case "recovery" | "sink":
                return REMOVAL
            case "biomass" if gas == "CO2":
                return BIOGENIC
            case "biomass" if gas == "CO2e":
                raise EvidenceError("inventory.biomass_gas", factor=own["id"] if own else "-")
        return MONTREAL if gas == "HCFCs" else COUNTED

    def _market(
        self, activity: Activity, per: Fraction, used: Used, origin: str
    ) -> tuple[Fraction | None, Used | None, bool]:
        """The market-based rate of purchased electricity: a supplier's factor, else the methodology's residual one."""
        if activity.source_class != "purchased_electricity":
            return None, None, False
        if origin == "supplier":
            return per, used, True
        if "electricity_market" not in self.basis.chosen:
            return None, None, False
        found = factor(self.basis, "electricity_market")
        return self._per(activity, found), _used(found), False

    def _located(self, activity: Activity, rate: Rate) -> Rate:
        """A supplier's factor is market-based only; the location-based rate is the grid's."""
        grid = self._set_rate(activity, factor(self.basis, "electricity_location"), "grid")
        readings = (*rate.readings, said("supplier_factor", factor=rate.used.key))
        return Rate(
            grid.per, grid.method, grid.gas, grid.steps, grid.used, grid.percent, COUNTED, "quantity",
            rate.market, rate.market_used, True, readings,
        )  # fmt: skip

    # Factors of the sets.

    def _default(self, activity: Activity, gas: str | None) -> Rate:
        kind, substance = activity.source_class, activity.substance
        if activity.measure_unit and dict(unit(activity.measure_unit).dimension) in ({"co2": 1}, {"co2e": 1}):
            return self._recorded(activity)
        match kind:
            case "purchased_electricity" | "exported_electricity":
                rate = self._set_rate(activity, factor(self.basis, "electricity_location"), "grid")
                market, used, _ = self._market(activity, rate.per, rate.used, "grid")
                return replace(rate, market=market, market_used=used)
            case "purchased_heat" | "exported_heat" if substance in (None, "heat", "steam"):
                if activity.measure_unit and _measures(activity.measure_unit) == {"mass": 1}:
                    raise EvidenceError("inventory.no_enthalpy", found=activity.measure_unit)
                return self._set_rate(activity, factor(self.basis, "heat"), "heat")
            case "stationary_combustion" | "mobile_combustion" if substance not in (
                None,
                "other",
                "other_fuel",
            ):
                return self._fuel(activity, str(substance))
            case "process" | "fugitive" if substance == "carbon_dioxide":
                return self._released(activity, Fraction(1), "co2_released", "all_released")
            case "process" | "stationary_combustion" if substance == "acetylene":
                return self._released(activity, ACETYLENE_TO_CO2, "acetylene", "all_burnt")
            case "process" if substance == "limestone":
                return self._set_rate(activity, factor(self.basis, "carbonate", "limestone"), "carbonate")
            case "process" | "fugitive" if substance in ("refrigerant", "sf6"):
                return self._refill(activity, gas)
        raise self._none(activity)

    def _fuel(self, activity: Activity, substance: str) -> Rate:
        found = factor(self.basis, "fuel", substance)
        if activity.measure_unit and dict(unit(activity.measure_unit).dimension) == {"energy": 1}:
            parts = {p.name: p.value for p in found.parts}
            per = parts["carbon"] * parts["oxidation"] * parts["carbon_to_co2"]
            told = f"× {_shown(decimal(parts['carbon']))} tC/GJ × {_percent(parts['oxidation'])} × 44/12"
            rate = self.between(activity.measure_unit, "GJ") * per * self._gwp("CO2")
            return Rate(rate, "fuel", "CO2", told, _used(found), _set_percent(found))
        if activity.measure_unit and _measures(activity.measure_unit) == {"length": 3}:
            return self._by_density(activity, found, substance)
        made = self._set_rate(activity, found, "fuel")
        ncv, carbon, oxidation, _ = found.parts
        told = (
            f"× {_shown(decimal(ncv.value))} {ncv.unit} × {_shown(decimal(carbon.value))} tC/GJ "
            f"× {_percent(oxidation.value)} × 44/12"
        )
        return replace(made, steps=told)

    def _by_density(self, activity: Activity, found: Factor, substance: str) -> Rate:
        """A liquid by volume, where the fuel's default is by mass and densities are allowed."""
        measured = str(activity.measure_unit)
        if _measures(_split(found.unit, found.set)[1]) != {"mass": 1}:
            return self._set_rate(activity, found, "fuel")
        name = {"zh": found.name.zh, "en": found.name.en}
        if DENSITY not in self.basis.chosen:
            raise EvidenceError("inventory.no_density", found=measured, **_two("name", name))
        density = factor(self.basis, DENSITY, substance)
        above, below = _split(density.unit, density.set)
        mass = self._fuel(replace(activity, measure_unit=above), substance)
        per = self.between(measured, below) * density.exact * mass.per
        told = f"× {_shown(density.value)} {density.unit} {mass.steps}"
        remark = said(
            "by_density",
            value=f"{_shown(density.value)} {density.unit}",
            set=f"{density.set}@{density.edition}",
            **_two("name", name),
            **_two("confidence", dict(zip(("zh", "en"), CONFIDENCE[density.confidence], strict=True))),
            **_two("source", {"zh": density.source.zh, "en": density.source.en}),
        )
        weakest = max(found.confidence, density.confidence, key=list(CONFIDENCE).index)
        used = replace(mass.used, confidence=weakest)
        percent = _together(mass.percent, _set_percent(density))
        return replace(
            mass, per=per, steps=told, used=used, percent=percent, readings=(*mass.readings, remark)
        )

    def _released(self, activity: Activity, ratio: Fraction, method: str, reading: str) -> Rate:
        """A gas that is wholly released or burnt: by its mass, or by its volume over the molar volume."""
        assert activity.measure_unit
        substance = str(activity.substance)
        told = "" if ratio == 1 else f" × {ratio.numerator}/{ratio.denominator}"
        source = {"zh": "化学计量关系", "en": "stoichiometry"}
        readings: tuple[Said, ...] = (said(reading),)
        measures = dict(unit(activity.measure_unit).dimension)
        if measures == {"mass": 1}:
            per = factor_between(activity.measure_unit, "t") * ratio
            used = Used("stoichiometry", ratio, "tCO2/t", _both(substance), source, "stoichiometry")
        else:
            mass = MOLAR_MASS[substance]
            litres = self.between(activity.measure_unit, "Nm3") * 1000
            per = litres / MOLAR_VOLUME * mass * ratio / 1_000_000
            told = f" ÷ 22.4 L/mol × {mass} g/mol{told}"
            readings = (*readings, said("molar_volume"))
            value = Fraction(1000) / MOLAR_VOLUME * mass * ratio / 1000
            used = Used("stoichiometry", value, "kgCO2/Nm3", _both(substance), source, "stoichiometry")
        percent = FACTOR_PERCENT["stoichiometry"]
        rate = per * self._gwp("CO2")
        return Rate(rate, method, "CO2", told.strip() or "× 1 tCO2/t", used, percent, readings=readings)

    def _refill(self, activity: Activity, gas: str | None) -> Rate:
        """What is refilled was lost: mass times potential."""
        if gas is None:
            raise EvidenceError("inventory.which_gas", name=activity.name)
        found = factor(self.basis, "gwp", gas)
        assert activity.measure_unit
        per = factor_between(activity.measure_unit, "t") * found.exact
        kind = _group(gas)
        told = f"× GWP {_shown(found.value)}"
        rate = Rate(
            per, "gas_refill", kind, told, _used(found), _set_percent(found), self._part(activity, kind)
        )
        return replace(rate, readings=(said("refill_is_loss", gas=gas),))

    def _recorded(self, activity: Activity) -> Rate:
        """A quantity that is itself an emission or a removal, in CO2 or CO2e."""
        assert activity.measure_unit
        co2 = "co2" in unit(activity.measure_unit).dimension
        target, gas = ("tCO2", "CO2") if co2 else ("tCO2e", "CO2e")
        per = factor_between(activity.measure_unit, target) * (self._gwp("CO2") if co2 else 1)
        source = {"zh": "记录值", "en": "as recorded"}
        used = Used("recorded", Fraction(1), f"{target}/{target}", source, source, "unknown")
        part = self._part(activity, gas)
        return Rate(per, "recorded", gas, "", used, Decimal(0), part, readings=(said("as_recorded"),))

    def _set_rate(self, activity: Activity, found: Factor, method: str) -> Rate:
        told = f"× {_shown(found.value)} {found.unit}"
        part = self._part(activity, "CO2")
        per = self._per(activity, found)
        gas = "CO2e" if found.gas == "CO2e" else "CO2"
        readings: tuple[Said, ...] = ()
        if found.rule == "latest_not_later" and found.year != self.basis.year:
            readings = (said("factor_year", found=found.year, year=self.basis.year, set=found.set),)
        return Rate(per, method, gas, told, _used(found), _set_percent(found), part, readings=readings)

    def _per(self, activity: Activity, found: Factor) -> Fraction:
        """tCO2e of one unit of measure by a factor of the sets."""
        above, below = _split(found.unit, found.set)
        if not activity.measure_unit:
            raise EvidenceError("inventory.no_unit", found="-")
        target = "tCO2e" if found.gas == "CO2e" else "tCO2"
        mass = factor_between(above, target) * (1 if found.gas == "CO2e" else self._gwp("CO2"))
        return self.between(activity.measure_unit, below) * found.exact * mass

    def _gwp(self, gas: str) -> Fraction:
        return factor(self.basis, "gwp", gas).exact

    def _none(self, activity: Activity) -> EvidenceError:
        """No factor: what the organisation's own register holds that might fit."""
        near = [
            str(own["id"])
            for own in self.evidence.of("emission_factor")
            if own.get("source_class") == activity.source_class
        ]
        fields = {"source_class": activity.source_class, "substance": activity.substance or "-"}
        return EvidenceError("inventory.no_factor", near=", ".join(near) or "-", **fields)


def _used(found: Factor) -> Used:
    name = {"zh": found.name.zh, "en": found.name.en}
    source = {"zh": found.source.zh, "en": found.source.en}
    key = f"{found.set}@{found.edition}:{found.what}"
    return Used(key, found.exact, found.unit, name, source, found.confidence, found.year, found.region)


def _set_percent(found: Factor) -> Decimal:
    return FACTOR_PERCENT.get(found.confidence, UNKNOWN_PERCENT)


def _together(one: Decimal, other: Decimal) -> Decimal:
    """The half-width of a product of two independent numbers, to a tenth of a percent."""
    with localcontext() as context:
        context.prec = 50
        return (one * one + other * other).sqrt().quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def _measures(text: str) -> dict[str, int]:
    return dict(unit(text).dimension)


def _two(name: str, text: Mapping[str, str]) -> dict[str, str]:
    """A text in both languages as fields of a sentence."""
    return {f"{name}_{lang}": told for lang, told in text.items()}


def _group(gas: str) -> str:
    """The group of gases that one belongs to; a blend of HFCs is HFCs."""
    if gas.startswith("HCFC"):
        return "HCFCs"
    if gas in ("SF6", "NF3", "SO2F2"):
        return gas
    return "PFCs" if _PERFLUORO.match(gas) else "HFCs"


def _split(measured: str, factor_id: str) -> tuple[str, str]:
    """Above and below the line of a factor's unit."""
    above, line, below = unit(measured).text.partition("/")
    below = below.replace("/", "*").strip()
    if below.startswith("(") and below.endswith(")"):
        below = below[1:-1]
    if not line or not above:
        raise EvidenceError("inventory.factor_unit", factor=factor_id, found=measured)
    return above, below


def _agree(own: Record, value: Decimal, product: Fraction) -> None:
    """An amount that stands beside its parts must be their product, rounded as it is printed."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if abs(Fraction(value) - product) > Fraction(10) ** exponent / 2:
        shown = format(decimal(product).quantize(Decimal(1).scaleb(min(exponent, 0) - 2)), "f")
        raise EvidenceError("inventory.two_values", factor=own["id"], found=value, product=shown)


def _both(text: str) -> dict[str, str]:
    from shall.evidence.kinds.carbon import SUBSTANCES

    zh, en = SUBSTANCES.get(text, (text, text))
    return {"zh": zh, "en": en}


def _percent(share: Fraction) -> str:
    return f"{_shown(decimal(share * 100))}%"


def _shown(value: Decimal | None) -> str:
    """A number without exponent."""
    return "" if value is None else format(value, "f")
