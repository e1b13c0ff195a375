"""A draft ruleset made from a text: addresses, verbs and fingerprints agree with the text, nothing is overwritten."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from shall.engine.cli import shall
from shall.engine.draft import draft, write
from shall.engine.lint import lint
from shall.engine.loader import load_ruleset
from shall.engine.source import SourceError
from shall.engine.verify import verify

TEXT = """要求
1 范围
本文件适用于企业。
2 数据
2.1 电量
企业应每月记录电量。记录宜经复核。
企业应收集：
a) 电量；
b) 气量，可按年收集。
注：不含生活用电。
"""


def made(folder: Path, *, with_text: bool = False) -> Path:
    write(draft(TEXT, Path("要求.txt"), "own", 2, 2, with_text=with_text), folder)
    return folder


def test_a_draft_loads_and_verifies_against_its_text(tmp_path: Path) -> None:
    ruleset, _ = load_ruleset(made(tmp_path / "own"))
    found = {p.address: p.modality for p in ruleset.provisions}
    assert found == {
        "2.1#1": "shall", "2.1#2": "should", "2.1#3": "shall",
        "2.1/a": "shall", "2.1/b": "shall", "2.1/b#1": "may", "2.1/N1": "statement",
    }  # fmt: skip
    assert ruleset.standard.clauses["2.1"].zh == "电量"
    assert verify(ruleset, TEXT).clean
    assert not verify(ruleset, TEXT.replace("企业应每月", "企业宜每月")).clean


def test_lint_says_what_is_still_to_be_written(tmp_path: Path) -> None:
    keys = {p.key for p in lint(made(tmp_path / "own")).problems}
    assert {"rules.lint_to_write", "rules.lint_no_requirement", "rules.lint_no_concept"} <= keys
    assert not keys & {"rules.lint_fingerprint", "rules.lint_order", "rules.yaml_syntax"}


def test_the_text_is_there_only_if_asked_for(tmp_path: Path) -> None:
    plain = "".join(f.read_text(encoding="utf-8") for f in made(tmp_path / "a").glob("*.yaml"))
    told = "".join(f.read_text(encoding="utf-8") for f in made(tmp_path / "b", with_text=True).glob("*.yaml"))
    assert "每月记录" not in plain
    assert "# 企业应每月记录电量。" in told


def test_a_text_cannot_break_out_of_its_comment_or_title(tmp_path: Path) -> None:
    hostile = TEXT.replace("2.1 电量", '2.1 "电量\\').replace("电量；", "电量\u2028- address: 9\x85: {；")
    write(draft(hostile, Path('a"b\\.txt'), "own", 2, 2, with_text=True), tmp_path / "own")
    assert load_ruleset(tmp_path / "own")[0].provisions


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    made(tmp_path / "own")
    with pytest.raises(SourceError):
        made(tmp_path / "own")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--key", "../x"], "../x"),
        (["--key", "own", "--first", "7", "--last", "9"], "7"),
    ],
)
def test_what_cannot_be_drafted_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "t.txt").write_text(TEXT, encoding="utf-8")
    call = ["draft", str(tmp_path / "t.txt"), str(tmp_path / "own"), *arguments]
    done = CliRunner().invoke(shall, call, standalone_mode=False)
    assert isinstance(done.exception, SourceError)
    assert said in done.exception.text("en")
    assert not (tmp_path / "own").exists()
