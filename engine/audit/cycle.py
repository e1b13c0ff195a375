"""The cycle of a certificate on a day: what was done, what is due, what is late, and whether the order was kept.

Only the cycle that runs on the day is judged. A period of twelve months from 10 March ends with the next 10 March:
that day is still in time. What is not on record is not taken for done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from shall.engine.audit.cycle_file import Check, Duty, Profile
from shall.engine.trees import shift_months
from shall.texts import Lang, say
from shall.texts.errors import UsageError

AUDITS = ("stage_1", "stage_2", "surveillance", "recertification", "special")
VERIFIED = ("effectiveness_verified", "closed", "withdrawn")
"""States of a finding in which its corrective action was seen to work, or none is needed."""

State = Literal["done", "done_late", "late", "due", "later", "open"]
Standing = Literal["applicant", "active", "suspended", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its first and last day, who was in the team, who decided."""

    step: str
    first: date
    last: date
    records: tuple[str, ...]
    team: frozenset[str] = frozenset()
    deciders: frozenset[str] = frozenset()
    ready: bool | None = None


@dataclass(frozen=True, slots=True)
class Major:
    """A major nonconformity: the step of certification it belongs to, the day it was verified."""

    finding: str
    audit: str | None
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with what happened to it up to the day; `planned` are steps still to come.

    `doubtful` are members of a team, as written, that might be several people.
    """

    id: str
    subject: str | None
    number: str | None
    issued_on: date | None
    expires_on: date | None
    state: str | None
    steps: tuple[Step, ...] = ()
    planned: tuple[tuple[str, date], ...] = ()
    majors: tuple[Major, ...] = ()
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A duty in this cycle: its last day (None: no limit), the day it was done, the day it is planned for."""

    duty: Duty
    on: date | None
    done_on: date | None
    state: State
    since: date | None = None
    planned_on: date | None = None
    count: int = 0

    @property
    def planned_late(self) -> bool:
        """Whether it is planned for a day after the last."""
        return self.done_on is None and None not in (self.planned_on, self.on) and self.planned_on > self.on  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: kept, broken, or not to be told from the records; the records that say so."""

    check: Check
    outcome: Literal["kept", "broken", "unknown"]
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """A certificate's cycle on a day; `notes` are keys of the catalogue about what had to be assumed."""

    certificate: Certificate
    standing: Standing
    begun: date | None
    number: int
    dues: tuple[Due, ...]
    checks: tuple[Checked, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def late(self) -> bool:
        """Whether something is overdue or an order was not kept."""
        return any(d.state == "late" for d in self.dues) or any(c.outcome == "broken" for c in self.checks)


def cycle(certificate: Certificate, profile: Profile, on: date, ahead: int = 90) -> Cycle:
    """Where the certificate stands on the day; what falls due within `ahead` days is `due`, the rest `later`."""
    starts = list(_starts(certificate, profile))
    begun = starts[-1] if starts else None
    standing = _standing(certificate, begun, on)
    view = _View(certificate, profile, on, begun, len(starts), standing, ahead)
    dues = [due for duty in profile.duties for due in view.of(duty)]
    if standing == "withdrawn":
        dues = [due for due in dues if due.done_on is not None]
    checks = tuple(Checked(c, *CHECKS[c.key](certificate)) for c in profile.checks)
    notes = tuple(_notes(certificate, profile, begun, on))
    dues.sort(key=lambda d: (d.on or d.done_on or date.max, d.duty.key))
    return Cycle(certificate, standing, begun, len(starts), tuple(dues), checks, notes)


def _starts(certificate: Certificate, profile: Profile) -> Iterator[date]:
    """The day each cycle began: every decision, or the first issue after each decision."""
    begins = [s for s in certificate.steps if s.step == profile.cycle_begins]
    if not begins:
        if certificate.issued_on is not None:
            yield certificate.issued_on
        return
    last: date | None = None
    decisions = [s.last for s in certificate.steps if s.step == "decided"]
    for step in begins:
        renewed = any(last is not None and last < day <= step.last for day in decisions)
        if profile.cycle_begins == "decided" or last is None or renewed:
            yield step.last
        last = step.last


def _standing(certificate: Certificate, begun: date | None, on: date) -> Standing:
    changes = [
        s for s in certificate.steps if s.step in ("suspended", "restored", "reduced", "withdrawn", "decided")
    ]
    last = changes[-1].step if changes else None
    if last == "withdrawn" or (certificate.state == "revoked" and last != "decided"):
        return "withdrawn"
    if begun is None:
        return "applicant"
    if certificate.expires_on is not None and certificate.expires_on < on:
        return "expired"
    if last == "suspended" or (certificate.state == "suspended" and last in (None, "decided")):
        return "suspended"
    return "active"


@dataclass(frozen=True, slots=True)
class _View:
    """What the duties of one certificate are computed from."""

    certificate: Certificate
    profile: Profile
    on: date
    begun: date | None
    number: int
    standing: Standing
    ahead: int

    def of(self, duty: Duty) -> Iterator[Due]:
        """The duty each time it arises in this cycle."""
        if duty.only_initial and self.number != 1:
            return
        if duty.condition is not None:
            yield from self._majors(duty)
        elif duty.calendar_years:
            yield from self._years(duty)
        elif duty.by is not None:
            yield from self._by_expiry(duty)
        elif duty.since == "expired":
            yield from self._expired(duty)
        elif duty.since in ("decided", "issued"):
            yield from self._from_start(duty)
        else:
            yield from self._from_steps(duty)

    def _made(
        self,
        duty: Duty,
        on: date | None,
        done: date | None,
        since: date | None,
        *,
        count: int = 0,
        planned: date | None = None,
    ) -> Due:
        state: State
        if done is not None:
            state = "done" if on is None or done <= on else "done_late"
        elif on is None:
            state = "open"
        elif on < self.on:
            state = "late"
        else:
            state = "due" if on <= self.on + timedelta(self.ahead) else "later"
        if done is None and not duty.calendar_years:
            planned = self._planned(duty, since)
        return Due(duty, on, done, state, since, planned, count)

    def _planned(self, duty: Duty, opens: date | None, year: int | None = None) -> date | None:
        """The first day planned for the duty since it arose; within that year where it is one of a year."""
        days = (day for step, day in self.certificate.planned if step in duty.done_by)
        fit = (d for d in days if (opens is None or d >= opens) and year in (None, d.year))
        return min(fit, default=None)

    def _in_cycle(self, names: Iterable[str]) -> list[Step]:
        """Steps of those names in the cycle that runs; before certification, all of them."""
        wanted = set(names)
        return [
            s
            for s in self.certificate.steps
            if s.step in wanted and (self.begun is None or s.last > self.begun)
        ]

    def _from_start(self, duty: Duty) -> Iterator[Due]:
        if self.begun is None:
            return
        start = self._anchor(duty)
        done = self._in_cycle(duty.done_by)
        on = shift_months(start, duty.months) if duty.months else None
        yield self._made(duty, on, done[0].last if done else None, start)

    def _anchor(self, duty: Duty) -> date:
        """The day of the decision or issue that began this cycle."""
        assert self.begun is not None
        days = [s.last for s in self.certificate.steps if s.step == duty.since]
        if duty.since == self.profile.cycle_begins or not days:
            return self.begun
        if duty.since == "decided":
            return max((d for d in days if d <= self.begun), default=self.begun)
        return min((d for d in days if d >= self.begun), default=self.begun)

    def _by_expiry(self, duty: Duty) -> Iterator[Due]:
        expiry = self.certificate.expires_on
        if self.begun is None or expiry is None:
            return
        done = self._in_cycle(duty.done_by)
        day = done[duty.times - 1].last if len(done) >= duty.times else None
        yield self._made(duty, expiry, day, self.begun, count=len(done) if duty.times > 1 else 0)

    def _expired(self, duty: Duty) -> Iterator[Due]:
        expiry = self.certificate.expires_on
        if self.standing == "expired" and expiry is not None and duty.months:
            yield self._made(duty, shift_months(expiry, duty.months), None, expiry)

    def _from_steps(self, duty: Duty) -> Iterator[Due]:
        steps = self.certificate.steps
        initial = duty.since in ("stage_1", "stage_2")
        if initial and self.number > 1:
            return
        found = [
            (n, s)
            for n, s in enumerate(steps)
            if s.step == duty.since and (initial or self.begun is None or s.last >= self.begun)
        ]
        for n, step in found[:1] if duty.which == "first" else found:
            after = next((s for s in steps[n + 1 :] if s.step in duty.done_by), None)
            on = shift_months(step.first, duty.months) if duty.months else None
            expiry = self.certificate.expires_on
            if after is None and duty.since == "surveillance" and on and expiry and expiry < on:
                continue  # the certificate ends first: recertification is the duty then
            yield self._made(duty, on, after.last if after else None, step.first)

    def _years(self, duty: Duty) -> Iterator[Due]:
        if self.begun is None:
            return
        expiry = self.certificate.expires_on or shift_months(self.begun, 36)
        done = {s.last.year: s.last for s in reversed(self._in_cycle(duty.done_by))}
        excepted = {s.last.year for s in self._in_cycle(("recertification",))}
        excepted |= {day.year for step, day in self.certificate.planned if step == "recertification"}
        for year in range(self.begun.year + 1, expiry.year):
            if year not in excepted or year in done:
                planned = self._planned(duty, self.begun, year)
                yield self._made(duty, date(year, 12, 31), done.get(year), self.begun, planned=planned)

    def _majors(self, duty: Duty) -> Iterator[Due]:
        """Majors of the last stage 2 that are to be verified in time; a later stage 2 begins anew."""
        stages = [s for s in self.certificate.steps if s.step == "stage_2"]
        if not stages or self.number > 1 or not duty.months:
            return
        last = stages[-1]
        majors = [m for m in self.certificate.majors if m.audit in last.records]
        if majors:
            days = [m.verified_on for m in majors]
            verified = [day for day in days if day is not None]
            done = max(verified) if len(verified) == len(days) else None
            yield self._made(duty, shift_months(last.last, duty.months), done, last.last, count=len(majors))


Outcome = tuple[Literal["kept", "broken", "unknown"], tuple[str, ...]]


def _told(broken: Sequence[Step], unknown: Sequence[Step]) -> Outcome:
    if broken:
        return "broken", tuple(r for s in broken for r in s.records)
    return ("unknown" if unknown else "kept"), tuple(r for s in unknown for r in s.records)


def _outside_team(of: Certificate) -> Outcome:
    """Nobody decides on an audit of their own: that which led to the decision, or the last before a suspension."""
    broken, unknown = [], []
    led: list[Step] = []
    last: Step | None = None
    for step in of.steps:
        if step.step in AUDITS:
            last = step
            led += [step] if step.step != "surveillance" else []
        elif step.step in ("decided", "refused"):
            if any(step.deciders & audit.team for audit in led):
                broken.append(step)
            elif not step.deciders or not led or not all(audit.team for audit in led):
                unknown.append(step)
            led = led if step.step == "refused" else []
        elif last is not None and step.deciders & last.team:
            broken.append(step)
    return _told(broken, unknown)


def _stages_in_order(of: Certificate) -> Outcome:
    first = [s for s in of.steps if s.step == "stage_1"]
    return _told(
        [s for s in of.steps if s.step == "stage_2" and not any(f.last <= s.first for f in first)], []
    )


def _ready(of: Certificate) -> Outcome:
    broken, unknown = [], []
    for second in (s for s in of.steps if s.step == "stage_2"):
        before = [s for s in of.steps if s.step == "stage_1" and s.last <= second.first]
        if before and before[-1].ready is False:
            broken.append(second)
        elif before and before[-1].ready is None:
            unknown.append(before[-1])
    return _told(broken, unknown)


def _audited_first(of: Certificate) -> Outcome:
    broken: list[Step] = []
    audits: list[Step] = []
    for step in of.steps:
        if step.step in ("stage_2", "recertification"):
            audits.append(step)
        elif step.step == "decided":
            if not audits:
                broken.append(step)
            audits = []
    return _told(broken, [])


def _issued_after(of: Certificate) -> Outcome:
    decided = [s.last for s in of.steps if s.step == "decided"]
    issued = [s for s in of.steps if s.step == "issued"]
    late = [s for s in issued if decided and not any(day <= s.last for day in decided)]
    return _told(late, [] if decided else issued)


def _majors_before_decision(of: Certificate) -> Outcome:
    """A certification is granted or renewed only with every major of the audits before it verified by that day."""
    broken: dict[str, None] = {}
    for decision in (s for s in of.steps if s.step == "decided"):
        held = {r for s in of.steps if s.step in AUDITS and s.last <= decision.last for r in s.records}
        waiting = [
            m.finding
            for m in of.majors
            if m.audit in held and (m.verified_on is None or m.verified_on > decision.last)
        ]
        broken |= dict.fromkeys((*decision.records, *waiting) if waiting else ())
    return ("broken" if broken else "kept"), tuple(broken)


CHECKS: Mapping[str, Callable[[Certificate], Outcome]] = {
    "decided_outside_team": _outside_team,
    "stage_1_before_stage_2": _stages_in_order,
    "stage_1_ready": _ready,
    "audit_before_decision": _audited_first,
    "issued_after_decision": _issued_after,
    "majors_before_decision": _majors_before_decision,
}


def _notes(certificate: Certificate, profile: Profile, begun: date | None, on: date) -> Iterator[str]:
    if profile.in_force is not None and on < profile.in_force:
        yield "not_in_force"
    if begun is not None and not any(s.step == profile.cycle_begins for s in certificate.steps):
        yield "issue_stands_in"
    if begun is not None and certificate.expires_on is None:
        yield "no_expiry"
    if begun and certificate.expires_on and certificate.expires_on <= shift_months(begun, 12):
        yield "expiry_not_renewed"
    suspended = any(s.step == "suspended" for s in certificate.steps)
    if certificate.state == "suspended" and not suspended:
        yield "suspended_no_day"
    if begun is not None and not any(s.step in AUDITS for s in certificate.steps):
        yield "no_audits"


def calendar_file(cycles: Sequence[tuple[str, Cycle]], organisation: str, on: date, lang: Lang) -> bytes:
    """What is not done yet as an iCalendar file of all-day entries; the same bytes for the same inputs.

    Takes pairs of profile key and cycle. Raises UsageError where the library that writes it is not installed.
    """
    try:
        from icalendar import Calendar as Sheet
        from icalendar import Event as Entry
    except ImportError:
        raise UsageError("audit.no_icalendar") from None
    sheet = Sheet()
    sheet.add("prodid", "-//shall//cycle//ZH")
    sheet.add("version", "2.0")
    waiting = [
        (due.on, c.certificate.id, key, due)
        for key, c in cycles
        for due in c.dues
        if due.on is not None and due.done_on is None
    ]
    for day, certificate, key, due in sorted(waiting, key=lambda w: (w[0], w[1], w[2], w[3].duty.key)):
        entry = Entry()
        since = due.since.isoformat() if due.since else "-"
        entry.add("uid", f"{certificate}.{key}.{due.duty.key}.{since}.{day}@{organisation}.shall")
        entry.add("dtstamp", datetime.combine(on, time(), UTC))
        entry.add("dtstart", day)
        entry.add("dtend", day + timedelta(1))
        what = say(f"audit_time.step_{due.duty.done_by[0]}", lang)
        entry.add("summary", say("audit_time.ics_summary", lang, what=what, certificate=certificate))
        late = [getattr(due.duty.late, lang)] if due.duty.late else []
        entry.add("description", "\n".join([getattr(due.duty.says, lang), *late]))
        sheet.add_component(entry)
    content: bytes = sheet.to_ical()
    return content
