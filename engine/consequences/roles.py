"""Who in an audit sees to what follows from it: the lead auditor, or who is in charge of the audit programme."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from shall.engine.audit.history import FINDING
from shall.engine.consequences.rules_file import Role
from shall.engine.consequences.situation import Record
from shall.evidence.store import Store

COLUMNS: Mapping[str, tuple[str, ...]] = {
    FINDING: ("audit", "internal_audit"),
    "audit_file": ("title", "internal_audit", "certification_step"),
    "audit_team_member": ("audit_file", "auditor", "name", "team_role"),
    "internal_audit": ("audit_programme", "lead_auditor"),
    "auditor": ("person",),
    "audit_programme": ("responsible",),
}
"""The kinds that tell, with the columns that are read; each has `status` and its validity besides."""

INTERNAL, EXTERNAL = "internal_audit", "audit_file"


class Roles:
    """The people of an organisation's audits as recorded; None wherever the records name nobody, or several."""

    def __init__(self, store: Store, organisation: str, on: date, known: int | None) -> None:
        self._store, self._organisation, self._known = store, organisation, known
        self._on = on.isoformat()
        self._read: dict[str, dict[str, dict[str, Any]]] = {}

    def name(self, role: Role, record: Record) -> str | None:
        """Who has the role in the audit that a finding or an audit belongs to."""
        internal, files = self._audit(record)
        if role == "lead_auditor":
            return self._lead(internal, files)
        return self._owner(internal) if role == "programme_owner" else None

    def _rows(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """The records of a kind that are neither drafts nor withdrawn, by id."""
        if kind not in self._read:
            names = ("id", *COLUMNS[kind], "status", "valid_from", "valid_until")
            rows = self._store.rows(kind, self._organisation, names, known=self._known)
            found = [dict(zip(names, row, strict=True)) for row in rows]
            self._read[kind] = {row["id"]: row for row in found if row["status"] in (None, "approved")}
        return self._read[kind]

    def _audit(self, record: Record) -> tuple[str | None, list[str]]:
        """The internal audit, and the audit files, that the record belongs to."""
        kind, name = record
        finding = self._rows(FINDING).get(name, {}) if kind == FINDING else {}
        internal = name if kind == INTERNAL else finding.get("internal_audit")
        audit = name if kind == EXTERNAL else finding.get("audit")
        files = [
            file
            for file, row in self._rows(EXTERNAL).items()
            if (internal is not None and row["internal_audit"] == internal)
            or (audit is not None and audit in (file, row["certification_step"], row["title"]))
        ]
        if internal is None:
            named = {self._rows(EXTERNAL)[file]["internal_audit"] for file in files} - {None}
            internal = named.pop() if len(named) == 1 else None
        return internal, files

    def _lead(self, internal: str | None, files: list[str]) -> str | None:
        members = self._rows("audit_team_member").values()
        leads = [m for m in members if m["audit_file"] in files and m["team_role"] == "lead"]
        found = {self._person(m["auditor"]) or m["name"] for m in leads} - {None}
        if not found and internal is not None:
            audit = self._rows(INTERNAL).get(internal, {})
            found = {self._person(audit.get("lead_auditor"))} - {None}
        return found.pop() if len(found) == 1 else None

    def _person(self, auditor: str | None) -> str | None:
        """The person an auditor is, or the auditor's own id where no person is named."""
        return (self._rows("auditor").get(auditor, {}).get("person") or auditor) if auditor else None

    def _owner(self, internal: str | None) -> str | None:
        programme = self._rows(INTERNAL).get(internal or "", {}).get("audit_programme")
        if programme is not None:
            owner = self._rows("audit_programme").get(programme, {}).get("responsible")
            return str(owner) if owner else None
        return self._owner_in_force

    @cached_property
    def _owner_in_force(self) -> str | None:
        """Who is in charge of the programmes that cover the day, where that is one person."""
        found = {
            row["responsible"]
            for row in self._rows("audit_programme").values()
            if (row["valid_from"] or "") <= self._on <= (row["valid_until"] or self._on)
        } - {None}
        return str(found.pop()) if len(found) == 1 else None
