"""Records that cannot both be true: declared in `rulesets/contradictions.yaml`, told as observations.

Each side is a `count` aggregate of a small plan of its own, run over everything not withdrawn or in draft, whether or
not it is still valid: what was true of the past stays true. Which of the records found belong together is then a
matter of equal keys and ordered dates.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from shall.engine.executors.python import PythonExecutor, Row, prepare
from shall.engine.plan import Plan
from shall.evidence.store import Store

FILE = "contradictions.yaml"
STATUS = ("status",)


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared contradiction: its sides as places in the plan, how they meet, which dates contradict.

    `second` is None where a record contradicts itself. `dates` are (column, "<" or ">", column of the partner).
    """

    name: str
    says: Mapping[str, str]
    kind: str
    first: int
    partner: str | None = None
    second: int | None = None
    match: tuple[str, str] | None = None
    dates: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One contradiction in the evidence: the rule, and the records (kind, id) that cannot all be true."""

    rule: str
    says: Mapping[str, str]
    records: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The observation as plain values."""
        return {
            "rule": self.rule,
            "says": dict(self.says),
            "records": [f"{kind}:{record}" for kind, record in self.records],
        }


def contradictions(
    store: Store, organisation: str, on: Any, since: Any, known: int | None
) -> list[Observation]:
    """Every declared contradiction in the organisation's evidence, in the order of the file, then of the records."""
    executor, rules = _ready()
    plan = executor.plan
    rows: dict[str, list[Row]] = {}
    for kind, columns in plan.columns.items():
        found = store.rows(kind, organisation, [*columns, *STATUS], known=known)
        if found:
            kept = [row for row in found if row[-1] in (None, "approved")]
            rows[kind] = [(*row[:-1], None, None, None) for row in prepare(kind, kept, plan)]
    answers = executor.run(rows, on, since)
    return [
        Observation(rule.name, rule.says, records)
        for rule in rules
        for records in sorted(_pairs(rule, plan, answers.aggregates))
    ]


def _pairs(rule: Rule, plan: Plan, answers: Sequence[Any]) -> Iterator[tuple[tuple[str, str], ...]]:
    rows = answers[rule.first]
    if rule.partner is None or rule.second is None or rule.match is None:
        yield from (((rule.kind, row[0]),) for row in rows)
        return
    mine, theirs = (
        plan.columns[rule.kind].index(rule.match[0]),
        plan.columns[rule.partner].index(rule.match[1]),
    )
    by_key: dict[Any, list[Row]] = {}
    for other in answers[rule.second]:
        by_key.setdefault(other[theirs], []).append(other)
    for row in rows:
        for other in by_key.get(row[mine], ()) if row[mine] is not None else ():
            if _contradict(rule, plan, row, other):
                yield (rule.kind, row[0]), (rule.partner, other[0])


def _contradict(rule: Rule, plan: Plan, row: Row, other: Row) -> bool:
    if rule.dates is None or rule.partner is None:
        return True
    left, sign, right = rule.dates
    a = row[plan.columns[rule.kind].index(left)]
    b = other[plan.columns[rule.partner].index(right)]
    return bool(a < b if sign == "<" else a > b)


@cache
def _ready() -> tuple[PythonExecutor, tuple[Rule, ...]]:
    """The shipped rules, compiled once and kept on disk beside the plans."""
    from shall.engine.cache import kept

    text = files("shall.rulesets").joinpath(FILE).read_text(encoding="utf-8")
    name = f"contradictions {hashlib.sha256(text.encode()).hexdigest()}"
    executor, raw = kept(name, lambda: compiled(text))
    return executor, tuple(Rule(*one) for one in raw)


def compiled(text: str) -> tuple[Plan, list[tuple[Any, ...]]]:
    """The plan of a file of contradictions, and its rules as plain values; raises FileProblems."""
    from shall.engine.contradictions_file import compile_rules

    return compile_rules(text, FILE)
