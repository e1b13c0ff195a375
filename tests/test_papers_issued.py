"""What documents say of evidence beside judgement, of sampling, of the day of issue; their look."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docx import Document as Word
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine.cli import shall
from shall.engine.papers.audit_days import exact
from shall.engine.papers.catalogue import made, paper
from shall.engine.papers.example import ASK, ORGANISATION, RECORDS, changes
from shall.engine.papers.fields import near
from shall.engine.papers.wording import MAY_BREAK, ordered, whole
from shall.engine.reports.charts import ems
from shall.engine.reports.document.blocks import ACROSS, PADDING, Column, Row, fitted, floored
from shall.engine.reports.document.xlsx import PAPER, _narrowed
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import Lang


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The invented audit."""
    with Store.create(tmp_path / "example.db") as opened:
        opened.commit(ORGANISATION, changes(), actor="t", at=datetime(2026, 11, 20, tzinfo=UTC))
        yield opened


def put(store: Store, kind: str, *bodies: dict[str, Any]) -> None:
    told = [Change(PUT, kind, b["id"], {k: v for k, v in b.items() if v not in ("", None)}) for b in bodies]
    store.commit(ORGANISATION, told, actor="t", at=datetime(2026, 11, 20, 1, tzinfo=UTC))


def of(kind: str, record: str, **columns: Any) -> dict[str, Any]:
    return {**next(b for b in RECORDS[kind] if b["id"] == record), **columns}


def report(store: Store, lang: Lang = "zh", **more: Any) -> dict[str, Any]:
    return paper("audit-report").context(store, replace(ASK, **more), lang)


def step(finding: str, number: int, event: str, on: str, **more: Any) -> dict[str, Any]:
    body = {"id": f"{finding}.9{number:02d}", "finding": finding, "event": event, "happened_on": on}
    return {**body, "auditor": "AU-1", **more}


# --- evidence and judgement ----------------------------------------------------------------------


def test_a_blanket_judgement_does_not_hide_what_the_evidence_says(store: Store) -> None:
    standards = {"standards": ("t_ccaa_39",)}
    before = report(store, **standards)["evaluation"]["rows"]
    gap = next(g for g in recommended(store)["gaps"] if g["criterion"].startswith("T/CCAA 39—2022 8.1"))
    address = gap["criterion"].split("\n")[0].split()[-1]
    put(store, "judgement", {
        "id": "JD-1", "ruleset": "t_ccaa_39", "address": address, "verdict": "conforming", "reason": "符合",
        "judged_by": "AU-1", "judged_on": "2026-09-08", "made_as": "audit", "evidence": "现场"})  # fmt: skip
    after = report(store, **standards)["evaluation"]["rows"]
    bare = [row for row in after if row["basis"] == "证据"]
    assert bare == [row for row in before if row["basis"] == "证据"]
    (chapter, total) = [row for row in after if row["basis"] == "判断后"]
    assert chapter["chapter"].startswith("8 ") and total["chapter"] == "合计"
    mine = next(row for row in bare if row["chapter"] == chapter["chapter"])
    assert int(chapter["nonconforming"]) == int(mine["nonconforming"]) - 1
    again = next(g for g in recommended(store)["gaps"] if address in g["criterion"].split())
    assert (again["grade"], again["asks"]) == (gap["grade"], gap["asks"])
    assert "判断后：符合" in again["findings"] and "判断后" not in gap["findings"]


def recommended(store: Store) -> dict[str, Any]:
    return paper("certificate-recommendation").context(store, ASK, "zh")


# --- sampling --------------------------------------------------------------------------------------


def test_sampling_tells_by_unit_what_was_planned_and_what_has_a_result(store: Store) -> None:
    scope = {
        "audit_file": "AD-1",
        "unit": "U-2",
        "site": "S-1",
        "audited_on": "2026-09-08",
        "auditor": "AU-2",
    }
    put(
        store,
        "audit_scope",
        {**scope, "id": "X-1", "clause": "10.1", "audit_result": "符合"},
        {**scope, "id": "X-2", "clause": "8.1", "audit_result": "符合"},
        {**scope, "id": "X-3", "clause": "5.3", "audit_file": "AD-9", "audit_result": "不是本次"},
    )
    rows = {row["unit"]: row for row in report(store)["looked_at"]}
    assert rows["铸造车间"] == {
        "day": "2026-09-08",
        "unit": "铸造车间",
        "clauses": "T/CCAA 39—2022 8.1、9.2.2",
        "seen": "8.1、10.1",
        "auditor": "李工",
        "result": "符合",
    }


# --- the day of a report -----------------------------------------------------------------------------


def test_what_came_after_the_report_was_issued_is_not_in_it(store: Store) -> None:
    put(store, "audit_file", of("audit_file", "AD-1", reported_on="2026-09-10"))
    issued, later = report(store), report(store, on=date(2027, 3, 1))
    assert issued["paper"]["on"] == "2026-09-10" and "2026-09-10" in issued["frozen"]
    assert issued["nonconformities"] == later["nonconformities"]
    assert issued["nonconformities"][0]["correction"] == "没有记录"
    assert report(store, on=date(2026, 9, 9))["frozen"] == ""


def test_without_a_day_a_report_is_evaluated_on_the_last_day_of_the_audit(store: Store) -> None:
    chosen, usual = report(store), report(store, settled=False)
    assert (chosen["evaluation"]["day"], usual["evaluation"]["day"]) == (chosen["paper"]["on"], "2026-09-09")
    assert report(store, settled=False, on=date(2026, 9, 8))["evaluation"]["day"] == "2026-09-08"


# --- withdrawn findings, types of audit -------------------------------------------------------------


def test_a_withdrawn_finding_stands_among_the_disputes_only(store: Store) -> None:
    put(store, "audit_finding", of("audit_finding", "AF-2", id="AF-7", address="8.2#1", clause="8.2"))
    assert "AF-7" in [f["id"] for f in report(store)["nonconformities"]]
    count = report(store)["counts"]["minor"]
    put(store, "finding_event", step("AF-7", 1, "withdrawn", "2026-09-12", reason="证据有误"))
    told = report(store)
    assert "AF-7" not in [f["id"] for f in told["nonconformities"]]
    assert int(told["counts"]["minor"]) == int(count) - 1
    (row,) = [d for d in told["disputes"] if d["id"] == "AF-7"]
    assert "证据有误" in row["decision"]
    review = paper("management-review-input").context(store, ASK, "zh")["topics"]["nonconformities"]
    assert not [r for r in review["rows"] if "AF-7" in r["record"]]


def test_a_report_that_is_not_for_a_certificate_has_no_rows_about_one(store: Store) -> None:
    put(store, "audit_file", of("audit_file", "AD-1", audit_type="internal"))
    chosen = paper("audit-report")
    for form in ("html", "docx"):
        said = text_of(made(chosen.layout, report(store), "zh", form), form)
        assert "体系符合要求" in said
        assert not [w for w in ("认证范围适宜", "内部审核可信", "证书和标志", "推荐人") if w in said]


def text_of(content: bytes, form: str) -> str:
    if form == "html":
        return content.decode()
    body = Word(io.BytesIO(content)).element.body
    return "\n".join(node.text or "" for node in body.iter() if node.tag.endswith("}t"))


def test_own_audits_and_reviews_are_told_with_their_conclusions(store: Store) -> None:
    found = report(store)["own_checks"]
    assert [row["record"].split()[0] for row in found] == ["内部审核", "管理评审", "管理评审"]
    assert all(row["day"] <= "2026-09-09" for row in found)


# --- days, criteria, names --------------------------------------------------------------------------


def test_days_not_on_record_are_computed_from_the_timetable_and_said_to_be(store: Store) -> None:
    put(store, "audit_file", of("audit_file", "AD-1", days_planned="", days_on_site=""))
    # 0.5 hours for each of two, 2.5 hours on site, 0.5 remote
    about = paper("audit-plan").context(store, ASK, "zh")["audit"]
    assert about["days_planned"] == "0.5（按日程计算：4 小时 ÷ 8）"
    assert about["days_on_site"] == "0.4375（按日程计算：3.5 小时 ÷ 8）"
    put(
        store,
        "audit_team_member",
        {"id": "T-9", "audit_file": "AD-1", "auditor": "AU-3", "team_role": "trainee"},
    )
    put(store, "audit_session", of("audit_session", "SE-2", id="SE-9", auditor="AU-3"))
    plan = paper("audit-plan").context(store, ASK, "zh")
    assert plan["audit"]["days_planned"] == about["days_planned"]
    assert "周九（实习审核员）" in "".join(line["auditor"] for line in plan["timetable"])
    assert plan["alongside"] == ""


def test_a_member_without_entries_is_said_to_go_along(store: Store) -> None:
    put(
        store,
        "audit_team_member",
        {"id": "T-9", "audit_file": "AD-1", "auditor": "AU-3", "team_role": "trainee"},
    )
    told = paper("audit-plan").context(store, ASK, "zh")["alongside"]
    assert "周九（实习审核员）" in told and "陈工" in told


@given(st.integers(0, 10**6), st.integers(1, 10**4))
@settings(max_examples=50)
def test_a_number_of_days_is_exact(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    assert sum(map(Fraction, exact(value).split())) == value


def test_criteria_are_told_in_the_language_of_the_paper(store: Store) -> None:
    for raised in report(store, "en")["nonconformities"]:
        assert raised["criterion"].isascii(), raised
    first = report(store, "zh")["nonconformities"][0]
    assert (
        first["criterion"] == next(f for f in RECORDS["audit_finding"] if f["id"] == first["id"])["criterion"]
    )


def test_names_of_the_software_become_words(store: Store) -> None:
    text = "见 unit:U-2 和 t_ccaa_39:8.1/d，http://a:80，nonsense:1，CL-58287a4b-t_ccaa_39-8.1/d"
    put(store, "audit_finding", of("audit_finding", "AF-1", evidence=text, graded_by="checklist:58287a4b"))
    first = next(f for f in report(store)["nonconformities"] if f["id"] == "AF-1")
    assert "部门 U-2 铸造车间" in first["evidence"] and "T/CCAA 39—2022 8.1/d" in first["evidence"]
    assert "http://a:80" in first["evidence"] and "nonsense:1" in first["evidence"]
    assert "t_ccaa_39" not in first["evidence"] and "CL-" not in first["evidence"]
    assert "检查表" in first["graded_by"] and "checklist" not in first["graded_by"]


def test_an_action_nobody_reviewed_is_to_be_verified(store: Store) -> None:
    put(store, "nonconformity", {
        "id": "NC-9", "nature": "磅单缺失", "clause": "6.1.6", "found_on": "2026-04-28", "grade": "minor",
        "unit": "U-2"})  # fmt: skip
    action = {"id": "CA-9", "nonconformity": "NC-9", "measure": "联网留存", "due_on": "2026-06-15"}
    put(store, "corrective_action", action)
    early = replace(ASK, on=date(2026, 9, 1))
    rows = {r["id"]: r for r in paper("audit-plan").context(store, early, "zh")["to_verify"]}
    assert rows["CA-9（NC-9）"]["due"] == "2026-06-15，已逾期"
    assert "CA-9（NC-9）" in [r["id"] for r in report(store)["earlier"]]
    put(store, "corrective_action", {**action, "effect_reviewed_on": "2026-08-01", "effective": True})
    assert "CA-9（NC-9）" not in [
        r["id"] for r in paper("audit-plan").context(store, early, "zh")["to_verify"]
    ]


def test_gaps_in_competence_are_told_by_the_post(store: Store) -> None:
    put(store, "person", {"id": "PE-9", "name": "某某人", "job_title": "班长"})
    gap = {"id": "CM-9", "person": "PE-9", "competent": False, "gap": "不会核算"}
    put(store, "competence_record", {**gap, "evaluated_on": "2026-03-01"})
    topic = paper("management-review-input").context(store, ASK, "zh")["topics"]["competence"]
    (row,) = [r for r in topic["rows"] if "CM-9" in r["record"]]
    assert "班长" in row["what"] and "某某人" not in str(topic)


# --- how it looks -----------------------------------------------------------------------------------


def test_clauses_stand_in_their_order_and_are_not_torn() -> None:
    assert ordered(["10.1", "5.3", "9.1.2", "9.1.1", "5.3"]) == ["5.3", "9.1.1", "9.1.2", "10.1"]
    assert whole({"a": ["4.4.1、10.2"]}) == {"a": [f"4.4.1{MAY_BREAK}10.2"]}
    assert whole("甲、乙 3.5") == "甲、乙 3.5"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_head_of_a_word_page_has_its_day_at_the_right_margin(store: Store, lang: Lang) -> None:
    word = Word(io.BytesIO(made(paper("audit-report").layout, report(store, lang), lang, "docx")))
    section = word.sections[0]
    across = section.page_width - section.left_margin - section.right_margin
    for name in ("Header", "Footer"):
        (stop,) = word.styles[name].paragraph_format.tab_stops
        assert abs(stop.position - across) < 6350
    assert len(section.footer.paragraphs) == 1 and section.header.paragraphs[0].text.count("\t") == 1
    signed = word.tables[-3]
    assert all(p.paragraph_format.keep_with_next for c in signed.rows[0].cells for p in c.paragraphs)


def test_a_document_is_one_sheet(store: Store) -> None:
    with zipfile.ZipFile(io.BytesIO(made(paper("audit-report").layout, report(store), "zh", "xlsx"))) as book:
        assert [n for n in book.namelist() if "worksheets/sheet" in n] == ["xl/worksheets/sheet1.xml"]


@given(st.lists(st.integers(9, 64), min_size=2, max_size=12))
@settings(max_examples=50)
def test_columns_of_one_sheet_fit_the_paper(widths: list[int]) -> None:
    made_ = _narrowed(widths)
    assert sum(made_) <= max(PAPER, 9 * len(widths)) and min(made_) >= 9


def test_a_column_is_as_wide_as_the_longest_word_of_its_head() -> None:
    heads = ("standard", "conforming", "nonconforming", "not demonstrated", "needs judgement", "opportunity")
    columns = fitted([Column(h) for h in heads], [Row(("1",) * len(heads))])
    assert sum(c.width for c in columns) <= ACROSS
    for column in columns:
        assert column.width >= round(PADDING + max(ems(word) for word in column.head.split()), 2)


def test_a_word_table_keeps_the_words_of_its_heads_whole() -> None:
    heads = ("standard", "nonconforming", "not demonstrated", "by")
    columns = floored([Column(h) for h in heads], 58.0)
    assert abs(sum(c.width for c in columns) - 58) < 0.1
    for column in columns:
        assert column.width >= round(PADDING + max(ems(word) for word in column.head.split()), 2)


# --- what is refused ------------------------------------------------------------------------------


def test_an_ending_that_is_no_format_is_an_error(store: Store, tmp_path: Path) -> None:
    put(store, "unit", {"id": "U-8", "name": "x"})
    for name, code in (("x.txt", 2), ("x.v2", 2), ("x", 0), ("x.html", 0)):
        words = [
            "document",
            "audit-plan",
            str(tmp_path / "example.db"),
            "--audit",
            "AD-1",
            "-o",
            str(tmp_path / name),
        ]
        found = CliRunner().invoke(shall, words)
        assert getattr(found.exception, "exit_code", 0) == code, name
        assert (tmp_path / name).exists() == (code == 0)


def test_three_fields_are_named() -> None:
    known = [f"audit.field_{n}" for n in range(60)]
    assert len(near("audit.feild_7", ["audit.field_7", *known]).split(", ")) == 3
