"""A ruleset held against a lawful copy of its standard: what is covered, changed, missing, added or flipped.

A ruleset knows the text only by fingerprints. Statements are aligned by fingerprint within each clause, so
numbers that shift because a sentence came or went are no difference. A modal verb that was exchanged is
recognised exactly: with the verb put back, the statement has the old fingerprint again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from shall.engine.modals import modal_of, variants
from shall.engine.models import Provision, Ruleset
from shall.engine.source import PROFILES, Profile, Statement, clause_of, cut, fingerprint, normalise, segment
from shall.texts.errors import ShallError

Kind = Literal["changed", "missing", "added", "flipped", "moved", "unprinted"]
KINDS: tuple[Kind, ...] = ("changed", "flipped", "missing", "added", "moved", "unprinted")
"""Differences in the order in which they are told; `unprinted`: a provision without a fingerprint."""

_ALIKE = 0.15


class SourceError(ShallError):
    """A text or a ruleset that cannot be held against each other."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `address` is the ruleset's (the text's own for `added`), `line` is in the text, or 0.

    `expected` and `found` are modal verbs; `gist` is the ruleset's own wording, `excerpt` the text's.
    """

    kind: Kind
    address: str
    line: int = 0
    expected: str = ""
    found: str = ""
    at: str = ""
    gist: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""

    @property
    def clause(self) -> str:
        """The clause the difference is counted in."""
        return clause_of(self.address)


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome: how many statements are covered, per clause, and every difference in order of the text."""

    covered: Mapping[str, int]
    differences: Sequence[Difference]

    @property
    def clauses(self) -> Sequence[str]:
        """Every clause of the ruleset or of the text."""
        return list(dict.fromkeys([*self.covered, *(d.clause for d in self.differences)]))

    def count(self, kind: Kind, clause: str | None = None) -> int:
        """How many differences of that kind there are, in the clause or in all."""
        return sum(d.kind == kind and clause in (None, d.clause) for d in self.differences)


def verify(ruleset: Ruleset, text: str) -> Verified:
    """Hold a ruleset against a text; raises SourceError where either has nothing to compare."""
    if not ruleset.fingerprints:
        raise SourceError("source.no_fingerprints", key=ruleset.key)
    statements = segment(text, profile_of(ruleset))
    if not statements:
        raise SourceError("source.no_statements", key=ruleset.key)
    old, new = _by_clause(ruleset.provisions, lambda p: p.clause), _by_clause(statements, lambda s: s.clause)
    clauses = [_Clause(c, ruleset, old.get(c, []), new.get(c, [])) for c in dict.fromkeys([*old, *new])]
    for clause in clauses:
        clause.align()
    moved = list(_moved(clauses))
    for clause in clauses:
        clause.pair_leftovers()
    found = [d for clause in clauses for d in clause.differences()] + moved
    order = {address: n for n, address in enumerate(p.address for p in ruleset.provisions)}
    lines = {s.address: n for n, s in enumerate(statements)}
    found.sort(key=lambda d: (_numbers(d.clause), order.get(d.address, lines.get(d.address, 0))))
    return Verified({c.number: len(c.covered) for c in clauses}, found)


def profile_of(ruleset: Ruleset) -> Profile:
    """The known profile of a standard, or the chapters that the ruleset's addresses name."""
    if ruleset.key in PROFILES:
        return PROFILES[ruleset.key]
    chapters = [int(c) for p in ruleset.provisions if (c := p.clause.split(".")[0]).isdigit()]
    letters = {p.kind: p.clause[0] for p in ruleset.provisions if p.clause[0].isalpha()}
    return Profile(
        min(chapters, default=1), max(chapters, default=0), letters.get("indicator"), letters.get("formula")
    )


def _numbers(clause: str) -> tuple[int, ...]:
    return tuple(int(n) if n.isdigit() else 1000 + ord(n[0]) for n in clause.split("."))


def _by_clause(values: Iterable[object], clause: object) -> dict[str, list]:  # type: ignore[type-arg]
    raise NotImplementedError


def _moved(clauses: Sequence["_Clause"]) -> Iterator[Difference]:
    """Statements that stand, word for word, somewhere else than the ruleset says."""
    homeless = {}
    for clause in clauses:
        for provision in clause.lost:
            homeless.setdefault(clause.print_of(provision), []).append((clause, provision))
    for clause in clauses:
        for statement in list(clause.strange):
            owners = homeless.get(statement.fingerprint)
            if owners:
                owner, provision = owners.pop(0)
                owner.lost.remove(provision)
                clause.strange.remove(statement)
                yield Difference(
                    "moved",
                    provision.address,
                    statement.line,
                    provision.modality,
                    statement.modal,
                    at=statement.address,
                    gist=provision.gist.model_dump(),
                    excerpt=statement.text,
                )
