"""How many hours missing evidence costs: a table that its users may edit, by class of work.

A class takes the pieces of evidence whose kind it names (and whose check, where it names checks); the first one that
fits counts, and the last one, which names neither, takes the rest. Hours are a range, decimals.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from pydantic import model_validator

from shall.engine.loader import Problem, Source
from shall.engine.models import CHECKS, Both, Shape, Text
from shall.engine.scoring.numbers import Number
from shall.engine.scoring.table import read_file
from shall.engine.wrong import Wrong
from shall.evidence.schema import schema
from shall.texts import say
from shall.texts.errors import RulesetError

FILE = "effort.yaml"


class Hours(NamedTuple):
    """A range of hours, least and most."""

    low: Decimal
    high: Decimal

    def times(self, count: int) -> "Hours":
        """So many times these hours."""
        return Hours(self.low * count, self.high * count)

    def plus(self, other: "Hours") -> "Hours":
        """Both together."""
        return Hours(self.low + other.low, self.high + other.high)


NO_HOURS = Hours(Decimal(0), Decimal(0))


def summed(hours: Iterable[Hours]) -> Hours:
    """All of them together, also of nothing."""
    found = NO_HOURS
    for one in hours:
        found = found.plus(one)
    return found


def _range(value: tuple[Decimal, Decimal], name: str) -> None:
    if not 0 <= value[0] <= value[1]:
        raise Wrong("wrong.hours_range", name=name)


class Work(Both):
    """A class of work: the kinds and checks it takes, its hours to start and for each record that falls short."""

    id: Text
    kinds: tuple[Text, ...] = ()
    checks: tuple[Text, ...] = ()
    start: tuple[Number, Number]
    each: tuple[Number, Number]
    because: Both

    @model_validator(mode="after")
    def _ranges(self) -> "Work":
        _range(self.start, "start")
        _range(self.each, "each")
        return self

    def takes(self, kind: str, check: str) -> bool:
        """Whether missing evidence of this kind, asked by this check, is this class of work."""
        return (not self.kinds or kind in self.kinds) and (not self.checks or check in self.checks)


class Judging(Shape):
    """Hours for one judgement of a person."""

    hours: tuple[Number, Number]
    because: Both

    @model_validator(mode="after")
    def _ranges(self) -> "Judging":
        _range(self.hours, "hours")
        return self


class Table(Shape):
    """The file as it is written."""

    title: Both
    judge: Judging
    work: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """An effort table ready for use, with the digest of its file."""

    title: Both
    judge: Judging
    work: Sequence[Work]
    digest: str

    def work_of(self, kind: str, check: str) -> Work:
        """The class of work that missing evidence of this kind, asked by this check, belongs to."""
        return next(one for one in self.work if one.takes(kind, check))


class EffortProblems(RulesetError):
    """An effort table that cannot be used, with everything found wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line))
        super().__init__("delta.effort_problems", count=len(self.problems))

    def text(self, lang: str) -> str:
        """Every problem on a line of its own, below a head line."""
        return "\n".join([say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems)])


def read_effort(path: Path | None = None) -> Effort:
    """The table of a file, or the one that comes along; raises EffortProblems naming every mistake with its line."""
    entry: Traversable = path if path else files("shall.rulesets").joinpath(FILE)
    problems: list[Problem] = []
    table, source, _ = read_file(entry, entry.name, Table, problems)
    if table and source:
        problems += _misfits(table, source)
    if problems or table is None:
        raise EffortProblems(problems)
    return Effort(table.title, table.judge, table.work, hashlib.sha256(entry.read_bytes()).hexdigest())


def _misfits(table: Table, source: Source) -> Iterator[Problem]:
    """Names that do not exist or occur twice, entries that take everything before the end."""

    def at(n: int, part: str, key: str, **fields: object) -> Problem:
        return Problem(source.name, source.line("work", n, part), key, fields)

    seen: set[str] = set()
    taken: dict[str, str] = {}
    last = len(table.work) - 1
    for n, one in enumerate(table.work):
        if one.id in seen:
            yield at(n, "id", "delta.effort_twice", name=one.id)
        seen.add(one.id)
        for kind in one.kinds:
            if kind not in schema():
                yield at(n, "kinds", "delta.effort_kind", name=kind)
            elif not one.checks and kind in taken:
                yield at(n, "kinds", "delta.effort_kind_twice", name=kind, first=taken[kind])
            elif not one.checks:
                taken[kind] = one.id
        for check in one.checks:
            if check not in CHECKS:
                yield at(n, "checks", "delta.effort_check", name=check, allowed=", ".join(CHECKS))
        if not one.kinds and not one.checks and n < last:
            yield at(n, "id", "delta.effort_everything", name=one.id)
    if not table.work or table.work[-1].kinds or table.work[-1].checks:
        yield Problem(source.name, source.line("work"), "delta.effort_rest", {})
