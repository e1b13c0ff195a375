"""Follow-up duties: the file, what arises and what discharges it, two engines with one answer, the command."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.engine.consequences import engines
from shall.engine.consequences.derive import FAR, Derived, Facts, fixpoint
from shall.engine.consequences.engines import WorkerError, by_worker, derive
from shall.engine.consequences.result import Consequence, consequences, find
from shall.engine.consequences.roles import Roles
from shall.engine.consequences.rules import Rules, read_rules, unknown_clauses
from shall.engine.grading_file import FileProblems
from shall.engine.samples import sample_day, sample_folder, samples
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import ShallError

ORG = "acme"
AT = datetime(2026, 7, 1, tzinfo=UTC)
ON = date(2026, 6, 30)
needs_durable = pytest.mark.skipif(
    find_spec("durable") is None, reason="durable-rules is not installed (no wheel, or Python 3.13 or later)"
)

HEAD = """
key: mine
edition: "1"
title: {zh: 甲, en: a}
source: {zh: 甲, en: a}
consequences:
"""
RULE = """
- name: {name}
  says: {{zh: 事, en: duty}}
  from:
{causes}
  discharged_by:
{ways}
"""


def rule(name: str, *causes: str, ways: str = "  - {kind: review_input, date: presented_on}") -> str:
    return RULE.format(name=name, causes="\n".join(f"  - {c}" for c in causes), ways=ways)


CHANGE = "{kind: change, where: major, date: [happened_on, decided_on]}"


# The file


def written(tmp_path: Path, *rules: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + "".join(rules), encoding="utf-8")
    return path


def wrong(tmp_path: Path, *rules: str) -> list[tuple[int, str]]:
    with pytest.raises(FileProblems) as caught:
        read_rules(written(tmp_path, *rules))
    for lang in LANGUAGES:
        assert "{column}" not in caught.value.text(lang)
    return [(p.line, p.key) for p in caught.value.problems]


@pytest.fixture(scope="module")
def default() -> Rules:
    return read_rules()


def test_the_shipped_file_reads_and_every_provision_it_names_exists(default: Rules) -> None:
    assert len(default.declared) > 40
    assert unknown_clauses(default, executor_for(default.standards).plan) == []
    assert all(default.events[one.name] for one in default.declared)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("a", "{kind: chance, date: happened_on}")], (11, "audit.no_kind")),
        ([rule("a", "{kind: change, date: title}")], (11, "consequences.no_date")),
        ([rule("a", "{kind: change, date: happened}")], (11, "consequences.no_column")),
        ([rule("a", "{kind: change, where: majr, date: happened_on}")], (11, "rules.predicate_column")),
        ([rule("a", "{kind: change, where: title > 1, date: happened_on}")], (11, "rules.predicate_types")),
        ([rule("a", "{kind: change, date: happened_on, who: nobody}")], (11, "consequences.no_column")),
        ([rule("a", "{kind: change}")], (11, "rules.bad_value")),
        ([rule("a", "{kind: change, date: happened_on, every: day}")], (11, "rules.unknown_key")),
        ([rule("a", "{consequence: b, when: discharged}")], (8, "consequences.never_arises")),
        ([rule("a", CHANGE), rule("a", CHANGE)], (15, "consequences.name_twice")),
        (
            [rule("a", CHANGE, ways="  - {kind: review_input, date: presented_on, match: id = nothing}")],
            (13, "consequences.no_column"),
        ),
        ([rule("a", CHANGE, ways="  - {finding: closed}")], (13, "consequences.not_of_findings")),
        ([rule("a", CHANGE, "{kind: change, kind: meter}")], (12, "rules.yaml_duplicate")),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(
    rules: list[str], expected: tuple[int, str], tmp_path: Path
) -> None:
    assert expected in wrong(tmp_path, *rules)


def test_a_circle_in_which_nothing_is_done_is_refused_once(tmp_path: Path) -> None:
    a = rule("a", CHANGE, "{consequence: c, when: arises}")
    b, c = (rule(x, f"{{consequence: {y}, when: arises}}") for x, y in (("b", "a"), ("c", "b")))
    assert [key for _, key in wrong(tmp_path, a, b, c)] == ["consequences.circle"]


def test_what_only_comes_of_itself_never_arises(tmp_path: Path) -> None:
    a, b = (rule(x, f"{{consequence: {y}, when: discharged}}") for x, y in (("a", "b"), ("b", "a")))
    assert [key for _, key in wrong(tmp_path, a, b)] == ["consequences.never_arises"] * 2


# What arises and what discharges


Put = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", actor_default="test") as opened:
        yield opened


@pytest.fixture
def put(store: Store) -> Put:
    def write(kind: str, record: str, **body: Any) -> None:
        store.commit(ORG, [Change(PUT, kind, record, body)], actor="test", at=AT)

    return write


def told(store: Store, on: date = ON, rules: Rules | None = None) -> dict[str, Consequence]:
    return {one.name: one for one in find(store, ORG, on, rules=rules).all}


def test_a_boundary_change_leads_step_by_step_to_the_management_review(store: Store, put: Put) -> None:
    put("change", "C1", affects_boundary=True, affects_baseline=True, happened_on=date(2026, 1, 5))
    put("baseline_event", "E1", change="C1", occurred_on=date(2026, 1, 6))
    put("baseline_adjustment", "A1", event="E1", decision="adjust", reviewed_on=date(2026, 2, 2))
    put("objective_progress", "P1", objective="O1", update_needed=True, checked_on=date(2026, 3, 2))
    put("objective", "O1", updated_on=date(2026, 3, 20))
    put("action_plan", "L1", objective="O1", reviewed_on=date(2026, 4, 1), responsible="P7")
    last = told(store)["review_of_targets/action_plan:L1"]
    assert (last.state, last.arose_on, last.due_on) == ("open", date(2026, 4, 1), date(2027, 4, 1))
    assert told(store)["action_plan_update/objective:O1"].who is None
    assert (last.who, last.unit) == (None, None)  # who puts it before the review is on no record
    assert [(s.how, s.record[1], s.to) for s in last.way] == [
        ("record", "C1", "baseline_event_record"),
        ("discharged", "E1", "baseline_review"),
        ("discharged", "A1", "target_review"),
        ("discharged", "P1", "target_update"),
        ("discharged", "O1", "action_plan_update"),
        ("discharged", "L1", "review_of_targets"),
    ]
    assert last.roots == (("baseline_event", "E1"), ("change", "C1"), ("objective_progress", "P1"))
    put("review_input", "R1", topic="plan_implementation", presented_on=date(2026, 5, 4))
    done = told(store)["review_of_targets/action_plan:L1"]
    assert (done.state, done.discharged_by) == ("discharged", ("review_input", "R1"))


def test_a_baseline_that_is_kept_asks_for_no_review_of_targets(store: Store, put: Put) -> None:
    put("baseline_event", "E1", cause="boundary", occurred_on=date(2026, 1, 6))
    put("baseline_adjustment", "A1", event="E1", decision="keep", reviewed_on=date(2026, 2, 2))
    assert set(told(store)) == {"baseline_review/baseline_event:E1"}


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"reviewed_on": date(2026, 1, 6)}, "discharged"),  # on the day itself
        ({"reviewed_on": date(2026, 1, 5)}, "overdue"),  # before the event
        ({"reviewed_on": date(2026, 7, 1)}, "overdue"),  # after the day asked about
        ({"reviewed_on": date(2026, 2, 2), "status": "draft"}, "overdue"),
        ({"reviewed_on": date(2026, 2, 2), "status": "withdrawn"}, "overdue"),
        ({"reviewed_on": date(2026, 2, 2), "valid_from": date(2026, 7, 1)}, "overdue"),
        ({"reviewed_on": date(2026, 2, 2), "valid_until": date(2026, 3, 1)}, "discharged"),  # it happened
        ({"reviewed_on": date(2026, 2, 2), "event": "E2"}, "overdue"),  # another event's
        ({"reviewed_on": date(2026, 2, 2), "event": None}, "overdue"),  # nobody's
        ({}, "overdue"),  # the date alone tells that it was done
    ],
)
def test_only_a_record_in_force_of_the_event_and_after_it_discharges(
    store: Store, put: Put, body: dict[str, Any], state: str
) -> None:
    put("baseline_event", "E1", occurred_on=date(2026, 1, 6))
    filled = {k: v for k, v in {"event": "E1", "decision": "keep", **body}.items() if v is not None}
    put("baseline_adjustment", "A1", **filled)
    assert told(store)["baseline_review/baseline_event:E1"].state == state


def test_due_is_counted_in_working_days_and_the_day_itself_is_not_late(store: Store, put: Put) -> None:
    put("deviation", "D1", serious=True, detected_on=date(2026, 2, 10))
    name = "investigation/deviation:D1"
    due = told(store)[name].due_on
    assert due == date(2026, 3, 2)  # ten working days over the Spring Festival with its make-up days
    assert told(store, due)[name].state == "open"
    assert told(store, date(2026, 3, 3))[name].state == "overdue"


def test_the_organisations_own_day_takes_the_place_of_the_period(store: Store, put: Put) -> None:
    put("nonconformity", "N1", action_needed=True, found_on=date(2026, 6, 1))
    assert told(store)["corrective_action/nonconformity:N1"].state == "open"
    put("corrective_action", "A1", nonconformity="N1", due_on=date(2026, 6, 20), responsible="P5")
    put("corrective_action", "A2", nonconformity="N2", due_on=date(2026, 6, 2))
    one = told(store)["corrective_action/nonconformity:N1"]
    assert (one.state, one.due_on, one.who) == ("overdue", date(2026, 6, 20), "P5")
    body = {"nonconformity": "N1", "due_on": date(2026, 6, 20), "completed_on": date(2026, 6, 22)}
    put("corrective_action", "A1", **body)
    one = told(store)["corrective_action/nonconformity:N1"]
    assert (one.state, one.late) == ("discharged", True)


def test_the_first_record_discharges_and_being_late_is_told(store: Store, put: Put) -> None:
    put("deviation", "D1", serious=True, detected_on=date(2026, 1, 5), investigated_on=date(2026, 3, 2))
    for name, day in (("R2", 20), ("R1", 20), ("R0", 25)):
        put("review_input", name, topic="monitoring_results", presented_on=date(2026, 4, day))
    found = told(store)
    assert found["investigation/deviation:D1"].late
    assert found["review_of_deviation/deviation:D1"].discharged_by == ("review_input", "R1")
    assert found["response/deviation:D1"].arose_on == date(2026, 3, 2)


def test_what_cannot_be_told_is_neither_open_nor_discharged(store: Store, put: Put) -> None:
    put("deviation", "D1", detected_on=date(2026, 1, 5))  # serious or not?
    put("deviation", "D2", serious=True)  # when?
    put("deviation", "D3", serious=False, detected_on=date(2026, 1, 5))
    put("calibration", "K1", meter="M1", result="failed", performed_on=date(2026, 1, 5))
    put("calibration", "K2", meter="M1", result="passed")  # when?
    put("calibration", "K3", meter="M1", performed_on=date(2026, 2, 5))  # with what result?
    put("calibration", "K4", meter="M1", performed_on=date(2026, 1, 2))  # before, whatever its result
    found = told(store)
    states = {name: (one.state, one.sure) for name, one in found.items() if "meter" not in name}
    assert states["investigation/deviation:D1"] == ("unknown", False)
    assert states["investigation/deviation:D2"] == ("unknown", False)
    assert found["investigation/deviation:D2"].arose_on is None
    assert not any(name.endswith("D3") for name in states)
    again = found["recalibration/calibration:K1"]
    assert (again.state, again.sure) == ("unknown", True)
    assert [r[1] for r in again.possible] == ["K2", "K3"]
    assert "review_of_deviation/deviation:D1" not in found  # nothing follows from what may not be


def test_a_circle_that_takes_something_done_ends(tmp_path: Path, store: Store, put: Put) -> None:
    again = rule(
        "again",
        "{kind: deviation, date: detected_on}",
        "{consequence: again, when: discharged, where: serious}",
        ways="  - {kind: deviation, date: detected_on, match: parameter = parameter}",
    )
    for n in range(1, 4):
        put("deviation", f"D{n}", serious=True, parameter="P", detected_on=date(2026, n, 1))
    found = told(store, rules=read_rules(written(tmp_path, again)))
    assert {one.state for one in found.values()} == {"discharged"}
    assert len(found) == 3


# Findings

PEOPLE = [
    Change(PUT, "unit", "U1", {"name": "workshop"}),
    Change(PUT, "unit", "U9", {"name": "audit"}),
    *(
        Change(PUT, "person", f"P{n}", {"name": f"n{n}", "unit": f"U{u}"})
        for n, u in ((1, 1), (8, 9), (9, 9))
    ),
    *(
        Change(
            PUT,
            "auditor",
            f"A{n}",
            {"person": f"P{n}", "competent": True, "competence_evaluated_on": date(2025, 1, 1)},
        )
        for n in (8, 9)
    ),
]
ANSWER = {"correction": "put right", "cause": "why", "action": "never again", "owner": "P1"}
STEPS: list[dict[str, Any]] = [
    {"event": "answered", "person": "P1", **ANSWER, "due_on": date(2026, 4, 9)},
    {"event": "reviewed", "auditor": "A9", "outcome": "accepted"},
    {"event": "implemented", "person": "P1"},
    {"event": "implementation_verified", "auditor": "A9", "outcome": "confirmed", "reason": "seen"},
    {"event": "effectiveness_verified", "auditor": "A9", "outcome": "confirmed", "reason": "seen"},
]
CHAIN = ("major_answer", "major_review", "major_action", "follow_up_audit", "effectiveness_check")


def found_on(store: Store, record: str, day: date, grade: str = "major", **more: Any) -> None:
    body = {"found_on": day, "grade": grade, "unit": "U1", "auditor": "A8", "ruleset": "t_ccaa_39"}
    change = Change(PUT, "audit_finding", record, {**body, "address": "7.2/b", **more})
    store.commit(ORG, [change], actor="test", at=AT)


def taken(store: Store, steps: list[dict[str, Any]], record: str = "F1") -> None:
    for n, step in enumerate(steps, 1):
        body = {"finding": record, "happened_on": date(2026, 3, 2 + n), **step}
        change = Change(PUT, "finding_event", f"{record}.{n:03d}", body)
        store.commit(ORG, [change], actor="test", at=AT)


@pytest.mark.parametrize("number", range(len(STEPS) + 1))
def test_a_major_is_followed_from_answer_to_verified_effect(store: Store, number: int) -> None:
    store.commit(ORG, PEOPLE, actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2))
    taken(store, STEPS[:number])
    found = told(store, date(2026, 3, 9))
    states = [
        found[f"{name}/audit_finding:F1"].state for name in CHAIN if f"{name}/audit_finding:F1" in found
    ]
    assert states == [*["discharged"] * number, *["open"] * (number < len(STEPS))]
    assert found["programme_update/audit_finding:F1"].state == "open"
    assert found["review_of_finding/audit_finding:F1"].state == "open"


CLIENT = [Change(PUT, "auditor", "A7", {"name": "auditor of a body", "competent": True})]
LEADS = ("major_review", "follow_up_audit", "effectiveness_check")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], None),
        ([("internal_audit", "IA-1", {"lead_auditor": "A9"})], "P9"),
        (
            [
                ("internal_audit", "IA-1", {"lead_auditor": "A9"}),
                ("audit_file", "AD-1", {"internal_audit": "IA-1"}),
                ("audit_team_member", "M1", {"audit_file": "AD-1", "auditor": "A7", "team_role": "lead"}),
                ("audit_team_member", "M2", {"audit_file": "AD-1", "auditor": "A8", "team_role": "auditor"}),
            ],
            "A7",  # the team of the file comes first; this auditor is no person of the organisation
        ),
        (
            [
                ("audit_file", "AD-1", {"internal_audit": "IA-1"}),
                ("audit_team_member", "M1", {"audit_file": "AD-1", "auditor": "A7", "team_role": "lead"}),
                ("audit_team_member", "M2", {"audit_file": "AD-1", "auditor": "A8", "team_role": "lead"}),
            ],
            None,  # two leads
        ),
        (
            [
                ("audit_file", "AD-1", {"internal_audit": "IA-2"}),
                ("audit_team_member", "M1", {"audit_file": "AD-1", "auditor": "A7", "team_role": "lead"}),
            ],
            None,  # of another audit
        ),
        (
            [
                ("audit_file", "AD-1", {"internal_audit": "IA-1"}),
                ("audit_team_member", "M1", {"audit_file": "AD-1", "name": "Ma", "team_role": "lead"}),
                ("internal_audit", "IA-1", {"status": "withdrawn", "lead_auditor": "A9"}),
            ],
            "Ma",
        ),
    ],
)
def test_what_auditors_do_is_the_lead_auditors_and_never_the_audited_units(
    records: list[tuple[str, str, dict[str, Any]]], expected: str | None, store: Store
) -> None:
    changes = [Change(PUT, kind, name, body) for kind, name, body in records]
    store.commit(ORG, [*PEOPLE, *CLIENT, *changes], actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2), internal_audit="IA-1")
    taken(store, STEPS)
    found = told(store)
    for name in LEADS:
        one = found[f"{name}/audit_finding:F1"]
        assert (name, one.who, one.unit) == (name, expected, None)
    for name in ("major_answer", "major_action"):
        assert found[f"{name}/audit_finding:F1"].unit == "U1"
    assert [
        found["review_of_finding/audit_finding:F1"].who,
        found["programme_update/audit_finding:F1"].unit,
    ] == [
        None,
        None,
    ]


@pytest.mark.parametrize("audit", ["AD-1", "CS-1", "stage two"])
def test_an_external_audit_is_known_by_its_file_its_step_or_its_title(audit: str, store: Store) -> None:
    file = {"title": "stage two", "certification_step": "CS-1"}
    member = {"audit_file": "AD-1", "auditor": "A7", "team_role": "lead"}
    more = [Change(PUT, "audit_file", "AD-1", file), Change(PUT, "audit_team_member", "M1", member)]
    store.commit(ORG, [*PEOPLE, *CLIENT, *more], actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2), audit=audit, grade="minor", origin="certification")
    body = {"happened_on": date(2026, 3, 3), "finding": "F1", **STEPS[0]}
    store.commit(ORG, [Change(PUT, "finding_event", "F1.001", body)], actor="test", at=AT)
    assert told(store)["minor_plan/audit_finding:F1"].unit == "U1"
    find_it = Roles(store, ORG, ON, None)
    assert find_it.name("lead_auditor", ("audit_finding", "F1")) == "A7"
    assert find_it.name("none", ("audit_finding", "F1")) is None


@pytest.mark.parametrize(
    ("programmes", "of", "expected"),
    [
        ([("AP-1", "P8", None)], None, "P8"),
        ([("AP-1", "P8", None), ("AP-2", "P9", None)], None, None),  # which one?
        ([("AP-1", "P8", None), ("AP-2", "P9", None)], "AP-2", "P9"),
        ([("AP-1", "P8", date(2025, 12, 31)), ("AP-2", "P9", None)], None, "P9"),  # the other has run out
        ([], "AP-9", None),
    ],
)
def test_the_programme_is_kept_by_who_is_in_charge_of_it(
    programmes: list[tuple[str, str, date | None]], of: str | None, expected: str | None, store: Store
) -> None:
    changes = [
        Change(
            PUT, "audit_programme", name, {"responsible": who, **({"valid_until": until} if until else {})}
        )
        for name, who, until in programmes
    ]
    audit = Change(PUT, "internal_audit", "IA-1", {"audit_programme": of} if of else {"purpose": "x"})
    store.commit(ORG, [*PEOPLE, *changes, audit], actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2), internal_audit="IA-1")
    one = told(store)["programme_update/audit_finding:F1"]
    assert (one.who, one.unit) == (expected, None)


def test_a_role_that_does_not_exist_is_told_with_its_line(tmp_path: Path) -> None:
    text = rule("a", CHANGE).replace("  from:", "  who: {role: chief}\n  from:")
    assert 10 in {line for line, _ in wrong(tmp_path, text)}


def test_to_close_a_minor_on_its_plan_verifies_nothing_and_the_next_audit_does(
    store: Store, put: Put
) -> None:
    store.commit(ORG, PEOPLE, actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2), grade="minor")
    taken(store, [*STEPS[:2], {"event": "closed", "auditor": "A9"}])
    name = "minor_verification/audit_finding:F1"
    found = told(store)
    assert found["minor_plan/audit_finding:F1"].state == "discharged"
    assert (found[name].state, found[name].due_on) == ("open", date(2027, 3, 4))
    put("judgement", "J0", ruleset="t_ccaa_39", address="7.2/b", made_as="audit", judged_on=date(2026, 3, 3))
    put("judgement", "J1", ruleset="t_ccaa_39", address="7.2/b", made_as="self", judged_on=date(2026, 5, 4))
    put("judgement", "J2", ruleset="t_ccaa_39", address="7.2/c", made_as="audit", judged_on=date(2026, 5, 4))
    assert told(store)[name].state == "open"
    put("judgement", "J3", ruleset="t_ccaa_39", address="7.2/b", made_as="audit", judged_on=date(2026, 5, 5))
    assert told(store)[name].discharged_by == ("judgement", "J3")


def test_what_was_sent_back_counts_no_longer(store: Store) -> None:
    store.commit(ORG, PEOPLE, actor="test", at=AT)
    found_on(store, "F1", date(2026, 3, 2))
    refused = {"outcome": "not_confirmed"}
    taken(store, [*STEPS[:3], {**STEPS[3], **refused}])
    found = told(store, date(2026, 3, 9))
    assert found["major_action/audit_finding:F1"].state == "open"
    assert "follow_up_audit/audit_finding:F1" not in found


def test_a_repeated_minor_goes_to_the_management_review_and_a_new_one_does_not(store: Store) -> None:
    store.commit(ORG, PEOPLE, actor="test", at=AT)
    found_on(store, "F1", date(2025, 3, 3), "minor", audit="2025")
    found_on(store, "F2", date(2026, 3, 2), "minor", audit="2026")
    found_on(store, "F3", date(2026, 3, 3), "minor", audit="2026", address="7.2/c")
    found_on(store, "F4", date(2025, 3, 4), "minor", audit="2025")  # seen twice in one audit
    names = {name for name in told(store) if name.startswith("review_of_finding")}
    assert names == {"review_of_finding/audit_finding:F2"}


# The samples


@pytest.fixture(scope="module")
def sample_stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name in samples():
        path = found[name] = tmp_path_factory.mktemp("sample") / f"{name}.db"
        with sample_folder(name) as folder, Store.create(path) as made:
            import_batch(made, name, read_evidence(folder), actor="test", at=AT)
    return found


EXPECTED = {
    "beginner": (set(), set()),
    "exemplar": (set(), {"review_of_targets/action_plan:AP-31"}),
    "machinery_maker": (
        {
            "competence_action/competence_record:CM-14",
            "baseline_event_record/change:CH-03",
            "unplanned_change_review/change:CH-04",
            "investigation/deviation:DV-02",
            "corrective_action/nonconformity:NC-03",
        },
        {
            "scope_update/change:CH-03",
            "carbon_review_update/change:CH-03",
            "inventory_update/change:CH-03",
            "data_plan_look/change:CH-03",
            "review_of_change/change:CH-03",
            "review_of_deviation/deviation:DV-02",
            "competence_re_evaluation/competence_record:CM-14",
        },
    ),
}


def test_the_samples_have_the_duties_an_auditor_would_name(sample_stores: dict[str, Path]) -> None:
    assert set(sample_stores) == set(EXPECTED)
    for name, path in sample_stores.items():
        with Store.open(path) as store:
            found = find(store, store.organisations()[0], sample_day(name))
        told = tuple({one.name for one in found.of(state)} for state in ("overdue", "open"))  # type: ignore[arg-type]
        assert told == EXPECTED[name], name


def test_nothing_is_discharged_before_it_arose_nor_by_what_is_no_evidence(
    sample_stores: dict[str, Path],
) -> None:
    seen = 0
    for name, path in sample_stores.items():
        with Store.open(path) as store:
            organisation = store.organisations()[0]
            for one in find(store, organisation, sample_day(name)).of("discharged"):
                assert one.arose_on and one.discharged_on and one.discharged_by
                assert one.arose_on <= one.discharged_on <= sample_day(name)
                assert one.way[-1].record == one.record and one.way[0].record in one.roots
                statuses = dict(store.rows(one.discharged_by[0], organisation, ("id", "status")))
                assert statuses[one.discharged_by[1]] in (None, "approved")
                seen += 1
    assert seen > 50


@needs_durable
def test_both_engines_agree_on_the_samples(sample_stores: dict[str, Path]) -> None:
    for name, path in sample_stores.items():
        with Store.open(path) as store:
            both = find(store, store.organisations()[0], sample_day(name), engine="both")
            assert both.all == find(store, store.organisations()[0], sample_day(name)).all


def test_the_plain_values_for_a_next_audit(sample_stores: dict[str, Path]) -> None:
    with Store.open(sample_stores["machinery_maker"]) as store:
        organisation = store.organisations()[0]
        late = consequences(store, organisation, ON, states=("overdue",))
        assert json.loads(json.dumps(late)) == late
        assert {one["name"] for one in late} == EXPECTED["machinery_maker"][0]
        assert consequences(store, organisation, ON, known=0) == []


# Two engines, one answer


def random_facts(seed: int) -> Facts:
    """A small world in which everything meets: few consequences, records, groups and days."""
    r = random.Random(seed)
    kinds, records, groups = r.randint(1, 5), r.randint(2, 9), r.randint(1, 6)

    def some(most: int, *limits: Any) -> tuple[tuple[int, ...], ...]:
        return tuple(
            sorted({tuple(limit() for limit in limits) for _ in range(r.randint(0, most))})  # type: ignore[misc]
        )

    def c() -> int:
        return r.randrange(kinds)

    def e() -> int:
        return r.randrange(records)

    def g() -> int:
        return r.randrange(groups)

    def day() -> int:
        return r.randint(0, 12)

    def flag() -> int:
        return r.randint(0, 1)

    answers = []
    for group in range(groups):
        after = -1
        for on in sorted({day() for _ in range(r.randint(0, 4))}):
            answers.append((group, e(), on, after))
            after = on
    return Facts(
        root=some(6, c, e, lambda: r.choice([day(), day(), FAR + 1]), flag),
        link=some(30, c, e, g),
        answer=tuple(answers),
        maybe=some(5, g, e, lambda: r.choice([day(), FAR])),
        arise=some(4, c, c),
        passing=some(12, c, c, e, flag),
    )


NUMBERED = {
    "root": (0, 1),
    "link": (0, 1, 2),
    "answer": (0, 1),
    "maybe": (0, 1),
    "arise": (0, 1),
    "passing": (0, 1, 2),
}


def side_by_side(worlds: list[Facts], apart: int = 1000) -> Facts:
    """All the worlds as one, each with numbers of its own."""
    return Facts(
        **{
            name: tuple(
                tuple(v + n * apart if i in places else v for i, v in enumerate(fact))
                for n, world in enumerate(worlds)
                for fact in getattr(world, name)
            )
            for name, places in NUMBERED.items()
        }
    )


@needs_durable
@given(seed=st.integers(0, 10**6))
def test_two_engines_agree_on_random_worlds(seed: int) -> None:
    worlds = side_by_side([random_facts(seed + n) for n in range(40)])
    found = fixpoint(worlds)
    assert by_worker(worlds) == found
    assert found.instance and found.cause and found.done and found.possible


@given(seed=st.integers(0, 10**6))
def test_the_order_of_facts_changes_nothing(seed: int) -> None:
    world = random_facts(seed)
    shuffled = {name: list(getattr(world, name)) for name in NUMBERED}
    for facts in shuffled.values():
        random.Random(seed).shuffle(facts)
    assert fixpoint(Facts(**{name: tuple(f) for name, f in shuffled.items()})) == fixpoint(world)


@given(seed=st.integers(0, 10**6))
def test_one_more_answer_never_opens_a_duty(seed: int) -> None:
    """What a day's record discharges is not undone by another record of a later day."""
    world = random_facts(seed)
    last = max((a[2] for a in world.answer if a[0] == 0), default=-1)
    more = Facts(**{**{n: getattr(world, n) for n in NUMBERED}, "answer": (*world.answer, (0, 99, 50, last))})
    before, after = fixpoint(world), fixpoint(more)
    assert set(before.done) <= set(after.done)
    assert set(before.instance) <= set(after.instance)


WORLD = Facts(root=((0, 1, 5, 1),), link=((0, 1, 0),), answer=((0, 2, 6, -1),))
ANSWERED = Derived(instance=((0, 1, 1, 5, 1),), done=((0, 1, 1, 5, 1, 2, 6),))


def test_the_plain_loop_on_a_world_of_one() -> None:
    assert fixpoint(WORLD) == derive(WORLD) == ANSWERED


@pytest.mark.parametrize(
    ("code", "seconds", "key"),
    [
        ("import os; os.abort()", 20, "consequences.worker_crashed"),
        ("raise SystemExit('no')", 20, "consequences.worker_crashed"),
        ("print('hello')", 20, "consequences.worker_garbage"),
        ("print('{}')", 20, "consequences.worker_garbage"),
        ("print('[1]')", 20, "consequences.worker_garbage"),
        ('print(\'{"derived": {"done": 3}}\')', 20, "consequences.worker_garbage"),
        ('print(\'{"missing": "durable"}\')', 20, "consequences.no_durable"),
        ("import time; time.sleep(60)", 0.2, "consequences.worker_slow"),
    ],
)
def test_whatever_happens_to_the_worker_is_an_error_that_names_the_plain_loop(
    code: str, seconds: float, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "TOO_NEW", (99, 0))
    with pytest.raises(WorkerError) as caught:
        by_worker(WORLD, ("-c", code), seconds)
    assert (caught.value.key, caught.value.exit_code) == (key, 3)
    for lang in LANGUAGES:
        assert "--engine fixpoint" in caught.value.text(lang)


def test_a_python_that_is_too_new_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "TOO_NEW", (3, 0))
    with pytest.raises(WorkerError) as caught:
        by_worker(WORLD, ("-c", 'print(\'{"missing": "durable"}\')'))
    assert caught.value.key == "consequences.python_too_new"
    assert "--engine fixpoint" in caught.value.text("en")


def test_engines_that_disagree_fail_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "by_worker", lambda facts: Derived())
    with pytest.raises(WorkerError) as caught:
        derive(WORLD, "both")
    assert caught.value.key == "consequences.differ"
    assert caught.value.fields == {"relation": "instance", "fixpoint": 1, "durable": 0}


# The command


@pytest.fixture
def sample(sample_stores: dict[str, Path], tmp_path: Path) -> Path:
    shutil.copy(sample_stores["machinery_maker"], tmp_path / "m.db")
    return tmp_path / "m.db"


def run(*words: object, lang: str = "en") -> Result:
    asked = ["--lang", lang, "consequences", *map(str, words), "--on", "2026-06-30"]
    return CliRunner().invoke(shall, asked, standalone_mode=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_tells_what_is_overdue_in_words(sample: Path, lang: str) -> None:
    ran = run(sample, "--overdue", lang=lang)
    assert ran.return_value == 1
    lines = ran.output.split("\n\n")[0].splitlines()
    assert len(lines) == 1 + len(EXPECTED["machinery_maker"][0])
    for name in EXPECTED["machinery_maker"][0]:
        assert any(name.rpartition(":")[2] in line for line in lines)
    assert "{" not in ran.output


def test_the_same_question_gives_the_same_bytes_and_a_receipt(sample: Path) -> None:
    first, second = (run(sample, "--format", "json").output for _ in range(2))
    assert first == second
    value = json.loads(first)
    with Store.open(sample) as store:
        found = find(store, store.organisations()[0], ON)
    assert value["count"] == found.count()
    assert value["consequences"] == [one.as_json() for one in found.all]
    receipt = value["receipt"]
    assert set(receipt["rulesets"]) == {"t_ccaa_39"} and receipt["file"]["key"] == "default"
    with Store.open(sample) as store:
        assert (receipt["evidence"]["position"], receipt["evidence"]["head"]) == store.position()


def test_the_story_of_one_names_every_step(sample: Path) -> None:
    ran = run(sample, "--why", "target_review/BA-01")
    for word in ("change CH-01 (2025-11-20)", "BE-01", "BA-01 (2025-12-05)", "OP-01-1", "6.2.1/h"):
        assert word in ran.output
    missing = run(sample, "--why", "target_review/nothing")
    assert isinstance(missing.exception, ShallError)
    assert missing.exception.exit_code == 2 and "BA-01" in missing.exception.text("zh")


def test_a_file_of_ones_own_with_unknown_provisions_is_refused(sample: Path, tmp_path: Path) -> None:
    path = written(tmp_path, rule("a", CHANGE) + '  clauses: ["t_ccaa_39:99.9"]\n')
    ran = run(sample, "--file", path)
    assert isinstance(ran.exception, ShallError) and ran.exception.key == "consequences.unknown_clauses"


def test_hostile_names_stay_text_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with Store.create(path, actor_default="test") as store:
        store.commit(
            ORG,
            [
                Change(PUT, "organisation", "o", {"name": "=1+1<script>alert(1)</script>"}),
                Change(
                    PUT,
                    "change",
                    "=cmd<b>",
                    {"planned": False, "happened_on": date(2026, 1, 5), "decided_by": "@x<i>"},
                ),
            ],
            actor="test",
            at=AT,
        )
    run(path, "--format", "html", "-o", tmp_path / "h.html")
    page = (tmp_path / "h.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "<b>" not in page and "<i>" not in page
    run(path, "--format", "xlsx", "-o", tmp_path / "h.xlsx")
    from openpyxl import load_workbook

    cells = [c for sheet in load_workbook(tmp_path / "h.xlsx") for row in sheet.iter_rows() for c in row]
    assert not [c.value for c in cells if c.data_type == "f"]
    assert any("=cmd<b>" in str(c.value) for c in cells)


def test_the_calendar_file_holds_what_is_open_and_spares_a_store(sample: Path, tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    ics = tmp_path / "d.ics"
    run(sample, "--ics", ics)
    content = ics.read_bytes()
    assert content.count(b"BEGIN:VEVENT") == sum(map(len, EXPECTED["machinery_maker"]))
    run(sample, "--ics", ics)
    assert ics.read_bytes() == content
    ran = run(sample, "--ics", sample)
    assert isinstance(ran.exception, ShallError) and ran.exception.key == "cli.target_is_store"


@needs_durable
def test_the_command_holds_the_engines_against_each_other(sample: Path) -> None:
    tables = {engine: run(sample, "--engine", engine).output for engine in ("fixpoint", "durable", "both")}
    assert len(set(tables.values())) == 1
