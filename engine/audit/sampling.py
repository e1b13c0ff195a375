"""Which sites are visited: a size by formula, a random part that anybody can draw again, the rest with reasons.

The draw: every site outside the central function has a ticket, the SHA-256 of the UTF-8 text `shall-draw-1`, newline,
seed, newline, id of the site. The smallest tickets, read as hexadecimal, win. Nothing else enters: not the order of
the records, not the machine, not the version of Python. `sha256sum` replays it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from math import isqrt
from typing import Any

from pydantic import ValidationError

from shall.engine.audit.tables import Audit, Reason, SamplingTable, sampling_table
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError, UsageError

FORMAT = "shall site sample 1"
"""Of the audit file; another number where what is in it, or the draw, changes."""

DRAW = "shall-draw-1"
ALGORITHM = (
    "ticket = SHA-256 of UTF-8 'shall-draw-1' LF seed LF site id, in hexadecimal; the smallest are drawn"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A site and what speaks for or against a visit, as the records have it on the day."""

    id: str
    name: str | None = None
    purpose: str | None = None
    employees: int | None = None
    emissions: Decimal | None = None
    last_visited: date | None = None
    findings: int = 0
    open_findings: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the sample; `more` is added to the formula's size for the reason given."""

    audit: Audit
    seed: str
    proven: bool = False
    sampled: bool = True
    more: int = 0
    more_why: str = ""
    must: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A site of the sample: `how` is central, all, random, named or reasons; reasons are keys of the table."""

    id: str
    how: str
    reasons: tuple[str, ...] = ()
    points: int = 0
    ticket: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """The sites to visit, and how their number came about."""

    population: int
    share: Fraction | None
    formula: int
    size: int
    random: int
    chosen: tuple[Chosen, ...]


def root_size(population: int, share: Fraction) -> int:
    """`share` times the square root of the population, rounded up, in integers.

    >>> root_size(25, Fraction(3, 5)), root_size(26, Fraction(3, 5))
    (3, 4)
    """
    square = share.numerator**2 * population
    root = isqrt(square)
    top = root + (root * root < square)
    return -(-top // share.denominator)


def ticket(seed: str, site: str) -> str:
    """The ticket of a site in the draw of that seed."""
    return sha256(f"{DRAW}\n{seed}\n{site}".encode()).hexdigest()


def draw(seed: str, sites: Collection[str], count: int) -> list[str]:
    """So many of the sites, at random by the seed, in the order drawn."""
    return sorted(sites, key=lambda site: (ticket(seed, site), site))[:count]


def sample(table: SamplingTable, places: Sequence[Place], central: Collection[str], wanted: Wanted) -> Sample:
    """The sites to visit; raises UsageError.

    The random part is drawn first, from all sites outside the central function, so that no reason narrows it.
    """
    outside = sorted((p for p in places if p.id not in central), key=lambda p: p.id)
    _check(outside, central, wanted)
    head = [Chosen(site, "central") for site in sorted(central)]
    if not outside:
        return Sample(0, None, 0, 0, 0, tuple(head))
    x = len(outside)
    if not wanted.sampled and wanted.audit in table.all_sites:
        chosen = [Chosen(p.id, "all") for p in outside]
        return Sample(x, None, x, x, 0, tuple(head + chosen))
    share: Fraction | None = None
    if wanted.sampled:
        sized = getattr(table.size, wanted.audit)
        if wanted.proven and sized.proven is None:
            raise UsageError("audit_time.no_proven", audit=wanted.audit, table=table.key)
        share = sized.proven if wanted.proven else sized.share
        formula = root_size(x, share)
    else:
        formula = _part(x, table.unsampled_percent)
    formula = min(formula, x)
    must = wanted.must or {}
    size, count, drawn = _drawn(table, min(x, formula + wanted.more), [p.id for p in outside], wanted)
    chosen = [Chosen(site, "random", ticket=ticket(wanted.seed, site)) for site in drawn]
    chosen += [Chosen(site, "named", why=must[site]) for site in sorted(must) if site not in drawn]
    chosen += _reasoned(table, outside, chosen, size - len(chosen))
    return Sample(x, share, formula, size, count, tuple(head + chosen))


def _drawn(
    table: SamplingTable, size: int, sites: Collection[str], wanted: Wanted
) -> tuple[int, int, list[str]]:
    """Size, random part and the sites drawn: named sites enlarge the sample, and with it its random part."""
    while True:
        count = _part(size, table.random_percent)
        drawn = draw(wanted.seed, sites, count)
        grown = max(size, len(set(drawn) | set(wanted.must or ())))
        if grown == size:
            return size, count, drawn
        size = grown


def _part(count: int, percent: Decimal) -> int:
    part = count * Fraction(percent) / 100
    return -(-part.numerator // part.denominator)


def _check(outside: Sequence[Place], central: Collection[str], wanted: Wanted) -> None:
    ids = {p.id for p in outside}
    strange = sorted(set(wanted.must or ()) - ids)
    if strange:
        raise UsageError("audit_time.no_site", site=strange[0], names=", ".join(sorted(ids)[:12]) or "-")
    if not wanted.seed.strip() or "\n" in wanted.seed:
        raise UsageError("audit_time.bad_seed")
    if wanted.more < 0 or (wanted.more and not wanted.more_why.strip()):
        raise UsageError("audit_time.more_why")
    if any(not why.strip() for why in (wanted.must or {}).values()):
        raise UsageError("audit_time.must_why")
    if not outside and not central:
        raise UsageError("audit_time.no_sites")


def _reasoned(
    table: SamplingTable, outside: Sequence[Place], chosen: Sequence[Chosen], count: int
) -> list[Chosen]:
    """So many more sites, one after another: most points first, then the longest not visited, then by id."""
    taken = {c.id for c in chosen}
    purposes = {p.purpose for p in outside if p.id in taken}
    left = [p for p in outside if p.id not in taken]
    totals = (
        sum((p.emissions or Decimal(0) for p in outside), Decimal(0)),
        sum(p.employees or 0 for p in outside),
    )
    found: list[Chosen] = []
    while len(found) < count and left:
        rated = [(place, [r for r in table.reasons if _holds(r, place, totals, purposes)]) for place in left]
        place, reasons = min(
            rated, key=lambda r: (-sum(x.points for x in r[1]), r[0].last_visited or date.min, r[0].id)
        )
        points = sum(r.points for r in reasons)
        found.append(Chosen(place.id, "reasons", tuple(r.key for r in reasons), points))
        left.remove(place)
        purposes.add(place.purpose)
    return found


def _holds(
    reason: Reason, place: Place, totals: tuple[Decimal, int], purposes: Collection[str | None]
) -> bool:
    emissions, people = totals
    limit = Fraction(reason.at_percent or 0) / 100
    match reason.key:
        case "never_visited":
            return place.last_visited is None
        case "open_findings":
            return place.open_findings > 0
        case "earlier_findings":
            return place.findings > 0
        case "large_emissions":
            return place.emissions is not None and 0 < Fraction(emissions) * limit <= Fraction(
                place.emissions
            )
        case "many_people":
            return place.employees is not None and 0 < people * limit <= place.employees
        case "new_purpose":
            return place.purpose is not None and place.purpose not in purposes


def places(store: Store, organisation: str, on: date, known: int | None = None) -> list[Place]:
    """The sites within the boundary on the day, with visits, findings and emissions of the records naming them."""
    sites = in_force(store, "site", organisation, ("name", "purpose", "employees", "in_boundary"), on, known)
    visits: dict[str, date] = {}
    for site, day in _days(store, organisation, on, known):
        visits[site] = max(day, visits.get(site, day))
    from shall.engine.audit.history import followed

    where = dict(store.rows("audit_finding", organisation, ("id", "site"), known=known))
    findings: dict[str, list[bool]] = {}
    for standing in followed(store, organisation, on, known):
        at = where.get(standing.case.finding.record)
        if at:
            findings.setdefault(at, []).append(standing.case.open)
    emissions: dict[str, Decimal] = {}
    for row in in_force(store, "emission_source", organisation, ("site", "emissions"), on, known):
        if row[1] and row[2] is not None:
            emissions[row[1]] = emissions.get(row[1], Decimal(0)) + Decimal(str(row[2]))
    return [
        Place(
            id=row[0],
            name=row[1],
            purpose=row[2],
            employees=row[3],
            emissions=emissions.get(row[0]),
            last_visited=visits.get(row[0]),
            findings=len(findings.get(row[0], ())),
            open_findings=sum(findings.get(row[0], ())),
        )
        for row in sites
        if row[4] != 0
    ]


def _days(store: Store, organisation: str, on: date, known: int | None) -> list[tuple[str, date]]:
    """Sites and days of audits there: steps of certification, matters audited internally, internal audits."""
    found = []
    for kind, column in (
        ("certification_step", "happened_on"),
        ("audit_scope", "audited_on"),
        ("internal_audit", "audited_on"),
    ):
        for status, site, day in store.rows(kind, organisation, ("status", "site", column), known=known):
            if site and day and day <= on.isoformat() and status not in ("draft", "withdrawn"):
                found.append((site, date.fromisoformat(day)))
    return found


def in_force(
    store: Store, kind: str, organisation: str, columns: Sequence[str], on: date, known: int | None
) -> list[tuple[Any, ...]]:
    """Id and columns of the records in force on the day."""
    rows = store.rows(
        kind, organisation, ("id", *columns, "status", "valid_from", "valid_until"), known=known
    )
    day = on.isoformat()
    return [
        row[:-3]
        for row in rows
        if row[-3] not in ("draft", "withdrawn")
        and (row[-2] is None or row[-2] <= day)
        and (row[-1] is None or row[-1] >= day)
    ]


def audit_file(
    table: SamplingTable,
    digest: str,
    places: Sequence[Place],
    central: Collection[str],
    wanted: Wanted,
    drawn: Sample,
    about: Mapping[str, object],
) -> dict[str, Any]:
    """Everything the sample rests on and what came of it, as JSON values: `replay` needs nothing else."""
    return {
        "format": FORMAT,
        "about": dict(about),
        "algorithm": ALGORITHM,
        "table": json.loads(table.model_dump_json(exclude={"size"})) | {"size": _sizes(table)},
        "table_digest": digest,
        "audit": wanted.audit,
        "seed": wanted.seed,
        "proven": wanted.proven,
        "sampled": wanted.sampled,
        "more": wanted.more,
        "more_why": wanted.more_why,
        "must": dict(wanted.must or {}),
        "central": sorted(central),
        "population": [_place(p) for p in sorted(places, key=lambda p: p.id)],
        "result": result(drawn),
    }


def result(drawn: Sample) -> dict[str, Any]:
    """The sample as JSON values."""
    return {
        "sites_outside_central": drawn.population,
        "share": str(drawn.share) if drawn.share is not None else None,
        "formula": drawn.formula,
        "size": drawn.size,
        "random": drawn.random,
        "chosen": [
            {
                "site": c.id,
                "how": c.how,
                "reasons": list(c.reasons),
                "points": c.points,
                "ticket": c.ticket,
                "why": c.why,
            }
            for c in drawn.chosen
        ],
    }


def _sizes(table: SamplingTable) -> dict[str, Any]:
    return {
        audit: {name: str(share) for name, share in dict(sized).items() if share is not None}
        for audit, sized in dict(table.size).items()
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "site": place.id,
        "name": place.name,
        "purpose": place.purpose,
        "employees": place.employees,
        "emissions": str(place.emissions) if place.emissions is not None else None,
        "last_visited": place.last_visited.isoformat() if place.last_visited else None,
        "findings": place.findings,
        "open_findings": place.open_findings,
    }


def replay(file: Mapping[str, Any]) -> dict[str, Any]:
    """The result drawn anew from an audit file alone; raises EvidenceError where it is not one of ours."""
    if file.get("format") != FORMAT:
        raise EvidenceError("audit_time.not_a_sample", format=FORMAT)
    try:
        table = SamplingTable.model_validate(file["table"])
        wanted = Wanted(
            file["audit"],
            file["seed"],
            file["proven"],
            file["sampled"],
            file["more"],
            file["more_why"],
            file["must"],
        )
        population = [_from_file(one) for one in file["population"]]
        if wanted.audit not in ("initial", "surveillance", "recertification"):
            raise ValueError(wanted.audit)
        return result(sample(table, population, file["central"], wanted))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, ValidationError):
        raise EvidenceError("audit_time.sample_broken") from None


def of_shipped_table(file: Mapping[str, Any]) -> bool:
    """Whether the table in an audit file that `replay` could read is one that comes with the project, unaltered."""
    table = SamplingTable.model_validate(file["table"])
    return sampling_table().table == table


def _from_file(one: Mapping[str, Any]) -> Place:
    return Place(
        id=one["site"],
        name=one["name"],
        purpose=one["purpose"],
        employees=one["employees"],
        emissions=Decimal(one["emissions"]) if one["emissions"] is not None else None,
        last_visited=date.fromisoformat(one["last_visited"]) if one["last_visited"] else None,
        findings=one["findings"],
        open_findings=one["open_findings"],
    )
