"""The annexes are whole, tied to kinds and columns that exist, and say how far a store fills them."""

from datetime import date
from pathlib import Path

import pytest

from shall.engine.annexes import Annexes, annex_problems, elements
from shall.engine.cases import rows_of
from shall.engine.executors.python import PythonExecutor
from shall.engine.loader import load_ruleset
from shall.engine.outcomes import MET, UNKNOWN, UNMET
from shall.engine.shelf import folder_of
from shall.engine.trees import usual_start
from shall.evidence.schema import schema

DAY = date(2026, 6, 30)
HEAD = """
key: mine
number: X 1
title: {zh: 我的, en: mine}
edition: "1"
status: draft
nature: requirements
chapters: [ch.yaml]
annexes: annexes.yaml
"""
CHAPTER = """
- address: "5.2/b"
  modality: statement
  gist: {zh: 概括, en: gist}
"""
GOOD = """
- id: "A.1"
  kind: table
  title: {zh: 表, en: table}
  informs: ["5.2"]
  fields:
    - name: {zh: 标题, en: title}
      filled_by: {kind: policy, columns: [title, topic]}
  rows:
    - {zh: 碳, en: carbon, where: topic = 'carbon'}
    - {zh: 其他, en: others}
"""


def folder(tmp_path: Path, annexes: str) -> Path:
    for name, text in (("ruleset.yaml", HEAD), ("ch.yaml", CHAPTER), ("annexes.yaml", annexes)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_annexes_a_and_b_are_whole() -> None:
    place = folder_of("t_ccaa_39")
    found = elements(place, load_ruleset(place)[0])
    assert [e.id for e in found if e.kind == "table"] == ["A.1.1", "A.2.1", "A.2.2", "A.3", "A.4"]
    assert {e.id[:3] for e in found if e.kind == "section"} == {"B.1", "B.2", "B.3", "B.4"}
    assert len(found) == 50


def test_records_are_counted_by_field_and_by_row(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD)
    chosen = elements(place, load_ruleset(place)[0])
    ready = Annexes(chosen, schema())
    policies = (
        {"id": "1", "topic": "carbon"},
        {"id": "2", "topic": "energy"},
        {"id": "3", "status": "draft"},
    )
    rows = rows_of(PythonExecutor(ready.plan), {"policy": policies}, DAY.isoformat())
    (one,) = ready.held(rows, DAY, usual_start(DAY))
    assert one.fields == [2]
    assert [row.records for row in one.rows] == [1, None]


CATALOGUE = """
- id: "D.1"
  kind: catalogue
  title: {zh: 目录, en: catalogue}
  informs: ["5.2"]
  columns: [{name: number, zh: 标准号, en: number}]
  counts: policy
  rows:
    - id: "D.1/1"
      zh: 铸造
      en: founding
      cells: {number: X 1}
      in_force: "2026-07-01"
      when: {profile: industry = 'machinery', exists: business_activity, where: activity = 'foundry'}
      where: topic = 'carbon'
    - {id: "D.1/2", zh: 旧版, en: old edition, in_force: "2020-01-01", until: "2026-06-29"}
"""


@pytest.mark.parametrize(
    ("records", "applies"),
    [
        ({"organisation": ({"id": "O", "industry": "machinery"},)}, MET),
        ({"organisation": ({"id": "O", "industry": "paper"},)}, UNMET),
        ({"organisation": ({"id": "O"},)}, UNKNOWN),
        ({}, UNKNOWN),
        (
            {
                "organisation": ({"id": "O", "industry": "paper"},),
                "business_activity": ({"id": "B", "activity": "foundry"},),
            },
            MET,
        ),
        (
            {
                "organisation": ({"id": "O", "industry": "machinery"},),
                "business_activity": ({"id": "B", "activity": "forging"},),
            },
            UNMET,
        ),
    ],
)
def test_industry_and_day_select_the_rows_of_a_catalogue(
    tmp_path: Path, records: dict[str, tuple[dict[str, str], ...]], applies: int
) -> None:
    place = folder(tmp_path, CATALOGUE)
    assert not list(annex_problems(place, load_ruleset(place)[0], schema()))
    ready = Annexes(elements(place, load_ruleset(place)[0]), schema())
    rows = rows_of(PythonExecutor(ready.plan), records, DAY.isoformat())
    (one,) = ready.held(rows, DAY, usual_start(DAY))
    assert [(row.applies, row.holds) for row in one.rows] == [(applies, "not_yet"), (None, "no_more")]
    (later,) = ready.held(rows, date(2026, 7, 1), DAY)
    assert later.rows[0].holds == "yes"


@pytest.mark.parametrize(
    ("annexes", "key"),
    [
        (GOOD.replace("kind: policy", "kind: polcy"), "rules.unknown_kind"),
        (GOOD.replace("[title, topic]", "[titel]"), "rules.predicate_column"),
        (GOOD.replace("'carbon'", "'carbn'"), "rules.predicate_choice"),
        (GOOD.replace('["5.2"]', '["9.9"]'), "rules.lint_reference"),
        (GOOD + GOOD, "rules.annex_twice"),
        (GOOD.replace("  title:", "  titel:"), "rules.unknown_key"),
        (GOOD.split("  fields:", maxsplit=1)[0], "rules.bad_value"),
        (CATALOGUE.replace("{number: X 1}", "{nummer: X 1}"), "rules.annex_cell"),
        (CATALOGUE.replace('"D.1/2"', '"D.1/1"'), "rules.annex_row_twice"),
        (CATALOGUE.replace('"2026-06-29"', '"2019-06-29"'), "rules.annex_days"),
        (CATALOGUE.replace('"2026-07-01"', "2026/7/1"), "rules.bad_value"),
        (CATALOGUE.replace("'foundry'", "'fundry'"), "rules.predicate_choice"),
        (CATALOGUE.replace("counts: policy", "counts: polcy"), "rules.unknown_kind"),
    ],
)
def test_mistakes_in_annexes_are_told(annexes: str, key: str, tmp_path: Path) -> None:
    place = folder(tmp_path, annexes)
    found = list(annex_problems(place, load_ruleset(place)[0], schema()))
    assert key in {p.key for p in found}
    assert all(p.file.endswith("/annexes.yaml") for p in found)


HUNAN = {"A.1": 28, "B": 6, "B.1": 32, "C.1": 9, "C.2": 20, "D.1": 50, "F.1": 10}


def test_the_annexes_of_hunan_are_whole() -> None:
    place = folder_of("hunan")
    found = elements(place, load_ruleset(place)[0])
    assert [sum(e.kind == k for e in found) for k in ("table", "section", "catalogue")] == [1, 14, 6]
    assert {e.id: len(e.rows) for e in found if e.rows} == HUNAN


def test_the_accounting_standards_of_hunan_are_fifty_with_days_in_order() -> None:
    place = folder_of("hunan")
    (listed,) = [e for e in elements(place, load_ruleset(place)[0]) if e.id == "D.1"]
    assert [row.id for row in listed.rows] == [f"D.1/{n}" for n in range(1, 51)]
    assert [row.id for row in listed.rows if row.when is None] == ["D.1/1"]
    for row in listed.rows:
        number = row.cells["number"]
        assert isinstance(number, str)
        assert row.published and row.in_force and row.published < row.in_force
        assert number.endswith(f"-{row.published[:4]}")


@pytest.mark.parametrize(
    ("activity", "on", "applying"),
    [
        ("foundry", "2026-02-28", {"D.1/1": "yes", "D.1/22": "yes"}),
        ("foundry", "2026-06-30", {"D.1/1": "yes", "D.1/22": "yes"}),
        ("foundry", "2025-03-31", {"D.1/1": "yes", "D.1/22": "not_yet"}),
        ("foundry", "2025-04-01", {"D.1/1": "yes", "D.1/22": "yes"}),
        ("cold_stores", "2026-02-28", {"D.1/1": "yes", "D.1/47": "not_yet"}),
        ("cold_stores", "2026-03-01", {"D.1/1": "yes", "D.1/47": "yes"}),
        ("sulphuric_acid", "2026-04-30", {"D.1/1": "yes", "D.1/11": "yes", "D.1/50": "not_yet"}),
        ("paper", "2026-06-30", {"D.1/1": "yes"}),
        (
            None,
            "2026-02-28",
            dict.fromkeys(("D.1/1", "D.1/19", "D.1/20", "D.1/22", "D.1/29", "D.1/48"), "yes"),
        ),
    ],
)
def test_activity_and_day_select_the_accounting_standards_of_hunan(
    activity: str | None, on: str, applying: dict[str, str]
) -> None:
    place = folder_of("hunan")
    ready = Annexes([e for e in elements(place, load_ruleset(place)[0]) if e.id == "D.1"], schema())
    records: dict[str, tuple[dict[str, str], ...]] = {"organisation": ({"id": "O", "industry": "machinery"},)}
    if activity:
        records["business_activity"] = ({"id": "B", "activity": activity},)
    day = date.fromisoformat(on)
    (one,) = ready.held(rows_of(PythonExecutor(ready.plan), records, on), day, usual_start(day))
    states = zip(one.element.rows, one.rows, strict=True)
    assert {row.id: state.holds for row, state in states if state.applies in (None, MET)} == applying


MACHINERY = {
    **{"B": 6, "B.1": 31, "C.1": 9, "D.5.1/3": 8, "D.5.1/4": 4, "D.5.1/5": 9, "D.5.1/6": 9},
    **{"D.5.2/7": 2, "D.5.2/8": 3, "D.5.2/9": 9, "D.6/10": 12, "D.6/11": 9, "D.6/13": 8, "E.2/1": 13},
    **{"F.1/1": 2, "F.1/2": 1, "F.1/3": 1, "F.1/4": 3, "F.1/5": 2, "F.1/6": 1},
}
JIANGSU = {"T.1": 3, "T.2": 4, "T.3": 7, "T.4": 3, "T.5": 4, "T.6/1": 4, "T.6/2": 3, "T.7": 4}


@pytest.mark.parametrize(
    ("standard", "kinds", "rows"),
    [("machinery", [22, 15, 3], MACHINERY), ("jiangsu", [0, 11, 8], JIANGSU)],
)
def test_the_annexes_of_machinery_and_jiangsu_are_whole(
    standard: str, kinds: list[int], rows: dict[str, int]
) -> None:
    place = folder_of(standard)
    ruleset = load_ruleset(place)[0]
    assert not list(annex_problems(place, ruleset, schema()))
    found = elements(place, ruleset)
    assert [sum(e.kind == k for e in found) for k in ("table", "section", "catalogue")] == kinds
    assert {e.id: len(e.rows) for e in found if e.rows} == rows


def test_the_fourteen_tables_of_the_review_report_stand_under_their_sections() -> None:
    place = folder_of("machinery")
    tables = [e.id for e in elements(place, load_ruleset(place)[0]) if e.id[0] == "D" and e.kind == "table"]
    assert [int(one.rsplit("/")[1]) for one in tables] == list(range(1, 15))
    assert [one.rsplit("/")[0] for one in tables] == [
        *["D.4"] * 2,
        *["D.5.1"] * 4,
        *["D.5.2"] * 3,
        *["D.6"] * 5,
    ]


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ({"scope": "1", "source_class": "stationary_combustion"}, "C.1/1"),
        ({"scope": "1", "source_class": "waste"}, "C.1/4"),
        ({"scope": "2", "source_class": "purchased_heat"}, "C.1/6"),
        ({"scope": "3", "source_class": "transport", "life_cycle_stage": "raw_material"}, "C.1/7"),
        ({"scope": "3", "source_class": "transport", "life_cycle_stage": "transport"}, "C.1/8"),
        ({"scope": "3", "source_class": "transport"}, None),
    ],
)
def test_a_source_is_counted_in_one_row_of_the_sources_of_machinery(
    source: dict[str, str], row: str | None
) -> None:
    place = folder_of("machinery")
    ready = Annexes([e for e in elements(place, load_ruleset(place)[0]) if e.id == "C.1"], schema())
    records = {"emission_source": ({"id": "S", **source},)}
    (one,) = ready.held(rows_of(PythonExecutor(ready.plan), records, DAY.isoformat()), DAY, usual_start(DAY))
    states = zip(one.element.rows, one.rows, strict=True)
    assert [printed.id for printed, state in states if state.records] == ([row] if row else [])
