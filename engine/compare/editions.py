"""Two editions of a ruleset: what was added, removed, moved and changed; and a result of the old one carried over.

Provisions are paired in this order: same address and summary; same summary elsewhere; same checks anywhere; same
address. A pair with two addresses has moved. Elsewhere only what stands alone on both sides is paired, so that the
pairing is the same from either side.

What of a provision changed is told by name. `requirement` is a change of compiled checks: sentences about them
(`expects`) are words. A provision changed in substance where anything but words changed: `WORDS` lists what is words.

A verdict is carried to the new edition where nothing of substance changed, in the provision or in what it
incorporates. Everything else must be looked at again, with the reason.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shall.engine.compare.content import expanded, own
from shall.engine.plan import Plan, PlannedProvision

FIELDS = (
    "modality", "severity", "doc_info", "interval", "trigger", "condition", "when", "requirement", "judged",
    "incorporates", "incorporated", "look_at", "refs", "concepts", "expects", "reading", "gist",
)  # fmt: skip
"""Everything of a provision that can change, the gravest first; `when` is the compiled condition."""
WORDS = frozenset(("look_at", "refs", "concepts", "expects", "reading", "gist"))
"""Changes that leave every verdict as it was."""
HEAD = ("number", "title", "edition", "status", "nature", "published", "in_force")

Again = Literal["added", "changed", "incorporated", "judgement_moved", "not_in_result"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, with what each side says; tuples for checks are their names."""

    field: str
    old: Any
    new: Any

    def inverse(self) -> "Change":
        """The same change the other way round."""
        return Change(self.field, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Pair:
    """A provision in both editions; `moved` where its address differs."""

    old: PlannedProvision
    new: PlannedProvision
    changes: tuple[Change, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether it stands at another address."""
        return self.old.address != self.new.address

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what changed."""
        return tuple(change.field for change in self.changes)

    @property
    def substance(self) -> bool:
        """Whether more than words changed."""
        return not WORDS.issuperset(self.fields)

    def inverse(self) -> "Pair":
        """The pair from the other side."""
        return Pair(self.new, self.old, tuple(change.inverse() for change in self.changes))


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two editions; `pairs` are all provisions of both, changed or not, in the new order."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    head: tuple[Change, ...]
    added: tuple[PlannedProvision, ...]
    removed: tuple[PlannedProvision, ...]
    pairs: tuple[Pair, ...]

    @property
    def differing(self) -> tuple[Pair, ...]:
        """The pairs that moved or changed."""
        return tuple(pair for pair in self.pairs if pair.moved or pair.changes)

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.head or self.added or self.removed or self.differing)

    def inverse(self) -> "Difference":
        """What lies between the two the other way round."""
        turned = tuple(pair.inverse() for pair in self.pairs)
        head = tuple(change.inverse() for change in self.head)
        return Difference(self.new, self.old, head, self.removed, self.added, turned)

    def counts(self) -> dict[str, int]:
        """How many were added, removed, moved, changed in substance, changed in words only, left as they were."""
        changed = [pair for pair in self.pairs if pair.changes]
        substance = sum(pair.substance for pair in changed)
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "moved": sum(pair.moved for pair in self.pairs),
            "changed": substance,
            "words": len(changed) - substance,
            "same": sum(not pair.moved and not pair.changes for pair in self.pairs),
        }


def difference(old: Plan, new: Plan) -> Difference:
    """What lies between two plans of one ruleset each (the first each reports on)."""
    left, right = _Side(old), _Side(new)
    pairs = _paired(left, right)
    made = [Pair(a, b, _changes(left.content(a), right.content(b))) for a, b in pairs]
    met = {pair.old.address for pair in made}, {pair.new.address for pair in made}
    heads = old.standards[left.key], new.standards[right.key]
    return Difference(
        heads[0],
        heads[1],
        tuple(
            Change(name, heads[0].get(name), heads[1].get(name))
            for name in HEAD
            if heads[0].get(name) != heads[1].get(name)
        ),
        tuple(p for p in right.provisions if p.address not in met[1]),
        tuple(p for p in left.provisions if p.address not in met[0]),
        tuple(sorted(made, key=lambda pair: right.place[pair.new.address])),
    )


class _Side:
    """One edition, with the content of its provisions in a form that does not depend on the plan's numbers."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.key = plan, plan.asked[0]
        self.provisions = own(plan, self.key)
        self.place = {p.address: n for n, p in enumerate(self.provisions)}
        self._content = {p.address: self._of(p) for p in self.provisions}

    def content(self, p: PlannedProvision) -> Mapping[str, Any]:
        """What `FIELDS` name, by name; what a plan orders by chance is sorted."""
        return self._content[p.address]

    def _of(self, p: PlannedProvision) -> dict[str, Any]:
        plan = self.plan
        requirements = [plan.requirements[n] for n in p.requirements]
        condition = plan.conditions[p.when] if p.when is not None else None
        inside = [plan.provisions[n] for n in p.incorporated]
        plain = {name: getattr(p, name) for name in FIELDS if hasattr(p, name)}
        return plain | {
            "trigger": _pair(p.trigger),
            "condition": _pair(p.condition),
            "judged": _pair(p.judged),
            "reading": _pair(p.reading),
            "gist": _pair(p.gist),
            "doc_info": tuple(sorted(p.doc_info)),
            "concepts": tuple(sorted(p.concepts)),
            "requirement": frozenset(expanded(plan, r.decision) for r in requirements),
            "expects": tuple(_pair(r.expects) for r in requirements),
            "when": expanded(plan, condition.decision) if condition else None,
            "says": _pair(condition.says) if condition else None,
            "incorporated": frozenset(q.id for q in inside),
        }


def _pair(text: Mapping[str, str] | None) -> tuple[str, str] | None:
    return (text["zh"], text["en"]) if text else None


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    changed = {name for name in FIELDS if old[name] != new[name]}
    if "incorporates" in changed:
        changed.discard("incorporated")
    return tuple(Change(name, _told(name, old), _told(name, new)) for name in FIELDS if name in changed)


def _told(name: str, content: Mapping[str, Any]) -> Any:
    """A value as reports show it: checks and conditions by what they expect and how they read."""
    value = content[name]
    if name == "requirement":
        return content["expects"]
    if name == "when":
        return content["says"]
    return tuple(sorted(value)) if isinstance(value, frozenset) else value


# --- pairing ---------------------------------------------------------------------------------------------

_Key = Callable[[PlannedProvision, Mapping[str, Any]], Any]


def _gist(_: PlannedProvision, content: Mapping[str, Any]) -> Any:
    return content["gist"]


def _address(p: PlannedProvision, _: Mapping[str, Any]) -> Any:
    return p.address


def _checks(_: PlannedProvision, content: Mapping[str, Any]) -> Any:
    return content["requirement"] or None


def _paired(left: _Side, right: _Side) -> list[tuple[PlannedProvision, PlannedProvision]]:
    old = {p.address: p for p in left.provisions}
    new = {p.address: p for p in right.provisions}
    found: list[tuple[PlannedProvision, PlannedProvision]] = []

    def in_place(key: _Key) -> None:
        for address in [address for address in old if address in new]:
            value = key(old[address], left.content(old[address]))
            if value is not None and value == key(new[address], right.content(new[address])):
                found.append((old.pop(address), new.pop(address)))

    def anywhere(key: _Key) -> None:
        there = _alone(new, right, key)
        for value, p in _alone(old, left, key).items():
            if value in there:
                found.append((old.pop(p.address), new.pop(there[value].address)))

    in_place(_gist)
    anywhere(_gist)
    anywhere(_checks)
    in_place(_address)
    return found


def _alone(provisions: Mapping[str, PlannedProvision], side: _Side, key: _Key) -> dict[Any, PlannedProvision]:
    """The provisions that are the only ones of their side with their key."""
    groups: dict[Any, list[PlannedProvision]] = {}
    for p in provisions.values():
        value = key(p, side.content(p))
        if value is not None:
            groups.setdefault(value, []).append(p)
    return {value: group[0] for value, group in groups.items() if len(group) == 1}


# --- results of the old edition --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Migrated:
    """A provision of the new edition with the verdict it keeps (None: look at it again), and the reasons to look again.

    `was` is its address in the old edition. `verdict` of old is kept in `before` in any case.
    """

    provision: PlannedProvision
    was: str | None
    before: str | None
    verdict: str | None
    again: tuple[Again, ...]
    changes: tuple[Change, ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """An old result on the new edition: what is kept, what must be looked at again, what has gone.

    `same_rules` says whether the result was made with exactly the old ruleset that it was compared by.
    """

    difference: Difference
    kept: Mapping[str, Any] = field(repr=False)
    lines: tuple[Migrated, ...] = ()
    gone: tuple[tuple[PlannedProvision, str | None], ...] = ()
    same_rules: bool = True

    @property
    def again(self) -> tuple[Migrated, ...]:
        """What must be looked at again."""
        return tuple(line for line in self.lines if line.again)


def migrated(found: Difference, kept: Mapping[str, Any], plan: Plan) -> Migration:
    """The verdicts of a kept result (see `results.read_result`) on the new edition, `plan`."""
    key = found.old["key"]
    verdicts = {p["address"]: p for p in kept["provisions"] if p["ruleset"] == key}
    rules = kept["receipt"]["rulesets"]
    other = {
        name for name, head in plan.standards.items() if name != key and rules.get(name) != head["digest"]
    }
    lines = [
        _carried(pair, verdicts.get(pair.old.address), _leans(plan, pair.new, other)) for pair in found.pairs
    ]
    lines += [
        Migrated(p, None, None, None, ("added",), (), False) for p in found.added if p.severity != "info"
    ]
    gone = tuple((p, verdicts.get(p.address, {}).get("verdict")) for p in found.removed)
    return Migration(found, kept, tuple(lines), gone, rules.get(key) == found.old["digest"])


def _leans(plan: Plan, p: PlannedProvision, other: Collection[str]) -> bool:
    """Whether a provision incorporates one of a standard whose rules are no longer those of the result."""
    inside = [plan.provisions[n] for n in p.incorporated]
    return any(q.ruleset in other or _leans(plan, q, other) for q in inside)


def _carried(pair: Pair, line: Mapping[str, Any] | None, leans: bool) -> Migrated:
    again: list[Again] = []
    judged = bool(line and (line.get("judgement") or line.get("exclusion")))
    if pair.new.severity != "info" or pair.old.severity != "info":
        again += ["not_in_result"] if line is None else []
        again += ["changed"] if pair.substance else []
        again += ["incorporated"] if leans else []
        again += ["judgement_moved"] if pair.moved and judged else []
    before = line["verdict"] if line else None
    verdict = None if again else before
    return Migrated(pair.new, pair.old.address, before, verdict, tuple(again), pair.changes, judged)
