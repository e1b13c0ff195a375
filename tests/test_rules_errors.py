"""A ruleset with every kind of mistake is refused with messages, all at once, and can reach nothing outside itself."""

from pathlib import Path

import pytest

from shall.engine.cache import compiled
from shall.engine.lint import lint
from shall.engine.loader import RulesetProblems
from shall.texts.errors import RulesetError

HEAD = """
key: mine
number: X 1
title: {zh: 我的, en: mine}
edition: "1"
status: draft
nature: requirements
chapters: [ch.yaml]
"""
GOOD = """
- address: "5.2/b"
  modality: shall
  concepts: [leadership.policy]
  gist: {zh: 概括, en: gist}
  requires:
    - some: policy
      that: commits_compliance
      expects: {zh: 有, en: there is}
"""


def folder(tmp_path: Path, chapter: str, head: str = HEAD) -> Path:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "ruleset.yaml").write_text(head, encoding="utf-8")
    (place / "ch.yaml").write_text(chapter, encoding="utf-8")
    return place


def test_a_good_ruleset_of_ones_own_compiles(tmp_path: Path) -> None:
    assert len(compiled([str(folder(tmp_path, GOOD))]).provisions) == 1


MISTAKES = {
    "rules.unknown_key": GOOD.replace("concepts:", "concept:"),
    "rules.missing_key": GOOD.replace("  gist: {zh: 概括, en: gist}\n", ""),
    "rules.not_allowed": GOOD.replace("modality: shall", "modality: must"),
    "rules.bad_value": GOOD.replace('"5.2/b"', "5.2"),
    "rules.duplicate_address": GOOD + GOOD,
    "rules.yaml_duplicate": GOOD.replace("  modality: shall", "  modality: shall\n  modality: should"),
    "rules.yaml_alias": GOOD.replace("[leadership.policy]", "&a [leadership.policy]") + "- *a\n",
    "rules.yaml_syntax": GOOD + "- [",
    "rules.not_a_list": "address: 1",
    "rules.unknown_kind": GOOD.replace("some: policy", "some: polcy"),
    "rules.predicate_column": GOOD.replace("commits_compliance", "commits_complianc"),
    "rules.predicate_syntax": GOOD.replace("commits_compliance", "commits_compliance and"),
    "rules.predicate_node": GOOD.replace("commits_compliance", "lower(title) = 'x'"),
    "rules.predicate_choice": GOOD.replace("commits_compliance", "topic = 'carbn'"),
    "rules.predicate_types": GOOD.replace("commits_compliance", "issued_on = title"),
    "rules.predicate_date": GOOD.replace("commits_compliance", "issued_on > '2026/1/1'"),
    "rules.predicate_not_flag": GOOD.replace("commits_compliance", "title"),
    "rules.predicate_parameter": GOOD.replace("commits_compliance", "issued_on > :today"),
    "rules.predicate_function": GOOD.replace("commits_compliance", "issued_on > load_file(:on, 1)"),
    "rules.lint_no_requirement": GOOD.split("  requires", maxsplit=1)[0],
    "rules.lint_no_reading": GOOD.replace("modality: shall", "modality: shall\n  severity: should"),
}


@pytest.mark.parametrize("key", MISTAKES)
def test_each_mistake_is_named_with_file_and_line(key: str, tmp_path: Path) -> None:
    place = folder(tmp_path, MISTAKES[key])
    with pytest.raises(RulesetProblems) as caught:
        compiled([str(place)])
    found = [p for p in caught.value.problems if p.key == key]
    assert found, [p.text("en") for p in caught.value.problems]
    assert found[0].file == "mine/ch.yaml"
    assert found[0].line >= 1
    for lang in ("zh", "en"):
        assert "ch.yaml" in caught.value.text(lang)


def test_lint_reports_mistakes_of_every_phase_at_once(tmp_path: Path) -> None:
    unreadable = GOOD.replace('"5.2/b"', '"5.2/c"').replace("concepts:", "concept:")
    unknown = GOOD.replace('"5.2/b"', '"5.2/d"').replace("policy\n", "polcy\n")
    toothless = GOOD.replace('"5.2/b"', '"5.2/e"').split("  requires", maxsplit=1)[0]
    tagless = GOOD.replace('"5.2/b"', '"5.2/f"').replace("  concepts: [leadership.policy]\n", "")
    keys = {p.key for p in lint(folder(tmp_path, unreadable + unknown + toothless + tagless)).problems}
    assert {
        "rules.unknown_key",
        "rules.unknown_kind",
        "rules.lint_no_requirement",
        "rules.lint_no_concept",
    } <= keys


IMPOSSIBLE = (
    "topic = 'carbon' and topic = 'energy'",
    "topic = 'carbon' and topic not in ('carbon', 'energy')",
    "commits_compliance and not commits_compliance",
    "issued_on > :on and issued_on < :from",
    "issued_on > '2026-03-01' and issued_on < '2026-03-02' and issued_on is not null",
    "issued_on is null and issued_on <= :on",
    "issued_on >= months_after(:on, 1) and issued_on <= :on",
    "title is null and title = 'x'",
    "issued_on > reviewed_on and reviewed_on > issued_on",
)
POSSIBLE = (
    "topic = 'carbon' or topic = 'energy'",
    "topic <> 'carbon'",
    "not commits_compliance",
    "issued_on >= :from and issued_on <= :on",
    "issued_on > '2026-03-01' and issued_on < '2026-03-03'",
    "title <> 'x' and title <> 'y'",
    "issued_on > reviewed_on",
    "issued_on is null or issued_on > :on",
)


@pytest.mark.parametrize("predicate", IMPOSSIBLE)
def test_lint_names_a_predicate_that_can_never_be_true(predicate: str, tmp_path: Path) -> None:
    found = lint(folder(tmp_path, GOOD.replace("that: commits_compliance", f'that: "{predicate}"'))).problems
    (said,) = [p for p in found if p.key == "rules.lint_never_true"]
    assert said.line == GOOD.strip().splitlines().index("    - some: policy") + 2


@pytest.mark.parametrize("predicate", POSSIBLE)
def test_lint_leaves_a_predicate_alone_that_can_be_true(predicate: str, tmp_path: Path) -> None:
    found = lint(folder(tmp_path, GOOD.replace("that: commits_compliance", f'that: "{predicate}"'))).problems
    assert "rules.lint_never_true" not in {p.key for p in found}


def test_lint_takes_the_population_into_account(tmp_path: Path) -> None:
    chapter = GOOD.replace(
        "that: commits_compliance", "where: topic = 'carbon'\n      that: topic = 'energy'"
    )
    assert "rules.lint_never_true" in {p.key for p in lint(folder(tmp_path, chapter)).problems}


@pytest.mark.parametrize("name", ["../ch.yaml", "/etc/hostname", "link.yaml"])
def test_a_ruleset_reads_no_file_outside_its_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "ch.yaml").write_text(GOOD, encoding="utf-8")
    place = folder(tmp_path, GOOD, HEAD.replace("ch.yaml", name))
    (place / "link.yaml").symlink_to(tmp_path / "ch.yaml")
    with pytest.raises(RulesetProblems) as caught:
        compiled([str(place)])
    assert caught.value.problems[0].key == "rules.file_outside"


def test_two_rulesets_with_one_key_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD, HEAD.replace("key: mine", "key: t_ccaa_39"))
    with pytest.raises(RulesetError, match="same key"):
        compiled(["t_ccaa_39", str(place)])
