"""What enters the next audit: every open finding once, nothing that was seen to work; two audits side by side."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shall.engine.audit.carried import PLACES, Carried
from shall.engine.audit.carry_over import carried
from shall.engine.audit.carry_view import document
from shall.engine.audit.checklist.earlier import Earlier, left_open
from shall.engine.audit.history import followed
from shall.engine.audit.on_record import audit_named, on_record
from shall.engine.audit.side_by_side import Sides, side_by_side
from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.engine.consequences.conditions import condition
from shall.engine.consequences.rules import read_rules
from shall.engine.consequences.words import way_of_discharge
from shall.engine.grading import DEFAULT
from shall.engine.reports.document.write import made
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import ShallError, UsageError

ON = date(2026, 6, 30)
ORG = "甲厂"
FINDINGS = ("open_finding", "unverified_action", "dispute", "opportunity", "recurrence")
Rows = list[tuple[str, str, dict[str, Any]]]

BASE: Rows = [
    ("organisation", "O", {"name": ORG}),
    ("site", "S1", {"name": "老厂"}),
    ("site", "S2", {"name": "新厂"}),
    ("unit", "U1", {"name": "车间", "function_area": "production", "site": "S1", "head": "P1"}),
    ("unit", "U2", {"name": "碳办", "function_area": "carbon", "site": "S2"}),
    ("person", "P1", {"name": "赵一", "unit": "U1"}),
    ("person", "P2", {"name": "钱二", "unit": "U2"}),
    ("person", "P9", {"name": "审九", "is_external": True}),
    ("auditor", "A9", {"person": "P9", "competent": True, "competence_evaluated_on": "2025-01-05"}),
    ("internal_audit", "IA1", {"audited_on": "2026-03-10", "criteria": "T/CCAA 39"}),
    ("audit_scope", "AS1", {"internal_audit": "IA1", "unit": "U1", "clause": "8.1", "auditor": "A9",
                            "audited_on": "2026-03-09", "audit_result": "符合"}),
]  # fmt: skip


def stored(path: Path, rows: Iterable[tuple[str, str, dict[str, Any]]], base: Rows = BASE) -> Path:
    with Store.create(path) as store:
        changes = [Change(PUT, kind, name, body) for kind, name, body in [*base, *rows]]
        store.commit(ORG, changes, actor="t", at=datetime(2026, 6, 1, tzinfo=UTC))
    return path


def finding(name: str, grade: str = "minor", **more: Any) -> tuple[str, str, dict[str, Any]]:
    body = {"grade": grade, "found_on": "2026-03-10", "internal_audit": "IA1", "auditor": "A9", "unit": "U1",
            "ruleset": "t_ccaa_39", "address": "8.1#1", "clause": "8.1", "description": f"发现{name}"}  # fmt: skip
    return "audit_finding", name, {**body, **more}


ANSWER = {"event": "answered", "person": "P1", "correction": "改", "cause": "因", "action": "措施", "owner": "P2",
          "due_on": "2026-05-20"}  # fmt: skip
ACCEPT = {"event": "reviewed", "outcome": "accepted", "auditor": "A9"}
DONE = {"event": "implemented", "person": "P1"}
SEEN = {"event": "implementation_verified", "outcome": "confirmed", "auditor": "A9", "reason": "看到"}
WORKS = {"event": "effectiveness_verified", "outcome": "confirmed", "auditor": "A9", "reason": "有效"}
CLOSE = {"event": "closed", "auditor": "A9"}
DISPUTE = {"event": "disputed", "person": "P1", "reason": "不是"}
DECIDE = {"event": "dispute_decided", "person": "P2", "reason": "维持", "outcome": "upheld"}
DROP = {"event": "withdrawn", "auditor": "A9", "reason": "误"}
STEPS = (ANSWER, ACCEPT, DONE, SEEN, WORKS, CLOSE, DISPUTE, DECIDE, DROP)


def steps(name: str, *events: dict[str, Any], start: str = "2026-04-01") -> Rows:
    first = date.fromisoformat(start)
    return [
        ("finding_event", f"{name}.{n:03d}", {"finding": name, "happened_on": (first + timedelta(n)).isoformat(), **e})
        for n, e in enumerate(events, 1)
    ]  # fmt: skip


def carry(path: Path, **options: Any) -> Carried:
    with Store.open(path) as store:
        return carried(store, ORG, options.pop("on", ON), **options)


def sorted_out(found: Carried) -> dict[str, tuple[str, str]]:
    """What and why of each finding that is carried."""
    return {e.record: (e.what, e.why.key.partition("why_")[2]) for e in found.of(*FINDINGS)}


LIVES: dict[str, tuple[tuple[dict[str, Any], ...], tuple[str, str]]] = {
    "F1": ((), ("open_finding", "raised")),
    "F2": ((ANSWER,), ("open_finding", "answered")),
    "F3": ((ANSWER, {**ACCEPT, "outcome": "rejected", "reason": "不足"}), ("open_finding", "rejected")),
    "F4": ((ANSWER, ACCEPT), ("unverified_action", "accepted")),
    "F5": ((ANSWER, ACCEPT, DONE), ("unverified_action", "implemented")),
    "F6": ((ANSWER, ACCEPT, DONE, SEEN), ("unverified_action", "implementation_verified")),
    "F7": ((ANSWER, ACCEPT, DONE, SEEN, WORKS), ("open_finding", "effectiveness_verified")),
    "F8": ((DISPUTE,), ("dispute", "disputed")),
    "F9": ((ANSWER, ACCEPT, CLOSE), ("recurrence", "closed")),
}


def test_each_finding_is_carried_once_with_its_reason(tmp_path: Path) -> None:
    rows: Rows = [finding("OFI", "opportunity"), finding("WORKED"), finding("GONE")]
    rows += [*steps("WORKED", ANSWER, ACCEPT, DONE, SEEN, WORKS, CLOSE), *steps("GONE", DROP)]
    for name, (events, _) in LIVES.items():
        rows += [finding(name, address=f"{name}#1"), *steps(name, *events)]
    found = carry(stored(tmp_path / "e.db", rows))
    wanted = {name: told for name, (_, told) in LIVES.items()}
    assert sorted_out(found) == {**wanted, "OFI": ("opportunity", "noted")}
    assert found.settled == ("WORKED",)
    by = {e.record: e for e in found.entries}
    assert (by["F1"].who, by["F1"].audit, by["F1"].unit) == ("P1", "IA1", "U1"), "the unit's head answers"
    assert (by["F4"].who, by["F4"].due, by["F4"].overdue) == ("P2", date(2026, 5, 20), True)
    assert by["F2"].who == "P9"
    assert not by["F9"].overdue and by["F9"].due is None
    for one in found.entries:
        assert one.places == PLACES[one.what] != ()
    assert {e.record for e in found.at("plan")} >= {"F4", "F5", "F6", "F8"}


def test_closed_before_the_last_audit_is_that_audits_business(tmp_path: Path) -> None:
    early = finding("E", found_on="2025-05-01", internal_audit="IA0")
    rows = [
        ("internal_audit", "IA0", {"audited_on": "2025-05-01"}),
        early, *steps("E", ANSWER, ACCEPT, CLOSE, start="2025-06-01"),
    ]  # fmt: skip
    path = stored(tmp_path / "e.db", rows)
    assert sorted_out(carry(path)) == {}
    assert sorted_out(carry(path, after="IA0")) == {"E": ("recurrence", "closed")}
    assert sorted_out(carry(path, on=date(2025, 5, 31))) == {"E": ("open_finding", "raised")}


def test_a_repeat_names_what_it_repeats(tmp_path: Path) -> None:
    rows: Rows = [finding("A", found_on="2025-03-01", audit="旧审", internal_audit=None), finding("B")]
    by = {e.record: e for e in carry(stored(tmp_path / "e.db", rows)).of("open_finding")}
    assert by["B"].repeats == ("A",) and by["A"].repeats == () and by["A"].audit == "旧审"


@st.composite
def lives(draw: st.DrawFn) -> Rows:
    rows: Rows = []
    for n in range(draw(st.integers(0, 5))):
        grade = draw(st.sampled_from(["major", "minor", "opportunity", "observation"]))
        named = draw(st.sampled_from([{"internal_audit": "IA1"}, {"internal_audit": None, "audit": "客户"},
                                      {"internal_audit": None}]))  # fmt: skip
        rows.append(finding(f"F{n}", grade, address=f"8.{n % 2}#1", **named))
        path = draw(st.sampled_from([STEPS[:k] for k in range(7)] + [(DISPUTE, DECIDE, ANSWER), (DROP,)]))
        rows += steps(f"F{n}", *path, *draw(st.lists(st.sampled_from(STEPS), max_size=2)))
    return rows


@settings(max_examples=25, deadline=None)
@given(lives(), st.integers(0, 120))
def test_every_open_finding_is_carried_and_none_that_was_seen_to_work(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows, later: int
) -> None:
    path = stored(tmp_path_factory.mktemp("lives") / "e.db", rows)
    on = date(2026, 3, 11) + timedelta(later)
    found = carry(path, on=on)
    names = [e.record for e in found.of(*FINDINGS)]
    assert len(names) == len(set(names))
    with Store.open(path) as store:
        cases = {f.case.finding.record: f.case for f in followed(store, ORG, on)}
        first, second = on_record(store, ORG, on)[:1], on_record(store, ORG, on)
        assert {c.finding.record for a in second for c in a.cases} == set(cases)
        for audit in first:
            assert side(store, audit.id, audit.id, on).empty
    assert {n for n, c in cases.items() if c.open} <= set(names) <= set(cases)
    for name, case in cases.items():
        seen = any(s.event == "effectiveness_verified" and s.outcome == "confirmed" for s in case.steps)
        if case.state == "withdrawn" or (case.state == "closed" and seen):
            assert name not in names
    assert found.entries == carry(path, on=on).entries


def test_what_was_not_looked_at_is_carried_by_unit(tmp_path: Path) -> None:
    rows: Rows = [
        ("audit_file", "AD", {"internal_audit": "IA1", "standards": "t_ccaa_39", "unresolved": "范围待议"}),
        ("audit_session", "AA", {"audit_file": "AD", "held_on": "2026-03-10", "session_type": "audit", "unit": "U2",
                                 "clauses": "t_ccaa_39:9.1.1; t_ccaa_39:9.2"}),
        ("judgement", "J1", {"ruleset": "t_ccaa_39", "address": "7.3#1", "verdict": "conforming", "made_as": "audit",
                             "judged_on": "2026-03-10", "judged_by": "P9"}),
        ("judgement", "J2", {"ruleset": "t_ccaa_39", "address": "5.2/b", "status": "draft", "made_as": "audit",
                             "judged_on": "2026-03-10", "judged_by": "P9", "reason": "待问"}),
    ]  # fmt: skip
    found = carry(stored(tmp_path / "e.db", rows))
    assert found.after is not None and found.after.id == "AD"
    missed = {e.unit: e for e in found.of("uncovered")}
    assert missed["U1"].why.key == "carry.why_uncovered"
    assert "8.1" not in missed["U1"].clauses, "it has a result there"
    assert "7.3" in missed["U1"].clauses, "a judgement without a unit says nothing about a unit"
    assert missed["U2"].why.key == "carry.why_uncovered_planned"
    assert missed["U2"].why.fields["clauses"] == ("9.1.1", "9.2.1", "9.2.2")
    assert {"9.1.1", "9.2.1"} <= set(missed["U2"].clauses) and "7.3" in missed["U2"].clauses
    (issue,) = found.of("issue")
    assert (issue.record, issue.why.key) == ("AD", "carry.why_unresolved")
    (open_,) = found.of("unfinished")
    assert (open_.record, open_.clauses, open_.audit) == ("J2", ("5.2/b",), "AD")


def test_a_timetable_counts_where_no_result_is_on_record(tmp_path: Path) -> None:
    base = [row for row in BASE if row[0] not in ("audit_scope", "internal_audit")]
    rows: Rows = [
        ("audit_file", "AD", {"audit_type": "surveillance", "audited_until": "2026-03-10"}),
        ("audit_session", "AA", {"audit_file": "AD", "held_on": "2026-03-10", "unit": "U1", "clauses": "t_ccaa_39:8"}),
        ("audit_session", "AB", {"audit_file": "AD", "held_on": "2026-07-10", "unit": "U2", "clauses": "t_ccaa_39:9"}),
    ]  # fmt: skip
    path = stored(tmp_path / "e.db", rows, base)
    missed = {e.unit: set(e.clauses) for e in carry(path).of("uncovered")}
    assert not any(c.startswith("8") for c in missed["U1"])
    assert any(c.startswith("9") for c in missed["U2"]), "a session still to come was not held"
    assert [d.site for d in carry(path).drawn if not d.audits] == ["S2"]
    assert [e.record for e in carry(path).of("never_drawn")] == ["S2"]
    other = stored(tmp_path / "o.db", [("audit_file", "X", {"audited_until": "2026-03-10"})], base)
    (only,) = carry(other).of("uncovered")
    assert (only.record, only.why.key) == ("X", "carry.why_no_record")


EXTERNAL: Rows = [
    ("certificate", "C1", {"subject": "carbon"}),
    ("certificate", "C2", {"subject": "energy", "issued_on": "2023-05-20", "expires_on": "2026-05-19"}),
    ("certification_step", "CS1", {"certificate": "C1", "step": "stage_2", "happened_on": "2026-03-10",
                                   "team": "A9 P2 P1"}),
    ("audit_file", "AD", {"certification_step": "CS1", "standards": "t_ccaa_39", "audited_from": "2026-03-10",
                          "audited_until": "2026-03-12"}),
    ("audit_session", "T1", {"audit_file": "AD", "held_on": "2026-03-10", "session_type": "audit", "unit": "U1",
                             "clauses": "t_ccaa_39:8.1"}),
    ("audit_session", "T2", {"audit_file": "AD", "held_on": "2026-03-11", "session_type": "audit", "unit": "U2",
                             "clauses": "t_ccaa_39:7.3"}),
    ("judgement", "J1", {"ruleset": "t_ccaa_39", "address": "7.3#1", "verdict": "conforming", "made_as": "audit",
                         "judged_on": "2026-03-11", "judged_by": "P9"}),
]  # fmt: skip
BARE: Rows = [row for row in BASE if row[0] not in ("audit_scope", "internal_audit")]
SEEN_ROW = {"audit_file": "AD", "unit": "U1", "site": "S1", "clause": "8.1", "audited_on": "2026-03-10",
            "auditor": "A9", "audit_result": "符合 3"}  # fmt: skip


def test_an_external_audit_saw_what_its_results_say(tmp_path: Path) -> None:
    planned = stored(tmp_path / "p.db", EXTERNAL, BARE)
    seen = stored(tmp_path / "s.db", [*EXTERNAL, ("audit_scope", "AS1", SEEN_ROW)], BARE)
    both: list[tuple[Carried, Any]] = []
    for path in (planned, seen):
        with Store.open(path) as store:
            (audit,) = [a for a in on_record(store, ORG, ON) if a.id == "AD"]
        both.append((carry(path), audit))
    (by_plan, told), (by_result, known) = both
    assert (told.units, told.planned_units) == (("U1", "U2"), ("U1", "U2"))
    assert (known.units, known.planned_units) == (("U1",), ())
    missed = [{e.unit: set(e.clauses) for e in found.of("uncovered")} for found in (by_plan, by_result)]
    assert "8.1" not in missed[0]["U1"] | missed[1]["U1"]
    assert "7.3" not in missed[0]["U2"] and "7.3" in missed[1]["U2"], (
        "judged, but nobody is on record to have gone there"
    )
    assert [d.site for d in by_result.drawn if d.audits] == ["S1"]
    assert told.team == known.team == ("A9", "P2", "P1") and not told.doubtful
    zh = run("audits", planned, "--on", "2026-06-30", lang="zh").output
    assert "2（其中 2 个只按日程）" in zh
    value = json.loads(run("audits", planned, "--on", "2026-06-30", "--format", "json").output)["audits"][0]
    assert value["by_timetable"] == {"units": ["U1", "U2"], "clauses": ["t_ccaa_39:8.1"]}
    assert "U1 车间" in run("carry-over", planned, "--on", "2026-06-30", lang="zh").output.splitlines()[-2]


def test_only_the_cycle_of_the_audited_certificate_is_carried(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.db", EXTERNAL, BARE)
    found = carry(path)
    assert {e.record for e in found.of("certification")} <= {"C1"}
    assert set(found.others) == {"C2"} and found.others["C2"] > 2
    assert not any(e.overdue for e in found.entries)
    shown = run("carry-over", path, "--on", "2026-06-30", lang="zh")
    assert shown.return_value == 0, "what is late for another certificate is not late here"
    assert f"其他证书另有 {found.others['C2']} 项" in shown.output and "能源管理体系" not in shown.output
    energy = [row for row in EXTERNAL if row[1] != "CS1"]
    energy.append(
        (
            "certification_step",
            "CS1",
            {"certificate": "C2", "step": "surveillance", "happened_on": "2026-03-10"},
        )
    )
    turned = carry(stored(tmp_path / "o.db", energy, BARE))
    assert {e.record for e in turned.of("certification")} == {"C2"} and "C2" not in turned.others
    nobody = carry(stored(tmp_path / "n.db", EXTERNAL[:2]))
    assert {e.record for e in nobody.of("certification")} <= {"C1"} and set(nobody.others) == {"C2"}


def test_words_for_people_name_kinds(tmp_path: Path) -> None:
    rows: Rows = [
        ("nonconformity", "NC-1", {"nature": "x", "found_on": "2026-03-10", "unit": "U1", "clause": "8.1"})
    ]
    path = stored(tmp_path / "e.db", rows)
    for lang, name in (("zh", "不符合 NC-1"), ("en", "nonconformity NC-1")):
        shown = run("carry-over", path, "--on", "2026-06-30", lang=lang).output
        assert name in shown and "nonconformity:" not in shown and "corrective_action/" not in shown
        target = tmp_path / f"c.{lang}.html"
        for command in ("carry-over", "consequences"):
            run(command, path, "--on", "2026-06-30", "--format", "html", "-o", target, lang=lang)
            page = target.read_text()
            assert name in page and "nonconformity:NC" not in page
    value = json.loads(run("carry-over", path, "--on", "2026-06-30", "--format", "json").output)
    assert "corrective_action/nonconformity:NC-1" in {e["record"] for e in value["entries"]}


@pytest.mark.parametrize(
    ("kind", "text", "zh", "en"),
    [
        ("scope_statement", "topic = 'carbon' or topic is null", "体系为“碳”或体系没有记录",
         "system is “carbon” or system is not on record"),
        ("calibration", "result in ('passed', 'limited')", "结果属于(“合格”、“限用”)",
         "result is one of (“passed”, “limited use”)"),
        ("competence_record", "competent = false", "能够胜任为否", "competent is no"),
    ],
)  # fmt: skip
def test_conditions_are_told_by_their_labels(kind: str, text: str, zh: str, en: str) -> None:
    assert (condition(kind, text, "zh"), condition(kind, text, "en")) == (zh, en)
    assert condition(kind, "it's <odd> = 'x", "zh"), "what cannot be read stays as it is"


def test_every_way_of_discharge_is_told_without_a_machine_name() -> None:
    ways = [by for one in read_rules().declared for by in one.discharged_by]
    assert len(ways) > 40
    for by in ways:
        assert "_" not in way_of_discharge(by, "en")
        assert not re.search(r"[a-z_=]{2,}", way_of_discharge(by, "zh"))


def test_addresses_lose_the_key_of_the_only_standard(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.db", [*EXTERNAL, finding("X", internal_audit=None, audit="AD")], BARE)
    for command in (("carry-over", path), ("audits", path, "AD", "AD")):
        alone = run(*command, "--on", "2026-06-30", lang="zh").output
        both = run(*command, "--on", "2026-06-30", "-s", "t_ccaa_39", "-s", "machinery", lang="zh").output
        assert "8.1#1" in alone and "t_ccaa_39" not in alone and "t_ccaa_39:8.1#1" in both


def test_steps_of_certification_that_fall_due_are_carried(tmp_path: Path) -> None:
    step = {"certificate": "C1"}
    rows: Rows = [
        ("certificate", "C1", {"subject": "carbon", "issued_on": "2025-06-01", "expires_on": "2028-05-31"}),
        ("certification_step", "CS1", {**step, "step": "stage_2", "happened_on": "2025-05-01"}),
        ("certification_step", "CS2", {**step, "step": "decided", "happened_on": "2025-06-01"}),
    ]
    path = stored(tmp_path / "e.db", rows)
    late = [e for e in carry(path).of("certification") if e.overdue]
    assert [(e.record, e.due) for e in late] == [("C1", date(2026, 6, 1))]
    assert late[0].why.key == "carry.why_certification"
    assert not [e for e in carry(path, on=date(2026, 6, 1)).of("certification") if e.overdue]


def test_findings_that_cannot_be_told_are_named(tmp_path: Path) -> None:
    rows = [
        finding("N", grade=None),
        finding("D", found_on=None),
        finding("T", status="draft"),
        finding("G", "good_practice"),
    ]
    assert carry(stored(tmp_path / "e.db", rows)).unread == ("D", "N")


def test_nothing_on_record_carries_nothing(tmp_path: Path) -> None:
    found = carry(stored(tmp_path / "e.db", [], [BASE[0]]))
    assert (found.after, found.entries, found.drawn, found.settled) == (None, (), (), ())
    for lang in LANGUAGES:
        for form in ("html", "docx", "xlsx"):
            assert made(document(found, lang), form)


def test_audits_go_by_their_names(tmp_path: Path) -> None:
    rows: Rows = [
        ("certificate", "C1", {"subject": "carbon"}),
        ("certification_step", "CS1", {"certificate": "C1", "step": "surveillance", "happened_on": "2026-05-05"}),
        ("certification_step", "CS2", {"certificate": "C1", "step": "decided", "happened_on": "2026-05-20"}),
        ("certification_step", "CS3", {"certificate": "C1", "step": "recertification", "planned_on": "2028-05-05"}),
        ("audit_file", "AD", {"title": "监督审核", "certification_step": "CS1"}),
        ("audit_file", "DR", {"title": "草稿", "status": "draft"}),
        finding("X1", internal_audit=None, audit="AD"), finding("X2", internal_audit=None, audit="CS1"),
        finding("X3", internal_audit=None, audit="监督审核"), finding("X4", internal_audit=None, audit="客户 A"),
        finding("X5", internal_audit=None), finding("X6"),
    ]  # fmt: skip
    with Store.open(stored(tmp_path / "e.db", rows)) as store:
        found = on_record(store, ORG, ON)
    assert {a.id: sorted(c.finding.record for c in a.cases) for a in found} == {
        "IA1": ["X6"], "AD": ["X1", "X2", "X3"], "CS3": [], "客户 A": ["X4"], "-": ["X5"],
    }  # fmt: skip
    assert [a.id for a in found if a.done(ON)][-1] == "AD"
    for name in ("AD", "CS1", "监督审核"):
        assert audit_named(found, name).id == "AD"
    assert audit_named(found, "AD").last == date(2026, 5, 5)
    with pytest.raises(UsageError) as caught:
        audit_named(found, "没有")
    assert "客户 A" in caught.value.text("en")


def test_a_finding_altered_afterwards_stays_with_its_audit(tmp_path: Path) -> None:
    other: Rows = [("audit_file", "AD", {"audited_until": "2026-05-05"})]
    path = stored(tmp_path / "e.db", [*other, finding("X"), *steps("X", ANSWER)])
    with Store.open(path, write=True) as store:
        change = Change(PUT, *finding("X", internal_audit=None, audit="AD"))
        store.commit(ORG, [change], actor="t", at=datetime(2026, 6, 2, tzinfo=UTC))
        assert [a.id for a in on_record(store, ORG, ON) if a.cases] == ["IA1"]


# --- two audits ------------------------------------------------------------------------------------------


def side(store: Store, old: str, new: str, on: date = ON) -> Sides:
    executor = executor_for(("t_ccaa_39",))
    audits = on_record(store, ORG, on, None, executor.plan)
    two = [audit_named(audits, name) for name in (old, new)]
    return side_by_side(two[0], two[1], store, ORG, executor, DEFAULT)


def compared(path: Path, old: str, new: str) -> Sides:
    with Store.open(path) as store:
        return side(store, old, new)


EARLIER = {"internal_audit": "IA0", "found_on": "2025-03-10"}
TWO: Rows = [
    ("internal_audit", "IA0", {"audited_on": "2025-03-10", "criteria": "T/CCAA 39"}),
    ("audit_scope", "AS0", {"internal_audit": "IA0", "unit": "U2", "clause": "9.2", "audited_on": "2025-03-10",
                            "audit_result": "符合"}),
    finding("OLD", address="4.1#1", clause="4.1", **EARLIER),
    finding("BACK", address="8.1#1", **EARLIER),
    finding("STILL", address="5.2/b", clause="5.2", **EARLIER),
    finding("TYPED", address=None, ruleset=None, clause="7.5.3", **EARLIER),
    *steps("BACK", ANSWER, ACCEPT, CLOSE, start="2025-04-01"),
    finding("AGAIN", "major", address="8.1#1"),
    finding("WORSE", address="5.2/b", clause="5.2", unit="U2"),
    finding("LIKE", address="7.5.3#1", clause="7.5.3"),
    finding("NEW", address="10.2#1", clause="10.2"),
]  # fmt: skip


def test_findings_meet_by_criterion_then_clause(tmp_path: Path) -> None:
    found = compared(stored(tmp_path / "e.db", TWO), "IA0", "IA1")
    pairs = {(p.old.finding.record, p.new.finding.record): p for p in found.pairs}
    told = {names: (p.meets, p.grade, p.came_back) for names, p in pairs.items()}
    assert told == {
        ("BACK", "AGAIN"): ("criterion", 1, True),
        ("STILL", "WORSE"): ("criterion", 0, False),
        ("TYPED", "LIKE"): ("clause", 0, False),
    }
    assert [c.finding.record for c in found.only_old] == ["OLD"]
    assert [c.finding.record for c in found.only_new] == ["NEW"]
    assert found.units == (("U2",), ("U1",))
    assert found.clauses == (("t_ccaa_39:9.2",), ("t_ccaa_39:8.1",))
    assert found.verdicts is not None and (found.verdicts.old["on"], found.verdicts.new["on"]) == (
        "2025-03-10",
        "2026-03-10",
    )
    turned = compared(tmp_path / "e.db", "IA1", "IA0")
    assert {(p.new.finding.record, p.old.finding.record): p.meets for p in turned.pairs} == {
        n: t[0] for n, t in told.items()
    }


def test_findings_of_two_standards_meet_in_a_concept(tmp_path: Path) -> None:
    executor = executor_for(("t_ccaa_39", "machinery"))
    by: dict[str, dict[str, str]] = {}
    for p in executor.plan.provisions:
        for concept in p.concepts:
            by.setdefault(concept, {}).setdefault(p.ruleset, p.address)
    concept, both = next(
        (c, b) for c, b in sorted(by.items()) if len(b) == 2 and not any(o.startswith(c + ".") for o in by)
    )
    rows: Rows = [
        TWO[0],
        finding("A", address=both["t_ccaa_39"], clause="1", **EARLIER),
        finding("B", address=both["machinery"], clause="2", ruleset="machinery"),
    ]
    with Store.open(stored(tmp_path / "e.db", rows)) as store:
        audits = on_record(store, ORG, ON, None, executor.plan)
        found = side_by_side(audits[0], audits[1], store, ORG, executor, DEFAULT)
    (pair,) = found.pairs
    assert pair.meets == "concept" and concept in pair.concepts


def test_each_finding_meets_one_other_first_in_its_own_unit(tmp_path: Path) -> None:
    rows: Rows = [TWO[0], *(finding(f"O{u}", unit=u, **EARLIER) for u in ("U1", "U2"))]
    rows += [finding("A", unit="U2"), finding("N", unit="U1"), finding("Z", unit="U2")]
    found = compared(stored(tmp_path / "e.db", rows), "IA0", "IA1")
    assert {(p.old.finding.record, p.new.finding.record) for p in found.pairs} == {("OU1", "N"), ("OU2", "A")}
    assert [c.finding.record for c in found.only_new] == ["Z"]


def test_an_audit_against_itself_shows_no_difference(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.db", TWO)
    for name in ("IA0", "IA1"):
        found = compared(path, name, name)
        assert found.empty and len(found.same) == 4
    assert not compared(path, "IA0", "IA1").empty


# --- the commands ----------------------------------------------------------------------------------------


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


HOSTILE: Rows = [
    finding("EVIL", description="=cmd|'/c calc'!A1\n<script>alert(1)</script>", address="8.2#1"),
    finding("{x}", description="{on} @carry.title \x07", address="8.4#1", clause="8.4"),
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_commands_write_every_format(tmp_path: Path, lang: str) -> None:
    path = stored(tmp_path / "e.db", [*TWO, *HOSTILE])
    for words in (("carry-over", path), ("audits", path), ("audits", path, "IA0", "IA1")):
        for form in ("html", "xlsx", "docx"):
            target = tmp_path / f"{words[0]}{len(words)}.{lang}.{form}"
            options = ("--on", "2026-06-30", "--format", form, "-o")
            assert run(*words, *options, target, lang=lang).exception is None
            first = target.read_bytes()
            assert run(*words, *options, target, lang=lang).exception is None
            assert target.read_bytes() == first
            if form == "html":
                assert b"<script>alert" not in first
                assert ("&lt;script&gt;" in first.decode()) == (len(words) != 2 or words[0] == "carry-over")
            if form == "xlsx":
                book = load_workbook(BytesIO(first))
                assert not [c for s in book for r in s.iter_rows() for c in r if c.data_type == "f"]
            if form == "docx":
                assert "<script>" not in ZipFile(BytesIO(first)).read("word/document.xml").decode()


def test_exit_codes_and_wrong_words(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.db", TWO)
    assert run("carry-over", path, "--on", "2026-06-30").return_value == 1, "something is overdue"
    assert run("carry-over", path, "--on", "2025-03-10").return_value == 0
    assert run("audits", path, "--on", "2026-06-30").return_value == 0
    assert run("audits", path, "IA0", "IA1", "--on", "2026-06-30").return_value == 1, "one came back"
    assert run("audits", path, "IA1", "IA1", "--on", "2026-06-30").return_value == 0
    for words, key in (
        (("audits", path, "IA0"), "carry.two_names"),
        (("audits", path, "IA0", "?"), "carry.no_audit"),
        (("carry-over", path, "--after", "?"), "carry.no_audit"),
        (("carry-over", path, "--after", "IA1", "--on", "2026-03-09"), "carry.not_over"),
        (("carry-over", path, "--format", "html"), "cli.output_needed"),
        (("carry-over", path, "-o", path), "cli.target_is_store"),
    ):
        error = run(*words).exception
        assert isinstance(error, ShallError) and error.key == key
        assert all(len(error.text(lang)) > 10 for lang in LANGUAGES)


def test_the_json_is_the_same_in_both_languages_and_as_known(tmp_path: Path) -> None:
    path = stored(tmp_path / "e.db", TWO)
    words = ("--on", "2026-06-30", "--format", "json")
    with Store.open(path) as store:
        known = store.position()[0]
    for command in (("carry-over", path), ("audits", path, "IA0", "IA1")):
        before = [run(*command, *words, lang=lang).output for lang in LANGUAGES]
        assert before[0] == before[1]
        with Store.open(path, write=True) as store:
            change = Change(PUT, *finding(f"LATE{len(command)}", address="9.3.1#1"))
            store.commit(ORG, [change], actor="t", at=datetime(2026, 6, 2, tzinfo=UTC))
        assert run(*command, *words).output != before[0]
        assert run(*command, *words, "--known", known).output == before[0] or len(command) == 4
    value = json.loads(before[0])
    assert re.fullmatch(r"[0-9a-f]{64}", value["receipt"]["result"])


def test_a_checklist_names_disputes_and_follow_up_duties(tmp_path: Path) -> None:
    rows: Rows = [
        finding("F8"), *steps("F8", DISPUTE),
        ("nonconformity", "NC-1", {"nature": "x", "found_on": "2026-03-10", "unit": "U1", "clause": "8.1"}),
    ]  # fmt: skip
    path = stored(tmp_path / "e.db", rows)
    duties = {e.record: e for e in carry(path).of("consequence")}
    with Store.open(path) as store:
        items = left_open(store, ORG, ON, store.position()[0], "zh").items
    assert duties and {i.record for i in items} == {"F8", *duties}
    (dispute,) = [i for i in items if i.record == "F8"]
    assert "有异议待裁定" in dispute.text
    for name, duty in duties.items():
        stands = [i for i in items if i.record == name]
        assert {f"{i.ruleset}:{i.address or i.clause}" for i in stands} == set(duty.clauses)
        assert len({i.text for i in stands}) == 1 and {i.unit for i in stands} == {duty.unit}
    plan = executor_for(("t_ccaa_39",)).plan
    earlier = Earlier(items)
    asked = [(p, earlier.for_row([p], None, [None])) for p in plan.provisions]
    assert any("NC-1" in text for _, text in asked)
    assert all(text.count("NC-1") <= len(duties) for _, text in asked)
    assert len(set(Earlier(items).loose(None))) == len(Earlier(items).loose(None)) == 1 + len(duties)


def test_three_hundred_findings(tmp_path: Path) -> None:
    rows = [finding(f"F{n:03d}", address=f"8.1#{n}", description="很长的描述" * 20) for n in range(300)]
    path = stored(tmp_path / "e.db", rows)
    found = carry(path)
    assert len(found.of("open_finding")) == 300
    assert made(document(found, "zh"), "docx")
    assert run("carry-over", path, "--on", "2026-06-30").output.count("F") >= 300
