"""Where an audit was and what it looked at: a record for each unit and clause that a checklist has answers on."""

from collections import Counter
from collections.abc import Mapping, Sequence

from shall.engine.audit.checklist.answers import Answer
from shall.engine.audit.checklist.entitled import Audit
from shall.engine.audit.checklist.form import VERDICTS, Form
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store
from shall.texts import say

SCOPE = "audit_scope"
Place = tuple[str | None, str, str]
"""Unit (None: no unit was named), ruleset, clause."""


def covered(store: Store, form: Form, answers: Mapping[str, Answer], audit: Audit, lang: str) -> list[Change]:
    """The records of what was looked at, in the order of the checklist; none where no audit on record is meant.

    A row that was not audited, or is not answered, is nothing looked at. One that could not be settled is.
    """
    if audit.file is None and audit.internal_audit is None:
        return []
    sites = dict(store.rows("unit", form.organisation, ("id", "site")))
    return [_row(form, place, given, audit, sites, lang) for place, given in places(form, answers).items()]


def places(form: Form, answers: Mapping[str, Answer]) -> dict[Place, list[Answer]]:
    """The answers by unit and clause: a row about several clauses counts for each of them."""
    found: dict[Place, list[Answer]] = {}
    for line in form.lines:
        if (answer := answers.get(line.id)) is not None:
            for ruleset, clause in dict.fromkeys((m.ruleset, m.clause) for m in line.members):
                found.setdefault((line.unit, ruleset, clause), []).append(answer)
    return found


def _row(
    form: Form,
    place: Place,
    given: Sequence[Answer],
    audit: Audit,
    sites: Mapping[str, str | None],
    lang: str,
) -> Change:
    unit, ruleset, clause = place
    record = f"CU-{form.digest[:8]}-{unit or '0'}-{ruleset}-{clause}"
    body: dict[str, object | None] = {
        "internal_audit": audit.internal_audit if audit.internal else None,
        "audit_file": audit.file,
        "unit": unit,
        "site": sites.get(unit) if unit else None,
        "clause": f"{ruleset}:{clause}",
        "audited_on": max(a.on for a in given),
        "auditor": _most(given),
        "audits_own_work": False if all(a.apart for a in given) else None,
        "audit_result": _result(given, lang),
    }
    return Change(PUT, SCOPE, record, {k: v for k, v in body.items() if v is not None})


def _most(given: Sequence[Answer]) -> str:
    """The auditor with the most answers there; of equal ones the first by id."""
    counted = Counter(a.auditor for a in given)
    return min(counted, key=lambda who: (-counted[who], who))


def _result(given: Sequence[Answer], lang: str) -> str:
    """How many answers of each kind, and everybody who gave one where it was not one person."""
    counted = Counter(a.verdict for a in given)
    comma = "、" if lang == "zh" else ", "
    told = comma.join(
        say("checklist.counted", lang, verdict=VERDICTS[v][lang != "zh"], count=counted[v])
        for v in VERDICTS
        if v in counted
    )
    who = sorted({a.auditor for a in given})
    if len(who) == 1:
        return told
    return say("checklist.counted_by", lang, told=told, auditors=comma.join(who))
