"""The workbook: what we write, and what becomes of it when it is read back, sound or broken."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shall.evidence.importers import import_batch, read_evidence
from shall.evidence.parse import Problem, reader
from shall.evidence.schema import Column, Kind, schema
from shall.evidence.store import Store
from shall.evidence.workbook import (
    EXCEL_SHEET_NAME,
    Need,
    sheet_names,
    write_filled,
    write_template,
    write_whole,
)
from shall.texts.errors import EvidenceError

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NEEDS = [
    Need(
        "t_ccaa_39",
        "5.2/b",
        ("方针写明要履行合规义务", "the policy commits to compliance"),
        ("policy", "nowhere"),
    )
]

SHEET = "xl/worksheets/sheet2.xml"
"""The first sheet after the guide."""


def sound(path: Path, kind: str = "policy", **record: object) -> Path:
    """A workbook with one record."""
    write_filled(path, [schema()[kind]], [], {kind: [{"id": "P-1", **record}]})
    return path


def edited(
    path: Path, edits: Mapping[str, Callable[[str], str]], extra: Mapping[str, bytes] | None = None
) -> Path:
    """The workbook with some of its parts rewritten and parts added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, edit in edits.items():
        parts[name] = edit(parts[name].decode()).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **(extra or {})}.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path


def with_rows(path: Path, rows: str) -> Path:
    """The workbook with these rows of XML after its own."""
    return edited(path, {SHEET: lambda xml: xml.replace("</sheetData>", rows + "</sheetData>")})


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key.removeprefix("import.") for problem in problems]


def no_references(kind: Kind) -> list[Column]:
    return [c for c in kind.columns if not c.ref and c.name not in ("id", "document")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_template_of_every_kind_imports_as_nothing(tmp_path: Path, lang: str) -> None:
    kinds = list(schema().values())
    write_template(tmp_path / "t.xlsx", kinds, NEEDS, lang=lang)
    batch = read_evidence(tmp_path / "t.xlsx")
    assert [p.text("en") for p in batch.problems] == []
    assert not any(batch.records.values())
    assert set(batch.ids) == set(schema())


def test_template_says_what_it_must(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", [schema()["policy"]], NEEDS)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    guide, policy = book.worksheets[:2]
    assert (guide.title, policy.title) == ("说明", "方针")
    linked = [cell for row in guide.iter_rows() for cell in row if cell.hyperlink]
    assert [cell.value for cell in linked] == ["方针"]
    assert policy["A1"].value == "policy"
    assert [policy.cell(row, 1).value for row in (2, 3, 4)] == ["编号 *", "id *", "id"]
    assert policy["A6"].value == "示例/EXAMPLE-1"
    assert policy.freeze_panes == "B6"
    assert any(v.type == "list" and "是" in v.formula1 for v in policy.data_validations.dataValidation)
    assert book["_lists"].sheet_state == "hidden"


def test_sheet_names_are_short_and_unique() -> None:
    for lang in ("zh", "en"):
        names = sheet_names(list(schema().values()), lang).values()
        assert len({name.casefold() for name in names}) == len(schema())
        assert all(0 < len(name) <= EXCEL_SHEET_NAME and not set(name) & set("[]:*?/\\") for name in names)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, [schema()["policy"]], NEEDS)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_nothing_written_becomes_a_formula(tmp_path: Path) -> None:
    titles = ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.com", "{=A1}", "\u200b=1"]
    records = [{"id": f"P-{i}", "title": title} for i, title in enumerate(titles)]
    write_filled(tmp_path / "p.xlsx", [schema()["policy"]], [], {"policy": records})
    with zipfile.ZipFile(tmp_path / "p.xlsx") as archive:
        xml = archive.read(SHEET).decode()
    assert "<f>" not in xml
    assert "hyperlink r:id" not in xml
    assert [r.body["title"] for r in read_evidence(tmp_path / "p.xlsx").records["policy"]] == titles


def test_failed_write_keeps_what_stood_there(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(EvidenceError) as caught:
        write_whole(target, b"new")
    assert "cannot be written" in caught.value.text("en")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


TEXTS = st.one_of(
    st.sampled_from(
        [
            "=1+1",
            "@x",
            "'",
            "'=x",
            "+",
            "-1",
            "1e5",
            "2025-02-03",
            "001",
            "3.0",
            "TRUE",
            "是",
            "_x000D_",
            "x005F_",
            "a\nb",
            "😀",
            "#N/A",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40),
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**13), max_value=10**13)
VALUES = {
    "text": TEXTS.map(str.strip).filter(bool),
    "flag": st.booleans(),
    "integer": st.integers(-(10**17), 10**17),
    "decimal": NUMBERS.map(lambda n: format(n.normalize(), "f") if n else "0"),
    "date": st.dates(date(1900, 1, 1)).map(str),
}
DATES = {"valid_from", "valid_until", "period_from", "period_until"}


@st.composite
def bodies(draw: st.DrawFn, kind: Kind) -> list[dict[str, object]]:
    ids = draw(
        st.lists(
            st.from_regex(r"[A-Za-z0-9=@+\-.]{1,8}", fullmatch=True), min_size=1, max_size=3, unique=True
        )
    )
    made = []
    for record_id in ids:
        body: dict[str, object] = {"id": record_id}
        for column in no_references(kind):
            if column.name not in DATES and (column.required or draw(st.booleans())):
                body[column.name] = draw(
                    st.sampled_from(sorted(column.choices)) if column.choices else VALUES[column.type]
                )
        made.append(body)
    return made


def _round_trip_kinds() -> list[str]:
    free = [k for k in schema().values() if not any(c.required and c.ref for c in k.columns)]
    first = {
        t: next(k.name for k in free if any(c.type == t and not c.common for c in k.columns)) for t in VALUES
    }
    return sorted({"policy", *first.values()})


@pytest.mark.parametrize("kind", _round_trip_kinds())
def test_export_then_import_changes_nothing(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    known = schema()[kind]

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(bodies(known), st.sampled_from(["zh", "en"]))
    def check(records: list[dict[str, object]], lang: str) -> None:
        folder = tmp_path_factory.mktemp("trip")
        first, second = folder / "a.xlsx", folder / "b.xlsx"
        write_filled(first, [known], [], {kind: records}, lang=lang)
        with Store.create(folder / "s.db") as store:
            batch = read_evidence(first)
            assert [p.text("en") for p in batch.problems] == []
            assert [r.body for r in batch.records[kind]] == records
            import_batch(store, "o", batch, actor="a", at=NOW)
            write_filled(second, [known], [], {kind: store.records(kind, "o")}, lang=lang)
            again = import_batch(store, "o", read_evidence(second), actor="a", at=NOW, withdraw_missing=True)
        assert (again.total.new, again.total.changed, again.total.withdrawn) == (0, 0, 0)

    check()


# --- what people's spreadsheets do --------------------------------------------------------------


def own_workbook(path: Path, rows: list[list[object]], title: str = "policy") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_of_ones_own_is_read_by_labels(tmp_path: Path) -> None:
    path = own_workbook(
        tmp_path / "o.xlsx",
        [
            ["编号", "主题", "Title", "由最高管理者发布", "生效日期"],
            ["Ｐ－１", "碳", 1, "√", datetime(2025, 2, 3)],
            [2, "carbon", "x", "否", "２０２５年２月３日"],
        ],
        "方针",
    )
    batch = read_evidence(path)
    assert batch.problems == []
    assert [r.body for r in batch.records["policy"]] == [
        {
            "id": "P-1",
            "topic": "carbon",
            "title": "1",
            "issued_by_top_management": True,
            "valid_from": "2025-02-03",
        },
        {
            "id": "2",
            "topic": "carbon",
            "title": "x",
            "issued_by_top_management": False,
            "valid_from": "2025-02-03",
        },
    ]


def test_every_problem_at_once_with_sheet_row_and_column(tmp_path: Path) -> None:
    path = own_workbook(
        tmp_path / "o.xlsx",
        [
            ["id", "topic", "valid_from", "valid_until"],
            ["a", "wind", "2025/2/30", None],
            ["a", None, 45000, "=1+1"],
            [None, "carbon"],
        ],
    )
    found = [p.text("en") for p in read_evidence(path).problems]
    assert [text.split(": ")[0] for text in found] == [
        "o.xlsx sheet “policy” row 2 column B “topic”",
        "o.xlsx sheet “policy” row 2 column C “valid from”",
        "o.xlsx sheet “policy” row 3 column C “valid from”",
        "o.xlsx sheet “policy” row 3 column D “valid until”",
        "o.xlsx sheet “policy” row 3 column A “id”",
        "o.xlsx sheet “policy” row 4 column A “id”",
    ]
    assert "“wind”; allowed are: carbon (carbon)" in found[0]
    assert "no such day" in found[1]
    assert "formula" in found[3]
    assert "row 2" in found[4]
    chinese = [p.text("zh") for p in read_evidence(path).problems]
    assert chinese[0].startswith("o.xlsx 工作表“policy” 第 2 行 B 列“主题”：找到“wind”；只能选：碳 (carbon)")


def test_unknown_sheets_and_columns_name_the_nearest(tmp_path: Path) -> None:
    path = own_workbook(tmp_path / "o.xlsx", [["id", "tittle"], ["a", "x"]], "polcy")
    assert "policy" in read_evidence(path).problems[0].text("en")
    path = own_workbook(tmp_path / "o.xlsx", [["id", "tittle"], ["a", "x"]])
    batch = read_evidence(path)
    assert keys(batch.problems)[0] == "unknown_column"
    assert "title (title)" in batch.problems[0].text("en")


def test_merged_cells_percentages_times_and_errors(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "policy"
    for row in [
        ["id", "title", "valid_from"],
        ["a", 0.95, datetime(2025, 2, 3, 14, 0)],
        ["b", "#N/A", None],
        ["c", "x", None],
    ]:
        sheet.append(row)
    sheet["B2"].number_format = "0.0%"
    sheet["B3"].data_type = "e"
    sheet.merge_cells("B4:C4")
    book.save(tmp_path / "o.xlsx")
    assert keys(read_evidence(tmp_path / "o.xlsx").problems) == [
        "percent_in_text",
        "date_with_time",
        "unreadable",
        "merged",
    ]


def test_example_row_written_over_is_not_dropped(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", [schema()["policy"]], [])
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    book["方针"]["C6"] = "our own policy"
    book.save(tmp_path / "t.xlsx")
    assert keys(read_evidence(tmp_path / "t.xlsx").problems) == ["example_kept"]


def test_help_row_may_be_deleted(tmp_path: Path) -> None:
    path = sound(tmp_path / "p.xlsx", title="kept")
    book = openpyxl.load_workbook(path)
    book["方针"].delete_rows(5)
    book.save(path)
    assert [r.body["title"] for r in read_evidence(path).records["policy"]] == ["kept"]


# --- broken and hostile -------------------------------------------------------------------------


def test_a_declared_size_that_lies_hides_no_row(tmp_path: Path) -> None:
    path = edited(
        sound(tmp_path / "p.xlsx", title="t"),
        {SHEET: lambda xml: re.sub('<dimension ref="[^"]*"', '<dimension ref="A1:B2"', xml)},
    )
    assert len(read_evidence(path).records["policy"]) == 1


def test_a_row_number_out_of_this_world_costs_no_time(tmp_path: Path) -> None:
    row = '<row r="999999999"><c r="A999999999" t="inlineStr"><is><t>far</t></is></c></row>'
    start = time.perf_counter()
    batch = read_evidence(with_rows(sound(tmp_path / "p.xlsx"), row))
    assert time.perf_counter() - start < 5
    assert len(batch.records["policy"]) + len(batch.problems) == 2


def test_many_blank_rows_cost_seconds_and_hide_nothing(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(10, 200_010))
    last = '<row r="200011"><c r="A200011" t="inlineStr"><is><t>last</t></is></c></row>'
    batch = read_evidence(with_rows(sound(tmp_path / "p.xlsx"), blank + last))
    assert [r.id for r in batch.records["policy"]] == ["P-1", "last"]


def test_too_many_rows_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shall.evidence.sheets.MAX_ROWS", 50)
    write_filled(
        tmp_path / "p.xlsx", [schema()["policy"]], [], {"policy": [{"id": f"P-{i}"} for i in range(60)]}
    )
    assert keys(read_evidence(tmp_path / "p.xlsx").problems) == ["too_many_rows"]


def test_macros_passwords_and_other_files_are_refused(tmp_path: Path) -> None:
    path = edited(sound(tmp_path / "m.xlsx"), {}, {"xl/vbaProject.bin": b"x"})
    assert keys(read_evidence(path).problems) == ["macros"]
    (tmp_path / "e.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert keys(read_evidence(tmp_path / "e.xlsx").problems) == ["old_or_encrypted"]
    for content in (b"", b"PK\x03\x04", b"id,title\n1,x", path.read_bytes()[:900]):
        (tmp_path / "b.xlsx").write_bytes(content)
        assert keys(read_evidence(tmp_path / "b.xlsx").problems) == ["broken_workbook"]


def test_bombs_are_not_opened(tmp_path: Path) -> None:
    path = edited(sound(tmp_path / "z.xlsx"), {}, {"xl/media/zero": bytes(40 * 2**20)})
    assert keys(read_evidence(path).problems) == ["bomb"]
    path = edited(sound(tmp_path / "n.xlsx"), {}, {f"x/{i}": b"" for i in range(6000)})
    assert keys(read_evidence(path).problems) == ["too_many_entries"]


PARTS = [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"]
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", PARTS)
def test_entities_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    path = edited(
        sound(tmp_path / "p.xlsx", title="t"), {part: lambda xml: xml.replace("?>", "?>" + BOMB, 1)}
    )
    assert keys(read_evidence(path).problems) in (["broken_workbook"], ["broken_sheet"])


@pytest.mark.parametrize("part", PARTS)
def test_half_a_part_is_a_problem(tmp_path: Path, part: str) -> None:
    path = edited(sound(tmp_path / "p.xlsx", title="t"), {part: lambda xml: xml[: len(xml) // 2]})
    assert keys(read_evidence(path).problems)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_flipped_bytes_never_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("flip")
    content = bytearray(sound(folder / "p.xlsx", title="t").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "p.xlsx").write_bytes(content)
    for problem in read_evidence(folder / "p.xlsx").problems:
        assert problem.text("zh")
        assert problem.text("en")


def test_no_sheet_is_passed_over_in_silence(tmp_path: Path) -> None:
    plain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = sound(tmp_path / "p.xlsx", title="t")
    edited(path, {SHEET: lambda xml: xml.replace(plain, "http://purl.oclc.org/ooxml/spreadsheetml/main")})
    assert keys(read_evidence(path).problems) == ["broken_sheet"]
    rels = "xl/_rels/workbook.xml.rels"
    path = edited(sound(tmp_path / "q.xlsx"), {rels: lambda xml: xml.replace("sheet2.xml", "sheet9.xml")})
    assert keys(read_evidence(path).problems) == ["broken_workbook"]
    path = own_workbook(tmp_path / "g.xlsx", [["policy"], ["id", "title"], ["a", "b"]], "Guide")
    assert [r.id for r in read_evidence(path).records["policy"]] == ["a"]


def test_texts_of_real_spreadsheets(tmp_path: Path) -> None:
    """Carriage returns written as _x000D_, runs of rich text, and reading aids that are no part of the text."""
    rich = "<si><r><t>碳</t></r><r><t>方_x000D_\n针</t></r><rPh sb='0' eb='1'><t>tan</t></rPh></si>"
    path = sound(tmp_path / "p.xlsx", title="REPLACE")
    edited(path, {"xl/sharedStrings.xml": lambda xml: xml.replace("<si><t>REPLACE</t></si>", rich)})
    assert read_evidence(path).records["policy"][0].body["title"] == "碳方\n针"


def test_number_precision(tmp_path: Path) -> None:
    kind = next(
        k for k in schema().values() if k.column("id") and any(c.type == "decimal" for c in no_references(k))
    )
    column = next(c for c in no_references(kind) if c.type == "decimal")
    rows: list[list[object]] = [["id", column.name], ["a", 0.1 + 0.2], ["b", 1 / 3], ["c", 12345678901234.5]]
    table = own_workbook(tmp_path / "o.xlsx", rows, kind.name)
    from shall.evidence.sheets import read_workbook

    read = reader(column)
    tables, _problems = read_workbook(table, schema())
    found = [read(row.cells[column.name]) for row in tables[0].rows]
    assert found == [Decimal("0.3"), Decimal("0.3333333333"), Decimal("12345678901234.5")]
