"""Activity data as the evidence records them: read, held against each other, cut to the inventory year.

Whatever is wrong is collected as faults and told at once; whatever was read in a way the record does not force is kept
as a reading beside the datum. Only records without a status, or approved ones, are evidence.
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from shall.evidence.store import Store
from shall.texts import say
from shall.texts.errors import EvidenceError

KINDS = (
    "activity_datum", "emission_factor", "emission_source", "carbon_sink", "carbon_inventory", "meter", "calibration",
    "product_output", "performance_parameter", "parameter_value", "baseline", "factory_year", "green_certificate",
    "renewable_supply", "offset", "data_quality_check", "site", "unit", "organisation", "significant_energy_use",
    "data_item", "carbon_asset",
)  # fmt: skip
"""What an inventory and its tables read."""

Record = Mapping[str, Any]

CONTINUOUS = frozenset(
    ("stationary_combustion", "mobile_combustion", "process", "waste", "purchased_electricity", "purchased_heat",
     "exported_electricity", "exported_heat", "biomass")
)  # fmt: skip
"""Classes that run all year: months without a datum are missing. The others happen now and then."""

GRID_BOUND = frozenset(("purchased_electricity", "purchased_heat", "exported_electricity", "exported_heat"))
"""Classes read from a meter and settled by period: two data of one period are never two deliveries."""

BESIDE_CO2 = ("ch4", "n2o")
"""Gases that one quantity gives off beside CO2, each by a factor and so by a datum of its own."""

DELIVERED = frozenset(("invoice", "stocktake", "supplier"))
ACCOUNTED = (None, "activity_level")
"""Categories of data whose quantity is an activity; others (intensities, running hours ...) are left out."""


@dataclass(frozen=True, slots=True)
class Said:
    """A remark on a datum: a key of the catalogue and its fields."""

    key: str
    fields: Mapping[str, object]

    def text(self, lang: str) -> str:
        """The remark in that language."""
        return say(self.key, lang, **self.fields)

    def both(self) -> dict[str, str]:
        """The remark in both languages."""
        return {"zh": self.text("zh"), "en": self.text("en")}


def said(key: str, /, **fields: object) -> Said:
    """A remark; the key is given without its area."""
    return Said(f"inventory.{key}", fields)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the record named (`kind:id`, or several)."""

    record: str
    error: EvidenceError

    def text(self, lang: str) -> str:
        """Record and message on one line, further lines of the message below."""
        return f"{self.record}{'：' if lang == 'zh' else ': '}{self.error.text(lang)}"


def fault(record: str, key: str, /, **fields: object) -> Fault:
    """A fault of a record; the key is given without its area."""
    return Fault(record, EvidenceError(f"inventory.{key}", **fields))


class InventoryFaults(EvidenceError):
    """An inventory that cannot be made, with everything found wrong in its evidence."""

    def __init__(self, faults: Iterable[Fault], year: int) -> None:
        self.faults = sorted(faults, key=lambda f: (f.record, f.error.key))
        super().__init__("inventory.faults", count=len(self.faults), year=year)

    def text(self, lang: str) -> str:
        """Every fault below a head line."""
        lines = [line for f in self.faults for line in f.text(lang).splitlines()]
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {line}" for line in lines)])


@dataclass(frozen=True)
class Evidence:
    """The records an inventory rests on, by kind, as they stood at one ledger position."""

    organisation: str
    records: Mapping[str, Sequence[Record]]
    position: tuple[int, str]

    def of(self, kind: str) -> Sequence[Record]:
        """The records of a kind, by id."""
        return self.records.get(kind, ())

    @cached_property
    def _index(self) -> dict[str, dict[str, Record]]:
        return {kind: {str(r["id"]): r for r in found} for kind, found in self.records.items()}

    def one(self, kind: str, name: str | None) -> Record | None:
        """The record of that id, if there is one."""
        return self._index.get(kind, {}).get(name) if name else None


def read(store: Store, organisation: str, known: int | None = None) -> Evidence:
    """The organisation's records of the kinds an inventory reads, all as of one ledger position."""
    position = store.position() if known is None else store.position_at(known)
    found = {
        kind: [r for r in store.records(kind, organisation, known=position[0]) if _counts(r)]
        for kind in KINDS
    }
    return Evidence(organisation, found, position)


def _counts(record: Record) -> bool:
    return record.get("status") in (None, "approved")


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity datum of the inventory year.

    `start` and `end` bound its own period, `first` and `last` the part of it that lies in the year. `filled`
    names the rule that made it where nobody recorded it.
    """

    id: str
    name: str
    source_class: str
    start: date
    end: date
    first: date
    last: date
    quantity: Decimal | None = None
    measure_unit: str | None = None
    substance: str | None = None
    emission: Decimal | None = None
    removal: Decimal | None = None
    factor: str | None = None
    source: str | None = None
    sink: str | None = None
    meter: str | None = None
    site: str | None = None
    unit: str | None = None
    origin: str | None = None
    document: str | None = None
    distance: Decimal | None = None
    trips: int | None = None
    mode: str | None = None
    note: str | None = None
    filled: str | None = None
    readings: tuple[Said, ...] = ()

    @property
    def days(self) -> int:
        """Length of its own period."""
        return (self.end - self.start).days + 1

    @property
    def inside(self) -> int:
        """Days of it in the year."""
        return (self.last - self.first).days + 1

    @property
    def share(self) -> Fraction:
        """The part of the quantity that belongs to the year: by days."""
        return Fraction(self.inside, self.days)

    @property
    def record(self) -> str:
        """How the result names the datum."""
        return f"activity_datum:{self.id}"

    def item(self, gas: str = "") -> tuple[str, ...]:
        """What is measured again and again: one meter's reading, else one activity of one place."""
        if self.meter:
            return ("meter", self.meter, self.source_class, self.substance or "", gas)
        where = (self.site or "", self.unit or "")
        return ("item", self.source or self.name, self.source_class, self.substance or "", *where, gas)


@dataclass(frozen=True)
class Activities:
    """The data of one year, those left out with the reason, and what is wrong."""

    year: int
    taken: Sequence[Activity]
    left_out: Mapping[str, Sequence[str]]
    faults: Sequence[Fault]


def amount(value: Any) -> Decimal | None:
    """A number of a record: decimals are kept as text."""
    return None if value is None else Decimal(str(value))


def day(value: Any) -> date | None:
    """A day of a record."""
    return date.fromisoformat(value) if value else None


def days_inside(start: date, end: date, year: int) -> int:
    """How many days of a period, both ends included, lie in the year."""
    first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
    return max(0, (last - first).days + 1)


def activities(evidence: Evidence, year: int) -> Activities:
    """The activity data of a year; a period that crosses its ends is cut by days, which is said."""
    taken: list[Activity] = []
    faults: list[Fault] = []
    left: dict[str, list[str]] = {}
    for record in evidence.of("activity_datum"):
        reason = _left_out(record)
        if reason:
            if _touches(record, year):
                left.setdefault(reason, []).append(str(record["id"]))
            continue
        made = _activity(record, year)
        if isinstance(made, Fault):
            faults.append(made)
        elif made is not None:
            taken.append(made)
    groups = list(items(evidence, taken).values())
    faults += _overlaps(groups)
    faults += _two_factors(evidence, groups)
    others = _delivered(groups)
    taken = [
        replace(a, readings=(*a.readings, said("deliveries", other=others[a.id]))) if a.id in others else a
        for a in taken
    ]
    return Activities(year, taken, left, faults)


def years_recorded(evidence: Evidence) -> list[int]:
    """The years that accounted activity data touch."""
    found: set[int] = set()
    for record in evidence.of("activity_datum"):
        start, end = day(record.get("period_from")), day(record.get("period_until"))
        if start and end and not _left_out(record):
            found.update(range(start.year, min(end.year, start.year + 50) + 1))
    return sorted(found)


def _left_out(record: Record) -> str | None:
    if record.get("category") not in ACCOUNTED:
        return "not_an_activity"
    return None if record.get("source_class") else "no_source_class"


def _touches(record: Record, year: int) -> bool:
    start, end = day(record.get("period_from")), day(record.get("period_until"))
    return start is None or end is None or days_inside(start, end, year) > 0


def _activity(record: Record, year: int) -> Activity | Fault | None:
    """The datum, None where it belongs to other years, or what is wrong with it."""
    name = f"activity_datum:{record['id']}"
    start, end = day(record.get("period_from")), day(record.get("period_until"))
    if start is None or end is None:
        return fault(name, "no_period")
    inside = days_inside(start, end, year)
    if not inside:
        return None
    numbers = {
        key: amount(record.get(key)) for key in ("quantity", "emission", "removal", "transport_distance")
    }
    for key, value in numbers.items():
        if value is not None and value < 0:
            return fault(name, "negative", column=key, found=value)
    if all(numbers[key] is None for key in ("quantity", "emission", "removal")):
        return fault(name, "no_quantity")
    if numbers["quantity"] is not None and not record.get("measure_unit"):
        return fault(name, "no_unit", found=numbers["quantity"])
    days = (end - start).days + 1
    readings: tuple[Said, ...] = ()
    if inside < days:
        readings = (said("crosses_year", inside=inside, days=days, year=year),)
    return Activity(
        id=str(record["id"]),
        name=str(record.get("name") or record["id"]),
        source_class=str(record["source_class"]),
        start=start,
        end=end,
        first=max(start, date(year, 1, 1)),
        last=min(end, date(year, 12, 31)),
        quantity=numbers["quantity"],
        emission=numbers["emission"],
        removal=numbers["removal"],
        distance=numbers["transport_distance"],
        trips=record.get("transport_trips"),
        factor=record.get("emission_factor"),
        source=record.get("emission_source"),
        sink=record.get("carbon_sink"),
        origin=record.get("data_origin"),
        document=record.get("origin_document"),
        mode=record.get("transport_mode"),
        readings=readings,
        **{key: record.get(key) for key in ("measure_unit", "substance", "meter", "site", "unit", "note")},
    )


def _gas_of(evidence: Evidence, activity: Activity) -> str:
    """The gas of the datum's own factor where it is told beside CO2: methane of one quantity is a datum of its own."""
    own = evidence.one("emission_factor", factor_named(evidence, activity))
    gas = str(own.get("gas") or "") if own else ""
    return gas if gas in BESIDE_CO2 else ""


def _overlaps(groups: Iterable[Sequence[Activity]]) -> Iterator[Fault]:
    """Two data of one item whose periods overlap: a year would have more than twelve months, or a bill counts twice."""
    for group in groups:
        latest: Activity | None = None
        billed: dict[str, Activity] = {}
        for one in group:
            for other in (latest, billed.get(one.document or "")):
                if other and one.start <= other.end and not _deliveries(other, one):
                    end = min(other.end, one.end)
                    yield fault(
                        f"{other.record}, {one.record}", "overlap", name=one.name, start=one.start, end=end
                    )
                    break
            if latest is None or one.end > latest.end:
                latest = one
            if one.document and (one.document not in billed or one.end > billed[one.document].end):
                billed[one.document] = one


def _deliveries(one: Activity, other: Activity) -> bool:
    """Whether two data of one period are two deliveries: goods, each with a document of its own."""
    return (
        one.source_class not in GRID_BOUND
        and one.origin in DELIVERED
        and other.origin in DELIVERED
        and bool(one.document)
        and bool(other.document)
        and one.document != other.document
    )


def _delivered(groups: Iterable[Sequence[Activity]]) -> dict[str, str]:
    """For each datum that was read as one of several deliveries of its period, another of them."""
    found: dict[str, str] = {}
    for group in groups:
        latest: Activity | None = None
        for one in group:
            if latest and one.start <= latest.end and _deliveries(latest, one):
                found[one.id] = latest.id
                found.setdefault(latest.id, one.id)
            if latest is None or one.end > latest.end:
                latest = one
    return found


def _two_factors(evidence: Evidence, groups: Sequence[Sequence[Activity]]) -> Iterator[Fault]:
    """One item with several factors in a year, unless each factor says for which days it holds."""
    for one in (one for group in groups for one in group):
        source = evidence.one("emission_source", one.source)
        named = source.get("emission_factor") if source else None
        if one.factor and named and one.factor != named and not _dated(evidence, one.factor, one):
            yield fault(one.record, "source_factor", found=one.factor, other=named, source=one.source)
    by_source: dict[tuple[str, ...], list[Activity]] = {}
    for group in groups:
        for one in group:
            gas = _gas_of(evidence, one)
            key = (
                ("source", one.source, one.source_class, one.substance or "", gas)
                if one.source
                else one.item(gas)
            )
            by_source.setdefault(key, []).append(one)
    for group in by_source.values():
        used: dict[str | None, Activity] = {}
        for one in group:
            used.setdefault(factor_named(evidence, one), one)
        if len(used) > 1 and not all(factor and _dated(evidence, factor, a) for factor, a in used.items()):
            records = ", ".join(a.record for a in used.values())
            factors = ", ".join(f or "-" for f in used)
            yield fault(records, "two_factors", name=group[0].name, factors=factors)


def factor_named(evidence: Evidence, activity: Activity) -> str | None:
    """The own factor that the datum names, else the one its source names."""
    if activity.factor:
        return activity.factor
    source = evidence.one("emission_source", activity.source)
    return str(source["emission_factor"]) if source and source.get("emission_factor") else None


def _dated(evidence: Evidence, factor: str, activity: Activity) -> bool:
    """Whether the factor states a period that holds the datum's."""
    own = evidence.one("emission_factor", factor)
    start, end = (day(own.get("period_from")), day(own.get("period_until"))) if own else (None, None)
    return bool(start and end and start <= activity.start and activity.end <= end)


@dataclass(frozen=True, slots=True)
class Missing:
    """Days of a month of the year that no datum of an item covers."""

    month: int
    days: int
    of: int


def missing(group: Sequence[Activity], year: int) -> list[Missing]:
    """The months of the year that the data of one item leave open, whole or in part."""
    covered: set[date] = set()
    for one in group:
        first, last = max(one.start, date(year, 1, 1)), min(one.end, date(year, 12, 31))
        covered.update(first + timedelta(n) for n in range((last - first).days + 1))
    found = []
    for month in range(1, 13):
        length = calendar.monthrange(year, month)[1]
        there = sum(date(year, month, n) in covered for n in range(1, length + 1))
        if there < length:
            found.append(Missing(month, length - there, length))
    return found


def items(evidence: Evidence, taken: Iterable[Activity]) -> dict[tuple[str, ...], list[Activity]]:
    """The data by item, each item's in order of time."""
    found: dict[tuple[str, ...], list[Activity]] = {}
    for one in sorted(taken, key=lambda a: (a.start, a.end, a.id)):
        found.setdefault(one.item(_gas_of(evidence, one)), []).append(one)
    return found


def series(groups: Mapping[tuple[str, ...], Sequence[Activity]]) -> dict[tuple[str, ...], list[Activity]]:
    """The items, those of one activity that follow one another joined: a meter replaced in June is no gap from July."""
    found: dict[tuple[str, ...], list[Activity]] = {}
    follows: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key, group in sorted(groups.items(), key=lambda pair: (pair[1][0].start, pair[0])):
        activity = replace(group[0], meter=None).item(key[-1])
        before = follows.get(activity)
        if before is not None and found[before][-1].end < group[0].start:
            found[before].extend(group)
        else:
            found[key] = list(group)
            follows[activity] = key
    return found
