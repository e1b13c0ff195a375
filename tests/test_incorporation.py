"""What one standard takes in from another: verdicts follow, each gap is a finding once, and circles are refused."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from shall.engine.cache import compiled
from shall.engine.evaluation import Question, evaluate, result
from shall.engine.executors.python import PythonExecutor
from shall.engine.explain import explain
from shall.engine.grading import DEFAULT
from shall.engine.loader import RulesetProblems
from shall.engine.reports.context import build_report
from shall.engine.reports.schema import Result
from shall.engine.reports.view import Viewer, view
from shall.evidence.ledger import Change
from shall.evidence.store import Store

ON = date(2026, 6, 30)
HEAD = """
key: {key}
number: {key} 1
title: {{zh: 标准, en: standard}}
edition: "1"
status: draft
nature: {nature}
chapters: [ch.yaml]
clauses: {{"4": {{zh: 四, en: four}}, "5": {{zh: 五, en: five}}}}
"""
SECTOR = """
- address: "4.1#1"
  modality: shall
  incorporates: ["t_ccaa_39:5.2"]
  concepts: [leadership.policy]
  gist: {zh: 方针按基础标准, en: the policy as the base standard has it}
- address: "4.1/a"
  modality: shall
  concepts: [leadership.policy]
  gist: {zh: 承诺应对气候变化, en: commitment to act on climate change}
  requires:
    - every: policy
      where: topic = 'carbon'
      that: commits_climate
      expects: {zh: 写有应对气候变化的承诺, en: the commitment to act on climate change is written}
"""
POLICY = {
    "topic": "carbon",
    "commits_climate": False,
    "commits_compliance": False,
    "issued_by_top_management": True,
}
Records = Sequence[tuple[str, str, Mapping[str, Any]]]


def standard(place: Path, key: str, chapter: str, nature: str = "requirements") -> str:
    folder = place / key
    folder.mkdir()
    (folder / "ruleset.yaml").write_text(HEAD.format(key=key, nature=nature), encoding="utf-8")
    (folder / "ch.yaml").write_text(chapter, encoding="utf-8")
    return str(folder)


def store_of(place: Path, records: Records) -> Store:
    store = Store.create(place / "store.db")
    changes = [Change("put", kind, name, {"id": name, **body}) for kind, name, body in records]
    store.commit("ORG-1", changes, actor="test", at=datetime(2026, 6, 1, tzinfo=UTC))
    return store


def evaluated(place: Path, names: Sequence[str], records: Records) -> dict[str, Any]:
    with store_of(place, records) as store:
        found = evaluate(PythonExecutor(compiled(names)), store, Question.of("ORG-1", ON), DEFAULT)
        body = result(found)
    Result.model_validate(body)
    return body


def told(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each criterion with its own part of the finding that tells it."""
    return {one["id"]: {**f, **one} for f in body["findings"] for one in f["criteria"] or (f,)}


def by_id(body: Mapping[str, Any], part: str) -> dict[str, dict[str, Any]]:
    return {f"{p['ruleset']}:{p['address']}": p for p in body[part]}


def test_the_verdict_follows_from_the_incorporated_provisions(tmp_path: Path) -> None:
    body = evaluated(tmp_path, [standard(tmp_path, "sector", SECTOR)], [("policy", "P1", POLICY)])
    own, inner = by_id(body, "provisions"), by_id(body, "incorporated")
    assert set(own) == {"sector:4.1#1", "sector:4.1/a"}
    assert all(name.startswith("t_ccaa_39:5.2") for name in inner)
    assert own["sector:4.1#1"]["verdict"] == "nonconforming"
    assert own["sector:4.1#1"]["reason"] == "incorporated"
    assert own["sector:4.1#1"]["incorporates"] == list(inner)
    assert inner["t_ccaa_39:5.2/b"]["verdict"] == "nonconforming"
    assert [s["key"] for s in body["standards"]] == ["sector"]
    assert [s["key"] for s in body["incorporated_standards"]] == ["t_ccaa_39"]
    assert set(body["receipt"]["rulesets"]) == {"sector", "t_ccaa_39"}
    assert sum(body["summary"]["sector"]["verdicts"].values()) == 2


def test_a_finding_cites_both_and_stands_once(tmp_path: Path) -> None:
    body = evaluated(tmp_path, [standard(tmp_path, "sector", SECTOR)], [("policy", "P1", POLICY)])
    found = told(body)
    assert found["t_ccaa_39:5.2/b"]["cites"] == ["t_ccaa_39:5.2/b", "sector:4.1#1"]
    assert found["t_ccaa_39:5.2/b"]["standards"] == ["sector"]
    assert "sector:4.1#1" not in found, "the gap is named where it is, not again at the reference"
    # The sector's own words ask for the same thing: one finding, which cites the base provision as well.
    assert found["sector:4.1/a"]["cites"] == ["sector:4.1/a", "t_ccaa_39:5.2/c"]
    assert "t_ccaa_39:5.2/c" not in found


def test_with_both_standards_each_has_its_own_findings_once(tmp_path: Path) -> None:
    names = [standard(tmp_path, "sector", SECTOR), "t_ccaa_39"]
    body = evaluated(tmp_path, names, [("policy", "P1", POLICY)])
    found = told(body)
    assert found["t_ccaa_39:5.2/b"]["standards"] == ["t_ccaa_39", "sector"]
    assert found["t_ccaa_39:5.2/c"]["standards"] == ["t_ccaa_39"]
    assert found["sector:4.1/a"]["standards"] == ["sector"]
    assert body["incorporated"] == []
    assert len(found) == sum(len(f["criteria"]) or 1 for f in body["findings"])


def test_judgements_and_exclusions_reach_through(tmp_path: Path) -> None:
    said = {"reason": "看过", "judged_by": "王芳", "judged_on": "2026-06-01", "made_as": "audit"}
    judged = {"ruleset": "sector", "address": "4.1#1", "verdict": "conforming", **said}
    names = [standard(tmp_path, "sector", SECTOR)]
    body = evaluated(tmp_path, names, [("policy", "P1", POLICY), ("judgement", "J1", judged)])
    own = by_id(body, "provisions")["sector:4.1#1"]
    assert (own["verdict"], own["evidence_verdict"]) == ("conforming", "nonconforming")
    assert [f["id"] for f in body["findings"]] == ["sector:4.1/a"], (
        "nothing below counts where a person decided"
    )
    assert body["incorporated"] == []


def test_a_guideline_makes_opportunities_of_what_it_recommends_to_meet(tmp_path: Path) -> None:
    chapter = SECTOR.replace("modality: shall", "modality: should")
    names = [standard(tmp_path, "guide", chapter, "guideline")]
    body = evaluated(tmp_path, names, [("policy", "P1", POLICY)])
    assert {p["verdict"] for p in body["provisions"]} == {"opportunity"}
    assert {f["grade"] for f in body["findings"]} == {"opportunity"}
    assert body["summary"]["guide"]["readiness"] == {"met": 0, "of": 2}


def test_reports_show_what_was_taken_in(tmp_path: Path) -> None:
    executor = PythonExecutor(compiled([standard(tmp_path, "sector", SECTOR)]))
    with store_of(tmp_path, [("policy", "P1", POLICY)]) as store:
        evaluation = evaluate(executor, store, Question.of("ORG-1", ON), DEFAULT)
        report = build_report(evaluation, store)
        shown = view(report, "zh")
        lines = "\n".join(explain(evaluation, executor.plan.provisions[0], "zh"))
    (clause,) = shown["standards"][0]["clauses"]
    addresses = [p["address"] for p in clause["provisions"]]
    assert addresses[0] == "4.1#1"
    assert "→ 5.2/b" in addresses
    assert addresses[-1] == "4.1/a"
    items = [item for step in shown["first"] for group in step["groups"] for item in group["items"]]
    assert any("4.1#1 → T/CCAA 39—2022 5.2/b" in text for item in items for _, text in item["lines"])
    assert any("T/CCAA 39—2022" in value for _, value in shown["head"])
    assert len(Viewer(report, "en").in_order()) == len(report.result["provisions"]) + len(
        report.result["incorporated"]
    )
    assert "t_ccaa_39:5.2/b" in lines


LINK = """
- address: "4.1#1"
  modality: shall
  incorporates: [{target}]
  concepts: [leadership.policy]
  gist: {{zh: 引入, en: incorporates}}
"""


def problems(names: Sequence[str]) -> list[str]:
    with pytest.raises(RulesetProblems) as caught:
        compiled(names)
    assert all(p.line == 4 for p in caught.value.problems)
    return [p.text("en") for p in caught.value.problems]


def test_a_circle_is_refused_with_the_way_round(tmp_path: Path) -> None:
    one = standard(tmp_path, "one", LINK.format(target='"two:4"'))
    two = standard(tmp_path, "two", LINK.format(target='"one:4"'))
    assert "one:4.1#1 → two:4.1#1 → one:4.1#1" in "\n".join(problems([one, two]))


@pytest.mark.parametrize(
    "target",
    ['"other:4.1"', '"t_ccaa_39:4.9"', '"t_ccaa_39"', '"../x:4"', '"t_ccaa_39:4.1/N1"', '"/etc/passwd:1"'],
)
def test_a_target_that_does_not_exist_is_refused(tmp_path: Path, target: str) -> None:
    (said,) = problems([standard(tmp_path, "one", LINK.format(target=target))])
    assert target.strip('"') in said
    assert "one/ch.yaml:4" in said


def test_a_chain_carries_the_gap_to_the_end(tmp_path: Path) -> None:
    first = standard(tmp_path, "first", LINK.format(target='"sector:4.1#1"'))
    names = [first, standard(tmp_path, "sector", SECTOR)]
    body = evaluated(tmp_path, names, [("policy", "P1", POLICY)])
    assert by_id(body, "provisions")["first:4.1#1"]["verdict"] == "nonconforming"
    gap = told(body)["t_ccaa_39:5.2/b"]
    assert set(gap["cites"]) >= {"t_ccaa_39:5.2/b", "sector:4.1#1"}
