"""Both executors and the naive oracle say the same of any evidence: cell by cell, verdict by verdict."""

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.cache import compiled
from shall.engine.compiler import compile_rulesets
from shall.engine.evaluation import Question, _people, counts, read_rows
from shall.engine.executors.duckdb import DuckDBExecutor, Outcomes
from shall.engine.executors.python import Answers, PythonExecutor, prepare
from shall.engine.loader import load_ruleset
from shall.engine.models import Ruleset
from shall.engine.outcomes import MET, UNKNOWN, UNMET
from shall.engine.plan import Plan
from shall.engine.trees import usual_start
from shall.engine.verdicts import MODES, VERDICTS, Mode, decide
from shall.evidence.ledger import Change
from shall.evidence.schema import Column, schema, schema_digest
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError

HERE = Path(__file__).parent
sys.path.append(str(HERE))
import oracle  # noqa: E402

AGREE = HERE / "rulesets" / "agree"
Evidence = dict[str, dict[str, list[dict[str, Any]]]]
"""Records by organisation and kind, values as a store holds them."""

VALIDITY = ("status", "valid_from", "valid_until")
HUGE = "123456789012345678901234.1234567891"


@cache
def ruleset() -> Ruleset:
    return load_ruleset(AGREE)[0]


@cache
def plan_of(name: str) -> Plan:
    if name == "agree":
        return compile_rulesets([load_ruleset(AGREE)], schema(), schema_digest())
    return compiled([name])


@cache
def python_executor(name: str) -> PythonExecutor:
    return PythonExecutor(plan_of(name))


# Evidence at random.

DAYS = (date(2024, 2, 29), date(2026, 3, 31), date(2025, 3, 30), date(2026, 2, 28), date(2026, 6, 30))
EDGES = (
    "2024-02-29",
    "2023-11-30",
    "2026-01-29",
    "2026-01-30",
    "2026-03-30",
    *(
        date(year, month, day).isoformat()
        for year in (2024, 2025, 2026)
        for month, day in ((1, 31), (2, 28), (3, 1), (3, 31), (4, 30), (6, 30), (7, 1), (12, 31))
    ),
)
NEARBY = (
    0,
    0,
    1,
    -1,
    -13,
    -14,
    -15,
    -19,
    -20,
    -21,
    -28,
    -29,
    -30,
    -31,
    -59,
    -180,
    -364,
    -365,
    -366,
    -400,
    40,
)
TEXTS = ("a", "b", "c", "1", "2", "it's", 'say "x",\r\ny', "碳")
DECIMALS = (
    "0",
    "1.5",
    "-1.5",
    "3",
    "0.0000000001",
    "-0.0000000001",
    "99999999999.9999999999",
    "1.0000000002",
)
REFERENCES = ("carbon_review",)


def column_values(column: Column, on: date) -> Sequence[Any]:
    match column.type:
        case "choice":
            return list(column.choices)[:3] + (["policy_review"] if column.name == "subject" else [])
        case "flag":
            return (0, 1)
        case "integer":
            return (-1, 0, 1, 1, 2, 3, 12, 20, 30)
        case "decimal":
            return DECIMALS
        case "date":
            return (
                *((on + timedelta(days=n)).isoformat() for n in NEARBY),
                *EDGES,
                usual_start(on).isoformat(),
            )
    return ("1", "2", "3") if column.name in REFERENCES else TEXTS


def a_record(
    kind: str, names: Sequence[str], on: date, number: int, pick: random.Random, gaps: float
) -> dict[str, Any]:
    def value(name: str) -> Any:
        column = schema()[kind].column(name)
        assert column is not None
        return None if pick.random() < gaps else pick.choice(column_values(column, on))

    record = {name: value(name) for name in names if name not in ("id", "site", "unit")}
    record["id"] = str(number)
    record["status"] = pick.choice((None, "approved", "approved", "approved", "draft", "withdrawn"))
    record["valid_from"] = pick.choice((None, None, on.isoformat(), value("valid_from")))
    record["valid_until"] = pick.choice((None, None, on.isoformat(), value("valid_until")))
    return record


def random_evidence(plan: Plan, on: date, seed: int, organisations: int, most: int) -> Evidence:
    """Organisations with few and many records, of which a tenth to all fields are blank; some kinds are empty."""
    pick = random.Random(seed)
    found: Evidence = {}
    for n in range(organisations):
        gaps = pick.choice((0.0, 0.1, 0.3, 0.6, 1.0))
        few = pick.choice((1, 2, most))
        kinds = {k: names for k, names in plan.columns.items() if pick.random() < 0.85 and k != "meter"}
        found[f"org {n}'s"] = {
            kind: [a_record(kind, names, on, i, pick, gaps) for i in range(pick.randint(0, few))]
            for kind, names in kinds.items()
        }
    return found


class World(NamedTuple):
    """Evidence, day and start of the audit period; shown by the seed that makes it again."""

    evidence: Evidence
    on: date
    since: date
    seed: int

    def __repr__(self) -> str:
        return (
            f"World(on={self.on}, since={self.since}, seed={self.seed}, organisations={len(self.evidence)})"
        )


@st.composite
def worlds(draw: st.DrawFn, organisations: int = 40, most: int = 4) -> World:
    on = draw(st.sampled_from(DAYS))
    since = draw(st.sampled_from((usual_start(on), on - timedelta(days=45), on, on + timedelta(days=3))))
    seed, number = draw(st.integers(0, 2**32)), draw(st.integers(1, organisations))
    return World(random_evidence(plan_of("agree"), on, seed, number, most), on, since, seed)


class Shelf:
    """Evidence in memory that answers as a store does, as far as an evaluation asks."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def rows(
        self, kind: str, organisation: str, columns: Sequence[str], *, known: int | None = None
    ) -> list[tuple[Any, ...]]:
        records = self.evidence[organisation].get(kind, [])
        return [tuple(r.get(c) for c in columns) for r in sorted(records, key=lambda r: str(r["id"]))]


# The three readings.


def by_python(name: str, evidence: Evidence, on: date, since: date) -> dict[str, list[int]]:
    executor, found = python_executor(name), {}
    for organisation in evidence:
        rows, _ = read_rows(executor.plan, Shelf(evidence), Question(organisation, on, since))  # type: ignore[arg-type]
        answers = executor.run(rows, on, since)
        found[organisation] = [*answers.requirements, *answers.conditions]
    return found


def loaded(name: str, evidence: Evidence) -> DuckDBExecutor:
    executor = DuckDBExecutor(plan_of(name))
    executor.load_rows(evidence)
    return executor


def cells(outcomes: Outcomes) -> dict[str, list[int]]:
    return {str(row[0]): list(row[1:]) for row in outcomes.rows()}


def by_duckdb(name: str, evidence: Evidence, on: date, since: date) -> dict[str, list[int]]:
    return cells(loaded(name, evidence).run(on, since))


def typed(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    from decimal import Decimal

    def value(name: str, raw: Any) -> Any:
        column = schema()[kind].column(name)
        assert column is not None
        return raw if raw is None else {"flag": bool, "decimal": Decimal}.get(column.type, lambda v: v)(raw)

    return {name: value(name, raw) for name, raw in record.items()}


def by_oracle(evidence: Evidence, on: date, since: date) -> dict[str, list[int]]:
    found = {}
    for organisation, kinds in evidence.items():
        day = on.isoformat()
        records = {k: [typed(k, r) for r in rs if oracle.valid(r, day)] for k, rs in kinds.items()}
        found[organisation] = oracle_cells(oracle.World(records, day, since.isoformat()))
    return found


def oracle_cells(world: oracle.World) -> list[int]:
    outcomes: list[int] = []
    conditions: dict[Any, int] = {}
    for provision in ruleset().provisions:
        if provision.when:
            conditions.setdefault(repr(provision.when), oracle.applies(provision.when, world))
        outcomes += [oracle.outcome(check, world) for check in provision.requires]
        if provision.judged and not provision.requires:
            outcomes.append(oracle.looked_at(provision.look_at, world))
    return [*outcomes, *conditions.values()]


def names_of(plan: Plan) -> list[str]:
    return [f"{r.id} {r.expects['en']}" for r in plan.requirements] + [c.wording for c in plan.conditions]


def differences(
    plan: Plan, mine: Mapping[str, Sequence[int]], other: Mapping[str, Sequence[int]]
) -> list[tuple[str, str, int, int]]:
    assert mine.keys() == other.keys()
    return [
        (organisation, name, a, b)
        for organisation in mine
        for name, a, b in zip(names_of(plan), mine[organisation], other[organisation], strict=True)
        if a != b
    ]


# They agree.


@given(worlds())
def test_the_executors_and_the_oracle_agree_on_every_cell(world: World) -> None:
    plan = plan_of("agree")
    python, duckdb, naive = (
        by_python("agree", *world[:3]),
        by_duckdb("agree", *world[:3]),
        by_oracle(*world[:3]),
    )
    assert differences(plan, python, naive) == []
    assert differences(plan, duckdb, python) == []


def test_the_random_evidence_reaches_every_outcome_of_every_check() -> None:
    plan, reached = plan_of("agree"), [set() for _ in names_of(plan_of("agree"))]  # type: ignore[var-annotated]
    for n, on in enumerate(DAYS * 2):
        evidence = random_evidence(plan, on, n, 200, 4)
        for codes in by_python("agree", evidence, on, usual_start(on)).values():
            for places, code in zip(reached, codes, strict=True):
                places.add(code)
    never = {"1#3", "1#13"}
    for requirement, places in zip(plan.requirements, reached, strict=False):
        address = requirement.id.partition(":")[2].partition("!")[0]
        assert len(places) >= (1 if address in never else 2), requirement.id
    assert sum(len(places) for places in reached) >= 3.2 * len(reached)


def test_without_any_record_the_three_agree() -> None:
    on = DAYS[0]
    evidence: Evidence = {
        "nothing": {},
        "blank": {"carbon_review": [{"id": "1"}], "organisation": [{"id": "o"}]},
    }
    mine = by_duckdb("agree", evidence, on, usual_start(on))
    assert (
        mine == by_python("agree", evidence, on, usual_start(on)) == by_oracle(evidence, on, usual_start(on))
    )


def test_without_any_organisation_there_is_no_row() -> None:
    executor = DuckDBExecutor(plan_of("agree"))
    assert list(executor.verdicts(DAYS[0], usual_start(DAYS[0])).rows()) == []


@pytest.mark.parametrize("seed", range(3))
def test_they_agree_on_a_whole_standard(seed: int) -> None:
    plan, on = plan_of("t_ccaa_39"), DAYS[seed]
    evidence = random_evidence(plan, on, seed, 120, 4)
    python = by_python("t_ccaa_39", evidence, on, usual_start(on))
    assert differences(plan, by_duckdb("t_ccaa_39", evidence, on, usual_start(on)), python) == []
    assert {code for codes in python.values() for code in codes} == {0, 1, 2, 3}


@given(worlds(organisations=15))
def test_an_update_equals_a_full_run(world: World) -> None:
    evidence, on, since = world[:3]
    executor = python_executor("agree")
    before = everything(executor, evidence, "org 0's", on, since)
    rows = dict(read_rows(executor.plan, Shelf(evidence), Question("org 0's", on, since))[0])  # type: ignore[arg-type]
    for organisation in evidence:
        other = read_rows(executor.plan, Shelf(evidence), Question(organisation, on, since))[0]  # type: ignore[arg-type]
        for kind in executor.plan.columns:
            rows[kind] = other.get(kind, [])
            after = executor.update(before, kind, rows, on, since)
            full = executor.run(rows, on, since)
            assert (after.requirements, after.conditions) == (full.requirements, full.conditions)
            assert list(after.aggregates) == list(full.aggregates)
            before = after


def everything(
    executor: PythonExecutor, evidence: Evidence, organisation: str, on: date, since: date
) -> Answers:
    rows, _ = read_rows(executor.plan, Shelf(evidence), Question(organisation, on, since))  # type: ignore[arg-type]
    return executor.run(rows, on, since)


# What must not matter.


@given(worlds(organisations=15), st.randoms(use_true_random=False))
def test_neither_the_order_of_records_nor_of_organisations_matters(
    world: World, shuffler: random.Random
) -> None:
    evidence, on, since = world[:3]
    mixed: Evidence = {}
    for organisation in shuffler.sample(sorted(evidence), len(evidence)):
        mixed[organisation] = {k: shuffler.sample(rs, len(rs)) for k, rs in evidence[organisation].items()}
    assert by_duckdb("agree", mixed, on, since) == by_duckdb("agree", evidence, on, since)
    executor = python_executor("agree")
    for organisation, kinds in mixed.items():
        rows = {}
        for kind, records in kinds.items():
            wide = [tuple(r.get(c) for c in (*executor.plan.columns[kind], *VALIDITY)) for r in records]
            rows[kind] = [row for row in prepare(kind, wide, executor.plan) if counts(row, on.isoformat())]
        answers = executor.run(rows, on, since)
        full = everything(executor, evidence, organisation, on, since)
        assert (answers.requirements, answers.conditions) == (full.requirements, full.conditions)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_time_zones_change_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    on = DAYS[1]
    evidence = random_evidence(plan_of("agree"), on, 7, 60, 4)
    plain = by_python("agree", evidence, on, usual_start(on))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        executor = DuckDBExecutor(plan_of("agree"))
        executor.db.execute(f"SET TimeZone = '{zone}'")
        executor.load_rows(evidence)
        assert cells(executor.run(on, usual_start(on))) == plain
    finally:
        monkeypatch.undo()
        time.tzset()


def test_numbers_that_exceed_the_engine_are_computed_in_python() -> None:
    on = DAYS[1]
    evidence = random_evidence(plan_of("agree"), on, 11, 12, 4)
    big = [{"id": "9", "quantity": HUGE}, {"id": "8", "quantity": "7"}]
    evidence["large"] = {
        "review_analysis": big,
        "activity_datum": big,
        "carbon_review": [{"id": "1"}, {"id": "2"}],
    }
    negative = [{**record, "quantity": f"-{HUGE}"} for record in big]
    evidence["larger"] = {**evidence["large"], "review_analysis": negative}
    executor = loaded("agree", evidence)
    outcomes = executor.run(on, usual_start(on))
    naive = by_oracle(evidence, on, usual_start(on))
    assert set(outcomes.in_python) == {"large", "larger"}
    assert differences(plan_of("agree"), cells(outcomes), naive) == []
    assert differences(plan_of("agree"), by_python("agree", evidence, on, usual_start(on)), naive) == []


def test_a_number_of_thirty_four_digits_is_compared_to_the_last() -> None:
    plan, on = plan_of("agree"), DAYS[1]
    more = "123456789012345678901234.1234567892"
    record = {"id": "1", "quantity": HUGE, "matter": "sources"}
    evidence: Evidence = {
        "same": {"review_analysis": [record], "activity_datum": [{"id": "1", "quantity": HUGE}]},
        "other": {"review_analysis": [record], "activity_datum": [{"id": "1", "quantity": more}]},
    }
    place = next(n for n, name in enumerate(names_of(plan)) if name.endswith("linked, decimals"))
    for found in (
        by_duckdb("agree", evidence, on, on),
        by_python("agree", evidence, on, on),
        by_oracle(evidence, on, on),
    ):
        assert (found["same"][place], found["other"][place]) == (3, 0)


# Verdicts.

PROVISIONS = (
    "1#1",
    "1#13",
    "2",
    "2.1/a",
    "2.1/b",
    "2.2",
    "2.2/a",
    "2.2/b",
    "2.3",
    "2.3#1",
    "2.31",
    "2.1",
    "1",
    "9",
)


def with_people(evidence: Evidence, on: date, seed: int) -> Evidence:
    """The evidence with judgements and exclusions, complete and incomplete, past and future, wrong addresses too."""
    pick = random.Random(seed)
    days = [(on + timedelta(days=n)).isoformat() for n in (-30, -1, -1, 0, 1)]
    few = pick.sample(PROVISIONS, 4) if pick.random() < 0.5 else PROVISIONS

    def said(number: int) -> dict[str, Any]:
        record = a_record("judgement", (), on, number, pick, 0.3)
        record |= {
            "ruleset": pick.choice(("agree", "agree", "agree", "other", None)),
            "address": pick.choice(few),
        }
        return record

    def filled(value: Any) -> Any:
        return None if pick.random() < 0.08 else value

    def judgement(number: int) -> dict[str, Any]:
        verdict = pick.choice(("conforming", "nonconforming", "opportunity", "not_applicable"))
        made_as = pick.choice(("audit", "self_assessment"))
        own = {
            "verdict": verdict,
            "made_as": made_as,
            "reason": "because\nso",
            "judged_by": "Li",
            "judged_on": pick.choice(days),
        }
        return said(number) | {k: filled(v) for k, v in own.items()}

    def exclusion(number: int) -> dict[str, Any]:
        own = {"justification": "none here", "approved_by": "Wang", "approved_on": pick.choice(days)}
        return said(number) | {k: filled(v) for k, v in own.items()}

    return {
        organisation: {
            **kinds,
            "judgement": [judgement(n) for n in range(pick.randint(0, 8))],
            "exclusion": [exclusion(n) for n in range(pick.choice((0, 0, 1, 3)))],
        }
        for organisation, kinds in evidence.items()
    }


def python_verdicts(evidence: Evidence, on: date, since: date, mode: Mode) -> list[tuple[str, str, str, str]]:
    executor, found = python_executor("agree"), []
    for organisation in sorted(evidence):
        question = Question(organisation, on, since, mode)
        answers = everything(executor, evidence, organisation, on, since)
        people = _people(executor.plan, Shelf(evidence), question)  # type: ignore[arg-type]
        decided = decide(executor.plan, answers, people, mode)
        found += [(organisation, d.provision.ruleset, d.provision.address, d.verdict) for d in decided]
    return found


@given(worlds(organisations=25), st.integers(0, 2**32), st.sampled_from(MODES))
def test_verdicts_and_their_numbers_agree(world: World, seed: int, mode: Mode) -> None:
    evidence, on, since = world[:3]
    evidence = with_people(evidence, on, seed)
    verdicts = loaded("agree", evidence).verdicts(on, since, mode)
    expected = python_verdicts(evidence, on, since, mode)
    assert list(verdicts.rows()) == expected
    for organisation, key, *numbers in verdicts.counts():
        own = [v for o, r, _, v in expected if (o, r) == (organisation, key)]
        assert numbers == [own.count(verdict) for verdict in VERDICTS]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("1", "2026-01-01"), ("2", "2026-02-01")),
        (("2", "2026-01-01"), ("1", "2026-02-01")),
        (("1", "2026-01-01"), ("2", "2026-01-01")),
    ],
)
def test_the_latest_judgement_counts_the_higher_id_on_one_day(
    first: tuple[str, str], second: tuple[str, str], mode: Mode
) -> None:
    def judged(record: tuple[str, str], verdict: str) -> dict[str, Any]:
        said = {"ruleset": "agree", "address": "2", "reason": "so", "judged_by": "Li", "made_as": "audit"}
        return {"id": record[0], "judged_on": record[1], "verdict": verdict, **said}

    on = DAYS[1]
    evidence: Evidence = {"o": {"judgement": [judged(first, "nonconforming"), judged(second, "conforming")]}}
    rows = list(loaded("agree", evidence).verdicts(on, usual_start(on), mode).rows())
    assert rows == python_verdicts(evidence, on, usual_start(on), mode)
    assert ("o", "agree", "2", "conforming") in rows


def test_every_verdict_occurs_in_what_is_compared() -> None:
    on = DAYS[1]
    evidence = with_people(random_evidence(plan_of("agree"), on, 3, 80, 4), on, 5)
    for mode in MODES:
        assert {v for *_, v in python_verdicts(evidence, on, usual_start(on), mode)} == set(VERDICTS)


# Where evidence comes from.


def test_stores_are_read_as_known_at_a_position(tmp_path: Path) -> None:
    plan, on = plan_of("agree"), DAYS[1]
    evidence = with_people(random_evidence(plan, on, 21, 6, 4), on, 21)
    later = with_people(random_evidence(plan, on, 22, 6, 4), on, 22)
    with closing(Store.create(tmp_path / "s.db")) as store:
        position = fill(store, evidence)
        fill(store, later)
        for known in (position, None):
            executor = DuckDBExecutor(plan)
            executor.load_stores([tmp_path / "s.db"], known)
            questions = [Question(o, on, usual_start(on), known=known) for o in store.organisations()]
            assert cells(executor.run(on, usual_start(on))) == dict(store_cells(store, questions))
            assert list(executor.verdicts(on, usual_start(on)).rows()) == list(
                store_verdicts(store, questions)
            )


def fill(store: Store, evidence: Evidence) -> int:
    for organisation, kinds in evidence.items():
        changes = [
            Change(
                "put",
                kind,
                str(r["id"]),
                {k: v for k, v in typed(kind, r).items() if k != "id" and v is not None},
            )
            for kind, records in kinds.items()
            for r in records
        ]
        store.commit(organisation, changes, actor="t", at=datetime(2026, 1, 1, tzinfo=UTC))
    return store.position()[0]


def store_cells(store: Store, questions: Sequence[Question]) -> Iterator[tuple[str, list[int]]]:
    executor = python_executor("agree")
    for question in questions:
        rows, _ = read_rows(executor.plan, store, question)
        answers = executor.run(rows, question.on, question.since)
        yield question.organisation, [*answers.requirements, *answers.conditions]


def store_verdicts(store: Store, questions: Sequence[Question]) -> Iterator[tuple[str, str, str, str]]:
    executor = python_executor("agree")
    for question in questions:
        rows, _ = read_rows(executor.plan, store, question)
        answers = executor.run(rows, question.on, question.since)
        people = _people(executor.plan, store, question)
        for d in decide(executor.plan, answers, people, question.mode):
            yield question.organisation, d.provision.ruleset, d.provision.address, d.verdict


def test_a_folder_of_parquet_files_gives_the_same(tmp_path: Path) -> None:
    import duckdb

    on = DAYS[1]
    evidence = with_people(random_evidence(plan_of("agree"), on, 31, 20, 4), on, 31)
    sql = {"flag": "BOOLEAN", "integer": "INTEGER", "decimal": "DECIMAL(34, 10)", "date": "DATE"}
    db = duckdb.connect()
    for kind in {kind for kinds in evidence.values() for kind in kinds}:
        names = sorted({name for kinds in evidence.values() for r in kinds.get(kind, []) for name in r})
        types = [sql.get(schema()[kind].column(name).type, "VARCHAR") for name in names]  # type: ignore[union-attr]
        listed = ", ".join(f'"{n}" {t}' for n, t in zip(names, types, strict=True))
        db.execute(f'CREATE TABLE "{kind}" (organisation VARCHAR, {listed})')
        for organisation, kinds in evidence.items():
            for r in kinds.get(kind, []):
                values = [organisation, *(r.get(n) for n in names)]
                db.execute(f'INSERT INTO "{kind}" VALUES ({", ".join("?" * len(values))})', values)
        db.execute(f"""COPY "{kind}" TO '{tmp_path}/{kind}.parquet' (FORMAT parquet)""")
    executor = DuckDBExecutor(plan_of("agree"))
    executor.load_folder(tmp_path)
    known = {o: ks for o, ks in evidence.items() if any(ks.values())}
    verdicts = executor.verdicts(on, usual_start(on))
    assert list(verdicts.rows()) == python_verdicts(known, on, usual_start(on), "audit")


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ("'o' AS organisation, '1' AS id, 1.5::DOUBLE AS quantity", "portfolio.column_type"),
        (
            "'o' AS organisation, '1' AS id, TIMESTAMPTZ '2026-01-01 00:00:00+08' AS analysed_on",
            "portfolio.column_type",
        ),
        ("'1' AS id", "portfolio.no_organisation"),
        ("NULL::VARCHAR AS organisation, '1' AS id", "portfolio.no_organisation"),
        ("'o' AS organisation, '1' AS id FROM range(2)", "portfolio.record_twice"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(columns: str, key: str, tmp_path: Path) -> None:
    executor = DuckDBExecutor(plan_of("agree"))
    executor.db.execute(f"COPY (SELECT {columns}) TO '{tmp_path}/review_analysis.parquet' (FORMAT parquet)")
    with pytest.raises(EvidenceError) as caught:
        executor.load_folder(tmp_path)
    assert caught.value.key == key
    assert str(caught.value)


def test_an_organisation_comes_from_one_place(tmp_path: Path) -> None:
    executor = loaded("agree", {"o": {}})
    with pytest.raises(EvidenceError, match="already"):
        executor.load_rows({"o": {}})
    with pytest.raises(EvidenceError, match="no parquet"):
        executor.load_folder(tmp_path)
    with pytest.raises(EvidenceError, match="position"):
        executor.load_stores(["a", "b"], known=3)


# Readings that once were wrong.


def one_cell(name: str, records: Mapping[str, list[dict[str, Any]]], on: date = DAYS[1]) -> set[int]:
    evidence: Evidence = {"o": dict(records)}
    place = next(n for n, found in enumerate(names_of(plan_of("agree"))) if found.endswith(f" {name}"))
    since = usual_start(on)
    found = (
        by_duckdb("agree", evidence, on, since),
        by_python("agree", evidence, on, since),
        by_oracle(evidence, on, since),
    )
    return {cells["o"][place] for cells in found}


def test_an_event_and_a_response_that_name_nothing_are_not_taken_for_a_pair() -> None:
    event = {"id": "1", "analysed_on": "2025-10-01", "suitable": 1}
    response = {"id": "1", "report_on": "2025-10-02", "risk_basis": 1}
    named_event, named_response = {**event, "conclusion": "a"}, {**response, "lead": "a"}

    def found(event: dict[str, Any], response: dict[str, Any]) -> set[int]:
        return one_cell("answered, by text", {"review_analysis": [event], "carbon_review": [response]})

    assert found(event, response) == {UNMET}
    assert found(event, named_response) == {UNKNOWN}
    assert found(named_event, response) == {UNMET}
    assert found(named_event, named_response) == {MET}


@pytest.mark.parametrize(
    ("event", "response", "expected"),
    [
        ("2025-01-31", "2025-02-28", MET),
        ("2025-01-31", "2025-03-01", UNMET),
        ("2024-01-30", "2024-02-29", MET),
        ("2024-01-30", "2024-03-01", UNMET),
        ("2025-02-28", "2025-03-28", MET),
        ("2025-02-28", "2025-03-29", UNMET),
        ("2025-12-31", "2026-01-31", MET),
        ("2025-12-31", "2026-02-01", UNMET),
        ("2025-03-31", "2025-03-31", MET),
        ("2025-03-31", "2025-03-30", UNMET),
    ],
)
def test_a_month_ends_on_the_same_day_or_where_the_next_one_ends(
    event: str, response: str, expected: int
) -> None:
    records = (
        [{"id": "1", "analysed_on": event}],
        [{"id": "1", "conducted_on": response, "covers_system_scope": 1}],
    )
    found = one_cell(
        "answered, in time", {"review_analysis": records[0], "carbon_review": records[1]}, date(2026, 6, 30)
    )
    assert found == {expected}


@pytest.mark.parametrize(("months", "expected"), [(1, UNMET), (2, MET)])
@pytest.mark.parametrize("since", ["2026-02-01", None])
def test_the_shortest_of_several_intervals_counts(months: int, expected: int, since: str | None) -> None:
    subject = {"subject": "carbon_review"}
    intervals = [{"id": "1", "months": 12, **subject}, {"id": "2", "months": months, **subject}]
    days = [{"id": str(n), "analysed_on": day} for n, day in enumerate(("2026-02-05", "2026-03-31"))]
    profile = [{"id": "o", "system_since": since or "2026-02-03"}]
    records = {"defined_interval": intervals, "review_analysis": days, "organisation": profile}
    assert one_cell("recurring, defined", records) == {expected}


def test_a_gap_is_counted_from_an_event_on_the_first_day_not_from_one_before() -> None:
    intervals = [{"id": "1", "subject": "carbon_review", "months": 1}]
    days = [{"id": day, "analysed_on": day} for day in ("2025-12-01", "2026-03-01")]
    records = {
        "defined_interval": intervals,
        "review_analysis": days,
        "organisation": [{"id": "o", "system_since": "2026-03-01"}],
    }
    assert one_cell("recurring, defined", records) == {MET}
    assert one_cell("recurring, defined", records | {"review_analysis": days[:1]}) == {UNMET}


def kept_up(item: dict[str, Any], events: Sequence[dict[str, Any]], months: int = 3) -> set[int]:
    """One item that is always reviewed in time, beside it the one in question; the period begins on 2025-04-01."""
    diligent = [
        {"id": f"d{day}", "carbon_review": "0", "analysed_on": day, "suitable": 1}
        for day in ("2025-05-01", "2025-07-15", "2025-10-01", "2025-12-15", "2026-03-01")
    ]
    return one_cell(
        "recurring, of each, defined",
        {
            "defined_interval": [{"id": "1", "subject": "carbon_review", "months": months}],
            "carbon_review": [{"id": "0", "risk_basis": 1}, {"id": "1", "risk_basis": 1, **item}],
            "review_analysis": [*diligent, *({"suitable": 1, "carbon_review": "1", **e} for e in events)],
        },
    )


REVIEWED = [
    {"id": str(n), "analysed_on": d} for n, d in enumerate(("2025-06-30", "2025-09-30", "2025-12-30"))
]


@pytest.mark.parametrize(
    ("item", "events", "expected"),
    [
        ({}, [], UNMET),
        ({}, REVIEWED, UNMET),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": "2026-03-30"}], MET),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": "2026-03-31"}], UNMET),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": "2026-03-30", "suitable": None}], UNKNOWN),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": "2026-03-30", "suitable": 0}], UNMET),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": None}], UNKNOWN),
        ({}, [*REVIEWED, {"id": "9", "analysed_on": "2026-03-30", "carbon_review": None}], UNMET),
        ({"valid_from": "2026-03-01"}, [], MET),
        ({"valid_from": "2025-12-31"}, [], MET),
        ({"valid_from": "2025-12-30"}, [], UNMET),
        ({"report_on": "2025-12-31"}, [], MET),
        ({"report_on": "2025-12-30"}, [], UNMET),
        ({"risk_basis": None}, [], UNKNOWN),
        ({"risk_basis": 0}, [], MET),
        ({"valid_until": "2026-03-30"}, [], MET),
    ],
)
def test_an_item_that_lapsed_does_not_hide_behind_a_diligent_one(
    item: dict[str, Any], events: Sequence[dict[str, Any]], expected: int
) -> None:
    assert kept_up(item, events) == {expected}


def test_an_organisation_left_to_python_keeps_the_day_its_items_begin() -> None:
    huge = [{"id": str(n), "quantity": HUGE, "matter": "sources"} for n in range(2)]
    records = {
        "carbon_review": [{"id": "1", "valid_from": "2026-03-01"}],
        "review_analysis": [*huge, {"id": "9", "carbon_review": "1", "analysed_on": "2026-03-02"}],
    }
    assert one_cell("recurring, of each", records) == {MET}
    assert one_cell("recurring, of each", {**records, "carbon_review": [{"id": "1"}]}) == {UNMET}
