"""The inventory of one organisation and year: lines, totals, apart from them what is never netted.

A line's emission is rounded once, half to even, to ten places of a tonne; everything above a line is a sum of lines, so
that every level adds up to the last digit. Sums are made of whole numbers, never of rounded decimals.
"""

import calendar
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shall.engine import __version__
from shall.engine.accounts.activity import (
    CONTINUOUS,
    Activities,
    Activity,
    Evidence,
    Fault,
    InventoryFaults,
    Missing,
    Said,
    activities,
    amount,
    day,
    days_inside,
    fault,
    items,
    missing,
    said,
    series,
    years_recorded,
)
from shall.engine.accounts.factors import DENSITY, Basis, choose
from shall.engine.accounts.rates import (
    BIOGENIC,
    COUNTED,
    EXPORTED,
    MONTREAL,
    REMOVAL,
    Rate,
    Rates,
)
from shall.engine.accounts.units import decimal, exact, factor_between
from shall.engine.evaluation import canonical
from shall.evidence.kinds.carbon import SOURCE_CLASSES
from shall.texts.errors import EvidenceError

INVENTORY_FORMAT = 1
PLACES = 10
UNIT = 10**PLACES
LIMIT = 10**9 * UNIT
"""A single datum above 1e9 tCO2e is a mistake in its unit: the whole world emits some sixty times that."""

FILLS = ("none", "mean", "previous_year")

SCOPES: Mapping[str, tuple[str, str]] = {
    "1": ("范围 1 直接排放", "scope 1, direct"),
    "2": ("范围 2 能源间接排放", "scope 2, energy indirect"),
    "3": ("范围 3 其他间接排放", "scope 3, other indirect"),
}
CATEGORIES: Mapping[str, tuple[str, str]] = {
    "1": ("类别 1 直接排放和清除", "category 1, direct emissions and removals"),
    "2": ("类别 2 输入能源的间接排放", "category 2, indirect from imported energy"),
    "3": ("类别 3 运输的间接排放", "category 3, indirect from transport"),
    "4": ("类别 4 组织使用的产品的间接排放", "category 4, indirect from products used"),
    "5": ("类别 5 使用组织产品的间接排放", "category 5, indirect from the use of its products"),
    "6": ("类别 6 其他来源的间接排放", "category 6, indirect from other sources"),
}
PLACE: Mapping[str, tuple[str, str]] = {
    "stationary_combustion": ("1", "1"),
    "mobile_combustion": ("1", "1"),
    "process": ("1", "1"),
    "waste": ("1", "1"),
    "fugitive": ("1", "1"),
    "biomass": ("1", "1"),
    "purchased_electricity": ("2", "2"),
    "purchased_heat": ("2", "2"),
    "exported_electricity": ("2", "2"),
    "exported_heat": ("2", "2"),
    "transport": ("3", "3"),
    "purchased_goods": ("3", "4"),
    "product_use": ("3", "5"),
    "recovery": ("1", "1"),
    "sink": ("1", "1"),
}
"""Scope of the machinery draft (Tables C.1 and D.6) and category of ISO 14064-1:2018 by source class."""
_THIRD = {"transport": "3", "mobile_combustion": "3", "purchased_goods": "4", "product_use": "5"}


@dataclass(frozen=True, slots=True)
class Line:
    """One datum, or the part of it in the year; `emission` counts ten-billionths of a tonne of CO2e."""

    id: str
    activity: Activity
    part: str
    scope: str
    category: str
    rate: Rate
    emission: int
    market: int | None
    quantity: Decimal | None
    arithmetic: str
    item: tuple[str, ...]
    readings: tuple[Said, ...] = ()

    @property
    def source_class(self) -> str:
        """The datum's class."""
        return self.activity.source_class

    @property
    def month(self) -> str:
        """The month of the period inside the year, or first and last where it is longer."""
        one, other = self.activity.first.isoformat()[:7], self.activity.last.isoformat()[:7]
        return one if one == other else f"{one}/{other}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Green power that covers purchased electricity: megawatt hours in the year and the emission they take away."""

    record: str
    number: str
    power: Fraction
    counted: Fraction
    avoided: int
    readings: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """An offset, or a removal of a sink that no activity datum tells; in ten-billionths of a tonne."""

    record: str
    number: str
    quantity: int
    name: str


@dataclass(frozen=True)
class Inventory:
    """An inventory with all that it was made from."""

    evidence: Evidence
    basis: Basis
    year: int
    fill: str
    lines: Sequence[Line]
    certificates: Sequence[Certificate]
    sinks: Sequence[Removed]
    offsets: Sequence[Removed]
    data: Activities
    gaps: Mapping[tuple[str, ...], Sequence[Missing]]
    unfilled: Sequence[Said]
    readings: Sequence[Said]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    continuous: int = 0
    """Items that should have data all year: those of the continuous classes."""

    def part(self, name: str) -> list[Line]:
        """The lines of one part, the counted ones say."""
        return [line for line in self.lines if line.part == name]

    def total(self, part: str = COUNTED) -> int:
        """The sum of a part's lines; location-based."""
        return sum(line.emission for line in self.lines if line.part == part)

    @property
    def market_total(self) -> int | None:
        """The counted total with electricity market-based; None where no such factor is named."""
        counted = self.part(COUNTED)
        power = [line for line in counted if line.source_class == "purchased_electricity"]
        if any(line.market is None for line in power):
            return None
        before = sum(line.emission if line.market is None else line.market for line in counted)
        return before - sum(c.avoided for c in self.certificates)

    def by(self, key: Callable[[Line], str]) -> dict[str, int]:
        """The counted lines summed by a key; the values add up to the total."""
        found: dict[str, int] = {}
        for line in self.part(COUNTED):
            found[key(line)] = found.get(key(line), 0) + line.emission
        return dict(sorted(found.items()))


LEVELS: Mapping[str, Callable[[Line], str]] = {
    "source_class": lambda line: line.source_class,
    "source": lambda line: line.activity.source or line.activity.name,
    "scope": lambda line: line.scope,
    "category": lambda line: line.category,
    "gas": lambda line: line.rate.gas,
    "site": lambda line: line.activity.site or "-",
    "unit": lambda line: line.activity.unit or "-",
    "month": lambda line: line.month,
}


def build(
    evidence: Evidence,
    basis: Basis,
    *,
    fill: str = "none",
    gas_at_standard: bool = False,
) -> Inventory:
    """The inventory of the basis' year; raises InventoryFaults with everything that is wrong."""
    if fill not in FILLS:
        raise EvidenceError("inventory.unknown_fill", found=fill, allowed=", ".join(FILLS))
    year = basis.year
    data = activities(evidence, year)
    faults = list(data.faults)
    if not data.taken and not faults:
        recorded = ", ".join(map(str, years_recorded(evidence))) or "-"
        raise EvidenceError("inventory.nothing", year=year, years=recorded)
    rates = Rates(basis, evidence, gas_at_standard)
    groups = items(evidence, data.taken)
    keys = {one.id: key for key, group in groups.items() for one in group}
    joined = series(groups)
    running = {key: group for key, group in joined.items() if group[0].source_class in CONTINUOUS}
    gaps = {key: found for key, group in running.items() if (found := missing(group, year))}
    filled, unfilled = _fill(evidence, joined, gaps, year, fill)
    lines: list[Line] = []
    for one in [*data.taken, *filled]:
        try:
            lines.append(line(one, rates, evidence, keys.get(one.id.partition("#")[0], one.item())))
        except EvidenceError as error:
            faults.append(Fault(one.record, error))
    certificates, more = _certificates(evidence, year, lines)
    offsets, wrong = _offsets(evidence, year)
    sinks = _sinks(evidence, year, data.taken)
    faults += [*more, *wrong]
    if faults:
        raise InventoryFaults(_once(faults), year)
    lines = _maybe_twice(lines, evidence)
    lines.sort(key=lambda one: (one.source_class, one.item, one.activity.start, one.id))
    remarks = [said("gas_at_standard")] if gas_at_standard else []
    return Inventory(
        evidence, basis, year, fill, lines, certificates, sinks, offsets, data, gaps, unfilled, remarks,
        _names(evidence), len(running),
    )  # fmt: skip


def _maybe_twice(lines: Sequence[Line], evidence: Evidence) -> list[Line]:
    """The lines; those of a sub-meter behind a meter of the site whose reading counts too carry a remark."""

    def place(x: Line) -> tuple[str, str | None, str | None]:
        return x.source_class, x.activity.substance, x.activity.site

    def level(x: Line) -> object:
        meter = evidence.one("meter", x.activity.meter)
        return meter.get("metering_level") if meter else None

    whole = {place(x): x for x in lines if level(x) == "site"}
    found = []
    for x in lines:
        main = whole.get(place(x)) if level(x) in ("sub_unit", "equipment") else None
        if main is None:
            found.append(x)
            continue
        remark = said("maybe_twice", meter=x.activity.meter, main=main.activity.meter)
        found.append(replace(x, readings=(*x.readings, remark)))
    return found


def _once(faults: Iterable[Fault]) -> list[Fault]:
    """Faults that differ only in the record told once, with the records joined."""
    found: dict[str, list[Fault]] = {}
    for one in faults:
        found.setdefault(one.error.text("en"), []).append(one)
    return [replace(group[0], record=_several([f.record for f in group])) for group in found.values()]


def _several(records: Sequence[str]) -> str:
    shown = ", ".join(records[:3])
    return shown if len(records) <= 3 else f"{shown} (+{len(records) - 3})"


def scaled(value: Fraction) -> int:
    """Tonnes as a whole number of ten-billionths, half to even."""
    whole: int = round(value * UNIT)
    return whole


def tonnes(value: int) -> Decimal:
    """The exact decimal of a whole number of ten-billionths."""
    return Decimal(f"{value}E-{PLACES}")


def plain(value: int) -> str:
    """Tonnes as text, all digits, no exponent, no idle zeros."""
    text = format(tonnes(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def factors_of(activity: Activity, rate: Rate) -> Fraction:
    """What the rate is multiplied with: the quantity, with distance or trips where the rate says so; by days."""
    match rate.by:
        case "distance":
            if activity.distance is None:
                raise EvidenceError("inventory.no_distance", name=activity.name)
            return exact(activity.quantity or Decimal(0)) * exact(activity.distance) * activity.share
        case "trips":
            if activity.distance is None or activity.trips is None:
                raise EvidenceError("inventory.no_distance", name=activity.name)
            return exact(activity.distance) * activity.trips * activity.share
    return exact(activity.quantity or Decimal(0)) * activity.share


def line(activity: Activity, rates: Rates, evidence: Evidence, item: tuple[str, ...]) -> Line:
    """The line of one datum; raises EvidenceError where it cannot be accounted."""
    if activity.removal is not None and activity.source_class in ("recovery", "sink"):
        return _removal(activity, rates, item)
    if activity.quantity is None:
        return _as_recorded(activity, rates, evidence, item)
    rate = rates.rate(activity)
    times = factors_of(activity, rate)
    emission = scaled(times * rate.per)
    market = scaled(times * rate.market) if rate.market is not None else None
    if rate.part == EXPORTED:
        emission = -emission
    scope, category, moved = placed(activity, evidence)
    readings = (*activity.readings, *rate.readings, *moved, *_sized(emission, activity))
    told = _told(activity, rate, emission)
    return Line(
        activity.id, activity, rate.part, scope, category, rate, emission, market, activity.quantity, told, item,
        readings,
    )  # fmt: skip


def _sized(emission: int, activity: Activity) -> Iterable[Said]:
    """The remark that an emission is too small for ten places; raises EvidenceError for one beyond all measure."""
    if abs(emission) > LIMIT:
        fields = {"found": plain(emission), "quantity": format(activity.quantity or 0, "f")}
        raise EvidenceError("inventory.too_large", **fields, unit=activity.measure_unit)
    if not emission and activity.quantity:
        yield said("tiny", places=PLACES)


def _told(activity: Activity, rate: Rate, emission: int) -> str:
    """The arithmetic in one line."""
    quantity = format(activity.quantity, "f") if activity.quantity is not None else ""
    parts = [f"{quantity} {activity.measure_unit}"]
    if rate.by == "distance":
        parts.append(f"× {format(activity.distance or 0, 'f')} km")
    elif rate.by == "trips":
        parts = [f"{activity.trips} × {format(activity.distance or 0, 'f')} km"]
    if activity.inside < activity.days:
        parts.append(f"× {activity.inside}/{activity.days} d")
    if rate.steps:
        parts.append(rate.steps)
    return f"{' '.join(parts)} = {plain(emission)} tCO2e"


def _removal(activity: Activity, rates: Rates, item: tuple[str, ...]) -> Line:
    """A removal or recovery as recorded, in tCO2e."""
    found = exact(activity.removal or Decimal(0)) * activity.share
    rate = rates.rate(replace(activity, measure_unit="tCO2e", factor=None, source=None, substance=None))
    rate = replace(rate, method="recorded_removal", part=REMOVAL)
    told = f"{format(activity.removal or 0, 'f')} tCO2e = {plain(scaled(found))} tCO2e"
    return Line(
        activity.id, activity, REMOVAL, "1", "1", rate, scaled(found), None, activity.removal, told, item,
        (*activity.readings, *rate.readings),
    )  # fmt: skip


def _as_recorded(activity: Activity, rates: Rates, evidence: Evidence, item: tuple[str, ...]) -> Line:
    """A datum with an emission and no quantity: taken as recorded, which is said."""
    if activity.emission is None:
        raise EvidenceError("inventory.no_quantity")
    as_emission = replace(
        activity, quantity=activity.emission, measure_unit="tCO2e", factor=None, source=None, substance=None
    )
    made = line(as_emission, rates, evidence, item)
    scope, category, moved = placed(activity, evidence)
    return replace(made, activity=activity, scope=scope, category=category, readings=(*made.readings, *moved))


def placed(activity: Activity, evidence: Evidence) -> tuple[str, str, tuple[Said, ...]]:
    """Scope and category: those of the class, unless the source on record is in another scope."""
    usual = PLACE.get(activity.source_class)
    source = evidence.one("emission_source", activity.source)
    stated = str(source["scope"]) if source and source.get("scope") else None
    if stated is None and usual is None:
        raise EvidenceError("inventory.no_scope", source_class=activity.source_class)
    if usual and stated in (None, usual[0]):
        return *usual, ()
    assert stated is not None
    category = stated if stated in ("1", "2") else _THIRD.get(activity.source_class, "6")
    moved = (said("scope_of_source", source=activity.source, scope=stated),) if usual else ()
    return stated, category, moved


def _fill(
    evidence: Evidence,
    groups: Mapping[tuple[str, ...], Sequence[Activity]],
    gaps: Mapping[tuple[str, ...], Sequence[Missing]],
    year: int,
    rule: str,
) -> tuple[list[Activity], list[Said]]:
    """Data for the days nobody recorded, by the rule chosen, and what could not be filled."""
    if rule == "none":
        return [], []
    before = series(items(evidence, activities(evidence, year - 1).taken)) if rule == "previous_year" else {}
    made: list[Activity] = []
    open_: list[Said] = []
    for key, found in gaps.items():
        group = [a for a in groups[key] if a.quantity is not None]
        for gap in found:
            guess = _mean(group, gap) if rule == "mean" else _last_year(before.get(key, ()), gap, year)
            if guess is None or not group:
                open_.append(said("not_filled", name=groups[key][0].name, month=f"{year}-{gap.month:02}"))
                continue
            value = Decimal(f"{scaled(guess)}E-{PLACES}")
            made.append(_made_up(group[-1], gap, year, value, rule))
    return made, open_


def _mean(group: Sequence[Activity], gap: Missing) -> Fraction | None:
    """The daily mean of the days recorded, times the days missing."""
    days = sum(a.inside for a in group)
    whole = sum((exact(a.quantity or Decimal(0)) * a.share for a in group), Fraction())
    return whole / days * gap.days if days else None


def _last_year(group: Sequence[Activity], gap: Missing, year: int) -> Fraction | None:
    """The same month of the year before, by days; None where it is not recorded in full."""
    length = calendar.monthrange(year - 1, gap.month)[1]
    first, last = date(year - 1, gap.month, 1), date(year - 1, gap.month, length)
    days, whole = 0, Fraction()
    for one in group:
        shared = max(0, (min(one.end, last) - max(one.start, first)).days + 1)
        days += shared
        whole += exact(one.quantity or Decimal(0)) * Fraction(shared, one.days)
    return whole * Fraction(gap.days, gap.of) if days == length else None


def _made_up(model: Activity, gap: Missing, year: int, value: Decimal, rule: str) -> Activity:
    start, end = date(year, gap.month, 1), date(year, gap.month, gap.of)
    reading = said(f"filled_{rule}", days=gap.days, month=f"{year}-{gap.month:02}")
    return replace(
        model,
        id=f"{model.id}#{year}-{gap.month:02}",
        start=start,
        end=end,
        first=start,
        last=end,
        quantity=value,
        emission=None,
        origin="estimated",
        document=None,
        filled=rule,
        readings=(reading,),
    )


def _certificates(
    evidence: Evidence, year: int, lines: Sequence[Line]
) -> tuple[list[Certificate], list[Fault]]:
    """Green power counted once each against electricity bought at the residual factor, and double uses."""
    faults = list(_double_uses(evidence))
    power = [
        x for x in lines if x.source_class == "purchased_electricity" and x.rate.market is not None
        and not x.rate.supplier
    ]  # fmt: skip
    bought = sum(
        (factors_of(x.activity, x.rate) * factor_between(str(x.activity.measure_unit), "MWh") for x in power),
        Fraction(),
    )
    whole = sum(x.market or 0 for x in power)
    made: list[Certificate] = []
    left, covered = bought, Fraction()
    for record, number, megawatts, readings in _green(evidence, year):
        counted = min(megawatts, left)
        left -= counted
        over = (said("more_than_bought", number=number),) if counted < megawatts else ()
        before, covered = covered, covered + counted
        avoided = _of_whole(whole, covered, bought) - _of_whole(whole, before, bought)
        made.append(Certificate(record, number, megawatts, counted, avoided, (*readings, *over)))
    return made, faults


def _of_whole(whole: int, part: Fraction, of: Fraction) -> int:
    """The share of an emission that part of the power stands for: all of it where all is covered."""
    return round(whole * part / of) if of else 0


def _green(evidence: Evidence, year: int) -> Iterable[tuple[str, str, Fraction, tuple[Said, ...]]]:
    """Green power by certificate or contract: megawatt hours of the year, nought with a reason where none counts."""
    for one in evidence.of("green_certificate"):
        if one.get("used_as") == "offset":
            continue
        number = str(one.get("certificate_number") or one["id"])
        start, end = day(one.get("period_from")), day(one.get("period_until"))
        record = f"green_certificate:{one['id']}"
        if start is None or end is None:
            yield record, number, Fraction(), (said("certificate_period"),)
            continue
        inside = days_inside(start, end, year)
        if not inside:
            continue
        if one.get("certificate_type") != "green_power_trade" and not one.get("cancelled_on"):
            yield record, number, Fraction(), (said("certificate_open"),)
            continue
        share = Fraction(inside, (end - start).days + 1)
        readings = (
            ()
            if share == 1
            else (said("crosses_year", inside=inside, days=(end - start).days + 1, year=year),)
        )
        yield record, number, exact(amount(one.get("quantity")) or Decimal(0)) * share, readings
    held = {str(r.get("certificate_number")) for r in evidence.of("green_certificate")} - {"None"}
    for supply in evidence.of("renewable_supply"):
        contract = supply.get("route") in ("market", "direct_line") and supply.get("data_year") == year
        if not contract or supply.get("green_certificate") or str(supply.get("proof_number")) in held:
            continue
        number = str(supply.get("proof_number") or supply["id"])
        megawatts = exact(amount(supply.get("power")) or Decimal(0))
        yield f"renewable_supply:{supply['id']}", number, megawatts, (said("by_contract"),)


def _double_uses(evidence: Evidence) -> Iterable[Fault]:
    """One certificate number on two records, and a certificate that an offset uses as well."""
    seen: dict[str, str] = {}
    certificates = {str(r["id"]): r for r in evidence.of("green_certificate")}
    for kind, column in (("green_certificate", "certificate_number"), ("offset", "serial_number")):
        for one in evidence.of(kind):
            number = _number(one.get(column))
            here = f"{kind}:{one['id']}"
            if number and number in seen:
                yield fault(f"{seen[number]}, {here}", "used_twice", number=one.get(column))
            elif number:
                seen[number] = here
    used: dict[str, str] = {}
    for one in evidence.of("offset"):
        named = one.get("green_certificate")
        here = f"offset:{one['id']}"
        if named and named in used:
            yield fault(f"{used[named]}, {here}", "used_twice", number=named)
        elif named:
            used[str(named)] = here
            held = certificates.get(str(named))
            if held is not None and held.get("used_as") in ("renewable_energy", "market"):
                number = held.get("certificate_number") or named
                yield fault(f"green_certificate:{named}, {here}", "used_twice", number=number)
    proofs: dict[str, str] = {}
    for one in evidence.of("renewable_supply"):
        key = _number(one.get("green_certificate")) or _number(one.get("proof_number"))
        here = f"renewable_supply:{one['id']}"
        if key and key in proofs:
            yield fault(f"{proofs[key]}, {here}", "used_twice", number=key)
        elif key:
            proofs[key] = here


def _number(value: Any) -> str:
    return "".join(str(value).split()).casefold() if value else ""


def _offsets(evidence: Evidence, year: int) -> tuple[list[Removed], list[Fault]]:
    """Offsets of emissions of the year; apart from the total, whatever they are."""
    made: list[Removed] = []
    faults: list[Fault] = []
    for one in evidence.of("offset"):
        record = f"offset:{one['id']}"
        start, end = day(one.get("period_from")), day(one.get("period_until"))
        quantity = amount(one.get("quantity"))
        if quantity is not None and quantity < 0:
            faults.append(fault(record, "negative", column="quantity", found=quantity))
            continue
        if start is None or end is None:
            faults.append(fault(record, "no_period"))
            continue
        inside = days_inside(start, end, year)
        if inside:
            value = scaled(exact(quantity or Decimal(0)) * Fraction(inside, (end - start).days + 1))
            number, name = str(one.get("serial_number") or ""), str(one.get("credit_project") or "")
            made.append(Removed(record, number, value, name))
    return made, faults


def _sinks(evidence: Evidence, year: int, taken: Sequence[Activity]) -> list[Removed]:
    """Removals of sinks on record that no activity datum tells; a purchased sink is an offset and not here."""
    told = {a.sink for a in taken if a.sink}
    made = []
    for one in evidence.of("carbon_sink"):
        if one["id"] in told or one.get("sink_class") == "purchased" or one.get("removals") is None:
            continue
        period = evidence.one("carbon_inventory", one.get("carbon_inventory")) or one
        if not one.get("period_from"):
            start, end = day(period.get("period_from")), day(period.get("period_until"))
        else:
            start, end = day(one.get("period_from")), day(one.get("period_until"))
        if start is None or end is None or not (inside := days_inside(start, end, year)):
            continue
        value = exact(amount(one["removals"]) or Decimal(0)) * Fraction(inside, (end - start).days + 1)
        made.append(
            Removed(f"carbon_sink:{one['id']}", "", scaled(value), str(one.get("title") or one["id"]))
        )
    return made


def _names(evidence: Evidence) -> dict[str, dict[str, str]]:
    """Names of sites, units and sources by id."""
    return {
        kind: {str(r["id"]): str(r.get("name") or r.get("title") or r["id"]) for r in evidence.of(kind)}
        for kind in ("site", "unit", "emission_source")
    }


# The plain value.


def result(inventory: Inventory) -> dict[str, Any]:
    """The inventory as a plain value in the shape of `schema.InventoryResult`; the same bytes for the same inputs."""
    from shall.engine.accounts.quality import quality
    from shall.engine.accounts.views import comparisons, intensities

    profile = next(iter(inventory.evidence.of("organisation")), {})
    total = inventory.total()
    body: dict[str, Any] = {
        "format": INVENTORY_FORMAT,
        "organisation": {"id": inventory.evidence.organisation, "name": profile.get("name")},
        "year": inventory.year,
        "unit": "tCO2e",
        "places": PLACES,
        "fill": inventory.fill,
        "basis": _basis(inventory.basis),
        "totals": totals(inventory),
        "breakdown": {level: _level(inventory, level, function, total) for level, function in LEVELS.items()},
        "lines": [_line(one) for one in inventory.lines],
        "market": _market(inventory),
        "apart": {
            "sinks": [_removed(one) for one in inventory.sinks],
            "offsets": [_removed(one) for one in inventory.offsets],
        },
        "intensities": intensities(inventory),
        "comparisons": comparisons(inventory),
        "quality": quality(inventory),
        "left_out": {reason: list(ids) for reason, ids in sorted(inventory.data.left_out.items())},
        "readings": [one.both() for one in inventory.readings],
    }
    sequence, head = inventory.evidence.position
    body["receipt"] = {
        "software": f"shall {__version__}",
        "methodology": f"{inventory.basis.methodology.key}@{inventory.basis.methodology.edition}",
        "sets": {c.set.reference: c.set.digest for c in inventory.basis.chosen.values()},
        "evidence": {"organisation": inventory.evidence.organisation, "position": sequence, "head": head},
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }
    return body


def _level(inventory: Inventory, level: str, key: Callable[[Line], str], total: int) -> list[dict[str, Any]]:
    return [
        {"key": k, "label": label(inventory, level, k), "emission": plain(v), "share": share(v, total)}
        for k, v in inventory.by(key).items()
    ]


def totals(inventory: Inventory) -> dict[str, Any]:
    """The counted total, location- and market-based, and what stands apart from it."""
    market = inventory.market_total
    sinks = sum(one.quantity for one in inventory.sinks)
    return {
        "emissions": plain(inventory.total()),
        "emissions_market": plain(market) if market is not None else None,
        EXPORTED: plain(inventory.total(EXPORTED)),
        BIOGENIC: plain(inventory.total(BIOGENIC)),
        MONTREAL: plain(inventory.total(MONTREAL)),
        "removals": plain(inventory.total(REMOVAL) + sinks),
        "offsets": plain(sum(one.quantity for one in inventory.offsets)),
    }


def share(value: int, total: int) -> str | None:
    """A share in percent to two places, half to even; None of nothing."""
    if not total:
        return None
    return format(Decimal(f"{round(Fraction(value, total) * 10_000)}E-2"), "f")


def label(inventory: Inventory, level: str, key: str) -> dict[str, str]:
    """What a key of a breakdown is called."""
    table = {"source_class": SOURCE_CLASSES, "scope": SCOPES, "category": CATEGORIES}.get(level)
    if table and key in table:
        return {"zh": table[key][0], "en": table[key][1]}
    kind = "emission_source" if level == "source" else level
    name = inventory.names.get(kind, {}).get(key, key)
    return {"zh": name, "en": name}


def _basis(basis: Basis) -> dict[str, Any]:
    made = basis.stamp()
    because = {
        use: {"zh": c.choice.because.zh, "en": c.choice.because.en, "set": c.set.reference,
              "title": {"zh": c.set.title.zh, "en": c.set.title.en}}
        for use, c in basis.chosen.items()
    }  # fmt: skip
    title = basis.methodology.title
    return {**made, "title": {"zh": title.zh, "en": title.en}, "because": because}


def _line(one: Line) -> dict[str, Any]:
    activity, rate = one.activity, one.rate
    return {
        "id": one.id,
        "record": activity.record,
        "name": activity.name,
        "source_class": activity.source_class,
        "substance": activity.substance,
        "source": activity.source,
        "part": one.part,
        "scope": one.scope,
        "category": one.category,
        "gas": rate.gas,
        "site": activity.site,
        "unit": activity.unit,
        "period": {"from": activity.first.isoformat(), "until": activity.last.isoformat()},
        "quantity": format(one.quantity, "f") if one.quantity is not None else None,
        "measure_unit": activity.measure_unit,
        "method": rate.method,
        "factor": rate.used.plain(),
        "emission": plain(one.emission),
        "emission_market": plain(one.market) if one.market is not None else None,
        "arithmetic": one.arithmetic,
        "filled": activity.filled,
        "recorded": format(activity.emission, "f") if activity.emission is not None else None,
        "readings": [r.both() for r in one.readings],
    }


def _market(inventory: Inventory) -> dict[str, Any] | None:
    total = inventory.market_total
    if total is None:
        return None
    power = [x for x in inventory.part(COUNTED) if x.source_class == "purchased_electricity"]
    used = next((x.rate.market_used for x in power if x.rate.market_used and not x.rate.supplier), None)
    return {
        "location": plain(sum(x.emission for x in power)),
        "before_certificates": plain(sum(x.market or 0 for x in power)),
        "certificates": [
            {
                "record": c.record,
                "number": c.number,
                "power": format(decimal(c.power), "f"),
                "counted": format(decimal(c.counted), "f"),
                "avoided": plain(c.avoided),
                "readings": [r.both() for r in c.readings],
            }
            for c in inventory.certificates
        ],
        "residual": used.plain() if used else None,
        "total": plain(total),
    }


def _removed(one: Removed) -> dict[str, Any]:
    return {"record": one.record, "number": one.number, "name": one.name, "quantity": plain(one.quantity)}


def previous(inventory: Inventory) -> Inventory | Said:
    """The year before by the same methodology and evidence, or why it cannot be computed."""
    densities = inventory.basis.chosen.get(DENSITY)
    try:
        basis = choose(
            inventory.basis.methodology.key,
            inventory.year - 1,
            inventory.basis.region,
            known=inventory.basis.library,
            densities=densities.set.key if densities else None,
        )
        return build(inventory.evidence, basis)
    except InventoryFaults as error:
        return said("previous_faults", count=len(error.faults))
    except EvidenceError:
        return said("previous_none", year=inventory.year - 1)
