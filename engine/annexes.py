"""The annexes of a standard as structured elements: tables and report sections, and the evidence that fills them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

from pydantic import Field

from shall.engine.compiler import counting_plan
from shall.engine.executors.python import PythonExecutor
from shall.engine.loader import Problem, RulesetProblems, Source, load_list
from shall.engine.models import Address, Both, Ruleset, Shape, Text
from shall.engine.predicates import PredicateError, parse
from shall.engine.trees import TRUE, Tree
from shall.evidence.schema import Kind


class FilledBy(Shape):
    """The kind and the columns that hold what a field asks for."""

    kind: Text
    columns: tuple[Text, ...] = Field(min_length=1)


class AnnexField(Shape):
    """One column of a table or one topic of a section."""

    name: Both
    filled_by: FilledBy


class AnnexRow(Both):
    """A row that the table prints; `where` picks its records among those of the first field's kind."""

    where: Text | None = None


class Element(Shape):
    """A table or a section of an annex; `informs` names the clauses whose notes point to it."""

    id: Address
    kind: Literal["table", "section"]
    title: Both
    informs: tuple[Address, ...]
    fields: tuple[AnnexField, ...] = Field(min_length=1)
    rows: tuple[AnnexRow, ...] = ()
    reading: Both | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """How far the evidence fills an element: records of each field's kind, and of each row that picks its own."""

    element: Element
    fields: Sequence[int]
    rows: Sequence[int | None]


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
    first = kinds.get(element.fields[0].filled_by.kind)
    for row in element.rows:
        try:
            if row.where and first:
                parse(row.where, first)
        except PredicateError as error:
            yield error.key, error.fields


def counter(chosen: Sequence[Element], kinds: Mapping[str, Kind]) -> PythonExecutor:
    """An executor that counts the records of every field and row of these elements, in this order."""
    return PythonExecutor(counting_plan([pair for e in chosen for pair in _asked(e, kinds)], kinds))


def filled(chosen: Sequence[Element], kinds: Mapping[str, Kind], counts: Sequence[int]) -> list[Filled]:
    """The counts of `counter` put back beside the elements."""
    numbers = iter(counts)
    return [
        Filled(e, [next(numbers) for _ in e.fields], [next(numbers) if row.where else None for row in e.rows])
        for e in chosen
    ]


def _asked(element: Element, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Tree]]:
    for field in element.fields:
        yield field.filled_by.kind, TRUE
    first = element.fields[0].filled_by.kind
    yield from ((first, parse(row.where, kinds[first])) for row in element.rows if row.where)
