"""What the records say about an audit: days, team, ties, absences, competence, sites. Read once, judged elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shall.engine.audit.programme.situation import Situation, Unit
from shall.engine.audit.timetable.request import Request
from shall.engine.audit.timetable.when import Span, working_days
from shall.evidence.store import Store
from shall.texts.errors import UsageError

NOT_EVIDENCE = ("draft", "withdrawn")
EMPLOYED = ("employment", "internal_audit")
"""Ties that every internal auditor has with the own organisation."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team; `counts` is False for experts, trainees and others who never audit alone.

    `lacks` says what is missing on record: competence_missing, _refused or _late, impartial_missing or _denied.
    """

    id: str
    name: str
    person: str | None
    unit: str | None
    role: str
    counts: bool
    why_not: str | None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie with the organisation, or with one unit of it; without an end it lasts."""

    record: str
    auditor: str
    unit: str | None
    what: str | None
    began: date | None
    ended: date | None


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing an auditor was found competent for; None: whatever there is."""

    record: str
    auditor: str
    standard: str | None
    group: str | None
    sector: str | None
    evaluated: date | None


@dataclass(frozen=True)
class Facts:
    """Everything a plan has to respect, as it was on record."""

    audit: str
    title: str | None
    internal: bool
    audit_type: str | None
    organisation: str
    name: str | None
    position: tuple[int, str]
    days: Sequence[date]
    skipped: Sequence[date]
    uncertain: bool
    other_days: tuple[date | None, date | None] | None
    members: Sequence[Member]
    lead: str | None
    units: Mapping[str, Unit]
    owners: Mapping[str, frozenset[str]]
    absences: Sequence[tuple[str, date, date]]
    ties: Sequence[Tie]
    scopes: Sequence[Scope]
    travel: Mapping[tuple[str, str], int]
    sites: Mapping[str, str]
    sector: str | None
    days_on_site: str | None
    days_planned: str | None

    @property
    def counting(self) -> list[Member]:
        """Those who audit."""
        return [m for m in self.members if m.counts]


def audit_file(store: Store, organisation: str, record: str, known: int | None) -> dict[str, Any]:
    """The body of the audit file; raises UsageError naming those there are."""
    found = {str(b["id"]): b for b in _bodies(store, "audit_file", organisation, known)}
    if record not in found:
        raise UsageError("audit_plan.no_audit", audit=record, known=", ".join(sorted(found)[:20]) or "-")
    return found[record]


def _bodies(store: Store, kind: str, organisation: str, known: int | None) -> list[dict[str, Any]]:
    """Records that are evidence: drafts and withdrawn ones are not."""
    rows = [dict(b) for b in store.records(kind, organisation, known=known)]
    return [b for b in rows if b.get("status") not in NOT_EVIDENCE]


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def gather(
    store: Store,
    situation: Situation,
    audit: Mapping[str, Any],
    team: Sequence[str],
    span: Span,
    request: Request,
) -> Facts:
    """The facts of one audit for a team and its days; raises UsageError for a team that is not on record."""
    organisation, known = situation.organisation, situation.position[0]
    days, skipped, uncertain = working_days(span.start, span.days)

    def bodies(kind: str) -> list[dict[str, Any]]:
        return _bodies(store, kind, organisation, known)

    internal = audit.get("audit_type") in (None, "internal")
    roles = {
        str(b["auditor"]): str(b.get("team_role") or "auditor")
        for b in bodies("audit_team_member")
        if b.get("audit_file") == audit["id"] and b.get("auditor")
    }
    records = {str(b["id"]): b for b in bodies("auditor")}
    own_roles = {name: str(b.get("audit_role") or "auditor") for name, b in records.items()}
    known_auditors = {a.id: a for a in situation.auditors}
    named = list(dict.fromkeys(team)) or sorted(set(roles) & set(known_auditors))
    strange = [name for name in named if name not in known_auditors]
    if strange or not named:
        everybody = ", ".join(sorted(known_auditors)[:20]) or "-"
        raise UsageError("audit_plan.no_team", names=", ".join(strange) or "-", known=everybody)
    members = []
    for name in named:
        one = known_auditors[name]
        role = roles.get(name, own_roles.get(name, "auditor"))
        if own_roles.get(name) == "expert":
            role = "expert"
        why = None if one.why_not == "unit_unknown" and not internal else one.why_not
        counts = role in ("lead", "auditor")
        lacks = tuple(_lacks(records.get(name, {}), role, days[0]))
        members.append(Member(name, one.name, one.person, one.unit, role, counts, why, lacks))
    wanted = request.file.lead
    able = [
        m for m in members if m.counts and m.why_not in (None, "unit_unknown") and own_roles[m.id] == "lead"
    ]
    chosen = [m for m in able if roles.get(m.id) == "lead"] or able
    lead = (
        next((m.id for m in able if m.id == wanted), None) if wanted else next((m.id for m in chosen), None)
    )
    return Facts(
        audit=str(audit["id"]),
        title=audit.get("title"),
        internal=internal,
        audit_type=audit.get("audit_type"),
        organisation=organisation,
        name=situation.name,
        position=situation.position,
        days=days,
        skipped=skipped,
        uncertain=uncertain,
        other_days=span.other,
        members=members,
        lead=lead,
        units={u.id: u for u in situation.units},
        owners=situation.owners,
        absences=[*_absences(bodies("auditor_absence")),
                  *((a.auditor, a.first, a.until) for a in request.file.absences)],
        ties=_ties(bodies("auditor_engagement")),
        scopes=_scopes(bodies("auditor_competence"), days[0]),
        travel=_travel(bodies("site_travel"), request),
        sites=situation.sites,
        sector=request.file.sector or next((str(b["industry"]) for b in bodies("organisation")
                                            if b.get("industry")), None),
        days_on_site=audit.get("days_on_site"),
        days_planned=audit.get("days_planned"),
    )  # fmt: skip


def _lacks(auditor: Mapping[str, Any], role: str, on: date) -> Iterator[str]:
    """What is missing on record about one of the team; a trainee's competence is still to come."""
    evaluated = _day(auditor.get("competence_evaluated_on"))
    if role in ("lead", "auditor", "expert"):
        if auditor.get("competent") is False:
            yield "competence_refused"
        elif not auditor.get("competent") or evaluated is None:
            yield "competence_missing"
        elif evaluated > on:
            yield "competence_late"
    impartial = auditor.get("declared_impartial")
    if role not in ("guide", "observer") and not impartial:
        yield "impartial_missing" if impartial is None else "impartial_denied"


def _absences(bodies: Sequence[Mapping[str, Any]]) -> list[tuple[str, date, date]]:
    """Absences with their first and last day; one without an end lasts."""
    found = []
    for b in bodies:
        first = _day(b.get("period_from") or b.get("valid_from")) or date.min
        last = _day(b.get("period_until") or b.get("valid_until")) or date.max
        found.append((str(b["auditor"]), first, last))
    return found


def _ties(bodies: Sequence[Mapping[str, Any]]) -> list[Tie]:
    found = []
    for b in bodies:
        unit = None if b.get("whole_organisation") else b.get("unit")
        began = _day(b.get("period_from") or b.get("valid_from"))
        ended = _day(b.get("period_until") or b.get("valid_until"))
        found.append(Tie(str(b["id"]), str(b["auditor"]), unit, b.get("engagement"), began, ended))
    return found


def _scopes(bodies: Sequence[Mapping[str, Any]], on: date) -> list[Scope]:
    """What each auditor may audit; a row that has expired or was evaluated later still limits, but allows nothing."""
    found = []
    for b in bodies:
        evaluated = _day(b.get("evaluated_on"))
        first, last = _day(b.get("valid_from")) or date.min, _day(b.get("valid_until")) or date.max
        if not first <= on <= last:
            evaluated = date.max
        found.append(
            Scope(
                str(b["id"]),
                str(b["auditor"]),
                b.get("standard"),
                b.get("clause_group"),
                b.get("sector"),
                evaluated,
            )
        )
    return found


def _travel(bodies: Sequence[Mapping[str, Any]], request: Request) -> dict[tuple[str, str], int]:
    """Minutes between sites in both directions; the request overrides the records, a direction its reverse."""
    found: dict[tuple[str, str], int] = {}
    for b in bodies:
        if b.get("minutes") is not None:
            found[str(b["from_site"]), str(b["to_site"])] = int(b["minutes"])
    for leg in request.file.travel.times:
        found[leg.start, leg.to] = found[leg.to, leg.start] = leg.minutes
    return {**{(b, a): m for (a, b), m in found.items()}, **found}
