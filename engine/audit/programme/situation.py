"""What the records tell about units before a programme is made: emissions, data, changes, findings, last audits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from shall.engine.audit.history import followed
from shall.engine.plan import Plan
from shall.engine.trees import shift_months
from shall.evidence.store import Store

WHOLE = "-"
"""The unit that stands for the organisation where no unit is on record."""

VALID = ("status", "valid_from", "valid_until")
EMITTING = ("production", "energy", "equipment")
"""Functions that may have caused emissions which are recorded for their site only."""

GOOD_ORIGINS = ("metered", "invoice", "stocktake", "laboratory")
SIGNIFICANT = ("major", "affects_boundary", "affects_sources", "affects_performance", "affects_baseline")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit within the boundary."""

    id: str
    name: str
    site: str | None
    function: str | None
    parent: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the system, the unit of its owner and the units named as those it is applied in."""

    id: str
    name: str
    stage: str | None
    owner: str | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Auditor:
    """Somebody who may audit; `unit` is None for people from outside only, and `why_not` says why one may not."""

    id: str
    name: str
    person: str | None
    unit: str | None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A unit's part of the emissions in hundredths of a percent, None where nothing is known."""

    hundredths: int | None
    by_site: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """How many activity data of a unit there are, and how many of these are weak."""

    count: int
    weak: int
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that touches a unit."""

    record: str
    on: date
    significant: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier finding; `state` is open_major, open_minor, closed or opportunity."""

    record: str
    unit: str | None
    clause: str
    standards: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Audited:
    """A clause that was audited in a unit."""

    unit: str
    clause: str
    standards: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class Situation:
    """Everything a programme is made from, as it stood at one ledger position.

    `shares_from` is inventory, records or nothing; `unplaced` are emissions that count for nobody; `unnamed`
    counts audited clauses whose audit names none of the standards asked for: they are not in `audits`.
    """

    organisation: str
    name: str | None
    on: date
    position: tuple[int, str]
    units: Sequence[Unit]
    processes: Sequence[Process]
    auditors: Sequence[Auditor]
    owners: Mapping[str, frozenset[str]]
    shares: Mapping[str, Share]
    shares_from: str
    data: Mapping[str, Data]
    changes: Mapping[str, Sequence[Changed]]
    findings: Sequence[Found]
    audits: Sequence[Audited]
    records: Mapping[str, Mapping[str, int]]
    own_interval: int | None = None
    unplaced: Decimal = Decimal(0)
    unnamed: int = 0
    sites: Mapping[str, str] = field(default_factory=dict)


class Reader:
    """The records of one organisation at one position; expired ones are left out where they no longer count."""

    def __init__(self, store: Store, organisation: str, on: date, known: int) -> None:
        self.store, self.organisation, self.on, self.known = store, organisation, on, known

    def rows(self, kind: str, *columns: str, valid: bool = True) -> list[tuple[Any, ...]]:
        """The rows of a kind; `valid` leaves out those that are not valid on the day, drafts are out anyway."""
        found = self.store.rows(kind, self.organisation, (*columns, *VALID), known=self.known)
        day = self.on.isoformat()
        return [
            row[:-3]
            for row in found
            if row[-3] in (None, "approved")
            and (not valid or ((row[-2] or day) <= day and (row[-1] or day) >= day))
        ]


def read(
    store: Store,
    organisation: str,
    on: date,
    until: date,
    plan: Plan,
    kinds: Iterable[str],
    months: tuple[int, int],
    known: int | None = None,
    computed: Mapping[tuple[str, str], Decimal] | None = None,
) -> Situation:
    """The situation on a day. `months` says how far back changes and data are looked at.

    `computed` are emissions by unit and site of an inventory; without it, those recorded with the activity data count.
    """
    position = store.position() if known is None else store.position_at(known)
    reader = Reader(store, organisation, on, position[0])
    people = {row[0]: row[1:] for row in reader.rows("person", "id", "name", "unit", "is_external")}
    units = _units(reader)
    since_changes, since_data = (shift_months(on, -n) for n in months)
    emitted, data = _data(reader, since_data)
    emitted = dict(computed) if computed is not None else emitted
    shares, unplaced = _shares(units, emitted)
    audits = _audits(reader, plan)
    name = next((row[0] for row in reader.rows("organisation", "name") if row[0]), None)
    processes = _processes(reader, units, people)
    return Situation(
        organisation=organisation,
        name=name,
        on=on,
        position=position,
        units=units,
        processes=processes,
        auditors=_auditors(reader, people),
        owners=_owners(processes),
        shares=shares,
        shares_from="inventory" if computed is not None else "records" if emitted else "nothing",
        data=_by_unit(units, data),
        changes=_changes(reader, units, since_changes, until),
        findings=_findings(store, reader, plan),
        audits=[one for one in audits if one.standards],
        unnamed=sum(not one.standards for one in audits),
        records=_records(reader, kinds),
        own_interval=_interval(reader),
        unplaced=unplaced,
        sites={row[0]: row[1] or row[0] for row in reader.rows("site", "id", "name")},
    )


def _units(reader: Reader) -> list[Unit]:
    rows = reader.rows("unit", "id", "name", "site", "function_area", "parent", "head", "in_boundary")
    found = [
        Unit(row[0], row[1] or row[0], row[2], row[3], row[4], row[5]) for row in rows if row[6] in (None, 1)
    ]
    return found or [Unit(WHOLE, WHOLE, None, None, None, None)]


def _processes(reader: Reader, units: Sequence[Unit], people: Mapping[str, Any]) -> list[Process]:
    """A process belongs to its owner's unit, and to the units named as those it is applied in."""
    known = {unit.id for unit in units}
    found = []
    for record, name, stage, owner, applied in reader.rows(
        "process", "id", "name", "stage", "owner", "applied_in"
    ):
        own = people.get(owner, (None, None, None))[1]
        parts = {part.strip() for part in re.split(r"[、,，;；/]", applied or "")}
        named = [u.id for u in units if u.name in parts and u.id != own]
        held = ([own] if own in known else []) + named
        found.append(Process(record, name or record, stage, owner, tuple(held)))
    return found


def _owners(processes: Sequence[Process]) -> dict[str, frozenset[str]]:
    """Who runs a process in a unit, by unit."""
    found: dict[str, set[str]] = {}
    for process in processes:
        for unit in process.units:
            if process.owner:
                found.setdefault(unit, set()).add(process.owner)
    return {unit: frozenset(owners) for unit, owners in found.items()}


def _auditors(reader: Reader, people: Mapping[str, Any]) -> list[Auditor]:
    found = []
    for record, person, name, role, competent, evaluated, impartial in reader.rows(
        "auditor",
        "id",
        "person",
        "name",
        "audit_role",
        "competent",
        "competence_evaluated_on",
        "declared_impartial",
    ):
        own, unit, external = people.get(person, (None, None, None))
        why = None
        if role == "expert":
            why = "expert"
        elif not competent or not evaluated or evaluated > reader.on.isoformat():
            why = "competence"
        elif impartial == 0:
            why = "impartial"
        elif person and unit is None and not external:
            why = "unit_unknown"
        found.append(Auditor(record, name or own or record, person, unit, why))
    return found


def _data(
    reader: Reader, since: date
) -> tuple[dict[tuple[str, str], Decimal], dict[tuple[str, str], list[tuple[str, bool]]]]:
    """Recorded emissions, and each datum with whether it is weak, by unit and site."""
    failed = {
        row[0]
        for row in reader.rows("data_quality_check", "activity_datum", "passed", "corrected_on", valid=False)
        if row[0] and row[1] == 0 and not row[2]
    }
    states = _meter_states(reader)
    emitted: dict[tuple[str, str], Decimal] = {}
    data: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for record, unit, site, emission, quantity, origin, meter, first, last, category in reader.rows(
        "activity_datum",
        "id",
        "unit",
        "site",
        "emission",
        "quantity",
        "data_origin",
        "meter",
        "period_from",
        "period_until",
        "category",
        valid=False,
    ):
        if not last or last < since.isoformat() or (first or last) > reader.on.isoformat():
            continue
        place = (unit or "", site or "")
        if emission is not None:
            emitted[place] = emitted.get(place, Decimal(0)) + Decimal(emission)
        if category not in (None, "activity_level"):
            continue
        weak = origin not in GOOD_ORIGINS or quantity is None or record in failed
        weak = weak or (origin == "metered" and not states.get(meter or "", False))
        data.setdefault(place, []).append((record, weak))
    return emitted, data


def _meter_states(reader: Reader) -> dict[str, bool]:
    """Whether each meter is in calibration on the day, or needs none."""
    day = reader.on.isoformat()
    last: dict[str, tuple[str, str, str | None, str | None]] = {}
    for record, meter, on, action, result, due in reader.rows(
        "calibration", "id", "meter", "performed_on", "action", "result", "due_on", valid=False
    ):
        if meter and on and on <= day and action != "maintenance":
            last[meter] = max(last.get(meter, ("", "", None, None)), (on, record, result, due))
    return {
        meter: needs == 0
        or (meter in last and last[meter][2] in ("passed", "limited") and (last[meter][3] or "") >= day)
        for meter, needs in reader.rows("meter", "id", "needs_calibration")
    }


def _shares(
    units: Sequence[Unit], emitted: Mapping[tuple[str, str], Decimal]
) -> tuple[dict[str, Share], Decimal]:
    """Each unit's share; what names only a site is divided equally among the units there that may have caused it."""
    whole = sum((max(v, Decimal(0)) for v in emitted.values()), Decimal(0))
    known = {unit.id for unit in units}
    loose: dict[str, Decimal] = {}
    unplaced = Decimal(0)
    own: dict[str, Decimal] = {}
    for (unit, site), amount in emitted.items():
        value = max(amount, Decimal(0))
        if unit in known:
            own[unit] = own.get(unit, Decimal(0)) + value
        elif any(u.site == site and u.function in EMITTING for u in units):
            loose[site] = loose.get(site, Decimal(0)) + value
        else:
            unplaced += value
    found = {}
    for one in units:
        more = Decimal(0)
        if one.function in EMITTING and one.site in loose:
            more = loose[one.site] / sum(u.site == one.site and u.function in EMITTING for u in units)
        mine = own.get(one.id, Decimal(0)) + more
        found[one.id] = Share(int(mine * 10000 / whole) if whole else None, more > 0)
        if one.id == WHOLE:
            found[one.id] = Share(10000 if whole else None)
    return found, unplaced


def _by_unit(
    units: Sequence[Unit], data: Mapping[tuple[str, str], Sequence[tuple[str, bool]]]
) -> dict[str, Data]:
    found = {}
    for unit in units:
        mine = [one for (u, _), held in data.items() if unit.id in (u, WHOLE) for one in held]
        weak = tuple(sorted(record for record, bad in mine if bad))
        found[unit.id] = Data(len(mine), len(weak), weak)
    return found


def _changes(reader: Reader, units: Sequence[Unit], since: date, until: date) -> dict[str, list[Changed]]:
    """Changes that happened lately or are planned for the cycle; one without unit touches the site, or everybody."""
    found: dict[str, list[Changed]] = {unit.id: [] for unit in units}
    columns = ("id", "unit", "site", "happened_on", "planned_for", *SIGNIFICANT)
    for record, unit, site, happened, planned, *marks in reader.rows("change", *columns, valid=False):
        day = date.fromisoformat(happened or planned) if happened or planned else None
        if day is None or not since <= day <= until:
            continue
        changed = Changed(record, day, any(mark == 1 for mark in marks))
        touched = {unit} if unit in found else {u.id for u in units if site and u.site == site}
        for one in touched or set(found):
            found[one].append(changed)
    return found


def _stem(number: str) -> str:
    return re.sub(r"\s", "", re.split(r"[—–:：（(]|-(?=\d{4})", number)[0]).casefold()


def standards_named(criteria: str | None, plan: Plan) -> tuple[str, ...]:
    """The standards asked for that an audit's criteria name; where there is only one, it need not be named."""
    told = re.sub(r"\s", "", criteria or "").casefold()
    found = []
    for key in plan.asked:
        head = plan.standards[key]
        stem = _stem(str(head["number"]))
        plain = bool(re.search(r"\d", stem)) and "x" not in stem and "×" not in stem
        if (
            key in told
            or (plain and re.search(re.escape(stem) + r"(?!\d)", told))
            or head["title"]["zh"] in told
        ):
            found.append(key)
    return tuple(found) or (plan.asked if len(plan.asked) == 1 and not told else ())


def clause_of(text: str, standards: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The bare clause of `8.1`, `8.1#2` or `t_ccaa_39:8.1/a`, and the standards it is of."""
    before, colon, rest = text.rpartition(":")
    clause = re.split(r"[#/]", rest.strip() if not re.match(r"^[A-Z]", rest) else rest)[0]
    return clause, ((before.strip(),) if colon else standards)


def _audits(reader: Reader, plan: Plan) -> list[Audited]:
    """What internal audits looked at up to the day, with a result on record."""
    criteria = {row[0]: row[1] for row in reader.rows("internal_audit", "id", "criteria", valid=False)}
    found = []
    for audit, unit, clause, day, result in reader.rows(
        "audit_scope", "internal_audit", "unit", "clause", "audited_on", "audit_result", valid=False
    ):
        if audit and clause and day and result and day <= reader.on.isoformat():
            bare, standards = clause_of(clause, standards_named(criteria.get(audit), plan))
            found.append(Audited(unit or WHOLE, bare, standards, date.fromisoformat(day)))
    return found


def _findings(store: Store, reader: Reader, plan: Plan) -> list[Found]:
    """Earlier findings; one that names no standard counts for every standard it may be about."""
    criteria = {row[0]: row[1] for row in reader.rows("internal_audit", "id", "criteria", valid=False)}
    found = []
    for one in followed(store, reader.organisation, reader.on, reader.known):
        case = one.case
        where = case.finding.address or case.finding.clause
        if where is None or case.state == "withdrawn":
            continue
        ruleset = case.finding.ruleset
        named = (ruleset,) if ruleset else standards_named(criteria.get(case.finding.audit or ""), plan)
        clause, standards = clause_of(where, named or plan.asked)
        state = f"open_{case.grade}" if case.open else "closed"
        if case.grade == "opportunity":
            state = "opportunity"
        found.append(Found(case.finding.record, case.finding.unit, clause, standards, state))
    return found


def _records(reader: Reader, kinds: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many records of each kind each unit has, of those that are evidence on the day."""
    found: dict[str, dict[str, int]] = {}
    for kind in sorted(set(kinds)):
        for (unit,) in reader.rows(kind, "unit"):
            if unit:
                held = found.setdefault(kind, {})
                held[unit] = held.get(unit, 0) + 1
    return found


def _interval(reader: Reader) -> int | None:
    """The shortest interval in months that the organisation set itself for internal audits."""
    found = [
        months if months else max(days // 30, 1)
        for subject, months, days in reader.rows("defined_interval", "subject", "months", "days")
        if subject == "internal_audit" and (months or days)
    ]
    return min(found, default=None)
