"""Audit time, sampling of sites and cycles: golden numbers of the tables, limits, replay, what is late."""

import json
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shall.engine.audit.cycle import Certificate, Cycle, Major, Step, cycle
from shall.engine.audit.cycle_file import profile
from shall.engine.audit.cycle_records import certificates
from shall.engine.audit.days import Adjustment, audit_time, integrated, site_time
from shall.engine.audit.sampling import (
    Place,
    Wanted,
    audit_file,
    draw,
    places,
    replay,
    root_size,
    sample,
    ticket,
)
from shall.engine.audit.tables import (
    AUDITS,
    Audit,
    integration_rule,
    sampling_table,
    shipped,
    time_table,
    time_tables,
)
from shall.engine.audit.team_text import members
from shall.engine.cli import shall
from shall.engine.cli.audit_time import plain
from shall.engine.grading_file import FileProblems
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import EvidenceError, ShallError, UsageError

NOW = datetime(2026, 6, 30, tzinfo=UTC)

EMS = """
1-5 3 2.5 2.5 2.5|6-10 3.5 3 3 3|11-15 4.5 3.5 3 3|16-25 5.5 4.5 3.5 3|26-45 7 5.5 4 3|46-65 8 6 4.5 3.5
66-85 9 7 5 3.5|86-125 11 8 5.5 4|126-175 12 9 6 4.5|176-275 13 10 7 5|276-425 15 11 8 5.5|426-625 16 12 9 6
626-875 17 13 10 6.5|876-1175 19 15 11 7|1176-1550 20 16 12 7.5|1551-2025 21 17 12 8|2026-2675 23 18 13 8.5
2676-3450 25 19 14 9|3451-4350 27 20 15 10|4351-5450 28 21 16 11|5451-6800 30 23 17 12|6801-8500 32 25 19 13
8501-10700 34 27 20 14
"""
QMS = "1.5 2 2.5 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22"
ENMS = """
1-8 2.5 4 5 1 1 1.5 1.5 2.5 3|9-15 4 6 7 1 2 2.5 2.5 4 5|16-25 5 7 9 2 2.5 3 3.5 5 6|26-65 6.5 8 10 2.5 3 3.5 5 6 7
66-85 8 9.5 11.5 2.5 3.5 3.5 6 7 8.5|86-175 8.5 11 12 2.5 3.5 3.5 6 7 8.5|176-275 9 11.5 12.5 3 4 4 6 8 9.5
276-425 10 13 15 3.5 4 5 7 8.5 11
"""


def lines(text: str) -> list[tuple[int, int, list[Decimal]]]:
    found = []
    for line in text.replace("\n", "|").split("|"):
        if line:
            band, *numbers = line.split()
            first, last = map(int, band.split("-"))
            found.append((first, last, [Decimal(n) for n in numbers]))
    return found


def test_md5_gives_its_numbers_at_both_ends_of_every_band() -> None:
    ems, ohsms = time_table("iaf_md5_ems").table, time_table("iaf_md5_ohsms").table
    qms = time_table("iaf_md5_qms").table
    bands = lines(EMS)
    assert len(bands) == len(ems.bands) == len(qms.bands) == 23
    for (first, last, numbers), quality in zip(bands, QMS.split(), strict=True):
        for persons in (first, last):
            for level, days in zip(("high", "medium", "low", "limited"), numbers, strict=True):
                assert audit_time(ems, "initial", persons, level=level).days == days
                if level != "limited":
                    assert audit_time(ohsms, "initial", persons, level=level).days == days
            assert audit_time(qms, "initial", persons).days == Decimal(quality)


def test_iso_50003_gives_its_numbers() -> None:
    table = time_table("iso_50003").table
    assert len(table.bands) == len(lines(ENMS)) == 8
    for first, last, numbers in lines(ENMS):
        expected = iter(numbers)
        for audit in AUDITS:
            for level in ("low", "medium", "high"):
                days = next(expected)
                assert {audit_time(table, audit, n, level=level).days for n in (first, last)} == {days}


@pytest.mark.parametrize(
    ("energy", "types", "uses", "complexity", "level"),
    [
        ("20", 2, 3, "1.0", "low"),
        ("20.01", 3, 3, "1.1", "low"),
        ("200", 3, 4, "1.2", "medium"),
        ("2000", 3, 3, "1.15", "medium"),   # exactly at the lower limit
        ("2000", 4, 8, "1.35", "medium"),   # exactly at the upper limit
        ("2000.5", 4, 8, "1.40", "high"),
        ("99999", 9, 16, "1.55", "high"),
    ],
)  # fmt: skip
def test_complexity_at_its_limits(energy: str, types: int, uses: int, complexity: str, level: str) -> None:
    facts = {
        "energy_tj": Decimal(energy),
        "energy_types": Decimal(types),
        "significant_uses": Decimal(uses),
    }
    found = audit_time(time_table("iso_50003").table, "initial", 20, facts=facts)
    assert (found.complexity, found.level) == (Decimal(complexity), level)


def reduced(key: str, persons: int, percent: str, audit: Audit = "initial", **more: Any) -> Any:
    factor = "mature" if percent.startswith("-") else "regulated"
    adjustments = [Adjustment(factor, Decimal(percent), "because")]
    return audit_time(time_table(key).table, audit, persons, adjustments=adjustments, **more)


def test_reductions_stop_at_the_limit_and_rounding_never_breaks_it() -> None:
    found = reduced("iaf_md5_qms", 3, "-30")  # 1.05 days: the nearest half day would be 33 % less
    assert (found.exact, found.days, found.limited) == (Fraction(21, 20), Decimal("1.5"), False)
    found = reduced("iaf_md5_qms", 300, "-45")
    assert (found.counted_percent, found.days, found.limited) == (-30, 7, True)
    found = reduced("iaf_md5_qms", 300, "22.5")
    assert (found.exact, found.days) == (Fraction(49, 4), Decimal("12.5"))  # a tie goes up
    assert found.on_site == 10
    assert found.hours == 100


def test_surveillance_and_recertification_are_shares_of_an_initial_audit_today() -> None:
    table = time_table("iaf_md5_ems").table
    yearly = audit_time(table, "surveillance", 420, level="medium")
    assert (yearly.exact, yearly.days) == (Fraction(11, 3), Decimal("3.5"))
    again = audit_time(table, "recertification", 420, level="medium")
    assert (again.exact, again.days) == (Fraction(22, 3), Decimal("7.5"))
    assert (yearly.confidence, again.confidence) == ("high", "medium")


def test_the_number_that_is_in_doubt_is_told_where_it_counts() -> None:
    table = time_table("iaf_md5_ems").table
    doubtful = audit_time(table, "initial", 700, level="limited")
    assert doubtful.confidence == "medium" and len(doubtful.doubts) == 1
    assert audit_time(table, "initial", 700, level="low").doubts == ()


def test_integration_takes_off_a_fifth_at_most_and_44_percent_with_the_rest() -> None:
    parts = [reduced("iaf_md5_ems", 300, "-30", level="high"), reduced("iaf_md5_qms", 300, "-30")]
    rule = integration_rule().table
    whole = integrated(parts, Decimal(35), rule)
    assert [part.days for part in parts] == [Decimal("10.5"), 7]
    assert (whole.total, whole.exact, whole.days, whole.limited) == (Decimal("17.5"), 14, 14, True)
    assert whole.against_tables == 44
    site = site_time(whole.days, Fraction(25), Decimal(50), rule.rounding, sampling_table().table)
    assert (site.exact, site.days, site.limited) == (Fraction(25, 2), Decimal("12.5"), True)
    with pytest.raises(UsageError):
        integrated(parts[:1], Decimal(10), rule)


@given(st.integers(1, 10700), st.integers(-90, 90), st.sampled_from(AUDITS))
def test_days_are_steps_of_the_table_within_its_limit(persons: int, percent: int, audit: Audit) -> None:
    if percent:
        found = reduced("iaf_md5_ems", persons, str(percent), audit, level="low")
        assert found.days % Decimal("0.5") == 0
        assert found.days >= found.base * Fraction(7, 10)
        assert abs(Fraction(found.days) - found.exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ({"persons": 10701, "level": "high"}, "beyond"),
        ({"persons": 0, "level": "high"}, "no_persons"),
        ({"persons": 10}, "which_level"),
        ({"persons": 10, "level": "huge"}, "no_level"),
        ({"persons": 10, "level": "high", "facts": {"energy_tj": Decimal(1)}}, "no_fact"),
        ({"persons": 10, "level": "high", "adjustments": [Adjustment("x", Decimal(1), "y")]}, "no_factor"),
        ({"persons": 10, "level": "high", "adjustments": [Adjustment("mature", Decimal(5), "y")]}, "only_reduce"),
        ({"persons": 10, "level": "high", "adjustments": [Adjustment("mature", Decimal(-5), " ")]}, "no_reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_calculated_is_refused(call: dict[str, Any], key: str) -> None:
    with pytest.raises(UsageError) as refused:
        audit_time(time_table("iaf_md5_ems").table, "initial", **call)
    assert refused.value.key == f"audit_time.{key}"


def test_every_shipped_table_names_source_and_confidence_and_is_for_something_else() -> None:
    tables = time_tables()
    assert {t.key for t in tables} | {"iaf_md1", "iaf_md11"} == set(shipped())
    for table in tables:
        assert table.source.zh and table.confidence
        assert "碳" not in table.made_for.zh and "carbon" not in table.made_for.en


def own_table(folder: Path, change: tuple[str, str] = ("", "")) -> Path:
    from importlib.resources import files

    text = files("shall.rulesets").joinpath("audit_time", "iaf_md5_qms.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    path = folder / "own.yaml"
    path.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
    return path


def test_a_table_of_ones_own_is_read_in_the_same_format(tmp_path: Path) -> None:
    path = own_table(tmp_path, ("initial: {any: 1.5}", "initial: {any: 2.75}"))
    found = audit_time(time_table(str(path)).table, "initial", 5)
    assert (found.base, found.days) == (Fraction(11, 4), 3)


@pytest.mark.parametrize(
    "change",
    [
        ("{from: 6, until: 10", "{from: 7, until: 10"),
        ("{from: 6, until: 10", "{from: 5, until: 10"),
        ("initial: {any: 1.5}", "initial: {high: 1.5}"),
        ("initial: {any: 1.5}", "initial: {any: -1}"),
        ("initial: {any: 1.5}", "initial: {any: 1.23456}"),
        ("initial: {any: 1.5}", "initial: {any: .nan}"),
        ("share: 1/3", "share: 1/0"),
        ("reduce_percent: 30", "reduce_percent: 130"),
        ("confidence: high", "confidence: sure"),
    ],
)
def test_mistakes_in_a_table_are_told_with_their_line(tmp_path: Path, change: tuple[str, str]) -> None:
    with pytest.raises(FileProblems) as refused:
        time_table(str(own_table(tmp_path, change)))
    for lang in LANGUAGES:
        assert "own.yaml:" in refused.value.text(lang)


MD1 = [
    (2, 2, 1, 2, 2, 1), (3, 2, 2, 2, 2, 1), (4, 2, 2, 2, 2, 2), (5, 3, 2, 3, 2, 2), (10, 4, 2, 4, 3, 3),
    (16, 4, 3, 4, 4, 5), (25, 5, 3, 5, 4, 8), (50, 8, 5, 8, 6, 15), (100, 10, 6, 10, 8, 30),
]  # fmt: skip


def sites(count: int, **more: Any) -> list[Place]:
    return [Place(f"S{n:03d}", **more) for n in range(count)]


@pytest.mark.parametrize(("x", "initial", "surveillance", "again", "proven", "unsampled"), MD1)
def test_md1_worked_sizes(
    x: int, initial: int, surveillance: int, again: int, proven: int, unsampled: int
) -> None:
    def size(audit: Audit, **more: Any) -> int:
        return sample(sampling_table().table, sites(x), (), Wanted(audit, "s", **more)).size

    assert size("initial") == initial
    assert size("surveillance") == surveillance
    assert (size("recertification"), size("recertification", proven=True)) == (again, proven)
    assert size("surveillance", sampled=False) == unsampled
    assert size("initial", sampled=False) == x


@given(st.integers(1, 10**12), st.integers(1, 40), st.integers(1, 40))
def test_the_root_is_rounded_up_exactly(x: int, p: int, q: int) -> None:
    y, share = root_size(x, Fraction(p, q)), Fraction(p, q)
    assert y * y >= share**2 * x > (y - 1) ** 2


def test_the_draw_is_what_sha256sum_says() -> None:
    made = subprocess.run(["sha256sum"], input=b"shall-draw-1\n2026-A\nS001", capture_output=True, check=True)
    assert made.stdout.decode().split()[0] == ticket("2026-A", "S001")
    ids = [f"S{n:03d}" for n in range(30)]
    assert draw("2026-A", ids, 4) == draw("2026-A", reversed(ids), 4)  # type: ignore[arg-type]
    assert draw("2026-A", ids, 4) != draw("2026-B", ids, 4)


PLACES = st.lists(
    st.builds(
        Place,
        id=st.text("ABC场0123", min_size=1, max_size=4),
        name=st.none() | st.just("x"),
        purpose=st.sampled_from([None, "plant", "office", "head_office"]),
        employees=st.none() | st.integers(0, 900),
        emissions=st.none() | st.decimals(0, 10**6, places=3),
        last_visited=st.none() | st.dates(date(2020, 1, 1), date(2026, 1, 1)),
        findings=st.integers(0, 3),
        open_findings=st.integers(0, 2),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda p: p.id,
)


@given(PLACES, st.sampled_from(AUDITS), st.booleans(), st.integers(0, 5), st.data())
def test_a_sample_has_its_size_its_random_part_and_replays(
    found: list[Place], audit: Audit, sampled: bool, more: int, data: st.DataObject
) -> None:
    ids = sorted(p.id for p in found)
    central = data.draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))
    outside = [i for i in ids if i not in central]
    must = data.draw(st.lists(st.sampled_from(outside), max_size=6, unique=True)) if outside else []
    wanted = Wanted(
        audit, "种子", sampled=sampled, more=more, more_why="risk", must=dict.fromkeys(must, "why")
    )
    table = sampling_table()
    drawn = sample(table.table, found, central, wanted)
    chosen = [c.id for c in drawn.chosen]
    assert len(set(chosen)) == len(chosen) == drawn.size + len(central)
    assert set(must) | set(central) <= set(chosen)
    if outside and (sampled or audit == "surveillance"):
        assert drawn.formula <= drawn.size <= len(outside)
        assert 4 * sum(c.how == "random" for c in drawn.chosen) >= drawn.size
    shuffled = data.draw(st.permutations(found))
    assert sample(table.table, shuffled, central, wanted) == drawn
    file = audit_file(table.table, table.digest, found, central, wanted, drawn, {})
    assert replay(json.loads(json.dumps(file))) == file["result"]


def test_reasons_choose_what_the_draw_left() -> None:
    found = sites(16, last_visited=date(2025, 1, 1), purpose="plant")
    drawn = draw("s", [p.id for p in found], 1)[0]
    left = [p for p in found if p.id != drawn]
    special = [
        Place(left[0].id, purpose="plant"),  # never visited: 4
        Place(left[1].id, purpose="plant", last_visited=date(2025, 1, 1), findings=1, open_findings=1),  # 5
        Place(left[2].id, purpose="warehouse", last_visited=date(2024, 1, 1), emissions=Decimal(9)),  # 3
    ]
    mixed = special + [p for p in found if p.id not in {s.id for s in special}]
    chosen = sample(sampling_table().table, mixed, (), Wanted("initial", "s")).chosen
    assert [(c.id, c.how, c.points) for c in chosen] == [
        (drawn, "random", 0),
        (left[1].id, "reasons", 5),
        (left[0].id, "reasons", 4),
        (left[2].id, "reasons", 3),
    ]
    assert chosen[3].reasons == ("large_emissions", "new_purpose")


@pytest.mark.parametrize("broken", [{}, {"format": "x"}, {"format": "shall site sample 1", "audit": 3}])
def test_a_file_that_is_no_sample_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError):
        replay(broken)


# --- cycles ---


def step(name: str, day: str, record: str = "", **more: Any) -> Step:
    on = date.fromisoformat(day)
    return Step(name, on, on, (record or f"{name}-{day}",), **more)


TEAM = frozenset({"chen", "li"})
INITIAL = (
    step("stage_1", "2025-01-10", team=TEAM, ready=True),
    step("stage_2", "2025-02-20", team=TEAM),
    step("decided", "2025-03-10", deciders=frozenset({"zhao"})),
    step("issued", "2025-03-15"),
)


def of(*more: Step, key: str = "iso_17021_1", on: str = "2025-06-01", **fields: Any) -> Cycle:
    steps = tuple(sorted((*INITIAL, *more), key=lambda s: s.last))
    expires = date(2028, 3, 9)
    given = {"id": "C", "subject": "carbon", "number": "N", "issued_on": date(2025, 3, 15), "state": "active"}
    certificate = Certificate(**(given | {"expires_on": expires, "steps": steps} | fields))  # type: ignore[arg-type]
    return cycle(certificate, profile(key).table, date.fromisoformat(on))


def states(found: Cycle, duty: str) -> list[tuple[str | None, str]]:
    return [(str(d.on) if d.on else None, d.state) for d in found.dues if d.duty.key == duty]


def test_iso_first_surveillance_counts_from_the_decision() -> None:
    assert states(of(), "first_surveillance") == [("2026-03-10", "later")]
    assert states(of(on="2026-01-20"), "first_surveillance") == [("2026-03-10", "due")]
    assert states(of(on="2026-03-10"), "first_surveillance") == [("2026-03-10", "due")]
    assert states(of(on="2026-03-11"), "first_surveillance") == [("2026-03-10", "late")]
    done = of(step("surveillance", "2026-03-10"), on="2026-05-01")
    assert states(done, "first_surveillance") == [("2026-03-10", "done")]
    assert not done.late
    assert states(of(step("surveillance", "2026-03-11"), on="2026-05-01"), "first_surveillance") == [
        ("2026-03-10", "done_late")
    ]


def test_iso_asks_for_surveillance_in_each_calendar_year_but_that_of_recertification() -> None:
    done = of(step("surveillance", "2026-02-01"), on="2027-06-01")
    assert states(done, "yearly_surveillance") == [("2026-12-31", "done"), ("2027-12-31", "later")]
    early = of(step("surveillance", "2026-02-01"), step("recertification", "2027-11-01"), on="2027-12-01")
    assert states(early, "yearly_surveillance") == [("2026-12-31", "done")]


def test_china_counts_from_the_issue_and_from_each_surveillance() -> None:
    key = "cnca_qms_2025"
    assert states(of(key=key), "first_surveillance") == [("2026-03-15", "later")]
    found = of(step("surveillance", "2026-02-01"), key=key, on="2027-02-02")
    assert states(found, "later_surveillance") == [("2027-02-01", "late")]
    assert found.late
    again = of(
        step("surveillance", "2026-02-01"), step("surveillance", "2027-02-01"), key=key, on="2027-02-02"
    )
    assert states(again, "later_surveillance") == [("2027-02-01", "done"), ("2028-02-01", "later")]
    assert states(again, "two_surveillances") == [("2028-03-09", "done")]
    third = of(step("surveillance", "2027-05-01"), key=key, on="2027-05-02")
    assert states(third, "later_surveillance") == []  # the certificate ends first
    # the year that satisfies ISO does not satisfy the Chinese rule
    assert not of(step("surveillance", "2026-02-01"), on="2027-02-02").late


def test_expiry_without_recertification() -> None:
    both = (step("surveillance", "2026-02-01"), step("surveillance", "2027-01-15"))
    found = of(*both, on="2028-03-10")
    assert found.standing == "expired"
    assert states(found, "recertification") == [("2028-03-09", "late")]
    assert states(found, "restored_after_expiry") == [("2028-09-09", "later")]
    assert states(of(*both, on="2028-09-10"), "restored_after_expiry") == [("2028-09-09", "late")]
    assert states(of(*both, on="2028-03-10", key="cnca_qms_2025"), "recertification") == [
        ("2028-03-09", "late")
    ]


def test_a_renewal_begins_the_next_cycle() -> None:
    steps = (
        step("surveillance", "2026-02-01"),
        step("surveillance", "2027-01-15"),
        step("recertification", "2028-01-20", team=TEAM),
        step("decided", "2028-02-20", deciders=frozenset({"zhao"})),
        step("issued", "2028-03-01"),
    )
    found = of(*steps, on="2028-06-01", expires_on=date(2031, 3, 9))
    assert (found.number, found.begun, found.standing) == (2, date(2028, 2, 20), "active")
    assert states(found, "first_surveillance") == []  # ISO: after initial certification only
    assert states(found, "yearly_surveillance") == [("2029-12-31", "later"), ("2030-12-31", "later")]
    assert states(found, "recertification") == [("2031-03-09", "later")]
    assert {c.outcome for c in found.checks} == {"kept"}
    forgotten = of(*steps, on="2028-02-25")
    assert "expiry_not_renewed" in forgotten.notes


def test_suspension_ends_within_its_time() -> None:
    suspended = step("suspended", "2026-04-01")
    found = of(suspended, on="2026-08-01")
    assert (found.standing, states(found, "suspension_ends")) == ("suspended", [("2026-10-01", "due")])
    assert states(of(suspended, on="2026-10-02"), "suspension_ends") == [("2026-10-01", "late")]
    back = of(suspended, step("restored", "2026-09-01"), on="2026-10-02")
    assert (back.standing, states(back, "suspension_ends")) == ("active", [("2026-10-01", "done")])
    gone = of(suspended, step("withdrawn", "2026-09-01"), on="2027-10-02")
    assert gone.standing == "withdrawn"
    assert all(d.done_on for d in gone.dues) and not gone.late


def test_majors_are_verified_within_six_months_of_stage_2() -> None:
    def found(verified: date | None, on: str = "2025-08-21") -> list[tuple[str | None, str]]:
        major = Major("F", "stage_2-2025-02-20", verified)
        return states(of(on=on, majors=(major,)), "majors_verified")

    assert found(None) == [("2025-08-20", "late")]
    assert found(None, "2025-08-20") == [("2025-08-20", "due")]
    assert found(date(2025, 8, 20)) == [("2025-08-20", "done")]
    assert states(of(), "majors_verified") == []


def outcomes(*steps: Step) -> dict[str, str]:
    certificate = Certificate("C", "carbon", None, None, None, None, steps)
    found = cycle(certificate, profile("iso_17021_1").table, date(2025, 6, 1))
    return {c.check.key: c.outcome for c in found.checks}


def test_the_order_of_steps_and_who_decides() -> None:
    one, two, decided, issued = INITIAL
    assert set(outcomes(*INITIAL).values()) == {"kept"}
    own = step("decided", "2025-03-10", deciders=frozenset({"li"}))
    assert outcomes(one, two, own)["decided_outside_team"] == "broken"
    assert outcomes(one, two, step("decided", "2025-03-10"))["decided_outside_team"] == "unknown"
    unnamed = step("stage_2", "2025-02-20")
    assert outcomes(one, unnamed, decided)["decided_outside_team"] == "unknown"
    assert outcomes(two, decided)["stage_1_before_stage_2"] == "broken"
    unready = step("stage_1", "2025-01-10", team=TEAM, ready=False)
    assert outcomes(unready, two)["stage_1_ready"] == "broken"
    assert outcomes(one, decided)["audit_before_decision"] == "broken"
    assert outcomes(one, two, step("issued", "2025-03-01"), decided)["issued_after_decision"] == "broken"
    dropped = step("suspended", "2025-03-12", deciders=frozenset({"chen"}))
    assert outcomes(*INITIAL[:3], dropped)["decided_outside_team"] == "broken"
    assert outcomes(issued)["issued_after_decision"] == "unknown"


def planned(found: Cycle, duty: str) -> list[str | None]:
    return [str(d.planned_on) if d.planned_on else None for d in found.dues if d.duty.key == duty]


def test_a_planned_step_answers_only_the_duty_it_lies_in() -> None:
    visit = (("surveillance", date(2026, 2, 1)),)
    found = of(planned=visit)
    assert planned(found, "first_surveillance") == ["2026-02-01"]
    assert planned(found, "yearly_surveillance") == ["2026-02-01", None]
    both = of(planned=(*visit, ("surveillance", date(2027, 5, 1))))
    assert planned(both, "yearly_surveillance") == ["2026-02-01", "2027-05-01"]
    late = of(planned=(("surveillance", date(2026, 5, 1)),))
    assert [d.planned_late for d in late.dues if d.duty.key == "first_surveillance"] == [True]
    early = of(planned=(("surveillance", date(2025, 3, 1)), ("recertification", date(2025, 2, 1))))
    assert planned(early, "first_surveillance") == planned(early, "recertification") == [None]
    china = of(step("surveillance", "2026-02-01"), key="cnca_qms_2025", on="2026-06-01", planned=visit)
    assert planned(china, "later_surveillance") == ["2026-02-01"], "a plan of that very day is still a plan"
    other = of(step("surveillance", "2026-02-02"), key="cnca_qms_2025", on="2026-06-01", planned=visit)
    assert planned(other, "later_surveillance") == [None]


@pytest.mark.parametrize(
    ("verified", "outcome"), [(None, "broken"), ("2025-03-11", "broken"), ("2025-03-10", "kept")]
)
def test_no_decision_while_a_major_waits(verified: str | None, outcome: str) -> None:
    day = date.fromisoformat(verified) if verified else None
    found = of(majors=(Major("F", "stage_2-2025-02-20", day), Major("G", "later", None)))
    (check,) = [c for c in found.checks if c.check.key == "majors_before_decision"]
    assert check.outcome == outcome
    assert check.records == (("decided-2025-03-10", "F") if outcome == "broken" else ())
    assert found.late == (outcome == "broken")
    visit = step("surveillance", "2025-05-01")
    after = of(visit, majors=(Major("F", visit.records[0], None),))
    assert {c.outcome for c in after.checks} == {"kept"}, "a major found after the decision is the next one's"


def test_members_of_a_team_as_people_write_them() -> None:
    known = {"CB-1", "CB-3", "赵六", "Anna", "Li Na"}.__contains__
    for text in (
        "CB-1;CB-3",
        "CB-1；CB-3",
        "CB-1、CB-3",
        "CB-1, CB-3",
        "CB-1，CB-3",
        " CB-1  CB-3 ",
        "CB-1\nCB-3",
    ):
        assert members(text, known) == (("CB-1", "CB-3"), ())
    assert members("Li Na Anna", known) == (("Li Na Anna",), ("Li Na Anna",))
    assert members("Li Na;CB-1 王五", known) == (("Li Na", "CB-1 王五"), ("CB-1 王五",))
    assert members(None, known) == members(" ；、", known) == ((), ())


def test_the_assumed_profile_says_so() -> None:
    assert profile("cnca_2026").table.confidence == "low"
    assert "not_in_force" in of(key="cnca_2026", on="2026-02-28").notes
    assert {profile(key).table.key for key in shipped("cycles")} == {
        "iso_17021_1",
        "cnca_qms_2025",
        "cnca_2026",
    }


# --- a store and the commands ---


def put(kind: str, record: str, **body: Any) -> Change:
    return Change(PUT, kind, record, {"id": record, **body})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "e.db"
    purposes = ["head_office", "plant", "plant", "office", "warehouse", "plant", "office", "plant", "project"]
    changes = [
        put("organisation", "O", name="虚构公司", employees=420, energy_use="5200"),
        put("person", "P1", name="赵", is_top_management=True),
        put("person", "P2", name="钱", in_carbon_team=True),
        put("person", "P3", name="孙", affects_carbon=True, is_external=True),
        put("significant_energy_use", "U1", title="空压", energy_use=True),
        put("certificate", "CE-1", subject="carbon", issued_on="2025-03-15", expires_on="2028-03-14", state="active"),
        put("certificate", "CE-2", subject="green_factory", issued_on="2025-03-15"),
        put("auditor", "AU-1", person="P1"),
        put("certification_step", "K1", certificate="CE-1", step="stage_1", happened_on="2025-01-10",
            lead_auditor="陈 工", ready=True),
        put("certification_step", "K2", certificate="CE-1", step="stage_2", happened_on="2025-02-19",
            lead_auditor="陈工", team="AU-1；王", site="S1"),
        put("certification_step", "K3", certificate="CE-1", step="stage_2", happened_on="2025-02-20",
            lead_auditor="陈工", site="S2"),
        put("certification_step", "K4", certificate="CE-1", step="decided", happened_on="2025-03-10", decided_by="赵"),
        put("certification_step", "K5", certificate="CE-1", step="surveillance", planned_on="2026-04-01"),
        put("emission_source", "E1", title="x", site="S5", emissions="900"),
        *(put("site", f"S{n}", name=f"n{n}", purpose=p, in_boundary=True) for n, p in enumerate(purposes)),
        put("site", "S9", name="away", in_boundary=False),
    ]  # fmt: skip
    with Store.create(path) as made:
        made.commit("org", changes, actor="t", at=NOW)
    return path


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


def test_sites_and_steps_are_read_from_the_store(store: Path) -> None:
    with Store.open(store) as opened:
        found = {p.id: p for p in places(opened, "org", date(2026, 6, 30))}
        certificate = certificates(opened, "org", date(2026, 1, 30))
        before = certificates(opened, "org", date(2025, 2, 1))[0]
    assert "S9" not in found and len(found) == 9
    assert (found["S5"].emissions, found["S1"].last_visited) == (900, date(2025, 2, 19))
    assert [c.id for c in certificate] == ["CE-1"]
    stage_2 = certificate[0].steps[1]
    assert (stage_2.records, stage_2.first.day, stage_2.last.day) == (("K2", "K3"), 19, 20)
    assert stage_2.team == {"陈工", "P1", "王"}
    assert [s.step for s in before.steps] == ["stage_1"] and before.issued_on is None


def test_an_audit_file_brings_its_team_and_majors_to_the_step(store: Path) -> None:
    more = [
        put("certification_step", "K3", certificate="CE-1", step="stage_2", happened_on="2025-02-20", site="S2",
            team="P1 P2 P3"),
        put("certification_step", "K2", certificate="CE-1", step="stage_2", happened_on="2025-02-19", site="S1",
            team="王 五"),
        put("audit_file", "AD", title="二阶段", certification_step="K2"),
        put("audit_team_member", "M1", audit_file="AD", name="李", team_role="auditor"),
        put("audit_team_member", "M2", audit_file="AD", name="观", team_role="observer"),
        put("audit_finding", "F1", audit="AD", grade="major", found_on="2025-02-20", description="x"),
        put("audit_finding", "F2", audit="二阶段", grade="major", found_on="2025-02-20", description="y"),
    ]  # fmt: skip
    with Store.open(store, write=True) as opened:
        opened.commit("org", more, actor="t", at=NOW)
        (certificate,) = certificates(opened, "org", date(2026, 1, 30))
    assert certificate.steps[1].team == {"P1", "P2", "P3", "王五", "李"}
    assert certificate.doubtful == ("王 五",)
    assert [(m.finding, m.audit) for m in certificate.majors] == [("F1", "K2"), ("F2", "K2")]
    for lang, told in (("zh", "都已验证（K4, F1, F2）"), ("en", "has been verified (K4, F1, F2)")):
        found = run("cycle", store, "--on", "2026-01-30", lang=lang)
        assert found.return_value == 1 and told in found.output and "王 五" in found.output


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_commands_say_where_numbers_come_from(store: Path, lang: str) -> None:
    listed = run("audit-time", lang=lang)
    assert "iso_50003" in listed.output
    made = run("audit-time", store, "--table", "iaf_md5_ems", "--level", "medium", "--adjust", "mature=-10:why",
               lang=lang)  # fmt: skip
    assert made.exception is None
    caveat = area("audit_time")["audit_time.not_the_rule"][lang]
    assert caveat in made.output and "MD 5" in made.output
    found = run(
        "cycle", store, "--on", "2026-03-20", "--profile", "iso_17021_1", "--profile", "cnca_2026", lang=lang
    )
    assert (
        found.return_value == 1
    )  # the first surveillance is late, and planned later still; 赵 decided on own audit
    assert {"zh": "计划于 2026-04-01，晚于期限", "en": "planned for 2026-04-01, after"}[lang] in found.output
    assert "K4" in found.output


def test_persons_and_facts_come_from_the_records(store: Path) -> None:
    made = run("audit-time", store, "--table", "iso_50003", "--fact", "energy_types=4", "--part-time", "3:4",
               "--format", "json")  # fmt: skip
    part = json.loads(made.output)["parts"][0]
    assert (part["persons"], part["level"], part["complexity"]) == (4, "medium", "1.150")
    assert [w["is"] for w in part["weighed"]] == ["152.3995200", "4", "1"]


@pytest.mark.parametrize(
    "words",
    [
        ("--table", "nothing"),
        ("--table", "iaf_md5_ems"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--integration", 10),
        ("--table", "iaf_md5_qms", "--table", "iaf_md5_qms", "--persons", 5),
        ("--table", "iaf_md5_qms", "--persons", 5, "--adjust", "mature"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--adjust", "mature=-1e9:x"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--adjust", "mature=-..:x"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--part-time", "4:25"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--fact", "energy_tj=4"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--level", "iaf_md5_ems=high"),
        ("--table", "iaf_md5_qms", "--persons", 5, "--site-reduction", "-5"),
        ("--table", "iso_50003", "--persons", 5, "--fact", "energy_tj=NaN"),
        ("--table", "iaf_md1", "--persons", 5),
        ("--table", "iso_50003", "--table", "iaf_md5_qms", "--persons", 5, "--level", "low"),
        ("--table", "iaf_md5_qms", "--persons", "-5"),
    ],
)
def test_words_that_make_no_calculation_are_refused(words: tuple[object, ...]) -> None:
    refused = run("audit-time", *words).exception
    assert isinstance(refused, ShallError)
    assert all(refused.text(lang) for lang in LANGUAGES)


def test_a_sample_replays_from_its_file_and_a_changed_file_is_found_out(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "sample.json"
    made = run("sample-sites", store, "--on", "2026-06-30", "--must", "S8=new project", "-o", file)
    assert made.exception is None
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["central"] == ["S0"] and kept["result"]["size"] == 3  # root of 8, rounded up
    again = run("sample-sites", store, "--on", "2026-06-30", "--must", "S8=new project", "--format", "json")
    assert json.loads(again.output) == kept
    assert run("sample-sites", "--replay", file).return_value == 0
    assert isinstance(run("sample-sites", store, "-o", file).exception, UsageError)
    assert "S8" in run("sample-sites", "--replay", file).output
    altered = tmp_path / "altered.json"
    altered.write_text(
        json.dumps(kept | {"table": kept["table"] | {"site_reduce_percent": "70"}}), encoding="utf-8"
    )
    assert "altered" in run("sample-sites", "--replay", altered).output
    assert "altered" not in run("sample-sites", "--replay", file).output
    assert isinstance(run("sample-sites", store, "--seed", "").exception, UsageError)
    kept["result"]["chosen"][1]["site"] = "S7"
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert run("sample-sites", "--replay", file).return_value == 1
    kept["population"][0]["emissions"] = "much"
    file.write_text(json.dumps(kept), encoding="utf-8")
    assert isinstance(run("sample-sites", "--replay", file).exception, EvidenceError)


def test_the_calendar_file_holds_what_is_not_done(store: Path, tmp_path: Path) -> None:
    icalendar = pytest.importorskip("icalendar")
    written = []
    for name in ("a.ics", "b.ics"):
        run("cycle", store, "--on", "2026-01-20", "--ics", tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    days = [e.decoded("dtstart") for e in icalendar.Calendar.from_ical(written[0]).walk("VEVENT")]
    assert days == sorted(days) and date(2026, 3, 10) in days and date(2028, 3, 14) in days


def test_numbers_are_printed_in_full_or_marked() -> None:
    assert [plain(v) for v in (Fraction(7, 3), Decimal("2.50"), Fraction(10), Decimal(0))] == [
        "≈2.3333",
        "2.5",
        "10",
        "0",
    ]
