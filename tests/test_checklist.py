"""Checklists: what is asked, the draw, the workbook, three-way merging that loses nothing, writing to the ledger."""

import json
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shall.engine.audit.checklist.book import COLUMNS, FIRST_ROW, write_checklist
from shall.engine.audit.checklist.filled import Bad, Filled, Read, Stray
from shall.engine.audit.checklist.form import (
    FILLED,
    FIXED,
    FOR_SHALL,
    VERDICTS,
    Form,
    Line,
    Member,
    form_from_json,
)
from shall.engine.audit.checklist.merging import Merged, merge
from shall.engine.audit.checklist.questions import groups
from shall.engine.audit.checklist.reading import read_checklist
from shall.engine.audit.checklist.sampling import draw, size
from shall.engine.cache import executor_for
from shall.engine.cli import shall
from shall.evidence.parse import choice_label
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import EvidenceError, ShallError, UsageError

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "machinery_maker" / "evidence"
DAY = "2026-06-30"


def run(*words: object, lang: str = "zh") -> Result:
    done = CliRunner().invoke(shall, ["--lang", lang, *map(str, words)], standalone_mode=False)
    if done.exception and not isinstance(done.exception, ShallError):
        raise done.exception
    return done


def code(done: Result) -> int:
    return done.exception.exit_code if isinstance(done.exception, ShallError) else int(done.return_value or 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of the sample, a checklist by clause and one by unit."""
    folder = tmp_path_factory.mktemp("checklist")
    assert code(run("init", folder / "s.db")) == 0
    assert code(run("import", folder / "s.db", SAMPLE)) == 0
    both = ("-s", "t_ccaa_39", "-s", "machinery", "--on", DAY)
    assert code(run("checklist", folder / "s.db", *both, "-o", folder / "all.xlsx")) == 0
    told = ("--on", DAY, "--by", "unit", "-o", folder / "all_units.xlsx")
    assert code(run("checklist", folder / "s.db", *told, lang="en")) == 0
    for source, target in (("all", "base"), ("all_units", "unit")):
        form = form_of(read_checklist(folder / f"{source}.xlsx"))
        few = [line for line in form.lines if line.members[0].clause in FEW]
        write_checklist(replace(form, lines=tuple(few)), folder / f"{target}.xlsx", form.lang)
    return folder


FEW = ("4.1", "5.2", "7.3", "10.1")
"""Clauses of the short checklists that are edited: what writes them back is slow."""


@pytest.fixture(scope="module")
def issued(made: Path) -> Read:
    return read_checklist(made / "base.xlsx")


@pytest.fixture(scope="module")
def whole(made: Path) -> Form:
    return form_of(read_checklist(made / "all.xlsx"))


@pytest.fixture
def work(made: Path, tmp_path: Path) -> Path:
    """A folder of one's own with copies of the store and the checklists."""
    for name in ("s.db", "base.xlsx", "unit.xlsx"):
        shutil.copy(made / name, tmp_path / name)
    return tmp_path


def form_of(read: Read) -> Form:
    assert read.form is not None
    return read.form


def edited(source: Path, target: Path, edit: Callable[[Any], None]) -> Path:
    """A copy as an auditor saves it: opened, edited, written by other software than ours."""
    book = openpyxl.load_workbook(source)
    edit(book)
    book.save(target)
    return target


def the_list(book: Any) -> Any:
    return book.worksheets[1]


def at(sheet: Any, line: str, column: str) -> Any:
    row = next(r for r in range(FIRST_ROW + 1, sheet.max_row + 1) if sheet.cell(r, 1).value == line)
    return sheet.cell(row, COLUMNS.index(column) + 1)


def answer(line: str, **cells: object) -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        for column, value in cells.items():
            at(the_list(book), line, column).value = value

    return edit


def label(verdict: str) -> str:
    return choice_label(VERDICTS[verdict])


GOOD = {
    "verdict": label("conforming"),
    "seen": "看了 P-01",
    "auditor": "AU-04 傅守义",
    "date": date(2026, 6, 29),
}


# --- what is asked ---------------------------------------------------------------------------------------


def test_every_binding_provision_is_asked_once_and_equal_ones_together(whole: Form) -> None:
    plan = executor_for(("t_ccaa_39", "machinery")).plan
    asked = [m.id for line in whole.lines for m in line.members]
    assert sorted(asked) == sorted(p.id for p in plan.provisions if p.severity in ("shall", "should"))
    together = next(line for line in whole.lines if line.members[0].id == "t_ccaa_39:5.2/c")
    assert [m.id for m in together.members] == ["t_ccaa_39:5.2/c", "machinery:5.2/c"]
    assert len(groups(plan)) == len(whole.lines)


def test_what_nothing_computes_stands_alone(whole: Form) -> None:
    plan = executor_for(("t_ccaa_39", "machinery")).plan
    for line in whole.lines:
        bare = [
            p for p in plan.provisions if p.id == line.members[0].id and not p.requirements and not p.judged
        ]
        assert not bare or len(line.members) == 1


def test_by_unit_every_provision_is_asked_somewhere(made: Path) -> None:
    form = form_of(read_checklist(made / "all_units.xlsx"))
    plan = executor_for(("t_ccaa_39",)).plan
    asked = {m.id for line in form.lines for m in line.members}
    assert asked == {p.id for p in plan.provisions if p.severity in ("shall", "should")}
    assert len({line.id for line in form.lines}) == len(form.lines)
    assert not any(line.elsewhere for line in form.lines)


def test_one_unit_says_where_else_the_same_is_asked(work: Path) -> None:
    done = run("checklist", work / "s.db", "--on", DAY, "--unit", "U-09", "-o", work / "u.xlsx")
    assert code(done) == 0
    form = form_of(read_checklist(work / "u.xlsx"))
    assert {line.unit for line in form.lines} == {"U-09"}
    assert any(line.elsewhere for line in form.lines)
    refused = run("checklist", work / "s.db", "--on", DAY, "--unit", "U-99", "-o", work / "v.xlsx")
    assert isinstance(refused.exception, UsageError)


def test_a_checklist_is_the_same_again_and_the_seed_changes_the_sample(made: Path, work: Path) -> None:
    told = ("checklist", work / "s.db", "-s", "t_ccaa_39", "-s", "machinery", "--on", DAY, "-o")
    assert code(run(*told, work / "again.xlsx")) == 0
    assert (work / "again.xlsx").read_bytes() == (made / "all.xlsx").read_bytes()
    assert code(run(*told, work / "seed.xlsx", "--seed", "7")) == 0
    one, other = (form_of(read_checklist(work / n)) for n in ("again.xlsx", "seed.xlsx"))
    assert [a.id for a in one.lines] == [b.id for b in other.lines]
    assert any(a.cells["sample"] != b.cells["sample"] for a, b in zip(one.lines, other.lines, strict=True))
    again = run(*told, work / "again.xlsx")
    assert isinstance(again.exception, UsageError)


@pytest.mark.parametrize(
    ("count", "drawn"), [(0, 0), (1, 1), (3, 3), (4, 3), (9, 3), (10, 4), (16, 4), (17, 5)]
)
def test_the_square_root_is_rounded_up_and_at_least_three(count: int, drawn: int) -> None:
    assert size("root", count) == drawn
    assert (size("all", count), size("2", count)) == (count, min(2, count))


@given(st.sets(st.integers(0, 99), max_size=40), st.integers(0, 9), st.randoms())
def test_a_draw_is_replayed_whatever_the_order(ids: set[int], seed: int, shuffler: random.Random) -> None:
    population = [f"meter:M{n}" for n in ids]
    first = draw(population, "root", seed, "q")
    shuffler.shuffle(population)
    assert draw(population, "root", seed, "q") == first
    for sample in first:
        assert sample.population == len(ids)
        assert len(set(sample.drawn)) == size("root", len(ids))


def test_the_draw_does_not_change_from_release_to_release() -> None:
    (sample,) = draw([f"meter:M{n:02}" for n in range(20)], "root", 1, "t_ccaa_39:6.1.6#1")
    assert sample.drawn == ("M06", "M08", "M09", "M16", "M17")


# --- the workbook ----------------------------------------------------------------------------------------


def test_the_form_comes_back_whole_and_an_untouched_copy_changes_nothing(issued: Read) -> None:
    form = form_of(issued)
    assert form_from_json(form.to_json()) == form
    assert issued.strays == ()
    merged = merge(issued, [replace(issued, file="other", sha256="x")])
    assert (merged.changes, merged.conflicts, merged.troubles, merged.values) == ((), (), (), {})


def test_only_cells_to_fill_in_are_open(made: Path) -> None:
    book = openpyxl.load_workbook(made / "base.xlsx")
    sheet = the_list(book)
    assert sheet.protection.sheet
    first = FIRST_ROW + 2
    open_ = {COLUMNS[n] for n in range(len(COLUMNS)) if not sheet.cell(first, n + 1).protection.locked}
    assert open_ == set(FILLED)
    assert [s.sheet_state for s in book.worksheets] == ["visible", "visible", "veryHidden", "veryHidden"]
    assert sheet.column_dimensions["A"].hidden
    assert not any(c.data_type == "f" for row in sheet.iter_rows() for c in row)


def test_texts_stay_texts(tmp_path: Path) -> None:
    form = tiny(["=1+1"])
    write_checklist(
        form, tmp_path / "f.xlsx", "zh", {"L0": {"statement": "=2+2", "seen": "@x", "auditor": "-1"}}
    )
    read = read_checklist(tmp_path / "f.xlsx")
    assert read.rows[0].values == {
        "verdict": "",
        "statement": "=2+2",
        "seen": "@x",
        "auditor": "-1",
        "date": "",
    }
    assert read.rows[0].fixed["ask"] == "=1+1"


# --- merging, as a pure function -------------------------------------------------------------------------


def tiny(asks: list[str]) -> Form:
    lines = tuple(
        Line(
            f"L{n}",
            "h",
            None,
            (Member("t", f"{n}", f"{n}", "shall"),),
            {"zh": ask, "en": ask},
            (),
            (),
            dict.fromkeys(FIXED, "") | {"no": str(n), "address": f"t:{n}", "ask": ask},
        )
        for n, ask in enumerate(asks)
    )
    return Form(
        "O", None, DAY, "2025-07-01", 0, "0" * 64, (), "p", "clause", None, "root", 1, "zh", (), lines
    )


def as_read(form: Form, name: str, values: Mapping[str, Mapping[str, str | Bad]]) -> Read:
    rows = [
        Filled(n, line.id, {c: values.get(line.id, {}).get(c, "") for c in FILLED}, line.cells)
        for n, line in enumerate(form.lines, 6)
    ]
    return Read(name, name, form, form.digest, tuple(rows), (), ())


CELL = st.tuples(
    st.integers(0, 4), st.sampled_from(FILLED), st.sampled_from(["", "a", "b", "2026-06-01", "conforming"])
)
EDITS = st.lists(CELL, max_size=12)
DAMAGE = st.lists(
    st.tuples(st.sampled_from(["delete", "copy", "id", "swap", "bad"]), st.integers(0, 4), st.integers(0, 4)),
    max_size=3,
)


def with_edits(read: Read, edits: list[tuple[int, str, str]], damage: list[tuple[str, int, int]]) -> Read:
    rows = list(read.rows)
    for n, column, value in edits:
        rows[n] = replace(rows[n], values={**rows[n].values, column: value})
    for what, first, second in damage:
        n, m = first % len(rows), second % len(rows)
        if what == "delete" and len(rows) > 1:
            del rows[n]
        elif what == "copy":
            rows.append(replace(rows[n], row=90 + len(rows)))
        elif what == "id":
            rows[n] = replace(rows[n], id="nobody's")
        elif what == "swap":
            rows[n], rows[m] = replace(rows[n], id=rows[m].id), replace(rows[m], id=rows[n].id)
        elif what == "bad":
            rows[n] = replace(
                rows[n],
                values={**rows[n].values, "date": Bad("tomorrow", "import.bad_date", {"found": "tomorrow"})},
            )
    return replace(read, rows=tuple(rows))


def accounted(merged: Merged, copy: Read, row: Filled, column: str, value: str) -> bool:
    """Whether a changed cell is merged, in a conflict, or among the troubles with its content."""
    key = (copy.file, row.row, value)
    for change in (*merged.changes, *merged.conflicts):
        if change.column == column and key in {(v.file, v.row, v.value) for v in change.versions}:
            return change in merged.conflicts or merged.values.get(change.line, {}).get(column, "") == value
    return any(
        t.file == copy.file and t.row == row.row and t.content.get(column, "") == value
        for t in merged.troubles
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, st.lists(st.tuples(EDITS, DAMAGE), min_size=3, max_size=3))
def test_three_auditors_lose_nothing(
    first: list[tuple[int, str, str]],
    three: list[tuple[list[tuple[int, str, str]], list[tuple[str, int, int]]]],
) -> None:
    form = tiny([f"q{n}" for n in range(5)])
    base = with_edits(as_read(form, "base", {}), first, [])
    copies = [
        replace(with_edits(base, edits, damage), file=f"f{n}", sha256=f"f{n}")
        for n, (edits, damage) in enumerate(three)
    ]
    merged = merge(base, copies)
    before = {row.id: row.values for row in base.rows}
    for copy in copies:
        for row in copy.rows:
            for column, cell in row.values.items():
                value = cell.found if isinstance(cell, Bad) else cell
                if value != before.get(row.id, {}).get(column, ""):
                    assert accounted(merged, copy, row, column, value), (copy.file, row, column)
    for row in base.rows:
        for column, cell in row.values.items():
            touched = {c.line for c in merged.changes if c.column == column}
            if row.id not in touched:
                assert merged.values.get(row.id, {}).get(column, "") == cell
    for lang in LANGUAGES:
        for said in (*merged.changes, *merged.conflicts):
            assert said.text(form, lang)
        assert all(t.text(lang) for t in merged.troubles)


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, min_size=2, max_size=3), st.randoms())
def test_the_order_of_the_files_does_not_matter(
    edits: list[list[tuple[int, str, str]]], shuffler: random.Random
) -> None:
    form = tiny([f"q{n}" for n in range(5)])
    base = as_read(form, "base", {})
    copies = [replace(with_edits(base, e, []), file=f"f{n}", sha256=f"f{n}") for n, e in enumerate(edits)]
    one = merge(base, copies)
    shuffler.shuffle(copies)
    other = merge(base, copies)
    assert one.values == other.values
    assert {(c.line, c.column) for c in one.conflicts} == {(c.line, c.column) for c in other.conflicts}


# --- merging files -----------------------------------------------------------------------------------------


def keys(merged: Merged) -> list[str]:
    return [t.key.removeprefix("checklist.") for t in merged.troubles]


def test_two_auditors_meet_in_one_cell(work: Path, issued: Read) -> None:
    line = form_of(issued).lines[0].id
    one = edited(work / "base.xlsx", work / "one.xlsx", answer(line, **GOOD))
    other = {**GOOD, "verdict": label("minor"), "statement": "缺", "auditor": "AU-03 姚海波"}
    two = edited(work / "base.xlsx", work / "two.xlsx", answer(line, **other))
    merged = merge(issued, [read_checklist(one), read_checklist(two)])
    assert [c.column for c in merged.conflicts] == list(FILLED)
    assert [v.value for v in merged.conflicts[0].versions] == ["conforming", "minor"]
    assert merged.values == {}
    done = run("merge-checklists", work / "s.db", work / "base.xlsx", one, two)
    assert code(done) == 1
    for said in ("two.xlsx", "AU-03", "轻微不符合"):
        assert said in done.output


def test_what_several_wrote_into_one_line_is_merged_and_said(work: Path, issued: Read) -> None:
    line = form_of(issued).lines[0].id
    one = edited(work / "base.xlsx", work / "one.xlsx", answer(line, **GOOD))
    two = edited(work / "base.xlsx", work / "two.xlsx", answer(line, statement="另见 P-02"))
    merged = merge(issued, [read_checklist(one), read_checklist(two)])
    assert (merged.conflicts, keys(merged), merged.blocked) == ((), ["blended"], False)
    assert merged.values[line]["statement"] == "另见 P-02"


def test_a_workbook_edited_beyond_its_cells(work: Path, issued: Read) -> None:
    lines = form_of(issued).lines
    a, b, c, d, e = (line.id for line in lines[:5])

    def edit(book: Any) -> None:
        sheet = the_list(book)
        sheet.protection.sheet = False
        at(sheet, a, "statement").value = "=A1&B1"
        at(sheet, a, "date").value = "2026/2/30"
        at(sheet, b, "verdict").value = "大概可以"
        at(sheet, b, "records").value = "改过"
        at(sheet, c, "statement").value = "甲"
        rows = at(sheet, c, "id").row, at(sheet, d, "id").row
        sheet.cell(rows[0], 1).value, sheet.cell(rows[1], 1).value = d, c
        copied = [cell.value for cell in sheet[at(sheet, e, "id").row]]
        sheet.append(copied)
        sheet.cell(sheet.max_row, COLUMNS.index("seen") + 1).value = "粘贴"
        sheet.append([None, None, None, "没有编号", *[None] * 6, "新增的问题"])
        sheet.cell(3 + FIRST_ROW, len(COLUMNS) + 3).value = "页边的话"
        book.create_sheet("我的笔记")["B2"] = "自己的话"
        sheet.cell(FIRST_ROW + 2, 4).comment = openpyxl.comments.Comment("批注", "我")

    read = read_checklist(edited(work / "base.xlsx", work / "bad.xlsx", edit))
    merged = merge(issued, [read])
    found = keys(merged)
    for key in ("unreadable", "overwritten", "swapped", "row_twice", "no_line", "beside"):
        assert key in found, key
    text = "\n".join(t.text("zh") for t in merged.troubles)
    for said in (
        "=A1&B1",
        "2026/2/30",
        "大概可以",
        "改过",
        "甲",
        "新增的问题",
        "页边的话",
        "自己的话",
        "批注",
    ):
        assert said in text, said
    assert merged.values == {e: {"seen": "粘贴"}}
    assert merged.blocked


def test_rows_deleted_files_twice_and_versions(work: Path, issued: Read) -> None:
    line = form_of(issued).lines[3].id
    first = edited(work / "base.xlsx", work / "v1.xlsx", answer(line, **GOOD))

    def edit(book: Any) -> None:
        answer(line, **{**GOOD, "seen": "又看了 P-02"})(book)
        the_list(book).delete_rows(at(the_list(book), form_of(issued).lines[0].id, "id").row)

    second = edited(work / "base.xlsx", work / "v2.xlsx", edit)
    shutil.copy(first, work / "v1 (1).xlsx")
    merged = merge(issued, [read_checklist(p) for p in (first, second, work / "v1 (1).xlsx")])
    assert sorted(keys(merged)) == ["rows_gone", "same_file", "two_versions"]
    assert [c.column for c in merged.conflicts] == ["seen"]
    assert "1" in next(t for t in merged.troubles if t.key.endswith("rows_gone")).text("en")


def test_foreign_and_altered_workbooks(work: Path, issued: Read) -> None:
    foreign = merge(issued, [read_checklist(work / "unit.xlsx")])
    assert keys(foreign) == ["foreign"]
    assert foreign.blocked

    def claim(book: Any) -> None:
        book["_base"]["A3"] = "{}"

    altered = read_checklist(edited(work / "base.xlsx", work / "altered.xlsx", claim))
    assert keys(merge(issued, [altered])) == ["copy_altered"]
    with pytest.raises(EvidenceError) as caught:
        merge(altered, [issued])
    assert caught.value.key == "checklist.base_altered"
    plain = openpyxl.Workbook()
    plain.save(work / "plain.xlsx")
    for path, key in ((work / "plain.xlsx", "checklist.no_base"), (work / "s.db", "import.broken_workbook")):
        with pytest.raises(EvidenceError) as caught:
            read_checklist(path)
        assert caught.value.key == key
        assert all(caught.value.text(lang) for lang in LANGUAGES)


def test_lines_and_columns_may_be_sorted_and_moved(work: Path, issued: Read) -> None:
    """Whoever lifts the protection and sorts whole rows loses nothing: the hidden id goes with the row."""
    line = form_of(issued).lines[0].id

    def edit(book: Any) -> None:
        answer(line, **GOOD)(book)
        sheet = the_list(book)
        rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=FIRST_ROW + 1)]
        for n, values in enumerate(reversed(rows), FIRST_ROW + 1):
            for m, value in enumerate(values, 1):
                sheet.cell(n, m).value = value
        sheet.insert_cols(3)

    merged = merge(issued, [read_checklist(edited(work / "base.xlsx", work / "sorted.xlsx", edit))])
    assert merged.troubles == ()
    assert merged.values[line]["verdict"] == "conforming"


def test_the_merged_workbook_takes_the_decision_and_merges_clean(work: Path, issued: Read) -> None:
    line = form_of(issued).lines[0].id
    one = edited(work / "base.xlsx", work / "one.xlsx", answer(line, **GOOD))
    two = edited(
        work / "base.xlsx", work / "two.xlsx", answer(line, **{**GOOD, "verdict": label("unresolved")})
    )
    told = ("merge-checklists", work / "s.db", work / "base.xlsx")
    assert code(run(*told, one, two, "-o", work / "merged.xlsx")) == 1
    decided = edited(
        work / "merged.xlsx",
        work / "decided.xlsx",
        answer(line, **{**GOOD, "verdict": label("unresolved"), "statement": "仪表在修"}),
    )
    done = run(*told, decided, "--format", "json")
    assert code(done) == 0
    assert json.loads(done.output)["values"][line]["verdict"] == "unresolved"
    assert isinstance(run(*told, one, "-o", one).exception, UsageError)


# --- to the ledger -----------------------------------------------------------------------------------------


def rows_of(work: Path, kind: str) -> dict[str, dict[str, object]]:
    with Store.open(work / "s.db") as store:
        (organisation,) = store.organisations()
        return {str(b["id"]): b for b in store.records(kind, organisation)}


def head(work: Path) -> int:
    with Store.open(work / "s.db") as store:
        return store.position()[0]


def line_about(read: Read, provision: str, unit: str | None = None) -> Line:
    form = form_of(read)
    return next(x for x in form.lines if any(m.id == provision for m in x.members) and unit in (None, x.unit))


def apply(work: Path, *files: Path, base: str = "base.xlsx", lang: str = "zh") -> Result:
    told = (
        "merge-checklists",
        work / "s.db",
        work / base,
        *files,
        "--apply",
        "--audit",
        "2026 初审",
        "--actor",
        "lead",
    )
    return run(*told, lang=lang)


def test_judgements_and_findings_are_written_once(work: Path, issued: Read) -> None:
    good, bad = line_about(issued, "t_ccaa_39:5.2/c"), line_about(issued, "t_ccaa_39:5.2/d")

    def edit(book: Any) -> None:
        answer(good.id, **GOOD)(book)
        answer(bad.id, **{**GOOD, "verdict": label("minor"), "statement": "方针未张贴"})(book)

    before = head(work)
    filled = edited(work / "base.xlsx", work / "one.xlsx", edit)
    dry = run("merge-checklists", work / "s.db", work / "base.xlsx", filled)
    assert (code(dry), head(work)) == (0, before)
    assert code(apply(work, filled)) == 0
    assert head(work) == before + 5
    judged = [b for k, b in rows_of(work, "judgement").items() if k.startswith("CL-")]
    told = {(b["ruleset"], b["address"]): (b["verdict"], b["made_as"], b["judged_by"]) for b in judged}
    assert told == {
        ("t_ccaa_39", "5.2/c"): ("conforming", "audit", "P21"),
        ("machinery", "5.2/c"): ("conforming", "audit", "P21"),
        ("t_ccaa_39", "5.2/d"): ("nonconforming", "audit", "P21"),
        ("machinery", "5.2/d"): ("nonconforming", "audit", "P21"),
    }
    (finding,) = [b for k, b in rows_of(work, "audit_finding").items() if k.startswith("CF-")]
    assert (finding["address"], finding["grade"], finding["further"]) == ("5.2/d", "minor", "machinery:5.2/d")
    assert str(finding["id"])[:11] in run("finding", "list", work / "s.db").output
    again = apply(work, filled)
    assert (code(again), head(work)) == (0, before + 5)
    found = json.loads(
        run("check", work / "s.db", "--on", DAY, "--format", "json", "--fail-on", "never").output
    )
    verdicts = {p["address"]: (p["verdict"], p["reason"]) for p in found["provisions"]}
    assert verdicts["5.2/d"] == ("nonconforming", "judged")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"seen": None}, "所见证据"),
        ({"verdict": None}, "没有结论"),
        ({"date": None}, "日期"),
        ({"date": date(2099, 1, 1)}, "将来"),
        ({"date": date(2020, 1, 1)}, "早于"),
        ({"auditor": "AU-99 某人"}, "没有备案"),
        ({"date": date(2025, 12, 1)}, "能力"),
        ({"verdict": label("minor")}, "事实陈述"),
        ({"verdict": label("opportunity")}, "不能用"),
    ],
)
def test_what_is_incomplete_is_refused_and_nothing_is_written(
    work: Path, issued: Read, cells: dict[str, object], said: str
) -> None:
    good, bad = line_about(issued, "t_ccaa_39:5.2/c"), line_about(issued, "t_ccaa_39:5.2/d")

    def edit(book: Any) -> None:
        answer(good.id, **GOOD)(book)
        answer(bad.id, **{**GOOD, **cells})(book)

    before = head(work)
    done = apply(work, edited(work / "base.xlsx", work / "one.xlsx", edit))
    assert (code(done), head(work)) == (3, before)
    assert isinstance(done.exception, ShallError)
    assert said in done.exception.text("zh")
    assert done.exception.text("en")


def test_good_news_waits_for_every_unit_and_bad_news_does_not(work: Path) -> None:
    read = read_checklist(work / "unit.xlsx")
    by_provision: dict[str, list[Line]] = {}
    for line in form_of(read).lines:
        by_provision.setdefault(line.members[0].id, []).append(line)
    name, lines = next(
        (k, v) for k, v in by_provision.items() if 2 <= len(v) <= 4 and v[0].firm and _plain(v)
    )
    first = edited(work / "unit.xlsx", work / "a.xlsx", answer(lines[0].id, **GOOD))
    assert code(apply(work, first, base="unit.xlsx", lang="en")) == 0
    (record,) = [k for k in rows_of(work, "judgement") if k.startswith("CL-")]
    assert rows_of(work, "judgement")[record]["status"] == "draft"

    def every(book: Any) -> None:
        for line in lines:
            answer(line.id, **GOOD)(book)

    assert code(apply(work, edited(work / "unit.xlsx", work / "b.xlsx", every), base="unit.xlsx")) == 0
    body = rows_of(work, "judgement")[record]
    assert (body.get("status"), body["verdict"]) == (None, "conforming")

    def one_bad(book: Any) -> None:
        every(book)
        answer(lines[-1].id, **{**GOOD, "verdict": label("major"), "statement": "没有"})(book)

    assert code(apply(work, edited(work / "unit.xlsx", work / "c.xlsx", one_bad), base="unit.xlsx")) == 0
    body = rows_of(work, "judgement")[record]
    assert (body.get("status"), body["verdict"]) == (None, "nonconforming")
    assert f"{body['ruleset']}:{body['address']}" == name
    (finding,) = [b for k, b in rows_of(work, "audit_finding").items() if k.startswith("CF-")]
    assert (finding.get("unit"), finding["grade"]) == (lines[-1].unit, "major")


def _plain(lines: list[Line]) -> bool:
    """Units that are not the auditor's own."""
    return all(line.unit != "U-08" for line in lines)


def test_nobody_audits_the_own_unit(work: Path) -> None:
    read = read_checklist(work / "unit.xlsx")
    line = next(x for x in form_of(read).lines if x.unit == "U-08")
    filled = edited(work / "unit.xlsx", work / "a.xlsx", answer(line.id, **GOOD))
    done = apply(work, filled, base="unit.xlsx")
    assert isinstance(done.exception, ShallError)
    assert "U-08" in done.exception.text("en")


def test_a_finding_once_raised_is_not_changed_by_a_later_merge(work: Path, issued: Read) -> None:
    line = line_about(issued, "t_ccaa_39:5.2/d")
    minor = {**GOOD, "verdict": label("minor"), "statement": "方针未张贴"}
    first = edited(work / "base.xlsx", work / "a.xlsx", answer(line.id, **minor))
    assert code(apply(work, first)) == 0
    before = head(work)
    for changed in (GOOD, {**minor, "verdict": label("major")}):
        later = edited(work / "base.xlsx", work / "b.xlsx", answer(line.id, **changed))
        assert (code(apply(work, later)), head(work)) == (3, before)


def test_another_judgement_in_between_must_be_settled_first(work: Path, issued: Read) -> None:
    line = line_about(issued, "t_ccaa_39:5.2/d")
    (work / "in").mkdir()
    (work / "in" / "judgement.csv").write_text(
        "id,ruleset,address,verdict,reason,judged_by,judged_on,made_as\n"
        "JX,t_ccaa_39,5.2/d,nonconforming,缺,P90,2026-06-30,audit\n",
        encoding="utf-8",
    )
    assert code(run("import", work / "s.db", work / "in")) == 0
    done = apply(work, edited(work / "base.xlsx", work / "a.xlsx", answer(line.id, **GOOD)))
    assert code(done) == 3
    assert isinstance(done.exception, ShallError)
    assert "JX" in done.exception.text("en")


def test_nothing_conforms_through_what_does_not(work: Path, made: Path) -> None:
    form = form_of(read_checklist(made / "all.xlsx"))
    outer = next(line for line in form.lines if line.through and line.firm)
    inner = next(
        line
        for line in form.lines
        if any(m.id in outer.through and m.severity == "shall" for m in line.members)
    )
    few = replace(form, lines=(outer, inner))
    write_checklist(few, work / "two.xlsx", "zh")

    def edit(book: Any) -> None:
        answer(outer.id, **GOOD)(book)
        answer(inner.id, **{**GOOD, "verdict": label("minor"), "statement": "缺"})(book)

    done = apply(work, edited(work / "two.xlsx", work / "a.xlsx", edit), base="two.xlsx")
    assert code(done) == 3
    assert isinstance(done.exception, ShallError)
    assert inner.members[0].id in done.exception.text("en")


def test_a_checklist_of_another_store_is_not_applied(work: Path, issued: Read) -> None:
    assert code(run("init", work / "t.db")) == 0
    assert code(run("import", work / "t.db", SAMPLE)) == 0
    line = form_of(issued).lines[0].id
    filled = edited(work / "base.xlsx", work / "a.xlsx", answer(line, **GOOD))
    done = run("merge-checklists", work / "t.db", work / "base.xlsx", filled, "--apply")
    assert code(done) == 3


def test_every_verdict_can_be_said() -> None:
    assert set(FOR_SHALL) | {"opportunity"} == set(VERDICTS)
    assert Stray("a", "b").place == "a"
