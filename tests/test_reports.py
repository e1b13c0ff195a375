"""Reports: complete, escaped, self-contained, the same bytes again, and honest where they cannot be written."""

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

from shall.engine.cache import compiled
from shall.engine.evaluation import Question, evaluate
from shall.engine.executors.python import PythonExecutor
from shall.engine.expiry import expiring
from shall.engine.grading import DEFAULT
from shall.engine.reports.context import Report, build_report
from shall.engine.reports.csv_report import csv_text, guarded, write_csv
from shall.engine.reports.html import html, write_html
from shall.engine.reports.json_report import write_json
from shall.engine.reports.schema import result_schema
from shall.engine.reports.view import clean, view
from shall.engine.reports.workbook import sheet_names, write_xlsx
from shall.evidence.ledger import Change
from shall.evidence.schema import schema
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import ReportError

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "reports"
ON = date(2026, 6, 30)
ORG = "ORG-1"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    SCRIPT,
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    '"><img src=x onerror=y>',
    "长" * 300,
    "😀 한",
]
NAME = f"公司 {SCRIPT} & CO₂ 😀"
Records = list[tuple[str, str, dict[str, object]]]


@cache
def executor() -> PythonExecutor:
    return PythonExecutor(compiled([str(HERE / "rulesets" / "tiny")]))


def usual(ids: list[str]) -> Records:
    """A record or more for each part of a report; the meters `ids` have no calibration."""
    judged = {"ruleset": "tiny", "reason": f"看过 {SCRIPT}", "judged_by": "王芳", "judged_on": "2026-06-01"}
    excluded = {"ruleset": "tiny", "address": "2.1/d", "justification": "没有外包", "approved_by": "李敏"}
    return [
        ("unit", "U1", {"name": f"一车间 {SCRIPT}"}),
        ("site", "S1", {"name": "一号厂区"}),
        ("policy", "P1", {"topic": "carbon", "unit": "U1", "valid_until": "2026-12-31"}),
        ("policy", "P2", {"topic": "carbon", "status": "draft"}),
        ("judgement", "J1", judged | {"address": "1.1#3", "verdict": "conforming", "made_as": "audit"}),
        ("exclusion", "E1", excluded | {"approved_on": "2026-01-10"}),
        *(("meter", name, {"unit": "U1"} if n % 2 else {"site": "S1"}) for n, name in enumerate(ids)),
    ]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    opened: list[Store] = []

    def store_of(records: Records) -> Store:
        store = Store.create(tmp_path / f"store{len(opened)}.db")
        opened.append(store)
        changes = [Change("put", kind, name, {"id": name, **body}) for kind, name, body in records]
        store.commit(ORG, changes, actor="test", at=datetime(2026, 6, 1, tzinfo=UTC))
        return store

    yield store_of
    for store in opened:
        store.close()


@pytest.fixture
def report(make: Any) -> Report:
    return reported(make(usual(HOSTILE)))


def reported(store: Store, name: str | None = NAME) -> Report:
    return build_report(evaluate(executor(), store, Question.of(ORG, ON), DEFAULT), store, name)


class Page(HTMLParser):
    """Tags, attributes and texts of a page."""

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


# --- the case itself -----------------------------------------------------------------------------


def test_the_case_has_every_verdict(report: Report) -> None:
    found = {p["address"]: p["verdict"] for p in report.result["provisions"]}
    assert found == {
        "1.1#1": "conforming",
        "1.1#2": "needs_judgement",
        "1.1#3": "conforming",
        "1.1/N1": "noted",
        "2.1/a": "nonconforming",
        "2.1/b": "opportunity",
        "2.1/c": "not_demonstrated",
        "2.1/d": "not_applicable",
    }
    (calibration,) = [f for f in report.result["findings"] if f["grade"] == "minor"]
    assert sorted(e["id"] for e in calibration["evidence"]) == sorted(HOSTILE)


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_everything_escaped(report: Report, lang: str) -> None:
    page = Page(html(report, lang))
    text = page.text
    for provision in report.result["provisions"]:
        assert provision["address"] in page.words
        assert provision["gist"][lang] in text
    shown = {value for name, value in page.attributes if name == "data-id"}
    assert {f["id"] for f in report.result["findings"]} <= shown
    for finding in report.result["findings"]:
        assert finding["statement"][lang] in text
    for record in HOSTILE:
        assert record in page.words
    assert NAME in text
    assert report.result["receipt"]["result"] in text
    assert f"看过 {SCRIPT}" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_needs_no_network_and_no_script(report: Report, lang: str) -> None:
    written = html(report, lang)
    page = Page(written)
    assert not {"script", "img", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert {name for name, _ in page.attributes if name.startswith("on") or name in ("src", "style")} == set()
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    addresses = set(re.findall(r"\b(?:https?:)?//[^\s\"'<>]+", written))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in written
    assert "@import" not in written


def test_links_lead_somewhere_and_ids_occur_once(report: Report) -> None:
    page = Page(html(report, "zh"))
    ids = [value for name, value in page.attributes if name == "id"]
    links = [value.removeprefix("#") for name, value in page.attributes if name == "href"]
    assert len(ids) == len(set(ids))
    assert links
    assert set(links) <= set(ids)


def test_verdicts_are_told_by_words_not_by_colour_alone(report: Report) -> None:
    rows = html(report, "zh").split('<div class="provision ')[1:]
    shown = [p for clause in view(report, "zh")["standards"][0]["clauses"] for p in clause["provisions"]]
    assert len(rows) == len(shown)
    for row, provision in zip(rows, shown, strict=True):
        label = row.partition('<span class="tag')[2].partition("</div>")[0]
        assert provision["verdict"]["label"] in label
        assert provision["verdict"]["symbol"] in label


def test_the_draft_is_announced(report: Report) -> None:
    assert (
        area("report")["report.draft_notice"]["zh"].format(number="TINY 1") in Page(html(report, "zh")).text
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_golden_page_and_table(make: Any, lang: str, update_golden: bool) -> None:
    """On a change look at the diff: these are what a client receives. Digests and version are masked."""
    report = reported(make(usual(["M1", "M2"])), "示例公司")
    masked = re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", html(report, lang))
    masked = re.sub(r"\bshall \d+\.\d+\.\d+\w*", "shall VERSION", masked)
    for name, text in ((f"page.{lang}.html", masked), (f"table.{lang}.csv", csv_text(report, lang))):
        kept = GOLDEN / name
        if update_golden:
            GOLDEN.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(text.encode())
        assert kept.read_bytes().decode() == text


def test_hidden_characters_are_made_visible() -> None:
    assert clean({"a": ["b\u202ec", "d\x00\te", "碳\u3000CO₂ 😀\n"]}) == {
        "a": ["b[U+202E]c", "d[U+0000] e", "碳\u3000CO₂ 😀\n"]
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_store_still_makes_every_report(make: Any, lang: str, tmp_path: Path) -> None:
    report = reported(make([]), None)
    assert ORG in Page(html(report, lang)).text
    write_xlsx(report, tmp_path / "r.xlsx", lang)
    assert csv_text(report, lang).count("\r\n") == 9


def test_a_thousand_records_all_appear(make: Any) -> None:
    ids = [f"METER-{n:04}" for n in range(1000)]
    page = Page(html(reported(make(usual(ids))), "zh"))
    assert set(ids) <= set(page.words)


# --- CSV, workbook, JSON -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1"])
def test_a_formula_stays_a_text_in_csv(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded(f"a{text}") == f"a{text}"


def test_csv_has_one_row_per_provision_and_the_mark(report: Report, tmp_path: Path) -> None:
    write_csv(report, tmp_path / "r.csv", "zh")
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows[1:]] == [p["address"] for p in report.result["provisions"]]
    assert {len(row) for row in rows} == {len(rows[0])}
    stream = io.StringIO()
    write_csv(report, stream, "zh")
    assert stream.getvalue().encode() == raw


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_texts_only(report: Report, lang: str, tmp_path: Path) -> None:
    write_xlsx(report, tmp_path / "r.xlsx", lang)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == list(sheet_names(lang))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    findings, provisions = book.worksheets[1], book.worksheets[2]
    assert {row[0].value for row in findings.iter_rows(min_row=2)} == {
        f["id"] for f in report.result["findings"]
    }
    assert [row[1].value for row in provisions.iter_rows(min_row=2)] == [
        p["address"] for p in report.result["provisions"]
    ]
    assert findings.freeze_panes
    assert findings.auto_filter.ref
    book.close()


def test_a_hostile_id_is_quoted_in_the_workbook(make: Any, tmp_path: Path) -> None:
    store = make([("meter", "=1+1", {"valid_until": "2026-09-01"})])
    write_xlsx(reported(store), tmp_path / "r.xlsx", "zh")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    (cell,) = [c for row in book.worksheets[3].iter_rows(min_row=2) for c in row if c.value == "=1+1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    book.close()


def test_json_is_the_result_and_fits_the_schema(report: Report, tmp_path: Path) -> None:
    write_json(report.result, tmp_path / "r.json")
    read = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert read == report.result
    published = result_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    validator = jsonschema.Draft202012Validator(published)
    assert not list(validator.iter_errors(read))
    for spoilt in (
        read | {"extra": 1},
        {k: v for k, v in read.items() if k != "mode"},
        read | {"mode": "guess"},
    ):
        assert list(validator.iter_errors(spoilt))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_report_gives_the_same_bytes(report: Report, lang: str, tmp_path: Path) -> None:
    for write, name in ((write_html, "r.html"), (write_xlsx, "r.xlsx"), (write_csv, "r.csv")):
        write(report, tmp_path / name, lang)
        first = (tmp_path / name).read_bytes()
        write(report, tmp_path / name, lang)
        assert (tmp_path / name).read_bytes() == first


# --- PDF -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_shows_every_character(report: Report, lang: str) -> None:
    pypdf = pytest.importorskip("pypdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(_pdf(report, lang))).pages)
    packed = re.sub(r"\s", "", text)
    assert "CO₂" in text
    for provision in report.result["provisions"]:
        assert provision["address"] in packed
        assert re.sub(r"\s", "", provision["gist"][lang]) in packed
    assert re.sub(r"\s", "", SCRIPT) in packed
    assert report.result["receipt"]["result"] in packed
    assert "😀" in packed or "[U+1F600]" in packed


def test_the_pdf_is_the_same_again(report: Report) -> None:
    assert _pdf(report, "zh") == _pdf(report, "zh")


def _pdf(report: Report, lang: str) -> bytes:
    pytest.importorskip("typst")
    from shall.engine.reports.pdf import pdf

    try:
        return pdf(report, lang)
    except ReportError as error:
        if error.key == "report.no_font":
            pytest.skip("no Chinese font on this machine")
        raise


def test_no_font_is_told_with_what_to_do(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("typst")
    from shall.engine.reports import fonts
    from shall.engine.reports.pdf import pdf

    monkeypatch.delenv("SHALL_FONT", raising=False)
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    monkeypatch.setattr(fonts, "FAMILIES", ())
    with pytest.raises(ReportError) as caught:
        pdf(report, "zh")
    for lang in LANGUAGES:
        assert "fonts-noto-cjk" in caught.value.text(lang)
        assert "SHALL_FONT" in caught.value.text(lang)


def test_a_font_without_chinese_is_refused(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("typst")
    from shall.engine.reports.pdf import pdf

    (tmp_path / "no.ttf").write_bytes(b"not a font")
    for path in (tmp_path / "no.ttf", tmp_path / "absent.ttf"):
        monkeypatch.setenv("SHALL_FONT", str(path))
        with pytest.raises(ReportError, match="SHALL_FONT"):
            pdf(report, "zh")


# --- files ---------------------------------------------------------------------------------------


def test_a_missing_folder_and_a_folder_as_target_are_told(report: Report, tmp_path: Path) -> None:
    with pytest.raises(ReportError) as missing:
        write_html(report, tmp_path / "nowhere" / "r.html", "zh")
    assert missing.value.key == "report.no_folder"
    with pytest.raises(ReportError) as folder:
        write_xlsx(report, tmp_path, "zh")
    assert folder.value.key == "report.is_folder"


def test_a_full_disk_leaves_the_old_report(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "r.html"
    target.write_text("old")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReportError) as caught:
        write_html(report, target, "zh")
    assert caught.value.key == "report.disk_full"
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.glob(".report-*")] == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told(report: Report, tmp_path: Path) -> None:
    place = tmp_path / "locked"
    place.mkdir(mode=0o500)
    with pytest.raises(ReportError) as caught:
        write_html(report, place / "r.html", "zh")
    assert caught.value.key == "report.read_only"
    shutil.rmtree(place)


def test_every_text_has_both_languages_with_the_same_places() -> None:
    for key, said in area("report").items():
        assert set(said) == set(LANGUAGES), key
        places = [sorted(re.findall(r"\{(\w+)\}", said[lang])) for lang in LANGUAGES]
        assert places[0] == places[1], key


# --- expiry --------------------------------------------------------------------------------------


def test_expiry_columns_are_declared_soundly() -> None:
    marked = [(kind, column) for kind in schema().values() for column in kind.columns if column.expires]
    assert {(k.name, c.name) for k, c in marked} >= {
        ("calibration", "due_on"),
        ("corrective_action", "due_on"),
        ("policy", "valid_until"),
    }
    for kind, column in marked:
        assert column.type == "date"
        for other in (column.settled_by, column.latest_per):
            assert other is None or kind.column(other), (kind.name, column.name)


DATES = {
    "2025-06-29": None,  # lapsed more than a year before: history
    "2025-06-30": True,
    "2026-06-29": True,
    "2026-06-30": False,  # still valid on the day itself
    "2027-06-30": False,
    "2027-07-01": None,  # beyond the horizon
}


@pytest.mark.parametrize(("day", "overdue"), DATES.items())
def test_a_validity_around_the_horizon(make: Any, day: str, overdue: bool | None) -> None:
    found = expiring(make([("policy", "P", {"valid_until": day})]), ORG, ON)
    assert [(e.id, e.column, e.overdue) for e in found] == (
        [] if overdue is None else [("P", "valid_until", overdue)]
    )


def test_only_what_is_open_falls_due(make: Any) -> None:
    due = {"nonconformity": "N", "due_on": "2026-05-01"}
    records: Records = [
        ("corrective_action", "A-open", due),
        ("corrective_action", "A-done", due | {"completed_on": "2026-04-30"}),
        ("corrective_action", "A-draft", due | {"status": "draft"}),
        ("corrective_action", "A-lapsed", due | {"valid_until": "2026-06-01"}),
        ("calibration", "C-old", {"meter": "M", "due_on": "2026-01-01"}),
        ("calibration", "C-new", {"meter": "M", "due_on": "2027-01-01"}),
        ("objective", "O-reached", {"due_on": "2026-03-01", "achieved": True}),
        ("objective", "O-missed", {"due_on": "2026-03-01", "achieved": False}),
    ]
    found = [(e.id, e.overdue) for e in expiring(make(records), ORG, ON)]
    assert found == [("O-missed", True), ("A-open", True), ("A-lapsed", True), ("C-new", False)]
