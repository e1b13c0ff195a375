"""The documentation says what the code does: generated pages are fresh, the README's commands run."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shall.engine import __version__
from shall.engine.cache import compiled
from shall.engine.lint import concepts
from shall.engine.reference import checks_page, concepts_page, factors_page, kinds_page, ruleset_page
from shall.engine.shelf import shipped

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")


PAGES: dict[str, Callable[[], str]] = {
    "kinds": kinds_page,
    "checks": checks_page,
    "concepts": lambda: concepts_page(compiled(shipped()), concepts()),
    "factors": factors_page,
}


@pytest.mark.parametrize("name", [*PAGES, *shipped()])
def test_reference_pages_are_fresh(name: str) -> None:
    made = PAGES.get(name, lambda: ruleset_page(compiled([name]), name))()
    kept = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert kept == made, f"run: shall reference {name} -o docs/{name}.md"


def test_changelog_and_distribution_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert newest is not None
    assert newest[1] == project["version"] == __version__


def tour(readme: str) -> list[str]:
    """The `shall` commands of the tour: lines of the code blocks that follow the mark."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- tour -->\n```sh\n(.*?)```", text, re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("shall ")]


@pytest.mark.parametrize("readme", READMES)
def test_the_tour_runs_as_printed(readme: str, tmp_path: Path) -> None:
    commands = tour(readme)
    assert len(commands) >= 6
    program = Path(sys.executable).with_name("shall")
    for command in commands:
        words = shlex.split(re.sub(r"\s#\s.*", "", command))
        done = subprocess.run(
            [program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        allowed = {0, 1} if words[1] in ("check", "score") else {0}
        assert done.returncode in allowed, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = map(tour, READMES)
    assert [c.split(" # ")[0].strip() for c in english] == [c.split(" # ")[0].strip() for c in chinese]


IN_BOTH_LANGUAGES = {*PAGES, *shipped(), "crosswalk", "glossary"}
"""Generated pages, and the glossary: each tells both languages on one page and needs no counterpart."""
GUIDES = sorted(p.stem for p in (ROOT / "docs").glob("*.md") if p.stem not in IN_BOTH_LANGUAGES)
LISTED = re.compile(r"^## \S+（[a-z-]+）的字段$", re.M)
"""Where the generated part of docs/documents.md begins."""
COMMENT = re.compile(r"(^|\s+)# (?!\d+$).*")
"""A comment; `# 1` is no comment, it is the exit code that a test asks for."""
DRAWN = re.compile("[─Σ]")
"""Diagrams and formulas: their words are translated, as are those of what a command said (`text`)."""


@dataclass
class Block:
    """A piece of code on a page: the file it is, its language, its lines."""

    file: str
    language: str
    lines: list[str] = field(default_factory=list)

    def told(self) -> tuple[str, str, list[str]]:
        """What must be the same in both languages: files to the byte, commands and data but for their comments."""
        if self.file:
            return self.file, self.language, self.lines
        if self.language == "text" or any(map(DRAWN.search, self.lines)):
            return "", self.language, [""] * len(self.lines)
        return "", self.language, [COMMENT.sub("", line).rstrip() for line in self.lines]


@dataclass
class Guide:
    """A hand-written page: its code, and the levels of its headings in order."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)


def guide(path: Path) -> Guide:
    page = Guide(LISTED.split(path.read_text(encoding="utf-8"))[0])
    fence, before, file = "", "", ""
    for line in page.text.splitlines():
        if fence:
            if line.strip() == fence:
                fence = ""
            else:
                page.blocks[-1].lines.append(line)
        elif opened := re.match(r" *(```+)(\w*)$", line):
            fence = opened[1]
            page.blocks.append(Block(file, opened[2]))
        elif line.startswith("    ") and (not before or before.startswith("    ")):
            if not before:
                page.blocks.append(Block("", "indented"))
            page.blocks[-1].lines.append(line)
        elif heading := re.match(r"(#+) ", line):
            page.headings.append(len(heading[1]))
        named = re.match(r"<!-- file: (\S+) -->$", line)
        file, before = named[1] if named else "", line
    assert not fence, f"{path}: a block is not closed"
    return page


def test_every_guide_is_there_in_both_languages() -> None:
    assert sorted(p.stem for p in (ROOT / "docs" / "zh").glob("*.md")) == GUIDES


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_shows_the_same_in_both_languages(name: str) -> None:
    english, chinese = (guide(ROOT / "docs" / folder / f"{name}.md") for folder in ("", "zh"))
    assert [b.told() for b in chinese.blocks] == [b.told() for b in english.blocks]
    assert chinese.headings == english.headings
    assert f"[中文](zh/{name}.md)" in english.text
    assert f"[English](../{name}.md)" in chinese.text


OWN = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```", re.S)


def test_adding_a_standard_of_ones_own_works_as_printed(tmp_path: Path) -> None:
    """The worked example is followed step by step: files written as printed, commands run as printed."""
    page = (ROOT / "docs" / "your_own_standard.md").read_text(encoding="utf-8")
    program = Path(sys.executable).with_name("shall")
    ran = []
    for name, language, body in OWN.findall(page):
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body, encoding="utf-8")
        elif language == "sh":
            for command in body.splitlines():
                words = shlex.split(command)
                done = subprocess.run(
                    [program, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
                )
                assert done.returncode in ({0, 1} if words[1] == "check" else {0}), (
                    command + done.stdout + done.stderr
                )
                ran.append((words[1], done.stdout))
    assert [command for command, _ in ran] == [
        "draft", "lint", "verify-source", "demo", "check", "check", "explain",
    ]  # fmt: skip
    assert "9" in ran[2][1]
    assert "t_ccaa_39:9.2" in ran[-1][1]
