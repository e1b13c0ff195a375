"""The days of an audit: as the command asks for them, else as its audit file has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shall.engine.audit.calendar import calendar
from shall.texts.errors import UsageError

USUAL, MOST = 3, 30
"""Working days where nothing says how many, and the most that a plan may have."""
YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True)
class Span:
    """The first day asked for, how many working days, and the days on the audit file where these are others."""

    start: date
    days: int
    other: tuple[date | None, date | None] | None = None


def working_days(start: date, count: int) -> tuple[list[date], list[date], bool]:
    """So many working days from a day on, the days left out between them, whether the calendar is certain."""
    sheet = calendar()
    days: list[date] = []
    skipped: list[date] = []
    day = start
    while len(days) < count:
        (days if sheet.works(day) else skipped).append(day)
        day += timedelta(1)
    sure = all(d.year in sheet.years and d not in sheet.unsure for d in (*days, *skipped))
    return days, skipped, not sure


def span(audit: Mapping[str, Any], start: date | None, days: int | None, today: date) -> Span:
    """When the audit is: what is not asked for comes from the audit file, else today and three working days.

    Without a number of days there are as many working days as on the audit file. Raises UsageError where the file's
    days are needed and cannot be those of an audit.
    """
    first, last = _day(audit.get("audited_from")), _day(audit.get("audited_until"))
    needed = (start is None and first is not None) or (days is None and None not in (first, last))
    held = _between(first, last)
    if needed and not _sound(first, last, held):
        raise UsageError("audit_plan.file_days", audit=audit.get("id"), start=first, end=last or "-",
                         count=len(held or ()), most=MOST)  # fmt: skip
    begin = start or first or today
    found = Span(begin, days or len(held or ()) or USUAL)
    planned = working_days(found.start, found.days)[0]
    same = first is None or planned[0] == working_days(first, 1)[0][0]
    same = same and (last is None or planned[-1] == _last(last))
    return found if same else Span(found.start, found.days, (first, last))


def _sound(first: date | None, last: date | None, held: list[date] | None) -> bool:
    known = [day for day in (first, last) if day is not None]
    return all(day.year in YEARS for day in known) and (held is None or 1 <= len(held) <= MOST)


def _between(first: date | None, last: date | None) -> list[date] | None:
    """The working days from one day to the other, not many more than there may be; None where one is not known."""
    if first is None or last is None:
        return None
    works = calendar().works
    found: list[date] = []
    while first <= last and first.year in YEARS and len(found) <= MOST:
        if works(first):
            found.append(first)
        first += timedelta(1)
    return found


def _last(day: date) -> date:
    """The last working day until a day."""
    works = calendar().works
    while day.year in YEARS and not works(day):
        day -= timedelta(1)
    return day


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None
