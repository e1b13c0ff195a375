"""The evidence of many organisations as DuckDB tables: one typed table per kind, only the columns a plan decides by.

Values are what the Python executor sees: a decimal is its value times 10**10 as an integer, a date a date without time,
a text that predicates only ask for presence is kept as presence. Organisations are numbered, tables carry the number.
DuckDB is an extra (`portfolio`), imported here and in the executor only.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from shall.engine.outcomes import INTERVAL_KIND
from shall.engine.plan import Plan
from shall.engine.trees import SCALE, Tree, columns
from shall.evidence.schema import Kind
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError

VALIDITY: Mapping[str, str] = {"status": "text", "valid_from": "date", "valid_until": "date"}
PEOPLE: Mapping[str, Mapping[str, str]] = {
    "judgement": dict.fromkeys(
        ("id", "ruleset", "address", "verdict", "reason", "judged_by", "made_as"), "text"
    )
    | {"judged_on": "date"},
    "exclusion": dict.fromkeys(("id", "ruleset", "address", "justification", "approved_by"), "text")
    | {"approved_on": "date"},
}
"""What persons put on record, beside the evidence: read for the verdicts."""

SQL_TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "present": "BOOLEAN",
    "flag": "BOOLEAN",
    "integer": "BIGINT",
    "decimal": "HUGEINT",
    "date": "DATE",
}
ORGANISATIONS = "organisations"
READ_CSV = (
    "header=false, auto_detect=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, "
    "new_line='\\n', dateformat='%Y-%m-%d', max_line_size=16000000"
)
ESCAPES = {"\x01": "a", "\n": "n", "\r": "r"}
"""What stands after a \\x01 for a character that would break a line: each row is one line, whatever a text holds."""

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FOUND: Mapping[str, tuple[str, ...]] = {
    "text": ("VARCHAR", "ENUM"),
    "present": ("VARCHAR", "ENUM"),
    "flag": ("BOOLEAN",),
    "integer": _WHOLE,
    "decimal": ("DECIMAL", "VARCHAR", *_WHOLE),
    "date": ("DATE",),
}
"""Types a column of a parquet file may have. No floating point, and no time stamp: its day depends on a time zone."""

Types = Mapping[str, Mapping[str, str]]
Record = Mapping[str, Any]


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def decision_aggregates(plan: Plan) -> set[int]:
    """Indexes of the aggregates that outcomes and conditions depend on; the others only name records to a reader."""
    decisions = [r.decision for r in plan.requirements] + [c.decision for c in plan.conditions]
    return {index for tree in decisions for index in _aggregates_in(tree)}


def _aggregates_in(tree: Tree) -> Iterator[int]:
    if tree and tree[0] == "agg":
        yield tree[1]
    else:
        for part in tree:
            if isinstance(part, tuple):
                yield from _aggregates_in(part)


def types_of(plan: Plan, kinds: Mapping[str, Kind]) -> dict[str, dict[str, str]]:
    """For each kind the columns to be loaded, with their types; `present` is a text only asked for presence."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in plan.columns}

    def need(kind: str, names: Iterable[str], presence: bool = False) -> None:
        for name in names:
            column = kinds[kind].column(name)
            assert column is not None, (kind, name)
            plain = "text" if column.type == "choice" else column.type
            held = found.setdefault(kind, {}).get(name, "present")
            found[kind][name] = "present" if plain == "text" and presence and held == "present" else plain

    def need_predicate(kind: str, tree: Tree) -> None:
        need(kind, set(columns(tree)) - set(_values_in(tree)), presence=True)
        need(kind, _values_in(tree))

    for index in sorted(decision_aggregates(plan)):
        match plan.aggregates[index]:
            case ("count", kind, predicate, _):
                need_predicate(kind, predicate)
            case ("sum" | "stale" | "gaps", kind, column, predicate, *_):
                need(kind, [column])
                need_predicate(kind, predicate)
            case ("unlinked" | "unanswered", kind, predicate, column, partner, wanted, other, *rest):
                pair = rest[0] if len(rest) > 1 and rest[0] else None
                need(kind, [column, *([pair[0]] if pair else [])])
                need(partner, [other, *([pair[1]] if pair else [])])
                need_predicate(kind, predicate)
                need_predicate(partner, wanted)
            case ("lapsed", kind, predicate, column, since, events, wanted, date, other, *_):
                need(kind, [column, *([since] if since else [])])
                need(events, [date, other])
                need_predicate(kind, predicate)
                need_predicate(events, wanted)
    if any(a[0] in ("gaps", "lapsed") for a in plan.aggregates):
        need("organisation", ["system_since"])
    if INTERVAL_KIND in plan.columns and "months" in plan.columns[INTERVAL_KIND]:
        need(INTERVAL_KIND, ["subject", "months", "days"])
    for kind, names in PEOPLE.items():
        found.setdefault(kind, {}).update(names)
    return {kind: {**names, **VALIDITY} for kind, names in sorted(found.items())}


def _values_in(tree: Tree) -> Iterator[str]:
    """Columns whose value a tree reads, not only whether there is one."""
    match tree:
        case ("null", _):
            return
        case ("col" | "flag", str(name)):
            yield name
        case (_, *parts):
            for part in parts:
                if isinstance(part, tuple):
                    yield from _values_in(part)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one call of a loader brought in."""

    organisations: int
    rows: int


class Portfolio:
    """A DuckDB database with the evidence a plan needs; filled by its loaders, read by the executor.

    `database` is a file for evidence that exceeds memory; the tables in it are made anew.
    An organisation is loaded once: from one store, one folder or one call.
    """

    def __init__(self, plan: Plan, kinds: Mapping[str, Kind], database: str = ":memory:") -> None:
        self.types: Types = types_of(plan, kinds)
        self.db = duckdb.connect(database)
        self.db.execute("SET preserve_insertion_order = false")
        self.db.execute(f"CREATE OR REPLACE TABLE {ORGANISATIONS} (_o INTEGER, organisation VARCHAR)")
        for kind, types in self.types.items():
            listed = ", ".join(f"{quoted(name)} {SQL_TYPES[t]}" for name, t in types.items())
            self.db.execute(f"CREATE OR REPLACE TABLE {quoted(table_of(kind))} (_o INTEGER, {listed})")

    def load_store(self, path: str | Path, known: int | None = None) -> Loaded:
        """Every organisation of a store as known at that ledger position (default: its head). Raises EvidenceError."""
        with closing(Store.open(path)) as store, tempfile.TemporaryDirectory() as folder:
            if known is None:
                known = store.position()[0]
            names = store.organisations()
            self._add_organisations(names, path)
            rows = 0
            for kind, types in self.types.items():
                if kind in store.shape:
                    target = Path(folder) / "rows.csv"
                    rows += self._take(
                        target, kind, _write_lines(target, _store_lines(store, kind, types, known))
                    )
        return Loaded(len(names), rows)

    def load_rows(self, evidence: Mapping[str, Mapping[str, Iterable[Record]]]) -> Loaded:
        """Records by organisation and kind, values as a store holds them; a column left out is not filled in."""
        self._add_organisations(list(evidence), "-")
        rows = 0
        with tempfile.TemporaryDirectory() as folder:
            for kind, types in self.types.items():
                lines = (
                    _line(organisation, record, types)
                    for organisation, kinds in evidence.items()
                    for record in kinds.get(kind, ())
                )
                target = Path(folder) / "rows.csv"
                rows += self._take(target, kind, _write_lines(target, lines))
        return Loaded(len(evidence), rows)

    def load_folder(self, folder: str | Path) -> Loaded:
        """Every `KIND.parquet` of a folder: `organisation`, the columns of the kind, status and validity.

        Decimals are DECIMAL, whole numbers or text, in the unit of the column; dates are DATE. A column or file
        that is not there is not filled in. Raises EvidenceError.
        """
        files = {kind: Path(folder) / f"{kind}.parquet" for kind in self.types}
        files = {kind: file for kind, file in files.items() if file.is_file()}
        if not files:
            raise EvidenceError("portfolio.no_files", folder=folder)
        shapes = {kind: self._checked_shape(kind, file) for kind, file in files.items()}
        union = " UNION ".join(f"SELECT organisation FROM {_parquet(file)}" for file in files.values())
        names = [name for (name,) in self.db.execute(f"{union} ORDER BY 1").fetchall()]
        if None in names:
            raise EvidenceError("portfolio.no_organisation", folder=folder)
        self._add_organisations(names, folder)
        return Loaded(len(names), sum(self._take_file(kind, files[kind], shapes[kind]) for kind in files))

    def organisations(self) -> list[str]:
        """Every organisation that was loaded, sorted."""
        found = self.db.execute(f"SELECT organisation FROM {ORGANISATIONS} ORDER BY organisation").fetchall()
        return [name for (name,) in found]

    def _add_organisations(self, names: Sequence[str], source: object) -> None:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "names.csv"
            source_of_names = "(SELECT '' AS o LIMIT 0)"
            if _write_lines(target, (_cell(name, "text") for name in names)):
                source_of_names = _read_csv(target, {"o": "VARCHAR"})
            query = f"SELECT {_unescaped('o')} AS organisation FROM {source_of_names}"
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE arriving AS {query}")
        twice = self.db.execute(
            f"SELECT min(organisation) FROM arriving SEMI JOIN {ORGANISATIONS} USING (organisation)"
        ).fetchone()
        if twice and twice[0] is not None:
            raise EvidenceError("portfolio.organisation_twice", organisation=twice[0], source=source)
        self.db.execute(
            f"INSERT INTO {ORGANISATIONS} SELECT (SELECT count(*) FROM {ORGANISATIONS}) "
            "+ row_number() OVER (ORDER BY organisation) - 1, organisation FROM arriving"
        )

    def _take(self, file: Path, kind: str, rows: int) -> int:
        """Read a CSV file that we wrote into the kind's table; every row of it must arrive."""
        if rows:
            types = self.types[kind]
            shape = {"o": "VARCHAR"} | {f"c_{name}": _csv_type(t) for name, t in types.items()}
            source = f"(SELECT {_unescaped('o')} AS organisation, * FROM {_read_csv(file, shape)})"
            self._insert(kind, ", ".join(_from_csv(name, t) for name, t in types.items()), source, rows)
        return rows

    def _take_file(self, kind: str, file: Path, shape: Mapping[str, str]) -> int:
        wanted = ", ".join(_from_parquet(name, t, shape) for name, t in self.types[kind].items())
        (rows,) = self.db.execute(f"SELECT count(*) FROM {_parquet(file)}").fetchone() or (0,)
        self._insert(kind, wanted, _parquet(file), rows)
        return int(rows)

    def _insert(self, kind: str, wanted: str, source: str, rows: int) -> None:
        query = f"SELECT o._o, {wanted} FROM {source} JOIN {ORGANISATIONS} AS o USING (organisation)"
        (taken,) = self.db.execute(f"INSERT INTO {quoted(table_of(kind))} {query}").fetchone() or (0,)
        if taken != rows:
            raise EvidenceError("portfolio.rows_lost", kind=kind, found=taken, expected=rows)

    def _checked_shape(self, kind: str, file: Path) -> dict[str, str]:
        """Column types of a parquet file; EvidenceError where one cannot be read exactly or an id occurs twice."""
        described = self.db.execute(f"DESCRIBE SELECT * FROM {_parquet(file)}").fetchall()
        shape = {name: str(found) for name, found, *_ in described}
        if shape.get("organisation") != "VARCHAR":
            raise EvidenceError("portfolio.no_organisation", folder=file)
        for name, wanted in self.types[kind].items():
            found = shape.get(name)
            if found is not None and found.partition("(")[0] not in _FOUND[wanted]:
                allowed = ", ".join(_FOUND[wanted])
                raise EvidenceError(
                    "portfolio.column_type", file=file, column=name, found=found, allowed=allowed
                )
        if "id" in shape:
            ids = f"SELECT organisation, id FROM {_parquet(file)} WHERE id IS NOT NULL"
            twice = f"{ids} GROUP BY ALL HAVING count(*) > 1 LIMIT 1"
            if row := self.db.execute(twice).fetchone():
                raise EvidenceError("portfolio.record_twice", file=file, organisation=row[0], record=row[1])
        return shape


def table_of(kind: str) -> str:
    """Name of the kind's table."""
    return f"kind_{kind}"


def _parquet(file: Path) -> str:
    return f"read_parquet({literal(str(file))})"


def _csv_type(column_type: str) -> str:
    return f"DECIMAL(38, {SCALE})" if column_type == "decimal" else SQL_TYPES[column_type]


def _scaled(expression: str) -> str:
    """A decimal as integer of 10**-10 units; by its digits, for a product could exceed the engine's decimals."""
    return f"CAST(replace(CAST(CAST({expression} AS DECIMAL(38, {SCALE})) AS VARCHAR), '.', '') AS HUGEINT)"


def _from_parquet(name: str, column_type: str, shape: Mapping[str, str]) -> str:
    if name not in shape:
        return f"CAST(NULL AS {SQL_TYPES[column_type]})"
    cell = quoted(name)
    match column_type:
        case "decimal":
            return _scaled(cell)
        case "text":
            return f"nullif(trim(CAST({cell} AS VARCHAR)), '')"
        case "present":
            return f"CASE WHEN trim(CAST({cell} AS VARCHAR)) <> '' THEN true END"
    return f"CAST({cell} AS {SQL_TYPES[column_type]})"


def _store_lines(store: Store, kind: str, types: Mapping[str, str], known: int) -> Iterator[str]:
    """The kind's records of all organisations as lines of CSV."""
    column_types = ("text", *types.values())
    for row in store.scan(kind, tuple(types), known):
        yield ",".join(map(_cell, row, column_types))


def _line(organisation: str, record: Record, types: Mapping[str, str]) -> str:
    return ",".join([_cell(organisation, "text"), *(_cell(record.get(name), t) for name, t in types.items())])


def _cell(value: Any, column_type: str) -> str:
    if value is None:
        return ""
    match column_type:
        case "text":
            text = str(value)
            for plain, code in ESCAPES.items():
                text = text.replace(plain, f"\x01{code}")
            return '"' + text.replace('"', '""') + '"'
        case "present":
            return "1"
        case "flag" | "integer":
            return str(int(value))
        case "decimal":
            return f"{Decimal(value):f}"
    return str(value)


def _write_lines(target: Path, lines: Iterable[str]) -> int:
    """Write the lines and say how many there are."""
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            rows += 1
            file.write(line)
            file.write("\n")
    return rows


def _read_csv(file: Path, shape: Mapping[str, str]) -> str:
    listed = ", ".join(f"{literal(name)}: {literal(t)}" for name, t in shape.items())
    return f"read_csv({literal(str(file))}, columns={{{listed}}}, {READ_CSV})"


def _unescaped(expression: str) -> str:
    """A text as it was before it was written."""
    for plain, code in reversed(ESCAPES.items()):
        expression = f"replace({expression}, chr(1) || '{code}', chr({ord(plain)}))"
    return expression


def _from_csv(name: str, column_type: str) -> str:
    cell = quoted(f"c_{name}")
    return _scaled(cell) if column_type == "decimal" else _unescaped(cell) if column_type == "text" else cell
