"""What the papers of one question read: the records in words, the policy, the plans; and which findings are meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shall.engine.audit.calendar import calendar
from shall.engine.audit.history import Followed, followed, one
from shall.engine.cache import executor_for
from shall.engine.papers.layout import Ask
from shall.engine.plan import Plan
from shall.engine.reports.records import Records
from shall.evidence.store import Store
from shall.texts import Lang, say
from shall.texts.errors import RulesetError, UsageError

NONCONFORMITIES = ("major", "minor")
NAMED = 12
"""So many audits an error names."""

_EXTRA = ("id", "internal_audit", "audit", "site")
Body = Mapping[str, Any]


@dataclass
class Desk:
    """What the papers of one question read, each once."""

    store: Store
    ask: Ask
    lang: Lang
    _plans: dict[str, Plan | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ask = self.ask
        self.policy, self.days = ask.policy, ask.days or calendar()
        self.records = Records(self.store, ask.organisation, ask.on.isoformat(), ask.known, self.lang)
        rows = self.store.rows("audit_finding", ask.organisation, _EXTRA, known=ask.known)
        self.raised: dict[str, Body] = {row[0]: dict(zip(_EXTRA, row, strict=True)) for row in rows}

    def says(self, name: str, /, **fields: object) -> str:
        """A text of these papers."""
        return say(f"papers_more.{name}", self.lang, **fields)

    def named(self, kind: str, record: str | None) -> str:
        """A record by name and id; the id alone where it has no name, nothing where there is no id."""
        if not record:
            return ""
        name = self.records.label(kind, record)
        return record if name == record else self.says("named", name=name, id=record)

    def who(self, name: str | None) -> str:
        """A person, or an auditor who is no person on record."""
        if name and self.records.one("person", name) is None and self.records.one("auditor", name):
            return self.named("auditor", name)
        return self.named("person", name)

    def organisation(self) -> str:
        """The name in the organisation's profile, its id without one."""
        rows = self.store.rows("organisation", self.ask.organisation, ["name"], known=self.ask.known)
        return next((str(row[0]) for row in rows if row[0]), self.ask.organisation)

    def plan(self, ruleset: str) -> Plan | None:
        """The plan of a ruleset by key, shipped or among those asked for; None where it is not at hand."""
        if ruleset not in self._plans:
            self._plans[ruleset] = next(self._found(ruleset), None)
        return self._plans[ruleset]

    def _found(self, ruleset: str) -> Iterator[Plan]:
        for name in (ruleset, *self.ask.standards):
            try:
                plan = executor_for((name,)).plan
            except RulesetError:
                continue
            if ruleset in plan.standards:
                yield plan


def asked_findings(desk: Desk) -> list[Followed]:
    """The nonconformity asked for, or all of the audit, or all there are; raises UsageError."""
    ask = desk.ask
    if ask.finding is not None:
        one(desk.store, ask.organisation, ask.finding, ask.known)
        found = followed(desk.store, ask.organisation, ask.on, ask.known, ask.finding)
        if not found:
            raise UsageError("papers_more.not_found_yet", finding=ask.finding, on=ask.on)
        if found[0].case.finding.grade not in NONCONFORMITIES:
            raise UsageError("papers_more.no_nonconformity", finding=ask.finding)
        return found
    found = followed(desk.store, ask.organisation, ask.on, ask.known)
    found = [f for f in found if f.case.finding.grade in NONCONFORMITIES]
    if ask.audit is None:
        return found
    names, internal = _audit(desk, ask.audit)
    return [f for f in found if _belongs(desk.raised[f.case.finding.record], names, internal)]


def _belongs(raised: Body, names: set[str], internal: set[str]) -> bool:
    return raised["audit"] in names or raised["internal_audit"] in internal


def _audit(desk: Desk, audit: str) -> tuple[set[str], set[str]]:
    """How findings name that audit, and the internal audits it is; raises UsageError where nothing names it."""
    ask = desk.ask
    columns = ("id", "title", "internal_audit", "certification_step")
    files = desk.store.rows("audit_file", ask.organisation, columns, known=ask.known)
    for name, title, internal, step in files:
        if name == audit:
            return {n for n in (name, title, step) if n}, {internal} if internal else set()
    internals = {
        row[0] for row in desk.store.rows("internal_audit", ask.organisation, ("id",), known=ask.known)
    }
    said = {r["audit"] for r in desk.raised.values() if r["audit"]}
    if audit in internals or audit in said:
        return {audit}, {audit}
    names = sorted({f[0] for f in files} | internals | said)
    shown = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
    raise UsageError("papers_more.no_audit", audit=audit, names=shown or "-")
