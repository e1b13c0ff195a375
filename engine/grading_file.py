"""Grading policies of a user's own: read, checked against the kinds, every mistake told with its line."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shall.engine.grading import GRADING, Policy, policy_of
from shall.engine.loader import Problem, RulesetProblems, Source, validated
from shall.engine.models import Both, Concept, Shape, Text
from shall.engine.wrong import Wrong
from shall.engine.yaml_lines import YamlProblem, load
from shall.evidence.schema import schema
from shall.texts.errors import RulesetError

Positive = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=1, le=2000)]
Closes = Literal["raised", "accepted", "implementation_verified", "effectiveness_verified"]


class FileProblems(RulesetProblems):
    """A policy or calendar that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.key = "audit.file_problems"


class Gaps(Shape):
    """So many gaps: in the clause, provisions that are one finding counted once; or requirements of the provision."""

    on: Literal["clause", "provision"]
    at_least: Positive


class Repeat(Shape):
    """An earlier finding on the same criterion or clause, found before the audit period or before the day.

    `open` is one whose day for the answer, the action or the close has passed.
    """

    same: Literal["criterion", "clause"]
    states: tuple[Literal["closed", "open"], ...] = Field(min_length=1)
    found_before: Literal["period", "day"]


class Spread(Shape):
    """The records that offend belong to so many units or sites."""

    over: Literal["units", "sites"]
    same: Literal["provision", "concept"]
    at_least: Positive


class Cited(Shape):
    """It rests on a record of this kind, with one of these values in the column.

    With `put_right`, a date column, only as long as that day has not come (or the flag `works` is not true), or where
    one of `dates` is in the audit period.
    """

    kind: Text
    column: Text | None = None
    values: tuple[Text, ...] = ()
    put_right: Text | None = None
    works: Text | None = None
    dates: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _together(self) -> "Cited":
        if (self.column is None) != (not self.values):
            raise Wrong("wrong.column_values")
        if (self.dates or self.works) and self.put_right is None:
            raise Wrong("wrong.put_right")
        return self


class Purpose(Shape):
    """The criterion is one of these provisions (`ruleset:address`, or what lies in it) or about these concepts."""

    provisions: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*:\S+$")], ...] = ()
    concepts: tuple[Concept, ...] = ()
    nothing_found: bool = False


class When(Shape):
    """The conditions of a rule; all of them must hold."""

    clause_absent: Positive | None = None
    gaps: Gaps | None = None
    repeat: Repeat | None = None
    spread: Spread | None = None
    cites: tuple[Cited, ...] | None = Field(default=None, min_length=1)
    purpose: Purpose | None = None
    contradicted: bool | None = None

    @model_validator(mode="after")
    def _some(self) -> "When":
        if not self.model_fields_set:
            raise Wrong("wrong.when_empty")
        return self


class Rule(Shape):
    """A rule: what it is called, the grade it gives, what a report says, when it holds."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    grade: Literal["major", "minor"]
    says: Both
    when: When | None = None


class Deadlines(Shape):
    """Working days: to the answer and to the close from the day found, to the review from the answer."""

    answer: Days
    review: Days
    close: Days


class PerGrade(Shape):
    """Deadlines of each grade."""

    major: Deadlines
    minor: Deadlines
    opportunity: Deadlines


class Closing(Shape):
    """The state from which a finding of each grade may be closed."""

    major: Literal["effectiveness_verified"]
    minor: Closes
    opportunity: Closes


class PolicyFile(Shape):
    """A grading policy as its file writes it."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    edition: Text
    title: Both
    source: Both
    rules: tuple[Rule, ...] = Field(min_length=1)
    deadlines: PerGrade
    closing: Closing

    @model_validator(mode="after")
    def _last_rule_always_holds(self) -> "PolicyFile":
        *before, last = self.rules
        if last.when is not None or any(rule.when is None for rule in before):
            raise Wrong("wrong.last_rule")
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise Wrong("wrong.rules_twice")
        return self


def read_policy(path: Path) -> Policy:
    """The policy of a file; raises FileProblems with everything that is wrong in it."""
    text, source = read_source(path)
    problems: list[Problem] = []
    shape = validated(PolicyFile, source, (), problems)
    if shape is not None:
        problems += _unknown_columns(shape, source)
    if problems:
        raise FileProblems(problems)
    return policy_of(source.value, text)


def shipped_policies() -> list[str]:
    """Keys of the policies that come with the project."""
    return sorted(f.name.removesuffix(".yaml") for f in files("shall.rulesets").joinpath(GRADING).iterdir())


def read_source(path: Path) -> tuple[str, Source]:
    """A YAML file's text and value; raises RulesetError or FileProblems."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise RulesetError("audit.file_unreadable", path=path, why=why) from None
    try:
        return text, Source(path.name, *load(text))
    except YamlProblem as error:
        raise FileProblems([Problem(path.name, error.line, error.key, error.fields)]) from None


def _unknown_columns(shape: PolicyFile, source: Source) -> Iterator[Problem]:
    """Kinds, columns and values that no record can have: a rule that could never hold."""
    for n, rule in enumerate(shape.rules):
        for m, one in enumerate(rule.when.cites or () if rule.when else ()):
            line = source.line("rules", n, "when", "cites", m)
            kind = schema().get(one.kind)
            if kind is None:
                yield Problem(source.name, line, "audit.no_kind", {"kind": one.kind})
                continue
            for name in filter(None, (one.put_right, *one.dates)):
                dated = kind.column(name)
                if dated is None or dated.type != "date":
                    fields = {"kind": one.kind, "column": name}
                    yield Problem(source.name, line, "consequences.no_date", fields)
            flag = kind.column(one.works) if one.works else None
            if one.works and (flag is None or flag.type != "flag"):
                yield Problem(source.name, line, "audit.no_column", {"kind": one.kind, "column": one.works})
            if one.column is not None:
                column = kind.column(one.column)
                if column is None or column.type not in ("text", "choice"):
                    fields = {"kind": one.kind, "column": one.column}
                    yield Problem(source.name, line, "audit.no_column", fields)
                elif column.choices and set(one.values) - set(column.choices):
                    allowed = ", ".join(column.choices)
                    yield Problem(
                        source.name, line, "audit.no_value", {"column": one.column, "allowed": allowed}
                    )
