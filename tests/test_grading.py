"""The grading policy: each condition, the shipped file, files of a user's own; contradictions in the evidence."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.audit.history import Draft, raise_findings, take
from shall.engine.audit.history import earlier as on_record
from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.engine.contradictions import contradictions
from shall.engine.contradictions_file import compile_rules
from shall.engine.evaluation import Evaluation, Question, evaluate, result
from shall.engine.grading import CONDITIONS, DEFAULT, Earlier, Facts, GradingRule, Policy
from shall.engine.grading_file import FileProblems, When, read_policy, shipped_policies
from shall.engine.reports.schema import Result
from shall.engine.reports.terminal import summary
from shall.engine.samples import sample_day, sample_folder, samples
from shall.engine.yaml_lines import load
from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.ledger import PUT, Change
from shall.evidence.schema import models
from shall.evidence.store import Store

STANDARD = "t_ccaa_39"
ON, SINCE = date(2026, 6, 30), date(2025, 7, 1)
AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
ORG = "ORG-1"

PLAIN = Facts(
    id="t_ccaa_39:6.1.2/a",
    concepts=("planning.review.sources",),
    on=ON,
    since=SINCE,
    decidable=8,
    failing=1,
    gaps=1,
    faulty=1,
    at_work=True,
    lacking=1,
    nothing_found=False,
    units={"provision": 1, "concept": 1},
    sites={"provision": 1, "concept": 1},
    rests_on={},
    contradicted=False,
)


def earlier(found: date, closed: date | None = None, *, lapsed: bool = True) -> Earlier:
    return Earlier("F-1", "t_ccaa_39", "6.1.2/a", found, closed, "minor", lapsed=lapsed)


def absent(decidable: int, failing: int, gaps: int, faulty: int, *, at_work: bool = False) -> Facts:
    return replace(PLAIN, decidable=decidable, failing=failing, gaps=gaps, faulty=faulty, at_work=at_work)


def holds(when: Mapping[str, Any], facts: Facts) -> bool:
    return GradingRule("x", "major", {}, when).holds(facts)


# Each condition, just under and exactly


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ({"clause_absent": 3}, absent(3, 3, 3, 0), True),
        ({"clause_absent": 3}, absent(7, 7, 2, 0), False),
        ({"clause_absent": 3}, absent(7, 7, 1, 3), True),
        ({"clause_absent": 3}, absent(7, 7, 1, 2), False),
        ({"clause_absent": 3}, absent(3, 3, 3, 3, at_work=True), False),
        ({"clause_absent": 3}, absent(4, 3, 3, 3), False),
        ({"clause_absent": 3}, absent(2, 2, 2, 3), False),
        ({"gaps": {"on": "clause", "at_least": 6}}, replace(PLAIN, failing=9, gaps=5), False),
        ({"gaps": {"on": "clause", "at_least": 6}}, replace(PLAIN, failing=6, gaps=6), True),
        ({"gaps": {"on": "provision", "at_least": 2}}, replace(PLAIN, lacking=2), True),
        ({"gaps": {"on": "provision", "at_least": 2}}, replace(PLAIN, lacking=1, failing=9), False),
        (
            {"spread": {"over": "units", "same": "provision", "at_least": 5}},
            replace(PLAIN, units={"provision": 5, "concept": 5}),
            True,
        ),
        (
            {"spread": {"over": "units", "same": "provision", "at_least": 5}},
            replace(PLAIN, units={"provision": 4, "concept": 9}),
            False,
        ),
        (
            {"spread": {"over": "sites", "same": "concept", "at_least": 3}},
            replace(PLAIN, sites={"provision": 1, "concept": 3}),
            True,
        ),
        ({"contradicted": True}, replace(PLAIN, contradicted=True), True),
        ({"contradicted": True}, PLAIN, False),
        ({"purpose": {"provisions": ["t_ccaa_39:6.1.2"]}}, PLAIN, True),
        ({"purpose": {"provisions": ["t_ccaa_39:6.1"]}}, PLAIN, True),
        ({"purpose": {"provisions": ["hunan:6.1.2"]}}, PLAIN, False),
        ({"purpose": {"provisions": ["t_ccaa_39:6.1.20"]}}, PLAIN, False),
        ({"purpose": {"concepts": ["planning.review"]}}, PLAIN, True),
        ({"purpose": {"concepts": ["planning.rev"]}}, PLAIN, False),
        ({"purpose": {"concepts": ["planning.review"], "nothing_found": True}}, PLAIN, False),
        (
            {"purpose": {"concepts": ["planning.review"], "nothing_found": True}},
            replace(PLAIN, nothing_found=True),
            True,
        ),
        ({"cites": [{"kind": "violation"}]}, replace(PLAIN, rests_on={"violation": [{}]}), True),
        ({"cites": [{"kind": "violation"}]}, PLAIN, False),
    ],
)
def test_a_condition_holds_exactly_where_it_says(
    when: Mapping[str, Any], facts: Facts, expected: bool
) -> None:
    assert holds(when, facts) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("noncompliant", True), ("partly", False), ("compliant", False), (None, False)]
)
def test_a_breach_is_cited_by_its_result(value: str | None, expected: bool) -> None:
    asked = [{"kind": "compliance_evaluation", "column": "result", "values": ["noncompliant"]}]
    facts = replace(PLAIN, rests_on={"compliance_evaluation": [{"result": value}]})
    assert holds({"cites": asked}, facts) is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"closed_on": None, "occurred_on": "2020-01-01"}, True),
        ({"closed_on": "2026-07-01", "occurred_on": "2020-01-01"}, True),  # after the day
        (
            {"closed_on": "2026-06-30", "occurred_on": "2025-06-30"},
            False,
        ),  # put right on it, of before the period
        ({"closed_on": "2026-06-30", "occurred_on": "2025-07-01"}, True),  # of the period
        ({"closed_on": "2026-06-30", "occurred_on": "2025-01-01", "decided_on": "2025-09-01"}, True),
        ({"closed_on": "2026-06-30", "occurred_on": None, "decided_on": None}, False),
    ],
)
def test_a_violation_counts_until_it_is_put_right_or_in_its_period(
    record: Mapping[str, Any], expected: bool
) -> None:
    assert (DEFAULT.grade(replace(PLAIN, rests_on={"violation": [record]})).grade == "major") is expected


@pytest.mark.parametrize(
    ("done", "works", "evaluated", "expected"),
    [
        (None, None, "2024-01-01", True),
        ("2024-03-01", 0, "2024-01-01", True),
        ("2024-03-01", None, "2024-01-01", True),
        ("2024-03-01", 1, "2024-01-01", False),
        ("2026-07-01", 1, "2024-01-01", True),
        ("2025-09-01", 1, "2025-07-01", True),
    ],
)
def test_a_noncompliance_is_put_right_by_an_action_that_works(
    done: str | None, works: int | None, evaluated: str, expected: bool
) -> None:
    record = {"result": "noncompliant", "action_taken_on": done, "action_effective": works}
    rests = {"compliance_evaluation": [{**record, "evaluated_on": evaluated}]}
    assert (DEFAULT.grade(replace(PLAIN, rests_on=rests)).grade == "major") is expected


@pytest.mark.parametrize(
    ("found", "closed", "states", "before", "expected"),
    [
        (SINCE.replace(month=6), date(2025, 9, 1), ["closed"], "period", True),
        (SINCE.replace(month=6), None, ["closed"], "period", False),
        (SINCE.replace(month=6), None, ["open"], "period", True),
        (SINCE, date(2025, 9, 1), ["closed", "open"], "period", False),
        (SINCE, date(2025, 9, 1), ["closed"], "day", True),
        (ON, None, ["open"], "day", False),
    ],
)
def test_a_repeat_is_what_an_earlier_audit_found(
    found: date, closed: date | None, states: list[str], before: str, expected: bool
) -> None:
    facts = replace(PLAIN, same=[earlier(found, closed)])
    asked = {"same": "criterion", "states": states, "found_before": before}
    assert holds({"repeat": asked}, facts) is expected
    assert not holds({"repeat": {**asked, "same": "clause"}}, facts)
    in_clause = replace(PLAIN, same_clause=[earlier(found, closed)])
    assert holds({"repeat": {**asked, "same": "clause"}}, in_clause) is expected
    in_time = replace(PLAIN, same=[earlier(found, closed, lapsed=False)])
    assert holds({"repeat": asked}, in_time) is (expected and closed is not None)


def test_all_conditions_of_a_rule_must_hold() -> None:
    when = {"contradicted": True, "gaps": {"on": "clause", "at_least": 2}}
    assert not holds(when, replace(PLAIN, contradicted=True))
    assert holds(when, replace(PLAIN, contradicted=True, gaps=2))


def test_every_condition_the_engine_knows_can_be_written_and_back() -> None:
    assert set(CONDITIONS) == set(When.model_fields)


@given(
    st.integers(1, 9), st.integers(0, 9), st.booleans(), st.integers(0, 9), st.integers(0, 5), st.booleans()
)
def test_the_first_rule_that_fits_decides_and_one_always_does(
    decidable: int, failing: int, at_work: bool, units: int, sites: int, contradicted: bool
) -> None:
    facts = replace(
        PLAIN,
        decidable=decidable,
        failing=min(failing, decidable),
        at_work=at_work,
        units={"provision": units, "concept": units},
        sites={"provision": sites, "concept": sites},
        contradicted=contradicted,
    )
    decided = DEFAULT.grade(facts)
    first = next(rule.name for rule in DEFAULT.rules if rule.holds(facts))
    assert decided.name == first


# Files


def policy_folder() -> Path:
    return Path(str(files("shall.rulesets"))) / "grading"


@pytest.mark.parametrize("key", shipped_policies())
def test_a_shipped_policy_is_sound_and_named_after_its_file(key: str) -> None:
    policy = read_policy(policy_folder() / f"{key}.yaml")
    assert policy.key == key
    assert (policy == DEFAULT) is (key == DEFAULT.key)


def written(tmp_path: Path, change: tuple[str, str]) -> Path:
    text = (policy_folder() / "iso_17021_1.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "own.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("clause_absent: 3", "clause_absent: 0"), "clause_absent"),
        (("clause_absent: 3", "clause_missing: 3"), "clause_missing"),
        (("kind: violation", "kind: violations"), "violations"),
        (("column: result", "column: results"), "results"),
        (("values: [noncompliant]", "values: [illegal]"), "noncompliant"),
        (("put_right: closed_on", "put_right: authority"), "authority"),
        (("dates: [evaluated_on]", "dates: [evaluated]"), "evaluated"),
        (("works: action_effective", "works: action_taken"), "action_taken"),
        (("put_right: closed_on, ", ""), "put_right"),
        (("- name: repeat", "- name: default"), "name"),
        (("closing: {major: effectiveness_verified", "closing: {major: raised"), "effectiveness_verified"),
        (("answer: 15", "answer: 0"), "answer"),
        (("found_before: period", "found_before: year"), "found_before"),
        (("edition: ", "edition: 1\nedition: "), "edition"),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_its_line(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileProblems) as caught:
        read_policy(written(tmp_path, change))
    for lang in ("zh", "en"):
        text = caught.value.text(lang)
        assert "own.yaml:" in text
        assert said in text


def test_the_last_rule_has_no_condition(tmp_path: Path) -> None:
    path = written(tmp_path, ("    when: {clause_absent: 3}\n", ""))
    with pytest.raises(FileProblems, match="the last rule"):
        read_policy(path)


# On the sample


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    with sample_folder("machinery_maker") as folder:
        batch = read_evidence(folder / "evidence" if (folder / "evidence").is_dir() else folder)
    store = Store.create(tmp_path_factory.mktemp("maker") / "s.db", actor_default="test")
    organisation = batch.records["organisation"][0].id
    import_batch(store, organisation, batch, actor="test", at=AT)
    with store:
        yield store, organisation


def evaluated(maker: tuple[Store, str], policy: Policy = DEFAULT, on: date | None = None) -> Evaluation:
    store, organisation = maker
    question = Question.of(organisation, on or sample_day("machinery_maker"))
    return evaluate(executor_for([STANDARD]), store, question, policy)


def with_rule(when: Mapping[str, Any]) -> Policy:
    return replace(
        DEFAULT, rules=(GradingRule("own", "major", {"zh": "甲", "en": "a"}, when), DEFAULT.rules[-1])
    )


def graded(found: Evaluation, name: str) -> list[str]:
    return [f.address for f in found.findings if f.rule == name]


def test_result_names_the_policy_in_every_nonconformity_and_in_the_receipt(maker: tuple[Store, str]) -> None:
    found = result(evaluated(maker))
    Result.model_validate(found)
    assert found["receipt"]["grading"] == DEFAULT.head()
    for f in found["findings"]:
        assert f["policy"] == (None if f["grade"] == "opportunity" else DEFAULT.head())
        assert f["computed_grade"] == f["grade"]
        assert f["regrade"] is None


def test_purpose_is_seen_in_the_sample(maker: tuple[Store, str]) -> None:
    purpose = with_rule({"purpose": {"provisions": ["t_ccaa_39:6.3"]}})
    assert {a.partition("#")[0].partition("/")[0] for a in graded(evaluated(maker, purpose), "own")} == {
        "6.3"
    }


def earlier_on_record(store: Store, organisation: str, on: date) -> list[Earlier]:
    return [e for e in on_record(store, organisation, on) if e.address == "6.1.3#2"]


def copied(maker: tuple[Store, str], tmp_path: Path) -> Store:
    shutil.copy(maker[0].path, tmp_path / "s.db")
    return Store.open(tmp_path / "s.db", write=True)


@pytest.mark.parametrize(("units", "rule"), [(4, "default"), (5, "systemic_over_units")])
def test_one_gap_in_five_units_is_systemic(
    units: int, rule: str, maker: tuple[Store, str], tmp_path: Path
) -> None:
    """A nonconformity without a search for similar ones is already there, in one unit."""
    with copied(maker, tmp_path) as store:
        criterion = f"{STANDARD}:10.1/b/3"
        (there,) = {e.unit for f in evaluated(maker).findings if criterion in f.ids for e in f.evidence}
        others = [u for (u,) in store.rows("unit", maker[1], ("id",)) if u != there][: units - 1]
        pattern = next(b for b in store.records("nonconformity", maker[1]) if "similar_checked_on" not in b)
        changes = [
            Change(PUT, "nonconformity", f"NX-{u}", {**pattern, "id": f"NX-{u}", "unit": u}) for u in others
        ]
        store.commit(maker[1], changes, actor="t", at=AT)
        found = evaluated((store, maker[1]))
        assert next(f.rule for f in found.findings if criterion in f.ids) == rule


def test_a_policy_of_ones_own_on_the_command_line(maker: tuple[Store, str], tmp_path: Path) -> None:
    path = written(tmp_path, ("clause_absent: 3", "clause_absent: 99"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("on: clause, at_least: 6", "on: clause, at_least: 99"), encoding="utf-8")
    run = CliRunner().invoke(
        shall,
        ["check", str(maker[0].path), "--on", "2026-06-30", "--grading", str(path), "--fail-on", "major"],
        standalone_mode=False,
    )
    assert run.exception is None
    assert run.return_value == 0


RECORDED = {
    "found_on": date(2026, 6, 30),
    "ruleset": STANDARD,
    "address": "6.1.3#2",
    "clause": "6.1.3",
    "auditor": "AU-03",
    "description": "三项义务都没有更新",
}


@pytest.mark.parametrize(
    ("grade", "graded_by", "expected"),
    [
        ("major", "checklist:ab12cd34", ("major", "minor", "F-2026-001")),
        ("major", None, ("major", "minor", "F-2026-001")),  # by statement
        ("major", "iso_17021_1:default", ("minor", "minor", None)),  # the policy's word, which is asked again
        ("minor", "checklist:ab12cd34", ("minor", "minor", None)),  # both say the same
    ],
)
def test_the_grade_an_auditor_put_on_record_stands_beside_the_computed_one(
    grade: str, graded_by: str | None, expected: tuple[str, str, str | None], maker: Any, tmp_path: Path
) -> None:
    with copied(maker, tmp_path) as store:
        body = {**RECORDED, "grade": grade, "graded_by": graded_by}
        (record,) = raise_findings(store, maker[1], [body], actor="t", at=AT)
        found = evaluated((store, maker[1]), on=date(2026, 7, 2))
        one = next(f for f in found.findings if f.address == "6.1.3#2")
        told = one.regrade and one.regrade["record"]
        assert (one.grade, one.computed_grade, told) == expected
        body_ = result(found)
        Result.model_validate(body_)
        if told:
            assert one.regrade is not None
            assert (one.regrade["by"], one.regrade["on"]) == ("P09", "2026-06-30")
            page = summary(body_, "zh", everything=True)
            assert f"由审核员在审核发现 {record} 中判定（P09，2026-06-30）" in page
            assert "策略给出的是轻微" in page
            assert "改判" not in page


def long_competent(store: Store, organisation: str) -> None:
    changes = [
        Change(PUT, "auditor", str(b["id"]), {**b, "competence_evaluated_on": date(2025, 1, 6)})
        for b in store.records("auditor", organisation)
        if b["id"] in ("AU-03", "AU-04")
    ]
    assert len(changes) == 2
    store.commit(organisation, changes, actor="t", at=AT)


def test_what_is_open_and_in_time_is_the_same_finding_and_past_its_day_a_repeat(
    maker: tuple[Store, str], tmp_path: Path
) -> None:
    """Found 2025-05-20, the answer due in thirty working days, the audit period begins 2025-07-01."""
    with copied(maker, tmp_path) as store:
        long_competent(store, maker[1])
        body = {
            **RECORDED,
            "found_on": date(2025, 5, 20),
            "grade": "minor",
            "graded_by": "iso_17021_1:default",
        }
        (record,) = raise_findings(store, maker[1], [body], actor="t", at=AT)
        assert isinstance(record, str)
        for on, expected in ((date(2025, 7, 2), False), (date(2025, 7, 3), True)):
            (one,) = earlier_on_record(store, maker[1], on)
            assert (one.record, one.lapsed) == (record, expected)
        rules = {f.address: f.rule for f in evaluated((store, maker[1])).findings}
        assert rules["6.1.3#2"] == "repeat"
        answer = {
            "correction": "补",
            "cause": "漏",
            "action": "查",
            "owner": "P02",
            "due_on": date(2026, 7, 10),
        }
        steps = [
            Draft("answered", date(2025, 6, 10), "P02", **answer),  # type: ignore[arg-type]
            Draft("reviewed", date(2025, 6, 20), "AU-04", outcome="accepted"),
        ]
        for step in steps:
            take(store, maker[1], record, step, closing=DEFAULT.closing, actor="t", at=AT)
        rules = {f.address: f.rule for f in evaluated((store, maker[1])).findings}
        assert rules["6.1.3#2"] == "default"  # its plan is accepted and runs until 2026-07-10
        strict = replace(DEFAULT, closing={**DEFAULT.closing, "minor": "effectiveness_verified"})
        rules = {f.address: f.rule for f in evaluated((store, maker[1]), strict).findings}
        assert rules["6.1.3#2"] == "repeat"  # this policy asked for the close within ninety working days


def test_regrade_and_repeat_come_from_what_is_on_record(maker: tuple[Store, str], tmp_path: Path) -> None:
    organisation = maker[1]
    body = {
        "found_on": date(2026, 6, 30),
        "grade": "minor",
        "ruleset": STANDARD,
        "address": "6.1.3#2",
        "clause": "6.1.3",
        "auditor": "AU-03",
    }
    with copied(maker, tmp_path) as store:
        (record,) = raise_findings(store, organisation, [body], actor="t", at=AT)
        assert isinstance(record, str)
        draft = Draft("regraded", date(2026, 7, 1), "AU-04", reason="两处", grade="major")
        take(store, organisation, record, draft, closing=DEFAULT.closing, actor="t", at=AT)
        one = (store, organisation)
        today = next(f for f in evaluated(one, on=date(2026, 7, 2)).findings if f.address == "6.1.3#2")
        assert (today.grade, today.computed_grade, today.rule) == ("major", "minor", "default")
        assert today.regrade is not None
        assert today.regrade["by"] == "P21"
        assert [e.record for e in today.earlier] == [record]
        before = next(f for f in evaluated(one, on=date(2026, 6, 30)).findings if f.address == "6.1.3#2")
        assert before.regrade is None
        Result.model_validate(result(evaluated(one, on=date(2026, 7, 2))))
        later = evaluated(one, on=date(2027, 7, 15))
        assert [f.rule for f in later.findings if f.address == "6.1.3#2"] in ([], ["repeat"])


# Contradictions

DAY = "2026-03-01"
LATER = "2026-04-01"
CASES: Mapping[str, tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, dict[str, Any]]]]] = {
    "calibrated_after_scrapped": (
        [
            ("meter", {"id": "M", "valid_until": DAY}),
            ("calibration", {"id": "C", "meter": "M", "performed_on": LATER}),
        ],
        [
            ("meter", {"id": "M", "valid_until": DAY}),
            ("calibration", {"id": "C", "meter": "M", "performed_on": DAY}),
        ],
    ),
    "calibration_due_before_done": (
        [("calibration", {"id": "C", "meter": "M", "performed_on": LATER, "due_on": DAY})],
        [("calibration", {"id": "C", "meter": "M", "performed_on": DAY, "due_on": LATER})],
    ),
    "reported_before_audited": (
        [("internal_audit", {"id": "I", "audited_on": LATER, "reported_on": DAY})],
        [("internal_audit", {"id": "I", "audited_on": DAY, "reported_on": DAY})],
    ),
    "audited_by_who_was_not_yet_competent": (
        [
            ("auditor", {"id": "A", "competence_evaluated_on": LATER}),
            ("audit_scope", {"id": "S", "internal_audit": "I", "auditor": "A", "audited_on": DAY}),
        ],
        [
            ("auditor", {"id": "A", "competence_evaluated_on": DAY}),
            ("audit_scope", {"id": "S", "internal_audit": "I", "auditor": "A", "audited_on": DAY}),
        ],
    ),
    "conforms_in_spite_of_major": (
        [
            ("internal_audit", {"id": "I", "conforms_standard": "yes"}),
            ("audit_finding", {"id": "F", "internal_audit": "I", "grade": "major"}),
        ],
        [
            ("internal_audit", {"id": "I", "conforms_standard": "yes"}),
            ("audit_finding", {"id": "F", "internal_audit": "I", "grade": "minor"}),
        ],
    ),
    "closed_before_found": (
        [("nonconformity", {"id": "N", "found_on": LATER, "closed_on": DAY})],
        [("nonconformity", {"id": "N", "found_on": DAY, "closed_on": DAY})],
    ),
    "closed_with_open_action": (
        [
            ("nonconformity", {"id": "N", "closed_on": DAY}),
            ("corrective_action", {"id": "C", "nonconformity": "N"}),
        ],
        [
            ("nonconformity", {"id": "N", "closed_on": DAY}),
            ("corrective_action", {"id": "C", "nonconformity": "N", "completed_on": DAY}),
        ],
    ),
    "effective_before_completed": (
        [("corrective_action", {"id": "C", "nonconformity": "N", "effective": True})],
        [("corrective_action", {"id": "C", "nonconformity": "N", "effective": False})],
    ),
    "competence_evaluated_before_employed": (
        [
            ("person", {"id": "P", "valid_from": LATER}),
            ("competence_record", {"id": "C", "person": "P", "evaluated_on": DAY}),
        ],
        [
            ("person", {"id": "P", "valid_from": DAY}),
            ("competence_record", {"id": "C", "person": "P", "evaluated_on": DAY}),
        ],
    ),
    "competence_evaluated_after_leaving": (
        [
            ("person", {"id": "P", "valid_until": DAY}),
            ("competence_record", {"id": "C", "person": "P", "evaluated_on": LATER}),
        ],
        [
            ("person", {"id": "P", "valid_until": DAY}),
            ("competence_record", {"id": "C", "person": "Q", "evaluated_on": LATER}),
        ],
    ),
    "compliant_with_action": (
        [("compliance_evaluation", {"id": "E", "result": "compliant", "action_needed": True})],
        [("compliance_evaluation", {"id": "E", "result": "partly", "action_needed": True})],
    ),
    "evaluated_before_change": (
        [
            ("compliance_evaluation", {"id": "E", "change": "C", "evaluated_on": DAY}),
            ("change", {"id": "C", "decided_on": LATER}),
        ],
        [
            ("compliance_evaluation", {"id": "E", "change": "C", "evaluated_on": LATER}),
            ("change", {"id": "C", "decided_on": DAY}),
        ],
    ),
    "policy_approved_after_it_ended": (
        [("policy", {"id": "P", "approved_on": LATER, "valid_until": DAY})],
        [("policy", {"id": "P", "approved_on": DAY, "valid_until": LATER})],
    ),
    "offset_cancelled_before_bought": (
        [("offset", {"id": "O", "purchased_on": LATER, "cancelled_on": DAY})],
        [("offset", {"id": "O", "purchased_on": DAY})],
    ),
    "certificate_used_before_bought": (
        [("green_certificate", {"id": "G", "purchased_on": LATER, "cancelled_on": DAY})],
        [("green_certificate", {"id": "G", "purchased_on": LATER, "cancelled_on": LATER})],
    ),
    "negative_activity": (
        [("activity_datum", {"id": "A", "quantity": "-0.01"})],
        [("activity_datum", {"id": "A", "quantity": "0", "emission": "0"})],
    ),
    "negative_or_excess_output": (
        [("product_output", {"id": "O", "quantity": "10", "qualified_quantity": "10.1"})],
        [("product_output", {"id": "O", "quantity": "10", "qualified_quantity": "10"})],
    ),
    "more_modules_than_roof": (
        [("roof_area", {"id": "R", "usable_area": "10", "pv_area": "11"})],
        [("roof_area", {"id": "R", "total_area": "11", "usable_area": "10", "pv_area": "10"})],
    ),
    "more_waste_energy_used_than_there_is": (
        [("waste_energy", {"id": "W", "available": "60", "used": "61"})],
        [("waste_energy", {"id": "W", "available": "60", "used": "60"})],
    ),
    "more_mass_recoverable_than_there_is": (
        [("recyclability", {"id": "R", "total_mass": "850", "recoverable_mass": "851"})],
        [("recyclability", {"id": "R", "recoverable_mass": "851"})],
    ),
}
"""For every shipped contradiction records that contradict each other, and records that nearly do."""


def declared() -> list[str]:
    text = (Path(str(files("shall.rulesets"))) / "contradictions.yaml").read_text(encoding="utf-8")
    return [one["name"] for one in load(text)[0]]


def observed(
    path: Path, records: Sequence[tuple[str, Mapping[str, Any]]]
) -> list[tuple[str, tuple[Any, ...]]]:
    with Store.create(path) as store:
        changes = [
            Change(PUT, kind, body["id"], models()[kind](**body).model_dump(mode="json"))
            for kind, body in records
        ]
        store.commit(ORG, changes, actor="t", at=AT)
        found = contradictions(store, ORG, date(2026, 6, 30), SINCE, None)
    return [(o.rule, o.records) for o in found]


def test_every_contradiction_has_its_cases() -> None:
    assert declared() == list(CASES)


@pytest.mark.parametrize("name", list(CASES))
def test_a_contradiction_is_told_with_its_records_and_nothing_innocent(name: str, tmp_path: Path) -> None:
    wrong, right = CASES[name]
    expected = tuple((kind, str(body["id"])) for kind, body in wrong)
    assert observed(tmp_path / "wrong.db", wrong) == [(name, expected)]
    assert observed(tmp_path / "right.db", right) == []


def test_drafts_contradict_nothing(tmp_path: Path) -> None:
    wrong = [(kind, {**body, "status": "draft"}) for kind, body in CASES["closed_before_found"][0]]
    assert observed(tmp_path / "s.db", wrong) == []


@pytest.mark.parametrize("name", samples())
def test_the_samples_do_not_contradict_themselves(name: str, tmp_path: Path) -> None:
    with sample_folder(name) as folder:
        batch = read_evidence(folder / "evidence" if (folder / "evidence").is_dir() else folder)
    organisation = batch.records["organisation"][0].id
    with Store.create(tmp_path / "s.db") as store:
        import_batch(store, organisation, batch, actor="t", at=AT)
        assert contradictions(store, organisation, ON, SINCE, None) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, says: {zh: 甲, en: a}, kind: meter}", "contradicts itself"),
        ("- {name: a, says: {zh: 甲, en: a}, kind: metre, where: needs_calibration}", "metre"),
        ("- {name: a, says: {zh: 甲, en: a}, kind: meter, where: colour = 'red'}", "colour"),
        (
            "- {name: a, says: {zh: 甲, en: a}, kind: meter, partner: calibration, match: id = meter}",
            "linked",
        ),
        (
            "- {name: a, says: {zh: 甲, en: a}, kind: meter, where: needs_calibration, dates: a < b}",
            "partner",
        ),
        (
            "- {name: a, says: {zh: 甲, en: a}, kind: meter, partner: calibration, match: id = meter, "
            "dates: id < due_on}",
            "id",
        ),
        ("a: 1", "list"),
    ],
)
def test_a_mistake_in_the_contradictions_is_told(text: str, said: str) -> None:
    with pytest.raises(FileProblems) as caught:
        compile_rules(text, "own.yaml")
    assert said in caught.value.text("en")
