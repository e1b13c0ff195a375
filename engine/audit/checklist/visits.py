"""Which visits a checklist is for: a round of an audit programme, or the sessions of an audit on record."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shall.engine.audit.checklist.earlier import within
from shall.engine.plan import Plan
from shall.evidence.store import Store
from shall.texts import Lang, say
from shall.texts.errors import EvidenceError, UsageError

PROGRAMME_FORMAT = 1
AUDITING = ("lead", "auditor")
"""Roles of a team that answer for themselves; the others never alone."""
NOT_EVIDENCE = ("draft", "withdrawn")
LARGEST = 64 * 2**20
"""Bytes that the file of a programme may have."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Clauses to be audited in a unit (None: in the whole organisation) by an auditor (None: not settled).

    A clause is a ruleset (None: every one that is asked) and its number, which covers everything below it.
    """

    unit: str | None
    auditor: str | None
    clauses: tuple[tuple[str | None, str], ...]

    def covers(self, ruleset: str, clause: str) -> bool:
        """Whether a clause of a ruleset is among them."""
        return any(key in (None, ruleset) and within(clause, number) for key, number in self.clauses)


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits of one checklist: what they are in words, the audit file they belong to.

    `team` are those who may answer, empty where no team is on record.
    """

    part: str
    audit: str | None
    visits: tuple[Visit, ...]
    team: tuple[str, ...] = ()

    def units(self, plan: Plan, known: Collection[str]) -> dict[str | None, dict[int, set[str]]]:
        """By unit the provisions asked there, each with the auditors named for it.

        What a clause incorporates is asked with it. A unit that is not `known` stands for the whole organisation.
        """
        asked = [n for n, p in enumerate(plan.provisions) if p.ruleset in plan.asked]
        found: dict[str | None, dict[int, set[str]]] = {}
        for visit in self.visits:
            there = found.setdefault(visit.unit if visit.unit in known else None, {})
            stack = [n for n in asked if visit.covers(plan.provisions[n].ruleset, plan.provisions[n].clause)]
            seen: set[int] = set()
            while stack:
                n = stack.pop()
                if n not in seen:
                    seen.add(n)
                    stack += plan.provisions[n].incorporated
            for n in seen:
                there.setdefault(n, set()).update([visit.auditor] if visit.auditor else [])
        return found

    def unknown(self, plan: Plan) -> list[str]:
        """Clauses that no standard asked for has: a slip, or a standard to be named as well."""
        known = {(p.ruleset, p.clause) for p in plan.provisions if p.ruleset in plan.asked}
        named = {clause for visit in self.visits for clause in visit.clauses}
        return sorted(
            f"{key}:{number}" if key else number
            for key, number in named
            if not any(key in (None, ruleset) and within(clause, number) for ruleset, clause in known)
        )


def of_programme(path: Path, number: int, organisation: str, lang: Lang) -> Visits:
    """The visits of a round of the programme that `shall programme --format json` wrote; raises ShallError."""
    body = _programme(path)
    try:
        if body["organisation"]["id"] != organisation:
            raise UsageError("checklist.other_programme", path=path, organisation=body["organisation"]["id"])
        rounds = {int(r["number"]): r for r in body["rounds"]}
        if number not in rounds:
            names = ", ".join(map(str, sorted(rounds)))
            raise UsageError("checklist.no_round", round=number, names=names)
        span = {"start": str(rounds[number]["from"]), "end": str(rounds[number]["until"])}
        visits = tuple(_visit(v) for v in body["visits"] if int(v["round"]) == number)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EvidenceError("checklist.no_programme", path=path) from None
    return Visits(say("checklist.part_round", lang, round=number, **span), None, visits)


def _programme(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise EvidenceError("checklist.no_programme", path=path)
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise EvidenceError("checklist.no_programme", path=path) from None
    if not isinstance(body, dict) or body.get("format") != PROGRAMME_FORMAT:
        raise EvidenceError("checklist.no_programme", path=path)
    return body


def _visit(raw: Mapping[str, Any]) -> Visit:
    clauses = [(str(key), str(c)) for key, numbers in raw["clauses"].items() for c in numbers]
    return Visit(
        str(raw["unit"]) if raw["unit"] else None,
        str(raw["auditor"]) if raw.get("auditor") else None,
        tuple(clauses),
    )


def of_audit(store: Store, organisation: str, audit: str, known: int | None, lang: Lang) -> Visits:
    """The sessions of an audit file in which something is audited; raises UsageError."""
    files = {r[0]: r[1] for r in store.rows("audit_file", organisation, ("id", "title"), known=known)}
    if audit not in files:
        raise UsageError("checklist.no_audit_file", audit=audit, names=", ".join(files) or "-")
    columns = ("audit_file", "unit", "auditor", "clauses", "session_type", "status", "id")
    rows = store.rows("audit_session", organisation, columns, known=known)
    visits = tuple(_sessions(r for r in rows if r[0] == audit and r[5] != "withdrawn"))
    if not visits:
        raise UsageError("checklist.no_sessions", audit=audit)
    title = f"{audit} {files[audit] or ''}".strip()
    roles = team_of(store, organisation, audit, known)
    team = tuple(auditor for auditor, role in roles.items() if role in AUDITING)
    return Visits(say("checklist.part_audit", lang, audit=title), audit, visits, team)


def team_of(store: Store, organisation: str, audit: str, known: int | None = None) -> dict[str, str]:
    """The role of each auditor in the team of an audit file; nobody where no team is on record."""
    wanted = ("audit_file", "auditor", "team_role", "status")
    rows = store.rows("audit_team_member", organisation, wanted, known=known)
    return {r[1]: r[2] or "auditor" for r in rows if r[0] == audit and r[1] and r[3] not in NOT_EVIDENCE}


def _sessions(rows: Iterable[Sequence[Any]]) -> Iterator[Visit]:
    for _, unit, auditor, clauses, kind, _, _ in rows:
        named = tuple(
            _clause(c) for part in (clauses or "").replace("；", ";").split(";") if (c := part.strip())
        )
        if named and kind in (None, "audit"):
            yield Visit(unit, auditor, named)


def _clause(text: str) -> tuple[str | None, str]:
    ruleset, colon, number = text.replace("：", ":").rpartition(":")
    return (ruleset.strip() if colon else None, number.strip())
