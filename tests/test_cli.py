"""The commands as a user types them: output, exit codes, errors in the user's language."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner, Result

from shall.engine import cli
from shall.engine.grading import GRADES
from shall.engine.verdicts import VERDICTS
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
