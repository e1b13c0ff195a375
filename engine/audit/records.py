"""What a step means for other records: the organisation's nonconformity and corrective actions, and judgements."""

from collections.abc import Mapping
from typing import Any

from shall.engine.audit.lifecycle import Case, Event
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store

NONCONFORMITY, ACTION, JUDGEMENT = "nonconformity", "corrective_action", "judgement"
ADVERSE = ("nonconforming", "not_demonstrated", "opportunity")
"""What a judgement says that leads to a finding."""


def records(store: Store, organisation: str, case: Case, after: Case, event: Event) -> list[Change]:
    """The records to put beside a step, merged into what the organisation wrote itself.

    Opportunities have none. A nonconformity begins with the first answer: before it, the organisation said nothing.
    """
    if case.grade == "opportunity":
        return []
    own = _own(store, organisation, case.finding.record)
    match event.event:
        case "answered":
            record, body = own or (f"NC-{case.finding.record}", _begun(case))
            told: dict[str, Any] = {
                "correction": event.correction,
                "cause": event.cause,
                "action_needed": True,
            }
            number = sum(s.event == "answered" for s in after.steps)
            action = {
                "nonconformity": record,
                "measure": event.action,
                "responsible": event.owner,
                "due_on": event.due_on,
                "unit": case.finding.unit,
            }
            return [
                Change(PUT, NONCONFORMITY, record, _merged(body, told)),
                Change(PUT, ACTION, action_id(case.finding.record, number), _merged({}, action)),
            ]
        case "implemented":
            return _action(store, organisation, case, {"completed_on": event.on, "result": event.reason})
        case "extended" if case.state == "accepted":
            return _action(store, organisation, case, {"due_on": event.due_on})
        case "effectiveness_verified":
            people = {row[0] for row in store.rows("person", organisation, ("id",))}
            told = {
                "effect_reviewed_on": event.on,
                "effect_reviewed_by": event.actor.name if event.actor.name in people else None,
                "effective": event.outcome == "confirmed",
            }
            return _action(store, organisation, case, told)
        case "regraded" if own:
            return [Change(PUT, NONCONFORMITY, own[0], _merged(own[1], {"grade": event.grade}))]
        case "closed" if own:
            return [Change(PUT, NONCONFORMITY, own[0], _merged(own[1], {"closed_on": event.on}))]
    return []


def settled(store: Store, organisation: str, case: Case, after: Case, event: Event) -> list[Change]:
    """The audit's judgements that a finding leaves behind when it ends.

    A judgement says what the audit saw. Once the finding is closed it ends with that day, and the evidence speaks
    again; where the finding is withdrawn, so is the judgement. One that another open finding under the same criterion
    rests on stays as it is.
    """
    if after.state not in ("closed", "withdrawn") or case.state == after.state:
        return []
    from shall.engine.audit.history import criteria, followed

    others = (f.case for f in followed(store, organisation) if f.case.finding.record != case.finding.record)
    held = {criterion for other in others if other.open for criterion in criteria(other.finding)}
    ended = set(criteria(case.finding)) - held
    since, until = case.finding.found_on.isoformat(), (event.on or case.finding.found_on).isoformat()
    told = {"valid_until": until} if after.state == "closed" else {"status": "withdrawn"}
    return [
        Change(PUT, JUDGEMENT, str(body["id"]), _merged(body, told))
        for body in store.records(JUDGEMENT, organisation)
        if (body.get("ruleset"), body.get("address")) in ended
        and body.get("made_as") == "audit"
        and body.get("verdict") in ADVERSE
        and body.get("status") in (None, "approved")
        and since <= str(body.get("judged_on")) <= until
        and not body.get("valid_until")
    ]


def action_id(finding: str, number: int) -> str:
    """The corrective action of a finding's nth answer."""
    return f"CA-{finding}-{number}"


def _begun(case: Case) -> dict[str, Any]:
    finding = case.finding
    return {
        "nature": finding.description,
        "clause": finding.address or finding.clause,
        "origin": None,
        "audit_finding": finding.record,
        "found_on": finding.found_on,
        "grade": case.grade,
        "unit": finding.unit,
    }


def _own(store: Store, organisation: str, finding: str) -> tuple[str, Mapping[str, Any]] | None:
    """The organisation's nonconformity about this finding."""
    bodies = store.records(NONCONFORMITY, organisation)
    return next(((str(b["id"]), b) for b in bodies if b.get("audit_finding") == finding), None)


def _action(store: Store, organisation: str, case: Case, told: Mapping[str, Any]) -> list[Change]:
    record = action_id(case.finding.record, sum(s.event == "answered" for s in case.steps))
    bodies = store.records(ACTION, organisation)
    body = next((b for b in bodies if b["id"] == record), None)
    return [Change(PUT, ACTION, record, _merged(body, told))] if body else []


def _merged(body: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in {**body, **told}.items() if v is not None}
