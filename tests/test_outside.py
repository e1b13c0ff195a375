"""External audits: whose steps count; deadlines that a late action hides not; extensions; wording a statement."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from shall.engine.audit.calendar import calendar
from shall.engine.audit.deadlines import action_due, close_due, due, extensions
from shall.engine.audit.finding_view import graded_by
from shall.engine.audit.history import GENERATED, Draft, may_take, one, raise_findings, take
from shall.engine.audit.lifecycle import Case, Refused
from shall.engine.audit.wording import word
from shall.engine.cli import shall
from shall.engine.grading import DEFAULT
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import ShallError, UsageError

ORG, F = "ORG-1", "F-2026-001"
AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
FOUND = date(2026, 3, 2)


def put(kind: str, record: str, **body: Any) -> Change:
    return Change(PUT, kind, record, body)


ABLE = {"competent": True, "competence_evaluated_on": "2026-01-05"}
RECORDS = [
    put("organisation", ORG, name="甲厂"),
    *(put("unit", f"U{n}", name=f"部门 {n}") for n in (1, 2, 9)),
    put("person", "P1", unit="U1", name="张一"),
    put("person", "P2", unit="U1", name="李二", is_external=False),
    put("person", "P9", unit="U9", name="内审", is_external=False),
    put("person", "PB", name="机构的人", is_external=True),
    put("person", "PT", name="组员"),
    put("person", "PQ", name="不明"),
    put("person", "PC", name="驻厂顾问", unit="U9", is_external=True),
    put("auditor", "AI", person="P9", **ABLE),
    put("auditor", "AB", person="PB", **ABLE),
    put("auditor", "AT", person="PT", **ABLE),
    put("auditor", "AQ", person="PQ", **ABLE),
    put("auditor", "AC", person="PC", **ABLE),
    put("auditor", "AN", name="外聘", **ABLE),
    put("auditor", "AU", name="本厂", unit="U9", **ABLE),
    put("auditor", "AS", name="内 审", **ABLE),
    put("auditor", "AE", name="做过咨询", **ABLE),
    put("auditor", "AX", name="内审", external_body=True, **ABLE),
    put("auditor", "AH", name="聘来的内审员", external_body=False, **ABLE),
    put("audit_file", "AD", title="监督审核", audit_type="surveillance", certification_step="CS"),
    put("audit_team_member", "TM1", audit_file="AD", auditor="AN", team_role="lead"),
    put("audit_team_member", "TM2", audit_file="AD", auditor="AT", team_role="auditor"),
    put("audit_team_member", "TM3", audit_file="AD", auditor="AQ", team_role="guide"),
]
BODY = {
    "found_on": FOUND,
    "grade": "major",
    "ruleset": "t_ccaa_39",
    "address": "6.3#1",
    "clause": "6.3",
    "unit": "U1",
    "auditor": "AN",
    "audit": "AD",
    "origin": "certification",
    "description": "变更没有策划",
}
ANSWERED = Draft(
    "answered",
    date(2026, 3, 9),
    "P1",
    correction="a",
    cause="b",
    action="c",
    owner="P2",
    due_on=date(2026, 4, 9),
)
REVIEWED = Draft("reviewed", date(2026, 3, 10), "AN", outcome="accepted")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("outside") / "s.db"
    with Store.create(path, actor_default="test") as store:
        store.commit(ORG, RECORDS, actor="test", at=AT)
        assert raise_findings(store, ORG, [BODY], actor="test", at=AT) == [F]
    return path


@pytest.fixture
def path(begun: Path, tmp_path: Path) -> Path:
    shutil.copy(begun, tmp_path / "s.db")
    return tmp_path / "s.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, write=True) as opened:
        yield opened


def commit(store: Store, *changes: Change) -> None:
    store.commit(ORG, list(changes), actor="x", at=AT)


def taken(store: Store, *drafts: Draft, record: str = F, **closing: str) -> Case:
    rules = {**DEFAULT.closing, **closing}
    for draft in drafts:
        case = take(store, ORG, record, draft, closing=rules, actor="x", at=AT)
    return case


def refusal(store: Store, draft: Draft) -> Refused:
    before = store.position()
    with pytest.raises(Refused) as caught:
        taken(store, draft)
    assert store.position() == before
    for lang in LANGUAGES:
        assert "{" not in caught.value.text(lang)
    return caught.value


# Whose steps count


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("AI", "client_person"),
        ("P9", "client_person"),
        ("AC", "client_person"),  # external, but working in a unit
        ("AU", "client_person"),
        ("AH", "client_person"),  # hired by the organisation, not sent by the body
        ("AQ", "outside_unclear"),  # a guide is no member of the team
        ("AS", "outside_unclear"),  # bears the name of one of the organisation's people
    ],
)
def test_the_organisations_own_people_take_no_auditors_step(by: str, key: str, store: Store) -> None:
    taken(store, ANSWERED)
    assert refusal(store, replace(REVIEWED, by=by)).key == f"audit.{key}"
    regrade = Draft("regraded", date(2026, 3, 10), by, grade="minor", reason="x")
    assert refusal(store, regrade).key == f"audit.{key}"


@pytest.mark.parametrize("by", ["AN", "AB", "PB", "AT", "AX"])
def test_the_bodys_people_do(by: str, store: Store) -> None:
    assert taken(store, ANSWERED, replace(REVIEWED, by=by)).state == "accepted"


def test_every_auditors_step_is_held_to_it(store: Store) -> None:
    day = date(2026, 3, 20)
    told = {"reason": "seen"}
    steps = [
        replace(REVIEWED),
        Draft("implemented", day, "P2"),
        Draft("implementation_verified", day, "AN", outcome="confirmed", **told),  # type: ignore[arg-type]
        Draft("effectiveness_verified", day, "AN", outcome="confirmed", **told),  # type: ignore[arg-type]
        Draft("closed", day, "AN"),
    ]
    taken(store, ANSWERED)
    for draft in steps:
        if draft.by == "AN":
            assert refusal(store, replace(draft, by="AI")).key == "audit.client_person"
        taken(store, draft)
    assert one(store, ORG, F).case.state == "closed"


@pytest.mark.parametrize(
    ("by", "key"), [("P9", "client_person"), ("PQ", "outside_unclear"), ("AN", "team_decides")]
)
def test_a_dispute_is_decided_by_the_body_outside_the_team(by: str, key: str, store: Store) -> None:
    taken(store, Draft("disputed", date(2026, 3, 9), "P1", reason="no"))
    decide = Draft("dispute_decided", date(2026, 3, 10), by, outcome="withdrawn", reason="y")
    assert refusal(store, decide).key == f"audit.{key}"
    assert taken(store, replace(decide, by="PB")).state == "withdrawn"


@pytest.mark.parametrize(
    ("tie", "barred"),
    [
        ({}, True),  # without an end it lasts
        ({"period_until": "2024-03-11"}, True),
        ({"period_until": "2024-03-10"}, False),  # 24 months to the day
        ({"valid_until": "2025-08-07"}, True),
        ({"period_from": "2026-03-11"}, False),
        ({"unit": "U2", "whole_organisation": False}, False),
        ({"unit": "U1", "whole_organisation": False}, True),
        ({"unit": "U2", "whole_organisation": True}, True),
        ({"status": "withdrawn"}, False),
    ],
)
def test_a_tie_bars_for_two_years(tie: dict[str, Any], barred: bool, store: Store) -> None:
    commit(store, put("auditor_engagement", "EN", auditor="AE", engagement="consultancy", **tie))
    taken(store, ANSWERED)
    draft = replace(REVIEWED, by="AE")
    if barred:
        error = refusal(store, draft)
        assert error.key == "audit.engaged" and "EN" in error.text("zh") and "EN" in error.text("en")
    else:
        assert taken(store, draft).state == "accepted"


@pytest.mark.parametrize(
    ("finding", "file", "external"),
    [
        ({"origin": "internal"}, {"audit_type": "surveillance"}, True),  # the audit file says what it is
        ({"origin": "certification"}, {"audit_type": "internal"}, False),
        ({"origin": None}, {"certification_step": "CS"}, True),
        ({"origin": "customer", "audit": "甲方审核"}, {}, True),
        ({"origin": None, "audit": "甲方审核"}, {}, False),
        ({"origin": None, "audit": "监督审核"}, {"title": "监督审核", "audit_type": "customer"}, True),
        ({"origin": None, "audit": None, "internal_audit": "IA"},
         {"internal_audit": "IA", "audit_type": "internal"}, False),
    ],
)  # fmt: skip
def test_which_audit_is_external(
    finding: dict[str, Any], file: dict[str, Any], external: bool, store: Store
) -> None:
    commit(store, put("internal_audit", "IA"), put("audit_file", "AD", **file))
    body = {k: v for k, v in {**BODY, **finding}.items() if v is not None}
    commit(store, put("audit_finding", F, **body))
    commit(store, put("auditor_engagement", "EN", auditor="AI", engagement="employment"))
    taken(store, ANSWERED)
    if external:
        assert refusal(store, replace(REVIEWED, by="AI")).key == "audit.client_person"
    else:
        assert taken(store, replace(REVIEWED, by="AI")).state == "accepted"


def test_imported_steps_of_somebody_not_entitled_are_told_and_do_not_count(store: Store) -> None:
    steps = [
        put("finding_event", f"{F}.001", finding=F, event="answered", happened_on="2026-03-09", person="P1",
            correction="a", cause="b", action="c", owner="P2", due_on="2026-04-09"),
        put("finding_event", f"{F}.002", finding=F, event="reviewed", happened_on="2026-03-10", auditor="AI",
            outcome="accepted"),
        put("finding_event", f"{F}.003", finding=F, event="closed", happened_on="2026-03-11", auditor="AI"),
    ]  # fmt: skip
    commit(store, *steps)
    standing = one(store, ORG, F)
    assert standing.case.state == "answered"
    assert [e.key for _, e in standing.folded.refused] == ["audit.client_person", "audit.major_unverified"]


def test_the_origin_cannot_be_changed_afterwards(store: Store) -> None:
    commit(store, put("audit_finding", F, **{**BODY, "audit": "甲方审核"}))
    taken(store, ANSWERED)
    commit(store, put("audit_finding", F, **{**BODY, "audit": "甲方审核", "origin": "internal"}))
    assert refusal(store, replace(REVIEWED, by="AI")).key == "audit.client_person"
    assert one(store, ORG, F).altered


def test_nor_do_they_raise_findings_of_such_an_audit(store: Store) -> None:
    (error,) = raise_findings(store, ORG, [{**BODY, "auditor": "AI", "unit": "U2"}], actor="x", at=AT)
    assert isinstance(error, Refused) and error.key == "audit.client_person"


# Deadlines


LATE = replace(ANSWERED, due_on=date(2027, 12, 31))


def extended(on: date, until: date) -> Draft:
    return Draft("extended", on, "AN", due_on=until, reason="parts")


def test_a_late_action_does_not_hide_the_close(store: Store) -> None:
    case, days = taken(store, LATE, REVIEWED), calendar()
    close = days.after(FOUND, DEFAULT.deadlines["major"]["close"]).day
    coming = due(case, DEFAULT, days)
    assert coming is not None and (coming.what, coming.on) == ("close", close)
    assert action_due(case) == date(2027, 12, 31)
    granted = taken(store, extended(date(2026, 3, 11), date(2027, 12, 31)))
    coming = due(granted, DEFAULT, days)
    assert coming is not None and (coming.what, coming.on) == ("action", date(2027, 12, 31))
    assert close_due(granted, DEFAULT, days).on == date(2027, 12, 31)


def test_an_extension_before_the_close_leaves_the_close(store: Store) -> None:
    case, days = taken(store, ANSWERED, REVIEWED), calendar()
    before = close_due(case, DEFAULT, days).on
    after = taken(store, extended(date(2026, 3, 11), date(2026, 4, 20)))
    assert close_due(after, DEFAULT, days).on == before
    assert action_due(after) == date(2026, 4, 20)


@pytest.mark.parametrize(("on", "late"), [(date(2026, 4, 9), 0), (date(2026, 4, 12), 3)])
def test_an_extension_asked_after_the_day_is_told_as_late(on: date, late: int, store: Store) -> None:
    case = taken(store, ANSWERED, REVIEWED, extended(on, date(2026, 5, 1)))
    (one_,) = extensions(case, DEFAULT, calendar())
    assert (one_.before and one_.before.on, one_.late) == (date(2026, 4, 9), late)
    assert ("3 days after" in one_.text("en")) is bool(late)
    assert ("3 天才申请" in one_.text("zh")) is bool(late)


# What may come next


@pytest.mark.parametrize(("least", "offered"), [("effectiveness_verified", False), ("accepted", True)])
def test_a_close_is_offered_only_where_the_policy_lets_it(least: str, offered: bool, store: Store) -> None:
    (record,) = raise_findings(store, ORG, [{**BODY, "grade": "minor", "address": "6.3#2"}], actor="x", at=AT)
    case = taken(store, ANSWERED, REVIEWED, record=str(record))
    closing = {**DEFAULT.closing, "minor": least}
    assert ("closed" in may_take(case, closing)) is offered
    verify = Draft("effectiveness_verified", date(2026, 3, 11), "AN", outcome="confirmed", reason="x")
    with pytest.raises(Refused) as caught:
        taken(store, verify, record=str(record), minor=least)
    assert ("closed" in str(caught.value.fields["allowed"])) is offered


# Wording


def test_an_auditor_words_a_generated_statement_before_the_answer(store: Store) -> None:
    commit(store, put("audit_finding", F, **BODY, evidence="unit:U1", note=f"kept; {GENERATED}"))
    assert one(store, ORG, F).case.finding.generated
    told = {"actor": "x", "at": AT}

    def worded(by: str, statement: str = "三项变更没有策划", on: date = date(2026, 3, 3)) -> None:
        word(store, ORG, F, statement, None, by, on, **told)  # type: ignore[arg-type]

    for by, key in (("AI", "client_person"), ("P1", "client_person"), ("Z", "unknown_actor")):
        with pytest.raises(Refused) as caught:
            worded(by)
        assert caught.value.key == f"audit.{key}"
    with pytest.raises(Refused) as caught:
        worded("AN", on=date(2026, 3, 1))
    assert caught.value.key == "audit.too_early"
    with pytest.raises(UsageError):
        worded("AN", "  ")
    worded("AN")
    standing = one(store, ORG, F)
    assert not standing.case.finding.generated and standing.altered == ()
    assert (standing.case.finding.description, standing.case.finding.evidence) == (
        "三项变更没有策划",
        "unit:U1",
    )
    note = str(standing.raw["note"])
    assert note.startswith("kept; ") and "AN" in note and "2026-03-03" in note
    assert [r.body["description"] for r in store.history(ORG, "audit_finding", F)][-2:] == [
        "变更没有策划",
        "三项变更没有策划",
    ]
    taken(store, ANSWERED)
    with pytest.raises(Refused) as caught:
        worded("AN")
    assert caught.value.key == "audit.not_allowed"
    for lang in LANGUAGES:
        assert "{" not in caught.value.text(lang)


def test_what_a_grade_rests_on_is_said_in_words() -> None:
    assert graded_by("checklist:58287a4b", DEFAULT, "zh") == "审核员判定（现场检查表）"
    rule = DEFAULT.rules[0]
    assert rule.says["en"] in graded_by(f"{DEFAULT.key}:{rule.name}", DEFAULT, "en")
    assert graded_by("other:x", DEFAULT, "en") == "other:x"
    assert graded_by(None, DEFAULT, "en") == ""


# Commands and papers


def run(*words: object) -> Result:
    return CliRunner().invoke(shall, [str(w) for w in words], standalone_mode=False)


def test_a_step_says_that_the_action_ends_after_the_close_and_show_has_a_day(
    store: Store, path: Path
) -> None:
    taken(store, LATE)
    reviewed = run("finding", "review", path, F, "--by", "AN", "--on", "2026-03-10", "--accept")
    assert reviewed.exception is None and "晚于关闭期限" in reviewed.output
    shown = run("finding", "show", path, F, "--on", "2026-03-09")
    assert "P1" in shown.output and "评审答复：接受" not in shown.output
    assert "评审答复：接受" in run("finding", "show", path, F, "--on", "2026-03-10").output
    early = run("finding", "show", path, F, "--on", "2026-03-01").exception
    assert isinstance(early, ShallError) and early.key == "audit.not_raised_yet"


def test_a_generated_statement_is_marked_until_it_is_worded(store: Store, path: Path) -> None:
    commit(store, put("audit_finding", F, **BODY, note=GENERATED))
    mark = {"zh": "由记录生成", "en": "generated from records"}
    for lang in LANGUAGES:
        for words in (("show", path, F), ("list", path)):
            assert mark[lang] in run("--lang", lang, "finding", *words).output
    done = run("finding", "word", path, F, "--statement", "=1+1", "--by", "AN", "--on", "2026-03-03")
    assert done.exception is None
    shown = run("finding", "show", path, F).output
    assert "=1+1" in shown and mark["zh"] not in shown
    assert mark["zh"] not in run("finding", "list", path).output


@pytest.mark.parametrize("name", ["corrective-action-form", "nonconformity-report"])
def test_papers_show_the_day_in_force_with_every_extension(
    name: str, store: Store, path: Path, tmp_path: Path
) -> None:
    commit(store, put("audit_finding", F, **BODY, graded_by="checklist:58287a4b"))
    taken(store, ANSWERED, REVIEWED, extended(date(2026, 4, 12), date(2026, 5, 1)))
    to = tmp_path / "p.docx"
    made = run("document", name, path, "--finding", F, "--on", "2026-04-20", "-o", to)
    assert made.exception is None
    text = re.sub(r"<[^>]+>", " ", ZipFile(to).read("word/document.xml").decode())
    assert "2026-05-01" in text and "2026-04-09 延至 2026-05-01；期限过后 3 天才申请" in text
    assert "parts" in text and "审核员判定（现场检查表）" in text and "58287a4b" not in text
    alone = re.findall(r"措施完成期限\s+(\S+)", text)
    assert alone and set(alone) == {"2026-05-01"}


def test_the_report_says_yes_or_no_of_the_effect(store: Store, path: Path, tmp_path: Path) -> None:
    day = date(2026, 3, 20)
    seen = Draft("implementation_verified", day, "AN", outcome="confirmed", reason="seen")
    works = replace(seen, event="effectiveness_verified", outcome="not_confirmed")
    taken(store, ANSWERED, REVIEWED, Draft("implemented", day, "P2"), seen, works)
    to = tmp_path / "p.docx"
    assert run("document", "nonconformity-report", path, "--finding", F, "-o", to).exception is None
    text = re.sub(r"<[^>]+>", "", ZipFile(to).read("word/document.xml").decode())
    assert "是否有效：否" in text and "是否有效：是" not in text


def test_what_the_engine_words_is_marked_when_raised_and_the_audit_says_the_origin(
    store: Store, path: Path
) -> None:
    told = ("--auditor", "AN", "--on", "2026-03-05")
    found = run("finding", "raise", path, "--all", "--audit", "AD", *told)
    assert found.exception is None
    made = [f for f in store.records("audit_finding", ORG) if f["id"] != F]
    assert made and {(f["origin"], f["note"]) for f in made} == {("certification", GENERATED)}
    address = made[0]["address"]
    own = ("--statement", "没有做", "--evidence", "看过")
    assert run("finding", "raise", path, address, "--unit", "U2", *own, *told).exception is None
    worded = store.records("audit_finding", ORG)[-1]
    assert worded["description"] == "没有做"
    assert worded.get("note") is None and worded.get("origin") is None  # no audit named: none is told
