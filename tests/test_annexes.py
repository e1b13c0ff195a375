"""The annexes are whole, tied to kinds and columns that exist, and say how far a store fills them."""

from datetime import date
from pathlib import Path

import pytest

from shall.engine.annexes import annex_problems, counter, elements, filled
from shall.engine.cases import rows_of
from shall.engine.loader import load_ruleset
from shall.engine.shelf import folder_of
from shall.engine.trees import usual_start
from shall.evidence.schema import schema

DAY = date(2026, 6, 30)
HEAD = """
key: mine
number: X 1
title: {zh: 我的, en: mine}
edition: "1"
status: draft
nature: requirements
chapters: [ch.yaml]
annexes: annexes.yaml
"""
CHAPTER = """
- address: "5.2/b"
  modality: statement
  gist: {zh: 概括, en: gist}
"""
GOOD = """
- id: "A.1"
  kind: table
  title: {zh: 表, en: table}
  informs: ["5.2"]
  fields:
    - name: {zh: 标题, en: title}
      filled_by: {kind: policy, columns: [title, topic]}
  rows:
    - {zh: 碳, en: carbon, where: topic = 'carbon'}
    - {zh: 其他, en: others}
"""


def folder(tmp_path: Path, annexes: str) -> Path:
    for name, text in (("ruleset.yaml", HEAD), ("ch.yaml", CHAPTER), ("annexes.yaml", annexes)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_annexes_a_and_b_are_whole() -> None:
    place = folder_of("t_ccaa_39")
    found = elements(place, load_ruleset(place)[0])
    assert [e.id for e in found if e.kind == "table"] == ["A.1.1", "A.2.1", "A.2.2", "A.3", "A.4"]
    assert {e.id[:3] for e in found if e.kind == "section"} == {"B.1", "B.2", "B.3", "B.4"}
    assert len(found) == 50


def test_records_are_counted_by_field_and_by_row(tmp_path: Path) -> None:
    place = folder(tmp_path, GOOD)
    chosen = elements(place, load_ruleset(place)[0])
    executor = counter(chosen, schema())
    policies = (
        {"id": "1", "topic": "carbon"},
        {"id": "2", "topic": "energy"},
        {"id": "3", "status": "draft"},
    )
    answers = executor.run(rows_of(executor, {"policy": policies}, DAY.isoformat()), DAY, usual_start(DAY))
    (one,) = filled(chosen, schema(), [answers.number(i) or 0 for i in range(2)])
    assert one.fields == [2]
    assert one.rows == [1, None]


@pytest.mark.parametrize(
    ("annexes", "key"),
    [
        (GOOD.replace("kind: policy", "kind: polcy"), "rules.unknown_kind"),
        (GOOD.replace("[title, topic]", "[titel]"), "rules.predicate_column"),
        (GOOD.replace("'carbon'", "'carbn'"), "rules.predicate_choice"),
        (GOOD.replace('["5.2"]', '["9.9"]'), "rules.lint_reference"),
        (GOOD + GOOD, "rules.annex_twice"),
        (GOOD.replace("  title:", "  titel:"), "rules.unknown_key"),
    ],
)
def test_mistakes_in_annexes_are_told(annexes: str, key: str, tmp_path: Path) -> None:
    place = folder(tmp_path, annexes)
    found = list(annex_problems(place, load_ruleset(place)[0], schema()))
    assert key in {p.key for p in found}
    assert all(p.file.endswith("/annexes.yaml") for p in found)
