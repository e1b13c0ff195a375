"""The executor for many organisations: the same plan as SQL, one scan per kind of evidence.

A predicate is SQL's own three-valued logic, which is Kleene's. Counts that decisions only compare with nought are bits,
packed into words and joined by BIT_OR; the rest are counts and sums of the same scan. Partners and events have queries
of their own. Decisions are CASEs over the results of all scans, one row per organisation.

The engine calculates with 128 bits. Where numbers exceed them it says so, and the organisations with
the largest numbers are left to the Python executor, which knows no limit: never a rounded verdict.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from shall.engine.executors.python import Answers, PythonExecutor, Row
from shall.engine.outcomes import INTERVAL_KIND, MET, NOTHING, PROFILE, UNKNOWN, UNMET
from shall.engine.plan import Plan
from shall.engine.portfolio import (
    ORGANISATIONS,
    Loaded,
    Portfolio,
    Record,
    Types,
    decision_aggregates,
    literal,
    quoted,
    table_of,
)
from shall.engine.trees import TRUE, Tree, bind
from shall.engine.verdicts import VERDICTS, Mode, Verdict, decide, incorporated
from shall.evidence.schema import Kind
from shall.texts.errors import EvidenceError

WORD = 60
"""Bits of a word that are used: enough below 64 that no engine takes one for a sign."""

BATCH = 24
"""Scans that are joined in one query."""

OUTCOME_TABLE = "outcomes"
VERDICT_TABLE = "verdict_codes"
OVERRIDE_TABLE = "overrides"
PROVISION_TABLE = "provisions"
LIMITS = (10**28, 10**22, 10**16, 0)
"""Sizes of numbers (in units of 10**-10 for decimals) above which an organisation is left to Python, tried in turn."""

_LARGEST = 2**63
_INT128 = 2**127
_TOO_LARGE = (duckdb.OutOfRangeException, duckdb.ConversionException)


class DuckDBExecutor:
    """A plan made ready to run over a portfolio; load evidence, then run it for any day."""

    def __init__(
        self, plan: Plan, kinds: Mapping[str, Kind] | None = None, database: str = ":memory:"
    ) -> None:
        if kinds is None:
            from shall.evidence.schema import schema

            kinds = schema()
        self.plan = plan
        self.portfolio = Portfolio(plan, kinds, database)
        self.db = self.portfolio.db
        self._python: PythonExecutor | None = None

    def load_stores(self, paths: Sequence[str | Path], known: int | None = None) -> Loaded:
        """Load whole stores, each as known at its head, or a single one at position `known`. Raises EvidenceError."""
        if known is not None and len(paths) != 1:
            raise EvidenceError("portfolio.one_position")
        return _sum(self.portfolio.load_store(path, known) for path in paths)

    def load_rows(self, evidence: Mapping[str, Mapping[str, Iterable[Record]]]) -> Loaded:
        """Load records by organisation and kind; see `Portfolio.load_rows`."""
        return self.portfolio.load_rows(evidence)

    def load_folder(self, folder: str | Path) -> Loaded:
        """Load a folder of parquet files; see `Portfolio.load_folder`."""
        return self.portfolio.load_folder(folder)

    def run(self, on: datetime.date, since: datetime.date) -> "Outcomes":
        """Outcome codes of every requirement and condition for every organisation.

        The result lives in the database and is replaced by the next run.
        """
        left_to_python = self._tried(on, since)
        for organisation in left_to_python:
            self._run_in_python(organisation, on, since)
        return Outcomes(self.plan, self.db, tuple(name for _, name in left_to_python))

    def verdicts(self, on: datetime.date, since: datetime.date, mode: Mode = "audit") -> "Verdicts":
        """Run the plan, then decide every provision, with the judgements and exclusions that hold on the day."""
        outcomes = self.run(on, since)
        self.db.execute(_verdict_codes(self.plan, mode))
        _write_provisions(self.db, self.plan)
        self.db.execute(_overrides(on, mode))
        for n in _incorporating(self.plan):
            self.db.execute(_derived_overrides(self.plan, n))
        return Verdicts(self.plan, self.db, outcomes)

    def _tried(self, on: datetime.date, since: datetime.date) -> list[tuple[int, str]]:
        """Run in the engine with as many organisations as it can calculate; return the others."""
        left: list[tuple[int, str]] = []
        for limit in (None, *LIMITS):
            left = [] if limit is None else self._larger_than(limit)
            self.db.execute("CREATE OR REPLACE TEMP TABLE apart (_o INTEGER)")
            if left:
                self.db.execute(f"INSERT INTO apart VALUES {', '.join(f'({n})' for n, _ in left)}")
            try:
                self._run_in_engine(_Scope(on, since, self.portfolio.types, bool(left)))
            except _TOO_LARGE:
                if limit == 0:
                    break
            else:
                return left
        self._write_outcomes(["NULL"] * len(_outcome_names(self.plan)), "WHERE false")
        return left

    def _run_in_engine(self, scope: "_Scope") -> None:
        """One table per scan, those joined some at a time (planning one join of all takes seconds), then decisions."""
        scans = _scans(self.plan, scope)
        for number, scan in enumerate(scans):
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE scan_{number} AS {scan.query}")
        batches = [range(len(scans))[at : at + BATCH] for at in range(0, len(scans), BATCH)]
        for number, batch in enumerate(batches):
            joins = " ".join(f"LEFT JOIN scan_{n} USING (_o)" for n in batch)
            query = f"SELECT * FROM (SELECT _o FROM {ORGANISATIONS}) {joins} {scope.apart()}"
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE joined_{number} AS {query}")
        places = {index: place for scan in scans for index, place in scan.places.items()}
        trees = [r.decision for r in self.plan.requirements] + [c.decision for c in self.plan.conditions]
        source = " ".join(f"JOIN joined_{n} USING (_o)" for n in range(len(batches)))
        self._write_outcomes([_decision(tree, places) for tree in trees], f"{source} {scope.apart()}")
        for table in [f"scan_{n}" for n in range(len(scans))] + [f"joined_{n}" for n in range(len(batches))]:
            self.db.execute(f"DROP TABLE {table}")

    def _write_outcomes(self, cells: Sequence[str], rest: str) -> None:
        names = _outcome_names(self.plan)
        listed = [f"CAST({cell} AS TINYINT) AS {name}" for cell, name in zip(cells, names, strict=True)]
        query = f"SELECT {', '.join(['_o', *listed])} FROM (SELECT _o FROM {ORGANISATIONS}) {rest}"
        self.db.execute(f"CREATE OR REPLACE TABLE {OUTCOME_TABLE} AS {query}")

    def _larger_than(self, limit: int) -> list[tuple[int, str]]:
        """Organisations with a number at least that large, or all of them for nought."""
        numbers = [
            f"SELECT _o FROM {quoted(table_of(kind))} WHERE CAST({quoted(name)} AS HUGEINT) >= {_int(limit)} "
            f"OR CAST({quoted(name)} AS HUGEINT) <= {_int(-limit)}"
            for kind, types in self.portfolio.types.items()
            for name, column_type in types.items()
            if column_type in ("decimal", "integer")
        ]
        where = f"WHERE _o IN ({' UNION ALL '.join(numbers)})" if limit and numbers else ""
        return self.db.execute(f"SELECT _o, organisation FROM {ORGANISATIONS} {where} ORDER BY _o").fetchall()

    def _run_in_python(self, organisation: tuple[int, str], on: datetime.date, since: datetime.date) -> None:
        number = organisation[0]
        self._python = self._python or PythonExecutor(self.plan)
        rows = {kind: self._rows(number, kind, on) for kind in self.plan.columns}
        answers = self._python.run(rows, on, since)
        codes = ", ".join(map(str, [number, *answers.requirements, *answers.conditions]))
        self.db.execute(f"INSERT INTO {OUTCOME_TABLE} VALUES ({codes})")

    def _rows(self, number: int, kind: str, on: datetime.date) -> list[Row]:
        """An organisation's evidence of a kind as the Python executor takes it; what no decision reads is blank."""
        types = self.portfolio.types[kind]
        cells = [_python_cell(name, types) for name in self.plan.columns[kind]]
        cells += ["status", "CAST(valid_from AS VARCHAR)", "CAST(valid_until AS VARCHAR)"]
        scope = _Scope(on, on, self.portfolio.types, False)
        query = f"SELECT {', '.join(cells)} {scope.rows(kind, 'r')} AND r._o = {number}"
        return list(self.db.execute(query).fetchall())


def _python_cell(name: str, types: Mapping[str, str]) -> str:
    if name not in types:
        return "NULL"
    return f"CAST({quoted(name)} AS VARCHAR)" if types[name] == "date" else quoted(name)


def _sum(loaded: Iterable[Loaded]) -> Loaded:
    parts = list(loaded)
    return Loaded(sum(p.organisations for p in parts), sum(p.rows for p in parts))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The table of a run: `_o`, the organisation's number, then a code per requirement and condition."""

    plan: Plan
    db: Any
    in_python: tuple[str, ...]
    """Organisations whose numbers exceeded the engine's and that were computed in Python."""

    @property
    def columns(self) -> list[str]:
        """Names of the code columns: `r0`, `r1` … as the plan's requirements, then `c0` … as its conditions."""
        return _outcome_names(self.plan)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """(organisation, requirement codes …, condition codes …), in order of organisation."""
        listed = ", ".join(["organisation", *self.columns])
        yield from _fetched(
            self.db, f"SELECT {listed} FROM {OUTCOME_TABLE} JOIN {ORGANISATIONS} USING (_o) ORDER BY 1"
        )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of a run, as tables in the database."""

    plan: Plan
    db: Any
    outcomes: Outcomes

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """(organisation, ruleset, address, verdict), organisations in order, provisions in the order of the plan."""
        columns = "organisation, ruleset, address, verdict"
        yield from _fetched(
            self.db, f"SELECT {columns} FROM ({self.select()}) ORDER BY organisation, position"
        )

    def select(self) -> str:
        """A query for organisation, ruleset, address, verdict and position: for COPY and for further questions."""
        return (
            f"SELECT o.organisation, p.ruleset, p.address, p.position, "
            f"coalesce(w.verdict, {_name_of_code('v.code')}) AS verdict "
            f"FROM ({_long(self.plan)}) AS v JOIN {PROVISION_TABLE} AS p USING (position) "
            f"JOIN {ORGANISATIONS} AS o USING (_o) LEFT JOIN {OVERRIDE_TABLE} AS w USING (_o, position)"
        )

    def counts(self) -> Iterator[tuple[Any, ...]]:
        """(organisation, ruleset, then how often each verdict of `VERDICTS` occurs), in order."""
        yield from _fetched(self.db, self._select_counts())

    def write_parquet(self, file: str | Path, *, every: bool) -> int:
        """Write the counts, or every verdict about the standards asked for, as parquet; the number of rows."""
        query = self._select_asked() if every else self._select_counts()
        return self._copy(query, file, "FORMAT parquet")

    def write_csv(self, file: str | Path, guarded: Sequence[str]) -> int:
        """Write every verdict about the standards asked for as CSV in UTF-8; the number of rows.

        A name that begins with one of `guarded` gets an apostrophe, so that no spreadsheet computes it.
        """
        starts = " OR ".join(f"starts_with(organisation, {literal(start)})" for start in guarded)
        kept = f"CASE WHEN {starts} THEN {literal(chr(39))} || organisation ELSE organisation END AS organisation"
        query = f"SELECT * REPLACE ({kept}) FROM ({self._select_asked()})"
        return self._copy(query, file, "FORMAT csv, HEADER")

    def _select_counts(self) -> str:
        parts = " UNION ALL ".join(_counted(self.plan, ruleset) for ruleset in self.plan.asked)
        shifts = ", ".join(f"sum({_shift(verdict)}) AS {verdict}" for verdict in VERDICTS)
        moved = (
            f"SELECT _o, p.ruleset, {shifts} FROM {OVERRIDE_TABLE} AS w JOIN {PROVISION_TABLE} AS p USING (position) "
            f"JOIN ({_long(self.plan)} WHERE _o IN (SELECT _o FROM {OVERRIDE_TABLE})) AS v USING (_o, position) "
            "GROUP BY _o, p.ruleset"
        )
        sums = ", ".join(f"CAST(c.{v} + coalesce(m.{v}, 0) AS BIGINT) AS {v}" for v in VERDICTS)
        return (
            f"SELECT o.organisation, c.ruleset, {sums} FROM ({parts}) AS c JOIN {ORGANISATIONS} AS o USING (_o) "
            f"LEFT JOIN ({moved}) AS m USING (_o, ruleset) ORDER BY 1, 2"
        )

    def _select_asked(self) -> str:
        asked = ", ".join(map(literal, self.plan.asked))
        return (
            f"SELECT organisation, ruleset, address, verdict FROM ({self.select()}) "
            f"WHERE ruleset IN ({asked}) ORDER BY organisation, position"
        )

    def _copy(self, query: str, file: str | Path, options: str) -> int:
        copied = self.db.execute(f"COPY ({query}) TO {literal(str(file))} ({options})").fetchone()
        return int(copied[0]) if copied else 0


def _fetched(db: Any, query: str) -> Iterator[tuple[Any, ...]]:
    cursor = db.cursor()
    found = cursor.execute(query)
    while rows := found.fetchmany(10_000):
        yield from rows


def _outcome_names(plan: Plan) -> list[str]:
    return [f"r{n}" for n in range(len(plan.requirements))] + [f"c{n}" for n in range(len(plan.conditions))]


# The scans.


@dataclass(frozen=True, slots=True)
class _Scope:
    """What rendering may ask: day, audit period, types of columns; whether some organisations stand apart."""

    on: datetime.date
    since: datetime.date
    types: Types
    some_apart: bool

    def bound(self, name: str) -> str:
        return bind(name, self.on, self.since)

    def apart(self) -> str:
        """The WHERE that leaves out the organisations that are computed elsewhere."""
        return "WHERE _o NOT IN (SELECT _o FROM apart)" if self.some_apart else ""

    def valid(self, alias: str) -> str:
        """Whether a row is evidence on the day: as `evaluation.counts`."""
        day = _date(self.on.isoformat())
        test = (
            f"({alias}.status IS NULL OR {alias}.status = 'approved') "
            f"AND ({alias}.valid_from IS NULL OR {alias}.valid_from <= {day}) "
            f"AND ({alias}.valid_until IS NULL OR {alias}.valid_until >= {day})"
        )
        return f"{test} AND {alias}._o NOT IN (SELECT _o FROM apart)" if self.some_apart else test

    def rows(self, kind: str, alias: str) -> str:
        """FROM and WHERE for the evidence of a kind."""
        return f"FROM {quoted(table_of(kind))} AS {alias} WHERE {self.valid(alias)}"

    def predicate(self, kind: str, tree: Tree, alias: str) -> str:
        """The tree as SQL over a row of the kind: true, false or NULL."""
        return _predicate(tree, _Columns(alias, self.types[kind], self.bound))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an aggregate's answer stands: a column, and the bit where it is one of a word.

    An organisation that a scan does not know has none of what is counted; `timed` answers have no number then.
    """

    column: str
    bit: int | None = None
    timed: bool = False

    @property
    def value(self) -> str:
        """The column as SQL."""
        return self.column if self.timed else f"coalesce({self.column}, 0)"

    @property
    def holds(self) -> str:
        """Whether the bit is set, as SQL."""
        return f"({self.value} & {1 << (self.bit or 0)}) <> 0"


@dataclass(slots=True)
class _Scan:
    """A query with one row per organisation, and what its columns answer."""

    query: str = ""
    places: dict[int, _Place] = field(default_factory=dict)


def _scans(plan: Plan, scope: _Scope) -> list[_Scan]:
    """Every query the plan needs: one per kind, one per pair of linked kinds, one per question about time."""
    used = sorted(decision_aggregates(plan))
    counted = _counted_aggregates(plan)
    rows: dict[str, list[int]] = {}
    links: dict[tuple[str, str, str, str], list[int]] = {}
    single: list[int] = []
    for index in used:
        match plan.aggregates[index]:
            case ("count" | "sum", kind, *_):
                rows.setdefault(kind, []).append(index)
            case ("unlinked", kind, _, column, partner, _, other, _):
                links.setdefault((kind, column, partner, other), []).append(index)
            case _:
                single.append(index)
    scans: list[_Scan] = []
    for kind, indexes in rows.items():
        scans.append(_kind_scan(f"scan_{len(scans)}", plan, kind, indexes, counted, scope))
    for pair, indexes in links.items():
        scans.append(_link_scan(f"scan_{len(scans)}", plan, pair, indexes, counted, scope))
    for index in single:
        scans.append(_single_scan(f"scan_{len(scans)}", plan, index, scope))
    return scans


class _Cells:
    """Collects what a scan computes: bits packed into words, counts and sums."""

    def __init__(self, scan: str) -> None:
        self.scan = scan
        self.places: dict[int, _Place] = {}
        self.bits: list[str] = []
        self.numbers: list[str] = []

    def bit(self, index: int, test: str) -> None:
        """A bit that is set where the test holds for a row; the test is true or false, never NULL."""
        word, place = divmod(len(self.bits), WORD)
        self.bits.append(f"CASE WHEN {test} THEN {1 << place} ELSE 0 END")
        self.places[index] = _Place(f"{self.scan}_w{word}", place)

    def number(self, index: int, expression: str) -> None:
        """A number that an aggregate function makes of the rows."""
        name = f"{self.scan}_n{len(self.numbers)}"
        self.numbers.append(f"{expression} AS {name}")
        self.places[index] = _Place(name)

    def listed(self) -> str:
        """The columns to select."""
        words = [self.bits[at : at + WORD] for at in range(0, len(self.bits), WORD)]
        packed = [
            f"bit_or(CAST({' | '.join(bits)} AS BIGINT)) AS {self.scan}_w{n}" for n, bits in enumerate(words)
        ]
        return ", ".join([*packed, *self.numbers])


def _kind_scan(
    name: str, plan: Plan, kind: str, indexes: Sequence[int], counted: set[int], scope: _Scope
) -> _Scan:
    cells = _Cells(name)
    for index in indexes:
        match plan.aggregates[index]:
            case ("count", _, predicate, rail):
                _count(
                    cells,
                    index,
                    _on_rail(scope.predicate(kind, predicate, "r"), predicate, rail),
                    index in counted,
                )
            case ("sum", _, column, predicate):
                test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
                cells.number(index, f"sum(CASE WHEN {test} THEN CAST(r.{quoted(column)} AS HUGEINT) END)")
    return _Scan(f"SELECT r._o, {cells.listed()} {scope.rows(kind, 'r')} GROUP BY r._o", cells.places)


def _count(cells: _Cells, index: int, test: str, counted: bool) -> None:
    if counted:
        cells.number(index, f"count(*) FILTER (WHERE {test})")
    else:
        cells.bit(index, test)


def _on_rail(sql: str, tree: Tree, rail: str) -> str:
    """A test that is true or false: whether the predicate is on one of the rails."""
    if tree == TRUE:
        return "true" if "t" in rail else "false"
    return {"t": f"coalesce({sql}, false)", "u": f"({sql}) IS NULL", "tu": f"coalesce({sql}, true)"}[rail]


def _link_scan(
    name: str,
    plan: Plan,
    pair: tuple[str, str, str, str],
    indexes: Sequence[int],
    counted: set[int],
    scope: _Scope,
) -> _Scan:
    """Rows without a partner: partners are first gathered by what they point to, as bits of what they satisfy.

    A row whose own cell of the link is empty possibly belongs to any partner: that is what `q` is for.
    """
    kind, column, partner, other = pair
    partners, anyone, cells = _Cells("p"), _Cells("q"), _Cells(name)
    types = scope.types
    left, right = _key("r", column, types[kind][column]), _key("s", other, types[partner][other])
    for index in indexes:
        _, _, predicate, _, _, wanted, _, rails = plan.aggregates[index]
        wants = _on_rail(scope.predicate(partner, wanted, "s"), wanted, rails)
        partners.bit(index, wants)
        linked = partners.places[index].holds
        if "u" in rails:
            anyone.bit(index, f"{wants} AND s.{quoted(other)} IS NOT NULL")
            linked = f"({linked} OR (r.{quoted(column)} IS NULL AND {anyone.places[index].holds}))"
        test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
        _count(cells, index, f"{test} AND NOT {linked}", index in counted)
    some = f"{scope.rows(partner, 's')} AND s.{quoted(other)} IS NOT NULL"
    gathered = f"SELECT s._o, {right[1]} AS k, {partners.listed()} {some} GROUP BY ALL"
    same = "p.k = " + left[1] if left[0] == right[0] else "false"
    possibly = ""
    if anyone.bits:
        all_of_them = f"SELECT s._o, {anyone.listed()} {scope.rows(partner, 's')} GROUP BY s._o"
        possibly = f"LEFT JOIN ({all_of_them}) AS q ON q._o = r._o "
    return _Scan(
        f"SELECT r._o, {cells.listed()} FROM {quoted(table_of(kind))} AS r "
        f"LEFT JOIN ({gathered}) AS p ON p._o = r._o AND {same} {possibly}"
        f"WHERE {scope.valid('r')} GROUP BY r._o",
        cells.places,
    )


def _key(alias: str, column: str, column_type: str) -> tuple[str, str]:
    """What two columns are matched by: texts and dates as texts, everything else as whole numbers."""
    cell = f"{alias}.{quoted(column)}"
    if column_type == "text":
        return "text", cell
    return (
        ("text", f"CAST({cell} AS VARCHAR)")
        if column_type == "date"
        else ("number", f"CAST({cell} AS HUGEINT)")
    )


def _single_scan(name: str, plan: Plan, index: int, scope: _Scope) -> _Scan:
    aggregate = plan.aggregates[index]
    render = {"stale": _stale, "gaps": _gaps, "unanswered": _unanswered, "lapsed": _lapsed}[aggregate[0]]
    column = f"{name}_late"
    query = f"SELECT _o, late AS {column} FROM ({render(aggregate, scope)})"
    return _Scan(query, {index: _Place(column, timed=aggregate[0] not in ("unanswered", "lapsed"))})


def _intervals(interval: Sequence[Any] | None, scope: _Scope) -> str:
    """A query for (_o, months, days): the interval each organisation is held to; no row where it has none."""
    if interval is None or interval[0] != "defined":
        months, days = (
            interval[1] if interval and interval[0] == unit else "NULL" for unit in ("months", "days")
        )
        return f"SELECT _o, CAST({months} AS HUGEINT) AS months, CAST({days} AS HUGEINT) AS days FROM {ORGANISATIONS}"
    return (
        "SELECT r._o, CAST(min(r.months) AS HUGEINT) AS months, CAST(min(r.days) AS HUGEINT) AS days "
        f"{scope.rows(INTERVAL_KIND, 'r')} AND r.subject = {literal(str(interval[1]))} "
        "GROUP BY r._o HAVING min(r.months) IS NOT NULL OR min(r.days) IS NOT NULL"
    )


def _exceeds(earlier: str, later: str, interval: str) -> str:
    """Whether more than the interval's months or days lie between two days: never the engine's own month arithmetic."""
    return (
        f"(coalesce({_month_key(later)} > {_month_key(earlier)} + 32 * {interval}.months, false) "
        f"OR coalesce(date_diff('day', {earlier}, {later}) > {interval}.days, false))"
    )


def _month_key(day: str) -> str:
    return f"((year({day}) * 12 + month({day})) * 32 + day({day}))"


def _stale(aggregate: Tree, scope: _Scope) -> str:
    _, kind, column, predicate, interval = aggregate
    test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
    newest = f"SELECT r._o, max(r.{quoted(column)}) AS day {scope.rows(kind, 'r')} AND {test} GROUP BY r._o"
    late = _exceeds("e.day", _date(scope.on.isoformat()), "i")
    held = f"({newest}) AS e JOIN ({_intervals(interval, scope)}) AS i USING (_o)"
    return f"SELECT e._o, CAST({late} AS INTEGER) AS late FROM {held}"


def _gaps(aggregate: Tree, scope: _Scope) -> str:
    """Days in a row: the last before the period (or its start), those within it, and the day of the audit."""
    _, kind, column, predicate, interval = aggregate
    test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
    return f"""
        WITH starts AS ({_starts(scope)}), events AS (
            SELECT r._o, r.{quoted(column)} AS day {scope.rows(kind, "r")} AND {test}
        ), days AS (
            SELECT s._o, 0 AS part, coalesce(max(e.day), any_value(s.start)) AS day
            FROM starts AS s LEFT JOIN events AS e ON e._o = s._o AND e.day <= s.start GROUP BY s._o
            UNION ALL SELECT e._o, 1, e.day FROM events AS e JOIN starts AS s ON s._o = e._o WHERE e.day > s.start
            UNION ALL SELECT _o, 2, {_date(scope.on.isoformat())} FROM starts
        ), pairs AS (
            SELECT _o, day, lead(day) OVER (PARTITION BY _o ORDER BY part, day) AS later FROM days
        )
        SELECT d._o, count(*) FILTER (WHERE {_exceeds("d.day", "d.later", "i")}) AS late
        FROM pairs AS d JOIN ({_intervals(interval, scope)}) AS i ON i._o = d._o
        WHERE d.later IS NOT NULL GROUP BY d._o"""


def _starts(scope: _Scope) -> str:
    """A query for (_o, start): the first day that counts, of the audit period or of a younger system."""
    since = _date(scope.since.isoformat())
    return (
        f"SELECT o._o, greatest({since}, coalesce(max(y.system_since), {since})) AS start "
        f"FROM {ORGANISATIONS} AS o "
        f"LEFT JOIN (SELECT r._o, r.system_since {scope.rows(PROFILE, 'r')}) AS y ON y._o = o._o GROUP BY o._o"
    )


def _lapsed(aggregate: Tree, scope: _Scope) -> str:
    """Items one of whose own gaps is too long: days in a row as for all events together, but for each item."""
    _, kind, predicate, column, since, partner, wanted, date, other, interval, rails = aggregate
    generous = "u" in rails
    test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
    event = scope.predicate(partner, wanted, "s")
    counts, sure = _on_rail(event, wanted, rails), _on_rail(event, wanted, "t")
    types = scope.types
    left, right = _key("r", column, types[kind][column]), _key("s", other, types[partner][other])
    same = "e.k = r.k" if left[0] == right[0] else "false"
    begins = ", ".join(f"r.{quoted(name)}" for name in ("valid_from", since) if name)
    settled = "HAVING r.k IS NOT NULL AND NOT coalesce(bool_or(e.k IS NOT NULL AND e.day IS NULL), false)"
    return f"""
        WITH starts AS ({_starts(scope)}), items AS (
            SELECT r._o, r.item, r.k, greatest(f.start, coalesce(r.begun, f.start)) AS start
            FROM (
                SELECT r._o, r.rowid AS item, {left[1]} AS k, greatest({begins}) AS begun
                {scope.rows(kind, "r")} AND {test}
            ) AS r JOIN starts AS f ON f._o = r._o
        ), events AS (
            SELECT s._o, s.{quoted(date)} AS day, {right[1]} AS k, {sure} AS sure
            {scope.rows(partner, "s")} AND {counts} AND s.{quoted(other)} IS NOT NULL
        ), anchors AS (
            SELECT r._o, r.item, r.start, CASE WHEN bool_or(e.sure AND e.day <= r.start)
                THEN max(e.day) FILTER (WHERE e.day <= r.start) ELSE r.start END AS day
            FROM items AS r LEFT JOIN events AS e ON e._o = r._o AND {same}
            GROUP BY r._o, r.item, r.start, r.k {settled if generous else ""}
        ), days AS (
            SELECT _o, item, 0 AS part, day FROM anchors
            UNION ALL SELECT r._o, r.item, 1, e.day FROM items AS r
                JOIN anchors AS a ON a.item = r.item JOIN events AS e ON e._o = r._o AND {same} WHERE e.day > r.start
            UNION ALL SELECT _o, item, 2, {_date(scope.on.isoformat())} FROM anchors
        ), pairs AS (
            SELECT _o, item, day, lead(day) OVER (PARTITION BY item ORDER BY part, day) AS later FROM days
        )
        SELECT d._o, count(DISTINCT d.item) AS late
        FROM pairs AS d JOIN ({_intervals(interval, scope)}) AS i ON i._o = d._o
        WHERE d.later IS NOT NULL AND {_exceeds("d.day", "d.later", "i")} GROUP BY d._o"""


def _unanswered(aggregate: Tree, scope: _Scope) -> str:
    """Events whose time is over and that no response in time follows."""
    _, kind, predicate, column, partner, wanted, other, match, interval, rails = aggregate
    generous = "u" in rails
    test = _on_rail(scope.predicate(kind, predicate, "r"), predicate, "t")
    answer = _on_rail(scope.predicate(partner, wanted, "s"), wanted, rails)
    on = _date(scope.on.isoformat())
    due = "true" if interval is None else _exceeds("e.day", on, "i")
    in_time = "true" if interval is None else f"NOT {_exceeds('e.day', 's.day', 'e')}"
    timely = f"(s.day >= e.day AND s.day <= {on} AND {in_time})"
    left, right, same = _matched(match, kind, partner, scope, generous)
    return f"""
        WITH events AS (
            SELECT r._o, r.rowid AS event, r.{quoted(column)} AS day, {left} AS k {scope.rows(kind, "r")} AND {test}
        ), due AS (
            SELECT e.*, i.months, i.days
            FROM events AS e JOIN ({_intervals(interval, scope)}) AS i ON i._o = e._o WHERE {due}
        ), responses AS (
            SELECT s._o, s.{quoted(other)} AS day, {right} AS k {scope.rows(partner, "s")} AND {answer}
        ), answered AS (
            SELECT DISTINCT e.event FROM due AS e JOIN responses AS s ON s._o = e._o
            WHERE {same} AND coalesce({timely}, {str(generous).lower()} AND s.day IS NULL)
        )
        SELECT e._o, count(*) AS late FROM due AS e ANTI JOIN answered AS a ON a.event = e.event GROUP BY e._o"""


def _matched(
    match: Sequence[str] | None, kind: str, partner: str, scope: _Scope, generous: bool
) -> tuple[str, str, str]:
    """Keys of event and response and the test that they belong together; an event without a key possibly does."""
    if match is None:
        return "NULL", "NULL", "true"
    types = scope.types
    left, right = _key("r", match[0], types[kind][match[0]]), _key("s", match[1], types[partner][match[1]])
    same = (
        "e.k = s.k" if left[0] == right[0] else "CASE WHEN e.k IS NOT NULL AND s.k IS NOT NULL THEN false END"
    )
    return left[1], right[1], f"s.k IS NOT NULL AND coalesce({same}, {str(generous).lower()})"


# Rendering of trees as SQL.


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns a predicate may name, and the values of parameters."""

    alias: str
    types: Mapping[str, str]
    bound: Callable[[str], str]

    def cell(self, name: str) -> str:
        return f"{self.alias}.{quoted(name)}"

    def is_date(self, tree: Tree) -> bool:
        return tree[0] == "param" or (tree[0] == "col" and self.types[tree[1]] == "date")


def _predicate(tree: Tree, at: _Columns) -> str:
    match tree:
        case ("true",):
            return "true"
        case ("and" | "or" as word, *parts):
            return "(" + f" {word.upper()} ".join(_predicate(p, at) for p in parts) + ")"
        case ("not", inner):
            return f"(NOT {_predicate(inner, at)})"
        case ("flag", name):
            return at.cell(name)
        case ("null", ("col", name)):
            return f"({at.cell(name)} IS NULL)"
        case ("in", column, values):
            return "(" + " OR ".join(_comparison("=", column, value, at) for value in values) + ")"
        case ("cmp", op, left, right):
            return _comparison(op, left, right, at)
    raise ValueError(tree)


def _comparison(op: str, left: Tree, right: Tree, at: _Columns) -> str:
    if at.is_date(left) or at.is_date(right):
        write = _day if _in_calendar(left) and _in_calendar(right) else _day_number
        return f"({write(left, at)} {op} {write(right, at)})"
    return f"({_value(left, at)} {op} {_value(right, at)})"


def _in_calendar(tree: Tree) -> bool:
    """Whether a literal is a day that exists: `2026-02-30` may stand in a rule and compares as a text does."""
    if tree[0] != "text":
        return True
    try:
        datetime.date.fromisoformat(tree[1])
    except ValueError:
        return False
    return True


def _day(tree: Tree, at: _Columns) -> str:
    match tree:
        case ("col", name):
            return at.cell(name)
        case ("param", name):
            return _date(at.bound(name))
        case ("text", text):
            return _date(text)
    raise ValueError(tree)


def _day_number(tree: Tree, at: _Columns) -> str:
    """A day as yyyymmdd, which orders as ISO texts do, for literals that no calendar has too."""
    if tree[0] == "text":
        return str(int(tree[1].replace("-", "")))
    day = _day(tree, at)
    return f"(year({day}) * 10000 + month({day}) * 100 + day({day}))"


def _date(iso: str) -> str:
    return f"DATE {literal(iso)}"


def _value(tree: Tree, at: _Columns) -> str:
    match tree:
        case ("col", str(name)):
            return at.cell(name)
        case ("text", str(text)):
            return literal(text)
        case ("int", int(number)):
            return _int(number)
        case ("+" | "-" | "*" as op, left, right):
            return f"({_wide(left, at)} {op} {_wide(right, at)})"
    raise ValueError(tree)


def _wide(tree: Tree, at: _Columns) -> str:
    """An operand of arithmetic in 128 bits, so that whole numbers do not overflow before decimals do."""
    return _value(tree, at) if tree[0] in ("+", "-", "*") else f"CAST({_value(tree, at)} AS HUGEINT)"


def _int(number: int) -> str:
    """A whole number; one of more than 128 bits is a text that fails to become one: then Python computes it."""
    if -_LARGEST < number < _LARGEST:
        return f"({number})" if number < 0 else str(number)
    return f"CAST('{number}' AS HUGEINT)"


# Decisions.


def _is_bit_test(tree: Tree) -> bool:
    """Whether a comparison only asks if anything was counted: `sum of counts >= 1` or `= 0`."""
    match tree:
        case ("cmp", ">=", left, ("int", 1)) | ("cmp", "=", left, ("int", 0)):
            return _terms(left) is not None
    return False


def _terms(tree: Tree) -> list[int] | None:
    """The aggregates of a plain sum; None if it is anything else."""
    match tree:
        case ("agg", index):
            return [index]
        case ("+", left, right):
            a, b = _terms(left), _terms(right)
            return None if a is None or b is None else a + b
    return None


def _counted_aggregates(plan: Plan) -> set[int]:
    """Aggregates whose number matters somewhere, not only whether it is nought."""
    found: set[int] = set()

    def visit(tree: Tree) -> None:
        if _is_bit_test(tree):
            return
        if tree and tree[0] == "agg":
            found.add(tree[1])
            return
        for part in tree:
            if isinstance(part, tuple):
                visit(part)

    for decision in (*(r.decision for r in plan.requirements), *(c.decision for c in plan.conditions)):
        visit(decision)
    return found


def _decision(tree: Tree, places: Mapping[int, _Place]) -> str:
    match tree:
        case ("case", branches, otherwise):
            whens = " ".join(f"WHEN {_test(test, places)} THEN {outcome}" for test, outcome in branches)
            return f"CASE {whens} ELSE {otherwise} END"
        case ("max" | "min" as name, *parts):
            function = {"max": "greatest", "min": "least"}[name]
            return f"{function}({', '.join(_decision(p, places) for p in parts)})"
    raise ValueError(tree)


def _test(tree: Tree, places: Mapping[int, _Place]) -> str:
    match tree:
        case ("and" | "or" as word, *parts):
            return "(" + f" {word.upper()} ".join(_test(p, places) for p in parts) + ")"
        case ("is", decision, outcome):
            return f"({_decision(decision, places)}) = {outcome}"
        case ("cmp", op, left, right):
            if _is_bit_test(tree):
                return _bit_test(op, _terms(left) or [], places)
            return f"({_number(left, places)} {op} {_number(right, places)})"
    raise ValueError(tree)


def _bit_test(op: str, indexes: Sequence[int], places: Mapping[int, _Place]) -> str:
    """Whether any of the aggregates counted something (`>=`) or none did (`=`); bits of a word are tested at once."""
    masks: dict[str, int] = {}
    tests = []
    for index in indexes:
        place = places[index]
        if place.bit is None:
            tests.append(f"{place.value} >= 1" if op == ">=" else f"{place.value} = 0")
        else:
            masks[place.value] = masks.get(place.value, 0) | 1 << place.bit
    sign = "<>" if op == ">=" else "="
    tests += [f"({word} & {mask}) {sign} 0" for word, mask in masks.items()]
    return "(" + (" OR " if op == ">=" else " AND ").join(tests) + ")"


def _number(tree: Tree, places: Mapping[int, _Place]) -> str:
    match tree:
        case ("agg", index):
            return f"CAST({places[index].value} AS HUGEINT)"
        case ("int", value):
            return f"CAST({_int(value)} AS HUGEINT)"
        case ("+" | "-" | "*" as op, left, right):
            return f"({_number(left, places)} {op} {_number(right, places)})"
    raise ValueError(tree)


# Verdicts.


def _verdict_codes(plan: Plan, mode: Mode) -> str:
    """A table of verdict codes (indexes of `VERDICTS`), a column per provision, from what `decide` itself says."""
    alone = replace(plan, provisions=tuple(p._replace(incorporated=()) for p in plan.provisions))
    grid = {
        (applies, outcome): [
            VERDICTS.index(d.verdict) for d in decide(alone, _uniform(plan, applies, outcome), {}, mode)
        ]
        for applies in range(4)
        for outcome in range(4)
    }
    cells = [
        _verdict_cell(plan, n, {at: codes[n] for at, codes in grid.items()})
        for n in range(len(plan.provisions))
    ]
    for n in _incorporating(plan):
        when = plan.provisions[n].when
        cells += [f"v{n} AS own_{n}", f"{MET if when is None else f'c{when}'} AS applies_{n}"]
    query = f"SELECT {', '.join(['_o', *cells])} FROM {OUTCOME_TABLE}"
    for n in _incorporating(plan):
        worst = "least(" + ", ".join(f"v{i}" for i in _binding(plan, n)) + ")"
        query = f"SELECT * REPLACE (CAST({_derived(plan, n, worst)} AS TINYINT) AS v{n}) FROM ({query})"
    return f"CREATE OR REPLACE TABLE {VERDICT_TABLE} AS {query}"


def _incorporating(plan: Plan) -> list[int]:
    """Provisions whose verdict follows from others, each after those it follows from."""
    order: dict[int, None] = {}

    def add(n: int) -> None:
        for inner in plan.provisions[n].incorporated:
            add(inner)
        if plan.provisions[n].incorporated and plan.provisions[n].severity != "info":
            order[n] = None

    for n in range(len(plan.provisions)):
        add(n)
    return list(order)


def _binding(plan: Plan, n: int) -> list[int]:
    """The incorporated provisions that count: those that are a shall, all of them where none is."""
    inner = plan.provisions[n].incorporated
    return [i for i in inner if plan.provisions[i].severity == "shall"] or list(inner)


def _derived(plan: Plan, n: int, worst: str) -> str:
    """The code of an incorporating provision from the worst code of what it incorporates, as `decide` says."""
    provision = plan.provisions[n]
    severity = plan.provisions[_binding(plan, n)[0]].severity

    def at(applies: int) -> str:
        codes = {
            code: VERDICTS.index(incorporated(provision, [(severity, verdict)], applies))
            for code, verdict in enumerate(VERDICTS)
        }
        derived = _choice(worst, codes)
        return f"least(own_{n}, {derived})" if provision.requirements else derived

    if provision.when is None:
        return at(MET)
    return _choice(f"applies_{n}", {UNMET: f"own_{n}", **{a: at(a) for a in (NOTHING, UNKNOWN, MET)}})


def _derived_overrides(plan: Plan, n: int) -> str:
    """Where persons decided about an incorporated provision, what follows for the incorporating one."""
    inner = _binding(plan, n)
    codes = ", ".join(f"v{i}" for i in inner)
    names = ", ".join(map(literal, VERDICTS))
    return f"""
        INSERT INTO {OVERRIDE_TABLE}
        WITH worst AS (
            SELECT l._o, min(coalesce(list_position([{names}], w.verdict) - 1, l.code)) AS code
            FROM (
                SELECT _o, unnest({inner}) AS position, unnest([{codes}]) AS code FROM {VERDICT_TABLE}
                WHERE _o IN (SELECT _o FROM {OVERRIDE_TABLE})
            ) AS l LEFT JOIN {OVERRIDE_TABLE} AS w USING (_o, position) GROUP BY l._o
        ), derived AS (
            SELECT v._o, {n} AS position, v.v{n} AS alone, {_derived(plan, n, "worst.code")} AS code
            FROM {VERDICT_TABLE} AS v JOIN worst USING (_o)
        )
        SELECT d._o, d.position, {_name_of_code("d.code")} AS verdict
        FROM derived AS d ANTI JOIN {OVERRIDE_TABLE} AS w USING (_o, position) WHERE d.code <> d.alone"""


def _uniform(plan: Plan, applies: int, outcome: int) -> Answers:
    """Answers in which every requirement and every condition has the same outcome."""
    return Answers([], [outcome] * len(plan.requirements), [applies] * len(plan.conditions))


def _verdict_cell(plan: Plan, n: int, codes: Mapping[tuple[int, int], int]) -> str:
    provision = plan.provisions[n]
    outcome = (
        "least(" + ", ".join(f"r{i}" for i in provision.requirements) + ")"
        if provision.requirements
        else str(MET)
    )
    choices = {
        a: _choice(outcome, {o: codes[a, o] for o in range(4)}) for a in (UNMET, NOTHING, UNKNOWN, MET)
    }
    cell = choices[MET] if provision.when is None else _choice(f"c{provision.when}", choices)
    return f"CAST({cell} AS TINYINT) AS v{n}"


def _choice(subject: str, choices: Mapping[int, Any]) -> str:
    if len(set(choices.values())) == 1:
        return str(choices[MET])
    whens = " ".join(f"WHEN {code} THEN {value}" for code, value in choices.items())
    return f"CASE {subject} {whens} END"


def _write_provisions(db: Any, plan: Plan) -> None:
    db.execute(
        f"CREATE OR REPLACE TABLE {PROVISION_TABLE} "
        "(position INTEGER, ruleset VARCHAR, address VARCHAR, severity VARCHAR)"
    )
    rows = ", ".join(
        f"({n}, {literal(p.ruleset)}, {literal(p.address)}, {literal(p.severity)})"
        for n, p in enumerate(plan.provisions)
    )
    if rows:
        db.execute(f"INSERT INTO {PROVISION_TABLE} VALUES {rows}")


def _overrides(on: datetime.date, mode: Mode) -> str:
    """(_o, position, verdict) of what people decided: an exclusion before a judgement, the latest judgement."""
    scope = _Scope(on, on, {}, False)
    said = " AND ".join(
        f"coalesce(r.{c}, '') <> ''"
        for c in ("ruleset", "address", "verdict", "reason", "judged_by", "made_as")
    )
    justified = " AND ".join(
        f"coalesce(r.{c}, '') <> ''" for c in ("ruleset", "address", "justification", "approved_by")
    )
    day = _date(on.isoformat())
    by_audit = "AND r.made_as = 'audit'" if mode == "audit" else ""
    return f"""
        CREATE OR REPLACE TABLE {OVERRIDE_TABLE} AS
        WITH excluded AS (
            SELECT DISTINCT e._o, p.position
            FROM (
                SELECT r._o, r.ruleset, r.address {scope.rows("exclusion", "r")}
                AND {justified} AND r.approved_on <= {day}
            ) AS e
            JOIN {PROVISION_TABLE} AS p ON p.ruleset = e.ruleset
            WHERE p.severity <> 'info' AND (p.address = e.address OR (
                starts_with(p.address, e.address) AND p.address[len(e.address) + 1] IN ('.', '#', '/')))
        ), judged AS (
            SELECT r._o, p.position, CASE WHEN r.verdict = 'nonconforming' AND p.severity = 'should' THEN 'opportunity'
                ELSE r.verdict END AS verdict
            FROM {quoted(table_of("judgement"))} AS r JOIN {PROVISION_TABLE} AS p USING (ruleset, address)
            WHERE {scope.valid("r")} AND {said} AND r.judged_on <= {day} AND p.severity <> 'info' {by_audit}
            QUALIFY row_number() OVER (PARTITION BY r._o, p.position ORDER BY r.judged_on DESC, r.id DESC) = 1
        )
        SELECT _o, position, 'not_applicable' AS verdict FROM excluded
        UNION ALL SELECT j.* FROM judged AS j ANTI JOIN excluded AS e USING (_o, position)"""


def _long(plan: Plan) -> str:
    """A query for (_o, position, code): a row per organisation and provision."""
    listed = ", ".join(f"v{n}" for n in range(len(plan.provisions)))
    positions = f"unnest(range({len(plan.provisions)})) AS position"
    return f"SELECT _o, {positions}, unnest([{listed}]) AS code FROM {VERDICT_TABLE}"


def _name_of_code(code: str) -> str:
    names = ", ".join(map(literal, VERDICTS))
    return f"[{names}][{code} + 1]"


def _counted(plan: Plan, ruleset: str) -> str:
    own = [f"v{n}" for n, p in enumerate(plan.provisions) if p.ruleset == ruleset]
    sums = [
        (" + ".join(f"CAST({cell} = {code} AS INTEGER)" for cell in own) or "0") + f" AS {verdict}"
        for code, verdict in enumerate(VERDICTS)
    ]
    return f"SELECT _o, {literal(ruleset)} AS ruleset, {', '.join(sums)} FROM {VERDICT_TABLE}"


def _shift(verdict: Verdict) -> str:
    """How much a person's word moves the number of a verdict: in where it decides, out where evidence alone would."""
    return f"CAST(w.verdict = '{verdict}' AS INTEGER) - CAST(v.code = {VERDICTS.index(verdict)} AS INTEGER)"
