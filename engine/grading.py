"""The grading policy: which nonconformity is major, decided by a file, with the rule that decided named.

A policy is a list of rules tried in order. A rule holds where all its conditions hold; `CONDITIONS` are all there are,
each a question to the facts the engine gathered about one nonconformity. The last rule has none.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from shall.engine.verdicts import covers

Grade = Literal["major", "minor", "opportunity"]
GRADES: tuple[Grade, ...] = ("major", "minor", "opportunity")
"""Grades a finding of the engine can have, the gravest first."""

GRADING = "grading"
"""The folder of shipped policies beside the rulesets."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A finding on record: when found and, if it was, when closed; `closed_on` None is open.

    `further` are other criteria (`ruleset:address`) that it was raised for as well. `regrade` is the grade that a
    person gave it, when it was raised or later; None where the policy graded it. `lapsed`: it is open, and a day that
    the audited side had for it has passed.
    """

    record: str
    ruleset: str
    address: str
    found_on: date
    closed_on: date | None
    grade: str | None
    regrade: Mapping[str, Any] | None = None
    further: tuple[str, ...] = ()
    lapsed: bool = False

    @property
    def state(self) -> str:
        """What a repeat asks for: closed, open (past its day), or still in time, which is no repeat."""
        if self.closed_on:
            return "closed"
        return "open" if self.lapsed else "in_time"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one nonconformity; `decidable` and `failing` count shall provisions of its clause.

    `gaps` counts what fails in the clause with provisions that are one finding counted once, `faulty` the records that
    offend there. `at_work`: some record shows the clause's process at work. `lacking` counts requirements of the
    provision that are not met. `units` and `sites` are where the records that offend belong, for the provision and for
    all nonconformities that share a concept with it. `rests_on` holds the columns a policy asks for, by kind, of the
    records that offend. `same` and `same_clause` are the earlier findings.
    """

    id: str
    concepts: tuple[str, ...]
    on: date
    since: date
    decidable: int
    failing: int
    gaps: int
    faulty: int
    at_work: bool
    lacking: int
    nothing_found: bool
    units: Mapping[str, int]
    sites: Mapping[str, int]
    rests_on: Mapping[str, Sequence[Mapping[str, Any]]]
    contradicted: bool
    same: Sequence[Earlier] = ()
    same_clause: Sequence[Earlier] = ()


@dataclass(frozen=True, slots=True)
class GradingRule:
    """One rule of the policy: its conditions by name, all of which must hold."""

    name: str
    grade: Grade
    says: Mapping[str, str]
    when: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, facts: Facts) -> bool:
        """Whether every condition holds."""
        return all(CONDITIONS[name](facts, asked) for name, asked in self.when.items())


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, the first that fits decides; working days until things are due; the state a finding may close from."""

    key: str
    edition: str
    title: Mapping[str, str]
    source: Mapping[str, str]
    rules: Sequence[GradingRule]
    deadlines: Mapping[str, Mapping[str, int]]
    closing: Mapping[str, str]
    digest: str

    def grade(self, facts: Facts) -> GradingRule:
        """The rule that grades a nonconformity."""
        return next(rule for rule in self.rules if rule.holds(facts))

    def columns(self) -> dict[str, list[str]]:
        """The columns by kind that its conditions want to know of the records a finding rests on."""
        found: dict[str, list[str]] = {}
        for rule in self.rules:
            for one in rule.when.get("cites", ()):
                wanted = found.setdefault(one["kind"], [])
                wanted += [one[name] for name in ("column", "put_right", "works") if one.get(name)]
                wanted += one.get("dates", ())
        return found

    def head(self) -> dict[str, str]:
        """What a result says of the policy."""
        return {"key": self.key, "edition": self.edition, "digest": self.digest}


def _clause_absent(facts: Facts, at_least: int) -> bool:
    all_fail = facts.failing == facts.decidable >= at_least
    return all_fail and not facts.at_work and max(facts.gaps, facts.faulty) >= at_least


def _gaps(facts: Facts, asked: Mapping[str, Any]) -> bool:
    count: int = facts.gaps if asked["on"] == "clause" else facts.lacking
    return count >= int(asked["at_least"])


def _repeat(facts: Facts, asked: Mapping[str, Any]) -> bool:
    before = facts.since if asked["found_before"] == "period" else facts.on
    found = facts.same if asked["same"] == "criterion" else facts.same_clause
    return any(e.found_on < before and e.state in asked["states"] for e in found)


def _spread(facts: Facts, asked: Mapping[str, Any]) -> bool:
    places = facts.units if asked["over"] == "units" else facts.sites
    return places[asked["same"]] >= int(asked["at_least"])


def _cites(facts: Facts, asked: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        _stands(record, one, facts)
        for one in asked
        for record in facts.rests_on.get(one["kind"], ())
        if "column" not in one or record.get(one["column"]) in one["values"]
    )


def _stands(record: Mapping[str, Any], asked: Mapping[str, Any], facts: Facts) -> bool:
    """Whether what the record tells still counts: not put right by the day, or of the audit period."""
    if "put_right" not in asked:
        return True
    put_right = record.get(asked["put_right"])
    if put_right is None or put_right > facts.on.isoformat():
        return True
    if "works" in asked and not record.get(asked["works"]):
        return True
    days = [record.get(name) for name in asked.get("dates", ())]
    return any(day is not None and day >= facts.since.isoformat() for day in days)


def _purpose(facts: Facts, asked: Mapping[str, Any]) -> bool:
    if asked.get("nothing_found") and not facts.nothing_found:
        return False
    ruleset, _, address = facts.id.partition(":")
    for name in asked.get("provisions", ()):
        key, _, outer = name.partition(":")
        if key == ruleset and covers(outer, address):
            return True
    return any(c == w or c.startswith(f"{w}.") for w in asked.get("concepts", ()) for c in facts.concepts)


def _contradicted(facts: Facts, asked: bool) -> bool:
    return facts.contradicted == asked


CONDITIONS: Mapping[str, Callable[[Facts, Any], bool]] = {
    "clause_absent": _clause_absent,
    "gaps": _gaps,
    "repeat": _repeat,
    "spread": _spread,
    "cites": _cites,
    "purpose": _purpose,
    "contradicted": _contradicted,
}
"""Everything a rule can ask; `grading_file.When` says what each is given."""


_BY_POLICY = re.compile(r"(?!checklist:)[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


def by_policy(graded_by: str | None) -> bool:
    """Whether a finding's `graded_by` names a rule of a policy; else an auditor graded it.

    >>> by_policy("iso_17021_1:default"), by_policy("checklist:ab12cd34"), by_policy(None)
    (True, False, False)
    """
    return _BY_POLICY.fullmatch(graded_by or "") is not None


def given_when_raised(finding: Mapping[str, Any]) -> bool:
    """Whether the grade of a result's finding, which a person gave, is the one it was put on record with."""
    regrade = finding["regrade"]
    return regrade is not None and any(e["finding"] == regrade["record"] for e in finding["earlier"])


def policy_of(raw: Mapping[str, Any], text: str) -> Policy:
    """The policy of a checked YAML value; the digest is that of the file's text."""
    return Policy(
        key=raw["key"],
        edition=raw["edition"],
        title=raw["title"],
        source=raw["source"],
        rules=tuple(GradingRule(r["name"], r["grade"], r["says"], r.get("when", {})) for r in raw["rules"]),
        deadlines=raw["deadlines"],
        closing=raw["closing"],
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


@cache
def shipped_policy(key: str) -> Policy:
    """A policy that comes with the project; a test holds it to what `grading_file` asks of any."""
    from shall.engine.cache import kept_yaml

    text = files("shall.rulesets").joinpath(GRADING, f"{key}.yaml").read_text(encoding="utf-8")
    return policy_of(kept_yaml(text), text)


DEFAULT: Policy
"""After ISO/IEC 17021-1:2015, 3.12 and 3.13: minor unless the system's purpose is touched. Read when asked for."""


def __getattr__(name: str) -> Policy:
    if name == "DEFAULT":
        return shipped_policy("iso_17021_1")
    raise AttributeError(name)
