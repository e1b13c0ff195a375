"""From the evidence of an organisation to facts: which records give rise to what, and which could discharge it.

Drafts and withdrawn records count for nothing, nor does what is dated after the day or takes effect after it. What
has expired counts: it happened. A predicate that is neither true nor false, and a missing date, are told apart from
no; only where a date is all that tells that something was done, none means that it was not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from shall.engine.audit.history import FINDING, followed
from shall.engine.audit.lifecycle import Case
from shall.engine.consequences.derive import FAR, Facts
from shall.engine.consequences.findings import events, reached
from shall.engine.consequences.rules import Asked, Rules
from shall.engine.consequences.rules_file import Cause, Discharge
from shall.engine.executors.python import Row, prepare
from shall.engine.trees import usual_start
from shall.evidence.schema import schema
from shall.evidence.store import Store

UNDATED = FAR + 1
"""The day of an event that bears no date: after every answer, even one without a date."""
BEFORE_ALL = -1
EMPTY_EVENT, EMPTY_RECORD = (0,), (1,)
"""What stands for an empty link on either side: equal to nothing, not to each other either."""
PEOPLE = ("responsible", "owner")
"""Columns that name who is to see to it, where the file names none."""
STANDING = ("status", "valid_from")

Record = tuple[str, str]
"""Kind and id."""


@dataclass(frozen=True)
class Situation:
    """The facts, and the records that their numbers stand for.

    `plans`: for a consequence and its event's record the days that linked records are planned for, with the record.
    """

    facts: Facts
    records: tuple[Record, ...]
    values: Mapping[str, Mapping[str, Mapping[str, Any]]]
    plans: Mapping[tuple[int, Record], list[tuple[date, Record]]]


def read(store: Store, organisation: str, on: date, known: int, rules: Rules) -> Situation:
    """What the organisation's evidence says on that day, as it stood at that ledger position."""
    return _Reader(store, organisation, on, known, rules).situation()


class _Reader:
    def __init__(self, store: Store, organisation: str, on: date, known: int, rules: Rules) -> None:
        self.rules, self.on = rules, on
        self.values = {
            kind: _values(
                store.rows(kind, organisation, ["id", *columns, *STANDING], known=known), columns, on
            )
            for kind, columns in _columns(rules).items()
        }
        self.cases: list[Case] = [f.case for f in followed(store, organisation, on, known)]
        self.told = self._predicates(store, organisation, known)
        self.numbers: dict[Record, int] = {}
        self.groups: dict[tuple[Any, ...], tuple[int, list[tuple[int, Record, bool]]]] = {}

    def _predicates(self, store: Store, organisation: str, known: int) -> list[set[str] | None]:
        """The ids of the records each predicate of the plan holds for."""
        plan = self.rules.plan
        rows: dict[str, list[Row]] = {}
        for kind, columns in plan.columns.items():
            found = store.rows(kind, organisation, columns, known=known)
            if found:
                rows[kind] = [(*row, None, None, None) for row in prepare(kind, found, plan)]
        answers = self.rules.executor.run(rows, self.on, usual_start(self.on))
        return [{row[0] for row in a} if isinstance(a, list) else None for a in answers.aggregates]

    def situation(self) -> Situation:
        roots = dict(sorted(self._roots().items()))
        answers = [sorted(self._answers(n)) for n in range(len(self.rules.declared))]
        passing = dict(sorted(self._passing(answers).items()))
        arising = sorted({(c, d) for c, d, when, _ in self._edges() if when == "arises"})
        links: list[tuple[int, int, int]] = []
        plans: dict[tuple[int, Record], list[tuple[date, Record]]] = {}
        grouped: dict[int, list[tuple[int, Record, bool]]] = {}
        for c, found in enumerate(self._events(roots, answers, passing, arising)):
            for record in sorted(found):
                g, candidates = self._group(c, record)
                grouped.setdefault(g, candidates)
                plans[c, record] = sorted(self._plans(c, record))
                links.append((c, self._number(record), g))
        sure = {g: sorted({(day, r) for day, r, s in found if s}) for g, found in grouped.items()}
        facts = Facts(
            root=tuple((c, self._number(e), *told) for (c, e), told in roots.items()),
            link=tuple(links),
            answer=tuple(a for g, found in sorted(sure.items()) for a in self._in_order(g, found)),
            maybe=tuple(
                sorted(
                    {
                        (g, self._number(r), day)
                        for g, found in grouped.items()
                        for day, r, s in found
                        if not s
                    }
                )
            ),
            arise=tuple(arising),
            passing=tuple((c, d, self._number(r), s) for (c, d, r), s in passing.items()),
        )
        return Situation(facts, tuple(self.numbers), self.values, plans)

    def _in_order(self, g: int, found: list[tuple[int, Record]]) -> Iterator[tuple[int, int, int, int]]:
        """Each answer with the day of the one before it; of two on one day only the first is ever the first."""
        after = BEFORE_ALL
        for day, record in found:
            if day != after:
                yield g, self._number(record), day, after
            after = day

    def _number(self, record: Record) -> int:
        return self.numbers.setdefault(record, len(self.numbers))

    def _edges(self) -> Iterator[tuple[int, int, str, tuple[Any, ...]]]:
        """From which consequence to which, when, and the key of the predicate."""
        for d, one in enumerate(self.rules.declared):
            for m, cause in enumerate(one.causes):
                if cause.consequence is not None and cause.when is not None:
                    yield self.rules.number[cause.consequence], d, cause.when, (d, "from", m)

    def _roots(self) -> dict[tuple[int, Record], tuple[int, int]]:
        """Day and certainty of each event; one that surely gives rise to it by any way does so on the first day."""
        found: dict[tuple[int, Record], tuple[int, int]] = {}
        for n, one in enumerate(self.rules.declared):
            for m, cause in enumerate(one.causes):
                for record, day, sure in self._of(cause, (n, "from", m)):
                    before = found.get((n, record), (UNDATED, 0))
                    better = (-sure, day) < (-before[1], before[0])
                    found[n, record] = (day, sure) if better else before
        return found

    def _of(self, cause: Cause, key: tuple[Any, ...]) -> Iterator[tuple[Record, int, int]]:
        if cause.finding is not None:
            for record, on in events(self.cases, cause.finding):
                yield (FINDING, record), on.toordinal(), 1
        elif cause.kind is not None:
            for event, told, day in self._dated(cause.kind, cause.date or (), self.rules.asked[key]):
                yield event, UNDATED if day is None else day, int(told and day is not None)

    def _dated(
        self, kind: str, dates: tuple[str, ...], asked: Asked
    ) -> Iterator[tuple[Record, bool, int | None]]:
        """Records of a kind for which the predicate holds, or may, up to the day; with their day if they have one."""
        for record, values in self.values.get(kind, {}).items():
            told = self._told(asked, record)
            day = next((values[d] for d in dates if values[d] is not None), None)
            ordinal = date.fromisoformat(day).toordinal() if day is not None else None
            if told is not False and (ordinal is None or ordinal <= self.on.toordinal()):
                yield (kind, record), told is True, ordinal

    def _told(self, asked: Asked, record: str) -> bool | None:
        """Whether the predicate holds: yes, no, or it cannot be told."""
        yes, no = asked
        if record in (self.told[yes] or ()):
            return True
        return False if no is not None and record in (self.told[no] or ()) else None

    def _answers(self, n: int) -> set[Record]:
        """Records that surely could discharge it, whatever event it came of."""
        return {
            r
            for m in range(len(self.rules.declared[n].discharged_by))
            for _, r, sure in self._by[n, m]
            if sure
        }

    @cached_property
    def _by(self) -> dict[tuple[int, int], list[tuple[int, Record, bool]]]:
        """For each way of discharging: day, record, whether it is certain."""
        return {
            (n, m): sorted(self._discharging(by, (n, "by", m)))
            for n, one in enumerate(self.rules.declared)
            for m, by in enumerate(one.discharged_by)
        }

    def _discharging(self, by: Discharge, key: tuple[Any, ...]) -> Iterator[tuple[int, Record, bool]]:
        if by.finding is not None:
            for case in self.cases:
                on = reached(case, by.finding)
                if on is not None:
                    yield on.toordinal(), (FINDING, case.finding.record), True
            return
        for record, told, day in self._dated(by.of, by.date or (), self.rules.asked[key]):
            if day is not None or by.where is not None:
                yield FAR if day is None else day, record, told and day is not None

    def _passing(self, answers: list[list[Record]]) -> dict[tuple[int, int, Record], int]:
        """Which discharging records give rise to what."""
        found: dict[tuple[int, int, Record], int] = {}
        for c, d, when, key in self._edges():
            for kind, record in answers[c] if when == "discharged" else ():
                asked = self.rules.asked.get((*key, kind))
                told = True if asked is None else self._told(asked, record)
                if told is not False:
                    place = (c, d, (kind, record))
                    found[place] = max(found.get(place, 0), int(told is True))
        return found

    def _events(
        self,
        roots: Mapping[tuple[int, Record], Any],
        answers: list[list[Record]],
        passing: Mapping[tuple[int, int, Record], int],
        arising: list[tuple[int, int]],
    ) -> list[set[Record]]:
        """The records each consequence may come of."""
        found: list[set[Record]] = [set() for _ in answers]
        for c, record in roots:
            found[c].add(record)
        for _, d, record in passing:
            found[d].add(record)
        moved = True
        while moved:
            moved = False
            for c, d in arising:
                moved = moved or not found[c] <= found[d]
                found[d] |= found[c]
        return found

    def _group(self, c: int, event: Record) -> tuple[int, list[tuple[int, Record, bool]]]:
        """What could discharge a consequence that came of that record: the number of the group, and its members."""
        ways = self.rules.declared[c].discharged_by
        wanted = tuple(self._wanted(by, event) for by in ways)
        if (c, wanted) not in self.groups:
            found = [x for m, value in enumerate(wanted) for x in self._linked[c, m].get(value, ())]
            self.groups[c, wanted] = (len(self.groups), found)
        return self.groups[c, wanted]

    @cached_property
    def _linked(self) -> dict[tuple[int, int], dict[Any, list[tuple[int, Record, bool]]]]:
        """For each way of discharging the records by what links them to an event."""
        found: dict[tuple[int, int], dict[Any, list[tuple[int, Record, bool]]]] = {}
        for (n, m), members in self._by.items():
            by = self.rules.declared[n].discharged_by[m]
            place = found.setdefault((n, m), {})
            for one in members:
                place.setdefault(self._bears(by, one[1]), []).append(one)
        return found

    @cached_property
    def _planned(self) -> dict[tuple[int, int], dict[Any, list[tuple[date, Record]]]]:
        """For each way of discharging the days its records are planned for, by what links them to an event."""
        found: dict[tuple[int, int], dict[Any, list[tuple[date, Record]]]] = {}
        for n, one in enumerate(self.rules.declared):
            for m, by in enumerate(one.discharged_by):
                place = found.setdefault((n, m), {})
                for name, values in self.values[by.of].items() if by.planned else ():
                    day = values[by.planned or ""]
                    if day is not None:
                        plan = (date.fromisoformat(day), (by.of, name))
                        place.setdefault(self._bears(by, plan[1]), []).append(plan)
        return found

    def _plans(self, c: int, event: Record) -> Iterator[tuple[date, Record]]:
        """Days on which linked records say it is to be done."""
        for m, by in enumerate(self.rules.declared[c].discharged_by):
            yield from self._planned[c, m].get(self._wanted(by, event), ())

    def _wanted(self, by: Discharge, event: Record) -> Any:
        """What the discharging record must bear to belong to the event; nothing bears an empty link."""
        if by.finding is not None:
            return event
        return self._value(event, by.link[1], EMPTY_EVENT) if by.link else None

    def _bears(self, by: Discharge, record: Record) -> Any:
        """What links the record to an event; None where nothing needs to."""
        if by.finding is not None:
            return record
        return self._value(record, by.link[0], EMPTY_RECORD) if by.link else None

    def _value(self, record: Record, column: str, empty: Any) -> Any:
        kind, name = record
        value = name if column == "id" else self.values[kind].get(name, {}).get(column)
        return empty if value is None else value


def _columns(rules: Rules) -> dict[str, tuple[str, ...]]:
    """The columns that are looked at, by kind."""
    found: dict[str, set[str]] = {FINDING: set()}

    def add(kind: str, *names: str) -> None:
        there = schema()[kind]
        always = {n for n in (*PEOPLE, "unit") if there.column(n) is not None}
        found.setdefault(kind, set()).update(always.union(n for n in names if n != "id"))

    for one in rules.declared:
        for cause in one.causes:
            if cause.kind is not None:
                add(cause.kind, *(cause.date or ()), *([cause.who] if cause.who else []))
        for by in one.discharged_by:
            linked = [by.link[0]] if by.link else []
            add(by.of, *(by.date or ()), *linked, *([by.planned] if by.planned else []))
            for kind in rules.events[one.name] if by.link else ():
                add(kind, by.link[1] if by.link else "id")
    add(FINDING)
    return {kind: tuple(sorted(names)) for kind, names in sorted(found.items())}


def _values(rows: list[Row], columns: tuple[str, ...], on: date) -> dict[str, dict[str, Any]]:
    """The values of each record that is neither a draft nor withdrawn, and in effect by the day."""
    found = {}
    for record, *values, status, valid_from in rows:
        if status in (None, "approved") and (valid_from is None or valid_from <= on.isoformat()):
            found[record] = dict(zip(columns, values, strict=True))
    return found
