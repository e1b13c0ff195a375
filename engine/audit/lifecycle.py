"""The life of a finding: steps folded to a state. Pure: no store, no clock, no policy.

    raised ── answered ── accepted ── implemented ── implementation_verified ── effectiveness_verified ── closed
      │          │  └ rejected ─ answered again     └ not confirmed: accepted     └ not confirmed: rejected
      ├─ disputed ─ dispute_decided: upheld (back to where it was) or withdrawn
      └─ withdrawn (by an auditor, a minor one only)

A step that is not allowed is refused and changes nothing. What no policy can relax is decided here: who may take a
step, that dates do not run backwards, that a major closes only after its effect was verified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from shall.texts import area, say
from shall.texts.errors import EvidenceError

State = Literal[
    "raised",
    "answered",
    "accepted",
    "rejected",
    "implemented",
    "implementation_verified",
    "effectiveness_verified",
    "disputed",
    "closed",
    "withdrawn",
]

STEPS: Mapping[State, tuple[str, ...]] = {
    "raised": ("answered", "disputed", "extended", "regraded", "withdrawn", "closed"),
    "answered": ("reviewed", "disputed", "regraded"),
    "accepted": ("implemented", "extended", "regraded", "closed"),
    "rejected": ("answered", "disputed", "extended", "regraded"),
    "implemented": ("implementation_verified", "extended", "regraded"),
    "implementation_verified": ("effectiveness_verified", "extended", "regraded", "closed"),
    "effectiveness_verified": ("closed", "regraded"),
    "disputed": ("dispute_decided",),
    "closed": (),
    "withdrawn": (),
}
"""The steps each state allows; `closed` only as far as `closes_from` lets the grade."""

STATES: tuple[State, ...] = tuple(STEPS)
FINAL: tuple[State, ...] = ("closed", "withdrawn")

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "reviewed": ("accepted", "rejected"),
    "implementation_verified": ("confirmed", "not_confirmed"),
    "effectiveness_verified": ("confirmed", "not_confirmed"),
    "dispute_decided": ("upheld", "withdrawn"),
}
"""Steps that decide something, and what they can decide."""

AUDITEE = ("answered", "implemented", "disputed")
AUDITOR = (
    "reviewed",
    "implementation_verified",
    "effectiveness_verified",
    "extended",
    "regraded",
    "withdrawn",
    "closed",
)
"""Whose step it is: the audited side's, or that of an auditor entitled to it. A dispute is decided by neither.

In an internal audit a colleague who audited elsewhere may well carry out an action, though not answer or verify.
"""

ANSWER = ("correction", "cause", "action")
"""What an answer holds, each by itself, beside the owner of the action and the day it is due."""

REASONED = (
    "implementation_verified",
    "effectiveness_verified",
    "disputed",
    "dispute_decided",
    "extended",
    "regraded",
    "withdrawn",
)

Due = Literal["answer", "action", "close"]
EXTENDS: Mapping[State, Due] = {
    "raised": "answer",
    "rejected": "answer",
    "accepted": "action",
    "implemented": "close",
    "implementation_verified": "close",
}
"""Which due date an extension moves in each state."""


class Refused(EvidenceError):
    """A step that may not be taken; nothing was written."""

    def text(self, lang: str) -> str:
        """The message, codes of states, steps, grades and parts of an answer in words."""
        return say(self.key, lang, **{name: _in_words(name, v, lang) for name, v in self.fields.items()})


_WORDS = {
    "state": "state",
    "least": "state",
    "event": "event",
    "grade": "grade",
    "same": "part",
    "missing": "part",
    "allowed": "event",
}
"""Fields of a refusal that hold codes, and where the catalogue has their words."""


def _in_words(name: str, value: object, lang: str) -> object:
    if name not in _WORDS or not isinstance(value, str):
        return value
    known = area("audit")
    words = []
    for code in value.split(", "):
        said = next((k for k in (f"audit.{_WORDS[name]}_{code}", f"audit.may_{code}") if k in known), None)
        words.append(known[said][lang] if said else code)
    return ("、" if lang == "zh" else ", ").join(words)


@dataclass(frozen=True, slots=True)
class Bar:
    """Why somebody takes no auditor's step at an external audit: the key of the refusal, and its fields."""

    key: str
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who took a step, as the records stood then.

    `name` is the person, or the auditor where no person is named. `competent`: an auditor in force on the day whose
    competence had been found sufficient by then. `team`: audits in the team that raised the finding. `bar`: the audit
    is external, and this keeps the actor from an auditor's steps and from deciding a dispute.
    """

    name: str
    unit: str | None = None
    known: bool = True
    competent: bool = False
    team: bool = False
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as it was raised. `further` are other criteria (`ruleset:address`) that it was raised for as well.

    `generated`: its statement was made from the records and no auditor has worded it.
    `closed_on`: the organisation closed its own nonconformity about it. That closes a finding that was only noted
    (no address, not major) and never followed step by step; no other.
    """

    record: str
    found_on: date
    grade: str
    unit: str | None = None
    auditor: str | None = None
    ruleset: str | None = None
    address: str | None = None
    clause: str | None = None
    audit: str | None = None
    description: str | None = None
    evidence: str | None = None
    criterion: str | None = None
    graded_by: str | None = None
    closed_on: date | None = None
    further: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One step: what, when, by whom, with what it brings."""

    record: str
    event: str
    on: date | None
    actor: Actor
    outcome: str | None = None
    reason: str | None = None
    correction: str | None = None
    cause: str | None = None
    action: str | None = None
    owner: str | None = None
    owner_known: bool = True
    due_on: date | None = None
    grade: str | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with everything that happened to it; `involved` gave or carry out an answer, or disputed."""

    finding: Finding
    state: State
    grade: str
    steps: tuple[Event, ...] = ()
    answer: Event | None = None
    involved: frozenset[str] = frozenset()
    before_dispute: State | None = None
    extended: Mapping[Due, date] = field(default_factory=dict)
    since: date | None = None

    @property
    def number(self) -> int:
        """How many steps were taken: what a next one expects to follow."""
        return len(self.steps)

    @property
    def last_on(self) -> date:
        """The day of the last step."""
        days = (step.on for step in reversed(self.steps))
        return next((day for day in days if day is not None), self.finding.found_on)

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state not in FINAL

    @property
    def closed_on(self) -> date | None:
        """The day it was closed or withdrawn."""
        if self.open:
            return None
        return self.last_on if self.steps else self.finding.closed_on

    @property
    def was_major(self) -> bool:
        """Whether it is or ever was a major nonconformity."""
        return "major" in (self.finding.grade, *(s.grade for s in self.steps))

    @property
    def regrade(self) -> Event | None:
        """The step that gave the grade it has, where a person changed it."""
        return next((s for s in reversed(self.steps) if s.grade == self.grade and s.grade), None)


@dataclass(frozen=True, slots=True)
class Folded:
    """The case that its steps lead to, and the steps that were refused on the way, with the reason."""

    case: Case
    refused: tuple[tuple[Event, Refused], ...] = ()


def begin(finding: Finding) -> Case:
    """The case of a finding that nothing has happened to yet."""
    noted = finding.closed_on is not None and finding.address is None and finding.grade != "major"
    return Case(finding, "closed" if noted else "raised", finding.grade, since=finding.found_on)


def fold(finding: Finding, events: Sequence[Event]) -> Folded:
    """All steps in order; one that is not allowed is left out and told."""
    case, refused = begin(finding), []
    for event in events:
        try:
            case = step(case, event)
        except Refused as error:
            refused.append((event, error))
    return Folded(case, tuple(refused))


def allowed(case: Case) -> tuple[str, ...]:
    """The steps that may be taken now."""
    return tuple(name for name in STEPS[case.state] if _grade_lets(case, name))


def check_wording(case: Case, event: Event) -> None:
    """Whether the statement may be worded anew by the event's actor on its day; raises Refused where not."""
    if case.state != "raised":
        may = ", ".join(allowed(case)) or "-"
        raise _refuse(case, event, "not_allowed", event=event.event, state=case.state, allowed=may)
    _dated(case, event)
    _by_whom(case, event)


def closes_from(grade: str) -> tuple[State, ...]:
    """The states from which a finding of that grade may be closed at all."""
    if grade == "major":
        return ("effectiveness_verified",)
    if grade == "minor":
        return ("accepted", "implementation_verified", "effectiveness_verified")
    return ("raised", "accepted", "implementation_verified", "effectiveness_verified")


def _grade_lets(case: Case, name: str) -> bool:
    if name == "closed":
        return case.state in closes_from(case.grade)
    if name == "withdrawn":
        return not case.was_major
    return name != "regraded" or case.grade in ("major", "minor")


def step(case: Case, event: Event) -> Case:
    """The case after one more step; raises Refused, which says why and what is allowed."""
    _in_order(case, event)
    _by_whom(case, event)
    _complete(case, event)
    return replace(_moved(case, event), steps=(*case.steps, event))


def _refuse(case: Case, event: Event, key: str, /, **fields: object) -> Refused:
    return Refused(f"audit.{key}", finding=case.finding.record, by=event.actor.name, **fields)


def _in_order(case: Case, event: Event) -> None:
    if event.event not in allowed(case):
        if event.event == "closed" and case.grade == "major" and case.open:
            raise _refuse(case, event, "major_unverified", state=case.state)
        if event.event == "withdrawn" and case.was_major and case.state == "raised":
            raise _refuse(case, event, "major_withdrawn")
        may = ", ".join(allowed(case)) or "-"
        raise _refuse(case, event, "not_allowed", event=event.event, state=case.state, allowed=may)
    _dated(case, event)


def _dated(case: Case, event: Event) -> None:
    if event.on is None:
        raise _refuse(case, event, "no_date")
    if event.on < case.last_on:
        raise _refuse(case, event, "too_early", on=event.on, last=case.last_on)


def _by_whom(case: Case, event: Event) -> None:
    actor = event.actor
    if not actor.known:
        raise _refuse(case, event, "unknown_actor")
    raiser = actor.team or actor.name == case.finding.auditor
    if event.event in AUDITEE:
        own = actor.name == case.finding.auditor
        if own or (raiser and event.event != "implemented"):
            raise _refuse(case, event, "auditor_answers", event=event.event)
        return
    if actor.bar is not None:
        raise _refuse(case, event, actor.bar.key, event=event.event, **dict(actor.bar.fields))
    if event.event == "dispute_decided":
        if raiser:
            raise _refuse(case, event, "team_decides")
    elif not actor.competent:
        raise _refuse(case, event, "not_entitled", event=event.event)
    if actor.name in case.involved:
        raise _refuse(case, event, "own_answer", event=event.event)
    if actor.unit is not None and actor.unit == case.finding.unit:
        raise _refuse(case, event, "own_work", event=event.event, unit=actor.unit)


def _complete(case: Case, event: Event) -> None:
    may = OUTCOMES.get(event.event)
    if may and event.outcome not in may:
        found = event.outcome or "-"
        raise _refuse(case, event, "bad_outcome", found=found, allowed=", ".join(may))
    if (event.event in REASONED or event.outcome == "rejected") and not event.reason:
        raise _refuse(case, event, "no_reason", event=event.event)
    if event.event == "answered":
        _complete_answer(case, event)
    if event.event == "extended":
        _later(case, event)
    if event.event == "regraded" and (event.grade not in ("major", "minor") or event.grade == case.grade):
        raise _refuse(case, event, "same_grade", found=event.grade or "-", grade=case.grade)


def _complete_answer(case: Case, event: Event) -> None:
    missing = [name for name in (*ANSWER, "owner", "due_on") if not getattr(event, name)]
    if missing:
        raise _refuse(case, event, "answer_incomplete", missing=", ".join(missing))
    texts = {name: "".join(str(getattr(event, name)).split()).casefold() for name in ANSWER}
    for name in ("correction", "action"):
        if texts["cause"] == texts[name]:
            raise _refuse(case, event, "cause_repeated", same=name)
    if event.owner == case.finding.auditor:
        raise _refuse(case, event, "auditor_owns", owner=event.owner)
    if not event.owner_known:
        raise _refuse(case, event, "unknown_owner", owner=event.owner)
    if event.due_on and event.on and event.due_on < event.on:
        raise _refuse(case, event, "due_before", due=event.due_on, on=event.on)


def _later(case: Case, event: Event) -> None:
    due = EXTENDS[case.state]
    standing = case.extended.get(due)
    if standing is None and due == "action" and case.answer and case.answer.due_on:
        standing = case.answer.due_on - timedelta(1)  # an auditor may grant the day that was answered
    least = max(day for day in (standing, event.on) if day is not None)
    if event.due_on is None or event.due_on <= least:
        raise _refuse(case, event, "not_later", found=event.due_on or "-", least=least)


def _moved(case: Case, event: Event) -> Case:
    involved = case.involved | ({event.actor.name} if event.event in AUDITEE else set())
    match event.event, event.outcome:
        case "answered", _:
            who = involved | {event.owner or ""}
            kept = {k: v for k, v in case.extended.items() if k == "close"}
            return _to(case, event, "answered", answer=event, involved=who, extended=kept)
        case "disputed", _:
            return _to(case, event, "disputed", before_dispute=case.state, involved=involved)
        case "dispute_decided", "upheld":
            assert case.before_dispute is not None
            return _to(case, event, case.before_dispute, before_dispute=None)
        case "dispute_decided", _:
            return _to(case, event, "withdrawn", before_dispute=None)
        case "reviewed", "accepted":
            return _to(case, event, "accepted")
        case "reviewed", _:
            return _to(case, event, "rejected")
        case "implemented", _:
            return _to(case, event, "implemented", involved=involved)
        case "implementation_verified", "not_confirmed":
            return _to(case, event, "accepted")
        case "effectiveness_verified", "not_confirmed":
            return _to(case, event, "rejected")
        case "extended", _:
            assert event.due_on is not None
            return replace(case, extended={**case.extended, EXTENDS[case.state]: event.due_on})
        case "regraded", _:
            assert event.grade is not None
            return replace(case, grade=event.grade)
    return _to(case, event, event.event)  # type: ignore[arg-type]


def _to(case: Case, event: Event, state: State, **changed: object) -> Case:
    return replace(case, state=state, since=event.on, **changed)  # type: ignore[arg-type]
