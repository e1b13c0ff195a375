"""Checklists to the ledger: who may answer, what a judgement says first, where an audit was, what is told."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shall.engine.audit.checklist.applying import Prepared, apply, prepare
from shall.engine.audit.checklist.entitled import Audit, audit_of
from shall.engine.audit.checklist.form import Form, Line, form_from_json
from shall.engine.audit.checklist.merging import Merged, merge
from shall.engine.audit.checklist.reading import read_checklist
from shall.engine.audit.checklist.sampling import draw
from shall.engine.cli import shall
from shall.evidence.store import Store
from shall.texts import LANGUAGES

SAMPLE = Path(__file__).parent.parent / "samples" / "machinery_maker" / "evidence"
TODAY = date(2026, 9, 30)
DAY = "2026-09-08"
SEEN = {"verdict": "conforming", "seen": "看了记录", "auditor": "CB-1 韩立群", "date": DAY}
BAD = {**SEEN, "verdict": "minor", "statement": "两人不了解碳方针"}

TABLES = {
    "person": "id,name,unit,is_external\nPX6,外人,,true\n",
    "auditor": "id,name,person,audit_role,appointed_on,competence_evaluated_on,competent,declared_impartial\n"
    + "".join(
        f"CB-{n},{name},{person},{role},2026-01-01,2026-01-15,true,true\n"
        for n, name, person, role in (
            (1, "韩立群", "", "lead"),
            (2, "顾晓岩", "", "auditor"),
            (3, "段雨桐", "", "auditor"),
            (4, "毕胜男", "", "auditor"),
            (5, "祝长安", "", "auditor"),
            (6, "外人", "PX6", "auditor"),
            (7, "某人", "", "auditor"),
            (8, "旧人", "", "auditor"),
        )
    ),
    "internal_audit": "id,planned_on\nIA-9,2026-09-07\n",
    "audit_file": "id,title,audit_type,internal_audit,audited_from,audited_until\n"
    "AD-9,监督审核九,surveillance,,2026-09-07,2026-09-11\nAD-8,内审,internal,IA-9,,\n",
    "audit_team_member": "id,audit_file,auditor,team_role\n"
    "T1,AD-9,CB-1,lead\nT2,AD-9,CB-2,auditor\nT3,AD-9,CB-3,trainee\nT4,AD-9,CB-4,auditor\n"
    "T5,AD-9,CB-5,auditor\nT6,AD-9,CB-6,\nTA,AD-9,CB-8,auditor\nT7,AD-9,AU-04,auditor\nT8,AD-8,AU-04,lead\nT9,AD-8,AU-01,auditor\n",
    "auditor_engagement": "id,auditor,engagement,whole_organisation,period_from,period_until\n"
    "E1,CB-2,consultancy,true,2024-01-01,2025-08-07\nE2,CB-8,inventory,true,2024-01-01,\n",
    "auditor_absence": "id,auditor,period_from,period_until\nB1,CB-4,2026-09-08,2026-09-08\n",
    "auditor_competence": "id,auditor,standard,clause_group,evaluated_on\n"
    "C1,CB-5,t_ccaa_39,leadership,2026-01-15\nC2,CB-6,machinery,,2026-01-15\n",
    "audit_session": "id,audit_file,unit,held_on,session_type,auditor,clauses\n"
    "S1,AD-9,U-03,2026-09-08,audit,CB-1,t_ccaa_39:7.3; t_ccaa_39:7.2\n"
    "S2,AD-9,U-11,2026-09-08,audit,CB-1,t_ccaa_39:7.3\nS3,AD-8,U-08,2026-09-08,audit,AU-01,7.3\n"
    "S4,AD-8,U-03,2026-09-08,audit,AU-04,7.3\n",
}


def run(*words: object) -> Any:
    return CliRunner().invoke(shall, [*map(str, words)], standalone_mode=False, catch_exceptions=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the sample with an external and an internal audit, and the checklist of each."""
    folder = tmp_path_factory.mktemp("apply")
    (folder / "in").mkdir()
    for kind, text in TABLES.items():
        (folder / "in" / f"{kind}.csv").write_text(text, encoding="utf-8")
    run("init", folder / "s.db")
    run("import", folder / "s.db", SAMPLE)
    done = run("import", folder / "s.db", folder / "in")
    assert "AD-9" in str(records(folder, "audit_file")), done.output
    for audit in ("AD-9", "AD-8"):
        run("checklist", folder / "s.db", "--audit", audit, "--on", DAY, "-o", folder / f"{audit}.xlsx")
    return folder


@pytest.fixture(scope="module")
def empty(made: Path) -> dict[str, Merged]:
    """The checklists with nothing filled in."""
    read = {audit: read_checklist(made / f"{audit}.xlsx") for audit in ("AD-9", "AD-8")}
    return {audit: merge(one, [one]) for audit, one in read.items()}


def records(folder: Path, kind: str) -> list[dict[str, Any]]:
    with Store.open(folder / "s.db") as store:
        (organisation,) = store.organisations()
        return [dict(b) for b in store.records(kind, organisation)]


def ready(
    made: Path, merged: Merged, values: dict[str, dict[str, str]], named: Audit | None = None
) -> Prepared:
    with Store.open(made / "s.db") as store:
        audit = audit_of(store, merged.form, named or Audit())
        return prepare(store, replace(merged, values=values), audit, TODAY, "zh")


def row(form: Form, unit: str, address: str) -> Line:
    return next(
        x for x in form.lines if x.unit == unit and f"t_ccaa_39:{address}" in {m.id for m in x.members}
    )


def of(done: Prepared, kind: str) -> list[dict[str, Any]]:
    return [{"id": c.record_id, **c.body} for c in done.changes if c.kind == kind]


# --- who may answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auditor", "key"),
    [
        ("CB-1 韩立群", None),
        ("CB-2 顾晓岩", "was_tied"),
        ("CB-3 段雨桐", "never_alone"),
        ("CB-4 毕胜男", "absent"),
        ("CB-5 祝长安", "out_of_scope"),
        ("CB-6 外人", "out_of_scope"),
        ("CB-7 某人", "not_in_team"),
        ("CB-8 旧人", "tied"),
        ("AU-04 傅守义", "clients_own"),
        ("AU-03 姚海波", "not_in_team"),
    ],
)
def test_only_the_team_answers_and_each_refusal_is_told_once(
    made: Path, empty: dict[str, Merged], auditor: str, key: str | None
) -> None:
    form = empty["AD-9"].form
    rows = [x for x in form.lines if x.members[0].clause == "7.3"]
    assert len(rows) > 6
    done = ready(made, empty["AD-9"], {x.id: {**SEEN, "auditor": auditor} for x in rows})
    assert [p.key for p in done.problems] == ([f"checklist.{key}"] if key else [])
    for problem in done.problems:
        assert problem.fields["count"] == len(rows)
        assert all(auditor.split(maxsplit=1)[0] in problem.text(lang) for lang in LANGUAGES)
        assert str(problem.fields["numbers"]).endswith(" …")


def test_a_name_without_a_person_judges_by_the_id_of_the_auditor(
    made: Path, empty: dict[str, Merged]
) -> None:
    line = row(empty["AD-9"].form, "U-03", "7.3#1")
    done = ready(made, empty["AD-9"], {line.id: BAD})
    assert not done.problems
    (judged,) = of(done, "judgement")
    (finding,) = of(done, "audit_finding")
    assert (judged["judged_by"], finding["auditor"], finding["audit"]) == ("CB-1", "CB-1", "AD-9")
    assert (finding["origin"], finding["unit"], finding["grade"]) == ("certification", "U-03", "minor")


def test_an_own_person_audits_internally_but_not_the_own_unit(made: Path, empty: dict[str, Merged]) -> None:
    form = empty["AD-8"].form
    own, other = row(form, "U-08", "7.3#1"), row(form, "U-03", "7.3#1")
    said = {**SEEN, "auditor": "AU-04 傅守义"}
    assert [p.key for p in ready(made, empty["AD-8"], {own.id: said}).problems] == ["checklist.own_unit"]
    done = ready(made, empty["AD-8"], {other.id: said})
    assert not done.problems
    (seen,) = of(done, "audit_scope")
    assert (seen["internal_audit"], seen["audit_file"], seen["audits_own_work"]) == ("IA-9", "AD-8", False)


def test_the_list_of_auditors_is_the_team(empty: dict[str, Merged]) -> None:
    assert [a for a, _ in empty["AD-9"].form.auditors] == [
        "AU-04",
        "CB-1",
        "CB-2",
        "CB-4",
        "CB-5",
        "CB-6",
        "CB-8",
    ]


def test_an_audit_is_named_by_file_title_or_internal_audit(made: Path, empty: dict[str, Merged]) -> None:
    form = replace(empty["AD-9"].form, audit=None)
    with Store.open(made / "s.db") as store:
        for named in (Audit(None, "AD-9"), Audit(None, "监督审核九")):
            assert audit_of(store, form, named) == Audit(None, "AD-9", "AD-9", "surveillance")
        assert audit_of(store, form, Audit("IA-9")) == Audit("IA-9", "AD-8", "AD-8", "internal")
        assert audit_of(store, form, Audit(None, "别的审核")) == Audit(None, "别的审核")
        assert audit_of(store, form, Audit()) == Audit()


# --- what a judgement says -------------------------------------------------------------------------------


def test_a_judgement_begins_with_the_answer_that_decides(made: Path, empty: dict[str, Merged]) -> None:
    form = empty["AD-9"].form
    here, there = row(form, "U-03", "7.3#1"), row(form, "U-11", "7.3#1")
    later = {**SEEN, "date": "2026-09-10"}
    (judged,) = of(ready(made, empty["AD-9"], {here.id: later, there.id: BAD}), "judgement")
    assert (judged["verdict"], judged["judged_on"]) == ("nonconforming", date(2026, 9, 8))
    first, rest = judged["reason"].split("\n")
    assert first == "U-11 轻微不符合：两人不了解碳方针（CB-1，2026-09-08）"
    assert rest == "符合：U-03（CB-1，2026-09-10）"
    worse = {**BAD, "verdict": "major", "statement": "无人知道", "date": "2026-09-07"}
    (judged,) = of(ready(made, empty["AD-9"], {here.id: worse, there.id: BAD}), "judgement")
    assert judged["reason"].startswith("U-03 严重不符合：无人知道")
    assert judged["judged_on"] == date(2026, 9, 7)


def test_nobody_else_than_the_visits_is_waited_for(made: Path, empty: dict[str, Merged]) -> None:
    form = empty["AD-9"].form
    assert {x.elsewhere for x in form.lines} == {()}
    lines = [row(form, unit, "7.3#1") for unit in ("U-03", "U-11")]
    one = of(ready(made, empty["AD-9"], {lines[0].id: SEEN}), "judgement")
    both = of(ready(made, empty["AD-9"], {x.id: SEEN for x in lines}), "judgement")
    assert [b.get("status") for b in (*one, *both)] == ["draft", None]
    run("checklist", made / "s.db", "--audit", "AD-9", "--unit", "U-03", "--on", DAY, "-o", made / "u.xlsx")
    alone = read_checklist(made / "u.xlsx").form
    assert alone is not None
    assert row(alone, "U-03", "7.3#1").elsewhere == ("U-11",)
    assert row(alone, "U-03", "7.2#1").elsewhere == ()


def test_answers_better_than_the_records_are_told(made: Path, empty: dict[str, Merged]) -> None:
    line = row(empty["AD-9"].form, "U-03", "7.2/a")
    form = replace(
        empty["AD-9"].form,
        lines=tuple(
            replace(x, paper=("nonconforming",) * len(x.members) if x == line else ("conforming",))
            for x in empty["AD-9"].form.lines
        ),
    )
    merged = replace(empty["AD-9"], form=form)
    values = {x.id: SEEN for x in form.lines if x.unit == "U-03"}
    (told,) = [n for n in ready(made, merged, values).notes if n.key == "checklist.better"]
    assert (told.fields["count"], told.fields["names"]) == (1, "t_ccaa_39:7.2/a")
    assert all("t_ccaa_39:7.2/a" in told.text(lang) for lang in LANGUAGES)
    honest = ready(made, merged, {line.id: BAD})
    assert not [n for n in honest.notes if n.key == "checklist.better"]


def test_a_checklist_from_before_keeps_its_digest(empty: dict[str, Merged]) -> None:
    form = replace(empty["AD-9"].form, lines=tuple(replace(x, paper=()) for x in empty["AD-9"].form.lines))
    raw = json.loads(form.to_json())
    assert "paper" not in raw["lines"][0]
    assert form_from_json(form.to_json()) == form


# --- where the audit was ---------------------------------------------------------------------------------


@given(chosen=st.sets(st.integers(0, 60), max_size=12), silent=st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_unit_and_clause_answered_is_put_down_once(
    made: Path, empty: dict[str, Merged], chosen: set[int], silent: bool
) -> None:
    lines = empty["AD-9"].form.lines
    numbers = {n % len(lines) for n in chosen}
    answered = [lines[n] for n in sorted(numbers)]
    values = {x.id: SEEN for x in answered}
    if silent:
        values |= {x.id: {"verdict": "not_audited"} for n, x in enumerate(lines) if n not in numbers}
    seen = of(ready(made, empty["AD-9"], values), "audit_scope")
    pairs = [(b["unit"], b["clause"]) for b in seen]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {(x.unit, f"{m.ruleset}:{m.clause}") for x in answered for m in x.members}
    assert sum(int(b["audit_result"].rpartition(" ")[2]) for b in seen) == len(answered)
    assert {b["audit_file"] for b in seen} <= {"AD-9"}
    assert not any("internal_audit" in b for b in seen)
    assert {b["audits_own_work"] for b in seen} <= {False}


def test_what_was_looked_at_goes_to_the_ledger_and_is_no_internal_audit(
    made: Path, empty: dict[str, Merged], tmp_path: Path
) -> None:
    store = tmp_path / "s.db"
    store.write_bytes((made / "s.db").read_bytes())
    before = checked(store)
    form = empty["AD-9"].form
    values = {row(form, "U-03", "7.3#1").id: BAD, row(form, "U-11", "7.3#1").id: SEEN}
    merged = replace(empty["AD-9"], values=values)
    with Store.open(store, write=True) as opened:
        audit = audit_of(opened, form, Audit())
        for again in (False, True):
            at = datetime(2026, 9, 30, tzinfo=UTC)
            _, summary = apply(opened, merged, audit, TODAY, "zh", actor="lead", at=at)
            assert (summary.total.new > 0) is not again
    seen = [b for b in records(tmp_path, "audit_scope") if b.get("audit_file")]
    assert [
        (b["unit"], b["site"], b["clause"], b["auditor"], str(b["audited_on"]), b["audit_result"])
        for b in seen
    ] == [
        ("U-03", "S-01", "t_ccaa_39:7.3", "CB-1", DAY, "轻微不符合 1"),
        ("U-11", "S-01", "t_ccaa_39:7.3", "CB-1", DAY, "符合 1"),
    ]
    after = checked(store)
    assert {k: v for k, v in after.items() if k.startswith("9.2")} == {
        k: v for k, v in before.items() if k.startswith("9.2")
    }


def checked(store: Path) -> dict[str, str]:
    found = json.loads(run("check", store, "--on", DAY, "--format", "json", "--fail-on", "never").output)
    return {p["address"]: p["verdict"] for p in found["provisions"]}


def test_an_audit_not_on_record_leaves_no_places_and_says_so(made: Path, empty: dict[str, Merged]) -> None:
    merged = replace(empty["AD-9"], form=replace(empty["AD-9"].form, audit=None))
    line = row(merged.form, "U-03", "7.3#1")
    done = ready(made, merged, {line.id: BAD}, Audit(None, "别的审核"))
    assert of(done, "audit_scope") == []
    assert "checklist.nowhere" in [n.key for n in done.notes]


@pytest.mark.parametrize("named", [Audit(None, "别的审核"), Audit(None, "AD-8"), Audit("IA-01")])
def test_a_checklist_goes_to_the_audit_it_was_issued_for_only(
    named: Audit, made: Path, empty: dict[str, Merged]
) -> None:
    line = row(empty["AD-9"].form, "U-03", "7.3#1")
    done = ready(made, empty["AD-9"], {line.id: BAD}, named)
    assert [p.key for p in done.problems] == ["checklist.other_audit"]
    assert done.changes == ()


@pytest.mark.parametrize(("on", "said"), [(DAY, []), ("2026-08-01", ["checklist.outside_days"])])
def test_an_answer_is_of_a_day_of_the_audit(
    on: str, said: list[str], made: Path, empty: dict[str, Merged]
) -> None:
    line = row(empty["AD-9"].form, "U-03", "7.3#1")
    done = ready(made, empty["AD-9"], {line.id: {**BAD, "date": on}})
    assert [p.key for p in done.problems] == said


def test_answers_put_on_record_before_are_not_lost(
    made: Path, empty: dict[str, Merged], tmp_path: Path
) -> None:
    merged = empty["AD-9"]
    one, other = row(merged.form, "U-03", "7.3#1"), row(merged.form, "U-11", "7.3#1")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    first, both = {one.id: BAD}, {one.id: BAD, other.id: SEEN}
    with Store.open(tmp_path / "s.db", write=True) as opened:
        audit = audit_of(opened, merged.form, Audit())
        at = datetime(2026, 9, 12, tzinfo=UTC)
        apply(opened, replace(merged, values=first), audit, TODAY, "zh", actor="lead", at=at)
    alone = ready(tmp_path, merged, {other.id: SEEN})
    assert [p.key for p in alone.problems] == ["checklist.left_out"]
    assert alone.problems[0].fields["numbers"] == one.cells["no"]
    assert ready(tmp_path, merged, both).problems == ()


# --- what is asked ---------------------------------------------------------------------------------------


def test_a_row_asks_openly_and_shows_the_records_side_last_and_for_the_whole(
    empty: dict[str, Merged],
) -> None:
    line = row(empty["AD-9"].form, "U-03", "7.3#1")
    first, *rest = line.cells["ask"].split("\n")
    assert "请说明怎样做到" in first
    assert not any(text.startswith("· 查") for text in rest)
    assert all(x.cells["evidence"].startswith("全组织") for x in empty["AD-9"].form.lines)
    assert all(len(x.paper) == len(x.members) for x in empty["AD-9"].form.lines)


@given(
    ids=st.sets(st.integers(0, 60), min_size=1),
    amiss=st.sets(st.integers(0, 60)),
    rule=st.sampled_from(["root", "all", "2"]),
)
def test_what_must_be_cleared_up_is_always_in_the_sample(ids: set[int], amiss: set[int], rule: str) -> None:
    population = [f"k:{n}" for n in ids]
    always = [f"k:{n}" for n in amiss]
    (plain,), (drawn,) = draw(population, rule, 7, "q"), draw(population, rule, 7, "q", always)
    must = {str(n) for n in ids & amiss}
    assert must <= set(drawn.drawn)
    assert len(drawn.drawn) == max(len(must), len(plain.drawn))
    assert draw(population, rule, 7, "q", ()) == [plain]
