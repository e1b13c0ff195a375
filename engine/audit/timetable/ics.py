"""A plan as a calendar file: an event for each line, in UTC from China's own time, which knows no summer time."""

from datetime import UTC, datetime, time, timedelta, timezone

from shall.engine.audit.timetable.words import View
from shall.texts.errors import UsageError

CHINA = timezone(timedelta(hours=8))


def calendar_file(view: View) -> bytes:
    """The same bytes for the same plan; raises UsageError where icalendar is not installed."""
    try:
        from icalendar import Calendar as Sheet
        from icalendar import Event as Happening
    except ImportError:
        raise UsageError("audit.no_icalendar") from None
    made = view.made
    sheet = Sheet()
    sheet.add("prodid", "-//shall//audit plan//ZH")
    sheet.add("version", "2.0")
    sheet.add("x-wr-calname", view.t("title"))
    for number, entry in enumerate(made.entries, 1):
        day = made.facts.days[entry.day]
        midnight = datetime.combine(day, time(), CHINA)
        happening = Happening()
        happening.add(
            "uid", f"{made.facts.audit}.{number}.{view.digest[:12]}@{made.facts.organisation}.shall"
        )
        happening.add("dtstamp", datetime.combine(made.facts.days[0], time(), UTC))
        happening.add("dtstart", (midnight + timedelta(minutes=entry.start)).astimezone(UTC))
        happening.add("dtend", (midnight + timedelta(minutes=entry.end)).astimezone(UTC))
        people = view.listed([view.member(a) for a in view.who(entry)])
        happening.add("summary", f"{view.t('kind_' + entry.kind)}: {view.what(entry)} ({people})"
                      if entry.kind == "audit" else f"{view.what(entry)} ({people})")  # fmt: skip
        happening.add("location", view.place(entry))
        if entry.task is not None:
            happening.add("description", f"{view.t('c_clauses')}: {view.short(entry)}")
        sheet.add_component(happening)
    content: bytes = sheet.to_ical()
    return content
