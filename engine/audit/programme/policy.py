"""The rules a programme is made by: read from a file, every mistake told with its line."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shall.engine.grading_file import FileProblems, read_source
from shall.engine.lint import concepts
from shall.engine.loader import Problem, validated
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong
from shall.evidence.schema import schema

Points = Annotated[int, Field(ge=0, le=100)]
Minutes = Annotated[int, Field(ge=0, le=480)]
Months = Annotated[int, Field(ge=1, le=60)]
Name = Literal["high", "medium", "low"]
Factor = Literal["emissions", "data_quality", "changes", "findings", "time"]
Focus = Literal[
    "compliance_evaluation",
    "data_plan",
    "targets",
    "action_plans",
    "competence",
    "operation_control",
    "levels",
]
FACTORS: tuple[Factor, ...] = ("emissions", "data_quality", "changes", "findings", "time")
ORDER: tuple[Name, ...] = ("low", "medium", "high")


class Weight(Shape):
    """What a factor weighs, and why."""

    weight: Points
    why: Both


class Level(Shape):
    """From a score on: the longest gap between two audits."""

    name: Name
    score_from: Points
    every_months: Months
    why: Both


class AtLeast(Shape):
    """A fact that gives at least this level, whatever the score."""

    when: Literal["emissions_percent", "open_major", "open_minor"]
    value: Points | None = None
    level: Name
    why: Both

    @model_validator(mode="after")
    def _value(self) -> "AtLeast":
        if (self.when == "emissions_percent") != (self.value is not None):
            raise Wrong("wrong.percent_value")
        return self


class FindingPoints(Shape):
    """Points by what was found before."""

    open_major: Points
    open_minor: Points
    closed: Points
    opportunity: Points
    elsewhere_in_unit: Points


class ChangePoints(Shape):
    """Points of a change: major or touching sources, boundary, performance, baseline; or any other."""

    significant: Points
    other: Points


class Scales(Shape):
    """How facts become points."""

    emissions_full_at_percent: Annotated[int, Field(ge=1, le=100)]
    findings: FindingPoints
    changes: ChangePoints
    changes_within_months: Months
    data_within_months: Months
    never_audited: Points
    full_after_months: Months
    unknown: Points


class Time(Shape):
    """Audit time."""

    shall_minutes: Minutes
    should_minutes: Minutes
    repeat_minutes: Minutes
    visit_minutes: Minutes
    remote_percent: Annotated[int, Field(ge=50, le=150)]
    prepare_and_report_percent: Annotated[int, Field(ge=0, le=200)]
    minutes_per_day: Annotated[int, Field(ge=60, le=480)]
    days_per_auditor_and_year: Annotated[int, Field(ge=0, le=366)] | None = None
    why: Both


class Methods(Shape):
    """What has to be seen on site; the highest level that may be audited from afar."""

    on_site: tuple[Text, ...]
    remote_up_to: Name | None
    why: Both


class Own(Shape):
    """A unit's own entries in the table: concepts, or clauses as `ruleset:clause`."""

    add: tuple[Text, ...] = ()
    remove: tuple[Text, ...] = ()


class Responsibilities(Shape):
    """Which clauses concern which unit, beside what its records tell."""

    everyone: tuple[Text, ...] = ()
    functions: Mapping[str, tuple[Text, ...]]
    units: Mapping[str, Own] = Field(default_factory=dict)
    nobody: tuple[Text, ...] = Field(min_length=1)
    kinds_that_do_not_tell: tuple[Text, ...] = ()
    records_do_not_tell_for: tuple[Text, ...] = ()


class Processes(Shape):
    """Which clauses a process is audited by: by its stage, or by its id."""

    stages: Mapping[str, tuple[Text, ...]]
    own: Mapping[str, tuple[Text, ...]] = Field(default_factory=dict)


class PolicyFile(Shape):
    """The rules as their file writes them."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    edition: Text
    title: Both
    source: Both
    weights: Mapping[Factor, Weight]
    levels: tuple[Level, ...]
    at_least: tuple[AtLeast, ...] = ()
    scales: Scales
    rounds_per_year: Annotated[int, Field(ge=1, le=12)]
    focus_every_months: Months
    focus: Mapping[Focus, tuple[Text, ...]]
    time: Time
    methods: Methods
    responsibilities: Responsibilities
    processes: Processes

    @model_validator(mode="after")
    def _whole(self) -> "PolicyFile":
        if set(self.weights) != set(FACTORS) or not sum(w.weight for w in self.weights.values()):
            raise Wrong("wrong.factor_weights", allowed=", ".join(FACTORS))
        names = tuple(level.name for level in self.levels)
        starts = [level.score_from for level in self.levels]
        gaps = [level.every_months for level in self.levels]
        if names != tuple(reversed(ORDER)) or starts[-1] or sorted(set(starts), reverse=True) != starts:
            raise Wrong("wrong.levels_order")
        if sorted(gaps) != gaps:
            raise Wrong("wrong.levels_months")
        if 12 % self.rounds_per_year:
            raise Wrong("wrong.rounds")
        return self


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules and the digest of their file."""

    file: PolicyFile
    digest: str

    def level(self, name: Name) -> Level:
        """The level of that name."""
        return next(level for level in self.file.levels if level.name == name)

    def by_score(self, score: int) -> Level:
        """The level a score gives."""
        return next(level for level in self.file.levels if score >= level.score_from)

    def head(self) -> dict[str, str]:
        """What a programme says of its rules."""
        return {"key": self.file.key, "edition": self.file.edition, "digest": self.digest}


def read_policy(path: Path | None = None) -> Policy:
    """The rules of a file, or the shipped ones; raises FileProblems with everything that is wrong."""
    if path is None:
        with as_file(files("shall.rulesets").joinpath("programme", "default.yaml")) as shipped:
            return read_policy(shipped)
    text, source = read_source(path)
    problems: list[Problem] = []
    found = validated(PolicyFile, source, (), problems)
    if found is not None:
        for at, name, fields in _unknown(found):
            problems.append(Problem(source.name, source.line(*at), name, fields))
    if problems or found is None:
        raise FileProblems(problems)
    return Policy(found, hashlib.sha256(text.encode()).hexdigest())


def _unknown(found: PolicyFile) -> Iterator[tuple[tuple[str | int, ...], str, dict[str, object]]]:
    """Concepts, functions, stages and kinds that there are not: entries that would never do anything."""
    known = [str(one) for one in concepts()]

    def lists() -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
        duties, processes = found.responsibilities, found.processes
        yield ("methods", "on_site"), found.methods.on_site
        yield ("responsibilities", "everyone"), duties.everyone
        yield ("responsibilities", "records_do_not_tell_for"), duties.records_do_not_tell_for
        yield from ((("focus", name), listed) for name, listed in found.focus.items())
        for name, listed in duties.functions.items():
            yield ("responsibilities", "functions", name), listed
        for name, own in duties.units.items():
            yield ("responsibilities", "units", name, "add"), own.add
            yield ("responsibilities", "units", name, "remove"), own.remove
        for name, listed in processes.stages.items():
            yield ("processes", "stages", name), listed
        for name, listed in processes.own.items():
            yield ("processes", "own", name), listed

    for at, listed in lists():
        for n, one in enumerate(listed):
            if ":" not in one and not any(k == one or k.startswith(one + ".") for k in known):
                yield (*at, n), "programme.no_concept", {"concept": one}
    duties = found.responsibilities
    allowed = {"functions": _choices("unit", "function_area"), "stages": _choices("process", "stage")}
    for name in duties.functions:
        if name not in allowed["functions"]:
            fields: dict[str, object] = {"value": name, "allowed": ", ".join(allowed["functions"])}
            yield ("responsibilities", "functions", name), "programme.no_value", fields
    for n, name in enumerate(duties.nobody):
        if name not in allowed["functions"]:
            fields = {"value": name, "allowed": ", ".join(allowed["functions"])}
            yield ("responsibilities", "nobody", n), "programme.no_value", fields
    for name in found.processes.stages:
        if name not in allowed["stages"]:
            fields = {"value": name, "allowed": ", ".join(allowed["stages"])}
            yield ("processes", "stages", name), "programme.no_value", fields
    for n, kind in enumerate(duties.kinds_that_do_not_tell):
        if kind not in schema():
            yield ("responsibilities", "kinds_that_do_not_tell", n), "audit.no_kind", {"kind": kind}


def _choices(kind: str, name: str) -> list[str]:
    column = schema()[kind].column(name)
    assert column is not None
    return list(column.choices or ())
