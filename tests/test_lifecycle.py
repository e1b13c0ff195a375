"""The life of a finding: legal steps, refusals, replay, what the store keeps, working days, the commands."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from shall.engine.audit.calendar import Calendar, calendar
from shall.engine.audit.deadlines import calendar_file, due
from shall.engine.audit.history import (
    Draft,
    Followed,
    earlier,
    followed,
    meant,
    one,
    raise_findings,
    step_id,
    take,
)
from shall.engine.audit.lifecycle import (
    AUDITEE,
    EXTENDS,
    FINAL,
    OUTCOMES,
    STATES,
    STEPS,
    Actor,
    Case,
    Event,
    Finding,
    Refused,
    allowed,
    begin,
    closes_from,
    fold,
    step,
)
from shall.engine.audit.people import People, Registry
from shall.engine.cli import shall
from shall.engine.grading import DEFAULT
from shall.engine.grading_file import FileProblems
from shall.evidence.ledger import PUT, WITHDRAW, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import ShallError, UsageError

FOUND = date(2026, 3, 2)
MANAGER = Actor("P1", "U1")
OWNER = Actor("P2", "U1")
RAISER = Actor("P8", "U8", competent=True, team=True)
AUDITOR = Actor("P9", "U9", competent=True)
COLLEAGUE = Actor("P7", "U7")
OUTSIDER = Actor("P6", "U6")
NOBODY = Actor("P0", known=False)
ACTORS = (MANAGER, OWNER, RAISER, AUDITOR, COLLEAGUE, OUTSIDER, NOBODY)

ANSWER = {"correction": "put right", "cause": "why", "action": "never again", "owner": "P2"}


def finding(grade: str = "major", **more: Any) -> Finding:
    return Finding("F-1", FOUND, grade, unit="U1", auditor="P8", address="6.3#1", **more)


def event(name: str, day: int, actor: Actor | None = None, **brings: Any) -> Event:
    """A step that is complete in itself, on the day so many days after the finding."""
    on = FOUND + timedelta(day)
    given: dict[str, Any] = {"reason": "because"}
    if name in OUTCOMES:
        given["outcome"] = OUTCOMES[name][0]
    if name == "answered":
        given |= {**ANSWER, "due_on": on + timedelta(30)}
    if name == "extended":
        given["due_on"] = on + timedelta(400)
    if actor is None:
        actor = MANAGER if name in AUDITEE else OUTSIDER if name == "dispute_decided" else AUDITOR
    return Event(f"F-1.{day:03d}", name, on, actor, **(given | brings))


def walked(*names: str, grade: str = "major") -> Case:
    found = fold(finding(grade), [event(name, n) for n, name in enumerate(names)])
    assert found.refused == ()
    return found.case


NAMES = sorted({name for names in STEPS.values() for name in names})
WAY = ("answered", "reviewed", "implemented", "implementation_verified", "effectiveness_verified", "closed")


def refused(case: Case, taken: Event) -> str:
    with pytest.raises(Refused) as caught:
        step(case, taken)
    for lang in LANGUAGES:
        assert "{" not in caught.value.text(lang)
    return caught.value.key


# The table of steps


def test_the_whole_way_ends_closed() -> None:
    case = walked(*WAY)
    assert case.state == "closed"
    assert case.closed_on == FOUND + timedelta(5)
    assert allowed(case) == ()


def reached(state: str, grade: str) -> Case:
    if state == "disputed":
        return walked("disputed", grade=grade)
    if state == "rejected":
        first = event("answered", 0)
        return fold(finding(grade), [first, event("reviewed", 1, outcome="rejected")]).case
    if state == "withdrawn":
        steps = [event("disputed", 0), event("dispute_decided", 1, outcome="withdrawn")]
        return fold(finding(grade), steps).case
    ends = ("raised", "answered", "accepted", *WAY[2:5], "closed")
    return walked(*WAY[: ends.index(state)], grade=grade) if state in ends else _implemented(grade)


def _implemented(grade: str) -> Case:
    return walked(*WAY[:3], grade=grade)


@pytest.mark.parametrize(("state", "name", "grade"), list(product(STATES, NAMES, ("major", "minor"))))
def test_a_step_is_taken_exactly_where_the_table_lets_it(state: str, name: str, grade: str) -> None:
    case = reached(state, grade)
    assert case.state == state
    other = {"grade": "minor" if grade == "major" else "major"} if name == "regraded" else {}
    if name in allowed(case):
        after = step(case, event(name, 20, **other))
        assert after.number == case.number + 1
    else:
        assert refused(case, event(name, 20, **other)) in (
            "audit.not_allowed",
            "audit.major_unverified",
            "audit.major_withdrawn",
        )


def test_every_state_is_reached_and_every_final_one_has_no_way_out() -> None:
    for state in STATES:
        assert reached(state, "minor").state == state
        assert (STEPS[state] == ()) is (state in FINAL)
    assert {s for s, names in STEPS.items() if "extended" in names} == set(EXTENDS)


@pytest.mark.parametrize("length", range(6))
def test_a_major_closes_only_after_its_effect_was_verified(length: int) -> None:
    case = walked(*WAY[:length])
    if length == 5:
        assert step(case, event("closed", 9)).state == "closed"
    else:
        assert refused(case, event("closed", 9)) == "audit.major_unverified"


def test_a_minor_regraded_to_major_needs_what_a_major_needs() -> None:
    case = step(walked(*WAY[:4], grade="minor"), event("regraded", 5, grade="major"))
    assert refused(case, event("closed", 6)) == "audit.major_unverified"
    assert case.grade == "major"
    assert case.finding.grade == "minor"


def test_a_major_cannot_be_withdrawn_by_way_of_a_regrade() -> None:
    case = step(walked(), event("regraded", 1, grade="minor"))
    assert refused(case, event("withdrawn", 2)) == "audit.major_withdrawn"
    assert step(walked(grade="minor"), event("withdrawn", 2)).state == "withdrawn"


def test_what_was_not_confirmed_goes_back() -> None:
    assert (
        step(walked(*WAY[:3]), event("implementation_verified", 9, outcome="not_confirmed")).state
        == "accepted"
    )
    case = step(walked(*WAY[:4]), event("effectiveness_verified", 9, outcome="not_confirmed"))
    assert case.state == "rejected"
    assert step(case, event("answered", 10)).state == "answered"


def test_a_dispute_comes_back_to_where_it_was() -> None:
    case = step(walked("answered"), event("disputed", 2))
    assert allowed(case) == ("dispute_decided",)
    assert step(case, event("dispute_decided", 3)).state == "answered"
    assert step(case, event("dispute_decided", 3, outcome="withdrawn")).state == "withdrawn"


# Who may


@pytest.mark.parametrize(
    ("names", "taken", "key"),
    [
        ((), event("answered", 9, RAISER), "auditor_answers"),
        ((), event("disputed", 9, RAISER), "auditor_answers"),
        ((), event("answered", 9, NOBODY), "unknown_actor"),
        ((), event("answered", 9, owner="P8"), "auditor_owns"),
        ((), event("answered", 9, owner_known=False), "unknown_owner"),
        (("answered",), event("reviewed", 9, COLLEAGUE), "not_entitled"),
        (("answered",), event("reviewed", 9, replace(MANAGER, competent=True)), "own_answer"),
        (("answered",), event("reviewed", 9, replace(OWNER, competent=True)), "own_answer"),
        (("answered",), event("reviewed", 9, Actor("P5", "U1", competent=True)), "own_work"),
        (WAY[:3], event("implementation_verified", 9, replace(OWNER, competent=True)), "own_answer"),
        (WAY[:3], event("implementation_verified", 9, OUTSIDER), "not_entitled"),
        (WAY[:4], event("effectiveness_verified", 9, OUTSIDER), "not_entitled"),
        (WAY[:5], event("closed", 9, OUTSIDER), "not_entitled"),
        (("disputed",), event("dispute_decided", 9, RAISER), "team_decides"),
        (("disputed",), event("dispute_decided", 9, MANAGER), "own_answer"),
        ((), event("extended", 9, MANAGER), "not_entitled"),
        ((), event("regraded", 9, MANAGER, grade="minor"), "not_entitled"),
    ],
)
def test_nobody_takes_a_step_that_is_not_theirs(names: tuple[str, ...], taken: Event, key: str) -> None:
    assert refused(walked(*names), taken) == f"audit.{key}"


@pytest.mark.parametrize("step_back", range(1, 6))
def test_the_raising_auditor_may_verify_and_close(step_back: int) -> None:
    case = walked(*WAY[:step_back])
    if WAY[step_back] not in AUDITEE:
        assert step(case, event(WAY[step_back], 9, RAISER)).number == step_back + 1


# What a step must bring


@pytest.mark.parametrize(
    ("names", "taken", "key"),
    [
        ((), event("answered", -1), "too_early"),
        (("answered",), replace(event("reviewed", 0), on=None), "no_date"),
        (("answered",), event("reviewed", -1), "too_early"),
        ((), event("answered", 1, cause=None), "answer_incomplete"),
        ((), event("answered", 1, owner=None), "answer_incomplete"),
        ((), event("answered", 1, due_on=None), "answer_incomplete"),
        ((), event("answered", 1, cause=" Put  right"), "cause_repeated"),
        ((), event("answered", 1, cause="never again"), "cause_repeated"),
        ((), event("answered", 1, due_on=FOUND), "due_before"),
        (("answered",), event("reviewed", 1, outcome="confirmed"), "bad_outcome"),
        (("answered",), event("reviewed", 1, outcome=None), "bad_outcome"),
        (("answered",), event("reviewed", 1, outcome="rejected", reason=None), "no_reason"),
        (WAY[:3], event("implementation_verified", 9, reason=None), "no_reason"),
        ((), event("disputed", 1, reason=None), "no_reason"),
        ((), event("extended", 1, reason=None), "no_reason"),
        ((), event("extended", 1, due_on=None), "not_later"),
        ((), event("extended", 1, due_on=FOUND + timedelta(1)), "not_later"),
        (("extended",), event("extended", 1, due_on=FOUND + timedelta(400)), "not_later"),
        (WAY[:2], event("extended", 2, due_on=FOUND + timedelta(29)), "not_later"),
        ((), event("regraded", 1, grade="major"), "same_grade"),
        ((), event("regraded", 1, grade="opportunity"), "same_grade"),
    ],
)
def test_an_incomplete_step_is_refused(names: tuple[str, ...], taken: Event, key: str) -> None:
    assert refused(walked(*names), taken) == f"audit.{key}"


def test_an_opportunity_closes_at_once_and_asks_for_nothing() -> None:
    case = begin(finding("opportunity"))
    assert due(case, DEFAULT, calendar()) is None
    assert step(case, event("closed", 1)).state == "closed"


def test_a_finding_merely_noted_is_closed_by_the_organisation_itself() -> None:
    noted = Finding("F-1", FOUND, "minor", clause="7.5", closed_on=FOUND + timedelta(9))
    assert begin(noted).closed_on == FOUND + timedelta(9)
    assert begin(replace(noted, grade="major")).open
    assert begin(replace(noted, address="7.5#1")).open


# Properties


EVENTS = st.builds(
    lambda name, day, actor, outcome, grade, cause, reason: event(
        name,
        day,
        actor,
        **({"outcome": outcome} if name in OUTCOMES else {}),
        **({"grade": grade} if name == "regraded" else {}),
        **({"cause": cause} if name == "answered" else {}),
        reason=reason,
    ),
    st.sampled_from([*NAMES, "nonsense"]),
    st.integers(-2, 40),
    st.none() | st.sampled_from(ACTORS),
    st.sampled_from(["accepted", "rejected", "confirmed", "not_confirmed", "upheld", "withdrawn", None]),
    st.sampled_from(["major", "minor", None]),
    st.sampled_from(["why", "put right", None]),
    st.sampled_from(["because", None]),
)
LIKELY = st.lists(st.sampled_from(WAY), max_size=8).map(
    lambda names: [event(n, d) for d, n in enumerate(names)]
)
HISTORIES = (
    st.lists(EVENTS, max_size=25)
    | LIKELY
    | st.tuples(LIKELY, st.lists(EVENTS, max_size=9)).map(lambda p: p[0] + p[1])
)


@settings(max_examples=300)
@given(st.sampled_from(["major", "minor", "opportunity"]), HISTORIES)
def test_any_steps_fold_to_a_legal_state_or_are_refused_without_change(
    grade: str, events: list[Event]
) -> None:
    case = begin(finding(grade))
    for taken in events:
        before = case
        try:
            case = step(case, taken)
        except Refused:
            assert case is before
            continue
        assert taken.event in allowed(before)
        assert taken.on is not None
        assert before.last_on <= taken.on
        assert case.state in STATES
        assert case.steps == (*before.steps, taken)
    folded = fold(finding(grade), events)
    assert folded.case == case
    assert folded.case.number + len(folded.refused) == len(events)
    assert fold(finding(grade), case.steps).case == case


@settings(max_examples=300)
@given(HISTORIES)
def test_no_major_is_ever_closed_without_verification_by_somebody_entitled(events: list[Event]) -> None:
    case = fold(finding("major"), events).case
    if case.state != "closed" or case.grade != "major":
        return
    last_done = max(n for n, s in enumerate(case.steps) if s.event == "implemented")
    for name in ("implementation_verified", "effectiveness_verified"):
        verified = [s for s in case.steps[last_done:] if s.event == name and s.outcome == "confirmed"]
        assert verified
        for s in verified:
            assert s.actor.competent
            assert s.actor.unit != case.finding.unit
            assert s.actor.name not in {x.actor.name for x in case.steps if x.event in AUDITEE}
            assert s.actor.name not in {x.owner for x in case.steps}


@given(HISTORIES, st.integers(0, 25))
def test_a_replay_of_the_beginning_is_the_state_of_then(events: list[Event], cut: int) -> None:
    whole = fold(finding("minor"), events).case
    part = fold(finding("minor"), whole.steps[:cut]).case
    assert part.steps == whole.steps[:cut]


def test_the_grades_agree_on_where_they_close() -> None:
    for grade in ("major", "minor", "opportunity"):
        assert DEFAULT.closing[grade] in closes_from(grade)


# Working days


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-02-12", 2, "2026-02-14"),  # Saturday, made up for the festival
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-26", 2, "2026-02-28"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2026-04-30", 4, "2026-05-09"),
        ("2025-01-25", 1, "2025-01-26"),
        ("2025-09-30", 1, "2025-10-09"),
        ("2025-10-10", 1, "2025-10-11"),
        ("2025-12-31", 1, "2026-01-04"),
        ("2026-06-30", 30, "2026-08-11"),
    ],
)
def test_working_days_follow_the_notices_of_the_state_council(start: str, days: int, expected: str) -> None:
    reached = calendar().after(date.fromisoformat(start), days)
    assert (reached.day.isoformat(), reached.assumed) == (expected, False)


def test_shipped_days_off_in_lieu_are_weekend_days_worked() -> None:
    shipped = calendar()
    assert shipped.years == {2025, 2026}
    assert all(day.weekday() >= 5 for day in shipped.working)
    assert len([d for d in shipped.off if d.year == 2025]) == 28
    assert len([d for d in shipped.off if d.year == 2026]) == 33


def test_a_year_without_a_calendar_is_told() -> None:
    reached = calendar().after(date(2026, 12, 30), 5)
    assert reached.assumed
    assert reached.day == date(2027, 1, 6)


@given(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.integers(1, 120), st.integers(1, 120))
def test_working_days_add_up(start: date, first: int, second: int) -> None:
    days = calendar()
    there = days.after(start, first)
    assert days.works(there.day)
    assert days.after(there.day, second).day == days.after(start, first + second).day
    counted = sum(days.works(start + timedelta(n)) for n in range(1, (there.day - start).days + 1))
    assert counted == first


OWN = """
key: mine
year: {year}
source: {{zh: 甲, en: a}}
confidence: high
off:
  - {{from: 2027-01-01, until: {until}, name: {{zh: 元旦, en: New Year}}{more}}}
working: [{working}]
"""


def own(tmp_path: Path, name: str = "own.yaml", **values: str) -> Path:
    text = OWN.format(
        **({"year": "2027", "until": "2027-01-03", "working": "2027-01-09", "more": ""} | values)
    )
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_calendar_of_ones_own_adds_a_year(tmp_path: Path) -> None:
    mine = calendar([own(tmp_path)])
    assert 2027 in mine.years
    assert not mine.works(date(2027, 1, 1))
    assert mine.works(date(2027, 1, 9))
    assert not mine.after(date(2026, 12, 31), 1).assumed
    unsure = calendar([own(tmp_path, more=", confidence: low")])
    assert unsure.after(date(2026, 12, 31), 1).assumed


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"until": "2026-12-30"}, "until"),
        ({"until": "2027-02-30"}, "2026-10-01"),
        ({"working": "2026-01-09"}, "its own file"),
        ({"working": "2027-01-02"}, "both off and working"),
        ({"year": "two"}, "year"),
        ({"more": ", colour: red"}, "colour"),
    ],
)
def test_a_mistake_in_a_calendar_is_told(values: Mapping[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(FileProblems) as caught:
        calendar([own(tmp_path, **values)])
    assert said in caught.value.text("en")
    assert "own.yaml:" in caught.value.text("zh")


def test_two_calendars_of_one_year_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblems):
        calendar([own(tmp_path), own(tmp_path, "other.yaml")])


def test_due_dates_follow_the_state(tmp_path: Path) -> None:
    days, periods = calendar(), DEFAULT.deadlines["major"]
    wanted = ["answer", "review", "action", "close", "close", "close", None]
    for n, what in enumerate(wanted):
        found = due(walked(*WAY[:n]), DEFAULT, days)
        assert (found.what if found else None) == what
    assert due(walked(), DEFAULT, days).on == days.after(FOUND, periods["answer"]).day  # type: ignore[union-attr]
    later = step(walked(), event("extended", 1))
    assert due(later, DEFAULT, days).on == FOUND + timedelta(401)  # type: ignore[union-attr]
    assert due(walked("answered", "reviewed"), DEFAULT, days).who == "P2"  # type: ignore[union-attr]


def test_the_calendar_file_is_read_back_and_does_not_change() -> None:
    from icalendar import Calendar as Sheet

    days = calendar()
    case = begin(finding(description="甲；乙, 丙\n丁"))
    next_due = due(case, DEFAULT, days)
    assert next_due is not None
    made = calendar_file([(case, next_due)], "ORG", FOUND, "zh")
    assert made == calendar_file([(case, next_due)], "ORG", FOUND, "zh")
    (entry,) = Sheet.from_ical(made).walk("VEVENT")
    assert entry["DTSTART"].dt == next_due.on
    assert str(entry["DESCRIPTION"]) == "甲；乙, 丙\n丁"
    assert "F-1" in str(entry["SUMMARY"])


# In the store


ORG = "ORG-1"
AT = datetime(2026, 7, 1, 8, tzinfo=UTC)


def put(kind: str, record: str, **body: Any) -> Change:
    return Change(PUT, kind, record, body)


PEOPLE = [
    put("organisation", ORG, name="甲厂"),
    *(put("unit", f"U{n}", name=f"部门 {n}") for n in range(1, 10)),
    put("person", "P1", unit="U1"),
    put("person", "P2", unit="U1"),
    put("person", "P5", unit="U1"),
    put("person", "P6", unit="U6"),
    put("person", "P8", unit="U8"),
    put("person", "P9", unit="U9"),
    put("auditor", "A8", person="P8", competent=True, competence_evaluated_on="2026-01-05"),
    put("auditor", "A9", person="P9", competent=True, competence_evaluated_on="2026-01-05"),
    put("auditor", "A5", person="P5", competent=True, competence_evaluated_on="2026-01-05"),
    put("auditor", "A7", name="外聘", competent=True, competence_evaluated_on="2026-06-01"),
]
BODY = {
    "found_on": FOUND,
    "grade": "major",
    "ruleset": "t_ccaa_39",
    "address": "6.3#1",
    "clause": "6.3",
    "unit": "U1",
    "auditor": "A8",
    "audit": "stage 2",
    "description": "变更没有策划",
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("findings") / "s.db"
    with Store.create(path, actor_default="test") as store:
        store.commit(ORG, PEOPLE, actor="test", at=AT)
        assert raise_findings(store, ORG, [BODY], actor="test", at=AT) == ["F-2026-001"]
    return path


@pytest.fixture
def path(begun: Path, tmp_path: Path) -> Path:
    shutil.copy(begun, tmp_path / "s.db")
    return tmp_path / "s.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, write=True) as opened:
        yield opened


F = "F-2026-001"
DRAFTS = {
    "answered": Draft("answered", date(2026, 3, 9), "P1", **ANSWER, due_on=date(2026, 4, 9)),  # type: ignore[arg-type]
    "reviewed": Draft("reviewed", date(2026, 3, 10), "A9", outcome="accepted"),
    "implemented": Draft("implemented", date(2026, 4, 8), "P2", reason="done"),
    "implementation_verified": Draft(
        "implementation_verified", date(2026, 4, 9), "A9", outcome="confirmed", reason="seen"
    ),
    "effectiveness_verified": Draft(
        "effectiveness_verified", date(2026, 7, 1), "A8", outcome="confirmed", reason="seen"
    ),
    "closed": Draft("closed", date(2026, 7, 2), "A8"),
}


def taken(store: Store, draft: Draft, **more: Any) -> Case:
    return take(store, ORG, F, draft, closing=DEFAULT.closing, actor="someone", at=AT, **more)


def walk(store: Store, length: int) -> Case:
    case = one(store, ORG, F).case
    for name in WAY[:length]:
        case = taken(store, DRAFTS[name])
    return case


def test_the_whole_way_is_on_the_ledger_and_in_the_organisations_own_records(store: Store) -> None:
    case = walk(store, 6)
    assert case.state == "closed"
    again = one(store, ORG, F)
    assert again.case.state == "closed"
    assert [s.event for s in again.case.steps] == list(WAY)
    assert again.altered == ()
    assert {r.actor for s in again.case.steps for r in store.history(ORG, "finding_event", s.record)} == {
        "someone"
    }
    (own,) = store.records("nonconformity", ORG)
    assert (own["audit_finding"], own["cause"], own["closed_on"]) == (F, "why", "2026-07-02")
    (action,) = store.records("corrective_action", ORG)
    assert (action["responsible"], action["completed_on"]) == ("P2", "2026-04-08")
    assert (action["effective"], action["effect_reviewed_by"]) == (True, "P8")
    assert store.verify().ok


@pytest.mark.parametrize("length", range(7))
def test_an_earlier_day_and_an_earlier_position_give_the_state_of_then(store: Store, length: int) -> None:
    at_start = walk(store, length)
    known = store.position()[0]
    for name in WAY[length:]:
        taken(store, DRAFTS[name])
    assert one(store, ORG, F, known).case.state == at_start.state
    day = DRAFTS[WAY[length - 1]].on if length else FOUND
    (then,) = followed(store, ORG, on=day)
    assert then.case.state == at_start.state


def test_a_refused_step_writes_nothing(store: Store) -> None:
    before = store.position()
    with pytest.raises(Refused):
        taken(store, DRAFTS["closed"])
    with pytest.raises(Refused):
        taken(store, replace(DRAFTS["answered"], by="A8"))
    assert store.position() == before


def test_a_step_on_a_state_that_has_passed_is_refused(store: Store) -> None:
    taken(store, DRAFTS["answered"], expect=0)
    with pytest.raises(Refused) as caught:
        taken(store, DRAFTS["reviewed"], expect=0)
    assert caught.value.key == "audit.overtaken"
    assert taken(store, DRAFTS["reviewed"], expect=1).state == "accepted"


def test_of_two_who_step_at_once_the_second_is_told(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one commits between the look and the write."""
    from shall.engine.audit import history

    real = history.step

    def slow(case: Case, event: Event) -> Case:
        monkeypatch.setattr(history, "step", real)
        with Store.open(path, write=True) as other:
            taken(other, replace(DRAFTS["answered"], cause="another cause"))
        return real(case, event)

    monkeypatch.setattr(history, "step", slow)
    with pytest.raises(Refused) as caught:
        taken(store, DRAFTS["answered"])
    assert caught.value.key == "audit.overtaken"
    (only,) = one(store, ORG, F).case.steps
    assert only.cause == "another cause"
    assert store.verify().ok


def test_steps_altered_or_withdrawn_later_count_as_they_were(store: Store) -> None:
    walk(store, 2)
    first, second = step_id(F, 1), step_id(F, 2)
    body = next(b for b in store.records("finding_event", ORG) if b["id"] == first)
    changes = [
        put("finding_event", first, **{**body, "cause": "nicer", "id": first}),
        Change(WITHDRAW, "finding_event", second),
    ]
    store.commit(ORG, changes, actor="x", at=AT)
    found = one(store, ORG, F)
    assert found.case.state == "accepted"
    assert found.case.steps[0].cause == "why"
    assert len(found.altered) == 2
    assert taken(store, DRAFTS["implemented"]).state == "implemented"


def test_the_grade_it_was_raised_with_cannot_be_slipped_under_it(store: Store) -> None:
    walk(store, 2)
    body = next(b for b in store.records("audit_finding", ORG) if b["id"] == F)
    store.commit(ORG, [put("audit_finding", F, **{**body, "grade": "minor"})], actor="x", at=AT)
    found = one(store, ORG, F)
    assert found.case.grade == "major"
    assert len(found.altered) == 1


def test_imported_steps_are_held_to_the_same_rules(store: Store) -> None:
    store.commit(
        ORG,
        [put("finding_event", "Z-1", finding=F, event="closed", happened_on="2026-03-05", auditor="A9")],
        actor="x",
        at=AT,
    )
    found: Followed = one(store, ORG, F)
    assert found.case.state == "raised"
    ((event_, error),) = found.folded.refused
    assert (event_.record, error.key) == ("Z-1", "audit.major_unverified")


def test_competence_is_that_of_the_day_and_of_what_was_on_record(store: Store) -> None:
    walk(store, 1)
    with pytest.raises(Refused) as caught:
        taken(store, replace(DRAFTS["reviewed"], by="A7"))
    assert caught.value.key == "audit.not_entitled"
    with pytest.raises(Refused) as caught:
        taken(store, replace(DRAFTS["reviewed"], by="A5"))
    assert caught.value.key == "audit.own_work"
    taken(store, DRAFTS["reviewed"])
    store.commit(ORG, [Change(WITHDRAW, "auditor", "A9")], actor="x", at=AT)
    assert one(store, ORG, F).case.state == "accepted"


def test_the_policy_may_ask_for_more_but_never_for_less(store: Store) -> None:
    minor = {**BODY, "grade": "minor", "address": "6.3#2"}
    (record,) = raise_findings(store, ORG, [minor], actor="x", at=AT)
    assert record == "F-2026-002"
    for name in WAY[:2]:
        take(store, ORG, record, DRAFTS[name], closing=DEFAULT.closing, actor="x", at=AT)
    closing = {**DEFAULT.closing, "minor": "accepted"}
    strict = {**DEFAULT.closing, "minor": "effectiveness_verified"}
    soon = replace(DRAFTS["closed"], on=date(2026, 3, 11))
    with pytest.raises(Refused) as caught:
        take(store, ORG, record, soon, closing=strict, actor="x", at=AT)
    assert caught.value.key == "audit.policy_closes"
    assert take(store, ORG, record, soon, closing=closing, actor="x", at=AT).state == "closed"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({}, "already_open"),
        ({"auditor": "A0"}, "unknown_actor"),
        ({"auditor": "P6"}, "not_entitled"),
        ({"auditor": "A5", "address": "6.3#3"}, "own_work"),
        ({"auditor": "A7", "address": "6.3#3"}, "not_entitled"),
    ],
)
def test_a_finding_that_may_not_be_raised(change: Mapping[str, str], key: str, store: Store) -> None:
    before = store.position()
    (error,) = raise_findings(store, ORG, [{**BODY, **change}], actor="x", at=AT)
    assert isinstance(error, Refused)
    assert error.key == f"audit.{key}"
    assert store.position() == before


def test_the_same_gap_in_another_unit_is_another_finding(store: Store) -> None:
    assert raise_findings(store, ORG, [{**BODY, "unit": "U2"}], actor="x", at=AT) == ["F-2026-002"]


def test_an_unknown_finding_is_told_with_those_there_are(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        one(store, ORG, "F-9")
    assert F in caught.value.text("zh")


# Who is who


TEAM = [
    put("audit_file", "AD-1", title="stage 2", audit_type="internal", certification_step="CS-2"),
    put("audit_team_member", "TM-1", audit_file="AD-1", auditor="A9", team_role="auditor"),
    put("audit_team_member", "TM-2", audit_file="AD-1", name="外聘", team_role="expert"),
    put("audit_team_member", "TM-3", audit_file="AD-0", auditor="A7", team_role="lead"),
]


@pytest.mark.parametrize("audit", ["stage 2", "AD-1", "CS-2"])
def test_who_is_named_in_the_audit_file_only_belongs_to_the_team_too(audit: str, store: Store) -> None:
    store.commit(ORG, [*TEAM, put("audit_finding", F, **{**BODY, "audit": audit})], actor="x", at=AT)
    taken(store, Draft("disputed", date(2026, 3, 9), "P1", reason="not in scope"))
    decide = Draft("dispute_decided", date(2026, 3, 10), "A9", outcome="upheld", reason="it is")
    for who in ("A9", "P9"):
        with pytest.raises(Refused) as caught:
            taken(store, replace(decide, by=who))
        assert caught.value.key == "audit.team_decides"
        assert "P9" in caught.value.text("zh") and "P9" in caught.value.text("en")
    assert taken(store, replace(decide, by="A7")).state == "raised"  # of another team


def test_the_team_may_verify_but_not_answer(store: Store) -> None:
    store.commit(ORG, TEAM, actor="x", at=AT)
    with pytest.raises(Refused) as caught:
        taken(store, replace(DRAFTS["answered"], by="A9"))
    assert caught.value.key == "audit.auditor_answers"
    assert walk(store, 6).state == "closed"


def test_the_team_is_that_of_the_day_it_was_on_record(store: Store) -> None:
    taken(store, Draft("disputed", date(2026, 3, 9), "P1", reason="not in scope"))
    taken(store, Draft("dispute_decided", date(2026, 3, 10), "A9", outcome="upheld", reason="it is"))
    store.commit(ORG, TEAM, actor="x", at=AT)
    assert one(store, ORG, F).folded.refused == ()


CHANGES = st.one_of(
    st.builds(put, st.just("person"), st.sampled_from(["P1", "P9"]), unit=st.sampled_from(["U1", "U2"])),
    st.builds(
        put,
        st.just("auditor"),
        st.sampled_from(["A1", "A9"]),
        person=st.sampled_from(["P1", "P9"]),
        competent=st.booleans(),
        competence_evaluated_on=st.sampled_from(["2026-01-05", "2026-05-05"]),
    ),
    st.builds(put, st.just("internal_audit"), st.just("X"), lead_auditor=st.sampled_from(["A1", "A9"])),
    st.builds(
        put,
        st.just("audit_scope"),
        st.just("S"),
        internal_audit=st.just("X"),
        auditor=st.sampled_from(["A1", "P7"]),
    ),
    st.builds(
        put,
        st.just("audit_finding"),
        st.sampled_from(["F1", "F2"]),
        audit=st.sampled_from(["X", "Y"]),
        auditor=st.sampled_from(["A1", "A9"]),
    ),
    st.builds(put, st.just("audit_file"), st.just("D"), title=st.sampled_from(["X", "Y"])),
    st.builds(
        put, st.just("audit_team_member"), st.just("T"), audit_file=st.just("D"), auditor=st.just("A9")
    ),
    st.builds(put, st.just("unit"), st.just("U1"), name=st.sampled_from("甲乙丙")),
    st.builds(Change, st.just(WITHDRAW), st.just("audit_finding"), st.just("F1")),
    st.builds(Change, st.just(WITHDRAW), st.just("auditor"), st.just("A9")),
)


@given(st.lists(CHANGES, max_size=14))
@settings(max_examples=25, deadline=None)
def test_equal_states_share_one_and_tell_what_each_entry_tells(changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as place, Store.create(Path(place) / "s.db") as store:
        store.commit("OTHER", [put("person", "P9", unit="U9")], actor="x", at=AT)
        for change in changes:
            if change.action == PUT or store.history(ORG, change.kind, change.record_id):
                store.commit(ORG, [change], actor="x", at=AT)
        registry, last = Registry(store, ORG), store.position()[0]
        for known in (*range(last + 1), None):
            now, then = registry.at(known), People(store, ORG, known)
            asked = product(("P1", "P9", "A1", "A9", "P7"), (("X", None), ("Y", "D"), ("D", "X")))
            for by, audits in asked:
                assert now.actor(by, date(2026, 3, 3), audits) == then.actor(by, date(2026, 3, 3), audits)
                assert (now.name(by), now.person(by)) == (then.name(by), then.person(by))
        assert registry.at(None) is registry.at(last)


# Criteria


FURTHER = {"criterion": "one\nt_ccaa_39:6.3/b two", "further": "t_ccaa_39:6.3/b; machinery:6.3#2"}


def test_further_criteria_stand_in_a_column_of_their_own(store: Store) -> None:
    (record,) = raise_findings(store, ORG, [{**BODY, **FURTHER, "address": "6.3#3"}], actor="x", at=AT)
    assert isinstance(record, str)
    names = ("t_ccaa_39:6.3/b", "machinery:6.3#2")
    assert one(store, ORG, record).case.finding.further == names
    (same,) = [e for e in earlier(store, ORG, date(2026, 7, 1), policy=DEFAULT) if e.record == record]
    assert same.further == names
    for ruleset, address in (("t_ccaa_39", "6.3/b"), ("machinery", "6.3#2")):
        body = {**BODY, "ruleset": ruleset, "address": address}
        (again,) = raise_findings(store, ORG, [body], actor="x", at=AT)
        assert isinstance(again, Refused) and again.key == "audit.already_open"


@pytest.mark.parametrize(
    "stored", [FURTHER, {"criterion": "one\nt_ccaa_39:6.3/b two\nmachinery:6.3#2 three"}]
)
def test_further_criteria_do_not_change_once_something_was_done(stored: dict[str, str], store: Store) -> None:
    names = ("t_ccaa_39:6.3/b", "machinery:6.3#2")
    body = {**BODY, **stored}
    store.commit(ORG, [put("audit_finding", F, **body)], actor="x", at=AT)
    edited = {**body, "criterion": "in other words\nt_ccaa_39:9.9#9 slipped in"}
    store.commit(ORG, [put("audit_finding", F, **edited)], actor="x", at=AT)
    assert (one(store, ORG, F).case.finding.further == names) is ("further" in stored)
    store.commit(ORG, [put("audit_finding", F, **body)], actor="x", at=AT)
    walk(store, 1)
    for change in (
        edited,
        {**body, "further": None},
        {**body, "further": "machinery:6.3#2"},
        {**body, "further": "x:1"},
    ):
        kept = {k: v for k, v in change.items() if v is not None}
        store.commit(ORG, [put("audit_finding", F, **kept)], actor="x", at=AT)
        assert one(store, ORG, F).case.finding.further == names
    assert one(store, ORG, F).altered
    store.commit(ORG, [put("audit_finding", F, **{**body, "further": "; ".join(names)})], actor="x", at=AT)
    assert one(store, ORG, F).case.finding.further == names


def test_a_finding_goes_by_its_criteria_as_long_as_it_is_open(store: Store) -> None:
    (other,) = raise_findings(store, ORG, [{**BODY, **FURTHER, "address": "6.3#3"}], actor="x", at=AT)
    assert isinstance(other, str)
    for word, record in (
        (F, F), ("6.3#1", F), ("t_ccaa_39:6.3#1", F), ("machinery:6.3#1", "machinery:6.3#1"),
        ("6.3#3", other), ("6.3/b", other), ("t_ccaa_39:6.3/b", other), ("machinery:6.3#2", other),
        ("6.3#2", other), ("6.3#9", "6.3#9"),
    ):  # fmt: skip
        assert meant(store, ORG, word) == record
    raise_findings(store, ORG, [{**BODY, "unit": "U2"}], actor="x", at=AT)
    with pytest.raises(UsageError) as caught:
        meant(store, ORG, "6.3#1")
    assert caught.value.key == "audit.several_findings"
    for lang in LANGUAGES:
        assert F in caught.value.text(lang) and "F-2026-003" in caught.value.text(lang)
    walk(store, 6)
    assert meant(store, ORG, "6.3#1") == "F-2026-003"
    assert meant(store, ORG, "6.3#1", store.position()[0]) == "F-2026-003"


def test_a_command_takes_the_criterion_for_the_finding(path: Path) -> None:
    told = ("--by", "P1", "--on", "2026-03-09", "--reason", "not in scope")
    assert run("finding", "dispute", path, "t_ccaa_39:6.3#1", *told).exception is None
    assert F in run("finding", "show", path, "6.3#1").output
    unknown = run("finding", "dispute", path, "6.3#9", *told)
    assert isinstance(unknown.exception, UsageError) and unknown.exception.key == "audit.no_finding"


# Commands


def run(*words: object) -> Result:
    return CliRunner().invoke(shall, [str(w) for w in words], standalone_mode=False)


def steps_of(path: Path) -> list[list[object]]:
    s = ["finding"]
    return [
        [
            *s,
            "answer",
            path,
            F,
            "--by",
            "P1",
            "--on",
            "2026-03-09",
            "--correction",
            "a",
            "--cause",
            "b",
            "--action",
            "c",
            "--owner",
            "P2",
            "--due",
            "2026-04-09",
        ],
        [*s, "review", path, F, "--by", "A9", "--on", "2026-03-10", "--accept"],
        [
            *s,
            "extend",
            path,
            F,
            "--by",
            "A9",
            "--on",
            "2026-03-11",
            "--due",
            "2026-05-09",
            "--reason",
            "parts late",
        ],
        [*s, "implement", path, F, "--by", "P2", "--on", "2026-04-08"],
        [
            *s,
            "verify",
            path,
            F,
            "--what",
            "implementation",
            "--confirmed",
            "--by",
            "A9",
            "--on",
            "2026-04-09",
            "--reason",
            "seen",
        ],
        [
            *s,
            "regrade",
            path,
            F,
            "--grade",
            "minor",
            "--by",
            "A9",
            "--on",
            "2026-04-09",
            "--reason",
            "one case",
        ],
        [
            *s,
            "verify",
            path,
            F,
            "--what",
            "effectiveness",
            "--confirmed",
            "--by",
            "A9",
            "--on",
            "2026-07-09",
            "--reason",
            "seen",
        ],
        [*s, "close", path, F, "--by", "A9", "--on", "2026-07-10"],
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_commands_lead_from_raised_to_closed(path: Path, lang: str) -> None:
    for words in steps_of(path):
        assert run("--lang", lang, *words).exception is None
        shown = run("--lang", lang, "finding", "show", path, F)
        assert shown.exception is None
    assert area("audit")["audit.state_closed"][lang] in shown.output
    assert area("audit")["audit.page_raised_as"][lang].partition("{")[0].strip() in shown.output


def test_dispute_and_decision_on_the_command_line(path: Path) -> None:
    told = ["--reason", "not in scope"]
    assert run("finding", "dispute", path, F, "--by", "P1", "--on", "2026-03-09", *told).exception is None
    by_team = run("finding", "decide", path, F, "--by", "A8", "--on", "2026-03-10", "--withdraw", *told)
    assert isinstance(by_team.exception, Refused)
    decided = run("finding", "decide", path, F, "--by", "P6", "--on", "2026-03-10", "--withdraw", *told)
    assert decided.exception is None
    listed = json.loads(run("finding", "list", path, "--on", "2026-03-11", "--format", "json").output)
    assert listed[0]["state"] == "withdrawn"
    assert listed[0]["due"] is None


def test_the_list_says_what_is_overdue(path: Path, tmp_path: Path) -> None:
    early = run("finding", "list", path, "--on", "2026-03-09")
    late = run(
        "--lang",
        "en",
        "finding",
        "list",
        path,
        "--on",
        "2026-04-30",
        "--overdue",
        "--ics",
        tmp_path / "d.ics",
    )
    assert (early.return_value, late.return_value) == (0, 1)
    assert F in late.output
    assert "overdue" in late.output
    assert (tmp_path / "d.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["review", "--by", "A9", "--on", "2026-03-10"], "audit.accept_or_reject"),
        (
            ["extend", "--by", "A9", "--on", "2026-03-10", "--due", "2026-03-12", "--reason", "x"],
            "audit.not_later",
        ),
        (["close", "--by", "A9", "--on", "2999-03-10"], "audit.future"),
        (["close", "--by", "A9", "--on", "10.3.2026"], "cli.bad_date"),
    ],
)
def test_words_that_are_off(words: list[str], key: str, path: Path) -> None:
    error = run("finding", words[0], path, F, *words[1:]).exception
    assert isinstance(error, ShallError)
    assert error.key == key


def test_every_code_a_person_sees_has_its_words() -> None:
    known = area("audit")
    for state in STATES:
        assert f"audit.state_{state}" in known
    for name in {s for names in STEPS.values() for s in names}:
        assert f"audit.event_{name}" in known
    for outcome in {o for may in OUTCOMES.values() for o in may}:
        assert f"audit.outcome_{outcome}" in known


def test_calendar_is_a_value() -> None:
    assert isinstance(calendar(), Calendar)
    assert calendar() == calendar()
