"""Which audit a checklist belongs to, and who may answer its lines: the team, by the rules its timetable is made by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from shall.engine.audit.checklist.form import Form, Line
from shall.engine.audit.checklist.visits import AUDITING, NOT_EVIDENCE, team_of
from shall.engine.audit.programme.make import Matter, Programme
from shall.engine.audit.programme.policy import read_policy
from shall.engine.audit.programme.situation import read
from shall.engine.audit.timetable.gather import (
    Facts,
    Member,
    _bodies,
    _scopes,
    audit_file,
    gather,
)
from shall.engine.audit.timetable.problem import Condition
from shall.engine.audit.timetable.request import read_request
from shall.engine.audit.timetable.when import Span
from shall.engine.audit.timetable.work import Judge, absent_on
from shall.engine.cache import executor_for
from shall.engine.plan import Plan
from shall.engine.shelf import shipped
from shall.evidence.store import Store

BY_PEOPLE = ("competence",)
"""Reasons of the planner that were looked at for the day itself already."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Which audit the checklist belongs to: an internal audit on record, or an external one by name.

    `file` is its audit file, where there is one, and `audit_type` what that says about it.
    """

    internal_audit: str | None = None
    name: str | None = None
    file: str | None = None
    audit_type: str | None = None

    @property
    def internal(self) -> bool:
        """Whether the organisation audits itself."""
        if self.file is None:
            return self.internal_audit is not None
        return self.audit_type in (None, "internal")

    @property
    def origin(self) -> str:
        """The origin that its findings bear."""
        if self.internal:
            return "internal"
        return "customer" if self.audit_type == "customer" else "certification"


Why = tuple[str, Mapping[str, object]]


def audit_of(store: Store, form: Form, named: Audit) -> Audit:
    """The audit named, else the one whose timetable the checklist was made from; with its file, where one is meant."""
    columns = ("id", "internal_audit", "title", "certification_step", "audit_type", "status")
    rows = [r for r in store.rows("audit_file", form.organisation, columns) if r[5] not in NOT_EVIDENCE]
    if named == Audit():
        found = [r for r in rows if r[0] == form.audit]
    elif named.name is not None:
        exact = [r for r in rows if r[0] == named.name]
        found = exact or [r for r in rows if named.name in (r[2], r[3])]
    else:
        found = [r for r in rows if r[1] == named.internal_audit]
    if len(found) != 1:
        return named if named != Audit() else Audit(None, form.audit)
    record, internal, _, _, kind, _ = found[0]
    return Audit(named.internal_audit or internal, record, record, kind)


class Team:
    """Who may answer what in one audit, by its file: asked line by line, read once for each day."""

    def __init__(self, store: Store, form: Form, audit: str) -> None:
        self.store, self.organisation = store, form.organisation
        self.file = audit_file(store, self.organisation, audit, None)
        self.roles = team_of(store, self.organisation, audit)
        self.outside = {
            row[0]: bool(row[2]) and row[1] is None
            for row in store.rows("person", self.organisation, ("id", "unit", "is_external"))
        }
        keys = [str(s["key"]) for s in form.standards if s["key"] in shipped()]
        self.plan: Plan = executor_for(keys or shipped()[:1]).plan
        self.policy, self.request = read_policy(), read_request()
        self._days: dict[date, Judge | None] = {}
        self._matters: dict[str, Matter] = {}

    def against(self, auditor: str, line: Line, on: date) -> Iterator[Why]:
        """Everything that keeps this auditor from answering that line on that day."""
        if self.roles and self.roles.get(auditor) not in AUDITING:
            role = self.roles.get(auditor)
            names = ", ".join(a for a, r in self.roles.items() if r in AUDITING)
            yield (
                ("checklist.never_alone", {"role": role})
                if role
                else ("checklist.not_in_team", {"names": names})
            )
            return
        judge = self._judge(on)
        member = _member(judge, auditor)
        if judge is None or member is None:
            return
        if not judge.facts.internal and member.person and not self.outside.get(member.person):
            yield "checklist.clients_own", {}
            return
        if absent_on(judge.facts, auditor, on):
            yield "checklist.absent", {"on": on}
        conditions = {
            c for m in line.members for c in self._conditions(judge, member, line, m.ruleset, m.clause)
        }
        for condition in sorted(conditions, key=str):
            if (why := self._why(judge.facts, condition)) is not None:
                yield why

    def own_work_ruled_out(self, auditor: str, line: Line, on: date) -> bool:
        """Whether it was looked at, and found, that the auditor does not audit own work there."""
        judge = self._judge(on)
        member = _member(judge, auditor)
        if judge is None or member is None:
            return False
        if member.person is None or self.outside.get(member.person, False):
            return True
        return line.unit in judge.facts.units and member.unit is not None

    def _conditions(
        self, judge: Judge, member: Member, line: Line, ruleset: str, clause: str
    ) -> Iterator[Condition]:
        units, matter = judge.facts.units, self._matter(ruleset, clause)
        if line.unit in units:
            yield from judge.against(member, str(line.unit), matter)
            return
        bound = {t.record: t.unit for t in judge.facts.ties}
        for condition in judge.against(member, next(iter(units)), matter):
            if condition[0] != "own" and not (condition[0] == "tie" and bound[str(condition[2])]):
                yield condition

    def _why(self, facts: Facts, condition: Condition) -> Why | None:
        kind, *rest = condition
        if kind == "person":
            return (
                None if rest[1] in BY_PEOPLE else ("checklist.may_not", {"why": f"programme.not_{rest[1]}"})
            )
        if kind == "own":
            fields = {"unit": rest[1], "why": f"programme.not_{rest[2]}"}
            return (
                ("checklist.own_unit", {"unit": rest[1]})
                if rest[2] == "own_unit"
                else ("checklist.own_work", fields)
            )
        if kind == "tie":
            tie = next(t for t in facts.ties if t.record == rest[1])
            if tie.ended is None:
                return "checklist.tied", {"record": tie.record}
            months = self.request.file.impartiality_months
            return "checklist.was_tied", {"record": tie.record, "ended": tie.ended, "months": months}
        return "checklist.out_of_scope", {}

    def _matter(self, ruleset: str, clause: str) -> Matter:
        name = f"{ruleset}:{clause}"
        if name not in self._matters:
            ours = [p for p in self.plan.provisions if (p.ruleset, p.clause) == (ruleset, clause)]
            concepts = frozenset(c for p in ours for c in p.concepts)
            self._matters[name] = Matter(ruleset, clause, {}, ours, frozenset(), concepts, (), False)
        return self._matters[name]

    def _judge(self, on: date) -> Judge | None:
        """Who may audit what on a day; None where nobody is an auditor then."""
        if on not in self._days:
            self._days[on] = self._judge_of(on)
        return self._days[on]

    def _judge_of(self, on: date) -> Judge | None:
        situation = read(self.store, self.organisation, on, on, self.plan, (), (0, 0))
        if not situation.auditors:
            return None
        everybody = [a.id for a in situation.auditors]
        facts = gather(self.store, situation, self.file, everybody, Span(on, 1), self.request)
        scopes = _scopes(_bodies(self.store, "auditor_competence", self.organisation, None), on)
        programme = Programme(self.plan, self.policy, situation, 0, 1, 1, (), (), (), (), {}, (), {}, ())
        return Judge(replace(facts, days=[on], scopes=scopes), programme, self.request)


def _member(judge: Judge | None, auditor: str) -> Member | None:
    return next((m for m in judge.facts.members if m.id == auditor), None) if judge else None
