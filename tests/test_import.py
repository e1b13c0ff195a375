"""Evidence in from files: what is understood, what is refused and how, and that nothing is half written."""

import csv
import errno
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from shall.engine.cli import shall
from shall.evidence.importers import Batch, ImportProblems, import_batch, read_evidence
from shall.evidence.ledger import Attachment, Counts
from shall.evidence.parse import CellError, choice_words, column_names, fold, reader, shield, unshield
from shall.evidence.plain_files import decoded
from shall.evidence.schema import Column, schema
from shall.evidence.store import Store
from shall.evidence.workbook import write_filled, write_template
from shall.texts import area
from shall.texts.errors import EvidenceError, StoreError

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "store.db") as opened:
        yield opened


def bring(store: Store, batch: Batch, *, complete: bool = False) -> Counts:
    return import_batch(store, "o", batch, actor="a", at=NOW, withdraw_missing=complete).total


def refused(store: Store, batch: Batch, *, complete: bool = False) -> list[str]:
    before = store.position()
    with pytest.raises(ImportProblems) as caught:
        bring(store, batch, complete=complete)
    assert store.position() == before
    for lang in ("zh", "en"):
        assert caught.value.text(lang).count("\n") >= len(caught.value.problems)
    return [problem.key.removeprefix("import.") for problem in caught.value.problems]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def keys(batch: Batch) -> list[str]:
    return [problem.key.removeprefix("import.") for problem in batch.problems]


# --- cells --------------------------------------------------------------------------------------


def column(kind: str, unit: str | None = None, **more: object) -> Column:
    return Column("x", kind, "列", "column", unit=unit, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "raw", "meant"),
    [
        ("decimal", "1,234.50", Decimal("1234.50")),
        ("decimal", "１２．５", Decimal("12.5")),
        ("decimal", "−3", Decimal(-3)),
        ("decimal", "1.2E3", Decimal(1200)),
        ("decimal", " ", None),
        ("decimal", 0.1 + 0.2, Decimal("0.3")),
        ("integer", 3.0, 3),
        ("integer", "3.0", 3),
        ("date", "2025-02-03", date(2025, 2, 3)),
        ("date", "2025/2/3", date(2025, 2, 3)),
        ("date", "2025.2.3", date(2025, 2, 3)),
        ("date", "２０２５年２月３日", date(2025, 2, 3)),
        ("date", "20250203", date(2025, 2, 3)),
        ("date", 20250203, date(2025, 2, 3)),
        ("date", "2025-02-03 00:00:00", date(2025, 2, 3)),
        ("date", datetime(2025, 2, 3), date(2025, 2, 3)),
        ("flag", "√", True),
        ("flag", "×", False),
        ("flag", "ＹＥＳ", True),
        ("flag", 0, False),
        ("text", 1.0, "1"),
        ("text", "001", "001"),
        ("text", " a\r\nb ", "a\nb"),
    ],
)
def test_cells_that_have_one_meaning(kind: str, raw: object, meant: object) -> None:
    assert reader(column(kind))(raw) == meant


@pytest.mark.parametrize(
    ("kind", "raw", "key"),
    [
        ("decimal", "12 kWh", "number_with_unit"),
        ("decimal", "12万", "number_with_unit"),
        ("decimal", "95%", "percent"),
        ("decimal", "1,5", "bad_number"),
        ("decimal", "12-15", "bad_number"),
        ("decimal", "1.2.3", "bad_number"),
        ("decimal", "nan", "bad_number"),
        ("decimal", True, "bad_number"),
        ("decimal", float("inf"), "bad_number"),
        ("decimal", "1e999", "number_too_large"),
        ("decimal", "0.12345678901", "too_many_places"),
        ("decimal", 1e-12, "too_many_places"),
        ("decimal", "1" + "0" * 30_000, "number_too_large"),
        ("decimal", "1." + "0" * 90 + "1", "too_many_places"),
        ("decimal", date(2025, 2, 3), "number_is_date"),
        ("integer", 3.5, "not_whole"),
        ("integer", 1e18, "number_too_large"),
        ("date", "2025/2/30", "no_such_day"),
        ("date", "2/3/2025", "bad_date"),
        ("date", "2025-2/3", "bad_date"),
        ("date", "2025-02", "bad_date"),
        ("date", 45000, "date_is_number"),
        ("date", "0202-03-01", "date_too_early"),
        ("date", "2025-02-03 14:00", "bad_date"),
        ("flag", "x", "bad_flag"),
        ("flag", 2, "bad_flag"),
        ("text", "a\x07", "control_character"),
        ("text", "a\ud800", "control_character"),
        ("text", "x" * 32_001, "text_too_long"),
    ],
)
def test_cells_that_are_refused(kind: str, raw: object, key: str) -> None:
    with pytest.raises(CellError) as caught:
        reader(column(kind))(raw)
    assert caught.value.key == f"import.{key}"


def test_percent_belongs_where_the_unit_is_percent() -> None:
    assert reader(column("decimal", "%"))("95%") == 95


def test_choices_by_code_and_label() -> None:
    read = reader(
        column(
            "choice", choices={"carbon": ("碳", "Carbon"), "other": ("其他", "other"), "o2": ("其他", "more")}
        )
    )
    assert {read(word) for word in ("carbon", "碳", "CARBON", "碳 Carbon", " 碳　carbon ")} == {"carbon"}
    assert (read("more"), read("其他 more"), read("other")) == ("o2", "o2", "other")
    with pytest.raises(CellError):
        read("其他")


@pytest.mark.parametrize("kind", list(schema()))
def test_every_label_of_every_kind_has_one_meaning(kind: str) -> None:
    """Two columns or choices that share a label could not be told apart in a workbook."""
    known = schema()[kind]
    names = column_names(known)
    for c in known.columns:
        assert {names.get(fold(c.zh)), names.get(fold(c.en)), names[c.name]} == {c.name}, c.name
        words = choice_words(c)
        for code, labels in c.choices.items():
            assert {words.get(fold(label)) for label in labels} == {code}, (c.name, code)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "'a", "''", "'=1", "\t=1", "a", "", "1-1"])
def test_csv_shield(text: str) -> None:
    assert unshield(shield(text)) == text
    assert not shield(text).startswith(("=", "+", "-", "@", "\t"))


def test_every_text_is_there_in_both_languages() -> None:
    assert all(set(pair) == {"zh", "en"} and all(pair.values()) for pair in area("import").values())


# --- CSV, JSON, YAML ----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [["编号", "topic", "标题"], ["P-1", "碳", "碳方针，第一版"], ["P-2", "能源", "'=1+1"]]
    path = written(tmp_path / "方针.csv", "\r\n".join(delimiter.join(line) for line in lines), encoding)
    batch = read_evidence(path)
    assert keys(batch) == []
    assert [r.body["title"] for r in batch.records["policy"]] == ["碳方针，第一版", "=1+1"]


def test_csv_problems_name_the_line(tmp_path: Path) -> None:
    path = written(tmp_path / "policy.csv", 'id,topic,title\nP-1,carbon,"two\nlines"\nP-2,wind,x,more\n')
    assert [p.text("en")[:32] for p in read_evidence(path).problems] == [
        "policy.csv row 4 column “topic”:",
        "policy.csv row 4: the header has",
    ]
    path = written(tmp_path / "policy.csv", 'id,topic\nP-1,"carbon\nP-2,carbon\n')
    assert keys(read_evidence(path)) == ["broken_csv"]
    assert keys(read_evidence(written(tmp_path / "polcy.csv", "id\n1"))) == ["unknown_kind"]
    assert keys(read_evidence(written(tmp_path / "policy.csv", "a,b\n1,2"))) == ["no_header"]
    path.write_bytes(b"id,title\n1,\xff\xff\xff")
    assert keys(read_evidence(path)) == ["encoding"]
    assert decoded(b"\xff\xfe\x00") is None


def test_a_column_called_after_a_kind_does_not_change_the_kind(tmp_path: Path) -> None:
    batch = read_evidence(written(tmp_path / "policy.csv", "site,id,title\n,P-1,t\n"))
    assert [r.body for r in batch.records["policy"]] == [{"id": "P-1", "title": "t"}]
    book = openpyxl.Workbook()
    book.worksheets[0].title = "policy"
    for row in (["unit", "id", "title"], [None, "P-1", "t"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "p.xlsx")
    assert [r.id for r in read_evidence(tmp_path / "p.xlsx").records["policy"]] == ["P-1"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_our_sheet_saved_as_csv(tmp_path: Path, encoding: str) -> None:
    write_template(tmp_path / "t.xlsx", [schema()["policy"]], [])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["方针"]
    rows = [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
    rows.append(["P-1", "碳 carbon", "我们的"])
    with (tmp_path / "工作簿1.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    batch = read_evidence(tmp_path / "工作簿1.csv")
    assert keys(batch) == []
    assert [r.body for r in batch.records["policy"]] == [{"id": "P-1", "topic": "carbon", "title": "我们的"}]


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    records = {
        "policy": [{"id": "010", "topic": "carbon", "title": "no", "commits_compliance": True, "note": None}]
    }
    first = read_evidence(written(tmp_path / "a.json", json.dumps(records)))
    yaml = "方针:\n- id: 010\n  topic: 碳\n  title: no\n  commits_compliance: true\n  note:\n"
    second = read_evidence(written(tmp_path / "a.yaml", yaml, "gbk"))
    expected = {"id": "010", "topic": "carbon", "title": "no", "commits_compliance": True}
    for batch in (first, second):
        assert keys(batch) == []
        assert [r.body for r in batch.records["policy"]] == [expected]


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("a.json", '{"policy": [}', "bad_json"),
        ("a.json", '{"policy": [], "policy": []}', "key_twice"),
        ("a.json", "[" * 200_000, "too_deep"),
        ("a.json", "[]", "bad_shape"),
        ("a.json", '{"policy": {}}', "bad_shape"),
        ("a.json", '{"policy": [1]}', "not_a_record"),
        ("a.json", '{"policy": [{"id": "1", "tittle": "x"}]}', "unknown_column"),
        ("a.json", '{"policy": [{"id": "1", "title": ["x"]}]}', "unreadable"),
        ("a.json", '{"policy": [{"id": "1", "valid_from": NaN}]}', "unreadable"),
        ("a.json", '{"policy": [{"id": "1", "valid_from": 1' + "0" * 5000 + "}]}", "unreadable"),
        ("a.json", '{"policy": [{"title": "1"}]}', "required"),
        ("a.yaml", "a: [", "bad_yaml"),
        ("a.yaml", "a: &x [1]\nb: *x", "yaml_alias"),
        ("a.yaml", "policy:\n- {id: 1, id: 2}", "key_twice"),
        ("a.yaml", "policy: !!python/object/apply:os.getcwd []", "yaml_tag"),
        ("a.yaml", "[" * 100_000, "too_deep"),
        ("a.yaml", "- " * 100_000, "too_deep"),
        ("a.yaml", "? [a]\n: b", "yaml_key"),
        ("a.yaml", "a: []\n---\nb: []", "yaml_documents"),
        ("a.yaml", "a: \x07", "bad_yaml"),
        ("a.txt", "x", "unknown_format"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, text: str, key: str) -> None:
    batch = read_evidence(written(tmp_path / name, text))
    assert key in (keys(batch) or [None])[0]
    assert batch.problems[0].text("zh") != batch.problems[0].text("en")


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shall.evidence.importers.MAX_YAML", 10)
    assert keys(read_evidence(written(tmp_path / "a.yaml", "policy: []  "))) == ["file_too_large"]


def test_rules_of_the_kind_are_told_in_the_users_language(tmp_path: Path) -> None:
    text = "id,valid_from,valid_until\nP-1,2025-02-03,2024-01-01\n"
    (problem,) = read_evidence(written(tmp_path / "policy.csv", text)).problems
    assert problem.text("zh") == "policy.csv 第 2 行 “失效日期”列：不能早于“生效日期”。"
    assert problem.text("en") == "policy.csv row 2 column “valid until”: must not be before “valid from”."


# --- into the store -----------------------------------------------------------------------------


def test_import_twice_changes_nothing(tmp_path: Path, store: Store) -> None:
    path = written(tmp_path / "policy.csv", "id,title,valid_from\nP-1,一,2025/2/3\nP-2,二,\n")
    assert bring(store, read_evidence(path)) == Counts(new=2)
    assert bring(store, read_evidence(path)) == Counts(unchanged=2)
    written(path, "id,title,valid_from\nP-1,改,2025-02-03\n")
    assert bring(store, read_evidence(path)) == Counts(changed=1)
    assert bring(store, read_evidence(path), complete=True) == Counts(unchanged=1, withdrawn=1)
    assert bring(store, read_evidence(path), complete=True) == Counts(unchanged=1)


def test_a_column_the_file_lacks_keeps_its_value(tmp_path: Path, store: Store) -> None:
    bring(
        store,
        read_evidence(written(tmp_path / "policy.csv", "id,title,note,valid_from\nP-1,a,n,2025-02-03\n")),
    )
    bring(store, read_evidence(written(tmp_path / "policy.csv", "id,note\nP-1,\n")))
    assert store.records("policy", "o") == [{"id": "P-1", "title": "a", "valid_from": "2025-02-03"}]
    batch = read_evidence(written(tmp_path / "policy.csv", "id,valid_until\nP-1,2024-01-01\n"))
    assert refused(store, batch) == ["before"]
    bring(store, read_evidence(written(tmp_path / "a.json", '{"policy": [{"id": "P-1", "note": "x"}]}')))
    assert store.records("policy", "o") == [{"id": "P-1", "note": "x"}]


def test_what_an_import_empties_is_told_and_fill_keeps_it(tmp_path: Path, store: Store) -> None:
    full = {"policy": [{"id": "P-1", "title": "a", "note": "n", "valid_from": "2025-02-03"}, {"id": "P-2"}]}
    part = read_evidence(
        written(tmp_path / "part.json", '{"policy": [{"id": "P-1", "title": "b"}, {"id": "P-2"}]}')
    )
    bring(store, read_evidence(written(tmp_path / "full.json", json.dumps(full))))
    kept = import_batch(store, "o", part, actor="a", at=NOW, fill=True)
    assert (kept.emptied, kept.total) == ({}, Counts(changed=1, unchanged=1))
    assert store.records("policy", "o")[0] == {**full["policy"][0], "title": "b"}
    sheet = written(tmp_path / "policy.csv", "id,title,note\nP-1,,m\n")
    assert not import_batch(store, "o", read_evidence(sheet), actor="a", at=NOW, fill=True).emptied
    assert store.records("policy", "o")[0] == {**full["policy"][0], "title": "b", "note": "m"}
    done = import_batch(store, "o", part, actor="a", at=NOW)
    assert (done.cells, done.emptied) == (2, {("policy", "P-1"): ("note", "valid_from")})
    assert not import_batch(store, "o", part, actor="a", at=NOW).emptied
    early = read_evidence(
        written(tmp_path / "early.json", '{"policy": [{"id": "P-1", "valid_until": "2024-01-01"}]}')
    )
    bring(store, read_evidence(written(tmp_path / "full.json", json.dumps(full))))
    with pytest.raises(ImportProblems):
        import_batch(store, "o", early, actor="a", at=NOW, fill=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_names_the_first_records_it_emptied(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "c.db"
    with Store.create(path) as made:
        rows = [{"id": f"P-{n}", "note": "{x}", "title": "t"} for n in range(7)]
        bring(made, read_evidence(written(tmp_path / "a.json", json.dumps({"policy": rows}))))
    words = ["--lang", lang, "import", str(path)]
    again = written(tmp_path / "b.json", json.dumps({"policy": [{"id": r["id"]} for r in rows]}))
    filled = CliRunner().invoke(shall, [*words, str(again), "--fill"])
    assert filled.exit_code == 0 and "P-0" not in filled.output
    told = CliRunner().invoke(shall, [*words, str(again)]).output.splitlines()[-1]
    assert {"zh": "7 条记录原有的 14 个值", "en": "14 value(s) on record in 7 record(s)"}[lang] in told
    assert "P-4" in told and "P-5" not in told and "--fill" in told
    assert "P-0" not in CliRunner().invoke(shall, [*words, str(again)]).output


def test_duplicates_are_found_across_files(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    written(folder / "policy.csv", "id\nＰ-1\n")
    written(folder / "more.json", '{"policy": [{"id": "P-1"}]}')
    batch = read_evidence(folder)
    assert refused(store, batch) == ["id_twice"]
    assert "more.json" in batch.problems[0].text("en")
    assert "policy.csv" in batch.problems[0].text("en")


def test_references_must_lead_somewhere(tmp_path: Path, store: Store) -> None:
    person = schema()["person"]
    bodies: dict[str, object] = {
        c.name: "x" for c in person.columns if c.required and not c.ref and c.type == "text"
    }
    people = tmp_path / "p.xlsx"
    write_filled(people, [person], [], {"person": [{**bodies, "id": "zhang-san"}]})
    policy = read_evidence(written(tmp_path / "policy.csv", "id,approved_by\nP-1,zhang-sam\n"))
    assert refused(store, policy) == ["bad_reference"]
    bring(store, read_evidence(people))
    with pytest.raises(ImportProblems) as caught:
        bring(store, policy)
    assert "policy.csv row 2 column “approved by”" in caught.value.text("en")
    assert "zhang-san" in caught.value.text("en")
    bring(store, read_evidence(written(tmp_path / "policy.csv", "id,approved_by\nP-1,zhang-san\n")))
    nobody = read_evidence(written(tmp_path / "person.json", '{"person": []}'))
    assert refused(store, nobody, complete=True) == ["still_referred"]
    bring(store, read_evidence(written(tmp_path / "policy.csv", "id,approved_by\nP-1,\n")))
    assert bring(store, nobody, complete=True) == Counts(withdrawn=1)
    batch = read_evidence(written(tmp_path / "policy.csv", "id,approved_by\nP-1,zhang-san\n"))
    assert refused(store, batch) == ["withdrawn_reference"]


def test_folder_with_attachments(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "in"
    (folder / "attachments" / "2025").mkdir(parents=True)
    (folder / "attachments" / "2025" / "方针.pdf").write_bytes(b"%PDF")
    written(folder / "ledger.xlsx", "no workbook, only cited")
    written(folder / "policy.csv", "id,document\nP-1,2025\\方针.pdf\nP-2,ledger.xlsx\nP-3,\n")
    written(folder / "~$policy.xlsx", "lock file")
    batch = read_evidence(folder)
    assert keys(batch) == []
    assert bring(store, batch) == Counts(new=3)
    digest = hashlib.sha256(b"%PDF").hexdigest()
    assert store.records("policy", "o")[0]["document"] == digest
    assert store.attachment(digest) == Attachment("方针.pdf", "application/pdf", b"%PDF")
    written(folder / "policy.csv", f"id,document\nP-1,{digest}\n")
    assert bring(store, read_evidence(folder / "policy.csv")) == Counts(unchanged=1)


def test_attachments_never_from_outside(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    secret = written(tmp_path / "secret.pdf", "s")
    (folder / "link.pdf").symlink_to(secret)
    names = [
        "../secret.pdf",
        str(secret),
        "C:\\secret.pdf",
        "link.pdf",
        "a/../../secret.pdf",
        "gone.pdf",
        "0" * 64,
        "n" * 3000,
        ".",
    ]
    written(
        folder / "policy.csv", "id,document\n" + "".join(f"P-{i},{name}\n" for i, name in enumerate(names))
    )
    assert refused(store, read_evidence(folder)) == ["document_outside"] * 5 + ["document_missing"] * 3 + [
        "unknown_digest"
    ]


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path, store: Store) -> None:
    batch = read_evidence(
        written(tmp_path / "policy.csv", "id,title\n" + "".join(f"P-{i},{'长' * 200}\n" for i in range(500)))
    )
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 4}")
    before = store.position()
    with pytest.raises(StoreError):
        bring(store, batch)
    assert store.position() == before
    assert store.records("policy", "o") == []


def test_a_full_disk_leaves_the_workbook_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "t.xlsx", "old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EvidenceError, match="No space left"):
        write_template(path, [schema()["policy"]], [])
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        read_evidence(tmp_path / "none.xlsx")
    assert "none.xlsx" in caught.value.text("zh")
    (tmp_path / "empty").mkdir()
    assert keys(read_evidence(tmp_path / "empty")) == ["empty_folder"]
