"""Certificates and the steps of their cycles as the store tells them: done or planned, by whom, with majors."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shall.engine.audit.cycle import AUDITS, VERIFIED, Certificate, Major, Step
from shall.engine.audit.team_text import TEAM, members
from shall.evidence.store import Store

SUBJECTS = ("environment", "energy", "safety", "quality", "carbon")
"""Subjects of certificates that are management systems."""

ORDER = (
    "stage_1", "stage_2", "surveillance", "recertification", "special", "refused", "decided", "issued",
    "suspended", "reduced", "restored", "withdrawn",
)  # fmt: skip
"""The order of steps that fall on one day."""

SAME_AUDIT = 30
"""Rows of one step that name sites belong to one audit if no more than so many days lie between them."""


def certificates(store: Store, organisation: str, on: date, known: int | None = None) -> list[Certificate]:
    """The certificates of management systems, with their steps up to the day; an applicant's record counts too."""
    names = _Names(store, organisation, known)
    columns = ("id", "subject", "certificate_number", "issued_on", "expires_on", "state", "status")
    done, planned, doubtful = _read_steps(store, organisation, on, known, names)
    steps_of = _steps_named(store, organisation, known)
    majors = _majors(store, organisation, on, known, steps_of)
    auditors = _auditors(store, organisation, known, names, steps_of)
    found = []
    for row in store.rows("certificate", organisation, columns, known=known):
        if row[1] not in SUBJECTS or row[6] in ("draft", "withdrawn"):
            continue
        steps = _merged(done.get(row[0], []), auditors)
        issued = _date(row[3])
        found.append(
            Certificate(
                id=row[0],
                subject=row[1],
                number=row[2],
                issued_on=issued if issued and issued <= on else None,
                expires_on=_date(row[4]),
                state=row[5],
                steps=tuple(steps),
                planned=tuple(sorted(planned.get(row[0], []), key=lambda p: (p[1], p[0]))),
                majors=tuple(m for m in majors if m.audit in {r for s in steps for r in s.records}),
                doubtful=tuple(dict.fromkeys(doubtful.get(row[0], ()))),
            )
        )
    return found


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


STEP_COLUMNS = (
    "id", "certificate", "step", "planned_on", "happened_on", "lead_auditor", "team", "decided_by", "ready",
    "site", "status",
)  # fmt: skip


def _read_steps(
    store: Store, organisation: str, on: date, known: int | None, names: "_Names"
) -> tuple[dict[str, list[tuple[Step, bool]]], dict[str, list[tuple[str, date]]], dict[str, list[str]]]:
    """Per certificate the steps done by the day, each with whether it names a site; those planned; doubtful names."""
    done: dict[str, list[tuple[Step, bool]]] = {}
    planned: dict[str, list[tuple[str, date]]] = {}
    doubtful: dict[str, list[str]] = {}
    for row in store.rows("certification_step", organisation, STEP_COLUMNS, known=known):
        raw: Mapping[str, Any] = dict(zip(STEP_COLUMNS, row, strict=True))
        if raw["status"] in ("draft", "withdrawn") or not raw["step"]:
            continue
        day, plan = _date(raw["happened_on"]), _date(raw["planned_on"])
        if day is not None and day <= on:
            team = names.of(raw["lead_auditor"]) | names.of(raw["team"])
            ready = None if raw["ready"] is None else bool(raw["ready"])
            made = Step(raw["step"], day, day, (raw["id"],), team, names.of(raw["decided_by"]), ready)
            done.setdefault(raw["certificate"], []).append((made, raw["site"] is not None))
            doubtful.setdefault(raw["certificate"], []).extend(names.doubtful(raw["team"]))
        elif plan is not None:
            planned.setdefault(raw["certificate"], []).append((raw["step"], plan))
    return done, planned, doubtful


def _merged(found: Sequence[tuple[Step, bool]], auditors: Mapping[str, frozenset[str]]) -> list[Step]:
    """The steps in order; rows about the sites of one audit, and equal rows of one day, become one step."""
    ordered = sorted(found, key=lambda f: (f[0].last, ORDER.index(f[0].step), f[0].records))
    merged: list[tuple[Step, bool]] = []
    for step, sited in ordered:
        more = auditors.get(step.records[0], frozenset())
        one = Step(
            step.step, step.first, step.last, step.records, step.team | more, step.deciders, step.ready
        )
        at = next((n for n in reversed(range(len(merged))) if merged[n][0].step == one.step), None)
        if at is not None:
            before, had_site = merged[at]
            near = (one.first - before.last).days
            if near == 0 or ((sited or had_site) and one.step in AUDITS and near <= SAME_AUDIT):
                merged[at] = (_joined(before, one), sited or had_site)
                continue
        merged.append((one, sited))
    return sorted((step for step, _ in merged), key=lambda s: (s.last, ORDER.index(s.step), s.records))


def _joined(a: Step, b: Step) -> Step:
    ready = False if False in (a.ready, b.ready) else a.ready if b.ready is None else b.ready
    records = (*a.records, *b.records)
    return Step(a.step, a.first, b.last, records, a.team | b.team, a.deciders | b.deciders, ready)


class _Names:
    """Who a name in the records is: ids and names of one person are one."""

    def __init__(self, store: Store, organisation: str, known: int | None) -> None:
        self._as: dict[str, str] = {}
        for person, name in store.rows("person", organisation, ("id", "name"), known=known):
            self._as[_plain(person)] = person
            if name:
                self._as.setdefault(_plain(name), person)
        for auditor, person, name in store.rows(
            "auditor", organisation, ("id", "person", "name"), known=known
        ):
            self._as.setdefault(_plain(auditor), person or _plain(name or auditor))
            if name:
                self._as.setdefault(_plain(name), person or _plain(name))

    def _known(self, name: str) -> bool:
        return _plain(name) in self._as

    def of(self, text: str | None) -> frozenset[str]:
        """The people a text names."""
        parts = map(_plain, members(text, self._known)[0])
        return frozenset(self._as.get(part, part) for part in parts)

    def doubtful(self, text: str | None) -> tuple[str, ...]:
        """Names in a text that might be several people's."""
        return members(text, self._known)[1]


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()


def _steps_named(store: Store, organisation: str, known: int | None) -> dict[str, str]:
    """The step of certification that an audit file belongs to, by the file's id and title."""
    columns = ("id", "title", "certification_step", "status")
    found: dict[str, str] = {}
    for file, title, step, status in store.rows("audit_file", organisation, columns, known=known):
        if step and status not in ("draft", "withdrawn"):
            found[file] = step
            if title:
                found.setdefault(title, step)
    return found


def _auditors(
    store: Store, organisation: str, known: int | None, names: "_Names", steps_of: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """By step the members of its audit's team: those the audit file lists, and who raised a finding of it."""
    found: dict[str, frozenset[str]] = {}
    rows = list(store.rows("audit_finding", organisation, ("audit", "auditor"), known=known))
    columns = ("audit_file", "auditor", "name", "team_role")
    for file, auditor, name, role in store.rows("audit_team_member", organisation, columns, known=known):
        if role in TEAM:
            rows.append((file, auditor or name))
    for audit, auditor in rows:
        if audit and auditor:
            step = steps_of.get(audit, audit)
            found[step] = found.get(step, frozenset()) | names.of(auditor)
    return found


def _majors(
    store: Store, organisation: str, on: date, known: int | None, steps_of: Mapping[str, str]
) -> list[Major]:
    from shall.engine.audit.history import followed

    majors = []
    for standing in followed(store, organisation, on, known):
        case = standing.case
        if case.was_major and case.grade == "major":
            done = case.state in VERIFIED
            verified = [s.on for s in case.steps if s.event == "effectiveness_verified" and s.on]
            day = (verified[-1] if verified else case.closed_on or case.last_on) if done else None
            audit = case.finding.audit or ""
            majors.append(Major(case.finding.record, steps_of.get(audit, audit), day))
    return majors
