"""What enters the next audit: everything that earlier ones left open, each entry with its reason.

A finding is carried in one entry only. What is closed and was seen to work is not carried: it is named as settled.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from shall.engine.audit import carry_sorts as sorts
from shall.engine.audit.carried import PLACES, Carried
from shall.engine.audit.on_record import audit_named, on_record
from shall.engine.audit.programme.make import concerned, kinds_of
from shall.engine.audit.programme.policy import read_policy
from shall.engine.audit.programme.situation import read
from shall.engine.cache import executor_for
from shall.engine.grading import DEFAULT, Policy
from shall.engine.trees import shift_months
from shall.evidence.store import Store
from shall.texts.errors import UsageError

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar


def carried(
    store: Store,
    organisation: str,
    on: date,
    *,
    known: int | None = None,
    standards: Sequence[str] = ("t_ccaa_39",),
    after: str | None = None,
    policy: Policy = DEFAULT,
    days: "Calendar | None" = None,
    profiles: Sequence[str] = ("iso_17021_1",),
) -> Carried:
    """What enters the next audit, as it stands on the day; `after` names the audit it follows, by default the last.

    `standards` decide what counts as not looked at; findings are carried whatever their standard. Raises UsageError
    where there is no such audit, or where it is not over on the day.
    """
    from shall.engine.audit.calendar import calendar

    position = store.position() if known is None else store.position_at(known)
    plan = executor_for(standards).plan
    audits = on_record(store, organisation, on, position[0], plan)
    done = [one for one in audits if one.done(on)]
    last = audit_named(audits, after) if after else done[-1] if done else None
    if last and last not in done:
        raise UsageError("carry.not_over", audit=last.id, on=on)
    days = days or calendar()
    numbers = {key: str(plan.standards[key]["number"]) for key in plan.asked}
    rules = read_policy()
    situation = read(
        store, organisation, on, shift_months(on, 36), plan, kinds_of(plan), (12, 12), position[0]
    )
    heads = {unit.id: unit.head for unit in situation.units}
    book = sorts.Cases(audits, last, on, policy, days, heads)
    drawn = tuple(sorts.drawn(situation, done))
    duties, others = sorts.certification(store, organisation, on, position[0], profiles, last)
    entries = [
        *book.entries(),
        *sorts.issues(done, last),
        *sorts.unfinished(store, organisation, on, position[0], audits),
        *sorts.uncovered(concerned(plan, rules, situation), done, last, numbers),
        *(sorts.never(one) for one in drawn if done and len(drawn) > 1 and not one.audits),
        *sorts.consequences(store, organisation, on, position[0], days),
        *duties,
    ]
    order = list(PLACES)
    entries.sort(key=lambda e: (order.index(e.what), e.due or date.max, e.record, e.clauses))
    people = {
        row[0]: row[1] or row[0]
        for row in store.rows("person", organisation, ("id", "name"), known=position[0])
    }
    return Carried(
        organisation=organisation,
        name=situation.name,
        on=on,
        position=position,
        after=last,
        entries=tuple(entries),
        drawn=drawn,
        settled=tuple(book.settled),
        unread=tuple(sorts.unread(store, organisation, position[0])),
        standards=numbers,
        people=people,
        units={unit.id: unit.name for unit in situation.units},
        receipt={
            "rulesets": {key: plan.standards[key]["digest"] for key in plan.asked},
            "grading": {"key": policy.key, "digest": policy.digest},
            "programme_rules": rules.head(),
            "profiles": list(profiles),
            "calendars": list(days.keys),
        },
        others=others,
    )
