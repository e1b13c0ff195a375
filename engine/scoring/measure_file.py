"""A file of measures: what each costs, which quantities it changes, what it needs and what it rules out."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from shall.engine.loader import Problem, Source
from shall.engine.models import Address, Both, Shape, Text
from shall.engine.scoring.numbers import Number
from shall.engine.scoring.table import read_file
from shall.engine.wrong import Wrong
from shall.texts.errors import EvidenceError

YUAN = 10_000
"""元 in a 万元."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
LevelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
_PARTS = {
    "of": ("record", "where", "each", "add", "multiply", "set"),
    "new": ("values",),
    "checklist": ("tick", "untick"),
}


class Effect(Shape):
    """What a measure changes: cells of a record (`of`), a record that comes into being (`new`), or a checklist.

    Of all measures taken together a cell becomes what is set (else what it was), times every factor, plus every
    addend: the order does not matter.
    """

    of: Text | None = None
    record: Text | None = None
    where: Mapping[Text, Any] = Field(default_factory=dict)
    each: bool = False
    add: Mapping[Text, Number] = Field(default_factory=dict)
    multiply: Mapping[Text, Number] = Field(default_factory=dict)
    set: Mapping[Text, Any] = Field(default_factory=dict)
    new: Text | None = None
    values: Mapping[Text, Any] = Field(default_factory=dict)
    checklist: Address | None = None
    tick: tuple[Text, ...] = ()
    untick: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _one_thing(self) -> "Effect":
        heads = [name for name in _PARTS if getattr(self, name) is not None]
        if len(heads) != 1:
            raise Wrong("wrong.one_effect")
        head = heads[0]
        for other, parts in _PARTS.items():
            for name in parts:
                if other != head and getattr(self, name):
                    raise Wrong("wrong.effect_part", name=name, other=other, head=head)
        if not any(getattr(self, name) for name in ("add", "multiply", "set", "values", "tick", "untick")):
            raise Wrong("wrong.effect_nothing")
        if self.record and self.where:
            raise Wrong("wrong.effect_record_where")
        if any(factor < 0 for factor in self.multiply.values()):
            raise Wrong("wrong.effect_factor")
        columns = [*self.add, *self.multiply, *self.set, *self.tick, *self.untick]
        if len(set(columns)) < len(columns):
            raise Wrong("wrong.effect_column")
        return self


def _cost(value: Number | None) -> None:
    if value is not None and (value < 0 or value * YUAN != (value * YUAN).to_integral_value()):
        raise Wrong("wrong.cost")


class Level(Both):
    """One size of a measure: its whole cost in 万元, and its effects beside those of the measure."""

    id: LevelName
    cost: Number
    effects: tuple[Effect, ...] = ()

    @model_validator(mode="after")
    def _priced(self) -> "Level":
        _cost(self.cost)
        return self


class Measure(Both):
    """A measure: cost in 万元 or levels, effects, needs, and the year from which it can be had."""

    id: Name
    cost: Number | None = None
    effects: tuple[Effect, ...] = ()
    levels: tuple[Level, ...] = ()
    requires: tuple[Text, ...] = ()
    excludes: tuple[Text, ...] = ()
    from_year: int | None = Field(default=None, ge=1900, le=2200)
    because: Both | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Measure":
        if (self.cost is None) != bool(self.levels):
            raise Wrong("wrong.cost_or_levels")
        _cost(self.cost)
        names = [level.id for level in self.levels]
        if len(set(names)) < len(names):
            raise Wrong("wrong.levels_twice")
        if not self.effects and not (self.levels and all(level.effects for level in self.levels)):
            raise Wrong("wrong.measure_nothing")
        return self

    def names(self) -> list[str]:
        """What may be taken of it: itself, or each of its levels."""
        return [f"{self.id}:{level.id}" for level in self.levels] or [self.id]


class Measures(Shape):
    """All measures under consideration."""

    title: Both | None = None
    measures: tuple[Measure, ...]

    @model_validator(mode="after")
    def _some(self) -> "Measures":
        if not self.measures:
            raise Wrong("wrong.no_measures")
        return self


@dataclass(frozen=True, slots=True)
class MeasureBook:
    """A file of measures, its digest, and the file for messages."""

    measures: tuple[Measure, ...]
    title: Both | None
    digest: str
    source: Source


class MeasureProblems(EvidenceError):
    """A file of measures that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("paths.problems", count=len(problems))

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([super().text(lang), *(f"  {p.text(lang)}" for p in self.problems)])


def read_measures(path: Path) -> MeasureBook:
    """The measures of a YAML or JSON file; raises MeasureProblems naming every mistake with its line."""
    problems: list[Problem] = []
    found, source, _ = read_file(path, path.name, Measures, problems)
    if found and source:
        problems += _misfits(found.measures, source)
    if problems or found is None or source is None:
        raise MeasureProblems(problems)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return MeasureBook(found.measures, found.title, digest, source)


def _misfits(measures: tuple[Measure, ...], source: Source) -> Iterator[Problem]:
    """Names that occur twice or that nobody bears, measures that can never be taken."""

    def at(n: int, part: str, key: str, **fields: Any) -> Problem:
        return Problem(source.name, source.line("measures", n, part), key, fields)

    owner = {name: m.id for m in measures for name in (m.id, *m.names())}
    seen: set[str] = set()
    for n, one in enumerate(measures):
        if one.id in seen:
            yield at(n, "id", "paths.twice", name=one.id)
        seen.add(one.id)
        for part in ("requires", "excludes"):
            for name in getattr(one, part):
                if name not in owner:
                    yield at(n, part, "paths.unknown", name=name, known=", ".join(owner))
                elif owner[name] == one.id:
                    yield at(n, part, "paths.itself", name=one.id)
        if both := sorted(set(one.requires) & set(one.excludes)):
            yield at(n, "excludes", "paths.never", name=one.id, both=", ".join(both))
