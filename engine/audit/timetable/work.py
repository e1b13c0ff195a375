"""From facts to sessions: what is audited in each unit, how long it takes, and who may not audit it and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from shall.engine.audit.programme.make import Maker, Matter, Programme
from shall.engine.audit.programme.policy import Time
from shall.engine.audit.programme.situation import Auditor
from shall.engine.audit.timetable.gather import EMPLOYED, Facts, Member, Tie
from shall.engine.audit.timetable.problem import Condition, Cost, Pinned, Puzzle, Task, Times
from shall.engine.audit.timetable.request import Request
from shall.engine.audit.timetable.wanted import LeftOut, Wanted
from shall.engine.trees import shift_months
from shall.texts.errors import EvidenceError

Note = tuple[str, Mapping[str, object]]
CREDIBLE = Fraction(1, 2)
"""Less than this part of the estimate by clause is too little time for all clauses."""
WHOLE_SYSTEM = ("stage_2", "recertification")
"""Types of audit that no part can stand for."""


@dataclass(frozen=True)
class Work:
    """A puzzle with what has to be told about it; minutes are of sessions."""

    puzzle: Puzzle
    estimated: int
    required: int | None
    planned: int
    notes: Sequence[Note]
    left_out: LeftOut


def minutes_of(matters: Sequence[Matter], time: Time) -> list[int]:
    """Minutes of each clause in one visit, as the programme counts: what another standard raised is a repeat."""
    first: dict[str, str] = {}
    found = []
    for matter in matters:
        spent = 0
        for one in matter.provisions:
            if one.concepts and all(first.get(c, matter.ruleset) != matter.ruleset for c in one.concepts):
                spent += time.repeat_minutes
            else:
                spent += time.shall_minutes if one.severity == "shall" else time.should_minutes
            for concept in one.concepts:
                first.setdefault(concept, matter.ruleset)
        found.append(spent)
    return found


def covers(group: str | None, matter: Matter) -> bool:
    """Whether a group of clauses (a concept, one above it, or `ruleset:clause`) has this clause."""
    if group is None:
        return True
    ruleset, colon, clause = group.partition(":")
    if colon:
        return matter.ruleset == ruleset.strip() and (matter.clause + ".").startswith(clause.strip() + ".")
    return any((concept + ".").startswith(group.strip() + ".") for concept in matter.concepts)


class Judge:
    """Who may not audit what, and the condition that says so."""

    def __init__(self, facts: Facts, programme: Programme, request: Request) -> None:
        self.facts, self.request = facts, request
        self.own = Maker(programme.plan, programme.policy, programme.situation, 1, 0)

    def against(self, member: Member, unit: str, matter: Matter) -> frozenset[Condition]:
        """Every condition that keeps this auditor from this clause of this unit."""
        found: set[Condition] = set()
        if member.why_not:
            found.add(("person", member.id, member.why_not))
        seen = Auditor(member.id, member.name, member.person, member.unit)
        if why := self.own.may_audit(seen, self.facts.units[unit]):
            found.add(("own", member.id, unit, why))
        for tie in self.facts.ties:
            if tie.auditor == member.id and tie.unit in (None, unit) and self.binds(tie):
                found.add(("tie", member.id, tie.record))
        mine = [s for s in self.facts.scopes if s.auditor == member.id]
        on, sector = self.facts.days[0], (self.facts.sector or "").strip().casefold()
        if mine and not any(
            s.standard in (None, matter.ruleset)
            and covers(s.group, matter)
            and (s.sector is None or s.sector.strip().casefold() == sector)
            and (s.evaluated is None or s.evaluated <= on)
            for s in mine
        ):
            found.add(("scope", member.id))
        return frozenset(found)

    def binds(self, tie: Tie) -> bool:
        """Whether a tie still keeps somebody from auditing: less than the months lie between it and the audit."""
        if self.facts.internal and tie.unit is None and tie.what in EMPLOYED:
            return False
        if tie.began is not None and tie.began > self.facts.days[-1]:
            return False
        months = self.request.file.impartiality_months
        return tie.ended is None or shift_months(tie.ended, months) > self.facts.days[0]


def prepare(
    facts: Facts,
    programme: Programme,
    request: Request,
    wanted: Wanted,
    remote: set[str],
    left_out: LeftOut,
) -> Work:
    """The puzzle of an audit."""
    file = request.file
    notes: list[Note] = []
    judge = Judge(facts, programme, request)
    raw = {unit: _raw(unit, wanted[unit], programme.policy.file.time, request) for unit in sorted(wanted)}
    estimated = ceil(sum((n for spent in raw.values() for n in spent), Fraction(0)))
    required = _required(facts, request)
    counting = [m.id for m in facts.counting]
    times = Times(file.hours.start, file.hours.lunch_from, file.hours.lunch_until, file.hours.until,
                  file.meetings.opening_minutes, file.meetings.team_minutes, file.meetings.closing_minutes,
                  file.minutes_per_day)  # fmt: skip
    factor = Fraction(1)
    if required is not None:
        met = times.opening + times.closing + times.team * len(facts.days)
        factor = Fraction(max(required - met * len(counting), 1)) / max(estimated, 1)
        time = {"percent": int(100 * factor), "hours": _hours(required), "estimated": _hours(estimated)}
        if factor < CREDIBLE:
            all_of_it = facts.audit_type in WHOLE_SYSTEM
            notes.append(("audit_plan.note_thin_whole" if all_of_it else "audit_plan.note_thin", time))
        notes.append(("audit_plan.note_scaled", time))
    notes += _remarks(facts, left_out)
    main = file.meetings.site or _main_site(facts, raw, remote)
    early = {u for u, s in programme.situation.shares.items()
             if s.hundredths is not None and s.hundredths >= 100 * file.early_from_percent}  # fmt: skip
    tasks: list[Task] = []
    for unit, matters in ((u, wanted[u]) for u in sorted(wanted)):
        site = None if unit in remote else facts.units[unit].site or main
        if unit not in remote and facts.units[unit].site is None and facts.sites:
            notes.append(("audit_plan.note_no_site", {"unit": unit, "site": main or "-"}))
        spent = [n * factor for n in raw[unit]]
        tasks += _sessions(unit, site, matters, spent, judge, request, early=unit in early)
    sites = sorted({t.site for t in tasks if t.site} | ({main} if main else set()))
    travel = {}
    for a in sites:
        for b in sites:
            if a != b:
                travel[a, b] = facts.travel.get((a, b), file.travel.default_minutes)
                if (a, b) not in facts.travel and a < b:
                    notes.append(("audit_plan.note_travel", {"a": a, "b": b, "minutes": travel[a, b]}))
    for via in sites:
        for (a, b), minutes in travel.items():
            if via not in (a, b):
                travel[a, b] = min(minutes, travel[a, via] + travel[via, b])
    number = {day: n for n, day in enumerate(facts.days)}
    for fixed in file.fixed:
        if fixed.day is not None and fixed.day not in number:
            raise EvidenceError("audit_plan.fixed_day", unit=fixed.unit, day=fixed.day,
                                days=", ".join(map(str, facts.days)))  # fmt: skip
    weights = file.weights
    puzzle = Puzzle(
        tasks=tasks,
        auditors=counting,
        days=facts.days,
        main=main,
        times=times,
        travel=travel,
        away=frozenset(_away(facts)),
        pinned=[
            Pinned(f.unit, None if f.day is None else number[f.day],
                   None if f.half is None else int(f.half == "afternoon"), f.auditor)
            for f in file.fixed
        ],
        order=[(o.before, o.after) for o in file.order],
        cost=Cost(weights.end_minutes, weights.travel_minutes, weights.balance_minutes,
                  weights.another_auditor, weights.early_half_day),
        effort=file.effort,
        slot=file.slot_minutes,
    )  # fmt: skip
    return Work(puzzle, estimated, required, sum(t.minutes for t in tasks), notes, left_out)


def _remarks(facts: Facts, left_out: LeftOut) -> Iterator[Note]:
    """What has to be told about the part that is audited, the days and the team."""
    if left_out:
        fields = {"units": ("units", left_out.units), "clauses": ("names", left_out.clauses)}
        yield "audit_plan.note_left_out", fields
    if facts.other_days:
        start, end = (day or "-" for day in facts.other_days)
        planned = {"start": facts.days[0], "end": facts.days[-1]}
        yield "audit_plan.note_other_days", {"first": start, "last": end, **planned}
    for member in facts.members:
        if member.lacks:
            lacks = ("keys", tuple(f"audit_plan.lacks_{one}" for one in member.lacks))
            yield "audit_plan.note_lacks", {"auditor": member.id, "name": member.name, "lacks": lacks}
    if facts.skipped:
        yield "audit_plan.note_skipped", {"days": ", ".join(map(str, facts.skipped))}
    if facts.uncertain:
        yield "audit_plan.note_uncertain", {}
    if facts.sector is None and any(s.sector for s in facts.scopes):
        yield "audit_plan.note_sector", {}


def _raw(unit: str, matters: Sequence[Matter], time: Time, request: Request) -> list[Fraction]:
    given = request.file.minutes
    spent = [given.clauses.get(m.id, n) for m, n in zip(matters, minutes_of(matters, time), strict=True)]
    if unit in given.units:
        whole = sum(spent)
        share = [Fraction(n, whole) if whole else Fraction(1, len(spent)) for n in spent]
        return [given.units[unit] * part for part in share]
    return [Fraction(n) for n in spent]


def _required(facts: Facts, request: Request) -> int | None:
    """Minutes that the audit time asks for on the timetable, meetings included."""
    if request.file.audit_days is not None:
        return ceil(request.file.audit_days * 480 * request.file.on_site_percent / 100)
    if facts.days_on_site:
        return ceil(Decimal(facts.days_on_site) * 480)
    if facts.days_planned:
        return ceil(Decimal(facts.days_planned) * 480 * request.file.on_site_percent / 100)
    return None


def _hours(minutes: int) -> str:
    return f"{Decimal(minutes) / 60:.1f}"


def _main_site(facts: Facts, raw: Mapping[str, Sequence[Fraction]], remote: set[str]) -> str:
    """The site with the most work; the first by name among equals; `-` where none is on record."""
    load: dict[str, Fraction] = {}
    for unit, spent in raw.items():
        site = facts.units[unit].site
        if site and unit not in remote:
            load[site] = load.get(site, Fraction(0)) + sum(spent)
    return min(load, key=lambda s: (-load[s], s)) if load else min(facts.sites, default="-")


def _away(facts: Facts) -> Iterator[tuple[str, int]]:
    for auditor, first, last in facts.absences:
        yield from ((auditor, n) for n, day in enumerate(facts.days) if first <= day <= last)


def absent_on(facts: Facts, auditor: str, day: date) -> bool:
    """Whether somebody is away on a day."""
    return any(a == auditor and first <= day <= last for a, first, last in facts.absences)


def _sessions(
    unit: str,
    site: str | None,
    matters: Sequence[Matter],
    spent: Sequence[Fraction],
    judge: Judge,
    request: Request,
    *,
    early: bool,
) -> list[Task]:
    """Clauses that the same people may audit, by area, in sessions that are not too long."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    blocked = []
    for n, matter in enumerate(matters):
        against = {m.id: judge.against(m, unit, matter) for m in judge.facts.counting}
        blocked.append({a: found for a, found in against.items() if found})
        groups.setdefault(tuple(sorted((a, *sorted(c)) for a, c in blocked[-1].items())), []).append(n)
    found = []
    slot, most = request.file.slot_minutes, request.file.session_minutes // request.file.slot_minutes
    for members in groups.values():
        members.sort(key=lambda n: (matters[n].area, matters[n].place))
        slots = max(1, ceil(sum(spent[n] for n in members) / slot))
        parts = ceil(Fraction(slots, most))
        for part in range(parts):
            share = members[part * len(members) // parts : (part + 1) * len(members) // parts]
            share = share or [members[min(part, len(members) - 1)]]
            lot = (slots * (part + 1)) // parts - (slots * part) // parts
            told = sorted((matters[n] for n in share), key=lambda m: m.place)
            cells = tuple((m.ruleset, m.clause) for m in told)
            areas = tuple(dict.fromkeys(matters[n].area for n in share))
            found.append(Task(unit, site, lot * slot, cells, areas, blocked[members[0]], early))
    return found
