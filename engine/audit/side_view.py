"""Audits on record and two of them side by side: as plain values, on the screen, as documents."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shall.engine import __version__
from shall.engine.audit.carry_view import SHORT, joined, unprefixed
from shall.engine.audit.on_record import Audit
from shall.engine.audit.side_by_side import clauses_of, planned_clauses
from shall.engine.evaluation import canonical
from shall.engine.plan import Plan
from shall.engine.reports.document.blocks import (
    Blank,
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Para,
    Row,
    Section,
    Table,
    fitted,
    text_of,
)
from shall.engine.reports.terminal import clipped, width
from shall.engine.reports.view import clean
from shall.evidence.store import Store
from shall.texts import Lang, say

FORMAT = 1
CUT = 44
"""Widest a column is on the screen."""


@dataclass(frozen=True)
class Setting:
    """What a view is of: whose store at which entry, on which day, by which standards, in which language."""

    organisation: str
    name: str
    on: date
    position: tuple[int, str]
    plan: Plan
    names: Mapping[str, str]
    lang: Lang

    @classmethod
    def of(cls, store: Store, organisation: str, on: date, known: int, plan: Plan, lang: Lang) -> "Setting":
        """The setting, with the names of auditors, people and units."""
        names: dict[str, str] = {}
        for kind in ("unit", "person", "auditor"):
            for id, name in store.rows(kind, organisation, ("id", "name"), known=known):
                names[id] = name or names.get(id, "")
        for id, person in store.rows("auditor", organisation, ("id", "person"), known=known):
            names[id] = names.get(id) or names.get(person or "", "")
        rows = store.rows("organisation", organisation, ("name",), known=known)
        name = next((row[0] for row in rows if row[0]), organisation)
        return cls(organisation, name, on, store.position_at(known), plan, names, lang)

    def t(self, key: str, /, **fields: object) -> str:
        """A text of these views."""
        return say(f"carry.{key}", self.lang, **fields)

    def clause(self, address: str) -> str:
        """An address, without the key of its standard where no other is asked about."""
        return unprefixed(address, self.plan.asked)

    def named(self, id: str) -> str:
        """A record by id and name."""
        name = self.names.get(id)
        return f"{id} {name}" if name and name != id else id


class View(ABC):
    """Something that can be printed, kept and set as a document."""

    def __init__(self, setting: Setting) -> None:
        self.set, self.t, self.lang = setting, setting.t, setting.lang

    @abstractmethod
    def body(self) -> dict[str, Any]:
        """The value without its receipt."""

    @abstractmethod
    def titles(self) -> tuple[str, str]:
        """Title and subtitle."""

    @abstractmethod
    def sections(self) -> list[Section]:
        """The content."""

    @abstractmethod
    def tally(self) -> str:
        """All of it in a line."""

    def plain(self) -> dict[str, Any]:
        """The value with what it was made from; the same inputs give the same bytes."""
        body = {
            "format": FORMAT,
            "organisation": {"id": self.set.organisation, "name": self.set.name},
            "on": self.set.on.isoformat(),
            **self.body(),
        }
        standards = self.set.plan.standards
        body["receipt"] = {
            "software": f"shall {__version__}",
            "ledger": {"position": self.set.position[0], "head": self.set.position[1]},
            "rulesets": {key: standards[key]["digest"] for key in self.set.plan.asked},
            "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
        }
        return body

    def document(self) -> Document:
        """The content as a document."""
        title, subtitle = self.titles()
        digest = str(self.plain()["receipt"]["result"])
        numbers = [str(self.set.plan.standards[key]["number"]) for key in self.set.plan.asked]
        head = (
            (self.t("head_standards"), joined(numbers, self.lang)),
            (self.t("head_evidence"), self.t("head_position", position=self.set.position[0])),
            (self.t("head_tally"), self.tally()),
        )
        day = self.set.on.isoformat()
        return Document(
            lang=self.lang, title=title, subtitle=str(clean(subtitle)), on=day, day=day,
            running=f"{title} · {digest[:SHORT]}", head=Facts(head), notices=(),
            sections=tuple(self.sections()), receipt=digest,
        )  # fmt: skip

    def screen(self) -> str:
        """The content in lines."""
        title, subtitle = self.titles()
        lines = [f"{title}  {subtitle}", self.tally()]
        for section in self.sections():
            lines += ["", section.title]
            for block in section.blocks:
                lines += [f"  {line}" for line in _lines(block)]
        return "\n".join([*lines, ""])


def _lines(block: Block) -> list[str]:
    if isinstance(block, Para):
        return [block.text]
    if not isinstance(block, Table):
        return []
    rows = [[c.head for c in block.columns]] + [
        [text_of(c).replace("\n", " ") for c in r.cells] for r in block.rows
    ]
    sizes = [min(max(map(width, column)), CUT) for column in zip(*rows, strict=True)]
    found = []
    for row in rows:
        cells = [clipped(cell, size) for cell, size in zip(row, sizes, strict=True)]
        found.append("  ".join(c + " " * (s - width(c)) for c, s in zip(cells, sizes, strict=True)).rstrip())
    return [*found, block.note] if block.note else found


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], note: str = "") -> Table:
    """A table with columns as wide as what they hold."""
    made = tuple(Row(tuple(row)) for row in rows)
    return Table(fitted(columns, made), made, note=note)


def cell(text: str) -> Cell:
    """A text as it may be shown; what is not there as a stroke."""
    return str(clean(text)) if text else Blank("-")


def counted(number: int) -> Figure:
    """A count."""
    return Figure(str(number), Decimal(number))


def grades(audit: Audit) -> Counter[str]:
    """How many findings of each grade an audit has; withdrawn ones are none."""
    return Counter(case.grade for case in audit.cases if case.state != "withdrawn")


def iso(day: date | None) -> str | None:
    """A day as the JSON has it."""
    return day.isoformat() if day else None


def audit_value(one: Audit) -> dict[str, Any]:
    """An audit as a plain value."""
    found = grades(one)
    return {
        "id": one.id,
        "known_by": one.kind,
        "title": one.title,
        "type": one.audit_type,
        "internal_audit": one.internal_audit,
        "certification_step": one.step,
        "from": iso(one.first),
        "until": iso(one.last),
        "planned_on": iso(one.planned),
        "standards": list(one.standards),
        "team": list(one.team),
        "units": list(one.units),
        "clauses": list(clauses_of(one)),
        "by_timetable": {"units": list(one.planned_units), "clauses": list(planned_clauses(one))},
        "findings": {grade: found[grade] for grade in ("major", "minor", "opportunity")},
        "open": sum(case.open for case in one.cases),
        "closed": sum(case.state == "closed" for case in one.cases),
    }


class Listing(View):
    """All audits on record."""

    def __init__(self, setting: Setting, audits: Sequence[Audit]) -> None:
        super().__init__(setting)
        self.audits = audits

    def body(self) -> dict[str, Any]:
        """The audits with their counts."""
        return {"audits": [audit_value(one) for one in self.audits]}

    def titles(self) -> tuple[str, str]:
        """Of whom, on which day."""
        return self.t("list_title"), self.t("list_subtitle", name=self.set.name, on=self.set.on)

    def tally(self) -> str:
        """How many audits and findings."""
        cases = {case.finding.record: case for one in self.audits for case in one.cases}
        open_ = sum(case.open for case in cases.values())
        return self.t("list_tally", count=len(self.audits), findings=len(cases), open=open_)

    def sections(self) -> list[Section]:
        """One table."""
        if not self.audits:
            return [Section(self.t("list_title"), 1, (Para(self.t("written_empty")),))]
        heads = (
            "audit_id",
            "type",
            "from",
            "until",
            "major",
            "minor",
            "opportunity",
            "open",
            "closed",
            "units",
            "team",
        )
        columns = [Column(self.t(f"c_{name}"), right=name in heads[4:10]) for name in heads]
        rows = [self._row(one) for one in self.audits]
        made = table(columns, rows, note=self._note())
        return [Section(self.t("list_title"), 1, (made,), self.t("list_title"))]

    def _note(self) -> str:
        """What the table cannot say: units told by a timetable only, members that might be several people."""
        planned = any(one.planned_units for one in self.audits)
        doubtful = list(dict.fromkeys(name for one in self.audits for name in one.doubtful))
        told = [self.t("session_note")] if planned else []
        told += [self.t("team_doubtful", names=joined(doubtful, self.lang))] if doubtful else []
        return ("" if self.lang == "zh" else " ").join(map(str, map(clean, told)))

    def _row(self, one: Audit) -> list[Cell]:
        found = grades(one)
        title = " ".join(dict.fromkeys(part for part in (one.id, one.title) if part))
        kind = one.audit_type or one.kind
        until = one.last.isoformat() if one.last else self.t("planned", on=one.planned) if one.planned else ""
        counts = [found[g] for g in ("major", "minor", "opportunity")]
        counts += [
            sum(c.open for c in one.cases),
            sum(c.state == "closed" for c in one.cases),
        ]
        return [
            cell(title), cell(self.t(f"type_{kind}")), cell(iso(one.first) or ""), cell(until),
            *map(counted, counts), self._units(one), cell(joined([self.set.named(p) for p in one.team], self.lang)),
        ]  # fmt: skip

    def _units(self, one: Audit) -> Cell:
        """How many units it looked at; a number that rests on the timetable says so."""
        number, planned = len(one.units), len(one.planned_units)
        if not planned:
            return counted(number)
        return Figure(f"{number}{self.t('of_timetable', count=planned)}", Decimal(number))
