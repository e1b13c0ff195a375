"""Checklists in Word: written, filled in, damaged and merged with workbooks; visits, suggestions, earlier findings."""

import io
import json
import re
import shutil
import zipfile
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
from shall.engine.audit.checklist.filled import NotOpened, Read
from shall.engine.audit.checklist.form import FILLED, FIXED, VERDICTS, Form, Line, Member
from shall.engine.audit.checklist.merging import Merged, merge
from shall.engine.audit.checklist.reading import read_checklist
from shall.engine.audit.checklist.word import write_word
from shall.engine.cli import shall
from shall.evidence.parse import choice_label
from shall.evidence.store import Store
from shall.texts import LANGUAGES
from shall.texts.errors import EvidenceError, ShallError, UsageError

SAMPLE = Path(__file__).parent.parent / "samples" / "machinery_maker" / "evidence"
DAY = "2026-06-30"
MAIN = "word/document.xml"
GOOD = {
    "verdict": choice_label(VERDICTS["conforming"]),
    "seen": "看了 P-01",
    "auditor": "AU-04 傅守义",
    "date": "2026-06-29",
}


def run(*words: object, lang: str = "zh") -> Result:
    done = CliRunner().invoke(shall, ["--lang", lang, *map(str, words)], standalone_mode=False)
    if done.exception and not isinstance(done.exception, ShallError):
        raise done.exception
    return done


def code(done: Result) -> int:
    return done.exception.exit_code if isinstance(done.exception, ShallError) else int(done.return_value or 0)


def tiny(count: int = 4, auditor: str = "") -> Form:
    lines = tuple(
        Line(
            f"L{n}",
            f"{n // 2}",
            None,
            (Member("t", f"{n}", f"{n}", "shall"),),
            {"zh": f"问{n}", "en": f"ask {n}"},
            (),
            (),
            dict.fromkeys(FIXED, "") | {"no": f"{n + 1}", "address": f"t:{n}", "ask": f"问{n}\n· 查：<{n}>"},
            auditor,
        )
        for n in range(count)
    )
    return Form(
        "O", "公司&名", DAY, "2025-07-01", 0, "0" * 64, (), "p", "clause", None, "root", 1, "zh",
        (("AU-04", "傅守义"),), lines,
    )  # fmt: skip


@pytest.fixture
def form() -> Form:
    return tiny()


@pytest.fixture
def base(form: Form, tmp_path: Path) -> Path:
    write_word(form, tmp_path / "base.docx", "zh")
    return tmp_path / "base.docx"


def edited(source: Path, target: Path, edit: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    edit(parts)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


def control(line: str, column: str) -> re.Pattern[str]:
    return re.compile(
        rf'<w:sdt><w:sdtPr><w:alias [^>]*/><w:tag w:val="shall:{line}:{column}"/>.*?</w:sdt>', re.S
    )


def fill(text: str, line: str, **cells: str) -> str:
    """What a word processor leaves when somebody fills in controls."""
    for column, value in cells.items():
        found = control(line, column).search(text)
        assert found, (line, column)
        runs = "<w:br/>".join(f"<w:t>{part}</w:t>" for part in value.split("\n"))
        once = re.sub(r"<w:sdtContent>.*</w:sdtContent>", "", found[0], flags=re.S)
        once = once.replace("<w:showingPlcHdr/>", "")
        once = once.replace("</w:sdt>", f"<w:sdtContent><w:r>{runs}</w:r></w:sdtContent></w:sdt>")
        text = text.replace(found[0], once)
    return text


def typed(source: Path, target: Path, edit: Callable[[str], str]) -> Path:
    def change(parts: dict[str, bytes]) -> None:
        before = parts[MAIN].decode()
        parts[MAIN] = edit(before).encode()
        assert parts[MAIN].decode() != before

    return edited(source, target, change)


def table(text: str, line: str) -> str:
    return next(t for t in re.findall(r"<w:tbl>.*?</w:tbl>", text, re.S) if f"shall:{line}:" in t)


def keys(merged: Merged) -> list[str]:
    return [t.key.removeprefix("checklist.") for t in merged.troubles]


def told(merged: Merged, form: Form) -> str:
    said = [t.text("zh") for t in merged.troubles] + [c.text(form, "zh") for c in merged.conflicts]
    return "\n".join(said)


# --- written and read back -------------------------------------------------------------------------------


def test_an_untouched_copy_changes_nothing_and_the_base_is_the_workbooks(form: Form, base: Path) -> None:
    read = read_checklist(base)
    write_checklist(form, base.with_suffix(".xlsx"), "zh")
    assert (read.form, read.digest, read.strays) == (form, form.digest, ())
    for one, other in ((base, base.with_suffix(".xlsx")), (base.with_suffix(".xlsx"), base)):
        merged = merge(read_checklist(one), [read_checklist(other)])
        assert (merged.changes, merged.conflicts, merged.troubles, merged.values) == ((), (), (), {})
    again = base.with_name("again.docx")
    write_word(form, again, "zh")
    assert again.read_bytes() == base.read_bytes()


def test_a_library_opens_it_and_its_lists_offer_what_the_line_allows(base: Path, form: Form) -> None:
    docx = pytest.importorskip("docx")
    made = docx.Document(str(base))
    assert sum("shall:" in t._tbl.xml for t in made.tables) == len(form.lines)
    text = zipfile.ZipFile(base).read(MAIN).decode()
    for code_ in form.lines[0].allowed:
        assert choice_label(VERDICTS[code_]) in table(text, "L0")
    assert choice_label(VERDICTS["opportunity"]) not in table(text, "L0")
    assert 'w:edit="forms"' in zipfile.ZipFile(base).read("word/settings.xml").decode()


def test_what_is_filled_in_comes_back(base: Path, form: Form) -> None:
    copy = typed(base, base.with_name("a.docx"), lambda t: fill(t, "L1", **GOOD, statement="一\n=2+2"))
    merged = merge(read_checklist(base), [read_checklist(copy)])
    assert merged.troubles == ()
    assert merged.values == {"L1": {**GOOD, "verdict": "conforming", "statement": "一\n=2+2"}}


def test_a_program_that_drops_tags_loses_nothing(base: Path) -> None:
    def edit(text: str) -> str:
        return re.sub(r'<w:tag w:val="shall:[^"]*"/>', "", fill(text, "L1", **GOOD))

    merged = merge(read_checklist(base), [read_checklist(typed(base, base.with_name("a.docx"), edit))])
    assert merged.troubles == ()
    assert merged.values == {"L1": {**GOOD, "verdict": "conforming"}}


def test_word_and_excel_copies_meet(base: Path, form: Form) -> None:
    issued = read_checklist(base)
    write_checklist(form, base.with_name("b.xlsx"), "zh", {"L0": {"verdict": "minor", "seen": "乙"}})
    one = typed(
        base,
        base.with_name("a.docx"),
        lambda t: fill(fill(t, "L0", verdict=GOOD["verdict"]), "L2", seen="丙"),
    )
    merged = merge(issued, [read_checklist(one), read_checklist(base.with_name("b.xlsx"))])
    assert {(c.line, c.column) for c in merged.conflicts} == {("L0", "verdict"), ("L0", "seen")}
    assert merged.values == {"L2": {"seen": "丙"}}


def test_the_merged_word_file_shows_what_is_open_and_takes_the_decision(made: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.docx"
    assert code(run("checklist", made / "s.db", "--on", DAY, "--unit", "U-02", "-o", base)) == 0
    line = _form(read_checklist(base)).lines[0].id
    one = typed(base, tmp_path / "a.docx", lambda t: fill(t, line, **GOOD))
    two = typed(base, tmp_path / "b.docx", lambda t: fill(t, line, **{**GOOD, "verdict": "未能证实"}))
    told_ = ("merge-checklists", made / "s.db", base)
    assert code(run(*told_, one, two, "-o", tmp_path / "m.docx")) == 1
    assert code(run(*told_, tmp_path / "m.docx")) == 0
    text = zipfile.ZipFile(tmp_path / "m.docx").read(MAIN).decode()
    assert "F9D6D2" in text
    assert "未能合并" in text
    answer = {**GOOD, "verdict": "未能证实", "statement": "仪表在修"}
    decided = typed(tmp_path / "m.docx", tmp_path / "d.docx", lambda t: fill(t, line, **answer))
    done = run(*told_, decided, "--format", "json")
    assert code(done) == 0
    assert json.loads(done.output)["values"][line]["verdict"] == "unresolved"


# --- damaged ---------------------------------------------------------------------------------------------


def test_controls_deleted_pasted_and_copied(base: Path, form: Form) -> None:
    def edit(text: str) -> str:
        text = fill(text, "L0", statement="甲")
        text = fill(text, "L1", seen="乙")
        gone = control("L2", "statement").search(text)
        moved = control("L1", "seen").search(text)
        assert gone and moved
        text = text.replace(gone[0], "<w:r><w:t>直接打的字</w:t></w:r>")
        text = text.replace(moved[0], "")
        inside = control("L3", "seen").search(text)
        assert inside
        text = text.replace(inside[0], inside[0] + moved[0])
        twice = control("L0", "statement").search(text)
        assert twice
        return text.replace(twice[0], twice[0] + twice[0].replace("甲", "另甲"))

    merged = merge(read_checklist(base), [read_checklist(typed(base, base.with_name("a.docx"), edit))])
    assert sorted(set(keys(merged))) == ["beside", "row_twice", "swapped", "unreadable"]
    assert merged.values == {}
    assert merged.blocked
    said = told(merged, form)
    for word in ("甲", "另甲", "乙", "直接打的字", "填写格被删除"):
        assert word in said, word


def test_questions_edited_copied_deleted_and_joined(base: Path, form: Form) -> None:
    def edit(text: str) -> str:
        text = fill(text, "L0", seen="甲")
        text = text.replace("问1", "改成别的").replace("t:2</w:t>", "t:2 改</w:t>")
        whole = table(text, "L0")
        text = text.replace(whole, whole + whole.replace("甲", "丁"))
        last = table(text, "L3")
        bare = control("L3", r"\w+").sub("<w:r><w:t>手写</w:t></w:r>", last)
        return text.replace(last, bare + "<w:p><w:r><w:t>自己的话</w:t></w:r></w:p>")

    merged = merge(read_checklist(base), [read_checklist(typed(base, base.with_name("a.docx"), edit))])
    assert {"row_twice", "swapped", "no_line", "beside", "rows_gone"} <= set(keys(merged))
    said = told(merged, form)
    for word in ("甲", "丁", "手写", "自己的话", "改成别的", "t:2 改"):
        assert word in said, word


def test_two_tables_grown_together_are_still_two_questions(base: Path) -> None:
    def edit(text: str) -> str:
        text = fill(fill(text, "L0", seen="甲"), "L1", seen="乙")
        joint = re.compile(
            r"</w:tbl><w:p><w:pPr><w:pStyle w:val=\"Gap\"/></w:pPr></w:p><w:tbl>.*?</w:tblGrid>", re.S
        )
        return joint.sub("", text, count=1)

    merged = merge(read_checklist(base), [read_checklist(typed(base, base.with_name("a.docx"), edit))])
    assert merged.troubles == ()
    assert merged.values == {"L0": {"seen": "甲"}, "L1": {"seen": "乙"}}


def test_what_is_put_in_beside_the_text_is_listed(base: Path, form: Form) -> None:
    def edit(parts: dict[str, bytes]) -> None:
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        note = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
        parts["word/comments.xml"] = (
            f'<w:comments {space}><w:comment w:id="1">{note.format("批注话")}</w:comment></w:comments>'.encode()
        )
        parts["word/footnotes.xml"] = (
            f"<w:footnotes {space}><w:footnote>{note.format('脚注话')}</w:footnote></w:footnotes>".encode()
        )
        parts["word/media/image1.png"] = b"x" * 7
        parts["word/header1.xml"] = parts["word/header1.xml"].replace("公司".encode(), "别家".encode())
        rels = parts["word/_rels/document.xml.rels"].decode()
        link = '<Relationship Id="rId9" Type="x" Target="http://example.org/t.dotm" TargetMode="External"/>'
        parts["word/_rels/document.xml.rels"] = rels.replace(
            "</Relationships>", link + "</Relationships>"
        ).encode()
        field = "<w:p><w:r><w:instrText>DDEAUTO c:\\\\x</w:instrText></w:r></w:p><w:sectPr>"
        parts[MAIN] = parts[MAIN].decode().replace("<w:sectPr>", field).encode()

    read = read_checklist(edited(base, base.with_name("a.docx"), edit))
    said = told(merge(read_checklist(base), [read]), form)
    for word in ("批注话", "脚注话", "image1.png", "别家", "http://example.org/t.dotm", "DDEAUTO"):
        assert word in said, word


def test_changes_under_tracking_count_as_accepted(base: Path) -> None:
    def edit(text: str) -> str:
        text = fill(text, "L0", seen="新")
        old = "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom>"
        return text.replace("<w:r><w:t>新</w:t></w:r>", old + "<w:ins><w:r><w:t>新</w:t></w:r></w:ins>")

    merged = merge(read_checklist(base), [read_checklist(typed(base, base.with_name("a.docx"), edit))])
    assert (merged.values, merged.troubles) == ({"L0": {"seen": "新"}}, ())


@pytest.mark.parametrize(
    "kind", ["macros", "docm", "bomb", "entities", "old", "cut", "no base", "no controls", "altered"]
)
def test_hostile_files_are_refused(base: Path, kind: str) -> None:
    target = base.with_name("bad.docm" if kind == "docm" else "bad.docx")

    def edit(parts: dict[str, bytes]) -> None:
        if kind == "macros":
            parts["word/vbaProject.bin"] = b"x"
        elif kind == "bomb":
            parts["word/theme/theme1.xml"] = b" " * (40 * 2**20)
        elif kind == "entities":
            declared = b'standalone="yes"?><!DOCTYPE d [<!ENTITY a "b">]>'
            parts[MAIN] = parts[MAIN].replace(b'standalone="yes"?>', declared, 1)
        elif kind == "no base":
            del parts["customXml/item1.xml"]
        elif kind == "altered":
            parts["customXml/item1.xml"] = parts["customXml/item1.xml"].replace(b"t:1", b"t:9")
        elif kind == "no controls":
            parts[MAIN] = re.sub(rb"<w:sdt>.*?</w:sdt>", b"", parts[MAIN], flags=re.S)

    edited(base, target, edit)
    if kind == "old":
        target.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600)
    elif kind == "cut":
        target.write_bytes(target.read_bytes()[:900])
    if kind == "altered":
        merged = merge(read_checklist(base), [read_checklist(target)])
        assert keys(merged) == ["copy_altered"]
        return
    with pytest.raises(EvidenceError) as caught:
        read_checklist(target)
    assert all(caught.value.text(lang) for lang in LANGUAGES)
    expected = {
        "macros": "checklist.word_macros",
        "docm": "checklist.word_macros",
        "bomb": "import.bomb",
        "entities": "checklist.broken",
        "old": "import.old_or_encrypted",
        "cut": "import.broken_workbook",
        "no base": "checklist.no_base",
        "no controls": "checklist.no_questions",
    }
    assert caught.value.key == expected[kind]
    assert isinstance(caught.value, NotOpened) == expected[kind].startswith("import")


WORDS = st.text("甲乙丙丁ab<&=", min_size=1, max_size=6).map(lambda t: t.replace("<", "‹").replace("&", "＆"))
EDITS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["statement", "seen", "auditor"]), WORDS), max_size=6
)
DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["delete", "copy", "paste", "swap", "edit", "untag"]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=3,
)


def damaged(text: str, what: str, n: int, m: int) -> str:
    tables = {f"L{k}": t for k in (n, m) if (t := _table(text, f"L{k}"))}
    one, other = tables.get(f"L{n}"), tables.get(f"L{m}")
    if one is None or other is None:
        return text
    if what == "delete":
        return control(f"L{n}", "date").sub("", text, count=1)
    if what == "copy":
        return text.replace(one, one + "<w:p/>" + one, 1)
    if what == "paste" and (found := control(f"L{n}", "seen").search(one)):
        return text.replace(
            other, other.replace("</w:p></w:tc></w:tr></w:tbl>", f"{found[0]}</w:p></w:tc></w:tr></w:tbl>"), 1
        )
    if what == "swap" and n != m:
        return (
            text.replace(f"shall:L{n}:", "shall:@:")
            .replace(f"shall:L{m}:", f"shall:L{n}:")
            .replace("shall:@:", f"shall:L{m}:")
        )
    if what == "edit":
        return text.replace(one, one.replace("· 查", "· 改", 1), 1)
    return text.replace(f'<w:tag w:val="shall:L{n}:seen"/>', "", 1) if what == "untag" else text


def _table(text: str, line: str) -> str | None:
    return next((t for t in re.findall(r"<w:tbl>.*?</w:tbl>", text, re.S) if f"shall:{line}:" in t), None)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(EDITS, DAMAGE), min_size=1, max_size=3))
def test_whatever_is_typed_is_merged_or_told(
    tmp_path_factory: pytest.TempPathFactory,
    copies: list[tuple[list[tuple[int, str, str]], list[tuple[str, int, int]]]],
) -> None:
    folder, form = tmp_path_factory.mktemp("w"), tiny()
    write_word(form, folder / "base.docx", "zh")
    said: list[set[str]] = []
    reads = []
    for number, (edits, damage) in enumerate(copies):
        cells: dict[tuple[str, str], str] = {(f"L{n}", column): value for n, column, value in edits}

        def edit(
            parts: dict[str, bytes], cells: Mapping[tuple[str, str], str] = cells, damage: Any = damage
        ) -> None:
            text = parts[MAIN].decode()
            for (line, column), value in cells.items():
                text = fill(text, line, **{column: value})
            for what, n, m in damage:
                text = damaged(text, what, n, m)
            parts[MAIN] = text.encode()

        reads.append(read_checklist(edited(folder / "base.docx", folder / f"{number}.docx", edit)))
        said.append(set(cells.values()))
    merged = merge(read_checklist(folder / "base.docx"), reads)
    kept = {value for cells_ in merged.values.values() for value in cells_.values()}
    listed = told(merged, form)
    for values in said:
        for value in values:
            assert value in kept or value in listed, value


# --- visits, suggestions, earlier findings ---------------------------------------------------------------


def _form(read: Read) -> Form:
    assert read.form is not None
    return read.form


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of the sample, an audit with a timetable, and a programme."""
    folder = tmp_path_factory.mktemp("visits")
    (folder / "in").mkdir()
    tables = {
        "audit_file": "id,title,audit_type\nAD-1,内部审核,internal\nAD-2,空,surveillance\n",
        "audit_session": "id,audit_file,unit,held_on,session_type,auditor,clauses\n"
        "S1,AD-1,U-11,2026-06-29,audit,AU-04,t_ccaa_39:7.5; t_ccaa_39:5.2\n"
        "S2,AD-1,U-02,2026-06-29,audit,AU-03,7.2\n"
        "S3,AD-1,U-02,2026-06-30,audit,AU-04,7.2.9；machinery:5.2\n"
        "S4,AD-1,U-02,2026-06-30,closing,AU-04,t_ccaa_39:10.1\n",
        "audit_finding": "id,origin,found_on,ruleset,address,clause,grade,unit,description,auditor\n"
        "F-1,certification,2026-03-01,t_ccaa_39,5.2/c,5.2,minor,U-01,方针没有承诺,AU-04\n"
        "F-2,certification,2026-03-01,,,4.9,minor,U-01,没有这一条,AU-04\n",
        "nonconformity": "id,clause,found_on,unit\nNC-X,7.2,2026-02-01,U-02\n",
        "corrective_action": "id,nonconformity,measure,completed_on\nCA-X,NC-X,补充培训,2026-03-01\n",
    }
    for kind, text in tables.items():
        (folder / "in" / f"{kind}.csv").write_text(text, encoding="utf-8")
    assert code(run("init", folder / "s.db")) == 0
    assert code(run("import", folder / "s.db", SAMPLE)) == 0
    done = run("import", folder / "s.db", folder / "in")
    assert code(done) == 0, done.output
    done = run("programme", folder / "s.db", "--from", "2026-07-01", "--years", "1", "--format", "json")
    (folder / "p.json").write_text(done.output, encoding="utf-8")
    return folder


def issue(made: Path, target: Path, *words: object) -> Form:
    assert code(run("checklist", made / "s.db", "--on", DAY, *words, "-o", target)) == 0
    return _form(read_checklist(target))


def test_a_round_asks_every_clause_of_its_visits_in_their_units(made: Path, tmp_path: Path) -> None:
    told_ = ("--programme", made / "p.json", "--round", "1")
    form = issue(made, tmp_path / "r.docx", *told_)
    body = json.loads((made / "p.json").read_text("utf-8"))
    visits = [v for v in body["visits"] if v["round"] == 1]
    wanted = {(v["unit"], c): v["auditor"] for v in visits for c in v["clauses"]["t_ccaa_39"]}
    asked = {
        (line.unit, m.clause): line.auditor.partition(" ")[0] for line in form.lines for m in line.members
    }
    assert asked == {k: a or "" for k, a in wanted.items()}
    assert "1" in form.part
    merged = merge(read_checklist(tmp_path / "r.docx"), [read_checklist(tmp_path / "r.docx")])
    assert (merged.values, merged.troubles) == ({}, ())


def test_the_timetable_of_an_audit(made: Path, tmp_path: Path) -> None:
    done = run("checklist", made / "s.db", "--on", DAY, "--audit", "AD-1", "-o", tmp_path / "a.xlsx")
    assert code(done) == 0
    assert "machinery:5.2" in done.stderr
    assert "7.2.9" in done.stderr
    form = _form(read_checklist(tmp_path / "a.xlsx"))
    assert {line.unit for line in form.lines} == {"U-02", "U-11"}
    clauses = {(line.unit, m.clause) for line in form.lines for m in line.members}
    assert clauses == {
        ("U-02", "7.2"),
        ("U-11", "5.2"),
        *(("U-11", c) for _, c in clauses if c.startswith("7.5")),
    }
    assert ("U-11", "7.5.3") in clauses
    assert {line.auditor for line in form.lines if line.unit == "U-11"} == {"AU-04 傅守义"}
    assert form.audit == "AD-1"


def test_a_suggested_auditor_alone_fills_in_nothing_and_with_a_verdict_counts(tmp_path: Path) -> None:
    form = tiny(auditor="AU-04 傅守义")
    for name, write in (("b.docx", write_word), ("b.xlsx", write_checklist)):
        write(form, tmp_path / name, "zh")
        read = read_checklist(tmp_path / name)
        assert {row.values["auditor"] for row in read.rows} == {""}
    copy = typed(tmp_path / "b.docx", tmp_path / "c.docx", lambda t: fill(t, "L1", verdict="符合"))
    merged = merge(read_checklist(tmp_path / "b.xlsx"), [read_checklist(copy)])
    assert merged.values == {"L1": {"verdict": "conforming", "auditor": "AU-04 傅守义"}}


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--round", "1"), "checklist.round_needs"),
        (("--programme", "p.json", "--round", "9"), "checklist.no_round"),
        (("--programme", "p.json", "--round", "1", "--audit", "AD-1"), "checklist.round_needs"),
        (("--programme", "in/audit_file.csv", "--round", "1"), "checklist.no_programme"),
        (("--programme", "list.json", "--round", "1"), "checklist.no_programme"),
        (("--programme", "other.json", "--round", "1"), "checklist.other_programme"),
        (("--audit", "AD-9"), "checklist.no_audit_file"),
        (("--audit", "AD-2"), "checklist.no_sessions"),
    ],
)
def test_visits_that_are_not_there(made: Path, tmp_path: Path, words: tuple[str, ...], key: str) -> None:
    body = json.loads((made / "p.json").read_text("utf-8"))
    (made / "list.json").write_text('{"format": 1, "organisation": []}', encoding="utf-8")
    body["organisation"]["id"] = "X"
    (made / "other.json").write_text(json.dumps(body), encoding="utf-8")
    told_ = [str(made / w) if w.endswith((".json", ".csv")) else w for w in words]
    done = run("checklist", made / "s.db", "--on", DAY, *told_, "-o", tmp_path / "x.docx")
    assert isinstance(done.exception, ShallError)
    assert done.exception.key == key
    assert all(done.exception.text(lang) for lang in LANGUAGES)
    assert not (tmp_path / "x.docx").exists()


def test_what_earlier_audits_left_open_stands_in_its_row(made: Path, tmp_path: Path) -> None:
    form = issue(made, tmp_path / "c.xlsx")
    rows = {m.id: line.cells["earlier"] for line in form.lines for m in line.members}
    assert "F-1 轻微不符合" in rows["t_ccaa_39:5.2/c"]
    assert "F-1" not in rows["t_ccaa_39:5.2/d"]
    with_action = {key for key, text in rows.items() if "CA-X" in text}
    assert with_action == {key for key in rows if key.startswith("t_ccaa_39:7.2")}
    assert "验证措施有效" in rows[min(with_action)]
    assert not any("AF-01" in text for text in rows.values())  # closed
    assert [text[:3] for text in form.loose] == ["F-2"]
    units = issue(made, tmp_path / "u.xlsx", "--by", "unit")
    there = {line.unit for line in units.lines if "F-1" in line.cells["earlier"]}
    asked = {line.unit for line in units.lines if any(m.id == "t_ccaa_39:5.2/c" for m in line.members)}
    assert there == ({"U-01"} if "U-01" in asked else {None} if None in asked else asked)
    assert {line.unit for line in units.lines if "CA-X" in line.cells["earlier"]} <= {"U-02", None}


def test_earlier_findings_are_part_of_the_base_and_protected(made: Path, tmp_path: Path) -> None:
    form = issue(made, tmp_path / "c.xlsx")
    line = next(x for x in form.lines if "F-1" in x.cells["earlier"])
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    sheet = book.worksheets[1]
    row = next(r for r in range(FIRST_ROW + 1, sheet.max_row + 1) if sheet.cell(r, 1).value == line.id)
    cell = sheet.cell(row, COLUMNS.index("earlier") + 1)
    assert cell.protection.locked
    cell.value = "没有了"
    book.save(tmp_path / "d.xlsx")
    merged = merge(read_checklist(tmp_path / "c.xlsx"), [read_checklist(tmp_path / "d.xlsx")])
    assert keys(merged) == ["overwritten"]
    assert "没有了" in told(merged, form)


def test_a_finding_from_a_timetable_belongs_to_its_audit(made: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    shutil.copy(made / "s.db", store)
    form = issue(tmp_path, tmp_path / "a.docx", "--audit", "AD-1")
    line = next(x for x in form.lines if x.unit == "U-11" and x.firm)
    answer = {**GOOD, "verdict": choice_label(VERDICTS["minor"]), "statement": "旧版"}
    del answer["auditor"]
    copy = typed(tmp_path / "a.docx", tmp_path / "b.docx", lambda t: fill(t, line.id, **answer))
    done = run("merge-checklists", store, tmp_path / "a.docx", copy, "--apply", "--actor", "lead")
    assert code(done) == 0, done.exception and done.exception.text("zh")  # type: ignore[union-attr]
    with Store.open(store) as opened:
        (organisation,) = opened.organisations()
        found = [b for b in opened.records("audit_finding", organisation) if str(b["id"]).startswith("CF-")]
    assert [(b["audit"], b["unit"], b["auditor"]) for b in found] == [("AD-1", "U-11", "AU-04")]


# --- workbooks, once more --------------------------------------------------------------------------------


def test_workbooks_renamed_widened_joined_filtered_and_struck_out(form: Form, tmp_path: Path) -> None:
    write_checklist(form, tmp_path / "b.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    sheet = book.worksheets[1]
    sheet.title = "我的检查表"
    rows = {sheet.cell(r, 1).value: r for r in range(FIRST_ROW + 1, sheet.max_row + 1)}
    at = {name: COLUMNS.index(name) + 1 for name in FILLED}
    sheet.cell(rows["L0"], at["seen"]).value = 12
    sheet.cell(rows["L0"], at["seen"]).font = openpyxl.styles.Font(strike=True)
    sheet.cell(rows["L1"], at["verdict"]).value = 1
    sheet.cell(rows["L1"], at["date"]).value = 46202
    sheet.cell(rows["L1"], at["date"]).number_format = "General"
    sheet.cell(rows["L2"], at["date"]).value = date(2026, 6, 29)
    sheet.cell(rows["L2"], at["statement"]).value = date(2026, 6, 28)
    sheet.row_dimensions[rows["L2"]].hidden = True
    joined = f"{sheet.cell(rows['L3'], at['statement']).coordinate}:{sheet.cell(rows['L3'], at['seen']).coordinate}"
    sheet.cell(rows["L3"], at["statement"]).value = "合起来"
    sheet.merge_cells(joined)
    sheet.insert_cols(len(COLUMNS) + 1)
    book.save(tmp_path / "c.xlsx")
    merged = merge(read_checklist(tmp_path / "b.xlsx"), [read_checklist(tmp_path / "c.xlsx")])
    assert merged.values["L0"] == {"seen": "12"}
    assert merged.values["L2"] == {"date": "2026-06-29", "statement": "2026-06-28"}
    assert merged.values["L3"] == {"statement": "合起来"}
    assert sorted(keys(merged)) == ["beside", "unreadable", "unreadable"]
    for word in (joined, "46202", "1"):
        assert word in told(merged, form)


def test_format_by_name_or_option(made: Path, tmp_path: Path) -> None:
    issue(made, tmp_path / "a.bin", "--unit", "U-02", "--format", "docx")
    assert MAIN in zipfile.ZipFile(io.BytesIO((tmp_path / "a.bin").read_bytes())).namelist()
    refused = run("checklist", made / "s.db", "--on", DAY, "-o", tmp_path / "a.bin")
    assert isinstance(refused.exception, UsageError)


def test_names_that_would_be_markup_stay_texts(tmp_path: Path) -> None:
    form = tiny(1)
    cells = {**form.lines[0].cells, "ask": "=<w:t>&\"'", "unit": "</w:p>"}
    odd = replace(form, name="<b>", lines=(replace(form.lines[0], cells=cells, heading="a<b"),))
    write_word(odd, tmp_path / "o.docx", "en", {"L0": {"statement": "]]><x>", "auditor": '"&'}})
    read = read_checklist(tmp_path / "o.docx")
    assert (read.form, read.strays) == (odd, ())
    assert read.rows[0].values["statement"] == "]]><x>"
    assert read.rows[0].fixed == cells
