"""The audit plan: solved and verified, or the conditions that conflict are named; nothing depends on the machine."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from openpyxl import load_workbook

from shall.engine import cli
from shall.engine.audit.timetable.arrange import arrange
from shall.engine.audit.timetable.problem import Cost, Pinned, Puzzle, Task, Times, room
from shall.engine.audit.timetable.request import Only, RequestFile, read_request, template_text
from shall.engine.audit.timetable.solve import possible, solve
from shall.engine.audit.timetable.verify import cost, faults
from shall.engine.audit.timetable.when import span
from shall.engine.grading_file import FileProblems
from shall.engine.yaml_lines import load
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts.errors import UsageError

Rows = list[tuple[str, str, dict[str, Any]]]
DAYS = (date(2026, 9, 7), date(2026, 9, 8))
SHORT = Times(start=540, lunch_from=660, lunch_until=720, until=840, opening=30, team=0, closing=30)
"""Two hours before lunch, two after it."""
WANTED = ("audit-plan", "--audit", "AD", "--from", "2026-09-07")
REQUEST = """
minutes: {units: {U1: 120, U2: 120, U3: 120}}
effort: 2
"""


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


def auditor(name: str, role: str = "auditor", **more: Any) -> tuple[str, str, dict[str, Any]]:
    body = {
        "name": f"审核员{name}",
        "audit_role": role,
        "competent": True,
        "competence_evaluated_on": "2026-01-05",
        "declared_impartial": True,
    }
    return "auditor", name, {**body, **more}


BASE: Rows = [
    ("organisation", "O", {"name": "=cmd|<script>alert(1)</script>", "industry": "machinery"}),
    ("site", "S1", {"name": "一厂"}),
    ("site", "S2", {"name": "=HYPERLINK(1)"}),
    ("unit", "U1", {"name": "=cmd", "function_area": "top_management", "site": "S1"}),
    ("unit", "U2", {"name": "<script>", "function_area": "carbon", "site": "S1"}),
    ("unit", "U3", {"name": "铸造", "function_area": "production", "site": "S2", "parent": "U1"}),
    ("audit_file", "AD", {"title": "监督审核", "audit_type": "surveillance"}),
    auditor("A1", "lead"),
    auditor("A2"),
]


def stored(path: Path, *more: tuple[str, str, dict[str, Any]], request: str = REQUEST) -> Path:
    """A store with the base and more rows (the last of a name counts), and a request beside it."""
    held = {(kind, name): body for kind, name, body in (*BASE, *more)}
    with Store.create(path / "s.db") as store:
        changes = [Change(PUT, kind, name, body) for (kind, name), body in held.items()]
        store.commit("甲厂", changes, actor="t", at=datetime(2026, 6, 1, tzinfo=UTC))
    (path / "r.yaml").write_text(request, encoding="utf-8")
    return path / "s.db"


def planned(store: Path, *words: object, team: str = "A1,A2", days: int = 2) -> dict[str, Any]:
    """The plan as JSON."""
    found = run(WANTED[0], store, *WANTED[1:], "--team", team, "--days", days, "--request",
                store.with_name("r.yaml"), "--format", "json", *words)  # fmt: skip
    assert found.exception is None, found.exception
    value: dict[str, Any] = json.loads(found.stdout)
    assert found.return_value == int(value["status"] == "infeasible")
    return value


def who(value: dict[str, Any], unit: str) -> set[str]:
    return {a for e in value["entries"] if e.get("unit") == unit for a in e["auditors"]}


def reasons(value: dict[str, Any]) -> set[str]:
    return {c["key"] for one in value["conflicts"] for c in one["conditions"]}


# --- the solver against trying everything -------------------------------------------------------------


def brute(puzzle: Puzzle) -> bool:
    """Whether any order of the sessions, each by anybody in any half day, keeps the rules."""
    halves = range(2 * len(puzzle.days))
    for choice in product(product(puzzle.auditors, halves), repeat=len(puzzle.tasks)):
        fits = all(
            puzzle.tasks[t].open_to(a) and (a, h // 2) not in puzzle.away for t, (a, h) in enumerate(choice)
        )
        if fits and all(any(_walks(puzzle, order) for order in _orders(a, choice)) for a in puzzle.auditors):
            return True
    return False


def _orders(auditor: str, choice: tuple[tuple[str, int], ...]) -> Iterator[list[tuple[int, int]]]:
    mine = [(h, t) for t, (a, h) in enumerate(choice) if a == auditor]
    for order in permutations(mine):
        if [h for h, _ in order] == sorted(h for h, _ in order):
            yield list(order)


def _walks(puzzle: Puzzle, order: list[tuple[int, int]]) -> bool:
    """Minute by minute: sessions as early as they can be, then the way to the closing meeting."""
    times, last = puzzle.times, 2 * len(puzzle.days) - 1
    half, now, at = 0, times.opening, puzzle.main
    lengths = [puzzle.times.morning, puzzle.times.afternoon]

    for h, t in [*order, (last, -1)]:
        if h // 2 != half // 2:
            half, now, at = h // 2 * 2, 0, None
        site = puzzle.main if t < 0 else puzzle.tasks[t].site
        minutes = times.closing if t < 0 else puzzle.tasks[t].minutes
        now += puzzle.distance(at, site)
        if half % 2 == 0 and h % 2 == 1:
            now = max(now - lengths[0], 0)
            half = h
        if now + minutes > lengths[h % 2]:
            return False
        now += minutes
        at = site if site is not None else at
    return True


@st.composite
def puzzles(draw: st.DrawFn) -> Puzzle:
    auditors = ("A", "B")[: draw(st.integers(1, 2))]
    rows = frozenset({("scope", "A")})
    tasks = [
        Task(f"U{n}", draw(st.sampled_from(["S1", "S2"])), draw(st.sampled_from([30, 60, 90])),
             blocked={"A": rows} if draw(st.booleans()) and len(auditors) > 1 else {})
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    minutes = draw(st.sampled_from([10, 30, 60, 90]))
    away = frozenset({("A", 0)}) if draw(st.booleans()) and draw(st.booleans()) else frozenset()
    return Puzzle(tasks, auditors, DAYS[: draw(st.integers(1, 2)) if len(tasks) < 3 else 1], "S1", SHORT,
                  {("S1", "S2"): minutes, ("S2", "S1"): minutes}, away, effort=2)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(puzzles())
def test_solved_plans_keep_every_rule_and_infeasible_ones_are_infeasible(puzzle: Puzzle) -> None:
    found = solve(puzzle)
    assert found.status in ("optimal", "infeasible")
    assert found.checked
    if found.choice:
        plan = arrange(puzzle, found)
        assert faults(puzzle, plan) == []
        assert cost(puzzle, plan) == found.cost == found.bound
        assert possible(puzzle) is True
    else:
        assert not brute(puzzle)


def test_the_checker_sees_what_is_wrong() -> None:
    puzzle = Puzzle([Task("U1", "S1", 60), Task("U2", "S2", 60)], ("A", "B"), DAYS[:1], "S1", SHORT,
                    {("S1", "S2"): 30, ("S2", "S1"): 30}, cost=Cost(), effort=2)  # fmt: skip
    plan = arrange(puzzle, solve(puzzle))
    assert faults(puzzle, plan) == []
    audits = [e for e in plan if e.kind == "audit"]

    def broken(**change: Any) -> set[str]:
        return {
            key for key, _ in faults(puzzle, [replace(e, **change) if e is audits[0] else e for e in plan])
        }

    assert "hours" in broken(start=630, end=690)
    assert "once" in broken(task=audits[1].task)
    assert "auditor" in broken(who=("C",))
    assert "opening" in broken(start=540, end=600)
    assert "length" in broken(end=audits[0].end - 30)
    assert {k for k, _ in faults(puzzle, [e for e in plan if e.kind != "closing"])} == {"closing"}
    assert {k for k, _ in faults(replace(puzzle, away=frozenset({("A", 0), ("B", 0)})), plan)} >= {"absent"}
    pinned = replace(puzzle, pinned=[Pinned("U1", auditor="A"), Pinned("U2", auditor="A", half=0)])
    plan = arrange(pinned, solve(pinned))
    assert faults(pinned, plan) == []
    far = replace(pinned, travel=dict.fromkeys(pinned.travel, 60))
    assert "travel" in {k for k, _ in faults(far, plan)}


# --- requests ---------------------------------------------------------------------------------------


def test_the_shipped_request_says_the_defaults() -> None:
    assert RequestFile.model_validate(load(template_text())[0]) == RequestFile()
    assert run("audit-plan", "--request-template").stdout == template_text()


def test_mistakes_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text('slot_minutes: 30\nhours: {from: "9:77"}\nlaed: A1\n', encoding="utf-8")
    with pytest.raises(FileProblems) as found:
        read_request(path)
    assert [p.line for p in found.value.problems] == [2, 3]
    path = stored(tmp_path, request="minutes:\n  units: {U9: 60}\nlead: A9\n")
    told = run(WANTED[0], path, *WANTED[1:], "--request", path.with_name("r.yaml"), "--team", "A1").exception
    assert isinstance(told, FileProblems)
    assert [(p.line, p.key) for p in told.problems] == [
        (2, "audit_plan.no_unit"),
        (3, "audit_plan.no_auditor"),
    ]


# --- who may audit ----------------------------------------------------------------------------------


def test_a_plan_covers_everything_and_is_the_same_each_time(tmp_path: Path) -> None:
    store = stored(tmp_path)
    value = planned(store)
    assert value["status"] == "optimal"
    assert {e["unit"] for e in value["entries"] if e["type"] == "audit"} == {"U1", "U2", "U3"}
    kinds = [e["type"] for e in value["entries"]]
    assert (kinds[0], kinds[-1], kinds.count("team")) == ("opening", "closing", 2)
    assert sum(60 * (int(e["ends"][:2]) - int(e["starts"][:2])) + int(e["ends"][3:]) - int(e["starts"][3:])
               for e in value["entries"] if e["type"] == "audit") == 360  # fmt: skip
    assert planned(store) == value
    assert [n["key"] for n in value["notes"]] == ["note_travel"]


def test_nobody_audits_the_own_unit_or_one_below(tmp_path: Path) -> None:
    people: Rows = [
        ("person", "P1", {"name": "甲", "unit": "U2"}),
        ("person", "P2", {"name": "乙", "unit": "U1"}),
        auditor("A1", "lead", person="P1"),
        auditor("A2", person="P2"),
        ("unit", "U1", {"name": "=cmd", "function_area": "top_management", "site": "S1", "head": "P2"}),
    ]
    value = planned(stored(tmp_path, *people))
    assert (who(value, "U2"), who(value, "U1"), who(value, "U3")) == ({"A2"}, {"A1"}, {"A1"})


@pytest.mark.parametrize(
    ("ended", "blocked"),
    [("2024-09-08", True), ("2024-09-07", False), ("2024-09-06", False), (None, True)],
)
def test_a_former_client_is_left_alone_for_24_months(
    tmp_path: Path, ended: str | None, blocked: bool
) -> None:
    tie = {
        "auditor": "A2",
        "engagement": "consultancy",
        "whole_organisation": True,
        "period_from": "2023-01-01",
    }
    tie |= {"period_until": ended} if ended else {}
    request = REQUEST + "fixed: [{unit: U1, auditor: A2}]\n"
    value = planned(stored(tmp_path, ("auditor_engagement", "E1", tie), request=request))
    assert (value["status"] == "infeasible") is blocked
    if blocked:
        assert reasons(value) == {"because_tie", "because_fixed"}


def test_an_employee_may_audit_internally_and_a_unit_stays_closed(tmp_path: Path) -> None:
    rows: Rows = [
        ("audit_file", "AD", {"audit_type": "internal"}),
        ("auditor_engagement", "E1", {"auditor": "A1", "engagement": "employment", "whole_organisation": True}),
        ("auditor_engagement", "E2", {"auditor": "A1", "engagement": "consultancy", "unit": "U2",
                                      "whole_organisation": False}),
    ]  # fmt: skip
    value = planned(stored(tmp_path, *rows))
    assert who(value, "U2") == {"A2"}
    assert "A1" in who(value, "U1") | who(value, "U3")


def test_who_has_a_scope_audits_only_that(tmp_path: Path) -> None:
    rows: Rows = [("auditor_competence", "C1", {"auditor": "A2", "clause_group": "leadership"})]
    value = planned(stored(tmp_path, *rows))
    assert value["status"] == "optimal"
    theirs = {
        c for e in value["entries"] if e["type"] == "audit" and e["auditors"] == ["A2"] for c in e["clauses"]
    }
    assert all(c.startswith("t_ccaa_39:5") for c in theirs)


def test_conflicts_are_named_and_none_of_them_is_idle(tmp_path: Path) -> None:
    rows: Rows = [
        ("auditor_competence", "C1", {"auditor": "A1", "clause_group": "leadership"}),
        (
            "auditor_absence",
            "X1",
            {"auditor": "A2", "period_from": "2026-09-07", "period_until": "2026-09-08"},
        ),
    ]
    request = REQUEST + "meetings: {everybody: false}\n"
    store = stored(tmp_path, *rows, request=request)
    value = planned(store)
    assert value["status"] == "infeasible"
    assert reasons(value) == {"because_scope", "because_absent"}
    assert {h["key"] for h in value["conflicts"][0]["helps"]} == {"help_days", "help_another"}
    assert value["conflicts"][0]["minimal"]
    screen = run(
        WANTED[0], store, *WANTED[1:], "--team", "A1,A2", "--days", 2, "--request", store.with_name("r.yaml")
    )
    assert "Auditor A2 is absent on 2026-09-07, 2026-09-08" in screen.stdout
    assert "competent for this only: leadership" in screen.stdout
    everybody = planned(stored_again(store, REQUEST))
    assert {"because_opening", "because_closing", "because_away"} <= reasons(everybody)


def stored_again(store: Path, request: str) -> Path:
    store.with_name("r.yaml").write_text(request, encoding="utf-8")
    return store


def test_no_competence_no_lead_too_much_work(tmp_path: Path) -> None:
    store = stored(tmp_path, auditor("A2", competent=False))
    alone = planned(store, team="A2")
    assert reasons(alone) == {"because_lead", "because_work", "because_person"}
    much = planned(stored_again(store, "minutes: {units: {U1: 2400}}\neffort: 2\n"), team="A1")
    assert reasons(much) == {"because_hours"}
    days = planned(stored_again(store, "audit_days: 5\nmeetings: {team_minutes: 0}\n"), team="A1", days=5)
    assert days["status"] != "infeasible"
    assert days["minutes"]["required"] == 1920
    worked = days["minutes"]["planned"] + 60
    assert 1920 <= worked < 1920 + 90


def test_travel_takes_its_time(tmp_path: Path) -> None:
    rows: Rows = [("site_travel", "T1", {"from_site": "S1", "to_site": "S2", "minutes": 150})]
    request = "minutes: {units: {U1: 60, U2: 60, U3: 60}}\neffort: 2\n"
    store = stored(tmp_path, *rows, request=request)
    one = planned(store, team="A1", days=1)
    assert reasons(one) == {"because_travel", "because_half_days"}
    assert planned(store, team="A1", days=2)["status"] == "optimal"
    near = planned(
        stored_again(store, request + "travel: {times: [{from: S2, to: S1, minutes: 15}]}\n"),
        team="A1",
        days=1,
    )
    moves = [e for e in near["entries"] if e["type"] == "travel"]
    assert [(e["from_site"], e["site"]) for e in moves] == [("S1", "S2"), ("S2", "S1")]
    afar = planned(stored_again(store, request + "remote: [U3]\n"), team="A1", days=1)
    assert not [e for e in afar["entries"] if e["type"] == "travel"]


def test_order_fixed_days_working_days_and_company(tmp_path: Path) -> None:
    request = (
        REQUEST + "order: [{before: U3, after: U1}]\nfixed: [{unit: U2, day: 2026-09-30, half: afternoon}]\n"
    )
    store = stored(tmp_path, auditor("A3", "expert"), request=request)
    found = run("audit-plan", store, "--audit", "AD", "--from", "2026-09-30", "--team", "A1,A2,A3", "--days", 2,
                "--request", store.with_name("r.yaml"), "--format", "json")  # fmt: skip
    value = json.loads(found.stdout)
    assert value["days"] == ["2026-09-30", "2026-10-08"]
    assert "note_skipped" in {n["key"] for n in value["notes"]}
    at = {
        u: [(e["day"], e["starts"], e["ends"]) for e in value["entries"] if e.get("unit") == u]
        for u in ("U1", "U2", "U3")
    }
    assert max((d, e) for d, _, e in at["U3"]) <= min((d, s) for d, s, _ in at["U1"])
    assert all(d == "2026-09-30" and s >= "13:00" for d, s, _ in at["U2"])
    assert not any("A3" in e["auditors"] for e in value["entries"])
    assert all(e["accompanied_by"] == (["A3"] if "A1" in e["auditors"] else []) for e in value["entries"])


# --- what comes out ---------------------------------------------------------------------------------


def test_a_round_of_a_programme(tmp_path: Path) -> None:
    store = stored(tmp_path)
    visits = [{"round": 1, "unit": "U2", "clauses": {"t_ccaa_39": ["5.1", "5.2"]}, "method": "remote"}]
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"visits": visits}), encoding="utf-8")
    value = planned(store, "--programme", path)
    (one,) = [e for e in value["entries"] if e["type"] == "audit"]
    assert (one["unit"], one["remote"], one["clauses"]) == ("U2", True, ["t_ccaa_39:5.1", "t_ccaa_39:5.2"])
    for broken in (
        {"visits": 3},
        {"visits": [{**visits[0], "unit": "U9"}]},
        {"visits": [{**visits[0], "round": 2}]},
    ):
        path.write_text(json.dumps(broken), encoding="utf-8")
        told = run(WANTED[0], store, *WANTED[1:], "--team", "A1", "--programme", path).exception
        assert str(getattr(told, "key", "")).startswith("audit_plan.programme_")


def test_names_are_never_code_and_the_calendar_is_in_utc(tmp_path: Path) -> None:
    store = stored(tmp_path)
    words = (
        WANTED[0],
        store,
        *WANTED[1:],
        "--team",
        "A1,A2",
        "--days",
        2,
        "--request",
        store.with_name("r.yaml"),
    )
    for form in ("xlsx", "html", "ics"):
        found = run(*words, "--format", form, "-o", tmp_path / f"p.{form}", lang="zh")
        assert found.exception is None
        assert found.return_value == 0
    for sheet in load_workbook(tmp_path / "p.xlsx"):
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    events = Calendar.from_ical((tmp_path / "p.ics").read_bytes()).walk("VEVENT")
    value = planned(store)
    assert len(events) == len(value["entries"])
    assert events[0]["dtstart"].dt == datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
    named = {str(e["location"]) for e in events}
    assert {"一厂", "=HYPERLINK(1)"} <= named
    assert isinstance(run(*words, "--format", "xlsx").exception, Exception)
    kept = (tmp_path / "p.xlsx").read_bytes()
    run(*words, "-o", tmp_path / "p.xlsx", lang="zh")
    assert (tmp_path / "p.xlsx").read_bytes() == kept


def test_a_plan_is_recorded_once_and_replaced_only_when_told(tmp_path: Path) -> None:
    store = stored(tmp_path, ("audit_session", "AD-001", {"audit_file": "OTHER", "session_type": "audit"}))
    words = ("--record", "--actor", "t")
    planned(store, *words)

    def recorded() -> tuple[dict[str, Any], dict[str, Any], int]:
        with Store.open(store) as opened:
            sessions = {
                str(b["id"]): b for b in opened.records("audit_session", "甲厂") if b["audit_file"] == "AD"
            }
            team = {str(b["auditor"]): b["team_role"] for b in opened.records("audit_team_member", "甲厂")}
            return sessions, team, opened.position()[0]

    sessions, team, position = recorded()
    assert team == {"A1": "lead", "A2": "auditor"}
    assert "AD-001" not in sessions
    assert {b["session_type"] for b in sessions.values()} == {"opening", "audit", "team", "travel", "closing"}
    planned(store, *words)
    assert recorded()[2] == position
    refused = run(
        WANTED[0],
        store,
        *WANTED[1:],
        "--team",
        "A1",
        "--days",
        2,
        "--request",
        store.with_name("r.yaml"),
        *words,
    )
    assert getattr(refused.exception, "key", "") == "audit_plan.recorded"
    assert recorded()[2] == position
    planned(store, *words, "--replace", team="A1")
    after, team, _ = recorded()
    assert team == {"A1": "lead"}
    assert {b["auditor"] for b in after.values()} == {"A1"}
    planned(store, "--known", position)


def test_an_organisation_without_units_is_audited_as_a_whole(tmp_path: Path) -> None:
    with Store.create(tmp_path / "s.db") as store:
        rows = [row for row in BASE if row[0] not in ("unit", "site")]
        changes = [Change(PUT, kind, name, body) for kind, name, body in rows]
        store.commit("甲厂", changes, actor="t", at=datetime(2026, 6, 1, tzinfo=UTC))
    (tmp_path / "r.yaml").write_text("effort: 1\n", encoding="utf-8")
    value = planned(tmp_path / "s.db", "--record", "--actor", "t", days=3)
    audits = [e for e in value["entries"] if e["type"] == "audit"]
    assert {(e["unit"], e["remote"]) for e in audits} == {("-", False)}
    with Store.open(tmp_path / "s.db") as opened:
        assert all("unit" not in b and "site" not in b for b in opened.records("audit_session", "甲厂"))


def test_a_meeting_without_anybody_is_a_conflict(tmp_path: Path) -> None:
    request = (
        "meetings: {everybody: false}\n"
        "absences: [{auditor: A1, from: 2026-09-08, until: 2026-09-08}]\n"
        "minutes: {units: {U1: 30, U2: 30, U3: 30}}\n"
    )
    assert reasons(planned(stored(tmp_path, request=request), team="A1")) == {
        "because_closing_held",
        "because_away",
    }


# --- after a trial ----------------------------------------------------------------------------------

INTERRUPTIBLE = """
import signal
import sys
from ortools.sat.python import cp_model
from shall.engine import cli

class Told(cp_model.CpSolverSolutionCallback):
    def on_solution_callback(self):
        print("found", flush=True)

solve = cp_model.CpSolver.solve
cp_model.CpSolver.solve = lambda self, model: solve(self, model, Told())
sys.argv[0] = "shall"
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is begun with it ignored
cli.main()
"""


def test_an_interruption_is_no_plan(tmp_path: Path) -> None:
    units: Rows = [
        ("unit", f"U{n}", {"name": f"{n}", "function_area": "carbon", "site": f"S{1 + n % 2}"})
        for n in range(1, 13)
    ]
    store = stored(tmp_path, *units, auditor("A3"), auditor("A4"), request="effort: 60\naudit_days: 16\n")
    words = ("audit-plan", store, "--audit", "AD", "--from", "2026-09-07", "--days", 5, "--team", "A1,A2,A3,A4",
             "--request", store.with_name("r.yaml"), "--record", "--actor", "t")  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *map(str, words)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "found\n"
    child.send_signal(signal.SIGINT)
    shown = child.communicate(timeout=120)[0]
    assert child.returncode == 130
    assert set(shown.split()) <= {"found"}
    with Store.open(store) as opened:
        assert not list(opened.records("audit_session", "甲厂"))


def test_a_fixed_half_day_is_named_with_its_room(tmp_path: Path) -> None:
    request = (
        "minutes: {units: {U1: 420, U2: 60, U3: 60}}\neffort: 2\n"
        "fixed: [{unit: U1, day: 2026-09-07, half: morning, auditor: A1}]\n"
    )
    value = planned(stored(tmp_path, request=request))
    (conflict,) = value["conflicts"]
    fixed, halves = (c["en"] for c in conflict["conditions"])
    assert fixed == (
        "Unit U1 is fixed: day 2026-09-07, in the morning, auditor A1; it takes 7.0 hours, "
        "and there is room for 2.5 hours then beside the meetings"
    )
    assert "3.0 hours in a morning (2.5 on the first day), 4.0 in an afternoon (3.5 on the last)" in halves
    assert [h["key"] for h in conflict["helps"]] == ["help_fixed"]
    two = request.replace("U1: 420", "U1: 180")
    (conflict,) = planned(stored_again(tmp_path / "s.db", two))["conflicts"]
    assert [h["key"] for h in conflict["helps"]] == ["help_fixed", "help_fixed_day"]


@given(puzzles(), st.sampled_from([30, 60, 90]))
@settings(max_examples=20, deadline=None)
def test_room_counts_whole_slots_and_only_what_is_asked_for(puzzle: Puzzle, slot: int) -> None:
    puzzle = replace(puzzle, slot=slot, tasks=[replace(t, minutes=slot) for t in puzzle.tasks])
    whole = room(puzzle)
    assert whole % slot == 0
    days = range(len(puzzle.days))
    assert whole == sum(room(puzzle, [a], d) for a in puzzle.auditors for d in days)
    assert all(
        room(puzzle, [a], d, h) <= room(puzzle, [a], d) for a in puzzle.auditors for d in days for h in (0, 1)
    )


@given(puzzles(), st.sampled_from([30, 60, 90, 120]), st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_hours_alone_conflict_only_where_the_work_exceeds_the_room(
    puzzle: Puzzle, slot: int, times: int
) -> None:
    tasks = [replace(t, minutes=slot * times, blocked={}, site="S1") for t in puzzle.tasks]
    free = replace(puzzle, slot=slot, tasks=tasks, travel={}, away=frozenset(), pinned=(), order=())
    assert possible(free) is (room(free) >= sum(t.minutes for t in tasks))


def test_the_same_plan_again_is_unchanged(tmp_path: Path) -> None:
    store = stored(tmp_path)
    words = (WANTED[0], store, *WANTED[1:], "--team", "A1,A2", "--days", 2, "--request", store.with_name("r.yaml"),
             "--record", "--actor", "t")  # fmt: skip
    assert "row(s), 0 withdrawn" in run(*words).stderr
    assert "nothing was written" in run(*words).stderr
    assert "没有写入" in run(*words, "--replace", lang="zh").stderr


TODAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("file", "start", "days", "found"),
    [
        ((None, None), None, None, (TODAY, 3, False)),
        (("2026-09-07", "2026-09-11"), None, None, (date(2026, 9, 7), 5, False)),
        (("2026-09-05", "2026-09-13"), None, None, (date(2026, 9, 5), 5, False)),
        (("2026-09-07", "2026-09-11"), date(2026, 9, 14), None, (date(2026, 9, 14), 5, True)),
        (("2026-09-07", "2026-09-11"), None, 4, (date(2026, 9, 7), 4, True)),
        (("2026-09-07", "2026-09-11"), date(2026, 9, 7), 5, (date(2026, 9, 7), 5, False)),
        (("2026-09-07", None), None, None, (date(2026, 9, 7), 3, False)),
        ((None, "2026-09-11"), date(2026, 9, 9), None, (date(2026, 9, 9), 3, False)),
        (("2026-09-11", "2026-09-07"), date(2026, 9, 7), 2, (date(2026, 9, 7), 2, True)),
        (("2026-09-30", "2026-10-08"), None, None, (date(2026, 9, 30), 2, False)),
    ],
)
def test_the_days_are_those_of_the_audit_file(
    file: tuple[str | None, str | None], start: date | None, days: int | None, found: tuple[date, int, bool]
) -> None:
    audit = {"id": "AD", "audited_from": file[0], "audited_until": file[1]}
    when = span(audit, start, days, TODAY)
    assert (when.start, when.days, when.other is not None) == found


@pytest.mark.parametrize(
    "file",
    [
        ("2026-09-11", "2026-09-07"),
        ("2026-09-05", "2026-09-06"),
        ("2026-01-01", "9999-12-31"),
        ("0001-01-01", "0001-01-02"),
    ],
)
def test_days_that_cannot_be_an_audit_are_refused(file: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as told:
        span({"id": "AD", "audited_from": file[0], "audited_until": file[1]}, None, None, TODAY)
    assert told.value.key == "audit_plan.file_days"


def test_other_days_and_what_the_team_lacks_are_told_once(tmp_path: Path) -> None:
    file = {"audit_type": "surveillance", "audited_from": "2026-09-07", "audited_until": "2026-09-09"}
    rows: Rows = [
        ("audit_file", "AD", file),
        auditor("A2", declared_impartial=None),
        auditor("A3", "expert", competent=None, competence_evaluated_on=None),
        auditor("A4", declared_impartial=False, competent=False),
    ]
    value = planned(stored(tmp_path, *rows), team="A1,A2,A3,A4")
    told = [n["en"] for n in value["notes"]]
    assert "the audit file has 2026-09-07 to 2026-09-09, this plan 2026-09-07 to 2026-09-08" in told
    assert [line for line in told if line.startswith("auditor ")] == [
        "auditor A2 审核员A2: no declaration of impartiality",
        "auditor A3 审核员A3: no evaluation of competence on record",
        "auditor A4 审核员A4: found not competent, impartiality denied",
    ]
    assert value["team"][0]["lacks"] == []


def test_too_little_time_is_told_and_a_part_may_be_chosen(tmp_path: Path) -> None:
    short = "audit_days: 1.5\nmeetings: {team_minutes: 0}\neffort: 1\n"
    store = stored(tmp_path, request=short)
    assert "note_thin" in {n["key"] for n in planned(store)["notes"]}
    part = 'only: {units: [U1, U2], clauses: ["t_ccaa_39:5", "t_ccaa_39:9.2"]}\n'
    value = planned(stored_again(store, short + part))
    assert "note_thin" not in {n["key"] for n in value["notes"]}
    audits = [e for e in value["entries"] if e["type"] == "audit"]
    clauses = {c for e in audits for c in e["clauses"]}
    assert {e["unit"] for e in audits} <= {"U1", "U2"}
    assert {c.partition(":")[2][:3] for c in clauses} <= {"5.1", "5.2", "5.3", "9.2"}
    assert value["left_out"] == {
        "units": ["U3"],
        "clauses": [f"t_ccaa_39:{c}" for c in ("4", "6", "7", "8", "9.1", "9.3", "10")],
    }
    (told,) = [n["en"] for n in value["notes"] if n["key"] == "note_left_out"]
    assert told.endswith("units U3 铸造; clauses t_ccaa_39:4, t_ccaa_39:6, t_ccaa_39:7, t_ccaa_39:8, "
                         "t_ccaa_39:9.1, t_ccaa_39:9.3, t_ccaa_39:10")  # fmt: skip
    (tmp_path / "w").mkdir()
    whole = stored(tmp_path / "w", ("audit_file", "AD", {"audit_type": "stage_2"}), request=short)
    assert "note_thin_whole" in {n["key"] for n in planned(whole)["notes"]}


def test_a_part_that_is_none_is_refused(tmp_path: Path) -> None:
    assert Only(clauses=("a:1",)).has("a:1.2")
    assert not Only(clauses=("a:1",)).has("a:10")
    store = stored(tmp_path, request="only: {clauses: ['t_ccaa_39:99']}\n")
    words = (WANTED[0], store, *WANTED[1:], "--team", "A1", "--request", store.with_name("r.yaml"))
    told = run(*words).exception
    assert isinstance(told, FileProblems)
    assert [p.key for p in told.problems] == ["audit_plan.no_part"]
    stored_again(store, "units: [U1]\nonly: {units: [U2]}\n")
    assert getattr(run(*words).exception, "key", "") == "audit_plan.only_nothing"


def test_everybody_has_a_column_and_leave_is_marked(tmp_path: Path) -> None:
    rows: Rows = [
        auditor("A3", "expert"),
        (
            "auditor_absence",
            "X1",
            {"auditor": "A2", "period_from": "2026-09-08", "period_until": "2026-09-08"},
        ),
        (
            "auditor_absence",
            "X2",
            {"auditor": "A3", "period_from": "2026-09-09", "period_until": "2026-09-09"},
        ),
    ]
    request = "minutes: {units: {U1: 240, U2: 240, U3: 240}}\nmeetings: {everybody: false}\neffort: 2\n"
    store = stored(tmp_path, *rows, request=request)
    words = (
        WANTED[0],
        store,
        *WANTED[1:],
        "--team",
        "A1,A2,A3",
        "--days",
        3,
        "--request",
        store.with_name("r.yaml"),
    )
    run(*words, "--format", "xlsx", "-o", tmp_path / "p.xlsx", lang="en")
    run(*words, "--format", "html", "-o", tmp_path / "p.html", lang="en")
    grid = [[c.value for c in row] for row in load_workbook(tmp_path / "p.xlsx").worksheets[0].iter_rows()]
    heads = [n for n, row in enumerate(grid) if row[0] == "time"]
    assert grid[heads[0]][1:] == [
        "A1 审核员A1", "A2 审核员A2", "A3 审核员A3 (accompanies, does not count)"
    ]  # fmt: skip
    marked = [[grid[n + 1][c] == "absent" for c in (1, 2, 3)] for n in heads]
    assert marked == [[False, False, False], [False, True, False], [False, False, True]]
    assert "Opening meeting" in str(grid[heads[0] + 1][3])
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert page.count('<div class="away">absent</div>') == 2
    assert page.count("<h4>A3") == 3
    value = planned(store, team="A1,A2,A3", days=3)
    assert not any(e["accompanied_by"] for e in value["entries"] if e["day"] == "2026-09-09")
    assert [m["absent"] for m in value["team"]] == [[], ["2026-09-08"], ["2026-09-09"]]
    assert "(absent: A2 审核员A2)" in run(*words).stdout


def test_clauses_of_a_session_are_in_their_order(tmp_path: Path) -> None:
    value = planned(stored(tmp_path))
    listed = [[tuple(map(int, c.partition(":")[2].split("."))) for c in e["clauses"]]
              for e in value["entries"] if e["type"] == "audit"]  # fmt: skip
    assert max(map(len, listed)) > 3
    assert all(one == sorted(one) for one in listed)
