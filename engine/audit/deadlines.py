"""What is due next on a finding, when, and from whom; as a list and as a calendar file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from shall.engine.audit.lifecycle import Case, Event, begin, step
from shall.engine.grading import Policy
from shall.texts import Lang, say
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar

What = Literal["answer", "review", "action", "close", "dispute"]


@dataclass(frozen=True, slots=True)
class DueNext:
    """The next thing due: what, on which day, whether that day rests on an assumed calendar, and who is to do it."""

    what: What
    on: date
    assumed: bool
    who: str | None

    def overdue(self, on: date) -> bool:
        """Whether the day has passed."""
        return self.on < on


def due(case: Case, policy: Policy, calendar: "Calendar") -> DueNext | None:
    """What is due next; None where nothing is: an opportunity asks for no answer.

    The close deadline counts wherever it comes first: a late date for the action does not put it off. While a dispute
    is open only its decision is due.
    """
    if not case.open or (case.grade == "opportunity" and case.state == "raised"):
        return None
    own, close = _by_state(case, policy, calendar), close_due(case, policy, calendar)
    return close if case.state != "disputed" and close.on < own.on else own


def close_due(case: Case, policy: Policy, calendar: "Calendar") -> DueNext:
    """By when everything is to be verified and closed: the policy's day, put off only by an auditor's extension."""
    auditor, moved = case.finding.auditor, case.extended.get("close")
    if moved:
        return DueNext("close", moved, False, auditor)
    days = policy.deadlines.get(case.grade, policy.deadlines["opportunity"])["close"]
    reached = calendar.after(case.finding.found_on, days)
    granted = max((s.due_on for s in case.steps if s.event == "extended" and s.due_on), default=reached.day)
    if granted > reached.day:
        return DueNext("close", granted, False, auditor)
    return DueNext("close", reached.day, reached.assumed, auditor)


def action_due(case: Case) -> date | None:
    """The day by which the action that stands is to be done, extensions counted."""
    return case.extended.get("action") or (case.answer.due_on if case.answer else None)


@dataclass(frozen=True, slots=True)
class Extension:
    """More time that was granted: the step, what was due before it, and how many days after that it was asked."""

    step: Event
    before: DueNext | None
    late: int

    def text(self, lang: Lang) -> str:
        """What was put off from when to when, and that it was asked late."""
        what = (
            say(f"audit.due_{self.before.what}", lang) if self.before else say("audit.event_extended", lang)
        )
        return say(
            "audit.has_extension",
            lang,
            what=what,
            before=self.before.on if self.before else "-",
            until=self.step.due_on,
            late=say("audit.late", lang, days=self.late) if self.late else "",
        )


def extensions(case: Case, policy: Policy, calendar: "Calendar") -> list[Extension]:
    """Every extension in order."""
    found, at = [], begin(case.finding)
    for taken in case.steps:
        if taken.event == "extended":
            before = due(at, policy, calendar)
            days = (taken.on - before.on).days if before and taken.on else 0
            found.append(Extension(taken, before, max(days, 0)))
        at = step(at, taken)
    return found


def _by_state(case: Case, policy: Policy, calendar: "Calendar") -> DueNext:
    """What the state asks for, whatever else is due."""
    periods = policy.deadlines.get(case.grade, policy.deadlines["opportunity"])
    since = case.since or case.finding.found_on
    auditor = case.finding.auditor

    def counted(what: What, start: date, days: int, who: str | None) -> DueNext:
        reached = calendar.after(start, days)
        return DueNext(what, reached.day, reached.assumed, who)

    match case.state:
        case "raised" | "rejected":
            moved = case.extended.get("answer")
            if moved:
                return DueNext("answer", moved, False, None)
            return counted("answer", since, periods["answer"], None)
        case "answered":
            return counted("review", since, periods["review"], auditor)
        case "disputed":
            return counted("dispute", since, periods["review"], None)
        case "accepted":
            day = action_due(case)
            assert case.answer is not None and day is not None
            return DueNext("action", day, False, case.answer.owner)
    return close_due(case, policy, calendar)


def calendar_file(dues: Sequence[tuple[Case, DueNext]], organisation: str, on: date, lang: Lang) -> bytes:
    """The due dates as an iCalendar file of all-day entries; the same bytes for the same inputs.

    Raises UsageError where the library that writes it is not installed.
    """
    try:
        from icalendar import Calendar as Sheet
        from icalendar import Event as Entry
    except ImportError:
        raise UsageError("audit.no_icalendar") from None
    sheet = Sheet()
    sheet.add("prodid", "-//shall//findings//ZH")
    sheet.add("version", "2.0")
    for case, one in sorted(dues, key=lambda d: (d[1].on, d[0].finding.record)):
        entry = Entry()
        entry.add("uid", f"{case.finding.record}.{one.what}@{organisation}.shall")
        entry.add("dtstamp", datetime.combine(on, time(), UTC))
        entry.add("dtstart", one.on)
        entry.add("dtend", one.on + timedelta(1))
        entry.add("summary", _summary(case, one, lang))
        entry.add("description", case.finding.description or "")
        sheet.add_component(entry)
    content: bytes = sheet.to_ical()
    return content


def _summary(case: Case, one: DueNext, lang: Lang) -> str:
    return say(
        "audit.ics_summary",
        lang,
        what=say(f"audit.due_{one.what}", lang),
        finding=case.finding.record,
        address=case.finding.address or case.finding.clause or "-",
        grade=say(f"audit.grade_{case.grade}", lang),
        who=one.who or "-",
    )
