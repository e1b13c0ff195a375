"""Every case beside the rules gives the verdicts it expects, and every ruleset has cases."""

from functools import cache

import pytest

from shall.engine.cache import compiled
from shall.engine.cases import Case, Ran, read_cases, run_cases
from shall.engine.executors.python import PythonExecutor
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
