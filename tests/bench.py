"""Timings as medians and ratios, all measured in this one run. No test asserts a time."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from shall.engine.cache import compiled, executor_for
from shall.engine.compare.comparison import comparison, reviewed
from shall.engine.compare.relations import Standards
from shall.engine.evaluation import VALIDITY, Question, evaluate, read_rows
from shall.engine.executors.python import PythonExecutor, prepare
from shall.engine.grading import DEFAULT
from shall.engine.loader import load_ruleset
from shall.engine.samples import sample_day, sample_folder
from shall.engine.scoring.quantities import Scorer, from_values
from shall.engine.scoring.ranges import ranges
from shall.engine.scoring.score import score
from shall.engine.scoring.values import read_values
from shall.engine.shelf import folder_of, shipped
from shall.engine.trees import usual_start
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import PUT, Change
from shall.evidence.schema import schema
from shall.evidence.sheets import read_workbook
from shall.evidence.store import Store
from shall.evidence.workbook import write_filled

SAMPLE, STANDARD = "machinery_maker", "t_ccaa_39"
RUNS = 15
ROWS = 10_000


def median(action: Callable[[], object], runs: int = RUNS) -> float:
    """Median seconds of several runs after one that is not counted."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def line(what: str, seconds: float, against: str = "") -> None:
    """Print one row."""
    print(f"{what:<66}{seconds * 1000:>10.2f} ms  {against}")


def filled_store(place: Path) -> Path:
    """A store with the sample's records."""
    path = place / "sample.db"
    with sample_folder(SAMPLE) as folder, Store.create(path) as store:
        batch = read_evidence(folder)
        import_batch(store, batch.records["organisation"][0].id, batch, actor="bench", at=datetime.now(UTC))
    return path


def evaluation(path: Path) -> None:
    """One organisation in process: whole, and after one record changed."""
    executor = executor_for([STANDARD])
    with Store.open(path) as store:
        question = Question.of(store.organisations()[0], sample_day(SAMPLE))
        question = replace(question, known=store.position()[0])
        rows, _ = read_rows(executor.plan, store, question)
        count = sum(map(len, rows.values()))
        before = executor.run(rows, question.on, question.since)
        whole = median(lambda: executor.run(rows, question.on, question.since), 200)
        line(f"evaluate {count} records against {STANDARD}, rows in memory", whole)
        everything = median(lambda: evaluate(executor, store, question, DEFAULT), 50)
        line("  the same with reading them, verdicts and findings", everything)

        def changed(kind: str) -> float:
            return median(lambda: executor.update(before, kind, rows, question.on, question.since), 50)

        def reread(kind: str) -> float:
            names = [*executor.plan.columns[kind], *VALIDITY]

            def again() -> None:
                found = store.rows(kind, question.organisation, names, known=question.known)
                new = {**rows, kind: prepare(kind, found, executor.plan)}
                executor.update(before, kind, new, question.on, question.since)

            return median(again, 50)

        reading = median(lambda: read_rows(executor.plan, store, question), 50) + whole
        for what, full, action in (
            ("one record changed, rows in memory", whole, changed),
            ("one record changed, its kind read again", reading, reread),
        ):
            times = [action(kind) for kind in rows]
            middle, worst = statistics.median(times), max(times)
            line(
                f"  {what}: median of the kinds", middle, f"{full / middle:.0f} times cheaper than the whole"
            )
            line(
                f"  {what}: the most expensive kind",
                worst,
                f"{full / worst:.0f} times cheaper than the whole",
            )


def standards(path: Path) -> None:
    """All rulesets: reading them, and one organisation held against all of them at once and against each alone."""
    every = shipped()
    line(
        f"read {len(every)} rulesets from YAML",
        median(lambda: [load_ruleset(folder_of(k)) for k in every], 5),
    )
    executor_for(every)
    line(f"load {len(every)} rulesets from the cache", median(lambda: executor_for(every)))
    with Store.open(path) as store:
        question = Question.of(store.organisations()[0], sample_day(SAMPLE))
        question = replace(question, known=store.position()[0])

        def took(names: list[str]) -> tuple[float, float]:
            executor = executor_for(names)
            rows, _ = read_rows(executor.plan, store, question)
            within = median(lambda: executor.run(rows, question.on, question.since), 100)
            return within, median(lambda: evaluate(executor, store, question, DEFAULT), 30)

        alone = {key: took([key]) for key in every}
        together = took(every)
        for n, what in enumerate(("rows in memory", "with reading, verdicts and findings")):
            for key in every:
                line(f"evaluate against {key}, {what}", alone[key][n])
            dearest = max(times[n] for times in alone.values())
            whole = sum(times[n] for times in alone.values())
            told = f"{together[n] / dearest:.1f} times the dearest, {together[n] / whole:.2f} of one after another"
            line(f"evaluate against all {len(every)}, {what}", together[n], told)


def crosswalk() -> None:
    """All pairs of the rulesets from their cached plan."""
    every = shipped()
    plan = executor_for(every).plan
    said = reviewed(plan)
    took = median(lambda: comparison(Standards(plan), every, said), 3)
    line(f"crosswalk of all pairs of {len(every)} standards", took)


def scoring() -> None:
    """A score of the documented values file in process, and its range under every alternative reading."""
    page = (Path(__file__).parent.parent / "docs" / "score.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- values -->\n\n```yaml\n(.*?)```", page, re.S)
    assert block is not None
    scorer = Scorer.of(folder_of("zero_carbon"))
    with tempfile.TemporaryDirectory() as folder:
        values = Path(folder) / "values.yaml"
        values.write_text(block[1], encoding="utf-8")
        evidence = from_values(scorer, read_values(values))
    once = median(lambda: score(evidence, scorer.table, scorer.scheme), 50)
    line("zero-carbon score in process", once)
    base = score(evidence, scorer.table, scorer.scheme)
    several = median(lambda: ranges(evidence, scorer.table, scorer.scheme, base), 5)
    line("  its range under every alternative reading", several, f"{several / once:.0f} times one score")


def commands(path: Path) -> None:
    """Whole commands, as a user starts them."""
    shall = [str(Path(sys.executable).with_name("shall"))]
    call = [*shall, "check", str(path), "--on", sample_day(SAMPLE).isoformat()]
    with tempfile.TemporaryDirectory() as cache:
        environment = {"SHALL_CACHE": cache, "PATH": "/usr/bin:/bin", "HOME": cache}

        def run() -> None:
            subprocess.run(call, env=environment, stdout=subprocess.DEVNULL, check=False)

        def first() -> None:
            shutil.rmtree(Path(cache) / "shall", ignore_errors=True)
            run()

        bare = median(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 9)
        line("python -c pass", bare)
        line(
            "shall check, plan in the cache",
            cached := median(run, 9),
            f"{cached / bare:.1f} times a bare Python",
        )
        line("shall check, the first time", median(first, 5))


def importing(place: Path) -> None:
    """A workbook of ten thousand rows: reading the file against everything else."""
    kind = schema()["activity_datum"]
    example = {
        c.name: c.example for c in kind.columns if c.example is not None and not c.ref and c.type != "date"
    }
    records = [{**example, "id": f"A{n:05}"} for n in range(ROWS)]
    path = place / "rows.xlsx"
    stores = [place / f"import{n}.db" for n in range(RUNS)]
    for store in stores[:5]:
        Store.create(store).close()
    write_filled(path, [kind], [], {kind.name: records})

    numbers = iter(range(RUNS))

    def whole() -> None:
        with Store.open(stores[next(numbers)], write=True) as store:
            import_batch(store, "bench", read_evidence(path), actor="bench", at=datetime.now(UTC))

    reading = median(lambda: read_workbook(path, schema()), 3)
    line(f"read a workbook of {ROWS} rows", reading)
    line("import it into a new store", total := median(whole, 3), f"{total / reading:.2f} times reading it")


def accounts(place: Path) -> None:
    """A hundred thousand and a million activity data through the columnar path; the exact path on a thousand."""
    import duckdb

    from shall.engine.accounts.activity import Evidence
    from shall.engine.accounts.columnar import from_parquet
    from shall.engine.accounts.factors import choose
    from shall.engine.accounts.inventory import build

    basis = choose("gbt_32150", 2025)
    sizes = (1000, 100_000, 1_000_000)
    for size in sizes:
        query = f"""
            SELECT 'O' || n % 500 AS organisation, 'A' || n AS id, 'n' || n AS name, 'S' || n % 3 AS site,
                ['purchased_electricity', 'stationary_combustion', 'mobile_combustion'][n % 3 + 1] AS source_class,
                ['electricity', 'natural_gas', 'diesel'][n % 3 + 1] AS substance,
                ['kWh', '万Nm3', 't'][n % 3 + 1] AS measure_unit, (n * 7919) % 1000 || '.' || n % 97 AS quantity,
                DATE '2025-01-01' + INTERVAL (n % 12) MONTH AS period_from,
                DATE '2025-01-28' + INTERVAL (n % 12) MONTH AS period_until FROM range({size}) t(n)"""
        target = place / f"activity{size}.parquet"
        with duckdb.connect() as db:
            db.execute(
                f"COPY (SELECT * REPLACE (period_from::DATE AS period_from, period_until::DATE AS period_until) "
                f"FROM ({query})) TO '{target}'"
            )
    times = {n: median(lambda n=n: from_parquet(place / f"activity{n}.parquet", basis), 3) for n in sizes}  # type: ignore[misc]
    for n in sizes[1:]:
        told = f"{n / times[n] / 1000:.0f} thousand a second"
        line(f"totals of {n} activity data from parquet", times[n], told)
    line("  cost of ten times the data", times[sizes[2]], f"{times[sizes[2]] / times[sizes[1]]:.1f} times")
    data = [
        {"id": f"A{n}", "name": f"n{n}", "source_class": "purchased_electricity", "quantity": str(n),
         "measure_unit": "kWh", "period_from": "2025-01-01", "period_until": "2025-01-31"}
        for n in range(sizes[0])
    ]  # fmt: skip
    held = Evidence("O", {"activity_datum": data}, (0, ""))
    exact = median(lambda: build(held, basis), 3)
    line(f"exact inventory of {sizes[0]} activity data, line by line", exact)


def portfolios(path: Path, place: Path) -> None:
    """Two thousand made-up organisations, the sample's records with one in eight left out, as parquet files."""
    import duckdb

    from shall.engine.executors.duckdb import DuckDBExecutor

    organisations, executor = 2000, executor_for([STANDARD])
    kinds = {name: kind for name, kind in schema().items() if name in executor.plan.columns}
    sql = {"flag": "BOOLEAN", "integer": "BIGINT", "decimal": "DECIMAL(34, 10)", "date": "DATE"}
    with duckdb.connect() as db, Store.open(path) as store:
        for name, kind in kinds.items():
            columns = [c.name for c in kind.columns]
            if rows := [row[1:] for row in store.scan(name, columns)]:
                types = ", ".join(f'"{c.name}" {sql.get(c.type, "VARCHAR")}' for c in kind.columns)
                db.execute(f'CREATE TABLE "{name}" ({types})')
                flags = [n for n, c in enumerate(kind.columns) if c.type == "flag"]
                for row in rows:
                    cells = [bool(v) if n in flags and v is not None else v for n, v in enumerate(row)]
                    db.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(cells))})', cells)
                db.execute(
                    f"""COPY (SELECT 'O' || n AS organisation, k.* FROM "{name}" AS k, range({organisations}) t(n)
                    WHERE hash(k.id, n) % 8 > 0) TO '{place}/{name}.parquet'"""
                )
    total = 0

    def whole() -> None:
        nonlocal total
        many = DuckDBExecutor(executor.plan)
        with many.db:
            total = many.load_folder(place).rows
            found = many.verdicts(sample_day(SAMPLE), usual_start(sample_day(SAMPLE)))
            assert sum(1 for _ in found.counts()) == organisations

    took = median(whole, 3)
    told = f"{total} rows, {took / organisations * 1000:.2f} ms an organisation"
    line(f"portfolio of {organisations} organisations from parquet, {STANDARD}", took, told)


def checklists(path: Path, place: Path) -> None:
    """Working papers of all five standards on the sample, both formats: made from the verdicts, written, read back."""
    from shall.engine.audit.checklist.book import write_checklist
    from shall.engine.audit.checklist.questions import Wanted, form_of
    from shall.engine.audit.checklist.reading import read_checklist
    from shall.engine.audit.checklist.word import write_word

    executor = executor_for(("t_ccaa_39", "machinery", "zero_carbon", "jiangsu", "hunan"))
    with Store.open(path) as store:
        question = Question.of(store.organisations()[0], sample_day(SAMPLE))
        found = evaluate(executor, store, question, DEFAULT)
        for by in ("clause", "unit"):
            form = form_of(found, store, Wanted(by), "zh")
            count = len(form.lines)
            line(
                f"checklist by {by}, five standards, {count} questions: made",
                median(lambda by=by: form_of(found, store, Wanted(by), "zh"), 3),  # type: ignore[misc]
            )
            for ending, write in (("xlsx", write_checklist), ("docx", write_word)):
                target = place / f"{by}.{ending}"
                spent = median(lambda f=form, t=target, w=write: w(replace(f), t, "zh"), 3)  # type: ignore[misc]
                line(f"  written as {ending}", spent)
                line(f"  read back from {ending}", median(lambda t=target: read_checklist(t), 3))  # type: ignore[misc]


def programmes(place: Path) -> None:
    """An audit programme of 40 units, five standards and three years: read and made, then as a document."""
    from shall.engine.audit.programme.make import kinds_of, make
    from shall.engine.audit.programme.paper import document
    from shall.engine.audit.programme.policy import read_policy
    from shall.engine.audit.programme.result import result
    from shall.engine.audit.programme.situation import read
    from shall.engine.audit.programme.view import View
    from shall.engine.reports.document.docx import docx
    from shall.engine.trees import shift_months

    functions = (
        "production",
        "energy",
        "equipment",
        "quality",
        "carbon",
        "purchasing",
        "logistics",
        "finance",
    )
    rows: list[tuple[str, str, dict[str, object]]] = [("organisation", "O", {"name": "O"})]
    for n in range(40):
        rows.append(
            ("unit", f"U{n:02d}", {"name": f"部门{n}", "function_area": functions[n % len(functions)]})
        )
        rows.append(("person", f"P{n:02d}", {"name": f"人{n}", "unit": f"U{n:02d}"}))
        body = {"person": f"P{n:02d}", "competent": True, "competence_evaluated_on": "2026-01-05"}
        rows += [("auditor", f"A{n:02d}", body)] if n < 8 else []
    path, on = place / "programme.db", datetime(2026, 7, 1).date()
    with Store.create(path) as store:
        store.commit("O", [Change(PUT, *row) for row in rows], actor="bench", at=datetime.now(UTC))
        plan, rules = (
            executor_for(("t_ccaa_39", "machinery", "hunan", "jiangsu", "zero_carbon")).plan,
            read_policy(),
        )

        def made() -> View:
            found = read(store, "O", on, shift_months(on, 36), plan, kinds_of(plan), (12, 12))
            programme = make(plan, rules, found, 3)
            return View(programme, result(programme)["receipt"]["result"], "zh")

        line("programme 40 units × 5 standards × 3 years, with its reasons", median(made, 5))
        view = made()
        line("  as a Word file", median(lambda: docx(document(view)), 3))


def searching() -> None:
    """Search in all rulesets: the index from the cache, then one word."""
    from shall.engine.search import find, indexes_for

    indexes, _ = indexes_for()
    line("load the search index of all rulesets from the cache", median(indexes_for))
    for words in (["校准"], ["碳汇"], ["internal audit"], ["calibrated", "meters"]):
        line(f"  search {' '.join(words)}", median(lambda words=words: find(words, indexes)))  # type: ignore[misc]


def papers(place: Path) -> None:
    """An audit report of a hundred pages and more: 300 findings, each answered and reviewed, in process."""
    from shall.engine.papers.catalogue import made, paper
    from shall.engine.papers.example import ASK, ORGANISATION, changes, copies

    with Store.create(place / "papers.db") as store:
        store.commit(ORGANISATION, [*changes(), *copies("AF-2", 300)], actor="bench", at=datetime.now(UTC))
        chosen = paper("audit-report")
        line("audit report of 300 findings: its fields", median(lambda: chosen.context(store, ASK, "zh"), 3))
        context = chosen.context(store, ASK, "zh")
        for form in ("pdf", "docx", "html", "xlsx"):
            seconds = median(lambda form=form: made(chosen.layout, context, "zh", form), 3)  # type: ignore[misc]
            line(f"  the same as {form}", seconds)


def audit_plans() -> None:
    """Four auditors, five days, three sites, 80 sessions: at ease and with little room."""
    from datetime import date

    from shall.engine.audit.timetable.problem import Puzzle, Task, room
    from shall.engine.audit.timetable.solve import solve

    sites = ("S1", "S2", "S3")
    travel = {(a, b): 45 for a in sites for b in sites if a != b}
    days = [date(2026, 9, 7 + n) for n in range(5)]
    for minutes in (60, 90):
        tasks = [
            Task(f"U{n % 20:02}", sites[n % 3 if n % 20 < 6 else 0], minutes - 30 * (n % 2), early=n % 20 < 3,
                 blocked={f"A{n % 4}": frozenset({("own", f"A{n % 4}")})} if n % 5 == 0 else {})
            for n in range(80)
        ]  # fmt: skip
        puzzle = Puzzle(tasks, ("A0", "A1", "A2", "A3"), days, "S1", travel=travel)
        start = time.perf_counter()
        found = solve(puzzle)
        seconds = time.perf_counter() - start
        full = 100 * sum(t.minutes for t in tasks) // room(puzzle)
        line(f"audit plan, 4 auditors, 5 days, 3 sites, {full} % full", seconds,
             f"{found.status}, cost {found.cost}, bound {found.bound}")  # fmt: skip


def main() -> None:
    """Print every row."""
    print(f"Python {sys.version.split()[0]}; medians; ratios from this run")
    line(
        f"compile {STANDARD} from YAML, libraries loaded",
        median(lambda: PythonExecutor(compiled([STANDARD])), 5),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = filled_store(Path(folder))
        evaluation(path)
        standards(path)
        scoring()
        crosswalk()
        commands(path)
        importing(Path(folder))
        accounts(Path(folder))
        programmes(Path(folder))
        checklists(path, Path(folder))
        papers(Path(folder))
        (Path(folder) / "portfolio").mkdir()
        portfolios(path, Path(folder) / "portfolio")
    searching()
    audit_plans()


if __name__ == "__main__":
    main()
