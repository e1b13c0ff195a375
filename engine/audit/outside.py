"""Who may take an auditor's step at an external audit: nobody of the audited organisation, nobody tied to it.

Pure: rows of records in, a reason out. Where the records cannot tell whose person somebody is, the answer is no, with
what to put on record.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shall.engine.audit.lifecycle import Bar
from shall.engine.trees import shift_months

TYPES = ("stage_1", "stage_2", "surveillance", "recertification", "special", "customer")
"""Types of audit file that are external."""
ORIGINS = ("certification", "customer")
"""Origins of a finding that are external, where no audit file on record says which audit it was."""
MONTHS = 24
"""So long a tie with the audited organisation lasts after its end."""
AUDITS = ("lead", "auditor", None)
"""Roles in a team that audit."""
VOID = ("draft", "withdrawn")
"""Statuses of records that are no evidence."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "person": ("id", "unit", "name", "is_external"),
    "auditor": ("id", "person", "unit", "name", "external_body"),
    "audit_file": ("id", "title", "internal_audit", "certification_step", "audit_type"),
    "audit_team_member": ("audit_file", "auditor", "team_role", "status"),
    "auditor_engagement": (
        "id",
        "auditor",
        "unit",
        "whole_organisation",
        "status",
        "period_from",
        "period_until",
        "valid_from",
        "valid_until",
    ),
    "certification_step": ("id",),
}
"""What of each kind is read."""

Row = Mapping[str, Any]
Names = Collection[str | None]


@dataclass(frozen=True)
class Outside:
    """The records that tell whose person somebody is, by kind."""

    rows: Mapping[str, Sequence[Row]]

    def external(self, origin: str | None, audits: Names) -> bool:
        """Whether a finding is of an external audit: its audit file says so, or without one its origin."""
        files = [f for f in self.rows["audit_file"] if _is(f, audits)]
        types = {f["audit_type"] for f in files if f["audit_type"]}
        if types:
            return not types.isdisjoint(TYPES)
        if any(f["internal_audit"] for f in files):
            return False
        steps = {s["id"] for s in self.rows["certification_step"]}
        named = any(f["certification_step"] for f in files) or not steps.isdisjoint(audits)
        return named or origin in ORIGINS

    def bar(self, by: str, name: str, on: date | None, audits: Names, unit: str | None) -> Bar | None:
        """Why `by` (known as the person `name`) takes no auditor's step there on that day; None where nothing does."""
        own = [a for a in self.rows["auditor"] if a["id"] == by or a["person"] == name]
        person = next((p for p in self.rows["person"] if p["id"] == name), None)
        whose = self._person(person, own, audits) if person else self._nobody(own)
        return whose or next(self._ties(own, on, unit), None)

    def _person(self, person: Row, own: Sequence[Row], audits: Names) -> Bar | None:
        """The bar of somebody on record as a person: outside the organisation is who is marked so and has no unit."""
        if person["unit"] or (person["is_external"] is not None and not person["is_external"]):
            return Bar("client_person", (("unit", person["unit"] or "-"),))
        sent = any(a["external_body"] for a in own)
        if person["is_external"] or sent or self._of_team(own, audits):
            return None
        return Bar("outside_unclear", (("person", person["id"]),))

    def _nobody(self, own: Sequence[Row]) -> Bar | None:
        """The bar of an auditor who is no person on record, as those of other organisations are."""
        units = [a["unit"] for a in own if a["unit"]]
        if units:
            return Bar("client_person", (("unit", units[0]),))
        if any(a["external_body"] for a in own):
            return None
        if any(a["external_body"] is not None for a in own):
            return Bar("client_person", (("unit", "-"),))
        names = {_plain(a["name"]) for a in own if a["name"]}
        same = (p for p in self.rows["person"] if not p["is_external"] and _plain(p["name"]) in names)
        alike = next(same, None)
        return Bar("outside_unclear", (("person", alike["id"]),)) if alike else None

    def _of_team(self, own: Iterable[Row], audits: Names) -> bool:
        """Whether one of these audits in the team of that audit's file."""
        files = {f["id"] for f in self.rows["audit_file"] if _is(f, audits)}
        ids = {a["id"] for a in own}
        return any(
            m["audit_file"] in files and m["auditor"] in ids and m["team_role"] in AUDITS
            for m in self.rows["audit_team_member"]
            if m["status"] not in VOID
        )

    def _ties(self, own: Iterable[Row], on: date | None, unit: str | None) -> Iterator[Bar]:
        """Ties with the organisation, or with the audited unit, that last or ended less than the months before."""
        ids = {a["id"] for a in own}
        for tie in self.rows["auditor_engagement"]:
            if tie["auditor"] not in ids or tie["status"] in VOID:
                continue
            concerns = None if tie["whole_organisation"] else tie["unit"]
            if unit is not None and concerns not in (None, unit):
                continue
            began, ended = (_day(tie[f"period_{end}"] or tie[f"valid_{end}"]) for end in ("from", "until"))
            if on is not None and began is not None and began > on:
                continue
            if on is None or ended is None or shift_months(ended, MONTHS) > on:
                until = ended.isoformat() if ended else "…"
                yield Bar("engaged", (("record", tie["id"]), ("until", until), ("months", MONTHS)))


def _is(file: Row, audits: Names) -> bool:
    """Whether one of these names is that audit."""
    names = ("id", "title", "internal_audit", "certification_step")
    return any(file[name] in audits for name in names if file[name])


def _plain(name: object) -> str:
    return "".join(str(name or "").split()).casefold()


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
