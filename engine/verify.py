"""A ruleset held against a lawful copy of its standard: what is covered, changed, missing, added or flipped.

A ruleset knows the text only by fingerprints. Statements are aligned by fingerprint within each clause, so
numbers that shift because a sentence came or went are no difference. A modal verb that was exchanged is
recognised exactly: with the old verb put back, the statement has the old fingerprint again.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Literal

from shall.engine.modals import modal_at, modal_of, variants
from shall.engine.models import Provision, Ruleset
from shall.engine.source import (
    PROFILES,
    Profile,
    SourceError,
    Statement,
    clause_of,
    cut,
    fingerprint,
    normalise,
    segment,
    sentences,
)

Kind = Literal["changed", "flipped", "missing", "added", "moved", "unprinted"]
KINDS: tuple[Kind, ...] = ("changed", "flipped", "missing", "added", "moved", "unprinted")
"""`flipped`: only the modal verb differs, or the ruleset's modality is not the text's; `moved`: word for word
at another address; `unprinted`: a provision without a fingerprint, so that nothing can be said of it."""

_ALIKE = 0.15
"""Shared pairs of characters from which a found statement is taken for the changed one of a provision."""

_FEW = 60
"""Up to so many unknown statements a dropped or inserted modal verb is looked for as well; it takes longer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    `address` is the ruleset's (for `added` the text's own), `at` the address in the text, `line` the line
    there (0: nowhere). `expected` and `found` are modal verbs, `gist` the ruleset's wording, `excerpt` the
    text's.
    """

    kind: Kind
    address: str
    at: str = ""
    line: int = 0
    expected: str = ""
    found: str = ""
    gist: Mapping[str, str] = field(default_factory=dict)
    excerpt: str = ""

    @property
    def clause(self) -> str:
        """The clause the difference is counted in."""
        return clause_of(self.address)


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome: statements covered per clause, and every difference in the order of the ruleset."""

    key: str
    covered: Mapping[str, int]
    differences: Sequence[Difference]

    @property
    def clean(self) -> bool:
        """Whether text and ruleset agree."""
        return not self.differences

    def count(self, kind: Kind, clause: str | None = None) -> int:
        """How many differences of that kind there are, in the clause or in all."""
        return sum(d.kind == kind and clause in (None, d.clause) for d in self.differences)

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain values."""
        per_clause = {
            c: {"covered": n, **{k: self.count(k, c) for k in KINDS}} for c, n in self.covered.items()
        }
        return {
            "ruleset": self.key,
            "covered": sum(self.covered.values()),
            **{kind: self.count(kind) for kind in KINDS},
            "clauses": per_clause,
            "differences": [asdict(d) for d in self.differences],
        }


def verify(ruleset: Ruleset, text: str) -> Verified:
    """Hold a ruleset against a text; raises SourceError where there is nothing to compare."""
    if not ruleset.fingerprints:
        raise SourceError("source.no_fingerprints", key=ruleset.key)
    statements = segment(text, profile_of(ruleset))
    if not statements:
        raise SourceError("source.no_statements", key=ruleset.key)
    numbers = sorted({*(p.clause for p in ruleset.provisions), *(s.clause for s in statements)}, key=_order)
    clauses = [
        _Clause(
            number,
            ruleset.fingerprints,
            [p for p in ruleset.provisions if p.clause == number],
            [s for s in statements if s.clause == number],
        )
        for number in numbers
    ]
    thorough = sum(len(clause.strange) for clause in clauses) <= _FEW
    for clause in clauses:
        clause.find_flips(thorough)
        clause.find_additions_to_notes()
    _find_moved(clauses)
    for clause in clauses:
        clause.pair_changed()
        clause.compare_modality()
    place = {p.address: n for n, p in enumerate(ruleset.provisions)}
    found = [
        d for c in clauses for d in sorted(c.found, key=lambda d: (place.get(d.address, len(place)), d.line))
    ]
    return Verified(ruleset.key, {c.number: len(c.covered) + c.recovered for c in clauses}, found)


def profile_of(ruleset: Ruleset) -> Profile:
    """The known profile of a standard, or the chapters that the ruleset's addresses name."""
    if ruleset.key in PROFILES:
        return PROFILES[ruleset.key]
    chapters = [int(c) for p in ruleset.provisions if (c := p.clause.split(".")[0]).isdigit()]
    letters = {p.kind: p.clause[0] for p in ruleset.provisions if p.clause[0].isalpha()}
    return Profile(
        min(chapters, default=1), max(chapters, default=0), letters.get("indicator"), letters.get("formula")
    )


class _Clause:
    """One clause of both sides. `lost` are provisions, `strange` statements, that have no partner yet."""

    def __init__(
        self,
        number: str,
        prints: Mapping[str, str],
        provisions: Sequence[Provision],
        statements: Sequence[Statement],
    ) -> None:
        self.number = number
        self.prints = prints
        self.statements = statements
        self.covered: list[tuple[Provision, Statement]] = []
        self.recovered = 0
        self.found = [_difference("unprinted", p, None) for p in provisions if p.address not in prints]
        printed = [p for p in provisions if p.address in prints]
        lost, strange = set(range(len(printed))), set(range(len(statements)))
        matcher = SequenceMatcher(
            None, [prints[p.address] for p in printed], [s.fingerprint for s in statements], autojunk=False
        )
        for block in matcher.get_matching_blocks():
            for n in range(block.size):
                self.covered.append((printed[block.a + n], statements[block.b + n]))
                lost.discard(block.a + n)
                strange.discard(block.b + n)
        self.gap_of = _gaps([p.address for p in printed], lost) | _gaps(
            [(s.address, s.line) for s in statements], strange
        )
        self.lost = [printed[n] for n in sorted(lost)]
        self.strange = [statements[n] for n in sorted(strange)]

    def find_flips(self, thorough: bool) -> None:
        """Sentences that have the old fingerprints again once one modal verb is exchanged."""
        for _, run in groupby(self.statements, key=lambda s: (s.line, s.whole)):
            group = list(run)
            if self.lost and any(s in self.strange for s in group):
                self._unflip(group, thorough)

    def _unflip(self, group: Sequence[Statement], thorough: bool) -> None:
        lost = {self.prints[p.address]: p for p in self.lost}
        known = {s.fingerprint for s in group if s not in self.strange}
        kind, formula = group[0].kind, group[0].kind == "formula"
        for text, at in variants(group[0].whole, insert=thorough):
            pieces = cut(text, kind)
            prints = [fingerprint(piece, formula) for piece in pieces]
            if not all(p in lost or p in known for p in prints) or not any(p in lost for p in prints):
                continue
            hit = _at(pieces, at)
            if prints[hit] not in lost:
                continue
            now, was = group[_at([s.text for s in group], at)], lost[prints[hit]]
            old, new = modal_at(text, at), modal_at(group[0].whole, min(at, len(group[0].whole) - 1))
            found = _difference("changed" if old == new else "flipped", was, now)
            if old != new:
                told = (old, now.modal if new == "statement" else new)
                found = replace(found, expected=told[0], found=told[1])
            self.found.append(found)
            gone = [lost[p] for p in prints if p in lost]
            self.recovered += len(gone) - 1
            self.lost = [p for p in self.lost if p not in gone]
            self.strange = [s for s in self.strange if s not in group]
            return

    def find_additions_to_notes(self) -> None:
        """A note is one statement; where a sentence was put into it, the rest still has its fingerprint."""
        for note in [s for s in self.strange if s.kind == "note"]:
            texts = sentences(note.text)
            for n, text in enumerate(texts):
                rest = fingerprint("".join(texts[:n] + texts[n + 1 :]))
                was = next((p for p in self.lost if self.prints[p.address] == rest), None)
                if was is not None:
                    self.lost.remove(was)
                    self.strange.remove(note)
                    self.recovered += 1
                    at, modal = f"{was.address}#{max(n, 1)}", modal_of(text)
                    self.found.append(Difference("added", at, at, note.line, found=modal, excerpt=text))
                    break

    def pair_changed(self) -> None:
        """What is left on both sides, paired where the provision's own wording shows that it is the same."""
        pairs = sorted(
            (
                (_likeness(p.gist.zh, s.text) + 0.05 * (p.address == s.address), -i, -j)
                for i, p in enumerate(self.lost)
                for j, s in enumerate(self.strange)
                if p.kind == s.kind and self.gap_of[p.address] == self.gap_of[s.address, s.line]
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for score, i, j in pairs:
            if score >= _ALIKE and -i not in taken and -j not in taken.values():
                taken[-i] = -j
        self.found += [_difference("changed", self.lost[i], self.strange[j]) for i, j in taken.items()]
        self.found += [_difference("missing", p, None) for i, p in enumerate(self.lost) if i not in taken]
        self.found += [_added(s) for j, s in enumerate(self.strange) if j not in taken.values()]

    def compare_modality(self) -> None:
        """The modality of covered provisions against the text's.

        An inherited modal verb is compared only where the clause has no other difference: with its lead
        changed or gone, a list would only repeat that difference.
        """
        whole = not self.found
        for provision, statement in self.covered:
            told = statement.modal if whole else statement.own
            if told != provision.modality and (whole or statement.own != "statement"):
                self.found.append(_difference("flipped", provision, statement))


def _gaps(names: Sequence[Hashable], open_places: set[int]) -> dict[Hashable, int]:
    """For each name without a partner, how many with a partner stand before it."""
    gaps: dict[Hashable, int] = {}
    for n, name in enumerate(names):
        if n in open_places:
            gaps[name] = n - sum(m < n for m in open_places)
    return gaps


def _find_moved(clauses: Sequence[_Clause]) -> None:
    """Statements that stand, word for word, elsewhere than the ruleset says.

    A numbered paragraph that is missing takes its clause number with it, and its list falls to the clause
    before: then the paragraph is the difference and the list counts as covered.
    """
    homeless: dict[str, list[tuple[_Clause, Provision]]] = {}
    for clause in clauses:
        for provision in clause.lost:
            homeless.setdefault(clause.prints[provision.address], []).append((clause, provision))
    moved: list[tuple[_Clause, Provision, Statement]] = []
    for clause in clauses:
        for statement in list(clause.strange):
            if owners := homeless.get(statement.fingerprint):
                owner, provision = owners.pop(0)
                owner.lost.remove(provision)
                clause.strange.remove(statement)
                moved.append((owner, provision, statement))
    for owner, provision, statement in moved:
        if owner.lost and not owner.statements:
            owner.recovered += 1
        else:
            owner.found.append(_difference("moved", provision, statement))


def _difference(kind: Kind, provision: Provision, statement: Statement | None) -> Difference:
    gist = {"zh": provision.gist.zh, "en": provision.gist.en}
    if statement is None:
        return Difference(kind, provision.address, expected=provision.modality, gist=gist)
    return Difference(
        kind,
        provision.address,
        statement.address,
        statement.line,
        provision.modality,
        statement.modal,
        gist,
        statement.text,
    )


def _added(statement: Statement) -> Difference:
    at = statement.address
    return Difference("added", at, at, statement.line, found=statement.modal, excerpt=statement.text)


def _at(pieces: Sequence[str], position: int) -> int:
    """Which piece holds that position of the whole."""
    end = 0
    for n, piece in enumerate(pieces):
        end += len(piece)
        if position < end:
            return n
    return len(pieces) - 1


def _likeness(gist: str, text: str) -> float:
    """The share of pairs of neighbouring characters that a paraphrase and a text have in common, 0 to 1."""
    ours, theirs = set(_pairs(normalise(gist))), set(_pairs(normalise(text)))
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _pairs(text: str) -> Iterator[str]:
    return (text[n : n + 2] for n in range(len(text) - 1))


def _order(clause: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(n), "") if n.isdigit() else (1000, n) for n in clause.split("."))
