"""Documents of an audit: fields, layouts, templates from strangers, formats, what a recommendation refuses."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from docx import Document as Word
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine.cli import shall
from shall.engine.papers import listing as listing_
from shall.engine.papers.audits import Audit
from shall.engine.papers.catalogue import FORMS, PAPERS, made, paper
from shall.engine.papers.example import ASK, ORGANISATION, RECORDS, changes, copies
from shall.engine.papers.fields import shape_of, under
from shall.engine.papers.layout import Fields, Rows, Text
from shall.engine.papers.listing import listing
from shall.engine.papers.preconditions import conditions, overall
from shall.engine.papers.render import at, document
from shall.engine.papers.template import template
from shall.engine.reports.view import clean
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, Lang, say
from shall.texts.errors import ReportError, UsageError

ROOT = Path(__file__).parent.parent
MINE = ("audit-plan", "audit-report", "certificate-recommendation")
DICT_METHODS = set(dir(dict))
HOSTILE = "<w:t>&amp; {{ 7*7 }} {% raw %} ]]> \x07\x0b\u202e \"'\n=1+1 \ufffe"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented audit as a file."""
    path = tmp_path_factory.mktemp("papers") / "example.db"
    with Store.create(path) as opened:
        opened.commit(ORGANISATION, changes(), actor="t", at=datetime(2026, 11, 20, tzinfo=UTC))
    return path


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it, to be changed."""
    with Store.open(Path(shutil.copy(written, tmp_path)), write=True) as opened:
        yield opened


example = cache(listing_.example)


@pytest.fixture(autouse=True)
def _once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example is the same each time: it is made once for all tests."""
    monkeypatch.setattr(listing_, "example", example)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Store]:
    """A store with an audit of which nothing is told."""
    with Store.create(tmp_path / "bare.db") as opened:
        put(opened, "audit_file", {"id": "AD-1"})
        yield opened


def put(store: Store, kind: str, *bodies: dict[str, Any]) -> None:
    changes = [Change(PUT, kind, body["id"], body) for body in bodies]
    store.commit(ORGANISATION, changes, actor="t", at=datetime(2026, 11, 20, 1, tzinfo=UTC))


def changed(kind: str, record: str, **columns: Any) -> dict[str, Any]:
    """A record of the example with other values."""
    found = next(b for b in RECORDS[kind] if b["id"] == record)
    return {k: v for k, v in {**found, **columns}.items() if v not in ("", None)}


def words(content: bytes) -> str:
    """All text of a Word file, tables and running lines too."""
    word = Word(io.BytesIO(content))
    parts = [word.element.body, *(s.header._element for s in word.sections)]
    parts += [s.footer._element for s in word.sections]
    paragraphs = (p for part in parts for p in part.iter() if p.tag.endswith("}p"))
    return "\n".join("".join(map(_said, p.iter())) for p in paragraphs)


def _said(node: Any) -> str:
    tag = node.tag.rpartition("}")[2]
    return (node.text or "").replace("\u200b", "") if tag == "t" else "\n" if tag == "br" else ""


# --- fields and layouts --------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MINE)
def test_every_path_of_a_layout_is_there_with_and_without_records(
    name: str, lang: Lang, store: Store, bare: Store
) -> None:
    layout = paper(name).layout
    assert layout.name == name
    for opened, ask in ((store, ASK), (bare, replace(ASK, standards=()))):
        context = paper(name).context(opened, ask, lang)
        for part in layout.parts:
            items = at(context, part.each) if part.each else [None]
            for item, block in ((i, b) for i in items for b in part.blocks):
                scope = {**context, "item": item}
                match block:
                    case Fields():
                        assert all(isinstance(at(scope, f.path), str) for f in block.fields)
                    case Text():
                        assert isinstance(at(scope, block.path), str)
                    case Rows():
                        assert all(
                            isinstance(at(r, c.path), str)
                            for r in at(scope, block.path)
                            for c in block.columns
                        )
        assert document(layout, context, lang).title == say(layout.title, lang)


@pytest.mark.parametrize("name", PAPERS)
def test_fields_are_texts_with_names_a_template_can_use(name: str) -> None:
    context = example(name, "zh")

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            assert not set(value) & DICT_METHODS
            assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            assert all(isinstance(item, dict) for item in value)
            for item in value:
                walk(item)
        else:
            assert isinstance(value, str)

    walk(context)


@pytest.mark.parametrize("name", MINE)
def test_the_example_fills_every_field(name: str) -> None:
    """What is not on record in the example would have no example in the listing."""
    context = example(name, "zh")
    lists = [path for path in under(shape_of(paper(name).layout)) if "[]" in path]
    empty = {p.partition("[]")[0] for p in lists if not at(context, p.partition("[]")[0])}
    assert empty <= {"paper.notices", "gaps", "evaluation.rows"}


def test_a_text_is_in_the_language_asked_for() -> None:
    zh, en = (example("audit-report", lang) for lang in LANGUAGES)
    assert (zh["audit"]["type"], en["audit"]["type"]) == ("第二阶段审核", "stage 2 audit")
    assert zh["nonconformities"][0]["grade"] == "严重不符合"
    assert en["nonconformities"][0]["grade"] == "major nonconformity"
    assert en["disclaimer"].isascii()


# --- what the documents say ----------------------------------------------------------------------


def test_the_plan_has_the_contents_of_9_2_3_2(store: Store) -> None:
    plan = paper("audit-plan").context(store, ASK, "en")
    assert plan["audit"]["objectives"] == "确认体系符合并有效运行"
    assert plan["audit"]["standards"] == "T/CCAA 39—2022"
    assert (plan["audit"]["first_day"], plan["audit"]["last_day"], plan["audit"]["days_planned"]) == (
        "2026-09-08",
        "2026-09-09",
        "4",
    )
    assert [(m["name"], m["role"]) for m in plan["team"]] == [("陈工", "lead auditor"), ("李工", "auditor")]
    assert [(m["name"], m["role"]) for m in plan["accompanying"]] == [("周八", "guide")]
    assert [(s["day"], s["time"], s["unit"], s["clauses"], s["auditor"]) for s in plan["timetable"]][1] == (
        "2026-09-08",
        "09:30–12:00",
        "铸造车间",
        "T/CCAA 39—2022 8.1, 9.2.2",
        "李工",
    )
    assert [(p["site"], p["kind"], p["how"]) for p in plan["places"]] == [
        ("一号厂区", "permanent", "on site, remote")
    ]


SLOT = {"audit_file": "AD-1", "held_on": "2026-09-08", "starts": "13:00", "ends": "15:00", "site": "S-1"}


def slot(name: str, auditor: str | None = None, **more: Any) -> dict[str, Any]:
    body = {
        "id": name,
        **SLOT,
        "session_type": "audit",
        "unit": "U-2",
        "clauses": "t_ccaa_39:8.2",
        "auditor": auditor,
    }
    return {k: v for k, v in {**body, **more}.items() if v is not None}


def timetable(store: Store, lang: Lang = "en") -> list[dict[str, str]]:
    lines = paper("audit-plan").context(store, ASK, lang)["timetable"]
    return [line for line in lines if line["time"] == "13:00–15:00"]


def test_what_several_auditors_do_together_is_one_line(store: Store) -> None:
    put(store, "audit_session", slot("A-1", "AU-1"), slot("A-2", "AU-2"), slot("A-3", "AU-1"))
    (line,) = timetable(store)
    assert (line["auditor"], line["how"], line["clauses"]) == (
        "陈工, 李工",
        "not on record",
        "T/CCAA 39—2022 8.2",
    )
    others = {"remote": True, "unit": "U-1", "site": "S-2", "clauses": "t_ccaa_39:8.1", "ends": "15:00"}
    for n, (column, value) in enumerate(others.items()):
        put(store, "audit_session", slot("A-2", "AU-2", **{column: value}))
        assert len(timetable(store)) == (1 if column == "ends" else 2), n
    report = paper("audit-report").context(store, ASK, "en")
    assert [r["auditor"] for r in report["looked_at"] if "8.2" in r["clauses"]] == ["李工, 陈工"]


@pytest.mark.parametrize("kind", ["opening", "team", "closing", "travel"])
def test_nothing_is_missing_where_a_meeting_says_neither_way_nor_clauses(kind: str, store: Store) -> None:
    bare = {"session_type": kind, "unit": None, "clauses": None}
    put(
        store,
        "audit_session",
        *(slot(f"M-{n}", auditor, **bare) for n, auditor in enumerate(("AU-1", "AU-2"))),
    )
    (line,) = timetable(store)
    assert (line["how"], line["clauses"], line["unit"], line["auditor"]) == ("–", "–", "–", "陈工, 李工")
    (place,) = paper("audit-plan").context(store, ASK, "en")["places"]
    assert place["how"] == "on site, remote"


def test_the_timetable_has_a_heading_for_each_day(store: Store, bare: Store) -> None:
    plan = paper("audit-plan").context(store, ASK, "zh")
    assert [(d["heading"], len(d["lines"])) for d in plan["days"]] == [
        ("2026-09-08 星期二", 2),
        ("2026-09-09 星期三", 1),
    ]
    assert plan["days"][0]["lines"][0]["auditor"] == "陈工、李工"
    said = words(made(paper("audit-plan").layout, plan, "zh", "docx"))
    assert "日程 2026-09-08 星期二" in said and "日程没有记录" not in said
    empty = paper("audit-plan").context(bare, ASK, "zh")
    assert (empty["days"], empty["timetable_told"]) == ([], "日程没有记录。")
    put(store, "audit_session", slot("A-1", "AU-1", held_on=None))
    assert paper("audit-plan").context(store, ASK, "zh")["days"][0]["heading"] == "日期没有记录"


def left(store: Store, **more: Any) -> tuple[list[str], str]:
    plan = paper("audit-plan").context(store, replace(ASK, on=date(2026, 9, 1), **more), "en")
    return [row["id"] for row in plan["to_verify"]], plan["to_verify_elsewhere"]


def test_the_plan_lists_what_earlier_audits_left_in_the_units_visited(store: Store) -> None:
    assert left(store) == (["AF-0"], "")
    put(store, "unit", {"id": "U-3", "name": "采购部"})
    put(
        store,
        "audit_finding",
        changed("audit_finding", "AF-0", id="AF-6", address="8.1#1", unit=None),
        changed("audit_finding", "AF-0", id="AF-7", address="8.1#2", unit="U-3"),
        changed("audit_finding", "AF-0", id="AF-8", address="8.1#3", grade="opportunity"),
    )
    ids, told = left(store)
    assert ids == ["AF-0", "AF-6"]
    assert "AF-7 (采购部)" in told
    late = replace(ASK, on=date(2026, 11, 20))  # as it stood when the audit began, not what it found itself
    plan = paper("audit-plan").context(store, late, "en")
    assert [row["id"] for row in plan["to_verify"]] == ["AF-0", "AF-6"]
    assert plan["to_verify"][0]["why"] == say("carry.why_implemented", "en", since="2026-04-18")


def test_earlier_actions_are_those_carried_into_the_audit(store: Store) -> None:
    """Closed without having been seen to work: to be looked at again. Withdrawn long ago: not."""
    put(
        store,
        "audit_finding",
        changed("audit_finding", "AF-0", id="AF-6", address="8.1#1"),
        changed("audit_finding", "AF-0", id="AF-7", address="8.1#2"),
    )
    steps = [dict(s, finding="AF-6") for s in RECORDS["finding_event"] if s["finding"] == "AF-0"][:2]
    put(
        store,
        "finding_event",
        *({**s, "id": f"AF-6.{n:03d}"} for n, s in enumerate(steps, 1)),
        {"id": "AF-6.003", "finding": "AF-6", "event": "closed", "happened_on": "2026-08-25", "auditor": "AU-1"},
        {"id": "AF-7.001", "finding": "AF-7", "event": "withdrawn", "happened_on": "2026-03-25", "auditor": "AU-1",
         "reason": "误"},
    )  # fmt: skip
    report = paper("audit-report").context(store, ASK, "en")
    rows = {row["id"]: row for row in report["earlier"]}
    assert set(rows) == {"AF-0", "AF-6"}
    assert rows["AF-6"]["why"].startswith("closed 2026-08-25")
    assert (
        rows["AF-0"]["state"].startswith("verified and closed") or "2026-07-20" not in rows["AF-0"]["state"]
    )


def test_every_criterion_of_a_joined_finding_is_told(store: Store) -> None:
    gaps = paper("certificate-recommendation").context(store, ASK, "zh")["gaps"]
    address = next(
        g["criterion"].split()[-1] for g in gaps if g["criterion"].startswith("T/CCAA 39—2022 8.1")
    )
    further = {"further": f"t_ccaa_39:{address}; machinery:6.3#2"}
    criterion = f"第一\nt_ccaa_39:{address} 第二\n自己的话"
    put(store, "audit_finding", changed("audit_finding", "AF-2", id="AF-9", criterion=criterion, **further))
    report = paper("audit-report").context(store, replace(ASK, standards=("t_ccaa_39",)), "zh")
    (item,) = [f for f in report["nonconformities"] if f["id"] == "AF-9"]
    assert item["criterion"] == "第一\n自己的话"
    first, second = item["further"].split("\n")
    assert first == f"T/CCAA 39—2022 {address}：第二"
    assert " 6.3#2：" in second and "machinery" not in second
    assert next(f for f in report["nonconformities"] if f["id"] == "AF-1")["further"] == "无"
    gaps = paper("certificate-recommendation").context(store, ASK, "zh")["gaps"]
    (row,) = [g for g in gaps if address in g["criterion"].split()]
    assert "AF-9" in row["findings"]


def test_the_bodys_own_policy_and_calendar_decide_what_is_due(written: Path, tmp_path: Path) -> None:
    shipped = (ROOT / "rulesets/grading/iso_17021_1.yaml").read_text(encoding="utf-8")
    assert "minor: {answer: 30, review: 20, close: 90}" in shipped
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        shipped.replace("answer: 30", "answer: 7").replace("review: 20", "review: 7"), encoding="utf-8"
    )
    year = tmp_path / "year.yaml"
    text = (ROOT / "rulesets/calendars/cn_2026.yaml").read_text(encoding="utf-8")
    year.write_text(text.replace("until: 2026-10-07", "until: 2026-10-09"), encoding="utf-8")
    assert year.read_text(encoding="utf-8") != text

    def told(*words_: object) -> str:
        out = tmp_path / "nc.html"
        asked = (
            "--lang",
            "en",
            "document",
            "nonconformity-report",
            written,
            "--audit",
            "AD-1",
            "--on",
            "2026-09-10",
        )
        assert run(*asked, "--finding", "AF-2", "--force", "-o", out, *words_).exception is None
        return out.read_text(encoding="utf-8")

    plain, own, days = told(), told("--grading", mine), told("--calendar", year)
    assert "2026-09-18" in own and "2026-09-18" not in plain
    assert days != plain
    wrong = run(
        "document", "audit-plan", written, "--audit", "AD-1", "-o", tmp_path / "x.docx", "--grading", year
    )
    assert wrong.exception is not None and not (tmp_path / "x.docx").exists()


def test_the_report_tells_findings_disputes_and_earlier_actions(store: Store) -> None:
    report = paper("audit-report").context(store, ASK, "en")
    assert [f["id"] for f in report["nonconformities"]] == ["AF-1", "AF-2"]
    assert report["counts"] == {"major": "1", "minor": "1", "opportunity": "0", "other": "1", "open": "2"}
    major = report["nonconformities"][0]
    assert (major["cause"], major["due_on"]) == ("方案没有人负责", "2026-10-31")
    assert major["verified"].splitlines()[1].startswith("2026-11-18 陈工")
    assert [d["id"] for d in report["disputes"]] == ["AF-2"] and "赵六" in report["disputes"][0]["decision"]
    assert [(e["id"], "抽查 5 份交接单" in e["verified"]) for e in report["earlier"]] == [("AF-0", True)]
    assert [f["id"] for f in report["others"]] == ["AF-3"]
    assert report["unvisited"] == "二号厂区"
    assert report["evaluation"]["rows"][-1]["chapter"] == "total"


def test_before_an_answer_neither_cause_nor_action_is_said(store: Store) -> None:
    put(store, "audit_finding", changed("audit_finding", "AF-2", id="AF-9", description="新发现"))
    report = paper("audit-report").context(store, ASK, "zh")
    new = next(f for f in report["nonconformities"] if f["id"] == "AF-9")
    assert {new[k] for k in ("correction", "cause", "action", "owner", "due_on", "verified")} == {"没有记录"}


def test_a_finding_belongs_by_file_step_title_or_internal_audit(store: Store) -> None:
    base = changed("audit_finding", "AF-2")
    put(
        store,
        "audit_finding",
        {**base, "id": "B-1", "audit": "CS-2"},
        {**base, "id": "B-2", "audit": "2026 年初次认证第二阶段审核"},
        {**base, "id": "B-3", "audit": "another"},
        {**{k: v for k, v in base.items() if k != "audit"}, "id": "B-4", "internal_audit": "IA-1"},
    )
    ids = {str(f["id"]) for f in Audit(store, ASK, "zh").findings}
    assert ids == {"AF-1", "AF-2", "AF-3", "B-1", "B-2"}
    put(store, "audit_file", changed("audit_file", "AD-1", internal_audit="IA-1"))
    assert "B-4" in {str(f["id"]) for f in Audit(store, ASK, "zh").findings}


def test_what_is_not_on_record_is_said_and_not_made_up(bare: Store) -> None:
    report = paper("audit-report").context(bare, replace(ASK, standards=()), "en")
    none = say("papers.none", "en")
    assert {report["audit"][k] for k in ("title", "type", "objectives", "lead", "first_day")} == {none}
    assert set(report["conclusions"].values()) == {none}
    assert report["unvisited"] == none
    assert report["evaluation"]["rows"] == [] and report["nonconformities"] == []
    page = made(paper("audit-report").layout, report, "en", "html").decode()
    for key in ("no_team", "no_places", "no_verdicts", "no_earlier", "no_nonconformities"):
        assert say(f"papers.{key}", "en") in page


def test_an_internal_audit_without_a_file_is_known_by_its_record(store: Store) -> None:
    report = paper("audit-report").context(store, replace(ASK, audit="IA-1"), "en")
    assert (report["audit"]["type"], report["audit"]["last_day"]) == ("internal audit", "2026-05-20")
    assert report["audit"]["lead"] == "周九"
    assert report["recommendation_note"] == ""


def test_a_standard_named_in_evidence_is_never_read_as_a_path(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "ruleset.yaml").write_text("nonsense: [", encoding="utf-8")
    put(store, "audit_file", changed("audit_file", "AD-1", standards=f"t_ccaa_39; {folder}"))
    report = paper("audit-report").context(store, replace(ASK, standards=()), "en")
    assert report["evaluation"]["left_out"] == str(folder)
    assert {r["standard"] for r in report["evaluation"]["rows"]} == {"T/CCAA 39—2022"}


def test_which_audit_is_meant_has_to_be_clear(store: Store, tmp_path: Path) -> None:
    gather = paper("audit-plan").context
    for ask, key in (
        (replace(ASK, audit="nope"), "papers.no_audit"),
        (replace(ASK, audit=None), "papers.which_audit"),
    ):
        with pytest.raises(UsageError) as told:
            gather(store, ask, "zh")
        assert told.value.key == key and "AD-1, IA-1" in told.value.text("en")
    with Store.create(tmp_path / "empty.db") as empty, pytest.raises(UsageError) as told:
        gather(empty, ASK, "zh")
    assert told.value.key == "papers.no_audits"


# --- the recommendation --------------------------------------------------------------------------


def outcomes(store: Store, on: date = ASK.on) -> dict[str, str]:
    return {c.key: c.outcome for c in conditions(Audit(store, replace(ASK, on=on), "en"))}


def test_a_gap_is_told_with_the_nonconformity_about_it(store: Store) -> None:
    """Good practice under the same clause is no answer to a gap, and neither is a finding that was withdrawn."""

    def told() -> dict[str, str]:
        context = paper("certificate-recommendation").context(store, ASK, "en")
        return {gap["criterion"]: gap["findings"] for gap in context["gaps"]}

    before, none = told(), say("papers.not_raised", "en")
    criterion = next(c for c in before if c.startswith("T/CCAA 39—2022 8.1"))
    assert before[criterion] == none
    address = criterion.rpartition(" ")[2]
    for n, place in enumerate((address, "8.1"), 1):
        put(
            store, "audit_finding", changed("audit_finding", "AF-2", id=f"G-{n}", address=place, clause="8.1")
        )
    assert told()[criterion] == "G-1, G-2"


def test_every_condition_of_the_example_is_met(store: Store) -> None:
    assert set(outcomes(store).values()) == {"met"}
    assert paper("certificate-recommendation").context(store, ASK, "en")["paper"]["notices"] == []


@pytest.mark.parametrize(
    ("kind", "record", "columns", "key", "outcome"),
    [
        ("audit_file", "AD-1", {"audit_type": "internal"}, "certification", "not_met"),
        ("audit_file", "AD-1", {"reported_on": None}, "reported", "unknown"),
        ("audit_file", "AD-1", {"conforms": "no"}, "concluded", "not_met"),
        ("audit_file", "AD-1", {"effective": None}, "concluded", "unknown"),
        ("audit_file", "AD-1", {"recommendation": "suspend"}, "team_recommends", "not_met"),
        ("audit_file", "AD-1", {"recommendation": "after_verification"}, "team_recommends", "unknown"),
        ("audit_file", "AD-1", {"unresolved": "范围有分歧"}, "disputes", "unknown"),
        ("certification_step", "CS-3", {"decided_by": "陈工"}, "decider_outside", "not_met"),
        ("certification_step", "CS-3", {"decided_by": "钱七；AU-2"}, "decider_outside", "not_met"),
        ("certification_step", "CS-3", {"decided_by": "陈 工"}, "recommender_outside", "not_met"),
        ("certification_step", "CS-3", {"decided_by": None}, "decider_outside", "unknown"),
        ("certification_step", "CS-1", {"ready": None}, "stage_1", "unknown"),
        ("certification_step", "CS-1", {"ready": False}, "stage_1", "not_met"),
        ("organisation", "EX", {"system_since": "2026-06-09"}, "running", "not_met"),
        ("organisation", "EX", {"system_since": "2026-06-08"}, "running", "met"),
        ("internal_audit", "IA-1", {"audited_on": None}, "internal_audit", "unknown"),
        ("internal_audit", "IA-1", {"audited_on": "2026-10-01"}, "internal_audit", "not_met"),
    ],
)  # fmt: skip
def test_a_condition_that_does_not_hold_is_named(
    store: Store, kind: str, record: str, columns: dict[str, Any], key: str, outcome: str
) -> None:
    put(store, kind, changed(kind, record, **columns))
    assert outcomes(store)[key] == outcome
    context = paper("certificate-recommendation").context(store, ASK, "en")
    assert (context["standing"]["code"] == "met") == (outcome == "met")
    if outcome == "met":
        return
    said = say(f"papers.condition_{key}", "en")
    assert (said in context["paper"]["notices"][0]["text"]) == (outcome == "not_met")


def test_majors_wait_for_verification_and_minors_for_a_plan(store: Store) -> None:
    on = date(2026, 11, 17)  # the day before the effect was verified
    assert {k for k, v in outcomes(store, on).items() if v == "not_met"} == {
        "majors",
        "reported",
        "team_recommends",
    }
    assert outcomes(store, date(2026, 9, 25))["minors"] == "not_met"
    assert outcomes(store, date(2026, 9, 15))["disputes"] == "not_met"
    assert overall(conditions(Audit(store, replace(ASK, on=on), "en"))) == "not_met"


def test_six_months_after_stage_2_an_unverified_major_is_too_late(store: Store) -> None:
    put(store, "audit_finding", changed("audit_finding", "AF-1", id="AF-8", found_on="2026-09-09"))
    assert outcomes(store, date(2027, 3, 9))["six_months"] == "unknown"
    assert outcomes(store, date(2027, 3, 10))["six_months"] == "not_met"


def test_a_nonconformity_that_cannot_be_followed_leaves_it_open(store: Store) -> None:
    put(store, "audit_finding", changed("audit_finding", "AF-2", id="AF-7", grade=None))
    assert outcomes(store)["minors"] == "unknown"


# --- formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MINE)
def test_the_same_evidence_gives_the_same_bytes(name: str, form: str, store: Store) -> None:
    one, two = (made(paper(name).layout, paper(name).context(store, ASK, "zh"), "zh", form) for _ in range(2))
    assert one == two and len(one) > 1000


def test_hostile_text_stays_text_in_every_format(store: Store) -> None:
    put(store, "audit_finding", changed("audit_finding", "AF-2", description=HOSTILE, evidence="=1+1"))
    put(store, "organisation", changed("organisation", "EX", name='=HYPERLINK("x") <b>&名' + "很长" * 120))
    chosen = paper("audit-report")
    context = chosen.context(store, ASK, "zh")
    text = words(made(chosen.layout, context, "zh", "docx"))
    assert "<w:t>&amp; {{ 7*7 }} {% raw %} ]]> [U+0007][U+000B][U+202E] \"'=1+1 [U+FFFE]" in text.replace(
        "\n", ""
    )
    page = made(chosen.layout, context, "zh", "html").decode()
    assert "&lt;w:t&gt;&amp;amp; {{ 7*7 }}" in page and "<b>&名" not in page
    with zipfile.ZipFile(io.BytesIO(made(chosen.layout, context, "zh", "xlsx"))) as book:
        assert not any(b"<f>" in book.read(n) for n in book.namelist() if "worksheets/" in n)
    assert made(chosen.layout, context, "zh", "pdf").startswith(b"%PDF")


def test_three_hundred_findings_are_all_there(store: Store) -> None:
    store.commit(ORGANISATION, copies("AF-2", 300), actor="t", at=datetime(2026, 11, 20, 1, tzinfo=UTC))
    chosen = paper("audit-report")
    context = chosen.context(store, ASK, "en")
    assert (context["counts"]["minor"], len(context["disputes"])) == ("301", 301)
    word = words(made(chosen.layout, context, "en", "docx"))
    assert all(word.count(f"X-{n:04d}  T/CCAA") == 1 for n in range(300))


def test_word_and_page_say_the_same(store: Store) -> None:
    """The template is the layout read another way: every text of the document is in the Word file too."""
    for name in MINE:
        for lang in LANGUAGES:
            chosen = paper(name)
            context = chosen.context(store, ASK, lang)
            word = words(made(chosen.layout, context, lang, "docx"))
            assert "{{" not in word and "{%" not in word
            shown = document(chosen.layout, context, lang)
            for section in shown.sections:
                assert section.title in word
                for block in section.blocks:
                    cells = [
                        str(getattr(c, "text", c))
                        for row in getattr(block, "rows", ())
                        for c in getattr(row, "cells", row)
                    ]
                    assert all(
                        line in word
                        for cell in [*cells, getattr(block, "text", "")]
                        for line in cell.split("\n")
                    )


# --- templates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAPERS)
def test_the_written_template_fills_like_the_default(name: str, tmp_path: Path) -> None:
    layout, context = paper(name).layout, example(name, "zh")
    path = tmp_path / "body.docx"
    path.write_bytes(template(layout, "zh"))
    assert path.read_bytes() == template(layout, "zh")
    assert made(layout, context, "zh", "docx", path) == made(layout, context, "zh", "docx")


def own(tmp_path: Path, *texts: str) -> Path:
    word = Word()
    for text in texts:
        word.add_paragraph(text)
    path = tmp_path / "own.docx"
    word.save(str(path))
    return path


def filled(tmp_path: Path, *texts: str, name: str = "audit-report") -> str:
    return words(made(paper(name).layout, example(name, "en"), "en", "docx", own(tmp_path, *texts)))


def test_a_body_writes_its_own_template(tmp_path: Path) -> None:
    text = filled(
        tmp_path,
        "Report {{ audit.id }} for {{ audit.client.name|upper }}",
        "{%p for f in nonconformities %}",
        "{{ loop.index }} {{ f.id }}{% if f.cause %}: {{ f.cause }}{% else %} -{% endif %}",
        "{%p endfor %}",
    )
    assert text.split("\n")[:3] == [
        "Report AD-1 for 示例铸造有限公司（虚构）",
        "1 AF-1: 方案没有人负责",
        "2 AF-2: 表格没有蒸汽一栏",
    ]


def test_fields_of_an_empty_list_are_known_all_the_same(tmp_path: Path, bare: Store) -> None:
    chosen = paper("audit-report")
    context = chosen.context(bare, replace(ASK, standards=()), "en")
    path = own(tmp_path, "{%p for f in others %}", "{{ f.graded_by }}", "{%p endfor %}", "end")
    assert words(made(chosen.layout, context, "en", "docx", path)).startswith("end")


@pytest.mark.parametrize(
    ("texts", "key", "said"),
    [
        (["{{ ''.__class__.__mro__ }}"], "refused_other", "own.docx"),
        (["{{ audit.__class__ }}"], "template_unknown_field", "audit.__class__"),
        (["{{ audit.id.__class__.__mro__ }}"], "template_unknown_field", "audit.id.__class__"),
        (["{{ self }}"], "template_unknown_field", "self"),
        (["{{ config }}"], "template_unknown_field", "config"),
        (["{{ range(9) }}"], "refused_call", ""),
        (["{{ audit.id.upper() }}"], "refused_call", ""),
        (["{{ lipsum.__globals__ }}"], "template_unknown_field", "lipsum"),
        (["{{ audit['id'] }}"], "refused_item", ""),
        (["{{ 'a' * 999999999 }}"], "refused_reckoning", ""),
        (["{% include 'x' %}"], "refused_include", "include"),
        (["{% import 'x' as y %}"], "refused_include", "import"),
        (["{% extends 'x' %}"], "refused_include", "extends"),
        (["{% set a = audit.id %}"], "refused_assign", "set"),
        (["{% macro m() %}{% endmacro %}"], "refused_macro", "macro"),
        (["{{ audit.id|attr('x') }}"], "refused_filter", "attr"),
        (["{{ audit.id|safe }}"], "refused_filter", "safe"),
        (["{{ audit.id|center(99999999) }}"], "refused_filter", "center"),
        (["{% for f in others recursive %}{% endfor %}"], "refused_for", "for"),
        (["{% for a in team %}{% for b in team %}{% for c in team %}{% for d in team %}x{% endfor %}{% endfor %}"
          "{% endfor %}{% endfor %}"], "refused_for", "for"),
        (["{% for f in audit %}{% endfor %}"], "template_not_a_list", "audit"),
        (["{% for f in audit.id %}{% endfor %}"], "template_not_a_list", "audit.id"),
        (["{{ audit.leed }}"], "template_unknown_field", "audit.lead"),
        (["{% for f in team %}{{ f.nmae }}{% endfor %}"], "template_unknown_field", "f.name"),
        (["{{ audit.id"], "template_syntax", "{{ audit.id"),
        (["{% if audit.id %}"], "template_syntax", "endif"),
        (["{{p audit.id }}"], "template_misplaced", "AD-1"),
        (["{% if not team %}", "{%p endif %}"], "template_misplaced", "mismatch"),
    ],
)  # fmt: skip
def test_a_template_can_name_fields_and_nothing_else(
    tmp_path: Path, texts: list[str], key: str, said: str
) -> None:
    with pytest.raises(ReportError) as told:
        filled(tmp_path, *texts)
    assert told.value.key == f"papers.{key}"
    for lang in LANGUAGES:
        assert said in told.value.text(lang) and "own.docx" in told.value.text(lang)


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as read,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in read.namelist():
            part = change(name, read.read(name))
            if part is not None:
                out.writestr(name, part)
        for name, part in more.items():
            out.writestr(name.replace("__", "/"), part)
    return target.getvalue()


MAIN, MACRO = b"document.main", b"document.macroEnabled.main"
BIG = b"<a>" + b" " * 9_000_000 + b"</a>"
ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document xmlns:w="http://x">&a;</w:document>'


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda good: b"", "broken"),
        (lambda good: b"not a zip at all", "broken"),
        (lambda good: good[: len(good) // 2], "broken"),
        (lambda good: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + good, "old"),
        (lambda good: b"x" * 20_000_001, "too_large"),
        (lambda good: rewritten(good, lambda n, p: p, **{"word__vbaProject.bin": b"x"}), "macros"),
        (lambda good: rewritten(good, lambda n, p: p.replace(MAIN, MACRO)), "macros"),
        (lambda good: rewritten(good, lambda n, p: p, **{"word__media__x.png": b"\0" * 60_000_000}), "bomb"),
        (lambda good: rewritten(good, lambda n, p: p, **{"word__big.xml": BIG}), "bomb"),
        (lambda good: rewritten(good, lambda n, p: None if n == "word/document.xml" else p), "no_word"),
        (lambda good: rewritten(good, lambda n, p: ENTITY if n == "word/document.xml" else p), "broken"),
        (lambda good: rewritten(good, lambda n, p: b"<a>" if n == "word/document.xml" else p), "broken"),
        (lambda good: rewritten(good, lambda n, p: b"<a/>" if n == "word/document.xml" else p), "broken"),
        (lambda good: rewritten(good, lambda n, p: None if n == "[Content_Types].xml" else p), "broken"),
        (lambda good: rewritten(good, lambda n, p: None if n == "_rels/.rels" else p), "broken"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_honest_template_is_refused(
    tmp_path: Path, spoil: Callable[[bytes], bytes], key: str
) -> None:
    layout = paper("audit-plan").layout
    path = tmp_path / "own.docx"
    path.write_bytes(spoil(template(layout, "zh")))
    with pytest.raises(ReportError) as told:
        made(layout, example("audit-plan", "zh"), "zh", "docx", path)
    assert told.value.key == f"papers.template_{key}"
    assert "own.docx" in told.value.text("zh") and "own.docx" in told.value.text("en")


@pytest.mark.parametrize(
    "code", ["<w:instrText>{{ audit.id }}</w:instrText>", '<w:fldSimple w:instr="{{ audit.id }}"/>']
)
def test_evidence_never_reaches_the_code_of_a_field(tmp_path: Path, code: str) -> None:
    path = own(tmp_path, "HERE")
    spoilt = code.encode()
    path.write_bytes(rewritten(path.read_bytes(), lambda n, p: p.replace(b"<w:t>HERE</w:t>", spoilt)))
    with pytest.raises(ReportError) as told:
        made(paper("audit-plan").layout, example("audit-plan", "en"), "en", "docx", path)
    assert told.value.key == "papers.refused_field_code"


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_is_kept_in_a_word_file(text: str) -> None:
    chosen = paper("audit-plan")
    context = {**example("audit-plan", "zh"), "objection": "|" + str(clean(text)) + "|"}
    word = words(made(chosen.layout, context, "zh", "docx"))
    assert "|" + str(clean(text)) + "|" in word


def test_a_filled_file_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shall.engine.papers.sandbox.MAX_WRITTEN", 1000)
    with pytest.raises(ReportError) as told:
        filled(tmp_path, "x" * 2000)
    assert told.value.key == "papers.template_bomb"


def test_words_split_over_runs_are_still_one_field(tmp_path: Path) -> None:
    word = Word()
    line = word.add_paragraph()
    for piece in ("{", "{ audit", ".id ", "}", "}"):
        line.add_run(piece).bold = True
    path = tmp_path / "own.docx"
    word.save(str(path))
    assert words(
        made(paper("audit-plan").layout, example("audit-plan", "en"), "en", "docx", path)
    ).startswith("AD-1")


# --- the commands --------------------------------------------------------------------------------


def run(*args: object) -> Result:
    return CliRunner().invoke(shall, [str(a) for a in args], standalone_mode=False)


def test_the_commands(tmp_path: Path, written: Path) -> None:
    path = written
    body, out = tmp_path / "body.docx", tmp_path / "out.docx"
    assert run("--lang", "en", "document-template", "audit-plan", "-o", body).exception is None
    asked = ("document", "audit-plan", path, "--audit", "AD-1", "--on", "2026-11-20", "-o", out)
    assert run(*asked, "--template", body).return_value == 0
    assert "Audit plan" in words(out.read_bytes())
    again = run(*asked)
    assert isinstance(again.exception, UsageError) and again.exception.key == "cli.target_exists"
    assert run(*asked, "--force").return_value == 0
    other = run(*asked, "--force", "--format", "pdf")
    assert isinstance(other.exception, UsageError) and other.exception.key == "cli.form_and_ending"
    pdf = run(*asked[:-1], out.with_suffix(".pdf"), "--template", body)
    assert isinstance(pdf.exception, UsageError) and pdf.exception.key == "papers.template_only_docx"
    recommend = (
        "document",
        "certificate-recommendation",
        path,
        "--audit",
        "AD-1",
        "--force",
        "-o",
        out.with_suffix(".html"),
    )
    assert run(*recommend, "--on", "2026-11-20").return_value == 0
    assert run(*recommend, "--on", "2026-11-17").return_value == 1
    told = run("--lang", "en", "document-fields", "audit-plan").output
    assert "| `audit.client.name` | audited organisation |" in told


@pytest.mark.parametrize("name", PAPERS)
def test_the_page_of_fields_is_up_to_date(name: str) -> None:
    page = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    assert listing(name, "zh").removeprefix("# ") in page, f"run: shall document-fields {name}"
