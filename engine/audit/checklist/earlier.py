"""What earlier audits left open, put to the rows it concerns: findings, unverified actions, follow-up duties."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shall.engine.audit.history import followed
from shall.engine.audit.lifecycle import Case
from shall.engine.plan import PlannedProvision
from shall.evidence.store import Store
from shall.texts import Lang, say

SHORT = 80
"""Characters of a description that a row repeats."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something left open: under a provision or a clause (None: any standard that has it), in a unit or anywhere."""

    record: str
    text: str
    ruleset: str | None = None
    address: str | None = None
    clause: str | None = None
    unit: str | None = None

    def about(self, provision: PlannedProvision) -> bool:
        """Whether it stands under this provision or its clause; a clause counts with everything below it."""
        if self.ruleset not in (None, provision.ruleset):
            return False
        if self.address:
            return self.address in (provision.address, provision.clause)
        return within(provision.clause, self.clause)


def within(clause: str, above: str | None) -> bool:
    """Whether a clause is that one or one below it."""
    return bool(above) and (clause == above or clause.startswith(f"{above}."))


class Earlier:
    """Everything left open, and what of it some row has taken up."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.taken: set[str] = set()
        self._under: dict[str, list[int]] = {}
        for n, item in enumerate(items):
            self._under.setdefault(item.address or item.clause or "", []).append(n)

    def _about(self, group: Sequence[PlannedProvision]) -> list[Item]:
        """The items under these provisions, in their order."""
        found = {
            n
            for p in group
            for name in {p.address, *_upwards(p.clause)}
            for n in self._under.get(name, ())
            if self.items[n].about(p)
        }
        return [self.items[n] for n in sorted(found)]

    def for_row(
        self, group: Sequence[PlannedProvision], unit: str | None, asked: Collection[str | None]
    ) -> str:
        """The text of a row in that unit; `asked` are all units in which its question is asked, here or elsewhere."""
        ours = [item for item in self._about(group) if _stands(item, unit, asked)]
        self.taken |= {item.record for item in ours}
        return "\n".join(dict.fromkeys(item.text for item in ours))

    def loose(self, units: Collection[str | None] | None) -> tuple[str, ...]:
        """The texts of what no row has taken up, of these units and of none, or of all."""
        left = [item for item in self.items if item.record not in self.taken]
        told = (i.text for i in left if units is None or i.unit is None or i.unit in units)
        return tuple(dict.fromkeys(told))


def _upwards(clause: str) -> list[str]:
    """A clause and those above it."""
    parts = clause.split(".")
    return [".".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _stands(item: Item, unit: str | None, asked: Collection[str | None]) -> bool:
    """In the row of its unit; where the question is not asked there, in the one of no unit, else in all."""
    if item.unit is None or set(asked) == {None}:
        return True
    if item.unit in asked:
        return unit == item.unit
    return unit is None or None not in asked


def left_open(store: Store, organisation: str, on: date, known: int, lang: Lang) -> Earlier:
    """What was open on the day as the ledger knew it at that entry: findings, then actions, then duties."""
    cases = {f.case.finding.record: f.case for f in followed(store, organisation, on, known)}
    items = [_finding(case, lang) for case in cases.values() if case.open]
    items += _actions(store, organisation, on, known, lang, cases)
    return Earlier([*items, *_duties(store, organisation, on, known, lang)])


def _finding(case: Case, lang: Lang) -> Item:
    finding = case.finding
    text = say(
        "checklist.earlier_finding",
        lang,
        record=finding.record,
        grade=say(f"audit.grade_{case.grade}", lang),
        found=finding.found_on,
        unit=finding.unit or say("checklist.whole", lang),
        what=_short(finding.description),
        verify=say(f"checklist.verify_{case.state}", lang),
    )
    return Item(finding.record, text, finding.ruleset, finding.address, finding.clause, finding.unit)


def _actions(
    store: Store, organisation: str, on: date, known: int, lang: Lang, cases: Mapping[str, Case]
) -> list[Item]:
    """Corrective actions whose effect nobody has reviewed, unless their finding is open and stands there itself."""
    columns = ("id", "clause", "unit", "found_on", "audit_finding")
    causes = {r[0]: r for r in store.rows("nonconformity", organisation, columns, known=known)}
    wanted = ("id", "nonconformity", "measure", "completed_on", "effect_reviewed_on", "unit")
    day, found = on.isoformat(), []
    for record, cause, measure, completed, reviewed, unit in store.rows(
        "corrective_action", organisation, wanted, known=known
    ):
        row = causes.get(cause)
        if row is None or (reviewed and reviewed <= day) or (row[3] and row[3] > day):
            continue
        case = cases.get(row[4] or "")
        if case is not None and case.open:
            continue
        done = "checklist.verify_effect" if completed and completed <= day else "checklist.verify_done"
        text = say(
            "checklist.earlier_action",
            lang,
            record=record,
            cause=cause,
            what=_short(measure),
            verify=say(done, lang),
        )
        ruleset, address, clause = _criterion(case, row[1])
        found.append(Item(record, text, ruleset, address, clause, row[2] or unit))
    return found


def _criterion(case: Case | None, clause: str | None) -> tuple[str | None, str | None, str | None]:
    if case is None:
        return None, None, clause
    return case.finding.ruleset, case.finding.address, clause or case.finding.clause


def _duties(store: Store, organisation: str, on: date, known: int, lang: Lang) -> Iterator[Item]:
    """Follow-up duties not discharged, once under each clause that asks for them."""
    from shall.engine.audit.calendar import calendar
    from shall.engine.audit.carry_sorts import consequences
    from shall.engine.audit.carry_view import reason, told

    for one in consequences(store, organisation, on, known, calendar()):
        text = say("checklist.earlier_duty", lang, says=told(one.is_, lang), why=reason(one, lang))
        for name in one.clauses:
            ruleset, _, place = name.rpartition(":")
            clause = place.partition("/")[0].partition("#")[0]
            address = place if place != clause else None
            yield Item(one.record, text, ruleset, address, clause, one.unit)


def _short(text: str | None) -> str:
    folded = " ".join((text or "-").split())
    return folded if len(folded) <= SHORT else folded[: SHORT - 1] + "…"
