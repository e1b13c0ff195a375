"""The same totals for a million activity data of one or many organisations, through DuckDB.

Quantities are whole numbers of ten-billionths (HUGEINT). The rate of every combination of class, substance, unit,
factor and source is worked out once by `Rates`, as for the exact inventory; DuckDB multiplies, rounds half to even and
adds up in 128-bit integers, so the totals are those of the exact path to the last digit. Rows whose product would not
fit are worked out in Python. Every row needs a quantity: removals, certificates and recorded emissions are for the
exact path. DuckDB is an extra (`portfolio`).
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from shall.engine.accounts.activity import (
    ACCOUNTED,
    BESIDE_CO2,
    DELIVERED,
    GRID_BOUND,
    Activity,
    Evidence,
    Fault,
    InventoryFaults,
    fault,
)
from shall.engine.accounts.factors import Basis
from shall.engine.accounts.inventory import LIMIT, placed, plain, scaled
from shall.engine.accounts.rates import COUNTED, EXPORTED, Rate, Rates
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError

COLUMNS = (
    "organisation", "id", "name", "category", "source_class", "substance", "quantity", "measure_unit", "period_from",
    "period_until", "site", "unit", "meter", "emission_source", "emission_factor", "data_origin", "origin_document",
    "transport_distance", "transport_trips", "note", "status",
)  # fmt: skip
LARGEST = 2**126
"""Products are kept below this; HUGEINT holds twice as much."""
DAYS = 366
NUMBER = "^[0-9]{1,24}(\\.[0-9]{1,10})?$"
KEYS = ("organisation", "source_class", "part", "scope", "category", "gas", "site", "unit", "month")

_TYPES = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)


def _scaled_sql(column: str) -> str:
    """A plain decimal text as a whole number of ten-billionths, without passing through any rounding type."""
    return (
        f"split_part({column}, '.', 1)::HUGEINT * 10000000000 "
        f"+ rpad(split_part({column}, '.', 2), 10, '0')::HUGEINT"
    )


@dataclass(frozen=True)
class Sums:
    """Emissions by KEYS, in ten-billionths of a tonne; `rows` is how many data were accounted."""

    cells: Mapping[tuple[str, ...], int]
    rows: int

    def total(self, part: str = COUNTED) -> int:
        """The sum of one part."""
        return sum(value for key, value in self.cells.items() if key[KEYS.index("part")] == part)

    def by(self, level: str, part: str = COUNTED) -> dict[str, int]:
        """The sums of one part by one of KEYS; they add up to its total."""
        found: dict[str, int] = {}
        for key, value in self.cells.items():
            if key[KEYS.index("part")] == part:
                name = key[KEYS.index(level)]
                found[name] = found.get(name, 0) + value
        return dict(sorted(found.items()))


def from_rows(rows: Iterable[Sequence[Any]], basis: Basis, own: Mapping[str, Evidence] | None = None) -> Sums:
    """Sums of rows in the order of COLUMNS, as a store holds them (numbers and dates as text)."""
    with tempfile.TemporaryDirectory() as folder, closing(duckdb.connect()) as db:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(map(_on_one_line, rows))
        options = f"header=false, auto_detect=false, delim=',', quote='\"', escape='\"', columns={{{_TYPES}}}"
        db.execute(
            f"CREATE TABLE datum AS SELECT * FROM read_csv('{path}', {options}, nullstr='', new_line='\\n')"
        )
        return _sums(db, basis, own or {})


_WORDED = tuple(COLUMNS.index(name) for name in ("name", "origin_document", "note"))


def _on_one_line(row: Sequence[Any]) -> Sequence[Any]:
    """The row without line breaks, which only columns in free words can hold."""
    if any(row[n] is not None and ("\n" in row[n] or "\r" in row[n]) for n in _WORDED):
        return [v.replace("\n", " ").replace("\r", " ") if isinstance(v, str) else v for v in row]
    return row


def from_parquet(path: Path, basis: Basis, own: Mapping[str, Evidence] | None = None) -> Sums:
    """Sums of a parquet file with the columns of COLUMNS; those it lacks are empty."""
    with closing(duckdb.connect()) as db:
        source = f"read_parquet({_literal(str(path))})"
        there = {name for name, *_ in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        wanted = ", ".join(
            f'"{c}"::VARCHAR AS "{c}"' if c in there else f'NULL::VARCHAR AS "{c}"' for c in COLUMNS
        )
        db.execute(f"CREATE TABLE datum AS SELECT {wanted} FROM {source}")
        return _sums(db, basis, own or {})


def from_store(store: Store, basis: Basis, own: Mapping[str, Evidence] | None = None) -> Sums:
    """Sums of every organisation of a store."""
    return from_rows(store.scan("activity_datum", COLUMNS[1:]), basis, own)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sums(db: duckdb.DuckDBPyConnection, basis: Basis, own: Mapping[str, Evidence]) -> Sums:
    _select(db, basis.year)
    faults = [*_row_faults(db), *_overlaps(db, own)]
    rates, wrong = _rates(db, basis, own)
    faults += wrong
    if faults:
        raise InventoryFaults(faults, basis.year)
    _load(db, rates)
    _compute(db)
    cells = dict(_cells(db, basis.year))
    for key, value in _too_large(db, rates, basis.year):
        cells[key] = cells.get(key, 0) + value
    count = db.execute("SELECT count(*) FROM taken").fetchone()
    return Sums(cells, int(count[0]) if count else 0)


def _select(db: duckdb.DuckDBPyConnection, year: int) -> None:
    """The data of the year, with the key of their rate; the organisation is part of it where it matters."""
    accounted = ", ".join(f"'{c}'" for c in ACCOUNTED if c)
    db.execute(
        f"""
        CREATE TABLE taken AS SELECT *,
            greatest(start, DATE '{year}-01-01') AS first_day, least(until, DATE '{year}-12-31') AS last_day,
            CASE WHEN emission_factor IS NULL AND emission_source IS NULL THEN '' ELSE organisation END AS owner,
            CASE WHEN substance IN ('refrigerant', 'sf6') THEN concat(name, ' ', coalesce(note, '')) ELSE '' END AS told
        FROM (SELECT *, try_cast(period_from AS DATE) AS start, try_cast(period_until AS DATE) AS until FROM datum)
        WHERE source_class IS NOT NULL AND (category IS NULL OR category IN ({accounted}))
            AND (status IS NULL OR status = 'approved')
            AND (start IS NULL OR until IS NULL OR until < start
                OR (start <= DATE '{year}-12-31' AND until >= DATE '{year}-01-01'))
        """
    )


_ROW_FAULTS: Mapping[str, str] = {
    "no_period": "start IS NULL OR until IS NULL OR until < start",
    "no_quantity": "quantity IS NULL",
    "negative": "quantity LIKE '-%' OR transport_distance LIKE '-%'",
    "bad_number": f"quantity NOT LIKE '-%' AND NOT regexp_matches(quantity, '{NUMBER}')",
    "no_unit": "measure_unit IS NULL",
}


def _row_faults(db: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """What is wrong with single rows: one fault for each sort, with how many and the first."""
    for key, where in _ROW_FAULTS.items():
        query = f"SELECT count(*), min(id), min(quantity), min(organisation) FROM taken WHERE {where}"
        count, first, found, organisation = db.execute(query).fetchall()[0]
        if count:
            fields = {"column": "quantity", "found": found}
            yield fault(_named(organisation, first, count), key, **fields)


def _named(organisation: str, first: str, count: int) -> str:
    more = f" (+{count - 1})" if count > 1 else ""
    return f"{organisation}: activity_datum:{first}{more}"


def _overlaps(db: duckdb.DuckDBPyConnection, own: Mapping[str, Evidence]) -> Iterator[Fault]:
    """Readings of one meter, or of one item of a place, whose periods overlap; deliveries may."""
    db.execute("CREATE TABLE beside (owner VARCHAR, factor VARCHAR, gas VARCHAR)")
    beside = [
        (owner, str(factor["id"]), factor["gas"])
        for owner, evidence in own.items()
        for factor in evidence.of("emission_factor")
        if factor.get("gas") in BESIDE_CO2
    ]
    if beside:
        db.executemany("INSERT INTO beside VALUES (?, ?, ?)", beside)
    delivered = ", ".join(f"'{d}'" for d in sorted(DELIVERED))
    bound = ", ".join(f"'{g}'" for g in sorted(GRID_BOUND))
    query = f"""
        WITH item AS (
            SELECT organisation, id, name, start, until, data_origin, origin_document, source_class,
                CASE WHEN meter IS NOT NULL THEN concat_ws('|', 'm', meter, source_class, substance, gas)
                ELSE concat_ws('|', 'i', coalesce(emission_source, name), source_class, coalesce(substance, ''),
                    coalesce(site, ''), coalesce(unit, ''), gas) END AS item
            FROM taken LEFT JOIN beside ON taken.owner = beside.owner AND emission_factor = beside.factor
            WHERE start <= until),
        item_of AS (SELECT * FROM item UNION ALL
            SELECT * REPLACE (concat('d|', origin_document, '|', item) AS item) FROM item
            WHERE origin_document IS NOT NULL),
        next AS (SELECT *, lag(until) OVER w AS before, lag(id) OVER w AS other,
                lag(data_origin) OVER w AS their_origin, lag(origin_document) OVER w AS their_document
            FROM item_of WINDOW w AS (PARTITION BY organisation, item ORDER BY start, until, id))
        SELECT organisation, min(id), min(other), min(name), min(start), min(least(until, before)), count(*)
        FROM next WHERE start <= before AND NOT (source_class NOT IN ({bound})
            AND coalesce(data_origin IN ({delivered}) AND their_origin IN ({delivered})
                AND origin_document <> their_document, false))
        GROUP BY organisation ORDER BY organisation
        """
    for organisation, one, other, name, start, end, count in db.execute(query).fetchall():
        record = f"{organisation}: activity_datum:{other}, activity_datum:{one}" + (
            f" (+{count - 1})" if count > 1 else ""
        )
        yield fault(record, "overlap", name=name, start=start, end=end)


_COMBINATION = (
    "owner",
    "source_class",
    "substance",
    "measure_unit",
    "emission_factor",
    "emission_source",
    "told",
)
_Key = tuple[str | None, ...]
_Placed = tuple[Rate, str, str]


def _rates(
    db: duckdb.DuckDBPyConnection, basis: Basis, own: Mapping[str, Evidence]
) -> tuple[dict[_Key, _Placed], list[Fault]]:
    """Rate, scope and category of every combination, and those that have none."""
    names = ", ".join(_COMBINATION)
    query = f"SELECT {names}, min(id), min(organisation), min(name), count(*) FROM taken GROUP BY {names} ORDER BY ALL"
    by_owner: dict[str, Rates] = {}
    found: dict[_Key, _Placed] = {}
    faults: list[Fault] = []
    for row in db.execute(query).fetchall():
        key, (first, organisation, name, count) = row[: len(_COMBINATION)], row[len(_COMBINATION) :]
        owner = str(key[0])
        evidence = own.get(owner) or Evidence(owner, {}, (0, ""))
        rates = by_owner.setdefault(owner, Rates(basis, evidence))
        activity = _model(key, str(first), str(name))
        try:
            found[key] = (rates.rate(activity), *placed(activity, evidence)[:2])
        except EvidenceError as error:
            faults.append(Fault(_named(str(organisation), str(first), int(count)), error))
    return found, faults


def _model(key: _Key, name: str, shown: str) -> Activity:
    """An activity that stands for all of its combination."""
    _, source_class, substance, measured, factor, source, told = key
    today = date(2000, 1, 1)
    return Activity(
        id=name,
        name=told or shown,
        source_class=str(source_class),
        start=today,
        end=today,
        first=today,
        last=today,
        quantity=Decimal(1),
        measure_unit=measured,
        substance=substance,
        factor=factor,
        source=source,
    )


def _load(db: duckdb.DuckDBPyConnection, rates: Mapping[_Key, _Placed]) -> None:
    """The rates as a table: numerator and denominator as integers where both fit, else left to Python."""
    columns = ", ".join(f"{name} VARCHAR" for name in _COMBINATION)
    db.execute(
        f"CREATE TABLE rate ({columns}, num HUGEINT, den HUGEINT, sign INTEGER, multiplied VARCHAR, part VARCHAR, "
        "scope VARCHAR, category VARCHAR, gas VARCHAR)"
    )
    rows = []
    for key, (rate, scope, category) in rates.items():
        fits = rate.per.numerator < 2**80 and rate.per.denominator < 2**60
        sign = -1 if rate.part == EXPORTED else 1
        num, den = (rate.per.numerator, rate.per.denominator) if fits else (None, None)
        rows.append((*key, num, den, sign, rate.by, rate.part, scope, category, rate.gas))
    if rows:
        db.executemany(f"INSERT INTO rate VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _compute(db: duckdb.DuckDBPyConnection) -> None:
    """The emission of every row whose product fits, rounded half to even; the others stay NULL."""
    same = " AND ".join(f"t.{name} IS NOT DISTINCT FROM r.{name}" for name in _COMBINATION)
    quantity, distance = _scaled_sql("t.quantity"), _scaled_sql("t.transport_distance")
    db.execute(
        f"""
        CREATE TABLE product AS SELECT t.organisation, t.source_class, r.part, r.scope, r.category, r.gas,
            coalesce(t.site, '-') AS site, coalesce(t.unit, '-') AS unit,
            CASE WHEN date_trunc('month', first_day) = date_trunc('month', last_day)
                THEN strftime(first_day, '%Y-%m')
                ELSE concat(strftime(first_day, '%Y-%m'), '/', strftime(last_day, '%Y-%m')) END AS month,
            r.sign, t.id, t.quantity, t.transport_distance, t.transport_trips,
            (last_day - first_day) + 1 AS inside, (until - start) + 1 AS days,
            CASE r.multiplied WHEN 'trips' THEN {distance} ELSE {quantity} END AS amount,
            CASE r.multiplied WHEN 'quantity' THEN 1::HUGEINT WHEN 'distance' THEN {distance}
                ELSE t.transport_trips::HUGEINT END AS times,
            CASE r.multiplied WHEN 'distance' THEN 10000000000::HUGEINT ELSE 1::HUGEINT END AS divisor,
            num, den, {", ".join(f"t.{name} AS k_{name}" for name in _COMBINATION)}
        FROM taken t JOIN rate r ON {same}
        """
    )
    db.execute(
        f"""
        CREATE TABLE emission AS SELECT *, CASE WHEN fits THEN n // d + CASE
                WHEN 2 * (n - (n // d) * d) > d OR (2 * (n - (n // d) * d) = d AND (n // d) % 2 = 1) THEN 1 ELSE 0 END
            END AS value
        FROM (SELECT *, CASE WHEN fits THEN amount * num * inside * times END AS n,
                CASE WHEN fits THEN den * days * divisor END AS d
            FROM (SELECT *, num IS NOT NULL AND times IS NOT NULL AND days < 100000
                AND amount <= {LARGEST}::HUGEINT // greatest(num, 1) // {DAYS} // greatest(times, 1) AS fits
                FROM product))
        """
    )


def _cells(db: duckdb.DuckDBPyConnection, year: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The sums of the rows that fitted; raises EvidenceError for a datum beyond all measure."""
    largest = db.execute("SELECT max(value), min(id) FILTER (value > ?) FROM emission", [LIMIT]).fetchall()[0]
    if largest[0] is not None and largest[0] > LIMIT:
        shown = {"found": plain(largest[0]), "quantity": "-", "unit": "-"}
        raise InventoryFaults([fault(f"activity_datum:{largest[1]}", "too_large", **shown)], year)
    names = ", ".join(KEYS)
    query = f"SELECT {names}, sum(sign * value) FROM emission WHERE fits GROUP BY {names} ORDER BY ALL"
    for row in db.execute(query).fetchall():
        yield tuple(map(str, row[:-1])), int(row[-1])


def _too_large(
    db: duckdb.DuckDBPyConnection, rates: Mapping[_Key, _Placed], year: int
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Rows whose product does not fit into 128 bits, or whose distance is missing: by exact fractions."""
    names, combination = ", ".join(KEYS), ", ".join(f"k_{name}" for name in _COMBINATION)
    query = (
        f"SELECT {names}, {combination}, id, quantity, transport_distance, transport_trips, inside, days, sign "
        "FROM emission WHERE NOT coalesce(fits, false) ORDER BY ALL"
    )
    at, until = len(KEYS), len(KEYS) + len(_COMBINATION)
    for row in db.execute(query).fetchall():
        name, quantity, distance, trips, inside, days, sign = row[until:]
        rate = rates[row[at:until]][0]
        times = Fraction(quantity) * Fraction(inside, days)
        if rate.by != "quantity":
            if distance is None or (rate.by == "trips" and trips is None):
                raise InventoryFaults([fault(f"activity_datum:{name}", "no_distance", name=name)], year)
            times = (
                Fraction(distance)
                * Fraction(inside, days)
                * (Fraction(quantity) if rate.by == "distance" else int(trips))
            )
        value = scaled(times * rate.per)
        if value > LIMIT:
            shown = {"found": plain(value), "quantity": quantity, "unit": row[at + 3]}
            raise InventoryFaults([fault(f"activity_datum:{name}", "too_large", **shown)], year)
        yield tuple(map(str, row[:at])), sign * value
