"""What a report is made from: the result, and the names, dates and places that make it readable."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shall.engine.evaluation import VALIDITY, Evaluation, counts, result
from shall.engine.expiry import Expiring, expiring
from shall.engine.incorporated import standing
from shall.engine.statements import left_out
from shall.evidence.store import Store

Pair = Mapping[str, str]
Place = tuple[str, str]
"""`("unit", id)`, `("site", id)` where a record names no unit, or `("", "")` where it names neither."""

NOWHERE: Place = ("", "")


@dataclass(frozen=True, slots=True)
class Heat:
    """How many records the findings of each clause name, by place; a record counts once per clause."""

    ruleset: str
    places: Sequence[Place]
    clauses: Sequence[str]
    cells: Mapping[tuple[str, Place], int]

    @property
    def highest(self) -> int:
        """The largest cell, 0 if there is none."""
        return max(self.cells.values(), default=0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is no evidence on the day, with what keeps it out."""

    kind: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result and what its readers need beside it; every format is written from this alone."""

    result: Mapping[str, Any]
    names: Mapping[Place, str]
    kinds: Mapping[str, Pair]
    columns: Mapping[tuple[str, str], Pair]
    clauses: Mapping[str, Mapping[str, Pair]]
    expiring: Sequence[Expiring]
    heat: Sequence[Heat]
    look_at: Mapping[str, Sequence[str]]
    left_out: Sequence[LeftOut]


def build_report(evaluation: Evaluation, store: Store, name: str | None = None) -> Report:
    """Gather everything a report shows about one evaluation; reads the store as it stood then."""
    from shall.evidence.schema import schema

    body = result(evaluation, name)
    question, known = evaluation.question, evaluation.position[0]
    due = expiring(store, question.organisation, question.on, known=known)
    kinds = schema()
    return Report(
        result=body,
        names=_names(store, question.organisation, known),
        kinds={k.name: {"zh": k.zh, "en": k.en} for k in kinds.values()} | dict(evaluation.plan.kinds),
        columns={
            (k.name, c.name): {"zh": c.zh, "en": c.en} for k in kinds.values() for c in k.columns if c.expires
        },
        clauses={key: s.get("clauses", {}) for key, s in evaluation.plan.standards.items()},
        expiring=due,
        heat=[heat(key, body["findings"], _order(body, key)) for key in evaluation.plan.asked],
        look_at=_look_at(evaluation, store, known),
        left_out=_left_out(evaluation),
    )


def clause_of(address: str) -> str:
    """The clause an address lies in."""
    return address.partition("#")[0].partition("/")[0]


def place_of(site: str | None, unit: str | None) -> Place:
    """Where a record belongs: its unit, else its site."""
    return ("unit", unit) if unit else ("site", site) if site else NOWHERE


def heat(ruleset: str, findings: Iterable[Mapping[str, Any]], order: Sequence[str]) -> Heat:
    """Count the records that findings name, by clause and place; the fullest places first."""
    seen = {
        (clause_of(standing(one, ruleset)), place_of(e["site"], e["unit"]), e["kind"], e["id"])
        for f in findings
        if ruleset in f["standards"]
        for one in f["criteria"] or (f,)
        for e in f["evidence"]
    }
    cells = Counter((clause, place) for clause, place, _, _ in seen)
    totals = Counter(place for _, place, _, _ in seen)
    places = sorted(totals, key=lambda place: (place == NOWHERE, -totals[place], place))
    rows = {clause for clause, _ in cells}
    return Heat(ruleset, places, [clause for clause in order if clause in rows], cells)


def _order(body: Mapping[str, Any], ruleset: str) -> list[str]:
    return list(dict.fromkeys(p["clause"] for p in body["provisions"] if p["ruleset"] == ruleset))


def _names(store: Store, organisation: str, known: int) -> dict[Place, str]:
    return {
        (kind, record): name
        for kind in ("unit", "site")
        for record, name in store.rows(kind, organisation, ["id", "name"], known=known)
        if name
    }


def _look_at(evaluation: Evaluation, store: Store, known: int) -> dict[str, list[str]]:
    """Ids of the records, valid on the day, of each kind that a person is asked to look at."""
    wanted = {
        kind
        for one in evaluation.decided
        if one.verdict == "needs_judgement"
        for kind in one.provision.look_at
    }
    on = evaluation.question.on.isoformat()
    found: dict[str, list[str]] = {}
    for kind in sorted(wanted):
        rows = store.rows(kind, evaluation.question.organisation, ["id", *VALIDITY], known=known)
        found[kind] = [row[0] for row in rows if counts(row, on)]
    return found


def _left_out(evaluation: Evaluation) -> list[LeftOut]:
    on = evaluation.question.on.isoformat()
    return [
        LeftOut(kind, str(row[0]), left_out(row, on))
        for kind, rows in sorted(evaluation.invalid.items())
        for row in rows
    ]
