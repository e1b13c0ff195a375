"""Conditions about people: who recommended, reviews and decides; impartiality and competence of the team."""

from collections.abc import Sequence

from shall.engine.papers.precondition_facts import Facts, Member, Told
from shall.engine.reports.records import Record


def recommender(f: Facts) -> Told:
    """Who recommended audits in the team; that it was not the leader is said."""
    by = f.file.get("recommended_by")
    if not by:
        return "unknown", ""
    shown = f.member(by).shown
    if not f.members:
        outside = bool(f.audit.people) and not f.same([str(by)], f.audit.people)
        return ("not_met" if outside else "unknown"), f.why("no_team")
    found = [m for m in f.auditors if m.auditor in f.alike(str(by))]
    if not found:
        return "not_met", f.why("not_in_team", who=shown)
    return "met", shown if any(m.role == "lead" for m in found) else f.why("not_lead", who=shown)


# --- the team ------------------------------------------------------------------------------------


def impartiality(f: Facts) -> Told:
    """Nobody of the team is of the audited organisation or tied to it, and all have declared so."""
    first, last = f.audit.first_day, f.audit.last_day
    if not f.members or not first:
        return "unknown", f.why("no_team") if not f.members else f.audit.t("first_day")
    return f.weighed([_impartial(f, m, first, last or first) for m in f.members], f.why("declared"))


def _impartial(f: Facts, member: Member, first: str, last: str) -> Told:
    if member.auditor is None or member.row is None:
        return "unknown", f.why("no_auditor", who=member.shown)
    ties = f.ties(member.auditor, member.shown, first, last)
    if ties:
        return "not_met", f.audit.t("semicolon").join(ties)
    if own := f.own_people(member.auditor, member.shown):
        return own
    declared = member.row.get("declared_impartial")
    if declared is None:
        return "unknown", f.why("not_declared", who=member.shown)
    return ("met", "") if declared else ("not_met", f.why("declared_not", who=member.shown))


def competence(f: Facts) -> Told:
    """Those who audit were found competent before the audit, for its standards and the sector where that is said."""
    first = f.audit.first_day
    if not f.auditors or not first:
        return "unknown", f.why("no_team") if not f.auditors else f.audit.t("first_day")
    parts = [_competent(f, m, first) for m in f.auditors]
    parts += [_covered(f, key, first) for key in f.audit.standards]
    return f.weighed(parts, f.names([m.shown for m in f.auditors]))


def _competent(f: Facts, member: Member, first: str) -> Told:
    if member.auditor is None or member.row is None:
        return "unknown", f.why("no_auditor", who=member.shown)
    day, found = str(member.row.get("competence_evaluated_on") or ""), member.row.get("competent")
    if found is False:
        return "not_met", f.why("not_competent", who=member.shown)
    if day > first:
        return "not_met", f.why("evaluated_later", who=member.shown, day=day)
    if not day or found is None:
        return "unknown", f.why("not_evaluated", who=member.shown)
    rows = _competences(f, member)
    if rows and not any(_covers(r, key, first) for r in rows for key in f.audit.standards or (None,)):
        return "not_met", f.why(
            "other_competence", who=member.shown, records=f.names([str(r["id"]) for r in rows])
        )
    return "met", ""


def _covered(f: Facts, key: str, first: str) -> Told:
    """Somebody of the team may audit that standard in this sector; who has no rows may audit anything."""
    open_ones: list[str] = []
    for member in f.auditors:
        rows = _competences(f, member)
        mine = [r for r in rows if _covers(r, key, first)]
        if not rows or any(_of_sector(f, r) for r in mine):
            return "met", ""
        open_ones += [str(r["id"]) for r in mine]
    if open_ones:
        return "unknown", f.why("sector", records=f.names(open_ones))
    return "not_met", f.why("nobody_competent", standard=f.audit.number(key))


def _competences(f: Facts, member: Member) -> list[Record]:
    ids = f.alike(member.auditor) if member.auditor else []
    return [r for r in f.ever("auditor_competence") if r.get("auditor") in ids]


def _covers(row: Record, key: str | None, first: str) -> bool:
    """Whether a row of competence holds good for a standard on the first day."""
    began = max(str(row.get("evaluated_on") or ""), str(row.get("valid_from") or ""))
    ended = str(row.get("valid_until") or "9999")
    return row.get("standard") in (None, key) and began <= first <= ended


def _of_sector(f: Facts, row: Record) -> bool:
    """Whether a row is for every sector, or its text is the organisation's industry."""
    profile, sector = f.audit.organisation, str(row.get("sector") or "")
    words = (profile.get("industry"), f.audit.records.word("organisation", profile, "industry"))
    return not sector or sector.casefold() in {str(w).casefold() for w in words if w}


# --- who reviews and decides ---------------------------------------------------------------------


def decider_outside(f: Facts) -> Told:
    """Who decides, or is designated to, was not in the team and is not of the organisation or tied to it."""
    return _outside(f, f.deciders)


def reviewer_outside(f: Facts) -> Told:
    """Who reviews was not in the team, nor who recommended, and is not of the organisation or tied to it."""
    names, by = f.persons(f.file.get("reviewer")), f.file.get("recommended_by")
    recommended = f.same(names, frozenset({str(by)})) if by else []
    if recommended:
        return "not_met", f.why("recommended", names=_named(f, recommended))
    return _outside(f, names)


def recommender_decides(f: Facts) -> Told:
    """Who decides, or is designated to, is not who recommended."""
    by = f.file.get("recommended_by")
    if not by or not f.deciders:
        return "unknown", f.audit.who(by)
    both = f.same(f.deciders, frozenset({str(by)}))
    return (
        ("not_met", f.why("recommended", names=_named(f, both))) if both else ("met", _named(f, f.deciders))
    )


def _outside(f: Facts, names: Sequence[str]) -> Told:
    if not names or not f.audit.people:
        return "unknown", f.names(names)
    inside = f.same(names, f.audit.people)
    if inside:
        return "not_met", f.why("in_team", names=_named(f, inside))
    return f.weighed([_free(f, name) for name in names], _named(f, names))


def _named(f: Facts, names: Sequence[str]) -> str:
    """People as they are shown: the name behind an id where that is on record."""
    return f.names([f.audit.who(name) for name in names])


def _free(f: Facts, name: str) -> Told:
    """Whether somebody named by id or name is of the organisation or tied to it, as far as is on record."""
    records, last = f.audit.records, f.audit.last_day or f.audit.records.on
    person = records.one("person", name)
    if person is not None and person.get("is_external") is not True:
        return "not_met", f.why("own_people", who=f.audit.who(name), record=name)
    if records.one("auditor", name) is None:
        return f.namesake(name, name) or ("met", name)
    shown = f.member(name).shown
    if ties := f.ties(name, shown, f.audit.first_day or last, last):
        return "not_met", f.audit.t("semicolon").join(ties)
    return f.own_people(name, shown) or ("met", name)
