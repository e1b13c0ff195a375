"""The file of contradictions: read, checked against the kinds, compiled."""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator

from shall.engine.checks import Context
from shall.engine.compiler import counting_plan
from shall.engine.grading_file import FileProblems
from shall.engine.loader import Problem, Source, validated
from shall.engine.models import Both, Shape, Text
from shall.engine.plan import Plan
from shall.engine.predicates import PredicateError
from shall.engine.trees import Tree, both
from shall.engine.wrong import Wrong
from shall.engine.yaml_lines import YamlProblem, load
from shall.evidence.schema import Kind, schema

_DATES = re.compile(r"^\s*(\w+)\s*([<>])\s*(\w+)\s*$")
_MATCH = re.compile(r"^\s*(\w+)\s*=\s*(\w+)\s*$")


class Contradiction(Shape):
    """Records that cannot both be true, as the file writes it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    says: Both
    kind: Text
    where: Text | None = None
    partner: Text | None = None
    partner_where: Text | None = None
    match: Annotated[str, Field(pattern=_MATCH.pattern)] | None = None
    dates: Annotated[str, Field(pattern=_DATES.pattern)] | None = None

    @model_validator(mode="after")
    def _one_or_two(self) -> "Contradiction":
        if (self.partner is None) != (self.match is None):
            raise Wrong("wrong.partner_match")
        if self.partner is None and (self.partner_where or self.dates):
            raise Wrong("wrong.partner_needed")
        if self.partner is None and self.where is None:
            raise Wrong("wrong.contradiction_where")
        if self.partner is not None and not (self.where or self.partner_where or self.dates):
            raise Wrong("wrong.contradiction_linked")
        return self


def compile_rules(text: str, name: str) -> tuple[Plan, list[tuple[Any, ...]]]:
    """The plan and, for each rule, the fields of `contradictions.Rule` in order; raises FileProblems."""
    try:
        source = Source(name, *load(text))
    except YamlProblem as error:
        raise FileProblems([Problem(name, error.line, error.key, error.fields)]) from None
    problems: list[Problem] = []
    if not isinstance(source.value, list):
        raise FileProblems([Problem(name, 1, "rules.not_a_list", {})])
    compiler = _Rules(source)
    for index, raw in enumerate(source.value):
        one = validated(Contradiction, Source(name, raw, source.node), (index,), problems)
        if one is not None:
            compiler.add(one, index)
    if problems or compiler.problems:
        raise FileProblems([*problems, *compiler.problems])
    counting = counting_plan(compiler.asked, [], schema())
    rules = []
    for one, sides, match, dates in compiler.rules:
        first, second = (None if n is None else counting.counts[n] for n in sides)
        says = {"zh": one.says.zh, "en": one.says.en}
        rules.append((one.name, says, one.kind, first, one.partner, second, match, dates))
    return counting.plan, rules


class _Rules:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.context = Context(schema())
        self.asked: list[tuple[str, Tree]] = []
        self.rules: list[tuple[Contradiction, tuple[int | None, int | None], Any, Any]] = []
        self.problems: list[Problem] = []
        self.names: set[str] = set()

    def add(self, one: Contradiction, index: int) -> None:
        """Compile one rule; what is wrong with it is kept, with its line."""
        try:
            self._add(one)
        except PredicateError as error:
            fields = {"address": one.name, **error.fields}
            self.problems.append(Problem(self.source.name, self.source.line(index), error.key, fields))

    def _add(self, one: Contradiction) -> None:
        if one.name in self.names:
            raise PredicateError("audit.name_twice", name=one.name)
        self.names.add(one.name)
        kind = self.context.kind(one.kind)
        if one.partner is None or one.match is None:
            self._side(kind, one.where)
            self.rules.append((one, (len(self.asked) - 1, None), None, None))
            return
        partner = self.context.kind(one.partner)
        found = _MATCH.match(one.match)
        assert found
        match = (self.context.column(kind, found[1]).name, self.context.column(partner, found[2]).name)
        mine, theirs, dates = [match[0]], [match[1]], None
        if one.dates:
            at = _DATES.match(one.dates)
            assert at
            mine.append(self.context.column(kind, at[1], "date").name)
            theirs.append(self.context.column(partner, at[3], "date").name)
            dates = (at[1], at[2], at[3])
        self._side(kind, one.where, *mine)
        self._side(partner, one.partner_where, *theirs)
        self.rules.append((one, (len(self.asked) - 2, len(self.asked) - 1), match, dates))

    def _side(self, kind: Kind, where: str | None, *filled: str) -> None:
        """Records of one side: the predicate holds and what is compared is filled in."""
        present = [("not", ("null", ("col", name))) for name in filled]
        self.asked.append((kind.name, both(self.context.predicate(kind, where), *present)))
