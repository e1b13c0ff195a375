"""One audit as it is on record: its file, team, timetable, places, and the findings that belong to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from shall.engine.audit.carried import Carried
from shall.engine.audit.carry_over import carried
from shall.engine.audit.history import followed
from shall.engine.audit.lifecycle import Case, Event
from shall.engine.joining import further_criteria
from shall.engine.papers.layout import Ask
from shall.engine.plan import Plan
from shall.engine.reports.records import Record, Records
from shall.engine.shelf import shipped
from shall.evidence.store import Store
from shall.texts import Lang, say
from shall.texts.errors import UsageError

ACCOMPANYING = ("observer", "guide", "interpreter")
"""Roles of those who take no part in the auditing."""
NEVER_ALONE = ("expert", "trainee")
"""Roles of members who audit in the company of an auditor only."""
TEMPORARY = ("project",)
"""Purposes of sites that are not permanent."""
NAMED = 12
"""So many audits are named where the one meant is not there."""

FROM_INTERNAL = {
    "objectives": "purpose",
    "criteria": "criteria",
    "audited_scope": "audited_scope",
    "audited_until": "audited_on",
    "conforms": "conforms_standard",
    "effective": "implemented_effectively",
    "reported_on": "reported_on",
}
"""What the record of an internal audit says, under the names of an audit file; the file goes before it."""

CARRIED = ("t_ccaa_39",)
"""The standard by which is told what earlier audits left, where the audit names none at hand."""

GRADES = ("major", "minor", "opportunity", "observation", "good_practice")
"""The order in which findings are listed."""

Item = dict[str, Any]


class Audit:
    """One audit with what belongs to it; raises UsageError, naming the audits there are."""

    def __init__(self, store: Store, ask: Ask, lang: Lang) -> None:
        self.store, self.ask, self.lang = store, ask, lang
        self._plans: dict[str, Plan] = {}
        self.records = Records(store, ask.organisation, ask.on.isoformat(), ask.known, lang)
        self.file = self._file()
        self.id = str(self.file["id"])

    def _file(self) -> Record:
        files = {str(f["id"]): f for f in self.records.of("audit_file")}
        kept = {f.get("internal_audit") for f in files.values()}
        internal = {str(a["id"]): a for a in self.records.of("internal_audit") if a["id"] not in kept}
        names = [*files, *internal]
        if not names:
            raise UsageError("papers.no_audits")
        wanted = self.ask.audit or (names[0] if len(names) == 1 else None)
        if wanted not in names:
            shown = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
            key = "papers.no_audit" if wanted else "papers.which_audit"
            raise UsageError(key, audit=wanted or "", names=shown)
        file = files.get(wanted) or {"id": wanted, "audit_type": "internal", "internal_audit": wanted}
        own = self.records.one("internal_audit", file.get("internal_audit"))
        lent = {name: own.get(column) for name, column in FROM_INTERNAL.items()} if own else {}
        return {**lent, **{k: v for k, v in file.items() if v is not None}}

    # --- words -----------------------------------------------------------------------------------

    def t(self, key: str, /, **fields: object) -> str:
        """A text of the papers."""
        return say(f"papers.{key}", self.lang, **fields)

    @property
    def none(self) -> str:
        """What is said where nothing is on record."""
        return self.t("none")

    def word(self, column: str) -> str:
        """What the file says, in words; the statement that it says nothing, where it does not."""
        return self.records.word("audit_file", self.file, column) or self.none

    def joined(self, texts: Iterable[str]) -> str:
        """Texts in one, each once; the statement that there are none."""
        return self.t("comma").join(dict.fromkeys(t for t in texts if t)) or self.none

    def who(self, auditor: Any) -> str:
        """The name of an auditor or a person, the id where there is no name; empty if nobody is named."""
        if not auditor:
            return ""
        row = self.records.one("auditor", auditor)
        if row is None:
            return self.records.label("person", auditor)
        return str(row.get("name") or self.records.label("person", row.get("person") or auditor))

    def number(self, key: str) -> str:
        """The number of a standard, the key of its ruleset where it is not one of ours."""
        return self.numbers.get(key, key)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """Numbers of the standards that anything here names, by key."""
        keys = [
            *self.standards,
            *(str(f.get("ruleset") or "") for f in self.records.of("audit_finding")),
            *(n.partition(":")[0] for f in self.records.of("audit_finding") for n in further_of(f)),
            *(clause.partition(":")[0] for s in self.sessions for clause in clauses_of(s)),
        ]
        return {
            key: _number(key) for key in dict.fromkeys(keys) if key in SHIPPED or key in self.ask.standards
        }

    # --- what belongs to it ----------------------------------------------------------------------

    @cached_property
    def standards(self) -> tuple[str, ...]:
        """Keys of the rulesets that were the criteria, as asked for, else as the file names them."""
        named = str(self.file.get("standards") or "").replace("；", ";").split(";")
        return self.ask.standards or tuple(dict.fromkeys(key.strip() for key in named if key.strip()))

    @property
    def at_hand(self) -> list[str]:
        """Those of them that can be evaluated."""
        return [key for key in self.standards if key in SHIPPED or key in self.ask.standards]

    @cached_property
    def organisation(self) -> Record:
        """The profile, empty where there is none."""
        return next(iter(self.records.of("organisation")), {})

    @cached_property
    def step(self) -> Record | None:
        """The step of certification it belongs to."""
        return self.records.one("certification_step", self.file.get("certification_step"))

    @cached_property
    def certificate(self) -> Record | None:
        """The certificate it is about."""
        return self.records.one("certificate", self.step.get("certificate")) if self.step else None

    @cached_property
    def internal(self) -> Record | None:
        """The record of the internal audit it belongs to."""
        return self.records.one("internal_audit", self.file.get("internal_audit"))

    @cached_property
    def members(self) -> list[Record]:
        """Those on record as taking part."""
        return [m for m in self.records.of("audit_team_member") if m.get("audit_file") == self.id]

    @cached_property
    def team(self) -> list[Item]:
        """Who audited: rows of the team, else the leader and members that the record of the audit names."""
        found = [self._member(m) for m in self.members if m.get("team_role") not in ACCOMPANYING]
        if found:
            return sorted(found, key=lambda m: m["role"] != self._role("lead"))
        if self.internal and self.internal.get("lead_auditor"):
            leads = [self.who(self.internal["lead_auditor"])]
        else:
            leads = [str(self.step["lead_auditor"])] if self.step and self.step.get("lead_auditor") else []
        others = [self.who(s.get("auditor")) for s in self.looked_at]
        others += str((self.step or {}).get("team") or "").replace("；", ";").split(";")
        names = [n.strip() for n in dict.fromkeys(others) if n.strip() and n.strip() not in leads]
        roles = [*[("lead", n) for n in leads], *[("auditor", n) for n in names]]
        return [{"name": n, "role": self._role(role), "no_objection": self.none} for role, n in roles]

    def _role(self, code: str) -> str:
        return self.records.word("audit_team_member", {"team_role": code}, "team_role")

    def _member(self, member: Record) -> Item:
        return {
            "name": self.who(member.get("auditor")) or str(member.get("name") or self.none),
            "role": self.records.word("audit_team_member", member, "team_role") or self.none,
            "no_objection": self.records.word("audit_team_member", member, "accepted_by_client") or self.none,
        }

    @property
    def alongside(self) -> str:
        """Members of the team whom the timetable names nowhere: whom they go along with; empty if there are none."""
        named = {s.get("auditor") for s in self.sessions}
        left = [
            m for m in self.members if m.get("team_role") in NEVER_ALONE and m.get("auditor") not in named
        ]
        told = [self.with_role(m) for m in left if self.sessions]
        return self.t("alongside", names=self.joined(told), lead=self.lead) if told else ""

    def with_role(self, member: Record) -> str:
        """A member's name with the role."""
        row = self._member(member)
        return self.t("name_role", name=row["name"], role=row["role"])

    def at_work(self, auditor: object) -> str:
        """The name of an auditor as the timetable has it: with the role where they never audit alone."""
        found = (m for m in self.members if auditor and m.get("auditor") == auditor)
        member = next((m for m in found if m.get("team_role") in (*NEVER_ALONE, *ACCOMPANYING)), None)
        return self.with_role(member) if member else self.who(auditor)

    @property
    def accompanying(self) -> list[Item]:
        """Those who came along."""
        return [self._member(m) for m in self.members if m.get("team_role") in ACCOMPANYING]

    @property
    def lead(self) -> str:
        """The leader of the team."""
        return self.joined(m["name"] for m in self.team if m["role"] == self._role("lead"))

    @cached_property
    def people(self) -> frozenset[str]:
        """Names and ids of those who audited, as one may find them in other records."""
        ids = {str(m["auditor"]) for m in self.members if m.get("auditor")}
        rows = [row for i in ids if (row := self.records.one("auditor", i))]
        persons = {str(row["person"]) for row in rows if row.get("person")}
        return frozenset(ids | persons | {m["name"] for m in self.team})

    @cached_property
    def sessions(self) -> list[Record]:
        """The timetable in its order."""
        found = [s for s in self.records.of("audit_session") if s.get("audit_file") == self.id]
        return sorted(
            found, key=lambda s: (str(s.get("held_on") or ""), str(s.get("starts") or ""), str(s["id"]))
        )

    @cached_property
    def looked_at(self) -> list[Record]:
        """What records of checks say was looked at, those of the file and of its internal audit."""
        own = self.file.get("internal_audit")
        found = [
            s
            for s in self.records.of("audit_scope")
            if s.get("audit_file") == self.id or (own and s.get("internal_audit") == own)
        ]
        return sorted(found, key=lambda s: (str(s.get("audited_on") or ""), str(s["id"])))

    @cached_property
    def findings(self) -> list[Record]:
        """The findings raised in it by the day, the gravest first."""
        found = [f for f in self.records.of("audit_finding") if self.owns(f) and self._raised(f)]
        return sorted(found, key=lambda f: (self._rank(f), str(f["id"])))

    def _raised(self, finding: Record) -> bool:
        return str(finding.get("found_on") or "") <= self.records.on

    def _rank(self, finding: Record) -> int:
        grade = self.grade_of(finding)
        return GRADES.index(grade) if grade in GRADES else len(GRADES)

    def grade_of(self, finding: Record) -> str:
        """The grade that counts: after a regrade the new one; empty where none is on record."""
        case = self.cases.get(str(finding["id"]))
        return case.grade if case else str(finding.get("grade") or "")

    def stands(self, finding: Record) -> bool:
        """Whether it is a nonconformity that was not withdrawn."""
        return self.grade_of(finding) in ("major", "minor") and not self.withdrawn(finding)

    def owns(self, finding: Record) -> bool:
        """Whether a finding belongs to this audit."""
        names = {self.id, self.file.get("certification_step"), self.file.get("title")} - {None}
        own = self.file.get("internal_audit")
        return finding.get("audit") in names or (own is not None and finding.get("internal_audit") == own)

    @property
    def certifies(self) -> bool:
        """Whether it is an audit for a certificate: what only such a report says is left out of others."""
        return self.file.get("audit_type") not in ("internal", "customer")

    def withdrawn(self, finding: Record) -> bool:
        """Whether a finding was withdrawn: it counts for nothing and stands among the disputes only."""
        case = self.cases.get(str(finding["id"]))
        return case is not None and case.state == "withdrawn"

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Every finding that is followed, of this audit or another, by id."""
        found = followed(self.store, self.ask.organisation, self.ask.on, self.ask.known)
        return {f.case.finding.record: f.case for f in found}

    def gist(self, ruleset: str, address: str) -> Mapping[str, str]:
        """What a provision asks, by language; empty where ruleset or address is not ours."""
        if ruleset not in SHIPPED and ruleset not in self.ask.standards:
            return {}
        if ruleset not in self._plans:
            from shall.engine.cache import executor_for

            self._plans[ruleset] = executor_for([ruleset]).plan
        found = self._plans[ruleset].provision(ruleset, address)
        return found.gist if found else {}

    def further(self, finding: Record) -> tuple[str, ...]:
        """The further criteria of a finding, as they stood when something was first done about it."""
        case = self.cases.get(str(finding["id"]))
        return case.finding.further if case else further_of(finding)

    def criterion(self, finding: Record) -> str:
        """Standard and address of every criterion of a finding, one to a line."""
        first = (
            str(finding.get("ruleset") or ""),
            str(finding.get("address") or finding.get("clause") or ""),
        )
        places = [first, *((n.rpartition(":")[0], n.rpartition(":")[2]) for n in self.further(finding))]
        return "\n".join(f"{self.number(key)} {address}".strip() for key, address in places)

    @cached_property
    def carried(self) -> Carried:
        """What earlier audits had left open the day before this one began; at the latest on the day asked for."""
        begins = max(date.fromisoformat(self.first_day or self.records.on), date.min + timedelta(days=1))
        return carried(
            self.store,
            self.ask.organisation,
            min(self.ask.on, begins - timedelta(days=1)),
            known=self.ask.known,
            standards=self.at_hand or CARRIED,
            policy=self.ask.policy,
            days=self.ask.days,
        )

    # --- days and places -------------------------------------------------------------------------

    @property
    def first_day(self) -> str:
        """The first day: of the file, else of the timetable, else of what was looked at; empty if unknown."""
        return str(
            self.file.get("audited_from")
            or min(self._days, default="")
            or self.file.get("audited_until")
            or ""
        )

    @property
    def last_day(self) -> str:
        """The last day, likewise."""
        return str(self.file.get("audited_until") or max(self._days, default=""))

    @cached_property
    def _days(self) -> list[str]:
        days = [s.get("held_on") for s in self.sessions] or [s.get("audited_on") for s in self.looked_at]
        return [str(day) for day in days if day]


SHIPPED = frozenset(shipped())
"""Rulesets a record may name: a folder of somebody's own is taken from the command line only."""


def _number(ruleset: str) -> str:
    from shall.engine.cache import executor_for

    plan = executor_for([ruleset]).plan
    return str(plan.standards[plan.asked[0]]["number"])


def further_of(finding: Record) -> tuple[str, ...]:
    """The further criteria of a finding, `ruleset:address` each."""
    return further_criteria(finding.get("criterion"), finding.get("further"))


def clauses_of(session: Record) -> list[str]:
    """The clauses of an entry of a timetable, `ruleset:clause` each."""
    return [c.strip() for c in str(session.get("clauses") or "").replace("；", ";").split(";") if c.strip()]


def steps_of(case: Case | None, *names: str) -> Sequence[Event]:
    """The steps of those names that were taken."""
    return [step for step in (case.steps if case else ()) if step.event in names]
