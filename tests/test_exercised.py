"""The sample companies meet or fail every requirement of the shipped rulesets, or it is said why none can."""

from pathlib import Path

import pytest

from shall.engine import exercised, lint
from shall.engine.exercised import accepted, unexercised
from shall.engine.shelf import folder_of, shipped

every_ruleset = pytest.mark.parametrize("key", shipped())


@every_ruleset
def test_what_no_sample_exercises_is_listed_with_a_reason(key: str) -> None:
    assert set(unexercised(key)) == set(accepted(key))


def test_a_requirement_without_evidence_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = exercised._evidence()
    poorer = [exercised.Kept(k.question, k.columns, {**k.rows, "policy": []}) for k in kept]
    monkeypatch.setattr(exercised, "_evidence", lambda: poorer)
    assert unexercised("jiangsu")["6.2/a"]
    found = [p for p in lint.lint(folder_of("jiangsu")).problems if p.key == "rules.lint_unexercised"]
    assert found
    assert all(p.file.startswith("jiangsu/") and p.line > 1 for p in found)


def test_a_reason_no_longer_needed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = 'zero_carbon:\n  "4#1": {zh: 无, en: none}\n'
    (tmp_path / exercised.ACCEPTED).write_text(listed, encoding="utf-8")
    monkeypatch.setattr(exercised, "files", lambda _: tmp_path)
    assert accepted("zero_carbon") == {"4#1": 2}
    (found,) = lint.lint(folder_of("zero_carbon")).problems
    assert (found.file, found.line, found.key) == ("samples/unexercised.yaml", 2, "rules.lint_exercised")
