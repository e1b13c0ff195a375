"""The table of scored indicators as data: categories with weights, indicators with points, gates."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field

from shall.engine.loader import Problem, RulesetProblems, Source, validated
from shall.engine.models import Address, Both, Ruleset, Shape, Standard
from shall.engine.scoring.formulas import FORMULAS
from shall.engine.scoring.numbers import Number, plain
from shall.engine.wrong import unreadable
from shall.engine.yaml_lines import YamlProblem, load

_Model = TypeVar("_Model", bound=BaseModel)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Category(Both):
    """A category of indicators; its recommended weight in %."""

    key: Key
    weight: Number


class Indicator(Shape):
    """A line of the table: what it may earn, and the formula of the annex behind it."""

    address: Address
    category: Key
    topic: Both
    name: Both
    type: Literal["qualitative", "quantitative"]
    direction: Literal["up", "down"]
    points: Number
    formula: Address | None = None
    conditional: bool = False


class Table(Shape):
    """Categories, indicators, and the provisions that must hold before anything may be claimed."""

    gates: tuple[Address, ...] = ()
    categories: tuple[Category, ...] = Field(min_length=1)
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @cached_property
    def by_address(self) -> Mapping[str, Indicator]:
        """The indicators by their address."""
        return {i.address: i for i in self.indicators}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The table of a standard and the digest of its file."""

    table: Table
    standard: Standard
    digest: str


def read_file(
    entry: Traversable, name: str, model: type[_Model], problems: list[Problem]
) -> tuple[_Model | None, Source | None, str]:
    """A YAML file as that model, its source and digest; None and problems where it cannot be used."""
    try:
        text = entry.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(name, 1, "scoring.file_missing", {"name": name}))
        return None, None, ""
    except (UnicodeDecodeError, OSError) as error:
        problems.append(Problem(name, 1, "rules.file_unreadable", {"name": name, "why": unreadable(error)}))
        return None, None, ""
    try:
        value, node = load(text)
    except YamlProblem as error:
        problems.append(Problem(name, error.line, error.key, error.fields))
        return None, None, ""
    source = Source(name, plain(node, value), node)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return validated(model, source, (), problems), source, digest


def load_table(folder: Traversable) -> Loaded:
    """The scoring table of a ruleset folder; raises RulesetProblems."""
    problems: list[Problem] = []
    standard, head, _ = read_file(
        folder.joinpath("ruleset.yaml"), f"{folder.name}/ruleset.yaml", Standard, problems
    )
    if standard and not standard.scoring:
        line = head.line("key") if head else 1
        problems.append(
            Problem(f"{folder.name}/ruleset.yaml", line, "scoring.no_table", {"key": standard.key})
        )
    if problems or standard is None or standard.scoring is None:
        raise RulesetProblems(problems)
    name = f"{folder.name}/{standard.scoring}"
    table, source, digest = read_file(folder.joinpath(standard.scoring), name, Table, problems)
    if table and source:
        problems += sums(table, source)
    if problems or table is None:
        raise RulesetProblems(problems)
    return Loaded(table, standard, digest)


def table_problems(folder: Traversable, ruleset: Ruleset) -> Iterator[Problem]:
    """What is wrong with the table of a ruleset: sums, addresses, formulas, each with its line."""
    if not ruleset.standard.scoring:
        return
    problems: list[Problem] = []
    name = f"{folder.name}/{ruleset.standard.scoring}"
    table, source, _ = read_file(folder.joinpath(ruleset.standard.scoring), name, Table, problems)
    yield from problems
    if table is None or source is None:
        return
    yield from sums(table, source)
    kinds = {p.address: p.kind for p in ruleset.provisions}
    for n, one in enumerate(table.indicators):
        at = source.line("indicators", n)
        if kinds.get(one.address) != "indicator":
            yield Problem(name, at, "scoring.not_an_indicator", {"address": one.address})
        if one.formula and (kinds.get(one.formula) != "formula" or one.formula not in FORMULAS):
            line = source.line("indicators", n, "formula")
            yield Problem(name, line, "scoring.no_formula", {"address": one.address, "formula": one.formula})
    for address, kind in kinds.items():
        if kind == "indicator" and address not in table.by_address:
            yield Problem(name, source.line("indicators"), "scoring.not_in_table", {"address": address})
    for n, gate in enumerate(table.gates):
        if gate not in kinds:
            yield Problem(name, source.line("gates", n), "scoring.no_gate", {"address": gate})


def sums(table: Table, source: Source) -> Iterator[Problem]:
    """Weights and points that do not add up to 100, lines that occur twice, categories that do not exist."""

    def at(key: str, *path: str | int, **fields: Any) -> Problem:
        return Problem(source.name, source.line(*path), key, fields)

    weights = sum(c.weight for c in table.categories)
    if weights != 100:
        yield at("scoring.weights_sum", "categories", found=weights)
    names = Counter(c.key for c in table.categories)
    for n, category in enumerate(table.categories):
        if category.weight < 0:
            yield at("scoring.negative_weight", "categories", n, name=category.key, found=category.weight)
        if names[category.key] > 1:
            yield at("scoring.twice", "categories", n, name=category.key)
        points = sum(i.points for i in table.indicators if i.category == category.key)
        if points != 100:
            yield at("scoring.points_sum", "categories", n, name=category.key, found=points)
    seen: set[str] = set()
    for n, one in enumerate(table.indicators):
        if one.category not in names:
            allowed = ", ".join(names)
            yield at("scoring.no_category", "indicators", n, "category", name=one.category, allowed=allowed)
        if one.points <= 0:
            yield at("scoring.negative_weight", "indicators", n, "points", name=one.address, found=one.points)
        if one.address in seen:
            yield at("scoring.twice", "indicators", n, name=one.address)
        seen.add(one.address)
