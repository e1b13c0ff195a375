"""The commands as a user types them: output, exit codes, errors in the user's language."""

import json
import re
import sqlite3
from hashlib import sha256
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner, Result

from shall.engine import cli
from shall.engine.grading import GRADES
from shall.engine.verdicts import VERDICTS
from shall.evidence.store import Store
from shall.texts.errors import ShallError

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = """
organisation:
  - {id: ACME, name: 测试公司（虚构）, in_carbon_market: false}
policy:
  - {id: P1, topic: carbon, title: 碳方针, commits_compliance: true, valid_from: "2025-01-01"}
"""


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner().invoke(cli.shall, ["--lang", lang, *map(str, words)], standalone_mode=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path, evidence = tmp_path / "e.db", tmp_path / "e.yaml"
    evidence.write_text(EVIDENCE, encoding="utf-8")
    assert run("init", path).exception is None
    assert run("import", path, evidence).exception is None
    return path


def test_importing_twice_changes_nothing(store: Path) -> None:
    again = run("import", store, store.with_name("e.yaml"))
    assert "0 new, 0 changed, 2 unchanged" in again.output
    assert "ledger position 2" in again.output


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_check_tells_the_story_and_exits_1_on_findings(store: Path, lang: str) -> None:
    found = run("check", store, "--on", "2026-06-30", lang=lang)
    assert found.return_value == 1
    assert "T/CCAA 39—2022" in found.output
    assert {"zh": "不符合", "en": "nonconf."}[lang] in found.output
    assert (
        len([line for line in found.output.splitlines() if line[:2].strip().isdigit() and "·" in line]) == 7
    )
    assert run("check", store, "--on", "2026-06-30", "--fail-on", "never").return_value == 0


def test_result_recomputes_to_the_same_bytes(store: Path, tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    for _ in range(2):
        run("check", store, "--on", "2026-06-30", "--format", "json", "-o", kept)
        first = kept.read_bytes()
    assert kept.read_bytes() == first
    assert run("recompute", store, kept).return_value == 0
    changed = json.loads(first)
    changed["provisions"][0]["verdict"] = "conforming"
    kept.write_text(json.dumps(changed), encoding="utf-8")
    again = run("recompute", store, kept)
    assert again.return_value == 1
    assert "provisions" in again.output


def test_what_was_known_earlier_stays_computable(store: Path, tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    run("check", store, "--on", "2026-06-30", "--format", "json", "-o", kept)
    later = tmp_path / "later.yaml"
    later.write_text("policy:\n  - {id: P1, topic: energy, commits_compliance: false}\n", encoding="utf-8")
    run("import", store, later)
    now = run("explain", store, "5.2/b", "--on", "2026-06-30")
    then = run("explain", store, "5.2/b", "--on", "2026-06-30", "--known", "2")
    assert "Verdict: not demonstrated" in now.output
    assert "Verdict: conforming" in then.output
    assert run("recompute", store, kept).return_value == 0


def test_explain_names_records_and_what_would_help(store: Path) -> None:
    found = run("explain", store, "t_ccaa_39:5.2#1", "--on", "2026-06-30").output
    assert "Verdict: nonconforming" in found
    assert "policy P1" in found
    assert "What would make it met" in found


def test_explain_an_unknown_address_names_near_ones(store: Path) -> None:
    with pytest.raises(ShallError) as caught:
        raise run("explain", store, "5.2", "--on", "2026-06-30").exception or AssertionError
    assert "5.2/b" in caught.value.text("zh")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--on", "2025-02-30"), "cli.bad_date"),
        (("--on", "2026-06-30", "--from", "2026-07-01"), "cli.period_after_day"),
        (("--org", "other"), "cli.unknown_organisation"),
        (("-s", "nowhere"), "rules.unknown_ruleset"),
        (("--format", "html"), "cli.output_needed"),
        (("--on", "2026-06-30", "--known", "99"), "store.no_position"),
    ],
)
def test_wrong_words_are_explained(store: Path, words: tuple[str, ...], key: str) -> None:
    error = run("check", store, *words).exception
    assert isinstance(error, ShallError)
    assert error.key == key
    for lang in ("zh", "en"):
        assert len(error.text(lang)) > 10


def test_clauses_csv_lists_every_provision() -> None:
    lines = run("clauses", "t_ccaa_39", "--format", "csv").output.splitlines()
    assert lines[0] == (
        "address,kind,modality,severity,doc_info,interval,trigger,incorporates,judged,concepts,gist_zh,gist_en"
    )
    assert len(lines) == 355
    assert lines[1].startswith("4.1#1,sentence,shall,shall,")


def test_verify_ledger_is_sound_and_sees_a_cut_tail(store: Path) -> None:
    sound = run("verify-ledger", store)
    assert sound.return_value == 0
    assert run("verify-ledger", store, "--head", "3:" + "0" * 64).return_value == 3
    assert isinstance(run("verify-ledger", store, "--head", "x").exception, ShallError)


def test_template_and_export_round_trip(store: Path, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    assert run("export", store, book).exception is None
    again = run("import", store, book)
    assert again.exception is None, again.exception
    assert "0 new, 0 changed, 2 unchanged" in again.output
    assert run("template", tmp_path / "empty.xlsx").exception is None
    nothing = run("import", store, tmp_path / "nothing.xlsx").exception
    assert isinstance(nothing, ShallError)
    assert "nothing.xlsx" in nothing.text("zh")


def key_of(result: Result) -> str:
    assert isinstance(result.exception, ShallError), result.output
    for lang in ("zh", "en"):
        assert len(result.exception.text(lang)) > 10
    return result.exception.key


@pytest.mark.parametrize("command", ["template", "export"])
def test_a_file_is_replaced_only_when_asked_and_a_store_never(
    command: str, store: Path, tmp_path: Path
) -> None:
    words: tuple[object, ...] = (command, store) if command == "export" else (command,)
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"mine")
    refused = run(*words, book)
    assert key_of(refused) == "cli.target_exists"
    assert refused.exception.exit_code == 2  # type: ignore[union-attr]
    assert book.read_bytes() == b"mine"
    assert run(*words, book, "--force").exception is None
    assert book.read_bytes()[:2] == b"PK"
    before = store.read_bytes()
    for force in ((), ("--force",)):
        assert key_of(run(*words, store, *force)) == "cli.target_is_store"
    assert store.read_bytes() == before


def test_demo_leaves_a_store_it_did_not_make(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    mine = out / "evidence.db"
    for content in (store.read_bytes(), b"no store at all"):
        mine.write_bytes(content)
        refused = run("demo", "--out", out)
        assert key_of(refused) == "cli.not_a_demo"
        assert refused.exception.exit_code == 2  # type: ignore[union-attr]
        assert mine.read_bytes() == content
        assert list(out.iterdir()) == [mine]


def test_demo_leaves_its_own_store_once_somebody_wrote_to_it(tmp_path: Path) -> None:
    out, more = tmp_path / "out", tmp_path / "more.yaml"
    first = run("demo", "--out", out)
    assert first.exception is None
    told = [line for line in first.stderr.splitlines() if line.endswith(("……", "..."))]
    assert len(told) == 4 and "evidence.db" in told[1], "says what it is writing, not with the results"
    assert run("demo", "--out", out).exception is None, "what nobody touched is made anew"
    more.write_text("policy: [{id: MINE, topic: carbon}]\n", encoding="utf-8")
    with Store.open(out / "evidence.db") as opened:
        (organisation,) = opened.organisations()
    assert run("import", out / "evidence.db", more, "--org", organisation).exception is None
    before = (out / "evidence.db").read_bytes()
    assert key_of(run("demo", "--out", out)) == "cli.not_a_demo"
    assert (out / "evidence.db").read_bytes() == before


def test_records_go_to_the_organisation_their_profile_names(store: Path, tmp_path: Path) -> None:
    before = store.read_bytes()
    other = run("import", store, store.with_name("e.yaml"), "--org", "ACNE")
    assert key_of(other) == "cli.other_organisation"
    assert other.exception.fields == {"org": "ACNE", "found": "ACME"}  # type: ignore[union-attr]
    two = tmp_path / "two.yaml"
    two.write_text("organisation:\n  - {id: A, name: a}\n  - {id: B, name: b}\n", encoding="utf-8")
    for words in ((), ("--org", "A")):
        refused = run("import", store, two, *words)
        assert key_of(refused) == "cli.two_organisations"
        assert refused.exception.fields == {"names": "A, B"}  # type: ignore[union-attr]
    assert store.read_bytes() == before


def test_a_new_organisation_is_told_of(store: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("policy:\n  - {id: P9, topic: carbon, title: 另一方针}\n", encoding="utf-8")
    assert "ACNE" not in run("import", store, more).stderr
    assert "ACNE" in run("import", store, more, "--org", "ACNE").stderr
    assert "ACNE" not in run("import", store, more, "--org", "ACNE").stderr


def test_what_is_wrong_in_a_file_comes_before_whose_it_is(tmp_path: Path) -> None:
    empty, bad = tmp_path / "empty.db", tmp_path / "bad.yaml"
    run("init", empty)
    bad.write_text("policy:\n  - {id: P1, topic: nonsense}\n", encoding="utf-8")
    refused = run("import", empty, bad)
    assert key_of(refused) == "import.problems"
    assert refused.exception.exit_code == 3  # type: ignore[union-attr]
    bad.write_text("policy:\n  - {id: P1, topic: carbon, title: 方针}\n", encoding="utf-8")
    assert key_of(run("import", empty, bad)) == "cli.name_organisation"


def test_import_speaks_only_of_what_changes(store: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(EVIDENCE.replace("碳方针", "新的碳方针"), encoding="utf-8")
    lines = run("import", store, later, lang="zh").stdout.splitlines()
    assert len(lines) == 2
    assert "更改 1" in lines[0]
    assert lines[1].startswith("合计")
    assert len(run("import", store, later).stdout.splitlines()) == 1


def test_records_are_entered_under_the_login_name(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise OSError

    for n, (login, actor) in enumerate(
        [(lambda: "wang", "wang"), (nobody, "shall"), (lambda: "\n", "shall")]
    ):
        monkeypatch.setattr("getpass.getuser", login)
        more = tmp_path / "more.yaml"
        more.write_text(f"policy:\n  - {{id: N{n}, topic: carbon, title: 方针}}\n", encoding="utf-8")
        assert run("import", store, more).exception is None
        with Store.open(store) as opened:
            assert list(opened.revisions())[-1].actor == actor


def test_an_export_carries_its_attachments_into_a_new_store(tmp_path: Path) -> None:
    source, names = tmp_path / "source", ("a/方针.pdf", "b/方针.pdf", "c/book.xlsx", "=x'y.pdf")
    for n, name in enumerate(names):
        file = source / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"document %d" % n)
    rows = "".join(
        f'  - {{id: P{n}, topic: carbon, title: t, document: "{name}"}}\n' for n, name in enumerate(names)
    )
    (source / "e.yaml").write_text("organisation:\n  - {id: A, name: a}\npolicy:\n" + rows, encoding="utf-8")
    first, second, out = tmp_path / "1.db", tmp_path / "2.db", tmp_path / "out"
    (out / "attachments").mkdir(parents=True)
    (out / "attachments" / "=x'y.pdf").write_bytes(b"another's")
    run("init", first)
    assert run("import", first, source / "e.yaml").exception is None
    for force in ((), ("--force",)):
        done = run("export", first, out / "book.xlsx", *force)
        assert done.exception is None, done.exception
        assert "4 attachments" in done.output
    there = {p.name: p.read_bytes() for p in (out / "attachments").iterdir()}
    assert len(there) == 5
    assert there["=x'y.pdf"] == b"another's"
    assert {"方针.pdf", f"{sha256(b'document 1').hexdigest()[:8]}-方针.pdf"} < set(there)
    run("init", second)
    brought = run("import", second, out / "book.xlsx")
    assert brought.exception is None, brought.exception
    with Store.open(first) as one, Store.open(second) as two:
        assert two.records("policy", "A") == one.records("policy", "A")
        for n, body in enumerate(two.records("policy", "A")):
            attachment = two.attachment(str(body["document"]))
            assert attachment is not None
            assert attachment.content == b"document %d" % n


def test_every_text_exists_in_both_languages_with_the_same_fields() -> None:
    texts = catalogue()
    assert len(texts) > 200
    for key, pair in texts.items():
        assert set(pair) == {"zh", "en"}, key
        zh, en = (fields(pair[lang], lang) for lang in ("zh", "en"))
        assert zh == en or (key == "import.breaks_rule" and not zh), key  # a rule's own words are English


def test_every_text_is_used() -> None:
    """A key nobody says is a leftover; a key put together from parts counts by its fixed beginning."""
    parts = [p for name in ("engine", "evidence", "texts") for p in (ROOT / name).rglob("*.py")]
    parts += [p for p in (ROOT / "engine" / "templates").rglob("*") if p.is_file()]
    code = "\n".join(p.read_text(encoding="utf-8") for p in parts)
    beginnings = tuple(set(re.findall(r"""f?["']([a-z_]+[._][a-z_.]*)["']? ?[{~]""", code)))
    said = {f"cli.{name}" for name in (*VERDICTS, *GRADES)}

    def used(key: str) -> bool:
        short = key.partition(".")[2]
        literal = any(f"{quote}{name}{quote}" in code for name in (key, short) for quote in "\"'")
        return literal or key in said or key.startswith(beginnings) or short.startswith(beginnings)

    assert [key for key in catalogue() if not used(key)] == []


def fields(text: str, lang: str) -> set[str]:
    """The places of a text; a pair of fields `x_zh` and `x_en` counts as one."""
    return {name.removesuffix(f"_{lang}") for _, name, _, _ in Formatter().parse(text) if name}


def catalogue() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "texts").glob("*.json")):
        for key, pair in json.loads(path.read_text(encoding="utf-8")).items():
            assert key.partition(".")[0] == path.stem, key
            found[key] = pair
    return found


def test_a_report_is_never_written_over_a_store(store: Path) -> None:
    before = store.read_bytes()
    for form in ("html", "json", "csv", "xlsx", "table"):
        error = run("check", store, "--on", "2026-06-30", "--format", form, "-o", store).exception
        assert isinstance(error, ShallError)
        assert error.exit_code == 2
    assert store.read_bytes() == before


def test_recompute_refuses_a_store_whose_tables_were_altered(store: Path, tmp_path: Path) -> None:
    kept = tmp_path / "result.json"
    run("check", store, "--on", "2026-06-30", "--format", "json", "-o", kept)
    with sqlite3.connect(store) as altered:
        altered.execute("UPDATE policy SET commits_compliance = 0")
    error = run("recompute", store, kept).exception
    assert isinstance(error, ShallError)
    assert error.key == "cli.ledger_broken"
