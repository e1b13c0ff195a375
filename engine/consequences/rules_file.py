"""A file of consequences: its shape, and what is wrong in it, each with its line."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from shall.engine.audit.history import FINDING
from shall.engine.loader import Problem, Source
from shall.engine.models import Both, Shape, Text
from shall.engine.wrong import Wrong
from shall.evidence.schema import Kind

MATCH = re.compile(r"^\s*(\w+)\s*=\s*(\w+)\s*$")
NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME)]
Grade = Literal["major", "minor", "opportunity"]
State = Literal[
    "raised",
    "answered",
    "accepted",
    "rejected",
    "implemented",
    "implementation_verified",
    "effectiveness_verified",
    "disputed",
    "closed",
]
Reached = Literal[
    "answered", "accepted", "implemented", "implementation_verified", "effectiveness_verified", "closed"
]


Role = Literal["lead_auditor", "programme_owner", "none"]


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Columns = Annotated[tuple[Text, ...], BeforeValidator(_several), Field(min_length=1)]
"""Date columns: the first one that is filled in counts."""


class OfFindings(Shape):
    """Findings of these grades, in one of these states (the day is that of the state), repeated ones only."""

    grades: tuple[Grade, ...] = Field(default=("major", "minor"), min_length=1)
    states: tuple[State, ...] = Field(default=("raised",), min_length=1)
    repeated: bool = False


class Cause(Shape):
    """What gives rise to it: records of a kind, findings, or another consequence."""

    kind: Text | None = None
    finding: OfFindings | None = None
    consequence: Name | None = None
    where: Text | None = None
    date: Columns | None = None
    who: Text | None = None
    when: Literal["arises", "discharged"] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "Cause":
        if sum(v is not None for v in (self.kind, self.finding, self.consequence)) != 1:
            raise Wrong("wrong.cause_one")
        if (self.kind is None) != (self.date is None):
            raise Wrong("wrong.cause_date")
        if (self.consequence is None) != (self.when is None):
            raise Wrong("wrong.cause_when")
        if self.where is not None and (self.finding is not None or self.when == "arises"):
            raise Wrong("wrong.cause_where")
        if self.who is not None and self.kind is None:
            raise Wrong("wrong.cause_who")
        return self


class Discharge(Shape):
    """What discharges it: a record of a kind, linked to the event's record by `match`; or how far a finding came.

    `planned` is a date column of the linked record: the organisation's own date, in place of `due`.
    """

    kind: Text | None = None
    finding: Reached | None = None
    where: Text | None = None
    date: Columns | None = None
    match: Annotated[str, Field(pattern=MATCH.pattern)] | None = None
    planned: Text | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Discharge":
        if (self.kind is None) == (self.finding is None):
            raise Wrong("wrong.discharge_one")
        if (self.kind is None) != (self.date is None):
            raise Wrong("wrong.discharge_date")
        if self.finding is not None and (self.where or self.match):
            raise Wrong("wrong.discharge_where")
        return self

    @property
    def of(self) -> str:
        """The kind of record that discharges."""
        return self.kind or FINDING

    @cached_property
    def link(self) -> tuple[str, str] | None:
        """Column of the discharging record, column of the event's record."""
        found = MATCH.match(self.match) if self.match else None
        return (found[1], found[2]) if found else None


class Due(Shape):
    """Time from the day it arises: working days of the calendars, or months."""

    working_days: Annotated[int, Field(ge=1, le=2000)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "Due":
        if (self.working_days is None) == (self.months is None):
            raise Wrong("wrong.due_one")
        return self


class Who(Shape):
    """Who is to see to it: the lead auditor of the audit, who is in charge of the programme, or nobody on record."""

    role: Role


class Declared(Shape):
    """A consequence: its name, what gives rise to it, what discharges it, by when, who asks for it.

    `who` is a role in the audit; left out, it is for whom the records name, else for their unit.
    """

    name: Name
    says: Both
    causes: tuple[Cause, ...] = Field(alias="from", min_length=1)
    discharged_by: tuple[Discharge, ...] = Field(min_length=1)
    due: Due | None = None
    who: Who | None = None
    clauses: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*:\S+$")], ...] = ()
    reading: Both | None = None


class RulesFile(Shape):
    """A file of consequences."""

    key: Name
    edition: Text
    title: Both
    source: Both
    consequences: tuple[Declared, ...] = Field(min_length=1)


def event_kinds(declared: Mapping[str, Declared]) -> dict[str, set[str]]:
    """For each consequence the kinds its event's record can be of; none where nothing can give rise to it."""
    found: dict[str, set[str]] = {name: set() for name in declared}
    moved = True
    while moved:
        moved = False
        for name, one in declared.items():
            kinds = {k for cause in one.causes for k in _kinds(cause, declared, found)}
            moved, found[name] = moved or kinds != found[name], kinds
    return found


def _kinds(cause: Cause, declared: Mapping[str, Declared], found: Mapping[str, set[str]]) -> set[str]:
    if cause.consequence is None:
        return {cause.kind or FINDING}
    parent = declared.get(cause.consequence)
    if parent is None or not found[parent.name]:
        return set()
    return found[parent.name] if cause.when == "arises" else {d.of for d in parent.discharged_by}


def problems(shape: RulesFile, source: Source, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """What no single key shows: doubled and unknown names, circles, what never arises, columns of the kinds."""
    declared: dict[str, Declared] = {}
    for n, one in enumerate(shape.consequences):
        if one.name in declared:
            line = source.line("consequences", n, "name")
            yield Problem(source.name, line, "consequences.name_twice", {"name": one.name})
        declared.setdefault(one.name, one)
    events = event_kinds(declared)
    for n, one in enumerate(shape.consequences):
        line = source.line("consequences", n)
        yield from _unknown_parents(one, n, declared, source)
        if not events[one.name]:
            yield Problem(source.name, line, "consequences.never_arises", {"name": one.name})
        circle = _circle(one.name, declared)
        if circle and min(circle) == one.name:
            told = " → ".join((*circle, circle[0]))
            yield Problem(source.name, line, "consequences.circle", {"names": told})
        yield from _columns(one, n, events[one.name], source, kinds)


def _unknown_parents(
    one: Declared, n: int, declared: Mapping[str, Declared], source: Source
) -> Iterator[Problem]:
    for m, cause in enumerate(one.causes):
        if cause.consequence is not None and cause.consequence not in declared:
            line = source.line("consequences", n, "from", m, "consequence")
            fields = {"name": cause.consequence, "names": ", ".join(sorted(declared))}
            yield Problem(source.name, line, "consequences.no_consequence", fields)


def _circle(start: str, declared: Mapping[str, Declared]) -> tuple[str, ...]:
    """The names on a way from a consequence back to itself on which nothing has to be done."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for cause in declared[way[-1]].causes:
            parent = cause.consequence
            if cause.when != "arises" or parent is None or parent not in declared:
                continue
            if parent == start:
                return way
            if parent not in seen:
                seen.add(parent)
                ways.append((*way, parent))
    return ()


def _columns(
    one: Declared, n: int, events: set[str], source: Source, kinds: Mapping[str, Kind]
) -> Iterator[Problem]:
    """Kinds that do not exist, date columns that are none, links between columns that are not there."""

    def missing(kind: str, column: str, *path: str | int, dated: bool = False) -> Iterator[Problem]:
        found = kinds[kind].column(column) if kind in kinds else None
        if kind in kinds and (found is None or (dated and found.type != "date")):
            key = "consequences.no_date" if found else "consequences.no_column"
            line = source.line("consequences", n, *path)
            yield Problem(source.name, line, key, {"kind": kind, "column": column})

    for m, cause in enumerate(one.causes):
        if cause.kind is not None:
            yield from _no_kind(cause.kind, source, kinds, ("consequences", n, "from", m, "kind"))
            for column in cause.date or ():
                yield from missing(cause.kind, column, "from", m, "date", dated=True)
            if cause.who is not None:
                yield from missing(cause.kind, cause.who, "from", m, "who")
    for m, by in enumerate(one.discharged_by):
        at = ("discharged_by", m)
        if by.kind is not None:
            yield from _no_kind(by.kind, source, kinds, ("consequences", n, *at, "kind"))
        for key, columns in (("date", by.date or ()), ("planned", (by.planned,) if by.planned else ())):
            for column in columns:
                yield from missing(by.of, column, *at, key, dated=True)
        if by.link is not None:
            yield from missing(by.of, by.link[0], *at, "match")
            for kind in sorted(events):
                yield from missing(kind, by.link[1], *at, "match")
        elif by.finding is not None and events - {FINDING}:
            fields = {"name": one.name, "kinds": ", ".join(sorted(events - {FINDING}))}
            line = source.line("consequences", n, *at, "finding")
            yield Problem(source.name, line, "consequences.not_of_findings", fields)


def _no_kind(
    kind: str, source: Source, kinds: Mapping[str, Kind], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    if kind not in kinds:
        yield Problem(source.name, source.line(*path), "audit.no_kind", {"kind": kind})
