"""Whether the audited side let the day pass that it had for an open finding: only then is it found again."""

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from shall.engine.audit.deadlines import action_due, close_due, due
from shall.engine.audit.lifecycle import Case
from shall.engine.grading import Policy

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar

WAY: tuple[str, ...] = ("accepted", "implemented", "implementation_verified", "effectiveness_verified")
"""States from the accepted plan on, in their order."""
THEIRS = ("answer", "action", "close")
"""What is for the audited side to do; a review or a decision that is late is not its fault."""


@cache
def _days() -> "Calendar":
    """The shipped calendars."""
    from shall.engine.audit.calendar import calendar

    return calendar()


def lapsed(case: Case, policy: Policy, on: date, days: "Calendar | None" = None) -> bool:
    """Whether on that day an open finding is past its day for the answer, the action or the close.

    One whose dispute is not decided is not. Where the policy lets it close by now (a minor one on its accepted plan),
    only the day of its action counts. The working days are those of the shipped calendars unless others are given.
    """
    if not case.open or case.state == "disputed":
        return False
    if _far_enough(case, policy):
        action = action_due(case)
        return case.state == "accepted" and action is not None and action < on
    days = days or _days()
    nearest = due(case, policy, days)
    if nearest is not None and nearest.what in THEIRS and nearest.overdue(on):
        return True
    return close_due(case, policy, days).on < on


def _far_enough(case: Case, policy: Policy) -> bool:
    least = policy.closing.get(case.grade)
    return least in WAY and case.state in WAY and WAY.index(case.state) >= WAY.index(least)
