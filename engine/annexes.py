"""The annexes of a standard as structured elements: tables and report sections with the evidence that fills them,
and catalogues whose entries hold for some industries and from some day on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from shall.engine.checks import Context
from shall.engine.compiler import counting_plan, lowered_condition
from shall.engine.executors.python import PythonExecutor, Rows
from shall.engine.loader import Problem, RulesetProblems, Source, load_list
from shall.engine.models import Address, Both, Ruleset, Shape, Text, When
from shall.engine.plan import Plan
from shall.engine.predicates import PredicateError, parse
from shall.engine.trees import TRUE, Tree
from shall.engine.wrong import Wrong
from shall.evidence.schema import Kind


class FilledBy(Shape):
    """The kind and the columns that hold what a field asks for."""

    kind: Text
    columns: tuple[Text, ...] = Field(min_length=1)


class AnnexField(Shape):
    """One column of a table or one topic of a section."""

    name: Both
    filled_by: FilledBy


class AnnexColumn(Both):
    """A property that the rows of a catalogue have, under the name their `cells` use."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _day(value: str) -> str:
    date.fromisoformat(value)
    return value


Day = Annotated[str, AfterValidator(_day)]


class AnnexRow(Both):
    """A row that the table prints: a place to fill, or an entry of a catalogue with what it says.

    `where` picks its records among those of `counts`, or of the first field's kind; `when` says for which
    organisations it is meant; `in_force` and `until` bound the days on which it holds.
    """

    id: Text | None = None
    group: Both | None = None
    cells: Mapping[str, Text | Both] = Field(default_factory=dict)
    published: Day | None = None
    in_force: Day | None = None
    until: Day | None = None
    when: When | None = None
    where: Text | None = None


class Element(Shape):
    """A table, a section or a catalogue of an annex; `informs` names the clauses it serves."""

    id: Address
    kind: Literal["table", "section", "catalogue"]
    title: Both
    informs: tuple[Address, ...]
    fields: tuple[AnnexField, ...] = ()
    columns: tuple[AnnexColumn, ...] = ()
    counts: Text | None = None
    rows: tuple[AnnexRow, ...] = ()
    reading: Both | None = None

    @model_validator(mode="after")
    def _something(self) -> "Element":
        if not self.fields and not self.rows:
            raise Wrong("wrong.element_empty")
        return self

    @property
    def row_kind(self) -> str | None:
        """The kind whose records the rows' `where` picks."""
        return self.counts or (self.fields[0].filled_by.kind if self.fields else None)


@dataclass(frozen=True, slots=True)
class RowState:
    """How a row stands for an organisation on a day.

    `records`: how many it has, None if it counts none. `applies`: met, unmet, unknown, None if it is for all.
    `holds`: "yes", "not_yet" or "no_more".
    """

    records: int | None
    applies: int | None
    holds: str


@dataclass(frozen=True, slots=True)
class Filled:
    """How far the evidence fills an element: records of each field's kind, and the state of each row."""

    element: Element
    fields: Sequence[int]
    rows: Sequence[RowState]


def read_annexes(
    folder: Traversable, ruleset: Ruleset
) -> tuple[list[tuple[Element, int]], Source | None, list[Problem]]:
    """The elements of a ruleset's annexes with their index in the file, and what is wrong with the file."""
    if not ruleset.standard.annexes:
        return [], None, []
    return load_list(folder, ruleset.standard.annexes, Element)


def elements(folder: Traversable, ruleset: Ruleset) -> list[Element]:
    """The elements of a ruleset's annexes; raises RulesetProblems."""
    found, _, problems = read_annexes(folder, ruleset)
    if problems:
        raise RulesetProblems(problems)
    return [element for element, _ in found]


def annex_problems(folder: Traversable, ruleset: Ruleset, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """What is wrong with the annexes: unreadable elements, duplicates, names that do not exist."""
    found, source, problems = read_annexes(folder, ruleset)
    yield from problems
    seen: set[str] = set()
    clauses = {p.clause for p in ruleset.provisions}
    for element, index in found:
        assert source is not None
        for key, fields in _mistakes(element, kinds, seen, clauses):
            yield Problem(source.name, source.line(index), key, {"address": element.id, **fields})
        seen.add(element.id)


def _mistakes(
    element: Element, kinds: Mapping[str, Kind], seen: set[str], clauses: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if element.id in seen:
        yield "rules.annex_twice", {}
    for clause in element.informs:
        if clause not in clauses:
            yield "rules.lint_reference", {"ref": clause}
    for field in element.fields:
        kind = kinds.get(field.filled_by.kind)
        if kind is None:
            yield "rules.unknown_kind", {"kind": field.filled_by.kind, "near": "-"}
            continue
        for column in field.filled_by.columns:
            if kind.column(column) is None:
                yield "rules.predicate_column", {"kind": kind.name, "column": column, "near": "-"}
    names = {column.name for column in element.columns}
    rows: set[str] = set()
    for row in element.rows:
        yield from _row_mistakes(element, row, names, kinds)
        if row.id is not None and row.id in rows:
            yield "rules.annex_row_twice", {"row": row.id}
        rows.add(row.id or "")


def _row_mistakes(
    element: Element, row: AnnexRow, names: set[str], kinds: Mapping[str, Kind]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    shown = row.id or row.zh
    for name in row.cells:
        if name not in names:
            yield "rules.annex_cell", {"row": shown, "name": name, "allowed": ", ".join(sorted(names)) or "-"}
    if row.in_force and row.until and row.until < row.in_force:
        yield "rules.annex_days", {"row": shown, "in_force": row.in_force, "until": row.until}
    context = Context(kinds)
    try:
        if row.where:
            parse(row.where, context.kind(element.row_kind or "-"))
        if row.when:
            lowered_condition(row.when, context)
    except PredicateError as error:
        yield error.key, error.fields


class Annexes:
    """The elements of a standard's annexes, ready to be held against an organisation's evidence."""

    def __init__(self, chosen: Sequence[Element], kinds: Mapping[str, Kind]) -> None:
        self.elements = chosen
        asked = [pair for e in chosen for pair in _asked(e, kinds)]
        conditions = [row.when for e in chosen for row in e.rows if row.when]
        self._counting = counting_plan(asked, conditions, kinds)
        self._executor = PythonExecutor(self._counting.plan)

    @property
    def plan(self) -> Plan:
        """What is to be read of the evidence."""
        return self._counting.plan

    def held(self, rows: Rows, on: date, since: date) -> list[Filled]:
        """How far these rows of evidence fill every element, and which rows are meant and in force on the day."""
        answers = self._executor.run(rows, on, since)
        numbers = iter([answers.number(i) or 0 for i in self._counting.counts])
        applies = iter([answers.conditions[i] for i in self._counting.conditions])
        day = on.isoformat()
        return [
            Filled(
                element,
                [next(numbers) for _ in element.fields],
                [
                    RowState(
                        next(numbers) if row.where else None,
                        next(applies) if row.when else None,
                        _holds(row, day),
                    )
                    for row in element.rows
                ],
            )
            for element in self.elements
        ]


def _holds(row: AnnexRow, day: str) -> str:
    if row.in_force and day < row.in_force:
        return "not_yet"
    return "no_more" if row.until and day > row.until else "yes"


def _asked(element: Element, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Tree]]:
    for field in element.fields:
        yield field.filled_by.kind, TRUE
    for row in element.rows:
        if row.where and element.row_kind:
            yield element.row_kind, parse(row.where, kinds[element.row_kind])
