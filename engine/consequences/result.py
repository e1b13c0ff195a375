"""The follow-up duties of an organisation on a day: what each came of, where it stands, by when it is due."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shall.engine import __version__
from shall.engine.audit.calendar import Calendar, calendar
from shall.engine.consequences.derive import Derived, Instance
from shall.engine.consequences.engines import Engine, derive
from shall.engine.consequences.roles import Roles
from shall.engine.consequences.rules import Rules, read_rules
from shall.engine.consequences.rules_file import Declared
from shall.engine.consequences.situation import PEOPLE, UNDATED, Record, Situation, read
from shall.engine.evaluation import canonical
from shall.engine.trees import shift_months
from shall.evidence.schema import schema_digest
from shall.evidence.store import Store

FORMAT = 1
State = Literal["overdue", "open", "unknown", "discharged"]
STATES: tuple[State, ...] = ("overdue", "open", "unknown", "discharged")
How = Literal["record", "arises", "discharged"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from the first event: the record, its day, how it led on, to which consequence."""

    how: How
    record: Record
    on: date | None
    to: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """One follow-up duty.

    `record` is what it came of directly, `way` how it came from the first event, first step first; `roots` are all
    first events where there are several. `sure` is False where it cannot be told whether it arose at all; `possible`
    are records that might discharge it. `late`: discharged after it was due.
    """

    declared: Declared
    state: State
    record: Record
    arose_on: date | None
    sure: bool
    way: tuple[Step, ...]
    roots: tuple[Record, ...]
    due_on: date | None = None
    due_assumed: bool = False
    discharged_by: Record | None = None
    discharged_on: date | None = None
    possible: tuple[Record, ...] = ()
    who: str | None = None
    unit: str | None = None

    @property
    def name(self) -> str:
        """The name of the rule and of what it came of: how a person asks for it."""
        return f"{self.declared.name}/{self.record[0]}:{self.record[1]}"

    @property
    def late(self) -> bool:
        """Whether it was discharged after it was due."""
        return bool(self.discharged_on and self.due_on and self.discharged_on > self.due_on)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "consequence": self.declared.name,
            "says": {"zh": self.declared.says.zh, "en": self.declared.says.en},
            "state": self.state,
            "certain": self.sure,
            "arose_on": _iso(self.arose_on),
            "because": ":".join(self.record),
            "roots": [":".join(r) for r in self.roots],
            "way": [
                {"how": s.how, "record": ":".join(s.record), "on": _iso(s.on), "to": s.to} for s in self.way
            ],
            "due_on": _iso(self.due_on),
            "due_assumed": self.due_assumed,
            "discharged_by": ":".join(self.discharged_by) if self.discharged_by else None,
            "discharged_on": _iso(self.discharged_on),
            "late": self.late,
            "possible": [":".join(r) for r in self.possible],
            "who": self.who,
            "unit": self.unit,
            "clauses": list(self.declared.clauses),
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(frozen=True, slots=True)
class Found:
    """All follow-up duties of an organisation on a day, with what they were computed from."""

    organisation: str
    on: date
    position: tuple[int, str]
    rules: Rules
    days: Calendar
    engine: Engine
    all: tuple[Consequence, ...]

    def of(self, *states: State) -> list[Consequence]:
        """Those in these states."""
        return [one for one in self.all if one.state in states]

    def count(self) -> dict[str, int]:
        """How many there are in each state."""
        return {state: len(self.of(state)) for state in STATES}


def find(
    store: Store,
    organisation: str,
    on: date,
    known: int | None = None,
    *,
    rules: Rules | None = None,
    days: Calendar | None = None,
    engine: Engine = "fixpoint",
) -> Found:
    """Every follow-up duty on that day, worst first; the same for the same evidence, file and calendars.

    Raises WorkerError where an engine other than the plain loop is asked for and does not answer.
    """
    rules, days = rules or read_rules(), days or calendar()
    position = store.position() if known is None else store.position_at(known)
    situation = read(store, organisation, on, position[0], rules)
    roles = Roles(store, organisation, on, position[0])
    found = _Telling(rules, situation, derive(situation.facts, engine), on, days, roles).all()
    return Found(organisation, on, position, rules, days, engine, tuple(found))


def consequences(
    store: Store, organisation: str, on: date, known: int | None = None, *, states: Sequence[str] = STATES
) -> list[dict[str, Any]]:
    """The follow-up duties in these states by the shipped rules, as plain values: what a next audit starts from."""
    return [one.as_json() for one in find(store, organisation, on, known).all if one.state in states]


def result(found: Found, digests: Mapping[str, str]) -> dict[str, Any]:
    """Everything as a plain value; `digests` are those of the rulesets whose clauses are named."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "organisation": found.organisation,
        "on": found.on.isoformat(),
        "count": found.count(),
        "consequences": [one.as_json() for one in found.all],
    }
    file = found.rules.file
    receipt = {
        "software": f"shall {__version__}",
        "file": {"key": file.key, "edition": file.edition, "digest": found.rules.digest},
        "rulesets": dict(digests),
        "calendars": list(found.days.keys),
        "kinds": schema_digest(),
        "evidence": {
            "organisation": found.organisation,
            "position": found.position[0],
            "head": found.position[1],
        },
        "result": hashlib.sha256(canonical(body).encode()).hexdigest(),
    }
    return {**body, "receipt": receipt}


class _Telling:
    """From what an engine derived to what a person reads."""

    def __init__(
        self,
        rules: Rules,
        situation: Situation,
        derived: Derived,
        on: date,
        days: Calendar,
        roles: Roles,
    ) -> None:
        self.rules, self.situation, self.on, self.days, self.roles = rules, situation, on, days, roles
        self.instances = [_instance(f) for f in derived.instance]
        self.done = {_instance(f): f[5:] for f in derived.done}
        self.possible: dict[tuple[int, ...], list[int]] = {}
        for *key, r in derived.possible:
            self.possible.setdefault(tuple(key), []).append(r)
        self.parents: dict[Instance, list[Instance]] = {}
        for f in derived.cause:
            self.parents.setdefault(_instance(f), []).append(_instance(f[5:]))
        self.first = {(c, e, day, sure) for c, e, day, sure in situation.facts.root}
        self.far = self._distances()

    def all(self) -> list[Consequence]:
        """Every consequence, in the order of state, due day, file, record."""
        certain = {(c, e) for c, _, e, _, sure in self.instances if sure}
        same: dict[tuple[int, int, int], list[Instance]] = {}
        for one in self.instances:
            if one[4] or (one[0], one[2]) not in certain:
                same.setdefault((one[0], one[2], one[3]), []).append(one)
        told = [self._one(ways) for ways in same.values()]
        number = self.rules.number
        return sorted(
            told,
            key=lambda one: (
                STATES.index(one.state),
                one.due_on or date.max,
                one.arose_on or date.max,
                number[one.declared.name],
                one.record,
            ),
        )

    def _one(self, ways: Sequence[Instance]) -> Consequence:
        """One duty, however many first events led to it: told by the longest way, which says most."""
        one = min(ways, key=lambda i: (-self.far[i], i))
        c, _, e, day, sure = one
        declared = self.rules.declared[c]
        arose = None if day == UNDATED else date.fromordinal(day)
        done = self.done.get(one)
        plan = self._plan(one, self.situation.records[done[0]] if done else None)
        due, assumed = (plan[0], False) if plan else self._due(declared, arose)
        possible = tuple(sorted(self.situation.records[r] for r in self.possible.get(one[:4], ())))
        way = self._way(one)
        who, unit = self._people(declared, self.situation.records[e], way[-1], plan[1] if plan else None)
        return Consequence(
            declared=declared,
            state=self._state(bool(sure), done is not None, bool(possible), due),
            record=self.situation.records[e],
            arose_on=arose,
            sure=bool(sure),
            way=way,
            roots=tuple(sorted({self.situation.records[i[1]] for i in ways})),
            due_on=due,
            due_assumed=assumed,
            discharged_by=self.situation.records[done[0]] if done else None,
            discharged_on=date.fromordinal(done[1]) if done else None,
            possible=() if done else possible,
            who=who,
            unit=unit,
        )

    def _state(self, sure: bool, done: bool, possible: bool, due: date | None) -> State:
        if done:
            return "discharged"
        if possible or not sure:
            return "unknown"
        return "overdue" if due is not None and due < self.on else "open"

    def _plan(self, one: Instance, done: Record | None) -> tuple[date, Record] | None:
        """The organisation's own day: of the record that discharged it, else the first that is still planned."""
        plans = self.situation.plans.get((one[0], self.situation.records[one[2]]), [])
        return next((plan for plan in plans if done in (None, plan[1])), None)

    def _due(self, declared: Declared, arose: date | None) -> tuple[date | None, bool]:
        if declared.due is None or arose is None:
            return None, False
        if declared.due.months is not None:
            return shift_months(arose, declared.due.months), False
        assert declared.due.working_days is not None
        reached = self.days.after(arose, declared.due.working_days)
        return reached.day, reached.assumed

    def _distances(self) -> dict[Instance, int]:
        """How many steps each is from its first event, by the shortest way."""
        children: dict[Instance, list[Instance]] = {}
        for child, parents in self.parents.items():
            for parent in parents:
                children.setdefault(parent, []).append(child)
        found = {i: 0 for i in self.instances if i[1] == i[2] and (i[0], *i[2:]) in self.first}
        waiting = list(found)
        for one in waiting:
            for child in children.get(one, ()):
                if child not in found:
                    found[child] = found[one] + 1
                    waiting.append(child)
        return found

    def _way(self, one: Instance) -> tuple[Step, ...]:
        """The shortest way from the first event, the first step first."""
        steps: list[Step] = []
        while True:
            c, _, e, day, _ = one
            on = None if day == UNDATED else date.fromordinal(day)
            name, record = self.rules.declared[c].name, self.situation.records[e]
            if self.far[one] == 0:
                return (Step("record", record, on, name), *reversed(steps))
            parent = min(self.parents[one], key=lambda p: (self.far[p], p))
            steps.append(Step(self._how(one, parent), record, on, name))
            one = parent

    def _how(self, one: Instance, parent: Instance) -> How:
        c, _, e, day, _ = one
        done = self.done.get(parent)
        by_discharge = any(
            cause.consequence == self.rules.declared[parent[0]].name and cause.when == "discharged"
            for cause in self.rules.declared[c].causes
        )
        return "discharged" if by_discharge and done == (e, day) else "arises"

    def _people(
        self, declared: Declared, record: Record, last: Step, plan: Record | None
    ) -> tuple[str | None, str | None]:
        """Who has the role that the file names; else whom the planned or the event's record names, and its unit."""
        if declared.who is not None:
            return self.roles.name(declared.who.role, record), None
        kind = record[0]
        wanted = [c.who for c in declared.causes if last.how == "record" and c.kind == kind and c.who]
        values, planned = self._values(record), self._values(plan) if plan else {}
        named = [planned.get(n) for n in PEOPLE] + [values.get(n) for n in (*wanted, *PEOPLE)]
        return next((n for n in named if n), None), values.get("unit")

    def _values(self, record: Record) -> Mapping[str, Any]:
        return self.situation.values.get(record[0], {}).get(record[1], {})


def _instance(fact: Sequence[int]) -> Instance:
    c, root, e, day, sure = fact[:5]
    return c, root, e, day, sure
