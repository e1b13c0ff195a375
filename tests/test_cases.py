"""Every case beside the rules gives the verdicts it expects, and every ruleset has cases."""

import shutil
from functools import cache
from importlib.resources import as_file
from pathlib import Path

import pytest
from pydantic import ValidationError

from shall.engine.cache import compiled
from shall.engine.cases import Case, Ran, read_cases, run_cases
from shall.engine.executors.python import PythonExecutor
from shall.engine.lint import lint
from shall.engine.models import Answered, When
from shall.engine.shelf import folder_of, shipped


@cache
def executor(key: str) -> PythonExecutor:
    return PythonExecutor(compiled([key]))


def cases() -> list[tuple[str, tuple[Case, str, int]]]:
    return [(key, case) for key in shipped() for case in read_cases(folder_of(key))[0]]


def test_every_ruleset_has_readable_cases() -> None:
    assert "t_ccaa_39" in shipped()
    for key in shipped():
        found, problems = read_cases(folder_of(key))
        assert not problems, [p.text("en") for p in problems]
        assert len(found) >= 20, key


@pytest.mark.parametrize(("key", "case"), cases(), ids=lambda v: v[0].name if isinstance(v, tuple) else v)
def test_case(key: str, case: tuple[Case, str, int]) -> None:
    (ran,) = run_cases(executor(key), key, [case])
    assert isinstance(ran, Ran)
    assert not ran.wrong, f"{ran.file}:{ran.line}: {ran.wrong}"


@pytest.mark.parametrize("key", shipped())
def test_a_company_without_any_record_conforms_to_nothing(key: str) -> None:
    empty = Case(name="empty", expect={"1": "noted"})
    (ran,) = run_cases(executor(key), key, [(empty, "-", 0)])
    assert set(ran.found.values()) <= {
        "not_demonstrated",
        "nonconforming",
        "opportunity",
        "noted",
        "not_applicable",
    }


def copied(key: str, into: Path) -> Path:
    """A shipped ruleset in a folder of its own, beside the vocabulary of concepts."""
    with as_file(folder_of(key)) as folder:
        return shutil.copytree(folder, into / key, ignore=shutil.ignore_patterns("__pycache__"))


def test_lint_finds_an_interval_of_each_item_that_one_without_any_event_would_pass(tmp_path: Path) -> None:
    folder = copied("t_ccaa_39", tmp_path)
    assert "rules.lint_hidden_item" not in {p.key for p in lint(folder).problems}
    chapter = folder / "ch06b.yaml"
    text = chapter.read_text("utf-8").replace("linked: monitoring_plan", "linked: calibration")
    chapter.write_text(text, "utf-8")
    assert "rules.lint_hidden_item" in {p.key for p in lint(folder).problems}


@pytest.mark.parametrize(
    "check",
    [
        {"within": "P90D", "grace": "P30D"},
        {"grace": {"defined": "carbon_review"}},
        {"within": {"defined": "carbon_review", "otherwise": "P30D"}},
        {"grace": "thirty days"},
    ],
)
def test_a_grace_is_a_period_and_stands_instead_of_a_time(check: dict[str, object]) -> None:
    asked = {
        "answered": "change",
        "date": "happened_on",
        "response": "change",
        "response_date": "happened_on",
    }
    Answered.model_validate({**asked, "grace": "P30D"})
    with pytest.raises(ValidationError):
        Answered.model_validate({**asked, **check})


def test_a_second_kind_of_record_stands_beside_a_first() -> None:
    When.model_validate({"exists": "change", "or_exists": "obligation_review", "or_where": "covers_all"})
    for wrong in ({"or_exists": "change"}, {"exists": "change", "or_where": "major"}):
        with pytest.raises(ValidationError):
            When.model_validate(wrong)
