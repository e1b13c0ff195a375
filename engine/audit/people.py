"""Who is who at an entry of the ledger: persons, auditors with their competence, and the teams of audits."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from shall.engine.audit.lifecycle import Actor
from shall.evidence.store import Store

KINDS: dict[str, tuple[str, ...]] = {
    "person": ("id", "unit"),
    "auditor": (
        "id",
        "person",
        "competent",
        "competence_evaluated_on",
        "status",
        "valid_from",
        "valid_until",
    ),
    "internal_audit": ("id", "lead_auditor"),
    "audit_scope": ("internal_audit", "auditor"),
    "audit_finding": ("internal_audit", "audit", "auditor"),
    "audit_file": ("id", "title", "internal_audit", "certification_step"),
    "audit_team_member": ("audit_file", "auditor"),
}
"""The kinds that say who is who, with the columns that are read."""

Rows = list[tuple[Any, ...]]


class People:
    """Who is who at one entry of the ledger; `read` gives the rows of a kind as they stood then."""

    def __init__(
        self,
        store: Store,
        organisation: str,
        known: int | None,
        read: Callable[[str], Rows] | None = None,
    ) -> None:
        def now(kind: str) -> Rows:
            return store.rows(kind, organisation, KINDS[kind], known=known)

        read = read or now
        self._units: dict[str, str | None] = dict(read("person"))
        self._auditors = {row[0]: row for row in read("auditor")}
        self._leads: dict[str, str | None] = dict(read("internal_audit"))
        self._teams: dict[str, set[str]] = {}
        for audit, auditor in read("audit_scope"):
            self._join(auditor, audit)
        for internal, external, auditor in read("audit_finding"):
            self._join(auditor, internal, external)
        files = {row[0]: row for row in read("audit_file")}
        for file, auditor in read("audit_team_member"):
            self._join(auditor, *files.get(file, ()))

    def _join(self, auditor: str | None, *audits: str | None) -> None:
        """Put an auditor into the team of an audit, which goes by these names."""
        for audit in filter(None, audits) if auditor else ():
            self._teams.setdefault(audit, set()).add(self.name(str(auditor)))

    def name(self, auditor: str) -> str:
        """The person an auditor is, or the auditor's own id where no person is named."""
        row = self._auditors.get(auditor)
        return str(row[1]) if row and row[1] else auditor

    def person(self, name: str) -> bool:
        """Whether that person is on record."""
        return name in self._units

    def actor(self, by: str, on: date | None, audits: Sequence[str | None]) -> Actor:
        """Who `by` is: the id of a person or of an auditor, a person's auditor records counting too."""
        name = self.name(by)
        rows = [row for row in self._auditors.values() if row[0] == by or row[1] == name]
        known = bool(rows) or name in self._units
        competent = any(_competent(row, on) for row in rows)
        leads = {self.name(lead) for a in audits if a and (lead := self._leads.get(a))}
        team = leads.union(*(self._teams.get(a, set()) for a in audits if a))
        return Actor(name, self._units.get(name), known, competent, name in team)


def _competent(row: Sequence[Any], on: date | None) -> bool:
    _, _, competent, evaluated, status, valid_from, valid_until = row
    day = on.isoformat() if on else ""
    return bool(
        competent
        and evaluated
        and evaluated <= day
        and status in (None, "approved")
        and (valid_from is None or valid_from <= day)
        and (valid_until is None or valid_until >= day)
    )


class Registry:
    """The people of one organisation at any entry; entries between which nothing about them changed share one.

    Holds good as long as nothing is written.
    """

    def __init__(self, store: Store, organisation: str) -> None:
        self._store, self._organisation = store, organisation
        self._entries = {kind: store.entries(organisation, kind) for kind in KINDS}
        self._rows: dict[tuple[str, int], Rows] = {}
        self._people: dict[tuple[int, ...], People] = {}

    def at(self, known: int | None) -> People:
        """Who is who after that entry; after the last one for None."""
        last = {kind: _last(entries, known) for kind, entries in self._entries.items()}
        key = tuple(last.values())
        if key not in self._people:
            self._people[key] = People(
                self._store, self._organisation, known, lambda kind: self._read(kind, last[kind])
            )
        return self._people[key]

    def _read(self, kind: str, last: int) -> Rows:
        """The rows of a kind after its entry of that number."""
        if (kind, last) not in self._rows:
            found = self._store.rows(kind, self._organisation, KINDS[kind], known=last) if last else []
            self._rows[kind, last] = found
        return self._rows[kind, last]


def _last(entries: Sequence[int], known: int | None) -> int:
    """The last of these entries up to `known`, 0 where there is none."""
    count = len(entries) if known is None else bisect_right(entries, known)
    return entries[count - 1] if count else 0
