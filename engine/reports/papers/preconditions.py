"""What must hold before a certificate is granted, kept or renewed: each condition met, not met, or not to be told.

Nothing is taken for done that is not on record. The conditions follow ISO/IEC 17021-1, 9.5 and 9.6; how long a system
must have run is what certification bodies usually ask.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from shall.engine.audit.cycle import VERIFIED
from shall.engine.reports.papers.audit_report import CONCLUSIONS
from shall.engine.reports.papers.audits import Audit
from shall.engine.reports.papers.earlier_findings import earlier
from shall.engine.reports.records import Record
from shall.engine.trees import shift_months

Outcome = Literal["met", "not_met", "unknown"]

PLANNED = ("accepted", "implemented", "implementation_verified", *VERIFIED)
"""States in which the plan of a nonconformity has been accepted."""
RUNNING, STAGE_2 = 3, 6
"""Months a system runs before certification; months after stage 2 within which majors are verified."""
CERTIFIES = ("stage_1", "stage_2", "surveillance", "recertification", "special")
"""Types of audit that a certificate may follow from."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its key, how it stands, the records and days that say so."""

    key: str
    outcome: Outcome
    basis: str = ""


def conditions(audit: Audit) -> list[Condition]:
    """Every condition that applies to this type of audit, in the order in which one would look."""
    view = _View(audit)
    checks: list[tuple[str, Callable[[], tuple[Outcome, str]]]] = [
        ("certification", view.certification),
        ("reported", view.reported),
        ("concluded", view.concluded),
        ("majors", view.majors),
        ("minors", view.minors),
        ("disputes", view.disputes),
        ("earlier", view.earlier_ones),
        ("team_recommends", view.team_recommends),
        ("decider_outside", view.decider_outside),
        ("recommender_outside", view.recommender_decides),
    ]
    if audit.file.get("audit_type") == "stage_2":
        checks += [
            ("stage_1", view.stage_1),
            ("six_months", view.six_months),
            ("running", view.running),
            ("internal_audit", view.internal_audit),
            ("management_review", view.management_review),
        ]
    if audit.file.get("audit_type") == "recertification":
        checks.append(("before_expiry", view.before_expiry))
    return [Condition(key, *check()) for key, check in checks]


def overall(found: Sequence[Condition]) -> Outcome:
    """Not met if one is not, not to be told if one is not to be told, else met."""
    outcomes = {c.outcome for c in found}
    return "not_met" if "not_met" in outcomes else "unknown" if "unknown" in outcomes else "met"


class _View:
    """The facts of one audit as the conditions ask for them."""

    def __init__(self, audit: Audit) -> None:
        self.audit, self.file = audit, audit.file

    @cached_property
    def standing(self) -> Mapping[str, Any]:
        """Findings of this audit that are followed, by id, withdrawn ones left out."""
        cases = ((str(f["id"]), self.audit.cases.get(str(f["id"]))) for f in self.audit.findings)
        return {record: case for record, case in cases if case and case.state != "withdrawn"}

    @property
    def lost(self) -> list[str]:
        """Nonconformities of this audit of which no steps can be told, because the record lacks what that takes."""
        return [
            str(f["id"])
            for f in self.audit.findings
            if f.get("grade") in ("major", "minor", None) and str(f["id"]) not in self.audit.cases
        ]

    def _names(self, records: Sequence[str]) -> str:
        return self.audit.t("comma").join(records)

    def certification(self) -> tuple[Outcome, str]:
        kind = self.file.get("audit_type")
        if kind is None:
            return "unknown", ""
        return ("met" if kind in CERTIFIES else "not_met"), self.audit.word("audit_type")

    def reported(self) -> tuple[Outcome, str]:
        day = str(self.file.get("reported_on") or "")
        if not day:
            return "unknown", ""
        return ("met" if day <= self.audit.records.on else "not_met"), day

    def concluded(self) -> tuple[Outcome, str]:
        """All that a report concludes is concluded, and nothing of it with no."""
        said = {name: self.file.get(name) for name in CONCLUSIONS}
        no = [self.audit.t(f"c_{name}") for name, value in said.items() if value == "no"]
        missing = [self.audit.t(f"c_{name}") for name, value in said.items() if value in (None, "partly")]
        return ("not_met", self._names(no)) if no else ("unknown" if missing else "met", self._names(missing))

    def majors(self) -> tuple[Outcome, str]:
        return self._states(lambda case: case.grade == "major", VERIFIED)

    def minors(self) -> tuple[Outcome, str]:
        return self._states(lambda case: case.grade == "minor", PLANNED)

    def _states(self, which: Callable[[Any], bool], enough: Sequence[str]) -> tuple[Outcome, str]:
        found = {record: case for record, case in self.standing.items() if which(case)}
        short = [record for record, case in found.items() if case.state not in enough]
        if short:
            return "not_met", self._names(short)
        return ("unknown", self._names(self.lost)) if self.lost else ("met", self._names(list(found)))

    def disputes(self) -> tuple[Outcome, str]:
        open_ones = [record for record, case in self.standing.items() if case.state == "disputed"]
        if open_ones:
            return "not_met", self._names(open_ones)
        return ("unknown", self.audit.word("unresolved")) if self.file.get("unresolved") else ("met", "")

    def earlier_ones(self) -> tuple[Outcome, str]:
        """Majors of earlier audits are verified, minors at least planned for."""
        cases = {str(f["id"]): self.audit.cases[str(f["id"])] for _, f in earlier(self.audit)}
        short = [
            record
            for record, case in cases.items()
            if case.state not in (VERIFIED if case.grade == "major" else PLANNED)
        ]
        return ("not_met", self._names(short)) if short else ("met", self._names(list(cases)))

    def team_recommends(self) -> tuple[Outcome, str]:
        """The team recommended, and by somebody of it."""
        said, by = self.file.get("recommendation"), self.file.get("recommended_by")
        if said is None:
            return "unknown", ""
        text, day = self.audit.word("recommendation"), str(self.file.get("recommended_on") or "")
        if day > self.audit.records.on:
            return "not_met", day
        if said in ("grant", "maintain", "renew"):
            return ("met" if by else "unknown"), text
        return ("unknown" if said == "after_verification" else "not_met"), text

    # --- who decides -----------------------------------------------------------------------------

    @cached_property
    def decisions(self) -> list[Record]:
        """Decisions about the same certificate, taken since the audit ended, up to the day."""
        step, audit = self.audit.step, self.audit
        since = audit.last_day or audit.first_day
        if step is None or not since:
            return []
        return [
            s
            for s in audit.records.of("certification_step")
            if s.get("certificate") == step.get("certificate")
            and s.get("step") in ("decided", "refused")
            and since <= str(s.get("happened_on") or "") <= audit.records.on
        ]

    def _deciders(self) -> list[str]:
        named = (
            str(s.get("decided_by") or "").replace("；", ";").replace("、", ";").split(";")
            for s in self.decisions
        )
        return [name.strip() for names in named for name in names if name.strip()]

    def _same(self, names: Sequence[str], others: frozenset[str]) -> list[str]:
        """Names that mean one of the others, whether by id or by name."""
        audit = self.audit
        theirs = {self._plain(o) for o in others} | {self._plain(audit.who(o)) for o in others}
        return [n for n in names if {self._plain(n), self._plain(audit.who(n))} & theirs]

    @staticmethod
    def _plain(name: str) -> str:
        return "".join(name.split()).casefold()

    def decider_outside(self) -> tuple[Outcome, str]:
        deciders = self._deciders()
        if not deciders or not self.audit.people:
            return "unknown", self._names(deciders)
        inside = self._same(deciders, self.audit.people)
        return ("not_met", self._names(inside)) if inside else ("met", self._names(deciders))

    def recommender_decides(self) -> tuple[Outcome, str]:
        by, deciders = self.file.get("recommended_by"), self._deciders()
        if not by or not deciders:
            return "unknown", self.audit.who(by)
        both = self._same(deciders, frozenset({str(by)}))
        return ("not_met" if both else "met"), self.audit.who(by)

    # --- initial certification, recertification --------------------------------------------------

    def stage_1(self) -> tuple[Outcome, str]:
        """A stage 1 before it concluded that the organisation was ready."""
        step, start = self.audit.step, self.audit.first_day or self.audit.last_day
        if step is None or not start:
            return "unknown", ""
        before = [
            s
            for s in self.audit.records.of("certification_step")
            if s.get("step") == "stage_1"
            and s.get("certificate") == step.get("certificate")
            and s.get("happened_on")
            and str(s["happened_on"]) <= start
        ]
        if not before:
            return "not_met", ""
        last = max(before, key=lambda s: str(s["happened_on"]))
        outcomes: dict[Any, Outcome] = {True: "met", False: "not_met", None: "unknown"}
        return outcomes[last.get("ready")], f"{last['id']} {last['happened_on']}"

    def six_months(self) -> tuple[Outcome, str]:
        """Majors are verified within six months of the last day of stage 2, or may still be."""
        majors = [case for case in self.standing.values() if case.grade == "major"]
        if not majors:
            return "met", ""
        if not self.audit.last_day:
            return "unknown", ""
        limit = shift_months(date.fromisoformat(self.audit.last_day), STAGE_2)
        days = [_verified_on(case) for case in majors]
        late = [d for d in days if (d or self.audit.ask.on) > limit]
        if late:
            return "not_met", limit.isoformat()
        return ("unknown" if None in days else "met"), limit.isoformat()

    def running(self) -> tuple[Outcome, str]:
        since, start = self.audit.organisation.get("system_since"), self.audit.first_day
        if not since or not start:
            return "unknown", str(since or "")
        enough = shift_months(date.fromisoformat(str(since)), RUNNING) <= date.fromisoformat(start)
        return ("met" if enough else "not_met"), str(since)

    def internal_audit(self) -> tuple[Outcome, str]:
        return self._held("internal_audit", "audited_on")

    def management_review(self) -> tuple[Outcome, str]:
        return self._held("management_review", "reviewed_on")

    def _held(self, kind: str, column: str) -> tuple[Outcome, str]:
        """Whether one was held by the last day of the audit; one that does not say when leaves it open."""
        end = self.audit.last_day or self.audit.records.on
        found = self.audit.records.of(kind)
        held = [str(r["id"]) for r in found if r.get(column) and str(r[column]) <= end]
        if held:
            return "met", self._names(held)
        undated = [str(r["id"]) for r in found if not r.get(column)]
        return ("unknown" if undated else "not_met"), self._names(undated)

    def before_expiry(self) -> tuple[Outcome, str]:
        certificate, end = self.audit.certificate, self.audit.last_day
        expires = str((certificate or {}).get("expires_on") or "")
        if not expires or not end:
            return "unknown", expires
        return ("met" if end <= expires else "not_met"), expires


def _verified_on(case: Any) -> date | None:
    """The day the effect of a nonconformity's actions was verified."""
    if case.state not in VERIFIED:
        return None
    steps: Iterator[date | None] = (
        s.on for s in case.steps if s.event == "effectiveness_verified" and s.outcome == "confirmed"
    )
    return max((day for day in steps if day), default=case.closed_on)
