"""What a finding leaves behind when it ends: the audit's judgement ends with it, and the evidence speaks again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from shall.engine.audit.history import Draft, raise_findings, take
from shall.engine.grading import DEFAULT
from shall.evidence.ledger import PUT, Change
from shall.evidence.store import Store

ORG, AT, FOUND = "甲厂", datetime(2026, 9, 1, tzinfo=UTC), date(2026, 3, 2)


def put(kind: str, record: str, **body: Any) -> Change:
    return Change(PUT, kind, record, body)


def judged(record: str, address: str, verdict: str = "nonconforming", **more: Any) -> Change:
    body = {"ruleset": "t_ccaa_39", "judged_on": "2026-03-02", "judged_by": "P8", "made_as": "audit", **more}
    return put("judgement", record, **body, address=address, verdict=verdict, reason="看到了")


BEFORE = [
    put("organisation", ORG, name=ORG),
    put("person", "P1", unit="U1"),
    put("person", "P6", unit="U6"),
    put("person", "P8", unit="U8"),
    put("auditor", "A8", person="P8", competent=True, competence_evaluated_on="2026-01-05"),
    judged("same", "9.1.1#6"),
    judged("good", "9.1.1#6", "conforming"),
    judged("other", "9.1.1#5"),
    judged("earlier", "9.1.1#6", judged_on="2026-03-01"),
    judged("draft", "9.1.1#6", status="draft"),
    judged("own", "9.1.1#6", made_as="self_assessment"),
    judged("ended", "9.1.1#6", valid_until="2026-03-31"),
]
FINDING = {
    "found_on": FOUND,
    "grade": "minor",
    "ruleset": "t_ccaa_39",
    "address": "9.1.1#6",
    "clause": "9.1.1",
}
FINDING |= {"auditor": "A8", "audit": "stage 2", "description": "超期"}
ANSWER = {"correction": "停用", "cause": "漏列", "action": "列入台账", "owner": "P1"}
WAY = (
    Draft("answered", date(2026, 3, 9), "P1", **ANSWER, due_on=date(2026, 4, 9)),  # type: ignore[arg-type]
    Draft("reviewed", date(2026, 3, 10), "A8", outcome="accepted"),
    Draft("implemented", date(2026, 4, 8), "P1", reason="完成"),
    Draft("implementation_verified", date(2026, 4, 9), "A8", outcome="confirmed", reason="已看"),
    Draft("effectiveness_verified", date(2026, 6, 1), "A8", outcome="confirmed", reason="已看"),
    Draft("closed", date(2026, 6, 2), "A8"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", actor_default="t") as opened:
        opened.commit(ORG, BEFORE, actor="t", at=AT)
        raise_findings(opened, ORG, [{**FINDING, "unit": unit} for unit in ("U1", "U2")], actor="t", at=AT)
        yield opened


def taken(store: Store, record: str, *drafts: Draft) -> None:
    for draft in drafts:
        take(store, ORG, record, draft, closing=DEFAULT.closing, actor="t", at=AT)


def ends(store: Store) -> dict[str, tuple[Any, Any]]:
    now = {str(b["id"]): (b.get("status"), b.get("valid_until")) for b in store.records("judgement", ORG)}
    first = {c.record_id: (c.body.get("status"), c.body.get("valid_until")) for c in BEFORE if c.body}
    return {record: end for record, end in now.items() if end != first[record]}


def test_a_judgement_ends_with_the_last_finding_that_rests_on_it(store: Store) -> None:
    taken(store, "F-2026-001", *WAY)
    assert ends(store) == {}, "the other unit's finding is open"
    taken(store, "F-2026-002", *WAY)
    assert ends(store) == {"same": (None, "2026-06-02")}


def test_what_was_withdrawn_was_never_so(store: Store) -> None:
    dispute = Draft("disputed", date(2026, 3, 9), "P1", reason="不属实")
    decided = Draft("dispute_decided", date(2026, 3, 16), "P6", outcome="withdrawn", reason="已核实")
    taken(store, "F-2026-001", *WAY)
    taken(store, "F-2026-002", dispute, decided)
    assert ends(store) == {"same": ("withdrawn", None)}


def test_a_dispute_that_is_upheld_changes_no_judgement(store: Store) -> None:
    dispute = Draft("disputed", date(2026, 3, 9), "P1", reason="不属实")
    decided = Draft("dispute_decided", date(2026, 3, 16), "P6", outcome="upheld", reason="属实")
    taken(store, "F-2026-001", *WAY)
    taken(store, "F-2026-002", dispute, decided)
    assert ends(store) == {}
