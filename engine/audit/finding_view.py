"""A finding in words for the terminal: what was found, every step, what is due and what may come next."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from shall.engine.audit.deadlines import DueNext, action_due, close_due, due, extensions
from shall.engine.audit.history import Followed, may_take
from shall.engine.audit.lifecycle import Case, Event
from shall.engine.grading import Policy
from shall.texts import Lang, say

if TYPE_CHECKING:
    from shall.engine.audit.calendar import Calendar


def page(standing: Followed, policy: Policy, days: "Calendar", on: date, lang: Lang) -> list[str]:
    """Everything on record about it as lines, as of a day."""
    return [
        *_head(standing.case, policy, lang),
        *_steps(standing.case, policy, days, lang),
        *_irregular(standing, lang),
        *_next(standing.case, policy, days, on, lang),
    ]


def _head(case: Case, policy: Policy, lang: Lang) -> Iterator[str]:
    f = case.finding
    criterion = f"{f.ruleset}:{f.address}" if f.ruleset else f.address or f.clause or "-"
    grade = say(f"audit.grade_{case.grade}", lang)
    yield say(
        "audit.page_head",
        lang,
        finding=f.record,
        criterion=criterion,
        grade=grade,
        state=state_text(case, lang),
    )
    if case.grade != f.grade:
        yield say("audit.page_raised_as", lang, grade=say(f"audit.grade_{f.grade}", lang))
    told = {
        "asked": (f.criterion or "").replace("\n", "\n    "),
        "found": f.description,
        "evidence": f.evidence,
        "graded_by": graded_by(f.graded_by, policy, lang),
        "unit": f.unit,
        "audit": f.audit,
    }
    for name, text in told.items():
        if text:
            yield say(f"audit.page_{name}", lang, text=text)
        if name == "found" and f.generated:
            yield say("audit.page_generated", lang)
    yield say("audit.page_raised", lang, on=f.found_on, by=f.auditor or "-")


def graded_by(code: str | None, policy: Policy, lang: Lang) -> str:
    """What a grade rests on: the auditor, or the rule of the policy with what it says; the code where it is unknown."""
    key, _, name = (code or "").partition(":")
    if key == "checklist":
        return say("audit.by_checklist", lang)
    rule = next((r for r in policy.rules if key == policy.key and r.name == name), None)
    return say("audit.by_policy", lang, code=code, says=rule.says[lang]) if rule else code or ""


def _steps(case: Case, policy: Policy, days: "Calendar", lang: Lang) -> Iterator[str]:
    put_off = {one.step.record: one for one in extensions(case, policy, days)}
    for number, event in enumerate(case.steps, 1):
        yield _step_line(number, event, lang)
        if event.record in put_off:
            yield f"     {put_off[event.record].text(lang)}"


def _step_line(number: int, event: Event, lang: Lang) -> str:
    outcome = say(f"audit.outcome_{event.outcome}", lang) if event.outcome else ""
    named = ("correction", "cause", "action", "owner", "due_on", "grade", "reason")
    brought = [
        say(f"audit.has_{name}", lang, text=_brought(name, getattr(event, name), lang))
        for name in named
        if getattr(event, name)
    ]
    head = say(
        "audit.page_step",
        lang,
        number=number,
        on=event.on,
        event=say(f"audit.event_{event.event}", lang),
        outcome=outcome,
        by=event.actor.name,
        seq=event.seq,
    )
    return "\n".join([head, *(f"     {line}" for line in brought)])


def _brought(name: str, value: object, lang: Lang) -> str:
    return say(f"audit.grade_{value}", lang) if name == "grade" else str(value)


def _irregular(standing: Followed, lang: Lang) -> Iterator[str]:
    for event, error in standing.folded.refused:
        yield say("audit.page_refused", lang, record=event.record, why=error.text(lang))
    if standing.altered:
        yield say("audit.page_altered", lang, entries=", ".join(map(str, standing.altered)))


def _next(case: Case, policy: Policy, days: "Calendar", on: date, lang: Lang) -> Iterator[str]:
    if case.state in ("answered", "accepted") and (warning := action_after_close(case, policy, days, lang)):
        yield f"  ! {warning}"
    may = ", ".join(say(f"audit.event_{name}", lang) for name in may_take(case, policy.closing)) or "-"
    coming = due_text(due(case, policy, days), on, lang)
    yield say("audit.page_next", lang, due=coming, allowed=may, number=case.number)


def action_after_close(case: Case, policy: Policy, days: "Calendar", lang: Lang) -> str:
    """That the action is due only after the finding is to be closed; empty where it is not."""
    action, close = action_due(case), close_due(case, policy, days).on
    if action is None or action <= close:
        return ""
    return say("audit.action_after_close", lang, action=action, close=close)


def state_text(case: Case, lang: Lang) -> str:
    """Where a finding stands; of an opportunity nothing more is expected."""
    noted = case.grade == "opportunity" and case.state == "raised"
    return say("audit.state_noted" if noted else f"audit.state_{case.state}", lang)


def due_text(coming: DueNext | None, on: date, lang: Lang) -> str:
    """What is due next, when, from whom, and how late it is on that day."""
    if coming is None:
        return "-"
    text = say(
        "audit.due",
        lang,
        what=say(f"audit.due_{coming.what}", lang),
        on=coming.on,
        sure="?" if coming.assumed else "",
        who=coming.who or "-",
    )
    late = say("audit.overdue", lang, days=(on - coming.on).days) if coming.overdue(on) else ""
    return text + late
