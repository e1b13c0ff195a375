"""Nonconformity report, corrective-action form, management review: held against the store they were made from."""

import html
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.audit.history import Draft, raise_findings, take
from shall.engine.cli import shall
from shall.engine.grading import DEFAULT
from shall.engine.papers.catalogue import made, paper
from shall.engine.papers.layout import Ask, Fields, Rows, Text
from shall.engine.papers.render import at
from shall.engine.papers.review_topics import TOPICS
from shall.engine.reports.view import clean
from shall.engine.samples import sample_folder
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, Lang
from shall.texts.errors import ShallError, UsageError

ORG, AT, AUDIT = "YLZG", datetime(2026, 10, 1, tzinfo=UTC), "2026 年监督审核"
ON = date(2026, 9, 30)
ASK = Ask(ORG, ON, audit=AUDIT)
FINDINGS = ("nonconformity-report", "corrective-action-form")
REVIEWS = ("management-review-input", "management-review-output")
MINE = (*FINDINGS, *REVIEWS)
ANSWER = ("correction", "cause", "action", "owner", "due_on")
HOSTILE = "=1+1 <w:t>&amp;</w:t> <b>x</b> & \x07 \x0b \u202e {{ 7*7 }} {% raw %} ]]> \"'"


def finding(address: str, grade: str = "minor", **more: Any) -> dict[str, object]:
    told = {"description": f"statement {address}", "evidence": "change:CH-04, person:P14", "unit": "U-02"}
    rule = f"iso_17021_1:{'whole_clause_absent' if grade == 'major' else 'default'}"
    body = {"ruleset": "t_ccaa_39", "address": address, "clause": re.split("[#/]", address)[0]}
    common = {
        "grade": grade,
        "graded_by": rule,
        "auditor": "AU-01",
        "audit": AUDIT,
        "found_on": date(2026, 6, 30),
    }
    return {**body, **common, **told, "cause": "what the auditor thinks", **more}


def answered(on: date, cause: str = "nobody was named", **more: Any) -> Draft:
    told = {"correction": "plan it now", "cause": cause, "action": "name somebody", "owner": "P04"}
    return Draft("answered", on, "P03", **{**told, "due_on": date(2026, 8, 10), **more})


LIFE = (
    answered(date(2026, 7, 6), cause="we forgot"),
    Draft("reviewed", date(2026, 7, 8), "AU-02", outcome="rejected", reason="why was it forgotten?"),
    answered(date(2026, 7, 13)),
    Draft("reviewed", date(2026, 7, 15), "AU-02", outcome="accepted"),
    Draft("extended", date(2026, 8, 7), "AU-02", due_on=date(2026, 8, 21), reason="holidays"),
    Draft("implemented", date(2026, 8, 19), "P04", reason="somebody is named"),
    Draft(
        "implementation_verified", date(2026, 8, 25), "AU-02", outcome="confirmed", reason="appointment seen"
    ),
    Draft(
        "effectiveness_verified",
        date(2026, 9, 15),
        "AU-02",
        outcome="confirmed",
        reason="two changes planned",
    ),
    Draft("closed", date(2026, 9, 16), "AU-02"),
)
STORIES: dict[str, tuple[Draft, ...]] = {
    "F-2026-001": LIFE,
    "F-2026-002": (Draft("disputed", date(2026, 7, 3), "P03", reason="it is in the minutes"),),
    "F-2026-003": (
        Draft("regraded", date(2026, 7, 2), "AU-02", grade="major", reason="worse than it looked"),
    ),
    "F-2026-004": (
        answered(date(2026, 7, 6), owner="P06"),
        Draft("reviewed", date(2026, 7, 8), "AU-02", outcome="rejected", reason="no cause"),
    ),
    "F-2026-005": (
        Draft("disputed", date(2026, 7, 3), "P03", reason="a record exists"),
        Draft("dispute_decided", date(2026, 7, 10), "P02", outcome="withdrawn", reason="record seen"),
    ),
}
BODIES = (
    finding("6.3#1", "major"),
    finding("7.2/b"),
    finding("8.1#2"),
    finding("4.4.2#1"),
    finding("8.4/a"),
    finding("9.1.1#6"),
)


def put(store: Store, kind: str, *bodies: dict[str, Any]) -> None:
    changes = [Change(PUT, kind, str(body["id"]), body) for body in bodies]
    store.commit(ORG, changes, actor="t", at=AT)


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company after a surveillance audit with findings in every state."""
    path = tmp_path_factory.mktemp("papers") / "s.db"
    with sample_folder("machinery_maker") as folder, Store.create(path) as store:
        import_batch(store, ORG, read_evidence(folder), actor="t", at=AT)
        assert raise_findings(store, ORG, BODIES, actor="t", at=AT) == [f"F-2026-00{n}" for n in range(1, 7)]
        for record, story in STORIES.items():
            for draft in story:
                take(store, ORG, record, draft, closing=DEFAULT.closing, actor="t", at=AT)
    return path


@pytest.fixture
def store(driven: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(driven, tmp_path / "s.db")
    with Store.open(tmp_path / "s.db", write=True) as opened:
        yield opened


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Store]:
    """An organisation of which hardly anything is on record."""
    with Store.create(tmp_path / "bare.db") as opened:
        put(opened, "organisation", {"id": ORG})
        put(opened, "management_review", {"id": "MR-0", "reviewed_on": "2026-05-01"})
        yield opened


@contextmanager
def refused(key: str) -> Iterator[None]:
    with pytest.raises(UsageError) as told:
        yield
    assert told.value.key == key


def report(store: Store, lang: Lang = "en", **more: Any) -> dict[str, Any]:
    return paper("nonconformity-report").context(store, Ask(ORG, ON, **more), lang)


def one(store: Store, record: str, lang: Lang = "en", name: str = "nonconformity-report") -> dict[str, Any]:
    found: list[dict[str, Any]] = paper(name).context(store, Ask(ORG, ON, finding=record), lang)["findings"]
    assert [f["number"] for f in found] == [record]
    return found[0]


def named(page: dict[str, Any]) -> set[str]:
    """The fields of an item, those of groups too."""
    groups = {f"{name}.{k}" for name, value in page.items() if isinstance(value, dict) for k in value}
    return set(page) | groups


def given_input(store: Store, lang: Lang = "en", on: date = ON, **more: Any) -> dict[str, Any]:
    return paper("management-review-input").context(store, Ask(ORG, on, **more), lang)


def topic(store: Store, name: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = given_input(store, **more)["topics"][name]
    return found


# --- fields and layouts --------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MINE)
def test_every_path_of_a_layout_is_there_with_and_without_records(
    name: str, lang: Lang, store: Store, bare: Store
) -> None:
    layout = paper(name).layout
    assert layout.name == name
    for opened, ask in ((store, ASK), (bare, Ask(ORG, ON)), (store, Ask(ORG, ON))):
        context = paper(name).context(opened, ask, lang)
        for part in layout.parts:
            for item in at(context, part.each) if part.each else [None]:
                for block in part.blocks:
                    scope = {**context, "item": item}
                    match block:
                        case Fields():
                            assert all(isinstance(at(scope, f.path), str) for f in block.fields)
                        case Text():
                            assert isinstance(at(scope, block.path), str)
                        case Rows():
                            cells = [at(r, c.path) for r in at(scope, block.path) for c in block.columns]
                            assert all(isinstance(cell, str) for cell in cells)
        for form in ("html", "xlsx", "docx"):
            assert made(layout, context, lang, form)


def test_fields_do_not_depend_on_what_is_on_record(store: Store, bare: Store) -> None:
    """A template of a body's own names the same fields for every finding and every review."""
    pages = report(store)["findings"]
    assert len(pages) == 7 and all(named(page) == named(pages[0]) for page in pages)
    full, empty = (given_input(opened) for opened in (store, bare))
    assert set(full["topics"]) == set(empty["topics"]) == set(TOPICS)
    assert named(full) == named(empty)


@pytest.mark.parametrize("name", MINE)
def test_the_same_store_gives_the_same_bytes(name: str, store: Store) -> None:
    for form in ("html", "docx", "xlsx", "pdf"):
        first, second = (
            made(paper(name).layout, paper(name).context(store, ASK, "zh"), "zh", form) for _ in "12"
        )
        assert first == second


# --- nonconformity report ------------------------------------------------------------------------


def test_a_report_has_what_was_raised_and_by_which_rule(store: Store) -> None:
    page = one(store, "F-2026-001")
    assert page["standard"] == {
        "number": "T/CCAA 39—2022",
        "title": "Management system for carbon — Requirements",
        "edition": "2022",
    }
    assert (page["address"], page["clause"]) == ("6.3#1", "6.3 Planning of changes")
    assert page["asks"] == "changes of the system are carried out as planned"
    assert page["statement"] == "statement 6.3#1" and page["evidence"] == "change:CH-04, person:P14"
    assert (page["unit"], page["auditor"], page["found_on"]) == (
        "碳管理办公室 (U-02)",
        "钱素云 (P11)",
        "2026-06-30",
    )
    assert (page["grade"], page["graded_by"]) == ("major", "iso_17021_1:whole_clause_absent")
    assert page["rule"].startswith("every decidable shall provision")
    assert page["audit"] == AUDIT
    assert one(store, "F-2026-001", "zh")["asks"] == "体系变更按策划实施"


def test_the_auditors_own_words_stay_where_they_are_not_our_gist(store: Store) -> None:
    body = next(b for b in store.records("audit_finding", ORG) if b["id"] == "F-2026-006")
    criterion = "体系变更按策划实施\nt_ccaa_39:6.3/b 考虑体系是否仍完整\n自己的话"
    put(store, "audit_finding", {**body, "criterion": criterion, "address": "6.3#1"})
    page = one(store, "F-2026-006")
    lines = page["asks"].split("\n")
    assert lines[0] == "changes of the system are carried out as planned"
    assert page["further"].startswith("T/CCAA 39—2022 6.3/b: ") and page["further"][15:].isascii()
    assert lines[1:] == ["自己的话"]


def test_cited_records_are_shown_as_they_stood_when_the_finding_was_raised(store: Store) -> None:
    before = one(store, "F-2026-001")["evidence_records"]
    assert [r["record"] for r in before] == ["change (CH-04)", "person (P14)"]
    assert "organisation" in before[0]["says"]
    change = next(b for b in store.records("change", ORG) if b["id"] == "CH-04")
    put(store, "change", {**change, "title": "rewritten afterwards"})
    assert one(store, "F-2026-001")["evidence_records"] == before


def test_the_whole_life_is_told(store: Store) -> None:
    page = one(store, "F-2026-001")
    assert [page["answer"][name] for name in ANSWER] == [
        "plan it now",
        "nobody was named",
        "name somebody",
        "高文倩 (P04)",
        "2026-08-10",
    ]
    assert page["answer"]["on"] == "2026-07-13" and page["review"]["outcome"] == "accepted"
    assert page["implemented"]["said"] == "2026-08-19, 高文倩 (P04)\nsomebody is named"
    assert page["implementation"]["reason"] == "appointment seen"
    assert page["effectiveness"] == {
        "said": "confirmed, 2026-09-15, 陶立新 (P05)\ntwo changes planned",
        "on": "2026-09-15",
        "by": "陶立新 (P05)",
        "outcome": "confirmed",
        "reason": "two changes planned",
    }
    assert page["closed"]["on"] == "2026-09-16"
    events = [e for e in store.records("finding_event", ORG) if e["finding"] == "F-2026-001"]
    assert [row["on"] for row in page["history"]] == ["2026-06-30", *(e["happened_on"] for e in events)]
    assert [row["number"] for row in page["history"]] == [str(n) for n in range(len(LIFE) + 1)]
    assert "we forgot" in page["history"][1]["brought"]
    assert page["due"] == {
        "answer": "2026-07-29",  # 15 working days from the day the first answer was sent back
        "review": "2026-07-27",
        "action": "2026-08-21",
        "close": "2026-09-21",
        "extended": (
            "2026-08-07 陶立新 (P05): action completed: from 2026-08-10 to 2026-08-21\nreason: holidays"
        ),
        "next": "nothing is due",
    }
    own = page["own"][0]
    assert own["record"] == "NC-F-2026-001" and own["cause"] == "nobody was named"
    void, standing = own["actions"].split("\n")
    assert void.startswith("CA-F-2026-001-1 (void") and standing.startswith("CA-F-2026-001-2: ")


def test_before_an_answer_neither_cause_nor_action_is_anywhere(store: Store) -> None:
    """Not even what an auditor wrote in the finding's own column: whoever audits suggests no cause."""
    for name in FINDINGS:
        for lang in LANGUAGES:
            context = paper(name).context(store, Ask(ORG, ON, finding="F-2026-006"), lang)
            page = context["findings"][0]
            assert {page["answer"][part] for part in (*ANSWER, "on", "by")} == {""}
            assert page["history"][0]["number"] == "0" and len(page["history"]) == 1
            assert "auditor thinks" not in made(paper(name).layout, context, lang, "html").decode()


def test_a_report_of_an_earlier_day_knows_no_later_answer(store: Store) -> None:
    context = paper("nonconformity-report").context(
        store, Ask(ORG, date(2026, 7, 9), finding="F-2026-001"), "en"
    )
    page = context["findings"][0]
    assert page["state"] == "sent back" and page["answer"]["cause"] == "we forgot"
    assert page["due"]["next"] == "answer, 2026-07-29"
    context = paper("nonconformity-report").context(
        store, Ask(ORG, date(2026, 7, 14), finding="F-2026-001"), "en"
    )
    page = context["findings"][0]
    assert page["answer"]["cause"] == "nobody was named"
    assert page["review"]["said"] == "not yet"  # the first answer's review says nothing about this one
    with refused("papers_more.not_found_yet"):
        paper("nonconformity-report").context(store, Ask(ORG, date(2026, 6, 1), finding="F-2026-001"), "en")


def test_disputes_are_told_with_who_and_why_and_what_was_decided(store: Store) -> None:
    context = report(store, audit=AUDIT)
    assert [n["text"] for n in context["paper"]["notices"]] == ["1 disputed, not yet decided: F-2026-002."]
    pages = {page["number"]: page for page in context["findings"]}
    standing, withdrawn, none = (pages[f"F-2026-00{n}"]["dispute"] for n in (2, 5, 6))
    assert standing["open"] and standing["reason"] == "it is in the minutes" and standing["decided_on"] == ""
    assert (standing["on"], standing["by"]) == ("2026-07-03", "宋启明 (P03)")
    assert not withdrawn["open"] and withdrawn["decided_by"] == "罗晓岚 (P02)"
    assert (
        withdrawn["said"].splitlines()[0] == "disputed, decision: withdrawn"
        and "record seen" in withdrawn["said"]
    )
    assert none["said"] == "no dispute on record"
    assert pages["F-2026-002"]["acknowledged"].startswith("disputed by")
    assert pages["F-2026-002"]["due"]["answer"] == "counted from the decision of the dispute"
    assert pages["F-2026-005"]["state"] == "withdrawn" and pages["F-2026-005"]["due"]["close"] == ""


def test_a_regrade_stands_beside_the_grade_it_was_raised_with(store: Store) -> None:
    page = one(store, "F-2026-003")
    assert (page["grade"], page["raised_as"]) == ("major", "minor")
    assert page["regrade"]["said"] == "major, 2026-07-02, 陶立新 (P05)\nworse than it looked"
    assert one(store, "F-2026-001")["regrade"]["said"] == "not regraded"


def test_a_bundle_has_the_nonconformities_of_the_audit_and_no_others(store: Store) -> None:
    numbers = [f"F-2026-00{n}" for n in range(1, 7)]
    assert [f["number"] for f in report(store, audit=AUDIT)["findings"]] == numbers
    assert [f["number"] for f in report(store, audit="IA-01")["findings"]] == ["AF-01"]
    assert [f["number"] for f in report(store)["findings"]] == ["AF-01", *numbers]
    put(
        store,
        "audit_file",
        {"id": "AD-1", "title": AUDIT},
        {"id": "AD-2", "internal_audit": "IA-01"},
        {"id": "AD-3"},
    )
    assert [f["number"] for f in report(store, audit="AD-1")["findings"]] == numbers
    assert [f["number"] for f in report(store, audit="AD-2")["findings"]] == ["AF-01"]
    empty = report(store, audit="AD-3")
    assert (empty["findings"], empty["nothing"]) == ([], "No nonconformity is on record.")


def test_what_is_not_there_is_refused_with_what_there_is(store: Store) -> None:
    with pytest.raises(UsageError) as told:
        report(store, audit="nowhere")
    assert told.value.key == "papers_more.no_audit" and told.value.fields["names"] == f"{AUDIT}, IA-01"
    for wrong, key in (("F-9", "audit.no_finding"), ("AF-02", "papers_more.no_nonconformity")):
        with refused(key):
            report(store, finding=wrong)


def test_steps_that_did_not_count_are_told(store: Store) -> None:
    wrong = {"finding": "F-2026-006", "event": "closed", "happened_on": "2026-07-01", "auditor": "AU-02"}
    put(store, "finding_event", {"id": "F-2026-006.001", **wrong})
    context = report(store, finding="F-2026-006")
    assert "F-2026-006.001" in context["findings"][0]["irregular"]
    assert context["findings"][0]["closed"]["on"] == ""
    assert len(context["paper"]["notices"]) == 1


def test_an_imported_finding_says_what_is_not_on_record(store: Store) -> None:
    page = one(store, "AF-01")
    assert page["standard"]["number"] == page["asks"] == page["auditor"] == "not on record"
    assert page["graded_by"].startswith("the auditor's own judgement")
    assert page["closed"]["on"] == "2026-05-08" and page["answer"]["cause"] == ""
    assert page["own"][0]["cause"] == "发放清单未更新"  # the organisation's own words, named as such


# --- corrective-action form ----------------------------------------------------------------------


def test_the_form_is_blank_until_answered_and_again_once_sent_back(store: Store) -> None:
    new, back, done = (one(store, f"F-2026-00{n}", name="corrective-action-form") for n in (6, 4, 1))
    for page in (new, back):
        assert {page["form"][name].strip() for name in ANSWER} == {""}
    assert back["form"]["sent_back"] == "sent back, 2026-07-08, 陶立新 (P05)\nno cause"
    assert new["form"]["sent_back"] == "not sent back"
    assert (
        done["form"]["cause"] == "nobody was named" and done["form"]["effectiveness_outcome"] == "confirmed"
    )
    rows = {row["label"]: row["text"] for row in done["to_answer"]}
    assert rows["correction"] == "plan it now" and rows["owner"] == "高文倩 (P04)"
    assert rows["consequences, and how they were dealt with"].strip() == ""


def test_forms_of_an_audit_are_those_still_open(store: Store) -> None:
    found = paper("corrective-action-form").context(store, ASK, "en")["findings"]
    assert [page["number"] for page in found] == [f"F-2026-00{n}" for n in (2, 3, 4, 6)]
    assert found[0]["form"]["objection"] == "it is in the minutes"


def test_the_form_takes_over_what_the_organisation_wrote_itself(store: Store) -> None:
    own = {"id": "NC-9", "audit_finding": "F-2026-006", "similar_checked_on": "2026-07-02", "similar_result": "found",
           "has_consequences": True, "consequences": "12 tCO2e too few"}  # fmt: skip
    put(store, "nonconformity", own)
    form = one(store, "F-2026-006", name="corrective-action-form")["form"]
    assert form["similar"] == "2026-07-02\nfound" and form["consequences"] == "yes\n12 tCO2e too few"
    assert form["cause"].strip() == ""


# --- management review: input --------------------------------------------------------------------


def test_the_period_begins_with_the_review_before(store: Store) -> None:
    coming = given_input(store)
    assert coming["period"] == "2026-04-28 to 2026-09-30" and coming["last_review"] == "2026-04-28 (MV-01)"
    held = given_input(store, review="MV-01")
    assert (held["review"]["on"], held["period"]) == ("2026-04-28", "the first record to 2026-04-28")
    assert given_input(store, since=date(2026, 1, 1))["period"] == "2026-01-01 to 2026-09-30"
    with refused("papers_more.no_review"):
        given_input(store, review="MV-9")


def test_every_topic_says_which_provision_asks_for_it(store: Store) -> None:
    topics = given_input(store)["topics"]
    assert all(
        shown["asks"].startswith("T/CCAA 39—2022 9.3.2/") for n, shown in topics.items() if n != "follow_ups"
    )
    both = given_input(store, standards=("t_ccaa_39", "hunan"))["topics"]["audit_results"]["asks"]
    assert len(both.splitlines()) == 2


def test_earlier_decisions_stand_with_owner_and_state(store: Store) -> None:
    found = topic(store, "previous_actions")
    outputs = store.records("review_output", ORG)
    assert [row["record"] for row in found["rows"]] == [
        f"management review output ({o['id']})" for o in outputs
    ]
    needed = next(row for row in found["rows"] if "RO-08" in row["record"])
    assert needed["state"] == "open, due on 2026-09-30" and "罗晓岚" in needed["result"]
    later = topic(store, "previous_actions", on=date(2026, 10, 1))
    assert "2 overdue" in later["summary"] and "0 overdue" in found["summary"]
    put(
        store,
        "review_output",
        {**next(o for o in outputs if o["id"] == "RO-08"), "completed_on": "2026-08-01"},
    )
    assert "1 done" in topic(store, "previous_actions")["summary"]


def test_nonconformities_are_counted_with_those_of_the_period_before(store: Store) -> None:
    found = topic(store, "nonconformities")
    # found: five of the audit and NC-03; closed: F-001 and AF-01; before: AF-01. The withdrawn F-005 does not count
    assert found["summary"] == (
        "Found in the period: 6 (before: 1); closed: 2 (before: 1). Open at its end: 5, of these major: 1; "
        "findings overdue: 4; corrective actions overdue: 1."
    )
    ids = [row["record"] for row in found["rows"]]
    assert "audit finding (F-2026-002)" in ids and "nonconformity (NC-03)" in ids
    assert not any("CA-F-2026-004-1" in name for name in ids)  # the answer it belongs to was sent back
    assert not any("NC-02" in name for name in ids)  # closed before the period


def test_figures_keep_their_units_and_records(store: Store) -> None:
    targets = topic(store, "target_achievement")
    assert targets["summary"].startswith("10 in all: 0 achieved, 0 past due")
    row = next(r for r in targets["rows"] if "OJ-05" in r["record"])
    assert (
        row["result"] == "target 1200 MWh; latest 600 MWh (2026-06-15, OP-05-2)"
        and row["state"] == "on track"
    )
    late = topic(store, "target_achievement", on=date(2027, 1, 5))
    assert "9 past due" in late["summary"]
    level = topic(store, "performance_by_level", since=date(2025, 7, 1))
    inventory = next(r for r in level["rows"] if "CI-02" in r["record"])
    assert "19536 tCO2e" in inventory["result"]
    values = next(r for r in level["rows"] if "PV-01" in r["record"])
    assert re.search(r"0\.\d+ tCO2e/万元; .*0\.133 tCO2e/万元", values["result"])
    deviation = next(r for r in topic(store, "monitoring_results")["rows"] if "DV-02" in r["record"])
    assert (
        "expected 100 指数（基准=100）, actual 114" in deviation["result"]
        and deviation["state"] == "not ended"
    )


def test_every_row_names_records_of_the_store(store: Store) -> None:
    names = {kind: {str(r["id"]) for r in store.records(kind, ORG)} for kind in store.shape}
    everything = {name for found in names.values() for name in found}
    shown = given_input(store, since=date(2025, 1, 1))["topics"]
    rows = [row for found in shown.values() for row in found["rows"]]
    assert len(rows) > 150
    for row in rows:
        inner = re.search(r"\(([^()]+)\)$", row["record"])
        assert set(inner[1].split(", ") if inner else row["record"].split(", ")) <= everything
    assert all(shown[name]["rows"] for name in TOPICS)


def test_a_topic_with_nothing_on_record_says_so(bare: Store) -> None:
    context = given_input(bare)
    assert all(not shown["rows"] for shown in context["topics"].values())
    assert len(context["empty_topics"].split(", ")) == len(TOPICS) - 1
    text = made(paper(REVIEWS[0]).layout, context, "en", "html").decode()
    assert text.count("Nothing is on record about this topic in the period.") == len(TOPICS)


def test_what_happened_after_the_review_does_not_count(store: Store) -> None:
    """The input of a review held in April knows nothing of June's audit, though the store does."""
    held = given_input(store, review="MV-01")["topics"]
    assert not any("F-2026" in row["record"] for row in held["nonconformities"]["rows"])
    assert not any("2026-06-15" in row["result"] for row in held["target_achievement"]["rows"])
    assert not any(row["on"] > "2026-04-28" for row in held["audit_results"]["rows"])


def test_inputs_on_record_stand_beside_what_was_collected(store: Store) -> None:
    held = given_input(store, review="MV-01")
    assert [row["record"] for row in held["submitted"]] == [
        f["id"] for f in store.records("review_input", ORG)
    ]
    assert (
        held["not_submitted"]
        == "Topics without an input on record: Decisions of earlier reviews and their state."
    )
    assert given_input(store)["submitted"] == []


def test_follow_up_duties_that_await_a_review_are_listed(store: Store) -> None:
    rows = topic(store, "follow_ups")["rows"]
    assert "audit finding (F-2026-003)" in [row["record"] for row in rows]


# --- management review: output -------------------------------------------------------------------


def test_decisions_conclusions_and_topics_without_decision(store: Store) -> None:
    output = paper(REVIEWS[1]).context(store, Ask(ORG, ON), "en")
    review = output["review"]
    assert (review["id"], review["on"], review["chaired_by"]) == ("MV-01", "2026-04-28", "魏长河 (P01)")
    assert {review[k] for k in ("suitable", "adequate", "effective", "aligned_with_strategy")} == {"yes"}
    assert output["decided"] == "13 decisions: 0 done, 2 open, 11 without action needed."
    assert output["undecided"] == []
    body = next(o for o in store.records("review_output", ORG) if o["topic"] == "resources")
    put(store, "review_output", {**body, "topic": "other"})
    output = paper(REVIEWS[1]).context(store, Ask(ORG, ON), "en")
    assert [row["topic"] for row in output["undecided"]] == ["allocation of resources"]
    assert output["undecided"][0]["asks"].startswith("T/CCAA 39—2022 9.3.3/f: ")
    row = next(r for r in output["decisions"] if r["record"] == body["id"])
    assert (row["owner"], row["due_on"], row["completed_on"]) == ("罗晓岚 (P02)", "2026-09-30", "")


def test_unmet_targets_need_a_decision_only_where_a_target_was_missed(bare: Store) -> None:
    words = "action where something was not achieved"
    put(bare, "objective", {"id": "O-1", "due_on": "2026-12-31"})
    output = paper(REVIEWS[1]).context(bare, Ask(ORG, ON), "en")
    assert words not in [row["topic"] for row in output["undecided"]] and len(output["undecided"]) == 11
    assert output["review"]["suitable"] == "not on record" and output["decisions"] == []
    put(bare, "objective", {"id": "O-1", "due_on": "2026-03-31"})
    output = paper(REVIEWS[1]).context(bare, Ask(ORG, ON), "en")
    assert next(row["why"] for row in output["undecided"] if row["topic"] == words).endswith(": O-1")


def test_without_a_review_there_is_no_output(bare: Store) -> None:
    with refused("papers_more.no_review_yet"):
        paper(REVIEWS[1]).context(bare, Ask(ORG, date(2026, 4, 1)), "zh")
    with refused("papers_more.no_review"):
        paper(REVIEWS[1]).context(bare, Ask(ORG, ON, review="MR-9"), "zh")


# --- strangers' text, commands -------------------------------------------------------------------


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_any_text_of_a_decision_arrives_as_text(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.create(Path(folder) / "s.db") as opened:
        put(opened, "management_review", {"id": "MR-1", "reviewed_on": "2026-05-01"})
        put(
            opened,
            "review_output",
            {"id": "RO-1", "management_review": "MR-1", "topic": "other", "decision": f"x{text}x"},
        )
        kept = str(opened.records("review_output", ORG)[0]["decision"])
        context = paper(REVIEWS[1]).context(opened, Ask(ORG, ON), "zh")
    assert context["decisions"][0]["decision"] == clean(kept)
    page = made(paper(REVIEWS[1]).layout, context, "zh", "html").decode()
    assert clean(kept) in html.unescape(page)
    context["decisions"][0]["decision"] = "harmless"
    harmless = made(paper(REVIEWS[1]).layout, context, "zh", "html").decode()
    assert re.findall(r"<(/?\w+)", page) == re.findall(r"<(/?\w+)", harmless)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_texts_are_neither_markup_nor_formula_nor_template(lang: Lang, store: Store) -> None:
    body = finding("10.1/c", description=HOSTILE, evidence=HOSTILE, criterion=HOSTILE)
    (record,) = raise_findings(store, ORG, [body], actor="t", at=AT)
    assert isinstance(record, str)
    take(store, ORG, record, answered(date(2026, 7, 6), cause=HOSTILE, correction=f"{HOSTILE} 1"),
         closing=DEFAULT.closing, actor="t", at=AT)  # fmt: skip
    put(
        store,
        "review_output",
        {"id": "RO-X", "management_review": "MV-01", "topic": "other", "decision": HOSTILE},
    )
    put(store, "person", {"id": "P03", "name": HOSTILE})
    for name in MINE:
        ask = Ask(ORG, ON, audit=AUDIT if name in FINDINGS else None)
        layout, context = paper(name).layout, paper(name).context(store, ask, lang)
        page = made(layout, context, lang, "html").decode()
        assert "<b>x</b>" not in page and "\x07" not in page
        assert "{{ 7*7 }}" in page and "[U+202E]" in page
        with zipfile.ZipFile(io.BytesIO(made(layout, context, lang, "docx"))) as word:
            text = word.read("word/document.xml").decode()
        assert "{{ 7*7 }}" in text and "<b>x</b>" not in text and "\x0b" not in text
        with zipfile.ZipFile(io.BytesIO(made(layout, context, lang, "xlsx"))) as book:
            assert not any(
                b"<f>" in book.read(n) or b"<f " in book.read(n) for n in book.namelist() if "sheet" in n
            )
        assert made(layout, context, lang, "pdf").startswith(b"%PDF")


def test_the_commands_write_each_of_them(driven: Path, tmp_path: Path) -> None:
    for name in MINE:
        for form in ("docx", "html"):
            out = tmp_path / f"{name}.{form}"
            words = ["document", name, str(driven), "--on", "2026-09-30", "--format", form, "-o", str(out)]
            result = CliRunner().invoke(shall, [*words, *(["--audit", AUDIT] if name in FINDINGS else [])])
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
            assert out.stat().st_size > 5000
        template = tmp_path / f"{name}-template.docx"
        assert CliRunner().invoke(shall, ["document-template", name, "-o", str(template)]).exit_code == 0
        words = ["document", name, str(driven), "--on", "2026-09-30", "--template", str(template), "-o"]
        again = tmp_path / f"{name}-again.docx"
        CliRunner().invoke(shall, [*words, str(again), *(["--audit", AUDIT] if name in FINDINGS else [])])
        assert again.read_bytes() == (tmp_path / f"{name}.docx").read_bytes()


def test_refusals_are_told_in_both_languages(store: Store) -> None:
    for ask in (
        Ask(ORG, ON, audit="x"),
        Ask(ORG, ON, finding="AF-02"),
        Ask(ORG, date(2026, 1, 1), finding="F-2026-001"),
    ):
        with pytest.raises(ShallError) as told:
            paper(FINDINGS[0]).context(store, ask, "zh")
        zh, en = (told.value.text(lang) for lang in LANGUAGES)
        assert zh != en and "{" not in zh + en
