"""The plan: what rulesets compile to. A plain value: printable, hashable, written as JSON, made without a database."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from shall.engine.trees import Tree

FORMAT = 2
"""Raised whenever the meaning of a plan changes, so that an old cache is never read as a new one."""

Pair = Mapping[str, str]


class Part(NamedTuple):
    """One check of a requirement: its decision, and the aggregates a person wants to see, by index.

    `interval` is the subject whose interval the organisation defines itself, and the aggregate that counts
    its records. `values` are those a `covers` asks for (code, zh, en), in the order of `supporting`.
    """

    check: str
    decision: Tree
    kinds: tuple[str, ...]
    population: tuple[int, ...]
    supporting: tuple[int, ...]
    offending: tuple[int, ...]
    undecided: tuple[int, ...]
    wording: Mapping[str, Any]
    interval: tuple[str, int] | None = None
    values: tuple[tuple[str, str, str], ...] = ()


class PlannedRequirement(NamedTuple):
    """A requirement: its decision over aggregates, and its checks, of which an `any_of` has several."""

    id: str
    check: str
    expects: Pair
    decision: Tree
    wording: Mapping[str, Any]
    parts: tuple[Part, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds its checks read."""
        return tuple(dict.fromkeys(kind for part in self.parts for kind in part.kinds))


class PlannedCondition(NamedTuple):
    """When a provision applies: met applies, unmet does not, unknown cannot be told."""

    decision: Tree
    says: Pair
    wording: str
    kind: str


class PlannedProvision(NamedTuple):
    """A provision as verdicts and reports need it; `requirements` are indexes into the plan.

    `incorporates` names clauses of other standards that it asks to be met, `incorporated` are their binding
    provisions, indexes into the plan.
    """

    ruleset: str
    address: str
    clause: str
    kind: str
    modality: str
    severity: str
    gist: Pair
    requirements: tuple[int, ...]
    doc_info: tuple[str, ...] = ()
    interval: str | None = None
    trigger: Pair | None = None
    incorporates: tuple[str, ...] = ()
    incorporated: tuple[int, ...] = ()
    refs: tuple[str, ...] = ()
    condition: Pair | None = None
    when: int | None = None
    judged: Pair | None = None
    look_at: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    reading: Pair | None = None

    @property
    def id(self) -> str:
        """Address with its ruleset, `t_ccaa_39:5.2/b`."""
        return f"{self.ruleset}:{self.address}"


@dataclass(frozen=True)
class Plan:
    """Everything an executor, the verdicts and the reports need; nothing else is read after compiling.

    `standards` are the heads of all rulesets with a provision in the plan; `asked` are those to report on, the
    others are there because one of these incorporates them.
    """

    standards: Mapping[str, Mapping[str, Any]]
    asked: tuple[str, ...]
    provisions: tuple[PlannedProvision, ...]
    requirements: tuple[PlannedRequirement, ...]
    conditions: tuple[PlannedCondition, ...]
    aggregates: tuple[Tree, ...]
    columns: Mapping[str, tuple[str, ...]]
    decimals: Mapping[str, tuple[str, ...]]
    params: tuple[str, ...]
    kinds: Mapping[str, Pair]
    subjects: Mapping[str, Pair]
    schema_digest: str
    digest: str = field(default="")

    def to_json(self) -> str:
        """The plan as one line of JSON."""
        return json.dumps({"format": FORMAT, **self.as_plain()}, ensure_ascii=False, separators=(",", ":"))

    def as_plain(self) -> dict[str, Any]:
        """The plan as dicts, tuples, texts and numbers, every value under its name."""
        plain = _fields(self)
        plain["provisions"] = tuple(p._asdict() for p in self.provisions)
        plain["requirements"] = tuple(
            {**r._asdict(), "parts": tuple(part._asdict() for part in r.parts)} for r in self.requirements
        )
        plain["conditions"] = tuple(c._asdict() for c in self.conditions)
        return plain

    def packed(self) -> dict[str, Any]:
        """The plan as tuples without names, quick to read back, for the cache; `unpacked` takes it back."""
        plain = _fields(self)
        plain["provisions"] = tuple(map(tuple, self.provisions))
        parts = {id(part): tuple(part) for r in self.requirements for part in r.parts}
        plain["requirements"] = tuple(
            (*r[:-1], tuple(parts[id(part)] for part in r.parts)) for r in self.requirements
        )
        plain["conditions"] = tuple(map(tuple, self.conditions))
        return plain

    @classmethod
    def unpacked(cls, raw: Mapping[str, Any]) -> "Plan":
        """The plan that `packed` took apart."""
        parts = dict(raw)
        parts["provisions"] = tuple(map(PlannedProvision._make, raw["provisions"]))
        parts["requirements"] = tuple(
            PlannedRequirement._make((*r[:-1], tuple(map(Part._make, r[-1])))) for r in raw["requirements"]
        )
        parts["conditions"] = tuple(map(PlannedCondition._make, raw["conditions"]))
        return cls(**parts)

    def sealed(self) -> "Plan":
        """The same plan with the digest of its content."""
        content = {k: v for k, v in self.as_plain().items() if k != "digest"}
        text = json.dumps([FORMAT, content], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return replace(self, digest=hashlib.sha256(text.encode()).hexdigest())

    def provision(self, ruleset: str, address: str) -> PlannedProvision | None:
        """The provision of that address, or None."""
        return next((p for p in self.provisions if p.address == address and p.ruleset == ruleset), None)


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, not copied any deeper."""
    return {f.name: getattr(value, f.name) for f in fields(value)}


def kinds_read(aggregate: Sequence[Any]) -> tuple[str, ...]:
    """The kinds an aggregate reads."""
    match aggregate:
        case ("unlinked" | "unanswered", kind, _, _, partner, *_):
            return (kind, partner)
        case ("lapsed", kind, _, _, _, events, *_):
            return (kind, events)
        case (_, kind, *_):
            return (kind,)
    raise ValueError(aggregate)


def interval_of(aggregate: Sequence[Any]) -> Sequence[Any] | None:
    """The interval an aggregate holds records to; None where it holds them to none."""
    match aggregate:
        case ("stale" | "gaps", *_, interval):
            return interval  # type: ignore[no-any-return]
        case ("unanswered" | "lapsed", *_, interval, _):
            return interval  # type: ignore[no-any-return]
    return None
