"""Who is who at an entry of the ledger: persons, auditors with their competence, and the teams of audits."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from shall.engine.audit.lifecycle import Actor
from shall.engine.audit.outside import COLUMNS, Outside
from shall.evidence.store import Store

KINDS: dict[str, tuple[str, ...]] = {
    "person": COLUMNS["person"],
    "auditor": (
        *COLUMNS["auditor"],
        "competent",
        "competence_evaluated_on",
        "status",
        "valid_from",
        "valid_until",
    ),
    "internal_audit": ("id", "lead_auditor"),
    "audit_scope": ("internal_audit", "auditor"),
    "audit_finding": ("internal_audit", "audit", "auditor"),
    **{k: v for k, v in COLUMNS.items() if k not in ("person", "auditor")},
}
"""The kinds that say who is who, with the columns that are read."""

AUDIT = ("id", "title", "internal_audit", "certification_step")
"""The columns of an audit file that name the audit."""

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
        told = {kind: [dict(zip(KINDS[kind], r, strict=True)) for r in read(kind)] for kind in COLUMNS}
        self._outside = Outside(told)
        self._units: dict[str, str | None] = {p["id"]: p["unit"] for p in told["person"]}
        self._auditors = {a["id"]: a for a in told["auditor"]}
        self._leads: dict[str, str | None] = dict(read("internal_audit"))
        self._teams: dict[str, set[str]] = {}
        for audit, auditor in read("audit_scope"):
            self._join(auditor, audit)
        for internal, external, auditor in read("audit_finding"):
            self._join(auditor, internal, external)
        named = {f["id"]: [f[c] for c in AUDIT] for f in told["audit_file"]}
        for member in told["audit_team_member"]:
            self._join(member["auditor"], *named.get(member["audit_file"], ()))

    def _join(self, auditor: str | None, *audits: str | None) -> None:
        """Put an auditor into the team of an audit, which goes by these names."""
        for audit in filter(None, audits) if auditor else ():
            self._teams.setdefault(audit, set()).add(self.name(str(auditor)))

    def name(self, auditor: str) -> str:
        """The person an auditor is, or the auditor's own id where no person is named."""
        row = self._auditors.get(auditor)
        return str(row["person"]) if row and row["person"] else auditor

    def person(self, name: str) -> bool:
        """Whether that person is on record."""
        return name in self._units

    def actor(
        self,
        by: str,
        on: date | None,
        audits: Sequence[str | None],
        origin: str | None = None,
        unit: str | None = None,
    ) -> Actor:
        """Who `by` is: the id of a person or of an auditor, a person's auditor records counting too.

        `audits` and `origin` are what the finding says of its audit, `unit` is the audited unit: they decide whether
        the audit is external, and so who must stay away from it.
        """
        name = self.name(by)
        rows = [row for row in self._auditors.values() if row["id"] == by or row["person"] == name]
        known = bool(rows) or name in self._units
        competent = any(_competent(row, on) for row in rows)
        leads = {self.name(lead) for a in audits if a and (lead := self._leads.get(a))}
        team = leads.union(*(self._teams.get(a, set()) for a in audits if a))
        external = self._outside.external(origin, audits)
        bar = self._outside.bar(by, name, on, audits, unit) if external and known else None
        return Actor(name, self._units.get(name), known, competent, name in team, bar)


def _competent(row: Mapping[str, Any], on: date | None) -> bool:
    evaluated, day = row["competence_evaluated_on"], on.isoformat() if on else ""
    since, until = row["valid_from"], row["valid_until"]
    return bool(
        row["competent"]
        and evaluated
        and evaluated <= day
        and row["status"] in (None, "approved")
        and (since is None or since <= day)
        and (until is None or until >= day)
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
