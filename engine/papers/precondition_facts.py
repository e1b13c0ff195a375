"""What the conditions of a recommendation ask about one audit: its team, whose people they are, ties, decisions.

Ties and audits count by their days, not by whether their record is still valid: what has ended may bind all the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from shall.engine.audit.lifecycle import Case
from shall.engine.papers.audits import ACCOMPANYING, Audit
from shall.engine.reports.records import Record
from shall.engine.reports.view import clean
from shall.engine.trees import shift_months

Outcome = Literal["met", "not_met", "unknown"]
Told = tuple[Outcome, str]
"""How a condition stands, and the records, days and reasons that say so."""

IMPARTIAL = 24
"""Months that lie between a tie and an audit (ISO/IEC 17021-1, 5.2)."""
EXTERNAL = ("stage_1", "stage_2", "surveillance", "recertification", "special")
"""Types of audit that a certification body carries out."""
AUDITING = ("lead", "auditor", None)
"""Roles that audit; a member without a role is taken for an auditor."""

_NOTHING = (
    "无", "没有", "无偏离", "没有偏离", "未偏离", "无未解决的问题", "没有未解决的问题", "无未解决问题", "无遗留问题",
    "no", "none", "nil", "na", "nothing", "nodeviation", "nodeviations", "noissues", "nounresolvedissues",
)  # fmt: skip
"""Texts that say that there is nothing to tell, without spaces and marks."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team: the auditor's id and record where there is one, and how they are shown."""

    auditor: str | None
    shown: str
    role: str | None
    row: Record | None


class Facts:
    """The facts of one audit as the conditions ask for them."""

    def __init__(self, audit: Audit) -> None:
        self.audit, self.file = audit, audit.file

    @property
    def kind(self) -> str | None:
        """The type of the audit."""
        return self.file.get("audit_type")

    def names(self, records: Sequence[str]) -> str:
        """Several in one text."""
        return self.audit.t("comma").join(records)

    def why(self, reason: str, /, **fields: object) -> str:
        """A reason in words."""
        return self.audit.t(f"why_{reason}", **fields)

    def weighed(self, parts: Sequence[Told], met: str = "") -> Told:
        """The worst of several, with what is told of those that are as bad; `met` is told where all are met."""
        outcome = worst(outcome for outcome, _ in parts)
        told = [text for one, text in parts if one == outcome and text]
        if outcome == "met" and met:
            return outcome, met
        return outcome, self.audit.t("semicolon").join(dict.fromkeys(told))

    def number(self, column: str) -> Decimal | None:
        """A number of the file."""
        value = self.file.get(column)
        return None if value is None else Decimal(str(value))

    # --- findings --------------------------------------------------------------------------------

    @cached_property
    def standing(self) -> Mapping[str, Case]:
        """Findings of this audit that are followed, by id, withdrawn ones left out."""
        return {record: case for record, case in self.raised.items() if case.state != "withdrawn"}

    @cached_property
    def raised(self) -> Mapping[str, Case]:
        """Findings of this audit that are followed, by id."""
        cases = ((str(f["id"]), self.audit.cases.get(str(f["id"]))) for f in self.audit.findings)
        return {record: case for record, case in cases if case}

    # --- the team --------------------------------------------------------------------------------

    @cached_property
    def members(self) -> list[Member]:
        """Those on record who take part in the auditing."""
        found = [m for m in self.audit.members if m.get("team_role") not in ACCOMPANYING]
        return [self.member(m.get("auditor"), m.get("name"), m.get("team_role")) for m in found]

    def member(self, auditor: Any, name: Any = None, role: str | None = None) -> Member:
        """Somebody as one of a team."""
        audit = self.audit
        shown = f"{auditor} {audit.who(auditor)}".strip() if auditor else str(name or audit.none)
        return Member(auditor, shown, role, audit.records.one("auditor", auditor))

    @cached_property
    def auditors(self) -> list[Member]:
        """Those of them who audit: neither experts nor in training."""
        return [m for m in self.members if m.role in AUDITING]

    @cached_property
    def body_people(self) -> frozenset[str]:
        """Auditors in the team of this or any other audit of a certification body."""
        files = {str(f["id"]) for f in self.audit.records.of("audit_file") if f.get("audit_type") in EXTERNAL}
        rows = self.audit.records.of("audit_team_member")
        return frozenset(str(m["auditor"]) for m in rows if m.get("audit_file") in files and m.get("auditor"))

    def alike(self, auditor: str) -> list[str]:
        """The ids of auditor records of the same person, the one asked for first."""
        person = (self.audit.records.one("auditor", auditor) or {}).get("person")
        rows = self.audit.records.of("auditor") if person else []
        return [auditor, *(str(r["id"]) for r in rows if r.get("person") == person and r["id"] != auditor)]

    def own_people(self, auditor: str, shown: str) -> Told | None:
        """Whether an auditor is of the audited organisation, by the auditor's record; None if by nothing on it."""
        row = self.audit.records.one("auditor", auditor) or {}
        if row.get("unit"):
            return "not_met", self.why("own_people", who=shown, record=row["unit"])
        if not row.get("person"):
            return self.namesake(str(row.get("name") or ""), shown)
        person = self.audit.records.one("person", row["person"]) or {}
        if person.get("is_external") is True:
            return None
        if person.get("is_external") is False or person.get("unit"):
            return "not_met", self.why("own_people", who=shown, record=row["person"])
        return "unknown", self.why("maybe_own", who=shown, record=row["person"])

    def namesake(self, name: str, shown: str) -> Told | None:
        """Somebody of the audited organisation who has the same name; None where there is none."""
        for person in self.audit.records.of("person"):
            if (
                name
                and person.get("is_external") is not True
                and plain(str(person.get("name"))) == plain(name)
            ):
                return "unknown", self.why("maybe_own", who=shown, record=person["id"])
        return None

    # --- ties ------------------------------------------------------------------------------------

    def ever(self, kind: str) -> Iterator[Record]:
        """Records of a kind that are neither drafts nor withdrawn, whether still valid or not."""
        for record in self.audit.store.records(
            kind, self.audit.ask.organisation, known=self.audit.records.known
        ):
            if record.get("status") in (None, "approved"):
                yield clean(record)

    @cached_property
    def _engagements(self) -> list[Record]:
        return list(self.ever("auditor_engagement"))

    @cached_property
    def _internal(self) -> list[tuple[str, str, str]]:
        """Internal audits of the organisation: auditor, record, day."""
        audits = {str(a["id"]): a for a in self.ever("internal_audit")}
        found = [(a.get("lead_auditor"), a) for a in audits.values()]
        found += [
            (s.get("auditor"), audits.get(str(s.get("internal_audit")), {})) for s in self.ever("audit_scope")
        ]
        return sorted(
            {
                (str(who), str(a["id"]), str(a["audited_on"]))
                for who, a in found
                if who and a.get("audited_on")
            }
        )

    def ties(self, auditor: str, shown: str, first: str, last: str) -> list[str]:
        """What binds an auditor to the organisation at something from `first` to `last`, each in words.

        A tie binds while it lasts and until IMPARTIAL months have passed; one that begins after it does not.
        """
        ids, word = self.alike(auditor), self.audit.records.word
        found = []
        for e in self._engagements:
            began, ended = (
                e.get("period_from") or e.get("valid_from"),
                e.get("period_until") or e.get("valid_until"),
            )
            if e.get("auditor") in ids and str(began or "") <= last and _binds(ended, first):
                tie = word("auditor_engagement", e, "engagement") or self.audit.none
                until = str(ended or self.audit.t("why_no_end"))
                found.append(self.why("tie", who=shown, record=e["id"], tie=tie, until=until))
        for who, record, day in self._internal:
            if who in ids and day <= last and _binds(day, first):
                found.append(self.why("internal_audit", who=shown, record=record, day=day))
        return found

    # --- decisions -------------------------------------------------------------------------------

    @cached_property
    def of_certificate(self) -> list[Record]:
        """Steps about the same certificate that happened by the day, in the order of their days."""
        step, on = self.audit.step, self.audit.records.on
        if step is None:
            return []
        found = [
            s
            for s in self.audit.records.of("certification_step")
            if s.get("certificate") == step.get("certificate") and "" < str(s.get("happened_on") or "") <= on
        ]
        return sorted(found, key=lambda s: (str(s["happened_on"]), str(s["id"])))

    @cached_property
    def decisions(self) -> list[Record]:
        """Decisions about the same certificate, taken since the audit ended, up to the day."""
        since = self.audit.last_day or self.audit.first_day
        found = [s for s in self.of_certificate if s.get("step") in ("decided", "refused")]
        return [s for s in found if since and since <= str(s["happened_on"])]

    def persons(self, text: Any) -> list[str]:
        """The names in a column that holds several."""
        return [name.strip() for name in re.split("[;；、]", str(text or "")) if name.strip()]

    @cached_property
    def deciders(self) -> list[str]:
        """Those who decided; before a decision those designated to."""
        if not self.decisions:
            return self.persons(self.file.get("designated_decider"))
        decided = [name for s in self.decisions for name in self.persons(s.get("decided_by"))]
        return list(dict.fromkeys(decided))

    def same(self, names: Sequence[str], others: frozenset[str]) -> list[str]:
        """Names that mean one of the others, whether by id or by name."""
        theirs = {plain(o) for o in others} | {plain(self.audit.who(o)) for o in others}
        return [n for n in names if {plain(n), plain(self.audit.who(n))} & theirs]


def _binds(ended: Any, first: str) -> bool:
    """Whether what ended on a day, if it did, lies less than IMPARTIAL months before another."""
    if not ended or str(ended) >= first:
        return True
    return shift_months(date.fromisoformat(str(ended)), IMPARTIAL) > date.fromisoformat(first)


def plain(name: str) -> str:
    """A name without its spaces, in one case."""
    return "".join(name.split()).casefold()


def says_none(text: Any) -> bool:
    """Whether a text says that there is nothing to tell.

    >>> says_none("无偏离。"), says_none("None."), says_none("无法按期完成")
    (True, True, False)
    """
    return re.sub(r"\W", "", str(text or "")).casefold() in _NOTHING


def worst(outcomes: "Iterator[Outcome] | Sequence[Outcome]") -> Outcome:
    """Not met if one is not, not to be told if one is not to be told, else met."""
    found = set(outcomes)
    return "not_met" if "not_met" in found else "unknown" if "unknown" in found else "met"
