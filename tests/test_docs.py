"""The documentation says what the code does: generated pages are fresh, the README's commands run."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
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
