"""Audit days worked out from the timetable where the file does not say them: hours of all auditors over eight."""

from collections.abc import Iterable
from fractions import Fraction

from shall.engine.papers.audits import Audit
from shall.engine.reports.records import Record

DAY = 8 * 60
"""Minutes of an audit day."""
UNCOUNTED = ("expert", "trainee", "observer", "guide", "interpreter")
"""Roles whose time is no audit time."""


def planned(audit: Audit) -> str:
    """The days the file says; else those of the timetable, said as computed; else that nothing is on record."""
    return _told(audit, "days_planned", _counted(audit))


def on_site(audit: Audit) -> str:
    """Likewise those on site: entries of the timetable said to be not remote."""
    return _told(audit, "days_on_site", (s for s in _counted(audit) if s.get("remote") is False))


def _told(audit: Audit, column: str, sessions: Iterable[Record]) -> str:
    if audit.file.get(column) is not None:
        return audit.word(column)
    minutes = sum(map(_minutes, sessions))
    if not minutes:
        return audit.none
    return audit.t("days_computed", days=exact(Fraction(minutes, DAY)), hours=exact(Fraction(minutes, 60)))


def _counted(audit: Audit) -> list[Record]:
    """Entries of those whose time counts, without journeys."""
    roles = {m.get("auditor"): m.get("team_role") for m in audit.members}
    return [
        s
        for s in audit.sessions
        if s.get("session_type") != "travel" and s.get("auditor") and roles.get(s["auditor"]) not in UNCOUNTED
    ]


def _minutes(session: Record) -> int:
    """How long an entry is; 0 where it does not say both times, or ends before it starts."""
    starts, ends = (_clock(session.get(name)) for name in ("starts", "ends"))
    return max(ends - starts, 0) if starts is not None and ends is not None else 0


def _clock(text: object) -> int | None:
    hours, _, minutes = str(text or "").partition(":")
    return int(hours) * 60 + int(minutes) if hours.isdecimal() and minutes.isdecimal() else None


def exact(value: Fraction) -> str:
    """A number without loss: as a decimal where it ends, else whole and fraction.

    >>> exact(Fraction(37, 4)), exact(Fraction(3)), exact(Fraction(49, 24))
    ('9.25', '3', '2 1/24')
    """
    whole, rest = divmod(value, 1)
    for places in range(7):
        if (value * 10**places).denominator == 1:
            return f"{whole}.{int(rest * 10**places):0{places}}" if places else str(whole)
    return f"{whole} {rest}" if whole else str(rest)
