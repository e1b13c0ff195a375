"""The portfolio command: numbers and verdicts as `shall check` gives them for each organisation, from every source."""

import csv
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from shall.engine import cli
from shall.engine.cli import portfolio as command
from shall.engine.samples import sample_folder
from shall.engine.verdicts import VERDICTS
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import WITHDRAW, Change
from shall.evidence.schema import schema
from shall.evidence.store import Store
from shall.texts.errors import EvidenceError, ShallError, UsageError

ON = "2026-06-30"
ORGANISATIONS = ("=1+1", "云岭", "one", "two's")
"""Made-up names: one that a spreadsheet would compute, one Chinese, one with a quote."""
WHOLE, SMALL = ("machinery", "t_ccaa_39"), ("jiangsu", "zero_carbon")
"""A standard with the one that it incorporates, and two that are soon decided."""
AT = datetime(2026, 7, 1, tzinfo=UTC)


def asking(keys: tuple[str, ...]) -> list[str]:
    return [word for key in keys for word in ("-s", key)]


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's evidence under several names, each with something different taken away; one has hardly any."""
    path = tmp_path_factory.mktemp("portfolio") / "many.db"
    with sample_folder("machinery_maker") as folder, closing(Store.create(path)) as store:
        batch = read_evidence(folder)
        for n, name in enumerate(ORGANISATIONS[:-1]):
            import_batch(store, name, batch, actor="t", at=AT)
            kinds = list(batch.records)[n::3]
            dropped = [Change(WITHDRAW, k, r.id, {}) for k in kinds[::4] for r in batch.records[k]]
            store.commit(name, dropped, actor="t", at=AT)
        judged = {
            "ruleset": "t_ccaa_39",
            "address": "4.1#1",
            "verdict": "nonconforming",
            "reason": "r",
            "judged_by": "p",
            "judged_on": "2026-06-01",
            "made_as": "audit",
        }
        store.commit("one", [Change("put", "judgement", "J1", judged)], actor="t", at=AT)
        store.commit(ORGANISATIONS[-1], [Change("put", "organisation", "O", {"name": "n"})], actor="t", at=AT)
    return path


@pytest.fixture(scope="module")
def folder(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same evidence as a parquet file for each kind."""
    place = tmp_path_factory.mktemp("parquet")
    sql = {"flag": "BOOLEAN", "integer": "BIGINT", "decimal": "DECIMAL(34, 10)", "date": "DATE"}
    with duckdb.connect() as db, closing(Store.open(store)) as opened:
        for kind in schema().values():
            names = [c.name for c in kind.columns]
            rows = list(opened.scan(kind.name, names)) if kind.name in opened.shape else []
            if not rows:
                continue
            types = ", ".join(f'"{c.name}" {sql.get(c.type, "VARCHAR")}' for c in kind.columns)
            db.execute(f'CREATE TABLE "{kind.name}" (organisation VARCHAR, {types})')
            flags = {n for n, c in enumerate(kind.columns, 1) if c.type == "flag"}
            plain = [[bool(v) if n in flags and v is not None else v for n, v in enumerate(r)] for r in rows]
            marks = ", ".join("?" * (len(names) + 1))
            db.executemany(f'INSERT INTO "{kind.name}" VALUES ({marks})', plain)
            db.execute(f"""COPY "{kind.name}" TO '{place}/{kind.name}.parquet' (FORMAT parquet)""")
    return place


@pytest.fixture(scope="module")
def checked(store: Path) -> dict[tuple[str, str], Any]:
    """What `shall check` says of each: per organisation and standard the counts, and the verdicts."""
    found: dict[tuple[str, str], Any] = {}
    for name in ORGANISATIONS:
        done = run("check", store, "--org", name, "--on", ON, "--format", "json", *asking(WHOLE + SMALL))
        result = json.loads(done.output)
        for key in WHOLE + SMALL:
            own = [p for p in result["provisions"] if p["ruleset"] == key]
            verdicts = [(p["address"], p["verdict"]) for p in own]
            found[name, key] = (result["summary"][key]["verdicts"], verdicts)
    return found


def table(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return rows
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    with duckdb.connect() as db:
        found = db.execute(f"SELECT * FROM read_parquet('{path}')")
        names = [d[0] for d in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize(
    ("source", "ending", "keys"),
    [("store", ".csv", WHOLE), ("folder", ".json", SMALL), ("folder", ".parquet", SMALL)],
)
def test_counts_are_those_of_check_for_each_organisation(
    source: str,
    ending: str,
    keys: tuple[str, ...],
    request: pytest.FixtureRequest,
    checked: dict[Any, Any],
    tmp_path: Path,
) -> None:
    target = tmp_path / f"counts{ending}"
    done = run("portfolio", request.getfixturevalue(source), *asking(keys), "--on", ON, "-o", target)
    assert done.exception is None, done.exception
    rows = table(target)
    named = {(str(r["organisation"]).removeprefix("'"), r["ruleset"]): r for r in rows}
    expected = {key: counts for key, (counts, _) in checked.items() if key[1] in keys}
    assert list(named) == sorted(expected)
    assert {key: {v: int(row[v]) for v in VERDICTS} for key, row in named.items()} == expected
    assert str(len(rows)) in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("source", "ending", "keys"), [("folder", ".parquet", WHOLE), ("store", ".csv", SMALL)]
)
def test_verdicts_are_those_of_check_for_each_organisation(
    source: str,
    ending: str,
    keys: tuple[str, ...],
    request: pytest.FixtureRequest,
    checked: dict[Any, Any],
    tmp_path: Path,
) -> None:
    target, data = tmp_path / f"verdicts{ending}", request.getfixturevalue(source)
    done = run("portfolio", data, *asking(keys), "--on", ON, "--verdicts", "-o", target)
    assert done.exception is None, done.exception
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in table(target):
        key = (row["organisation"].removeprefix("'"), row["ruleset"])
        found.setdefault(key, []).append((row["address"], row["verdict"]))
    assert found == {key: verdicts for key, (_, verdicts) in checked.items() if key[1] in keys}


def test_names_are_safe_in_a_spreadsheet(store: Path, tmp_path: Path) -> None:
    found = []
    for words in (["--verdicts"], []):
        target = tmp_path / "v.csv"
        done = run("portfolio", store, "-s", "zero_carbon", "--on", ON, *words, "-o", target)
        assert done.exception is None
        found.append({row["organisation"] for row in table(target)})
    assert found == [{"'=1+1", *ORGANISATIONS[1:]}] * 2


def test_working_on_disk_and_in_self_assessment_give_the_same_as_check(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "c.json"
    words = ("-s", "zero_carbon", "--on", ON, "--mode", "self")
    done = run("portfolio", store, *words, "--disk", "-q", "-o", target)
    assert done.exception is None
    assert len(done.stderr.splitlines()) == 1
    assert counted(target, "one") == of_check(store, "one", *words)


def test_a_position_says_what_was_known(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "c.json"
    words = ("-s", "zero_carbon", "--on", ON, "--known", "900")
    assert run("portfolio", store, *words, "-o", target).exception is None
    assert counted(target, "=1+1") == of_check(store, "=1+1", *words)
    assert len(table(target)) == len(ORGANISATIONS)


def counted(path: Path, organisation: str) -> dict[str, int]:
    row = next(row for row in table(path) if row["organisation"] == organisation)
    return {verdict: row[verdict] for verdict in VERDICTS}


def of_check(store: Path, organisation: str, *words: str) -> Any:
    done = run("check", store, "--org", organisation, "--format", "json", *words)
    return json.loads(done.output)["summary"]["zero_carbon"]["verdicts"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_screen_sums_up_and_progress_goes_elsewhere(
    store: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SHOWN", 6)
    done = run("portfolio", store, *asking(SMALL), "--on", ON, lang=lang)
    assert done.return_value is None
    lines = done.stdout.splitlines()
    assert lines[0].startswith("4 ")
    worst = [line for line in lines if line.startswith(ORGANISATIONS)]
    assert len(worst) == 6
    numbers = [int(line.split()[2]) for line in worst]
    assert numbers == sorted(numbers, reverse=True)
    assert "2 " in lines[-1]
    assert "many.db" in done.stderr
    assert "many.db" not in done.stdout


def test_what_is_wrong_is_told_before_the_work(
    store: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    empty = tmp_path / "empty.db"
    Store.create(empty).close()
    before = store.read_bytes()
    wrong: list[tuple[type[ShallError], str, tuple[object, ...]]] = [
        (UsageError, "portfolio.no_data", (tmp_path / "nowhere",)),
        (UsageError, "portfolio.form", (store, "-o", tmp_path / "x.txt")),
        (UsageError, "portfolio.form", (store, "--verdicts", "-o", tmp_path / "x.json")),
        (UsageError, "portfolio.output_needed", (store, "--verdicts")),
        (UsageError, "portfolio.output_in_data", (folder, "-o", folder / "policy.parquet")),
        (UsageError, "cli.bad_date", (store, "--on", "30.6.2026")),
        (UsageError, "cli.period_after_day", (store, "--on", ON, "--from", "2026-07-01")),
        (EvidenceError, "portfolio.no_files", (tmp_path / "empty",)),
        (EvidenceError, "portfolio.empty", (empty,)),
        (EvidenceError, "portfolio.organisation_twice", (store, folder)),
        (EvidenceError, "portfolio.one_position", (store, empty, "--known", "3")),
        (EvidenceError, "portfolio.known_folder", (folder, "--known", "3")),
    ]
    for error, key, words in wrong:
        caught = run("portfolio", *words).exception
        assert isinstance(caught, error), (key, caught)
        assert caught.key == key
        assert caught.text("zh") != caught.text("en")
    store_named = tmp_path / "store.csv"
    store_named.write_bytes(before)
    caught = run("portfolio", store, "-o", store_named).exception
    assert isinstance(caught, UsageError) and caught.key == "cli.target_is_store"
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    caught = run("portfolio", store).exception
    assert isinstance(caught, UsageError) and caught.key == "portfolio.no_duckdb"
    assert "shall[portfolio]" in caught.text("zh")
