"""Audits on record: what each is called, when it was, who took part, what it looked at, what it found.

An audit is its audit file; without one, the internal audit or certification step on record; without that, the name
that its findings bear. Drafts and withdrawn records are no audits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from shall.engine.audit.cycle import AUDITS
from shall.engine.audit.history import FINDING, followed
from shall.engine.audit.lifecycle import Case
from shall.engine.audit.programme.situation import Reader, clause_of, standards_named
from shall.engine.audit.team_text import TEAM
from shall.engine.audit.team_text import members as members_of
from shall.engine.plan import Plan
from shall.evidence.store import Store
from shall.texts.errors import UsageError

Kind = Literal["file", "internal", "step", "named", "nameless"]
Proof = Literal["scope", "judgement", "step", "session"]
"""How it is known that something was looked at: a result on record, a filled checklist, a step, or a plan only."""

NAMELESS = "-"
"""What stands for an audit that its findings do not name."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Something an audit looked at: a clause in a unit, a clause wherever it was judged, or only a site."""

    proof: Proof
    on: date | None
    unit: str | None = None
    site: str | None = None
    clause: str | None = None
    standards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit; `names` are the texts by which its findings may name it.

    `certificate` is that of its step. `doubtful` are members of the team, as written, that might be several people.
    """

    id: str
    kind: Kind
    names: frozenset[str]
    internal_audit: str | None = None
    step: str | None = None
    title: str | None = None
    audit_type: str | None = None
    first: date | None = None
    last: date | None = None
    planned: date | None = None
    standards: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    looked: tuple[Looked, ...] = ()
    cases: tuple[Case, ...] = ()
    file: Mapping[str, Any] = field(default_factory=dict)
    certificate: str | None = None
    doubtful: tuple[str, ...] = ()

    def done(self, on: date) -> bool:
        """Whether it was over by that day."""
        return self.last is not None and self.last <= on

    @property
    def proven(self) -> tuple[Looked, ...]:
        """What it looked at; the timetable counts only where no result on record says where it was."""
        if any(one.proof == "scope" for one in self.looked):
            return tuple(one for one in self.looked if one.proof != "session")
        return self.looked

    @property
    def units(self) -> tuple[str, ...]:
        """The units it looked at."""
        return tuple(sorted({one.unit for one in self.proven if one.unit}))

    @property
    def planned_units(self) -> tuple[str, ...]:
        """Those of them of which only the timetable tells."""
        seen = {one.unit for one in self.proven if one.proof != "session"}
        return tuple(unit for unit in self.units if unit not in seen)


def on_record(
    store: Store, organisation: str, on: date, known: int | None = None, plan: Plan | None = None
) -> list[Audit]:
    """Every audit on record in the order of its days, with its findings as they stood on `on`.

    `plan` tells which standards an audit's criteria name.
    """
    position = (store.position() if known is None else store.position_at(known))[0]
    return _Book(store, organisation, on, position, plan).audits()


def audit_named(audits: Sequence[Audit], name: str) -> Audit:
    """The audit of that id, title or record; raises UsageError naming those there are, or those it may be."""
    exact = [one for one in audits if one.id == name]
    found = exact or [one for one in audits if name in one.names]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.id for one in found or audits) or "-"
    raise UsageError("carry.two_audits" if found else "carry.no_audit", audit=name, names=names)


_FILE = (
    "title", "audit_type", "internal_audit", "certification_step", "standards", "criteria", "audited_from",
    "audited_until", "days_spent", "recommendation", "unresolved", "significant_issues",
)  # fmt: skip


class _Book:
    """The records that tell of audits, read once."""

    def __init__(self, store: Store, organisation: str, on: date, known: int, plan: Plan | None) -> None:
        self.store, self.organisation, self.on, self.known, self.plan = store, organisation, on, known, plan
        self.reader = Reader(store, organisation, on, known)
        self.files = {r["id"]: r for r in self._read("audit_file", *_FILE)}
        self.internal = {
            r["id"]: r
            for r in self._read("internal_audit", "planned_on", "audited_on", "criteria", "lead_auditor")
        }
        found = self._read(
            "certification_step", "step", "planned_on", "happened_on", "lead_auditor", "team", "site",
            "certificate",
        )  # fmt: skip
        self.steps = {r["id"]: r for r in found if r["step"] in AUDITS}
        self.scopes = self._read(
            "audit_scope", "internal_audit", "audit_file", "unit", "site", "clause", "audited_on", "auditor",
            "audit_result",
        )  # fmt: skip
        self.sessions = self._read(
            "audit_session", "audit_file", "unit", "site", "clauses", "held_on", "auditor", "session_type"
        )
        self.members = self._read("audit_team_member", "audit_file", "auditor", "name", "team_role")
        self.people = {
            name
            for kind in ("person", "auditor")
            for r in self._read(kind, "name")
            for name in r.values()
            if name
        }
        self.judgements = self._judgements()
        columns = ("id", "internal_audit", "audit", "auditor")
        raw = {r[0]: r[1:] for r in store.rows(FINDING, organisation, columns, known=known)}
        self.raisers = {record: told[2] for record, told in raw.items()}
        self.cases: list[tuple[Case, frozenset[str]]] = []
        for one in followed(store, organisation, on, known):
            told = {one.case.finding.audit}
            if not one.altered:  # what was changed afterwards does not move a finding to another audit
                told |= set(raw[one.case.finding.record][:2])
            self.cases.append((one.case, frozenset(name for name in told if name)))

    def _read(self, kind: str, *columns: str) -> list[dict[str, Any]]:
        rows = self.reader.rows(kind, "id", *columns, valid=False)
        return [dict(zip(("id", *columns), row, strict=True)) for row in rows]

    def _judgements(self) -> list[tuple[Looked, str]]:
        """What filled checklists and auditors judged, each with the day."""
        found = []
        for r in self._read("judgement", "ruleset", "address", "judged_on", "made_as", "unit"):
            if r["made_as"] == "audit" and r["judged_on"]:
                clause, standards = clause_of(f"{r['ruleset']}:{r['address']}", ())
                day = date.fromisoformat(r["judged_on"])
                found.append((Looked("judgement", day, r["unit"], None, clause, standards), r["judged_on"]))
        return found

    def audits(self) -> list[Audit]:
        """All of them; those without a day come last."""
        found = [self._of_file(r) for r in self.files.values()]
        taken = {one.internal_audit for one in found} | {one.step for one in found}
        found += [self._of_internal(r) for id, r in self.internal.items() if id not in taken]
        found += [self._of_step(r) for id, r in self.steps.items() if id not in taken]
        names = frozenset[str]().union(*(one.names for one in found)) if found else frozenset()
        loose: dict[str, list[Case]] = {}
        for case, told in self.cases:
            if not told & names:
                loose.setdefault(case.finding.audit or NAMELESS, []).append(case)
        found += [self._loose(name, cases) for name, cases in loose.items()]
        return sorted(found, key=lambda a: (a.last is None, a.last or a.planned or date.max, a.id))

    def _of_file(self, r: Mapping[str, Any]) -> Audit:
        ia, step = r["internal_audit"], r["certification_step"]
        names = frozenset(name for name in (r["id"], step, r["title"], ia) if name)
        named = tuple(part for part in re.split(r"[;；,，\s]+", r["standards"] or "") if part)
        sessions = [s for s in self.sessions if s["audit_file"] == r["id"]]
        members = [m for m in self.members if m["audit_file"] == r["id"] and m["team_role"] in TEAM]
        members.sort(key=lambda m: (m["team_role"] != "lead", m["id"]))
        team = [m["auditor"] or m["name"] for m in members] + [s["auditor"] for s in sessions]
        return self._made(
            r["id"], "file", names, ia, step,
            title=r["title"], audit_type=r["audit_type"], file=r, sessions=sessions, team=team,
            standards=named or self._criteria(r["criteria"]),
            days=(r["audited_from"], r["audited_until"]),
        )  # fmt: skip

    def _of_internal(self, r: Mapping[str, Any]) -> Audit:
        return self._made(r["id"], "internal", frozenset((r["id"],)), r["id"], None, audit_type="internal")

    def _of_step(self, r: Mapping[str, Any]) -> Audit:
        return self._made(r["id"], "step", frozenset((r["id"],)), None, r["id"], audit_type=r["step"])

    def _loose(self, name: str, cases: Sequence[Case]) -> Audit:
        days = [case.finding.found_on for case in cases]
        team = sorted({who for case in cases if (who := self.raisers.get(case.finding.record))})
        kind: Kind = "nameless" if name == NAMELESS else "named"
        names = frozenset(() if kind == "nameless" else (name,))
        return Audit(name, kind, names, first=min(days), last=max(days), team=tuple(team), cases=tuple(cases))

    def _criteria(self, text: str | None) -> tuple[str, ...]:
        return standards_named(text, self.plan) if self.plan else ()

    def _made(
        self,
        id: str,
        kind: Kind,
        names: frozenset[str],
        ia: str | None,
        step: str | None,
        *,
        title: str | None = None,
        audit_type: str | None = None,
        file: Mapping[str, Any] | None = None,
        sessions: Sequence[Mapping[str, Any]] = (),
        team: Sequence[str | None] = (),
        standards: tuple[str, ...] = (),
        days: tuple[str | None, str | None] = (None, None),
    ) -> Audit:
        internal, stepped = self.internal.get(ia or "", {}), self.steps.get(step or "", {})
        scopes = [
            s for s in self.scopes if (ia and s["internal_audit"] == ia) or (file and s["audit_file"] == id)
        ]
        standards = standards or self._criteria(internal.get("criteria"))
        cases = tuple(case for case, told in self.cases if told & names)
        looked = [*self._scoped(scopes, standards), *self._timetabled(sessions, standards)]
        if stepped.get("site") and stepped.get("happened_on"):
            looked.append(Looked("step", _day(stepped["happened_on"]), site=stepped["site"]))
        held = [one.on for one in looked if one.on]
        told = [d for d in map(_day, days) if d]
        ends = [d for d in (_day(internal.get("audited_on")), _day(stepped.get("happened_on"))) if d]
        span = told or [*ends, *held] or [case.finding.found_on for case in cases]
        first, last = (min(span), max(span)) if span else (None, None)
        if first and last:
            looked += [one for one, day in self.judgements if first.isoformat() <= day <= last.isoformat()]
        listed, doubtful = members_of(stepped.get("team"), self.people.__contains__)
        people = [
            *team, internal.get("lead_auditor"), stepped.get("lead_auditor"), *listed, *(s["auditor"] for s in scopes),
            *(self.raisers.get(case.finding.record) for case in cases),
        ]  # fmt: skip
        planned = _day(internal.get("planned_on")) or _day(stepped.get("planned_on"))
        return Audit(
            id, kind, names, ia, step, title, audit_type, first, last, planned, standards,
            tuple(dict.fromkeys(p.strip() for p in people if p and p.strip())),
            tuple(one for one in looked if one.on is None or one.on <= self.on), cases, file or {},
            stepped.get("certificate"), doubtful,
        )  # fmt: skip

    def _scoped(self, scopes: Iterable[Mapping[str, Any]], standards: tuple[str, ...]) -> Iterator[Looked]:
        for s in scopes:
            if s["audited_on"] and s["audit_result"]:
                clause, of = clause_of(s["clause"], standards) if s["clause"] else (None, ())
                yield Looked("scope", _day(s["audited_on"]), s["unit"], s["site"], clause, of)

    def _timetabled(
        self, sessions: Iterable[Mapping[str, Any]], standards: tuple[str, ...]
    ) -> Iterator[Looked]:
        for s in sessions:
            if s["session_type"] not in ("audit", None) or not s["held_on"]:
                continue
            day = _day(s["held_on"])
            for part in re.split(r"[;；]", s["clauses"] or ""):
                clause, of = clause_of(part.strip(), standards) if part.strip() else (None, ())
                yield Looked("session", day, s["unit"], s["site"], clause, of)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
