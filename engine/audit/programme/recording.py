"""A programme on record: a draft of it and of its internal audits, for somebody to approve.

What was written carries a mark with its own digest. Only what still stands as it was marked is written again or taken
back; anything else was somebody's work and stays.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shall.engine.audit.programme.make import Programme
from shall.engine.evaluation import canonical
from shall.evidence.ledger import PUT, WITHDRAW, Change
from shall.evidence.store import Store
from shall.texts import say
from shall.texts.errors import UsageError

PROGRAMME, AUDIT = "audit_programme", "internal_audit"
MARK = "shall programme "
"""How the source of a record begins that this module wrote."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is on record now; `written` are the entries made, 0 where all of it stood there already."""

    programme: str
    audits: tuple[str, ...]
    written: int
    position: int


def record_id(programme: Programme) -> str:
    """The usual id: the day the programme begins."""
    return f"AP-{programme.situation.on.isoformat()}"


def record(
    store: Store, programme: Programme, digest: str, lang: str, *, id: str | None, actor: str, at: datetime
) -> Recorded:
    """Write the drafts in one commit; `digest` is the programme's.

    Raises UsageError where one of the records is somebody else's work; nothing is written then.
    """
    organisation, name = programme.situation.organisation, id or record_id(programme)
    bodies = dict(_bodies(programme, name, digest, lang))
    changes = [Change(PUT, kind, record, body) for (kind, record), body in bodies.items()]
    new = [key for key in bodies if _standing(store, organisation, *key) is None]
    rounds = [
        r for (r,) in store.rows(AUDIT, organisation, ("id",)) if re.fullmatch(f"{re.escape(name)}-R\\d+", r)
    ]
    for gone in (r for r in rounds if (AUDIT, r) not in bodies):
        if _standing(store, organisation, AUDIT, gone) is not None:
            changes.append(Change(WITHDRAW, AUDIT, gone))
    before = store.position()[0]
    store.commit(organisation, changes, actor=actor, at=at, new=new)
    after = store.position()[0]
    audits = tuple(record for kind, record in bodies if kind == AUDIT)
    return Recorded(name, audits, after - before, after)


def _standing(store: Store, organisation: str, kind: str, record: str) -> Mapping[str, Any] | None:
    """The body that stands, None where there never was one; raises UsageError where it is not as it was marked."""
    history = store.history(organisation, kind, record)
    if not history:
        return None
    last, why = history[-1], ""
    if not all(
        str(entry.body.get("source") or "").startswith(MARK) for entry in history if entry.action == PUT
    ):
        why = "not_written"
    elif last.action != PUT:
        withdrawn_by_us = kind == AUDIT and len(history) > 1 and _intact(history[-2].body)
        if not withdrawn_by_us:
            why = "not_withdrawn"
    elif not _intact(last.body):
        why = "not_changed"
    if why:
        raise _NotOurs(kind, record, why)
    return last.body


class _NotOurs(UsageError):
    """A record that must not be overwritten."""

    def __init__(self, kind: str, record: str, why: str) -> None:
        super().__init__("programme.not_ours", kind=kind, record=record, why=why)

    def text(self, lang: str) -> str:
        """The message with the reason in words."""
        why = say(f"programme.why_{self.fields['why']}", lang)
        return say(self.key, lang, **{**self.fields, "why": why})


def _intact(body: Mapping[str, Any]) -> bool:
    mark = str(body.get("source") or "")
    own = {name: value for name, value in body.items() if name != "source"}
    return mark.startswith(MARK) and mark.rpartition(" ")[2] == _digest(own)


def _digest(body: Mapping[str, Any]) -> str:
    plain = {k: v for k, v in body.items() if k != "id" and v is not None}
    return hashlib.sha256(canonical(plain).encode()).hexdigest()[:16]


def _bodies(
    programme: Programme, name: str, digest: str, lang: str
) -> Sequence[tuple[tuple[str, str], dict[str, object]]]:
    """The programme's record, then one for each round in which somebody is audited.

    What a programme does not settle (how to plan and report, who is in charge) is left open.
    """
    p = programme
    weights = p.policy.file.weights
    start, end = p.situation.on.isoformat(), p.rounds[-1].end.isoformat()
    found: list[tuple[tuple[str, str], dict[str, object]]] = []

    def add(kind: str, record: str, body: Mapping[str, object]) -> None:
        own = {k: v for k, v in {**body, "status": "draft"}.items() if v is not None}
        found.append(((kind, record), {**own, "source": f"{MARK}{digest[:12]} {_digest(own)}"}))

    body: dict[str, object] = {
        "title": say("programme.record_title", lang, start=start, end=end),
        "period_from": start,
        "period_until": end,
        "defines_frequency": True,
        "defines_methods": True,
        "defines_responsibilities": True if all(v.auditor for v in p.visits) else None,
        "considers_importance": True if weights["emissions"].weight else None,
        "considers_changes": True if weights["changes"].weight else None,
        "considers_past_results": True if weights["findings"].weight else None,
    }
    add(PROGRAMME, name, body)
    numbers = "；".join(str(p.plan.standards[key]["number"]) for key in p.plan.asked)
    for one in p.rounds:
        units = [v.unit.name for v in p.visits if v.round == one.number]
        if units:
            said = say("programme.record_round", lang, number=one.number, start=one.start, end=one.end)
            audit: dict[str, object] = {
                "audit_programme": name,
                "planned_on": one.start.isoformat(),
                "criteria": numbers,
                "audited_scope": "、".join(units),
                "note": said,
            }
            add(AUDIT, f"{name}-R{one.number}", audit)
    return found
