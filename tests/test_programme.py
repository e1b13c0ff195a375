"""The audit programme: everything is covered, nobody audits own unit, gaps stay within the level, reasons are told."""

import json
import re
import shutil
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from importlib.util import find_spec
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from shall.engine.audit.programme.make import Programme, kinds_of, make, matters
from shall.engine.audit.programme.page import html
from shall.engine.audit.programme.paper import document
from shall.engine.audit.programme.policy import Policy, read_policy
from shall.engine.audit.programme.result import coverage, result
from shall.engine.audit.programme.situation import WHOLE, Auditor, read
from shall.engine.audit.programme.view import View
from shall.engine.audit.programme.workbook import workbook
from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.engine.grading_file import FileProblems
from shall.engine.plan import Plan
from shall.engine.trees import shift_months
from shall.evidence.kinds.evaluation import FOCUS
from shall.evidence.ledger import PUT, WITHDRAW, Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import ShallError

START = date(2026, 7, 1)
FIVE = ("t_ccaa_39", "machinery", "hunan", "jiangsu", "zero_carbon")
Rows = list[tuple[str, str, dict[str, Any]]]
RULES = read_policy()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return executor_for(("t_ccaa_39",)).plan


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programme") / "sample.db"
    with as_file(files("shall.samples") / "machinery_maker" / "evidence") as evidence:
        for words in (["init", str(path)], ["import", str(path), str(evidence)]):
            assert CliRunner().invoke(shall, words).exit_code == 0
    return path


def stored(path: Path, rows: Rows) -> Path:
    base = [("organisation", "O", {"name": "甲厂"})]
    with Store.create(path) as store:
        changes = [Change(PUT, kind, name, body) for kind, name, body in [*base, *rows]]
        store.commit("甲厂", changes, actor="t", at=datetime(2026, 6, 1, tzinfo=UTC))
    return path


def made(path: Path, plan: Plan, years: int = 3, seed: int = 0, policy: Policy = RULES) -> Programme:
    with Store.open(path) as store:
        organisation = store.organisations()[0]
        until = shift_months(START, 12 * years)
        found = read(store, organisation, START, until, plan, kinds_of(plan), (12, 12))
    return make(plan, policy, found, years, seed)


def unit(name: str, function: str = "production", **more: Any) -> tuple[str, str, dict[str, Any]]:
    return "unit", name, {"name": f"部门{name}", "function_area": function, **more}


def auditor(name: str, person: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    body = {
        "person": person,
        "audit_role": "auditor",
        "competent": True,
        "competence_evaluated_on": "2026-01-05",
    }
    return "auditor", name, {**body, **more}


def person(name: str, of: str | None = None, **more: Any) -> tuple[str, str, dict[str, Any]]:
    return "person", name, {"name": f"人{name}", **({"unit": of} if of else {}), **more}


SMALL: Rows = [
    unit("U1", "top_management"),
    unit("U2", "carbon"),
    unit("U3"),
    person("P1", "U1"),
    person("P2", "U2"),
    person("P3", "U3"),
    auditor("A2", "P2"),
    auditor("A3", "P3"),
]


def audited(unit: str, clause: str, on: str) -> Rows:
    """A clause audited in a unit, with the audit it belongs to."""
    return [
        ("internal_audit", "IA", {"audited_on": on, "criteria": "T/CCAA 39"}),
        ("audit_scope", f"AS-{unit}-{clause}", {"internal_audit": "IA", "unit": unit, "clause": clause,
                                               "audited_on": on, "audit_result": "符合"}),
    ]  # fmt: skip


def hold(programme: Programme) -> None:
    """What every programme promises, looked up in its visits alone."""
    done: dict[tuple[str, str], list[int]] = {}
    for visit in programme.visits:
        for cell in visit.cells:
            done.setdefault((visit.unit.id, cell.matter.id), []).append(visit.round)
    assert {matter for _, matter in done} == {m.id for m in matters(programme.plan, programme.policy)}
    assert set(done) == {(c.unit.id, c.matter.id) for c in programme.cells}
    months = 12 // programme.per_year
    for cell in programme.cells:
        rounds = done[cell.unit.id, cell.matter.id]
        assert rounds == sorted(set(rounds))
        step = max(1, cell.every // months)
        assert rounds[0] - 1 <= min(cell.latest, step - 1)
        assert all(b - a <= step for a, b in pairwise(rounds))
        assert len(programme.rounds) - rounds[-1] < step
        assert cell.basis
    heads = {u.id: u.head for u in programme.situation.units}
    for visit in programme.visits:
        who = visit.auditor
        if who is not None:
            assert who.why_not is None
            assert who.unit != visit.unit.id
            assert who.person is None or who.person != heads[visit.unit.id]
    for visit in programme.visits:
        assert visit.minutes >= programme.policy.file.time.visit_minutes
    by_unit = {v.unit.id for v in programme.visits if v.method == "on_site"}
    assert by_unit == {v.unit.id for v in programme.visits}


def test_the_sample_is_covered_over_the_cycle(sample: Path, plan: Plan) -> None:
    programme = made(sample, plan)
    hold(programme)
    covered = coverage(programme)
    assert covered["complete"]
    assert covered["focus_done"] == 7
    assert all(all(spans) and len(spans) == 3 for spans in programme.focus.values())
    assert all(one.complete for one in programme.processes)
    assert len(programme.processes) == 14


def test_five_standards_ask_equal_things_once(sample: Path) -> None:
    programme = made(sample, executor_for(FIVE).plan)
    hold(programme)
    assert sum(visit.repeats for visit in programme.visits) > 100
    alone = sum(sum(v.minutes for v in made(sample, executor_for((key,)).plan).visits) for key in FIVE)
    assert sum(v.minutes for v in programme.visits) < alone


def test_same_inputs_same_bytes_and_the_seed_moves_ties_only(sample: Path, plan: Plan) -> None:
    first, again, other = (result(made(sample, plan, seed=seed)) for seed in (0, 0, 7))
    assert first == again
    assert first["receipt"]["result"] != other["receipt"]["result"]

    def facts(value: dict[str, Any]) -> list[Any]:
        return [(c["unit"], c["clause"], c["score"], c["level"]) for c in value["cells"]]

    assert facts(first) == facts(other)


NAMES = st.sampled_from(["U1", "U2", "U3", "U4", "U5"])
FUNCTIONS = st.sampled_from(["top_management", "carbon", "production", "design", "quality", "other"])


@st.composite
def organisations(draw: st.DrawFn) -> Rows:
    """Units in any tree, rings included, with people, auditors, data, audits, findings and changes."""
    rows: Rows = []
    units = draw(st.lists(NAMES, unique=True, max_size=5))
    people = [f"P{n}" for n in range(draw(st.integers(0, 5)))]
    some = st.sampled_from(units) if units else st.none()
    for name in units:
        more = {"parent": draw(some), "site": "S1"}
        if people:
            more["head"] = draw(st.sampled_from(people))
        rows.append(unit(name, draw(FUNCTIONS), **more))
    rows.append(("site", "S1", {"name": "一厂"}))
    for name in people:
        rows.append(person(name, draw(some), is_external=draw(st.booleans())))
        if draw(st.booleans()):
            rows.append(auditor(f"A{name}", name, competent=draw(st.booleans())))
    for n in range(draw(st.integers(0, 6))):
        body = {
            "emission": draw(st.sampled_from(["0", "10", "900.5"])),
            "data_origin": draw(st.sampled_from(["metered", "estimated", "invoice"])),
            "period_from": "2026-01-01",
            "period_until": "2026-03-31",
            "site": "S1",
        }
        where = draw(st.one_of(st.none(), some))
        rows.append(("activity_datum", f"D{n}", {**body, **({"unit": where} if where else {})}))
    clauses = st.sampled_from(["8.4", "7.5", "6.1.2", "t_ccaa_39:9.1", "99"])
    for n in range(draw(st.integers(0, 4))):
        where = draw(some)
        day = draw(st.dates(date(2022, 1, 1), date(2027, 1, 1))).isoformat()
        clause = draw(clauses)
        if where:
            rows += [row for row in audited(where, clause, day) if row[:2] not in {r[:2] for r in rows}]
        finding = {"found_on": day, "clause": clause, "grade": draw(st.sampled_from(["major", "minor"]))}
        rows.append(("audit_finding", f"F{n}", {**finding, **({"unit": where} if where else {})}))
        rows.append(("change", f"C{n}", {"happened_on": day, "major": draw(st.booleans())}))
    if draw(st.booleans()):
        rows.append(
            ("process", "PC", {"name": "过程", "stage": "operation", "owner": people[0] if people else None})
        )
    months = draw(st.sampled_from([None, 3, 5, 12]))
    if months:
        rows.append(("defined_interval", "I", {"subject": "internal_audit", "months": months}))
    return [(k, n, {c: v for c, v in body.items() if v is not None}) for k, n, body in rows]


@given(rows=organisations(), years=st.integers(1, 4), seed=st.integers(0, 3))
def test_any_organisation_is_covered(
    rows: Rows, years: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = executor_for(("t_ccaa_39",)).plan
    folder = tmp_path_factory.mktemp("any")
    programme = made(stored(folder / "any.db", rows), plan, years, seed)
    shutil.rmtree(folder)
    hold(programme)
    entitled = [a for a in programme.situation.auditors if a.why_not is None]
    for visit in programme.visits:
        free = [a for a in entitled if a.unit != visit.unit.id and _unconnected(programme, a, visit.unit.id)]
        assert (visit.auditor is None) == (not free)
    for lang in LANGUAGES:
        assert View(programme, "-", lang).head()
    json.dumps(result(programme))


def _unconnected(programme: Programme, who: Auditor, of: str) -> bool:
    """Neither head of the unit or one above it, nor owner of a process there."""
    units = {u.id: u for u in programme.situation.units}
    above, now = set(), units.get(of)
    while now is not None and now.id not in above:
        above.add(now.id)
        if who.person is not None and now.head == who.person:
            return False
        now = units.get(now.parent or "")
    return who.person not in programme.situation.owners.get(of, ()) or who.person is None


def test_an_open_finding_comes_first_and_raises_the_level(tmp_path: Path, plan: Plan) -> None:
    finding = {
        "found_on": "2026-05-04",
        "clause": "8.4",
        "ruleset": "t_ccaa_39",
        "unit": "U3",
        "grade": "major",
    }
    path = stored(tmp_path / "f.db", [*SMALL, ("audit_finding", "F1", finding)])
    cell = next(c for c in made(path, plan).cells if c.unit.id == "U3" and c.matter.clause == "8.4")
    assert (cell.level, cell.rounds, cell.timing) == ("high", [1, 2, 3], "open")
    assert cell.points[3] == 100
    elsewhere = next(c for c in made(path, plan).cells if c.unit.id == "U3" and c.matter.clause != "8.4")
    assert elsewhere.points[3] == 20


def test_emissions_data_and_changes_make_points(tmp_path: Path, plan: Plan) -> None:
    def datum(
        name: str, of: str, emission: str, origin: str, year: int = 2026
    ) -> tuple[str, str, dict[str, Any]]:
        period = {"period_from": f"{year}-01-01", "period_until": f"{year}-03-31"}
        body = {"unit": of, "emission": emission, "data_origin": origin, "quantity": "1"}
        return "activity_datum", name, {**body, **period}

    rows: Rows = [
        *SMALL,
        unit("U4"),
        datum("D1", "U3", "900", "estimated"),
        datum("D2", "U3", "0", "invoice"),
        datum("D3", "U4", "100", "invoice"),
        datum("D4", "U4", "5000", "estimated", 2020),
        ("change", "C1", {"happened_on": "2026-05-01", "unit": "U4", "affects_sources": True}),
        ("change", "C2", {"happened_on": "2020-05-01", "unit": "U3", "major": True}),
    ]
    programme = made(stored(tmp_path / "e.db", rows), plan)
    points = {c.unit.id: c.points for c in programme.cells}
    assert points["U3"] == (100, 50, 0, 0, 100)
    assert points["U4"] == (40, 0, 100, 0, 100)
    assert points["U1"] == (0, 0, 0, 0, 100)
    assert all(c.level == "high" for c in programme.cells if c.unit.id == "U3")
    # 30·40 + 15·100 + 15·100 = 4200 hundredths
    assert {c.score for c in programme.cells if c.unit.id == "U4"} == {42}


def test_emissions_of_a_site_are_divided_and_told(tmp_path: Path, plan: Plan) -> None:
    place = [unit("U3", site="S1"), unit("U4", site="S1"), unit("U5", "finance", site="S1")]
    body = {"emission": "100", "period_from": "2026-01-01", "period_until": "2026-03-31", "site": "S1"}
    path = stored(
        tmp_path / "s.db", [("site", "S1", {"name": "一厂"}), *place, ("activity_datum", "D1", body)]
    )
    programme = made(path, plan)
    shares = programme.situation.shares
    assert [shares[u].hundredths for u in ("U3", "U4", "U5")] == [5000, 5000, 0]
    assert ("programme.risk_by_site", {"count": 2}) in programme.risks


def test_what_was_audited_lately_waits_but_not_too_long(tmp_path: Path, plan: Plan) -> None:
    old, late = audited("U2", "7.5", "2025-08-01"), audited("U2", "4.1", "2020-01-01")[1:]
    programme = made(stored(tmp_path / "a.db", [*SMALL, *old, *late]), plan)
    cells = {c.matter.clause: c for c in programme.cells if c.unit.id == "U2"}
    assert cells["7.5.1"].last == cells["7.5.3"].last == date(2025, 8, 1)
    assert cells["7.5.1"].points[4] == 100 * 11 // 36
    assert cells["7.5.1"].latest == 1  # due by August 2028: the third round may end too late
    assert cells["4.1"].late
    assert cells["4.1"].rounds[0] == 1
    assert any(key == "programme.risk_late" for key, _ in programme.risks)


def test_an_audit_of_another_standard_does_not_count(tmp_path: Path, plan: Plan) -> None:
    rows = audited("U2", "7.5", "2026-02-01")
    rows[0][2]["criteria"] = "GB/T 24001—2016"
    programme = made(stored(tmp_path / "o.db", [*SMALL, *rows]), plan)
    assert all(c.last is None for c in programme.cells)
    assert ("programme.risk_unnamed", {"count": 1}) in programme.risks


def test_the_organisations_own_interval_makes_more_rounds(tmp_path: Path, plan: Plan) -> None:
    interval = ("defined_interval", "I1", {"subject": "internal_audit", "months": 6})
    programme = made(stored(tmp_path / "i.db", [*SMALL, interval]), plan)
    assert (programme.per_year, len(programme.rounds)) == (2, 6)
    hold(programme)


def test_units_without_anybody_entitled_are_told(tmp_path: Path, plan: Plan) -> None:
    rows = [
        *SMALL[:6],
        auditor("A2", "P2"),
        auditor("A3", "P3", competent=False),
        auditor("A9", "P9"),
        person("P9"),
    ]
    programme = made(stored(tmp_path / "n.db", rows), plan)
    hold(programme)
    assert {v.unit.id for v in programme.visits if v.auditor is None} == {"U2"}
    why = {a.id: a.why_not for a in programme.situation.auditors}
    assert why == {"A2": None, "A3": "competence", "A9": "unit_unknown"}
    assert any(key == "programme.risk_no_auditor" and f["units"] == "U2" for key, f in programme.risks)


def test_without_units_the_whole_organisation_is_audited(tmp_path: Path, plan: Plan) -> None:
    programme = made(stored(tmp_path / "w.db", []), plan, years=1)
    hold(programme)
    assert {v.unit.id for v in programme.visits} == {WHOLE}
    assert ("programme.risk_no_units", {}) in programme.risks


@pytest.fixture
def rules(tmp_path: Path) -> Any:
    """The shipped rules with some text replaced, read as a user's file."""
    text = files("shall.rulesets").joinpath("programme", "default.yaml").read_text(encoding="utf-8")

    def changed(old: str = "", new: str = "") -> Policy:
        assert old in text
        path = tmp_path / "rules.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_policy(path)

    return changed


def test_shipped_rules_stand_the_checks_of_any(rules: Any) -> None:
    assert rules().digest == RULES.digest
    assert set(RULES.file.focus) == set(FOCUS) - {"other"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("support.awareness, leadership", "support.awarenes, leadership", "support.awarenes"),
        ("    legal:", "    lawyers:", "lawyers"),
        ("    improvement: [imp", "    repair: [imp", "repair"),
        ("score_from: 30", "score_from: 60", "levels"),
        ("every_months: 24", "every_months: 6", "every_months"),
        ("rounds_per_year: 1 ", "rounds_per_year: 5 ", "rounds_per_year"),
        ("weight: 30", "weight: 130", "weight"),
        ("edition:", "edtion:", "edtion"),
        ("[organisation, site, unit,", "[organisation, site, unti,", "unti"),
    ],
)
def test_mistakes_in_rules_are_told_with_their_line(rules: Any, old: str, new: str, told: str) -> None:
    with pytest.raises(FileProblems) as caught:
        rules(old, new)
    for lang in LANGUAGES:
        assert told in caught.value.text(lang)
        assert re.search(r"rules\.yaml:\d+", caught.value.text(lang))


def test_the_responsibility_table_adds_and_removes(tmp_path: Path, plan: Plan, rules: Any) -> None:
    own = 'units: {U3: {add: ["t_ccaa_39:8.2"], remove: [operation.criteria]}, U77: {add: [context]}}'
    programme = made(stored(tmp_path / "t.db", SMALL), plan, policy=rules("units: {} ", own))
    hold(programme)
    clauses = {c.matter.clause for c in programme.cells if c.unit.id == "U3"}
    assert "8.2" in clauses
    assert "8.4" not in clauses or not {"operation.criteria"} & {
        c for m in programme.matters if m.clause == "8.4" for c in m.concepts
    }
    assert ("programme.risk_rules", {"names": "U77"}) in programme.risks


def test_more_work_than_days_is_told_and_nothing_dropped(tmp_path: Path, plan: Plan, rules: Any) -> None:
    policy = rules("days_per_auditor_and_year: 10", "days_per_auditor_and_year: 1")
    programme = made(stored(tmp_path / "d.db", SMALL), plan, policy=policy)
    hold(programme)
    assert {f["year"] for key, f in programme.risks if key == "programme.risk_too_much"} == {1, 2, 3}


def run(*words: str) -> Result:
    return CliRunner().invoke(shall, list(words))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_writes_every_format(sample: Path, tmp_path: Path, lang: str) -> None:
    base = ("--lang", lang, "programme", str(sample), "--from", "2026-07-01")
    shown = run(*base)
    assert shown.exit_code == 0, shown.output
    for form in ("json", "xlsx", "html"):
        done = run(*base, "--format", form, "-o", str(tmp_path / f"p.{form}"))
        assert done.exit_code == 0, done.output
    value = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert value["receipt"]["result"] in shown.output
    assert all(set(cell["why"]) == {"zh", "en"} for cell in value["cells"])
    book = load_workbook(tmp_path / "p.xlsx")
    assert len(book.sheetnames) == 10
    svgs = re.findall(r"<svg.*?</svg>", (tmp_path / "p.html").read_text(encoding="utf-8"), re.S)
    assert len(svgs) == 2
    for svg in svgs:
        ElementTree.fromstring(svg)


@pytest.mark.skipif(not find_spec("pint"), reason="needs the extra `accounts`")
def test_emissions_from_the_inventory(sample: Path) -> None:
    base = ("programme", str(sample), "--from", "2026-07-01", "--format", "json")
    recorded = json.loads(run(*base).output)
    done = run(*base, "--method", "gbt_32150", "--year", "2025")
    assert done.exit_code == 0, done.exception
    computed = json.loads(done.output)
    assert recorded["receipt"]["emissions_from"] == "records"
    assert computed["receipt"]["emissions_from"] == "inventory"
    shares = [one["emissions_hundredths_of_percent"] for one in computed["units"]]
    assert 9900 < sum(shares) <= 10000


def test_wrong_options_are_told(sample: Path, tmp_path: Path) -> None:
    for words, key in (
        (("--years", "9"), "programme.bad_years"),
        (("--format", "xlsx"), "cli.output_needed"),
    ):
        error = run("programme", str(sample), *words).exception
        assert isinstance(error, ShallError)
        assert error.key == key


def test_names_stay_texts(tmp_path: Path, plan: Plan) -> None:
    rows = [
        unit("U1", "carbon"),
        ("unit", "U2", {"name": "=1+1<script>x</script>", "function_area": "production"}),
    ]
    view = View(made(stored(tmp_path / "x.db", rows), plan), "-", "zh")
    assert "<script>" not in html(view)
    book = load_workbook(BytesIO(workbook(view)))
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]


def test_texts_stand_in_both_languages() -> None:
    texts = area("programme")
    for pair in texts.values():
        assert set(pair) == {"zh", "en"}
        assert all(pair.values())
        assert set(re.findall(r"{(\w+)}", pair["zh"])) == set(re.findall(r"{(\w+)}", pair["en"]))


def test_forty_units_five_standards_three_years(tmp_path: Path) -> None:
    functions = list(RULES.file.responsibilities.functions)
    rows: Rows = [unit(f"U{n:02}", functions[n % len(functions)]) for n in range(40)]
    rows += [person(f"P{n:02}", f"U{n:02}") for n in range(40)]
    rows += [auditor(f"A{n}", f"P{n:02}") for n in range(8)]
    plan = executor_for(FIVE).plan
    path = stored(tmp_path / "big.db", rows)
    programme = made(path, plan)
    value = result(programme)
    assert value["cells"]
    hold(programme)


# --- on record, on paper ---------------------------------------------------------------------------------


def recorded(path: Path) -> dict[str, dict[str, Any]]:
    with Store.open(path) as store:
        (organisation,) = store.organisations()
        found = [
            *store.records("audit_programme", organisation),
            *store.records("internal_audit", organisation),
        ]
    return {str(body["id"]): body for body in found}


def test_a_recorded_programme_is_a_draft_of_three_rounds(tmp_path: Path, plan: Plan) -> None:
    path = stored(tmp_path / "a.db", SMALL)
    before = result(made(path, plan))["receipt"]["result"]
    words = ("programme", str(path), "--from", START.isoformat(), "--record", "--actor", "审")
    assert run(*words).exception is None
    found = recorded(path)
    assert list(found) == ["AP-2026-07-01", "AP-2026-07-01-R1", "AP-2026-07-01-R2", "AP-2026-07-01-R3"]
    assert {body["status"] for body in found.values()} == {"draft"}
    head, second = found["AP-2026-07-01"], found["AP-2026-07-01-R2"]
    assert (head["period_from"], head["period_until"]) == ("2026-07-01", "2029-06-30")
    assert head["considers_past_results"] is True and "defines_reporting" not in head
    assert (second["planned_on"], second["audit_programme"]) == ("2027-07-01", "AP-2026-07-01")
    with Store.open(path) as store:
        assert [r.actor for r in store.revisions()][-4:] == ["审"] * 4
        position = store.position()
    assert result(made(path, plan))["receipt"]["result"] == before, "drafts are no evidence"
    again = run(*words)
    assert again.exception is None and "没有写入" in again.output + again.stderr
    with Store.open(path) as store:
        assert store.position() == position


def test_a_shorter_programme_takes_its_own_rounds_back(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.db", SMALL)
    words = ("programme", str(path), "--from", START.isoformat(), "--record")
    for years, rounds in (("3", 3), ("1", 1), ("2", 2)):
        assert run(*words, "--years", years).exception is None
        assert sum("-R" in name for name in recorded(path)) == rounds


@pytest.mark.parametrize("what", ["edited", "approved", "withdrawn", "theirs", "round"])
def test_what_somebody_else_did_is_not_written_over(tmp_path: Path, what: str) -> None:
    path = stored(tmp_path / "a.db", SMALL)
    words = ("programme", str(path), "--from", START.isoformat(), "--record")
    if what != "theirs":
        assert run(*words).exception is None
    kind, name = (
        ("internal_audit", "AP-2026-07-01-R2") if what == "round" else ("audit_programme", "AP-2026-07-01")
    )
    body = {k: v for k, v in recorded(path).get(name, {}).items() if k != "id"}
    changed = {"edited": {"responsible": "P1"}, "approved": {"status": "approved"}, "theirs": {"title": "我的"},
               "round": {"audited_on": "2027-07-05"}, "withdrawn": {}}[what]  # fmt: skip
    change = (
        Change(WITHDRAW, kind, name) if what == "withdrawn" else Change(PUT, kind, name, {**body, **changed})
    )
    with Store.open(path, write=True) as store:
        store.commit("甲厂", [change], actor="人", at=datetime(2026, 7, 2, tzinfo=UTC))
        position = store.position()
    for years in ("3", "1"):
        error = run(*words, "--years", years).exception
        assert isinstance(error, ShallError) and error.key == "programme.not_ours"
        assert all(name in error.text(lang) for lang in LANGUAGES)
    with Store.open(path) as store:
        assert store.position() == position
    assert run(*words, "--record-as", "AP-X").exception is None
    assert "AP-X-R3" in recorded(path)


def test_earlier_evidence_is_not_recorded_as_a_programme(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.db", SMALL)
    error = run("programme", str(path), "--from", START.isoformat(), "--record", "--known", "3").exception
    assert isinstance(error, ShallError) and error.key == "programme.record_known"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_paper_holds_what_a_programme_must_hold(sample: Path, tmp_path: Path, lang: str) -> None:
    words = ("--lang", lang, "programme", str(sample), "--from", START.isoformat(), "--format", "docx", "-o")
    for name in ("a.docx", "b.docx"):
        assert run(*words, str(tmp_path / name)).exception is None
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with ZipFile(tmp_path / "a.docx") as read:
        text = re.sub(r"<[^>]+>", "\n", read.read("word/document.xml").decode())
        assert not find_spec("typst") or sum(name.endswith(".png") for name in read.namelist()) == 2
    texts = area("programme")
    for key in ("t_objectives", "d_extent", "t_risks", "t_rounds", "t_visits", "d_methods", "t_auditors",
                "d_responsibilities", "t_matrix", "d_carried", "d_annex"):  # fmt: skip
        assert f"\n{texts[f'programme.{key}'][lang]}\n" in text, key
    assert "AF-01" in text, "what was found before is named among the reasons"


def test_pictures_are_cut_to_pages_and_lose_nothing(tmp_path: Path, plan: Plan) -> None:
    rows: Rows = [unit(f"U{n:02d}", "carbon" if n == 1 else "production") for n in range(1, 31)]
    programme = made(stored(tmp_path / "a.db", rows), plan)
    value = result(programme)
    charts = list(document(View(programme, value["receipt"]["result"], "zh")).charts())
    assert len(charts) > 3
    rounds, clauses = [c for c in charts if "轮" in c.name], [c for c in charts if "轮" not in c.name]
    assert all(len(c.series) <= 14 and len(c.points) <= 40 for c in charts)
    for found, whole in ((rounds, sum(len(v.cells) for v in programme.visits)),
                         (clauses, sum(len(c.rounds) for c in programme.cells))):  # fmt: skip
        assert sum(int(v) for c in found for p in c.points for v in p.values if v is not None) == whole
        assert len({c.highest for c in found}) == 1


@pytest.mark.skipif(not find_spec("typst"), reason="needs the extra pdf")
def test_the_paper_as_pdf(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.pdf"
    done = run("programme", str(sample), "--from", START.isoformat(), "--format", "pdf", "-o", str(target))
    assert done.exception is None
    assert target.read_bytes().startswith(b"%PDF")
