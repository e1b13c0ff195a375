"""One gap under several provisions is one finding; verdicts stay; statements say figures and what does not count."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine.audit.history import Draft, raise_findings, take
from shall.engine.cache import compiled
from shall.engine.cli.audit import _found
from shall.engine.compare.results import shifts
from shall.engine.evaluation import Evaluation, Question, evaluate, result
from shall.engine.exchange.oscal import action_plan
from shall.engine.executors.python import PythonExecutor
from shall.engine.explain import explain
from shall.engine.grading import DEFAULT
from shall.engine.joining import criterion_text, further_criteria, told
from shall.engine.reports.context import build_report
from shall.engine.reports.csv_report import csv_text
from shall.engine.reports.schema import Result
from shall.engine.reports.terminal import summary
from shall.engine.reports.view import view
from shall.evidence.ledger import Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, say

ON = date(2026, 6, 30)
AT = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = """
key: own
number: OWN 1
title: {zh: 标准, en: standard}
edition: "1"
status: draft
nature: requirements
chapters: [ch.yaml]
clauses: {"4": {zh: 四, en: four}, "5": {zh: 五, en: five}}
"""


def provision(address: str, requires: str, concept: str = "leadership.policy", more: str = "") -> str:
    name = re.sub(r"\W", "-", address)
    return f"""
- address: "{address}"
  modality: {"should" if "should" in more else "shall"}
  concepts: [{concept}]
  gist: {{zh: 要求{name}, en: asks {name}}}
{more.replace("should", "")}  requires:
{requires}      expects: {{zh: 应{name}, en: wants {name}}}
"""


def every(column: str, kind: str = "policy") -> str:
    return f"    - every: {kind}\n      that: {column}\n"


def linked(where: str) -> str:
    return f"""    - linked: meter
      partner: calibration
      partner_where: {where}
      match: id = meter
"""


CLAUSE = provision("4.1/a", every("commits_climate")) + provision(
    "4.1/b", every("commits_compliance"), "review.energy"
)
Records = Sequence[tuple[str, str, Mapping[str, Any]]]


def audited(place: Path, chapter: str, records: Records, mode: Any = "audit") -> tuple[Evaluation, Store]:
    folder = place / "own"
    folder.mkdir(exist_ok=True)
    (folder / "ruleset.yaml").write_text(HEAD, encoding="utf-8")
    (folder / "ch.yaml").write_text(chapter, encoding="utf-8")
    path = place / "store.db"
    path.unlink(missing_ok=True)
    store = Store.create(path)
    changes = [Change("put", kind, name, {"id": name, **body}) for kind, name, body in records]
    store.commit("ORG-1", changes, actor="test", at=AT)
    executor = PythonExecutor(compiled([str(folder)]))
    found = evaluate(executor, store, Question.of("ORG-1", ON, mode=mode), DEFAULT)
    Result.model_validate(result(found))
    return found, store


def groups(found: Evaluation) -> list[list[str]]:
    return [[id.partition(":")[2] for id in f.ids] for f in found.findings]


NO = {"commits_climate": False, "commits_compliance": False}


def test_the_same_records_in_one_clause_are_one_finding(tmp_path: Path) -> None:
    found, _ = audited(tmp_path, CLAUSE, [("policy", "P1", NO), ("policy", "P2", NO)])
    (one,) = found.findings
    assert one.id == "own:4.1/a"
    assert list(one.cites) == list(one.ids) == ["own:4.1/a", "own:4.1/b"]
    assert one.requirement == {"zh": "应4-1-a；应4-1-b", "en": "wants 4-1-a; wants 4-1-b"}
    assert one.statement["en"] == "Records of “policy” that do not satisfy this (2): P1, P2."
    assert [e.id for e in one.evidence] == ["P1", "P2"]
    assert [c.requirement["en"] for c in one.criteria] == ["wants 4-1-a", "wants 4-1-b"]
    body = result(found)
    assert [p["verdict"] for p in body["provisions"]] == ["nonconforming"] * 2
    assert body["summary"]["own"]["verdicts"]["nonconforming"] == 2


@pytest.mark.parametrize(
    ("what", "chapter", "records", "expected"),
    [
        (
            "other records offend",
            CLAUSE,
            [("policy", "P1", NO), ("policy", "P2", {"commits_climate": False, "commits_compliance": True})],
            [["4.1/a"], ["4.1/b"]],
        ),
        (
            "another clause and another concept",
            provision("4.1/a", every("commits_climate"))
            + provision("4.2/a", every("commits_compliance"), "review.energy"),
            [("policy", "P1", NO)],
            [["4.1/a"], ["4.2/a"]],
        ),
        (
            "another clause, the same concept",
            provision("4.1/a", every("commits_climate")) + provision("5.1", every("commits_compliance")),
            [("policy", "P1", NO)],
            [["4.1/a", "5.1"]],
        ),
        (
            "a chain: the second shares its clause with the first and its concept with the third",
            CLAUSE + provision("5.1", every("issued_by_top_management"), "review.energy"),
            [("policy", "P1", {**NO, "issued_by_top_management": False})],
            [["4.1/a", "4.1/b", "5.1"]],
        ),
        (
            "no record offends: none satisfies",
            provision("4.1/a", "    - some: policy\n      that: commits_climate\n")
            + provision("4.1/b", "    - some: policy\n      that: commits_compliance\n"),
            [("policy", "P1", NO)],
            [["4.1/a"], ["4.1/b"]],
        ),
        (
            "nothing found beside it",
            provision("4.1/a", every("commits_climate"))
            + provision(
                "4.1/b",
                every("commits_compliance")
                + "      expects: {zh: 一, en: one}\n"
                + every("needs_calibration", "meter"),
            ),
            [("policy", "P1", NO)],
            [["4.1/a"], ["4.1/b"]],
        ),
        (
            "open cells of another record beside it",
            provision("4.1/a", every("commits_climate"))
            + provision(
                "4.1/b",
                every("commits_compliance")
                + "      expects: {zh: 一, en: one}\n"
                + every("issued_by_top_management"),
            ),
            [
                ("policy", "P1", {**NO, "issued_by_top_management": True}),
                ("policy", "P2", {"commits_climate": True, "commits_compliance": True}),
            ],
            [["4.1/a"], ["4.1/b"]],
        ),
        (
            "a recommendation",
            provision("4.1/a", every("commits_climate"))
            + provision("4.1/b", every("commits_compliance"), more="should"),
            [("policy", "P1", NO)],
            [["4.1/a"], ["4.1/b"]],
        ),
        (
            "the same counterpart lacks, in one field of concepts",
            provision("4.1/a", linked("result = 'passed'"), "evaluation.metering.accuracy")
            + provision("5.1", linked("due_on >= :on"), "evaluation.metering.calibration"),
            [("meter", "M1", {})],
            [["4.1/a", "5.1"]],
        ),
        (
            "one lacks a counterpart, the other something else, in one field",
            provision("4.1/a", linked("result = 'passed'"), "evaluation.metering.accuracy")
            + provision("5.1", every("needs_calibration", "meter"), "evaluation.metering.calibration"),
            [("meter", "M1", {"needs_calibration": False})],
            [["4.1/a"], ["5.1"]],
        ),
        (
            "the same counterpart lacks, in two fields",
            provision("4.1/a", linked("result = 'passed'"), "evaluation.metering.accuracy")
            + provision("5.1", linked("due_on >= :on"), "support.resource.meters"),
            [("meter", "M1", {})],
            [["4.1/a"], ["5.1"]],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_what_is_joined_and_what_never(
    what: str, chapter: str, records: Records, expected: Sequence[Sequence[str]], tmp_path: Path
) -> None:
    found, _ = audited(tmp_path, chapter, records)
    assert groups(found) == expected, what


def test_a_persons_word_is_not_joined(tmp_path: Path) -> None:
    said = {"ruleset": "own", "address": "4.1/b", "verdict": "nonconforming", "reason": "看过"}
    who = {"judged_by": "王芳", "judged_on": "2026-06-01", "made_as": "audit"}
    found, _ = audited(tmp_path, CLAUSE, [("policy", "P1", NO), ("judgement", "J1", {**said, **who})])
    assert groups(found) == [["4.1/a"], ["4.1/b"]]


COLUMNS = ("commits_climate", "commits_compliance", "issued_by_top_management")


@settings(max_examples=12, deadline=None)
@given(rows=st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), min_size=1, max_size=3))
def test_every_nonconforming_provision_is_told_once_with_its_own_records(
    rows: list[tuple[bool | None, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    chapter = "".join(
        provision(f"4.{n % 2 + 1}/{'abc'[n // 2]}", every(column), concept)
        for n, (column, concept) in enumerate(
            (c, k) for c in COLUMNS for k in ("leadership.policy", "review.energy")
        )
    )
    records = [("policy", f"P{n}", dict(zip(COLUMNS, row, strict=True))) for n, row in enumerate(rows)]
    found, _ = audited(tmp_path_factory.mktemp("p"), chapter, records)
    body = result(found)
    failing = {f"own:{p['address']}": p for p in body["provisions"] if p["verdict"] == "nonconforming"}
    ids = [id for f in found.findings for id in f.ids]
    assert sorted(ids) == sorted(failing)
    for f in found.findings:
        offending = {tuple(r["offending"]) for id in f.ids for r in failing[id]["requirements"]}
        assert len(offending) == 1
        assert set(f.ids) <= set(f.cites)


def test_the_gravest_grade_counts(tmp_path: Path) -> None:
    """Three of three provisions of clause 4.1 fail by all of three records: major; 5.1 by itself is minor.

    One or two records that break them all are one gap, which is no absent process.
    """
    chapter = CLAUSE + provision("4.1/c", every("issued_by_top_management"), "review.energy")
    chapter += provision("5.1", every("commits_climate")) + provision(
        "5.1/a", "    - some: policy\n", "review.target"
    )
    bad = {**NO, "issued_by_top_management": False}
    for count in (1, 2):
        found, _ = audited(tmp_path, chapter, [("policy", f"P{n}", bad) for n in range(count)])
        assert [(f.grade, f.rule) for f in found.findings] == [("minor", "default")]
    found, _ = audited(tmp_path, chapter, [("policy", f"P{n}", bad) for n in range(3)])
    (one,) = found.findings
    assert one.ids == ("own:4.1/a", "own:4.1/b", "own:4.1/c", "own:5.1")
    assert {c.address: c.grade for c in one.criteria} == {
        "4.1/a": "major", "4.1/b": "major", "4.1/c": "major", "5.1": "minor",
    }  # fmt: skip
    assert (one.grade, one.rule) == ("major", "whole_clause_absent")


@pytest.mark.parametrize(("apart", "rule"), [(5, "default"), (6, "many_gaps_in_one_clause")])
def test_six_gaps_are_many_and_what_is_joined_is_one_of_them(apart: int, rule: str, tmp_path: Path) -> None:
    """Two provisions fail by the same policies, the others each by a record of another kind."""
    kinds = ("change", "meter", "training", "objective", "action_plan")[: apart - 1]
    chapter = CLAUSE + "".join(provision(f"4.1#{n}", every("id = 'no'", k)) for n, k in enumerate(kinds, 1))
    chapter += provision("4.1/z", "    - some: policy\n")
    records = [("policy", "P1", NO), *((k, f"{k}-1", {}) for k in kinds)]
    found, _ = audited(tmp_path, chapter, records)
    (first, *_) = found.findings
    assert first.ids == ("own:4.1/a", "own:4.1/b")
    assert (len(found.findings), {f.rule for f in found.findings}) == (apart, {rule})


def test_reports_name_every_provision(tmp_path: Path) -> None:
    found, store = audited(tmp_path, CLAUSE, [("policy", "P1", NO)])
    report = build_report(found, store)
    for lang in LANGUAGES:
        rows = list(csv.reader(io.StringIO(csv_text(report, lang).removeprefix("\ufeff"))))
        at = [rows[0].index(say(f"report.{name}", lang)) for name in ("address", "finding_id", "statement")]
        assert [[row[n] for n in at] for row in rows[1:]] == [
            ["4.1/a", "own:4.1/a", found.findings[0].criteria[0].statement[lang]],
            ["4.1/b", "own:4.1/a", found.findings[0].criteria[1].statement[lang]],
        ]
        shown = view(report, lang)
        assert "2" in shown["standards"][0]["findings_line"]
        items = [i for step in shown["first"] for g in step["groups"] for i in g["items"]]
        assert any("4.1/b" in text for _, text in items[0]["lines"])
        page = summary(report.result, lang)
        assert "4.1/b" in page
        lines = list(explain(found, found.plan.provisions[1], lang))
        assert "own:4.1/a" in lines[-1]
    assert "2 provisions nonconforming, in 1 findings (0 major, 1 minor)" in summary(report.result, "en")
    (heat,) = report.heat
    assert heat.cells == {("4.1", ("", "")): 1}
    plan = action_plan(report.result)
    assert plan is not None
    (item,) = plan["plan-of-action-and-milestones"]["poam-items"]
    assert len(item["related-findings"]) == len(item["related-observations"]) == 2


def test_one_goes_and_the_rest_is_no_new_finding(tmp_path: Path) -> None:
    before, _ = audited(tmp_path, CLAUSE, [("policy", "P1", NO)])
    after, _ = audited(tmp_path, CLAUSE, [("policy", "P1", {**NO, "commits_climate": True})])
    moved = shifts(result(before), result(after))
    assert (moved.opened, moved.closed) == ((), ())


# --- on record ------------------------------------------------------------------------------------------

AUDITOR = [
    ("person", "W1", {"name": "王芳", "is_external": True}),
    ("auditor", "A1", {"person": "W1", "competent": True, "competence_evaluated_on": "2026-01-01"}),
]
OPTIONS = {"internal_audit": None, "audit": "2026", "auditor": "A1", "unit": None}


def test_raised_once_and_found_again_by_any_criterion(tmp_path: Path) -> None:
    found, store = audited(tmp_path, CLAUSE, [("policy", "P1", NO), *AUDITOR])
    (one,) = found.findings
    body = _found(one, OPTIONS, ON, "zh")
    assert body["criterion"] == "要求4-1-a\nown:4.1/b 要求4-1-b"
    (record,) = raise_findings(store, "ORG-1", [body], actor="t", at=AT)
    assert isinstance(record, str)
    (again,) = raise_findings(
        store, "ORG-1", [{**body, "address": "4.1/b", "criterion": "x"}], actor="t", at=AT
    )
    assert getattr(again, "key", "") == "audit.already_open"
    mended = Change("put", "policy", "P1", {"id": "P1", **NO, "commits_climate": True})
    store.commit("ORG-1", [mended], actor="t", at=AT)
    executor = PythonExecutor(found.plan)
    later = evaluate(executor, store, Question.of("ORG-1", date(2027, 7, 15)), DEFAULT)
    assert [(f.id, f.rule, f.grade) for f in later.findings] == [("own:4.1/b", "repeat", "major")]
    assert [e.record for e in later.findings[0].earlier] == [record]


def test_a_regrade_covers_the_whole_finding(tmp_path: Path) -> None:
    found, store = audited(tmp_path, CLAUSE, [("policy", "P1", NO), *AUDITOR])
    body = _found(found.findings[0], OPTIONS, ON, "zh")
    (record,) = raise_findings(store, "ORG-1", [body], actor="t", at=AT)
    draft = Draft("regraded", date(2026, 7, 1), "A1", reason="两处", grade="major")
    take(store, "ORG-1", str(record), draft, closing=DEFAULT.closing, actor="t", at=AT)
    again = evaluate(PythonExecutor(found.plan), store, Question.of("ORG-1", date(2026, 7, 2)), DEFAULT)
    (one,) = again.findings
    assert one.ids == ("own:4.1/a", "own:4.1/b")
    assert (one.grade, one.computed_grade, [e.record for e in one.earlier]) == ("major", "minor", [record])
    assert one.regrade is not None
    assert one.regrade["reason"] == "两处"


def test_what_was_raised_apart_stays_apart(tmp_path: Path) -> None:
    found, store = audited(tmp_path, CLAUSE, [("policy", "P1", NO), *AUDITOR])
    body = {**_found(found.findings[0], OPTIONS, ON, "zh"), "criterion": "要求", "address": "4.1/b"}
    raise_findings(store, "ORG-1", [body], actor="t", at=AT)
    again = evaluate(PythonExecutor(found.plan), store, Question.of("ORG-1", ON), DEFAULT)
    assert groups(again) == [["4.1/a"], ["4.1/b"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("own:4.1 gist", ()),
        (
            "gist\nown:4.1/a two\nown:4.1/a two\nOwn:4 no\nsee own:4.2 here\nown:4.3#1 three",
            ("own:4.1/a", "own:4.3#1"),
        ),
        ("gist\n\n\n=1+1\nown:", ()),
    ],
)
def test_further_criteria_are_read_from_the_head_of_later_lines(
    text: str | None, expected: tuple[str, ...]
) -> None:
    assert further_criteria(text) == expected


def test_what_is_written_is_read_again() -> None:
    further = [("own:4.1/a", "甲 乙"), ("t_ccaa_39:6.3#2", "b")]
    assert further_criteria(criterion_text("gist", further)) == ("own:4.1/a", "t_ccaa_39:6.3#2")
    assert told(["A.", "A. B.", "C.", "C."]) == ["A. B.", "C."]


# --- statements -----------------------------------------------------------------------------------------


def statement(place: Path, requires: str, records: Records) -> Mapping[str, str]:
    found, _ = audited(place, provision("4.1/a", requires, more="  doc_info: [retain]\n"), records)
    return found.findings[0].statement


def test_nothing_found_says_what_is_there_and_does_not_count(tmp_path: Path) -> None:
    requires = "    - some: policy\n      where: topic = 'carbon'\n      that: commits_climate\n"
    records = [
        ("policy", "D1", {"topic": "carbon", "status": "draft"}),
        ("policy", "L1", {"topic": "carbon", "valid_until": "2026-06-29"}),
        ("policy", "N1", {"topic": "carbon", "valid_from": "2026-07-01"}),
        *(("policy", f"O{n}", {"topic": "quality"}) for n in range(7)),
    ]
    said = statement(tmp_path, requires, records)
    assert said["zh"] == (
        "没有找到适用且有效的“方针”；现有 10 条不能作为本条的证据：草稿 1 条（D1），尚未生效 1 条（N1），"
        "已失效 1 条（L1），不属于本条所问范围 7 条（O0、O1、O2、O3、O4、O5 等 7 条）。"
    )
    assert "drafts 1 (D1); not yet valid 1 (N1); no longer valid 1 (L1)" in said["en"]
    assert statement(tmp_path, requires, [])["en"] == "No applicable and valid record of “policy” was found."


def test_a_comparison_says_both_sides(tmp_path: Path) -> None:
    requires = """    - compare: "calibrated = meters"
      using:
        calibrated: {count: calibration, where: "result = 'passed'"}
        meters: {count: meter}
"""
    records: list[tuple[str, str, Mapping[str, Any]]] = [("meter", f"M{n}", {}) for n in range(43)]
    records += [("calibration", f"C{n}", {"meter": f"M{n}", "result": "passed"}) for n in range(41)]
    said = statement(tmp_path, requires, records)
    assert said["zh"] == "数值没有达到要求：“检定或校准”41 条 = “计量器具”43 条 不成立（41 对 43）。"
    assert said["en"] == (
        "The figures do not reach what is asked: 41 of “calibration” = 43 of “meter” does not hold (41 against 43)."
    )


def test_a_sum_has_its_unit_and_exact_decimals(tmp_path: Path) -> None:
    requires = """    - compare: "(cancelled - 0.5) * 2 >= 3 * wanted"
      using:
        cancelled: {sum: offset, column: quantity}
        wanted: {count: offset}
"""
    records = [("offset", "F1", {"quantity": "1.10"}), ("offset", "F2", {"quantity": "0.2"})]
    said = statement(tmp_path, requires, records)["en"]
    assert "1.3 tCO2e (“" in said
    assert said.endswith("does not hold (1.6 against 6).")


# --- for a person to confirm ----------------------------------------------------------------------------


def test_a_recommendation_met_by_records_is_still_to_be_confirmed(tmp_path: Path) -> None:
    judged = "should  judged: {zh: 合适吗？, en: does it suit?}\n  look_at: [policy]\n"
    chapter = provision("4.1/a", every("commits_climate"), more=judged)
    yes = ("policy", "P1", {"commits_climate": True})
    found, store = audited(tmp_path, chapter, [yes])
    report = build_report(found, store)
    (one,) = report.result["provisions"]
    assert (one["verdict"], one["to_confirm"]) == ("conforming", True)
    assert report.result["summary"]["own"]["to_confirm"] == 1
    assert report.result["summary"]["own"]["verdicts"]["conforming"] == 1
    assert "still for a person to confirm" in summary(report.result, "en")
    shown = view(report, "zh")["standards"][0]
    assert "仍须由人确认" in shown["confirm_line"]
    assert "仍须由人确认" in shown["clauses"][0]["provisions"][0]["reason"]
    assert any("仍须由人确认" in line for line in explain(found, found.plan.provisions[0], "zh"))
    said = {"ruleset": "own", "address": "4.1/a", "verdict": "conforming", "reason": "看过"}
    who = {"judged_by": "王芳", "judged_on": "2026-06-01", "made_as": "audit"}
    found, _ = audited(tmp_path, chapter, [yes, ("judgement", "J1", {**said, **who})])
    assert result(found)["summary"]["own"]["to_confirm"] == 0
    found, _ = audited(tmp_path, chapter, [("policy", "P1", {"commits_climate": False})])
    assert result(found)["summary"]["own"]["to_confirm"] == 0


@pytest.mark.parametrize(("made_as", "named"), [("audit", True), ("self_assessment", False)])
def test_a_judgement_elsewhere_is_named_and_not_taken_over(made_as: str, named: bool, tmp_path: Path) -> None:
    said = {"ruleset": "t_ccaa_39", "address": "5.2/a", "verdict": "conforming", "reason": "切合"}
    who = {"judged_by": "王芳", "judged_on": "2026-06-01", "made_as": made_as}
    policy = {"topic": "carbon", "suitability_basis": "宗旨"}
    with Store.create(tmp_path / "s.db") as store:
        changes = [
            Change("put", "policy", "P1", {"id": "P1", **policy}),
            Change("put", "judgement", "J1", {"id": "J1", **said, **who}),
        ]
        store.commit("ORG-1", changes, actor="t", at=AT)
        executor = PythonExecutor(compiled(["machinery"]))
        found = evaluate(executor, store, Question.of("ORG-1", ON), DEFAULT)
    one = executor.plan.provision("machinery", "5.2/a")
    assert one is not None
    assert next(d for d in found.decided if d.provision is one).verdict == "needs_judgement"
    lines = [line for line in explain(found, one, "en") if "t_ccaa_39:5.2/a" in line]
    assert [("conforming by 王芳 on 2026-06-01 (J1)" in line) for line in lines] == [True] * named
