"""Cases beside the rules: small evidence sets with the verdicts they must give. Run by lint and by the tests."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from shall.engine.evaluation import counts
from shall.engine.executors.python import PythonExecutor, Row, prepare
from shall.engine.loader import Problem, Source, validated
from shall.engine.models import Shape, Text
from shall.engine.trees import usual_start
from shall.engine.verdicts import MODES, NOBODY, VERDICTS, decide
from shall.engine.wrong import Wrong, explained, path_in
from shall.engine.yaml_lines import YamlProblem, load
from shall.evidence.schema import models

CASES = "cases"


def _iso(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Wrong("wrong.date") from None
    return value


Iso = Annotated[str, AfterValidator(_iso)]


class Case(Shape):
    """A case: its records by kind and the verdicts expected, by address."""

    name: Text
    on: Iso = "2026-06-30"
    since: Iso | None = Field(default=None, alias="from")
    mode: str = "audit"
    records: Mapping[str, tuple[Mapping[str, Any], ...]] = Field(default_factory=dict)
    expect: Mapping[str, str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Ran:
    """A case after its run: the verdict found for each address, and where the case stands."""

    case: Case
    file: str
    line: int
    found: Mapping[str, str]

    @property
    def wrong(self) -> dict[str, tuple[str, str]]:
        """Address to (expected, found), where they differ."""
        return {a: (v, self.found.get(a, "-")) for a, v in self.case.expect.items() if self.found.get(a) != v}


def read_cases(folder: Traversable) -> tuple[list[tuple[Case, str, int]], list[Problem]]:
    """The cases of a ruleset with file and line, and what is wrong with those that cannot be read."""
    cases: list[tuple[Case, str, int]] = []
    problems: list[Problem] = []
    place = folder.joinpath(CASES)
    entries = sorted(place.iterdir(), key=lambda e: e.name) if place.is_dir() else []
    for entry in entries:
        if not entry.name.endswith(".yaml"):
            continue
        name = f"{folder.name}/{CASES}/{entry.name}"
        try:
            source = Source(name, *load(entry.read_text(encoding="utf-8")))
        except YamlProblem as error:
            problems.append(Problem(name, error.line, error.key, error.fields))
            continue
        for index, raw in enumerate(source.value or ()):
            found: list[Problem] = []
            case = validated(Case, Source(name, raw, source.node), (index,), found)
            if case is not None:
                found += _problems(case, source, index)
            if case is not None and not found:
                cases.append((case, name, source.line(index)))
            problems += found
    return cases, problems


def _problems(case: Case, source: Source, index: int) -> Iterator[Problem]:
    """Modes, verdicts and kinds that there are not, and what the kinds refuse, each with its line."""

    def problem(key: str, fields: Mapping[str, object], *path: str | int) -> Problem:
        return Problem(source.name, source.line(index, *path), key, fields)

    if case.mode not in MODES:
        wrong = {"at": "mode", "value": case.mode, "allowed": ", ".join(MODES)}
        yield problem("rules.not_allowed", wrong, "mode")
    for address, verdict in case.expect.items():
        if verdict not in VERDICTS:
            wrong = {"at": address, "value": verdict, "allowed": ", ".join(VERDICTS)}
            yield problem("rules.not_allowed", wrong, "expect", address)
    for kind, records in case.records.items():
        if kind not in models():
            near = ", ".join(difflib.get_close_matches(kind, models())) or "-"
            wrong = {"address": case.name, "kind": kind, "near": near}
            yield problem("rules.unknown_kind", wrong, "records", kind)
            continue
        for n, record in enumerate(records):
            try:
                models()[kind].model_validate(record)
            except ValidationError as error:
                for found in error.errors(include_url=False):
                    path = path_in(record, found)
                    yield problem(*explained(found, path), "records", kind, n, *path)


def run_cases(executor: PythonExecutor, ruleset: str, cases: list[tuple[Case, str, int]]) -> Iterator[Ran]:
    """Run each case against the plan."""
    for case, file, line in cases:
        on = date.fromisoformat(case.on)
        since = date.fromisoformat(case.since) if case.since else usual_start(on)
        answers = executor.run(rows_of(executor, case.records, case.on), on, since)
        decided = decide(executor.plan, answers, {ruleset: NOBODY}, case.mode)  # type: ignore[arg-type]
        found = {d.provision.address: d.verdict for d in decided if d.provision.ruleset == ruleset}
        yield Ran(case, file, line, found)


def rows_of(
    executor: PythonExecutor, records: Mapping[str, tuple[Mapping[str, Any], ...]], on: str
) -> dict[str, list[Row]]:
    """Records as an executor reads them from a store: those that are evidence on the day, in order of id."""
    rows: dict[str, list[Row]] = {}
    for kind, columns in executor.plan.columns.items():
        found = [models()[kind].model_validate(r).model_dump(mode="json") for r in records.get(kind, ())]
        wide = [
            tuple(map(_raw, (r[c] for c in (*columns, "status", "valid_from", "valid_until")))) for r in found
        ]
        valid = [row for row in wide if counts(row, on)]
        if valid:
            rows[kind] = sorted(prepare(kind, valid, executor.plan), key=lambda row: str(row[0]))
    return rows


def _raw(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
