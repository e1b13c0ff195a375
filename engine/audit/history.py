"""Findings in the store: read with all their steps, raised, taken one step further.

Steps are records of kind `finding_event`, added and never changed; what counts is the first entry of each in the
ledger. People are looked up as the records stood at that entry, so a state is the same whenever it is computed again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from shall.engine.audit.lifecycle import (
    Actor,
    Case,
    Event,
    Finding,
    Folded,
    Refused,
    allowed,
    fold,
    step,
)
from shall.engine.audit.people import People, Registry
from shall.engine.grading import Earlier, Policy, by_policy
from shall.engine.joining import further_criteria
from shall.evidence.ledger import PUT, Change, Revision
from shall.evidence.store import Store
from shall.texts.errors import StoreError, UsageError

FINDING, EVENT = "audit_finding", "finding_event"
GRADED = ("major", "minor", "opportunity")
"""Grades of findings that are followed; observations and good practice ask for nothing."""

NAMED = 12
"""So many findings are named where the one meant is not there."""

FIXED = (
    "found_on",
    "grade",
    "ruleset",
    "address",
    "clause",
    "unit",
    "auditor",
    "internal_audit",
    "audit",
    "origin",
)
"""What of a finding must not change once something was done about it."""

GENERATED = "由记录生成，待审核员改写 / generated from records, for the auditor to word"
"""Stands in the note of a finding whose statement was made from the records, until an auditor words it."""

_FINDING = (
    "id",
    "found_on",
    "grade",
    "unit",
    "auditor",
    "ruleset",
    "address",
    "clause",
    "audit",
    "description",
    "evidence",
    "criterion",
    "graded_by",
    "internal_audit",
    "status",
    "further",
    "origin",
    "note",
)


@dataclass(frozen=True, slots=True)
class Followed:
    """A finding with its steps; `altered` are ledger entries that changed what must not change, and did not count.

    `raw` is the record as it counts: with what its first step froze.
    """

    folded: Folded
    altered: tuple[int, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """Where it stands."""
        return self.folded.case


def followed(
    store: Store,
    organisation: str,
    on: date | None = None,
    known: int | None = None,
    only: str | None = None,
) -> list[Followed]:
    """Every finding that is followed (or only that one), in order of id, with the steps up to the day `on`."""
    rows = store.rows(FINDING, organisation, _FINDING, known=known)
    ids: dict[str, list[str]] = {}
    for event, finding in store.rows(EVENT, organisation, ("id", "finding"), known=known):
        if finding:
            ids.setdefault(finding, []).append(event)
    closed = _closed_by_organisation(store, organisation, on, known)

    people = Registry(store, organisation).at
    found = []
    for row in rows:
        raw = dict(zip(_FINDING, row, strict=True))
        raw |= {"closed_on": closed.get(row[0]), "further": _further(raw)}
        if _is_followed(raw, on) and only in (None, raw["id"]):
            found.append(_followed(store, organisation, raw, ids.get(raw["id"], ()), on, known, people))
    return found


def _is_followed(raw: Mapping[str, Any], on: date | None) -> bool:
    if raw["grade"] not in GRADED or not raw["found_on"] or raw["status"] not in (None, "approved"):
        return False
    return on is None or raw["found_on"] <= on.isoformat()


def meant(store: Store, organisation: str, word: str, known: int | None = None) -> str:
    """The id of the finding meant: the word itself, or the only open finding with this criterion.

    A criterion is an address, with or without its standard before it. Raises UsageError where several fit.
    """
    every = followed(store, organisation, known=known)
    if any(f.case.finding.record == word for f in every):
        return word
    standard, _, address = word.rpartition(":")
    fit = [
        f.case.finding.record
        for f in every
        if f.case.open and any(a == address and standard in ("", s) for s, a in criteria(f.case.finding))
    ]
    if len(fit) > 1:
        raise UsageError("audit.several_findings", word=word, names=", ".join(fit))
    return fit[0] if fit else word


def one(
    store: Store, organisation: str, record: str, known: int | None = None, on: date | None = None
) -> Followed:
    """The finding of that id (as it stood on that day); raises UsageError naming those there are."""
    for found in followed(store, organisation, on, known, record):
        return found
    for found in followed(store, organisation, known=known, only=record) if on else ():
        raise UsageError("audit.not_raised_yet", finding=record, on=on, found=found.case.finding.found_on)
    names = [f.case.finding.record for f in followed(store, organisation, known=known)]
    shown = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
    raise UsageError("audit.no_finding", finding=record, names=shown or "-")


def _followed(
    store: Store,
    organisation: str,
    raw: Mapping[str, Any],
    named: Iterable[str],
    on: date | None,
    known: int | None,
    people: Callable[[int | None], People],
) -> Followed:
    entries = _entries(store, organisation, raw["id"], named, known)
    firsts = [revisions[0] for revisions in entries]
    altered = [r.seq for revisions in entries for r in revisions[1:]]
    if firsts:
        raw, later = _as_raised(store, organisation, raw, firsts[0].seq, known)
        altered += later
    events = []
    for first in firsts:
        who = people(first.seq)
        event = _event(first, who, raw)
        if on is None or event.on is None or event.on <= on:
            events.append(event)
    who = people(firsts[0].seq if firsts else known)
    finding = _finding(raw, who)
    if events:
        finding = replace(finding, closed_on=None)
    return Followed(fold(finding, events), tuple(sorted(altered)), raw)


def _entries(
    store: Store, organisation: str, finding: str, named: Iterable[str], known: int | None
) -> list[list[Revision]]:
    """The ledger's entries about each step, the steps in the order in which they were written.

    Steps are numbered, so that one withdrawn since is found all the same: it happened.
    """
    found: dict[str, list[Revision]] = {}

    def look(record: str) -> bool:
        entries = [r for r in store.history(organisation, EVENT, record) if known is None or r.seq <= known]
        if entries and entries[0].body.get("finding") == finding:
            found[record] = entries
        return bool(entries)

    number = 1
    while look(step_id(finding, number)):
        number += 1
    for record in named:
        if record not in found:
            look(record)
    return sorted(found.values(), key=lambda entries: entries[0].seq)


def step_id(finding: str, number: int) -> str:
    """The record of a finding's nth step: two who take a step from one state write the same record."""
    return f"{finding}.{number:03d}"


def _as_raised(
    store: Store, organisation: str, raw: Mapping[str, Any], first: int, known: int | None
) -> tuple[Mapping[str, Any], list[int]]:
    """The finding as it stood when its first step was taken, and later entries that changed what is fixed."""
    history = store.history(organisation, FINDING, str(raw["id"]))
    before = [r for r in history if r.seq < first and r.action == PUT]
    if not before:
        return raw, []
    body = before[-1].body
    fixed = _fixed(body)
    later = [r.seq for r in history if first < r.seq <= (known or r.seq) and _fixed(r.body) != fixed]
    return {**raw, **fixed}, later


def _fixed(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a finding must not change, its further criteria wherever they stand."""
    return {**{name: body.get(name) for name in FIXED}, "further": _further(body)}


def _further(body: Mapping[str, Any]) -> tuple[str, ...]:
    return further_criteria(body.get("criterion"), body.get("further"))


def _finding(raw: Mapping[str, Any], people: People) -> Finding:
    return Finding(
        record=raw["id"],
        found_on=date.fromisoformat(raw["found_on"]),
        grade=raw["grade"],
        unit=raw["unit"],
        auditor=people.name(raw["auditor"]) if raw["auditor"] else None,
        ruleset=raw["ruleset"],
        address=raw["address"],
        clause=raw["clause"],
        audit=raw["audit"] or raw["internal_audit"],
        description=raw["description"],
        evidence=raw["evidence"],
        criterion=raw["criterion"],
        graded_by=raw["graded_by"],
        closed_on=raw["closed_on"],
        further=raw["further"],
        generated=GENERATED in (raw["note"] or ""),
    )


_TEXTS = ("outcome", "reason", "correction", "cause", "action", "owner", "grade")


def actor_of(people: People, by: str, on: date | None, raw: Mapping[str, Any]) -> Actor:
    """Who that is for a finding with its audit, origin and unit."""
    audits = (raw.get("internal_audit"), raw.get("audit"))
    return people.actor(by, on, audits, raw.get("origin"), raw.get("unit"))


def _event(entry: Revision, people: People, raw: Mapping[str, Any]) -> Event:
    body = entry.body

    def day(name: str) -> date | None:
        return date.fromisoformat(str(body[name])) if body.get(name) else None

    on = day("happened_on")
    texts: dict[str, Any] = {name: str(body[name]) if body.get(name) else None for name in _TEXTS}
    by = str(body.get("auditor") or body.get("person") or "")
    actor = actor_of(people, by, on, raw)
    return Event(
        record=entry.record_id,
        event=str(body.get("event") or "-"),
        on=on,
        actor=actor,
        due_on=day("due_on"),
        owner_known=texts["owner"] is None or people.person(texts["owner"]),
        seq=entry.seq,
        **texts,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A step about to be taken: what, when, by whom (a person or an auditor), with what it brings."""

    event: str
    on: date
    by: str
    outcome: str | None = None
    reason: str | None = None
    correction: str | None = None
    cause: str | None = None
    action: str | None = None
    owner: str | None = None
    due_on: date | None = None
    grade: str | None = None


def take(
    store: Store,
    organisation: str,
    record: str,
    draft: Draft,
    *,
    closing: Mapping[str, str],
    actor: str,
    at: datetime,
    expect: int | None = None,
) -> Case:
    """Take one step and write it, with the records of chapter 10 that follow from it; the case after it.

    `closing` is the policy's. `expect` is the number of steps the caller has seen. Raises Refused where the step may
    not be taken, and where somebody else took one in the meantime; nothing is written then.
    """
    from shall.engine.audit.records import records, settled

    number = _free_number(store, organisation, record)  # before looking: what comes between takes this number
    standing = one(store, organisation, record)
    case = standing.case
    if expect is not None and expect != case.number:
        raise _overtaken(case)
    people = People(store, organisation, None)
    who = actor_of(people, draft.by, draft.on, standing.raw)
    event = Event(
        record=step_id(record, number),
        event=draft.event,
        on=draft.on,
        actor=who,
        owner_known=draft.owner is None or people.person(draft.owner),
        due_on=draft.due_on,
        **{name: getattr(draft, name) for name in _TEXTS},
    )
    try:
        after = step(case, event)
    except Refused as error:
        if error.key == "audit.not_allowed":
            error.fields["allowed"] = ", ".join(may_take(case, closing)) or "-"
        raise
    _policy_lets(case, event, closing)
    body = {
        "finding": record,
        "event": draft.event,
        "happened_on": draft.on,
        ("person" if people.person(draft.by) else "auditor"): draft.by,
        "due_on": draft.due_on,
        **{name: getattr(draft, name) for name in _TEXTS},
    }
    changes = [
        Change(PUT, EVENT, event.record, body),
        *records(store, organisation, case, after, event),
        *settled(store, organisation, case, after, event),
    ]
    try:
        store.commit(organisation, changes, actor=actor, at=at, new=[(EVENT, event.record)])
    except StoreError as error:
        if error.key == "store.not_new":
            raise _overtaken(one(store, organisation, record).case) from None
        raise
    return after


def _overtaken(case: Case) -> Refused:
    last = case.steps[-1] if case.steps else None
    return Refused(
        "audit.overtaken",
        finding=case.finding.record,
        number=case.number,
        state=case.state,
        event=last.event if last else "raised",
        who=last.actor.name if last else case.finding.auditor or "-",
    )


def _free_number(store: Store, organisation: str, record: str) -> int:
    """The next number of a step, refused ones and withdrawn ones counted."""
    number = 1
    while store.history(organisation, EVENT, step_id(record, number)):
        number += 1
    return number


def may_close(case: Case, closing: Mapping[str, str]) -> bool:
    """Whether the policy lets a finding of this grade close from where it stands; it may ask for more, never less."""
    order = ("raised", "accepted", "implementation_verified", "effectiveness_verified")
    return case.state in order and order.index(case.state) >= order.index(closing[case.grade])


def may_take(case: Case, closing: Mapping[str, str]) -> tuple[str, ...]:
    """The steps that may be taken now by grade, state and policy."""
    return tuple(name for name in allowed(case) if name != "closed" or may_close(case, closing))


def _policy_lets(case: Case, event: Event, closing: Mapping[str, str]) -> None:
    if event.event == "closed" and not may_close(case, closing):
        least = closing[case.grade]
        fields = {"finding": case.finding.record, "grade": case.grade, "state": case.state, "least": least}
        raise Refused("audit.policy_closes", **fields)


def earlier(
    store: Store, organisation: str, on: date, known: int | None = None, policy: Policy | None = None
) -> list[Earlier]:
    """The nonconformities on record on that day: what repeats and grades that persons gave are read from.

    Whether one is past its day is told by the deadlines of the policy (the shipped one if none is given) and the
    shipped calendars.
    """
    if not store.rows(FINDING, organisation, ("id",), known=known):
        return []
    from shall.engine.audit.lapse import lapsed
    from shall.engine.grading import DEFAULT

    found = []
    for standing in followed(store, organisation, on, known):
        case = standing.case
        if case.finding.grade == "opportunity" or case.state == "withdrawn":
            continue
        found.append(
            Earlier(
                record=case.finding.record,
                ruleset=case.finding.ruleset or "",
                address=case.finding.address or case.finding.clause or "",
                found_on=case.finding.found_on,
                closed_on=case.closed_on,
                grade=case.grade,
                regrade=_by_person(case),
                further=case.finding.further,
                lapsed=lapsed(case, policy or DEFAULT, on),
            )
        )
    return found


def _by_person(case: Case) -> dict[str, Any] | None:
    """The grade that a person gave, by a step or when the finding was raised; None where a policy graded it."""
    if case.regrade is not None:
        return _said(case.regrade)
    f = case.finding
    if by_policy(f.graded_by) or f.auditor is None:
        return None
    on = f.found_on.isoformat()
    return {
        "grade": case.grade,
        "reason": f.description or "-",
        "by": f.auditor,
        "on": on,
        "record": f.record,
    }


def _said(event: Event) -> dict[str, Any]:
    return {
        "grade": event.grade,
        "reason": event.reason,
        "by": event.actor.name,
        "on": event.on.isoformat() if event.on else None,
        "record": event.record,
    }


def _closed_by_organisation(
    store: Store, organisation: str, on: date | None, known: int | None
) -> dict[str, date]:
    """When the organisation closed its own nonconformity about a finding."""
    rows = store.rows("nonconformity", organisation, ("audit_finding", "closed_on"), known=known)
    found = {finding: date.fromisoformat(closed) for finding, closed in rows if finding and closed}
    return {finding: closed for finding, closed in found.items() if on is None or closed <= on}


def raise_findings(
    store: Store, organisation: str, bodies: Sequence[Mapping[str, object]], *, actor: str, at: datetime
) -> list[str | Refused]:
    """Put findings on record, all in one commit; for each its id, or why it was refused.

    Refused where the criterion has an open one already (or is a further one of it), the auditor is not on record or
    not competent on the day, or belongs to the audited unit.
    """
    people = People(store, organisation, None)
    standing = {
        (*criterion, f.unit): case
        for case in (s.case for s in followed(store, organisation))
        if case.open and (f := case.finding).address
        for criterion in criteria(f)
    }
    taken = {row[0] for row in store.rows(FINDING, organisation, ("id",))}
    found: list[str | Refused] = []
    changes = []
    for body in bodies:
        refused = _may_raise(body, people, standing)
        if refused is None:
            record = _free_finding(store, organisation, str(body["found_on"])[:4], taken)
            taken.add(record)
            kept = {k: v for k, v in body.items() if v is not None}
            changes.append(Change(PUT, FINDING, record, kept))
        found.append(refused or record)
    new = [(FINDING, change.record_id) for change in changes]
    store.commit(organisation, changes, actor=actor, at=at, new=new)
    return found


def criteria(finding: Finding) -> list[tuple[str, str]]:
    """Ruleset and address of every criterion that a finding on record was raised for, further ones first."""
    names = (*finding.further, f"{finding.ruleset or ''}:{finding.address or ''}")
    return [(ruleset, address) for ruleset, _, address in (name.partition(":") for name in names)]


def _may_raise(body: Mapping[str, object], people: People, standing: Mapping[Any, Case]) -> Refused | None:
    who = actor_of(people, str(body["auditor"]), date.fromisoformat(str(body["found_on"])), body)
    fields = {"by": who.name, "finding": body["address"], "event": "raised"}
    if not who.known:
        return Refused("audit.unknown_actor", **fields)
    if who.bar is not None:
        return Refused(f"audit.{who.bar.key}", **fields, **dict(who.bar.fields))
    if not who.competent:
        return Refused("audit.not_entitled", **fields)
    if who.unit is not None and who.unit == body.get("unit"):
        return Refused("audit.own_work", **fields, unit=who.unit)
    case = standing.get((body["ruleset"], body["address"], body.get("unit")))
    if case is not None:
        told = {"address": body["address"], "finding": case.finding.record, "state": case.state}
        return Refused("audit.already_open", **told)
    return None


def _free_finding(store: Store, organisation: str, year: str, taken: Set[str]) -> str:
    number = 1
    while (record := f"F-{year}-{number:03d}") in taken or store.history(organisation, FINDING, record):
        number += 1
    return record
