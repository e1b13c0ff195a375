"""The recommendation about a certificate: what keeps it from standing, condition by condition and all at once."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine.audit.lifecycle import Actor, Event
from shall.engine.cli import shall
from shall.engine.papers.audits import Audit
from shall.engine.papers.catalogue import paper
from shall.engine.papers.example import ASK, ORGANISATION, changes
from shall.engine.papers.precondition_facts import Facts, says_none, worst
from shall.engine.papers.precondition_findings import _entitled
from shall.engine.papers.precondition_standards import _one
from shall.engine.papers.preconditions import ALWAYS, FURTHER, GRAVEST, Condition, conditions
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, say

CARBON = [("T/CCAA 39—2022", ("碳管理体系 要求", "Management system for carbon — Requirements"))]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented audit, every condition of which is met, as a file."""
    path = tmp_path_factory.mktemp("recommendation") / "example.db"
    with Store.create(path) as opened:
        opened.commit(ORGANISATION, changes(), actor="t", at=datetime(2026, 11, 20, tzinfo=UTC))
    return path


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it, to be changed."""
    with Store.open(Path(shutil.copy(written, tmp_path)), write=True) as opened:
        yield opened


def put(store: Store, kind: str, *bodies: dict[str, Any]) -> None:
    made = [Change(PUT, kind, body["id"], body) for body in bodies]
    store.commit(ORGANISATION, made, actor="t", at=datetime(2026, 11, 20, 1, tzinfo=UTC))


def change(store: Store, kind: str, record: str, **columns: Any) -> None:
    """Give a record of the store other values; None takes one away."""
    found = next(r for r in store.records(kind, ORGANISATION) if r["id"] == record)
    put(store, kind, {k: v for k, v in {**found, **columns}.items() if v is not None})


def told(store: Store, on: date = ASK.on, lang: str = "en") -> dict[str, Condition]:
    return {c.key: c for c in conditions(Audit(store, replace(ASK, on=on), lang))}  # type: ignore[arg-type]


def engagement(**columns: Any) -> dict[str, Any]:
    base = {"id": "EG-1", "auditor": "AU-2", "engagement": "consultancy", "whole_organisation": True}
    return {**base, "period_from": "2024-01-01", **columns}


def recertified(store: Store, **columns: Any) -> None:
    """The same audit as a recertification of a certificate that runs until the end of the year."""
    change(store, "audit_file", "AD-1", audit_type="recertification", recommendation="renew", **columns)
    change(store, "certification_step", "CS-2", step="recertification")
    change(store, "certificate", "CE-1", issued_on="2024-01-01", expires_on="2026-12-31", state="active")


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "record", "columns", "key", "outcome"),
    [
        ("audit_file", "AD-1", {"audit_type": "stage_1"}, "certification", "not_met"),
        ("audit_file", "AD-1", {"audit_type": "stage_1"}, "fits", "not_met"),
        ("audit_file", "AD-1", {"recommendation": "maintain"}, "fits", "not_met"),
        ("audit_file", "AD-1", {"recommendation": "refuse"}, "fits", "met"),
        ("audit_file", "AD-1", {"audit_type": "special", "recommendation": "reduce"}, "fits", "met"),
        ("audit_file", "AD-1", {"audit_type": "surveillance"}, "fits", "not_met"),
        ("audit_file", "AD-1", {"recommendation": None}, "fits", "unknown"),
        ("audit_file", "AD-1", {"audit_type": "surveillance"}, "step_fits", "not_met"),
        ("audit_file", "AD-1", {"certification_step": None}, "step_fits", "unknown"),
        ("certification_step", "CS-2", {"happened_on": "2026-09-10"}, "step_fits", "not_met"),
        ("audit_file", "AD-1", {"body": None}, "identified", "not_met"),
        ("audit_file", "AD-1", {"audited_scope": None}, "identified", "not_met"),
        ("audit_file", "AD-1", {"audited_scope": None}, "scope", "unknown"),
        ("audit_file", "AD-1", {"audited_scope": "全部场所"}, "scope", "unknown"),
        ("audit_file", "AD-1", {"audited_scope": "除铸件的生产外，其余部门"}, "scope", "unknown"),
        ("certificate", "CE-1", {"certified_scope": None}, "scope", "unknown"),
        ("certificate", "CE-1", {"certified_standard": "GB/T 23331-2020"}, "standards", "not_met"),
        ("certificate", "CE-1", {"certified_standard": "碳管理"}, "standards", "unknown"),
        ("certificate", "CE-1", {"certified_standard": None}, "standards", "unknown"),
        ("audit_file", "AD-1", {"recommended_on": "2026-09-08"}, "days_in_order", "not_met"),
        ("audit_file", "AD-1", {"reported_on": "2026-11-17"}, "days_in_order", "not_met"),
        ("audit_file", "AD-1", {"reported_on": None}, "days_in_order", "unknown"),
        ("audit_file", "AD-1", {"audited_from": "2026-09-10"}, "days_in_order", "not_met"),
        ("audit_file", "AD-1", {"audited_until": "2026-11-21"}, "days_in_order", "not_met"),
        ("certification_step", "CS-3", {"happened_on": "2026-11-18"}, "days_in_order", "not_met"),
        ("certification_step", "CS-3", {"happened_on": "2026-09-01"}, "days_in_order", "not_met"),
        ("audit_file", "AD-1", {"days_spent": "3"}, "days_spent", "not_met"),
        ("audit_file", "AD-1", {"days_spent": "3", "deviations": "一人缺席，末次会议推迟"}, "days_spent", "met"),
        ("audit_file", "AD-1", {"days_spent": "0"}, "days_spent", "not_met"),
        ("audit_file", "AD-1", {"days_planned": None}, "days_spent", "unknown"),
        ("audit_file", "AD-1", {"days_on_site": "3.2"}, "on_site", "met"),
        ("audit_file", "AD-1", {"days_on_site": "3.1"}, "on_site", "not_met"),
        ("audit_file", "AD-1", {"days_on_site": "5"}, "on_site", "not_met"),
        ("audit_file", "AD-1", {"days_on_site": None}, "on_site", "unknown"),
        ("audit_file", "AD-1", {"days_planned": "8", "deviations": "改为两天"}, "on_site", "not_met"),
        ("audit_file", "AD-1", {"unresolved": None}, "disputes", "unknown"),
        ("audit_file", "AD-1", {"unresolved": "无法确认边界"}, "disputes", "unknown"),
        ("audit_file", "AD-1", {"unresolved": "No."}, "disputes", "met"),
    ],
)  # fmt: skip
def test_the_file_is_held_against_itself(
    store: Store, kind: str, record: str, columns: dict[str, Any], key: str, outcome: str
) -> None:
    change(store, kind, record, **columns)
    assert told(store)[key].outcome == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("T/CCAA 39-2022", "met"),
        ("t/ccaa39", "met"),
        ("碳管理体系　要求", "met"),
        ("T/CCAA 39—2022《碳管理体系 要求》", "met"),
        ("T/CCAA 39-2019", "not_met"),
        ("T/CCAA 39.2-2022", "not_met"),
        ("T/CCAA 390-2022", "not_met"),
        ("ISO 14001:2015", "not_met"),
        ("碳管理体系", "unknown"),
    ],
)
def test_texts_of_standards_match_only_where_they_name_the_same(text: str, outcome: str) -> None:
    assert _one(text, CARBON) == outcome


def test_a_draft_without_a_number_is_known_by_its_whole_number_or_title_only() -> None:
    draft = [("T/CCAA XX—2025（征求意见稿）", ("碳管理体系 机械企业要求",))]
    assert _one("T/CCAA XX-2025(征求意见稿)", draft) == "met"
    assert _one("碳管理体系 机械企业要求", draft) == "met"
    assert _one("T/CCAA 12-2025", draft) == "unknown"


def test_the_certificate_of_a_surveillance_is_in_force(store: Store) -> None:
    change(store, "audit_file", "AD-1", audit_type="surveillance", recommendation="maintain")
    change(store, "certification_step", "CS-2", step="surveillance")
    change(store, "certificate", "CE-1", issued_on="2025-01-01", expires_on="2027-12-31", state="active")
    assert told(store)["in_force"].outcome == "met"
    change(store, "certificate", "CE-1", state=None)
    assert told(store)["in_force"].outcome == "unknown"
    change(store, "certificate", "CE-1", state="suspended")
    assert told(store)["in_force"].outcome == "unknown"
    for wrong in (
        {"state": "revoked"},
        {"state": "active", "expires_on": "2026-09-08"},
        {"state": "active", "expires_on": "2027-12-31", "issued_on": "2026-10-01"},
    ):
        change(store, "certificate", "CE-1", **wrong)
        assert told(store)["in_force"].outcome == "not_met", wrong
    change(store, "certificate", "CE-1", issued_on="2025-01-01", state="active")
    withdrawn = {"id": "CS-9", "certificate": "CE-1", "step": "withdrawn", "happened_on": "2026-11-20"}
    put(store, "certification_step", withdrawn)
    found = told(store)["in_force"]
    assert found.outcome == "not_met" and "CS-9" in found.basis


# --- people --------------------------------------------------------------------------------------


def test_who_recommends_is_of_the_team_and_a_member_that_does_not_lead_is_said(store: Store) -> None:
    change(store, "audit_file", "AD-1", recommended_by="AU-2")
    found = told(store)["recommender"]
    assert found.outcome == "met" and "not the leader" in found.basis
    change(store, "audit_file", "AD-1", recommended_by="AU-3")
    assert told(store)["recommender"].outcome == "not_met"
    change(store, "audit_file", "AD-1", recommended_by="AU-1")
    change(store, "audit_team_member", "TM-1", team_role="expert")
    assert told(store)["recommender"].outcome == "not_met"


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({"period_until": "2024-09-08"}, "met"),
        ({"period_until": "2024-09-09"}, "not_met"),
        ({"period_until": None}, "not_met"),
        ({"period_until": "9999-12-31"}, "not_met"),
        ({"period_until": "2026-01-31", "engagement": "inventory"}, "not_met"),
        ({"period_from": None, "valid_until": "2026-01-31"}, "not_met"),
        ({"period_from": "2026-09-10"}, "met"),
        ({"status": "withdrawn"}, "met"),
        ({"auditor": "AU-3"}, "met"),
    ],
)
def test_a_tie_binds_for_two_years(store: Store, columns: dict[str, Any], outcome: str) -> None:
    put(store, "auditor_engagement", {k: v for k, v in engagement(**columns).items() if v is not None})
    found = told(store)["impartiality"]
    assert found.outcome == outcome
    assert ("EG-1" in found.basis) == (outcome == "not_met")


def test_without_ties_on_record_a_declaration_counts_and_silence_leaves_it_open(store: Store) -> None:
    change(store, "auditor", "AU-2", declared_impartial=None)
    found = told(store)["impartiality"]
    assert found.outcome == "unknown" and "AU-2" in found.basis and "AU-1" not in found.basis
    change(store, "auditor", "AU-2", declared_impartial=False)
    assert told(store)["impartiality"].outcome == "not_met"


def test_who_did_the_internal_audit_or_works_for_the_organisation_is_not_impartial(store: Store) -> None:
    change(store, "internal_audit", "IA-1", lead_auditor="AU-2")
    found = told(store)["impartiality"]
    assert found.outcome == "not_met" and "IA-1" in found.basis
    change(store, "internal_audit", "IA-1", lead_auditor="AU-3")
    change(store, "auditor", "AU-2", person="PE-2")
    assert told(store)["impartiality"].outcome == "not_met"
    change(store, "auditor", "AU-2", person="PE-1")
    assert told(store)["impartiality"].outcome == "unknown"
    change(store, "person", "PE-1", is_external=True)
    assert told(store)["impartiality"].outcome == "met"


@pytest.mark.parametrize(
    ("auditor", "row", "outcome"),
    [
        ({"competence_evaluated_on": "2026-09-09"}, None, "not_met"),
        ({"competent": False}, None, "not_met"),
        ({"competent": None}, None, "unknown"),
        ({}, {"standard": "hunan"}, "not_met"),
        ({}, {"standard": "t_ccaa_39", "evaluated_on": "2026-09-09"}, "not_met"),
        ({}, {"standard": "t_ccaa_39", "evaluated_on": "2026-01-03"}, "met"),
        ({}, {"standard": "t_ccaa_39", "valid_until": "2026-09-01"}, "not_met"),
    ],
)
def test_competence_is_found_before_the_audit_and_for_its_standard(
    store: Store, auditor: dict[str, Any], row: dict[str, Any] | None, outcome: str
) -> None:
    change(store, "auditor", "AU-2", **auditor)
    if row:
        put(store, "auditor_competence", {"id": "CO-1", "auditor": "AU-2", **row})
    assert told(store)["competence"].outcome == outcome


def test_a_sector_that_is_not_the_industry_in_so_many_words_is_for_a_person(store: Store) -> None:
    rows = [
        {"id": f"CO-{n}", "auditor": f"AU-{n}", "standard": "t_ccaa_39", "sector": "铸造"} for n in (1, 2)
    ]
    put(store, "auditor_competence", *rows)
    found = told(store)["competence"]
    assert found.outcome == "unknown" and "CO-1" in found.basis
    put(store, "auditor_competence", {k: v for k, v in rows[0].items() if k != "sector"})
    assert told(store)["competence"].outcome == "met"


def test_before_the_decision_those_designated_are_looked_at(store: Store) -> None:
    on = date(2026, 11, 19)
    assert (
        told(store, on)["decider_outside"].outcome == told(store, on)["recommender_outside"].outcome == "met"
    )
    assert told(store, on)["decider_outside"].basis == "钱七"
    for name, outcome in (
        ("AU-2", "not_met"),
        ("李 工", "not_met"),
        ("PE-2", "not_met"),
        ("张三", "unknown"),
    ):
        change(store, "audit_file", "AD-1", designated_decider=f"钱七；{name}")
        assert told(store, on)["decider_outside"].outcome == outcome, name
        assert told(store)["decider_outside"].outcome == "met", "who decided counts, not who was to"
    change(store, "audit_file", "AD-1", designated_decider=None)
    assert told(store, on)["decider_outside"].outcome == "unknown"
    change(store, "audit_file", "AD-1", designated_decider="AU-3")
    assert told(store, on)["decider_outside"].outcome == "not_met", "audited for the organisation itself"


@pytest.mark.parametrize(
    ("reviewer", "outcome"), [("吴工", "met"), (None, "unknown"), ("AU-1", "not_met"), ("李工", "not_met")]
)
def test_the_reviewer_is_another(store: Store, reviewer: str | None, outcome: str) -> None:
    change(store, "audit_file", "AD-1", reviewer=reviewer)
    assert told(store)["reviewer_outside"].outcome == outcome


# --- findings ------------------------------------------------------------------------------------


def test_a_major_verified_by_somebody_tied_to_the_organisation_is_not_verified(store: Store) -> None:
    put(store, "auditor_engagement", engagement(auditor="AU-1"))
    found = told(store)
    assert "not_met" in (found["verifiers"].outcome, found["majors"].outcome)
    assert found["impartiality"].outcome == "not_met"


@pytest.mark.parametrize(
    ("auditor", "outcome"),
    [
        ({"id": "AU-8", "name": "郑工"}, "unknown"),
        ({"id": "AU-8", "person": "PE-1"}, "not_met"),
        ({"id": "AU-8", "name": "郑工", "unit": "U-1"}, "not_met"),
    ],
)
def test_a_major_is_verified_by_the_body_and_not_by_the_organisation(
    tmp_path: Path, auditor: dict[str, Any], outcome: str
) -> None:
    """From the first entry on: what is altered later does not count anyway."""
    made = []
    for one in changes():
        steps = one.kind == "finding_event" and one.body["finding"] == "AF-1"  # type: ignore[index]
        by_auditor = steps and "auditor" in one.body  # type: ignore[operator]
        made.append(replace(one, body={**one.body, "auditor": "AU-8"}) if by_auditor else one)  # type: ignore[dict-item]
    with Store.create(tmp_path / "own.db") as own:
        own.commit(ORGANISATION, made, actor="t", at=datetime(2026, 11, 20, tzinfo=UTC))
        put(own, "auditor", {**auditor, "competent": True, "competence_evaluated_on": "2026-01-03"})
        found = told(own)
    worse = worst([found[key].outcome for key in ("majors", "verifiers")])
    assert worse == outcome or (outcome == "unknown" and worse == "not_met")


@pytest.mark.parametrize(
    ("by", "outcome"),
    [("AU-1", "met"), ("PE-2", "not_met"), ("AU-7", "unknown"), ("PE-1", "unknown"), ("AU-3", "not_met")],
)
def test_each_step_on_a_major_is_held_against_who_took_it(store: Store, by: str, outcome: str) -> None:
    put(store, "auditor", {"id": "AU-7", "name": "郑工"}, {"id": "AU-6", "person": "PE-1"})
    facts = Facts(Audit(store, ASK, "zh"))
    step = Event("E", "effectiveness_verified", date(2026, 11, 18), Actor(by))
    assert _entitled(facts, "AF-1", step)[0] == outcome


def test_a_recertification_wants_more(store: Store) -> None:
    recertified(store)
    found = told(store)
    keys = set(FURTHER["recertification"])
    assert {k: found[k].outcome for k in keys} == dict.fromkeys(keys, "met")
    assert found["earlier"].outcome == "met"
    change(store, "certificate", "CE-1", expires_on="2026-11-17")
    found = told(store)
    assert found["majors_before_expiry"].outcome == found["decided_before_expiry"].outcome == "not_met"
    assert found["before_expiry"].outcome == "met"
    change(store, "certificate", "CE-1", expires_on=None)
    assert told(store)["decided_before_expiry"].outcome == "unknown"


def test_a_certificate_that_ended_is_neither_renewed_nor_kept_by_a_special_audit(store: Store) -> None:
    recertified(store)
    change(store, "certificate", "CE-1", expires_on="2026-09-08")
    assert told(store)["before_expiry"].outcome == "not_met"
    assert told(store)["in_force"].outcome == "met", "when it expires is for the other conditions"
    change(store, "certificate", "CE-1", state="revoked")
    assert told(store)["in_force"].outcome == "not_met"
    change(store, "audit_file", "AD-1", audit_type="special")
    assert told(store)["in_force"].outcome == "not_met"


def test_before_a_recertification_earlier_minors_are_verified_not_only_planned(store: Store) -> None:
    on = date(2026, 9, 7)  # the day before the earlier minor was verified
    assert told(store, on)["earlier"].outcome == "met"
    recertified(store)
    found = told(store, on)["earlier"]
    assert found.outcome == "not_met" and found.basis == "AF-0"
    assert told(store)["earlier"].outcome == "met"


# --- the whole -----------------------------------------------------------------------------------


def impossible(store: Store) -> None:
    """A surveillance that cannot have been one: every column filled in, hardly one that fits another."""
    change(
        store, "audit_file", "AD-1", audit_type="surveillance", recommendation="grant", recommended_by="AU-3",
        recommended_on="2026-09-01", reported_on="2026-08-30", days_spent="2", days_on_site="1", body=None,
        unresolved=None, reviewer="AU-3", designated_decider="AU-2",
    )  # fmt: skip
    change(
        store,
        "certificate",
        "CE-1",
        certified_standard="ISO 14001:2015",
        state="revoked",
        certified_scope=None,
    )
    change(store, "certification_step", "CS-3", decided_by="李工")
    change(store, "auditor", "AU-2", competence_evaluated_on="2026-10-01")
    put(store, "auditor_engagement", engagement(period_until="2026-06-30"))


def test_the_impossible_file_does_not_pass(store: Store) -> None:
    impossible(store)
    outcomes = {key: c.outcome for key, c in told(store).items()}
    assert {key for key, o in outcomes.items() if o == "not_met"} >= {
        "fits", "step_fits", "standards", "in_force", "days_in_order", "identified", "days_spent", "on_site",
        "recommender", "reviewer_outside", "decider_outside", "impartiality", "competence",
    }  # fmt: skip
    assert {key for key, o in outcomes.items() if o == "unknown"} >= {"scope", "disputes"}


def test_it_ends_with_1_and_tells_what_is_not_met_first(store: Store, tmp_path: Path) -> None:
    impossible(store)
    asked = ("document", "certificate-recommendation", str(tmp_path / "example.db"), "--audit", "AD-1")
    done = CliRunner().invoke(
        shall, [*asked, "--on", "2026-11-20", "-o", str(tmp_path / "out.html")], standalone_mode=False
    )
    assert done.exception is None and done.return_value == 1
    for lang in LANGUAGES:
        context = paper("certificate-recommendation").context(store, ASK, lang)
        shown = [row["outcome"] for row in context["conditions"]]
        order = [say(f"papers.outcome_{o}", lang) for o in GRAVEST]
        assert shown == sorted(shown, key=order.index) and set(shown) == set(order)
        notice = context["paper"]["notices"][0]["text"]
        assert say("papers.standing_not_met", lang) in notice
        assert say("papers.condition_impartiality", lang) in notice
        assert say("papers.more_unknown", lang, count=shown.count(order[1])) in notice


def test_a_file_that_says_nothing_meets_nothing_by_its_silence(tmp_path: Path) -> None:
    with Store.create(tmp_path / "bare.db") as bare:
        put(bare, "audit_file", {"id": "AD-1"})
        met = {key for key, c in told(bare).items() if c.outcome == "met"}
    assert met == {"majors", "minors", "verifiers", "earlier"}, "no finding is on record"


def test_a_reader_can_tell_why(store: Store) -> None:
    """Whatever is not met or cannot be told has its reason, but where the condition itself is all there is to say."""
    impossible(store)
    bare = {key for key, c in told(store).items() if c.outcome == "not_met" and not c.basis}
    assert not bare
    assert set(told(store)) == {*ALWAYS, *FURTHER["surveillance"]}


@given(st.lists(st.sampled_from(GRAVEST)))
@settings(max_examples=40, deadline=None)
def test_the_worst_decides(outcomes: list[Any]) -> None:
    found = worst(outcomes)
    assert found == min([*outcomes, "met"], key=GRAVEST.index)
    assert worst([*outcomes, "met"]) == found


@given(st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_of_a_certificate_is_compared_without_an_error(text: str) -> None:
    assert _one(text, CARBON) in GRAVEST
    assert not says_none(text + "x1")
