"""The score report and the carbon review report: all of it, nothing made up, no text that runs or hides."""

import io
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import docx as word
import openpyxl
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from shall.engine import cli
from shall.engine.annexes import elements
from shall.engine.evaluation import Question
from shall.engine.loader import load_ruleset
from shall.engine.reports.charts import Amount, Axis, Loss, amounts, radar, waterfall
from shall.engine.reports.document.blocks import Blank, Chart, Document, Section, Table, text_of
from shall.engine.reports.document.html import css_string, html
from shall.engine.reports.document.write import FORMS, made, write
from shall.engine.reports.records import Records
from shall.engine.reports.review.series import merged
from shall.engine.reports.review.write import document_of
from shall.engine.reports.score.view import score_report
from shall.engine.scoring.quantities import Scorer, from_store, from_values
from shall.engine.scoring.ranges import ranges
from shall.engine.scoring.result import result
from shall.engine.scoring.score import Evidence, score
from shall.engine.scoring.values import Decisions, read_values
from shall.engine.shelf import folder_of
from shall.evidence.ledger import Change
from shall.evidence.store import Store
from shall.texts import LANGUAGES, Lang, area
from shall.texts.errors import ReportError, UsageError

ROOT = Path(__file__).resolve().parent.parent
ORG, ON, YEAR = "ORG-1", date(2026, 6, 30), 2025
SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    SCRIPT,
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(A1)",
    "a\x07b\u202ec",
    "😀 한",
    "长" * 300,
    "&amp;{{ 7*7 }}#eval[1]",
)
FOLDER = files("shall.rulesets").joinpath("zero_carbon")
Rows = list[tuple[str, str, dict[str, object]]]


@cache
def scorer() -> Scorer:
    return Scorer.of(FOLDER)


@cache
def gates() -> Any:
    from shall.engine.cache import executor_for

    return executor_for(["zero_carbon"])


def hostile() -> Rows:
    """An evaluation and a review whose every text is out to break the page."""
    year = {"period_from": "2025-01-01", "period_until": "2025-12-31"}
    found: Rows = [
        ("organisation", "O1", {"name": f"公司 {SCRIPT} & CO₂ 😀", "address": "=1+1"}),
        (
            "factory_evaluation",
            "FE1",
            {"evaluation_year": YEAR, "base_year": 2024, "evaluator": SCRIPT, "report_on": "2026-05-01"},
        ),
        (
            "factory_year",
            "FY25",
            {"data_year": 2025, "value_added": "18500", "gross_emissions": "6500", "net_emissions": "6450"},
        ),
        (
            "factory_year",
            "FY24",
            {"data_year": 2024, "value_added": "17600", "gross_emissions": "6350", "net_emissions": "6300"},
        ),
        ("review_report", "RT1", {"level": "organisation", "purpose": SCRIPT, **year}),
        ("carbon_inventory", "CI1", {"title": "2025", "emissions": "100", **year}),
    ]
    for n, text in enumerate(HOSTILE):
        found.append(("evaluation_team_member", f"TM{n}", {"factory_evaluation": "FE1", "name": text}))
        found.append(
            ("offset", f"OF{n}", {"purpose": "factory", "quantity": "10", "credit_project": text, **year})
        )
        source = {
            "title": text,
            "scope": "1",
            "source_class": "process",
            "emissions": "12.25",
            "carbon_inventory": "CI1",
        }
        found.append(("emission_source", f"ES{n}", source))
        found.append(("meter", f"M{n}", {"name": text, "meter_type": "gas"}))
        found.append(("unit", f"U{n}", {"name": text, "parent": f"U{(n + 1) % len(HOSTILE)}"}))
    return found


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    opened: list[Store] = []

    def store_of(rows: Rows) -> Store:
        store = Store.create(tmp_path / f"store{len(opened)}.db")
        opened.append(store)
        changes = [Change("put", kind, name, {"id": name, **body}) for kind, name, body in rows]
        store.commit(ORG, changes, actor="test", at=datetime(2026, 6, 1, tzinfo=UTC))
        return store

    yield store_of
    for store in opened:
        store.close()


def question() -> Question:
    return Question.of(ORG, ON)


def scored(evidence: Evidence, receipt: dict[str, Any]) -> dict[str, Any]:
    total = score(evidence, scorer().table, scorer().scheme)
    return result(
        scorer(), evidence, total, ranges(evidence, scorer().table, scorer().scheme, total), receipt, None
    )


def of_store(store: Store, lang: Lang) -> tuple[Document, dict[str, Any]]:
    held = from_store(scorer(), store, question(), gates(), YEAR, Decisions())
    place = {"organisation": ORG, "position": held.position[0], "head": held.position[1]}
    found = scored(held.evidence, {"evidence": place})
    records = Records(store, ORG, ON.isoformat(), held.position[0], lang)
    return score_report(found, records, load_ruleset(FOLDER)[0], lang), found


@cache
def worked() -> dict[str, Any]:
    """The score that the documentation works by hand."""
    page = (ROOT / "docs" / "score.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- values -->\n\n```yaml\n(.*?)```", page, re.S)
    assert block is not None
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "values.yaml"
        path.write_text(block[1], encoding="utf-8")
        return scored(from_values(scorer(), read_values(path)), {"values": "0" * 64})


def of_values(lang: Lang) -> Document:
    return score_report(worked(), Records(None, "", "", None, lang), load_ruleset(FOLDER)[0], lang)


def review(store: Store, standard: str, lang: Lang = "zh") -> Document:
    return document_of(store, question(), standard, YEAR, lang)


def tables(document: Document) -> list[Table]:
    return [b for s in document.sections for b in s.blocks if isinstance(b, Table)]


def titles(document: Document) -> list[str]:
    return [s.title for s in document.sections]


def cells_under(document: Document, title: str) -> list[str]:
    """The cells of the tables under the first heading with these words."""
    section = next(s for s in document.sections if title in s.title)
    found = [b for b in section.blocks if isinstance(b, Table)]
    return [text_of(cell) for table in found for row in table.rows for cell in row.cells]


class Page(HTMLParser):
    """Tags, attributes and words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        self.text = "\n".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def documents(make: Any, lang: Lang) -> list[Document]:
    store = make(hostile())
    return [of_store(store, lang)[0], review(store, "machinery", lang), review(store, "hunan", lang)]


# --- what stands in it ---------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_score_report_has_every_part_every_indicator_and_every_gate(make: Any, lang: Lang) -> None:
    document, found = of_store(make(hostile()), lang)
    assert [t[:2] for t in titles(document) if t[1:2] == ")"] == [f"{c})" for c in "abcdefghij"]
    text = Page(html(document)).text
    for category in found["categories"]:
        for indicator in category["indicators"]:
            assert indicator["address"] in text
            assert indicator["name"][lang] in text
    for gate in found["gates"]:
        assert gate["address"] in text
    assert found["scheme"]["digest"] in text
    assert area("document")["document.blank"][lang] in text


def test_what_is_not_on_record_is_marked_and_never_made_up(make: Any) -> None:
    document, _ = of_store(make([("organisation", "O1", {"name": "甲"})]), "zh")
    team = next(s for s in document.sections if s.title.startswith("e)"))
    cells = [
        cell
        for block in team.blocks
        for row in getattr(block, "rows", ())
        for cell in (row[1:] if isinstance(row, tuple) else row.cells)
    ]
    assert cells
    assert all(isinstance(cell, Blank) for cell in cells)


@pytest.mark.parametrize("standard", ["machinery", "hunan"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_review_report_has_every_section_and_table_of_the_annex(
    make: Any, standard: str, lang: Lang
) -> None:
    folder = folder_of(standard)
    letter = {"machinery": "D", "hunan": "E"}[standard]
    wanted = [e for e in elements(folder, load_ruleset(folder)[0]) if e.id.split(".")[0] == letter]
    assert len(wanted) > 10
    shown = "\n".join(titles(review(make(hostile()), standard, lang)))
    for element in wanted:
        assert getattr(element.title, lang) in shown, element.id


def test_the_table_of_shares_adds_up_and_names_the_difference_to_the_inventory(make: Any) -> None:
    document = review(make(hostile()), "machinery")
    place = next(n for n, t in enumerate(titles(document)) if "D.9" in t)
    table = next(b for b in document.sections[place].blocks if isinstance(b, Table))
    total = next(r for r in table.rows if r.tone == "total")
    assert [text_of(c) for c in total.cells][1:] == ["98 tCO2e", "100.00", ""]
    assert "CI1" in table.note


# --- its arithmetic ------------------------------------------------------------------------------


def test_the_waterfall_leads_from_full_points_to_the_total() -> None:
    chart = next(c for c in of_values("zh").charts() if c.kind == "waterfall")
    lost = sum((v for p in chart.points[1:-1] for v in p.values if v is not None), Decimal(0))
    left = chart.points[-1].values[0]
    assert left is not None
    assert abs(Decimal(100) - lost - left) <= Decimal("0.01") * len(chart.points)
    assert text_of(of_values("zh").sections[0].blocks[0].text).startswith("总分 70.72")  # type: ignore[union-attr]


def test_the_parts_of_the_categories_add_up_to_the_total() -> None:
    parts = [
        Fraction(c["score"]["exact"]) * Fraction(c["weight"]["exact"]) / 100 for c in worked()["categories"]
    ]
    assert sum(parts) == Fraction(worked()["total"]["exact"])


def test_every_working_line_comes_out_as_it_says() -> None:
    """`share × points = earned` of every indicator, read from the page and reckoned again."""
    table = next(t for t in tables(of_values("zh")) if "≈" in t.note)
    lines = [
        text_of(r.cells[1]).split("\n")[0]
        for r in table.rows
        if r.tone == "plain" and text_of(r.cells[0]) == "得分"
    ]
    checked = 0
    for line in lines:
        if "×" not in line:
            continue
        left, _, earned = line.removesuffix(" 分").partition(" = ")
        share, _, points = left.partition(" × ")
        exact = [Fraction(text.split(" ≈ ")[0]) for text in (share, points, earned)]
        assert exact[0] * exact[1] == exact[2], line
        checked += 1
    assert checked >= 20


def test_data_of_the_months_are_added_up_and_what_overlaps_is_not() -> None:
    def datum(name: str, first: str, last: str, quantity: str) -> dict[str, object]:
        return {
            "id": name,
            "name": "电",
            "measure_unit": "kWh",
            "quantity": quantity,
            "period_from": first,
            "period_until": last,
        }

    january, february = (
        datum("A", "2025-01-01", "2025-01-31", "0.1"),
        datum("B", "2025-02-01", "2025-02-28", "0.2"),
    )
    april = datum("C", "2025-04-01", "2025-04-30", "0.3")
    (both,) = merged([january, february], 2025, "{first} +{count}", " gap")
    assert (both["quantity"], both["period_from"], both["period_until"]) == (
        "0.3",
        "2025-01-01",
        "2025-02-28",
    )
    assert both["id"] == "A +2"
    assert merged([january, april], 2025, "{first} +{count}", " gap")[0]["id"] == "A +2 gap"
    whole = datum("Y", "2025-01-01", "2025-12-31", "9")
    assert merged([january, whole], 2025, "", "") == [january, whole]
    across = datum("X", "2024-12-01", "2025-01-15", "9")
    assert merged([february, across], 2025, "", "") == [february, across]


# --- hostile texts -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_run_nothing_load_nothing_and_show_everything_escaped(make: Any, lang: Lang) -> None:
    for document in documents(make, lang):
        page = html(document)
        found = Page(page)
        assert "script" not in found.tags
        assert not {name for name, _ in found.attributes if name.startswith("on")}
        assert not [v for n, v in found.attributes if n in ("src", "href") and not v.startswith("#")]
        assert SCRIPT in found.text
        assert "\u202e" not in page
        assert "\x07" not in page
        assert "&amp;{{ 7*7 }}" in found.text


def test_a_running_line_cannot_leave_its_style_sheet() -> None:
    line = css_string('</style><script>"\\')
    assert not set("<>/\\\"'") & set(re.sub(r"\\[0-9a-f]{6}", "", line[1:-1]))
    assert "默认" in css_string("默认")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_workbooks_hold_no_formula_and_numbers_as_numbers(make: Any, lang: Lang) -> None:
    numbers = 0
    for document in documents(make, lang):
        book = openpyxl.load_workbook(io.BytesIO(made(document, "xlsx")))
        assert len(book.sheetnames) == len(set(book.sheetnames)) > 2
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f"
                    numbers += cell.data_type == "n" and cell.value is not None
                    if isinstance(cell.value, str) and cell.value.startswith(("=", "+1", "@")):
                        assert cell.quotePrefix
    assert numbers > 50


@pytest.mark.parametrize("lang", LANGUAGES)
def test_word_files_have_headings_real_tables_with_repeated_heads_and_the_running_line(
    make: Any, lang: Lang
) -> None:
    for document in documents(make, lang):
        content = made(document, "docx")
        assert content == made(document, "docx")
        file = word.Document(io.BytesIO(content))
        headings = [
            p.text for p in file.paragraphs if p.style is not None and p.style.name.startswith("Heading")
        ]
        assert headings == titles(document)
        xml = file.element.xml
        assert xml.count("w:tblHeader") >= len(tables(document))
        cells = "".join(
            t.text or ""
            for t in file.element.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")
        )
        assert SCRIPT in cells
        assert document.running in "".join(p.text for p in file.sections[0].footer.paragraphs)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_a_pdf_names_scheme_and_digest(make: Any, lang: Lang) -> None:
    document, found = of_store(make(hostile()), lang)
    content = made(document, "pdf")
    assert content == made(document, "pdf")
    pages = [p.extract_text() for p in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) > 3
    for text in pages:
        assert found["scheme"]["digest"][:12] in text
        assert found["scheme"]["title"][lang] in text.replace("\n", " ")


def test_a_thousand_records_are_all_there_and_long_lists_say_what_they_leave_out(make: Any) -> None:
    rows: Rows = [("organisation", "O1", {"name": "甲"})]
    rows += [("meter", f"M{n:04}", {"name": f"表 {n}", "meter_type": "gas"}) for n in range(1000)]
    store = make(rows)
    shown = {text_of(r.cells[-1]) for t in tables(review(store, "machinery")) for r in t.rows}
    assert {f"M{n:04}" for n in range(1000)} <= shown
    for form in FORMS:
        assert made(review(store, "machinery"), form)
    notes = [t.note for t in tables(review(store, "hunan"))]
    assert any("940" in note for note in notes)


# --- files and commands --------------------------------------------------------------------------


def run(*words: object) -> Any:
    return CliRunner().invoke(cli.shall, [str(w) for w in words], standalone_mode=False)


def test_commands_write_what_they_say(make: Any, tmp_path: Path) -> None:
    store = make(hostile())
    for form in FORMS:
        target = tmp_path / f"report.{form}"
        done = run("score", store.path, "--on", ON, "--format", form, "-o", target)
        assert done.exception is None, done.exception
        assert target.stat().st_size > 5000
        done = run("review-report", store.path, "-s", "machinery", "--on", ON, "--format", form, "-o", target)
        assert done.exception is None, done.exception
    assert isinstance(run("score", store.path, "--on", ON, "--format", "pdf").exception, UsageError)
    alone = run("score", store.path, "--on", ON, "--method", "gbt_32150").exception
    assert isinstance(alone, UsageError)
    assert alone.key == "score_report.method_alone"
    before = store.path.read_bytes()
    assert isinstance(run("review-report", store.path, "-s", "hunan", "-o", store.path).exception, UsageError)
    assert store.path.read_bytes() == before


def test_a_review_without_a_year_says_so(make: Any, tmp_path: Path) -> None:
    store = make([("organisation", "O1", {"name": "甲"})])
    error = run("review-report", store.path, "-s", "machinery", "-o", tmp_path / "r.docx").exception
    assert isinstance(error, UsageError)
    assert error.key == "review_report.which_year"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError):
        write(of_values("zh"), "html", tmp_path / "none" / "r.html")


# --- charts --------------------------------------------------------------------------------------


def test_charts_write_every_number_out_and_survive_nothing_at_all() -> None:
    axes = [Axis("能源", "42.78 分", 42.78, 50.0), Axis("管理", "不计入", None)]
    drawn = str(radar(axes, "四类"))
    assert "42.78 分" in drawn
    assert "不计入" in drawn
    assert "stroke-dasharray" in drawn
    steps = str(
        waterfall(
            [Loss("A.1/1", 3.0, 1.0, "−3.00")], Amount("满分", 100, "100"), Amount("总分", 96, "96"), "瀑布"
        )
    )
    assert steps.count("−3.00") >= 2
    assert "A.1/1" in steps
    bars = str(amounts([Amount("电", 5.0, "5 t"), Amount("输出", -2.0, "−2 t", apart=True)], "源"))
    assert "5 t" in bars
    assert "−2 t" in bars
    for empty in (radar([], ""), waterfall([], Amount("", 0, ""), Amount("", 0, ""), ""), amounts([], "")):
        assert str(empty).startswith("<svg")


def test_no_text_has_an_empty_half_and_sections_open_sheets(make: Any) -> None:
    for name in ("document", "score_report", "review_report"):
        assert all(set(pair) == {"zh", "en"} and all(pair.values()) for pair in area(name).values())
    document = of_values("en")
    assert sum(bool(s.sheet) for s in document.sections) >= 6
    assert all(isinstance(s, Section) for s in document.sections)
    assert {c.kind for c in document.charts()} == {"radar", "waterfall", "bars"}
    assert all(isinstance(c, Chart) and c.name for c in document.charts())


def test_a_word_file_without_the_typesetter_holds_the_numbers_of_its_charts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shall.engine.reports.document.docx.pictures", lambda document: {})
    file = word.Document(io.BytesIO(made(of_values("zh"), "docx")))
    assert not file.inline_shapes
    cells = {
        t.text for t in file.element.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")
    }
    assert {p.label for c in of_values("zh").charts() for p in c.points} <= cells


def test_with_a_methodology_the_tables_are_those_of_the_inventory(make: Any) -> None:
    power = {
        "name": "外购电力",
        "source_class": "purchased_electricity",
        "substance": "electricity",
        "measure_unit": "kWh",
    }
    months = [("2025-01-01", "2025-06-30"), ("2025-07-01", "2025-12-31")]
    rows: Rows = [("organisation", "O1", {"name": "甲"})]
    rows += [
        (
            "activity_datum",
            f"A{n}",
            {**power, "quantity": "500000", "period_from": first, "period_until": last},
        )
        for n, (first, last) in enumerate(months)
    ]
    store = make(rows)
    document = document_of(store, question(), "machinery", YEAR, "zh", ("gbt_32150", None))
    assert "1000000 kWh" in cells_under(document, "表 D.6")
    recorded = cells_under(review(store, "machinery"), "表 D.5 ")
    assert "1000000 kWh，2025-01-01 – 2025-12-31" in recorded
    assert "A0 等 2 条" in recorded
